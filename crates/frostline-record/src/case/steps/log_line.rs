//! A line of the log with the time at which it happened, where that is not the time at which it was signed.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::super::Second;
use super::procedure::Logged;

/// Field with the time.
const HAPPENED_AT: &str = "happened_at";

/// A line of the log, written down when it happened or afterwards: `{"happened_at": "...", "freeze-started": {}}`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LogLine {
    /// When it happened. Absent: when it was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_at: Option<Second>,
    /// What happened.
    #[serde(flatten)]
    pub logged: Logged,
}

impl LogLine {
    /// A line that is signed when it happens.
    pub fn now(logged: Logged) -> Self {
        Self { happened_at: None, logged }
    }
}

impl<'de> Deserialize<'de> for LogLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LineVisitor)
    }
}

struct LineVisitor;

impl<'de> Visitor<'de> for LineVisitor {
    type Value = LogLine;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("one thing that happened, such as {\"freeze-started\": {}}, and perhaps \"happened_at\"")
    }

    // Not derived: a flattened enum forgets unknown fields, and a time in a mistyped field must not be forgotten.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LogLine, A::Error> {
        let (mut happened_at, mut logged) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            if key == HAPPENED_AT {
                happened_at = map.next_value()?;
            } else if logged.is_some() {
                return Err(A::Error::custom(format!("found '{key}' as second thing; write one line for each")));
            } else {
                let one = KeyRead { key: Some(key), rest: &mut map };
                logged = Some(Logged::deserialize(MapAccessDeserializer::new(one))?);
            }
        }
        let logged = logged.ok_or_else(|| A::Error::custom("found nothing that happened, expected one thing"))?;
        Ok(LogLine { happened_at, logged })
    }
}

/// A map of which the next key was read already.
struct KeyRead<'a, A> {
    key: Option<String>,
    rest: &'a mut A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for KeyRead<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.key.take().map(|key| seed.deserialize(key.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}
