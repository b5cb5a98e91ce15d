//! O-01, O-05, O-06, O-08.

use frostline_plan::catalogue::Known;
use frostline_record::rules::Verdict::{Human, Info, Ok, Warn};
use frostline_record::rules::{Answer, Day, DueState, RuleBook, RuleId, Timeliness};

use crate::Edge::{At, Broken, Kept, Missing, Over, Under};
use crate::{Case, all, book, but, case, known};

const PROCEDURE: Day = Day(20_000);

fn flags(book: &RuleBook) -> Vec<&str> {
    book.red_flag_questions().iter().map(|flag| flag.id.as_str()).collect()
}

pub(crate) fn cases(book: &RuleBook) -> Vec<Case> {
    let due = RuleId::O01;
    // Week 6 is day 42; everything before it was answered.
    let on = |day| book.follow_up_due(known(PROCEDURE), &["day-1", "day-7"], PROCEDURE.plus_days(day)).ruling;
    let answered = ["day-1", "day-7", "week-6"];
    let flag = |answers: &[(&str, Answer)]| book.red_flags(answers).ruling;
    let quiet = || all(&flags(book), Answer::No);
    let quarter = |cases, serious| book.quality_review(known(cases), known(serious));
    vec![
        case(due, Under, on(38), Ok),
        case(due, At, on(39), Info),
        case(due, Over, on(40), Info),
        case(due, Under, on(44), Info),
        case(due, At, on(45), Info),
        case(due, Over, on(46), Warn),
        case(due, Kept, book.follow_up_due(known(PROCEDURE), &answered, PROCEDURE.plus_days(46)).ruling, Ok),
        case(due, Missing, book.follow_up_due(Known::NotKnown, &[], PROCEDURE).ruling, Human),
        case(RuleId::O05, Kept, flag(&quiet()), Ok),
        case(RuleId::O05, Broken, flag(&but(quiet(), "weakness", Answer::Yes)), Human),
        case(RuleId::O05, Missing, flag(&but(quiet(), "fever", Answer::NotAsked)), Human),
        case(RuleId::O05, Missing, flag(&[]), Human),
        case(RuleId::O06, Under, book.no_reply(known(1)), Ok),
        case(RuleId::O06, At, book.no_reply(known(2)), Human),
        case(RuleId::O06, Over, book.no_reply(known(3)), Human),
        case(RuleId::O06, Missing, book.no_reply(Known::NotKnown), Human),
        case(RuleId::O08, Under, quarter(9, 0), Ok),
        case(RuleId::O08, At, quarter(10, 0), Human),
        case(RuleId::O08, Over, quarter(11, 0), Human),
        case(RuleId::O08, Under, quarter(2, 1), Ok),
        case(RuleId::O08, At, quarter(2, 2), Human),
        case(RuleId::O08, Over, quarter(2, 3), Human),
        case(RuleId::O08, Missing, book.quality_review(known(3), Known::NotKnown), Human),
        case(RuleId::O08, Missing, book.quality_review(Known::NotKnown, known(0)), Human),
    ]
}

#[test]
fn every_time_of_the_schedule_has_its_state() {
    let today = PROCEDURE.plus_days(11);
    let due = book().follow_up_due(known(PROCEDURE), &["day-1"], today).result;
    let states: Vec<DueState> = due.iter().map(|due| due.state).collect();
    let later = DueState::Later;
    assert_eq!(states, [DueState::Answered, DueState::Overdue, later, later, later, later]);
    assert_eq!(due[2].on, PROCEDURE.plus_days(42));
}

#[test]
fn nothing_is_due_before_the_procedure() {
    let due = book().follow_up_due(known(PROCEDURE), &[], PROCEDURE.plus_days(-1));
    assert!(due.result.iter().all(|due| due.state == DueState::Later));
}

#[test]
fn a_red_flag_says_what_to_do_even_when_other_questions_are_open() {
    let found = book().red_flags(&[("clot", Answer::Yes)]);
    assert_eq!(found.result, ["clot: emergency"]);
}

#[test]
fn an_answer_to_a_red_flag_that_is_not_listed_is_not_lost() {
    let book = book();
    let mut answers = all(&flags(&book), Answer::No);
    answers.push(("weaknes", Answer::Yes));
    assert!(book.red_flags(&answers).ruling.text.contains("weaknes"));
    assert_eq!(book.red_flags(&answers).ruling.verdict, Human);
}

#[test]
fn an_answer_is_in_time_in_its_window_and_late_until_the_next_window_begins() {
    let of = |time: &str, days: &[i64]| days.iter().map(|day| book().came(time, *day)).collect::<Vec<_>>();
    use Timeliness::{InTime, Late, NoSuchTime, TooEarly, TooLate};
    // Week 6 is day 42, month 3 day 91, and the window is three days.
    assert_eq!(of("week-6", &[38, 39, 45, 46, 87, 88]), [TooEarly, InTime, InTime, Late, Late, TooLate]);
    // Day 1 begins with the procedure, and its window meets that of day 7 on day 4.
    assert_eq!(of("day-1", &[-1, 0, 4, 5]), [TooEarly, InTime, InTime, TooLate]);
    assert_eq!(of("month-12", &[361, 362, 368, 369, 4000]), [TooEarly, InTime, InTime, Late, Late]);
    assert_eq!(of("month-5", &[150]), [NoSuchTime]);
}

#[test]
fn a_time_whose_successor_is_being_asked_was_missed() {
    let state = |day| book().follow_up_due(known(PROCEDURE), &[], PROCEDURE.plus_days(day)).result[1].state;
    assert_eq!((state(38), state(39)), (DueState::Overdue, DueState::Missed));
}
