//! What is asked when, which answers are none, whether it helped, and what others found.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use frostline_plan::catalogue::Known;
use frostline_record::case::steps::{FollowUpAnswers, Goal};
use frostline_record::follow_up::{
    AnswerProblem, Answered, Asking, CohortAt, Comparison, Escalation, Lasted, Outcome, OutcomeLabel, PatientCourse,
    PublishedPoint, Questionnaires, ScoreProblem, given_by,
};
use frostline_record::rules::{Answer, Day, DueState, PainScore, Response, RuleBook, RuleId, Timeliness, Verdict};
use frostline_record::worklist::Urgency;

const PROCEDURE: Day = Day(20_000);

fn read() -> &'static (RuleBook, Questionnaires) {
    static READ: OnceLock<(RuleBook, Questionnaires)> = OnceLock::new();
    READ.get_or_init(|| {
        let book = RuleBook::bundled().unwrap();
        let questionnaires = Questionnaires::bundled(&book).unwrap();
        (book, questionnaires)
    })
}

fn pain(score: f64) -> PainScore {
    PainScore::new(score).unwrap()
}

/// A good answer to everything that must be answered at a time, with changes.
fn given(time: &str, changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    let (book, questionnaires) = read();
    let must = questionnaires.set(time).unwrap().must.iter().map(|id| {
        let answer = if id == "would-repeat" { "yes" } else { "3" };
        (id.clone(), answer.to_owned())
    });
    let flags = book.red_flag_questions().iter().map(|flag| (flag.id.clone(), "no".to_owned()));
    let mut given: BTreeMap<String, String> = must.chain(flags).collect();
    given.extend(changes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    given
}

fn with_open(time: &str, changes: &[(&str, &str)]) -> Result<Answered, Vec<AnswerProblem>> {
    let (book, questionnaires) = read();
    questionnaires.answered(book, time, &given(time, changes))
}

fn answered(time: &str, changes: &[(&str, &str)]) -> Result<FollowUpAnswers, Vec<AnswerProblem>> {
    with_open(time, changes).map(|answered| answered.answers)
}

/// What is left open.
fn open(time: &str, changes: &[(&str, &str)]) -> Vec<String> {
    with_open(time, changes).unwrap().open
}

fn problem_of(time: &str, changes: &[(&str, &str)]) -> String {
    let problems = answered(time, changes).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].to_string()
}

#[test]
fn answers_that_are_whole_become_a_step_of_the_case() {
    let answers = answered("month-3", &[("average-pain", "2"), ("comment", "walks to the shop")]).unwrap();
    assert_eq!((answers.average_pain, answers.would_repeat), (Some(pain(2.0)), Answer::Yes));
    assert_eq!(answers.others[0].answer, "walks to the shop");
    assert!(answers.red_flags.values().all(|said| *said == Answer::No));
}

#[test]
fn a_pain_score_is_a_whole_number_from_0_to_10() {
    assert!(answered("day-7", &[("average-pain", "0")]).is_ok());
    assert!(answered("day-7", &[("average-pain", " 10 ")]).is_ok());
    for wrong in ["11", "-1", "2.5", "bad", "NaN"] {
        let said = problem_of("day-7", &[("average-pain", wrong)]);
        assert!(said.contains("a whole number from 0 to 10") && said.contains(wrong), "{said}");
    }
}

#[test]
fn a_wrong_score_an_unknown_question_and_a_wrong_choice_are_told_at_once() {
    let problems =
        answered("day-7", &[("average-pain", "12"), ("weaknes", "yes"), ("global-impression", "8")]).unwrap_err();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(
        said[0].starts_with("weaknes") && said[1].contains("from 0 to 10") && said[2].contains("one of 1, 2"),
        "{said:?}"
    );
}

