//! Summaries made again from the events, byte for byte as their writers made them.

use serde_json::Value;

use super::append::write_summary;
use super::chain::{ERASED, summary_digest};
use super::erase::erased_summary;
use super::writer::lock_writers;
use super::{Fault, Place, ReadError, Store, StoredEvent, StreamId, Wrong, on_db};

impl Store {
    /// Makes every summary again from the events with the function of those who write them.
    ///
    /// # Errors
    /// When the database does not answer or a stream is damaged; what was done so far stays.
    pub async fn rebuild(&self, summarise: impl Fn(&StreamId, &[StoredEvent]) -> Value) -> Result<Rebuilt, ReadError> {
        let names: Vec<String> =
            on_db!(self.db, read, |c| sqlx::query_scalar("SELECT stream FROM heads ORDER BY 1").fetch_all(c).await)?;
        let mut rebuilt = Rebuilt { streams: 0, changed: Vec::new() };
        for name in names {
            let place = Place::Stream(name.clone());
            let stream =
                StreamId::new(name).map_err(|_| ReadError::Damaged(Fault { place, wrong: Wrong::StreamName }))?;
            rebuilt.streams += 1;
            if self.rebuild_one(&stream, &summarise).await? {
                rebuilt.changed.push(stream);
            }
        }
        Ok(rebuilt)
    }

    async fn rebuild_one(
        &self,
        stream: &StreamId,
        summarise: impl Fn(&StreamId, &[StoredEvent]) -> Value,
    ) -> Result<bool, ReadError> {
        let mut tx = self.db.begin().await?;
        lock_writers(&mut tx).await?;
        let events = self.read(stream).await?;
        let Some(last) = events.last() else { return Ok(false) };
        let summary = match last.kind.as_str() {
            ERASED => erased_summary(last.at_ms),
            _ => summarise(stream, &events),
        };
        let (seq, text) = (i64::try_from(last.seq).unwrap_or(i64::MAX), summary.to_string());
        let sql = "SELECT seq, summary, digest FROM summaries WHERE stream = $1";
        let name = stream.as_str();
        let found: Option<(i64, String, String)> =
            on_db!(tx, |c| sqlx::query_as(sql).bind(name).fetch_optional(c).await)?;
        let digest = summary_digest(name, seq, &text);
        if found.is_some_and(|found| found == (seq, text.clone(), digest)) {
            return Ok(false);
        }
        write_summary(&mut tx, stream, seq, &text).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// What a rebuild did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// How many streams were read.
    pub streams: u64,
    /// Whose summaries were other than what the events say.
    pub changed: Vec<StreamId>,
}
