//! E-01 to E-14.

use frostline_plan::catalogue::{Catalogues, Known, Limb};
use frostline_record::rules::Verdict::{Human, Info, Ok, Stop, Warn};
use frostline_record::rules::{
    Answer, Day, DiagnosticBlock, FailedTreatment, Guidance, IceMargin, LastFreeze, MotorNeighbour, PayerNeeds,
    Pregnancy, Reach, RuleBook, RuleId, RuleTexts, TreatmentLine, Verdict,
};

use crate::Edge::{At, Broken, Kept, Missing, Over, Under};
use crate::{Case, all, book, but, case, known, pain};

const TODAY: Day = Day(20_000);

fn questions(book: &RuleBook) -> Vec<&str> {
    book.contraindication_questions().iter().map(|row| row.id.as_str()).collect()
}

fn block(before: f64, after: f64, details: Answer) -> DiagnosticBlock {
    DiagnosticBlock::Done { before: pain(before), after: pain(after), details }
}

fn neighbour(margin: IceMargin) -> MotorNeighbour {
    MotorNeighbour { name: "common fibular".to_owned(), margin }
}

fn tried(line: TreatmentLine, weeks: f64) -> FailedTreatment {
    FailedTreatment { line, weeks: known(weeks) }
}

pub(crate) fn cases(book: &RuleBook) -> Vec<Case> {
    [who(book), block_and_tries(book), nerve(book), body(book)].into_iter().flatten().collect()
}

fn who(book: &RuleBook) -> Vec<Case> {
    let ago = |days| book.pain_duration(known(Day(TODAY.0 - days)), TODAY);
    let score = |score| book.pain_score(known(pain(score)));
    let age = |years| book.age_and_pregnancy(known(years), Pregnancy::NotPossible);
    let screened = |answers: &[(&str, Answer)]| book.contraindications(answers, Guidance::Ultrasound);
    let no = || all(&questions(book), Answer::No);
    let e = RuleId::E08;
    vec![
        case(RuleId::E01, Under, ago(89), Stop),
        case(RuleId::E01, At, ago(90), Warn),
        case(RuleId::E01, Over, ago(91), Warn),
        case(RuleId::E01, Under, ago(179), Warn),
        case(RuleId::E01, At, ago(180), Warn),
        case(RuleId::E01, Over, ago(181), Ok),
        case(RuleId::E01, Missing, ago(-1), Human),
        case(RuleId::E01, Missing, book.pain_duration(Known::NotKnown, TODAY), Human),
        case(RuleId::E02, Under, score(2.9), Stop),
        case(RuleId::E02, At, score(3.0), Warn),
        case(RuleId::E02, Over, score(3.1), Warn),
        case(RuleId::E02, Under, score(3.9), Warn),
        case(RuleId::E02, At, score(4.0), Ok),
        case(RuleId::E02, Over, score(4.1), Ok),
        case(RuleId::E02, Missing, book.pain_score(Known::NotKnown), Human),
        case(e, Kept, screened(&no()), Ok),
        case(e, Kept, screened(&but(no(), "metal", Answer::Yes)), Info),
        case(e, Broken, screened(&but(no(), "sickle-cell", Answer::Yes)), Warn),
        case(e, Broken, screened(&but(no(), "cold-urticaria", Answer::Yes)), Stop),
        case(e, Missing, screened(&but(no(), "raynaud", Answer::NotAsked)), Human),
        case(e, Missing, screened(&[]), Human),
        case(RuleId::E11, Under, age(17), Stop),
        case(RuleId::E11, At, age(18), Ok),
        case(RuleId::E11, Over, age(19), Ok),
        case(RuleId::E11, Broken, book.age_and_pregnancy(known(30), Pregnancy::Pregnant), Stop),
        case(RuleId::E11, Missing, book.age_and_pregnancy(known(30), Pregnancy::NotKnown), Human),
        case(RuleId::E11, Missing, book.age_and_pregnancy(Known::NotKnown, Pregnancy::Excluded), Human),
    ]
}

