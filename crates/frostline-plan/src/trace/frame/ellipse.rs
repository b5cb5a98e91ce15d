//! An ellipse in the plane of a picture.

use frostline_formats::frame_png::{Ellipse, Patch, UltrasoundFrame};
use frostline_space::{Patient, Point, Transform, Vector};

use super::super::settings::TraceSettings;

/// The plane of a picture: x across from its left rim, y down from its top rim, z out of the picture. Unit: mm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramePlane {}

/// A place in the picture. Unit: mm.
pub type FramePoint = Point<FramePlane>;

/// Where the picture lies in the patient.
pub type FrameToPatient = Transform<FramePlane, Patient>;

/// The outline of a nerve in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameEllipse {
    centre: FramePoint,
    long_radius_mm: f64,
    short_radius_mm: f64,
    tilt_deg: f64,
}

/// An ellipse that no structure has.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "an ellipse of {long_radius_mm} x {short_radius_mm} mm at ({across_mm}, {down_mm}) mm, turned by {tilt_deg} degrees, was given; the half axes must be above 0, the longer one first, and all numbers finite"
)]
pub struct EllipseError {
    /// Longer half axis given.
    pub long_radius_mm: f64,
    /// Shorter half axis given.
    pub short_radius_mm: f64,
    /// Centre given, across.
    pub across_mm: f64,
    /// Centre given, down.
    pub down_mm: f64,
    /// Tilt given.
    pub tilt_deg: f64,
}

/// Second moments of an ellipse about its centre, times four: half axes squared along its own axes. Unit: mm2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub xx: f64,
    pub xy: f64,
    pub yy: f64,
}

impl FrameEllipse {
    /// From a centre and the measure of an ellipse (half axes, tilt from across towards depth).
    ///
    /// # Errors
    /// [`EllipseError`] for half axes that are not positive or not in order, and numbers that are none.
    pub fn new(centre: FramePoint, shape: Ellipse) -> Result<Self, EllipseError> {
        let Ellipse { long_radius_mm, short_radius_mm, tilt_deg } = shape;
        let ordered = short_radius_mm > 0.0 && long_radius_mm >= short_radius_mm && long_radius_mm.is_finite();
        if !(ordered && tilt_deg.is_finite() && centre.is_finite()) {
            let (across_mm, down_mm) = (centre.x, centre.y);
            return Err(EllipseError { long_radius_mm, short_radius_mm, across_mm, down_mm, tilt_deg });
        }
        Ok(Self { centre, long_radius_mm, short_radius_mm, tilt_deg })
    }

    /// The ellipse of a marked patch.
    pub fn of_patch(patch: &Patch) -> Self {
        let centre = FramePoint::new(patch.centre_across_mm, patch.centre_down_mm, 0.0);
        let Ellipse { long_radius_mm, short_radius_mm, tilt_deg } = patch.ellipse;
        Self { centre, long_radius_mm, short_radius_mm, tilt_deg }
    }

    /// The usual ellipse at a place, lying across; of this mean radius where one is given.
    ///
    /// # Errors
    /// [`EllipseError`] for a radius or place that is none.
    pub fn usual_at(
        centre: FramePoint,
        radius_mm: Option<f64>,
        settings: &TraceSettings,
    ) -> Result<Self, EllipseError> {
        let usual = settings.expected_ellipse.value;
        let factor = radius_mm.map_or(1.0, |mm| mm / (usual.long_radius_mm * usual.short_radius_mm).sqrt());
        let shape = Ellipse {
            long_radius_mm: usual.long_radius_mm * factor,
            short_radius_mm: usual.short_radius_mm * factor,
            tilt_deg: 0.0,
        };
        Self::new(centre, shape)
    }

    /// As flat as usual, its longer axis from one place to another.
    ///
    /// # Errors
    /// [`EllipseError`] when the two places are one.
    pub fn usual_between(one: FramePoint, other: FramePoint, settings: &TraceSettings) -> Result<Self, EllipseError> {
        let usual = settings.expected_ellipse.value;
        let long_radius_mm = 0.5 * one.distance(other);
        let along = other - one;
        let shape = Ellipse {
            long_radius_mm,
            short_radius_mm: long_radius_mm * usual.short_radius_mm / usual.long_radius_mm,
            tilt_deg: along.y.atan2(along.x).to_degrees(),
        };
        Self::new(one.towards(other, 0.5), shape)
    }

    /// Its centre.
    pub fn centre(&self) -> FramePoint {
        self.centre
    }

    /// Longer half axis. Unit: mm.
    pub fn long_radius_mm(&self) -> f64 {
        self.long_radius_mm
    }

    /// Shorter half axis. Unit: mm.
    pub fn short_radius_mm(&self) -> f64 {
        self.short_radius_mm
    }

    /// Angle from across to the longer axis, turning towards depth. Unit: degrees.
    pub fn tilt_deg(&self) -> f64 {
        self.tilt_deg
    }

    /// Radius of the circle of equal area. Unit: mm.
    pub fn equivalent_radius_mm(&self) -> f64 {
        (self.long_radius_mm * self.short_radius_mm).sqrt()
    }

    /// Area. Unit: mm2.
    pub fn area_mm2(&self) -> f64 {
        std::f64::consts::PI * self.long_radius_mm * self.short_radius_mm
    }

    /// Whether a place lies in it.
    pub fn contains(&self, place: FramePoint) -> bool {
        let [along, beside] = self.axes();
        let from = place - self.centre;
        (from.dot(along) / self.long_radius_mm).powi(2) + (from.dot(beside) / self.short_radius_mm).powi(2) <= 1.0
    }

