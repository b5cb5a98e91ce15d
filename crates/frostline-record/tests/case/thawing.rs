//! The thaw between freezes, and a probe that comes out of ice in spite of all.

use frostline_record::case::{Second, Step};
use frostline_record::rules::{RuleId, Verdict};
use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, line, says, step};

fn gas_on() -> Step {
    line("freeze-started", json!({}))
}

/// One freeze is over; the plan thaws for 60 s.
fn stopped() -> Way {
    Way::ready_to_freeze("local-only").takes(gas_on()).logs("freeze-stopped", bodies::freeze_stop())
}

fn after_stop(mut way: Way, seconds: i64) -> Way {
    let stop = way.case().freezes().last().unwrap().stop.unwrap().0;
    way.at = Second(stop.0 + seconds);
    way
}

#[test]
fn the_gas_is_not_opened_again_before_the_thaw_of_the_plan_is_over() {
    for (seconds, taken) in [(59, false), (60, true), (61, true)] {
        let way = after_stop(stopped(), seconds);
        assert_eq!(way.try_by(gas_on(), crate::anna()).is_ok(), taken, "{seconds} s");
    }
    says(&after_stop(stopped(), 20).refuses(gas_on()), &["N-12", "only 20 s", "60 s were planned"]);
}

#[test]
fn the_operator_may_shorten_one_thaw_with_a_reason_and_no_other_thaw_by_it() {
    let reason = step("overridden", json!({ "rule": "N-12", "reason": "the patient cannot lie still any longer" }));
    let nurse = crate::signer(frostline_record::rules::Role::Nurse, "Nils Holm");
    let way = after_stop(stopped(), 10);
    assert!(way.try_by(reason.clone(), nurse).is_err());
    let mut way = way.takes(reason.clone());
    way.at = Second(way.at.0 - 40);
    let way = way.takes(gas_on()).logs("freeze-stopped", bodies::freeze_stop());
    says(&after_stop(way, 30).refuses(gas_on()), &["N-12", "after freeze 2"]);
}

#[test]
fn where_the_probe_moved_no_thaw_is_waited_for() {
    let way = stopped();
    let mut way = way.logs("repositioned", json!({ "along_mm": 6, "reason": "next stretch" }));
    way.at = Second(way.at.0 - 59);
    let way = way.logs("stimulated", bodies::stimulation("motor", 1.5, "no"));
    let mut way = way.image("tip");
    way.at = way.case().latest().unwrap();
    way.takes(gas_on());
}

#[test]
fn a_thaw_that_a_correction_shortens_stops_the_report() {
    let way = Way::treated("local-only");
    let second = way.case().freezes()[1].start;
    let first_stop = way.case().freezes()[0].stop.unwrap().0;
    let number = way.case().log().find(|(line, _)| line.at == second).unwrap().0.number;
    let earlier = Second(first_stop.0 + 15).to_string();
    let instead = json!({ "kind": "logged", "body": { "happened_at": earlier, "freeze-started": {} } });
    let way =
        way.takes(step("corrected", json!({ "step": number, "why": "clock of the console", "instead": instead })));
    says(&way.refuses(step("report-signed", json!({ "words": "frozen" }))), &["N-12", "only 15 s"]);
}

fn torn(tip_c: Value) -> Step {
    line(
        "probe-torn-out",
        json!({ "tip_c": tip_c, "words": "the patient jerked", "bled": "yes", "probe_whole": "yes" }),
    )
}

#[test]
fn a_probe_that_was_torn_out_is_written_down_and_the_rule_says_stop() {
    let running = Way::ready_to_freeze("local-only").takes(gas_on());
    says(&running.refuses(line("probe-out", json!({ "tip_c": -60, "moves_freely": "no" }))), &["a freeze is running"]);
    let way = running.takes(torn(json!(-60)));
    assert_eq!(way.seen_verdict(RuleId::N05), Some(Verdict::Stop));
    // The gas is still on, and no probe is in any more.
    says(&way.refuses(gas_on()), &["no probe is in", "a freeze is running"]);
    let way = way.logs("freeze-stopped", bodies::freeze_stop());
    says(&way.refuses(torn(json!(-60))), &["no probe is in"]);
    way.takes(step("signed-out", bodies::sign_out()));
}

#[test]
fn the_report_of_a_torn_probe_waits_for_an_event_of_that_step_and_for_the_operators_word() {
    let way = stopped().takes(torn(json!(-30)));
    let number = way.number_of("logged");
    let way =
        ["before", "ice", "after"].into_iter().fold(way, Way::image).motor_tested(5).logs("dressed", json!("gauze"));
    let way = way.signed_out().looked_at().looked_at().instructed().discharged();
    let report = || step("report-signed", json!({ "words": "one freeze; the probe was torn out" }));
    says(&way.refuses(report()), &["N-05 (stop)", "report it as an event"]);
    let reason = step("overridden", json!({ "rule": "N-05", "reason": "the patient jerked" }));
    says(&way.refuses(reason.clone()), &["by anyone"]);
    let elsewhere = way.clone().takes(step("event-reported", bodies::event("1")));
    says(&elsewhere.refuses(report()), &["N-05 (stop)"]);
    let way = way.takes(step("event-reported", but(bodies::event("1"), "/step", json!(number))));
    says(&way.refuses(report()), &["N-05 (warn)", "an event tells of it"]);
    way.takes(reason).takes(report());
}

#[test]
fn a_probe_that_froze_nothing_is_pulled_and_not_torn() {
    says(&Way::ready_to_freeze("local-only").refuses(torn(json!(20))), &["nothing was frozen"]);
}
