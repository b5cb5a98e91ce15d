//! One time step of the whole scene.

use rayon::prelude::*;

use super::interface::{Side, between, from_wall};
use super::kernel::{Potentials, SourcesOfTissue, StageOfChunk, Weights};
use super::lookup::Lookup;
use super::mesh::{BLOCK, HELD, Kind, Mesh, NOTHING_U};
use super::probes::ProbeSet;
use super::rkl::{Stage, stages};

/// Heat that came into the tissue during one step, by way. Unit: J.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Income {
    /// From each probe.
    pub(super) probes_j: Vec<f64>,
    pub(super) boundaries_j: f64,
    pub(super) perfusion_j: f64,
    pub(super) metabolism_j: f64,
}

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
    /// Unit: J/K.
    capacity: f32,
}

/// What acts on single cells of one chunk.
#[derive(Clone, Debug, Default)]
struct Special {
    /// Every cell of the lists below.
    cells: Vec<u32>,
    links: Vec<Pull>,
    /// Shafts that warm and never cool.
    warmers: Vec<Pull>,
    walls: Vec<Walled>,
    /// Faces between two tissues of which one is cold, once for either side.
    faces: Vec<Bent>,
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
    special: Vec<Special>,
    /// Interfaces that bent in the last step and pass nothing by the plain way.
    bent: Vec<bool>,
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
            special: vec![Special::default(); mesh.stored.div_ceil(chunk)],
            bent: vec![false; mesh.interfaces.len()],
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
        for special in &mut self.special {
            (special.links, special.warmers) = (Vec::new(), Vec::new());
        }
        for pull in probes.links(mesh) {
            self.special[pull.cell as usize / self.chunk].links.push(pull);
        }
        for pull in probes.warmers(mesh) {
            self.special[pull.cell as usize / self.chunk].warmers.push(pull);
        }
        self.bent.fill(false);
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
        self.bend(mesh);
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

    /// Heat through walls, and through faces between tissues of which one is cold, as tangents for this step.
    fn bend(&mut self, mesh: &mut Mesh) {
        for special in &mut self.special {
            special.walls.clear();
            special.faces.clear();
        }
        self.bend_walls(mesh);
        self.bend_faces(mesh);
        for special in &mut self.special {
            special.cells.clear();
            special.cells.extend(special.links.iter().chain(&special.warmers).map(|p| p.cell));
            special.cells.extend(special.faces.iter().map(|face| face.cell));
        }
    }

