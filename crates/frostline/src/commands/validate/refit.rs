//! Fits the one number of a run again.

use super::compare::Comparison;
use super::experiment_file::FittedRow;
use super::solve::{Prepared, SolveError};

/// Solutions that a fit may cost: golden sections reduce the range to 0.618^12 = 0.3 % of itself.
const SOLUTIONS: usize = 14;

/// The value at which the run meets what it is fitted on best.
pub fn refitted(prepared: &Prepared, row: &FittedRow) -> Result<f64, SolveError> {
    let cost = |value: f64| Ok(misfit(&prepared.solved(Some((row.what, value)))?, &row.on));
    least(row.least, row.most, cost)
}

/// Golden section: where a function with one valley is least.
fn least<E>(from: f64, to: f64, mut cost: impl FnMut(f64) -> Result<f64, E>) -> Result<f64, E> {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    let (mut low, mut high) = (from, to);
    let mut left = high - GOLDEN * (high - low);
    let mut right = low + GOLDEN * (high - low);
    let (mut at_left, mut at_right) = (cost(left)?, cost(right)?);
    for _ in 2..SOLUTIONS {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = cost(left)?;
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = cost(right)?;
        }
    }
    Ok(if at_left <= at_right { left } else { right })
}

/// Root mean square of the part, or error of the size, that is fitted on. A size is named by its isotherm: "0 °C".
fn misfit(comparison: &Comparison, on: &str) -> f64 {
    let part = comparison.parts.iter().find(|part| part.name == on).and_then(|part| part.all);
    let size = || comparison.sizes.iter().find(|size| format!("{:.0} °C", size.celsius) == on);
    match part {
        Some(all) => all.rms,
        None => size().map_or(f64::INFINITY, |size| size.error_mm().abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottom_of_a_valley_is_found_within_a_hundredth_of_the_range() {
        let mut solutions = 0;
        let found = least(-10.0, 10.0, |x: f64| {
            solutions += 1;
            Ok::<f64, ()>((x - 3.3).abs())
        });
        assert!((found.unwrap() - 3.3).abs() < 0.2);
        assert_eq!(solutions, SOLUTIONS);
    }
}
