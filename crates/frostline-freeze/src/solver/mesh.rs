//! Cells, faces and what passes them, before any probe is put in.
//!
//! Heat through the face between cells a and b of one tissue: `g (theta_b - theta_a)`, `g = area / distance`, unit m.
//! Between two tissues: two half-cells in series; the temperature of the interface is the one at which both pass the
//! same heat, each with its own mean conductivity. At what is held: a half-cell in series with the film.

use rayon::prelude::*;

use super::curve::Curve;
use crate::grid::SceneGrid;
use crate::scene::{Medium, OuterFace, SceneParts};

/// Metres per millimetre.
pub(super) const METRE: f64 = 1e-3;
/// Kind of a cell that is held at a temperature; other kinds are numbers of curves.
pub(super) const HELD: u8 = u8::MAX;

/// The sources of one tissue while it lives: `perfused - slope H + made`, all in W/m3, above freezing only.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sources {
    /// Perfusion at H = 0.
    pub(super) perfused: f64,
    /// Loss of perfusion per H. Unit: 1/s.
    pub(super) slope: f64,
    /// Metabolism.
    pub(super) made: f64,
}

/// What lies on the other side of a special face.
#[derive(Clone, Copy, Debug)]
pub(super) enum Beyond {
    /// A cell of another tissue, and its half-cell (area over half width, m).
    Cell { cell: u32, half: f64 },
    /// Something held at a temperature behind a film (W/K; infinite holds the wall).
    Wall { celsius: f64, film: f64 },
}

/// A face that is not between two cells of one tissue.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpecialFace {
    pub(super) cell: u32,
    /// Area over half width of `cell`. Unit: m.
    pub(super) half: f64,
    pub(super) beyond: Beyond,
}

impl SpecialFace {
    /// Lets no heat pass any more.
    pub(super) fn shut(&mut self) {
        self.scale(0.0);
    }

    /// Passes `by` times as much.
    pub(super) fn scale(&mut self, by: f64) {
        self.half *= by;
        match &mut self.beyond {
            Beyond::Cell { half, .. } => *half *= by,
            Beyond::Wall { film, .. } if film.is_finite() => *film *= by,
            Beyond::Wall { .. } => {}
        }
    }
}

/// A cell beside special faces: which of them, and with which sign.
#[derive(Clone, Debug, Default)]
pub(super) struct Gather {
    /// Cells in storage order.
    pub(super) cells: Vec<u32>,
    /// Where the entries of each cell begin; one more than cells.
    starts: Vec<u32>,
    /// Face and sign of the heat into the cell.
    entries: Vec<(u32, f64)>,
}

impl Gather {
    fn of(faces: &[SpecialFace]) -> Self {
        let mut all: Vec<(u32, u32, f64)> = Vec::with_capacity(2 * faces.len());
        for (n, face) in faces.iter().enumerate() {
            all.push((face.cell, n as u32, 1.0));
            if let Beyond::Cell { cell, .. } = face.beyond {
                all.push((cell, n as u32, -1.0));
            }
        }
        all.sort_by_key(|&(cell, face, _)| (cell, face));
        let mut gather = Self::default();
        for (cell, face, sign) in all {
            if gather.cells.last() != Some(&cell) {
                gather.cells.push(cell);
                gather.starts.push(gather.entries.len() as u32);
            }
            gather.entries.push((face, sign));
        }
        gather.starts.push(gather.entries.len() as u32);
        gather
    }

    /// Heat into the `n`th gathered cell. Unit: W.
    pub(super) fn heat_w(&self, n: usize, heat_w: &[f64]) -> f64 {
        let range = self.starts[n] as usize..self.starts[n + 1] as usize;
        self.entries[range].iter().map(|&(face, sign)| sign * heat_w[face as usize]).sum()
    }
}

/// Cells and faces of a scene.
#[derive(Debug)]
pub(super) struct Mesh {
    pub(super) size: [usize; 3],
    pub(super) stride: [usize; 3],
    /// Unit: m3.
    pub(super) volume: Vec<f64>,
    /// Curve of each cell, or [`HELD`].
    pub(super) kind: Vec<u8>,
    pub(super) curves: Vec<Curve>,
    /// By kind; nothing for what is held.
    pub(super) sources: Vec<Sources>,
    /// Temperature of each medium that is held, by medium. Unit: °C.
    pub(super) held_c: Vec<f64>,
    /// To the next cell along x, y, z; 0 where nothing, or a special face, joins them. Unit: m.
    pub(super) g: [Vec<f64>; 3],
    pub(super) special: Vec<SpecialFace>,
    pub(super) gather: Gather,
}

