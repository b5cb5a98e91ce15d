//! V5 and V8: probes in tissue against the steady ice and against front fixing.

use super::radial::{Look, cube, plane, probe, run, scene};
use super::slabs::two_phase;
use super::{Check, Extent};
use crate::exact::{FrozenCore, STEPPED, SteppedCase, TwoPhase};
use crate::{SceneDirection, SceneGrid, ScenePoint, Start, TimeTable, Tissue};

/// Muscle of the physics notes ("MP") as a medium that freezes at -1 °C.
const PERFUSED_MUSCLE: TwoPhase = TwoPhase {
    frozen_w_per_m_k: 1.60,
    liquid_w_per_m_k: 0.49497,
    frozen_j_per_m3_k: 1090.4 * 2000.0,
    liquid_j_per_m3_k: 1090.4 * 3421.2,
    latent_j_per_m3: 1090.4 * 247e3,
    freezing_c: -1.0,
    start_c: 37.0,
};
const GEL: TwoPhase = TwoPhase {
    frozen_w_per_m_k: 2.22,
    liquid_w_per_m_k: 0.60,
    frozen_j_per_m3_k: 917.0 * 2090.0,
    liquid_j_per_m3_k: 4.18e6,
    latent_j_per_m3: 917.0 * 334e3,
    freezing_c: -0.5,
    start_c: 22.0,
};
const MUSCLE_W_PER_M3_K: f64 = 2535.04;
const MUSCLE_W_PER_M3: f64 = 988.03;

/// V5: the steady ice in muscle. Latent and sensible heat do not enter the steady state, so little of both is used.
pub(super) fn frozen_cores(extent: Extent) -> Vec<Check> {
    let all = [(false, 0.65, -70.0), (true, 0.65, -70.0), (true, 0.75, -140.0)];
    let cases = if extent == Extent::Full { &all[..] } else { &all[..1] };
    cases.iter().flat_map(|&(is_ball, radius_mm, probe_c)| frozen_core(is_ball, radius_mm, probe_c)).collect()
}

fn frozen_core(is_ball: bool, radius_mm: f64, probe_c: f64) -> Vec<Check> {
    let exact = FrozenCore {
        frozen_w_per_m_k: 1.6,
        unfrozen_w_per_m_k: 0.49497,
        perfusion_w_per_m3_k: MUSCLE_W_PER_M3_K,
        metabolic_w_per_m3: MUSCLE_W_PER_M3,
        arterial_c: 37.0,
        freezing_c: -1.0,
        probe_c,
        probe_radius_m: radius_mm * 1e-3,
    };
    // Equal diffusivity frozen and unfrozen lets the steps be longest.
    let tissue = Tissue {
        perfusion_w_per_m3_k: MUSCLE_W_PER_M3_K,
        metabolic_w_per_m3: MUSCLE_W_PER_M3,
        ..two_phase(&TwoPhase {
            frozen_j_per_m3_k: 3.2e6,
            liquid_j_per_m3_k: 1e6,
            latent_j_per_m3: 1e6,
            ..PERFUSED_MUSCLE
        })
    };
    let (grid, duration_s) = if is_ball {
        (SceneGrid::graded(cube(5.0), 0.4, 1.25, 5.0, cube(50.0)).expect("a grid of the suite"), 2000.0)
    } else {
        (plane(0.5, 8.0, 100.0), 6000.0)
    };
    let middle = ScenePoint::new(0.07, 0.11, if is_ball { 0.05 } else { 0.0 });
    let probe = probe(is_ball, radius_mm, middle, SceneDirection::along_z(), TimeTable::constant(probe_c));
    let history = run(scene(grid, tissue, probe, duration_s), 10.0, &[duration_s]);
    let look = Look::new(&history, &history.snapshots[0], middle, SceneDirection::along_z());
    let (front, inner) = if is_ball {
        (exact.ball_front_m(), exact.ball_surface_m(-20.0))
    } else {
        (exact.cylinder_front_m(), exact.cylinder_surface_m(-20.0))
    };
    let name = format!("{} {radius_mm} mm, {probe_c} °C", if is_ball { "ball" } else { "cylinder" });
    let check = |what: &str, celsius: f64, expected_mm: f64| {
        let errors = look.radius_errors_mm(celsius, expected_mm);
        let limit_mm = 0.01 * expected_mm;
        Check::of("V5", format!("{name}: {what}"), "mm")
            .near(expected_mm, expected_mm + errors.mean, limit_mm, "1 %")
            .with_worst(errors.worst, limit_mm)
    };
    vec![check("front", -1.0, front * 1e3), check("-20 °C", -20.0, inner * 1e3)]
}

