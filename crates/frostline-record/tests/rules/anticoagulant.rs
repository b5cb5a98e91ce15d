//! B-03 to B-07.

use frostline_plan::catalogue::Known;
use frostline_record::rules::Verdict::{Human, Info, Ok, Stop};
use frostline_record::rules::{
    Answer, BleedingClass, DrugUse, Hold, HoldDecision, HoldPlan, Kidney, LabValue, Moment, RuleBook, RuleId,
    RuleTexts, Ruling, Thrombosis,
};

use crate::Edge::{At, Broken, Kept, Missing, Over, Under};
use crate::{Case, book, case, known};

/// The procedure begins two days after this clock starts, in minutes.
const START: Moment = Moment(14 * 24 * 60);
const HIGH: Known<BleedingClass> = Known::Known(BleedingClass::High);
const LOW: Known<BleedingClass> = Known::Known(BleedingClass::Low);
const NO_RISK: Thrombosis =
    Thrombosis { stent: Answer::No, clot: Answer::No, stroke: Answer::No, valve: Answer::No, fibrillation: Answer::No };

fn held(drug: &str, minutes: i64, clearance: f64) -> DrugUse {
    DrugUse {
        drug: drug.to_owned(),
        last_dose: known(Moment(START.0 - minutes)),
        clearance_ml_per_min: known(clearance),
        decision: HoldDecision::Hold { by: "Dr Vogt".to_owned() },
    }
}

pub(crate) fn cases(book: &RuleBook) -> Vec<Case> {
    [holds(book), restarts_and_kidneys(book), who_decides(book)].into_iter().flatten().collect()
}

fn holds(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::B03;
    let high = |taken: &DrugUse| book.blood_thinner(taken, HIGH, START).ruling;
    // 4 doses of apixaban are 48 h, 6 doses 72 h; one minute decides.
    let apixaban = |minutes, clearance| high(&held("apixaban", minutes, clearance));
    let not_decided = DrugUse { decision: HoldDecision::NotDecided, ..held("apixaban", 9999, 90.0) };
    let goes_on = DrugUse { decision: HoldDecision::GoOn { by: "Dr Vogt".to_owned() }, ..held("apixaban", 0, 90.0) };
    let last_unknown = DrugUse { last_dose: Known::NotKnown, ..held("apixaban", 0, 90.0) };
    let kidney_unknown = DrugUse { clearance_ml_per_min: Known::NotKnown, ..held("apixaban", 9999, 90.0) };
    vec![
        case(rule, Under, apixaban(48 * 60 - 1, 50.0), Stop),
        case(rule, At, apixaban(48 * 60, 50.0), Ok),
        case(rule, Over, apixaban(48 * 60 + 1, 50.0), Ok),
        case(rule, Under, apixaban(72 * 60 - 1, 49.9), Stop),
        case(rule, At, apixaban(72 * 60, 49.9), Ok),
        case(rule, Over, apixaban(72 * 60 + 1, 49.9), Ok),
        case(rule, Under, high(&held("warfarin", 120 * 60 - 1, 90.0)), Stop),
        case(rule, At, high(&held("warfarin", 120 * 60, 90.0)), Ok),
        case(rule, Kept, book.blood_thinner(&held("apixaban", 1, 90.0), LOW, START).ruling, Ok),
        case(rule, Broken, high(&goes_on), Stop),
        case(rule, Broken, high(&held("cangrelor", 9999, 90.0)), Human),
        case(rule, Missing, high(&not_decided), Stop),
        case(rule, Missing, high(&last_unknown), Stop),
        case(rule, Missing, high(&kidney_unknown), Human),
        case(rule, Missing, apixaban(9999, 14.9), Human),
        case(rule, Missing, high(&held("snake venom", 9999, 90.0)), Human),
        case(rule, Missing, book.blood_thinner(&held("apixaban", 9999, 90.0), Known::NotKnown, START).ruling, Human),
    ]
}

