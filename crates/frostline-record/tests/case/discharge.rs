//! Going home.

use serde_json::{Value, json};

use crate::bodies::{self, but};
use crate::{Way, says, step};

fn home() -> frostline_record::case::Step {
    step("discharged", json!({ "with": "her son", "to": "home" }))
}

#[test]
fn nobody_goes_home_before_sign_out_look_and_instructions() {
    let refused = Way::ready_to_freeze("local-only").refuses(home());
    says(&refused, &["sign-out is not done", "nobody looked at the patient", "instructions were not given"]);
}

#[test]
fn after_sedation_both_scores_are_nine_or_more() {
    let way = Way::treated("moderate").looked_at().instructed();
    for (aldrete, padss, goes) in [(8, 10, false), (9, 9, true), (10, 8, false), (10, 10, true)] {
        let look = but(but(bodies::look(), "/aldrete", json!(aldrete)), "/padss", json!(padss));
        let way = way.clone().takes(step("recovered", look));
        match way.try_by(home(), crate::anna()) {
            Ok(_) => assert!(goes, "went home with {aldrete} and {padss}"),
            Err(refused) => {
                assert!(!goes, "{refused}");
                says(&refused, &["S-03", "at least 9"]);
            }
        }
    }
    let unscored = but(bodies::look(), "/padss", Value::Null);
    says(&way.takes(step("recovered", unscored)).refuses(home()), &["S-03", "both are needed"]);
}

#[test]
fn after_local_anaesthetic_only_all_six_points_are_met() {
    for place in ["/walks", "/pain_as_agreed", "/dry"] {
        let look = but(bodies::look(), place, json!("no"));
        let way = Way::treated("local-only").looked_at().instructed().takes(step("recovered", look));
        says(&way.refuses(home()), &["S-03", "5 of 6"]);
    }
    Way::ready_for_home("local-only").takes(home());
}

#[test]
fn sedation_is_not_forgotten_after_the_procedure() {
    let look = but(bodies::look(), "/aldrete", json!(8));
    let way = Way::treated("moderate").looked_at().instructed().takes(step("recovered", look)).calmed("local-only");
    says(&way.refuses(home()), &["S-03", "at least 9"]);
    let corrected = step("sedation-chosen", bodies::sedation("local-only"));
    let way = way.clone().takes(way.correction("sedation-chosen", Some(corrected)));
    says(&way.refuses(home()), &["S-03", "at least 9"]);
}

#[test]
fn nobody_goes_home_with_signs_of_toxicity_however_well_they_score() {
    let look = but(bodies::look(), "/no_toxic_signs", json!("no"));
    let way = Way::treated("moderate").looked_at().instructed().takes(step("recovered", look));
    says(&way.refuses(home()), &["L-05"]);
    says(&way.refuses(step("overridden", json!({ "rule": "L-05", "reason": "it passes" }))), &["by anyone"]);
}

#[test]
fn a_swelling_that_grows_keeps_the_patient() {
    let swollen = |mm: f64| step("recovered", but(bodies::look(), "/haematoma_mm", json!(mm)));
    let once = Way::treated("local-only").takes(swollen(0.0)).instructed();
    says(&once.refuses(home()), &["B-08", "once only"]);
    says(&once.clone().takes(swollen(0.5)).refuses(home()), &["B-08", "grows"]);
    once.takes(swollen(0.0)).takes(home());
}

#[test]
fn power_that_nobody_tested_is_not_strength() {
    let look = but(bodies::look(), "/power", json!([]));
    let alone = but(bodies::arrival(), "/escort", json!("no"));
    let way = Way::ready_to_clear("local-only").cleared().at("2026-03-24T08:00:00Z").takes(step("arrived", alone));
    let way = way
        .signed_in()
        .logs("equipment-checked", bodies::equipment())
        .timed_out()
        .logs("skin-prepared", json!({ "agent": "chlorhexidine", "dried": "yes" }))
        .probe_placed()
        .image("tip")
        .frozen()
        .logs("probe-out", json!({ "tip_c": 5, "moves_freely": "yes" }))
        .signed_out()
        .takes(step("recovered", look.clone()))
        .takes(step("recovered", look))
        .instructed();
    says(&way.refuses(home()), &["S-02", "N-08"]);
}

#[test]
fn instructions_are_said_back() {
    let not_understood = but(bodies::instructions(), "/spoken_back/understood", json!("no"));
    let way = Way::treated("local-only").looked_at().looked_at().takes(step("instructed", not_understood));
    says(&way.refuses(home()), &["not understood", "say them back"]);
}

#[test]
fn a_discharge_goes_somewhere() {
    says(&Way::ready_for_home("local-only").refuses(step("discharged", json!({ "to": " " }))), &["/to"]);
}

#[test]
fn who_got_a_sedative_is_scored_whatever_was_planned() {
    let look = but(bodies::look(), "/aldrete", json!(8));
    let drug = json!({ "drug": "midazolam", "mg": 1, "way": "into a vein" });
    let way = Way::ready_to_freeze("local-only")
        .logs("sedative-given", drug)
        .logs("observed", json!({ "oxygen_percent": 97 }));
    let out = json!({ "tip_c": 5, "moves_freely": "yes" });
    let way = way.frozen().logs("probe-out", out).signed_out().looked_at().instructed().takes(step("recovered", look));
    says(&way.refuses(home()), &["S-03", "at least 9"]);
}

#[test]
fn nobody_walks_home_alone_on_a_numb_leg() {
    let alone = but(bodies::arrival(), "/escort", json!("no"));
    let out = json!({ "tip_c": 5, "moves_freely": "yes" });
    let way = Way::ready_to_freeze("local-only");
    let way = way.clone().takes(way.correction("arrived", Some(step("arrived", alone))));
    let way = way.frozen().logs("probe-out", out).signed_out().looked_at().instructed();
    let numb = |answer: &str| way.clone().takes(step("recovered", but(bodies::look(), "/numb_leg", json!(answer))));
    says(&numb("yes").refuses(home()), &["S-02", "numb"]);
    says(&numb("not-asked").refuses(home()), &["S-02"]);
    numb("no").takes(home());
}

#[test]
fn work_and_sport_are_of_the_list_and_no_day_lies_behind() {
    let with = |activity: &str, from: Value| {
        let again = json!([{ "activity": activity, "from": from }]);
        step("instructed", but(bodies::instructions(), "/activities", again))
    };
    let way = Way::treated("local-only");
    says(&way.refuses(with("chess", Value::Null)), &["/activities", "'chess'", "desk-work"]);
    says(&way.refuses(with("dressing-off", Value::Null)), &["/activities", "'dressing-off'"]);
    says(&way.refuses(with("running", json!("2026-03-23"))), &["/activities", "2026-03-23", "before today"]);
    let off = step("instructed", but(bodies::instructions(), "/dressing_off", json!("2026-03-23")));
    says(&way.refuses(off), &["/dressing_off", "before today"]);
    way.clone().takes(with("running", json!("2026-03-24")));
    way.takes(with("desk-work", Value::Null));
}
