//! `frostline calibrate` from outside, and `frostline plan` with what it wrote.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    // The manifest of this crate lies two folders below the root.
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// An empty folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("calibrate").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn frostline(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_frostline")).args(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A small run of one size of ice, coarse enough to be fitted in a moment.
const BENCH: &str = "\
# probe = \"n2o-1.3\"
# serial = \"T-1\"
# date = 2026-03-14
# gas_pressure_bar = 45
# bath_c = 22
# medium = { tissue = \"muscle\", perfusion_factor = 0 }
# phases = [{ do = \"freeze\", seconds = 60 }]
# bath = { across_mm = 40, below_tip_mm = 18, above_tip_mm = 22 }
# solver = { fine_mm = 1.0, fine_margin_mm = 3 }
time_s,isotherm_c,width_mm,width_spread_mm
60,0,6.5,0.4
";

const COUPLES: &str = "\
# couples = { t1 = { r_mm = 2.0, z_mm = 2.0 } }
time_s,t1
10,15
20,5
30,-1
40,-4
50,-6
60,-7
";

/// The header of [`BENCH`] with readings of a couple instead of sizes.
fn couples() -> String {
    let header = BENCH.split("time_s,").next().unwrap();
    format!("{header}{COUPLES}")
}

fn calibrated(name: &str, bench: &str) -> (Output, PathBuf) {
    let folder = folder(name);
    let file = folder.join("bench.csv");
    std::fs::write(&file, bench).unwrap();
    (frostline(&["calibrate", text(&file), "--out", text(&folder.join("out"))]), folder)
}

/// What the program says about a bench file that it must not fit.
fn refusal(name: &str, bench: &str) -> String {
    let (output, folder) = calibrated(name, bench);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    let out = folder.join("out");
    assert!(!out.exists() || std::fs::read_dir(out).unwrap().next().is_none(), "nothing is stored");
    String::from_utf8(output.stderr).unwrap()
}

fn says(said: &str, pieces: &[&str]) {
    for piece in pieces {
        assert!(said.contains(piece), "expected \"{piece}\" in: {said}");
    }
}

fn changed(from: &str, to: &str) -> String {
    assert!(BENCH.contains(from), "{from}");
    BENCH.replacen(from, to, 1)
}

const STORED: &str = "out/n2o-1.3-T-1-2026-03-14.toml";

#[test]
fn a_size_of_ice_becomes_a_stored_law_and_the_same_file_gives_the_same_bytes() {
    let (first, folder) = calibrated("size", BENCH);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    says(&String::from_utf8_lossy(&first.stdout), &["coldest_c", "calibrated on 2026-03-14, serial T-1, 45 bar"]);
    let stored = std::fs::read_to_string(folder.join(STORED)).unwrap();
    says(
        &stored,
        &["gas_pressure_bar = 45", "serial = \"T-1\"", "[[residual]]", "input_fingerprint", "solver_version"],
    );
    let again = frostline(&[
        "calibrate",
        text(&folder.join("bench.csv")),
        "--out",
        text(&folder.join("again")),
        "--threads",
        "1",
    ]);
    assert_eq!(again.status.code(), Some(0));
    let repeated = std::fs::read_to_string(folder.join("again/n2o-1.3-T-1-2026-03-14.toml")).unwrap();
    assert_eq!(stored, repeated);
}

