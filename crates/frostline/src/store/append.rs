//! One append inside a transaction: the check that nobody was faster, and the rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::attachments::AttachmentId;
use super::chain::{ERASED, NO_PREVIOUS, body_hash, event_hash, summary_digest};
use super::event::{Fault, NewEvent, Place, Row, StoredEvent, StreamId, Wrong, select_rows};
use super::outline::{Outline, write_outline};
use super::{Tx, on_db};

/// Why nothing was appended.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// Somebody else wrote to the stream since it was read.
    #[error(
        "{stream} had {seen} events when it was read and has {found} now: somebody was faster. \
         Look at what they recorded, then decide again"
    )]
    SomebodyWasFaster {
        /// The stream.
        stream: StreamId,
        /// How many events the writer had seen.
        seen: u64,
        /// How many there are.
        found: u64,
        /// What was recorded in between.
        since: Vec<StoredEvent>,
    },
    /// The same command identifier came with other contents.
    #[error("command {0} was already carried out with other contents; give each command an identifier of its own")]
    CommandReused(Uuid),
    /// Nothing to append.
    #[error("there is no event to append, expected at least one")]
    Nothing,
    /// Events of one append name several commands.
    #[error("the events of one append name different commands, expected one for all")]
    SeveralCommands,
    /// Two parts of one append are for one stream.
    #[error("two parts of one append are for {0}, expected another stream in each")]
    StreamTwice(StreamId),
    /// The kind or the person holds what the hashed text cannot.
    #[error("found {what} '{found}', expected 1 to 200 characters without line breaks or other control characters")]
    Word {
        /// Which field.
        what: &'static str,
        /// Its text.
        found: String,
    },
    /// Kinds of the store itself.
    #[error("the kind '{0}' is the store's own; choose one that does not begin with 'store.'")]
    ReservedKind(String),
    /// A body that belongs into an attachment.
    #[error("the body has {found} bytes, at most {most} are expected; put large contents into an attachment")]
    BodyTooLarge {
        /// Its size.
        found: usize,
        /// The limit.
        most: usize,
    },
    /// An event refers to an attachment that is not there.
    #[error("the attachment {0} is not in the store; add it before the event that refers to it")]
    AttachmentMissing(AttachmentId),
    /// The stream was erased.
    #[error("{0} was erased and takes no more events")]
    Erased(StreamId),
    /// The stream is damaged.
    #[error("{0}; nothing is added to a damaged stream. Run 'frostline store verify'")]
    Damaged(Fault),
    /// The database refused, and nothing was written.
    #[error("nothing was written, because the database says: {0}; send the command again when that is solved")]
    NotWritten(Arc<sqlx::Error>),
    /// The database was gone at the moment of writing.
    #[error(
        "it is not known whether the events were written, because the database says: {0}; \
         send the same command again, it is carried out once"
    )]
    Unsure(Arc<sqlx::Error>),
    /// The store was closed.
    #[error("the store was closed; nothing was written")]
    Closed,
}

/// The longest body: far more than a filled form, far less than a picture.
const LARGEST_BODY: usize = 1 << 20;
/// The longest kind or person.
const LONGEST_WORD: usize = 200;

/// An append that was checked as far as it can be without the database.
#[derive(Debug, Clone)]
pub(super) struct Append {
    pub stream: StreamId,
    pub seen: u64,
    pub events: Vec<Ready>,
    pub command: Option<Uuid>,
    pub summary: String,
    pub outline: Option<Outline>,
}

/// One event of it.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    kind: String,
    by: String,
    at_ms: i64,
    body: String,
    salt: String,
    pub attachments: BTreeSet<AttachmentId>,
}

/// What a transaction gives for one append: the database may fail, and the append may be refused.
pub(super) type Answer = Result<Vec<StoredEvent>, AppendError>;

impl Append {
    /// Checks what was handed in.
    pub fn checked(stream: &StreamId, seen: u64, new: &[NewEvent], summary: &Value) -> Result<Self, AppendError> {
        let command = new.first().ok_or(AppendError::Nothing)?.command_id;
        if new.iter().any(|event| event.command_id != command) {
            return Err(AppendError::SeveralCommands);
        }
        if let Some(event) = new.iter().find(|event| event.kind.starts_with("store.")) {
            return Err(AppendError::ReservedKind(event.kind.clone()));
        }
        Self::of_store(stream, seen, new, summary)
    }

    /// The same for the store's own kinds.
    pub fn of_store(stream: &StreamId, seen: u64, new: &[NewEvent], summary: &Value) -> Result<Self, AppendError> {
        Ok(Self {
            stream: stream.clone(),
            seen,
            events: new.iter().map(Ready::checked).collect::<Result<_, _>>()?,
            command: new.first().and_then(|event| event.command_id),
            summary: summary.to_string(),
            outline: None,
        })
    }
}

