//! What is kept of a run.

use rayon::prelude::*;

use super::mesh::{HELD, Mesh};
use super::probes::ProbeSet;
use super::step::State;
use crate::history::{EnergyBalance, FreezeHistory, SensorTrace, SolverCounters, TimeBelow};
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
    history_grid: crate::grid::SceneGrid,
}

impl Recorder {
    pub(super) fn new(scene: &FreezeScene, mesh: &Mesh, h: &[f64]) -> Self {
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
            history_grid: parts.grid.clone(),
        }
    }

    /// Takes note of the state at the end of a step, and stops the blood where ice has formed.
    pub(super) fn step(&mut self, mesh: &Mesh, state: &mut State, then_s: f64, step_s: f64) {
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

    pub(super) fn note(&mut self, now_s: f64, _probes: &ProbeSet) {
        for sensor in &mut self.sensors {
            if let Some(cell) = self.history_grid.cell_at(sensor.place) {
                sensor.at_s.push(now_s);
                sensor.celsius.push(f64::from(self.last_c[self.history_grid.offset(cell)]));
            }
        }
    }

    pub(super) fn finish(self, scene: &FreezeScene, energy: EnergyBalance, counters: SolverCounters) -> FreezeHistory {
        FreezeHistory {
            grid: scene.grid().clone(),
            coldest_c: self.coldest_c,
            coldest_at_s: self.coldest_at_s,
            below: self.below,
            last_c: self.last_c,
            start_c: self.start_c,
            edges: Vec::new(),
            sensors: self.sensors,
            probe_traces: Vec::new(),
            energy,
            counters,
        }
    }
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
