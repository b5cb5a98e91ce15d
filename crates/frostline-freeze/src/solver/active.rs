//! Which cells work, and which are at rest and are left alone.
//!
//! Tissue that was in balance before the probe came stays as it is until the cold arrives. Its cells are not worked on: no
//! stage, no source, no record touches them. What works grows, unit by unit, ahead of what has moved, and never shrinks.
//!
//! A face between what works and what rests passes the heat it passed at the start, as a source: the cell at rest would have
//! passed it on. So no heat is lost; what is left out is the change of that heat while both cells are within [`QUIET_K`] of
//! where they began. Sources of what rests go on as at the start, and what they do not give to what works leaves through walls.
//! Units that hold no tissue never work.

use std::ops::Range;

use super::kernel::Piece;
use super::mesh::{HELD, Mesh};
use super::zones::append;

/// Cells that begin or rest together: as many as a register of the kernel holds.
pub(super) const UNIT: usize = super::mesh::BLOCK / 2;

/// A cell has moved once its state is so far from where it began. Unit: K.
const QUIET_K: f32 = 0.02;

/// What a unit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// It holds no tissue.
    Empty,
    /// It rests.
    Rests,
    /// It works, and has not moved so far.
    Waits,
    /// It has moved, and everything within reach works.
    Moved,
}

/// A face through which what works touches what rests.
#[derive(Clone, Copy, Debug)]
struct Border {
    axis: u8,
    /// The cell before the face.
    face: u32,
    /// The one that works.
    cell: u32,
    /// What the face passed before, and would pass again. Unit: W/K.
    g: f32,
    /// Heat into the working cell at the start. Unit: W.
    heat_w: f32,
}

/// The cells that work.
#[derive(Debug)]
pub(super) struct Active {
    chunk: usize,
    roles: Vec<Role>,
    /// Units that work and have not moved.
    waiting: Vec<u32>,
    /// What works, chunk by chunk.
    pieces: Vec<Vec<Piece>>,
    borders: Vec<Border>,
    /// Cells that work; whole units.
    count: usize,
    /// Units that woke last.
    woken: Vec<u32>,
    /// Sources of each unit at the start, and of all units that rest. Unit: W.
    sources_w: Vec<SourceHeat>,
    resting_w: SourceHeat,
}

/// Heat of all sources, and of metabolism alone. Unit: W.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct SourceHeat {
    pub(super) all_w: f64,
    pub(super) made_w: f64,
}

impl Active {
    /// All tissue works, or rests where the start is in balance.
    pub(super) fn new(mesh: &Mesh, (start_u, chunk): (&[f32], usize), rests: bool) -> Self {
        let role = |kinds: &[u8]| match (kinds.iter().all(|&kind| kind == HELD), rests) {
            (true, _) => Role::Empty,
            (false, true) => Role::Rests,
            (false, false) => Role::Moved,
        };
        let mut active = Self {
            chunk,
            roles: mesh.kind.chunks(UNIT).map(role).collect(),
            waiting: Vec::new(),
            pieces: vec![Vec::new(); mesh.stored.div_ceil(chunk)],
            borders: Vec::new(),
            count: 0,
            woken: Vec::new(),
            sources_w: Vec::new(),
            resting_w: SourceHeat::default(),
        };
        if rests {
            active.sources_w = (0..active.roles.len()).map(|unit| unit_sources(mesh, start_u, unit)).collect();
            for unit in &active.sources_w {
                active.resting_w.all_w += unit.all_w;
                active.resting_w.made_w += unit.made_w;
            }
        }
        active.cut_pieces();
        active
    }

    /// What works, chunk by chunk.
    pub(super) fn pieces(&self) -> &[Vec<Piece>] {
        &self.pieces
    }

