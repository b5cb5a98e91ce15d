//! Links between probes and cells that are true at any offset and tilt.
//!
//! Near a probe the temperature bends so sharply that a difference between two cell centres does not give the flux. But
//! close to the probe the field has settled to the shape `phi` of its steady field ([`Potential`]), so every face within
//! three cells passes `g = (flux of phi through the face) / (difference of phi between the nodes)` instead of area over
//! distance. The grid then reproduces the steady field at its nodes exactly. A cell that the cold surface crosses gets
//! a link to it, with what its faces leave over: `g = (net flux of phi out of the cell) / phi`. A cell whose centre lies
//! inside the probe, or so close that its link would be stiff, is covered: it has the temperature of the surface.

mod near;

use super::mesh::{HELD, METRE, Mesh, UNIT};
use super::potential::{Potential, Where};
use crate::ScenePoint;
use crate::grid::SceneGrid;
use near::Near;

/// Heat into a cell: `g (theta of the surface - theta of the cell)`. Unit of g: m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Link {
    pub(super) cell: u32,
    pub(super) g: f64,
}

/// What one probe is joined to.
#[derive(Clone, Debug, Default)]
pub(super) struct Coupling {
    pub(super) links: Vec<Link>,
    pub(super) captured: Vec<u32>,
}

/// What insulated parts of probes take away.
#[derive(Clone, Debug, Default)]
pub(super) struct Cut {
    /// Cells that hold nothing any more, sorted.
    pub(super) closed: Vec<u32>,
    /// Cells that hold less, sorted, and the share that is left.
    pub(super) narrowed: Vec<(u32, f32)>,
}

/// How probes that act together change the mesh.
#[derive(Clone, Debug, Default)]
pub(super) struct Assembly {
    /// In the order of the probes.
    pub(super) couplings: Vec<Coupling>,
    /// Faces by axis and cell, and what they pass (W/K).
    faces: Vec<(u8, u32, f32)>,
    /// Faces between tissues by number, and what they pass over what they passed before.
    interfaces: Vec<(u32, f64)>,
    /// Walls of covered cells, by number.
    shut: Vec<u32>,
}

/// What an assembly replaced in a mesh.
#[derive(Clone, Debug, Default)]
pub(super) struct Replaced {
    /// Faces by axis and cell, and what they passed (W/K).
    faces: Vec<(u8, u32, f32)>,
    /// Halves of faces between tissues, and of walls, by number (m).
    interfaces: Vec<(u32, f64, f64)>,
    walls: Vec<(u32, f64)>,
}

impl Replaced {
    /// Puts everything back, also what bent since then.
    pub(super) fn restore(&mut self, mesh: &mut Mesh) {
        for (number, half_a, half_b) in self.interfaces.drain(..) {
            let face = &mut mesh.interfaces[number as usize];
            (face.half_a, face.half_b) = (half_a, half_b);
        }
        for (number, half) in self.walls.drain(..) {
            mesh.walls[number as usize].half = half;
        }
        mesh.unbend();
        for (axis, cell, g) in self.faces.drain(..) {
            mesh.g[usize::from(axis)][mesh.pad + cell as usize] = g;
        }
    }
}

impl Assembly {
    /// Changes a mesh that holds no probe that acts, and writes down what was there.
    pub(super) fn apply(&self, mesh: &mut Mesh, replaced: &mut Replaced) {
        for &(axis, cell, g) in &self.faces {
            let face = &mut mesh.g[usize::from(axis)][mesh.pad + cell as usize];
            replaced.faces.push((axis, cell, std::mem::replace(face, g)));
        }
        for &(number, share) in &self.interfaces {
            let face = &mut mesh.interfaces[number as usize];
            replaced.interfaces.push((number, face.half_a, face.half_b));
            (face.half_a, face.half_b) = (face.half_a * share, face.half_b * share);
        }
        for &number in &self.shut {
            let wall = &mut mesh.walls[number as usize];
            replaced.walls.push((number, std::mem::replace(&mut wall.half, 0.0)));
        }
    }

    /// Cells on both sides of the faces that change.
    pub(super) fn changed_cells(&self, stride: [usize; 3]) -> impl Iterator<Item = usize> {
        self.faces.iter().flat_map(move |&(axis, cell, _)| [cell as usize, cell as usize + stride[usize::from(axis)]])
    }
}

/// Quadrature points along each side of a face close to the surface, and of one farther away.
const POINTS: usize = 6;

/// A cell of which less is open than this is closed: it would be stiff.
const LEAST_OPEN: f64 = 0.25;
/// A warm shaft is followed in steps of this. Unit: mm.
const SHAFT_STEP_MM: f64 = 0.25;
/// A ring thinner than this (`ln(r/a)`) counts as this thick, so that its link is never stiff.
const LEAST_LOG: f64 = 0.7;

/// The geometry that links are made on.
#[derive(Debug)]
pub(super) struct Links {
    grid: SceneGrid,
    stride: [usize; 3],
}

impl Links {
    pub(super) fn new(grid: &SceneGrid, mesh: &Mesh) -> Self {
        Self { grid: grid.clone(), stride: mesh.stride }
    }

