//! The made-up patient of `examples/pathway` on worklists, in outcomes, codes and events, at moments of the way.

use frostline_plan::catalogue::Catalogues;
use frostline_record::adverse::{AdverseTerms, EventState};
use frostline_record::case::steps::{ContactTried, EventOutcome, FollowUpAnswers, InstrumentScore};
use frostline_record::case::{Case, Judging, Pathway, Phase, Second, SignedStep, Signer, Stage, Step, StepKind};
use frostline_record::coding_proposal::{CodingProposal, Diagnoses};
use frostline_record::follow_up::{CaseOutcome, FollowedPatient, Lasted, Outcome, OutcomeLabel, Questionnaires};
use frostline_record::rules::{Answer, Day, Moment, Role, RuleBook, RuleId, Verdict};
use frostline_record::schedule::{Calendar, Resources, ScheduleSettings};
use frostline_record::worklist::{CaseSummary, Entry, Now, Practice, Quarter, Topic, Urgency, is_over};
use serde::Deserialize;

#[derive(Deserialize)]
struct Signed {
    at: Second,
    role: Role,
    by: String,
    step: Step,
    #[serde(default)]
    refused: Vec<String>,
}

struct World {
    book: RuleBook,
    pathway: Pathway,
    catalogues: Catalogues,
    settings: ScheduleSettings,
}

impl World {
    fn new() -> Self {
        Self {
            book: RuleBook::bundled().unwrap(),
            pathway: Pathway::bundled().unwrap(),
            catalogues: Catalogues::bundled().unwrap(),
            settings: ScheduleSettings::bundled().unwrap(),
        }
    }

    fn at(&self, at: Second) -> Judging<'_> {
        let (nerves, limits) = (&self.catalogues.nerves, &self.catalogues.limits);
        let (now, today) = (at.moment(), day_of(at));
        Judging { book: &self.book, pathway: &self.pathway, nerves, limits, payer: None, now, today, session: &[] }
    }

    /// The case with everything that was signed before a time.
    fn until(&self, time: &str) -> Case {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/pathway/way.json"));
        let way: Vec<Signed> = serde_json::from_str(&text.unwrap()).unwrap();
        let end = second(time);
        let mut case: Option<Case> = None;
        for entry in way.into_iter().filter(|entry| entry.at < end && entry.refused.is_empty()) {
            let by = signer(entry.role, &entry.by);
            case = Some(match case {
                None => Case::open(entry.step, by, entry.at, &self.at(entry.at)).unwrap(),
                Some(case) => self.signed(case, entry.step, by, entry.at),
            });
        }
        case.unwrap()
    }

    fn signed(&self, case: Case, step: Step, by: Signer, at: Second) -> Case {
        let signed = case.sign(step, by, at, &self.at(at)).unwrap();
        case.with(signed).unwrap()
    }

    fn lists(&self, case: &Case, time: &str) -> Vec<Entry> {
        let at = second(time);
        let summary = CaseSummary::of("F-0001", case, &self.at(at));
        let calendar = Calendar::new(Resources::default());
        let today = day_of(at);
        let now = Now {
            now: at.moment(),
            today,
            midnight: today.begins(),
            tomorrow: today.plus_days(1).begins(),
            after_tomorrow: today.plus_days(2).begins(),
        };
        let quarter = Quarter { cases: 1, serious_events: 0, since: Moment(0) };
        let (book, settings) = (&self.book, &self.settings);
        Practice { book, settings, cases: &[summary], damaged: &[], calendar: &calendar, quarter, now }.everything()
    }
}

fn second(time: &str) -> Second {
    time.parse().unwrap()
}

fn day_of(at: Second) -> Day {
    Day(at.moment().0.div_euclid(24 * 60))
}

fn signer(role: Role, name: &str) -> Signer {
    Signer { account: name.to_lowercase().replace(' ', "."), name: name.to_owned(), role }
}

fn of(entries: &[Entry], topic: Topic) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.topic == topic).collect()
}

#[test]
fn a_blood_thinner_without_a_decision_blocks_the_case_and_the_operator_sees_it() {
    let world = World::new();
    let entries = world.lists(&world.until("2026-03-10T09:00:00Z"), "2026-03-10T09:00:00Z");
    let blocked = of(&entries, Topic::Blocked);
    let thinner = blocked.iter().find(|entry| entry.what.contains("apixaban"));
    let thinner = thinner.unwrap_or_else(|| panic!("nothing about apixaban in {blocked:?}"));
    assert!(thinner.who.contains(&Role::Operator), "{thinner:?}");
    assert_eq!(thinner.urgency, Urgency::Soon);
    // The day before, the same is a matter of today.
    let entries = world.lists(&world.until("2026-03-10T09:00:00Z"), "2026-03-23T09:00:00Z");
    assert!(of(&entries, Topic::Blocked).iter().any(|entry| entry.urgency == Urgency::Today));
}

