//! Every story in `examples/` is planned by the program itself and must give its recorded answers.
//!
//! `expected.toml` beside each `case.toml` holds the exit code, findings, numbers with tolerances, or pieces of the error
//! message. The tolerances, 0.3 mm of length and 1.5 K, are chosen: about what the demo moves by from cells of 0.5 mm to
//! cells of 0.35 mm (0.3 mm of disabled length, 1.1 K at the skin).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    exit: i32,
    #[serde(default)]
    error_says: Vec<String>,
    #[serde(default)]
    value: Vec<ExpectedValue>,
    /// Every finding as "level id", sorted.
    #[serde(default)]
    findings: Vec<String>,
    #[serde(default)]
    not_marked: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedValue {
    /// JSON pointer into the assessment; `/structures/skin/..` and `/isotherms/-20/..` look up by kind and temperature.
    at: String,
    is: f64,
    within: f64,
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn planned(story: &str) -> Output {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(story);
    Command::new(env!("CARGO_BIN_EXE_frostline"))
        .arg("plan")
        .arg(examples().join(story).join("case.toml"))
        .arg("--out")
        .arg(out)
        .arg("--json")
        .output()
        .expect("the program starts")
}

fn assessment(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("not JSON ({e}): {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// A number of the assessment by a path in which list items are named by their kind or temperature.
fn number(assessment: &Value, at: &str) -> f64 {
    let mut here = assessment;
    for part in at.split('/').skip(1) {
        let found = match here {
            Value::Array(items) => items.iter().find(|item| named(item, part)),
            other => other.get(part),
        };
        here = found.unwrap_or_else(|| panic!("the assessment has no {part} of {at}"));
    }
    here.as_f64().unwrap_or_else(|| panic!("{at} is {here}, expected a number"))
}

fn named(item: &Value, name: &str) -> bool {
    let celsius = item.get("celsius").and_then(Value::as_f64);
    item.get("kind").and_then(Value::as_str) == Some(name) || (celsius.is_some() && celsius == name.parse::<f64>().ok())
}

fn check(story: &str) {
    let text = std::fs::read_to_string(examples().join(story).join("expected.toml")).expect("expected.toml is there");
    let expected: Expected = toml::from_str(&text).expect("expected.toml reads");
    let output = planned(story);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(expected.exit), "{story}: exit code; {error}");
    for piece in &expected.error_says {
        assert!(error.contains(piece), "{story}: the error does not say '{piece}': {error}");
    }
    if expected.exit == 2 {
        return;
    }
    let found = assessment(&output);
    for value in &expected.value {
        let number = number(&found, &value.at);
        let off = (number - value.is).abs();
        assert!(off <= value.within, "{story}: {} is {number}, expected {} +- {}", value.at, value.is, value.within);
    }
    let findings = found["findings"].as_array().expect("findings");
    let word = |f: &Value, key: &str| f[key].as_str().unwrap_or_default().to_owned();
    let mut said: Vec<_> = findings.iter().map(|f| format!("{} {}", word(f, "level"), word(f, "id"))).collect();
    said.sort();
    assert_eq!(said, expected.findings, "{story}: findings");
    for kind in &expected.not_marked {
        let structures = found["structures"].as_array().expect("structures");
        let marked = structures.iter().find(|s| s["kind"] == kind.as_str()).map(|s| s["not_marked"].clone());
        assert_eq!(marked, Some(Value::Bool(true)), "{story}: {kind} must be listed as not marked");
    }
    let schema: Value = serde_json::from_str(include_str!("../../../docs/assessment.schema.json")).expect("schema");
    let problems: Vec<_> = jsonschema::validator_for(&schema)
        .expect("the schema is one")
        .iter_errors(&found)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{story}: the assessment breaks its schema: {problems:?}");
    let page = std::fs::read_to_string(Path::new(env!("CARGO_TARGET_TMPDIR")).join(story).join("report.html"));
    assert!(page.is_ok_and(|p| p.contains("not a cleared medical device")), "{story}: report.html carries the notice");
}

#[test]
fn the_saphenous_nerve_on_a_real_ct_keeps_its_answer() {
    check("sts_010");
}

#[test]
fn the_infrapatellar_branch_on_a_real_ct_keeps_its_answer() {
    check("sts_042");
}

#[test]
fn the_sural_nerve_from_calipers_keeps_its_answer() {
    check("sural_calipers");
}

#[test]
fn a_mixed_nerve_in_an_ultrasound_frame_is_said_to_be_mixed() {
    check("popliteal_frame");
}

#[test]
fn a_motor_nerve_in_the_ice_stops_the_plan() {
    check("motor_nerve_in_ice");
}

#[test]
fn a_series_with_a_gap_is_refused_with_the_slices_and_the_distance() {
    check("gap_in_series");
}

#[test]
fn the_same_leg_as_calipers_and_as_a_ct_of_layers_agrees_within_the_grid() {
    check("sural_ct_layers");
    let measured = assessment(&planned("sural_calipers"));
    let scanned = assessment(&planned("sural_ct_layers"));
    // Voxels of 0.8 mm put the skin 0.2 mm and the fascia 0.2 mm off; half of the 0.5 mm cells of the scene comes on top.
    for (at, within) in [
        ("/nerve/disabled_length_mm", 0.5),
        ("/isotherms/0/width_mm", 0.5),
        ("/isotherms/0/length_mm", 0.5),
        ("/isotherms/-20/width_mm", 0.5),
        // Skin 0.2 mm nearer to ice that ends 1 mm away, where it warms by some 20 K per millimetre.
        ("/structures/skin/coldest_c", 4.0),
        ("/structures/vein/coldest_c", 2.0),
    ] {
        let (a, b) = (number(&measured, at), number(&scanned, at));
        assert!((a - b).abs() <= within, "{at}: calipers {a}, CT of layers {b}");
    }
}

#[test]
fn the_same_case_gives_the_same_bits_with_one_thread() {
    let run = |threads: &str, out: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_frostline"))
            .args(["plan", "--json", "--threads", threads, "--out"])
            .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join(out))
            .arg(examples().join("sural_calipers/case.toml"))
            .output()
            .expect("the program starts");
        assessment(&output)["fingerprints"]["answer"].clone()
    };
    assert_eq!(run("1", "one_thread"), run("2", "two_threads"));
}
