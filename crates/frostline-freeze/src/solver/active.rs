//! Which cells work, and which are at rest and are left alone.
//!
//! Tissue that the cold has not reached stays as it was in balance, or drifts along a known curve ([`super::rest`]). Its cells
//! are not worked on: no stage, no source, no record touches them. What works grows, unit by unit, ahead of what has moved,
//! and never shrinks.
//!
//! A face between what works and what rests passes the heat it passed at the start, as a source: the cell at rest would have
//! passed it on. So no heat is lost; what is left out is the change of that heat while both cells are within [`QUIET_K`] of
//! where they began. Sources of what rests go on as at the start, and what they do not give to what works leaves through walls.
//! Where tissue drifts such a face passes nothing, as between two cells on one curve. Units that hold no tissue never work.

use std::ops::Range;

use super::kernel::{Form, Piece};
use super::mesh::{HELD, Mesh, UNIT};
use super::rest::{Drifting, SourceHeat};
use super::zones::append;

/// A cell that began in balance has moved once its state is so far from where it began. Unit: K.
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

/// What tissue that rests does.
#[derive(Debug)]
pub(super) enum Rest {
    /// Nothing rests.
    Nowhere,
    /// It stays as it was. Sources of each unit at the start, and of all units that rest.
    Still { start_u: Vec<f32>, sources_w: Vec<SourceHeat>, resting_w: SourceHeat },
    /// It drifts.
    Drifting(Drifting),
}

impl Rest {
    /// All tissue stays as it was in balance.
    pub(super) fn still(mesh: &Mesh, start_u: Vec<f32>) -> Self {
        let sources_w: Vec<SourceHeat> =
            (0..mesh.stored / UNIT).map(|unit| unit_sources(mesh, &start_u, unit)).collect();
        let mut resting_w = SourceHeat::default();
        for unit in &sources_w {
            resting_w.all_w += unit.all_w;
            resting_w.made_w += unit.made_w;
        }
        Self::Still { start_u, sources_w, resting_w }
    }

    /// Which of some units that rest or wait have moved.
    fn moved(&self, mesh: &Mesh, u: &[f32], units: &[u32]) -> Vec<u32> {
        let cells = |unit: u32| unit as usize * UNIT..(unit as usize + 1) * UNIT;
        let mut moved = units.to_vec();
        match self {
            Self::Nowhere => moved.clear(),
            Self::Still { start_u, .. } => moved.retain(|&unit| {
                let apart = u[cells(unit)].iter().zip(&start_u[cells(unit)]).map(|(u, start)| (u - start).abs());
                apart.fold(0.0, f32::max) > QUIET_K
            }),
            Self::Drifting(drifting) => {
                let (curves, quiet_k) = (drifting.by_kind(), drifting.quiet_k());
                moved.retain(|&unit| {
                    let states = u[cells(unit)].iter().zip(&mesh.kind[cells(unit)]);
                    states.fold(false, |any, (u, &kind)| any | ((u - curves[usize::from(kind)]).abs() > quiet_k))
                });
            }
        }
        moved
    }
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
    /// Units that woke last, and all that woke since somebody asked.
    woken: Vec<u32>,
    fresh: Vec<u32>,
    rest: Rest,
}

impl Active {
    /// All tissue rests, or works where nothing rests; what the mesh joined of tissue that drifts works.
    pub(super) fn new(mesh: &Mesh, chunk: usize, rest: Rest) -> Self {
        let role = |(unit, kinds): (usize, &[u8])| match (kinds.iter().all(|&kind| kind == HELD), &rest) {
            (true, _) => Role::Empty,
            (false, Rest::Nowhere) => Role::Moved,
            (false, Rest::Still { .. }) => Role::Rests,
            (false, Rest::Drifting(_)) => {
                if mesh.is_joined(unit) {
                    Role::Waits
                } else {
                    Role::Rests
                }
            }
        };
        let roles: Vec<Role> = mesh.kind.chunks(UNIT).enumerate().map(role).collect();
        let waiting: Vec<u32> =
            (0..roles.len()).filter(|&unit| roles[unit] == Role::Waits).map(|unit| unit as u32).collect();
        let mut active = Self {
            chunk,
            roles,
            fresh: waiting.clone(),
            waiting,
            pieces: vec![Vec::new(); mesh.stored.div_ceil(chunk)],
            borders: Vec::new(),
            count: 0,
            woken: Vec::new(),
            rest,
        };
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
        cells_of(&self.woken)
    }

