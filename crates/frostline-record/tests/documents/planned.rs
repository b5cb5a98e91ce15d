//! The plan report: each number with its level, and what was said to whoever went over a rule.

use frostline_record::case::Step;
use frostline_record::documents::*;
use serde_json::{Value, json};

use crate::fixture::{book, text_of};
use crate::way::{World, around, changed, played};

/// The level that the report prints beside a prediction, when the plan has this number.
fn level(field: &str, value: Value, what: &str) -> String {
    let world = World::new();
    let (case, judging) = played(&world, "2026-03-20T00:00:00Z");
    let case = changed(&case, "planned", |body| match field {
        "margin_mm" => body["motor"][0]["margin_mm"] = value.clone(),
        field => body[field] = value.clone(),
    });
    let inputs = plan_of(&case, &judging, &around());
    let line = inputs.predictions.iter().find(|line| line.what.starts_with(what)).unwrap();
    assert!(!line.compare.is_empty(), "{line:?} says what it is held against");
    let text = text_of(&plan_report(&book(), Language::English, &visit_of(&case, &around()), &inputs).unwrap());
    let level = line.level.clone().unwrap();
    assert!(text.contains(&format!("{} | {} | {} | {level}", line.what, line.value, line.compare)), "{text}");
    level
}

#[test]
fn every_predicted_number_has_the_level_of_its_limit_or_rule_at_over_and_under_it() {
    let disabled = |value| level("disabled_mm", value, "Nerve disabled");
    assert_eq!((disabled(json!(5.0)), disabled(json!(4.99))), ("OK".into(), "WARN".into()));
    assert_eq!(disabled(json!(null)), "NOT KNOWN");
    let skin = |value| level("coldest_skin_c", value, "Coldest skin");
    assert_eq!((skin(json!(5.0)), skin(json!(4.99))), ("OK".into(), "WARN".into()));
    assert_eq!((skin(json!(0.0)), skin(json!(-0.01))), ("WARN".into(), "STOP".into()));
    assert_eq!(skin(json!(null)), "NOT KNOWN");
    let motor = |value| level("margin_mm", value, "Ice to the nerve");
    assert_eq!((motor(json!(10.0)), motor(json!(9.99))), ("OK".into(), "WARN".into()));
    assert_eq!((motor(json!(0.01)), motor(json!(0.0))), ("WARN".into(), "STOP".into()));
    assert_eq!(motor(json!(null)), "HUMAN");
}

#[test]
fn an_override_shows_what_the_rule_said_to_whoever_went_over_it_in_plan_and_procedure() {
    let world = World::new();
    let (case, judging) = played(&world, "2026-03-25T00:00:00Z");
    let said: Vec<String> = case
        .effective()
        .filter(|(_, step)| matches!(step, Step::Overridden(_)))
        .map(|(signed, _)| format!("{}: {}", signed.seen[0].verdict.word(), signed.seen[0].text))
        .collect();
    assert_eq!(said.len(), 2);
    let plan = plan_of(&case, &judging, &around());
    let shown: Vec<&str> = plan.overrides.iter().map(|line| line.said.as_str()).collect();
    assert_eq!(shown, said);
    let text = text_of(&plan_report(&book(), Language::English, &visit_of(&case, &around()), &plan).unwrap());
    assert!(text.contains("E-08 | warn: speaks against it, needs a named reason"), "{text}");
    assert_eq!(procedure_of(&case, &judging, &around()).overrides, plan.overrides);
}

#[test]
fn a_reason_given_with_an_approval_stands_with_the_name_in_the_plan_report() {
    let world = World::new();
    let (case, judging) = played(&world, "2026-03-20T00:00:00Z");
    let case = changed(&case, "plan-approved", |body| body["reason"] = json!("entered from paper"));
    let plan = plan_of(&case, &judging, &around());
    let text = text_of(&plan_report(&book(), Language::English, &visit_of(&case, &around()), &plan).unwrap());
    assert!(text.contains("Reason given by Anna Berg: entered from paper"), "{text}");
}
