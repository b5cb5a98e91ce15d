//! Cells, faces and what passes them, before any probe is put in.
//!
//! Cells are stored in one row after the other, x fastest, filled up to whole blocks; fields that are read from
//! neighbours have a layer of nothing before and behind. A face passes `g (psi_b - psi_a)` W; see [`super::lookup`] for psi.
//! Between two warm tissues g is that of two half-cells in series, which is exact; when one of them is cold the face bends
//! ([`super::interface`]).

mod joining;

use rayon::prelude::*;

use super::curve::Curve;
use super::lookup::Lookup;
use crate::grid::SceneGrid;
use crate::scene::{Medium, OuterFace, SceneParts};
use joining::Joint;

/// Metres per millimetre.
pub(super) const METRE: f64 = 1e-3;
/// Kind of a cell that is held at a temperature; other kinds are numbers of curves.
pub(super) const HELD: u8 = u8::MAX;
/// Cells of a block: as many as the widest registers hold.
pub(super) const BLOCK: usize = 16;
/// Cells that begin to work or rest together: as many as a register of the kernel holds.
pub(super) const UNIT: usize = BLOCK / 2;
/// The state of cells that hold no tissue: so warm that no table is ever asked.
pub(super) const NOTHING_U: f32 = 1000.0;

/// The sources of one tissue while blood flows: `made - slope psi`, above freezing only. Unit: K/s and 1/s.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sources {
    pub(crate) made: f32,
    pub(crate) slope: f32,
}

/// One tissue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kind {
    pub(crate) curve: Curve,
    pub(crate) lookup: Lookup,
    pub(crate) sources: Sources,
}

/// A face between two tissues.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interface {
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) axis: u8,
    /// Area over half width of either cell. Unit: m.
    pub(super) half_a: f64,
    pub(super) half_b: f64,
    /// Its temperature when it last bent. Unit: °C.
    pub(super) celsius: f32,
}

/// A face between tissue and what is held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wall {
    pub(super) cell: u32,
    pub(super) half: f64,
    pub(super) beyond: super::interface::Beyond,
}

/// When cells are weighed and joined to their neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joining {
    /// All of them at once.
    AtOnce,
    /// When they begin to work; until then nothing is stored of them, and their faces pass nothing.
    AsTheyWake,
}

/// Cells and faces of a scene.
#[derive(Debug)]
pub(super) struct Mesh {
    pub(super) size: [usize; 3],
    pub(super) stride: [usize; 3],
    /// Cells of the grid.
    pub(super) count: usize,
    /// Cells stored: whole blocks.
    pub(super) stored: usize,
    /// Places before the first cell in fields that are read from neighbours.
    pub(super) pad: usize,
    /// Curve of each cell, or [`HELD`].
    pub(super) kind: Vec<u8>,
    pub(super) kinds: Vec<Kind>,
    /// Heat capacity of a cell above freezing, and its inverse; 0 where nothing is stored. Unit: J/K, K/J.
    pub(super) capacity: Vec<f32>,
    pub(super) per_capacity: Vec<f32>,
    /// To the next cell along x, y, z, padded; 0 where nothing joins them. Unit: W/K.
    pub(super) g: [Vec<f32>; 3],
    pub(super) interfaces: Vec<Interface>,
    pub(super) walls: Vec<Wall>,
    /// At or above this u no cell asks a table.
    pub(super) linear_above_u: f32,
    /// Widths of cells along x, y and z. Unit: m.
    width_m: [Vec<f64>; 3],
    /// What is known of units that are joined as they wake; `None` where all are joined at once.
    joined: Option<Vec<Joint>>,
    /// What faces between cells of one kind pass along each axis over capacity, where all cells are of one size. Unit: 1/s.
    pub(super) even: Vec<[f32; 3]>,
}

