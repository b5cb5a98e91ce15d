//! Enthalpy, temperature and heat potential of one tissue, exactly invertible.
//!
//! Per unit volume, counted from where freezing starts (both are zero there):
//! `H(T) = int rho c dT + latent heat`, unit J/m3, and `theta(T) = int k dT` (Kirchhoff), unit W/m.
//! Heat between two places of one tissue then is `(theta_b - theta_a) / distance`, exact in steady state whatever k(T).
//!
//! A curve is a chain of stretches with constant heat capacity and linear k, so H is piecewise linear and theta piecewise
//! quadratic in T. A linear freezing range is one stretch and exact; in the frozen tables c is its mean over at most 2.5 K;
//! the water activity curve is met by chords that end on it, which keeps T(H) within 0.01 K and theta within 0.013 K times k
//! (`pieces`). Above freezing k is constant, so `T = start + theta / k` there also where lipid melts; H is a straight line
//! of T only above [`Curve::linear_above_h`].

mod pieces;

use crate::tissue::Tissue;
use pieces::{pieces, top_c};

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
    /// Warm to cold: unfrozen, melting lipid where there is any, freezing, frozen in pieces.
    stretches: Vec<Stretch>,
    /// The first stretch to try for an H below `linear_above_h`, and for a temperature below the warmest end.
    by_h: Buckets,
    by_c: Buckets,
    linear_above_h: f64,
    starts_c: f64,
    /// Conductivity over capacity above all that melts. Unit: m2/s.
    unfrozen_diffusivity: f64,
}

/// Buckets for each stretch, so that few buckets hold more than one end.
const BUCKETS_PER_STRETCH: usize = 8;

/// Equal buckets below a value, each with the first stretch to try.
#[derive(Clone, Debug, PartialEq)]
struct Buckets {
    top: f64,
    per_unit: f64,
    first: Vec<u16>,
}

impl Buckets {
    /// Of the warm ends of all stretches but the first one, falling.
    fn of(ends: &[f64]) -> Self {
        let (top, last) = (ends[0], ends[ends.len() - 1]);
        let count = BUCKETS_PER_STRETCH * (ends.len() + 1);
        let per_unit = count as f64 / (top - last).max(1e-9);
        let first_in = |n: usize| {
            let value = top - n as f64 / per_unit;
            ends.partition_point(|&end| end > value).max(1) as u16
        };
        Self { top, per_unit, first: (0..=count).map(first_in).collect() }
    }

    /// For a value below the top.
    #[inline]
    fn first(&self, value: f64) -> usize {
        let bucket = (((self.top - value) * self.per_unit) as usize).min(self.first.len() - 1);
        usize::from(self.first[bucket])
    }
}

impl Curve {
    pub(super) fn of(tissue: &Tissue) -> Self {
        let (starts_c, top_c) = (tissue.freezing_starts_c, top_c(tissue));
        let pieces = pieces(tissue);
        let unfrozen_k = tissue.unfrozen_w_per_m_k;
        // Heat from the start of freezing up to where the pieces begin.
        let (mut top_h, mut warm_c) = (0.0, top_c);
        for piece in pieces.iter().take_while(|piece| piece.cold_c >= starts_c) {
            top_h += piece.capacity * (warm_c - piece.cold_c);
            warm_c = piece.cold_c;
        }
        let top_theta = unfrozen_k * (top_c - starts_c);
        let capacity = tissue.density_kg_per_m3 * tissue.unfrozen_j_per_kg_k;
        let top =
            Stretch { warm_c: top_c, warm_h: top_h, warm_theta: top_theta, capacity, warm_k: unfrozen_k, slope_k: 0.0 };
        let mut stretches = vec![top];
        let (mut next, mut warm_k) = (top, unfrozen_k);
        for piece in pieces {
            let slope_k =
                if piece.cold_c.is_finite() { (warm_k - piece.cold_k) / (next.warm_c - piece.cold_c) } else { 0.0 };
            let stretch = Stretch { capacity: piece.capacity, warm_k, slope_k, ..next };
            stretches.push(stretch);
            let (warm_h, warm_theta) = if piece.cold_c == starts_c {
                // Not the sum of its parts, whose rounding would be left.
                (0.0, 0.0)
            } else {
                (stretch.h(piece.cold_c), stretch.theta(piece.cold_c))
            };
            next = Stretch { warm_c: piece.cold_c, warm_h, warm_theta, ..stretch };
            warm_k = piece.cold_k;
        }
        Self::indexed(stretches, starts_c)
    }

