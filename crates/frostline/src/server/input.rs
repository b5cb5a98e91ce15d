//! What comes in: bodies, paths and queries, refused with a [`Problem`] when they cannot be read.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::problem::{Kind, Problem};

/// A JSON body.
pub struct Body<T>(pub T);

/// The variable parts of the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

/// The part after the question mark.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !says_json(request.headers()) {
            return Err(Problem::new(Kind::WrongMediaType, "expected the header 'content-type: application/json'"));
        }
        let bytes = Bytes::from_request(request, state).await?;
        from_json(&bytes).map(Body)
    }
}

fn says_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// A character that PostgreSQL cannot keep and nobody types.
const ZERO: &[u8] = br"\u0000";

/// Reads JSON; what is wrong is named by its place in the body.
///
/// # Errors
/// Where it is not JSON, or not that which was expected.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.windows(ZERO.len()).any(|part| part == ZERO) {
        return Err(Problem::invalid("", "found the character U+0000, which no text here can hold; leave it out"));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        if error.inner().is_data() {
            Problem::invalid(pointer(error.path()), error.inner().to_string())
        } else {
            Problem::new(Kind::Malformed, format!("the body is not JSON: {}", error.inner()))
        }
    })?;
    reader.end().map_err(|error| Problem::new(Kind::Malformed, format!("the body goes on after its JSON: {error}")))?;
    Ok(value)
}

/// The place as JSON pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    let part = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        // The variant of an enum is a key of its own.
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => String::new(),
    };
    path.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Person {
        #[allow(dead_code, reason = "read by serde only")]
        roles: Vec<u32>,
    }

    fn refusal(text: &str) -> serde_json::Value {
        let problem = from_json::<Person>(text.as_bytes()).unwrap_err();
        serde_json::to_value(problem).unwrap()
    }

    #[test]
    fn a_wrong_value_is_named_by_its_place() {
        let found = refusal(r#"{"roles": [1, "two"]}"#);
        assert_eq!(found["status"], 422);
        assert_eq!(found["errors"][0]["pointer"], "/roles/1");
    }

    #[test]
    fn a_character_that_no_database_keeps_is_refused() {
        assert_eq!(refusal(r#"{"roles": [], "name": "a\u0000b"}"#)["status"], 422);
    }

    #[test]
    fn what_is_no_json_is_malformed_and_not_invalid() {
        assert_eq!(refusal("{")["status"], 400);
        assert_eq!(refusal(r#"{"roles": []} more"#)["status"], 400);
    }
}
