//! What is learnt late counts: after the clearance, after the time-out, while the gas is on, and when a fact is corrected.

use frostline_record::case::{Phase, Signer, Step};
use frostline_record::rules::{Moment, Role, RuleId, Ruled, Verdict};
use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, anna, line, says, signer, step};

fn freeze() -> Step {
    line("freeze-started", json!({}))
}

fn ready() -> Way {
    Way::ready_to_freeze("local-only")
}

fn technologist() -> Signer {
    signer(Role::Technologist, "Tom Ude")
}

#[test]
fn what_is_learnt_after_the_time_out_stops_the_gas() {
    ready().takes(freeze());
    let cold = but(bodies::screening(), "/contraindications/cryoglobulinaemia", json!("yes"));
    says(&ready().takes(step("screened", cold)).refuses(freeze()), &["E-08 (stop)"]);
    let clots = json!({ "on": "2026-03-24", "inr": 8.0, "platelets_giga_per_l": 30 });
    let liver = but(bodies::screening(), "/liver_disease", json!("yes"));
    let way = ready().takes(step("screened", liver)).takes(step("labs-seen", clots));
    says(&way.refuses(freeze()), &["B-01", "B-02"]);
}

#[test]
fn more_local_anaesthetic_than_may_be_stops_the_gas_and_must_be_told_as_an_event() {
    // At most 300 mg of lidocaine, and 30 mg are given: 19 ml of 1 % more stay below the warning, 28 ml are too much.
    let more = |ml: f64| ready().logs("anaesthetic-given", bodies::anaesthetic(ml));
    more(19.0).takes(freeze());
    let way = more(28.0);
    says(&way.refuses(freeze()), &["L-0", "stop"]);

    // Given after the last freeze it stops no gas; the report waits for somebody to tell of it.
    let dose = bodies::anaesthetic(29.0);
    let treated = ready().frozen().frozen().motor_tested(5).logs("anaesthetic-given", dose);
    let given = treated.number_of("logged");
    let done = treated.leaves();
    let report = || step("report-signed", json!({ "words": "frozen twice" }));
    says(&done.refuses(report()), &["more local anaesthetic", &format!("step {given}")]);
    let elsewhere = but(bodies::event("e-1"), "/step", json!(given - 3));
    says(&done.clone().takes(step("event-reported", elsewhere)).refuses(report()), &["more local anaesthetic"]);
    let told = but(bodies::event("e-1"), "/step", json!(given));
    done.takes(step("event-reported", told)).takes(report());
}

#[test]
fn signs_of_toxicity_that_are_reported_stop_the_gas_until_they_are_over() {
    let toxic = but(bodies::event("e-1"), "/term", json!("toxicity"));
    let way = ready().takes(step("event-reported", toxic));
    says(&way.refuses(freeze()), &["L-05 (stop)"]);
    let still = step("event-settled", bodies::settled("e-1", "ongoing"));
    says(&way.clone().takes(still).refuses(freeze()), &["L-05 (stop)"]);
    way.takes(step("event-settled", bodies::settled("e-1", "resolved"))).takes(freeze());
}

#[test]
fn nothing_is_put_in_after_consent_was_taken_back() {
    let way = Way::in_the_room("local-only").logs("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" }));
    let back = way.takes(step("consent-withdrawn", json!("I do not want it any more")));
    for (kind, body) in [("needle-placed", json!({})), ("anaesthetic-given", bodies::anaesthetic(3.0))] {
        says(&back.refuses(line(kind, body)), &["no consent that stands"]);
    }
    // What is given to somebody in danger is written down whatever they wanted before.
    back.logs("sedative-given", json!({ "drug": "midazolam", "mg": 2, "way": "into a vein" }));
}

#[test]
fn drugs_against_clotting_that_nobody_asked_about_are_not_none() {
    let cleared = || step("cleared", json!({}));
    let said = |answer: &str| {
        let body = but(bodies::screening(), "/takes_blood_thinners", json!(answer));
        Way::ready_to_clear("local-only").takes(step("screened", body))
    };
    says(&said("not-asked").refuses(cleared()), &["nobody asked", "drugs against clotting"]);
    said("no").takes(cleared());
}

