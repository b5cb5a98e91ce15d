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
        let fields = Fields { theta: &self.theta, extra: &self.extra, alive: &self.alive, start: &self.h };
        let newest = &self.newest;
        self.before
            .par_chunks_mut(layer)
            .zip(self.first_rate.par_chunks_mut(layer))
            .zip(self.layer_sources.par_iter_mut())
            .enumerate()
            .for_each(|(k, ((before, first_rate), sources))| {
                *sources = (0.0, 0.0);
                let mut out = LayerOut { before, first_rate, sources };
                advance_layer(mesh, stage, is_first, k, &fields, newest, &mut out);
            });
        std::mem::swap(&mut self.before, &mut self.newest);
    }
}

/// What every layer reads.
struct Fields<'a> {
    theta: &'a [f64],
    extra: &'a [f64],
    alive: &'a [u8],
    start: &'a [f64],
}

/// What one layer writes.
struct LayerOut<'a> {
    /// The stage before the newest; the next stage is written over it.
    before: &'a mut [f64],
    first_rate: &'a mut [f64],
    sources: &'a mut (f64, f64),
}

fn potentials(curves: &[Curve], kind: &[u8], h: &[f64], theta: &mut [f64]) {
    for ((theta, &h), &kind) in theta.iter_mut().zip(h).zip(kind) {
        *theta = if kind == HELD { 0.0 } else { curves[usize::from(kind)].theta(h) };
    }
}

/// `dH/dt = div(k grad T) + sources` and the stage made of it, for layer `k`.
fn advance_layer(
    mesh: &Mesh,
    stage: &Stage,
    is_first: bool,
    k: usize,
    fields: &Fields,
    newest: &[f64],
    out: &mut LayerOut,
) {
    let [nx, ny, _] = mesh.size;
    let [_, sy, sz] = mesh.stride;
    let total = newest.len();
    let rest = stage.rest();
    let theta = fields.theta;
    let [gx, gy, gz] = &mesh.g;
    for row in 0..ny {
        let base = k * sz + row * sy;
        for i in 0..nx {
            let n = base + i;
            let here = theta[n];
            let mut heat_w = fields.extra[n];
            // A missing neighbour has g = 0; its index is clamped so that nothing is read outside.
            heat_w += gx[n] * (theta[(n + 1).min(total - 1)] - here);
            heat_w += gx[n.saturating_sub(1)] * (theta[n.saturating_sub(1)] - here) * f64::from(u8::from(i > 0));
            heat_w += gy[n] * (theta[(n + sy).min(total - 1)] - here);
            if row > 0 {
                heat_w += gy[n - sy] * (theta[n - sy] - here);
            }
            heat_w += gz[n] * (theta[(n + sz).min(total - 1)] - here);
            if k > 0 {
                heat_w += gz[n - sz] * (theta[n - sz] - here);
            }
            let kind = mesh.kind[n];
            let mut rate = heat_w / mesh.volume[n];
            if kind != HELD && newest[n] > 0.0 && fields.alive[n] == 1 {
                let s = &mesh.sources[usize::from(kind)];
                let source = s.perfused - s.slope * newest[n] + s.made;
                rate += source;
                out.sources.0 += source * mesh.volume[n];
                out.sources.1 += s.made * mesh.volume[n];
            }
            let local = row * sy + i;
            if is_first {
                out.first_rate[local] = rate;
                out.before[local] = newest[n] + stage.rate_s * rate;
            } else {
                out.before[local] =
                    rest * fields.start[n] + stage.sum(newest[n], out.before[local], rate, out.first_rate[local]);
            }
        }
    }
}