    fn indexed(stretches: Vec<Stretch>, starts_c: f64) -> Self {
        let top = stretches[0];
        let ends = |end: fn(&Stretch) -> f64| Buckets::of(&stretches[1..].iter().map(end).collect::<Vec<_>>());
        let (by_h, by_c) = (ends(|s| s.warm_h), ends(|s| s.warm_c));
        let unfrozen_diffusivity = top.warm_k / top.capacity;
        Self { by_h, by_c, linear_above_h: top.warm_h, starts_c, unfrozen_diffusivity, stretches }
    }

    /// Every stretch, warm to cold: warm end (°C, J/m3, W/m), heat capacity, conductivity at the warm end and its slope.
    #[cfg(feature = "gpu")]
    pub(super) fn stretches(&self) -> impl Iterator<Item = [f64; 6]> {
        self.stretches.iter().map(|s| [s.warm_c, s.warm_h, s.warm_theta, s.capacity, s.warm_k, s.slope_k])
    }

    fn stretch_of_h(&self, h: f64) -> &Stretch {
        if h >= self.linear_above_h {
            return &self.stretches[0];
        }
        let mut n = self.by_h.first(h);
        while n + 1 < self.stretches.len() && self.stretches[n + 1].warm_h >= h {
            n += 1;
        }
        &self.stretches[n]
    }

    fn stretch_of_c(&self, celsius: f64) -> &Stretch {
        if celsius >= self.stretches[0].warm_c {
            return &self.stretches[0];
        }
        let mut n = self.by_c.first(celsius);
        while n + 1 < self.stretches.len() && self.stretches[n + 1].warm_c > celsius {
            n += 1;
        }
        &self.stretches[n]
    }

    /// At and above this H, T and theta are straight lines of H: 0 without lipid, where all lipid is liquid with it.
    /// Unit: J/m3.
    pub(super) fn linear_above_h(&self) -> f64 {
        self.linear_above_h
    }

    /// H where one stretch ends and the next begins; falling. Unit: J/m3.
    pub(super) fn bends_h(&self) -> Vec<f64> {
        self.stretches[1..].iter().map(|stretch| stretch.warm_h).collect()
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
        if h >= self.linear_above_h() {
            return self.stretches[0].warm_theta + self.unfrozen_diffusivity * (h - self.linear_above_h);
        }
        let stretch = self.stretch_of_h(h);
        stretch.theta(stretch.celsius(h))
    }

    /// Heat potential and conductivity at a temperature. Unit: W/m and W/(m K).
    pub(super) fn theta_and_k(&self, celsius: f64) -> (f64, f64) {
        let stretch = self.stretch_of_c(celsius);
        (stretch.theta(celsius), stretch.k(celsius))
    }

    /// Conductivity at a temperature. Unit: W/(m K).
    pub(crate) fn k(&self, celsius: f64) -> f64 {
        self.stretch_of_c(celsius).k(celsius)
    }

    /// Temperature at a heat potential; theta grows with T without end because k is positive. Unit: °C.
    pub(crate) fn celsius_of_theta(&self, theta: f64) -> f64 {
        let below = self.stretches[1..].partition_point(|s| s.warm_theta > theta);
        let top = theta >= self.stretches[0].warm_theta;
        let stretch = if top { &self.stretches[0] } else { &self.stretches[below.max(1)] };
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
        self.starts_c
    }

