//! Temperatures that perfusion, metabolism, films and faces settle to before any probe.
//!
//! Above freezing everything is linear in T: `sum g k (T_b - T_a) + w V (T_art - T_a) + q V = 0`, symmetric and positive,
//! solved by conjugate gradients with the diagonal as preconditioner.

use rayon::prelude::*;

use super::mesh::{Beyond, HELD, Mesh};

/// Where the residual stops, relative to the right-hand side.
const RELATIVE_RESIDUAL: f64 = 1e-10;
/// Most iterations; a grid of n cells along an axis needs a few n.
const MOST_ITERATIONS: usize = 20_000;

/// Why there is no steady state to start from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum NoSteadyState {
    /// Nothing holds the temperature anywhere.
    NothingHolds,
    /// The iteration did not settle.
    NotSettled { residual: f64 },
}

/// One coupling between two unknown cells. Unit of `g`: W/K.
struct Pair {
    a: u32,
    b: u32,
    g: f64,
}

struct System<'a> {
    mesh: &'a Mesh,
    /// Conductivity above freezing of each kind.
    k: Vec<f64>,
    pairs: Vec<Pair>,
    diagonal: Vec<f64>,
    right: Vec<f64>,
}

/// Steady temperatures; what is held has `f64::NAN`. `arterial_c` is the first guess.
pub(super) fn steady_c(mesh: &Mesh, arterial_c: f64) -> Result<Vec<f64>, NoSteadyState> {
    let system = System::of(mesh, arterial_c);
    if system.holds_nothing() {
        return Err(NoSteadyState::NothingHolds);
    }
    let mut t: Vec<f64> = mesh.kind.iter().map(|&k| if k == HELD { 0.0 } else { arterial_c }).collect();
    system.solve(&mut t)?;
    for (value, &kind) in t.iter_mut().zip(&mesh.kind) {
        if kind == HELD {
            *value = f64::NAN;
        }
    }
    Ok(t)
}

impl<'a> System<'a> {
    fn of(mesh: &'a Mesh, arterial_c: f64) -> Self {
        let n = mesh.kind.len();
        let k: Vec<f64> = mesh.curves.iter().map(|c| c.k(c.freezing_starts_c() + 1.0)).collect();
        let mut system = Self { mesh, k, pairs: Vec::new(), diagonal: vec![0.0; n], right: vec![0.0; n] };
        system.add_sources();
        system.add_special();
        system.add_neighbours();
        system.pin_what_is_cut_off(arterial_c);
        system
    }

    fn add_sources(&mut self) {
        for (n, &kind) in self.mesh.kind.iter().enumerate() {
            if kind == HELD {
                self.diagonal[n] = 1.0;
                continue;
            }
            let kind = usize::from(kind);
            let (s, curve) = (&self.mesh.sources[kind], &self.mesh.curves[kind]);
            // perfused - slope H with H = C (T - starts).
            let per_k = s.slope * curve.unfrozen_capacity() * self.mesh.volume[n];
            self.diagonal[n] += per_k;
            self.right[n] += (s.perfused + s.made) * self.mesh.volume[n] + per_k * curve.freezing_starts_c();
        }
    }

    fn add_special(&mut self) {
        // Faces inside a shaft are shut.
        for face in self.mesh.special.iter().filter(|face| face.half > 0.0) {
            let a = face.cell as usize;
            let ga = face.half * self.k[usize::from(self.mesh.kind[a])];
            match face.beyond {
                Beyond::Cell { cell, half } => {
                    let gb = half * self.k[usize::from(self.mesh.kind[cell as usize])];
                    if ga + gb > 0.0 {
                        let g = ga * gb / (ga + gb);
                        self.pairs.push(Pair { a: face.cell, b: cell, g });
                        self.diagonal[a] += g;
                        self.diagonal[cell as usize] += g;
                    }
                }
                Beyond::Wall { celsius, film } => {
                    let g = if film.is_infinite() { ga } else { ga * film / (ga + film) };
                    self.diagonal[a] += g;
                    self.right[a] += g * celsius;
                }
            }
        }
    }

