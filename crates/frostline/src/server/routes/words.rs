//! Small words that several routes share.

use jiff::Timestamp;

/// A time as RFC 3339.
pub fn time(seconds: i64) -> String {
    // Seconds that were stored came from a `Timestamp`; anything else is shown as 1970 rather than hidden.
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}
