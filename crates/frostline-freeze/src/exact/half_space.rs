//! V1: a half-space freezes from its wall (Neumann; Carslaw and Jaeger, Conduction of Heat in Solids, 11.2).

use super::special::{erf, erfc, root};

/// A medium that freezes at one temperature. SI units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoPhase {
    /// Conductivity of the frozen medium. Unit: W/(m K).
    pub frozen_w_per_m_k: f64,
    /// Conductivity of the liquid. Unit: W/(m K).
    pub liquid_w_per_m_k: f64,
    /// Heat capacity of the frozen medium. Unit: J/(m3 K).
    pub frozen_j_per_m3_k: f64,
    /// Heat capacity of the liquid. Unit: J/(m3 K).
    pub liquid_j_per_m3_k: f64,
    /// Latent heat. Unit: J/m3.
    pub latent_j_per_m3: f64,
    /// Where it freezes. Unit: °C.
    pub freezing_c: f64,
    /// Far away and at the start. Unit: °C.
    pub start_c: f64,
}

impl TwoPhase {
    /// Frozen diffusivity. Unit: m2/s.
    pub(super) fn frozen_m2_per_s(&self) -> f64 {
        self.frozen_w_per_m_k / self.frozen_j_per_m3_k
    }

    /// Liquid diffusivity. Unit: m2/s.
    pub(super) fn liquid_m2_per_s(&self) -> f64 {
        self.liquid_w_per_m_k / self.liquid_j_per_m3_k
    }

    /// Square root of frozen over liquid diffusivity.
    pub(super) fn nu(&self) -> f64 {
        (self.frozen_m2_per_s() / self.liquid_m2_per_s()).sqrt()
    }
}

/// The half-space whose wall is held cold from time zero: `X = 2 lambda sqrt(a_s t)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FreezingHalfSpace {
    medium: TwoPhase,
    wall_c: f64,
    lambda: f64,
}

impl FreezingHalfSpace {
    /// Solves for the speed of the front; the wall must be colder than freezing.
    pub fn new(medium: TwoPhase, wall_c: f64) -> Self {
        let nu = medium.nu();
        let below_k = medium.freezing_c - wall_c;
        let above =
            medium.liquid_w_per_m_k / medium.frozen_w_per_m_k * nu * (medium.start_c - medium.freezing_c) / below_k;
        let stefan = medium.latent_j_per_m3 / (medium.frozen_j_per_m3_k * below_k);
        let balance = |l: f64| {
            let liquid = above * (-(l * nu).powi(2)).exp() / erfc(l * nu);
            (-l * l).exp() / erf(l) - liquid - l * std::f64::consts::PI.sqrt() * stefan
        };
        // erfc underflows beyond 25; the balance is negative long before.
        let lambda = root(1e-9, 5.0_f64.min(25.0 / nu), balance);
        Self { medium, wall_c, lambda }
    }

    /// The constant of the front.
    pub fn lambda(&self) -> f64 {
        self.lambda
    }

    /// Distance of the front from the wall. Unit: m.
    pub fn front_m(&self, time_s: f64) -> f64 {
        2.0 * self.lambda * (self.medium.frozen_m2_per_s() * time_s).sqrt()
    }

    /// Temperature at a depth. Unit: °C.
    pub fn celsius(&self, depth_m: f64, time_s: f64) -> f64 {
        let m = &self.medium;
        if depth_m < self.front_m(time_s) {
            let z = depth_m / (2.0 * (m.frozen_m2_per_s() * time_s).sqrt());
            self.wall_c + (m.freezing_c - self.wall_c) * erf(z) / erf(self.lambda)
        } else {
            let z = depth_m / (2.0 * (m.liquid_m2_per_s() * time_s).sqrt());
            m.start_c - (m.start_c - m.freezing_c) * erfc(z) / erfc(self.lambda * m.nu())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn water_from_20_degrees_freezes_as_tabulated() {
        // physics notes V1 case A: lambda 0.3866880434, X(60 s) 6.17404 mm, T(60 s, 2 mm) -46.3130 °C.
        let water = TwoPhase {
            frozen_w_per_m_k: 2.22,
            liquid_w_per_m_k: 0.60,
            frozen_j_per_m3_k: 2.09e6,
            liquid_j_per_m3_k: 4.18e6,
            latent_j_per_m3: 334e6,
            freezing_c: 0.0,
            start_c: 20.0,
        };
        let exact = FreezingHalfSpace::new(water, -70.0);
        assert!((exact.lambda() - 0.386_688_043_4).abs() < 1e-10);
        assert!((exact.front_m(60.0) - 6.17404e-3).abs() < 1e-8);
        assert!((exact.celsius(2e-3, 60.0) + 46.3130).abs() < 1e-4);
        assert!((exact.celsius(8e-3, 60.0) - 12.1217).abs() < 1e-4);
    }
}
