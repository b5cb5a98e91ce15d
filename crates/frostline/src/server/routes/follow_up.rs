//! The follow-up: what a patient is asked and answers.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use frostline_plan::catalogue::Known;
use frostline_record::case::steps::{FollowUpAnswers, InstrumentScore};
use frostline_record::case::{Case, Judging, SignedStep, Step, WeighedAnswer};
use frostline_record::follow_up::{AnswerProblem, Asked, Asking, Kind as Answering, Question, ScoreProblem};
use frostline_record::rules::{Answer, Day, DueState, RedFlag, Timeliness};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cases::{name, named, now, wanted};
use super::own_case;
use crate::cases::{KeptCase, Wanted};
use crate::server::idempotency::Command;
use crate::server::input::{Body, Path};
use crate::server::problem::{FieldFault, Problem};
use crate::server::signed::{Signed, SignedPatient};
use crate::server::state::AppState;

/// What a patient is asked over the year.
#[derive(Serialize, ToSchema)]
pub struct QuestionnairesView {
    /// Every time, in order; none before the nerve was frozen.
    times: Vec<TimeView>,
    /// Questions of every time that need somebody now where the answer is yes; yes or no.
    red_flags: Vec<FlagView>,
    /// Every answer so far, those that count for nothing too.
    answers: Vec<AnswerView>,
    /// Questionnaires of others whose scores the site may keep.
    instruments: Vec<InstrumentView>,
}

/// One time.
#[derive(Serialize, ToSchema)]
pub struct TimeView {
    /// Key, to be sent with the answers.
    time: String,
    /// What it is called, in English.
    en: String,
    /// In Spanish.
    es: String,
    /// How: call, app, visit.
    mode: String,
    /// The day.
    on: Day,
    /// `later`, `open`, `overdue`, `missed` or `answered`.
    #[schema(value_type = String)]
    state: DueState,
    /// Days on which it is sent while nobody answers.
    sent_on: Vec<Day>,
    /// The questions; none unless it may be answered now.
    questions: Vec<QuestionView>,
    /// Keys of what must be answered and was not yet.
    open: Vec<String>,
}

/// One question.
#[derive(Serialize, ToSchema)]
pub struct QuestionView {
    /// Key.
    id: String,
    /// Whether it must be answered.
    must: bool,
    /// In English.
    en: String,
    /// In Spanish.
    es: String,
    /// What an answer looks like.
    #[schema(value_type = Object)]
    kind: Answering,
    /// Who may print it.
    licence: String,
}

/// A question that needs somebody now where the answer is yes.
#[derive(Serialize, ToSchema)]
pub struct FlagView {
    /// Key.
    id: String,
    /// In English.
    en: String,
    /// In Spanish.
    es: String,
}

/// A questionnaire of others.
#[derive(Serialize, ToSchema)]
pub struct InstrumentView {
    /// Key.
    id: String,
    /// What it is called.
    name: String,
    /// The lowest score.
    low: f64,
    /// The highest.
    high: f64,
    /// Who may use it.
    licence: String,
}

/// An answer, and what it counts for.
#[derive(Serialize, ToSchema)]
pub struct AnswerView {
    /// The number of the step that holds it.
    step: u64,
    /// The day on which it came.
    on: Day,
    /// `in-time` or `late`: it counts for the time that it names; `too-early`, `too-late` or `no-such-time`: it does not.
    #[schema(value_type = String)]
    came: Timeliness,
    /// Keys of what must be answered at that time and is not in it.
    open: Vec<String>,
    /// It.
    answers: FollowUpAnswers,
}

/// Answers of a patient.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswersGiven {
    /// Key of the time.
    time: String,
    /// By the keys of the questions and red flags, as they were typed or ticked.
    answers: BTreeMap<String, String>,
}

/// Answers that somebody of the staff takes down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswersTakenDown {
    /// Key of the time.
    time: String,
    /// By the keys of the questions and red flags.
    answers: BTreeMap<String, String>,
    /// Scores of questionnaires of others, by their keys.
    #[serde(default)]
    scores: BTreeMap<String, f64>,
}

