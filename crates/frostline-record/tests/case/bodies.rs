//! What a made-up patient's steps say when everything is as it should be.

use serde_json::{Value, json};

/// A body with one place changed.
pub fn but(mut body: Value, place: &str, value: Value) -> Value {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let parent = if parent.is_empty() { &mut body } else { body.pointer_mut(parent).unwrap() };
    parent[key] = value;
    body
}

pub fn referral() -> Value {
    json!({
        "patient": { "family_name": "Vidal", "given_names": "Rosa", "born": "1961-05-14", "female": "yes", "language": "en" },
        "referrer": { "name": "Dr. Ivo Lang" },
        "site": { "nerve": "sural", "side": "left" },
        "problem": "burning pain of the outer foot"
    })
}

pub fn indication() -> Value {
    json!({
        "cause": { "neuropathy": "after an operation of the ankle" },
        "pain_began": "2025-06-20", "average_pain": 7, "worst_pain": 9,
        "diagnoses": [{ "code": "G57.82", "text": "mononeuropathy of the left leg", "side": "left" }],
        "failed": [
            { "line": "drugs", "name": "gabapentin", "weeks": 12 },
            { "line": "physical", "name": "desensitisation", "weeks": 16 }
        ],
        "hurts": ["left-outer-foot"]
    })
}

const CONTRAINDICATIONS: [&str; 21] = [
    "cryoglobulinaemia",
    "cold-haemoglobinuria",
    "cold-agglutinins",
    "cold-urticaria",
    "raynaud",
    "vasospasm",
    "sickle-cell",
    "phaeochromocytoma",
    "cold-injury",
    "infection",
    "amide-allergy",
    "pregnancy",
    "coagulopathy",
    "earlier-neurectomy",
    "hba1c",
    "bmi",
    "cannot-report",
    "arterial-disease",
    "pacemaker",
    "metal",
    "other-source",
];

pub fn screening() -> Value {
    let answers: serde_json::Map<String, Value> =
        CONTRAINDICATIONS.iter().map(|key| ((*key).to_owned(), json!("no"))).collect();
    json!({
        "contraindications": answers, "pregnancy": "not-possible", "diabetes": "no", "weight_kg": 70, "height_cm": 165,
        "frail": "no", "liver_disease": "no", "bled_before": "no", "glp1_drug": "no", "gastroparesis": "no",
        "recent_stent": "no", "recent_clot": "no", "recent_stroke": "no", "mechanical_valve": "no", "fibrillation": "no",
        "takes_blood_thinners": "no", "allergies": [], "previous": { "frozen": "never", "surgery": "no" }
    })
}

pub fn labs() -> Value {
    json!({ "on": "2026-03-06", "inr": 1.0, "platelets_giga_per_l": 210, "creatinine_mg_per_dl": 0.8 })
}

pub fn block() -> Value {
    json!({
        "nerve": "sural", "side": "left", "on": "2026-02-27", "drug": "lidocaine 1 %", "before": 7, "after": 1,
        "relief_hours": 5, "numbed": ["left-outer-foot"]
    })
}

pub fn imaging() -> Value {
    json!({
        "nerve": "sural", "side": "left", "modality": "ultrasound", "depth_mm": 6, "area_mm2": 2.5, "compressible": "yes",
        "traced": "yes", "images": [{ "shows": "sural nerve" }]
    })
}

pub fn power(grade: u8) -> Value {
    json!([{ "muscle": "peroneus longus", "mrc": grade }])
}

pub fn exam() -> Value {
    json!({ "feeling": "less touch on the outer foot", "power": power(5), "pulses": "yes" })
}

pub fn plan() -> Value {
    json!({
        "fingerprint": "plan-1", "assessment": "assessment-1", "nerve": "sural", "side": "left", "probe": "n2o-1.3",
        "probe_gauge": 18, "probe_length_mm": 90, "cycles": 2, "freeze_s": 120, "thaw_s": 60,
        "guidance": "ultrasound", "motor": [{ "nerve": "tib_ankle", "margin_mm": 14 }], "verdict": "ok",
        "attachments": []
    })
}

pub fn consent() -> Value {
    json!({
        "nerve": "sural", "side": "left", "language": "en", "explained_by": "Anna Berg",
        "risks": ["soreness", "bruise", "nerve-injury", "wrong-nerve-weakness", "skin", "infection", "allergy", "no-relief"],
        "benefits": ["series-relief", "sham-no-difference", "temporary"],
        "alternatives": ["nothing", "drugs", "physical-therapy", "radiofrequency", "surgery"],
        "questions": [], "spoken_back": { "words": "the nerve sleeps for a while", "understood": "yes" },
        "signed_by": "Rosa Vidal"
    })
}

pub fn sedation(level: &str) -> Value {
    json!({ "level": level, "dedicated_person": "yes", "capnography": "yes", "anaesthesiologist": "yes",
        "explained_by": "Ben Adler" })
}

/// What a prescriber outside decided about apixaban.
pub fn told(word: &str) -> Value {
    let told = json!({ "name": "Dr. Ivo Lang", "how": "telephone", "when": "2026-03-02T08:30Z" });
    json!({ "drug": "apixaban", "decision": word, "decided_by": { "told-by": told }, "reason": "low bleeding risk" })
}

