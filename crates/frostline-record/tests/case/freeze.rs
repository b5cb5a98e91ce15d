//! At the nerve: what stands before the gas is opened, and before the probe comes out.

use frostline_record::rules::RuleId;
use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, line, says, step};

fn gas_on() -> frostline_record::case::Step {
    line("freeze-started", json!({}))
}

fn ready() -> Way {
    Way::ready_to_freeze("local-only")
}

#[test]
fn with_everything_done_the_gas_may_be_opened() {
    let way = ready().takes(gas_on());
    assert!(way.seen().iter().any(|ruling| ruling.rule == RuleId::N01));
}

#[test]
fn the_needle_waits_for_clean_skin() {
    says(&Way::in_the_room("local-only").refuses(line("needle-placed", json!({}))), &["skin"]);
}

#[test]
fn an_image_of_the_tip_is_wanted_where_the_tip_is_now() {
    let skin = json!({ "agent": "chlorhexidine", "dried": "yes" });
    let way = Way::in_the_room("local-only").logs("skin-prepared", skin).image("tip").probe_placed();
    says(&way.refuses(gas_on()), &["image of the tip", "store one"]);
    let moved = ready().logs("repositioned", json!({ "along_mm": 4, "reason": "ice beside the nerve" }));
    let moved = moved.logs("stimulated", bodies::stimulation("motor", 1.5, "no"));
    says(&moved.refuses(gas_on()), &["image of the tip"]);
    moved.image("tip").takes(gas_on());
}

#[test]
fn the_probe_in_the_room_is_the_probe_of_the_plan() {
    let other = but(bodies::equipment(), "/probe", json!("argon-17g"));
    let way = ready().logs("equipment-checked", other);
    says(&way.refuses(gas_on()), &["argon-17g", "n2o-1.3", "plan"]);
}

#[test]
fn a_probe_out_of_date_or_untested_freezes_nobody() {
    for (place, wrong) in
        [("/leak_tested", json!("no")), ("/probe_until", json!("2026-03-23")), ("/gas_until", Value::Null)]
    {
        let way = ready().logs("equipment-checked", but(bodies::equipment(), place, wrong));
        says(&way.refuses(gas_on()), &["N-06", "stop"]);
    }
    ready().logs("equipment-checked", but(bodies::equipment(), "/probe_until", json!("2026-03-24"))).takes(gas_on());
}

#[test]
fn a_muscle_that_moves_stops_the_freeze_until_the_probe_moves() {
    let motor = |volts: f64, answered: &str| bodies::stimulation("motor", volts, answered);
    for (volts, refused) in [(1.4, true), (1.5, true), (1.6, false)] {
        let way = ready().logs("stimulated", motor(volts, "yes"));
        assert_eq!(way.try_by(gas_on(), crate::anna()).is_err(), refused, "{volts} V");
    }
    let asked_again = ready().logs("stimulated", motor(0.5, "yes")).logs("stimulated", motor(1.5, "no"));
    says(&asked_again.refuses(gas_on()), &["N-03", "move the probe"]);
    let reason = json!({ "rule": "N-03", "reason": "it was the muscle under the skin" });
    says(&asked_again.refuses(step("overridden", reason)), &["by anyone"]);
    let moved = asked_again.logs("repositioned", json!({ "reason": "twitch" })).logs("stimulated", motor(1.5, "no"));
    moved.image("tip").takes(gas_on());
}

#[test]
fn one_freeze_at_a_time_and_a_thaw_only_after_one() {
    let way = ready().takes(gas_on());
    says(&way.refuses(gas_on()), &["a freeze is running", "close the gas"]);
    says(&way.refuses(line("probe-out", json!({ "moves_freely": "yes" }))), &["a freeze is running"]);
    says(&way.refuses(step("signed-out", bodies::sign_out())), &["a freeze is running"]);
    says(&ready().refuses(line("freeze-stopped", bodies::freeze_stop())), &["no freeze is running"]);
    says(&ready().refuses(line("thawed", bodies::thaw())), &["nothing was frozen"]);
}

