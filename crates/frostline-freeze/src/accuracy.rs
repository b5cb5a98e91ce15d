//! How fine must the cells be? Chosen from the accuracy that is wanted, and estimated from two answers.
//!
//! A scene is solved on two grids. How far their surfaces lie apart tells how far the finer one is from the truth, as
//! long as errors fall with the cells; cells are made finer until that is within what was asked for, or until they are as
//! fine as it makes sense, or cost more than is allowed. What could not be reached is said, never hidden.
//!
//! It knows errors that fall with cells and steps. It does not know those that both answers share: of tissue properties,
//! of what a label map does not resolve, of the widest cells far away.

use crate::history::{FreezeHistory, IsothermRecord, SensorTrace};
use crate::probe::SceneProbe;
use crate::scene::FreezeScene;
use crate::solver::{Continue, Progress, SimulateError, SolverSettings, simulate};

/// How closely surfaces of one temperature are wanted, and what that may cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Largest error of any radius or half length, at any time. Unit: mm. Range: 0.01 to 1.
    pub surface_mm: f64,
    /// No finer cells are tried when all runs together would take more cell updates. Range: 1 and more.
    pub most_cell_updates: u64,
    /// Cells around the probes are never wider, so that what is thin (a nerve, a layer) is seen at all. Unit: mm. Range: 0.3
    /// and more.
    pub coarsest_mm: f64,
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

/// How far off one sensor may be.
#[derive(Clone, Debug, PartialEq)]
pub struct SensorError {
    /// Its name.
    pub name: String,
    /// Estimated largest error of its temperature, over all records. Unit: K.
    pub error_k: f64,
    /// When that was. Unit: s.
    pub at_s: f64,
}

/// Why no finer cells were tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The estimate is within what was asked for.
    Reached,
    /// The cells are as fine as makes sense.
    FinestCells,
    /// Finer cells would have cost more than was allowed.
    CostLimit,
}

/// An answer with an estimate of its error.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimated {
    /// The answer on the finest cells that were used.
    pub history: FreezeHistory,
    /// The answer it was compared with.
    pub coarser: FreezeHistory,
    /// The finest cells around the probes. Unit: mm.
    pub fine_mm: f64,
    /// Those of the answer it was compared with. Unit: mm.
    pub compared_with_mm: f64,
    /// One per isotherm of the scene.
    pub surfaces: Vec<SurfaceError>,
    /// One per sensor that lies at the same place in both scenes. They are told, and not held to the tolerance.
    pub sensors: Vec<SensorError>,
    /// Why no finer cells were tried.
    pub ended: Ended,
    /// What was asked for.
    pub tolerance: Tolerance,
    /// Cell updates of all runs together.
    pub cell_updates: u64,
}

impl Estimated {
    /// The largest estimated error of any surface. Unit: mm.
    pub fn error_mm(&self) -> f64 {
        self.surfaces.iter().map(|s| s.error_mm).fold(0.0, f64::max)
    }

