//! Contours drawn on slices (RTSTRUCT), and the cells they enclose.

use frostline_space::{Axis, Grid, PatientPoint, Vector, Volume, Voxel, VoxelIndex, VoxelPoint};

use super::dataset::{DataSetError, Object, Set};
use super::{DicomFile, tags};

/// One structure: a name and closed loops around it.
#[derive(Clone, Debug, PartialEq)]
pub struct ContourSet {
    /// The name its author gave.
    pub name: String,
    /// Closed loops, each in one plane; the last point joins the first. A loop inside another cuts a hole.
    pub loops: Vec<Vec<PatientPoint>>,
    /// Doubts that did not stop the reading, e.g. open contours that were left out.
    pub remarks: Vec<String>,
}

/// Why contours cannot be read or used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ContourError {
    /// The file is damaged.
    #[error(transparent)]
    DataSet(#[from] DataSetError),
    /// Another kind of object.
    #[error("it is a {found} object, expected contours (RTSTRUCT)")]
    WrongModality {
        /// What it is.
        found: String,
    },
    /// Numbers that are not points.
    #[error(
        "contour {contour} of \"{structure}\" has {numbers} readable numbers, expected three for each of {points} points"
    )]
    Points {
        /// The structure.
        structure: String,
        /// Which of its contours, from 1.
        contour: usize,
        /// Numbers read.
        numbers: usize,
        /// Points stated.
        points: i64,
    },
    /// Nothing to use.
    #[error(
        "the file names {structures} structure(s), none with a closed contour; draw the structure and export it again"
    )]
    NoContours {
        /// Structures named.
        structures: usize,
    },
    /// A contour that lies outside the image.
    #[error(
        "contour {contour} of \"{structure}\" lies {outside} slice distances beyond the image, expected inside; \
         the contours belong to another image"
    )]
    OutsideImage {
        /// The structure.
        structure: String,
        /// Which of its loops, from 1.
        contour: usize,
        /// How far beyond the last slice, in slices.
        outside: f64,
    },
    /// A contour that crosses slices.
    #[error(
        "contour {contour} of \"{structure}\" spans {span:.2} slice distances, expected one slice; \
         it was drawn on an image with other slice directions"
    )]
    AcrossSlices {
        /// The structure.
        structure: String,
        /// Which of its loops, from 1.
        contour: usize,
        /// Its extent in slices.
        span: f64,
    },
}

/// Reads all structures with closed contours.
///
/// # Errors
/// [`ContourError`] when the file is damaged, is something else, or has no closed contour.
pub fn read_contours(file: DicomFile<'_>) -> Result<Vec<ContourSet>, ContourError> {
    let object = Object::open(file.bytes)?;
    let set = object.set();
    let found = set.text(tags::MODALITY).unwrap_or_else(|| "DICOM object without a modality".into());
    if found != "RTSTRUCT" {
        return Err(ContourError::WrongModality { found });
    }
    let structures = set.items(tags::STRUCTURE_SET_ROI_SEQUENCE)?;
    let mut read = Vec::new();
    for item in set.items(tags::ROI_CONTOUR_SEQUENCE)? {
        let number = item.integer(tags::REFERENCED_ROI_NUMBER);
        let named = structures.iter().find(|s| number.is_some() && s.integer(tags::ROI_NUMBER) == number);
        let name = named.and_then(|s| s.text(tags::ROI_NAME)).unwrap_or_else(|| "unnamed".into());
        let contours = contour_set(name, &item)?;
        if !contours.loops.is_empty() {
            read.push(contours);
        }
    }
    if read.is_empty() {
        return Err(ContourError::NoContours { structures: structures.len() });
    }
    Ok(read)
}

