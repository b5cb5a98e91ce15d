//! From the question to the answer.

use crate::history::FreezeHistory;
use crate::scene::FreezeScene;

/// How to compute, never what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolverSettings {
    /// The longest time step. Unit: s.
    pub step_s: f64,
    /// Threads to use; the answer does not depend on it, to the last bit.
    pub threads: usize,
    /// Time between records of sensors, probes and isotherms. Unit: s.
    pub record_every_s: f64,
}

impl Default for SolverSettings {
    fn default() -> Self {
        Self { step_s: 2.0, threads: 2, record_every_s: 5.0 }
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
}

/// Heat and ice from time zero to the end of the scene.
///
/// # Errors
/// [`SimulateError`].
pub fn simulate(
    scene: &FreezeScene,
    settings: &SolverSettings,
    progress: &mut dyn FnMut(Progress) -> Continue,
) -> Result<FreezeHistory, SimulateError> {
    let _ = (scene, settings, progress);
    todo!("first minutes of the skeleton")
}