impl Mesh {
    pub(super) fn of(parts: &SceneParts) -> Self {
        let grid = &parts.grid;
        let size = [grid.size().i, grid.size().j, grid.size().k];
        let mut curves = Vec::new();
        let mut sources = Vec::new();
        let mut curve_of_medium = Vec::new();
        let mut held_c = Vec::new();
        for medium in &parts.media {
            match medium {
                Medium::Tissue(tissue) => {
                    curve_of_medium.push(curves.len() as u8);
                    let curve = Curve::of(tissue);
                    let (w, qm) = (tissue.perfusion_w_per_m3_k, tissue.metabolic_w_per_m3);
                    sources.push(Sources {
                        perfused: w * (parts.arterial_c - curve.freezing_starts_c()),
                        slope: w / curve.unfrozen_capacity(),
                        made: qm,
                    });
                    curves.push(curve);
                    held_c.push(f64::NAN);
                }
                Medium::Held(held) => {
                    curve_of_medium.push(HELD);
                    held_c.push(held.celsius);
                }
            }
        }
        let kind: Vec<u8> = parts.medium.iter().map(|&m| curve_of_medium[usize::from(m)]).collect();
        let volume = (0..grid.cell_count()).map(|n| grid.volume_mm3(grid.cell(n)) * METRE * METRE * METRE).collect();
        sources.resize(usize::from(HELD) + 1, Sources::default());
        let mut mesh = Self {
            size,
            stride: [1, size[0], size[0] * size[1]],
            volume,
            g: [0, 1, 2].map(|_| vec![0.0; kind.len()]),
            kind,
            curves,
            sources,
            held_c,
            special: Vec::new(),
            gather: Gather::default(),
        };
        mesh.join(parts);
        mesh.close(parts);
        mesh.gather = Gather::of(&mesh.special);
        mesh
    }

    /// Places in storage of a row of cells along x.
    pub(super) fn row(&self, row: usize, layer: usize) -> std::ops::Range<usize> {
        let start = layer * self.stride[2] + row * self.stride[1];
        start..start + self.size[0]
    }

    /// Joins every cell to its next along each axis.
    fn join(&mut self, parts: &SceneParts) {
        let grid = &parts.grid;
        for a in 0..self.kind.len() {
            let cell = grid.cell(a);
            let at = [cell.i, cell.j, cell.k];
            for axis in 0..3 {
                if at[axis] + 1 == self.size[axis] {
                    continue;
                }
                let b = a + self.stride[axis];
                let area = face_area(grid, at, axis);
                let half_a = area / (0.5 * METRE * grid.width_mm(axis, at[axis]));
                let half_b = area / (0.5 * METRE * grid.width_mm(axis, at[axis] + 1));
                match (self.kind[a], self.kind[b]) {
                    (HELD, HELD) => {}
                    (HELD, _) => self.wall(parts, b, half_b, a, area),
                    (_, HELD) => self.wall(parts, a, half_a, b, area),
                    (ka, kb) if ka == kb => self.g[axis][a] = half_a * half_b / (half_a + half_b),
                    _ => self.special.push(SpecialFace {
                        cell: a as u32,
                        half: half_a,
                        beyond: Beyond::Cell { cell: b as u32, half: half_b },
                    }),
                }
            }
        }
    }

    /// The face between a tissue cell and a held one.
    fn wall(&mut self, parts: &SceneParts, tissue: usize, half: f64, held: usize, area: f64) {
        let Medium::Held(medium) = &parts.media[usize::from(parts.medium[held])] else { return };
        let share = stairs_share(parts, tissue, held);
        self.special.push(SpecialFace {
            cell: tissue as u32,
            half,
            beyond: Beyond::Wall { celsius: medium.celsius, film: medium.film_w_per_m2_k * area * share },
        });
    }

