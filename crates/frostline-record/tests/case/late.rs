//! A log that is written after the fact: what counts is when things happened.

use frostline_record::case::{Second, Step};
use frostline_record::rules::{RuleId, Verdict};
use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, line, says, step};

/// A line that happened earlier than it is signed.
fn happened(at: &str, kind: &str, body: Value) -> Step {
    step("logged", json!({ "happened_at": at, kind: body }))
}

fn ready() -> Way {
    Way::ready_to_freeze("local-only")
}

#[test]
fn a_line_is_read_back_with_its_time_wherever_the_time_stands_and_one_without_stays_as_it_was() {
    let told = happened("2026-03-24T08:10:05Z", "dressed", json!("gauze"));
    let text = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<Step>(&text).unwrap(), told, "{text}");
    let behind = r#"{"kind":"logged","body":{"dressed":"gauze","happened_at":"2026-03-24T08:10:05Z"}}"#;
    assert_eq!(serde_json::from_str::<Step>(behind).unwrap(), told);
    let plain = r#"{"kind":"logged","body":{"dressed":"gauze"}}"#;
    assert_eq!(serde_json::to_string(&serde_json::from_str::<Step>(plain).unwrap()).unwrap(), plain);
}

#[test]
fn a_line_that_says_two_things_nothing_or_a_mistyped_time_is_refused() {
    for wrong in [
        json!({ "dressed": "gauze", "note": "x" }),
        json!({}),
        json!({ "happened_at": "2026-03-24T08:10:05Z" }),
        json!({ "dressed": "gauze", "hapened_at": "2026-03-24T08:10:05Z" }),
        json!({ "dressed": "gauze", "happened_at": "noon" }),
    ] {
        let read = serde_json::from_value::<Step>(json!({ "kind": "logged", "body": wrong }));
        assert!(read.is_err(), "{wrong} was read");
    }
}

#[test]
fn nothing_is_logged_that_is_still_to_come_or_was_before_the_sign_in() {
    let way = ready();
    let signed_in = way.case().steps().iter().find(|step| step.step.kind().word() == "signed-in").unwrap().at;
    let note = |at: Second| happened(&at.to_string(), "note", json!("x"));
    for (seconds, taken) in [(-1, false), (0, true), (1, true)] {
        assert_eq!(way.try_by(note(Second(signed_in.0 + seconds)), crate::anna()).is_ok(), taken, "{seconds} s");
    }
    for (seconds, taken) in [(-1, true), (0, true), (1, false)] {
        assert_eq!(way.try_by(note(Second(way.at.0 + seconds)), crate::anna()).is_ok(), taken, "{seconds} s to come");
    }
    says(&way.refuses(note(Second(signed_in.0 - 1))), &["happened_at", "before the sign-in"]);
    says(&way.refuses(note(Second(way.at.0 + 1))), &["happened_at", "still to come"]);
}

#[test]
fn freezes_that_are_written_down_at_the_end_have_the_lengths_that_they_had() {
    // Everything is signed half an hour later, within one minute, and the second freeze before the first.
    let way = ready().at("2026-03-24T10:00:00Z");
    let late = |way: Way, at: &str, kind: &str, body: Value| way.takes(happened(at, kind, body));
    let start = way.case().latest().unwrap();
    let after = |seconds: i64| Second(start.0 + seconds).to_string();
    let way = late(way, &after(60), "freeze-started", json!({}));
    let way = late(way, &after(180), "freeze-stopped", bodies::freeze_stop());
    let way = late(way, &after(240), "freeze-started", json!({}));
    let way = late(way, &after(350), "freeze-stopped", bodies::freeze_stop());
    let lengths: Vec<_> = way.case().freezes().iter().map(|freeze| freeze.gas_on_s()).collect();
    assert_eq!(lengths, [Some(120), Some(110)]);
    let thaws: Vec<_> = way.case().thaws_between().iter().map(|thaw| thaw.seconds).collect();
    assert_eq!(thaws, [Some(60)]);
    let (line, _) = way.case().log().last().unwrap();
    assert!(line.written_after_minutes() > 20, "{} min", line.written_after_minutes());
}

