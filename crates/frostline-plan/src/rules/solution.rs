//! Rules about the computation: its region, its cells, its error.

use super::Evidence;
use crate::accuracy::ErrorReport;
use crate::finding::{FROM_GEOMETRY, Finding, Level};

/// Ice where the image shows nothing.
pub(super) fn field_of_view(e: &Evidence) -> Option<Finding> {
    let grid = &e.history.grid;
    let unseen = (0..grid.cell_count()).any(|n| {
        e.history.coldest_c[n] <= 0.0
            && e.anatomy.tissues.at(e.built.scene_to_patient.apply(grid.centre(grid.cell(n)))).is_none()
    });
    unseen.then(|| {
        let text = "ice grows beyond the image; what lies there is not known, so its tissue was assumed";
        Finding::new("image.border", Level::Unknown, text, FROM_GEOMETRY)
    })
}

pub(super) fn rim(e: &Evidence) -> Option<Finding> {
    let grid = &e.history.grid;
    let size = grid.size();
    let on_rim = |n: usize| {
        let c = grid.cell(n);
        c.i == 0 || c.j == 0 || c.k == 0 || c.i + 1 == size.i || c.j + 1 == size.j || c.k + 1 == size.k
    };
    let cooled = (0..grid.cell_count())
        .filter(|&n| on_rim(n))
        .map(|n| e.history.start_c[n] - e.history.coldest_c[n])
        .fold(0.0_f32, f32::max);
    (cooled > MOST_RIM_COOLING_K).then(|| {
        let text =
            format!("the rim of the simulated region cools by {cooled:.1} K; the ice may come out slightly large");
        Finding::new("solver.rim", Level::Warn, text, FROM_GEOMETRY)
    })
}

pub(super) fn coarse_grid(e: &Evidence) -> Option<Finding> {
    let found_mm = e.history.counters.grid_mm;
    // Where the error was estimated, that is said instead.
    (e.accuracy.estimate().is_none() && found_mm > WIDEST_CONFIRMED_CELL_MM).then(|| {
        let text = format!("computed on cells of {found_mm:.2} mm, for a first look only; confirm with fine_mm = 0.5");
        Finding::new("solver.coarse", Level::Warn, text, FROM_GEOMETRY)
    })
}

/// The error of the computation: estimated and small enough, too large, or not known.
pub(super) fn accuracy(accuracy: &ErrorReport) -> Finding {
    let words = accuracy.words();
    let (level, text) = match accuracy.estimate() {
        None => (Level::Warn, format!("{words}; leave out fine_mm to have it chosen and estimated")),
        Some(e) if e.is_within => (Level::Ok, words),
        Some(e) => {
            let remedy = match e.ended {
                "cost-limit" => "allow more with most_cell_updates in [accuracy], or ask for less",
                _ => "finer cells make no sense; allow for this error in every margin",
            };
            (Level::Warn, format!("{words}; {remedy}"))
        }
    };
    Finding::new("solver.accuracy", level, text, FROM_GEOMETRY)
}

pub(super) fn energy(e: &Evidence) -> Option<Finding> {
    let error = e.history.energy.error();
    (error.is_nan() || error > MOST_ENERGY_ERROR).then(|| {
        let text = format!("the solver lost track of {:.2} % of the heat; do not use this answer", 100.0 * error);
        Finding::new("solver.energy", Level::Stop, text, FROM_GEOMETRY)
    })
}

/// A rim that cools by more than this feels the probe, so it lies too near. Unit: K.
const MOST_RIM_COOLING_K: f32 = 0.5;

/// Cells up to this wide give the demo's lengths within 0.3 mm and its skin within 1.1 K of those of 0.35 mm. Unit: mm.
const WIDEST_CONFIRMED_CELL_MM: f64 = 0.55;

/// Energy lost or gained by the solver beyond this share of what was moved means a wrong answer. Single precision rounds to
/// 6e-8 and the stories close to 2.5e-8 to 8e-6, so what is a hundred times that is no rounding.
const MOST_ENERGY_ERROR: f64 = 1e-3;
