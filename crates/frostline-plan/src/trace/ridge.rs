//! How much every place looks like the middle of a tube, over a range of radii.
//!
//! At the middle of a bright tube the intensity falls off across it and hardly changes along it: of the three curvatures
//! (eigenvalues of the Hessian after a Gaussian of width sigma), two are strongly negative. The weaker of those two, times
//! sigma squared, is the measure: a sheet such as a fascia has only one, an edge none. For a cylinder of radius r and
//! contrast C it is largest at sigma = r / sqrt 2, where it is C / e; times e it is therefore the contrast itself, in the
//! unit of the image, and the sigma at which it is largest gives the radius.

use frostline_space::{Axis, Grid, Volume};

use super::lattice::{Lattice, smoothed};
use super::settings::RadiusRange;

/// Strength and radius of the best fitting tube at every node.
pub(super) struct Ridges {
    /// Contrast of the best fitting tube; 0 where there is none. Unit: that of the image.
    pub strength: Volume<f32>,
    /// Its radius. Unit: mm.
    pub radius_mm: Volume<f32>,
    /// The intensities after the narrowest smoothing, bright where the structure is.
    pub shade: Volume<f32>,
    /// Scatter of neighbouring values: what contrast has to stand out from. Unit: that of the image.
    pub noise: f64,
}

/// Radii grow by this factor from one scale to the next: half an octave, between which a parabola finds the largest value
/// to a few per cent.
const SCALE_FACTOR: f64 = std::f64::consts::SQRT_2;
/// A Gaussian narrower than this many steps is not resolved by second differences.
const NARROWEST_STEPS: f64 = 0.7;

/// The widths of the Gaussians for a range of radii, one beyond either end so that the largest lies between others.
fn sigmas_mm(radii: RadiusRange, step_mm: f64) -> Vec<f64> {
    let narrowest = (radii.least_mm / SCALE_FACTOR).max(NARROWEST_STEPS * step_mm);
    let widest = (radii.most_mm / SCALE_FACTOR).max(narrowest);
    let between = ((widest / narrowest).ln() / SCALE_FACTOR.ln()).ceil() as i32;
    (0..=between + 1).map(|n| narrowest * SCALE_FACTOR.powi(n)).collect()
}

/// Looks for bright tubes of these radii at the nodes that are `wanted`.
pub(super) fn ridges(lattice: &Lattice, radii: RadiusRange, wanted: &[bool]) -> Ridges {
    let sigmas = sigmas_mm(radii, lattice.step_mm);
    let shade = smoothed(&lattice.values, sigmas[0] / lattice.step_mm);
    let noise = scatter(lattice, &shade);
    let mut best = Best::new(lattice.values.grid().count(), CLEAR_SIGMAS * noise);
    for (n, sigma_mm) in sigmas.iter().enumerate() {
        let at_scale = if n == 0 { shade.clone() } else { smoothed(&lattice.values, sigma_mm / lattice.step_mm) };
        best.take(n, &responses(&at_scale, lattice.step_mm, *sigma_mm, wanted));
    }
    let grid = *lattice.values.grid();
    let (strength, radius) = best.finished(&sigmas, radii);
    let of = |values: Vec<f32>| {
        let mut volume = Volume::filled(grid, 0.0);
        volume.values_mut().copy_from_slice(&values);
        volume
    };
    Ridges { strength: of(strength), radius_mm: of(radius), shade, noise }
}

/// A tube that stands out of the scatter by this many sigmas is there.
const CLEAR_SIGMAS: f64 = 2.0;

/// The response of the thinnest clear tube, and its neighbours in scale.
///
/// The first largest value over the scales that is clear, not the largest of all: at every place of a limb the limb itself is
/// a much stronger tube in air.
struct Best {
    clear: f32,
    settled: Vec<bool>,
    first: Vec<f32>,
    scale: Vec<u8>,
    here: Vec<f32>,
    before: Vec<f32>,
    after: Vec<f32>,
    last: Vec<f32>,
}

impl Best {
    fn new(count: usize, clear: f64) -> Self {
        let zero = || vec![0.0; count];
        let (settled, scale) = (vec![false; count], vec![0; count]);
        Self {
            clear: clear as f32,
            settled,
            first: zero(),
            scale,
            here: zero(),
            before: zero(),
            after: zero(),
            last: zero(),
        }
    }

    fn take(&mut self, scale: usize, responses: &[f32]) {
        if scale == 0 {
            self.first.copy_from_slice(responses);
        }
        for (n, found) in responses.iter().copied().enumerate() {
            if self.settled[n] {
                continue;
            }
            if found > self.here[n] {
                (self.before[n], self.here[n], self.after[n]) = (self.last[n], found, 0.0);
                // At most a few dozen scales fit between a voxel and a limb.
                self.scale[n] = scale.min(usize::from(u8::MAX)) as u8;
            } else if scale == usize::from(self.scale[n]) + 1 {
                self.after[n] = found;
                self.settled[n] = self.here[n] > self.clear;
            }
            self.last[n] = found;
        }
    }

    /// Strength, and radius from the top of the parabola through three scales.
    ///
    /// Where the response still grows beyond the radii that are sought, the place belongs to something thicker than what is sought; then
    /// only what the narrowest scale sees counts.
    fn finished(self, sigmas: &[f64], radii: RadiusRange) -> (Vec<f32>, Vec<f32>) {
        let found_mm = |n: usize| {
            let scale = usize::from(self.scale[n]);
            let inner = scale > 0 && scale + 1 < sigmas.len();
            let shift = if inner { vertex(self.before[n], self.here[n], self.after[n]) } else { 0.0 };
            SCALE_FACTOR * sigmas[scale] * SCALE_FACTOR.powf(shift)
        };
        let thicker = |n: usize| found_mm(n) > radii.most_mm;
        let middle_mm = (radii.least_mm * radii.most_mm).sqrt();
        let radius = |n: usize| if thicker(n) { middle_mm as f32 } else { found_mm(n) as f32 };
        let strength = |n: usize| if thicker(n) { self.first[n] } else { self.here[n] };
        let count = self.here.len();
        ((0..count).map(strength).collect(), (0..count).map(radius).collect())
    }
}

