//! An ellipse from one click: the outline near an expected one across which the picture turns from bright to dark.
//!
//! Rays leave the click; along each, places between half and 1.7 times the expected outline are scored by how much darker
//! it is beyond than before, less a penalty for leaving what is expected. The best closed outline that is smooth from ray to
//! ray is found by dynamic programming and replaced by the ellipse with its second moments.

use frostline_formats::frame_png::UltrasoundFrame;

use super::super::settings::TraceSettings;
use super::ellipse::{FrameEllipse, FramePoint, Shape};
use super::shade::Shade;

/// What is proposed for a click.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProposedEllipse {
    /// The ellipse.
    pub ellipse: FrameEllipse,
    /// Part of the outline on which the picture turns darker outwards. Range: 0 to 1. A low value says that the expected
    /// ellipse is all there is.
    pub edge_seen: f64,
}

/// Why no ellipse can be proposed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProposeError {
    /// The expected ellipse reaches out of the picture.
    #[error(
        "an ellipse of {long_mm:.1} x {short_mm:.1} mm at ({across_mm:.1}, {down_mm:.1}) mm reaches out of the picture of {width_mm:.1} x {height_mm:.1} mm; click on the middle of a nerve that is wholly in it, give its expected size, or check the pixel size"
    )]
    OutOfPicture {
        /// Longer half axis.
        long_mm: f64,
        /// Shorter half axis.
        short_mm: f64,
        /// Centre, across.
        across_mm: f64,
        /// Centre, down.
        down_mm: f64,
        /// Width of the picture.
        width_mm: f64,
        /// Height of the picture.
        height_mm: f64,
    },
    /// A size no nerve has.
    #[error("half axes of {long_mm} x {short_mm} mm are expected, which is outside {least_mm} to {most_mm} mm")]
    Size {
        /// Longer half axis.
        long_mm: f64,
        /// Shorter half axis.
        short_mm: f64,
        /// The least.
        least_mm: f64,
        /// The most.
        most_mm: f64,
    },
}

/// Rays from the click.
const RAYS: usize = 64;
/// Places along each ray.
const PLACES: usize = 44;
/// The nearest and farthest place, over the expected outline.
const NEAREST: f64 = 0.5;
const FARTHEST: f64 = 1.7;
// The numbers below were chosen on the 24 development frames of docs/trace.md. Of those tried, none gave a mean Dice above 0.77
// or below 0.74, which is that of the expected ellipse itself: they do not matter much.
/// Width of the Gaussian before edges are looked for, over the expected mean radius.
const SMOOTHING: f64 = 0.088;
/// Distance over which an edge is measured, over the expected mean radius.
const EDGE_REACH: f64 = 0.088;
/// What a place costs that is e times as far out as expected, in edges of one standard deviation of the picture.
const SHAPE_WEIGHT: f64 = 8.0;
/// What it costs to step outwards or inwards from one ray to the next, in the same unit.
const STEP_COST: f64 = 0.1;
/// Edges against and along expectation count this much at most, so that one bright line does not decide.
const EDGE_LIMITS: (f64, f64) = (-0.5, 1.0);
/// An edge is seen from here on, in standard deviations of the picture.
const SEEN: f64 = 0.1;

/// The ellipse around a click, given one that is expected there (its centre is the click).
///
/// # Errors
/// [`ProposeError`] when what is expected is of no nerve's size, or reaches out of the picture.
pub fn proposed_ellipse(
    frame: &UltrasoundFrame,
    expected: &FrameEllipse,
    settings: &TraceSettings,
) -> Result<ProposedEllipse, ProposeError> {
    check(frame, expected, settings)?;
    let radius_mm = expected.equivalent_radius_mm();
    let shade = Shade::of(frame, SMOOTHING * radius_mm);
    let spread = spread_around(&shade, expected);
    let edges: Vec<Vec<f64>> = (0..RAYS).map(|ray| edges_on_ray(&shade, expected, ray, spread)).collect();
    let outline = best_outline(&edges);
    let seen = (0..RAYS).filter(|ray| edges[*ray][outline[*ray]] > SEEN).count();
    let corners: Vec<FramePoint> = (0..RAYS).map(|ray| on_ray(expected, ray, outline[ray])).collect();
    Ok(ProposedEllipse { ellipse: ellipse_of(&corners), edge_seen: seen as f64 / RAYS as f64 })
}

fn check(frame: &UltrasoundFrame, expected: &FrameEllipse, settings: &TraceSettings) -> Result<(), ProposeError> {
    let (long_mm, short_mm) = (expected.long_radius_mm(), expected.short_radius_mm());
    let (least_mm, most_mm) = (settings.frame.value.least_radius_mm, settings.frame.value.most_radius_mm);
    if short_mm < least_mm || long_mm > most_mm {
        return Err(ProposeError::Size { long_mm, short_mm, least_mm, most_mm });
    }
    if expected.lies_in(frame) {
        return Ok(());
    }
    Err(ProposeError::OutOfPicture {
        long_mm,
        short_mm,
        across_mm: expected.centre().x,
        down_mm: expected.centre().y,
        width_mm: frame.width_mm(),
        height_mm: frame.height_mm(),
    })
}

