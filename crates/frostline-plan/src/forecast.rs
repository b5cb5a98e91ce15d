//! What happens when the gas is switched off now, and how long it may still stay on.
//!
//! Ice goes on growing after the gas is off, while the coldest tissue shares its cold. A forecast is a family of runs on one
//! scene that differ only in when the gas stops, so the tissue, the cells and the steady start are found once.
//! Knows: the plan as it really went so far, and as it goes on. Does not know: what was measured meanwhile; a
//! [`Correction`] in the settings brings that in.

mod schedule;
mod stop_now;
mod time_left;

pub use schedule::{going_on_until, stopped_at};
pub use stop_now::{GrowthAfter, StopForecast, StructureAfter, stop_now};
pub use time_left::{Left, LimitLeft, Met, TimeLeft, TimeLeftSettings, time_left};

use frostline_freeze::simulate_many;
use frostline_freeze::{Continue, FreezeHistory, FreezeScene, SceneError, Schedule, SimulateError, SolverSettings};

use crate::anatomy::Anatomy;
use crate::build_scene::{BuildError, BuiltScene, Correction, Resolution, build_scene};
use crate::catalogue::Catalogues;
use crate::fluid::displaced;
use crate::goals::Goals;
use crate::plan::{Plan, PlanError};

/// How a forecast is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastSettings {
    /// What is wanted, and where along the nerve; what the catalogue wants of every nerve, anywhere along it, where absent.
    pub goals: Option<Goals>,
    /// What measurement says about the model.
    pub correction: Correction,
    /// The cells, and how long the ice is followed after the gas is off.
    pub resolution: Resolution,
    /// How the solver runs.
    pub solver: SolverSettings,
}

/// Cells on which an answer comes in half a second: they moved the -20 °C surface of the stories by up to 0.2 mm.
/// Unit: mm.
const FORECAST_CELLS_MM: f64 = 0.75;

impl Default for ForecastSettings {
    fn default() -> Self {
        Self {
            goals: None,
            correction: Correction::none(),
            resolution: Resolution { fine_mm: FORECAST_CELLS_MM, ..Resolution::default() },
            solver: SolverSettings { step_s: 10.0, ..SolverSettings::default() },
        }
    }
}

impl ForecastSettings {
    fn goals(&self, catalogues: &Catalogues) -> Goals {
        self.goals.unwrap_or_else(|| Goals::of(catalogues))
    }
}

/// Why there is no forecast.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ForecastError {
    /// A time before or long after the plan.
    #[error("the time is {found_s} s after the first gas; expected 1 s to the end of the protocol at {most_s:.0} s")]
    NoSuchTime {
        /// What was given. Unit: s.
        found_s: f64,
        /// When the protocol ends. Unit: s.
        most_s: f64,
    },
    /// A look ahead that makes no sense.
    #[error("{found_s} s are to be looked ahead; expected 1 to {most_s} s")]
    NoSuchLook {
        /// What was given. Unit: s.
        found_s: f64,
        /// The most. Unit: s.
        most_s: f64,
    },
    /// A schedule that makes no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The scene cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The scene with another schedule is refused.
    #[error(transparent)]
    Scene(#[from] SceneError),
    /// The solver has no answer.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
}

/// One scene, asked with several schedules.
struct Family<'a> {
    /// With fluid where the plan has some.
    anatomy: std::borrow::Cow<'a, Anatomy>,
    built: BuiltScene,
    solver: SolverSettings,
    /// Runs so far.
    runs: usize,
}

impl<'a> Family<'a> {
    /// On cells that hold the ice of `plan`, which should be the longest of the family.
    fn new(
        anatomy: &'a Anatomy,
        plan: &Plan,
        catalogues: &Catalogues,
        settings: &ForecastSettings,
    ) -> Result<Self, ForecastError> {
        let built = build_scene(anatomy, plan, catalogues, &settings.correction, &settings.resolution)?;
        Ok(Self { anatomy: displaced(anatomy, plan.fluid(), catalogues), built, solver: settings.solver, runs: 0 })
    }

    /// The answers to schedules, each followed until a time of its own (s).
    fn ask(&mut self, questions: &[(Schedule, f64)]) -> Result<Vec<FreezeHistory>, ForecastError> {
        let scene = |(schedule, until_s): &(Schedule, f64)| {
            let mut parts = self.built.scene.parts().clone();
            parts.duration_s = *until_s;
            parts.probes.iter_mut().for_each(|probe| probe.schedule = schedule.clone());
            FreezeScene::new(parts)
        };
        let scenes = questions.iter().map(scene).collect::<Result<Vec<_>, _>>()?;
        self.runs += scenes.len();
        let answers = simulate_many(&scenes, &self.solver, &|_| Continue::Yes);
        Ok(answers.into_iter().collect::<Result<_, _>>()?)
    }
}