    /// Heat capacity above freezing and above all melting of lipid. Unit: J/(m3 K).
    pub(super) fn unfrozen_capacity(&self) -> f64 {
        self.stretches[0].capacity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::TemperatureTable;
    use crate::tissue::{Freezing, LipidMelting};

    fn muscle() -> Tissue {
        Tissue {
            name: "muscle".into(),
            density_kg_per_m3: 1000.0,
            unfrozen_w_per_m_k: 0.5,
            unfrozen_j_per_kg_k: 3600.0,
            frozen_w_per_m_k: TemperatureTable::from_pairs(&[(-8.0, 1.5), (-40.0, 2.0), (-150.0, 3.0)]).unwrap(),
            frozen_j_per_kg_k: TemperatureTable::from_pairs(&[(-8.0, 2000.0), (-150.0, 1200.0)]).unwrap(),
            freezing_starts_c: -1.0,
            freezing: Freezing::Linear { ends_c: -8.0, latent_j_per_kg: 250e3 },
            lipid: None,
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

    const FREEZABLE_J_PER_KG: f64 = 220e3;
    const LIPID: LipidMelting = LipidMelting { liquid_above_c: 10.0, solid_below_c: -10.0, latent_j_per_kg: 40e3 };

    /// Ice by water activity with so much latent heat, frozen tables from -10 °C.
    fn by_water_activity(freezable_j_per_kg: f64) -> Tissue {
        Tissue { freezing: Freezing::WaterActivity { freezable_j_per_kg, tables_from_c: -10.0 }, ..muscle() }
    }

    fn real_muscle() -> Tissue {
        by_water_activity(FREEZABLE_J_PER_KG)
    }

    fn fatty(tissue: Tissue) -> Tissue {
        Tissue { lipid: Some(LIPID), ..tissue }
    }

    /// H and theta of [`by_water_activity`] by fine midpoint sums of c(T) and k(T), at steps of 0.01 K below -1 °C.
    fn summed_down_to(coldest_c: f64, freezable_j_per_kg: f64) -> Vec<(f64, f64, f64)> {
        let tissue = by_water_activity(freezable_j_per_kg);
        const PARTS: i32 = 20;
        let step = 0.01 / f64::from(PARTS);
        let (mut h, mut theta, mut list) = (0.0, 0.0, vec![(-1.0, 0.0, 0.0)]);
        let run = |c: f64| ((1.0 + 1.0 / c) / 0.9).min(1.0);
        for n in 0..((-1.0 - coldest_c) / 0.01) as i32 {
            for part in 0..PARTS {
                let c = -1.0 - 0.01 * f64::from(n) - step * (f64::from(part) + 0.5);
                let of = |table: &TemperatureTable, unfrozen: f64| {
                    if c < -10.0 { table.at(c) } else { unfrozen + (table.at(-10.0) - unfrozen) * run(c) }
                };
                h -= step * 1000.0 * (of(&tissue.frozen_j_per_kg_k, 3600.0) + freezable_j_per_kg / (c * c));
                theta -= step * of(&tissue.frozen_w_per_m_k, 0.5);
            }
            list.push((-1.01 - 0.01 * f64::from(n), h, theta));
        }
        list
    }

    #[test]
    fn the_water_activity_curve_is_met_within_a_hundredth_of_a_kelvin() {
        for freezable_j_per_kg in [330e3, FREEZABLE_J_PER_KG, 65e3, 8e3, 0.0] {
            let curve = Curve::of(&by_water_activity(freezable_j_per_kg));
            let (mut worst_t, mut worst_theta) = (0.0_f64, 0.0_f64);
            for (celsius, h, theta) in summed_down_to(-160.0, freezable_j_per_kg) {
                worst_t = worst_t.max((curve.celsius(h) - celsius).abs());
                worst_theta = worst_theta.max((curve.theta(h) - theta).abs() / curve.k(celsius));
            }
            // Found: 0.0099 K for all, in theta 0.0076 to 0.0081 K times k (0.0125 without any latent heat), with 51 to 76
            // stretches. Chords are cut for 0.01 K and for half a per cent of k.
            assert!(worst_t < 0.01, "{worst_t}");
            assert!(worst_theta < 0.013, "{worst_theta}");
            assert!(curve.stretches.len() < 80, "{}", curve.stretches.len());
        }
    }

    #[test]
    fn freezing_adiabatically_takes_the_latent_heat_of_the_ice_and_the_sensible_heat() {
        let curve = Curve::of(&real_muscle());
        // At five times the start 80 % are ice: 176 MJ/m3. Sensible heat falls from 3600 with the ice share, by 1600 over
        // the 90 % of -10 °C; from -1 to -5 °C the share sums to 4 - ln 5 = 2.39056 K: 1000 (14400 - 1600 x 2.39056 / 0.9).
        let expected =
            0.8 * FREEZABLE_J_PER_KG * 1000.0 + 1000.0 * (3600.0 * 4.0 - (3600.0 - c_at_10()) * 2.39056 / 0.9);
        // -5 °C lies within a chord, which is off by at most 0.01 K x 11.4 MJ/(m3 K).
        let chord = 0.01 * curve.largest_capacity_at(-5.0);
        assert!((-curve.h(-5.0) - expected).abs() < chord, "{} {expected} {chord}", curve.h(-5.0));
        // -10 °C is the end of a chord: 90 % and 9 - ln 10 = 6.697415 K, exact but for the digits of the logarithm.
        let expected =
            0.9 * FREEZABLE_J_PER_KG * 1000.0 + 1000.0 * (3600.0 * 9.0 - (3600.0 - c_at_10()) * 6.697415 / 0.9);
        assert!((-curve.h(-10.0) - expected).abs() < 10.0, "{} {expected}", curve.h(-10.0));
    }

    #[test]
    fn conductivity_follows_the_ice() {
        let curve = Curve::of(&real_muscle());
        let table = real_muscle().frozen_w_per_m_k;
        // Half of the water is ice at -2 °C, 80 % at -5 °C, 90 % where the table begins.
        for (celsius, share) in [(-2.0, 0.5), (-5.0, 0.8)] {
            let expected = 0.5 + (table.at(-10.0) - 0.5) * share / 0.9;
            assert!((curve.k(celsius) - expected).abs() < 0.005, "{celsius}: {} {expected}", curve.k(celsius));
        }
        assert!((curve.k(-10.0) - table.at(-10.0)).abs() < 1e-12);
        assert!((curve.k(-100.0) - table.at(-100.0)).abs() < 1e-9);
        assert_eq!(curve.k(-1.0), 0.5);
        assert_eq!(curve.k(30.0), 0.5);
    }

    #[test]
    fn every_curve_undoes_itself_and_is_zero_where_freezing_starts() {
        let lipid_below = LipidMelting { liquid_above_c: -3.0, solid_below_c: -30.0, ..LIPID };
        let lipid_above = LipidMelting { liquid_above_c: 20.0, solid_below_c: 5.0, ..LIPID };
        let below = Tissue { lipid: Some(lipid_below), ..real_muscle() };
        let above = Tissue { lipid: Some(lipid_above), ..real_muscle() };
        for tissue in [real_muscle(), fatty(muscle()), fatty(real_muscle()), below, above] {
            let curve = Curve::of(&tissue);
            assert_eq!((curve.h(-1.0), curve.theta_at(-1.0), curve.celsius(0.0)), (0.0, 0.0, -1.0));
            for n in 0..2600 {
                let celsius = 50.0 - 0.1 * f64::from(n);
                let h = curve.h(celsius);
                assert!((curve.celsius(h) - celsius).abs() < 1e-9, "{celsius}");
                assert!((curve.theta(h) - curve.theta_at(celsius)).abs() < 1e-7, "{celsius}");
                assert!((curve.celsius_of_theta(curve.theta_at(celsius)) - celsius).abs() < 1e-8, "{celsius}");
            }
        }
    }

    #[test]
    fn lipid_gives_its_heat_evenly_above_and_below_freezing() {
        let (lean, fat) = (Curve::of(&real_muscle()), Curve::of(&fatty(real_muscle())));
        // 40 kJ/kg over 20 K: 2 MJ/(m3 K) more, 22 MJ/m3 from +10 to -1 °C and 18 MJ/m3 from there to -10 °C.
        assert!((fat.h(10.0) - lean.h(10.0) - 22e6).abs() < 1.0);
        assert!((fat.h(40.0) - lean.h(40.0) - 22e6).abs() < 1.0);
        assert!((fat.h(0.0) - lean.h(0.0) - 2e6).abs() < 1.0);
        assert!((fat.h(-10.0) - lean.h(-10.0) + 18e6).abs() < 1.0);
        assert!((fat.h(-50.0) - lean.h(-50.0) + 18e6).abs() < 1.0);
        for celsius in [30.0, 5.0, -4.0, -60.0] {
            assert!((fat.theta_at(celsius) - lean.theta_at(celsius)).abs() < 0.01, "lipid changes no conductivity");
        }
    }

    #[test]
    fn above_the_last_melting_all_is_straight_and_the_bends_fall() {
        let tissues = [(muscle(), 0.0), (real_muscle(), 0.0), (fatty(muscle()), 11.0 * (3.6e6 + 2e6))];
        for (tissue, expected) in tissues {
            let curve = Curve::of(&tissue);
            assert!((curve.linear_above_h() - expected).abs() < 1.0, "{}", curve.linear_above_h());
            let bends = curve.bends_h();
            assert_eq!(bends[0], curve.linear_above_h());
            assert!(bends.contains(&0.0));
            assert!(bends.windows(2).all(|pair| pair[1] < pair[0]), "{bends:?}");
            // Above freezing the temperature is theta over the unfrozen conductivity, melting lipid or not.
            for h in [1e5, 1e7, 5e7, 1e8] {
                assert!((curve.celsius(h) - (-1.0 + curve.theta(h) / 0.5)).abs() < 1e-9);
            }
        }
    }

    fn c_at_10() -> f64 {
        real_muscle().frozen_j_per_kg_k.at(-10.0)
    }

    impl Curve {
        fn largest_capacity_at(&self, celsius: f64) -> f64 {
            self.stretch_of_c(celsius).capacity
        }
    }
}
