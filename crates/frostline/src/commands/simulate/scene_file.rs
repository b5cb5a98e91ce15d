//! The scene file as it is written; `docs/scene.md` explains every key.

use std::collections::BTreeMap;

use frostline_plan::catalogue::FreezingCurve;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::case_file::AccuracyRow;

/// A scene file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SceneFile {
    /// What it is called.
    pub name: String,
    /// Where the experiment was published.
    #[serde(default)]
    pub source: String,
    /// What a reader should know.
    #[serde(default)]
    pub note: String,
    /// Temperatures whose surfaces are followed.
    #[serde(default = "usual_isotherms_c")]
    pub isotherms_c: Vec<f64>,
    /// The box and its cells.
    pub space: Space,
    /// How closely to compute.
    #[serde(default)]
    pub accuracy: AccuracyRow,
    /// How long, and how often to look.
    #[serde(default)]
    pub time: Time,
    /// Temperatures at the start and of the blood.
    pub temperatures: Temperatures,
    /// Beyond the box.
    #[serde(default)]
    pub faces: Faces,
    /// What there is, by name.
    pub media: BTreeMap<String, MediumRow>,
    /// Where it is.
    pub fill: Fill,
    /// Probes.
    #[serde(default, rename = "probe")]
    pub probes: Vec<ProbeRow>,
    /// Places to follow.
    #[serde(default, rename = "sensor")]
    pub sensors: Vec<SensorRow>,
    /// Directions along which ice is measured.
    #[serde(default, rename = "ray")]
    pub rays: Vec<RayRow>,
}

fn usual_isotherms_c() -> Vec<f64> {
    vec![0.0, -20.0, -40.0]
}

/// The box and its cells.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Space {
    /// The box; without it, that of the label volume.
    pub least_mm: Option<[f64; 3]>,
    /// Its other corner.
    pub most_mm: Option<[f64; 3]>,
    /// Width of cells around the probes.
    pub fine_mm: Option<f64>,
    /// How far fine cells reach around the probes.
    #[serde(default = "usual_fine_margin_mm")]
    pub fine_margin_mm: f64,
    /// Widest cells at the rim.
    #[serde(default = "usual_coarsest_mm")]
    pub coarsest_mm: f64,
}

fn usual_fine_margin_mm() -> f64 {
    5.0
}

fn usual_coarsest_mm() -> f64 {
    3.0
}

/// Times.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Time {
    /// How long to simulate; without it, until the last probe has finished.
    pub duration_s: Option<f64>,
    /// Time between rows of the tables.
    pub record_every_s: f64,
    /// Longest step of the solver; without it, chosen from the tolerance.
    pub step_s: Option<f64>,
}

impl Default for Time {
    fn default() -> Self {
        Self { duration_s: None, record_every_s: 5.0, step_s: None }
    }
}

/// Temperatures at the start and of the blood.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Temperatures {
    /// A number, or "steady".
    pub start_c: StartRow,
    /// Of the blood that perfuses.
    #[serde(default = "body_c")]
    pub arterial_c: f64,
    /// Whether blood returns to tissue that has thawed.
    #[serde(default)]
    pub blood_returns_on_thaw: bool,
}

// Only meets media that are perfused; body temperature, as in the published simulations.
fn body_c() -> f64 {
    37.0
}

/// A start temperature, or that it is the steady state.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum StartRow {
    /// The same everywhere.
    Celsius(f64),
    /// The word "steady".
    Word(String),
}

/// What lies beyond each face: absent means that no heat passes.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faces {
    /// All six.
    pub all_c: Option<f64>,
    /// The face at the least x, and so on; goes before `all_c`.
    pub least_x_c: Option<f64>,
    /// Most x.
    pub most_x_c: Option<f64>,
    /// Least y.
    pub least_y_c: Option<f64>,
    /// Most y.
    pub most_y_c: Option<f64>,
    /// Least z.
    pub least_z_c: Option<f64>,
    /// Most z.
    pub most_z_c: Option<f64>,
}

/// One medium: from the catalogue, with properties of its own, or held at a temperature.
#[derive(Clone, Debug)]
pub enum MediumRow {
    /// A tissue of `data/tissues.toml`.
    Catalogue(FromCatalogue),
    /// Something that keeps its temperature.
    Held(HeldRow),
    /// A skin cover of `data/surroundings.toml`.
    Cover(CoverRow),
    /// With properties of its own.
    Own(OwnMedium),
}

impl<'de> Deserialize<'de> for MediumRow {
    // Chosen by its telling key rather than by trying all kinds, so that the message names the key that is wrong.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = toml::Table::deserialize(deserializer)?;
        let read = if table.contains_key("tissue") {
            table.try_into().map(Self::Catalogue)
        } else if table.contains_key("held_c") {
            table.try_into().map(Self::Held)
        } else if table.contains_key("cover") {
            table.try_into().map(Self::Cover)
        } else {
            table.try_into().map(Self::Own)
        };
        read.map_err(|problem: toml::de::Error| D::Error::custom(problem.message()))
    }
}

/// A tissue of the catalogue, with what is different here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromCatalogue {
    /// Its id.
    pub tissue: String,
    /// 1 for that of the catalogue, 0 for dead tissue.
    #[serde(default = "as_in_the_catalogue")]
    pub perfusion_factor: f64,
    /// How its ice grows, where that differs from the catalogue.
    pub freezing: Option<FreezingCurve>,
    /// Whether its lipid hardens, where that differs from the catalogue.
    pub lipid_crystallisation: Option<bool>,
}

fn as_in_the_catalogue() -> f64 {
    1.0
}

