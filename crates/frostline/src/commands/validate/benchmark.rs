//! The exact problems and R1 in words and numbers, as published for other codes, and the comparison of an entry.

use std::fmt::Write as _;

use serde::Deserialize;

use super::experiment_file::{BundleError, bundled, read};

/// One problem of `validation/benchmark`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkProblem {
    /// Short name: `V1`, `R1`.
    pub id: String,
    /// What it is.
    pub title: String,
    /// What is asked.
    pub solve: String,
    /// Every number that is needed. Read by people, not by this program.
    #[serde(rename = "given")]
    pub _given: Vec<String>,
    /// How the reference numbers were computed.
    pub against: String,
    /// What a code that meets them has shown.
    pub holds_for: String,
    /// Why the tolerances are what they are. Read by people.
    #[serde(rename = "tolerance_from")]
    pub _tolerance_from: Option<String>,
    /// The reference numbers.
    #[serde(default, rename = "number")]
    pub numbers: Vec<ReferenceNumber>,
}

/// Key, what, unit, value, tolerance.
#[derive(Clone, Debug, Deserialize)]
pub struct ReferenceNumber(pub String, pub String, pub String, pub f64, pub f64);

const PROBLEMS: [(&str, &str); 14] = bundled!(
    "benchmark",
    "v1.toml",
    "v2.toml",
    "v3.toml",
    "v4.toml",
    "v5.toml",
    "v6.toml",
    "v7.toml",
    "v8.toml",
    "v9.toml",
    "v10.toml",
    "v11.toml",
    "v12.toml",
    "tip.toml",
    "r1.toml",
);

/// All problems.
pub fn problems() -> Result<Vec<BenchmarkProblem>, BundleError> {
    PROBLEMS.iter().map(|(name, text)| read(&format!("benchmark/{name}"), text)).collect()
}

/// Why an entry cannot be compared.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum EntryError {
    /// Another header.
    #[error("line 1 is {found:?}, expected \"key,value\"; see validation/benchmark/README.md")]
    Header { found: String },
    /// Not a row.
    #[error("line {line} is {found:?}, expected a key, a comma and a number")]
    Row { line: usize, found: String },
    /// A key of no problem.
    #[error("line {line}: no problem has the key {found:?}; the keys are listed in validation/benchmark/*.toml")]
    NoSuchKey { line: usize, found: String },
}

/// An entry beside the reference numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// As a table for a terminal.
    pub text: String,
    /// How many numbers are out of their tolerance.
    pub out_of_tolerance: usize,
}

/// Compares the numbers of another code.
pub fn compared(entry: &str, problems: &[BenchmarkProblem]) -> Result<Compared, EntryError> {
    let rows = rows(entry)?;
    for (line, key, _) in &rows {
        if !problems.iter().flat_map(|p| &p.numbers).any(|number| number.0 == *key) {
            return Err(EntryError::NoSuchKey { line: *line, found: key.clone() });
        }
    }
    let mut text = String::new();
    let mut out_of_tolerance = 0;
    for problem in problems.iter().filter(|p| !p.numbers.is_empty()) {
        let mut given = 0;
        for ReferenceNumber(key, what, unit, expected, tolerance) in &problem.numbers {
            let Some((_, _, found)) = rows.iter().find(|(_, k, _)| k == key) else { continue };
            given += 1;
            let error = found - expected;
            // Written so that a number that is none fails.
            let holds = error.abs() <= *tolerance;
            out_of_tolerance += usize::from(!holds);
            let verdict = if holds { "ok  " } else { "FAIL" };
            // Writing to a string cannot go wrong.
            _ = writeln!(
                text,
                "{verdict} {key:<36} {found:>11.4} {expected:>11.4} {error:>+10.4} {tolerance:>8.3} {unit:<3} {what}"
            );
        }
        _ = writeln!(text, "{}: {given} of {} numbers given", problem.id, problem.numbers.len());
    }
    _ = writeln!(text, "{} numbers, {out_of_tolerance} out of tolerance", rows.len());
    Ok(Compared { text, out_of_tolerance })
}

fn rows(entry: &str) -> Result<Vec<(usize, String, f64)>, EntryError> {
    let mut lines = entry.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let header = lines.next().map_or("", |(_, line)| line.trim());
    if header.replace(' ', "") != "key,value" {
        return Err(EntryError::Header { found: header.to_owned() });
    }
    lines
        .map(|(n, line)| {
            let bad = || EntryError::Row { line: n + 1, found: line.to_owned() };
            let (key, value) = line.split_once(',').ok_or_else(bad)?;
            Ok((n + 1, key.trim().to_owned(), value.trim().parse().map_err(|_| bad())?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::validate::benchmark_numbers::computed;
    use frostline_freeze::conformance::Problem;

    #[test]
    fn every_published_number_is_computed_again_and_every_computed_one_is_published() {
        let computed = computed();
        let mut missed = Vec::new();
        let all = problems().unwrap();
        for ReferenceNumber(key, _, _, value, tolerance) in all.iter().flat_map(|p| &p.numbers) {
            let again = computed.iter().find(|(k, _)| k == key).map_or(f64::NAN, |(_, again)| *again);
            // Half of the last digit published (four after the point), and for front fixing what it is good for: 1e-3.
            let front_fixing = key.starts_with("v7.") || key.starts_with("v8.");
            let allowed = 1.1e-4 + if front_fixing { 1e-3 * value.abs() } else { 0.0 };
            // Written so that a number that is none is missed.
            let holds = (again - value).abs() <= allowed && *tolerance > 0.0;
            if !holds {
                missed.push(format!("{key}: published {value}, computed {again}"));
            }
        }
        let published = |key: &String| all.iter().flat_map(|p| &p.numbers).any(|n| n.0 == *key);
        missed.extend(computed.iter().filter(|n| !published(&n.0)).map(|n| format!("{} = {} not published", n.0, n.1)));
        assert_eq!(missed, Vec::<String>::new());
    }

    #[test]
    fn keys_are_told_apart_and_every_problem_of_the_suite_is_described() {
        let all = problems().unwrap();
        let mut keys: Vec<&str> = all.iter().flat_map(|p| &p.numbers).map(|n| n.0.as_str()).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
        let described: Vec<&str> = all.iter().map(|p| p.id.as_str()).collect();
        for problem in Problem::ALL {
            assert!(described.contains(&problem.code()), "{} has no file in validation/benchmark", problem.code());
        }
        assert_eq!(described.len(), Problem::ALL.len());
    }

    #[test]
    fn an_entry_that_is_a_millimetre_off_is_told_so() {
        let all = problems().unwrap();
        let good = compared("key,value\nr1.radius.0.180s,8.80\n", &all).unwrap();
        assert_eq!(good.out_of_tolerance, 0);
        let bad = compared("key,value\nr1.radius.0.180s,9.84\nv1.B.front.60s,nan\n", &all).unwrap();
        assert_eq!(bad.out_of_tolerance, 2);
        assert!(bad.text.contains("FAIL r1.radius.0.180s"));
    }

    #[test]
    fn an_entry_with_a_slip_is_refused_with_its_line() {
        let all = problems().unwrap();
        assert_eq!(compared("a;b", &all), Err(EntryError::Header { found: "a;b".into() }));
        let refused = |text: &str| compared(text, &all).unwrap_err().to_string();
        assert!(refused("key,value\nr1.radius.0.180s,wide\n").starts_with("line 2"));
        assert!(refused("key,value\n\nr9.x,1\n").starts_with("line 3: no problem"));
    }
}
