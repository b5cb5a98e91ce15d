//! What documents for clinicians and payers are made from. Absent values are printed as not known.

use serde::{Deserialize, Serialize};

use super::calendar::{Date, LocalTime};
use super::inputs::{DrugAfter, FollowUpTime, Leg, Signed};
use crate::report::{Report, level_word};

/// What is planned, as the assessment says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlanInputs {
    /// The most serious level, such as WARN.
    pub verdict: Option<String>,
    /// The verdict in one sentence.
    pub verdict_sentence: Option<String>,
    /// What is predicted, line by line.
    pub predictions: Vec<PredictionLine>,
    /// Who approved it.
    pub approved: Vec<Signed>,
    /// The fingerprint of what was approved.
    pub fingerprint: Option<String>,
    /// Rules that somebody went over.
    pub overrides: Vec<OverrideLine>,
}

impl PlanInputs {
    /// The head of a report; its pictures and its other sections stay there.
    pub fn of_report(report: &Report) -> Self {
        let line = |fact: &crate::report::Fact| PredictionLine {
            what: fact.label.clone(),
            value: fact.value.clone(),
            compare: fact.detail.clone(),
            level: fact.level.map(|level| level_word(level).to_owned()),
        };
        Self {
            verdict: Some(report.verdict_word.to_owned()),
            verdict_sentence: Some(report.verdict_sentence.clone()),
            predictions: report.facts.iter().map(line).collect(),
            ..Self::default()
        }
    }
}

/// One predicted number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PredictionLine {
    /// What.
    pub what: String,
    /// With its unit.
    pub value: String,
    /// What to compare it with.
    #[serde(default)]
    pub compare: String,
    /// How serious, where a rule says so.
    #[serde(default)]
    pub level: Option<String>,
}

/// A rule that somebody went over.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OverrideLine {
    /// Which rule.
    pub rule: String,
    /// What it said.
    pub said: String,
    /// Why it was gone over.
    pub reason: String,
    /// Who did.
    pub by: String,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProcedureInputs {
    /// When the first needle went in.
    pub started_at: Option<LocalTime>,
    /// When the probe was out.
    pub done_at: Option<LocalTime>,
    /// Who was there.
    pub team: Vec<TeamLine>,
    /// What guided the needle.
    pub guidance: Option<String>,
    /// Position and padding.
    pub position: Option<String>,
    /// What cleaned the skin.
    pub skin_preparation: Option<String>,
    /// Local anaesthetics.
    pub anaesthetics: Vec<DoseLine>,
    /// Probes.
    pub probes: Vec<ProbeLine>,
    /// Where the gentle current was felt and what moved.
    pub stimulation: Option<String>,
    /// What was injected to push tissue apart.
    pub fluid: Option<String>,
    /// Each freeze with its thaw.
    pub freezes: Vec<FreezeLine>,
    /// Strength of the muscles at risk.
    pub power: Vec<PowerLine>,
    /// What is stored.
    pub images: Vec<String>,
    /// Where it went otherwise than planned.
    pub deviations: Vec<String>,
    /// What went wrong; absent when nobody wrote whether anything did.
    pub events: Option<Vec<EventLine>>,
    /// How the patient felt meanwhile.
    pub comfort: Vec<ComfortLine>,
    /// How long each part of it took.
    pub phases: Vec<PhaseLine>,
    /// What covers the skin.
    pub dressing: Option<String>,
    /// Pain from 0 to 10 before, as it was written.
    pub pain_before: Option<String>,
    /// Pain from 0 to 10 after.
    pub pain_after: Option<String>,
    /// Who signed the report.
    pub signed: Option<Signed>,
    /// Rules that somebody went over.
    pub overrides: Vec<OverrideLine>,
}

/// A person who was there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TeamLine {
    /// What they did.
    pub role: String,
    /// Their name.
    pub name: String,
}

/// What the patient said of how it felt.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ComfortLine {
    /// When.
    pub at: LocalTime,
    /// Discomfort from 0 to 10, as it was written.
    pub discomfort: String,
    /// Sensation of cold from 0 to 10; absent when nobody asked.
    #[serde(default)]
    pub cold: Option<String>,
    /// In the patient's words.
    #[serde(default)]
    pub words: Option<String>,
}

