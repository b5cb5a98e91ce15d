//! The rules of honest wording hold for every sentence of every wording file.

use frostline_record::documents::*;

use crate::fixture::book;

fn refused(change: impl Fn(&mut WordingTexts)) -> String {
    let mut texts = WordingTexts::bundled();
    change(&mut texts);
    DocumentBook::from_toml(&texts).expect_err("it is refused").to_string()
}

/// Reading the book checks every sentence against every rule, so the bundled files hold them.
#[test]
fn every_sentence_of_both_languages_keeps_the_rules() {
    let book = book();
    for language in Language::ALL {
        assert!(book.wording(language).sentences().len() > 200);
        assert!(book.honest_rules().iter().filter(|rule| rule.language == language).count() >= 6);
    }
}

#[test]
fn a_sentence_that_promises_destroys_or_counts_without_a_source_is_refused_with_the_rule() {
    let old = "This is temporary. The nerve grows back";
    let english = |new: &'static str| refused(move |texts| texts.english = texts.english.replace(old, new));
    assert!(english("This is permanent. The nerve grows back").contains("rule temporary"));
    assert!(english("The cold destroys the nerve. The nerve grows back").contains("rule disable-not-destroy"));
    assert!(english("It works in 9 of 10. The nerve grows back").contains("digit 9"));
    let plain =
        |new: &'static str| refused(move |texts| texts.english = texts.english.replace("You take no new risk.", new));
    assert!(plain("It helps most people.").contains("rule most-needs-a-number"));
    assert!(plain("There is no risk.").contains("rule no-risk-free"));
    let spanish = refused(|texts| texts.spanish = texts.spanish.replace("No hay riesgo nuevo.", "Cura a la mayoría."));
    assert!(spanish.contains("wording/es.toml") && spanish.contains("rule no-promise-es"), "{spanish}");
}

#[test]
fn a_name_between_braces_that_is_no_number_and_no_slot_is_refused() {
    let error = refused(|texts| texts.english = texts.english.replace("{regrow-low}", "{regrow-lo}"));
    assert!(error.contains("{regrow-lo}") && error.contains("wording/numbers.toml"), "{error}");
}

#[test]
fn a_translation_that_leaves_out_a_number_or_a_block_is_refused() {
    let error = refused(|texts| texts.spanish = texts.spanish.replace("de {regrow-low} a {regrow-high} mm", "unos mm"));
    assert!(error.contains("wording/es.toml") && error.contains("as in the English text"), "{error}");
}

#[test]
fn every_number_has_a_source_that_is_listed_and_a_status() {
    let book = book();
    assert!(book.numbers().len() > 80);
    assert!(book.numbers().iter().all(|number| book.sources().find(&number.is.source).is_some()));
    let error = refused(|texts| texts.numbers = texts.numbers.replace("\"last-review-2018\"", "\"nowhere\""));
    assert!(error.contains("nowhere") && error.contains("not in sources.toml"), "{error}");
}

#[test]
fn a_translation_nobody_reviewed_says_so_on_every_document() {
    let book = book();
    for language in Language::ALL {
        let translation = &book.wording(language).translation;
        assert!(translation.reviewed_by.is_empty() && translation.reviewed_on.is_none());
        let document = leaflet(&book, language, &Visit::default()).unwrap();
        assert!(document.made.iter().any(|line| line.contains(&translation.said)));
    }
    let spanish = &book.wording(Language::Spanish).translation.said;
    assert!(spanish.contains("not reviewed by a professional translator yet"));
}
