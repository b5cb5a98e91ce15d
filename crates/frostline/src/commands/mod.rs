//! The commands, one file each.

pub mod approve;
pub mod audit;
pub mod calibrate;
pub mod case;
pub mod doctor;
pub mod documents;
pub mod forecast;
pub mod keys;
pub mod plan;
pub mod preview;
pub mod propose;
pub mod rescue;
pub mod robust;
pub mod rules;
pub mod schedule;
pub mod series;
pub mod serve;
pub mod simulate;
pub mod store;
pub mod trace;
pub mod validate;
pub mod work;
pub mod worklist;

/// What a command returns: the exit code, or an error that is printed once.
pub type Outcome = Result<std::process::ExitCode, Box<dyn std::error::Error>>;

/// A tolerance on the command line. Unit: mm.
fn tolerance_mm(text: &str) -> Result<f64, String> {
    let found = text.parse::<f64>().ok().filter(|found| crate::case_file::TOLERANCES_MM.contains(found));
    found.ok_or_else(|| format!("found '{text}', expected millimetres from 0.01 to 1, such as 0.1"))
}