/// How far out place `n` lies, over the expected outline: even in the logarithm.
fn out(n: usize) -> f64 {
    NEAREST * (FARTHEST / NEAREST).powf(n as f64 / (PLACES - 1) as f64)
}

fn on_ray(expected: &FrameEllipse, ray: usize, n: usize) -> FramePoint {
    let (sin, cos) = (2.0 * std::f64::consts::PI * ray as f64 / RAYS as f64).sin_cos();
    expected.place(out(n) * cos, out(n) * sin)
}

/// Standard deviation of the smoothed picture around the click: what an edge is measured against.
fn spread_around(shade: &Shade, expected: &FrameEllipse) -> f64 {
    let reach = |n: i32| f64::from(n) / 10.0;
    let places = (-20..=20).flat_map(|v| (-20..=20).map(move |u| (reach(u), reach(v))));
    let values: Vec<f64> = places.map(|(u, v)| shade.at(expected.place(u, v))).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

/// How much darker it is beyond each place of a ray than before it, in standard deviations.
fn edges_on_ray(shade: &Shade, expected: &FrameEllipse, ray: usize, spread: f64) -> Vec<f64> {
    let reach_mm = EDGE_REACH * expected.equivalent_radius_mm();
    (0..PLACES)
        .map(|n| {
            let place = on_ray(expected, ray, n);
            // Places lie at least half a short axis from the centre.
            let Some(outwards) = (place - expected.centre()).direction() else { return 0.0 };
            let (before, beyond) = (shade.at(place - outwards * reach_mm), shade.at(place + outwards * reach_mm));
            let edge = if spread > 0.0 { (before - beyond) / spread } else { 0.0 };
            edge.clamp(EDGE_LIMITS.0, EDGE_LIMITS.1)
        })
        .collect()
}

/// Starts that are tried on the first ray, so that the outline closes: every so many places.
const START_EVERY: usize = 4;
/// How far from its start an outline may end.
const CLOSES_WITHIN: usize = 2;

/// Place on each ray of the best closed outline that moves at most one place from ray to ray.
fn best_outline(edges: &[Vec<f64>]) -> Vec<usize> {
    let score = |ray: usize, n: usize| edges[ray][n] - SHAPE_WEIGHT * out(n).ln().powi(2);
    let mut best = (f64::NEG_INFINITY, vec![0; RAYS]);
    for start in (0..PLACES).step_by(START_EVERY) {
        let near = start.saturating_sub(CLOSES_WITHIN)..(start + CLOSES_WITHIN).min(PLACES);
        let mut sums: Vec<f64> =
            (0..PLACES).map(|n| if near.contains(&n) { score(0, n) } else { f64::NEG_INFINITY }).collect();
        let mut from = Vec::with_capacity(RAYS - 1);
        for ray in 1..RAYS {
            let steps: Vec<(f64, usize)> = (0..PLACES).map(|n| best_step(&sums, n)).collect();
            sums = steps.iter().enumerate().map(|(n, (sum, _))| sum + score(ray, n)).collect();
            from.push(steps.into_iter().map(|(_, n)| n).collect::<Vec<_>>());
        }
        let end = near.max_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or(start);
        if sums[end] > best.0 {
            best = (sums[end], way_back(&from, end));
        }
    }
    best.1
}

/// The best way to place `n` from the ray before: its sum and where it comes from.
fn best_step(sums: &[f64], n: usize) -> (f64, usize) {
    let mut best = (sums[n], n);
    for other in [n.checked_sub(1), Some(n + 1).filter(|m| *m < PLACES)].into_iter().flatten() {
        if sums[other] - STEP_COST > best.0 {
            best = (sums[other] - STEP_COST, other);
        }
    }
    best
}

fn way_back(from: &[Vec<usize>], end: usize) -> Vec<usize> {
    let mut way = vec![end];
    for step in from.iter().rev() {
        way.push(step[way[way.len() - 1]]);
    }
    way.reverse();
    way
}

/// The ellipse with the centre and second moments of a polygon (the moments of its triangles seen from the first corner).
fn ellipse_of(corners: &[FramePoint]) -> FrameEllipse {
    let origin = corners[0];
    let (mut area, mut x, mut y, mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for pair in corners[1..].windows(2) {
        let (a, b) = (pair[0] - origin, pair[1] - origin);
        let twice = a.x * b.y - b.x * a.y;
        area += twice / 2.0;
        x += twice * (a.x + b.x) / 6.0;
        y += twice * (a.y + b.y) / 6.0;
        xx += twice * (a.x * a.x + a.x * b.x + b.x * b.x) / 12.0;
        yy += twice * (a.y * a.y + a.y * b.y + b.y * b.y) / 12.0;
        xy += twice * (2.0 * a.x * a.y + a.x * b.y + b.x * a.y + 2.0 * b.x * b.y) / 24.0;
    }
    let (x, y) = (x / area, y / area);
    // A filled ellipse has the variance r^2 / 4 along a half axis r.
    let shape = Shape { xx: 4.0 * (xx / area - x * x), xy: 4.0 * (xy / area - x * y), yy: 4.0 * (yy / area - y * y) };
    FrameEllipse::of_shape(FramePoint::new(origin.x + x, origin.y + y, 0.0), shape)
}
