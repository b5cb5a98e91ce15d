//! Whether it helped one patient, when, for how long, and whether it was what they wanted.

use frostline_plan::catalogue::Known;
use serde::Serialize;

use crate::case::steps::{FollowUpAnswers, Goal};
use crate::case::{Case, Judging};
use crate::rules::{Answer, Course, Day, LastFreeze, PainScore, Response, RuleBook, Ruling, Timeliness};

use super::questionnaires::Questionnaires;
use super::scores::ScoreChange;

/// Pain at one time after the procedure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutcomePoint {
    /// Key of the time.
    pub time: String,
    /// Days after the procedure on which the patient answered.
    pub day: i64,
    /// When it came, seen from the time that it names. Whenever it came, pain of that day is pain of that day.
    pub came: Timeliness,
    /// Keys of questions that it leaves open.
    pub open: Vec<String>,
    /// Average pain; nothing when it was not answered.
    pub pain: Option<PainScore>,
    /// Against the pain before.
    pub response: Response,
    /// Whether the patient would have it again.
    pub would_repeat: Answer,
    /// Whether hardly any pain is left.
    pub complete_relief: Answer,
    /// Whether the patient says much better.
    pub much_better: Answer,
    /// Whether pain is no more than the patient aimed for.
    pub pain_goal: Answer,
    /// Whether the wanted activity goes well.
    pub activity_goal: Answer,
}

/// How long relief lasted. Unit: day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lasted {
    /// It came back after so many days.
    Days(i64),
    /// It still lasted when the patient was last asked.
    AtLeast(i64),
    /// There was none, or nobody knows.
    Nothing,
}

/// What the outcome is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeLabel {
    /// Relief, and it lasts.
    Relieved,
    /// Relief came and went.
    Relapsed,
    /// No relief, but it may still come.
    TooEarly,
    /// No relief.
    NotRelieved,
    /// Nothing to say it by.
    NotKnown,
}

impl OutcomeLabel {
    /// What is proposed about another freeze of the same nerve.
    pub const fn proposal(self) -> &'static str {
        match self {
            OutcomeLabel::Relieved => "relief lasts: nothing to repeat now",
            OutcomeLabel::Relapsed => {
                "relief came and went: talk about freezing this nerve again; another freeze is a new case with its own consent"
            }
            OutcomeLabel::TooEarly => "relief may still come: wait",
            OutcomeLabel::NotRelieved => "no relief: look for another source of the pain before the same is done again",
            OutcomeLabel::NotKnown => "nobody knows how it went: ask the patient first",
        }
    }
}

/// How it went for one patient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Pain before.
    pub baseline: Option<PainScore>,
    /// Every answer that came, in order.
    pub points: Vec<OutcomePoint>,
    /// What it is called.
    pub label: OutcomeLabel,
    /// First day of relief after the procedure.
    pub time_to_relief_days: Option<i64>,
    /// How long it lasted.
    pub lasted: Lasted,
    /// Course and response as the rules say them.
    pub rulings: Vec<Ruling>,
    /// Scores of questionnaires of others, each against the one before.
    pub scores: Vec<ScoreChange>,
}

/// Whether the same nerve may be frozen again, and whether that is worth talking about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RepeatTreatment {
    /// E-10.
    pub ruling: Ruling,
    /// How the last treatment went.
    pub last_time: OutcomeLabel,
    /// Whether the patient said last that they would have it again.
    pub would_repeat: Answer,
    /// What is proposed; a person decides.
    pub proposal: &'static str,
}

/// Answers with the days after the procedure on which they came.
type Answers<'a> = [(i64, &'a FollowUpAnswers)];

