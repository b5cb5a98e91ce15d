//! Probes: dimensions, how they cool and warm, and what ice their makers publish; from `data/probes.toml`.
//!
//! Knows: which of these numbers are known, and whether a probe was ever compared with a measurement.
//! Does not know: where a probe is put.

use frostline_freeze::{Cooling, ProbeShape, Shaft, TimeTable, TipShape};
use serde::Deserialize;

use super::rows::{CatalogueError, RowCheck, rows_of};
use super::sources::{Known, Sourced};

const FILE: &str = "probes.toml";

/// What makes a probe cold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cryogen {
    /// Key: `nitrous-oxide`, `carbon-dioxide`, `argon`, `nitrogen`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its boiling (or sublimation) temperature.
    pub boils: Sourced<Temperature>,
}

/// A temperature.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Temperature {
    /// Unit: °C.
    pub celsius: f64,
}

/// Shape of the end of a probe, in the words of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TipForm {
    /// Cut square.
    Flat,
    /// A half ball.
    Round,
    /// A point.
    Cone,
}

/// Dimensions of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimensions {
    /// Outer diameter.
    pub diameter_mm: Known<f64>,
    /// Length of the cold surface.
    pub active_length_mm: Known<f64>,
    /// Length of the tip before the cold surface begins.
    pub dead_tip_mm: f64,
    /// Length behind the active length.
    pub shaft_length_mm: Known<f64>,
    /// Shape of the end.
    pub tip: TipForm,
    /// Temperature below which the shaft does not fall; absent when it only insulates.
    pub shaft_held_at_least_c: Option<f64>,
}

/// How a probe takes heat, in the words of the file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CoolingRow {
    /// Temperature of the cold surface over time since gas on.
    Surface {
        /// Pairs of s and °C.
        table_s_c: Vec<(f64, f64)>,
    },
    /// A gas behind a film.
    Film {
        /// Temperature of the gas.
        gas_c: f64,
        /// Heat transfer per outer area of the active length.
        film_w_per_m2_k: f64,
        /// The most heat the gas takes; absent when nothing limits it.
        most_power_w: Option<f64>,
    },
    /// Nothing readable says how cold it gets.
    NotKnown {},
}

/// How a probe thaws.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case", deny_unknown_fields)]
pub enum WarmingRow {
    /// Only by the tissue around it.
    Passive {},
    /// By helium or a heater: temperature of the surface over time since the start of thaw.
    Active {
        /// Pairs of s and °C.
        table_s_c: Vec<(f64, f64)>,
    },
}

/// Whether the ice of a probe was compared with a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalibrationState {
    /// Its cooling was fitted to a measurement.
    Calibrated,
    /// It was not.
    Uncalibrated,
}

/// What a probe was compared with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Whether it was.
    pub state: CalibrationState,
    /// With what, or what is missing for it.
    pub against: String,
}

/// How uncertain a probe's cooling is.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoolingUncertainty {
    /// Half width of the band of the surface temperature.
    pub surface_k: f64,
}

/// An ice ball that somebody published.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedIce {
    /// The isotherm that was measured.
    pub celsius: f64,
    /// Largest extent across the probe.
    pub width_mm: f64,
    /// Spread of the width.
    pub width_spread_mm: Known<f64>,
    /// Extent along the probe.
    pub length_mm: Known<f64>,
    /// Spread of the length.
    pub length_spread_mm: Known<f64>,
    /// In what.
    pub medium: String,
    /// Its temperature at the start.
    pub medium_c: f64,
    /// After which freezes and thaws.
    pub protocol: String,
}

/// One probe.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Key.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Who makes it.
    pub maker: String,
    /// Key of its cryogen.
    pub cryogen: String,
    /// How many needles side by side are one probe, and how far apart.
    #[serde(default)]
    pub needles: Option<Sourced<NeedleRow>>,
    /// Dimensions of one needle.
    pub dimensions: Sourced<Dimensions>,
    /// How it cools.
    pub cooling: Sourced<CoolingRow>,
    /// How it thaws.
    pub warming: Sourced<WarmingRow>,
    /// What it was compared with.
    pub calibration: Calibration,
    /// How uncertain its cooling is.
    pub uncertainty: Sourced<CoolingUncertainty>,
    /// Ice that was published.
    #[serde(default)]
    pub published_ice: Vec<Sourced<PublishedIce>>,
    /// What else a reader should know.
    #[serde(default)]
    pub remark: String,
}

