//! Every rule just under, at and just over its edge (or kept and broken where there is no number), and once without what
//! it needs. The cases are tables; the tests below hold them, the data and the code against each other.

mod anaesthetic;
mod anticoagulant;
mod beside;
mod bleeding;
mod bracketed;
mod coding;
mod data;
mod eligibility;
mod events;
mod follow_up;
mod not_numbers;
mod outcomes;
mod overrides;
mod procedure;
mod sedation;

use std::collections::{BTreeMap, BTreeSet};

use frostline_plan::catalogue::{Known, Reading};
use frostline_record::rules::{Answer, PainScore, RuleBook, RuleId, Ruling, Trust, Verdict};

/// Where a case lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edge {
    /// Just under the number.
    Under,
    /// On it.
    At,
    /// Just over it.
    Over,
    /// A rule without a number is kept.
    Kept,
    /// A rule without a number is broken.
    Broken,
    /// Something it needs is missing.
    Missing,
}

/// One ruling with the verdict it should have.
pub(crate) struct Case {
    pub(crate) rule: RuleId,
    pub(crate) edge: Edge,
    pub(crate) ruling: Ruling,
    pub(crate) expected: Verdict,
}

pub(crate) fn case(rule: RuleId, edge: Edge, ruling: Ruling, expected: Verdict) -> Case {
    Case { rule, edge, ruling, expected }
}

pub(crate) fn book() -> RuleBook {
    RuleBook::bundled().unwrap()
}

pub(crate) fn pain(score: f64) -> PainScore {
    PainScore::new(score).unwrap()
}

pub(crate) fn known<T>(value: T) -> Known<T> {
    Known::Known(value)
}

/// The same answer to every question.
pub(crate) fn all<'a>(keys: &[&'a str], answer: Answer) -> Vec<(&'a str, Answer)> {
    keys.iter().map(|key| (*key, answer)).collect()
}

/// The answers with one of them changed.
pub(crate) fn but<'a>(mut answers: Vec<(&'a str, Answer)>, key: &str, answer: Answer) -> Vec<(&'a str, Answer)> {
    answers.iter_mut().find(|(listed, _)| *listed == key).unwrap().1 = answer;
    answers
}

fn cases(book: &RuleBook) -> Vec<Case> {
    let mut cases = eligibility::cases(book);
    cases.extend(bleeding::cases(book));
    cases.extend(anticoagulant::cases(book));
    cases.extend(sedation::cases(book));
    cases.extend(anaesthetic::cases(book));
    cases.extend(procedure::cases(book));
    cases.extend(follow_up::cases(book));
    cases.extend(outcomes::cases(book));
    cases.extend(coding::cases(book));
    cases.extend(events::cases(book));
    cases.extend(beside::cases(book));
    cases
}

