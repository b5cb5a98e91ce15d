//! B-CLASS, B-01, B-02, B-08.

use frostline_plan::catalogue::Known;
use frostline_record::rules::Verdict::{Human, Info, Ok, Stop, Warn};
use frostline_record::rules::{
    Answer, BleedingClass, BleedingFactors, BleedingRisk, LabValue, Moment, ProbeSize, RuleBook, RuleId, TargetSite,
};

use crate::Edge::{At, Broken, Kept, Missing, Over, Under};
use crate::{Case, book, case, known};

const SOUND: BleedingFactors = BleedingFactors {
    age_years: Known::Known(60),
    clearance_ml_per_min: Known::Known(90.0),
    liver_disease: Answer::No,
    combined_drugs: Answer::No,
    bled_before: Answer::No,
};
const FINE: ProbeSize = ProbeSize { gauge: Known::Known(17.0) };

fn site(nerve: &str, depth_mm: f64) -> TargetSite {
    TargetSite { nerve: nerve.to_owned(), depth_mm: known(depth_mm), compressible: Answer::Yes }
}

fn risk(class: BleedingClass) -> BleedingRisk {
    BleedingRisk { class: known(class), liver_disease: Answer::No, tends_to_bleed: Answer::No }
}

pub(crate) fn cases(book: &RuleBook) -> Vec<Case> {
    [class(book), inr(book), platelets(book), swelling(book)].into_iter().flatten().collect()
}

fn class(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::BClass;
    let depth = |mm| book.bleeding_class(&[site("sural", mm)], FINE, &SOUND).ruling;
    let patient = |patient: BleedingFactors| book.bleeding_class(&[site("sural", 5.0)], FINE, &patient).ruling;
    let bled = BleedingFactors { bled_before: Answer::Yes, ..SOUND };
    let old = |years| BleedingFactors { age_years: known(years), ..bled };
    let kidney = |ml| BleedingFactors { clearance_ml_per_min: known(ml), ..bled };
    let unknown_depth = TargetSite { depth_mm: Known::NotKnown, ..site("sural", 5.0) };
    let not_pressed = TargetSite { compressible: Answer::No, ..site("sural", 5.0) };
    let not_asked = TargetSite { compressible: Answer::NotAsked, ..site("sural", 5.0) };
    vec![
        case(rule, Under, depth(39.9), Ok),
        case(rule, At, depth(40.0), Ok),
        case(rule, Over, depth(40.1), Info),
        case(rule, Kept, patient(bled), Ok),
        case(rule, Under, patient(old(74)), Ok),
        case(rule, At, patient(old(75)), Ok),
        case(rule, Over, patient(old(76)), Info),
        case(rule, Under, patient(kidney(29.9)), Info),
        case(rule, At, patient(kidney(30.0)), Ok),
        case(rule, Over, patient(kidney(30.1)), Ok),
        case(rule, Broken, book.bleeding_class(&[site("pfcn", 20.0)], FINE, &SOUND).ruling, Info),
        case(rule, Broken, book.bleeding_class(&[not_pressed], FINE, &SOUND).ruling, Info),
        case(rule, Missing, book.bleeding_class(&[not_asked], FINE, &SOUND).ruling, Human),
        case(rule, Missing, book.bleeding_class(&[unknown_depth], FINE, &SOUND).ruling, Human),
        case(rule, Missing, book.bleeding_class(&[], FINE, &SOUND).ruling, Human),
        case(rule, Missing, patient(BleedingFactors { age_years: Known::NotKnown, ..bled }), Human),
    ]
}

fn lab(value: f64, age_days: i64) -> Known<LabValue> {
    known(LabValue { value, age_days })
}

fn inr(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::B01;
    let low = |inr| book.inr(known(inr), risk(BleedingClass::Low));
    let high = |inr| book.inr(known(inr), risk(BleedingClass::High));
    let aged = |days| book.dated_inr(lab(1.0, days), risk(BleedingClass::High));
    let liver = BleedingRisk { liver_disease: Answer::Yes, ..risk(BleedingClass::High) };
    let open = BleedingRisk { class: Known::NotKnown, ..risk(BleedingClass::High) };
    let bleeds = BleedingRisk { tends_to_bleed: Answer::Yes, ..risk(BleedingClass::Low) };
    let not_asked = BleedingRisk { liver_disease: Answer::NotAsked, ..risk(BleedingClass::Low) };
    vec![
        case(rule, Under, low(2.9), Ok),
        case(rule, At, low(3.0), Ok),
        case(rule, Over, low(3.1), Stop),
        case(rule, Under, high(1.49), Ok),
        case(rule, At, high(1.5), Warn),
        case(rule, Over, high(1.51), Warn),
        case(rule, Under, high(1.79), Warn),
        case(rule, At, high(1.8), Warn),
        case(rule, Over, high(1.81), Stop),
        case(rule, Under, book.inr(known(2.49), liver), Ok),
        case(rule, At, book.inr(known(2.5), liver), Stop),
        case(rule, Over, book.inr(known(2.51), liver), Stop),
        case(rule, Under, aged(6), Ok),
        case(rule, At, aged(7), Ok),
        case(rule, Over, aged(8), Human),
        case(rule, Broken, book.dated_inr(lab(2.0, 8), risk(BleedingClass::High)), Stop),
        case(rule, Kept, book.dated_inr(lab(1.0, 8), risk(BleedingClass::Low)), Info),
        case(rule, Kept, book.inr(Known::NotKnown, risk(BleedingClass::Low)), Info),
        case(rule, Missing, book.inr(Known::NotKnown, risk(BleedingClass::High)), Human),
        case(rule, Missing, book.inr(Known::NotKnown, bleeds), Human),
        case(rule, Missing, book.inr(known(1.0), open), Human),
        case(rule, Missing, book.inr(known(1.0), not_asked), Human),
        case(rule, Missing, high(f64::NAN), Human),
    ]
}

