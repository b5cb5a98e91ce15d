//! Every kind of step, written and read again.

use std::collections::BTreeSet;

use frostline_record::case::{Step, StepKind};
use serde_json::{Value, json};

use crate::{bodies, step};

/// A step of each kind. A kind that is not here fails the test below.
fn listed() -> Vec<(&'static str, Value)> {
    vec![
        ("referred", bodies::referral()),
        ("goal-said", json!({ "words": "walk", "pain": 3.0, "activity": "the market" })),
        ("indicated", bodies::indication()),
        ("blocked", bodies::block()),
        ("not-blocked", json!({ "reason": "declined", "words": "afraid of needles" })),
        ("screened", bodies::screening()),
        ("labs-seen", bodies::labs()),
        ("drug-listed", json!({ "drug": "apixaban", "dose": "5 mg", "indication": "clot", "prescriber": "Dr. Lang" })),
        ("drug-decided", bodies::told("hold")),
        ("drug-countersigned", json!({ "drug": "apixaban", "decision": 4 })),
        ("drug-taken", json!({ "drug": "apixaban", "last_taken": "2026-03-05T06:00Z" })),
        ("sedation-chosen", bodies::sedation("deep")),
        (
            "payer-chosen",
            json!({ "profile": "cgs-medicare", "words": "Medicare", "authorisation": "A-1", "asks": { "lines": 2, "weeks": 6.0 } }),
        ),
        ("imaged", bodies::imaging()),
        ("examined", bodies::exam()),
        ("planned", bodies::plan()),
        ("plan-approved", json!({ "fingerprint": "plan-1", "reason": "why", "digest": "abc" })),
        ("consented", bodies::consent()),
        ("consent-withdrawn", json!("I have changed my mind")),
        ("booked", bodies::booking()),
        ("cancelled", json!({ "code": "Z53.09", "reason": "fever" })),
        ("cleared", json!({ "remarks": "latex" })),
        ("arrived", bodies::arrival()),
        ("prepared", bodies::preparation()),
        ("signed-in", bodies::sign_in()),
        ("timed-out", bodies::time_out()),
        ("logged", json!({ "note": "gas looked at" })),
        ("signed-out", bodies::sign_out()),
        ("recovered", bodies::look()),
        ("instructed", bodies::instructions()),
        ("discharged", json!({ "with": "her son", "to": "home" })),
        ("report-signed", json!({ "words": "frozen twice" })),
        ("event-reported", bodies::event("1")),
        ("event-settled", bodies::settled("1", "resolved-with-sequelae")),
        ("answered", bodies::answers("day-7")),
        ("contact-tried", json!({ "time": "day-7", "how": "phone", "reached": "no" })),
        ("codes-confirmed", bodies::codes()),
        ("overridden", json!({ "rule": "E-02", "about": "apixaban", "reason": "attacks" })),
        ("corrected", json!({ "step": 2, "why": "wrong", "instead": { "kind": "noted", "body": "right" } })),
        ("noted", json!("phoned")),
        ("closed", json!({ "reason": "answered", "lost_to_follow_up": "no" })),
    ]
}

fn logged() -> Vec<Value> {
    vec![
        json!({ "positioned": { "lies": "prone", "padding": "knees" } }),
        json!({ "equipment-checked": bodies::equipment() }),
        json!({ "skin-prepared": { "agent": "chlorhexidine", "dried": "yes" } }),
        json!({ "anaesthetic-given": bodies::anaesthetic(3.0) }),
        json!({ "needle-placed": { "depth_mm": 6.0, "off_plan_mm": 1.5, "words": "from the side" } }),
        json!({ "stimulated": bodies::stimulation("motor", 1.5, "no") }),
        json!({ "fluid-given": { "fluid": "saline", "ml": 5.0, "protects": "skin", "gap_before_mm": 3.0, "gap_after_mm": 9.0 } }),
        json!({ "freeze-started": { "pressure_bar": 48.0 } }),
        json!({ "freeze-stopped": bodies::freeze_stop() }),
        json!({ "thawed": bodies::thaw() }),
        json!({ "motor-tested": { "power": bodies::power(5) } }),
        json!({ "repositioned": { "along_mm": 4.0, "reason": "ice beside the nerve" } }),
        json!({ "comfort-said": { "discomfort": 3.0, "cold": 5.0, "words": "a dull ache" } }),
        json!({ "probe-out": { "tip_c": 5.0, "moves_freely": "yes", "pressed_minutes": 3.0 } }),
        json!({ "image-stored": { "kind": "ice", "attachment": "abc" } }),
        json!({ "dressed": "dry" }),
        json!({ "probe-torn-out": { "tip_c": -30.0, "words": "jerked", "bled": "yes", "probe_whole": "yes" } }),
        json!({ "team-changed": { "came": [{ "role": "nurse", "name": "Nils Holm" }], "left": [], "dedicated_person": "yes", "capnography": "yes", "anaesthesiologist": "no" } }),
        json!({ "sedative-given": { "drug": "midazolam", "mg": 1.0, "way": "into a vein" } }),
        json!({ "observed": { "systolic_mmhg": 120.0, "diastolic_mmhg": 80.0, "pulse_per_min": 64.0, "breaths_per_min": 14.0,
                "oxygen_percent": 97.0, "carbon_dioxide_mmhg": 38.0 } }),
        json!({ "note": "gas looked at" }),
    ]
}

