//! Segmentations (SEG): one mask per segment, on the grid that the stored frames span.

use std::collections::{BTreeMap, BTreeSet};

use frostline_space::{Grid, GridError, PatientVector, Volume, VoxelIndex, VoxelToPatient};

use super::dataset::{DataSetError, Object, Set};
use super::pixels::{Frames, Layout, PixelError};
use super::plane::{NotASlice, Place, frame_places};
use super::request::PixelRequest;
use super::{DicomFile, tags};
use crate::{LabelVolume, MOST_CELLS};

/// One segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Its number in the file.
    pub number: u16,
    /// The label its author gave.
    pub label: String,
    /// The cells that belong to it.
    pub mask: Volume<bool>,
}

/// From which fraction on a cell of a fractional segmentation belongs to a segment. Range: above 0, at most 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FractionThreshold(f64);

impl FractionThreshold {
    /// `None` outside the range.
    pub fn new(fraction: f64) -> Option<Self> {
        (fraction > 0.0 && fraction <= 1.0).then_some(Self(fraction))
    }

    /// Half: a cell belongs to what fills most of it.
    pub fn half() -> Self {
        Self(0.5)
    }
}

/// Why a segmentation cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SegError {
    /// The file is damaged.
    #[error(transparent)]
    DataSet(#[from] DataSetError),
    /// Another kind of object.
    #[error("it is a {found} object, expected a segmentation (SEG)")]
    WrongModality {
        /// What it is.
        found: String,
    },
    /// A kind of segmentation that is not known.
    #[error("the segmentation type is {found}, expected BINARY, FRACTIONAL or LABELMAP")]
    UnknownType {
        /// What it says.
        found: String,
    },
    /// An attribute is absent.
    #[error("frame {frame}: {attribute} is missing or not readable")]
    Missing {
        /// Frame, from 1; 0 for the whole object.
        frame: usize,
        /// The standard's name of the attribute.
        attribute: &'static str,
    },
    /// A frame's place cannot be read.
    #[error("a frame cannot be placed: {0}")]
    Place(NotASlice),
    /// A frame off the common grid.
    #[error(
        "frame {frame} lies {off_mm:.2} mm off the even, straight stack of the other frames; export the segmentation again"
    )]
    OffGrid {
        /// Frame, from 1.
        frame: usize,
        /// How far.
        off_mm: f64,
    },
    /// Two frames for one segment at one place.
    #[error("frame {frame} repeats segment {segment} on a slice that has it already")]
    Repeated {
        /// Frame, from 1.
        frame: usize,
        /// Segment number.
        segment: u16,
    },
    /// Segments that overlap where one label per cell was asked for.
    #[error(
        "segments {first} and {second} overlap in {cells} cells, so no single label fits; use one mask per segment"
    )]
    Overlap {
        /// One segment's number.
        first: u16,
        /// The other's.
        second: u16,
        /// How many cells.
        cells: usize,
    },
    /// Too many cells.
    #[error("{segments} segments of {cells} cells are more than this program takes")]
    TooLarge {
        /// Segments.
        segments: usize,
        /// Cells of each.
        cells: usize,
    },
    /// No segment.
    #[error("the file holds no segments")]
    NoSegments,
    /// The pixels.
    #[error(transparent)]
    Pixels(#[from] PixelError),
    /// The grid.
    #[error(transparent)]
    Grid(#[from] GridError),
}

enum Kind {
    Binary,
    /// The stored value that means "all of the cell", times the threshold.
    Fractional {
        at_least: f64,
    },
    Labelmap,
}

/// Reads every segment as a mask; they may overlap.
///
/// `fraction` decides for FRACTIONAL segmentations only.
///
/// # Errors
/// [`SegError`] when the file is damaged, is something else, or its frames form no grid.
pub fn read_segmentation(
    file: DicomFile<'_>,
    fraction: FractionThreshold,
    decode: &dyn Fn(&PixelRequest) -> Result<Vec<u8>, PixelError>,
) -> Result<Vec<Segment>, SegError> {
    let object = Object::open(file.bytes)?;
    let set = object.set();
    let found = set.text(tags::MODALITY).unwrap_or_else(|| "DICOM object without a modality".into());
    if found != "SEG" {
        return Err(SegError::WrongModality { found });
    }
    let kind = kind_of(&set, fraction)?;
    let layout = Layout::read(&set)?;
    let places = frame_places(&set, layout.frames).map_err(SegError::Place)?;
    let (grid, slices) = common_grid(&places, &layout)?;
    let labels = labels_of(&set)?;
    let masks = labels.len().checked_mul(grid.count());
    if masks.is_none_or(|cells| cells > MOST_CELLS) {
        return Err(SegError::TooLarge { segments: labels.len(), cells: grid.count() });
    }
    let empty = |(number, label)| (number, Segment { number, label, mask: Volume::filled(grid, false) });
    let mut segments: BTreeMap<u16, Segment> = labels.into_iter().map(empty).collect();
    let frames = Frames::find(&object, layout)?;
    let threshold = match kind {
        Kind::Labelmap => {
            for (frame, slice) in slices.iter().enumerate() {
                paint_labels(&mut segments, *slice, &frames.values(frame, decode)?);
            }
            return Ok(segments.into_values().collect());
        }
        Kind::Binary => 1.0,
        Kind::Fractional { at_least } => at_least,
    };
    let of_frame = segment_of_frame(&set, layout.frames)?;
    let mut filled = BTreeSet::new();
    for (frame, (slice, number)) in slices.into_iter().zip(of_frame).enumerate() {
        if !filled.insert((number, slice)) {
            return Err(SegError::Repeated { frame: frame + 1, segment: number });
        }
        let unlisted = SegError::Missing { frame: frame + 1, attribute: "an item of SegmentSequence for its segment" };
        let segment = segments.get_mut(&number).ok_or(unlisted)?;
        mark(&mut segment.mask, slice, &frames.values(frame, decode)?, threshold);
    }
    Ok(segments.into_values().collect())
}

fn mark(mask: &mut Volume<bool>, slice: usize, values: &[i64], at_least: f64) {
    let start = slice * values.len();
    for (cell, value) in mask.values_mut()[start..].iter_mut().zip(values) {
        *cell = *value as f64 >= at_least;
    }
}

/// One label per cell, when no segments overlap.
///
/// # Errors
/// [`SegError::Overlap`] or [`SegError::NoSegments`].
pub fn segments_to_labels(segments: &[Segment]) -> Result<LabelVolume, SegError> {
    let first = segments.first().ok_or(SegError::NoSegments)?;
    let mut volume = Volume::filled(*first.mask.grid(), 0_u16);
    for segment in segments {
        let marked = |(label, cell): (&u16, &bool)| if *cell { Some(*label) } else { None };
        let under = volume.values().iter().zip(segment.mask.values()).filter_map(marked).filter(|label| *label != 0);
        let under: Vec<u16> = under.collect();
        if let Some(other) = under.first() {
            return Err(SegError::Overlap { first: *other, second: segment.number, cells: under.len() });
        }
        for (label, cell) in volume.values_mut().iter_mut().zip(segment.mask.values()) {
            if *cell {
                *label = segment.number;
            }
        }
    }
    let names = segments.iter().map(|s| (s.number, s.label.clone())).collect();
    Ok(LabelVolume { volume, names })
}

fn kind_of(set: &Set<'_>, fraction: FractionThreshold) -> Result<Kind, SegError> {
    match set.text(tags::SEGMENTATION_TYPE).unwrap_or_default().as_str() {
        "BINARY" => Ok(Kind::Binary),
        "LABELMAP" => Ok(Kind::Labelmap),
        "FRACTIONAL" => {
            let most = set
                .short(tags::MAXIMUM_FRACTIONAL_VALUE)
                .filter(|most| *most > 0)
                .ok_or(SegError::Missing { frame: 0, attribute: "MaximumFractionalValue" })?;
            Ok(Kind::Fractional { at_least: fraction.0 * f64::from(most) })
        }
        other => Err(SegError::UnknownType { found: other.into() }),
    }
}

fn labels_of(set: &Set<'_>) -> Result<Vec<(u16, String)>, SegError> {
    let mut labels = Vec::new();
    for item in set.items(tags::SEGMENT_SEQUENCE)? {
        let number =
            item.short(tags::SEGMENT_NUMBER).ok_or(SegError::Missing { frame: 0, attribute: "SegmentNumber" })?;
        // A label map names the background too; it is not a segment.
        if number > 0 {
            labels.push((number, item.text(tags::SEGMENT_LABEL).unwrap_or_default()));
        }
    }
    if labels.is_empty() { Err(SegError::NoSegments) } else { Ok(labels) }
}

fn segment_of_frame(set: &Set<'_>, frames: usize) -> Result<Vec<u16>, SegError> {
    let shared = set.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE)?;
    let items = set.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)?;
    let number_in = |level: Option<&Set<'_>>| -> Result<Option<u16>, DataSetError> {
        let Some(level) = level else { return Ok(None) };
        Ok(level.item(tags::SEGMENT_IDENTIFICATION_SEQUENCE)?.and_then(|i| i.short(tags::REFERENCED_SEGMENT_NUMBER)))
    };
    let mut numbers = Vec::with_capacity(frames);
    for frame in 0..frames {
        let found = match number_in(items.get(frame))? {
            Some(number) => Some(number),
            None => number_in(shared.as_ref())?,
        };
        numbers.push(found.ok_or(SegError::Missing { frame: frame + 1, attribute: "ReferencedSegmentNumber" })?);
    }
    Ok(numbers)
}

