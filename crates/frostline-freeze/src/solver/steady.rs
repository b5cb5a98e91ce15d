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
    Ok(celsius.map(|(&k, &kind)| if kind == HELD { f64::NAN } else { arterial_c + f64::from(k) }).collect())
}

struct System<'a> {
    mesh: &'a Mesh,
    /// Inverse of the diagonal, and the diagonal; 1 for cells without unknowns.
    per_diagonal: Vec<f32>,
    diagonal: Vec<f32>,
    right: Vec<f32>,
}

/// Lengths of a residual: square of its own, and weighted by the inverse of the diagonal.
#[derive(Clone, Copy, Debug, Default)]
struct Lengths {
    square: f64,
    weighted: f64,
}

impl<'a> System<'a> {
    fn of(mesh: &'a Mesh, arterial_c: f64) -> Self {
        let mut diagonal = vec![0.0; mesh.stored];
        let mut right = vec![0.0; mesh.stored];
        for n in (0..mesh.count).filter(|&n| mesh.kind[n] != HELD) {
            let sources = &mesh.kind_of(n).sources;
            diagonal[n] = sources.slope * mesh.capacity[n];
            right[n] = sources.made * mesh.capacity[n];
            for axis in 0..3 {
                let at = mesh.pad + n;
                diagonal[n] += mesh.g[axis][at] + mesh.g[axis][at - mesh.stride[axis]];
            }
        }
        for wall in mesh.walls.iter().filter(|wall| wall.half > 0.0) {
            let cell = wall.cell as usize;
            let (half, film) = (wall.half * mesh.kind_of(cell).lookup.conductivity(), wall.beyond.film);
            let g = if film.is_infinite() { half } else { half * film / (half + film) };
            diagonal[cell] += g as f32;
            right[cell] += (g * (wall.beyond.celsius - arterial_c)) as f32;
        }
        // A cell that nothing reaches, such as one inside a shaft, keeps the arterial temperature.
        for diagonal in diagonal.iter_mut().filter(|d| **d == 0.0) {
            *diagonal = 1.0;
        }
        Self { mesh, per_diagonal: diagonal.iter().map(|d| 1.0 / d).collect(), diagonal, right }
    }

    fn holds_nothing(&self) -> bool {
        let perfused = self.mesh.kind.iter().any(|&k| k != HELD && self.mesh.kinds[usize::from(k)].sources.slope > 0.0);
        !perfused && self.mesh.walls.is_empty()
    }

    /// `out = A x` for padded x; returns x times A x.
    fn multiply(&self, x: &[f32], out: &mut [f32]) -> f64 {
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
                            let (ahead, behind) = (&x[range(step)], &x[range(-step)]);
                            take(out, (ahead, &mesh.g[axis][range(0)]), (behind, &mesh.g[axis][range(-step)]));
                        }
                        dot(out, here)
                    },
                )
            })
            .collect();
        sums.iter().sum()
    }

    /// The solution, padded.
    fn solve(&self) -> Result<Vec<f32>, NoSteadyState> {
        let (pad, stored) = (self.mesh.pad, self.mesh.stored);
        let mut x = vec![0.0; stored + 2 * pad];
        let mut search = vec![0.0; stored + 2 * pad];
        let mut product = vec![0.0; stored];
        let mut residual = self.right.clone();
        let mut lengths = self.advance(&mut x, &mut residual, (&search, &product), 0.0);
        let (scale, mut keep) = (lengths.square.sqrt(), 0.0);
        for _ in 0..MOST_ITERATIONS {
            if lengths.square.sqrt() <= RELATIVE_RESIDUAL * scale {
                return Ok(x);
            }
            self.turn(&mut search, &residual, keep);
            let step = lengths.weighted / self.multiply(&search, &mut product);
            let next = self.advance(&mut x, &mut residual, (&search, &product), step as f32);
            keep = (next.weighted / lengths.weighted) as f32;
            lengths = next;
        }
        Err(NoSteadyState::NotSettled { residual: lengths.square.sqrt() / scale })
    }

    /// The next direction of search: down the residual, and on along the one before by a share.
    fn turn(&self, search: &mut [f32], residual: &[f32], keep: f32) {
        let (pad, stored, arch) = (self.mesh.pad, self.mesh.stored, pulp::Arch::new());
        let cells = search[pad..pad + stored].par_chunks_mut(CHUNK).zip(residual.par_chunks(CHUNK));
        cells.zip(self.per_diagonal.par_chunks(CHUNK)).for_each(|((search, residual), per_diagonal)| {
            arch.dispatch(
                #[inline(always)]
                || {
                    for ((s, r), d) in search.iter_mut().zip(residual).zip(per_diagonal) {
                        *s = r * d + keep * *s;
                    }
                },
            );
        });
    }

    /// A step along the search. Returns the lengths of the residual after it.
    fn advance(&self, x: &mut [f32], residual: &mut [f32], (search, product): (&[f32], &[f32]), step: f32) -> Lengths {
        let (pad, stored, arch) = (self.mesh.pad, self.mesh.stored, pulp::Arch::new());
        let sums: Vec<Lengths> = x[pad..pad + stored]
            .par_chunks_mut(CHUNK)
            .zip(residual.par_chunks_mut(CHUNK))
            .zip(search[pad..pad + stored].par_chunks(CHUNK))
            .zip(product.par_chunks(CHUNK))
            .zip(self.per_diagonal.par_chunks(CHUNK))
            .map(|((((x, residual), search), product), per_diagonal)| {
                arch.dispatch(
                    #[inline(always)]
                    || {
                        for (((x, r), s), p) in x.iter_mut().zip(residual.iter_mut()).zip(search).zip(product) {
                            *x += step * s;
                            *r -= step * p;
                        }
                        Lengths { square: dot(residual, residual), weighted: weighted(residual, per_diagonal) }
                    },
                )
            })
            .collect();
        sums.iter().fold(Lengths::default(), |all, part| Lengths {
            square: all.square + part.square,
            weighted: all.weighted + part.weighted,
        })
    }
}

/// Takes what neighbours ahead and behind give through the faces between.
#[inline(always)]
fn take(out: &mut [f32], (ahead, g): (&[f32], &[f32]), (behind, g_behind): (&[f32], &[f32])) {
    let there = ahead.iter().zip(g).zip(behind.iter().zip(g_behind));
    for (out, ((&a, &ga), (&b, &gb))) in out.iter_mut().zip(there) {
        *out -= ga * a + gb * b;
    }
}

/// Sums that are made side by side.
const LANES: usize = 16;
/// Numbers that are summed in single precision before they are added in double.
const SUMMED: usize = 256;

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut all = 0.0;
    for (a, b) in a.chunks(SUMMED).zip(b.chunks(SUMMED)) {
        let mut sums = [0.0_f32; LANES];
        for (a, b) in a.chunks(LANES).zip(b.chunks(LANES)) {
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum += a * b;
            }
        }
        all += f64::from(sums.iter().sum::<f32>());
    }
    all
}

/// Sum of squares times weights.
#[inline(always)]
fn weighted(a: &[f32], weights: &[f32]) -> f64 {
    let mut all = 0.0;
    for (a, w) in a.chunks(SUMMED).zip(weights.chunks(SUMMED)) {
        let mut sums = [0.0_f32; LANES];
        for (a, w) in a.chunks(LANES).zip(w.chunks(LANES)) {
            for ((sum, a), w) in sums.iter_mut().zip(a).zip(w) {
                *sum += a * a * w;
            }
        }
        all += f64::from(sums.iter().sum::<f32>());
    }
    all
}
