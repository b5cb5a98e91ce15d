//! Distances: from a point to a segment, and from every cell of a grid to a marked region.

use crate::frames::{PatientDirection, PatientPoint};
use crate::volume::{Axis, Grid, Volume};

/// A straight piece between two places, such as the shaft of a probe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// One end.
    pub start: PatientPoint,
    /// The other end.
    pub end: PatientPoint,
}

impl Segment {
    /// Length. Unit: mm.
    pub fn length_mm(&self) -> f64 {
        self.start.distance(self.end)
    }

    /// From start to end; `None` when both are the same place.
    pub fn direction(&self) -> Option<PatientDirection> {
        (self.end - self.start).direction()
    }

    /// The place of the segment nearest to `place`.
    pub fn nearest(&self, place: PatientPoint) -> PatientPoint {
        let along = self.end - self.start;
        let length_squared = along.dot(along);
        if length_squared == 0.0 {
            return self.start;
        }
        let fraction = ((place - self.start).dot(along) / length_squared).clamp(0.0, 1.0);
        self.start + along * fraction
    }

    /// Distance from `place` to the segment. Unit: mm.
    pub fn distance_mm(&self, place: PatientPoint) -> f64 {
        place.distance(self.nearest(place))
    }

    /// Places every `step_mm` from start to end, both included.
    pub fn samples(&self, step_mm: f64) -> Vec<PatientPoint> {
        let count = (self.length_mm() / step_mm).ceil().max(1.0) as usize;
        (0..=count).map(|n| self.start.towards(self.end, n as f64 / count as f64)).collect()
    }
}

/// Distance from every cell centre to the nearest marked cell centre; infinite when nothing is marked. Unit: mm.
///
/// Exact on grids with orthogonal axes (Felzenszwalb and Huttenlocher 2012, one parabola envelope per axis); on sheared
/// grids the axes are treated as if they were orthogonal. `marked` has the grid's storage order.
///
/// # Panics
/// When `marked` has not one entry per cell.
pub fn distance_map_mm(grid: &Grid, marked: &[bool]) -> Volume<f32> {
    assert_eq!(marked.len(), grid.count(), "one mark per cell");
    let mut squared: Vec<f64> = marked.iter().map(|&m| if m { 0.0 } else { f64::INFINITY }).collect();
    let mut stride = 1;
    for axis in Axis::ALL {
        let size = grid.size(axis);
        sweep(&mut squared, size, stride, grid.spacing_mm(axis));
        stride *= size;
    }
    let mut map = Volume::filled(*grid, 0.0_f32);
    for (out, value) in map.values_mut().iter_mut().zip(&squared) {
        *out = value.sqrt() as f32;
    }
    map
}

/// Lower envelope of parabolas along every line of one axis.
fn sweep(squared: &mut [f64], size: usize, stride: usize, spacing_mm: f64) {
    let mut line = vec![0.0; size];
    let mut apex = vec![0_usize; size];
    let mut border = vec![0.0; size + 1];
    for start in (0..squared.len()).filter(|offset| (offset / stride).is_multiple_of(size)) {
        for (n, value) in line.iter_mut().enumerate() {
            *value = squared[start + n * stride];
        }
        let Some(first) = line.iter().position(|v| v.is_finite()) else { continue };
        let place = |n: usize| n as f64 * spacing_mm;
        let meet = |a: usize, b: usize| {
            (line[b] + place(b) * place(b) - line[a] - place(a) * place(a)) / (2.0 * (place(b) - place(a)))
        };
        let mut last = 0;
        apex[0] = first;
        border[0] = f64::NEG_INFINITY;
        for (n, value) in line.iter().enumerate().skip(first + 1) {
            if !value.is_finite() {
                continue;
            }
            let mut at = meet(apex[last], n);
            while at <= border[last] {
                last -= 1;
                at = meet(apex[last], n);
            }
            last += 1;
            apex[last] = n;
            border[last] = at;
        }
        border[last + 1] = f64::INFINITY;
        let mut piece = 0;
        for n in 0..size {
            while border[piece + 1] < place(n) {
                piece += 1;
            }
            let step = place(n) - place(apex[piece]);
            squared[start + n * stride] = step * step + line[apex[piece]];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::PatientVector;
    use crate::volume::{VoxelIndex, VoxelToPatient};

    #[test]
    fn the_distance_map_equals_the_search_over_all_marked_cells() {
        let map = VoxelToPatient::new(
            PatientVector::new(1.0, 0.0, 0.0),
            PatientVector::new(0.0, 0.7, 0.0),
            PatientVector::new(0.0, 0.0, 3.27),
            PatientPoint::origin(),
        );
        let grid = Grid::new(VoxelIndex::new(9, 8, 5), map).unwrap();
        let marked: Vec<bool> = (0..grid.count()).map(|n| n % 47 == 5).collect();
        let found = distance_map_mm(&grid, &marked);
        for cell in grid.cells() {
            let slow = grid
                .cells()
                .filter(|c| marked[grid.offset(*c)])
                .map(|c| grid.centre(c).distance(grid.centre(cell)))
                .fold(f64::INFINITY, f64::min);
            assert!((f64::from(*found.at(cell)) - slow).abs() < 1e-5, "{cell:?}");
        }
    }

    #[test]
    fn nothing_marked_is_infinitely_far() {
        let map = VoxelToPatient::new(
            PatientVector::new(1.0, 0.0, 0.0),
            PatientVector::new(0.0, 1.0, 0.0),
            PatientVector::new(0.0, 0.0, 1.0),
            PatientPoint::origin(),
        );
        let grid = Grid::new(VoxelIndex::new(3, 3, 3), map).unwrap();
        assert!(distance_map_mm(&grid, &[false; 27]).values().iter().all(|v| v.is_infinite()));
    }

    #[test]
    fn a_point_beyond_the_tip_is_measured_to_the_tip() {
        let shaft = Segment { start: PatientPoint::new(0.0, 0.0, 0.0), end: PatientPoint::new(0.0, 0.0, 10.0) };
        assert_eq!(shaft.distance_mm(PatientPoint::new(3.0, 0.0, 14.0)), 5.0);
        assert_eq!(shaft.distance_mm(PatientPoint::new(3.0, 0.0, 4.0)), 3.0);
    }
}
