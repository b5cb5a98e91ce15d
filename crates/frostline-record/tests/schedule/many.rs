//! A calendar of 5,000 bookings: two years of a site that is never idle.

use std::time::{Duration, Instant};

use frostline_record::schedule::{Bay, Booking, Calendar, NextSlot, Obstacle, Opening, Resources, Span};

use crate::{DAY, at, settings, site, wants};

/// Ten hours a day, one session after the other.
const PER_DAY: i64 = 10;
const DAYS: i64 = 500;

/// Rooms are open from 8 to 19 on some days; people, places to recover, one lot and one tank of gas are there all the time.
fn open_on(days: std::ops::Range<i64>) -> Resources {
    let always = Span { from: at(0, 0, 0), until: at(DAYS + 1, 0, 0) };
    let hours = |day: i64| Span { from: at(day, 8, 0), until: at(day, 19, 0) };
    let mut resources = site();
    for room in &mut resources.rooms {
        room.openings = days.clone().map(|day| Opening { day: DAY.plus_days(day), span: hours(day) }).collect();
    }
    for person in &mut resources.people {
        person.shifts = vec![always];
    }
    resources.bays = ["bay-1", "bay-2"].map(|id| Bay { id: id.to_owned(), openings: vec![always] }).to_vec();
    resources.probes = vec![crate::lot("L", DAY.plus_days(2 * DAYS), 10_000)];
    resources.gas = vec![crate::cylinder("tank", 20_000)];
    resources.gas[0].tested_until = DAY.plus_days(2 * DAYS);
    resources
}

/// Each day is booked alone, which is quick.
fn full() -> Calendar {
    let mut bookings: Vec<Booking> = Vec::new();
    for day in 0..DAYS {
        let mut calendar = Calendar::new(open_on(day..day + 1));
        for hour in 0..PER_DAY {
            calendar = crate::booked(calendar, &wants(&format!("{day}-{hour}"), at(day, 8 + hour, 0)));
        }
        bookings.extend(calendar.bookings().iter().cloned());
    }
    Calendar::kept(open_on(0..DAYS + 1), bookings, Vec::new())
}

#[test]
fn among_5000_bookings_the_next_free_slot_is_found_at_the_end_of_them_in_seconds() {
    let calendar = full();
    assert_eq!(calendar.bookings().len(), 5000);
    let began = Instant::now();
    let mut request = wants("late", at(0, 9, 0));
    // One operator: whoever asks on the first morning is told who has the hour, and of the first hour that is free.
    let conflicts = calendar.book(settings(), &request).unwrap_err();
    let taken = |obstacle: &Obstacle| matches!(obstacle, Obstacle::TakenBy { booking, .. } if booking == "0-1");
    assert!(conflicts.iter().any(|conflict| taken(&conflict.obstacle)), "{conflicts:?}");
    let free = NextSlot::At(at(0, 18, 0));
    assert!(conflicts.iter().all(|conflict| conflict.next == free), "{:?}", conflicts[0]);
    // The last hour of each day is too short for a longer session, so the search goes through all of them.
    request.needs.room_minutes = 120;
    assert_eq!(calendar.next_slot(settings(), &request), NextSlot::At(at(DAYS, 8, 0)));
    request.start = at(DAYS, 8, 0);
    let booking = calendar.book(settings(), &request).unwrap();
    let after = calendar.clone().with(settings(), booking).unwrap();
    assert_eq!(after.since(&calendar).bookings.len(), 1);
    // Far more than it takes, for an unoptimised program on a busy machine.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    println!("{:?}", began.elapsed());
}
