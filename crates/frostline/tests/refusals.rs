//! Cases that cannot be used are refused before any computing: exit code 2, and a message that says what was found.

use std::path::Path;
use std::process::Command;

/// The caliper story with one piece of its text replaced, as the program answers it.
fn refusal(name: &str, from: &str, to: &str) -> String {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/sural_calipers/case.toml");
    let text = std::fs::read_to_string(story).expect("the story is there");
    assert!(text.contains(from), "the story does not contain {from}");
    let case = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.toml"));
    std::fs::write(&case, text.replacen(from, to, 1)).expect("the folder for tests can be written");
    let output = Command::new(env!("CARGO_BIN_EXE_frostline"))
        .arg("plan")
        .arg(&case)
        .arg("--out")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name))
        .output()
        .expect("the program starts");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{name}: {error}");
    error
}

fn says(error: &str, pieces: &[&str]) {
    for piece in pieces {
        assert!(error.contains(piece), "'{piece}' is not in: {error}");
    }
}

#[test]
fn an_unknown_key_is_refused_with_its_name() {
    says(&refusal("unknown_key", "side = \"right\"", "side = \"right\"\nsyde = 1"), &["syde", "docs/case.md"]);
}

#[test]
fn a_probe_model_that_does_not_exist_lists_those_that_do() {
    says(&refusal("unknown_probe", "n2o-2.0", "n2o-9.9"), &["n2o-9.9", "n2o-2.0", "icesphere-1.5"]);
}

#[test]
fn an_entry_in_the_air_is_refused_with_the_place_of_the_skin() {
    let error = refusal("entry_in_air", "entry_mm = [-1.8, 0.0, -22.0]", "entry_mm = [-1.8, -6.0, -22.0]");
    says(&error, &["entry of probe 1", "from the skin", "use that as its entry"]);
}

#[test]
fn a_protocol_with_an_id_and_phases_is_refused() {
    let error = refusal(
        "two_protocols",
        "{ id = \"textbook-90-25-90\" }",
        "{ id = \"textbook-90-25-90\", phases = [{ freeze_s = 5 }] }",
    );
    says(&error, &["textbook-90-25-90", "keep one"]);
}

#[test]
fn a_freeze_of_no_time_is_refused() {
    let error = refusal("no_time", "{ id = \"textbook-90-25-90\" }", "{ phases = [{ freeze_s = 1e-300 }] }");
    says(&error, &["phase 1", "1 to 3600 s"]);
}

#[test]
fn a_limb_of_a_million_kilometres_is_refused_at_once() {
    says(&refusal("long_limb", "length_mm = 80", "length_mm = 1e12"), &["length_mm", "2000 mm"]);
}

#[test]
fn a_tip_beyond_reach_is_refused_before_anything_is_walked() {
    says(
        &refusal("far_tip", "tip_mm = [-1.8, 7.0, 3.0]", "tip_mm = [-1.8, 7.0, 9000.0]"),
        &["reaches", "choose a longer probe"],
    );
    says(
        &refusal("farther_tip", "tip_mm = [-1.8, 7.0, 3.0]", "tip_mm = [-1.8, 7.0, 1e12]"),
        &["coordinate", "10000 mm"],
    );
}

#[test]
fn a_nerve_given_twice_is_refused() {
    let error = refusal(
        "nerve_twice",
        "id = \"sural\",",
        "id = \"sural\", points_mm = [[0, 7, -9], [0, 7, 9]], radius_mm = 1,",
    );
    says(&error, &["[nerve]", "remove points_mm"]);
}

#[test]
fn a_number_that_is_none_is_refused() {
    says(&refusal("not_a_number", "depth_mm = 7.0", "depth_mm = nan"), &["depth_mm"]);
}

#[test]
fn a_freezing_curve_that_does_not_exist_is_refused_with_those_that_do() {
    let error =
        refusal("unknown_curve", "side = \"right\"", "side = \"right\"\ntissue_model = { freezing = \"real\" }");
    says(&error, &["real", "linear", "water-activity"]);
}

#[test]
fn a_tolerance_that_makes_no_sense_is_refused_with_the_range() {
    for (n, surface_mm) in ["0", "-0.1", "0.009", "1.01", "nan"].into_iter().enumerate() {
        let to = format!("side = \"right\"\naccuracy = {{ surface_mm = {surface_mm} }}");
        let error = refusal(&format!("tolerance_{n}"), "side = \"right\"", &to);
        says(&error, &["accuracy.surface_mm", "0.01 to 1 mm"]);
    }
}

#[test]
fn a_tolerance_beside_a_fixed_grid_is_refused_with_both_keys() {
    let to = "side = \"right\"\naccuracy = { surface_mm = 0.1 }\nsolver = { fine_mm = 0.5 }";
    says(&refusal("two_accuracies", "side = \"right\"", to), &["surface_mm", "fine_mm", "remove"]);
}
