//! A booking: who, what and where, for one case at one time. It holds no name of a patient.

use frostline_plan::catalogue::Known;
use serde::{Deserialize, Serialize};

use crate::rules::{Answer, Day, Moment, Monitoring, RuleBook, Ruling};

use super::calendar::MOVED;
use super::request::SessionNeeds;
use super::resources::{Resources, Span};
use super::state::{BookingState, StateRefused};

/// Somebody in a seat of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seated {
    /// Key of the seat in `data/schedule.toml`.
    pub seat: String,
    /// Key of the person.
    pub person: String,
}

/// Probes set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservedLot {
    /// Key of the model.
    pub model: String,
    /// Number of the lot.
    pub lot: String,
    /// How many.
    pub count: u32,
}

/// Gas set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservedGas {
    /// Key of the cylinder.
    pub cylinder: String,
    /// Freezes.
    pub cycles: u32,
}

/// Everything that is set aside for a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The day of the calendar at the site.
    pub day: Day,
    /// Key of the room.
    pub room: String,
    /// When it is taken.
    pub in_room: Span,
    /// The team.
    pub team: Vec<Seated>,
    /// Key of the bay.
    pub bay: String,
    /// When it is taken.
    pub in_bay: Span,
    /// Probes, the first to expire first.
    pub probes: Vec<ReservedLot>,
    /// Gas; nothing when no freeze needs any.
    pub gas: Option<ReservedGas>,
}

impl Allocation {
    /// From entering the room to leaving the bay.
    pub fn patient_here(&self) -> Span {
        until_home(self.in_room, self.in_bay)
    }
}

pub(super) fn until_home(in_room: Span, in_bay: Span) -> Span {
    Span { from: in_room.from, until: in_bay.until.max(in_room.until) }
}

/// One change of a booking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When.
    pub at: Moment,
    /// What it became.
    pub state: BookingState,
    /// Key of the reason, where there is one.
    pub reason: Option<String>,
}

impl Change {
    /// Whether only the time became another.
    pub fn is_move(&self) -> bool {
        self.reason.as_deref() == Some(MOVED)
    }
}

/// A booking. Made by [`super::Calendar::book`], or read back from the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    pub(super) id: String,
    pub(super) case: String,
    pub(super) needs: SessionNeeds,
    pub(super) allocation: Allocation,
    pub(super) state: BookingState,
    pub(super) sequence: u32,
    pub(super) changes: Vec<Change>,
}

impl Booking {
    /// Its key, which never changes.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Number of the case.
    pub fn case(&self) -> &str {
        &self.case
    }

    /// What the session takes.
    pub fn needs(&self) -> &SessionNeeds {
        &self.needs
    }

    /// What is set aside for it.
    pub fn allocation(&self) -> &Allocation {
        &self.allocation
    }

    /// How far it has come.
    pub fn state(&self) -> BookingState {
        self.state
    }

    /// Grows with every change, so that a calendar of somebody else knows which is newer.
    pub fn sequence(&self) -> u32 {
        self.sequence
    }

    /// Every change, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Why it was cancelled, by the key of the reason.
    pub fn cancelled_for(&self) -> Option<&str> {
        let last = self.changes.last().filter(|_| !self.state.holds_time())?;
        last.reason.as_deref()
    }

    /// Key of the person in a seat.
    pub fn seated(&self, seat: &str) -> Option<&str> {
        self.allocation.team.iter().find(|seated| seated.seat == seat).map(|seated| seated.person.as_str())
    }

    pub(super) fn becomes(
        &self,
        state: BookingState,
        at: Moment,
        reason: Option<String>,
    ) -> Result<Booking, StateRefused> {
        self.state.may_become(state)?;
        let mut changed = self.clone();
        changed.state = state;
        changed.sequence += 1;
        changed.changes.push(Change { at, state, reason });
        Ok(changed)
    }

    /// S-01 for the team and the room of this booking.
    pub fn monitoring(&self, rules: &RuleBook, resources: &Resources) -> Ruling {
        let there = |is: bool| if is { Answer::Yes } else { Answer::No };
        let room = resources.rooms.iter().find(|room| room.id == self.allocation.room);
        let has = Monitoring {
            person: there(self.seated("monitor").is_some()),
            capnography: room.map_or(Answer::NotAsked, |room| there(room.capnography)),
            anaesthesiologist: there(self.seated("anaesthesia").is_some()),
        };
        rules.monitoring(Known::Known(self.needs.sedation), has)
    }

    /// N-06 for what is set aside: in date on the day, and tested for leaks.
    pub fn equipment(&self, rules: &RuleBook, resources: &Resources, leak_tested: Answer, today: Day) -> Ruling {
        let day = |found: Option<Day>| found.map_or(Known::NotKnown, Known::Known);
        let probes = self.allocation.probes.iter().map(|reserved| {
            let lot = resources.probes.iter().find(|lot| lot.model == reserved.model && lot.lot == reserved.lot);
            (reserved.lot.as_str(), day(lot.map(|lot| lot.sterile_until)))
        });
        let gas = self.allocation.gas.iter().map(|reserved| {
            let cylinder = resources.gas.iter().find(|cylinder| cylinder.id == reserved.cylinder);
            (reserved.cylinder.as_str(), day(cylinder.map(|cylinder| cylinder.tested_until)))
        });
        let last_days: Vec<(&str, Known<Day>)> = probes.chain(gas).collect();
        rules.equipment(&last_days, leak_tested, today)
    }
}