#[test]
fn on_the_morning_the_case_is_one_of_today_and_no_drug_is_held_that_goes_on() {
    let world = World::new();
    let entries = world.lists(&world.until("2026-03-24T07:00:00Z"), "2026-03-24T07:00:00Z");
    assert_eq!(of(&entries, Topic::CaseOfToday).len(), 1);
    assert_eq!(of(&entries, Topic::HoldDrug).len(), 0);
}

#[test]
fn after_discharge_the_coder_is_told_that_codes_are_missing_until_they_are_there() {
    let world = World::new();
    let entries = world.lists(&world.until("2026-03-24T12:00:00Z"), "2026-03-24T12:00:00Z");
    let missing = of(&entries, Topic::Unfinished);
    assert_eq!((missing.len(), missing[0].who.as_slice()), (1, &[Role::Coder][..]));
    let entries = world.lists(&world.until("2026-03-24T16:00:00Z"), "2026-03-24T16:00:00Z");
    assert_eq!(of(&entries, Topic::Unfinished).len(), 0);
}

#[test]
fn a_bruise_stays_open_until_it_has_its_outcome() {
    let (world, terms) = (World::new(), AdverseTerms::bundled().unwrap());
    let state = |time: &str| {
        let case = world.until(time);
        let record = terms.records(&case, &world.at(second(time))).remove(0);
        assert_eq!((record.grades.cirse, record.grades.ctcae), (Some(1), Some(1)));
        (record.state, of(&world.lists(&case, time), Topic::OpenEvent).len())
    };
    assert_eq!(state("2026-03-29T09:00:00Z"), (EventState::Open, 1));
    assert_eq!(state("2026-04-05T09:00:00Z"), (EventState::Closed { outcome: EventOutcome::Resolved }, 0));
}

#[test]
fn a_questionnaire_of_month_3_is_overdue_on_the_fourth_day_and_gone_when_answered() {
    let world = World::new();
    // Treated on 24 March; 91 days later is 23 June, and the window is three days.
    let overdue = |seen: &str, now: &str| of(&world.lists(&world.until(seen), now), Topic::Overdue).len();
    assert_eq!(overdue("2026-06-25T00:00:00Z", "2026-06-26T09:00:00Z"), 0);
    assert_eq!(overdue("2026-06-25T00:00:00Z", "2026-06-27T09:00:00Z"), 1);
    assert_eq!(overdue("2026-06-26T00:00:00Z", "2026-06-27T09:00:00Z"), 0);
}

#[test]
fn a_questionnaire_is_on_the_list_to_be_sent_on_its_day_and_twice_again_while_nobody_answers() {
    let world = World::new();
    let sent = |seen: &str, now: &str| of(&world.lists(&world.until(seen), now), Topic::Send).len();
    let day = |day: &str| sent("2026-06-24T10:00:00Z", &format!("2026-06-{day}T12:00:00Z"));
    // Month 3 is 23 June, and is answered on the 25th.
    assert_eq!((day("22"), day("23"), day("24"), day("25"), day("26")), (0, 1, 1, 1, 0));
    assert_eq!(sent("2026-06-25T20:00:00Z", "2026-06-25T21:00:00Z"), 0);
}

fn weak(world: &World, case: Case) -> Case {
    let flags = world.book.red_flag_questions().iter();
    let said = |id: &str| if id == "weakness" { Answer::Yes } else { Answer::No };
    let answers = FollowUpAnswers {
        time: "day-7".to_owned(),
        average_pain: None,
        worst_pain: None,
        global_impression: None,
        satisfaction: None,
        would_repeat: Answer::NotAsked,
        activity: None,
        red_flags: flags.map(|flag| (flag.id.clone(), said(&flag.id))).collect(),
        others: Vec::new(),
        scores: Vec::new(),
    };
    let by = signer(Role::Patient, "Rosa Vidal");
    world.signed(case, Step::Answered(answers), by, second("2026-03-30T20:00:00Z"))
}