#[test]
fn new_weakness_stops_every_further_freeze() {
    let way = ready().frozen().motor_tested(4);
    says(&way.refuses(gas_on()), &["N-08", "peroneus longus from 5 to 4"]);
    let reason = json!({ "rule": "N-08", "reason": "anaesthetic has spread; it comes back" });
    let once = way.takes(step("overridden", reason)).frozen();
    // The next freeze is asked about the same weakness; the decision stands while it is the same one.
    let weaker = once.clone().frozen().motor_tested(3);
    says(&weaker.refuses(gas_on()), &["N-08", "from 5 to 3"]);
}

#[test]
fn an_examination_after_the_freeze_does_not_move_the_baseline() {
    let way = ready().frozen().motor_tested(4);
    let later = json!({ "feeling": "numb", "power": bodies::power(4) });
    says(&way.takes(step("examined", later)).refuses(gas_on()), &["N-08", "from 5 to 4"]);
}

#[test]
fn the_probe_comes_out_thawed_or_free() {
    let out = |tip: Value, free: &str| line("probe-out", json!({ "tip_c": tip, "moves_freely": free }));
    let way = ready().frozen();
    for (tip, free, taken) in
        [(json!(-0.1), "no", false), (json!(0.0), "no", false), (json!(0.1), "no", true), (json!(-5), "yes", true)]
    {
        assert_eq!(way.try_by(out(tip.clone(), free), crate::anna()).is_ok(), taken, "{tip} C, free: {free}");
    }
    says(&way.refuses(out(json!(-5), "no")), &["N-05", "wait"]);
}

#[test]
fn after_the_sign_out_nothing_is_frozen() {
    let way = Way::treated("local-only");
    says(&way.refuses(line("needle-placed", json!({}))), &["sign-out is done"]);
    says(&way.refuses(gas_on()), &["sign-out is done"]);
}

#[test]
fn the_sign_out_waits_for_the_probe() {
    says(&ready().frozen().refuses(step("signed-out", bodies::sign_out())), &["the probe is not out"]);
}

#[test]
fn no_report_without_tip_temperatures_and_the_decision_may_be_made_by_a_person() {
    let way = Way::treated("local-only");
    let number = way
        .case()
        .steps()
        .iter()
        .position(|step| serde_json::to_string(&step.step).unwrap().contains("freeze-stopped"));
    let number = number.unwrap() + 1;
    let bare = line("freeze-stopped", json!({ "ice_length_mm": 11, "skin_c": 14, "skin_thermometer": "yes" }));
    let bare = serde_json::to_value(bare).unwrap();
    let way = way.takes(step("corrected", json!({ "step": number, "why": "not read", "instead": bare })));
    says(&way.refuses(step("report-signed", json!({ "words": "frozen" }))), &["N-04", "lack"]);
    way.takes(step("overridden", json!({ "rule": "N-04", "reason": "the display was dark" }))).reported();
}

#[test]
fn a_freeze_of_seconds_is_one_and_the_order_within_a_minute_is_seen() {
    use frostline_record::rules::Verdict;
    let seconds = |way: Way, at: &str, kind: &str, body: Value| way.at(at).logs(kind, body);
    let way = Way::in_the_room("local-only").logs("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" }));
    let way = way.logs("needle-placed", json!({}));
    let way = seconds(way, "2026-03-24T08:10:05Z", "stimulated", bodies::stimulation("motor", 1.5, "no"));
    let at_nerve = but(bodies::anaesthetic(1.0), "/at_nerve", json!("yes"));
    let way = seconds(way, "2026-03-24T08:10:40Z", "anaesthetic-given", at_nerve).image("tip");
    let way = seconds(way, "2026-03-24T08:12:05Z", "freeze-started", json!({}));
    assert_eq!(way.seen_verdict(RuleId::N02), Some(Verdict::Ok));
    let way = seconds(way, "2026-03-24T08:12:35Z", "freeze-stopped", bodies::freeze_stop());
    let record = way.case().rulings(frostline_record::case::Phase::Record, &crate::judging(way.at));
    let cycles = record.iter().find(|ruled| ruled.ruling.rule == RuleId::N04).unwrap();
    assert_eq!(cycles.ruling.verdict, Verdict::Info, "{}", cycles.ruling.text);
}
