//! Who decided about a blood thinner: the signature says it, or a prescriber outside is named and somebody countersigns.

use frostline_record::case::Decided;
use frostline_record::rules::{Role, RuleId, Verdict};
use serde_json::json;

use crate::bodies::{self, but};
use crate::{Way, says, signer, step};

fn nurse() -> frostline_record::case::Signer {
    signer(Role::Nurse, "Nils Holm")
}

fn with_apixaban() -> Way {
    let listed = json!({ "drug": "apixaban", "dose": "5 mg twice a day", "indication": "clot in a vein" });
    Way::ready_to_clear("local-only").takes_drug(listed)
}

fn own(word: &str) -> frostline_record::case::Step {
    step("drug-decided", but(bodies::told(word), "/decided_by", json!("signed-by-signer")))
}

fn told_to_the_nurse() -> Way {
    with_apixaban().by(step("drug-decided", bodies::told("go-on")), nurse())
}

fn countersigned(way: &Way) -> frostline_record::case::Step {
    step("drug-countersigned", json!({ "drug": "apixaban", "decision": way.number_of("drug-decided") }))
}

fn stands(way: &Way) -> Option<Decided<'_>> {
    way.case().drugs()[0].1
}

#[test]
fn whoever_signs_a_decision_of_their_own_is_who_decided() {
    let way = with_apixaban().takes(own("go-on"));
    assert_eq!(stands(&way).map(|said| (said.by, said.signed_for_by)), Some(("Anna Berg", "Anna Berg")));
    let way = with_apixaban().by(own("go-on"), signer(Role::Anaesthesia, "Ida Falk"));
    assert_eq!(stands(&way).map(|said| said.by), Some("Ida Falk"));
}

#[test]
fn nobody_else_decides_by_their_own_signature() {
    for role in [Role::Nurse, Role::Coordinator, Role::Technologist, Role::Coder, Role::Quality, Role::Patient] {
        let refused = with_apixaban().try_by(own("go-on"), signer(role, "Nils Holm")).unwrap_err();
        says(&refused, &["/decided_by", role.word(), "operator or anaesthesia", "told-by"]);
    }
}

#[test]
fn nobody_tells_themselves_what_they_decided() {
    let told = but(bodies::told("hold"), "/decided_by/told-by/name", json!("anna berg "));
    says(&with_apixaban().refuses(step("drug-decided", told)), &["/decided_by/told-by/name", "your own decision"]);
}

#[test]
fn what_a_nurse_was_told_counts_once_an_operator_countersigned_it() {
    let way = told_to_the_nurse();
    assert_eq!(stands(&way), None);
    says(&way.refuses(step("cleared", json!({}))), &["told to somebody who may not decide", "countersign", "apixaban"]);
    let way = way.clone().takes(countersigned(&way));
    assert_eq!(stands(&way).map(|said| (said.by, said.signed_for_by)), Some(("Dr. Ivo Lang", "Anna Berg")));
    way.cleared();
}

#[test]
fn what_an_operator_was_told_counts_at_once() {
    let way = with_apixaban().takes(step("drug-decided", bodies::told("go-on")));
    assert_eq!(stands(&way).map(|said| (said.by, said.signed_for_by)), Some(("Dr. Ivo Lang", "Anna Berg")));
    let refused = way.try_by(countersigned(&way), signer(Role::Anaesthesia, "Ida Falk")).unwrap_err();
    says(&refused, &["waits for a counter-signature"]);
}

#[test]
fn the_rules_know_of_no_decision_before_the_counter_signature() {
    let listed = json!({ "drug": "warfarin", "dose": "5 mg", "indication": "valve" });
    let deep = but(bodies::imaging(), "/compressible", json!("no"));
    let way = Way::ready_to_clear("local-only").takes_drug(listed).takes(step("imaged", deep)).planned();
    let way = way.takes(step("drug-taken", json!({ "drug": "warfarin", "last_taken": "2026-03-02T08:00Z" })));
    let told = but(bodies::told("hold"), "/drug", json!("warfarin"));
    let told = way.by(step("drug-decided", told), nurse());
    let verdict = |way: &Way| {
        let (_, _, ruling) = way.case().hold_plans(&crate::judging(way.at)).remove(0);
        assert_eq!(ruling.rule, RuleId::B03);
        (ruling.verdict, ruling.text)
    };
    let (before, said) = verdict(&told);
    assert_eq!(before, Verdict::Stop, "{said}");
    assert!(!said.contains("Dr. Ivo Lang"), "{said}");
    let decision = told.number_of("drug-decided");
    let after = told.takes(step("drug-countersigned", json!({ "drug": "warfarin", "decision": decision })));
    assert!(verdict(&after).1.contains("Dr. Ivo Lang"), "{}", verdict(&after).1);
}

#[test]
fn a_counter_signature_comes_from_another_person_in_a_role_that_may_decide() {
    let way = told_to_the_nurse();
    let refused = way.try_by(countersigned(&way), signer(Role::Nurse, "Eva Lind")).unwrap_err();
    says(&refused, &["nurse", "operator or anaesthesia"]);
    // The nurse who is also an operator: one account, one person.
    let refused = way.try_by(countersigned(&way), signer(Role::Operator, "Nils Holm")).unwrap_err();
    says(&refused, &["/decision", "another person"]);
    let mut second_account = signer(Role::Operator, "N. Holm");
    second_account.account = "holm.two".to_owned();
    says(&way.try_by(countersigned(&way), second_account).unwrap_err(), &["/decision", "another person"]);
    way.clone().by(countersigned(&way), signer(Role::Anaesthesia, "Ida Falk")).cleared();
}

