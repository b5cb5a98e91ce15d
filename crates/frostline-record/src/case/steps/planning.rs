//! Images, the plan, its approval, and consent.

use frostline_plan::anatomy::Side;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::{Answer, Guidance, Site};

/// An image that is kept with the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StudyImage {
    /// The attachment, as `sha256:` and its digest; absent when the study stays in the archive.
    #[serde(default)]
    pub attachment: Option<String>,
    /// Study Instance UID, when it is DICOM.
    #[serde(default)]
    pub study_uid: Option<String>,
    /// What it shows.
    pub shows: String,
}

/// What the images show of the nerve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Imaging {
    /// Which nerve was followed.
    pub nerve: String,
    /// On which leg.
    #[schema(value_type = String)]
    pub side: Side,
    /// What it was seen with.
    pub modality: Guidance,
    /// From the skin to the nerve. Unit: mm.
    #[serde(default)]
    pub depth_mm: Option<f64>,
    /// Area of the cross-section. Unit: mm2.
    #[serde(default)]
    pub area_mm2: Option<f64>,
    /// Area of the same nerve at the same level of the other leg. Unit: mm2.
    #[serde(default)]
    pub other_leg_area_mm2: Option<f64>,
    /// Whether a lesion compresses the nerve.
    #[serde(default)]
    pub compressed: Answer,
    /// Whether a bleeding there can be stopped by pressing.
    #[serde(default)]
    pub compressible: Answer,
    /// The nearest vessel, by name.
    #[serde(default)]
    pub vessel: Option<String>,
    /// How far it is from the nerve. Unit: mm.
    #[serde(default)]
    pub vessel_mm: Option<f64>,
    /// The nearest nerve with motor fibres, by name.
    #[serde(default)]
    pub motor_nerve: Option<String>,
    /// How far it is from the nerve. Unit: mm.
    #[serde(default)]
    pub motor_nerve_mm: Option<f64>,
    /// Whether the nerve was traced over the stretch to be frozen.
    pub traced: Answer,
    /// The images.
    pub images: Vec<StudyImage>,
}

impl Imaging {
    /// Nerve and side.
    pub fn site(&self) -> Site {
        Site { nerve: self.nerve.clone(), side: self.side }
    }
}

/// How far a nerve with motor fibres is from the predicted ice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MotorMargin {
    /// Which nerve.
    pub nerve: String,
    /// Least distance from the ice over all cycles; zero or less lies in it. Absent: not traced. Unit: mm.
    #[serde(default)]
    pub margin_mm: Option<f64>,
}

/// The planning job that gave the numbers of a plan. The program writes it when it makes the step of the job's result; a client
/// that sends it is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComputedBy {
    /// The job.
    pub job: String,
    /// The version of the program that computed it.
    pub program: String,
}

/// Where the numbers and the verdict of a plan come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NumbersFrom {
    /// A planning job of this program.
    Job,
    /// Whoever signed the plan; no program checked them. Plans that were signed before their job was kept count as this.
    Hand,
}

impl NumbersFrom {
    /// For people who read a plan.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Job => "numbers computed by a planning job of this program",
            Self::Hand => "numbers entered by hand, not checked by this program",
        }
    }
}

/// A plan as the planner assessed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRecord {
    /// Fingerprint of the plan.
    pub fingerprint: String,
    /// Fingerprint of the assessment.
    pub assessment: String,
    /// Key of the nerve in the atlas.
    pub nerve: String,
    /// Which leg.
    #[schema(value_type = String)]
    pub side: Side,
    /// Key of the probe in the catalogue.
    pub probe: String,
    /// Thickness of the probe. Unit: gauge.
    #[serde(default)]
    pub probe_gauge: Option<f64>,
    /// Usable length of the probe. Unit: mm.
    #[serde(default)]
    pub probe_length_mm: Option<f64>,
    /// Freezes.
    pub cycles: u32,
    /// Each freeze. Unit: s.
    pub freeze_s: f64,
    /// Each thaw. Unit: s.
    pub thaw_s: f64,
    /// What guides the probe.
    pub guidance: Guidance,
    /// Predicted length of nerve that is disabled. Unit: mm.
    #[serde(default)]
    pub disabled_mm: Option<f64>,
    /// Predicted coldest skin. Unit: C.
    #[serde(default)]
    pub coldest_skin_c: Option<f64>,
    /// Nerves with motor fibres nearby.
    pub motor: Vec<MotorMargin>,
    /// The assessment's own verdict.
    pub verdict: String,
    /// Attachments, each as `sha256:` and its digest: plan, assessment, report.
    pub attachments: Vec<String>,
    /// The job that gave these numbers; only the program writes it. Absent: they were entered by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed: Option<ComputedBy>,
}

impl PlanRecord {
    /// Where the numbers come from.
    pub fn numbers(&self) -> NumbersFrom {
        if self.computed.is_some() { NumbersFrom::Job } else { NumbersFrom::Hand }
    }

    /// Nerve and side.
    pub fn site(&self) -> Site {
        Site { nerve: self.nerve.clone(), side: self.side }
    }
}

/// The plan may be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanApproval {
    /// Fingerprint of the plan that was looked at.
    pub fingerprint: String,
    /// Why, where the plan says stop or the nerve is one for specialists.
    #[serde(default)]
    pub reason: Option<String>,
    /// Digest of the planner's own approval, when it made one.
    #[serde(default)]
    pub digest: Option<String>,
    /// Where the numbers of the approved plan come from; only the program writes it, when the approval is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<NumbersFrom>,
}

/// What the patient said when asked to tell it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpokenBack {
    /// In the patient's words.
    pub words: String,
    /// Whether it was understood.
    pub understood: Answer,
}

/// What a reason speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Leaning {
    /// For this way.
    For,
    /// Against it.
    Against,
}

/// Why the patient is for or against another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnReason {
    /// Which way, by its key; one of those that were talked about.
    pub alternative: String,
    /// For or against it.
    pub leaning: Leaning,
    /// In the patient's words.
    pub words: String,
}

/// Consent to the procedure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Key of the nerve in the atlas.
    pub nerve: String,
    /// Which leg.
    #[schema(value_type = String)]
    pub side: Side,
    /// What else is treated in the same session and was talked about with it; each is signed in its own case too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together_with: Vec<Site>,
    /// Language of the talk.
    pub language: String,
    /// Name of the interpreter, when there was one.
    #[serde(default)]
    pub interpreter: Option<String>,
    /// Who explained.
    pub explained_by: String,
    /// Risks that were talked about, by the keys of `data/pathway.toml`.
    pub risks: Vec<String>,
    /// Evidence that was talked about, by key.
    pub benefits: Vec<String>,
    /// Alternatives that were talked about, by key.
    pub alternatives: Vec<String>,
    /// What the patient says for or against each of them.
    #[serde(default)]
    pub reasons: Vec<OwnReason>,
    /// What the patient asked and what was answered.
    pub questions: Vec<String>,
    /// Teach-back.
    pub spoken_back: SpokenBack,
    /// Name of the patient, or of who signs for them.
    pub signed_by: String,
    /// The signed paper as attachment, `sha256:` and its digest, when there is one.
    #[serde(default)]
    pub paper: Option<String>,
}

impl Consent {
    /// Nerve and side.
    pub fn site(&self) -> Site {
        Site { nerve: self.nerve.clone(), side: self.side }
    }
}