#[test]
fn the_header_may_lie_beside_the_table_but_not_in_both_places() {
    let folder = folder("sibling");
    let (header, table) = BENCH.split_once("time_s,").unwrap();
    let header: String = header.lines().map(|line| format!("{}\n", line.trim_start_matches('#'))).collect();
    std::fs::write(folder.join("bench.toml"), header).unwrap();
    std::fs::write(folder.join("bench.csv"), format!("time_s,{table}")).unwrap();
    let arguments =
        ["calibrate", text(&folder.join("bench.csv")), "--out", text(&folder.join("out"))].map(str::to_owned);
    let run = || frostline(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(run().status.code(), Some(0));
    std::fs::write(folder.join("bench.csv"), BENCH).unwrap();
    let both = run();
    assert_eq!(both.status.code(), Some(2));
    says(&String::from_utf8_lossy(&both.stderr), &["bench.toml", "keep one of them"]);
}

#[test]
fn a_file_without_a_header_is_refused_with_the_keys_it_needs() {
    let table = BENCH.split_once("time_s,").unwrap().1;
    says(&refusal("headless", &format!("time_s,{table}")), &["no header", "bench.toml", "gas_pressure_bar"]);
}

#[test]
fn a_missing_or_misspelt_key_of_the_header_is_named() {
    says(&refusal("no-serial", &changed("# serial = \"T-1\"\n", "")), &["the header", "serial", "docs/calibrate.md"]);
    says(&refusal("misspelt", &changed("bath_c", "bath_temperature")), &["the header", "bath_temperature"]);
    says(&refusal("no-pressure", &changed("# gas_pressure_bar = 45\n", "")), &["gas_pressure_bar"]);
}

#[test]
fn values_of_the_header_that_cannot_be_true_are_refused() {
    says(&refusal("probe", &changed("n2o-1.3", "n2o-9.9")), &["n2o-9.9", "icesphere-1.5"]);
    says(&refusal("date", &changed("2026-03-14", "\"14.3.2026\"")), &["14.3.2026", "YYYY-MM-DD"]);
    says(&refusal("day", &changed("2026-03-14", "\"2026-02-30\"")), &["2026-02-30", "YYYY-MM-DD"]);
    says(&refusal("path", &changed("T-1", "../T-1")), &["serial", "../T-1"]);
    says(&refusal("pressure", &changed("bar = 45", "bar = -1")), &["gas_pressure_bar", "-1", "0.1 to 1000"]);
    says(&refusal("nan", &changed("bath_c = 22", "bath_c = nan")), &["bath_c", "NaN"]);
    says(&refusal("no-freeze", &changed("do = \"freeze\"", "do = \"passive-thaw\"")), &["no phase", "freeze"]);
}

#[test]
fn rows_that_cannot_be_read_are_refused_with_their_line() {
    says(&refusal("not-a-number", &changed("60,0,6.5", "60,0,wide")), &["line 11", "width_mm", "\"wide\""]);
    says(&refusal("nan-row", &changed("60,0,6.5", "60,0,NaN")), &["line 11", "NaN"]);
    says(&refusal("short", &changed("60,0,6.5,0.4", "60,0,6.5")), &["line 11", "3 fields", "expected 4"]);
    says(&refusal("column", &changed("width_mm,", "diameter_mm,")), &["diameter_mm", "width_mm"]);
    says(&refusal("no-rows", &changed("60,0,6.5,0.4\n", "")), &["found 0", "at least 1"]);
    says(&refusal("no-extent", &changed("60,0,6.5,0.4", "60,0,,0.4")), &["neither width nor length"]);
}

#[test]
fn thermocouples_that_cannot_be_are_refused() {
    let changed = |from: &str, to: &str| {
        assert!(couples().contains(from), "{from}");
        couples().replacen(from, to, 1)
    };
    says(&refusal("inside", &changed("r_mm = 2.0", "r_mm = 0.3")), &["t1", "inside the probe of 0.65 mm"]);
    says(&refusal("outside", &changed("r_mm = 2.0", "r_mm = 30.0")), &["t1", "outside the bath"]);
    says(&refusal("order", &changed("40,-4", "20,-4")), &["row 4 is at 20 s", "in order of time"]);
    says(&refusal("few", &changed("10,15\n20,5\n", "")), &["found 4", "at least 5"]);
    says(&refusal("unplaced", &changed("{ t1 =", "{ t2 =")), &["t2"]);
    says(&refusal("hot", &changed("60,-7", "60,700")), &["700", "-200 to 100"]);
}

/// The story of the calipers with another probe, coarse for speed.
fn case(folder: &Path, model: &str, more: &str) -> PathBuf {
    let story = std::fs::read_to_string(root().join("examples/sural_calipers/case.toml")).unwrap();
    let case = story.replace("model = \"n2o-2.0\"", &format!("model = \"{model}\"{more}"));
    assert_ne!(case, story, "the story no longer uses n2o-2.0");
    let path = folder.join("case.toml");
    std::fs::write(&path, format!("{case}\n[solver]\nfine_mm = 1.2\n")).unwrap();
    path
}

fn planned(case: &Path, folder: &Path, more: &[&str]) -> Output {
    frostline(&[&["plan", text(case), "--out", text(&folder.join("plan")), "--json"], more].concat())
}

#[test]
fn a_plan_uses_a_calibration_and_shows_it_wherever_the_probe_is_named() {
    let (fitted, folder) = calibrated("plan", BENCH);
    assert!(fitted.status.success());
    let stored = folder.join(STORED);
    let json = |output: &Output| -> serde_json::Value { serde_json::from_slice(&output.stdout).unwrap() };
    let case_without = case(&folder, "n2o-1.3", "");
    let without = json(&planned(&case_without, &folder, &[]));
    let with = json(&planned(&case_without, &folder, &["--calibration", text(&stored)]));
    assert_eq!(without["probes"][0]["calibrated"], false);
    assert_eq!(with["probes"][0]["calibrated"], true);
    assert_eq!(with["probes"][0]["serial"], "T-1");
    says(with["probes"][0]["against"].as_str().unwrap(), &["calibrated on 2026-03-14, serial T-1"]);
    assert_ne!(with["fingerprints"]["catalogues"], without["fingerprints"]["catalogues"]);
    assert_ne!(with["isotherms"][0]["width_mm"], without["isotherms"][0]["width_mm"]);
    let report = std::fs::read_to_string(folder.join("plan/report.html")).unwrap();
    says(&report, &["calibrated on 2026-03-14, serial T-1"]);
    // The key of the case does what the flag does, with a path relative to the case.
    let by_key = json(&planned(&case(&folder, "n2o-1.3", &format!("\ncalibration = \"{STORED}\"")), &folder, &[]));
    assert_eq!(by_key["isotherms"], with["isotherms"]);
    assert_eq!(by_key["probes"], with["probes"]);
    band_is_sound(&with);
}

/// Every size lies inside its own band.
fn band_is_sound(assessment: &serde_json::Value) {
    for isotherm in assessment["isotherms"].as_array().unwrap() {
        for size in ["width", "length"] {
            let of = |key: String, n: usize| isotherm[key][n].as_f64().unwrap();
            let mm = isotherm[format!("{size}_mm")].as_f64().unwrap();
            let band = format!("{size}_band_mm");
            assert!(of(band.clone(), 0) <= mm && mm < of(band, 1), "{isotherm}");
        }
    }
}

#[test]
fn a_calibration_of_another_probe_or_solver_or_that_is_not_one_is_refused() {
    let (fitted, folder) = calibrated("mismatch", BENCH);
    assert!(fitted.status.success());
    let stored = folder.join(STORED);
    let other = case(&folder, "n2o-2.0", " # unchanged");
    let refused = |case: &Path, calibration: &Path| {
        let output = planned(case, &folder, &["--calibration", text(calibration)]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    says(&refused(&other, &stored), &["n2o-1.3", "serial T-1", "the plan uses n2o-2.0"]);
    let by_key = case(&folder, "n2o-2.1", &format!("\ncalibration = \"{STORED}\""));
    let output = planned(&by_key, &folder, &[]);
    says(&String::from_utf8_lossy(&output.stderr), &["n2o-1.3", "the plan uses n2o-2.1"]);
    let same = case(&folder, "n2o-1.3", "");
    let rewritten = |from: &str, to: &str| {
        let text = std::fs::read_to_string(&stored).unwrap().replacen(from, to, 1);
        let path = folder.join("rewritten.toml");
        std::fs::write(&path, text).unwrap();
        path
    };
    let version = format!("solver_version = \"{}\"", env!("CARGO_PKG_VERSION"));
    says(&refused(&same, &rewritten(&version, "solver_version = \"99.0\"")), &["99.0", "frostline calibrate"]);
    says(&refused(&same, &rewritten("calibration/1", "calibration/7")), &["frostline-calibration/7"]);
    says(&refused(&same, &folder.join("bench.csv")), &["calibrate"]);
    says(&refused(&same, &folder.join("nowhere.toml")), &["nowhere.toml", "check the path"]);
}

/// `key = number` under a header of a stored calibration.
fn number(table: &toml::Table, name: &str, key: &str) -> f64 {
    let parameters = table["parameter"].as_array().unwrap();
    let found = parameters.iter().find(|p| p["name"].as_str() == Some(name)).unwrap();
    found[key].as_float().unwrap()
}

#[test]
fn the_recorded_calibration_of_the_synthetic_run_holds_its_truth() {
    let path = root().join("validation/calibration/probe-calibrations/n2o-1.3-SYNTHETIC-1-2026-01-15.toml");
    let table: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    for (name, truth) in [("coldest_c", -62.0), ("time_constant_s", 9.0)] {
        let (low, high) = (number(&table, name, "low"), number(&table, name, "high"));
        assert!(low < truth && truth < high, "{name}: {low} to {high}");
    }
}