fn comes_back(written: Step) {
    let text = serde_json::to_string(&written).unwrap();
    let read: Step = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(read, written);
}

#[test]
fn every_kind_of_step_is_written_and_read_as_it_was() {
    let mut kinds = BTreeSet::new();
    for (word, body) in listed() {
        let written = step(word, body);
        assert_eq!(written.kind().word(), word);
        kinds.insert(written.kind());
        comes_back(written);
    }
    let absent: Vec<&str> = StepKind::ALL.iter().filter(|kind| !kinds.contains(kind)).map(|kind| kind.word()).collect();
    assert!(absent.is_empty(), "no example of: {absent:?}");
}

#[test]
fn every_line_of_the_log_is_written_and_read_as_it_was() {
    for body in logged() {
        comes_back(step("logged", body));
    }
}

#[test]
fn a_kind_is_called_the_same_in_steps_and_in_lists() {
    for kind in StepKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), json!(kind.word()));
    }
}

#[test]
fn an_unknown_field_is_never_swallowed() {
    for (word, body) in listed().into_iter().filter(|(_, body)| body.is_object()) {
        let mut strange = body;
        strange["horoscope"] = json!("good");
        let read = serde_json::from_value::<Step>(json!({ "kind": word, "body": strange }));
        assert!(read.is_err(), "{word} took an unknown field");
    }
}

/// Fields that came later, each with a value: a body that has them is read and written like any other.
fn later_fields() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "indicated",
            "/failed/0",
            json!({ "line": "drugs", "name": "gabapentin", "weeks": 12.0, "dose": "1800 mg", "started": "2025-07-01", "stopped": "2025-09-30" }),
        ),
        ("blocked", "/guided_by", json!("ultrasound")),
        ("screened", "/takes_blood_thinners", json!("no")),
        ("screened", "/weak_immunity", json!("no")),
        ("labs-seen", "/haemoglobin_g_per_dl", json!(13.5)),
        ("labs-seen", "/aptt_s", json!(30.0)),
        ("labs-seen", "/anti_xa_iu_per_ml", json!(0.1)),
        ("imaged", "/vessel", json!("small saphenous vein")),
        ("imaged", "/vessel_mm", json!(5.5)),
        ("imaged", "/motor_nerve", json!("tib_ankle")),
        ("imaged", "/motor_nerve_mm", json!(20.0)),
        ("arrived", "/glucose_mg_per_dl", json!(110.0)),
        ("signed-out", "/blood_loss_ml", json!(2)),
        ("signed-out", "/fluoroscopy_s", json!(40)),
        ("signed-out", "/dose_area_mgy_cm2", json!(150)),
        ("recovered", "/numb_leg", json!("no")),
        ("recovered", "/observed", json!({ "oxygen_percent": 97.0 })),
        ("event-reported", "/began", json!("2026-03-28T07:00Z")),
        ("event-reported", "/due", json!("2026-04-04")),
        ("logged", "/positioned", json!({ "lies": "prone", "padding": "knees", "warm_packs": "calf" })),
        ("logged", "/skin-prepared", json!({ "agent": "iodine", "dried": "yes", "drape": "sterile" })),
        ("logged", "/needle-placed", json!({ "introducer": "14 G", "entry": "lateral", "angle_deg": 30.0 })),
    ]
}

#[test]
fn what_came_later_is_kept_and_may_be_absent() {
    for (kind, place, value) in later_fields() {
        let usual = listed().into_iter().find(|(word, _)| *word == kind).map(|(_, body)| body).unwrap();
        let usual = if kind == "logged" { json!({}) } else { usual };
        let body = if place.ends_with("/0") {
            bodies::but(usual, "/failed", json!([value]))
        } else {
            bodies::but(usual, place, value.clone())
        };
        let kept = serde_json::to_value(step(kind, body)).unwrap();
        let found = kept["body"].pointer(place).unwrap_or_else(|| panic!("{kind} lost {place}"));
        for (key, value) in value.as_object().into_iter().flatten() {
            assert_eq!(&found[key], value, "{kind} {place} {key}");
        }
        assert!(found.is_object() || *found == value, "{kind} {place}");
        comes_back(serde_json::from_value(kept).unwrap());
    }
}

/// Steps as they were kept before these fields were there: what was never asked reads as not asked.
#[test]
fn a_step_that_was_kept_before_newer_fields_is_still_read() {
    let Step::Consented(consent) = step("consented", bodies::consent()) else { panic!("a consent") };
    assert!(consent.reasons.is_empty());
    let sedation =
        json!({ "level": "deep", "dedicated_person": "yes", "capnography": "yes", "anaesthesiologist": "yes" });
    let Step::SedationChosen(sedation) = step("sedation-chosen", sedation) else { panic!("a level") };
    assert_eq!(sedation.explained_by, None);
    let Step::Imaged(imaging) = step("imaged", bodies::imaging()) else { panic!("images") };
    assert_eq!((imaging.other_leg_area_mm2, imaging.compressed.word()), (None, "not asked"));
    let Step::Instructed(told) = step("instructed", bodies::instructions()) else { panic!("instructions") };
    assert_eq!((told.activities.len(), told.dressing_off), (0, None));
}
