//! Probes: dimensions, how they cool and warm, and what ice their makers publish; from `data/probes.toml`.
//!
//! Knows: which of these numbers are known, and whether a probe was ever compared with a measurement.
//! Does not know: where a probe is put.

use frostline_freeze::{Cooling, ProbeShape, Shaft, TimeTable, TipShape};
use serde::{Deserialize, Serialize};

use super::band::{IceBand, SearchRanges, Sensitivity, band_of};
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CoolingRow {
    /// Temperature of the cold surface over time since gas on.
    Surface {
        /// Pairs of s and °C.
        table_s_c: Vec<(f64, f64)>,
    },
    /// The cold surface falls towards its coldest temperature: coldest + (start - coldest) exp(-t / time constant).
    Exponential {
        /// At gas on.
        start_c: f64,
        /// In the end.
        coldest_c: f64,
        /// Time in which 63 % of the fall is done.
        time_constant_s: f64,
    },
    /// A gas behind a film.
    Film {
        /// Temperature of the gas.
        gas_c: f64,
        /// Heat transfer per outer area of the active length.
        film_w_per_m2_k: f64,
        /// The most heat the gas takes; absent when nothing limits it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Whether it was.
    pub state: CalibrationState,
    /// With what, or what is missing for it.
    pub against: String,
    /// What remains of the sizes it was fitted to; a calibrated probe of the file has it.
    #[serde(default)]
    pub residual: Option<SizeResidual>,
    /// Serial number of the one probe it holds for; absent for a law that stands for a model.
    #[serde(skip)]
    pub serial: Option<String>,
}

/// How far the fitted law remains from the sizes of ice it was fitted to.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeResidual {
    /// Mean of the absolute differences.
    pub mean_mm: f64,
    /// Largest absolute difference.
    pub most_mm: f64,
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
    pub(super) probes: Vec<Probe>,
    search: Sourced<SearchRanges>,
    sensitivities: Vec<Sourced<Sensitivity>>,
}

