//! `data/icd10cm.toml`: which diagnosis codes go with which nerve, by side.

use frostline_plan::anatomy::Side;
use frostline_plan::catalogue::{CatalogueError, Known, Sourced, Sources, Status, every_source_is_listed, rows_of};
use serde::Deserialize;

use crate::rules::{some, wrong};

const FILE: &str = "icd10cm.toml";

/// Codes of a condition by side.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodesBySide {
    /// The right leg.
    #[serde(default)]
    pub right: Option<String>,
    /// The left leg.
    #[serde(default)]
    pub left: Option<String>,
    /// Both.
    #[serde(default)]
    pub both: Option<String>,
    /// When the side is not known.
    #[serde(default)]
    pub unspecified: Option<String>,
    /// A code that names no side.
    #[serde(default)]
    pub any: Option<String>,
}

/// What a nerve may have.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Key.
    pub id: String,
    /// In words.
    pub name: String,
    /// Keys of the nerves; none when any nerve may have it.
    pub nerves: Vec<String>,
    /// Its codes.
    pub codes: Sourced<CodesBySide>,
    /// Only where nothing better is known.
    #[serde(default)]
    pub last_resort: bool,
}

/// Which sides were treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sides {
    /// One.
    One(Side),
    /// Both.
    Both,
    /// Nobody wrote it down.
    NotKnown,
}

impl Condition {
    /// The code for these sides; both sides are two codes where no single one exists.
    pub fn codes_for(&self, sides: Sides) -> Vec<&str> {
        let codes = &self.codes.value;
        let own = match sides {
            Sides::One(Side::Right) => vec![&codes.right],
            Sides::One(Side::Left) => vec![&codes.left],
            Sides::Both if codes.both.is_some() => vec![&codes.both],
            Sides::Both => vec![&codes.right, &codes.left],
            Sides::NotKnown => vec![&codes.unspecified],
        };
        own.into_iter().chain([&codes.any]).flatten().map(String::as_str).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeRow {
    id: String,
    text: String,
    source: String,
    status: Status,
}

/// The words of a code and how far they were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeWords<'a> {
    /// As the list says it.
    pub text: &'a str,
    /// Key in `data/sources.toml`.
    pub source: &'a str,
    /// How they came from there.
    pub status: Status,
}

/// Everything in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnoses {
    conditions: Vec<Condition>,
    codes: Vec<CodeRow>,
}

impl Diagnoses {
    /// Reads the file; every code of a condition has its words.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row, what was found and what was expected.
    pub fn from_toml(text: &str, sources: &Sources) -> Result<Self, CatalogueError> {
        every_source_is_listed(&[(FILE, text)], sources)?;
        let rows = rows_of(FILE, text, &["condition", "code"])?;
        let read = Self {
            conditions: some(FILE, "condition", rows.list("condition")?)?,
            codes: some(FILE, "code", rows.list("code")?)?,
        };
        for condition in &read.conditions {
            let codes = &condition.codes.value;
            let all = [&codes.right, &codes.left, &codes.both, &codes.unspecified, &codes.any];
            let Some(code) = all.into_iter().flatten().find(|code| read.words(code) == Known::NotKnown) else {
                continue;
            };
            return Err(wrong(
                FILE,
                &condition.id,
                format!("found the code {code}, expected a [[code]] with its words"),
            ));
        }
        Ok(read)
    }

    /// The file as it was when the program was built.
    ///
    /// # Errors
    /// [`CatalogueError`] when it was wrong then, which a test refuses.
    pub fn bundled() -> Result<Self, CatalogueError> {
        let sources = Sources::from_toml(include_str!("../../../../data/sources.toml"))?;
        Self::from_toml(include_str!("../../../../data/icd10cm.toml"), &sources)
    }

    /// Every condition, in the order of the file.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// The words of a code; not known when it is not in this part of the list.
    pub fn words(&self, code: &str) -> Known<CodeWords<'_>> {
        let row = self.codes.iter().find(|row| row.id == code);
        row.map_or(Known::NotKnown, |row| {
            Known::Known(CodeWords { text: &row.text, source: &row.source, status: row.status })
        })
    }

    /// Conditions of a nerve: its own first, then those that any nerve may have, the last resort last.
    pub fn of_nerve(&self, nerve: &str) -> Vec<&Condition> {
        let belongs =
            |condition: &&Condition| condition.nerves.is_empty() || condition.nerves.iter().any(|n| n == nerve);
        let mut found: Vec<&Condition> = self.conditions.iter().filter(belongs).collect();
        found.sort_by_key(|condition| (condition.last_resort, condition.nerves.is_empty()));
        found
    }
}
