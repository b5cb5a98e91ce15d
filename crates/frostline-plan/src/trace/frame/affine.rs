//! One affine motion through what several blocks say.

use frostline_space::Vector;

use super::ellipse::{FrameEllipse, FramePlane, FramePoint};

/// What one block says: where it lies from the centre, how it moved, and how much it counts.
pub(super) struct Pull {
    pub from_centre: Vector<FramePlane>,
    pub by: Vector<FramePlane>,
    pub weight: f64,
}

/// Change of displacement per mm from the centre: rows for x and y, columns for across and down.
pub(super) type Stretch = [[f64; 2]; 2];

/// The motion of an ellipse.
pub(super) struct Motion {
    pub shift: Vector<FramePlane>,
    pub stretch: Stretch,
}

/// Rounds of weighing outliers down.
const ROUNDS: usize = 5;
/// A block that is off by this part of the mean radius counts half.
const OUTLIER: f64 = 0.1;
/// Weight of "the shape stays" over that of all blocks together.
const SHAPE_PRIOR: f64 = 0.3;
/// A nerve does not change its shape by more from one frame to the next.
const MOST_STRETCH: f64 = 0.1;

/// The motion that fits the blocks, starting from a common shift.
pub(super) fn fitted(pulls: &[Pull], start: Vector<FramePlane>, radius_mm: f64) -> Motion {
    let mut motion = Motion { shift: start, stretch: [[0.0; 2]; 2] };
    for _ in 0..ROUNDS {
        let mut sums = Sums::default();
        for pull in pulls {
            let off = (pull.by - motion.at(pull.from_centre)).length() / (OUTLIER * radius_mm);
            sums.add(pull, pull.weight / (1.0 + off * off));
        }
        let Some(next) = sums.solved(radius_mm) else { return motion };
        motion = next;
    }
    motion
}

impl Motion {
    fn at(&self, place: Vector<FramePlane>) -> Vector<FramePlane> {
        let along = |row: [f64; 2]| row[0] * place.x + row[1] * place.y;
        self.shift + Vector::new(along(self.stretch[0]), along(self.stretch[1]), 0.0)
    }
}

/// Sums of the normal equations for displacement = shift + stretch * place.
#[derive(Default)]
struct Sums {
    weight: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
    /// Right sides: for across and down, against 1, x and y.
    by: [[f64; 3]; 2],
}

impl Sums {
    fn add(&mut self, pull: &Pull, weight: f64) {
        let (x, y) = (pull.from_centre.x, pull.from_centre.y);
        self.weight += weight;
        self.x += weight * x;
        self.y += weight * y;
        self.xx += weight * x * x;
        self.xy += weight * x * y;
        self.yy += weight * y * y;
        for (row, moved) in self.by.iter_mut().zip([pull.by.x, pull.by.y]) {
            row[0] += weight * moved;
            row[1] += weight * moved * x;
            row[2] += weight * moved * y;
        }
    }

    /// `None` when nothing counts.
    fn solved(&self, radius_mm: f64) -> Option<Motion> {
        if self.weight <= 0.0 {
            return None;
        }
        // The mean is taken out, so that two unknowns remain per direction.
        let (mean_x, mean_y) = (self.x / self.weight, self.y / self.weight);
        let prior = SHAPE_PRIOR * self.weight * radius_mm * radius_mm;
        let xx = self.xx - self.weight * mean_x * mean_x + prior;
        let yy = self.yy - self.weight * mean_y * mean_y + prior;
        let xy = self.xy - self.weight * mean_x * mean_y;
        // The prior makes the determinant positive.
        let determinant = xx * yy - xy * xy;
        let mut shift = [0.0; 2];
        let mut stretch = [[0.0; 2]; 2];
        for (n, by) in self.by.iter().enumerate() {
            let (right_x, right_y) = (by[1] - mean_x * by[0], by[2] - mean_y * by[0]);
            let slope_x = ((right_x * yy - right_y * xy) / determinant).clamp(-MOST_STRETCH, MOST_STRETCH);
            let slope_y = ((right_y * xx - right_x * xy) / determinant).clamp(-MOST_STRETCH, MOST_STRETCH);
            stretch[n] = [slope_x, slope_y];
            shift[n] = by[0] / self.weight - slope_x * mean_x - slope_y * mean_y;
        }
        Some(Motion { shift: Vector::new(shift[0], shift[1], 0.0), stretch })
    }
}

/// An ellipse that remembers which places of the nerve its axes go through: `u` and `v` half axes from the centre is the
/// same place of the nerve in every frame, though which axis is the longer one may change.
#[derive(Clone, Copy)]
pub(super) struct Attached {
    pub centre: FramePoint,
    u: Vector<FramePlane>,
    v: Vector<FramePlane>,
}

impl Attached {
    pub fn to(ellipse: &FrameEllipse) -> Self {
        let centre = ellipse.centre();
        Self { centre, u: ellipse.place(1.0, 0.0) - centre, v: ellipse.place(0.0, 1.0) - centre }
    }

    pub fn place(&self, u: f64, v: f64) -> FramePoint {
        self.centre + self.u * u + self.v * v
    }

    pub fn moved(&self, motion: &Motion) -> Self {
        // The stretch acts on places as they are seen from the centre.
        let turned = |axis: Vector<FramePlane>| axis + motion.at(axis) - motion.shift;
        Self { centre: self.centre + motion.shift, u: turned(self.u), v: turned(self.v) }
    }

    pub fn shifted(&self, by: Vector<FramePlane>) -> Self {
        Self { centre: self.centre + by, ..*self }
    }

    pub fn ellipse(&self) -> FrameEllipse {
        FrameEllipse::of_conjugate(self.centre, self.u, self.v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_that_all_blocks_but_one_agree_on_is_found() {
        let at = |x: f64, y: f64, by_x: f64| Pull {
            from_centre: Vector::new(x, y, 0.0),
            by: Vector::new(by_x, 0.5, 0.0),
            weight: 1.0,
        };
        let mut pulls: Vec<Pull> = (-1..=1)
            .flat_map(|x| (-1..=1).map(move |y| (x, y)))
            .map(|(x, y)| at(f64::from(x), f64::from(y), 1.0))
            .collect();
        pulls[3] = at(-1.0, 0.0, 4.0);
        let found = fitted(&pulls, Vector::new(0.0, 0.0, 0.0), 2.0);
        // An outlier of 3 mm at a scale of 0.2 mm counts 1/226 of the others.
        assert!((found.shift.x - 1.0).abs() < 0.02 && (found.shift.y - 0.5).abs() < 1e-9, "{:?}", found.shift);
    }

    #[test]
    fn a_stretched_circle_becomes_the_ellipse_it_should() {
        let axis = |x: f64, y: f64| Vector::new(x, y, 0.0);
        let circle = Attached { centre: FramePoint::origin(), u: axis(0.0, 2.0), v: axis(2.0, 0.0) };
        let motion = Motion { shift: axis(1.0, 0.0), stretch: [[0.5, 0.0], [0.0, 0.0]] };
        let found = circle.moved(&motion);
        let ellipse = found.ellipse();
        assert_eq!((ellipse.long_radius_mm(), ellipse.short_radius_mm(), ellipse.tilt_deg()), (3.0, 2.0, 0.0));
        // The first axis still goes through the same place of the nerve, though it is the shorter one now.
        assert_eq!(found.place(1.0, 0.0), FramePoint::new(1.0, 2.0, 0.0));
    }
}
