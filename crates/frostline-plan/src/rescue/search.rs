//! Which options are tried, and how they are simulated.

use frostline_freeze::{Continue, FreezeScene, PhaseKind, SolverSettings, simulate_many};
use frostline_space::{PatientPoint, Segment};

use super::rank::NEAR_LIMIT_K;
use super::{Change, RescueError, RescueOption, RescueQuestion, RescueSettings, Standing};
use crate::accuracy::Answer;
use crate::anatomy::StructureKind;
use crate::assess::{Assessment, Known};
use crate::build_scene::{BuiltScene, Resolution, build_scene};
use crate::catalogue::{LimitLevel, structure_called};
use crate::coldest::Coldest;
use crate::fluid::ProtectiveFluid;
use crate::plan::{Plan, PlanParts};

/// Skin and nerves are coldest within half a minute after the gas stops. Unit: s.
const AFTER_S: f64 = 40.0;
const RECORD_EVERY_S: f64 = 60.0;
const STEP_S: f64 = 10.0;
/// How far a probe is moved beyond and before the best place by geometry. Unit: mm.
const MOVES_AROUND_MM: f64 = 2.0;
/// Moves are read on a ruler on the shaft, so they are given in these steps. Unit: mm.
const MOVE_STEP_MM: f64 = 0.5;
/// A probe is not moved further than this; then it is another placement. Unit: mm.
const MOST_MOVE_MM: f64 = 15.0;

/// An option that was simulated.
pub(super) struct Found {
    pub(super) plan: Plan,
    pub(super) option: RescueOption,
    seen: Assessment,
}

/// What was tried so far.
pub(super) struct Search<'a> {
    question: &'a RescueQuestion<'a>,
    known: Known<'a>,
    settings: &'a RescueSettings,
    /// The plan with the probe where it is.
    landed: PlanParts,
    pub(super) found: Vec<Found>,
    pub(super) refused: Vec<(String, String)>,
    pub(super) runs: usize,
}

