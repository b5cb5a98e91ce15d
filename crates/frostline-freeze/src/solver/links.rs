//! Links between probes and cells that are true at any offset and tilt.
//!
//! Near a probe the temperature bends so sharply that a difference between two cell centres does not give the flux. But
//! close to the probe the field has settled to the shape `phi` of its steady field ([`Potential`]), so every face within
//! three cells passes `g = (flux of phi through the face) / (difference of phi between the nodes)` instead of area over
//! distance. The grid then reproduces the steady field at its nodes exactly. A cell that the cold surface crosses gets
//! a link to it, with what its faces leave over: `g = (net flux of phi out of the cell) / phi`. A cell whose centre lies
//! inside the probe, or so close that its link would be stiff, is covered: it has the temperature of the surface.

use rayon::prelude::*;

use super::mesh::{HELD, METRE, Mesh};
use super::potential::{Potential, Where};
use crate::ScenePoint;
use crate::grid::SceneGrid;

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

impl Assembly {
    /// Changes a mesh that holds no probe that acts.
    pub(super) fn apply(&self, mesh: &mut Mesh) {
        for &(axis, cell, g) in &self.faces {
            mesh.g[usize::from(axis)][mesh.pad + cell as usize] = g;
        }
        for &(number, share) in &self.interfaces {
            let face = &mut mesh.interfaces[number as usize];
            (face.half_a, face.half_b) = (face.half_a * share, face.half_b * share);
        }
        for &number in &self.shut {
            mesh.walls[number as usize].half = 0.0;
        }
    }
}

/// Cells on each side of a probe whose faces are corrected.
const REACH_CELLS: f64 = 3.0;
/// Largest and smallest correction of a face.
const WEIGHT_RANGE: (f64, f64) = (0.2, 3.0);
/// A face along which the field hardly changes keeps its own conductance: below this share of the steepest change.
const FLAT_SHARE: f64 = 0.05;
/// Quadrature points along each side of a face close to the surface, and of one farther away.
const POINTS: usize = 6;
const FAR_POINTS: usize = 3;
/// What is close, in cells.
const CLOSE_CELLS: f64 = 1.5;
/// A link stiffer than this times all faces of its cell is replaced by covering the cell.
const STIFFEST_LINK: f64 = 1.0;

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

/// The neighbourhood of the probes that act together.
struct Near<'a> {
    potentials: &'a [&'a Potential],
    /// Cells, and for every cell of the grid its number here.
    cells: Vec<u32>,
    number: Vec<u32>,
    /// The field at the nodes.
    phi: Vec<f64>,
    /// The probe that covers the cell.
    owner: Vec<Option<usize>>,
    /// Flux of phi through the face to the next cell along each axis; 0 where none. Unit: m.
    flux: Vec<[f64; 3]>,
    /// Plain conductance of the same faces, special ones included. Unit: m.
    plain: Vec<[f64; 3]>,
    /// Steepest slope of phi near each cell times its width.
    steepest: Vec<f64>,
}

const NOT_NEAR: u32 = u32::MAX;

