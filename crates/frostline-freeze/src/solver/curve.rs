//! Enthalpy, temperature and heat potential of one tissue, exactly invertible.
//!
//! Per unit volume, counted from where freezing starts (both are zero there):
//! `H(T) = int rho c dT + latent heat`, unit J/m3, and `theta(T) = int k dT` (Kirchhoff), unit W/m.
//! Heat between two places of one tissue then is `(theta_b - theta_a) / distance`, exact in steady state whatever k(T).
//! Between neighbouring rows of the tables c is constant (its mean over at most 2.5 K) and k linear, so H is piecewise
//! linear and theta piecewise quadratic in T.

use crate::table::TemperatureTable;
use crate::tissue::Tissue;

/// One stretch of the curve, from its warm end downwards (the first one upwards without end).
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    /// Warm end. Unit: °C, J/m3, W/m.
    warm_c: f64,
    warm_h: f64,
    warm_theta: f64,
    /// Heat capacity. Unit: J/(m3 K).
    capacity: f64,
    /// Conductivity at the warm end and its slope. Unit: W/(m K), W/(m K2).
    warm_k: f64,
    slope_k: f64,
}

impl Stretch {
    fn celsius(&self, h: f64) -> f64 {
        self.warm_c + (h - self.warm_h) / self.capacity
    }

    fn h(&self, celsius: f64) -> f64 {
        self.warm_h + (celsius - self.warm_c) * self.capacity
    }

    fn theta(&self, celsius: f64) -> f64 {
        let d = celsius - self.warm_c;
        self.warm_theta + d * (self.warm_k + 0.5 * self.slope_k * d)
    }

    fn k(&self, celsius: f64) -> f64 {
        self.warm_k + self.slope_k * (celsius - self.warm_c)
    }
}

/// H, T and theta of one tissue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curve {
    /// Warm to cold: unfrozen, freezing, frozen in pieces.
    stretches: Vec<Stretch>,
    /// The first stretch to try for a frozen H, by equal buckets of H below `frozen_h`.
    buckets: Vec<u16>,
    frozen_h: f64,
    buckets_per_h: f64,
    /// Conductivity over capacity above freezing. Unit: m2/s.
    unfrozen_diffusivity: f64,
}

/// Longest stretch over which a varying heat capacity is taken as constant: 8 J/(kg K2) over 2.5 K is 0.5 % of c.
const LONGEST_STRETCH_K: f64 = 2.5;
/// Below this no stretch is cut finer; liquid nitrogen boils at -196 °C.
const COLDEST_C: f64 = -200.0;

impl Curve {
    pub(super) fn of(tissue: &Tissue) -> Self {
        let rho = tissue.density_kg_per_m3;
        let (starts, ends) = (tissue.freezing_starts_c, tissue.freezing_ends_c);
        let warm_capacity = rho * tissue.unfrozen_j_per_kg_k;
        let cold_capacity = rho * tissue.frozen_j_per_kg_k.at(ends);
        let frozen_k = tissue.frozen_w_per_m_k.at(ends);
        let unfrozen = Stretch {
            warm_c: starts,
            warm_h: 0.0,
            warm_theta: 0.0,
            capacity: warm_capacity,
            warm_k: tissue.unfrozen_w_per_m_k,
            slope_k: 0.0,
        };
        let range_k = starts - ends;
        let freezing = Stretch {
            capacity: 0.5 * (warm_capacity + cold_capacity) + rho * tissue.latent_j_per_kg / range_k,
            slope_k: (tissue.unfrozen_w_per_m_k - frozen_k) / range_k,
            ..unfrozen
        };
        let mut stretches = vec![unfrozen, freezing];
        let mut warm = ends;
        for cold in frozen_rows(&tissue.frozen_w_per_m_k, &tissue.frozen_j_per_kg_k, ends) {
            let before = stretches[stretches.len() - 1];
            let warm_k = tissue.frozen_w_per_m_k.at(warm);
            stretches.push(Stretch {
                warm_c: warm,
                warm_h: before.h(warm),
                warm_theta: before.theta(warm),
                capacity: 0.5 * rho * (tissue.frozen_j_per_kg_k.at(warm) + tissue.frozen_j_per_kg_k.at(cold)),
                warm_k,
                slope_k: (warm_k - tissue.frozen_w_per_m_k.at(cold)) / (warm - cold),
            });
            warm = cold;
        }
        // Colder than the last row both tables are held.
        let before = stretches[stretches.len() - 1];
        stretches.push(Stretch {
            warm_c: warm,
            warm_h: before.h(warm),
            warm_theta: before.theta(warm),
            capacity: rho * tissue.frozen_j_per_kg_k.at(warm),
            warm_k: tissue.frozen_w_per_m_k.at(warm),
            slope_k: 0.0,
        });
        Self::indexed(stretches)
    }

