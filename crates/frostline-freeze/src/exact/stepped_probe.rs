//! V7 and V8: a probe of finite radius that is cold from time zero, in an infinite medium that freezes at one temperature.
//!
//! V7 is the limit of little sensible heat, a formula. V8 has no closed form: its table was computed by front fixing
//! (Landau coordinates, second order, stiff integration), its fronts good to 1e-3 of the radius and its inner surfaces to
//! 3.5e-3; `front_fixing` finds it again on finer nodes.

use super::front_fixing::{ColdBody, FrontFixing};
use super::half_space::TwoPhase;

/// Muscle of the physics notes ("MP") as a medium that freezes at -1 °C; its perfusion and metabolism are those of
/// [`SteppedCase::front_fixing`].
pub const PERFUSED_MUSCLE: TwoPhase = TwoPhase {
    frozen_w_per_m_k: 1.60,
    liquid_w_per_m_k: 0.49497,
    frozen_j_per_m3_k: 1090.4 * 2000.0,
    liquid_j_per_m3_k: 1090.4 * 3421.2,
    latent_j_per_m3: 1090.4 * 247e3,
    freezing_c: -1.0,
    start_c: 37.0,
};

/// Water gel of the physics notes, from 22 °C.
pub const GEL: TwoPhase = TwoPhase {
    frozen_w_per_m_k: 2.22,
    liquid_w_per_m_k: 0.60,
    frozen_j_per_m3_k: 917.0 * 2090.0,
    liquid_j_per_m3_k: 4.18e6,
    latent_j_per_m3: 917.0 * 334e3,
    freezing_c: -0.5,
    start_c: 22.0,
};

/// Time until ice reaches a radius when sensible heat is nothing and the liquid is at freezing. Unit: s.
/// Lengths in m, `latent_j_per_m3` over `conductivity x difference`.
pub fn quasi_steady_cylinder_s(radius_m: f64, probe_m: f64, latent_over_kdt_s_per_m2: f64) -> f64 {
    let (r, a) = (radius_m, probe_m);
    latent_over_kdt_s_per_m2 * (0.5 * r * r * (r / a).ln() - 0.25 * (r * r - a * a))
}

/// The same around a ball. Unit: s.
pub fn quasi_steady_ball_s(radius_m: f64, probe_m: f64, latent_over_kdt_s_per_m2: f64) -> f64 {
    let (r, a) = (radius_m, probe_m);
    latent_over_kdt_s_per_m2 * ((r.powi(3) - a.powi(3)) / (3.0 * a) - 0.5 * (r * r - a * a))
}

/// Radii of one moment of V8.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SteppedRow {
    /// When. Unit: s.
    pub at_s: f64,
    /// Of the front. Unit: mm.
    pub front_mm: f64,
    /// Of -20 °C. Unit: mm.
    pub minus_20_mm: f64,
    /// Of -40 °C. Unit: mm.
    pub minus_40_mm: f64,
}

/// A probe of V8 and what it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SteppedCase {
    /// A ball; otherwise an endless cylinder.
    pub is_ball: bool,
    /// In water gel from 22 °C; otherwise in perfused muscle from 37 °C.
    pub in_gel: bool,
    /// Of the probe. Unit: mm.
    pub radius_mm: f64,
    /// Of its surface. Unit: °C.
    pub probe_c: f64,
    /// Radii at 10, 60, 120, 180, 300, 600 s.
    pub rows: [SteppedRow; 6],
}

impl SteppedCase {
    /// The case as a problem to be solved by front fixing.
    pub fn front_fixing(&self) -> FrontFixing {
        FrontFixing {
            medium: if self.in_gel { GEL } else { PERFUSED_MUSCLE },
            perfusion_w_per_m3_k: if self.in_gel { 0.0 } else { 2535.04 },
            metabolic_w_per_m3: if self.in_gel { 0.0 } else { 988.03 },
            arterial_c: 37.0,
            body: if self.is_ball { ColdBody::Ball } else { ColdBody::Cylinder },
            radius_m: self.radius_mm * 1e-3,
            surface_c: self.probe_c,
        }
    }
}

/// From (front, -20, -40) at 10, 60, 120, 180, 300, 600 s.
const fn rows(radii: [(f64, f64, f64); 6]) -> [SteppedRow; 6] {
    const TIMES: [f64; 6] = [10.0, 60.0, 120.0, 180.0, 300.0, 600.0];
    let mut list = [SteppedRow { at_s: 0.0, front_mm: 0.0, minus_20_mm: 0.0, minus_40_mm: 0.0 }; 6];
    let mut n = 0;
    while n < 6 {
        let (front_mm, minus_20_mm, minus_40_mm) = radii[n];
        list[n] = SteppedRow { at_s: TIMES[n], front_mm, minus_20_mm, minus_40_mm };
        n += 1;
    }
    list
}

