//! Random ways: whatever is tried in whatever order, no gas is opened before consent, plan and time-out, and what was
//! accepted reads back as it was.

use frostline_record::case::steps::{LogLine, Logged};
use frostline_record::case::{Case, Second, Step};
use serde_json::json;

use crate::{Way, bodies, line, patient, step};

/// A small generator whose numbers are the same on every machine (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }
}

/// The usual way, in order.
fn usual() -> Vec<Step> {
    let images = |kind: &str| line("image-stored", json!({ "kind": kind }));
    vec![
        step("goal-said", json!({ "words": "walk" })),
        step("indicated", bodies::indication()),
        step("screened", bodies::screening()),
        step("blocked", bodies::block()),
        step("imaged", bodies::imaging()),
        step("examined", bodies::exam()),
        step("planned", bodies::plan()),
        step("plan-approved", json!({ "fingerprint": "plan-1", "reason": "compared with the report" })),
        step("consented", bodies::consent()),
        step("sedation-chosen", bodies::sedation("local-only")),
        step("booked", bodies::booking()),
        step("cleared", json!({})),
        step("arrived", bodies::arrival()),
        step("signed-in", bodies::sign_in()),
        line("equipment-checked", bodies::equipment()),
        step("timed-out", bodies::time_out()),
        line("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" })),
        line("needle-placed", json!({})),
        line("stimulated", bodies::stimulation("motor", 1.5, "no")),
        images("tip"),
        line("freeze-started", json!({})),
        line("freeze-stopped", bodies::freeze_stop()),
        line("thawed", bodies::thaw()),
        line("probe-out", json!({ "tip_c": 5, "moves_freely": "yes" })),
        step("signed-out", bodies::sign_out()),
        step("recovered", bodies::look()),
        step("recovered", bodies::look()),
        step("instructed", bodies::instructions()),
        step("discharged", json!({ "to": "home" })),
    ]
}

/// What spoils a way.
fn spoilers() -> Vec<Step> {
    vec![
        step("consent-withdrawn", json!("no more")),
        step("cancelled", json!({ "reason": "gas is empty" })),
        step("planned", bodies::but(bodies::plan(), "/fingerprint", json!("plan-2"))),
        step("imaged", bodies::imaging()),
        step("timed-out", bodies::but(bodies::time_out(), "/side", json!("right"))),
        step("consented", bodies::but(bodies::consent(), "/side", json!("right"))),
        line("stimulated", bodies::stimulation("motor", 0.5, "yes")),
        line("note", json!("a remark")),
        step("event-reported", bodies::event("1")),
        step("event-settled", bodies::settled("1", "resolved")),
    ]
}

fn random_step(dice: &mut Dice, way: &Way, next: &mut usize) -> Step {
    let usual = usual();
    match dice.below(20) {
        0..14 => {
            let at = *next % usual.len();
            usual[at].clone()
        }
        14..16 => usual[dice.below(usual.len())].clone(),
        16..18 => spoilers()[dice.below(spoilers().len())].clone(),
        _ => {
            let number = 1 + dice.below(way.case().steps().len());
            let instead = match dice.below(2) {
                0 => serde_json::Value::Null,
                _ => serde_json::to_value(&usual[dice.below(usual.len())]).unwrap(),
            };
            step("corrected", json!({ "step": number, "why": "typed wrong", "instead": instead }))
        }
    }
}

/// What must lie before a freeze, read from the bare list and not by the functions under test.
fn rests_on_everything(case: &Case) {
    let steps = case.steps();
    let last = |is: &dyn Fn(&Step) -> bool| steps.iter().rposition(|signed| is(&signed.step));
    let gone = |number: usize| {
        steps.iter().any(|signed| match &signed.step {
            Step::Corrected(correction) => correction.step == number as u64 + 1 && correction.instead.is_none(),
            _ => false,
        })
    };
    let consent = last(&|step| matches!(step, Step::Consented(_))).expect("a freeze without any consent");
    let withdrawn = last(&|step| matches!(step, Step::ConsentWithdrawn(_)));
    assert!(withdrawn < Some(consent), "a freeze after consent was taken back");
    let plan = last(&|step| matches!(step, Step::Planned(_))).expect("a freeze without any plan");
    let approval = last(&|step| matches!(step, Step::PlanApproved(_))).expect("a freeze without any approval");
    assert!(plan < approval, "a freeze of a plan that was not approved");
    let time_out = last(&|step| matches!(step, Step::TimedOut(_))).expect("a freeze without any time-out");
    let moved = last(&|step| matches!(step, Step::Cancelled(_) | Step::Booked(_)));
    assert!(moved < Some(time_out), "a freeze on the time-out of another booking");
    assert!(!gone(approval) && !gone(time_out), "a freeze on what was taken out");
}

/// Plays one random way; how many freezes were started in it.
fn play(seed: u64) -> usize {
    let mut dice = Dice(seed);
    let mut way = patient().referred().at("2026-03-24T08:00:00Z");
    let (mut next, mut freezes) = (0, 0);
    for _ in 0..60 {
        let step = random_step(&mut dice, &way, &mut next);
        let in_order = usual().get(next % usual().len()) == Some(&step);
        let freeze = matches!(step, Step::Logged(LogLine { logged: Logged::FreezeStarted(_), .. }));
        match way.try_by(step.clone(), crate::anna()) {
            Ok(_) => {
                way = way.takes(step);
                next += usize::from(in_order);
            }
            // What stands before it may have been undone: go back a little, as people do.
            Err(_) if in_order => next = next.saturating_sub(1 + dice.below(6)),
            Err(_) => way.at = Second(way.at.0 + 1),
        }
        if freeze
            && matches!(
                way.case().steps().last().unwrap().step,
                Step::Logged(LogLine { logged: Logged::FreezeStarted(_), .. })
            )
        {
            rests_on_everything(way.case());
            freezes += 1;
        }
    }
    let text = serde_json::to_string(way.case().steps()).unwrap();
    let kept = Case::from_steps(serde_json::from_str(&text).unwrap()).unwrap();
    assert_eq!(&kept, way.case(), "seed {seed}");
    assert_eq!(kept.stage(), way.case().stage());
    let judging = crate::judging(way.at);
    assert_eq!(kept.every_ruling(&judging), way.case().every_ruling(&judging), "seed {seed}");
    freezes
}

#[test]
fn no_random_way_reaches_a_freeze_before_consent_plan_and_time_out() {
    let freezes: Vec<usize> = (0..WAYS).map(play).collect();
    // Otherwise the test would show nothing.
    assert!(freezes.iter().filter(|count| **count > 0).count() >= 5, "{freezes:?}");
}

/// Enough that some dozens of freezes are reached, and short of two seconds.
const WAYS: u64 = 80;