#[test]
fn what_must_be_answered_and_was_not_is_open_and_the_rest_is_kept() {
    assert_eq!(open("day-7", &[]), Vec::<String>::new());
    assert_eq!(open("day-7", &[("average-pain", " "), ("fever", "")]), ["average-pain", "fever"]);
    let kept = answered("day-7", &[("average-pain", " ")]).unwrap();
    assert_eq!((kept.average_pain, kept.worst_pain), (None, Some(pain(3.0))));
    // Nobody must say more than the set asks.
    assert_eq!(open("day-1", &[("comment", "")]), Vec::<String>::new());
}

#[test]
fn answers_become_fields_and_fields_become_the_same_answers() {
    // No two scores are the same, so that none can stand in another's place.
    let scores = [("average-pain", "1"), ("worst-pain", "2"), ("global-impression", "3"), ("satisfaction", "4")];
    let others = [("activity", "5"), ("pain-medicine-days", "6"), ("comment", "well"), ("clot", "yes")];
    let changes = [scores, others].concat();
    let (given, answers) = (given("month-6", &changes), answered("month-6", &changes).unwrap());
    assert_eq!(given_by(&answers).into_iter().collect::<BTreeMap<_, _>>(), given);
}

#[test]
fn a_red_flag_must_be_answered_by_yes_or_no() {
    assert_eq!(open("day-1", &[("weakness", "")]), ["weakness"]);
    assert!(problem_of("day-1", &[("weakness", "maybe")]).contains("yes or no"));
    let answers = answered("day-1", &[("weakness", "yes")]).unwrap();
    assert_eq!(answers.red_flags["weakness"], Answer::Yes);
}

#[test]
fn what_is_not_asked_at_a_time_is_refused_then() {
    assert!(problem_of("day-1", &[("satisfaction", "9")]).contains("not asked at this time"));
    assert!(answered("month-3", &[("satisfaction", "9")]).is_ok());
}

#[test]
fn an_unknown_time_is_refused_with_the_list() {
    let (book, questionnaires) = read();
    let problems = questionnaires.answered(book, "month-5", &BTreeMap::new()).unwrap_err();
    assert!(problems[0].to_string().contains("month-3"), "{}", problems[0]);
}

#[test]
fn too_long_words_are_refused_without_being_repeated() {
    let long = "x".repeat(2001);
    let said = problem_of("day-1", &[("comment", &long)]);
    assert!(said.contains("2001 characters") && said.len() < 200, "{said}");
    assert!(answered("day-1", &[("comment", &"x".repeat(2000))]).is_ok());
}

#[test]
fn a_questionnaire_of_others_is_scored_only_where_the_site_may_use_it() {
    let anywhere = read().1.clone();
    assert!(matches!(anywhere.scored("lefs", 80.0), Err(ScoreProblem::NoLicence { .. })));
    let questionnaires = anywhere.clone().at_site_with(&["lefs".to_owned()]).unwrap();
    assert!(questionnaires.scored("lefs", 80.0).is_ok());
    assert!(matches!(questionnaires.scored("lefs", 80.1), Err(ScoreProblem::OutOfRange { .. })));
    assert!(matches!(questionnaires.scored("lefs", f64::NAN), Err(ScoreProblem::OutOfRange { .. })));
    assert!(matches!(questionnaires.scored("koos-jr", 50.0), Err(ScoreProblem::NoLicence { .. })));
    assert!(matches!(questionnaires.scored("sf-36", 50.0), Err(ScoreProblem::NotListed { .. })));
    assert!(matches!(anywhere.at_site_with(&["sf-36".to_owned()]), Err(ScoreProblem::NotListed { .. })));
}

#[test]
fn no_words_of_a_questionnaire_of_others_are_in_the_file() {
    let questionnaires = &read().1;
    assert!(questionnaires.questions().iter().all(|question| ["free", "own"].contains(&question.licence.as_str())));
    assert!(questionnaires.questions().iter().all(|question| question.en != question.es));
}

