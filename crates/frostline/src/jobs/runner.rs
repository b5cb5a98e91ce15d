//! Who has which job: apalis' tables, asked through its own queries.
//!
//! A task there is the id of a job here and nothing else. Apalis' worker loop is not used: it fetches a task before a slot is
//! free, keeps its heartbeat in the same loop that fetches, and ends on the first busy database; a job takes minutes, and
//! others could have had it. On SQLite apalis has a file of its own, because its migrations and ours number the same table.

use std::path::{Path, PathBuf};
use std::time::Duration;

use apalis_core::backend::{TaskResult, WorkerFilter};
use apalis_core::task::builder::TaskBuilder;
use apalis_core::task::status::Status;
use apalis_core::task::task_id::TaskId;
use apalis_core::worker::context::WorkerContext;
use apalis_postgres::PostgresStorage;
use apalis_postgres::queries as pg;
use apalis_sqlite::SqliteStorage;
use apalis_sqlite::queries as lite;
use jiff::Timestamp;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{PgPool, SqlitePool};

use crate::store::{DatabaseSetting, Db, lite_options, lock_beside};

/// The queue's name in apalis' tables.
const QUEUE: &str = "frostline";

/// Apalis' tables.
#[derive(Clone, Debug)]
pub(super) enum Runner {
    /// In a file beside the store's.
    Lite(SqlitePool),
    /// In a schema of its own in the store's database.
    Pg(PgPool),
}

/// One program that carries jobs out.
#[derive(Clone, Debug)]
pub struct Worker {
    context: WorkerContext,
    dead_after: Duration,
}

/// A task that was given to this worker.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) task: TaskId,
    pub(super) job: String,
}

