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

use std::ops::Range;

use rayon::prelude::*;

use super::active::Active;
use super::kernel::{Form, PIECE, Piece};
use super::mesh::{Mesh, UNIT};
use super::rkl::Stage;
use super::special::Role;

/// How fast cells are while they are warm.
#[derive(Clone, Debug, Default)]
pub(super) struct WarmSpeed {
    /// No temperature pattern of the cells that are not stiff decays faster. Unit: 1/s.
    pub(super) limit_per_s: f64,
    /// Cells that are faster, sorted.
    stiff: Vec<u32>,
}

/// Share of the cells that may be stiff: those beside probes and shafts, and slivers.
pub(super) const STIFF_SHARE: f64 = 0.02;
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

    /// From the cells that are fastest while warm (1/s), falling, of which the last one sets the limit, and from cells that are
    /// stiff in any case. Numbers that differ by a share of `noise` are the same.
    pub(super) fn of(fastest: Vec<(u32, f64)>, noise: f64, mut stiff: Vec<u32>) -> Self {
        let limit = fastest.last().map_or(0.0, |cell| cell.1);
        stiff.extend(fastest.iter().take_while(|cell| cell.1 > limit * (1.0 + noise)).map(|cell| cell.0));
        stiff.sort_unstable();
        stiff.dedup();
        Self { limit_per_s: limit * BESIDE_ICE, stiff }
    }

    /// Stiff cells among some.
    fn stiff_in(&self, cells: Range<usize>) -> &[u32] {
        let at = |cell: usize| self.stiff.partition_point(|&stiff| (stiff as usize) < cell);
        &self.stiff[at(cells.start)..at(cells.end)]
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
    /// Outside this there is neither; whole units.
    span: Range<usize>,
    /// Deep cells among those of the outer pass, chunk by chunk, with their inverse capacity (K/J).
    held: Vec<Vec<(u32, f32)>>,
    /// Cells between deep cells and the edge of the inner zone, and whether the rest was made for it.
    reach: usize,
    is_made: bool,
    /// Made by a step of one pass.
    is_for_one_pass: bool,
    /// Cells that were frozen then.
    frozen: usize,
    /// What each pass works on, chunk by chunk.
    pub(super) outer_pieces: Vec<Vec<Piece>>,
    pub(super) inner_pieces: Vec<Vec<Piece>>,
    /// What one pass of everything works on.
    pub(super) whole_pieces: Vec<Vec<Piece>>,
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
            span: 0..0,
            held: vec![Vec::new(); chunks],
            reach: 0,
            is_made: false,
            is_for_one_pass: false,
            frozen: 0,
            outer_pieces: vec![Vec::new(); chunks],
            inner_pieces: vec![Vec::new(); chunks],
            whole_pieces: vec![Vec::new(); chunks],
            crossings: vec![Vec::new(); chunks],
        }
    }

    /// Faces were joined otherwise.
    pub(super) fn forget(&mut self) {
        self.is_made = false;
    }

    /// Finds the zones for a step from now on; `psi` is not padded. They stay as they are as long as everything that is frozen is
    /// deep, and not much else.
    pub(super) fn find(&mut self, mesh: &Mesh, (warm, active): (&WarmSpeed, &Active), psi: &[f32], step_s: f64) {
        let reach = warm.reach(step_s);
        let serves = (reach..=reach + SPARE_REACH).contains(&self.reach);
        if !(self.is_made && !self.is_for_one_pass && serves && self.still_stands(active, psi)) {
            self.make(mesh, (warm, active), psi, reach);
            self.is_for_one_pass = false;
        }
    }

    /// Whether the zones tell what stays warm in a step of one pass. They are made anew only if no step of two passes has made
    /// them.
    pub(super) fn serve_one_pass(
        &mut self,
        mesh: &Mesh,
        (warm, active): (&WarmSpeed, &Active),
        psi: &[f32],
        step_s: f64,
    ) -> bool {
        let reach = warm.reach(step_s);
        let stands = self.is_made && self.reach >= reach && self.still_stands(active, psi);
        if !stands && (!self.is_made || self.is_for_one_pass) {
            self.make(mesh, (warm, active), psi, reach);
            self.is_for_one_pass = true;
            return true;
        }
        stands
    }

    fn make(&mut self, mesh: &Mesh, (warm, active): (&WarmSpeed, &Active), psi: &[f32], reach: usize) {
        (self.reach, self.is_made) = (reach + SPARE_REACH / 2, true);
        self.find_deep(warm, active, psi);
        self.widen(mesh, active);
        self.cut_pieces(mesh, active);
        self.find_crossings(mesh);
    }

    /// What is frozen or nearly so, and what is stiff.
    fn find_deep(&mut self, warm: &WarmSpeed, active: &Active, psi: &[f32]) {
        let (chunk, freezes_psi) = (self.chunk, self.freezes_psi);
        let limit = freezes_psi + NEARLY_FROZEN_K;
        self.deep[self.span.clone()].fill(0);
        self.inner[self.span.clone()].fill(0);
        let found: Vec<(usize, Range<usize>)> = self
            .deep
            .par_chunks_mut(chunk)
            .zip(psi.par_chunks(chunk))
            .zip(active.pieces())
            .enumerate()
            .map(|(n, ((deep, psi), pieces))| {
                let (mut frozen, mut first, mut end) = (0, usize::MAX, 0);
                for cells in pieces.iter().map(|piece| piece.cells.clone()) {
                    let mut any = 0;
                    for (deep, &psi) in deep[cells.clone()].iter_mut().zip(&psi[cells.clone()]) {
                        *deep = u8::from(psi < limit);
                        any |= *deep;
                        frozen += usize::from(psi < freezes_psi);
                    }
                    for &stiff in warm.stiff_in(n * chunk + cells.start..n * chunk + cells.end) {
                        deep[stiff as usize - n * chunk] = 1;
                        any = 1;
                    }
                    if any == 1 {
                        (first, end) = (first.min(n * chunk + cells.start), n * chunk + cells.end);
                    }
                }
                (frozen, first..end)
            })
            .collect();
        self.frozen = found.iter().map(|found| found.0).sum();
        let all = found.into_iter().map(|found| found.1).filter(|span| span.start < span.end);
        self.span = all.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or(0..0);
    }

    /// After more cells began to work; `was_inner` says that the inner zone reached as far as they did before.
    pub(super) fn grow(&mut self, mesh: &Mesh, (warm, active): (&WarmSpeed, &Active), was_inner: bool) {
        // What is stiff must be deep from the first step on.
        let is_new = |&cell: &u32| self.deep[cell as usize] == 0 && active.works(cell as usize / UNIT);
        if was_inner || warm.stiff.iter().any(is_new) {
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
        let counted = self.deep.par_chunks(self.chunk).zip(psi.par_chunks(self.chunk)).zip(active.pieces());
        let (frozen, outside) = counted
            .map(|((deep, psi), pieces)| {
                let (mut frozen, mut outside) = (0, 0);
                for Piece { cells, .. } in pieces {
                    let (deep, psi) = (&deep[cells.clone()], &psi[cells.clone()]);
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
                (frozen, outside)
            })
            .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        outside == 0 && MOST_THAWED * frozen as usize >= self.frozen
    }

    /// The inner zone: all that works within reach of a deep cell along each axis, filled up to whole units.
    fn widen(&mut self, mesh: &Mesh, active: &Active) {
        let reach = self.reach * mesh.stride.iter().sum::<usize>();
        let Range { start, end } = self.span;
        if start == end {
            return;
        }
        let span =
            start.saturating_sub(reach) / UNIT * UNIT..(end + reach).next_multiple_of(UNIT).min(self.inner.len());
        self.span = span.clone();
        let (inner, spread) = (&mut self.inner[span.clone()], &mut self.spread[span.clone()]);
        inner.copy_from_slice(&self.deep[span.clone()]);
        let count = inner.len();
        for stride in mesh.stride {
            // From so many cells on either side one can go to three times as many and one more at once.
            let mut reached = 0;
            while reached < self.reach {
                let further = (self.reach - reached).min(2 * reached + 1);
                let by = further * stride;
                if by < count {
                    spread.copy_from_slice(inner);
                    join(&mut inner[by..], &spread[..count - by]);
                    join(&mut inner[..count - by], &spread[by..]);
                }
                reached += further;
            }
        }
        for (n, unit) in inner.chunks_mut(UNIT).enumerate() {
            let is_inner = active.works(span.start / UNIT + n) && unit.contains(&1);
            unit.fill(u8::from(is_inner));
        }
    }

    fn cut_pieces(&mut self, mesh: &Mesh, active: &Active) {
        // Where lipid melts above freezing u and psi differ in what is warm as well.
        let are_straight = mesh.linear_above_u < self.freezes_psi + ROUNDING_K;
        let chunk = self.chunk;
        self.outer_pieces
            .par_iter_mut()
            .zip(&mut self.inner_pieces)
            .zip(&mut self.whole_pieces)
            .zip(&mut self.held)
            .zip(self.inner.par_chunks(chunk))
            .zip(self.deep.par_chunks(chunk))
            .enumerate()
            .for_each(|(n, (((((outer_pieces, inner_pieces), whole_pieces), held), inner), deep))| {
                outer_pieces.clear();
                inner_pieces.clear();
                whole_pieces.clear();
                held.clear();
                let works = |unit: &usize| active.works(n * chunk / UNIT + unit);
                for unit in (0..inner.len() / UNIT).filter(works) {
                    let is_inner = inner[unit * UNIT] == 1;
                    let form = match are_straight && !is_inner {
                        true if mesh.is_even(n * chunk / UNIT + unit) => Form::Even,
                        true => Form::Straight,
                        false => Form::Any,
                    };
                    append(whole_pieces, unit, form);
                    if !is_inner {
                        append(outer_pieces, unit, form);
                        continue;
                    }
                    append(inner_pieces, unit, Form::Any);
                    let deep = &deep[unit * UNIT..(unit + 1) * UNIT];
                    // Units that are wholly deep are left out; in others deep cells are held.
                    if deep.contains(&0) {
                        append(outer_pieces, unit, Form::Any);
                        let first = n * chunk + unit * UNIT;
                        let cells = (first..).zip(deep).filter(|(_, deep)| **deep == 1);
                        held.extend(cells.map(|(cell, _)| (cell as u32, mesh.per_capacity[cell])));
                    }
                }
            });
    }

    /// Holds the deep cells of the outer pass, by a share of 0, or lets them go again, by 1.
    pub(super) fn hold(&self, mesh: &mut Mesh, share: f32) {
        for &(cell, per_capacity) in self.held.iter().flatten() {
            mesh.per_capacity[cell as usize] = share * per_capacity;
        }
    }

    fn find_crossings(&mut self, mesh: &Mesh) {
        let (chunk, inner) = (self.chunk, &self.inner);
        let is_outer = |cell: usize| inner.get(cell) == Some(&0);
        let chunks = self.crossings.par_iter_mut().zip(&self.inner_pieces).enumerate();
        chunks.for_each(|(n, (crossings, pieces))| {
            crossings.clear();
            for piece in pieces {
                let cells = n * chunk + piece.cells.start..n * chunk + piece.cells.end;
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
        });
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
pub(super) fn append(pieces: &mut Vec<Piece>, unit: usize, form: Form) {
    let (start, end) = (unit * UNIT, (unit + 1) * UNIT);
    match pieces.last_mut() {
        Some(last) if last.cells.end == start && last.form == form && last.cells.len() < PIECE => {
            last.cells.end = end;
        }
        _ => pieces.push(Piece { cells: start..end, form }),
    }
}
