//! Drugs against clotting, and allergies.

use frostline_record::rules::{RuleId, Verdict};
use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, says, step};

fn listed() -> Value {
    json!({ "drug": "apixaban", "dose": "5 mg twice a day", "indication": "clot in a vein" })
}

fn decided(word: &str) -> Value {
    json!({ "drug": "apixaban", "decision": word, "decided_by": "signed-by-signer", "reason": "low bleeding risk" })
}

fn with_apixaban() -> Way {
    Way::ready_to_clear("local-only").takes_drug(listed())
}

#[test]
fn nobody_is_cleared_while_a_blood_thinner_has_no_decision() {
    let way = with_apixaban();
    says(&way.refuses(step("cleared", json!({}))), &["nobody decided", "apixaban", "let a clinician decide"]);
    way.takes(step("drug-decided", decided("go-on"))).cleared();
}

#[test]
fn a_decision_is_about_a_drug_that_is_on_the_list_and_a_prescriber_has_a_name() {
    let refused = Way::assessed().refuses(step("drug-decided", decided("hold")));
    says(&refused, &["'apixaban' is not on the list", "put it there first"]);
    let nameless = but(bodies::told("hold"), "/decided_by/told-by/name", json!(" "));
    says(&with_apixaban().refuses(step("drug-decided", nameless)), &["/decided_by/told-by/name"]);
    let early = but(bodies::told("hold"), "/decided_by/told-by/when", json!("2027-03-02T08:00Z"));
    says(&with_apixaban().refuses(step("drug-decided", early)), &["/decided_by/told-by/when", "2027"]);
}

#[test]
fn a_drug_that_is_listed_again_is_decided_about_again() {
    let way = with_apixaban().takes(step("drug-decided", decided("go-on")));
    let way = way.takes(step("drug-listed", but(listed(), "/dose", json!("10 mg twice a day"))));
    says(&way.refuses(step("cleared", json!({}))), &["nobody decided", "apixaban"]);
}

#[test]
fn a_drug_that_comes_after_the_clearance_takes_it_away() {
    let way = Way::on_the_day("local-only").takes_drug(listed());
    says(&way.refuses(step("signed-in", bodies::sign_in())), &["not cleared, or something changed since"]);
}

#[test]
fn a_last_dose_in_the_future_is_a_typing_error() {
    let taken = json!({ "drug": "apixaban", "last_taken": "2027-03-02T08:00Z" });
    says(&with_apixaban().refuses(step("drug-taken", taken)), &["/last_taken", "2027"]);
}

#[test]
fn a_drug_that_is_held_has_its_restart_told_before_going_home() {
    let held = with_apixaban()
        .takes(step("drug-taken", json!({ "drug": "apixaban", "last_taken": "2026-03-02T08:00Z" })))
        .takes(step("drug-decided", decided("hold")))
        .cleared()
        .at("2026-03-24T08:00:00Z")
        .arrived()
        .prepared();
    let way = held
        .signed_in()
        .logs("equipment-checked", bodies::equipment())
        .timed_out()
        .logs("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" }))
        .probe_placed()
        .image("tip")
        .frozen()
        .logs("probe-out", json!({ "tip_c": 5, "moves_freely": "yes" }))
        .signed_out();
    says(&way.refuses(step("instructed", bodies::instructions())), &["apixaban", "again"]);
    let restarts = json!([{ "drug": "apixaban", "at": "2026-03-25T09:00Z" }]);
    way.takes(step("instructed", but(bodies::instructions(), "/restarts", restarts)));
}

#[test]
fn an_override_may_name_the_drug_by_its_key() {
    let listed = json!({ "drug": "ufh-sc", "dose": "5000 twice a day", "indication": "clot" });
    let way = Way::ready_to_clear("local-only").takes_drug(listed);
    let deep = but(bodies::imaging(), "/compressible", json!("no"));
    let way = way.takes(step("imaged", deep)).planned();
    let request = json!({ "rule": "B-03", "about": "ufh-sc", "reason": "heparin was never given" });
    way.takes(step("overridden", request));
}

#[test]
fn an_allergy_learnt_from_an_event_speaks_against_the_drug() {
    let event = but(bodies::event("1"), "/allergen", json!("lidocaine"));
    let way = Way::ready_to_clear("local-only").takes(step("event-reported", event));
    assert!(way.case().allergies().contains(&"lidocaine"));
    says(&way.refuses(step("cleared", json!({}))), &["E-08", "stop", "anaesthetic"]);
}

#[test]
fn an_anaesthetic_beyond_the_most_is_written_down_and_flagged() {
    // 4.5 mg/kg of 70 kg are 315 mg, but never more than 300 mg: 30 mL of 1 % are just that much.
    let room = || Way::in_the_room("local-only");
    let at = room().logs("anaesthetic-given", bodies::anaesthetic(30.0));
    assert_eq!(at.seen_verdict(RuleId::L01), Some(Verdict::Ok));
    let over = room().logs("anaesthetic-given", bodies::anaesthetic(30.1));
    assert_eq!(over.seen_verdict(RuleId::L01), Some(Verdict::Stop));
    assert_eq!(over.seen_verdict(RuleId::L02), Some(Verdict::Stop));
}

#[test]
fn a_corrected_dose_is_judged_like_a_new_one() {
    let way = Way::in_the_room("local-only").logs("anaesthetic-given", bodies::anaesthetic(3.0));
    let more = step("logged", json!({ "anaesthetic-given": bodies::anaesthetic(33.0) }));
    let way = way.clone().takes(way.correction("logged", Some(more)));
    assert_eq!(way.seen_verdict(RuleId::L01), Some(Verdict::Stop));
}

#[test]
fn a_drug_that_somebody_held_without_need_starts_again_all_the_same() {
    let restarts = |word: &str| {
        let way = with_apixaban().takes(step("drug-decided", decided(word)));
        way.case().restarts(&crate::judging(way.at)).len()
    };
    assert_eq!((restarts("hold"), restarts("go-on")), (1, 0));
}

#[test]
fn drugs_that_were_asked_about_are_on_the_list_and_no_others() {
    let said = |answer: &str| {
        let screening = but(bodies::screening(), "/takes_blood_thinners", json!(answer));
        Way::ready_to_clear("local-only").takes(step("screened", screening))
    };
    says(&said("yes").refuses(step("cleared", json!({}))), &["none is on the list", "list each"]);
    let listed = said("no").takes(step("drug-listed", listed())).takes(step("drug-decided", decided("go-on")));
    says(&listed.refuses(step("cleared", json!({}))), &["said to take no drug", "correct one"]);
    said("no").cleared();
}
