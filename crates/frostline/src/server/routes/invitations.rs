//! Invitations of patients to their own case, made by staff.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cases::name;
use super::words::time;
use crate::accounts::{Factor, Invitation};
use crate::server::idempotency::HoldsSecret;
use crate::server::input::{Body, Path};
use crate::server::problem::Problem;
use crate::server::signed::Signed;
use crate::server::state::AppState;

/// What the patient must know beside the link.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "factor", deny_unknown_fields)]
pub enum InvitationAsked {
    /// Their date of birth.
    DateOfBirth {
        /// As year, month, day.
        #[schema(value_type = String, format = Date)]
        date_of_birth: jiff::civil::Date,
    },
    /// A code that comes back with the answer, to be given on another way than the link.
    Code,
}

/// An invitation, without what opens it.
#[derive(Serialize, ToSchema)]
pub struct InvitationLine {
    id: String,
    /// `date-of-birth` or `code`.
    factor: String,
    /// Wrong second factors so far.
    wrong_factors: i64,
    /// The account that invited.
    created_by: String,
    #[schema(format = DateTime)]
    created: String,
    #[schema(format = DateTime)]
    ends: String,
    withdrawn: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    used: Option<String>,
}

/// An invitation with what opens it; shown once.
#[derive(Serialize, ToSchema)]
pub struct InvitationMade {
    invitation: InvitationLine,
    /// For the link; it opens once.
    token: String,
    /// To be given on another way, where a code was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

/// The invitations to a case, newest first.
#[utoipa::path(get, path = "/cases/{case}/invitations", security(("session" = ["invite-patient"])), params(("case" = String, Path)),
    responses((status = 200, body = Vec<InvitationLine>)))]
pub async fn list_invitations(
    State(state): State<AppState>,
    Path(case): Path<String>,
) -> Result<Json<Vec<InvitationLine>>, Problem> {
    state.must_have_case(&case).await?;
    let found = state.accounts.invitations_to(&case).await?;
    Ok(Json(found.into_iter().map(line).collect()))
}

/// Invites the patient to their case.
#[utoipa::path(post, path = "/cases/{case}/invitations", security(("session" = ["invite-patient"])), params(("case" = String, Path)),
    request_body = InvitationAsked, responses((status = 201, body = InvitationMade)))]
pub async fn invite_patient(
    State(state): State<AppState>,
    signed: Signed,
    Path(case): Path<String>,
    Body(asked): Body<InvitationAsked>,
) -> Result<Response, Problem> {
    state.must_have_case(&case).await?;
    let factor = match asked {
        InvitationAsked::DateOfBirth { date_of_birth } => {
            is_of_the_patient(&state, &case, date_of_birth).await?;
            Factor::DateOfBirth(date_of_birth)
        }
        InvitationAsked::Code => Factor::Code,
    };
    let invited = state.accounts.invite(&case, factor, &signed.account).await?;
    let token = invited.secret.text().to_string();
    let made = InvitationMade { invitation: line(invited.invitation), token, code: invited.code };
    let mut response = (StatusCode::CREATED, Json(made)).into_response();
    response.extensions_mut().insert(HoldsSecret);
    Ok(response)
}

/// The day is that of the referral: an invitation never opens a case to somebody else's birthday.
async fn is_of_the_patient(state: &AppState, case: &str, date_of_birth: jiff::civil::Date) -> Result<(), Problem> {
    let kept = state.cases.read(name(case)?).await?;
    let born = kept.case.referral().map(|referral| referral.patient.born);
    match born {
        Some(born) if born.to_string() != date_of_birth.to_string() => Err(Problem::invalid(
            "/date_of_birth",
            "this is not the date of birth of the referral; look whether it is the right case, or correct the referral",
        )),
        _ => Ok(()),
    }
}

/// Withdraws an invitation; whoever is in with it is out.
#[utoipa::path(delete, path = "/cases/{case}/invitations/{invitation}", security(("session" = ["invite-patient"])),
    params(("case" = String, Path), ("invitation" = String, Path)), responses((status = 204, description = "Withdrawn")))]
pub async fn withdraw_invitation(
    State(state): State<AppState>,
    Path((case, invitation)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    state.accounts.withdraw(&case, &invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn line(invitation: Invitation) -> InvitationLine {
    InvitationLine {
        id: invitation.id,
        factor: invitation.factor,
        wrong_factors: invitation.wrong_factors,
        created_by: invitation.created_by,
        created: time(invitation.created_s),
        ends: time(invitation.ends_s),
        withdrawn: invitation.withdrawn != 0,
        used: invitation.used_s.map(time),
    }
}
