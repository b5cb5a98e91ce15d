//! What the server says when it cannot do what was asked: `application/problem+json` (RFC 9457).

use axum::Json;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use frostline_record::case::Missing;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of every refusal.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The sorts of refusal; each has one word, one title and one HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not JSON, or a query that cannot be read.
    Malformed,
    /// No session, or it ended.
    NotSignedIn,
    /// Name, password, code or factor.
    WrongCredentials,
    /// The password was right, a code is missing.
    SecondFactorNeeded,
    /// The role lacks a permission.
    NotAllowed,
    /// Another site made the request, or its token is missing.
    NotFromThisSite,
    /// Nothing there, or not theirs.
    NotFound,
    /// The path knows other methods.
    WrongMethod,
    /// Something else was there first.
    Conflict,
    /// Something must come before.
    NotYet,
    /// A link that was used or is too old.
    Gone,
    /// Changed since it was read.
    Stale,
    /// More bytes than the route takes.
    TooLarge,
    /// Not the media type that the route takes.
    WrongMediaType,
    /// A value that cannot be accepted.
    Invalid,
    /// `If-Match` is missing.
    ConditionNeeded,
    /// Wait.
    TooManyTries,
    /// Slower, please.
    TooManyRequests,
    /// The server's own fault.
    Broken,
    /// No answer in time.
    TooSlow,
}

impl Kind {
    /// Status, type, title.
    const fn row(self) -> (u16, &'static str, &'static str) {
        match self {
            Kind::Malformed => (400, "urn:frostline:problem:malformed", "The request cannot be read"),
            Kind::NotSignedIn => (401, "urn:frostline:problem:not-signed-in", "Please sign in"),
            Kind::WrongCredentials => {
                (401, "urn:frostline:problem:wrong-credentials", "The name or the secret is wrong")
            }
            Kind::SecondFactorNeeded => {
                (401, "urn:frostline:problem:second-factor-needed", "A second factor is needed")
            }
            Kind::NotAllowed => (403, "urn:frostline:problem:not-allowed", "Your role does not allow this"),
            Kind::NotFromThisSite => {
                (403, "urn:frostline:problem:not-from-this-site", "The request does not come from this site")
            }
            Kind::NotFound => (404, "urn:frostline:problem:not-found", "There is no such thing here"),
            Kind::WrongMethod => (405, "urn:frostline:problem:wrong-method", "This cannot be done with that method"),
            Kind::Conflict => (409, "urn:frostline:problem:conflict", "Something else was there first"),
            Kind::NotYet => (409, "urn:frostline:problem:not-yet", "Something must come before"),
            Kind::Gone => (410, "urn:frostline:problem:gone", "This can no longer be used"),
            Kind::Stale => (412, "urn:frostline:problem:stale", "Somebody changed this since you read it"),
            Kind::TooLarge => (413, "urn:frostline:problem:too-large", "The request is too large"),
            Kind::WrongMediaType => (415, "urn:frostline:problem:wrong-media-type", "The request is not JSON"),
            Kind::Invalid => (422, "urn:frostline:problem:invalid", "A value cannot be accepted"),
            Kind::ConditionNeeded => (428, "urn:frostline:problem:condition-needed", "Say which version you read"),
            Kind::TooManyTries => (429, "urn:frostline:problem:too-many-tries", "Too many tries"),
            Kind::TooManyRequests => (429, "urn:frostline:problem:too-many-requests", "Too many requests"),
            Kind::Broken => (500, "urn:frostline:problem:broken", "The server met an error of its own"),
            Kind::TooSlow => (503, "urn:frostline:problem:too-slow", "The server took too long"),
        }
    }

    /// The sort of a bare status, for answers that the libraries beneath give.
    pub fn of_status(status: StatusCode) -> Kind {
        match status.as_u16() {
            401 => Kind::NotSignedIn,
            403 => Kind::NotAllowed,
            404 => Kind::NotFound,
            405 => Kind::WrongMethod,
            413 => Kind::TooLarge,
            415 => Kind::WrongMediaType,
            422 => Kind::Invalid,
            408 | 503 | 504 => Kind::TooSlow,
            status if status >= 500 => Kind::Broken,
            _ => Kind::Malformed,
        }
    }
}

/// One value that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldFault {
    /// Where in the body, as JSON pointer (RFC 6901); empty for the body itself.
    #[schema(example = "/display_name")]
    pub pointer: String,
    /// What was found, what was expected.
    pub detail: String,
}

/// A refusal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Which sort of refusal, as URN.
    #[serde(rename = "type")]
    #[schema(example = "urn:frostline:problem:not-found")]
    kind: &'static str,
    /// The sort in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened here and what to do.
    detail: String,
    /// The values that cannot be accepted.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<FieldFault>)]
    errors: Box<[FieldFault]>,
    /// What must come before, with the rule that says so.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<Missing>)]
    missing: Box<[Missing]>,
    #[serde(skip)]
    retry_after_s: Option<i64>,
}

impl Problem {
    /// A refusal of one sort.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        let (status, kind, title) = kind.row();
        Problem {
            kind,
            title,
            status,
            detail: detail.into(),
            errors: Box::default(),
            missing: Box::default(),
            retry_after_s: None,
        }
    }

    /// Several values that cannot be accepted, all at once.
    pub fn all_invalid(faults: Vec<FieldFault>) -> Problem {
        let problem = Problem::new(Kind::Invalid, "see 'errors' for the values and what was expected");
        Problem { errors: faults.into(), ..problem }
    }

    /// A value that cannot be accepted; `pointer` is a JSON pointer into the body.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Problem {
        Problem::all_invalid(vec![FieldFault { pointer: pointer.into(), detail: detail.into() }])
    }

    /// Nothing of that name, or nothing that this person may know of: both sound the same.
    pub fn not_found() -> Problem {
        Problem::new(Kind::NotFound, "there is nothing at this address, or it is not yours to see")
    }

    /// An error of the server's own: its cause goes to the log, not to whoever asked.
    pub fn broken(cause: impl std::fmt::Display) -> Problem {
        tracing::error!(cause = %cause, "an answer failed");
        Problem::new(
            Kind::Broken,
            "nothing was changed by this request; try again, and tell whoever runs the server the request's number",
        )
    }

    /// The same, with everything that must come before.
    pub fn with_missing(self, missing: &[Missing]) -> Problem {
        Problem { missing: missing.into(), ..self }
    }

    /// What happened and what to do.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The same, to be tried again after some time. Unit: s.
    pub fn retry_after_s(self, seconds: i64) -> Problem {
        Problem { retry_after_s: Some(seconds), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_s = self.retry_after_s;
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Problem {
        Problem::broken(error)
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Problem {
        Problem::not_found()
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Problem {
        Problem::new(Kind::Malformed, rejection.body_text())
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Problem {
        Problem::new(Kind::of_status(rejection.status()), "the body is longer than this route takes, or it was cut off")
    }
}
