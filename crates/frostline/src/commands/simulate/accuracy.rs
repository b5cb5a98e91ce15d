//! On which cells a scene is solved: chosen from a tolerance, or fixed by hand.

use frostline_freeze::{
    Continue, EstimateError, Estimated, FreezeHistory, FreezeScene, Progress, SolverSettings, Tolerance, simulate,
    simulate_within,
};
use frostline_plan::ended_word;
use serde_json::{Value, json};

use super::build::{Experiment, SceneFileError};
use super::scene_file::SceneFile;
use super::tissue::in_range;
use super::{SimulateArgs, SimulateCommandError};
use crate::case_file::TOLERANCES_MM;

/// Where nothing is said: the bar that the engine is held to on the reference freeze. Unit: mm.
const USUAL_TOLERANCE_MM: f64 = 0.1;

/// How a scene is solved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Accuracy {
    /// On cells that are chosen so that surfaces are right to a tolerance.
    Within(Tolerance),
    /// On cells chosen by hand, or where nothing can be compared.
    Fixed(NoEstimate),
}

/// Why nothing is known of the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoEstimate {
    /// Somebody chose the cells.
    ByHand,
    /// No probe, or no isotherm.
    NothingToCompare,
}

impl NoEstimate {
    /// For a person.
    pub fn words(self) -> &'static str {
        match self {
            NoEstimate::ByHand => "no error estimate: the grid was fixed by hand",
            NoEstimate::NothingToCompare => "no error estimate: there is no isotherm around a probe to compare",
        }
    }
}

/// What the file and the command line ask for; the command line goes before the file.
pub fn wanted(file: &mut SceneFile, args: &SimulateArgs) -> Result<Accuracy, SceneFileError> {
    if let Some(fine_mm) = args.fine_mm {
        (file.space.fine_mm, file.accuracy.surface_mm) = (Some(fine_mm), None);
    }
    if let Some(surface_mm) = args.tolerance_mm {
        (file.space.fine_mm, file.accuracy.surface_mm) = (None, Some(surface_mm));
    }
    if let Some(found) = file.accuracy.surface_mm {
        in_range("accuracy", "surface_mm", found, *TOLERANCES_MM.start(), *TOLERANCES_MM.end())?;
        if file.space.fine_mm.is_some() {
            return Err(SceneFileError::TwoAccuracies);
        }
    } else if file.space.fine_mm.is_some() {
        return Ok(Accuracy::Fixed(NoEstimate::ByHand));
    } else if file.probes.is_empty() || file.isotherms_c.is_empty() {
        return Ok(Accuracy::Fixed(NoEstimate::NothingToCompare));
    }
    let tolerance = Tolerance::of(file.accuracy.surface_mm.unwrap_or(USUAL_TOLERANCE_MM));
    Ok(Accuracy::Within(file.accuracy.allowing(tolerance)))
}

/// An answer, and what is known of its error.
pub enum Answer {
    /// Nothing.
    Fixed(Box<FreezeHistory>, NoEstimate),
    /// Two answers were compared.
    Estimated(Box<Estimated>),
}

/// Solves a scene that `build` makes with cells of a width, or of the width in the file.
pub fn solved(
    accuracy: Accuracy,
    settings: &SolverSettings,
    build: &dyn Fn(Option<f64>) -> Result<Experiment, SimulateCommandError>,
    progress: &mut dyn FnMut(Progress) -> Continue,
) -> Result<(Experiment, Answer), SimulateCommandError> {
    let mut experiment = build(None)?;
    let tolerance = match accuracy {
        Accuracy::Fixed(why) => {
            let history = simulate(&experiment.scene, settings, progress)?;
            return Ok((experiment, Answer::Fixed(Box::new(history), why)));
        }
        Accuracy::Within(tolerance) => tolerance,
    };
    // The scene that was made last is the one that is answered.
    let mut scene = |fine_mm: f64| -> Result<FreezeScene, SimulateCommandError> {
        experiment = build(Some(fine_mm))?;
        Ok(experiment.scene.clone())
    };
    let found = simulate_within(tolerance, settings, &mut scene, progress).map_err(|error| match error {
        EstimateError::Scene(error) => error,
        EstimateError::Simulate(error) => error.into(),
        other => SimulateCommandError::Estimate(other.to_string()),
    })?;
    Ok((experiment, Answer::Estimated(Box::new(found))))
}

impl Answer {
    /// What happened.
    pub fn history(&self) -> &FreezeHistory {
        match self {
            Answer::Fixed(history, _) => history,
            Answer::Estimated(found) => &found.history,
        }
    }

    /// One line.
    pub fn words(&self) -> String {
        let found = match self {
            Answer::Fixed(_, why) => return why.words().into(),
            Answer::Estimated(found) => found,
        };
        let verdict = if found.is_within() { "within" } else { "NOT within" };
        format!(
            "estimated error {:.3} mm, {verdict} the {} mm asked for; cells of {:.2} mm compared with {:.2} mm",
            found.error_mm(),
            found.tolerance.surface_mm,
            found.fine_mm,
            found.compared_with_mm
        )
    }

    /// What to say on standard error.
    pub fn warning(&self) -> Option<String> {
        let Answer::Estimated(found) = self else { return None };
        (!found.is_within()).then(|| match found.ended {
            frostline_freeze::Ended::CostLimit => {
                format!("{}; allow more with most_cell_updates in [accuracy], or ask for less", self.words())
            }
            _ => format!("{}; finer cells make no sense here", self.words()),
        })
    }

    /// Estimated error of the surface of a temperature. Unit: mm.
    pub fn surface_mm(&self, celsius: f64) -> Option<f64> {
        let Answer::Estimated(found) = self else { return None };
        found.surfaces.iter().find(|s| s.celsius == celsius).map(|s| s.error_mm)
    }

    /// Estimated error of a sensor. Unit: K.
    pub fn sensor_k(&self, name: &str) -> Option<f64> {
        let Answer::Estimated(found) = self else { return None };
        found.sensors.iter().find(|s| s.name == name).map(|s| s.error_k)
    }

    /// For `simulation.json`.
    pub fn json(&self) -> Value {
        match self {
            Answer::Fixed(_, why) => json!({ "no_estimate": why.words() }),
            Answer::Estimated(found) => json!({
                "tolerance_mm": found.tolerance.surface_mm,
                "error_mm": found.error_mm(),
                "is_within": found.is_within(),
                "ended": ended_word(found.ended),
                "fine_mm": found.fine_mm,
                "compared_with_mm": found.compared_with_mm,
                "cell_updates_of_all_runs": found.cell_updates,
                "surfaces": found.surfaces.iter().map(|s| json!({
                    "celsius": s.celsius, "error_mm": s.error_mm, "at_s": s.at_s,
                })).collect::<Vec<_>>(),
            }),
        }
    }
}
