//! The day as it goes: overruns, waiting list, reasons to cancel, stock.

use frostline_plan::catalogue::Known;
use frostline_record::rules::{Answer, BleedingClass, BleedingRisk, Override, RuleBook, RuleId, Ruled, Signature};
use frostline_record::schedule::{
    Actual, Calendar, Clearance, PayerApproval, Priority, Resource, Span, StockFinding, Usable, Waiting,
};

use crate::{DAY, at, booked, cylinder, lot, needs, settings, site, wants};

/// At 9, 10 and 14 o'clock, an hour each.
fn three() -> Calendar {
    let calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    booked(booked(calendar, &wants("b", at(0, 10, 0))), &wants("c", at(0, 14, 0)))
}

fn entered(booking: &str, hours: i64, minutes: i64) -> Actual {
    Actual { booking: booking.to_owned(), entered: at(0, hours, minutes), left: None }
}

#[test]
fn a_session_that_takes_longer_pushes_the_next_of_the_same_operator_and_not_the_one_after_a_gap() {
    // Still in the room at 10:20; ten minutes of turnover make it 10:30.
    let pushed = three().pushed(DAY, &[entered("a", 9, 0)], at(0, 10, 20));
    assert_eq!(pushed.len(), 1);
    assert_eq!((pushed[0].booking.as_str(), pushed[0].late_minutes), ("b", 30));
    assert_eq!(pushed[0].held_back.as_ref().unwrap().by, "a");
    assert!(!pushed[0].after_hours);
}

#[test]
fn a_session_on_time_pushes_nobody() {
    assert_eq!(three().pushed(DAY, &[entered("a", 9, 0)], at(0, 9, 50)), []);
    // A minute later the turnover can no longer end at 10.
    assert_eq!(three().pushed(DAY, &[entered("a", 9, 0)], at(0, 9, 51))[0].late_minutes, 1);
}

#[test]
fn a_session_that_ended_early_leaves_the_next_at_its_time() {
    let left = Actual { left: Some(at(0, 9, 30)), ..entered("a", 9, 0) };
    let expected = three().expected(DAY, &[left], at(0, 9, 40));
    assert_eq!((expected[0].expected.until, expected[1].expected.from), (at(0, 9, 40), at(0, 10, 0)));
}

#[test]
fn a_session_that_would_end_after_closing_says_so() {
    let mut resources = site();
    // The bays stay open for who was treated last.
    resources.bays[0].openings[0].until = at(0, 20, 0);
    let calendar = booked(Calendar::new(resources), &wants("late", at(0, 16, 0)));
    let expected = calendar.expected(DAY, &[], at(0, 16, 1));
    assert_eq!((expected[0].late_minutes, expected[0].after_hours), (1, true));
    assert!(!calendar.expected(DAY, &[], at(0, 16, 0))[0].after_hours);
}

#[test]
fn a_pushed_session_pushes_the_next_one_too() {
    let calendar = booked(three(), &wants("d", at(0, 11, 0)));
    let pushed = calendar.pushed(DAY, &[entered("a", 9, 0)], at(0, 10, 20));
    let late: Vec<(&str, i64)> = pushed.iter().map(|one| (one.booking.as_str(), one.late_minutes)).collect();
    assert_eq!(late, [("b", 30), ("d", 30)]);
    assert!(matches!(pushed[1].held_back.as_ref().unwrap().resource, Resource::Person(_) | Resource::Room(_)));
}

fn waiting(case: &str, priority: Priority, since: i64) -> Waiting {
    Waiting {
        case: case.to_owned(),
        priority,
        since: at(-since, 8, 0),
        not_before: at(-30, 8, 0),
        needs: needs(frostline_record::rules::SedationLevel::LocalOnly),
        people: Vec::new(),
        clearance: Clearance::Cleared,
    }
}

#[test]
fn a_freed_slot_is_offered_to_the_urgent_first_and_then_to_who_waited_longest() {
    let calendar = three().cancel(settings(), "b", "patient-reason", at(0, 8, 0)).unwrap();
    let freed = Span { from: at(0, 10, 0), until: at(0, 11, 0) };
    let list = [
        waiting("new", Priority::Routine, 3),
        waiting("old", Priority::Routine, 90),
        waiting("urgent", Priority::Urgent, 1),
        Waiting { not_before: at(1, 8, 0), ..waiting("not-yet", Priority::Urgent, 9) },
    ];
    let offers = calendar.offers(settings(), &list, freed);
    let cases: Vec<&str> = offers.iter().map(|offer| offer.case.as_str()).collect();
    assert_eq!(cases, ["urgent", "old", "new"]);
    assert!(offers.iter().all(|offer| offer.start == at(0, 10, 0)));
}

#[test]
fn a_slot_that_is_taken_is_offered_to_nobody() {
    let freed = Span { from: at(0, 10, 0), until: at(0, 11, 0) };
    assert_eq!(three().offers(settings(), &[waiting("old", Priority::Urgent, 9)], freed), []);
}

