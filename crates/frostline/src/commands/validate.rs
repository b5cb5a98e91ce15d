//! `frostline validate`: the exact problems, the reference freeze and the published experiments, solved again, in one table
//! and one report.

mod benchmark;
#[cfg(test)]
mod benchmark_numbers;
mod compare;
mod experiment_file;
mod measured;
mod outcome;
mod refit;
mod report;
mod report_claims;
mod report_experiments;
mod solve;
mod statistics;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use frostline_freeze::conformance::{Check, Extent, Problem, as_text, conformance};
use frostline_plan::catalogue::Catalogues;
use serde_json::{Value, json};

use super::Outcome as CommandOutcome;
use experiment_file::{BundleError, ExperimentFile};
use outcome::{Fit, Outcome};
use report::Evidence;
use solve::Effort;

/// What to solve and where to write.
#[derive(clap::Args)]
pub struct ValidateArguments {
    /// Coarser grids and shorter times, for a first look
    #[arg(long)]
    quick: bool,
    /// Folder for report.html, report.pdf (with the feature) and validation.json; made if it is not there
    #[arg(long)]
    out: Option<PathBuf>,
    /// Fit the free number of every experiment again instead of taking it from its file
    #[arg(long)]
    refit: bool,
    /// Solve only this experiment (E1, E2, ...) and none of the exact problems
    #[arg(long, value_name = "ID")]
    experiment: Option<String>,
    /// Threads for the solver; the answer does not depend on it
    #[arg(long)]
    threads: Option<usize>,
    /// Solve nothing, but compare the numbers of another code with the benchmark (validation/benchmark/README.md)
    #[arg(long, value_name = "CSV", conflicts_with_all = ["quick", "out", "refit"])]
    entry: Option<PathBuf>,
}

/// Exit code when a check is out of its tolerance.
const OUT_OF_TOLERANCE: u8 = 1;

/// In a first look cells are this much wider.
const QUICK_COARSER: f64 = 1.5;

/// A file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}; {remedy}", path = .path.display())]
struct FileError {
    path: PathBuf,
    source: std::io::Error,
    remedy: &'static str,
}

/// Prints expected, found and error of every check and of every experiment; writes the report; exit code 1 when one is out of
/// tolerance.
pub fn run(arguments: &ValidateArguments) -> CommandOutcome {
    if let Some(path) = &arguments.entry {
        return compare_entry(path);
    }
    if let Some(folder) = &arguments.out {
        // Before the long work, so that a wrong path is found at once.
        fs::create_dir_all(folder).map_err(|source| unwritable(folder, source))?;
    }
    let started = Instant::now();
    let outcomes = experiments(arguments, &started)?;
    let checks = checks(arguments, &started);
    if !checks.is_empty() {
        print!("{}", as_text(&checks));
    }
    outcomes.iter().for_each(print_outcome);
    let evidence = Evidence {
        checks: &checks,
        problems: &benchmark::problems()?,
        outcomes: &outcomes,
        words: &words::words()?,
        extent: extent_words(arguments),
        program: concat!("frostline ", env!("CARGO_PKG_VERSION")),
    };
    if let Some(folder) = &arguments.out {
        write_report(folder, &evidence)?;
    }
    let failed = checks.iter().filter(|check| !check.passes()).count();
    println!("{} checks, {} within tolerance, {failed} not", checks.len(), checks.len() - failed);
    evidence.missed().iter().for_each(|missed| println!("missed: {missed}"));
    Ok(if evidence.holds() { ExitCode::SUCCESS } else { ExitCode::from(OUT_OF_TOLERANCE) })
}

fn extent_words(arguments: &ValidateArguments) -> &'static str {
    match (&arguments.experiment, arguments.quick) {
        (Some(_), _) => "one experiment, none of the exact problems",
        (None, true) => "coarse cells, a first look",
        (None, false) => "every problem at full resolution",
    }
}

