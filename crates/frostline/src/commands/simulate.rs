//! `frostline simulate`: a freeze that has nothing to do with a patient.
//!
//! Reads a scene file (`docs/scene.md` describes every key), simulates it, and writes `sensors.csv`, `isotherms.csv` and
//! `simulation.json`.

mod accuracy;
pub(super) mod build;
mod fill;
mod rays;
pub(super) mod scene_file;
mod tissue;
mod write;

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use frostline_freeze::{Backend, Continue, Progress, SimulateError, SolverSettings};
use frostline_plan::catalogue::{CatalogueError, Catalogues};
use indicatif::{ProgressBar, ProgressStyle};

use accuracy::Accuracy;
use build::{Experiment, SceneFileError};
use scene_file::SceneFile;

/// What to simulate and where to write.
#[derive(clap::Args)]
pub struct SimulateArgs {
    /// The scene file; docs/scene.md describes it
    pub scene: PathBuf,
    /// Folder for sensors.csv, isotherms.csv and simulation.json; made if it is not there
    #[arg(long, default_value = "out")]
    pub out: PathBuf,
    /// Width of the cells around the probes in mm, instead of that in the scene
    #[arg(long, conflicts_with = "tolerance_mm")]
    pub fine_mm: Option<f64>,
    /// How far off a surface may be in mm, 0.01 to 1: cells are chosen and the error is estimated
    #[arg(long, value_parser = super::tolerance_mm)]
    pub tolerance_mm: Option<f64>,
    /// Stop after this many simulated seconds, instead of the duration in the scene
    #[arg(long)]
    pub until_s: Option<f64>,
    /// Threads for the solver; the answer does not depend on it
    #[arg(long)]
    pub threads: Option<usize>,
    /// Compute on the GPU; docs/gpu.md says what that needs
    #[arg(long)]
    pub gpu: bool,
    /// Print simulation.json instead of the summary
    #[arg(long)]
    pub json: bool,
}

/// Why a scene was not simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateCommandError {
    /// A file cannot be read.
    #[error("{path}: {source}; check the path", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The scene file is not one.
    #[error("{path}: {problem}\nsee docs/scene.md for every key", path = .path.display())]
    NotAScene {
        /// The file.
        path: PathBuf,
        /// What the parser says, with line and column.
        problem: String,
    },
    /// The scene cannot be built.
    #[error("{path}: {source}", path = .path.display())]
    Scene {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        source: SceneFileError,
    },
    /// The catalogues built into the program cannot be used.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The engine gave no answer.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// The error cannot be estimated.
    #[error("{0}")]
    Estimate(String),
    /// A result cannot be written.
    #[error("{path}: {source}; choose another folder with --out", path = .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A result cannot be put into words.
    #[error("simulation.json: {0}")]
    Json(#[from] serde_json::Error),
}

/// Reads, simulates, writes and prints.
///
/// # Errors
/// [`SimulateCommandError`] naming the file and what to do.
pub fn run(args: &SimulateArgs) -> Result<(), SimulateCommandError> {
    let catalogues = Catalogues::bundled()?;
    let text = read_text(&args.scene)?;
    let mut file: SceneFile = toml::from_str(&text).map_err(|problem| SimulateCommandError::NotAScene {
        path: args.scene.clone(),
        problem: problem.to_string(),
    })?;
    let wrong = |source| SimulateCommandError::Scene { path: args.scene.clone(), source };
    let accuracy = accuracy::wanted(&mut file, args).map_err(wrong)?;
    file.time.duration_s = args.until_s.or(file.time.duration_s);
    let labels = file.fill.labels.as_ref().map(|labels| read_beside(&args.scene, &labels.file)).transpose()?;
    let build = |fine_mm: Option<f64>| {
        let mut file = file.clone();
        file.space.fine_mm = fine_mm.or(file.space.fine_mm);
        Experiment::build(&file, labels.as_deref(), &catalogues).map_err(wrong)
    };
    // Once before the folder is made and before the long work, so that a wrong scene or path is found at once.
    build(None)?;
    fs::create_dir_all(&args.out).map_err(|source| SimulateCommandError::Write { path: args.out.clone(), source })?;
    let settings = settings(&file, accuracy, args);
    let started = Instant::now();
    let (experiment, answer) = watched(|tell| accuracy::solved(accuracy, &settings, &build, tell))?;
    if let Some(warning) = answer.warning() {
        eprintln!("warning: {warning}");
    }
    let results = write::Results {
        file: &file,
        text: &text,
        experiment: &experiment,
        history: answer.history(),
        answer: &answer,
        settings,
        wall_s: started.elapsed().as_secs_f64(),
    };
    write_all(&results, args)
}

fn settings(file: &SceneFile, accuracy: Accuracy, args: &SimulateArgs) -> SolverSettings {
    let usual_s = match accuracy {
        Accuracy::Within(tolerance) => tolerance.suggested_step_s(),
        Accuracy::Fixed(_) => SolverSettings::default().step_s,
    };
    SolverSettings {
        step_s: file.time.step_s.unwrap_or(usual_s),
        threads: args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        record_every_s: file.time.record_every_s,
        backend: if args.gpu { Backend::Gpu } else { Backend::Cpu },
    }
}

/// Simulates with a progress bar where somebody watches.
fn watched<T>(work: impl FnOnce(&mut dyn FnMut(Progress) -> Continue) -> T) -> T {
    let bar = progress_bar();
    let mut tell = |progress: Progress| {
        bar.set_length(progress.duration_s as u64);
        bar.set_position(progress.at_s as u64);
        Continue::Yes
    };
    let answer = work(&mut tell);
    bar.finish_and_clear();
    answer
}

fn write_all(results: &write::Results, args: &SimulateArgs) -> Result<(), SimulateCommandError> {
    let json = serde_json::to_string_pretty(&results.json())?;
    write_file(&args.out.join("sensors.csv"), &results.sensors_csv())?;
    write_file(&args.out.join("isotherms.csv"), &results.isotherms_csv())?;
    write_file(&args.out.join("simulation.json"), &json)?;
    if args.json {
        println!("{json}");
    } else {
        print!("{}", results.summary());
        println!("written: {}", args.out.join("{sensors.csv, isotherms.csv, simulation.json}").display());
    }
    Ok(())
}

fn read_text(path: &Path) -> Result<String, SimulateCommandError> {
    fs::read_to_string(path).map_err(|source| SimulateCommandError::Read { path: path.to_owned(), source })
}

/// A file named in the scene; its path is relative to that of the scene.
fn read_beside(scene: &Path, name: &str) -> Result<Vec<u8>, SimulateCommandError> {
    let path = scene.parent().unwrap_or(Path::new(".")).join(name);
    fs::read(&path).map_err(|source| SimulateCommandError::Read { path, source })
}

fn write_file(path: &Path, text: &str) -> Result<(), SimulateCommandError> {
    fs::write(path, text).map_err(|source| SimulateCommandError::Write { path: path.to_owned(), source })
}

/// Simulated seconds and the time left; nothing where nobody watches.
fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    // The template is a constant that indicatif accepts.
    let style = ProgressStyle::with_template("freezing {bar:30} {pos}/{len} s, {eta} left").expect("a valid template");
    ProgressBar::new(0).with_style(style)
}