fn block_and_tries(book: &RuleBook) -> Vec<Case> {
    let two = known(PayerNeeds { lines: 2, weeks: 6.0 });
    let lines = |tried: &[FailedTreatment]| book.failed_treatments(known(tried), two).ruling;
    let drugs = tried(TreatmentLine::Drugs, 6.0);
    let physical = tried(TreatmentLine::Physical, 6.0);
    let injection = tried(TreatmentLine::Injection, 8.0);
    let relief = |after| book.diagnostic_block(block(10.0, after, Answer::Yes), "sural");
    let areas: Vec<String> = (0..100).map(|area| area.to_string()).collect();
    let whole: Vec<&str> = areas.iter().map(String::as_str).collect();
    let numbed = |count: usize| book.block_where(known(&whole), known(&whole[..count]));
    vec![
        case(RuleId::E03, Under, lines(&[drugs]), Warn),
        case(RuleId::E03, Under, lines(&[drugs, tried(TreatmentLine::Physical, 5.9)]), Warn),
        case(RuleId::E03, At, lines(&[drugs, physical]), Ok),
        case(RuleId::E03, Over, lines(&[drugs, physical, injection]), Ok),
        case(RuleId::E03, Missing, book.failed_treatments(Known::NotKnown, two).ruling, Human),
        case(RuleId::E03, Missing, book.failed_treatments(known(&[drugs, physical]), Known::NotKnown).ruling, Human),
        case(RuleId::E04, Under, relief(7.1), Stop),
        case(RuleId::E04, At, relief(7.0), Warn),
        case(RuleId::E04, Over, relief(6.9), Warn),
        case(RuleId::E04, Under, relief(5.1), Warn),
        case(RuleId::E04, At, relief(5.0), Ok),
        case(RuleId::E04, Over, relief(4.9), Ok),
        case(RuleId::E04, Broken, book.diagnostic_block(block(5.0, 5.1, Answer::Yes), "sural"), Stop),
        case(RuleId::E04, Broken, book.diagnostic_block(DiagnosticBlock::NotDone, "sural"), Stop),
        case(RuleId::E04, Broken, book.diagnostic_block(block(0.0, 0.0, Answer::Yes), "sural"), Human),
        case(RuleId::E04, Missing, book.diagnostic_block(block(8.0, 1.0, Answer::NotAsked), "sural"), Human),
        case(RuleId::E04, Missing, book.diagnostic_block(DiagnosticBlock::NotKnown, "sural"), Stop),
        case(RuleId::E05, Under, numbed(49), Warn),
        case(RuleId::E05, At, numbed(50), Ok),
        case(RuleId::E05, Over, numbed(51), Ok),
        case(RuleId::E05, Missing, book.block_where(known(&[]), known(&["heel"])), Human),
        case(RuleId::E05, Missing, book.block_where(known(&whole), Known::NotKnown), Human),
    ]
}

fn nerve(book: &RuleBook) -> Vec<Case> {
    let catalogues = Catalogues::bundled().unwrap();
    let policy = |nerve| book.target_policy(nerve, Known::NotKnown, &catalogues.nerves);
    let sciatic = |limb| book.target_policy("sci_thigh", limb, &catalogues.nerves);
    let margin = |margin| book.ice_margin(&[neighbour(margin)], &catalogues.limits);
    let last = |days| book.repeat_interval(LastFreeze::On(Day(TODAY.0 - days)), TODAY);
    vec![
        case(RuleId::E06, Kept, policy("sural"), Ok),
        case(RuleId::E06, Broken, policy("tib_popl"), Warn),
        case(RuleId::E06, Broken, policy("cfn"), Stop),
        case(RuleId::E06, Missing, policy("ulnar"), Human),
        // The sciatic nerve of the thigh: a foot without feeling is the edge, one that feels is beyond it.
        case(RuleId::E06, Kept, sciatic(known(Limb::AmputationStump)), Warn),
        case(RuleId::E06, Kept, sciatic(known(Limb::InsensateLimb)), Warn),
        case(RuleId::E06, Broken, sciatic(known(Limb::Whole)), Stop),
        case(RuleId::E06, Missing, sciatic(Known::NotKnown), Human),
        case(RuleId::E07, Under, margin(IceMargin::AwayMm(9.9)), Warn),
        case(RuleId::E07, At, margin(IceMargin::AwayMm(10.0)), Ok),
        case(RuleId::E07, Over, margin(IceMargin::AwayMm(10.1)), Ok),
        case(RuleId::E07, Broken, margin(IceMargin::AwayMm(0.0)), Stop),
        case(RuleId::E07, Broken, margin(IceMargin::AwayMm(f64::NAN)), Stop),
        case(RuleId::E07, Broken, margin(IceMargin::Inside), Stop),
        case(RuleId::E07, Missing, margin(IceMargin::NotTraced), Human),
        case(RuleId::E07, Missing, book.ice_margin(&[], &catalogues.limits), Human),
        case(RuleId::E09, Kept, book.earlier_surgery(Answer::No), Ok),
        case(RuleId::E09, Broken, book.earlier_surgery(Answer::Yes), Warn),
        case(RuleId::E09, Missing, book.earlier_surgery(Answer::NotAsked), Human),
        case(RuleId::E10, Under, last(89), Warn),
        case(RuleId::E10, At, last(90), Ok),
        case(RuleId::E10, Over, last(91), Ok),
        case(RuleId::E10, Kept, book.repeat_interval(LastFreeze::Never, TODAY), Ok),
        case(RuleId::E10, Missing, last(-1), Human),
        case(RuleId::E10, Missing, book.repeat_interval(LastFreeze::NotKnown, TODAY), Human),
    ]
}

