//! Getting ready: drugs, values of the laboratory, food, who watches, when and where.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::{Answer, Day, Intake, Moment, Role, SedationLevel, Site};

/// Values of the laboratory of one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Labs {
    /// When the blood was taken.
    pub on: Day,
    /// International normalised ratio.
    #[serde(default)]
    pub inr: Option<f64>,
    /// Unit: 10^9 per L.
    #[serde(default)]
    pub platelets_giga_per_l: Option<f64>,
    /// Unit: mg/dL.
    #[serde(default)]
    pub creatinine_mg_per_dl: Option<f64>,
    /// Unit: mg/dL.
    #[serde(default)]
    pub fibrinogen_mg_per_dl: Option<f64>,
    /// Unit: mg/dL.
    #[serde(default)]
    pub glucose_mg_per_dl: Option<f64>,
    /// Unit: g/dL.
    #[serde(default)]
    pub haemoglobin_g_per_dl: Option<f64>,
    /// Activated partial thromboplastin time. Unit: s.
    #[serde(default)]
    pub aptt_s: Option<f64>,
    /// Activity against factor Xa. Unit: IU/mL.
    #[serde(default)]
    pub anti_xa_iu_per_ml: Option<f64>,
}

/// A drug against clotting on the patient's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrugOnList {
    /// Its key in `data/blood_thinners.toml`, or its name when it is not there.
    pub drug: String,
    /// How much and how often.
    pub dose: String,
    /// What for.
    pub indication: String,
    /// Who prescribes it.
    #[serde(default)]
    pub prescriber: Option<String>,
}

/// What shall happen to a drug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DrugWord {
    /// It is held.
    Hold,
    /// It goes on.
    GoOn,
}

/// What a clinician decided about a drug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrugDecision {
    /// Its key.
    pub drug: String,
    /// What shall happen.
    pub decision: DrugWord,
    /// The clinician who decided.
    pub decided_by: DecidedBy,
    /// Why.
    pub reason: String,
}

/// Who decided about a drug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum DecidedBy {
    /// Whoever signs the step.
    SignedBySigner,
    /// A prescriber outside, who told whoever signs. Signed by somebody who may not decide it counts once it is countersigned.
    ToldBy(Prescriber),
}

/// A prescriber who decided and did not sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Prescriber {
    /// Their name.
    pub name: String,
    /// How they told it.
    pub how: Told,
    /// When they told it.
    pub when: Moment,
}

/// How a decision was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// Face to face.
    InPerson,
    /// By telephone.
    Telephone,
    /// In a letter.
    Letter,
    /// In a message on a computer.
    Message,
}

/// Somebody who may decide stands by a decision that was told to somebody who may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrugCountersignature {
    /// The drug's key.
    pub drug: String,
    /// The number of the step that holds the decision.
    pub decision: u64,
}

/// The roles that may decide about a drug against clotting.
pub const DRUG_DECIDERS: &[Role] = &[Role::Operator, Role::Anaesthesia];

/// When a drug was last taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrugDose {
    /// Its key.
    pub drug: String,
    /// When it was last taken.
    pub last_taken: Moment,
}

/// How the patient is kept calm, and who watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sedation {
    /// How deep.
    pub level: SedationLevel,
    /// A person who does nothing else watches.
    #[serde(default)]
    pub dedicated_person: Answer,
    /// Carbon dioxide in the breath is measured all the time.
    #[serde(default)]
    pub capnography: Answer,
    /// An anaesthesiologist is there.
    #[serde(default)]
    pub anaesthesiologist: Answer,
    /// Who explained it to the patient; needed before the sign-in, unless local anaesthetic is all.
    #[serde(default)]
    pub explained_by: Option<String>,
}

/// What the patient ate and drank, and who takes them home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preparation {
    /// Last clear fluid.
    pub clear_fluid: Intake,
    /// Last light meal or milk.
    pub light_meal: Intake,
    /// Last fat or fried meal.
    pub fat_meal: Intake,
    /// Somebody takes the patient home.
    #[serde(default)]
    pub escort: Answer,
}

/// Somebody on the team of the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonOnTeam {
    /// As what.
    pub role: Role,
    /// Who.
    pub name: String,
}

/// When and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Booking {
    /// Start.
    pub start: Moment,
    /// How long. Unit: min.
    pub minutes: u32,
    /// Room.
    pub room: String,
    /// Who is there.
    pub team: Vec<PersonOnTeam>,
    /// Lot of the probe that is kept for this patient.
    #[serde(default)]
    pub probe_lot: Option<String>,
    /// Other nerves, or this nerve of the other leg, that are treated in the same session. Each is a case of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together_with: Vec<SessionPart>,
}

/// Another case of the same session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionPart {
    /// Name of the case.
    pub case: String,
    /// What is treated in it.
    pub site: Site,
}

/// Somebody looked at everything and says: ready.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Clearance {
    /// Remarks.
    #[serde(default)]
    pub remarks: Option<String>,
}

/// The procedure does not take place then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancellation {
    /// ICD-10-CM code of the reason, of the family Z53, when there is one.
    #[serde(default)]
    pub code: Option<String>,
    /// In words.
    pub reason: String,
}
