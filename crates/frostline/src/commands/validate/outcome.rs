//! What all experiments gave.

use frostline_plan::catalogue::Catalogues;
use serde::Serialize;

use super::compare::{Comparison, Sized};
use super::experiment_file::{BetweenRow, ExperimentFile, FittedRow, Knob};
use super::refit::refitted;
use super::solve::{Effort, Prepared, SolveError, fitted_of};

/// One experiment that was solved.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// What was read of it.
    #[serde(skip)]
    pub file: ExperimentFile,
    /// Short name.
    pub id: String,
    /// Its runs.
    pub runs: Vec<RunOutcome>,
    /// Whether the measured size lies between the runs, where the file asks for it.
    pub between: Option<Between>,
}

/// One run that was solved.
#[derive(Clone, Debug, Serialize)]
pub struct RunOutcome {
    /// What it is called.
    pub name: String,
    /// The number that was fitted.
    pub fitted: Option<Fitted>,
    /// What was compared.
    pub comparison: Comparison,
}

/// A number that was fitted.
#[derive(Clone, Debug, Serialize)]
pub struct Fitted {
    /// Which.
    pub what: Knob,
    /// Its value.
    pub value: f64,
    /// Where it was looked for.
    pub range: (f64, f64),
    /// On what it was fitted.
    pub on: String,
    /// The run of the same experiment it comes from, if another.
    pub from_run: Option<String>,
    /// Whether it was fitted again in this call.
    pub fitted_again: bool,
}

/// A measured size beside those of runs that bracket an unknown.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Between {
    /// The smallest of the runs.
    pub least_mm: f64,
    /// The largest of the runs.
    pub most_mm: f64,
    /// What was measured.
    pub measured_mm: f64,
    /// Its published spread.
    pub spread_mm: f64,
}

impl Between {
    /// Whether the mean that was measured lies between the runs.
    pub fn holds(&self) -> bool {
        (self.least_mm..=self.most_mm).contains(&self.measured_mm)
    }
}

impl Outcome {
    /// Bars that are exceeded, in words.
    pub fn failures(&self) -> Vec<String> {
        let mut found = Vec::new();
        for run in &self.runs {
            for part in &run.comparison.parts {
                let (Some(bar), Some(all)) = (part.bar_rms_k, part.all) else { continue };
                // A number that is none fails.
                if all.rms > bar || all.rms.is_nan() {
                    found.push(format!("{} {}: {:.2} K, at most {bar:.1}", self.id, part.name, all.rms));
                }
            }
        }
        if let Some(between) = self.between.filter(|b| !b.holds()) {
            found.push(format!(
                "{}: {:.1} mm measured, computed {:.1} to {:.1}",
                self.id, between.measured_mm, between.least_mm, between.most_mm
            ));
        }
        found
    }

    /// How many bars there are.
    pub fn bars(&self) -> usize {
        let parts = self.runs.iter().flat_map(|run| &run.comparison.parts);
        parts.filter(|part| part.bar_rms_k.is_some()).count() + usize::from(self.between.is_some())
    }
}

/// Whether fitted numbers are taken from the files or fitted again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// As they stand in the files.
    AsRecorded,
    /// Again.
    Again,
}

/// Solves an experiment.
pub fn solved(file: ExperimentFile, catalogues: &Catalogues, effort: Effort, fit: Fit) -> Result<Outcome, SolveError> {
    let mut runs: Vec<RunOutcome> = Vec::new();
    for row in &file.runs {
        let prepared = Prepared::new(row, catalogues, effort)?;
        let recorded = fitted_of(&file, row)?;
        let fitted = match (recorded, &row.as_fitted_in, fit) {
            (None, ..) => None,
            // Taken over from the run before, whose value may just have been fitted again.
            (Some(recorded), Some(other), _) => {
                let value = runs.iter().find(|run| run.name == *other).and_then(|run| run.fitted.as_ref());
                Some(Fitted {
                    from_run: Some(other.clone()),
                    ..value.cloned().unwrap_or_else(|| as_recorded(recorded))
                })
            }
            (Some(recorded), None, Fit::AsRecorded) => Some(as_recorded(recorded)),
            (Some(recorded), None, Fit::Again) => {
                let value = refitted(&prepared, recorded)?;
                Some(Fitted { value, fitted_again: true, ..as_recorded(recorded) })
            }
        };
        let comparison = prepared.solved(fitted.as_ref().map(|f| (f.what, f.value)))?;
        runs.push(RunOutcome { name: row.name.clone(), fitted, comparison });
    }
    let between = file.between.map(|row| between(&row, &runs));
    Ok(Outcome { id: file.id.clone(), between, runs, file })
}

fn as_recorded(row: &FittedRow) -> Fitted {
    Fitted {
        what: row.what,
        value: row.value,
        range: (row.least, row.most),
        on: row.on.clone(),
        from_run: None,
        fitted_again: false,
    }
}

fn between(row: &BetweenRow, runs: &[RunOutcome]) -> Between {
    let same = |size: &&Sized| size.celsius == row.celsius && size.what == row.what;
    let sizes = || runs.iter().flat_map(|run| run.comparison.sizes.iter().filter(same)).map(|size| size.computed_mm);
    Between {
        least_mm: sizes().fold(f64::INFINITY, f64::min),
        most_mm: sizes().fold(f64::NEG_INFINITY, f64::max),
        measured_mm: row.measured_mm,
        spread_mm: row.spread_mm,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_outside_the_runs_is_not_between_them() {
        let between = Between { least_mm: 21.6, most_mm: 23.8, measured_mm: 22.3, spread_mm: 0.75 };
        assert!(between.holds());
        assert!(!Between { measured_mm: 24.0, ..between }.holds());
        // No run at all gives an empty bracket, which holds nothing.
        assert!(!Between { least_mm: f64::INFINITY, most_mm: f64::NEG_INFINITY, ..between }.holds());
    }
}
