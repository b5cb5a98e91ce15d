//! A patient's own case: what is due, what to do, and their answers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use frostline_record::case::steps::{Goal, Instructions};
use frostline_record::case::{Second, SignedStep, Signer, Step};
use frostline_record::rules::{Day, Due, Moment, Role};
use serde::Serialize;
use utoipa::ToSchema;

use super::cases::{name, now};
use super::follow_up::AnswerView;
use crate::cases::{KeptCase, Wanted};
use crate::server::idempotency::Command;
use crate::server::input::Body;
use crate::server::problem::Problem;
use crate::server::signed::SignedPatient;
use crate::server::state::AppState;

/// What a patient sees of their case.
#[derive(Serialize, ToSchema)]
pub struct OwnCase {
    /// Their name.
    name: String,
    /// Language for papers.
    language: String,
    /// What they want.
    goal: Option<Goal>,
    /// When they are expected.
    start: Option<Moment>,
    /// Where.
    room: Option<String>,
    /// Day of the freeze.
    treated_on: Option<Day>,
    /// What they were told before going home.
    instructions: Option<Instructions>,
    /// Questionnaires, and whether they are open.
    #[schema(value_type = Vec<Object>)]
    questionnaires: Vec<Due>,
    /// Their answers so far, and what each counts for.
    answers: Vec<AnswerView>,
}

/// That something was kept.
#[derive(Serialize, ToSchema)]
pub struct Kept {
    /// The number of the step that holds it.
    step: u64,
}

/// The patient's own case.
#[utoipa::path(get, path = "/patient/case", security(("patient" = ["read-own"])), responses((status = 200, body = OwnCase)))]
pub async fn read_own_case(State(state): State<AppState>, patient: SignedPatient) -> Result<Json<OwnCase>, Problem> {
    let kept = state.cases.read(name(&patient.case)?).await?;
    Ok(Json(own_view(&state, &kept)))
}

/// What the patient wants, in their words.
#[utoipa::path(post, path = "/patient/goal", security(("patient" = ["answer-own"])), request_body = Goal,
    responses((status = 201, body = Kept)))]
pub async fn say_goal(
    State(state): State<AppState>,
    patient: SignedPatient,
    command: Option<Extension<Command>>,
    Body(goal): Body<Goal>,
) -> Result<(StatusCode, Json<Kept>), Problem> {
    let (_, signed) = sign(&state, &patient, (Step::GoalSaid(goal), command)).await?;
    Ok((StatusCode::CREATED, Json(Kept { step: signed.number })))
}

/// Signs a step in the patient's name.
pub(super) async fn sign(
    state: &AppState,
    patient: &SignedPatient,
    (step, command): (Step, Option<Extension<Command>>),
) -> Result<(KeptCase, SignedStep), Problem> {
    let command = command.map(|Extension(Command(id))| id);
    let id = name(&patient.case)?;
    let kept = state.cases.read(id).await?;
    // The case was opened with the patient's name, so there is one.
    let patient_name = kept.case.referral().map(|referral| referral.patient.name()).unwrap_or_default();
    let by = Signer { account: patient.invitation.clone(), name: patient_name, role: Role::Patient };
    let at: Second = now(state);
    let wanted = Wanted { step, by, at, seen: None, command };
    Ok(state.cases.sign(id, wanted).await?)
}

fn own_view(state: &AppState, kept: &KeptCase) -> OwnCase {
    let case = &kept.case;
    let judging = state.cases.knowledge().judging(now(state));
    let patient = case.referral().map(|referral| &referral.patient);
    OwnCase {
        name: patient.map(|patient| patient.name()).unwrap_or_default(),
        language: patient.map(|patient| patient.language.clone()).unwrap_or_default(),
        goal: case.goal().cloned(),
        start: case.booking().map(|booking| booking.start),
        room: case.booking().map(|booking| booking.room.clone()),
        treated_on: case.treated_on(),
        instructions: case.instructions().cloned(),
        questionnaires: if case.treated_on().is_some() { case.due(&judging) } else { Vec::new() },
        answers: AnswerView::all(case, &judging),
    }
}
