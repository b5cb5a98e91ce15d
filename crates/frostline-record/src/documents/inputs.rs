//! What documents are made from: plain values, filled from a case or from a file. What is absent is printed as not known
//! or as a line to fill in, never invented.

use serde::{Deserialize, Serialize};

use super::calendar::{Date, LocalTime};
use super::wording::Alternative;
use crate::case::steps::Leaning;
use crate::rules::SedationLevel;

/// The clinic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Practice {
    /// Its name.
    pub name: Option<String>,
    /// Its address.
    pub address: Option<String>,
    /// Telephone in office hours.
    pub phone: Option<String>,
    /// Telephone at night.
    pub night_phone: Option<String>,
    /// The number for emergencies where the clinic is.
    pub emergency: Option<String>,
}

/// The patient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Patient {
    /// Name.
    pub name: Option<String>,
    /// Day of birth.
    pub born: Option<Date>,
    /// Number of the record.
    pub record: Option<String>,
}

/// Which leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leg {
    /// The left one.
    Left,
    /// The right one.
    Right,
}

/// What is to be done or was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Treatment {
    /// Key of the nerve in the atlas.
    pub nerve: Option<String>,
    /// Which leg.
    pub leg: Option<Leg>,
    /// Whether the ice is in foot or ankle, where people walk on it.
    pub in_foot: Option<bool>,
    /// How deep the sedation is.
    pub sedation: Option<SedationLevel>,
    /// Who does it.
    pub operator: Option<String>,
    /// What the patient wants to be able to do, in the patient's words.
    pub goal: Option<String>,
}

/// When and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Appointment {
    /// When the procedure begins.
    pub procedure_at: Option<LocalTime>,
    /// When to arrive.
    pub arrive_at: Option<LocalTime>,
    /// Building, floor, room.
    pub place: Option<String>,
}

/// What every document begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Visit {
    /// The clinic.
    pub practice: Practice,
    /// The patient.
    pub patient: Patient,
    /// What is to be done or was done.
    pub treatment: Treatment,
    /// When and where.
    pub appointment: Appointment,
    /// The day on which the document is made.
    pub made_on: Option<Date>,
    /// Program and version.
    pub program: String,
}

/// What the patient agreed to, so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsentInputs {
    /// The other ways that were talked about.
    pub talked_about: Vec<Alternative>,
    /// What the patient says for or against them.
    pub reasons: Vec<ReasonLine>,
    /// Who explained the sedation.
    pub sedation_explained_by: Option<String>,
    /// Questions and answers.
    pub questions: Vec<QuestionAndAnswer>,
    /// What the patient said back.
    pub teach_back: Option<TeachBack>,
    /// Who interpreted.
    pub interpreter: Option<Signed>,
    /// Whether an interpreter is needed, known or not by name.
    pub needs_interpreter: bool,
    /// Who explained.
    pub clinician: Option<Signed>,
    /// When the patient signed.
    pub patient_signed: Option<LocalTime>,
    /// Who signed for the patient, where somebody else did.
    pub guardian: Option<Signed>,
}

/// A reason for or against another way.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonLine {
    /// Which way.
    pub alternative: Alternative,
    /// For or against it.
    pub leaning: Leaning,
    /// In the patient's words.
    pub words: String,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionAndAnswer {
    /// What the patient asked.
    pub question: String,
    /// What was answered.
    pub answer: String,
}

/// What the patient said back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TeachBack {
    /// In the patient's words.
    pub words: String,
    /// Who heard it.
    pub heard_by: String,
}

/// A name, and when it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// Name.
    pub name: String,
    /// When; absent before.
    #[serde(default)]
    pub at: Option<LocalTime>,
}

/// What to do before the day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct PreparationInputs {
    /// Until when what may be eaten and drunk; of no account with local anaesthetic only.
    pub fasting: Vec<FastingTime>,
    /// Every drug, held or not; absent when nobody listed them.
    pub drugs: Option<Vec<DrugBefore>>,
    /// Allergies; absent when nobody asked.
    pub allergies: Option<Vec<String>>,
}

/// Until when something may be eaten or drunk.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FastingTime {
    /// Key in `fasting.toml`.
    pub intake: String,
    /// The last minute.
    pub until: LocalTime,
}

/// What was decided about one drug.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DrugBefore {
    /// Its name and dose.
    pub name: String,
    /// What was decided; absent while nobody has.
    pub decision: Option<DrugDecision>,
    /// Who decided.
    pub decided_by: Option<String>,
}

/// What was decided about a drug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrugDecision {
    /// It goes on.
    Keep,
    /// The last dose is taken by this time.
    LastDoseBy(LocalTime),
    /// It is held; when the last dose is taken is not known.
    HoldTimeNotKnown,
}

/// What to do at home.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct DischargeInputs {
    /// When the probe came out.
    pub done_at: Option<LocalTime>,
    /// Whether a muscle of the leg lacks full power, whatever it was before; absent when it was not tested.
    pub weak: Option<bool>,
    /// Whether the leg is numb; absent when nobody wrote it down.
    pub numb: Option<bool>,
    /// Every held drug; absent when nobody listed them.
    pub drugs: Option<Vec<DrugAfter>>,
    /// The day on which the dressing comes off.
    pub dressing_off: Option<Date>,
    /// Work and sport of this patient.
    pub activities: Vec<ActivityLine>,
    /// When the clinic asks how it went.
    pub follow_up: Vec<FollowUpTime>,
    /// What the patient said back.
    pub teach_back: Option<TeachBack>,
    /// Who went through the sheet with the patient.
    pub nurse: Option<Signed>,
}

/// When a held drug starts again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DrugAfter {
    /// Its name and dose.
    pub name: String,
    /// When the next dose is taken; absent when nobody decided.
    pub restart_at: Option<LocalTime>,
    /// Who decided.
    pub decided_by: Option<String>,
}

/// From when on the patient may do something again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityLine {
    /// Key of the work or sport.
    pub activity: String,
    /// From this day; absent when nobody knows the day of the procedure.
    #[serde(default)]
    pub from: Option<Date>,
}

/// A time of follow-up.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUpTime {
    /// Key in `follow_up.toml`.
    pub time: String,
    /// The day on which it is due.
    pub due: Date,
}
