//! Patient texts are held to grade 6.

use frostline_record::documents::*;
use frostline_record::rules::SedationLevel;

use crate::fixture::{book, patient_documents};

fn limit(book: &DocumentBook, id: &str) -> f64 {
    book.numbers().iter().find(|number| number.id == id).unwrap().is.value.value
}

/// Every document, sedated or not or not known: each has other sentences.
fn all(book: &DocumentBook, language: Language) -> Vec<Document> {
    let ways = [Some(SedationLevel::LocalOnly), Some(SedationLevel::Moderate), None];
    ways.into_iter().flat_map(|sedation| patient_documents(book, language, sedation)).collect()
}

#[test]
fn every_patient_document_is_at_or_under_grade_six_in_both_languages() {
    let book = book();
    for language in Language::ALL {
        for document in all(&book, language) {
            let level = reading_level_of(&document);
            println!("{} {:?}: {level:?}", document.kind.word(), language);
            assert!(level.counts.words > 150, "{}: too few words to measure: {level:?}", document.kind.word());
            assert!(level.grade <= limit(&book, "grade-limit"), "{}: {level:?}", document.kind.word());
            if language == Language::Spanish {
                assert!(level.ease >= limit(&book, "fernandez-huerta-least"), "{}: {level:?}", document.kind.word());
                let inflesz = level.inflesz.unwrap();
                assert!(inflesz >= limit(&book, "inflesz-least"), "{}: {level:?}", document.kind.word());
            }
        }
    }
}

#[test]
fn no_section_of_a_patient_document_is_above_grade_six_either() {
    let book = book();
    for language in Language::ALL {
        for document in all(&book, language) {
            for (section, level) in reading_level_of_sections(&document) {
                let place = format!("{} {language:?} {section}", document.kind.word());
                println!("{place}: {:.1}", level.grade);
                assert!(level.grade <= limit(&book, "grade-limit"), "{place}: {level:?}");
            }
        }
    }
}
