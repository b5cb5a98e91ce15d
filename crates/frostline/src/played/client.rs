//! Requests to a server in the same process, through everything that stands before its handlers.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt;

/// Where the interface lies.
const PREFIX: &str = "/api/v1";

/// Somebody at a browser.
pub struct Client {
    router: Router,
    cookie: Option<String>,
    csrf: Option<String>,
    aside: bool,
    requests: usize,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub etag: Option<HeaderValue>,
    pub body: Value,
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

impl Client {
    pub fn over(router: Router) -> Self {
        Self { router, cookie: None, csrf: None, aside: false, requests: 0 }
    }

    /// How many requests were sent.
    pub fn requests(&self) -> usize {
        self.requests
    }

    /// Forgets who is signed in.
    pub fn leave(&mut self) {
        (self.cookie, self.csrf) = (None, None);
    }

    /// Sends the next request as a stranger, and stays signed in.
    pub fn forget_for_once(&mut self) {
        self.aside = true;
    }

    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Value>,
        if_match: Option<HeaderValue>,
    ) -> Result<Answer, Fault> {
        self.requests += 1;
        let stranger = std::mem::take(&mut self.aside);
        let mut request = Request::builder().method(method).uri(format!("{PREFIX}{path}"));
        for (name, value) in [("cookie", &self.cookie), ("x-csrf-token", &self.csrf)] {
            if let Some(value) = value.as_ref().filter(|_| !stranger) {
                request = request.header(name, value);
            }
        }
        if let Some(version) = if_match {
            request = request.header(header::IF_MATCH, version);
        }
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let response = self.router.clone().oneshot(request?).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await?;
        let body: Value = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes)? };
        if !stranger {
            self.remember(&headers, &body);
        }
        Ok(Answer { status, etag: headers.get(header::ETAG).cloned(), body })
    }

    fn remember(&mut self, headers: &HeaderMap, body: &Value) {
        let pair =
            headers.get(header::SET_COOKIE).and_then(|set| set.to_str().ok()).and_then(|set| set.split(';').next());
        if let Some(pair) = pair {
            self.cookie = Some(pair.to_owned()).filter(|pair| !pair.ends_with('='));
        }
        if let Some(csrf) = body.get("csrf_token").and_then(Value::as_str) {
            self.csrf = Some(csrf.to_owned());
        }
    }
}
