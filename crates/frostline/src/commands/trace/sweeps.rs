//! Sweeps made of single frames, in which the truth is known: a real picture, a made motion.
//!
//! The nerve slides, turns and changes its shape while the picture far from it stays; speckle is drawn anew from frame to
//! frame and the gain falls. What a real sweep adds, a nerve whose inside changes and that divides, is not in them.

use frostline_formats::frame_png::UltrasoundFrame;
use frostline_plan::trace::TraceSettings;
use frostline_plan::trace::frame::{CarryError, FrameEllipse, FramePoint, carried_through};
use frostline_space::Vector;

use super::check::Drawn;

/// Frames of a made sweep.
pub(super) const FRAMES: usize = 21;
/// The frame from which the other picture is shown in the second run.
const CUT: usize = 11;

/// The error in one frame.
pub(super) struct Step {
    pub dice: f64,
    pub centre_mm: f64,
    pub area_percent: f64,
}

/// A made sweep, carried.
pub(super) struct SweepOutcome {
    /// Every frame but the first, until it was lost.
    pub steps: Vec<Step>,
    /// Where and why it was lost.
    pub lost_at: Option<String>,
    /// Frames carried on after the picture was replaced by its mirror image; `None` when that was never noticed.
    pub after_cut: Option<usize>,
}

/// Where the nerve of a frame is at a time of the sweep: a shift (mm), a matrix about its middle.
struct Pose {
    middle: FramePoint,
    shift: [f64; 2],
    matrix: [[f64; 2]; 2],
}

// The made motion, from the first frame to the last: as far as a nerve moves across a picture on a hand's breadth of leg.
const SHIFT_MM: [f64; 2] = [4.0, 1.5];
const TURN_DEG: f64 = 8.0;
const WIDER: f64 = 1.15;
const FLATTER: f64 = 0.9;
const GAIN_LOST: f64 = 0.3;
const SPECKLE: f64 = 0.25;

impl Pose {
    fn at(drawn: &Drawn, time: f64) -> Self {
        let (sin, cos) = (TURN_DEG * time).to_radians().sin_cos();
        let (wide, flat) = (1.0 + (WIDER - 1.0) * time, 1.0 + (FLATTER - 1.0) * time);
        // Away from the nearer rim, so that the nerve stays in the picture.
        let side = if drawn.truth.centre().x < 0.5 * drawn.frame.width_mm() { 1.0 } else { -1.0 };
        Self {
            middle: drawn.truth.centre(),
            shift: [side * SHIFT_MM[0] * time, SHIFT_MM[1] * time],
            matrix: [[cos * wide, -sin * flat], [sin * wide, cos * flat]],
        }
    }

    /// Where a place of the nerve in the first frame is now.
    fn forward(&self, place: FramePoint) -> FramePoint {
        let from = place - self.middle;
        let [[a, b], [c, d]] = self.matrix;
        self.middle + Vector::new(a * from.x + b * from.y + self.shift[0], c * from.x + d * from.y + self.shift[1], 0.0)
    }

    /// Where a place of the nerve now was in the first frame.
    fn backward(&self, place: FramePoint) -> FramePoint {
        let from = place - self.middle;
        let (x, y) = (from.x - self.shift[0], from.y - self.shift[1]);
        let [[a, b], [c, d]] = self.matrix;
        let determinant = a * d - b * c;
        self.middle + Vector::new((d * x - b * y) / determinant, (a * y - c * x) / determinant, 0.0)
    }
}

/// Whole motion out to this part of the longer half axis, none beyond the other.
const MOVES_WITHIN: f64 = 1.2;
const STAYS_BEYOND: f64 = 3.0;

