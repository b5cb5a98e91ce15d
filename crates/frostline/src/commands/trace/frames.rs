//! An ellipse in one frame, or carried through a sweep.

use std::error::Error;
use std::path::{Path, PathBuf};

use frostline_formats::frame_png::{Ellipse, FramePngError, PixelSize, UltrasoundFrame, read_ultrasound_png};
use frostline_plan::trace::TraceSettings;
use frostline_plan::trace::frame::{
    Carried, FrameEllipse, FramePoint, FrameToPatient, carried_through, course_of_sweep, proposed_ellipse,
};
use frostline_space::{Course, PatientPoint, PatientVector};
use serde::Deserialize;
use serde_json::{Value, json};

use super::words::{Place, list_toml, place_json, rounded};
use super::{PROPOSAL, TraceArguments, structure_toml};
use crate::images::read_file;

/// Why frames cannot be traced.
#[derive(Debug, thiserror::Error)]
enum FramesError {
    #[error("{path}: {source}", path = .path.display())]
    Picture { path: PathBuf, source: FramePngError },
    #[error(
        "found {found} click(s) of two numbers in one frame, expected one in the middle of the nerve, or two on the ends of its longer axis"
    )]
    Clicks { found: usize },
    #[error(
        "{frames} frames were given without --ellipse; propose one in the first frame alone (--frames FIRST --click x,y), look at it, and give it with --ellipse"
    )]
    NoEllipse { frames: usize },
    #[error("{path}: {source}; expected frame_to_patient_mm = [[16 numbers, row by row], ...]", path = .path.display())]
    Poses { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{path}: the last row of a pose must be 0, 0, 0, 1", path = .path.display())]
    LastRow { path: PathBuf },
    #[error("--spacing-mm is {found}, expected more than 0")]
    Spacing { found: f64 },
}

/// Reads, proposes or carries, and prints.
pub(super) fn run(arguments: &TraceArguments, settings: &TraceSettings) -> Result<(), Box<dyn Error>> {
    // `requires` on --frames makes clap refuse frames without a pixel size.
    let [across_mm, down_mm] = arguments.pixel_mm.unwrap_or_default();
    let pixel = PixelSize::new(across_mm, down_mm)?;
    let frames: Vec<UltrasoundFrame> =
        arguments.frames.iter().map(|path| frame(path, pixel)).collect::<Result<_, _>>()?;
    match (frames.as_slice(), &arguments.ellipse) {
        ([single], None) => print_proposal(arguments, single, settings),
        (several, None) => Err(Box::new(FramesError::NoEllipse { frames: several.len() })),
        (several, Some(numbers)) => print_carried(arguments, several, *numbers, settings),
    }
}

/// One picture.
pub(super) fn frame(path: &Path, pixel: PixelSize) -> Result<UltrasoundFrame, Box<dyn Error>> {
    let picture = read_ultrasound_png(&read_file(path)?, pixel);
    Ok(picture.map_err(|source| FramesError::Picture { path: path.into(), source })?)
}

/// What is expected around the clicks: one gives the middle; two give the longer axis, and the usual flatness the shorter.
fn expected(arguments: &TraceArguments, settings: &TraceSettings) -> Result<FrameEllipse, Box<dyn Error>> {
    let places: Vec<FramePoint> = arguments
        .click
        .iter()
        .filter_map(|place| match place {
            Place::InFrame([across, down]) => Some(FramePoint::new(*across, *down, 0.0)),
            Place::InPatient(_) => None,
        })
        .collect();
    match (places.as_slice(), places.len() == arguments.click.len()) {
        ([middle], true) => Ok(FrameEllipse::usual_at(*middle, arguments.radius_mm, settings)?),
        ([one, other], true) => Ok(FrameEllipse::usual_between(*one, *other, settings)?),
        _ => Err(Box::new(FramesError::Clicks { found: places.len() })),
    }
}

fn print_proposal(
    arguments: &TraceArguments,
    frame: &UltrasoundFrame,
    settings: &TraceSettings,
) -> Result<(), Box<dyn Error>> {
    let found = proposed_ellipse(frame, &expected(arguments, settings)?, settings)?;
    if arguments.json {
        let value =
            json!({ "note": PROPOSAL, "ellipse": ellipse_json(&found.ellipse), "edge_seen": rounded(found.edge_seen) });
        println!("{value:#}");
        return Ok(());
    }
    let ellipse = found.ellipse;
    println!("# {PROPOSAL}");
    println!("# edge seen on {:.0} % of the outline; the rest is the expected shape", 100.0 * found.edge_seen);
    println!("# middle {:.2} mm from the left rim, {:.2} mm from the top rim", ellipse.centre().x, ellipse.centre().y);
    println!("# radius of the circle of equal area {:.2} mm", ellipse.equivalent_radius_mm());
    println!("--ellipse={}", ellipse_words(&ellipse));
    Ok(())
}

fn ellipse_words(e: &FrameEllipse) -> String {
    let (long_mm, short_mm, tilt_deg) = (e.long_radius_mm(), e.short_radius_mm(), e.tilt_deg());
    format!("{:.2},{:.2},{long_mm:.2},{short_mm:.2},{tilt_deg:.1}", e.centre().x, e.centre().y)
}

