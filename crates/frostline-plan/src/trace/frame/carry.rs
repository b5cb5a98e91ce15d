//! From one frame of a sweep to the next: the ellipse follows the picture inside and just around it.
//!
//! The patch around the ellipse is looked for in the next frame by normalised cross-correlation, which does not mind gain.
//! Nine blocks of it are then looked for each on its own, and one affine motion is fitted through what they say, the
//! outliers counting less and a change of shape counting against itself. The same is done backwards: an ellipse that does
//! not come back to where it was is not believed. Drift is held by the picture of the first frame while it still fits.

use frostline_formats::frame_png::UltrasoundFrame;

use super::super::settings::TraceSettings;
use super::affine::{Attached, Pull, fitted};
use super::ellipse::{FrameEllipse, FramePlane};
use super::shade::Shade;
use frostline_space::Vector;

/// The ellipse in one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CarriedEllipse {
    /// The ellipse.
    pub ellipse: FrameEllipse,
    /// Likeness of the picture to that of the frame before, less what the way back is off. Range: 0 to 1; the first is 1.
    pub confidence: f64,
    /// Correlation of the picture with that of the first frame. Range: -1 to 1. Where it is low, nothing holds the ellipse
    /// against drift any more, however well each frame fits the one before.
    pub like_first: f64,
}

/// The ellipses up to the last frame in which the nerve was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// One per frame, from the first.
    pub ellipses: Vec<CarriedEllipse>,
    /// Where and why it was lost, if it was.
    pub lost: Option<Lost>,
}

/// Where the nerve was lost.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "lost at frame {frame}: {why}. Draw the ellipse in this frame by hand and carry on from it, or end the course before it"
)]
pub struct Lost {
    /// Number of the first frame without an ellipse, from 1.
    pub frame: usize,
    /// Why.
    pub why: WhyLost,
}

/// Why the nerve was lost.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WhyLost {
    /// Nothing looks like it.
    #[error(
        "the most similar place has a correlation of {found:.2} with the frame before, expected at least {least:.2}"
    )]
    Unlike {
        /// The correlation.
        found: f64,
        /// What is needed.
        least: f64,
    },
    /// The way back leads elsewhere.
    #[error("carried back, the ellipse is {found_mm:.2} mm off where it was, expected at most {most_mm:.2} mm")]
    NoWayBack {
        /// How far off.
        found_mm: f64,
        /// What is allowed.
        most_mm: f64,
    },
    /// The picture changes at once.
    #[error(
        "the confidence falls from {before:.2} to {found:.2} in one frame, at most {most:.2} is believed in a sweep without gaps"
    )]
    Jump {
        /// Confidence in the frame before.
        before: f64,
        /// Confidence in this frame.
        found: f64,
        /// The most it may fall.
        most: f64,
    },
    /// It leaves the picture.
    #[error("the ellipse reaches out of the picture")]
    OutOfPicture,
    /// It has grown or shrunk beyond belief.
    #[error("its area is {factor:.2} times that of the first frame, expected {least:.2} to {most:.2}")]
    AreaChanged {
        /// Area over that of the first frame.
        factor: f64,
        /// The least.
        least: f64,
        /// The most.
        most: f64,
    },
}

/// Why there is nothing to carry.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CarryError {
    /// No frames.
    #[error("found {found} frame(s), expected at least two; give the frames of the sweep in order")]
    TooFewFrames {
        /// Frames given.
        found: usize,
    },
    /// A frame of another size.
    #[error(
        "frame {frame} has {width_px} x {height_px} pixels, expected {expected_width_px} x {expected_height_px} as in the first; export all frames of the sweep with the same settings"
    )]
    OtherSize {
        /// Its number, from 1.
        frame: usize,
        /// Its width.
        width_px: usize,
        /// Its height.
        height_px: usize,
        /// Width of the first.
        expected_width_px: usize,
        /// Height of the first.
        expected_height_px: usize,
    },
    /// The first ellipse is not in the first picture.
    #[error(
        "the ellipse of the first frame reaches out of its picture of {width_mm:.1} x {height_mm:.1} mm; draw it inside, or check the pixel size"
    )]
    StartsOutside {
        /// Width of the picture.
        width_mm: f64,
        /// Height of the picture.
        height_mm: f64,
    },
    /// A size no nerve has.
    #[error(
        "the ellipse of the first frame has half axes of {long_mm:.2} x {short_mm:.2} mm, expected {least_mm} to {most_mm} mm"
    )]
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

/// Below this correlation the picture is another one. In a recorded sweep of 21 frames it was 0.84 and more; a wrong picture
/// passed in 7 of 50 trials, which `MOST_FALL` then caught (docs/trace.md).
const LEAST_LIKENESS: f64 = 0.65;
/// The way back may miss by this part of the shorter half axis.
const MOST_RETURN: f64 = 0.35;
/// From one frame of the recorded sweep of docs/trace.md to the next it never fell by more than 0.07.
const MOST_FALL: f64 = 0.2;
/// Area over that of the first frame; beyond it is not the same nerve, or not the same cut through it.
const AREA_FACTORS: (f64, f64) = (0.4, 2.5);
/// Width of the Gaussian over the mean radius: speckle changes from frame to frame and must not decide.
const SMOOTHING: f64 = 0.08;

