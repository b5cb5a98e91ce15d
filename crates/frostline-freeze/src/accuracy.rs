//! How fine must the cells be? Chosen from the accuracy that is wanted, and estimated from two answers.
//!
//! A scene is solved on two grids. How far their surfaces lie apart tells how far the finer one is from the truth, as
//! long as errors fall with the cells; cells are made finer until that is within what was asked for, or until they are as
//! fine as it makes sense. What could not be reached is said, never hidden.

use crate::history::{FreezeHistory, IsothermRecord};
use crate::probe::SceneProbe;
use crate::scene::FreezeScene;
use crate::solver::{Continue, Progress, SimulateError, SolverSettings, simulate};

/// How closely surfaces of one temperature are wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Largest error of any radius or reach, at any time. Unit: mm. Range: 0.01 to 1.
    pub surface_mm: f64,
}

/// How far off one surface may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurfaceError {
    /// Its temperature. Unit: °C.
    pub celsius: f64,
    /// Estimated largest error of its radius and of half its length, over all records. Unit: mm.
    pub error_mm: f64,
    /// When that was. Unit: s.
    pub at_s: f64,
}

/// An answer with an estimate of its error.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimated {
    /// The answer on the finest cells that were used.
    pub history: FreezeHistory,
    /// The finest cells, and those it was compared with. Unit: mm.
    pub fine_mm: f64,
    /// Unit: mm.
    pub compared_with_mm: f64,
    /// One per isotherm of the scene.
    pub surfaces: Vec<SurfaceError>,
    /// What was asked for.
    pub tolerance: Tolerance,
    /// Cell updates of all runs together.
    pub cell_updates: u64,
}

impl Estimated {
    /// The largest estimated error of any surface; 0 without isotherms. Unit: mm.
    pub fn error_mm(&self) -> f64 {
        self.surfaces.iter().map(|s| s.error_mm).fold(0.0, f64::max)
    }

