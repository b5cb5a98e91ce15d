//! The words of the validation report, from `validation/credibility.toml`.

use serde::Deserialize;

use super::experiment_file::{BundleError, read};

/// Words in the order of ASME V&V 40.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// What is asked of the model.
    pub question: String,
    /// In which situations it is used.
    pub context_of_use: Vec<String>,
    /// What can go wrong.
    pub risk: Risk,
    /// What is claimed.
    #[serde(rename = "claim")]
    pub claims: Vec<Claim>,
    /// What the evidence is good enough for.
    pub adequacy: Adequacy,
    /// Experiments that cannot be solved as scenes.
    #[serde(rename = "other")]
    pub others: Vec<OtherExperiment>,
}

/// What can go wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// How much the decision rests on the model.
    pub influence: String,
    /// What a wrong decision does.
    pub consequence: String,
    /// Both together.
    pub risk: String,
}

/// A claim with its range.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The claim.
    pub claim: String,
    /// Where it holds.
    pub holds_for: String,
    /// Problems and experiments that carry it.
    pub evidence: Vec<String>,
    /// What limits it.
    pub limits: String,
}

/// What the evidence is good enough for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adequacy {
    /// This.
    pub adequate_for: String,
    /// Not this.
    pub not_adequate_for: String,
    /// What would widen it.
    pub next: String,
}

/// An experiment that cannot be solved as a scene.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherExperiment {
    /// Short name.
    pub id: String,
    /// What was measured.
    pub what: String,
    /// Where it was published.
    pub source: String,
    /// What was compared.
    pub compared: String,
}

/// The words.
pub fn words() -> Result<Words, BundleError> {
    read("credibility.toml", include_str!("../../../../../validation/credibility.toml"))
}