    /// The place at `u` long and `v` short half axes from the centre.
    pub(super) fn place(&self, u: f64, v: f64) -> FramePoint {
        let [along, beside] = self.axes();
        self.centre + along * (u * self.long_radius_mm) + beside * (v * self.short_radius_mm)
    }

    /// Whether its whole outline lies in the picture.
    pub(super) fn lies_in(&self, frame: &UltrasoundFrame) -> bool {
        let Shape { xx, yy, .. } = self.shape();
        let (half_width, half_height) = (xx.sqrt(), yy.sqrt());
        self.centre.x >= half_width
            && self.centre.x + half_width <= frame.width_mm()
            && self.centre.y >= half_height
            && self.centre.y + half_height <= frame.height_mm()
    }

    fn axes(&self) -> [Vector<FramePlane>; 2] {
        let (sin, cos) = self.tilt_deg.to_radians().sin_cos();
        [Vector::new(cos, sin, 0.0), Vector::new(-sin, cos, 0.0)]
    }

    pub(super) fn shape(&self) -> Shape {
        let (sin, cos) = self.tilt_deg.to_radians().sin_cos();
        let (long, short) = (self.long_radius_mm.powi(2), self.short_radius_mm.powi(2));
        Shape {
            xx: long * cos * cos + short * sin * sin,
            xy: (long - short) * sin * cos,
            yy: long * sin * sin + short * cos * cos,
        }
    }

    /// From two half axes that are conjugate, as those of a circle are after an affine motion: the shape is p p^T + q q^T.
    pub(super) fn of_conjugate(centre: FramePoint, p: Vector<FramePlane>, q: Vector<FramePlane>) -> Self {
        let shape = Shape { xx: p.x * p.x + q.x * q.x, xy: p.x * p.y + q.x * q.y, yy: p.y * p.y + q.y * q.y };
        Self::of_shape(centre, shape)
    }

    /// From a centre and a shape with two positive half axes.
    pub(super) fn of_shape(centre: FramePoint, Shape { xx, xy, yy }: Shape) -> Self {
        let (middle, spread) = (0.5 * (xx + yy), (0.5 * (xx - yy)).hypot(xy));
        Self {
            centre,
            long_radius_mm: (middle + spread).sqrt(),
            short_radius_mm: (middle - spread).max(0.0).sqrt(),
            tilt_deg: 0.5 * (2.0 * xy).atan2(xx - yy).to_degrees(),
        }
    }

    /// After a motion of the plane that is affine where the ellipse lies; `None` when that flattens it.
    pub fn moved(&self, motion: impl Fn(FramePoint) -> FramePoint) -> Option<Self> {
        let centre = motion(self.centre);
        let (along, beside) = (motion(self.place(1.0, 0.0)) - centre, motion(self.place(0.0, 1.0)) - centre);
        let found = Self::of_conjugate(centre, along, beside);
        (found.short_radius_mm > 0.0 && found.long_radius_mm.is_finite()).then_some(found)
    }

    /// The part of their common area: twice the overlap over the sum of both areas. Range: 0 to 1.
    pub fn dice(&self, other: &Self) -> f64 {
        // A raster of a fortieth of the shorter axis: the rim is a few per cent of a cell wide in the sum of both.
        let step = self.short_radius_mm.min(other.short_radius_mm) / 40.0;
        let reach = self.long_radius_mm;
        let half = (reach / step).ceil() as i32;
        let places = (-half..=half).flat_map(|row| (-half..=half).map(move |column| (column, row)));
        let shared = places
            .map(|(column, row)| self.centre + Vector::new(f64::from(column) * step, f64::from(row) * step, 0.0))
            .filter(|place| self.contains(*place) && other.contains(*place))
            .count();
        2.0 * shared as f64 * step * step / (self.area_mm2() + other.area_mm2())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ellipse(x: f64, long_radius_mm: f64, short_radius_mm: f64, tilt_deg: f64) -> FrameEllipse {
        let shape = Ellipse { long_radius_mm, short_radius_mm, tilt_deg };
        FrameEllipse::new(FramePoint::new(x, 5.0, 0.0), shape).unwrap()
    }

    #[test]
    fn an_ellipse_survives_its_shape() {
        let drawn = ellipse(3.0, 4.0, 2.0, 30.0);
        let back = FrameEllipse::of_shape(drawn.centre(), drawn.shape());
        assert!((back.long_radius_mm() - 4.0).abs() < 1e-9 && (back.short_radius_mm() - 2.0).abs() < 1e-9);
        assert!((back.tilt_deg() - 30.0).abs() < 1e-9);
    }

    #[test]
    fn two_circles_overlap_as_geometry_says() {
        let (a, b) = (ellipse(0.0, 2.0, 2.0, 0.0), ellipse(2.0, 2.0, 2.0, 0.0));
        // Circles one radius apart share 2 r^2 acos(1/2) - (d/2) sqrt(4 r^2 - d^2) = 0.391 of one circle.
        assert!((a.dice(&b) - 0.391).abs() < 0.01, "{}", a.dice(&b));
        assert!((a.dice(&a) - 1.0).abs() < 0.01);
    }

    #[test]
    fn axes_in_the_wrong_order_are_refused() {
        let shape = Ellipse { long_radius_mm: 1.0, short_radius_mm: 2.0, tilt_deg: 0.0 };
        let error = FrameEllipse::new(FramePoint::origin(), shape).unwrap_err();
        assert!(error.to_string().contains("longer one first"), "{error}");
    }
}