/// That answers were kept, and what they count for.
#[derive(Serialize, ToSchema)]
pub struct AnswersKept {
    /// The number of the step that holds them.
    step: u64,
    /// One of them needs somebody now: call the number of the instructions.
    call_now: bool,
    /// `in-time`, `late`, `too-early` or `too-late`, seen from the time that they name.
    #[schema(value_type = String)]
    came: Timeliness,
    /// Whether that time is answered now.
    answered: bool,
    /// Keys of what must be answered at that time and still is not.
    open: Vec<String>,
}

/// What the patient is asked over the year; the questions of those times that may be answered now, in English and Spanish.
#[utoipa::path(get, path = "/patient/questionnaires", security(("patient" = ["read-own"])),
    responses((status = 200, body = QuestionnairesView)))]
pub async fn read_own_questionnaires(
    State(state): State<AppState>,
    patient: SignedPatient,
) -> Result<Json<QuestionnairesView>, Problem> {
    let kept = state.cases.read(name(&patient.case)?).await?;
    Ok(Json(asked(&state, &kept.case)))
}

/// Answers to a questionnaire. What is no answer is told all at once; what was left out stays open.
#[utoipa::path(post, path = "/patient/answers", security(("patient" = ["answer-own"])), request_body = AnswersGiven,
    responses((status = 201, body = AnswersKept)))]
pub async fn answer(
    State(state): State<AppState>,
    patient: SignedPatient,
    command: Option<Extension<Command>>,
    Body(given): Body<AnswersGiven>,
) -> Result<(StatusCode, Json<AnswersKept>), Problem> {
    let answers = read(&state, (&given.time, &given.answers), &BTreeMap::new())?;
    let (kept, signed) = own_case::sign(&state, &patient, (Step::Answered(answers), command)).await?;
    Ok(taken(&state, &kept, &signed))
}

/// What the patient of a case is asked over the year, and what came back.
#[utoipa::path(get, path = "/cases/{case}/questionnaires", security(("session" = ["read-case"])),
    params(("case" = Uuid, Path)), responses((status = 200, body = QuestionnairesView)))]
pub async fn read_questionnaires(
    State(state): State<AppState>,
    Path(case): Path<String>,
) -> Result<Json<QuestionnairesView>, Problem> {
    let kept = state.cases.read(name(&case)?).await?;
    Ok(Json(asked(&state, &kept.case)))
}

/// Answers that the patient gave on paper or by telephone, and scores of questionnaires of others that the site may use.
#[utoipa::path(post, path = "/cases/{case}/answers", security(("session" = ["follow-up"])), request_body = AnswersTakenDown,
    params(("case" = Uuid, Path)), responses((status = 201, body = AnswersKept)))]
pub async fn answer_for(
    State(state): State<AppState>,
    signed: Signed,
    Path(case): Path<String>,
    command: Option<Extension<Command>>,
    Body(given): Body<AnswersTakenDown>,
) -> Result<(StatusCode, Json<AnswersKept>), Problem> {
    let answers = read(&state, (&given.time, &given.answers), &given.scores)?;
    let wanted = wanted(&state, &signed, (Step::Answered(answers), None));
    let (kept, step) = state.cases.sign(name(&case)?, Wanted { command: named(command), ..wanted }).await?;
    Ok(taken(&state, &kept, &step))
}

fn asked(state: &AppState, case: &Case) -> QuestionnairesView {
    let judging = state.cases.knowledge().judging(now(state));
    let questionnaires = judging.pathway.questionnaires();
    let treated = case.treated_on().map_or(Known::NotKnown, Known::Known);
    let answered = case.answered_times(&judging);
    let asking = Asking::of((judging.book, questionnaires), treated, &answered, judging.today);
    let flag = |flag: &RedFlag| FlagView { id: flag.id.clone(), en: flag.question.clone(), es: flag.es.clone() };
    let allowed = questionnaires.instruments().iter().filter(|row| questionnaires.site_may_use(&row.id));
    let instruments = allowed.map(|row| InstrumentView {
        id: row.id.clone(),
        name: row.name.clone(),
        low: row.score.low,
        high: row.score.high,
        licence: row.licence.clone(),
    });
    QuestionnairesView {
        times: asking.times.into_iter().map(|asked| time_view(asked, case, &judging)).collect(),
        red_flags: judging.book.red_flag_questions().iter().map(flag).collect(),
        answers: AnswerView::all(case, &judging),
        instruments: instruments.collect(),
    }
}

