//! From slices to a grid: order along the normal, and everything that would make a volume out of them wrong.

use frostline_space::{Grid, GridError, PatientPoint, PatientVector, VoxelIndex, VoxelToPatient};

use super::plane::{Place, Plane};

/// Why slices do not form one volume.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StackError {
    /// Two slices are turned against each other.
    #[error(
        "slice {slice} is turned {angle_deg:.2} degrees against {reference}, expected parallel slices; \
         choose a series with one orientation"
    )]
    Turned {
        /// The slice that differs.
        slice: String,
        /// What it was compared with.
        reference: String,
        /// Angle between them.
        angle_deg: f64,
    },
    /// Two slices have different numbers of pixels.
    #[error(
        "slice {slice} has {found_columns} x {found_rows} pixels, but {reference} has {columns} x {rows}; export one series without mixing"
    )]
    Size {
        /// The slice that differs.
        slice: String,
        /// Its columns.
        found_columns: u16,
        /// Its rows.
        found_rows: u16,
        /// What it was compared with.
        reference: String,
        /// Columns expected.
        columns: u16,
        /// Rows expected.
        rows: u16,
    },
    /// Two slices have different pixel spacing.
    #[error(
        "slice {slice} has pixels of {found_mm:.4} mm, but {reference} has {expected_mm:.4} mm; export one series without mixing"
    )]
    PixelSpacing {
        /// The slice that differs.
        slice: String,
        /// Its spacing.
        found_mm: f64,
        /// What it was compared with.
        reference: String,
        /// The spacing expected.
        expected_mm: f64,
    },
    /// Two slices at one place.
    #[error(
        "slices {first} and {second} lie at the same place ({along_mm:.3} mm along the normal); \
         remove the copy, or choose one image of those that were taken there"
    )]
    SamePlace {
        /// One slice.
        first: String,
        /// The other.
        second: String,
        /// Where along the normal.
        along_mm: f64,
    },
    /// The stack is sheared: a tilted gantry.
    #[error(
        "slice {slice} lies {aside_mm:.2} mm beside the line through the first slice along the normal \
         (the stack is tilted by {tilt_deg:.2} degrees, expected 0); \
         export it reformatted to straight slices, tilt is not resampled here"
    )]
    Tilted {
        /// The slice farthest aside.
        slice: String,
        /// How far aside.
        aside_mm: f64,
        /// Angle of the line of positions with the normal.
        tilt_deg: f64,
    },
    /// A gap of two or more distances.
    #[error(
        "{missing} slice(s) are missing between {before} and {after}: they lie {found_mm:.3} mm apart, \
         the series is spaced {expected_mm:.3} mm; export the series again, complete"
    )]
    MissingSlices {
        /// Slice before the gap.
        before: String,
        /// Slice after the gap.
        after: String,
        /// How many are missing.
        missing: usize,
        /// Distance found.
        found_mm: f64,
        /// Distance of the series.
        expected_mm: f64,
    },
    /// A distance that differs.
    #[error(
        "slice {slice} lies {found_mm:.3} mm after {before}, the series is spaced {expected_mm:.3} mm; \
         export the series again with even slices, or resample it first"
    )]
    Uneven {
        /// The slice.
        slice: String,
        /// Its neighbour.
        before: String,
        /// Distance found.
        found_mm: f64,
        /// Distance of the series.
        expected_mm: f64,
    },
    /// One slice alone says nothing of its thickness.
    #[error("the only slice {slice} states neither SpacingBetweenSlices nor SliceThickness, so it has no volume")]
    NoThickness {
        /// The slice.
        slice: String,
    },
    /// Slices in different frames of reference.
    #[error("slices {first} and {second} have different frames of reference, so their positions cannot be compared")]
    FramesOfReference {
        /// One slice.
        first: String,
        /// The other.
        second: String,
    },
    /// The grid cannot be built.
    #[error(transparent)]
    Grid(#[from] GridError),
}

/// Two positions closer than this are the same place: positions are printed to at least a hundredth of a millimetre.
pub(super) const SAME_PLACE_MM: f64 = 0.01;
/// Slices turned by more would shift the rim of a 500 mm image by 0.9 mm against its neighbours.
const TURN_TOLERANCE_DEG: f64 = 0.1;
/// A stack may drift this far sideways in all; a tenth of the finest pixels seen in a leg (0.2 mm) would be 0.02 mm, but
/// positions printed with four significant digits (e.g. -153.6) are rounded to 0.05 mm each.
const ASIDE_TOLERANCE_MM: f64 = 0.1;
/// A distance may differ from the usual one by this part of it, or by the rounding of two positions.
const SPACING_TOLERANCE: f64 = 0.01;
const SPACING_ROUNDING_MM: f64 = 0.02;

