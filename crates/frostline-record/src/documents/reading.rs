//! How hard a text is to read, measured.
//!
//! English: the Flesch-Kincaid grade, 0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid, Fishburne, Rogers
//! and Chissom 1975). Spanish: Crawford's grade (1984), -0.205 sentences per 100 words + 0.049 syllables per 100 words -
//! 3.407, made from school books up to grade 6; beside it the ease of Fernández Huerta (1959, as corrected by Law 2011:
//! 206.84 - 60 syllables per word - 1.02 words per sentence) and that of Szigriszt Pazos (1993: 206.835 - 62.3 syllables
//! per word - words per sentence), which the INFLESZ scale (Barrio-Cantalejo 2008) reads.

use super::document::{Block, Document, Language};
use super::syllables::{english_syllables, spanish_syllables};

/// What was counted in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Words, a number counting as one.
    pub words: usize,
    /// Sentences; an item of a list and a sentence in a table each end one.
    pub sentences: usize,
    /// Syllables as they are spoken, also of numbers.
    pub syllables: usize,
}

/// How hard a text is to read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReadingLevel {
    /// What was counted.
    pub counts: Counts,
    /// School grade of the United States: Flesch-Kincaid in English, Crawford in Spanish.
    pub grade: f64,
    /// Flesch reading ease in English, Fernández Huerta in Spanish; 100 is easy.
    pub ease: f64,
    /// Szigriszt Pazos, for the INFLESZ scale; Spanish only.
    pub inflesz: Option<f64>,
}

/// The level of texts, each of which ends a sentence.
pub fn reading_level<'a>(texts: impl IntoIterator<Item = &'a str>, language: Language) -> ReadingLevel {
    let counts = texts.into_iter().fold(Counts::default(), |sum, text| {
        let counts = counted(text, language);
        Counts {
            words: sum.words + counts.words,
            sentences: sum.sentences + counts.sentences,
            syllables: sum.syllables + counts.syllables,
        }
    });
    level(counts, language)
}

/// The level of what a document says in sentences: paragraphs, notices, lists, and cells of tables that are sentences.
/// Names, dates, headings, labels and sources are not sentences and would only flatter it.
pub fn reading_level_of(document: &Document) -> ReadingLevel {
    reading_level(sentences_of(document), document.language)
}

/// The level of each section that says something in sentences.
pub fn reading_level_of_sections(document: &Document) -> Vec<(&str, ReadingLevel)> {
    let level = |section: &'_ super::document::Section| {
        reading_level(section.blocks.iter().flat_map(sentences_in), document.language)
    };
    let levels = document.sections.iter().map(|section| (section.id.as_str(), level(section)));
    levels.filter(|(_, level)| level.counts.words > 0).collect()
}

/// What is measured of a document.
pub fn sentences_of(document: &Document) -> Vec<&str> {
    let blocks = document.sections.iter().flat_map(|section| &section.blocks);
    blocks.flat_map(sentences_in).chain([document.notice.as_str()]).collect()
}

fn sentences_in(block: &Block) -> Vec<&str> {
    match block {
        Block::Paragraph(words) | Block::Notice(words) => vec![words],
        Block::List(items) | Block::Steps(items) | Block::Checklist(items) => {
            items.iter().map(String::as_str).collect()
        }
        Block::Table(table) => {
            let cells = table.rows.iter().flatten().map(String::as_str);
            cells.filter(|cell| cell.ends_with(['.', '?', '!'])).collect()
        }
        Block::Heading(_) | Block::Lines(_) | Block::Signatures(_) => Vec::new(),
    }
}

fn level(counts: Counts, language: Language) -> ReadingLevel {
    let words = counts.words.max(1) as f64;
    let per_sentence = words / counts.sentences.max(1) as f64;
    let per_word = counts.syllables as f64 / words;
    match language {
        Language::English => ReadingLevel {
            counts,
            grade: 0.39 * per_sentence + 11.8 * per_word - 15.59,
            ease: 206.835 - 1.015 * per_sentence - 84.6 * per_word,
            inflesz: None,
        },
        Language::Spanish => ReadingLevel {
            counts,
            grade: -0.205 * 100.0 / per_sentence + 0.049 * 100.0 * per_word - 3.407,
            ease: 206.84 - 60.0 * per_word - 1.02 * per_sentence,
            inflesz: Some(206.835 - 62.3 * per_word - per_sentence),
        },
    }
}