impl Mesh {
    pub(super) fn of(parts: &SceneParts, joining: Joining) -> Self {
        let grid = &parts.grid;
        let size = [grid.size().i, grid.size().j, grid.size().k];
        let stride = [1, size[0], size[0] * size[1]];
        let count = grid.cell_count();
        let stored = count.next_multiple_of(BLOCK);
        let (kinds, curve_of_medium) = kinds(parts);
        let mut kind = vec![HELD; stored];
        for (kind, &m) in kind.iter_mut().zip(&parts.medium) {
            *kind = curve_of_medium[usize::from(m)];
        }
        let pad = stride[2].next_multiple_of(BLOCK);
        let linear_above_u = kinds.iter().map(|k| k.lookup.linear_above_u).fold(f32::NEG_INFINITY, f32::max);
        let mut mesh = Self {
            size,
            stride,
            count,
            stored,
            pad,
            kind,
            kinds,
            capacity: vec![0.0; stored],
            per_capacity: vec![0.0; stored],
            g: [0, 1, 2].map(|_| vec![0.0; stored + 2 * pad]),
            interfaces: Vec::new(),
            walls: Vec::new(),
            linear_above_u,
            width_m: widths_m(grid),
            joined: (joining == Joining::AsTheyWake).then(|| vec![Joint::Not; stored / UNIT]),
            even: Vec::new(),
        };
        mesh.even = mesh.even();
        if mesh.joined.is_none() {
            mesh.weigh();
        }
        mesh.join(parts);
        mesh.close(parts);
        mesh.walls.sort_by_key(|wall| wall.cell);
        mesh
    }

    /// Curve and table of a cell that holds tissue.
    pub(super) fn kind_of(&self, cell: usize) -> &Kind {
        &self.kinds[usize::from(self.kind[cell])]
    }

    /// The conductance to the next cell along an axis. Unit: W/K.
    pub(super) fn g_at(&self, axis: usize, cell: usize) -> f32 {
        self.g[axis][self.pad + cell]
    }

    /// Where a cell lies along x, y and z.
    pub(super) fn place(&self, cell: usize) -> [usize; 3] {
        let [nx, ny, _] = self.size;
        [cell % nx, cell / nx % ny, cell / (nx * ny)]
    }

    /// Heat capacity; `None` where nothing is stored. Unit: J/K.
    fn plain_capacity(&self, cell: usize) -> Option<f64> {
        if self.kind[cell] == HELD {
            return None;
        }
        let [i, j, k] = self.place(cell);
        let volume = self.width_m[0][i] * self.width_m[1][j] * self.width_m[2][k];
        Some(volume * self.kind_of(cell).lookup.capacity())
    }

    /// What the face of a cell towards the next one along an axis passes while both are warm; 0 where one of them is held.
    /// Unit: W/K.
    fn plain_g(&self, axis: usize, at: [usize; 3], cell: usize) -> f32 {
        let (ka, kb) = (self.kind[cell], self.kind[cell + self.stride[axis]]);
        if ka == HELD || kb == HELD {
            return 0.0;
        }
        let (_, half_a, half_b) = self.halves(axis, at);
        self.in_series((half_a, ka), (half_b, kb))
    }

    /// Area of the face towards the next cell along an axis (m2), and area over half width of either cell (m).
    fn halves(&self, axis: usize, at: [usize; 3]) -> (f64, f64, f64) {
        let (width, p, q) = (&self.width_m, (axis + 1) % 3, (axis + 2) % 3);
        let area = width[p][at[p]] * width[q][at[q]];
        (area, 2.0 * area / width[axis][at[axis]], 2.0 * area / width[axis][at[axis] + 1])
    }

    fn in_series(&self, (half_a, ka): (f64, u8), (half_b, kb): (f64, u8)) -> f32 {
        let ga = half_a * self.kinds[usize::from(ka)].lookup.conductivity();
        let gb = half_b * self.kinds[usize::from(kb)].lookup.conductivity();
        (ga * gb / (ga + gb)) as f32
    }

    /// Heat capacities.
    fn weigh(&mut self) {
        for n in 0..self.count {
            if let Some(capacity) = self.plain_capacity(n) {
                self.capacity[n] = capacity as f32;
                self.per_capacity[n] = (1.0 / capacity) as f32;
            }
        }
    }

