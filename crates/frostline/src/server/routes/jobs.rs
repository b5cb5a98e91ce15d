//! Long jobs: started, followed, stopped.
//!
//! A job that belongs to a case is seen by whoever may read cases; any other only by who asked for it.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::accounts::Permission;
use crate::jobs::{Job, JobQueue, JobState, NewJob, QueueError, Whose, Work};
use crate::server::guard::AboutCase;
use crate::server::input::{Body, Path, Query};
use crate::server::page::{Page, PageAsked};
use crate::server::problem::{Kind, Problem};
use crate::server::router::PREFIX;
use crate::server::signed::Signed;
use crate::server::state::AppState;
use crate::store::{AttachmentId, StreamId};

/// A job to start.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobAsked {
    /// The case it belongs to; without it only you see it.
    #[serde(default)]
    case: Option<String>,
    work: Work,
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JobStateWord {
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// A job.
#[derive(Serialize, ToSchema)]
pub struct JobView {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    /// `plan`, `propose` or `robust`.
    kind: String,
    /// SHA-256 of what was put in.
    input_digest: String,
    state: JobStateWord,
    /// From 0 to 1; begins again when a worker was lost and another took the job.
    #[schema(minimum = 0, maximum = 1)]
    progress: f64,
    /// What it is at, in words; empty when it is at nothing.
    doing: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// The account that asked.
    asked_by: String,
    #[schema(format = DateTime)]
    asked: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    started: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    ended: Option<String>,
    /// Whether somebody asked to stop it.
    cancel_asked: bool,
    /// How often a worker took it.
    attempt: i64,
}

/// A job with its result.
#[derive(Serialize, ToSchema)]
pub struct JobWhole {
    #[serde(flatten)]
    job: JobView,
    /// What the command of the same name writes as JSON; there when the job is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
}

/// Which jobs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobsAsked {
    /// Those of this case; without it those that you asked for.
    case: Option<String>,
    /// What the page before gave as `next`; nothing for the first page.
    after: Option<String>,
    /// How many; at most 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Starts a job. Settings that cannot be are refused here; a case file that cannot be used is the job's own problem.
#[utoipa::path(post, path = "/jobs", security(("session" = ["run-jobs"])), request_body = JobAsked,
    responses((status = 202, body = JobView, headers(("location" = String)))))]
pub async fn start_job(
    State(state): State<AppState>,
    signed: Signed,
    Body(asked): Body<JobAsked>,
) -> Result<Response, Problem> {
    let kind = asked.work.kind();
    asked.work.check().map_err(|fault| Problem::invalid(format!("/work/{kind}/{}", fault.field), fault.detail))?;
    if let Some(case) = &asked.case {
        signed.may(Permission::ReadCase)?;
        state.must_have_case(case).await?;
        own_pictures(&state, case, &asked.work).await?;
    }
    let new = NewJob { work: asked.work, case: asked.case, by: signed.account };
    let job = state.jobs.push(new).await.map_err(broken)?;
    let case = job.case.clone();
    let location = HeaderValue::from_str(&format!("{PREFIX}/jobs/{}", job.id)).map_err(Problem::broken)?;
    Ok(about(case, (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(view(job)))))
}

/// A job of a case reads what was sent to that case, and no other patient's pictures.
async fn own_pictures(state: &AppState, case: &str, work: &Work) -> Result<(), Problem> {
    let stream = case.parse().map(StreamId::case).map_err(|_| Problem::not_found())?;
    // What is no TOML is the job's own problem, which says where.
    let text = work.case_file().parse::<toml::Table>().unwrap_or_default();
    let named = AttachmentId::named_in(&serde_json::to_value(text).unwrap_or_default());
    match state.store.stranger_to(&stream, &named).await? {
        None => Ok(()),
        Some(id) => Err(Problem::invalid(
            format!("/work/{}/case_file", work.kind()),
            format!("the attachment {id} was not sent to this case; send it there first, then name it"),
        )),
    }
}

/// Jobs, newest first, without their results: your own, or those of a case.
#[utoipa::path(get, path = "/jobs", security(("session" = ["run-jobs", "read-case"])), params(JobsAsked),
    responses((status = 200, body = Page<JobView>)))]
pub async fn list_jobs(
    State(state): State<AppState>,
    signed: Signed,
    Query(asked): Query<JobsAsked>,
) -> Result<Response, Problem> {
    let start = PageAsked { after: asked.after, limit: asked.limit }.start(state.numbers())?;
    let whose = match &asked.case {
        Some(case) => {
            signed.may(Permission::ReadCase)?;
            state.must_have_case(case).await?;
            Whose::Case(case.clone())
        }
        None => Whose::AskedBy(signed.account.clone()),
    };
    let found = state.jobs.list(&whose, &start.after, start.look_for()).await.map_err(broken)?;
    let page = start.page(found.into_iter().map(view).collect(), |job| job.id.clone());
    Ok(about(asked.case, Json(page)))
}

/// A job, with its result when it is done.
#[utoipa::path(get, path = "/jobs/{job}", security(("session" = ["run-jobs", "read-case"])), params(("job" = String, Path)),
    responses((status = 200, body = JobWhole)))]
