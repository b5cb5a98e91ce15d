//! `frostline simulate` from outside: the two scenes of `validation/scenes`, on coarse cells.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn scenes() -> PathBuf {
    // The manifest of this crate lies two folders below the root.
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../validation/scenes")
}

/// A folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn simulate(scene: &Path, out: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frostline"));
    command.arg("simulate").arg(scene).arg("--out").arg(out).args(["--threads", "2"]).args(more);
    command.output().unwrap()
}

/// A scene written into a folder and run; what the program said on standard error, and its exit code.
fn refusal(name: &str, text: &str) -> (String, Option<i32>) {
    let folder = folder(name);
    let scene = folder.join("scene.toml");
    std::fs::write(&scene, text).unwrap();
    let output = simulate(&scene, &folder, &[]);
    (String::from_utf8(output.stderr).unwrap(), output.status.code())
}

/// A table of numbers; an empty field is NaN, which passes no comparison.
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl Table {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = text.lines();
        let columns = lines.next().unwrap().split(',').map(str::to_owned).collect();
        let number = |field: &str| field.parse().unwrap_or(f64::NAN);
        Self { columns, rows: lines.map(|line| line.split(',').map(number).collect()).collect() }
    }

    fn column(&self, name: &str) -> usize {
        self.columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"))
    }

    fn value(&self, row: impl Fn(&[f64]) -> bool, column: &str) -> f64 {
        self.rows.iter().find(|values| row(values)).unwrap()[self.column(column)]
    }

    /// Linear between the rows of the first column.
    fn at(&self, first: f64, column: usize) -> f64 {
        let after = self.rows.iter().position(|row| row[0] >= first).unwrap();
        if self.rows[after][0] == first {
            return self.rows[after][column];
        }
        let (a, b) = (&self.rows[after - 1], &self.rows[after]);
        a[column] + (b[column] - a[column]) * (first - a[0]) / (b[0] - a[0])
    }
}

