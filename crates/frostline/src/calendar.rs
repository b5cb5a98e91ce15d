//! Bookings as a calendar that other programs subscribe to (iCalendar, RFC 5545): one feed for each person and each room.
//!
//! It holds numbers of cases and never a name, a nerve or a diagnosis: such feeds lie on telephones. Times are in UTC, which
//! every program shows in its own time zone and no change of summer time can shift.

use frostline_record::rules::Moment;
use frostline_record::schedule::{Booking, BookingState, Calendar};
use icalendar::{Component, Event, EventLike, EventStatus};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Whose calendar it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Of somebody, by their key.
    Person(&'a str),
    /// Of a room, by its key.
    Room(&'a str),
}

impl Whose<'_> {
    fn has(self, booking: &Booking) -> bool {
        let taken = booking.allocation();
        match self {
            Whose::Person(id) => taken.team.iter().any(|seated| seated.person == id),
            Whose::Room(id) => taken.room == id,
        }
    }

    fn name(self) -> String {
        match self {
            Whose::Person(id) => format!("frostline: {id}"),
            Whose::Room(id) => format!("frostline: room {id}"),
        }
    }
}

/// Where a feed comes from.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Domain of the site, which makes the names of events unique in the world.
    pub domain: String,
    /// Time zone of the site, for programs that want to know it.
    pub zone: TimeZone,
    /// When the feed is made.
    pub made: Moment,
}

/// A moment that no calendar can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found the minute {} since 1970, expected one of a year from 1 to 9999; correct the booking", found.0)]
pub struct NoCalendarTime {
    /// The moment.
    pub found: Moment,
}

impl Feed {
    /// All bookings of a person or a room; cancelled ones too, so that they vanish where they were seen.
    ///
    /// # Errors
    /// [`NoCalendarTime`] for a booking at a time outside of what a calendar can write.
    pub fn of(&self, calendar: &Calendar, whose: Whose) -> Result<String, NoCalendarTime> {
        let mut feed = icalendar::Calendar::new();
        feed.name(&whose.name());
        if let Some(zone) = self.zone.iana_name() {
            feed.timezone(zone);
        }
        // Published, not sent: nobody is asked to answer.
        feed.append_property(("METHOD", "PUBLISH"));
        for booking in calendar.bookings().iter().filter(|booking| whose.has(booking)) {
            feed.push(self.event(booking, whose)?);
        }
        Ok(feed.done().to_string())
    }

    fn event(&self, booking: &Booking, whose: Whose) -> Result<Event, NoCalendarTime> {
        let taken = booking.allocation();
        let changed = booking.changes().last().map_or(self.made, |change| change.at);
        let mut event = Event::with_uid(&format!("{}@{}", booking.id(), self.domain));
        event.summary(&summary(booking, whose));
        event.location(&taken.room);
        event.status(status(booking.state()));
        event.sequence(booking.sequence());
        event.append_property(("DTSTAMP", utc(self.made)?.as_str()));
        event.append_property(("LAST-MODIFIED", utc(changed)?.as_str()));
        event.append_property(("DTSTART", utc(taken.in_room.from)?.as_str()));
        event.append_property(("DTEND", utc(taken.in_room.until)?.as_str()));
        event.append_property(("CLASS", "CONFIDENTIAL"));
        Ok(event.done())
    }
}

fn summary(booking: &Booking, whose: Whose) -> String {
    let seat = match whose {
        Whose::Person(id) => booking.allocation().team.iter().find(|seated| seated.person == id),
        Whose::Room(_) => None,
    };
    let seat = seat.map(|seated| format!(" ({})", seated.seat)).unwrap_or_default();
    format!("case {}{seat}", booking.case())
}

fn status(state: BookingState) -> EventStatus {
    match state {
        BookingState::Cancelled | BookingState::NoShow => EventStatus::Cancelled,
        BookingState::Draft | BookingState::AwaitingClearance | BookingState::Cleared => EventStatus::Tentative,
        _ => EventStatus::Confirmed,
    }
}

fn utc(moment: Moment) -> Result<String, NoCalendarTime> {
    const SECONDS_PER_MINUTE: i64 = 60;
    let second = moment.0.checked_mul(SECONDS_PER_MINUTE).and_then(|second| Timestamp::from_second(second).ok());
    let second = second.filter(|second| (1..=9999).contains(&second.to_zoned(TimeZone::UTC).year()));
    second.map(|second| second.strftime("%Y%m%dT%H%M%SZ").to_string()).ok_or(NoCalendarTime { found: moment })
}
