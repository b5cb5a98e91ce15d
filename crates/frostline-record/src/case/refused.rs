//! Why a step is not taken.

use serde::Serialize;
use utoipa::ToSchema;

use super::Second;
use crate::rules::{OverrideRefused, RuleId};

/// One thing that stands before a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Missing {
    /// What was found, what was expected, and what to do.
    pub text: String,
    /// The rule that says so, when it is one.
    #[schema(value_type = Option<String>)]
    pub rule: Option<RuleId>,
}

/// A field of a step that says nonsense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field, as a JSON pointer into the body.
    pub field: String,
    /// What was found, expected, and what to do.
    pub problem: String,
}

/// Why a step is not taken. Nothing was written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// Something must come before.
    #[error("{step} is not possible yet: {}", texts(missing))]
    NotYet {
        /// The step.
        step: &'static str,
        /// Everything that is missing.
        missing: Vec<Missing>,
    },
    /// The step itself says too little or nonsense.
    #[error("{step}, field {field}: {problem}")]
    Wrong {
        /// The step.
        step: &'static str,
        /// The field, as a JSON pointer into the body.
        field: &'static str,
        /// What was found, expected, and what to do.
        problem: String,
    },
    /// Several fields say nonsense; all of them at once.
    #[error("{step}: {}", fields(problems))]
    Unfit {
        /// The step.
        step: &'static str,
        /// Every one.
        problems: Vec<FieldProblem>,
    },
    /// The case is closed.
    #[error("the case was closed by step {number}; expected a correction, a note, an answer or an event")]
    Closed {
        /// The step that closed it.
        number: u64,
    },
    /// There is a referral already.
    #[error("the case has its referral; correct that step, or open another case")]
    SecondReferral,
    /// A correction of nothing.
    #[error(
        "step {names} cannot be corrected so: expected the number of an earlier step that is no correction, and a step of the same kind \
         instead; a referral can be replaced, not taken out"
    )]
    CorrectsNothing {
        /// What it names.
        names: u64,
    },
    /// A step that is not corrected in this way.
    #[error("step {names} ({what}) is not corrected so: {why}")]
    NotSoCorrected {
        /// What it names.
        names: u64,
        /// Its kind.
        what: &'static str,
        /// Why, and what to do.
        why: &'static str,
    },
    /// The clock says a time before the last step.
    #[error(
        "the clock says {now}, the last step of this case was signed at {last}; expected a later time; set the clock of this machine right"
    )]
    ClockBack {
        /// What the clock says.
        now: Second,
        /// When the last step was signed.
        last: Second,
    },
    /// An override that is not one.
    #[error(transparent)]
    Override(#[from] OverrideRefused),
    /// An override of a rule that says nothing here.
    #[error("{rule} says nothing about this case now; look at the list of rulings")]
    NoSuchRuling {
        /// The rule.
        rule: RuleId,
    },
    /// Nobody signed.
    #[error("found no name of who signs, expected one; log in with an account that has a name")]
    NoName,
}

impl Refused {
    /// Everything that must come before; empty for other refusals.
    pub fn missing(&self) -> &[Missing] {
        match self {
            Refused::NotYet { missing, .. } => missing,
            _ => &[],
        }
    }
}

fn texts(missing: &[Missing]) -> String {
    missing.iter().map(|one| one.text.as_str()).collect::<Vec<_>>().join("; ")
}

fn fields(problems: &[FieldProblem]) -> String {
    problems.iter().map(|one| format!("field {}: {}", one.field, one.problem)).collect::<Vec<_>>().join("; ")
}

/// Why kept steps are no case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseBroken {
    /// Nothing at all.
    #[error("found no steps, expected a referral; this is no case")]
    Empty,
    /// The first step is something else.
    #[error("found '{found}' as first step, expected a referral; steps are missing, restore them from a backup")]
    NoReferral {
        /// What it is.
        found: &'static str,
    },
    /// A number is missing.
    #[error("found step {found} where step {expected} was expected; restore the case from a backup")]
    Gap {
        /// What should be there.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// A correction that fits nothing.
    #[error(
        "step {number} corrects step {names}, which is not there or of another kind; restore the case from a backup"
    )]
    CorrectsNothing {
        /// The correction.
        number: u64,
        /// What it names.
        names: u64,
    },
}
