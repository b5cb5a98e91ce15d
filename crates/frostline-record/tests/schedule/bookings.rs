//! What may be booked together, and what the refusals say.

use frostline_record::rules::{Answer, RuleBook, SedationLevel, Verdict};
use frostline_record::schedule::{
    BookingRequest, BookingState, Calendar, Clearance, NextSlot, Obstacle, ProbeNeed, ReservedLot, Resource, Usable,
    Used, WantedRoom,
};

use crate::{DAY, at, booked, cylinder, lot, needs, settings, site, wants};

fn obstacle_of(calendar: &Calendar, request: &BookingRequest, resource: &Resource) -> (Obstacle, NextSlot) {
    let conflicts = calendar.book(settings(), request).unwrap_err();
    let found = conflicts.iter().find(|conflict| conflict.resource == *resource);
    let found = found.unwrap_or_else(|| panic!("{resource} is not among {conflicts:?}"));
    (found.obstacle.clone(), found.next)
}

#[test]
fn a_free_hour_is_booked_with_room_team_bay_probe_and_gas() {
    let booking = Calendar::new(site()).book(settings(), &wants("a", at(0, 9, 0))).unwrap();
    let taken = booking.allocation();
    assert_eq!((taken.room.as_str(), taken.bay.as_str(), taken.day), ("ultrasound-1", "bay-1", DAY));
    let seats: Vec<&str> = taken.team.iter().map(|seated| seated.seat.as_str()).collect();
    assert_eq!(seats, ["operator", "nurse", "technologist"]);
    // The patient leaves the room when the turnover begins.
    assert_eq!((taken.in_bay.from, taken.in_bay.until), (at(0, 9, 50), at(0, 10, 20)));
    assert_eq!(booking.state(), BookingState::Booked);
}

#[test]
fn what_is_not_cleared_holds_the_slot_and_waits() {
    let request = BookingRequest { clearance: Clearance::Awaiting, ..wants("a", at(0, 9, 0)) };
    let calendar = booked(Calendar::new(site()), &request);
    assert_eq!(calendar.find("a").unwrap().state(), BookingState::AwaitingClearance);
    assert!(calendar.book(settings(), &wants("b", at(0, 9, 30))).is_err());
}

#[test]
fn the_only_operator_is_named_with_the_other_booking_and_the_next_free_slot() {
    let calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    let (obstacle, next) = obstacle_of(&calendar, &wants("b", at(0, 9, 59)), &Resource::Person("op-1".to_owned()));
    let Obstacle::TakenBy { booking, case, .. } = obstacle else { panic!("{obstacle:?}") };
    assert_eq!((booking.as_str(), case.as_str()), ("a", "case-a"));
    assert_eq!(next, NextSlot::At(at(0, 10, 0)));
    // One minute later the hour is over, and the operator is free.
    assert!(calendar.book(settings(), &wants("b", at(0, 10, 0))).is_ok());
}

#[test]
fn the_next_slot_of_a_full_day_is_the_morning_after() {
    let request = wants("b", at(0, 16, 1));
    let (obstacle, next) = obstacle_of(&Calendar::new(site()), &request, &Resource::Room("suite-2".to_owned()));
    assert_eq!((obstacle, next), (Obstacle::Closed, NextSlot::At(at(1, 8, 0))));
}

#[test]
fn the_next_slot_waits_for_a_bay_and_not_only_for_the_room() {
    let mut resources = site();
    resources.bays.truncate(1);
    resources.people.push(crate::person(
        "op-2",
        frostline_record::rules::Role::Operator,
        crate::Credential::PainMedicine,
    ));
    let long = BookingRequest {
        needs: frostline_record::schedule::SessionNeeds { recovery_minutes: 120, ..needs(SedationLevel::LocalOnly) },
        ..wants("a", at(0, 8, 0))
    };
    // In the bay from 8:50 to 10:50, so the next patient may leave the room at 10:50 and enter it at 10:00.
    let calendar = booked(Calendar::new(resources), &long);
    let (_, next) = obstacle_of(&calendar, &wants("b", at(0, 9, 0)), &Resource::Bay("bay-1".to_owned()));
    assert_eq!(next, NextSlot::At(at(0, 10, 0)));
}

#[test]
fn sedation_takes_a_room_that_allows_it_and_an_anaesthesiologist() {
    let calendar = Calendar::new(site());
    let request = BookingRequest { needs: needs(SedationLevel::Minimal), ..wants("a", at(0, 9, 0)) };
    let booking = calendar.book(settings(), &request).unwrap();
    assert_eq!(booking.allocation().room, "suite-2");
    assert_eq!(booking.seated("anaesthesia"), Some("an-1"));
    assert_eq!(booking.seated("monitor"), None);
}

