//! V12: how much the ice changes when one property does, against the front-fixing solution of the same changes.

use super::probes::perfused_muscle;
use super::radial::{Look, plane, probe, run, scene};
use super::{Check, Suite};
use crate::exact::PERFUSED_MUSCLE;
use crate::{SceneDirection, ScenePoint, Start, TemperatureTable, TimeTable, Tissue};

/// What is done to a needle of 0.65 mm at -70 °C in muscle.
struct Case {
    tissue: Tissue,
    probe_c: f64,
    start_c: f64,
}

/// A change, and what it does to the radii of the front, of -20 and of -40 °C. Unit: per cent.
type Change = (&'static str, fn(&mut Case), [f64; 3]);

fn scaled(table: &TemperatureTable, by: f64) -> TemperatureTable {
    let pairs: Vec<_> = table.pairs().iter().map(|&(at, value)| (at, value * by)).collect();
    TemperatureTable::from_pairs(&pairs).expect("the same temperatures")
}

fn latent(tissue: &mut Tissue, by: f64) {
    if let crate::Freezing::Linear { latent_j_per_kg, .. } = &mut tissue.freezing {
        *latent_j_per_kg *= by;
    }
}

/// The changes of the physics notes, section 2.4, computed there by front fixing and printed to 0.1 %.
const CHANGES: [Change; 12] = [
    ("frozen k +20 %", |c| c.tissue.frozen_w_per_m_k = scaled(&c.tissue.frozen_w_per_m_k, 1.2), [9.3, 6.6, 3.9]),
    ("probe at -80 °C", |c| c.probe_c = -80.0, [6.6, 12.6, 19.3]),
    ("frozen k -20 %", |c| c.tissue.frozen_w_per_m_k = scaled(&c.tissue.frozen_w_per_m_k, 0.8), [-10.5, -7.6, -4.7]),
    ("probe at -60 °C", |c| c.probe_c = -60.0, [-7.2, -13.5, -19.7]),
    ("unfrozen k +10 %", |c| c.tissue.unfrozen_w_per_m_k *= 1.1, [-1.3, -0.9, -0.6]),
    ("frozen c +10 %", |c| c.tissue.frozen_j_per_kg_k = scaled(&c.tissue.frozen_j_per_kg_k, 1.1), [-0.2, -0.2, -0.1]),
    ("unfrozen c +10 %", |c| c.tissue.unfrozen_j_per_kg_k *= 1.1, [-1.4, -1.0, -0.6]),
    ("latent heat +10 %", |c| latent(&mut c.tissue, 1.1), [-1.8, -1.3, -0.8]),
    ("perfusion x 2", |c| c.tissue.perfusion_w_per_m3_k *= 2.0, [-0.5, -0.3, -0.2]),
    ("no perfusion", |c| c.tissue.perfusion_w_per_m3_k = 0.0, [0.5, 0.3, 0.2]),
    ("start at 34 °C", |c| c.start_c = 34.0, [2.1, 1.5, 0.9]),
    ("nothing", |_| {}, [0.0, 0.0, 0.0]),
];

/// Radii at 120 s without any change, by front fixing. Unit: mm.
const BASE_MM: [f64; 3] = [5.002, 2.831, 1.570];
/// Cells around the needle. Unit: mm.
const CELL_MM: f64 = 0.125;
/// Radii are means over these times around 120 s, in which the front passes two cells: a front that freezes cell after cell
/// runs ahead and falls behind by a few hundredths of a cell.
const FIRST_S: f64 = 110.0;
const LAST_S: f64 = 130.0;
const APART_S: f64 = 2.0;

/// Half of the digit printed, and 5 micrometres of the front; found: at most 0.1 %.
const TOLERANCE_PERCENT: f64 = 0.15;

fn radii_mm(suite: Suite, change: fn(&mut Case)) -> [f64; 3] {
    let mut case = Case { tissue: perfused_muscle(), probe_c: -70.0, start_c: PERFUSED_MUSCLE.start_c };
    change(&mut case);
    let middle = ScenePoint::new(0.07, 0.1, 0.0);
    let cold = TimeTable::constant(case.probe_c);
    let needle = probe(false, 0.65, middle, SceneDirection::along_z(), cold);
    let mut parts = scene(plane(CELL_MM, 7.0, 50.0), case.tissue, needle, LAST_S);
    parts.start = Start::Uniform { celsius: case.start_c };
    let times: Vec<f64> = (0..=((LAST_S - FIRST_S) / APART_S) as usize).map(|n| FIRST_S + APART_S * n as f64).collect();
    let history = run(suite, parts, 2.0, &times);
    [PERFUSED_MUSCLE.freezing_c, -20.0, -40.0].map(|celsius| {
        let looks = history.snapshots.iter().map(|at| Look::new(&history, at, middle, SceneDirection::along_z()));
        looks.map(|look| look.radius_errors_mm(celsius, 0.0).mean).sum::<f64>() / times.len() as f64
    })
}

/// All of V12.
pub(super) fn sensitivities(suite: Suite) -> Vec<Check> {
    let changes = if suite.is_full() { &CHANGES[..11] } else { &CHANGES[..2] };
    let base = radii_mm(suite, CHANGES[11].1);
    let mut checks = Vec::new();
    let surfaces = ["front", "-20 °C", "-40 °C"];
    for ((surface, found), expected) in surfaces.into_iter().zip(base).zip(BASE_MM) {
        let note = format!("front fixing; {CELL_MM} mm cells");
        checks.push(Check::of("V12", format!("as it is: {surface}"), "mm").near(expected, found, 0.25 * CELL_MM, note));
    }
    for (name, change, expected) in changes {
        for (n, found) in radii_mm(suite, *change).into_iter().enumerate() {
            let percent = 100.0 * (found / base[n] - 1.0);
            let quantity = format!("{name}: {}", surfaces[n]);
            checks.push(Check::of("V12", quantity, "%").near(expected[n], percent, TOLERANCE_PERCENT, "front fixing"));
        }
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_sensitivities_hold() {
        for check in sensitivities(Suite::BRIEF) {
            assert!(check.passes(), "{check:?}");
        }
    }
}
