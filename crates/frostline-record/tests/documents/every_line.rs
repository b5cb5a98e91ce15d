//! Every kind of line of the log, with everything that it can say, is found in the report of the procedure.

use std::collections::BTreeSet;

use frostline_record::case::Case;
use frostline_record::case::steps::{LogLine, Logged};
use frostline_record::documents::*;
use serde_json::{Value, json};

use crate::fixture::{book, text_of};
use crate::way::{World, around, changed, played, signed};

/// One line of each kind, in which every field is filled with something that is found nowhere else.
const EVERY_LINE: &str = include_str!("every_line.json");

/// A number for each kind. A new kind does not compile until it has one, and `every_line.json` must then hold it.
fn number_of(logged: &Logged) -> usize {
    match logged {
        Logged::Positioned(_) => 0,
        Logged::EquipmentChecked(_) => 1,
        Logged::SkinPrepared(_) => 2,
        Logged::AnaestheticGiven(_) => 3,
        Logged::NeedlePlaced(_) => 4,
        Logged::Stimulated(_) => 5,
        Logged::FluidGiven(_) => 6,
        Logged::FreezeStarted(_) => 7,
        Logged::FreezeStopped(_) => 8,
        Logged::Thawed(_) => 9,
        Logged::MotorTested(_) => 10,
        Logged::Repositioned(_) => 11,
        Logged::ComfortSaid(_) => 12,
        Logged::ProbeOut(_) => 13,
        Logged::ProbeTornOut(_) => 14,
        Logged::TeamChanged(_) => 15,
        Logged::ImageStored(_) => 16,
        Logged::Dressed(_) => 17,
        Logged::SedativeGiven(_) => 18,
        Logged::Observed(_) => 19,
        Logged::Note(_) => 20,
    }
}

/// Everything that is said: words and numbers, without the names of fields.
pub fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::Null => vec!["a field that is not filled".to_owned()],
        Value::Bool(truth) => vec![truth.to_string()],
        // As Rust writes a number: 7101.5, 6 and not 6.0.
        Value::Number(number) => vec![number.as_f64().unwrap().to_string()],
        Value::String(words) => vec![words.clone()],
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::Object(fields) => fields.values().flat_map(leaves).collect(),
    }
}

fn report_of(case: &Case) -> String {
    let world = World::new();
    let judging = world.at("2026-03-25T00:00:00Z".parse().unwrap());
    let inputs = procedure_of(case, &judging, &around());
    text_of(&procedure_report(&book(), Language::English, &visit_of(case, &around()), &inputs).unwrap())
}

#[test]
fn every_kind_of_line_with_everything_that_it_says_is_in_the_report() {
    let lines: Vec<Value> = serde_json::from_str(EVERY_LINE).unwrap();
    let read: Vec<LogLine> = serde_json::from_str(EVERY_LINE).unwrap();
    let kinds: BTreeSet<usize> = read.iter().map(|line| number_of(&line.logged)).collect();
    assert_eq!(kinds, (0..21).collect(), "one line of each kind");
    // What a field of the file lacks would come back as null, as not asked or as an empty list.
    for (written, line) in lines.iter().zip(&read) {
        assert_eq!(serde_json::to_value(line).unwrap(), *written, "every field is filled");
    }
    let world = World::new();
    let (case, _) = played(&world, "2026-03-03T00:00:00Z");
    let first = case.steps()[0].clone();
    let logged = lines.iter().zip(2_u64..).map(|(line, number)| {
        let at = format!("2026-03-24T09:{number:02}:00Z");
        signed(number, &at, &format!("Signer{number}Mark"), json!({ "kind": "logged", "body": line }))
    });
    let report = report_of(&Case::from_steps(std::iter::once(first).chain(logged).collect()).unwrap());
    let log = &report[report.find("# The log, line by line").unwrap()..];
    for (line, number) in lines.iter().zip(2..) {
        // Words of a closed list are written with blanks or in a word of their own; everything else as it was entered.
        let closed = ["yes", "no", "motor", "tip", "anaesthesia", "nurse"];
        let said = leaves(line).into_iter().filter(|leaf| !closed.contains(&leaf.as_str()));
        for leaf in said.chain([format!("Signer{number}Mark")]) {
            assert!(log.contains(&leaf), "{leaf} of {line} is not in the log of: {report}");
        }
    }
    for words in [
        "leak test: yes; gas: GasMark",
        "spare probe: no; skin thermometer: yes",
        "epinephrine: yes; at the nerve: no",
        "moved freely: yes; pressed for 7127.5 min; bled: yes",
        "bled: yes; probe whole: no",
        "a person only watches: yes; capnography: no; anaesthesiologist there: yes",
        "7124.5 °C; warmed by the probe: yes",
        "CameMark (anaesthesia); left: LeftMark (nurse)",
    ] {
        assert!(log.contains(words), "{words} is not in: {report}");
    }
}

#[test]
fn the_sign_out_says_blood_and_x_rays_and_the_lists_are_there_item_by_item() {
    let world = World::new();
    let (case, _) = played(&world, "2026-03-25T00:00:00Z");
    let case = changed(&case, "signed-out", |body| {
        body["blood_loss_ml"] = json!(7140);
        body["fluoroscopy_s"] = json!(7141);
        body["dose_area_mgy_cm2"] = json!(7142);
        body["answers"]["counts"] = json!("no");
    });
    let report = report_of(&case);
    assert!(report.contains("Blood lost, by estimate | 7140 mL"), "{report}");
    assert!(report.contains("Time under X-rays | 7141 s"), "{report}");
    assert!(report.contains("Dose-area product | 7142 mGy cm²"), "{report}");
    let lists = &report[report.find("# Checklists").unwrap()..];
    assert_eq!(lists.matches("Sign-in | ").count(), 12, "{report}");
    assert_eq!(lists.matches("Time-out | ").count(), 9, "{report}");
    assert_eq!(lists.matches("Sign-out | ").count(), 7, "{report}");
    assert_eq!(lists.lines().filter(|line| line.starts_with("Sign-out") && line.ends_with("| no")).count(), 1);
}

#[test]
fn every_look_in_recovery_is_in_the_report_with_the_monitor_and_the_way_home() {
    let world = World::new();
    let (case, _) = played(&world, "2026-03-25T00:00:00Z");
    let case = changed(&case, "recovered", |body| {
        body["aldrete"] = json!(9);
        body["observed"] = json!({ "systolic_mmhg": 7151, "oxygen_percent": 7152 });
    });
    let report = report_of(&case);
    let looks = &report[report.find("# Recovery").unwrap()..];
    assert!(looks.contains("pain 1 of 10; Aldrete 9 of 10; walks: yes"), "{report}");
    assert!(looks.contains("upper blood pressure 7151 mmHg; oxygen 7152 %"), "{report}");
    assert!(looks.contains("Went home | to: home; with: her son | Nils Holm"), "{report}");
}