impl Outcome {
    /// Of answers in any order.
    pub fn of(
        (book, questionnaires): (&RuleBook, &Questionnaires),
        baseline: Option<PainScore>,
        goal: Option<&Goal>,
        answers: &Answers,
    ) -> Self {
        let known = |score: Option<PainScore>| score.map_or(Known::NotKnown, Known::Known);
        let mut sorted = answers.to_vec();
        sorted.sort_by_key(|(day, _)| *day);
        let series: Vec<(i64, PainScore)> =
            sorted.iter().filter_map(|(day, answers)| Some((*day, answers.average_pain?))).collect();
        let course = book.course(known(baseline), &series);
        let mut rulings = vec![course.ruling];
        let mut points = Vec::new();
        for (day, answers) in &sorted {
            let response = book.response(known(baseline), known(answers.average_pain));
            points.push(questionnaires.point((book, *day), answers, goal, response.result));
            rulings.push(response.ruling);
        }
        let (time_to_relief_days, lasted) = match course.result {
            Course::Lasting { relief_on, seen_until } => (Some(relief_on), Lasted::AtLeast(seen_until - relief_on)),
            Course::Relapsed { relief_on, back_on } => (Some(relief_on), Lasted::Days(back_on - relief_on)),
            Course::NoRelief | Course::NotKnown => (None, Lasted::Nothing),
        };
        let label = questionnaires.label(course.result, series.last().map(|(day, _)| *day));
        Self { baseline, points, label, time_to_relief_days, lasted, rulings, scores: Vec::new() }
    }

    /// Of a case as it stands; nothing before the nerve was frozen.
    pub fn of_case(case: &Case, judging: &Judging, questionnaires: &Questionnaires) -> Option<Self> {
        let treated = case.treated_on()?;
        let baseline = case.indication().and_then(|indication| indication.average_pain);
        let answers: Vec<(i64, &FollowUpAnswers)> =
            case.answers().into_iter().map(|(day, answers)| (day.days_since(treated), answers)).collect();
        let outcome = Self::of((judging.book, questionnaires), baseline, case.goal(), &answers);
        Some(Self { scores: ScoreChange::of_case(case, judging), ..outcome })
    }

    /// Whether the nerve may be frozen again today, and what came of the last time.
    pub fn repeated(&self, book: &RuleBook, last: Day, today: Day) -> RepeatTreatment {
        let said = self.points.iter().rev().map(|point| point.would_repeat).find(|said| *said != Answer::NotAsked);
        RepeatTreatment {
            ruling: book.repeat_interval(LastFreeze::On(last), today),
            last_time: self.label,
            would_repeat: said.unwrap_or_default(),
            proposal: self.label.proposal(),
        }
    }
}

impl Questionnaires {
    fn point(
        &self,
        (book, day): (&RuleBook, i64),
        answers: &FollowUpAnswers,
        goal: Option<&Goal>,
        response: Response,
    ) -> OutcomePoint {
        let numbers = &self.outcome;
        let up_to = |limit: u8| move |found: f64| found <= f64::from(limit);
        let pain = answers.average_pain.map(PainScore::score);
        let wanted = goal.and_then(|goal| goal.pain).map(PainScore::score);
        OutcomePoint {
            time: answers.time.clone(),
            day,
            came: book.came(&answers.time, day),
            open: self.open(book, &answers.time, &[answers]),
            would_repeat: answers.would_repeat,
            pain: answers.average_pain,
            response,
            complete_relief: said(pain, up_to(numbers.complete_relief_up_to.value.points)),
            much_better: said(
                answers.global_impression.map(f64::from),
                up_to(numbers.global_responder_up_to.value.points),
            ),
            pain_goal: match wanted {
                Some(wanted) => said(pain, |found| found <= wanted),
                None => Answer::NotAsked,
            },
            activity_goal: said(answers.activity, |found| found >= numbers.activity_met_from.value.points),
        }
    }

    /// Nobody is called a failure before the day from which it would be one.
    fn label(&self, course: Course, last_day: Option<i64>) -> OutcomeLabel {
        let first = self.outcome.no_failure_before.value.days;
        match (course, last_day) {
            (Course::Lasting { .. }, _) => OutcomeLabel::Relieved,
            (Course::Relapsed { .. }, _) => OutcomeLabel::Relapsed,
            (Course::NoRelief, Some(day)) if day < first => OutcomeLabel::TooEarly,
            (Course::NoRelief, _) => OutcomeLabel::NotRelieved,
            (Course::NotKnown, _) => OutcomeLabel::NotKnown,
        }
    }
}

fn said<T>(found: Option<T>, holds: impl Fn(T) -> bool) -> Answer {
    match found.map(holds) {
        Some(true) => Answer::Yes,
        Some(false) => Answer::No,
        None => Answer::NotAsked,
    }
}
