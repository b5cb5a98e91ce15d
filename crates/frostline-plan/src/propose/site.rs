//! Everything the search looks at, made once: models, places along the nerve, obstacles, estimates.

use frostline_freeze::{Continue, FreezeHistory, SimulateError, SolverSettings};

use crate::anatomy::{Anatomy, TissueKind};
use crate::build_scene::{Resolution, build_scene};
use crate::catalogue::{Catalogues, Nerve, Policy, Protocol};
use crate::goals::{Goals, Stretch};
use crate::plan::{Plan, PlanParts, PlannedProtocol, ProbePlacement};
use crate::robust::RobustSettings;

use super::candidate::Candidate;
use super::error::ProposeError;
use super::parallel::in_parallel;
use super::reach::{Reach, free_plan, free_tissue};
use super::settings::{Model, ProposeSettings, models};
use super::spot::Spot;
use super::way::Obstacles;

/// Cells of planning runs around the probes: the disabled length is then within about 1 mm, at a tenth of the cost. Unit: mm.
pub(super) const PLANNING_MM: f64 = 1.0;
/// Steps of planning runs, as long as the solver allows on such cells. Unit: s.
const PLANNING_STEP_S: f64 = 10.0;
/// Nerve beyond the goal that is looked at on both sides of a spot. Unit: mm.
const BEYOND_MM: f64 = 6.0;

/// The search and what it stands on.
pub(super) struct Site<'a> {
    pub anatomy: &'a Anatomy,
    pub goals: &'a Goals,
    pub catalogues: &'a Catalogues,
    pub settings: &'a ProposeSettings<'a>,
    /// The worlds in which plans are compared.
    pub worlds: RobustSettings,
    pub models: Vec<Model<'a>>,
    pub left_out: Vec<String>,
    pub obstacles: Obstacles<'a>,
    pub spots: Vec<Spot>,
    /// Places along the nerve at which nothing can be aimed, since the image or the limb ends there.
    pub spots_unseen: usize,
}

impl<'a> Site<'a> {
    /// Looks at nerve, stock and goals.
    pub fn new(
        anatomy: &'a Anatomy,
        goals: &'a Goals,
        catalogues: &'a Catalogues,
        settings: &'a ProposeSettings<'a>,
    ) -> Result<Self, ProposeError> {
        refuse_avoided(catalogues.nerves.find(&anatomy.nerve.id))?;
        if !(goals.disabled_mm > 0.0 && goals.disabled_mm.is_finite() && goals.below_c < 0.0) {
            return Err(ProposeError::BadGoal { disabled_mm: goals.disabled_mm, below_c: goals.below_c });
        }
        let unknown = settings.contacts.iter().find(|id| catalogues.surroundings.cover(id).is_none());
        if let Some(found) = unknown {
            let known = catalogues.surroundings.covers().iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(ProposeError::UnknownContact { found: found.clone(), known });
        }
        let (models, left_out) = models(catalogues, settings)?;
        let obstacles = Obstacles::new(anatomy, settings);
        let worlds = settings.chance.clone().unwrap_or_default();
        let mut site = Self {
            anatomy,
            goals,
            catalogues,
            settings,
            worlds,
            models,
            left_out,
            obstacles,
            spots: vec![],
            spots_unseen: 0,
        };
        site.compared().check()?;
        let places = site.places()?;
        site.spots = places.iter().filter_map(|&along_mm| site.spot(along_mm)).collect();
        site.spots_unseen = places.len() - site.spots.len();
        Ok(site)
    }

    /// The wanted stretch within what is marked. Unit: mm.
    pub fn stretch_mm(&self) -> (f64, f64) {
        let marked_mm = self.anatomy.nerve.course.length_mm();
        match self.goals.stretch {
            Stretch::Anywhere => (0.0, marked_mm),
            Stretch::Within { from_mm, to_mm } => (from_mm.max(0.0), to_mm.min(marked_mm)),
        }
    }

    /// Middles of freezes, from the middle of the stretch outwards.
    fn places(&self) -> Result<Vec<f64>, ProposeError> {
        let (from_mm, to_mm) = self.stretch_mm();
        let wanted_mm = self.goals.disabled_mm;
        let room_mm = (to_mm - from_mm).max(0.0);
        if room_mm < wanted_mm {
            let marked_mm = self.anatomy.nerve.course.length_mm();
            return Err(ProposeError::NoRoom { wanted_mm, from_mm, to_mm, room_mm, marked_mm });
        }
        let (first_mm, last_mm) = (from_mm + 0.5 * wanted_mm, to_mm - 0.5 * wanted_mm);
        let count = self.settings.effort.spots.max(1);
        let place = |n: usize| first_mm + (last_mm - first_mm) * (n as f64 + 0.5) / count as f64;
        let mut places: Vec<f64> = (0..count).map(place).collect();
        let middle_mm = 0.5 * (first_mm + last_mm);
        places.sort_by(|a, b| (a - middle_mm).abs().total_cmp(&(b - middle_mm).abs()));
        places.dedup();
        Ok(places)
    }

