//! A patient's own way in.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::time;
use crate::accounts::{Session, Whose};
use crate::server::cookie;
use crate::server::guard::{About, SessionToken};
use crate::server::input::Body;
use crate::server::problem::Problem;
use crate::server::signed::{Caller, SignedPatient};
use crate::server::state::AppState;

/// What a patient brings.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientSignIn {
    /// From the link.
    token: String,
    /// Their date of birth as year-month-day, or the code they were given.
    factor: String,
}

/// A patient who is signed in.
#[derive(Serialize, ToSchema)]
pub struct PatientSignedIn {
    /// Their case.
    case: String,
    /// To be sent as the header `X-Csrf-Token` with every change.
    csrf_token: String,
    #[schema(format = DateTime)]
    ends: String,
}

/// Signs a patient in with the link of their invitation and what they know beside it.
#[utoipa::path(post, path = "/patient/session", security(()), request_body = PatientSignIn,
    responses((status = 201, body = PatientSignedIn)))]
pub async fn patient_sign_in(
    State(state): State<AppState>,
    caller: Caller,
    Body(asked): Body<PatientSignIn>,
) -> Result<Response, Problem> {
    let opened = state.accounts.accept(&asked.token, &asked.factor, &caller.0).await?;
    let Whose::Patient { invitation, case } = opened.session.whose.clone() else { return Err(Problem::not_found()) };
    let cookie = cookie::keep(opened.token.text(), &state.site).map(|value| (header::SET_COOKIE, value));
    let body = Json(signed_in(case, &opened.session, opened.token.text()));
    let mut response = (StatusCode::CREATED, AppendHeaders(cookie), body).into_response();
    response.extensions_mut().insert(About(invitation));
    Ok(response)
}

/// Whether a patient is signed in, and to which case.
#[utoipa::path(get, path = "/patient/session", security(("patient" = ["read-own"])), responses((status = 200, body = PatientSignedIn)))]
pub async fn patient_session(
    patient: SignedPatient,
    axum::Extension(token): axum::Extension<SessionToken>,
) -> Result<Json<PatientSignedIn>, Problem> {
    Ok(Json(signed_in(patient.case, &patient.session, &token.0)))
}

/// Signs the patient out.
#[utoipa::path(delete, path = "/patient/session", security(("patient" = ["read-own"])), responses((status = 204, description = "Signed out")))]
pub async fn patient_sign_out(State(state): State<AppState>, patient: SignedPatient) -> Result<Response, Problem> {
    state.accounts.end_session(&patient.session.id).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders(cookie::forget(&state.site).map(|value| (header::SET_COOKIE, value))))
        .into_response())
}

fn signed_in(case: String, session: &Session, token: &str) -> PatientSignedIn {
    PatientSignedIn { case, csrf_token: cookie::csrf_token(token), ends: time(session.ends_s) }
}
