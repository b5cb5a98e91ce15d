//! The log of the procedure: what was done, when, and what was seen.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::indication::MusclePower;
use super::preparation::PersonOnTeam;
use crate::rules::{Answer, Day, PainScore};

/// How the patient lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Such as prone, supine, on the left side.
    pub lies: String,
    /// What is padded.
    pub padding: String,
    /// Where warm packs lie.
    #[serde(default)]
    pub warm_packs: Option<String>,
}

/// Probe, gas and thermometer were looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Equipment {
    /// Key of the probe in the catalogue.
    pub probe: String,
    /// Lot.
    pub lot: String,
    /// Last day of use of the probe.
    #[serde(default)]
    pub probe_until: Option<Day>,
    /// Unique device identifier.
    #[serde(default)]
    pub udi: Option<String>,
    /// Ice in saline, no bubbles.
    pub leak_tested: Answer,
    /// Gas.
    pub gas: String,
    /// Last day of use of the cylinder.
    #[serde(default)]
    pub gas_until: Option<Day>,
    /// Unit: bar.
    #[serde(default)]
    pub pressure_bar: Option<f64>,
    /// Number of the cylinder.
    #[serde(default)]
    pub cylinder: Option<String>,
    /// Another probe is at hand.
    #[serde(default)]
    pub spare: Answer,
    /// A thermometer for the skin is at hand.
    #[serde(default)]
    pub thermometer: Answer,
}

/// The skin was made clean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkinPreparation {
    /// With what.
    pub agent: String,
    /// It dried.
    pub dried: Answer,
    /// What covers the rest.
    #[serde(default)]
    pub drape: Option<String>,
}

/// An amount of fluid.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Unit: mL.
    pub ml: f64,
}

/// Local anaesthetic was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnaestheticGiven {
    /// Its key in `data/anaesthetics.toml`.
    pub drug: String,
    /// Unit: mL.
    pub volume_ml: f64,
    /// Unit: %.
    pub concentration_percent: f64,
    /// Epinephrine in it.
    pub epinephrine: Answer,
    /// Around the nerve, not only in the skin.
    pub at_nerve: Answer,
    /// Where, in words.
    #[serde(default)]
    pub place: Option<String>,
    /// Lot.
    #[serde(default)]
    pub lot: Option<String>,
}

/// The introducer or probe was placed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Needle {
    /// Depth of the tip under the skin. Unit: mm.
    #[serde(default)]
    pub depth_mm: Option<f64>,
    /// How far from the planned tip. Unit: mm.
    #[serde(default)]
    pub off_plan_mm: Option<f64>,
    /// Through which introducer.
    #[serde(default)]
    pub introducer: Option<String>,
    /// Where it passes the skin, in words.
    #[serde(default)]
    pub entry: Option<String>,
    /// Between the shaft and the skin. Unit: degree.
    #[serde(default)]
    pub angle_deg: Option<f64>,
    /// In words.
    #[serde(default)]
    pub words: Option<String>,
}

/// What was stimulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StimulationKind {
    /// Feeling.
    Sensory,
    /// Movement.
    Motor,
}

/// Stimulation through the probe or needle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stimulation {
    /// What was stimulated.
    pub kind: StimulationKind,
    /// Frequency. Unit: Hz.
    pub hz: f64,
    /// Strength at which something happened, or the greatest that was tried. Unit: V.
    pub volts: f64,
    /// The same, where the device shows a current. Unit: mA.
    #[serde(default)]
    pub milliamperes: Option<f64>,
    /// Length of a pulse. Unit: ms.
    #[serde(default)]
    pub pulse_ms: Option<f64>,
    /// Something happened: felt, or a muscle moved.
    pub answered: Answer,
    /// Where it was felt or which muscle moved; whether it is the pain's own place.
    #[serde(default)]
    pub where_felt: Option<String>,
}

/// Fluid pushed tissue apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FluidGiven {
    /// Which.
    pub fluid: String,
    /// Unit: mL.
    pub ml: f64,
    /// What it protects.
    pub protects: String,
    /// Gap before. Unit: mm.
    #[serde(default)]
    pub gap_before_mm: Option<f64>,
    /// Gap after. Unit: mm.
    #[serde(default)]
    pub gap_after_mm: Option<f64>,
}

/// Gas on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeStart {
    /// Unit: bar.
    #[serde(default)]
    pub pressure_bar: Option<f64>,
}

/// Gas off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeStop {
    /// Coldest tip. Unit: C.
    #[serde(default)]
    pub tip_c: Option<f64>,
    /// Length of the ice that was seen. Absent: not seen. Unit: mm.
    #[serde(default)]
    pub ice_length_mm: Option<f64>,
    /// Width of the ice that was seen. Absent: not seen. Unit: mm.
    #[serde(default)]
    pub ice_width_mm: Option<f64>,
    /// Coldest skin, when there is a thermometer. Unit: C.
    #[serde(default)]
    pub skin_c: Option<f64>,
    /// There is a thermometer on the skin.
    #[serde(default)]
    pub skin_thermometer: Answer,
    /// The skin was warmed.
    #[serde(default)]
    pub skin_warmed: Answer,
    /// What the patient said.
    #[serde(default)]
    pub words: Option<String>,
    /// Coldest at each thermometer in the tissue. Unit: C.
    #[serde(default)]
    pub tissue_c: Vec<f64>,
    /// Gas at the end. Unit: bar.
    #[serde(default)]
    pub pressure_bar: Option<f64>,
}

