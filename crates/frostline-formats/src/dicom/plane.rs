//! One slice of an image: a classic single-frame file, or one frame of an enhanced multi-frame object.

use frostline_space::{PatientPoint, PatientVector};

use super::dataset::{DataSetError, Object, Set, Tag};
use super::pixels::{Layout, PixelError};
use super::tags;
use crate::{Modality, Window};

/// What a slice says about itself, before its pixels are touched.
pub(super) struct Plane {
    /// Which of the files.
    pub file: usize,
    /// Which of its frames, from 0.
    pub frame: usize,
    /// The file's name, with the frame's number when there are several.
    pub name: String,
    pub modality: Modality,
    pub series_uid: String,
    pub description: String,
    pub patient: String,
    pub frame_of_reference: String,
    pub layout: Layout,
    pub splits: Splits,
    pub place: Place,
    pub rescale: Option<(f64, f64)>,
    pub window: Option<Window>,
    pub remarks: Vec<String>,
}

/// Where a slice lies in the patient.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Centre of the first pixel.
    pub position: PatientPoint,
    /// Towards the next column, length one.
    pub row: PatientVector,
    /// Towards the next row, length one.
    pub column: PatientVector,
    /// Distance between rows (down a column). Unit: mm.
    pub between_rows_mm: f64,
    /// Distance between columns (along a row). Unit: mm.
    pub between_columns_mm: f64,
    /// Unit: mm.
    pub thickness_mm: Option<f64>,
}

/// Attributes by which one series may hold several images of the same place.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Splits {
    pub echo: String,
    pub kind: String,
    pub stack: String,
    pub b_value: String,
    pub time: String,
    pub acquisition: String,
}

/// Why a file is not a slice of a CT or MR image.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotASlice {
    /// It cannot be read as DICOM.
    #[error(transparent)]
    DataSet(#[from] DataSetError),
    /// Another kind of object.
    #[error("it is a {found} object, expected CT or MR images")]
    WrongModality {
        /// Modality or kind.
        found: String,
    },
    /// A scout image.
    #[error("it is a localizer (an overview to plan the scan), not a slice")]
    Localizer,
    /// An attribute is absent.
    #[error("{attribute} is missing or not readable, so the slice cannot be placed in the patient")]
    Missing {
        /// The standard's name of the attribute.
        attribute: &'static str,
    },
    /// Row and column direction do not stand at a right angle, or are not of length one.
    #[error(
        "the row and column directions have lengths {row:.4} and {column:.4} and enclose {angle_deg:.2} degrees, expected 1, 1 and 90"
    )]
    CrookedAxes {
        /// Length of the row direction.
        row: f64,
        /// Length of the column direction.
        column: f64,
        /// Angle between them.
        angle_deg: f64,
    },
    /// Pixels of a kind that cannot be used.
    #[error(transparent)]
    Pixels(#[from] PixelError),
}

/// The standard prints directions with six digits, so lengths and right angles hold to a few parts in a million; scanners
/// that print four digits reach 1e-4. A slanted axis of 1e-3 would move the rim of a 500 mm image by half a millimetre.
const DIRECTION_TOLERANCE: f64 = 1e-3;
const SECONDARY_CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";

/// The slices of one opened file.
pub(super) fn planes_of(file: usize, name: &str, object: &Object<'_>) -> Result<Vec<Plane>, NotASlice> {
    let set = object.set();
    let modality = modality_of(&set)?;
    let layout = Layout::read(&set)?;
    if set.has(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE) {
        return frames_of(file, name, &set, modality, layout);
    }
    if layout.frames > 1 {
        return Err(NotASlice::Missing { attribute: "PerFrameFunctionalGroupsSequence (position of every frame)" });
    }
    if image_type(&set, tags::IMAGE_TYPE).contains("LOCALIZER") {
        return Err(NotASlice::Localizer);
    }
    let levels = Levels { frame: None, shared: None, set: &set };
    let at = Where { file, frame: 0, name: name.to_string() };
    Ok(vec![plane(at, &levels, modality, layout)?])
}

fn frames_of(
    file: usize,
    name: &str,
    set: &Set<'_>,
    modality: Modality,
    layout: Layout,
) -> Result<Vec<Plane>, NotASlice> {
    let shared = set.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE)?;
    let frames = set.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)?;
    if frames.len() != layout.frames {
        return Err(NotASlice::Missing { attribute: "PerFrameFunctionalGroupsSequence (one item per frame)" });
    }
    let mut planes = Vec::new();
    for (frame, item) in frames.iter().enumerate() {
        let levels = Levels { frame: Some(item), shared: shared.as_ref(), set };
        let at = Where { file, frame, name: format!("{name} (frame {})", frame + 1) };
        planes.push(plane(at, &levels, modality, layout)?);
    }
    Ok(planes)
}

