//! Events, answers, and the end of a case.

use frostline_record::case::Stage;
use serde_json::json;

use crate::bodies::{self, but};
use crate::{Way, says, step};

fn end() -> frostline_record::case::Step {
    step("closed", json!({ "reason": "month 3 answered" }))
}

fn month_3() -> Way {
    Way::at_home().at("2026-06-23T09:00:00Z")
}

#[test]
fn a_case_stays_open_until_month_three_or_until_nobody_was_reached() {
    says(&month_3().refuses(end()), &["no whole answer after three months", "ask the patient first"]);
    let lost = step("closed", json!({ "reason": "moved away", "lost_to_follow_up": "yes" }));
    says(&month_3().refuses(lost.clone()), &["at least one try"]);
    let tried = step("contact-tried", json!({ "time": "month-3", "how": "phone", "reached": "no" }));
    month_3().takes(tried).takes(lost);
    let answered = month_3().takes(step("answered", bodies::answers("month-3"))).takes(end());
    assert_eq!(answered.case().stage(), Stage::Closed);
}

#[test]
fn an_answer_given_too_early_is_not_that_of_month_three() {
    let early = Way::at_home().takes(step("answered", bodies::answers("month-3"))).at("2026-06-23T09:00:00Z");
    says(&early.refuses(end()), &["no whole answer after three months"]);
    // Month 3 is due on 23 June; the window opens three days before.
    let answered_on = |day: &str| Way::at_home().at(day).takes(step("answered", bodies::answers("month-3")));
    assert!(answered_on("2026-06-19T09:00:00Z").try_by(end(), crate::anna()).is_err());
    answered_on("2026-06-20T09:00:00Z").takes(end());
}

#[test]
fn answers_without_those_that_must_be_given_are_kept_and_close_nothing() {
    let bare = || step("answered", json!({ "time": "month-3", "red_flags": {} }));
    let way = month_3().takes(bare());
    says(&way.refuses(end()), &["no whole answer", "that of month-3 leaves open: average-pain", "weakness", "clot"]);
    for lacking in ["/average_pain", "/satisfaction", "/would_repeat", "/red_flags/fever"] {
        let mut answers = bodies::answers("month-3");
        let parent = answers.pointer_mut(lacking.rsplit_once('/').unwrap().0).unwrap();
        parent.as_object_mut().unwrap().remove(lacking.rsplit_once('/').unwrap().1);
        let way = month_3().takes(step("answered", answers));
        says(&way.refuses(end()), &["leaves open", &lacking.rsplit_once('/').unwrap().1.replace('_', "-")]);
    }
    // What one answer leaves open another of the same time may give.
    let first = json!({ "time": "month-3", "average_pain": 2, "red_flags": {} });
    let mut rest = bodies::answers("month-3");
    rest.as_object_mut().unwrap().remove("average_pain");
    month_3().takes(step("answered", first)).takes(step("answered", rest)).takes(end());
}

#[test]
fn an_answer_counts_for_the_time_that_it_names_from_its_window_until_the_next_one_begins() {
    // Treated on 24 March 2026. Month 3 is day 91, 23 June; month 6 is day 182, 22 September; the window is three days.
    let due = |time: &str, on: &str, seen: &str| {
        let way = Way::at_home().at(on).takes(step("answered", bodies::answers(time))).at(seen);
        let due = way.case().due(&crate::judging(way.at));
        due.into_iter().find(|due| due.id == time).unwrap().state
    };
    use frostline_record::rules::DueState::{Answered, Missed, Open, Overdue};
    assert_eq!(due("month-3", "2026-06-19T09:00:00Z", "2026-06-23T09:00:00Z"), Open);
    assert_eq!(due("month-3", "2026-06-19T09:00:00Z", "2026-06-27T09:00:00Z"), Overdue);
    assert_eq!(due("month-3", "2026-06-20T09:00:00Z", "2026-06-23T09:00:00Z"), Answered);
    assert_eq!(due("month-3", "2026-09-18T09:00:00Z", "2026-09-19T09:00:00Z"), Answered);
    assert_eq!(due("month-3", "2026-09-19T09:00:00Z", "2026-09-19T09:00:00Z"), Missed);
    assert_eq!(due("month-12", "2026-03-25T09:00:00Z", "2027-03-24T09:00:00Z"), Open);
    // The last time has no next one: late is late for good.
    assert_eq!(due("month-12", "2028-03-24T09:00:00Z", "2028-03-25T09:00:00Z"), Answered);
}

