//! Writes that may be sent twice and happen once: the header `Idempotency-Key`.
//!
//! The key, a digest of the request and the answer are kept for a day. The same key with the same request gives the same
//! answer; with another request it is refused. Answers that hold a secret are not kept: asking again says so.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::answers::{Answers, Asked, Given, Kept};
use super::guard::{AboutCase, Gate, caught};
use super::problem::{Kind, Problem};
use super::signed::{Signed, SignedPatient};
use super::state::AppState;

/// The header.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Says that an answer is the one of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key.
const LONGEST_KEY: usize = 128;
/// What is kept of an answer beside status and body.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// Marks an answer that holds a secret and must not be kept.
#[derive(Clone, Copy)]
pub struct HoldsSecret;

/// The answer of the handler, or the one that was given before to the same request.
pub async fn answered(gate: &Gate, request: Request, next: Next) -> Response {
    let Some(key) = request.headers().get(IDEMPOTENCY_KEY).filter(|_| !request.method().is_safe()).cloned() else {
        return next.run(request).await;
    };
    match once(gate, key, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

/// The identifier of what a request with a key does, for stores that carry out each once: whoever asks, the key and the request.
#[derive(Clone, Copy, Debug)]
pub struct Command(pub uuid::Uuid);

async fn once(gate: &Gate, key: HeaderValue, request: Request, next: Next) -> Result<Response, Problem> {
    let (asked, request) = asked(&gate.state, &key, request).await?;
    if let Some(earlier) = gate.answers.take(&asked).await? {
        return replay(&asked, earlier);
    }
    let mut request = request;
    let name = format!("{}\n{}\n{}", asked.who, asked.key, asked.digest);
    request.extensions_mut().insert(Command(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes())));
    // A panic gives the key back, like every answer that the server could not give.
    let response = caught(next.run(request)).await;
    keep(&gate.answers, &asked, response).await
}

async fn asked(state: &AppState, key: &HeaderValue, request: Request) -> Result<(Asked, Request), Problem> {
    let wrong = |found: &str| Problem::new(Kind::Malformed, format!("{IDEMPOTENCY_KEY}: {found}"));
    let key = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY);
    let key = key.ok_or_else(|| wrong("expected 1 to 128 visible characters"))?.to_string();
    let who = request.extensions().get::<Signed>().map(|signed| signed.account.clone());
    let who = who.or_else(|| request.extensions().get::<SignedPatient>().map(|patient| patient.invitation.clone()));
    let case = request.extensions().get::<AboutCase>().map(|about| about.0.clone());
    let who = who.ok_or_else(|| wrong("this request needs no key; leave the header out"))?;
    if !request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|found| found.as_bytes().starts_with(b"application/json"))
    {
        return Err(wrong("keys are for JSON bodies; leave the header out"));
    }
    let largest = usize::try_from(state.numbers().server.largest_body_bytes).unwrap_or(usize::MAX);
    let (parts, body) = request.into_parts();
    let too_large =
        |_| Problem::new(Kind::TooLarge, format!("expected at most {largest} bytes with an idempotency key"));
    let bytes = to_bytes(body, largest).await.map_err(too_large)?;
    let mut digest = Sha256::new();
    digest.update(format!("{} {}\n", parts.method, parts.uri));
    digest.update(&bytes);
    let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((Asked { who, key, digest, case }, Request::from_parts(parts, Body::from(bytes))))
}

fn replay(asked: &Asked, earlier: Given) -> Result<Response, Problem> {
    if earlier.request_digest != asked.digest {
        return Err(Problem::invalid("", "this idempotency key was used for another request; use a new key"));
    }
    let Some(status) = earlier.status else {
        return Err(Problem::new(
            Kind::Conflict,
            "the first request with this key is still being carried out; ask again",
        )
        .retry_after_s(1));
    };
    if earlier.body.is_empty() && earlier.headers == SECRET {
        return Err(Problem::new(
            Kind::Conflict,
            "this was carried out; its answer held a secret that was shown once and not kept",
        ));
    }
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = (status.unwrap_or(StatusCode::OK), earlier.body).into_response();
    let pairs: Vec<(String, String)> = serde_json::from_str(&earlier.headers).unwrap_or_default();
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in pairs {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// Stands for the headers of an answer that was not kept.
const SECRET: &str = "secret";

/// Keeps an answer. One that the server could not give is not kept, so that the next try is carried out.
async fn keep(answers: &Answers, asked: &Asked, response: Response) -> Result<Response, Problem> {
    if response.status().is_server_error() {
        answers.forget(asked).await?;
        return Ok(response);
    }
    let secret = response.extensions().get::<HoldsSecret>().is_some();
    let case = response.extensions().get::<AboutCase>().map(|about| about.0.clone());
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(Problem::broken)?;
    let (headers, text) =
        if secret { (SECRET.to_string(), String::new()) } else { (headers_of(&parts.headers), text_of(&bytes)) };
    let kept = Kept { status: i64::from(parts.status.as_u16()), headers, body: text, case };
    // What was done is done: an answer that cannot be kept is given all the same, and the cause is in the log.
    let _ = answers.keep(asked, kept).await;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn headers_of(headers: &HeaderMap) -> String {
    let pair = |name: &HeaderName| Some((name.as_str().to_string(), headers.get(name)?.to_str().ok()?.to_string()));
    serde_json::to_string(&KEPT.iter().filter_map(pair).collect::<Vec<_>>()).unwrap_or_else(|_| "[]".to_string())
}

/// Answers to JSON are JSON, so they are text.
fn text_of(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
