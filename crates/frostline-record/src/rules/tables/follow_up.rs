//! `data/follow_up.toml`: when to ask how it went, and which answers need somebody now.

use frostline_plan::catalogue::{CatalogueError, Sourced, rows_of};
use serde::Deserialize;

const FILE: &str = "follow_up.toml";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueAfter {
    pub days: i64,
}

/// One time at which the patient is asked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUpRow {
    /// Key.
    pub id: String,
    /// What it is called, in English.
    pub name: String,
    /// The same in Spanish.
    pub es: String,
    /// How: call, app, visit.
    pub mode: String,
    /// What is collected.
    pub collect: Vec<String>,
    pub(crate) due: Sourced<DueAfter>,
}

impl FollowUpRow {
    /// Days after the procedure.
    pub fn days(&self) -> i64 {
        self.due.value.days
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    #[serde(rename = "do")]
    pub act: String,
}

/// One answer that needs somebody now.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedFlag {
    /// Key.
    pub id: String,
    /// What to ask, in English.
    pub question: String,
    /// The same in Spanish.
    pub es: String,
    /// When it usually shows.
    pub when: String,
    pub(crate) action: Sourced<Action>,
}

/// Both tables.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowUp {
    pub times: Vec<FollowUpRow>,
    pub red_flags: Vec<RedFlag>,
}

impl FollowUp {
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &["time", "red_flag"])?;
        let read = Self {
            times: super::some(FILE, "time", rows.list("time")?)?,
            red_flags: super::some(FILE, "red_flag", rows.list("red_flag")?)?,
        };
        let mut before = 0;
        for time in &read.times {
            if time.due.value.days <= before {
                let problem = format!("found {} days after {before}, expected times that grow", time.due.value.days);
                return Err(super::wrong(FILE, &time.id, problem));
            }
            before = time.due.value.days;
        }
        let words = read.times.iter().map(|time| (&time.id, [&time.name, &time.es]));
        let words = words.chain(read.red_flags.iter().map(|flag| (&flag.id, [&flag.question, &flag.es])));
        for (id, both) in words {
            if both.iter().any(|words| words.trim().is_empty()) {
                return Err(super::wrong(FILE, id, "expected words in English and in Spanish".to_owned()));
            }
        }
        Ok(read)
    }
}
