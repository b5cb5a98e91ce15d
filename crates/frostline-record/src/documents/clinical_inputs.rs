//! What documents for clinicians and payers are made from. Absent values are printed as not known.

use serde::{Deserialize, Serialize};

use super::calendar::{Date, LocalTime};
use super::inputs::{DrugAfter, FollowUpTime, Signed};
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
    /// Why, where who approved it gave a reason, each with the name.
    pub approval_reasons: Vec<String>,
    /// The fingerprint of what was approved.
    pub fingerprint: Option<String>,
    /// Rules that somebody went over.
    pub overrides: Vec<OverrideLine>,
    /// What is known of the patient and the pain.
    pub before: Vec<RecordedFact>,
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

/// Something that somebody wrote down.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedFact {
    /// What.
    pub what: String,
    /// With its unit, and the day where it has one.
    pub value: String,
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
    /// Every line of the log, in the order in which it happened.
    pub log: Vec<LoggedLine>,
    /// Looks at the patient afterwards, and the way home.
    pub recovery: Vec<LoggedLine>,
    /// The lists of sign-in, time-out and sign-out, item by item.
    pub checklists: Vec<ChecklistLine>,
    /// What is known of the patient and the pain from before.
    pub before: Vec<RecordedFact>,
    /// Who signed the consent.
    pub consent: Option<String>,
    /// Blood that was lost, by estimate, with unit.
    pub blood_loss: Option<String>,
    /// Time under X-rays, with unit.
    pub fluoroscopy: Option<String>,
    /// Dose-area product, with unit.
    pub dose_area: Option<String>,
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

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedLine {
    /// When it happened.
    pub at: LocalTime,
    /// When that was written down, where it was later.
    #[serde(default)]
    pub written: Option<LocalTime>,
    /// What kind of line.
    pub what: String,
    /// Everything that it says.
    pub details: String,
    /// Who signed it.
    pub by: String,
}

/// One item of a checklist.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistLine {
    /// Which list.
    pub list: String,
    /// Which item of it.
    pub item: String,
    /// What was answered.
    pub answer: String,
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
    /// MRC grade before the first freeze.
    #[serde(default)]
    pub before: Option<String>,
    /// The lowest MRC grade since.
    #[serde(default)]
    pub lowest: Option<String>,
    /// MRC grade when it was last tested.
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
    /// What images or nerve tests showed.
    pub findings: Option<String>,
    /// Points of a screen for nerve pain, with its name.
    pub nerve_pain_screen: Option<String>,
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
    /// Whether a muscle lacks full power.
    pub weak: Option<bool>,
    /// Whether a muscle is weaker than before the first freeze.
    pub weaker: Option<bool>,
    /// Whether the leg was numb afterwards.
    pub numb: Option<bool>,
    /// Held drugs; absent when nobody listed them.
    pub drugs: Option<Vec<DrugAfter>>,
    /// When the clinic asks how it went.
    pub follow_up: Vec<FollowUpTime>,
    /// Who signs.
    pub signed: Option<Signed>,
}