/// Carries the ellipse of the first frame through the others, in order, until it is lost.
///
/// # Errors
/// [`CarryError`] for fewer than two frames, frames of other sizes, an ellipse that is not in the first picture.
pub fn carried_through(
    frames: &[UltrasoundFrame],
    first: &FrameEllipse,
    settings: &TraceSettings,
) -> Result<Carried, CarryError> {
    check(frames, first, settings)?;
    let reach_mm = settings.frame.value.most_move_mm;
    let shade = |frame: &UltrasoundFrame| Shade::of(frame, SMOOTHING * first.equivalent_radius_mm());
    let mut now = shade(&frames[0]);
    let mut at = Attached::to(first);
    let start = patch(&now, &at, still());
    let mut ellipses = vec![CarriedEllipse { ellipse: *first, confidence: 1.0, like_first: 1.0 }];
    for (n, frame) in frames.iter().enumerate().skip(1) {
        let next = shade(frame);
        match carried_once((&now, &next), &at, &start, reach_mm).and_then(|s| believed(s, &ellipses, frame)) {
            Ok(step) => {
                ellipses.push(step.carried);
                at = step.at;
            }
            Err(why) => return Ok(Carried { ellipses, lost: Some(Lost { frame: n + 1, why }) }),
        }
        now = next;
    }
    Ok(Carried { ellipses, lost: None })
}

fn check(frames: &[UltrasoundFrame], first: &FrameEllipse, settings: &TraceSettings) -> Result<(), CarryError> {
    if frames.len() < 2 {
        return Err(CarryError::TooFewFrames { found: frames.len() });
    }
    let size = |frame: &UltrasoundFrame| (frame.width_px, frame.height_px);
    if let Some(n) = frames.iter().position(|frame| size(frame) != size(&frames[0])) {
        let ((width_px, height_px), (expected_width_px, expected_height_px)) = (size(&frames[n]), size(&frames[0]));
        return Err(CarryError::OtherSize { frame: n + 1, width_px, height_px, expected_width_px, expected_height_px });
    }
    let (long_mm, short_mm) = (first.long_radius_mm(), first.short_radius_mm());
    let (least_mm, most_mm) = (settings.frame.value.least_radius_mm, settings.frame.value.most_radius_mm);
    if short_mm < least_mm || long_mm > most_mm {
        return Err(CarryError::Size { long_mm, short_mm, least_mm, most_mm });
    }
    if !first.lies_in(&frames[0]) {
        let (width_mm, height_mm) = (frames[0].width_mm(), frames[0].height_mm());
        return Err(CarryError::StartsOutside { width_mm, height_mm });
    }
    Ok(())
}

fn believed(step: Step, so_far: &[CarriedEllipse], frame: &UltrasoundFrame) -> Result<Step, WhyLost> {
    let carried = &step.carried;
    let factor = carried.ellipse.area_mm2() / so_far[0].ellipse.area_mm2();
    let (least, most) = AREA_FACTORS;
    if !carried.ellipse.lies_in(frame) {
        return Err(WhyLost::OutOfPicture);
    }
    // The confidence of the first frame is one by definition and says nothing.
    let before = so_far.iter().skip(1).next_back().map_or(carried.confidence, |at| at.confidence);
    if before - carried.confidence > MOST_FALL {
        return Err(WhyLost::Jump { before, found: carried.confidence, most: MOST_FALL });
    }
    if !(least..=most).contains(&factor) {
        return Err(WhyLost::AreaChanged { factor, least, most });
    }
    Ok(step)
}

/// One frame further.
struct Step {
    carried: CarriedEllipse,
    at: Attached,
}

/// One frame further, and back again.
fn carried_once(
    (now, next): (&Shade, &Shade),
    before: &Attached,
    start: &[f64],
    reach_mm: f64,
) -> Result<Step, WhyLost> {
    let moved = followed((now, next), before, reach_mm);
    let likeness = correlation(&patch(now, before, still()), &patch(next, &moved, still()));
    if likeness < LEAST_LIKENESS {
        return Err(WhyLost::Unlike { found: likeness, least: LEAST_LIKENESS });
    }
    let back = followed((next, now), &moved, reach_mm);
    let most_mm = MOST_RETURN * before.ellipse().short_radius_mm();
    let found_mm = back.centre.distance(before.centre);
    if found_mm > most_mm {
        return Err(WhyLost::NoWayBack { found_mm, most_mm });
    }
    let (at, like_first) = held_by_the_start(next, moved, start);
    let confidence = likeness * (1.0 - found_mm / most_mm);
    Ok(Step { carried: CarriedEllipse { ellipse: at.ellipse(), confidence, like_first }, at })
}

fn still() -> Vector<FramePlane> {
    Vector::new(0.0, 0.0, 0.0)
}

