//! The chance that a plan succeeds, when nothing lands and conducts exactly as planned.
//!
//! Knows: how to draw possible worlds, what becomes of the plan in each, and what that says about it. Does not know: how to
//! find a better plan. Worlds are those of a seed: the same for every plan that is compared.

mod chance;
pub(crate) mod common;
mod fat;
pub(crate) mod judge;
pub(crate) mod place;
mod placement;
pub(crate) mod remedy;
mod run;
mod sensitivity;
mod sobol;
#[cfg(test)]
pub(crate) mod tests_support;
pub(crate) mod world;

use frostline_freeze::{Continue, SolverSettings};
use serde::Serialize;

pub use chance::{Band, Chance};
pub use remedy::{How, RemedyOutcome};
pub use sensitivity::{Sensitivity, Share};

use crate::anatomy::Anatomy;
use crate::assess::NOTICE;
use crate::build_scene::Resolution;
use crate::catalogue::{Catalogues, Factor, Placement, Remedy};
use crate::goals::Goals;
use crate::plan::Plan;
use placement::PlacementLaw;
use remedy::{confirms, reweighted};
use run::{Question, Sample, samples};
use sensitivity::sensitivities;
use world::WorldLaw;

/// How to ask for the chance of success, never what of.
#[derive(Clone, Debug, PartialEq)]
pub struct RobustSettings {
    /// How many worlds.
    pub samples: usize,
    /// Which ones.
    pub seed: u64,
    /// Key of the placement in `data/uncertainty.toml`; the usual one where absent.
    pub placement: Option<String>,
    /// Whether worlds are drawn again for every remedy; without it the worlds at hand are re-weighted where that can tell.
    pub remedies: Remedies,
    /// How finely each world is cut.
    pub resolution: Resolution,
    /// How the solver runs; `threads` worlds are solved side by side.
    pub solver: SolverSettings,
}

/// How the chance after a remedy is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedies {
    /// From the worlds at hand.
    Reweighted,
    /// From worlds that are drawn again for each, at the cost of a run each.
    DrawnAgain,
}

/// Cells for planning. Unit: mm.
const PLANNING_MM: f64 = 1.0;
/// Longest step for planning. Unit: s.
const PLANNING_STEP_S: f64 = 10.0;
/// Cells far away, for planning; what is far is smooth. Unit: mm.
const PLANNING_COARSEST_MM: f64 = 6.0;
/// Time between records, which serve the sizes of surfaces alone; every switch of the gas is recorded besides. Unit: s.
const PLANNING_RECORD_S: f64 = 60.0;
/// Time after the last phase, for planning: skin and nerves are coldest within half a minute after the gas stops. Unit: s.
const PLANNING_AFTER_S: f64 = 40.0;

impl Default for RobustSettings {
    fn default() -> Self {
        Self {
            samples: 200,
            seed: 1,
            placement: None,
            remedies: Remedies::Reweighted,
            resolution: Resolution {
                fine_mm: PLANNING_MM,
                coarsest_mm: PLANNING_COARSEST_MM,
                after_s: PLANNING_AFTER_S,
            },
            solver: SolverSettings {
                step_s: PLANNING_STEP_S,
                record_every_s: PLANNING_RECORD_S,
                ..SolverSettings::default()
            },
        }
    }
}

impl RobustSettings {
    /// Whether so many worlds make sense, before any is drawn.
    ///
    /// # Errors
    /// [`RobustError::Samples`] when they do not.
    pub fn check(&self) -> Result<(), RobustError> {
        let found = self.samples;
        if (LEAST_SAMPLES..=MOST_SAMPLES).contains(&found) { Ok(()) } else { Err(RobustError::Samples { found }) }
    }
}

/// Why there is no chance to tell.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RobustError {
    /// Too few or too many worlds.
    #[error("{found} samples were asked for; expected {LEAST_SAMPLES} to {MOST_SAMPLES}, 200 are usual")]
    Samples {
        /// What was asked for.
        found: usize,
    },
    /// A placement that is not in the catalogue.
    #[error("there is no placement '{found}' in data/uncertainty.toml; it has {known}")]
    UnknownPlacement {
        /// What was asked for.
        found: String,
        /// What there is.
        known: String,
    },
    /// The caller no longer wants the answer.
    #[error("stopped because the caller asked for it")]
    Stopped,
}

/// Fewer say nothing.
const LEAST_SAMPLES: usize = 8;
/// More than any question needs: an interval of half a percent.
const MOST_SAMPLES: usize = 100_000;

/// Worlds in which there is no answer, by reason. They count as failures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NotAnswered {
    /// Why.
    pub reason: String,
    /// In how many worlds.
    pub worlds: usize,
}