fn experiments(arguments: &ValidateArguments, started: &Instant) -> Result<Vec<Outcome>, Box<dyn std::error::Error>> {
    let catalogues = Catalogues::bundled()?;
    let effort = Effort {
        coarser: if arguments.quick { QUICK_COARSER } else { 1.0 },
        threads: arguments.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
    };
    let fit = if arguments.refit { Fit::Again } else { Fit::AsRecorded };
    let mut outcomes = Vec::new();
    for file in asked_for(arguments.experiment.as_deref())? {
        let outcome = outcome::solved(file, &catalogues, effort, fit)?;
        eprintln!("solved {}: {} runs, {:.0} s", outcome.id, outcome.runs.len(), started.elapsed().as_secs_f64());
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// All experiments, or the one that was named.
fn asked_for(id: Option<&str>) -> Result<Vec<ExperimentFile>, BundleError> {
    let all = experiment_file::experiments()?;
    let Some(id) = id else { return Ok(all) };
    let known = all.iter().map(|file| file.id.clone()).collect::<Vec<_>>().join(", ");
    let found: Vec<_> = all.into_iter().filter(|file| file.id.eq_ignore_ascii_case(id)).collect();
    if found.is_empty() {
        let name = "experiments".to_owned();
        return Err(BundleError::NotKnown { name, what: "the experiment", found: id.to_owned(), known });
    }
    Ok(found)
}

fn checks(arguments: &ValidateArguments, started: &Instant) -> Vec<Check> {
    if arguments.experiment.is_some() {
        return Vec::new();
    }
    let extent = if arguments.quick { Extent::Brief } else { Extent::Full };
    let mut checks = Vec::new();
    for problem in Problem::ALL {
        // One problem after the other, so that a reader sees progress in the minutes this takes.
        let found = conformance(&[problem], extent);
        eprintln!("solved {problem:?}: {} checks, {:.0} s", found.len(), started.elapsed().as_secs_f64());
        checks.extend(found);
    }
    checks
}

fn print_outcome(outcome: &Outcome) {
    println!("{} {}", outcome.id, outcome.file.title);
    for run in &outcome.runs {
        if let Some(fitted) = &run.fitted {
            println!("   {}: fitted {:?} = {:.2}", run.name, fitted.what, fitted.value);
        }
        for part in &run.comparison.parts {
            if let Some(all) = part.all {
                let (mean, rms, worst) = (all.mean, all.rms, all.worst);
                println!("   {}, {}: mean {mean:+.2}, rms {rms:.2}, worst {worst:+.2} K", run.name, part.name);
            }
        }
        for isotherm in &run.comparison.isotherms {
            if let Some(all) = isotherm.all {
                let (mean, worst) = (all.mean, all.worst);
                println!("   {}, {:.0} °C: mean {mean:+.2}, worst {worst:+.2} mm", run.name, isotherm.celsius);
            }
        }
        for size in &run.comparison.sizes {
            let (what, measured, computed) = (size.what, size.measured_mm, size.computed_mm);
            println!("   {}, {what:?} of {:.0} °C: {measured:.1} measured, {computed:.1} mm", run.name, size.celsius);
        }
    }
}

fn compare_entry(path: &Path) -> CommandOutcome {
    let text = fs::read_to_string(path).map_err(|source| FileError {
        path: path.to_owned(),
        source,
        remedy: "check the path",
    })?;
    let compared = benchmark::compared(&text, &benchmark::problems()?)?;
    print!("{}", compared.text);
    Ok(if compared.out_of_tolerance > 0 { ExitCode::from(OUT_OF_TOLERANCE) } else { ExitCode::SUCCESS })
}

fn write_report(folder: &Path, evidence: &Evidence) -> Result<(), Box<dyn std::error::Error>> {
    let report = report::report(evidence);
    write(&folder.join("report.html"), crate::report::html(&report).as_bytes())?;
    #[cfg(feature = "pdf")]
    write(&folder.join("report.pdf"), &crate::report::pdf(&report)?)?;
    write(&folder.join("validation.json"), serde_json::to_string_pretty(&as_json(evidence))?.as_bytes())?;
    println!("written: {}", folder.join("report.html").display());
    Ok(())
}

fn as_json(evidence: &Evidence) -> Value {
    let check = |c: &Check| {
        json!({
            "problem": c.problem, "quantity": c.quantity, "unit": c.unit, "expected": c.expected, "found": c.found,
            "error": c.error, "tolerance": c.tolerance, "holds": c.passes(), "note": c.note,
            "worst_error": c.worst.map(|w| w.error), "worst_tolerance": c.worst.map(|w| w.tolerance),
        })
    };
    json!({
        "schema": "frostline-validation-1",
        "program": evidence.program,
        "extent": evidence.extent,
        "holds": evidence.holds(),
        "missed": evidence.missed(),
        "checks": evidence.checks.iter().map(check).collect::<Vec<_>>(),
        "experiments": evidence.outcomes,
        "notice": frostline_plan::NOTICE,
    })
}

fn unwritable(path: &Path, source: std::io::Error) -> FileError {
    FileError { path: path.to_owned(), source, remedy: "choose another folder with --out" }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    fs::write(path, bytes).map_err(|source| unwritable(path, source))
}
