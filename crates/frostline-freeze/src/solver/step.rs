//! The state of a scene, and the stages that take it from one time to the next.

use rayon::prelude::*;

use super::kernel::{Piece, Potentials, StageOfChunk, Weights};
use super::lookup::Lookup;
use super::mesh::{BLOCK, Mesh, NOTHING_U, UNIT};
use super::probes::ProbeSet;
use super::rest::{Drifting, StartU};
use super::rkl::{Stage, stages};
use super::sources::SourcesOfChunk;
use super::special::Special;
use super::zones::Crossing;

/// The state and everything a step needs to work in. See [`super::lookup`] for u and psi.
pub(super) struct State {
    /// Unit: K.
    pub(super) u: Vec<f32>,
    /// Padded.
    pub(super) psi: Vec<f32>,
    /// 1 where blood has stopped for good, 0 elsewhere.
    pub(super) bloodless: Vec<f32>,
    newest: Vec<f32>,
    before: Vec<f32>,
    first_rate: Vec<f32>,
    next_psi: Vec<f32>,
    /// What special faces, probes and sources do in this stage, and sources alone. Unit: K/s.
    extra: Vec<f32>,
    sources: Vec<f32>,
    /// Sources of the last step, and how long it was.
    last_sources: Vec<f32>,
    last_step_s: f64,
    pub(super) chunk: usize,
    arch: pulp::Arch,
}

/// Chunks are at least so long: shorter ones cost more to hand out than to work on.
const SHORTEST_CHUNK: usize = 2048;
/// A field is cut into so many chunks, whatever the number of threads, so that sums are the same to the last bit.
const CHUNKS: usize = 16;

/// From when a step goes, and how long it is. Unit: s.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepTime {
    pub(super) from_s: f64,
    pub(super) step_s: f64,
}

/// Some cells, and how they go through a step. All lists have one entry per chunk.
pub(super) struct Pass<'a> {
    pub(super) time: StepTime,
    pub(super) stages: usize,
    pub(super) pieces: &'a [Vec<Piece>],
    pub(super) special: &'a [Special],
    /// Faces of which the heat is counted.
    pub(super) crossings: &'a mut [Vec<Crossing>],
    /// Where they act.
    pub(super) probes: Option<&'a mut ProbeSet>,
}

/// Heat that came in during a pass. Unit: J.
pub(super) struct PassHeat {
    /// From each probe.
    pub(super) probes_j: Vec<f64>,
    pub(super) boundaries_j: f64,
}

impl State {
    /// All cells at the start.
    pub(super) fn new(start: &StartU, mesh: &Mesh) -> Self {
        let u: Vec<f32> = match start {
            StartU::Each(states) => states.clone(),
            StartU::OfKind(_) => (0..mesh.stored).map(|cell| start.at(mesh, cell)).collect(),
        };
        let mut state = Self { newest: u.clone(), before: u.clone(), u, ..Self::empty(mesh) };
        state.find_potentials(mesh);
        state.next_psi.clone_from(&state.psi);
        state
    }

    /// Nothing anywhere: every cell must wake before it works. Memory that was never written to is not held.
    pub(super) fn empty(mesh: &Mesh) -> Self {
        let zero = || vec![0.0; mesh.stored];
        Self {
            u: zero(),
            psi: vec![0.0; mesh.stored + 2 * mesh.pad],
            next_psi: vec![0.0; mesh.stored + 2 * mesh.pad],
            bloodless: zero(),
            newest: zero(),
            before: zero(),
            first_rate: zero(),
            extra: zero(),
            sources: zero(),
            last_sources: zero(),
            last_step_s: 0.0,
            chunk: mesh.stored.div_ceil(CHUNKS).max(SHORTEST_CHUNK).next_multiple_of(BLOCK),
            arch: pulp::Arch::new(),
        }
    }

    /// Puts units that begin to work on the curves of their tissues.
    pub(super) fn wake(&mut self, mesh: &Mesh, drifting: &Drifting, units: impl Iterator<Item = usize>) {
        for cell in units.flat_map(|unit| unit * UNIT..(unit + 1) * UNIT) {
            let kind = mesh.kind[cell];
            let u = drifting.u(kind).unwrap_or(NOTHING_U);
            let psi = mesh.kinds.get(usize::from(kind)).map_or(u, |kind| kind.lookup.psi(u));
            // What is held is the same in both lists. The third is filled where a step needs it.
            (self.u[cell], self.newest[cell]) = (u, u);
            (self.psi[mesh.pad + cell], self.next_psi[mesh.pad + cell]) = (psi, psi);
            self.last_sources[cell] = drifting.last_source(kind);
        }
    }

