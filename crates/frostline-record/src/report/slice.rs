//! A cut through the limb as a picture in millimetres: what was imaged, what was marked, how cold it got.

use frostline_plan::anatomy::TissueKind;

use super::Drawn;
use super::contour::ContourLine;

/// A place in a picture, from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PicturePoint {
    /// To the right. Unit: mm.
    pub right_mm: f64,
    /// Downwards. Unit: mm.
    pub down_mm: f64,
}

/// What fills the pixels of a raster.
#[derive(Clone, Debug, PartialEq)]
pub enum Pixels {
    /// Grey, 0 black to 255 white.
    Grey(Vec<u8>),
    /// What the place is made of, where no image was taken.
    Tissue(Vec<TissueKind>),
}

/// Pixels, row by row from the upper left.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    /// Pixels across.
    pub columns: usize,
    /// Pixels down.
    pub rows: usize,
    /// What fills them.
    pub pixels: Pixels,
}

impl Raster {
    /// The tissues it shows, from above; none where it is grey.
    pub fn tissues(&self) -> Vec<TissueKind> {
        let Pixels::Tissue(kinds) = &self.pixels else { return Vec::new() };
        let mut seen = Vec::new();
        for kind in kinds {
            if !seen.contains(kind) {
                seen.push(*kind);
            }
        }
        seen
    }
}

/// Lines of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// What they stand for.
    pub drawn: Drawn,
    /// The lines.
    pub lines: Vec<ContourLine>,
}

/// One line of the legend.
#[derive(Clone, Debug, PartialEq)]
pub struct LegendEntry {
    /// How it is drawn.
    pub drawn: Drawn,
    /// What it is.
    pub words: String,
}

/// What stands at the four rims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeLabels {
    /// Left rim.
    pub left: String,
    /// Right rim.
    pub right: String,
    /// Upper rim.
    pub top: String,
    /// Lower rim.
    pub bottom: String,
}

/// A part of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Its upper left corner.
    pub corner: PicturePoint,
    /// Its width. Unit: mm.
    pub width_mm: f64,
    /// Its height. Unit: mm.
    pub height_mm: f64,
}

/// The whole limb in the same plane, small, with the window that the picture shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Locator {
    /// Width. Unit: mm.
    pub width_mm: f64,
    /// Height. Unit: mm.
    pub height_mm: f64,
    /// The image.
    pub raster: Raster,
    /// What the large picture shows of it.
    pub window: Window,
}

/// One cut.
#[derive(Clone, Debug, PartialEq)]
pub struct SlicePicture {
    /// Width. Unit: mm.
    pub width_mm: f64,
    /// Height. Unit: mm.
    pub height_mm: f64,
    /// The image, or tissues where there is none.
    pub raster: Raster,
    /// The tissues that flat colours stand for.
    pub tissues: Vec<TissueKind>,
    /// Outlines and isotherms, to be drawn in this order.
    pub outlines: Vec<Outline>,
    /// What they are.
    pub legend: Vec<LegendEntry>,
    /// Directions at the rims.
    pub labels: EdgeLabels,
    /// Length of the scale bar. Unit: mm.
    pub scale_bar_mm: f64,
    /// Where the picture lies in the limb.
    pub locator: Option<Locator>,
}