#[test]
fn every_case_is_decided_as_its_table_says_and_by_its_own_rule() {
    let wrong: Vec<String> = cases(&book())
        .iter()
        .filter(|case| case.ruling.verdict != case.expected || case.ruling.rule != case.rule)
        .map(|case| format!("{} {:?}: expected {:?}, found {:?}", case.rule, case.edge, case.expected, case.ruling))
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_rule_has_cases_on_both_sides_of_its_edge_and_one_for_missing_input() {
    let mut edges: BTreeMap<RuleId, BTreeSet<Edge>> = BTreeMap::new();
    let cases = cases(&book());
    for case in &cases {
        edges.entry(case.rule).or_default().insert(case.edge);
    }
    let complete = |rule: &RuleId| {
        let has = |wanted: &[Edge]| edges.get(rule).is_some_and(|found| wanted.iter().all(|edge| found.contains(edge)));
        has(&[Edge::Missing]) && (has(&[Edge::Under, Edge::At, Edge::Over]) || has(&[Edge::Kept, Edge::Broken]))
    };
    let without: Vec<&str> = RuleId::ALL.iter().filter(|rule| !complete(rule)).map(|rule| rule.word()).collect();
    let with_numbers = edges.values().filter(|found| found.contains(&Edge::At)).count();
    println!(
        "{} of {} rules are covered by {} cases: {with_numbers} under, at and over a number, {} kept and broken, all with \
         something missing",
        RuleId::ALL.len() - without.len(),
        RuleId::ALL.len(),
        cases.len(),
        edges.len() - with_numbers
    );
    assert!(without.is_empty(), "no full set of cases: {}", without.join(", "));
}

#[test]
fn what_is_missing_is_never_ok_and_never_mere_information() {
    for case in cases(&book()).iter().filter(|case| case.edge == Edge::Missing) {
        assert!(matches!(case.ruling.verdict, Verdict::Human | Verdict::Stop), "{:?}", case.ruling);
    }
}

#[test]
fn every_sentence_is_filled_and_every_ruling_holds_all_its_facts_and_numbers() {
    let book = book();
    for Case { ruling, .. } in cases(&book) {
        let row = book.rows().iter().find(|row| row.id == ruling.rule).unwrap();
        let mut expected: Vec<String> = row.facts.clone();
        expected.extend(row.numbers().into_iter().map(|number| number.name));
        let found: Vec<String> = ruling.facts.iter().map(|fact| fact.name.clone()).collect();
        assert_eq!(found, expected, "{}", ruling.rule);
        assert!(!ruling.text.contains(['{', '}']), "{ruling:?}");
        assert_eq!(ruling.version, row.version);
    }
}

#[test]
fn a_sentence_that_says_not_known_never_comes_with_ok() {
    for Case { ruling, .. } in cases(&book()) {
        assert!(ruling.verdict != Verdict::Ok || !ruling.text.contains("not known"), "{ruling:?}");
    }
}

#[test]
fn recalled_and_transcribed_numbers_say_check_before_use_and_no_others_do() {
    let book = book();
    let is_doubtful = |source: &str, status: &str| {
        status == "recalled-unverified" || book.sources().find(source).unwrap().reading == Reading::Secondary
    };
    let mut checked = 0;
    for Case { ruling, .. } in cases(&book) {
        let row = book.rows().iter().find(|row| row.id == ruling.rule).unwrap();
        let decisive = is_doubtful(&ruling.source, ruling.status.word());
        let of_rule = is_doubtful(&row.source, row.status.word());
        let of_numbers = row.numbers().iter().any(|number| is_doubtful(&number.source, &number.status));
        // These two rest on tables that are not named as the source of the ruling.
        let of_tables = matches!(ruling.rule, RuleId::E13 | RuleId::L01);
        let says = ruling.trust == Trust::CheckBeforeUse;
        assert_eq!(ruling.text.contains("check before use"), says, "{ruling:?}");
        assert!(says || !(decisive || of_rule), "{ruling:?}");
        assert!(!says || decisive || of_rule || of_numbers || of_tables, "{ruling:?}");
        checked += usize::from(says);
    }
    println!("{checked} rulings say check before use");
    assert!(checked > 0, "no case reaches a number that must be checked");
}

#[test]
fn data_and_code_hold_the_same_identifiers() {
    let book = book();
    let text = include_str!("../../../../data/rules.toml").parse::<toml::Table>().unwrap();
    let written: Vec<String> =
        text["rule"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    let listed: Vec<&str> = RuleId::ALL.iter().map(|rule| rule.word()).collect();
    assert_eq!(written, listed, "data/rules.toml against RuleId::ALL");
    let mut decided = RuleBook::decided();
    decided.sort();
    assert_eq!(decided, RuleId::ALL, "functions against RuleId::ALL");
    let mut per_letter: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in RuleId::ALL {
        *per_letter.entry(&rule.word()[..1]).or_default() += 1;
    }
    println!("{} rules in data and code: {per_letter:?}", book.rows().len());
    let expected =
        [("A", 5), ("B", 9), ("C", 7), ("E", 14), ("F", 3), ("L", 5), ("N", 12), ("O", 8), ("S", 3), ("X", 1)];
    // The 65 of the list of the reference, N-12, and what stands beside the list.
    assert_eq!(per_letter, BTreeMap::from(expected), "67 in all");
}