pub async fn read_job(
    State(state): State<AppState>,
    signed: Signed,
    Path(job): Path<String>,
) -> Result<Response, Problem> {
    let job = seen(&state.jobs, &signed, &job).await?;
    let result = match job.state {
        JobState::Done => state.jobs.result(&job.id).await.map_err(broken)?,
        _ => None,
    };
    let result = result.map(|text| serde_json::from_str(&text)).transpose().map_err(Problem::broken)?;
    let case = job.case.clone();
    Ok(about(case, Json(JobWhole { job: view(job), result })))
}

/// Asks to stop a job; one that runs stops at its next word to its worker, within seconds. What ended stays as it is.
#[utoipa::path(delete, path = "/jobs/{job}", security(("session" = ["run-jobs"])), params(("job" = String, Path)),
    responses((status = 202, body = JobView)))]
pub async fn cancel_job(
    State(state): State<AppState>,
    signed: Signed,
    Path(job): Path<String>,
) -> Result<Response, Problem> {
    let job = seen(&state.jobs, &signed, &job).await?;
    if job.state.is_end() {
        return Err(Problem::new(Kind::Conflict, format!("the job is {} already", job.state.word())));
    }
    let job = state.jobs.cancel(&job.id).await.map_err(broken)?.ok_or_else(Problem::not_found)?;
    Ok(about(job.case.clone(), (StatusCode::ACCEPTED, Json(view(job)))))
}

/// How a job goes on, until it ended: an event `progress` whenever something changed and `ended` at the end, each with the
/// job as its data. The stream may end before the job does; browsers then ask again by themselves.
#[utoipa::path(get, path = "/jobs/{job}/events", security(("session" = ["run-jobs", "read-case"])), params(("job" = String, Path)),
    responses((status = 200, description = "Events", body = String, content_type = "text/event-stream")))]
pub async fn follow_job(
    State(state): State<AppState>,
    signed: Signed,
    Path(job): Path<String>,
) -> Result<Response, Problem> {
    let job = seen(&state.jobs, &signed, &job).await?;
    let case = job.case.clone();
    let events = Sse::new(events(state.jobs.clone(), job.id)).keep_alive(KeepAlive::new().interval(SILENT_AT_MOST));
    Ok(about(case, events))
}

/// How often a job is looked at for those who follow it.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Proxies close connections on which nothing is said.
const SILENT_AT_MOST: Duration = Duration::from_secs(15);
/// A stream ends after this, so that whoever follows is asked again who they are.
const LONGEST_STREAM: Duration = Duration::from_secs(300);

/// A stream between two events.
struct Following {
    jobs: JobQueue,
    id: String,
    said: Option<Job>,
    since: Instant,
}

fn events(jobs: JobQueue, id: String) -> impl Stream<Item = Result<Event, Infallible>> {
    let following = Following { jobs, id, said: None, since: Instant::now() };
    stream::unfold(following, |mut following| async move {
        let event = next_event(&mut following).await?;
        Some((Ok(event), following))
    })
}

async fn next_event(following: &mut Following) -> Option<Event> {
    if following.said.as_ref().is_some_and(|job| job.state.is_end()) {
        return None;
    }
    while following.since.elapsed() < LONGEST_STREAM {
        // A job that is gone, and a database that does not answer, end the stream; asking again tells why.
        let job = following.jobs.job(&following.id).await.ok().flatten()?;
        if following.said.as_ref() == Some(&job) {
            tokio::time::sleep(LOOK_EVERY).await;
            continue;
        }
        following.said = Some(job.clone());
        let name = if job.state.is_end() { "ended" } else { "progress" };
        return Event::default().event(name).json_data(view(job)).ok();
    }
    None
}

/// A job that this person may see; any other does not exist for them.
async fn seen(jobs: &JobQueue, signed: &Signed, id: &str) -> Result<Job, Problem> {
    let job = jobs.job(id).await.map_err(broken)?.ok_or_else(Problem::not_found)?;
    let may = match &job.case {
        Some(_) => signed.can(Permission::ReadCase),
        None => job.asked_by == signed.account,
    };
    if may { Ok(job) } else { Err(Problem::not_found()) }
}

fn broken(error: QueueError) -> Problem {
    Problem::broken(error)
}

/// Tells the audit which case it was about.
fn about(case: Option<String>, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if let Some(case) = case {
        response.extensions_mut().insert(AboutCase(case));
    }
    response
}

fn view(job: Job) -> JobView {
    JobView {
        id: job.id,
        case: job.case,
        kind: job.kind,
        input_digest: job.input_digest,
        state: match job.state {
            JobState::Waiting => JobStateWord::Waiting,
            JobState::Running => JobStateWord::Running,
            JobState::Done => JobStateWord::Done,
            JobState::Failed => JobStateWord::Failed,
            JobState::Cancelled => JobStateWord::Cancelled,
        },
        progress: job.progress,
        doing: job.doing,
        problem: job.problem,
        asked_by: job.asked_by,
        asked: time(job.asked_ms),
        started: job.started_ms.map(time),
        ended: job.ended_ms.map(time),
        cancel_asked: job.cancel_asked_ms.is_some(),
        attempt: job.attempt,
    }
}

/// Milliseconds since 1970 as RFC 3339.
fn time(at_ms: i64) -> String {
    // Only times that a clock gave are in the table; what is out of range stands for 1970.
    Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}
