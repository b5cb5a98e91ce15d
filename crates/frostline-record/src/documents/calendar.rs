//! Days and times where the patient is, and how each language writes them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::document::Language;
use crate::rules::{Day, Moment};

const MINUTES_PER_HOUR: i64 = 60;
const MINUTES_PER_DAY: i64 = 24 * MINUTES_PER_HOUR;
const DAYS_PER_WEEK: i64 = 7;
/// 1970-01-01 was the fourth day after a Sunday.
const WEEKDAY_OF_DAY_ZERO: i64 = 4;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// A minute of a day of the calendar, as a clock where the patient is shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime {
    date: Date,
    minute_of_day: i64,
}

/// Why words are no day or time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found \"{found}\", expected a {expected}")]
pub struct NoTime {
    /// What was there.
    pub found: String,
    /// What would have been right.
    pub expected: &'static str,
}

impl Date {
    /// Reads `2026-12-08`.
    ///
    /// # Errors
    /// [`NoTime`] when the words are no day of the calendar.
    pub fn read(text: &str) -> Result<Self, NoTime> {
        let wrong = || NoTime { found: text.to_owned(), expected: "day such as 2026-12-08" };
        let parts: Vec<i64> = numbers(text, '-').ok_or_else(wrong)?;
        let [year, month, day] = parts[..] else { return Err(wrong()) };
        let date = Self { year, month, day };
        // Only days of the calendar survive the way there and back.
        let real = (1..=12).contains(&month) && (1800..3000).contains(&year) && Self::of(date.as_day()) == date;
        if real { Ok(date) } else { Err(wrong()) }
    }

    /// The date of a day.
    pub fn of(day: Day) -> Self {
        // Howard Hinnant, "chrono-compatible low-level date algorithms": eras of 400 years that begin in March.
        let shifted = day.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month, day: day_of_year - (153 * month_from_march + 2) / 5 + 1 }
    }

    /// The day of a date.
    pub fn as_day(self) -> Day {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = (self.month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Day(era * 146_097 + day_of_era - 719_468)
    }

    /// Such as "Tuesday, December 8, 2026" and "martes 8 de diciembre de 2026".
    pub fn words(self, language: Language) -> String {
        let weekday = (self.as_day().0 + WEEKDAY_OF_DAY_ZERO).rem_euclid(DAYS_PER_WEEK) as usize;
        let month = (self.month - 1) as usize;
        match language {
            Language::English => {
                format!("{}, {} {}, {}", ENGLISH_DAYS[weekday], ENGLISH_MONTHS[month], self.day, self.year)
            }
            Language::Spanish => {
                format!("{} {} de {} de {}", SPANISH_DAYS[weekday], self.day, SPANISH_MONTHS[month], self.year)
            }
        }
    }

    /// Such as "December 8, 2026", for dates whose weekday nobody needs.
    pub fn plain_words(self, language: Language) -> String {
        let month = (self.month - 1) as usize;
        match language {
            Language::English => format!("{} {}, {}", ENGLISH_MONTHS[month], self.day, self.year),
            Language::Spanish => format!("{} de {} de {}", self.day, SPANISH_MONTHS[month], self.year),
        }
    }

    /// Such as `2026-12-08`.
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl LocalTime {
    /// Reads `2026-12-08T07:30`.
    ///
    /// # Errors
    /// [`NoTime`] when the words are no minute of a day of the calendar.
    pub fn read(text: &str) -> Result<Self, NoTime> {
        let wrong = || NoTime { found: text.to_owned(), expected: "day and time such as 2026-12-08T07:30" };
        let (date, time) = text.split_once('T').ok_or_else(wrong)?;
        let date = Date::read(date).map_err(|_| wrong())?;
        let parts: Vec<i64> = numbers(time, ':').ok_or_else(wrong)?;
        let [hour, minute] = parts[..] else { return Err(wrong()) };
        if !(0..24).contains(&hour) || !(0..MINUTES_PER_HOUR).contains(&minute) {
            return Err(wrong());
        }
        Ok(Self { date, minute_of_day: hour * MINUTES_PER_HOUR + minute })
    }

    /// The time of a moment where clocks are so many minutes before universal time.
    pub fn of(moment: Moment, minutes_east: i32) -> Self {
        let minutes = moment.0 + i64::from(minutes_east);
        Self {
            date: Date::of(Day(minutes.div_euclid(MINUTES_PER_DAY))),
            minute_of_day: minutes.rem_euclid(MINUTES_PER_DAY),
        }
    }

    /// So many minutes later on the same clock; a change to or from summer time in between is not counted.
    pub fn plus_minutes(self, minutes: i64) -> Self {
        let day = self.date.as_day().0;
        Self::of(Moment(day * MINUTES_PER_DAY + self.minute_of_day + minutes), 0)
    }

    /// Its day.
    pub fn date(self) -> Date {
        self.date
    }

    /// Such as "7:30 am" and "7:30 a. m.".
    pub fn clock_words(self, language: Language) -> String {
        let (hour, minute) = (self.minute_of_day / MINUTES_PER_HOUR, self.minute_of_day % MINUTES_PER_HOUR);
        let shown = if hour % 12 == 0 { 12 } else { hour % 12 };
        let half = match (language, hour < 12) {
            (Language::English, true) => "am",
            (Language::English, false) => "pm",
            (Language::Spanish, true) => "a.\u{a0}m.",
            (Language::Spanish, false) => "p.\u{a0}m.",
        };
        format!("{shown}:{minute:02}\u{a0}{half}")
    }

    /// Day and time.
    pub fn words(self, language: Language) -> String {
        let joint = match language {
            Language::English => "at",
            Language::Spanish => "a las",
        };
        format!("{}, {joint} {}", self.date.words(language), self.clock_words(language))
    }

    /// Such as `2026-12-08T07:30`.
    pub fn iso(self) -> String {
        let (hour, minute) = (self.minute_of_day / MINUTES_PER_HOUR, self.minute_of_day % MINUTES_PER_HOUR);
        format!("{}T{hour:02}:{minute:02}", self.date.iso())
    }
}

fn numbers(text: &str, between: char) -> Option<Vec<i64>> {
    let whole = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten();
    text.split(between).map(whole).collect()
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.iso())
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.iso())
    }
}

