//! Puts documents on a screen or on paper: HTML always, PDF with the feature `pdf`.

mod from_case;
mod html;
mod inputs;
#[cfg(feature = "pdf")]
mod pdf;
mod print;

pub use from_case::inputs_of_steps;
pub use html::html;
pub use inputs::{DocumentInputs, SAMPLE};
#[cfg(feature = "pdf")]
pub use pdf::pdf;
pub use print::{Paper, Print, Size};
