//! L-01 to L-05.

use frostline_plan::catalogue::Known;
use frostline_record::rules::Verdict::{Human, Ok, Stop, Warn};
use frostline_record::rules::{Answer, Build, DosedDrug, GivenDose, Moment, RuleBook, RuleId, ToxicitySigns, Trust};

use crate::Edge::{At, Broken, Kept, Missing, Over, Under};
use crate::{Case, book, case, known};

const NOW: Moment = Moment(50_000);
/// 60 kg at 170 cm: lidocaine 4.5 x 60 = 270 mg.
const SLIM: Build =
    Build { weight_kg: Known::Known(60.0), height_cm: Known::Known(170.0), female: Answer::Yes, frail: Answer::No };
const HEALTHY: ToxicitySigns = ToxicitySigns {
    tingling: Answer::No,
    tinnitus: Answer::No,
    confusion: Answer::No,
    seizure: Answer::No,
    arrhythmia: Answer::No,
};

fn plain(drug: &str, mg: f64) -> DosedDrug {
    DosedDrug { drug: drug.to_owned(), mg, epinephrine: Answer::No }
}

fn given(mg: f64, minutes_ago: i64) -> GivenDose {
    GivenDose { drug: "bupivacaine".to_owned(), mg, at: Moment(NOW.0 - minutes_ago) }
}

pub(crate) fn cases(book: &RuleBook) -> Vec<Case> {
    [doses(book), others(book)].into_iter().flatten().collect()
}

fn doses(book: &RuleBook) -> Vec<Case> {
    let (one, sum) = (RuleId::L01, RuleId::L02);
    let dose = |mg| book.anaesthetic_dose(&plain("lidocaine", mg), SLIM).ruling;
    let frail = Build { frail: Answer::Yes, ..SLIM };
    let reduced = |mg| book.anaesthetic_dose(&plain("lidocaine", mg), frail).ruling;
    let no_weight = Build { weight_kg: Known::NotKnown, ..SLIM };
    let not_asked = DosedDrug { epinephrine: Answer::NotAsked, ..plain("lidocaine", 10.0) };
    // Half of 270 mg lidocaine, and the rest of bupivacaine, of which 120 mg is all.
    let both = |mg| book.anaesthetic_sum(&[plain("lidocaine", 135.0), plain("bupivacaine", mg)], SLIM).ruling;
    vec![
        case(one, Under, dose(269.9), Ok),
        case(one, At, dose(270.0), Ok),
        case(one, Over, dose(270.1), Stop),
        case(one, Under, reduced(188.9), Ok),
        case(one, At, reduced(189.0), Ok),
        case(one, Over, reduced(189.1), Stop),
        case(one, Missing, book.anaesthetic_dose(&plain("lidocaine", 10.0), no_weight).ruling, Human),
        case(one, Missing, book.anaesthetic_dose(&not_asked, SLIM).ruling, Human),
        case(one, Missing, book.anaesthetic_dose(&plain("procaine", 10.0), SLIM).ruling, Human),
        case(sum, Under, both(35.9), Ok),
        case(sum, At, both(36.0), Ok),
        case(sum, Over, both(36.1), Warn),
        case(sum, Under, both(59.9), Warn),
        case(sum, At, both(60.0), Warn),
        case(sum, Over, both(60.1), Stop),
        case(sum, Kept, book.anaesthetic_sum(&[], SLIM).ruling, Ok),
        case(sum, Missing, book.anaesthetic_sum(&[plain("lidocaine", 1.0)], no_weight).ruling, Human),
        case(sum, Missing, book.anaesthetic_sum(&[plain("procaine", 1.0)], SLIM).ruling, Human),
    ]
}

fn others(book: &RuleBook) -> Vec<Case> {
    let (day, toe, toxic) = (RuleId::L03, RuleId::L04, RuleId::L05);
    let last = |mg| book.bupivacaine_day(known(&[given(200.0, 23 * 60), given(mg, 0)]), NOW);
    let epinephrine = |answer, nerve| book.epinephrine_toe(answer, known(nerve));
    vec![
        case(day, Under, last(199.9), Ok),
        case(day, At, last(200.0), Ok),
        case(day, Over, last(200.1), Stop),
        case(day, Kept, book.bupivacaine_day(known(&[given(300.0, 24 * 60), given(150.0, 0)]), NOW), Ok),
        case(day, Broken, book.bupivacaine_day(known(&[given(300.0, 24 * 60 - 1), given(150.0, 0)]), NOW), Stop),
        case(day, Missing, book.bupivacaine_day(Known::NotKnown, NOW), Human),
        case(toe, Kept, epinephrine(Answer::No, "idn3"), Ok),
        case(toe, Kept, epinephrine(Answer::Yes, "sural"), Ok),
        case(toe, Broken, epinephrine(Answer::Yes, "idn3"), Warn),
        case(toe, Missing, epinephrine(Answer::NotAsked, "idn3"), Human),
        case(toe, Missing, book.epinephrine_toe(Answer::Yes, Known::NotKnown), Human),
        case(toxic, Kept, book.toxicity(HEALTHY), Ok),
        case(toxic, Broken, book.toxicity(ToxicitySigns { tinnitus: Answer::Yes, ..HEALTHY }), Stop),
        case(toxic, Missing, book.toxicity(ToxicitySigns { seizure: Answer::NotAsked, ..HEALTHY }), Human),
        case(toxic, Missing, book.toxicity(ToxicitySigns::default()), Human),
    ]
}

#[test]
fn a_heavy_patient_is_dosed_by_ideal_weight() {
    let weight = |weight_kg| book().dosing_weight_kg(Build { weight_kg: known(weight_kg), ..SLIM });
    // At 170 cm a body mass index of 30 is 86.7 kg; a woman's ideal weight is 170 - 105 = 65 kg.
    assert_eq!(weight(86.69), Known::Known(86.69));
    assert_eq!(weight(86.71), Known::Known(65.0));
}

#[test]
fn a_heavy_patient_never_gets_more_than_the_absolute_maximum() {
    let tall = Build { weight_kg: known(85.0), height_cm: known(190.0), ..SLIM };
    assert_eq!(book().anaesthetic_dose(&plain("lidocaine", 1.0), tall).result, Known::Known(300.0));
}

#[test]
fn ten_millilitres_of_one_percent_are_a_hundred_milligrams() {
    assert_eq!(DosedDrug::from_volume("lidocaine", 10.0, 1.0, Answer::No).mg, 100.0);
}

#[test]
fn epinephrine_allows_more_lidocaine() {
    let dose = DosedDrug { epinephrine: Answer::Yes, ..plain("lidocaine", 1.0) };
    assert_eq!(book().anaesthetic_dose(&dose, SLIM).result, Known::Known(420.0));
}

#[test]
fn a_dose_reduced_by_a_transcribed_number_says_check_before_use() {
    let trust = |frail| book().anaesthetic_dose(&plain("lidocaine", 1.0), Build { frail, ..SLIM }).ruling.trust;
    assert_eq!((trust(Answer::No), trust(Answer::Yes)), (Trust::Stated, Trust::CheckBeforeUse));
}

#[test]
fn a_negative_dose_makes_no_room_for_another() {
    let sum = book().anaesthetic_sum(&[plain("lidocaine", -200.0), plain("lidocaine", 400.0)], SLIM);
    assert_eq!(sum.ruling.verdict, Stop);
    assert_eq!(book().anaesthetic_dose(&plain("lidocaine", -1.0), SLIM).ruling.verdict, Stop);
    assert_eq!(book().bupivacaine_day(known(&[given(-300.0, 0), given(500.0, 0)]), NOW).verdict, Human);
}