const fn case(is_ball: bool, in_gel: bool, radius_mm: f64, probe_c: f64, rows: [SteppedRow; 6]) -> SteppedCase {
    SteppedCase { is_ball, in_gel, radius_mm, probe_c, rows }
}

/// V8: computed by front fixing.
pub const STEPPED: [SteppedCase; 8] = [
    case(
        false,
        false,
        0.35,
        -88.0,
        rows([
            (1.931, 1.317, 0.889),
            (3.685, 2.184, 1.272),
            (4.787, 2.681, 1.471),
            (5.587, 3.027, 1.604),
            (6.789, 3.528, 1.788),
            (8.814, 4.333, 2.069),
        ]),
    ),
    case(
        false,
        false,
        0.65,
        -70.0,
        rows([
            (2.201, 1.561, 1.097),
            (3.928, 2.375, 1.413),
            (5.002, 2.831, 1.570),
            (5.776, 3.144, 1.672),
            (6.933, 3.590, 1.811),
            (8.863, 4.294, 2.018),
        ]),
    ),
    case(
        false,
        false,
        0.75,
        -140.0,
        rows([
            (2.953, 2.416, 1.975),
            (5.500, 4.131, 3.089),
            (7.119, 5.162, 3.722),
            (8.302, 5.897, 4.159),
            (10.096, 6.984, 4.792),
            (13.168, 8.795, 5.812),
        ]),
    ),
    case(
        false,
        true,
        0.65,
        -70.0,
        rows([
            (2.583, 1.739, 1.171),
            (4.812, 2.720, 1.533),
            (6.236, 3.279, 1.715),
            (7.284, 3.668, 1.835),
            (8.890, 4.235, 2.001),
            (11.710, 5.168, 2.257),
        ]),
    ),
    case(
        false,
        true,
        0.75,
        -140.0,
        rows([
            (3.438, 2.740, 2.193),
            (6.603, 4.800, 3.502),
            (8.648, 6.054, 4.251),
            (10.162, 6.956, 4.774),
            (12.490, 8.308, 5.539),
            (16.606, 10.620, 6.801),
        ]),
    ),
    case(
        true,
        false,
        0.65,
        -70.0,
        rows([
            (1.769, 1.198, 0.896),
            (2.518, 1.405, 0.959),
            (2.838, 1.472, 0.978),
            (3.018, 1.506, 0.987),
            (3.226, 1.543, 0.996),
            (3.449, 1.578, 1.005),
        ]),
    ),
    case(
        true,
        false,
        0.75,
        -140.0,
        rows([
            (2.389, 1.830, 1.473),
            (3.658, 2.384, 1.748),
            (4.280, 2.599, 1.842),
            (4.667, 2.719, 1.892),
            (5.165, 2.859, 1.947),
            (5.807, 3.021, 2.008),
        ]),
    ),
    case(
        true,
        true,
        0.65,
        -70.0,
        rows([
            (2.080, 1.283, 0.923),
            (3.190, 1.520, 0.990),
            (3.744, 1.602, 1.010),
            (4.097, 1.646, 1.021),
            (4.563, 1.696, 1.032),
            (5.216, 1.756, 1.046),
        ]),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quasi_steady_times_are_as_tabulated() {
        // physics notes V7: a 1 mm, 10 K, k 1.6, latent 1090.4 x 247e3; cylinder 2 mm 10.711 s, ball 3 mm 78.554 s.
        let scale = 1090.4 * 247e3 / (1.6 * 10.0);
        assert!((quasi_steady_cylinder_s(2e-3, 1e-3, scale) - 10.711).abs() < 0.01);
        assert!((quasi_steady_ball_s(3e-3, 1e-3, scale) - 78.554).abs() < 0.01);
    }

    #[test]
    fn every_tabulated_ball_of_ice_grows_and_is_colder_inside() {
        for case in STEPPED {
            for pair in case.rows.windows(2) {
                assert!(pair[1].front_mm > pair[0].front_mm && pair[1].minus_40_mm > pair[0].minus_40_mm);
            }
            assert!(case.rows.iter().all(|r| r.front_mm > r.minus_20_mm && r.minus_20_mm > r.minus_40_mm));
        }
    }
}
