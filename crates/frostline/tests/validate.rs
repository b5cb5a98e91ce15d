//! `frostline validate` from outside: one experiment on coarse cells, and entries of other codes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn validate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_frostline")).arg("validate").args(arguments).output().unwrap()
}

fn entry(name: &str, text: &str) -> (String, Option<i32>) {
    let path = folder(name).join("entry.csv");
    std::fs::write(&path, text).unwrap();
    let output = validate(&["--entry", path.to_str().unwrap()]);
    (String::from_utf8([output.stdout, output.stderr].concat()).unwrap(), output.status.code())
}

#[test]
fn an_experiment_gives_a_report_with_its_couples_and_the_notice() {
    let out = folder("validate-e2");
    let output = validate(&["--quick", "--experiment", "E2", "--out", out.to_str().unwrap()]);
    // E2 has no bar, so whatever it gives is no failure.
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    for wanted in ["not a cleared medical device", "Question of interest", "Model risk", "Adequacy", "r2.8 (2.8 mm)"] {
        assert!(page.contains(wanted), "{wanted}");
    }
    let json: Value = serde_json::from_str(&std::fs::read_to_string(out.join("validation.json")).unwrap()).unwrap();
    let couples = json["experiments"][0]["runs"][0]["comparison"]["couples"].as_array().unwrap();
    assert_eq!(couples.len(), 4);
    // Both begin at the start temperature, since each couple is shifted by its own offset.
    for couple in couples {
        assert_eq!(couple["measured_c"][0], couple["computed_c"][0]);
    }
}

/// The two pages that a reader opens first must agree with the exit code.
#[test]
fn a_first_look_at_everything_is_green_and_leads_with_the_claims() {
    let out = folder("validate-quick");
    let output = validate(&["--quick", "--out", out.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains(" within tolerance, 0 not") && !said.contains("missed:"), "{said}");
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}"));
    let order = ["id=\"claims\"", "id=\"question\"", "id=\"risk\"", "id=\"glance\"", "id=\"adequacy\""].map(place);
    assert!(order.is_sorted(), "{order:?}");
    assert!(!page.contains("not described"), "a problem has no file in validation/benchmark");
    let json: Value = serde_json::from_str(&std::fs::read_to_string(out.join("validation.json")).unwrap()).unwrap();
    assert_eq!((&json["holds"], json["missed"].as_array().unwrap().len()), (&Value::Bool(true), 0));
}

#[test]
fn an_entry_is_judged_number_by_number() {
    let (said, code) = entry("entry-good", "key,value\nr1.radius.0.180s,8.80\n");
    assert!(said.contains("R1: 1 of 12 numbers given"), "{said}");
    assert_eq!(code, Some(0));
    let (said, code) = entry("entry-bad", "key,value\nr1.radius.0.180s,9.84\n");
    assert!(said.contains("FAIL r1.radius.0.180s"), "{said}");
    assert_eq!(code, Some(1));
}

#[test]
fn an_entry_with_an_unknown_key_is_refused() {
    let (said, code) = entry("entry-unknown", "key,value\nr9.radius,1\n");
    assert!(said.contains("line 2: no problem has the key \"r9.radius\""), "{said}");
    assert_eq!(code, Some(2));
}

#[test]
fn an_experiment_that_nobody_knows_is_refused_with_those_that_are() {
    let output = validate(&["--quick", "--experiment", "E99"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("\"E99\"") && said.contains("E1, E2, E3"), "{said}");
}
