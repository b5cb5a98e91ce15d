//! C-01 to C-07.

use frostline_plan::anatomy::Side;
use frostline_plan::catalogue::Known;
use frostline_record::rules::Verdict::{Human, Info, Ok, Stop, Warn};
use frostline_record::rules::{Answer, BillingSite, Laterality, RuleBook, RuleId, Units};

use crate::Edge::{Broken, Kept, Missing};
use crate::{Case, all, book, but, case, known};

const RIGHT: Known<Laterality> = Known::Known(Laterality { side: Side::Right });

pub(crate) fn cases(book: &RuleBook) -> Vec<Case> {
    [procedures(book), diagnoses(book)].into_iter().flatten().collect()
}

fn procedures(book: &RuleBook) -> Vec<Case> {
    let code = |sites: &[Known<BillingSite>]| book.procedure_code(sites).ruling;
    let lower = known(BillingSite::LowerLimb);
    let right = |nerve| (nerve, known(Side::Right));
    vec![
        case(RuleId::C01, Kept, code(&[lower, lower]), Ok),
        case(RuleId::C01, Broken, code(&[known(BillingSite::PlexusOrTrunk)]), Human),
        case(RuleId::C01, Broken, code(&[known(BillingSite::UpperLimb)]), Human),
        case(RuleId::C01, Broken, code(&[lower, known(BillingSite::UpperLimb)]), Human),
        case(RuleId::C01, Missing, code(&[lower, Known::NotKnown]), Human),
        case(RuleId::C01, Missing, code(&[]), Human),
        case(RuleId::C02, Kept, book.payer(known("cgs-medicare"), Answer::Yes), Info),
        case(RuleId::C02, Broken, book.payer(known("cgs-medicare"), Answer::No), Human),
        case(RuleId::C02, Missing, book.payer(known("cgs-medicare"), Answer::NotAsked), Human),
        case(RuleId::C02, Missing, book.payer(Known::NotKnown, Answer::Yes), Human),
        case(RuleId::C02, Missing, book.payer(known("nobody"), Answer::Yes), Human),
        case(RuleId::C03, Kept, book.units(&[right("sural")]).ruling, Info),
        case(RuleId::C03, Broken, book.units(&[right("sural"), ("sural", Known::NotKnown)]).ruling, Human),
        case(RuleId::C03, Missing, book.units(&[]).ruling, Human),
        case(RuleId::C06, Kept, book.release(known("0441T"), known("2026")), Ok),
        case(RuleId::C06, Broken, book.release(known("0999T"), known("2026")), Stop),
        case(RuleId::C06, Missing, book.release(known("0441T"), known("2031")), Human),
        case(RuleId::C06, Missing, book.release(known("0441T"), Known::NotKnown), Human),
    ]
}

fn diagnoses(book: &RuleBook) -> Vec<Case> {
    let items: Vec<&str> = book.note_items().iter().map(|item| item.id.as_str()).collect();
    let note = |answers: &[(&str, Answer)]| book.note(answers).ruling;
    let full = || all(&items, Answer::Yes);
    let side = |codes: &[&str]| book.code_side(codes, RIGHT);
    let mut cases = vec![
        case(RuleId::C04, Kept, book.excludes(&["G57.61", "M17.11"]), Ok),
        case(RuleId::C04, Missing, book.excludes(&[]), Human),
        case(RuleId::C05, Kept, note(&full()), Ok),
        case(RuleId::C05, Broken, note(&but(full(), "block", Answer::No)), Warn),
        case(RuleId::C05, Missing, note(&but(full(), "block", Answer::NotAsked)), Human),
        case(RuleId::C05, Missing, note(&[]), Human),
        case(RuleId::C07, Kept, side(&["G57.61"]), Ok),
        case(RuleId::C07, Kept, side(&["G57.63"]), Ok),
        case(RuleId::C07, Broken, side(&["G57.61", "M79.672"]), Stop),
        case(RuleId::C07, Broken, side(&["G57.60"]), Warn),
        case(RuleId::C07, Missing, side(&["M72.2"]), Human),
        case(RuleId::C07, Missing, side(&[]), Human),
        case(RuleId::C07, Missing, book.code_side(&["G57.61"], Known::NotKnown), Human),
    ];
    let pairs = [
        ["G57.71", "G90.521"],
        ["M79.2", "G57.11"],
        ["M77.41", "G57.61"],
        ["G89.29", "G57.71"],
        ["G89.21", "G90.521"],
        ["G89.28", "G89.3"],
        ["G89.29", "G89.4"],
    ];
    cases.extend(pairs.map(|pair| case(RuleId::C04, Broken, book.excludes(&pair), Stop)));
    cases
}

#[test]
fn units_are_named_nerves_times_sides() {
    let (right, left) = (known(Side::Right), known(Side::Left));
    let units = |treated: &[(&str, Known<Side>)]| book().units(treated).result;
    let expected = |units, modifiers: &[&str]| {
        Known::Known(Units { units, modifiers: modifiers.iter().map(|word| (*word).to_owned()).collect() })
    };
    assert_eq!(units(&[("sural", right), ("sural", right)]), expected(1, &["RT"]), "branches of one nerve are one");
    assert_eq!(units(&[("sural", right), ("sural", left)]), expected(2, &["50"]));
    assert_eq!(units(&[("sural", left), ("sfn", left)]), expected(2, &["LT", "59"]));
    assert_eq!(units(&[("sural", right), ("sfn", left)]), expected(2, &["RT", "LT", "59"]));
}

#[test]
fn the_side_is_read_from_every_family_that_names_one() {
    let verdict = |code: &str| book().code_side(&[code], RIGHT).verdict;
    for right in
        ["G57.61", "G90.521", "T87.33", "M17.11", "M25.571", "M19.171", "Z96.651", "M79.604", "M79.661", "M79.674"]
    {
        assert_eq!(verdict(right), Ok, "{right}");
    }
    for left in
        ["G57.62", "G90.522", "T87.34", "M17.12", "M25.562", "M19.072", "Z96.652", "M79.605", "M79.652", "M79.675"]
    {
        assert_eq!(verdict(left), Stop, "{left}");
    }
}

#[test]
fn a_family_without_its_last_character_names_no_side() {
    assert_eq!(book().code_side(&["G57.6"], RIGHT).verdict, Human);
}

#[test]
fn the_contractor_forbids_the_code_for_destruction_and_the_manufacturer_does_not() {
    let book = book();
    let forbids = |id: &str| &book.payer_profiles().iter().find(|payer| payer.id == id).unwrap().forbids;
    assert_eq!(forbids("cgs-medicare"), &["64640"]);
    assert!(forbids("manufacturer-iovera").is_empty());
}
