//! `frostline propose`: from a case without a plan to a few plans worth looking at.

mod exhaustive;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use frostline_freeze::Continue;
use frostline_plan::catalogue::Catalogues;
use frostline_plan::propose::{
    Effort, Proposals, ProposeError, ProposeProgress, ProposeSettings, ProposeStep, propose,
};
use frostline_plan::robust::{RobustSettings, robust};
use frostline_plan::{Accuracy, EvaluateSettings, Evaluation, Resolution, USUAL_TOLERANCE_MM, evaluate};
use indicatif::ProgressBar;
use serde::Serialize;

use super::Outcome;
use crate::case_file::{Unplanned, read_unplanned};
use crate::proposals::{HandMade, case_text, page, summary};

/// What to propose for and where to write.
#[derive(clap::Args)]
pub struct ProposeArguments {
    /// The case file; it needs no probe and no protocol, docs/case.md describes it
    case: PathBuf,
    /// Folder for proposals.json, the page and a case file per proposal; made if it is not there
    #[arg(long, default_value = "out")]
    out: PathBuf,
    /// A file written by 'frostline calibrate' (once per probe model)
    #[arg(long, value_name = "FILE")]
    calibration: Vec<PathBuf>,
    /// Print the proposals as JSON instead of the summary
    #[arg(long)]
    json: bool,
    /// A smaller search for one plan, for a first look
    #[arg(long)]
    quick: bool,
    /// Worlds in which each plan that is shown is tried for its chance of success, 8 to 100000; 0 leaves the chance out
    #[arg(long, default_value_t = 32)]
    worlds: usize,
    /// Which worlds
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also solve every plan of this grid in the same worlds, and hold the surest proposal against the best of them;
    /// docs/propose.md describes the file
    #[arg(long, value_name = "GRID")]
    exhaustive: Option<PathBuf>,
    /// With --exhaustive: other worlds in which the surest and the best of the grid are compared
    #[arg(long, default_value_t = 400)]
    fresh: usize,
    /// Threads; the answer does not depend on it
    #[arg(long)]
    threads: Option<usize>,
}

/// Exit code when the goals cannot be met.
const GOALS_NOT_MET: u8 = 1;

/// Why a result cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}; choose another folder with --out", path = .path.display())]
pub struct WriteError {
    path: PathBuf,
    source: std::io::Error,
}

/// Everything that is written as JSON.
#[derive(Serialize)]
struct Written<'a> {
    case: &'a str,
    #[serde(flatten)]
    proposals: &'a Proposals,
    /// The plan of the case file, for comparison.
    hand_made: Option<&'a HandMade>,
    /// The surest proposal beside the best of a grid, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    exhaustive: Option<&'a exhaustive::Held>,
    /// Wall time. Unit: s.
    wall_s: f64,
}

/// Reads, searches, compares, writes and prints.
pub fn run(arguments: &ProposeArguments) -> Outcome {
    let case = read_unplanned(&arguments.case, &Catalogues::bundled()?, &arguments.calibration)?;
    // The folder is made before the long work, so that a wrong path is found at once.
    fs::create_dir_all(&arguments.out).map_err(|source| WriteError { path: arguments.out.clone(), source })?;
    let grid = arguments.exhaustive.as_deref().map(exhaustive::grid).transpose()?;
    let started = Instant::now();
    let asked = arguments.asked();
    let settings = asked.settings(&case);
    let bar = super::plan::progress_bar();
    let tell = |progress| told(&bar, progress);
    let proposals = proposed(&case, &settings, &tell)?;
    bar.finish_and_clear();
    let wall_s = started.elapsed().as_secs_f64();
    let held = grid.map(|grid| exhaustive::held(&case, (&settings, &grid, arguments.fresh), &proposals)).transpose()?;
    let hand_made = hand_made(&case, &settings, &tell)?;
    let original = fs::read_to_string(&arguments.case)?;
    for (n, proposal) in proposals.proposals.iter().enumerate() {
        let text = case_text(&original, &arguments.case, &arguments.out, (&case.title, n + 1), proposal)?;
        write(&arguments.out.join(case_name(n)), text.as_bytes())?;
    }
    let written = Written {
        case: &case.title,
        proposals: &proposals,
        hand_made: hand_made.as_ref(),
        exhaustive: held.as_ref(),
        wall_s,
    };
    let json = serde_json::to_string_pretty(&written)?;
    write(&arguments.out.join("proposals.json"), json.as_bytes())?;
    write(&arguments.out.join("proposals.html"), page(&case.title, &proposals, hand_made.as_ref()).as_bytes())?;
    let text = if arguments.json {
        format!("{json}\n")
    } else {
        let page = arguments.out.join("proposals.html");
        let summary = summary(&case.title, &proposals, hand_made.as_ref());
        let held = held.as_ref().map_or(String::new(), exhaustive::summary);
        format!("{summary}{held}{wall_s:.0} s for the proposals; written: {}\n", page.display())
    };
    // A reader that closed the pipe has seen enough; the files are written.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(if proposals.goals_met { ExitCode::SUCCESS } else { ExitCode::from(GOALS_NOT_MET) })
}

/// Name of the case file of a proposal, from 1.
fn case_name(n: usize) -> String {
    format!("proposal_{}.toml", n + 1)
}