fn ellipse_json(e: &FrameEllipse) -> Value {
    json!({
        "across_mm": rounded(e.centre().x), "down_mm": rounded(e.centre().y),
        "long_radius_mm": rounded(e.long_radius_mm()), "short_radius_mm": rounded(e.short_radius_mm()),
        "tilt_deg": rounded(e.tilt_deg()),
    })
}

fn print_carried(
    arguments: &TraceArguments,
    frames: &[UltrasoundFrame],
    [across, down, long_radius_mm, short_radius_mm, tilt_deg]: [f64; 5],
    settings: &TraceSettings,
) -> Result<(), Box<dyn Error>> {
    let shape = Ellipse { long_radius_mm, short_radius_mm, tilt_deg };
    let first = FrameEllipse::new(FramePoint::new(across, down, 0.0), shape)?;
    let carried = carried_through(frames, &first, settings)?;
    let course = course(arguments, &carried, settings)?;
    if arguments.json {
        println!("{:#}", carried_json(&carried, course.as_ref()));
        return Ok(());
    }
    println!("# {PROPOSAL}");
    for (n, at) in carried.ellipses.iter().enumerate() {
        let (words, first) = (ellipse_words(&at.ellipse), at.like_first);
        println!("# frame {}: {words} confidence {:.2}, like the first frame {first:.2}", n + 1, at.confidence);
    }
    if let Some(lost) = &carried.lost {
        println!("# {lost}");
    }
    match course {
        Some(course) => println!("{}", structure_toml(arguments, course.points())?),
        None => println!("# no course: give --spacing-mm or --poses to say where the frames lie"),
    }
    let confidences = carried.ellipses.iter().map(|at| format!("{:.2}", at.confidence));
    println!("# confidence = {}", list_toml(confidences));
    Ok(())
}

fn carried_json(carried: &Carried, course: Option<&Course>) -> Value {
    let at = carried
        .ellipses
        .iter()
        .map(|at| json!({ "ellipse": ellipse_json(&at.ellipse), "confidence": rounded(at.confidence), "like_first": rounded(at.like_first) }));
    let point = |p: &frostline_space::CoursePoint| json!({ "centre_mm": place_json(p.centre), "radius_mm": rounded(p.radius_mm) });
    json!({
        "note": PROPOSAL,
        "frames": at.collect::<Vec<_>>(),
        "lost": carried.lost.as_ref().map(|lost| json!({ "frame": lost.frame, "why": lost.why.to_string() })),
        "points": course.map(|c| c.points().iter().map(point).collect::<Vec<_>>()),
    })
}

/// The course, when it is known where the frames lie.
fn course(
    arguments: &TraceArguments,
    carried: &Carried,
    settings: &TraceSettings,
) -> Result<Option<Course>, Box<dyn Error>> {
    let count = carried.ellipses.len();
    let poses = match (arguments.spacing_mm, &arguments.poses) {
        (Some(spacing_mm), _) => parallel(count, spacing_mm)?,
        (None, Some(path)) => read_poses(path)?.into_iter().take(count).collect(),
        (None, None) => return Ok(None),
    };
    if count < 2 {
        return Ok(None);
    }
    let ellipses: Vec<FrameEllipse> = carried.ellipses.iter().map(|at| at.ellipse).collect();
    Ok(Some(course_of_sweep(&ellipses, &poses, settings.points.value.every_mm)?))
}

/// Frames one behind the other along z, in the frame of the transducer that `docs/case.md` describes.
fn parallel(count: usize, spacing_mm: f64) -> Result<Vec<FrameToPatient>, FramesError> {
    if !(spacing_mm > 0.0 && spacing_mm.is_finite()) {
        return Err(FramesError::Spacing { found: spacing_mm });
    }
    let (x, y, z) =
        (PatientVector::new(1.0, 0.0, 0.0), PatientVector::new(0.0, 1.0, 0.0), PatientVector::new(0.0, 0.0, 1.0));
    let at = |n: usize| FrameToPatient::new(x, y, z, PatientPoint::new(0.0, 0.0, n as f64 * spacing_mm));
    Ok((0..count).map(at).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PosesText {
    frame_to_patient_mm: Vec<[f64; 16]>,
}

fn read_poses(path: &Path) -> Result<Vec<FrameToPatient>, Box<dyn Error>> {
    let bytes = read_file(path)?;
    let text: PosesText =
        toml::from_slice(&bytes).map_err(|e| FramesError::Poses { path: path.into(), source: Box::new(e) })?;
    let pose = |m: &[f64; 16]| {
        if m[12..] != [0.0, 0.0, 0.0, 1.0] {
            return Err(FramesError::LastRow { path: path.into() });
        }
        let column = |n: usize| PatientVector::new(m[n], m[4 + n], m[8 + n]);
        Ok(FrameToPatient::new(column(0), column(1), column(2), PatientPoint::new(m[3], m[7], m[11])))
    };
    Ok(text.frame_to_patient_mm.iter().map(pose).collect::<Result<_, _>>()?)
}
