//! Assisted marking in ultrasound frames: an ellipse from a click, and from one frame of a sweep to the next.

mod affine;
mod carry;
mod ellipse;
mod propose;
mod shade;
mod sweep;

pub use carry::{Carried, CarriedEllipse, CarryError, Lost, WhyLost, carried_through};
pub use ellipse::{EllipseError, FrameEllipse, FramePlane, FramePoint, FrameToPatient};
pub use propose::{ProposeError, ProposedEllipse, proposed_ellipse};
pub use sweep::{SweepError, course_of_sweep};
