//! The steady field around a probe, solved for once on a fine grid of the half-plane through its axis.
//!
//! Laplace's equation in (distance from the axis, distance from the tip): 0 on the cold surface, no flux through insulated
//! parts, -1 at 10 mm. Finite volumes with eight cells across the radius, conjugate gradients.

use super::potential::{Where, body};
use crate::probe::ProbeShape;

/// A solved field over (distance from the axis, distance from the tip). Unit: mm.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HalfPlane {
    rho: Vec<f64>,
    z: Vec<f64>,
    /// z runs fastest.
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
        let rho_edges = edges(&[0.0, a, a + SOLVED_REACH_MM], finest);
        let mut marks = vec![start - SOLVED_REACH_MM, 0.0, start, end, shape.total_length_mm(), end + SOLVED_REACH_MM];
        marks.retain(|&m| m >= start - SOLVED_REACH_MM && m <= end + SOLVED_REACH_MM);
        marks.sort_by(f64::total_cmp);
        marks.dedup_by(|b, a| *b - *a < 0.25 * finest);
        let z_edges = edges(&marks, finest);
        let problem = Problem::of(shape, &rho_edges, &z_edges);
        let phi = problem.solve();
        Self { rho: middles(&rho_edges), z: middles(&z_edges), phi, finest_mm: finest }
    }

    /// Width of the cells beside the probe. Unit: mm.
    pub(super) fn finest_mm(&self) -> f64 {
        self.finest_mm
    }

    /// Bilinear between cell centres, held outside.
    pub(super) fn at(&self, rho: f64, z: f64) -> f64 {
        let (i, fi) = bracket(&self.rho, rho);
        let (k, fk) = bracket(&self.z, z);
        let n = self.z.len();
        let at = |i: usize, k: usize| self.phi[i * n + k];
        let low = at(i, k) * (1.0 - fk) + at(i, k + 1) * fk;
        let high = at(i + 1, k) * (1.0 - fk) + at(i + 1, k + 1) * fk;
        low * (1.0 - fi) + high * fi
    }
}

/// The pair of sorted places around `x` and the share of the way between them.
fn bracket(places: &[f64], x: f64) -> (usize, f64) {
    let after = places.partition_point(|&p| p < x).clamp(1, places.len() - 1);
    let (a, b) = (places[after - 1], places[after]);
    (after - 1, ((x - a) / (b - a)).clamp(0.0, 1.0))
}

fn middles(edges: &[f64]) -> Vec<f64> {
    edges.windows(2).map(|p| 0.5 * (p[0] + p[1])).collect()
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
    nz: usize,
    parts: Vec<Where>,
    /// Conductance to the next cell along rho and along z.
    along_rho: Vec<f64>,
    along_z: Vec<f64>,
    diagonal: Vec<f64>,
    right: Vec<f64>,
}

/// The field at the far end of the solved region; any negative number gives the same links.
const FAR_PHI: f64 = -1.0;

impl Problem {
    fn of(shape: &ProbeShape, rho: &[f64], z: &[f64]) -> Self {
        let (nr, nz) = (rho.len() - 1, z.len() - 1);
        let (rc, zc) = (middles(rho), middles(z));
        let parts: Vec<Where> = (0..nr * nz).map(|n| body(shape, rc[n / nz], zc[n % nz])).collect();
        let count = nr * nz;
        let mut problem = Self {
            nz,
            parts,
            along_rho: vec![0.0; count],
            along_z: vec![0.0; count],
            diagonal: vec![0.0; count],
            right: vec![0.0; count],
        };
        for i in 0..nr {
            for k in 0..nz {
                let ring = 0.5 * (rho[i + 1] * rho[i + 1] - rho[i] * rho[i]);
                let height = z[k + 1] - z[k];
                let n = i * nz + k;
                if i + 1 < nr {
                    let (left, right) = (rho[i + 1] - rc[i], rc[i + 1] - rho[i + 1]);
                    problem.join((n, left), (n + nz, right), rho[i + 1] * height, true);
                } else {
                    problem.far(n, rho[i + 1] * height / (rho[i + 1] - rc[i]));
                }
                if k + 1 < nz {
                    let (low, high) = (z[k + 1] - zc[k], zc[k + 1] - z[k + 1]);
                    problem.join((n, low), (n + 1, high), ring, false);
                }
                if k == 0 || k + 1 == nz {
                    problem.far(n, ring / (0.5 * height));
                }
            }
        }
        problem
    }

