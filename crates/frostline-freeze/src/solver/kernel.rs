//! The arithmetic of one stage, block by block, compiled for the widest registers the machine has.
//!
//! `du/dt = (sum g (psi_b - psi_a)) / capacity + extra`, then the stage's combination, then psi of the new state: straight
//! above freezing, by table in blocks that hold something colder.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::lookup::Lookup;
use super::mesh::HELD;

/// The numbers of one stage in the kernel's precision.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weights {
    pub(super) newest: f32,
    pub(super) before: f32,
    pub(super) rate_s: f32,
    pub(super) first_rate_s: f32,
}

/// One stage of some pieces of a chunk. All lists but the padded ones cover the cells of the chunk.
pub(super) struct StageOfChunk<'a> {
    pub(super) pieces: &'a [Piece],
    pub(super) weights: Weights,
    pub(super) is_first: bool,
    /// The first cell's place in padded fields, and the distance to neighbours along y and z.
    pub(super) at: usize,
    pub(super) stride: [usize; 3],
    /// Padded: potentials of the newest state, and conductances.
    pub(super) psi: &'a [f32],
    pub(super) g: [&'a [f32]; 3],
    pub(super) per_capacity: &'a [f32],
    pub(super) extra: &'a [f32],
    pub(super) start: &'a [f32],
    pub(super) newest: &'a [f32],
    /// In: the stage before the newest. Out: the next one.
    pub(super) before: &'a mut [f32],
    pub(super) first_rate: &'a mut [f32],
    /// Out: potentials of the next stage.
    pub(super) next_psi: &'a mut [f32],
    pub(super) kind: &'a [u8],
    pub(super) lookups: &'a [&'a Lookup],
    pub(super) linear_above_u: f32,
    /// What faces pass along each axis over capacity, by kind, in [`Form::Even`] pieces. Unit: 1/s.
    pub(super) even: &'a [[f32; 3]],
}

/// What is known of the cells of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing.
    Any,
    /// u and psi are the same here, and stay so during the step. Only psi is kept up then: u of the two stages before is read
    /// from there: some 40 instead of 57 bytes a cell and stage.
    Straight,
    /// Also, all faces are those between cells of one size and one tissue, so they need not be read: 24 bytes.
    Even,
}

impl Form {
    /// Whether u is psi.
    pub(super) fn is_straight(self) -> bool {
        self != Self::Any
    }
}

/// Whole registers of cells, few enough to stay in the nearest cache.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) cells: Range<usize>,
    pub(super) form: Form,
}

/// Cells that are worked on together before their potentials are looked up.
pub(super) const PIECE: usize = 512;

impl WithSimd for StageOfChunk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for Piece { cells: piece, form } in self.pieces.iter().cloned() {
            assert!(piece.len().is_multiple_of(S::F32_LANES), "pieces are cut for narrower registers");
            match (form, self.is_first) {
                (Form::Straight, is_first) => {
                    let rates = self.rates::<S>(&piece);
                    self.go_straight(simd, rates, piece, is_first);
                    continue;
                }
                (Form::Even, is_first) => {
                    let rates = self.even_rates(simd, &piece);
                    self.go_straight(simd, rates, piece, is_first);
                    continue;
                }
                (Form::Any, true) => self.begin(simd, piece.clone()),
                (Form::Any, false) => self.go_on(simd, piece.clone()),
            }
            let (u, psi) = (&self.before[piece.clone()], &mut self.next_psi[piece.clone()]);
            let (kind, linear_above_u) = (&self.kind[piece], self.linear_above_u);
            Potentials { u, psi, kind, lookups: self.lookups, linear_above_u }.with_simd(simd);
        }
    }
}