impl Ready {
    fn checked(event: &NewEvent) -> Result<Self, AppendError> {
        let body = event.body.to_string();
        if body.len() > LARGEST_BODY {
            return Err(AppendError::BodyTooLarge { found: body.len(), most: LARGEST_BODY });
        }
        Ok(Self {
            kind: word("kind", &event.kind)?,
            by: word("by", &event.by)?,
            at_ms: event.at_ms,
            body,
            salt: Uuid::new_v4().simple().to_string(),
            attachments: AttachmentId::named_in(&event.body),
        })
    }
}

fn word(what: &'static str, text: &str) -> Result<String, AppendError> {
    let good = !text.is_empty() && text.len() <= LONGEST_WORD && !text.chars().any(char::is_control);
    if good { Ok(text.to_owned()) } else { Err(AppendError::Word { what, found: text.escape_debug().to_string() }) }
}

/// The head of a stream beside its last event.
#[derive(sqlx::FromRow)]
struct Head {
    seq: i64,
    hash: String,
    latest_ms: i64,
    /// Of the event itself; none when it is gone.
    kind: Option<String>,
    event_hash: Option<String>,
}

/// Carries out one append. `last_position` is that of the last event of the store and moves on.
pub(super) async fn apply(tx: &mut Tx, last_position: &mut i64, append: &Append) -> Result<Answer, sqlx::Error> {
    if let Some(answer) = answered_before(tx, append).await? {
        return Ok(answer);
    }
    let head = head(tx, &append.stream).await?;
    if let Some(refused) = refusal(tx, append, head.as_ref()).await? {
        return Ok(Err(refused));
    }
    let mut last = head.map_or((0, NO_PREVIOUS.to_owned(), i64::MIN), |head| (head.seq, head.hash, head.latest_ms));
    let mut stored = Vec::with_capacity(append.events.len());
    for ready in &append.events {
        let row = next_row(append, ready, &last, *last_position + 1);
        insert(tx, &row, ready).await?;
        *last_position = row.position;
        last = (row.seq, row.hash.clone(), last.2.max(row.at_ms));
        match row.clone().into_event() {
            Ok(event) => stored.push(event),
            Err(wrong) => return Err(sqlx::Error::Protocol(wrong.to_string())),
        }
    }
    write_head(tx, &append.stream, &last).await?;
    write_summary(tx, &append.stream, last.0, &append.summary).await?;
    if let Some(outline) = &append.outline {
        write_outline(tx, &append.stream, last.0, outline).await?;
    }
    Ok(Ok(stored))
}

/// The first answer to the same command, if it was carried out already.
pub(super) async fn answered_before(tx: &mut Tx, append: &Append) -> Result<Option<Answer>, sqlx::Error> {
    let Some(command) = append.command else { return Ok(None) };
    let sql = select_rows!("WHERE e.stream = $1 AND e.command_id = $2 ORDER BY e.seq");
    let (stream, id) = (append.stream.as_str(), command.to_string());
    let rows: Vec<Row> = on_db!(*tx, |c| sqlx::query_as(sql).bind(stream).bind(&id).fetch_all(c).await)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let same = |row: &Row, ready: &Ready| {
        row.kind == ready.kind && row.by_whom == ready.by && row.body.as_ref().is_none_or(|body| *body == ready.body)
    };
    if rows.len() != append.events.len() || !rows.iter().zip(&append.events).all(|(row, ready)| same(row, ready)) {
        return Ok(Some(Err(AppendError::CommandReused(command))));
    }
    Ok(Some(events(rows)))
}

fn events(rows: Vec<Row>) -> Answer {
    rows.into_iter()
        .map(|row| {
            let place = Place::Event { stream: row.stream.clone(), seq: row.seq };
            row.into_event().map_err(|wrong| AppendError::Damaged(Fault { place, wrong }))
        })
        .collect()
}

/// Why an append is not taken now, as far as other writers are concerned.
pub(super) async fn refused_now(tx: &mut Tx, append: &Append) -> Result<Option<AppendError>, sqlx::Error> {
    let head = head(tx, &append.stream).await?;
    refusal(tx, append, head.as_ref()).await
}

async fn head(tx: &mut Tx, stream: &StreamId) -> Result<Option<Head>, sqlx::Error> {
    let sql = "SELECT h.seq, h.hash, h.latest_ms, e.kind, e.hash AS event_hash FROM heads h \
               LEFT JOIN events e ON e.stream = h.stream AND e.seq = h.seq WHERE h.stream = $1";
    on_db!(*tx, |c| sqlx::query_as(sql).bind(stream.as_str()).fetch_optional(c).await)
}

