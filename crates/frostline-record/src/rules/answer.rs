//! What people answer: yes, no, or nothing yet; and scores that can only be true ones.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to a question that is answered by yes or no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Nobody asked, or nobody answered.
    #[default]
    NotAsked,
}

impl Answer {
    /// The word in files and on screens.
    pub fn word(self) -> &'static str {
        match self {
            Answer::Yes => "yes",
            Answer::No => "no",
            Answer::NotAsked => "not asked",
        }
    }

    /// Yes when any is yes; else not asked when any was not asked; else no. Nothing asked at all is not a no.
    pub fn any(answers: impl IntoIterator<Item = Answer>) -> Answer {
        let mut found = Vec::new();
        found.extend(answers);
        if found.contains(&Answer::Yes) {
            return Answer::Yes;
        }
        if found.is_empty() || found.contains(&Answer::NotAsked) { Answer::NotAsked } else { Answer::No }
    }
}

/// Pain on the numeric rating scale, 0 to 10; averages have fractions.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "f64")]
#[schema(value_type = f64, minimum = 0.0, maximum = 10.0)]
pub struct PainScore(f64);

/// A pain score that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("found a pain score of {found}, expected a number from 0 to 10; ask again")]
pub struct NoPainScore {
    /// What was found.
    pub found: f64,
}

impl TryFrom<f64> for PainScore {
    type Error = NoPainScore;

    fn try_from(score: f64) -> Result<Self, NoPainScore> {
        Self::new(score)
    }
}

impl PainScore {
    /// A score from 0 to 10.
    ///
    /// # Errors
    /// [`NoPainScore`] for anything else, also for what is not a number.
    pub fn new(score: f64) -> Result<Self, NoPainScore> {
        // The ends of the scale define it; they are not a limit somebody may correct.
        if (0.0..=10.0).contains(&score) { Ok(Self(score)) } else { Err(NoPainScore { found: score }) }
    }

    /// The number.
    pub fn score(self) -> f64 {
        self.0
    }

    /// How much less this is than `baseline`; negative when pain is worse. Unit: %. Nothing without pain at baseline.
    pub fn relief_percent(self, baseline: PainScore) -> Option<f64> {
        (baseline.0 > 0.0).then(|| rounded(100.0 * (baseline.0 - self.0) / baseline.0))
    }
}

/// To a millionth, so that 7 of 10 is a relief of 30 % and not of 30.000000000000004 %.
fn rounded(percent: f64) -> f64 {
    const PARTS: f64 = 1e6;
    (percent * PARTS).round() / PARTS
}

/// How deep the sedation is. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SedationLevel {
    /// Local anaesthetic only, or nothing.
    LocalOnly,
    /// Calm, answers normally.
    Minimal,
    /// Answers to voice or touch.
    Moderate,
    /// Answers to pain only, or general anaesthesia.
    Deep,
}

impl SedationLevel {
    /// The word in files and on screens.
    pub fn word(self) -> &'static str {
        match self {
            SedationLevel::LocalOnly => "local anaesthetic only",
            SedationLevel::Minimal => "minimal",
            SedationLevel::Moderate => "moderate",
            SedationLevel::Deep => "deep",
        }
    }
}