    /// True when the estimate is within what was asked for; false also when it is not a number.
    pub fn is_within(&self) -> bool {
        self.error_mm() <= self.tolerance.surface_mm
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EstimateError<E: std::error::Error> {
    /// A tolerance that makes no sense.
    #[error("the tolerance is {found} mm; it must lie between 0.01 and 1 mm")]
    BadTolerance {
        /// The number given. Unit: mm.
        found: f64,
    },
    /// The scene cannot be made.
    #[error(transparent)]
    Scene(E),
    /// The scene has no answer.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
}

const TOLERANCE_MM: (f64, f64) = (0.01, 1.0);
/// Cells are never made finer than this; below it single precision and the links to the probe set the error. Unit: mm.
const FINEST_MM: f64 = 0.3;
/// Cells are never coarser than this around a probe. Unit: mm.
const COARSEST_MM: f64 = 1.0;
/// Error of the worst surface on cells of 1 mm around tips of 1.3 mm: 0.14 mm, falling with the square of the cells; around
/// a 1.5 mm needle 0.05 mm. Measured against cells of 0.35 mm and the converged answer. Unit: mm.
const ERROR_AT_1_MM: f64 = 0.14;
/// The cells of the coarser answer over those of the finer one.
const RATIO: f64 = 1.5;
/// The share of the difference that is taken as the error of the finer answer. Second order would give
/// 1 / (1.5^2 - 1) = 0.8; the links to a probe move with every grid and do not fall so evenly, so all of it is taken.
const SHARE: f64 = 1.0;
/// Where cells are made finer, at least by this.
const LEAST_REFINEMENT: f64 = 0.75;

impl Tolerance {
    /// Cells around the probes with which to begin. Unit: mm.
    pub fn suggested_fine_mm(&self, probes: &[SceneProbe]) -> f64 {
        // A thinner tip has steeper surfaces of the coldest temperatures.
        let thinnest_mm = probes.iter().map(|p| p.shape.radius_mm).fold(0.75, f64::min);
        let error_at_1_mm = ERROR_AT_1_MM * (0.65 / thinnest_mm).max(1.0);
        (self.surface_mm / error_at_1_mm).sqrt().clamp(FINEST_MM, COARSEST_MM)
    }

    /// The longest step that adds little to the error. Unit: s.
    pub fn suggested_step_s(&self) -> f64 {
        // Steps of 10 s moved the surfaces of the reference needle by 0.005 mm, of 5 s by 0.001 mm.
        if self.surface_mm < 0.1 { 5.0 } else { 10.0 }
    }
}

/// Answers a scene as closely as asked. `scene` makes it with cells of a width (mm) around the probes.
///
/// # Errors
/// [`EstimateError`] when the tolerance makes no sense, the scene cannot be made, or it has no answer.
pub fn simulate_within<E: std::error::Error>(
    tolerance: Tolerance,
    settings: &SolverSettings,
    scene: &mut dyn FnMut(f64) -> Result<FreezeScene, E>,
    progress: &mut dyn FnMut(Progress) -> Continue,
) -> Result<Estimated, EstimateError<E>> {
    if !(TOLERANCE_MM.0..=TOLERANCE_MM.1).contains(&tolerance.surface_mm) {
        return Err(EstimateError::BadTolerance { found: tolerance.surface_mm });
    }
    // A scene that is made but not solved tells which probes there are.
    let probes = scene(COARSEST_MM).map_err(EstimateError::Scene)?.parts().probes.clone();
    let mut fine_mm = tolerance.suggested_fine_mm(&probes);
    let mut step_s = settings.step_s.min(tolerance.suggested_step_s());
    let mut answer = |fine_mm: f64, step_s: f64| -> Result<FreezeHistory, EstimateError<E>> {
        let scene = scene(fine_mm).map_err(EstimateError::Scene)?;
        Ok(simulate(&scene, &SolverSettings { step_s, ..*settings }, progress)?)
    };
    // Steps are compared together with cells.
    let mut coarse = (fine_mm * RATIO, answer(fine_mm * RATIO, step_s * RATIO)?);
    let mut cell_updates = coarse.1.counters.cell_updates;
    loop {
        let history = answer(fine_mm, step_s)?;
        cell_updates += history.counters.cell_updates;
        let surfaces = compared(&probes, &history, &coarse.1);
        let compared_with_mm = coarse.0;
        let found = Estimated { history, fine_mm, compared_with_mm, surfaces, tolerance, cell_updates };
        if found.is_within() || fine_mm <= FINEST_MM {
            return Ok(found);
        }
        // Second order: the error falls with the square.
        let by = (tolerance.surface_mm / found.error_mm()).sqrt().clamp(0.5, LEAST_REFINEMENT);
        coarse = (fine_mm, found.history);
        (fine_mm, step_s) = ((fine_mm * by).max(FINEST_MM), step_s * by);
    }
}

/// The largest difference of every surface over all records that both answers have.
fn compared(probes: &[SceneProbe], fine: &FreezeHistory, coarse: &FreezeHistory) -> Vec<SurfaceError> {
    let mut surfaces: Vec<SurfaceError> = Vec::new();
    for record in &fine.edges {
        let same = |r: &&IsothermRecord| r.celsius == record.celsius && (r.at_s - record.at_s).abs() < 1e-6;
        let Some(other) = coarse.edges.iter().find(same) else { continue };
        let error_mm = SHARE * apart_mm(probes, record, other);
        let known = surfaces.iter_mut().find(|s| s.celsius == record.celsius);
        match known {
            Some(known) if known.error_mm >= error_mm => {}
            Some(known) => (known.error_mm, known.at_s) = (error_mm, record.at_s),
            None => surfaces.push(SurfaceError { celsius: record.celsius, error_mm, at_s: record.at_s }),
        }
    }
    surfaces
}

/// The largest difference of a radius or a half length. A surface that only one answer has is as far off as it stands out
/// from the probe.
fn apart_mm(probes: &[SceneProbe], fine: &IsothermRecord, coarse: &IsothermRecord) -> f64 {
    let pairs = fine.extents.iter().zip(&coarse.extents).zip(probes);
    let apart = pairs.map(|((a, b), probe)| {
        let (width, length) = (2.0 * probe.shape.radius_mm, probe.shape.active_length_mm);
        let of = |a: f64, b: f64, least: f64| 0.5 * (a.max(least) - b.max(least)).abs();
        of(a.width_mm, b.width_mm, width).max(of(a.length_mm, b.length_mm, length))
    });
    apart.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SceneError;
    use crate::conformance::reference::{Fineness, Pose, scene as needle};

    fn within(surface_mm: f64) -> Result<Estimated, EstimateError<SceneError>> {
        let settings = SolverSettings { step_s: 10.0, record_every_s: 30.0, ..SolverSettings::default() };
        let mut scene = |fine_mm| {
            let pose = Pose { offset_mm: (0.1, 0.2, 0.0), towards: (0.0, 0.0, 1.0) };
            let fineness = Fineness { margin_mm: 8.0, growth: 1.25, fine_mm, step_s: 0.0 };
            let isotherms_c = vec![0.0, -20.0, -40.0];
            FreezeScene::new(crate::SceneParts { isotherms_c, ..needle(pose, fineness, 120.0) })
        };
        simulate_within(Tolerance { surface_mm }, &settings, &mut scene, &mut |_| Continue::Yes)
    }

    #[test]
    fn what_is_asked_for_is_reached_and_the_estimate_says_so() {
        let found = within(0.2).unwrap();
        assert!(found.is_within() && found.error_mm() <= 0.2, "{:?}", found.surfaces);
        assert_eq!(found.surfaces.len(), 3);
    }

    #[test]
    fn a_closer_answer_takes_finer_cells_and_lies_within_the_estimates_of_both() {
        let (rough, close) = (within(0.5).unwrap(), within(0.1).unwrap());
        assert!(close.fine_mm < rough.fine_mm, "{} {}", close.fine_mm, rough.fine_mm);
        for surface in &rough.surfaces {
            let at = |e: &Estimated| {
                let found = e.history.edges.iter().rfind(|r| r.celsius == surface.celsius).unwrap();
                0.5 * found.width_mm
            };
            let apart_mm = (at(&rough) - at(&close)).abs();
            assert!(apart_mm <= rough.error_mm() + close.error_mm(), "{} °C: {apart_mm}", surface.celsius);
        }
    }

    #[test]
    fn a_tolerance_that_cannot_be_is_refused() {
        for surface_mm in [0.0, -1.0, f64::NAN, 5.0] {
            let error = within(surface_mm).unwrap_err();
            assert!(error.to_string().contains("between 0.01 and 1 mm"), "{error}");
        }
    }
}
