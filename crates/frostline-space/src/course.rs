//! A curve through the patient with a radius along it: the way a nerve or a vessel runs.

use crate::frames::{PatientDirection, PatientPoint, PatientVector};

/// One marked point of a course.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoursePoint {
    /// Centre of the cross-section.
    pub centre: PatientPoint,
    /// Radius of the circle of equal area. Unit: mm.
    pub radius_mm: f64,
}

/// One place along a course, as sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CourseSample {
    /// Length along the course from its first point. Unit: mm.
    pub along_mm: f64,
    /// Centre of the cross-section.
    pub centre: PatientPoint,
    /// Where the course runs to.
    pub tangent: PatientDirection,
    /// Radius of the cross-section. Unit: mm.
    pub radius_mm: f64,
}

/// Why points do not make a course.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CourseError {
    /// Fewer than two points.
    #[error("a course needs at least two points, found {found}; mark one more point along the structure")]
    TooFewPoints {
        /// Points given.
        found: usize,
    },
    /// Two neighbours at (almost) the same place.
    #[error(
        "points {first} and {second} of the course lie {distance_mm:.4} mm apart; neighbours must be at least 0.01 mm apart, remove one"
    )]
    RepeatedPoint {
        /// Number of the first point, from 1.
        first: usize,
        /// Number of the second point, from 1.
        second: usize,
        /// How far apart they are.
        distance_mm: f64,
    },
    /// A radius that is not positive, or a coordinate that is not a number.
    #[error(
        "point {point} of the course has radius {radius_mm} mm at {centre}; give a finite place and a radius above 0 mm"
    )]
    BadPoint {
        /// Number of the point, from 1.
        point: usize,
        /// The radius found.
        radius_mm: f64,
        /// The place found.
        centre: PatientPoint,
    },
}

/// A smooth curve through marked points, with a radius along it.
///
/// Centripetal Catmull-Rom: it passes through every point, and has no loops or cusps between unevenly spaced ones.
/// The radius is linear in arc length between points.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    points: Vec<CoursePoint>,
    dense: Vec<CourseSample>,
}

/// Pieces each span is cut into for arc length; chords of a 10 mm span then miss the curve by under 1 um per degree.
const PIECES_PER_SPAN: usize = 64;
const SMALLEST_STEP_MM: f64 = 0.01;

impl Course {
    /// A course through the points in order.
    ///
    /// # Errors
    /// [`CourseError`] for fewer than two points, repeated neighbours, a bad radius or place.
    pub fn through(points: &[CoursePoint]) -> Result<Self, CourseError> {
        if points.len() < 2 {
            return Err(CourseError::TooFewPoints { found: points.len() });
        }
        for (n, p) in points.iter().enumerate() {
            if !(p.radius_mm > 0.0 && p.radius_mm.is_finite() && p.centre.is_finite()) {
                return Err(CourseError::BadPoint { point: n + 1, radius_mm: p.radius_mm, centre: p.centre });
            }
        }
        for (n, pair) in points.windows(2).enumerate() {
            let distance_mm = pair[0].centre.distance(pair[1].centre);
            if distance_mm < SMALLEST_STEP_MM {
                return Err(CourseError::RepeatedPoint { first: n + 1, second: n + 2, distance_mm });
            }
        }
        Ok(Self { points: points.to_vec(), dense: dense_samples(points) })
    }

    /// The marked points.
    pub fn points(&self) -> &[CoursePoint] {
        &self.points
    }

    /// Length of the course. Unit: mm.
    pub fn length_mm(&self) -> f64 {
        self.dense.last().map_or(0.0, |s| s.along_mm)
    }

    /// The place a length along the course; clamped to its ends.
    pub fn at(&self, along_mm: f64) -> CourseSample {
        let along = along_mm.clamp(0.0, self.length_mm());
        let after = self.dense.partition_point(|s| s.along_mm < along).clamp(1, self.dense.len() - 1);
        let (a, b) = (self.dense[after - 1], self.dense[after]);
        let span = b.along_mm - a.along_mm;
        let fraction = if span > 0.0 { (along - a.along_mm) / span } else { 0.0 };
        let tangent = a.tangent * (1.0 - fraction) + b.tangent * fraction;
        CourseSample {
            along_mm: along,
            centre: a.centre.towards(b.centre, fraction),
            tangent: tangent.direction().unwrap_or(a.tangent),
            radius_mm: a.radius_mm + (b.radius_mm - a.radius_mm) * fraction,
        }
    }

