//! Rescue: the probe is in, but not where it was aimed. What is the best to do from here?
//!
//! Options without a second insertion (freeze longer, once more, move along the way, fluid, warm skin), alone and together,
//! are simulated beside a second insertion, and ranked by what they fall short of, what they warn of, and how long they
//! take. Every option is evaluated on cells good enough to rank them; the best one in full before it is shown.
//! It knows the tip as it was found before the first freeze, as surely as the catalogue says of a tip that was confirmed.

mod chance;
mod change;
mod landed;
mod rank;
mod search;

pub use change::Change;
pub use landed::{Landed, Missed};
pub use rank::{RescueOption, Standing};

use frostline_freeze::{Continue, EstimateError, Progress, SimulateError};
use serde::Serialize;

use crate::accuracy::Accuracy;
use crate::anatomy::Anatomy;
use crate::approve::CaseInputs;
use crate::assess::{Assessment, Known};
use crate::build_scene::{BuildError, Resolution};
use crate::catalogue::Catalogues;
use crate::evaluate::{EvaluateError, EvaluateSettings, evaluate};
use crate::goals::Goals;
use crate::plan::Plan;
use crate::robust::RobustError;
use search::Search;

/// Everything a rescue is made from.
#[derive(Clone, Copy)]
pub struct RescueQuestion<'a> {
    /// What lies where.
    pub anatomy: &'a Anatomy,
    /// What was planned.
    pub plan: &'a Plan,
    /// Limits, probes, what is offered.
    pub catalogues: &'a Catalogues,
    /// What is wanted.
    pub goals: Goals,
    /// Which probe is not where it was aimed, from 0 in the order of the plan.
    pub probe: usize,
    /// Where it really is.
    pub landed: Landed,
}

/// How closely options are looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RescueSettings {
    /// For the option that is shown.
    pub full: EvaluateSettings,
    /// The cells on which all options are ranked.
    pub search: Resolution,
    /// No finer cells are tried for the option that is shown when its runs together would take more cell updates. Its
    /// assessment then says that it is not within the tolerance.
    pub most_cell_updates: u64,
    /// Possible worlds in which the leading options are tried for their chance of success; 0 leaves it out.
    pub worlds: usize,
}

/// Some five seconds of two cores: in the room an answer now is worth more than a closer one later.
const ROOM_CELL_UPDATES: u64 = 2_000_000_000;

/// Some three seconds of two cores for four options; the interval is then some 40 points wide, which is said with it.
const ROOM_WORLDS: usize = 16;

/// Cells on which options are ranked: those of the coarser of the two answers of a full evaluation. Unit: mm.
const SEARCH_CELLS_MM: f64 = 0.75;
/// Cells far away. Unit: mm.
const SEARCH_COARSEST_MM: f64 = 5.0;

impl RescueSettings {
    /// Ranked on the usual cells, shown as `full` says.
    pub fn shown_as(full: EvaluateSettings) -> Self {
        let search = Resolution { fine_mm: SEARCH_CELLS_MM, coarsest_mm: SEARCH_COARSEST_MM, ..Resolution::default() };
        Self { full, search, most_cell_updates: ROOM_CELL_UPDATES, worlds: ROOM_WORLDS }
    }
}

/// What can be done, best first.
#[derive(Clone, Debug, Serialize)]
pub struct Rescue {
    /// How far the probe is from where it was aimed.
    pub missed: Missed,
    /// Every option that makes a plan: first the one that is best in full, then the others by how they stood in the search.
    pub options: Vec<RescueOption>,
    /// What was thought of and cannot be done, with the reason.
    pub refused: Vec<(String, String)>,
    /// True when the first option does in full what is wanted; false when nothing does, or the best three fell short in full.
    pub confirmed: bool,
    /// The full assessment of the first option.
    pub assessment: Assessment,
    /// Its plan, which needs an approval of its own.
    #[serde(skip)]
    pub plan: Plan,
    /// Runs of the solver to rank the options.
    pub runs: usize,
    /// Full evaluations.
    pub evaluations: usize,
}