#[test]
fn of_two_values_and_two_doses_the_later_one_counts_in_whatever_order_they_are_told() {
    let labs = |on: &str, inr: f64| step("labs-seen", json!({ "on": on, "inr": inr, "platelets_giga_per_l": 210 }));
    let liver = but(bodies::screening(), "/liver_disease", json!("yes"));
    let way = Way::ready_to_clear("local-only").takes(step("screened", liver)).at("2026-03-20T09:00:00Z");
    let high_last = way.clone().takes(labs("2026-03-13", 1.1)).takes(labs("2026-03-20", 9.0));
    let high_first = way.takes(labs("2026-03-20", 9.0)).takes(labs("2026-03-13", 1.1));
    for way in [high_last, high_first] {
        says(&way.refuses(step("cleared", json!({}))), &["B-01"]);
    }
    let listed = json!({ "drug": "apixaban", "dose": "5 mg", "indication": "clot", "prescriber": "Dr. Lang" });
    let taken = |at: &str| step("drug-taken", json!({ "drug": "apixaban", "last_taken": at }));
    let way = Way::ready_to_clear("local-only").takes(step("drug-listed", listed)).at("2026-03-20T09:00:00Z");
    let way = way.takes(taken("2026-03-20T08:00Z")).takes(taken("2026-03-17T08:00Z"));
    let newest = way.case().drugs()[0].2.unwrap().last_taken.to_string();
    assert_eq!(newest, "2026-03-20T08:00Z");
}

#[test]
fn a_diagnosis_of_another_nerve_stays_one_beside_a_code_of_pain() {
    let with = |codes: Value| {
        let way = crate::patient()
            .referred()
            .with_goal()
            .takes(step("indicated", but(bodies::indication(), "/diagnoses", codes)));
        way.screened().blocked().imaged().examined().planned()
    };
    let approval = || step("plan-approved", json!({ "fingerprint": "plan-1", "reason": "compared" }));
    let (other, pain, own) = (
        json!({ "code": "G57.12", "text": "meralgia" }),
        json!({ "code": "G89.29", "text": "pain" }),
        json!({ "code": "G57.82", "text": "other nerve" }),
    );
    says(&with(json!([other])).refuses(approval()), &["N-01 (stop)"]);
    says(&with(json!([other, pain])).refuses(approval()), &["N-01 (stop)"]);
    says(&with(json!([pain, other])).refuses(approval()), &["N-01 (stop)"]);
    with(json!([pain, own])).approved();
}

#[test]
fn a_correction_takes_a_stop_away_only_where_who_may_decide_signs_it() {
    let moved = line("stimulated", bodies::stimulation("motor", 0.4, "yes"));
    let way = ready().by(moved, technologist());
    says(&way.refuses(freeze()), &["N-03 (stop)"]);
    let meant = Some(line("stimulated", bodies::stimulation("motor", 0.4, "no")));
    let correction = || way.correction("logged", meant.clone());
    let refused = way.try_by(correction(), technologist()).unwrap_err();
    says(&refused, &["N-03 (stop) would no longer say", "operator sign"]);
    way.clone().by(correction(), anna()).takes(freeze());
    // What takes no stop away is corrected by whoever wrote it.
    let note = way.clone().by(line("note", json!("x")), technologist());
    note.clone().by(note.correction("logged", Some(line("note", json!("y")))), technologist());
}

#[test]
fn a_correction_about_one_drug_is_not_hidden_by_the_stop_of_another() {
    let listed = |drug: &str| json!({ "drug": drug, "dose": "5 mg", "indication": "clot", "prescriber": "Dr. Lang" });
    let taken = |drug: &str, at: &str| step("drug-taken", json!({ "drug": drug, "last_taken": at }));
    let held = |drug: &str| {
        let body =
            json!({ "drug": drug, "decision": "hold", "decided_by": "signed-by-signer", "reason": "deep nerve" });
        step("drug-decided", body)
    };
    let deep = but(but(bodies::imaging(), "/depth_mm", json!(60)), "/compressible", json!("no"));
    let way = Way::ready_to_clear("local-only")
        .takes(step("imaged", deep))
        .planned()
        .takes_drug(listed("apixaban"))
        .takes(step("drug-listed", listed("rivaroxaban")))
        .takes(held("apixaban"))
        .takes(held("rivaroxaban"))
        .at("2026-03-24T07:00:00Z")
        .takes(step("labs-seen", but(bodies::labs(), "/on", json!("2026-03-23"))))
        .takes(taken("rivaroxaban", "2026-03-24T06:00Z"))
        .takes(taken("apixaban", "2026-03-24T06:00Z"));
    let stops = way.case().rulings(Phase::Bleeding, &crate::judging(way.at));
    let too_recent = |ruled: &&Ruled| ruled.ruling.rule == RuleId::B03 && ruled.ruling.verdict == Verdict::Stop;
    assert_eq!(stops.iter().filter(too_recent).count(), 2, "{stops:?}");
    let earlier = way.correction("drug-taken", Some(taken("apixaban", "2026-03-10T06:00Z")));
    says(&way.try_by(earlier.clone(), signer(Role::Nurse, "Nils Holm")).unwrap_err(), &["B-03 (stop)"]);
    way.takes(earlier);
}

#[test]
fn the_power_of_before_is_not_rewritten_after_a_freeze() {
    let weaker = || Some(step("examined", but(bodies::exam(), "/power", bodies::power(2))));
    let before = ready();
    before.clone().takes(before.correction("examined", weaker()));
    let after = ready().frozen();
    says(&after.refuses(after.correction("examined", weaker())), &["weakness after the freeze"]);
}

