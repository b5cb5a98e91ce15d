//! The commands, one file each.

pub mod calibrate;
pub mod doctor;
pub mod plan;
pub mod series;
pub mod simulate;
pub mod validate;

/// What a command returns: the exit code, or an error that is printed once.
pub type Outcome = Result<std::process::ExitCode, Box<dyn std::error::Error>>;
