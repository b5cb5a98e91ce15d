//! Image grids that keep their own spacing and obliquity, and the values on them.

use crate::frames::{
    Direction, Patient, PatientDirection, PatientPoint, Transform, TransformError, Vector, Voxel, VoxelPoint,
};

/// Where cell (i, j, k) lies in the patient; column i, row j, slice k.
pub type VoxelToPatient = Transform<Voxel, Patient>;

/// One cell of a grid: column, row, slice, each from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoxelIndex {
    /// Column, along the image row direction.
    pub i: usize,
    /// Row, along the image column direction.
    pub j: usize,
    /// Slice.
    pub k: usize,
}

impl VoxelIndex {
    /// From column, row and slice.
    pub const fn new(i: usize, j: usize, k: usize) -> Self {
        Self { i, j, k }
    }

    /// Its centre in the index frame.
    pub fn centre(self) -> VoxelPoint {
        VoxelPoint::new(self.i as f64, self.j as f64, self.k as f64)
    }
}

/// One of the three axes of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Along a row: columns count.
    Column,
    /// Down a column: rows count.
    Row,
    /// From slice to slice.
    Slice,
}

impl Axis {
    /// All three, in storage order (fastest first).
    pub const ALL: [Axis; 3] = [Axis::Column, Axis::Row, Axis::Slice];
}

/// Why a grid cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GridError {
    /// An axis without cells.
    #[error("the grid is {columns} x {rows} x {slices} cells; each axis needs at least one")]
    Empty {
        /// Cells along a row.
        columns: usize,
        /// Cells down a column.
        rows: usize,
        /// Slices.
        slices: usize,
    },
    /// More cells than can be addressed.
    #[error("the grid of {columns} x {rows} x {slices} cells is larger than this machine can count")]
    TooLarge {
        /// Cells along a row.
        columns: usize,
        /// Cells down a column.
        rows: usize,
        /// Slices.
        slices: usize,
    },
    /// Axes that do not span space, or are not finite.
    #[error(transparent)]
    Flat(#[from] TransformError),
}

/// The geometry of an image: how many cells, and where they lie in the patient.
///
/// Oblique and anisotropic grids are kept as they are; nothing is resampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    columns: usize,
    rows: usize,
    slices: usize,
    voxel_to_patient: VoxelToPatient,
    patient_to_voxel: Transform<Patient, Voxel>,
}

impl Grid {
    /// From the number of columns, rows and slices and the map of cell centres into the patient (LPS, mm).
    ///
    /// # Errors
    /// [`GridError`] for an axis without cells, a count that overflows, or axes that do not span space.
    pub fn new(size: VoxelIndex, voxel_to_patient: VoxelToPatient) -> Result<Self, GridError> {
        let (columns, rows, slices) = (size.i, size.j, size.k);
        if columns == 0 || rows == 0 || slices == 0 {
            return Err(GridError::Empty { columns, rows, slices });
        }
        if columns.checked_mul(rows).and_then(|n| n.checked_mul(slices)).is_none() {
            return Err(GridError::TooLarge { columns, rows, slices });
        }
        let patient_to_voxel = voxel_to_patient.inverse()?;
        Ok(Self { columns, rows, slices, voxel_to_patient, patient_to_voxel })
    }

    /// Number of cells along an axis.
    pub fn size(&self, axis: Axis) -> usize {
        match axis {
            Axis::Column => self.columns,
            Axis::Row => self.rows,
            Axis::Slice => self.slices,
        }
    }

    /// Number of cells in all.
    pub fn count(&self) -> usize {
        self.columns * self.rows * self.slices
    }

    /// Distance from one cell centre to the next along an axis. Unit: mm.
    pub fn spacing_mm(&self, axis: Axis) -> f64 {
        self.step(axis).length()
    }

    /// Volume of one cell. Unit: mm3.
    pub fn cell_volume_mm3(&self) -> f64 {
        let [a, b, c] = self.voxel_to_patient.steps();
        a.dot(b.cross(c)).abs()
    }

    /// Where the cells' index grows to, along an axis.
    pub fn direction(&self, axis: Axis) -> PatientDirection {
        // `new` refused axes of no length, so the fallback is never taken.
        self.step(axis).direction().unwrap_or(Direction::along_x())
    }