/// Why nothing can be said.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RescueError {
    /// No such probe.
    #[error("probe {number} is not in the plan, which has {probes}; count from 1")]
    NoSuchProbe {
        /// Number that was asked for, from 1.
        number: usize,
        /// Probes of the plan.
        probes: usize,
    },
    /// Two places that give no direction, or a line that never meets the skin.
    #[error(
        "the shaft through {shaft} and the tip at {tip} does not meet the skin within 60 mm; give the tip and another place of the shaft, \
         1 to 1000 mm apart"
    )]
    NoWay {
        /// The tip.
        tip: frostline_space::PatientPoint,
        /// The other place.
        shaft: frostline_space::PatientPoint,
    },
    /// Not even going on as planned makes a plan.
    #[error("the probe as it lies makes no plan: {why}")]
    NoPlan {
        /// What is wrong.
        why: String,
    },
    /// A scene cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A scene has no answer.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// There are no worlds to try an option in.
    #[error(transparent)]
    Worlds(#[from] RobustError),
    /// The best option has no full answer.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
}

/// Options that are evaluated in full at most.
const MOST_CONFIRMATIONS: usize = 3;

/// Ranks what can be done from where the probe is.
///
/// # Errors
/// [`RescueError`] when the place of the probe makes no sense or a scene has no answer.
pub fn rescue(
    question: &RescueQuestion,
    settings: &RescueSettings,
    progress: &mut (dyn FnMut(Progress) -> Continue + Send),
) -> Result<Rescue, RescueError> {
    let missed = landed::missed(question)?;
    let inputs = CaseInputs::of(question.anatomy, question.catalogues);
    let known = Known { anatomy: question.anatomy, catalogues: question.catalogues, inputs: &inputs };
    let mut search = Search::new(question, known, settings)?;
    search.first_round()?;
    search.second_round()?;
    let Search { mut found, refused, runs, .. } = search;
    found.sort_by(|a, b| a.option.standing.cmp_best_first(&b.option.standing));
    let best = confirm(&mut found, question, settings, progress)?;
    // A search has at least the option of going on as planned.
    let Some(Confirmed { at, seen, standing, evaluations }) = best else {
        return Err(RescueError::NoPlan { why: "no option was left".into() });
    };
    let first = found.remove(at);
    let plan = first.plan.clone();
    found.insert(0, first);
    chance::find_chances(&mut found, question, settings)?;
    let options = found.into_iter().map(|f| f.option).collect();
    Ok(Rescue { missed, options, refused, confirmed: standing.succeeds(), assessment: seen, plan, runs, evaluations })
}

/// The full assessment of a plan, as close as patience allows; where it does not allow even the first estimate, as close as
/// was asked for.
fn in_full(
    question: &RescueQuestion,
    plan: &Plan,
    settings: &RescueSettings,
    progress: &mut (dyn FnMut(Progress) -> Continue + Send),
) -> Result<Assessment, EvaluateError> {
    let mut patient = settings.full;
    if let Accuracy::Within(tolerance) = &mut patient.accuracy {
        tolerance.most_cell_updates = tolerance.most_cell_updates.min(settings.most_cell_updates);
    }
    let (anatomy, catalogues) = (question.anatomy, question.catalogues);
    match evaluate(anatomy, plan, catalogues, &patient, progress) {
        Err(EvaluateError::Estimate(EstimateError::TooCostly { .. })) => {
            Ok(evaluate(anatomy, plan, catalogues, &settings.full, progress)?.assessment)
        }
        found => Ok(found?.assessment),
    }
}

/// The option that is best in full.
struct Confirmed {
    at: usize,
    seen: Assessment,
    standing: Standing,
    evaluations: usize,
}

/// Evaluates the best options in full, until one does what is wanted with room to every limit, or enough were looked at; the
/// one that is best in full is it then. Where none promises success, only the first is looked at.
fn confirm(
    found: &mut [search::Found],
    question: &RescueQuestion,
    settings: &RescueSettings,
    progress: &mut (dyn FnMut(Progress) -> Continue + Send),
) -> Result<Option<Confirmed>, RescueError> {
    let mut best: Option<Confirmed> = None;
    for (at, candidate) in found.iter_mut().enumerate().take(MOST_CONFIRMATIONS) {
        let promised = candidate.option.standing.clone();
        if !promised.succeeds() && best.is_some() {
            break;
        }
        let seen = in_full(question, &candidate.plan, settings, progress)?;
        let standing = Standing::of(&question.goals, question.catalogues, &seen, promised.extra_s);
        candidate.option.in_full = Some(standing.clone());
        let is_enough = standing.succeeds() && !standing.is_near_a_limit();
        let evaluations = at + 1;
        best = Some(match best {
            Some(before) if before.standing.cmp_best_first(&standing).is_le() => Confirmed { evaluations, ..before },
            _ => Confirmed { at, seen, standing, evaluations },
        });
        if is_enough {
            break;
        }
    }
    Ok(best)
}
