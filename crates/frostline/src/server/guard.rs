//! Before every handler of the interface: who asks, whether they may, and what is written into the audit.
//!
//! The order is: route, origin, session, token against other sites, role, the patient's own case, then the handler, then
//! the audit, and only then the answer. Nobody sees anything that was not recorded first.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;

use axum::RequestExt;
use axum::extract::{ConnectInfo, MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use futures_util::FutureExt;
use tracing::instrument::WithSubscriber;

use super::answers::Answers;
use super::cookie;
use super::doors::{Door, Doors, Operation};
use super::frame::{RequestId, Who};
use super::idempotency;
use super::problem::{Kind, Problem};
use super::signed::{Caller, Signed, SignedPatient, lacks, not_signed_in};
use super::state::{AppState, Site};
use crate::accounts::{Permission, Session, Visit, Whose};
use crate::audit::Entry;

/// What the guard knows.
#[derive(Clone)]
pub struct Gate {
    /// The state of the server.
    pub state: AppState,
    /// Who may pass which route.
    pub doors: std::sync::Arc<Doors>,
    /// Answers for those who ask twice.
    pub answers: Answers,
}

impl Gate {
    /// Before the routes of a description.
    pub fn new(state: AppState, doors: Doors) -> Gate {
        let kept_s = state.numbers().server.answers_kept_s;
        let answers = Answers::new(state.store.db().clone(), state.clock.clone(), kept_s);
        Gate { state, doors: std::sync::Arc::new(doors), answers }
    }
}

/// What a handler tells the audit beside what the guard knows by itself: which account it was about.
#[derive(Clone, Debug)]
pub struct About(pub String);

/// The case that a request was about, where its path does not name it.
#[derive(Clone, Debug)]
pub struct AboutCase(pub String);

/// The name of the path's variable that holds a case.
const CASE: &str = "case";

/// The guard itself. A change is carried out and recorded to its end even when whoever asked has gone meanwhile.
pub async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return passed(gate, request, next).await;
    }
    let carried_out = tokio::spawn(passed(gate, request, next).with_current_subscriber()).await;
    carried_out.unwrap_or_else(|_| Problem::broken("a route was ended with the server").into_response())
}

async fn passed(gate: Gate, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let Some(operation) = gate.doors.operation(&route, request.method()) else { return no_operation(&gate, &route) };
    let mut entry = Entry::of(&operation.name, request.method());
    let admitted = admitted(&gate.state, operation, &mut request, &mut entry).await;
    if let Some(case) = &entry.case {
        request.extensions_mut().insert(AboutCase(case.clone()));
    }
    let mut response = match admitted {
        Ok(()) => caught(idempotency::answered(&gate, request, next)).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(who) = &entry.who {
        response.extensions_mut().insert(Who(who.clone()));
    }
    if !is_worth_recording(operation, &entry, &response) {
        return response;
    }
    entry.status = response.status().as_u16();
    if let Some(AboutCase(case)) = response.extensions().get() {
        entry.case.get_or_insert_with(|| case.clone());
    }
    entry.about = response.extensions().get::<About>().map(|about| about.0.clone());
    match gate.state.audit.record(entry).await {
        Ok(()) => response,
        Err(error) => unrecorded(&error),
    }
}

/// The answer of a handler; a problem where it panicked, so that what was asked is recorded all the same. What the panic said
/// may hold a value, so it is not passed on.
pub async fn caught(answer: impl Future<Output = Response>) -> Response {
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a route panicked");
            let detail = "the server met an error while it carried this out; a change may have been made: look before you repeat it";
            Problem::new(Kind::Broken, detail).into_response()
        }
    }
}

fn unrecorded(error: &dyn std::fmt::Display) -> Response {
    tracing::error!(cause = %error, "the audit could not be written");
    let detail =
        "the audit cannot be written, so nothing is shown; a change may have been made: look before you repeat it";
    Problem::new(Kind::Broken, detail).into_response()
}

/// Changes, refusals of signed-in people, and everything that needs a permission. Looking at one's own session is not.
fn is_worth_recording(operation: &Operation, entry: &Entry, response: &Response) -> bool {
    if entry.changes {
        // Strangers who knock without a session cannot fill the audit; the log counts them.
        return entry.who.is_some() || operation.door == Door::Open || response.status().is_success();
    }
    match &operation.door {
        Door::Staff(permissions) => entry.who.is_some() && !permissions.is_empty(),
        Door::Patient => entry.who.is_some(),
        // Coming back from an OpenID provider is a visit that signs in: its handler says whom it was about.
        Door::Open => response.extensions().get::<About>().is_some(),
        Door::Shut => false,
    }
}

