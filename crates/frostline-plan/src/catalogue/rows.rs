//! Reading the rows of one catalogue file, and the words for what is wrong with one.

use serde::de::DeserializeOwned;

/// Why a catalogue cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The file is not TOML.
    #[error("{file} is not a TOML file: {problem}")]
    NotToml {
        /// Which file.
        file: &'static str,
        /// What the TOML reader says, with line and column.
        problem: String,
    },
    /// A section that the file must not, or must, have.
    #[error("{file}: found [{found}], expected only {expected}; check the spelling of the section")]
    UnknownSection {
        /// Which file.
        file: &'static str,
        /// The section that is there.
        found: String,
        /// The sections that may be there.
        expected: String,
    },
    /// A row that cannot be read.
    #[error("{file}, row \"{row}\": {problem}")]
    UnreadableRow {
        /// Which file.
        file: &'static str,
        /// The `id` of the row, or its number when it has none.
        row: String,
        /// What was found and what was expected.
        problem: String,
    },
    /// A number that cannot be true.
    #[error("{file}, row \"{row}\", {field}: found {found}, expected {expected}")]
    WrongValue {
        /// Which file.
        file: &'static str,
        /// The `id` of the row.
        row: String,
        /// Which key.
        field: String,
        /// What the file says.
        found: String,
        /// What it may say.
        expected: String,
    },
    /// A row that names a source nobody listed.
    #[error("{file}, row \"{row}\": the source \"{found}\" is not in sources.toml; add a row there with its citation")]
    UnknownSource {
        /// Which file.
        file: &'static str,
        /// The `id` of the row.
        row: String,
        /// The source it names.
        found: String,
    },
    /// Two rows with the same key.
    #[error("{file}: two rows are called \"{row}\"; every id may be used once")]
    TwiceTheSameId {
        /// Which file.
        file: &'static str,
        /// The key.
        row: String,
    },
    /// A row that the program cannot do without.
    #[error("{file}: there is no row \"{row}\"; the program needs it, so add it again")]
    MissingRow {
        /// Which file.
        file: &'static str,
        /// The key.
        row: String,
    },
}

/// One parsed file, from which lists of rows are taken.
pub struct Rows {
    file: &'static str,
    table: toml::Table,
}

/// Parses a file and refuses sections it does not know.
///
/// # Errors
/// [`CatalogueError`] naming what is wrong with the file.
pub fn rows_of(file: &'static str, text: &str, sections: &[&str]) -> Result<Rows, CatalogueError> {
    let table: toml::Table = text
        .parse()
        .map_err(|problem: toml::de::Error| CatalogueError::NotToml { file, problem: problem.to_string() })?;
    if let Some(found) = table.keys().find(|key| !sections.contains(&key.as_str())) {
        return Err(CatalogueError::UnknownSection { file, found: found.clone(), expected: sections.join(", ") });
    }
    Ok(Rows { file, table })
}

impl Rows {
    /// Every row of a `[[section]]`; none when the section is absent.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row that cannot be read.
    pub fn list<T: DeserializeOwned>(&self, section: &str) -> Result<Vec<T>, CatalogueError> {
        let Some(value) = self.table.get(section) else { return Ok(Vec::new()) };
        let Some(rows) = value.as_array() else {
            return Err(self.unreadable(section, format!("found one [{section}], expected a list of [[{section}]]")));
        };
        let mut seen: Vec<&str> = Vec::new();
        let mut read = Vec::with_capacity(rows.len());
        for (number, row) in rows.iter().enumerate() {
            let id = row.get("id").and_then(toml::Value::as_str);
            let name = id.map_or_else(|| format!("{section} number {}", number + 1), str::to_owned);
            if let Some(id) = id {
                if seen.contains(&id) {
                    return Err(CatalogueError::TwiceTheSameId { file: self.file, row: name });
                }
                seen.push(id);
            }
            read.push(
                row.clone()
                    .try_into()
                    .map_err(|problem: toml::de::Error| self.unreadable(&name, problem.message().to_owned()))?,
            );
        }
        Ok(read)
    }