/// V8.
pub(super) fn stepped_probes(extent: Extent) -> Vec<Check> {
    let wanted =
        |case: &&SteppedCase| extent == Extent::Full || (!case.is_ball && !case.in_gel && case.radius_mm == 0.65);
    STEPPED.iter().filter(wanted).flat_map(|case| stepped_probe(case, extent)).collect()
}

fn stepped_probe(case: &SteppedCase, extent: Extent) -> Vec<Check> {
    let medium = if case.in_gel { GEL } else { PERFUSED_MUSCLE };
    let mut tissue = two_phase(&medium);
    if !case.in_gel {
        (tissue.perfusion_w_per_m3_k, tissue.metabolic_w_per_m3) = (MUSCLE_W_PER_M3_K, MUSCLE_W_PER_M3);
    }
    let last_s = match (extent, case.is_ball) {
        (Extent::Brief, _) => 60.0,
        (Extent::Full, true) => 180.0,
        (Extent::Full, false) => 600.0,
    };
    let fine_mm = 0.5;
    let grid = if case.is_ball {
        SceneGrid::graded(cube(4.0), fine_mm, 1.15, 3.0, cube(30.0)).expect("a grid of the suite")
    } else {
        plane(fine_mm, 14.0, 70.0)
    };
    let middle = ScenePoint::new(0.13, 0.21, if case.is_ball { 0.07 } else { 0.0 });
    let probe =
        probe(case.is_ball, case.radius_mm, middle, SceneDirection::along_z(), TimeTable::constant(case.probe_c));
    let mut parts = scene(grid, tissue, probe, last_s);
    parts.start = Start::Uniform { celsius: medium.start_c };
    let rows: Vec<_> = case.rows.iter().filter(|r| r.at_s >= 60.0 && r.at_s <= last_s).collect();
    let times: Vec<f64> = rows.iter().map(|r| r.at_s).collect();
    let history = run(parts, 4.0, &times);
    let name = format!(
        "{} {} mm, {} °C in {}",
        if case.is_ball { "ball" } else { "cylinder" },
        case.radius_mm,
        case.probe_c,
        if case.in_gel { "gel" } else { "muscle" }
    );
    let mut checks = Vec::new();
    for (row, snapshot) in rows.iter().zip(&history.snapshots) {
        let look = Look::new(&history, snapshot, middle, SceneDirection::along_z());
        let surfaces = [
            ("front", medium.freezing_c, row.front_mm),
            ("-20 °C", -20.0, row.minus_20_mm),
            ("-40 °C", -40.0, row.minus_40_mm),
        ];
        for (what, celsius, expected_mm) in surfaces {
            let errors = look.radius_errors_mm(celsius, expected_mm);
            let tolerance_mm = (0.25 * fine_mm).max(0.02 * expected_mm);
            let check = Check::of("V8", format!("{name}, {} s: {what}", row.at_s), "mm");
            let note = "front fixing; a quarter cell or 2 %, half a cell in any one direction";
            checks.push(
                check
                    .near(expected_mm, expected_mm + errors.mean, tolerance_mm, note)
                    .with_worst(errors.worst, (0.5 * fine_mm).max(0.02 * expected_mm)),
            );
        }
    }
    checks
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
        hold(&frozen_cores(Extent::Brief));
    }

    #[test]
    fn a_stepped_probe_holds_in_brief() {
        hold(&stepped_probes(Extent::Brief));
    }
}
