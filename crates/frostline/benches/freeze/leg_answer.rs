//! How far a run of L1 is off: radii around the probe against the answer on the finest grid, which is recorded.

use std::path::PathBuf;

use frostline_freeze::{FreezeHistory, SceneDirection, ScenePoint, SceneProbe, radius_along};
use serde::{Deserialize, Serialize};

use crate::engine::Run;
use crate::engine_on::On;
use crate::leg::{Leg, LegCells, LegQuestion};
use crate::sample::{Errors, Limits, Sample, farther};
use crate::{Fault, root};

/// Where the converged answer is kept.
const ANSWER: &str = "crates/frostline/benches/freeze/leg_answer.json";

/// Times and surfaces that are measured: the end of every freeze, and 20 s into every thaw while there is ice.
const ROWS: [(f64, f64); 12] = [
    (120.0, 0.0),
    (120.0, -20.0),
    (120.0, -40.0),
    (140.0, 0.0),
    (300.0, 0.0),
    (300.0, -20.0),
    (300.0, -40.0),
    (320.0, 0.0),
    (480.0, 0.0),
    (480.0, -20.0),
    (480.0, -40.0),
    (500.0, 0.0),
];
const THAWS_S: [f64; 3] = [140.0, 320.0, 500.0];
const DIRECTIONS: usize = 16;

/// L1 on a grid.
#[derive(Clone, Copy, Debug)]
pub struct LegTask {
    pub cells: LegCells,
    pub step_s: f64,
}

/// The surface of one temperature at one time. Unit: mm.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Surface {
    at_s: f64,
    celsius: f64,
    /// In 16 directions across the middle of the active length, from the axis; 0 where there is none.
    radii_mm: Vec<f64>,
    /// From the middle of the active length on through the tip.
    ahead_mm: f64,
}

/// The answer on the finest grid, and how far the next coarser one is from it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Answer {
    made_by: String,
    finest_mm: f64,
    step_s: f64,
    cells: u64,
    /// Errors of twice the cells and the same step against this answer.
    twice_as_coarse: Errors,
    surfaces: Vec<Surface>,
}

impl LegTask {
    /// One run.
    pub fn run(&self, on: On, limits: &Limits) -> Result<Sample, Fault> {
        let leg = Leg::read()?;
        let (mut sample, surfaces) = self.solve(&leg, on, limits)?;
        if let (true, Some(surfaces)) = (limits.wants_errors, surfaces) {
            sample.errors = Some(errors(&surfaces, &recorded()?.surfaces));
        }
        Ok(sample)
    }

    fn solve(&self, leg: &Leg, on: On, limits: &Limits) -> Result<(Sample, Option<Vec<Surface>>), Fault> {
        let keep_at_s: Vec<f64> = ROWS.iter().map(|row| row.0).filter(|_| limits.wants_errors).collect();
        let variant = self.cells.name();
        let run = Run { variant, step_s: self.step_s, on, keep_at_s: &keep_at_s, cap_s: limits.engine_s };
        let mut rays = None;
        let (sample, history) = run.time(|| {
            let LegQuestion { parts, across } = leg.question(self.cells)?;
            rays = parts.probes.first().map(|probe| Rays::of(probe, across));
            Ok(parts)
        })?;
        Ok((sample, history.zip(rays).map(|(history, rays)| rays.surfaces(&history))))
    }
}

/// Solves L1 on cells of `finest_mm` and on twice that, and records the answer.
pub fn record_answer(finest_mm: f64) -> Result<(), Fault> {
    let leg = Leg::read()?;
    let on = |fine_mm: f64| {
        let cells = LegCells::AlongProbe { fine_mm, coarsest_mm: COARSEST_OF_ANSWER_MM };
        let task = LegTask { cells, step_s: STEP_OF_ANSWER_S };
        eprintln!("solving on {fine_mm} mm cells ...");
        let (sample, surfaces) = task.solve(&leg, On::TWO_THREADS, &Limits::unlimited())?;
        eprintln!("{} cells, {:.1} s", sample.work.cells, sample.wall_s);
        surfaces.map(|s| (sample, s)).ok_or_else(|| Fault::from("the run did not end"))
    };
    let (_, coarse) = on(2.0 * finest_mm)?;
    let (sample, surfaces) = on(finest_mm)?;
    let answer = Answer {
        made_by: format!("cargo bench -p frostline --bench freeze -- --converge --converge-mm {finest_mm}"),
        finest_mm,
        step_s: STEP_OF_ANSWER_S,
        cells: sample.work.cells,
        twice_as_coarse: errors(&coarse, &surfaces),
        surfaces,
    };
    let path = root().join(ANSWER);
    std::fs::write(&path, serde_json::to_string_pretty(&answer)? + "\n")?;
    println!("twice as coarse: {:?}\nwritten: {}", answer.twice_as_coarse, path.display());
    Ok(())
}

/// Cells far away for the answer. Unit: mm.
const COARSEST_OF_ANSWER_MM: f64 = 2.0;
/// Half of what runs usually take; the time error of a second-order step is then a quarter. Unit: s.
const STEP_OF_ANSWER_S: f64 = 1.0;

fn recorded() -> Result<Answer, Fault> {
    let path: PathBuf = root().join(ANSWER);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("{}: {error}; make the answer with --converge", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// Where the ice is measured.
struct Rays {
    /// On the axis, halfway along the active length.
    middle: ScenePoint,
    across: Vec<SceneDirection>,
    ahead: SceneDirection,
}

impl Rays {
    fn of(probe: &SceneProbe, (first, second): (SceneDirection, SceneDirection)) -> Self {
        let towards = |n: usize| {
            let angle = std::f64::consts::TAU * n as f64 / DIRECTIONS as f64;
            (first * angle.cos() + second * angle.sin()).direction()
        };
        Self {
            middle: probe.tip + probe.towards_hub * (probe.shape.dead_tip_mm + 0.5 * probe.shape.active_length_mm),
            across: (0..DIRECTIONS).filter_map(towards).collect(),
            ahead: -probe.towards_hub,
        }
    }

    fn surfaces(&self, history: &FreezeHistory) -> Vec<Surface> {
        ROWS.iter().map(|&(at_s, celsius)| self.surface(history, at_s, celsius)).collect()
    }

    fn surface(&self, history: &FreezeHistory, at_s: f64, celsius: f64) -> Surface {
        let snapshot = history.snapshots.iter().find(|s| (s.at_s - at_s).abs() < 1e-6);
        let field = |place: ScenePoint| history.snapshot_at(snapshot?, place);
        let radius = |&towards| radius_along(&field, self.middle, towards, celsius).unwrap_or(0.0);
        Surface { at_s, celsius, radii_mm: self.across.iter().map(radius).collect(), ahead_mm: radius(&self.ahead) }
    }
}

fn errors(found: &[Surface], answer: &[Surface]) -> Errors {
    let mut errors = Errors::default();
    for (found, answer) in found.iter().zip(answer) {
        let is_thaw = THAWS_S.contains(&answer.at_s);
        let mean = |s: &Surface| s.radii_mm.iter().sum::<f64>() / s.radii_mm.len() as f64;
        let kind = if is_thaw { &mut errors.thaw_mm } else { &mut errors.mean_mm };
        *kind = farther(*kind, Some(mean(found) - mean(answer)));
        for (found, answer) in found.radii_mm.iter().zip(&answer.radii_mm) {
            errors.direction_mm = farther(errors.direction_mm, Some(found - answer));
        }
        errors.axial_mm = farther(errors.axial_mm, Some(found.ahead_mm - answer.ahead_mm));
    }
    errors
}
