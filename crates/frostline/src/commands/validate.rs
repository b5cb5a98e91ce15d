//! `frostline validate`: the exact problems, solved again, in one table.

use std::process::ExitCode;
use std::time::Instant;

use frostline_freeze::conformance::{Extent, Problem, as_text, conformance};

use super::Outcome;

/// What to solve.
#[derive(clap::Args)]
pub struct ValidateArguments {
    /// Coarser grids and shorter times, for a first look
    #[arg(long)]
    quick: bool,
}

/// Exit code when a check is out of its tolerance.
const OUT_OF_TOLERANCE: u8 = 1;

/// Prints expected, found and error of every check, and the largest errors last; exit code 1 when one is out of tolerance.
pub fn run(arguments: &ValidateArguments) -> Outcome {
    let extent = if arguments.quick { Extent::Brief } else { Extent::Full };
    let started = Instant::now();
    let mut checks = Vec::new();
    for problem in Problem::ALL {
        // One problem after the other, so that a reader sees progress in the minutes this takes.
        let found = conformance(&[problem], extent);
        eprintln!("solved {problem:?}: {} checks, {:.0} s", found.len(), started.elapsed().as_secs_f64());
        checks.extend(found);
    }
    print!("{}", as_text(&checks));
    let failed = checks.iter().filter(|check| !check.passes()).count();
    println!("{} checks, {} within tolerance, {failed} not", checks.len(), checks.len() - failed);
    Ok(if failed > 0 { ExitCode::from(OUT_OF_TOLERANCE) } else { ExitCode::SUCCESS })
}
