//! The table of `docs/security.md`: every file and every test that it names is there, and nothing is met without being shown.

use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../../../../docs/security.md");

/// Where the page's short names of files begin.
const ROOTS: [&str; 5] =
    ["", "crates/frostline/", "crates/frostline/src/", "crates/frostline/src/server/tests/", "crates/"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The rows of the table: number, state, what shows it.
fn rows() -> Vec<[&'static str; 3]> {
    let table = PAGE.split_once("## OWASP ASVS").expect("the table has its heading").1;
    let cells = |line: &'static str| line.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>();
    let lines = table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| V |"));
    let row = |line: &'static str| match cells(line)[..] {
        [number, _, state, shown] => [number, state, shown],
        _ => panic!("expected four cells: {line}"),
    };
    lines.map(row).collect()
}

fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_line_has_a_state_and_what_is_met_is_shown() {
    let rows = rows();
    assert!(rows.len() > 180, "{} rows", rows.len());
    for [number, state, shown] in rows {
        assert!(["met", "not met", "not applicable"].contains(&state), "{number}: {state}");
        assert!(!shown.is_empty(), "{number} says nothing");
    }
}

#[test]
fn every_file_that_the_table_names_is_there() {
    let is_of_a_path = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
    for [number, _, shown] in rows() {
        let words = shown.split(|letter| !is_of_a_path(letter)).map(|word| word.trim_end_matches('.'));
        for name in words.filter(|word| [".rs", ".md", ".toml", ".txt"].iter().any(|ending| word.ends_with(ending))) {
            let there = ROOTS.iter().any(|root| repository().join(root).join(name).is_file());
            assert!(there, "{number} names {name}, which is not there");
        }
    }
}

#[test]
fn every_test_that_the_table_names_is_there() {
    let mut text = String::new();
    sources(&repository().join("crates/frostline"), &mut text);
    let mut named = 0;
    for [number, _, shown] in rows() {
        // A test is named by its beginning: `a_closed_account_..`.
        for name in shown.split('`').filter_map(|word| word.strip_suffix("..")) {
            named += 1;
            assert!(text.contains(&format!("fn {name}")), "{number} names the test {name}.., which is not there");
        }
    }
    assert!(named > 25, "{named} tests are named");
}
