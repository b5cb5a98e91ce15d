//! Which cells need many stages, and which can do with few.
//!
//! Ice passes heat about eight times as fast as warm tissue, and cells beside a probe are faster still. They alone need the
//! many stages of a long step, and they are few. So a step may be made in two passes:
//!
//! 1. *Outer*, few stages: every cell but the `deep` ones, which are held as they were. The heat that passes from there into
//!    the inner zone is counted face by face.
//! 2. *Inner*, many stages: deep cells and their surroundings, which receive that heat evenly over the step.
//!
//! What the outer cells lose the inner ones gain, so heat is conserved. The inner zone reaches so far around the deep cells
//! that it is not felt at its edge that they were held in the first pass.

use super::active::{Active, UNIT};
use super::kernel::{PIECE, Piece};
use super::mesh::{HELD, Mesh};
use super::rkl::Stage;
use super::special::Role;

/// How fast cells are while they are warm.
#[derive(Clone, Debug, Default)]
pub(super) struct WarmSpeed {
    /// No temperature pattern of the cells that are not stiff decays faster. Unit: 1/s.
    pub(super) limit_per_s: f64,
    /// 1 for cells that are faster.
    stiff: Vec<u8>,
}

/// Share of the cells that may be stiff: those beside probes and shafts, and slivers.
const STIFF_SHARE: f64 = 0.02;
/// A face of a warm cell towards ice passes up to twice as much as one towards a warm cell, and a cell in the plane of the edge
/// has one such face in six.
const BESIDE_ICE: f64 = 7.0 / 6.0;

impl WarmSpeed {
    /// Over how many cells a change is felt within a step.
    pub(super) fn reach(&self, step_s: f64) -> usize {
        // That is about sqrt(4 D t); a cell decays at up to 12 D / h^2.
        let reach = (2.0 * (self.limit_per_s * step_s / 12.0).sqrt()).ceil() as usize;
        reach.clamp(REACH.0, REACH.1)
    }

    /// From the fastest decay around each cell (1/s), and the cells that are stiff in any case.
    pub(super) fn of(mesh: &Mesh, per_s: &[f64], stiff_cells: impl Iterator<Item = usize>) -> Self {
        let mut sorted: Vec<f64> = (0..mesh.count).filter(|&n| mesh.kind[n] != HELD).map(|n| per_s[n]).collect();
        if sorted.is_empty() {
            return Self { limit_per_s: 0.0, stiff: vec![0; mesh.stored] };
        }
        let last = ((sorted.len() - 1) as f64 * (1.0 - STIFF_SHARE)) as usize;
        let (_, limit, _) = sorted.select_nth_unstable_by(last, f64::total_cmp);
        let limit = *limit;
        let mut stiff: Vec<u8> = per_s.iter().map(|&per_s| u8::from(per_s > limit)).collect();
        stiff.resize(mesh.stored, 0);
        for cell in stiff_cells {
            stiff[cell] = 1;
        }
        Self { limit_per_s: limit * BESIDE_ICE, stiff }
    }
}

/// A face between an inner and an outer cell, and the heat that passed it into the inner one so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crossing {
    axis: u8,
    /// The cell before the face.
    face: u32,
    pub(super) inner: u32,
    outer: u32,
    g: f32,
    /// Rate at the first stage (W), heat at the stage before the newest and at the newest (J).
    first: f32,
    before: f32,
    newest: f32,
}

/// The zones of one step.
#[derive(Debug)]
pub(super) struct Zones {
    chunk: usize,
    /// Every tissue is liquid above. Unit: K.
    freezes_psi: f32,
    /// 1 for cells that are held in the outer pass, and for cells of the inner zone.
    deep: Vec<u8>,
    inner: Vec<u8>,
    spread: Vec<u8>,
    /// Cells between deep cells and the edge of the inner zone, and whether the rest was made for it.
    reach: usize,
    is_made: bool,
    /// Cells that were frozen then.
    frozen: usize,
    /// What each pass works on, chunk by chunk.
    pub(super) outer_pieces: Vec<Vec<Piece>>,
    pub(super) inner_pieces: Vec<Vec<Piece>>,
    /// Faces between the zones, in the chunk of their inner cell.
    pub(super) crossings: Vec<Vec<Crossing>>,
}

/// Fewest and most cells between the deep ones and the edge of the inner zone.
const REACH: (usize, usize) = (2, 8);
/// The zones serve for steps that need so much less reach than they have.
const SPARE_REACH: usize = 2;
/// Cells so little above the freezing point are deep, so that the zones serve for some steps: at the edge of the ice it is
/// warmer by about 4 K per mm. Unit: K.
const NEARLY_FROZEN_K: f32 = 2.0;
/// What single precision makes of the same number found in two ways. Unit: K.
const ROUNDING_K: f32 = 1e-3;
/// So many cells that none of which is frozen are passed over together.
const SKIPPED: usize = 64;
/// New zones are made when only one in so many cells is still frozen.
const MOST_THAWED: usize = 2;

