//! What must stand in a document, and what must not.

use frostline_record::documents::*;
use frostline_record::rules::{RuleBook, SedationLevel};

use crate::fixture::{at, book, discharge_inputs, held, patient_documents, preparation_inputs, text_of, visit};

fn heading_ids(document: &Document) -> Vec<&str> {
    document.sections.iter().map(|section| section.id.as_str()).collect()
}

#[test]
fn the_leaflet_says_everything_a_leaflet_must_say_in_both_languages() {
    let book = book();
    let must = ["what", "choices", "day", "how-good", "risks", "before", "after", "warning"];
    for language in Language::ALL {
        let document = leaflet(&book, language, &visit(None)).unwrap();
        assert_eq!(heading_ids(&document), must);
        assert!(document.sections.iter().all(|section| !section.blocks.is_empty()));
        assert!(!document.made.is_empty() && !document.sources.is_empty());
    }
}

#[test]
fn the_studies_that_found_no_difference_stand_in_leaflet_and_consent_with_their_numbers() {
    let book = book();
    for (language, words) in [(Language::English, "no difference"), (Language::Spanish, "diferencia")] {
        for document in &patient_documents(&book, language, None)[..2] {
            let text = text_of(document);
            assert!(text.to_lowercase().contains(words), "{text}");
            // Ilfeld 2023: 144 people; knee trial: 87; the one paid for by the maker: 180.
            for people in ["144", "87", "180"] {
                assert!(text.contains(people), "{}: {people}", document.kind.word());
            }
        }
    }
}

#[test]
fn every_risk_of_the_consent_form_has_a_count_with_a_denominator_or_says_that_none_was_found() {
    let document = consent(&book(), Language::English, &visit(None), &ConsentInputs::default()).unwrap();
    let risks = document.sections.iter().find(|section| section.id == "risks").unwrap();
    let Some(Block::Table(table)) = risks.blocks.iter().find(|block| matches!(block, Block::Table(_))) else {
        panic!("a table of risks")
    };
    assert!(table.rows.len() >= 10);
    for row in &table.rows {
        let counted = row[1].chars().filter(char::is_ascii_digit).count() >= 2 && row[1].to_lowercase().contains("of ");
        let said = row[1].contains("no good number") || row[0] == "Numb skin";
        assert!(counted || said, "{row:?}");
    }
}

#[test]
fn the_consent_form_shows_every_other_way_in_one_layout_and_which_were_talked_about() {
    let inputs = ConsentInputs { talked_about: vec![Alternative::Nothing, Alternative::Drugs], ..Default::default() };
    let document = consent(&book(), Language::English, &visit(None), &inputs).unwrap();
    let ways = document.sections.iter().find(|section| section.id == "alternatives").unwrap();
    let Some(Block::Table(table)) = ways.blocks.iter().find(|block| matches!(block, Block::Table(_))) else {
        panic!("a table of other ways")
    };
    assert_eq!(table.rows.len(), Alternative::ALL.len());
    let said: Vec<&str> = table.rows.iter().map(|row| row[3].as_str()).collect();
    assert_eq!(said, ["yes", "yes", "not yet", "not yet", "not yet", "not yet", "not yet"]);
    assert!(table.rows.iter().flatten().all(|cell| !cell.is_empty() && !cell.contains('{')));
}

#[test]
fn a_patient_with_local_anaesthetic_only_is_not_told_to_fast_and_a_sedated_one_gets_the_own_times() {
    let book = book();
    let local = visit(Some(SedationLevel::LocalOnly));
    let sheet = text_of(&preparation(&book, Language::English, &local, &preparation_inputs()).unwrap());
    assert!(sheet.contains("You can eat and drink as you like") && !sheet.contains("Stop at these times"), "{sheet}");
    let sedated = visit(Some(SedationLevel::Moderate));
    let sheet = text_of(&preparation(&book, Language::English, &sedated, &preparation_inputs()).unwrap());
    assert!(sheet.contains("Water, clear juice, black coffee | Tuesday, December 8, 2026, at 7:00\u{a0}am"), "{sheet}");
    // A time that nobody gave is a line to write on.
    assert!(sheet.contains(&format!("Light meal, milk | {BLANK}")), "{sheet}");
}

#[test]
fn a_drug_nobody_decided_about_is_never_told_to_be_stopped() {
    let undecided = DrugBefore { decision: None, decided_by: None, ..held("warfarin") };
    let inputs = PreparationInputs { drugs: Some(vec![undecided]), ..preparation_inputs() };
    let text = text_of(&preparation(&book(), Language::English, &visit(None), &inputs).unwrap());
    assert!(text.contains("warfarin | Ask us. Do not stop it on your own. | not known | not known"), "{text}");
    let unlisted = PreparationInputs { drugs: None, ..preparation_inputs() };
    let text = text_of(&preparation(&book(), Language::English, &visit(None), &unlisted).unwrap());
    assert!(text.contains("We do not have a list of your medicines"), "{text}");
}

