//! Emergency access to a case.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::time;
use crate::accounts::EmergencyAccess;
use crate::server::input::{Body, Path, Query};
use crate::server::page::{Page, PageAsked};
use crate::server::problem::Problem;
use crate::server::signed::Signed;
use crate::server::state::AppState;

/// Why a case must be opened now.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyAsked {
    /// In one's own words; quality reads it.
    #[schema(min_length = 10)]
    reason: String,
}

/// One use of emergency access.
#[derive(Serialize, ToSchema)]
pub struct Emergency {
    id: String,
    account: String,
    case: String,
    reason: String,
    #[schema(format = DateTime)]
    started: String,
    #[schema(format = DateTime)]
    ends: String,
    /// The account that reviewed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    reviewed: Option<String>,
}

/// Opens a case beyond one's role, for an hour. It is recorded and shown to quality.
#[utoipa::path(post, path = "/cases/{case}/emergency-access", security(("session" = ["break-glass"])), params(("case" = String, Path)),
    request_body = EmergencyAsked, responses((status = 201, body = Emergency)))]
pub async fn open_in_emergency(
    State(state): State<AppState>,
    signed: Signed,
    Path(case): Path<String>,
    Body(asked): Body<EmergencyAsked>,
) -> Result<(StatusCode, Json<Emergency>), Problem> {
    state.must_have_case(&case).await?;
    let access = state.accounts.break_glass(&signed.account, &case, &asked.reason).await?;
    tracing::warn!(account = signed.account, "emergency access was taken");
    Ok((StatusCode::CREATED, Json(shown(access))))
}

/// The uses of emergency access, for review.
#[utoipa::path(get, path = "/emergency-access", security(("session" = ["quality-review"])), params(PageAsked),
    responses((status = 200, body = Page<Emergency>)))]
pub async fn list_emergencies(
    State(state): State<AppState>,
    Query(asked): Query<PageAsked>,
) -> Result<Json<Page<Emergency>>, Problem> {
    let start = asked.start(state.numbers())?;
    let found = state.accounts.emergency_accesses_after(&start.after, start.look_for()).await?;
    Ok(Json(start.page(found.into_iter().map(shown).collect(), |access| access.id.clone())))
}

/// Says that a use of emergency access was reviewed.
#[utoipa::path(post, path = "/emergency-access/{access}/review", security(("session" = ["quality-review"])),
    params(("access" = String, Path)), responses((status = 204, description = "Reviewed")))]
pub async fn review_emergency(
    State(state): State<AppState>,
    signed: Signed,
    Path(access): Path<String>,
) -> Result<StatusCode, Problem> {
    state.accounts.review_emergency(&access, &signed.account).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(access: EmergencyAccess) -> Emergency {
    Emergency {
        id: access.id,
        account: access.account,
        case: access.case_id,
        reason: access.reason,
        started: time(access.started_s),
        ends: time(access.ends_s),
        reviewed_by: access.reviewed_by,
        reviewed: access.reviewed_s.map(time),
    }
}
