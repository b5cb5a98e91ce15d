//! Who pays: chosen early or not known, and what follows from it.

use frostline_record::case::{Judging, Phase};
use frostline_record::rules::{RuleId, Verdict};
use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, says, step};

/// What a rule says of a case whose site sets no payer for everybody.
fn verdict(way: &Way, phase: Phase, rule: RuleId) -> Verdict {
    let judging = Judging { payer: None, ..crate::judging(way.at) };
    let rulings = way.case().rulings(phase, &judging);
    rulings.iter().find(|ruled| ruled.ruling.rule == rule).unwrap().ruling.verdict
}

fn chosen(profile: Value, asks: Value) -> frostline_record::case::Step {
    step("payer-chosen", json!({ "profile": profile, "words": "as on the card", "asks": asks }))
}

#[test]
fn while_the_payer_is_not_known_a_person_decides_what_must_have_been_tried() {
    let way = Way::assessed();
    assert_eq!(verdict(&way, Phase::Eligibility, RuleId::E03), Verdict::Human);
    let said = way.clone().takes(chosen(Value::Null, Value::Null));
    assert_eq!(verdict(&said, Phase::Eligibility, RuleId::E03), Verdict::Human);
    // A profile of which nobody read what it asks for decides no more than none.
    let read = way.takes(chosen(json!("anthem-surg-00155"), Value::Null));
    assert_eq!(verdict(&read, Phase::Eligibility, RuleId::E03), Verdict::Human);
}

#[test]
fn what_the_payer_asks_for_is_held_against_what_was_tried() {
    // Drugs for 12 weeks and physical treatment for 16 were tried.
    for (lines, weeks, verdict_then) in
        [(2, 12.0, Verdict::Ok), (2, 12.1, Verdict::Warn), (1, 16.0, Verdict::Ok), (3, 1.0, Verdict::Warn)]
    {
        let way = Way::assessed().takes(chosen(json!("cgs-medicare"), json!({ "lines": lines, "weeks": weeks })));
        assert_eq!(verdict(&way, Phase::Eligibility, RuleId::E03), verdict_then, "{lines} lines, {weeks} weeks");
    }
}

#[test]
fn a_payer_that_is_not_on_the_list_is_refused_and_the_list_is_told() {
    says(&Way::assessed().refuses(chosen(json!("unknown"), Value::Null)), &["/profile", "cgs-medicare"]);
    says(&Way::assessed().refuses(chosen(Value::Null, json!({ "lines": 0, "weeks": 6.0 }))), &["/asks"]);
}

#[test]
fn the_payer_that_was_chosen_is_that_of_the_claim_until_the_coder_says_another() {
    let chosen = chosen(json!("bcbs-texas"), Value::Null);
    let way = Way::assessed().takes(chosen);
    assert_eq!(way.case().payer(), Some("bcbs-texas"));
    let way = Way::at_home().takes(step("payer-chosen", json!({ "profile": "bcbs-texas", "words": "card" })));
    let silent = way.clone().takes(step("codes-confirmed", but(bodies::codes(), "/payer", Value::Null)));
    assert_eq!(silent.case().payer(), Some("bcbs-texas"));
    assert_eq!(way.takes(step("codes-confirmed", bodies::codes())).case().payer(), Some("cgs-medicare"));
}

#[test]
fn another_payer_after_the_clearance_takes_it_away() {
    let way = Way::ready_to_clear("local-only").cleared().takes(chosen(Value::Null, Value::Null));
    assert!(!way.case().is_cleared());
}
