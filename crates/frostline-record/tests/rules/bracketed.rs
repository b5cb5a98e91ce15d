//! Every number of every row lies between two cases: moved a little to either side it changes a verdict.

use frostline_record::rules::{RuleBook, RuleTexts, Verdict};

/// Numbers that change what is computed or shown, not a verdict; other tests hold them.
const NO_VERDICT: [(&str, &str); 7] = [
    ("E-03", "lines_without_profile"),
    ("E-09", "back_to_baseline"),
    ("B-CLASS", "thick_gauge"),
    ("B-05", "female_factor"),
    ("B-05", "usable_for"),
    ("O-02", "substantial"),
    ("A-01", "long_stay_above"),
];
/// Numbers at the end of what they can be, which move to one side only.
const ONE_SIDE: [(&str, &str); 3] = [("B-08", "growth_above"), ("L-02", "stop_above"), ("O-07", "least")];

/// How far a number of this unit is moved: a twentieth, but at least what lies between its cases.
fn step(unit: &str, value: f64) -> f64 {
    let least = match unit {
        "days" | "points" | "count" | "years" => 1.0,
        _ => 0.15,
    };
    f64::max(0.05 * value.abs(), least)
}

fn verdicts(book: &RuleBook) -> Vec<Verdict> {
    crate::cases(book).into_iter().map(|case| case.ruling.verdict).collect()
}

/// The rules with one number moved.
fn moved(texts: &RuleTexts, rule: usize, number: &str, unit: &str, to: f64) -> Option<RuleBook> {
    let mut table: toml::Table = texts.rules.parse().unwrap();
    table["rule"][rule]["numbers"][number][unit] = toml::Value::Float(to);
    let rules = toml::to_string(&table).unwrap();
    RuleBook::from_toml(&RuleTexts { rules, ..texts.clone() }).ok()
}

#[test]
fn every_number_lies_between_two_cases_and_moving_it_changes_a_verdict() {
    let texts = RuleTexts::bundled();
    let before = verdicts(&crate::book());
    let table: toml::Table = texts.rules.parse().unwrap();
    let (mut bracketed, mut loose) = (0, Vec::new());
    for (row, rule) in table["rule"].as_array().unwrap().iter().enumerate() {
        let id = rule["id"].as_str().unwrap();
        for (number, group) in rule.get("numbers").and_then(toml::Value::as_table).into_iter().flatten() {
            let value = group.as_table().unwrap().iter().find_map(|(unit, value)| Some((unit, value.as_float()?)));
            let Some((unit, value)) = value.filter(|_| !NO_VERDICT.contains(&(id, number))) else { continue };
            let by = step(unit, value);
            let changes = [value - by, value + by]
                .into_iter()
                .filter(|to| moved(&texts, row, number, unit, *to).is_some_and(|book| verdicts(&book) != before))
                .count();
            if changes < if ONE_SIDE.contains(&(id, number)) { 1 } else { 2 } {
                loose.push(format!("{id} {number}"));
            }
            bracketed += 1;
        }
    }
    println!("{bracketed} numbers lie between two cases");
    assert!(loose.is_empty(), "no case is near: {}", loose.join(", "));
}
