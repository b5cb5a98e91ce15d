//! `ETag` and `If-Match`: nobody overwrites what they have not seen.

use axum::extract::FromRequestParts;
use axum::http::{HeaderValue, header, request::Parts};

use super::problem::{Kind, Problem};

/// The version that whoever changes something read before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub i64);

/// The header's value for a version.
pub fn etag(version: i64) -> HeaderValue {
    // Digits within quotes are always a header's value.
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The version that was read before, where the request names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatchOptional(pub Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatchOptional {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if !parts.headers.contains_key(header::IF_MATCH) {
            return Ok(Self(None));
        }
        IfMatch::from_request_parts(parts, state).await.map(|IfMatch(version)| Self(Some(version)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let missing = || Problem::new(Kind::ConditionNeeded, "read it first and send its ETag as If-Match");
        let found = parts.headers.get(header::IF_MATCH).ok_or_else(missing)?.to_str().unwrap_or_default();
        let version =
            found.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|digits| digits.parse().ok());
        version
            .map(IfMatch)
            .ok_or_else(|| Problem::new(Kind::Stale, "If-Match names no version of this; read it again"))
    }
}
