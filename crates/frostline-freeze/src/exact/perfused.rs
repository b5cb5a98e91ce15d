//! V6: perfused tissue without freezing (Pennes), a slab and a half-space behind a film.

use std::f64::consts::PI;

/// Tissue that is perfused and does not freeze. SI units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Perfused {
    /// Conductivity. Unit: W/(m K).
    pub w_per_m_k: f64,
    /// Heat capacity. Unit: J/(m3 K).
    pub j_per_m3_k: f64,
    /// Perfusion. Unit: W/(m3 K).
    pub perfusion_w_per_m3_k: f64,
    /// Of the blood, and of everything at the start. Unit: °C.
    pub arterial_c: f64,
}

impl Perfused {
    fn m2_per_s(&self) -> f64 {
        self.w_per_m_k / self.j_per_m3_k
    }

    fn length_m(&self) -> f64 {
        (self.w_per_m_k / self.perfusion_w_per_m3_k).sqrt()
    }

    /// A slab whose near side is held at `cold_c` from time zero and whose far side stays at the arterial temperature.
    /// Unit: °C.
    ///
    /// `T = T_a + (T_s - T_a) [sinh((L-x)/d)/sinh(L/d) - sum (2 n pi a / L^2 / b_n) sin(n pi x/L) e^{-b_n t}]`,
    /// `b_n = a (n pi/L)^2 + w/C`.
    pub fn slab_c(&self, thickness_m: f64, cold_c: f64, depth_m: f64, time_s: f64) -> f64 {
        let (a, d, l) = (self.m2_per_s(), self.length_m(), thickness_m);
        let steady = ((l - depth_m) / d).sinh() / (l / d).sinh();
        let decay = self.perfusion_w_per_m3_k / self.j_per_m3_k;
        let mut sum = 0.0;
        for n in 1..4000 {
            let wave = f64::from(n) * PI / l;
            let rate = a * wave * wave + decay;
            let term = 2.0 * wave * a / l / rate * (-rate * time_s).exp();
            sum += term * (wave * depth_m).sin();
            if term < 1e-16 {
                break;
            }
        }
        self.arterial_c + (cold_c - self.arterial_c) * (steady - sum)
    }

    /// A half-space whose surface loses heat through a film to a coolant from time zero. Unit: °C.
    ///
    /// Laplace transform `(T_c - T_a) h e^{-q x} / (s (h + k q))`, `q = sqrt((s + w/C)/a)`, inverted on Talbot's contour.
    pub fn half_space_c(&self, film_w_per_m2_k: f64, coolant_c: f64, depth_m: f64, time_s: f64) -> f64 {
        let (a, k, h) = (self.m2_per_s(), self.w_per_m_k, film_w_per_m2_k);
        let decay = self.perfusion_w_per_m3_k / self.j_per_m3_k;
        let image = |s: Complex| {
            let q = s.plus(decay).times(1.0 / a).sqrt();
            let bottom = s.product(q.times(k).plus(h));
            q.times(-depth_m).exp().times(h).over(bottom)
        };
        self.arterial_c + (coolant_c - self.arterial_c) * talbot(image, time_s)
    }
}

/// A complex number, with what Talbot's method needs of it.
#[derive(Clone, Copy, Debug)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    fn plus(self, real: f64) -> Self {
        Self { re: self.re + real, im: self.im }
    }

    fn times(self, real: f64) -> Self {
        Self { re: self.re * real, im: self.im * real }
    }

    fn product(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }

    fn over(self, other: Self) -> Self {
        let size = other.re * other.re + other.im * other.im;
        self.product(Self { re: other.re / size, im: -other.im / size })
    }

    fn exp(self) -> Self {
        Self { re: self.im.cos(), im: self.im.sin() }.times(self.re.exp())
    }

    /// The root with a positive real part.
    fn sqrt(self) -> Self {
        let size = self.re.hypot(self.im);
        let re = (0.5 * (size + self.re)).max(0.0).sqrt();
        let im = (0.5 * (size - self.re)).max(0.0).sqrt();
        Self { re, im: if self.im < 0.0 { -im } else { im } }
    }
}

/// Inverse Laplace transform on a fixed Talbot contour (Abate and Valko, Int. J. Numer. Meth. Engng 60 (2004) 979).
fn talbot(image: impl Fn(Complex) -> Complex, time_s: f64) -> f64 {
    const POINTS: u32 = 24;
    let m = f64::from(POINTS);
    let first = 2.0 * m / 5.0;
    let mut sum = 0.5 * first.exp() * image(Complex { re: first / time_s, im: 0.0 }).re;
    for n in 1..POINTS {
        let angle = f64::from(n) * PI / m;
        let cot = 1.0 / angle.tan();
        let place = Complex { re: 0.4 * f64::from(n) * PI * cot, im: 0.4 * f64::from(n) * PI };
        let weight = Complex { re: 1.0, im: angle * (1.0 + cot * cot) - cot };
        sum += place.exp().product(weight).product(image(place.times(1.0 / time_s))).re;
    }
    0.4 / time_s * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUSCLE: Perfused =
        Perfused { w_per_m_k: 0.49497, j_per_m3_k: 3.730_476e6, perfusion_w_per_m3_k: 2535.038, arterial_c: 37.0 };

    #[test]
    fn a_perfused_slab_cools_as_tabulated() {
        // physics notes V6a, x = 1, 5, 15 mm.
        for (x, t, expected) in [(1e-3, 10.0, 19.786_344), (5e-3, 300.0, 19.842_374), (15e-3, 60.0, 36.994_740)] {
            let found = MUSCLE.slab_c(0.02, 5.0, x, t);
            assert!((found - expected).abs() < 2e-6, "{found} for {expected}");
        }
    }

    #[test]
    fn a_perfused_half_space_cools_as_tabulated() {
        // physics notes V6b.
        for (x, t, expected) in
            [(0.0, 10.0, 29.000_998), (2e-3, 60.0, 29.011_538), (10e-3, 300.0, 32.767_404), (0.0, 1800.0, 10.061_598)]
        {
            let found = MUSCLE.half_space_c(100.0, 0.0, x, t);
            assert!((found - expected).abs() < 2e-6, "{found} for {expected}");
        }
    }
}
