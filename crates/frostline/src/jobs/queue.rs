//! The queue of jobs: what people ask, what workers tell, and who may tell it.

use std::sync::Arc;

use tokio::sync::{Notify, OnceCell};

use super::job::{COLUMNS, Job, JobRow, UnknownState};
use super::runner::{Runner, RunnerError, Taken, Worker};
use super::work::Work;
use crate::server::Clock;
use crate::store::{Beside, DatabaseSetting, Db, Store, on_db};

/// The queue. Copies share it.
#[derive(Clone, Debug)]
pub struct JobQueue {
    db: Db,
    setting: DatabaseSetting,
    clock: Clock,
    runner: Arc<OnceCell<Runner>>,
    pushed: Arc<Notify>,
}

/// A job to be done.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// What.
    pub work: Work,
    /// The case it belongs to.
    pub case: Option<String>,
    /// The account that asks.
    pub by: String,
}

/// A job in the hands of a worker. What it tells counts only while nobody else has the job.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The job.
    pub id: String,
    /// What to do.
    pub work: Work,
    attempt: i64,
    taken: Taken,
    worker: Worker,
}

/// How a job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With a result, as JSON.
    Done(String),
    /// With a problem, for people.
    Failed(String),
    /// Because somebody no longer wanted it.
    Cancelled,
}

/// Whether a worker still has a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has.
    Yours,
    /// It has, and somebody asked to stop it.
    CancelAsked,
    /// Somebody else has it, or it ended.
    Lost,
}

/// Whose jobs are listed.
#[derive(Clone, Debug)]
pub enum Whose {
    /// Those that an account asked for.
    AskedBy(String),
    /// Those of a case.
    Case(String),
}

