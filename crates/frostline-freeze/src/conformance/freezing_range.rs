//! V4: freezing over a range of temperatures, from a wall; around a line see `sinks`.

use super::check::Spread;
use super::order::{Levels, levels};
use super::sinks::{RANGE_FLOOR, RANGE_FRONT, range_lines};
use super::slabs::{answer, edges, range_medium, range_tissue, row, row_errors_k};
use super::{Check, Suite};
use crate::exact::{FreezingRange, RangeConductivity, RangeMedium};
use crate::{FreezeHistory, OuterFace, Start};

/// The wall of all cases. Unit: °C.
const WALL_C: f64 = -70.0;
const CELL_MM: f64 = 0.5;

/// V4: three ranges with the conductivity linear within, as tissue has it, and one with equal conductivities frozen and
/// unfrozen, where the constant one of the textbooks is the same; then the lines.
pub(super) fn freezing_ranges(suite: Suite) -> Vec<Check> {
    let all = [
        (-8.0, RangeConductivity::Linear),
        (-2.0, RangeConductivity::Linear),
        (-20.0, RangeConductivity::Linear),
        (-8.0, RangeConductivity::Mean),
    ];
    let times: &[f64] = if suite.is_full() { &[60.0, 180.0, 600.0] } else { &[180.0] };
    let mut checks = Vec::new();
    for (ends_c, conductivity) in all {
        let slab = Slab { suite, range: range_medium(ends_c, conductivity), ends_c };
        let law = if conductivity == RangeConductivity::Linear { "linear k" } else { "equal k" };
        let name = format!("slab, -1 to {ends_c} °C, {law}");
        for &time_s in times {
            checks.extend(slab.checks(&name, time_s));
        }
        if ends_c <= -8.0 {
            let name = format!("{name}, 180 s, rms of T");
            let list = levels([1.0, 0.5, 0.25], |mm| slab.solved(mm, 180.0).field_k.rms);
            checks
                .push(Levels { problem: "V4", name: &name, units: ("mm", "K"), list }.check(RANGE_FLOOR, RANGE_FRONT));
        }
    }
    checks.extend(range_lines(suite));
    checks
}

/// A half-space that freezes over a range.
struct Slab {
    suite: Suite,
    range: RangeMedium,
    ends_c: f64,
}

struct SlabFound {
    /// Depths of both ends of the range. Unit: mm.
    fronts_mm: [f64; 2],
    field_k: Spread,
}

impl Slab {
    fn exact(&self) -> FreezingRange {
        FreezingRange::half_space(self.range, WALL_C)
    }

    fn solved(&self, cell_mm: f64, time_s: f64) -> SlabFound {
        let count = (100.0 / cell_mm).round() as usize;
        let mut parts = row(edges(0.0, 100.0, count), range_tissue(&self.range), time_s);
        parts.start = Start::Uniform { celsius: self.range.medium.start_c };
        parts.outer[0] = OuterFace::Held { celsius: WALL_C };
        let history = answer(self.suite, parts, 1.0);
        let exact = self.exact();
        let field_k = row_errors_k(&history, &history.last_c, 30.0, |x| exact.celsius(x * 1e-3, time_s));
        let fronts_mm = [self.ends_c, self.range.medium.freezing_c].map(|c| depth_mm(&history, c));
        SlabFound { fronts_mm, field_k }
    }

    fn checks(&self, name: &str, time_s: f64) -> Vec<Check> {
        let (exact, found) = (self.exact(), self.solved(CELL_MM, time_s));
        let expected = [exact.ended_m(time_s) * 1e3, exact.started_m(time_s) * 1e3];
        let note = "similarity through the range; 0.5 mm cells";
        // Physics notes, V4: a quarter cell and 0.3 K. A range of 1 K is narrower than a cell, so that a cell freezes while
        // the front stands still, up to half a cell from the exact one in ice of up to 12 K/mm.
        let (share, rms_k, worst_k) = if self.ends_c > -4.0 { (0.5, 0.5, 3.5) } else { (0.25, 0.3, 1.5) };
        let mut checks = Vec::new();
        for ((what, expected_mm), found_mm) in ["frozen", "freezing"].into_iter().zip(expected).zip(found.fronts_mm) {
            let check = Check::of("V4", format!("{name}, {time_s} s: {what} to"), "mm");
            checks.push(check.near(expected_mm, found_mm, share * CELL_MM, note));
        }
        let field = Check::of("V4", format!("{name}, {time_s} s: rms of T to 30 mm"), "K");
        checks.push(field.error_of(found.field_k, rms_k, worst_k, note));
        checks
    }
}

/// Where a row of cells passes a temperature, straight between two centres. Unit: mm.
fn depth_mm(history: &FreezeHistory, celsius: f64) -> f64 {
    let (x, t) = (&history.grid.centres_mm()[0], &history.last_c);
    let Some(after) = t.iter().position(|&t| f64::from(t) > celsius) else { return f64::NAN };
    if after == 0 {
        return f64::NAN;
    }
    let (before_c, after_c) = (f64::from(t[after - 1]), f64::from(t[after]));
    x[after - 1] + (x[after] - x[after - 1]) * (celsius - before_c) / (after_c - before_c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freezing_over_a_range_holds_in_brief() {
        for check in freezing_ranges(Suite::BRIEF) {
            assert!(check.passes(), "{check:?}");
        }
    }
}
