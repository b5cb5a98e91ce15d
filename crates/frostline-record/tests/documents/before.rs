//! What was asked, measured and found before the procedure is where a clinician looks for it.

use frostline_record::case::Case;
use frostline_record::documents::*;
use serde_json::{Value, json};

use crate::every_line::leaves;
use crate::fixture::{book, text_of};
use crate::way::{World, and, around, changed, played};

fn reports(case: &Case) -> [String; 2] {
    let world = World::new();
    let judging = world.at("2026-03-25T00:00:00Z".parse().unwrap());
    let visit = visit_of(case, &around());
    let done = procedure_of(case, &judging, &around());
    let planned = plan_of(case, &judging, &around());
    [
        text_of(&procedure_report(&book(), Language::English, &visit, &done).unwrap()),
        text_of(&plan_report(&book(), Language::English, &visit, &planned).unwrap()),
    ]
}

#[test]
fn every_value_of_the_laboratory_of_the_screening_and_of_the_examination_is_in_both_reports() {
    let world = World::new();
    let (case, _) = played(&world, "2026-03-25T00:00:00Z");
    let labs = json!({ "on": "2026-03-07", "inr": 7201.5, "platelets_giga_per_l": 7202.5, "creatinine_mg_per_dl": 7203.5,
        "fibrinogen_mg_per_dl": 7204.5, "glucose_mg_per_dl": 7205.5, "haemoglobin_g_per_dl": 7206.5, "aptt_s": 7207.5,
        "anti_xa_iu_per_ml": 7208.5 });
    let case = changed(&case, "labs-seen", |body| *body = labs.clone());
    let case = changed(&case, "indicated", |body| {
        body["dn4"] = json!(173);
        body["findings"] = json!("FindingsMark");
        body["hurts"] = json!(["HurtsMark"]);
        body["average_pain"] = json!(6.37);
        body["worst_pain"] = json!(8.37);
    });
    let case = changed(&case, "screened", |body| {
        body["hba1c_percent"] = json!(7210.5);
        body["weight_kg"] = json!(7211.5);
        body["height_cm"] = json!(7212.5);
        body["weak_immunity"] = json!("yes");
        body["diabetes"] = json!("yes");
        body["allergies"] = json!(["AllergyMark"]);
        body["previous"] = json!({ "frozen": { "on": "2024-05-06" }, "surgery": "no" });
    });
    let case = changed(&case, "examined", |body| {
        body["feeling"] = json!("FeelingMark");
        body["pulses"] = json!("no");
    });
    let case = changed(&case, "arrived", |body| {
        body["glucose_mg_per_dl"] = json!(7213.5);
        body["known_by"] = json!(["KnownMark"]);
    });
    let expected = leaves(&labs).into_iter().chain(
        [
            "173",
            "FindingsMark",
            "HurtsMark",
            "6.37",
            "8.37",
            "7210.5",
            "7211.5",
            "7212.5",
            "AllergyMark",
            "2024-05-06",
            "FeelingMark",
            "7213.5",
            "KnownMark",
        ]
        .map(str::to_owned),
    );
    let reports = reports(&case);
    for leaf in expected {
        for report in &reports {
            assert!(report.contains(&leaf), "{leaf} is not in: {report}");
        }
    }
    for words in [
        "Weak defence against infection | yes",
        "Diabetes | yes",
        "Pulses of the foot felt | no",
        "Blood sugar on the day | 7213.5 mg/dL",
        "aPTT | 7207.5 s (2026-03-07)",
    ] {
        assert!(reports.iter().all(|report| report.contains(words)), "{words} is not in: {}", reports[0]);
    }
    let judging = world.at("2026-03-25T00:00:00Z".parse().unwrap());
    let sent = letter_of(&case, &judging, &around());
    let sent = text_of(&letter(&book(), Language::English, &visit_of(&case, &around()), &sent).unwrap());
    assert!(sent.contains("FindingsMark") && sent.contains("DN4, 173 points"), "{sent}");
}

#[test]
fn what_nobody_measured_of_a_diabetic_is_said_to_be_not_known() {
    let world = World::new();
    let (case, _) = played(&world, "2026-03-25T00:00:00Z");
    let diabetic = changed(&case, "screened", |body| body["diabetes"] = json!("yes"));
    assert!(reports(&diabetic)[0].contains("Blood sugar on the day | not known"));
    assert!(!reports(&case)[0].contains("Blood sugar on the day"), "nobody asks for it without diabetes");
    let unasked = changed(&case, "indicated", |body| {
        body.as_object_mut().unwrap().remove("dn4");
    });
    assert!(reports(&unasked)[1].contains("Screen for nerve pain (DN4) | not known"));
}

#[test]
fn of_each_value_the_one_whose_blood_was_taken_last_is_shown_whenever_it_was_signed() {
    let world = World::new();
    let (case, _) = played(&world, "2026-03-25T00:00:00Z");
    let seen = |on: &str, inr: f64| -> Value { json!({ "kind": "labs-seen", "body": { "on": on, "inr": inr } }) };
    let case = and(case, "2026-03-25T08:00:00Z", seen("2026-03-20", 3.57));
    let case = and(case, "2026-03-25T08:01:00Z", seen("2026-03-19", 1.13));
    let report = &reports(&case)[0];
    assert!(report.contains("INR | 3.57 (2026-03-20)") && !report.contains("1.13"), "{report}");
    // Of another value the older day is still the newest.
    assert!(report.contains("Platelets | 210 10⁹ per L (2026-03-06)"), "{report}");
}

#[test]
fn drugs_with_their_decision_what_was_eaten_and_who_watches_are_there_too() {
    let world = World::new();
    let (case, _) = played(&world, "2026-03-25T00:00:00Z");
    let report = &reports(&case)[0];
    for words in [
        "apixaban, 5 mg twice a day | for: clot in a vein in 2023; prescribed by: Dr. Ivo Lang; goes on, decided by Dr. Ivo Lang, \
         signed for by Anna Berg; last taken: Thursday, March 5, 2026, at 7:00\u{a0}am",
        "Last clear fluid | Tuesday, March 24, 2026, at 7:30\u{a0}am",
        "Last fat meal | none since long before",
        "Sedation, as chosen | local anaesthetic only; a person only watches: no; capnography: no; anaesthesiologist: no",
    ] {
        assert!(report.contains(words), "{words} is not in: {report}");
    }
}

#[test]
fn an_event_that_goes_on_is_not_told_like_one_that_is_over() {
    let world = World::new();
    let (case, judging) = played(&world, "2026-04-05T00:00:00Z");
    let outcome = |case: &Case| procedure_of(case, &judging, &around()).events.unwrap()[0].outcome.clone();
    assert_eq!(outcome(&case).as_deref(), Some("resolved: gone"));
    let going_on = changed(&case, "event-settled", |body| body["outcome"] = json!("ongoing"));
    assert_eq!(outcome(&going_on).as_deref(), Some("ongoing: gone"));
}
