//! What somebody should do next: today's cases and what blocks them, drugs to hold, answers that are overdue or that need
//! somebody now, stock that runs low, reviews.
//!
//! Knows: how to find such things in cases and in a calendar, in which order they matter, and who can act.
//! Does not know: clocks and time zones (when days end is an argument), names of patients, who is logged in.

mod damaged;
mod entries;
mod summary;

use serde::Serialize;

use crate::rules::{Day, Moment, Role, RuleBook, RuleId};
use crate::schedule::{Calendar, ScheduleSettings};

use damaged::damaged;
pub use summary::{Alarm, CaseSummary, DrugToHold, DrugToRestart, OpenEvent, Worse, is_over};
pub(crate) use summary::{open_alarm, worse_pain};

/// How soon somebody should act. Ordered: the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// At once.
    Now,
    /// Before the day is over.
    Today,
    /// In the next days.
    Soon,
    /// When there is time.
    Later,
}

impl Urgency {
    /// The word in files and on screens.
    pub fn word(self) -> &'static str {
        match self {
            Urgency::Now => "now",
            Urgency::Today => "today",
            Urgency::Soon => "soon",
            Urgency::Later => "later",
        }
    }
}

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// A case that cannot be read.
    Damaged,
    /// An answer that needs somebody now.
    RedFlag,
    /// Pain that is worse than before the procedure.
    WorsePain,
    /// An adverse event that is not over.
    OpenEvent,
    /// Something stands before a case of today or of the next days.
    Blocked,
    /// A case of today.
    CaseOfToday,
    /// A blood thinner is held from then on.
    HoldDrug,
    /// A blood thinner is taken again from then on.
    RestartDrug,
    /// A questionnaire that is sent today.
    Send,
    /// A questionnaire that nobody answered in time.
    Overdue,
    /// Nobody reaches the patient.
    NoReply,
    /// Report or codes are missing after the procedure.
    Unfinished,
    /// A booking whose room or people are no longer there.
    Displaced,
    /// A booking of today that begins later than booked.
    Late,
    /// The calendar and the case say different times.
    Disagreement,
    /// Probes or gas.
    Stock,
    /// The quarter is due for review.
    Review,
}

/// One line of a worklist.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// How soon.
    pub urgency: Urgency,
    /// What kind.
    pub topic: Topic,
    /// Number of the case; nothing where it is about the site.
    pub case: Option<String>,
    /// What is to be done or known.
    pub what: String,
    /// Which rule says so; nothing where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// Why, in words.
    pub why: String,
    /// Since when it is so, or from when on it will be; nothing where nobody can say.
    pub since: Option<Moment>,
    /// Who can act.
    pub who: Vec<Role>,
}

/// What time it is where the site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Now.
    pub now: Moment,
    /// Today.
    pub today: Day,
    /// The first minute of today.
    pub midnight: Moment,
    /// The first minute of tomorrow.
    pub tomorrow: Moment,
    /// The first minute after tomorrow.
    pub after_tomorrow: Moment,
}

/// Cases and serious events of the quarter so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// Treated patients.
    pub cases: u32,
    /// Serious adverse events.
    pub serious_events: u32,
    /// When the quarter began.
    pub since: Moment,
}

/// A case of which nothing can be said, because what is kept of it cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedCase {
    /// Its number.
    pub case: String,
    /// What is wrong.
    pub why: String,
}

/// Everything that a worklist is made from.
#[derive(Clone, Copy)]
pub struct Practice<'a> {
    /// The rules.
    pub book: &'a RuleBook,
    /// The settings of the schedule.
    pub settings: &'a ScheduleSettings,
    /// Cases that are not over.
    pub cases: &'a [CaseSummary],
    /// Cases that cannot be read, open or not: nobody can know.
    pub damaged: &'a [DamagedCase],
    /// Bookings and stock.
    pub calendar: &'a Calendar,
    /// The quarter.
    pub quarter: Quarter,
    /// Now.
    pub now: Now,
}

impl Practice<'_> {
    /// Everything that anybody should do or know, the most urgent first, then the oldest.
    pub fn everything(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.damaged.iter().map(damaged).collect();
        entries.extend(self.cases.iter().flat_map(|case| self.of_case(case)));
        entries.extend(self.displaced());
        entries.extend(self.disagreements());
        entries.extend(self.late());
        entries.extend(self.of_stock());
        entries.extend(self.review());
        // What has no known beginning comes before what has: nobody can say that it is young.
        entries.sort_by(|one, other| {
            let key = |entry: &Entry| (entry.urgency, entry.since, entry.topic, entry.case.clone());
            key(one).cmp(&key(other))
        });
        entries
    }

    /// Only what this role can act on.
    pub fn worklist(&self, role: Role) -> Vec<Entry> {
        let mut entries = self.everything();
        entries.retain(|entry| entry.who.contains(&role));
        entries
    }
}