    fn indexed(stretches: Vec<Stretch>) -> Self {
        let frozen_h = stretches[2].warm_h;
        let last = stretches.len() - 1;
        let reach = (frozen_h - stretches[last].warm_h).max(1.0);
        let count = 4 * stretches.len();
        let buckets_per_h = count as f64 / reach;
        let buckets = (0..=count)
            .map(|n| {
                let h = frozen_h - n as f64 / buckets_per_h;
                let below = stretches.partition_point(|s| s.warm_h > h);
                below.saturating_sub(1).max(2) as u16
            })
            .collect();
        let unfrozen_diffusivity = stretches[0].warm_k / stretches[0].capacity;
        Self { stretches, buckets, frozen_h, buckets_per_h, unfrozen_diffusivity }
    }

    /// Every stretch, warm to cold: warm end (°C, J/m3, W/m), heat capacity, conductivity at the warm end and its slope.
    #[cfg(feature = "gpu")]
    pub(super) fn stretches(&self) -> impl Iterator<Item = [f64; 6]> {
        self.stretches.iter().map(|s| [s.warm_c, s.warm_h, s.warm_theta, s.capacity, s.warm_k, s.slope_k])
    }

    fn stretch_of_h(&self, h: f64) -> &Stretch {
        if h >= 0.0 {
            return &self.stretches[0];
        }
        if h > self.frozen_h {
            return &self.stretches[1];
        }
        let bucket = (((self.frozen_h - h) * self.buckets_per_h) as usize).min(self.buckets.len() - 1);
        let mut n = usize::from(self.buckets[bucket]);
        while n + 1 < self.stretches.len() && self.stretches[n + 1].warm_h >= h {
            n += 1;
        }
        &self.stretches[n]
    }

    fn stretch_of_c(&self, celsius: f64) -> &Stretch {
        if celsius >= self.stretches[0].warm_c {
            return &self.stretches[0];
        }
        let below = self.stretches[1..].partition_point(|s| s.warm_c > celsius);
        &self.stretches[below.max(1)]
    }

    /// Temperature. Unit: °C.
    pub(super) fn celsius(&self, h: f64) -> f64 {
        self.stretch_of_h(h).celsius(h)
    }

    /// Enthalpy. Unit: J/m3.
    pub(super) fn h(&self, celsius: f64) -> f64 {
        self.stretch_of_c(celsius).h(celsius)
    }

    /// Heat potential at a temperature. Unit: W/m.
    pub(crate) fn theta_at(&self, celsius: f64) -> f64 {
        self.stretch_of_c(celsius).theta(celsius)
    }

    /// Heat potential at an enthalpy. Unit: W/m.
    #[inline]
    pub(super) fn theta(&self, h: f64) -> f64 {
        if h >= 0.0 {
            return self.unfrozen_diffusivity * h;
        }
        let stretch = self.stretch_of_h(h);
        stretch.theta(stretch.celsius(h))
    }

    /// Heat potential and conductivity at a temperature. Unit: W/m and W/(m K).
    pub(super) fn theta_and_k(&self, celsius: f64) -> (f64, f64) {
        let stretch = self.stretch_of_c(celsius);
        (stretch.theta(celsius), stretch.k(celsius))
    }

    /// The enthalpy at and above which temperature and potential are straight lines. Unit: J/m3.
    pub(super) fn linear_above_h(&self) -> f64 {
        0.0
    }

    /// Conductivity at a temperature. Unit: W/(m K).
    pub(super) fn k(&self, celsius: f64) -> f64 {
        self.stretch_of_c(celsius).k(celsius)
    }

    /// Temperature at a heat potential; theta grows with T without end because k is positive. Unit: °C.
    pub(crate) fn celsius_of_theta(&self, theta: f64) -> f64 {
        let below = self.stretches[1..].partition_point(|s| s.warm_theta > theta);
        let stretch = if theta >= 0.0 { &self.stretches[0] } else { &self.stretches[below.max(1)] };
        // Solves warm_theta + d (k + slope d / 2) = theta for d in the form that stays exact for slope 0.
        let rest = theta - stretch.warm_theta;
        let root = (stretch.warm_k * stretch.warm_k + 2.0 * stretch.slope_k * rest).max(0.0).sqrt();
        stretch.warm_c + 2.0 * rest / (stretch.warm_k + root)
    }

    /// Largest k/C between two temperatures: what limits an explicit step. Unit: m2/s.
    pub(super) fn largest_diffusivity(&self, coldest_c: f64, warmest_c: f64) -> f64 {
        let mut largest = 0.0_f64;
        for (n, stretch) in self.stretches.iter().enumerate() {
            let cold_end = self.stretches.get(n + 1).map_or(f64::NEG_INFINITY, |s| s.warm_c);
            let (low, high) = if n == 0 { (stretch.warm_c, f64::INFINITY) } else { (cold_end, stretch.warm_c) };
            let (low, high) = (low.max(coldest_c), high.min(warmest_c));
            if low <= high {
                largest = largest.max(stretch.k(low).max(stretch.k(high)) / stretch.capacity);
            }
        }
        largest
    }

