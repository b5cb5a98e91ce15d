//! The rows of the table: what is run, on what, against which baselines.

use frostline_freeze::Backend;

use crate::Fault;
use crate::engine_on::On;
use crate::leg::LegCells;
use crate::leg_answer::LegTask;
use crate::leg_ensemble::EnsembleTask;
use crate::leg_plain::PlainLegTask;
use crate::needle::{Cells, NeedleTask, OFF_THE_CORNER, POSES};
use crate::needle_plain::PlainNeedleTask;
use crate::peers::Peer;
use crate::sample::{Errors, Limits, Sample};

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub key: &'static str,
    pub what: &'static str,
    pub task: Task,
    pub on: On,
    /// Keys of the baselines it is compared with.
    pub against: &'static [&'static str],
    /// What it should take. Unit: s.
    pub target_s: Option<f64>,
    /// How far off it may be.
    pub allowed: Allowed,
}

/// The largest errors allowed; infinite where nothing is asked. Unit: mm.
#[derive(Clone, Copy, Debug)]
pub struct Allowed {
    pub mean_mm: f64,
    pub axial_mm: f64,
    pub direction_mm: f64,
}

const ANY: Allowed = Allowed { mean_mm: f64::INFINITY, axial_mm: f64::INFINITY, direction_mm: f64::INFINITY };
/// What R1 by accuracy asks.
const MEANS: Allowed = Allowed { mean_mm: 0.1, axial_mm: 0.15, ..ANY };
/// What the strict mode asks: every direction, freeze and thaw.
const EVERY_DIRECTION: Allowed = Allowed { mean_mm: 0.1, axial_mm: 0.15, direction_mm: 0.1 };
/// What planning asks of a leg.
const PLANNING: Allowed = Allowed { mean_mm: 0.3, axial_mm: 0.3, direction_mm: 0.3 };

impl Allowed {
    /// Whether errors are within it; an error that is not a number is not.
    pub fn holds(&self, errors: &Errors) -> bool {
        let within = |error: Option<f64>, most: f64| most.is_infinite() || error.is_some_and(|mm| mm.abs() <= most);
        within(errors.mean_mm, self.mean_mm)
            && within(errors.axial_mm, self.axial_mm)
            && within(errors.direction_mm, self.direction_mm)
    }
}

/// What a row runs.
#[derive(Clone, Copy, Debug)]
pub enum Task {
    Needle(NeedleTask),
    Leg(LegTask),
    Ensemble(EnsembleTask),
    PlainNeedle(PlainNeedleTask),
    PlainLeg(PlainLegTask),
    Peer(Peer),
}

const fn cubes(cell_mm: f64, step_s: f64) -> Task {
    Task::Needle(NeedleTask { cells: Cells::Uniform { cell_mm }, step_s, poses: &OFF_THE_CORNER })
}

const fn graded(fine_mm: f64, margin_mm: f64, growth: f64, step_s: f64) -> Task {
    Task::Needle(NeedleTask { cells: Cells::Graded { fine_mm, margin_mm, growth }, step_s, poses: &POSES })
}

const fn plain(cell_mm: f64) -> Task {
    Task::PlainNeedle(PlainNeedleTask { cell_mm, pose: OFF_THE_CORNER[0].pose })
}

const fn row(key: &'static str, what: &'static str, task: Task, against: &'static [&'static str]) -> Row {
    Row { key, what, task, on: On::TWO_THREADS, against, target_s: None, allowed: ANY }
}

impl Row {
    const fn in_s(self, target_s: f64) -> Self {
        Self { target_s: Some(target_s), ..self }
    }

    const fn within(self, allowed: Allowed) -> Self {
        Self { allowed, ..self }
    }

    /// The same row on other cells, where its cells are graded.
    pub fn on_graded(self, fine_mm: f64, margin_mm: f64, growth: f64, step_s: f64) -> Self {
        match self.task {
            Task::Needle(NeedleTask { cells: Cells::Graded { .. }, .. }) => {
                Self { task: graded(fine_mm, margin_mm, growth, step_s), ..self }
            }
            _ => self,
        }
    }

    /// The same row with another number of scenes, where it has many.
    pub fn with_scenes(self, scenes: usize) -> Self {
        match self.task {
            Task::Ensemble(task) => Self { task: Task::Ensemble(EnsembleTask { scenes, ..task }), ..self },
            _ => self,
        }
    }

    const fn on_one_thread(self, key: &'static str, what: &'static str) -> Self {
        Self { key, what, on: On { threads: 1, ..self.on }, target_s: None, ..self }
    }
}

/// A GPU is compared with two threads of the processor.
const fn on_gpu(row: Row, key: &'static str, what: &'static str, against: &'static [&'static str]) -> Row {
    Row { key, what, on: On { backend: Backend::Gpu, ..row.on }, against, target_s: None, ..row }
}

const AGAINST_R1: &[&str] = &["euler-128", "numba", "devito"];

const R1: Row =
    row("R1", "R1 by accuracy, slowest of 6 poses", graded(1.1, 7.0, 1.2, 11.0), AGAINST_R1).in_s(0.10).within(MEANS);
const R1_CUBES: Row = row("R1-128", "R1 on 128^3", cubes(0.5, 10.0), AGAINST_R1).in_s(0.5).within(MEANS);
const STRICT: Row = row("strict", "R1, every direction, freeze and thaw", graded(0.8, 10.0, 1.25, 10.0), AGAINST_R1)
    .in_s(0.25)
    .within(EVERY_DIRECTION);