    /// The state of units that rest, for whoever reads it.
    pub(super) fn show(&mut self, mesh: &Mesh, drifting: &Drifting, units: impl Iterator<Item = usize>) {
        let states = drifting.by_kind();
        for unit in units {
            let cells = unit * UNIT..(unit + 1) * UNIT;
            for (u, &kind) in self.u[cells.clone()].iter_mut().zip(&mesh.kind[cells]) {
                *u = states[usize::from(kind)];
            }
        }
    }

    /// psi of the state; after it was changed from outside.
    pub(super) fn find_potentials(&mut self, mesh: &Mesh) {
        let (chunk, pad, arch) = (self.chunk, mesh.pad, self.arch);
        let lookups = lookups(mesh);
        self.psi[pad..pad + mesh.stored]
            .par_chunks_mut(chunk)
            .zip(self.u.par_chunks(chunk))
            .zip(mesh.kind.par_chunks(chunk))
            .for_each(|((psi, u), kind)| {
                arch.dispatch(Potentials { u, psi, kind, lookups: &lookups, linear_above_u: mesh.linear_above_u });
            });
    }

    /// The state before the last step of every cell that works.
    pub(super) fn was(&self) -> &[f32] {
        &self.newest
    }

    pub(super) fn was_mut(&mut self) -> &mut [f32] {
        &mut self.newest
    }

    /// How far sources are looked ahead in a step: half of it over the one before.
    pub(super) fn ahead(&self, step_s: f64) -> f32 {
        if self.last_step_s > 0.0 { (0.5 * step_s / self.last_step_s) as f32 } else { 0.0 }
    }

    /// Puts a cell at a temperature. Returns the heat it was given. Unit: J.
    pub(super) fn put(&mut self, mesh: &Mesh, cell: usize, celsius: f64) -> f64 {
        let kind = mesh.kind_of(cell);
        let u = kind.lookup.u_at(&kind.curve, celsius) as f32;
        let given_j = f64::from(u - self.u[cell]) * f64::from(mesh.capacity[cell]);
        self.u[cell] = u;
        self.psi[mesh.pad + cell] = kind.lookup.psi(u);
        given_j
    }

    /// Every cell of a pass through all its stages. Returns what came in through probes and walls. Unit: J.
    pub(super) fn pass(&mut self, mesh: &Mesh, pass: &mut Pass) -> PassHeat {
        let ways = pass.probes.as_ref().map_or(0, |probes| probes.count()) + 1;
        let mut first = vec![0.0; ways];
        let (mut before_j, mut newest_j) = (vec![0.0; ways], vec![0.0; ways]);
        for (n, stage) in stages(pass.stages, pass.time.step_s).iter().enumerate() {
            let mut rates_w = vec![0.0; ways];
            let at_s = pass.time.from_s + stage.taken_at * pass.time.step_s;
            let targets = match &mut pass.probes {
                Some(probes) => probes.exchange(mesh, at_s, &self.psi, &mut rates_w),
                None => Vec::new(),
            };
            rates_w[ways - 1] = self.stage(mesh, pass, (stage, n == 0), &targets);
            if n == 0 {
                first.clone_from(&rates_w);
            }
            for way in 0..ways {
                let next = stage.sum(newest_j[way], before_j[way], rates_w[way], first[way]);
                (before_j[way], newest_j[way]) = (newest_j[way], next);
            }
        }
        let boundaries_j = newest_j[ways - 1];
        newest_j.truncate(ways - 1);
        PassHeat { probes_j: newest_j, boundaries_j }
    }

    /// Before a step of some cells in one pass.
    pub(super) fn begin(&mut self, pieces: &[Vec<Piece>]) {
        let (chunk, u) = (self.chunk, &self.u);
        self.before.par_chunks_mut(chunk).zip(u.par_chunks(chunk)).zip(pieces).for_each(|((before, u), pieces)| {
            for Piece { cells, .. } in pieces.iter().filter(|piece| !piece.form.is_straight()) {
                before[cells.clone()].copy_from_slice(&u[cells.clone()]);
            }
        });
    }

    /// After that pass: writes down how cells ended of which only the potential was kept up.
    pub(super) fn straighten(&mut self, mesh: &Mesh, pieces: &[Vec<Piece>]) {
        let (chunk, psi) = (self.chunk, &self.psi[mesh.pad..mesh.pad + mesh.stored]);
        self.newest.par_chunks_mut(chunk).zip(psi.par_chunks(chunk)).zip(pieces).for_each(|((newest, psi), pieces)| {
            for Piece { cells, .. } in pieces.iter().filter(|piece| piece.form.is_straight()) {
                newest[cells.clone()].copy_from_slice(&psi[cells.clone()]);
            }
        });
    }

    /// After the last pass of a step.
    pub(super) fn end(&mut self) {
        std::mem::swap(&mut self.u, &mut self.newest);
    }