fn time_view(asked: Asked, case: &Case, judging: &Judging) -> TimeView {
    let may_answer = matches!(asked.due.state, DueState::Open | DueState::Overdue);
    let must = asked.must.into_iter().map(|question| question_view(question, true));
    let questions = must.chain(asked.may.into_iter().map(|question| question_view(question, false)));
    TimeView {
        questions: questions.filter(|_| may_answer).collect(),
        open: if may_answer { case.open_questions(&asked.time, judging) } else { Vec::new() },
        time: asked.time,
        en: asked.name,
        es: asked.es,
        mode: asked.mode,
        on: asked.due.on,
        state: asked.due.state,
        sent_on: asked.sent_on,
    }
}

fn question_view(question: Question, must: bool) -> QuestionView {
    let Question { id, kind, en, es, licence, .. } = question;
    QuestionView { id, must, en, es, kind, licence }
}

impl AnswerView {
    /// Every answer of a case.
    pub fn all(case: &Case, judging: &Judging) -> Vec<AnswerView> {
        let view = |one: WeighedAnswer| AnswerView {
            step: one.step,
            on: one.on,
            came: one.came,
            open: one.open,
            answers: one.answers.clone(),
        };
        case.weighed_answers(judging).into_iter().map(view).collect()
    }
}

/// Answers as the case keeps them.
fn read(
    state: &AppState,
    (time, given): (&str, &BTreeMap<String, String>),
    scores: &BTreeMap<String, f64>,
) -> Result<FollowUpAnswers, Problem> {
    let knowledge = state.cases.knowledge();
    let questionnaires = knowledge.pathway().questionnaires();
    let scores: Vec<InstrumentScore> =
        scores.iter().map(|(key, score)| InstrumentScore { instrument: key.clone(), score: *score }).collect();
    let unfit = questionnaires.unfit_scores(&scores).into_iter();
    let unfit = unfit.map(|(at, problem): (usize, ScoreProblem)| FieldFault {
        pointer: format!("/scores/{}", escaped(&scores[at].instrument)),
        detail: problem.to_string(),
    });
    let pointer = |one: &AnswerProblem| match questionnaires.set(time) {
        None => "/time".to_owned(),
        Some(_) => format!("/answers/{}", escaped(&one.question)),
    };
    let fault = |one: AnswerProblem| FieldFault { pointer: pointer(&one), detail: one.said() };
    let answered = questionnaires.answered(knowledge.book(), time, given);
    match answered {
        Ok(answered) if unfit.len() == 0 => Ok(FollowUpAnswers { scores, ..answered.answers }),
        Ok(_) => Err(Problem::all_invalid(unfit.collect())),
        Err(problems) => Err(Problem::all_invalid(problems.into_iter().map(fault).chain(unfit).collect())),
    }
}

/// A key as part of a JSON pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn taken(state: &AppState, kept: &KeptCase, signed: &SignedStep) -> (StatusCode, Json<AnswersKept>) {
    let judging = state.cases.knowledge().judging(now(state));
    let weighed = kept.case.weighed_answers(&judging);
    let this = weighed.iter().find(|one| one.step == signed.number);
    let (time, came) = this.map_or(("", Timeliness::NoSuchTime), |one| (one.answers.time.as_str(), one.came));
    let open = kept.case.open_questions(time, &judging);
    let yes = |one: &WeighedAnswer| one.answers.red_flags.values().any(|said| *said == Answer::Yes);
    let call_now = this.is_some_and(yes);
    let answered = open.is_empty() && came.counts();
    (StatusCode::CREATED, Json(AnswersKept { step: signed.number, call_now, came, answered, open }))
}
