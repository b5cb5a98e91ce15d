//! A step together with who signed it, when, and what the rules said then.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::step::Step;
use crate::rules::{Day, Moment, NoTime, Role, Ruling, as_text, parsed_second};

/// A second on the clock; freezes are timed in seconds. Unit: seconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = DateTime, example = "2026-03-05T09:10:30Z")]
pub struct Second(pub i64);

impl Second {
    /// The minute that it lies in.
    pub fn moment(self) -> Moment {
        const SECONDS_PER_MINUTE: i64 = 60;
        Moment(self.0.div_euclid(SECONDS_PER_MINUTE))
    }

    /// How long after `earlier`; negative when before. Unit: s.
    pub fn seconds_since(self, earlier: Second) -> i64 {
        self.0 - earlier.0
    }
}

impl std::fmt::Display for Second {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let minute = self.moment().to_string();
        f.pad(&format!("{}:{:02}Z", minute.trim_end_matches('Z'), self.0.rem_euclid(60)))
    }
}

impl std::str::FromStr for Second {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let expected = "a time such as 2026-03-05T09:10:30Z";
        parsed_second(text).map(Second).ok_or_else(|| NoTime { found: text.to_owned(), expected })
    }
}

as_text!(Second);

/// Who signs a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// The account.
    pub account: String,
    /// The name that papers show.
    pub name: String,
    /// In which role.
    pub role: Role,
}

/// A step that was signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedStep {
    /// Its number within the case, from 1.
    pub number: u64,
    /// What happened.
    #[schema(value_type = Object)]
    pub step: Step,
    /// Who signed.
    pub by: Signer,
    /// When it was signed.
    pub at: Second,
    /// The day where the patient is.
    pub day: Day,
    /// What the rules said when it was signed; stays as it was.
    #[schema(value_type = Vec<Object>)]
    pub seen: Vec<Ruling>,
}
