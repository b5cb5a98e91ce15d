//! F-01 to F-03, S-01 to S-03.

use frostline_plan::catalogue::Known;
use frostline_record::rules::Verdict::{Human, Info, Ok, Stop, Warn};
use frostline_record::rules::{Answer, Intake, Moment, Monitoring, Recovery, RuleBook, RuleId, SedationLevel};

use crate::Edge::{At, Broken, Kept, Missing, Over, Under};
use crate::{Case, book, case, known};

const START: Moment = Moment(100_000);
const MODERATE: Known<SedationLevel> = Known::Known(SedationLevel::Moderate);
const LOCAL: Known<SedationLevel> = Known::Known(SedationLevel::LocalOnly);

/// Nothing taken, but for one kind so many minutes before the start.
fn only<'a>(kind: &str, minutes: i64) -> Vec<(&'a str, Intake)> {
    let before = Intake::At(Moment(START.0 - minutes));
    let taken = |id: &'a str| (id, if id == kind { before } else { Intake::None });
    ["clear", "breast-milk", "light", "fatty"].map(taken).to_vec()
}

pub(crate) fn cases(book: &RuleBook) -> Vec<Case> {
    [fasting(book), watching(book), home(book)].into_iter().flatten().collect()
}

fn fasting(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::F01;
    let fast = |kind, minutes| book.fasting(MODERATE, &only(kind, minutes), START).ruling;
    let long = |minutes| book.long_fast(known(Moment(START.0 - minutes)), START);
    let mut cases: Vec<Case> = [("clear", 2), ("breast-milk", 4), ("light", 6), ("fatty", 8)]
        .into_iter()
        .flat_map(|(kind, hours)| {
            [
                case(rule, Under, fast(kind, hours * 60 - 1), Stop),
                case(rule, At, fast(kind, hours * 60), Ok),
                case(rule, Over, fast(kind, hours * 60 + 1), Ok),
            ]
        })
        .collect();
    cases.extend([
        case(rule, Kept, book.fasting(LOCAL, &[], START).ruling, Ok),
        case(rule, Kept, book.fasting(MODERATE, &only("none", 0), START).ruling, Ok),
        case(rule, Missing, book.fasting(MODERATE, &[], START).ruling, Human),
        case(rule, Missing, book.fasting(MODERATE, &only("clear", 200)[..3], START).ruling, Human),
        case(rule, Missing, book.fasting(Known::NotKnown, &only("clear", 200), START).ruling, Human),
        case(RuleId::F02, Under, long(12 * 60 - 1), Ok),
        case(RuleId::F02, At, long(12 * 60), Ok),
        case(RuleId::F02, Over, long(12 * 60 + 1), Info),
        case(RuleId::F02, Missing, book.long_fast(Known::NotKnown, START), Human),
        case(RuleId::F03, Kept, book.slow_stomach(Answer::No, Answer::No), Ok),
        case(RuleId::F03, Broken, book.slow_stomach(Answer::Yes, Answer::NotAsked), Human),
        case(RuleId::F03, Missing, book.slow_stomach(Answer::No, Answer::NotAsked), Human),
    ]);
    cases
}