    /// Units that woke since this was asked last.
    pub(super) fn take_fresh(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.fresh)
    }

    /// Units that rest.
    pub(super) fn resting(&self) -> impl Iterator<Item = usize> {
        (0..self.roles.len()).filter(|&unit| self.roles[unit] == Role::Rests)
    }

    /// Cells that work and may lie beside some that rest.
    pub(super) fn rim(&self) -> impl Iterator<Item = usize> {
        let waiting = if matches!(self.rest, Rest::Drifting(_)) { &self.waiting[..] } else { &[] };
        let borders = self.borders.iter().map(|border| border.cell as usize);
        borders.chain(waiting.iter().map(|&unit| unit as usize * UNIT))
    }

    /// Whether a unit works.
    pub(super) fn works(&self, unit: usize) -> bool {
        matches!(self.roles[unit], Role::Waits | Role::Moved)
    }

    /// The curves of tissue that drifts.
    pub(super) fn drifting(&self) -> Option<&Drifting> {
        if let Rest::Drifting(drifting) = &self.rest { Some(drifting) } else { None }
    }

    pub(super) fn drifting_mut(&mut self) -> Option<&mut Drifting> {
        if let Rest::Drifting(drifting) = &mut self.rest { Some(drifting) } else { None }
    }

    /// Wakes what a probe begins to act on, and everything near it. Returns whether anything woke.
    pub(super) fn wake(&mut self, mesh: &mut Mesh, cells: impl Iterator<Item = usize>, reach: usize) -> bool {
        let mut units: Vec<u32> = cells.map(|cell| (cell / UNIT) as u32).collect();
        units.sort_unstable();
        units.dedup();
        self.spread(mesh, units, reach)
    }

    /// Wakes what is within reach of units that have moved since. Returns whether anything woke.
    pub(super) fn grow(&mut self, mesh: &mut Mesh, u: &[f32], reach: usize) -> bool {
        let mut moved = self.rest.moved(mesh, u, &self.waiting);
        if let Rest::Drifting(drifting) = &mut self.rest {
            moved.extend(drifting.parted(&mesh.kinds));
            moved.sort_unstable();
            moved.dedup();
        }
        self.spread(mesh, moved, reach)
    }

    /// Notes that units have moved and wakes what is within reach of them along each axis. Returns whether anything woke.
    fn spread(&mut self, mesh: &mut Mesh, mut moved: Vec<u32>, reach: usize) -> bool {
        moved.retain(|&unit| matches!(self.roles[unit as usize], Role::Rests | Role::Waits));
        if moved.is_empty() {
            return false;
        }
        self.woken.clear();
        let [_, row, layer] = mesh.stride;
        let along =
            |stride: usize| (0..=2 * reach).map(move |n| n as isize - reach as isize).map(move |n| n * stride as isize);
        for &unit in &moved {
            let first = unit as usize * UNIT;
            for from in along(layer).flat_map(|z| along(row).map(move |y| first as isize + z + y)) {
                // Rows run on into each other in storage; at the ends of a row a few cells more are woken.
                let low = (from - reach as isize).max(0) as usize / UNIT;
                let high = (from + (UNIT + reach) as isize).max(0) as usize;
                for unit in low..high.div_ceil(UNIT).min(self.roles.len()) {
                    if self.roles[unit] == Role::Rests {
                        self.roles[unit] = Role::Waits;
                        self.woken.push(unit as u32);
                    }
                }
            }
        }
        for &unit in &moved {
            self.roles[unit as usize] = Role::Moved;
        }
        self.waiting.extend(&self.woken);
        self.waiting.retain(|&unit| self.roles[unit as usize] == Role::Waits);
        if self.woken.is_empty() {
            return false;
        }
        self.fresh.extend(&self.woken);
        self.cut_pieces();
        match &mut self.rest {
            Rest::Nowhere => {}
            Rest::Still { sources_w, resting_w, .. } => {
                for &unit in &self.woken {
                    resting_w.all_w -= sources_w[unit as usize].all_w;
                    resting_w.made_w -= sources_w[unit as usize].made_w;
                }
                self.open(mesh);
                self.find_borders(mesh);
                self.shut(mesh);
            }
            Rest::Drifting(drifting) => {
                mesh.wake(&self.woken);
                drifting.wake(mesh, cells_of(&self.woken));
            }
        }
        true
    }

    fn cut_pieces(&mut self) {
        let units = self.chunk / UNIT;
        self.count = 0;
        for (pieces, roles) in self.pieces.iter_mut().zip(self.roles.chunks(units)) {
            pieces.clear();
            for (unit, role) in roles.iter().enumerate() {
                if matches!(role, Role::Waits | Role::Moved) {
                    append(pieces, unit, Form::Any);
                    self.count += UNIT;
                }
            }
        }
    }

    /// Borders lie at units that wait: around those that have moved everything works.
    fn find_borders(&mut self, mesh: &Mesh) {
        self.borders.clear();
        let Rest::Still { start_u, .. } = &self.rest else { return };
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

    /// Puts them back.
    pub(super) fn open(&self, mesh: &mut Mesh) {
        for border in &self.borders {
            mesh.g[usize::from(border.axis)][mesh.pad + border.face as usize] = border.g;
        }
    }

    /// Sources of all that rests in balance.
    pub(super) fn resting_sources(&self) -> SourceHeat {
        if let Rest::Still { resting_w, .. } = &self.rest { *resting_w } else { SourceHeat::default() }
    }

    /// The heat that tissue at rest gives to cells that work. Unit: W.
    pub(super) fn heat_w(&self) -> impl Iterator<Item = (usize, f32)> {
        self.borders.iter().map(|border| (border.cell as usize, border.heat_w))
    }
}