    fn step(&self, axis: Axis) -> Vector<Patient> {
        let [column, row, slice] = self.voxel_to_patient.steps();
        match axis {
            Axis::Column => column,
            Axis::Row => row,
            Axis::Slice => slice,
        }
    }

    /// The map from cells to the patient.
    pub fn voxel_to_patient(&self) -> &VoxelToPatient {
        &self.voxel_to_patient
    }

    /// Centre of the cell in the patient.
    pub fn centre(&self, at: VoxelIndex) -> PatientPoint {
        self.voxel_to_patient.apply(at.centre())
    }

    /// Where a place lies, counted in cells; may be outside the grid.
    pub fn voxel_point(&self, place: PatientPoint) -> VoxelPoint {
        self.patient_to_voxel.apply(place)
    }

    /// The cell whose centre is nearest in index space; `None` outside the grid (more than half a cell beyond a rim).
    pub fn cell_at(&self, place: PatientPoint) -> Option<VoxelIndex> {
        let p = self.voxel_point(place);
        let along = |value: f64, size: usize| {
            let rounded = value.round();
            (rounded >= 0.0 && rounded < size as f64).then_some(rounded as usize)
        };
        Some(VoxelIndex::new(along(p.x, self.columns)?, along(p.y, self.rows)?, along(p.z, self.slices)?))
    }

    /// The cell nearest to a place in index space; on the rim for places outside.
    pub fn nearest_cell(&self, place: PatientPoint) -> VoxelIndex {
        let p = self.voxel_point(place);
        let along = |value: f64, size: usize| value.round().clamp(0.0, (size - 1) as f64) as usize;
        VoxelIndex::new(along(p.x, self.columns), along(p.y, self.rows), along(p.z, self.slices))
    }

    /// Position of a cell in storage: columns run fastest, slices slowest.
    pub fn offset(&self, at: VoxelIndex) -> usize {
        (at.k * self.rows + at.j) * self.columns + at.i
    }

    /// The cell stored at an offset (inverse of [`Grid::offset`]).
    pub fn index(&self, offset: usize) -> VoxelIndex {
        let row = offset / self.columns;
        VoxelIndex::new(offset % self.columns, row % self.rows, row / self.rows)
    }

    /// All cells in storage order.
    pub fn cells(&self) -> impl Iterator<Item = VoxelIndex> + use<> {
        let grid = *self;
        (0..self.count()).map(move |offset| grid.index(offset))
    }

    /// The eight outer corners of the outermost cells.
    pub fn corners(&self) -> [PatientPoint; 8] {
        let low = -0.5;
        let (hi, hj, hk) = (self.columns as f64 - 0.5, self.rows as f64 - 0.5, self.slices as f64 - 0.5);
        let corner = |x, y, z| self.voxel_to_patient.apply(VoxelPoint::new(x, y, z));
        [
            corner(low, low, low),
            corner(hi, low, low),
            corner(low, hj, low),
            corner(hi, hj, low),
            corner(low, low, hk),
            corner(hi, low, hk),
            corner(low, hj, hk),
            corner(hi, hj, hk),
        ]
    }
}

/// Why values do not fit a grid.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("found {found} values for a grid of {expected} cells")]
pub struct VolumeError {
    /// Values given.
    pub found: usize,
    /// Cells of the grid.
    pub expected: usize,
}

/// A value in every cell of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume<T> {
    grid: Grid,
    values: Vec<T>,
}

impl<T> Volume<T> {
    /// From a grid and its values in storage order (columns fastest, slices slowest).
    ///
    /// # Errors
    /// [`VolumeError`] when the number of values is not the number of cells.
    pub fn new(grid: Grid, values: Vec<T>) -> Result<Self, VolumeError> {
        if values.len() != grid.count() {
            return Err(VolumeError { found: values.len(), expected: grid.count() });
        }
        Ok(Self { grid, values })
    }

    /// The same value in every cell.
    pub fn filled(grid: Grid, value: T) -> Self
    where
        T: Clone,
    {
        Self { grid, values: vec![value; grid.count()] }
    }

    /// The geometry.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The values in storage order.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The values in storage order, to be changed by the owner.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// Gives the values away.
    pub fn into_values(self) -> Vec<T> {
        self.values
    }

