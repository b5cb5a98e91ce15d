//! What acts on single cells beside plain conduction: probes, walls, and faces between tissues of which one is cold.

use rayon::prelude::*;

use super::active::Active;
use super::interface::{Side, between, from_wall};
use super::mesh::{Interface, Kind, Mesh, UNIT, Wall};
use super::probes::ProbeSet;

/// `extra += pull (target psi - psi)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pull {
    pub(super) cell: u32,
    /// Number of the target.
    pub(super) target: u16,
    /// Unit: 1/s.
    pub(super) pull: f32,
}

/// `extra += constant - own psi + other psi of another cell`. Unit: K/s, 1/s.
#[derive(Clone, Copy, Debug)]
struct Bent {
    cell: u32,
    other_cell: u32,
    constant: f32,
    own: f32,
    other: f32,
}

/// All walls of one cell: `extra += constant - own psi`. Unit: K/s, 1/s.
#[derive(Clone, Copy, Debug)]
struct Walled {
    cell: u32,
    constant: f32,
    own: f32,
    /// By which its heat is counted; 0 where that is done elsewhere. Unit: J/K.
    capacity: f32,
}

/// What acts on single cells of one chunk.
#[derive(Clone, Debug, Default)]
pub(super) struct Special {
    /// Every cell of the lists below.
    cells: Vec<u32>,
    links: Vec<Pull>,
    /// Shafts that warm and never cool.
    warmers: Vec<Pull>,
    walls: Vec<Walled>,
    /// Faces between two tissues of which one is cold, once for either side.
    faces: Vec<Bent>,
}

/// What a special cell does in a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing: it is not part of it.
    Away,
    /// It acts, and the heat through its walls counts.
    Counted,
    /// It acts, but another pass counts.
    Uncounted,
}

/// The special cells of all chunks.
pub(super) struct Specials {
    /// One of each chunk of cells.
    pub(super) chunks: Vec<Special>,
    /// Interfaces that bent in the last step and pass nothing by the plain way.
    bent: Vec<bool>,
    /// How many cells worked when the walls were found between warm tissue and what is held, which stay as they are.
    walls_warm_for: Option<usize>,
    /// Above this psi every tissue is warm; infinite where something held is frozen.
    walls_warm_above_psi: f32,
    /// Cells of a chunk.
    chunk: usize,
}

/// State and potential (padded) of all cells at the start of a step. Unit: K.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) u: &'a [f32],
    pub(super) psi: &'a [f32],
}

impl Specials {
    pub(super) fn new(mesh: &Mesh, chunk: usize) -> Self {
        let chunks = vec![Special::default(); mesh.stored.div_ceil(chunk)];
        let (starts_psi, starts_c) = mesh
            .kinds
            .iter()
            .map(|k| (k.lookup.starts_psi(), k.lookup.starts_c()))
            .fold((f64::NEG_INFINITY, f64::NEG_INFINITY), |most, starts| (most.0.max(starts.0), most.1.max(starts.1)));
        let is_frozen = mesh.walls.iter().any(|wall| wall.beyond.celsius <= starts_c);
        let walls_warm_above_psi = if is_frozen { f32::INFINITY } else { starts_psi as f32 };
        let bent = vec![false; mesh.interfaces.len()];
        Self { chunks, bent, walls_warm_for: None, walls_warm_above_psi, chunk }
    }

    /// Those that act in a pass.
    pub(super) fn part(&self, role: impl Fn(u32) -> Role) -> Vec<Special> {
        self.chunks.iter().map(|special| special.part(&role)).collect()
    }

    /// Takes over which cells the probes pull at, and forgets what bent.
    pub(super) fn switch(&mut self, mesh: &Mesh, probes: &ProbeSet) {
        for special in &mut self.chunks {
            (special.links, special.warmers) = (Vec::new(), Vec::new());
        }
        for pull in probes.links(mesh) {
            self.chunks[pull.cell as usize / self.chunk].links.push(pull);
        }
        for pull in probes.warmers(mesh) {
            self.chunks[pull.cell as usize / self.chunk].warmers.push(pull);
        }
        self.bent.fill(false);
        self.walls_warm_for = None;
    }