fn cells_of(units: &[u32]) -> impl Iterator<Item = usize> {
    units.iter().flat_map(|&unit| unit as usize * UNIT..(unit as usize + 1) * UNIT)
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
    use super::super::rest::{QUIET_SHARE, Resting};
    use super::super::{Run, SolverSettings};
    use super::QUIET_K;
    use crate::conformance::reference::{Fineness, Pose, scene};
    use crate::{Continue, FreezeHistory, FreezeScene, SceneGrid, SceneParts, Start};

    /// The reference needle, askew, in tissue that is in balance with its blood and with the walls of the box.
    fn needle_in_balance(duration_s: f64) -> SceneParts {
        let pose = Pose { offset_mm: (0.1, 0.2, 0.0), towards: (0.3, 0.1, 1.0) };
        let parts = scene(pose, Fineness { margin_mm: 20.0, growth: 1.3, fine_mm: 1.0, step_s: 5.0 }, duration_s);
        SceneParts { start: Start::Steady, ..parts }
    }

    fn answer(parts: SceneParts, all_works: bool) -> FreezeHistory {
        let scene = FreezeScene::new(parts).unwrap();
        let settings = SolverSettings { step_s: 5.0, threads: 1, ..SolverSettings::default() };
        let rests = if all_works { Resting::Nowhere } else { Resting::of(scene.parts()) };
        let run = Run::new((&scene, rests), &settings, &SolvedFields::default(), &OnceLock::new()).unwrap();
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

    /// The reference needle, askew, on cells of one size, in tissue that its metabolism warms.
    fn needle_in_drifting_tissue(duration_s: f64) -> SceneParts {
        let parts = needle_in_balance(duration_s);
        let grid = SceneGrid::uniform(parts.grid.outer_box(), 1.0).unwrap();
        SceneParts { medium: vec![0; grid.cell_count()], grid, start: Start::Uniform { celsius: 37.0 }, ..parts }
    }

    #[test]
    fn leaving_tissue_that_drifts_alone_saves_work_and_changes_nothing_that_counts() {
        let (all, some) =
            (answer(needle_in_drifting_tissue(60.0), true), answer(needle_in_drifting_tissue(60.0), false));
        assert!(2 * some.counters.cell_updates < all.counters.cell_updates, "{:?} {:?}", some.counters, all.counters);
        assert!(some.energy.error() < 1e-6 && all.energy.error() < 1e-6, "{:?} {:?}", some.energy, all.energy);
        for (some_j, all_j) in
            [(some.energy.metabolism_j, all.energy.metabolism_j), (some.energy.probes_j, all.energy.probes_j)]
        {
            assert!((some_j / all_j - 1.0).abs() < 1e-5, "{:?} {:?}", some.energy, all.energy);
        }
        // From 37 to -140 °C; a cell at the rim keeps what it would have passed on, which is about as much again.
        let quiet_k = (QUIET_SHARE * 177.0) as f32;
        // What walls would have passed by then is kept, and leaves no cell farther off than that.
        let most_j = f64::from(quiet_k) * 3.6e6 * 0.064_f64.powi(3);
        assert!((some.energy.stored_j - all.energy.stored_j).abs() < most_j, "{:?} {:?}", some.energy, all.energy);
        let apart = |all: &[f32], some: &[f32]| all.iter().zip(some).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart(&all.coldest_c, &some.coldest_c) < quiet_k);
        assert!(apart(&all.last_c, &some.last_c) < quiet_k);
        // Where there is ice nothing is felt of it: a hundredth of a millimetre where tissue is colder by 4 K per mm.
        let in_ice = all.coldest_c.iter().zip(&some.coldest_c).filter(|(c, _)| **c < 0.0);
        assert!(in_ice.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) < 0.04);
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
