//! MetaImage (`.mha`, `.mhd`), and the tracked sequences that PLUS writes in it (`.igs.mha`).
//!
//! Knows every integer and floating element type, both byte orders, zlib compression, text values, data in the same or
//! another file, 2-D and 3-D images, a list of frames as last axis, and per frame the poses, their status and the time.
//! MetaImage is LPS millimetres already. Data in other files comes from the caller: nothing is opened here.

mod header;
mod sequence;

use frostline_space::{Grid, Volume, VolumeError};

use crate::axes::{self, AxesError};
use crate::cells::{self, CellError, FrameChoice, FrameLayout, Packed};
use crate::image::{ImageVolume, LabelVolume};
use header::{DataPlace, Header};

pub use sequence::{MetaSequence, PoseStatus, Tool, ToolPose, ToolToTracker, TrackedFrame, Tracker};

/// Why a MetaImage cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MetaImageError {
    /// No "ObjectType = Image" and no "NDims" before the data.
    #[error(
        "the bytes do not begin with a MetaImage header (ObjectType = Image, NDims = ...); is this an .mha or .mhd file?"
    )]
    NotMetaImage,
    /// A field that every file needs.
    #[error("the header has no field {field}; the file is damaged or cut off")]
    MissingField {
        /// The field's name.
        field: &'static str,
    },
    /// A field whose value makes no sense.
    #[error("the header says \"{field} = {found}\"; expected {expected}")]
    Field {
        /// The field's name.
        field: String,
        /// The value, cut after 60 characters.
        found: String,
        /// What makes sense.
        expected: &'static str,
    },
    /// The caller has no data file of that name.
    #[error("the header says that the voxels are in {name:?}, which was not there; keep the two files together")]
    MissingDataFile {
        /// The name in the header.
        name: String,
    },
    /// A tracker recording without pictures.
    #[error("the file holds {frames} tracked frames without pixels; read it as a sequence, not as an image")]
    NoPixels {
        /// Frames in the file.
        frames: usize,
    },
    /// The axes.
    #[error(transparent)]
    Axes(#[from] AxesError),
    /// The voxels.
    #[error(transparent)]
    Cells(#[from] CellError),
    /// Values that do not fit the grid.
    #[error(transparent)]
    Volume(#[from] VolumeError),
}

/// Reads an image. `file` is the whole `.mha`, or the `.mhd` header; `detached` gives the bytes of a data file that the
/// header names, or `None`. The name comes from the file and may hold path separators: the caller decides what is allowed.
/// The frame is a picture of a sequence, or a channel of a colour image.
///
/// # Errors
/// [`MetaImageError`] says what was found; nothing is guessed except what the returned remarks say.
pub fn read_metaimage(
    file: &[u8],
    frame: FrameChoice,
    detached: impl FnMut(&str) -> Option<Vec<u8>>,
) -> Result<ImageVolume, MetaImageError> {
    let opened = Opened::new(file, frame)?;
    let values = opened.values(detached, |_, value| Ok(value as f32))?;
    let mut remarks = opened.remarks;
    remarks.extend(cells::remark_on_missing(&values));
    Ok(ImageVolume {
        volume: Volume::new(opened.grid, values)?,
        modality: opened.header.modality(),
        window: None,
        identifying: opened.header.identifying(),
        remarks,
    })
}

/// Reads a segmentation: every value a whole number from 0 to 65535. MetaImage keeps no names of labels.
///
/// # Errors
/// [`MetaImageError`]; a value that is no label is [`CellError::NotALabel`].
pub fn read_metaimage_labels(
    file: &[u8],
    frame: FrameChoice,
    detached: impl FnMut(&str) -> Option<Vec<u8>>,
) -> Result<LabelVolume, MetaImageError> {
    let opened = Opened::new(file, frame)?;
    let values = opened.values(detached, cells::as_label)?;
    Ok(LabelVolume { volume: Volume::new(opened.grid, values)?, names: Vec::new() })
}

/// Reads poses, status and time of every frame of a tracked sequence; its pictures, if any, are read one by one with
/// [`read_metaimage`] and [`FrameChoice::Frame`].
///
/// # Errors
/// [`MetaImageError`] for a header or a pose that makes no sense.
pub fn read_meta_sequence(file: &[u8]) -> Result<MetaSequence, MetaImageError> {
    let (header, _) = Header::parse(file)?;
    sequence::from_header(&header)
}

/// A file whose header was understood and whose frame was chosen.
struct Opened<'a> {
    header: Header,
    local: &'a [u8],
    grid: Grid,
    layout: FrameLayout,
    remarks: Vec<String>,
}

impl<'a> Opened<'a> {
    fn new(file: &'a [u8], frame: FrameChoice) -> Result<Self, MetaImageError> {
        let (header, local) = Header::parse(file)?;
        let mut remarks = Vec::new();
        let (stored, origin) = header.axes(&mut remarks)?;
        let (grid, layout) = axes::arrange(&stored, origin, frame, &mut remarks)?;
        Ok(Self { header, local, grid, layout, remarks })
    }

    fn values<T>(
        &self,
        mut detached: impl FnMut(&str) -> Option<Vec<u8>>,
        cell: impl FnMut(usize, f64) -> Result<T, CellError>,
    ) -> Result<Vec<T>, MetaImageError> {
        let fetched;
        let bytes = match self.header.data_place()? {
            DataPlace::Local => self.local,
            DataPlace::File(name) => {
                fetched = detached(&name).ok_or(MetaImageError::MissingDataFile { name })?;
                &fetched
            }
        };
        if !self.header.is_binary() {
            return Ok(cells::read_text_cells(bytes, self.layout, cell)?);
        }
        let stored_as = (self.header.element()?, self.header.byte_order());
        let declared = self.layout.values()?.saturating_mul(stored_as.0.size());
        let bytes = self.header.after_foreign_header(bytes, declared)?;
        let packed = match (self.header.is_compressed(), bytes.starts_with(&[0x1F, 0x8B])) {
            (false, _) => Packed::Plain(bytes),
            (true, false) => Packed::Zlib(bytes),
            (true, true) => Packed::Gzip(bytes),
        };
        packed.can_hold(declared)?;
        let mut source = packed.open();
        let values = cells::read_cells(&mut source, stored_as, self.layout, cell)?;
        // One byte beyond the data: at the end of a compressed stream this compares its check sum.
        cells::has_more(&mut source)?;
        Ok(values)
    }
}