#[test]
fn a_weak_muscle_stays_on_the_list_after_a_later_no_and_goes_when_somebody_reached_the_patient() {
    let world = World::new();
    let case = weak(&world, world.until("2026-03-30T00:00:00Z"));
    let flags = |case: &Case| of(&world.lists(case, "2026-03-31T10:00:00Z"), Topic::RedFlag).len();
    assert_eq!(flags(&case), 1);
    let later: FollowUpAnswers = {
        let whole = world.until("2026-04-01T00:00:00Z");
        whole.answers().last().unwrap().1.clone()
    };
    let patient = signer(Role::Patient, "Rosa Vidal");
    let case = world.signed(case, Step::Answered(later), patient, second("2026-03-31T09:00:00Z"));
    assert_eq!(flags(&case), 1);
    let tried = ContactTried { time: "day-7".to_owned(), how: "phone".to_owned(), reached: Answer::Yes };
    let nurse = signer(Role::Nurse, "Nils Holm");
    let case = world.signed(case, Step::ContactTried(tried), nurse, second("2026-03-31T09:30:00Z"));
    assert_eq!(flags(&case), 0);
}

#[test]
fn an_event_ends_the_alarm_that_it_answers_for_and_no_other() {
    let world = World::new();
    let flags = |case: &Case| of(&world.lists(case, "2026-03-31T10:00:00Z"), Topic::RedFlag).len();
    let event = |answers_for: &[&str]| {
        let severity = serde_json::json!({});
        serde_json::from_value::<Step>(serde_json::json!({ "kind": "event-reported", "body": {
            "event": "2", "term": "bruise", "words": "at the entry", "severity": severity, "causality": "certain",
            "answers_for": answers_for } }))
        .unwrap()
    };
    let with = |answers_for: &[&str]| {
        let case = weak(&world, world.until("2026-03-30T00:00:00Z"));
        world.signed(case, event(answers_for), signer(Role::Nurse, "Nils Holm"), second("2026-03-31T09:30:00Z"))
    };
    assert_eq!((flags(&with(&[])), flags(&with(&["swelling"])), flags(&with(&["weakness"]))), (1, 1, 0));
}

