//! One's own password and authenticator.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::accounts::Refusal;
use crate::server::guard::About;
use crate::server::idempotency::HoldsSecret;
use crate::server::input::Body;
use crate::server::problem::Problem;
use crate::server::signed::{Caller, Signed};
use crate::server::state::AppState;

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    #[schema(format = Password)]
    current: String,
    #[schema(format = Password)]
    password: String,
}

/// A password chosen with a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChosen {
    /// From the link.
    token: String,
    #[schema(format = Password)]
    password: String,
}

/// One's password, to show that it is oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    #[schema(format = Password)]
    password: String,
}

/// A code of the new authenticator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstCode {
    code: String,
}

/// One's password and a code, to show that it is oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmedTwice {
    #[schema(format = Password)]
    password: String,
    code: String,
}

/// What the authenticator needs; shown once.
#[derive(Serialize, ToSchema)]
pub struct Authenticator {
    /// To type, in base32.
    secret: String,
    /// To scan.
    address: String,
}

/// Codes for the day the authenticator is lost; each works once, and they are shown once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// Changes one's own password. Every other session ends.
#[utoipa::path(put, path = "/password", security(("session" = [])), request_body = PasswordChange,
    responses((status = 204, description = "Changed")))]
pub async fn change_password(
    State(state): State<AppState>,
    signed: Signed,
    caller: Caller,
    Body(asked): Body<PasswordChange>,
) -> Result<StatusCode, Problem> {
    let account =
        state.accounts.confirm_password(&signed.account, asked.current, &caller.0).await.map_err(wrong_current)?;
    state.accounts.change_password(&account, &signed.session.id, asked.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The session is fine, so a wrong password is a wrong value and not a reason to sign in again.
fn wrong_current(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::WrongCredentials => Problem::invalid("/current", "this is not your password"),
        other => other.into(),
    }
}

/// Chooses a password with a link that an administrator gave.
#[utoipa::path(post, path = "/password-choice", security(()), request_body = PasswordChosen,
    responses((status = 204, description = "Chosen; now sign in")))]
pub async fn choose_password(
    State(state): State<AppState>,
    Body(asked): Body<PasswordChosen>,
) -> Result<Response, Problem> {
    let account = state.accounts.choose_password(&asked.token, asked.password).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(About(account.id));
    Ok(response)
}

/// Begins to turn an authenticator on.
#[utoipa::path(post, path = "/second-factor", security(("session" = [])), request_body = Confirmed,
    responses((status = 200, body = Authenticator)))]
pub async fn begin_second_factor(
    State(state): State<AppState>,
    signed: Signed,
    caller: Caller,
    Body(asked): Body<Confirmed>,
) -> Result<Response, Problem> {
    let account =
        state.accounts.confirm_password(&signed.account, asked.password, &caller.0).await.map_err(wrong_password)?;
    if account.has_second_factor() {
        return Err(Problem::invalid("", "an authenticator is on; remove it first"));
    }
    let new = state.accounts.begin_second_factor(&account).await?;
    Ok(secret(Json(Authenticator { secret: new.secret, address: new.address })))
}

fn wrong_password(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::WrongCredentials => {
            Problem::invalid("/password", "this is not your password, or the code is wrong or was used")
        }
        other => other.into(),
    }
}

/// An answer that is shown once.
fn secret(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.extensions_mut().insert(HoldsSecret);
    response
}

/// Turns the authenticator on with its first code, and gives recovery codes. Every other session ends.
#[utoipa::path(put, path = "/second-factor", security(("session" = [])), request_body = FirstCode,
    responses((status = 200, body = RecoveryCodes)))]
pub async fn finish_second_factor(
    State(state): State<AppState>,
    signed: Signed,
    Body(asked): Body<FirstCode>,
) -> Result<Response, Problem> {
    let recovery_codes = state.accounts.finish_second_factor(&signed.account, &signed.session.id, &asked.code).await?;
    Ok(secret(Json(RecoveryCodes { recovery_codes })))
}

/// Turns the authenticator off.
#[utoipa::path(post, path = "/second-factor/removal", security(("session" = [])), request_body = ConfirmedTwice,
    responses((status = 204, description = "Off")))]
pub async fn remove_second_factor(
    State(state): State<AppState>,
    signed: Signed,
    caller: Caller,
    Body(asked): Body<ConfirmedTwice>,
) -> Result<StatusCode, Problem> {
    let account =
        state.accounts.confirm_password(&signed.account, asked.password, &caller.0).await.map_err(wrong_password)?;
    state.accounts.check_second_factor(&account, Some(&asked.code)).await.map_err(wrong_password)?;
    state.accounts.remove_second_factor(&account.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
