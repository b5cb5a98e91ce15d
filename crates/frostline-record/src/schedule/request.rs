//! What is asked of a calendar, and what stands in the way.

use serde::{Deserialize, Serialize};

use crate::rules::{Guidance, Moment, SedationLevel};

use super::duration::{PlannedNerve, SlotLength};
use super::resources::Span;

/// Probes of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeNeed {
    /// Key of the model in `data/probes.toml`.
    pub model: String,
    /// How many.
    pub count: u32,
}

/// What one session takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionNeeds {
    /// What guides the probe.
    pub guidance: Guidance,
    /// How deep the sedation is.
    pub sedation: SedationLevel,
    /// How long the room is taken, turnover included. Unit: min.
    pub room_minutes: i64,
    /// The turnover at its end, when the patient has left. Unit: min.
    pub turnover_minutes: i64,
    /// How long a recovery bay is taken. Unit: min.
    pub recovery_minutes: i64,
    /// Probes.
    pub probes: Vec<ProbeNeed>,
    /// Key of the gas in `data/probes.toml`.
    pub gas: String,
    /// Freezes that the gas must last for.
    pub gas_cycles: u32,
}

impl SessionNeeds {
    /// The times and the gas of a plan; `probes` as the plan places them.
    pub fn timed(self, length: &SlotLength, nerves: &[PlannedNerve]) -> Self {
        Self {
            room_minutes: length.room_minutes,
            turnover_minutes: length.turnover_minutes,
            gas_cycles: nerves.iter().map(PlannedNerve::freezes).sum(),
            ..self
        }
    }

    /// When the room is taken.
    pub fn in_room(&self, start: Moment) -> Span {
        Span::of(start, self.room_minutes)
    }

    /// When the bay is taken: from the moment at which the patient leaves the room.
    pub fn in_bay(&self, start: Moment) -> Span {
        Span::of(Moment(start.0 + self.room_minutes - self.turnover_minutes), self.recovery_minutes)
    }
}

/// Which room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WantedRoom {
    /// The first that will do.
    Any,
    /// This one, by its key.
    Named(String),
}

/// Whether block, drugs and payer are settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clearance {
    /// Nothing is open.
    Cleared,
    /// The slot is held while something is.
    Awaiting,
}

/// A time that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookingRequest {
    /// Key of the booking, made by the program; it never changes, however often the booking is moved.
    pub id: String,
    /// Number of the case.
    pub case: String,
    /// What the session takes.
    pub needs: SessionNeeds,
    /// When the room is entered.
    pub start: Moment,
    /// Where.
    pub room: WantedRoom,
    /// People who must be there, by their keys.
    pub people: Vec<String>,
    /// Whether it may take place yet.
    pub clearance: Clearance,
}

/// One thing that a session needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "id")]
pub enum Resource {
    /// A room, by its key; `any` when there is none at all.
    Room(String),
    /// A person, by their key.
    Person(String),
    /// A seat in the team, by its name.
    Seat(String),
    /// A recovery bay, by its key; `any` when there is none at all.
    Bay(String),
    /// Probes, by their model.
    Probes(String),
    /// Gas, by its key.
    Gas(String),
    /// The patient, by the number of the case.
    Patient(String),
    /// The booking itself, by its key.
    Booking(String),
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Resource::Room(id) => write!(f, "room {id}"),
            Resource::Person(id) => write!(f, "{id}"),
            Resource::Seat(name) => write!(f, "{name}"),
            Resource::Bay(id) => write!(f, "recovery bay {id}"),
            Resource::Probes(model) => write!(f, "probes of model {model}"),
            Resource::Gas(gas) => write!(f, "gas {gas}"),
            Resource::Patient(case) => write!(f, "the patient of case {case}"),
            Resource::Booking(id) => write!(f, "booking {id}"),
        }
    }
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Obstacle {
    /// Somebody else has it.
    TakenBy {
        /// Key of the other booking.
        booking: String,
        /// Its case.
        case: String,
        /// From when to when.
        span: Span,
    },
    /// Closed, or not at work.
    Closed,
    /// It cannot be used for this.
    Unsuited {
        /// Why.
        why: String,
    },
    /// Too few are there that nobody reserved and that are in date.
    NotEnough {
        /// How many are wanted.
        wanted: u32,
        /// How many there are.
        free: u32,
    },
    /// There is none.
    NoneHere,
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Obstacle::TakenBy { booking, case, .. } => write!(f, "taken by booking {booking} of case {case}"),
            Obstacle::Closed => write!(f, "closed or not at work then"),
            Obstacle::Unsuited { why } => write!(f, "{why}"),
            Obstacle::NotEnough { wanted, free } => write!(f, "{wanted} wanted, {free} free and in date"),
            Obstacle::NoneHere => write!(f, "there is none here"),
        }
    }
}

/// The next time at which everything is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NextSlot {
    /// From here on.
    At(Moment),
    /// Not in any time for which rooms and people are known.
    NoneInSight,
}

/// Why a time cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// What is missing.
    pub resource: Resource,
    /// Why.
    pub obstacle: Obstacle,
    /// When the whole session could be instead.
    pub next: NextSlot,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; ", self.resource, self.obstacle)?;
        match self.next {
            NextSlot::At(_) => write!(f, "take the next free slot"),
            NextSlot::NoneInSight => write!(f, "no slot is in sight: add time, people or stock"),
        }
    }
}
