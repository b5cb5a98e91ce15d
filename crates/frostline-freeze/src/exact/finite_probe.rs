//! The ends of finite probes: fine axisymmetric answers for nine thin probes with insulated shafts.

use super::axisymmetric::{Axisymmetric, Reach};
use super::freezing_range::{RangeConductivity, RangeMedium};
use super::stepped_probe::PERFUSED_MUSCLE;
use crate::{ProbeShape, Schedule, Shaft, TimeTable, TipShape};

/// When the ice is measured. Unit: s.
pub const FINITE_TIMES_S: [f64; 3] = [60.0, 120.0, 180.0];
/// The surfaces that are measured. Unit: °C.
pub const FINITE_SURFACES_C: [f64; 3] = [0.0, -20.0, -40.0];

/// Muscle of the physics notes ("MP") that freezes from -1 to -8 °C, as soft tissue does, with the conductivity linear in
/// between. Perfusion and metabolism are those of [`FiniteProbe::problem`].
pub fn finite_medium() -> RangeMedium {
    RangeMedium { medium: PERFUSED_MUSCLE, ends_c: -8.0, conductivity: RangeConductivity::Linear }
}

/// A probe that is cold from time zero in perfused muscle, with an insulated shaft behind the cold length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FiniteProbe {
    /// Shape of the end.
    pub tip: TipShape,
    /// Outer radius. Unit: mm.
    pub radius_mm: f64,
    /// Cold length. Unit: mm.
    pub active_length_mm: f64,
    /// Of the cold surface. Unit: °C.
    pub surface_c: f64,
    /// By [`FINITE_TIMES_S`] and [`FINITE_SURFACES_C`]: width, length and reach beyond the tip. Unit: mm.
    pub rows: [[Reach; 3]; 3],
}

impl FiniteProbe {
    /// The probe in its medium, on cells of this size.
    pub fn problem(&self, cell_mm: f64) -> Axisymmetric {
        Axisymmetric {
            medium: finite_medium(),
            perfusion_w_per_m3_k: 2535.04,
            metabolic_w_per_m3: 988.03,
            arterial_c: 37.0,
            reperfuses: false,
            shape: self.shape(),
            surface_c: TimeTable::constant(self.surface_c),
            schedule: Schedule::one_freeze(3600.0),
            // Five times the largest ice of three minutes; perfusion holds 37 °C there.
            wall_mm: (25.0, 25.0),
            cell_mm,
        }
    }

    /// Its shape: a shaft that leaves the tissue.
    pub fn shape(&self) -> ProbeShape {
        ProbeShape {
            radius_mm: self.radius_mm,
            active_length_mm: self.active_length_mm,
            dead_tip_mm: 0.0,
            shaft_length_mm: 60.0,
            tip: self.tip,
            shaft: Shaft::Insulated,
        }
    }
}

const fn reach((width_mm, length_mm, beyond_tip_mm): (f64, f64, f64)) -> Reach {
    Reach { width_mm, length_mm, beyond_tip_mm }
}

const fn case(
    tip: TipShape,
    (radius_mm, active_length_mm, surface_c): (f64, f64, f64),
    rows: [[(f64, f64, f64); 3]; 3],
) -> FiniteProbe {
    let none = reach((0.0, 0.0, 0.0));
    let mut list = [[none; 3]; 3];
    let mut n = 0;
    while n < 9 {
        list[n / 3][n % 3] = reach(rows[n / 3][n % 3]);
        n += 1;
    }
    FiniteProbe { tip, radius_mm, active_length_mm, surface_c, rows: list }
}

/// A thin needle at the boiling point of nitrous oxide, and two tips of gas expansion probes.
const THIN: (f64, f64, f64) = (0.35, 8.0, -88.0);
const MIDDLE: (f64, f64, f64) = (0.65, 4.0, -70.0);
const THICK: (f64, f64, f64) = (1.05, 6.0, -70.0);

