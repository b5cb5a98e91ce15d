//! Who signed the consent, and what the forms say about who watches.

use frostline_plan::catalogue::Known;
use frostline_record::documents::*;
use frostline_record::rules::{Answer, Monitoring, RuleBook, SedationLevel, Verdict};
use serde_json::json;

use crate::fixture::{book, text_of, visit};
use crate::way::{World, around, changed, played};

/// The consent form and the line of the report when this name signed.
fn signed_by(name: &str, language: Language) -> (String, Option<String>) {
    let world = World::new();
    let (case, judging) = played(&world, "2026-03-20T00:00:00Z");
    let case = changed(&case, "consented", |body| {
        body["signed_by"] = json!(name);
        body["reasons"] = json!([]);
    });
    let inputs = consent_of(&case, &around());
    let form = text_of(&consent(&book(), language, &visit_of(&case, &around()), &inputs).unwrap());
    (form, procedure_of(&case, &judging, &around()).consent)
}

#[test]
fn a_mother_who_signs_stands_in_her_own_place_and_the_patient_has_not_signed() {
    let (form, report) = signed_by("Marta Vidal, mother of Rosa Vidal", Language::English);
    let hers = "Person who signs for the patient, if needed: Marta Vidal, mother of Rosa Vidal Monday, March 9, 2026";
    assert!(form.contains(hers), "{form}");
    assert!(form.lines().any(|line| line.trim_end() == "Patient: Rosa Vidal"), "{form}");
    assert!(!form.contains("Your reason"), "a signed form has no line to write a reason on: {form}");
    let report = report.unwrap();
    assert!(report.starts_with("Marta Vidal, mother of Rosa Vidal (for the patient Rosa Vidal), Monday"), "{report}");
    let (form, _) = signed_by("Marta Vidal", Language::Spanish);
    assert!(form.contains("Marta Vidal lunes 9 de marzo de 2026, a las 12:40"), "{form}");
    assert!(form.lines().any(|line| line.trim_end() == "Paciente: Rosa Vidal"), "{form}");
}

#[test]
fn the_patient_s_own_name_in_any_order_and_with_an_initial_is_the_patient() {
    for name in ["Rosa Vidal", "Vidal, Rosa", "rosa m. vidal", " Rosa  Vidal "] {
        let (form, report) = signed_by(name, Language::English);
        assert!(form.contains("Patient: Rosa Vidal Monday, March 9, 2026"), "{name}: {form}");
        assert!(report.unwrap().contains("(the patient)"), "{name}");
    }
    for name in ["Rosa", "Vidal", "Rosa Vidal Senior", "Rosario Vidal"] {
        let (form, _) = signed_by(name, Language::English);
        assert!(!form.contains("Patient: Rosa Vidal Monday"), "{name}: {form}");
        assert!(form.contains(&format!("if needed: {name} Monday, March 9, 2026")), "{name}: {form}");
    }
}

#[test]
fn a_person_who_only_watches_is_promised_exactly_where_the_rule_demands_one() {
    let (book, rules) = (book(), RuleBook::bundled().unwrap());
    let levels = [SedationLevel::LocalOnly, SedationLevel::Minimal, SedationLevel::Moderate, SedationLevel::Deep];
    let mut promised = Vec::new();
    for level in levels {
        let without = Monitoring { person: Answer::No, capnography: Answer::Yes, anaesthesiologist: Answer::Yes };
        let demanded = rules.monitoring(Known::Known(level), without).verdict == Verdict::Stop;
        for (language, words) in
            [(Language::English, "A person who does only this watches over you"), (Language::Spanish, "solo le vigila")]
        {
            let form = consent(&book, language, &visit(Some(level)), &ConsentInputs::default()).unwrap();
            assert_eq!(text_of(&form).contains(words), demanded, "{level:?} {language:?}");
        }
        promised.push(demanded);
    }
    assert_eq!(promised, [false, false, true, true]);
    let nobody_chose = consent(&book, Language::English, &visit(None), &ConsentInputs::default()).unwrap();
    assert!(!text_of(&nobody_chose).contains("watches over you"));
    // The leaflet knows no level, so it says from when on.
    let leaflet = text_of(&leaflet(&book, Language::English, &visit(None)).unwrap());
    assert!(leaflet.contains("If you get medicine that makes you sleepy, one more person only watches"), "{leaflet}");
}

#[test]
fn the_patient_is_to_be_there_so_long_before_as_the_settings_say_for_the_sedation() {
    let world = World::new();
    let (case, _) = played(&world, "2026-03-20T00:00:00Z");
    let arrive = |level: &str| {
        let case = changed(&case, "sedation-chosen", |body| body["level"] = json!(level));
        visit_of(&case, &around()).appointment.arrive_at.map(LocalTime::iso)
    };
    // Booked for 10:00 by the clocks there; 45 min and 60 min.
    assert_eq!(arrive("local-only").as_deref(), Some("2026-03-24T09:15"));
    assert_eq!(arrive("moderate").as_deref(), Some("2026-03-24T09:00"));
    let (unbooked, _) = played(&world, "2026-03-10T08:10:00Z");
    assert_eq!(visit_of(&unbooked, &around()).appointment.arrive_at, None);
}
