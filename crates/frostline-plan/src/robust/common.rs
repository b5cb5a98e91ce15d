//! The same worlds for many plans: which of them each plan survives, for a search that compares plans.

use std::ops::Range;

use frostline_freeze::Continue;

use super::place::Frame;
use super::placement::PlacementLaw;
use super::remedy::{Confirmed, confirms};
use super::run::{Question, Sample, samples};
use super::sobol::Sobol;
use super::world::{World, WorldLaw};
use super::{RobustError, RobustSettings, placement_of};
use crate::anatomy::Anatomy;
use crate::catalogue::{Catalogues, Factor};
use crate::goals::Goals;
use crate::plan::Plan;

/// What plans are compared in.
#[derive(Clone, Copy)]
pub(crate) struct Compared<'a> {
    pub anatomy: &'a Anatomy,
    pub goals: &'a Goals,
    pub catalogues: &'a Catalogues,
    pub settings: &'a RobustSettings,
    /// Numbers that are known better than the catalogue takes them to be.
    pub confirmed: &'a [Confirmed],
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
        let &Self { anatomy, goals, catalogues, settings, .. } = self;
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

    /// What is known of the place of a probe that is in and was seen: as well as by the row of the catalogue that confirms a tip.
    pub(crate) fn of_a_seen_tip(&self, plan: &Plan) -> Result<Vec<Confirmed>, RobustError> {
        let law = self.law(plan)?;
        let mut rows = self.catalogues.uncertainties.remedies().iter();
        let row = rows.find(|row| row.factor == Some(Factor::PlacementSize));
        Ok(row.map_or(Vec::new(), |row| confirms(row, &law, self.catalogues, &plan.placements()[0].probe)))
    }

    fn law(&self, plan: &Plan) -> Result<WorldLaw, RobustError> {
        let placement = PlacementLaw::of(placement_of(self.catalogues, self.settings)?);
        let law = WorldLaw::new(self.catalogues, placement, plan.placements().len(), self.anatomy.structures.len());
        Ok(law.knowing(self.confirmed))
    }
}