/// How often one finding says stop.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StopChance {
    /// Key of the finding.
    pub finding: String,
    /// How often.
    pub chance: Chance,
}

/// One thing that is not known, with where that comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Doubt {
    /// Which.
    pub factor: Factor,
    /// Standard deviation: mm, K, a share, for perfusion the logarithm of a factor, for the output of a probe K; that of
    /// an insertion of median size for placement.
    pub sd: f64,
    /// Source of that number.
    pub source: String,
    /// How it came into the catalogue.
    pub status: &'static str,
    /// What a reader should know.
    pub note: String,
}

/// Version of the layout of [`Robustness`].
pub const ROBUSTNESS_SCHEMA: &str = "frostline-robustness/1";

/// What is known of the chance of a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Robustness {
    /// Version of this layout.
    pub schema: &'static str,
    /// How many worlds were drawn.
    pub samples: usize,
    /// Which ones.
    pub seed: u64,
    /// How probes are placed.
    pub placement: String,
    /// What was wanted.
    pub goals: Goals,
    /// Enough nerve is disabled and no stop limit is crossed.
    pub success: Chance,
    /// Enough nerve is disabled.
    pub disabled: Chance,
    /// No stop limit is crossed.
    pub safe: Chance,
    /// Each finding that said stop, most frequent first.
    pub stops: Vec<StopChance>,
    /// Worlds without an answer.
    pub not_answered: Vec<NotAnswered>,
    /// Every number of the assessment.
    pub bands: Vec<Band>,
    /// Which doubt matters most, first.
    pub sensitivities: Vec<Sensitivity>,
    /// What can be done, and how likely success is then.
    pub remedies: Vec<RemedyOutcome>,
    /// Everything that was taken to be uncertain.
    pub doubts: Vec<Doubt>,
    /// Cells around the probes. Unit: mm.
    pub fine_mm: f64,
    /// Cells times stages of all worlds.
    pub cell_updates: u64,
    /// What this program is not.
    pub notice: &'static str,
}

/// Draws worlds, solves the plan in each, and counts. Same inputs, same bits, on any number of threads.
///
/// # Errors
/// [`RobustError`] for a number of samples or a placement that makes no sense, or when `progress` says stop.
pub fn robust(
    anatomy: &Anatomy,
    plan: &Plan,
    goals: &Goals,
    catalogues: &Catalogues,
    settings: &RobustSettings,
    progress: &(dyn Fn(usize) -> Continue + Sync),
) -> Result<Robustness, RobustError> {
    settings.check()?;
    let placement = placement_of(catalogues, settings)?;
    let (probes, structures) = (plan.placements().len(), anatomy.structures.len());
    let law = WorldLaw::new(catalogues, PlacementLaw::of(placement), probes, structures);
    let question = Question { anatomy, plan, goals, catalogues, law: &law, settings };
    let samples = samples(&question, 0..settings.samples, progress).ok_or(RobustError::Stopped)?;
    let mut found = counted(&question, &placement.name, &samples);
    found.doubts = doubts(&question, placement);
    for remedy in catalogues.uncertainties.remedies() {
        found.remedies.push(remedied(&question, &placement.id, remedy, &samples, progress)?);
    }
    Ok(found)
}

fn placement_of<'a>(catalogues: &'a Catalogues, settings: &RobustSettings) -> Result<&'a Placement, RobustError> {
    let known = &catalogues.uncertainties;
    let id = settings.placement.as_deref().unwrap_or(known.usual_placement());
    known.placement(id).ok_or_else(|| {
        let known = known.placements().iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join(", ");
        RobustError::UnknownPlacement { found: id.to_owned(), known }
    })
}

/// What one remedy does, from the worlds at hand or from new ones.
fn remedied(
    question: &Question,
    placement: &str,
    remedy: &Remedy,
    at_hand: &[Sample],
    progress: &(dyn Fn(usize) -> Continue + Sync),
) -> Result<RemedyOutcome, RobustError> {
    let not_known =
        |how| RemedyOutcome { id: remedy.id.clone(), text: remedy.text.clone(), success: None, how, worth: 0.0 };
    let draws_again = question.settings.remedies == Remedies::DrawnAgain;
    let law = match remedy.placement.as_ref().and_then(|id| question.catalogues.uncertainties.placement(id)) {
        Some(other) if other.id == placement => return Ok(not_known(How::KnownAlready)),
        Some(_) if !draws_again => return Ok(not_known(How::NotDrawn)),
        Some(other) => question.law.placing(PlacementLaw::of(other)),
        None => {
            let probe = &question.plan.placements()[0].probe;
            let confirmed = confirms(remedy, question.law, question.catalogues, probe);
            if confirmed.is_empty() {
                return Ok(not_known(How::KnownAlready));
            }
            if !draws_again {
                return Ok(reweighted(remedy, question.law, &confirmed, at_hand));
            }
            question.law.knowing(&confirmed)
        }
    };
    let all = 0..question.settings.samples;
    let again = samples(&Question { law: &law, ..*question }, all, progress).ok_or(RobustError::Stopped)?;
    let count = again.iter().filter(|s| s.is_success()).count();
    let success = Some(Chance::of(count, again.len()));
    Ok(RemedyOutcome { success, worth: again.len() as f64, ..not_known(How::DrawnAgain) })
}