    fn bend_walls(&mut self, mesh: &Mesh) {
        for wall in mesh.walls.iter().filter(|wall| wall.half > 0.0) {
            let cell = wall.cell as usize;
            let kind = mesh.kind_of(cell);
            let psi = self.psi[mesh.pad + cell];
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
            let walls = &mut self.special[cell / self.chunk].walls;
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

    fn bend_faces(&mut self, mesh: &mut Mesh) {
        let Mesh { interfaces, kinds, kind, g, pad, per_capacity, .. } = mesh;
        for (face, is_bent) in interfaces.iter_mut().zip(&mut self.bent).filter(|(face, _)| face.half_a > 0.0) {
            let (a, b) = (face.a as usize, face.b as usize);
            let (psi_a, psi_b) = (self.psi[*pad + a], self.psi[*pad + b]);
            let (ka, kb) = (&kinds[usize::from(kind[a])], &kinds[usize::from(kind[b])]);
            let starts_psi = ka.lookup.starts_psi().max(kb.lookup.starts_psi()) as f32;
            let g = &mut g[usize::from(face.axis)][*pad + a];
            if psi_a.min(psi_b) >= starts_psi {
                if *is_bent {
                    let half_a = face.half_a * ka.lookup.conductivity();
                    let half_b = face.half_b * kb.lookup.conductivity();
                    *g = (half_a * half_b / (half_a + half_b)) as f32;
                    *is_bent = false;
                }
                continue;
            }
            if !*is_bent {
                face.celsius = 0.5 * (ka.lookup.celsius(self.u[a]) + kb.lookup.celsius(self.u[b]));
                (*is_bent, *g) = (true, 0.0);
            }
            let side_a = Side { curve: &ka.curve, lookup: &ka.lookup, psi: f64::from(psi_a), half: face.half_a };
            let side_b = Side { curve: &kb.curve, lookup: &kb.lookup, psi: f64::from(psi_b), half: face.half_b };
            let t = between(&side_a, &side_b, &mut face.celsius);
            for (cell, other_cell, constant, own, other) in
                [(a, b, t.constant, t.own, t.other), (b, a, -t.constant, t.other, t.own)]
            {
                let by = f64::from(per_capacity[cell]);
                self.special[cell / self.chunk].faces.push(Bent {
                    cell: cell as u32,
                    other_cell: other_cell as u32,
                    constant: (constant * by) as f32,
                    own: (own * by) as f32,
                    other: (other * by) as f32,
                });
            }
        }
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
            .zip(&self.special)
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

impl Special {
    /// Writes what acts on single cells of the chunk that begins at `start`. Returns the heat through walls. Unit: W.
    fn act(
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

/// Sources of one chunk.
struct SourcesOfChunk<'a> {
    mesh: &'a Mesh,
    psi: &'a [f32],
    alive: &'a [f32],
    kind: &'a [u8],
    capacity: &'a [f32],
    /// Half of this step over the last one; 0 when there was none.
    ahead: f32,
    arch: pulp::Arch,
}

/// Cells of which sources are summed in single precision before they are added in double.
const SUMMED: usize = 64;

impl SourcesOfChunk<'_> {
    /// Writes what acts over this step and what acts now. Returns all of the first, and metabolism alone. Unit: W.
    fn find(&self, sources: &mut [f32], last: &mut [f32]) -> (f64, f64) {
        let kinds = &self.mesh.kinds;
        let (mut all_w, mut made_w) = (0.0, 0.0);
        for first in (0..sources.len()).step_by(SUMMED) {
            let cells = first..(first + SUMMED).min(sources.len());
            let kind = self.kind[first];
            let is_one = self.kind[cells.clone()].iter().all(|k| *k == kind);
            let sums = match kinds.get(usize::from(kind)) {
                Some(kind) if is_one => self.arch.dispatch(SourcesOfTissue {
                    made: kind.sources.made,
                    slope: kind.sources.slope,
                    starts_psi: kind.lookup.starts_psi() as f32,
                    ahead: self.ahead,
                    psi: &self.psi[cells.clone()],
                    alive: &self.alive[cells.clone()],
                    capacity: &self.capacity[cells.clone()],
                    sources: &mut sources[cells.clone()],
                    last: &mut last[cells],
                }),
                _ if is_one => (0.0, 0.0),
                // What is held has no capacity, so any tissue will do for it.
                _ => self.find_in(cells, |n| kinds.get(usize::from(self.kind[n])).unwrap_or(&kinds[0]), sources, last),
            };
            all_w += f64::from(sums.0);
            made_w += f64::from(sums.1);
        }
        (all_w, made_w)
    }

    #[inline(always)]
    fn find_in<'k>(
        &self,
        cells: std::ops::Range<usize>,
        kind: impl Fn(usize) -> &'k Kind,
        sources: &mut [f32],
        last: &mut [f32],
    ) -> (f32, f32) {
        let (mut all_w, mut made_w) = (0.0, 0.0);
        for n in cells {
            let kind = kind(n);
            let (s, psi, capacity) = (&kind.sources, self.psi[n], self.capacity[n]);
            let is_warm = psi > kind.lookup.starts_psi() as f32 && capacity > 0.0;
            let flows = if is_warm { self.alive[n] } else { 0.0 };
            let now = flows * (s.made - s.slope * psi);
            // Where blood did not flow before there is nothing to look back on.
            let then = if last[n] == 0.0 { now } else { last[n] };
            sources[n] = now + flows * self.ahead * (now - then);
            last[n] = now;
            all_w += sources[n] * capacity;
            made_w += flows * s.made * capacity;
        }
        (all_w, made_w)
    }
}
