//! A case that is read back.

use frostline_record::case::{Case, CaseBroken, SignedStep};
use serde_json::json;

use crate::{Way, step};

fn kept(way: &Way) -> Vec<SignedStep> {
    let text = serde_json::to_string(way.case().steps()).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_case_read_back_is_the_case_that_was_kept() {
    let way = Way::at_home();
    assert_eq!(&Case::from_steps(kept(&way)).unwrap(), way.case());
}

#[test]
fn a_case_with_a_hole_or_without_a_beginning_is_broken() {
    assert_eq!(Case::from_steps(Vec::new()), Err(CaseBroken::Empty));
    let mut steps = kept(&Way::at_home());
    let first = steps.remove(0);
    assert_eq!(Case::from_steps(steps.clone()), Err(CaseBroken::NoReferral { found: "goal-said" }));
    steps.insert(0, first);
    steps.remove(7);
    assert_eq!(Case::from_steps(steps), Err(CaseBroken::Gap { expected: 8, found: 9 }));
}

#[test]
fn a_step_belongs_where_it_was_signed() {
    let way = Way::assessed();
    let note = way.try_by(step("noted", json!("phoned")), crate::anna()).unwrap();
    let longer = way.planned();
    let broken = longer.case().clone().with(note).unwrap_err();
    assert!(matches!(broken, CaseBroken::Gap { .. }));
}

#[test]
fn a_case_that_was_signed_here_skipped_no_gate() {
    assert_eq!(Way::at_home().case().skipped(), []);
}

#[test]
fn gates_that_a_case_from_elsewhere_skipped_are_told_and_the_case_is_read() {
    let mut steps = kept(&Way::treated("local-only"));
    steps.retain(|step| !matches!(step.step.kind().word(), "consented" | "timed-out"));
    for (index, step) in steps.iter_mut().enumerate() {
        step.number = index as u64 + 1;
    }
    let case = Case::from_steps(steps).unwrap();
    let freeze = case.steps().iter().find(|step| serde_json::to_string(&step.step).unwrap().contains("freeze-started"));
    let freeze = freeze.unwrap().number;
    let skipped: Vec<String> = case
        .skipped()
        .into_iter()
        .filter(|skipped| skipped.number == freeze)
        .map(|skipped| skipped.missing.text)
        .collect();
    assert_eq!(skipped.len(), 2, "{skipped:?}");
    assert!(
        skipped[0].contains("no consent that stands") && skipped[1].contains("time-out is not done"),
        "{skipped:?}"
    );
}