    /// Heat through walls, and through faces between tissues of which one is cold, as tangents for this step.
    pub(super) fn bend(&mut self, mesh: &mut Mesh, active: &Active, now: Fields) {
        for special in &mut self.chunks {
            special.faces.clear();
        }
        let (pad, above_psi) = (mesh.pad, self.walls_warm_above_psi);
        let is_warm = |wall: &Wall| now.psi[pad + wall.cell as usize] > above_psi;
        let are_warm = mesh.walls.iter().all(is_warm);
        // Between what is held and warm tissue nothing changes from step to step.
        let is_known = are_warm && self.walls_warm_for == Some(active.count());
        if !is_known {
            for special in &mut self.chunks {
                special.walls.clear();
            }
            self.bend_walls(mesh, active, now);
            self.walls_warm_for = are_warm.then_some(active.count());
        }
        self.bend_faces(mesh, now);
        for special in &mut self.chunks {
            special.cells.clear();
            special.cells.extend(special.links.iter().chain(&special.warmers).map(|p| p.cell));
            special.cells.extend(special.faces.iter().map(|face| face.cell));
        }
    }

    fn bend_walls(&mut self, mesh: &Mesh, active: &Active, now: Fields) {
        let works = |wall: &&Wall| wall.half > 0.0 && active.works(wall.cell as usize / UNIT);
        for wall in mesh.walls.iter().filter(works) {
            let cell = wall.cell as usize;
            let kind = mesh.kind_of(cell);
            let psi = now.psi[mesh.pad + cell];
            let per_capacity = f64::from(mesh.per_capacity[cell]);
            let side = Side { curve: &kind.curve, lookup: &kind.lookup, psi: f64::from(psi), half: wall.half };
            let is_warm = f64::from(psi) > kind.lookup.starts_psi() && wall.beyond.celsius > kind.lookup.starts_c();
            let (constant, own) = if is_warm {
                let half = wall.half * kind.lookup.conductivity();
                let film = wall.beyond.film;
                let own = if film.is_infinite() { half } else { half * film / (half + film) };
                (own * (wall.beyond.celsius - kind.lookup.origin_c()), own)
            } else {
                let tangent = from_wall(&side, &wall.beyond);
                (tangent.constant, tangent.own)
            };
            let (constant, own) = ((constant * per_capacity) as f32, (own * per_capacity) as f32);
            let walls = &mut self.chunks[cell / self.chunk].walls;
            match walls.last_mut() {
                // Walls are sorted by cell.
                Some(last) if last.cell == wall.cell => {
                    last.constant += constant;
                    last.own += own;
                }
                _ => walls.push(Walled { cell: wall.cell, constant, own, capacity: mesh.capacity[cell] }),
            }
        }
    }

    fn bend_faces(&mut self, mesh: &mut Mesh, now: Fields) {
        let Mesh { interfaces, kinds, kind, g, pad, per_capacity, .. } = mesh;
        let most_starts_psi =
            kinds.iter().map(|kind| kind.lookup.starts_psi()).fold(f64::NEG_INFINITY, f64::max) as f32;
        let tissues = Tissues { kinds, kind, pad: *pad, per_capacity, most_starts_psi };
        let turns: Vec<Vec<Turn>> = interfaces
            .par_chunks_mut(FACES_TOGETHER)
            .zip(self.bent.par_chunks_mut(FACES_TOGETHER))
            .map(|(faces, bent)| {
                faces.iter_mut().zip(bent).filter_map(|(face, bent)| tissues.turn(face, bent, now)).collect()
            })
            .collect();
        for turn in turns.iter().flatten() {
            if let Some(plain) = turn.g {
                g[usize::from(turn.axis)][*pad + turn.a as usize] = plain;
            }
            for side in turn.sides.iter().flatten() {
                self.chunks[side.cell as usize / self.chunk].faces.push(*side);
            }
        }
    }
}

/// So many faces are looked at by one thread at a time.
const FACES_TOGETHER: usize = 1024;

/// What happens to a face between two tissues in a step.
struct Turn {
    axis: u8,
    /// The cell before it.
    a: u32,
    /// What it passes by the plain way from now on, where that changes. Unit: W/K.
    g: Option<f32>,
    /// What it passes beside that, into either side.
    sides: Option<[Bent; 2]>,
}

/// What is known of the cells beside a face.
struct Tissues<'a> {
    kinds: &'a [Kind],
    kind: &'a [u8],
    pad: usize,
    per_capacity: &'a [f32],
    /// Every tissue is liquid above. Unit: K.
    most_starts_psi: f32,
}