#[test]
fn a_late_line_is_held_against_what_stood_when_it_happened() {
    // After the sign-out no gas is opened; a freeze that was forgotten before it is still written down.
    let way = Way::treated("local-only");
    let freezes = way.case().freezes();
    let stopped = freezes.last().unwrap().stop.unwrap().0;
    drop(freezes);
    says(&way.refuses(line("freeze-started", json!({}))), &["sign-out is done"]);
    let before = Second(way.case().freezes()[0].start.0 + 1).to_string();
    says(&way.refuses(happened(&before, "freeze-started", json!({}))), &["a freeze is running"]);
    let forgotten = Second(stopped.0 + 60);
    let way = way.takes(happened(&forgotten.to_string(), "freeze-started", json!({})));
    assert_eq!(way.case().freezes().last().unwrap().start, forgotten);
}

#[test]
fn the_order_of_stimulation_and_anaesthetic_is_that_of_the_room() {
    let way = ready();
    let placed =
        way.case().log().find(|(_, logged)| matches!(logged, frostline_record::case::steps::Logged::NeedlePlaced(_)));
    let placed = placed.unwrap().0.at;
    // Signed last, given before the test: the test showed nothing.
    let at_nerve = but(bodies::anaesthetic(1.0), "/at_nerve", json!("yes"));
    let way = way.takes(happened(&placed.to_string(), "anaesthetic-given", at_nerve));
    says(&way.refuses(line("freeze-started", json!({}))), &["N-02", "numb before"]);
}

#[test]
fn a_correction_without_a_time_keeps_it_and_one_with_a_time_moves_it() {
    let way = ready();
    let at = way.at;
    let then = Second(at.0 - 30).to_string();
    let way = way.takes(happened(&then, "freeze-started", json!({})));
    let kept = way.clone().takes(way.correction("logged", Some(line("freeze-started", json!({ "pressure_bar": 45 })))));
    assert_eq!(kept.case().freezes()[0].start.to_string(), then);
    let other = Second(at.0 - 20).to_string();
    let moved = way.clone().takes(way.correction("logged", Some(happened(&other, "freeze-started", json!({})))));
    assert_eq!(moved.case().freezes()[0].start.to_string(), other);
    let future = Second(way.at.0 + 1).to_string();
    let wrong = way.correction("logged", Some(happened(&future, "freeze-started", json!({}))));
    says(&way.refuses(wrong), &["/instead/body/happened_at", "still to come"]);
}

#[test]
fn a_freeze_written_down_past_midnight_belongs_to_the_day_of_the_sign_in() {
    let way = ready();
    let then = Second(way.at.0 + 60).to_string();
    let way = way.at("2026-03-25T00:20:00Z");
    says(&way.refuses(line("freeze-started", json!({}))), &["another day"]);
    let way = way.takes(happened(&then, "freeze-started", json!({})));
    assert_eq!(way.case().treated_on().unwrap().to_string(), "2026-03-24");
}

#[test]
fn what_was_given_another_day_never_joins_this_session() {
    let way = Way::in_the_room("local-only");
    let then = Second(way.at.0 - 30);
    let given = |at: Second| happened(&at.to_string(), "anaesthetic-given", bodies::anaesthetic(20.0));
    let way = way.takes(step("cancelled", json!({ "reason": "the generator failed" }))).booked().cleared();
    let way = way.at("2026-03-24T09:30:00Z").arrived().prepared().signed_in().timed_out();
    let way = way.takes(given(then));
    assert!(way.seen_verdict(RuleId::L02).is_some_and(|verdict| verdict <= Verdict::Warn));
    let share = way.case().anaesthetic_share(&crate::judging(way.at), None);
    assert_eq!(share.known(), Some(0.0), "nothing was given in this session");
}
