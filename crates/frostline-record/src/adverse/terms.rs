//! `data/adverse_terms.toml`: what events are called, what to watch and do, and the grades of SIR.

use frostline_plan::catalogue::{CatalogueError, Sourced, Sources, Status, every_source_is_listed, rows_of};
use serde::{Deserialize, Serialize};

use super::EventRefused;
use super::near::look_alike;
use crate::rules::{some, wrong};

const FILE: &str = "adverse_terms.toml";

/// Key of what is on no list: what happened is then told in words.
pub const OTHER: &str = "other";

/// What must be written down with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// Which muscle, in the words of the event.
    Muscle,
    /// The agent of an allergic reaction.
    Allergen,
}

/// One kind of event.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Key.
    pub id: String,
    /// In English.
    pub name: String,
    /// In Spanish.
    pub es: String,
    /// Codes of ICD-10-CM to start looking from; one that ends in `-` is a family.
    pub codes: Vec<String>,
    /// Whether some of it is ordinary after most freezes.
    pub expected: bool,
    /// What must be written down with it.
    #[serde(default)]
    pub needs: Option<Needs>,
    /// Key in `data/sources.toml`.
    pub source: String,
    /// How it came from there.
    pub status: Status,
}

impl Term {
    /// Whether what somebody wrote may mean it, by its key or one of its names.
    fn looks_like(&self, written: &str) -> bool {
        [&self.id, &self.name, &self.es].into_iter().any(|name| look_alike(name, written))
    }
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// In words.
    #[serde(rename = "do")]
    pub what: String,
}

/// A sign to watch for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// Key.
    pub id: String,
    /// What shows.
    pub sign: String,
    /// Events that it belongs to.
    pub terms: Vec<String>,
    /// When it usually shows.
    pub when: String,
    /// What to do.
    pub act: Sourced<Act>,
}

/// An answer about how bad an event was, as SIR asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Asked {
    Death,
    LifeThreatening,
    SevereLasting,
    MildLasting,
    Hospital,
    Intervention,
    Treatment,
    Stay,
    LongStay,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meaning {
    pub(super) when: Vec<Asked>,
}

/// One grade of SIR above the mildest.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SirRow {
    #[serde(rename = "id")]
    _id: String,
    pub(super) name: String,
    pub(super) grade: u8,
    pub(super) meaning: Sourced<Meaning>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mildest {
    pub(super) name: String,
    pub(super) grade: u8,
}

/// Everything in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct AdverseTerms {
    terms: Vec<Term>,
    watch: Vec<Watch>,
    pub(super) sir: Vec<SirRow>,
    pub(super) mildest: Mildest,
}

impl AdverseTerms {
    /// Reads the file; grades go from the worst down, and every sign belongs to events of the list.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row, what was found and what was expected.
    pub fn from_toml(text: &str, sources: &Sources) -> Result<Self, CatalogueError> {
        every_source_is_listed(&[(FILE, text)], sources)?;
        let rows = rows_of(FILE, text, &["term", "watch", "sir", "mildest"])?;
        let read = Self {
            terms: some(FILE, "term", rows.list("term")?)?,
            watch: some(FILE, "watch", rows.list("watch")?)?,
            sir: some(FILE, "sir", rows.list("sir")?)?,
            mildest: rows.one("mildest")?,
        };
        for watch in &read.watch {
            if let Some(found) = watch.terms.iter().find(|term| read.find(term).is_none()) {
                return Err(wrong(FILE, &watch.id, format!("found the term \"{found}\", expected one of the terms")));
            }
        }
        let grades: Vec<u8> = read.sir.iter().map(|row| row.grade).chain([read.mildest.grade]).collect();
        if grades.windows(2).any(|pair| pair[0] != pair[1] + 1) {
            return Err(wrong(FILE, "sir", format!("found the grades {grades:?}, expected each one below the last")));
        }
        Ok(read)
    }

    /// The file as it was when the program was built.
    ///
    /// # Errors
    /// [`CatalogueError`] when it was wrong then, which a test refuses.
    pub fn bundled() -> Result<Self, CatalogueError> {
        let sources = Sources::from_toml(include_str!("../../../../data/sources.toml"))?;
        Self::from_toml(include_str!("../../../../data/adverse_terms.toml"), &sources)
    }

    /// Every kind of event, in the order of the file.
    pub fn all(&self) -> &[Term] {
        &self.terms
    }

    /// The kind of event with this key.
    pub fn find(&self, id: &str) -> Option<&Term> {
        self.terms.iter().find(|term| term.id == id)
    }

    /// The kind of event with this key.
    ///
    /// # Errors
    /// [`EventRefused::UnknownTerm`] with the keys that look like it.
    pub fn listed(&self, id: &str) -> Result<&Term, EventRefused> {
        self.find(id).ok_or_else(|| EventRefused::UnknownTerm {
            found: id.to_owned(),
            near: self.terms.iter().filter(|term| term.looks_like(id)).map(|term| term.id.clone()).collect(),
            known: self.terms.iter().map(|term| term.id.clone()).collect(),
        })
    }

    /// Every sign to watch for, in the order of the file.
    pub fn to_watch(&self) -> &[Watch] {
        &self.watch
    }

    /// What to watch for and do about a kind of event.
    pub fn watch_for(&self, term: &str) -> impl Iterator<Item = &Watch> {
        self.watch.iter().filter(move |watch| watch.terms.iter().any(|id| id == term))
    }
}