/// Sorts the planes along their normal (the first lies lowest along row x column) and gives the grid they fill.
pub(super) fn stack(planes: &mut [&Plane]) -> Result<Grid, StackError> {
    let reference = planes[0];
    same_shape(reference, planes)?;
    let normal = normal(&reference.place);
    planes.sort_by(|a, b| along(a, normal).total_cmp(&along(b, normal)));
    let step = slice_step(planes, normal)?;
    let first = planes[0];
    let place = &first.place;
    let map = VoxelToPatient::new(
        place.row * place.between_columns_mm,
        place.column * place.between_rows_mm,
        step,
        place.position,
    );
    let sample = &first.layout.sample;
    Ok(Grid::new(VoxelIndex::new(usize::from(sample.columns), usize::from(sample.rows), planes.len()), map)?)
}

/// Distance along the normal from the origin.
pub(super) fn along(plane: &Plane, normal: PatientVector) -> f64 {
    (plane.place.position - PatientPoint::origin()).dot(normal)
}

/// Row x column.
pub(super) fn normal(place: &Place) -> PatientVector {
    let normal = place.row.cross(place.column);
    normal * (1.0 / normal.length())
}

fn same_shape(reference: &Plane, planes: &[&Plane]) -> Result<(), StackError> {
    for plane in planes {
        let (slice, other) = (plane.name.clone(), reference.name.clone());
        let (sample, expected) = (&plane.layout.sample, &reference.layout.sample);
        if (sample.columns, sample.rows) != (expected.columns, expected.rows) {
            return Err(StackError::Size {
                slice,
                found_columns: sample.columns,
                found_rows: sample.rows,
                reference: other,
                columns: expected.columns,
                rows: expected.rows,
            });
        }
        let turn = [(plane.place.row, reference.place.row), (plane.place.column, reference.place.column)]
            .map(|(a, b)| a.cross(b).length().atan2(a.dot(b)).to_degrees());
        let angle_deg = turn[0].max(turn[1]);
        if angle_deg > TURN_TOLERANCE_DEG {
            return Err(StackError::Turned { slice, reference: other, angle_deg });
        }
        let spacings = [
            (plane.place.between_rows_mm, reference.place.between_rows_mm),
            (plane.place.between_columns_mm, reference.place.between_columns_mm),
        ];
        for (found_mm, expected_mm) in spacings {
            // Over 512 pixels a relative difference of 1e-4 makes 0.05 pixel at the rim.
            if (found_mm - expected_mm).abs() > 1e-4 * expected_mm {
                return Err(StackError::PixelSpacing { slice, found_mm, reference: other, expected_mm });
            }
        }
        if plane.frame_of_reference != reference.frame_of_reference {
            return Err(StackError::FramesOfReference { first: other, second: slice });
        }
    }
    Ok(())
}

/// The step from slice to slice of sorted planes.
fn slice_step(planes: &[&Plane], normal: PatientVector) -> Result<PatientVector, StackError> {
    let (first, last) = (planes[0], planes[planes.len() - 1]);
    if planes.len() == 1 {
        let thickness = first.place.thickness_mm.ok_or(StackError::NoThickness { slice: first.name.clone() })?;
        return Ok(normal * thickness);
    }
    for pair in planes.windows(2) {
        let along_mm = along(pair[0], normal);
        if along(pair[1], normal) - along_mm < SAME_PLACE_MM {
            let (first, second) = (pair[0].name.clone(), pair[1].name.clone());
            return Err(StackError::SamePlace { first, second, along_mm });
        }
    }
    straight(planes, normal)?;
    even(planes, normal)?;
    Ok(normal * ((along(last, normal) - along(first, normal)) / (planes.len() - 1) as f64))
}

fn straight(planes: &[&Plane], normal: PatientVector) -> Result<(), StackError> {
    let first = planes[0].place.position;
    for plane in planes {
        let from_first = plane.place.position - first;
        let along_mm = from_first.dot(normal);
        let aside_mm = (from_first - normal * along_mm).length();
        if aside_mm > ASIDE_TOLERANCE_MM {
            let tilt_deg = aside_mm.atan2(along_mm).to_degrees();
            return Err(StackError::Tilted { slice: plane.name.clone(), aside_mm, tilt_deg });
        }
    }
    Ok(())
}

fn even(planes: &[&Plane], normal: PatientVector) -> Result<(), StackError> {
    let gap = |pair: &[&Plane]| along(pair[1], normal) - along(pair[0], normal);
    let mut gaps: Vec<f64> = planes.windows(2).map(gap).collect();
    gaps.sort_by(f64::total_cmp);
    // The lower median: with two unequal gaps the smaller one is the series' own distance and the larger a hole.
    let expected_mm = gaps[(gaps.len() - 1) / 2];
    let tolerance = (SPACING_TOLERANCE * expected_mm).max(SPACING_ROUNDING_MM);
    for pair in planes.windows(2) {
        let found_mm = gap(pair);
        let (before, after) = (pair[0].name.clone(), pair[1].name.clone());
        if (found_mm - expected_mm).abs() <= tolerance {
            continue;
        }
        let steps = (found_mm / expected_mm).round();
        if steps >= 2.0 && (found_mm - steps * expected_mm).abs() <= steps * tolerance {
            let missing = steps as usize - 1;
            return Err(StackError::MissingSlices { before, after, missing, found_mm, expected_mm });
        }
        return Err(StackError::Uneven { slice: after, before, found_mm, expected_mm });
    }
    Ok(())
}
