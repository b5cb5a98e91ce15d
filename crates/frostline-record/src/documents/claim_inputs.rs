//! What the claim support is made from. Absent values are printed as not known.

use serde::{Deserialize, Serialize};

use super::calendar::{Date, LocalTime};
use super::inputs::{Leg, Signed};

/// What a payer asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimInputs {
    /// Payer and profile.
    pub payer: Option<String>,
    /// Number of the payer's authorisation.
    pub authorisation: Option<String>,
    /// What the profile says of this service.
    pub position: Option<String>,
    /// One line per named nerve and side.
    pub lines: Vec<ClaimLine>,
    /// ICD-10-CM.
    pub diagnoses: Vec<DiagnosisLine>,
    /// What was tried before.
    pub treatments: Vec<TreatmentLine>,
    /// The test block, in one sentence.
    pub block: Option<String>,
    /// What a note must say, and where it is said.
    pub note: Vec<NoteLine>,
    /// Codes that exclude each other, and other doubts.
    pub doubts: Vec<String>,
    /// When it was done.
    pub done_at: Option<LocalTime>,
    /// Two digits of the place of service.
    pub place_of_service: Option<String>,
    /// The coder who confirmed the codes.
    pub coder: Option<Signed>,
    /// The clinician who signed the report of the procedure.
    pub signed: Option<Signed>,
}

/// How far a code was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeStanding {
    /// The rules propose it, or the record holds it; no coder has confirmed it.
    #[default]
    Proposed,
    /// A coder confirmed it.
    Confirmed,
}

/// One line of a claim. Numbers of codes only; descriptors belong to their owner.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimLine {
    /// Number of the code; absent where none fits.
    #[serde(default)]
    pub code: Option<String>,
    /// Key of the nerve.
    pub nerve: String,
    /// Which leg.
    pub leg: Option<Leg>,
    /// What else the line is for, where the session had several nerves or both legs.
    #[serde(default)]
    pub others: Vec<ClaimPlace>,
    /// How often; absent where it cannot be said.
    #[serde(default)]
    pub units: Option<u32>,
    /// Such as LT.
    #[serde(default)]
    pub modifiers: Vec<String>,
    /// Whether a coder confirmed it.
    #[serde(default)]
    pub standing: CodeStanding,
}

/// A further nerve of a line of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimPlace {
    /// Key of the nerve.
    pub nerve: String,
    /// Which leg.
    pub leg: Option<Leg>,
}

/// A diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DiagnosisLine {
    /// ICD-10-CM code.
    pub code: String,
    /// Its text, which is in the public domain.
    pub text: String,
    /// Whether a coder confirmed it.
    #[serde(default)]
    pub standing: CodeStanding,
}

/// A treatment that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TreatmentLine {
    /// What, with dose.
    pub what: String,
    /// From.
    #[serde(default)]
    pub from: Option<Date>,
    /// To; absent while it goes on, or where the beginning is not known either.
    #[serde(default)]
    pub to: Option<Date>,
    /// What it did, and why it stopped.
    #[serde(default)]
    pub result: Option<String>,
}

/// Something that a note must say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NoteLine {
    /// What.
    pub item: String,
    /// Where it is said; absent when it is missing.
    #[serde(default)]
    pub found: Option<String>,
}
