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
const NOT_YET: [[(f64, f64, f64); 3]; 3] = [[(0.0, 0.0, 0.0); 3]; 3];

/// Computed by [`Axisymmetric`].
pub const FINITE_PROBES: [FiniteProbe; 9] = [
    case(TipShape::Flat, THIN, NOT_YET),
    case(TipShape::Flat, MIDDLE, NOT_YET),
    case(TipShape::Flat, THICK, NOT_YET),
    case(TipShape::Round, THIN, NOT_YET),
    case(TipShape::Round, MIDDLE, NOT_YET),
    case(TipShape::Round, THICK, NOT_YET),
    case(TipShape::Cone, THIN, NOT_YET),
    case(TipShape::Cone, MIDDLE, NOT_YET),
    case(TipShape::Cone, THICK, NOT_YET),
];
