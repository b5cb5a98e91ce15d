//! How it went: for one patient, with events, and for a group of patients.

use axum::Json;
use axum::extract::State;
use frostline_record::adverse::AdverseRecord;
use frostline_record::follow_up::{CaseOutcome, CohortAt, FollowedPatient, NOT_ADJUSTED};
use frostline_record::rules::Day;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cases::{name, now};
use super::follow_up::AnswerView;
use crate::server::input::{Path, Query};
use crate::server::problem::{Kind, Problem};
use crate::server::state::AppState;

/// How it went for the patient of a case.
#[derive(Serialize, ToSchema)]
pub struct OutcomeView {
    /// Day of the freeze; nothing before it, and then no result either.
    treated_on: Option<Day>,
    /// Outcome, published studies beside it (not adjusted), repeat treatment, and what somebody must do.
    #[schema(value_type = Option<Object>)]
    result: Option<CaseOutcome>,
    /// Every answer, and what it counts for.
    answers: Vec<AnswerView>,
}

/// Which patients.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CohortAsked {
    /// Only those whose nerve this was, by its key in the atlas.
    nerve: Option<String>,
    /// Only those who were treated on this day or later.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// Only those who were treated on this day or earlier.
    #[param(value_type = Option<String>, format = Date)]
    until: Option<Day>,
}

/// How a group of patients did.
#[derive(Serialize, ToSchema)]
pub struct CohortView {
    /// What stands above every comparison.
    notice: &'static str,
    /// How many were treated.
    patients: usize,
    /// Cases that cannot be read and are in no number.
    unreadable: usize,
    /// The group at every time of the follow-up, beside what others published.
    #[schema(value_type = Vec<Object>)]
    times: Vec<CohortAt>,
}

/// Relief, when it came and how long it lasted, the patient's goals and impression, changes of scores; beside every published
/// study; and whether to repeat.
#[utoipa::path(get, path = "/cases/{case}/outcome", security(("session" = ["read-case"])), params(("case" = Uuid, Path)),
    responses((status = 200, body = OutcomeView)))]
pub async fn read_outcome(
    State(state): State<AppState>,
    Path(case): Path<String>,
) -> Result<Json<OutcomeView>, Problem> {
    let case = state.cases.read(name(&case)?).await?.case;
    let judging = state.cases.knowledge().judging(now(&state));
    Ok(Json(OutcomeView {
        treated_on: case.treated_on(),
        result: CaseOutcome::of(&case, &judging),
        answers: AnswerView::all(&case, &judging),
    }))
}

/// Every adverse event of a case: its grades, what to watch for and do, by when somebody looks again, and what it lacks to end.
#[utoipa::path(get, path = "/cases/{case}/events", security(("session" = ["read-case"])), params(("case" = Uuid, Path)),
    responses((status = 200, body = Vec<Object>)))]
pub async fn read_events(
    State(state): State<AppState>,
    Path(case): Path<String>,
) -> Result<Json<Vec<AdverseRecord>>, Problem> {
    let case = state.cases.read(name(&case)?).await?.case;
    let knowledge = state.cases.knowledge();
    Ok(Json(knowledge.pathway().terms().records(&case, &knowledge.judging(now(&state)))))
}

/// How the patients of this site did at every time of the follow-up, beside every published study; not adjusted. Who did not
/// answer although the time is over is counted as missing.
#[utoipa::path(get, path = "/quality/cohort", security(("session" = ["quality-review"])), params(CohortAsked),
    responses((status = 200, body = CohortView)))]
pub async fn read_cohort(
    State(state): State<AppState>,
    Query(which): Query<CohortAsked>,
) -> Result<Json<CohortView>, Problem> {
    let knowledge = state.cases.knowledge();
    if let Some(nerve) = which.nerve.as_ref().filter(|nerve| knowledge.catalogues().nerves.find(nerve).is_none()) {
        let detail = format!("nerve: found '{nerve}', expected a key of the atlas");
        return Err(Problem::new(Kind::Malformed, detail));
    }
    let at = now(&state);
    let (patients, unreadable) = state.cases.followed(at).await?;
    let today = knowledge.day_of(at);
    let courses: Vec<_> = patients
        .iter()
        .filter(|patient| which.wants(patient))
        .map(|patient| patient.course(knowledge.book(), today))
        .collect();
    let times = CohortAt::all(knowledge.book(), &courses);
    Ok(Json(CohortView { notice: NOT_ADJUSTED, patients: courses.len(), unreadable, times }))
}

impl CohortAsked {
    fn wants(&self, patient: &FollowedPatient) -> bool {
        let is_nerve = self.nerve.is_none() || self.nerve == patient.nerve;
        let is_after = self.from.is_none_or(|from| patient.treated_on >= from);
        is_nerve && is_after && self.until.is_none_or(|until| patient.treated_on <= until)
    }
}