/// Several needles in one row.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedleRow {
    /// How many.
    pub count: usize,
    /// From axis to axis.
    pub spacing_mm: f64,
}

/// Why a probe of the catalogue cannot be simulated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "probe \"{probe}\": its {missing} is not known; measure it and write it into probes.toml, or choose another probe"
)]
pub struct ProbeNotKnown {
    /// Key of the probe.
    pub probe: String,
    /// What nobody could say.
    pub missing: &'static str,
}

/// All probes.
#[derive(Clone, Debug, PartialEq)]
pub struct Probes {
    cryogens: Vec<Cryogen>,
    probes: Vec<Probe>,
}

impl Probes {
    /// Reads `probes.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row and the value.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &["cryogen", "probe"])?;
        let cryogens: Vec<Cryogen> = rows.list("cryogen")?;
        for cryogen in &cryogens {
            RowCheck::new(FILE, &cryogen.id).between("boils.celsius", cryogen.boils.value.celsius, -270.0, 0.0)?;
        }
        let probes: Vec<Probe> = rows.list("probe")?;
        probes.iter().try_for_each(|probe| check(probe, &cryogens))?;
        Ok(Self { cryogens, probes })
    }

    /// The probe with this key.
    pub fn find(&self, id: &str) -> Option<&Probe> {
        self.probes.iter().find(|probe| probe.id == id)
    }

    /// All probes, in the order of the file.
    pub fn all(&self) -> &[Probe] {
        &self.probes
    }

    /// All cryogens, in the order of the file.
    pub fn cryogens(&self) -> &[Cryogen] {
        &self.cryogens
    }
}

impl Probe {
    /// Dimensions for the heat solver; the shaft is as long as the catalogue says.
    ///
    /// # Errors
    /// [`ProbeNotKnown`] when a dimension is not known.
    pub fn shape(&self) -> Result<ProbeShape, ProbeNotKnown> {
        let d = self.dimensions.value;
        Ok(ProbeShape {
            radius_mm: self.need(d.diameter_mm, "diameter")? / 2.0,
            active_length_mm: self.need(d.active_length_mm, "active length")?,
            dead_tip_mm: d.dead_tip_mm,
            shaft_length_mm: self.need(d.shaft_length_mm, "shaft length")?,
            tip: match d.tip {
                TipForm::Flat => TipShape::Flat,
                TipForm::Round => TipShape::Round,
                TipForm::Cone => TipShape::Cone,
            },
            shaft: d.shaft_held_at_least_c.map_or(Shaft::Insulated, |celsius| Shaft::HeldAtLeast { celsius }),
        })
    }

    /// How it cools, for the heat solver.
    ///
    /// # Errors
    /// [`ProbeNotKnown`] when nothing says how cold it gets.
    pub fn cooling(&self) -> Result<Cooling, ProbeNotKnown> {
        match &self.cooling.value {
            CoolingRow::Surface { table_s_c } => Ok(Cooling::Surface(checked_table(table_s_c))),
            CoolingRow::Film { gas_c, film_w_per_m2_k, most_power_w } => Ok(Cooling::Film {
                gas_c: TimeTable::constant(*gas_c),
                film_w_per_m2_k: *film_w_per_m2_k,
                most_power_w: most_power_w.unwrap_or(f64::INFINITY),
            }),
            CoolingRow::NotKnown {} => Err(ProbeNotKnown { probe: self.id.clone(), missing: "cooling" }),
        }
    }

    /// Temperature of its surface in active thaw; `None` when it can only thaw passively.
    pub fn warming(&self) -> Option<TimeTable> {
        match &self.warming.value {
            WarmingRow::Passive {} => None,
            WarmingRow::Active { table_s_c } => Some(checked_table(table_s_c)),
        }
    }

