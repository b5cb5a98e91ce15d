//! The day as it really goes: who is pushed when something takes longer.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::rules::{Day, Moment};

use super::booking::Booking;
use super::calendar::Calendar;
use super::request::Resource;
use super::resources::Span;
use super::state::BookingState;

/// When a patient really entered the room, and left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actual {
    /// Key of the booking.
    pub booking: String,
    /// Into the room.
    pub entered: Moment,
    /// Out of it; nothing while still there.
    pub left: Option<Moment>,
}

/// What holds a booking back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldBack {
    /// What is still taken.
    pub resource: Resource,
    /// Key of the booking that has it.
    pub by: String,
}

/// How one booking of the day is expected to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// Key of the booking.
    pub booking: String,
    /// Number of the case.
    pub case: String,
    /// As booked.
    pub planned: Span,
    /// As it goes, turnover included.
    pub expected: Span,
    /// How much later than booked it begins; nothing when it does not. Unit: min.
    pub late_minutes: i64,
    /// How much longer than booked it takes. Unit: min.
    pub over_minutes: i64,
    /// Why it begins later, when another booking is the reason.
    pub held_back: Option<HeldBack>,
    /// Whether it goes on when the room should be closed.
    pub after_hours: bool,
}

impl Calendar {
    /// When patients really entered the room and left it, as far as somebody said so of their bookings.
    pub fn actual(&self) -> Vec<Actual> {
        let real = |booking: &Booking| {
            let when =
                |state| booking.changes().iter().rev().find(|change| change.state == state).map(|change| change.at);
            let entered = when(BookingState::InProcedure)?;
            Some(Actual { booking: booking.id().to_owned(), entered, left: when(BookingState::Recovery) })
        };
        self.bookings().iter().filter_map(real).collect()
    }

    /// How the bookings of a day are expected to go, in the order of their planned starts.
    pub fn expected(&self, day: Day, actual: &[Actual], now: Moment) -> Vec<Expected> {
        let of_day = |booking: &&Booking| booking.allocation().day == day && booking.state().holds_time();
        let mut bookings: Vec<&Booking> = self.bookings().iter().filter(of_day).collect();
        bookings.sort_by_key(|booking| (booking.allocation().in_room.from, booking.id()));
        let mut free = FreeFrom(BTreeMap::new());
        let expect = |booking: &Booking| {
            let real = actual.iter().find(|actual| actual.booking == booking.id());
            let (span, held_back) = free.place(booking, real, now);
            free.take(booking, span);
            self.compared(booking, span, held_back)
        };
        bookings.into_iter().map(expect).collect()
    }

    /// Only those that begin later than booked because of another, the most pushed first.
    pub fn pushed(&self, day: Day, actual: &[Actual], now: Moment) -> Vec<Expected> {
        let mut pushed = self.expected(day, actual, now);
        pushed.retain(|expected| expected.late_minutes > 0 && expected.held_back.is_some());
        pushed.sort_by_key(|expected| (-expected.late_minutes, expected.planned.from));
        pushed
    }

    fn compared(&self, booking: &Booking, span: Span, held_back: Option<HeldBack>) -> Expected {
        let taken = booking.allocation();
        let planned = taken.in_room;
        let room = self.resources().rooms.iter().find(|room| room.id == taken.room);
        let open = room.is_some_and(|room| room.openings.iter().any(|opening| opening.span.holds(span)));
        Expected {
            booking: booking.id().to_owned(),
            case: booking.case().to_owned(),
            planned,
            expected: span,
            late_minutes: (span.from.0 - planned.from.0).max(0),
            over_minutes: (span.minutes() - planned.minutes()).max(0),
            held_back,
            after_hours: !open,
        }
    }
}

/// From when on everything is free again, and who has it until then.
struct FreeFrom(BTreeMap<Resource, (Moment, String)>);

impl FreeFrom {
    fn place(&self, booking: &Booking, real: Option<&Actual>, now: Moment) -> (Span, Option<HeldBack>) {
        let needs = booking.needs();
        if let Some(Actual { entered, left, .. }) = real {
            let turnover = needs.turnover_minutes;
            let until = match left {
                Some(left) => Moment(left.0 + turnover),
                // Still there: at least as long as booked, and never over before the room is cleaned from now on.
                None => Moment((entered.0 + needs.room_minutes).max(now.0 + turnover)),
            };
            return (Span { from: *entered, until }, None);
        }
        let planned = booking.allocation().in_room;
        let began = !booking.state().is_ahead();
        let wanted = if began { planned.from } else { planned.from.max(now) };
        let before_bay = needs.room_minutes - needs.turnover_minutes;
        let waits = uses(booking).into_iter().filter_map(|resource| {
            let (until, by) = self.0.get(&resource)?;
            let start = if matches!(resource, Resource::Bay(_)) { Moment(until.0 - before_bay) } else { *until };
            Some((start, HeldBack { resource, by: by.clone() }))
        });
        match waits.filter(|(start, _)| *start > wanted).max_by_key(|(start, _)| *start) {
            Some((start, held_back)) if !began => (Span::of(start, needs.room_minutes), Some(held_back)),
            _ => (Span::of(wanted, needs.room_minutes), None),
        }
    }

    fn take(&mut self, booking: &Booking, span: Span) {
        let needs = booking.needs();
        let out = Moment(span.until.0 - needs.turnover_minutes);
        for resource in uses(booking) {
            let until = match resource {
                Resource::Bay(_) => Span::of(out, needs.recovery_minutes).until,
                _ => span.until,
            };
            self.0.insert(resource, (until, booking.id().to_owned()));
        }
    }
}

fn uses(booking: &Booking) -> Vec<Resource> {
    let taken = booking.allocation();
    let people = taken.team.iter().map(|seated| Resource::Person(seated.person.clone()));
    people.chain([Resource::Room(taken.room.clone()), Resource::Bay(taken.bay.clone())]).collect()
}