#[test]
fn a_case_whose_month_three_was_missed_is_closed_by_the_answer_after_half_a_year() {
    let way = Way::at_home().at("2026-09-22T09:00:00Z");
    says(&way.refuses(end()), &["no whole answer"]);
    let early = way.clone().takes(step("answered", bodies::answers("month-12")));
    says(&early.refuses(end()), &["that of month-12 on 2026-09-22 came too early"]);
    way.takes(step("answered", bodies::answers("month-6"))).takes(end());
}

#[test]
fn every_answer_that_is_none_is_told_at_once_with_its_field() {
    let mut wrong = bodies::answers("month-3");
    wrong["global_impression"] = json!(8);
    wrong["satisfaction"] = json!(11);
    wrong["red_flags"]["fewer"] = json!("no");
    wrong["others"] = json!([{ "id": "average-pain", "answer": "3" }, { "id": "pain-medicine-days", "answer": "8" }]);
    wrong["scores"] = json!([{ "instrument": "lefs", "score": 40 }]);
    let said = Way::at_home().at("2026-06-23T09:00:00Z").refuses(step("answered", wrong));
    let fields = ["/global_impression", "/satisfaction", "/red_flags/fewer", "/others/0", "/others/1", "/scores/0"];
    says(&said, &fields.map(|field| field));
    says(&said, &["one of 1, 2", "from 0 to 10", "from 0 to 7", "belongs to others"]);
}

#[test]
fn an_event_answers_for_questions_of_the_list_only() {
    let event = but(bodies::event("1"), "/answers_for", json!(["weakness", "tiredness"]));
    says(&Way::at_home().refuses(step("event-reported", event)), &["/answers_for", "'tiredness'", "weakness"]);
}

#[test]
fn a_case_is_not_closed_over_an_open_event() {
    let way =
        month_3().takes(step("answered", bodies::answers("month-3"))).takes(step("event-reported", bodies::event("1")));
    says(&way.refuses(end()), &["event has no outcome", "settle it"]);
    let ongoing = way.clone().takes(step("event-settled", bodies::settled("1", "ongoing")));
    says(&ongoing.refuses(end()), &["event has no outcome"]);
    ongoing.takes(step("event-settled", bodies::settled("1", "resolved"))).takes(end());
}

#[test]
fn two_events_never_share_a_name_and_none_is_settled_that_nobody_reported() {
    let way = Way::at_home().takes(step("event-reported", bodies::event("1")));
    says(&way.refuses(step("event-reported", bodies::event("1"))), &["event '1'", "another name"]);
    says(&way.refuses(step("event-settled", bodies::settled("2", "resolved"))), &["event '2'", "report it first"]);
    let nowhere = but(bodies::event("2"), "/step", json!(999));
    says(&way.refuses(step("event-reported", nowhere)), &["999"]);
    let renamed = step("event-reported", bodies::event("1"));
    let way = way.takes(step("event-reported", bodies::event("2")));
    says(&way.refuses(way.correction("event-reported", Some(renamed))), &["event '1'"]);
}

#[test]
fn a_treated_case_is_not_closed_without_its_report() {
    let way = Way::ready_for_home("local-only").discharged().at("2026-06-23T09:00:00Z");
    let way = way.takes(step("answered", bodies::answers("month-3")));
    says(&way.refuses(end()), &["the report is not signed"]);
}

#[test]
fn nobody_is_closed_away_in_the_room() {
    says(&Way::ready_to_freeze("local-only").refuses(end()), &["in the room"]);
}