/// Words, sentences and syllables of one text. The end of a text ends a sentence.
fn counted(text: &str, language: Language) -> Counts {
    let mut counts = Counts::default();
    let mut in_sentence = false;
    for token in text.split_whitespace() {
        let word = token.trim_matches(|letter: char| !letter.is_alphanumeric());
        if !word.is_empty() {
            counts.words += 1;
            counts.syllables += word.split(['-', '/']).map(|part| syllables(part, language)).sum::<usize>();
            in_sentence = true;
        }
        let ends = token.trim_end_matches(['"', '”', ')', '\'']).ends_with(['.', '!', '?', ':', ';']);
        if ends && in_sentence && !abbreviation(token) {
            counts.sentences += 1;
            in_sentence = false;
        }
    }
    counts.sentences += usize::from(in_sentence);
    counts
}

fn abbreviation(token: &str) -> bool {
    ["a.m.", "p.m.", "Dr.", "Dra.", "e.g.", "i.e.", "vs."].contains(&token)
}

fn syllables(word: &str, language: Language) -> usize {
    if word.is_empty() {
        return 0;
    }
    match language {
        Language::English => english_syllables(word),
        Language::Spanish => spanish_syllables(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str, language: Language) -> (usize, usize, usize) {
        let counts = counted(text, language);
        (counts.words, counts.sentences, counts.syllables)
    }

    #[test]
    fn words_sentences_and_syllables_are_those_one_counts_by_hand() {
        // The-cat-sat-on-the-mat (6), It-was-hap-py (4).
        assert_eq!(counts("The cat sat on the mat. It was happy!", Language::English), (9, 2, 10));
        // El-ga-to-co-me (5), Es-tá-fe-liz (4).
        assert_eq!(counts("El gato come. Está feliz", Language::Spanish), (5, 2, 9));
        // At 7:30 am is no end of a sentence.
        assert_eq!(counts("Come at seven a.m. and rest.", Language::English).1, 1);
    }

    #[test]
    fn the_opening_of_the_gettysburg_address_has_the_grade_of_its_counts() {
        // Counted by hand: 30 words, 1 sentence, 49 syllables: 1+1+1+2+1+2+1+2+1+1 (Four to forth), 2+1+3+1+1+2+2+1+3+1
        // (upon to and), 4+1+1+4+1+1+1+1+3+2 (dedicated to equal).
        let text = "Four score and seven years ago our fathers brought forth upon this continent, a new nation, conceived \
                    in Liberty, and dedicated to the proposition that all men are created equal.";
        let level = reading_level([text], Language::English);
        assert_eq!((level.counts.words, level.counts.sentences, level.counts.syllables), (30, 1, 49));
        // 0.39 * 30 + 11.8 * 49 / 30 - 15.59 = 15.383.
        assert!((level.grade - 15.383).abs() < 0.01, "{level:?}");
    }

    #[test]
    fn a_primer_is_easy_and_a_law_is_hard_in_both_languages() {
        let easy = reading_level(["The dog runs. The boy has a ball. They play."], Language::English);
        let hard = "Notwithstanding any provision to the contrary, the administrator may promulgate regulations \
                    necessary for the implementation of reimbursement methodologies.";
        assert!(easy.grade < 1.0 && reading_level([hard], Language::English).grade > 16.0);
        let easy = reading_level(["El perro corre. Mi mamá me ama. La niña come pan."], Language::Spanish);
        let hard = "Sin perjuicio de lo establecido en las disposiciones reglamentarias precedentes, la administración \
                    determinará los procedimientos correspondientes a la implementación de las indemnizaciones.";
        let hard = reading_level([hard], Language::Spanish);
        assert!(easy.grade < 2.0 && easy.ease > 90.0, "{easy:?}");
        assert!(hard.grade > 8.0 && hard.ease < 40.0 && hard.inflesz.is_some_and(|score| score < 40.0), "{hard:?}");
    }

    #[test]
    fn crawford_and_fernandez_huerta_follow_their_formulas() {
        // 5 words in 2 sentences with 9 syllables: 40 sentences and 180 syllables per 100 words.
        let level = reading_level(["El gato come. Está feliz."], Language::Spanish);
        assert!((level.grade - (-0.205 * 40.0 + 0.049 * 180.0 - 3.407)).abs() < 1e-9, "{level:?}");
        assert!((level.ease - (206.84 - 60.0 * 1.8 - 1.02 * 2.5)).abs() < 1e-9, "{level:?}");
    }
}
