//! One number that was expected, and the one that was found.

/// One number of the suite.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Which problem: `V1`, `R1`, ...
    pub problem: &'static str,
    /// What was measured.
    pub quantity: String,
    /// Its unit.
    pub unit: &'static str,
    /// The exact or converged value.
    pub expected: f64,
    /// The solver's.
    pub found: f64,
    /// Found less expected; for an error quantity the error itself.
    pub error: f64,
    /// Largest error allowed.
    pub tolerance: f64,
    /// Where `found` is a mean over directions, places or poses: the one that is farthest off, which is held as well.
    pub worst: Option<Worst>,
    /// Where the expected value and the tolerance come from.
    pub note: String,
}

/// The single value that is farthest off among those that a check takes the mean of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worst {
    /// The value less what is expected.
    pub error: f64,
    /// Largest error allowed.
    pub tolerance: f64,
}

impl Check {
    /// A number against its expected value.
    pub(super) fn of(problem: &'static str, quantity: impl Into<String>, unit: &'static str) -> CheckBuilder {
        CheckBuilder { problem, quantity: quantity.into(), unit }
    }

    /// True when the error, and the worst one where there is one, is within its tolerance; false for what is not a number.
    pub fn passes(&self) -> bool {
        let worst_passes = self.worst.is_none_or(|w| w.error.abs() <= w.tolerance);
        self.error.abs() <= self.tolerance && worst_passes
    }

    /// Holds the value that is farthest off too.
    pub(super) fn with_worst(self, error: f64, tolerance: f64) -> Self {
        Self { worst: Some(Worst { error, tolerance }), ..self }
    }
}

/// A named quantity that waits for its numbers.
pub(super) struct CheckBuilder {
    problem: &'static str,
    quantity: String,
    unit: &'static str,
}

impl CheckBuilder {
    /// `found` must lie within `tolerance` of `expected`.
    pub(super) fn near(self, expected: f64, found: f64, tolerance: f64, note: impl Into<String>) -> Check {
        Check {
            problem: self.problem,
            quantity: self.quantity,
            unit: self.unit,
            expected,
            found,
            error: found - expected,
            tolerance,
            worst: None,
            note: note.into(),
        }
    }

    /// `found` must not lie below `least`; what lies above it is no error.
    pub(super) fn at_least(self, least: f64, found: f64, note: impl Into<String>) -> Check {
        let check = self.near(least, found, 0.0, note);
        // `clamp` keeps what is not a number.
        Check { error: check.error.clamp(f64::NEG_INFINITY, 0.0), ..check }
    }

    /// An error by the root of its mean square and by the largest: neither may exceed its limit.
    pub(super) fn error_of(self, spread: Spread, rms_limit: f64, worst_limit: f64, note: impl Into<String>) -> Check {
        self.near(0.0, spread.rms, rms_limit, note).with_worst(spread.worst, worst_limit)
    }
}

/// Many errors: their mean, the root of their mean square, and the one of largest size with its sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) mean: f64,
    pub(super) rms: f64,
    pub(super) worst: f64,
}

impl Spread {
    /// Not a number throughout when there is none, or when any is not a number.
    pub(super) fn of(errors: impl IntoIterator<Item = f64>) -> Self {
        let (mut count, mut sum, mut squares, mut worst) = (0.0, 0.0, 0.0, 0.0_f64);
        for e in errors {
            count += 1.0;
            sum += e;
            squares += e * e;
            if e.is_nan() || e.abs() > worst.abs() {
                worst = e;
            }
        }
        if count == 0.0 || f64::is_nan(sum) {
            return Self { mean: f64::NAN, rms: f64::NAN, worst: f64::NAN };
        }
        Self { mean: sum / count, rms: f64::sqrt(squares / count), worst }
    }
}

/// The checks as a table for a terminal, with what failed marked. `worst` is the largest error where `found` is a mean or a
/// root of a mean square.
pub fn as_text(checks: &[Check]) -> String {
    let width = checks.iter().map(|c| c.quantity.chars().count()).max().unwrap_or(8).max(8);
    let mut text = format!(
        "{:<4} {:<width$} {:>11} {:>11} {:>10} {:>8} {:>10} {:>8} {:<5}      note\n",
        "", "quantity", "expected", "found", "error", "allowed", "worst", "allowed", "unit"
    );
    for c in checks {
        let verdict = if c.passes() { "ok  " } else { "FAIL" };
        let worst =
            c.worst.map_or(format!("{:>10} {:>8}", "", ""), |w| format!("{:>10.2e} {:>8.1e}", w.error, w.tolerance));
        text.push_str(&format!(
            "{:<4} {:<width$} {:>11.5} {:>11.5} {:>10.2e} {:>8.1e} {worst} {:<5} {verdict} {}\n",
            c.problem, c.quantity, c.expected, c.found, c.error, c.tolerance, c.unit, c.note
        ));
    }
    let failed = checks.iter().filter(|c| !c.passes()).count();
    text.push_str(&format!("{} of {} numbers hold\n", checks.len() - failed, checks.len()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_not_a_number_never_passes() {
        let check = Check::of("V0", "x", "mm").near(1.0, f64::NAN, 1.0, "");
        assert!(!check.passes());
        assert!(as_text(&[check]).contains("0 of 1 numbers hold"));
    }

    #[test]
    fn a_number_at_the_tolerance_passes() {
        assert!(Check::of("V0", "x", "mm").near(1.0, 1.5, 0.5, "").passes());
        assert!(!Check::of("V0", "x", "mm").near(1.0, 1.75, 0.5, "").passes());
    }

    #[test]
    fn a_good_mean_does_not_hide_a_bad_worst() {
        let mean = Check::of("V0", "x", "mm").near(1.0, 1.0, 0.5, "");
        assert!(mean.clone().with_worst(-0.5, 0.5).passes());
        assert!(!mean.clone().with_worst(-0.6, 0.5).passes());
        assert!(!mean.with_worst(f64::NAN, 0.5).passes());
    }

    #[test]
    fn at_least_passes_above_and_fails_below() {
        let of = |found| Check::of("V0", "order", "").at_least(1.9, found, "");
        assert!(of(1.9).passes() && of(3.0).passes());
        assert!(!of(1.89).passes() && !of(f64::NAN).passes());
    }

    #[test]
    fn a_spread_keeps_the_sign_of_the_worst_and_nothing_passes_by_being_absent() {
        let spread = Spread::of([3.0, -4.0, 1.0]);
        assert_eq!((spread.mean, spread.worst), (0.0, -4.0));
        // sqrt((9 + 16 + 1)/3)
        assert!((spread.rms - (26.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!(Spread::of([]).rms.is_nan() && Spread::of([1.0, f64::NAN]).worst.is_nan());
    }
}
