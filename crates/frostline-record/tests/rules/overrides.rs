//! Going on in spite of a ruling.

use frostline_plan::anatomy::Side;
use frostline_plan::catalogue::{Catalogues, Known};
use frostline_record::rules::{
    Answer, Moment, Override, OverrideRefused, Role, RuleId, Ruled, Ruling, Signature, Site, Verdict, most_serious,
};

use crate::{book, known, pain};

const AT: Moment = Moment(1);

fn signed(role: Role, by: &str) -> Signature {
    Signature { role, by: by.to_owned() }
}

fn operator() -> Signature {
    signed(Role::Operator, "Dr Moreno")
}

fn weak_pain() -> Ruling {
    book().pain_score(known(pain(2.0)))
}

#[test]
fn an_operator_with_a_reason_may_go_on_and_the_ruling_stays_beside_it() {
    let ruling = weak_pain();
    let decision = Override::of(&ruling, &[operator()], "attacks of 9, average hides them", AT).unwrap();
    let ruled = Ruled::new(ruling.clone());
    assert!(!ruled.may_go_on());
    let ruled = ruled.with(decision).unwrap();
    assert!(ruled.may_go_on());
    assert_eq!(ruled.ruling, ruling);
    assert_eq!(ruled.overrides[0].reason(), "attacks of 9, average hides them");
    assert_eq!(ruled.overrides[0].signatures(), [operator()]);
    assert_eq!((ruled.overrides[0].rule(), ruled.overrides[0].at()), (RuleId::E02, AT));
}

#[test]
fn a_nurse_may_not_override_what_is_the_operators() {
    let refused = Override::of(&weak_pain(), &[signed(Role::Nurse, "N. Ito")], "asked for it", AT).unwrap_err();
    assert_eq!(refused.to_string(), "E-02: found the role 'nurse', expected operator; ask one of them to sign");
}

#[test]
fn neither_reason_nor_name_may_be_empty() {
    let refused = Override::of(&weak_pain(), &[operator()], "  ", AT);
    assert_eq!(refused, Err(OverrideRefused::NoWords { rule: RuleId::E02, what: "reason" }));
    let refused = Override::of(&weak_pain(), &[signed(Role::Operator, " ")], "because", AT);
    assert_eq!(refused, Err(OverrideRefused::NoWords { rule: RuleId::E02, what: "name" }));
    let refused = Override::of(&weak_pain(), &[], "because", AT);
    assert_eq!(refused, Err(OverrideRefused::TooFewSignatures { rule: RuleId::E02, found: 0, expected: 1 }));
}

#[test]
fn a_wrong_side_is_never_overridden_and_says_why() {
    let (right, left) =
        (Site { nerve: "sural".to_owned(), side: Side::Right }, Site { nerve: "sural".to_owned(), side: Side::Left });
    let ruling = book().site(&[("consent", known(&right)), ("time-out", known(&left))]);
    let refused = Override::of(&ruling, &[operator()], "it is the left, I am sure", AT).unwrap_err();
    assert!(refused.to_string().contains("may not be overridden by anyone"), "{refused}");
    assert!(refused.to_string().contains("different nerves or sides"), "{refused}");
}

#[test]
fn a_specialist_nerve_needs_two_different_people() {
    let atlas = Catalogues::bundled().unwrap().nerves;
    let ruling = book().target_policy("tib_popl", Known::NotKnown, &atlas);
    assert_eq!(ruling.verdict, Verdict::Warn);
    let twice = [operator(), operator()];
    let refused = Override::of(&ruling, &twice, "insensate foot", AT);
    assert_eq!(refused, Err(OverrideRefused::TooFewSignatures { rule: RuleId::E06, found: 1, expected: 2 }));
    let two = [operator(), signed(Role::Operator, "Dr Haas")];
    assert!(Override::of(&ruling, &two, "insensate foot", AT).is_ok());
}

#[test]
fn one_person_under_two_spellings_of_a_name_is_one() {
    let atlas = Catalogues::bundled().unwrap().nerves;
    let ruling = book().target_policy("tib_popl", Known::NotKnown, &atlas);
    let first = "Anna Berg";
    let same = [
        "ANNA BERG",
        "Dr. Anna Berg",
        "Berg, Anna",
        "Anna  Berg",
        "Anna\u{200b} Berg",
        "A. Berg",
        "Anna Maria Berg",
        "An\u{ad}na Berg",
        "Anna\u{a0}Berg, MD",
        "Dr Berg",
        "-",
    ];
    for other in same {
        let two = [signed(Role::Operator, first), signed(Role::Operator, other)];
        let refused = Override::of(&ruling, &two, "insensate foot", AT);
        assert!(matches!(refused, Err(OverrideRefused::TooFewSignatures { found: 1, .. })), "{other}: {refused:?}");
    }
    for other in ["Arne Berg", "Anna Haas", "Operator 1", "Bea Angst"] {
        let two = [signed(Role::Operator, first), signed(Role::Operator, other)];
        assert!(Override::of(&ruling, &two, "insensate foot", AT).is_ok(), "{other}");
    }
}

#[test]
fn where_nothing_stands_against_it_there_is_nothing_to_override() {
    let refused = Override::of(&book().pain_score(known(pain(6.0))), &[operator()], "because", AT);
    assert_eq!(refused, Err(OverrideRefused::NothingToOverride { rule: RuleId::E02, verdict: "ok" }));
}

#[test]
fn a_decision_about_one_rule_does_not_lift_another() {
    let decision = Override::of(&weak_pain(), &[operator()], "because", AT).unwrap();
    let other = Ruled::new(book().earlier_surgery(Answer::Yes));
    assert!(other.with(decision).is_err());
}

#[test]
fn the_stops_that_nobody_lifts_are_these() {
    let book = book();
    let never = book.rows().iter().filter(|row| row.overriding.stops != Default::default()).map(|row| row.id.word());
    let expected = ["E-06", "S-01", "L-01", "L-02", "L-03", "L-05", "N-01", "N-03", "N-05", "N-06", "C-06", "C-07"];
    assert_eq!(never.collect::<Vec<_>>(), expected);
}

#[test]
fn the_most_serious_ruling_decides_and_no_ruling_at_all_is_not_ok() {
    let book = book();
    let (ok, human) = (book.pain_score(known(pain(6.0))), book.pain_score(Known::NotKnown));
    assert_eq!(most_serious(&[ok.clone(), human, weak_pain()]), Verdict::Stop);
    assert_eq!(most_serious(&[ok]), Verdict::Ok);
    assert_eq!(most_serious(&[]), Verdict::Human);
}

#[test]
fn a_ruling_with_its_override_is_read_back_as_it_was_written() {
    let decision = Override::of(&weak_pain(), &[operator()], "because", AT).unwrap();
    let ruled = Ruled::new(weak_pain()).with(decision).unwrap();
    let text = toml::to_string(&ruled).unwrap();
    assert_eq!(toml::from_str::<Ruled>(&text).unwrap(), ruled);
}
