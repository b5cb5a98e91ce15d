//! Accounts, for administrators.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use frostline_record::rules::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::time;
use crate::accounts::{Account, Change, NewAccount, Refusal};
use crate::server::guard::About;
use crate::server::idempotency::HoldsSecret;
use crate::server::input::{Body, Path, Query};
use crate::server::page::{Page, PageAsked};
use crate::server::problem::{Kind, Problem};
use crate::server::signed::Signed;
use crate::server::state::AppState;
use crate::server::versions::{IfMatch, etag};

/// An account.
#[derive(Serialize, ToSchema)]
pub struct AccountView {
    id: String,
    login: String,
    display_name: String,
    roles: Vec<Role>,
    /// Whether they may come in.
    active: bool,
    /// Whether they chose a password.
    has_password: bool,
    /// Whether an authenticator is on.
    second_factor: bool,
    #[schema(format = DateTime)]
    created: String,
    version: i64,
}

/// Somebody new.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountAsked {
    login: String,
    display_name: String,
    roles: Vec<Role>,
}

/// Somebody new, with the secret of the link to choose a password; shown once.
#[derive(Serialize, ToSchema)]
pub struct AccountMade {
    account: AccountView,
    /// Hand it over personally; it works once, for a day.
    password_token: String,
}

/// The secret of a link to choose a password; shown once.
#[derive(Serialize, ToSchema)]
pub struct PasswordLink {
    /// Hand it over personally; it works once, for a day.
    password_token: String,
}

/// What is to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    roles: Option<Vec<Role>>,
    #[serde(default)]
    active: Option<bool>,
}

/// The accounts, in the order of making.
#[utoipa::path(get, path = "/accounts", security(("session" = ["manage-accounts"])), params(PageAsked),
    responses((status = 200, body = Page<AccountView>)))]
pub async fn list_accounts(
    State(state): State<AppState>,
    Query(asked): Query<PageAsked>,
) -> Result<Json<Page<AccountView>>, Problem> {
    let start = asked.start(state.numbers())?;
    let found = state.accounts.accounts_after(&start.after, start.look_for()).await?;
    Ok(Json(start.page(found.into_iter().map(view).collect(), |account| account.id.clone())))
}

/// Makes an account. It cannot sign in before its owner chose a password with the token that comes back.
#[utoipa::path(post, path = "/accounts", security(("session" = ["manage-accounts"])), request_body = AccountAsked,
    responses((status = 201, body = AccountMade, headers(("etag" = String)))))]
pub async fn create_account(
    State(state): State<AppState>,
    Body(asked): Body<AccountAsked>,
) -> Result<Response, Problem> {
    let new = NewAccount { login: asked.login, display_name: asked.display_name, roles: asked.roles };
    let account = state.accounts.create(new).await?;
    let password_token = state.accounts.password_link(&account.id).await?.text().to_string();
    let (id, tag) = (account.id.clone(), etag(account.version));
    let made = AccountMade { account: view(account), password_token };
    Ok(about(id, secret((StatusCode::CREATED, [(header::ETAG, tag)], Json(made)))))
}

/// One account.
#[utoipa::path(get, path = "/accounts/{account}", security(("session" = ["manage-accounts"])), params(("account" = String, Path)),
    responses((status = 200, body = AccountView, headers(("etag" = String)))))]
pub async fn read_account(State(state): State<AppState>, Path(account): Path<String>) -> Result<Response, Problem> {
    let account = state.accounts.account(&account).await?;
    Ok(tagged(account))
}

/// Changes name, roles or whether somebody may come in. Whoever is signed in with the account is signed out.
#[utoipa::path(patch, path = "/accounts/{account}", security(("session" = ["manage-accounts"])), request_body = AccountChange,
    params(("account" = String, Path), ("if-match" = String, Header, description = "The ETag that was read")),
    responses((status = 200, body = AccountView, headers(("etag" = String)))))]
pub async fn change_account(
    State(state): State<AppState>,
    signed: Signed,
    Path(account): Path<String>,
    IfMatch(version): IfMatch,
    Body(asked): Body<AccountChange>,
) -> Result<Response, Problem> {
    if let Some(roles) = asked.roles.as_ref().filter(|_| account == signed.account) {
        let has = state.accounts.account(&account).await?.roles;
        if roles.iter().any(|role| !has.contains(role)) {
            return Err(Problem::new(
                Kind::NotAllowed,
                "nobody gives themselves a role; let another administrator do it",
            ));
        }
    }
    let change = Change { display_name: asked.display_name, roles: asked.roles, active: asked.active };
    let changed = state.accounts.change(&account, version, change).await?;
    Ok(about(account, tagged(changed)))
}

/// Gives a new link to choose a password; links given before die, and the old password stays until then.
#[utoipa::path(post, path = "/accounts/{account}/password-link", security(("session" = ["manage-accounts"])),
    params(("account" = String, Path)), responses((status = 201, body = PasswordLink)))]
pub async fn new_password_link(
    State(state): State<AppState>,
    Path(account): Path<String>,
) -> Result<Response, Problem> {
    let password_token = state.accounts.password_link(&account).await?.text().to_string();
    Ok(about(account, secret((StatusCode::CREATED, Json(PasswordLink { password_token })))))
}

/// Turns off the authenticator of somebody who lost it and their recovery codes.
#[utoipa::path(delete, path = "/accounts/{account}/second-factor", security(("session" = ["manage-accounts"])),
    params(("account" = String, Path)), responses((status = 204, description = "Off")))]
pub async fn reset_second_factor(
    State(state): State<AppState>,
    Path(account): Path<String>,
) -> Result<Response, Problem> {
    let found = state.accounts.account(&account).await?;
    if !found.has_second_factor() {
        return Err(Refusal::NotFound.into());
    }
    state.accounts.remove_second_factor(&account).await?;
    Ok(about(account, StatusCode::NO_CONTENT))
}

/// Signs somebody out everywhere.
#[utoipa::path(delete, path = "/accounts/{account}/sessions", security(("session" = ["manage-accounts"])),
    params(("account" = String, Path)), responses((status = 204, description = "Signed out")))]
pub async fn end_sessions(State(state): State<AppState>, Path(account): Path<String>) -> Result<Response, Problem> {
    state.accounts.account(&account).await?;
    state.accounts.end_sessions_of(&account).await?;
    Ok(about(account, StatusCode::NO_CONTENT))
}

fn tagged(account: Account) -> Response {
    let tag = etag(account.version);
    ([(header::ETAG, tag)], Json(view(account))).into_response()
}

fn about(account: String, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.extensions_mut().insert(About(account));
    response
}

fn secret(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.extensions_mut().insert(HoldsSecret);
    response
}

fn view(account: Account) -> AccountView {
    AccountView {
        has_password: account.has_password(),
        second_factor: account.has_second_factor(),
        id: account.id,
        login: account.login,
        display_name: account.display_name,
        roles: account.roles,
        active: account.active,
        created: time(account.created_s),
        version: account.version,
    }
}