fn restarts_and_kidneys(book: &RuleBook) -> Vec<Case> {
    let (again, kidney) = (RuleId::B04, RuleId::B05);
    let column = |drug, clearance| book.kidney_column(drug, HIGH, known(clearance)).ruling;
    vec![
        case(again, Kept, book.restart("apixaban", LOW, known(START)).ruling, Ok),
        case(again, Broken, book.restart("apixaban", HIGH, known(START)).ruling, Info),
        case(again, Broken, book.restart("cangrelor", HIGH, known(START)).ruling, Human),
        case(again, Missing, book.restart("apixaban", HIGH, Known::NotKnown).ruling, Human),
        case(again, Missing, book.restart("apixaban", Known::NotKnown, known(START)).ruling, Human),
        case(kidney, Under, column("apixaban", 14.9), Human),
        case(kidney, At, column("apixaban", 15.0), Ok),
        case(kidney, Over, column("apixaban", 15.1), Ok),
        case(kidney, Kept, column("warfarin", 5.0), Ok),
        case(kidney, Missing, book.kidney_column("apixaban", HIGH, Known::NotKnown).ruling, Human),
        case(kidney, Missing, book.kidney_column("apixaban", Known::NotKnown, known(90.0)).ruling, Human),
    ]
}

fn who_decides(book: &RuleBook) -> Vec<Case> {
    let (guard, other) = (RuleId::B06, RuleId::B07);
    let thrombosis = |found| book.thrombosis_guard("warfarin", found);
    let others = |class, deep| -> Ruling { book.other_intervals("apixaban", class, deep).ruling };
    vec![
        case(guard, Kept, thrombosis(NO_RISK), Ok),
        case(guard, Broken, thrombosis(Thrombosis { valve: Answer::Yes, ..NO_RISK }), Human),
        case(guard, Missing, thrombosis(Thrombosis { valve: Answer::NotAsked, ..NO_RISK }), Human),
        case(guard, Missing, thrombosis(Thrombosis::default()), Human),
        case(other, Kept, others(LOW, Answer::Yes), Ok),
        case(other, Kept, others(HIGH, Answer::No), Ok),
        case(other, Broken, others(HIGH, Answer::Yes), Info),
        case(other, Missing, others(Known::NotKnown, Answer::Yes), Human),
        case(other, Missing, others(HIGH, Answer::NotAsked), Human),
        case(other, Missing, book.other_intervals("betrixaban", HIGH, Answer::Yes).ruling, Human),
    ]
}

#[test]
fn each_side_of_a_kidney_band_has_its_own_hold() {
    let hold = |clearance| book().kidney_column("apixaban", HIGH, known(clearance)).result;
    assert_eq!(hold(49.9), Known::Known(Hold::Doses(6.0)));
    assert_eq!(hold(50.0), Known::Known(Hold::Doses(4.0)));
    assert_eq!(hold(50.1), Known::Known(Hold::Doses(4.0)));
}

#[test]
fn the_last_dose_of_apixaban_is_two_days_before_the_procedure() {
    let plan = book().blood_thinner(&held("apixaban", 0, 90.0), HIGH, START).result;
    assert_eq!(plan, HoldPlan::LastDoseBy { at: Moment(START.0 - 48 * 60), hours: 48.0 });
}

#[test]
fn every_drug_needs_a_decision_before_it_is_held_and_none_where_it_goes_on() {
    let book = book();
    for drug in book.blood_thinners() {
        let taken = DrugUse { decision: HoldDecision::NotDecided, ..held(&drug.id, 9999, 90.0) };
        let verdict = book.blood_thinner(&taken, HIGH, START).ruling.verdict;
        let expected = match book.kidney_column(&drug.id, HIGH, known(90.0)).result {
            Known::Known(Hold::NotNeeded) => Ok,
            Known::Known(Hold::PersonDecides) | Known::NotKnown => Human,
            Known::Known(Hold::Hours(_) | Hold::Doses(_)) => Stop,
        };
        assert_eq!(verdict, expected, "{}", drug.id);
    }
    assert_eq!(book.blood_thinners().len(), 23);
}

