//! Faces that bend: between two tissues of which one is cold, and between tissue and what is held.
//!
//! The temperature of such a face is the one at which both sides pass the same heat. It is found once a step; within the
//! step the heat follows its tangent, which is second order in time.

use super::curve::Curve;
use super::lookup::Lookup;

/// One side of a face between two tissues.
pub(super) struct Side<'a> {
    pub(super) curve: &'a Curve,
    pub(super) lookup: &'a Lookup,
    pub(super) psi: f64,
    /// Area over half width. Unit: m.
    pub(super) half: f64,
}

impl Side<'_> {
    fn theta(&self) -> f64 {
        self.lookup.theta(self.psi)
    }
}

/// Heat as a straight line: `constant - own psi + other psi_other`, into the first side. Unit: W, W/K.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tangent {
    pub(super) constant: f64,
    pub(super) own: f64,
    pub(super) other: f64,
}

/// Newton steps for the temperature of a face; the heat is monotone in it, so few are needed.
const MOST_NEWTON_STEPS: usize = 12;
/// Where they stop: what is then left is of the order of its square. Unit: K.
const TOLERANCE_K: f64 = 1e-3;

/// Heat from `b` into `a`. `celsius` is the temperature of the face: a guess first, the answer afterwards.
pub(super) fn between(a: &Side, b: &Side, celsius: &mut f32) -> Tangent {
    let (theta_a, theta_b) = (a.theta(), b.theta());
    let mut face_c = f64::from(*celsius);
    let (mut at_a, mut at_b) = (a.curve.theta_and_k(face_c), b.curve.theta_and_k(face_c));
    for _ in 0..MOST_NEWTON_STEPS {
        let gap = a.half * (theta_a - at_a.0) + b.half * (theta_b - at_b.0);
        let step = gap / (a.half * at_a.1 + b.half * at_b.1);
        face_c += step;
        (at_a, at_b) = (a.curve.theta_and_k(face_c), b.curve.theta_and_k(face_c));
        if step.abs() < TOLERANCE_K {
            break;
        }
    }
    *celsius = face_c as f32;
    let shared = a.half * b.half / (a.half * at_a.1 + b.half * at_b.1);
    let own = shared * at_b.1 * a.lookup.conductivity();
    let other = shared * at_a.1 * b.lookup.conductivity();
    // What is left of the gap goes to the middle of both sides, so that what one loses the other gains.
    let heat = 0.5 * (b.half * (theta_b - at_b.0) - a.half * (theta_a - at_a.0));
    Tangent { constant: heat + own * a.psi - other * b.psi, own, other }
}

/// What is held, beyond the face of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Beyond {
    /// Unit: °C.
    pub(super) celsius: f64,
    /// Film times area; infinite holds the face. Unit: W/K.
    pub(super) film: f64,
}

