//! O-02, O-03, O-04, O-07.

use frostline_plan::catalogue::Known;
use frostline_record::rules::Verdict::{Human, Info, Ok};
use frostline_record::rules::{Cohort, Course, Instrument, PainScore, Response, RuleBook, RuleId};

use crate::Edge::{At, Broken, Kept, Missing, Over, Under};
use crate::{Case, book, case, known, pain};

fn series(points: &[(i64, f64)]) -> Vec<(i64, PainScore)> {
    points.iter().map(|(day, score)| (*day, pain(*score))).collect()
}

pub(crate) fn cases(book: &RuleBook) -> Vec<Case> {
    [response(book), change(book), course(book), cohort(book)].into_iter().flatten().collect()
}

fn response(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::O02;
    let now = |score| book.response(known(pain(10.0)), known(pain(score))).ruling;
    let from = |score| book.response(known(pain(score)), known(pain(0.0))).ruling;
    vec![
        case(rule, Under, now(7.1), Info),
        case(rule, At, now(7.0), Ok),
        case(rule, Over, now(6.9), Ok),
        case(rule, Under, from(2.9), Info),
        case(rule, At, from(3.0), Ok),
        case(rule, Over, from(3.1), Ok),
        case(rule, Missing, book.response(Known::NotKnown, known(pain(1.0))).ruling, Human),
        case(rule, Missing, book.response(known(pain(5.0)), Known::NotKnown).ruling, Human),
    ]
}

fn change(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::O03;
    let least = [
        (Instrument::Lefs, 9.0, 1.0),
        (Instrument::FaamAdl, 8.0, 1.0),
        (Instrument::FaamSport, 9.0, 1.0),
        (Instrument::PromisPainInterference, 3.0, -1.0),
    ];
    let mut cases = Vec::new();
    for (instrument, points, sign) in least {
        let better = |by: f64| book.change(instrument, known(60.0), known(60.0 + sign * by));
        cases.extend([
            case(rule, Under, better(points - 0.1), Info),
            case(rule, At, better(points), Ok),
            case(rule, Over, better(points + 0.1), Ok),
            case(rule, Broken, better(-points), Info),
            case(rule, Missing, book.change(instrument, known(60.0), Known::NotKnown), Human),
        ]);
    }
    cases
}

fn course(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::O04;
    let first = |score| book.course(known(pain(10.0)), &series(&[(1, score)])).ruling;
    let later = |score| book.course(known(pain(10.0)), &series(&[(1, 2.0), (90, score)])).ruling;
    vec![
        case(rule, Under, first(6.9), Ok),
        case(rule, At, first(7.0), Ok),
        case(rule, Over, first(7.1), Info),
        case(rule, Under, later(6.9), Ok),
        case(rule, At, later(7.0), Info),
        case(rule, Over, later(7.1), Info),
        case(rule, Missing, book.course(known(pain(10.0)), &[]).ruling, Human),
        case(rule, Missing, book.course(Known::NotKnown, &series(&[(1, 2.0)])).ruling, Human),
        case(rule, Missing, book.course(known(pain(0.0)), &series(&[(1, 0.0)])).ruling, Human),
    ]
}

fn cohort(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::O07;
    let patient = (known(pain(8.0)), known(pain(2.0)));
    let lost = (known(pain(8.0)), Known::NotKnown);
    vec![
        case(rule, Under, book.cohort(&[]).ruling, Human),
        case(rule, At, book.cohort(&[patient]).ruling, Info),
        case(rule, Over, book.cohort(&[patient, patient, lost]).ruling, Info),
        case(rule, Kept, book.cohort(&[patient]).ruling, Info),
        case(rule, Missing, book.cohort(&[lost, lost]).ruling, Human),
    ]
}

#[test]
fn thirty_and_fifty_percent_are_counted_where_they_begin() {
    let at = |score| book().response(known(pain(10.0)), known(pain(score))).result;
    let expected = |relief, moderate, substantial| Response::Percent { relief, moderate, substantial };
    assert_eq!(at(7.1), expected(29.0, false, false));
    assert_eq!(at(7.0), expected(30.0, true, false));
    assert_eq!(at(5.1), expected(49.0, true, false));
    assert_eq!(at(5.0), expected(50.0, true, true));
    assert_eq!(at(10.0), expected(0.0, false, false));
}

#[test]
fn relapse_is_the_first_day_of_pain_after_the_first_day_of_relief() {
    let points = series(&[(90, 8.0), (1, 9.0), (7, 5.0), (42, 2.0), (120, 9.0)]);
    let found = book().course(known(pain(10.0)), &points).result;
    assert_eq!(found, Course::Relapsed { relief_on: 7, back_on: 90 });
}

#[test]
fn relief_that_stays_lasts_until_somebody_last_asked() {
    let found = book().course(known(pain(10.0)), &series(&[(7, 5.0), (42, 2.0)])).result;
    assert_eq!(found, Course::Lasting { relief_on: 7, seen_until: 42 });
    assert_eq!(book().course(known(pain(10.0)), &series(&[(7, 9.0)])).result, Course::NoRelief);
}

#[test]
fn a_group_is_told_with_those_who_are_missing() {
    let one = |now| (known(pain(8.0)), known(pain(now)));
    let low = (known(pain(2.0)), known(pain(1.0)));
    let found = book().cohort(&[one(1.0), one(2.0), one(4.0), one(8.0), low]).result;
    // 1, 2, 4, 8: median 3, quartiles 1.75 and 5; three of four have 30 % less.
    let expected = Cohort {
        counted: 4,
        missing: 1,
        median: 3.0,
        lower_quartile: 1.75,
        upper_quartile: 5.0,
        responders_percent: 75.0,
    };
    assert_eq!(found, Known::Known(expected));
}

#[test]
fn trials_that_found_no_difference_are_laid_beside_the_others() {
    let book = book();
    let sham: Vec<_> = book.published_curves().iter().filter(|curve| curve.design == "sham-controlled").collect();
    assert_eq!(sham.len(), 3);
    assert_eq!(sham.iter().filter(|curve| curve.found.starts_with("no difference")).count(), 2);
    assert!(book.published_curves().iter().all(|curve| curve.n > 0 && !curve.found.is_empty()));
}
