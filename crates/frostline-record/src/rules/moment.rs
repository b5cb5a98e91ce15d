//! Times, as far as rules need them: differences. Calendars and time zones belong to the program, which has a clock.

use serde::{Deserialize, Serialize};

/// A minute on the clock. Unit: minutes since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// A day of the calendar where the patient is. Unit: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
}