/// Where every frame of a multi-frame object lies.
pub(super) fn frame_places(set: &Set<'_>, frames: usize) -> Result<Vec<Place>, NotASlice> {
    let shared = set.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE)?;
    let items = set.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)?;
    if items.len() != frames {
        return Err(NotASlice::Missing { attribute: "PerFrameFunctionalGroupsSequence (one item per frame)" });
    }
    items.iter().map(|item| place(&Levels { frame: Some(item), shared: shared.as_ref(), set })).collect()
}

/// Which frame of which file, and what to call it.
struct Where {
    file: usize,
    frame: usize,
    name: String,
}

/// Where attributes of a frame may stand: its own functional groups, the shared ones, or the data set.
struct Levels<'s, 'o> {
    frame: Option<&'s Set<'o>>,
    shared: Option<&'s Set<'o>>,
    set: &'s Set<'o>,
}

impl<'o> Levels<'_, 'o> {
    /// The functional group in the frame, else the shared one, else the data set itself.
    fn group(&self, group: Tag) -> Result<Set<'o>, DataSetError> {
        for level in [self.frame, self.shared].into_iter().flatten() {
            if let Some(item) = level.item(group)? {
                return Ok(item);
            }
        }
        Ok(self.set.clone())
    }
}

fn plane(at: Where, levels: &Levels<'_, '_>, modality: Modality, layout: Layout) -> Result<Plane, NotASlice> {
    let set = levels.set;
    let values = levels.group(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE)?;
    let rescale = match (values.decimal(tags::RESCALE_SLOPE), values.decimal(tags::RESCALE_INTERCEPT)) {
        (Some(slope), Some(intercept)) => Some((slope, intercept)),
        _ => None,
    };
    Ok(Plane {
        file: at.file,
        frame: at.frame,
        name: at.name,
        modality,
        series_uid: set.text(tags::SERIES_INSTANCE_UID).ok_or(NotASlice::Missing { attribute: "SeriesInstanceUID" })?,
        description: set.text(tags::SERIES_DESCRIPTION).unwrap_or_default(),
        patient: set.text(tags::PATIENT_ID).or(set.text(tags::PATIENT_NAME)).unwrap_or_default(),
        frame_of_reference: set.text(tags::FRAME_OF_REFERENCE_UID).unwrap_or_default(),
        layout,
        splits: splits(levels)?,
        place: place(levels)?,
        rescale,
        window: window(&levels.group(tags::FRAME_VOI_LUT_SEQUENCE)?),
        remarks: remarks(set, &values),
    })
}

fn modality_of(set: &Set<'_>) -> Result<Modality, NotASlice> {
    let found = set.text(tags::MODALITY).unwrap_or_else(|| "DICOM object without a modality".into());
    let captured = set.text(tags::SOP_CLASS_UID).is_some_and(|uid| uid.starts_with(SECONDARY_CAPTURE));
    match found.as_str() {
        "CT" | "MR" if captured => Err(NotASlice::WrongModality { found: format!("secondary capture ({found})") }),
        "CT" => Ok(Modality::Ct),
        "MR" => Ok(Modality::Mr),
        _ => Err(NotASlice::WrongModality { found }),
    }
}

fn image_type(set: &Set<'_>, tag: Tag) -> String {
    set.text(tag).unwrap_or_default()
}

