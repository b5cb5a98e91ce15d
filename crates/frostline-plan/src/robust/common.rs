//! The same worlds for many plans: which of them each plan survives, for a search that compares plans.

use std::ops::Range;

use frostline_freeze::Continue;

use super::place::Frame;
use super::placement::PlacementLaw;
use super::run::{Question, Sample, samples};
use super::sobol::Sobol;
use super::world::{World, WorldLaw};
use super::{RobustError, RobustSettings, placement_of};
use crate::anatomy::Anatomy;
use crate::catalogue::Catalogues;
use crate::goals::Goals;
use crate::plan::Plan;

/// What plans are compared in.
#[derive(Clone, Copy)]
pub(crate) struct Compared<'a> {
    pub anatomy: &'a Anatomy,
    pub goals: &'a Goals,
    pub catalogues: &'a Catalogues,
    pub settings: &'a RobustSettings,
}

impl Compared<'_> {
    /// Whether such worlds can be drawn at all.
    pub(crate) fn check(&self) -> Result<(), RobustError> {
        self.settings.check()?;
        placement_of(self.catalogues, self.settings).map(|_| ())
    }

    /// Whether a plan succeeds in each of the worlds with these numbers; those of [`super::robust`] are numbered from 0.
    pub(crate) fn successes(
        &self,
        plan: &Plan,
        numbers: Range<usize>,
        progress: &(dyn Fn(usize) -> Continue + Sync),
    ) -> Result<Vec<bool>, RobustError> {
        let &Self { anatomy, goals, catalogues, settings } = self;
        let law = self.law(plan)?;
        let question = Question { anatomy, plan, goals, catalogues, law: &law, settings };
        let found = samples(&question, numbers, progress).ok_or(RobustError::Stopped)?;
        Ok(found.iter().map(Sample::is_success).collect())
    }

    /// The first worlds themselves, and how the plan lies in them.
    pub(crate) fn worlds(&self, plan: &Plan, count: usize) -> Result<(Frame, Vec<World>), RobustError> {
        let (law, sobol) = (self.law(plan)?, Sobol::new(self.settings.seed));
        let worlds = (0..count).map(|n| law.world(&sobol, n as u32)).collect();
        Ok((Frame::of(self.anatomy, plan, self.catalogues), worlds))
    }

    fn law(&self, plan: &Plan) -> Result<WorldLaw, RobustError> {
        let placement = PlacementLaw::of(placement_of(self.catalogues, self.settings)?);
        Ok(WorldLaw::new(self.catalogues, placement, plan.placements().len(), self.anatomy.structures.len()))
    }
}