fn no_operation(gate: &Gate, route: &str) -> Response {
    let Some(methods) = gate.doors.methods(route) else { return Problem::not_found().into_response() };
    let mut response = Problem::new(Kind::WrongMethod, format!("expected one of: {methods}")).into_response();
    if let Ok(methods) = HeaderValue::from_str(&methods) {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    response
}

/// Lets a request pass, with who it is put into its extensions.
async fn admitted(
    state: &AppState,
    operation: &Operation,
    request: &mut Request,
    entry: &mut Entry,
) -> Result<(), Problem> {
    let case = case_of(request).await?;
    let visit = visit_of(request, &state.site);
    entry.case.clone_from(&case);
    entry.address.clone_from(&visit.address);
    entry.request = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    state.count_address(&visit.address)?;
    request.extensions_mut().insert(Caller(visit));
    let host = request.uri().authority().map(|authority| authority.as_str().to_owned());
    if entry.changes && cookie::from_another_site(request.headers(), host.as_deref()) {
        return Err(Problem::new(
            Kind::NotFromThisSite,
            "the browser says that another site made this request; open this site itself",
        ));
    }
    if operation.door == Door::Open {
        return Ok(());
    }
    let session = session_of(state, request, entry).await?;
    match (&operation.door, session.whose.clone()) {
        (Door::Staff(permissions), Whose::Staff { account, display_name, second_factor }) => {
            // Without it nobody reaches more than their own account, and no route about a case, whatever it asks for.
            let only_their_own = permissions.is_empty() && case.is_none();
            if state.site.second_factor && !second_factor && !only_their_own {
                return Err(Problem::new(
                    Kind::NotAllowed,
                    "this installation asks for a second factor; turn your authenticator on first",
                ));
            }
            let emergency = emergency_of(state, &account, case.as_deref(), entry).await?;
            let signed = Signed { account, display_name, role: session.role, session, emergency };
            passes(&signed, permissions)?;
            request.extensions_mut().insert(signed);
            Ok(())
        }
        (Door::Patient, Whose::Patient { invitation, case: own }) => {
            if case.is_some_and(|case| case != own) {
                return Err(Problem::not_found());
            }
            entry.case = Some(own.clone());
            request.extensions_mut().insert(SignedPatient { invitation, case: own, session });
            Ok(())
        }
        (Door::Staff(permissions), Whose::Patient { .. }) => Err(lacks(session.role, permissions)),
        (Door::Patient, Whose::Staff { .. }) => {
            Err(Problem::new(Kind::NotAllowed, "this is for patients who came by their invitation"))
        }
        (Door::Open | Door::Shut, _) => Err(Problem::not_found()),
    }
}

fn passes(signed: &Signed, permissions: &[Permission]) -> Result<(), Problem> {
    if permissions.is_empty() || permissions.iter().any(|permission| signed.can(*permission)) {
        return Ok(());
    }
    Err(lacks(signed.role, permissions))
}

/// The session of the cookie, with the token against other sites checked for every change.
async fn session_of(state: &AppState, request: &mut Request, entry: &mut Entry) -> Result<Session, Problem> {
    let token = cookie::token(request.headers(), &state.site).ok_or_else(not_signed_in)?;
    let session = state.accounts.session(&token).await?.ok_or_else(not_signed_in)?;
    let who = match &session.whose {
        Whose::Staff { account, .. } => account,
        Whose::Patient { invitation, .. } => invitation,
    };
    // Before the entry knows who it is: what is refused here is not recorded, or the audit would be filled instead.
    state.count_account(who)?;
    entry.role = Some(session.role.word().to_string());
    entry.who = Some(who.clone());
    if entry.changes && !cookie::brings_csrf_token(request.headers(), &token) {
        let detail = format!("expected the header '{}' with the token that signing in gave", cookie::CSRF_HEADER);
        return Err(Problem::new(Kind::NotFromThisSite, detail));
    }
    request.extensions_mut().insert(SessionToken(token));
    Ok(session)
}

/// The secret of the session, for the handler that shows the token made from it.
#[derive(Clone)]
pub struct SessionToken(pub String);

async fn emergency_of(
    state: &AppState,
    account: &str,
    case: Option<&str>,
    entry: &mut Entry,
) -> Result<Option<String>, Problem> {
    let Some(case) = case else { return Ok(None) };
    entry.emergency = state.accounts.emergency_access(account, case).await?;
    Ok(entry.emergency.clone())
}

/// The case that the path names. A character that no database keeps names nothing.
async fn case_of(request: &mut Request) -> Result<Option<String>, Problem> {
    let params = request.extract_parts::<RawPathParams>().await.map_err(|_| Problem::not_found())?;
    if params.iter().any(|(_, value)| value.contains('\0')) {
        return Err(Problem::not_found());
    }
    let case = params.iter().find(|(name, _)| *name == CASE).map(|(_, value)| value.to_string());
    // One spelling only, so that audit, invitations and jobs of a case are found under its name.
    if case.as_ref().is_some_and(|case| !is_case_name(case)) {
        return Err(Problem::not_found());
    }
    Ok(case)
}

/// Whether a text is the name of a case as this program writes it.
pub fn is_case_name(text: &str) -> bool {
    text.parse::<uuid::Uuid>().is_ok_and(|id| id.to_string() == text)
}

/// Where a request comes from. Behind a proxy the last address it added counts, since all before it can be made up.
fn visit_of(request: &Request, site: &Site) -> Visit {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let forwarded =
        text("x-forwarded-for").and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse().ok());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let address: Option<IpAddr> = if site.behind_proxy { forwarded.or(peer) } else { peer };
    Visit {
        address: address.map_or_else(|| "unknown".to_string(), |address| network_of(address).to_string()),
        agent: text("user-agent").unwrap_or_default().to_string(),
    }
}

/// An address as it is counted: of IPv6 the first half, since whoever has one has them all.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into())
        }
        IpAddr::V4(address) => IpAddr::V4(address),
    }
}
