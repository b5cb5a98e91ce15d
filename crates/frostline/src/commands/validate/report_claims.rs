//! The first table of the report: each claim, what it rests on, how far off that is in the mean and at most, and where it holds.

use std::collections::BTreeMap;

use frostline_freeze::conformance::Check;
use frostline_plan::Level;
use frostline_record::report::{Align, Block, Cell, Row, Section};

use super::experiment_file::Role;
use super::outcome::Outcome;
use super::report::{Evidence, table};
use super::words::Claim;

/// Errors in one unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Off {
    count: usize,
    sum: f64,
    /// The largest, without its sign.
    pub(super) largest: f64,
}

impl Off {
    fn take(&mut self, count: usize, size: f64, largest: f64) {
        self.count += count;
        self.sum += count as f64 * size;
        // What is not a number must not vanish in a maximum.
        let none = largest.is_nan() || self.largest.is_nan();
        self.largest = if none { f64::NAN } else { self.largest.max(largest) };
    }

    /// Mean of the sizes of all errors.
    pub(super) fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }
}

/// Whether a check asks the recorded reference rather than the solver.
pub(super) fn asks_reference(check: &Check) -> bool {
    check.quantity.starts_with("axisymmetric")
}

/// Errors of the solver by unit: lengths, temperatures and percentages. The largest includes the worst direction, place or
/// pose of what a check takes the mean of.
pub(super) fn off<'a>(checks: impl Iterator<Item = &'a Check>) -> BTreeMap<&'static str, Off> {
    let mut all: BTreeMap<&'static str, Off> = BTreeMap::new();
    for check in checks.filter(|c| !asks_reference(c)) {
        let unit = match check.unit {
            "°C" => "K",
            unit @ ("mm" | "K" | "%") => unit,
            _ => continue,
        };
        let size = check.error.abs();
        let worst = check.worst.map_or(size, |w| if size.is_nan() { size } else { w.error.abs().max(size) });
        all.entry(unit).or_default().take(1, size, worst);
    }
    all
}

/// The same of an experiment: couples and sizes that were not fitted on, or that were.
fn off_of(outcome: &Outcome, fitted: bool) -> BTreeMap<&'static str, Off> {
    let mut all: BTreeMap<&'static str, Off> = BTreeMap::new();
    let wanted = |role: Role| (role == Role::Fitted) == fitted;
    for comparison in outcome.runs.iter().map(|run| &run.comparison) {
        for part in comparison.parts.iter().filter(|part| wanted(part.role)) {
            let holds =
                |o: &&super::compare::Part| o.role == part.role && o.from_s <= part.from_s && part.to_s <= o.to_s;
            // A stretch inside another one counts there.
            if comparison.parts.iter().filter(holds).count() > 1 {
                continue;
            }
            if let Some(s) = part.all {
                all.entry("K rms").or_default().take(s.count, s.rms, s.worst.abs());
            }
        }
        for size in comparison.sizes.iter().filter(|size| wanted(size.role)) {
            let error_mm = size.error_mm().abs();
            all.entry("mm").or_default().take(1, error_mm, error_mm);
        }
    }
    all
}

/// "0.02 mm, 0.11 K", by the mean or the largest.
pub(super) fn said(all: &BTreeMap<&'static str, Off>, of: impl Fn(&Off) -> f64) -> String {
    let digits = |number: f64| if number < 0.1 { format!("{number:.3}") } else { format!("{number:.2}") };
    all.iter().map(|(unit, off)| format!("{} {unit}", digits(of(off)))).collect::<Vec<_>>().join(", ")
}

/// "0.02 mm, 0.11 K" of the exact problems of a claim, then the same of each of its experiments.
fn said_of(evidence: &Evidence, claim: &Claim, of: impl Fn(&Off) -> f64 + Copy) -> String {
    let named = |id: &str| claim.evidence.iter().any(|e| e == id);
    let mut parts = Vec::new();
    let exact = off(evidence.checks.iter().filter(|check| named(check.problem)));
    if !exact.is_empty() {
        parts.push(said(&exact, of));
    }
    for outcome in evidence.outcomes.iter().filter(|outcome| named(&outcome.id)) {
        for (fitted, word) in [(false, "judged"), (true, "fitted on")] {
            let all = off_of(outcome, fitted);
            if !all.is_empty() {
                parts.push(format!("{} {word}: {}", outcome.id, said(&all, of).replace(" rms", "")));
            }
        }
    }
    if parts.is_empty() { "no number".to_owned() } else { parts.join("; ") }
}

fn verdict(evidence: &Evidence, claim: &Claim) -> Cell {
    let named = |id: &str| claim.evidence.iter().any(|e| e == id);
    let mut checks = evidence.checks.iter().filter(|check| named(check.problem)).peekable();
    let outcomes: Vec<&Outcome> = evidence.outcomes.iter().filter(|outcome| named(&outcome.id)).collect();
    let solved = checks.peek().is_some() || !outcomes.is_empty();
    let failed = checks.any(|check| !check.passes()) || outcomes.iter().any(|o| !o.failures().is_empty());
    match (claim.holds_for.as_str(), solved, failed) {
        (_, _, true) => Cell::Judged(Level::Stop, "FAILS"),
        ("not shown", ..) => Cell::Judged(Level::Unknown, "NOT SHOWN"),
        (_, false, _) => Cell::Judged(Level::Unknown, "NOT SOLVED"),
        (_, true, false) if outcomes.is_empty() => Cell::Judged(Level::Ok, "HOLDS"),
        // An experiment bounds a claim; it never proves one.
        (_, true, false) => Cell::Judged(Level::Warn, "IN LIMITS"),
    }
}

