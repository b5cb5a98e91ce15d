//! From the question to the answer.

mod active;
mod backend;
pub(crate) mod curve;
#[cfg(feature = "gpu")]
mod gpu;
mod half_plane;
mod interface;
mod kernel;
mod links;
mod lookup;
mod many;
pub(crate) mod mesh;
pub(crate) mod potential;
mod probes;
mod record;
mod rest;
mod rkl;
mod segments;
mod sources;
mod special;
mod steady;
mod step;
mod stepper;
mod zones;

pub use backend::{Backend, gpu_available};
#[cfg(feature = "gpu")]
pub use gpu::Gpu;
pub use many::simulate_many;

use crate::history::{EnergyBalance, FreezeHistory, SolverCounters};
use crate::scene::{FreezeScene, Start};
use std::sync::OnceLock;

use active::Rest;
use mesh::{HELD, Mesh, NOTHING_U};
use potential::SolvedFields;
use probes::ProbeSet;
use record::Recorder;
use rest::{Drifting, Resting, StartU, span_k};
use steady::NoSteadyState;
use step::{State, StepTime};
use stepper::Stepper;

/// How to compute, never what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolverSettings {
    /// The longest time step. Unit: s.
    pub step_s: f64,
    /// Threads to use; the answer does not depend on it, to the last bit.
    pub threads: usize,
    /// Time between records of sensors, probes and isotherms. Unit: s.
    pub record_every_s: f64,
    /// What computes.
    pub backend: Backend,
}

impl Default for SolverSettings {
    fn default() -> Self {
        Self { step_s: 2.0, threads: 2, record_every_s: 5.0, backend: Backend::Cpu }
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Simulated time. Unit: s.
    pub at_s: f64,
    /// Time to simulate. Unit: s.
    pub duration_s: f64,
    /// Time steps so far.
    pub steps: u64,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continue {
    /// Go on.
    Yes,
    /// Stop: the caller no longer wants the answer.
    Stop,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimulateError {
    /// The caller asked to stop.
    #[error("stopped at {at_s:.1} s of {duration_s:.1} s because the caller asked for it")]
    Stopped {
        /// Simulated time reached. Unit: s.
        at_s: f64,
        /// Time to simulate. Unit: s.
        duration_s: f64,
    },
    /// The numbers left the real line; a fault of this program.
    #[error("the solution broke down at {at_s:.2} s; this is a fault of the program, please report the scene")]
    BrokeDown {
        /// Simulated time reached. Unit: s.
        at_s: f64,
    },
    /// Settings that make no sense.
    #[error("the setting {what} is {found}; it must be a positive finite number")]
    BadSetting {
        /// Which setting.
        what: &'static str,
        /// The number given.
        found: f64,
    },
    /// Nothing holds the temperature, so there is no steady start.
    #[error(
        "nothing perfuses the scene and nothing holds a temperature, so there is no steady start; \
         give a uniform start temperature instead"
    )]
    NothingHoldsTheStart,
    /// The steady start did not settle.
    #[error("the steady start did not settle (relative residual {residual:.1e}); give start temperatures instead")]
    StartNotSettled {
        /// What was left of the heat balance.
        residual: f64,
    },
    /// The steady start would hold ice.
    #[error(
        "without any probe the scene settles to {coldest_c:.1} °C, which is frozen; warm what is held cold, \
         or give start temperatures instead"
    )]
    StartFrozen {
        /// Coldest steady temperature. Unit: °C.
        coldest_c: f64,
    },
    /// No GPU can be used.
    #[error(
        "no GPU can be used: {why}; expected a build with the feature `gpu` and a driver for Vulkan, Metal or DirectX 12; \
         {remedy}, or leave the GPU out: the CPU needs neither"
    )]
    NoGpu {
        /// What was found.
        why: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The GPU gave up.
    #[error("the GPU {name} gave up: {why}; give it fewer scenes or larger cells, or leave the GPU out")]
    GpuGaveUp {
        /// What it is called.
        name: String,
        /// What its driver said.
        why: String,
    },
    /// The threads could not be started.
    #[error("{threads} threads could not be started: {why}")]
    NoThreads {
        /// Threads asked for.
        threads: usize,
        /// What the system said.
        why: String,
    },
}