    /// The same, as cells of the whole field.
    pub(super) fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        let of_chunk = |(n, pieces): (usize, &'_ Vec<Piece>)| {
            let first = n * self.chunk;
            pieces.iter().map(move |piece| first + piece.cells.start..first + piece.cells.end).collect::<Vec<_>>()
        };
        self.pieces.iter().enumerate().flat_map(of_chunk)
    }

    /// How many cells work.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Cells that woke last.
    pub(super) fn woken(&self) -> impl Iterator<Item = usize> {
        self.woken.iter().flat_map(|&unit| unit as usize * UNIT..(unit as usize + 1) * UNIT)
    }

    /// Cells that work beside some that rest.
    pub(super) fn rim(&self) -> impl Iterator<Item = usize> {
        self.borders.iter().map(|border| border.cell as usize)
    }

    /// Whether a unit works.
    pub(super) fn works(&self, unit: usize) -> bool {
        matches!(self.roles[unit], Role::Waits | Role::Moved)
    }

    /// After the faces of the mesh were joined anew: wakes what a probe begins to act on, and everything near it.
    pub(super) fn wake(&mut self, mesh: &mut Mesh, start_u: &[f32], cells: impl Iterator<Item = usize>, reach: usize) {
        let mut units: Vec<u32> = cells.map(|cell| (cell / UNIT) as u32).collect();
        units.sort_unstable();
        units.dedup();
        units.retain(|&unit| matches!(self.roles[unit as usize], Role::Rests | Role::Waits));
        self.spread(mesh, start_u, &units, reach);
        self.shut(mesh);
    }

    /// Wakes what is within reach of units that have moved since. Returns whether anything woke.
    pub(super) fn grow(&mut self, mesh: &mut Mesh, start_u: &[f32], u: &[f32], reach: usize) -> bool {
        let has_moved = |&&unit: &&u32| {
            let cells = unit as usize * UNIT..(unit as usize + 1) * UNIT;
            let apart = u[cells.clone()].iter().zip(&start_u[cells]).map(|(u, start)| (u - start).abs());
            apart.fold(0.0, f32::max) > QUIET_K
        };
        let moved: Vec<u32> = self.waiting.iter().filter(has_moved).copied().collect();
        self.spread(mesh, start_u, &moved, reach)
    }

    /// Notes that units have moved and wakes what is within reach of them along each axis. Returns whether anything woke.
    fn spread(&mut self, mesh: &mut Mesh, start_u: &[f32], moved: &[u32], reach: usize) -> bool {
        if moved.is_empty() {
            return false;
        }
        self.woken.clear();
        let [_, row, layer] = mesh.stride;
        let along =
            |stride: usize| (0..=2 * reach).map(move |n| n as isize - reach as isize).map(move |n| n * stride as isize);
        for &unit in moved {
            self.roles[unit as usize] = Role::Moved;
            let first = unit as usize * UNIT;
            for from in along(layer).flat_map(|z| along(row).map(move |y| first as isize + z + y)) {
                // Rows run on into each other in storage; at the ends of a row a few cells more are woken.
                let low = (from - reach as isize).max(0) as usize / UNIT;
                let high = (from + (UNIT + reach) as isize).max(0) as usize;
                for unit in low..high.div_ceil(UNIT).min(self.roles.len()) {
                    if self.roles[unit] == Role::Rests {
                        self.roles[unit] = Role::Waits;
                        self.woken.push(unit as u32);
                        self.resting_w.all_w -= self.sources_w[unit].all_w;
                        self.resting_w.made_w -= self.sources_w[unit].made_w;
                    }
                }
            }
        }
        self.waiting.extend(&self.woken);
        self.waiting.retain(|&unit| self.roles[unit as usize] == Role::Waits);
        let woke = !self.woken.is_empty();
        if woke {
            self.cut_pieces();
            self.open(mesh);
            self.find_borders(mesh, start_u);
            self.shut(mesh);
        }
        woke
    }

    fn cut_pieces(&mut self) {
        let units = self.chunk / UNIT;
        self.count = 0;
        for (pieces, roles) in self.pieces.iter_mut().zip(self.roles.chunks(units)) {
            pieces.clear();
            for (unit, role) in roles.iter().enumerate() {
                if matches!(role, Role::Waits | Role::Moved) {
                    append(pieces, unit, false);
                    self.count += UNIT;
                }
            }
        }
    }

    /// Borders lie at units that wait: around those that have moved everything works.
    fn find_borders(&mut self, mesh: &Mesh, start_u: &[f32]) {
        self.borders.clear();
        let psi = |cell: usize| mesh.kind_of(cell).lookup.psi(start_u[cell]);
        let waiting = self.waiting.iter().copied();
        let beside: Vec<u32> = waiting.filter(|&unit| self.is_beside_rest(unit as usize, mesh.stride)).collect();
        for unit in beside {
            for cell in unit as usize * UNIT..(unit as usize + 1) * UNIT {
                for (axis, &stride) in mesh.stride.iter().enumerate() {
                    let ahead = (cell, cell + stride);
                    let behind = (cell.wrapping_sub(stride), cell.wrapping_sub(stride));
                    for (face, other) in [ahead, behind] {
                        if self.roles.get(other / UNIT) != Some(&Role::Rests) {
                            continue;
                        }
                        let g = mesh.g_at(axis, face);
                        if g > 0.0 {
                            let heat_w = g * (psi(other) - psi(cell));
                            let (face, cell) = (face as u32, cell as u32);
                            self.borders.push(Border { axis: axis as u8, face, cell, g, heat_w });
                        }
                    }
                }
            }
        }
    }

    /// Whether a unit that rests is its neighbour along any axis.
    fn is_beside_rest(&self, unit: usize, strides: [usize; 3]) -> bool {
        let (first, last) = (unit * UNIT, (unit + 1) * UNIT - 1);
        let rests = |cell: usize| self.roles.get(cell / UNIT) == Some(&Role::Rests);
        strides.iter().any(|&stride| {
            let behind = [first, last].map(|cell| cell.wrapping_sub(stride));
            [first + stride, last + stride].into_iter().chain(behind).any(rests)
        })
    }

    /// Takes the borders out of the mesh; after its faces were joined anew as well.
    pub(super) fn shut(&self, mesh: &mut Mesh) {
        for border in &self.borders {
            mesh.g[usize::from(border.axis)][mesh.pad + border.face as usize] = 0.0;
        }
    }

    fn open(&self, mesh: &mut Mesh) {
        for border in &self.borders {
            mesh.g[usize::from(border.axis)][mesh.pad + border.face as usize] = border.g;
        }
    }

    /// Sources of all that rests.
    pub(super) fn resting_sources(&self) -> SourceHeat {
        self.resting_w
    }

    /// The heat that tissue at rest gives to cells that work. Unit: W.
    pub(super) fn heat_w(&self) -> impl Iterator<Item = (usize, f32)> {
        self.borders.iter().map(|border| (border.cell as usize, border.heat_w))
    }
}

