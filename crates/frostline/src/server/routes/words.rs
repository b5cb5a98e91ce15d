//! Small words that several routes share.

use jiff::Timestamp;
use utoipa::ToSchema;

/// The roles, for the description only; the program uses the record's own.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
#[allow(dead_code, reason = "read by the description of the interface only")]
pub enum RoleWord {
    /// Who freezes.
    Operator,
    /// Anaesthesiologist.
    Anaesthesia,
    /// Nurse.
    Nurse,
    /// Radiographer or sonographer.
    Technologist,
    /// Who books.
    Coordinator,
    /// Who codes and bills.
    Coder,
    /// Who reviews quality.
    Quality,
    /// Who runs the installation.
    Administrator,
    /// The patient.
    Patient,
}

/// A time as RFC 3339.
pub fn time(seconds: i64) -> String {
    // Seconds that were stored came from a `Timestamp`; anything else is shown as 1970 rather than hidden.
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}
