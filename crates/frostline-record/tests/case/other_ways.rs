//! Ways that go otherwise than planned: a day that is given up, a relapse, harm, deeper sedation, overrides.

use frostline_record::case::{Phase, Stage};
use frostline_record::rules::{Role, RuleId, Verdict};
use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, line, says, signer, step};

#[test]
fn a_day_given_up_in_the_room_is_booked_anew_and_ends_in_a_report_of_the_second_day_only() {
    let way = Way::in_the_room("local-only").logs("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" }));
    let way = way.logs("anaesthetic-given", bodies::anaesthetic(5.0));
    let way = way.takes(step("cancelled", json!({ "code": "Z53.09", "reason": "fever" })));
    assert!(way.case().stage() < Stage::Booked, "{:?}", way.case().stage());
    says(&way.refuses(step("signed-in", bodies::sign_in())), &["arrive", "clear"]);
    let later = but(bodies::booking(), "/start", json!("2026-03-31T09:00Z"));
    let way = way.takes(step("booked", later)).cleared().at("2026-03-31T08:00:00Z").arrived();
    says(&way.refuses(line("needle-placed", json!({}))), &["time-out"]);
    let meals = json!({ "clear_fluid": { "at": "2026-03-31T05:00Z" }, "light_meal": { "at": "2026-03-30T19:00Z" }, "fat_meal": "none", "escort": "yes" });
    let way = way.takes(step("prepared", meals)).signed_in().logs("equipment-checked", bodies::equipment()).timed_out();
    let way = way.image("before").logs("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" }));
    let way = way.probe_placed().image("tip").frozen().frozen().motor_tested(5);
    let way = way.logs("probe-out", json!({ "tip_c": 5, "moves_freely": "yes" })).image("ice").image("after");
    let way =
        way.logs("dressed", json!("dry")).signed_out().looked_at().looked_at().instructed().discharged().reported();
    assert_eq!(way.case().treated_on().unwrap().to_string(), "2026-03-31");
    assert_eq!(way.case().skipped(), []);
}

#[test]
fn a_relapse_is_a_new_case_that_says_when_the_nerve_was_frozen_before() {
    // The case of the first freeze takes no second one, and the next case is asked how long ago it was.
    says(&Way::at_home().refuses(step("booked", bodies::booking())), &["another case"]);
    let screened = |on: &str| {
        let screening = but(bodies::screening(), "/previous/frozen", json!({ "on": on }));
        crate::patient().referred().with_goal().indicated().takes(step("screened", screening))
    };
    let verdict = |way: &Way| {
        let rulings = way.case().rulings(Phase::Eligibility, &crate::judging(way.at));
        rulings.iter().find(|ruled| ruled.ruling.rule == RuleId::E10).unwrap().ruling.verdict
    };
    // On 2 March 2026, 90 days after 2 December 2025.
    assert_eq!(
        ["2025-12-03", "2025-12-02", "2025-12-01"].map(|on| verdict(&screened(on))),
        [Verdict::Warn, Verdict::Ok, Verdict::Ok]
    );
}

fn harm(changes: &[(&str, Value)]) -> Value {
    changes.iter().fold(bodies::severity(), |severity, (place, value)| but(severity, place, value.clone()))
}

/// What the three scales and the question of seriousness say, once the event is in the case.
fn graded(way: &Way) -> Vec<String> {
    let rulings = way.case().rulings(Phase::Events, &crate::judging(way.at));
    let of = |rule| rulings.iter().find(|ruled| ruled.ruling.rule == rule).unwrap().ruling.text.clone();
    [RuleId::A01, RuleId::A02, RuleId::A03].map(of).to_vec()
}

