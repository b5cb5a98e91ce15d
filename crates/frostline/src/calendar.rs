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

/// Keys as one line of text: whatever could end the line, and begin another property, becomes a blank. The library does not
/// write names of calendars as text, so what separates values goes as well.
fn on_one_line(text: &str) -> String {
    let ends = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | ';' | ',' | '\\');
    text.chars().map(|letter| if ends(letter) { ' ' } else { letter }).collect()
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
    /// Bookings that were over by then are left out; nothing where all are wanted.
    pub since: Option<Moment>,
}

/// A moment that no calendar can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found the minute {} since 1970, expected one of a year from 1 to 9999; correct the booking", found.0)]
pub struct NoCalendarTime {
    /// The moment.
    pub found: Moment,
}

impl Feed {
    /// The bookings of a person or a room; cancelled ones too, so that they vanish where they were seen.
    ///
    /// # Errors
    /// [`NoCalendarTime`] for a booking at a time outside of what a calendar can write.
    pub fn of(&self, calendar: &Calendar, whose: Whose) -> Result<String, NoCalendarTime> {
        let mut feed = icalendar::Calendar::new();
        feed.name(&on_one_line(&whose.name()));
        if let Some(zone) = self.zone.iana_name() {
            feed.timezone(zone);
        }
        // Published, not sent: nobody is asked to answer.
        feed.append_property(("METHOD", "PUBLISH"));
        let is_recent = |booking: &&Booking| self.since.is_none_or(|since| booking.allocation().in_room.until > since);
        for booking in calendar.bookings().iter().filter(|booking| whose.has(booking)).filter(is_recent) {
            feed.push(self.event(booking, whose)?);
        }
        Ok(feed.done().to_string())
    }

    fn event(&self, booking: &Booking, whose: Whose) -> Result<Event, NoCalendarTime> {
        let taken = booking.allocation();
        let changed = booking.changes().last().map_or(self.made, |change| change.at);
        let mut event = Event::with_uid(&on_one_line(&format!("{}@{}", booking.id(), self.domain)));
        event.summary(&on_one_line(&summary(booking, whose)));
        event.location(&on_one_line(&taken.room));
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

#[cfg(test)]
mod tests {
    use frostline_record::schedule::Resources;

    use super::*;

    #[test]
    fn a_key_never_becomes_another_line_or_property_of_a_feed() {
        let feed = Feed { domain: "clinic.example".to_owned(), zone: TimeZone::UTC, made: Moment(0), since: None };
        let calendar = Calendar::new(Resources::default());
        for end in ["\r\n", "\n", "\r", "\u{2028}", "\u{85}"] {
            let key = format!("or-1{end}ATTENDEE:mailto:somebody@evil.example");
            for whose in [Whose::Person(&key), Whose::Room(&key)] {
                let text = feed.of(&calendar, whose).unwrap();
                let lines: Vec<&str> = text.split(['\r', '\n', '\u{2028}', '\u{85}']).collect();
                assert!(!lines.iter().any(|line| line.starts_with("ATTENDEE")), "{text:?}");
            }
        }
        assert_eq!(on_one_line("or-1;X=1,2\\n"), "or-1 X=1 2 n");
    }
}
