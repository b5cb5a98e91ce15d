//! What is kept of a run.

use rayon::prelude::*;

use super::mesh::{HELD, Mesh};
use super::probes::ProbeSet;
use super::step::State;
use crate::field::{Field, Holds, Lattice, Quantity};
use crate::history::{
    EnergyBalance, FreezeHistory, IsothermRecord, ProbeTrace, SensorTrace, Snapshot, SolverCounters, TimeBelow,
};
use crate::isotherm;
use crate::scene::{FreezeScene, Reperfusion};

/// Extremes, exposures and traces while a run goes on.
pub(super) struct Recorder {
    held_c: Vec<f32>,
    stasis: bool,
    start_c: Vec<f32>,
    last_c: Vec<f32>,
    coldest_c: Vec<f32>,
    coldest_at_s: Vec<f32>,
    below: Vec<TimeBelow>,
    sensors: Vec<SensorTrace>,
    probe_traces: Vec<ProbeTrace>,
    edges: Vec<IsothermRecord>,
    snapshots: Vec<Snapshot>,
    lattice: Lattice,
    coldest_surface_c: Vec<Option<f64>>,
    last_surface_c: Vec<Option<f64>>,
}

impl Recorder {
    pub(super) fn new(scene: &FreezeScene, mesh: &Mesh, probes: &ProbeSet, h: &[f64]) -> Self {
        let parts = scene.parts();
        let held_c: Vec<f32> = parts.medium.iter().map(|&m| mesh.held_c[usize::from(m)] as f32).collect();
        let mut start_c = vec![0.0; h.len()];
        temperatures(mesh, h, &held_c, &mut start_c);
        Self {
            held_c,
            stasis: parts.reperfusion == Reperfusion::Never,
            last_c: start_c.clone(),
            coldest_c: start_c.clone(),
            coldest_at_s: vec![0.0; h.len()],
            below: parts
                .isotherms_c
                .iter()
                .map(|&celsius| TimeBelow { celsius, seconds: vec![0.0; h.len()] })
                .collect(),
            start_c,
            sensors: parts
                .sensors
                .iter()
                .map(|s| SensorTrace { name: s.name.clone(), place: s.place, at_s: vec![], celsius: vec![] })
                .collect(),
            probe_traces: parts
                .probes
                .iter()
                .map(|p| ProbeTrace { name: p.name.clone(), at_s: vec![], surface_c: vec![], power_w: vec![] })
                .collect(),
            edges: Vec::new(),
            snapshots: Vec::new(),
            lattice: Lattice {
                grid: parts.grid.clone(),
                holds: holds(mesh, probes),
                kind: mesh.kind.clone(),
                curves: mesh.curves.clone(),
                probes: probes.potentials().cloned().collect(),
            },
            coldest_surface_c: vec![None; probes.count()],
            last_surface_c: vec![None; probes.count()],
        }
    }

    /// Takes note of the state at the end of a step, and stops the blood where ice has formed.
    pub(super) fn step(&mut self, mesh: &Mesh, probes: &ProbeSet, state: &mut State, then_s: f64, step_s: f64) {
        for (coldest, (surface_c, _)) in self.coldest_surface_c.iter_mut().zip(probes.readings()) {
            *coldest = match (*coldest, surface_c) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        let before = std::mem::take(&mut self.last_c);
        let mut now = self.start_c.clone();
        temperatures(mesh, &state.h, &self.held_c, &mut now);
        for (n, &celsius) in now.iter().enumerate() {
            if celsius < self.coldest_c[n] {
                self.coldest_c[n] = celsius;
                self.coldest_at_s[n] = then_s as f32;
            }
        }
        for below in &mut self.below {
            let limit = below.celsius as f32;
            for ((seconds, &was), &is) in below.seconds.iter_mut().zip(&before).zip(&now) {
                *seconds += step_s as f32 * share_below(was, is, limit);
            }
        }
        if self.stasis {
            for (alive, &h) in state.alive.iter_mut().zip(&state.h) {
                if h <= 0.0 {
                    *alive = 0;
                }
            }
        }
        self.last_c = now;
    }

    /// Takes note of which cells the probes cover now.
    pub(super) fn covered(&mut self, probes: &ProbeSet) {
        for cell in probes.covered_cells() {
            self.lattice.holds[cell] = Holds::Covered;
        }
    }

    /// Records sensors, probes and isotherms.
    pub(super) fn note(&mut self, scene: &FreezeScene, probes: &ProbeSet, now_s: f64) {
        self.last_surface_c = probes.readings().map(|(surface_c, _)| surface_c).collect();
        let field = Field {
            lattice: &self.lattice,
            values: &self.last_c,
            surface_c: &self.last_surface_c,
            of: Quantity::Celsius,
        };
        for sensor in &mut self.sensors {
            // A sensor was checked to lie in tissue; a reading can only be missing beside a shaft.
            if let Some(celsius) = field.at(sensor.place) {
                sensor.at_s.push(now_s);
                sensor.celsius.push(celsius);
            }
        }
        for (trace, (surface_c, power_w)) in self.probe_traces.iter_mut().zip(probes.readings()) {
            trace.at_s.push(now_s);
            trace.surface_c.push(surface_c);
            trace.power_w.push(power_w);
        }
        let parts = scene.parts();
        for &celsius in &parts.isotherms_c {
            self.edges.push(isotherm::record(&field, &parts.probes, celsius, now_s));
        }
    }

    /// Keeps the whole field as of the last record.
    pub(super) fn keep(&mut self, now_s: f64) {
        let surface_c = self.last_surface_c.clone();
        self.snapshots.push(Snapshot { at_s: now_s, celsius: self.last_c.clone(), surface_c });
    }

    pub(super) fn finish(self, scene: &FreezeScene, energy: EnergyBalance, counters: SolverCounters) -> FreezeHistory {
        FreezeHistory {
            grid: scene.grid().clone(),
            coldest_c: self.coldest_c,
            coldest_at_s: self.coldest_at_s,
            below: self.below,
            last_c: self.last_c,
            start_c: self.start_c,
            edges: self.edges,
            snapshots: self.snapshots,
            sensors: self.sensors,
            probe_traces: self.probe_traces,
            energy,
            counters,
            lattice: self.lattice,
            coldest_surface_c: self.coldest_surface_c,
            last_surface_c: self.last_surface_c,
        }
    }
}

fn holds(mesh: &Mesh, probes: &ProbeSet) -> Vec<Holds> {
    let mut holds: Vec<Holds> =
        mesh.kind.iter().map(|&kind| if kind == HELD { Holds::Nothing } else { Holds::Tissue }).collect();
    for &cell in probes.closed() {
        holds[cell as usize] = Holds::Nothing;
    }
    holds
}

/// Share of a step spent below a limit when the temperature runs straight from one value to the other.
fn share_below(was: f32, is: f32, limit: f32) -> f32 {
    match (was < limit, is < limit) {
        (true, true) => 1.0,
        (false, false) => 0.0,
        (false, true) => (limit - is) / (was - is),
        (true, false) => (limit - was) / (is - was),
    }
}

fn temperatures(mesh: &Mesh, h: &[f64], held_c: &[f32], out: &mut [f32]) {
    out.par_iter_mut().enumerate().with_min_len(4096).for_each(|(n, out)| {
        let kind = mesh.kind[n];
        *out = if kind == HELD { held_c[n] } else { mesh.curves[usize::from(kind)].celsius(h[n]) as f32 };
    });
}
