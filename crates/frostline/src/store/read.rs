//! Reading: streams, what changed since, and the summaries. Every event is held against its hash before it is given out.

use std::sync::atomic::Ordering;

use serde_json::Value;

use super::chain::{Chain, event_hash, summary_digest};
use super::event::{Fault, Place, Row, StoredEvent, StreamId, Wrong, select_rows};
use super::{Store, on_db};

/// Why nothing is given out.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database does not answer.
    #[error("the database says: {0}; check that it runs and its disk is well, then try again")]
    Database(#[from] sqlx::Error),
    /// What is stored was changed or is incomplete.
    #[error("{0}; it is not shown. Run 'frostline store verify' and restore a backup")]
    Damaged(Fault),
}

/// A part of a list, in the order of the names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// After which stream; none for the first page.
    pub after: Option<StreamId>,
    /// How many at most.
    pub most: u32,
}

/// What a list shows of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The stream.
    pub stream: StreamId,
    /// How many events it has, which is what an append must have seen.
    pub seq: u64,
    /// What its last writer made of it.
    pub summary: Value,
}

#[derive(sqlx::FromRow)]
struct SummaryRow {
    stream: String,
    seq: i64,
    summary: String,
    digest: String,
}

impl Store {
    /// How often a stream was read since this store was opened; what a list costs is told by it, on any machine alike.
    #[must_use]
    pub fn streams_read(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Every event of a stream; none when nobody wrote to it.
    ///
    /// # Errors
    /// When the database does not answer, or the stream is damaged.
    pub async fn read(&self, stream: &StreamId) -> Result<Vec<StoredEvent>, ReadError> {
        self.read_after(stream, 0).await
    }

    /// The events of a stream after number `seq`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_after(&self, stream: &StreamId, seq: u64) -> Result<Vec<StoredEvent>, ReadError> {
        let rows = self.rows_after(stream, i64::try_from(seq).unwrap_or(i64::MAX)).await?;
        rows.into_iter().map(event).collect()
    }

    /// Up to `most` events of a stream after number `seq`, held against their hashes and against each other, for streams
    /// that are too long to be read at once.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_some(&self, stream: &StreamId, seq: u64, most: u32) -> Result<Vec<StoredEvent>, ReadError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let sql = select_rows!("WHERE e.stream = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3");
        let (name, after, most) = (stream.as_str(), i64::try_from(seq).unwrap_or(i64::MAX), i64::from(most));
        let rows: Vec<Row> =
            on_db!(self.db, read, |c| sqlx::query_as(sql).bind(name).bind(after).bind(most).fetch_all(c).await)?;
        check(stream, after, &rows, None).map_err(ReadError::Damaged)?;
        rows.into_iter().map(event).collect()
    }

    /// The rows of a stream after number `seq`, held against their hashes and the head.
    pub(super) async fn rows_after(&self, stream: &StreamId, seq: i64) -> Result<Vec<Row>, ReadError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        // The head first: events that are added in between are more than it says, never fewer.
        let sql = "SELECT seq, hash FROM heads WHERE stream = $1";
        let name = stream.as_str();
        let head: Option<(i64, String)> =
            on_db!(self.db, read, |c| sqlx::query_as(sql).bind(name).fetch_optional(c).await)?;
        let sql = select_rows!("WHERE e.stream = $1 AND e.seq > $2 ORDER BY e.seq");
        let rows: Vec<Row> = on_db!(self.db, read, |c| sqlx::query_as(sql).bind(name).bind(seq).fetch_all(c).await)?;
        check(stream, seq, &rows, head.as_ref()).map_err(ReadError::Damaged)?;
        Ok(rows)
    }

    /// Up to `most` events after a position in the order of the whole store, for what follows all streams.
    ///
    /// Positions have no gaps and appear in order, so whoever goes on after the last one misses nothing.
    ///
    /// # Errors
    /// When the database does not answer, or an event is damaged.
    pub async fn changes_after(&self, position: i64, most: u32) -> Result<Vec<StoredEvent>, ReadError> {
        let sql = select_rows!("WHERE e.position > $1 ORDER BY e.position LIMIT $2");
        let most = i64::from(most);
        let rows: Vec<Row> =
            on_db!(self.db, read, |c| sqlx::query_as(sql).bind(position).bind(most).fetch_all(c).await)?;
        let mut expected = position;
        rows.into_iter()
            .map(|row| {
                expected += 1;
                let missing = row.position - expected;
                if missing != 0 {
                    let wrong = Wrong::PositionsMissing { missing };
                    return Err(ReadError::Damaged(Fault { place: Place::Store, wrong }));
                }
                if let Some(fault) = Chain::after(row.seq - 1, &row).take(&row).into_iter().next() {
                    return Err(ReadError::Damaged(fault));
                }
                event(row)
            })
            .collect()
    }

    /// The streams whose name begins with `prefix`, with their summaries.
    ///
    /// # Errors
    /// When the database does not answer, or a summary is damaged.
    pub async fn streams(&self, prefix: &str, page: &Page) -> Result<Vec<Summary>, ReadError> {
        let sql = "SELECT stream, seq, summary, digest FROM summaries WHERE stream >= $1 AND stream < $2 AND stream > $3 \
                   ORDER BY stream LIMIT $4";
        let after = page.after.as_ref().map_or("", StreamId::as_str);
        let (end, most) = (end_of(prefix), i64::from(page.most));
        let rows: Vec<SummaryRow> = on_db!(self.db, read, |c| sqlx::query_as(sql)
            .bind(prefix)
            .bind(&end)
            .bind(after)
            .bind(most)
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(summary).collect()
    }

    /// The summary of one stream.
    ///
    /// # Errors
    /// As [`Self::streams`].
    pub async fn summary(&self, stream: &StreamId) -> Result<Option<Summary>, ReadError> {
        let sql = "SELECT stream, seq, summary, digest FROM summaries WHERE stream = $1";
        let name = stream.as_str();
        let row: Option<SummaryRow> =
            on_db!(self.db, read, |c| sqlx::query_as(sql).bind(name).fetch_optional(c).await)?;
        row.map(summary).transpose()
    }
}