/// An option before it is simulated.
struct Candidate {
    changes: Vec<Change>,
    plan: Plan,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        question: &'a RescueQuestion<'a>,
        known: Known<'a>,
        settings: &'a RescueSettings,
    ) -> Result<Self, RescueError> {
        let mut landed = question.plan.parts().clone();
        let placement = &mut landed.placements[question.probe];
        *placement = question.landed.placement(&placement.probe, &question.anatomy.tissues)?;
        Plan::new(landed.clone(), question.anatomy, question.catalogues)
            .map_err(|error| RescueError::NoPlan { why: error.to_string() })?;
        Ok(Self { question, known, settings, landed, found: vec![], refused: vec![], runs: 0 })
    }

    /// One change at a time, going on as planned, and a second insertion.
    pub(super) fn first_round(&mut self) -> Result<(), RescueError> {
        let mut options = vec![vec![]];
        options.extend(self.times().into_iter().map(|change| vec![change]));
        options.extend(self.moves().into_iter().map(|change| vec![change]));
        options.extend(self.warmer().map(|change| vec![change]));
        options.push(vec![Change::Reinsert]);
        self.try_all(options)
    }

    /// What protects where something got too cold, and the best move together with the rest.
    pub(super) fn second_round(&mut self) -> Result<(), RescueError> {
        let moved = self.best_move();
        let with_move = |rest: &[Change]| moved.iter().chain(rest).cloned().collect::<Vec<_>>();
        let mut options: Vec<Vec<Change>> = Vec::new();
        for protection in self.fluids(moved.as_ref()).into_iter().chain(self.warmer()) {
            options.push(with_move(std::slice::from_ref(&protection)));
            options.extend(self.most_time().into_iter().map(|time| with_move(&[protection.clone(), time])));
        }
        if moved.is_some() {
            options.extend(self.times().into_iter().map(|time| with_move(&[time])));
        }
        options.retain(|changes| self.found.iter().all(|found| found.option.changes != *changes));
        self.try_all(options)
    }

    fn times(&self) -> Vec<Change> {
        let longer = self.question.catalogues.protocols.rescue().value.longer_times.iter();
        longer.map(|&times| Change::FreezeLonger { times }).chain([Change::FreezeOnceMore]).collect()
    }

    /// The longest freeze that is offered, and another one.
    fn most_time(&self) -> Vec<Change> {
        let times = self.times();
        times[times.len().saturating_sub(2)..].to_vec()
    }

    /// The warmest that can lie on the skin, where it is warmer than what does.
    fn warmer(&self) -> Option<Change> {
        let surroundings = &self.question.catalogues.surroundings;
        let now_c = surroundings.cover(&self.landed.skin_contact)?.film.value.celsius;
        let warmest =
            surroundings.covers().iter().max_by(|a, b| a.film.value.celsius.total_cmp(&b.film.value.celsius))?;
        (warmest.film.value.celsius > now_c).then(|| Change::WarmSkin { contact: warmest.id.clone() })
    }

    /// Along the way to where the middle of the active length is nearest to the nerve, and a little before and beyond.
    fn moves(&self) -> Vec<Change> {
        let Some((active_middle, inwards)) = self.active_middle() else { return vec![] };
        let nerve = &self.question.anatomy.nerve.course;
        let off_mm = |mm: f64| nerve.surface_distance_mm(active_middle + inwards * mm);
        let steps = (MOST_MOVE_MM / MOVE_STEP_MM) as i32;
        let moves = (-steps..=steps).map(|n| f64::from(n) * MOVE_STEP_MM);
        let Some(best_mm) = moves.min_by(|a, b| off_mm(*a).total_cmp(&off_mm(*b))) else { return vec![] };
        let around = [best_mm, best_mm - MOVES_AROUND_MM, best_mm + MOVES_AROUND_MM];
        let change = |deeper_mm: f64| match deeper_mm {
            mm if mm >= MOVE_STEP_MM => Some(Change::Advance { mm }),
            mm if mm <= -MOVE_STEP_MM => Some(Change::Withdraw { mm: -mm }),
            _ => None,
        };
        around.into_iter().filter_map(change).collect()
    }

    /// The middle of the active length of the probe as it lies, and the direction in which it was pushed.
    fn active_middle(&self) -> Option<(PatientPoint, frostline_space::PatientDirection)> {
        let placement = &self.landed.placements[self.question.probe];
        let shape = self.question.catalogues.probes.find(&placement.probe)?.shape().ok()?;
        let inwards = placement.way().direction()?;
        let behind_mm = shape.dead_tip_mm + 0.5 * shape.active_length_mm;
        Some((placement.tip + inwards * -behind_mm, inwards))
    }

    /// The move that stands best on its own; `None` where staying stands better.
    fn best_move(&self) -> Option<Change> {
        let is_move = |c: &Change| matches!(c, Change::Withdraw { .. } | Change::Advance { .. });
        let alone = self.found.iter().filter(|f| match f.option.changes.as_slice() {
            [] => true,
            [only] => is_move(only),
            _ => false,
        });
        let best = alone.min_by(|a, b| a.option.standing.cmp_best_first(&b.option.standing))?;
        best.option.changes.first().cloned()
    }

    /// Fluid between the probe and what crosses one of its limits without it; as it lies after a move. It opens square to
    /// the probe, so that all of the probe stays on one side and all that lies beside it on the other.
    fn fluids(&self, moved: Option<&Change>) -> Vec<Change> {
        let mut fluids: Vec<Change> = Vec::new();
        let Some((middle, inwards)) = self.active_middle() else { return fluids };
        let middle = match moved {
            Some(Change::Withdraw { mm }) => middle + inwards * -*mm,
            Some(Change::Advance { mm }) => middle + inwards * *mm,
            _ => middle,
        };
        for (name, cold) in self.too_cold(moved) {
            let axis =
                Segment { start: middle + inwards * -ACTIVE_AROUND_MM, end: middle + inwards * ACTIVE_AROUND_MM };
            let near = axis.nearest(cold);
            let off = cold - near;
            let aside = off - inwards.as_vector() * off.dot(inwards.as_vector());
            // What touches the probe leaves no room for fluid.
            if aside.length() <= self.probe_radius_mm() {
                continue;
            }
            let (place, towards) = (near + aside * HALF_WAY, near + aside);
            for &millilitres in &self.question.catalogues.surroundings.fluid().value.offered_millilitres {
                let fluid = ProtectiveFluid { place, towards, millilitres };
                fluids.push(Change::Inject { away: name.clone(), millilitres, fluid });
            }
        }
        fluids
    }

    fn probe_radius_mm(&self) -> f64 {
        let probe = self.question.catalogues.probes.find(&self.landed.placements[self.question.probe].probe);
        probe.and_then(|p| p.shape().ok()).map_or(0.0, |shape| shape.radius_mm)
    }

    /// Skin and nerves that cross a limit or come near it where the probe lies after the move, each with its coldest place.
    fn too_cold(&self, moved: Option<&Change>) -> Vec<(String, PatientPoint)> {
        let mut cold: Vec<(String, PatientPoint)> = Vec::new();
        let is_time = |c: &Change| matches!(c, Change::FreezeLonger { .. } | Change::FreezeOnceMore);
        let here = self.found.iter().filter(|f| match (f.option.changes.as_slice(), moved) {
            ([], None) => true,
            ([only], None) => is_time(only),
            ([only], Some(moved)) => only == moved,
            _ => false,
        });
        for outcome in here.flat_map(|f| &f.seen.structures) {
            let Coldest::Reached { celsius, place, .. } = outcome.coldest else { continue };
            let Some(kind) = structure_called(outcome.kind).filter(|kind| PUSHED.contains(kind)) else { continue };
            let limits = self.question.catalogues.limits.for_structure(kind);
            let mut limits = limits.filter(|limit| limit.level != LimitLevel::Unknown);
            if limits.any(|limit| celsius < limit.below.value.celsius + NEAR_LIMIT_K)
                && cold.iter().all(|c| c.0 != outcome.name)
            {
                cold.push((outcome.name.clone(), place));
            }
        }
        cold
    }

    fn try_all(&mut self, options: Vec<Vec<Change>>) -> Result<(), RescueError> {
        let mut candidates = Vec::new();
        for changes in options {
            match self.plan_of(&changes) {
                Ok(plan) => candidates.push(Candidate { changes, plan }),
                Err(error) => self.refused.push((words(&changes), error.to_string())),
            }
        }
        let built = self.scenes(&candidates)?;
        let scenes: Vec<FreezeScene> = built.iter().map(|b| b.scene.clone()).collect();
        let solver = SolverSettings { step_s: STEP_S, record_every_s: RECORD_EVERY_S, ..self.settings.full.solver };
        let answers = simulate_many(&scenes, &solver, &|_| Continue::Yes);
        self.runs += scenes.len();
        for ((candidate, built), answer) in candidates.into_iter().zip(&built).zip(answers) {
            let answer = Answer::Fixed(Box::new(answer?));
            let found = self.judged(candidate, built, &answer);
            self.found.push(found);
        }
        Ok(())
    }

    fn plan_of(&self, changes: &[Change]) -> Result<Plan, crate::plan::PlanError> {
        let reinserts = changes.contains(&Change::Reinsert);
        let start = if reinserts { self.question.plan.parts().clone() } else { self.landed.clone() };
        let parts = changes.iter().fold(start, |parts, change| change.made(parts, self.question.probe));
        Plan::new(parts, self.question.anatomy, self.question.catalogues)
    }

    /// Options that differ only in their times stand on the same cells, those for the longest of them: then they share
    /// their steady start, and what differs between them is not the cells.
    fn scenes(&self, candidates: &[Candidate]) -> Result<Vec<BuiltScene>, RescueError> {
        let resolution = Resolution { after_s: AFTER_S, ..self.settings.search };
        let mut cells: Vec<(PlanParts, BuiltScene)> = Vec::new();
        let mut scenes = Vec::new();
        for candidate in candidates {
            let parts = candidate.plan.parts();
            let known = cells.iter().position(|(p, _)| is_same_but_for_times(p, parts));
            let n = known.unwrap_or(cells.len());
            if known.is_none() {
                let (anatomy, catalogues) = (self.question.anatomy, self.question.catalogues);
                let longest = self.longest(&candidate.plan);
                let built = build_scene(anatomy, &longest, catalogues, &self.settings.full.correction, &resolution)?;
                cells.push((parts.clone(), built));
            }
            scenes.push(with_times(&cells[n].1, &candidate.plan)?);
        }
        Ok(scenes)
    }

    /// The same plan with the most gas that is offered.
    fn longest(&self, plan: &Plan) -> Plan {
        let same_place = PlanParts { protocol: self.landed.protocol.clone(), ..plan.parts().clone() };
        let times = self.times().into_iter().map(|time| time.made(same_place.clone(), self.question.probe));
        let plans = times.filter_map(|p| Plan::new(p, self.question.anatomy, self.question.catalogues).ok());
        plans.max_by(|a, b| frozen_s(a).total_cmp(&frozen_s(b))).unwrap_or_else(|| plan.clone())
    }

    fn judged(&self, candidate: Candidate, built: &BuiltScene, answer: &Answer) -> Found {
        let Candidate { changes, plan } = candidate;
        let seen = self.known.assess_preview(&plan, built, answer);
        let catalogues = self.question.catalogues;
        let planned_s = self.question.plan.protocol().schedule.duration_s();
        let handling_s: f64 = changes.iter().map(|change| change.handling_s(catalogues)).sum();
        let extra_s = plan.protocol().schedule.duration_s() - planned_s + handling_s;
        let standing = Standing::of(&self.question.goals, catalogues, &seen, extra_s);
        let reinserts = changes.contains(&Change::Reinsert);
        let option = RescueOption { words: words(&changes), changes, reinserts, standing, in_full: None, chance: None };
        Found { plan, option, seen }
    }
}

