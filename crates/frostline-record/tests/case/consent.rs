//! Consent: what it holds, and when it stands.

use serde_json::json;

use crate::bodies::{self, but};
use crate::{Way, line, patient, says, step};

#[test]
fn consent_needs_a_goal_and_an_indication_first() {
    says(&patient().referred().refuses(step("consented", bodies::consent())), &["no goal", "no indication"]);
}

#[test]
fn consent_talks_about_every_risk_the_evidence_and_every_alternative() {
    let way = Way::assessed();
    for (list, words) in
        [("/risks", "not talked about"), ("/benefits", "not talked about"), ("/alternatives", "Do nothing and wait")]
    {
        let refused = way.refuses(step("consented", but(bodies::consent(), list, json!([]))));
        says(&refused, &[list, words, "talk about it, then sign"]);
    }
}

#[test]
fn consent_that_was_not_understood_or_not_signed_is_none() {
    let way = Way::assessed();
    let not_understood = but(bodies::consent(), "/spoken_back/understood", json!("no"));
    says(&way.refuses(step("consented", not_understood)), &["found 'no', expected 'yes'", "explain again"]);
    let unsigned = but(bodies::consent(), "/signed_by", json!(" "));
    says(&way.refuses(step("consented", unsigned)), &["/signed_by"]);
}

#[test]
fn who_explains_does_not_sign_for_the_patient() {
    let refused = Way::assessed().refuses(step("consented", but(bodies::consent(), "/signed_by", json!("anna berg"))));
    says(&refused, &["/signed_by", "anna berg", "the patient"]);
}

#[test]
fn a_patient_who_needs_an_interpreter_has_one_named() {
    let referral = but(bodies::referral(), "/patient/interpreter", json!("yes"));
    let way = patient().takes(step("referred", referral)).with_goal().indicated();
    says(&way.refuses(step("consented", bodies::consent())), &["interpreter"]);
    way.takes(step("consented", but(bodies::consent(), "/interpreter", json!("Luz Prado"))));
}

#[test]
fn consent_taken_back_between_time_out_and_freeze_stops_the_freeze() {
    let way = Way::ready_to_freeze("local-only");
    let withdrawn = way.takes(step("consent-withdrawn", json!("I have changed my mind")));
    says(&withdrawn.refuses(line("freeze-started", json!({}))), &["no consent that stands"]);
    withdrawn.consented().logs("freeze-started", json!({}));
}

#[test]
fn consent_that_was_taken_back_returns_only_by_a_new_consent() {
    let way = Way::ready_to_freeze("local-only").takes(step("consent-withdrawn", json!("no more")));
    let refused = way.refuses(way.correction("consent-withdrawn", None));
    says(&refused, &["consent-withdrawn", "consent"]);
}

#[test]
fn what_the_patient_signed_is_not_rewritten() {
    let way = Way::on_the_day("local-only");
    let other_leg = step("consented", but(bodies::consent(), "/side", json!("right")));
    says(&way.refuses(way.correction("consented", Some(other_leg))), &["consented", "anew"]);
}

#[test]
fn a_reason_of_the_patient_is_about_a_way_that_was_talked_about_and_says_something() {
    let with = |alternative: &str, words: &str| {
        let reason = json!([{ "alternative": alternative, "leaning": "against", "words": words }]);
        step("consented", but(bodies::consent(), "/reasons", reason))
    };
    let way = Way::assessed();
    says(&way.refuses(with("injection", "no needles")), &["/reasons", "'injection'", "talked about", "surgery"]);
    says(&way.refuses(with("surgery", " ")), &["/reasons", "found nothing"]);
    let way = way.takes(with("surgery", "my sister's knee never healed"));
    assert_eq!(way.case().consent().unwrap().reasons[0].words, "my sister's knee never healed");
}

#[test]
fn sedation_is_explained_by_somebody_before_the_sign_in_and_local_anaesthetic_needs_nobody() {
    let nobody = |level: &str| step("sedation-chosen", but(bodies::sedation(level), "/explained_by", json!(null)));
    let on_the_day = |level: &str| {
        let way = Way::assessed().planned().approved().consented().takes(nobody(level)).booked().cleared();
        way.at("2026-03-24T08:00:00Z").arrived().prepared()
    };
    says(&on_the_day("moderate").refuses(step("signed-in", bodies::sign_in())), &["explained the sedation", "name"]);
    on_the_day("local-only").signed_in();
    Way::on_the_day("moderate").signed_in();
    let blank = step("sedation-chosen", but(bodies::sedation("moderate"), "/explained_by", json!(" ")));
    says(&Way::assessed().refuses(blank), &["/explained_by"]);
}
