//! Why the nerve should be frozen, and what speaks against it.

use std::collections::BTreeMap;

use frostline_plan::anatomy::Side;
use frostline_plan::catalogue::Limb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::{Answer, Day, Guidance, PainScore, Pregnancy, TreatmentLine};

/// What made the pain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Cause {
    /// Disease of the nerve; such as diabetic, after chemotherapy, after herpes, after injury or surgery.
    Neuropathy(String),
    /// The nerve is trapped, and where.
    Entrapment(String),
    /// A neuroma, and where.
    Neuroma(String),
    /// A joint whose nerve shall be frozen.
    Joint(String),
    /// Something else.
    Other(String),
}

/// A diagnosis code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Diagnosis {
    /// ICD-10-CM.
    pub code: String,
    /// What it says.
    pub text: String,
    /// The leg that the code means; absent when it names none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub side: Option<Side>,
}

/// A treatment that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailedLine {
    /// Its kind.
    pub line: TreatmentLine,
    /// Which.
    pub name: String,
    /// How much and how often.
    #[serde(default)]
    pub dose: Option<String>,
    /// From then on.
    #[serde(default)]
    pub started: Option<Day>,
    /// Until then; absent while it goes on.
    #[serde(default)]
    pub stopped: Option<Day>,
    /// For how long. Unit: week.
    #[serde(default)]
    pub weeks: Option<f64>,
    /// What it did.
    #[serde(default)]
    pub response: Option<String>,
    /// Why it was stopped.
    #[serde(default)]
    pub why_stopped: Option<String>,
}

/// Why a freeze is considered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Indication {
    /// What made the pain.
    pub cause: Cause,
    /// When it began.
    #[serde(default)]
    pub pain_began: Option<Day>,
    /// Average pain of the last seven days.
    #[serde(default)]
    pub average_pain: Option<PainScore>,
    /// Worst pain of the last seven days.
    #[serde(default)]
    pub worst_pain: Option<PainScore>,
    /// Points of a screen for nerve pain (DN4), when it was done.
    #[serde(default)]
    pub dn4: Option<u8>,
    /// Diagnosis codes.
    pub diagnoses: Vec<Diagnosis>,
    /// What was tried.
    pub failed: Vec<FailedLine>,
    /// Regions of the body map where it hurts.
    pub hurts: Vec<String>,
    /// What images or nerve tests showed.
    #[serde(default)]
    pub findings: Option<String>,
    /// Scores of questionnaires of others before the procedure, with which later ones are compared.
    #[serde(default)]
    pub scores: Vec<InstrumentScore>,
}

/// The score of a questionnaire of others; its words are not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentScore {
    /// Key of the questionnaire in `data/questionnaires.toml`; the site must have written down that it may use it.
    pub instrument: String,
    /// Its score, on the scale of that questionnaire.
    pub score: f64,
}

/// A diagnostic block of the nerve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockRecord {
    /// Key of the nerve in the atlas.
    pub nerve: String,
    /// Which leg.
    #[schema(value_type = String)]
    pub side: Side,
    /// When.
    pub on: Day,
    /// Which drug.
    #[serde(default)]
    pub drug: Option<String>,
    /// Unit: mL.
    #[serde(default)]
    pub volume_ml: Option<f64>,
    /// What guided the needle.
    #[serde(default)]
    pub guided_by: Option<Guidance>,
    /// Pain just before.
    pub before: PainScore,
    /// Lowest pain after.
    pub after: PainScore,
    /// How long relief lasted. Unit: h.
    #[serde(default)]
    pub relief_hours: Option<f64>,
    /// Regions of the body map that became numb.
    pub numbed: Vec<String>,
}

/// Why no block was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoBlockReason {
    /// The patient did not want one.
    Declined,
    /// It would be unsafe.
    Unsafe,
    /// Not thought necessary.
    NotNecessary,
}

/// No diagnostic block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoBlock {
    /// Why.
    pub reason: NoBlockReason,
    /// In words.
    pub words: String,
}

/// Whether and when this nerve was frozen before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PreviousFreeze {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// Never.
    Never,
    /// On this day.
    On(Day),
}

/// What was done to this nerve before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviousTreatment {
    /// Frozen.
    #[serde(default)]
    pub frozen: PreviousFreeze,
    /// Cut out or operated on.
    #[serde(default)]
    pub surgery: Answer,
}

/// What speaks against a freeze, and what doses are computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Screening {
    /// Answers to the questions of `data/contraindications.toml`, by key.
    pub contraindications: BTreeMap<String, Answer>,
    /// Pregnancy.
    pub pregnancy: Pregnancy,
    /// Diabetes.
    #[serde(default)]
    pub diabetes: Answer,
    /// Long-term sugar. Unit: %.
    #[serde(default)]
    pub hba1c_percent: Option<f64>,
    /// Unit: kg.
    #[serde(default)]
    pub weight_kg: Option<f64>,
    /// Unit: cm.
    #[serde(default)]
    pub height_cm: Option<f64>,
    /// Old, frail, or with a sick heart or liver.
    #[serde(default)]
    pub frail: Answer,
    /// Chronic liver disease.
    #[serde(default)]
    pub liver_disease: Answer,
    /// Bled before.
    #[serde(default)]
    pub bled_before: Answer,
    /// Takes drugs against clotting; each of them is a step of its own.
    #[serde(default)]
    pub takes_blood_thinners: Answer,
    /// Defence against infection is weak, by disease or drugs.
    #[serde(default)]
    pub weak_immunity: Answer,
    /// Takes a drug that slows the stomach (GLP-1).
    #[serde(default)]
    pub glp1_drug: Answer,
    /// Slow stomach.
    #[serde(default)]
    pub gastroparesis: Answer,
    /// A recent stent.
    #[serde(default)]
    pub recent_stent: Answer,
    /// A recent clot in a vein or the lung.
    #[serde(default)]
    pub recent_clot: Answer,
    /// A recent stroke.
    #[serde(default)]
    pub recent_stroke: Answer,
    /// A mechanical heart valve.
    #[serde(default)]
    pub mechanical_valve: Answer,
    /// Atrial fibrillation with a high risk of stroke.
    #[serde(default)]
    pub fibrillation: Answer,
    /// Allergies, in words; an empty list means that none are known after asking.
    pub allergies: Vec<String>,
    /// Earlier treatment of this nerve.
    #[serde(default)]
    pub previous: PreviousTreatment,
}

/// Power of one muscle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MusclePower {
    /// Which muscle.
    pub muscle: String,
    /// On the scale of the Medical Research Council, 0 to 5.
    #[serde(default)]
    pub mrc: Option<f64>,
}

/// An examination of feeling and power.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Exam {
    /// Pain now.
    #[serde(default)]
    pub pain: Option<PainScore>,
    /// Where feeling is less, more or wrong, in words.
    pub feeling: String,
    /// Muscles at risk.
    pub power: Vec<MusclePower>,
    /// Pulses of the foot felt.
    #[serde(default)]
    pub pulses: Answer,
    /// What the limb is; must be written where the atlas restricts the nerve to some limbs.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub limb: Option<Limb>,
}
