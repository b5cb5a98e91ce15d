//! `frostline trace`: proposes the course of a nerve or vessel from a few clicks, to be accepted or corrected by a person.

mod check;
mod drawn;
mod frames;
mod sweeps;
mod volume;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use frostline_plan::catalogue::structure_called;
use frostline_plan::trace::{Tone, TraceSettings};
use frostline_space::CoursePoint;

use super::Outcome;

/// What to trace, and through what.
#[derive(clap::Args)]
pub struct TraceArguments {
    /// The image: a folder of DICOM files, or a .nii, .nii.gz, .nrrd, .mha file
    #[arg(required_unless_present_any = ["frames", "check"], conflicts_with_all = ["frames", "check"])]
    image: Option<PathBuf>,
    /// A place on the structure: x,y,z in LPS mm (two or more, in order along it); in a frame x,y in mm from its left and
    /// top rim (one in the middle of the nerve, or one on either end of its longer axis)
    #[arg(long, allow_hyphen_values = true, value_parser = words::place)]
    click: Vec<words::Place>,
    /// The structure is brighter than what is around it (the default)
    #[arg(long, conflicts_with = "dark")]
    bright: bool,
    /// The structure is darker than what is around it
    #[arg(long, conflicts_with = "frames")]
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
    #[arg(long, conflicts_with_all = ["frames", "check"])]
    drawn: Option<PathBuf>,
    /// Ultrasound frames (PNG) in order: one, to propose an ellipse at the click; more, to carry --ellipse through them
    #[arg(long, num_args = 1.., requires = "pixel_mm")]
    frames: Vec<PathBuf>,
    /// Width and height of a pixel of the frames: across,down in mm
    #[arg(long, value_parser = words::pixel)]
    pixel_mm: Option<[f64; 2]>,
    /// The ellipse in the first frame: across,down (of its middle), longer, shorter half axis in mm, tilt in degrees from
    /// across towards depth
    #[arg(long, allow_hyphen_values = true, value_parser = words::ellipse)]
    ellipse: Option<[f64; 5]>,
    /// Distance between frames that lie parallel to each other, along the limb
    #[arg(long, conflicts_with = "poses")]
    spacing_mm: Option<f64>,
    /// Where each frame lies in the patient: a TOML file, see docs/trace.md
    #[arg(long)]
    poses: Option<PathBuf>,
    /// Measure proposals against a folder of your own frames with masks: images/NAME.png and masks/NAME.png
    #[arg(long, requires = "pixel_mm", conflicts_with = "frames")]
    check: Option<PathBuf>,
    /// Only these frames of the folder, by name without ending
    #[arg(long, value_delimiter = ',', requires = "check")]
    only: Vec<String>,
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
    let settings = TraceSettings::bundled()?;
    match (&arguments.image, &arguments.check) {
        (Some(image), _) => volume::run(arguments, image, &settings)?,
        (None, Some(folder)) => check::run(arguments, folder, &settings)?,
        (None, None) => frames::run(arguments, &settings)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A kind no limit is written for.
#[derive(Debug, thiserror::Error)]
#[error("--kind is '{found}', expected artery, vein, motor-nerve, mixed-nerve, sensory-nerve or tendon")]
struct UnknownKind {
    found: String,
}

/// The piece of a case file that draws a structure along a course.
fn structure_toml(arguments: &TraceArguments, points: &[CoursePoint]) -> Result<String, UnknownKind> {
    let kind = &arguments.kind;
    if structure_called(kind).is_none() {
        return Err(UnknownKind { found: kind.clone() });
    }
    let name = toml::Value::String(arguments.name.clone());
    let places = words::list_toml(points.iter().map(|p| words::place_toml(p.centre)));
    let radii = words::list_toml(points.iter().map(|p| format!("{:.2}", p.radius_mm)));
    Ok(format!(
        "[[structure]]\nname = {name}\nkind = \"{kind}\" # check: the program cannot know it\npoints_mm = {places}\nradii_mm = {radii}"
    ))
}
