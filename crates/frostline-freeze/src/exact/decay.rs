//! V9: an exact field without sources that no grid holds exactly: a product of sines that decays in a box, through two
//! layers of tissue, perfused.
//!
//! `T = T_a + A X(x) sin(pi y/L) sin(pi z/L) e^{-lambda t}` in a cube of side L whose faces are held at `T_a`. With
//! `mu = lambda - w/C` (the same `w/C` in both layers) X is a sine of `q_i = sqrt(mu C_i/k_i - 2 (pi/L)^2)` in each layer,
//! zero on the faces, and `mu` the least value at which temperature and heat flux agree on the interface:
//! `k_1 q_1 cos(q_1 d) sin(q_2 e) + k_2 q_2 cos(q_2 e) sin(q_1 d) = 0`, d and e the thicknesses.

use std::f64::consts::PI;

use super::special::root;

/// What a layer is made of. SI units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    /// Conductivity. Unit: W/(m K).
    pub w_per_m_k: f64,
    /// Heat capacity. Unit: J/(m3 K).
    pub j_per_m3_k: f64,
}

/// The field in the cube from 0 to `size_m` along each axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecayingProduct {
    size_m: f64,
    split_m: f64,
    /// Wave numbers across the near and the far layer, and along y and z. Unit: 1/m.
    waves: [f64; 3],
    rate_per_s: f64,
}

impl DecayingProduct {
    /// `layers` meet at `x = split_m`; `perfused_per_s` is the perfusion over the heat capacity of either.
    pub fn new(size_m: f64, split_m: f64, layers: [Layer; 2], perfused_per_s: f64) -> Self {
        let side = PI / size_m;
        let rest_m = size_m - split_m;
        let wave = |l: &Layer, mu: f64| (mu * l.j_per_m3_k / l.w_per_m_k - 2.0 * side * side).max(0.0).sqrt();
        let waves = |mu: f64| (wave(&layers[0], mu), wave(&layers[1], mu));
        let mismatch = |mu: f64| {
            let (near, far) = waves(mu);
            let (a, b) = (near * split_m, far * rest_m);
            layers[0].w_per_m_k * near * a.cos() * b.sin() + layers[1].w_per_m_k * far * b.cos() * a.sin()
        };
        // Below this one of the sines would be a hyperbolic one; above it the first change of sign is looked for.
        let least = layers.map(|l| 2.0 * side * side * l.w_per_m_k / l.j_per_m3_k).into_iter().fold(0.0, f64::max);
        let step = 0.01 * least;
        let mut low = least + step;
        while mismatch(low + step).signum() == mismatch(low).signum() {
            low += step;
        }
        let mu = root(low, low + step, mismatch);
        let (near, far) = waves(mu);
        Self { size_m, split_m, waves: [near, far, side], rate_per_s: mu + perfused_per_s }
    }

    /// `lambda`. Unit: 1/s.
    pub fn rate_per_s(&self) -> f64 {
        self.rate_per_s
    }

    /// The shape, 1 about its greatest; the temperature is `T_a + A shape e^{-lambda t}`. Unit: m.
    pub fn shape(&self, (x, y, z): (f64, f64, f64)) -> f64 {
        let [near, far, side] = self.waves;
        let rest_m = self.size_m - self.split_m;
        let across = if x < self.split_m {
            (near * x).sin() / (near * self.split_m).sin()
        } else {
            (far * (self.size_m - x)).sin() / (far * rest_m).sin()
        };
        across * (side * y).sin() * (side * z).sin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUSCLE: Layer = Layer { w_per_m_k: 0.495, j_per_m3_k: 3.73e6 };
    const FAT: Layer = Layer { w_per_m_k: 0.21, j_per_m3_k: 2.14e6 };

    #[test]
    fn one_tissue_decays_as_three_sines_do() {
        let field = DecayingProduct::new(0.02, 0.007, [MUSCLE, MUSCLE], 1e-3);
        // 3 (pi/L)^2 k/C + w/C = 3 x 24674 x 0.495/3.73e6 + 0.001.
        let expected = 3.0 * (PI / 0.02_f64).powi(2) * 0.495 / 3.73e6 + 1e-3;
        assert!((field.rate_per_s() / expected - 1.0).abs() < 1e-12);
    }

    #[test]
    fn heat_and_temperature_pass_the_interface_and_the_heat_equation_holds_in_both_layers() {
        let layers = [MUSCLE, FAT];
        let field = DecayingProduct::new(0.02, 0.009, layers, 1e-3);
        let at = |x: f64| field.shape((x, 0.006, 0.013));
        let h = 1e-6;
        assert!((at(0.009 - 1e-12) / at(0.009) - 1.0).abs() < 1e-8);
        let flux = [
            MUSCLE.w_per_m_k * (3.0 * at(0.009 - 1e-15) - 4.0 * at(0.009 - h) + at(0.009 - 2.0 * h)),
            FAT.w_per_m_k * (-3.0 * at(0.009) + 4.0 * at(0.009 + h) - at(0.009 + 2.0 * h)),
        ];
        assert!((flux[0] / flux[1] - 1.0).abs() < 1e-5, "{flux:?}");
        for (layer, x) in layers.into_iter().zip([0.004, 0.015]) {
            let h = 1e-4;
            let second = (at(x + h) - 2.0 * at(x) + at(x - h)) / (h * h);
            let laplace = second - 2.0 * (PI / 0.02_f64).powi(2) * at(x);
            let rate = layer.w_per_m_k / layer.j_per_m3_k * laplace / at(x) - 1e-3;
            // Second differences over 0.1 mm: (q h)^2/12 of a part of it.
            assert!((rate / -field.rate_per_s() - 1.0).abs() < 1e-4, "{rate}");
        }
    }
}
