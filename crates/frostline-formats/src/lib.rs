//! Medical image files: bytes to values and back.
//!
//! Knows the formats and what damaged files look like. Has never heard of freezing, nerves or plans. Opens no file: every
//! reader takes bytes and returns a value or a typed error that says what was found, what was expected and what to do.

mod axes;
mod cells;
mod image;

pub mod dicom;
pub mod frame_png;
pub mod metaimage;
pub mod nifti;
pub mod nrrd;

pub use axes::AxesError;
pub use cells::{CellError, FrameChoice, FrameError, MOST_CELLS};
pub use image::{ImageVolume, LabelVolume, Modality, Window};