impl Probes {
    /// Reads `probes.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row and the value.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &["cryogen", "probe", "search", "sensitivity"])?;
        let cryogens: Vec<Cryogen> = rows.list("cryogen")?;
        for cryogen in &cryogens {
            RowCheck::new(FILE, &cryogen.id).between("boils.celsius", cryogen.boils.value.celsius, -270.0, 0.0)?;
        }
        let probes: Vec<Probe> = rows.list("probe")?;
        probes.iter().try_for_each(|probe| check(probe, &cryogens))?;
        let search: Sourced<SearchRanges> = rows.one("search")?;
        search.value.check(&RowCheck::new(FILE, "search"))?;
        let sensitivities: Vec<Sourced<Sensitivity>> = rows.list("sensitivity")?;
        super::band::check_sensitivities(&sensitivities, &RowCheck::new(FILE, "sensitivity"))?;
        Ok(Self { cryogens, probes, search, sensitivities })
    }

    /// Where the numbers of a cooling law may lie when one is fitted, and how well a bench is taken to be known.
    pub fn search(&self) -> &Sourced<SearchRanges> {
        &self.search
    }

    /// How much predicted ice moves with what is not known exactly, warmest isotherm first.
    pub fn sensitivities(&self) -> &[Sourced<Sensitivity>] {
        &self.sensitivities
    }

    /// Boiling point of a probe's cryogen: nothing it cools is colder. Unit: °C.
    pub fn boils_c(&self, probe: &Probe) -> f64 {
        let cryogen = self.cryogens.iter().find(|cryogen| cryogen.id == probe.cryogen);
        // `from_toml` has refused a probe without the row of its cryogen; absolute zero bounds everything.
        cryogen.map_or(-273.15, |cryogen| cryogen.boils.value.celsius)
    }

    /// How much smaller or larger the real ice of a probe may be, for one isotherm.
    pub fn band(&self, probe: &Probe, celsius: f64) -> IceBand {
        let coldest_c = probe.cooling.value.coldest_c();
        band_of(&self.sensitivities, celsius, coldest_c, probe.uncertainty.value.surface_k)
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

/// Time constants at which the exponential law is written into a table: between them it is at most 0.2 % of the whole
/// fall off (chord over a step h of exp(-u): h^2 exp(-u) / 8).
const EXPONENTIAL_STEPS: [f64; 27] = [
    0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.4, 2.6, 2.8, 3.0, 3.5, 4.0,
    4.5, 5.0, 5.5, 6.0,
];

impl CoolingRow {
    /// For the heat solver; `None` when nothing says how cold the probe gets.
    pub fn cooling(&self) -> Option<Cooling> {
        match self {
            CoolingRow::Surface { table_s_c } => Some(Cooling::Surface(checked_table(table_s_c))),
            CoolingRow::Exponential { start_c, coldest_c, time_constant_s } => {
                let fall = |u: f64| (u * time_constant_s, coldest_c + (start_c - coldest_c) * (-u).exp());
                let mut table: Vec<(f64, f64)> = EXPONENTIAL_STEPS.into_iter().map(fall).collect();
                table.push((8.0 * time_constant_s, *coldest_c));
                Some(Cooling::Surface(checked_table(&table)))
            }
            CoolingRow::Film { gas_c, film_w_per_m2_k, most_power_w } => Some(Cooling::Film {
                gas_c: TimeTable::constant(*gas_c),
                film_w_per_m2_k: *film_w_per_m2_k,
                most_power_w: most_power_w.unwrap_or(f64::INFINITY),
            }),
            CoolingRow::NotKnown {} => None,
        }
    }

    /// The same law, warmer (above 0) or colder by as much at every time; a law that is not known stays so.
    pub(super) fn warmer(&self, by_k: f64) -> Self {
        match self.clone() {
            CoolingRow::Surface { table_s_c } => {
                CoolingRow::Surface { table_s_c: table_s_c.into_iter().map(|(s, c)| (s, c + by_k)).collect() }
            }
            CoolingRow::Exponential { start_c, coldest_c, time_constant_s } => {
                CoolingRow::Exponential { start_c: start_c + by_k, coldest_c: coldest_c + by_k, time_constant_s }
            }
            CoolingRow::Film { gas_c, film_w_per_m2_k, most_power_w } => {
                CoolingRow::Film { gas_c: gas_c + by_k, film_w_per_m2_k, most_power_w }
            }
            CoolingRow::NotKnown {} => CoolingRow::NotKnown {},
        }
    }

    /// The coldest the law gets; behind a film, that of the gas. `None` when it is not known. Unit: °C.
    pub fn coldest_c(&self) -> Option<f64> {
        match self {
            CoolingRow::Surface { table_s_c } => table_s_c.iter().map(|row| row.1).reduce(f64::min),
            CoolingRow::Exponential { coldest_c, .. } => Some(*coldest_c),
            CoolingRow::Film { gas_c, .. } => Some(*gas_c),
            CoolingRow::NotKnown {} => None,
        }
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
        let missing = || ProbeNotKnown { probe: self.id.clone(), missing: "cooling" };
        self.cooling.value.cooling().ok_or_else(missing)
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
        CoolingRow::Exponential { start_c, coldest_c, time_constant_s } => {
            check.between("cooling.start_c", *start_c, -50.0, 45.0)?;
            check.between("cooling.coldest_c", *coldest_c, -200.0, *start_c)?;
            check.between("cooling.time_constant_s", *time_constant_s, 0.1, 600.0)?;
        }
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
    check_evidence(&check, probe)?;
    probe.published_ice.iter().try_for_each(|ice| check_ice(&check, &ice.value))
}

/// A probe is calibrated, with what remains; or it is not, and says how wide the doubt is. Never neither.
fn check_evidence(check: &RowCheck, probe: &Probe) -> Result<(), CatalogueError> {
    // Nobody knows the surface of a probe in tissue to a tenth of a kelvin.
    check.between("uncertainty.surface_k", probe.uncertainty.value.surface_k, 0.1, 100.0)?;
    match (probe.calibration.state, probe.calibration.residual) {
        (CalibrationState::Calibrated, Some(residual)) => {
            check.between("calibration.residual.mean_mm", residual.mean_mm, 0.0, residual.most_mm)?;
            check.between("calibration.residual.most_mm", residual.most_mm, 0.0, 50.0)
        }
        (CalibrationState::Calibrated, None) => {
            let expected = "residual = { mean_mm, most_mm } of the sizes it was fitted to".to_owned();
            check.wrong("calibration", "\"calibrated\" without residual".to_owned(), expected)
        }
        (CalibrationState::Uncalibrated, Some(_)) => {
            let expected = "no residual, or state = \"calibrated\"".to_owned();
            check.wrong("calibration", "\"uncalibrated\" with a residual".to_owned(), expected)
        }
        (CalibrationState::Uncalibrated, None) => Ok(()),
    }
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
