//! Signing in and out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use frostline_record::rules::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::time;
use crate::accounts::{Account, Credentials, Opened, Permission, Refusal, Session, Whose};
use crate::server::cookie;
use crate::server::guard::{About, SessionToken};
use crate::server::input::{Body, Path};
use crate::server::problem::Problem;
use crate::server::signed::{Caller, Signed};
use crate::server::state::AppState;

/// What somebody brings to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    login: String,
    #[schema(format = Password)]
    password: String,
    /// Of the authenticator, or a recovery code, where one is on.
    #[serde(default)]
    code: Option<String>,
    /// Which of one's roles; the first where nothing is said.
    #[serde(default)]
    role: Option<Role>,
}

/// What somebody brings to make the first account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstAdministrator {
    /// As printed on the console at the first start.
    token: String,
    login: String,
    display_name: String,
    #[schema(format = Password)]
    password: String,
}

/// Somebody who is signed in.
#[derive(Serialize, ToSchema)]
pub struct SignedIn {
    account: String,
    login: String,
    display_name: String,
    /// What they are now.
    role: Role,
    /// What they may be.
    roles: Vec<Role>,
    /// What their role may do.
    permissions: Vec<&'static str>,
    /// To be sent as the header `X-Csrf-Token` with every change.
    csrf_token: String,
    /// Whether an authenticator is on.
    second_factor: bool,
    session: String,
    /// The session ends then, whatever happens.
    #[schema(format = DateTime)]
    ends: String,
}

/// A session of one's own.
#[derive(Serialize, ToSchema)]
pub struct SessionLine {
    id: String,
    /// Whether it is the one that asks.
    this_one: bool,
    role: Role,
    #[schema(format = DateTime)]
    begun: String,
    /// The last request, give or take a minute.
    #[schema(format = DateTime)]
    seen: String,
    #[schema(format = DateTime)]
    ends: String,
    address: String,
    agent: String,
}

/// The role to be from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChosen {
    role: Role,
}

/// Makes the first account, an administrator, with the token that the console shows at the first start.
#[utoipa::path(post, path = "/first-administrator", security(()), request_body = FirstAdministrator,
    responses((status = 204, description = "Made; now sign in")))]
pub async fn create_first_administrator(
    State(state): State<AppState>,
    Body(asked): Body<FirstAdministrator>,
) -> Result<Response, Problem> {
    let account = state.accounts.create_first(&asked.token, asked.login, asked.display_name, asked.password).await?;
    Ok(about(account.id, StatusCode::NO_CONTENT))
}

/// Signs in. The cookie that comes back opens everything; the token in the body goes with every change. A session that the
/// browser still has ends.
#[utoipa::path(post, path = "/session", security(()), request_body = SignIn, responses((status = 201, body = SignedIn)))]
pub async fn sign_in(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Body(asked): Body<SignIn>,
) -> Result<Response, Response> {
    let known = state.accounts.id_of(&asked.login).await.map_err(refused)?;
    let credentials = Credentials { login: asked.login, password: asked.password, code: asked.code, role: asked.role };
    let opened = match state.accounts.sign_in(credentials, &caller.0).await {
        Ok(opened) => opened,
        Err(refusal) => return Err(about(known.unwrap_or_else(|| "unknown".to_string()), Problem::from(refusal))),
    };
    if let Some(old) = cookie::token(&headers, &state.site) {
        state.accounts.end_token(&old).await.map_err(refused)?;
    }
    opened_answer(&state, &opened, StatusCode::CREATED).await.map_err(IntoResponse::into_response)
}

fn refused(refusal: Refusal) -> Response {
    Problem::from(refusal).into_response()
}

/// An answer with what it was about, for the audit.
fn about(what: String, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.extensions_mut().insert(About(what));
    response
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", security(("session" = [])), responses((status = 200, body = SignedIn)))]
pub async fn my_session(
    State(state): State<AppState>,
    signed: Signed,
    axum::Extension(token): axum::Extension<SessionToken>,
) -> Result<Json<SignedIn>, Problem> {
    let account = state.accounts.account(&signed.account).await?;
    Ok(Json(signed_in(account, &signed.session, &token.0)))
}

/// Signs out.
#[utoipa::path(delete, path = "/session", security(("session" = [])), responses((status = 204, description = "Signed out")))]
pub async fn sign_out(State(state): State<AppState>, signed: Signed) -> Result<Response, Problem> {
    state.accounts.end_session(&signed.session.id).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders(cookie::forget(&state.site).map(|value| (header::SET_COOKIE, value))))
        .into_response())
}

