//! `frostline robust`: the chance that a plan succeeds when nothing lands and conducts exactly as planned.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use frostline_freeze::{Continue, SolverSettings};
use frostline_plan::Resolution;
use frostline_plan::catalogue::Catalogues;
use frostline_plan::robust::{Chance, Remedies, RobustSettings, Robustness, robust};
use indicatif::{ProgressBar, ProgressStyle};

use super::Outcome;
use crate::case_file::{Case, read_case};

/// What to ask and where to write.
#[derive(clap::Args)]
pub struct RobustArguments {
    /// The case file; docs/case.md describes it
    case: PathBuf,
    /// How many possible worlds are drawn
    #[arg(long, default_value_t = 200)]
    samples: usize,
    /// Which ones: the same seed draws the same worlds for every plan
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The probe is guided with a tracked needle instead of free hand
    #[arg(long)]
    tracked: bool,
    /// Draw and solve new worlds for every remedy instead of re-weighting; takes as long again for each
    #[arg(long)]
    resample: bool,
    /// Print the result as JSON instead of the summary
    #[arg(long)]
    json: bool,
    /// Folder for robust.json; made if it is not there
    #[arg(long, default_value = "out")]
    out: PathBuf,
    /// A file written by 'frostline calibrate': its probe cools as it was measured to (once per probe model)
    #[arg(long, value_name = "FILE")]
    calibration: Vec<PathBuf>,
    /// Cells around the probe in mm, 0.3 to 2; without it 1 mm
    #[arg(long, value_parser = cells_mm)]
    fine_mm: Option<f64>,
    /// Compare with the frequency in so many independent worlds on finer cells; takes minutes
    #[arg(long, value_name = "WORLDS")]
    verify: Option<usize>,
    /// Cells of that comparison in mm
    #[arg(long, default_value_t = 0.75, value_parser = cells_mm)]
    verify_mm: f64,
    /// Threads; the answer does not depend on it
    #[arg(long)]
    threads: Option<usize>,
}

/// Why a result cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}; choose another folder with --out", path = .path.display())]
pub struct WriteError {
    path: PathBuf,
    source: std::io::Error,
}

/// Reads, draws, solves, counts, writes and prints.
pub fn run(arguments: &RobustArguments) -> Outcome {
    let case = read_case(&arguments.case, &Catalogues::bundled()?, &arguments.calibration)?;
    // The folder is made before the long work, so that a wrong path is found at once.
    fs::create_dir_all(&arguments.out).map_err(|source| WriteError { path: arguments.out.clone(), source })?;
    let verifying = arguments.verify.map(|worlds| verify_settings(arguments, worlds));
    verifying.as_ref().map_or(Ok(()), RobustSettings::check)?;
    let started = Instant::now();
    let found = asked(&case, &settings(arguments))?;
    let json = serde_json::to_string_pretty(&found)?;
    let verified = verifying.map(|settings| verified(&case, &settings, &found)).transpose()?;
    write(&arguments.out.join("robust.json"), json.as_bytes())?;
    if let Some(verified) = &verified {
        write(&arguments.out.join("verified.json"), serde_json::to_string_pretty(verified)?.as_bytes())?;
    }
    let text = if arguments.json {
        format!("{json}\n")
    } else {
        let page = arguments.out.join("robust.json");
        let took_s = started.elapsed().as_secs_f64();
        let verified = verified.as_ref().map_or(String::new(), Verified::line);
        let summary = crate::robust_summary::summary(&case.title, &found);
        format!("{summary}{verified}written: {} ({took_s:.1} s)\n", page.display())
    };
    // A reader that closed the pipe has seen enough; the files are written.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(ExitCode::SUCCESS)
}

/// The chance that was told, beside what happened in independent worlds on finer cells.
#[derive(serde::Serialize)]
struct Verified {
    predicted: Chance,
    worlds: usize,
    seed: u64,
    fine_mm: f64,
    frequency: Chance,
    /// The frequency lies in the interval that was told.
    agrees: bool,
}