#[test]
fn discharge_says_when_each_held_drug_starts_again_and_until_when_not_to_drive() {
    let sedated = visit(Some(SedationLevel::Moderate));
    let text = text_of(&discharge(&book(), Language::English, &sedated, &discharge_inputs()).unwrap());
    assert!(text.contains("apixaban 5 mg | Wednesday, December 9, 2026, at 9:40\u{a0}am | Dr. Heart"), "{text}");
    // 24 h after 9:40 on December 8.
    assert!(text.contains("Until Wednesday, December 9, 2026, at 9:40\u{a0}am:"), "{text}");
    // 48 h after.
    assert!(text.contains("You can shower from Thursday, December 10, 2026, at 9:40\u{a0}am"), "{text}");
    let mut open = discharge_inputs();
    open.drugs.as_mut().unwrap()[0].restart_at = None;
    let text = text_of(&discharge(&book(), Language::English, &sedated, &open).unwrap());
    assert!(text.contains("apixaban 5 mg | Not decided. Call us today."), "{text}");
}

#[test]
fn a_weak_leg_and_a_leg_nobody_tested_forbid_driving_and_a_strong_one_does_not_say_weak() {
    let book = book();
    let with = |weak| {
        let inputs = DischargeInputs { weak, ..discharge_inputs() };
        text_of(&discharge(&book, Language::English, &visit(Some(SedationLevel::LocalOnly)), &inputs).unwrap())
    };
    assert!(with(Some(true)).contains("Your leg is weak. Do not drive."));
    assert!(with(None).contains("Ask us before you leave if your leg is weak."));
    assert!(!with(Some(false)).contains("Your leg is weak"));
}

#[test]
fn what_nobody_knows_is_said_or_left_as_a_line_and_never_made_up() {
    let book = book();
    let nothing = Visit::default();
    let documents = [
        consent(&book, Language::English, &nothing, &ConsentInputs::default()).unwrap(),
        preparation(&book, Language::English, &nothing, &PreparationInputs::default()).unwrap(),
        discharge(&book, Language::English, &nothing, &DischargeInputs::default()).unwrap(),
        plan_report(&book, Language::English, &nothing, &PlanInputs::default()).unwrap(),
        procedure_report(&book, Language::English, &nothing, &ProcedureInputs::default()).unwrap(),
        letter(&book, Language::English, &nothing, &LetterInputs::default()).unwrap(),
        claim(&book, Language::English, &nothing, &ClaimInputs::default()).unwrap(),
    ];
    for document in documents {
        let text = text_of(&document);
        assert!(text.contains("not known"), "{text}");
        assert!(document.facts.iter().all(|fact| fact.value == "not known"), "{:?}", document.facts);
        assert!(!text.contains('{') && !text.contains('}'), "{text}");
    }
    let text = text_of(&procedure_report(&book, Language::English, &nothing, &ProcedureInputs::default()).unwrap());
    assert!(text.contains("Nobody recorded whether there was an adverse event."), "{text}");
}

#[test]
fn numbers_that_other_tables_have_too_are_the_same_there() {
    let (book, rules) = (book(), RuleBook::bundled().unwrap());
    let number = |id: &str| book.numbers().iter().find(|number| number.id == id).unwrap().is.value.value;
    let hours = |id: &str| rules.fasting_rows().iter().find(|row| row.id == id).unwrap().hours();
    assert_eq!(number("clear-hours"), hours("clear"));
    assert_eq!(number("light-hours"), hours("light"));
    assert_eq!(number("fatty-hours"), hours("fatty"));
    // Words for every kind of food and every time of follow-up, in both languages.
    for language in Language::ALL {
        let words = book.wording(language);
        let times: Vec<&str> = rules.follow_up_times().iter().map(|row| row.id.as_str()).collect();
        assert_eq!(words.times.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), times);
        let named = |id: &str| words.intakes.iter().any(|row| row.id == id);
        // Adults are not fed with breast milk.
        assert!(rules.fasting_rows().iter().all(|row| named(&row.id) || row.id == "breast-milk"));
    }
}

#[test]
fn documents_for_clinicians_are_refused_in_spanish_with_a_way_out() {
    let error = claim(&book(), Language::Spanish, &Visit::default(), &ClaimInputs::default()).unwrap_err();
    assert!(error.to_string().contains("\"claim\"") && error.to_string().contains("ask for it in \"en\""), "{error}");
}

#[test]
fn the_plan_report_says_the_notice_on_every_page_and_that_an_unapproved_plan_is_none() {
    let document = plan_report(&book(), Language::English, &visit(None), &PlanInputs::default()).unwrap();
    assert!(document.predicts);
    let text = text_of(&document);
    assert!(text.contains("This plan was not assessed.") && text.contains("Nobody may freeze by this plan."), "{text}");
}

