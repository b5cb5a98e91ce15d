//! Appends to several streams that are written together: all of them or none, in one transaction.

use serde_json::Value;

use super::append::{Answer, Append, AppendError, answered_before, apply, refused_now};
use super::event::{NewEvent, StoredEvent, StreamId};
use super::outline::Outline;
use super::{Store, Tx};

/// What one of several streams gets.
#[derive(Debug, Clone)]
pub struct Part {
    /// The stream.
    pub stream: StreamId,
    /// How many events of it the writer knew.
    pub seen: u64,
    /// What happened.
    pub events: Vec<NewEvent>,
    /// What lists show of the stream then.
    pub summary: Value,
    /// What longer lists read of it; without one they read the stream itself the next time.
    pub outline: Option<Outline>,
}

impl Store {
    /// Appends to several streams, all or none; answers once everything is on disk, with the events in the order of the parts.
    ///
    /// All parts carry out one command, and it is carried out once, as with [`Store::append`].
    ///
    /// # Errors
    /// As [`Store::append`], for the first part that is refused; nothing of any part is written then.
    pub async fn append_together(&self, parts: &[Part]) -> Result<Vec<StoredEvent>, AppendError> {
        let mut appends: Vec<Append> = Vec::with_capacity(parts.len());
        for part in parts {
            let append = Append::checked(&part.stream, part.seen, &part.events, &part.summary)?;
            if appends.iter().any(|other| other.stream == append.stream) {
                return Err(AppendError::StreamTwice(append.stream));
            }
            if appends.first().is_some_and(|first| first.command != append.command) {
                return Err(AppendError::SeveralCommands);
            }
            appends.push(Append { outline: part.outline.clone(), ..append });
        }
        if appends.is_empty() { Err(AppendError::Nothing) } else { self.send(appends).await }
    }
}

/// Carries out appends to different streams, all or none.
///
/// Everything is asked before anything is written, so a refusal of one leaves nothing of the others and the transaction goes on.
pub(super) async fn apply_together(
    tx: &mut Tx,
    last_position: &mut i64,
    appends: &[Append],
) -> Result<Answer, sqlx::Error> {
    if let [alone] = appends {
        return apply(tx, last_position, alone).await;
    }
    let mut answered: Vec<StoredEvent> = Vec::new();
    let mut parts_answered = 0;
    for append in appends {
        match answered_before(tx, append).await? {
            Some(Ok(events)) => {
                answered.extend(events);
                parts_answered += 1;
            }
            Some(refused) => return Ok(refused),
            None => {}
        }
    }
    match (parts_answered, appends.first().and_then(|append| append.command)) {
        (0, _) | (_, None) => {}
        (all, _) if all == appends.len() => return Ok(Ok(answered)),
        (_, Some(command)) => return Ok(Err(AppendError::CommandReused(command))),
    }
    for append in appends {
        if let Some(refused) = refused_now(tx, append).await? {
            return Ok(Err(refused));
        }
    }
    let mut stored = Vec::new();
    for append in appends {
        match apply(tx, last_position, append).await? {
            Ok(events) => stored.extend(events),
            // The streams differ and the writers' lock is held, so what was free a moment ago still is; if not, all is undone.
            Err(refused) => return Err(sqlx::Error::Protocol(refused.to_string())),
        }
    }
    Ok(Ok(stored))
}
