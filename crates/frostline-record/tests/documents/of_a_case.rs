//! The documents of the made-up patient whose whole way is in `examples/pathway/way.json`.

use frostline_record::documents::*;

use crate::fixture::{book, text_of};
use crate::way::{World, around, played};

#[test]
fn before_the_day_the_sheet_has_the_patients_own_time_drug_and_who_decided_and_no_fast() {
    let world = World::new();
    let (case, judging) = played(&world, "2026-03-20T00:00:00Z");
    let visit = visit_of(&case, &around());
    let inputs = preparation_of(&case, &judging, &around());
    let text = text_of(&preparation(&book(), Language::Spanish, &visit, &inputs).unwrap());
    assert!(text.contains("Tratamiento: martes 24 de marzo de 2026, a las 10:00\u{a0}a.\u{a0}m."), "{text}");
    assert!(text.contains("apixaban, 5 mg twice a day | Siga con ella | sin cambio | Dr. Ivo Lang"), "{text}");
    assert!(text.contains("Puede comer y beber como quiera"), "{text}");
    // 45 min before, with local anaesthetic only.
    assert!(text.contains("Llegue a esta hora: martes 24 de marzo de 2026, a las 9:15\u{a0}a.\u{a0}m."), "{text}");
}

#[test]
fn the_consent_form_has_what_was_asked_said_back_and_signed() {
    let world = World::new();
    let (case, _) = played(&world, "2026-03-20T00:00:00Z");
    let inputs = consent_of(&case, &around());
    assert_eq!(inputs.talked_about, Alternative::NEEDED.to_vec());
    let asked = &inputs.questions[0];
    assert_eq!((asked.question.as_str(), asked.answer.len() > 10), ("Will it come back?", true));
    let text = text_of(&consent(&book(), Language::Spanish, &visit_of(&case, &around()), &inputs).unwrap());
    assert!(
        text.contains("Queremos congelar el nervio de fuera de la pantorrilla y del pie (sural), pierna izquierda.")
    );
    assert!(text.contains("| en contra | I was told that a nerve that is cut may hurt more"), "{text}");
    assert!(text.contains("You freeze the nerve so it sleeps") && text.contains("Intérprete: Luz Prado"), "{text}");
    assert!(text.contains("Médico que lo explicó: Anna Berg lunes 9 de marzo de 2026, a las 12:40"), "{text}");
}

#[test]
fn after_the_day_every_document_says_what_the_log_says() {
    let world = World::new();
    let (case, judging) = played(&world, "2026-03-25T00:00:00Z");
    let (book, visit, around) = (book(), visit_of(&case, &around()), around());
    let inputs = procedure_of(&case, &judging, &around);
    let report = text_of(&procedure_report(&book, Language::English, &visit, &inputs).unwrap());
    // The start at 10:18 was refused, since no image of the tip was stored yet.
    assert!(report.contains("not known | 10:19\u{a0}am | 120 s | -68 °C | 7 mm by 11 mm | 60 s, passive"), "{report}");
    assert!(
        report.contains("peroneus longus | 5 | 5 | 5") && report.contains("No adverse event was recorded."),
        "{report}"
    );
    // 3 mL of 1 % are 30 mg; the most for 70 kg is 300 mg.
    assert!(report.contains("lidocaine 1 % | 3 mL | 10 % | 10:11\u{a0}am"), "{report}");
    assert!(report.contains("The tip lies 1.5 mm from where it was planned."), "{report}");
    assert!(report.contains("| 3 | not asked | a dull ache"), "{report}");
    // 8:50 to 9:14, to 9:27, to 9:35. Planned: 10 + 5 + 10 + 5; 6 + 2 freezes of 120 s with thaws of 60 s + 2; 5.
    assert!(report.contains("Sign-in to first needle | 30 min | 24 min"), "{report}");
    assert!(report.contains("First needle to probe out | 14 min | 13 min"), "{report}");
    assert!(report.contains("Probe out to sign-out | 5 min | 8 min"), "{report}");
    assert!(report.contains("Sign-in to sign-out | 60 min | 45 min"), "{report}");
    let home = discharge_of(&case, &judging, &around);
    assert_eq!((home.weak, home.drugs.as_deref()), (Some(false), Some(&[][..])));
    let home = text_of(&discharge(&book, Language::Spanish, &visit, &home).unwrap());
    assert!(
        home.contains("No dejó ninguna medicina") && home.contains("martes 24 de marzo de 2026, a las 10:27"),
        "{home}"
    );
    // Two days and seven days after the freeze of March 24; the day of desk work was told apart.
    assert!(home.contains("Quite la venda el: jueves 26 de marzo de 2026"), "{home}");
    assert!(home.contains("Caminar mucho | viernes 27 de marzo de 2026"), "{home}");
    assert!(home.contains("Trabajo de pie | lunes 30 de marzo de 2026"), "{home}");
    assert!(home.contains("A las 6 semanas, una cita | martes 5 de mayo de 2026"), "{home}");
    // The number that the patient was given stands in for that of the clinic.
    assert!(home.contains("+1 555 0123"), "{home}");
    let claimed = text_of(&claim(&book, Language::English, &visit, &claim_of(&case, &judging, &around)).unwrap());
    assert!(claimed.contains("left leg | 1 | LT | confirmed by a coder") && claimed.contains("G57.82"), "{claimed}");
    let sent = text_of(&letter(&book, Language::English, &visit, &letter_of(&case, &judging, &around)).unwrap());
    assert!(sent.contains("To: Dr. Ivo Lang, Harbour Practice") && sent.contains("No drug was held."), "{sent}");
}

#[test]
fn a_drug_that_nobody_decided_about_asks_before_and_after() {
    let world = World::new();
    let (case, judging) = played(&world, "2026-03-10T11:00:00Z");
    let drugs = preparation_of(&case, &judging, &around()).drugs.unwrap();
    assert_eq!((drugs.len(), drugs[0].decision), (1, None));
    let after = discharge_of(&case, &judging, &around()).drugs.unwrap();
    assert_eq!((after.len(), after[0].restart_at), (1, None));
    let plan = plan_of(&case, &judging, &around());
    let by_hand = "numbers entered by hand, not checked by this program";
    assert_eq!((plan.verdict.as_deref(), plan.verdict_sentence), (Some("OK"), Some(format!("{by_hand}."))));
    assert_eq!(plan.fingerprint, Some(format!("plan-1 ({by_hand})")));
    assert_eq!(plan.overrides.len(), 2);
}
