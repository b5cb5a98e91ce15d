//! What is kept of a run.

#[cfg(feature = "gpu")]
pub(super) mod device;

use rayon::prelude::*;

use super::mesh::{HELD, Mesh};
use super::potential::Where;
use super::probes::ProbeSet;
use super::step::State;
use crate::field::{Field, Holds, Lattice, Values};
use crate::grid::SceneGrid;
use crate::history::{
    EnergyBalance, FreezeHistory, IsothermRecord, ProbeTrace, SensorTrace, Snapshot, SolverCounters, TimeBelow,
};
use crate::isotherm::Surveyor;
use crate::scene::{FreezeScene, Reperfusion};

/// Extremes, exposures and traces while a run goes on. States are the solver's u, which falls with the temperature.
pub(super) struct Recorder {
    /// Temperature of cells that are held. Unit: °C.
    held_c: Vec<f32>,
    stasis: bool,
    start_u: Vec<f32>,
    last_u: Vec<f32>,
    coldest_u: Vec<f32>,
    coldest_at_s: Vec<f32>,
    below: Vec<Below>,
    sensors: Vec<SensorTrace>,
    probe_traces: Vec<ProbeTrace>,
    surveyors: Vec<Surveyor>,
    edges: Vec<IsothermRecord>,
    snapshots: Vec<Snapshot>,
    lattice: Lattice,
    coldest_surface_c: Vec<Option<f64>>,
    last_surface_c: Vec<Option<f64>>,
}

/// Time below one temperature.
struct Below {
    celsius: f64,
    /// Its u in each tissue, and the warmest of them.
    limit_u: Vec<f32>,
    warmest_u: f32,
    seconds: Vec<f32>,
}

/// Cells that are looked at together.
const CHUNK: usize = 4096;
/// Cells that are passed over together when none of them is cold.
const SKIPPED: usize = 64;

