//! Reading a field of (r, z).

use crate::ProbeShape;

/// Temperatures at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct AxisymmetricField {
    /// When. Unit: s.
    pub at_s: f64,
    pub(super) shape: ProbeShape,
    pub(super) r_mm: Vec<f64>,
    pub(super) z_mm: Vec<f64>,
    pub(super) celsius: Vec<f64>,
}

/// How far a temperature reaches. Unit: mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// Largest diameter at seven stations along the cold length.
    pub width_mm: f64,
    /// From end to end along the axis, behind the cold length a tenth of a millimetre beside the shaft if there is one.
    pub length_mm: f64,
    /// Beyond the tip.
    pub beyond_tip_mm: f64,
}

impl AxisymmetricField {
    /// Linear between cells; beyond the outermost ones held. On the axis, where the field is flat, a parabola. Unit: °C.
    pub fn celsius(&self, r_mm: f64, z_mm: f64) -> f64 {
        let (j, along) = between(&self.z_mm, z_mm);
        let row = |i: usize| {
            let at = |j: usize| self.celsius[j * self.r_mm.len() + i];
            at(j) + along * (at(j + 1) - at(j))
        };
        if r_mm < self.r_mm[0] {
            let share = (r_mm * r_mm - self.r_mm[0].powi(2)) / (self.r_mm[1].powi(2) - self.r_mm[0].powi(2));
            return row(0) + share * (row(1) - row(0));
        }
        let (i, across) = between(&self.r_mm, r_mm);
        row(i) + across * (row(i + 1) - row(i))
    }

    /// Where the temperature first passes `celsius` on a way that starts inside it; `None` when it starts outside or never
    /// passes. Unit: mm.
    fn passes_mm(&self, celsius: f64, way: impl Fn(f64) -> (f64, f64)) -> Option<f64> {
        const STEP_MM: f64 = 0.02;
        let at = |mm: f64| {
            let (r, z) = way(mm);
            self.celsius(r, z)
        };
        let mut before = at(0.0);
        if before > celsius {
            return None;
        }
        for n in 1..5000 {
            let now = at(STEP_MM * f64::from(n));
            if now > celsius {
                return Some(STEP_MM * (f64::from(n) - (now - celsius) / (now - before)));
            }
            before = now;
        }
        None
    }

    /// Radius of a temperature at a place along the axis, from the surface of the probe outwards; 0 where it is not that
    /// cold. Unit: mm.
    pub fn radius_mm(&self, celsius: f64, z_mm: f64) -> f64 {
        let from = self.shape.radius_mm * 0.999;
        self.passes_mm(celsius, |mm| (from + mm, z_mm)).map_or(0.0, |mm| from + mm)
    }

    /// Width, length and reach beyond the tip of a temperature; zeros when it is nowhere along the axis.
    pub fn reach(&self, celsius: f64) -> Reach {
        const STATIONS: usize = 7;
        let (active, radius) = (self.shape.active_length_mm, self.shape.radius_mm);
        let station = |n: usize| active * (n as f64 + 0.5) / STATIONS as f64;
        let width_mm = (0..STATIONS).map(|n| 2.0 * self.radius_mm(celsius, station(n))).fold(0.0, f64::max);
        let aside = if self.shape.shaft_length_mm > 0.0 { radius + 0.1 } else { 0.0 };
        let ahead = self.passes_mm(celsius, |mm| (0.0, 0.5 * active - mm));
        let behind = self.passes_mm(celsius, |mm| (aside, 0.5 * active + mm));
        match (ahead, behind) {
            (Some(ahead), Some(behind)) => {
                Reach { width_mm, length_mm: ahead + behind, beyond_tip_mm: ahead - 0.5 * active }
            }
            _ => Reach { width_mm, length_mm: 0.0, beyond_tip_mm: 0.0 },
        }
    }
}

/// The node before a place and the share of the way to the next, held at both ends.
fn between(nodes: &[f64], at: f64) -> (usize, f64) {
    let low = nodes.partition_point(|&n| n <= at).clamp(1, nodes.len() - 1) - 1;
    (low, ((at - nodes[low]) / (nodes[low + 1] - nodes[low])).clamp(0.0, 1.0))
}
