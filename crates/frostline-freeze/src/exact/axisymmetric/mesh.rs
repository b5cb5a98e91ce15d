//! Cells of (r, z) that fit a probe, and what joins them.

use super::Axisymmetric;
use crate::TipShape;

/// Cells stay as fine as at the probe within this distance. Unit: mm.
const FINE_MM: f64 = 2.0;
/// Beyond, each is this much wider than the one before, up to the widest.
const GROWTH: f64 = 1.06;
const WIDEST_CELLS: f64 = 8.0;
/// No surface is taken to be nearer to a cell than this share of a cell; it bounds the step.
const NEAREST_SHARE: f64 = 0.2;
/// What a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Tissue,
    Cold,
    Shaft,
}

impl Axisymmetric {
    fn part(&self, r_mm: f64, z_mm: f64) -> Part {
        let (a, active) = (self.shape.radius_mm, self.shape.active_length_mm);
        if r_mm < a && z_mm >= active && z_mm < active + self.shape.shaft_length_mm {
            return Part::Shaft;
        }
        let radius_there = match self.shape.tip {
            TipShape::Round if z_mm < a => (a * a - (a - z_mm).powi(2)).max(0.0).sqrt(),
            TipShape::Cone if z_mm < 2.0 * a => 0.5 * z_mm,
            _ => a,
        };
        // A ball is a round tip at both ends.
        let is_ball = self.shape.tip == TipShape::Round && active == 2.0 * a && self.shape.shaft_length_mm == 0.0;
        let radius_there = if is_ball { (a * a - (a - z_mm).powi(2)).max(0.0).sqrt() } else { radius_there };
        if z_mm > 0.0 && z_mm < active && r_mm < radius_there { Part::Cold } else { Part::Tissue }
    }

    fn edges(&self) -> (Vec<f64>, Vec<f64>) {
        let (a, active, h) = (self.shape.radius_mm, self.shape.active_length_mm, self.cell_mm);
        let mut r = even(0.0, a, h);
        let step = r[1];
        r.extend(outwards(step, FINE_MM, self.wall_mm.0 - a).into_iter().map(|d| a + d));
        let inner = even(0.0, active, h);
        let step = inner[1];
        let rim = outwards(step, FINE_MM, self.wall_mm.1 - 0.5 * active);
        let mut z: Vec<f64> = rim.iter().rev().map(|d| -d).collect();
        z.extend(inner);
        z.extend(rim.iter().map(|d| active + d));
        (r, z)
    }
}

/// Distances of the edges outwards: fine cells over `fine_mm`, then wider and wider, to end on `to_mm`.
fn outwards(cell_mm: f64, fine_mm: f64, to_mm: f64) -> Vec<f64> {
    let (mut at, mut width, mut places) = (0.0, cell_mm, Vec::new());
    while at < to_mm - 0.5 * width {
        if at > fine_mm {
            width = (width * GROWTH).min(WIDEST_CELLS * cell_mm);
        }
        at += width;
        places.push(at);
    }
    // Only what lies beyond the fine part is scaled, so that the fine cells stay as they are.
    let last_fine = places.iter().copied().filter(|&p| p <= fine_mm).fold(0.0, f64::max);
    let stretch = (to_mm - last_fine) / (at - last_fine).max(1e-12);
    places.into_iter().map(|p| if p <= last_fine { p } else { last_fine + (p - last_fine) * stretch }).collect()
}

fn even(from_mm: f64, to_mm: f64, cell_mm: f64) -> Vec<f64> {
    let count = ((to_mm - from_mm) / cell_mm).round().max(1.0) as usize;
    (0..=count).map(|n| from_mm + (to_mm - from_mm) * n as f64 / count as f64).collect()
}

/// Cells and what joins them. Metres.
pub(super) struct Mesh {
    pub(super) r: Vec<f64>,
    pub(super) z: Vec<f64>,
    pub(super) volume: Vec<f64>,
    pub(super) part: Vec<Part>,
    /// Area over distance to the next cell along r and along z, as if all were tissue.
    pub(super) to_r: Vec<f64>,
    pub(super) to_z: Vec<f64>,
    /// Area over distance to the wall below, by ring.
    pub(super) to_floor: Vec<f64>,
    /// While the probe is cold: area over distance to its surface, by cell.
    pub(super) to_surface: Vec<(usize, f64)>,
}

