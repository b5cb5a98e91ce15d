//! The cells near probes that act together: the field there, and what faces and links it makes.

use rayon::prelude::*;

use super::super::mesh::{HELD, METRE, Mesh};
use super::super::potential::{Potential, Where};
use super::{Assembly, Coupling, Link, Links, POINTS};
use crate::ScenePoint;

/// Cells on each side of a probe whose faces are corrected.
const REACH_CELLS: f64 = 3.0;
/// Largest and smallest correction of a face.
const WEIGHT_RANGE: (f64, f64) = (0.2, 3.0);
/// A face along which the field hardly changes keeps its own conductance: below this share of the steepest change.
const FLAT_SHARE: f64 = 0.05;
const FAR_POINTS: usize = 3;
/// What is close, in cells.
const CLOSE_CELLS: f64 = 1.5;
/// A link stiffer than this times all faces of its cell is replaced by covering the cell.
const STIFFEST_LINK: f64 = 1.0;

/// The neighbourhood of the probes that act together.
pub(super) struct Near<'a> {
    potentials: &'a [&'a Potential],
    /// Cells, and for every cell of the grid its number here.
    pub(super) cells: Vec<u32>,
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

impl<'a> Near<'a> {
    /// All cells within reach of these probes, with the field measured there.
    pub(super) fn around(links: &Links, mesh: &Mesh, potentials: &'a [&'a Potential]) -> Self {
        let mut cells: Vec<u32> = Vec::new();
        for potential in potentials {
            let margin_mm = REACH_CELLS * links.width_around(potential);
            let candidates = match potential.reach(margin_mm) {
                Some(within) => links.cells_in(within),
                None => (0..mesh.count).collect(),
            };
            let close = |&c: &usize| mesh.kind[c] != HELD && potential.distance_mm(links.centre(c)) < margin_mm;
            cells.extend(candidates.into_iter().filter(close).map(|c| c as u32));
        }
        cells.sort_unstable();
        cells.dedup();
        cells.retain(|&c| potentials.iter().all(|p| p.locate(links.centre(c as usize)) != Where::Insulated));
        let mut number = vec![NOT_NEAR; mesh.count];
        for (n, &cell) in cells.iter().enumerate() {
            number[cell as usize] = n as u32;
        }
        let mut near = Self {
            potentials,
            phi: Vec::new(),
            owner: Vec::new(),
            flux: Vec::new(),
            plain: Vec::new(),
            steepest: Vec::new(),
            cells,
            number,
        };
        near.measure(links, mesh);
        near
    }

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

    pub(super) fn cover(&mut self, links: &Links, n: usize, probe: usize) {
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
    pub(super) fn couple(&self, links: &Links) -> (Vec<Coupling>, Vec<(usize, usize)>) {
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
    pub(super) fn written(&self, links: &Links, mesh: &Mesh, couplings: Vec<Coupling>) -> Assembly {
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
                f64::from(mesh.passes(axis, cell))
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