fn platelets(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::B02;
    let low = |found| book.platelets(known(found), Known::NotKnown, risk(BleedingClass::Low));
    let high = |found| book.platelets(known(found), Known::NotKnown, risk(BleedingClass::High));
    let liver = BleedingRisk { liver_disease: Answer::Yes, ..risk(BleedingClass::High) };
    let liver_low = BleedingRisk { liver_disease: Answer::Yes, ..risk(BleedingClass::Low) };
    let shallow = |found| book.platelets(known(found), known(200.0), liver_low);
    let sick = |found, fibrinogen| book.platelets(known(found), known(fibrinogen), liver);
    let aged = |count, other| book.dated_platelets(lab(200.0, count), lab(200.0, other), liver);
    let open = BleedingRisk { class: Known::NotKnown, ..risk(BleedingClass::High) };
    vec![
        case(rule, Under, low(19.9), Stop),
        case(rule, At, low(20.0), Ok),
        case(rule, Over, low(20.1), Ok),
        case(rule, Under, high(49.9), Stop),
        case(rule, At, high(50.0), Ok),
        case(rule, Over, high(50.1), Ok),
        case(rule, Under, shallow(19.9), Stop),
        case(rule, At, shallow(20.0), Stop),
        case(rule, Over, shallow(20.1), Ok),
        case(rule, Under, sick(29.9, 200.0), Stop),
        case(rule, At, sick(30.0, 200.0), Stop),
        case(rule, Over, sick(30.1, 200.0), Ok),
        case(rule, Under, sick(90.0, 99.9), Stop),
        case(rule, At, sick(90.0, 100.0), Stop),
        case(rule, Over, sick(90.0, 100.1), Ok),
        case(rule, Under, aged(29, 0), Ok),
        case(rule, At, aged(30, 0), Ok),
        case(rule, Over, aged(31, 0), Human),
        case(rule, Over, aged(0, 31), Human),
        case(rule, Broken, book.dated_platelets(lab(40.0, 31), Known::NotKnown, risk(BleedingClass::High)), Stop),
        case(rule, Missing, book.platelets(known(90.0), Known::NotKnown, liver), Human),
        case(rule, Missing, book.platelets(Known::NotKnown, Known::NotKnown, risk(BleedingClass::High)), Human),
        case(rule, Missing, book.platelets(known(90.0), Known::NotKnown, open), Human),
    ]
}

fn swelling(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::B08;
    let sizes = |first_mm, last_mm| book.haematoma(known(&[(Moment(0), first_mm), (Moment(15), last_mm)]));
    vec![
        case(rule, Under, sizes(10.0, 9.9), Ok),
        case(rule, At, sizes(10.0, 10.0), Ok),
        case(rule, Over, sizes(10.0, 10.1), Stop),
        case(rule, Missing, book.haematoma(known(&[(Moment(0), 10.0)])), Human),
        case(rule, Missing, book.haematoma(Known::NotKnown), Human),
    ]
}

#[test]
fn the_class_is_open_as_long_as_something_that_matters_is_unknown() {
    let unknown = TargetSite { compressible: Answer::NotAsked, ..site("sural", 5.0) };
    assert_eq!(book().bleeding_class(&[unknown], FINE, &SOUND).result, Known::NotKnown);
    assert_eq!(book().bleeding_class(&[site("sural", 5.0)], FINE, &SOUND).result, Known::Known(BleedingClass::Low));
}

#[test]
fn one_deep_target_makes_the_whole_session_high() {
    let found = book().bleeding_class(&[site("sural", 5.0), site("sci_thigh", 60.0)], FINE, &SOUND);
    assert_eq!(found.result, Known::Known(BleedingClass::High));
}

#[test]
fn a_swelling_that_shrank_and_then_grows_is_growing() {
    let sizes = [(Moment(0), 12.0), (Moment(10), 8.0), (Moment(20), 10.0)];
    assert_eq!(book().haematoma(known(&sizes)).verdict, Stop);
}
