//! What is kept of a run.

#[cfg(feature = "gpu")]
pub(super) mod device;

use std::ops::Range;

use rayon::prelude::*;

use super::active::Active;
use super::kernel::Piece;
use super::mesh::{Mesh, UNIT};
use super::potential::Where;
use super::probes::ProbeSet;
use super::rest::{Resting as Rests, StartU};
use super::step::{State, StepTime};
use crate::field::{Field, Holds, Lattice, Values, Wall};
use crate::history::{
    EnergyBalance, FreezeHistory, IsothermRecord, ProbeTrace, SensorTrace, Snapshot, SolverCounters, TimeBelow,
};
use crate::isotherm::Surveyor;
use crate::scene::{FreezeScene, Medium, Reperfusion, SceneParts};

/// Extremes, exposures and traces while a run goes on. States are the solver's u, which falls with the temperature.
pub(super) struct Recorder {
    stasis: bool,
    /// Temperatures as of the last record, where surfaces are followed. Unit: °C.
    last_c: Vec<f32>,
    coldest_u: Vec<f32>,
    coldest_at_s: Vec<f32>,
    below: Vec<Below>,
    /// Of tissue that rests, by kind.
    resting: Vec<Resting>,
    /// States of covered cells before they were covered.
    uncovered: Vec<(u32, f32)>,
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

/// What has become of tissue that drifts and rests.
#[derive(Clone, Debug)]
struct Resting {
    u: f32,
    coldest_u: f32,
    coldest_at_s: f32,
    /// By isotherm.
    below_s: Vec<f32>,
}

/// Cells that are looked at together.
const CHUNK: usize = 4096;
/// So many cells.
const SKIPPED: usize = 64;

impl Recorder {
    pub(super) fn new(scene: &FreezeScene, mesh: &Mesh, probes: &ProbeSet, start: &StartU, resting: Rests) -> Self {
        let parts = scene.parts();
        let below = parts.isotherms_c.iter().map(|&celsius| {
            let limit_u: Vec<f32> = mesh.kinds.iter().map(|k| k.lookup.u_at(&k.curve, celsius) as f32).collect();
            let warmest_u = limit_u.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            Below { celsius, limit_u, warmest_u, seconds: vec![0.0; mesh.stored] }
        });
        let below: Vec<Below> = below.collect();
        let coldest_u = match (start, resting) {
            (_, Rests::Drifting) => vec![0.0; mesh.stored],
            (StartU::Each(states), _) => states.clone(),
            (StartU::OfKind(_), _) => (0..mesh.stored).map(|cell| start.at(mesh, cell)).collect(),
        };
        let of_kind = |&u: &f32| Resting { u, coldest_u: u, coldest_at_s: 0.0, below_s: vec![0.0; below.len()] };
        let resting = match (start, resting) {
            (StartU::OfKind(states), Rests::Drifting) => states.iter().map(of_kind).collect(),
            _ => Vec::new(),
        };
        let mut recorder = Self {
            last_c: Vec::new(),
            stasis: parts.reperfusion == Reperfusion::Never,
            coldest_u,
            coldest_at_s: vec![0.0; mesh.stored],
            resting,
            uncovered: Vec::new(),
            below,
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
                holds: holds(scene, mesh, probes),
                narrowed: probes.narrowed().to_vec(),
                kind: mesh.kind.clone(),
                kinds: mesh.kinds.clone(),
                walls: parts.media.iter().map(wall_of).collect(),
                probes: probes.potentials().cloned().collect(),
            },
            coldest_surface_c: vec![None; probes.count()],
            last_surface_c: vec![None; probes.count()],
        };
        if !recorder.surveyors.is_empty() {
            recorder.last_c = recorder.temperatures(scene, &|cell| start.at(mesh, cell));
        }
        recorder
    }

