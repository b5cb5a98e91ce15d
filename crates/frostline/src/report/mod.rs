//! Puts a report on a screen or on paper: the only place that knows HTML, SVG, PNG and PDF.
//!
//! Pictures become drawings (lines, areas, words, rasters); one writer makes SVG of them, another PDF.

mod curves;
mod drawing;
mod html;
mod of_case;
mod palette;
#[cfg(feature = "pdf")]
mod pdf;
mod png_bytes;
mod render;
mod slice;
mod svg;
mod view;

use frostline_record::report::Picture;

#[cfg(feature = "pdf")]
pub use drawing::Colour;
pub use html::{escaped, html, style_text};
pub use of_case::of_case;
#[cfg(feature = "pdf")]
pub use palette::{GROUND, INK, RULE, SOFT_INK};
#[cfg(feature = "pdf")]
pub use pdf::{BOLD, Letters, PdfError, REGULAR, pdf};

use drawing::Drawing;

/// Any picture of a report as a drawing.
fn drawing_of(picture: &Picture) -> Drawing {
    match picture {
        Picture::Slice(slice) => slice::drawing(slice),
        Picture::View(view) => view::drawing(view),
        Picture::Curves(curves) => curves::drawing(curves),
    }
}
