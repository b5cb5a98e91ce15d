//! The surroundings of a few clicks on a lattice with equal steps.
//!
//! A scanner's voxel is seldom a cube. Rather than carry three spacings and the angles between the axes through every
//! formula, the part of the image that matters is sampled once (linear between voxel centres) on a lattice of equal steps
//! that lies along the image's rows, so that nothing is blurred along axes that have the finest spacing already.

use frostline_space::{Axis, Grid, GridError, PatientPoint, PatientVector, Volume, VoxelIndex, VoxelToPatient};

/// Whether the structure is brighter or darker than what is around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Brighter: a vessel in fat on CT, a nerve in muscle on ultrasound.
    Bright,
    /// Darker: a nerve or flowing blood in fat on T1-weighted MR.
    Dark,
}

/// Intensities on equal steps, turned so that the structure is bright.
pub(super) struct Lattice {
    /// The values, bright where the structure is.
    pub values: Volume<f32>,
    /// Which nodes lie in the image.
    pub inside: Vec<bool>,
    /// Distance between neighbouring nodes. Unit: mm.
    pub step_mm: f64,
}

/// The part of an image to sample.
pub(super) struct Region {
    pub low: [f64; 3],
    pub high: [f64; 3],
    frame: Frame,
    step_mm: f64,
}

/// Orthogonal axes along an image's rows, its zero at the centre of the first voxel.
#[derive(Clone, Copy)]
struct Frame {
    axes: [PatientVector; 3],
    zero: PatientPoint,
}

impl Frame {
    fn of(grid: &Grid) -> Self {
        let column = grid.direction(Axis::Column);
        let row = grid.direction(Axis::Row).as_vector();
        let row = row - column.as_vector() * row.dot(column.as_vector());
        // A grid spans space, so its rows are not along its columns.
        let row = row.direction().unwrap_or(column.perpendiculars().0).as_vector();
        let axes = [column.as_vector(), row, column.as_vector().cross(row)];
        Self { axes, zero: grid.centre(VoxelIndex::new(0, 0, 0)) }
    }

    fn coordinates(&self, place: PatientPoint) -> [f64; 3] {
        self.axes.map(|axis| (place - self.zero).dot(axis))
    }
}

/// The finest spacing of an image. Unit: mm.
pub(super) fn finest_mm(grid: &Grid) -> f64 {
    Axis::ALL.map(|axis| grid.spacing_mm(axis)).into_iter().fold(f64::INFINITY, f64::min)
}

impl Region {
    /// Around a place, this far along every axis.
    pub fn around(grid: &Grid, place: PatientPoint, reach_mm: f64, step_mm: f64) -> Self {
        Self::within(grid, place, |_| reach_mm, step_mm)
    }

    /// The part of the image within a reach of `middle` that depends on the axis. Outside the image there is nothing to see.
    pub fn within(grid: &Grid, middle: PatientPoint, reach_mm: impl Fn(PatientVector) -> f64, step_mm: f64) -> Self {
        let frame = Frame::of(grid);
        let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for corner in grid.corners() {
            for (n, at) in frame.coordinates(corner).into_iter().enumerate() {
                (low[n], high[n]) = (low[n].min(at), high[n].max(at));
            }
        }
        for (n, at) in frame.coordinates(middle).into_iter().enumerate() {
            let reach_mm = reach_mm(frame.axes[n]);
            // Whole steps, so that nodes lie at the same places whatever the clicks are.
            low[n] = (low[n].max(at - reach_mm) / step_mm).floor();
            high[n] = (high[n].min(at + reach_mm) / step_mm).ceil().max(low[n]);
        }
        Self { low, high, frame, step_mm }
    }

    /// The nodes it would have.
    pub fn nodes(&self) -> f64 {
        (0..3).map(|n| self.high[n] - self.low[n] + 1.0).product()
    }

    /// Samples the image.
    pub fn sample(&self, image: &Volume<f32>, tone: Tone) -> Result<Lattice, GridError> {
        let steps = self.frame.axes.map(|axis| axis * self.step_mm);
        let shift = steps[0] * self.low[0] + steps[1] * self.low[1] + steps[2] * self.low[2];
        let map = VoxelToPatient::new(steps[0], steps[1], steps[2], self.frame.zero + shift);
        let size = [0, 1, 2].map(|n| (self.high[n] - self.low[n]) as usize + 1);
        let grid = Grid::new(VoxelIndex::new(size[0], size[1], size[2]), map)?;
        let sign = match tone {
            Tone::Bright => 1.0,
            Tone::Dark => -1.0,
        };
        let mut inside = Vec::with_capacity(grid.count());
        let mut values = Vec::with_capacity(grid.count());
        for cell in grid.cells() {
            let place = grid.centre(cell);
            let seen = image.linear(place);
            // Outside the image its rim is continued, so that the rim is not an edge.
            let value = seen.unwrap_or_else(|| f64::from(*image.at(image.grid().nearest_cell(place))));
            inside.push(seen.is_some());
            values.push(if value.is_finite() { (sign * value) as f32 } else { 0.0 });
        }
        let mut volume = Volume::filled(grid, 0.0_f32);
        volume.values_mut().copy_from_slice(&values);
        Ok(Lattice { values: volume, inside, step_mm: self.step_mm })
    }
}

