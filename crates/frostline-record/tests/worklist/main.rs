//! What appears on whose list, just under, at and just over the edge of each day, rule and number.

use frostline_record::case::steps::EventOutcome;
use frostline_record::case::{Blocker, Stage, StepKind};
use frostline_record::rules::{Answer, Day, Due, DueState, Moment, PainScore, Role, RuleBook, RuleId};
use frostline_record::schedule::{Calendar, Resources, ScheduleSettings};
use frostline_record::worklist::{
    Alarm, CaseSummary, DrugToHold, DrugToRestart, Entry, Now, OpenEvent, Practice, Quarter, Topic, Urgency, Worse,
};

const TODAY: Day = Day(20_000);

/// So many hours and minutes after midnight of today plus `days`.
fn at(days: i64, hours: i64, minutes: i64) -> Moment {
    Moment(((TODAY.0 + days) * 24 + hours) * 60 + minutes)
}

/// Seven in the morning.
fn now() -> Now {
    Now { now: at(0, 7, 0), today: TODAY, midnight: at(0, 0, 0), tomorrow: at(1, 0, 0), after_tomorrow: at(2, 0, 0) }
}

/// Nothing is due, nothing blocks, nothing is booked.
fn quiet() -> CaseSummary {
    CaseSummary {
        case: "F-1".to_owned(),
        stage: Stage::Approved,
        last_step: at(-3, 9, 0),
        start: None,
        blockers: Vec::new(),
        to_hold: Vec::new(),
        to_restart: Vec::new(),
        due: Vec::new(),
        to_send: Vec::new(),
        tries: 0,
        last_try: None,
        alarm: None,
        worse: None,
        events: Vec::new(),
        unfinished: Vec::new(),
    }
}

const NOTHING_YET: Quarter = Quarter { cases: 0, serious_events: 0, since: Moment(0) };

fn with<T>(cases: &[CaseSummary], quarter: Quarter, look: impl Fn(&Practice) -> T) -> T {
    let (book, settings) = (RuleBook::bundled().unwrap(), ScheduleSettings::bundled().unwrap());
    let calendar = Calendar::new(Resources::default());
    look(&Practice { book: &book, settings: &settings, cases, damaged: &[], calendar: &calendar, quarter, now: now() })
}

/// Everything on anybody's list for one case.
fn of(case: CaseSummary) -> Vec<Entry> {
    with(&[case], NOTHING_YET, |practice: &Practice| practice.everything())
}

fn urgencies(case: CaseSummary) -> Vec<(Topic, Urgency)> {
    of(case).iter().map(|entry| (entry.topic, entry.urgency)).collect()
}

fn answers(flags: &[(&str, Answer)]) -> CaseSummary {
    let book = RuleBook::bundled().unwrap();
    let all = book.red_flag_questions().iter().map(|flag| {
        let said = flags.iter().find(|(key, _)| *key == flag.id).map_or(Answer::No, |(_, answer)| *answer);
        (flag.id.clone(), said)
    });
    CaseSummary { alarm: Some(Alarm { at: at(-1, 20, 0), answers: all.collect() }), ..quiet() }
}

#[test]
fn a_quiet_case_is_on_nobodys_list() {
    assert_eq!(of(quiet()), []);
    assert_eq!(of(answers(&[])), []);
}

#[test]
fn a_red_flag_is_for_nurse_and_operator_now_with_what_to_do() {
    let found = of(answers(&[("weakness", Answer::Yes)]));
    assert_eq!((found[0].topic, found[0].urgency, found[0].rule), (Topic::RedFlag, Urgency::Now, Some(RuleId::O05)));
    assert!(found[0].what.contains("neurology"), "{}", found[0].what);
    assert_eq!((found[0].since, found[0].who.as_slice()), (Some(at(-1, 20, 0)), &[Role::Nurse, Role::Operator][..]));
}

#[test]
fn a_red_flag_question_without_an_answer_is_asked_again_today() {
    assert_eq!(urgencies(answers(&[("fever", Answer::NotAsked)])), [(Topic::RedFlag, Urgency::Today)]);
}

#[test]
fn a_case_is_of_today_from_midnight_to_midnight() {
    let starts = |start| urgencies(CaseSummary { stage: Stage::Cleared, start: Some(start), ..quiet() });
    assert_eq!(starts(at(-1, 23, 59)), []);
    assert_eq!(starts(at(0, 0, 0)), [(Topic::CaseOfToday, Urgency::Today)]);
    assert_eq!(starts(at(0, 23, 59)), [(Topic::CaseOfToday, Urgency::Today)]);
    assert_eq!(starts(at(1, 0, 0)), []);
}

