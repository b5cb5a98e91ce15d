//! `data/fasting.toml`: how long nothing is eaten or drunk before sedation.

use frostline_plan::catalogue::{CatalogueError, Sourced, rows_of};
use serde::Deserialize;

const FILE: &str = "fasting.toml";

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fast {
    pub hours: f64,
}

/// One kind of food or drink.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FastingRow {
    /// Key.
    pub id: String,
    /// What it is, with examples.
    pub name: String,
    pub(crate) fast: Sourced<Fast>,
}

impl FastingRow {
    /// The shortest fast. Unit: h.
    pub fn hours(&self) -> f64 {
        self.fast.value.hours
    }
}

/// Reads the file.
pub fn fasting(text: &str) -> Result<Vec<FastingRow>, CatalogueError> {
    let rows: Vec<FastingRow> = super::some(FILE, "intake", rows_of(FILE, text, &["intake"])?.list("intake")?)?;
    rows.iter().try_for_each(|row| super::between(FILE, &row.id, row.fast.value.hours, 0.0..=24.0))?;
    Ok(rows)
}