impl Links {
    pub(super) fn new(grid: &SceneGrid, mesh: &Mesh) -> Self {
        Self { grid: grid.clone(), stride: mesh.stride }
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
        let mut near = self.near(mesh, potentials);
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

    fn near<'a>(&self, mesh: &Mesh, potentials: &'a [&'a Potential]) -> Near<'a> {
        let mut cells: Vec<u32> = Vec::new();
        for potential in potentials {
            let margin_mm = REACH_CELLS * self.width_around(potential);
            let candidates = match potential.reach(margin_mm) {
                Some(within) => self.cells_in(within),
                None => (0..mesh.count).collect(),
            };
            let close = |&c: &usize| mesh.kind[c] != HELD && potential.distance_mm(self.centre(c)) < margin_mm;
            cells.extend(candidates.into_iter().filter(close).map(|c| c as u32));
        }
        cells.sort_unstable();
        cells.dedup();
        cells.retain(|&c| potentials.iter().all(|p| p.locate(self.centre(c as usize)) != Where::Insulated));
        let mut number = vec![NOT_NEAR; mesh.count];
        for (n, &cell) in cells.iter().enumerate() {
            number[cell as usize] = n as u32;
        }
        let mut near = Near {
            potentials,
            phi: Vec::new(),
            owner: Vec::new(),
            flux: Vec::new(),
            plain: Vec::new(),
            steepest: Vec::new(),
            cells,
            number,
        };
        near.measure(self, mesh);
        near
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

impl Near<'_> {
    /// Values of the field at cells and faces.
    fn measure(&mut self, links: &Links, mesh: &Mesh) {
        let this = &*self;
        let numbers = (0..self.cells.len()).into_par_iter().with_min_len(64);
        let measured: Vec<Measured> = numbers.map(|n| this.measured(links, mesh, n)).collect();
        for m in measured {
            self.owner.push(m.owner);
            self.phi.push(m.phi);
            self.flux.push(m.flux);
            self.plain.push(m.plain);
            self.steepest.push(m.steepest);
        }
    }

    fn measured(&self, links: &Links, mesh: &Mesh, n: usize) -> Measured {
        let cell = self.cells[n] as usize;
        let centre = links.centre(cell);
        let owner = self.potentials.iter().position(|p| p.locate(centre) == Where::Active);
        let (mut flux, mut plain, mut steepest) = ([0.0; 3], [0.0; 3], 0.0_f64);
        for axis in 0..3 {
            let conductance = links.plain_g(mesh, axis, cell);
            if conductance == 0.0 || self.next(links, n, axis).is_none() {
                continue;
            }
            // Judged at the middle of the face, so that mirrored faces are treated alike.
            let middle = centre.towards(links.centre(cell + links.stride[axis]), 0.5);
            let distance_mm = self.potentials.iter().map(|p| p.distance_mm(middle)).fold(f64::INFINITY, f64::min);
            let is_close = distance_mm < 2.0 * CLOSE_CELLS * links.half_diagonal_mm(cell);
            let points = if is_close { POINTS } else { FAR_POINTS };
            let mut sum = 0.0;
            let area_mm2 = links.on_face(cell, axis, points, |place| {
                sum += self.potentials.iter().map(|p| p.slope_per_mm(place, axis)).sum::<f64>();
            });
            // Slope per mm times mm2 is mm.
            flux[axis] = sum * area_mm2 * METRE;
            plain[axis] = conductance;
            steepest = steepest.max(flux[axis].abs() / conductance);
        }
        Measured { owner, phi: self.node_phi(centre, owner), flux, plain, steepest }
    }

    /// The field at a node; what covers it counts as its surface, where its own field is 0.
    fn node_phi(&self, centre: ScenePoint, owner: Option<usize>) -> f64 {
        let others = self.potentials.iter().enumerate().filter(|&(n, _)| Some(n) != owner);
        others.map(|(_, p)| p.phi(centre)).sum()
    }

    fn cover(&mut self, links: &Links, n: usize, probe: usize) {
        self.owner[n] = Some(probe);
        self.phi[n] = self.node_phi(links.centre(self.cells[n] as usize), self.owner[n]);
    }

    /// Number of the next cell along an axis, if it is near.
    fn next(&self, links: &Links, n: usize, axis: usize) -> Option<usize> {
        let next = self.cells[n] as usize + links.stride[axis];
        let number = *self.number.get(next)?;
        (number != NOT_NEAR).then_some(number as usize)
    }

    /// Every face between two near cells: both numbers and the axis.
    fn faces(&self, links: &Links) -> Vec<(usize, usize, usize)> {
        let mut faces = Vec::new();
        for n in 0..self.cells.len() {
            for axis in 0..3 {
                if self.plain[n][axis] > 0.0
                    && let Some(next) = self.next(links, n, axis)
                {
                    faces.push((n, next, axis));
                }
            }
        }
        faces
    }

    /// Conductance of the face from `a` to `b` along an axis. Unit: m.
    fn g(&self, (a, b, axis): (usize, usize, usize)) -> f64 {
        let plain = self.plain[a][axis];
        let difference = self.phi[b] - self.phi[a];
        let flat = FLAT_SHARE * self.steepest[a].max(self.steepest[b]);
        // Also where phi is the same everywhere, as in a corner that no probe reaches: flat and difference are both 0.
        if difference.abs() <= flat {
            return plain;
        }
        let weight = self.flux[a][axis] / difference / plain;
        plain * weight.clamp(WEIGHT_RANGE.0, WEIGHT_RANGE.1)
    }

    /// Links of each probe as long as nothing more is covered, and the cells whose link would be too stiff.
    fn couple(&self, links: &Links) -> (Vec<Coupling>, Vec<(usize, usize)>) {
        let mut couplings = vec![Coupling::default(); self.potentials.len()];
        let mut left_over = vec![0.0; self.cells.len()];
        let mut all_faces = vec![0.0; self.cells.len()];
        for face @ (a, b, axis) in self.faces(links) {
            let g = self.g(face);
            let flux = g * (self.phi[b] - self.phi[a]);
            left_over[a] -= flux;
            left_over[b] += flux;
            all_faces[a] += self.plain[a][axis];
            all_faces[b] += self.plain[a][axis];
            match (self.owner[a], self.owner[b]) {
                (Some(probe), None) => couplings[probe].links.push(Link { cell: self.cells[b], g }),
                (None, Some(probe)) => couplings[probe].links.push(Link { cell: self.cells[a], g }),
                _ => {}
            }
        }
        let mut stiff = Vec::new();
        for n in 0..self.cells.len() {
            if let Some(probe) = self.owner[n] {
                couplings[probe].captured.push(self.cells[n]);
                continue;
            }
            let Some((probe, g)) = self.own_link(links, n, left_over[n]) else { continue };
            if g > STIFFEST_LINK * all_faces[n] {
                stiff.push((n, probe));
            } else {
                couplings[probe].links.push(Link { cell: self.cells[n], g });
            }
        }
        (couplings, stiff)
    }

    /// The link of a cell that the cold surface crosses: what its faces leave over, and to which probe.
    fn own_link(&self, links: &Links, n: usize, left_over: f64) -> Option<(usize, f64)> {
        let cell = self.cells[n] as usize;
        let (half_diagonal_mm, centre) = (links.half_diagonal_mm(cell), links.centre(cell));
        let (probe, distance_mm) = (0..self.potentials.len())
            .map(|p| (p, self.potentials[p].distance_mm(centre)))
            .min_by(|a, b| a.1.total_cmp(&b.1))?;
        let drop = -self.potentials[probe].phi(centre);
        if distance_mm >= half_diagonal_mm {
            return None;
        }
        if drop <= 0.0 {
            // A centre so close to the surface that the field does not tell it from it: as stiff as can be.
            return Some((probe, f64::INFINITY));
        }
        (left_over > 0.0).then(|| (probe, left_over / drop))
    }

    /// What the mesh must change; faces of covered cells become links and are shut.
    fn written(&self, links: &Links, mesh: &Mesh, couplings: Vec<Coupling>) -> Assembly {
        let mut assembly = Assembly { couplings, ..Assembly::default() };
        let share_of = |face @ (a, b, axis): (usize, usize, usize)| {
            let covered = self.owner[a].is_some() || self.owner[b].is_some();
            if covered { 0.0 } else { self.g(face) / self.plain[a][axis] }
        };
        for face @ (a, _, axis) in self.faces(links) {
            let cell = self.cells[a] as usize;
            let is_plain = mesh.kind[cell] == mesh.kind[cell + links.stride[axis]];
            let before = if is_plain {
                self.plain[a][axis] * mesh.kind_of(cell).lookup.conductivity()
            } else {
                f64::from(mesh.g_at(axis, cell))
            };
            assembly.faces.push((axis as u8, self.cells[a], (share_of(face) * before) as f32));
        }
        let number = |cell: u32| match self.number[cell as usize] {
            NOT_NEAR => None,
            n => Some(n as usize),
        };
        for (n, face) in mesh.interfaces.iter().enumerate() {
            if let (Some(a), Some(b)) = (number(face.a), number(face.b)) {
                assembly.interfaces.push((n as u32, share_of((a, b, usize::from(face.axis)))));
            }
        }
        for (n, wall) in mesh.walls.iter().enumerate() {
            if number(wall.cell).is_some_and(|a| self.owner[a].is_some()) {
                assembly.shut.push(n as u32);
            }
        }
        assembly
    }
}

/// What is measured at one near cell.
struct Measured {
    owner: Option<usize>,
    phi: f64,
    flux: [f64; 3],
    plain: [f64; 3],
    steepest: f64,
}
