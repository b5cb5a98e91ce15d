//! The audit, for quality and for administrators.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::audit::Entry;
use crate::server::input::Query;
use crate::server::problem::{Kind, Problem};
use crate::server::state::AppState;
use crate::store::StoredEvent;

/// Which part of the audit.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditAsked {
    /// Entries before this number; the newest where nothing is said.
    #[param(minimum = 1)]
    before: Option<u64>,
    /// How many; at most 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// Only entries about this case; fewer than `limit` may then come back before the last page.
    case: Option<String>,
}

/// One entry.
#[derive(Serialize, ToSchema)]
pub struct AuditLine {
    /// Its number, from 1, without gaps.
    number: u64,
    #[schema(format = DateTime)]
    at: String,
    /// The account, the invitation, or `nobody`.
    who: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// Which operation of this interface, by its `operationId`.
    operation: String,
    /// Whether it changes something, rather than only showing it.
    changes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    /// The account or invitation that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    /// The emergency access that was open.
    #[serde(skip_serializing_if = "Option::is_none")]
    emergency: Option<String>,
    address: String,
    /// The number of the request, as in the log.
    request: String,
    /// 2xx done, 4xx refused, 5xx broken.
    status: u16,
    /// Of this entry, chained to the one before.
    hash: String,
}

/// A part of the audit, newest first.
#[derive(Serialize, ToSchema)]
pub struct AuditPage {
    items: Vec<AuditLine>,
    /// To be sent as `before` for older entries; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// Who saw and did what, newest first.
#[utoipa::path(get, path = "/audit", security(("session" = ["see-audit"])), params(AuditAsked),
    responses((status = 200, body = AuditPage)))]
pub async fn read_audit(
    State(state): State<AppState>,
    Query(asked): Query<AuditAsked>,
) -> Result<Json<AuditPage>, Problem> {
    let bounds = &state.numbers().server;
    let limit = asked.limit.unwrap_or(bounds.page_default);
    if !(1..=bounds.page_largest).contains(&limit) {
        let expected = format!("limit: found {limit}, expected 1 to {}", bounds.page_largest);
        return Err(Problem::new(Kind::Malformed, expected));
    }
    let length = state.audit.length().await.map_err(Problem::broken)?;
    let before = asked.before.unwrap_or(u64::MAX).min(length + 1);
    let events = state.audit.before(before, limit.unsigned_abs()).await.map_err(Problem::broken)?;
    let next = events.last().map(|event| event.seq).filter(|seq| *seq > 1);
    let lines = events.into_iter().map(line).collect::<Result<Vec<_>, _>>()?;
    let about = |line: &AuditLine| asked.case.is_none() || asked.case == line.case;
    Ok(Json(AuditPage { items: lines.into_iter().filter(about).collect(), next }))
}

fn line(event: StoredEvent) -> Result<AuditLine, Problem> {
    let entry: Entry =
        serde_json::from_value(event.body.kept().cloned().unwrap_or_default()).map_err(Problem::broken)?;
    Ok(AuditLine {
        number: event.seq,
        at: Timestamp::from_millisecond(event.at_ms).unwrap_or(Timestamp::UNIX_EPOCH).to_string(),
        who: event.by,
        role: entry.role,
        operation: entry.operation,
        changes: entry.changes,
        case: entry.case,
        about: entry.about,
        emergency: entry.emergency,
        address: entry.address,
        request: entry.request,
        status: entry.status,
        hash: event.hash,
    })
}