#[test]
fn a_closed_case_takes_events_and_answers_but_no_treatment() {
    let closed = month_3().takes(step("answered", bodies::answers("month-3"))).takes(end());
    says(&closed.refuses(step("booked", bodies::booking())), &["closed by step"]);
    says(&closed.refuses(end()), &["closed by step"]);
    let closed = closed.takes(step("event-reported", bodies::event("1")));
    closed.takes(step("answered", bodies::answers("month-6"))).takes(step("noted", json!("phoned")));
}

#[test]
fn codes_are_confirmed_after_the_report() {
    let way = Way::ready_for_home("local-only").discharged();
    says(&way.refuses(step("codes-confirmed", bodies::codes())), &["report is not signed"]);
    let none = but(bodies::codes(), "/units", json!(0));
    says(&way.reported().refuses(step("codes-confirmed", none)), &["/units", "found 0"]);
}

#[test]
fn answers_come_after_the_discharge_and_at_a_time_of_the_list() {
    says(&Way::ready_for_home("local-only").refuses(step("answered", bodies::answers("day-1"))), &["not discharged"]);
    says(&Way::at_home().refuses(step("answered", bodies::answers("day-9"))), &["found 'day-9'", "day-1"]);
    let nameless = step("contact-tried", json!({ "time": "some day", "how": "phone", "reached": "no" }));
    says(&Way::at_home().refuses(nameless), &["found 'some day'", "month-3"]);
}

#[test]
fn an_event_without_a_step_is_linked_by_the_time_at_which_it_began() {
    use frostline_record::rules::{RuleId, Verdict};
    let dated = |began: serde_json::Value| {
        let event = but(bodies::event("1"), "/began", began);
        Way::at_home().takes(step("event-reported", event)).seen_verdict(RuleId::A05)
    };
    assert_eq!(dated(json!("2026-03-24T09:00Z")), Some(Verdict::Info));
    assert_eq!(dated(json!(null)), Some(Verdict::Human));
}

#[test]
fn a_code_that_the_payer_forbids_is_not_confirmed_for_it() {
    let other = but(bodies::codes(), "/procedure_code", json!("64640"));
    says(&Way::at_home().refuses(step("codes-confirmed", other)), &["/procedure_code", "64640", "CGS Medicare"]);
}

#[test]
fn an_event_is_one_of_the_list_or_other_in_words() {
    let called = |term: &str| step("event-reported", but(bodies::event("1"), "/term", json!(term)));
    says(&Way::at_home().refuses(called("hematoma")), &["/term", "found the term 'hematoma'", "haematoma", "'other'"]);
    Way::at_home().takes(called("haematoma"));
    Way::at_home().takes(called("other"));
    let silent = but(but(bodies::event("1"), "/term", json!("other")), "/words", json!(" "));
    says(&Way::at_home().refuses(step("event-reported", silent)), &["/words"]);
    let way = Way::at_home().takes(called("bruise"));
    says(&way.refuses(way.correction("event-reported", Some(called("brusie")))), &["brusie", "bruise"]);
}

#[test]
fn a_case_with_an_event_treated_with_antibiotics_and_said_to_be_untreated_stays_open() {
    let antibiotics = json!([{ "kind": "antibiotics", "what": "flucloxacillin", "dose": "500 mg 4 times a day",
        "from": "2026-03-28", "until": "2026-04-04" }]);
    let infection = but(but(bodies::event("1"), "/term", json!("infection")), "/treated", antibiotics);
    let way = month_3().takes(step("answered", bodies::answers("month-3"))).takes(step("event-reported", infection));
    let end = step("closed", json!({ "reason": "answered", "lost_to_follow_up": "no" }));
    let settled = bodies::settled("1", "resolved");
    let untreated = way.clone().takes(step("event-settled", settled.clone()));
    says(&untreated.refuses(end.clone()), &["event '1'", "flucloxacillin", "'no'"]);
    way.takes(step("event-settled", but(settled, "/severity/treatment", json!("yes")))).takes(end);
    let backwards =
        json!([{ "kind": "pain-relief", "what": "ibuprofen", "from": "2026-04-04", "until": "2026-04-01" }]);
    let event = but(bodies::event("1"), "/treated", backwards);
    says(&Way::at_home().refuses(step("event-reported", event)), &["/treated", "ibuprofen", "2026-04-01"]);
}