    /// Largest conductivity and smallest heat capacity between two temperatures. Unit: W/(m K) and J/(m3 K).
    pub(super) fn extremes(&self, coldest_c: f64, warmest_c: f64) -> (f64, f64) {
        let (mut most_k, mut least_capacity) = (0.0_f64, f64::INFINITY);
        for (n, stretch) in self.stretches.iter().enumerate() {
            let cold_end = self.stretches.get(n + 1).map_or(f64::NEG_INFINITY, |s| s.warm_c);
            let (low, high) = if n == 0 { (stretch.warm_c, f64::INFINITY) } else { (cold_end, stretch.warm_c) };
            let (low, high) = (low.max(coldest_c), high.min(warmest_c));
            if low <= high {
                most_k = most_k.max(stretch.k(low).max(stretch.k(high)));
                least_capacity = least_capacity.min(stretch.capacity);
            }
        }
        (most_k, least_capacity)
    }

    /// Where freezing starts. Unit: °C.
    pub(super) fn freezing_starts_c(&self) -> f64 {
        self.stretches[0].warm_c
    }

    /// Heat capacity above freezing. Unit: J/(m3 K).
    pub(super) fn unfrozen_capacity(&self) -> f64 {
        self.stretches[0].capacity
    }
}

/// Temperatures below `ends` at which a table bends, cut so that no piece with varying capacity is too long; falling.
fn frozen_rows(k: &TemperatureTable, c: &TemperatureTable, ends: f64) -> Vec<f64> {
    let rows = k.pairs().iter().chain(c.pairs()).map(|row| row.0);
    let mut bends: Vec<f64> = rows.filter(|&at| at < ends && at > COLDEST_C).collect();
    bends.sort_by(|a, b| b.total_cmp(a));
    bends.dedup();
    let mut cut = Vec::new();
    let mut warm = ends;
    for cold in bends {
        let varies = c.at(warm) != c.at(cold);
        let pieces = if varies { ((warm - cold) / LONGEST_STRETCH_K).ceil().max(1.0) as usize } else { 1 };
        cut.extend((1..=pieces).map(|n| warm + (cold - warm) * n as f64 / pieces as f64));
        warm = cold;
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn muscle() -> Tissue {
        Tissue {
            name: "muscle".into(),
            density_kg_per_m3: 1000.0,
            unfrozen_w_per_m_k: 0.5,
            unfrozen_j_per_kg_k: 3600.0,
            frozen_w_per_m_k: TemperatureTable::from_pairs(&[(-8.0, 1.5), (-40.0, 2.0), (-150.0, 3.0)]).unwrap(),
            frozen_j_per_kg_k: TemperatureTable::from_pairs(&[(-8.0, 2000.0), (-150.0, 1200.0)]).unwrap(),
            freezing_starts_c: -1.0,
            freezing_ends_c: -8.0,
            latent_j_per_kg: 250e3,
            perfusion_w_per_m3_k: 0.0,
            metabolic_w_per_m3: 0.0,
        }
    }

    #[test]
    fn temperature_enthalpy_and_potential_undo_each_other() {
        let curve = Curve::of(&muscle());
        for n in 0..2400 {
            let celsius = 45.0 - 0.1 * f64::from(n);
            let h = curve.h(celsius);
            assert!((curve.celsius(h) - celsius).abs() < 1e-9, "{celsius}");
            assert!((curve.theta(h) - curve.theta_at(celsius)).abs() < 1e-9, "{celsius}");
            assert!((curve.celsius_of_theta(curve.theta_at(celsius)) - celsius).abs() < 1e-8, "{celsius}");
        }
    }

    #[test]
    fn freezing_takes_the_latent_heat_and_the_mean_sensible_heat() {
        let curve = Curve::of(&muscle());
        // 7 K x (3.6 + 2.0)/2 MJ/m3K + 250 MJ/m3 = 269.6 MJ/m3.
        assert!((curve.h(-1.0) - curve.h(-8.0) - 269.6e6).abs() < 1.0);
    }

    #[test]
    fn the_potential_is_the_integral_of_the_conductivity() {
        let curve = Curve::of(&muscle());
        // Across freezing k is linear: 7 K x (0.5 + 1.5)/2 = 7 W/m; then 32 K x (1.5 + 2.0)/2 = 56 W/m.
        assert!((curve.theta_at(-8.0) + 7.0).abs() < 1e-9);
        assert!((curve.theta_at(-40.0) + 63.0).abs() < 1e-9);
        assert!((curve.theta_at(9.0) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn sensible_heat_of_ice_is_the_integral_of_its_table() {
        let curve = Curve::of(&muscle());
        // From -8 to -150 °C the mean is 1600 J/kgK: 142 K x 1.6 MJ/m3K = 227.2 MJ/m3; pieces of a linear c are exact.
        assert!((curve.h(-8.0) - curve.h(-150.0) - 227.2e6).abs() < 10.0);
    }

    #[test]
    fn the_coldest_ice_spreads_heat_fastest() {
        let curve = Curve::of(&muscle());
        let warm = curve.largest_diffusivity(-20.0, 37.0);
        let cold = curve.largest_diffusivity(-150.0, 37.0);
        assert!(cold > 1.5 * warm, "{cold} {warm}");
        assert!((curve.largest_diffusivity(0.0, 37.0) - 0.5 / 3.6e6).abs() < 1e-15);
    }
}
