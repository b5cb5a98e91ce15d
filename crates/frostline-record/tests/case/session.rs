//! Two nerves, or both legs, in one session: each is a case of its own, and together they are one session.

use frostline_plan::catalogue::Known;
use frostline_record::case::{Case, Judging, LinkedCase};
use frostline_record::coding_proposal::{CodingProposal, Diagnoses};
use frostline_record::documents::{Date, Leg, Practice, Surroundings, claim_of};
use frostline_record::rules::{Moment, RuleId, Verdict};
use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, line, patient, says, step};

/// A nerve and a leg.
type Place = (&'static str, &'static str);

const SURAL: Place = ("sural", "left");
const SAPHENOUS: Place = ("saph_leg", "left");
const OTHER_LEG: Place = ("sural", "right");

/// A body of the made-up patient, said of another nerve or leg.
fn of(place: Place, body: Value) -> Value {
    let text = body.to_string().replace("\"sural\"", &format!("\"{}\"", place.0));
    let text = text.replace("\"left\"", &format!("\"{}\"", place.1));
    let text = if place.1 == "right" { text.replace("G57.82", "G57.81") } else { text };
    serde_json::from_str(&text).unwrap()
}

fn site(place: Place) -> Value {
    json!({ "nerve": place.0, "side": place.1 })
}

fn with(body: Value, others: &[(&str, Place)]) -> Value {
    but(body, "/together_with", others.iter().map(|(_, place)| site(*place)).collect::<Vec<_>>().into())
}

fn booking(others: &[(&str, Place)]) -> Value {
    let parts = others.iter().map(|(name, place)| json!({ "case": name, "site": site(*place) }));
    but(bodies::booking(), "/together_with", parts.collect::<Vec<_>>().into())
}

/// Everything before the booking.
fn planned(place: Place, others: &[(&str, Place)]) -> Way {
    let way = patient().takes(step("referred", of(place, bodies::referral()))).with_goal();
    way.takes(step("indicated", of(place, bodies::indication())))
        .screened()
        .takes(step("blocked", of(place, bodies::block())))
        .takes(step("imaged", of(place, bodies::imaging())))
        .examined()
        .takes(step("planned", of(place, bodies::plan())))
        .approved()
        .takes(step("consented", with(of(place, bodies::consent()), others)))
        .calmed("local-only")
}

fn booked(place: Place, others: &[(&str, Place)]) -> Way {
    planned(place, others).takes(step("booked", booking(others)))
}

fn day(way: Way) -> Way {
    way.cleared().at("2026-03-24T08:00:00Z").arrived().prepared()
}

fn in_the_room(way: Way, place: Place, others: &[(&str, Place)]) -> Way {
    day(way)
        .takes(step("signed-in", with(bodies::sign_in(), others)))
        .logs("equipment-checked", bodies::equipment())
        .takes(step("timed-out", with(of(place, bodies::time_out()), others)))
}

fn ready_to_freeze(way: Way, place: Place, others: &[(&str, Place)]) -> Way {
    let way = in_the_room(way, place, others).image("before");
    way.logs("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" })).probe_placed().image("tip")
}

fn reported(way: Way, place: Place, others: &[(&str, Place)]) -> Way {
    let way = ready_to_freeze(way, place, others).frozen().frozen().motor_tested(5);
    way.logs("probe-out", json!({ "tip_c": 5, "moves_freely": "yes" }))
        .image("ice")
        .image("after")
        .logs("dressed", json!("dry"))
        .signed_out()
        .looked_at()
        .looked_at()
        .instructed()
        .discharged()
        .reported()
}

impl Way {
    /// With another case of the session as it stands.
    fn beside(mut self, name: &str, other: &Way) -> Self {
        self.session.push(LinkedCase { name: name.to_owned(), case: other.case().clone() });
        self
    }
}

/// The sural nerve, whose session has the saphenous nerve in case `b`, and that case.
fn pair() -> (Way, Way) {
    let other = booked(SAPHENOUS, &[("a", SURAL)]);
    (booked(SURAL, &[("b", SAPHENOUS)]).beside("b", &other), other)
}

#[test]
fn what_is_treated_in_a_session_is_named_by_consent_sign_in_and_time_out() {
    let beside = [("b", SAPHENOUS)];
    let other = booked(SAPHENOUS, &[("a", SURAL)]);
    let sign_in = |others: &[(&str, Place)]| step("signed-in", with(bodies::sign_in(), others));
    let told_of_one = planned(SURAL, &[]).takes(step("booked", booking(&beside))).beside("b", &other);
    says(&day(told_of_one).refuses(sign_in(&beside)), &["saph_leg left", "the consent does not name"]);
    let way = day(pair().0);
    says(&way.refuses(step("signed-in", bodies::sign_in())), &["saph_leg left", "the sign-in does not name"]);
    let strange = [("b", SAPHENOUS), ("c", OTHER_LEG)];
    says(&way.refuses(sign_in(&strange)), &["sural right", "not booked in this session"]);
    let way = way.takes(sign_in(&beside)).logs("equipment-checked", bodies::equipment());
    says(&way.refuses(step("timed-out", bodies::time_out())), &["saph_leg left", "the time-out does not name"]);
    way.takes(step("timed-out", with(bodies::time_out(), &beside)));
    let alone = day(booked(SURAL, &[]));
    says(&alone.refuses(sign_in(&beside)), &["saph_leg left", "not booked in this session"]);
}

