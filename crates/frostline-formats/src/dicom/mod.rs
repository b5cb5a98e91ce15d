//! DICOM: series of CT and MR, contours (RTSTRUCT) and segmentations (SEG).
//!
//! Knows how slices become a volume and every way in which they can fail to: gaps, tilt, mixtures, two patients, damage.
//! Reads the data set itself (every length is checked against the file before it is believed) and unpacks RLE and JPEG-LS
//! itself; JPEG and JPEG 2000 come from other hands, so [`decode_frame`] is meant to run in a process that may be lost.
//! Does not know what an image shows. Keeps no name of a patient: [`identifying_attributes`] gives attribute names only.

mod codec;
mod dataset;
mod frames;
mod geometry;
mod identity;
mod jpeg_ls;
mod pixels;
mod plane;
mod request;
mod rle;
mod rtstruct;
mod seg;
mod series;
mod syntax;
mod tags;

pub use codec::decode_frame;
pub use dataset::DataSetError;
pub use frames::{GreyFrames, grey_frames};
pub use geometry::StackError;
pub use identity::identifying_attributes;
pub use pixels::{LARGEST_FRAME_BYTES, PixelError};
pub use plane::NotASlice;
pub use request::{PixelRequest, PixelResponse, SampleLayout};
pub use rtstruct::{ContourError, ContourSet, contours_to_mask, read_contours};
pub use seg::{FractionThreshold, SegError, Segment, read_segmentation, segments_to_labels};
pub use series::{Series, SeriesChoice, SeriesError, SeriesList, Skipped, list_series, read_series};
pub use syntax::Compression;

/// The bytes of one file. The name is only used in messages.
#[derive(Clone, Copy, Debug)]
pub struct DicomFile<'a> {
    /// What to call it in messages.
    pub name: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}