    /// The value of one cell.
    ///
    /// # Panics
    /// When the cell is not on the grid, as indexing a slice does.
    pub fn at(&self, cell: VoxelIndex) -> &T {
        &self.values[self.grid.offset(cell)]
    }

    /// The value of the cell a place falls in; `None` outside.
    pub fn nearest(&self, place: PatientPoint) -> Option<&T> {
        self.grid.cell_at(place).map(|cell| self.at(cell))
    }

    /// The same grid with every value mapped.
    pub fn map<U>(&self, value: impl FnMut(&T) -> U) -> Volume<U> {
        Volume { grid: self.grid, values: self.values.iter().map(value).collect() }
    }
}

impl Volume<f32> {
    /// The value at a place, linear between the eight nearest cell centres; `None` more than half a cell beyond a rim.
    /// In the outer half cell the nearest value is kept.
    pub fn linear(&self, place: PatientPoint) -> Option<f64> {
        self.grid.cell_at(place)?;
        let p = self.grid.voxel_point(place);
        let (i, fi) = between(p.x, self.grid.columns);
        let (j, fj) = between(p.y, self.grid.rows);
        let (k, fk) = between(p.z, self.grid.slices);
        let mut sum = 0.0;
        for (dk, wk) in [(0, 1.0 - fk), (1, fk)] {
            for (dj, wj) in [(0, 1.0 - fj), (1, fj)] {
                for (di, wi) in [(0, 1.0 - fi), (1, fi)] {
                    let weight = wi * wj * wk;
                    if weight > 0.0 {
                        sum += weight * f64::from(*self.at(VoxelIndex::new(i + di, j + dj, k + dk)));
                    }
                }
            }
        }
        Some(sum)
    }
}

/// The lower cell and the fraction towards the next, clamped to the grid.
fn between(value: f64, size: usize) -> (usize, f64) {
    let clamped = value.clamp(0.0, (size - 1) as f64);
    let low = clamped.floor();
    (low as usize, clamped - low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::PatientVector;

    fn small_grid() -> Grid {
        let map = VoxelToPatient::new(
            PatientVector::new(2.0, 0.0, 0.0),
            PatientVector::new(0.0, 3.0, 0.0),
            PatientVector::new(0.0, 0.0, 4.0),
            PatientPoint::new(10.0, 20.0, 30.0),
        );
        Grid::new(VoxelIndex::new(3, 2, 2), map).unwrap()
    }

    #[test]
    fn a_cell_centre_is_found_again() {
        let grid = small_grid();
        let cell = VoxelIndex::new(2, 1, 0);
        assert_eq!(grid.centre(cell), PatientPoint::new(14.0, 23.0, 30.0));
        assert_eq!(grid.cell_at(grid.centre(cell)), Some(cell));
        assert_eq!(grid.index(grid.offset(cell)), cell);
        assert_eq!(grid.cell_at(PatientPoint::new(16.0, 23.0, 30.0)), None);
        assert_eq!(grid.nearest_cell(PatientPoint::new(16.0, 23.0, 99.0)), VoxelIndex::new(2, 1, 1));
    }

    #[test]
    fn linear_values_are_exact_on_a_linear_field() {
        let grid = small_grid();
        let volume = Volume::new(
            grid,
            grid.cells()
                .map(|c| {
                    let p = grid.centre(c);
                    (p.x + 2.0 * p.y - p.z) as f32
                })
                .collect(),
        )
        .unwrap();
        // Halfway along x, two thirds along y, a quarter along z of the first cell block: 11 + 2*22 - 31 = 24.
        let value = volume.linear(PatientPoint::new(11.0, 22.0, 31.0)).unwrap();
        assert!((value - 24.0).abs() < 1e-5, "{value}");
    }

    #[test]
    fn a_grid_without_slices_is_refused() {
        let map = *small_grid().voxel_to_patient();
        assert!(matches!(Grid::new(VoxelIndex::new(3, 2, 0), map), Err(GridError::Empty { slices: 0, .. })));
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        assert_eq!(Volume::new(small_grid(), vec![0.0_f32; 5]).unwrap_err(), VolumeError { found: 5, expected: 12 });
    }
}