fn contour_set(name: String, item: &Set<'_>) -> Result<ContourSet, ContourError> {
    let mut set = ContourSet { name, loops: Vec::new(), remarks: Vec::new() };
    let mut open = 0;
    for (number, contour) in item.items(tags::CONTOUR_SEQUENCE)?.iter().enumerate() {
        let kind = contour.text(tags::CONTOUR_GEOMETRIC_TYPE).unwrap_or_default();
        if !matches!(kind.as_str(), "CLOSED_PLANAR" | "CLOSEDPLANAR_XOR") {
            open += 1;
            continue;
        }
        let numbers = contour.decimals(tags::CONTOUR_DATA).unwrap_or_default();
        let points = contour.integer(tags::NUMBER_OF_CONTOUR_POINTS).unwrap_or((numbers.len() / 3) as i64);
        if numbers.is_empty() || numbers.len() as i64 != points.saturating_mul(3) {
            let (structure, numbers) = (set.name.clone(), numbers.len());
            return Err(ContourError::Points { structure, contour: number + 1, numbers, points });
        }
        set.loops.push(numbers.chunks_exact(3).map(|p| PatientPoint::new(p[0], p[1], p[2])).collect());
    }
    if open > 0 {
        set.remarks
            .push(format!("{open} open contour(s) or points of \"{}\" enclose nothing and were left out", set.name));
    }
    Ok(set)
}

impl ContourSet {
    /// Enclosed area of all loops times the distance between slices. Unit: cm3. Loops that lie inside another loop of the
    /// same plane count as holes.
    pub fn polygon_volume_cm3(&self, slice_distance_mm: f64) -> f64 {
        let area_mm2: f64 = self.loops.iter().enumerate().map(|(n, l)| self.sign_of(n) * area_mm2(l)).sum();
        area_mm2 * slice_distance_mm / 1000.0
    }

    /// +1 for an outer loop, -1 for a hole, by how many other loops of its plane enclose its first point.
    fn sign_of(&self, number: usize) -> f64 {
        let Some(normal) = vector_area(&self.loops[number]).direction() else { return 0.0 };
        let at = self.loops[number][0];
        let (u, v) = normal.perpendiculars();
        let flat = |p: &PatientPoint| ((*p - at).dot(u.as_vector()), (*p - at).dot(v.as_vector()));
        let enclosing = |(other, l): (usize, &Vec<PatientPoint>)| {
            // In one plane: closer than the rounding of printed positions.
            let same_plane = l.iter().all(|p| (*p - at).dot(normal.as_vector()).abs() < 0.05);
            other != number && same_plane && inside(&l.iter().map(flat).collect::<Vec<_>>(), (0.0, 0.0))
        };
        if self.loops.iter().enumerate().filter(|pair| enclosing(*pair)).count() % 2 == 0 { 1.0 } else { -1.0 }
    }
}

fn vector_area(points: &[PatientPoint]) -> frostline_space::PatientVector {
    let first = points[0];
    let fan = points.windows(2).map(|pair| (pair[0] - first).cross(pair[1] - first) * 0.5);
    fan.fold(Vector::new(0.0, 0.0, 0.0), |sum, part| sum + part)
}

fn area_mm2(points: &[PatientPoint]) -> f64 {
    vector_area(points).length()
}

/// Even-odd rule.
fn inside(polygon: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
    let next = polygon.iter().cycle().skip(1);
    let crossings = polygon
        .iter()
        .zip(next)
        .filter(|((ax, ay), (bx, by))| (ay > &y) != (by > &y) && x < ax + (y - ay) / (by - ay) * (bx - ax));
    crossings.count() % 2 == 1
}

/// The cells whose centres lie inside the contours, each loop on the slice nearest to it. Loops on one slice are combined
/// by exclusive or, so a loop inside another cuts a hole.
///
/// # Errors
/// [`ContourError`] when a loop lies beyond the slices or runs across them.
pub fn contours_to_mask(contours: &ContourSet, grid: &Grid) -> Result<Volume<bool>, ContourError> {
    let mut mask = Volume::filled(*grid, false);
    for (number, points) in contours.loops.iter().enumerate() {
        let on_grid: Vec<VoxelPoint> = points.iter().map(|p| grid.voxel_point(*p)).collect();
        let k = slice_of(&on_grid, grid, (&contours.name, number + 1))?;
        fill_slice(&mut mask, k, &on_grid);
    }
    Ok(mask)
}

