//! Rooms, people, stock, bookings, calendars and worklists.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use frostline_record::rules::Moment;
use frostline_record::schedule::{Booking, BookingRequest, Calendar, ChangeRefused, Conflict, Resources};
use frostline_record::worklist::Entry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cases::{now, signer};
use crate::calendar::{Feed, Whose};
use crate::cases::{ChangedBy, PracticeError, PracticeNow, Rebooking};
use crate::server::guard::AboutCase;
use crate::server::input::{Body, Path, Query};
use crate::server::problem::{Kind, Problem};
use crate::server::signed::Signed;
use crate::server::state::AppState;
use crate::server::versions::{IfMatch, etag};
use crate::store::AppendError;

/// Rooms, people and stock, and what is booked of them.
#[derive(Serialize, ToSchema)]
pub struct PracticeView {
    /// Rooms, people, probes, gas, places to recover.
    #[schema(value_type = Object)]
    resources: Resources,
    /// Bookings in the order of their making, cancelled ones too: all of them, or those that were made last.
    #[schema(value_type = Vec<Object>)]
    bookings: Vec<Booking>,
    /// To be sent as `before` for those that were made before these; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier: Option<String>,
}

/// Which bookings.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BookingsAsked {
    /// What an answer gave as `earlier`; nothing for the bookings that were made last.
    before: Option<String>,
    /// How many; at most 2000, and as many where nothing is said.
    #[param(minimum = 1, maximum = 2000)]
    limit: Option<i64>,
}

/// Another time for a booking.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherTime {
    /// When the room is entered.
    pub(super) start: Moment,
}

/// Why a booking does not take place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotThen {
    /// Key of the reason in `data/schedule.toml`.
    pub(super) reason: String,
}

/// Rooms, people, stock and bookings. Of more than 2000 bookings those are given that were made last, and what to ask for the others.
#[utoipa::path(get, path = "/site", security(("session" = ["list-cases"])), params(BookingsAsked),
    responses((status = 200, body = PracticeView, headers(("etag" = String)))))]
pub async fn read_practice(
    State(state): State<AppState>,
    Query(asked): Query<BookingsAsked>,
) -> Result<Response, Problem> {
    shown(&state, state.practice.now().await?, &asked)
}

/// The largest list of rooms, people and stock: a year of shifts for some hundred people. Unit: bytes.
pub const LARGEST_SITE: usize = 8 << 20;

/// Replaces rooms, people and stock; bookings stay. Up to 8 MiB; with an idempotency key as long as any other body.
#[utoipa::path(put, path = "/site/resources", security(("session" = ["manage-stock"])), request_body = Object,
    params(("if-match" = String, Header, description = "The ETag that was read")),
    responses((status = 200, body = PracticeView, headers(("etag" = String)))))]
pub async fn replace_resources(
    State(state): State<AppState>,
    signed: Signed,
    IfMatch(seen): IfMatch,
    Body(resources): Body<Resources>,
) -> Result<Response, Problem> {
    changed(&state, (&signed, Some(seen)), |calendar| Ok(calendar.supplied(resources.clone()))).await
}

/// Books a session: room, people, probes, gas and a place to recover. What stands in the way is told with the next free slot.
#[utoipa::path(post, path = "/site/bookings", security(("session" = ["schedule"])), request_body = Object,
    responses((status = 200, body = PracticeView, headers(("etag" = String)))))]
pub async fn book(
    State(state): State<AppState>,
    signed: Signed,
    Body(asked): Body<BookingRequest>,
) -> Result<Response, Problem> {
    state.must_have_case(&asked.case).await?;
    let settings = state.practice.settings();
    let at = now(&state).moment();
    changed(&state, (&signed, None), |calendar| {
        let booking = calendar.book(settings, &asked).map_err(|all| conflicts(&all))?;
        let calendar = calendar.with(settings, booking).map_err(|all| conflicts(&all))?;
        Ok(calendar.has_a_time(&asked.case, at))
    })
    .await
}

/// Moves a booking, and signs so in the cases of its session that say they are booked then: all or none.
#[utoipa::path(post, path = "/site/bookings/{booking}/move", security(("session" = ["schedule"])), request_body = OtherTime,
    params(("booking" = String, Path)), responses((status = 200, body = PracticeView, headers(("etag" = String)))))]
