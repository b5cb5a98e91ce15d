//! What must be there before a plan is approved, and what makes an approval lapse.

use frostline_record::case::Stage;
use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, line, patient, says, step};

fn approval() -> frostline_record::case::Step {
    step("plan-approved", json!({ "fingerprint": "plan-1", "reason": "compared with the report" }))
}

#[test]
fn the_first_step_is_a_referral_and_there_is_only_one() {
    let refused = patient().refuses(step("goal-said", json!({ "words": "walk" })));
    says(&refused, &["found no referral", "expected one", "open the case"]);
    let refused = patient().referred().refuses(step("referred", bodies::referral()));
    says(&refused, &["has its referral", "correct that step"]);
}

#[test]
fn a_plan_is_approved_only_after_everything_that_it_rests_on() {
    let refused = patient().referred().refuses(approval());
    let expected = [
        "no goal",
        "no indication",
        "contraindications",
        "no diagnostic block",
        "not followed in images",
        "nobody tested feeling and power",
        "found no plan",
    ];
    says(&refused, &expected);
    assert_eq!(Way::assessed().planned().approved().case().stage(), Stage::Approved);
}

#[test]
fn an_examination_without_a_muscle_is_no_baseline() {
    let exam = step("examined", json!({ "feeling": "less touch", "power": [] }));
    let way = patient().referred().with_goal().indicated().screened().blocked().imaged().takes(exam).planned();
    says(&way.refuses(approval()), &["power", "examine"]);
}

#[test]
fn an_approval_of_another_plan_counts_for_nothing() {
    let refused = Way::assessed()
        .planned()
        .refuses(step("plan-approved", json!({ "fingerprint": "plan-2", "reason": "compared with the report" })));
    says(&refused, &["plan-2", "plan-1", "look at that one"]);
}

#[test]
fn a_plan_whose_assessment_says_stop_needs_a_reason() {
    let plan = but(bodies::plan(), "/verdict", json!("stop"));
    let way = Way::assessed().takes(step("planned", plan));
    let unreasoned = || step("plan-approved", json!({ "fingerprint": "plan-1" }));
    says(&way.refuses(unreasoned()), &["'stop'", "reason"]);
    way.takes(step("plan-approved", json!({ "fingerprint": "plan-1", "reason": "skin is lifted by fluid" })));
}

#[test]
fn numbers_entered_by_hand_are_approved_with_a_reason_and_those_of_a_job_without() {
    let unreasoned = || step("plan-approved", json!({ "fingerprint": "plan-1", "reason": " " }));
    let way = Way::assessed().planned();
    says(&way.refuses(unreasoned()), &["entered by hand", "write why"]);
    let plan = but(bodies::plan(), "/computed", json!({ "job": "j-1", "program": "0.1.0" }));
    Way::assessed().takes(step("planned", plan)).takes(unreasoned());
}

#[test]
fn a_plan_changed_after_approval_is_approved_no_more() {
    let way = Way::ready_to_clear("local-only");
    let changed = way.clone().takes(step("planned", but(bodies::plan(), "/fingerprint", json!("plan-2"))));
    says(&changed.refuses(step("cleared", json!({}))), &["changed after the approval", "approve it"]);
    let corrected = but(bodies::plan(), "/cycles", json!(3));
    let corrected = way.clone().takes(way.correction("planned", Some(step("planned", corrected))));
    says(&corrected.refuses(step("cleared", json!({}))), &["changed after the approval"]);
    let imaged = way.imaged();
    says(&imaged.refuses(step("cleared", json!({}))), &["changed after the approval"]);
}

fn on(nerve: &str) -> Way {
    let at = |body: Value| but(body, "/nerve", json!(nerve));
    let referral = but(bodies::referral(), "/site", json!({ "nerve": nerve, "side": "left" }));
    let screening = but(bodies::screening(), "/contraindications/coagulopathy", json!("no"));
    patient()
        .takes(step("referred", referral))
        .with_goal()
        .indicated()
        .takes(step("screened", screening))
        .takes(step("blocked", at(bodies::block())))
        .takes(step("imaged", at(bodies::imaging())))
        .examined()
        .takes(step("planned", at(bodies::plan())))
}

fn in_spite_of(rule: &str) -> frostline_record::case::Step {
    step("overridden", json!({ "rule": rule, "reason": "the foot feels nothing since the injury" }))
}