    fn far(&mut self, n: usize, g: f64) {
        if self.parts[n] == Where::Outside {
            self.diagonal[n] += g;
            self.right[n] += g * FAR_PHI;
        }
    }

    /// The face between two cells, each with its distance to it.
    fn join(&mut self, a: (usize, f64), b: (usize, f64), area: f64, along_rho: bool) {
        match (self.parts[a.0], self.parts[b.0]) {
            (Where::Outside, Where::Outside) => {
                let g = area / (a.1 + b.1);
                let list = if along_rho { &mut self.along_rho } else { &mut self.along_z };
                list[a.0] = g;
                self.diagonal[a.0] += g;
                self.diagonal[b.0] += g;
            }
            // The cold surface is the face itself, at phi = 0.
            (Where::Outside, Where::Active) => self.diagonal[a.0] += area / a.1,
            (Where::Active, Where::Outside) => self.diagonal[b.0] += area / b.1,
            _ => {}
        }
    }

    fn multiply(&self, x: &[f64], out: &mut [f64]) {
        for ((out, x), diagonal) in out.iter_mut().zip(x).zip(&self.diagonal) {
            *out = diagonal * x;
        }
        for (list, step) in [(&self.along_rho, self.nz), (&self.along_z, 1)] {
            for (n, &g) in list.iter().enumerate().filter(|(_, g)| **g > 0.0) {
                out[n] -= g * x[n + step];
                out[n + step] -= g * x[n];
            }
        }
    }

    /// Conjugate gradients, then values inside the probe that make the surface come out right when interpolated.
    fn solve(mut self) -> Vec<f64> {
        for diagonal in &mut self.diagonal {
            if *diagonal == 0.0 {
                *diagonal = 1.0;
            }
        }
        let n = self.right.len();
        let mut x = vec![0.0; n];
        let mut residual = self.right.clone();
        let mut search: Vec<f64> = residual.iter().zip(&self.diagonal).map(|(r, d)| r / d).collect();
        let mut product = vec![0.0; n];
        let mut rho: f64 = residual.iter().zip(&search).map(|(r, s)| r * s).sum();
        let target = 1e-18 * rho;
        for _ in 0..4 * n {
            if rho <= target {
                break;
            }
            self.multiply(&search, &mut product);
            let step = rho / search.iter().zip(&product).map(|(s, p)| s * p).sum::<f64>();
            for c in 0..n {
                x[c] += step * search[c];
                residual[c] -= step * product[c];
            }
            let next: f64 = residual.iter().zip(&self.diagonal).map(|(r, d)| r * r / d).sum();
            for c in 0..n {
                search[c] = residual[c] / self.diagonal[c] + next / rho * search[c];
            }
            rho = next;
        }
        self.fill_body(&mut x);
        x
    }

    /// Cold cells beside the tissue mirror it with the sign turned, insulated ones as it is.
    fn fill_body(&self, x: &mut [f64]) {
        let solved = x.to_vec();
        let nr = x.len() / self.nz;
        for (n, value) in x.iter_mut().enumerate() {
            if self.parts[n] == Where::Outside {
                continue;
            }
            let (i, k) = (n / self.nz, n % self.nz);
            let mut neighbours = Vec::new();
            if i > 0 {
                neighbours.push(n - self.nz);
            }
            if i + 1 < nr {
                neighbours.push(n + self.nz);
            }
            if k > 0 {
                neighbours.push(n - 1);
            }
            if k + 1 < self.nz {
                neighbours.push(n + 1);
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
