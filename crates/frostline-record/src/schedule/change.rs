//! What one change made of a calendar: the rows that became something else, and nothing of the rest.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::booking::Booking;
use super::calendar::Calendar;
use super::resources::{Bay, Cylinder, Person, ProbeLot, Resources, Room};
use super::state::BookingState;

/// The rows that one change made or replaced. Lists of what there is are whole, since they are short; bookings are only those
/// that changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarChange {
    /// Rooms, where they changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rooms: Option<Vec<Room>>,
    /// People, where they changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<Vec<Person>>,
    /// Probes, where they changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probes: Option<Vec<ProbeLot>>,
    /// Gas, where it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas: Option<Vec<Cylinder>>,
    /// Places to recover, where they changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bays: Option<Vec<Bay>>,
    /// Bookings that are new or changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bookings: Vec<Booking>,
}

impl CalendarChange {
    /// Whether nothing changed.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What happened, in one word: what the last booking became, or that there is something else to book.
    pub fn word(&self) -> &'static str {
        let Some(booking) = self.bookings.last() else { return "supplied" };
        match (booking.changes().last(), booking.state()) {
            (None, _) => "booked",
            (Some(_), BookingState::Cancelled | BookingState::NoShow) => "cancelled",
            (Some(_), BookingState::Recovery) => "used",
            (Some(last), _) if last.is_move() => "moved",
            (Some(_), state) => state.word(),
        }
    }
}

impl Calendar {
    /// What changed since `before`. Bookings are never taken away, so what is not in it is as it was.
    pub fn since(&self, before: &Calendar) -> CalendarChange {
        let (now, then) = (self.resources(), before.resources());
        let changed =
            self.bookings().iter().enumerate().filter(|(at, booking)| before.bookings().get(*at) != Some(*booking));
        CalendarChange {
            rooms: other(&now.rooms, &then.rooms),
            people: other(&now.people, &then.people),
            probes: other(&now.probes, &then.probes),
            gas: other(&now.gas, &then.gas),
            bays: other(&now.bays, &then.bays),
            bookings: changed.map(|(_, booking)| booking.clone()).collect(),
        }
    }

    /// The calendar after changes, in their order.
    pub fn after(self, changes: impl IntoIterator<Item = CalendarChange>) -> Self {
        let (mut resources, mut bookings) = (self.resources().clone(), self.bookings().to_vec());
        let mut place: HashMap<String, usize> =
            bookings.iter().enumerate().map(|(at, booking)| (booking.id().to_owned(), at)).collect();
        for change in changes {
            let CalendarChange { rooms, people, probes, gas, bays, bookings: changed } = change;
            resources = Resources {
                rooms: rooms.unwrap_or(resources.rooms),
                people: people.unwrap_or(resources.people),
                probes: probes.unwrap_or(resources.probes),
                gas: gas.unwrap_or(resources.gas),
                bays: bays.unwrap_or(resources.bays),
            };
            for booking in changed {
                match place.get(booking.id()) {
                    Some(at) => bookings[*at] = booking,
                    None => {
                        place.insert(booking.id().to_owned(), bookings.len());
                        bookings.push(booking);
                    }
                }
            }
        }
        Calendar::kept(resources, bookings)
    }
}

fn other<T: Clone + PartialEq>(now: &[T], then: &[T]) -> Option<Vec<T>> {
    (now != then).then(|| now.to_vec())
}
