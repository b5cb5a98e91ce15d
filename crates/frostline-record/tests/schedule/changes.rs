//! A calendar is what its changes make of it, also after they were written down and read again.

use frostline_record::schedule::BookingState::{Arrived, InProcedure};
use frostline_record::schedule::{Calendar, CalendarChange, Used};

use crate::{at, booked, site, wants};

/// Every calendar of a morning, from nothing to one patient treated and one booked.
fn morning() -> Vec<Calendar> {
    let mut seen = vec![Calendar::new(Default::default()), Calendar::new(site())];
    let mut then = |next: Calendar| {
        seen.push(next.clone());
        next
    };
    let calendar = then(booked(Calendar::new(site()), &wants("a", at(0, 9, 0))));
    let calendar = then(booked(calendar, &wants("b", at(0, 10, 0))));
    let calendar = then(calendar.advance("a", Arrived, at(0, 8, 50)).unwrap());
    let calendar = then(calendar.advance("a", InProcedure, at(0, 9, 5)).unwrap());
    then(calendar.after_procedure("a", &Used::default(), at(0, 9, 40)).unwrap());
    seen
}

fn written_and_read(change: &CalendarChange) -> CalendarChange {
    serde_json::from_value(serde_json::to_value(change).unwrap()).unwrap()
}

#[test]
fn changes_in_their_order_make_the_calendar_that_they_came_from() {
    let seen = morning();
    let changes = seen.windows(2).map(|pair| written_and_read(&pair[1].since(&pair[0])));
    let replayed = seen[0].clone().after(changes);
    let last = seen.last().unwrap();
    assert_eq!((replayed.resources(), replayed.bookings()), (last.resources(), last.bookings()));
}

#[test]
fn a_change_holds_one_booking_and_nothing_of_the_others() {
    let seen = morning();
    let changes: Vec<CalendarChange> = seen.windows(2).map(|pair| pair[1].since(&pair[0])).collect();
    let words: Vec<&str> = changes.iter().map(CalendarChange::word).collect();
    assert_eq!(words, ["supplied", "booked", "booked", "arrived", "in-procedure", "used"]);
    let bookings: Vec<usize> = changes.iter().map(|change| change.bookings.len()).collect();
    assert_eq!(bookings, [0, 1, 1, 1, 1, 1]);
    assert!(seen[3].since(&seen[3]).is_nothing());
}