    /// Takes note of the state of what works at the end of a step, and stops the blood where ice has formed. `fresh` holds
    /// units that woke before it.
    pub(super) fn step(
        &mut self,
        (mesh, probes): (&Mesh, &ProbeSet),
        state: &mut State,
        (active, fresh): (&Active, &[u32]),
        time: StepTime,
    ) {
        self.show_resting(mesh, fresh.iter().map(|&unit| unit as usize));
        for (cell, u) in self.uncovered.drain(..) {
            state.was_mut()[cell as usize] = u;
        }
        for (coldest, (surface_c, _)) in self.coldest_surface_c.iter_mut().zip(probes.readings()) {
            *coldest = match (*coldest, surface_c) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        let (now_s, step_s) = ((time.from_s + time.step_s) as f32, time.step_s as f32);
        let (chunk, pieces) = (state.chunk, active.pieces());
        self.step_resting(active, (now_s, step_s));
        self.coldest_u
            .par_chunks_mut(chunk)
            .zip(self.coldest_at_s.par_chunks_mut(chunk))
            .zip(state.u.par_chunks(chunk))
            .zip(pieces)
            .for_each(|(((coldest, at_s), now), pieces)| {
                for Piece { cells, .. } in pieces {
                    let (coldest, at_s) = (&mut coldest[cells.clone()], &mut at_s[cells.clone()]);
                    note_coldest(coldest, at_s, &now[cells.clone()], now_s);
                }
            });
        for below in &mut self.below {
            let (warmest_u, limit_u) = (below.warmest_u, &below.limit_u);
            below
                .seconds
                .par_chunks_mut(chunk)
                .zip(state.was().par_chunks(chunk))
                .zip(state.u.par_chunks(chunk))
                .zip(mesh.kind.par_chunks(chunk))
                .zip(pieces)
                .for_each(|((((seconds, was), is), kind), pieces)| {
                    for cells in pieces.iter().flat_map(blocks) {
                        if any_below(&was[cells.clone()], warmest_u) || any_below(&is[cells.clone()], warmest_u) {
                            for n in cells {
                                // What is held is never so cold.
                                if was[n].min(is[n]) < warmest_u {
                                    let limit = limit_u[usize::from(kind[n])];
                                    seconds[n] += step_s * share_below(was[n], is[n], limit);
                                }
                            }
                        }
                    }
                });
        }
        if self.stasis {
            let starts: Vec<f32> = mesh.kinds.iter().map(|k| k.lookup.freezing_u() as f32).collect();
            let warmest = starts.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let fields = state.bloodless.par_chunks_mut(chunk).zip(state.u.par_chunks(chunk));
            fields.zip(mesh.kind.par_chunks(chunk)).zip(pieces).for_each(|(((bloodless, u), kind), pieces)| {
                for cells in pieces.iter().flat_map(blocks) {
                    if any_below(&u[cells.clone()], warmest.next_up()) {
                        for n in cells {
                            if u[n] <= warmest && u[n] <= starts[usize::from(kind[n])] {
                                bloodless[n] = 1.0;
                            }
                        }
                    }
                }
            });
        }
    }

    /// Takes tissue that rests one step on.
    fn step_resting(&mut self, active: &Active, (now_s, step_s): (f32, f32)) {
        let Some(drifting) = active.drifting() else { return };
        for (kind, resting) in self.resting.iter_mut().enumerate() {
            let Some(u) = drifting.u(kind as u8) else { continue };
            for (seconds, below) in resting.below_s.iter_mut().zip(&self.below) {
                *seconds += step_s * share_below(resting.u, u, below.limit_u[kind]);
            }
            if u < resting.coldest_u {
                (resting.coldest_u, resting.coldest_at_s) = (u, now_s);
            }
            resting.u = u;
        }
    }

    /// Writes down cell by cell what has become of units that rest until now.
    pub(super) fn show_resting(&mut self, mesh: &Mesh, units: impl Iterator<Item = usize>) {
        if self.resting.is_empty() {
            return;
        }
        for cell in units.flat_map(|unit| unit * UNIT..(unit + 1) * UNIT) {
            let Some(resting) = self.resting.get(usize::from(mesh.kind[cell])) else { continue };
            (self.coldest_u[cell], self.coldest_at_s[cell]) = (resting.coldest_u, resting.coldest_at_s);
            for (below, &seconds) in self.below.iter_mut().zip(&resting.below_s) {
                below.seconds[cell] = seconds;
            }
        }
    }

    /// Takes note of which cells the probes cover now.
    pub(super) fn covered(&mut self, probes: &ProbeSet) {
        for cell in probes.covered_cells() {
            self.lattice.holds[cell] = Holds::Covered;
        }
    }

    /// Takes note of the state of cells that the probes cover from now on, before they are put at their temperature.
    pub(super) fn before_cover(&mut self, probes: &ProbeSet, u: &[f32]) {
        self.uncovered.extend(probes.covered_cells().map(|cell| (cell as u32, u[cell])));
    }

    /// Whether somebody looks at the state at every record.
    pub(super) fn reads_states(&self) -> bool {
        !(self.sensors.is_empty() && self.surveyors.is_empty())
    }

    /// Takes temperatures from states.
    fn read(&mut self, scene: &FreezeScene, u: &[f32], runs: impl Iterator<Item = Range<usize>>) {
        for cells in runs {
            let cells = cells.start..cells.end.min(self.last_c.len());
            for (n, &u) in cells.clone().zip(&u[cells]) {
                self.last_c[n] = self.celsius(scene, n, u);
            }
        }
    }

    /// Records sensors, probes and isotherms. `runs` holds all cells that may have changed since the last record.
    pub(super) fn note(
        &mut self,
        (scene, probes): (&FreezeScene, &ProbeSet),
        (u, runs): (&[f32], impl Iterator<Item = Range<usize>>),
        now_s: f64,
    ) {
        if !self.surveyors.is_empty() {
            self.read(scene, u, runs);
        }
        self.last_surface_c = probes.readings().map(|(surface_c, _)| surface_c).collect();
        let field = Field { lattice: &self.lattice, values: Values::States(u), surface_c: &self.last_surface_c };
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
        let measure = |surveyor: &mut Surveyor| surveyor.measure(&field, &self.last_c, &scene.parts().probes, now_s);
        self.edges.par_extend(self.surveyors.par_iter_mut().map(measure));
    }

    /// Keeps the whole field, just after it was recorded.
    pub(super) fn keep(&mut self, scene: &FreezeScene, u: &[f32], now_s: f64) {
        let (celsius, surface_c) = (self.temperatures(scene, &|cell| u[cell]), self.last_surface_c.clone());
        self.snapshots.push(Snapshot { at_s: now_s, celsius, surface_c });
    }

    /// Temperature of a cell in a state; of a cell that is held, its own. Unit: °C.
    fn celsius(&self, scene: &FreezeScene, cell: usize, u: f32) -> f32 {
        celsius(&self.lattice, scene, cell, u)
    }

    /// Temperatures of the cells of the grid. Unit: °C.
    fn temperatures(&self, scene: &FreezeScene, u: &(dyn Fn(usize) -> f32 + Sync)) -> Vec<f32> {
        let of = |n: usize| self.celsius(scene, n, u(n));
        (0..self.lattice.holds.len()).into_par_iter().with_min_len(CHUNK).map(of).collect()
    }

    /// The answer, from the last state of every cell and the first.
    pub(super) fn finish(
        mut self,
        (scene, start): (&FreezeScene, &StartU),
        last_u: Vec<f32>,
        energy: EnergyBalance,
        counters: SolverCounters,
    ) -> FreezeHistory {
        let cells = self.lattice.holds.len();
        self.coldest_at_s.truncate(cells);
        let seconds = |mut below: Below| {
            below.seconds.truncate(cells);
            TimeBelow { celsius: below.celsius, seconds: below.seconds }
        };
        // Each list becomes temperatures where it lies.
        let coldest_c = warmed(&self.lattice, scene, std::mem::take(&mut self.coldest_u));
        let last_c = warmed(&self.lattice, scene, last_u);
        let kind = &self.lattice.kind;
        let start_c = self.temperatures(scene, &|cell| match start {
            StartU::Each(states) => states[cell],
            StartU::OfKind(states) => states.get(usize::from(kind[cell])).copied().unwrap_or_default(),
        });
        FreezeHistory {
            grid: scene.grid().clone(),
            coldest_c,
            last_c,
            start_c,
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

/// Temperature of a cell in a state; of a cell that is held, its own. Unit: °C.
fn celsius(lattice: &Lattice, scene: &FreezeScene, cell: usize, u: f32) -> f32 {
    match lattice.kinds.get(usize::from(lattice.kind[cell])) {
        Some(kind) => kind.lookup.celsius(u),
        None => lattice.walls[usize::from(scene.parts().medium[cell])].celsius as f32,
    }
}

/// The temperatures of states, in their place.
fn warmed(lattice: &Lattice, scene: &FreezeScene, mut u: Vec<f32>) -> Vec<f32> {
    u.truncate(lattice.holds.len());
    u.par_chunks_mut(CHUNK).enumerate().for_each(|(n, u)| {
        for (cell, u) in (n * CHUNK..).zip(u) {
            *u = celsius(lattice, scene, cell, *u);
        }
    });
    u
}

/// Cells of a piece that are passed over together when none of them is cold.
fn blocks(piece: &Piece) -> impl Iterator<Item = Range<usize>> {
    let Range { start, end } = piece.cells;
    (start..end).step_by(SKIPPED).map(move |first| first..(first + SKIPPED).min(end))
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

/// One for each medium; those of tissue are never read.
fn wall_of(medium: &Medium) -> Wall {
    match medium {
        Medium::Held(held) => Wall { celsius: held.celsius, film: held.film_w_per_m2_k },
        Medium::Tissue(_) => Wall { celsius: 0.0, film: 0.0 },
    }
}

fn holds(scene: &FreezeScene, mesh: &Mesh, probes: &ProbeSet) -> Vec<Holds> {
    let SceneParts { grid, medium, media, .. } = scene.parts();
    let in_medium = |&number: &u8| match &media[usize::from(number)] {
        Medium::Tissue(_) => Holds::Tissue,
        Medium::Held(held) if held.film_w_per_m2_k.is_finite() => Holds::Behind(number),
        Medium::Held(_) => Holds::Nothing,
    };
    let mut holds: Vec<Holds> = medium.iter().map(in_medium).collect();
    debug_assert_eq!(holds.len(), mesh.count);
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
