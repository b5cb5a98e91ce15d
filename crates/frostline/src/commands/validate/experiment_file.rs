//! The files of `validation/experiments`: what was measured, what is compared, what was fitted. They are built into the
//! program, so that it can be validated wherever it runs; `validation/README.md` explains every key.

use serde::{Deserialize, Serialize};

/// One published experiment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExperimentFile {
    /// Short name: `E1`.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Where it was published.
    pub source: String,
    /// How its numbers were come by: seen, computed, recalled-unverified, design.
    pub status: String,
    /// What of the engine it tests.
    pub tests: String,
    /// What is known of it.
    pub known: Vec<String>,
    /// What had to be assumed.
    pub assumed: Vec<String>,
    /// What a reader should take from it.
    pub finding: String,
    /// The runs.
    #[serde(rename = "run")]
    pub runs: Vec<RunRow>,
    /// A measured size that must lie between those of the runs.
    pub between: Option<BetweenRow>,
}

/// One run of a scene.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRow {
    /// What it is called.
    pub name: String,
    /// File in `validation/scenes`.
    pub scene: String,
    /// Table of thermocouples in `validation/scenes`: `at_s`, then one column `NAME_c` per sensor of the scene.
    pub measured: Option<String>,
    /// Compare what each couple fell by, since each has an offset of its own.
    #[serde(default)]
    pub after_subtracting_start: bool,
    /// Couples that are shown and not counted.
    #[serde(default)]
    pub leave_out: Vec<String>,
    /// Isotherms whose distance from the axis is compared between the couples. Unit: °C.
    #[serde(default)]
    pub isotherms_c: Vec<f64>,
    /// What differs from the scene file and was not fitted.
    #[serde(default)]
    pub set: Vec<SetRow>,
    /// The one number that was fitted.
    pub fitted: Option<FittedRow>,
    /// Or the run of the same experiment whose fitted number is taken over.
    pub as_fitted_in: Option<String>,
    /// Stretches of time that are judged apart.
    #[serde(default, rename = "part")]
    pub parts: Vec<PartRow>,
    /// Sizes of isotherms.
    #[serde(default, rename = "size")]
    pub sizes: Vec<SizeRow>,
}

/// A number of a scene that may be set or fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Knob {
    /// Where along the needle all sensors lie, from the tip towards the hub.
    CouplesAlongNeedleMm,
    /// The last temperature of the surface of every probe.
    SurfaceC,
    /// Diameter of every probe.
    ProbeDiameterMm,
    /// Temperature at the start and of all faces that are held.
    StartC,
}

/// A number that is set.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetRow {
    /// Which.
    pub what: Knob,
    /// To what.
    pub value: f64,
}

/// A number that was fitted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedRow {
    /// Which.
    pub what: Knob,
    /// What the fit gave.
    pub value: f64,
    /// Where it was looked for.
    pub least: f64,
    /// Up to here.
    pub most: f64,
    /// On which part or size.
    pub on: String,
}

/// Whether a comparison was used for fitting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The fit was made on it, so that it proves little.
    Fitted,
    /// The fit never saw it.
    Judged,
    /// Contains both.
    Both,
}

/// A stretch of time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartRow {
    /// What it is called.
    pub name: String,
    /// Its first second.
    pub from_s: f64,
    /// Its last second.
    pub to_s: f64,
    /// Whether it was fitted on.
    pub role: Role,
    /// The root mean square that must not be exceeded.
    pub bar_rms_k: Option<f64>,
    /// Who set the bar.
    pub bar_source: Option<String>,
}

/// Which size of an isotherm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// Across the needle.
    Width,
    /// Along the needle.
    Length,
    /// Half of what the width of 0 °C is more than the width.
    Ring,
}

/// A size that was measured.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeRow {
    /// Of which isotherm.
    pub celsius: f64,
    /// Which size.
    pub what: Size,
    /// When.
    pub at_s: f64,
    /// What was measured.
    pub measured_mm: f64,
    /// Its published spread.
    pub spread_mm: Option<f64>,
    /// Whether it was fitted on.
    pub role: Role,
}

/// A measured size that must lie between the runs of an experiment whose unknown is bracketed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BetweenRow {
    /// Of which isotherm.
    pub celsius: f64,
    /// Which size.
    pub what: Size,
    /// What was measured.
    pub measured_mm: f64,
    /// Its published spread.
    pub spread_mm: f64,
}

/// A file of `validation/` as it was when the program was built.
macro_rules! bundled {
    ($folder:literal, $($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../../../validation/", $folder, "/", $name)))),+]
    };
}
pub(super) use bundled;

const EXPERIMENTS: [(&str, &str); 5] = bundled!("experiments", "e1.toml", "e2.toml", "e3.toml", "e4.toml", "e5.toml");

const SCENES: [(&str, &str); 9] = bundled!(
    "scenes",
    "e1.toml",
    "e1_measured.csv",
    "e1_n3_measured.csv",
    "e1_n4_measured.csv",
    "e2.toml",
    "e2_measured.csv",
    "e3.toml",
    "e4.toml",
    "icesphere_gel.toml",
);

/// Why a file of `validation/` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It cannot be read.
    #[error("validation/{name}: {problem}; mend the file and build the program again")]
    Unreadable { name: String, problem: String },
    /// A name that stands for nothing.
    #[error("validation/{name}: {what} \"{found}\" is not known; known are {known}")]
    NotKnown { name: String, what: &'static str, found: String, known: String },
}

/// All experiments, in the order of the report.
pub fn experiments() -> Result<Vec<ExperimentFile>, BundleError> {
    EXPERIMENTS.iter().map(|(name, text)| read(&format!("experiments/{name}"), text)).collect()
}

/// A TOML file of `validation/`.
pub fn read<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, BundleError> {
    toml::from_str(text)
        .map_err(|problem| BundleError::Unreadable { name: name.to_owned(), problem: problem.to_string() })
}

/// The text of a file of `validation/scenes`.
pub fn scene_text(name: &str) -> Result<&'static str, BundleError> {
    SCENES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).ok_or_else(|| BundleError::NotKnown {
        name: "experiments".to_owned(),
        what: "the scene",
        found: name.to_owned(),
        known: SCENES.map(|(known, _)| known).join(", "),
    })
}
