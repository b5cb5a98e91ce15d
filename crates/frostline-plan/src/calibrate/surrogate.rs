//! A smooth stand-in for the simulation around a law.
//!
//! Where a front passes from cell to cell, single predicted values jump by up to a kelvin when the law changes a little. The
//! stand-in is a parabola through two dozen simulations for every value: its slopes can be trusted, and what the
//! simulations scatter around it says how much each value owes to the cells.

use super::least_squares::{cholesky, solve};
use super::model::Prediction;

/// Simulations per free number, from end to end of the span.
const ACROSS: [f64; 5] = [-1.0, -0.5, 0.0, 0.5, 1.0];

/// Where to simulate, in spans from the centre: a line for one number, a square for two.
pub(super) fn places(free: usize) -> Vec<Vec<f64>> {
    if free == 1 {
        return ACROSS.iter().map(|&x| vec![x]).collect();
    }
    ACROSS.iter().flat_map(|&x| ACROSS.iter().map(move |&y| vec![x, y])).collect()
}

/// 1, the numbers, and their products.
fn terms(x: &[f64]) -> Vec<f64> {
    match x {
        [x] => vec![1.0, *x, x * x],
        _ => vec![1.0, x[0], x[1], x[0] * x[0], x[0] * x[1], x[1] * x[1]],
    }
}

/// The slopes of [`terms`] along one number.
fn slopes_of_terms(x: &[f64], along: usize) -> Vec<f64> {
    match (x, along) {
        ([x], _) => vec![0.0, 1.0, 2.0 * x],
        (_, 0) => vec![0.0, 1.0, 0.0, 2.0 * x[0], x[1], 0.0],
        _ => vec![0.0, 0.0, 1.0, 0.0, x[0], 2.0 * x[1]],
    }
}

/// A parabola for every predicted value.
#[derive(Clone, Debug)]
pub(super) struct Surrogate {
    values: Vec<Vec<f64>>,
    slopes: Vec<Vec<f64>>,
    surface: Vec<f64>,
    steady_power_w: f64,
    /// Variance of the simulations around each value.
    pub jumps: Vec<f64>,
}

impl Surrogate {
    /// Through simulations at places in spans from the centre; `None` when the places do not determine a parabola.
    pub fn through(places: &[Vec<f64>], simulated: &[Prediction]) -> Option<Self> {
        let rows: Vec<Vec<f64>> = places.iter().map(|place| terms(place)).collect();
        let count = rows.first()?.len();
        let product = |a: usize, b: usize| rows.iter().map(|row| row[a] * row[b]).sum();
        let matrix: Vec<Vec<f64>> = (0..count).map(|a| (0..count).map(|b| product(a, b)).collect()).collect();
        let lower = cholesky(&matrix)?;
        let fit = |of: &dyn Fn(&Prediction) -> f64| {
            let right = |a: usize| rows.iter().zip(simulated).map(|(row, p)| row[a] * of(p)).sum();
            solve(&lower, &(0..count).map(right).collect::<Vec<f64>>())
        };
        let observations = simulated.first()?.values.len();
        let values: Vec<Vec<f64>> = (0..observations).map(|n| fit(&|p| p.values[n])).collect();
        // One more place than terms leaves one degree of freedom; fewer cannot come here.
        let freedom = (rows.len() - count).max(1) as f64;
        let jump = |(n, coefficients): (usize, &Vec<f64>)| {
            let off = rows.iter().zip(simulated).map(|(row, p)| (p.values[n] - dot(row, coefficients)).powi(2));
            off.sum::<f64>() / freedom
        };
        Some(Self {
            jumps: values.iter().enumerate().map(jump).collect(),
            values,
            slopes: (0..observations).map(|n| fit(&|p| p.slopes[n])).collect(),
            surface: fit(&|p| p.surface_c),
            steady_power_w: simulated.iter().map(|p| p.steady_power_w).fold(0.0, f64::max),
        })
    }

    /// What it predicts at a place.
    pub fn predict(&self, x: &[f64]) -> Prediction {
        let terms = terms(x);
        Prediction {
            values: self.values.iter().map(|c| dot(&terms, c)).collect(),
            slopes: self.slopes.iter().map(|c| dot(&terms, c)).collect(),
            surface_c: dot(&terms, &self.surface),
            steady_power_w: self.steady_power_w,
        }
    }

    /// Change of every value, and of the surface temperature, per span along one number.
    pub fn gains(&self, x: &[f64], along: usize) -> (Vec<f64>, f64) {
        let slopes = slopes_of_terms(x, along);
        (self.values.iter().map(|c| dot(&slopes, c)).collect(), dot(&slopes, &self.surface))
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prediction(value: f64) -> Prediction {
        Prediction { values: vec![value], slopes: vec![1.0], surface_c: -50.0, steady_power_w: 1.0 }
    }

    #[test]
    fn a_parabola_is_met_exactly_with_its_slopes_and_without_jumps() {
        let truth = |x: f64, y: f64| 1.0 + 2.0 * x - y + 3.0 * x * x + 0.5 * x * y - 2.0 * y * y;
        let places = places(2);
        let simulated: Vec<_> = places.iter().map(|p| prediction(truth(p[0], p[1]))).collect();
        let smooth = Surrogate::through(&places, &simulated).unwrap();
        // A few dozen roundings of numbers below ten.
        assert!((smooth.predict(&[0.3, -0.7]).values[0] - truth(0.3, -0.7)).abs() < 1e-12);
        // d/dx = 2 + 6 x + 0.5 y = 3.45 there.
        assert!((smooth.gains(&[0.3, -0.7], 0).0[0] - 3.45).abs() < 1e-12);
        assert!(smooth.jumps[0] < 1e-24);
    }

    #[test]
    fn what_jumps_around_the_parabola_is_its_variance() {
        // Signs (+ - 0 - +) without a straight or bent part on a line of five: 1, -2, 0, 2, -1 is orthogonal to 1, x and x2.
        let places = places(1);
        let simulated: Vec<_> = [1.0, -2.0, 0.0, 2.0, -1.0].into_iter().map(prediction).collect();
        let smooth = Surrogate::through(&places, &simulated).unwrap();
        assert!(smooth.predict(&[0.0]).values[0].abs() < 1e-12);
        // Ten in squares over two degrees of freedom.
        assert!((smooth.jumps[0] - 5.0).abs() < 1e-12);
    }

    #[test]
    fn places_on_one_point_determine_no_parabola() {
        let places = vec![vec![0.0]; 5];
        assert!(Surrogate::through(&places, &vec![prediction(1.0); 5]).is_none());
    }
}
