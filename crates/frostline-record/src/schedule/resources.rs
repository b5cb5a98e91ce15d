//! What a session needs: rooms, people, probes, gas, places to recover.

use serde::{Deserialize, Serialize};

use crate::rules::{Day, Guidance, Moment, Role, SedationLevel};

/// A stretch of time; its end is no longer part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First minute.
    pub from: Moment,
    /// First minute after it.
    pub until: Moment,
}

impl Span {
    /// So many minutes from a moment on.
    pub fn of(from: Moment, minutes: i64) -> Self {
        Self { from, until: Moment(from.0 + minutes) }
    }

    /// Whether any minute belongs to both.
    pub fn overlaps(self, other: Span) -> bool {
        self.from < other.until && other.from < self.until
    }

    /// Whether all of `other` lies in it.
    pub fn holds(self, other: Span) -> bool {
        self.from <= other.from && other.until <= self.until
    }

    /// Unit: min.
    pub fn minutes(self) -> i64 {
        self.until.0 - self.from.0
    }
}

/// When a room is open, with the day of the calendar there: the program knows the time zone, this does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Which day it is there.
    pub day: Day,
    /// From when to when.
    pub span: Span,
}

/// What may be done in a room with a sedated patient: oxygen, monitor, recovery nearby.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SedationUpTo {
    /// Local anaesthetic only.
    None,
    /// Up to this depth.
    Level(SedationLevel),
}

impl SedationUpTo {
    /// Whether sedation of this depth may be given here.
    pub fn allows(self, level: SedationLevel) -> bool {
        match self {
            SedationUpTo::None => level == SedationLevel::LocalOnly,
            SedationUpTo::Level(deepest) => level <= deepest,
        }
    }
}

/// A room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Room {
    /// Key.
    pub id: String,
    /// What can be seen with.
    pub guidance: Vec<Guidance>,
    /// How deep a patient may be sedated.
    pub sedation: SedationUpTo,
    /// Whether carbon dioxide in the breath is watched.
    pub capnography: bool,
    /// Keys of the gases that can be connected.
    pub gases: Vec<String>,
    /// When it is open.
    pub openings: Vec<Opening>,
}

/// What somebody has learnt and may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// Interventional radiology.
    InterventionalRadiology,
    /// Pain medicine.
    PainMedicine,
    /// Nursing.
    Nursing,
    /// Radiography.
    Radiography,
    /// Sonography.
    Sonography,
    /// Anaesthesiology.
    Anaesthesiology,
    /// Watching sedated patients.
    SedationMonitoring,
}

/// A credential and how long it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Which.
    pub credential: Credential,
    /// Last day, where it has one.
    #[serde(default)]
    pub until: Option<Day>,
}

/// Somebody who works here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Key.
    pub id: String,
    /// What they are in this procedure.
    pub roles: Vec<Role>,
    /// What they may do.
    pub credentials: Vec<Held>,
    /// When they work.
    pub shifts: Vec<Span>,
}

impl Person {
    /// Whether one of the credentials is held on that day.
    pub fn may(&self, any_of: &[Credential], on: Day) -> bool {
        let holds = |held: &Held| any_of.contains(&held.credential) && held.until.is_none_or(|until| on <= until);
        self.credentials.iter().any(holds)
    }
}

/// Whether something may be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Usable {
    /// It may.
    Free,
    /// It may not, and why.
    Quarantined(String),
}

/// Probes of one lot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeLot {
    /// Key of the model in `data/probes.toml`.
    pub model: String,
    /// Number of the lot.
    pub lot: String,
    /// Last day.
    pub sterile_until: Day,
    /// How many are there, reserved ones too.
    pub count: u32,
    /// Whether they may be used.
    pub usable: Usable,
}

/// A cylinder of gas.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cylinder {
    /// Key.
    pub id: String,
    /// Key of the gas in `data/probes.toml`.
    pub gas: String,
    /// Pressure when somebody last looked; none when nobody wrote it down. Unit: bar.
    #[serde(default)]
    pub pressure_bar: Option<f64>,
    /// Freezes that it lasts for, reserved ones too.
    pub cycles_left: u32,
    /// Last day of its test.
    pub tested_until: Day,
    /// Whether it may be used.
    pub usable: Usable,
}

/// A place to recover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bay {
    /// Key.
    pub id: String,
    /// When it is staffed.
    pub openings: Vec<Span>,
}

/// Everything there is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resources {
    /// Rooms.
    pub rooms: Vec<Room>,
    /// People.
    pub people: Vec<Person>,
    /// Probes.
    pub probes: Vec<ProbeLot>,
    /// Gas.
    pub gas: Vec<Cylinder>,
    /// Places to recover.
    pub bays: Vec<Bay>,
}