impl Recorder {
    pub(super) fn new(scene: &FreezeScene, mesh: &Mesh, probes: &ProbeSet, state: &State) -> Self {
        let parts = scene.parts();
        let below = parts.isotherms_c.iter().map(|&celsius| {
            let limit_u: Vec<f32> = mesh.kinds.iter().map(|k| k.lookup.u_at(&k.curve, celsius) as f32).collect();
            let warmest_u = limit_u.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            Below { celsius, limit_u, warmest_u, seconds: vec![0.0; mesh.stored] }
        });
        Self {
            held_c: parts.medium.iter().map(|&m| mesh.held_c[usize::from(m)] as f32).collect(),
            stasis: parts.reperfusion == Reperfusion::Never,
            start_u: state.u.clone(),
            last_u: state.u.clone(),
            coldest_u: state.u.clone(),
            coldest_at_s: vec![0.0; mesh.stored],
            below: below.collect(),
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
            surveyors: parts.isotherms_c.iter().map(|&c| Surveyor::new(c, &parts.probes)).collect(),
            edges: Vec::new(),
            snapshots: Vec::new(),
            lattice: Lattice {
                grid: parts.grid.clone(),
                holds: holds(&parts.grid, mesh, probes),
                narrowed: probes.narrowed().to_vec(),
                kind: mesh.kind.clone(),
                kinds: mesh.kinds.clone(),
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
        let now_s = then_s as f32;
        self.coldest_u
            .par_chunks_mut(CHUNK)
            .zip(self.coldest_at_s.par_chunks_mut(CHUNK))
            .zip(state.u.par_chunks(CHUNK))
            .for_each(|((coldest, at_s), now)| note_coldest(coldest, at_s, now, now_s));
        for below in &mut self.below {
            let (warmest_u, limit_u) = (below.warmest_u, &below.limit_u);
            below
                .seconds
                .par_chunks_mut(CHUNK)
                .zip(self.last_u.par_chunks(CHUNK))
                .zip(state.u.par_chunks(CHUNK))
                .zip(mesh.kind.par_chunks(CHUNK))
                .for_each(|(((seconds, was), is), kind)| {
                    for first in (0..seconds.len()).step_by(SKIPPED) {
                        let cells = first..(first + SKIPPED).min(seconds.len());
                        if any_below(&was[cells.clone()], warmest_u) || any_below(&is[cells.clone()], warmest_u) {
                            for n in cells {
                                // What is held is never so cold.
                                if was[n].min(is[n]) < warmest_u {
                                    let limit = limit_u[usize::from(kind[n])];
                                    seconds[n] += step_s as f32 * share_below(was[n], is[n], limit);
                                }
                            }
                        }
                    }
                });
        }
        if self.stasis {
            let starts: Vec<f32> = mesh.kinds.iter().map(|k| k.lookup.freezing_u() as f32).collect();
            let warmest = starts.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            state.alive.par_chunks_mut(CHUNK).zip(state.u.par_chunks(CHUNK)).zip(mesh.kind.par_chunks(CHUNK)).for_each(
                |((alive, u), kind)| {
                    for first in (0..alive.len()).step_by(SKIPPED) {
                        let cells = first..(first + SKIPPED).min(alive.len());
                        if any_below(&u[cells.clone()], warmest.next_up()) {
                            for n in cells {
                                if u[n] <= warmest && u[n] <= starts[usize::from(kind[n])] {
                                    alive[n] = 0.0;
                                }
                            }
                        }
                    }
                },
            );
        }
        self.last_u.copy_from_slice(&state.u);
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
        let field =
            Field { lattice: &self.lattice, values: Values::States(&self.last_u), surface_c: &self.last_surface_c };
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
        if !self.surveyors.is_empty() {
            let celsius = self.temperatures(&self.last_u);
            for surveyor in &mut self.surveyors {
                self.edges.push(surveyor.measure(&field, &celsius, &scene.parts().probes, now_s));
            }
        }
    }

    /// Keeps the whole field as of the last record.
    pub(super) fn keep(&mut self, now_s: f64) {
        let surface_c = self.last_surface_c.clone();
        self.snapshots.push(Snapshot { at_s: now_s, celsius: self.temperatures(&self.last_u), surface_c });
    }

    /// Temperatures of the cells of the grid. Unit: °C.
    fn temperatures(&self, u: &[f32]) -> Vec<f32> {
        let lattice = &self.lattice;
        let of = |n: usize| match lattice.kinds.get(usize::from(lattice.kind[n])) {
            Some(kind) => kind.lookup.celsius(u[n]),
            None => self.held_c[n],
        };
        (0..self.held_c.len()).into_par_iter().with_min_len(CHUNK).map(of).collect()
    }

    pub(super) fn finish(
        mut self,
        scene: &FreezeScene,
        energy: EnergyBalance,
        counters: SolverCounters,
    ) -> FreezeHistory {
        let cells = self.held_c.len();
        self.coldest_at_s.truncate(cells);
        let seconds = |mut below: Below| {
            below.seconds.truncate(cells);
            TimeBelow { celsius: below.celsius, seconds: below.seconds }
        };
        FreezeHistory {
            grid: scene.grid().clone(),
            coldest_c: self.temperatures(&self.coldest_u),
            last_c: self.temperatures(&self.last_u),
            start_c: self.temperatures(&self.start_u),
            coldest_at_s: self.coldest_at_s,
            below: self.below.into_iter().map(seconds).collect(),
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

/// Looks at all of them, which is faster than stopping at the first.
fn any_below(states: &[f32], limit: f32) -> bool {
    states.iter().fold(false, |any, &u| any | (u < limit))
}

fn note_coldest(coldest: &mut [f32], at_s: &mut [f32], now: &[f32], now_s: f32) {
    for ((coldest, at_s), &now) in coldest.iter_mut().zip(at_s).zip(now) {
        *at_s = if now < *coldest { now_s } else { *at_s };
        *coldest = if now < *coldest { now } else { *coldest };
    }
}

fn holds(grid: &SceneGrid, mesh: &Mesh, probes: &ProbeSet) -> Vec<Holds> {
    let mut holds: Vec<Holds> =
        mesh.kind[..mesh.count].iter().map(|&kind| if kind == HELD { Holds::Nothing } else { Holds::Tissue }).collect();
    for &(cell, _) in probes.narrowed() {
        let centre = grid.centre(grid.cell(cell as usize));
        if probes.potentials().any(|p| p.locate(centre) == Where::Insulated) {
            holds[cell as usize] = Holds::Hidden;
        }
    }
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
