//! `data/wording/`: every sentence of every document, in each language, and the numbers that stand in them.

use frostline_plan::catalogue::{CatalogueError, Sourced, Sources, every_source_is_listed, rows_of};
use serde::Deserialize;

use super::calendar::Date;
use super::document::{Kind, Language};
use super::honest::HonestRule;
use super::phrases::Phrases;
use super::piece::{Condition, Insert, Piece};
use super::slots::{Part, Slot, parts};

/// The contents of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordingTexts {
    /// `en.toml`.
    pub english: String,
    /// `es.toml`.
    pub spanish: String,
    /// `numbers.toml`.
    pub numbers: String,
    /// `honest.toml`.
    pub honest: String,
    /// `sources.toml`.
    pub sources: String,
}

impl WordingTexts {
    /// The files as they were when the program was built.
    pub fn bundled() -> Self {
        Self {
            english: include_str!("../../../../data/wording/en.toml").to_owned(),
            spanish: include_str!("../../../../data/wording/es.toml").to_owned(),
            numbers: include_str!("../../../../data/wording/numbers.toml").to_owned(),
            honest: include_str!("../../../../data/wording/honest.toml").to_owned(),
            sources: include_str!("../../../../data/sources.toml").to_owned(),
        }
    }
}

/// One number that a sentence may name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// The word that stands for it in sentences, between braces.
    pub id: String,
    /// Its value, with where it comes from.
    pub is: Sourced<Value>,
}

/// The value of a number.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// As it is printed.
    pub value: f64,
}

/// Who wrote and who read a language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// Which language; must be that of the file.
    pub language: Language,
    /// Goes up with every change of a sentence.
    pub version: u32,
    /// Who wrote it.
    pub written_by: String,
    /// The professional who read it against the English text; empty while nobody has.
    pub reviewed_by: String,
    /// When; absent while nobody has.
    pub reviewed_on: Option<Date>,
    /// What is printed about it on every document.
    pub said: String,
}

/// The words for one document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentWords {
    /// Which document.
    pub id: Kind,
    /// Its title.
    pub title: String,
    /// For whom it is, in one line.
    pub subtitle: String,
    /// Its parts.
    pub section: Vec<SectionWords>,
}

/// The words for one part.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionWords {
    /// Stable key, the same in every language.
    pub id: String,
    /// Heading.
    pub heading: String,
    /// When it is shown; always when absent.
    pub when: Option<Condition>,
    /// What it says.
    pub blocks: Vec<Piece>,
}

/// A name that depends on a key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameRow {
    /// The key in the catalogues.
    pub id: String,
    /// What a patient reads.
    pub name: String,
}

/// One way to treat the pain, told the same way for every one of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlternativeWords {
    /// Which.
    pub id: Alternative,
    /// What it is called.
    pub name: String,
    /// What speaks for it.
    pub good: String,
    /// What speaks against it.
    pub bad: String,
}

/// What else can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alternative {
    /// Wait.
    Nothing,
    /// Pills, creams, patches.
    Drugs,
    /// Exercise, pads, shoes.
    PhysicalTherapy,
    /// Steroid.
    Injection,
    /// Heat.
    Radiofrequency,
    /// Electric pulses.
    NerveStimulation,
    /// An operation.
    Surgery,
}

impl Alternative {
    /// The word in files; the same as in the lists of the pathway.
    pub fn word(self) -> &'static str {
        match self {
            Alternative::Nothing => "nothing",
            Alternative::Drugs => "drugs",
            Alternative::PhysicalTherapy => "physical-therapy",
            Alternative::Injection => "injection",
            Alternative::Radiofrequency => "radiofrequency",
            Alternative::NerveStimulation => "nerve-stimulation",
            Alternative::Surgery => "surgery",
        }
    }

    /// Those that must be talked about before a consent is valid.
    pub const NEEDED: [Alternative; 5] = [
        Alternative::Nothing,
        Alternative::Drugs,
        Alternative::PhysicalTherapy,
        Alternative::Radiofrequency,
        Alternative::Surgery,
    ];
    /// All of them.
    pub const ALL: [Alternative; 7] = [
        Alternative::Nothing,
        Alternative::Drugs,
        Alternative::PhysicalTherapy,
        Alternative::Injection,
        Alternative::Radiofrequency,
        Alternative::NerveStimulation,
        Alternative::Surgery,
    ];
}