#[test]
fn a_specialist_nerve_takes_two_people_and_one_person_with_two_names_is_one() {
    use frostline_record::rules::Role::Operator;
    let way = on("tib_popl");
    says(&way.refuses(approval()), &["E-06", "second signature"]);
    let once = way.takes(in_spite_of("E-06"));
    says(&once.refuses(approval()), &["E-06"]);
    let again = once.clone().takes(in_spite_of("E-06"));
    says(&again.refuses(approval()), &["E-06"]);
    let mut renamed = crate::anna();
    renamed.name = "A. Berg-Lund".to_owned();
    let renamed = once.clone().by(in_spite_of("E-06"), renamed);
    says(&renamed.refuses(approval()), &["E-06"]);
    let mut second_account = crate::signer(Operator, "Dr. Anna Berg");
    second_account.account = "anna.two".to_owned();
    let second_account = once.clone().by(in_spite_of("E-06"), second_account);
    says(&second_account.refuses(approval()), &["E-06"]);
    once.by(in_spite_of("E-06"), crate::signer(Operator, "Olaf Haas")).takes(approval());
}

#[test]
fn a_nerve_to_avoid_is_never_approved() {
    let way = on("cfn");
    says(&way.refuses(approval()), &["E-06", "stop"]);
    says(&way.refuses(in_spite_of("E-06")), &["may not be overridden by anyone"]);
}

#[test]
fn a_block_of_another_nerve_or_leg_is_no_block_of_this_one() {
    for (place, other) in [("/nerve", json!("saph_leg")), ("/side", json!("right"))] {
        let block = step("blocked", but(bodies::block(), place, other));
        let way = patient().referred().with_goal().indicated().screened().imaged().examined().planned().takes(block);
        says(&way.refuses(approval()), &["E-04", "stop"]);
        way.blocked().takes(approval());
    }
}

#[test]
fn a_freeze_is_no_step_before_the_day() {
    let refused = patient().referred().refuses(line("freeze-started", json!({})));
    let expected = [
        "no consent that stands",
        "found no plan",
        "sign-in is not done",
        "time-out is not done",
        "probe and gas",
        "no probe is in",
        "image of the tip",
        "N-01",
        "N-03",
        "N-06",
    ];
    says(&refused, &expected);
}

#[test]
fn a_lesion_that_compresses_the_nerve_wants_an_opinion_about_decompression_before_the_plan_is_approved() {
    let imaged = |area: f64, compressed: &str| {
        let body = but(but(bodies::imaging(), "/area_mm2", json!(area)), "/compressed", json!(compressed));
        Way::assessed().takes(step("imaged", body)).planned()
    };
    let approval = || step("plan-approved", json!({ "fingerprint": "plan-1", "reason": "compared with the report" }));
    let pressed = imaged(2.5, "yes");
    says(&pressed.refuses(approval()), &["X-01 (warn)", "opinion about decompression"]);
    let reason = json!({ "rule": "X-01", "reason": "the surgeon saw the ganglion and leaves it" });
    pressed.takes(step("overridden", reason)).approved();
    // The sural nerve is usually no larger than 3 mm2.
    imaged(3.0, "not-asked").approved();
    says(&imaged(3.1, "not-asked").refuses(approval()), &["X-01 (human)", "nobody wrote down whether a lesion"]);
    imaged(3.1, "no").approved();
}

#[test]
fn the_sciatic_nerve_of_the_thigh_is_for_a_stump_or_a_limb_without_feeling_and_somebody_must_say_so() {
    use frostline_record::case::Phase;
    use frostline_record::rules::{RuleId, Verdict};
    let verdict = |limb: Option<&str>| {
        let mut exam = bodies::exam();
        if let Some(limb) = limb {
            exam["limb"] = json!(limb);
        }
        let imaged = but(bodies::imaging(), "/nerve", json!("sci_thigh"));
        let way = crate::patient().referred().with_goal().indicated().takes(step("imaged", imaged));
        let way = way.takes(step("examined", exam));
        let ruled = way.case().rulings(Phase::Eligibility, &crate::judging(way.at));
        ruled.into_iter().find(|ruled| ruled.ruling.rule == RuleId::E06).unwrap().ruling.verdict
    };
    assert_eq!((verdict(None), verdict(Some("whole"))), (Verdict::Human, Verdict::Stop));
    assert_eq!((verdict(Some("insensate-limb")), verdict(Some("amputation-stump"))), (Verdict::Warn, Verdict::Warn));
}
