//! V2 and V3: freezing around a line sink and around a point sink in an infinite medium.

use std::f64::consts::PI;

use super::half_space::TwoPhase;
use super::special::{e1, erfc, root};

/// A line that takes `Q'` W/m from time zero (Paterson 1952; Carslaw and Jaeger 11.6). `R = 2 lambda sqrt(a_s t)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineSink {
    medium: TwoPhase,
    watt_per_m: f64,
    lambda: f64,
}

impl LineSink {
    /// Solves for the speed of the front.
    pub fn new(medium: TwoPhase, watt_per_m: f64) -> Self {
        let ratio = medium.nu().powi(2);
        let balance = |l: f64| {
            let z = l * l * ratio;
            let liquid = medium.liquid_w_per_m_k * (medium.start_c - medium.freezing_c) * (-z).exp() / e1(z);
            watt_per_m / (4.0 * PI) * (-l * l).exp()
                - liquid
                - l * l * medium.frozen_m2_per_s() * medium.latent_j_per_m3
        };
        Self { medium, watt_per_m, lambda: root(1e-6, 3.0, balance) }
    }

    /// The constant of the front.
    pub fn lambda(&self) -> f64 {
        self.lambda
    }

    /// Distance of the front from the line. Unit: m.
    pub fn front_m(&self, time_s: f64) -> f64 {
        2.0 * self.lambda * (self.medium.frozen_m2_per_s() * time_s).sqrt()
    }

    /// Temperature at a distance from the line. Unit: °C.
    pub fn celsius(&self, radius_m: f64, time_s: f64) -> f64 {
        let m = &self.medium;
        let z = |diffusivity: f64| radius_m * radius_m / (4.0 * diffusivity * time_s);
        if radius_m < self.front_m(time_s) {
            let strength = self.watt_per_m / (4.0 * PI * m.frozen_w_per_m_k);
            m.freezing_c + strength * (e1(self.lambda.powi(2)) - e1(z(m.frozen_m2_per_s())))
        } else {
            let far = e1(z(m.liquid_m2_per_s())) / e1((self.lambda * m.nu()).powi(2));
            m.start_c - (m.start_c - m.freezing_c) * far
        }
    }
}

/// `G(z) = e^{-z^2}/z - sqrt(pi) erfc z`, the field of a growing point sink.
fn point_field(z: f64) -> f64 {
    (-z * z).exp() / z - PI.sqrt() * erfc(z)
}

/// A point that takes `Q_1 sqrt(t)` W from time zero, the only power law with a similar solution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointSink {
    medium: TwoPhase,
    /// Strength of the frozen field. Unit: K.
    strength_k: f64,
    lambda: f64,
}

impl PointSink {
    /// Solves for the speed of the front; the strength is in W/s^0.5.
    pub fn new(medium: TwoPhase, watt_per_root_s: f64) -> Self {
        let a_s = medium.frozen_m2_per_s();
        let strength_k = watt_per_root_s / (8.0 * PI * medium.frozen_w_per_m_k * a_s.sqrt());
        let nu = medium.nu();
        let balance = |l: f64| {
            let z = l * nu;
            let liquid = medium.liquid_w_per_m_k * nu * (medium.start_c - medium.freezing_c) * (-z * z).exp()
                / (z * z * point_field(z));
            medium.frozen_w_per_m_k * strength_k * (-l * l).exp() / (l * l)
                - liquid
                - 2.0 * l * a_s * medium.latent_j_per_m3
        };
        Self { medium, strength_k, lambda: root(1e-3, 3.0, balance) }
    }

    /// The constant of the front.
    pub fn lambda(&self) -> f64 {
        self.lambda
    }

    /// Distance of the front from the point. Unit: m.
    pub fn front_m(&self, time_s: f64) -> f64 {
        2.0 * self.lambda * (self.medium.frozen_m2_per_s() * time_s).sqrt()
    }

    /// Temperature at a distance from the point. Unit: °C.
    pub fn celsius(&self, radius_m: f64, time_s: f64) -> f64 {
        let m = &self.medium;
        let z = |diffusivity: f64| radius_m / (2.0 * (diffusivity * time_s).sqrt());
        if radius_m < self.front_m(time_s) {
            m.freezing_c + self.strength_k * (point_field(self.lambda) - point_field(z(m.frozen_m2_per_s())))
        } else {
            let far = point_field(z(m.liquid_m2_per_s())) / point_field(self.lambda * m.nu());
            m.start_c - (m.start_c - m.freezing_c) * far
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUSCLE_LIKE: TwoPhase = TwoPhase {
        frozen_w_per_m_k: 1.60,
        liquid_w_per_m_k: 0.49,
        frozen_j_per_m3_k: 1090.0 * 2000.0,
        liquid_j_per_m3_k: 1090.0 * 3421.0,
        latent_j_per_m3: 1090.0 * 247e3,
        freezing_c: -1.0,
        start_c: 37.0,
    };

    #[test]
    fn a_line_sink_freezes_as_tabulated() {
        // physics notes V2, 600 W/m.
        let exact = LineSink::new(MUSCLE_LIKE, 600.0);
        assert!((exact.lambda() - 0.324_283_076_1).abs() < 1e-9);
        assert!((exact.front_m(180.0) - 7.4546e-3).abs() < 1e-7);
        assert!((exact.celsius(3e-3, 180.0) + 52.7730).abs() < 1e-4);
        assert!((exact.celsius(12e-3, 180.0) - 29.1084).abs() < 1e-4);
    }

    #[test]
    fn a_point_sink_freezes_as_tabulated() {
        // physics notes V3, 0.5 W/s^0.5.
        let exact = PointSink::new(MUSCLE_LIKE, 0.5);
        assert!((exact.lambda() - 0.272_420_515_5).abs() < 1e-9);
        assert!((exact.front_m(180.0) - 6.2624e-3).abs() < 1e-7);
        assert!((exact.celsius(2e-3, 180.0) + 111.8980).abs() < 1e-4);
        assert!((exact.celsius(8e-3, 180.0) - 18.7386).abs() < 1e-4);
    }
}
