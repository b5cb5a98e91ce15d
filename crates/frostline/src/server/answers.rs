//! Where answers are kept for those who ask twice. Many requests that come at once share one transaction, and so one sync of
//! the disk.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::Clock;
use super::problem::Problem;
use crate::store::{Beside, Db, Tx, on_db};

/// Whose key, and for which request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The account or the invitation.
    pub who: String,
    /// The key.
    pub key: String,
    /// Of method, path and body.
    pub digest: String,
    /// The case that the request is about, as far as that is known before it is carried out.
    pub case: Option<String>,
}

/// An answer that was given before.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Given {
    /// Of the request that was answered.
    pub request_digest: String,
    /// Nothing while that request is still being carried out.
    pub status: Option<i64>,
    /// As JSON pairs.
    pub headers: String,
    /// As text.
    pub body: String,
}

/// What is to be kept of an answer.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The HTTP status.
    pub status: i64,
    /// As JSON pairs.
    pub headers: String,
    /// As text.
    pub body: String,
    /// The case that the answer is about.
    pub case: Option<String>,
}

/// Goes when a case is erased.
pub const OF_A_CASE: &[Beside] = &[Beside { what: "kept answers", sql: "DELETE FROM answers WHERE case_id = $1" }];

enum Wish {
    /// Take the key, or give what stands there.
    Take(Asked),
    /// Keep the answer.
    Keep(Asked, Kept),
    /// Give the key back.
    Forget(Asked),
}

type Outcome = Result<Option<Given>, Arc<sqlx::Error>>;

struct Waiting {
    wish: Wish,
    answer: oneshot::Sender<Outcome>,
}

/// The kept answers. Copies share one writer.
#[derive(Clone)]
pub struct Answers(mpsc::Sender<Waiting>);

/// Wishes that are fulfilled together at most.
const LARGEST_GROUP: usize = 256;
/// After this time a request that gave no answer was cut off by a crash, and may be carried out again. Far longer than any
/// answer may take. Unit: s.
const CUT_OFF_AFTER_S: i64 = 300;
/// How often old answers are removed. Unit: s.
const CLEANED_EVERY_S: i64 = 600;

impl Answers {
    /// Over an open database, within a tokio runtime, in which its writer then runs.
    pub fn new(db: Db, clock: Clock, kept_s: i64) -> Answers {
        let (queue, waiting) = mpsc::channel(LARGEST_GROUP);
        tokio::spawn(Writer { db, clock, kept_s, cleaned_s: 0 }.run(waiting));
        Answers(queue)
    }

    /// Takes a key for a request; gives what stands there where it was taken before.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn take(&self, asked: &Asked) -> Result<Option<Given>, Problem> {
        self.wish(Wish::Take(asked.clone())).await
    }

    /// Keeps the answer to a request.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn keep(&self, asked: &Asked, kept: Kept) -> Result<(), Problem> {
        self.wish(Wish::Keep(asked.clone(), kept)).await.map(|_| ())
    }

    /// Gives a key back whose request was not carried out.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn forget(&self, asked: &Asked) -> Result<(), Problem> {
        self.wish(Wish::Forget(asked.clone())).await.map(|_| ())
    }

    async fn wish(&self, wish: Wish) -> Result<Option<Given>, Problem> {
        let ended = || Problem::broken("the writer of answers ended");
        let (answer, answered) = oneshot::channel();
        self.0.send(Waiting { wish, answer }).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?.map_err(Problem::broken)
    }
}

struct Writer {
    db: Db,
    clock: Clock,
    kept_s: i64,
    cleaned_s: i64,
}

impl Writer {
    async fn run(mut self, mut waiting: mpsc::Receiver<Waiting>) {
        let mut group = Vec::new();
        while waiting.recv_many(&mut group, LARGEST_GROUP).await > 0 {
            let (wishes, senders): (Vec<_>, Vec<_>) = group.drain(..).map(|one| (one.wish, one.answer)).unzip();
            let outcomes = match self.together(&wishes).await {
                Ok(given) => given.into_iter().map(Ok).collect::<Vec<Outcome>>(),
                Err(error) => {
                    let error = Arc::new(error);
                    wishes.iter().map(|_| Err(error.clone())).collect()
                }
            };
            for (sender, outcome) in senders.into_iter().zip(outcomes) {
                // Whoever asked may have gone.
                let _ = sender.send(outcome);
            }
        }
    }