fn body(book: &RuleBook) -> Vec<Case> {
    let sugar = |percent| book.hba1c(Answer::Yes, known(percent));
    let reach = known(Reach { probe_length_mm: 50.0, depth_mm: 50.0 });
    let bmi = |found| book.body_mass(known(found), reach);
    let short = known(Reach { probe_length_mm: 49.0, depth_mm: 50.0 });
    vec![
        case(RuleId::E12, Under, sugar(7.9), Ok),
        case(RuleId::E12, At, sugar(8.0), Warn),
        case(RuleId::E12, Over, sugar(8.1), Warn),
        case(RuleId::E12, Under, sugar(9.9), Warn),
        case(RuleId::E12, At, sugar(10.0), Stop),
        case(RuleId::E12, Over, sugar(10.1), Stop),
        case(RuleId::E12, Kept, book.hba1c(Answer::No, Known::NotKnown), Ok),
        case(RuleId::E12, Missing, book.hba1c(Answer::Yes, Known::NotKnown), Human),
        case(RuleId::E12, Missing, book.hba1c(Answer::NotAsked, Known::NotKnown), Human),
        case(RuleId::E12, Missing, sugar(f64::NAN), Human),
        case(RuleId::E13, Kept, book.polyneuropathy(&["E11.42", "G57.61"]), Ok),
        case(RuleId::E13, Broken, book.polyneuropathy(&["E11.42", "M79.671"]), Warn),
        case(RuleId::E13, Missing, book.polyneuropathy(&[]), Human),
        case(RuleId::E14, Under, bmi(39.9), Ok),
        case(RuleId::E14, At, bmi(40.0), Ok),
        case(RuleId::E14, Over, bmi(40.1), Warn),
        case(RuleId::E14, Broken, book.body_mass(known(41.0), short), Warn),
        case(RuleId::E14, Missing, book.body_mass(known(41.0), Known::NotKnown), Human),
        case(RuleId::E14, Missing, book.body_mass(Known::NotKnown, reach), Human),
    ]
}

#[test]
fn a_pacemaker_stops_guidance_by_mr_and_is_kept_in_mind_with_ultrasound() {
    let book = book();
    let answers = but(all(&questions(&book), Answer::No), "pacemaker", Answer::Yes);
    assert_eq!(book.contraindications(&answers, Guidance::Mr).verdict, Verdict::Stop);
    assert_eq!(book.contraindications(&answers, Guidance::Ultrasound).verdict, Verdict::Info);
}

#[test]
fn an_answer_to_a_question_that_is_not_listed_is_not_lost() {
    let book = book();
    let mut answers = all(&questions(&book), Answer::No);
    answers.push(("raynauds", Answer::Yes));
    let ruling = book.contraindications(&answers, Guidance::Ultrasound);
    assert_eq!(ruling.verdict, Verdict::Human);
    assert!(ruling.text.contains("raynauds"), "{}", ruling.text);
}

#[test]
fn a_site_may_allow_morton_without_a_block_and_no_other_nerve() {
    let mut texts = RuleTexts::bundled();
    texts.rules = texts.rules.replace("may_go_without = { nerves = []", "may_go_without = { nerves = [\"idn3\"]");
    let book = RuleBook::from_toml(&texts).unwrap();
    assert_eq!(book.diagnostic_block(DiagnosticBlock::NotDone, "idn3").verdict, Verdict::Warn);
    assert_eq!(book.diagnostic_block(DiagnosticBlock::NotDone, "sural").verdict, Verdict::Stop);
}

#[test]
fn the_letter_to_the_payer_lists_what_it_lacks() {
    let book = book();
    let tried = [
        FailedTreatment { line: TreatmentLine::Drugs, weeks: known(12.0) },
        FailedTreatment { line: TreatmentLine::Injection, weeks: Known::NotKnown },
    ];
    let gaps = book.failed_treatments(known(&tried), known(PayerNeeds { lines: 2, weeks: 6.0 })).result;
    let expected = ["1 more line(s) of treatment tried for 6 weeks", "how long 1 of the treatments lasted"];
    assert_eq!(gaps, expected);
}

#[test]
fn a_nerve_in_the_ice_outweighs_one_that_nobody_traced() {
    let catalogues = Catalogues::bundled().unwrap();
    let found = [neighbour(IceMargin::NotTraced), neighbour(IceMargin::AwayMm(5.0)), neighbour(IceMargin::Inside)];
    assert_eq!(book().ice_margin(&found, &catalogues.limits).verdict, Verdict::Stop);
    assert_eq!(book().ice_margin(&found[..2], &catalogues.limits).verdict, Verdict::Human);
}
