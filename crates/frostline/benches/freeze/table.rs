//! The results as one table and as JSON.

use serde_json::{Value, json};

use crate::rounds::{Results, RowResult};
use crate::sample::Sample;

/// One line per row.
pub fn as_text(results: &Results) -> String {
    let mut text = format!(
        "{}, {} cores; load {} before, {} after\n\n{:<10} {:<36} {:>8} {:>5} {:>6} {:>23} {:>6} {:>7} {:>8} {:>7} {:>35} {:>7}  {}\n",
        results.machine.processor,
        results.machine.cores,
        results.machine.load_before,
        results.machine.load_after,
        "row",
        "what",
        "cells",
        "step",
        "stages",
        "wall s: min/median/max",
        "target",
        "cpu s",
        "Mupd/s",
        "MB",
        "error mm: mean/thaw/axis/worst",
        "x real",
        "times as fast as",
    );
    for result in &results.rows {
        text.push_str(&line(result, results));
    }
    text.push_str(&same_bits(results));
    text
}

fn line(result: &RowResult, results: &Results) -> String {
    let head = format!("{:<10} {:<36}", result.row.key, result.row.what);
    let (Some([least, middle, most]), Some(sample)) = (result.wall_s(), fastest(result)) else {
        return format!("{head} {}\n", result.note.clone().unwrap_or_default());
    };
    let target = result.row.target_s.map_or(String::new(), |s| format!("{s}"));
    let cpu = sample.cpu_s.map_or("?".into(), seconds);
    let memory = result.memory_mb().map_or("?".into(), |mb| format!("{mb:.1}"));
    let mut line = format!(
        "{head} {:>8} {:>5.3} {:>6} {:>23} {target:>6} {cpu:>7} {:>8} {memory:>7} {:>31} {:>7.0}  {}",
        sample.work.cells,
        sample.work.step_s,
        counted(sample.work.stages as f64),
        format!("{}/{}/{}", seconds(least), seconds(middle), seconds(most)),
        counted(updates_per_s(sample) / 1e6),
        errors(result),
        sample.simulated_s / middle,
        ratios(result, results),
    );
    if let Some(part) = &sample.part {
        line.push_str(&format!(" [extrapolated from {part}]"));
    }
    if let Some(note) = &result.note {
        line.push_str(&format!(" [{note}]"));
    }
    line + "\n"
}

fn fastest(result: &RowResult) -> Option<&Sample> {
    result.slowest().into_iter().min_by(|a, b| a.wall_s.total_cmp(&b.wall_s))
}

fn updates_per_s(sample: &Sample) -> f64 {
    sample.work.cell_updates as f64 / sample.wall_s
}

/// A run that was stopped has not counted.
fn counted(n: f64) -> String {
    if n > 0.0 { format!("{n:.0}") } else { "-".into() }
}

fn seconds(s: f64) -> String {
    if s < 10.0 { format!("{s:.3}") } else { format!("{s:.1}") }
}

fn errors(result: &RowResult) -> String {
    let Some(errors) = result.errors() else { return "-".into() };
    let of = |mm: Option<f64>| mm.map_or("none".into(), |mm| format!("{mm:+.3}"));
    let kinds = [errors.mean_mm, errors.thaw_mm, errors.axial_mm, errors.direction_mm];
    let verdict = if result.row.allowed.holds(&errors) { "" } else { " OFF" };
    kinds.map(of).join("/") + verdict
}

fn ratios(result: &RowResult, results: &Results) -> String {
    let of = |key: &&str| Some(format!("{key} {:.1}", result.ratio(results.find(key)?)?));
    result.row.against.iter().filter_map(of).collect::<Vec<_>>().join(", ")
}

/// Whether a row gave the same bits in every round and on one thread as on two.
fn same_bits(results: &Results) -> String {
    let mut text = String::new();
    for result in results.rows.iter().filter(|r| !r.row.is_baseline()) {
        let prints: Vec<Vec<_>> =
            result.rounds.iter().map(|samples| samples.iter().map(|s| s.fingerprint.clone()).collect()).collect();
        if prints.windows(2).any(|pair| pair[0] != pair[1]) {
            text.push_str(&format!("{}: the bits DIFFER between rounds\n", result.row.key));
        }
        let Some(two) = result.row.key.strip_suffix("/1").and_then(|key| results.find(key)) else { continue };
        let other = two.rounds.first().map(|samples| samples.iter().map(|s| s.fingerprint.clone()).collect::<Vec<_>>());
        if prints.is_empty() || prints[0].iter().any(Option::is_none) {
            continue;
        }
        let verdict = if other.as_ref() == prints.first() { "the same bits" } else { "DIFFERENT bits" };
        let gain = result.ratio(two).map_or(String::new(), |r| format!(", two threads {:.2} times as fast", 1.0 / r));
        text.push_str(&format!("{} and {}: {verdict}{gain}\n", two.row.key, result.row.key));
    }
    text
}

/// How many times longer the fastest run of each baseline took than the fastest of this row: steadier than the median of
/// the rounds where other programs come and go.
fn of_fastest(result: &RowResult, results: &Results) -> serde_json::Map<String, Value> {
    let of = |key: &&str| {
        let (other, own) = (results.find(key)?.wall_s()?[0], result.wall_s()?[0]);
        Some(((*key).to_owned(), json!(other / own)))
    };
    result.row.against.iter().filter_map(of).collect()
}

/// Everything that was measured.
pub fn as_json(results: &Results) -> Value {
    let rows = results.rows.iter().map(|result| {
        let ratios: serde_json::Map<String, Value> = result
            .row
            .against
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), json!(result.ratio(results.find(key)?)?))))
            .collect();
        json!({
            "row": result.row.key,
            "what": result.row.what,
            "threads": result.row.on.threads,
            "target_s": result.row.target_s,
            "wall_s": result.wall_s().map(|[min, median, max]| json!({ "min": min, "median": median, "max": max })),
            "cell_updates_per_s": fastest(result).map(updates_per_s),
            "cpu_s": fastest(result).and_then(|s| s.cpu_s),
            "times_real_time": result.wall_s().zip(fastest(result)).map(|(wall_s, s)| s.simulated_s / wall_s[1]),
            "memory_mb": result.memory_mb(),
            "errors_mm": result.errors(),
            "within_what_is_asked": result.errors().map(|errors| result.row.allowed.holds(&errors)),
            "times_as_fast_as": ratios,
            "fastest_over_fastest": of_fastest(result, results),
            "note": result.note,
            "rounds": result.rounds,
        })
    });
    json!({
        "machine": {
            "processor": results.machine.processor,
            "cores": results.machine.cores,
            "load_before": results.machine.load_before,
            "load_after": results.machine.load_after,
        },
        "rows": rows.collect::<Vec<_>>(),
    })
}