/// Something that keeps its temperature behind a film.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldRow {
    /// Its temperature.
    pub held_c: f64,
    /// The film at its wall; without it, the wall itself has the temperature.
    pub film_w_per_m2_k: Option<f64>,
}

/// A skin cover of the catalogue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverRow {
    /// Its id: `room-air`, `gel`, `warm-compress`, `ice-pack`.
    pub cover: String,
}

/// A medium with properties of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnMedium {
    /// Density, frozen and unfrozen.
    pub density_kg_per_m3: f64,
    /// Conductivity above freezing.
    pub unfrozen_w_per_m_k: f64,
    /// Specific heat above freezing.
    pub unfrozen_j_per_kg_k: f64,
    /// Conductivity below freezing: a number, or pairs of °C and value.
    pub frozen_w_per_m_k: TableRow,
    /// Specific heat below freezing without latent heat: a number, or pairs of °C and value.
    pub frozen_j_per_kg_k: TableRow,
    /// Where freezing starts.
    pub freezing_starts_c: f64,
    /// How ice grows below; evenly when not given.
    #[serde(default = "evenly")]
    pub freezing: FreezingCurve,
    /// Where an even range ends; only for that.
    pub freezing_ends_c: Option<f64>,
    /// The warmest temperature at which the frozen values hold; only for the water activity curve.
    pub frozen_from_c: Option<f64>,
    /// Heat given off by all water that can freeze.
    pub latent_j_per_kg: f64,
    /// Lipid that hardens.
    pub lipid: Option<LipidRow>,
    /// Heat brought by blood.
    #[serde(default)]
    pub perfusion_w_per_m3_k: f64,
    /// Heat made.
    #[serde(default)]
    pub metabolic_w_per_m3: f64,
}

fn evenly() -> FreezingCurve {
    FreezingCurve::Linear
}

/// Lipid that hardens on cooling, evenly over a range.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LipidRow {
    /// All of it is liquid above.
    pub liquid_above_c: f64,
    /// All of it is solid below.
    pub solid_below_c: f64,
    /// Heat given off over the range, per mass of the medium.
    pub latent_j_per_kg: f64,
}

/// A number, or a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum TableRow {
    /// The same at every temperature.
    Number(f64),
    /// Pairs of °C and value.
    Pairs(Vec<(f64, f64)>),
}

/// Where media are: one of the three.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fill {
    /// The same medium everywhere.
    pub uniform: Option<String>,
    /// Flat layers.
    pub layers: Option<LayersRow>,
    /// A label volume.
    pub labels: Option<LabelsRow>,
}

/// Flat layers square to an axis.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayersRow {
    /// x, y or z.
    pub along: char,
    /// From the least coordinate on.
    pub layer: Vec<LayerRow>,
}

/// One flat layer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerRow {
    /// Name of the medium.
    pub medium: String,
    /// Coordinate at which it ends; absent for the last one.
    pub to_mm: Option<f64>,
}

/// A label volume.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelsRow {
    /// NIfTI file, relative to the scene file.
    pub file: String,
    /// Label to the name of its medium.
    pub media: BTreeMap<String, String>,
    /// Medium of everything outside the volume.
    pub outside: String,
}

/// One probe.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeRow {
    /// What it is called.
    pub name: Option<String>,
    /// Id in `data/probes.toml`; what is given beside it goes before the catalogue.
    pub catalogue: Option<String>,
    /// The very end of the probe.
    pub tip_mm: [f64; 3],
    /// From the tip towards the hub; of any length.
    pub towards_hub: [f64; 3],
    /// Outer diameter.
    pub diameter_mm: Option<f64>,
    /// Length of the cold surface.
    pub active_length_mm: Option<f64>,
    /// Length of the end before it.
    pub dead_tip_mm: Option<f64>,
    /// Length of the shaft in the box.
    pub shaft_length_mm: Option<f64>,
    /// flat, round or cone.
    pub tip: Option<TipWord>,
    /// Temperature below which the shaft does not fall.
    pub shaft_held_at_least_c: Option<f64>,
    /// Surface temperature: pairs of s since gas on, and °C.
    pub surface_s_c: Option<Vec<(f64, f64)>>,
    /// Or a gas behind a film.
    pub film: Option<FilmRow>,
    /// Surface temperature in active thaw: pairs of s and °C.
    pub warming_s_c: Option<Vec<(f64, f64)>>,
    /// Id in `data/protocols.toml`.
    pub protocol: Option<String>,
    /// Or the phases themselves.
    pub phases: Option<Vec<PhaseRow>>,
}

/// Shape of the end of a probe.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TipWord {
    /// Cut square.
    Flat,
    /// A half ball.
    Round,
    /// A point.
    Cone,
}

/// A gas behind a film.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilmRow {
    /// Its temperature.
    pub gas_c: f64,
    /// Heat transfer per outer area of the active length.
    pub film_w_per_m2_k: f64,
    /// The most heat it takes.
    pub most_power_w: Option<f64>,
}

/// One phase.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseRow {
    /// What the probe does.
    #[serde(rename = "do")]
    pub kind: PhaseWord,
    /// For how long.
    pub seconds: f64,
}

/// What a probe does.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseWord {
    /// Gas on.
    Freeze,
    /// Gas off.
    PassiveThaw,
    /// Warmed.
    ActiveThaw,
}

/// A place to follow.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorRow {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub at_mm: [f64; 3],
}

/// A direction along which ice is measured.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RayRow {
    /// What it is called.
    pub name: String,
    /// Where it begins.
    pub from_mm: [f64; 3],
    /// Where it goes; of any length.
    pub towards: [f64; 3],
    /// How far to look; to the rim of the box without it.
    pub length_mm: Option<f64>,
}
