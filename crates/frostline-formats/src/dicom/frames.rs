//! The stored grey values of any image, without a place in the patient: an ultrasound frame, a secondary capture.

use super::DicomFile;
use super::dataset::Object;
use super::pixels::{Frames, Layout, PixelError};
use super::request::PixelRequest;

/// The frames of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GreyFrames {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Stored values of each frame, row by row; not rescaled.
    pub frames: Vec<Vec<i64>>,
}

/// Frames are given as 64-bit numbers, so fewer are taken at a time than in a volume: 256 MiB of stored values.
const MOST_PIXELS: usize = 1 << 25;

/// Reads the stored values of all frames of a grey image.
///
/// # Errors
/// [`PixelError`] for colour, floating point or damaged pixels.
pub fn grey_frames(
    file: DicomFile<'_>,
    decode: &dyn Fn(&PixelRequest) -> Result<Vec<u8>, PixelError>,
) -> Result<GreyFrames, PixelError> {
    let object = Object::open(file.bytes)?;
    let layout = Layout::read(&object.set())?;
    let sample = layout.sample;
    if sample.pixels().saturating_mul(layout.frames) > MOST_PIXELS {
        return Err(PixelError::TooLarge { rows: sample.rows, columns: sample.columns });
    }
    let found = Frames::find(&object, layout)?;
    let frames = (0..layout.frames).map(|frame| found.values(frame, decode)).collect::<Result<_, _>>()?;
    Ok(GreyFrames { rows: usize::from(sample.rows), columns: usize::from(sample.columns), frames })
}