    /// What part of a difference between the two answers is the error of the finer one.
    pub fn share(&self) -> f64 {
        share(self.compared_with_mm / self.fine_mm)
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
    /// Nothing whose error could be estimated.
    #[error(
        "the scene has {probes} probes and {isotherms} isotherms; an error can be estimated for isotherms around a probe, \
         so add what is missing, or choose the width of the cells yourself"
    )]
    NothingToCompare {
        /// Probes of the scene.
        probes: usize,
        /// Isotherms of the scene.
        isotherms: usize,
    },
    /// Not even two answers to compare.
    #[error(
        "a tolerance of {surface_mm} mm would take about {needed:.1e} cell updates already for the first estimate, \
         and {most:.1e} are allowed; ask for a wider tolerance, make the scene smaller, or allow more"
    )]
    TooCostly {
        /// What was asked for. Unit: mm.
        surface_mm: f64,
        /// Cell updates it would take.
        needed: f64,
        /// Cell updates that are allowed.
        most: f64,
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
/// Cells are not coarser than this around a probe, where nothing thinner is to be seen. Unit: mm.
const COARSEST_MM: f64 = 1.0;
/// Error of the worst surface on cells of 1 mm around tips of 1.3 mm: 0.14 mm, falling with the square of the cells; around
/// a 1.5 mm needle 0.05 mm. Measured against cells of 0.35 mm and the converged answer. Unit: mm.
const ERROR_AT_1_MM: f64 = 0.14;
/// The cells of the coarser answer over those of the finer one.
const RATIO: f64 = 1.5;
/// Where cells are made finer, at least by this: a smaller step tells little about the error.
const LEAST_REFINEMENT: f64 = 0.75;
/// Where the finest cells are nearer than this, they are not worth another run.
const NOT_WORTH_IT: f64 = 0.85;
/// Cost of cells finer by a factor, as its power: their number with the third, the stages of a step (as the square root
/// of step over square of cell) and the steps with 1 to 1.5 together; cells far away do not grow in number, so 4 is rather
/// too much than too little. From 1 mm to 0.5 mm: 3.3 for R1, 2.9 for a leg of layers.
const COST_POWER: i32 = 4;
/// About two minutes of two cores, which make 2 to 5e8 cell updates a second.
const USUAL_CELL_UPDATES: u64 = 40_000_000_000;

/// The part of a difference that is the error of the finer answer. Second order gives 1 / (ratio^2 - 1), 0.8 where cells
/// differ by half; links to a probe move with every grid and do not fall so evenly, so never less than all of it.
fn share(ratio: f64) -> f64 {
    (1.0 / (ratio * ratio - 1.0)).max(1.0)
}

impl Tolerance {
    /// Surfaces within this, at the usual cost.
    pub fn of(surface_mm: f64) -> Self {
        Self { surface_mm, most_cell_updates: USUAL_CELL_UPDATES, coarsest_mm: COARSEST_MM }
    }

    /// Cells around the probes with which to begin. Unit: mm.
    pub fn suggested_fine_mm(&self, probes: &[SceneProbe]) -> f64 {
        // A thinner tip has steeper surfaces of the coldest temperatures.
        let thinnest_mm = probes.iter().map(|p| p.shape.radius_mm).fold(0.75, f64::min);
        let error_at_1_mm = ERROR_AT_1_MM * (0.65 / thinnest_mm).max(1.0);
        (self.surface_mm / error_at_1_mm).sqrt().clamp(FINEST_MM, self.coarsest_mm.max(FINEST_MM))
    }

    /// The longest step that adds little to the error. Unit: s.
    pub fn suggested_step_s(&self) -> f64 {
        // Steps of 10 s moved the surfaces of the reference needle by 0.005 mm, of 5 s by 0.001 mm.
        if self.surface_mm < 0.1 { 5.0 } else { 10.0 }
    }
}

/// Answers a scene as closely as asked. `scene` makes it with cells of a width (mm) around the probes; the last one it was
/// asked for is the one that is answered. Steps are as long as `settings` allow.
///
/// # Errors
/// [`EstimateError`] when the tolerance makes no sense, the scene cannot be made, it has no answer, or nothing in it can be
/// compared.
pub fn simulate_within<E: std::error::Error>(
    tolerance: Tolerance,
    settings: &SolverSettings,
    scene: &mut dyn FnMut(f64) -> Result<FreezeScene, E>,
    progress: &mut dyn FnMut(Progress) -> Continue,
) -> Result<Estimated, EstimateError<E>> {
    let probes = comparable(tolerance, scene)?;
    let mut answer = |fine_mm: f64, step_s: f64| -> Result<FreezeHistory, EstimateError<E>> {
        let scene = scene(fine_mm).map_err(EstimateError::Scene)?;
        Ok(simulate(&scene, &SolverSettings { step_s, ..*settings }, progress)?)
    };
    let (mut fine_mm, mut step_s) = (tolerance.suggested_fine_mm(&probes), settings.step_s);
    // Steps are compared together with cells.
    let mut coarse = (fine_mm * RATIO, answer(fine_mm * RATIO, step_s * RATIO)?);
    let mut cell_updates = coarse.1.counters.cell_updates;
    let needed = costs(cell_updates, &coarse.1, 1.0 / RATIO);
    if needed > tolerance.most_cell_updates as f64 {
        let (surface_mm, most) = (tolerance.surface_mm, tolerance.most_cell_updates as f64);
        return Err(EstimateError::TooCostly { surface_mm, needed, most });
    }
    loop {
        let history = answer(fine_mm, step_s)?;
        cell_updates += history.counters.cell_updates;
        let (compared_with_mm, coarser) = coarse;
        let share = share(compared_with_mm / fine_mm);
        let surfaces = surface_errors(&probes, &history, &coarser, share);
        let sensors = sensor_errors(&history, &coarser, share);
        let ended = Ended::Reached;
        let mut found = Estimated {
            history,
            coarser,
            fine_mm,
            compared_with_mm,
            surfaces,
            sensors,
            ended,
            tolerance,
            cell_updates,
        };
        let finer_mm = match finer_mm(&found) {
            Ok(finer_mm) => finer_mm,
            Err(ended) => {
                found.ended = ended;
                return Ok(found);
            }
        };
        coarse = (fine_mm, found.history);
        (fine_mm, step_s) = (finer_mm, step_s * finer_mm / fine_mm);
    }
}

/// Cells that should be good enough, or why there are none to try. Unit: mm.
fn finer_mm(found: &Estimated) -> Result<f64, Ended> {
    if found.is_within() {
        return Err(Ended::Reached);
    }
    // Second order: the error falls with the square.
    let by = (found.tolerance.surface_mm / found.error_mm()).sqrt().clamp(0.5, LEAST_REFINEMENT);
    let finer_mm = (found.fine_mm * by).max(FINEST_MM);
    if finer_mm > NOT_WORTH_IT * found.fine_mm {
        return Err(Ended::FinestCells);
    }
    let needed = costs(found.cell_updates, &found.history, finer_mm / found.fine_mm);
    if needed > found.tolerance.most_cell_updates as f64 { Err(Ended::CostLimit) } else { Ok(finer_mm) }
}

/// The probes of a scene in which an error can be estimated.
fn comparable<E: std::error::Error>(
    tolerance: Tolerance,
    scene: &mut dyn FnMut(f64) -> Result<FreezeScene, E>,
) -> Result<Vec<SceneProbe>, EstimateError<E>> {
    if !(TOLERANCE_MM.0..=TOLERANCE_MM.1).contains(&tolerance.surface_mm) {
        return Err(EstimateError::BadTolerance { found: tolerance.surface_mm });
    }
    // A scene that is made but not solved tells which probes there are.
    let scene = scene(COARSEST_MM).map_err(EstimateError::Scene)?;
    let parts = scene.parts();
    if parts.probes.is_empty() || parts.isotherms_c.is_empty() {
        let (probes, isotherms) = (parts.probes.len(), parts.isotherms_c.len());
        return Err(EstimateError::NothingToCompare { probes, isotherms });
    }
    Ok(parts.probes.clone())
}

/// Cell updates so far with those of one more run, on cells that are `by` times those of the last one.
fn costs(so_far: u64, last: &FreezeHistory, by: f64) -> f64 {
    so_far as f64 + last.counters.cell_updates as f64 / by.powi(COST_POWER)
}

/// The largest difference of each sensor over all records that both answers have.
fn sensor_errors(fine: &FreezeHistory, coarse: &FreezeHistory, share: f64) -> Vec<SensorError> {
    let mut errors = Vec::new();
    for trace in &fine.sensors {
        let same = |other: &&SensorTrace| other.name == trace.name && other.place.distance(trace.place) < 1e-9;
        let Some(other) = coarse.sensors.iter().find(same) else { continue };
        let mut error = SensorError { name: trace.name.clone(), error_k: 0.0, at_s: 0.0 };
        for (at_s, celsius) in trace.at_s.iter().zip(&trace.celsius) {
            let Some(n) = other.at_s.iter().position(|at| (at - at_s).abs() < 1e-6) else { continue };
            let error_k = share * (other.celsius[n] - celsius).abs();
            if error_k > error.error_k {
                (error.error_k, error.at_s) = (error_k, *at_s);
            }
        }
        errors.push(error);
    }
    errors
}

/// The largest difference of every surface over all records that both answers have.
fn surface_errors(
    probes: &[SceneProbe],
    fine: &FreezeHistory,
    coarse: &FreezeHistory,
    share: f64,
) -> Vec<SurfaceError> {
    let mut surfaces: Vec<SurfaceError> = Vec::new();
    for record in &fine.edges {
        let same = |r: &&IsothermRecord| r.celsius == record.celsius && (r.at_s - record.at_s).abs() < 1e-6;
        let Some(other) = coarse.edges.iter().find(same) else { continue };
        let error_mm = share * apart_mm(probes, record, other);
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
    use crate::conformance::reference::{Fineness, Pose, scene as needle};
    use crate::{SceneError, ScenePoint, Sensor};

    fn within(surface_mm: f64) -> Result<Estimated, EstimateError<SceneError>> {
        solved(Tolerance::of(surface_mm), vec![0.0, -20.0, -40.0])
    }

    fn solved(tolerance: Tolerance, isotherms_c: Vec<f64>) -> Result<Estimated, EstimateError<SceneError>> {
        let settings = SolverSettings { step_s: 10.0, record_every_s: 30.0, ..SolverSettings::default() };
        let mut scene = |fine_mm| {
            let pose = Pose { offset_mm: (0.1, 0.2, 0.0), towards: (0.0, 0.0, 1.0) };
            let fineness = Fineness { margin_mm: 8.0, growth: 1.25, fine_mm, step_s: 0.0 };
            let sensors = vec![Sensor { name: "near".into(), place: ScenePoint::new(4.0, 0.0, 5.0) }];
            let isotherms_c = isotherms_c.clone();
            FreezeScene::new(crate::SceneParts { isotherms_c, sensors, ..needle(pose, fineness, 120.0) })
        };
        simulate_within(tolerance, &settings, &mut scene, &mut |_| Continue::Yes)
    }

    #[test]
    fn what_is_asked_for_is_reached_and_the_estimate_says_so() {
        let found = within(0.2).unwrap();
        assert!(found.is_within() && found.error_mm() <= 0.2, "{:?}", found.surfaces);
        assert_eq!(found.ended, Ended::Reached);
        assert_eq!(found.surfaces.len(), 3);
        assert_eq!(found.sensors.len(), 1);
        // From a needle of -150 °C to tissue of 37 °C in 5 mm, some 40 K per mm.
        assert!(found.sensors[0].error_k > 0.0 && found.sensors[0].error_k < 40.0 * 0.2, "{:?}", found.sensors);
    }

    #[test]
    fn an_answer_that_would_cost_too_much_is_given_as_far_as_it_came_and_says_so() {
        // The first pair for 0.1 mm takes a hundred million updates at least, a third run on finer cells many times that.
        let free = within(0.1).unwrap();
        println!(
            "{} {} {} {:?} {}",
            free.cell_updates,
            free.fine_mm,
            free.compared_with_mm,
            free.ended,
            free.error_mm()
        );
        let most_cell_updates = free.cell_updates - 1;
        let found = solved(Tolerance { most_cell_updates, ..Tolerance::of(0.1) }, vec![0.0, -20.0, -40.0]).unwrap();
        assert!(!found.is_within() && found.ended == Ended::CostLimit, "{:?}", found.surfaces);
        assert!(found.cell_updates <= most_cell_updates);
    }

    #[test]
    fn a_limit_below_the_first_estimate_is_refused_with_the_cost() {
        let error = solved(Tolerance { most_cell_updates: 1000, ..Tolerance::of(0.1) }, vec![0.0]).unwrap_err();
        assert!(error.to_string().contains("1.0e3 are allowed"), "{error}");
    }

    #[test]
    fn without_an_isotherm_nothing_is_claimed() {
        let error = solved(Tolerance::of(0.1), Vec::new()).unwrap_err();
        assert!(error.to_string().contains("0 isotherms"), "{error}");
    }

    #[test]
    fn a_second_order_error_is_estimated_no_smaller_than_it_is() {
        // error = cells^2: between cells of 1 and 1.2 the answers differ by 0.44, and the finer one is off by 1.
        assert!((share(1.2) * 0.44 - 1.0).abs() < 1e-12);
        // Between 1 and 2 they differ by 3; a third would do, all is taken.
        assert_eq!(share(2.0), 1.0);
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
