//! Whatever is asked in whatever order: nothing is ever taken twice, and no stock below nothing.

use std::collections::BTreeMap;

use frostline_record::rules::{Role, SedationLevel};
use frostline_record::schedule::{
    Booking, BookingRequest, BookingState, Calendar, Credential, NextSlot, Resources, SessionNeeds, Span, Used,
};
use proptest::prelude::*;

use crate::{at, needs, person, settings, site, wants};

/// Something that people do with a calendar.
#[derive(Clone, Debug)]
enum Act {
    Book { patient: u8, start: i64, room_minutes: i64, recovery_minutes: i64, sedation: SedationLevel },
    Move { which: usize, start: i64 },
    Cancel { which: usize },
    Advance { which: usize },
    Finish { which: usize },
}

fn act() -> impl Strategy<Value = Act> {
    let sedation =
        prop_oneof![Just(SedationLevel::LocalOnly), Just(SedationLevel::Minimal), Just(SedationLevel::Moderate)];
    // Any minute of two days, far more tightly than a site would book.
    prop_oneof![
        5 => (0u8..6, 0i64..2000, 20i64..120, 0i64..150, sedation).prop_map(
            |(patient, start, room_minutes, recovery_minutes, sedation)| Act::Book {
                patient, start, room_minutes, recovery_minutes, sedation
            }),
        2 => (0usize..20, 0i64..2000).prop_map(|(which, start)| Act::Move { which, start }),
        1 => (0usize..20).prop_map(|which| Act::Cancel { which }),
        2 => (0usize..20).prop_map(|which| Act::Advance { which }),
        1 => (0usize..20).prop_map(|which| Act::Finish { which }),
    ]
}

fn after(calendar: Calendar, number: usize, act: &Act) -> Calendar {
    let settings = settings();
    let key =
        |which: &usize| calendar.bookings().get(*which).map_or("none".to_owned(), |booking| booking.id().to_owned());
    let done = match act {
        Act::Book { patient, start, room_minutes, recovery_minutes, sedation } => {
            let needs =
                SessionNeeds { room_minutes: *room_minutes, recovery_minutes: *recovery_minutes, ..needs(*sedation) };
            let request = BookingRequest {
                needs,
                case: format!("case-{patient}"),
                ..wants(&number.to_string(), at(0, 7, *start))
            };
            let booking = calendar.book(settings, &request);
            check_offer(&calendar, &request, booking.as_ref().err().map(|conflicts| conflicts[0].next));
            booking.ok().and_then(|booking| calendar.clone().with(settings, booking).ok())
        }
        Act::Move { which, start } => calendar.clone().moved(settings, &key(which), at(0, 7, *start), at(0, 0, 0)).ok(),
        Act::Cancel { which } => calendar.clone().cancel(settings, &key(which), "patient-decided", at(0, 0, 0)).ok(),
        Act::Advance { which } => {
            let state = calendar.find(&key(which)).map(Booking::state);
            let next = match state {
                Some(BookingState::Booked) => BookingState::Arrived,
                Some(BookingState::Arrived) => BookingState::InProcedure,
                _ => BookingState::Booked,
            };
            calendar.clone().advance(&key(which), next, at(0, 0, 0)).ok()
        }
        Act::Finish { which } => {
            let used = calendar.find(&key(which)).map_or_else(Used::default, |booking| Used {
                probes: booking.allocation().probes.clone(),
                gas: booking.allocation().gas.iter().map(|gas| (gas.cylinder.clone(), gas.cycles)).collect(),
            });
            calendar.clone().after_procedure(&key(which), &used, at(0, 0, 0)).ok()
        }
    };
    done.unwrap_or(calendar)
}

/// A slot that is offered can be had.
fn check_offer(calendar: &Calendar, request: &BookingRequest, next: Option<NextSlot>) {
    if let Some(NextSlot::At(start)) = next {
        assert!(start > request.start);
        let offered = BookingRequest { start, ..request.clone() };
        assert!(calendar.book(settings(), &offered).is_ok(), "the offered slot cannot be had");
    }
}

fn takes_place(booking: &Booking) -> bool {
    !matches!(booking.state(), BookingState::Cancelled | BookingState::NoShow)
}

/// The acts above leave a booking in recovery once its probes and gas are used.
fn used_up(booking: &Booking) -> bool {
    booking.state() == BookingState::Recovery
}

/// Counted again from the bookings alone, without the code that books.
fn check_nothing_twice(calendar: &Calendar, resources: &Resources) {
    let mut taken: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for booking in calendar.bookings().iter().filter(|booking| takes_place(booking)) {
        let has = booking.allocation();
        taken.entry(format!("room {}", has.room)).or_default().push(has.in_room);
        taken.entry(format!("bay {}", has.bay)).or_default().push(has.in_bay);
        taken.entry(format!("case {}", booking.case())).or_default().push(has.in_room);
        for seated in &has.team {
            taken.entry(format!("person {}", seated.person)).or_default().push(has.in_room);
        }
    }
    for (what, mut spans) in taken {
        spans.retain(|span| span.from < span.until);
        spans.sort();
        assert!(spans.windows(2).all(|pair| pair[0].until <= pair[1].from), "{what} is taken twice: {spans:?}");
    }
    let mut stock: BTreeMap<String, u32> = BTreeMap::new();
    for booking in calendar.bookings().iter().filter(|booking| takes_place(booking) && !used_up(booking)) {
        for lot in &booking.allocation().probes {
            *stock.entry(lot.lot.clone()).or_default() += lot.count;
        }
        if let Some(gas) = &booking.allocation().gas {
            *stock.entry(gas.cylinder.clone()).or_default() += gas.cycles;
        }
    }
    let of = |key: &str| stock.get(key).copied().unwrap_or_default();
    let reserve = settings().gas_reserve.value.cycles;
    assert!(calendar.resources().probes.iter().all(|lot| of(&lot.lot) <= lot.count), "more probes than there are");
    let gas_holds =
        |row: &frostline_record::schedule::Cylinder| of(&row.id) == 0 || of(&row.id) + reserve <= row.cycles_left;
    assert!(calendar.resources().gas.iter().all(gas_holds), "more gas than there is");
    assert_eq!(calendar.resources().rooms, resources.rooms);
}

/// A second operator and little stock, so that every kind of conflict happens.
fn busy_site() -> Resources {
    let mut resources = site();
    resources.people.push(person("op-2", Role::Operator, Credential::PainMedicine));
    resources.people.push(person("rn-3", Role::Nurse, Credential::Nursing));
    resources.people.push(person("us-2", Role::Technologist, Credential::Radiography));
    resources.gas = vec![crate::cylinder("G-full", 20), crate::cylinder("G-low", 6)];
    resources
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_bookings_moves_and_cancellations_takes_anything_twice(acts in prop::collection::vec(act(), 1..40)) {
        let resources = busy_site();
        let mut calendar = Calendar::new(resources.clone());
        for (number, act) in acts.iter().enumerate() {
            calendar = after(calendar, number, act);
            check_nothing_twice(&calendar, &resources);
        }
        let empty = Calendar::new(calendar.resources().clone());
        let read_back = calendar.bookings().iter().cloned().try_fold(empty, |all, one| all.with(settings(), one));
        prop_assert_eq!(read_back.map_err(|conflicts| conflicts.len()), Ok(calendar));
    }
}
