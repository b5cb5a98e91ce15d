//! How fast errors shrink with the cell or the step: the observed order at three resolutions.

use super::Check;

/// The error at one resolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Level {
    /// Cell (mm) or step (s).
    pub(super) size: f64,
    /// Its sign does not matter.
    pub(super) error: f64,
}

/// Errors at three resolutions, and the order that the scheme should show.
pub(super) struct Levels<'a> {
    pub(super) problem: &'static str,
    /// What shrinks: `T in the slab`.
    pub(super) name: &'a str,
    /// Of the sizes and of the errors.
    pub(super) units: (&'a str, &'a str),
    pub(super) list: [Level; 3],
}

impl Levels<'_> {
    /// Slope of ln error over ln size: least squares through all three.
    fn order(&self) -> f64 {
        let points = self.list.map(|l| (l.size.ln(), l.error.abs().ln()));
        let mean = |of: fn((f64, f64)) -> f64| points.iter().map(|&p| of(p)).sum::<f64>() / 3.0;
        let (x, y) = (mean(|p| p.0), mean(|p| p.1));
        let rise: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
        rise / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
    }

    /// The observed order must reach `floor`, for the reason given.
    pub(super) fn check(&self, floor: f64, why: &str) -> Check {
        let list = |of: fn(&Level) -> String| self.list.iter().map(of).collect::<Vec<_>>().join(", ");
        let errors = list(|l| format!("{:.2e}", l.error.abs()));
        let sizes = list(|l| format!("{}", (1e3 * l.size).round() / 1e3));
        let (size_unit, error_unit) = self.units;
        let note = format!("errors {errors} {error_unit} at {sizes} {size_unit}; {why}");
        Check::of(self.problem, format!("order of {}", self.name), "").at_least(floor, self.order(), note)
    }
}

/// The errors at three sizes.
pub(super) fn levels(sizes: [f64; 3], error: impl Fn(f64) -> f64) -> [Level; 3] {
    sizes.map(|size| Level { size, error: error(size) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(errors: [f64; 3]) -> Levels<'static> {
        let [a, b, c] = errors;
        let list = [(1.0, a), (0.5, b), (0.25, c)].map(|(size, error)| Level { size, error });
        Levels { problem: "V0", name: "x", units: ("mm", "K"), list }
    }

    #[test]
    fn errors_that_fall_by_four_are_of_second_order() {
        assert!((of([-0.16, 0.04, -0.01]).order() - 2.0).abs() < 1e-12);
        assert!(of([0.16, 0.04, 0.01]).check(1.99, "").passes());
        assert!(!of([0.16, 0.04, 0.01]).check(2.01, "").passes());
    }

    #[test]
    fn an_error_that_is_not_a_number_has_no_order() {
        assert!(!of([0.16, f64::NAN, 0.01]).check(0.0, "").passes());
    }
}