/// Goes on in another of one's roles, with a new cookie and a new token.
#[utoipa::path(put, path = "/session/role", security(("session" = [])), request_body = RoleChosen,
    responses((status = 200, body = SignedIn)))]
pub async fn choose_role(
    State(state): State<AppState>,
    signed: Signed,
    Body(chosen): Body<RoleChosen>,
) -> Result<Response, Problem> {
    let opened = state.accounts.change_role(&signed.session, &signed.account, chosen.role).await?;
    opened_answer(&state, &opened, StatusCode::OK).await
}

/// One's own sessions, newest first.
#[utoipa::path(get, path = "/sessions", security(("session" = [])), responses((status = 200, body = Vec<SessionLine>)))]
pub async fn my_sessions(State(state): State<AppState>, signed: Signed) -> Result<Json<Vec<SessionLine>>, Problem> {
    let sessions = state.accounts.sessions_of(&signed.account).await?;
    let line = |session: Session| SessionLine {
        this_one: session.id == signed.session.id,
        id: session.id,
        role: session.role,
        begun: time(session.created_s),
        seen: time(session.seen_s),
        ends: time(session.ends_s),
        address: session.address,
        agent: session.agent,
    };
    Ok(Json(sessions.into_iter().map(line).collect()))
}

/// One's password again, to show that it is oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndAsked {
    /// Left out by those who have none and came by the provider within the last minutes.
    #[serde(default)]
    #[schema(format = Password)]
    password: Option<String>,
}

/// Ends one of one's own sessions, such as that on a machine one has left.
#[utoipa::path(post, path = "/sessions/{session}/end", security(("session" = [])), request_body = EndAsked,
    params(("session" = String, Path)), responses((status = 204, description = "Ended")))]
pub async fn end_my_session(
    State(state): State<AppState>,
    signed: Signed,
    caller: Caller,
    Path(session): Path<String>,
    Body(asked): Body<EndAsked>,
) -> Result<StatusCode, Problem> {
    must_be_oneself(&state, &signed, &caller, asked.password).await?;
    let own = state.accounts.sessions_of(&signed.account).await?;
    if !own.iter().any(|found| found.id == session) {
        return Err(Problem::not_found());
    }
    state.accounts.end_session(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses somebody who sits down at another's machine: the password again, or just come from the provider.
async fn must_be_oneself(
    state: &AppState,
    signed: &Signed,
    caller: &Caller,
    password: Option<String>,
) -> Result<(), Problem> {
    let has_password = state.accounts.account(&signed.account).await?.has_password();
    let age_s = state.clock.now_s() - signed.session.created_s;
    match password {
        Some(password) => {
            let confirmed = state.accounts.confirm_password(&signed.account, password, &caller.0).await;
            confirmed.map(|_| ()).map_err(|refusal| match refusal {
                Refusal::WrongCredentials => Problem::invalid("/password", "this is not your password"),
                other => other.into(),
            })
        }
        None if !has_password && age_s < state.numbers().session.fresh_s => Ok(()),
        None if has_password => Err(Problem::invalid("/password", "expected your password, to show that it is you")),
        None => {
            Err(Problem::invalid("", "sign in by the provider again, then end the session within the next minutes"))
        }
    }
}

async fn opened_answer(state: &AppState, opened: &Opened, status: StatusCode) -> Result<Response, Problem> {
    let Whose::Staff { account, .. } = &opened.session.whose else { return Err(Problem::not_found()) };
    let account = state.accounts.account(account).await?;
    let id = account.id.clone();
    let cookie: Option<(_, HeaderValue)> =
        cookie::keep(opened.token.text(), &state.site).map(|value| (header::SET_COOKIE, value));
    let body = Json(signed_in(account, &opened.session, opened.token.text()));
    Ok(about(id, (status, AppendHeaders(cookie), body)))
}

fn signed_in(account: Account, session: &Session, token: &str) -> SignedIn {
    let permissions = Permission::ALL.iter().filter(|permission| permission.is_of(session.role));
    SignedIn {
        second_factor: account.has_second_factor(),
        account: account.id,
        login: account.login,
        display_name: account.display_name,
        role: session.role,
        roles: account.roles,
        permissions: permissions.map(|permission| permission.word()).collect(),
        csrf_token: cookie::csrf_token(token),
        session: session.id.clone(),
        ends: time(session.ends_s),
    }
}
