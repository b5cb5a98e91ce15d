//! Rescue: the probe is in, but not where it was aimed. What is the best to do from here?
//!
//! Options without a second insertion (freeze longer, once more, move along the way, fluid, warm skin), alone and together,
//! are simulated beside a second insertion, and ranked by what they fall short of, what they warn of, and how long they
//! take. Every option is evaluated on cells good enough to rank them; the best one in full before it is shown.
//! It knows the tip as it was found before the first freeze. It does not know how surely it was found.

mod change;
mod landed;
mod rank;
mod search;

pub use change::Change;
pub use landed::{Landed, Missed};
pub use rank::{RescueOption, Standing};

use frostline_freeze::{Continue, Progress, SimulateError};
use serde::Serialize;

use crate::anatomy::Anatomy;
use crate::approve::CaseInputs;
use crate::assess::{Assessment, Known};
use crate::build_scene::{BuildError, Resolution};
use crate::catalogue::Catalogues;
use crate::evaluate::{EvaluateError, EvaluateSettings, evaluate};
use crate::goals::Goals;
use crate::plan::Plan;
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
}

/// Cells on which options are ranked: those of the coarser of the two answers of a full evaluation. Unit: mm.
const SEARCH_CELLS_MM: f64 = 0.75;
/// Cells far away. Unit: mm.
const SEARCH_COARSEST_MM: f64 = 5.0;

impl RescueSettings {
    /// Ranked on the usual cells, shown as `full` says.
    pub fn shown_as(full: EvaluateSettings) -> Self {
        let search = Resolution { fine_mm: SEARCH_CELLS_MM, coarsest_mm: SEARCH_COARSEST_MM, ..Resolution::default() };
        Self { full, search }
    }
}

/// What can be done, best first.
#[derive(Clone, Debug, Serialize)]
pub struct Rescue {
    /// How far the probe is from where it was aimed.
    pub missed: Missed,
    /// Every option that makes a plan, best first.
    pub options: Vec<RescueOption>,
    /// What was thought of and cannot be done, with the reason.
    pub refused: Vec<(String, String)>,
    /// The option that was confirmed in full, by its place in `options`; `None` where the best three all fell short in full
    /// of what they promised.
    pub confirmed: Option<usize>,
    /// The full assessment of the confirmed option, or of the first one where none was confirmed.
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
         at least 1 mm apart"
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
    /// The best option has no full answer.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
}

/// Options that are evaluated in full before the search gives up.
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
    let mut confirmed = None;
    let mut shown = None;
    let mut evaluations = 0;
    for (n, candidate) in found.iter_mut().enumerate().take(MOST_CONFIRMATIONS) {
        let evaluated = evaluate(question.anatomy, &candidate.plan, question.catalogues, &settings.full, progress)?;
        evaluations += 1;
        let full = Standing::of(
            &question.goals,
            question.catalogues,
            &evaluated.assessment,
            candidate.option.standing.extra_s,
        );
        let keeps = full.succeeds() || !candidate.option.standing.succeeds();
        candidate.option.in_full = Some(full);
        if keeps || shown.is_none() {
            shown = Some((candidate.plan.clone(), evaluated.assessment));
        }
        if keeps {
            confirmed = Some(n);
            break;
        }
    }
    // A search has at least the option of going on as planned.
    let Some((plan, assessment)) = shown else { return Err(RescueError::NoPlan { why: "no option was left".into() }) };
    let options = found.into_iter().map(|f| f.option).collect();
    Ok(Rescue { missed, options, refused, confirmed, assessment, plan, runs, evaluations })
}
