//! One time step of the whole scene.

use rayon::prelude::*;

use super::kernel::{Potentials, StageOfChunk, Weights};
use super::lookup::Lookup;
use super::mesh::{BLOCK, HELD, Mesh, NOTHING_U};
use super::probes::ProbeSet;
use super::rkl::{Stage, stages};
use super::sources::SourcesOfChunk;
use super::special::{Fields, Specials};

/// Heat that came into the tissue during one step, by way. Unit: J.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Income {
    /// From each probe.
    pub(super) probes_j: Vec<f64>,
    pub(super) boundaries_j: f64,
    pub(super) perfusion_j: f64,
    pub(super) metabolism_j: f64,
}

/// The state and everything a step needs to work in. See [`super::lookup`] for u and psi.
pub(super) struct State {
    /// Unit: K.
    pub(super) u: Vec<f32>,
    /// Padded.
    pub(super) psi: Vec<f32>,
    /// 1 while blood flows, 0 once frozen.
    pub(super) alive: Vec<f32>,
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
    special: Specials,
    chunk: usize,
    arch: pulp::Arch,
}

/// Chunks are at least so long: shorter ones cost more to hand out than to work on.
const SHORTEST_CHUNK: usize = 2048;
/// A field is cut into so many chunks, whatever the number of threads, so that sums are the same to the last bit.
const CHUNKS: usize = 16;

impl State {
    pub(super) fn new(celsius: &[f64], mesh: &Mesh) -> Self {
        let mut u = vec![NOTHING_U; mesh.stored];
        for (n, (u, &c)) in u.iter_mut().zip(celsius).enumerate() {
            if mesh.kind[n] != HELD {
                let kind = mesh.kind_of(n);
                *u = kind.lookup.u_at(&kind.curve, c) as f32;
            }
        }
        let chunk = mesh.stored.div_ceil(CHUNKS).max(SHORTEST_CHUNK).next_multiple_of(BLOCK);
        let zero = || vec![0.0; mesh.stored];
        let mut state = Self {
            psi: vec![0.0; mesh.stored + 2 * mesh.pad],
            next_psi: vec![0.0; mesh.stored + 2 * mesh.pad],
            alive: vec![1.0; mesh.stored],
            newest: zero(),
            before: zero(),
            first_rate: zero(),
            extra: zero(),
            sources: zero(),
            last_sources: zero(),
            last_step_s: 0.0,
            special: Specials::new(mesh, chunk),
            u,
            chunk,
            arch: pulp::Arch::new(),
        };
        state.find_potentials(mesh);
        state
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

    /// Puts a cell at a temperature. Returns the heat it was given. Unit: J.
    pub(super) fn put(&mut self, mesh: &Mesh, cell: usize, celsius: f64) -> f64 {
        let kind = mesh.kind_of(cell);
        let u = kind.lookup.u_at(&kind.curve, celsius) as f32;
        let given_j = f64::from(u - self.u[cell]) * f64::from(mesh.capacity[cell]);
        self.u[cell] = u;
        self.psi[mesh.pad + cell] = kind.lookup.psi(u);
        given_j
    }

    /// Takes over which cells the probes pull at, and forgets what bent.
    pub(super) fn switch(&mut self, mesh: &Mesh, probes: &ProbeSet) {
        self.special.switch(mesh, probes);
    }

    /// One step of `count` stages. Returns what came in.
    pub(super) fn step(
        &mut self,
        mesh: &mut Mesh,
        probes: &mut ProbeSet,
        (time_s, step_s): (f64, f64),
        count: usize,
    ) -> Income {
        let (perfusion_j, metabolism_j) = self.find_sources(mesh, step_s);
        self.special.bend(mesh, Fields { u: &self.u, psi: &self.psi });
        self.before.copy_from_slice(&self.u);
        let ways = probes.count() + 1;
        let mut first = vec![0.0; ways];
        let (mut before_j, mut newest_j) = (vec![0.0; ways], vec![0.0; ways]);
        for (n, stage) in stages(count, step_s).iter().enumerate() {
            let mut rates_w = vec![0.0; ways];
            let targets = probes.exchange(mesh, time_s + stage.taken_at * step_s, &self.psi, &mut rates_w);
            rates_w[ways - 1] = self.stage(mesh, stage, n == 0, &targets);
            if n == 0 {
                first.clone_from(&rates_w);
            }
            for way in 0..ways {
                let next = stage.sum(newest_j[way], before_j[way], rates_w[way], first[way]);
                (before_j[way], newest_j[way]) = (newest_j[way], next);
            }
        }
        std::mem::swap(&mut self.u, &mut self.newest);
        let boundaries_j = newest_j[ways - 1];
        newest_j.truncate(ways - 1);
        Income { probes_j: newest_j, boundaries_j, perfusion_j, metabolism_j }
    }

    /// Sources over this step, from their values now and one step ago (Adams and Bashforth), which is second order.
    /// Returns the heat of perfusion and of metabolism. Unit: J.
    fn find_sources(&mut self, mesh: &Mesh, step_s: f64) -> (f64, f64) {
        let ahead = if self.last_step_s > 0.0 { (0.5 * step_s / self.last_step_s) as f32 } else { 0.0 };
        self.last_step_s = step_s;
        let (chunk, psi) = (self.chunk, &self.psi[mesh.pad..]);
        let sums: Vec<(f64, f64)> = self
            .sources
            .par_chunks_mut(chunk)
            .zip(self.last_sources.par_chunks_mut(chunk))
            .zip(self.extra.par_chunks_mut(chunk))
            .enumerate()
            .map(|(n, ((sources, last), extra))| {
                let cells = n * chunk..n * chunk + sources.len();
                let input = SourcesOfChunk {
                    mesh,
                    psi: &psi[cells.clone()],
                    alive: &self.alive[cells.clone()],
                    kind: &mesh.kind[cells.clone()],
                    capacity: &mesh.capacity[cells],
                    ahead,
                    arch: self.arch,
                };
                let sums = input.find(sources, last);
                extra.copy_from_slice(sources);
                sums
            })
            .collect();
        let (all_w, made_w) = sums.iter().fold((0.0, 0.0), |(a, m), s| (a + s.0, m + s.1));
        ((all_w - made_w) * step_s, made_w * step_s)
    }

    /// The next stage of every cell. Returns the heat through walls. Unit: W.
    fn stage(&mut self, mesh: &Mesh, stage: &Stage, is_first: bool, targets: &[f32]) -> f64 {
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
            .zip(&self.special.chunks)
            .enumerate()
            .map(|(n, (((((out, first_rate), next_psi), extra), sources), special))| {
                let start = n * chunk;
                let walls_w = special.act(mesh, (input.psi, targets), start, sources, extra);
                input.run(start, Outputs { out, first_rate, next_psi }, extra);
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
    fn run(&self, start: usize, outputs: Outputs, extra: &[f32]) {
        let cells = start..start + outputs.out.len();
        let [gx, gy, gz] = &self.mesh.g;
        self.arch.dispatch(StageOfChunk {
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
        });
    }
}
