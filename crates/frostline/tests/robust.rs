//! `frostline robust` from outside.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn asked(name: &str, case: &Path, more: &[&str]) -> Output {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    Command::new(env!("CARGO_BIN_EXE_frostline"))
        .args(["robust", case.to_str().unwrap(), "--samples", "16", "--fine-mm", "2"])
        .args(["--out", out.to_str().unwrap()])
        .args(more)
        .output()
        .expect("the program starts")
}

fn calipers() -> PathBuf {
    root().join("examples/sural_calipers/case.toml")
}

#[test]
fn the_same_seed_gives_the_same_json_on_any_number_of_threads() {
    let one = asked("robust_one", &calipers(), &["--json", "--threads", "1", "--seed", "3"]);
    let two = asked("robust_two", &calipers(), &["--json", "--threads", "2", "--seed", "3"]);
    assert!(one.status.success(), "{}", String::from_utf8_lossy(&one.stderr));
    assert_eq!(one.stdout, two.stdout);
    let json: Value = serde_json::from_slice(&one.stdout).unwrap();
    assert_eq!((json["schema"].as_str(), json["samples"].as_u64()), (Some("frostline-robustness/1"), Some(16)));
    let p = json["success"]["probability"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&p) && json["success"]["low"].as_f64().unwrap() <= p);
    let written =
        std::fs::read_to_string(Path::new(env!("CARGO_TARGET_TMPDIR")).join("robust_one/robust.json")).unwrap();
    assert_eq!(written.trim(), String::from_utf8_lossy(&one.stdout).trim());
    for doubt in json["doubts"].as_array().unwrap() {
        assert!(!doubt["source"].as_str().unwrap().is_empty() && !doubt["status"].as_str().unwrap().is_empty());
    }
}

#[test]
fn the_summary_says_the_chance_its_parts_and_what_the_program_is_not() {
    let output = asked("robust_words", &calipers(), &["--tracked"]);
    let text = String::from_utf8_lossy(&output.stdout);
    for words in ["success  ", "disabled ", "safe     ", "tracked needle", "remedy   ", "not a cleared medical device"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    // What is done already is no remedy.
    assert!(text.contains("is so already"), "{text}");
}

#[test]
fn a_doubt_of_the_case_goes_before_the_catalogue_and_a_wrong_one_is_refused() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("robust_cases");
    std::fs::create_dir_all(&folder).unwrap();
    let text = std::fs::read_to_string(calipers()).unwrap();
    let with = |line: &str| {
        let path = folder.join("case.toml");
        std::fs::write(&path, text.replace("[calipers]", &format!("uncertainty = {{ {line} }}\n[calipers]"))).unwrap();
        asked("robust_own", &path, &["--json"])
    };
    let json: Value = serde_json::from_slice(&with("error_mean_mm = 1.0, error_sd_mm = 0.5").stdout).unwrap();
    // An isotropic normal error with a mean of 1 mm and little more spread than 0.42 of it scatters by 0.6 mm along each axis.
    let sd = json["doubts"][0]["sd"].as_f64().unwrap();
    assert!((0.5..0.65).contains(&sd), "{sd}");
    assert_eq!(json["doubts"][0]["note"].as_str(), Some("From the case file."));
    let refused = with("error_sd_mm = 0.1");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said.contains("error.sd_mm") && said.contains("expected a number from"), "{said}");
}
