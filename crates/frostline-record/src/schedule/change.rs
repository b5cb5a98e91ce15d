//! What one change made of a calendar: the rows that became something else, and nothing of the rest.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::booking::Booking;
use super::calendar::Calendar;
use super::resources::{Bay, Cylinder, Person, ProbeLot, Resources, Room};
use super::state::BookingState;
use super::waiting::Waited;

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
    /// Rows of the waiting list that are new or changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waited>,
    /// More rows for lists that are too long for one event: they go on after what is there.
    #[serde(skip_serializing_if = "is_empty")]
    pub more: Resources,
}

fn is_empty(more: &Resources) -> bool {
    *more == Resources::default()
}

impl CalendarChange {
    /// Whether nothing changed.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What happened, in one word: what the last booking became, or that there is something else to book.
    pub fn word(&self) -> &'static str {
        let Some(booking) = self.bookings.last() else { return self.waiting_word() };
        match (booking.changes().last(), booking.state()) {
            (None, _) => "booked",
            (Some(_), BookingState::Cancelled | BookingState::NoShow) => "cancelled",
            (Some(_), BookingState::Recovery) => "used",
            (Some(last), _) if last.is_move() => "moved",
            (Some(_), state) => state.word(),
        }
    }
}

impl CalendarChange {
    fn waiting_word(&self) -> &'static str {
        match self.waiting.last() {
            None => "supplied",
            Some(Waited { left: Some(_), .. }) => "left-waiting",
            Some(row) if row.offers.is_empty() => "waits",
            Some(_) => "offered",
        }
    }
}

impl Resources {
    /// With more rows at the end of each list.
    pub fn with(mut self, more: Resources) -> Self {
        self.rooms.extend(more.rooms);
        self.people.extend(more.people);
        self.probes.extend(more.probes);
        self.gas.extend(more.gas);
        self.bays.extend(more.bays);
        self
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
            waiting: self.waiting_since(before),
            more: Resources::default(),
        }
    }

    fn waiting_since(&self, before: &Calendar) -> Vec<Waited> {
        let rows = self.waiting_list().iter().enumerate();
        rows.filter(|(at, row)| before.waiting_list().get(*at) != Some(*row)).map(|(_, row)| row.clone()).collect()
    }

    /// The calendar after changes, in their order.
    pub fn after(self, changes: impl IntoIterator<Item = CalendarChange>) -> Self {
        let (mut resources, mut bookings) = (self.resources().clone(), self.bookings().to_vec());
        let mut waiting = self.waiting_list().to_vec();
        let mut place: HashMap<String, usize> =
            bookings.iter().enumerate().map(|(at, booking)| (booking.id().to_owned(), at)).collect();
        for change in changes {
            let CalendarChange { rooms, people, probes, gas, bays, bookings: changed, waiting: rows, more } = change;
            resources = Resources {
                rooms: rooms.unwrap_or(resources.rooms),
                people: people.unwrap_or(resources.people),
                probes: probes.unwrap_or(resources.probes),
                gas: gas.unwrap_or(resources.gas),
                bays: bays.unwrap_or(resources.bays),
            }
            .with(more);
            for row in rows {
                match waiting.iter().position(|old: &Waited| old.number == row.number) {
                    Some(at) => waiting[at] = row,
                    None => waiting.push(row),
                }
            }
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
        Calendar::kept(resources, bookings, waiting)
    }
}

fn other<T: Clone + PartialEq>(now: &[T], then: &[T]) -> Option<Vec<T>> {
    (now != then).then(|| now.to_vec())
}