fn counted(question: &Question, placement: &str, samples: &[Sample]) -> Robustness {
    let count = |is: &dyn Fn(&Sample) -> bool| Chance::of(samples.iter().filter(|s| is(s)).count(), samples.len());
    let told = || samples.iter().filter_map(|s| s.told.as_ref().ok());
    Robustness {
        schema: ROBUSTNESS_SCHEMA,
        samples: samples.len(),
        seed: question.settings.seed,
        placement: placement.to_owned(),
        goals: *question.goals,
        success: count(&Sample::is_success),
        disabled: count(&|s| s.told.as_ref().is_ok_and(|t| t.is_disabled)),
        safe: count(&|s| s.told.as_ref().is_ok_and(|t| t.stops.is_empty())),
        stops: stops(samples),
        not_answered: not_answered(samples),
        bands: bands(samples),
        sensitivities: sensitivities(samples),
        remedies: Vec::new(),
        doubts: Vec::new(),
        fine_mm: question.settings.resolution.fine_mm,
        cell_updates: told().map(|t| t.cell_updates).sum(),
        notice: NOTICE,
    }
}

/// The size of the placement error is made of its parts, and is not listed again.
fn doubts(question: &Question, placement: &Placement) -> Vec<Doubt> {
    let (catalogues, law) = (question.catalogues, question.law);
    let of = |factor: &Factor| {
        let (sd, source, status, note) = match factor {
            Factor::PlacementSize => return None,
            Factor::PlacementTowards | Factor::PlacementBeside | Factor::PlacementAlong => {
                let error = &placement.error;
                (law.median_sd(*factor), error.source.as_str(), error.status, error.note.as_str())
            }
            Factor::ProbeOutput => {
                let row = &catalogues.probes.find(&question.plan.placements()[0].probe)?.uncertainty;
                (law.median_sd(*factor) * row.value.surface_k, row.source.as_str(), row.status, row.note.as_str())
            }
            other => {
                let (source, status, note) = catalogues.uncertainties.evidence(*other)?;
                (law.median_sd(*other), source, status, note)
            }
        };
        Some(Doubt { factor: *factor, sd, source: source.to_owned(), status: status.word(), note: note.to_owned() })
    };
    world::FACTORS.iter().filter_map(of).collect()
}

fn stops(samples: &[Sample]) -> Vec<StopChance> {
    let all = || samples.iter().filter_map(|s| s.told.as_ref().ok()).flat_map(|t| &t.stops);
    let mut names: Vec<&String> = all().collect();
    names.sort();
    names.dedup();
    let chance = |name: &&String| Chance::of(all().filter(|n| n == name).count(), samples.len());
    let mut found: Vec<StopChance> =
        names.iter().map(|name| StopChance { finding: (*name).clone(), chance: chance(name) }).collect();
    found.sort_by(|a, b| b.chance.probability.total_cmp(&a.chance.probability));
    found
}

fn not_answered(samples: &[Sample]) -> Vec<NotAnswered> {
    let mut found: Vec<NotAnswered> = Vec::new();
    for reason in samples.iter().filter_map(|s| s.told.as_ref().err()) {
        match found.iter_mut().find(|f| f.reason == *reason) {
            Some(known) => known.worlds += 1,
            None => found.push(NotAnswered { reason: (*reason).to_owned(), worlds: 1 }),
        }
    }
    found
}

/// Numbers are told apart by their name, since a world may lack some.
fn bands(samples: &[Sample]) -> Vec<Band> {
    let mut names: Vec<(&str, &'static str)> = Vec::new();
    let told: Vec<_> = samples.iter().map(|s| s.told.as_ref().ok()).collect();
    for number in told.iter().flatten().flat_map(|t| &t.numbers) {
        if !names.iter().any(|known| known.0 == number.what) {
            names.push((&number.what, number.unit));
        }
    }
    let values = |what: &str| -> Vec<Option<f64>> {
        let of = told.iter().map(|t| t.and_then(|t| t.numbers.iter().find(|n| n.what == what)).and_then(|n| n.value));
        of.collect()
    };
    names.iter().filter_map(|(what, unit)| Band::of(what, unit, &values(what))).collect()
}