/// Sources of a unit in its state at the start, while blood flows. What is held has no capacity and no source.
fn unit_sources(mesh: &Mesh, start_u: &[f32], unit: usize) -> SourceHeat {
    let mut sum = SourceHeat::default();
    let first = unit * UNIT;
    for (cell, &u) in (first..).zip(&start_u[first..first + UNIT]) {
        let Some(kind) = mesh.kinds.get(usize::from(mesh.kind[cell])) else { continue };
        let (sources, psi, capacity) = (&kind.sources, kind.lookup.psi(u), f64::from(mesh.capacity[cell]));
        sum.all_w += f64::from(sources.made - sources.slope * psi) * capacity;
        sum.made_w += f64::from(sources.made) * capacity;
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::super::potential::SolvedFields;
    use super::super::stepper::Stepper;
    use super::super::{Run, SolverSettings};
    use super::QUIET_K;
    use crate::conformance::reference::{Fineness, Pose, scene};
    use crate::{Continue, FreezeHistory, FreezeScene, SceneParts, Start};

    /// The reference needle, askew, in tissue that is in balance with its blood and with the walls of the box.
    fn needle_in_balance(duration_s: f64) -> SceneParts {
        let pose = Pose { offset_mm: (0.1, 0.2, 0.0), towards: (0.3, 0.1, 1.0) };
        let parts = scene(pose, Fineness { margin_mm: 20.0, growth: 1.3, fine_mm: 1.0, step_s: 5.0 }, duration_s);
        SceneParts { start: Start::Steady, ..parts }
    }

    fn answer(parts: SceneParts, all_works: bool) -> FreezeHistory {
        let scene = FreezeScene::new(parts).unwrap();
        let settings = SolverSettings { step_s: 5.0, threads: 1, ..SolverSettings::default() };
        let mut run = Run::new(&scene, &settings, &SolvedFields::default(), &OnceLock::new()).unwrap();
        if all_works {
            run.stepper = Stepper::new(&run.mesh, &run.state, false);
        }
        run.finish(None, &[], &mut |_| Continue::Yes).unwrap()
    }

    #[test]
    fn leaving_tissue_at_rest_alone_saves_work_and_changes_nothing_that_counts() {
        let (all, some) = (answer(needle_in_balance(60.0), true), answer(needle_in_balance(60.0), false));
        assert!(2 * some.counters.cell_updates < all.counters.cell_updates, "{:?} {:?}", some.counters, all.counters);
        // As much as single precision loses.
        assert!(some.energy.error() < 1e-6 && all.energy.error() < 1e-6, "{:?} {:?}", some.energy, all.energy);
        // The start is steady to 1e-4, and so is what leaves through the walls.
        for (some_j, all_j) in [
            (some.energy.perfusion_j, all.energy.perfusion_j),
            (some.energy.metabolism_j, all.energy.metabolism_j),
            (some.energy.boundaries_j, all.energy.boundaries_j),
            (some.energy.probes_j, all.energy.probes_j),
        ] {
            assert!((some_j / all_j - 1.0).abs() < 1e-3, "{:?} {:?}", some.energy, all.energy);
        }
        let apart = all.coldest_c.iter().zip(&some.coldest_c).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        // What a cell may have moved unseen.
        assert!(apart < QUIET_K, "{apart}");
    }

    #[test]
    fn what_works_grows_with_the_cold_that_spreads() {
        let per_stage = |duration_s: f64| {
            let counters = answer(needle_in_balance(duration_s), false).counters;
            counters.cell_updates / counters.stages
        };
        let (early, late) = (per_stage(10.0), per_stage(120.0));
        assert!(early < late, "{early} {late}");
    }
}
