//! `frostline plan`: the main job, from a case file to a verdict and a report.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use frostline_freeze::{Continue, Progress};
use frostline_plan::catalogue::Catalogues;
use frostline_plan::{
    Accuracy, EvaluateError, EvaluateSettings, Evaluation, Level, Resolution, USUAL_TOLERANCE_MM, evaluate,
};
use indicatif::{ProgressBar, ProgressStyle};

use super::Outcome;
use crate::case_file::{Case, read_case};
use crate::report;
use crate::summary::summary;

/// What to plan and where to write.
#[derive(clap::Args)]
pub struct PlanArguments {
    /// The case file; docs/case.md describes it
    case: PathBuf,
    /// Folder for assessment.json and the report; made if it is not there
    #[arg(long, default_value = "out")]
    out: PathBuf,
    /// A file written by 'frostline calibrate': its probe cools as it was measured to (once per probe model)
    #[arg(long, value_name = "FILE")]
    calibration: Vec<PathBuf>,
    /// Print the assessment as JSON instead of the summary
    #[arg(long)]
    json: bool,
    /// How far off a surface may be in mm, 0.01 to 1; goes before the case
    #[arg(long, value_parser = super::tolerance_mm)]
    tolerance_mm: Option<f64>,
    /// Threads for the solver; the answer does not depend on it
    #[arg(long)]
    threads: Option<usize>,
}

/// Exit code when something was found at level stop.
const FOUND_STOP: u8 = 1;

/// Why a result cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}; choose another folder with --out", path = .path.display())]
pub struct WriteError {
    path: PathBuf,
    source: std::io::Error,
}

/// Reads, simulates, assesses, writes and prints.
pub fn run(arguments: &PlanArguments) -> Outcome {
    let case = read_case(&arguments.case, &Catalogues::bundled()?, &arguments.calibration)?;
    // The folder is made before the long work, so that a wrong path is found at once.
    fs::create_dir_all(&arguments.out).map_err(|source| WriteError { path: arguments.out.clone(), source })?;
    let evaluation = evaluated(&case, arguments)?;
    if evaluation.assessment.solver.accuracy.estimate().is_some_and(|e| !e.is_within) {
        eprintln!("warning: {}", evaluation.assessment.solver.accuracy.words());
    }
    let json = serde_json::to_string_pretty(&evaluation.assessment)?;
    write(&arguments.out.join("assessment.json"), json.as_bytes())?;
    let report = report::of_case(&case, &evaluation);
    write(&arguments.out.join("report.html"), report::html(&report).as_bytes())?;
    #[cfg(feature = "pdf")]
    write(&arguments.out.join("report.pdf"), &report::pdf(&report)?)?;
    let text = if arguments.json {
        format!("{json}\n")
    } else {
        let page = arguments.out.join("report.html");
        format!("{}written: {}\n", summary(&case, &evaluation), page.display())
    };
    // A reader that closed the pipe has seen enough; the files are written.
    let _ = std::io::stdout().write_all(text.as_bytes());
    let stop = evaluation.assessment.verdict() == Level::Stop;
    Ok(if stop { ExitCode::from(FOUND_STOP) } else { ExitCode::SUCCESS })
}

fn evaluated(case: &Case, arguments: &PlanArguments) -> Result<Evaluation, Box<dyn std::error::Error>> {
    evaluated_as(case, arguments.tolerance_mm, arguments.threads)
}

/// How a case is evaluated; what the command line asks for goes before the case.
pub(crate) fn settings_of(case: &Case, tolerance_mm: Option<f64>, threads: Option<usize>) -> EvaluateSettings {
    let mut settings = EvaluateSettings::default();
    settings.solver.threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    settings.solver.step_s = case.solver.step_s.unwrap_or(settings.solver.step_s);
    settings.accuracy = accuracy(case, tolerance_mm);
    if let Accuracy::Within(tolerance) = settings.accuracy {
        settings.solver.step_s = case.solver.step_s.unwrap_or(tolerance.suggested_step_s());
    }
    settings
}

/// The plan of a case with its answer and verdict, and a progress bar meanwhile.
pub(super) fn evaluated_as(
    case: &Case,
    tolerance_mm: Option<f64>,
    threads: Option<usize>,
) -> Result<Evaluation, Box<dyn std::error::Error>> {
    let settings = settings_of(case, tolerance_mm, threads);
    let bar = progress_bar();
    let mut tell = |progress: Progress| {
        bar.set_length(progress.duration_s as u64);
        bar.set_position(progress.at_s as u64);
        Continue::Yes
    };
    let evaluation = evaluated_telling(case, &settings, &mut tell)?;
    bar.finish_and_clear();
    Ok(evaluation)
}

/// The same for whoever wants to hear how far it is, and to stop it.
pub(crate) fn evaluated_telling(
    case: &Case,
    settings: &EvaluateSettings,
    tell: &mut (dyn FnMut(Progress) -> Continue + Send),
) -> Result<Evaluation, EvaluateError> {
    let started = Instant::now();
    let mut evaluation = evaluate(&case.anatomy, &case.plan, &case.catalogues, settings, tell)?;
    evaluation.assessment.solver.wall_s = Some(started.elapsed().as_secs_f64());
    Ok(evaluation)
}

/// What the command line asks for goes before the case; cells fixed by hand stay fixed.
fn accuracy(case: &Case, tolerance_mm: Option<f64>) -> Accuracy {
    match (tolerance_mm, case.solver.fine_mm) {
        (None, Some(fine_mm)) => Accuracy::Fixed(Resolution { fine_mm, ..Resolution::default() }),
        (flag_mm, _) => {
            let surface_mm = flag_mm.or(case.accuracy.surface_mm).unwrap_or(USUAL_TOLERANCE_MM);
            match Accuracy::within(surface_mm) {
                Accuracy::Within(tolerance) => Accuracy::Within(case.accuracy.allowing(tolerance)),
                fixed => fixed,
            }
        }
    }
}

/// Simulated seconds and the time left; nothing where nobody watches.
pub(super) fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        eprintln!("simulating the freeze; this takes a few seconds");
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(1);
    // The template is a constant of the right form; the plain bar stands in otherwise.
    let style = ProgressStyle::with_template("freezing {bar:30} {pos} of {len} s, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    fs::write(path, bytes).map_err(|source| WriteError { path: path.into(), source })
}
