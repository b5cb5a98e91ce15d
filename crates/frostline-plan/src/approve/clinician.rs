//! Who approves a plan, and when.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A person who answers for a plan, by name and role. Whether they are that person is not known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ClinicianText", deny_unknown_fields)]
pub struct Clinician {
    name: String,
    role: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClinicianText {
    name: String,
    role: String,
}

impl TryFrom<ClinicianText> for Clinician {
    type Error = SignatureError;

    fn try_from(text: ClinicianText) -> Result<Self, SignatureError> {
        Self::new(&text.name, &text.role)
    }
}

/// Why a signature cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A name or role that says nothing.
    #[error("the {what} of the clinician is '{found}'; expected a readable {what} of at least 2 letters")]
    NoName {
        /// Name or role.
        what: &'static str,
        /// What was given.
        found: String,
    },
    /// Two signatures of one person.
    #[error("both signatures are of {name}; the second must be of another clinician")]
    SamePerson {
        /// Who signed twice.
        name: String,
    },
    /// A reason nobody could follow later.
    #[error("the reason is '{found}'; write at least {least} letters, so that a colleague can follow it")]
    NoReason {
        /// What was given.
        found: String,
        /// Letters that are wanted.
        least: usize,
    },
    /// A time that is not one.
    #[error("'{found}' is not a time; expected one such as 2026-11-24T09:30:00Z")]
    NoTime {
        /// What was given.
        found: String,
    },
}

/// One letter is a slip of the key.
const LEAST_NAME_LETTERS: usize = 2;
/// Two or three words; "ok" explains nothing.
const LEAST_REASON_LETTERS: usize = 12;

impl Clinician {
    /// From a name and a role.
    ///
    /// # Errors
    /// [`SignatureError`] when one of them says nothing.
    pub fn new(name: &str, role: &str) -> Result<Self, SignatureError> {
        for (what, found) in [("name", name), ("role", role)] {
            if letters(found) < LEAST_NAME_LETTERS {
                return Err(SignatureError::NoName { what, found: found.into() });
            }
        }
        Ok(Self { name: single_spaced(name), role: single_spaced(role) })
    }

    /// Their name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Their role.
    pub fn role(&self) -> &str {
        &self.role
    }

    fn is_same_person(&self, other: &Self) -> bool {
        // Spaces, hyphens and dots make no other person.
        let written = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        written(&self.name) == written(&other.name)
    }
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Who signs, and why where a reason is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatures {
    pub(super) first: Clinician,
    pub(super) second: Option<Clinician>,
    pub(super) reason: Option<String>,
}

impl From<Clinician> for Signatures {
    fn from(first: Clinician) -> Self {
        Self { first, second: None, reason: None }
    }
}

impl Signatures {
    /// With the signature of another clinician.
    ///
    /// # Errors
    /// [`SignatureError::SamePerson`] when both have one name.
    pub fn seconded_by(self, second: Clinician) -> Result<Self, SignatureError> {
        if self.first.is_same_person(&second) {
            return Err(SignatureError::SamePerson { name: second.name });
        }
        Ok(Self { second: Some(second), ..self })
    }

    /// With a written reason.
    ///
    /// # Errors
    /// [`SignatureError::NoReason`] when it says nothing.
    pub fn because(self, reason: &str) -> Result<Self, SignatureError> {
        if letters(reason) < LEAST_REASON_LETTERS {
            return Err(SignatureError::NoReason { found: reason.into(), least: LEAST_REASON_LETTERS });
        }
        Ok(Self { reason: Some(single_spaced(reason)), ..self })
    }
}

/// A time, told by whoever has a clock. Universal time, whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp {
    unix_s: i64,
}

const DAY_S: i64 = 86_400;

impl Timestamp {
    /// From the seconds since 1970 began.
    pub fn from_unix_s(unix_s: i64) -> Self {
        Self { unix_s }
    }

    /// Seconds since 1970 began.
    pub fn unix_s(self) -> i64 {
        self.unix_s
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.unix_s.div_euclid(DAY_S));
        let second = self.unix_s.rem_euclid(DAY_S);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl From<Timestamp> for String {
    fn from(at: Timestamp) -> Self {
        at.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = SignatureError;

    fn try_from(text: String) -> Result<Self, SignatureError> {
        let number = |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse::<i64>().ok());
        let parts = [number(0..4), number(5..7), number(8..10), number(11..13), number(14..16), number(17..19)];
        let [Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)] = parts else {
            return Err(SignatureError::NoTime { found: text });
        };
        let at = Self { unix_s: days_until(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second };
        // What is not written as it would be printed (a 31 April, a missing Z) is not a time.
        if at.to_string() == text { Ok(at) } else { Err(SignatureError::NoTime { found: text }) }
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counted in years that begin in March (Hinnant, "chrono-compatible
/// low-level date algorithms").
fn days_until(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day counted from 1970-01-01.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna() -> Clinician {
        Clinician::new("Anna Berg", "interventional radiologist").unwrap()
    }

    #[test]
    fn the_second_signature_cannot_be_of_the_first_person_in_other_letters() {
        let twice = Signatures::from(anna()).seconded_by(Clinician::new(" anna   BERG ", "pain physician").unwrap());
        assert!(matches!(twice, Err(SignatureError::SamePerson { .. })), "{twice:?}");
        let hyphened = Signatures::from(anna()).seconded_by(Clinician::new("Anna-Berg.", "pain physician").unwrap());
        assert!(matches!(hyphened, Err(SignatureError::SamePerson { .. })), "{hyphened:?}");
        let other = Clinician::new("Bo Lind", "pain physician").unwrap();
        assert!(Signatures::from(anna()).seconded_by(other).is_ok());
    }

    #[test]
    fn a_name_without_letters_and_a_reason_of_two_letters_are_refused() {
        assert!(Clinician::new("  ", "nurse").is_err());
        assert!(Clinician::new("Anna Berg", "-").is_err());
        assert!(Signatures::from(anna()).because("ok").is_err());
    }

    #[test]
    fn a_leap_day_is_written_and_read_back() {
        // 2024-02-29 is day 19 782 since 1970: 54 years of 365 days, 13 leap days before 2024, 31 days of January, 28 more.
        let at = Timestamp::from_unix_s((54 * 365 + 13 + 31 + 28) * DAY_S + 3 * 3600 + 4 * 60 + 5);
        assert_eq!(at.to_string(), "2024-02-29T03:04:05Z");
        assert_eq!(Timestamp::try_from(at.to_string()), Ok(at));
        for day in [-1, 0, 59, 60, 365, 11_016, 47_541] {
            let at = Timestamp::from_unix_s(day * DAY_S);
            assert_eq!(Timestamp::try_from(at.to_string()), Ok(at));
        }
    }

    #[test]
    fn a_day_that_no_calendar_has_is_not_a_time() {
        for text in ["2025-02-29T03:04:05Z", "2025-02-28T03:04:05", "2025-02-28T25:04:05Z", "yesterday", "", "é"] {
            assert!(Timestamp::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
