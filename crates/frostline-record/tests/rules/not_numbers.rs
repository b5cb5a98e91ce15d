//! What is not a number is never ok: it passes no comparison, so each rule must fail to the safe side.

use frostline_plan::catalogue::{Catalogues, Fibre, Known};
use frostline_record::rules::{
    Answer, BleedingClass, BleedingFactors, BleedingRisk, Harm, Instrument, Moment, PainScore, PowerCheck, ProbeSize,
    SkinReading, TargetSite, Twitch, Verdict,
};

use crate::{book, known};

const NAN: Known<f64> = Known::Known(f64::NAN);

#[test]
fn what_is_not_a_number_is_never_ok() {
    let book = book();
    let limits = Catalogues::bundled().unwrap().limits;
    let risk =
        BleedingRisk { class: known(BleedingClass::High), liver_disease: Answer::Yes, tends_to_bleed: Answer::No };
    let patient = BleedingFactors {
        age_years: known(80),
        clearance_ml_per_min: NAN,
        liver_disease: Answer::No,
        combined_drugs: Answer::No,
        bled_before: Answer::No,
    };
    let site = |depth_mm| TargetSite { nerve: "sural".to_owned(), depth_mm, compressible: Answer::Yes };
    let probe = ProbeSize { gauge: known(17.0) };
    let rulings = [
        book.hba1c(Answer::Yes, NAN),
        book.body_mass(NAN, Known::NotKnown),
        book.bleeding_class(&[site(NAN)], probe, &patient).ruling,
        book.bleeding_class(&[site(known(5.0))], probe, &patient).ruling,
        book.inr(NAN, risk),
        book.platelets(NAN, NAN, risk),
        book.platelets(known(90.0), NAN, risk),
        book.haematoma(known(&[(Moment(0), 10.0), (Moment(9), f64::NAN)])),
        book.motor_twitch(known(Fibre::Sensory), Twitch::NoneUpTo(f64::NAN)),
        book.removal(NAN, Answer::No),
        book.skin(SkinReading::ReadC(f64::NAN), Answer::No),
        book.new_weakness(&[PowerCheck { muscle: "toe".to_owned(), before: known(5.0), now: NAN }]).ruling,
        book.frozen_length(NAN, &limits),
        book.duration(NAN),
        book.change(Instrument::Lefs, NAN, known(40.0)),
    ];
    for ruling in rulings {
        assert_ne!(ruling.verdict, Verdict::Ok, "{ruling:?}");
    }
}

#[test]
fn a_stay_that_is_not_a_number_leaves_the_grade_open() {
    let no = Answer::No;
    let harm = Harm { death: no, severe_lasting: no, mild_lasting: no, treatment: no, stay_hours: NAN };
    assert_eq!(book().cirse(harm).result, Known::NotKnown);
}

#[test]
fn a_pain_score_outside_its_scale_cannot_be_made() {
    for score in [-0.1, 10.1, f64::NAN] {
        assert!(PainScore::new(score).is_err(), "{score}");
    }
    let said = PainScore::new(11.0).unwrap_err().to_string();
    assert_eq!(said, "found a pain score of 11, expected a number from 0 to 10; ask again");
}