/// Heat and ice from time zero to the end of the scene. The answer is the same to the last bit for any number of threads.
///
/// # Errors
/// [`SimulateError`] for bad settings, a steady start that does not exist, or when `progress` says stop.
pub fn simulate(
    scene: &FreezeScene,
    settings: &SolverSettings,
    progress: &mut dyn FnMut(Progress) -> Continue,
) -> Result<FreezeHistory, SimulateError> {
    simulate_keeping(scene, settings, &[], progress)
}

/// As [`simulate`], and keeps the whole field at the given times (s); times after the end are left out.
///
/// # Errors
/// [`SimulateError`] as for [`simulate`].
pub fn simulate_keeping(
    scene: &FreezeScene,
    settings: &SolverSettings,
    keep_at_s: &[f64],
    progress: &mut dyn FnMut(Progress) -> Continue,
) -> Result<FreezeHistory, SimulateError> {
    check(settings)?;
    if settings.backend == Backend::Gpu {
        return backend::simulate_on_gpu(scene, settings, keep_at_s, progress);
    }
    let pool = pool_of(settings.threads)?;
    let rests = Resting::of(scene.parts());
    let run = pool.install(|| Run::new((scene, rests), settings, &SolvedFields::default(), &OnceLock::new()))?;
    run.finish(Some(&pool), keep_at_s, progress)
}

fn check(settings: &SolverSettings) -> Result<(), SimulateError> {
    for (what, found) in [("step_s", settings.step_s), ("record_every_s", settings.record_every_s)] {
        if !(found > 0.0 && found.is_finite()) {
            return Err(SimulateError::BadSetting { what, found });
        }
    }
    if settings.threads == 0 {
        return Err(SimulateError::BadSetting { what: "threads", found: 0.0 });
    }
    Ok(())
}

fn pool_of(threads: usize) -> Result<rayon::ThreadPool, SimulateError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| SimulateError::NoThreads { threads, why: error.to_string() })
}

/// A run in progress.
struct Run<'a> {
    scene: &'a FreezeScene,
    settings: &'a SolverSettings,
    mesh: Mesh,
    probes: ProbeSet,
    start: StartU,
    state: State,
    stepper: Stepper,
    recorder: Recorder,
    energy: EnergyBalance,
    counters: SolverCounters,
}

/// Cell updates after which progress is reported: tens of milliseconds of one core. To hand work to other threads for every
/// step costs more than a short step.
const UPDATES_PER_REPORT: u64 = 20_000_000;
/// First step after a switch. Unit: s.
const FIRST_STEP_S: f64 = 0.2;
/// Later steps are at most this share of the time since the switch, while the field is steep.
const STEP_SHARE: f64 = 0.25;
/// The longest step by the width of the finest cells. Ice moves by up to a third of a millimetre in 5 s; where it crosses
/// most of a cell in one step, single cells of the reference needle came out up to 6 K too cold. Unit: s/mm.
const STEP_PER_CELL_S_PER_MM: f64 = 10.0;

