//! Rules of honest wording, as data: what no sentence may say, and what it may say only with a number that has a source.

use serde::Deserialize;

use super::document::Language;
use super::slots::{Part, parts};

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HonestRule {
    /// Key.
    pub id: String,
    /// For which language.
    pub language: Language,
    /// Beginnings of words that it is about; letters in lower case.
    pub words: Vec<String>,
    /// What follows from them.
    pub then: Demand,
    /// Why, and what to write instead.
    pub why: String,
    /// Where the rule comes from.
    pub source: String,
}

/// What a rule demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Demand {
    /// The words stand nowhere.
    Never,
    /// The sentence also names a number of `numbers.toml`.
    OnlyWithANumber,
}

/// What is wrong with a sentence; nothing when all is well.
pub fn complaint(rules: &[HonestRule], language: Language, sentence: &str) -> Option<String> {
    if let Some(digit) = plain_words(sentence).chars().find(char::is_ascii_digit) {
        return Some(format!(
            "found the digit {digit} in \"{sentence}\", expected every number as the name of a row of numbers.toml"
        ));
    }
    let folded = plain_words(sentence).to_lowercase();
    let names_a_number = parts(sentence).unwrap_or_default().iter().any(|part| matches!(part, Part::Named(_)));
    for rule in rules.iter().filter(|rule| rule.language == language) {
        let Some(found) = rule.words.iter().find(|words| begins_a_word(&folded, words)) else { continue };
        if rule.then == Demand::Never || !names_a_number {
            return Some(format!("found \"{found}\" in \"{sentence}\" (rule {}): {}", rule.id, rule.why));
        }
    }
    None
}

/// A sentence without the names between its braces.
fn plain_words(sentence: &str) -> String {
    let words = |part: &Part| match part {
        Part::Words(words) => (*words).to_owned(),
        Part::Named(_) => " ".to_owned(),
    };
    parts(sentence).unwrap_or_default().iter().map(words).collect()
}

fn begins_a_word(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Vec<HonestRule> {
        let rule = |id: &str, words: &str, then| HonestRule {
            id: id.to_owned(),
            language: Language::English,
            words: vec![words.to_owned()],
            then,
            why: "because".to_owned(),
            source: "design".to_owned(),
        };
        vec![rule("destroy", "destroy", Demand::Never), rule("most", "most ", Demand::OnlyWithANumber)]
    }

    #[test]
    fn a_forbidden_word_is_found_at_the_beginning_of_a_word_in_any_case() {
        let found = |sentence: &str| complaint(&rules(), Language::English, sentence);
        assert!(found("Cold Destroys the nerve.").unwrap().contains("rule destroy"));
        assert_eq!(found("Cold freezes the nerve."), None);
        assert_eq!(complaint(&rules(), Language::Spanish, "destroy"), None);
    }

    #[test]
    fn most_needs_a_number_and_almost_is_another_word() {
        let found = |sentence: &str| complaint(&rules(), Language::English, sentence);
        assert!(found("It helps most people.").is_some());
        assert_eq!(found("It helped most people ({helped} of {all})."), None);
        assert_eq!(found("You are almost done."), None);
    }

    #[test]
    fn a_number_written_as_a_digit_is_refused() {
        assert!(complaint(&rules(), Language::English, "Wait 24 hours.").unwrap().contains("digit 2"));
    }
}