fn inr_too_high(book: &RuleBook) -> Ruled {
    let risk = BleedingRisk {
        class: Known::Known(BleedingClass::Low),
        liver_disease: Answer::No,
        tends_to_bleed: Answer::Yes,
    };
    Ruled::new(book.inr(Known::Known(9.0), risk))
}

#[test]
fn an_inr_that_stops_cancels_unless_somebody_who_may_decides_otherwise() {
    let book = RuleBook::bundled().unwrap();
    let stopped = inr_too_high(&book);
    let none = PayerApproval::NotNeeded;
    let (reason, why) = settings().must_be_cancelled(std::slice::from_ref(&stopped), none, DAY).unwrap();
    assert_eq!(reason.id, "clotting");
    assert!(why.starts_with("B-01"), "{why}");
    let role = stopped.ruling.overriding.roles[0];
    let sign = |name: &str| Signature { role, by: name.to_owned() };
    let decision = Override::of(&stopped.ruling, &[sign("A"), sign("B")], "drained by hand", at(0, 8, 0)).unwrap();
    let decided = stopped.with(decision).unwrap();
    assert!(settings().must_be_cancelled(&[decided], none, DAY).is_none());
}

#[test]
fn a_payers_approval_holds_on_its_last_day_and_not_on_the_next() {
    let reason = |approval| settings().must_be_cancelled(&[], approval, DAY).map(|(reason, _)| reason.id.as_str());
    assert_eq!(reason(PayerApproval::Until(DAY)), None);
    assert_eq!(reason(PayerApproval::Until(DAY.plus_days(-1))), Some("payer"));
    assert_eq!(reason(PayerApproval::Missing), Some("payer"));
    assert_eq!(reason(PayerApproval::NotNeeded), None);
}

fn only(lots: Vec<frostline_record::schedule::ProbeLot>, gas: Vec<frostline_record::schedule::Cylinder>) -> Calendar {
    let mut resources = site();
    (resources.probes, resources.gas) = (lots, gas);
    Calendar::new(resources)
}

#[test]
fn stock_is_low_at_three_probes_and_six_freezes_and_not_at_one_more() {
    let far = DAY.plus_days(90);
    // Two freezes stay in every cylinder.
    let low = only(vec![lot("L", far, 3)], vec![cylinder("G", 8)]).stock_findings(settings(), DAY);
    assert_eq!(
        low,
        [
            StockFinding::FewProbes { model: "hand-n2o".to_owned(), free: 3 },
            StockFinding::LittleGas { gas: "nitrous-oxide".to_owned(), free: 6 },
        ]
    );
    assert_eq!(only(vec![lot("L", far, 4)], vec![cylinder("G", 9)]).stock_findings(settings(), DAY), []);
}

#[test]
fn a_lot_expires_soon_from_thirty_days_on_and_is_expired_the_day_after_its_last() {
    let found =
        |days| only(vec![lot("L", DAY.plus_days(days), 9)], vec![cylinder("G", 40)]).stock_findings(settings(), DAY);
    assert_eq!(found(31), []);
    assert!(matches!(found(30)[..], [StockFinding::ExpiresSoon { .. }]));
    assert!(matches!(found(0)[..], [StockFinding::ExpiresSoon { .. }]));
    assert!(matches!(found(-1)[0], StockFinding::Expired { .. }));
    assert_eq!(found(-1)[0].rule(), Some(RuleId::N06));
}

#[test]
fn a_lot_that_is_quarantined_after_it_was_reserved_is_found_with_its_booking() {
    let calendar = booked(Calendar::new(site()), &wants("a", at(0, 9, 0)));
    let mut resources = calendar.resources().clone();
    resources.probes[1].usable = Usable::Quarantined("recall".to_owned());
    let found = calendar.supplied(resources).stock_findings(settings(), DAY);
    assert!(found[0].text().contains("booking a has set aside lot L-soon"), "{}", found[0].text());
}

#[test]
fn a_booking_whose_operator_is_away_is_found_with_what_it_lost() {
    let calendar = three();
    assert_eq!(calendar.displaced(), []);
    let mut resources = calendar.resources().clone();
    // Home at 14:59: the last hour of the third booking is the first minute too long.
    resources.people[0].shifts[0].until = at(0, 14, 59);
    let displaced = calendar.supplied(resources).displaced();
    assert_eq!((displaced.len(), displaced[0].booking.as_str()), (1, "c"));
    assert_eq!(displaced[0].lacks, [Resource::Person("op-1".to_owned())]);
}

#[test]
fn every_reason_to_cancel_has_a_code_of_its_family_or_none() {
    for reason in settings().cancellation_reasons() {
        if let Known::Known(code) = &reason.code.value.icd10cm {
            assert!(code.starts_with("Z53."), "{}: {code}", reason.id);
        }
    }
    assert!(settings().cancellation("no-show").is_some() && settings().cancellation("moved").is_some());
}
