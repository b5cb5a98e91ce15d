//! Planning runs: which candidates are worth one, and what it says.

use frostline_freeze::{Continue, simulate_many};

use crate::build_scene::build_scene;
use crate::finding::Finding;
use crate::plan::Plan;
use crate::robust::judge::Asked;

use super::candidate::Candidate;
use super::climb::{Guessed, every_approach_first};
use super::error::ProposeError;
use super::parallel::in_parallel;
use super::reach::Reach;
use super::site::Site;
use super::trial::{Merits, judged};
use super::way::Placing;

/// A candidate with its planning run.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub candidate: Candidate,
    pub plan: Plan,
    pub merits: Merits,
    pub findings: Vec<Finding>,
    pub sureness: f64,
    /// Whether it succeeds in each of the first worlds, as far as these were solved.
    pub successes: Vec<bool>,
    pub cell_updates: u64,
}

/// Ways whose shafts differ by less are one way to a hand. Unit: degrees.
const ALIKE_DEG: f64 = 25.0;
/// Shifts that differ by less, in cold lengths, are one.
const ALIKE_SHIFT: f64 = 0.3;
/// Ways around the nerve that differ by less are one way. Unit: degrees.
const ALIKE_AROUND_DEG: f64 = 60.0;

/// The same way in for a person: probe, protocol, place on the nerve, direction and depth.
pub(super) fn alike(a: &Candidate, b: &Candidate) -> bool {
    let same_way = a.poses.iter().zip(&b.poses).all(|(p, q)| p.outward.dot(q.outward) > ALIKE_DEG.to_radians().cos());
    let near = a
        .placings
        .iter()
        .zip(&b.placings)
        .all(|(p, q)| (p.shift - q.shift).abs() < ALIKE_SHIFT && one_side(p, q) && p.along_mm == q.along_mm);
    let same_kind = a.model == b.model && a.protocol == b.protocol && a.fluid == b.fluid;
    same_kind && a.poses.len() == b.poses.len() && same_way && near
}

fn one_side(p: &Placing, q: &Placing) -> bool {
    let turned_deg = (p.around_deg - q.around_deg).rem_euclid(360.0);
    turned_deg.min(360.0 - turned_deg) < ALIKE_AROUND_DEG
}

/// Entries of plans that are shown side by side lie at least this far apart, where nothing else differs. Unit: mm.
const SHOWN_APART_MM: f64 = 10.0;

/// Plans that do not differ enough to be shown side by side: one probe and protocol, nearly one place and one direction.
pub(super) fn one_choice(a: &Candidate, b: &Candidate) -> bool {
    let near = |(p, q): (&super::way::Pose, &super::way::Pose)| {
        p.entry.distance(q.entry) < SHOWN_APART_MM && p.tip.distance(q.tip) < SHOWN_APART_MM
    };
    a.model == b.model
        && a.protocol == b.protocol
        && a.fluid.is_empty() == b.fluid.is_empty()
        && a.poses.len() == b.poses.len()
        && a.poses.iter().zip(&b.poses).all(near)
}