    /// Before a pass that holds some of the inner cells: they have the same potential in both lists, and no source.
    pub(super) fn begin_holding(&mut self, mesh: &Mesh, outer: &[Vec<Piece>], inner: &[Vec<Piece>], held: &[u8]) {
        let (chunk, pad) = (self.chunk, mesh.pad);
        let (u, psi) = (&self.u, &self.psi[pad..pad + mesh.stored]);
        self.next_psi[pad..pad + mesh.stored]
            .par_chunks_mut(chunk)
            .zip(self.before.par_chunks_mut(chunk))
            .zip(self.extra.par_chunks_mut(chunk))
            .zip(outer.par_iter().zip(inner))
            .enumerate()
            .for_each(|(n, (((next_psi, before), extra), (outer, inner)))| {
                for Piece { cells, .. } in outer.iter().filter(|piece| !piece.form.is_straight()) {
                    before[cells.clone()].copy_from_slice(&u[n * chunk + cells.start..n * chunk + cells.end]);
                }
                for Piece { cells, .. } in inner {
                    let all = n * chunk + cells.start..n * chunk + cells.end;
                    next_psi[cells.clone()].copy_from_slice(&psi[all.clone()]);
                    for (extra, &held) in extra[cells.clone()].iter_mut().zip(&held[all]) {
                        *extra = if held == 1 { 0.0 } else { *extra };
                    }
                }
            });
    }

    /// After that pass, before one of the inner cells: puts those back to the start of the step, and writes down how the
    /// others ended.
    pub(super) fn rewind(&mut self, mesh: &Mesh, outer: &[Vec<Piece>], inner: &[Vec<Piece>]) {
        let (chunk, pad, arch) = (self.chunk, mesh.pad, self.arch);
        let lookups = lookups(mesh);
        let (u, kind) = (&self.u, &mesh.kind);
        self.psi[pad..pad + mesh.stored]
            .par_chunks_mut(chunk)
            .zip(self.next_psi[pad..pad + mesh.stored].par_chunks_mut(chunk))
            .zip(self.before.par_chunks_mut(chunk))
            .zip(self.newest.par_chunks_mut(chunk))
            .zip(self.extra.par_chunks_mut(chunk))
            .zip(self.sources.par_chunks(chunk))
            .zip(outer.par_iter().zip(inner))
            .enumerate()
            .for_each(|(n, ((((((psi, next_psi), before), newest), extra), sources), (outer, inner)))| {
                for Piece { cells, form } in outer {
                    next_psi[cells.clone()].copy_from_slice(&psi[cells.clone()]);
                    if form.is_straight() {
                        newest[cells.clone()].copy_from_slice(&psi[cells.clone()]);
                    }
                }
                for Piece { cells, .. } in inner {
                    let all = n * chunk + cells.start..n * chunk + cells.end;
                    let (u, kind, psi) = (&u[all.clone()], &kind[all], &mut psi[cells.clone()]);
                    arch.dispatch(Potentials { u, psi, kind, lookups: &lookups, linear_above_u: mesh.linear_above_u });
                    before[cells.clone()].copy_from_slice(u);
                    extra[cells.clone()].copy_from_slice(&sources[cells.clone()]);
                }
            });
    }

    /// Adds heat to a source over the step. Unit: J, s.
    pub(super) fn give(&mut self, mesh: &Mesh, cell: usize, heat_j: f32, step_s: f64) {
        self.sources[cell] += heat_j * mesh.per_capacity[cell] / step_s as f32;
    }

    /// Adds steady sources to cells. Returns their sum. Unit: W.
    pub(super) fn add_sources(&mut self, mesh: &Mesh, sources_w: impl Iterator<Item = (usize, f32)>) -> f64 {
        let mut sum_w = 0.0;
        for (cell, watt) in sources_w {
            let rate = watt * mesh.per_capacity[cell];
            self.sources[cell] += rate;
            self.extra[cell] += rate;
            sum_w += f64::from(rate * mesh.capacity[cell]);
        }
        sum_w
    }

