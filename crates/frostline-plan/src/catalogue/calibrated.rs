//! The catalogue with the laws that a user measured on a bench.

use super::sources::{Known, Sourced, Status};
use super::{Calibration, CalibrationState, Catalogues, CoolingUncertainty};
use crate::calibrate::{CalibrationError, CalibrationRecord};

/// Row of `sources.toml` that stands for a bench run of the user.
const OWN_BENCH: &str = "own-bench";

impl Catalogues {
    /// The same catalogues in which a probe cools as it was measured to, with the dimensions it was measured with.
    ///
    /// # Errors
    /// [`CalibrationError`] when the catalogue does not know the probe, or holds another calibration of it already.
    pub fn with_calibration(&self, record: &CalibrationRecord) -> Result<Self, CalibrationError> {
        let mut calibrated = self.clone();
        let Some(probe) = calibrated.probes.probes.iter_mut().find(|probe| probe.id == record.probe) else {
            let known = self.probes.all().iter().map(|probe| probe.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(CalibrationError::UnknownProbe { found: record.probe.clone(), known });
        };
        if let Some(first) = &probe.calibration.serial {
            let (first, second) = (first.clone(), record.serial.clone());
            return Err(CalibrationError::Twice { probe: record.probe.clone(), first, second });
        }
        probe.cooling = own(record.law.clone(), cooling_note(record));
        probe.calibration = Calibration {
            state: CalibrationState::Calibrated,
            against: format!("{}: {}", record.words(), evidence(record)),
            residual: None,
            serial: Some(record.serial.clone()),
        };
        let note = "Two standard errors of the fitted surface temperature; a fault of the model is not in it.";
        probe.uncertainty = own(CoolingUncertainty { surface_k: record.surface_k }, note.to_owned());
        let mut dimensions = probe.dimensions.value;
        dimensions.diameter_mm = Known::Known(record.dimensions.diameter_mm);
        dimensions.active_length_mm = Known::Known(record.dimensions.active_length_mm);
        dimensions.dead_tip_mm = record.dimensions.dead_tip_mm;
        if dimensions != probe.dimensions.value {
            probe.dimensions = own(dimensions, "The dimensions the law was fitted with.".to_owned());
        }
        calibrated.calibrations.push(record.to_toml());
        Ok(calibrated)
    }
}

fn own<T>(value: T, note: String) -> Sourced<T> {
    Sourced { value, source: OWN_BENCH.to_owned(), status: Status::Computed, note }
}

fn evidence(record: &CalibrationRecord) -> String {
    let most = record.residual.iter().map(|series| series.most).fold(0.0, f64::max);
    let mean = record.residual.iter().map(|series| series.mean).sum::<f64>() / record.residual.len().max(1) as f64;
    let unit = record.residual.first().map_or("", |series| series.unit.as_str());
    let c = &record.conditions;
    format!(
        "{} at {:.0} °C, {}; residual {mean:.1} {unit} in the mean, {most:.1} {unit} at most",
        c.medium, c.bath_c, c.protocol
    )
}

fn cooling_note(record: &CalibrationRecord) -> String {
    format!(
        "Bench file {}, solver {}, cells of {} mm.",
        record.input_fingerprint, record.solver_version, record.fine_mm
    )
}
