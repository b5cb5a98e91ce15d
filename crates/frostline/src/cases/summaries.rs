//! The summary of any stream of the program, made from its events: what `frostline store rebuild` and `import` write.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{practice, summary_of};
use crate::audit;
use crate::store::{StoredEvent, StreamId};

/// The summary that whoever writes to a stream gives it.
///
/// Of a case whose steps make none it says why; lists then leave it out, and reading the case tells the same.
pub fn summarise(stream: &StreamId, events: &[StoredEvent]) -> Value {
    let name = stream.as_str();
    if let Some(id) = name.strip_prefix("case/").and_then(|id| Uuid::parse_str(id).ok()) {
        return summary_of(id, events).unwrap_or_else(|error| json!({ "unreadable": error.to_string() }));
    }
    match name {
        audit::STREAM => json!({}),
        practice::STREAM => {
            practice::summary_of(events).unwrap_or_else(|error| json!({ "unreadable": error.to_string() }))
        }
        _ => json!({ "events": events.len() }),
    }
}
