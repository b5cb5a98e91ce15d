//! The steady field around a probe, solved for once on a fine grid of the half-plane through its axis.
//!
//! Laplace's equation in (distance from the axis, distance from the tip): 0 on the cold surface, no flux through insulated
//! parts, -1 at 10 mm. Finite volumes with eight cells across the radius, solved at once by a banded factorisation.

use super::potential::{Where, body};
use crate::probe::ProbeShape;

/// A solved field over (distance from the axis, distance from the tip). Unit: mm.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HalfPlane {
    rho: Places,
    z: Places,
    /// rho runs fastest.
    phi: Vec<f64>,
    finest_mm: f64,
}

/// Cells across the radius of a probe.
const CELLS_PER_RADIUS: f64 = 8.0;
/// Growth of cells away from edges of the probe.
const GROWTH: f64 = 1.12;
/// How far the field is solved beyond the cold surface: about the size of an ice ball. Unit: mm.
const SOLVED_REACH_MM: f64 = 10.0;

impl HalfPlane {
    /// The field around a probe that is cold on its active surface and insulated elsewhere.
    pub(super) fn solved(shape: &ProbeShape) -> Self {
        let a = shape.radius_mm;
        let finest = a / CELLS_PER_RADIUS;
        let start = shape.dead_tip_mm;
        let end = start + shape.active_length_mm;
        let mut rho_edges = edges(&[0.0, a], finest);
        rho_edges.extend(grown(SOLVED_REACH_MM, finest).iter().map(|d| a + d));
        let mut marks = vec![0.0, start, end, shape.total_length_mm()];
        marks.retain(|&m| m < end + SOLVED_REACH_MM);
        marks.sort_by(f64::total_cmp);
        marks.dedup_by(|b, a| *b - *a < 0.25 * finest);
        let mut z_edges: Vec<f64> = grown(SOLVED_REACH_MM, finest).iter().rev().map(|d| marks[0] - d).collect();
        z_edges.extend(if marks.len() > 1 { edges(&marks, finest) } else { marks.clone() });
        let last = z_edges[z_edges.len() - 1];
        let beyond_mm = end + SOLVED_REACH_MM - last;
        if beyond_mm > finest {
            z_edges.extend(grown(beyond_mm, finest).iter().map(|d| last + d));
        }
        let problem = Problem::of(shape, &rho_edges, &z_edges);
        let phi = problem.solve();
        Self { rho: Places::of(middles(&rho_edges)), z: Places::of(middles(&z_edges)), phi, finest_mm: finest }
    }

    /// Width of the cells beside the probe. Unit: mm.
    pub(super) fn finest_mm(&self) -> f64 {
        self.finest_mm
    }

    /// Bilinear between cell centres, held outside.
    pub(super) fn at(&self, rho: f64, z: f64) -> f64 {
        let (i, fi) = self.rho.bracket(rho);
        let (k, fk) = self.z.bracket(z);
        let first = k * self.rho.places.len() + i;
        let second = first + self.rho.places.len();
        let low = self.phi[first] * (1.0 - fi) + self.phi[first + 1] * fi;
        let high = self.phi[second] * (1.0 - fi) + self.phi[second + 1] * fi;
        low * (1.0 - fk) + high * fk
    }
}

/// Sorted places, found again without searching.
#[derive(Clone, Debug, PartialEq)]
struct Places {
    places: Vec<f64>,
    /// The first place to try, by equal bins.
    bins: Vec<u16>,
    per_mm: f64,
}

impl Places {
    fn of(places: Vec<f64>) -> Self {
        let (first, last) = (places[0], places[places.len() - 1]);
        let narrowest = places.windows(2).map(|p| p[1] - p[0]).fold(f64::INFINITY, f64::min);
        let per_mm = 1.0 / narrowest;
        let count = ((last - first) * per_mm).ceil() as usize + 1;
        let bins = (0..count).map(|n| {
            let x = first + n as f64 / per_mm;
            places.partition_point(|&p| p <= x).clamp(1, places.len() - 1) as u16 - 1
        });
        Self { bins: bins.collect(), places, per_mm }
    }