pub fn booking() -> Value {
    json!({
        "start": "2026-03-24T09:00Z", "minutes": 60, "room": "Procedure room 2",
        "team": [{ "role": "operator", "name": "Anna Berg" }, { "role": "nurse", "name": "Nils Holm" }]
    })
}

pub fn arrival() -> Value {
    json!({ "known_by": ["name", "day of birth"], "pregnancy": "not-possible", "escort": "yes", "unwell": "no" })
}

pub fn preparation() -> Value {
    json!({
        "clear_fluid": { "at": "2026-03-24T05:00Z" }, "light_meal": { "at": "2026-03-23T19:00Z" }, "fat_meal": "none",
        "escort": "yes"
    })
}

fn all_yes(keys: &[&str]) -> Value {
    keys.iter().map(|key| ((*key).to_owned(), json!("yes"))).collect::<serde_json::Map<_, _>>().into()
}

pub fn sign_in() -> Value {
    let keys = [
        "identity",
        "side-marked",
        "consent",
        "allergies",
        "blood-thinners",
        "fasting",
        "glucose",
        "pregnancy",
        "implants",
        "cold",
        "equipment",
        "escort",
    ];
    json!({ "answers": all_yes(&keys) })
}

pub fn time_out() -> Value {
    let keys = [
        "team",
        "patient-side-nerve",
        "block-result",
        "path-shown",
        "nearest-motor",
        "anaesthetic-maximum",
        "cycles",
        "stop-word",
        "emergency",
    ];
    json!({ "nerve": "sural", "side": "left", "answers": all_yes(&keys) })
}

pub fn sign_out() -> Value {
    let keys = ["counts", "cycles-recorded", "images", "power", "complications", "instructions", "follow-up"];
    json!({ "answers": all_yes(&keys) })
}

pub fn equipment() -> Value {
    json!({
        "probe": "n2o-1.3", "lot": "L-2291", "probe_until": "2027-01-31", "leak_tested": "yes",
        "gas": "nitrous oxide", "gas_until": "2027-06-30", "pressure_bar": 50
    })
}

pub fn anaesthetic(volume_ml: f64) -> Value {
    json!({
        "drug": "lidocaine", "volume_ml": volume_ml, "concentration_percent": 1, "epinephrine": "no", "at_nerve": "no"
    })
}

pub fn stimulation(kind: &str, volts: f64, answered: &str) -> Value {
    json!({ "kind": kind, "hz": if kind == "motor" { 2 } else { 50 }, "volts": volts, "answered": answered })
}

pub fn freeze_stop() -> Value {
    json!({
        "tip_c": -68, "ice_length_mm": 11, "ice_width_mm": 7, "skin_c": 14, "skin_thermometer": "yes",
        "skin_warmed": "no"
    })
}

pub fn thaw() -> Value {
    json!({ "seconds": 60, "tip_c": 4, "active": "no" })
}

pub fn look() -> Value {
    json!({
        "pain": 1, "aldrete": 10, "padss": 10, "walks": "yes", "pain_as_agreed": "yes", "dry": "yes",
        "no_toxic_signs": "yes", "power": power(5), "haematoma_mm": 0
    })
}

pub fn instructions() -> Value {
    json!({
        "language": "en",
        "topics": ["dressing", "soreness", "numb-skin", "activity", "pain-flare", "warning-signs", "next-dates"],
        "restarts": [], "spoken_back": { "words": "keep it dry and look at it each day", "understood": "yes" },
        "contact": "+1 555 0123"
    })
}

pub fn codes() -> Value {
    json!({
        "procedure_code": "0441T", "units": 1, "modifiers": ["LT"], "diagnoses": ["G57.82"],
        "payer": "cgs-medicare", "release": "2026"
    })
}

pub fn answers(time: &str) -> Value {
    let keys = ["weakness", "white-skin", "swelling", "fever", "spreading-burning", "bone-pain", "toxic-signs", "clot"];
    let red_flags: serde_json::Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), json!("no"))).collect();
    let mut answers = json!({ "time": time, "average_pain": 2, "worst_pain": 4, "red_flags": red_flags });
    if time != "day-1" {
        answers["global_impression"] = json!(2);
    }
    if !["day-1", "day-7"].contains(&time) {
        answers["activity"] = json!(8);
    }
    if time.starts_with("month") {
        answers["satisfaction"] = json!(9);
        answers["would_repeat"] = json!("yes");
    }
    answers
}

pub fn severity() -> Value {
    json!({
        "death": "no", "life_threatening": "no", "hospital": "no", "severe_lasting": "no", "mild_lasting": "no",
        "self_care_limited": "no", "household_limited": "no", "treatment": "no", "intervention": "no", "stay_hours": 0
    })
}

pub fn event(name: &str) -> Value {
    json!({
        "event": name, "term": "bruise", "words": "bruise at the entry", "severity": severity(), "expected": "yes",
        "causality": "certain"
    })
}

pub fn settled(name: &str, outcome: &str) -> Value {
    json!({ "event": name, "outcome": outcome, "severity": severity(), "words": "looked at again" })
}