/// The first name after all that begin with `prefix`. Names of streams have no character after 'z'.
pub(super) fn end_of(prefix: &str) -> String {
    format!("{prefix}~")
}

fn summary(row: SummaryRow) -> Result<Summary, ReadError> {
    let damaged = |wrong| ReadError::Damaged(Fault { place: Place::Stream(row.stream.clone()), wrong });
    if summary_digest(&row.stream, row.seq, &row.summary) != row.digest {
        return Err(damaged(Wrong::Summary));
    }
    Ok(Summary {
        stream: StreamId::new(row.stream.clone()).map_err(|_| damaged(Wrong::StreamName))?,
        seq: u64::try_from(row.seq).map_err(|_| damaged(Wrong::Summary))?,
        summary: serde_json::from_str(&row.summary).map_err(|_| damaged(Wrong::Summary))?,
    })
}

fn event(row: Row) -> Result<StoredEvent, ReadError> {
    let place = Place::Event { stream: row.stream.clone(), seq: row.seq };
    row.into_event().map_err(|wrong| ReadError::Damaged(Fault { place, wrong }))
}

fn check(stream: &StreamId, after: i64, rows: &[Row], head: Option<&(i64, String)>) -> Result<(), Fault> {
    let whole = |wrong| Fault { place: Place::Stream(stream.to_string()), wrong };
    let mut chain = match rows.first() {
        Some(first) if after > 0 => Chain::after(after, first),
        _ => Chain::from_start(stream.as_str()),
    };
    for row in rows {
        if let Some(fault) = chain.take(row).into_iter().next() {
            return Err(fault);
        }
        if head.is_some_and(|(seq, hash)| row.seq == *seq && event_hash(row) != *hash) {
            return Err(whole(Wrong::Head));
        }
    }
    if let Some(fault) = chain.end().into_iter().next() {
        return Err(fault);
    }
    let reached = if rows.is_empty() { after } else { chain.seq };
    match head {
        Some((seq, _)) if *seq > reached => Err(whole(Wrong::TailCut { head: u64::try_from(*seq).unwrap_or(0) })),
        _ => Ok(()),
    }
}