#[test]
fn what_blocks_a_case_is_more_urgent_the_nearer_its_day_is() {
    let blocked = |start| {
        let blocker = Blocker {
            before: StepKind::Cleared,
            text: "no decision about apixaban".to_owned(),
            rule: Some(RuleId::B03),
        };
        let case = CaseSummary { stage: Stage::Booked, start, blockers: vec![blocker], ..quiet() };
        let found = of(case);
        let found = found.iter().find(|entry| entry.topic == Topic::Blocked).unwrap();
        assert!(found.who.contains(&Role::Operator), "{:?}", found.who);
        found.urgency
    };
    assert_eq!(blocked(Some(at(0, 9, 0))), Urgency::Now);
    assert_eq!(blocked(Some(at(1, 23, 59))), Urgency::Today);
    assert_eq!(blocked(Some(at(2, 0, 0))), Urgency::Soon);
    assert_eq!(blocked(None), Urgency::Later);
}

fn holds(last_dose_by: Moment, decided: Answer) -> CaseSummary {
    let drug = DrugToHold { drug: "apixaban".to_owned(), last_dose_by, decided };
    CaseSummary { stage: Stage::Booked, start: Some(at(4, 9, 0)), to_hold: vec![drug], ..quiet() }
}

#[test]
fn a_drug_that_is_held_from_tomorrow_is_listed_and_one_held_later_is_not() {
    assert_eq!(urgencies(holds(at(1, 0, 0), Answer::Yes)), [(Topic::HoldDrug, Urgency::Soon)]);
    assert_eq!(urgencies(holds(at(1, 23, 59), Answer::Yes)), [(Topic::HoldDrug, Urgency::Soon)]);
    assert_eq!(urgencies(holds(at(2, 0, 0), Answer::Yes)), []);
    assert_eq!(urgencies(holds(at(0, 23, 59), Answer::Yes)), [(Topic::HoldDrug, Urgency::Today)]);
    // The last dose was due a minute ago, and it was decided: nothing is left to tell.
    assert_eq!(urgencies(holds(at(0, 6, 59), Answer::Yes)), []);
}

#[test]
fn a_drug_about_which_nobody_decided_is_the_operators_at_once() {
    for by in [at(0, 6, 59), at(0, 8, 0), at(1, 12, 0)] {
        let found = of(holds(by, Answer::NotAsked));
        assert_eq!((found[0].urgency, found[0].who.as_slice()), (Urgency::Now, &[Role::Operator][..]));
    }
}

#[test]
fn a_drug_that_is_taken_again_today_is_asked_about() {
    let restarts = |at| {
        let drug = DrugToRestart { drug: "apixaban".to_owned(), at };
        urgencies(CaseSummary { stage: Stage::FollowingUp, to_restart: vec![drug], ..quiet() })
    };
    assert_eq!(restarts(at(-1, 23, 59)), []);
    assert_eq!(restarts(at(0, 0, 0)), [(Topic::RestartDrug, Urgency::Today)]);
    assert_eq!(restarts(at(1, 23, 59)), [(Topic::RestartDrug, Urgency::Soon)]);
    assert_eq!(restarts(at(2, 0, 0)), []);
}

#[test]
fn only_questionnaires_whose_window_is_over_are_overdue() {
    // Six weeks after; the window is three days.
    let asked = |days: i64| {
        let book = RuleBook::bundled().unwrap();
        let procedure = TODAY.plus_days(-days);
        let due = book.follow_up_due(frostline_plan::catalogue::Known::Known(procedure), &["day-1", "day-7"], TODAY);
        urgencies(CaseSummary { stage: Stage::FollowingUp, due: due.result, ..quiet() })
    };
    assert_eq!(asked(44), []);
    assert_eq!(asked(45), []);
    assert_eq!(asked(46), [(Topic::Overdue, Urgency::Today)]);
}

#[test]
fn the_second_unanswered_reminder_asks_for_a_call() {
    let tries = |tries| urgencies(CaseSummary { stage: Stage::FollowingUp, tries, ..quiet() });
    assert_eq!(tries(1), []);
    assert_eq!(tries(2), [(Topic::NoReply, Urgency::Today)]);
}

fn bruise(outcome: Option<EventOutcome>, due: Option<Day>) -> OpenEvent {
    let (event, term, reported) = ("1".to_owned(), "bruise".to_owned(), at(-2, 8, 0));
    OpenEvent { event, term, serious: Answer::No, expected: Answer::Yes, reported, outcome, due }
}

