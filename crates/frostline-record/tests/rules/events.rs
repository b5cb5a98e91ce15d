//!

use frostline_plan::catalogue::Known;
use frostline_record::rules::Verdict::{Human, Info, Ok};
use frostline_record::rules::{
    Answer, Causality, DailyLimits, Harm, LoggedStep, Moment, RuleBook, RuleId, Seriousness,
};

use crate::Edge::{At, Broken, Kept, Missing, Over, Under};
use crate::{Case, book, case, known};

const NO_HARM: Harm = Harm {
    death: Answer::No,
    severe_lasting: Answer::No,
    mild_lasting: Answer::No,
    treatment: Answer::No,
    stay_hours: Known::Known(0.0),
};
const NO_LIMITS: DailyLimits = DailyLimits {
    death: Answer::No,
    life_threatening: Answer::No,
    hospital_or_self_care: Answer::No,
    small_treatment_or_household: Answer::No,
};
const NOT_SERIOUS: Seriousness = Seriousness {
    death: Answer::No,
    life_threatening: Answer::No,
    hospital: Answer::No,
    disability: Answer::No,
    intervention: Answer::No,
};

fn steps() -> Vec<LoggedStep> {
    [("freeze 1", 100), ("thaw 1", 200)].map(|(key, at)| LoggedStep { key: key.to_owned(), began: Moment(at) }).to_vec()
}

pub(crate) fn cases(book: &RuleBook) -> Vec<Case> {
    let stay = |hours| book.cirse(Harm { stay_hours: known(hours), ..NO_HARM }).ruling;
    let cause = |at, how| book.event_cause(known(Moment(at)), &steps(), how).ruling;
    let yes = Answer::Yes;
    vec![
        case(RuleId::A01, Under, stay(47.9), Info),
        case(RuleId::A01, At, stay(48.0), Info),
        case(RuleId::A01, Over, stay(48.1), Info),
        case(RuleId::A01, Missing, book.cirse(Harm { stay_hours: Known::NotKnown, ..NO_HARM }).ruling, Human),
        case(RuleId::A01, Missing, book.cirse(Harm { death: Answer::NotAsked, ..NO_HARM }).ruling, Human),
        case(RuleId::A02, Kept, book.ctcae(NO_LIMITS).ruling, Info),
        case(RuleId::A02, Broken, book.ctcae(DailyLimits { death: yes, ..NO_LIMITS }).ruling, Info),
        case(RuleId::A02, Missing, book.ctcae(DailyLimits::default()).ruling, Human),
        case(RuleId::A03, Kept, book.serious(NOT_SERIOUS).ruling, Ok),
        case(RuleId::A03, Broken, book.serious(Seriousness { hospital: yes, ..NOT_SERIOUS }).ruling, Human),
        case(RuleId::A03, Missing, book.serious(Seriousness { death: Answer::NotAsked, ..NOT_SERIOUS }).ruling, Human),
        case(RuleId::A04, Kept, book.event_review(Answer::No, yes), Ok),
        case(RuleId::A04, Broken, book.event_review(yes, yes), Human),
        case(RuleId::A04, Broken, book.event_review(Answer::No, Answer::No), Human),
        case(RuleId::A04, Missing, book.event_review(Answer::NotAsked, yes), Human),
        case(RuleId::A04, Missing, book.event_review(Answer::No, Answer::NotAsked), Human),
        case(RuleId::A05, Under, cause(99, Causality::Possible), Human),
        case(RuleId::A05, At, cause(100, Causality::Possible), Info),
        case(RuleId::A05, Over, cause(101, Causality::Possible), Info),
        case(RuleId::A05, Missing, cause(101, Causality::NotAssessed), Human),
        case(RuleId::A05, Missing, book.event_cause(Known::NotKnown, &steps(), Causality::Certain).ruling, Human),
    ]
}

#[test]
fn every_cirse_grade_is_reached_by_its_own_answers() {
    let yes = Answer::Yes;
    let grade = |harm| book().cirse(harm).result;
    assert_eq!(grade(NO_HARM), Known::Known(1));
    assert_eq!(grade(Harm { stay_hours: known(0.1), ..NO_HARM }), Known::Known(2));
    assert_eq!(grade(Harm { stay_hours: known(48.0), ..NO_HARM }), Known::Known(2));
    assert_eq!(grade(Harm { stay_hours: known(48.1), ..NO_HARM }), Known::Known(3));
    assert_eq!(grade(Harm { treatment: yes, ..NO_HARM }), Known::Known(3));
    assert_eq!(grade(Harm { mild_lasting: yes, ..NO_HARM }), Known::Known(4));
    assert_eq!(grade(Harm { severe_lasting: yes, ..NO_HARM }), Known::Known(5));
    assert_eq!(grade(Harm { death: yes, ..NO_HARM }), Known::Known(6));
}

#[test]
fn every_ctcae_grade_is_reached_by_its_own_answers() {
    let yes = Answer::Yes;
    let grade = |limits| book().ctcae(limits).result;
    assert_eq!(grade(NO_LIMITS), Known::Known(1));
    assert_eq!(grade(DailyLimits { small_treatment_or_household: yes, ..NO_LIMITS }), Known::Known(2));
    assert_eq!(grade(DailyLimits { hospital_or_self_care: yes, ..NO_LIMITS }), Known::Known(3));
    assert_eq!(grade(DailyLimits { life_threatening: yes, ..NO_LIMITS }), Known::Known(4));
    assert_eq!(grade(DailyLimits { death: yes, ..NO_LIMITS }), Known::Known(5));
}

#[test]
fn a_grade_stays_open_while_a_worse_question_has_no_answer() {
    let harm = Harm { severe_lasting: Answer::NotAsked, treatment: Answer::Yes, ..NO_HARM };
    assert_eq!(book().cirse(harm).result, Known::NotKnown);
}

#[test]
fn an_event_is_linked_to_the_last_step_that_had_begun() {
    let step = |at| book().event_cause(known(Moment(at)), &steps(), Causality::Possible).result;
    assert_eq!(step(199), Known::Known("freeze 1".to_owned()));
    assert_eq!(step(200), Known::Known("thaw 1".to_owned()));
    assert_eq!(step(99), Known::NotKnown);
}
