//! How far off a row of numbers is.

use serde::Serialize;

/// Errors of many comparisons: found less measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// How many were compared.
    pub count: usize,
    /// Mean error: above 0 where the program is too large or too warm.
    pub mean: f64,
    /// Root of the mean square.
    pub rms: f64,
    /// The largest error, with its sign.
    pub worst: f64,
    /// When that was. Unit: s.
    pub worst_at_s: f64,
}

impl Statistics {
    /// Of pairs of (time in s, error); nothing of none.
    pub fn of(errors: &[(f64, f64)]) -> Option<Self> {
        let worst = errors.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
        let count = errors.len() as f64;
        Some(Self {
            count: errors.len(),
            mean: errors.iter().map(|e| e.1).sum::<f64>() / count,
            rms: (errors.iter().map(|e| e.1 * e.1).sum::<f64>() / count).sqrt(),
            worst: worst.1,
            worst_at_s: worst.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_error_keeps_its_sign_and_time() {
        let s = Statistics::of(&[(1.0, 3.0), (2.0, -4.0), (3.0, 1.0)]).unwrap();
        // Mean (3 - 4 + 1) / 3 = 0; squares 9 + 16 + 1 = 26.
        assert_eq!((s.count, s.mean, s.worst, s.worst_at_s), (3, 0.0, -4.0, 2.0));
        assert!((s.rms - (26.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(Statistics::of(&[]), None);
    }
}