    /// A place on the nerve; `None` where nothing can be aimed at it.
    pub fn spot(&self, along_mm: f64) -> Option<Spot> {
        let (from_mm, to_mm) = self.stretch_mm();
        let half_mm = 0.5 * self.goals.disabled_mm;
        // The wanted length around it must be seen.
        let seen = [along_mm - half_mm, along_mm + half_mm].map(|mm| self.anatomy.nerve.course.at(mm).centre);
        if seen.iter().any(|p| self.anatomy.tissues.at(*p).is_none_or(|t| t == TissueKind::Outside)) {
            return None;
        }
        let around_mm = self.goals.disabled_mm + BEYOND_MM;
        let counts = (from_mm.max(along_mm - around_mm), to_mm.min(along_mm + around_mm));
        Spot::at(self.anatomy, self.catalogues, along_mm, counts)
    }

    /// The plan of a candidate.
    pub fn plan(&self, candidate: &Candidate) -> Option<Plan> {
        let model = &self.models[candidate.model];
        let placement = |pose: &super::way::Pose| ProbePlacement {
            probe: model.probe.id.clone(),
            entry: pose.entry,
            tip: pose.tip,
        };
        let parts = PlanParts {
            placements: candidate.poses.iter().map(placement).collect(),
            protocol: planned(&model.protocols[candidate.protocol]),
            skin_contact: candidate.contact.clone(),
            fluid: candidate.fluid.clone(),
        };
        Plan::new(parts, self.anatomy, self.catalogues).ok()
    }

    /// How planning runs are solved.
    pub fn planning_solver(&self) -> SolverSettings {
        let solver = self.settings.evaluate.solver;
        SolverSettings { step_s: PLANNING_STEP_S, record_every_s: 600.0, ..solver }
    }

    /// How planning runs are cut.
    pub fn planning_resolution(&self) -> Resolution {
        Resolution { fine_mm: PLANNING_MM, ..RobustSettings::default().resolution }
    }

    /// One estimate per model and protocol, in the tissue around the nerve. `tell` hears how many are done, and of how many.
    pub fn reaches(&self, tell: &(dyn Fn(usize, usize) -> Continue + Sync)) -> Result<Vec<Vec<Reach>>, ProposeError> {
        let of_model = |n: usize| (0..self.models[n].protocols.len()).map(move |protocol| (n, protocol));
        let pairs: Vec<(usize, usize)> = (0..self.models.len()).flat_map(of_model).collect();
        let mut reaches: Vec<Vec<Reach>> = self.models.iter().map(|_| Vec::new()).collect();
        for ((model, _), reach) in pairs.iter().zip(self.reaches_of(&pairs, tell)?) {
            reaches[*model].push(reach);
        }
        Ok(reaches)
    }

    /// The same for some models and protocols; none where no place of the nerve can be aimed at.
    pub fn reaches_of(
        &self,
        pairs: &[(usize, usize)],
        tell: &(dyn Fn(usize, usize) -> Continue + Sync),
    ) -> Result<Vec<Reach>, ProposeError> {
        let Some(free) = self.spots.first().and_then(|spot| free_tissue(self.tissue_around(spot))) else {
            return Ok(vec![]);
        };
        let solver = self.planning_solver();
        let built = in_parallel(pairs, solver.threads, |&(model, protocol)| {
            let model = &self.models[model];
            let plan = free_plan(&free, &model.probe.id, planned(&model.protocols[protocol]), self.catalogues).ok()?;
            build_scene(&free, &plan, self.catalogues, &self.settings.evaluate.correction, &self.planning_resolution())
                .ok()
        });
        let built: Vec<_> = built.into_iter().map(|b| b.ok_or(ProposeError::Stopped)).collect::<Result<_, _>>()?;
        let scenes: Vec<_> = built.iter().map(|b| b.scene.clone()).collect();
        let answers = frostline_freeze::simulate_many(&scenes, &solver, &|done| tell(done, pairs.len()));
        let reach = |((&(model, _), built), answer): ((&(usize, usize), _), Result<FreezeHistory, SimulateError>)| {
            let shape = &self.models[model].shape;
            Ok(Reach::of(built, &answer?, shape.dead_tip_mm + shape.active_length_mm))
        };
        pairs.iter().zip(&built).zip(answers).map(reach).collect()
    }

    /// What lies around the nerve: the tissue most of its surroundings are made of.
    fn tissue_around(&self, spot: &Spot) -> TissueKind {
        let mut seen: Vec<(TissueKind, usize)> = Vec::new();
        for direction in super::spot::even_directions(AROUND) {
            let place = spot.centre + direction * (spot.radius_mm + AROUND_MM);
            let Some(tissue) = self.anatomy.tissues.at(place).filter(|t| *t != TissueKind::Outside) else { continue };
            match seen.iter_mut().find(|(kind, _)| *kind == tissue) {
                Some((_, count)) => *count += 1,
                None => seen.push((tissue, 1)),
            }
        }
        seen.iter().max_by_key(|(_, count)| *count).map_or(TissueKind::Muscle, |(kind, _)| *kind)
    }
}

/// Directions, and how far from the surface of the nerve, in which its surroundings are looked at.
const AROUND: usize = 64;
const AROUND_MM: f64 = 2.5;

/// A protocol of the catalogue as part of a plan.
pub(super) fn planned(protocol: &Protocol) -> PlannedProtocol {
    PlannedProtocol { name: protocol.name.clone(), schedule: protocol.schedule() }
}

fn refuse_avoided(nerve: Option<&Nerve>) -> Result<(), ProposeError> {
    match nerve {
        Some(nerve) if nerve.role.value.policy == Policy::Avoid => {
            Err(ProposeError::NeverATarget { nerve: nerve.name.clone(), source_id: nerve.role.source.clone() })
        }
        _ => Ok(()),
    }
}