#[test]
fn an_event_that_goes_on_stays_and_is_asked_about_once_its_day_is_over() {
    let event = |outcome, days: Option<i64>| {
        let event = bruise(outcome, days.map(|days| TODAY.plus_days(days)));
        let found = of(CaseSummary { stage: Stage::FollowingUp, events: vec![event], ..quiet() }).remove(0);
        assert_eq!(found.topic, Topic::OpenEvent);
        (found.urgency, found.what, found.since)
    };
    let (ongoing, recovering) = (Some(EventOutcome::Ongoing), Some(EventOutcome::Recovering));
    let (urgency, what, _) = event(ongoing, None);
    assert_eq!((urgency, what.as_str()), (Urgency::Soon, "event 1 (bruise) is still there"));
    assert_eq!(event(recovering, Some(1)).0, Urgency::Later);
    assert_eq!(event(recovering, Some(0)).0, Urgency::Soon);
    let (urgency, what, since) = event(recovering, Some(-1));
    assert_eq!((urgency, since), (Urgency::Today, Some(at(-1, 0, 0))));
    assert!(what.contains("was to be looked at again by"), "{what}");
    // One that nobody settled is not quiet, whatever day was written.
    assert_eq!((event(None, Some(1)).0, event(None, Some(-1)).0), (Urgency::Soon, Urgency::Today));
}

#[test]
fn pain_that_is_worse_than_before_is_asked_about_today() {
    let told = |now| {
        let (before, now) = (PainScore::new(5.0).unwrap(), PainScore::new(now).unwrap());
        urgencies(CaseSummary { worse: Some(Worse { at: at(-1, 8, 0), before, now }), ..quiet() })
    };
    assert_eq!((told(5.0), told(6.0)), (vec![], vec![(Topic::WorsePain, Urgency::Today)]));
}

#[test]
fn a_serious_event_is_for_quality_and_now_and_an_expected_small_one_is_neither() {
    let event = |serious, expected| {
        let event = OpenEvent { serious, expected, ..bruise(None, None) };
        of(CaseSummary { stage: Stage::FollowingUp, events: vec![event], ..quiet() }).remove(0)
    };
    let serious = event(Answer::Yes, Answer::Yes);
    assert_eq!((serious.urgency, serious.who.contains(&Role::Quality)), (Urgency::Now, true));
    let small = event(Answer::No, Answer::Yes);
    assert_eq!((small.urgency, small.who.contains(&Role::Quality)), (Urgency::Soon, false));
    let unknown = event(Answer::NotAsked, Answer::Yes);
    assert_eq!((unknown.urgency, unknown.who.contains(&Role::Quality)), (Urgency::Today, true));
}

#[test]
fn the_coder_sees_missing_codes_and_nothing_else() {
    let case = CaseSummary {
        stage: Stage::FollowingUp,
        unfinished: vec![StepKind::ReportSigned, StepKind::CodesConfirmed],
        ..answers(&[("clot", Answer::Yes)])
    };
    let list = with(&[case], NOTHING_YET, |practice: &Practice| practice.worklist(Role::Coder));
    assert_eq!(list.len(), 1);
    assert!(list[0].what.contains("codes-confirmed"), "{}", list[0].what);
}

#[test]
fn the_tenth_case_or_the_second_serious_event_of_a_quarter_asks_for_a_review() {
    let asked = |cases, serious_events| {
        let quarter = Quarter { cases, serious_events, since: at(-60, 0, 0) };
        with(&[], quarter, |practice: &Practice| practice.worklist(Role::Quality).len())
    };
    assert_eq!((asked(9, 1), asked(10, 0), asked(0, 2)), (0, 1, 1));
}

#[test]
fn what_is_urgent_comes_first_and_then_what_is_old() {
    let late = |days| Due { id: "day-1".to_owned(), on: TODAY.plus_days(days), state: DueState::Overdue };
    let older = CaseSummary { case: "F-2".to_owned(), stage: Stage::FollowingUp, due: vec![late(-9)], ..quiet() };
    let younger = CaseSummary { case: "F-3".to_owned(), due: vec![late(-8)], ..older.clone() };
    let list = with(&[younger, older, answers(&[("clot", Answer::Yes)])], NOTHING_YET, |practice: &Practice| {
        practice.everything()
    });
    let cases: Vec<&str> = list.iter().filter_map(|entry| entry.case.as_deref()).collect();
    assert_eq!(cases, ["F-1", "F-2", "F-3"]);
}

#[test]
fn what_goes_on_after_a_case_is_closed_stays_on_the_lists_and_what_stands_before_treatment_goes() {
    let late = Due { id: "month-6".to_owned(), on: TODAY.plus_days(-4), state: DueState::Overdue };
    let blocker = Blocker { before: StepKind::Cleared, text: "anything".to_owned(), rule: None };
    let case = CaseSummary {
        stage: Stage::Closed,
        due: vec![late],
        tries: 2,
        events: vec![bruise(Some(EventOutcome::Ongoing), None)],
        blockers: vec![blocker],
        unfinished: vec![StepKind::CodesConfirmed],
        ..answers(&[("clot", Answer::Yes)])
    };
    let topics: Vec<Topic> = of(case).iter().map(|entry| entry.topic).collect();
    assert_eq!(topics, [Topic::RedFlag, Topic::NoReply, Topic::Overdue, Topic::OpenEvent]);
    assert_eq!(of(CaseSummary { stage: Stage::Closed, ..quiet() }), []);
}
