//! Outlines: what lists that need more than a line read of a stream, kept beside its events and made from them.
//!
//! An outline counts only while it is of the last event of its stream; any other is made again from the events. So a store that
//! was migrated, restored or written by an older program catches up by itself, and one that is up to date reads no stream.

use super::chain::outline_digest;
use super::event::{StoredEvent, StreamId};
use super::read::{ReadError, end_of};
use super::writer::lock_writers;
use super::{Store, Tx, on_db};

/// What longer lists read of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Until which day, counted from 1970, lists want it.
    pub listed_until: i64,
    /// Whatever its maker puts into it.
    pub text: String,
}

/// An outline that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptOutline {
    /// Its stream.
    pub stream: StreamId,
    /// It.
    pub outline: Outline,
}

/// What catching up did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CaughtUp {
    /// How many streams were read, because their outline was missing, old or changed by other means.
    pub streams_read: u64,
}

/// Makes the outline of a stream from its events, or from why they cannot be read.
pub trait Outlining: Fn(&StreamId, Result<&[StoredEvent], &ReadError>) -> Outline {}

impl<F: Fn(&StreamId, Result<&[StoredEvent], &ReadError>) -> Outline> Outlining for F {}

#[derive(sqlx::FromRow)]
struct OutlineRow {
    stream: String,
    seq: i64,
    listed_until: i64,
    outline: String,
    digest: String,
}

impl OutlineRow {
    fn kept(self) -> Option<KeptOutline> {
        let outline = Outline { listed_until: self.listed_until, text: self.outline };
        let fits = outline_digest(&self.stream, self.seq, &outline) == self.digest;
        let stream = StreamId::new(self.stream).ok().filter(|_| fits)?;
        Some(KeptOutline { stream, outline })
    }
}

/// Streams whose outline is missing or of an earlier event.
const BEHIND: &str = "SELECT h.stream FROM heads h LEFT JOIN outlines o ON o.stream = h.stream AND o.seq = h.seq \
     WHERE h.stream >= $1 AND h.stream < $2 AND o.stream IS NULL ORDER BY h.stream";

impl Store {
    /// The outlines of streams whose name begins with `prefix` that lists want on a day; those that are not up to date are made
    /// first, with `outlined`, from the events of their stream or from why it cannot be read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outlines(
        &self,
        prefix: &str,
        day: i64,
        outlined: impl Outlining,
    ) -> Result<(Vec<KeptOutline>, CaughtUp), ReadError> {
        let mut caught_up = self.catch_up(prefix, &outlined).await?;
        let sql = "SELECT o.stream, o.seq, o.listed_until, o.outline, o.digest FROM outlines o \
                   WHERE o.stream >= $1 AND o.stream < $2 AND o.listed_until >= $3 ORDER BY o.stream";
        let end = end_of(prefix);
        let rows: Vec<OutlineRow> =
            on_db!(self.db, read, |c| sqlx::query_as(sql).bind(prefix).bind(&end).bind(day).fetch_all(c).await)?;
        let (mut kept, mut changed) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let name = row.stream.clone();
            match row.kept() {
                Some(good) => kept.push(good),
                None => changed.extend(StreamId::new(name).ok()),
            }
        }
        caught_up.streams_read += changed.len() as u64;
        kept.extend(self.outline_again(&changed, &outlined).await?);
        kept.sort_by(|one, other| one.stream.cmp(&other.stream));
        Ok((kept, caught_up))
    }

    async fn catch_up(&self, prefix: &str, outlined: &impl Outlining) -> Result<CaughtUp, ReadError> {
        let end = end_of(prefix);
        let behind: Vec<String> =
            on_db!(self.db, read, |c| sqlx::query_scalar(BEHIND).bind(prefix).bind(&end).fetch_all(c).await)?;
        let behind: Vec<StreamId> = behind.into_iter().filter_map(|name| StreamId::new(name).ok()).collect();
        self.outline_again(&behind, outlined).await?;
        Ok(CaughtUp { streams_read: behind.len() as u64 })
    }

    /// Makes the outlines of streams again from their events.
    ///
    /// Under the writers' lock, so that none is written for events that are no longer the last ones; some at a time, so that
    /// they share a sync and writers do not wait for all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outline_again(
        &self,
        streams: &[StreamId],
        outlined: &impl Outlining,
    ) -> Result<Vec<KeptOutline>, ReadError> {
        const AT_ONCE: usize = 50;
        let mut made = Vec::with_capacity(streams.len());
        for some in streams.chunks(AT_ONCE) {
            let mut tx = self.db.begin().await?;
            lock_writers(&mut tx).await?;
            for stream in some {
                let found = self.read(stream).await;
                if let Err(ReadError::Database(error)) = found {
                    return Err(ReadError::Database(error));
                }
                let outline = outlined(stream, found.as_deref());
                let (sql, name) = ("SELECT seq FROM heads WHERE stream = $1", stream.as_str());
                let head: Option<i64> = on_db!(tx, |c| sqlx::query_scalar(sql).bind(name).fetch_optional(c).await)?;
                write_outline(&mut tx, stream, head.unwrap_or(0), &outline).await?;
                made.push(KeptOutline { stream: stream.clone(), outline });
            }
            tx.commit().await?;
        }
        Ok(made)
    }

    /// Forgets every outline below a prefix, so that the next list makes them again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_outlines(&self, prefix: &str) -> Result<u64, ReadError> {
        let (sql, end) = ("DELETE FROM outlines WHERE stream >= $1 AND stream < $2", end_of(prefix));
        let mut tx = self.db.begin().await?;
        lock_writers(&mut tx).await?;
        let gone =
            on_db!(tx, |c| sqlx::query(sql).bind(prefix).bind(&end).execute(c).await.map(|done| done.rows_affected()))?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Writes the outline of a stream as of event `seq`.
pub(super) async fn write_outline(
    tx: &mut Tx,
    stream: &StreamId,
    seq: i64,
    outline: &Outline,
) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO outlines (stream, seq, listed_until, outline, digest) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, listed_until = excluded.listed_until, \
               outline = excluded.outline, digest = excluded.digest";
    let (name, digest) = (stream.as_str(), outline_digest(stream.as_str(), seq, outline));
    on_db!(*tx, |c| sqlx::query(sql)
        .bind(name)
        .bind(seq)
        .bind(outline.listed_until)
        .bind(&outline.text)
        .bind(&digest)
        .execute(c)
        .await
        .map(|_| ()))
}
