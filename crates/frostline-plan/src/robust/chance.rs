//! Shares of worlds with their intervals, and bands of numbers.

use serde::Serialize;

/// A share of worlds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Chance {
    /// The share itself. Range: 0 to 1.
    pub probability: f64,
    /// Lower end of its 95 % interval, for the number of worlds that were drawn.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// 97.5 % of a standard normal number lie below.
pub(super) const TWO_SIDED_95: f64 = 1.959_963_985;

impl Chance {
    /// Wilson's interval for `count` of `of`. Evenly drawn worlds scatter less than independent ones, for which it is made,
    /// so it is rather too wide than too narrow.
    pub fn of(count: usize, of: usize) -> Self {
        Self::weighted(count as f64 / of.max(1) as f64, of as f64)
    }

    /// The same for a weighted share that is worth `of` independent worlds.
    pub fn weighted(probability: f64, of: f64) -> Self {
        let of = of.max(1.0);
        let square = TWO_SIDED_95 * TWO_SIDED_95 / of;
        let middle = (probability + 0.5 * square) / (1.0 + square);
        let half = TWO_SIDED_95 * (probability * (1.0 - probability) / of + 0.25 * square / of).sqrt() / (1.0 + square);
        Self { probability, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
    }

    /// Whether a probability lies in the interval.
    pub fn holds(&self, probability: f64) -> bool {
        (self.low..=self.high).contains(&probability)
    }
}

/// Where a number of the assessment lies in 5, 50 and 95 % of the worlds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Band {
    /// Which number.
    pub what: String,
    /// Its unit.
    pub unit: &'static str,
    /// 5 % lie below.
    pub p05: f64,
    /// The median.
    pub p50: f64,
    /// 95 % lie below.
    pub p95: f64,
    /// Share of the worlds that have this number; the band is that of those.
    pub share: f64,
}

/// The value below which a share of sorted values lies, between its neighbours.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let at = share * (sorted.len().checked_sub(1)?) as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

impl Band {
    /// The band of what is known of a number; `None` where no world has it.
    pub(crate) fn of(what: &str, unit: &'static str, values: &[Option<f64>]) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().flatten().collect();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            what: what.to_owned(),
            unit,
            p05: quantile(&sorted, 0.05)?,
            p50: quantile(&sorted, 0.5)?,
            p95: quantile(&sorted, 0.95)?,
            share: sorted.len() as f64 / values.len().max(1) as f64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_half_of_a_hundred_is_that_of_wilson() {
        // (0.5 + 1.92073/100) / 1.0384146 = 0.5; half width 1.96 sqrt(0.0025 + 0.000096037) / 1.0384146 = 0.096170.
        let found = Chance::of(50, 100);
        assert!((found.low - 0.40383).abs() < 1e-5 && (found.high - 0.59617).abs() < 1e-5, "{found:?}");
    }

    #[test]
    fn no_success_in_twenty_still_leaves_a_chance() {
        let found = Chance::of(0, 20);
        // z2/(n + z2) = 3.84146/23.84146.
        assert!(found.low == 0.0 && (found.high - 0.16113).abs() < 1e-5, "{found:?}");
    }

    #[test]
    fn a_band_leaves_out_the_worlds_without_the_number_and_says_how_many_are_left() {
        let values: Vec<Option<f64>> = (0..=20).map(|n| Some(f64::from(n))).chain([None, None, None]).collect();
        let band = Band::of("x", "mm", &values).unwrap();
        assert_eq!((band.p05, band.p50, band.p95, band.share), (1.0, 10.0, 19.0, 21.0 / 24.0));
        assert_eq!(Band::of("x", "mm", &[None]), None);
    }
}
