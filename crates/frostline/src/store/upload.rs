//! Attachments that are sent to a case before a step names them. Who they were sent to is kept, so that they go with it.

use std::collections::BTreeSet;

use tokio::io::AsyncRead;

use super::attachments::{Arrived, AttachmentError, AttachmentId};
use super::chain::ERASED;
use super::event::StreamId;
use super::writer::lock_writers;
use super::{Store, on_db};

/// Why what was sent is not kept.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It did not arrive, or cannot be written.
    #[error(transparent)]
    Attachment(#[from] AttachmentError),
    /// To whom it was sent cannot be kept.
    #[error("the database says: {0}; send it again")]
    Database(#[from] sqlx::Error),
    /// There is no such case any more.
    #[error("{0} was erased; nothing is kept for it")]
    Erased(StreamId),
}

impl Store {
    /// Keeps what is sent to a stream. A step that names it makes it part of the stream; until then it belongs to it all the same
    /// and is erased with it.
    ///
    /// # Errors
    /// When it does not arrive whole, cannot be written, or the stream was erased.
    pub async fn upload(
        &self,
        stream: &StreamId,
        content: impl AsyncRead + Unpin,
        at_ms: i64,
    ) -> Result<AttachmentId, UploadError> {
        let arrived = self.attachments.receive(content).await?;
        // The row is on disk before the file has its name: a crash leaves a row without a file, never a file that nobody knows.
        match self.expect(stream, &arrived.id, at_ms).await {
            Ok(()) => self.settle(stream, arrived).await,
            Err(error) => {
                self.attachments.turn_away(arrived).await;
                Err(error)
            }
        }
    }

    /// The first of these attachments that was neither sent to a stream nor named by it before: it belongs to another.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stranger_to(
        &self,
        stream: &StreamId,
        named: &BTreeSet<AttachmentId>,
    ) -> Result<Option<AttachmentId>, sqlx::Error> {
        for id in named {
            let sql = "SELECT (SELECT count(*) FROM attachment_uses WHERE digest = $1 AND stream = $2) \
                       + (SELECT count(*) FROM uploads WHERE digest = $1 AND stream = $2)";
            let (digest, name) = (id.to_string(), stream.as_str());
            let own: i64 =
                on_db!(self.db, read, |c| { sqlx::query_scalar(sql).bind(&digest).bind(name).fetch_one(c).await })?;
            if own == 0 {
                return Ok(Some(id.clone()));
            }
        }
        Ok(None)
    }

    async fn expect(&self, stream: &StreamId, id: &AttachmentId, at_ms: i64) -> Result<(), UploadError> {
        let mut tx = self.db.begin().await?;
        lock_writers(&mut tx).await?;
        let (name, digest) = (stream.as_str(), id.to_string());
        let sql = "INSERT INTO uploads (digest, stream, sent_ms) SELECT $1, $2, $3 \
                   WHERE NOT EXISTS (SELECT 1 FROM events WHERE stream = $2 AND kind = $4) \
                   ON CONFLICT (stream, digest) DO UPDATE SET sent_ms = excluded.sent_ms";
        let kept = on_db!(tx, |c| sqlx::query(sql)
            .bind(&digest)
            .bind(name)
            .bind(at_ms)
            .bind(ERASED)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        tx.commit().await?;
        if kept == 0 { Err(UploadError::Erased(stream.clone())) } else { Ok(()) }
    }

    /// Under the lock that an erasure takes: the name is given only while the row is there.
    async fn settle(&self, stream: &StreamId, arrived: Arrived) -> Result<AttachmentId, UploadError> {
        let mut tx = self.db.begin().await?;
        lock_writers(&mut tx).await?;
        let (name, digest) = (stream.as_str(), arrived.id.to_string());
        let sql = "SELECT count(*) FROM uploads WHERE stream = $1 AND digest = $2";
        let there: i64 = on_db!(tx, |c| sqlx::query_scalar(sql).bind(name).bind(&digest).fetch_one(c).await)?;
        let settled = if there == 0 {
            self.attachments.turn_away(arrived).await;
            Err(UploadError::Erased(stream.clone()))
        } else {
            self.attachments.settle(arrived).await.map_err(UploadError::from)
        };
        tx.commit().await?;
        settled
    }
}
