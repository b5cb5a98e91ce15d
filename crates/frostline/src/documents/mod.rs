//! Puts documents on a screen or on paper: HTML always, PDF with the feature `pdf`.

mod html;
mod inputs;
#[cfg(feature = "pdf")]
mod pdf;
mod print;

pub use html::html;
pub use inputs::{DocumentInputs, SAMPLE};
#[cfg(feature = "pdf")]
pub use pdf::pdf;
pub use print::{Paper, Print, Size};