/// Heat from what is held into the cell.
pub(super) fn from_wall(cell: &Side, beyond: &Beyond) -> Tangent {
    let (theta, conductivity) = (cell.theta(), cell.lookup.conductivity());
    if beyond.film.is_infinite() {
        let own = cell.half * conductivity;
        return Tangent { constant: own * cell.lookup.psi_at(cell.curve, beyond.celsius), own, other: 0.0 };
    }
    let mut face_c = beyond.celsius;
    let mut at = cell.curve.theta_and_k(face_c);
    for _ in 0..MOST_NEWTON_STEPS {
        let gap = cell.half * (theta - at.0) + beyond.film * (beyond.celsius - face_c);
        let step = gap / (cell.half * at.1 + beyond.film);
        face_c += step;
        at = cell.curve.theta_and_k(face_c);
        if step.abs() < TOLERANCE_K {
            break;
        }
    }
    let own = beyond.film * cell.half * conductivity / (cell.half * at.1 + beyond.film);
    Tangent { constant: beyond.film * (beyond.celsius - face_c) + own * cell.psi, own, other: 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::TemperatureTable;
    use crate::tissue::Tissue;

    fn tissue(unfrozen: f64, frozen: f64) -> (Curve, Lookup) {
        let tissue = Tissue {
            name: "test".into(),
            density_kg_per_m3: 1000.0,
            unfrozen_w_per_m_k: unfrozen,
            unfrozen_j_per_kg_k: 3600.0,
            frozen_w_per_m_k: TemperatureTable::constant(frozen),
            frozen_j_per_kg_k: TemperatureTable::constant(1800.0),
            freezing_starts_c: -1.0,
            freezing: crate::Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 },
            lipid: None,
            perfusion_w_per_m3_k: 0.0,
            metabolic_w_per_m3: 0.0,
        };
        let curve = Curve::of(&tissue);
        let lookup = Lookup::of(&curve, &tissue.freezing, 37.0);
        (curve, lookup)
    }

    fn side((curve, lookup): &(Curve, Lookup), celsius: f64, half: f64) -> Side<'_> {
        Side { curve, lookup, psi: lookup.psi_at(curve, celsius), half }
    }

    fn heat(t: &Tangent, a: &Side, b: &Side) -> f64 {
        t.constant - t.own * a.psi + t.other * b.psi
    }

    #[test]
    fn an_interface_passes_the_heat_of_two_resistances_in_series() {
        let (a, b) = (tissue(0.5, 2.0), tissue(0.2, 0.3));
        let (a, b) = (side(&a, 10.0, 2.0), side(&b, 30.0, 3.0));
        let found = between(&a, &b, &mut 0.0);
        // 20 K over 1/(2 x 0.5) + 1/(3 x 0.2) = 2.6667 K/W.
        assert!((heat(&found, &a, &b) - 7.5).abs() < 1e-5, "{found:?}");
        // Both warm: the tangent is the series conductance, 0.375 W/K, for either side.
        assert!((found.own - 0.375).abs() < 1e-9 && (found.other - 0.375).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn a_half_frozen_interface_passes_equal_heat_on_both_sides() {
        let (a, b) = (tissue(0.5, 2.0), tissue(0.2, 0.3));
        let (cold, warm) = (side(&a, -60.0, 2.0), side(&b, 20.0, 3.0));
        let (there, back) = (between(&cold, &warm, &mut 0.0), between(&warm, &cold, &mut 0.0));
        let (there, back) = (heat(&there, &cold, &warm), heat(&back, &warm, &cold));
        assert!((there + back).abs() < 1e-5 && there > 0.0, "{there} {back}");
    }

    #[test]
    fn the_tangent_tells_how_the_heat_changes() {
        let (a, b) = (tissue(0.5, 2.0), tissue(0.2, 0.3));
        let (cold, warm) = (side(&a, -60.0, 2.0), side(&b, 20.0, 3.0));
        let colder = Side { psi: cold.psi - 0.01, ..side(&a, -60.0, 2.0) };
        let tangent = between(&cold, &warm, &mut 0.0);
        let moved = between(&colder, &warm, &mut 0.0);
        let change = heat(&moved, &colder, &warm) - heat(&tangent, &cold, &warm);
        assert!((change - 0.01 * tangent.own).abs() < 1e-6, "{change} {tangent:?}");
    }

    #[test]
    fn a_film_and_a_half_cell_share_the_drop() {
        let muscle = tissue(0.5, 2.0);
        let cell = side(&muscle, 35.0, 2.0);
        // 15 K over 1/(2 x 0.5) + 1/1 = 2 K/W.
        let found = from_wall(&cell, &Beyond { celsius: 20.0, film: 1.0 });
        assert!((found.constant - found.own * cell.psi + 7.5).abs() < 1e-6, "{found:?}");
        let found = from_wall(&cell, &Beyond { celsius: 20.0, film: f64::INFINITY });
        assert!((found.constant - found.own * cell.psi + 15.0).abs() < 1e-9, "{found:?}");
    }
}
