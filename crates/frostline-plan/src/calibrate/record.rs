//! The record of a calibration: the law with everything needed to judge and to reuse it.

use serde::{Deserialize, Serialize};

use super::outcome::{Fit, FittedParameter, HeldOut, SeriesResidual};
use crate::catalogue::CoolingRow;

/// Version of the layout of a record.
pub const CALIBRATION_FORMAT: &str = "frostline-calibration/1";
/// Solvers whose calibrations hold for this one, because their answers are the same.
const KNOWN_SOLVERS: [&str; 1] = [env!("CARGO_PKG_VERSION")];

/// Dimensions with which the law was fitted; they belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsedDimensions {
    /// Outer diameter.
    pub diameter_mm: f64,
    /// Length of the cold surface.
    pub active_length_mm: f64,
    /// Length of the tip before it.
    pub dead_tip_mm: f64,
}

/// How the bench run was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// Pressure of the gas at the console. Unit: bar.
    pub gas_pressure_bar: f64,
    /// What the probe froze.
    pub medium: String,
    /// Its temperature at the start.
    pub bath_c: f64,
    /// Freezes and thaws, in words.
    pub protocol: String,
    /// What else the user wrote.
    pub note: String,
}

/// What is known about a calibration before it is fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// Key of the probe in the catalogue.
    pub probe: String,
    /// Serial number.
    pub serial: String,
    /// YYYY-MM-DD.
    pub date: String,
    /// Smallest cell. Unit: mm.
    pub fine_mm: f64,
    /// Of the bytes of the bench file (and its sibling).
    pub input_fingerprint: String,
    /// Of the catalogue's probe and tissues.
    pub catalogue_fingerprint: String,
    /// Values that are not used.
    pub unused_values: usize,
    /// How it was measured.
    pub conditions: Conditions,
    /// With which dimensions.
    pub dimensions: UsedDimensions,
}

/// A calibration as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationRecord {
    /// [`CALIBRATION_FORMAT`].
    pub format: String,
    /// Key of the probe in the catalogue.
    pub probe: String,
    /// Serial number of the probe that was measured.
    pub serial: String,
    /// Day of the measurement, YYYY-MM-DD.
    pub date: String,
    /// Version of the solver that fitted it.
    pub solver_version: String,
    /// Smallest cell of the fit. Unit: mm.
    pub fine_mm: f64,
    /// Of the bytes of the bench file (and its sibling).
    pub input_fingerprint: String,
    /// Of the catalogue's probe and tissue the fit was made with.
    pub catalogue_fingerprint: String,
    /// Half width (two standard errors) of the band of the surface temperature. Unit: K.
    pub surface_k: f64,
    /// Surface temperature at the end of the last freeze on the bench. Unit: °C.
    pub surface_c: f64,
    /// Mean squared residual over what the accuracies allow.
    pub misfit: f64,
    /// Mean and largest change of a predicted value on cells 0.7 times as wide, in K or mm.
    pub cells_matter: (f64, f64),
    /// Values after the last freeze, not used.
    pub unused_values: usize,
    /// How it was measured.
    pub conditions: Conditions,
    /// With which dimensions.
    pub dimensions: UsedDimensions,
    /// The law.
    pub law: CoolingRow,
    /// Its numbers with their errors.
    pub parameter: Vec<FittedParameter>,
    /// What remains.
    pub residual: Vec<SeriesResidual>,
    /// What laws fitted to the others are off.
    #[serde(default)]
    pub held_out: Vec<HeldOut>,
}

/// Why a calibration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalibrationError {
    /// Not a record.
    #[error("{problem}; expected a file written by 'frostline calibrate', do not edit it by hand")]
    Unreadable {
        /// What the parser says.
        problem: String,
    },
    /// Another layout.
    #[error(
        "the calibration has format \"{found}\", this program reads \"{CALIBRATION_FORMAT}\"; run 'frostline calibrate' again on its bench file"
    )]
    Format {
        /// What the file says.
        found: String,
    },
    /// Another solver.
    #[error(
        "the calibration was fitted with solver version {found}, this program has {}; its law belongs to that solver, run 'frostline calibrate' again on its bench file",
        KNOWN_SOLVERS.join(", ")
    )]
    Solver {
        /// What the file says.
        found: String,
    },
    /// A number that cannot be true.
    #[error(
        "the calibration says {what} is {found}, expected {expected}; the file was changed, run 'frostline calibrate' again"
    )]
    WrongNumber {
        /// Which.
        what: String,
        /// What the file says.
        found: String,
        /// What it may say.
        expected: String,
    },
    /// A probe nobody knows.
    #[error("the calibration is for probe \"{found}\", which the catalogue does not know; known are {known}")]
    UnknownProbe {
        /// What the file says.
        found: String,
        /// Ids of the catalogue.
        known: String,
    },
    /// A probe the plan does not use.
    #[error(
        "the calibration is for probe \"{found}\" (serial {serial}), but the plan uses {used}; choose the file of that probe"
    )]
    NotInPlan {
        /// What the file says.
        found: String,
        /// Its serial number.
        serial: String,
        /// Probes of the plan.
        used: String,
    },
    /// Two calibrations for one probe.
    #[error(
        "two calibrations are given for probe \"{probe}\" (serial {first} and {second}); a plan uses one law per probe model, give one"
    )]
    Twice {
        /// The probe.
        probe: String,
        /// First serial number.
        first: String,
        /// Second.
        second: String,
    },
}

impl CalibrationRecord {
    /// Under which name it is stored.
    pub fn file_name(&self) -> String {
        format!("{}-{}-{}.toml", self.probe, self.serial, self.date)
    }

