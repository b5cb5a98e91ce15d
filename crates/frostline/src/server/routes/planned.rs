//! From a planning job that is done to the step `planned` of its case.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use frostline_record::case::Step;
use frostline_record::case::steps::ComputedBy;
use frostline_record::rules::Guidance;
use serde::Deserialize;
use utoipa::ToSchema;

use super::cases::{StepTaken, name, named, taken, wanted};
use crate::cases::Wanted;
use crate::jobs::{Job, JobState, PlanRecordError, PlanWork, SOLVER_VERSION, Work, plan_record};
use crate::server::idempotency::Command;
use crate::server::input::{Body, Path};
use crate::server::problem::{Kind, Problem};
use crate::server::signed::Signed;
use crate::server::state::AppState;
use crate::server::versions::IfMatch;
use crate::store::StreamId;

/// Which job.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanAsked {
    /// The job; it is of kind `plan`, belongs to this case and is done.
    job: String,
    /// What guides the probe; without it as the images of the case were made.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    guidance: Option<Guidance>,
}

/// Signs the step `planned` with what a planning job found: numbers and fingerprints are those of its result, and its case file and
/// assessment go with the case.
#[utoipa::path(post, path = "/cases/{case}/plan", security(("session" = ["plan"])), request_body = PlanAsked,
    params(("case" = Uuid, Path), ("if-match" = String, Header, description = "The ETag of the case that was read")),
    responses((status = 201, body = StepTaken, headers(("etag" = String)))))]
pub async fn plan_from_job(
    State(state): State<AppState>,
    signed: Signed,
    Path(case): Path<String>,
    IfMatch(seen): IfMatch,
    command: Option<Extension<Command>>,
    Body(asked): Body<PlanAsked>,
) -> Result<Response, Problem> {
    let id = name(&case)?;
    let kept = state.cases.read(id).await?;
    let imaged = kept.case.imaging().map(|imaging| imaging.modality);
    let guidance = asked.guidance.or(imaged).ok_or_else(|| {
        Problem::invalid("/guidance", "found none, and no image of the case tells what guides the probe; say which")
    })?;
    let (work, result) = done(&state, &case, &asked.job).await?;
    let mut record = plan_record(&work, &result, (guidance, state.store.attachments())).await?;
    record.computed = Some(ComputedBy { job: asked.job, program: SOLVER_VERSION.to_owned() });
    let at_ms = state.clock.now().as_millisecond();
    for content in [work.case_file.as_bytes(), result.as_bytes()] {
        let attachment = state.store.upload(&StreamId::case(id), content, at_ms).await?;
        record.attachments.push(attachment.to_string());
    }
    let wanted = Wanted { command: named(command), ..wanted(&state, &signed, (Step::Planned(record), Some(seen))) };
    let (kept, step) = state.cases.sign(id, wanted).await?;
    taken(&state, &kept, step).await
}

/// What was put into a job that is done, and what came of it.
async fn done(state: &AppState, case: &str, job: &str) -> Result<(PlanWork, String), Problem> {
    let wrong = |detail: String| Problem::invalid("/job", detail);
    let found: Option<Job> = state.jobs.job(job).await.map_err(Problem::broken)?;
    // A job of another case, or of none, is told apart from one that is not there for those only who may see it: here neither is.
    let found = found.filter(|found| found.case.as_deref() == Some(case));
    let found = found.ok_or_else(|| {
        wrong(format!(
            "found '{job}', expected a job of this case; start one with the case's name, or look at its list"
        ))
    })?;
    if found.state != JobState::Done {
        let detail = format!("the job is {}, expected one that is done; {}", found.state.word(), next(found.state));
        return Err(Problem::new(Kind::NotYet, detail));
    }
    let work = state.jobs.work(job).await.map_err(Problem::broken)?.ok_or_else(Problem::not_found)?;
    let result = state.jobs.result(job).await.map_err(Problem::broken)?.ok_or_else(Problem::not_found)?;
    match work {
        Work::Plan(work) => Ok((work, result)),
        other => Err(wrong(format!("found a job of kind '{}', expected 'plan'", other.kind()))),
    }
}

fn next(state: JobState) -> &'static str {
    match state {
        JobState::Waiting | JobState::Running => "wait for it",
        _ => "start another one",
    }
}

impl From<PlanRecordError> for Problem {
    fn from(error: PlanRecordError) -> Problem {
        match &error {
            PlanRecordError::OtherSolver { .. }
            | PlanRecordError::OtherPlan { .. }
            | PlanRecordError::Layout(_)
            | PlanRecordError::CaseFile(_) => Problem::new(Kind::Conflict, error.to_string()),
            PlanRecordError::BrokenOff => Problem::broken(error),
        }
    }
}
