//! A case may choose how tissue freezes; the choice shows in the fingerprint, the answer and the report.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The caliper story on coarse cells with a tissue model of its own: the assessment, and the page.
fn planned(name: &str, model: &str) -> (Value, String) {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/sural_calipers/case.toml");
    let text = std::fs::read_to_string(story).expect("the story is there");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("the folder for tests can be written");
    let case = folder.join("case.toml");
    std::fs::write(&case, format!("solver = {{ fine_mm = 1.0, step_s = 5 }}\n{model}\n{text}")).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_frostline"))
        .args(["plan", "--json"])
        .arg(&case)
        .arg("--out")
        .arg(&folder)
        .output()
        .expect("the program starts");
    let error = String::from_utf8_lossy(&output.stderr);
    let found = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {error}"));
    (found, std::fs::read_to_string(folder.join("report.html")).expect("a report"))
}

#[test]
fn a_case_that_chooses_another_freezing_model_says_so_and_has_another_fingerprint() {
    let (plain, plain_page) = planned("plain_model", "");
    let (same, _) = planned("same_model", "tissue_model = { freezing = \"linear\", lipid_crystallisation = false }");
    let (real, page) = planned("real_model", "tissue_model = { freezing = \"water-activity\" }");
    let (fat, fat_page) = planned("lipid_model", "tissue_model = { lipid_crystallisation = true }");
    let print = |found: &Value, of: &str| found["fingerprints"][of].clone();
    assert_eq!(print(&plain, "catalogues"), print(&same, "catalogues"), "choosing what is so anyway changes nothing");
    assert_eq!(print(&plain, "answer"), print(&same, "answer"));
    for other in [&real, &fat] {
        assert_ne!(print(&plain, "catalogues"), print(other, "catalogues"));
        assert_ne!(print(&plain, "answer"), print(other, "answer"));
    }
    assert!(
        plain_page.contains("(linear); lipid hardening in fat is left out")
            && !plain_page.contains("Chosen by the case")
    );
    assert!(page.contains("(water-activity)") && page.contains("Chosen by the case; the catalogue has"));
    assert!(page.contains("80 % at -5.0 °C"), "the row of muscle says how it freezes");
    assert!(fat_page.contains("lipid hardens") && fat_page.contains("10 to -10 °C; 40 kJ/kg"));
}
