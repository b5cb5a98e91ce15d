//! The frostline program: plans the freezing of a leg nerve, from images to a report.
//!
//! A research and planning aid, not a cleared medical device.

pub mod accounts;
pub mod audit;
pub mod calendar;
mod case_file;
pub mod cases;
mod commands;
mod decode_worker;
pub mod documents;
pub mod erasing;
mod images;
pub mod jobs;
mod key_file;
mod played;
#[cfg(test)]
#[path = "../tests/store/postgres.rs"]
mod postgres_server;
mod proposals;
mod report;
mod robust_summary;
pub mod server;
mod sign_in_file;
pub mod site_file;
pub mod store;
mod summary;
#[cfg(feature = "pdf")]
mod tagged;

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
    /// Say how likely a plan is to succeed when nothing lands and conducts exactly as planned
    Robust(commands::robust::RobustArguments),
    /// Search for plans: which probe from where to where, for how long
    Propose(commands::propose::ProposeArguments),
    /// Approve an assessed plan by name, or check whether an approval still stands
    Approve(commands::approve::ApproveArguments),
    /// Say what happens when the gas is switched off now, and how long it may still stay on
    Forecast(commands::forecast::ForecastArguments),
    /// Rank what can be done when a probe is not where it was aimed
    Rescue(commands::rescue::RescueArguments),
    /// Say in a tenth of a second what a dragged probe would do, roughly
    Preview(commands::preview::PreviewArguments),
    /// Simulate a scene that has nothing to do with a patient
    Simulate(commands::simulate::SimulateArgs),
    /// Fit how a probe cools to a bench run of your own, for use in plans
    Calibrate(commands::calibrate::CalibrateArguments),
    /// Solve the exact problems and print how far off the engine is
    Validate(commands::validate::ValidateArguments),
    /// Propose the course of a nerve or vessel from a few clicks, for a person to accept or correct
    Trace(Box<commands::trace::TraceArguments>),
    /// List the image series in a folder of DICOM files
    Series(commands::series::SeriesArguments),
    /// List the rules that judge a case, each with its source and status
    Rules(commands::rules::RulesArguments),
    /// Play a made-up case through the interface of the case record
    Case(commands::case::CaseArguments),
    /// Show who saw and did what, or check that nobody tampered with that record
    Audit(commands::audit::AuditArguments),
    /// Write leaflet, consent, sheets, reports, letter and claim of a patient
    Documents(commands::documents::DocumentsArguments),
    /// Book what a site wishes for, say what stands in the way, and write calendars
    Schedule(commands::schedule::ScheduleArguments),
    /// Print what somebody of a role should do next
    Worklist(commands::worklist::WorklistArguments),
    /// Serve the case record over HTTP
    Serve(commands::serve::ServeArguments),
    /// Check, back up, restore, export, import or erase what is stored
    Store(commands::store::StoreArguments),
    /// Carry out long jobs that the server was asked for, here or on another machine
    Work(commands::work::WorkArguments),
    /// Change the key with which secrets in the database are encrypted
    Keys(commands::keys::KeysArguments),
    /// Say what this machine has and what is missing
    Doctor,
    /// Decode one compressed image frame in a process of its own (used by the program itself)
    #[command(hide = true)]
    DecodeWorker,
}

/// Reads the command line, does what it says, and gives the exit code.
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Plan(arguments) => commands::plan::run(&arguments),
        Command::Robust(arguments) => commands::robust::run(&arguments),
        Command::Propose(arguments) => commands::propose::run(&arguments),
        Command::Approve(arguments) => commands::approve::run(&arguments),
        Command::Forecast(arguments) => commands::forecast::run(&arguments),
        Command::Rescue(arguments) => commands::rescue::run(&arguments),
        Command::Preview(arguments) => commands::preview::run(&arguments),
        Command::Simulate(arguments) => {
            commands::simulate::run(&arguments).map_err(Into::into).map(|()| ExitCode::SUCCESS)
        }
        Command::Calibrate(arguments) => {
            commands::calibrate::run(&arguments).map_err(Into::into).map(|()| ExitCode::SUCCESS)
        }
        Command::Validate(arguments) => commands::validate::run(&arguments),
        Command::Trace(arguments) => commands::trace::run(&arguments),
        Command::Series(arguments) => commands::series::run(&arguments),
        Command::Rules(arguments) => commands::rules::run(&arguments),
        Command::Case(arguments) => commands::case::run(&arguments),
        Command::Audit(arguments) => commands::audit::run(&arguments),
        Command::Documents(arguments) => commands::documents::run(&arguments),
        Command::Schedule(arguments) => commands::schedule::run(&arguments),
        Command::Worklist(arguments) => commands::worklist::run(&arguments),
        Command::Serve(arguments) => commands::serve::run(&arguments),
        Command::Store(arguments) => commands::store::run(&arguments),
        Command::Work(arguments) => commands::work::run(&arguments),
        Command::Keys(arguments) => commands::keys::run(&arguments),
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

/// The error and what caused it, on standard error.
fn print_error(error: &(dyn std::error::Error + 'static)) {
    eprintln!("error: {}", error_text(error));
}

/// The error and what caused it, once each, a line for each cause.
fn error_text(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said = error.to_string();
    let mut lines = said.clone();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        // Messages that carry their cause already are not followed by it once more.
        if !said.contains(&text) {
            lines += &format!("\n  because: {text}");
            said = text;
        }
        cause = inner.source();
    }
    lines
}
