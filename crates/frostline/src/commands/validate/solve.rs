//! Solves the runs of an experiment.

use frostline_freeze::{Continue, FreezeHistory, SimulateError, SolverSettings, simulate};
use frostline_plan::catalogue::Catalogues;

use super::compare::{Comparison, compared};
use super::experiment_file::{BundleError, ExperimentFile, FittedRow, Knob, RunRow, read, scene_text};
use super::measured::Measured;
use crate::commands::simulate::build::{Experiment, SceneFileError};
use crate::commands::simulate::scene_file::{SceneFile, StartRow};

/// How the experiments are solved.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Width of the fine cells over that in the scene file.
    pub coarser: f64,
    /// Threads of the solver.
    pub threads: usize,
}

/// Why an experiment was not solved.
#[derive(Debug, thiserror::Error)]
pub enum SolveError {
    /// A file that was built in cannot be used.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The scene cannot be built.
    #[error("validation/scenes/{scene}: {source}")]
    Scene { scene: String, source: SceneFileError },
    /// The engine gave no answer.
    #[error("validation/scenes/{scene}: {source}")]
    Simulate { scene: String, source: SimulateError },
}

/// One run with its numbers set, ready to be solved for any value of the fitted one.
pub struct Prepared<'a> {
    row: &'a RunRow,
    file: SceneFile,
    measured: Option<Measured>,
    catalogues: &'a Catalogues,
    effort: Effort,
}

impl<'a> Prepared<'a> {
    /// Reads the scene and the measurement of a run.
    pub fn new(row: &'a RunRow, catalogues: &'a Catalogues, effort: Effort) -> Result<Self, SolveError> {
        let mut file: SceneFile = read(&format!("scenes/{}", row.scene), scene_text(&row.scene)?)?;
        for set in &row.set {
            turn(&mut file, set.what, set.value);
        }
        let measured = match &row.measured {
            Some(name) => Some(Measured::read(name, scene_text(name)?)?),
            None => None,
        };
        file.space.fine_mm = file.space.fine_mm.map(|fine_mm| fine_mm * effort.coarser);
        Ok(Self { row, file, measured, catalogues, effort })
    }

    /// Solves the run and compares it; `fitted` is the value of the number that was fitted.
    pub fn solved(&self, fitted: Option<(Knob, f64)>) -> Result<Comparison, SolveError> {
        let mut file = self.file.clone();
        if let Some((knob, value)) = fitted {
            turn(&mut file, knob, value);
        }
        let history = self.history(&file)?;
        Ok(compared(self.row, self.measured.as_ref(), &history))
    }

    fn history(&self, file: &SceneFile) -> Result<FreezeHistory, SolveError> {
        let scene = &self.row.scene;
        let built = Experiment::build(file, None, self.catalogues)
            .map_err(|source| SolveError::Scene { scene: scene.clone(), source })?;
        let settings = SolverSettings {
            step_s: file.time.step_s.unwrap_or(SolverSettings::default().step_s),
            threads: self.effort.threads,
            record_every_s: file.time.record_every_s,
            ..SolverSettings::default()
        };
        simulate(&built.scene, &settings, &mut |_| Continue::Yes)
            .map_err(|source| SolveError::Simulate { scene: scene.clone(), source })
    }
}

/// Turns one number of a scene to a value.
fn turn(file: &mut SceneFile, knob: Knob, value: f64) {
    match knob {
        Knob::CouplesAlongNeedleMm => {
            file.sensors.iter_mut().for_each(|sensor| sensor.at_mm[2] = value);
            file.rays.iter_mut().for_each(|ray| ray.from_mm[2] = value);
        }
        Knob::SurfaceC => {
            for last in file.probes.iter_mut().filter_map(|p| p.surface_s_c.as_mut()?.last_mut()) {
                last.1 = value;
            }
        }
        Knob::ProbeDiameterMm => file.probes.iter_mut().for_each(|probe| probe.diameter_mm = Some(value)),
        Knob::StartC => {
            file.temperatures.start_c = StartRow::Celsius(value);
            file.faces.all_c = file.faces.all_c.map(|_| value);
        }
    }
}

/// The fitted number of a run: its own, or that of the run it names.
pub fn fitted_of<'a>(file: &'a ExperimentFile, run: &'a RunRow) -> Result<Option<&'a FittedRow>, BundleError> {
    let Some(other) = &run.as_fitted_in else { return Ok(run.fitted.as_ref()) };
    let found = file.runs.iter().find(|r| r.name == *other).and_then(|r| r.fitted.as_ref());
    found.map(Some).ok_or_else(|| BundleError::NotKnown {
        name: format!("experiments/{}", file.id.to_lowercase()),
        what: "the fitted run",
        found: other.clone(),
        known: file.runs.iter().map(|r| r.name.as_str()).collect::<Vec<_>>().join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::validate::experiment_file::experiments;

    fn scene() -> SceneFile {
        read("scenes/e1.toml", scene_text("e1.toml").unwrap()).unwrap()
    }

    #[test]
    fn couples_move_together_and_keep_their_distance_from_the_axis() {
        let mut file = scene();
        turn(&mut file, Knob::CouplesAlongNeedleMm, -3.0);
        assert!(file.sensors.iter().all(|s| s.at_mm[2] == -3.0));
        assert_eq!(file.sensors[1].at_mm[0], 4.4);
    }

    #[test]
    fn the_surface_keeps_its_course_but_for_the_last_temperature() {
        let mut file = scene();
        turn(&mut file, Knob::SurfaceC, -99.0);
        let table = file.probes[0].surface_s_c.clone().unwrap();
        assert_eq!((table[1], table.last().unwrap().1), ((5.0, -57.0), -99.0));
    }

    #[test]
    fn every_experiment_names_scenes_and_tables_that_are_there_and_fits_one_number_at_most() {
        let catalogues = Catalogues::bundled().unwrap();
        for file in experiments().unwrap() {
            for run in &file.runs {
                let effort = Effort { coarser: 1.0, threads: 1 };
                let prepared = Prepared::new(run, &catalogues, effort).unwrap();
                fitted_of(&file, run).unwrap();
                assert!(run.fitted.is_none() || run.as_fitted_in.is_none(), "{} {}", file.id, run.name);
                let sensors: Vec<_> = prepared.file.sensors.iter().map(|s| s.name.clone()).collect();
                let couples = prepared.measured.iter().flat_map(|m| &m.couples);
                couples.for_each(|(name, _)| assert!(sensors.contains(name), "{} {name}", run.scene));
            }
        }
    }
}
