//! `data/published_curves.toml`: pain after freezing as others published it.

use frostline_plan::catalogue::{CatalogueError, Known, Sourced, rows_of};
use serde::Deserialize;

const FILE: &str = "published_curves.toml";

/// What one study measured. Pain from 0 to 10.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Before.
    pub baseline: Known<f64>,
    /// Days after the procedure, and pain then; none where only a difference was published.
    pub points: Vec<(i64, f64)>,
}

/// One study.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedCurve {
    /// Key.
    pub id: String,
    /// Who, what, how.
    pub name: String,
    /// Such as series or sham-controlled.
    pub design: String,
    /// Patients.
    pub n: u32,
    /// What it found, to be shown with the curve.
    pub found: String,
    /// Its numbers.
    pub result: Sourced<Measured>,
}

/// Reads the file.
pub fn curves(text: &str) -> Result<Vec<PublishedCurve>, CatalogueError> {
    let curves: Vec<PublishedCurve> = super::some(FILE, "curve", rows_of(FILE, text, &["curve"])?.list("curve")?)?;
    for curve in &curves {
        let mut before = 0;
        for (day, pain) in &curve.result.value.points {
            super::between(FILE, &curve.id, *pain, 0.0..=10.0)?;
            if *day <= before {
                return Err(super::wrong(
                    FILE,
                    &curve.id,
                    format!("found day {day} after {before}, expected a later one"),
                ));
            }
            before = *day;
        }
    }
    Ok(curves)
}