#[test]
fn moderate_sedation_has_a_person_who_only_watches_and_meets_s_01() {
    let calendar = Calendar::new(site());
    let request = BookingRequest { needs: needs(SedationLevel::Moderate), ..wants("a", at(0, 9, 0)) };
    let booking = calendar.book(settings(), &request).unwrap();
    assert_eq!(booking.seated("monitor"), Some("rn-2"));
    let rules = RuleBook::bundled().unwrap();
    assert_eq!(booking.monitoring(&rules, calendar.resources()).verdict, Verdict::Ok);
    let mut without = site();
    without.rooms[1].capnography = false;
    assert_eq!(booking.monitoring(&rules, &without).verdict, Verdict::Stop);
}

#[test]
fn nobody_sits_on_two_chairs() {
    let mut resources = site();
    // The only nurse who may watch is also the only one who may assist.
    resources.people.retain(|person| person.id != "rn-1");
    resources
        .people
        .iter_mut()
        .find(|person| person.id == "rn-2")
        .unwrap()
        .credentials
        .push(crate::Held { credential: crate::Credential::Nursing, until: None });
    let request = BookingRequest { needs: needs(SedationLevel::Moderate), ..wants("a", at(0, 9, 0)) };
    let seat = Resource::Seat("one person for every seat".to_owned());
    let (obstacle, next) = obstacle_of(&Calendar::new(resources), &request, &seat);
    assert_eq!((obstacle, next), (Obstacle::NotEnough { wanted: 5, free: 4 }, NextSlot::NoneInSight));
}

#[test]
fn a_credential_holds_on_its_last_day_and_not_on_the_next() {
    let last = |until| {
        let mut resources = site();
        resources.people[0].credentials[0].until = Some(until);
        Calendar::new(resources).book(settings(), &wants("a", at(0, 9, 0)))
    };
    assert!(last(DAY).is_ok());
    let refused = last(DAY.plus_days(-1)).unwrap_err();
    assert_eq!(refused[0].obstacle, Obstacle::NoneHere);
    assert!(refused[0].to_string().contains("pain specialist"), "{}", refused[0]);
}

#[test]
fn the_person_who_was_asked_for_is_there_or_the_refusal_names_them() {
    let mut resources = site();
    resources.people.push(crate::person(
        "op-2",
        frostline_record::rules::Role::Operator,
        crate::Credential::PainMedicine,
    ));
    let calendar = Calendar::new(resources);
    let asked = |people: &str| BookingRequest { people: vec![people.to_owned()], ..wants("a", at(0, 9, 0)) };
    assert_eq!(calendar.book(settings(), &asked("op-2")).unwrap().seated("operator"), Some("op-2"));
    assert_eq!(obstacle_of(&calendar, &asked("op-9"), &Resource::Person("op-9".to_owned())).0, Obstacle::NoneHere);
    let unsuited = obstacle_of(&calendar, &asked("an-1"), &Resource::Person("an-1".to_owned())).0;
    assert!(matches!(unsuited, Obstacle::Unsuited { .. }), "{unsuited:?}");
}

#[test]
fn the_first_lot_to_expire_goes_first_and_the_rest_comes_from_the_next() {
    let three = vec![ProbeNeed { model: "hand-n2o".to_owned(), count: 3 }];
    let request = BookingRequest {
        needs: frostline_record::schedule::SessionNeeds { probes: three, ..needs(SedationLevel::LocalOnly) },
        ..wants("a", at(0, 9, 0))
    };
    let booking = Calendar::new(site()).book(settings(), &request).unwrap();
    let lots: Vec<(&str, u32)> = booking.allocation().probes.iter().map(|lot| (lot.lot.as_str(), lot.count)).collect();
    assert_eq!(lots, [("L-soon", 2), ("L-late", 1)]);
}

#[test]
fn a_lot_is_taken_on_its_last_day_and_not_after_and_n_06_agrees() {
    let rules = RuleBook::bundled().unwrap();
    for (last, is_taken) in [(DAY.plus_days(1), true), (DAY, true), (DAY.plus_days(-1), false)] {
        let mut resources = site();
        resources.probes = vec![lot("L-1", DAY.plus_days(9), 1)];
        let booking = Calendar::new(resources.clone()).book(settings(), &wants("a", at(0, 9, 0))).unwrap();
        resources.probes[0].sterile_until = last;
        let verdict = booking.equipment(&rules, &resources, Answer::Yes, DAY).verdict;
        assert_eq!(verdict == Verdict::Ok, is_taken);
        assert_eq!(Calendar::new(resources).book(settings(), &wants("a", at(0, 9, 0))).is_ok(), is_taken);
    }
}

#[test]
fn quarantined_probes_are_not_there() {
    let mut resources = site();
    resources.probes.iter_mut().for_each(|lot| lot.usable = Usable::Quarantined("tip bent".to_owned()));
    let probes = Resource::Probes("hand-n2o".to_owned());
    let (obstacle, next) = obstacle_of(&Calendar::new(resources), &wants("a", at(0, 9, 0)), &probes);
    assert_eq!((obstacle, next), (Obstacle::NotEnough { wanted: 1, free: 0 }, NextSlot::NoneInSight));
}

