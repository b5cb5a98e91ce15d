//! V7: one phase. Liquid at freezing around a cold cylinder or ball: every cell tells when it was half frozen, and the
//! exact front tells when it passed there. The quasi-steady formula is met only as the sensible heat goes to nothing.

use super::check::Spread;
use super::order::{Levels, levels};
use super::radial::{away_mm, cube, plane, probe, run, scene};
use super::slabs::{MUSCLE_LIKE, two_phase_over};
use super::{Check, Suite};
use crate::exact::{ColdBody, FrontFixing, FrontHistory, TwoPhase, quasi_steady_ball_s, quasi_steady_cylinder_s};
use crate::{SceneDirection, SceneGrid, ScenePoint, Start, TimeTable, Tissue};

const RADIUS_MM: f64 = 1.0;
/// The front is followed between these distances. Unit: mm.
const FROM_MM: f64 = 2.0;
const TO_MM: f64 = 4.0;
/// Half of the range over which it freezes, the narrowest that a scene takes. Unit: K.
const HALF_RANGE_K: f64 = 0.01;
const CELL_MM: f64 = 0.5;

/// V7 at several temperatures of the surface below freezing.
pub(super) fn one_phase(suite: Suite) -> Vec<Check> {
    let all = [
        (ColdBody::Cylinder, 1.0),
        (ColdBody::Cylinder, 10.0),
        (ColdBody::Cylinder, 70.0),
        (ColdBody::Ball, 10.0),
        (ColdBody::Ball, 70.0),
    ];
    let cases = if suite.is_full() { &all[..] } else { &all[..2] };
    let mut checks = Vec::new();
    for &(body, below_k) in cases {
        checks.extend(OnePhase { suite, body, below_k }.checks());
    }
    let case = OnePhase { suite, body: ColdBody::Cylinder, below_k: 10.0 };
    let list = levels([0.8, 0.4, 0.2], |mm| case.errors_mm(mm).rms);
    let name = "cylinder 10 K below freezing, rms of the front";
    let why = "a cell is half frozen when the front is about its middle: first order";
    checks.push(Levels { problem: "V7", name, units: ("mm", "mm"), list }.check(0.75, why));
    checks
}

struct OnePhase {
    suite: Suite,
    body: ColdBody,
    below_k: f64,
}

impl OnePhase {
    fn medium(&self) -> TwoPhase {
        TwoPhase { freezing_c: 0.0, start_c: 0.0, ..MUSCLE_LIKE }
    }

    fn exact(&self) -> FrontHistory {
        let problem = FrontFixing {
            medium: self.medium(),
            perfusion_w_per_m3_k: 0.0,
            metabolic_w_per_m3: 0.0,
            arterial_c: 0.0,
            body: self.body,
            radius_m: RADIUS_MM * 1e-3,
            surface_c: -self.below_k,
        };
        problem.solve(&[1.4 * self.quasi_steady_s(TO_MM)])
    }

    fn quasi_steady_s(&self, radius_mm: f64) -> f64 {
        let m = self.medium();
        let scale = m.latent_j_per_m3 / (m.frozen_w_per_m_k * self.below_k);
        match self.body {
            ColdBody::Ball => quasi_steady_ball_s(radius_mm * 1e-3, RADIUS_MM * 1e-3, scale),
            _ => quasi_steady_cylinder_s(radius_mm * 1e-3, RADIUS_MM * 1e-3, scale),
        }
    }

    fn tissue(&self) -> Tissue {
        two_phase_over(&self.medium(), (HALF_RANGE_K, -HALF_RANGE_K))
    }

    /// Distance and time of half freezing of every cell between the two distances. Unit: mm, s.
    fn half_frozen(&self, cell_mm: f64) -> Vec<(f64, f64)> {
        let is_ball = self.body == ColdBody::Ball;
        let grid = if is_ball {
            SceneGrid::graded(cube(4.5), cell_mm, 1.2, 6.0 * cell_mm, cube(12.0)).expect("a grid of the suite")
        } else {
            plane(cell_mm, 4.5, 12.0)
        };
        let middle = ScenePoint::new(0.13, 0.21, if is_ball { 0.07 } else { 0.0 });
        let axis = SceneDirection::along_z();
        let duration_s = 1.35 * self.quasi_steady_s(TO_MM);
        let probe = probe(is_ball, RADIUS_MM, middle, axis, TimeTable::constant(-self.below_k));
        let mut parts = scene(grid.clone(), self.tissue(), probe, duration_s);
        parts.start = Start::Uniform { celsius: HALF_RANGE_K };
        parts.isotherms_c = vec![0.0];
        let step_s = (duration_s / 200.0).min(4.0) * cell_mm / CELL_MM;
        let history = run(self.suite, parts, step_s, &[]);
        let seconds = &history.below[0].seconds;
        let cells = (0..grid.cell_count()).map(|n| {
            let away = away_mm(grid.centre(grid.cell(n)), middle, (!is_ball).then_some(axis));
            (away, duration_s - f64::from(seconds[n]))
        });
        cells.filter(|c| (FROM_MM..=TO_MM).contains(&c.0)).collect()
    }

    /// Distance of each cell less that of the exact front when the cell was half frozen. Unit: mm.
    fn errors_mm(&self, cell_mm: f64) -> Spread {
        let exact = self.exact();
        Spread::of(self.half_frozen(cell_mm).into_iter().map(|(mm, at_s)| mm - exact.front_at_m(at_s) * 1e3))
    }

    fn checks(&self) -> Vec<Check> {
        let Self { body, below_k, .. } = self;
        let m = self.medium();
        let stefan = m.frozen_j_per_m3_k * below_k / m.latent_j_per_m3;
        let body = if *body == ColdBody::Ball { "ball" } else { "cylinder" };
        let name = format!("{body} {below_k} K below freezing, Ste {stefan:.3}");
        let note = "one-phase front fixing; a tenth and half of a 0.5 mm cell";
        let front = Check::of("V7", format!("{name}: mean of cells' fronts, 2 to 4 mm"), "mm");
        let errors = self.errors_mm(CELL_MM);
        let mut checks =
            vec![front.near(0.0, errors.mean, 0.1 * CELL_MM, note).with_worst(errors.worst, 0.5 * CELL_MM)];
        let excess = |s: f64| 100.0 * (s / self.quasi_steady_s(3.0) - 1.0);
        let fronts = self.exact();
        let exact = excess(fronts.reached_s(3e-3));
        // The time in which the front passes a tenth of a cell.
        let allowed = excess(fronts.reached_s(3e-3 + 0.1e-3 * CELL_MM)) - exact;
        // Held to the full answer, never to the formula: the time over the quasi-steady one, by cells about 3 mm.
        let near = self.half_frozen(CELL_MM).into_iter().filter(|c| (2.5..=3.5).contains(&c.0));
        let found = Spread::of(near.map(|(mm, s)| 100.0 * (s / self.quasi_steady_s(mm) - 1.0))).mean;
        let over = Check::of("V7", format!("{name}: time over the quasi-steady one, 3 mm"), "%");
        checks.push(over.near(exact, found, allowed, "the formula is right only as Ste goes to 0"));
        checks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_phase_holds_in_brief() {
        for check in one_phase(Suite::BRIEF) {
            assert!(check.passes(), "{check:?}");
        }
    }
}
