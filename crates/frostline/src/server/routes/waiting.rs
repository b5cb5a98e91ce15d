//! The waiting list: who waits for a time, whom to ask when one falls free, and how waiting ended.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use frostline_record::rules::Moment;
use frostline_record::schedule::{Clearance, Offer, OfferMade, Priority, SessionNeeds, Span, Waited, Waiting};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::cases::now;
use super::practice::{NotThen, OtherTime, PracticeView, changed, rows_at_most};
use crate::server::input::{Body, Path, Query};
use crate::server::problem::Problem;
use crate::server::signed::Signed;
use crate::server::state::AppState;

/// Somebody who waits from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitAsked {
    /// The case.
    case: String,
    /// `urgent`, `soon` or `routine`.
    #[schema(value_type = String)]
    priority: Priority,
    /// The earliest time that suits.
    not_before: Moment,
    /// What the session takes.
    #[schema(value_type = Object)]
    needs: SessionNeeds,
    /// People who must be there, by their keys.
    people: Vec<String>,
    /// Whether it may take place yet.
    #[schema(value_type = String)]
    clearance: Clearance,
}

/// A stretch of time that has fallen free.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Freed {
    /// Its first minute.
    #[param(value_type = String)]
    from: Moment,
    /// The first minute after it.
    #[param(value_type = String)]
    until: Moment,
}

/// Which rows of the waiting list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RowsAsked {
    /// The number of the last row that was seen; nothing for the first ones.
    #[param(minimum = 0)]
    after: Option<u64>,
    /// How many; at most 2000, and as many where nothing is said.
    #[param(minimum = 1, maximum = 2000)]
    limit: Option<i64>,
    /// Only those who still wait.
    #[serde(default)]
    waits: bool,
}

/// Everybody who waits or waited in the order in which they were put on the list, with what was offered and how it ended. Of more
/// than 2000 the first are given; ask again with the number of the last.
#[utoipa::path(get, path = "/site/waiting", security(("session" = ["list-cases"])), params(RowsAsked),
    responses((status = 200, body = Vec<Object>)))]
pub async fn waiting_list(
    State(state): State<AppState>,
    Query(asked): Query<RowsAsked>,
) -> Result<Json<Vec<Waited>>, Problem> {
    let limit = rows_at_most(&state, asked.limit)?;
    let calendar = state.practice.now().await?.calendar;
    let rows = calendar.waiting_list().iter().filter(|row| asked.after.is_none_or(|after| row.number > after));
    let rows = rows.filter(|row| !asked.waits || row.left.is_none());
    Ok(Json(rows.take(limit).cloned().collect()))
}

/// Puts a case on the list. It leaves it by itself when a time is booked for it.
#[utoipa::path(post, path = "/site/waiting", security(("session" = ["schedule"])), request_body = WaitAsked,
    responses((status = 200, body = PracticeView, headers(("etag" = String)))))]
pub async fn put_on_list(
    State(state): State<AppState>,
    signed: Signed,
    Body(asked): Body<WaitAsked>,
) -> Result<Response, Problem> {
    state.must_have_case(&asked.case).await?;
    let WaitAsked { case, priority, not_before, needs, people, clearance } = asked;
    let since = now(&state).moment();
    let waiting = Waiting { case, priority, since, not_before, needs, people, clearance };
    changed(&state, (&signed, None), |calendar| Ok(calendar.waits(waiting.clone())?)).await
}

/// Takes a case off the list, with a reason of the list of cancellations.
#[utoipa::path(post, path = "/site/waiting/{case}/leave", security(("session" = ["schedule"])), request_body = NotThen,
    params(("case" = String, Path)), responses((status = 200, body = PracticeView, headers(("etag" = String)))))]
pub async fn take_off_list(
    State(state): State<AppState>,
    signed: Signed,
    Path(case): Path<String>,
    Body(asked): Body<NotThen>,
) -> Result<Response, Problem> {
    let (at, settings) = (now(&state).moment(), state.practice.settings());
    changed(&state, (&signed, None), |calendar| Ok(calendar.leaves(settings, &case, (&asked.reason, at))?)).await
}

/// Whom to ask when a stretch of time has fallen free: the most urgent first, then who has waited longest. Who was offered that
/// time already is left out.
#[utoipa::path(get, path = "/site/waiting/offers", security(("session" = ["schedule"])), params(Freed),
    responses((status = 200, body = Vec<Object>)))]
pub async fn whom_to_ask(
    State(state): State<AppState>,
    Query(freed): Query<Freed>,
) -> Result<Json<Vec<Offer>>, Problem> {
    if freed.from >= freed.until {
        return Err(Problem::invalid(
            "",
            format!("found {} to {}, expected an end after the begin", freed.from, freed.until),
        ));
    }
    let span = Span { from: freed.from, until: freed.until };
    Ok(Json(state.practice.now().await?.calendar.whom_to_ask(state.practice.settings(), span)))
}

/// Keeps that a time was offered to somebody who waits. It is held for nobody: the first who says yes is booked.
#[utoipa::path(post, path = "/site/waiting/{case}/offer", security(("session" = ["schedule"])), request_body = OtherTime,
    params(("case" = String, Path)), responses((status = 200, body = PracticeView, headers(("etag" = String)))))]
pub async fn offer_time(
    State(state): State<AppState>,
    signed: Signed,
    Path(case): Path<String>,
    Body(asked): Body<OtherTime>,
) -> Result<Response, Problem> {
    let (at, settings) = (now(&state).moment(), state.practice.settings());
    let made = OfferMade { at, start: asked.start };
    changed(&state, (&signed, None), |calendar| Ok(calendar.offered(settings, &case, made)?)).await
}