fn watching(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::S01;
    let whole = Monitoring { person: Answer::Yes, capnography: Answer::Yes, anaesthesiologist: Answer::Yes };
    let watched = Monitoring { anaesthesiologist: Answer::No, ..whole };
    let no_person = Monitoring { person: Answer::No, ..watched };
    let unsaid = Monitoring { anaesthesiologist: Answer::NotAsked, ..whole };
    vec![
        case(rule, Under, book.monitoring(LOCAL, no_person), Ok),
        case(rule, At, book.monitoring(known(SedationLevel::Minimal), no_person), Warn),
        case(
            rule,
            Kept,
            book.monitoring(known(SedationLevel::Minimal), Monitoring { person: Answer::No, ..whole }),
            Ok,
        ),
        case(rule, Missing, book.monitoring(known(SedationLevel::Minimal), unsaid), Human),
        case(rule, At, book.monitoring(MODERATE, no_person), Stop),
        case(rule, Over, book.monitoring(known(SedationLevel::Deep), no_person), Stop),
        case(rule, Kept, book.monitoring(MODERATE, whole), Ok),
        case(rule, Broken, book.monitoring(MODERATE, watched), Warn),
        case(rule, Kept, book.monitoring(known(SedationLevel::Deep), whole), Ok),
        case(rule, Broken, book.monitoring(known(SedationLevel::Deep), watched), Stop),
        case(rule, Missing, book.monitoring(MODERATE, Monitoring { capnography: Answer::NotAsked, ..watched }), Stop),
        case(rule, Missing, book.monitoring(Known::NotKnown, watched), Human),
    ]
}

fn home(book: &RuleBook) -> Vec<Case> {
    let (escort, ready) = (RuleId::S02, RuleId::S03);
    let alone = |level| book.escort(known(level), Answer::No, Answer::No);
    let scores = |aldrete, padss| book.discharge(Recovery::Sedated { aldrete: known(aldrete), padss: known(padss) });
    let mut points = [Answer::Yes; 6];
    let all_met = book.discharge(Recovery::LocalOnly(points));
    points[3] = Answer::No;
    let one_not = book.discharge(Recovery::LocalOnly(points));
    points[3] = Answer::NotAsked;
    let one_open = book.discharge(Recovery::LocalOnly(points));
    let no_padss = Recovery::Sedated { aldrete: known(10), padss: Known::NotKnown };
    vec![
        case(escort, Under, alone(SedationLevel::LocalOnly), Ok),
        case(escort, At, alone(SedationLevel::Minimal), Stop),
        case(escort, Over, alone(SedationLevel::Moderate), Stop),
        case(escort, Kept, book.escort(MODERATE, Answer::Yes, Answer::Yes), Ok),
        case(escort, Broken, book.escort(LOCAL, Answer::No, Answer::Yes), Stop),
        case(escort, Missing, book.escort(MODERATE, Answer::NotAsked, Answer::No), Stop),
        case(escort, Missing, book.escort(LOCAL, Answer::No, Answer::NotAsked), Human),
        case(escort, Missing, book.escort(Known::NotKnown, Answer::Yes, Answer::No), Human),
        case(ready, Under, scores(8, 10), Stop),
        case(ready, Under, scores(10, 8), Stop),
        case(ready, At, scores(9, 9), Ok),
        case(ready, Over, scores(10, 10), Ok),
        case(ready, Kept, all_met, Ok),
        case(ready, Broken, one_not, Stop),
        case(ready, Missing, one_open, Stop),
        case(ready, Missing, book.discharge(no_padss), Stop),
    ]
}

#[test]
fn sedation_starts_at_the_latest_of_all_fasts() {
    // A clear drink one hour before allows the start an hour later; a fatty meal seven hours before allows it in one.
    let mut taken = only("fatty", 7 * 60);
    taken[0].1 = Intake::At(Moment(START.0 - 90));
    assert_eq!(book().fasting(MODERATE, &taken, START).result, Known::Known(Moment(START.0 + 60)));
}

#[test]
fn with_local_anaesthetic_only_nobody_fasts() {
    let taken = only("fatty", 0);
    assert_eq!(book().fasting(LOCAL, &taken, START).ruling.verdict, Ok);
    assert_eq!(book().fasting(known(SedationLevel::Minimal), &taken, START).ruling.verdict, Stop);
}

#[test]
fn no_earliest_start_is_computed_while_a_meal_was_not_asked_about() {
    let taken = &only("clear", 30)[..2];
    let found = book().fasting(MODERATE, taken, START);
    assert_eq!(found.result, Known::NotKnown);
    assert_eq!(found.ruling.verdict, Stop, "what is known to be too early stops even so");
}
