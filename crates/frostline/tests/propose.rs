//! The command `frostline propose`, from outside: what it writes can be planned, and says what it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A flat limb, one probe in stock, coarse cells.
const CASE: &str = r#"
title = "Sural nerve, one probe in stock"
side = "right"
nerve = { id = "sural" }
[calipers]
layers = [{ tissue = "skin", bottom_mm = 1.5 }, { tissue = "fat", bottom_mm = 14 }, { tissue = "muscle", bottom_mm = 50 }]
nerve = { depth_mm = 7.0, width_mm = 1.6, height_mm = 1.2 }
length_mm = 80
[stock]
probes = ["n2o-2.0"]
protocols = ["textbook-90-25-90"]
[solver]
fine_mm = 1.0
"#;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("propose").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn ran(command: &str, case: &Path, out: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_frostline"))
        .arg(command)
        .arg(case)
        .arg("--out")
        .arg(out)
        .args(more)
        .output()
        .expect("the program starts")
}

/// Writes a case and lets the program propose for it.
fn proposed(name: &str, case: &str) -> (PathBuf, Output) {
    let folder = folder(name);
    let path = folder.join("case.toml");
    std::fs::write(&path, case).unwrap();
    let output = ran("propose", &path, &folder.join("out"), &["--quick", "--worlds", "8"]);
    (folder.join("out"), output)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_proposal_is_a_case_that_plans_to_the_numbers_it_was_proposed_with() {
    let (out, output) = proposed("plans", CASE);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let planned = ran("plan", &out.join("proposal_1.toml"), &out.join("planned"), &[]);
    assert_eq!(planned.status.code(), Some(0), "{}", String::from_utf8_lossy(&planned.stderr));
    let proposed = json(&out.join("proposals.json"));
    let assessment = json(&out.join("planned/assessment.json"));
    let promised = proposed["proposals"][0]["merits"]["disabled_mm"].as_f64().unwrap();
    let disabled = assessment["nerve"]["disabled_length_mm"].as_f64().unwrap();
    // The same plan, cells and solver: the same bits, through a text that keeps every digit.
    assert_eq!(promised, disabled);
    assert!(promised >= 5.0, "{promised}");
}

#[test]
fn the_chance_of_a_proposal_is_that_of_the_same_worlds_asked_for_alone() {
    let (out, output) = proposed("chance", CASE);
    let robust = ran("robust", &out.join("proposal_1.toml"), &out.join("robust"), &["--samples", "8", "--seed", "1"]);
    assert_eq!(robust.status.code(), Some(0), "{}", String::from_utf8_lossy(&robust.stderr));
    let (told, alone) = (json(&out.join("proposals.json")), json(&out.join("robust/robust.json")));
    assert_eq!(told["proposals"][0]["chance"], alone["success"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("chance of success"));
}

#[test]
fn every_output_says_that_it_is_no_medical_device_and_that_the_motor_nerve_is_not_marked() {
    let (out, output) = proposed("notice", CASE);
    let page = std::fs::read_to_string(out.join("proposals.html")).unwrap();
    let case = std::fs::read_to_string(out.join("proposal_1.toml")).unwrap();
    let screen = String::from_utf8_lossy(&output.stdout);
    for text in [page.as_str(), case.as_str(), &screen] {
        assert!(text.contains("not a cleared medical device"), "{text}");
    }
    assert!(screen.contains("motor nerve: not marked"), "{screen}");
    assert!(page.contains("<svg") && page.contains("the transducer stands there"), "the map of entries is drawn");
    assert_eq!(json(&out.join("proposals.json"))["proposals"][0]["gas"], "not known");
}

#[test]
fn goals_that_cannot_be_met_end_with_code_one_and_name_the_conflict() {
    let case = format!("{CASE}[goals]\ndisabled_mm = 20.0\nfrom_mm = 20.0\nto_mm = 42.0\nwhy = \"too much\"\n");
    let (out, output) = proposed("conflict", &case);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let found = json(&out.join("proposals.json"));
    assert_eq!(found["goals_met"], false);
    assert!(found["conflicts"][0]["text"].as_str().unwrap().contains("20.0 mm"), "{}", found["conflicts"]);
    assert!(out.join("proposal_1.toml").exists(), "the nearest plan is written");
}

#[test]
fn a_limit_of_the_site_is_used_and_shown_with_its_reason() {
    let own = "[[limits]]\nid = \"skin-cold\"\nbelow_c = 36.0\nwhy = \"agreed here\"\n";
    let (out, output) = proposed("site", &format!("{CASE}{own}"));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let found = json(&out.join("proposals.json"));
    let findings = found["proposals"][0]["findings"].as_array().unwrap();
    let skin = findings.iter().find(|f| f["id"] == "skin.coldest").unwrap();
    assert_eq!((&skin["level"], &skin["source"]), (&Value::from("warn"), &Value::from("site")));
    assert!(skin["text"].as_str().unwrap().contains("36 instead of 5 °C: agreed here"), "{skin}");
    let (_, refused) = proposed("site_without_reason", &format!("{CASE}{}", own.replace("agreed here", "")));
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("has no reason"));
}

#[test]
fn what_is_never_a_target_and_what_is_not_in_the_catalogue_is_refused() {
    let (_, avoided) = proposed("avoided", &CASE.replace("\"sural\"", "\"cfn\""));
    assert_eq!(avoided.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&avoided.stderr).contains("never offered as a target"));
    let (_, unknown) = proposed("unknown", &CASE.replace("n2o-2.0", "n2o-9.9"));
    assert_eq!(unknown.status.code(), Some(2));
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(said.contains("n2o-9.9") && said.contains("icesphere-1.5"), "{said}");
}

#[test]
fn a_case_without_a_plan_is_not_planned_but_told_where_to_find_one() {
    let folder = folder("unplanned");
    let path = folder.join("case.toml");
    std::fs::write(&path, CASE).unwrap();
    let refused = ran("plan", &path, &folder.join("out"), &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("frostline propose"));
}