/// How long a part of the time in the room took.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseLine {
    /// Which part.
    pub phase: String,
    /// Unit: min.
    pub minutes: i64,
    /// What was planned for it; for the whole, what was booked. Unit: min.
    #[serde(default)]
    pub planned: Option<i64>,
}

/// A dose of a local anaesthetic.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DoseLine {
    /// Drug and concentration.
    pub drug: String,
    /// Amount, with units.
    pub amount: String,
    /// How much of the maximum is used up, with this dose.
    #[serde(default)]
    pub of_maximum: Option<String>,
    /// When.
    #[serde(default)]
    pub at: Option<LocalTime>,
    /// When that was written down, where it was later.
    #[serde(default)]
    pub written: Option<LocalTime>,
}

/// A probe.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeLine {
    /// Model.
    pub model: String,
    /// Lot.
    #[serde(default)]
    pub lot: Option<String>,
    /// Last day of use.
    #[serde(default)]
    pub expiry: Option<Date>,
}

/// A freeze and the thaw after it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FreezeLine {
    /// Where along the nerve.
    pub place: String,
    /// When the gas went on.
    #[serde(default)]
    pub start: Option<LocalTime>,
    /// When that was written down, where it was later.
    #[serde(default)]
    pub written: Option<LocalTime>,
    /// How long it was on, with unit.
    #[serde(default)]
    pub lasted: Option<String>,
    /// Coldest tip, with unit.
    #[serde(default)]
    pub tip: Option<String>,
    /// Ice as it was seen, with unit; absent when it was not seen.
    #[serde(default)]
    pub ice: Option<String>,
    /// How the probe came free.
    #[serde(default)]
    pub thaw: Option<String>,
}

/// Strength of a muscle before and after.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PowerLine {
    /// Muscle.
    pub muscle: String,
    /// MRC grade before.
    #[serde(default)]
    pub before: Option<String>,
    /// MRC grade after.
    #[serde(default)]
    pub after: Option<String>,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EventLine {
    /// What.
    pub what: String,
    /// Grades in the scales that were used.
    #[serde(default)]
    pub grade: Option<String>,
    /// What was done.
    #[serde(default)]
    pub done: Option<String>,
    /// How it ended; absent while it is open.
    #[serde(default)]
    pub outcome: Option<String>,
}

/// To the clinician who referred the patient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LetterInputs {
    /// To whom.
    pub to: Option<String>,
    /// When the patient was referred.
    pub referred_on: Option<Date>,
    /// For what.
    pub reason: Option<String>,
    /// The test block, in one sentence.
    pub block: Option<String>,
    /// What was done, in sentences.
    pub done: Vec<String>,
    /// What went wrong; absent when nobody wrote whether anything did.
    pub events: Option<Vec<EventLine>>,
    /// Pain before.
    pub pain_before: Option<String>,
    /// Pain after.
    pub pain_after: Option<String>,
    /// Whether the leg is weaker than before.
    pub weak: Option<bool>,
    /// Held drugs; absent when nobody listed them.
    pub drugs: Option<Vec<DrugAfter>>,
    /// When the clinic asks how it went.
    pub follow_up: Vec<FollowUpTime>,
    /// Who signs.
    pub signed: Option<Signed>,
}

/// What a payer asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimInputs {
    /// Payer and profile.
    pub payer: Option<String>,
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
    /// Who signs.
    pub signed: Option<Signed>,
}

/// One line of a claim. Numbers of codes only; descriptors belong to their owner.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimLine {
    /// Number of the code.
    pub code: String,
    /// Key of the nerve.
    pub nerve: String,
    /// Which leg.
    pub leg: Option<Leg>,
    /// What else the line is for, where the session had several nerves or both legs.
    #[serde(default)]
    pub others: Vec<ClaimPlace>,
    /// How often.
    pub units: u32,
    /// Such as LT.
    #[serde(default)]
    pub modifiers: Vec<String>,
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
    /// To.
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