    /// The pair of places around `x` and the share of the way between them.
    fn bracket(&self, x: f64) -> (usize, f64) {
        let bin = ((x - self.places[0]) * self.per_mm) as usize;
        let mut n = usize::from(self.bins[bin.min(self.bins.len() - 1)]);
        // A bin is no wider than the narrowest gap, so at most one place lies in it.
        while n + 2 < self.places.len() && self.places[n + 1] < x {
            n += 1;
        }
        let (a, b) = (self.places[n], self.places[n + 1]);
        (n, ((x - a) / (b - a)).clamp(0.0, 1.0))
    }
}

fn middles(edges: &[f64]) -> Vec<f64> {
    edges.windows(2).map(|p| 0.5 * (p[0] + p[1])).collect()
}

/// Distances of edges from a place where cells are finest, growing out to `reach`.
fn grown(reach: f64, finest: f64) -> Vec<f64> {
    let mut distances = Vec::new();
    let (mut width, mut at) = (finest, 0.0);
    while at < reach {
        at += width;
        distances.push(at);
        width *= GROWTH;
    }
    let scale = reach / at;
    distances.iter().map(|d| d * scale).collect()
}

/// Edges through all marks, fine at each and growing between them.
fn edges(marks: &[f64], finest: f64) -> Vec<f64> {
    let mut edges = vec![marks[0]];
    for pair in marks.windows(2) {
        let length = pair[1] - pair[0];
        // Widths grow from both ends towards the middle.
        let mut half = Vec::new();
        let (mut width, mut at) = (finest, 0.0);
        while at < 0.5 * length {
            half.push(width);
            at += width;
            width *= GROWTH;
        }
        let widths: Vec<f64> = half.iter().copied().chain(half.iter().rev().copied()).collect();
        let scale = length / widths.iter().sum::<f64>();
        let mut place = pair[0];
        for (n, width) in widths.iter().enumerate() {
            place += width * scale;
            edges.push(if n + 1 == widths.len() { pair[1] } else { place });
        }
    }
    edges
}

/// Laplace's equation around the probe as a symmetric system.
struct Problem {
    nr: usize,
    parts: Vec<Where>,
    /// Row by row the diagonal and the places to its right, up to one row of rho further.
    band: Vec<f64>,
    right: Vec<f64>,
}

/// The field at the far end of the solved region; any negative number gives the same links.
const FAR_PHI: f64 = -1.0;

impl Problem {
    fn of(shape: &ProbeShape, rho: &[f64], z: &[f64]) -> Self {
        let (nr, nz) = (rho.len() - 1, z.len() - 1);
        let (rc, zc) = (middles(rho), middles(z));
        let parts: Vec<Where> = (0..nr * nz).map(|n| body(shape, rc[n % nr], zc[n / nr])).collect();
        let count = nr * nz;
        let mut problem = Self { nr, parts, band: vec![0.0; count * (nr + 1)], right: vec![0.0; count] };
        for k in 0..nz {
            for i in 0..nr {
                let ring = 0.5 * (rho[i + 1] * rho[i + 1] - rho[i] * rho[i]);
                let height = z[k + 1] - z[k];
                let n = k * nr + i;
                if i + 1 < nr {
                    let (left, right) = (rho[i + 1] - rc[i], rc[i + 1] - rho[i + 1]);
                    problem.join((n, left), (n + 1, right), rho[i + 1] * height);
                } else {
                    problem.far(n, rho[i + 1] * height / (rho[i + 1] - rc[i]));
                }
                if k + 1 < nz {
                    let (low, high) = (z[k + 1] - zc[k], zc[k + 1] - z[k + 1]);
                    problem.join((n, low), (n + nr, high), ring);
                }
                if k == 0 || k + 1 == nz {
                    problem.far(n, ring / (0.5 * height));
                }
            }
        }
        problem
    }

