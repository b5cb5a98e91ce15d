//! Going on in spite of a ruling: by whom, and for how long.

use frostline_record::rules::Role;
use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, line, patient, says, signer, step};

fn approval() -> frostline_record::case::Step {
    step("plan-approved", json!({ "fingerprint": "plan-1", "reason": "compared with the report" }))
}

fn in_spite_of(rule: &str) -> frostline_record::case::Step {
    step("overridden", json!({ "rule": rule, "reason": "talked about with the patient" }))
}

fn near(margin_mm: f64, print: &str) -> Value {
    let plan = but(bodies::plan(), "/motor/0/margin_mm", json!(margin_mm));
    but(plan, "/fingerprint", json!(print))
}

fn weak_pain() -> Way {
    let indication = but(bodies::indication(), "/average_pain", json!(3));
    patient()
        .referred()
        .with_goal()
        .takes(step("indicated", indication))
        .screened()
        .blocked()
        .imaged()
        .examined()
        .planned()
}

#[test]
fn a_warning_needs_a_reason_of_the_right_role_and_stays_visible() {
    let way = weak_pain();
    says(&way.refuses(approval()), &["E-02", "warn"]);
    let nurse = way.try_by(in_spite_of("E-02"), signer(Role::Nurse, "Nils Holm")).unwrap_err();
    says(&nurse, &["found the role 'nurse'", "expected operator"]);
    says(&way.refuses(step("overridden", json!({ "rule": "E-02", "reason": " " }))), &["/reason"]);
    let way = way.takes(in_spite_of("E-02")).takes(approval());
    assert!(way.seen().iter().any(|ruling| ruling.rule.word() == "E-02" && ruling.verdict.word() == "warn"));
}

#[test]
fn nothing_is_overridden_that_says_nothing() {
    says(&weak_pain().refuses(in_spite_of("E-01")), &["there is nothing to override"]);
    says(&weak_pain().refuses(in_spite_of("L-01")), &["L-01", "says nothing about this case"]);
}

#[test]
fn an_override_lapses_when_its_facts_change() {
    let way = weak_pain().takes(in_spite_of("E-02"));
    let indication = but(bodies::indication(), "/average_pain", json!(3.5));
    let way = way.clone().takes(way.correction("indicated", Some(step("indicated", indication))));
    says(&way.refuses(approval()), &["E-02"]);
}

#[test]
fn an_override_that_is_taken_out_counts_no_more() {
    let way = weak_pain().takes(in_spite_of("E-02"));
    let revoked = way.clone().takes(way.correction("overridden", None));
    says(&revoked.refuses(approval()), &["E-02"]);
    let rewritten = step("overridden", json!({ "rule": "E-02", "reason": "words of somebody else" }));
    says(&way.refuses(way.correction("overridden", Some(rewritten))), &["overridden", "anew"]);
}

#[test]
fn a_nearer_plan_needs_its_own_two_signatures() {
    let way = Way::assessed().takes(step("planned", near(9.0, "plan-1")));
    says(&way.refuses(approval()), &["E-07", "tib_ankle"]);
    let way = way.takes(in_spite_of("E-07")).by(in_spite_of("E-07"), signer(Role::Operator, "Olaf Haas"));
    let approved = way.takes(approval());
    let nearer = approved.takes(step("planned", near(0.5, "plan-2")));
    says(
        &nearer
            .refuses(step("plan-approved", json!({ "fingerprint": "plan-2", "reason": "compared with the report" }))),
        &["E-07", "tib_ankle"],
    );
}

#[test]
fn going_on_without_stimulation_holds_where_the_probe_lies_only() {
    let skin = json!({ "agent": "chlorhexidine", "dried": "yes" });
    let way = Way::in_the_room("local-only").logs("skin-prepared", skin).logs("needle-placed", json!({})).image("tip");
    says(&way.refuses(line("freeze-started", json!({}))), &["N-03", "nobody tested"]);
    let way = way.takes(in_spite_of("N-03")).frozen();
    let moved = way.logs("repositioned", json!({ "reason": "second place" })).image("tip");
    says(&moved.refuses(line("freeze-started", json!({}))), &["N-03"]);
}

#[test]
fn a_decision_about_one_look_is_not_one_about_the_next() {
    let look = |place: &str| step("recovered", but(bodies::look(), place, json!("no")));
    let home = step("discharged", json!({ "to": "home" }));
    let way = Way::treated("local-only").looked_at().instructed().takes(look("/walks"));
    let way = way.takes(in_spite_of("S-03"));
    way.clone().takes(home.clone());
    says(&way.takes(look("/dry")).refuses(home), &["S-03", "5 of 6"]);
}

#[test]
fn an_age_that_is_corrected_ends_what_was_decided_about_it() {
    let young = but(bodies::referral(), "/patient/born", json!("2010-05-14"));
    let way = patient().takes(step("referred", young)).with_goal().indicated().screened().blocked().imaged().examined();
    let way = way.planned().takes(in_spite_of("E-11")).takes(approval()).planned();
    let younger = but(bodies::referral(), "/patient/born", json!("2016-05-14"));
    let way = way.clone().takes(way.correction("referred", Some(step("referred", younger))));
    says(&way.refuses(approval()), &["E-11", "age 9"]);
}
