//! NIfTI-1 and NIfTI-2 (`.nii`, `.nii.gz`), read and written.
//!
//! Knows both versions and byte orders, all integer and floating element types, intensity scaling, sform and qform, and
//! units of length. Returns LPS millimetres; NIfTI itself is RAS. Does not read header-only pairs (`.hdr` + `.img`),
//! Analyze files, complex or colour values: those give an error that says so.

mod header;
mod write;

use frostline_space::{Grid, GridError, Volume, VolumeError};

use crate::cells::{self, CellError, FrameChoice, FrameError, FrameLayout, Packed};
use crate::image::{ImageVolume, LabelVolume, Modality};
use header::Header;
pub use write::{NiftiPacking, WriteNiftiError, write_nifti, write_nifti_labels};

/// Why a NIfTI file cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NiftiError {
    /// The first number is neither 348 nor 540 in either byte order.
    #[error(
        "the bytes do not begin with a NIfTI header (348 or 540 in either byte order); is this a .nii or .nii.gz file?"
    )]
    NotNifti,
    /// Fewer bytes than a header.
    #[error("found {found} bytes where a header of {expected} was expected; the file is cut off, fetch it again")]
    HeaderCutOff {
        /// Bytes present.
        found: usize,
        /// Bytes of the header.
        expected: usize,
    },
    /// Analyze 7.5: the header has no NIfTI mark.
    #[error(
        "this is an Analyze header without NIfTI mark; it does not say left from right. Convert it to .nii with a tool that knows its origin"
    )]
    Analyze,
    /// A header whose voxels are in another file.
    #[error("this header says that its voxels are in a separate .img file; join the pair into one .nii file first")]
    HeaderOnly,
    /// A number of dimensions or a size that makes no sense.
    #[error("dimension {axis} of the header is {found}; expected {expected}")]
    Dimension {
        /// 0 for the number of dimensions, 1 to 7 for the size of that axis.
        axis: usize,
        /// The value found.
        found: i64,
        /// The values that make sense.
        expected: &'static str,
    },
    /// Complex, colour or 1-bit values.
    #[error("data type code {code} is not an integer or floating number; export the image as grey values")]
    DataType {
        /// The code found.
        code: i16,
    },
    /// A start of the data that is not a place in a file.
    #[error("the header says that the data starts at byte {found}, which is not a place in this file")]
    DataStart {
        /// The value found.
        found: f64,
    },
    /// No or a wrong choice of frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The voxels.
    #[error(transparent)]
    Cells(#[from] CellError),
    /// A geometry that does not span space.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// Values that do not fit the grid.
    #[error(transparent)]
    Volume(#[from] VolumeError),
}

/// Reads an image from the bytes of a `.nii` or `.nii.gz` file.
///
/// # Errors
/// [`NiftiError`] says what was found; nothing is guessed except what the returned remarks say.
pub fn read_nifti(bytes: &[u8], frame: FrameChoice) -> Result<ImageVolume, NiftiError> {
    let opened = Opened::new(bytes, frame)?;
    let scale = opened.header.scale();
    let values = opened.values(|_, value| Ok(scale.apply(value) as f32))?;
    let mut remarks = opened.remarks;
    remarks.extend(cells::remark_on_missing(&values));
    Ok(ImageVolume {
        volume: Volume::new(opened.grid, values)?,
        modality: Modality::NotStated,
        window: opened.header.window(),
        identifying: opened.header.free_text(),
        remarks,
    })
}

/// Reads a segmentation from the bytes of a `.nii` or `.nii.gz` file: every value a whole number from 0 to 65535.
/// NIfTI keeps no names of labels.
///
/// # Errors
/// [`NiftiError`]; a value that is no label is [`CellError::NotALabel`].
pub fn read_nifti_labels(bytes: &[u8], frame: FrameChoice) -> Result<LabelVolume, NiftiError> {
    let opened = Opened::new(bytes, frame)?;
    let scale = opened.header.scale();
    let values = opened.values(|position, value| cells::as_label(position, scale.apply(value)))?;
    Ok(LabelVolume { volume: Volume::new(opened.grid, values)?, names: Vec::new() })
}

/// A file whose header was understood and whose frame was chosen.
struct Opened<'a> {
    packed: Packed<'a>,
    header: Header,
    grid: Grid,
    layout: FrameLayout,
    remarks: Vec<String>,
}

impl<'a> Opened<'a> {
    fn new(bytes: &'a [u8], frame: FrameChoice) -> Result<Self, NiftiError> {
        let packed = if bytes.starts_with(&[0x1F, 0x8B]) { Packed::Gzip(bytes) } else { Packed::Plain(bytes) };
        let mut first = vec![0; header::NIFTI_2_SIZE];
        let found = cells::fill(&mut packed.open(), &mut first)?;
        let header = Header::parse(&first[..found])?;
        let frames = header.frames()?;
        let (grid, remarks) = header.grid()?;
        let layout = FrameLayout { cells: grid.count(), inner: grid.count(), frames, frame: frame.among(frames)? };
        Ok(Self { packed, header, grid, layout, remarks })
    }

    fn values<T>(&self, cell: impl FnMut(usize, f64) -> Result<T, CellError>) -> Result<Vec<T>, NiftiError> {
        let (start, stored_as) = (self.header.data_start()?, self.header.stored_as()?);
        let declared = self.layout.values()?.saturating_mul(stored_as.0.size()).saturating_add(start);
        self.packed.can_hold(declared)?;
        let mut source = self.packed.open();
        cells::discard(&mut source, start)?;
        let values = cells::read_cells(&mut source, stored_as, self.layout, cell)?;
        // One byte beyond the data: at the end of a compressed stream this compares its check sum. Bytes that follow
        // are not the image's and are left alone.
        cells::has_more(&mut source)?;
        Ok(values)
    }
}