impl Tissues<'_> {
    /// `None` for a face that was plain and stays so.
    fn turn(&self, face: &mut Interface, is_bent: &mut bool, now: Fields) -> Option<Turn> {
        let (a, b) = (face.a as usize, face.b as usize);
        let (psi_a, psi_b) = (now.psi[self.pad + a], now.psi[self.pad + b]);
        let coldest = psi_a.min(psi_b);
        // Most faces lie far from the ice.
        if face.half_a <= 0.0 || !*is_bent && coldest >= self.most_starts_psi {
            return None;
        }
        let (ka, kb) = (&self.kinds[usize::from(self.kind[a])], &self.kinds[usize::from(self.kind[b])]);
        let was_bent = *is_bent;
        *is_bent = coldest < ka.lookup.starts_psi().max(kb.lookup.starts_psi()) as f32;
        let turn = Turn { axis: face.axis, a: face.a, g: None, sides: None };
        match (was_bent, *is_bent) {
            (false, false) => return None,
            (true, false) => {
                let half_a = face.half_a * ka.lookup.conductivity();
                let half_b = face.half_b * kb.lookup.conductivity();
                return Some(Turn { g: Some((half_a * half_b / (half_a + half_b)) as f32), ..turn });
            }
            (false, true) => face.celsius = 0.5 * (ka.lookup.celsius(now.u[a]) + kb.lookup.celsius(now.u[b])),
            (true, true) => {}
        }
        let side_a = Side { curve: &ka.curve, lookup: &ka.lookup, psi: f64::from(psi_a), half: face.half_a };
        let side_b = Side { curve: &kb.curve, lookup: &kb.lookup, psi: f64::from(psi_b), half: face.half_b };
        let t = between(&side_a, &side_b, &mut face.celsius);
        let into = |cell: usize, other_cell: usize, (constant, own, other): (f64, f64, f64)| {
            let by = f64::from(self.per_capacity[cell]);
            let (constant, own, other) = ((constant * by) as f32, (own * by) as f32, (other * by) as f32);
            Bent { cell: cell as u32, other_cell: other_cell as u32, constant, own, other }
        };
        let sides = [into(a, b, (t.constant, t.own, t.other)), into(b, a, (-t.constant, t.other, t.own))];
        Some(Turn { g: (!was_bent).then_some(0.0), sides: Some(sides), ..turn })
    }
}

impl Special {
    fn part(&self, role: &impl Fn(u32) -> Role) -> Self {
        let acts = |cell: u32| role(cell) != Role::Away;
        let counted = |wall: &Walled| match role(wall.cell) {
            Role::Away => None,
            Role::Counted => Some(*wall),
            Role::Uncounted => Some(Walled { capacity: 0.0, ..*wall }),
        };
        Self {
            cells: self.cells.iter().copied().filter(|&cell| acts(cell)).collect(),
            links: self.links.iter().copied().filter(|link| acts(link.cell)).collect(),
            warmers: self.warmers.iter().copied().filter(|link| acts(link.cell)).collect(),
            walls: self.walls.iter().filter_map(counted).collect(),
            faces: self.faces.iter().copied().filter(|face| acts(face.cell)).collect(),
        }
    }

    /// Writes what acts on single cells of the chunk that begins at `start`. Returns the heat through walls. Unit: W.
    pub(super) fn act(
        &self,
        mesh: &Mesh,
        (psi, targets): (&[f32], &[f32]),
        start: usize,
        sources: &[f32],
        extra: &mut [f32],
    ) -> f64 {
        let at = |cell: u32| psi[mesh.pad + cell as usize];
        let local = |cell: u32| cell as usize - start;
        for &cell in &self.cells {
            extra[local(cell)] = sources[local(cell)];
        }
        let mut walls_w = 0.0;
        // Walls come first and begin with the sources, since there are many of them and each cell comes once.
        for wall in &self.walls {
            let rate = wall.constant - wall.own * at(wall.cell);
            extra[local(wall.cell)] = sources[local(wall.cell)] + rate;
            walls_w += f64::from(rate * wall.capacity);
        }
        for link in &self.links {
            extra[local(link.cell)] += link.pull * (targets[usize::from(link.target)] - at(link.cell));
        }
        for link in &self.warmers {
            extra[local(link.cell)] += link.pull * (targets[usize::from(link.target)] - at(link.cell)).max(0.0);
        }
        for face in &self.faces {
            extra[local(face.cell)] += face.constant - face.own * at(face.cell) + face.other * at(face.other_cell);
        }
        walls_w
    }
}
