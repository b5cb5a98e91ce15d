//! `frostline calibrate`: fits how a probe cools to a bench run, and stores the law for use in plans.
//!
//! Reads a bench file (`docs/calibrate.md` describes every key), writes `<probe>-<serial>-<date>.toml` and prints how far
//! the law remains from what was measured.

mod bench_file;
mod experiment;
mod words;

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use frostline_freeze::SolverSettings;
use frostline_plan::FingerprintWriter;
use frostline_plan::calibrate::{
    Bench, CalibrationError, CalibrationRecord, FitError, FitSettings, Measured, Origin, fit_cooling,
};
use frostline_plan::catalogue::{CatalogueError, Catalogues, Probe};

use bench_file::{BenchFile, BenchFileError};

/// What to fit and where to write.
#[derive(clap::Args)]
pub struct CalibrateArguments {
    /// The bench file; docs/calibrate.md describes it
    bench: PathBuf,
    /// Folder for the calibration; made if it is not there
    #[arg(long, default_value = "probe-calibrations")]
    out: PathBuf,
    /// Threads for the solver; the answer does not depend on it
    #[arg(long)]
    threads: Option<usize>,
}

/// Why a bench run was not fitted.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    /// A file cannot be read.
    #[error("{path}: {source}; check the path", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The bench file cannot be used.
    #[error("{path}: {source}\nsee docs/calibrate.md for every key", path = .path.display())]
    Bench {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: BenchFileError,
    },
    /// There is no fit.
    #[error("{path}: {source}", path = .path.display())]
    Fit {
        /// The file.
        path: PathBuf,
        /// Why.
        source: FitError,
    },
    /// The catalogues built into the program cannot be used.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The probe is not in the catalogue.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
    /// The calibration cannot be written.
    #[error("{path}: {source}; choose another folder with --out", path = .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Reads, fits, writes and prints.
///
/// # Errors
/// [`CalibrateError`] naming the file and what to do.
pub fn run(arguments: &CalibrateArguments) -> Result<(), CalibrateError> {
    let catalogues = Catalogues::bundled()?;
    let path = &arguments.bench;
    let wrong = |source: BenchFileError| CalibrateError::Bench { path: path.clone(), source };
    let text = fs::read_to_string(path).map_err(|source| CalibrateError::Read { path: path.clone(), source })?;
    let sibling = sibling_of(path)?;
    let ranges = catalogues.probes.search().value;
    let sibling_name = path.with_extension("toml").file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = BenchFile::read(&text, sibling.as_deref(), &sibling_name, &ranges).map_err(wrong)?;
    let probe = probe_of(&file, &catalogues)?;
    let settings = settings(&file, probe, &catalogues, arguments.threads);
    let prints = fingerprints(&text, sibling.as_deref(), &catalogues, probe);
    let [bench, finer] = experiment::benches(&file, probe, &catalogues).map_err(wrong)?;
    // The folder is made before the long work, so that a wrong path is found at once.
    fs::create_dir_all(&arguments.out)
        .map_err(|source| CalibrateError::Write { path: arguments.out.clone(), source })?;
    let watched = std::io::stderr().is_terminal();
    let mut tell = |simulations: usize| {
        if watched {
            eprint!("\rsimulation {simulations}");
        }
    };
    let fit = fit_cooling(&bench, &finer, &settings, &mut tell)
        .map_err(|source| CalibrateError::Fit { path: path.clone(), source })?;
    if watched {
        eprintln!();
    }
    let summary = words::Summary { catalogue_off: fit.catalogue_off, simulations: fit.simulations };
    let record = CalibrationRecord::of_fit(fit, origin(file, &bench, prints));
    let target = arguments.out.join(record.file_name());
    fs::write(&target, record.to_toml()).map_err(|source| CalibrateError::Write { path: target.clone(), source })?;
    // A reader that closed the pipe has seen enough; the file is written.
    let _ = writeln!(std::io::stdout(), "{}written: {}", words::text(&record, &summary), target.display());
    Ok(())
}

/// The text of the TOML file of the same name beside the table, where there is one.
fn sibling_of(path: &Path) -> Result<Option<String>, CalibrateError> {
    let sibling = path.with_extension("toml");
    if sibling == *path || !sibling.exists() {
        return Ok(None);
    }
    fs::read_to_string(&sibling).map(Some).map_err(|source| CalibrateError::Read { path: sibling, source })
}

fn probe_of<'a>(file: &BenchFile, catalogues: &'a Catalogues) -> Result<&'a Probe, CalibrationError> {
    catalogues.probes.find(&file.header.probe).ok_or_else(|| CalibrationError::UnknownProbe {
        found: file.header.probe.clone(),
        known: catalogues.probes.all().iter().map(|probe| probe.id.as_str()).collect::<Vec<_>>().join(", "),
    })
}

/// Between records everything is taken as linear, and the first seconds beside a probe are steep. Unit: s.
const READINGS_EVERY_S: f64 = 2.0;
/// Ice grows slowly once there is any, and to measure it costs more than a step. Unit: s.
const SIZES_EVERY_S: f64 = 15.0;

fn settings(file: &BenchFile, probe: &Probe, catalogues: &Catalogues, threads: Option<usize>) -> FitSettings {
    FitSettings {
        form: experiment::form(file.header.law),
        ranges: catalogues.probes.search().value,
        gas_c: catalogues.probes.boils_c(probe),
        known: probe.cooling.value.clone(),
        solver: SolverSettings {
            step_s: file.header.solver.step_s,
            threads: threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
            record_every_s: match file.measured {
                Measured::Couples(_) => READINGS_EVERY_S,
                Measured::Sizes(_) => SIZES_EVERY_S,
            },
            ..SolverSettings::default()
        },
    }
}

/// Of the input, and of what the catalogue gave to the fit.
fn fingerprints(text: &str, sibling: Option<&str>, catalogues: &Catalogues, probe: &Probe) -> [String; 2] {
    let mut input = FingerprintWriter::default();
    input.bytes(text.as_bytes());
    if let Some(sibling) = sibling {
        input.bytes(sibling.as_bytes());
    }
    let mut catalogue = FingerprintWriter::default();
    catalogue.debug(probe).bytes(catalogues.texts.tissues.as_bytes());
    [input, catalogue].map(|writer| writer.finish().as_str().to_owned())
}

fn origin(file: BenchFile, bench: &Bench, [input_fingerprint, catalogue_fingerprint]: [String; 2]) -> Origin {
    Origin {
        conditions: experiment::conditions(&file.header, bench.measured()),
        dimensions: experiment::used_dimensions(bench),
        unused_values: bench.unused(),
        fine_mm: bench.parts().grid.finest_mm(),
        probe: file.header.probe,
        serial: file.header.serial,
        date: file.date,
        input_fingerprint,
        catalogue_fingerprint,
    }
}