async fn refusal(tx: &mut Tx, append: &Append, head: Option<&Head>) -> Result<Option<AppendError>, sqlx::Error> {
    let found = head.map_or(0, |head| u64::try_from(head.seq).unwrap_or(0));
    if let Some(head) = head {
        if head.event_hash.as_ref() != Some(&head.hash) {
            let wrong = if head.event_hash.is_none() { Wrong::TailCut { head: found } } else { Wrong::Head };
            let place = Place::Stream(append.stream.to_string());
            return Ok(Some(AppendError::Damaged(Fault { place, wrong })));
        }
        if head.kind.as_deref() == Some(ERASED) {
            return Ok(Some(AppendError::Erased(append.stream.clone())));
        }
    }
    if found == append.seen {
        return Ok(None);
    }
    let sql = select_rows!("WHERE e.stream = $1 AND e.seq > $2 ORDER BY e.seq");
    let after = i64::try_from(append.seen).unwrap_or(i64::MAX);
    let stream = append.stream.as_str();
    let rows: Vec<Row> = on_db!(*tx, |c| sqlx::query_as(sql).bind(stream).bind(after).fetch_all(c).await)?;
    Ok(Some(match events(rows) {
        Ok(since) => AppendError::SomebodyWasFaster { stream: append.stream.clone(), seen: append.seen, found, since },
        Err(damaged) => damaged,
    }))
}

fn next_row(append: &Append, ready: &Ready, last: &(i64, String, i64), position: i64) -> Row {
    let mut row = Row {
        position,
        stream: append.stream.to_string(),
        seq: last.0 + 1,
        kind: ready.kind.clone(),
        by_whom: ready.by.clone(),
        at_ms: ready.at_ms,
        clock_back_ms: last.2.saturating_sub(ready.at_ms).max(0),
        command_id: append.command.map(|id| id.to_string()),
        body_hash: body_hash(&ready.salt, &ready.body),
        previous: last.1.clone(),
        hash: String::new(),
        salt: Some(ready.salt.clone()),
        body: Some(ready.body.clone()),
    };
    row.hash = event_hash(&row);
    row
}

async fn insert(tx: &mut Tx, row: &Row, ready: &Ready) -> Result<(), sqlx::Error> {
    insert_row(tx, row).await?;
    for digest in &ready.attachments {
        let sql = "INSERT INTO attachment_uses (digest, stream, seq) VALUES ($1, $2, $3)";
        let (digest, stream, seq) = (digest.to_string(), &row.stream, row.seq);
        on_db!(*tx, |c| sqlx::query(sql).bind(&digest).bind(stream).bind(seq).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Writes an event and its body as they are.
pub(super) async fn insert_row(tx: &mut Tx, row: &Row) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO events (position, stream, seq, kind, by_whom, at_ms, clock_back_ms, command_id, body_hash, \
               previous, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    on_db!(*tx, |c| sqlx::query(sql)
        .bind(row.position)
        .bind(&row.stream)
        .bind(row.seq)
        .bind(&row.kind)
        .bind(&row.by_whom)
        .bind(row.at_ms)
        .bind(row.clock_back_ms)
        .bind(&row.command_id)
        .bind(&row.body_hash)
        .bind(&row.previous)
        .bind(&row.hash)
        .execute(c)
        .await
        .map(|_| ()))?;
    let (Some(salt), Some(body)) = (&row.salt, &row.body) else { return Ok(()) };
    let sql = "INSERT INTO bodies (stream, seq, salt, body) VALUES ($1, $2, $3, $4)";
    let (stream, seq) = (&row.stream, row.seq);
    on_db!(*tx, |c| sqlx::query(sql).bind(stream).bind(seq).bind(salt).bind(body).execute(c).await.map(|_| ()))
}

/// Writes the head of a stream: number and hash of its last event, and its latest time.
pub(super) async fn write_head(tx: &mut Tx, stream: &StreamId, last: &(i64, String, i64)) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO heads (stream, seq, hash, latest_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (stream) \
               DO UPDATE SET seq = excluded.seq, hash = excluded.hash, latest_ms = excluded.latest_ms";
    let (seq, hash, latest_ms) = last;
    let stream = stream.as_str();
    on_db!(*tx, |c| sqlx::query(sql).bind(stream).bind(seq).bind(hash).bind(latest_ms).execute(c).await.map(|_| ()))
}

/// Writes the summary of a stream.
pub(super) async fn write_summary(tx: &mut Tx, stream: &StreamId, seq: i64, text: &str) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO summaries (stream, seq, summary, digest) VALUES ($1, $2, $3, $4) ON CONFLICT (stream) \
               DO UPDATE SET seq = excluded.seq, summary = excluded.summary, digest = excluded.digest";
    let stream = stream.as_str();
    let digest = summary_digest(stream, seq, text);
    on_db!(*tx, |c| sqlx::query(sql).bind(stream).bind(seq).bind(text).bind(&digest).execute(c).await.map(|_| ()))
}
