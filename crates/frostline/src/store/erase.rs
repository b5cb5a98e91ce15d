//! Erasure: the bodies of a stream go, and with them its attachments and what other tables hold of the case; that something
//! happened, when, and who recorded it stays.
//!
//! The chain can still be checked afterwards, because it holds the hash of each body and not the body. What was erased, by whom
//! and why is the last event of the stream.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Span, Timestamp, ToSpan, tz::TimeZone};
use serde_json::{Value, json};

use super::append::{Append, AppendError, apply};
use super::attachments::{AttachmentError, AttachmentId};
use super::chain::{Chain, ERASED};
use super::event::{Fault, NewEvent, Row, StoredEvent, StreamId, select_rows};
use super::witness::Acknowledged;
use super::writer::lock_writers;
use super::{Store, Summary, Tx, on_db};

/// Who wants what erased, when and why.
#[derive(Debug, Clone)]
pub struct Erasure {
    /// The stream.
    pub stream: StreamId,
    /// Who, as an identifier of an account.
    pub by: String,
    /// Why; it stays, so it must not hold what is to be erased.
    pub reason: String,
    /// The server's clock. Unit: ms since 1970.
    pub at_ms: i64,
}

/// What goes with a case beside its stream: rows of a table that another part of the program keeps.
#[derive(Debug, Clone, Copy)]
pub struct Beside {
    /// What the erasure says of it, in the plural.
    pub what: &'static str,
    /// Removes or blanks them; `$1` is the name of the case, without `case/`. Doing it twice does no more than once.
    pub sql: &'static str,
}

/// How long records must be kept, from the last event of the case on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Unit: years.
    pub keep_years: i16,
}

/// What an erasure did.
#[derive(Debug, Clone, PartialEq)]
pub struct Erased {
    /// The event that records it.
    pub event: StoredEvent,
    /// Attachments that are gone, those that no step named included. Those that other cases use are still there.
    pub attachments: BTreeSet<AttachmentId>,
    /// How many rows of each sort went beside them.
    pub beside: BTreeMap<String, u64>,
}

