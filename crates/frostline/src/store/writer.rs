//! The task that writes: it gathers the appends that wait and commits them together, so that many writers share one sync.
//!
//! An append that is refused writes nothing. When the database fails before the commit, everything of the group is rolled back
//! and each append is tried once more alone, so that one that cannot be written does not take its neighbours along.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::append::{Answer, Append, AppendError};
use super::attachments::Attachments;
use super::together::apply_together;
use super::witness::Witness;
use super::{Db, Tx, on_db};

/// What is appended to one stream or, together, to several, and where the answer goes.
pub(super) struct Waiting {
    pub appends: Vec<Append>,
    pub answer: oneshot::Sender<Answer>,
}

/// The most appends in one commit: past this a sync costs nothing any more, and the first would wait for the last.
const LARGEST_GROUP: usize = 256;
/// How many appends may wait before those who send them do.
pub(super) const QUEUE: usize = 1024;

/// What the task needs.
pub(super) struct Writer {
    pub db: Db,
    pub attachments: Attachments,
    pub witness: Option<Witness>,
}

impl Writer {
    /// Writes until every sender is gone.
    pub async fn run(self, mut waiting: mpsc::Receiver<Waiting>) {
        let mut group = Vec::new();
        while waiting.recv_many(&mut group, LARGEST_GROUP).await > 0 {
            let (appends, senders): (Vec<_>, Vec<_>) = group.drain(..).map(|one| (one.appends, one.answer)).unzip();
            let answers = self.together(&appends).await;
            for (sender, answer) in senders.into_iter().zip(answers) {
                // Whoever asked may have gone; what was written stays.
                let _ = sender.send(answer);
            }
        }
    }

    async fn together(&self, appends: &[Vec<Append>]) -> Vec<Answer> {
        match self.commit(appends).await {
            Ok(answers) => answers,
            Err(error @ AppendError::Unsure(_)) => vec![Err(error); appends.len()],
            Err(error) if appends.len() == 1 => vec![Err(error)],
            Err(_) => self.each_alone(appends).await,
        }
    }

    async fn each_alone(&self, appends: &[Vec<Append>]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(appends.len());
        for append in appends {
            let alone = self.commit(std::slice::from_ref(append)).await;
            answers.push(alone.and_then(|mut answers| answers.pop().unwrap_or(Err(AppendError::Closed))));
        }
        answers
    }

    async fn commit(&self, appends: &[Vec<Append>]) -> Result<Vec<Answer>, AppendError> {
        let not_written = |error| AppendError::NotWritten(Arc::new(error));
        let mut tx = self.db.begin().await.map_err(not_written)?;
        let before = lock_writers(&mut tx).await.map_err(not_written)?;
        let mut last = before;
        let mut answers = Vec::with_capacity(appends.len());
        for append in appends {
            answers.push(self.apply(&mut tx, &mut last, append).await.map_err(not_written)?);
        }
        if last == before {
            return Ok(answers);
        }
        tx.commit().await.map_err(|error| AppendError::Unsure(Arc::new(error)))?;
        if let Some(witness) = &self.witness {
            witness.saw(&answers);
        }
        Ok(answers)
    }

    async fn apply(&self, tx: &mut Tx, last: &mut i64, appends: &[Append]) -> Result<Answer, sqlx::Error> {
        // Inside the transaction: an erasure that removes attachments takes the same lock.
        let events = appends.iter().flat_map(|append| &append.events);
        for id in events.flat_map(|event| &event.attachments) {
            if !self.attachments.has(id) {
                return Ok(Err(AppendError::AttachmentMissing(id.clone())));
            }
        }
        apply_together(tx, last, appends).await
    }
}

/// Any number that no other part of the program locks in PostgreSQL: "frost" in ASCII.
const WRITERS_LOCK: i64 = 0x66_72_6f_73_74;

/// Lets one writer of the whole store write at a time, and gives the position of its last event.
///
/// SQLite's write lock does this. PostgreSQL would hand out positions in another order than it commits, and whoever follows
/// the positions would miss events.
pub(super) async fn lock_writers(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    if let Tx::Pg(tx) = tx {
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(WRITERS_LOCK).execute(&mut **tx).await?;
    }
    on_db!(*tx, |c| sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM events").fetch_one(c).await)
}
