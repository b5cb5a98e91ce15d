//! The frostline program: plans the freezing of a leg nerve, from images to a report.
//!
//! A research and planning aid, not a cleared medical device.

mod case_file;
mod commands;
mod decode_worker;
mod images;
mod report;
mod summary;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Plans percutaneous cryoneurolysis of a leg nerve. A research and planning aid, not a cleared medical device.
#[derive(Parser)]
#[command(version, about, after_help = "Exit codes: 0 ok, 1 something was found at 'stop', 2 bad input.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read a case, simulate the freeze in this patient's tissue, and judge it
    Plan(commands::plan::PlanArguments),
    /// Simulate a scene that has nothing to do with a patient
    Simulate(commands::simulate::SimulateArgs),
    /// Fit how a probe cools to a bench run of your own, for use in plans
    Calibrate(commands::calibrate::CalibrateArguments),
    /// Solve the exact problems and print how far off the engine is
    Validate(commands::validate::ValidateArguments),
    /// List the image series in a folder of DICOM files
    Series(commands::series::SeriesArguments),
    /// List the rules that judge a case, each with its source and status
    Rules(commands::rules::RulesArguments),
    /// Say what this machine has and what is missing
    Doctor,
    /// Decode one compressed image frame in a process of its own (used by the program itself)
    #[command(hide = true)]
    DecodeWorker,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Plan(arguments) => commands::plan::run(&arguments),
        Command::Simulate(arguments) => {
            commands::simulate::run(&arguments).map_err(Into::into).map(|()| ExitCode::SUCCESS)
        }
        Command::Calibrate(arguments) => {
            commands::calibrate::run(&arguments).map_err(Into::into).map(|()| ExitCode::SUCCESS)
        }
        Command::Validate(arguments) => commands::validate::run(&arguments),
        Command::Series(arguments) => commands::series::run(&arguments),
        Command::Rules(arguments) => commands::rules::run(&arguments),
        Command::Doctor => commands::doctor::run(),
        Command::DecodeWorker => return decode_worker::run_worker(),
    };
    outcome.unwrap_or_else(|error| {
        print_error(error.as_ref());
        ExitCode::from(BAD_INPUT)
    })
}

/// Exit code for input that cannot be used.
const BAD_INPUT: u8 = 2;

/// The error and what caused it, once each, on standard error.
fn print_error(error: &(dyn std::error::Error + 'static)) {
    let mut said = error.to_string();
    eprintln!("error: {said}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        // Messages that carry their cause already are not followed by it once more.
        if !said.contains(&text) {
            eprintln!("  because: {text}");
            said = text;
        }
        cause = inner.source();
    }
}