/// Half width of a patch in half axes: some of what surrounds a nerve moves with it and has more edges.
const PATCH_REACH: f64 = 1.5;
/// Samples across a patch.
const PATCH_SAMPLES: i32 = 31;

/// The picture in and around an ellipse, shifted.
fn patch(shade: &Shade, ellipse: &Attached, by: Vector<FramePlane>) -> Vec<f64> {
    block(shade, ellipse, (0.0, 0.0, PATCH_REACH, PATCH_SAMPLES), by)
}

/// Samples of a square in the ellipse's own coordinates: middle, half width, samples across.
fn block(
    shade: &Shade,
    ellipse: &Attached,
    (u, v, reach, samples): (f64, f64, f64, i32),
    by: Vector<FramePlane>,
) -> Vec<f64> {
    let at = |n: i32| reach * (2.0 * f64::from(n) / f64::from(samples - 1) - 1.0);
    let places = (0..samples).flat_map(|row| (0..samples).map(move |column| (u + at(column), v + at(row))));
    places.map(|(u, v)| shade.at(ellipse.place(u, v) + by)).collect()
}

/// Normalised cross-correlation; 0 where one of them is flat.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean_a, y - mean_b);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

/// Steps of the first search over the mean radius: one and a quarter of the smoothing, so that no peak is stepped over.
const SEARCH_STEP: f64 = 0.1;
/// Times the step is halved afterwards.
const HALVINGS: i32 = 4;

/// The shift within `reach_mm` of `from` with the best score, found on a raster and refined by halving.
fn best_shift(
    from: Vector<FramePlane>,
    reach_mm: f64,
    step_mm: f64,
    score: impl Fn(Vector<FramePlane>) -> f64,
) -> (Vector<FramePlane>, f64) {
    let mut best = (from, score(from));
    let mut look = |around: Vector<FramePlane>, count: i32, step_mm: f64| {
        for row in -count..=count {
            for column in -count..=count {
                let by = around + Vector::new(f64::from(column) * step_mm, f64::from(row) * step_mm, 0.0);
                let found = score(by);
                if found > best.1 {
                    best = (by, found);
                }
            }
        }
        best.0
    };
    let mut around = look(from, (reach_mm / step_mm).ceil() as i32, step_mm);
    for n in 1..=HALVINGS {
        around = look(around, 1, step_mm / f64::from(1 << n));
    }
    best
}

/// Middles of the nine blocks in half axes: the centre and eight just inside the outline.
const BLOCK_RING: f64 = 0.9;
/// Half width of a block in half axes, and its samples across.
const BLOCK_REACH: f64 = 0.5;
const BLOCK_SAMPLES: i32 = 13;
/// How far a block may move from the whole, over the mean radius.
const BLOCK_SHIFT: f64 = 0.3;

/// The ellipse in the next picture, whatever it is worth.
fn followed((now, next): (&Shade, &Shade), before: &Attached, reach_mm: f64) -> Attached {
    let radius_mm = before.ellipse().equivalent_radius_mm();
    let step_mm = SEARCH_STEP * radius_mm;
    let whole = patch(now, before, still());
    let (shift, _) = best_shift(still(), reach_mm, step_mm, |by| correlation(&whole, &patch(next, before, by)));
    let ring = (0..8).map(|n| (f64::from(n) * std::f64::consts::FRAC_PI_4).sin_cos());
    let middles = ring.map(|(sin, cos)| (BLOCK_RING * cos, BLOCK_RING * sin)).chain([(0.0, 0.0)]);
    let pulls: Vec<Pull> = middles
        .map(|(u, v)| {
            let at = (u, v, BLOCK_REACH, BLOCK_SAMPLES);
            let seen = block(now, before, at, still());
            let score = |by| correlation(&seen, &block(next, before, at, by));
            let (by, likeness) = best_shift(shift, BLOCK_SHIFT * radius_mm, step_mm, score);
            Pull { from_centre: before.place(u, v) - before.centre, by, weight: likeness.max(0.0).powi(2) }
        })
        .collect();
    before.moved(&fitted(&pulls, shift, radius_mm))
}

/// The picture of the first frame is believed from this correlation on.
const START_LIKENESS: f64 = 0.6;
/// It draws the ellipse this far at most, over the mean radius: what one frame can drift.
const START_SHIFT: f64 = 0.2;
/// And this part of the way, so that a true change of the picture is followed.
const START_PULL: f64 = 0.5;

/// Drawn towards the place where it looks most like the first frame, and how much it does.
fn held_by_the_start(next: &Shade, moved: Attached, start: &[f64]) -> (Attached, f64) {
    let radius_mm = moved.ellipse().equivalent_radius_mm();
    let score = |by| correlation(start, &patch(next, &moved, by));
    let (by, likeness) = best_shift(still(), START_SHIFT * radius_mm, SEARCH_STEP * radius_mm, score);
    if likeness < START_LIKENESS {
        return (moved, likeness);
    }
    (moved.shifted(by * START_PULL), likeness)
}