fn smallest_scene(change: (&str, &str)) -> String {
    let scene = "
        name = \"a probe in muscle\"
        [space]
        least_mm = [-20, -20, -20]
        most_mm = [20, 20, 20]
        fine_mm = 1.1
        [temperatures]
        start_c = 37
        [faces]
        all_c = 37
        [media.muscle]
        tissue = \"muscle\"
        [fill]
        uniform = \"muscle\"
        [[probe]]
        catalogue = \"n2o-2.0\"
        tip_mm = [0, 0, 0]
        towards_hub = [0, 0, 1]
        phases = [{ do = \"freeze\", seconds = 20 }]
        [[sensor]]
        name = \"near\"
        at_mm = [2, 0, 3]
    ";
    assert!(scene.contains(change.0), "nothing to change");
    scene.replace(change.0, change.1)
}

#[test]
fn the_reference_freeze_meets_its_converged_radii_at_three_minutes() {
    let out = folder("r1");
    let output = simulate(&scenes().join("r1.toml"), &out, &["--fine-mm", "0.9", "--until-s", "180"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = Table::read(&out.join("isotherms.csv"));
    let at = |celsius: f64, ray: &str| table.value(|row| row[0] == 180.0 && row[1] == celsius, ray);
    // Cells of 0.9 mm with exact links were within 0.11 mm on radii and 0.38 mm along the axis in prototypes at 1 mm;
    // the ruler adds at most a tenth of its 0.45 mm marks, where the field bends between two of them.
    for (celsius, converged_mm) in [(0.0, 8.839), (-20.0, 6.127), (-40.0, 4.215)] {
        let found_mm = at(celsius, "across_mm");
        assert!((found_mm - converged_mm).abs() < 0.16, "{celsius} °C: {found_mm} mm, not {converged_mm}");
    }
    for (celsius, converged_mm) in [(0.0, 13.122), (-20.0, 10.690)] {
        let found_mm = at(celsius, "along_mm");
        assert!((found_mm - converged_mm).abs() < 0.38, "{celsius} °C: {found_mm} mm, not {converged_mm}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("simulation.json")).unwrap()).unwrap();
    assert_eq!(json["schema"], "frostline-simulation-1");
    // Explicit conservative steps lose nothing but rounding.
    assert!(json["solver"]["energy_error"].as_f64().unwrap() < 1e-6);
}

#[test]
fn the_gel_experiment_is_met_by_six_couples_in_its_first_two_minutes() {
    let out = folder("e1");
    let output = simulate(&scenes().join("e1.toml"), &out, &["--fine-mm", "0.9", "--until-s", "120"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (simulated, measured) = (Table::read(&out.join("sensors.csv")), Table::read(&scenes().join("e1_measured.csv")));
    let couples = ["r4.4_c", "r6.4_c", "r8.4_c", "r10.4_c", "r12.4_c", "r14.4_c"];
    let mut squares = Vec::new();
    for row in measured.rows.iter().filter(|row| row[0] > 0.0 && row[0] <= 120.0) {
        for couple in couples {
            let column = measured.column(couple);
            // Every couple has an offset of its own: they were all at the same temperature at the start.
            let offset_k = measured.rows[0][column] - 30.6;
            let error_k = simulated.at(row[0], simulated.column(couple)) - (row[column] - offset_k);
            squares.push(error_k * error_k);
        }
    }
    let rmse_k = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
    // 1.52 K on these cells when the scene was written; 2 K is the bar that the reference sets for a 3-D model with
    // one fitted offset.
    assert!(rmse_k < 2.0, "{rmse_k} K");
}

#[test]
fn tables_hold_one_row_per_record_and_a_column_per_sensor_and_probe() {
    let out = folder("tables");
    let scene = out.join("scene.toml");
    std::fs::write(&scene, smallest_scene(("n2o-2.0", "n2o-2.0"))).unwrap();
    assert!(simulate(&scene, &out, &[]).status.success());
    let table = Table::read(&out.join("sensors.csv"));
    assert_eq!(table.columns, ["at_s", "near_c", "n2o-2.0_surface_c", "n2o-2.0_power_w"]);
    let times: Vec<f64> = table.rows.iter().map(|row| row[0]).collect();
    assert_eq!(times, [0.0, 5.0, 10.0, 15.0, 20.0]);
    // It starts at 37 °C and only cools.
    assert!(table.rows.windows(2).all(|rows| rows[1][1] < rows[0][1]));
}

#[test]
fn a_misspelt_key_is_refused_by_name() {
    let (said, code) = refusal("misspelt", &smallest_scene(("start_c", "start")));
    assert!(said.contains("start") && said.contains("docs/scene.md"), "{said}");
    assert_eq!(code, Some(2));
}

#[test]
fn an_unknown_probe_is_refused_with_those_that_exist() {
    let (said, code) = refusal("probe", &smallest_scene(("n2o-2.0", "n2o-9")));
    assert!(said.contains("n2o-9") && said.contains("icesphere-1.5"), "{said}");
    assert_eq!(code, Some(2));
}

#[test]
fn a_probe_whose_length_nobody_knows_is_refused_with_what_is_missing() {
    let (said, _) = refusal("unknown-length", &smallest_scene(("n2o-2.0", "endocare-1.7")));
    assert!(said.contains("active_length_mm"), "{said}");
}

#[test]
fn a_sensor_outside_the_box_is_refused_with_its_place() {
    let (said, _) = refusal("outside", &smallest_scene(("[2, 0, 3]", "[2, 0, 30]")));
    assert!(said.contains("near") && said.contains("(2, 0, 30)"), "{said}");
}

#[test]
fn a_missing_scene_is_refused_with_its_path() {
    let output = simulate(Path::new("nowhere.toml"), &folder("missing"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("nowhere.toml"));
}

/// A medium of its own that freezes as the last lines say.
fn own_medium(freezing: &str) -> String {
    let medium = "
        density_kg_per_m3 = 1090
        unfrozen_w_per_m_k = 0.495
        unfrozen_j_per_kg_k = 3421
        frozen_w_per_m_k = [[-160, 2.64], [-40, 1.59], [-20, 1.46], [-10, 1.36]]
        frozen_j_per_kg_k = [[-160, 1492], [-40, 2062], [-20, 2195], [-10, 2313]]
        freezing_starts_c = -1.0
        latent_j_per_kg = 219.4e3
        ";
    smallest_scene(("tissue = \"muscle\"", &format!("{medium}{freezing}")))
}

fn ice_volume_mm3(name: &str, scene: &str) -> f64 {
    let out = folder(name);
    let path = out.join("scene.toml");
    std::fs::write(&path, scene).unwrap();
    let output = simulate(&path, &out, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Table::read(&out.join("isotherms.csv")).value(|row| row[0] == 20.0 && row[1] == 0.0, "volume_mm3")
}

#[test]
fn a_scene_may_choose_the_water_activity_curve_for_a_tissue_and_for_a_medium_of_its_own() {
    let linear = ice_volume_mm3("linear", &smallest_scene(("37", "37")));
    let real = smallest_scene(("tissue = \"muscle\"", "tissue = \"muscle\"\nfreezing = \"water-activity\""));
    let real = ice_volume_mm3("water-activity", &real);
    // Half of the water freezes in the first kelvin, so the edge of the ice lies further in: by 0.8 % of its volume.
    assert!(real < 0.996 * linear && real > 0.98 * linear, "{real} {linear}");
    let own = own_medium(
        "freezing = \"water-activity\"\nfrozen_from_c = -10\nperfusion_w_per_m3_k = 2535\nmetabolic_w_per_m3 = 988",
    );
    let own = ice_volume_mm3("own-water-activity", &own);
    // The same numbers, but for the rows of the frozen table between -160 and -40 °C: 0.2 %.
    assert!((own / real - 1.0).abs() < 0.003, "{own} {real}");
}

#[test]
fn a_key_of_the_other_freezing_curve_is_refused() {
    let water = "freezing = \"water-activity\"";
    let (said, code) =
        refusal("both-ends", &own_medium(&format!("{water}\nfrozen_from_c = -10\nfreezing_ends_c = -8")));
    assert!(said.contains("freezing_ends_c means nothing with freezing = \"water-activity\""), "{said}");
    assert_eq!(code, Some(2));
    assert!(refusal("no-end", &own_medium("")).0.contains("needs freezing_ends_c"));
    assert!(refusal("no-tables", &own_medium(water)).0.contains("needs frozen_from_c"));
    assert!(
        refusal("other-end", &own_medium("freezing_ends_c = -8\nfrozen_from_c = -10"))
            .0
            .contains("frozen_from_c means")
    );
    let warm =
        own_medium("freezing_ends_c = -8\nlipid = { liquid_above_c = 5, solid_below_c = 6, latent_j_per_kg = 4e4 }");
    assert!(refusal("lipid", &warm).0.contains("lipid.solid_below_c is 6"));
}

#[test]
fn lipid_in_a_tissue_without_any_is_refused_and_in_fat_it_slows_the_ice() {
    let muscle = "tissue = \"muscle\"\nlipid_crystallisation = true";
    let (said, _) = refusal("lean", &smallest_scene(("tissue = \"muscle\"", muscle)));
    assert!(said.contains("says nothing of lipid in muscle"), "{said}");
    let fat =
        |more: &str| smallest_scene(("tissue = \"muscle\"", &format!("tissue = \"fat\"\nperfusion_factor = 0{more}")));
    let (without, with) =
        (ice_volume_mm3("fat", &fat("")), ice_volume_mm3("lipid-fat", &fat("\nlipid_crystallisation = true")));
    assert!(with < 0.97 * without, "{with} {without}");
}

#[test]
fn the_gpu_answers_when_asked_for_or_the_program_says_what_it_lacks() {
    let folder = folder("gpu");
    let output = simulate(&scenes().join("r1.toml"), &folder, &["--gpu", "--fine-mm", "2", "--until-s", "20"]);
    let said = String::from_utf8(output.stderr).unwrap();
    let is_built_in = cfg!(feature = "gpu");
    if output.status.success() {
        assert_eq!(is_built_in, output.status.success(), "a GPU was used by a build without it");
        let json = std::fs::read_to_string(folder.join("simulation.json")).unwrap();
        assert!(json.contains("\"backend\": \"GPU\""), "{json}");
        return;
    }
    assert_eq!(output.status.code(), Some(2));
    let remedy = if is_built_in { "install such a driver" } else { "build it again with `--features gpu`" };
    for words in ["no GPU can be used", remedy, "the CPU needs neither"] {
        assert!(said.contains(words), "{words:?} is missing in: {said}");
    }
}

/// The smallest scene with cells chosen by the program; what `simulation.json` says, and standard error.
fn estimated(name: &str, change: (&str, &str), more: &[&str]) -> (serde_json::Value, String) {
    let folder = folder(name);
    let scene = folder.join("scene.toml");
    std::fs::write(&scene, smallest_scene(change)).unwrap();
    let output = simulate(&scene, &folder, more);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{error}");
    let text = std::fs::read_to_string(folder.join("simulation.json")).unwrap();
    (serde_json::from_str(&text).unwrap(), error)
}

#[test]
fn without_a_grid_the_usual_tolerance_holds_and_every_surface_has_an_error() {
    let (found, error) = estimated("usual_tolerance", ("fine_mm = 1.1", ""), &[]);
    assert_eq!(found["accuracy"]["tolerance_mm"], 0.1);
    assert_eq!(found["accuracy"]["is_within"], true, "{}", found["accuracy"]);
    assert!(!error.contains("warning"), "{error}");
    for isotherm in found["isotherms"].as_array().unwrap() {
        assert!(isotherm["error_mm"].as_f64().is_some_and(|mm| mm <= 0.1), "{isotherm}");
    }
    assert!(found["sensors"][0]["error_k"].as_f64().is_some_and(|k| k > 0.0), "{}", found["sensors"]);
}

#[test]
fn file_and_command_line_ask_for_a_tolerance_with_the_same_answer() {
    let key = "arterial_c = 37\n[accuracy]\nsurface_mm = 0.3\n[faces]";
    let text = smallest_scene(("fine_mm = 1.1", "")).replace("[faces]", key);
    let folder = folder("tolerance_in_file");
    let scene = folder.join("scene.toml");
    std::fs::write(&scene, text).unwrap();
    assert!(simulate(&scene, &folder, &[]).status.success());
    let text = std::fs::read_to_string(folder.join("simulation.json")).unwrap();
    let in_file: serde_json::Value = serde_json::from_str(&text).unwrap();
    // A grid in the file gives way to the command line.
    let (by_flag, _) = estimated("tolerance_flag", ("fine_mm = 1.1", "fine_mm = 0.9"), &["--tolerance-mm", "0.3"]);
    assert_eq!(in_file["isotherms"], by_flag["isotherms"]);
    assert_eq!(in_file["accuracy"], by_flag["accuracy"]);
}

#[test]
fn a_grid_fixed_by_hand_has_no_error_and_says_so() {
    let (found, _) = estimated("by_hand", ("fine_mm = 1.1", "fine_mm = 1.1"), &[]);
    assert_eq!(found["accuracy"]["no_estimate"], "no error estimate: the grid was fixed by hand");
    assert!(found["isotherms"][0]["error_mm"].is_null());
}

#[test]
fn a_tolerance_that_is_not_met_warns() {
    // A hundredth of a millimetre is out of reach of the finest cells, even in the first two seconds.
    let flags = ["--tolerance-mm", "0.01", "--until-s", "2"];
    let (found, error) = estimated("not_met", ("fine_mm = 1.1", ""), &flags);
    assert_eq!(found["accuracy"]["is_within"], false, "{}", found["accuracy"]);
    assert_eq!(found["accuracy"]["ended"], "finest-cells");
    assert!(error.contains("warning: estimated error") && error.contains("NOT within the 0.01 mm"), "{error}");
}

#[test]
fn a_tolerance_that_costs_too_much_for_any_estimate_is_refused_with_the_cost() {
    let limited = "[accuracy]\nmost_cell_updates = 1000\n[faces]";
    let text = smallest_scene(("fine_mm = 1.1", "")).replace("[faces]", limited);
    let (error, code) = refusal("too_costly", &text);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("1.0e3 are allowed") && error.contains("wider tolerance"), "{error}");
}

#[test]
fn a_tolerance_of_a_scene_that_makes_no_sense_is_refused() {
    for (n, surface_mm) in ["0", "-1", "0.009", "1.01", "nan"].into_iter().enumerate() {
        let text = smallest_scene(("fine_mm = 1.1", ""))
            .replace("[faces]", &format!("[accuracy]\nsurface_mm = {surface_mm}\n[faces]"));
        let (error, code) = refusal(&format!("scene_tolerance_{n}"), &text);
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains("surface_mm is") && error.contains("0.01 to 1"), "{error}");
    }
    let both = smallest_scene(("[faces]", "[accuracy]\nsurface_mm = 0.1\n[faces]"));
    let (error, code) = refusal("scene_two_accuracies", &both);
    assert_eq!(code, Some(2));
    assert!(error.contains("remove fine_mm"), "{error}");
}