/// What a search is asked for beside the case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SearchAsked {
    /// A smaller search for one plan.
    pub quick: bool,
    /// Worlds in which each plan that is shown is tried; 0 leaves the chance out.
    pub worlds: usize,
    /// Which worlds.
    pub seed: u64,
    /// Threads; the answer does not depend on it.
    pub threads: usize,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SearchProgress {
    /// In the search itself.
    Proposing(ProposeProgress),
    /// In the plan of the case file, which is evaluated for comparison.
    HandMade,
}

/// Hears how far a search is, and may stop it.
pub(crate) type TellSearch<'a> = &'a (dyn Fn(SearchProgress) -> Continue + Sync);

impl ProposeArguments {
    fn asked(&self) -> SearchAsked {
        let threads = self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        SearchAsked { quick: self.quick, worlds: self.worlds, seed: self.seed, threads }
    }
}

impl SearchAsked {
    fn settings(self, case: &Unplanned) -> ProposeSettings<'static> {
        let mut settings = case.propose_settings();
        settings.evaluate = evaluate_settings(case, self.threads);
        settings.effort = if self.quick { Effort::quick() } else { settings.effort };
        settings.chance = self.chance_settings();
        settings.by_hand = case.plan.clone();
        settings
    }

    /// How the chance of success is found, if at all.
    pub(crate) fn chance_settings(self) -> Option<RobustSettings> {
        let mut settings = RobustSettings { samples: self.worlds, seed: self.seed, ..RobustSettings::default() };
        settings.solver.threads = self.threads;
        (self.worlds > 0).then_some(settings)
    }
}

/// Searches and compares; what `frostline propose` writes as proposals.json.
pub(crate) fn proposals_json(
    case: &Unplanned,
    asked: SearchAsked,
    tell: TellSearch,
) -> Result<String, Box<dyn std::error::Error>> {
    let started = Instant::now();
    let settings = asked.settings(case);
    let proposals = proposed(case, &settings, tell)?;
    let wall_s = started.elapsed().as_secs_f64();
    let hand_made = hand_made(case, &settings, tell)?;
    let (case, hand_made) = (&case.title, hand_made.as_ref());
    Ok(serde_json::to_string_pretty(&Written { case, proposals: &proposals, hand_made, exhaustive: None, wall_s })?)
}

fn evaluate_settings(case: &Unplanned, threads: usize) -> EvaluateSettings {
    let mut settings = EvaluateSettings::default();
    settings.solver.threads = threads;
    settings.accuracy = match case.solver.fine_mm {
        Some(fine_mm) => Accuracy::Fixed(Resolution { fine_mm, ..Resolution::default() }),
        None => match Accuracy::within(case.accuracy.surface_mm.unwrap_or(USUAL_TOLERANCE_MM)) {
            Accuracy::Within(tolerance) => Accuracy::Within(case.accuracy.allowing(tolerance)),
            fixed => fixed,
        },
    };
    if let Accuracy::Within(tolerance) = settings.accuracy {
        settings.solver.step_s = tolerance.suggested_step_s();
    }
    settings.solver.step_s = case.solver.step_s.unwrap_or(settings.solver.step_s);
    settings
}

fn proposed(case: &Unplanned, settings: &ProposeSettings, tell: TellSearch) -> Result<Proposals, ProposeError> {
    let mut told = |progress| tell(SearchProgress::Proposing(progress));
    propose(&case.anatomy, &case.goals, &case.catalogues, settings, &mut told)
}

fn told(bar: &ProgressBar, progress: SearchProgress) -> Continue {
    let SearchProgress::Proposing(progress) = progress else { return Continue::Yes };
    bar.set_message(step_words(progress.step));
    bar.set_length(progress.of as u64);
    bar.set_position(progress.done as u64);
    Continue::Yes
}

/// What the search is at, in words.
pub(crate) fn step_words(step: ProposeStep) -> &'static str {
    match step {
        ProposeStep::Reach => "what each probe reaches",
        ProposeStep::Planning => "planning runs",
        ProposeStep::Confirming => "confirming",
        ProposeStep::Chances => "possible worlds",
    }
}

/// The plan of the case file, evaluated as the proposals were.
fn hand_made(
    case: &Unplanned,
    settings: &ProposeSettings,
    tell: TellSearch,
) -> Result<Option<HandMade>, Box<dyn std::error::Error>> {
    let Some(plan) = &case.plan else { return Ok(None) };
    let mut telling = |_| tell(SearchProgress::HandMade);
    let Evaluation { assessment, .. } =
        evaluate(&case.anatomy, plan, &case.catalogues, &settings.evaluate, &mut telling)?;
    let chance = settings.chance.as_ref().map(|chance| {
        let telling = |_| tell(SearchProgress::HandMade);
        let found = robust(&case.anatomy, plan, &case.goals, &case.catalogues, chance, &telling);
        found.map(|found| found.success)
    });
    let hand_made = HandMade::of(plan, &assessment, &case.goals, &case.catalogues);
    Ok(Some(HandMade { chance: chance.transpose()?, ..hand_made }))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    fs::write(path, bytes).map_err(|source| WriteError { path: path.into(), source })
}
