//! What one run cost and how far off it was.

use serde::{Deserialize, Serialize};

/// What is wanted of a run, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Errors as well; the run is then not one to be timed.
    pub wants_errors: bool,
    /// The engine is stopped after this. Unit: s.
    pub engine_s: f64,
    /// A baseline that would take longer is timed in part. Unit: s.
    pub baseline_s: f64,
}

impl Limits {
    /// Everything, however long it takes.
    pub fn unlimited() -> Self {
        Self { wants_errors: true, engine_s: f64::INFINITY, baseline_s: f64::INFINITY }
    }
}

/// One run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// Which pose or variant.
    pub variant: String,
    /// From the checked question to the answer; extrapolated where `part` says so. Unit: s.
    pub wall_s: f64,
    /// Processor time of all threads during `wall_s`, extrapolated as it is. Unit: s.
    pub cpu_s: Option<f64>,
    /// Making the question: reading tissues onto the grid. Not part of `wall_s`. Unit: s.
    pub set_up_s: f64,
    /// Until the end of the first step, a steady start included. Part of `wall_s`. Unit: s.
    pub first_step_s: Option<f64>,
    /// Time that was simulated. Unit: s.
    pub simulated_s: f64,
    /// What was run, where it was not all.
    pub part: Option<String>,
    /// What it cost.
    pub work: Work,
    /// Most memory of the process during set-up and run beyond what it held before. Unit: MB (1e6 bytes).
    pub memory_mb: Option<f64>,
    /// Against the converged answer, where the run went to the end.
    pub errors: Option<Errors>,
    /// Of the bits of the answer, to compare runs.
    pub fingerprint: Option<String>,
}

/// Counters of a run.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Work {
    /// Cells of the grid.
    pub cells: u64,
    /// Width of the smallest cell. Unit: mm.
    pub grid_mm: f64,
    /// Longest time step allowed. Unit: s.
    pub step_s: f64,
    /// Time steps.
    pub steps: u64,
    /// Stages of all steps.
    pub stages: u64,
    /// Cells that were updated, counted once per stage.
    pub cell_updates: u64,
    /// Threads.
    pub threads: usize,
}

/// Errors against the converged answer, each the one of its kind that is farthest off, with its sign. Unit: mm.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Errors {
    /// Mean radius over 16 directions, at the ends of the freezes.
    pub mean_mm: Option<f64>,
    /// The same in the thaws.
    pub thaw_mm: Option<f64>,
    /// Along the axis.
    pub axial_mm: Option<f64>,
    /// Radius in a single direction, freezes and thaws.
    pub direction_mm: Option<f64>,
}

/// Of two errors the one farther off; what is not a number is farthest.
pub fn farther(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) if b.is_nan() || b.abs() > a.abs() => Some(b),
        (Some(a), _) => Some(a),
        (None, b) => b,
    }
}

impl Errors {
    /// Of each kind the one farther off.
    pub fn worst(self, other: Self) -> Self {
        Self {
            mean_mm: farther(self.mean_mm, other.mean_mm),
            thaw_mm: farther(self.thaw_mm, other.thaw_mm),
            axial_mm: farther(self.axial_mm, other.axial_mm),
            direction_mm: farther(self.direction_mm, other.direction_mm),
        }
    }
}
