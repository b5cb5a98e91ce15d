//! What may follow what.

use frostline_record::schedule::BookingState::{self, *};
use frostline_record::schedule::{Calendar, ChangeRefused, Used};

use crate::{at, booked, settings, site, wants};

/// Every change that is allowed; all others are refused.
const ALLOWED: [(BookingState, BookingState); 17] = [
    (Draft, AwaitingClearance),
    (Draft, Cancelled),
    (AwaitingClearance, Cleared),
    (AwaitingClearance, Cancelled),
    (Cleared, Booked),
    (Cleared, AwaitingClearance),
    (Cleared, Cancelled),
    (Booked, Arrived),
    (Booked, AwaitingClearance),
    (Booked, Cancelled),
    (Booked, NoShow),
    (Arrived, InProcedure),
    (Arrived, Cancelled),
    (InProcedure, Recovery),
    (Recovery, Discharged),
    (Discharged, FollowUp),
    (FollowUp, Closed),
];

#[test]
fn only_the_listed_changes_are_allowed_and_every_other_says_why_not() {
    for from in BookingState::ALL {
        for to in BookingState::ALL {
            let answer = from.may_become(to);
            assert_eq!(answer.is_ok(), ALLOWED.contains(&(from, to)), "{from:?} to {to:?}");
            if let Err(refused) = answer {
                let said = refused.to_string();
                assert!(said.contains(from.word()) && said.contains(to.word()) && !refused.why.is_empty(), "{said}");
            }
        }
    }
}

#[test]
fn a_booking_goes_its_way_to_closed_and_counts_its_changes() {
    let mut calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    for state in [Arrived, InProcedure, Recovery, Discharged, FollowUp, Closed] {
        calendar = match state {
            Recovery => calendar.after_procedure("a", &Used::default(), at(0, 9, 40)).unwrap(),
            state => calendar.advance("a", state, at(0, 9, 40)).unwrap(),
        };
    }
    let booking = calendar.find("a").unwrap();
    assert_eq!((booking.state(), booking.sequence(), booking.changes().len()), (Closed, 6, 6));
}

#[test]
fn a_procedure_that_began_is_not_cancelled() {
    let calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    let calendar = calendar.advance("a", Arrived, at(0, 9, 0)).unwrap();
    let calendar = calendar.advance("a", InProcedure, at(0, 9, 5)).unwrap();
    let refused = calendar.cancel(settings(), "a", "patient-decided", at(0, 9, 6)).unwrap_err();
    assert!(matches!(refused, ChangeRefused::State(_)), "{refused}");
    assert!(refused.to_string().contains("go on to recovery"), "{refused}");
}

#[test]
fn nothing_is_cancelled_without_a_reason_and_no_procedure_ends_without_what_was_used() {
    let calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    for state in [Cancelled, NoShow] {
        let refused = calendar.clone().advance("a", state, at(0, 9, 0)).unwrap_err();
        assert!(refused.to_string().contains("together with a reason"), "{refused}");
    }
    let calendar = calendar.advance("a", Arrived, at(0, 9, 0)).unwrap();
    let calendar = calendar.advance("a", InProcedure, at(0, 9, 0)).unwrap();
    assert!(matches!(calendar.advance("a", Recovery, at(0, 9, 0)), Err(ChangeRefused::SayMore { .. })));
}

#[test]
fn a_cancellation_without_a_listed_reason_is_refused_with_the_list() {
    let calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    let refused = calendar.cancel(settings(), "a", "weather", at(0, 8, 0)).unwrap_err().to_string();
    assert!(refused.contains("weather") && refused.contains("patient-decided"), "{refused}");
}

#[test]
fn a_patient_who_did_not_come_is_a_no_show_with_its_reason() {
    let calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    let calendar = calendar.cancel(settings(), "a", "no-show", at(0, 9, 30)).unwrap();
    let booking = calendar.find("a").unwrap();
    assert_eq!((booking.state(), booking.cancelled_for()), (NoShow, Some("no-show")));
}