/// The slice a loop lies on.
fn slice_of(points: &[VoxelPoint], grid: &Grid, (name, contour): (&str, usize)) -> Result<usize, ContourError> {
    let (low, high) = points.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), p| (l.min(p.z), h.max(p.z)));
    let structure = name.to_string();
    // Half a slice: beyond that the loop is nearer to another slice somewhere.
    if high - low > 0.5 {
        return Err(ContourError::AcrossSlices { structure, contour, span: high - low });
    }
    let middle = (low + high) / 2.0;
    let last = (grid.size(Axis::Slice) - 1) as f64;
    let outside = (-middle).max(middle - last);
    if outside.is_nan() || outside > 0.5 {
        return Err(ContourError::OutsideImage { structure, contour, outside });
    }
    Ok(middle.round().clamp(0.0, last) as usize)
}

/// Flips every cell of a slice whose centre lies inside the loop, row by row between pairs of crossings.
fn fill_slice(mask: &mut Volume<bool>, k: usize, points: &[Point2]) {
    let grid = *mask.grid();
    let columns = grid.size(Axis::Column);
    for j in 0..grid.size(Axis::Row) {
        let y = j as f64;
        let mut crossings: Vec<f64> = points
            .iter()
            .zip(points.iter().cycle().skip(1))
            .filter(|(a, b)| (a.y > y) != (b.y > y))
            .map(|(a, b)| a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x))
            .collect();
        crossings.sort_by(f64::total_cmp);
        let start = grid.offset(VoxelIndex::new(0, j, k));
        for pair in crossings.chunks_exact(2) {
            let from = pair[0].ceil().clamp(0.0, columns as f64) as usize;
            let to = pair[1].ceil().clamp(0.0, columns as f64) as usize;
            mask.values_mut()[start + from..start + to].iter_mut().for_each(|cell| *cell = !*cell);
        }
    }
}

type Point2 = frostline_space::Point<Voxel>;

#[cfg(test)]
mod tests {
    use super::*;
    use frostline_space::{PatientVector, VoxelToPatient};

    fn grid() -> Grid {
        let map = VoxelToPatient::new(
            PatientVector::new(1.0, 0.0, 0.0),
            PatientVector::new(0.0, 1.0, 0.0),
            PatientVector::new(0.0, 0.0, 2.0),
            PatientPoint::new(0.0, 0.0, 0.0),
        );
        Grid::new(VoxelIndex::new(10, 10, 3), map).unwrap()
    }

    fn square(low: f64, high: f64, z: f64) -> Vec<PatientPoint> {
        [(low, low), (high, low), (high, high), (low, high)].map(|(x, y)| PatientPoint::new(x, y, z)).to_vec()
    }

    fn contours(loops: Vec<Vec<PatientPoint>>) -> ContourSet {
        ContourSet { name: "nerve".into(), loops, remarks: Vec::new() }
    }

    #[test]
    fn a_loop_inside_a_loop_cuts_a_hole() {
        // Centres 2..=7 in both directions are inside the outer square (36), 4 and 5 inside the inner one (4).
        let set = contours(vec![square(1.5, 7.5, 2.0), square(3.5, 5.5, 2.0)]);
        let mask = contours_to_mask(&set, &grid()).unwrap();
        assert_eq!(mask.values().iter().filter(|cell| **cell).count(), 32);
        assert!(!*mask.at(VoxelIndex::new(4, 4, 1)) && *mask.at(VoxelIndex::new(2, 2, 1)));
        // (6 x 6 - 2 x 2) mm2 x 2 mm = 64 mm3; sums of small halves are exact.
        assert_eq!(set.polygon_volume_cm3(2.0), 0.064);
    }

    #[test]
    fn a_loop_beyond_the_last_slice_is_refused() {
        let result = contours_to_mask(&contours(vec![square(1.5, 7.5, 6.0)]), &grid());
        assert!(matches!(result, Err(ContourError::OutsideImage { contour: 1, .. })), "{result:?}");
    }

    #[test]
    fn a_loop_that_runs_across_slices_is_refused() {
        let mut tilted = square(1.5, 7.5, 2.0);
        tilted[2].z = 4.0;
        let result = contours_to_mask(&contours(vec![tilted]), &grid());
        assert!(matches!(result, Err(ContourError::AcrossSlices { contour: 1, .. })), "{result:?}");
    }

    #[test]
    fn a_loop_that_reaches_over_the_rim_fills_to_the_rim() {
        let mask = contours_to_mask(&contours(vec![square(-5.0, 50.0, 0.0)]), &grid()).unwrap();
        assert_eq!(mask.values().iter().filter(|cell| **cell).count(), 100);
    }
}