/// The claims, and every number that is out of its tolerance.
pub(super) fn claims(evidence: &Evidence) -> Section {
    let row = |claim: &Claim| {
        let rests_on = if claim.evidence.is_empty() { "nothing".to_owned() } else { claim.evidence.join(", ") };
        Row::Cells(vec![
            Cell::Text(claim.claim.clone()),
            verdict(evidence, claim),
            Cell::Text(rests_on),
            Cell::Text(said_of(evidence, claim, Off::mean)),
            Cell::Text(said_of(evidence, claim, |off| off.largest)),
            Cell::Text(claim.holds_for.clone()),
            Cell::Text(claim.limits.clone()),
        ])
    };
    let columns = [
        ("claim", 0.16, Align::Words),
        ("verdict", 0.13, Align::Words),
        ("rests on", 0.07, Align::Words),
        ("mean error", 0.14, Align::Words),
        ("largest error", 0.14, Align::Words),
        ("range in which it holds", 0.17, Align::Words),
        ("limits", 0.19, Align::Words),
    ];
    let lead = "Errors are differences from exact or converged answers (V, TIP, R) or from measurements (E). Mean: of the sizes \
                of all errors; where a number is itself a root of mean squares over places, of these; for thermocouples the \
                root mean square. Largest: the one worst direction, place, pose or reading. 'Judged' was not seen by any fit; \
                'fitted on' was, and proves little. Short names are explained in 'Evidence at a glance'.";
    let rows = evidence.words.claims.iter().map(row).collect();
    let mut blocks = vec![Block::Paragraph(lead.into()), table("Claims, errors and ranges", &columns, rows)];
    let missed = evidence.missed();
    if !missed.is_empty() {
        blocks.push(Block::Paragraph("Out of tolerance in this report:".into()));
        blocks.push(Block::List(missed));
    }
    Section { id: "claims", title: "What is claimed, how far off, and where it holds".into(), blocks }
}

#[cfg(test)]
mod tests {
    use super::super::{benchmark, words};
    use super::*;
    use frostline_freeze::conformance::Worst;

    fn check(quantity: &str, unit: &'static str, error: f64, worst: Option<f64>) -> Check {
        Check {
            problem: "V0",
            quantity: quantity.into(),
            unit,
            expected: 1.0,
            found: 1.0 + error,
            error,
            tolerance: 1.0,
            worst: worst.map(|error| Worst { error, tolerance: 1.0 }),
            note: String::new(),
        }
    }

    #[test]
    fn the_largest_error_is_that_of_the_worst_direction_and_not_of_the_reference() {
        let checks = [
            check("radius", "mm", -0.25, Some(0.75)),
            check("front", "mm", 0.75, None),
            check("axisymmetric radius", "mm", 9.0, None),
            check("order of T", "", 2.0, None),
        ];
        let all = off(checks.iter());
        // (0.25 + 0.75)/2; the reference and the order are no errors of the solver.
        assert_eq!((all["mm"].mean(), all["mm"].largest, all.len()), (0.5, 0.75, 1));
        assert_eq!(said(&all, |off| off.largest), "0.75 mm");
    }

    #[test]
    fn an_error_that_is_not_a_number_is_not_hidden_by_smaller_ones() {
        let checks = [check("a", "K", f64::NAN, Some(0.1)), check("b", "K", 0.5, None)];
        let all = off(checks.iter());
        assert!(all["K"].mean().is_nan());
        assert!(all["K"].largest.is_nan(), "{all:?}");
    }

    #[test]
    fn one_number_out_of_tolerance_is_named_first_and_nothing_holds() {
        let (problems, words) = (benchmark::problems().unwrap(), words::words().unwrap());
        let evidence_of = |checks: &[Check]| {
            let evidence = Evidence {
                checks,
                problems: &problems,
                outcomes: &[],
                words: &words,
                extent: "a test",
                program: "frostline",
            };
            (evidence.holds(), evidence.missed(), format!("{:?}", claims(&evidence)))
        };
        let of = |error: f64, worst: f64| Check { problem: "R1", ..check("mean radius", "mm", error, Some(worst)) };
        let (holds, missed, page) = evidence_of(&[of(0.5, 0.75)]);
        assert!(holds && missed.is_empty() && page.contains("HOLDS") && !page.contains("FAILS"), "{page}");
        // The mean is good; one direction is 1.5 where 1 is allowed.
        let (holds, missed, page) = evidence_of(&[of(0.5, 0.75), of(0.5, -1.5)]);
        assert!(!holds && page.contains("FAILS"), "{page}");
        assert_eq!(missed, ["R1 mean radius: 0.5000 mm, allowed 1.0000; worst -1.5000, allowed 1.0000"]);
    }
}
