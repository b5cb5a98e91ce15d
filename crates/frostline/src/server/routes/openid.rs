//! Signing in and out by the site's OpenID provider, and who of ours somebody is there.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use frostline_record::rules::Role;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::accounts::{CameBack, Identity, Refusal, Whose};
use crate::server::cookie;
use crate::server::guard::About;
use crate::server::input::{Body, Path, Query};
use crate::server::problem::{Kind, Problem};
use crate::server::signed::Caller;
use crate::server::state::AppState;

/// How one signs in here.
#[derive(Serialize, ToSchema)]
pub struct WaysIn {
    /// Whether there is an OpenID provider; a browser begins at `/api/v1/openid/start`.
    openid: bool,
    /// Whether everybody may sign in with name and password, or only the emergency administrator.
    password: bool,
}

/// As what somebody wants to sign in.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Start {
    /// Which of one's roles; the first where nothing is said.
    #[param(inline)]
    role: Option<Role>,
}

/// What the provider sends back with the browser.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Back {
    /// To be exchanged for a token.
    code: Option<String>,
    /// As it was sent.
    state: Option<String>,
    /// Who the provider says it is (RFC 9207).
    iss: Option<String>,
    /// Why it let nobody in.
    error: Option<String>,
}

/// Somebody's name at the provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityAsked {
    /// The claim `sub` of their tokens: not their mail address, which may go to somebody else one day.
    subject: String,
}

/// Somebody's name at the provider.
#[derive(Serialize, ToSchema)]
pub struct IdentityView {
    issuer: String,
    subject: String,
}

/// How one signs in here.
#[utoipa::path(get, path = "/openid", security(()), responses((status = 200, body = WaysIn)))]
pub async fn ways_in(State(state): State<AppState>) -> Json<WaysIn> {
    let password = state.site.sign_in.only_password.is_none();
    Json(WaysIn { openid: state.accounts.has_provider(), password })
}

/// Sends the browser to the provider, with a cookie by which it is known when it comes back.
#[utoipa::path(get, path = "/openid/start", security(()), params(Start),
    responses((status = 303, description = "On to the provider")))]
pub async fn start_openid(
    State(state): State<AppState>,
    headers: HeaderMap,
    Query(asked): Query<Start>,
) -> Result<Response, Problem> {
    // Another site could sign somebody in who did not ask for it.
    if cookie::from_another_site(&headers, None) {
        return Err(Problem::new(Kind::NotFromThisSite, "another site sent this browser here; open this site itself"));
    }
    let (address, browser) = state.accounts.begin_openid(asked.role).await?;
    let cookie = cookie::keep_flow(browser.text(), state.numbers().openid.flow_s, &state.site);
    let cookie = cookie.map(|value| (header::SET_COOKIE, value));
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, address)], AppendHeaders(cookie)).into_response())
}

/// Where the provider sends the browser back to: signs in and goes on to the first page. A session that the browser still has
/// ends.
#[utoipa::path(get, path = "/openid/callback", security(()), params(Back),
    responses((status = 200, description = "Signed in; the page goes on by itself", content_type = "text/html")))]
pub async fn openid_callback(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Response {
    let mut answer = match signed_in(&state, &caller, &headers, back).await {
        Ok(response) => response,
        Err(problem) => about("unknown".to_string(), problem),
    };
    if let Some(forget) = cookie::forget_flow(&state.site) {
        answer.headers_mut().append(header::SET_COOKIE, forget);
    }
    answer
}

async fn signed_in(state: &AppState, caller: &Caller, headers: &HeaderMap, back: Back) -> Result<Response, Problem> {
    if let Some(error) = back.error {
        // Only the words of the standard are repeated; anybody can write the others into an address.
        let known =
            ["access_denied", "login_required", "interaction_required", "server_error", "temporarily_unavailable"];
        let said = known.into_iter().find(|known| *known == error).unwrap_or("another error");
        let detail = format!("the identity provider let nobody in ({said}); begin signing in anew from this site");
        return Err(Problem::new(Kind::WrongCredentials, detail));
    }
    let (Some(code), Some(sent)) = (back.code, back.state) else {
        return Err(Problem::new(Kind::Malformed, "expected 'code' and 'state', as the identity provider sends them"));
    };
    let browser = cookie::flow(headers, &state.site).unwrap_or_default();
    let came = CameBack { code, state: sent, issuer: back.iss, browser };
    let opened = state.accounts.finish_openid(came, state.site.second_factor, &caller.0).await?;
    if let Some(old) = cookie::token(headers, &state.site) {
        state.accounts.end_token(&old).await?;
    }
    let Whose::Staff { account, .. } = &opened.session.whose else { return Err(Problem::not_found()) };
    let cookie = cookie::keep(opened.token.text(), &state.site).map(|value| (header::SET_COOKIE, value));
    // A page instead of a redirect: a browser that comes from elsewhere sends no strict cookie with the request that follows.
    let page = Html(page_on(state.accounts.page_after()));
    Ok(about(account.clone(), (AppendHeaders(cookie), page)))
}

/// A page that goes on by itself.
fn page_on(after: &str) -> String {
    let after = after.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"0; url={after}\">\
         <title>Signed in</title><p>Signed in. <a href=\"{after}\">Go on</a></p></html>"
    )
}

/// Signs out at the provider as well; one's session here is ended by `DELETE /session` before.
#[utoipa::path(get, path = "/openid/sign-out", security(()), responses((status = 303, description = "On to the provider")))]
pub async fn openid_sign_out(State(state): State<AppState>) -> Result<Response, Problem> {
    let address = state.accounts.provider_sign_out().await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response())
}

/// Somebody's name at the provider.
#[utoipa::path(get, path = "/accounts/{account}/openid", security(("session" = ["manage-accounts"])),
    params(("account" = String, Path)), responses((status = 200, body = IdentityView)))]
pub async fn read_identity(
    State(state): State<AppState>,
    Path(account): Path<String>,
) -> Result<Json<IdentityView>, Problem> {
    let identity = state.accounts.identity_of(&account).await?.ok_or(Refusal::NotFound)?;
    Ok(Json(view(identity)))
}

/// Links an account with somebody at the provider.
#[utoipa::path(put, path = "/accounts/{account}/openid", security(("session" = ["manage-accounts"])),
    request_body = IdentityAsked, params(("account" = String, Path)), responses((status = 200, body = IdentityView)))]
pub async fn link_identity(
    State(state): State<AppState>,
    Path(account): Path<String>,
    Body(asked): Body<IdentityAsked>,
) -> Result<Response, Problem> {
    let identity = state.accounts.link_identity(&account, &asked.subject).await?;
    Ok(about(account, Json(view(identity))))
}

/// Unlinks an account from the provider and signs it out everywhere.
#[utoipa::path(delete, path = "/accounts/{account}/openid", security(("session" = ["manage-accounts"])),
    params(("account" = String, Path)), responses((status = 204, description = "Unlinked")))]
pub async fn unlink_identity(State(state): State<AppState>, Path(account): Path<String>) -> Result<Response, Problem> {
    state.accounts.unlink_identity(&account).await?;
    Ok(about(account, StatusCode::NO_CONTENT))
}

fn view(identity: Identity) -> IdentityView {
    IdentityView { issuer: identity.issuer, subject: identity.subject }
}

fn about(account: String, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.extensions_mut().insert(About(account));
    response
}
