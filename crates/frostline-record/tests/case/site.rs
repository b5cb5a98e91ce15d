//! One nerve and one side, everywhere.

use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, patient, says, step};

const SIGN_OFF: &str = "report-signed";

#[test]
fn a_right_sided_code_for_a_left_leg_is_refused_where_it_is_written() {
    let diagnoses = json!([{ "code": "G57.81", "text": "right leg", "side": "left" }]);
    let refused = patient().referred().refuses(step("indicated", but(bodies::indication(), "/diagnoses", diagnoses)));
    says(&refused, &["/diagnoses", "G57.81", "right", "left"]);
}

#[test]
fn the_side_that_a_code_names_is_held_against_everybody_else() {
    let diagnoses = json!([{ "code": "G57.81", "text": "right leg" }]);
    let indication = step("indicated", but(bodies::indication(), "/diagnoses", diagnoses));
    let way = patient().referred().with_goal().takes(indication).screened().blocked().imaged().examined().planned();
    let refused =
        way.refuses(step("plan-approved", json!({ "fingerprint": "plan-1", "reason": "compared with the report" })));
    says(&refused, &["N-01", "disagree", "diagnosis"]);
}

/// Each of six says the other side; the time-out, or already the gate before, must refuse.
fn refused_somewhere(kind: &str, body: Value) -> String {
    let mut way = patient();
    let steps = [
        ("referred", bodies::referral()),
        ("goal-said", json!({ "words": "walk" })),
        ("indicated", bodies::indication()),
        ("screened", bodies::screening()),
        ("blocked", bodies::block()),
        ("imaged", bodies::imaging()),
        ("examined", bodies::exam()),
        ("planned", bodies::plan()),
        ("plan-approved", json!({ "fingerprint": "plan-1", "reason": "compared with the report" })),
        ("consented", bodies::consent()),
        ("sedation-chosen", bodies::sedation("local-only")),
        ("booked", bodies::booking()),
        ("cleared", json!({})),
        ("arrived", bodies::arrival()),
        ("signed-in", bodies::sign_in()),
        ("timed-out", bodies::time_out()),
    ];
    for (name, usual) in steps {
        let next = step(name, if name == kind { body.clone() } else { usual });
        if name == "arrived" {
            way = way.at("2026-03-24T08:00:00Z");
        }
        match way.try_by(next.clone(), crate::anna()) {
            Ok(_) => way = way.takes(next),
            Err(refused) => return refused,
        }
    }
    panic!("{kind} with another side went through");
}

#[test]
fn whoever_says_the_other_side_is_found_before_the_freeze() {
    let other = |body: Value| but(body, "/side", json!("right"));
    let indication = but(bodies::indication(), "/diagnoses", json!([{ "code": "G57.81", "text": "right leg" }]));
    let wrong = [
        ("referred", but(bodies::referral(), "/site/side", json!("right"))),
        ("indicated", indication),
        ("imaged", other(bodies::imaging())),
        ("planned", other(bodies::plan())),
        ("consented", other(bodies::consent())),
        ("timed-out", other(bodies::time_out())),
    ];
    for (kind, body) in wrong {
        says(&refused_somewhere(kind, body), &["N-01", "disagree"]);
    }
    for (kind, body) in
        [("imaged", bodies::imaging()), ("consented", bodies::consent()), ("timed-out", bodies::time_out())]
    {
        says(&refused_somewhere(kind, but(body, "/nerve", json!("saph_leg"))), &["N-01", "disagree", "saph_leg"]);
    }
}

#[test]
fn a_request_corrected_to_the_other_leg_after_the_clearance_stops_the_sign_in() {
    let way = Way::on_the_day("local-only");
    let other = step("referred", but(bodies::referral(), "/site/side", json!("right")));
    let way = way.clone().takes(way.correction("referred", Some(other)));
    says(&way.refuses(step("signed-in", bodies::sign_in())), &["N-01", "disagree"]);
}

#[test]
fn no_report_is_signed_while_anybody_means_the_other_leg() {
    let way = Way::treated("local-only");
    let diagnoses = json!([{ "code": "G57.81", "text": "right leg" }]);
    let right = step("indicated", but(bodies::indication(), "/diagnoses", diagnoses));
    let way = way.clone().takes(way.correction("indicated", Some(right)));
    says(&way.refuses(step(SIGN_OFF, json!({ "words": "frozen" }))), &["N-01"]);
    says(&way.refuses(step("overridden", json!({ "rule": "N-01", "reason": "typing" }))), &["N-01", "by anyone"]);
}

#[test]
fn codes_of_the_other_leg_are_never_confirmed() {
    let right = but(bodies::codes(), "/diagnoses", json!(["G57.81"]));
    says(&Way::at_home().refuses(step("codes-confirmed", right)), &["C-07", "left"]);
    Way::at_home().takes(step("codes-confirmed", bodies::codes()));
}

#[test]
fn a_code_of_another_nerve_is_a_mismatch_and_one_fitting_code_is_enough() {
    let coded = |codes: Value| {
        let indication = step("indicated", but(bodies::indication(), "/diagnoses", codes));
        patient().referred().with_goal().takes(indication).screened().blocked().imaged().examined().planned()
    };
    let approval = step("plan-approved", json!({ "fingerprint": "plan-1", "reason": "compared with the report" }));
    let meralgia = json!({ "code": "G57.12", "text": "meralgia of the left leg" });
    says(&coded(json!([meralgia])).refuses(approval.clone()), &["N-01", "diagnosis: lfcn", "plan: sural"]);
    let other = json!({ "code": "G57.82", "text": "other nerve of the left leg" });
    coded(json!([meralgia, other])).takes(approval);
}

#[test]
fn every_nerve_that_a_code_may_mean_is_in_the_atlas() {
    let world = crate::world();
    for family in ["G57.0", "G57.1", "G57.2", "G57.3", "G57.4", "G57.5", "G57.6"] {
        let nerves = world.book.nerves_of_code(family).unwrap();
        let strange: Vec<_> = nerves.iter().filter(|nerve| world.catalogues.nerves.find(nerve).is_none()).collect();
        assert!(!nerves.is_empty() && strange.is_empty(), "{family}: {strange:?}");
    }
    assert_eq!(world.book.nerves_of_code("G57.8"), None);
}
