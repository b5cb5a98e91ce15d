//! One time step of the whole scene.

use rayon::prelude::*;

use super::curve::Curve;
use super::mesh::{Beyond, HELD, Mesh};
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

/// Rates of income, in the order probes, boundaries, perfusion, metabolism. Unit: W.
type Rates = Vec<f64>;

/// Enthalpies and everything a step needs to work in.
pub(super) struct State {
    /// Enthalpy of each cell. Unit: J/m3.
    pub(super) h: Vec<f64>,
    /// 1 while blood flows, 0 once frozen.
    pub(super) alive: Vec<u8>,
    newest: Vec<f64>,
    before: Vec<f64>,
    first_rate: Vec<f64>,
    theta: Vec<f64>,
    /// Heat into each cell through special faces and probes. Unit: W.
    extra: Vec<f64>,
    special_w: Vec<f64>,
    gathered_w: Vec<f64>,
    /// Sources of each layer: all, and metabolism alone. Unit: W.
    layer_sources: Vec<(f64, f64)>,
}

impl State {
    pub(super) fn new(h: Vec<f64>, mesh: &Mesh) -> Self {
        let n = h.len();
        Self {
            alive: vec![1; n],
            newest: h.clone(),
            before: h.clone(),
            first_rate: vec![0.0; n],
            theta: vec![0.0; n],
            extra: vec![0.0; n],
            special_w: vec![0.0; mesh.special.len()],
            gathered_w: vec![0.0; mesh.gather.cells.len()],
            layer_sources: vec![(0.0, 0.0); mesh.size[2]],
            h,
        }
    }

    /// One step of `count` stages. Returns what came in.
    pub(super) fn step(
        &mut self,
        mesh: &Mesh,
        probes: &mut ProbeSet,
        time_s: f64,
        step_s: f64,
        count: usize,
    ) -> Income {
        self.newest.copy_from_slice(&self.h);
        self.before.copy_from_slice(&self.h);
        // Links change between steps; nothing old may stay behind.
        self.extra.fill(0.0);
        let list = stages(count, step_s);
        let ways = probes.count() + 3;
        let mut first = vec![0.0; ways];
        let (mut before, mut newest) = (vec![0.0; ways], vec![0.0; ways]);
        for (n, stage) in list.iter().enumerate() {
            let mut rates = self.exchange(mesh, probes, time_s + stage.taken_at * step_s);
            self.advance(mesh, stage, n == 0);
            self.count_sources(&mut rates);
            if n == 0 {
                first.clone_from(&rates);
            }
            for way in 0..ways {
                let next = stage.sum(newest[way], before[way], rates[way], first[way]);
                (before[way], newest[way]) = (newest[way], next);
            }
        }
        self.h.copy_from_slice(&self.newest);
        let many = probes.count();
        Income {
            probes_j: newest[..many].to_vec(),
            boundaries_j: newest[many],
            perfusion_j: newest[many + 1],
            metabolism_j: newest[many + 2],
        }
    }

    /// Heat potentials, special faces and probes for the newest state. Sources are counted later.
    fn exchange(&mut self, mesh: &Mesh, probes: &mut ProbeSet, time_s: f64) -> Rates {
        let layer = mesh.stride[2];
        self.theta
            .par_chunks_mut(layer)
            .zip(self.newest.par_chunks(layer))
            .zip(mesh.kind.par_chunks(layer))
            .for_each(|((theta, h), kind)| potentials(&mesh.curves, kind, h, theta));
        mesh.special_heat_w(&self.newest, &mut self.special_w);
        let gather = &mesh.gather;
        let special_w = &self.special_w;
        self.gathered_w
            .par_iter_mut()
            .enumerate()
            .with_min_len(1024)
            .for_each(|(n, heat)| *heat = gather.heat_w(n, special_w));
        for cell in probes.linked_cells() {
            self.extra[cell] = 0.0;
        }
        for (&cell, &heat) in gather.cells.iter().zip(&self.gathered_w) {
            self.extra[cell as usize] = heat;
        }
        let mut rates = vec![0.0; probes.count() + 3];
        for (face, heat) in mesh.special.iter().zip(&self.special_w) {
            if matches!(face.beyond, Beyond::Wall { .. }) {
                rates[probes.count()] += heat;
            }
        }
        probes.exchange(mesh, time_s, &self.theta, &mut self.extra, &mut rates);
        rates
    }

    fn count_sources(&self, rates: &mut Rates) {
        let (all, made) = self.layer_sources.iter().fold((0.0, 0.0), |(a, m), &(all, made)| (a + all, m + made));
        let ways = rates.len();
        rates[ways - 2] = all - made;
        rates[ways - 1] = made;
    }

    /// The next stage of every cell.
    fn advance(&mut self, mesh: &Mesh, stage: &Stage, is_first: bool) {
        let layer = mesh.stride[2];
        let input = Input {
            mesh,
            stage,
            is_first,
            theta: &self.theta,
            extra: &self.extra,
            alive: &self.alive,
            start: &self.h,
            newest: &self.newest,
        };
        self.before
            .par_chunks_mut(layer)
            .zip(self.first_rate.par_chunks_mut(layer))
            .zip(self.layer_sources.par_iter_mut())
            .enumerate()
            .for_each(|(k, ((before, first_rate), sources))| {
                *sources = input.advance_layer(k, before, first_rate);
            });
        std::mem::swap(&mut self.before, &mut self.newest);
    }
}