/// Computed by [`Axisymmetric`] on 0.07 mm cells (flat and round) and 0.1 mm ones (cones), with the commands
/// `cargo run --release -p frostline-freeze --example fine_finite_probes -- 0.07 flat`, `0.07 round` and `0.1 cone`. From
/// cells of 1.4 times the size no width moves by more than 0.027 mm, no length by 0.033, no reach beyond the tip by 0.020.
pub const FINITE_PROBES: [FiniteProbe; 9] = [
    case(
        TipShape::Flat,
        THIN,
        [
            [(7.270, 11.929, 2.101), (4.329, 9.679, 0.981), (2.509, 8.696, 0.479)],
            [(8.961, 12.940, 2.602), (5.014, 9.980, 1.130), (2.767, 8.784, 0.525)],
            [(10.027, 13.621, 2.940), (5.398, 10.165, 1.222), (2.904, 8.836, 0.552)],
        ],
    ),
    case(
        TipShape::Flat,
        MIDDLE,
        [
            [(7.010, 8.142, 2.328), (4.202, 5.746, 1.115), (2.580, 4.643, 0.510)],
            [(8.196, 9.099, 2.808), (4.588, 6.008, 1.252), (2.702, 4.712, 0.551)],
            [(8.888, 9.699, 3.111), (4.794, 6.156, 1.328), (2.764, 4.748, 0.572)],
        ],
    ),
    case(
        TipShape::Flat,
        THICK,
        [
            [(8.810, 10.899, 2.848), (5.796, 8.272, 1.499), (3.816, 6.911, 0.726)],
            [(10.441, 12.129, 3.470), (6.434, 8.670, 1.713), (4.039, 7.028, 0.797)],
            [(11.467, 12.942, 3.885), (6.790, 8.909, 1.839), (4.156, 7.093, 0.837)],
        ],
    ),
    case(
        TipShape::Round,
        THIN,
        [
            [(7.257, 11.802, 1.974), (4.317, 9.561, 0.862), (2.504, 8.595, 0.378)],
            [(8.934, 12.812, 2.475), (4.994, 9.858, 1.009), (2.759, 8.681, 0.422)],
            [(9.980, 13.490, 2.811), (5.373, 10.042, 1.100), (2.893, 8.731, 0.446)],
        ],
    ),
    case(
        TipShape::Round,
        MIDDLE,
        [
            [(6.903, 7.905, 2.096), (4.135, 5.537, 0.909), (2.550, 4.492, 0.359)],
            [(8.043, 8.845, 2.565), (4.502, 5.787, 1.037), (2.665, 4.552, 0.392)],
            [(8.720, 9.428, 2.858), (4.696, 5.927, 1.108), (2.724, 4.584, 0.410)],
        ],
    ),
    case(
        TipShape::Round,
        THICK,
        [
            [(8.709, 10.536, 2.486), (5.719, 7.955, 1.183), (3.779, 6.682, 0.497)],
            [(10.316, 11.752, 3.099), (6.327, 8.333, 1.380), (3.989, 6.784, 0.555)],
            [(11.269, 12.538, 3.493), (6.665, 8.560, 1.497), (4.100, 6.840, 0.587)],
        ],
    ),
    case(
        TipShape::Cone,
        THIN,
        [
            [(7.240, 11.510, 1.696), (4.291, 9.292, 0.605), (2.493, 8.367, 0.163)],
            [(8.863, 12.520, 2.192), (4.948, 9.581, 0.744), (2.739, 8.447, 0.201)],
            [(9.873, 13.186, 2.522), (5.310, 9.761, 0.831), (2.868, 8.492, 0.222)],
        ],
    ),
    case(
        TipShape::Cone,
        MIDDLE,
        [
            [(6.645, 7.395, 1.608), (3.953, 5.103, 0.493), (2.469, 4.198, 0.078)],
            [(7.690, 8.282, 2.048), (4.276, 5.324, 0.599), (2.568, 4.243, 0.098)],
            [(8.319, 8.828, 2.320), (4.445, 5.447, 0.658), (2.618, 4.266, 0.109)],
        ],
    ),
    case(
        TipShape::Cone,
        THICK,
        [
            [(8.436, 9.803, 1.771), (5.515, 7.330, 0.574), (3.680, 6.271, 0.098)],
            [(9.898, 10.958, 2.339), (6.046, 7.661, 0.732), (3.860, 6.341, 0.127)],
            [(10.795, 11.707, 2.707), (6.340, 7.860, 0.827), (3.954, 6.378, 0.142)],
        ],
    ),
];