/// Why nothing is erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// It is not a stream of a patient.
    #[error("{0} is not the stream of a case or a patient, expected case/... or patient/...; the audit stays")]
    NotErasable(StreamId),
    /// Nothing there.
    #[error("{0} has no events; check the name")]
    NoSuchStream(StreamId),
    /// No reason.
    #[error("an erasure needs a reason that may stay, such as 'retention ended'")]
    NoReason,
    /// The law wants it kept.
    #[error("{stream} was last written at {last} and must be kept for {keep_years} years, until {until}")]
    TooEarly {
        /// The stream.
        stream: StreamId,
        /// Its latest time.
        last: Timestamp,
        /// The setting.
        keep_years: i16,
        /// When it may be erased.
        until: Timestamp,
    },
    /// Its times make no sense.
    #[error("the times of {0} cannot be added to; run 'frostline store verify'")]
    Times(StreamId),
    /// It is damaged.
    #[error("{0}; a damaged stream is not erased, restore it first")]
    Damaged(Fault),
    /// It cannot be recorded.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The database fails.
    #[error("the database says: {0}; run the erasure again, it goes on where it was")]
    Database(#[from] sqlx::Error),
    /// A file cannot be removed.
    #[error("{0}; the record is erased, run the erasure again to remove its attachments")]
    Attachment(#[from] AttachmentError),
}

impl Retention {
    fn until(self, stream: &StreamId, last_ms: i64) -> Result<(Timestamp, Timestamp), EraseError> {
        let times = || EraseError::Times(stream.clone());
        let last = Timestamp::from_millisecond(last_ms).map_err(|_| times())?;
        let span: Span = i64::from(self.keep_years).years();
        let until = last.to_zoned(TimeZone::UTC).checked_add(span).map_err(|_| times())?;
        Ok((last, until.timestamp()))
    }
}

impl Store {
    /// Erases the bodies and attachments of a stream and what lies beside it; a second call finishes what a first one left.
    ///
    /// # Errors
    /// When it must still be kept, is damaged or cannot be reached.
    pub async fn erase(
        &self,
        erasure: &Erasure,
        retention: Retention,
        beside: &[Beside],
    ) -> Result<Erased, EraseError> {
        let name = erasure.stream.as_str();
        if !["case/", "patient/"].iter().any(|prefix| name.starts_with(prefix)) {
            return Err(EraseError::NotErasable(erasure.stream.clone()));
        }
        if erasure.reason.trim().is_empty() {
            return Err(EraseError::NoReason);
        }
        let event = self.erase_rows(erasure, retention, beside).await?;
        self.forget_deleted_pages().await?;
        let attachments = event.body.kept().map(removed_by).unwrap_or_default();
        self.remove_unused(&attachments).await?;
        let beside = event.body.kept().map(|body| body["beside_removed"].clone());
        let beside = beside.and_then(|counts| serde_json::from_value(counts).ok()).unwrap_or_default();
        Ok(Erased { event, attachments, beside })
    }

    async fn erase_rows(
        &self,
        erasure: &Erasure,
        retention: Retention,
        beside: &[Beside],
    ) -> Result<StoredEvent, EraseError> {
        let mut tx = self.db.begin().await?;
        let mut last_position = lock_writers(&mut tx).await?;
        let rows = rows_in(&mut tx, &erasure.stream).await?;
        let chain = checked(&erasure.stream, &rows)?;
        if let Some(row) = rows.last().filter(|_| chain.erased) {
            forget_beside(&mut tx, &erasure.stream, beside).await?;
            tx.commit().await?;
            return row.clone().into_event().map_err(|wrong| EraseError::Damaged(super::chain::fault_in(row, wrong)));
        }
        let (last, until) = retention.until(&erasure.stream, chain.latest_ms())?;
        if erasure.at_ms < until.as_millisecond() {
            let (stream, keep_years) = (erasure.stream.clone(), retention.keep_years);
            return Err(EraseError::TooEarly { stream, last, keep_years, until });
        }
        let alone = used_by_nobody_else(&mut tx, &erasure.stream).await?;
        let counts = forget_beside(&mut tx, &erasure.stream, beside).await?;
        let append = tombstone(erasure, &chain, (&alone, &counts), until)?;
        let event = apply(&mut tx, &mut last_position, &append).await??.remove(0);
        forget(&mut tx, &erasure.stream, chain.seq).await?;
        tx.commit().await?;
        if let Some(witness) = &self.witness {
            // As after any append: a witness that cannot be written only knows less.
            let _ = witness.note(&Acknowledged { position: event.position, hash: event.hash.clone() });
        }
        Ok(event)
    }

    /// Moves SQLite's log into the file and empties it, so that what was deleted is not left in the log. Readers may hold it
    /// for a moment; the next checkpoint then does the same.
    async fn forget_deleted_pages(&self) -> Result<(), sqlx::Error> {
        if let super::Db::Lite { write, .. } = &self.db {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(write).await?;
        }
        Ok(())
    }

    async fn remove_unused(&self, attachments: &BTreeSet<AttachmentId>) -> Result<(), EraseError> {
        // Under the writers' lock: nobody begins to use one of them while it is removed.
        let mut tx = self.db.begin().await?;
        lock_writers(&mut tx).await?;
        for id in attachments {
            let sql = "SELECT (SELECT count(*) FROM attachment_uses WHERE digest = $1) \
                       + (SELECT count(*) FROM uploads WHERE digest = $1)";
            let name = id.to_string();
            let wanted: i64 = on_db!(tx, |c| sqlx::query_scalar(sql).bind(&name).fetch_one(c).await)?;
            if wanted == 0 {
                self.attachments.remove(id).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}

/// Every row of a stream as a transaction sees it.
pub(super) async fn rows_in(tx: &mut Tx, stream: &StreamId) -> Result<Vec<Row>, sqlx::Error> {
    let sql = select_rows!("WHERE e.stream = $1 ORDER BY e.seq");
    on_db!(*tx, |c| sqlx::query_as(sql).bind(stream.as_str()).fetch_all(c).await)
}

/// The summary of a stream that was erased at a time.
pub(super) fn erased_summary(at_ms: i64) -> Value {
    json!({ "erased_at_ms": at_ms })
}

impl Summary {
    /// Whether the stream was erased.
    #[must_use]
    pub fn is_of_erased(&self) -> bool {
        self.summary.get("erased_at_ms").is_some()
    }
}

/// The attachments that an erasure says it removed.
pub(super) fn removed_by(body: &Value) -> BTreeSet<AttachmentId> {
    let digests = body["attachments_removed"].as_array().into_iter().flatten();
    digests.filter_map(|digest| format!("sha256:{}", digest.as_str()?).parse().ok()).collect()
}

fn checked(stream: &StreamId, rows: &[Row]) -> Result<Chain, EraseError> {
    if rows.is_empty() {
        return Err(EraseError::NoSuchStream(stream.clone()));
    }
    let mut chain = Chain::from_start(stream.as_str());
    let faults: Vec<_> = rows.iter().flat_map(|row| chain.take(row)).collect();
    match faults.into_iter().chain(chain.end()).next() {
        Some(fault) => Err(EraseError::Damaged(fault)),
        None => Ok(chain),
    }
}

async fn used_by_nobody_else(tx: &mut Tx, stream: &StreamId) -> Result<Vec<String>, sqlx::Error> {
    let sql = "SELECT digest FROM \
               (SELECT digest FROM attachment_uses WHERE stream = $1 UNION SELECT digest FROM uploads WHERE stream = $1) own \
               WHERE NOT EXISTS (SELECT 1 FROM attachment_uses o WHERE o.digest = own.digest AND o.stream <> $1) \
               AND NOT EXISTS (SELECT 1 FROM uploads o WHERE o.digest = own.digest AND o.stream <> $1) ORDER BY digest";
    on_db!(*tx, |c| sqlx::query_scalar(sql).bind(stream.as_str()).fetch_all(c).await)
}

/// Removes what lies beside a stream, and says how many rows of each sort.
async fn forget_beside(
    tx: &mut Tx,
    stream: &StreamId,
    beside: &[Beside],
) -> Result<BTreeMap<&'static str, u64>, sqlx::Error> {
    let name = stream.as_str().split_once('/').map_or("", |(_, name)| name);
    let mut counts = BTreeMap::new();
    for Beside { what, sql } in beside {
        let done = on_db!(*tx, |c| sqlx::query(*sql).bind(name).execute(c).await.map(|done| done.rows_affected()))?;
        *counts.entry(*what).or_default() += done;
    }
    Ok(counts)
}

fn tombstone(
    erasure: &Erasure,
    chain: &Chain,
    (alone, beside): (&[String], &BTreeMap<&'static str, u64>),
    until: Timestamp,
) -> Result<Append, AppendError> {
    // Digests without their prefix: an erased stream uses no attachments.
    let removed: Vec<_> = alone.iter().map(|name| name.trim_start_matches("sha256:")).collect();
    let body = json!({
        "reason": erasure.reason,
        "bodies_removed": chain.seq,
        "attachments_removed": removed,
        "beside_removed": beside,
        "stays": "kind, person, time, command and hashes of every event",
        "kept_until": until.to_string(),
    });
    let new =
        NewEvent { kind: ERASED.to_owned(), body, by: erasure.by.clone(), at_ms: erasure.at_ms, command_id: None };
    let seen = u64::try_from(chain.seq).unwrap_or(0);
    Append::of_store(&erasure.stream, seen, &[new], &erased_summary(erasure.at_ms))
}

async fn forget(tx: &mut Tx, stream: &StreamId, through: i64) -> Result<(), sqlx::Error> {
    let name = stream.as_str();
    let sql = "DELETE FROM bodies WHERE stream = $1 AND seq <= $2";
    on_db!(*tx, |c| sqlx::query(sql).bind(name).bind(through).execute(c).await.map(|_| ()))?;
    let beside = [
        "DELETE FROM attachment_uses WHERE stream = $1",
        "DELETE FROM uploads WHERE stream = $1",
        "DELETE FROM outlines WHERE stream = $1",
    ];
    for sql in beside {
        on_db!(*tx, |c| sqlx::query(sql).bind(name).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}
