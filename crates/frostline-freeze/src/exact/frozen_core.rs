//! V5: the steady ice in perfused tissue around a cold ball or a cold cylinder.

use super::special::{bessel_k_scaled, root};

/// Perfused tissue with a frozen core that is not. SI units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrozenCore {
    /// Conductivity of the frozen tissue. Unit: W/(m K).
    pub frozen_w_per_m_k: f64,
    /// Conductivity of the perfused tissue. Unit: W/(m K).
    pub unfrozen_w_per_m_k: f64,
    /// Perfusion. Unit: W/(m3 K).
    pub perfusion_w_per_m3_k: f64,
    /// Metabolism. Unit: W/m3.
    pub metabolic_w_per_m3: f64,
    /// Of the blood. Unit: °C.
    pub arterial_c: f64,
    /// Where it freezes. Unit: °C.
    pub freezing_c: f64,
    /// Of the cold surface. Unit: °C.
    pub probe_c: f64,
    /// Radius of the cold surface. Unit: m.
    pub probe_radius_m: f64,
}

impl FrozenCore {
    /// Temperature far away. Unit: °C.
    fn far_c(&self) -> f64 {
        self.arterial_c + self.metabolic_w_per_m3 / self.perfusion_w_per_m3_k
    }

    fn length_m(&self) -> f64 {
        (self.unfrozen_w_per_m_k / self.perfusion_w_per_m3_k).sqrt()
    }

    /// Radius of the ice around a ball: `k_f dT_f / (R^2 (1/a - 1/R)) = k_u dT_u (1/R + 1/d)`. Unit: m.
    pub fn ball_front_m(&self) -> f64 {
        let (a, d) = (self.probe_radius_m, self.length_m());
        let (cold, warm) = (self.freezing_c - self.probe_c, self.far_c() - self.freezing_c);
        root(a * (1.0 + 1e-9), 0.5, |r| {
            self.frozen_w_per_m_k * cold / (r * r * (1.0 / a - 1.0 / r))
                - self.unfrozen_w_per_m_k * warm * (1.0 / r + 1.0 / d)
        })
    }

    /// Radius of a colder surface around a ball. Unit: m.
    pub fn ball_surface_m(&self, celsius: f64) -> f64 {
        let (a, front) = (self.probe_radius_m, self.ball_front_m());
        let share = (self.freezing_c - celsius) / (self.freezing_c - self.probe_c);
        1.0 / (1.0 / front + share * (1.0 / a - 1.0 / front))
    }

    /// Radius of the ice around an endless cylinder:
    /// `k_f dT_f / (R ln(R/a)) = k_u dT_u / d K1(R/d)/K0(R/d)`. Unit: m.
    pub fn cylinder_front_m(&self) -> f64 {
        let (a, d) = (self.probe_radius_m, self.length_m());
        let (cold, warm) = (self.freezing_c - self.probe_c, self.far_c() - self.freezing_c);
        root(a * (1.0 + 1e-9), 0.5, |r| {
            let k_ratio = bessel_k_scaled(1, r / d) / bessel_k_scaled(0, r / d);
            self.frozen_w_per_m_k * cold / (r * (r / a).ln()) - self.unfrozen_w_per_m_k * warm / d * k_ratio
        })
    }

    /// Radius of a colder surface around an endless cylinder. Unit: m.
    pub fn cylinder_surface_m(&self, celsius: f64) -> f64 {
        let (a, front) = (self.probe_radius_m, self.cylinder_front_m());
        let share = (celsius - self.probe_c) / (self.freezing_c - self.probe_c);
        a * ((front / a).ln() * share).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_ice_in_muscle_is_as_tabulated() {
        // physics notes V5, muscle, 0.65 mm at -70 °C.
        let core = FrozenCore {
            frozen_w_per_m_k: 1.6,
            unfrozen_w_per_m_k: 0.49497,
            perfusion_w_per_m3_k: 2535.04,
            metabolic_w_per_m3: 988.03,
            arterial_c: 37.0,
            freezing_c: -1.0,
            probe_c: -70.0,
            probe_radius_m: 0.65e-3,
        };
        assert!((core.ball_front_m() - 3.64515e-3).abs() < 1e-8);
        assert!((core.ball_surface_m(-20.0) - 1.60661e-3).abs() < 1e-8);
        assert!((core.cylinder_front_m() - 18.20432e-3).abs() < 1e-7);
        assert!((core.cylinder_surface_m(-20.0) - 7.27199e-3).abs() < 1e-7);
    }
}