fn place(levels: &Levels<'_, '_>) -> Result<Place, NotASlice> {
    let missing = |attribute| NotASlice::Missing { attribute };
    let numbers = |set: &Set<'_>, tag, count| set.decimals(tag).filter(|v: &Vec<f64>| v.len() == count);
    let position = numbers(&levels.group(tags::PLANE_POSITION_SEQUENCE)?, tags::IMAGE_POSITION_PATIENT, 3)
        .ok_or(missing("ImagePositionPatient"))?;
    let axes = numbers(&levels.group(tags::PLANE_ORIENTATION_SEQUENCE)?, tags::IMAGE_ORIENTATION_PATIENT, 6)
        .ok_or(missing("ImageOrientationPatient"))?;
    let measures = levels.group(tags::PIXEL_MEASURES_SEQUENCE)?;
    let spacing = numbers(&measures, tags::PIXEL_SPACING, 2)
        .filter(|s| s.iter().all(|mm| *mm > 0.0))
        .ok_or(missing("PixelSpacing"))?;
    let row = PatientVector::new(axes[0], axes[1], axes[2]);
    let column = PatientVector::new(axes[3], axes[4], axes[5]);
    let right_angle = row.dot(column).abs() <= DIRECTION_TOLERANCE;
    let unit = [row, column].iter().all(|v| (v.length() - 1.0).abs() <= DIRECTION_TOLERANCE);
    if !(right_angle && unit) {
        let cosine = row.dot(column) / (row.length() * column.length());
        let angle_deg = cosine.clamp(-1.0, 1.0).acos().to_degrees();
        return Err(NotASlice::CrookedAxes { row: row.length(), column: column.length(), angle_deg });
    }
    let thickness = [tags::SPACING_BETWEEN_SLICES, tags::SLICE_THICKNESS];
    Ok(Place {
        position: PatientPoint::new(position[0], position[1], position[2]),
        row: row * (1.0 / row.length()),
        column: column * (1.0 / column.length()),
        between_rows_mm: spacing[0],
        between_columns_mm: spacing[1],
        thickness_mm: thickness.iter().find_map(|tag| measures.decimal(*tag)).map(f64::abs).filter(|mm| *mm > 0.0),
    })
}

fn splits(levels: &Levels<'_, '_>) -> Result<Splits, DataSetError> {
    let set = levels.set;
    let content = levels.group(tags::FRAME_CONTENT_SEQUENCE)?;
    let echo = levels.group(tags::MR_ECHO_SEQUENCE)?;
    let diffusion = levels.group(tags::MR_DIFFUSION_SEQUENCE)?;
    let mut kind = image_type(set, tags::IMAGE_TYPE);
    for group in [tags::MR_IMAGE_FRAME_TYPE_SEQUENCE, tags::CT_IMAGE_FRAME_TYPE_SEQUENCE] {
        kind = levels.group(group)?.text(tags::FRAME_TYPE).unwrap_or(kind);
    }
    let number = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
    let time_of_echo = echo.double(tags::EFFECTIVE_ECHO_TIME).or_else(|| set.decimal(tags::ECHO_TIME));
    Ok(Splits {
        echo: number(time_of_echo),
        kind,
        stack: content.text(tags::STACK_ID).unwrap_or_default(),
        b_value: number(diffusion.double(tags::DIFFUSION_B_VALUE)),
        time: content
            .long(tags::TEMPORAL_POSITION_INDEX)
            .map(|n| n.to_string())
            .or_else(|| set.text(tags::TEMPORAL_POSITION_IDENTIFIER))
            .unwrap_or_default(),
        acquisition: set.text(tags::ACQUISITION_NUMBER).unwrap_or_default(),
    })
}

fn window(set: &Set<'_>) -> Option<Window> {
    let (centre, width) = (set.decimal(tags::WINDOW_CENTER)?, set.decimal(tags::WINDOW_WIDTH)?);
    (width > 0.0).then_some(Window { centre, width })
}

fn remarks(set: &Set<'_>, values: &Set<'_>) -> Vec<String> {
    let mut remarks = Vec::new();
    if set.text(tags::PHOTOMETRIC_INTERPRETATION).as_deref() == Some("MONOCHROME1") {
        remarks.push("the image is stored to be shown inverted (MONOCHROME1); the values are kept as they are".into());
    }
    if set.text(tags::LOSSY_IMAGE_COMPRESSION).as_deref() == Some("01") {
        remarks.push("the image was compressed with loss; its values are not those of the scanner".into());
    }
    if set.has(tags::PIXEL_PADDING_VALUE) {
        remarks.push("pixels outside the scanned field carry a padding value; it is kept as it is".into());
    }
    if set.has(tags::MODALITY_LUT_SEQUENCE) {
        remarks.push("the image carries a modality lookup table, which was not applied".into());
    }
    let not_hounsfield = values.text(tags::RESCALE_TYPE).filter(|kind| kind != "HU");
    if let (Some(kind), Some("CT")) = (not_hounsfield, set.text(tags::MODALITY).as_deref()) {
        remarks.push(format!("the rescaled values are of type {kind}, expected HU; check that this is a plain CT"));
    }
    remarks
}