impl<'a> StageOfChunk<'a> {
    /// What the cells of a piece receive, ready to be asked vector by vector.
    #[inline(always)]
    fn rates<S: Simd>(&self, piece: &Range<usize>) -> Rates<'a, S> {
        let [_, sy, sz] = self.stride;
        let (at, length) = (self.at + piece.start, piece.len());
        let (psi, [gx, gy, gz]) = (self.psi, self.g);
        let list = |field: &'a [f32], from: usize| S::as_simd_f32s(&field[from..from + length]).0;
        Rates {
            here: list(psi, at),
            there: [
                list(psi, at + 1),
                list(psi, at - 1),
                list(psi, at + sy),
                list(psi, at - sy),
                list(psi, at + sz),
                list(psi, at - sz),
            ],
            g: [list(gx, at), list(gx, at - 1), list(gy, at), list(gy, at - sy), list(gz, at), list(gz, at - sz)],
            per_capacity: list(self.per_capacity, piece.start),
            extra: list(self.extra, piece.start),
        }
    }

    /// The same of a piece whose faces are all alike.
    #[inline(always)]
    fn even_rates<S: Simd>(&self, simd: S, piece: &Range<usize>) -> EvenRates<'a, S> {
        let Rates { here, there, extra, .. } = self.rates::<S>(piece);
        let by = self.even[usize::from(self.kind[piece.start])].map(|by| simd.splat_f32s(by));
        EvenRates { here, there, extra, by }
    }

    /// The first stage of a step.
    #[inline(always)]
    fn begin<S: Simd>(&mut self, simd: S, piece: Range<usize>) {
        let rates = self.rates::<S>(&piece);
        let newest = S::as_simd_f32s(&self.newest[piece.clone()]).0;
        let next = S::as_mut_simd_f32s(&mut self.before[piece.clone()]).0;
        let first_rate = S::as_mut_simd_f32s(&mut self.first_rate[piece]).0;
        let rate_s = simd.splat_f32s(self.weights.rate_s);
        for n in 0..next.len() {
            let rate = rates.at(simd, n);
            first_rate[n] = rate;
            next[n] = simd.mul_add_e_f32s(rate_s, rate, newest[n]);
        }
    }

    /// Any stage where u is psi: the newest state is read there, and the one before is what the next one is written over.
    #[inline(always)]
    fn go_straight<S: Simd>(&mut self, simd: S, rates: impl Rate<S>, piece: Range<usize>, is_first: bool) {
        let next = S::as_mut_simd_f32s(&mut self.next_psi[piece.clone()]).0;
        let w = self.weights;
        let of_rate = simd.splat_f32s(w.rate_s);
        if is_first {
            let first_rate = S::as_mut_simd_f32s(&mut self.first_rate[piece]).0;
            for n in 0..next.len() {
                let rate = rates.at(simd, n);
                first_rate[n] = rate;
                next[n] = simd.mul_add_e_f32s(of_rate, rate, rates.here(n));
            }
            return;
        }
        let start = S::as_simd_f32s(&self.start[piece.clone()]).0;
        let first_rate = S::as_simd_f32s(&self.first_rate[piece]).0;
        let (of_newest, of_before) = (simd.splat_f32s(w.newest), simd.splat_f32s(w.before));
        let of_first = simd.splat_f32s(w.first_rate_s);
        for n in 0..next.len() {
            let mut moved = simd.mul_f32s(of_newest, simd.sub_f32s(rates.here(n), start[n]));
            moved = simd.mul_add_e_f32s(of_before, simd.sub_f32s(next[n], start[n]), moved);
            moved = simd.mul_add_e_f32s(of_first, first_rate[n], moved);
            moved = simd.mul_add_e_f32s(of_rate, rates.at(simd, n), moved);
            next[n] = simd.add_f32s(start[n], moved);
        }
    }

    /// Every other stage.
    #[inline(always)]
    fn go_on<S: Simd>(&mut self, simd: S, piece: Range<usize>) {
        let rates = self.rates::<S>(&piece);
        let newest = S::as_simd_f32s(&self.newest[piece.clone()]).0;
        let start = S::as_simd_f32s(&self.start[piece.clone()]).0;
        let next = S::as_mut_simd_f32s(&mut self.before[piece.clone()]).0;
        let first_rate = S::as_simd_f32s(&self.first_rate[piece]).0;
        let w = self.weights;
        let (of_newest, of_before) = (simd.splat_f32s(w.newest), simd.splat_f32s(w.before));
        let (of_rate, of_first) = (simd.splat_f32s(w.rate_s), simd.splat_f32s(w.first_rate_s));
        for n in 0..next.len() {
            // As differences from the start: weights that add up to one only nearly would warm or cool everything.
            let mut moved = simd.mul_f32s(of_newest, simd.sub_f32s(newest[n], start[n]));
            moved = simd.mul_add_e_f32s(of_before, simd.sub_f32s(next[n], start[n]), moved);
            moved = simd.mul_add_e_f32s(of_first, first_rate[n], moved);
            moved = simd.mul_add_e_f32s(of_rate, rates.at(simd, n), moved);
            next[n] = simd.add_f32s(start[n], moved);
        }
    }
}