#[test]
fn a_counter_signature_is_about_the_newest_decision_about_its_drug() {
    let way = told_to_the_nurse();
    let first = countersigned(&way);
    let again = way.by(step("drug-decided", bodies::told("hold")), nurse());
    says(&again.refuses(first), &["waits for a counter-signature"]);
    let strange = json!({ "drug": "warfarin", "decision": again.number_of("drug-decided") });
    says(&again.refuses(step("drug-countersigned", strange)), &["'warfarin'", "waits for a counter-signature"]);
}

#[test]
fn a_decision_is_not_rewritten_and_an_earlier_one_does_not_come_back() {
    let way = with_apixaban().takes(own("go-on")).takes(own("hold"));
    says(&way.refuses(way.correction("drug-decided", Some(own("go-on")))), &["drug-decided", "anew"]);
    let taken_out = way.clone().takes(way.correction("drug-decided", None));
    assert_eq!(stands(&taken_out), None);
    says(&taken_out.refuses(step("cleared", json!({}))), &["nobody decided", "apixaban"]);
}

#[test]
fn what_a_clinician_decided_is_not_corrected_away_by_a_nurse() {
    let way = with_apixaban().takes(own("hold"));
    let other = json!({ "drug": "aspirin", "dose": "5 mg twice a day", "indication": "clot in a vein" });
    for (kind, instead) in
        [("drug-decided", None), ("drug-listed", None), ("drug-listed", Some(step("drug-listed", other)))]
    {
        let refused = way.try_by(way.correction(kind, instead), nurse()).unwrap_err();
        says(&refused, &["/step", "nurse", "operator or anaesthesia"]);
    }
    let told = told_to_the_nurse();
    let told = told.clone().takes(countersigned(&told));
    let refused = told.try_by(told.correction("drug-countersigned", None), nurse()).unwrap_err();
    says(&refused, &["/step", "nurse"]);
    // A prescriber who thinks otherwise is heard: the new word waits, and nobody is cleared meanwhile.
    let heard = way.clone().by(step("drug-decided", bodies::told("go-on")), nurse());
    says(&heard.refuses(step("cleared", json!({}))), &["countersign", "apixaban"]);
    way.clone().by(way.correction("drug-decided", None), signer(Role::Anaesthesia, "Ida Falk"));
}

#[test]
fn a_nurse_corrects_a_dose_and_what_nobody_decided_about() {
    let way = with_apixaban();
    way.clone().by(way.correction("drug-listed", None), nurse());
    let way = way.takes(own("hold"));
    let less = json!({ "drug": "apixaban", "dose": "2.5 mg twice a day", "indication": "clot in a vein" });
    let way = way.clone().by(way.correction("drug-listed", Some(step("drug-listed", less))), nurse());
    says(&way.refuses(step("cleared", json!({}))), &["nobody decided", "apixaban"]);
}

#[test]
fn a_drug_that_is_told_on_the_table_stops_the_gas_until_somebody_decided() {
    let way = Way::ready_to_clear("local-only").cleared().at("2026-03-24T08:00:00Z").arrived().prepared();
    let way = way.signed_in().logs("equipment-checked", bodies::equipment()).timed_out();
    let way =
        way.logs("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" })).probe_placed().image("tip");
    let listed = json!({ "drug": "apixaban", "dose": "5 mg twice a day", "indication": "clot in a vein" });
    let way = way.takes_drug(listed);
    says(&way.refuses(crate::line("freeze-started", json!({}))), &["nobody decided", "apixaban"]);
    way.takes(own("go-on")).frozen();
}

#[test]
fn a_counter_signature_that_is_taken_out_leaves_the_decision_waiting() {
    let way = told_to_the_nurse();
    let way = way.clone().takes(countersigned(&way)).cleared();
    let way = way.clone().takes(way.correction("drug-countersigned", None));
    says(&way.at("2026-03-24T08:00:00Z").arrived().refuses(step("signed-in", bodies::sign_in())), &["not cleared"]);
}

#[test]
fn a_corrected_dose_on_the_list_is_decided_about_anew() {
    let way = with_apixaban().takes(own("go-on"));
    let more = json!({ "drug": "apixaban", "dose": "10 mg twice a day", "indication": "clot in a vein" });
    let way = way.clone().takes(way.correction("drug-listed", Some(step("drug-listed", more))));
    says(&way.refuses(step("cleared", json!({}))), &["nobody decided", "apixaban"]);
    way.takes(own("go-on")).cleared();
}

#[test]
fn a_decision_stays_once_a_freeze_rests_on_it() {
    let way = with_apixaban().takes(own("go-on")).cleared().at("2026-03-24T08:00:00Z").arrived().prepared();
    let way = way.signed_in().logs("equipment-checked", bodies::equipment()).timed_out();
    let way =
        way.logs("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" })).probe_placed().image("tip");
    let way = way.frozen();
    says(&way.refuses(way.correction("drug-decided", None)), &["drug-decided", "a freeze rests on it"]);
}
