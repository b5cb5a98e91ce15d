//! The steady state without any probe.
//!
//! Above freezing everything is linear in T: `sum g (T_b - T_a) + w V (T_art - T_a) + q V = 0`, symmetric and positive,
//! solved by conjugate gradients with the diagonal as preconditioner, as a deviation from the arterial temperature.

use rayon::prelude::*;

use super::mesh::{HELD, Mesh};

/// Where the residual stops, relative to the right-hand side. In a leg of layers the temperature is then off by 2.4e-4 K, and by
/// 2.5e-6 K at 1e-6 after half as many iterations again; the state is kept to 1e-4 K.
const RELATIVE_RESIDUAL: f64 = 1e-4;
/// Most iterations; a grid of n cells along an axis needs a few n.
const MOST_ITERATIONS: usize = 20_000;
/// Cells that are worked on together; sums are made chunk by chunk, whatever the number of threads.
const CHUNK: usize = 4096;

/// Why there is no steady state to start from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum NoSteadyState {
    /// Nothing holds the temperature anywhere.
    NothingHolds,
    /// The iteration did not settle.
    NotSettled { residual: f64 },
}

/// Steady temperatures of the cells of the grid; what is held has `f64::NAN`. Unit: °C.
pub(super) fn steady_c(mesh: &Mesh, arterial_c: f64) -> Result<Vec<f64>, NoSteadyState> {
    let system = System::of(mesh, arterial_c);
    if system.holds_nothing() {
        return Err(NoSteadyState::NothingHolds);
    }
    let deviation_k = system.solve()?;
    let celsius = deviation_k[mesh.pad..mesh.pad + mesh.count].iter().zip(&mesh.kind);
    Ok(celsius.map(|(&k, &kind)| if kind == HELD { f64::NAN } else { arterial_c + k }).collect())
}

struct System<'a> {
    mesh: &'a Mesh,
    /// 1 for cells without unknowns.
    diagonal: Vec<f64>,
    right: Vec<f64>,
}

impl<'a> System<'a> {
    fn of(mesh: &'a Mesh, arterial_c: f64) -> Self {
        let mut diagonal = vec![0.0; mesh.stored];
        let mut right = vec![0.0; mesh.stored];
        for n in (0..mesh.count).filter(|&n| mesh.kind[n] != HELD) {
            let sources = &mesh.kind_of(n).sources;
            diagonal[n] = f64::from(sources.slope) * f64::from(mesh.capacity[n]);
            right[n] = f64::from(sources.made) * f64::from(mesh.capacity[n]);
            for axis in 0..3 {
                let at = mesh.pad + n;
                diagonal[n] += f64::from(mesh.g[axis][at]) + f64::from(mesh.g[axis][at - mesh.stride[axis]]);
            }
        }
        for wall in mesh.walls.iter().filter(|wall| wall.half > 0.0) {
            let cell = wall.cell as usize;
            let (half, film) = (wall.half * mesh.kind_of(cell).lookup.conductivity(), wall.beyond.film);
            let g = if film.is_infinite() { half } else { half * film / (half + film) };
            diagonal[cell] += g;
            right[cell] += g * (wall.beyond.celsius - arterial_c);
        }
        // A cell that nothing reaches, such as one inside a shaft, keeps the arterial temperature.
        for diagonal in diagonal.iter_mut().filter(|d| **d == 0.0) {
            *diagonal = 1.0;
        }
        Self { mesh, diagonal, right }
    }

    fn holds_nothing(&self) -> bool {
        let perfused = self.mesh.kind.iter().any(|&k| k != HELD && self.mesh.kinds[usize::from(k)].sources.slope > 0.0);
        !perfused && self.mesh.walls.is_empty()
    }

    /// `out = A x` for padded x; returns x times A x.
    fn multiply(&self, x: &[f64], out: &mut [f64]) -> f64 {
        let (mesh, arch) = (self.mesh, pulp::Arch::new());
        let chunks = out.par_chunks_mut(CHUNK).enumerate();
        let sums: Vec<f64> = chunks
            .map(|(n, out)| {
                let (start, length) = (n * CHUNK, out.len());
                let range = |by: isize| {
                    let from = (mesh.pad + start).wrapping_add_signed(by);
                    from..from + length
                };
                let here = &x[range(0)];
                arch.dispatch(
                    #[inline(always)]
                    || {
                        for ((out, &x), &d) in out.iter_mut().zip(here).zip(&self.diagonal[start..]) {
                            *out = d * x;
                        }
                        for axis in 0..3 {
                            let step = mesh.stride[axis] as isize;
                            take(out, &x[range(step)], &mesh.g[axis][range(0)]);
                            take(out, &x[range(-step)], &mesh.g[axis][range(-step)]);
                        }
                        dot(out, here)
                    },
                )
            })
            .collect();
        sums.iter().sum()
    }

    /// The solution, padded.
    fn solve(&self) -> Result<Vec<f64>, NoSteadyState> {
        let (pad, stored) = (self.mesh.pad, self.mesh.stored);
        let mut x = vec![0.0; stored + 2 * pad];
        let mut search = vec![0.0; stored + 2 * pad];
        let mut product = vec![0.0; stored];
        let mut residual = self.right.clone();
        let scale = total(&residual, &residual).sqrt();
        let (mut rho, mut size) = (0.0, scale);
        for iteration in 0..MOST_ITERATIONS {
            if size <= RELATIVE_RESIDUAL * scale {
                return Ok(x);
            }
            let next = self.preconditioned(&residual);
            let keep = if iteration == 0 { 0.0 } else { next / rho };
            rho = next;
            let cells = search[pad..pad + stored].par_chunks_mut(CHUNK).zip(residual.par_chunks(CHUNK));
            cells.zip(self.diagonal.par_chunks(CHUNK)).for_each(|((search, residual), diagonal)| {
                for ((s, r), d) in search.iter_mut().zip(residual).zip(diagonal) {
                    *s = r / d + keep * *s;
                }
            });
            let step = rho / self.multiply(&search, &mut product);
            let sums: Vec<f64> = x[pad..pad + stored]
                .par_chunks_mut(CHUNK)
                .zip(residual.par_chunks_mut(CHUNK))
                .zip(search[pad..pad + stored].par_chunks(CHUNK))
                .zip(product.par_chunks(CHUNK))
                .map(|(((x, residual), search), product)| {
                    for (((x, r), s), p) in x.iter_mut().zip(residual.iter_mut()).zip(search).zip(product) {
                        *x += step * s;
                        *r -= step * p;
                    }
                    dot(residual, residual)
                })
                .collect();
            size = sums.iter().sum::<f64>().sqrt();
        }
        Err(NoSteadyState::NotSettled { residual: size / scale })
    }

    fn preconditioned(&self, residual: &[f64]) -> f64 {
        let chunks = residual.par_chunks(CHUNK).zip(self.diagonal.par_chunks(CHUNK));
        let sums: Vec<f64> = chunks.map(|(r, d)| r.iter().zip(d).map(|(r, d)| r * r / d).sum()).collect();
        sums.iter().sum()
    }
}

#[inline(always)]
fn take(out: &mut [f64], there: &[f64], g: &[f32]) {
    for ((out, &x), &g) in out.iter_mut().zip(there).zip(g) {
        *out -= f64::from(g) * x;
    }
}

/// In eight sums, so that they can be made side by side.
#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

fn total(a: &[f64], b: &[f64]) -> f64 {
    let sums: Vec<f64> = a.par_chunks(CHUNK).zip(b.par_chunks(CHUNK)).map(|(a, b)| dot(a, b)).collect();
    sums.iter().sum()
}
