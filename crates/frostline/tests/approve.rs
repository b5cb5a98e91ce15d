//! `frostline approve` writes an approval that stands until the case changes, and refuses one that was edited.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The caliper story with a fast grid, and pieces of its text replaced.
fn case(name: &str, changes: &[(&str, &str)]) -> PathBuf {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/sural_calipers/case.toml");
    let mut text = std::fs::read_to_string(story).expect("the story is there");
    text = text.replacen("side = ", "solver = { fine_mm = 1.0, step_s = 5 }\nside = ", 1);
    for (from, to) in changes {
        assert!(text.contains(from), "the story does not contain {from}");
        text = text.replacen(from, to, 1);
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("the folder for tests can be written");
    path
}

fn approve(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_frostline")).arg("approve").args(arguments).output().expect("the program starts")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

fn signed(case: &Path, name: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let output =
        approve(&[text(case), "--by", "Anna Berg", "--role", "interventional radiologist", "--out", text(&file)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    file
}

#[test]
fn an_approval_stands_for_its_case_and_falls_when_the_tip_moves() {
    let approved = case("approve_stands.toml", &[]);
    let file = signed(&approved, "approve_stands.json");
    let stands = approve(&["--check", text(&file), text(&approved)]);
    assert_eq!(stands.status.code(), Some(0), "{}", String::from_utf8_lossy(&stands.stderr));

    let moved = case("approve_moved.toml", &[("tip_mm = [-1.8, 7.0, 3.0]", "tip_mm = [-1.8, 7.0, 3.5]")]);
    let revoked = approve(&["--check", text(&file), text(&moved)]);
    let said = String::from_utf8_lossy(&revoked.stdout);
    assert_eq!(revoked.status.code(), Some(1), "{said}");
    for piece in ["REVOKED", "probe 1", "(-1.8, 7.0, 3.0)", "(-1.8, 7.0, 3.5)", "Anna Berg"] {
        assert!(said.contains(piece), "'{piece}' is not in: {said}");
    }
}

#[test]
fn an_edited_approval_is_bad_input() {
    let approved = case("approve_edited.toml", &[]);
    let file = signed(&approved, "approve_edited.json");
    let edited = std::fs::read_to_string(&file).expect("it was written").replace("Anna Berg", "Anna Borg");
    std::fs::write(&file, edited).expect("the folder for tests can be written");
    let output = approve(&["--check", text(&file), text(&approved)]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && error.contains("changed after it was written"), "{error}");
}

#[test]
fn an_approval_without_a_role_or_a_name_is_refused() {
    let approved = case("approve_nobody.toml", &[]);
    for arguments in [vec![text(&approved)], vec![text(&approved), "--by", "Anna Berg"]] {
        let output = approve(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    let output = approve(&[text(&approved), "--by", " ", "--role", "radiologist"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("readable name"), "{output:?}");
}
