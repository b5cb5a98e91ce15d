//! What the files may not say.

use frostline_record::rules::{RuleBook, RuleTexts};

/// Why the bundled files with one change are refused.
fn refusal(change: impl Fn(&mut RuleTexts)) -> String {
    let mut texts = RuleTexts::bundled();
    change(&mut texts);
    assert_ne!(texts, RuleTexts::bundled(), "the change changed nothing");
    match RuleBook::from_toml(&texts) {
        Ok(_) => panic!("the change was not refused"),
        Err(refused) => refused.to_string(),
    }
}

#[test]
fn a_number_without_a_source_is_refused_with_its_rule() {
    let said = refusal(|t| t.rules = t.rules.replacen("days = 180.0, source = \"design\", ", "days = 180.0, ", 1));
    assert!(said.contains("E-01") && said.contains("source"), "{said}");
}

#[test]
fn a_source_that_nobody_listed_is_refused() {
    let said = refusal(|t| t.fasting = t.fasting.replace("\"asa-fasting-2023\"", "\"asa-fasting-2032\""));
    assert!(said.contains("asa-fasting-2032") && said.contains("fasting.toml"), "{said}");
}

#[test]
fn a_rule_without_its_row_is_refused() {
    let said = refusal(|t| {
        let (before, rest) = t.rules.split_once("[[rule]]\nid = \"N-11\"").unwrap();
        let (_, after) = rest.split_once("[[rule]]").unwrap();
        t.rules = format!("{before}[[rule]]{after}");
    });
    assert!(said.contains("there is no row \"N-11\""), "{said}");
}

#[test]
fn a_row_without_its_rule_is_refused() {
    let said = refusal(|t| t.rules = t.rules.replace("id = \"N-11\"", "id = \"N-13\""));
    assert!(said.contains("N-13"), "{said}");
}

#[test]
fn a_sentence_with_a_name_that_nobody_fills_is_refused() {
    let said = refusal(|t| t.rules = t.rules.replace("lasted {days} days\"", "lasted {weeks} weeks\""));
    assert!(said.contains("{weeks}") && said.contains("days"), "{said}");
}

#[test]
fn a_sentence_that_is_missing_is_refused() {
    let said = refusal(|t| t.rules = t.rules.replace("low_baseline = ", "low_base = "));
    assert!(said.contains("O-02") && said.contains("low_base"), "{said}");
}

#[test]
fn a_number_that_cannot_be_true_is_refused() {
    let said =
        refusal(|t| t.rules = t.rules.replacen("stop_from = { percent = 10.0", "stop_from = { percent = 1000.0", 1));
    assert!(said.contains("E-12") && said.contains("found 1000, expected a number from 0 to 100"), "{said}");
}

#[test]
fn a_rule_that_nobody_may_decide_is_refused() {
    let said =
        refusal(|t| t.rules = t.rules.replacen("override = { roles = [\"coder\"] }", "override = { roles = [] }", 1));
    assert!(said.contains("C-01") && said.contains("role"), "{said}");
}

#[test]
fn times_of_the_schedule_that_go_back_are_refused() {
    let said = refusal(|t| t.follow_up = t.follow_up.replace("days = 42", "days = 5"));
    assert!(said.contains("week-6"), "{said}");
}

#[test]
fn a_list_of_questions_without_any_is_refused() {
    let said = refusal(|t| t.contraindications = String::new());
    assert!(said.contains("contraindications.toml"), "{said}");
}
