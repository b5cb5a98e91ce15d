//! The file in which a site writes down its rooms, people, stock and wishes: hours as people say them, in its own time zone.
//!
//! Here, and only here, hours of the week become moments; `frostline-record` has no time zones.

use frostline_record::rules::{Day, Guidance, Moment, Role, SedationLevel};
use frostline_record::schedule::{
    Bay, BookingRequest, Clearance, Credential, Cylinder, Held, Opening, Person, ProbeLot, ProbeNeed, Resources, Room,
    SedationUpTo, SessionNeeds, Span, Usable, WantedRoom,
};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;

/// A site as its file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteFile {
    /// Name of the time zone, such as `America/New_York`.
    pub time_zone: String,
    /// Domain of the site, for calendars that others subscribe to.
    #[serde(default = "local_domain")]
    pub domain: String,
    /// The first day of the calendar.
    pub from: Date,
    /// How many days it has.
    pub days: u32,
    #[serde(default)]
    room: Vec<RoomRow>,
    #[serde(default)]
    person: Vec<PersonRow>,
    #[serde(default)]
    probe: Vec<ProbeRow>,
    #[serde(default)]
    gas: Vec<GasRow>,
    #[serde(default)]
    bay: Vec<BayRow>,
    #[serde(default)]
    booking: Vec<BookingRow>,
}

fn local_domain() -> String {
    "frostline.invalid".to_owned()
}

/// Hours of some days of the week.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    on: Vec<String>,
    from: Time,
    until: Time,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoomRow {
    id: String,
    guidance: Vec<Guidance>,
    #[serde(default)]
    sedation: Option<SedationLevel>,
    #[serde(default)]
    capnography: bool,
    #[serde(default)]
    gases: Vec<String>,
    open: Vec<Hours>,
    #[serde(default)]
    closed: Vec<Date>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialRow {
    credential: Credential,
    #[serde(default)]
    until: Option<Day>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonRow {
    id: String,
    roles: Vec<Role>,
    credentials: Vec<CredentialRow>,
    works: Vec<Hours>,
    #[serde(default)]
    away: Vec<Date>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProbeRow {
    model: String,
    lot: String,
    sterile_until: Day,
    count: u32,
    #[serde(default)]
    quarantined: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GasRow {
    id: String,
    gas: String,
    #[serde(default)]
    pressure_bar: Option<f64>,
    cycles_left: u32,
    tested_until: Day,
    #[serde(default)]
    quarantined: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BayRow {
    id: String,
    open: Vec<Hours>,
}

/// A session that somebody wants to book.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookingRow {
    id: String,
    case: String,
    start: DateTime,
    /// Keys of the nerves.
    pub nerves: Vec<String>,
    /// Key of the protocol in `data/protocols.toml`, the same for every nerve.
    pub protocol: String,
    guidance: Guidance,
    sedation: SedationLevel,
    #[serde(default)]
    probes: Vec<ProbeNeed>,
    gas: String,
    #[serde(default)]
    room: Option<String>,
    #[serde(default)]
    people: Vec<String>,
    #[serde(default)]
    cleared: bool,
}

/// Why a site file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SiteFileError {
    /// Not what such a file looks like.
    #[error("{0}")]
    Unreadable(#[from] Box<toml::de::Error>),
    /// Nobody knows this time zone.
    #[error(
        "found the time zone '{found}', expected a name such as America/New_York ({problem}); is the package tzdata installed?"
    )]
    NoTimeZone {
        /// What was found.
        found: String,
        /// What is wrong.
        problem: String,
    },
    /// Not a day of the week.
    #[error("{of}: found the day '{found}', expected mon, tue, wed, thu, fri, sat or sun")]
    NoWeekday {
        /// Whose hours.
        of: String,
        /// What was found.
        found: String,
    },
    /// Hours that end before they begin.
    #[error("{of}: found hours from {from} until {until}, expected an end after the beginning, on the same day")]
    NoHours {
        /// Whose hours.
        of: String,
        /// From.
        from: Time,
        /// Until.
        until: Time,
    },
    /// A calendar that is too long.
    #[error("found {found} days, expected 1 to {most}; make a shorter calendar")]
    TooLong {
        /// How many.
        found: u32,
        /// How many there may be.
        most: u32,
    },
    /// A time that does not exist.
    #[error("the time {found} cannot be placed in {zone}: {problem}")]
    NoTime {
        /// What was found.
        found: String,
        /// Where.
        zone: String,
        /// What is wrong.
        problem: String,
    },
}

/// Two years: nobody books further ahead, and every day costs memory.
const MOST_DAYS: u32 = 732;

impl SiteFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`SiteFileError`] naming what was found and what was expected.
    pub fn from_toml(text: &str) -> Result<Self, SiteFileError> {
        let read: Self = toml::from_str(text).map_err(Box::new)?;
        if !(1..=MOST_DAYS).contains(&read.days) {
            return Err(SiteFileError::TooLong { found: read.days, most: MOST_DAYS });
        }
        Ok(read)
    }

    /// The time zone of the site.
    ///
    /// # Errors
    /// [`SiteFileError::NoTimeZone`] when nobody knows it.
    pub fn zone(&self) -> Result<TimeZone, SiteFileError> {
        TimeZone::get(&self.time_zone).map_err(|problem| SiteFileError::NoTimeZone {
            found: self.time_zone.clone(),
            problem: problem.to_string(),
        })
    }

    /// Rooms, people and stock, with all their hours as moments.
    ///
    /// # Errors
    /// [`SiteFileError`] naming whose hours are wrong.
    pub fn resources(&self) -> Result<Resources, SiteFileError> {
        let zone = self.zone()?;
        let week = Week { first: self.from, days: self.days, zone };
        let rooms = self.room.iter().map(|row| row.room(&week)).collect::<Result<_, _>>()?;
        let people = self.person.iter().map(|row| row.person(&week)).collect::<Result<_, _>>()?;
        let bays = self.bay.iter().map(|row| row.bay(&week)).collect::<Result<_, _>>()?;
        let probes = self.probe.iter().map(ProbeRow::lot).collect();
        let gas = self.gas.iter().map(GasRow::cylinder).collect();
        Ok(Resources { rooms, people, probes, gas, bays })
    }

    /// What somebody wants to book, in the order of the file.
    pub fn wishes(&self) -> &[BookingRow] {
        &self.booking
    }
}