pub async fn move_booking(
    State(state): State<AppState>,
    signed: Signed,
    Path(booking): Path<String>,
    Body(asked): Body<OtherTime>,
) -> Result<Response, Problem> {
    rebooked(&state, &signed, (&booking, &Rebooking::MovedTo(asked.start))).await
}

/// Cancels a booking with a reason of the list, and signs so in the cases of its session that say they are booked then: all or
/// none.
#[utoipa::path(post, path = "/site/bookings/{booking}/cancel", security(("session" = ["schedule"])), request_body = NotThen,
    params(("booking" = String, Path)), responses((status = 200, body = PracticeView, headers(("etag" = String)))))]
pub async fn cancel_booking(
    State(state): State<AppState>,
    signed: Signed,
    Path(booking): Path<String>,
    Body(asked): Body<NotThen>,
) -> Result<Response, Problem> {
    rebooked(&state, &signed, (&booking, &Rebooking::CancelledFor(asked.reason))).await
}

/// The calendar of somebody, to download (iCalendar), of the last 400 days and all that is ahead; it names cases by number and nobody.
#[utoipa::path(get, path = "/site/people/{person}/calendar", security(("session" = ["list-cases"])), params(("person" = String, Path)),
    responses((status = 200, body = String, content_type = "text/calendar")))]
pub async fn calendar_of_person(
    State(state): State<AppState>,
    Path(person): Path<String>,
) -> Result<Response, Problem> {
    let calendar = state.practice.now().await?.calendar;
    let known = calendar.resources().people.iter().any(|one| one.id == person);
    feed(&state, &calendar, (known, Whose::Person(&person)))
}

/// The calendar of a room.
#[utoipa::path(get, path = "/site/rooms/{room}/calendar", security(("session" = ["list-cases"])), params(("room" = String, Path)),
    responses((status = 200, body = String, content_type = "text/calendar")))]
pub async fn calendar_of_room(State(state): State<AppState>, Path(room): Path<String>) -> Result<Response, Problem> {
    let calendar = state.practice.now().await?.calendar;
    let known = calendar.resources().rooms.iter().any(|one| one.id == room);
    feed(&state, &calendar, (known, Whose::Room(&room)))
}

/// What somebody of this role should do next, the most urgent first.
#[utoipa::path(get, path = "/worklist", security(("session" = ["list-cases"])), responses((status = 200, body = Vec<Object>)))]
pub async fn worklist(State(state): State<AppState>, signed: Signed) -> Result<Json<Vec<Entry>>, Problem> {
    Ok(Json(state.practice.worklist(&state.cases, signed.role, now(&state)).await?.entries))
}

const MINUTES_PER_DAY: i64 = 24 * 60;