/// Half of an active length, about; fluid is aimed from the axis near its middle. Unit: mm.
const ACTIVE_AROUND_MM: f64 = 3.0;
/// Fluid opens half way between the probe and what it protects.
const HALF_WAY: f64 = 0.5;
/// What can be pushed away with fluid.
const PUSHED: [StructureKind; 3] = [StructureKind::Skin, StructureKind::MotorNerve, StructureKind::MixedNerve];

fn words(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "go on as planned".into();
    }
    changes.iter().map(Change::words).collect::<Vec<_>>().join(", ")
}

fn is_same_but_for_times(a: &PlanParts, b: &PlanParts) -> bool {
    a.placements == b.placements && a.skin_contact == b.skin_contact && a.fluid == b.fluid
}

fn frozen_s(plan: &Plan) -> f64 {
    let phases = plan.protocol().schedule.phases.iter();
    phases.filter(|p| p.kind == PhaseKind::Freeze).map(|p| p.duration_s).sum()
}

/// The same scene with the times of a plan.
fn with_times(built: &BuiltScene, plan: &Plan) -> Result<BuiltScene, RescueError> {
    let mut parts = built.scene.parts().clone();
    let schedule = &plan.protocol().schedule;
    parts.duration_s = schedule.duration_s() + AFTER_S;
    parts.probes.iter_mut().for_each(|probe| probe.schedule = schedule.clone());
    let scene = FreezeScene::new(parts).map_err(crate::build_scene::BuildError::from)?;
    Ok(BuiltScene { scene, ..built.clone() })
}