#[test]
fn signs_of_toxicity_told_in_one_case_stop_the_gas_in_the_other() {
    let (way, other) = pair();
    let other = in_the_room(other.beside("a", &way), SAPHENOUS, &[("a", SURAL)]);
    let other = other.logs("anaesthetic-given", bodies::anaesthetic(3.0));
    let way = ready_to_freeze(way, SURAL, &[("b", SAPHENOUS)]);
    let freeze = || line("freeze-started", json!({}));
    let beside = |other: &Way| Way { session: Vec::new(), ..way.clone() }.beside("b", other);
    beside(&other).takes(freeze());
    let toxic = but(bodies::event("e-1"), "/term", json!("toxicity"));
    let ill = other.takes(step("event-reported", toxic));
    says(&beside(&ill).refuses(freeze()), &["L-05 (stop)"]);
    let over = ill.takes(step("event-settled", bodies::settled("e-1", "resolved")));
    beside(&over).takes(freeze());
}

#[test]
fn a_nerve_of_a_leg_is_in_a_session_once() {
    let way = planned(SURAL, &[]);
    let refused = |others: &[(&str, Place)]| way.refuses(step("booked", booking(others)));
    says(&refused(&[("b", SURAL)]), &["sural left in two cases"]);
    says(&refused(&[("b", SAPHENOUS), ("c", SAPHENOUS)]), &["saph_leg left in two cases"]);
    says(&refused(&[("b", ("elbow", "left"))]), &["/together_with", "elbow"]);
    says(&refused(&[(" ", SAPHENOUS)]), &["/together_with"]);
    way.takes(step("booked", booking(&[("b", OTHER_LEG), ("c", SAPHENOUS)])));
}

#[test]
fn nothing_is_signed_while_the_cases_of_a_session_disagree() {
    let beside = [("b", SAPHENOUS)];
    let ready = |way: Way| ready_to_freeze(way, SURAL, &beside);
    let (way, other) = pair();
    let with_other = |way: &Way, other: &Way| Way { session: Vec::new(), ..way.clone() }.beside("b", other);
    let elsewhere = but(booking(&[("a", SURAL)]), "/room", json!("Procedure room 1"));
    let later = but(booking(&[("a", SURAL)]), "/start", json!("2026-03-24T10:00Z"));
    let heavier = step("screened", but(bodies::screening(), "/weight_kg", json!(71)));
    let cancelled = json!({ "reason": "fever" });
    let right = |body: Value| of(("saph_leg", "right"), body);
    let planned_right = step("planned", right(bodies::plan()));
    let odd = [
        (other.clone().takes(step("booked", elsewhere)), "another time or room"),
        (other.clone().takes(step("booked", later)), "another time or room"),
        (other.clone().takes(step("booked", booking(&[]))), "different nerves and legs"),
        (other.clone().takes(step("booked", booking(&[("a", SURAL), ("c", OTHER_LEG)]))), "different nerves and legs"),
        (other.clone().takes(heavier), "different weight"),
        (other.clone().takes(step("imaged", right(bodies::imaging()))).takes(planned_right), "is about saph_leg right"),
        (planned(SAPHENOUS, &[("a", SURAL)]), "is not booked"),
        (other.clone().takes(step("cancelled", cancelled)), "is not booked"),
    ];
    let frozen = ready(way.clone());
    frozen.clone().takes(line("freeze-started", json!({})));
    let sign_in = step("signed-in", with(bodies::sign_in(), &beside));
    let time_out = step("timed-out", with(bodies::time_out(), &beside));
    let signed_in = day(way.clone()).takes(sign_in.clone());
    for (other, words) in &odd {
        says(&day(with_other(&way, other)).refuses(sign_in.clone()), &[words]);
        says(&with_other(&signed_in, other).refuses(time_out.clone()), &[words]);
        says(&with_other(&frozen, other).refuses(line("freeze-started", json!({}))), &[words]);
    }
    let gone = Way { session: Vec::new(), ..frozen };
    says(&gone.refuses(line("freeze-started", json!({}))), &["case b", "is not there any more"]);
}