    pub(super) fn strides(&self) -> [usize; 3] {
        self.stride
    }

    fn centre(&self, cell: usize) -> ScenePoint {
        self.grid.centre(self.grid.cell(cell))
    }

    /// Conductance of the face to the next cell in the plain grid; 0 where no tissue lies on both sides. Unit: m.
    fn plain_g(&self, mesh: &Mesh, axis: usize, cell: usize) -> f64 {
        let index = self.grid.cell(cell);
        let at = [index.i, index.j, index.k];
        if at[axis] + 1 == mesh.size[axis] || mesh.kind[cell] == HELD || mesh.kind[cell + self.stride[axis]] == HELD {
            return 0.0;
        }
        let (p, q) = ((axis + 1) % 3, (axis + 2) % 3);
        let apart = 0.5 * (self.grid.width_mm(axis, at[axis]) + self.grid.width_mm(axis, at[axis] + 1));
        self.grid.width_mm(p, at[p]) * self.grid.width_mm(q, at[q]) / apart * METRE
    }

    /// Cuts insulated parts of probes out of the mesh: cells and faces keep their open share, and a cell of which hardly
    /// anything is open is closed.
    pub(super) fn cut_insulated(&self, mesh: &mut Mesh, potentials: &[Potential]) -> Cut {
        let mut cut = Cut::default();
        // What is cut is joined first, and everything beside it, so that no face is joined anew later on.
        let mut units: Vec<u32> = Vec::new();
        for potential in potentials.iter().filter(|potential| potential.is_partly_insulated()) {
            for cell in potential.body_box().map(|around| self.cells_in(around)).unwrap_or_default() {
                if self.may_cut(potential, cell) {
                    let beside = self.stride.iter().flat_map(|&by| [cell.saturating_sub(by), cell + by]);
                    units.extend(
                        beside.chain([cell]).filter(|&cell| cell < mesh.count).map(|cell| (cell / UNIT) as u32),
                    );
                }
            }
        }
        mesh.wake(&units);
        mesh.change(units.iter().map(|&unit| unit as usize * UNIT));
        for potential in potentials {
            let Some(around) = potential.body_box() else { continue };
            for cell in self.cells_in(around) {
                if mesh.kind[cell] == HELD || !self.may_cut(potential, cell) {
                    continue;
                }
                let open = self.open_volume(potential, cell);
                if open < LEAST_OPEN {
                    cut.closed.push(cell as u32);
                } else if open < 1.0 {
                    mesh.capacity[cell] *= open as f32;
                    mesh.per_capacity[cell] /= open as f32;
                    cut.narrowed.push((cell as u32, open as f32));
                }
                for axis in 0..3 {
                    // A face between two tissues is judged as a whole.
                    let is_plain =
                        mesh.g_at(axis, cell) > 0.0 && mesh.kind[cell] == mesh.kind[cell + self.stride[axis]];
                    if is_plain {
                        let share = self.open_share(potential, cell, axis);
                        mesh.g[axis][mesh.pad + cell] *= share as f32;
                    }
                }
            }
        }
        cut.closed.sort_unstable();
        cut.closed.dedup();
        let is_closed = |cell: u32| cut.closed.binary_search(&cell).is_ok();
        cut.narrowed.retain(|&(cell, _)| !is_closed(cell));
        cut.narrowed.sort_unstable_by_key(|&(cell, _)| cell);
        for &cell in &cut.closed {
            for axis in 0..3 {
                let at = mesh.pad + cell as usize;
                mesh.g[axis][at] = 0.0;
                mesh.g[axis][at - self.stride[axis]] = 0.0;
            }
            (mesh.capacity[cell as usize], mesh.per_capacity[cell as usize]) = (0.0, 0.0);
        }
        mesh.interfaces.retain(|face| !is_closed(face.a) && !is_closed(face.b));
        mesh.walls.retain(|wall| !is_closed(wall.cell));
        cut
    }

    /// Share of a cell that lies outside insulated parts.
    fn open_volume(&self, potential: &Potential, cell: usize) -> f64 {
        let index = self.grid.cell(cell);
        let edges = self.grid.edges_mm();
        let along = |axis: usize, at: usize, n: usize| {
            edges[axis][at] + self.grid.width_mm(axis, at) * (n as f64 + 0.5) / POINTS as f64
        };
        let mut open = 0;
        for n in 0..POINTS * POINTS * POINTS {
            let (x, y, z) = (n % POINTS, n / POINTS % POINTS, n / (POINTS * POINTS));
            let place = ScenePoint::new(along(0, index.i, x), along(1, index.j, y), along(2, index.k, z));
            open += usize::from(potential.locate(place) != Where::Insulated);
        }
        open as f64 / (POINTS * POINTS * POINTS) as f64
    }

    /// True when the insulated part of a probe may reach into the cell or its faces.
    fn may_cut(&self, potential: &Potential, cell: usize) -> bool {
        potential.axis_distance_mm(self.centre(cell)) < potential.radius_mm() + 2.0 * self.half_diagonal_mm(cell)
    }