#[test]
fn gas_is_reserved_up_to_the_reserve_and_no_further() {
    // Two cycles stay in the cylinder, so five last for one session of three freezes and four do not.
    let with = |cycles| {
        let mut resources = site();
        resources.gas = vec![cylinder("G", cycles)];
        Calendar::new(resources)
    };
    assert!(with(5).book(settings(), &wants("a", at(0, 9, 0))).is_ok());
    let gas = Resource::Gas("nitrous-oxide".to_owned());
    assert_eq!(obstacle_of(&with(4), &wants("a", at(0, 9, 0)), &gas).0, Obstacle::NotEnough { wanted: 3, free: 2 });
    let calendar = booked(with(7), &wants("a", at(0, 9, 0)));
    assert_eq!(obstacle_of(&calendar, &wants("b", at(0, 11, 0)), &gas).0, Obstacle::NotEnough { wanted: 3, free: 2 });
}

#[test]
fn the_emptiest_cylinder_that_suffices_is_used() {
    let calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    let second = calendar.book(settings(), &wants("b", at(0, 11, 0))).unwrap();
    let of = |booking: &frostline_record::schedule::Booking| booking.allocation().gas.clone().unwrap().cylinder;
    assert_eq!((of(calendar.find("a").unwrap()).as_str(), of(&second).as_str()), ("G-low", "G-full"));
}

#[test]
fn a_cancelled_booking_gives_everything_back() {
    let calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    let calendar = calendar.cancel(settings(), "a", "payer", at(0, 8, 0)).unwrap();
    let again = calendar.book(settings(), &wants("b", at(0, 9, 0))).unwrap();
    assert_eq!(again.allocation().probes[0].lot, "L-soon");
    assert_eq!(again.allocation().gas.as_ref().unwrap().cylinder, "G-low");
}

#[test]
fn the_second_of_two_people_who_book_at_once_is_told() {
    let calendar = Calendar::new(site());
    let first = calendar.book(settings(), &wants("a", at(0, 9, 0))).unwrap();
    let second = calendar.book(settings(), &wants("b", at(0, 9, 30))).unwrap();
    let calendar = calendar.with(settings(), first).unwrap();
    let conflicts = calendar.with(settings(), second).unwrap_err();
    assert!(conflicts.iter().any(|conflict| conflict.resource == Resource::Person("op-1".to_owned())), "{conflicts:?}");
}

#[test]
fn a_moved_booking_keeps_its_key_and_a_refused_move_changes_nothing() {
    let calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    let calendar = booked(calendar, &wants("b", at(0, 11, 0)));
    let moved = calendar.clone().moved(settings(), "a", at(0, 9, 30), at(0, 7, 0)).unwrap();
    let booking = moved.find("a").unwrap();
    assert_eq!((booking.allocation().in_room.from, booking.sequence()), (at(0, 9, 30), 1));
    assert!(calendar.clone().moved(settings(), "a", at(0, 11, 30), at(0, 7, 0)).is_err());
    assert_eq!(calendar.find("a").unwrap().allocation().in_room.from, at(0, 9, 0));
}

#[test]
fn what_was_used_is_gone_and_what_was_only_reserved_is_free_again() {
    let calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    let calendar = calendar.advance("a", BookingState::Arrived, at(0, 9, 0)).unwrap();
    let calendar = calendar.advance("a", BookingState::InProcedure, at(0, 9, 0)).unwrap();
    let probes = vec![ReservedLot { model: "hand-n2o".to_owned(), lot: "L-soon".to_owned(), count: 2 }];
    let used = Used { probes, gas: vec![("G-low".to_owned(), 2)] };
    let after = calendar.clone().after_procedure("a", &used, at(0, 10, 0)).unwrap();
    assert_eq!((after.resources().probes[1].count, after.resources().gas[1].cycles_left), (0, 4));
    let too_many = Used { gas: vec![("G-low".to_owned(), 7)], ..Used::default() };
    assert!(calendar.after_procedure("a", &too_many, at(0, 10, 0)).unwrap_err().to_string().contains("7 used and 6"));
}

#[test]
fn a_room_that_was_named_is_taken_or_refused_but_never_replaced() {
    let request = BookingRequest { room: WantedRoom::Named("attic".to_owned()), ..wants("a", at(0, 9, 0)) };
    let attic = Resource::Room("attic".to_owned());
    assert_eq!(obstacle_of(&Calendar::new(site()), &request, &attic), (Obstacle::NoneHere, NextSlot::NoneInSight));
}

#[test]
fn times_that_cannot_be_true_are_refused() {
    for (room_minutes, turnover_minutes, recovery_minutes) in [(0, 0, 30), (60, 61, 30), (60, -1, 30), (60, 10, -1)] {
        let wrong = frostline_record::schedule::SessionNeeds {
            room_minutes,
            turnover_minutes,
            recovery_minutes,
            ..needs(SedationLevel::LocalOnly)
        };
        let request = BookingRequest { needs: wrong, ..wants("a", at(0, 9, 0)) };
        assert!(Calendar::new(site()).book(settings(), &request).is_err());
    }
}