pub(super) fn feed(state: &AppState, calendar: &Calendar, (known, whose): (bool, Whose)) -> Result<Response, Problem> {
    if !known {
        return Err(Problem::not_found());
    }
    let zone = state.cases.knowledge().zone().clone();
    // The domain only makes names of events unique; a site that publishes its feeds has one of its own in front.
    let made = now(state).moment();
    let since = Some(Moment(made.0.saturating_sub(state.numbers().server.feed_days_back * MINUTES_PER_DAY)));
    let feed = Feed { domain: "frostline.invalid".to_owned(), zone, made, since };
    let text = feed.of(calendar, whose).map_err(Problem::broken)?;
    Ok(([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response())
}

async fn rebooked(state: &AppState, signed: &Signed, (booking, what): (&str, &Rebooking)) -> Result<Response, Problem> {
    let by = (&signer(signed), now(state));
    let kept = state.practice.rebook(&state.cases, (booking, what), by).await?;
    let about = kept.calendar.find(booking).map(|booking| AboutCase(booking.case().to_owned()));
    let mut answer = shown(state, kept, &BookingsAsked::default())?;
    if let Some(about) = about {
        answer.extensions_mut().insert(about);
    }
    Ok(answer)
}

/// The calendar after a change, kept; tried again when somebody else changed it in between and no version was named.
pub(super) async fn changed(
    state: &AppState,
    (signed, seen): (&Signed, Option<i64>),
    change: impl Fn(Calendar) -> Result<Calendar, Problem> + Send + Sync,
) -> Result<Response, Problem> {
    const TRIES: usize = 8;
    for _ in 0..TRIES {
        let found = state.practice.now().await?;
        let stale = seen.is_some_and(|seen| u64::try_from(seen).ok() != Some(found.version));
        if stale {
            return Err(Problem::new(
                Kind::Stale,
                "rooms, people or bookings changed since they were read; look again",
            ));
        }
        let by = ChangedBy { account: signed.account.clone(), at: now(state) };
        let calendar = change(Calendar::clone(&found.calendar))?;
        match state.practice.keep(&found, calendar, by).await {
            Ok(kept) => return shown(state, kept, &BookingsAsked::default()),
            Err(PracticeError::SomebodyWasFaster { .. }) if seen.is_none() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::new(Kind::Conflict, "many people book at this moment; try again").retry_after_s(1))
}

fn shown(state: &AppState, found: PracticeNow, asked: &BookingsAsked) -> Result<Response, Problem> {
    let limit = rows_at_most(state, asked.limit)?;
    let made = made_before(found.calendar.bookings(), Booking::id, asked.before.as_deref());
    let made = made.ok_or_else(|| {
        Problem::new(Kind::Malformed, "before: expected what an answer gave as 'earlier', found no such booking")
    })?;
    let skipped = made.len().saturating_sub(limit);
    let bookings = made[skipped..].to_vec();
    let earlier = bookings.first().filter(|_| skipped > 0).map(|booking| booking.id().to_owned());
    let tag = etag(i64::try_from(found.version).unwrap_or(i64::MAX));
    let view = PracticeView { resources: found.calendar.resources().clone(), bookings, earlier };
    Ok((StatusCode::OK, [(header::ETAG, tag)], Json(view)).into_response())
}

/// How many rows one answer gives at most.
pub(super) fn rows_at_most(state: &AppState, asked: Option<i64>) -> Result<usize, Problem> {
    let largest = state.numbers().server.bookings_largest;
    let limit = asked.unwrap_or(largest);
    if !(1..=largest).contains(&limit) {
        let detail = format!("limit: found {limit}, expected 1 to {largest}");
        return Err(Problem::new(Kind::Malformed, detail));
    }
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}

/// What was made before the one of this key, or everything; nothing where there is no such key.
fn made_before<'a, T>(all: &'a [T], key: impl Fn(&T) -> &str, before: Option<&str>) -> Option<&'a [T]> {
    let Some(before) = before else { return Some(all) };
    all.iter().position(|one| key(one) == before).map(|at| &all[..at])
}

pub(super) fn conflicts(all: &[Conflict]) -> Problem {
    let said = |conflict: &Conflict| match conflict.next {
        frostline_record::schedule::NextSlot::At(at) => format!("{conflict} ({at})"),
        frostline_record::schedule::NextSlot::NoneInSight => conflict.to_string(),
    };
    Problem::new(Kind::Conflict, all.iter().map(said).collect::<Vec<_>>().join("; "))
}

impl From<ChangeRefused> for Problem {
    fn from(refused: ChangeRefused) -> Problem {
        match &refused {
            ChangeRefused::NoSuchBooking { .. } => Problem::not_found(),
            ChangeRefused::Conflicts(all) => conflicts(all),
            ChangeRefused::NoReason { .. } => Problem::invalid("/reason", refused.to_string()),
            ChangeRefused::DoesNotWait { .. } => Problem::not_found(),
            ChangeRefused::WaitsAlready { .. } => Problem::new(Kind::Conflict, refused.to_string()),
            ChangeRefused::State(_) | ChangeRefused::SayMore { .. } | ChangeRefused::MoreThanThereIs { .. } => {
                Problem::new(Kind::Conflict, refused.to_string())
            }
        }
    }
}

impl From<PracticeError> for Problem {
    fn from(error: PracticeError) -> Problem {
        let said = error.to_string();
        match error {
            PracticeError::SomebodyWasFaster { .. } => Problem::new(Kind::Stale, said),
            PracticeError::Case(error) => error.into(),
            PracticeError::Append(AppendError::BodyTooLarge { .. }) => Problem::invalid(
                "",
                format!(
                    "one room, person, lot, cylinder or place to recover alone is too long: {said}; give it fewer rows"
                ),
            ),
            _ => Problem::broken(said),
        }
    }
}
