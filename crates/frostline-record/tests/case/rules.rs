//! Which rules a case asks.

use std::collections::BTreeSet;

use frostline_record::rules::RuleId;
use serde_json::json;

use crate::bodies::{self, but};
use crate::{Way, judging, patient, step};

fn asked(way: &Way) -> BTreeSet<RuleId> {
    let seen = way.case().steps().iter().flat_map(|step| step.seen.iter().map(|ruling| ruling.rule));
    let now = way.case().every_ruling(&judging(way.at));
    seen.chain(now.iter().map(|(_, ruled)| ruled.ruling.rule)).collect()
}

/// A sedated patient with a held drug, an event, answers and codes.
fn long_way() -> Way {
    let listed = json!({ "drug": "apixaban", "dose": "5 mg twice a day", "indication": "clot" });
    let decided = json!({ "drug": "apixaban", "decision": "hold", "decided_by": "signed-by-signer", "reason": "deep" });
    let way = patient()
        .referred()
        .with_goal()
        .indicated()
        .screened()
        .takes(step("labs-seen", json!({ "on": "2026-03-02", "creatinine_mg_per_dl": 0.8 })))
        .takes_drug(listed)
        .takes(step("drug-taken", json!({ "drug": "apixaban", "last_taken": "2026-03-02T08:00Z" })))
        .takes(step("drug-decided", decided));
    let way = way.blocked().imaged().examined().planned().approved().consented().calmed("moderate").booked().cleared();
    let way = way.at("2026-03-24T08:00:00Z").arrived().prepared().signed_in();
    let way = way.logs("equipment-checked", bodies::equipment()).timed_out();
    let way =
        way.logs("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" })).probe_placed().image("tip");
    let way = way.logs("anaesthetic-given", but(bodies::anaesthetic(3.0), "/at_nerve", json!("yes"))).frozen().frozen();
    let way = way.motor_tested(5).logs("probe-out", json!({ "tip_c": 5, "moves_freely": "yes" }));
    let way = way.image("before").image("ice").image("after").logs("dressed", json!("dry")).signed_out();
    let restarts = json!([{ "drug": "apixaban", "at": "2026-03-25T12:00Z" }]);
    let way = way.looked_at().looked_at().takes(step("instructed", but(bodies::instructions(), "/restarts", restarts)));
    let way = way.discharged().reported().takes(step("codes-confirmed", bodies::codes()));
    way.takes(step("event-reported", bodies::event("1"))).takes(step("answered", bodies::answers("day-1")))
}

#[test]
fn a_case_asks_every_rule_but_those_of_questionnaires_and_of_many_cases() {
    let asked = asked(&long_way());
    let never: Vec<&str> = RuleId::ALL.iter().filter(|rule| !asked.contains(rule)).map(|rule| rule.word()).collect();
    // O-03 compares licensed questionnaires, which the follow-up holds; O-07 and O-08 are about many cases.
    assert_eq!(never, ["O-03", "O-07", "O-08"]);
    assert_eq!(asked.len() + never.len(), 67);
}

#[test]
fn what_other_societies_say_is_told_for_deep_targets_only() {
    use frostline_record::rules::Verdict;
    let old = but(bodies::referral(), "/patient/born", json!("1940-05-14"));
    let bled = but(bodies::screening(), "/bled_before", json!("yes"));
    let listed = json!({ "drug": "apixaban", "dose": "5 mg twice a day", "indication": "clot" });
    let shallow = patient().takes(step("referred", old)).with_goal().indicated().takes(step("screened", bled)).imaged();
    let shallow = shallow.takes_drug(listed);
    let verdict = |way: &Way| {
        let all = way.case().every_ruling(&judging(way.at));
        let found = all.iter().find(|(_, ruled)| ruled.ruling.rule == RuleId::B07).map(|(_, r)| r.ruling.verdict);
        found.unwrap()
    };
    assert_eq!(verdict(&shallow), Verdict::Ok);
    let deep = shallow.takes(step("imaged", but(bodies::imaging(), "/depth_mm", json!(41))));
    assert_eq!(verdict(&deep), Verdict::Info);
}
