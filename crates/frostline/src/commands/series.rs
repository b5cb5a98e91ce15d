//! `frostline series`: what images lie in a folder of DICOM files.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Outcome;
use crate::images::series_in;

/// What to look at.
#[derive(clap::Args)]
pub struct SeriesArguments {
    /// Folder of DICOM files
    folder: PathBuf,
}

/// Prints each series with the id it is chosen by, and why other files are none.
pub fn run(arguments: &SeriesArguments) -> Outcome {
    let (list, identifying) = series_in(&arguments.folder)?;
    for series in &list.series {
        println!("{series}");
    }
    for skipped in &list.skipped {
        println!("not an image: {}: {}", skipped.file, skipped.why);
    }
    if list.series.is_empty() {
        println!("no CT or MR image found in {}", arguments.folder.display());
    }
    if !identifying.is_empty() {
        println!("identifying attributes present (values are not shown and not stored): {}", identifying.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}