#[test]
fn the_claim_names_codes_by_number_only() {
    let inputs = ClaimInputs {
        lines: vec![ClaimLine {
            code: Some("0441T".to_owned()),
            nerve: "sural".to_owned(),
            leg: Some(Leg::Left),
            others: Vec::new(),
            units: Some(1),
            modifiers: vec!["LT".to_owned()],
            standing: CodeStanding::Proposed,
        }],
        done_at: Some(at("2026-12-08T09:40")),
        ..ClaimInputs::default()
    };
    let text = text_of(&claim(&book(), Language::English, &visit(None), &inputs).unwrap());
    assert!(text.contains("0441T | the nerve of the outer calf and foot (sural) | left leg | 1 | LT"), "{text}");
    // Words of the descriptor that is not ours to ship.
    for theirs in ["lower extremity distal", "percutaneous, cryoablation", "includes imaging guidance"] {
        assert!(!text.to_lowercase().contains(theirs), "{theirs}");
    }
}

#[test]
fn the_consent_form_shows_the_patients_own_reasons_and_who_explained_the_sedation() {
    use frostline_record::case::steps::Leaning;
    let inputs = ConsentInputs {
        reasons: vec![ReasonLine {
            alternative: Alternative::Surgery,
            leaning: Leaning::Against,
            words: "I fear the scar".to_owned(),
        }],
        sedation_explained_by: Some("Dr. Calm".to_owned()),
        ..ConsentInputs::default()
    };
    let of = |language, level| text_of(&consent(&book(), language, &visit(Some(level)), &inputs).unwrap());
    let english = of(Language::English, SedationLevel::Moderate);
    assert!(english.contains("| against it | I fear the scar"), "{english}");
    assert!(english.contains("Who told you about this medicine: Dr. Calm"), "{english}");
    let spanish = of(Language::Spanish, SedationLevel::Moderate);
    assert!(spanish.contains("| en contra | I fear the scar") && spanish.contains("Dr. Calm"), "{spanish}");
    assert!(!of(Language::English, SedationLevel::LocalOnly).contains("Dr. Calm"));
    // While nobody signed, there is a line to write a reason on; a signed form has none.
    let open = text_of(&consent(&book(), Language::English, &visit(None), &ConsentInputs::default()).unwrap());
    assert!(open.contains("Your reason"), "{open}");
    let signed = ConsentInputs { patient_signed: Some(at("2026-12-08T09:00")), ..ConsentInputs::default() };
    let signed = text_of(&consent(&book(), Language::English, &visit(None), &signed).unwrap());
    assert!(!signed.contains("Your reason"), "{signed}");
}

#[test]
fn discharge_says_when_the_bandage_comes_off_and_from_which_day_to_work_and_play_unless_the_leg_is_weak() {
    let with = |language, weak| {
        let inputs = DischargeInputs { weak, ..discharge_inputs() };
        text_of(&discharge(&book(), language, &visit(Some(SedationLevel::LocalOnly)), &inputs).unwrap())
    };
    let strong = with(Language::English, Some(false));
    assert!(strong.contains("Bandage off on: Thursday, December 10, 2026"), "{strong}");
    assert!(strong.contains("Desk work | Wednesday, December 9, 2026"), "{strong}");
    assert!(strong.contains(&format!("Running | {BLANK}")), "{strong}");
    let spanish = with(Language::Spanish, Some(false));
    assert!(spanish.contains("Trabajo de escritorio | miércoles 9 de diciembre de 2026"), "{spanish}");
    for weak in [Some(true), None] {
        let text = with(Language::English, weak);
        assert!(text.contains("Desk work | Ask us first") && text.contains("Running | Ask us first"), "{text}");
    }
    let nobody = discharge(&book(), Language::English, &visit(None), &DischargeInputs::default()).unwrap();
    assert!(!text_of(&nobody).contains("Desk work"));
}

#[test]
fn every_kind_of_work_and_sport_has_a_name_in_both_languages_and_days_that_agree_with_the_sentences() {
    let pathway = frostline_record::case::Pathway::bundled().unwrap();
    let book = book();
    let keys: Vec<&str> = pathway.activities().map(|row| row.id.as_str()).collect();
    for language in Language::ALL {
        let named: Vec<&str> = book.wording(language).activities.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(named, keys, "{language:?}");
    }
    let number = |id: &str| book.numbers().iter().find(|number| number.id == id).unwrap().is.value.value;
    let days = |id: &str| pathway.activities().find(|row| row.id == id).unwrap().days as f64;
    assert_eq!(pathway.dressing_days() as f64 * 24.0, number("dry-hours-high"));
    assert_eq!(days("swimming"), number("soak-days"));
    assert_eq!(days("long-walks"), number("foot-days"));
    assert_eq!((days("desk-work"), days("standing-work")), (number("back-days-low"), number("back-days-high")));
}
