//! The larger tables beside the rules, each in a file of its own.

mod anaesthetics;
mod blood_thinners;
mod codes;
mod contraindications;
mod curves;
mod fasting;
mod follow_up;

pub use anaesthetics::Anaesthetic;
pub use blood_thinners::{BloodThinner, Hold};
pub use codes::{Included, NoteItem, PayerProfile, SideWord};
pub use contraindications::{Contraindication, Weighs};
pub use curves::{Measured, PublishedCurve};
pub use fasting::FastingRow;
pub use follow_up::{FollowUpRow, RedFlag};

pub(super) use anaesthetics::{Anaesthetics, Most};
pub(super) use blood_thinners::{BloodThinners, Restart};
pub(super) use codes::Codes;
pub(super) use contraindications::contraindications;
pub(super) use curves::curves;
pub(super) use fasting::fasting;
pub(super) use follow_up::FollowUp;

use frostline_plan::catalogue::CatalogueError;

/// A row whose numbers cannot be true.
pub(crate) fn wrong(file: &'static str, row: &str, problem: String) -> CatalogueError {
    CatalogueError::UnreadableRow { file, row: row.to_owned(), problem }
}

/// Refuses an empty list: questions that nobody asks would all be answered.
pub(crate) fn some<T>(file: &'static str, section: &str, rows: Vec<T>) -> Result<Vec<T>, CatalogueError> {
    if rows.is_empty() {
        return Err(CatalogueError::MissingRow { file, row: section.to_owned() });
    }
    Ok(rows)
}

/// Refuses a number outside what it can be at all.
pub(crate) fn between(
    file: &'static str,
    row: &str,
    found: f64,
    range: std::ops::RangeInclusive<f64>,
) -> Result<(), CatalogueError> {
    if range.contains(&found) {
        return Ok(());
    }
    let problem = format!("found {found}, expected a number from {} to {}", range.start(), range.end());
    Err(wrong(file, row, problem))
}