#[test]
fn a_file_without_questions_for_a_time_is_refused() {
    let text = include_str!("../../../../data/questionnaires.toml").replace("id = \"month-6\"", "id = \"month-7\"");
    let refused = Questionnaires::from_toml(&text, &read().0).unwrap_err().to_string();
    assert!(refused.contains("month-6"), "{refused}");
}

#[test]
fn a_questionnaire_is_sent_on_its_day_and_twice_again_until_somebody_answers() {
    let (book, questionnaires) = read();
    let sent = |day: i64, answered: &[&str]| {
        let today = PROCEDURE.plus_days(day);
        let asking = Asking::of((book, questionnaires), Known::Known(PROCEDURE), answered, today);
        asking.to_send(today).map(|asked| asked.time.clone()).collect::<Vec<_>>()
    };
    let before = ["day-1", "day-7"];
    assert_eq!(sent(41, &before), Vec::<String>::new());
    assert_eq!((sent(42, &before), sent(44, &before)), (vec!["week-6".to_owned()], vec!["week-6".to_owned()]));
    assert_eq!(sent(45, &before), Vec::<String>::new());
    assert_eq!(sent(42, &["day-1", "day-7", "week-6"]), Vec::<String>::new());
}

#[test]
fn every_time_has_its_questions_and_its_day() {
    let (book, questionnaires) = read();
    let asking = Asking::of((book, questionnaires), Known::Known(PROCEDURE), &[], PROCEDURE);
    assert_eq!(asking.times.len(), 6);
    assert_eq!(asking.times[5].due.on, PROCEDURE.plus_days(365));
    assert!(asking.times.iter().all(|asked| !asked.must.is_empty()));
}

fn point(day: i64, average: f64) -> (i64, FollowUpAnswers) {
    let mut answers = answered("month-3", &[]).unwrap();
    answers.average_pain = Some(pain(average));
    (day, answers)
}

fn outcome(baseline: f64, points: &[(i64, f64)]) -> Outcome {
    let answers: Vec<(i64, FollowUpAnswers)> = points.iter().map(|(day, average)| point(*day, *average)).collect();
    let answers: Vec<(i64, &FollowUpAnswers)> = answers.iter().map(|(day, answers)| (*day, answers)).collect();
    let goal = Goal { words: "garden".to_owned(), pain: Some(pain(2.0)), activity: None };
    Outcome::of((&read().0, &read().1), Some(pain(baseline)), Some(&goal), &answers)
}

#[test]
fn nobody_is_called_a_failure_before_week_six() {
    assert_eq!(outcome(8.0, &[(7, 8.0), (41, 8.0)]).label, OutcomeLabel::TooEarly);
    assert_eq!(outcome(8.0, &[(7, 8.0), (42, 8.0)]).label, OutcomeLabel::NotRelieved);
    assert_eq!(outcome(8.0, &[]).label, OutcomeLabel::NotKnown);
}

#[test]
fn relief_of_exactly_thirty_percent_counts_and_its_time_is_the_first_day() {
    // 7 of 10 is 30 %.
    let found = outcome(10.0, &[(91, 2.0), (7, 7.0)]);
    assert_eq!((found.time_to_relief_days, found.lasted), (Some(7), Lasted::AtLeast(84)));
    assert_eq!(outcome(10.0, &[(7, 7.1)]).time_to_relief_days, None);
}

#[test]
fn a_relapse_ends_the_relief_on_the_day_it_was_seen() {
    // Back at 7 of 10 on day 182; relief from day 7 on.
    let found = outcome(10.0, &[(7, 3.0), (91, 6.9), (182, 7.0)]);
    assert_eq!((found.label, found.lasted), (OutcomeLabel::Relapsed, Lasted::Days(175)));
}

