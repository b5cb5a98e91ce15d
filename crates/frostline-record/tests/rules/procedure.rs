//! N-01 to N-12.

use frostline_plan::anatomy::Side;
use frostline_plan::catalogue::{Catalogues, Fibre, Known};
use frostline_record::rules::Verdict::{Human, Info, Ok, Stop, Warn};
use frostline_record::rules::{
    Answer, CycleRecord, Day, Done, Images, Moment, PowerCheck, RuleBook, RuleId, Site, SkinReading, Twitch,
};

use crate::Edge::{At, Broken, Kept, Missing, Over, Under};
use crate::{Case, book, case, known};

const TODAY: Day = Day(20_000);

fn site(nerve: &str, side: Side) -> Site {
    Site { nerve: nerve.to_owned(), side }
}

fn cycle(stop: i64) -> CycleRecord {
    CycleRecord { start: known(Moment(10)), stop: known(Moment(stop)), tip_c: known(-70.0) }
}

fn power(before: Known<f64>, now: Known<f64>) -> PowerCheck {
    PowerCheck { muscle: "tibialis anterior".to_owned(), before, now }
}

const STORED: Images = Images { before: Answer::Yes, tip: Answer::Yes, ice: Answer::Yes, after: Answer::Yes };

pub(crate) fn cases(book: &RuleBook) -> Vec<Case> {
    [before(book), freezing(book), after(book)].into_iter().flatten().collect()
}

fn before(book: &RuleBook) -> Vec<Case> {
    let (where_, order, twitch) = (RuleId::N01, RuleId::N02, RuleId::N03);
    let (right, left, other) = (site("sural", Side::Right), site("sural", Side::Left), site("saph_ankle", Side::Right));
    let said = |second| book.site(&[("consent", known(&right)), ("time-out", second)]);
    let stimulated = |at| book.stimulation_order(Done::At(Moment(100)), Done::At(Moment(at)));
    let sensory = |found| book.motor_twitch(known(Fibre::Sensory), found);
    vec![
        case(where_, Kept, said(known(&right)), Ok),
        case(where_, Broken, said(known(&left)), Stop),
        case(where_, Broken, said(known(&other)), Stop),
        case(where_, Missing, said(Known::NotKnown), Stop),
        case(where_, Missing, book.site(&[]), Stop),
        case(where_, Missing, book.site(&[("plan", known(&right))]), Stop),
        case(order, Under, stimulated(99), Warn),
        case(order, At, stimulated(100), Warn),
        case(order, Over, stimulated(101), Ok),
        case(order, Kept, book.stimulation_order(Done::Not, Done::At(Moment(1))), Info),
        case(order, Missing, book.stimulation_order(Done::NotKnown, Done::Not), Human),
        case(twitch, Under, sensory(Twitch::At(1.4)), Stop),
        case(twitch, At, sensory(Twitch::At(1.5)), Stop),
        case(twitch, Over, sensory(Twitch::At(1.6)), Ok),
        case(twitch, Under, sensory(Twitch::NoneUpTo(1.4)), Human),
        case(twitch, At, sensory(Twitch::NoneUpTo(1.5)), Ok),
        case(twitch, Kept, book.motor_twitch(known(Fibre::Mixed), Twitch::At(0.5)), Info),
        case(twitch, Missing, sensory(Twitch::NotTested), Human),
        case(twitch, Missing, book.motor_twitch(Known::NotKnown, Twitch::At(0.5)), Human),
    ]
}

fn freezing(book: &RuleBook) -> Vec<Case> {
    let (cycles, out, equipment) = (RuleId::N04, RuleId::N05, RuleId::N06);
    let done = |count: usize| book.cycles(&vec![cycle(20); count], known(3));
    let no_stop = CycleRecord { stop: Known::NotKnown, ..cycle(20) };
    let tip = |tip_c| book.removal(known(tip_c), Answer::No);
    let dated =
        |last, tested| book.equipment(&[("probe", known(Day(TODAY.0 + last))), ("gas", known(TODAY))], tested, TODAY);
    vec![
        case(cycles, Under, done(2), Info),
        case(cycles, At, done(3), Ok),
        case(cycles, Over, done(4), Info),
        case(cycles, Missing, book.cycles(&[no_stop], known(1)), Stop),
        case(cycles, Broken, book.cycles(&[cycle(10)], known(1)), Stop),
        case(cycles, Missing, book.cycles(&[cycle(20)], Known::NotKnown), Human),
        case(out, Under, tip(-0.1), Stop),
        case(out, At, tip(0.0), Stop),
        case(out, Over, tip(0.1), Ok),
        case(out, Kept, book.removal(known(-5.0), Answer::Yes), Ok),
        case(out, Missing, book.removal(Known::NotKnown, Answer::NotAsked), Stop),
        case(out, Broken, book.torn_out(known(-40.0), Answer::No), Stop),
        case(out, Broken, book.torn_out(Known::NotKnown, Answer::NotAsked), Stop),
        case(out, Kept, book.torn_out(known(-40.0), Answer::Yes), Warn),
        case(equipment, Under, dated(-1, Answer::Yes), Stop),
        case(equipment, At, dated(0, Answer::Yes), Ok),
        case(equipment, Over, dated(1, Answer::Yes), Ok),
        case(equipment, Broken, dated(1, Answer::No), Stop),
        case(equipment, Missing, dated(1, Answer::NotAsked), Stop),
        case(equipment, Missing, book.equipment(&[("probe", Known::NotKnown)], Answer::Yes, TODAY), Stop),
        case(equipment, Missing, book.equipment(&[], Answer::Yes, TODAY), Stop),
    ]
}