/// Where between -1/2 and 1/2 the parabola through three equally spaced values is largest.
pub(super) fn vertex(before: f32, here: f32, after: f32) -> f64 {
    let (before, here, after) = (f64::from(before), f64::from(here), f64::from(after));
    let bend = before - 2.0 * here + after;
    if bend < 0.0 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}

/// e times sigma squared times the weaker of the two strong curvatures.
fn responses(at_scale: &Volume<f32>, step_mm: f64, sigma_mm: f64, wanted: &[bool]) -> Vec<f32> {
    let grid = at_scale.grid();
    let values = at_scale.values();
    let around = Neighbours::of(grid);
    let scale = std::f64::consts::E * (sigma_mm / step_mm).powi(2);
    (0..grid.count())
        .map(|n| {
            if !wanted[n] || around.on_rim(grid, n) {
                return 0.0;
            }
            let [_, middle, _] = eigenvalues(around.curvatures(values, n));
            (scale * (-middle).max(0.0)) as f32
        })
        .collect()
}

/// Steps in storage to the neighbours of a node.
struct Neighbours {
    i: usize,
    j: usize,
    k: usize,
}

/// A symmetric matrix: xx, yy, zz, xy, xz, yz.
type Symmetric = [f64; 6];

impl Neighbours {
    fn of(grid: &Grid) -> Self {
        let columns = grid.size(Axis::Column);
        Self { i: 1, j: columns, k: columns * grid.size(Axis::Row) }
    }

    fn on_rim(&self, grid: &Grid, n: usize) -> bool {
        let at = grid.index(n);
        let rim = |index: usize, axis: Axis| index == 0 || index + 1 >= grid.size(axis);
        rim(at.i, Axis::Column) || rim(at.j, Axis::Row) || rim(at.k, Axis::Slice)
    }

    /// Second differences, per step squared.
    fn curvatures(&self, values: &[f32], n: usize) -> Symmetric {
        let v = |place: usize| f64::from(values[place]);
        let along = |step: usize| v(n + step) - 2.0 * v(n) + v(n - step);
        let mixed = |a: usize, b: usize| 0.25 * (v(n + a + b) - v(n + a - b) - v(n - a + b) + v(n - a - b));
        let (i, j, k) = (self.i, self.j, self.k);
        // The larger stride first, so that the place never falls below zero on the way.
        [along(i), along(j), along(k), mixed(j, i), mixed(k, i), mixed(k, j)]
    }
}

/// Eigenvalues of a symmetric matrix, ascending (the trigonometric solution of its cubic).
pub(super) fn eigenvalues([xx, yy, zz, xy, xz, yz]: Symmetric) -> [f64; 3] {
    let mean = (xx + yy + zz) / 3.0;
    let (a, b, c) = (xx - mean, yy - mean, zz - mean);
    let spread = ((a * a + b * b + c * c + 2.0 * (xy * xy + xz * xz + yz * yz)) / 6.0).sqrt();
    if spread <= f64::MIN_POSITIVE {
        return [mean; 3];
    }
    let determinant = a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz);
    let angle = (determinant / (2.0 * spread.powi(3))).clamp(-1.0, 1.0).acos() / 3.0;
    let third = 2.0 * std::f64::consts::PI / 3.0;
    let high = mean + 2.0 * spread * angle.cos();
    let low = mean + 2.0 * spread * (angle + third).cos();
    [low, 3.0 * mean - high - low, high]
}

/// The median absolute difference between the values and their smoothed neighbours, as the sigma of a normal scatter.
fn scatter(lattice: &Lattice, shade: &Volume<f32>) -> f64 {
    let mut differences: Vec<f32> = lattice
        .values
        .values()
        .iter()
        .zip(shade.values())
        .zip(&lattice.inside)
        .filter(|(_, inside)| **inside)
        .map(|((value, smooth), _)| (value - smooth).abs())
        .collect();
    if differences.is_empty() {
        return 0.0;
    }
    let middle = differences.len() / 2;
    let (_, median, _) = differences.select_nth_unstable_by(middle, f32::total_cmp);
    /// Sigma of a normal distribution over its median absolute deviation.
    const SIGMA_PER_MEDIAN: f64 = 1.4826;
    SIGMA_PER_MEDIAN * f64::from(*median)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_are_those_worked_out_by_hand() {
        assert_eq!(eigenvalues([2.0, 2.0, 2.0, 0.0, 0.0, 0.0]), [2.0; 3]);
        // [[2, 1], [1, 2]] has 1 and 3; beside it stands -5.
        let found = eigenvalues([2.0, 2.0, -5.0, 1.0, 0.0, 0.0]);
        for (value, expected) in found.into_iter().zip([-5.0, 1.0, 3.0]) {
            assert!((value - expected).abs() < 1e-12, "{found:?}");
        }
    }

    #[test]
    fn the_vertex_of_a_parabola_is_found() {
        // -(x - 0.25)^2 at -1, 0, 1.
        assert!((vertex(-1.5625, -0.0625, -0.5625) - 0.25).abs() < 1e-12);
        assert_eq!(vertex(1.0, 1.0, 1.0), 0.0);
    }
}
