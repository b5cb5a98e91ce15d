//! A booking's way through its day, and booking together with the case.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use frostline_record::case::steps::SessionPart;
use frostline_record::case::{SignedStep, Stage};
use frostline_record::rules::Moment;
use frostline_record::schedule::{Booking, BookingRequest, BookingState, Clearance, SessionNeeds, Used, WantedRoom};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cases::{named, now, signer, version};
use super::practice::{PracticeView, changed, conflicts};
use crate::accounts::Permission;
use crate::cases::{BookError, Booker};
use crate::server::guard::AboutCase;
use crate::server::idempotency::Command;
use crate::server::input::{Body, Path};
use crate::server::problem::Problem;
use crate::server::signed::Signed;
use crate::server::state::AppState;
use crate::server::versions::{IfMatch, IfMatchOptional, etag};

/// How far a booking has come.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NowIs {
    /// `awaiting-clearance`, `cleared`, `booked`, `arrived`, `in-procedure`, `discharged`, `follow-up` or `closed`.
    #[schema(value_type = String)]
    state: BookingState,
}

/// A session for a case.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionAsked {
    /// Key of the booking; it never changes, however often the booking is moved.
    id: String,
    /// What the session takes.
    #[schema(value_type = Object)]
    needs: SessionNeeds,
    /// When the room is entered.
    start: Moment,
    /// Where.
    #[schema(value_type = Object)]
    room: WantedRoom,
    /// People who must be there, by their keys.
    people: Vec<String>,
    /// Whether it may take place yet.
    #[schema(value_type = String)]
    clearance: Clearance,
    /// Other cases of the same patient that are treated in the same session, each planned; all are told the booking at once.
    #[serde(default)]
    together_with: Vec<SessionPart>,
}

/// A booking with the step of its case.
#[derive(Serialize, ToSchema)]
pub struct BookedView {
    /// The booking.
    #[schema(value_type = Object)]
    booking: Booking,
    /// The step `booked`.
    step: SignedStep,
    /// Where the case stands now.
    stage: Stage,
}

/// Books a session for a case, and for those that are treated with it, and signs the step `booked` of each: all or none. What stands in the way of either is told.
#[utoipa::path(post, path = "/cases/{case}/booking", security(("session" = ["schedule"])), request_body = SessionAsked,
    params(("case" = Uuid, Path), ("if-match" = String, Header, description = "The ETag of the case that was read")),
    responses((status = 201, body = BookedView, headers(("etag" = String)))))]
pub async fn book_case(
    State(state): State<AppState>,
    signed: Signed,
    Path(case): Path<String>,
    IfMatch(seen): IfMatch,
    command: Option<Extension<Command>>,
    Body(asked): Body<SessionAsked>,
) -> Result<Response, Problem> {
    let SessionAsked { id, needs, start, room, people, clearance, together_with } = asked;
    let asked = BookingRequest { id, case, needs, start, room, people, clearance };
    let seen = Some(u64::try_from(seen).unwrap_or(0));
    let booker = Booker { by: signer(&signed), at: now(&state), seen, command: named(command), together_with };
    let booked = state.practice.book_case(&state.cases, &asked, booker).await?;
    let tag = [(header::ETAG, etag(version(&booked.kept.case)))];
    let stage = booked.kept.case.stage();
    let view = BookedView { booking: booked.booking, step: booked.step, stage };
    Ok((StatusCode::CREATED, tag, Json(view)).into_response())
}

/// Says how far a booking has come: cleared, the patient was told, is here, is in the room, went home. What ends a procedure is
/// said with what it used.
#[utoipa::path(post, path = "/site/bookings/{booking}/state", request_body = NowIs,
    security(("session" = ["schedule", "day-checks", "discharge", "follow-up"])),
    params(("booking" = String, Path), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, body = PracticeView, headers(("etag" = String)))))]
pub async fn tell_booking(
    State(state): State<AppState>,
    signed: Signed,
    Path(booking): Path<String>,
    IfMatchOptional(seen): IfMatchOptional,
    Body(told): Body<NowIs>,
) -> Result<Response, Problem> {
    signed.may(allowed(told.state))?;
    let at = now(&state).moment();
    let answer = changed(&state, (&signed, seen), |calendar| Ok(calendar.advance(&booking, told.state, at)?)).await?;
    about(&state, &booking, answer).await
}

/// Ends a procedure: the patient is in recovery, what was used has left the stock, and what was set aside and not used is free.
#[utoipa::path(post, path = "/site/bookings/{booking}/used", security(("session" = ["procedure-log"])), request_body = Object,
    params(("booking" = String, Path), ("if-match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 200, body = PracticeView, headers(("etag" = String)))))]
pub async fn use_stock(
    State(state): State<AppState>,
    signed: Signed,
    Path(booking): Path<String>,
    IfMatchOptional(seen): IfMatchOptional,
    Body(used): Body<Used>,
) -> Result<Response, Problem> {
    let at = now(&state).moment();
    let answer =
        changed(&state, (&signed, seen), |calendar| Ok(calendar.after_procedure(&booking, &used, at)?)).await?;
    about(&state, &booking, answer).await
}

/// Who says that a booking has come so far.
fn allowed(state: BookingState) -> Permission {
    match state {
        BookingState::InProcedure => Permission::DayChecks,
        BookingState::Discharged => Permission::Discharge,
        BookingState::FollowUp | BookingState::Closed => Permission::FollowUp,
        _ => Permission::Schedule,
    }
}

/// Tells the audit which case it was about.
async fn about(state: &AppState, booking: &str, mut answer: Response) -> Result<Response, Problem> {
    let calendar = state.practice.now().await?.calendar;
    if let Some(booking) = calendar.find(booking) {
        answer.extensions_mut().insert(AboutCase(booking.case().to_owned()));
    }
    Ok(answer)
}

impl From<BookError> for Problem {
    fn from(error: BookError) -> Problem {
        match error {
            BookError::NoCase { .. } => Problem::not_found(),
            BookError::Conflicts(all) => conflicts(&all),
            error @ BookError::NoPlan { .. } => Problem::invalid("/together_with", error.to_string()),
            error @ (BookError::TooShort { .. } | BookError::NoLength(_)) => {
                Problem::invalid("/needs/room_minutes", error.to_string())
            }
            BookError::Unfit { field, problem } => Problem::invalid(field, problem),
            BookError::Change(refused) => refused.into(),
            BookError::Case(error) => error.into(),
            BookError::Practice(error) => error.into(),
            BookError::Lost { .. } => Problem::broken(error),
        }
    }
}