#[test]
fn a_red_flag_that_nobody_answered_is_asked_again_until_somebody_does() {
    let world = World::new();
    let patient = || signer(Role::Patient, "Rosa Vidal");
    let flags = |case: &Case| {
        of(&world.lists(case, "2026-03-31T10:00:00Z"), Topic::RedFlag).iter().map(|one| one.urgency).collect::<Vec<_>>()
    };
    let bare: Step =
        serde_json::from_str(r#"{ "kind": "answered", "body": { "time": "day-7", "red_flags": { "fever": "no" } } }"#)
            .unwrap();
    let case = world.signed(world.until("2026-03-30T00:00:00Z"), bare, patient(), second("2026-03-30T20:00:00Z"));
    assert_eq!(flags(&case), [Urgency::Today]);
    let whole = world.until("2026-04-01T00:00:00Z").answers().last().unwrap().1.clone();
    let case = world.signed(case, Step::Answered(whole), patient(), second("2026-03-31T09:00:00Z"));
    assert_eq!(flags(&case), []);
}

#[test]
fn an_answer_of_the_wrong_time_silences_nothing() {
    let world = World::new();
    let overdue = |case: &Case, at: &str| {
        of(&world.lists(case, at), Topic::Overdue).iter().map(|one| one.what.clone()).collect::<Vec<_>>()
    };
    // Month 12 and month 3, both answered whole on the day after: kept, and still asked in their time.
    let mut case = world.until("2026-03-25T00:00:00Z");
    for time in ["month-12", "month-3"] {
        let mut answers = world.until("2027-03-25T09:00:00Z").answers().last().unwrap().1.clone();
        answers.time = time.to_owned();
        let patient = signer(Role::Patient, "Rosa Vidal");
        case = world.signed(case, Step::Answered(answers), patient, second("2026-03-25T08:00:00Z"));
    }
    assert_eq!(case.answers().len(), 2);
    let followed = FollowedPatient::of(&case, &world.at(second("2026-03-26T09:00:00Z"))).unwrap();
    assert_eq!((followed.pain.len(), followed.answered.len()), (0, 0));
    let said = overdue(&case, "2026-06-27T09:00:00Z");
    assert!(said.len() == 1 && said[0].contains("month-3"), "{said:?}");
    let said = overdue(&case, "2027-03-28T09:00:00Z");
    assert!(said.len() == 1 && said[0].contains("month-12"), "{said:?}");
}

#[test]
fn a_case_that_was_closed_at_month_3_is_asked_at_months_6_and_12_and_is_over_then() {
    let world = World::new();
    let at = "2026-06-26T09:00:00Z";
    let closed = |lost: &str| {
        let end =
            format!(r#"{{ "kind": "closed", "body": {{ "reason": "answered", "lost_to_follow_up": "{lost}" }} }}"#);
        let end = serde_json::from_str(&end).unwrap();
        world.signed(world.until(at), end, signer(Role::Operator, "Anna Berg"), second(at))
    };
    let case = closed("no");
    let overdue = |case: &Case, at: &str| of(&world.lists(case, at), Topic::Overdue).len();
    let over = |case: &Case, at: &str| is_over(case, &world.at(second(at)));
    assert_eq!((overdue(&case, "2026-09-25T09:00:00Z"), overdue(&case, "2026-09-26T09:00:00Z")), (0, 1));
    assert_eq!((overdue(&case, "2027-03-28T09:00:00Z"), over(&case, "2027-03-28T09:00:00Z")), (1, false));
    // Pain as before is no reason to call, and no reason to keep a case.
    let same = CaseSummary::of("F-1", &case, &world.at(second(at)));
    assert_eq!(same.worse, None);
    // Nobody asks somebody who is lost.
    let lost = closed("yes");
    assert_eq!((overdue(&lost, "2027-03-28T09:00:00Z"), over(&lost, at)), (0, true));
    let last = world.until("2027-03-25T09:00:00Z").answers().last().unwrap().1.clone();
    let patient = signer(Role::Patient, "Rosa Vidal");
    let whole = world.signed(case, Step::Answered(last), patient, second("2027-03-24T09:00:00Z"));
    assert!(over(&whole, "2027-03-24T09:00:00Z"));
    assert_eq!(world.lists(&whole, "2027-06-01T09:00:00Z"), []);
}

#[test]
fn the_outcome_of_a_case_lies_beside_every_study_and_proposes_what_comes_next() {
    let world = World::new();
    let at = "2027-03-25T09:00:00Z";
    let found = CaseOutcome::of(&world.until(at), &world.at(second(at))).unwrap();
    let beside = found.beside.unwrap();
    assert_eq!((beside.day, beside.own, beside.studies.len()), (365, 5.0, 16));
    assert_eq!((found.repeat.last_time, found.repeat.ruling.verdict), (OutcomeLabel::Relapsed, Verdict::Ok));
    assert_eq!(found.escalations, []);
    let case = weak(&world, world.until("2026-03-30T00:00:00Z"));
    let found = CaseOutcome::of(&case, &world.at(second("2026-03-31T09:00:00Z"))).unwrap();
    assert_eq!((found.escalations.len(), found.escalations[0].rule), (1, RuleId::O05));
}

#[test]
fn a_change_of_a_leg_score_by_nine_points_matters_and_by_eight_it_does_not() {
    let mut world = World::new();
    world.pathway = world.pathway.at_site_with(&["lefs".to_owned(), "bpi-sf".to_owned()]).unwrap();
    let change = |before: f64, after: f64| {
        let mut steps: Vec<SignedStep> = world.until("2026-06-26T00:00:00Z").steps().to_vec();
        let scores = |score| vec![InstrumentScore { instrument: "lefs".to_owned(), score }];
        for signed in &mut steps {
            match &mut signed.step {
                Step::Indicated(indication) => indication.scores = scores(before),
                Step::Answered(answers) if answers.time == "month-3" => answers.scores = scores(after),
                _ => {}
            }
        }
        let case = Case::from_steps(steps).unwrap();
        let judging = world.at(second("2026-06-26T09:00:00Z"));
        let found = CaseOutcome::of(&case, &judging).unwrap().outcome.scores.remove(0);
        let ruled = case.rulings(Phase::FollowUp, &judging).into_iter().find(|one| one.ruling.rule == RuleId::O03);
        let ruling = found.ruling.unwrap();
        assert_eq!(ruled.unwrap().ruling, ruling);
        (found.baseline, found.time, ruling.verdict)
    };
    let month_3 = "month-3".to_owned();
    assert_eq!(change(40.0, 48.0), (Some(40.0), month_3.clone(), Verdict::Info));
    assert_eq!(change(40.0, 49.0), (Some(40.0), month_3.clone(), Verdict::Ok));
    assert_eq!(change(40.0, 50.0), (Some(40.0), month_3, Verdict::Ok));
}

#[test]
fn a_patient_of_a_group_brings_pain_of_the_times_that_count() {
    let world = World::new();
    let at = "2027-03-25T09:00:00Z";
    let found = FollowedPatient::of(&world.until(at), &world.at(second(at))).unwrap();
    assert_eq!((found.nerve.as_deref(), found.pain.len(), found.answered.len()), (Some("sural"), 6, 6));
    let kept: FollowedPatient = serde_json::from_str(&serde_json::to_string(&found).unwrap()).unwrap();
    assert_eq!(kept, found);
    let course = found.course(&world.book, Day(found.treated_on.0 + 400));
    assert_eq!((course.pain[5].1.score(), course.baseline.unwrap().score()), (5.0, 7.0));
    assert!(FollowedPatient::of(&world.until("2026-03-20T09:00:00Z"), &world.at(second(at))).is_none());
}

#[test]
fn pain_of_5_after_7_is_a_relapse_after_a_year_of_relief() {
    let world = World::new();
    let questionnaires = Questionnaires::bundled(&world.book).unwrap();
    let at = second("2027-03-25T09:00:00Z");
    let outcome = Outcome::of_case(&world.until("2027-03-25T09:00:00Z"), &world.at(at), &questionnaires).unwrap();
    // 5 of 7 is 71 %; 70 % counts as pain that is back. Relief was there on day 1, and gone on day 365.
    assert_eq!((outcome.label, outcome.time_to_relief_days), (OutcomeLabel::Relapsed, Some(1)));
    assert_eq!((outcome.lasted, outcome.points.len()), (Lasted::Days(364), 6));
    assert_eq!(outcome.points[3].pain_goal, Answer::Yes);
}

#[test]
fn a_case_that_was_not_treated_has_no_outcome() {
    let world = World::new();
    let questionnaires = Questionnaires::bundled(&world.book).unwrap();
    let at = second("2026-03-12T09:00:00Z");
    assert!(Outcome::of_case(&world.until("2026-03-12T09:00:00Z"), &world.at(at), &questionnaires).is_none());
}

#[test]
fn what_is_proposed_for_the_claim_is_what_the_coder_confirmed() {
    let world = World::new();
    let diagnoses = Diagnoses::bundled().unwrap();
    let at = "2026-03-24T14:00:00Z";
    let before = CodingProposal::of_case(&world.until(at), &world.at(second(at)), &diagnoses, Some("2026"));
    assert_eq!(before.lines[0].code.as_deref(), Some("0441T"));
    assert_eq!(before.lines[0].units.as_ref().unwrap().modifiers, ["LT"]);
    assert!(before.candidates.iter().any(|candidate| candidate.code == "G57.82" && candidate.recorded));
    assert_eq!((before.stops().count(), before.missing.len()), (0, 0));
    let payer = |proposal: &CodingProposal| {
        proposal.rulings.iter().find(|ruling| ruling.rule == RuleId::C02).map(|ruling| ruling.verdict)
    };
    assert_eq!(payer(&before), Some(Verdict::Human));
    let at = "2026-03-24T16:00:00Z";
    let after = CodingProposal::of_case(&world.until(at), &world.at(second(at)), &diagnoses, None);
    assert_eq!((payer(&after), after.payers[0].chosen), (Some(Verdict::Info), true));
}

#[test]
fn a_case_that_is_closed_after_month_12_is_on_nobodys_list() {
    let world = World::new();
    let case = world.until("2027-04-01T00:00:00Z");
    assert_eq!((case.stage(), case.closed().is_some()), (Stage::Closed, true));
    assert_eq!(world.lists(&case, "2027-04-01T00:00:00Z"), []);
    assert_eq!(case.steps()[0].step.kind(), StepKind::Referred);
}

#[test]
fn what_a_worklist_says_of_a_case_is_the_same_without_what_the_rules_said_when_its_steps_were_signed() {
    let world = World::new();
    let bytes = |case: &Case| serde_json::to_string(case.steps()).unwrap().len();
    for time in [
        "2026-03-09T12:00:00Z",
        "2026-03-10T12:10:00Z",
        "2026-03-24T09:20:00Z",
        "2026-03-24T12:00:00Z",
        "2026-04-01T09:00:00Z",
    ] {
        let (whole, at) = (world.until(time), second(time));
        let bare = whole.clone().without_rulings();
        assert_eq!(CaseSummary::of("F-0001", &bare, &world.at(at)), CaseSummary::of("F-0001", &whole, &world.at(at)));
        assert_eq!(bare.serious_events(&world.at(at)), whole.serious_events(&world.at(at)));
        assert!(bytes(&bare) < bytes(&whole), "{time}: {} of {}", bytes(&bare), bytes(&whole));
    }
}
