//! The day: clearance, arrival, sign-in, time-out, and what another day undoes.

use frostline_record::case::RoomPhase;
use frostline_record::rules::{RuleId, Verdict};
use serde_json::json;

use crate::bodies::{self, but};
use crate::{Way, judging, line, says, step};

#[test]
fn a_case_is_cleared_only_with_plan_sedation_and_booking() {
    let refused = Way::assessed().planned().refuses(step("cleared", json!({})));
    says(&refused, &["found no booking", "nobody chose how the patient is kept calm", "nobody approved"]);
}

#[test]
fn a_booking_moved_after_the_clearance_takes_it_away() {
    let way = Way::on_the_day("local-only");
    let moved = but(bodies::booking(), "/start", json!("2026-03-24T15:00Z"));
    let booked = way.clone().takes(step("booked", moved.clone())).arrived();
    says(&booked.refuses(step("signed-in", bodies::sign_in())), &["not cleared"]);
    let corrected = way.clone().takes(way.correction("booked", Some(step("booked", moved))));
    says(&corrected.refuses(step("signed-in", bodies::sign_in())), &["not cleared"]);
}

#[test]
fn nobody_signs_in_before_arriving_or_without_consent() {
    let way = Way::assessed().planned().approved().calmed("local-only").booked().cleared().at("2026-03-24T08:00:00Z");
    says(&way.refuses(step("signed-in", bodies::sign_in())), &["has not arrived", "no consent that stands"]);
}

#[test]
fn a_list_with_an_open_line_is_not_done() {
    let way = Way::on_the_day("local-only");
    let open = but(bodies::sign_in(), "/answers/side-marked", json!("not-asked"));
    says(&way.refuses(step("signed-in", open)), &["not answered with yes", "Side and nerve marked", "stop and do it"]);
    let strange = but(bodies::sign_in(), "/answers/horoscope", json!("yes"));
    says(&way.refuses(step("signed-in", strange)), &["'horoscope' is not on the sign-in list"]);
}

#[test]
fn a_sedated_patient_who_ate_is_not_signed_in() {
    let fed = |at: &str| but(bodies::preparation(), "/light_meal", json!({ "at": at }));
    let way = Way::ready_to_clear("moderate").cleared().at("2026-03-24T08:00:00Z").arrived();
    // Sign-in is at 08:02; a light meal needs six hours.
    let early = way.clone().takes(step("prepared", fed("2026-03-24T02:03Z")));
    says(&early.refuses(step("signed-in", bodies::sign_in())), &["F-01", "stop"]);
    way.takes(step("prepared", fed("2026-03-24T02:02Z"))).signed_in();
}

#[test]
fn nobody_is_sedated_unwatched() {
    let alone = but(bodies::sedation("moderate"), "/dedicated_person", json!("no"));
    let way = Way::assessed().planned().approved().consented().takes(step("sedation-chosen", alone.clone()));
    assert_eq!(way.seen_verdict(RuleId::S01), Some(Verdict::Stop), "told when it is chosen");
    let way = way.booked();
    assert_eq!(way.seen_verdict(RuleId::S01), Some(Verdict::Stop), "told when the team is booked");
    says(&way.refuses(step("cleared", json!({}))), &["S-01", "a person who only watches"]);
    let way = Way::on_the_day("moderate");
    let watched_by_nobody = way.correction("sedation-chosen", Some(step("sedation-chosen", alone)));
    let way = way.takes(watched_by_nobody);
    says(&way.refuses(step("signed-in", bodies::sign_in())), &["S-01", "a person who only watches"]);
    says(&way.refuses(step("overridden", json!({ "rule": "S-01", "reason": "busy" }))), &["by anyone"]);
}

#[test]
fn deeper_sedation_in_the_room_is_watched_too() {
    let alone = but(bodies::sedation("moderate"), "/dedicated_person", json!("no"));
    let way = Way::ready_to_freeze("local-only").takes(step("sedation-chosen", alone));
    says(&way.refuses(line("freeze-started", json!({}))), &["S-01"]);
}

#[test]
fn when_whoever_watched_leaves_no_gas_is_opened_until_somebody_watches_again() {
    let watch = |person: &str| {
        let left = json!([{ "role": "nurse", "name": "Nils Holm" }]);
        line(
            "team-changed",
            json!({ "left": left, "dedicated_person": person, "capnography": "yes", "anaesthesiologist": "no" }),
        )
    };
    let way = Way::ready_to_freeze("moderate").takes(watch("no"));
    assert_eq!(way.seen_verdict(RuleId::S01), Some(Verdict::Stop));
    says(&way.refuses(line("freeze-started", json!({}))), &["S-01", "a person who only watches"]);
    // The request wants an anaesthesiologist with any sedation; to go on without one is somebody's word.
    let alone = way.takes(watch("yes"));
    says(&alone.refuses(line("freeze-started", json!({}))), &["S-01 (warn)", "without an anaesthesiologist"]);
    let word = json!({ "rule": "S-01", "reason": "the anaesthesiologist is next door, the nurse watches" });
    alone.takes(step("overridden", word)).takes(line("freeze-started", json!({})));
}

#[test]
fn under_local_anaesthetic_only_people_come_and_go() {
    let gone = json!({ "dedicated_person": "no", "capnography": "no", "anaesthesiologist": "no" });
    let way = Way::ready_to_freeze("local-only").logs("team-changed", gone);
    way.takes(line("freeze-started", json!({})));
}

#[test]
fn who_is_known_by_one_thing_or_is_ill_does_not_arrive() {
    let way = Way::ready_to_clear("local-only").cleared();
    let once = but(bodies::arrival(), "/known_by", json!(["name", "name "]));
    says(&way.refuses(step("arrived", once)), &["found 1 thing", "expected two different"]);
    let ill = but(bodies::arrival(), "/unwell", json!("yes"));
    says(&way.refuses(step("arrived", ill)), &["/unwell", "cancel"]);
}

