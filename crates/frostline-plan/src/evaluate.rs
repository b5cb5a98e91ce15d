//! Scene, solution and verdict in one step: the line from plan to assessment.

use frostline_freeze::{
    Continue, EstimateError, FreezeHistory, Progress, SimulateError, SolverSettings, Tolerance, simulate,
    simulate_within,
};

use crate::accuracy::{Accuracy, Answer};
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
    /// How closely it is computed.
    pub accuracy: Accuracy,
    /// How the solver runs.
    pub solver: SolverSettings,
}

impl Default for EvaluateSettings {
    fn default() -> Self {
        Self { correction: Correction::none(), accuracy: Accuracy::default(), solver: SolverSettings::default() }
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
    /// The error cannot be estimated.
    #[error(transparent)]
    Estimate(EstimateError<BuildError>),
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
    let build = |resolution: &Resolution| build_scene(anatomy, plan, catalogues, &settings.correction, resolution);
    let (built, answer) = match settings.accuracy {
        Accuracy::Fixed(resolution) => {
            let built = build(&resolution)?;
            let history = simulate(&built.scene, &settings.solver, progress)?;
            (built, Answer::Fixed(Box::new(history)))
        }
        Accuracy::Within(tolerance) => within(tolerance, &settings.solver, &build, progress)?,
    };
    let assessment = assess(anatomy, plan, catalogues, &built, &answer);
    Ok(Evaluation { built, history: answer.into_history(), assessment })
}

/// On cells that are chosen so that surfaces are right to the tolerance.
fn within(
    tolerance: Tolerance,
    solver: &SolverSettings,
    build: &dyn Fn(&Resolution) -> Result<BuiltScene, BuildError>,
    progress: &mut (dyn FnMut(Progress) -> Continue + Send),
) -> Result<(BuiltScene, Answer), EvaluateError> {
    // The first cells of all tell only which probes there are; the scene that was made last is the one that is answered.
    let mut built = build(&Resolution::default())?;
    let mut scene = |fine_mm: f64| {
        built = build(&Resolution { fine_mm, ..Resolution::default() })?;
        Ok(built.scene.clone())
    };
    let found = simulate_within(tolerance, solver, &mut scene, progress).map_err(|error| match error {
        EstimateError::Scene(error) => EvaluateError::Build(error),
        EstimateError::Simulate(error) => EvaluateError::Simulate(error),
        other => EvaluateError::Estimate(other),
    })?;
    Ok((built, Answer::Estimated(Box::new(found))))
}