/// Why the queue does not answer.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The table of jobs.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Apalis' tables.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// A row that a newer program wrote.
    #[error(transparent)]
    State(#[from] UnknownState),
    /// An input that this program cannot read.
    #[error("the input of a job cannot be read ({0}); a newer program wrote it, use that one")]
    Input(#[from] serde_json::Error),
}

/// Workers may die with a job so often; then the job is to blame, and nobody takes it any more.
const MOST_DEATHS: i64 = 3;
/// How long jobs that ended are kept: long enough to look at a result, too short for a second record. Unit: ms.
const KEPT_MS: i64 = 30 * 24 * 3600 * 1000;
/// A job that waited so long may have missed its way into the queue. Unit: ms.
const OVERLOOKED_MS: i64 = 5000;

/// Goes when a case is erased. Whoever carries one of them out finds that it is gone, and stops.
pub const OF_A_CASE: &[Beside] = &[Beside { what: "jobs", sql: "DELETE FROM jobs WHERE case_id = $1" }];

impl JobQueue {
    /// The queue on the database of a store. Apalis' tables are made when the first job comes.
    #[must_use]
    pub fn on(store: &Store) -> Self {
        Self::with_clock(store, Clock::System)
    }

    /// The same with a clock of one's own.
    pub(crate) fn with_clock(store: &Store, clock: Clock) -> Self {
        let (db, setting) = (store.db().clone(), store.setting().database.clone());
        Self { db, setting, clock, runner: Arc::default(), pushed: Arc::default() }
    }

    async fn runner(&self) -> Result<&Runner, RunnerError> {
        self.runner.get_or_try_init(|| Runner::open(&self.db, &self.setting)).await
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// Waits until this program pushes a job.
    pub(super) async fn pushed(&self) {
        self.pushed.notified().await;
    }

    /// Keeps a job and queues it; answers once it is on disk.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn push(&self, new: NewJob) -> Result<Job, QueueError> {
        let (id, input) = (uuid::Uuid::now_v7().to_string(), serde_json::to_string(&new.work)?);
        let row: JobRow = on_db!(self.db, write, |c| {
            sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "INSERT INTO jobs (id, case_id, kind, input, input_digest, state, progress, doing, asked_by, asked_ms, attempt, deaths)
             VALUES ($1, $2, $3, $4, $5, 'waiting', 0.0, '', $6, $7, 0, 0) RETURNING {COLUMNS}"
        )))
        .bind(&id)
        .bind(&new.case)
        .bind(new.work.kind())
        .bind(&input)
        .bind(new.work.digest())
        .bind(&new.by)
        .bind(self.now_ms())
        .fetch_one(c)
        .await
        })?;
        // The job is kept; where the queue beside it does not answer now, a worker finds the job overlooked and queues it.
        match self.queued(&id).await {
            Ok(()) => self.pushed.notify_waiters(),
            Err(error) => tracing::warn!(cause = %error, job = id, "a job waits to be queued"),
        }
        Ok(row.try_into()?)
    }

    async fn queued(&self, id: &str) -> Result<(), RunnerError> {
        self.runner().await?.push(id).await
    }

    /// Makes a worker known, so that it may claim.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn register(&self, worker: &Worker) -> Result<(), QueueError> {
        Ok(self.runner().await?.register(worker).await?)
    }

    /// Says that a worker lives, takes the jobs of dead ones back into the queue, and queues what was overlooked.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn heartbeat(&self, worker: &Worker) -> Result<(), QueueError> {
        let orphans = self.runner().await?.beat(worker).await?;
        if orphans > 0 {
            tracing::warn!(orphans, "jobs of workers that fell silent wait again");
        }
        let before_ms = self.now_ms() - OVERLOOKED_MS;
        let overlooked: Vec<(String,)> = on_db!(self.db, read, |c| sqlx::query_as(
            "SELECT id FROM jobs WHERE state = 'waiting' AND asked_ms < $1 ORDER BY asked_ms LIMIT 100"
        )
        .bind(before_ms)
        .fetch_all(c)
        .await)?;
        for (id,) in overlooked {
            if !self.runner().await?.has(&id).await? {
                self.queued(&id).await?;
            }
        }
        Ok(())
    }

    /// Gives the next job to a worker, if one waits.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn claim(&self, worker: &Worker) -> Result<Option<Claim>, QueueError> {
        let runner = self.runner().await?;
        while let Some(taken) = runner.next(worker).await? {
            if let Some(claim) = self.taken(worker, taken).await? {
                return Ok(Some(claim));
            }
        }
        Ok(None)
    }

    /// A task that apalis gave, if its job is still to be done.
    async fn taken(&self, worker: &Worker, taken: Taken) -> Result<Option<Claim>, QueueError> {
        let row: Option<(i64, i64, String, Option<i64>)> = on_db!(self.db, write, |c| sqlx::query_as(
            "UPDATE jobs SET deaths = deaths + CASE WHEN state = 'running' THEN 1 ELSE 0 END, state = 'running',
             attempt = attempt + 1, worker = $2, started_ms = COALESCE(started_ms, $3), progress = 0.0, doing = ''
             WHERE id = $1 AND state IN ('waiting', 'running') RETURNING attempt, deaths, input, cancel_asked_ms"
        )
        .bind(&taken.job)
        .bind(worker.name())
        .bind(self.now_ms())
        .fetch_optional(c)
        .await)?;
        let Some((attempt, deaths, input, cancel_asked_ms)) = row else {
            self.runner().await?.done(worker, &taken.task).await?;
            return Ok(None);
        };
        let work = serde_json::from_str(&input)?;
        let claim = Claim { id: taken.job.clone(), work, attempt, taken, worker: worker.clone() };
        if cancel_asked_ms.is_some() {
            self.end(&claim, &End::Cancelled).await?;
        } else if deaths >= MOST_DEATHS {
            let problem = format!(
                "{deaths} workers ended while they had this job, so nobody takes it again; it may need more memory than \
                 there is. Ask for fewer worlds or wider cells, or run it on a larger machine"
            );
            self.end(&claim, &End::Failed(problem)).await?;
        } else {
            return Ok(Some(claim));
        }
        Ok(None)
    }

    /// Tells how far a job is, and hears whether it still is wanted.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn progress(&self, claim: &Claim, share: f64, doing: &str) -> Result<Standing, QueueError> {
        let row: Option<(Option<i64>,)> = on_db!(self.db, write, |c| sqlx::query_as(
            "UPDATE jobs SET progress = $3, doing = $4 WHERE id = $1 AND attempt = $2 AND state = 'running'
             RETURNING cancel_asked_ms"
        )
        .bind(&claim.id)
        .bind(claim.attempt)
        .bind(share)
        .bind(doing)
        .fetch_optional(c)
        .await)?;
        Ok(standing(row))
    }

    /// Hears whether a job still is wanted, without writing anything.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn standing(&self, claim: &Claim) -> Result<Standing, QueueError> {
        let row: Option<(Option<i64>,)> = on_db!(self.db, read, |c| sqlx::query_as(
            "SELECT cancel_asked_ms FROM jobs WHERE id = $1 AND attempt = $2 AND state = 'running'"
        )
        .bind(&claim.id)
        .bind(claim.attempt)
        .fetch_optional(c)
        .await)?;
        Ok(standing(row))
    }

    /// Ends a job; gives whether it was still this worker's to end.
    ///
    /// # Errors
    /// When the database refuses; it may be tried again.
    pub async fn end(&self, claim: &Claim, end: &End) -> Result<bool, QueueError> {
        let (state, result, problem) = match end {
            End::Done(result) => ("done", Some(result), None),
            End::Failed(problem) => ("failed", None, Some(problem)),
            End::Cancelled => ("cancelled", None, None),
        };
        let ended = on_db!(self.db, write, |c| sqlx::query(
            "UPDATE jobs SET state = $3, result = $4, problem = $5, ended_ms = $6,
             progress = CASE WHEN $3 = 'done' THEN 1.0 ELSE progress END, doing = ''
             WHERE id = $1 AND attempt = $2 AND state = 'running'"
        )
        .bind(&claim.id)
        .bind(claim.attempt)
        .bind(state)
        .bind(result)
        .bind(problem)
        .bind(self.now_ms())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        self.runner().await?.done(&claim.worker, &claim.taken.task).await?;
        Ok(ended == 1)
    }

    /// Gives a job back that a worker can no longer carry out; any other may take it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn release(&self, claim: &Claim) -> Result<(), QueueError> {
        on_db!(self.db, write, |c| {
            sqlx::query(
            "UPDATE jobs SET state = 'waiting', progress = 0.0, doing = '' WHERE id = $1 AND attempt = $2 AND state = 'running'"
        )
        .bind(&claim.id)
        .bind(claim.attempt)
        .execute(c)
        .await
        .map(|_| ())
        })?;
        Ok(self.runner().await?.give_back(&claim.worker, &claim.taken.task).await?)
    }

    /// Asks to stop a job: one that waits ends at once, one that runs when its worker hears it. Gives how it stands then;
    /// nothing where there is no such job.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cancel(&self, id: &str) -> Result<Option<Job>, QueueError> {
        let now_ms = self.now_ms();
        on_db!(self.db, write, |c| sqlx::query(
            "UPDATE jobs SET cancel_asked_ms = COALESCE(cancel_asked_ms, $2),
             ended_ms = CASE WHEN state = 'waiting' THEN $2 ELSE ended_ms END,
             state = CASE WHEN state = 'waiting' THEN 'cancelled' ELSE state END
             WHERE id = $1 AND state IN ('waiting', 'running')"
        )
        .bind(id)
        .bind(now_ms)
        .execute(c)
        .await
        .map(|_| ()))?;
        self.job(id).await
    }

    /// One job.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn job(&self, id: &str) -> Result<Option<Job>, QueueError> {
        let sql = format!("SELECT {COLUMNS} FROM jobs WHERE id = $1");
        let row: Option<JobRow> =
            on_db!(self.db, read, |c| sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
        Ok(row.map(Job::try_from).transpose()?)
    }

    /// What was put into a job; nothing where there is no such job.
    ///
    /// # Errors
    /// When the database refuses, or a newer program wrote the input.
    pub async fn work(&self, id: &str) -> Result<Option<Work>, QueueError> {
        let sql = "SELECT input FROM jobs WHERE id = $1";
        let input: Option<String> =
            on_db!(self.db, read, |c| sqlx::query_scalar(sql).bind(id).fetch_optional(c).await)?;
        Ok(input.map(|input| serde_json::from_str(&input)).transpose()?)
    }

    /// The result of a job, as JSON; nothing where it has none.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn result(&self, id: &str) -> Result<Option<String>, QueueError> {
        let row: Option<(Option<String>,)> =
            on_db!(self.db, read, |c| sqlx::query_as("SELECT result FROM jobs WHERE id = $1")
                .bind(id)
                .fetch_optional(c)
                .await)?;
        Ok(row.and_then(|(result,)| result))
    }

    /// Jobs, newest first, from the one after `after` (the first where it is empty), so many at most.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn list(&self, whose: &Whose, after: &str, most: i64) -> Result<Vec<Job>, QueueError> {
        let (column, value) = match whose {
            Whose::AskedBy(account) => ("asked_by", account),
            Whose::Case(case) => ("case_id", case),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM jobs WHERE {column} = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3"
        );
        let rows: Vec<JobRow> = on_db!(self.db, read, |c| sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(value)
            .bind(after)
            .bind(most)
            .fetch_all(c)
            .await)?;
        Ok(rows.into_iter().map(Job::try_from).collect::<Result<_, _>>()?)
    }

    /// Forgets jobs that ended a month ago. Gives how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget_old(&self) -> Result<u64, QueueError> {
        let before_ms = self.now_ms() - KEPT_MS;
        Ok(on_db!(self.db, write, |c| sqlx::query("DELETE FROM jobs WHERE ended_ms < $1")
            .bind(before_ms)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}

fn standing(row: Option<(Option<i64>,)>) -> Standing {
    match row {
        None => Standing::Lost,
        Some((None,)) => Standing::Yours,
        Some((Some(_),)) => Standing::CancelAsked,
    }
}
