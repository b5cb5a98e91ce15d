//! Calibrations that a case or the command line names.

use std::path::{Path, PathBuf};

use frostline_plan::calibrate::{CalibrationError, CalibrationRecord};
use frostline_plan::catalogue::Catalogues;

use super::{CaseError, ProbeRow};

/// The catalogues in which every probe with a calibration cools as it was measured to.
pub(super) fn calibrated(
    bundled: &Catalogues,
    probes: &[ProbeRow],
    folder: &Path,
    named: &[PathBuf],
) -> Result<Catalogues, CaseError> {
    let mut catalogues = bundled.clone();
    let mut taken: Vec<CalibrationRecord> = Vec::new();
    for probe in probes {
        let Some(path) = probe.calibration.as_ref().map(|path| folder.join(path)) else { continue };
        let record = read(&path)?;
        if record.probe != probe.model {
            return Err(wrong(&path, not_for(&record, &probe.model)));
        }
        take(&mut catalogues, &mut taken, &path, record)?;
    }
    for path in named {
        let record = read(path)?;
        if !probes.iter().any(|probe| probe.model == record.probe) {
            let used: Vec<&str> = probes.iter().map(|probe| probe.model.as_str()).collect();
            return Err(wrong(path, not_for(&record, &used.join(", "))));
        }
        take(&mut catalogues, &mut taken, path, record)?;
    }
    Ok(catalogues)
}

/// Two placements of one probe may name the same file; it counts once.
fn take(
    catalogues: &mut Catalogues,
    taken: &mut Vec<CalibrationRecord>,
    path: &Path,
    record: CalibrationRecord,
) -> Result<(), CaseError> {
    if taken.contains(&record) {
        return Ok(());
    }
    *catalogues = catalogues.with_calibration(&record).map_err(|source| wrong(path, source))?;
    taken.push(record);
    Ok(())
}

fn read(path: &Path) -> Result<CalibrationRecord, CaseError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| CaseError::OpenCalibration { path: path.into(), source })?;
    CalibrationRecord::from_toml(&text).map_err(|source| wrong(path, source))
}

fn wrong(path: &Path, source: CalibrationError) -> CaseError {
    CaseError::Calibration { path: path.into(), source: Box::new(source) }
}

fn not_for(record: &CalibrationRecord, used: &str) -> CalibrationError {
    CalibrationError::NotInPlan { found: record.probe.clone(), serial: record.serial.clone(), used: used.to_owned() }
}
