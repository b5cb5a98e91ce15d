//! Enthalpy, temperature and heat potential of a medium that freezes over a range, in three straight pieces.

use crate::exact::freezing_range::RangeMedium;

/// Temperature and heat potential of the medium by enthalpy counted from where freezing starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Law {
    pub(super) starts_c: f64,
    ends_c: f64,
    /// Frozen, freezing and unfrozen. Unit: J/(m3 K).
    pub(super) capacity: [f64; 3],
    /// Frozen and unfrozen. Unit: W/(m K).
    k: [f64; 2],
    /// Enthalpy and potential where freezing ends.
    ended: (f64, f64),
}

impl Law {
    pub(super) fn of(range: &RangeMedium) -> Self {
        let m = &range.medium;
        let width = m.freezing_c - range.ends_c;
        let freezing = range.capacity();
        let k = [m.frozen_w_per_m_k, m.liquid_w_per_m_k];
        Self {
            starts_c: m.freezing_c,
            ends_c: range.ends_c,
            capacity: [m.frozen_j_per_m3_k, freezing, m.liquid_j_per_m3_k],
            k,
            ended: (-freezing * width, -0.5 * (k[0] + k[1]) * width),
        }
    }

    pub(super) fn celsius(&self, h: f64) -> f64 {
        if h >= 0.0 {
            self.starts_c + h / self.capacity[2]
        } else if h >= self.ended.0 {
            self.starts_c + h / self.capacity[1]
        } else {
            self.ends_c + (h - self.ended.0) / self.capacity[0]
        }
    }

    pub(super) fn h(&self, celsius: f64) -> f64 {
        if celsius >= self.starts_c {
            (celsius - self.starts_c) * self.capacity[2]
        } else if celsius >= self.ends_c {
            (celsius - self.starts_c) * self.capacity[1]
        } else {
            self.ended.0 + (celsius - self.ends_c) * self.capacity[0]
        }
    }

    /// `int k dT` from where freezing starts. Unit: W/m.
    pub(super) fn theta(&self, h: f64) -> f64 {
        if h >= 0.0 {
            self.k[1] * h / self.capacity[2]
        } else if h >= self.ended.0 {
            let below = h / self.capacity[1];
            below * (self.k[1] + 0.5 * (self.k[1] - self.k[0]) * below / (self.starts_c - self.ends_c))
        } else {
            self.ended.1 + self.k[0] * (h - self.ended.0) / self.capacity[0]
        }
    }

    /// The largest slope of the potential over the enthalpy: what bounds the step. Unit: m2/s.
    pub(super) fn most(&self) -> f64 {
        let largest = self.k[0].max(self.k[1]);
        (self.k[0] / self.capacity[0]).max(self.k[1] / self.capacity[2]).max(largest / self.capacity[1])
    }
}