fn potentials(curves: &[Curve], kind: &[u8], h: &[f64], theta: &mut [f64]) {
    for ((theta, &h), &kind) in theta.iter_mut().zip(h).zip(kind) {
        *theta = if kind == HELD { 0.0 } else { curves[usize::from(kind)].theta(h) };
    }
}

/// What every layer of a stage reads.
struct Input<'a> {
    mesh: &'a Mesh,
    stage: &'a Stage,
    is_first: bool,
    theta: &'a [f64],
    extra: &'a [f64],
    alive: &'a [u8],
    start: &'a [f64],
    newest: &'a [f64],
}

impl Input<'_> {
    /// `dH/dt = div(k grad T) + sources` and the stage made of it, for layer `k`. `before` holds the stage before the
    /// newest and becomes the next one. Returns all sources and metabolism alone (W).
    fn advance_layer(&self, k: usize, before: &mut [f64], first_rate: &mut [f64]) -> (f64, f64) {
        let [nx, ny, _] = self.mesh.size;
        let mut rate = vec![0.0; nx];
        let (mut all_w, mut made_w) = (0.0, 0.0);
        for row in 0..ny {
            let cells = self.mesh.row(row, k);
            rate.copy_from_slice(&self.extra[cells.clone()]);
            self.add_heat_w(row, k, &mut rate);
            for (rate, volume) in rate.iter_mut().zip(&self.mesh.volume[cells.clone()]) {
                *rate /= volume;
            }
            let (all, made) = self.add_sources(cells.clone(), &mut rate);
            all_w += all;
            made_w += made;
            let local = row * nx..(row + 1) * nx;
            self.combine(cells, &rate, &mut before[local.clone()], &mut first_rate[local]);
        }
        (all_w, made_w)
    }

    /// Adds the heat through the six faces of every cell of a row. Unit: W.
    fn add_heat_w(&self, row: usize, k: usize, heat_w: &mut [f64]) {
        let [_, ny, nz] = self.mesh.size;
        let [_, sy, sz] = self.mesh.stride;
        let [gx, gy, gz] = &self.mesh.g;
        let cells = self.mesh.row(row, k);
        let here = &self.theta[cells.clone()];
        let shifted = |by: usize| cells.start + by..cells.end + by;
        let back = |by: usize| cells.start - by..cells.end - by;
        if row > 0 {
            add_from(heat_w, here, &self.theta[back(sy)], &gy[back(sy)]);
        }
        if row + 1 < ny {
            add_from(heat_w, here, &self.theta[shifted(sy)], &gy[cells.clone()]);
        }
        if k > 0 {
            add_from(heat_w, here, &self.theta[back(sz)], &gz[back(sz)]);
        }
        if k + 1 < nz {
            add_from(heat_w, here, &self.theta[shifted(sz)], &gz[cells.clone()]);
        }
        let n = here.len();
        let gx = &gx[cells];
        add_from(&mut heat_w[..n - 1], &here[..n - 1], &here[1..], &gx[..n - 1]);
        add_from(&mut heat_w[1..], &here[1..], &here[..n - 1], &gx[..n - 1]);
    }

    /// Adds perfusion and metabolism where blood flows. Returns all of it and metabolism alone. Unit: W.
    fn add_sources(&self, cells: std::ops::Range<usize>, rate: &mut [f64]) -> (f64, f64) {
        let (mut all_w, mut made_w) = (0.0, 0.0);
        let kind = &self.mesh.kind[cells.clone()];
        let alive = &self.alive[cells.clone()];
        let volume = &self.mesh.volume[cells.clone()];
        for ((((rate, &h), &kind), &alive), &volume) in
            rate.iter_mut().zip(&self.newest[cells]).zip(kind).zip(alive).zip(volume)
        {
            let s = &self.mesh.sources[usize::from(kind)];
            let flows = f64::from(u8::from(h > 0.0) & alive);
            let source = flows * (s.perfused + s.made - s.slope * h);
            *rate += source;
            all_w += source * volume;
            made_w += flows * s.made * volume;
        }
        (all_w, made_w)
    }

    /// The stage of a row from its rates.
    fn combine(&self, cells: std::ops::Range<usize>, rate: &[f64], before: &mut [f64], first_rate: &mut [f64]) {
        let (stage, newest) = (self.stage, &self.newest[cells.clone()]);
        if self.is_first {
            first_rate.copy_from_slice(rate);
            for ((next, &h), &rate) in before.iter_mut().zip(newest).zip(rate) {
                *next = h + stage.rate_s * rate;
            }
            return;
        }
        let rest = stage.rest();
        for ((((next, &h), &rate), &first), &start) in
            before.iter_mut().zip(newest).zip(rate).zip(first_rate.iter()).zip(&self.start[cells])
        {
            *next = rest * start + stage.sum(h, *next, rate, first);
        }
    }
}

/// Adds `g (there - here)` to the heat into every cell.
fn add_from(heat_w: &mut [f64], here: &[f64], there: &[f64], g: &[f64]) {
    for (((heat, &here), &there), &g) in heat_w.iter_mut().zip(here).zip(there).zip(g) {
        *heat += g * (there - here);
    }
}
