//! Feeds that calendar programs subscribe to: the links of a site, and what one of them shows.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use frostline_record::schedule::Calendar;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::practice::feed;
use super::words::time;
use crate::accounts::FeedLink;
use crate::calendar::Whose;
use crate::server::idempotency::HoldsSecret;
use crate::server::input::{Body, Path};
use crate::server::problem::Problem;
use crate::server::signed::Signed;
use crate::server::state::AppState;

/// Whose feed.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FeedAsked {
    /// The key of a person.
    Person(String),
    /// The key of a room.
    Room(String),
}

impl FeedAsked {
    fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Person(key) => ("person", key),
            Self::Room(key) => ("room", key),
        }
    }
}

/// A link, without what opens it.
#[derive(Serialize, ToSchema)]
pub struct FeedLine {
    id: String,
    /// `person` or `room`.
    kind: String,
    /// The key of the person or the room.
    whose: String,
    /// The account that made it.
    created_by: String,
    #[schema(format = DateTime)]
    created: String,
}

/// A link with the address that opens it; shown once.
#[derive(Serialize, ToSchema)]
pub struct FeedMade {
    link: FeedLine,
    /// To be put into a calendar program, after the address of the server.
    address: String,
}

/// The links to feeds, the newest first.
#[utoipa::path(get, path = "/site/feeds", security(("session" = ["schedule"])), responses((status = 200, body = Vec<FeedLine>)))]
pub async fn list_feeds(State(state): State<AppState>) -> Result<Json<Vec<FeedLine>>, Problem> {
    Ok(Json(state.accounts.feed_links().await?.into_iter().map(line).collect()))
}

/// Makes a link by which a calendar program reads the feed of a person or a room without signing in.
#[utoipa::path(post, path = "/site/feeds", security(("session" = ["schedule"])), request_body = FeedAsked,
    responses((status = 201, body = FeedMade)))]
pub async fn make_feed(
    State(state): State<AppState>,
    signed: Signed,
    Body(asked): Body<FeedAsked>,
) -> Result<Response, Problem> {
    let (kind, whose) = asked.parts();
    if !is_there(&state.practice.now().await?.calendar, kind, whose) {
        let detail = format!("found '{whose}', expected the key of a {kind} of this site; look at the list");
        return Err(Problem::invalid(format!("/{kind}"), detail));
    }
    let (link, secret) = state.accounts.new_feed_link((kind, whose), &signed.account).await?;
    let made = FeedMade { link: line(link), address: format!("/api/v1/feeds/{}", secret.text()) };
    let mut response = (StatusCode::CREATED, Json(made)).into_response();
    response.extensions_mut().insert(HoldsSecret);
    Ok(response)
}

/// Ends a link.
#[utoipa::path(delete, path = "/site/feeds/{feed}", security(("session" = ["schedule"])), params(("feed" = String, Path)),
    responses((status = 204, description = "Ended")))]
pub async fn end_feed(State(state): State<AppState>, Path(feed): Path<String>) -> Result<StatusCode, Problem> {
    state.accounts.end_feed_link(&feed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The calendar (iCalendar) that a link opens: bookings of the last 400 days and all that is ahead. It names cases by number and
/// nobody.
#[utoipa::path(get, path = "/feeds/{secret}", security(()), params(("secret" = String, Path)),
    responses((status = 200, body = String, content_type = "text/calendar")))]
pub async fn read_feed(State(state): State<AppState>, Path(secret): Path<String>) -> Result<Response, Problem> {
    let link = state.accounts.feed_of(&secret).await?.ok_or_else(Problem::not_found)?;
    let calendar = state.practice.now().await?.calendar;
    let known = is_there(&calendar, &link.kind, &link.whose);
    let whose = if link.kind == "room" { Whose::Room(&link.whose) } else { Whose::Person(&link.whose) };
    feed(&state, &calendar, (known, whose))
}

fn is_there(calendar: &Calendar, kind: &str, key: &str) -> bool {
    let site = calendar.resources();
    match kind {
        "room" => site.rooms.iter().any(|room| room.id == key),
        _ => site.people.iter().any(|person| person.id == key),
    }
}

fn line(link: FeedLink) -> FeedLine {
    let FeedLink { id, kind, whose, created_by, created_s } = link;
    FeedLine { id, kind, whose, created_by, created: time(created_s) }
}
