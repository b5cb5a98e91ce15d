//!

use frostline_plan::catalogue::Known;
use frostline_record::rules::Verdict::{Human, Info, Ok, Warn};
use frostline_record::rules::{Answer, NerveSize, RuleBook, RuleId};

use crate::Edge::{At, Broken, Kept, Missing, Over, Under};
use crate::{Case, case, known};

fn size(area_mm2: Known<f64>, other_leg_mm2: Known<f64>, compressed: Answer) -> NerveSize {
    NerveSize { area_mm2, other_leg_mm2, compressed }
}

pub(crate) fn cases(book: &RuleBook) -> Vec<Case> {
    let rule = RuleId::X01;
    let mut cases = Vec::new();
    for (nerve, upper) in [("tib_popl", 22.0), ("tib_ankle", 13.0), ("cfn", 11.0), ("sural", 3.0)] {
        let of = |area, lesion| book.nerve_size(nerve, size(known(area), Known::NotKnown, lesion));
        cases.extend([
            case(rule, Under, of(upper - 0.1, Answer::No), Ok),
            case(rule, At, of(upper, Answer::No), Ok),
            case(rule, Over, of(upper + 0.1, Answer::No), Info),
            case(rule, Over, of(upper + 0.1, Answer::NotAsked), Human),
            case(rule, Broken, of(upper - 0.1, Answer::Yes), Warn),
        ]);
    }
    let against = |area, lesion| book.nerve_size("saph_leg", size(known(area), known(2.0), lesion));
    cases.extend([
        case(rule, Under, against(2.9, Answer::No), Ok),
        case(rule, At, against(3.0, Answer::No), Info),
        case(rule, Over, against(3.1, Answer::NotAsked), Human),
        case(rule, Kept, book.nerve_size("saph_leg", size(known(2.0), Known::NotKnown, Answer::No)), Info),
        case(rule, Missing, book.nerve_size("sural", size(Known::NotKnown, known(2.0), Answer::No)), Human),
        case(rule, Missing, book.nerve_size("sural", size(known(f64::NAN), Known::NotKnown, Answer::NotAsked)), Human),
        case(rule, Broken, book.nerve_size("sural", size(Known::NotKnown, Known::NotKnown, Answer::Yes)), Warn),
    ]);
    cases
}
