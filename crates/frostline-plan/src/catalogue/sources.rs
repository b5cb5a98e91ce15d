//! Where a number comes from, and how far it can be trusted.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Serialize};

use super::rows::{CatalogueError, RowCheck, rows_of};

/// How a number came into the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Read in the source itself.
    Seen,
    /// Calculated from numbers that were read in the source.
    Computed,
    /// Remembered, not found in any source that could be opened; a placeholder until somebody checks it.
    RecalledUnverified,
    /// Chosen by this project; no source claims it.
    Design,
}

impl Status {
    /// The word used in the data files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Status::Seen => "seen",
            Status::Computed => "computed",
            Status::RecalledUnverified => "recalled-unverified",
            Status::Design => "design",
        }
    }
}

/// A value of the catalogue together with where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Sourced<T> {
    /// The value itself.
    pub value: T,
    /// Key of its row in `data/sources.toml`.
    pub source: String,
    /// How the value came from there.
    pub status: Status,
    /// What a reader should know before trusting it; may be empty.
    pub note: String,
}

/// The three keys that every group of numbers carries beside its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Provenance {
    source: String,
    status: Status,
    #[serde(default)]
    note: String,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Sourced<T> {
    // `source`, `status` and `note` lie beside the numbers in the file. They are taken out first, so that what remains
    // can refuse unknown keys (serde cannot do that through `flatten`).
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut numbers = toml::Table::deserialize(deserializer)?;
        let mut provenance = toml::Table::new();
        for key in ["source", "status", "note"] {
            if let Some(value) = numbers.remove(key) {
                provenance.insert(key.to_owned(), value);
            }
        }
        let Provenance { source, status, note } = provenance.try_into().map_err(plain::<D>)?;
        let value = numbers.try_into().map_err(plain::<D>)?;
        Ok(Self { value, source, status, note })
    }
}

/// Only what is wrong: the position that the TOML reader adds is that inside the row, which would mislead.
fn plain<'de, D: serde::Deserializer<'de>>(problem: toml::de::Error) -> D::Error {
    D::Error::custom(problem.message())
}

/// A number that may not have been found anywhere; in the file the words `"not-known"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known<T> {
    /// It was found.
    Known(T),
    /// Nothing readable says it.
    NotKnown,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Known<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(word) if word == "not-known" => Ok(Known::NotKnown),
            value => value.try_into().map(Known::Known).map_err(|problem: toml::de::Error| {
                D::Error::custom(format!("{} (or the words \"not-known\")", problem.message()))
            }),
        }
    }
}

impl<T: Copy> Known<T> {
    /// The value, where there is one.
    pub fn known(&self) -> Option<T> {
        match self {
            Known::Known(value) => Some(*value),
            Known::NotKnown => None,
        }
    }
}

/// One publication, data set, device file or decision that numbers are taken from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Key that other rows name.
    pub id: String,
    /// What to look up.
    pub citation: String,
    /// How much of it was read: full text, abstract, table, nothing.
    pub read: String,
    /// Whether it was read itself or in somebody else's transcription.
    #[serde(default)]
    pub reading: Reading,
}

/// Whether a source was read itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// The source itself, as far as `read` says.
    #[default]
    Primary,
    /// What others wrote of it; to be checked against the source before use.
    Secondary,
}

/// All sources by their key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    by_id: BTreeMap<String, Source>,
}

impl Sources {
    /// Reads `sources.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row that cannot be read.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let file = rows_of("sources.toml", text, &["source"])?;
        let mut by_id = BTreeMap::new();
        for source in file.list::<Source>("source")? {
            RowCheck::new("sources.toml", &source.id).words("citation", &source.citation)?;
            by_id.insert(source.id.clone(), source);
        }
        Ok(Self { by_id })
    }

    /// The source with this key.
    pub fn find(&self, id: &str) -> Option<&Source> {
        self.by_id.get(id)
    }

    /// All of them, by key.
    pub fn all(&self) -> impl Iterator<Item = &Source> {
        self.by_id.values()
    }
}