    /// The six faces of the box.
    fn close(&mut self, parts: &SceneParts) {
        let grid = &parts.grid;
        for a in 0..self.kind.len() {
            if self.kind[a] == HELD {
                continue;
            }
            let cell = grid.cell(a);
            let at = [cell.i, cell.j, cell.k];
            for axis in 0..3 {
                for (side, end) in [0, self.size[axis] - 1].into_iter().enumerate() {
                    let OuterFace::Held { celsius } = parts.outer[2 * axis + side] else { continue };
                    if at[axis] == end {
                        let half = face_area(grid, at, axis) / (0.5 * METRE * grid.width_mm(axis, at[axis]));
                        let beyond = Beyond::Wall { celsius, film: f64::INFINITY };
                        self.special.push(SpecialFace { cell: a as u32, half, beyond });
                    }
                }
            }
        }
    }

    /// The coldest temperature that is held anywhere; 0 °C when nothing is. Unit: °C.
    pub(super) fn coldest_held_c(&self) -> f64 {
        let walls = self.special.iter().filter_map(|face| match face.beyond {
            Beyond::Wall { celsius, .. } => Some(celsius),
            Beyond::Cell { .. } => None,
        });
        walls.fold(0.0, f64::min)
    }

    /// Heat into `cell` of every special face. Unit: W.
    pub(super) fn special_heat_w(&self, h: &[f64], heat_w: &mut [f64]) {
        heat_w
            .par_iter_mut()
            .zip(&self.special)
            .with_min_len(1024)
            .for_each(|(heat, face)| *heat = self.face_heat_w(face, h));
    }

    fn face_heat_w(&self, face: &SpecialFace, h: &[f64]) -> f64 {
        if face.half == 0.0 {
            return 0.0;
        }
        let cell = face.cell as usize;
        let curve = &self.curves[usize::from(self.kind[cell])];
        let near = Side { curve, celsius: curve.celsius(h[cell]), half: face.half };
        match face.beyond {
            Beyond::Cell { cell: other, half } => {
                let other = other as usize;
                let curve = &self.curves[usize::from(self.kind[other])];
                interface_heat_w(&near, &Side { curve, celsius: curve.celsius(h[other]), half })
            }
            Beyond::Wall { celsius, film } => wall_heat_w(&near, celsius, film),
        }
    }
}

/// Area of the face of a cell towards the next along an axis. Unit: m2.
fn face_area(grid: &SceneGrid, at: [usize; 3], axis: usize) -> f64 {
    let (p, q) = ((axis + 1) % 3, (axis + 2) % 3);
    grid.width_mm(p, at[p]) * grid.width_mm(q, at[q]) * METRE * METRE
}

/// One side of an interface.
struct Side<'a> {
    curve: &'a Curve,
    celsius: f64,
    half: f64,
}

/// Newton steps for the temperature of an interface; the heat is monotone in it, so few are needed.
const MOST_NEWTON_STEPS: usize = 8;
/// Where they stop. Unit: K.
const INTERFACE_TOLERANCE_K: f64 = 1e-9;

/// Heat from `b` into `a` across the interface of two tissues. Unit: W.
fn interface_heat_w(a: &Side, b: &Side) -> f64 {
    let (theta_a, theta_b) = (a.curve.theta_at(a.celsius), b.curve.theta_at(b.celsius));
    let mut between = series(a, b, a.celsius, b.celsius);
    for _ in 0..MOST_NEWTON_STEPS {
        let gap = a.half * (theta_a - a.curve.theta_at(between)) + b.half * (theta_b - b.curve.theta_at(between));
        let slope = a.half * a.curve.k(between) + b.half * b.curve.k(between);
        let step = gap / slope;
        between += step;
        if step.abs() < INTERFACE_TOLERANCE_K {
            break;
        }
    }
    b.half * (theta_b - b.curve.theta_at(between))
}

/// Temperature between two half-cells in series with the conductivities of their nodes.
fn series(a: &Side, b: &Side, a_c: f64, b_c: f64) -> f64 {
    let (ga, gb) = (a.half * a.curve.k(a_c), b.half * b.curve.k(b_c));
    (ga * a_c + gb * b_c) / (ga + gb)
}

/// Heat from what is held into the cell through its film. Unit: W.
fn wall_heat_w(cell: &Side, celsius: f64, film: f64) -> f64 {
    let theta = cell.curve.theta_at(cell.celsius);
    if film.is_infinite() {
        return cell.half * (cell.curve.theta_at(celsius) - theta);
    }
    let g = cell.half * cell.curve.k(cell.celsius);
    let mut wall = (g * cell.celsius + film * celsius) / (g + film);
    for _ in 0..MOST_NEWTON_STEPS {
        let gap = cell.half * (theta - cell.curve.theta_at(wall)) + film * (celsius - wall);
        let step = gap / (cell.half * cell.curve.k(wall) + film);
        wall += step;
        if step.abs() < INTERFACE_TOLERANCE_K {
            break;
        }
    }
    film * (celsius - wall)
}