#[test]
fn a_direct_anticoagulant_is_not_bridged_and_warfarin_may_be() {
    let book = book();
    let risk = Thrombosis { stroke: Answer::Yes, ..NO_RISK };
    assert!(book.thrombosis_guard("apixaban", risk).text.contains("not bridged"));
    assert!(!book.thrombosis_guard("warfarin", risk).text.contains("bridged"));
}

#[test]
fn clearance_is_that_of_cockcroft_and_gault() {
    let kidney =
        Kidney { age_years: known(60), weight_kg: known(72.0), creatinine_mg_per_dl: known(1.0), female: Answer::No };
    // (140 - 60) x 72 / (72 x 1.0) = 80, for women 0.85 x 80 = 68.
    assert_eq!(book().clearance_ml_per_min(kidney), Known::Known(80.0));
    assert_eq!(book().clearance_ml_per_min(Kidney { female: Answer::Yes, ..kidney }), Known::Known(68.0));
    assert_eq!(book().clearance_ml_per_min(Kidney { female: Answer::NotAsked, ..kidney }), Known::NotKnown);
    assert_eq!(book().clearance_ml_per_min(Kidney { creatinine_mg_per_dl: known(0.0), ..kidney }), Known::NotKnown);
}

#[test]
fn a_drug_starts_again_so_many_hours_after_the_probe_came_out() {
    assert_eq!(book().restart("apixaban", HIGH, known(START)).result, Known::Known(Moment(START.0 + 24 * 60)));
    assert_eq!(book().restart("enoxaparin-low", HIGH, known(START)).result, Known::Known(Moment(START.0 + 12 * 60)));
}

#[test]
fn bands_that_do_not_go_down_are_refused() {
    let mut texts = RuleTexts::bundled();
    texts.blood_thinners = texts.blood_thinners.replacen("from_ml_per_min = 50.0", "from_ml_per_min = 10.0", 2);
    let refused = RuleBook::from_toml(&texts).unwrap_err().to_string();
    assert!(refused.contains("blood_thinners.toml") && refused.contains("down"), "{refused}");
}

#[test]
fn a_decision_by_nobody_is_none() {
    let taken = DrugUse { decision: HoldDecision::Hold { by: " ".to_owned() }, ..held("apixaban", 9999, 90.0) };
    let ruling = book().blood_thinner(&taken, HIGH, START).ruling;
    assert!(ruling.verdict == Stop && ruling.text.contains("no named clinician"), "{ruling:?}");
}

#[test]
fn every_drug_in_every_class_and_kidney_is_stopped_one_minute_short_of_its_hold() {
    let book = book();
    let mut held_drugs = 0;
    for (drug, class) in book.blood_thinners().iter().flat_map(|drug| [(drug, LOW), (drug, HIGH)]) {
        for clearance in [90.0, 40.0, 20.0] {
            let plan = book.blood_thinner(&held(&drug.id, 9999, clearance), class, START).result;
            let HoldPlan::LastDoseBy { at, hours } = plan else { continue };
            let minutes = START.0 - at.0;
            assert_eq!(minutes as f64, hours * 60.0, "{}", drug.id);
            let verdict =
                |minutes| book.blood_thinner(&held(&drug.id, minutes, clearance), class, START).ruling.verdict;
            assert_eq!([verdict(minutes - 1), verdict(minutes), verdict(minutes + 1)], [Stop, Ok, Ok], "{}", drug.id);
            held_drugs += 1;
        }
    }
    // 20 drugs are held in the high class and 2 of them in the low class too, each for three kidneys.
    assert_eq!(held_drugs, (20 + 2) * 3);
}

#[test]
fn creatinine_counts_for_ninety_days() {
    let counts = |age_days| book().usable_creatinine(known(LabValue { value: 1.0, age_days })) == known(1.0);
    assert_eq!([89, 90, 91].map(counts), [true, true, false]);
    assert_eq!(book().usable_creatinine(Known::NotKnown), Known::NotKnown);
}