    fn half_diagonal_mm(&self, cell: usize) -> f64 {
        let index = self.grid.cell(cell);
        let at = [index.i, index.j, index.k];
        0.5 * (0..3).map(|a| self.grid.width_mm(a, at[a]).powi(2)).sum::<f64>().sqrt()
    }

    /// Links of a shaft that is kept warm to the cells around it. Unlike those of the cold surface they are not made from
    /// a solved field: a cell that the axis crosses is a ring around it, `2 pi length / ln(r/a)`, and a cell beside a
    /// closed one is reached through the open half of the face.
    pub(super) fn warm_shaft(&self, plain: &Mesh, potential: &Potential, closed: &[u32]) -> Vec<Link> {
        let is_closed = |cell: usize| closed.binary_search(&(cell as u32)).is_ok();
        let mut links = Vec::new();
        for place in potential.along_shaft(SHAFT_STEP_MM) {
            let Some(index) = self.grid.cell_at(place) else { continue };
            let cell = self.grid.offset(index);
            if !is_closed(cell) {
                let r = potential.axis_distance_mm(self.grid.centre(index)) / potential.radius_mm();
                let g = std::f64::consts::TAU * SHAFT_STEP_MM * METRE / r.ln().max(LEAST_LOG);
                links.push(Link { cell: cell as u32, g });
            }
        }
        for &cell in closed {
            let cell = cell as usize;
            if potential.locate(self.centre(cell)) != Where::Insulated {
                continue;
            }
            for axis in 0..3 {
                let (next, g_next) = (cell + self.stride[axis], self.plain_g(plain, axis, cell));
                if g_next > 0.0 && !is_closed(next) {
                    links.push(Link { cell: next as u32, g: 2.0 * g_next });
                }
                if cell >= self.stride[axis] {
                    let before = cell - self.stride[axis];
                    let g_before = self.plain_g(plain, axis, before);
                    if g_before > 0.0 && !is_closed(before) {
                        links.push(Link { cell: before as u32, g: 2.0 * g_before });
                    }
                }
            }
        }
        links
    }

    /// Share of the face to the next cell that lies outside insulated parts.
    fn open_share(&self, potential: &Potential, cell: usize, axis: usize) -> f64 {
        let mut open = 0;
        let counts = |place| open += usize::from(potential.locate(place) != Where::Insulated);
        self.on_face(cell, axis, POINTS, counts);
        open as f64 / (POINTS * POINTS) as f64
    }

    /// Calls `f` at the quadrature points of the face to the next cell; returns the area of each. Unit: mm2.
    fn on_face(&self, cell: usize, axis: usize, points: usize, mut f: impl FnMut(ScenePoint)) -> f64 {
        let index = self.grid.cell(cell);
        let at = [index.i, index.j, index.k];
        let edges = self.grid.edges_mm();
        let (p, q) = ((axis + 1) % 3, (axis + 2) % 3);
        let along = |axis: usize, n: usize| {
            let (low, high) = (edges[axis][at[axis]], edges[axis][at[axis] + 1]);
            low + (high - low) * (n as f64 + 0.5) / points as f64
        };
        for m in 0..points {
            for n in 0..points {
                let mut place = [0.0; 3];
                place[axis] = edges[axis][at[axis] + 1];
                place[p] = along(p, m);
                place[q] = along(q, n);
                f(ScenePoint::new(place[0], place[1], place[2]));
            }
        }
        self.grid.width_mm(p, at[p]) * self.grid.width_mm(q, at[q]) / (points * points) as f64
    }

    /// Cells whose centres lie in a box.
    fn cells_in(&self, within: crate::SceneBox) -> Vec<usize> {
        let range = |axis: usize| {
            let centres = &self.grid.centres_mm()[axis];
            let low = centres.partition_point(|&c| c < crate::grid::coordinate(within.least, axis));
            low..centres.partition_point(|&c| c <= crate::grid::coordinate(within.most, axis))
        };
        let mut cells = Vec::new();
        for k in range(2) {
            for j in range(1) {
                cells.extend(range(0).map(|i| i + j * self.stride[1] + k * self.stride[2]));
            }
        }
        cells
    }

    /// How the probes that act are joined to a mesh without any; one coupling per probe.
    pub(super) fn assemble(&self, mesh: &Mesh, potentials: &[&Potential]) -> Assembly {
        let mut near = Near::around(self, mesh, potentials);
        // Each round covers at least one more cell, so this ends.
        let couplings = loop {
            let (couplings, stiff) = near.couple(self);
            if stiff.is_empty() {
                break couplings;
            }
            for (number, probe) in stiff {
                near.cover(self, number, probe);
            }
        };
        near.written(self, mesh, couplings)
    }

    /// Widest cell that the cold surface passes. Unit: mm.
    fn width_around(&self, potential: &Potential) -> f64 {
        let mut widest = self.grid.finest_mm();
        for place in potential.along_axis(&self.grid.outer_box()) {
            if let Some(cell) = self.grid.cell_at(place) {
                let at = [cell.i, cell.j, cell.k];
                widest = (0..3).map(|a| self.grid.width_mm(a, at[a])).fold(widest, f64::max);
            }
        }
        widest
    }
}