const ENGLISH_DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const SPANISH_DAYS: [&str; 7] = ["domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"];
const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const SPANISH_MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_people_of_each_language_write_it() {
        let time = LocalTime::read("2026-12-08T07:30").unwrap();
        assert_eq!(time.words(Language::English), "Tuesday, December 8, 2026, at 7:30\u{a0}am");
        assert_eq!(time.words(Language::Spanish), "martes 8 de diciembre de 2026, a las 7:30\u{a0}a.\u{a0}m.");
        let noon = LocalTime::read("2024-02-29T12:05").unwrap();
        assert_eq!(noon.words(Language::English), "Thursday, February 29, 2024, at 12:05\u{a0}pm");
        assert_eq!(LocalTime::read("2024-02-29T00:05").unwrap().clock_words(Language::English), "12:05\u{a0}am");
    }

    #[test]
    fn a_moment_shows_the_day_of_the_place_and_not_of_greenwich() {
        // 2026-03-01 03:00 UTC is still February in New York (five hours behind).
        let moment = Moment(Date::read("2026-03-01").unwrap().as_day().0 * 1440 + 180);
        assert_eq!(LocalTime::of(moment, -300).iso(), "2026-02-28T22:00");
    }

    #[test]
    fn every_day_of_eight_centuries_comes_back_as_itself() {
        let mut before = Date::of(Day(-62_092));
        for day in -62_091..230_000 {
            let date = Date::of(Day(day));
            assert!(date > before && date.as_day() == Day(day), "{date:?}");
            before = date;
        }
        assert_eq!(Date::of(Day(0)).iso(), "1970-01-01");
    }

    #[test]
    fn what_is_no_day_is_refused_with_what_was_expected() {
        for text in ["2026-02-29", "2026-13-01", "26-1-1", "tomorrow", "2026-+1-01", ""] {
            assert!(Date::read(text).is_err(), "{text}");
        }
        let error = LocalTime::read("2026-12-08 07:30").unwrap_err();
        assert!(error.to_string().contains("such as 2026-12-08T07:30"), "{error}");
        assert!(LocalTime::read("2026-12-08T24:00").is_err());
    }
}