impl Site<'_> {
    /// The candidates that are worth a planning run: the surest, best of every probe and protocol, widest, shortest, best.
    pub fn picked(&self, mut all: Vec<Candidate>, surest: Vec<Guessed>) -> Vec<Candidate> {
        let wanted = self.settings.effort.simulated;
        all.sort_by(|a, b| self.by_estimate(&a.estimate, &b.estimate));
        let good = |c: &&Candidate| c.estimate.disabled_mm >= self.aim_mm() && c.estimate.margin_k >= 0.0;
        let mut picks = Picks { taken: Vec::new() };
        let surest = every_approach_first(surest.iter().collect(), |(guess, c)| (*guess, c.approach()));
        picks.take(surest.into_iter().map(|(_, c)| c).collect(), wanted / 4);
        let mut kinds: Vec<(usize, usize)> = Vec::new();
        let of_kinds = all.iter().filter(|c| {
            let is_new = !kinds.contains(&(c.model, c.protocol));
            kinds.push((c.model, c.protocol));
            is_new
        });
        picks.take(of_kinds.collect::<Vec<_>>(), wanted / 3);
        let mut widest: Vec<_> = all.iter().filter(good).collect();
        widest.sort_by(|a, b| b.estimate.margin_k.total_cmp(&a.estimate.margin_k));
        picks.take(widest.clone(), wanted / 6);
        let mut shortest = widest;
        shortest.sort_by(|a, b| self.time_s(a).total_cmp(&self.time_s(b)));
        picks.take(shortest, wanted / 6);
        let left = wanted.saturating_sub(picks.taken.len());
        picks.take(all.iter().collect::<Vec<_>>(), left);
        picks.taken
    }

    fn time_s(&self, c: &Candidate) -> f64 {
        self.models[c.model].protocols[c.protocol].schedule().duration_s()
    }

    /// Candidates beside the best trials.
    pub fn beside(&self, trials: &[Trial], reaches: &[Vec<Reach>]) -> Vec<Candidate> {
        let wanted = self.settings.effort.refined;
        let mut order: Vec<&Trial> = trials.iter().collect();
        order.sort_by(|a, b| a.merits.compare(&b.merits));
        let mut best: Vec<&Trial> = Vec::new();
        for trial in order {
            if best.len() < REFINED && !best.iter().any(|b| alike(&b.candidate, &trial.candidate)) {
                best.push(trial);
            }
        }
        let mut found = Vec::new();
        for trial in &best {
            let one = &trial.candidate;
            if one.is_by_hand() {
                continue;
            }
            let reach = &reaches[one.model][one.protocol];
            let moves = moves().filter_map(|change| self.moved(one, one.placings.iter().map(change).collect(), reach));
            let mut moved: Vec<_> = moves.collect();
            moved.sort_by(|a, b| self.by_estimate(&a.estimate, &b.estimate));
            found.extend(moved.into_iter().take(wanted.div_ceil(best.len())));
        }
        found.truncate(wanted);
        found
    }

    /// Planning runs of candidates that make a plan, over all threads.
    pub fn tried(
        &self,
        candidates: Vec<Candidate>,
        reaches: &[Vec<Reach>],
        tell: &(dyn Fn(usize, usize) -> Continue + Sync),
    ) -> Result<Vec<Trial>, ProposeError> {
        let solver = self.planning_solver();
        let built = in_parallel(&candidates, solver.threads, |candidate| {
            let plan = self.plan(candidate)?;
            let (correction, resolution) = (&self.settings.evaluate.correction, self.planning_resolution());
            let built = build_scene(self.anatomy, &plan, self.catalogues, correction, &resolution).ok()?;
            Some((candidate.clone(), plan, built))
        });
        let built: Vec<_> = built.into_iter().flatten().collect();
        let scenes: Vec<_> = built.iter().map(|(_, _, b)| b.scene.clone()).collect();

        let answers = simulate_many(&scenes, &solver, &|done| tell(done, scenes.len()));

        let answered: Vec<_> = built.into_iter().zip(answers).collect();
        let trials = in_parallel(&answered, solver.threads, |((candidate, plan, built), answer)| {
            let history = answer.clone()?;
            let cell_updates = history.counters.cell_updates;
            let asked = Asked { anatomy: self.anatomy, plan, catalogues: self.catalogues, edges_off: &[] };
            let (merits, findings) = judged(&asked, (built, &history), self.goals);
            let sureness = self.sureness(candidate, &reaches[candidate.model][candidate.protocol]);
            let (candidate, plan) = (candidate.clone(), plan.clone());
            Ok(Trial { candidate, plan, merits, findings, sureness, successes: Vec::new(), cell_updates })
        });
        trials.into_iter().map(|t| t.map_err(|e: frostline_freeze::SimulateError| e.into())).collect()
    }
}

/// Trials around which others are tried.
const REFINED: usize = 4;

/// Small changes of a placing: along the shaft, away from the nerve, steeper and flatter, turned, along the nerve.
fn moves() -> impl Iterator<Item = impl Fn(&Placing) -> Placing> {
    let changes = [
        (0.12, 0.0, 0.0, 0.0, 0.0),
        (-0.12, 0.0, 0.0, 0.0, 0.0),
        (0.0, 0.4, 0.0, 0.0, 0.0),
        (0.0, 0.8, 0.0, 0.0, 0.0),
        (0.0, 0.0, 4.0, 0.0, 0.0),
        (0.0, 0.0, -4.0, 0.0, 0.0),
        (0.0, 0.0, 0.0, 12.0, 0.0),
        (0.0, 0.0, 0.0, -12.0, 0.0),
        (0.0, 0.0, 0.0, 0.0, 1.5),
        (0.0, 0.0, 0.0, 0.0, -1.5),
    ];
    changes.into_iter().map(|(shift, gap_mm, angle_deg, azimuth_deg, along_mm)| {
        move |p: &Placing| Placing {
            shift: p.shift + shift,
            gap_mm: p.gap_mm + gap_mm,
            angle_deg: (p.angle_deg + angle_deg).clamp(1.0, 90.0),
            azimuth_deg: p.azimuth_deg + azimuth_deg,
            along_mm: p.along_mm + along_mm,
            ..*p
        }
    })
}

/// Candidates that differ.
struct Picks {
    taken: Vec<Candidate>,
}

impl Picks {
    /// The first of them that are unlike what was taken, up to a number.
    fn take(&mut self, from: Vec<&Candidate>, most: usize) {
        let before = self.taken.len();
        for candidate in from {
            if self.taken.len() >= before + most {
                return;
            }
            if !self.taken.iter().any(|t| alike(t, candidate)) {
                self.taken.push(candidate.clone());
            }
        }
    }
}
