//! `data/questionnaires.toml`: questions, when they are asked, and what belongs to others.

use frostline_plan::catalogue::{CatalogueError, Sourced, Status, every_source_is_listed, rows_of};
use serde::{Deserialize, Serialize};

use crate::rules::{Instrument, RuleBook, some, wrong};

const FILE: &str = "questionnaires.toml";

/// One thing that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// As it is kept.
    pub value: String,
    /// In English.
    pub en: String,
    /// In Spanish.
    pub es: String,
}

/// What an answer looks like.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "as", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Kind {
    /// A whole number.
    Score {
        /// From.
        low: u8,
        /// To.
        high: u8,
    },
    /// One of these.
    Choice {
        /// In the order in which they are shown.
        options: Vec<Choice>,
    },
    /// Yes or no.
    YesNo,
    /// In the patient's own words.
    Words {
        /// No more characters than these.
        longest: usize,
    },
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Key.
    pub id: String,
    /// What an answer looks like.
    pub kind: Kind,
    /// In English.
    pub en: String,
    /// In Spanish.
    pub es: String,
    /// Who may print it.
    pub licence: String,
    /// Code of LOINC, where one is known.
    #[serde(default)]
    pub loinc: Option<String>,
    /// Key in `data/sources.toml`.
    pub source: String,
    /// How it came from there.
    pub status: Status,
    /// What a reader should know.
    #[serde(default)]
    pub note: String,
}

/// What is asked at one time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionSet {
    /// Key of the time in `data/follow_up.toml`.
    pub id: String,
    /// Keys of questions that must be answered.
    pub must: Vec<String>,
    /// Keys of questions that may be.
    pub may: Vec<String>,
}

/// What a score can be.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreRange {
    /// From.
    pub low: f64,
    /// To.
    pub high: f64,
}

/// A questionnaire of others, of which only the score is kept.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherInstrument {
    /// Key.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What a score can be.
    pub score: ScoreRange,
    /// By which rule of O-03 a change is judged, where there is one.
    #[serde(default)]
    pub changes: Option<Instrument>,
    /// Who may use it.
    pub licence: String,
    /// Key in `data/sources.toml`.
    pub source: String,
    /// How it came from there.
    pub status: Status,
    /// What a reader should know.
    #[serde(default)]
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WholePoints {
    pub(super) points: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WholeDays {
    pub(super) days: i64,
}

/// What the answers mean.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutcomeNumbers {
    pub(super) global_responder_up_to: Sourced<WholePoints>,
    pub(super) complete_relief_up_to: Sourced<WholePoints>,
    pub(super) activity_met_from: Sourced<WholePoints>,
    pub(super) no_failure_before: Sourced<WholeDays>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SentOn {
    pub(super) days_after_due: Vec<i64>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reminders {
    pub(super) sent: Sourced<SentOn>,
}

/// Everything in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Questionnaires {
    questions: Vec<Question>,
    sets: Vec<QuestionSet>,
    instruments: Vec<OtherInstrument>,
    pub(super) may_use: Vec<String>,
    pub(super) outcome: OutcomeNumbers,
    pub(super) reminders: Reminders,
}

impl Questionnaires {
    /// Reads the file. Every time of the follow-up has its questions, and no others have any.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row, what was found and what was expected.
    pub fn from_toml(text: &str, book: &RuleBook) -> Result<Self, CatalogueError> {
        every_source_is_listed(&[(FILE, text)], book.sources())?;
        let rows = rows_of(FILE, text, &["question", "set", "instrument", "outcome", "reminders"])?;
        let read = Self {
            questions: some(FILE, "question", rows.list("question")?)?,
            sets: some(FILE, "set", rows.list("set")?)?,
            instruments: rows.list("instrument")?,
            may_use: Vec::new(),
            outcome: rows.one("outcome")?,
            reminders: rows.one("reminders")?,
        };
        read.check(book)?;
        Ok(read)
    }

    /// The file as it was when the program was built.
    ///
    /// # Errors
    /// [`CatalogueError`] when it was wrong then, which a test refuses.
    pub fn bundled(book: &RuleBook) -> Result<Self, CatalogueError> {
        Self::from_toml(include_str!("../../../../data/questionnaires.toml"), book)
    }

    /// Every question, in the order of the file.
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// Questionnaires of others, of which only scores are kept.
    pub fn instruments(&self) -> &[OtherInstrument] {
        &self.instruments
    }

    /// Whether the site said that it may use a questionnaire of others.
    pub fn site_may_use(&self, id: &str) -> bool {
        self.may_use.iter().any(|one| one == id)
    }

    /// What is asked at a time of the follow-up.
    pub fn set(&self, time: &str) -> Option<&QuestionSet> {
        self.sets.iter().find(|set| set.id == time)
    }

    pub(super) fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    fn check(&self, book: &RuleBook) -> Result<(), CatalogueError> {
        for time in book.follow_up_times() {
            if self.set(&time.id).is_none() {
                return Err(CatalogueError::MissingRow { file: FILE, row: time.id.clone() });
            }
        }
        for set in &self.sets {
            if !book.follow_up_times().iter().any(|time| time.id == set.id) {
                return Err(wrong(
                    FILE,
                    &set.id,
                    "found a set for a time that follow_up.toml does not have".to_owned(),
                ));
            }
            if let Some(found) = set.must.iter().chain(&set.may).find(|id| self.question(id).is_none()) {
                return Err(wrong(FILE, &set.id, format!("found \"{found}\", expected the id of a [[question]]")));
            }
        }
        match self
            .questions
            .iter()
            .find(|question| [&question.en, &question.es].iter().any(|words| words.trim().is_empty()))
        {
            Some(question) => Err(wrong(FILE, &question.id, "expected words in English and in Spanish".to_owned())),
            None => Ok(()),
        }
    }
}
