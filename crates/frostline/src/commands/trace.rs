//! `frostline trace`: proposes the course of a nerve or vessel from a few clicks, to be accepted or corrected by a person.

mod drawn;
mod volume;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use frostline_plan::trace::Tone;

use super::Outcome;

/// What to trace, and through what.
#[derive(clap::Args)]
pub struct TraceArguments {
    /// The image: a folder of DICOM files, or a .nii, .nii.gz, .nrrd, .mha file
    image: PathBuf,
    /// A place on the structure, x,y,z in LPS mm; give two or more, in order along it
    #[arg(long, allow_hyphen_values = true, value_parser = words::place)]
    click: Vec<[f64; 3]>,
    /// The structure is brighter than what is around it (the default)
    #[arg(long, conflicts_with = "dark")]
    bright: bool,
    /// The structure is darker than what is around it
    #[arg(long)]
    dark: bool,
    /// About how thick it is; without it any radius of data/trace.toml
    #[arg(long)]
    radius_mm: Option<f64>,
    /// The series, where the folder holds several
    #[arg(long)]
    series: Option<String>,
    /// Name of the structure in the piece for the case file
    #[arg(long, default_value = "traced structure")]
    name: String,
    /// Kind of the structure; the default has the strictest limits, so that a forgotten kind is on the careful side
    #[arg(long, default_value = "motor-nerve")]
    kind: String,
    /// Print JSON instead of a piece for a case file
    #[arg(long)]
    json: bool,
    /// A case file with the same structure (or "nerve") drawn by hand: print how far the trace lies from it
    #[arg(long)]
    drawn: Option<PathBuf>,
}

impl TraceArguments {
    fn tone(&self) -> Tone {
        if self.dark { Tone::Dark } else { Tone::Bright }
    }
}

/// Said with every trace.
const PROPOSAL: &str =
    "This is a proposal: look at every point on the image, correct or reject it, and only then use it in a case.";

/// Traces and prints.
pub fn run(arguments: &TraceArguments) -> Outcome {
    volume::run(arguments)?;
    Ok(ExitCode::SUCCESS)
}