    /// Sources over this step, from their values now and one step ago (Adams and Bashforth), which is second order.
    /// Returns the heat of perfusion and of metabolism. Unit: J.
    pub(super) fn find_sources(&mut self, mesh: &Mesh, pieces: &[Vec<Piece>], step_s: f64) -> (f64, f64) {
        let ahead = self.ahead(step_s);
        self.last_step_s = step_s;
        let (chunk, psi, arch) = (self.chunk, &self.psi[mesh.pad..], self.arch);
        let bloodless = &self.bloodless;
        let sums: Vec<(f64, f64)> = self
            .sources
            .par_chunks_mut(chunk)
            .zip(self.last_sources.par_chunks_mut(chunk))
            .zip(self.extra.par_chunks_mut(chunk))
            .zip(pieces)
            .enumerate()
            .map(|(n, (((sources, last), extra), pieces))| {
                let (mut all_w, mut made_w) = (0.0, 0.0);
                for Piece { cells: local, .. } in pieces {
                    let cells = n * chunk + local.start..n * chunk + local.end;
                    let sources = &mut sources[local.clone()];
                    let sums = arch.dispatch(SourcesOfChunk {
                        mesh,
                        psi: &psi[cells.clone()],
                        bloodless: &bloodless[cells.clone()],
                        kind: &mesh.kind[cells.clone()],
                        capacity: &mesh.capacity[cells],
                        ahead,
                        sources,
                        last: &mut last[local.clone()],
                    });
                    extra[local.clone()].copy_from_slice(sources);
                    (all_w, made_w) = (all_w + sums.0, made_w + sums.1);
                }
                (all_w, made_w)
            })
            .collect();
        let (all_w, made_w) = sums.iter().fold((0.0, 0.0), |(a, m), s| (a + s.0, m + s.1));
        ((all_w - made_w) * step_s, made_w * step_s)
    }

    /// The next stage of the cells of a pass. Returns the heat through their walls. Unit: W.
    fn stage(&mut self, mesh: &Mesh, pass: &mut Pass, (stage, is_first): (&Stage, bool), targets: &[f32]) -> f64 {
        let (chunk, pad) = (self.chunk, mesh.pad);
        // The first stage writes over nothing that is needed later; from then on two lists take turns.
        let mut out = std::mem::take(if is_first { &mut self.newest } else { &mut self.before });
        let lookups = lookups(mesh);
        let input = StageInput {
            mesh,
            weights: weights(stage),
            is_first,
            psi: &self.psi,
            start: &self.u,
            newest: if is_first { &self.u } else { &self.newest },
            lookups: &lookups,
            arch: self.arch,
        };
        let walls_w: Vec<f64> = out
            .par_chunks_mut(chunk)
            .zip(self.first_rate.par_chunks_mut(chunk))
            .zip(self.next_psi[pad..pad + mesh.stored].par_chunks_mut(chunk))
            .zip(self.extra.par_chunks_mut(chunk))
            .zip(self.sources.par_chunks(chunk))
            .zip(pass.special)
            .zip(pass.pieces)
            .zip(pass.crossings.par_iter_mut())
            .enumerate()
            .map(|(n, (((((((out, first_rate), next_psi), extra), sources), special), pieces), crossings))| {
                let start = n * chunk;
                let walls_w = special.act(mesh, (input.psi, targets), start, sources, extra);
                for crossing in crossings {
                    crossing.count(stage, is_first, input.psi, pad);
                }
                input.run(start, pieces, Outputs { out, first_rate, next_psi }, extra);
                walls_w
            })
            .collect();
        if is_first {
            self.newest = out;
        } else {
            self.before = std::mem::replace(&mut self.newest, out);
        }
        std::mem::swap(&mut self.psi, &mut self.next_psi);
        walls_w.iter().sum()
    }
}

fn lookups(mesh: &Mesh) -> Vec<&Lookup> {
    mesh.kinds.iter().map(|kind| &kind.lookup).collect()
}

fn weights(stage: &Stage) -> Weights {
    Weights {
        newest: stage.mu as f32,
        before: stage.nu as f32,
        rate_s: stage.rate_s as f32,
        first_rate_s: stage.first_rate_s as f32,
    }
}

/// What every chunk of a stage reads.
struct StageInput<'a> {
    mesh: &'a Mesh,
    weights: Weights,
    is_first: bool,
    psi: &'a [f32],
    start: &'a [f32],
    newest: &'a [f32],
    lookups: &'a [&'a Lookup],
    arch: pulp::Arch,
}

/// What a chunk of a stage writes.
struct Outputs<'a> {
    out: &'a mut [f32],
    first_rate: &'a mut [f32],
    next_psi: &'a mut [f32],
}

impl StageInput<'_> {
    /// The chunk that begins at a cell.
    fn run(&self, start: usize, pieces: &[Piece], outputs: Outputs, extra: &[f32]) {
        let cells = start..start + outputs.out.len();
        let [gx, gy, gz] = &self.mesh.g;
        self.arch.dispatch(StageOfChunk {
            pieces,
            weights: self.weights,
            is_first: self.is_first,
            at: self.mesh.pad + start,
            stride: self.mesh.stride,
            psi: self.psi,
            g: [gx, gy, gz],
            per_capacity: &self.mesh.per_capacity[cells.clone()],
            extra,
            start: &self.start[cells.clone()],
            newest: &self.newest[cells.clone()],
            before: outputs.out,
            first_rate: outputs.first_rate,
            next_psi: outputs.next_psi,
            kind: &self.mesh.kind[cells],
            lookups: self.lookups,
            linear_above_u: self.mesh.linear_above_u,
            even: &self.mesh.even,
        });
    }
}
