//! What might be billed for a session, as a proposal that a coder confirms.

use axum::Json;
use axum::extract::State;
use frostline_record::case::Judging;
use frostline_record::coding_proposal::{CodingProposal, Diagnoses};

use super::cases::{name, now};
use crate::server::input::Path;
use crate::server::problem::Problem;
use crate::server::state::AppState;

/// Codes, units and modifiers over every nerve and leg of the session that the case belongs to, diagnosis codes that might fit,
/// what payers say and what the notes lack. A proposal: a coder confirms it in one of the cases.
#[utoipa::path(get, path = "/cases/{case}/coding", security(("session" = ["read-case"])),
    params(("case" = Uuid, Path)), responses((status = 200, body = Object)))]
pub async fn read_coding(
    State(state): State<AppState>,
    Path(case): Path<String>,
) -> Result<Json<CodingProposal>, Problem> {
    let kept = state.cases.read(name(&case)?).await?;
    let session = state.cases.of_session(&kept.case).await?;
    let diagnoses = Diagnoses::bundled().map_err(Problem::broken)?;
    let judging = Judging { session: &session, ..state.cases.knowledge().judging(now(&state)) };
    Ok(Json(CodingProposal::of_case(&kept.case, &judging, &diagnoses, None)))
}