    /// Places every `step_mm` from the first end to the last, both included.
    pub fn samples(&self, step_mm: f64) -> Vec<CourseSample> {
        let count = (self.length_mm() / step_mm).ceil().max(1.0) as usize;
        (0..=count).map(|n| self.at(self.length_mm() * n as f64 / count as f64)).collect()
    }

    /// The place of the course nearest to `place`.
    pub fn nearest(&self, place: PatientPoint) -> CourseSample {
        let mut best = (f64::INFINITY, 0.0);
        for pair in self.dense.windows(2) {
            let along = pair[1].centre - pair[0].centre;
            let length_squared = along.dot(along);
            let fraction = if length_squared > 0.0 {
                ((place - pair[0].centre).dot(along) / length_squared).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let distance = place.distance(pair[0].centre.towards(pair[1].centre, fraction));
            if distance < best.0 {
                best = (distance, pair[0].along_mm + fraction * (pair[1].along_mm - pair[0].along_mm));
            }
        }
        self.at(best.1)
    }

    /// Distance from `place` to the surface of the structure; negative inside. Unit: mm.
    pub fn surface_distance_mm(&self, place: PatientPoint) -> f64 {
        let near = self.nearest(place);
        near.centre.distance(place) - near.radius_mm
    }
}

/// Points along every span with arc length, tangent and radius.
fn dense_samples(points: &[CoursePoint]) -> Vec<CourseSample> {
    let mut centres = Vec::new();
    for span in 0..points.len() - 1 {
        let pieces = if span + 2 == points.len() { PIECES_PER_SPAN + 1 } else { PIECES_PER_SPAN };
        for piece in 0..pieces {
            let fraction = piece as f64 / PIECES_PER_SPAN as f64;
            let from = points[span].radius_mm;
            let radius = from + (points[span + 1].radius_mm - from) * fraction;
            centres.push((catmull_rom(points, span, fraction), radius));
        }
    }
    let mut along = 0.0;
    (0..centres.len())
        .map(|n| {
            if n > 0 {
                along += centres[n].0.distance(centres[n - 1].0);
            }
            let before = centres[n.saturating_sub(1)].0;
            let after = centres[(n + 1).min(centres.len() - 1)].0;
            CourseSample {
                along_mm: along,
                centre: centres[n].0,
                // Neighbours on a Catmull-Rom curve through distinct points are distinct, so the fallback is not taken.
                tangent: (after - before).direction().unwrap_or(PatientDirection::along_z()),
                radius_mm: centres[n].1,
            }
        })
        .collect()
}

/// `place` mirrored at the plane halfway between `a` and `b`, so that an end span bends as its neighbour does.
fn mirrored(place: PatientPoint, a: PatientPoint, b: PatientPoint) -> PatientPoint {
    let along = (b - a) * (1.0 / a.distance(b));
    place - along * (2.0 * (place - a.towards(b, 0.5)).dot(along))
}

/// Centripetal Catmull-Rom between points `span` and `span + 1` (Barry and Goldman's pyramid).
fn catmull_rom(points: &[CoursePoint], span: usize, fraction: f64) -> PatientPoint {
    let p1 = points[span].centre;
    let p2 = points[span + 1].centre;
    let before = span.checked_sub(1).map(|n| points[n].centre);
    let after = points.get(span + 2).map(|p| p.centre);
    let p0 = before.or(after.map(|p| mirrored(p, p1, p2))).unwrap_or(p1 - (p2 - p1));
    let p3 = after.or(before.map(|p| mirrored(p, p1, p2))).unwrap_or(p2 + (p2 - p1));
    let knot = |a: PatientPoint, b: PatientPoint| a.distance(b).sqrt();
    let t0 = 0.0;
    let t1 = t0 + knot(p0, p1);
    let t2 = t1 + knot(p1, p2);
    let t3 = t2 + knot(p2, p3);
    let t = t1 + (t2 - t1) * fraction;
    let blend = |a: PatientPoint, b: PatientPoint, ta: f64, tb: f64| -> PatientPoint {
        let v: PatientVector = b - a;
        a + v * ((t - ta) / (tb - ta))
    };
    let a1 = blend(p0, p1, t0, t1);
    let a2 = blend(p1, p2, t1, t2);
    let a3 = blend(p2, p3, t2, t3);
    let b1 = blend(a1, a2, t0, t2);
    let b2 = blend(a2, a3, t1, t3);
    blend(b1, b2, t1, t2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f64, y: f64, z: f64, radius_mm: f64) -> CoursePoint {
        CoursePoint { centre: PatientPoint::new(x, y, z), radius_mm }
    }

    #[test]
    fn a_straight_course_has_the_length_of_the_line() {
        let course =
            Course::through(&[point(0.0, 0.0, 0.0, 1.0), point(0.0, 0.0, 7.0, 1.0), point(0.0, 0.0, 20.0, 2.0)])
                .unwrap();
        assert!((course.length_mm() - 20.0).abs() < 1e-9);
        let middle = course.at(7.0);
        assert!(middle.centre.distance(PatientPoint::new(0.0, 0.0, 7.0)) < 1e-9);
        assert!((middle.radius_mm - 1.0).abs() < 1e-9);
        assert!((middle.tangent.as_vector().z - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_quarter_circle_is_followed_to_a_tenth_of_a_millimetre() {
        let points: Vec<_> = (0..=6)
            .map(|n| {
                let angle = std::f64::consts::FRAC_PI_2 * f64::from(n) / 6.0;
                point(30.0 * angle.cos(), 30.0 * angle.sin(), 0.0, 1.0)
            })
            .collect();
        let course = Course::through(&points).unwrap();
        // Quarter of 2 pi 30 = 47.124 mm; a cubic through points 15 degrees apart misses the arc by well under 0.1 mm.
        assert!((course.length_mm() - 47.124).abs() < 0.1, "{}", course.length_mm());
        for sample in course.samples(1.0) {
            let radius = sample.centre.distance(PatientPoint::origin());
            assert!((radius - 30.0).abs() < 0.1, "{radius}");
        }
    }

    #[test]
    fn the_nearest_place_of_a_point_beside_the_course_is_its_foot() {
        let course = Course::through(&[point(0.0, 0.0, 0.0, 1.0), point(0.0, 0.0, 20.0, 1.0)]).unwrap();
        let near = course.nearest(PatientPoint::new(3.0, 4.0, 12.0));
        assert!((near.along_mm - 12.0).abs() < 1e-9);
        assert!((course.surface_distance_mm(PatientPoint::new(3.0, 4.0, 12.0)) - 4.0).abs() < 1e-9);
        assert!((course.surface_distance_mm(PatientPoint::new(0.0, 0.0, 25.0)) - 4.0).abs() < 1e-9);
    }

    #[test]
    fn one_point_is_not_a_course() {
        assert_eq!(Course::through(&[point(0.0, 0.0, 0.0, 1.0)]), Err(CourseError::TooFewPoints { found: 1 }));
    }

    #[test]
    fn a_point_marked_twice_is_refused_with_its_numbers() {
        let error = Course::through(&[point(0.0, 0.0, 0.0, 1.0), point(0.0, 0.0, 0.001, 1.0)]).unwrap_err();
        assert!(error.to_string().starts_with("points 1 and 2"), "{error}");
    }

    #[test]
    fn a_radius_of_zero_is_refused() {
        let error = Course::through(&[point(0.0, 0.0, 0.0, 0.0), point(0.0, 0.0, 1.0, 1.0)]).unwrap_err();
        assert!(matches!(error, CourseError::BadPoint { point: 1, .. }));
    }
}