#[test]
fn goals_and_complete_relief_have_their_edges() {
    let found = outcome(8.0, &[(7, 1.0), (42, 1.1), (91, 2.0), (182, 2.1)]);
    let of = |look: fn(&frostline_record::follow_up::OutcomePoint) -> Answer| {
        found.points.iter().map(look).collect::<Vec<_>>()
    };
    assert_eq!(of(|point| point.complete_relief), [Answer::Yes, Answer::No, Answer::No, Answer::No]);
    assert_eq!(of(|point| point.pain_goal), [Answer::Yes, Answer::Yes, Answer::Yes, Answer::No]);
    assert!(matches!(found.points[0].response, Response::Percent { substantial: true, .. }));
}

#[test]
fn much_better_is_a_response_and_a_little_better_is_none() {
    let (book, questionnaires) = read();
    let of = |impression: &str, activity: &str| {
        let answers = answered("month-3", &[("global-impression", impression), ("activity", activity)]).unwrap();
        let found = Outcome::of((book, questionnaires), Some(pain(8.0)), None, &[(91, &answers)]);
        (found.points[0].much_better, found.points[0].activity_goal, found.points[0].pain_goal)
    };
    assert_eq!(of("2", "8"), (Answer::Yes, Answer::Yes, Answer::NotAsked));
    assert_eq!(of("3", "7"), (Answer::No, Answer::No, Answer::NotAsked));
}

#[test]
fn a_low_baseline_gives_no_percent() {
    assert_eq!(outcome(2.9, &[(91, 0.0)]).points[0].response, Response::LowBaseline);
    assert!(matches!(outcome(3.0, &[(91, 0.0)]).points[0].response, Response::Percent { .. }));
}

#[test]
fn a_nerve_is_not_frozen_again_within_ninety_days_without_a_reason() {
    let again = |days| outcome(8.0, &[(42, 8.0)]).repeated(&read().0, PROCEDURE, PROCEDURE.plus_days(days));
    assert_eq!(again(89).ruling.verdict, Verdict::Warn);
    assert_eq!(again(90).ruling.verdict, Verdict::Ok);
    assert_eq!((again(90).ruling.rule, again(90).last_time), (RuleId::E10, OutcomeLabel::NotRelieved));
}

#[test]
fn a_comparison_shows_every_study_with_its_design_and_n_and_the_negative_trial_too() {
    let book = &read().0;
    let beside = Comparison::of(book, 42, 3.0, 1);
    assert_eq!((beside.studies.len(), book.published_curves().len()), (16, 16));
    let against = beside.studies.iter().find(|study| study.found.contains("radiofrequency was better")).unwrap();
    assert!(against.design.contains("randomised") && against.nearest == PublishedPoint::OnlyInWords);
    let summary = beside.studies.iter().find(|study| study.study == "heel-summary").unwrap();
    assert!(summary.check_before_use);
    assert!(beside.studies.iter().all(|study| study.n > 0 && !study.design.is_empty() && !study.found.is_empty()));
    let negative = beside.studies.iter().find(|study| study.found.starts_with("no difference")).unwrap();
    assert_eq!((negative.design.as_str(), negative.nearest), ("sham-controlled", PublishedPoint::OnlyInWords));
    assert!(beside.notice.starts_with("Not adjusted"));
}

#[test]
fn the_published_point_is_the_one_whose_day_lies_nearest() {
    let beside = Comparison::of(&read().0, 100, 3.0, 1);
    let yoon = beside.studies.iter().find(|study| study.study == "yoon-2016").unwrap();
    assert_eq!(yoon.nearest, PublishedPoint::Pain { day: 91, pain: 3.2 });
}

fn patient(baseline: Option<f64>, month_3: Option<f64>, days_ago: i64) -> PatientCourse {
    let book = &read().0;
    let answered: &[&str] = if month_3.is_some() { &["month-3"] } else { &[] };
    let due = book.follow_up_due(Known::Known(PROCEDURE), answered, PROCEDURE.plus_days(days_ago)).result;
    PatientCourse {
        baseline: baseline.map(pain),
        pain: month_3.map(|score| ("month-3".to_owned(), pain(score))).into_iter().collect(),
        due,
    }
}