    async fn together(&mut self, wishes: &[Wish]) -> Result<Vec<Option<Given>>, sqlx::Error> {
        let now_s = self.clock.now_s();
        let mut tx = self.db.begin().await?;
        if now_s - self.cleaned_s >= CLEANED_EVERY_S {
            clean(&mut tx, now_s - self.kept_s).await?;
            self.cleaned_s = now_s;
        }
        let mut given = Vec::with_capacity(wishes.len());
        for wish in wishes {
            given.push(match wish {
                Wish::Take(asked) => take(&mut tx, asked, now_s).await?,
                Wish::Keep(asked, kept) => keep(&mut tx, asked, kept).await?,
                Wish::Forget(asked) => forget(&mut tx, asked).await?,
            });
        }
        tx.commit().await?;
        Ok(given)
    }
}

async fn clean(tx: &mut Tx, before_s: i64) -> Result<(), sqlx::Error> {
    on_db!(*tx, |c| sqlx::query("DELETE FROM answers WHERE asked_s < $1").bind(before_s).execute(c).await.map(|_| ()))
}

async fn take(tx: &mut Tx, asked: &Asked, now_s: i64) -> Result<Option<Given>, sqlx::Error> {
    let taken = on_db!(*tx, |c| sqlx::query(
        "INSERT INTO answers (who, idempotency_key, request_digest, headers, body, asked_s, case_id)
         VALUES ($1, $2, $3, '[]', '', $4, $5) ON CONFLICT (who, idempotency_key) DO NOTHING"
    )
    .bind(&asked.who)
    .bind(&asked.key)
    .bind(&asked.digest)
    .bind(now_s)
    .bind(&asked.case)
    .execute(c)
    .await
    .map(|done| done.rows_affected()))?;
    if taken == 1 || take_over(tx, asked, now_s).await? {
        return Ok(None);
    }
    on_db!(*tx, |c| sqlx::query_as(
        "SELECT request_digest, status, headers, body FROM answers WHERE who = $1 AND idempotency_key = $2"
    )
    .bind(&asked.who)
    .bind(&asked.key)
    .fetch_optional(c)
    .await)
}

/// Whether the same request was begun before and cut off.
async fn take_over(tx: &mut Tx, asked: &Asked, now_s: i64) -> Result<bool, sqlx::Error> {
    let taken = on_db!(*tx, |c| sqlx::query(
        "UPDATE answers SET asked_s = $1
         WHERE who = $2 AND idempotency_key = $3 AND request_digest = $4 AND status IS NULL AND asked_s < $5"
    )
    .bind(now_s)
    .bind(&asked.who)
    .bind(&asked.key)
    .bind(&asked.digest)
    .bind(now_s - CUT_OFF_AFTER_S)
    .execute(c)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(taken == 1)
}

async fn keep(tx: &mut Tx, asked: &Asked, kept: &Kept) -> Result<Option<Given>, sqlx::Error> {
    on_db!(*tx, |c| sqlx::query(
        "UPDATE answers SET status = $1, headers = $2, body = $3, case_id = coalesce($6, case_id)
         WHERE who = $4 AND idempotency_key = $5"
    )
    .bind(kept.status)
    .bind(&kept.headers)
    .bind(&kept.body)
    .bind(&asked.who)
    .bind(&asked.key)
    .bind(&kept.case)
    .execute(c)
    .await
    .map(|_| None))
}

async fn forget(tx: &mut Tx, asked: &Asked) -> Result<Option<Given>, sqlx::Error> {
    on_db!(*tx, |c| sqlx::query("DELETE FROM answers WHERE who = $1 AND idempotency_key = $2")
        .bind(&asked.who)
        .bind(&asked.key)
        .execute(c)
        .await
        .map(|_| None))
}
