//! V5 and V8: probes in tissue against the steady ice and against front fixing.

use super::check::Spread;
use super::order::{Levels, levels};
use super::radial::{Look, cube, plane, probe, run, scene};
use super::slabs::two_phase;
use super::{Check, Suite};
use crate::exact::{FrozenCore, PERFUSED_MUSCLE, STEPPED, SteppedCase, TwoPhase};
use crate::{SceneDirection, SceneGrid, ScenePoint, Start, TimeTable, Tissue};

const MUSCLE_W_PER_M3_K: f64 = 2535.04;
const MUSCLE_W_PER_M3: f64 = 988.03;

/// [`PERFUSED_MUSCLE`] with its blood and its own heat.
pub(super) fn perfused_muscle() -> Tissue {
    Tissue {
        perfusion_w_per_m3_k: MUSCLE_W_PER_M3_K,
        metabolic_w_per_m3: MUSCLE_W_PER_M3,
        ..two_phase(&PERFUSED_MUSCLE)
    }
}

/// V5: the steady ice. Latent and sensible heat do not enter the steady state, so little of both is used.
pub(super) fn frozen_cores(suite: Suite) -> Vec<Check> {
    let all = [(false, 0.65, -70.0), (true, 0.65, -70.0), (true, 0.75, -140.0)];
    let cases = if suite.is_full() { &all[..] } else { &all[..1] };
    let mut checks: Vec<Check> = cases.iter().flat_map(|&case| frozen_core(suite, case)).collect();
    // Perfused as nerve is, the ice is small enough for cells that halve everywhere in it.
    let nerve = CoreCase {
        perfusion_w_per_m3_k: 10907.0,
        metabolic_w_per_m3: 2669.0,
        duration_s: 2000.0,
        ..CoreCase::in_muscle(suite, all[0])
    };
    let list = levels([1.0, 0.5, 0.25], |mm| {
        let squares = nerve.errors(plane(mm, 13.0, 50.0)).map(|e| e.1.rms.powi(2));
        (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
    });
    let name = "cylinder 0.65 mm, -70 °C in nerve, rms of both radii";
    checks.push(Levels { problem: "V5", name, units: ("mm", "mm"), list }.check(FRONT_FLOOR, FRONT_WHY));
    checks
}

/// Blood flows or not by whole cells, and a cell freezes as a whole; a quarter of the order is left to where in its cell
/// the front stands at that moment.
const FRONT_WHY: &str = "a sharp front is known to a cell: first order";
const FRONT_FLOOR: f64 = 0.75;

struct CoreCase {
    suite: Suite,
    is_ball: bool,
    radius_mm: f64,
    probe_c: f64,
    perfusion_w_per_m3_k: f64,
    metabolic_w_per_m3: f64,
    /// Until it is steady. Unit: s.
    duration_s: f64,
}

impl CoreCase {
    fn in_muscle(suite: Suite, (is_ball, radius_mm, probe_c): (bool, f64, f64)) -> Self {
        let (perfusion_w_per_m3_k, metabolic_w_per_m3) = (MUSCLE_W_PER_M3_K, MUSCLE_W_PER_M3);
        let duration_s = if is_ball { 2000.0 } else { 6000.0 };
        Self { suite, is_ball, radius_mm, probe_c, perfusion_w_per_m3_k, metabolic_w_per_m3, duration_s }
    }

    fn exact(&self) -> FrozenCore {
        FrozenCore {
            frozen_w_per_m_k: PERFUSED_MUSCLE.frozen_w_per_m_k,
            unfrozen_w_per_m_k: PERFUSED_MUSCLE.liquid_w_per_m_k,
            perfusion_w_per_m3_k: self.perfusion_w_per_m3_k,
            metabolic_w_per_m3: self.metabolic_w_per_m3,
            arterial_c: 37.0,
            freezing_c: -1.0,
            probe_c: self.probe_c,
            probe_radius_m: self.radius_mm * 1e-3,
        }
    }

    fn tissue(&self) -> Tissue {
        // Equal diffusivity frozen and unfrozen lets the steps be longest.
        let medium =
            TwoPhase { frozen_j_per_m3_k: 3.2e6, liquid_j_per_m3_k: 1e6, latent_j_per_m3: 1e6, ..PERFUSED_MUSCLE };
        Tissue {
            perfusion_w_per_m3_k: self.perfusion_w_per_m3_k,
            metabolic_w_per_m3: self.metabolic_w_per_m3,
            ..two_phase(&medium)
        }
    }

    /// Exact radius and errors of the front and of -20 °C. Unit: mm.
    fn errors(&self, grid: SceneGrid) -> [(f64, Spread); 2] {
        let middle = ScenePoint::new(0.07, 0.11, if self.is_ball { 0.05 } else { 0.0 });
        let axis = SceneDirection::along_z();
        let probe = probe(self.is_ball, self.radius_mm, middle, axis, TimeTable::constant(self.probe_c));
        let history = run(self.suite, scene(grid, self.tissue(), probe, self.duration_s), 10.0, &[self.duration_s]);
        let look = Look::new(&history, &history.snapshots[0], middle, axis);
        let exact = self.exact();
        let (front, inner) = if self.is_ball {
            (exact.ball_front_m(), exact.ball_surface_m(-20.0))
        } else {
            (exact.cylinder_front_m(), exact.cylinder_surface_m(-20.0))
        };
        [(-1.0, front * 1e3), (-20.0, inner * 1e3)].map(|(c, mm)| (mm, look.radius_errors_mm(c, mm)))
    }
}

fn frozen_core(suite: Suite, (is_ball, radius_mm, probe_c): (bool, f64, f64)) -> Vec<Check> {
    let grid = if is_ball {
        SceneGrid::graded(cube(5.0), 0.4, 1.25, 5.0, cube(50.0)).expect("a grid of the suite")
    } else {
        plane(0.5, 8.0, 100.0)
    };
    let body = if is_ball { "ball" } else { "cylinder" };
    let name = format!("{body} {radius_mm} mm, {probe_c} °C");
    let check = |(what, (expected_mm, errors)): (&str, (f64, Spread))| {
        let limit_mm = 0.01 * expected_mm;
        Check::of("V5", format!("{name}: {what}"), "mm")
            .near(expected_mm, expected_mm + errors.mean, limit_mm, "1 %")
            .with_worst(errors.worst, limit_mm)
    };
    let errors = CoreCase::in_muscle(suite, (is_ball, radius_mm, probe_c)).errors(grid);
    ["front", "-20 °C"].into_iter().zip(errors).map(check).collect()
}

/// V8.
pub(super) fn stepped_probes(suite: Suite) -> Vec<Check> {
    let is_first = |case: &SteppedCase| !case.is_ball && !case.in_gel && case.radius_mm == 0.65;
    let wanted = STEPPED.iter().filter(|case| suite.is_full() || is_first(case));
    let mut checks: Vec<Check> = wanted.flat_map(|case| stepped_probe(case, suite)).collect();
    for case in STEPPED.iter().filter(|case| is_first(case)) {
        let list = levels([1.0, 0.5, 0.25], |mm| stepped_rms_mm(suite, case, mm));
        let name = "cylinder 0.65 mm, -70 °C in muscle, 120 s, rms of five radii";
        checks.push(Levels { problem: "V8", name, units: ("mm", "mm"), list }.check(FRONT_FLOOR, FRONT_WHY));
    }
    checks
}

/// Cells of V8. Unit: mm.
const V8_CELL_MM: f64 = 0.5;

fn stepped_tissue(case: &SteppedCase) -> Tissue {
    let exact = case.front_fixing();
    Tissue {
        perfusion_w_per_m3_k: exact.perfusion_w_per_m3_k,
        metabolic_w_per_m3: exact.metabolic_w_per_m3,
        ..two_phase(&exact.medium)
    }
}

/// A row of errors: when (s), of what (°C), the exact radius and what is off (mm).
type SteppedErrors = (f64, f64, f64, Spread);

/// Errors of the radii of some surfaces at some times.
fn stepped_errors(
    suite: Suite,
    case: &SteppedCase,
    fine_mm: f64,
    at_s: &[f64],
    surfaces_c: &[f64],
) -> Vec<SteppedErrors> {
    let grid = if case.is_ball {
        SceneGrid::graded(cube(4.0), fine_mm, 1.15, 3.0, cube(30.0)).expect("a grid of the suite")
    } else {
        plane(fine_mm, 14.0, 70.0)
    };
    let middle = ScenePoint::new(0.13, 0.21, if case.is_ball { 0.07 } else { 0.0 });
    let axis = SceneDirection::along_z();
    let probe = probe(case.is_ball, case.radius_mm, middle, axis, TimeTable::constant(case.probe_c));
    let last_s = at_s[at_s.len() - 1];
    let mut parts = scene(grid, stepped_tissue(case), probe, last_s);
    parts.start = Start::Uniform { celsius: case.front_fixing().medium.start_c };
    let history = run(suite, parts, 4.0 * fine_mm / V8_CELL_MM, at_s);
    let exact = case.front_fixing().solve(at_s);
    let mut errors = Vec::new();
    for (ice, snapshot) in exact.profiles.iter().zip(&history.snapshots) {
        let look = Look::new(&history, snapshot, middle, axis);
        for &celsius in surfaces_c {
            let expected_mm = 1e3 * ice.surface_m(celsius);
            errors.push((ice.at_s, celsius, expected_mm, look.radius_errors_mm(celsius, expected_mm)));
        }
    }
    errors
}

fn stepped_rms_mm(suite: Suite, case: &SteppedCase, fine_mm: f64) -> f64 {
    let front_c = case.front_fixing().medium.freezing_c;
    let errors = stepped_errors(suite, case, fine_mm, &[120.0], &[front_c, -10.0, -20.0, -30.0, -40.0]);
    (errors.iter().map(|e| e.3.rms.powi(2)).sum::<f64>() / errors.len() as f64).sqrt()
}

fn stepped_probe(case: &SteppedCase, suite: Suite) -> Vec<Check> {
    let last_s = match (suite.is_full(), case.is_ball) {
        (false, _) => 60.0,
        (true, true) => 180.0,
        (true, false) => 600.0,
    };
    let times: Vec<f64> = case.rows.iter().map(|r| r.at_s).filter(|&s| s >= 60.0 && s <= last_s).collect();
    let body = if case.is_ball { "ball" } else { "cylinder" };
    let medium = if case.in_gel { "gel" } else { "muscle" };
    let name = format!("{body} {} mm, {} °C in {medium}", case.radius_mm, case.probe_c);
    let front_c = case.front_fixing().medium.freezing_c;
    let errors = stepped_errors(suite, case, V8_CELL_MM, &times, &[front_c, -20.0, -40.0]);
    let check = |(at_s, celsius, expected_mm, errors): SteppedErrors| {
        let what = if celsius == front_c { "front".into() } else { format!("{celsius} °C") };
        let tolerance_mm = (0.25 * V8_CELL_MM).max(0.02 * expected_mm);
        let note = "front fixing; a quarter cell or 2 %, half a cell more in any direction";
        Check::of("V8", format!("{name}, {at_s} s: {what}"), "mm")
            .near(expected_mm, expected_mm + errors.mean, tolerance_mm, note)
            .with_worst(errors.worst, tolerance_mm + 0.5 * V8_CELL_MM)
    };
    errors.into_iter().map(check).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(checks: &[Check]) {
        for check in checks {
            assert!(check.passes(), "{check:?}");
        }
    }

    #[test]
    fn the_steady_ice_holds_in_brief() {
        hold(&frozen_cores(Suite::BRIEF));
    }

    #[test]
    fn a_stepped_probe_holds_in_brief() {
        hold(&stepped_probes(Suite::BRIEF));
    }
}