const R2: Row = row("R2", "R2 on 64^3", cubes(1.0, 10.0), &["euler-64"]).in_s(0.05);
const R3: Row = row("R3", "R3 on 256^3", cubes(0.25, 10.0), &["euler-256"]).in_s(10.0).within(MEANS);
const L1: Row = row(
    "L1",
    "L1: a leg, 0.5 mm near the probe",
    Task::Leg(LegTask { cells: LegCells::AlongProbe { fine_mm: 0.5, coarsest_mm: 3.0 }, step_s: 5.0 }),
    &["euler-leg"],
)
.in_s(0.3)
.within(PLANNING);
const L1_OBLIQUE: Row = row(
    "L1-oblique",
    "L1 on cells askew to the probe",
    Task::Leg(LegTask { cells: LegCells::Oblique { fine_mm: 0.5, coarsest_mm: 3.0 }, step_s: 5.0 }),
    &["euler-leg"],
)
.in_s(0.3)
.within(PLANNING);

/// Cells of planning: coarse enough to be asked hundreds of times.
const PLANNING_CELLS: (f64, f64) = (1.0, 4.0);
const L1_PLANNING: Row = row(
    "L1-planning",
    "L1, 1 mm near the probe",
    Task::Leg(LegTask {
        cells: LegCells::AlongProbe { fine_mm: PLANNING_CELLS.0, coarsest_mm: PLANNING_CELLS.1 },
        step_s: 10.0,
    }),
    &["euler-leg"],
)
.within(PLANNING);
const ENSEMBLE: Row = row(
    "ensemble",
    "256 of L1-planning, moved about",
    Task::Ensemble(EnsembleTask {
        scenes: 256,
        fine_mm: PLANNING_CELLS.0,
        coarsest_mm: PLANNING_CELLS.1,
        step_s: 10.0,
    }),
    &["euler-leg"],
)
.in_s(20.0);

const ON_GPU: [Row; 4] = [
    on_gpu(R1, "R1-gpu", "R1 by accuracy, on the GPU", &["R1"]),
    on_gpu(R3, "R3-gpu", "R3 on 256^3, on the GPU", &["R3"]),
    on_gpu(L1, "L1-gpu", "L1, on the GPU", &["L1"]),
    on_gpu(ENSEMBLE, "ensemble-gpu", "256 of L1-planning in one go, on the GPU", &["ensemble"]),
];

/// Every row, baselines last; those for a GPU only where it is built in.
pub fn rows() -> Vec<Row> {
    let gpu = if cfg!(feature = "gpu") { &ON_GPU[..] } else { &[] };
    let mut rows = gpu.to_vec();
    rows.extend([
        R1,
        R1_CUBES,
        STRICT,
        R2,
        R3,
        L1,
        L1_OBLIQUE,
        L1_PLANNING,
        ENSEMBLE,
        R1.on_one_thread("R1/1", "R1 by accuracy, one thread"),
        R1_CUBES.on_one_thread("R1-128/1", "R1 on 128^3, one thread"),
        L1.on_one_thread("L1/1", "L1, one thread"),
        row("euler-128", "plain Euler, 128^3", plain(0.5), &[]),
        row("euler-64", "plain Euler, 64^3", plain(1.0), &[]),
        row("euler-256", "plain Euler, 256^3", plain(0.25), &[]),
        row("euler-leg", "plain Euler, leg, 0.5 mm cubes", Task::PlainLeg(PlainLegTask { cell_mm: 0.5 }), &[]),
        row("numba", "Numba, 128^3", Task::Peer(Peer { script: "r1_numba.py", package: "numba" }), &[]),
        row("devito", "Devito, 128^3", Task::Peer(Peer { script: "r1_devito.py", package: "devito" }), &[]),
    ]);
    rows
}

/// The row of that key.
pub fn find(key: &str) -> Result<Row, Fault> {
    let all = rows();
    let found = all.iter().find(|row| row.key.eq_ignore_ascii_case(key.trim()));
    found.copied().ok_or_else(|| {
        let keys: Vec<_> = all.iter().map(|row| row.key).collect();
        format!("there is no row '{key}'; there are {}", keys.join(", ")).into()
    })
}

impl Row {
    /// True for what others are compared with.
    pub fn is_baseline(&self) -> bool {
        matches!(self.task, Task::PlainNeedle(_) | Task::PlainLeg(_) | Task::Peer(_))
    }

    /// True where all it needs is there.
    pub fn is_here(&self) -> bool {
        match &self.task {
            Task::Peer(peer) => peer.is_here(),
            _ => true,
        }
    }

    /// How many poses it has.
    pub fn variants(&self) -> usize {
        match &self.task {
            Task::Needle(task) => task.poses.len(),
            _ => 1,
        }
    }

    /// One run in this process.
    pub fn run(&self, variant: usize, limits: &Limits) -> Result<Sample, Fault> {
        match &self.task {
            Task::Needle(task) => task.run(variant, self.on, limits),
            Task::Leg(task) => task.run(self.on, limits),
            Task::Ensemble(task) => task.run(self.on, limits),
            Task::PlainNeedle(task) => task.run(self.on.threads, limits),
            Task::PlainLeg(task) => task.run(self.on.threads, limits),
            Task::Peer(peer) => peer.run(self.on.threads, limits),
        }
    }
}