/// One language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// Who wrote and read it.
    pub translation: Translation,
    /// Short words that every document needs.
    pub phrases: Phrases,
    /// Names of nerves.
    pub nerves: Vec<NameRow>,
    /// Names of food and drink.
    pub intakes: Vec<NameRow>,
    /// Names of the times of follow-up.
    pub times: Vec<NameRow>,
    /// Names of kinds of work and sport.
    pub activities: Vec<NameRow>,
    /// Other ways.
    pub alternatives: Vec<AlternativeWords>,
    /// The documents of this language.
    pub documents: Vec<DocumentWords>,
}

const SECTIONS: [&str; 8] =
    ["translation", "phrases", "nerve", "intake", "time", "activity", "alternative", "document"];

impl Wording {
    fn from_toml(file: &'static str, language: Language, text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(file, text, &SECTIONS)?;
        let read = Self {
            translation: rows.one("translation")?,
            phrases: rows.one("phrases")?,
            nerves: rows.list("nerve")?,
            intakes: rows.list("intake")?,
            times: rows.list("time")?,
            activities: rows.list("activity")?,
            alternatives: rows.list("alternative")?,
            documents: rows.list("document")?,
        };
        if read.translation.language != language {
            let problem = format!("found the language {:?}, expected {language:?}", read.translation.language);
            return Err(wrong(file, "translation", problem));
        }
        Ok(read)
    }

    /// Every sentence, each with the row in which it stands.
    pub fn sentences(&self) -> Vec<(String, &str)> {
        let mut all: Vec<(String, &str)> = Vec::new();
        all.extend(self.phrases.all().into_iter().map(|words| ("phrases".to_owned(), words)));
        let names = self.nerves.iter().chain(&self.intakes).chain(&self.times).chain(&self.activities);
        all.extend(names.map(|row| (row.id.clone(), row.name.as_str())));
        for row in &self.alternatives {
            all.extend([&row.name, &row.good, &row.bad].map(|words| (format!("{:?}", row.id), words.as_str())));
        }
        for document in &self.documents {
            let name = document.id.word();
            all.push((name.to_owned(), &document.title));
            all.push((name.to_owned(), &document.subtitle));
            for section in &document.section {
                let row = format!("{name}/{}", section.id);
                all.push((row.clone(), &section.heading));
                all.extend(section.blocks.iter().flat_map(Piece::words).map(|words| (row.clone(), words)));
            }
        }
        all
    }
}

/// Everything that documents are written from.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentBook {
    english: Wording,
    spanish: Wording,
    numbers: Vec<Number>,
    honest: Vec<HonestRule>,
    sources: Sources,
}

impl DocumentBook {
    /// Reads all files and checks that every word between braces is a number with a source or a slot, that both languages
    /// say the same things, and that no sentence breaks a rule of honest wording.
    ///
    /// # Errors
    /// [`CatalogueError`] naming file and row, what was found and what was expected.
    pub fn from_toml(texts: &WordingTexts) -> Result<Self, CatalogueError> {
        let sources = Sources::from_toml(&texts.sources)?;
        every_source_is_listed(&[(NUMBERS, &texts.numbers), (HONEST, &texts.honest)], &sources)?;
        let book = Self {
            english: Wording::from_toml(ENGLISH, Language::English, &texts.english)?,
            spanish: Wording::from_toml(SPANISH, Language::Spanish, &texts.spanish)?,
            numbers: rows_of(NUMBERS, &texts.numbers, &["number"])?.list("number")?,
            honest: rows_of(HONEST, &texts.honest, &["rule"])?.list("rule")?,
            sources,
        };
        for language in Language::ALL {
            book.check_slots(language)?;
            book.check_alternatives(language)?;
            book.check_honesty(language)?;
        }
        book.check_languages()?;
        Ok(book)
    }

    /// The words built into the program.
    ///
    /// # Errors
    /// [`CatalogueError`] when the files were wrong at build time, which a test refuses.
    pub fn bundled() -> Result<Self, CatalogueError> {
        Self::from_toml(&WordingTexts::bundled())
    }

    /// One language.
    pub fn wording(&self, language: Language) -> &Wording {
        match language {
            Language::English => &self.english,
            Language::Spanish => &self.spanish,
        }
    }

    /// Every number.
    pub fn numbers(&self) -> &[Number] {
        &self.numbers
    }

    /// Where they come from.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What no sentence may say.
    pub fn honest_rules(&self) -> &[HonestRule] {
        &self.honest
    }

