//! Fits how a probe cools to what somebody measured on a bench.
//!
//! Knows: a scene with one probe, thermocouple readings or sizes of ice, and the few numbers of a cooling law. Every trial
//! is a full simulation. Does not know: files, clocks, or whether the bench was a good one.
//!
//! Each thermocouple may lie a little nearer or farther than it is said to: its radial offset is fitted along with the law,
//! held back by how well places are known. The standard errors of the law therefore contain the doubt about places. They
//! also contain the scatter of the residuals and how long these stay on one side, so that a thousand readings a second
//! apart do not count as a thousand independent ones.

mod bench;
mod fit;
mod judgement;
mod law;
mod least_squares;
mod model;
mod outcome;
mod record;
mod smooth;
mod surrogate;

pub use bench::{Accuracy, Bench, BenchError, Couple, IceSize, Measured, Reading};
pub use fit::{FitError, FitSettings, fit_cooling};
pub use law::LawForm;
pub use outcome::{Certainty, Fit, FittedParameter, HeldOut, SeriesResidual};
pub use record::{CALIBRATION_FORMAT, CalibrationError, CalibrationRecord, Conditions, Origin, UsedDimensions};