impl<'a> Run<'a> {
    /// `fields` may hold the fields of some probes; a steady start is found once by whoever comes first.
    fn new(
        (scene, rests): (&'a FreezeScene, Resting),
        settings: &'a SolverSettings,
        fields: &SolvedFields,
        steady: &OnceLock<Result<Vec<f64>, SimulateError>>,
    ) -> Result<Self, SimulateError> {
        let parts = scene.parts();
        let mut mesh = Mesh::of(parts, rests.joining());
        let probes = ProbeSet::of(parts, &mut mesh, fields);
        // After shafts were taken out, so that a steady start is steady for what follows.
        let start = start_u(scene, &mesh, steady)?;
        let (mut state, rest) = match (rests, &start, &parts.start) {
            (Resting::Still, StartU::Each(states), _) => {
                (State::new(&start, &mesh), Rest::still(&mesh, states.clone()))
            }
            (Resting::Drifting, StartU::OfKind(states), Start::Uniform { celsius }) => {
                let span_k = span_k(&mesh, *celsius, probes.drives_range_c());
                (State::empty(&mesh), Rest::Drifting(Drifting::new(&mesh, states, span_k)))
            }
            _ => (State::new(&start, &mesh), Rest::Nowhere),
        };
        let stepper = Stepper::new(&mesh, &mut state, rest);
        let recorder = Recorder::new(scene, &mesh, &probes, &start, rests);
        let cells = parts.grid.cell_count() as u64;
        let counters = SolverCounters { cells, grid_mm: parts.grid.finest_mm(), ..SolverCounters::default() };
        let energy = EnergyBalance::default();
        Ok(Self { scene, settings, mesh, probes, start, state, stepper, recorder, energy, counters })
    }

    /// On the threads of a pool, or on those of the caller.
    fn finish(
        mut self,
        pool: Option<&rayon::ThreadPool>,
        keep_at_s: &[f64],
        progress: &mut dyn FnMut(Progress) -> Continue,
    ) -> Result<FreezeHistory, SimulateError> {
        let duration_s = self.scene.parts().duration_s;
        let start_j = self.stored_j();
        let events = events(self.scene, self.settings, keep_at_s);
        let (mut now_s, mut since_s) = (0.0, 0.0);
        self.switch(now_s);
        self.note(now_s);
        for event in events {
            while now_s < event.at_s {
                // The caller's progress runs on the caller's thread, the steps on the pool.
                now_s = match pool {
                    Some(pool) => pool.install(|| self.steps(now_s, since_s, event.at_s)),
                    None => self.steps(now_s, since_s, event.at_s),
                };
                if !self.energy.error().is_finite() {
                    return Err(SimulateError::BrokeDown { at_s: now_s });
                }
                let report = Progress { at_s: now_s, duration_s, steps: self.counters.steps };
                if progress(report) == Continue::Stop {
                    return Err(SimulateError::Stopped { at_s: now_s, duration_s });
                }
            }
            match pool {
                Some(pool) => pool.install(|| self.note(now_s)),
                None => self.note(now_s),
            }
            if event.keeps {
                self.stepper.show_resting(&self.mesh, &mut self.state);
                self.recorder.keep(self.scene, &self.state.u, now_s);
            }
            if event.switches {
                self.switch(now_s);
                since_s = now_s;
            }
        }
        self.energy.stored_j = self.stored_j() - start_j;
        Ok(match pool {
            Some(pool) => pool.install(|| self.answer()),
            None => self.answer(),
        })
    }

    fn answer(mut self) -> FreezeHistory {
        let fresh = self.stepper.take_fresh();
        self.recorder.show_resting(&self.mesh, fresh.iter().map(|&unit| unit as usize));
        self.recorder.show_resting(&self.mesh, self.stepper.active().resting());
        let Self { scene, mesh, probes, start, mut state, stepper, recorder, energy, counters, .. } = self;
        stepper.show_resting(&mesh, &mut state);
        let last_u = std::mem::take(&mut state.u);
        // What is not needed any more makes room for the answer.
        drop((mesh, probes, state, stepper));
        recorder.finish((scene, &start), last_u, energy, counters)
    }

    /// Steps until an event, or until so much was done that somebody wants to know. Returns when that is.
    fn steps(&mut self, mut now_s: f64, since_s: f64, event_s: f64) -> f64 {
        let enough = self.counters.cell_updates + UPDATES_PER_REPORT;
        while now_s < event_s && self.counters.cell_updates < enough && self.energy.error().is_finite() {
            let then_s = step_end_s(self.scene, self.settings, (now_s, since_s, event_s));
            self.step(now_s, then_s);
            now_s = then_s;
        }
        now_s
    }

    fn step(&mut self, now_s: f64, then_s: f64) {
        let time = StepTime { from_s: now_s, step_s: then_s - now_s };
        let (income, work) = self.stepper.step(&mut self.state, &mut self.mesh, &mut self.probes, time);
        self.energy.probes_j += income.probes_j.iter().sum::<f64>();
        self.energy.boundaries_j += income.boundaries_j;
        self.energy.perfusion_j += income.perfusion_j;
        self.energy.metabolism_j += income.metabolism_j;
        self.energy.probes_j += self.probes.settle(&self.mesh, then_s, &mut self.state);
        let fresh = self.stepper.take_fresh();
        self.recorder.step((&self.mesh, &self.probes), &mut self.state, (self.stepper.active(), &fresh), time);
        self.counters.steps += 1;
        self.counters.stages += work.stages;
        self.counters.cell_updates += work.cell_updates;
    }

    fn note(&mut self, now_s: f64) {
        if self.recorder.reads_states() {
            self.stepper.show_resting(&self.mesh, &mut self.state);
        }
        let active = self.stepper.active();
        if active.drifting().is_some() {
            let all = std::iter::once(0..self.mesh.count);
            self.recorder.note((self.scene, &self.probes), (&self.state.u, all), now_s);
        } else {
            self.recorder.note((self.scene, &self.probes), (&self.state.u, active.runs()), now_s);
        }
    }

    fn switch(&mut self, now_s: f64) {
        self.stepper.open(&mut self.mesh);
        self.probes.part(&mut self.mesh, now_s, &mut self.state);
        let mut cells: Vec<usize> = self.probes.touched_cells().collect();
        if self.stepper.active().drifting().is_some() {
            // Faces can be changed only where both cells work.
            cells.extend(self.probes.changed_cells());
        }
        self.stepper.wake(&mut self.mesh, &mut self.state, cells.into_iter());
        self.mesh.change(self.probes.changed_cells());
        self.recorder.before_cover(&self.probes, &self.state.u);
        self.energy.probes_j += self.probes.join(&mut self.mesh, now_s, &mut self.state);
        self.stepper.switch(&mut self.mesh, &self.probes);
        self.recorder.covered(&self.probes);
    }

    fn stored_j(&self) -> f64 {
        self.stepper.stored_j(&self.mesh, &self.state)
    }
}

/// When the steps of a run end. Unit: s.
pub(crate) fn step_ends_s(scene: &FreezeScene, settings: &SolverSettings) -> Vec<f64> {
    let (mut ends_s, mut now_s, mut since_s) = (Vec::new(), 0.0, 0.0);
    for event in events(scene, settings, &[]) {
        while now_s < event.at_s {
            now_s = step_end_s(scene, settings, (now_s, since_s, event.at_s));
            ends_s.push(now_s);
        }
        since_s = if event.switches { now_s } else { since_s };
    }
    ends_s
}

/// When the step that begins now ends; the gas was switched at `since_s`, and a step must end at `event_s`.
fn step_end_s(scene: &FreezeScene, settings: &SolverSettings, (now_s, since_s, event_s): (f64, f64, f64)) -> f64 {
    let step_s = next_step_s(scene, settings, now_s - since_s, event_s - now_s);
    if step_s < event_s - now_s { now_s + step_s } else { event_s }
}

/// Half of what is left where two steps are enough, so that no tiny step is left over.
fn next_step_s(scene: &FreezeScene, settings: &SolverSettings, since_switch_s: f64, left_s: f64) -> f64 {
    // Without a probe there is no ice that moves.
    let is_moving = !scene.parts().probes.is_empty();
    let by_cells_s = if is_moving { STEP_PER_CELL_S_PER_MM * scene.grid().finest_mm() } else { f64::INFINITY };
    let longest = settings.step_s.min(by_cells_s).min(FIRST_STEP_S.max(STEP_SHARE * since_switch_s));
    if left_s <= longest {
        left_s
    } else if left_s < 2.0 * longest {
        0.5 * left_s
    } else {
        longest
    }
}

/// The times that steps of a run must end on, in their order.
fn events(scene: &FreezeScene, settings: &SolverSettings, keep_at_s: &[f64]) -> Vec<Event> {
    let duration_s = scene.parts().duration_s;
    let mut events: Vec<Event> = Vec::new();
    let records = (duration_s / settings.record_every_s).floor() as usize;
    for n in 1..=records {
        events.push(Event::at(n as f64 * settings.record_every_s));
    }
    events.push(Event::at(duration_s));
    events.extend(keep_at_s.iter().map(|&at_s| Event { keeps: true, ..Event::at(at_s) }));
    for probe in &scene.parts().probes {
        for at_s in probe.schedule.switches_s() {
            events.push(Event { switches: true, ..Event::at(at_s) });
        }
    }
    events.retain(|e| e.at_s > 0.0 && e.at_s <= duration_s);
    events.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    // Times that differ by rounding only are one event.
    events.dedup_by(|later, first| {
        let same = later.at_s - first.at_s < 1e-6;
        if same {
            first.switches |= later.switches;
            first.keeps |= later.keeps;
            first.at_s = later.at_s;
        }
        same
    });
    events
}

/// A time that a step must end on.
#[derive(Clone, Copy, Debug)]
struct Event {
    at_s: f64,
    switches: bool,
    keeps: bool,
}

impl Event {
    fn at(at_s: f64) -> Self {
        Self { at_s, switches: false, keeps: false }
    }
}

/// The state of every cell at time zero. Unit: K.
fn start_u(
    scene: &FreezeScene,
    mesh: &Mesh,
    steady: &OnceLock<Result<Vec<f64>, SimulateError>>,
) -> Result<StartU, SimulateError> {
    let of_kind = |kind: &mesh::Kind, celsius: f64| kind.lookup.u_at(&kind.curve, celsius) as f32;
    let each = |celsius: &dyn Fn(usize) -> f64| {
        let state = |n: usize| if mesh.kind[n] == HELD { NOTHING_U } else { of_kind(mesh.kind_of(n), celsius(n)) };
        StartU::Each((0..mesh.stored).map(state).collect())
    };
    match &scene.parts().start {
        Start::Uniform { celsius } => Ok(StartU::OfKind(mesh.kinds.iter().map(|k| of_kind(k, *celsius)).collect())),
        Start::Cells(cells) => Ok(each(&|n| f64::from(cells[n]))),
        Start::Steady => {
            let steady_c = steady.get_or_init(|| steady_c(scene, mesh)).as_ref().map_err(Clone::clone)?;
            Ok(each(&|n| steady_c[n]))
        }
    }
}

/// Temperatures that the scene settles to without a probe; what is held has none. Unit: °C.
fn steady_c(scene: &FreezeScene, mesh: &Mesh) -> Result<Vec<f64>, SimulateError> {
    let steady = steady::steady_c(mesh, scene.parts().arterial_c).map_err(|why| match why {
        NoSteadyState::NothingHolds => SimulateError::NothingHoldsTheStart,
        NoSteadyState::NotSettled { residual } => SimulateError::StartNotSettled { residual },
    })?;
    for (&celsius, &kind) in steady.iter().zip(&mesh.kind) {
        if kind != HELD && celsius <= mesh.kinds[usize::from(kind)].lookup.starts_c() {
            return Err(SimulateError::StartFrozen { coldest_c: celsius });
        }
    }
    Ok(steady)
}
