//! `frostline rescue` ranks what can be done, and what it writes for the best option is a case again; `frostline preview` says
//! that it is one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn story() -> String {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/sural_calipers/case.toml");
    let text = std::fs::read_to_string(story).expect("the story is there");
    text.replacen("side = ", "solver = { fine_mm = 1.0, step_s = 5 }\nside = ", 1)
}

fn written(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("the folder for tests can be written");
    path
}

fn run(command: &str, case: &Path, arguments: &[&str]) -> Output {
    let program = Command::new(env!("CARGO_BIN_EXE_frostline")).arg(command).arg(case).args(arguments).output();
    program.expect("the program starts")
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn the_pieces_written_for_the_best_option_make_a_case_with_the_same_outcome() {
    let case = written("rescue_case.toml", &story());
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rescue_out");
    let output = run(
        "rescue",
        &case,
        &["--tip=-3.2,8.0,5.0", "--entry=-3.2,0,-22", "--json", "--out", out.to_str().expect("the path is text")],
    );
    let found = json(&output);
    let options = found["options"].as_array().expect("options");
    assert!(options.len() >= 8, "{}", options.len());
    assert!((found["missed"]["tip_mm"].as_f64().expect("a number") - 2.638).abs() < 0.001, "{}", found["missed"]);
    let in_full = options[0]["in_full"]["disabled_mm"].as_f64().expect("it was looked at in full");

    let story = story();
    let upper = &story[..story.find("[[probe]]").expect("the story has a probe")];
    let upper: String = upper
        .lines()
        .filter(|l| !l.starts_with("protocol") && !l.starts_with("skin"))
        .map(|l| format!("{l}\n"))
        .collect();
    let pieces = std::fs::read_to_string(out.join("best.toml")).expect("it was written");
    let again = written("rescue_again.toml", &format!("{upper}{pieces}"));
    let planned = json(&run("plan", &again, &["--json", "--out", out.to_str().expect("the path is text")]));
    let disabled = planned["nerve"]["disabled_length_mm"].as_f64().expect("a number");
    // Places are written to 0.01 mm.
    assert!((disabled - in_full).abs() < 0.2, "{disabled} {in_full}");
}

#[test]
fn a_tip_that_is_not_three_numbers_or_lies_in_the_air_is_bad_input() {
    let case = written("rescue_bad.toml", &story());
    for (tip, says) in [
        ("1,2", "three numbers"),
        ("1,x,2", "three numbers"),
        ("nan,0,0", "three numbers"),
        ("1e9,0,0", "three numbers"),
        ("0,-9,0", "outside the limb"),
    ] {
        let output = run("rescue", &case, &[&format!("--tip={tip}"), "--entry=0,-20,-20"]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && error.contains(says), "{tip}: {error}");
    }
}

#[test]
fn fluid_of_a_case_warms_the_skin_and_fluid_in_the_air_is_refused() {
    let skin_c = |text: &str, name: &str| {
        let found = json(&run("preview", &written(name, text), &["--json"]));
        assert_eq!(found["is_preview"], true);
        let structures = found["assessment"]["structures"].as_array().expect("structures").clone();
        structures.iter().find(|s| s["kind"] == "skin").and_then(|s| s["coldest_c"].as_f64()).expect("a number")
    };
    let fluid = |depth_mm: f64| {
        format!(
            "{}\n[[fluid]]\nplace_mm = [-1.8, {depth_mm}, 0]\ntowards_mm = [-1.8, -20, 0]\nmillilitres = 5\n",
            story()
        )
    };
    let (dry_c, wet_c) = (skin_c(&story(), "dry.toml"), skin_c(&fluid(4.5), "wet.toml"));
    assert!(wet_c > dry_c + 3.0, "{dry_c} {wet_c}");
    let refused = run("plan", &written("air.toml", &fluid(-2.0)), &[]);
    let error = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(2) && error.contains("fluid 1"), "{error}");
}