impl Zones {
    pub(super) fn new(mesh: &Mesh, chunk: usize) -> Self {
        let chunks = mesh.stored.div_ceil(chunk);
        let mask = || vec![0; mesh.stored];
        let freezes_psi = mesh.kinds.iter().map(|kind| kind.lookup.starts_psi()).fold(f64::NEG_INFINITY, f64::max);
        Self {
            chunk,
            freezes_psi: freezes_psi as f32,
            deep: mask(),
            inner: mask(),
            spread: mask(),
            reach: 0,
            is_made: false,
            frozen: 0,
            outer_pieces: vec![Vec::new(); chunks],
            inner_pieces: vec![Vec::new(); chunks],
            crossings: vec![Vec::new(); chunks],
        }
    }

    /// Faces were joined otherwise.
    pub(super) fn forget(&mut self) {
        self.is_made = false;
    }

    /// Finds the zones for a step from now on; `psi` is not padded. Returns whether they changed: they stay as they are as long
    /// as everything that is frozen is deep, and not much else.
    pub(super) fn find(
        &mut self,
        mesh: &Mesh,
        (warm, active): (&WarmSpeed, &Active),
        psi: &[f32],
        step_s: f64,
    ) -> bool {
        let reach = warm.reach(step_s);
        let serves = (reach..=reach + SPARE_REACH).contains(&self.reach);
        if self.is_made && serves && self.still_stands(active, psi) {
            return false;
        }
        (self.reach, self.is_made) = (reach + SPARE_REACH / 2, true);
        self.frozen = 0;
        let limit = self.freezes_psi + NEARLY_FROZEN_K;
        self.deep.fill(0);
        for cells in active.runs() {
            let (deep, psi, stiff) = (&mut self.deep[cells.clone()], &psi[cells.clone()], &warm.stiff[cells]);
            for ((deep, &psi), &stiff) in deep.iter_mut().zip(psi).zip(stiff) {
                *deep = u8::from(psi < limit) | stiff;
                self.frozen += usize::from(psi < self.freezes_psi);
            }
        }
        self.widen(mesh, active);
        self.cut_pieces(mesh, active);
        self.find_crossings(mesh);
        true
    }

    /// After more cells began to work; `was_inner` says that the inner zone reached as far as they did before.
    pub(super) fn grow(&mut self, mesh: &Mesh, (warm, active): (&WarmSpeed, &Active), was_inner: bool) {
        // What is stiff must be deep from the first step on.
        let is_new = |cell: usize| warm.stiff[cell] > self.deep[cell];
        if was_inner || active.woken().any(is_new) {
            self.forget();
        } else if self.is_made {
            self.cut_pieces(mesh, active);
        }
    }

    /// Whether any of some cells belongs to the inner zone.
    pub(super) fn any_inner(&self, mut cells: impl Iterator<Item = usize>) -> bool {
        cells.any(|cell| self.inner[cell] == 1)
    }

    fn still_stands(&self, active: &Active, psi: &[f32]) -> bool {
        let (mut frozen, mut outside) = (0, 0);
        for cells in active.runs() {
            let (deep, psi) = (&self.deep[cells.clone()], &psi[cells]);
            for (psi, deep) in psi.chunks(SKIPPED).zip(deep.chunks(SKIPPED)) {
                // To look at all of them is faster than to count.
                if psi.iter().fold(false, |any, &psi| any | (psi < self.freezes_psi)) {
                    for (&psi, &deep) in psi.iter().zip(deep) {
                        let is_frozen = u32::from(psi < self.freezes_psi);
                        frozen += is_frozen;
                        outside += is_frozen & u32::from(1 - deep);
                    }
                }
            }
        }
        outside == 0 && MOST_THAWED * frozen as usize >= self.frozen
    }

    /// The inner zone: all that works within reach of a deep cell along each axis, filled up to whole units.
    fn widen(&mut self, mesh: &Mesh, active: &Active) {
        self.inner.copy_from_slice(&self.deep);
        let count = self.inner.len();
        for stride in mesh.stride {
            // From so many cells on either side one can go to three times as many and one more at once.
            let mut reached = 0;
            while reached < self.reach {
                let further = (self.reach - reached).min(2 * reached + 1);
                let by = further * stride;
                if by < count {
                    self.spread.copy_from_slice(&self.inner);
                    join(&mut self.inner[by..], &self.spread[..count - by]);
                    join(&mut self.inner[..count - by], &self.spread[by..]);
                }
                reached += further;
            }
        }
        for (n, unit) in self.inner.chunks_mut(UNIT).enumerate() {
            let is_inner = active.works(n) && unit.contains(&1);
            unit.fill(u8::from(is_inner));
        }
    }