    fn need(&self, value: Known<f64>, missing: &'static str) -> Result<f64, ProbeNotKnown> {
        value.known().ok_or_else(|| ProbeNotKnown { probe: self.id.clone(), missing })
    }
}

fn checked_table(pairs: &[(f64, f64)]) -> TimeTable {
    // `check_table` has refused an empty table, values that are not finite and times out of order.
    TimeTable::from_pairs(pairs).expect("checked when the row was read")
}

/// The ranges only catch slips of the pen, not a doubtful value.
fn check(probe: &Probe, cryogens: &[Cryogen]) -> Result<(), CatalogueError> {
    let check = RowCheck::new(FILE, &probe.id);
    check.words("name", &probe.name)?;
    check.words("calibration.against", &probe.calibration.against)?;
    if !cryogens.iter().any(|cryogen| cryogen.id == probe.cryogen) {
        return check.wrong("cryogen", probe.cryogen.clone(), "the id of a [[cryogen]] row".to_owned());
    }
    let d = probe.dimensions.value;
    check_known(&check, "dimensions.diameter_mm", d.diameter_mm, 0.2, 12.0)?;
    check_known(&check, "dimensions.active_length_mm", d.active_length_mm, 0.5, 120.0)?;
    check_known(&check, "dimensions.shaft_length_mm", d.shaft_length_mm, 0.0, 500.0)?;
    check.between("dimensions.dead_tip_mm", d.dead_tip_mm, 0.0, 20.0)?;
    check.between("dimensions.shaft_held_at_least_c", d.shaft_held_at_least_c.unwrap_or(0.0), -100.0, 45.0)?;
    if let Some(needles) = &probe.needles {
        check.between("needles.spacing_mm", needles.value.spacing_mm, 0.1, 30.0)?;
    }
    match &probe.cooling.value {
        CoolingRow::Surface { table_s_c } => check_table(&check, "cooling.table_s_c", table_s_c)?,
        CoolingRow::Film { gas_c, film_w_per_m2_k, most_power_w } => {
            check.between("cooling.gas_c", *gas_c, -200.0, 0.0)?;
            check.between("cooling.film_w_per_m2_k", *film_w_per_m2_k, 1.0, 1e6)?;
            check.between("cooling.most_power_w", most_power_w.unwrap_or(1.0), 0.01, 500.0)?;
        }
        CoolingRow::NotKnown {} => {}
    }
    if let WarmingRow::Active { table_s_c } = &probe.warming.value {
        check_table(&check, "warming.table_s_c", table_s_c)?;
    }
    check.between("uncertainty.surface_k", probe.uncertainty.value.surface_k, 0.0, 100.0)?;
    probe.published_ice.iter().try_for_each(|ice| check_ice(&check, &ice.value))
}

fn check_ice(check: &RowCheck, ice: &PublishedIce) -> Result<(), CatalogueError> {
    check.between("published_ice.celsius", ice.celsius, -150.0, 0.0)?;
    check.between("published_ice.width_mm", ice.width_mm, 1.0, 150.0)?;
    check_known(check, "published_ice.length_mm", ice.length_mm, 1.0, 200.0)?;
    check.between("published_ice.medium_c", ice.medium_c, 0.0, 45.0)
}

fn check_known(check: &RowCheck, field: &str, value: Known<f64>, low: f64, high: f64) -> Result<(), CatalogueError> {
    value.known().map_or(Ok(()), |value| check.between(field, value, low, high))
}

fn check_table(check: &RowCheck, field: &str, table_s_c: &[(f64, f64)]) -> Result<(), CatalogueError> {
    if table_s_c.is_empty() {
        return check.wrong(field, "no row".to_owned(), "pairs of seconds and °C".to_owned());
    }
    check.growing(field, table_s_c.iter().map(|row| row.0))?;
    for (seconds, celsius) in table_s_c {
        check.between(field, *seconds, 0.0, 7200.0)?;
        check.between(field, *celsius, -200.0, 60.0)?;
    }
    Ok(())
}
