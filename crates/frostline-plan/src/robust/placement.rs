//! How far from its aim a tip lands: a normal error whose size itself scatters, so that published mean and spread are met.
//!
//! The published spread of the distance is larger than its mean, which no normal error has (0.42 of the mean at most). So the
//! error is `S (across z1, across z2, along z3)` with normal z and a log-normal S. Its distance has the mean
//! `E[S] E|A z|` and the square `E[S2] E|A z|2`; both are known in closed form up to one integral, and give the two free
//! numbers, the scatter across and the spread of S.

use crate::catalogue::Placement;

/// The law of one kind of placement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PlacementLaw {
    /// Scatter across the shaft at the median size. Unit: mm.
    pub across_mm: f64,
    /// Scatter along the shaft at the median size. Unit: mm.
    pub along_mm: f64,
    /// Standard deviation of the logarithm of the size.
    pub log_size: f64,
    /// Bias along the shaft. Unit: mm.
    pub deeper_mm: f64,
    /// Bias towards the nerve. Unit: mm.
    pub towards_mm: f64,
}

/// Pieces of the integral; Simpson's rule on a smooth function leaves 1e-12 of it.
const PIECES: usize = 200;

impl PlacementLaw {
    /// The law with the mean and the standard deviation of the catalogue.
    pub(crate) fn of(placement: &Placement) -> Self {
        let (error, shape) = (placement.error.value, placement.shape.value);
        let ratio = shape.along_over_across;
        // E|z| of an isotropic normal vector, times the mean of |A d| over directions d.
        let mean_of_one = (8.0 / std::f64::consts::PI).sqrt() * mean_stretch(ratio);
        let square_of_one = ratio * ratio + 2.0;
        let spread = 1.0 + (error.sd_mm / error.mean_mm).powi(2);
        let log_square = (spread * mean_of_one * mean_of_one / square_of_one).ln().max(0.0);
        // E[S] = median exp(log_square / 2).
        let across_mm = error.mean_mm / (mean_of_one * (0.5 * log_square).exp());
        Self {
            across_mm,
            along_mm: ratio * across_mm,
            log_size: log_square.sqrt(),
            deeper_mm: shape.deeper_mm,
            towards_mm: shape.towards_nerve_mm,
        }
    }

    /// Where the tip lands, from four standard normal numbers.
    pub(crate) fn landing(&self, z: [f64; 4]) -> Landing {
        let size = (self.log_size * z[3]).exp();
        Landing {
            towards_mm: self.towards_mm + size * self.across_mm * z[0],
            beside_mm: size * self.across_mm * z[1],
            along_mm: self.deeper_mm + size * self.along_mm * z[2],
            size,
        }
    }
}

/// Where a tip lands, against its aim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Landing {
    /// Across the shaft, towards the nerve. Unit: mm.
    pub towards_mm: f64,
    /// Across the shaft, square to that. Unit: mm.
    pub beside_mm: f64,
    /// Deeper along the shaft. Unit: mm.
    pub along_mm: f64,
    /// By how much the scatter of this insertion is that of the median one.
    pub size: f64,
}

impl Landing {
    /// Distance from the aim. Unit: mm.
    pub(crate) fn distance_mm(&self) -> f64 {
        self.towards_mm.hypot(self.beside_mm).hypot(self.along_mm)
    }
}

/// Mean over directions of the length of a unit vector whose part along the axis is stretched.
fn mean_stretch(ratio: f64) -> f64 {
    let length = |n: usize| {
        let along = n as f64 / PIECES as f64;
        (1.0 + (ratio * ratio - 1.0) * along * along).sqrt()
    };
    let weight = |n: usize| match n {
        0 | PIECES => 1.0,
        odd if odd % 2 == 1 => 4.0,
        _ => 2.0,
    };
    (0..=PIECES).map(|n| weight(n) * length(n)).sum::<f64>() / (3.0 * PIECES as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Catalogues, UncertaintyChoice};
    use crate::robust::sobol::Sobol;

    /// Mean and standard deviation of the distance of many landings.
    fn drawn(law: &PlacementLaw, count: u32) -> (f64, f64) {
        let sobol = Sobol::new(11);
        let one = |n| law.landing([0, 1, 2, 3].map(|d| sobol.normal(n, d))).distance_mm();
        let all: Vec<f64> = (0..count).map(one).collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let square = all.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / all.len() as f64;
        (mean, square.sqrt())
    }

    #[test]
    fn landings_have_the_mean_and_the_spread_that_were_published() {
        let known = Catalogues::bundled().unwrap().uncertainties;
        for (id, mean_mm, sd_mm) in [("freehand", 3.5, 3.7), ("tracked", 1.5, 2.4)] {
            let (mean, sd) = drawn(&PlacementLaw::of(known.placement(id).unwrap()), 1 << 16);
            // 65536 independent draws would scatter by sd/256 = 0.015 mm in the mean; the spread of so heavy a tail converges
            // slower, by its fourth moment to about 2 %.
            assert!((mean - mean_mm).abs() < 0.02 && (sd / sd_mm - 1.0).abs() < 0.03, "{id}: {mean} {sd}");
        }
    }

    #[test]
    fn a_shaft_that_slips_lengthwise_keeps_the_mean_distance() {
        let choice = UncertaintyChoice { along_over_across: Some(2.0), ..UncertaintyChoice::default() };
        let known = Catalogues::bundled().unwrap().uncertainties.with(&choice).unwrap();
        let law = PlacementLaw::of(known.placement("freehand").unwrap());
        assert_eq!(law.along_mm, 2.0 * law.across_mm);
        let (mean, sd) = drawn(&law, 1 << 16);
        assert!((mean - 3.5).abs() < 0.02 && (sd / 3.7 - 1.0).abs() < 0.03, "{mean} {sd}");
    }
}