#[test]
fn a_group_counts_who_answered_misses_who_did_not_and_leaves_out_who_is_not_there_yet() {
    let group = [
        patient(Some(8.0), Some(2.0), 100),
        patient(Some(8.0), Some(4.0), 100),
        patient(Some(8.0), Some(7.0), 100),
        patient(Some(8.0), None, 100),
        patient(None, Some(1.0), 100),
        patient(Some(8.0), None, 60),
    ];
    let at = CohortAt::all(&read().0, &group);
    let month_3 = at.iter().find(|at| at.time == "month-3").unwrap();
    let cohort = month_3.cohort.unwrap();
    assert_eq!((cohort.counted, cohort.missing, month_3.not_yet), (3, 2, 1));
    // 2, 4 and 7: the middle one is 4; relief of 75, 50 and 12.5 %, so two of three.
    assert_eq!(cohort.median, 4.0);
    assert!((cohort.responders_percent - 200.0 / 3.0).abs() < 1e-9);
    assert_eq!(month_3.beside.as_ref().unwrap().own, 4.0);
    let month_12 = at.iter().find(|at| at.time == "month-12").unwrap();
    assert_eq!((month_12.not_yet, month_12.cohort, month_12.beside.is_none()), (6, None, true));
}

#[test]
fn a_red_flag_escalates_now_and_worse_pain_today() {
    let book = &read().0;
    let of = |changes: &[(&str, &str)], baseline| {
        let answers = answered("day-7", changes).unwrap();
        let found = Escalation::of_answers(book, Some(pain(baseline)), &answers);
        found.iter().map(|one| (one.urgency, one.rule)).collect::<Vec<_>>()
    };
    assert_eq!(of(&[("average-pain", "5")], 5.0), []);
    assert_eq!(of(&[("average-pain", "6")], 5.0), [(Urgency::Today, RuleId::O02)]);
    assert_eq!(of(&[("fever", "yes")], 5.0), [(Urgency::Now, RuleId::O05)]);
}

#[test]
fn silence_escalates_from_the_second_time_on() {
    let of = |tries| Escalation::of_silence(&read().0, tries).map(|found| found.rule);
    assert_eq!((of(1), of(2)), (None, Some(RuleId::O06)));
}

#[test]
fn a_relapse_is_proposed_for_another_freeze_and_no_relief_is_not() {
    let of = |points: &[(i64, f64)]| outcome(10.0, points).repeated(&read().0, PROCEDURE, PROCEDURE.plus_days(400));
    let relapsed = of(&[(7, 3.0), (182, 8.0)]);
    assert_eq!((relapsed.last_time, relapsed.would_repeat), (OutcomeLabel::Relapsed, Answer::Yes));
    assert!(relapsed.proposal.contains("freezing this nerve again"), "{}", relapsed.proposal);
    assert!(of(&[(42, 10.0)]).proposal.contains("another source"));
    assert!(of(&[(7, 10.0)]).proposal.contains("wait"));
    assert!(of(&[(42, 1.0)]).proposal.contains("nothing to repeat"));
}

#[test]
fn a_point_says_when_it_came_and_what_it_leaves_open() {
    // The questions of month 3, answered 12, 88, 100 and 179 days after the procedure.
    let found = outcome(8.0, &[(12, 3.0), (88, 3.0), (100, 3.0), (179, 3.0)]);
    let came: Vec<Timeliness> = found.points.iter().map(|point| point.came).collect();
    assert_eq!(came, [Timeliness::TooEarly, Timeliness::InTime, Timeliness::Late, Timeliness::TooLate]);
    assert!(found.points.iter().all(|point| point.open.is_empty()));
}

#[test]
fn a_time_that_is_answered_is_never_overdue() {
    let course = patient(Some(8.0), Some(2.0), 400);
    assert_eq!(course.due.iter().find(|due| due.id == "month-3").unwrap().state, DueState::Answered);
}
