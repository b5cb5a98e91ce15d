//! A trace through a volume.

use std::error::Error;

use frostline_plan::catalogue::structure_called;
use frostline_plan::trace::{Sought, TraceSettings, TracedPoint, Tracing};
use frostline_space::PatientPoint;
use serde_json::json;

use super::drawn::{Distance, DrawnCourse};
use super::words::{list_toml, place_json, place_toml, rounded};
use super::{PROPOSAL, TraceArguments};
use crate::images::read_image;

/// A kind no limit is written for.
#[derive(Debug, thiserror::Error)]
#[error("--kind is '{found}', expected artery, vein, motor-nerve, mixed-nerve, sensory-nerve or tendon")]
struct UnknownKind {
    found: String,
}

/// Reads, traces and prints.
pub(super) fn run(arguments: &TraceArguments) -> Result<(), Box<dyn Error>> {
    if structure_called(&arguments.kind).is_none() {
        return Err(Box::new(UnknownKind { found: arguments.kind.clone() }));
    }
    let settings = TraceSettings::bundled()?;
    let sought = match arguments.radius_mm {
        Some(radius_mm) => Sought::of_radius(arguments.tone(), radius_mm, &settings)?,
        None => Sought::any(arguments.tone(), &settings),
    };
    let drawn = arguments.drawn.as_deref().map(|path| DrawnCourse::read(path, &arguments.name)).transpose()?;
    let image = read_image(&arguments.image, arguments.series.as_deref())?;
    let clicks: Vec<PatientPoint> = arguments.click.iter().map(|mm| PatientPoint::new(mm[0], mm[1], mm[2])).collect();
    let tracing = Tracing::through(&image.volume, &clicks, &sought, &settings)?;
    let distance = drawn.map(|drawn| drawn.distance(&tracing.points()));
    if arguments.json {
        println!("{:#}", as_json(&tracing, distance)?);
    } else {
        print_piece(arguments, &tracing, distance);
    }
    Ok(())
}

fn as_json(tracing: &Tracing, distance: Option<Distance>) -> Result<serde_json::Value, Box<dyn Error>> {
    let point = |p: &TracedPoint| json!({ "centre_mm": place_json(p.centre), "radius_mm": rounded(p.radius_mm), "confidence": rounded(p.confidence) });
    let clicks = tracing
        .clicks()
        .iter()
        .map(|c| json!({ "clicked_mm": place_json(c.clicked), "used_mm": place_json(c.centre) }));
    Ok(json!({
        "note": PROPOSAL,
        "length_mm": rounded(tracing.course()?.length_mm()),
        "clicks": clicks.collect::<Vec<_>>(),
        "points": tracing.points().iter().map(point).collect::<Vec<_>>(),
        "from_drawn_mm": distance.map(|d| json!({ "mean": rounded(d.mean_mm), "max": rounded(d.most_mm) })),
    }))
}

fn print_piece(arguments: &TraceArguments, tracing: &Tracing, distance: Option<Distance>) {
    let points = tracing.points();
    println!("# {PROPOSAL}");
    for (n, click) in tracing.clicks().iter().enumerate() {
        let moved_mm = click.clicked.distance(click.centre);
        println!("# click {}: moved {moved_mm:.1} mm to {}", n + 1, click.centre);
    }
    let least = points.iter().min_by(|a, b| a.confidence.total_cmp(&b.confidence));
    if let Some(least) = least {
        let (confidence, centre) = (least.confidence, least.centre);
        println!("# least confidence {confidence:.2} at {centre} (1: looks like the clicks, 0: nothing there)");
    }
    if let Some(Distance { mean_mm, most_mm }) = distance {
        println!("# from the drawn course: mean {mean_mm:.2} mm, max {most_mm:.2} mm");
    }
    println!("[[structure]]");
    println!("name = {}", toml::Value::String(arguments.name.clone()));
    println!("kind = \"{}\" # check: the program cannot know it", arguments.kind);
    println!("points_mm = {}", list_toml(points.iter().map(|p| place_toml(p.centre))));
    println!("radii_mm = {}", list_toml(points.iter().map(|p| format!("{:.2}", p.radius_mm))));
    println!("# confidence = {}", list_toml(points.iter().map(|p| format!("{:.2}", p.confidence))));
}