    fn diagonal(&mut self, n: usize) -> &mut f64 {
        &mut self.band[n * (self.nr + 1)]
    }

    fn far(&mut self, n: usize, g: f64) {
        if self.parts[n] == Where::Outside {
            *self.diagonal(n) += g;
            self.right[n] += g * FAR_PHI;
        }
    }

    /// The face between two cells, each with its distance to it.
    fn join(&mut self, a: (usize, f64), b: (usize, f64), area: f64) {
        match (self.parts[a.0], self.parts[b.0]) {
            (Where::Outside, Where::Outside) => {
                let g = area / (a.1 + b.1);
                self.band[a.0 * (self.nr + 1) + b.0 - a.0] = -g;
                *self.diagonal(a.0) += g;
                *self.diagonal(b.0) += g;
            }
            // The cold surface is the face itself, at phi = 0.
            (Where::Outside, Where::Active) => *self.diagonal(a.0) += area / a.1,
            (Where::Active, Where::Outside) => *self.diagonal(b.0) += area / b.1,
            _ => {}
        }
    }

    /// Gauss within the band (no pivots are needed: the system is positive), then values inside the probe that make the
    /// surface come out right when interpolated.
    fn solve(mut self) -> Vec<f64> {
        let width = self.nr + 1;
        let count = self.right.len();
        for n in 0..count {
            if self.band[n * width] == 0.0 {
                self.band[n * width] = 1.0;
            }
        }
        for n in 0..count {
            let (head, tail) = self.band.split_at_mut((n + 1) * width);
            let pivot = &head[n * width..];
            for below in 1..width.min(count - n) {
                if pivot[below] == 0.0 {
                    continue;
                }
                let share = pivot[below] / pivot[0];
                let row = &mut tail[(below - 1) * width..below * width];
                for (to, from) in row.iter_mut().zip(&pivot[below..]) {
                    *to -= share * from;
                }
                self.right[n + below] -= share * self.right[n];
            }
        }
        let mut x = vec![0.0; count];
        for n in (0..count).rev() {
            let row = &self.band[n * width..(n + 1) * width];
            let known: f64 = row[1..].iter().zip(&x[n + 1..]).map(|(a, x)| a * x).sum();
            x[n] = (self.right[n] - known) / row[0];
        }
        self.fill_body(&mut x);
        x
    }

    /// Cold cells beside the tissue mirror it with the sign turned, insulated ones as it is.
    fn fill_body(&self, x: &mut [f64]) {
        let solved = x.to_vec();
        let nz = x.len() / self.nr;
        for (n, value) in x.iter_mut().enumerate() {
            if self.parts[n] == Where::Outside {
                continue;
            }
            let (i, k) = (n % self.nr, n / self.nr);
            let mut neighbours = Vec::new();
            if i > 0 {
                neighbours.push(n - 1);
            }
            if i + 1 < self.nr {
                neighbours.push(n + 1);
            }
            if k > 0 {
                neighbours.push(n - self.nr);
            }
            if k + 1 < nz {
                neighbours.push(n + self.nr);
            }
            neighbours.retain(|&m| self.parts[m] == Where::Outside);
            let mean = neighbours.iter().map(|&m| solved[m]).sum::<f64>() / neighbours.len().max(1) as f64;
            *value = if self.parts[n] == Where::Active { -mean } else { mean };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_pass_through_every_mark_and_grow_between_them() {
        let edges = edges(&[0.0, 0.8, 10.8], 0.1);
        for mark in [0.0, 0.8, 10.8] {
            assert!(edges.iter().any(|e| (e - mark).abs() < 1e-12), "{mark}");
        }
        let widths: Vec<f64> = edges.windows(2).map(|p| p[1] - p[0]).collect();
        assert!(widths.iter().all(|&w| w > 0.0));
        // The middle of the long piece is coarser than its ends.
        assert!(widths.iter().copied().fold(0.0, f64::max) > 3.0 * widths[0]);
    }
}