fn after(book: &RuleBook) -> Vec<Case> {
    let limits = Catalogues::bundled().unwrap().limits;
    let skin = |skin_c| book.skin(SkinReading::ReadC(skin_c), Answer::No);
    let now = |grade| book.new_weakness(&[power(known(5.0), known(grade))]).ruling;
    let length = |mm| book.frozen_length(known(mm), &limits);
    let minutes = |minutes| book.duration(known(minutes));
    let thaw = |thawed_s| book.thaw(1, thawed_s, known(60.0));
    vec![
        case(RuleId::N07, Under, skin(4.9), Warn),
        case(RuleId::N07, At, skin(5.0), Ok),
        case(RuleId::N07, Over, skin(5.1), Ok),
        case(RuleId::N07, Kept, book.skin(SkinReading::ReadC(1.0), Answer::Yes), Info),
        case(RuleId::N07, Kept, book.skin(SkinReading::NoThermometer, Answer::No), Info),
        case(RuleId::N07, Missing, book.skin(SkinReading::NotKnown, Answer::Yes), Human),
        case(RuleId::N08, Under, now(4.5), Stop),
        case(RuleId::N08, At, now(5.0), Ok),
        case(RuleId::N08, Over, book.new_weakness(&[power(known(4.0), known(5.0))]).ruling, Ok),
        case(RuleId::N08, Missing, book.new_weakness(&[power(Known::NotKnown, known(5.0))]).ruling, Human),
        case(RuleId::N08, Missing, book.new_weakness(&[]).ruling, Human),
        case(RuleId::N09, Under, length(3.9), Warn),
        case(RuleId::N09, At, length(4.0), Ok),
        case(RuleId::N09, Over, length(4.1), Ok),
        case(RuleId::N09, Missing, book.frozen_length(Known::NotKnown, &limits), Human),
        case(RuleId::N10, Kept, book.images(STORED), Ok),
        case(RuleId::N10, Broken, book.images(Images { ice: Answer::No, ..STORED }), Warn),
        case(RuleId::N10, Missing, book.images(Images { ice: Answer::NotAsked, ..STORED }), Human),
        case(RuleId::N11, Under, minutes(59.0), Ok),
        case(RuleId::N11, At, minutes(60.0), Ok),
        case(RuleId::N11, Over, minutes(61.0), Info),
        case(RuleId::N11, Missing, book.duration(Known::NotKnown), Human),
        case(RuleId::N12, Under, thaw(known(59.0)), Warn),
        case(RuleId::N12, At, thaw(known(60.0)), Ok),
        case(RuleId::N12, Over, thaw(known(61.0)), Ok),
        case(RuleId::N12, Missing, thaw(Known::NotKnown), Human),
        case(RuleId::N12, Missing, book.thaw(1, known(60.0), Known::NotKnown), Human),
    ]
}

#[test]
fn a_mismatch_outweighs_a_silence_and_is_said_in_words() {
    let (right, left) = (site("sural", Side::Right), site("sural", Side::Left));
    let said = [("request", known(&right)), ("plan", known(&left)), ("consent", Known::NotKnown)];
    let ruling = book().site(&said);
    assert!(ruling.text.contains("request: sural right; plan: sural left"), "{}", ruling.text);
}

#[test]
fn the_muscles_that_lost_power_are_named_for_the_draft_of_an_event() {
    let found = book().new_weakness(&[power(known(5.0), known(3.0)), power(known(5.0), known(5.0))]);
    assert_eq!(found.result, ["tibialis anterior from 5 to 3"]);
}

#[test]
fn the_skin_is_judged_by_the_same_number_in_the_plan_and_in_the_room() {
    let limits = Catalogues::bundled().unwrap().limits;
    let planned = limits.all().iter().find(|limit| limit.id == "skin-cold").unwrap().below.value.celsius;
    let at = |skin_c| book().skin(SkinReading::ReadC(skin_c), Answer::No).verdict;
    assert_eq!((at(planned), at(planned - 0.01)), (Ok, Warn));
}