    fn add_neighbours(&mut self) {
        for axis in 0..3 {
            let stride = self.mesh.stride[axis];
            for (n, &g) in self.mesh.g[axis].iter().enumerate() {
                if g > 0.0 {
                    let g = g * self.k[usize::from(self.mesh.kind[n])];
                    self.diagonal[n] += g;
                    self.diagonal[n + stride] += g;
                }
            }
        }
    }

    /// A cell that nothing reaches, such as one inside a shaft, has the arterial temperature.
    fn pin_what_is_cut_off(&mut self, arterial_c: f64) {
        for (diagonal, right) in self.diagonal.iter_mut().zip(&mut self.right) {
            if *diagonal == 0.0 {
                (*diagonal, *right) = (1.0, arterial_c);
            }
        }
    }

    fn holds_nothing(&self) -> bool {
        let perfused = self.mesh.kind.iter().any(|&k| k != HELD && self.mesh.sources[usize::from(k)].slope > 0.0);
        let walled = self.mesh.special.iter().any(|f| matches!(f.beyond, Beyond::Wall { .. }));
        !perfused && !walled
    }

    fn multiply(&self, t: &[f64], out: &mut [f64]) {
        let mesh = self.mesh;
        let layer = mesh.stride[2];
        out.par_chunks_mut(layer).enumerate().for_each(|(k, out)| {
            for (local, out) in out.iter_mut().enumerate() {
                let n = k * layer + local;
                let kind = mesh.kind[n];
                let mut sum = self.diagonal[n] * t[n];
                if kind != HELD {
                    for axis in 0..3 {
                        let stride = mesh.stride[axis];
                        let conductivity = self.k[usize::from(kind)];
                        let ahead = mesh.g[axis][n];
                        if ahead > 0.0 {
                            sum -= conductivity * ahead * t[n + stride];
                        }
                        if n >= stride && mesh.g[axis][n - stride] > 0.0 {
                            sum -= conductivity * mesh.g[axis][n - stride] * t[n - stride];
                        }
                    }
                }
                *out = sum;
            }
        });
        for pair in &self.pairs {
            let (a, b) = (pair.a as usize, pair.b as usize);
            out[a] -= pair.g * t[b];
            out[b] -= pair.g * t[a];
        }
    }

    fn solve(&self, t: &mut [f64]) -> Result<(), NoSteadyState> {
        let n = t.len();
        let mut product = vec![0.0; n];
        self.multiply(t, &mut product);
        // Cells that are held are no unknowns; their residual is 0, so they stay.
        let mut residual: Vec<f64> =
            (0..n).map(|c| if self.is_unknown(c) { self.right[c] - product[c] } else { 0.0 }).collect();
        let scale = self.right.iter().map(|r| r * r).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        let mut search: Vec<f64> = residual.iter().zip(&self.diagonal).map(|(r, d)| r / d).collect();
        let mut rho = dot(&residual, &search);
        for _ in 0..MOST_ITERATIONS {
            let size = dot(&residual, &residual).sqrt();
            if size <= RELATIVE_RESIDUAL * scale {
                return Ok(());
            }
            self.multiply(&search, &mut product);
            let step = rho / dot(&search, &product);
            for c in 0..n {
                t[c] += step * search[c];
                residual[c] -= step * product[c];
            }
            let next: f64 = residual.iter().zip(&self.diagonal).map(|(r, d)| r * r / d).sum();
            let keep = next / rho;
            rho = next;
            for c in 0..n {
                search[c] = residual[c] / self.diagonal[c] + keep * search[c];
            }
        }
        Err(NoSteadyState::NotSettled { residual: dot(&residual, &residual).sqrt() / scale })
    }

    fn is_unknown(&self, cell: usize) -> bool {
        self.mesh.kind[cell] != HELD
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