impl Mesh {
    pub(super) fn of(problem: &Axisymmetric) -> Self {
        const METRE: f64 = 1e-3;
        let (re, ze) = problem.edges();
        let (re, ze): (Vec<f64>, Vec<f64>) =
            (re.iter().map(|x| x * METRE).collect(), ze.iter().map(|x| x * METRE).collect());
        let middles = |e: &[f64]| e.windows(2).map(|p| 0.5 * (p[0] + p[1])).collect::<Vec<f64>>();
        let (r, z) = (middles(&re), middles(&ze));
        let pi = std::f64::consts::PI;
        let n = r.len() * z.len();
        let mut mesh = Self {
            volume: vec![0.0; n],
            part: vec![Part::Tissue; n],
            to_r: vec![0.0; n],
            to_z: vec![0.0; n],
            to_floor: Vec::new(),
            to_surface: Vec::new(),
            r,
            z,
        };
        mesh.to_floor = re.windows(2).map(|p| pi * (p[1] * p[1] - p[0] * p[0]) / (mesh.z[0] - ze[0])).collect();
        let part = |r: f64, z: f64| problem.part(r / METRE, z / METRE);
        for (j, &z) in mesh.z.iter().enumerate() {
            let height = ze[j + 1] - ze[j];
            for (i, &r) in mesh.r.iter().enumerate() {
                let at = j * mesh.r.len() + i;
                let ring = pi * (re[i + 1].powi(2) - re[i].powi(2));
                mesh.volume[at] = ring * height;
                mesh.part[at] = part(r, z);
                // Beyond the outermost cells lies the wall, half a cell away.
                let next_r = mesh.r.get(i + 1).copied().unwrap_or(re[i + 1]);
                let next_z = mesh.z.get(j + 1).copied().unwrap_or(ze[j + 1]);
                mesh.to_r[at] = 2.0 * pi * re[i + 1] * height / (next_r - r);
                mesh.to_z[at] = ring / (next_z - z);
            }
        }
        mesh.face_surface(part, &re, &ze);
        mesh
    }

    /// Joins each cell beside the cold surface to it, by its own distance: around the axis as between two cylinders, along
    /// it as between two planes.
    fn face_surface(&mut self, part: impl Fn(f64, f64) -> Part, re: &[f64], ze: &[f64]) {
        let (nr, nz) = (self.r.len(), self.z.len());
        let pi = std::f64::consts::PI;
        for j in 0..nz {
            for i in 0..nr {
                let at = j * nr + i;
                if self.part[at] != Part::Tissue {
                    continue;
                }
                let (r, z) = (self.r[i], self.z[j]);
                if i > 0 && self.part[at - 1] == Part::Cold {
                    let wall = bisected(self.r[i - 1], r, |x| part(x, z) == Part::Cold);
                    let away = (r - wall).max(NEAREST_SHARE * (re[i + 1] - re[i]));
                    self.to_surface.push((at, 2.0 * pi * (ze[j + 1] - ze[j]) / (r / (r - away)).ln()));
                }
                let ring = pi * (re[i + 1].powi(2) - re[i].powi(2));
                for other in [(j > 0).then(|| j - 1), (j + 1 < nz).then_some(j + 1)].into_iter().flatten() {
                    if self.part[other * nr + i] == Part::Cold {
                        let wall = bisected(self.z[other], z, |x| part(r, x) == Part::Cold);
                        let away = (z - wall).abs().max(NEAREST_SHARE * (ze[j + 1] - ze[j]));
                        self.to_surface.push((at, ring / away));
                    }
                }
            }
        }
    }
}

/// The place between two where something that holds at the first ceases to hold.
fn bisected(mut holds: f64, mut not: f64, test: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..40 {
        let middle = 0.5 * (holds + not);
        if test(middle) {
            holds = middle;
        } else {
            not = middle;
        }
    }
    0.5 * (holds + not)
}
