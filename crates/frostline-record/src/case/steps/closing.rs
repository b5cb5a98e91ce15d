//! After the day: report, events, questionnaires, codes, corrections.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::Step;
use super::InstrumentScore;
use crate::rules::{Answer, Causality, Day, Moment, PainScore, RuleId};

/// The report of the procedure is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportSigned {
    /// What was found and done, in the operator's words.
    pub words: String,
}

/// Answers about how bad an event was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Severity {
    /// The patient died of it.
    #[serde(default)]
    pub death: Answer,
    /// Life was in danger.
    #[serde(default)]
    pub life_threatening: Answer,
    /// Into hospital, or longer there.
    #[serde(default)]
    pub hospital: Answer,
    /// Unplanned stay or observation; 0 when there was none. Unit: h.
    #[serde(default)]
    pub stay_hours: Option<f64>,
    /// Lasting harm so that help is needed in daily life.
    #[serde(default)]
    pub severe_lasting: Answer,
    /// Lasting harm, mild.
    #[serde(default)]
    pub mild_lasting: Answer,
    /// No longer able to care for oneself.
    #[serde(default)]
    pub self_care_limited: Answer,
    /// No longer able to shop, cook, work.
    #[serde(default)]
    pub household_limited: Answer,
    /// Treatment was needed after the session.
    #[serde(default)]
    pub treatment: Answer,
    /// Treatment was needed to prevent lasting harm.
    #[serde(default)]
    pub intervention: Answer,
}

/// How an event was treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Management {
    /// A drug or cold pack against pain.
    PainRelief,
    /// Antibiotics.
    Antibiotics,
    /// Something more was done: drained, pressed, operated, injected, watched in hospital.
    FurtherIntervention,
    /// Sent to somebody else.
    Referral,
}

impl Management {
    /// The word on paper.
    pub fn word(self) -> &'static str {
        match self {
            Management::PainRelief => "pain relief",
            Management::Antibiotics => "antibiotics",
            Management::FurtherIntervention => "further intervention",
            Management::Referral => "referral",
        }
    }
}

/// One treatment of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventTreatment {
    /// Of which kind.
    pub kind: Management,
    /// Which drug, intervention or person.
    pub what: String,
    /// How much and how often.
    #[serde(default)]
    pub dose: Option<String>,
    /// The first day.
    #[serde(default)]
    pub from: Option<Day>,
    /// The last day; absent while it goes on.
    #[serde(default)]
    pub until: Option<Day>,
}

/// Something went wrong, or may have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdverseEvent {
    /// Name of the event within the case, such as `1`.
    pub event: String,
    /// Its key in the list of terms.
    pub term: String,
    /// What happened.
    pub words: String,
    /// How bad.
    #[serde(default)]
    pub severity: Severity,
    /// Was to be expected.
    #[serde(default)]
    pub expected: Answer,
    /// How likely the procedure caused it.
    pub causality: Causality,
    /// Which line of the log it belongs to, by the number of the step.
    #[serde(default)]
    pub step: Option<u64>,
    /// What was done.
    #[serde(default)]
    pub done: Option<String>,
    /// How it is treated, each treatment by its kind.
    #[serde(default)]
    pub treated: Vec<EventTreatment>,
    /// Agent of an allergic reaction, which joins the list of allergies.
    #[serde(default)]
    pub allergen: Option<String>,
    /// When it began; without it, when the step that it belongs to was signed.
    #[serde(default)]
    pub began: Option<Moment>,
    /// By then somebody looks at it again.
    #[serde(default)]
    pub due: Option<Day>,
    /// Keys of the red-flag questions that it answers for: their alarm ends with it, and no other.
    #[serde(default)]
    pub answers_for: Vec<String>,
}

/// How an event ended, in the words of FHIR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EventOutcome {
    /// Gone.
    Resolved,
    /// Gone, something stays.
    ResolvedWithSequelae,
    /// Getting better.
    Recovering,
    /// Still there.
    Ongoing,
    /// Death.
    Fatal,
    /// Cannot be found out.
    Unknown,
}

impl EventOutcome {
    /// Whether somebody looks at it again; everything else ends it, as far as anybody can find out.
    pub fn goes_on(self) -> bool {
        matches!(self, Self::Recovering | Self::Ongoing)
    }
}

/// An event has an outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventSettled {
    /// Name of the event within the case.
    pub event: String,
    /// How it ended.
    pub outcome: EventOutcome,
    /// The last word on how bad it was.
    pub severity: Severity,
    /// How it was treated, beyond what was reported with it.
    #[serde(default)]
    pub treated: Vec<EventTreatment>,
    /// In words.
    pub words: String,
    /// By then somebody looks at it again, where it is not over.
    #[serde(default)]
    pub due: Option<Day>,
}

/// One answered question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its key.
    pub id: String,
    /// The answer.
    pub answer: String,
}

/// Answers at one time of the follow-up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowUpAnswers {
    /// Key of the time in `data/follow_up.toml`.
    pub time: String,
    /// Average pain.
    #[serde(default)]
    pub average_pain: Option<PainScore>,
    /// Worst pain.
    #[serde(default)]
    pub worst_pain: Option<PainScore>,
    /// Global impression of change, 1 (very much better) to 7 (very much worse).
    #[serde(default)]
    pub global_impression: Option<u8>,
    /// Satisfied, 0 to 10.
    #[serde(default)]
    pub satisfaction: Option<u8>,
    /// Would have it again.
    #[serde(default)]
    pub would_repeat: Answer,
    /// How well the wanted activity goes, 0 (not at all) to 10 (as wished).
    #[serde(default)]
    pub activity: Option<u8>,
    /// Answers to the questions that need somebody now, by key.
    pub red_flags: BTreeMap<String, Answer>,
    /// Other answers.
    #[serde(default)]
    pub others: Vec<Question>,
    /// Scores of questionnaires of others.
    #[serde(default)]
    pub scores: Vec<InstrumentScore>,
}

/// Somebody tried to reach the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactTried {
    /// Key of the time in `data/follow_up.toml`.
    pub time: String,
    /// How.
    pub how: String,
    /// The patient answered.
    pub reached: Answer,
}

/// A coder confirms the codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodingConfirmed {
    /// Procedure code; the number only.
    pub procedure_code: String,
    /// Units.
    pub units: u32,
    /// Modifiers.
    pub modifiers: Vec<String>,
    /// Diagnosis codes.
    pub diagnoses: Vec<String>,
    /// Key of the payer's profile.
    #[serde(default)]
    pub payer: Option<String>,
    /// Release of the procedure codes that was looked at.
    #[serde(default)]
    pub release: Option<String>,
    /// Why units or modifiers are not those that the rules propose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_otherwise: Option<String>,
    /// Where it was done, by the two digits of the list of the Centers for Medicare and Medicaid Services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "22")]
    pub place_of_service: Option<String>,
}

/// Going on in spite of a ruling. The name is that of who signs the step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideRequest {
    /// Which rule.
    #[schema(value_type = String)]
    pub rule: RuleId,
    /// What the rule is about, where it speaks of several things: the key of the drug.
    #[serde(default)]
    pub about: Option<String>,
    /// Why.
    pub reason: String,
}

/// An earlier step was wrong. It stays in the record; what counts from now on is said here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The number of the step.
    pub step: u64,
    /// Why it was wrong.
    pub why: String,
    /// What should have been written, of the same kind; absent when the step should not be there at all.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub instead: Option<Box<Step>>,
}

/// The case ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseClosed {
    /// Why.
    pub reason: String,
    /// The patient could not be reached and this was documented.
    #[serde(default)]
    pub lost_to_follow_up: Answer,
}
