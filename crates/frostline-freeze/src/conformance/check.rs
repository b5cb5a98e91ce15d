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
    /// Where the expected value and the tolerance come from.
    pub note: String,
}

impl Check {
    /// A number against its expected value.
    pub(super) fn of(problem: &'static str, quantity: impl Into<String>, unit: &'static str) -> CheckBuilder {
        CheckBuilder { problem, quantity: quantity.into(), unit }
    }

    /// True when the error is within the tolerance; false for what is not a number.
    pub fn passes(&self) -> bool {
        self.error.abs() <= self.tolerance
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
            note: note.into(),
        }
    }
}

/// The checks as a table for a terminal, with what failed marked.
pub fn as_text(checks: &[Check]) -> String {
    let width = checks.iter().map(|c| c.quantity.chars().count()).max().unwrap_or(8).max(8);
    let mut text = format!(
        "{:<4} {:<width$} {:>12} {:>12} {:>11} {:>10} {:<5}      note\n",
        "", "quantity", "expected", "found", "error", "allowed", "unit"
    );
    for c in checks {
        let verdict = if c.passes() { "ok  " } else { "FAIL" };
        text.push_str(&format!(
            "{:<4} {:<width$} {:>12.5} {:>12.5} {:>11.2e} {:>10.1e} {:<5} {} {}\n",
            c.problem, c.quantity, c.expected, c.found, c.error, c.tolerance, c.unit, verdict, c.note
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
}