#[test]
fn a_frostbite_a_neuroma_and_a_haematoma_are_graded_and_followed_to_their_end() {
    let cases = [
        (
            "frostbite",
            harm(&[("/treatment", json!("yes"))]),
            harm(&[("/treatment", json!("yes")), ("/mild_lasting", json!("yes"))]),
        ),
        (
            "dysaesthesia",
            harm(&[("/treatment", json!("yes")), ("/household_limited", json!("yes"))]),
            harm(&[("/treatment", json!("yes"))]),
        ),
        (
            "haematoma",
            harm(&[("/hospital", json!("yes")), ("/stay_hours", json!(72))]),
            harm(&[("/hospital", json!("yes")), ("/stay_hours", json!(72))]),
        ),
    ];
    for (term, first, last) in cases {
        let event = but(but(bodies::event("1"), "/term", json!(term)), "/severity", first);
        let way = Way::at_home().takes(step("event-reported", event));
        let before = graded(&way);
        let reason = json!({ "reason": "answered", "lost_to_follow_up": "yes" });
        let closing = step("closed", reason);
        says(&way.refuses(closing.clone()), &["no outcome"]);
        // One that goes on is no end.
        let ongoing = way.takes(step("event-settled", but(bodies::settled("1", "ongoing"), "/severity", last.clone())));
        says(&ongoing.refuses(closing), &["no outcome"]);
        let ended = ongoing
            .takes(step("event-settled", but(bodies::settled("1", "resolved-with-sequelae"), "/severity", last)));
        assert!(
            !ended.refuses(step("closed", json!({ "reason": "x", "lost_to_follow_up": "no" }))).contains("no outcome")
        );
        let after = graded(&ended);
        println!("{term}: {before:?} then {after:?}");
        assert!(before.iter().chain(&after).all(|text| !text.is_empty()));
    }
}

#[test]
fn a_swelling_under_a_drug_against_clotting_keeps_the_patient_until_it_stops_growing() {
    let look = |mm: f64| step("recovered", but(bodies::look(), "/haematoma_mm", json!(mm)));
    let way = Way::treated("local-only").takes(look(10.0)).takes(look(30.0)).instructed();
    says(&way.refuses(step("discharged", json!({ "to": "home" }))), &["B-08 (stop)"]);
}

#[test]
fn sedation_that_gets_deeper_than_planned_wants_anaesthesia_in_the_room() {
    let deeper = |anaesthesiologist: &str| {
        step("sedation-chosen", but(bodies::sedation("deep"), "/anaesthesiologist", json!(anaesthesiologist)))
    };
    let way = Way::ready_to_freeze("moderate").takes(deeper("no"));
    assert_eq!(way.seen_verdict(RuleId::S01), Some(Verdict::Stop), "told at once");
    says(&way.refuses(line("freeze-started", json!({}))), &["S-01", "anaesthesiologist"]);
    let came = json!({
        "came": [{ "role": "anaesthesia", "name": "Ines Roth" }],
        "dedicated_person": "yes", "capnography": "yes", "anaesthesiologist": "yes"
    });
    let way = way.logs("team-changed", came);
    assert_eq!(way.seen_verdict(RuleId::S01), Some(Verdict::Ok));
    way.takes(line("freeze-started", json!({})));
}

#[test]
fn who_wakes_up_again_was_deep_all_the_same() {
    let lighter = step("sedation-chosen", bodies::sedation("minimal"));
    let way = Way::ready_to_freeze("moderate").takes(step("sedation-chosen", bodies::sedation("deep"))).takes(lighter);
    let alone = json!({ "dedicated_person": "yes", "capnography": "yes", "anaesthesiologist": "no" });
    says(&way.logs("team-changed", alone).refuses(line("freeze-started", json!({}))), &["S-01", "deep"]);
}

#[test]
fn only_the_role_that_the_rule_names_goes_on_in_spite_of_it() {
    let weak = Way::ready_to_freeze("local-only").frozen().motor_tested(4);
    let reason = || step("overridden", json!({ "rule": "N-08", "reason": "the anaesthetic spread" }));
    for role in [Role::Nurse, Role::Coder, Role::Technologist] {
        assert!(weak.try_by(reason(), signer(role, "Somebody Else")).is_err(), "{role:?}");
    }
    let way = weak.by(reason(), signer(Role::Operator, "Anna Berg"));
    way.takes(line("freeze-started", json!({})));
}