fn made_frame(drawn: &Drawn, number: usize) -> UltrasoundFrame {
    let time = number as f64 / (FRAMES - 1) as f64;
    let pose = Pose::at(drawn, time);
    let now = pose.forward(pose.middle);
    let frame = &drawn.frame;
    let (across_mm, down_mm) = (frame.pixel.across_mm(), frame.pixel.down_mm());
    let mut speckle = Speckle { state: number as u64 + 1 };
    let mut made = frame.clone();
    for (n, grey) in made.grey.iter_mut().enumerate() {
        let (column, row) = (n % frame.width_px, n / frame.width_px);
        let place = FramePoint::new((column as f64 + 0.5) * across_mm, (row as f64 + 0.5) * down_mm, 0.0);
        let out = place.distance(now) / drawn.truth.long_radius_mm();
        let moves = ((STAYS_BEYOND - out) / (STAYS_BEYOND - MOVES_WITHIN)).clamp(0.0, 1.0);
        let from = place.towards(pose.backward(place), moves);
        let seen = read(frame, from) * (1.0 - GAIN_LOST * time);
        *grey = (seen * (1.0 + if number > 0 { SPECKLE * speckle.next() } else { 0.0 })).clamp(0.0, 255.0) as f32;
    }
    made
}

/// The grey value at a place, linear between pixels; black outside.
fn read(frame: &UltrasoundFrame, place: FramePoint) -> f64 {
    let (x, y) = (place.x / frame.pixel.across_mm() - 0.5, place.y / frame.pixel.down_mm() - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let grey = |column: f64, row: f64| {
        let inside = column >= 0.0 && row >= 0.0;
        inside.then(|| frame.at(column as usize, row as usize)).flatten().map_or(0.0, f64::from)
    };
    let along = |row: f64| grey(left, row) * (1.0 - x + left) + grey(left + 1.0, row) * (x - left);
    along(top) * (1.0 - y + top) + along(top + 1.0) * (y - top)
}

/// Numbers scattered with a standard deviation of one, the same on every machine.
struct Speckle {
    state: u64,
}

impl Speckle {
    fn next(&mut self) -> f64 {
        let mut sum = 0.0;
        for _ in 0..3 {
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            sum += (self.state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        }
        // Three even draws have a variance of 3/12.
        2.0 * sum
    }
}

/// The truth in a frame: the outline of the nerve's ellipse, moved, and measured again.
fn truth(drawn: &Drawn, number: usize) -> Option<FrameEllipse> {
    let pose = Pose::at(drawn, number as f64 / (FRAMES - 1) as f64);
    drawn.truth.moved(|place| pose.forward(place))
}

/// The picture turned left to right, as another picture of the same kind.
fn mirrored(frame: &UltrasoundFrame) -> UltrasoundFrame {
    let mut turned = frame.clone();
    turned.grey.chunks_exact_mut(frame.width_px).for_each(<[f32]>::reverse);
    turned
}

/// Makes the sweep of a frame, carries the drawn ellipse through it, and measures.
pub(super) fn carried(drawn: &Drawn, settings: &TraceSettings) -> Result<SweepOutcome, CarryError> {
    let frames: Vec<UltrasoundFrame> = (0..FRAMES).map(|n| made_frame(drawn, n)).collect();
    let carried = carried_through(&frames, &drawn.truth, settings)?;
    let step = |(n, at): (usize, &frostline_plan::trace::frame::CarriedEllipse)| {
        let truth = truth(drawn, n)?;
        Some(Step {
            dice: truth.dice(&at.ellipse),
            centre_mm: truth.centre().distance(at.ellipse.centre()),
            area_percent: 100.0 * (at.ellipse.area_mm2() / truth.area_mm2() - 1.0),
        })
    };
    let steps = carried.ellipses.iter().enumerate().skip(1).filter_map(step).collect();
    let lost_at = carried.lost.map(|lost| format!("lost at frame {}: {}", lost.frame, lost.why));
    let cut: Vec<UltrasoundFrame> =
        frames.iter().enumerate().map(|(n, frame)| if n + 1 < CUT { frame.clone() } else { mirrored(frame) }).collect();
    let after = carried_through(&cut, &drawn.truth, settings)?.lost.map(|lost| lost.frame.saturating_sub(CUT));
    Ok(SweepOutcome { steps, lost_at, after_cut: after })
}