#[test]
fn a_held_drug_starts_no_earlier_than_the_rule_says_without_a_reason() {
    let listed = json!({ "drug": "apixaban", "dose": "5 mg", "indication": "clot", "prescriber": "Dr. Lang" });
    let held =
        json!({ "drug": "apixaban", "decision": "hold", "decided_by": "signed-by-signer", "reason": "deep nerve" });
    let takes = but(bodies::screening(), "/takes_blood_thinners", json!("yes"));
    let way = Way::ready_to_clear("local-only")
        .takes(step("screened", takes))
        .takes(step("drug-listed", listed))
        .takes(step("drug-decided", held))
        .at("2026-03-24T07:00:00Z")
        .takes(step("drug-taken", json!({ "drug": "apixaban", "last_taken": "2026-03-20T08:00Z" })))
        .cleared()
        .at("2026-03-24T08:00:00Z")
        .arrived()
        .prepared()
        .enters()
        .made_ready()
        .frozen()
        .frozen()
        .motor_tested(5)
        .leaves()
        .looked_at();
    let earliest = way.case().restarts(&crate::judging(way.at)).remove(0).0.1;
    let earliest = earliest.known().expect("a table row in hours").to_owned();
    let told = |at: String, why: Value| {
        let restart = json!([{ "drug": "apixaban", "at": at, "why_earlier": why }]);
        step("instructed", but(bodies::instructions(), "/restarts", restart))
    };
    let minute_before = Moment(earliest.0 - 1);
    says(&way.refuses(told(minute_before.to_string(), Value::Null)), &["apixaban", "the rule says from"]);
    says(&way.refuses(told("1990-01-01T08:00Z".into(), json!("haste"))), &["a time that is over"]);
    way.clone().takes(told(minute_before.to_string(), json!("a fresh clot")));
    way.takes(told(earliest.to_string(), Value::Null));
}

#[test]
fn units_and_modifiers_are_those_of_the_session_or_the_coder_says_why() {
    let codes = |place: &str, value: Value| step("codes-confirmed", but(bodies::codes(), place, value));
    let home = Way::at_home();
    says(&home.refuses(codes("/units", json!(5))), &["found 5 units with LT", "1 with LT"]);
    says(&home.refuses(codes("/modifiers", json!(["RT"]))), &["found 1 units with RT"]);
    says(&home.refuses(codes("/release", Value::Null)), &["/release", "found none"]);
    home.clone().takes(step(
        "codes-confirmed",
        but(but(bodies::codes(), "/units", json!(2)), "/why_otherwise", json!("as the payer writes")),
    ));
    home.takes(codes("/modifiers", json!([" lt "])));
}

#[test]
fn a_patient_with_diabetes_is_not_signed_in_without_a_glucose_of_the_day() {
    let ill = but(but(bodies::screening(), "/diabetes", json!("yes")), "/hba1c_percent", json!(6.5));
    let way = Way::ready_to_clear("local-only").takes(step("screened", ill)).cleared();
    let way = way.at("2026-03-24T08:00:00Z").arrived().prepared();
    let signed_in = || step("signed-in", bodies::sign_in());
    says(&way.refuses(signed_in()), &["diabetes", "no glucose of today"]);
    let seen = |on: &str| step("labs-seen", json!({ "on": on, "glucose_mg_per_dl": 130 }));
    // A laboratory value takes the clearance away; whoever clears looks at it.
    says(&way.clone().takes(seen("2026-03-23")).cleared().refuses(signed_in()), &["no glucose of today"]);
    way.clone().takes(seen("2026-03-24")).cleared().takes(signed_in());
    let arrived = but(bodies::arrival(), "/glucose_mg_per_dl", json!(130));
    way.takes(step("arrived", arrived)).takes(signed_in());
}

#[test]
fn values_that_cannot_be_are_refused_where_they_are_entered() {
    let way = Way::assessed();
    says(&way.refuses(step("planned", but(bodies::plan(), "/thaw_s", json!(-1)))), &["/thaw_s"]);
    way.clone().takes(step("planned", but(bodies::plan(), "/thaw_s", json!(0))));
    says(&way.refuses(step("blocked", but(bodies::block(), "/on", json!("2026-12-01")))), &["/on", "a day to come"]);
    says(&way.refuses(step("indicated", but(bodies::indication(), "/dn4", json!(11)))), &["/dn4", "0 to 10"]);
    way.clone().takes(step("indicated", but(bodies::indication(), "/dn4", json!(10))));
    let past = but(bodies::booking(), "/start", json!("2026-02-20T09:00Z"));
    says(&way.refuses(step("booked", past)), &["/start", "a time that is over"]);
    let nobody = but(bodies::booking(), "/team", json!([{ "role": "nurse", "name": "Nils Holm" }]));
    says(&way.refuses(step("booked", nobody)), &["/team", "no operator"]);
}