impl BookingRow {
    /// As a request; its length and gas come from the plan, the bay from the depth of sedation.
    ///
    /// # Errors
    /// [`SiteFileError::NoTime`] for a time that does not exist there.
    pub fn request(&self, zone: &TimeZone, recovery_minutes: i64) -> Result<BookingRequest, SiteFileError> {
        Ok(BookingRequest {
            id: self.id.clone(),
            case: self.case.clone(),
            needs: SessionNeeds {
                guidance: self.guidance,
                sedation: self.sedation,
                room_minutes: 0,
                turnover_minutes: 0,
                recovery_minutes,
                probes: self.probes.clone(),
                gas: self.gas.clone(),
                gas_cycles: 0,
            },
            start: moment(self.start, zone)?,
            room: self.room.clone().map_or(WantedRoom::Any, WantedRoom::Named),
            people: self.people.clone(),
            clearance: if self.cleared { Clearance::Cleared } else { Clearance::Awaiting },
        })
    }

    /// Number of the case.
    pub fn case(&self) -> &str {
        &self.case
    }

    /// How deep the sedation is.
    pub fn sedation(&self) -> SedationLevel {
        self.sedation
    }
}

struct Week {
    first: Date,
    days: u32,
    zone: TimeZone,
}

impl Week {
    /// Every day on which these hours hold, with its stretch of time.
    fn spans(&self, of: &str, hours: &[Hours], without: &[Date]) -> Result<Vec<Opening>, SiteFileError> {
        let mut found = Vec::new();
        for hour in hours {
            if hour.until <= hour.from {
                return Err(SiteFileError::NoHours { of: of.to_owned(), from: hour.from, until: hour.until });
            }
            let on = hour.on.iter().map(|day| weekday(of, day)).collect::<Result<Vec<_>, _>>()?;
            for days in 0..self.days {
                let date = self.first.saturating_add(i64::from(days).days());
                if on.contains(&date.weekday()) && !without.contains(&date) {
                    let from = moment(date.to_datetime(hour.from), &self.zone)?;
                    let until = moment(date.to_datetime(hour.until), &self.zone)?;
                    found.push(Opening { day: day_of(date), span: Span { from, until } });
                }
            }
        }
        found.sort_by_key(|opening| opening.span);
        Ok(found)
    }
}