/// Everything that the rate of a piece is made of.
struct Rates<'a, S: Simd> {
    here: &'a [S::f32s],
    /// The neighbours ahead and behind along x, y and z, and the faces between.
    there: [&'a [S::f32s]; 6],
    g: [&'a [S::f32s]; 6],
    per_capacity: &'a [S::f32s],
    extra: &'a [S::f32s],
}

/// The same where every face along an axis passes as much.
struct EvenRates<'a, S: Simd> {
    here: &'a [S::f32s],
    there: [&'a [S::f32s]; 6],
    extra: &'a [S::f32s],
    by: [S::f32s; 3],
}

/// What the cells of a piece have and receive, register by register.
trait Rate<S: Simd> {
    /// Potential. Unit: K.
    fn here(&self, n: usize) -> S::f32s;
    /// Unit: K/s.
    fn at(&self, simd: S, n: usize) -> S::f32s;
}

impl<S: Simd> Rate<S> for EvenRates<'_, S> {
    #[inline(always)]
    fn here(&self, n: usize) -> S::f32s {
        self.here[n]
    }

    #[inline(always)]
    fn at(&self, simd: S, n: usize) -> S::f32s {
        let here = self.here[n];
        let both = |way: usize| {
            let [ahead, behind] = [way, way + 1].map(|way| simd.sub_f32s(self.there[way][n], here));
            simd.add_f32s(ahead, behind)
        };
        let mut rate = simd.mul_add_e_f32s(self.by[0], both(0), self.extra[n]);
        rate = simd.mul_add_e_f32s(self.by[1], both(2), rate);
        simd.mul_add_e_f32s(self.by[2], both(4), rate)
    }
}

impl<S: Simd> Rate<S> for Rates<'_, S> {
    #[inline(always)]
    fn here(&self, n: usize) -> S::f32s {
        self.here[n]
    }

    #[inline(always)]
    fn at(&self, simd: S, n: usize) -> S::f32s {
        let here = self.here[n];
        let mut heat = simd.mul_f32s(self.g[0][n], simd.sub_f32s(self.there[0][n], here));
        for way in 1..6 {
            heat = simd.mul_add_e_f32s(self.g[way][n], simd.sub_f32s(self.there[way][n], here), heat);
        }
        simd.mul_add_e_f32s(heat, self.per_capacity[n], self.extra[n])
    }
}

/// psi of whole blocks.
pub(super) struct Potentials<'a> {
    pub(super) u: &'a [f32],
    pub(super) psi: &'a mut [f32],
    pub(super) kind: &'a [u8],
    pub(super) lookups: &'a [&'a Lookup],
    pub(super) linear_above_u: f32,
}

impl WithSimd for Potentials<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.psi.copy_from_slice(self.u);
        let states = S::as_simd_f32s(self.u).0;
        let limit = simd.splat_f32s(self.linear_above_u);
        for (n, &state) in states.iter().enumerate() {
            if simd.first_true_m32s(simd.less_than_f32s(state, limit)) == S::F32_LANES {
                continue;
            }
            let cells = n * S::F32_LANES..(n + 1) * S::F32_LANES;
            let kinds = &self.kind[cells.clone()];
            let first = kinds[0];
            let psi = &mut self.psi[cells.clone()];
            match self.lookups.get(usize::from(first)) {
                Some(Lookup { segments: Some(segments), linear_above_u, .. }) if kinds.iter().all(|&k| k == first) => {
                    let is_straight = simd.less_than_or_equal_f32s(simd.splat_f32s(*linear_above_u), state);
                    let curved = segments.psi(simd, state);
                    S::as_mut_simd_f32s(psi).0[0] = simd.select_f32s(is_straight, state, curved);
                }
                _ => {
                    for ((psi, &u), &kind) in psi.iter_mut().zip(&self.u[cells]).zip(kinds) {
                        if kind != HELD {
                            *psi = self.lookups[usize::from(kind)].psi(u);
                        }
                    }
                }
            }
        }
    }
}