    /// The one table `[section]`.
    ///
    /// # Errors
    /// [`CatalogueError`] when it is absent or cannot be read.
    pub fn one<T: DeserializeOwned>(&self, section: &str) -> Result<T, CatalogueError> {
        let Some(value) = self.table.get(section) else {
            return Err(CatalogueError::MissingRow { file: self.file, row: section.to_owned() });
        };
        value
            .clone()
            .try_into()
            .map_err(|problem: toml::de::Error| self.unreadable(section, problem.message().to_owned()))
    }

    fn unreadable(&self, row: &str, problem: String) -> CatalogueError {
        CatalogueError::UnreadableRow { file: self.file, row: row.to_owned(), problem }
    }
}

/// Checks the numbers of one row and remembers where they are.
#[derive(Clone, Debug)]
pub(super) struct RowCheck {
    file: &'static str,
    row: String,
}

impl RowCheck {
    pub(super) fn new(file: &'static str, row: &str) -> Self {
        Self { file, row: row.to_owned() }
    }

    /// A finite number from `low` to `high`, both allowed. A number that is not one (NaN) fails every comparison.
    pub(super) fn between(&self, field: &str, found: f64, low: f64, high: f64) -> Result<(), CatalogueError> {
        if found >= low && found <= high {
            return Ok(());
        }
        self.wrong(field, found.to_string(), format!("a number from {low} to {high}"))
    }

    /// Something to read.
    pub(super) fn words(&self, field: &str, found: &str) -> Result<(), CatalogueError> {
        if found.trim().is_empty() {
            return self.wrong(field, "nothing".to_owned(), "words".to_owned());
        }
        Ok(())
    }

    /// A list in which every entry is larger than the one before it.
    pub(super) fn growing(&self, field: &str, found: impl Iterator<Item = f64>) -> Result<(), CatalogueError> {
        let mut last = f64::NEG_INFINITY;
        for value in found {
            if value.is_nan() || value <= last {
                return self.wrong(field, format!("{value} after {last}"), "values that grow".to_owned());
            }
            last = value;
        }
        Ok(())
    }

    pub(super) fn wrong<T>(&self, field: &str, found: String, expected: String) -> Result<T, CatalogueError> {
        Err(CatalogueError::WrongValue {
            file: self.file,
            row: self.row.clone(),
            field: field.to_owned(),
            found,
            expected,
        })
    }
}

/// Refuses a row, anywhere in any file, that names a source which `sources.toml` does not list.
///
/// # Errors
/// [`CatalogueError::UnknownSource`] with file and row.
///
/// Walks the parsed files rather than the typed catalogues, so that no new table can forget to be checked.
pub fn every_source_is_listed(
    files: &[(&'static str, &str)],
    sources: &super::sources::Sources,
) -> Result<(), CatalogueError> {
    for (file, text) in files.iter().filter(|(file, _)| *file != "sources.toml") {
        let rows = rows_of_any(file, text)?;
        walk(file, "", &toml::Value::Table(rows), sources)?;
    }
    Ok(())
}

fn rows_of_any(file: &'static str, text: &str) -> Result<toml::Table, CatalogueError> {
    text.parse().map_err(|problem: toml::de::Error| CatalogueError::NotToml { file, problem: problem.to_string() })
}

fn walk(
    file: &'static str,
    row: &str,
    value: &toml::Value,
    sources: &super::sources::Sources,
) -> Result<(), CatalogueError> {
    match value {
        toml::Value::Array(entries) => entries.iter().try_for_each(|entry| walk(file, row, entry, sources)),
        toml::Value::Table(table) => {
            let row = table.get("id").and_then(toml::Value::as_str).unwrap_or(row);
            if let Some(found) = table.get("source").and_then(toml::Value::as_str)
                && sources.find(found).is_none()
            {
                return Err(CatalogueError::UnknownSource { file, row: row.to_owned(), found: found.to_owned() });
            }
            table.iter().try_for_each(|(key, entry)| walk(file, if row.is_empty() { key } else { row }, entry, sources))
        }
        _ => Ok(()),
    }
}