/// Why apalis' tables do not answer.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The database.
    #[error("the queue of jobs: {0}; check that its database can be reached and written")]
    Database(#[from] sqlx::Error),
    /// The file of its own.
    #[error("{path}: {source}; check that the folder can be written", path = .path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// What is wrong.
        source: Box<crate::store::OpenError>,
    },
    /// Its tables cannot be made.
    #[error("the tables of the queue: {0}; use the program that last opened it or a newer one")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// SQLite's side of apalis.
    #[error("the queue of jobs: {0}")]
    Lite(#[from] apalis_sqlite::Error),
    /// PostgreSQL's side of apalis.
    #[error("the queue of jobs: {0}")]
    Pg(#[from] apalis_postgres::Error),
}

impl Worker {
    /// A worker that counts as dead when it was silent for `dead_after`, at least one second: then others take its jobs.
    #[must_use]
    pub fn new(dead_after: Duration) -> Self {
        // Unlike any other, also of this machine and of an earlier start: nothing of theirs is ever taken for its own.
        let name = format!("frostline-{}-{}", std::process::id(), uuid::Uuid::now_v7());
        Self { context: WorkerContext::new(&name), dead_after: dead_after.max(Duration::from_secs(1)) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.context.name()
    }

    /// How often it must be heard: a heartbeat may be late by as much again, three times.
    pub(super) fn beat_every(&self) -> Duration {
        self.dead_after / 4
    }

    fn dead_after_s(&self) -> u64 {
        self.dead_after.as_secs()
    }
}

/// The file of apalis' tables beside a store's.
pub(super) fn file_beside(database: &Path) -> PathBuf {
    database.with_extension("jobs.db")
}

fn lite_config() -> apalis_sqlite::Config {
    apalis_sqlite::Config::default().queue(QUEUE).batch_size(1)
}

fn pg_config() -> apalis_postgres::Config {
    apalis_postgres::Config::default().queue(QUEUE).batch_size(1)
}

impl Runner {
    pub(super) async fn open(db: &Db, setting: &DatabaseSetting) -> Result<Self, RunnerError> {
        match (db, setting) {
            (Db::Pg(pool), _) => {
                PostgresStorage::<()>::migrations().run(pool).await?;
                Ok(Self::Pg(pool.clone()))
            }
            (Db::Lite { .. }, DatabaseSetting::Sqlite(path)) => Self::open_lite(&file_beside(path)).await,
            (Db::Lite { .. }, DatabaseSetting::Postgres(_)) => Err(sqlx::Error::PoolClosed.into()),
        }
    }

    async fn open_lite(path: &Path) -> Result<Self, RunnerError> {
        let _one_at_a_time =
            lock_beside(path).map_err(|source| RunnerError::File { path: path.into(), source: Box::new(source) })?;
        // One connection, as in the store: SQLite has one writer at a time.
        let options = lite_options(path).create_if_missing(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        // Not `setup`, which turns syncing off: after a loss of power the file would be broken.
        SqliteStorage::<()>::migrations().run(&pool).await?;
        Ok(Self::Lite(pool))
    }

    /// Puts a job into the queue; a job that is there already stays there once.
    pub(super) async fn push(&self, job: &str) -> Result<(), RunnerError> {
        let task = TaskBuilder::new(job.as_bytes().to_vec()).idempotency_key(job).build();
        match self {
            Self::Lite(pool) => Ok(lite::push_tasks(&mut *pool.acquire().await?, QUEUE, &[task]).await?),
            Self::Pg(pool) => match pg::push_tasks(&mut *pool.acquire().await?, QUEUE, vec![task]).await {
                Err(apalis_postgres::Error::Database(error)) if is_there_already(&error) => Ok(()),
                done => Ok(done?),
            },
        }
    }

    /// Whether a job is or was in the queue.
    pub(super) async fn has(&self, job: &str) -> Result<bool, RunnerError> {
        let found: Option<(i32,)> = match self {
            Self::Lite(pool) => {
                let sql = "SELECT 1 FROM Jobs WHERE job_type = $1 AND idempotency_key = $2";
                sqlx::query_as(sql).bind(QUEUE).bind(job).fetch_optional(pool).await?
            }
            Self::Pg(pool) => {
                let sql = "SELECT 1 FROM apalis.jobs WHERE job_type = $1 AND idempotency_key = $2";
                sqlx::query_as(sql).bind(QUEUE).bind(job).fetch_optional(pool).await?
            }
        };
        Ok(found.is_some())
    }

    /// Makes a worker known.
    pub(super) async fn register(&self, worker: &Worker) -> Result<(), RunnerError> {
        match self {
            Self::Lite(pool) => Ok(lite::register_worker(pool, &lite_config(), &worker.context, "frostline").await?),
            Self::Pg(pool) => {
                let now = Timestamp::now().as_second().into();
                Ok(pg::register_worker(&mut *pool.acquire().await?, QUEUE, &worker.context, &now, "frostline").await?)
            }
        }
    }

    /// Says that a worker lives, and puts the tasks of workers that do not back into the queue; gives how many.
    pub(super) async fn beat(&self, worker: &Worker) -> Result<u64, RunnerError> {
        match self {
            Self::Lite(pool) => {
                lite::keep_alive(pool, &lite_config(), &worker.context).await?;
                let others = WorkerFilter::AllExcept(worker.name().to_owned());
                let dead_after_s = i64::try_from(worker.dead_after_s()).unwrap_or(i64::MAX);
                Ok(lite::reenqueue_orphaned(pool, dead_after_s, QUEUE, &others).await?)
            }
            Self::Pg(pool) => {
                let mut connection = pool.acquire().await?;
                pg::keep_alive(&mut *connection, QUEUE, &worker.context).await?;
                Ok(pg::reenqueue_orphaned(&mut *connection, QUEUE, worker.dead_after_s()).await?)
            }
        }
    }

    /// Gives the next task to a worker, if there is one.
    pub(super) async fn next(&self, worker: &Worker) -> Result<Option<Taken>, RunnerError> {
        let mut tasks = match self {
            Self::Lite(pool) => lite::fetch_next(pool, &lite_config(), &worker.context).await?,
            Self::Pg(pool) => pg::fetch_next(&mut *pool.acquire().await?, &pg_config(), &worker.context).await?,
        };
        let Some(task) = tasks.pop() else { return Ok(None) };
        let id = task.task_id().cloned();
        let (job, _) = task.take();
        Ok(id.map(|task| Taken { task, job: String::from_utf8_lossy(&job).into_owned() }))
    }

    /// Takes a task out of the queue for good; what came of the job is not said here. Where the task was given to somebody
    /// else meanwhile, nothing happens.
    pub(super) async fn done(&self, worker: &Worker, task: &TaskId) -> Result<(), RunnerError> {
        let result = Ok(serde_json::Value::Null);
        let told = TaskResult { task_id: task.clone(), attempt: 1, status: Status::Done, result };
        match self {
            Self::Lite(pool) => lite::ack_tasks(pool, &[&told], worker.name()).await?,
            Self::Pg(pool) => pg::handle_results(&mut *pool.acquire().await?, &[&told], worker.name()).await?,
        };
        Ok(())
    }

    /// Puts a worker's task back into the queue, for any other worker.
    pub(super) async fn give_back(&self, worker: &Worker, task: &TaskId) -> Result<(), RunnerError> {
        let tasks = vec![task.to_string()];
        match self {
            Self::Lite(pool) => lite::reenqueue_abandoned(pool, QUEUE, worker.name(), &tasks).await?,
            Self::Pg(pool) => {
                pg::reenqueue_abandoned(&mut *pool.acquire().await?, QUEUE, worker.name(), &tasks).await?
            }
        };
        Ok(())
    }
}

/// PostgreSQL tells of a key that is there; SQLite's query of apalis leaves it alone by itself.
fn is_there_already(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
