//! Corrections: later steps that say what should have been written, and never open a gate.

use serde_json::json;

use crate::bodies::{self, but};
use crate::{Way, line, says, step};

#[test]
fn a_corrected_fact_counts_and_the_wrong_one_stays_in_the_record() {
    let way = Way::assessed();
    let lighter = step("screened", but(bodies::screening(), "/weight_kg", json!(50)));
    let before = way.case().steps().len();
    let way = way.clone().takes(way.correction("screened", Some(lighter)));
    assert_eq!(way.case().screening().unwrap().weight_kg, Some(50.0));
    assert_eq!(way.case().steps().len(), before + 1);
}

#[test]
fn a_correction_names_an_earlier_step_of_the_same_kind_and_a_reason() {
    let way = Way::assessed();
    let goal = serde_json::to_value(step("goal-said", json!({ "words": "run" }))).unwrap();
    let correct = |number: u64, why: &str| step("corrected", json!({ "step": number, "why": why, "instead": goal }));
    says(&way.refuses(correct(99, "wrong")), &["step 99 cannot be corrected", "same kind"]);
    says(&way.refuses(correct(way.number_of("screened"), "wrong")), &["cannot be corrected", "same kind"]);
    says(&way.refuses(correct(way.number_of("goal-said"), " ")), &["/why"]);
    says(&way.refuses(way.correction("referred", None)), &["a referral can be replaced, not taken out"]);
}

#[test]
fn a_correction_is_no_correction_of_a_correction() {
    let way = Way::assessed();
    let way = way.clone().takes(way.correction("goal-said", Some(step("goal-said", json!({ "words": "run" })))));
    let number = way.number_of("corrected");
    says(&way.refuses(step("corrected", json!({ "step": number, "why": "again" }))), &["cannot be corrected"]);
    let way = way.clone().takes(way.correction("goal-said", Some(step("goal-said", json!({ "words": "swim" })))));
    assert_eq!(way.case().goal().unwrap().words, "swim");
}

#[test]
fn a_note_in_the_log_never_becomes_a_freeze() {
    let way = Way::on_the_day("local-only").signed_in().logs("note", json!("gas looked at"));
    let refused = way.refuses(way.correction("logged", Some(line("freeze-started", json!({})))));
    says(&refused, &["cannot be corrected", "same kind"]);
}

#[test]
fn decisions_are_taken_out_or_made_anew_but_never_rewritten() {
    let home = Way::at_home().takes(step("codes-confirmed", bodies::codes()));
    let rewritten = [
        step("plan-approved", json!({ "fingerprint": "plan-1", "reason": "other" })),
        step("cleared", json!({ "remarks": "other" })),
        step("signed-in", bodies::sign_in()),
        step("timed-out", bodies::time_out()),
        step("signed-out", bodies::sign_out()),
        step("discharged", json!({ "to": "other" })),
        step("report-signed", json!({ "words": "other" })),
        step("codes-confirmed", bodies::codes()),
    ];
    for instead in rewritten {
        let kind = instead.kind().word();
        says(&home.refuses(home.correction(kind, Some(instead))), &[kind, "anew"]);
    }
}

#[test]
fn what_a_freeze_rests_on_is_not_taken_out_afterwards() {
    let way = Way::treated("local-only");
    for kind in ["plan-approved", "consented", "signed-in", "timed-out"] {
        says(&way.refuses(way.correction(kind, None)), &[kind, "a freeze rests on it"]);
    }
    let way = Way::in_the_room("local-only");
    let taken_out = way.clone().takes(way.correction("timed-out", None));
    says(
        &taken_out.refuses(line("skin-prepared", json!({ "agent": "iodine", "dried": "yes" }))),
        &["time-out is not done"],
    );
}

#[test]
fn a_sign_out_stays_once_the_patient_is_home() {
    let way = Way::at_home();
    says(&way.refuses(way.correction("signed-out", None)), &["signed-out", "discharge rests on it"]);
}

#[test]
fn a_correction_must_be_sound_itself() {
    let way = Way::assessed();
    let heavy = step("screened", but(bodies::screening(), "/weight_kg", json!(7000)));
    says(&way.refuses(way.correction("screened", Some(heavy))), &["/weight_kg", "7000"]);
}

#[test]
fn a_step_of_a_nerve_that_does_not_exist_is_refused() {
    let strange = step("imaged", but(bodies::imaging(), "/nerve", json!("ulnar")));
    says(&Way::assessed().refuses(strange), &["'ulnar'", "a key of the atlas"]);
}

#[test]
fn gas_that_was_on_is_not_taken_out_of_the_log() {
    let way = Way::ready_to_freeze("local-only").frozen();
    let number = way
        .case()
        .steps()
        .iter()
        .rev()
        .find(|step| serde_json::to_value(&step.step).unwrap()["body"].get("freeze-started").is_some());
    let taken_out = step("corrected", json!({ "step": number.unwrap().number, "why": "pressed by mistake" }));
    says(&way.refuses(taken_out), &["stays in the log", "note"]);
}