    pub(crate) fn number(&self, id: &str) -> Option<&Number> {
        self.numbers.iter().find(|number| number.id == id)
    }

    /// A number that the program itself needs.
    ///
    /// # Errors
    /// [`CatalogueError::MissingRow`] when somebody took it out of the file.
    pub(crate) fn value(&self, id: &str) -> Result<f64, CatalogueError> {
        let missing = || CatalogueError::MissingRow { file: NUMBERS, row: id.to_owned() };
        self.number(id).map(|number| number.is.value.value).ok_or_else(missing)
    }

    fn check_slots(&self, language: Language) -> Result<(), CatalogueError> {
        for (row, words) in self.wording(language).sentences() {
            let parts = parts(words).map_err(|problem| wrong(file_of(language), &row, problem))?;
            for part in parts {
                let Part::Named(name) = part else { continue };
                if self.number(name).is_none() && Slot::named(name).is_none() {
                    let problem = format!("found {{{name}}}, expected a number of {NUMBERS} or one of the slots");
                    return Err(wrong(file_of(language), &row, problem));
                }
            }
        }
        Ok(())
    }

    fn check_alternatives(&self, language: Language) -> Result<(), CatalogueError> {
        let found: Vec<Alternative> = self.wording(language).alternatives.iter().map(|row| row.id).collect();
        if found == Alternative::ALL {
            return Ok(());
        }
        let problem = format!("found {found:?}, expected each once in this order: {:?}", Alternative::ALL);
        Err(wrong(file_of(language), "alternative", problem))
    }

    fn check_honesty(&self, language: Language) -> Result<(), CatalogueError> {
        for (row, words) in self.wording(language).sentences() {
            if let Some(complaint) = super::honest::complaint(&self.honest, language, words) {
                return Err(wrong(file_of(language), &row, complaint));
            }
        }
        Ok(())
    }

    /// A translation has the sections of the English text, with the same kinds of blocks and the same numbers and slots.
    fn check_languages(&self) -> Result<(), CatalogueError> {
        for spanish in &self.spanish.documents {
            let name = spanish.id.word();
            let Some(english) = self.english.documents.iter().find(|document| document.id == spanish.id) else {
                return Err(wrong(SPANISH, name, "found a document that the English text does not have".to_owned()));
            };
            let (theirs, ours) = (shapes(spanish), shapes(english));
            if let Some((their, our)) = theirs.iter().zip(&ours).find(|(their, our)| their != our) {
                return Err(wrong(SPANISH, name, format!("found {their}, expected {our} as in the English text")));
            }
            if theirs.len() != ours.len() {
                let problem = format!("found {} blocks, expected {}", theirs.len(), ours.len());
                return Err(wrong(SPANISH, name, problem));
            }
        }
        Ok(())
    }
}

/// What must be the same in every language: where a block stands, its kind, its condition, what it names.
fn shapes(document: &DocumentWords) -> Vec<String> {
    let named = |piece: &Piece| {
        let mut names: Vec<String> = piece
            .words()
            .into_iter()
            .flat_map(|words| parts(words).unwrap_or_default())
            .filter_map(|part| if let Part::Named(name) = part { Some(name.to_owned()) } else { None })
            .collect();
        names.sort();
        names.join(" ")
    };
    let section = |section: &SectionWords| {
        let id = section.id.clone();
        let head = format!("{id} {:?}", section.when);
        let blocks: Vec<String> =
            section.blocks.iter().map(|piece| format!("{id}: {} [{}]", piece.shape(), named(piece))).collect();
        std::iter::once(head).chain(blocks)
    };
    document.section.iter().flat_map(section).collect()
}

/// Where inserts stand in a document, for the check that none is forgotten.
pub(crate) fn inserts(document: &DocumentWords) -> Vec<Insert> {
    document.section.iter().flat_map(|section| &section.blocks).filter_map(Piece::insert).collect()
}

pub(crate) fn wrong(file: &'static str, row: &str, problem: String) -> CatalogueError {
    CatalogueError::UnreadableRow { file, row: row.to_owned(), problem }
}

fn file_of(language: Language) -> &'static str {
    match language {
        Language::English => ENGLISH,
        Language::Spanish => SPANISH,
    }
}

const ENGLISH: &str = "wording/en.toml";
const SPANISH: &str = "wording/es.toml";
const NUMBERS: &str = "wording/numbers.toml";
const HONEST: &str = "wording/honest.toml";
