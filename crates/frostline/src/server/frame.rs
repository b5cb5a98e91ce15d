//! Around every request: its number, its line in the log, the headers that guard the browser, and problems for everything
//! that goes wrong below.
//!
//! The log holds templates of routes, never paths, queries or bodies: those may hold names and dates of birth.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::{Kind, PROBLEM_JSON, Problem};
use super::state::AppState;

/// The number of a request, the same in the answer, the log and the audit.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Whose request it was, for the log: an account or an invitation, never a name.
#[derive(Clone, Debug)]
pub struct Who(pub String);

/// The frame itself.
pub async fn frame(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let (id, started) = (uuid::Uuid::now_v7().to_string(), Instant::now());
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "no route".into(), |path| path.as_str().to_owned());
    let longest = Duration::from_secs(u64::try_from(state.numbers().server.longest_answer_s).unwrap_or(1));
    let response = match tokio::time::timeout(longest, next.run(request)).await {
        Ok(response) => as_problem(response),
        Err(_) => Problem::new(Kind::TooSlow, format!("no answer within {longest:?}; try again")).into_response(),
    };
    log(&id, &method, &route, started, &response);
    with_headers(response, &id, &state)
}

fn log(id: &str, method: &Method, route: &str, started: Instant, response: &Response) {
    let who = response.extensions().get::<Who>().map_or("nobody", |who| &who.0);
    let milliseconds = started.elapsed().as_millis();
    let status = response.status().as_u16();
    tracing::info!(target: "frostline::request", id, %method, route, status, milliseconds, who, "answered");
}

/// What the libraries below say in plain text, said as a problem.
fn as_problem(response: Response) -> Response {
    let status = response.status();
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|found| found == PROBLEM_JSON);
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let detail = status.canonical_reason().unwrap_or("the request was refused");
    let kind = Kind::of_status(status);
    let (parts, _) = response.into_parts();
    let mut answer = Problem::new(kind, detail).into_response();
    if let Some(allow) = parts.headers.get(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, allow.clone());
    }
    answer.extensions_mut().extend(parts.extensions);
    answer
}

/// Nothing may frame, sniff, cache or run anything that does not come from this server.
const HEADERS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
      font-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=()"),
    (header::CACHE_CONTROL, "no-store"),
];

fn with_headers(mut response: Response, id: &str, state: &AppState) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if state.site.encrypted {
        let seconds = state.numbers().server.strict_transport_s;
        if let Ok(value) = HeaderValue::from_str(&format!("max-age={seconds}; includeSubDomains")) {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
        }
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-request-id", id);
    }
    response
}

/// What a panic becomes. What it said stays out of the log, since it may hold a value; where it was does not.
pub fn panicked(_said: Box<dyn Any + Send + 'static>) -> Response {
    let mut response = Problem::broken("a route panicked; the line is on standard error").into_response();
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
