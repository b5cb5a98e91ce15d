//! Times, as far as rules need them: differences. Time zones belong to the program, which has a clock. In files and on the
//! wire they are written as ISO 8601 says: `2026-03-05`, `2026-03-05T09:10Z`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A minute on the clock. Unit: minutes since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = "utc-minute", example = "2026-03-05T09:10Z")]
pub struct Moment(pub i64);

impl Moment {
    /// How long after `earlier` this is; negative when before. Unit: h.
    pub fn hours_since(self, earlier: Moment) -> f64 {
        (self.0 - earlier.0) as f64 / MINUTES_PER_HOUR
    }

    /// The first whole minute that is `hours` or more later.
    pub fn plus_hours(self, hours: f64) -> Moment {
        Moment(self.0 + (hours * MINUTES_PER_HOUR).ceil() as i64)
    }

    /// The last whole minute that is `hours` or more earlier.
    pub fn minus_hours(self, hours: f64) -> Moment {
        Moment(self.0 - (hours * MINUTES_PER_HOUR).ceil() as i64)
    }
}

const MINUTES_PER_HOUR: f64 = 60.0;
const MINUTES_PER_DAY: i64 = 1440;

/// A day of the calendar where the patient is. Unit: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = Date, example = "2026-03-05")]
pub struct Day(pub i64);

impl Day {
    /// How many days after `earlier` this is; negative when before.
    pub fn days_since(self, earlier: Day) -> i64 {
        self.0 - earlier.0
    }

    /// So many days later.
    pub fn plus_days(self, days: i64) -> Day {
        Day(self.0 + days)
    }

    /// Year, month 1 to 12, day of the month 1 to 31, in the Gregorian calendar.
    pub fn date(self) -> (i64, i64, i64) {
        // Years are counted from March, so that the leap day is the last; 146097 days are 400 years.
        let days = self.0 + DAYS_TO_1970;
        let era = days.div_euclid(DAYS_PER_ERA);
        let of_era = days.rem_euclid(DAYS_PER_ERA);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }

    /// The day of a date.
    ///
    /// # Errors
    /// [`NoTime`] when there is no such day.
    pub fn of_date(year: i64, month: i64, day: i64) -> Result<Self, NoTime> {
        let wrong =
            || NoTime { found: format!("{year}-{month}-{day}"), expected: "a day of the calendar, such as 2026-03-05" };
        if !(0..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return Err(wrong());
        }
        let from_march = if month > 2 { year } else { year - 1 };
        let era = from_march.div_euclid(400);
        let year_of_era = from_march.rem_euclid(400);
        let month_from_march = if month > 2 { month - 3 } else { month + 9 };
        let of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        let found = Day(era * DAYS_PER_ERA + of_era - DAYS_TO_1970);
        if found.date() == (year, month, day) { Ok(found) } else { Err(wrong()) }
    }

    /// The minute with which it begins, in UTC.
    pub fn begins(self) -> Moment {
        Moment(self.0 * MINUTES_PER_DAY)
    }
}

const DAYS_PER_ERA: i64 = 146_097;
/// From 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

/// A text that is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found '{found}', expected {expected}")]
pub struct NoTime {
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: &'static str,
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        f.pad(&format!("{year:04}-{month:02}-{day:02}"))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = Day(self.0.div_euclid(MINUTES_PER_DAY));
        let minutes = self.0.rem_euclid(MINUTES_PER_DAY);
        f.pad(&format!("{day}T{:02}:{:02}Z", minutes / 60, minutes % 60))
    }
}

impl FromStr for Day {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let wrong = || NoTime { found: text.to_owned(), expected: "a day such as 2026-03-05" };
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else { return Err(wrong()) };
        if [year.len(), month.len(), day.len()] != [4, 2, 2] {
            return Err(wrong());
        }
        let number = |part: &str| digits(part).ok_or_else(wrong);
        Day::of_date(number(year)?, number(month)?, number(day)?).map_err(|_| wrong())
    }
}

/// A number made of digits alone, so that a sign is refused.
fn digits(part: &str) -> Option<i64> {
    part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
}

/// Day, minutes and seconds of `2026-03-05T09:10:30Z`; seconds may be absent, and a shift such as `+01:00` stands for `Z`.
pub(crate) fn parsed_second(text: &str) -> Option<i64> {
    let (day, clock) = text.split_once('T')?;
    let day: Day = day.parse().ok()?;
    let (clock, shift_minutes) = match clock.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => shifted(clock)?,
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (digits(hour)?, digits(minute)?, 0),
        [hour, minute, second] => (digits(hour)?, digits(minute)?, digits(second.split('.').next()?)?),
        _ => return None,
    };
    let sound = parts[0].len() == 2 && parts[1].len() == 2 && hour < 24 && minute < 60 && second < 60;
    sound.then(|| ((day.0 * 24 + hour) * 60 + minute - shift_minutes) * 60 + second)
}

fn shifted(clock: &str) -> Option<(&str, i64)> {
    let at = clock.rfind(['+', '-'])?;
    let (clock, shift) = clock.split_at(at);
    let (hours, minutes) = shift[1..].split_once(':')?;
    let minutes = digits(hours)? * 60 + digits(minutes)?;
    Some((clock, if shift.starts_with('-') { -minutes } else { minutes }))
}

impl FromStr for Moment {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let second = parsed_second(text).ok_or_else(|| NoTime {
            found: text.to_owned(),
            expected: "a time such as 2026-03-05T09:10Z or 2026-03-05T09:10+01:00",
        })?;
        Ok(Moment(second.div_euclid(60)))
    }
}

macro_rules! as_text {
    ($($time:ty),*) => {
        $(impl TryFrom<String> for $time {
            type Error = NoTime;

            fn try_from(text: String) -> Result<Self, NoTime> {
                text.parse()
            }
        }

        impl From<$time> for String {
            fn from(time: $time) -> String {
                time.to_string()
            }
        })*
    };
}
pub(crate) use as_text;

as_text!(Day, Moment);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_is_read_back_as_itself() {
        for day in -80_000..80_000 {
            let text = Day(day).to_string();
            assert_eq!(text.parse::<Day>(), Ok(Day(day)), "{text}");
        }
    }

    #[test]
    fn known_days_have_their_numbers() {
        assert_eq!("1970-01-01".parse(), Ok(Day(0)));
        assert_eq!("2000-02-29".parse(), Ok(Day(11_016)));
        assert_eq!("2026-11-25".parse(), Ok(Day(20_782)));
        assert_eq!("2026-11-25T06:30+01:00".parse(), Ok(Moment(20_782 * 1440 + 330)));
        assert_eq!(Moment(20_782 * 1440 + 330).to_string(), "2026-11-25T05:30Z");
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "26-01-01", "+026-01-01", "today", ""] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
        for text in
            ["2026-01-01T24:00Z", "2026-01-01T10:60Z", "2026-01-01 10:00", "2026-01-01T10:00", "2026-01-01T1:00Z"]
        {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