    /// Joins every cell to its next along each axis, and finds faces between two media.
    fn join(&mut self, parts: &SceneParts) {
        let (pad, is_now) = (self.pad, self.joined.is_none());
        if !is_now && parts.media.len() == 1 {
            return;
        }
        for axis in 0..3 {
            let mut g = std::mem::take(&mut self.g[axis]);
            let layers = g[pad..pad + self.count].par_chunks_mut(self.stride[2]).enumerate();
            let joints: Vec<Joints> =
                layers.map(|(k, g)| self.join_layer(parts, axis, k, is_now.then_some(g))).collect();
            self.g[axis] = g;
            for joint in joints {
                self.interfaces.extend(joint.interfaces);
                self.walls.extend(joint.walls);
            }
        }
    }

    /// Without a layer of `g` only special faces are found.
    fn join_layer(&self, parts: &SceneParts, axis: usize, k: usize, mut g: Option<&mut [f32]>) -> Joints {
        let mut joints = Joints::default();
        let [nx, ny, nz] = self.size;
        let limit = [nx, ny, nz][axis];
        for j in 0..ny {
            for i in 0..nx {
                let at = [i, j, k];
                if at[axis] + 1 == limit {
                    continue;
                }
                let local = j * nx + i;
                let a = k * self.stride[2] + local;
                let b = a + self.stride[axis];
                let (ka, kb) = (self.kind[a], self.kind[b]);
                if ka == kb && (ka == HELD || g.is_none()) {
                    continue;
                }
                let (area, half_a, half_b) = self.halves(axis, at);
                match (ka, kb) {
                    (HELD, _) => joints.walls.extend(wall(parts, b, half_b, a, area)),
                    (_, HELD) => joints.walls.extend(wall(parts, a, half_a, b, area)),
                    _ => {
                        if let Some(g) = &mut g {
                            g[local] = self.in_series((half_a, ka), (half_b, kb));
                        }
                        if ka != kb {
                            let (a, b) = (a as u32, b as u32);
                            let face = Interface { a, b, axis: axis as u8, half_a, half_b, celsius: 0.0 };
                            joints.interfaces.push(face);
                        }
                    }
                }
            }
        }
        joints
    }

    /// The six faces of the box.
    fn close(&mut self, parts: &SceneParts) {
        let width = &self.width_m;
        for axis in 0..3 {
            let (p, q) = ((axis + 1) % 3, (axis + 2) % 3);
            for (side, end) in [0, self.size[axis] - 1].into_iter().enumerate() {
                let OuterFace::Held { celsius } = parts.outer[2 * axis + side] else { continue };
                for m in 0..self.size[q] {
                    for n in 0..self.size[p] {
                        let cell = end * self.stride[axis] + n * self.stride[p] + m * self.stride[q];
                        if self.kind[cell] != HELD {
                            let half = 2.0 * width[p][n] * width[q][m] / width[axis][end];
                            let beyond = super::interface::Beyond { celsius, film: f64::INFINITY };
                            self.walls.push(Wall { cell: cell as u32, half, beyond });
                        }
                    }
                }
            }
        }
    }

    /// The coldest temperature that is held anywhere; 0 °C when nothing is. Unit: °C.
    pub(super) fn coldest_held_c(&self) -> f64 {
        self.walls.iter().map(|wall| wall.beyond.celsius).fold(0.0, f64::min)
    }
}

/// Special faces of one layer.
#[derive(Default)]
struct Joints {
    interfaces: Vec<Interface>,
    walls: Vec<Wall>,
}

