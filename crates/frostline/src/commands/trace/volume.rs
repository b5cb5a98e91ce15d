//! A trace through a volume.

use std::error::Error;
use std::path::Path;

use frostline_plan::trace::{Sought, TraceSettings, TracedPoint, Tracing};
use frostline_space::PatientPoint;
use serde_json::json;

use super::drawn::{Distance, DrawnCourse};
use super::words::{Place, list_toml, place_json, rounded};
use super::{PROPOSAL, TraceArguments, structure_toml};
use crate::images::read_image;

/// A click with two numbers.
#[derive(Debug, thiserror::Error)]
#[error("click {number} has two numbers; through a volume a click is x,y,z in LPS mm (two numbers go with --frames)")]
struct FlatClick {
    number: usize,
}

/// Reads, traces and prints.
pub(super) fn run(arguments: &TraceArguments, path: &Path, settings: &TraceSettings) -> Result<(), Box<dyn Error>> {
    let sought = match arguments.radius_mm {
        Some(radius_mm) => Sought::of_radius(arguments.tone(), radius_mm, settings)?,
        None => Sought::any(arguments.tone(), settings),
    };
    let drawn = arguments.drawn.as_deref().map(|path| DrawnCourse::read(path, &arguments.name)).transpose()?;
    let clicks = clicks(arguments)?;
    let image = read_image(path, arguments.series.as_deref())?;
    let tracing = Tracing::through(&image.volume, &clicks, &sought, settings)?;
    let distance = drawn.map(|drawn| drawn.distance(&tracing.points()));
    if arguments.json {
        println!("{:#}", as_json(&tracing, distance)?);
    } else {
        print_piece(arguments, &tracing, distance)?;
    }
    Ok(())
}

fn clicks(arguments: &TraceArguments) -> Result<Vec<PatientPoint>, FlatClick> {
    let point = |(n, place): (usize, &Place)| match place {
        Place::InPatient([x, y, z]) => Ok(PatientPoint::new(*x, *y, *z)),
        Place::InFrame(_) => Err(FlatClick { number: n + 1 }),
    };
    arguments.click.iter().enumerate().map(point).collect()
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

fn print_piece(
    arguments: &TraceArguments,
    tracing: &Tracing,
    distance: Option<Distance>,
) -> Result<(), Box<dyn Error>> {
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
    println!("{}", structure_toml(arguments, tracing.course()?.points())?);
    println!("# confidence = {}", list_toml(points.iter().map(|p| format!("{:.2}", p.confidence))));
    Ok(())
}