/// A Gaussian of `sigma` steps along all three axes; the rim is continued.
pub(super) fn smoothed(volume: &Volume<f32>, sigma_steps: f64) -> Volume<f32> {
    let weights = gaussian(sigma_steps);
    let grid = volume.grid();
    let strides = [1, grid.size(Axis::Column), grid.size(Axis::Column) * grid.size(Axis::Row)];
    let mut now = volume.clone();
    let mut line = Vec::new();
    for (axis, stride) in Axis::ALL.into_iter().zip(strides) {
        let size = grid.size(axis);
        for start in 0..grid.count() {
            if (start / stride) % size != 0 {
                continue;
            }
            let values = now.values_mut();
            line.clear();
            line.extend((0..size).map(|n| values[start + n * stride]));
            for n in 0..size {
                values[start + n * stride] = blurred(&line, n, &weights);
            }
        }
    }
    now
}

/// One value of a line under symmetric weights: the middle one first.
fn blurred(line: &[f32], at: usize, weights: &[f32]) -> f32 {
    let last = line.len() - 1;
    let beside = |n: usize| line[at.saturating_sub(n)] + line[(at + n).min(last)];
    weights.iter().enumerate().skip(1).fold(weights[0] * line[at], |sum, (n, weight)| sum + weight * beside(n))
}

/// Reach of the sampled Gaussian in sigma: what is cut off weighs under 0.3 %.
const REACH: f64 = 3.0;

/// Weights of a sampled Gaussian from the middle outwards, their sum over both sides one.
pub(super) fn gaussian(sigma_steps: f64) -> Vec<f32> {
    let reach = (REACH * sigma_steps).ceil().max(1.0) as usize;
    let weight = |n: usize| (-0.5 * (n as f64 / sigma_steps).powi(2)).exp();
    let sum = 1.0 + 2.0 * (1..=reach).map(weight).sum::<f64>();
    (0..=reach).map(|n| (weight(n) / sum) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_oblique_image_is_sampled_where_it_lies() {
        // Steps of 1, 2 and 3 mm, turned 30 degrees about z; values linear in the patient, which linear sampling keeps.
        let (sin, cos) = 30_f64.to_radians().sin_cos();
        let map = VoxelToPatient::new(
            PatientVector::new(cos, sin, 0.0),
            PatientVector::new(-2.0 * sin, 2.0 * cos, 0.0),
            PatientVector::new(0.0, 0.0, 3.0),
            PatientPoint::new(5.0, -7.0, 11.0),
        );
        let grid = Grid::new(VoxelIndex::new(20, 12, 9), map).unwrap();
        let truth = |p: PatientPoint| p.x - 2.0 * p.y + 0.5 * p.z;
        let image = Volume::new(grid, grid.cells().map(|c| truth(grid.centre(c)) as f32).collect()).unwrap();
        let middle = grid.centre(VoxelIndex::new(10, 6, 4));
        let lattice = Region::around(&grid, middle, 4.0, 1.0).sample(&image, Tone::Bright).unwrap();
        let cells = lattice.values.grid();
        for cell in cells.cells() {
            let found = f64::from(*lattice.values.at(cell));
            // Single precision of numbers below 100: 1e-5 leaves room for the eight products.
            assert!((found - truth(cells.centre(cell))).abs() < 1e-4, "{found}");
        }
    }

    #[test]
    fn smoothing_keeps_a_constant_and_spreads_a_point_by_its_sigma() {
        let map = VoxelToPatient::new(
            PatientVector::new(1.0, 0.0, 0.0),
            PatientVector::new(0.0, 1.0, 0.0),
            PatientVector::new(0.0, 0.0, 1.0),
            PatientPoint::origin(),
        );
        let grid = Grid::new(VoxelIndex::new(21, 21, 21), map).unwrap();
        let flat = smoothed(&Volume::filled(grid, 3.0), 2.0);
        assert!(flat.values().iter().all(|v| (v - 3.0).abs() < 1e-5));
        let mut point = Volume::filled(grid, 0.0);
        point.values_mut()[grid.offset(VoxelIndex::new(10, 10, 10))] = 1.0;
        let spread = smoothed(&point, 2.0);
        let variance: f64 = grid.cells().map(|c| f64::from(*spread.at(c)) * (c.i as f64 - 10.0).powi(2)).sum();
        // Sigma 2 cut at 6 steps: the missing tail takes 3 % of the variance of 4.
        assert!((variance - 4.0).abs() < 0.15, "{variance}");
    }
}
