//! `frostline rules`, as a user runs it.

use std::process::Command;

fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_frostline")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_table_has_a_line_for_every_rule_with_source_and_status() {
    let table = printed(&["rules"]);
    let line = |id: &str| table.lines().find(|line| line.starts_with(id)).unwrap().to_owned();
    assert!(line("B-03").contains("sir-2019-table") && line("B-03").ends_with("seen, check before use"), "{table}");
    assert!(line("E-01").ends_with("design"), "{table}");
    // A heading, 67 rules, a summary.
    assert_eq!(table.lines().count(), 69, "{table}");
}

#[test]
fn the_json_holds_every_number_with_its_source() {
    let rules: serde_json::Value = serde_json::from_str(&printed(&["rules", "--json"])).unwrap();
    assert_eq!(rules.as_array().unwrap().len(), 67);
    let pain = &rules[0];
    assert_eq!((pain["id"].as_str(), pain["version"].as_u64()), (Some("E-01"), Some(1)));
    let first = &pain["numbers"][0];
    assert_eq!((first["value"].as_str(), first["check_before_use"].as_bool()), (Some("90 days"), Some(true)));
    assert!(rules.as_array().unwrap().iter().all(|rule| rule["citation"].is_string()), "every source is listed");
}
