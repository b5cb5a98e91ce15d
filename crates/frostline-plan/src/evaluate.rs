//! Scene, solution and verdict in one step: the line from plan to assessment.

use frostline_freeze::{Continue, FreezeHistory, Progress, SimulateError, SolverSettings, simulate};

use crate::anatomy::Anatomy;
use crate::assess::{Assessment, assess};
use crate::build_scene::{BuildError, BuiltScene, Correction, Resolution, build_scene};
use crate::catalogue::Catalogues;
use crate::plan::Plan;

/// How to evaluate, never what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvaluateSettings {
    /// What measurement says about the model.
    pub correction: Correction,
    /// How finely the scene is cut.
    pub resolution: Resolution,
    /// How the solver runs.
    pub solver: SolverSettings,
}

impl Default for EvaluateSettings {
    fn default() -> Self {
        Self { correction: Correction::none(), resolution: Resolution::default(), solver: SolverSettings::default() }
    }
}

/// A plan with its scene, its answer and its verdict.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The scene and where it lies in the patient.
    pub built: BuiltScene,
    /// What the solver answered.
    pub history: FreezeHistory,
    /// What that means.
    pub assessment: Assessment,
}

/// Why a plan cannot be evaluated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EvaluateError {
    /// The scene cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The solver has no answer.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
}

/// Builds the scene, solves it and judges the answer. Same inputs, same bits.
///
/// # Errors
/// [`EvaluateError`] when a scene cannot be built or the caller stops the run.
pub fn evaluate(
    anatomy: &Anatomy,
    plan: &Plan,
    catalogues: &Catalogues,
    settings: &EvaluateSettings,
    progress: &mut (dyn FnMut(Progress) -> Continue + Send),
) -> Result<Evaluation, EvaluateError> {
    let built = build_scene(anatomy, plan, catalogues, &settings.correction, &settings.resolution)?;
    let history = simulate(&built.scene, &settings.solver, progress)?;
    let assessment = assess(anatomy, plan, catalogues, &built, &history);
    Ok(Evaluation { built, history, assessment })
}