    /// From a fit; numbers are kept to six digits, far beyond what they are known to.
    pub fn of_fit(fit: Fit, origin: Origin) -> Self {
        let held_out = fit.held_out.into_iter();
        Self {
            format: CALIBRATION_FORMAT.to_owned(),
            probe: origin.probe,
            serial: origin.serial,
            date: origin.date,
            solver_version: env!("CARGO_PKG_VERSION").to_owned(),
            fine_mm: round_6(origin.fine_mm),
            input_fingerprint: origin.input_fingerprint,
            catalogue_fingerprint: origin.catalogue_fingerprint,
            surface_k: round_6(fit.surface_k),
            surface_c: round_6(fit.surface_c),
            misfit: round_6(fit.misfit),
            cells_matter: (round_6(fit.cells_matter.0), round_6(fit.cells_matter.1)),
            unused_values: origin.unused_values,
            conditions: origin.conditions,
            dimensions: origin.dimensions,
            law: rounded_law(fit.law),
            parameter: fit.parameters.into_iter().map(rounded_parameter).collect(),
            residual: fit.series.into_iter().map(rounded_series).collect(),
            held_out: held_out.map(|h| HeldOut { mean: round_6(h.mean), most: round_6(h.most), ..h }).collect(),
        }
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`CalibrationError`] for another layout, another solver, or numbers that cannot be true.
    pub fn from_toml(text: &str) -> Result<Self, CalibrationError> {
        let unreadable = |problem: toml::de::Error| CalibrationError::Unreadable { problem: problem.to_string() };
        // The format first: another one may have other keys, and their names would mislead.
        let table: toml::Table = text.parse().map_err(unreadable)?;
        let word = |key: &str| table.get(key).and_then(toml::Value::as_str).unwrap_or("nothing").to_owned();
        if word("format") != CALIBRATION_FORMAT {
            return Err(CalibrationError::Format { found: word("format") });
        }
        if !KNOWN_SOLVERS.contains(&word("solver_version").as_str()) {
            return Err(CalibrationError::Solver { found: word("solver_version") });
        }
        let record: Self = toml::from_str(text).map_err(unreadable)?;
        record.check()?;
        Ok(record)
    }

    /// As text. The same record gives the same bytes.
    pub fn to_toml(&self) -> String {
        // Strings, numbers and tables in the order of the fields: TOML holds them all.
        toml::to_string(self).expect("a record is a table of plain values")
    }

    /// "calibrated on DATE, serial SERIAL": for reports.
    pub fn words(&self) -> String {
        format!("calibrated on {}, serial {}, {} bar", self.date, self.serial, self.conditions.gas_pressure_bar)
    }

    fn check(&self) -> Result<(), CalibrationError> {
        let within = |what: &str, found: f64, least: f64, most: f64| {
            if found >= least && found <= most {
                return Ok(());
            }
            let expected = format!("{least} to {most}");
            Err(CalibrationError::WrongNumber { what: what.to_owned(), found: found.to_string(), expected })
        };
        within("surface_k", self.surface_k, 0.0, 200.0)?;
        within("gas_pressure_bar", self.conditions.gas_pressure_bar, 0.0, 1000.0)?;
        within("diameter_mm", self.dimensions.diameter_mm, 0.05, 50.0)?;
        within("active_length_mm", self.dimensions.active_length_mm, 0.1, 500.0)?;
        within("dead_tip_mm", self.dimensions.dead_tip_mm, 0.0, 100.0)?;
        match &self.law {
            CoolingRow::Exponential { start_c, coldest_c, time_constant_s } => {
                within("law.start_c", *start_c, -100.0, 60.0)?;
                within("law.coldest_c", *coldest_c, -250.0, *start_c)?;
                within("law.time_constant_s", *time_constant_s, 0.01, 7200.0)
            }
            CoolingRow::Film { gas_c, film_w_per_m2_k, most_power_w } => {
                within("law.gas_c", *gas_c, -250.0, 0.0)?;
                within("law.film_w_per_m2_k", *film_w_per_m2_k, 1.0, 1e7)?;
                within("law.most_power_w", most_power_w.unwrap_or(1.0), 0.001, 1e4)
            }
            CoolingRow::Surface { .. } | CoolingRow::NotKnown {} => {
                let found = "another law".to_owned();
                Err(CalibrationError::WrongNumber { what: "law".into(), found, expected: "exponential or film".into() })
            }
        }
    }
}

/// To six significant digits.
fn round_6(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

fn rounded_law(law: CoolingRow) -> CoolingRow {
    match law {
        CoolingRow::Exponential { start_c, coldest_c, time_constant_s } => CoolingRow::Exponential {
            start_c,
            coldest_c: round_6(coldest_c),
            time_constant_s: round_6(time_constant_s),
        },
        CoolingRow::Film { gas_c, film_w_per_m2_k, most_power_w } => CoolingRow::Film {
            gas_c,
            film_w_per_m2_k: round_6(film_w_per_m2_k),
            most_power_w: most_power_w.map(round_6),
        },
        other => other,
    }
}

fn rounded_parameter(p: FittedParameter) -> FittedParameter {
    FittedParameter {
        value: p.value.map(round_6),
        standard_error: p.standard_error.map(round_6),
        low: p.low.map(round_6),
        high: p.high.map(round_6),
        ..p
    }
}

fn rounded_series(s: SeriesResidual) -> SeriesResidual {
    SeriesResidual {
        mean: round_6(s.mean),
        most: round_6(s.most),
        seems_farther_mm: s.seems_farther_mm.map(round_6),
        ..s
    }
}