#[test]
fn local_anaesthetic_counts_over_every_case_of_the_session() {
    // 70 kg: the most of lidocaine is 300 mg, which are 30 mL of 1 %.
    let (way, other) = pair();
    let other = in_the_room(other.beside("a", &way), SAPHENOUS, &[("a", SURAL)]);
    let other = other.logs("anaesthetic-given", bodies::anaesthetic(20.0));
    let way = in_the_room(way, SURAL, &[("b", SAPHENOUS)]);
    let way = Way { session: Vec::new(), ..way }.beside("b", &other);
    for (volume_ml, too_much) in [(9.9, false), (10.0, false), (10.1, true)] {
        let given = way.clone().logs("anaesthetic-given", bodies::anaesthetic(volume_ml));
        for rule in [RuleId::L01, RuleId::L02] {
            assert_eq!(given.seen_verdict(rule) == Some(Verdict::Stop), too_much, "{rule} at {volume_ml} mL");
        }
        let judging = Judging { session: &given.session, ..crate::judging(given.at) };
        let Known::Known(percent) = given.case().anaesthetic_share(&judging, None) else { panic!("no share") };
        // (200 + 10 x volume) of 300 mg, as the percentage that L-02 gives.
        assert!((percent - (200.0 + 10.0 * volume_ml) / 3.0).abs() < 1e-9, "{percent}");
        let running = given.case().running_shares(&judging);
        assert_eq!(running.last().unwrap().1, Known::Known(percent));
        assert_eq!(running.len(), 1, "only doses of this case are lines of its report");
        let alone = given.case().anaesthetic_share(&crate::judging(given.at), None);
        assert!(alone.known().is_some_and(|alone| alone < percent / 2.0), "{alone:?}");
    }
}

fn proposal(way: &Way) -> (String, usize, Vec<String>) {
    let judging = Judging { session: &way.session, ..crate::judging(way.at) };
    let found = CodingProposal::of_case(way.case(), &judging, &Diagnoses::bundled().unwrap(), None);
    assert_eq!(found.lines.len(), 1, "{:?}", found.lines);
    let units = found.lines[0].units.clone().unwrap();
    (found.lines[0].code.clone().unwrap(), units.units, units.modifiers)
}

#[test]
fn two_nerves_and_both_legs_of_one_session_are_coded_together() {
    let is = |units, modifiers: &[&str]| {
        ("0441T".to_owned(), units, modifiers.iter().map(|m| (*m).to_owned()).collect::<Vec<_>>())
    };
    let all = |others: &[(&'static str, Place)]| {
        let way = booked(SURAL, others);
        others.iter().fold(way, |way, (name, place)| way.beside(name, &planned(*place, &[])))
    };
    assert_eq!(proposal(&all(&[])), is(1, &["LT"]));
    assert_eq!(proposal(&all(&[("b", SAPHENOUS)])), is(2, &["LT", "59"]));
    assert_eq!(proposal(&all(&[("b", OTHER_LEG)])), is(2, &["50"]));
    assert_eq!(proposal(&all(&[("b", SAPHENOUS), ("c", OTHER_LEG)])), is(3, &["RT", "LT", "59"]));
    // A case that is no part of the session is not billed with it.
    assert_eq!(proposal(&booked(SURAL, &[]).beside("b", &planned(SAPHENOUS, &[]))), is(1, &["LT"]));
}

#[test]
fn a_session_has_one_claim_and_every_nerve_of_it_is_in_that() {
    let (way, other) = pair();
    let other_done = reported(other.clone().beside("a", &way), SAPHENOUS, &[("a", SURAL)]);
    let way = reported(way, SURAL, &[("b", SAPHENOUS)]);
    let codes = || but(but(bodies::codes(), "/units", json!(2)), "/modifiers", json!(["LT", "59"]));
    says(&way.refuses(step("codes-confirmed", codes())), &["report of case b", "is not signed"]);
    let way = Way { session: Vec::new(), ..way }.beside("b", &other_done).takes(step("codes-confirmed", codes()));
    let judging = Judging { session: &way.session, ..crate::judging(way.at) };
    let around = Surroundings {
        practice: Practice::default(),
        minutes_east: &|_: Moment| 0,
        made_on: Date::of(judging.today),
        program: "frostline".to_owned(),
    };
    let claim = claim_of(way.case(), &judging, &around);
    let line = &claim.lines[0];
    assert_eq!((claim.lines.len(), line.nerve.as_str(), line.units), (1, "sural", Some(2)));
    assert_eq!((line.others[0].nerve.as_str(), line.others[0].leg), ("saph_leg", Some(Leg::Left)));
    let second = Way { session: Vec::new(), ..other_done }.beside("a", &way);
    says(&second.refuses(step("codes-confirmed", codes())), &["confirmed in case a", "one claim"]);
}

#[test]
fn a_case_that_was_kept_before_sessions_of_several_reads_and_is_written_as_it_was() {
    let bodies = [
        ("booked", bodies::booking()),
        ("consented", bodies::consent()),
        ("signed-in", bodies::sign_in()),
        ("timed-out", bodies::time_out()),
    ];
    for (kind, body) in bodies {
        assert!(body.get("together_with").is_none());
        let written = serde_json::to_value(step(kind, body)).unwrap();
        assert!(written["body"].get("together_with").is_none(), "{written}");
    }
    let steps = Way::at_home().case().steps().to_vec();
    assert!(Case::from_steps(steps).unwrap().session_parts().is_empty());
}