fn paint_labels(segments: &mut BTreeMap<u16, Segment>, slice: usize, values: &[i64]) {
    let start = slice * values.len();
    for (cell, value) in values.iter().enumerate() {
        if let Some(segment) = u16::try_from(*value).ok().and_then(|number| segments.get_mut(&number)) {
            segment.mask.values_mut()[start + cell] = true;
        }
    }
}

/// The grid all frames lie on, and the slice of each frame. Slices on which nothing is marked are often not stored, so
/// gaps of whole slice distances are filled with empty slices.
fn common_grid(places: &[Place], layout: &Layout) -> Result<(Grid, Vec<usize>), SegError> {
    let first = places.first().ok_or(SegError::NoSegments)?;
    let normal = super::geometry::normal(first);
    let along: Vec<f64> = places.iter().map(|p| (p.position - first.position).dot(normal)).collect();
    let mut sorted = along.clone();
    sorted.sort_by(f64::total_cmp);
    let gaps = sorted.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > super::geometry::SAME_PLACE_MM);
    let least_gap = gaps.fold(f64::INFINITY, f64::min);
    let step_mm = if least_gap.is_finite() {
        least_gap
    } else {
        first.thickness_mm.ok_or(SegError::Missing { frame: 1, attribute: "SpacingBetweenSlices or SliceThickness" })?
    };
    let lowest = sorted[0];
    let mut slices = Vec::with_capacity(places.len());
    for (frame, place) in places.iter().enumerate() {
        let slice = ((along[frame] - lowest) / step_mm).round();
        let expected = first.position + normal * (lowest + slice * step_mm);
        let turned = (place.row - first.row).length() + (place.column - first.column).length();
        let off_mm = (place.position - expected).length();
        // A tenth of a slice distance stays on the right slice; printed directions agree to a few parts in a million.
        if off_mm > 0.1 * step_mm || turned > 1e-3 {
            return Err(SegError::OffGrid { frame: frame + 1, off_mm });
        }
        slices.push(slice as usize);
    }
    let count = slices.iter().max().map_or(1, |last| last + 1);
    let sample = &layout.sample;
    if count.saturating_mul(sample.pixels()) > MOST_CELLS {
        return Err(SegError::TooLarge { segments: 1, cells: count.saturating_mul(sample.pixels()) });
    }
    let step: PatientVector = normal * step_mm;
    let map = VoxelToPatient::new(
        first.row * first.between_columns_mm,
        first.column * first.between_rows_mm,
        step,
        first.position + normal * lowest,
    );
    Ok((Grid::new(VoxelIndex::new(usize::from(sample.columns), usize::from(sample.rows), count), map)?, slices))
}
