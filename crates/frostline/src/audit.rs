//! The audit: who saw and did what, when, from where; append-only, each entry chained to the one before by its hash.
//!
//! Entries name accounts, cases and operations by their identifiers. They hold no clinical data and no secret, so whoever
//! runs the installation may read them.

use std::sync::Arc;

use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::server::Clock;
use crate::store::{AppendError, NewEvent, ReadError, Store, StoredEvent, StreamId};

/// One thing that somebody saw, did or was refused.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Entry {
    /// Which operation of the interface, by its name in the description; or a command of the program.
    pub operation: String,
    /// Whether it changes something, rather than only showing it.
    pub changes: bool,
    /// The account or the invitation; nothing for somebody who was not signed in.
    #[serde(skip)]
    pub who: Option<String>,
    /// As what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// The account or invitation that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The emergency access that was open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency: Option<String>,
    /// From where.
    pub address: String,
    /// The number of the request, as in the log.
    pub request: String,
    /// What came of it, as HTTP status: 2xx done, 4xx refused, 5xx broken.
    pub status: u16,
}

impl Entry {
    /// The beginning of an entry.
    pub fn of(operation: &str, method: &Method) -> Entry {
        Entry { operation: operation.to_string(), changes: !method.is_safe(), ..Entry::default() }
    }
}

/// The name of its stream.
pub const STREAM: &str = "audit";

fn stream() -> Result<StreamId, AuditError> {
    StreamId::new(STREAM).map_err(|error| AuditError::Stream(error.to_string()))
}

/// Why the audit cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Its name is no name of a stream.
    #[error("{0}")]
    Stream(String),
    /// It cannot be written.
    #[error("the audit cannot be written: {0}")]
    Append(#[from] AppendError),
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Entries are written together, and together they were not.
    #[error(transparent)]
    Together(Arc<AuditError>),
    /// Its writer ended with the program's runtime.
    #[error("the writer of the audit ended; start the server again")]
    Ended,
    /// An entry is not what this program writes.
    #[error("an entry of the audit is not JSON: {0}")]
    Json(#[from] serde_json::Error),
}

struct Waiting {
    event: NewEvent,
    answer: oneshot::Sender<Result<(), AuditError>>,
}

/// Writes the audit. Copies share one writer.
#[derive(Clone)]
pub struct Audit {
    store: Store,
    clock: Clock,
    queue: mpsc::Sender<Waiting>,
}

/// Entries that are written together at most. One sync of the disk then serves all of them.
const LARGEST_GROUP: usize = 256;

/// Who did it, where nobody was signed in.
const NOBODY: &str = "nobody";

impl Audit {
    /// Over an open store, within a tokio runtime, in which its writer then runs.
    pub fn new(store: Store, clock: Clock) -> Audit {
        let (queue, waiting) = mpsc::channel(LARGEST_GROUP);
        tokio::spawn(write(store.clone(), waiting));
        Audit { store, clock, queue }
    }

    /// Records one entry; answers once it is on disk.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn record(&self, entry: Entry) -> Result<(), AuditError> {
        let event = NewEvent {
            kind: if entry.changes { "did" } else { "saw" }.to_string(),
            body: serde_json::to_value(&entry)?,
            by: entry.who.unwrap_or_else(|| NOBODY.to_string()),
            at_ms: self.clock.now().as_millisecond(),
            command_id: None,
        };
        let (answer, answered) = oneshot::channel();
        self.queue.send(Waiting { event, answer }).await.map_err(|_| AuditError::Ended)?;
        answered.await.unwrap_or(Err(AuditError::Ended))
    }

    /// How many entries there are.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn length(&self) -> Result<u64, AuditError> {
        length(&self.store).await
    }

    /// Entries from the newest back, those before number `before`, at most `most`.
    ///
    /// # Errors
    /// Where the store cannot be read, or what is read was changed.
    pub async fn before(&self, before: u64, most: u64) -> Result<Vec<StoredEvent>, AuditError> {
        let after = before.saturating_sub(most).saturating_sub(1);
        let mut events = self.store.read_after(&stream()?, after).await?;
        events.retain(|event| event.seq < before);
        events.reverse();
        Ok(events)
    }
}

async fn length(store: &Store) -> Result<u64, AuditError> {
    Ok(store.summary(&stream()?).await?.map_or(0, |summary| summary.seq))
}

/// Takes what waits, writes it together, and answers everybody.
async fn write(store: Store, mut waiting: mpsc::Receiver<Waiting>) {
    let mut group = Vec::new();
    // Where the audit ends; unknown until the first entry.
    let mut seen = None;
    while waiting.recv_many(&mut group, LARGEST_GROUP).await > 0 {
        let (events, answers): (Vec<_>, Vec<_>) = group.drain(..).map(|one| (one.event, one.answer)).unzip();
        let written = append(&store, &mut seen, &events).await;
        let error = written.err().map(Arc::new);
        for answer in answers {
            let said = error.clone().map_or(Ok(()), |error| Err(AuditError::Together(error)));
            // Whoever asked may have gone; the entry stays.
            let _ = answer.send(said);
        }
    }
}

/// Another instance of the program may have written meanwhile; an audit has no order to keep but that of writing.
async fn append(store: &Store, seen: &mut Option<u64>, events: &[NewEvent]) -> Result<(), AuditError> {
    let stream = stream()?;
    loop {
        let end = match *seen {
            Some(end) => end,
            None => length(store).await?,
        };
        match store.append(&stream, end, events, &json!({})).await {
            Ok(_) => {
                *seen = Some(end + events.len() as u64);
                return Ok(());
            }
            Err(AppendError::SomebodyWasFaster { found, .. }) => *seen = Some(found),
            Err(error) => {
                *seen = None;
                return Err(error.into());
            }
        }
    }
}
