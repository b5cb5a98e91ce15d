//! What a rule says about one patient: a verdict, a sentence, and what both rest on.

use frostline_plan::catalogue::Status;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id::RuleId;
use super::overriding::Overriding;

/// How a rule decides. Ordered: the last is the most serious.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing speaks against it.
    Ok,
    /// Something to know.
    Info,
    /// Go on only with a reason.
    Warn,
    /// A person must decide; the program may not.
    Human,
    /// Not without a named person who overrides it, and not at all where nobody may.
    Stop,
}

impl Verdict {
    /// The word in files and on screens.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Info => "info",
            Verdict::Warn => "warn",
            Verdict::Human => "human",
            Verdict::Stop => "stop",
        }
    }
}

/// One thing a rule looked at, as it was when it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fact {
    /// Its name in `data/rules.toml`.
    pub name: String,
    /// What was said, or `not known`.
    pub value: String,
}

/// How far the number behind a ruling was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// Read in its source, computed from it, or a choice of this project that says so.
    Stated,
    /// Remembered, or read in somebody else's transcription: a person must look it up before relying on it.
    CheckBeforeUse,
}

/// What one rule says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// Which rule.
    pub rule: RuleId,
    /// Which version of it; grows whenever its numbers or its meaning change.
    pub version: u32,
    /// How it decides.
    pub verdict: Verdict,
    /// The sentence for people; says "check before use" where [`Trust::CheckBeforeUse`].
    pub text: String,
    /// Everything it looked at, and the numbers it held against them.
    pub facts: Vec<Fact>,
    /// Key in `data/sources.toml` of the number that decided.
    pub source: String,
    /// How that number came from there.
    pub status: Status,
    /// How far it was checked.
    pub trust: Trust,
    /// Who may go on in spite of it.
    pub overriding: Overriding,
}

/// A ruling together with what was computed for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed<T> {
    /// What the rule says.
    pub ruling: Ruling,
    /// What it computed.
    pub result: T,
}

/// The most serious verdict: stop over human over warn over info over ok. Nothing ruled is not ok: a person must look.
pub fn most_serious(rulings: &[Ruling]) -> Verdict {
    rulings.iter().map(|ruling| ruling.verdict).max().unwrap_or(Verdict::Human)
}
