//! One job, as people see it.

use std::str::FromStr;

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Nobody has it yet, or the worker that had it was told to leave.
    Waiting,
    /// A worker has it.
    Running,
    /// It has a result.
    Done,
    /// It has a problem instead.
    Failed,
    /// Somebody no longer wanted it.
    Cancelled,
}

impl JobState {
    /// All of them.
    pub const ALL: [JobState; 5] =
        [JobState::Waiting, JobState::Running, JobState::Done, JobState::Failed, JobState::Cancelled];

    /// The word in the table and in the interface.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            JobState::Waiting => "waiting",
            JobState::Running => "running",
            JobState::Done => "done",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_end(self) -> bool {
        matches!(self, JobState::Done | JobState::Failed | JobState::Cancelled)
    }
}

/// A word in the table that is no state.
#[derive(Debug, thiserror::Error)]
#[error("found the state '{0}' in the table of jobs; a newer program wrote it, use that one")]
pub struct UnknownState(String);

impl FromStr for JobState {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        JobState::ALL.into_iter().find(|state| state.word() == word).ok_or_else(|| UnknownState(word.to_owned()))
    }
}

/// A job without what was put into it and without its result, which may be long.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its id; later ones sort after earlier ones.
    pub id: String,
    /// The case it belongs to.
    pub case: Option<String>,
    /// `plan`, `propose` or `robust`.
    pub kind: String,
    /// Digest of what was put in: the same digest gives the same result.
    pub input_digest: String,
    /// Where it is.
    pub state: JobState,
    /// From 0 to 1; within one attempt it only grows.
    pub progress: f64,
    /// What it is at, in words.
    pub doing: String,
    /// Why it failed.
    pub problem: Option<String>,
    /// The account that asked.
    pub asked_by: String,
    /// Unit: ms since 1970.
    pub asked_ms: i64,
    /// When a worker first took it. Unit: ms since 1970.
    pub started_ms: Option<i64>,
    /// Unit: ms since 1970.
    pub ended_ms: Option<i64>,
    /// When somebody asked to stop it. Unit: ms since 1970.
    pub cancel_asked_ms: Option<i64>,
    /// How often a worker took it.
    pub attempt: i64,
}

/// The columns of a [`JobRow`].
pub(super) const COLUMNS: &str = "id, case_id, kind, input_digest, state, progress, doing, problem, asked_by, asked_ms, \
     started_ms, ended_ms, cancel_asked_ms, attempt";

#[derive(sqlx::FromRow)]
pub(super) struct JobRow {
    id: String,
    case_id: Option<String>,
    kind: String,
    input_digest: String,
    state: String,
    progress: f64,
    doing: String,
    problem: Option<String>,
    asked_by: String,
    asked_ms: i64,
    started_ms: Option<i64>,
    ended_ms: Option<i64>,
    cancel_asked_ms: Option<i64>,
    attempt: i64,
}

impl TryFrom<JobRow> for Job {
    type Error = UnknownState;

    fn try_from(row: JobRow) -> Result<Self, UnknownState> {
        Ok(Job {
            state: row.state.parse()?,
            id: row.id,
            case: row.case_id,
            kind: row.kind,
            input_digest: row.input_digest,
            progress: row.progress,
            doing: row.doing,
            problem: row.problem,
            asked_by: row.asked_by,
            asked_ms: row.asked_ms,
            started_ms: row.started_ms,
            ended_ms: row.ended_ms,
            cancel_asked_ms: row.cancel_asked_ms,
            attempt: row.attempt,
        })
    }
}
