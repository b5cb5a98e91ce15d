//! NRRD (versions 1 to 5), attached and detached.
//!
//! Knows raw, gzip, bzip2, ascii and hex encoding, both byte orders, LPS, RAS and LAS space, byte and line skips, data in
//! other files, and the segment names of 3-D Slicer. Returns LPS millimetres. Data in other files comes from the caller:
//! nothing is opened here. Does not read `block` elements or more than one axis of times, layers or components.

mod data;
mod header;
mod place;

use frostline_space::{Volume, VolumeError};

use crate::axes::{self, AxesError};
use crate::cells::{self, CellError, FrameChoice, FrameLayout};
use crate::image::{ImageVolume, LabelVolume, Modality};
use header::Header;

/// Why an NRRD file cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NrrdError {
    /// The first line is not NRRD0001 to NRRD0005.
    #[error("the bytes do not begin with NRRD0001 to NRRD0005; is this an .nrrd or .nhdr file?")]
    NotNrrd,
    /// A field that every file needs.
    #[error("the header has no field \"{field}\"; the file is damaged or cut off")]
    MissingField {
        /// The field's name.
        field: &'static str,
    },
    /// A field whose value makes no sense.
    #[error("the header says \"{field}: {found}\"; expected {expected}")]
    Field {
        /// The field's name.
        field: &'static str,
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
    /// Bytes in front that the header does not mention, or another size.
    #[error(
        "the data holds more than the {expected} values the header declares; if it has a header of its own in front (a NIfTI file, say), add \"byte skip: -1\""
    )]
    TooMuchData {
        /// Values declared.
        expected: usize,
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

/// Reads an image. `file` is the whole `.nrrd`, or the `.nhdr` header; `detached` gives the bytes of a data file that the
/// header names, or `None`. The name comes from the file and may hold path separators: the caller decides what is allowed.
///
/// # Errors
/// [`NrrdError`] says what was found; nothing is guessed except what the returned remarks say.
pub fn read_nrrd(
    file: &[u8],
    frame: FrameChoice,
    detached: impl FnMut(&str) -> Option<Vec<u8>>,
) -> Result<ImageVolume, NrrdError> {
    let (header, attached) = Header::parse(file)?;
    let mut remarks = Vec::new();
    let (grid, layout) = arranged(&header, frame, &mut remarks)?;
    let values = data::read(&header, attached, layout, detached, |_, value| Ok(value as f32))?;
    remarks.extend(cells::remark_on_missing(&values));
    Ok(ImageVolume {
        volume: Volume::new(grid, values)?,
        modality: Modality::NotStated,
        window: None,
        identifying: header.identifying(),
        remarks,
    })
}

/// Reads a segmentation: every value a whole number from 0 to 65535, with the names that 3-D Slicer writes. Of a
/// segmentation in layers, the chosen frame is the layer, and only its segments are named.
///
/// # Errors
/// [`NrrdError`]; a value that is no label is [`CellError::NotALabel`].
pub fn read_nrrd_labels(
    file: &[u8],
    frame: FrameChoice,
    detached: impl FnMut(&str) -> Option<Vec<u8>>,
) -> Result<LabelVolume, NrrdError> {
    let (header, attached) = Header::parse(file)?;
    let (grid, layout) = arranged(&header, frame, &mut Vec::new())?;
    let values = data::read(&header, attached, layout, detached, cells::as_label)?;
    Ok(LabelVolume { volume: Volume::new(grid, values)?, names: header.segment_names(layout.frame) })
}

fn arranged(
    header: &Header,
    frame: FrameChoice,
    remarks: &mut Vec<String>,
) -> Result<(frostline_space::Grid, FrameLayout), NrrdError> {
    let (stored, origin) = place::axes_in_patient(header, remarks)?;
    Ok(axes::arrange(&stored, origin, frame, remarks)?)
}