/// Cells on each side of a face over which the run of a wall is judged.
const WALL_REACH: isize = 3;

/// True area of a wall over the area of the stairs that stand for it: `1 / (|nx| + |ny| + |nz|)` with the unit normal n,
/// found from where tissue and the held medium lie within three cells (Gaussian weights). 1 for a wall square to an axis.
fn stairs_share(parts: &SceneParts, tissue: usize, held: usize) -> f64 {
    let grid = &parts.grid;
    let size = grid.size();
    let (t, h) = (grid.cell(tissue), grid.cell(held));
    let middle = grid.centre(t).towards(grid.centre(h), 0.5);
    let width = grid.centre(t).distance(grid.centre(h));
    let mut normal = crate::SceneVector::new(0.0, 0.0, 0.0);
    let range = |x: usize, y: usize, n: usize| {
        let low = x.min(y).saturating_sub(WALL_REACH as usize);
        low..(x.max(y) + WALL_REACH as usize + 1).min(n)
    };
    for k in range(t.k, h.k, size.k) {
        for j in range(t.j, h.j, size.j) {
            for i in range(t.i, h.i, size.i) {
                let cell = frostline_space::VoxelIndex::new(i, j, k);
                let away = grid.centre(cell) - middle;
                let offset = grid.offset(cell);
                let outside = matches!(parts.media[usize::from(parts.medium[offset])], Medium::Held(_));
                let near = (-away.dot(away) / (2.0 * 1.5 * 1.5 * width * width)).exp() * grid.volume_mm3(cell);
                normal = normal + away * if outside { near } else { -near };
            }
        }
    }
    normal.direction().map_or(1.0, |n| {
        let n = n.as_vector();
        1.0 / (n.x.abs() + n.y.abs() + n.z.abs())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::TemperatureTable;
    use crate::tissue::Tissue;

    fn tissue(unfrozen: f64, frozen: f64) -> Tissue {
        Tissue {
            name: "test".into(),
            density_kg_per_m3: 1000.0,
            unfrozen_w_per_m_k: unfrozen,
            unfrozen_j_per_kg_k: 3600.0,
            frozen_w_per_m_k: TemperatureTable::constant(frozen),
            frozen_j_per_kg_k: TemperatureTable::constant(1800.0),
            freezing_starts_c: -1.0,
            freezing: crate::Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 },
            lipid: None,
            perfusion_w_per_m3_k: 0.0,
            metabolic_w_per_m3: 0.0,
        }
    }

    #[test]
    fn an_interface_passes_the_heat_of_two_resistances_in_series() {
        let (a, b) = (Curve::of(&tissue(0.5, 2.0)), Curve::of(&tissue(0.2, 0.3)));
        let heat = interface_heat_w(
            &Side { curve: &a, celsius: 10.0, half: 2.0 },
            &Side { curve: &b, celsius: 30.0, half: 3.0 },
        );
        // 20 K over 1/(2 x 0.5) + 1/(3 x 0.2) = 2.6667 K/W.
        assert!((heat - 7.5).abs() < 1e-9, "{heat}");
    }

    #[test]
    fn a_half_frozen_interface_passes_equal_heat_on_both_sides() {
        let (a, b) = (Curve::of(&tissue(0.5, 2.0)), Curve::of(&tissue(0.2, 0.3)));
        let (cold, warm) =
            (Side { curve: &a, celsius: -60.0, half: 2.0 }, Side { curve: &b, celsius: 20.0, half: 3.0 });
        let there = interface_heat_w(&cold, &warm);
        let back = interface_heat_w(&warm, &cold);
        assert!((there + back).abs() < 1e-6, "{there} {back}");
        assert!(there > 0.0);
    }

    #[test]
    fn a_film_and_a_half_cell_share_the_drop() {
        let curve = Curve::of(&tissue(0.5, 2.0));
        let side = Side { curve: &curve, celsius: 35.0, half: 2.0 };
        // 15 K over 1/(2 x 0.5) + 1/1 = 2 K/W.
        assert!((wall_heat_w(&side, 20.0, 1.0) + 7.5).abs() < 1e-9);
        assert!((wall_heat_w(&side, 20.0, f64::INFINITY) + 15.0).abs() < 1e-9);
    }
}