impl Verified {
    fn line(&self) -> String {
        let verdict = if self.agrees { "agrees" } else { "does NOT agree" };
        format!(
            "verified  {:.1} % of {} independent worlds on cells of {} mm succeed; that {verdict} with the {:.1} % ({:.1} to {:.1} %) above\n",
            100.0 * self.frequency.probability,
            self.worlds,
            self.fine_mm,
            100.0 * self.predicted.probability,
            100.0 * self.predicted.low,
            100.0 * self.predicted.high
        )
    }
}

/// Worlds of another seed, on finer cells and with shorter steps.
fn verify_settings(arguments: &RobustArguments, worlds: usize) -> RobustSettings {
    let mut settings = settings(arguments);
    settings.samples = worlds;
    settings.seed = arguments.seed.wrapping_add(VERIFY_SEED);
    settings.remedies = Remedies::Reweighted;
    settings.resolution = Resolution { fine_mm: arguments.verify_mm, ..Resolution::default() };
    settings.solver.step_s = SolverSettings::default().step_s;
    settings
}

fn verified(
    case: &Case,
    settings: &RobustSettings,
    found: &Robustness,
) -> Result<Verified, Box<dyn std::error::Error>> {
    let frequency = asked(case, settings)?.success;
    let (predicted, worlds, seed) = (found.success, settings.samples, settings.seed);
    let fine_mm = settings.resolution.fine_mm;
    Ok(Verified { predicted, worlds, seed, fine_mm, frequency, agrees: predicted.holds(frequency.probability) })
}

/// Far from any seed that a person types.
const VERIFY_SEED: u64 = 1 << 40;

fn settings(arguments: &RobustArguments) -> RobustSettings {
    let RobustArguments { samples, seed, tracked, resample, fine_mm, .. } = *arguments;
    let threads = arguments.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    RobustAsked { samples, seed, tracked, resample, fine_mm }.settings(threads)
}

/// What is asked beside the case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RobustAsked {
    /// How many possible worlds are drawn.
    pub samples: usize,
    /// Which ones.
    pub seed: u64,
    /// The probe is guided with a tracked needle.
    pub tracked: bool,
    /// New worlds for every remedy.
    pub resample: bool,
    /// Cells around the probe. Unit: mm.
    pub fine_mm: Option<f64>,
}

impl RobustAsked {
    /// For the planner.
    pub(crate) fn settings(self, threads: usize) -> RobustSettings {
        let mut settings = RobustSettings { samples: self.samples, seed: self.seed, ..RobustSettings::default() };
        if self.resample {
            settings.remedies = Remedies::DrawnAgain;
        }
        settings.placement = self.tracked.then(|| "tracked".to_owned());
        settings.solver.threads = threads;
        if let Some(fine_mm) = self.fine_mm {
            settings.resolution.fine_mm = fine_mm;
        }
        settings
    }
}

fn asked(case: &Case, settings: &RobustSettings) -> Result<Robustness, Box<dyn std::error::Error>> {
    let bar = progress_bar(settings.samples as u64);
    let tell = |done: usize| {
        bar.set_position(done as u64);
        Continue::Yes
    };
    let found = robust(&case.anatomy, &case.plan, &case.goals, &case.catalogues, settings, &tell)?;
    bar.finish_and_clear();
    Ok(found)
}

/// Worlds and the time left; nothing where nobody watches.
fn progress_bar(worlds: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        eprintln!("solving {worlds} possible worlds; this takes a while");
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(worlds);
    // The template is a constant of the right form; the plain bar stands in otherwise.
    let style = ProgressStyle::with_template("worlds {bar:30} {pos} of {len}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    fs::write(path, bytes).map_err(|source| WriteError { path: path.into(), source })
}

/// Cells that may be asked for. Unit: mm.
pub(crate) const CELLS_MM: std::ops::RangeInclusive<f64> = 0.3..=2.0;

/// Cells on the command line. Unit: mm.
fn cells_mm(text: &str) -> Result<f64, String> {
    let found = text.parse::<f64>().ok().filter(|found| CELLS_MM.contains(found));
    found.ok_or_else(|| format!("found '{text}', expected millimetres from 0.3 to 2, such as 0.75"))
}
