//! From ellipses in the frames of a sweep to a course through the patient.

use frostline_space::{Course, CourseError, CoursePoint, PatientVector, Vector};

use super::ellipse::{FrameEllipse, FrameToPatient};

/// Why ellipses and poses do not make a course.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SweepError {
    /// Not one pose per ellipse.
    #[error("found {poses} poses for {ellipses} ellipses; give one pose per frame, in the same order")]
    Poses {
        /// Poses given.
        poses: usize,
        /// Ellipses given.
        ellipses: usize,
    },
    /// A pose that stretches the picture.
    #[error(
        "the pose of frame {frame} makes 1 mm of the picture {found_mm:.3} mm long in the patient; poses turn and move but do not stretch, since the pixel size is given apart"
    )]
    Stretched {
        /// The frame, from 1.
        frame: usize,
        /// What becomes of 1 mm.
        found_mm: f64,
    },
    /// The frames lie in one place.
    #[error(
        "the {frames} frames move the middle of the nerve by {found_mm:.2} mm in all, expected at least {least_mm} mm; check the poses, or sweep along the nerve"
    )]
    NotMoving {
        /// Frames given.
        frames: usize,
        /// Length of the way.
        found_mm: f64,
        /// What is needed.
        least_mm: f64,
    },
    /// The points do not make a course.
    #[error(transparent)]
    Course(#[from] CourseError),
}

/// A pose may be off by this much of a length; matrices are written with few digits.
const STRETCH_ALLOWED: f64 = 0.01;

/// The course through the middles of the ellipses, a point at least every `every_mm`.
///
/// A frame seldom cuts a nerve at a right angle. The area of the cut is that of the cross-section over the cosine of the
/// angle between the nerve and the perpendicular of the frame, so the radius is taken from the area times that cosine.
///
/// # Errors
/// [`SweepError`] when poses and ellipses do not match, a pose stretches, or the sweep does not move along the nerve.
pub fn course_of_sweep(
    ellipses: &[FrameEllipse],
    poses: &[FrameToPatient],
    every_mm: f64,
) -> Result<Course, SweepError> {
    if ellipses.len() != poses.len() {
        return Err(SweepError::Poses { poses: poses.len(), ellipses: ellipses.len() });
    }
    for (n, pose) in poses.iter().enumerate() {
        let off = pose.steps().map(PatientVector::length).into_iter().find(|mm| (mm - 1.0).abs() > STRETCH_ALLOWED);
        if let Some(found_mm) = off {
            return Err(SweepError::Stretched { frame: n + 1, found_mm });
        }
    }
    let centres: Vec<_> = ellipses.iter().zip(poses).map(|(e, pose)| pose.apply(e.centre())).collect();
    let mut kept: Vec<usize> = Vec::new();
    for (n, centre) in centres.iter().enumerate() {
        if kept.last().is_none_or(|last| centres[*last].distance(*centre) >= every_mm) {
            kept.push(n);
        }
    }
    if kept.len() < 2 {
        let found_mm = centres.windows(2).map(|pair| pair[0].distance(pair[1])).sum();
        return Err(SweepError::NotMoving { frames: centres.len(), found_mm, least_mm: every_mm });
    }
    let points: Vec<CoursePoint> = (0..kept.len())
        .map(|n| {
            let (before, after) = (kept[n.saturating_sub(1)], kept[(n + 1).min(kept.len() - 1)]);
            let here = kept[n];
            let along = centres[after] - centres[before];
            let across = poses[here].turn(Vector::new(0.0, 0.0, 1.0));
            let cosine = (along.dot(across) / (along.length() * across.length())).abs();
            CoursePoint { centre: centres[here], radius_mm: ellipses[here].equivalent_radius_mm() * cosine.sqrt() }
        })
        .collect();
    Ok(Course::through(&points)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::frame::FramePoint;
    use frostline_formats::frame_png::Ellipse;
    use frostline_space::PatientPoint;

    fn circle(x: f64) -> FrameEllipse {
        let shape = Ellipse { long_radius_mm: 2.0, short_radius_mm: 2.0, tilt_deg: 0.0 };
        FrameEllipse::new(FramePoint::new(x, 10.0, 0.0), shape).unwrap()
    }

    fn pose(z: f64) -> FrameToPatient {
        let (x, y) = (PatientVector::new(1.0, 0.0, 0.0), PatientVector::new(0.0, 1.0, 0.0));
        FrameToPatient::new(x, y, PatientVector::new(0.0, 0.0, 1.0), PatientPoint::new(100.0, 0.0, z))
    }

    #[test]
    fn a_nerve_cut_at_45_degrees_has_a_smaller_radius_than_its_cut() {
        let ellipses: Vec<_> = (0..11).map(|n| circle(5.0 + f64::from(n))).collect();
        let poses: Vec<_> = (0..11).map(|n| pose(f64::from(n))).collect();
        let course = course_of_sweep(&ellipses, &poses, 1.0).unwrap();
        let middle = course.points()[5];
        assert_eq!(middle.centre, PatientPoint::new(110.0, 10.0, 5.0));
        // The cut has an area of 4 pi mm2; the cross-section 4 pi / sqrt 2, a circle of 2 / 2^(1/4) = 1.682 mm.
        assert!((middle.radius_mm - 1.682).abs() < 0.001, "{}", middle.radius_mm);
    }

    #[test]
    fn a_sweep_that_stands_still_and_poses_that_stretch_are_refused() {
        let ellipses = [circle(5.0), circle(5.0)];
        let still = course_of_sweep(&ellipses, &[pose(0.0), pose(0.0)], 1.0).unwrap_err();
        assert!(still.to_string().contains("sweep along the nerve"), "{still}");
        let few = course_of_sweep(&ellipses, &[pose(0.0)], 1.0).unwrap_err();
        assert!(few.to_string().contains("1 poses for 2 ellipses"), "{few}");
        let long = PatientVector::new(0.07, 0.0, 0.0);
        let [_, y, z] = pose(0.0).steps();
        let in_pixels = FrameToPatient::new(long, y, z, PatientPoint::origin());
        let stretched = course_of_sweep(&ellipses, &[pose(0.0), in_pixels], 1.0).unwrap_err();
        assert!(matches!(stretched, SweepError::Stretched { frame: 2, .. }), "{stretched}");
    }
}
