//! Why a trace cannot be made.

use frostline_space::{CourseError, GridError, PatientPoint};

/// Why a trace cannot be made or changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TraceError {
    /// Fewer than two clicks.
    #[error(
        "found {found} click(s), expected at least two; click on both ends of the stretch, and between them where it bends"
    )]
    TooFewClicks {
        /// Clicks given.
        found: usize,
    },
    /// A click beside the image.
    #[error(
        "click {number} at {place} lies outside the image, which reaches from {low} to {high} (LPS mm); click inside it, or check that the place was read from this image"
    )]
    OutsideImage {
        /// Number of the click, from 1.
        number: usize,
        /// Where it is.
        place: PatientPoint,
        /// Least coordinates of the image.
        low: PatientPoint,
        /// Largest coordinates of the image.
        high: PatientPoint,
    },
    /// Two clicks with too much between them.
    #[error(
        "clicks {first} and {second} lie {found_mm:.1} mm apart, at most {most_mm:.0} mm can be traced in one piece; insert a click between them"
    )]
    TooFarApart {
        /// Number of the first click, from 1.
        first: usize,
        /// Number of the second, from 1.
        second: usize,
        /// How far apart they are.
        found_mm: f64,
        /// How far apart they may be.
        most_mm: f64,
    },
    /// Two clicks that mean the same place.
    #[error(
        "clicks {first} and {second} lie {found_mm:.2} mm apart (after each was moved to the middle of what it lies on), expected at least {least_mm:.2} mm; remove one"
    )]
    TooNear {
        /// Number of the first click, from 1.
        first: usize,
        /// Number of the second, from 1.
        second: usize,
        /// How far apart they are.
        found_mm: f64,
        /// How far apart they must be.
        least_mm: f64,
    },
    /// More places to look at than allowed.
    #[error(
        "between clicks {first} and {second} lie {found:.0} places {step_mm:.2} mm apart, at most {most} are looked at; insert a click between them, or give the radius of the structure (a thicker one is looked for in wider steps)"
    )]
    TooManyNodes {
        /// Number of the first click, from 1.
        first: usize,
        /// Number of the second, from 1.
        second: usize,
        /// Places there would be.
        found: f64,
        /// Places allowed.
        most: usize,
        /// Distance between them.
        step_mm: f64,
    },
    /// A click between the two, but no way inside the image.
    #[error("no way inside the image leads from click {first} to click {second}; insert a click between them")]
    NoWay {
        /// Number of the first click, from 1.
        first: usize,
        /// Number of the second, from 1.
        second: usize,
    },
    /// A click that is not there.
    #[error("there is no click {number}; the trace has {found}")]
    NoSuchClick {
        /// Number asked for, from 1.
        number: usize,
        /// Clicks there are.
        found: usize,
    },
    /// A radius that cannot be looked for.
    #[error("a radius of {found_mm} mm was given, expected {least_mm} to {most_mm} mm")]
    Radius {
        /// What was given.
        found_mm: f64,
        /// The least.
        least_mm: f64,
        /// The most.
        most_mm: f64,
    },
    /// The image's own geometry.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// The points do not make a course.
    #[error(transparent)]
    Course(#[from] CourseError),
}
