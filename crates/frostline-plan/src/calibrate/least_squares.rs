//! Weighted least squares on a handful of numbers, each of which costs a simulation to vary.
//!
//! Gauss-Newton with damping (Levenberg-Marquardt) inside bounds. A dozen lines of dense algebra do not need a crate.

/// A symmetric positive definite system in Cholesky form; `None` when a number is not determined.
pub(super) fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut lower = vec![vec![0.0; n]; n];
    for row in 0..n {
        for column in 0..=row {
            let product: f64 = (0..column).map(|k| lower[row][k] * lower[column][k]).sum();
            let rest = matrix[row][column] - product;
            if row == column {
                // What is left of a diagonal after the other numbers explained it: rounding is no information.
                if rest.is_nan() || rest <= matrix[row][row].abs() * 1e-12 {
                    return None;
                }
                lower[row][row] = rest.sqrt();
            } else {
                lower[row][column] = rest / lower[column][column];
            }
        }
    }
    Some(lower)
}

/// Solves with the Cholesky form.
pub(super) fn solve(lower: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let n = right.len();
    let mut x = right.to_vec();
    for row in 0..n {
        let known: f64 = (0..row).map(|k| lower[row][k] * x[k]).sum();
        x[row] = (x[row] - known) / lower[row][row];
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|k| lower[k][row] * x[k]).sum();
        x[row] = (x[row] - known) / lower[row][row];
    }
    x
}

/// The inverse: variances on the diagonal.
pub(super) fn inverse(lower: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = lower.len();
    (0..n).map(|column| solve(lower, &(0..n).map(|row| f64::from(row == column)).collect::<Vec<_>>())).collect()
}

/// The sums that make a linear least squares problem: rows are added one by one.
#[derive(Clone, Debug)]
pub(super) struct Normal {
    pub matrix: Vec<Vec<f64>>,
    pub right: Vec<f64>,
}

impl Normal {
    pub fn new(unknowns: usize) -> Self {
        Self { matrix: vec![vec![0.0; unknowns]; unknowns], right: vec![0.0; unknowns] }
    }

    /// A residual (measured less predicted), what it gains per unknown, and its standard deviation.
    pub fn add(&mut self, residual: f64, gains: &[(usize, f64)], deviation: f64) {
        let weight = 1.0 / (deviation * deviation);
        for &(row, a) in gains {
            self.right[row] += weight * a * residual;
            for &(column, b) in gains {
                self.matrix[row][column] += weight * a * b;
            }
        }
    }

    /// The step that solves it, with `damping` times the diagonal added to the first `damped` unknowns. `None` when an
    /// unknown is not determined.
    pub fn step(&self, damping: f64, damped: usize) -> Option<Vec<f64>> {
        let mut matrix = self.matrix.clone();
        for (n, row) in matrix.iter_mut().enumerate().take(damped) {
            row[n] *= 1.0 + damping;
        }
        Some(solve(&cholesky(&matrix)?, &self.right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_through_three_points_is_found_with_its_variances() {
        // y = 1 + 2 x at 0, 1, 2 with standard deviation 0.5: the textbook covariance is 0.25 x [[5, -3], [-3, 3]] / 6.
        let mut normal = Normal::new(2);
        for (x, y) in [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)] {
            normal.add(y, &[(0, 1.0), (1, x)], 0.5);
        }
        let line = normal.step(0.0, 2).unwrap();
        // A few roundings of numbers below 100.
        assert!((line[0] - 1.0).abs() < 1e-12 && (line[1] - 2.0).abs() < 1e-12, "{line:?}");
        let covariance = inverse(&cholesky(&normal.matrix).unwrap());
        assert!((covariance[0][0] - 0.25 * 5.0 / 6.0).abs() < 1e-12);
        assert!((covariance[0][1] + 0.25 * 3.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn two_unknowns_that_only_appear_as_a_sum_are_not_determined() {
        let mut normal = Normal::new(2);
        normal.add(1.0, &[(0, 1.0), (1, 1.0)], 1.0);
        normal.add(2.0, &[(0, 1.0), (1, 1.0)], 1.0);
        assert_eq!(normal.step(0.0, 2), None);
    }
}