/// Tissues of the scene, and the tissue of each medium (or [`HELD`]).
fn kinds(parts: &SceneParts) -> (Vec<Kind>, Vec<u8>) {
    let (mut kinds, mut of_medium) = (Vec::new(), Vec::new());
    for medium in &parts.media {
        match medium {
            Medium::Tissue(tissue) => {
                of_medium.push(kinds.len() as u8);
                let curve = Curve::of(tissue);
                let lookup = Lookup::of(&curve, &tissue.freezing, parts.arterial_c);
                let per_capacity = 1.0 / lookup.capacity();
                let (w, made) = (tissue.perfusion_w_per_m3_k, tissue.metabolic_w_per_m3);
                let sources = Sources { made: (made * per_capacity) as f32, slope: (w * per_capacity) as f32 };
                kinds.push(Kind { curve, lookup, sources });
            }
            Medium::Held(_) => of_medium.push(HELD),
        }
    }
    (kinds, of_medium)
}

/// Widths of cells along x, y and z. Unit: m.
fn widths_m(grid: &SceneGrid) -> [Vec<f64>; 3] {
    [0, 1, 2].map(|axis| grid.edges_mm()[axis].windows(2).map(|p| (p[1] - p[0]) * METRE).collect())
}

/// The face between a tissue cell and a held one. Unit of `area`: m2.
fn wall(parts: &SceneParts, tissue: usize, half: f64, held: usize, area: f64) -> Option<Wall> {
    let Medium::Held(medium) = &parts.media[usize::from(parts.medium[held])] else { return None };
    let film = medium.film_w_per_m2_k * area;
    let film = if film.is_finite() { film * stairs_share(parts, tissue, held) } else { film };
    Some(Wall { cell: tissue as u32, half, beyond: super::interface::Beyond { celsius: medium.celsius, film } })
}

/// Cells on each side of a face over which the run of a wall is judged.
const WALL_REACH: usize = 3;
/// Width of the bell that weighs them, in cells.
const WALL_BELL: f64 = 1.5;

/// True area of a wall over the area of the stairs that stand for it: `1 / (|nx| + |ny| + |nz|)` with the unit normal n,
/// found from where tissue and the held medium lie within three cells (Gaussian weights). 1 for a wall square to an axis.
fn stairs_share(parts: &SceneParts, tissue: usize, held: usize) -> f64 {
    let grid = &parts.grid;
    let (t, h) = (grid.cell(tissue), grid.cell(held));
    let middle = grid.centre(t).towards(grid.centre(h), 0.5);
    let width = grid.centre(t).distance(grid.centre(h));
    // The bell is a product of one along each axis, each times the width of the cell: weight and distance.
    let bell = |axis: usize, x: usize, y: usize, from: f64| -> (usize, Vec<(f64, f64)>) {
        let low = x.min(y).saturating_sub(WALL_REACH);
        let high = (x.max(y) + WALL_REACH + 1).min(grid.centres_mm()[axis].len());
        let cells = (low..high).map(|n| {
            let away = grid.centres_mm()[axis][n] - from;
            ((-away * away / (2.0 * (WALL_BELL * width).powi(2))).exp() * grid.width_mm(axis, n), away)
        });
        (low, cells.collect())
    };
    let (i0, along_x) = bell(0, t.i, h.i, middle.x);
    let (j0, along_y) = bell(1, t.j, h.j, middle.y);
    let (k0, along_z) = bell(2, t.k, h.k, middle.z);
    let size = grid.size();
    let mut normal = [0.0; 3];
    for (k, &(wz, z)) in along_z.iter().enumerate() {
        for (j, &(wy, y)) in along_y.iter().enumerate() {
            let row = ((k0 + k) * size.j + j0 + j) * size.i + i0;
            for (i, &(wx, x)) in along_x.iter().enumerate() {
                let outside = matches!(parts.media[usize::from(parts.medium[row + i])], Medium::Held(_));
                let weight = if outside { wx * wy * wz } else { -wx * wy * wz };
                normal = [normal[0] + weight * x, normal[1] + weight * y, normal[2] + weight * z];
            }
        }
    }
    let [x, y, z] = normal.map(f64::abs);
    let length = (x * x + y * y + z * z).sqrt();
    if length > 0.0 { length / (x + y + z) } else { 1.0 }
}
