//! What comes in: bodies, paths and queries, refused with a [`Problem`] when they cannot be read.

use std::collections::HashSet;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, header};
use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
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
    serde_json::from_slice::<EachOnce>(bytes).map_err(|error| Problem::invalid("", error.to_string()))?;
    Ok(value)
}

/// Any JSON in which no object names a key twice. Whoever reads such a body along, a proxy or another program, might believe
/// the other value.
struct EachOnce;

impl<'de> Deserialize<'de> for EachOnce {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(EachOnce)
    }
}

macro_rules! takes {
    ($($visit:ident: $value:ty),+) => {
        $(fn $visit<E>(self, _: $value) -> Result<Self, E> {
            Ok(self)
        })+
    };
}

impl<'de> Visitor<'de> for EachOnce {
    type Value = EachOnce;

    fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str("JSON")
    }

    takes!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self, A::Error> {
        while values.next_element::<EachOnce>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Self, A::Error> {
        let mut met = HashSet::new();
        while let Some(key) = pairs.next_key::<String>()? {
            pairs.next_value::<EachOnce>()?;
            if let Some(key) = met.replace(key) {
                return Err(A::Error::custom(format_args!(
                    "found the key '{key}' twice in one object, expected it once"
                )));
            }
        }
        Ok(self)
    }
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
    fn a_key_that_is_named_twice_is_refused_wherever_it_stands() {
        type Any = std::collections::BTreeMap<String, serde_json::Value>;
        for text in
            [r#"{"a": 1, "a": 2}"#, r#"{"b": [{"a": "no", "a": "yes"}]}"#, r#"{"b": {"a": null, "\u0061": true}}"#]
        {
            let problem = serde_json::to_value(from_json::<Any>(text.as_bytes()).unwrap_err()).unwrap();
            let said = problem["errors"][0]["detail"].as_str().unwrap();
            assert!(said.contains("the key 'a' twice"), "{said}");
        }
        assert!(from_json::<Any>(br#"{"b": [{"a": 1.5}, {"a": -1}], "a": {"b": {}}}"#).is_ok());
    }

    #[test]
    fn what_is_no_json_is_malformed_and_not_invalid() {
        assert_eq!(refusal("{")["status"], 400);
        assert_eq!(refusal(r#"{"roles": []} more"#)["status"], 400);
    }
}
