//! A way: steps with their times, who signs them, and which of them must be refused.

use std::collections::BTreeSet;

use frostline_record::rules::Role;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// One step of a way.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When.
    pub at: String,
    /// As what.
    pub role: Role,
    /// Who.
    pub by: String,
    /// Kind and body.
    pub step: Value,
    /// Words of the refusal that is expected; empty when the step is taken.
    #[serde(default)]
    pub refused: Vec<String>,
    /// The patient's day of birth, put in from the referral.
    #[serde(skip)]
    pub born: String,
    #[serde(skip)]
    seconds: i64,
}

/// A whole way.
#[derive(Clone, Debug)]
pub struct Way {
    /// Its steps.
    pub entries: Vec<Entry>,
}

/// Why a way cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum WayError {
    /// Not JSON of this form.
    #[error("the way cannot be read: {0}")]
    NotJson(#[from] serde_json::Error),
    /// A time.
    #[error(
        "step {number}: found the time '{found}', expected one such as 2026-03-05T09:10:00Z, not before that of the step before"
    )]
    Time {
        /// Which.
        number: usize,
        /// What was found.
        found: String,
    },
    /// The first step.
    #[error("the first step of the way is '{found}', expected 'referred' with the patient's day of birth")]
    NoReferral {
        /// What it is.
        found: String,
    },
}

impl Entry {
    /// The kind of step.
    pub fn kind(&self) -> &str {
        self.step["kind"].as_str().unwrap_or_default()
    }

    /// The kind of step, and for a line of the log what was done.
    pub fn name(&self) -> String {
        let line =
            self.step["body"].as_object().filter(|_| self.kind() == "logged").and_then(|body| body.keys().next());
        line.map_or_else(|| self.kind().to_owned(), |line| format!("log: {line}"))
    }

    /// When.
    pub fn time(&self) -> Timestamp {
        // Checked when the way was read.
        Timestamp::from_second(self.seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl Way {
    /// The way that comes with the program.
    ///
    /// # Errors
    /// [`WayError`] when the file was wrong at build time, which a test refuses.
    pub fn bundled() -> Result<Self, WayError> {
        Self::from_json(include_str!("../../../../examples/pathway/way.json"))
    }

    /// A way of a file.
    ///
    /// # Errors
    /// [`WayError`] naming the step.
    pub fn from_json(text: &str) -> Result<Self, WayError> {
        let mut entries: Vec<Entry> = serde_json::from_str(text)?;
        let first =
            entries.first().map(|first| (first.kind().to_owned(), first.step["body"]["patient"]["born"].clone()));
        let (kind, born) = first.unwrap_or_default();
        let Some(born) = born.as_str().filter(|_| kind == "referred") else {
            return Err(WayError::NoReferral { found: kind });
        };
        let (born, mut before) = (born.to_owned(), i64::MIN);
        for (index, entry) in entries.iter_mut().enumerate() {
            let time = entry.at.parse::<Timestamp>().ok().map(Timestamp::as_second).filter(|at| *at >= before);
            let wrong = || WayError::Time { number: index + 1, found: entry.at.clone() };
            entry.seconds = time.ok_or_else(wrong)?;
            before = entry.seconds;
            entry.born.clone_from(&born);
        }
        Ok(Self { entries })
    }

    /// A day before the first step, for the accounts to be made.
    pub fn begins(&self) -> Timestamp {
        const DAY_S: i64 = 86_400;
        let first = self.entries.first().map_or(0, |entry| entry.seconds);
        Timestamp::from_second(first - DAY_S).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Everybody who signs but the patient.
    pub fn staff(&self) -> BTreeSet<(Role, String)> {
        let staff = self.entries.iter().filter(|entry| entry.role != Role::Patient);
        staff.map(|entry| (entry.role, entry.by.clone())).collect()
    }
}
