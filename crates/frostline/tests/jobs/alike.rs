//! A job gives what the command of the same name writes.

use std::path::Path;
use std::process::{Command, Output};

use frostline::jobs::{JobState, Work};
use serde_json::Value;

use crate::site::{CASE, Site, chance, plan, proposals};
use crate::support::{Place, run};

fn commanded(folder: &Path, case: &str, arguments: &[&str]) -> Output {
    let path = folder.join("case.toml");
    std::fs::write(&path, case).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_frostline"));
    command.arg(arguments[0]).arg(&path).args(&arguments[1..]).arg("--out").arg(folder.join("out"));
    command.output().expect("the program starts")
}

/// Without what the clock says, in which two runs must differ.
fn without_wall_times(json: &str) -> Value {
    fn emptied(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, _| key != "wall_s");
                map.values_mut().for_each(emptied);
            }
            Value::Array(values) => values.iter_mut().for_each(emptied),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(json).expect("JSON");
    emptied(&mut value);
    value
}

fn same(work: Work, written: &str, arguments: &[&str]) {
    run(async {
        let site = Site::at(Place::sqlite()).await;
        let id = site.pushed(work).await;
        let _worker = site.program();
        let result = site.done(&id).await;
        commanded(site.place.path(), CASE, arguments);
        let file = std::fs::read_to_string(site.place.path().join("out").join(written)).expect("the command wrote it");
        assert!(result.len() > 500, "{result}");
        assert_eq!(without_wall_times(&result), without_wall_times(&file));
    });
}

#[test]
fn a_plan_is_that_of_the_command() {
    same(plan(CASE), "assessment.json", &["plan"]);
}

#[test]
fn proposals_are_those_of_the_command_with_the_same_seed() {
    same(proposals(), "proposals.json", &["propose", "--quick", "--worlds", "8", "--seed", "3"]);
}

#[test]
fn a_chance_is_that_of_the_command_with_the_same_seed() {
    same(chance(16), "robust.json", &["robust", "--samples", "16", "--seed", "3", "--fine-mm", "2"]);
}

#[test]
fn a_case_that_cannot_be_used_fails_with_the_words_of_the_command() {
    let wrong = [
        CASE.replace("sural\"", "surral\""),
        CASE.replace("length_mm = 80", "length_mm = \"long\""),
        CASE.replace("[-1.8, 7.0, 3.0]", "[-1.8, 7000.0, 3.0]"),
    ];
    run(async {
        let site = Site::at(Place::sqlite()).await;
        let _worker = site.program();
        for case in wrong {
            let id = site.pushed(plan(&case)).await;
            let job = site.ended(&id).await;
            assert_eq!(job.state, JobState::Failed);
            let output = commanded(site.place.path(), &case, &["plan"]);
            let said = String::from_utf8(output.stderr).expect("text");
            let path = site.place.path().join("case.toml").display().to_string();
            let expected = said.trim_end().replace("error: ", "").replace(&path, "case file");
            assert_eq!(job.problem.expect("a reason"), expected);
        }
    });
}