impl RoomRow {
    fn room(&self, week: &Week) -> Result<Room, SiteFileError> {
        Ok(Room {
            id: self.id.clone(),
            guidance: self.guidance.clone(),
            sedation: self.sedation.map_or(SedationUpTo::None, SedationUpTo::Level),
            capnography: self.capnography,
            gases: self.gases.clone(),
            openings: week.spans(&self.id, &self.open, &self.closed)?,
        })
    }
}

impl PersonRow {
    fn person(&self, week: &Week) -> Result<Person, SiteFileError> {
        let held = |row: &CredentialRow| Held { credential: row.credential, until: row.until };
        let works = week.spans(&self.id, &self.works, &self.away)?;
        Ok(Person {
            id: self.id.clone(),
            roles: self.roles.clone(),
            credentials: self.credentials.iter().map(held).collect(),
            shifts: works.into_iter().map(|opening| opening.span).collect(),
        })
    }
}

impl BayRow {
    fn bay(&self, week: &Week) -> Result<Bay, SiteFileError> {
        let open = week.spans(&self.id, &self.open, &[])?;
        Ok(Bay { id: self.id.clone(), openings: open.into_iter().map(|opening| opening.span).collect() })
    }
}

impl ProbeRow {
    fn lot(&self) -> ProbeLot {
        ProbeLot {
            model: self.model.clone(),
            lot: self.lot.clone(),
            sterile_until: self.sterile_until,
            count: self.count,
            usable: usable(self.quarantined.as_ref()),
        }
    }
}

impl GasRow {
    fn cylinder(&self) -> Cylinder {
        Cylinder {
            id: self.id.clone(),
            gas: self.gas.clone(),
            pressure_bar: self.pressure_bar,
            cycles_left: self.cycles_left,
            tested_until: self.tested_until,
            usable: usable(self.quarantined.as_ref()),
        }
    }
}

fn usable(quarantined: Option<&String>) -> Usable {
    quarantined.map_or(Usable::Free, |why| Usable::Quarantined(why.clone()))
}

fn weekday(of: &str, found: &str) -> Result<Weekday, SiteFileError> {
    let known = [
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];
    let day = known.into_iter().find(|(word, _)| *word == found).map(|(_, day)| day);
    day.ok_or_else(|| SiteFileError::NoWeekday { of: of.to_owned(), found: found.to_owned() })
}

/// The day of the calendar, as the record counts it.
fn day_of(date: Date) -> Day {
    // Every date that jiff gives is a day of the calendar.
    Day::of_date(i64::from(date.year()), i64::from(date.month()), i64::from(date.day())).unwrap_or(Day(0))
}

/// The minute at which clocks there show that time; one that summer time skips is the same while later, as clocks do it.
fn moment(time: DateTime, zone: &TimeZone) -> Result<Moment, SiteFileError> {
    const SECONDS_PER_MINUTE: i64 = 60;
    let placed = time.to_zoned(zone.clone()).map_err(|problem| SiteFileError::NoTime {
        found: time.to_string(),
        zone: zone.iana_name().unwrap_or("this time zone").to_owned(),
        problem: problem.to_string(),
    })?;
    Ok(Moment(placed.timestamp().as_second().div_euclid(SECONDS_PER_MINUTE)))
}