/// The ice has thawed so far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Thaw {
    /// Since gas off. Unit: s.
    pub seconds: f64,
    /// Tip at its end. Unit: C.
    #[serde(default)]
    pub tip_c: Option<f64>,
    /// Warmed by the probe.
    #[serde(default)]
    pub active: Answer,
}

/// Power of the muscles at risk, tested between freezes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MotorTest {
    /// The muscles.
    pub power: Vec<MusclePower>,
}

/// The probe was moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reposition {
    /// Along the nerve; positive is away from the body. Unit: mm.
    #[serde(default)]
    pub along_mm: Option<f64>,
    /// Why.
    pub reason: String,
}

/// How the patient feels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Comfort {
    /// Discomfort, 0 to 10.
    pub discomfort: PainScore,
    /// Sensation of cold, 0 to 10; absent when nobody asked.
    #[serde(default)]
    pub cold: Option<PainScore>,
    /// In the patient's words.
    #[serde(default)]
    pub words: Option<String>,
}

impl Comfort {
    /// The worse of discomfort and cold.
    pub fn worse(&self) -> PainScore {
        match self.cold {
            Some(cold) if cold > self.discomfort => cold,
            _ => self.discomfort,
        }
    }
}

/// The probe was taken out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProbeOut {
    /// Tip just before. Unit: C.
    #[serde(default)]
    pub tip_c: Option<f64>,
    /// It moved freely.
    pub moves_freely: Answer,
    /// Pressed for. Unit: min.
    #[serde(default)]
    pub pressed_minutes: Option<f64>,
    /// It bled.
    #[serde(default)]
    pub bled: Answer,
}

/// The probe came out while ice held it, whether pulled, slipped or torn. What happened is written down; no rule lets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProbeTornOut {
    /// Tip, last read. Unit: C.
    #[serde(default)]
    pub tip_c: Option<f64>,
    /// How it came out, and what came with it.
    pub words: String,
    /// It bled.
    #[serde(default)]
    pub bled: Answer,
    /// The probe is whole.
    #[serde(default)]
    pub probe_whole: Answer,
}

/// People came or left, or somebody else watches the patient now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamChange {
    /// Who came.
    #[serde(default)]
    pub came: Vec<PersonOnTeam>,
    /// Who left.
    #[serde(default)]
    pub left: Vec<PersonOnTeam>,
    /// A person who does nothing else watches now.
    pub dedicated_person: Answer,
    /// Carbon dioxide in the breath is measured all the time, still.
    pub capnography: Answer,
    /// An anaesthesiologist is there now.
    pub anaesthesiologist: Answer,
}

/// Which moment an image shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImageKind {
    /// The nerve before.
    Before,
    /// The tip before the first freeze.
    Tip,
    /// The ice at its largest.
    Ice,
    /// After the thaw.
    After,
}

/// An image was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageStored {
    /// What it shows.
    pub kind: ImageKind,
    /// The attachment, as `sha256:` and its digest, or absent when the archive has it.
    #[serde(default)]
    pub attachment: Option<String>,
    /// Study Instance UID, when it is DICOM.
    #[serde(default)]
    pub study_uid: Option<String>,
    /// What is seen, such as that the ice is gone and nothing bleeds.
    #[serde(default)]
    pub shows: Option<String>,
}

/// A drug that calms or takes pain away, other than local anaesthetic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SedativeGiven {
    /// Which.
    pub drug: String,
    /// Unit: mg.
    pub mg: f64,
    /// Such as into a vein, by mouth.
    pub way: String,
}

/// What the monitor shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Upper pressure of the blood. Unit: mmHg.
    #[serde(default)]
    pub systolic_mmhg: Option<f64>,
    /// Lower pressure of the blood. Unit: mmHg.
    #[serde(default)]
    pub diastolic_mmhg: Option<f64>,
    /// Beats of the heart. Unit: per minute.
    #[serde(default)]
    pub pulse_per_min: Option<f64>,
    /// Breaths. Unit: per minute.
    #[serde(default)]
    pub breaths_per_min: Option<f64>,
    /// Oxygen in the blood. Unit: %.
    #[serde(default)]
    pub oxygen_percent: Option<f64>,
    /// Carbon dioxide at the end of a breath. Unit: mmHg.
    #[serde(default)]
    pub carbon_dioxide_mmhg: Option<f64>,
}

/// One line of the log of the procedure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Logged {
    /// The patient lies.
    Positioned(Position),
    /// Probe and gas were looked at.
    EquipmentChecked(Equipment),
    /// The skin is clean.
    SkinPrepared(SkinPreparation),
    /// Local anaesthetic.
    AnaestheticGiven(AnaestheticGiven),
    /// The probe is in.
    NeedlePlaced(Needle),
    /// Stimulated.
    Stimulated(Stimulation),
    /// Fluid.
    FluidGiven(FluidGiven),
    /// Gas on.
    FreezeStarted(FreezeStart),
    /// Gas off.
    FreezeStopped(FreezeStop),
    /// Thawed.
    Thawed(Thaw),
    /// Power tested.
    MotorTested(MotorTest),
    /// Moved.
    Repositioned(Reposition),
    /// How the patient feels.
    ComfortSaid(Comfort),
    /// The probe is out.
    ProbeOut(ProbeOut),
    /// The probe came out of ice.
    ProbeTornOut(ProbeTornOut),
    /// People came or left.
    TeamChanged(TeamChange),
    /// An image was stored.
    ImageStored(ImageStored),
    /// The dressing, in words.
    Dressed(String),
    /// A drug that calms.
    SedativeGiven(SedativeGiven),
    /// What the monitor shows.
    Observed(Observation),
    /// Anything else.
    Note(String),
}