    fn cut_pieces(&mut self, mesh: &Mesh, active: &Active) {
        // Where lipid melts above freezing u and psi differ in what is warm as well.
        let are_straight = mesh.linear_above_u < self.freezes_psi + ROUNDING_K;
        for (n, inner) in self.inner.chunks(self.chunk).enumerate() {
            let deep = &self.deep[n * self.chunk..n * self.chunk + inner.len()];
            let (outer_pieces, inner_pieces) = (&mut self.outer_pieces[n], &mut self.inner_pieces[n]);
            outer_pieces.clear();
            inner_pieces.clear();
            let works = |unit: &usize| active.works(n * self.chunk / UNIT + unit);
            for unit in (0..inner.len() / UNIT).filter(works) {
                let cells = unit * UNIT..(unit + 1) * UNIT;
                let (inner, deep) = (&inner[cells.clone()], &deep[cells]);
                let is_inner = inner[0] == 1;
                if is_inner {
                    append(inner_pieces, unit, false);
                }
                // Units that are wholly deep are left out; in others deep cells are held.
                if deep.contains(&0) {
                    append(outer_pieces, unit, are_straight && !is_inner);
                }
            }
        }
    }

    fn find_crossings(&mut self, mesh: &Mesh) {
        let is_outer = |cell: usize| self.inner.get(cell) == Some(&0);
        for (n, crossings) in self.crossings.iter_mut().enumerate() {
            crossings.clear();
            for piece in &self.inner_pieces[n] {
                let cells = n * self.chunk + piece.cells.start..n * self.chunk + piece.cells.end;
                for (axis, &stride) in mesh.stride.iter().enumerate() {
                    let g = &mesh.g[axis];
                    // Neighbours ahead, then behind.
                    let ahead = cells.clone().filter(|&cell| is_outer(cell + stride));
                    let ahead = ahead.map(|cell| (cell, cell, cell + stride));
                    let behind = cells.clone().filter(|&cell| cell >= stride && is_outer(cell - stride));
                    let behind = behind.map(|cell| (cell - stride, cell, cell - stride));
                    for (face, inner, outer) in ahead.chain(behind).filter(|&(face, ..)| g[mesh.pad + face] > 0.0) {
                        crossings.push(Crossing {
                            axis: axis as u8,
                            face: face as u32,
                            inner: inner as u32,
                            outer: outer as u32,
                            g: g[mesh.pad + face],
                            first: 0.0,
                            before: 0.0,
                            newest: 0.0,
                        });
                    }
                }
            }
        }
    }

    /// What special cells do in the outer pass: those of the overlap act in both, and are counted in the second.
    pub(super) fn outer_role(&self, cell: u32) -> Role {
        match (self.inner[cell as usize] == 1, self.deep[cell as usize] == 1) {
            (_, true) => Role::Away,
            (true, false) => Role::Uncounted,
            (false, false) => Role::Counted,
        }
    }

    /// What special cells do in the inner pass.
    pub(super) fn inner_role(&self, cell: u32) -> Role {
        if self.inner[cell as usize] == 1 { Role::Counted } else { Role::Away }
    }

    /// 1 for every cell that is held in the outer pass.
    pub(super) fn deep(&self) -> &[u8] {
        &self.deep
    }

    /// Cells that each pass works on.
    pub(super) fn counts(&self) -> (usize, usize) {
        let count = |pieces: &[Vec<Piece>]| pieces.iter().flatten().map(|piece| piece.cells.len()).sum();
        (count(&self.outer_pieces), count(&self.inner_pieces))
    }

    /// Opens the faces between the zones by a share: 0 shuts them, 1 opens them again.
    pub(super) fn set_crossings(&self, mesh: &mut Mesh, share: f32) {
        for crossing in self.crossings.iter().flatten() {
            mesh.g[usize::from(crossing.axis)][mesh.pad + crossing.face as usize] = share * crossing.g;
        }
    }
}

impl Crossing {
    /// Counts the heat of one stage; `psi` is padded.
    pub(super) fn count(&mut self, stage: &Stage, is_first: bool, psi: &[f32], pad: usize) {
        let rate_w = self.g * (psi[pad + self.outer as usize] - psi[pad + self.inner as usize]);
        if is_first {
            (self.first, self.before, self.newest) = (rate_w, 0.0, 0.0);
        }
        let next = stage.mu as f32 * self.newest
            + stage.nu as f32 * self.before
            + stage.rate_s as f32 * rate_w
            + stage.first_rate_s as f32 * self.first;
        (self.before, self.newest) = (self.newest, next);
    }

    /// What the inner cell received in all stages. Unit: J.
    pub(super) fn heat_j(&self) -> f32 {
        self.newest
    }
}

fn join(into: &mut [u8], other: &[u8]) {
    for (into, other) in into.iter_mut().zip(other) {
        *into |= other;
    }
}

/// Appends a unit to the last piece, or begins another.
pub(super) fn append(pieces: &mut Vec<Piece>, unit: usize, is_straight: bool) {
    let (start, end) = (unit * UNIT, (unit + 1) * UNIT);
    match pieces.last_mut() {
        Some(last) if last.cells.end == start && last.is_straight == is_straight && last.cells.len() < PIECE => {
            last.cells.end = end;
        }
        _ => pieces.push(Piece { cells: start..end, is_straight }),
    }
}
