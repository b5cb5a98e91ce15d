//! Claim support: what the coder confirmed, else what the rules propose, plainly marked.

use frostline_record::case::{Case, Judging, Signer, Step};
use frostline_record::documents::*;
use frostline_record::rules::Role;
use serde_json::{Value, json};

use crate::fixture::{book, text_of};
use crate::way::{World, and, around, changed, played};

const BEFORE_THE_CODER: &str = "2026-03-24T15:00:00Z";
const END: &str = "2026-03-25T00:00:00Z";

fn claimed(case: &Case, judging: &Judging) -> String {
    let inputs = claim_of(case, judging, &around());
    text_of(&claim(&book(), Language::English, &visit_of(case, &around()), &inputs).unwrap())
}

#[test]
fn without_a_coder_the_lines_hold_what_the_rules_propose_and_say_that_nobody_confirmed_it() {
    let world = World::new();
    let (case, judging) = played(&world, BEFORE_THE_CODER);
    let text = claimed(&case, &judging);
    assert!(text.contains("0441T | ") && text.contains("left leg | 1 | LT | proposed, not confirmed"), "{text}");
    assert!(text.contains("G57.82 | Other specified mononeuropathies"), "{text}");
    assert_eq!(text.matches("proposed, not confirmed").count(), 2, "{text}");
    assert!(text.contains("Proposed, not confirmed. A coder decides about every code."), "{text}");
    assert!(text.contains("No coder has confirmed the codes."), "{text}");
    assert!(!text.contains("confirmed by a coder"), "{text}");
    assert!(text.contains("Coder who confirmed the codes:  \n"), "a line to sign on: {text}");
}

#[test]
fn with_a_coder_only_what_was_confirmed_is_claimed_and_who_confirmed_it_and_where_it_was_done() {
    let world = World::new();
    let (case, judging) = played(&world, END);
    let case = changed(&case, "codes-confirmed", |body| {
        body["diagnoses"] = json!(["G58.9"]);
        body["place_of_service"] = json!("22");
    });
    let text = claimed(&case, &judging);
    assert!(text.contains("left leg | 1 | LT | confirmed by a coder"), "{text}");
    // The record says G57.82; the coder did not confirm it.
    assert!(text.contains("G58.9 | ") && !text.contains("G57.82 | "), "{text}");
    assert!(text.contains("Place of service: 22"), "{text}");
    assert!(text.contains("Coder who confirmed the codes: Carol Voss Tuesday, March 24, 2026"), "{text}");
    assert!(text.contains("Clinician who signed the report of the procedure: Anna Berg Tuesday"), "{text}");
    assert!(!text.contains("proposed, not confirmed"), "{text}");
    assert!(!text.contains("Units or modifiers are not those"), "{text}");
    let otherwise = changed(&case, "codes-confirmed", |body| body["why_otherwise"] = json!("two incisions"));
    let said = "Units or modifiers are not those that the rules propose: two incisions";
    assert!(claimed(&otherwise, &judging).contains(said));
    // What the chosen payer's profile says, with the day on which it was seen.
    assert!(text.contains("(CGS Medicare (J15), seen 31 January 2022"), "{text}");
}

#[test]
fn a_rule_that_stops_the_codes_is_in_the_claim_and_no_conflict_is_denied() {
    let world = World::new();
    let (case, judging) = played(&world, END);
    let wrong_leg = changed(&case, "codes-confirmed", |body| body["diagnoses"] = json!(["G57.81"]));
    let text = claimed(&wrong_leg, &judging);
    assert!(text.contains("C-07 (stop): "), "{text}");
    assert!(!text.contains("No conflict between codes was found."), "{text}");
}

#[test]
fn a_treatment_has_its_dose_its_days_what_it_did_and_why_it_ended() {
    let world = World::new();
    let (case, judging) = played(&world, END);
    let case = changed(&case, "indicated", |body| {
        body["failed"][0]["dose"] = json!("600 mg three times a day");
        body["failed"][0]["started"] = json!("2025-07-01");
        body["failed"][0]["stopped"] = json!("2025-09-23");
        body["failed"][1]["started"] = json!("2025-08-02");
    });
    let text = claimed(&case, &judging);
    let drug = "gabapentin 1800 mg, 600 mg three times a day, 12 weeks (drugs) | 2025-07-01 | 2025-09-23 | little; stopped: dizzy";
    assert!(text.contains(drug), "{text}");
    assert!(text.contains("(physical) | 2025-08-02 | goes on | none"), "{text}");
    assert!(text.contains("(injection) | not known | not known | for a week"), "{text}");
}

#[test]
fn the_payer_s_own_name_and_the_number_of_the_authorisation_are_in_the_head() {
    let world = World::new();
    let (case, judging) = played(&world, BEFORE_THE_CODER);
    let choice = json!({ "kind": "payer-chosen",
        "body": { "profile": "cgs-medicare", "words": "OwnPayerMark", "authorisation": "AuthorisationMark" } });
    let text = claimed(&and(case, BEFORE_THE_CODER, choice), &judging);
    assert!(text.contains("(OwnPayerMark)") && text.contains("Authorisation number: AuthorisationMark"), "{text}");
}

#[test]
fn a_place_of_service_is_two_digits_or_refused_and_older_steps_have_none() {
    let world = World::new();
    let (case, judging) = played(&world, BEFORE_THE_CODER);
    let body = |place: Value| {
        json!({ "kind": "codes-confirmed", "body": { "procedure_code": "0441T", "units": 1, "modifiers": ["LT"],
            "diagnoses": ["G57.82"], "payer": "cgs-medicare", "release": "2026", "place_of_service": place } })
    };
    let signed = |place: Value| {
        let step: Step = serde_json::from_value(body(place)).unwrap();
        let by = Signer { account: "c".into(), name: "Carol Voss".into(), role: Role::Coder };
        case.sign(step, by, BEFORE_THE_CODER.parse().unwrap(), &judging)
    };
    for wrong in ["2", "222", "2x", "22 "] {
        let refused = signed(json!(wrong)).unwrap_err().to_string();
        assert!(refused.contains("two digits"), "{wrong}: {refused}");
    }
    assert!(signed(json!("22")).is_ok() && signed(json!(null)).is_ok());
    let mut older = body(json!(null));
    older["body"].as_object_mut().unwrap().remove("place_of_service");
    let Step::CodesConfirmed(codes) = serde_json::from_value(older).unwrap() else { panic!("codes") };
    assert_eq!(codes.place_of_service, None);
}