#[test]
fn what_was_done_for_a_cancelled_day_does_not_count_on_the_next() {
    let way = Way::ready_to_freeze("local-only").logs("probe-out", json!({ "tip_c": 30, "moves_freely": "yes" }));
    let again = way
        .takes(step("cancelled", json!({ "reason": "the patient is too anxious today" })))
        .takes(step("booked", but(bodies::booking(), "/start", json!("2026-04-07T09:00Z"))));
    let refused = again.refuses(line("freeze-started", json!({})));
    says(&refused, &["sign-in is not done", "time-out is not done", "probe and gas", "image of the tip"]);
    says(&again.refuses(step("signed-in", bodies::sign_in())), &["has not arrived", "not cleared"]);
}

#[test]
fn a_time_out_of_yesterday_opens_no_gas() {
    let way = Way::ready_to_freeze("local-only").at("2026-03-25T09:00:00Z");
    says(&way.refuses(line("freeze-started", json!({}))), &["another day", "again"]);
}

#[test]
fn a_day_is_not_cancelled_with_the_probe_in_or_after_a_freeze() {
    let cancelled = step("cancelled", json!({ "reason": "gas is empty" }));
    says(&Way::ready_to_freeze("local-only").refuses(cancelled.clone()), &["probe", "out"]);
    says(&Way::treated("local-only").refuses(cancelled), &["took place"]);
    says(&Way::treated("local-only").refuses(step("booked", bodies::booking())), &["took place"]);
}

#[test]
fn a_cancelled_day_returns_only_by_a_new_booking() {
    let way = Way::on_the_day("local-only").takes(step("cancelled", json!({ "reason": "fever" })));
    says(&way.refuses(way.correction("cancelled", None)), &["cancelled", "book"]);
}

#[test]
fn a_step_is_never_signed_before_the_one_that_came_first() {
    // The last step was signed at 08:01:00; another may be signed in the same second.
    let at = |time: &str| Way::on_the_day("local-only").at(time);
    says(&at("2026-03-24T08:00:59Z").refuses(step("noted", json!("late"))), &["2026-03-24T08:00:59Z", "clock"]);
    at("2026-03-24T08:01:00Z").takes(step("noted", json!("two wrote at once")));
}

#[test]
fn a_procedure_is_as_long_as_its_own_day() {
    let first = Way::in_the_room("local-only").logs("note", json!("the patient is too anxious"));
    let second = first
        .takes(step("cancelled", json!({ "reason": "too anxious" })))
        .takes(step("booked", but(bodies::booking(), "/start", json!("2026-04-07T09:00Z"))))
        .cleared()
        .at("2026-04-07T08:00:00Z")
        .arrived()
        .signed_in()
        .logs("equipment-checked", bodies::equipment());
    assert_eq!(second.case().stored_images().before, frostline_record::rules::Answer::No);
    let out = json!({ "moves_freely": "yes" });
    let second = second.timed_out().logs("skin-prepared", json!({ "agent": "iodine", "dried": "yes" }));
    let second = second.logs("needle-placed", json!({})).logs("probe-out", out).logs("dressed", json!("dry"));
    // Equipment, time-out, skin, needle, probe out, dressing: five minutes from the first line to the last.
    assert_eq!(second.case().minutes(), frostline_plan::catalogue::Known::Known(5.0));
}

#[test]
fn discomfort_asks_for_a_pause_from_the_number_of_the_list_until_less_is_said_or_the_probe_is_out() {
    let asked = |way: &Way| way.case().wants_a_pause(&judging(way.at)).map(|(_, said)| said.discomfort.score());
    let says_it = |way: Way, score: u8| way.logs("comfort-said", json!({ "discomfort": score, "words": "cold" }));
    let way = Way::ready_to_freeze("local-only");
    assert_eq!(asked(&way), None);
    let way = says_it(way, 6);
    assert_eq!(asked(&way), None);
    let way = says_it(way, 7);
    assert_eq!(asked(&way), Some(7.0));
    let way = says_it(way, 8).logs("note", json!("gas stays shut"));
    assert_eq!(asked(&way), Some(8.0));
    let cold = way.clone().logs("comfort-said", json!({ "discomfort": 2, "cold": 7 }));
    assert!(cold.case().wants_a_pause(&judging(cold.at)).is_some());
    let less = says_it(way.clone(), 3);
    assert_eq!(asked(&less), None);
    let out = way.logs("probe-out", json!({ "moves_freely": "yes" }));
    assert_eq!(asked(&out), None);
}

#[test]
fn the_time_in_the_room_is_told_in_parts_and_only_as_far_as_it_is_known() {
    let way = Way::ready_to_freeze("local-only");
    assert_eq!(way.case().phases(), [(RoomPhase::GettingReady, 6)]);
    let out = way.logs("probe-out", json!({ "moves_freely": "yes" })).logs("dressed", json!("dry"));
    let parts = out.case().phases();
    assert_eq!(parts[1], (RoomPhase::Procedure, 4));
    let done = Way::treated("local-only");
    let minutes = |wanted: RoomPhase| {
        done.case().phases().iter().find(|(phase, _)| *phase == wanted).map(|(_, minutes)| *minutes)
    };
    let parts = [RoomPhase::GettingReady, RoomPhase::Procedure, RoomPhase::Closing].map(|p| minutes(p).unwrap());
    assert_eq!(Some(parts.iter().sum()), minutes(RoomPhase::Whole), "{:?}", done.case().phases());
}
