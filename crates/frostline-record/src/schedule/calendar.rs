//! All bookings of a site. Nothing in it is ever taken twice: every way to change it looks first.

use serde::{Deserialize, Serialize};

use crate::rules::Moment;

use super::allocate::Search;
use super::around::Around;
use super::booking::{Allocation, Booking, Change, ReservedLot};
use super::request::{BookingRequest, Clearance, Conflict, NextSlot, Obstacle, Resource, WantedRoom};
use super::resources::Resources;
use super::settings::ScheduleSettings;
use super::state::{BookingState, StateRefused};
use super::waiting::Waited;

/// Rooms, people and stock, and what is booked of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calendar {
    resources: Resources,
    bookings: Vec<Booking>,
    pub(super) waiting: Vec<Waited>,
}

/// Why a booking cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefused {
    /// There is none of this key.
    #[error("found no booking {id}, expected one of this calendar; look it up again")]
    NoSuchBooking {
        /// The key.
        id: String,
    },
    /// It may not become that.
    #[error(transparent)]
    State(#[from] StateRefused),
    /// The time cannot be had.
    #[error("the time cannot be had: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Conflicts(Vec<Conflict>),
    /// More must be said than that it is so.
    #[error("a booking becomes {} only together with {needs}; say that too", to.word())]
    SayMore {
        /// What it should become.
        to: BookingState,
        /// What must be said.
        needs: &'static str,
    },
    /// It waits already.
    #[error("case {case} is on the waiting list already; take it off first, with a reason")]
    WaitsAlready {
        /// The case.
        case: String,
    },
    /// It does not wait.
    #[error("case {case} is not on the waiting list, expected one that is; look at the list")]
    DoesNotWait {
        /// The case.
        case: String,
    },
    /// Nobody said why.
    #[error("found the reason '{found}', expected one of {known}; choose one")]
    NoReason {
        /// What was given.
        found: String,
        /// Keys of the reasons.
        known: String,
    },
    /// More was used than there was.
    #[error("{what}: found {used} used and {there} there; count the stock again")]
    MoreThanThereIs {
        /// Lot or cylinder.
        what: String,
        /// How many were used.
        used: u32,
        /// How many were there.
        there: u32,
    },
}

/// What a session used up.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Used {
    /// Probes, also those that were not reserved.
    pub probes: Vec<ReservedLot>,
    /// Freezes of each cylinder, by its key.
    pub gas: Vec<(String, u32)>,
}

impl Calendar {
    /// Nothing is booked yet.
    pub fn new(resources: Resources) -> Self {
        Self { resources, bookings: Vec::new(), waiting: Vec::new() }
    }

    /// As it was kept: what was booked stays booked, also where stock was counted again since and is less than what is
    /// reserved. What lacks is told by [`Calendar::stock_findings`].
    pub fn kept(resources: Resources, bookings: Vec<Booking>, waiting: Vec<Waited>) -> Self {
        Self { resources, bookings, waiting }
    }

    /// What there is.
    pub fn resources(&self) -> &Resources {
        &self.resources
    }

    /// Every booking, cancelled ones too.
    pub fn bookings(&self) -> &[Booking] {
        &self.bookings
    }

    /// The booking with this key.
    pub fn find(&self, id: &str) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.id() == id)
    }

    /// The same bookings beside other rooms, people or stock: shifts changed, stock came in.
    pub fn supplied(self, resources: Resources) -> Self {
        Self { resources, ..self }
    }

    /// A booking at the wanted time, not yet in the calendar.
    ///
    /// # Errors
    /// Everything that stands in the way, each with the booking that has it and the next free slot.
    pub fn book(&self, settings: &ScheduleSettings, request: &BookingRequest) -> Result<Booking, Vec<Conflict>> {
        if self.find(&request.id).is_some() {
            let why = "it exists already; move it instead".to_owned();
            let resource = Resource::Booking(request.id.clone());
            return Err(vec![Conflict { resource, obstacle: Obstacle::Unsuited { why }, next: NextSlot::NoneInSight }]);
        }
        let allocation = self.searched(settings, request)?;
        let state = match request.clearance {
            Clearance::Cleared => BookingState::Booked,
            Clearance::Awaiting => BookingState::AwaitingClearance,
        };
        Ok(Booking {
            id: request.id.clone(),
            case: request.case.clone(),
            needs: request.needs.clone(),
            allocation,
            state,
            sequence: 0,
            changes: Vec::new(),
        })
    }

    fn searched(&self, settings: &ScheduleSettings, request: &BookingRequest) -> Result<Allocation, Vec<Conflict>> {
        let around = Around::of(self, &request.id);
        let search = Search { calendar: self, around: &around, settings, request, start: request.start };
        search.allocate().map_err(|blocked| {
            let next = self.next_slot(settings, request);
            blocked.into_iter().map(|(resource, obstacle)| Conflict { resource, obstacle, next }).collect()
        })
    }

    /// The calendar with one more booking. It is held against all others again: somebody may have been faster.
    ///
    /// # Errors
    /// What somebody else has by now.
    pub fn with(self, settings: &ScheduleSettings, booking: Booking) -> Result<Self, Vec<Conflict>> {
        let conflicts = self.clashes(settings, &booking);
        if !conflicts.is_empty() {
            return Err(conflicts);
        }
        let mut bookings = self.bookings;
        bookings.push(booking);
        Ok(Self { bookings, ..self })
    }

    /// The first moment from the wanted one on at which the session could be.
    pub fn next_slot(&self, settings: &ScheduleSettings, request: &BookingRequest) -> NextSlot {
        let around = Around::of(self, &request.id);
        let search = |start: Moment| Search { calendar: self, around: &around, settings, request, start };
        let fits = |start: &Moment| search(*start).allocate().is_ok();
        self.starts(request).into_iter().find(fits).map_or(NextSlot::NoneInSight, NextSlot::At)
    }

    /// Things become free when something ends or opens, and at no other moment.
    fn starts(&self, request: &BookingRequest) -> Vec<Moment> {
        let needs = &request.needs;
        let before_bay = needs.room_minutes - needs.turnover_minutes;
        let resources = &self.resources;
        let held = self.bookings.iter().filter(|booking| booking.state().holds_time()).map(Booking::allocation);
        let ends =
            held.flat_map(|taken| [taken.in_room.until, Moment(taken.in_bay.until.0 - before_bay), taken.in_bay.until]);
        let rooms = resources.rooms.iter().flat_map(|room| &room.openings).map(|opening| opening.span.from);
        let shifts = resources.people.iter().flat_map(|person| &person.shifts).map(|shift| shift.from);
        let bays = resources.bays.iter().flat_map(|bay| &bay.openings).map(|open| Moment(open.from.0 - before_bay));
        let mut starts: Vec<Moment> = ends.chain(rooms).chain(shifts).chain(bays).collect();
        starts.push(request.start);
        starts.retain(|start| *start >= request.start);
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// What a booking has that another of the calendar has too.
    fn clashes(&self, settings: &ScheduleSettings, booking: &Booking) -> Vec<Conflict> {
        let taken = booking.allocation();
        let mut found = Vec::new();
        let mut clash = |resource, other: &Booking, span| {
            let obstacle = Obstacle::TakenBy { booking: other.id().to_owned(), case: other.case().to_owned(), span };
            found.push(Conflict { resource, obstacle, next: NextSlot::NoneInSight });
        };
        for other in self.bookings.iter().filter(|other| other.state().holds_time() && booking.state().holds_time()) {
            let has = other.allocation();
            if has.in_room.overlaps(taken.in_room) {
                if has.room == taken.room {
                    clash(Resource::Room(has.room.clone()), other, has.in_room);
                }
                let shared = has.team.iter().filter(|one| taken.team.iter().any(|two| two.person == one.person));
                shared.for_each(|seated| clash(Resource::Person(seated.person.clone()), other, has.in_room));
            }
            if other.case() == booking.case() && has.patient_here().overlaps(taken.patient_here()) {
                clash(Resource::Patient(other.case().to_owned()), other, has.patient_here());
            }
            if has.bay == taken.bay && has.in_bay.overlaps(taken.in_bay) {
                clash(Resource::Bay(has.bay.clone()), other, has.in_bay);
            }
        }
        if self.find(booking.id()).is_some() {
            let why = "it exists already; move it instead".to_owned();
            let resource = Resource::Booking(booking.id().to_owned());
            found.push(Conflict { resource, obstacle: Obstacle::Unsuited { why }, next: NextSlot::NoneInSight });
        }
        if booking.state().holds_stock() {
            found.extend(self.missing_stock(settings, booking));
        }
        found
    }

    /// Lots and cylinders that a booking would empty.
    fn missing_stock(&self, settings: &ScheduleSettings, booking: &Booking) -> Vec<Conflict> {
        let held = || self.bookings.iter().filter(|other| other.state().holds_stock()).map(Booking::allocation);
        let mut found = Vec::new();
        let mut lack = |resource, wanted: u32, there: u32, reserved: u32| {
            let free = there.saturating_sub(reserved);
            if wanted > free {
                let obstacle = Obstacle::NotEnough { wanted, free };
                found.push(Conflict { resource, obstacle, next: NextSlot::NoneInSight });
            }
        };
        for ReservedLot { model, lot, count } in &booking.allocation().probes {
            let is_it = |one: &&ReservedLot| one.model == *model && one.lot == *lot;
            let reserved = held().flat_map(|taken| &taken.probes).filter(is_it).map(|one| one.count).sum();
            let there = self.resources.probes.iter().find(|row| row.model == *model && row.lot == *lot);
            lack(Resource::Probes(model.clone()), *count, there.map_or(0, |row| row.count), reserved);
        }
        if let Some(gas) = &booking.allocation().gas {
            let reserved = held().filter_map(|taken| taken.gas.as_ref()).filter(|one| one.cylinder == gas.cylinder);
            let reserved = reserved.map(|one| one.cycles).sum();
            let there = self.resources.gas.iter().find(|row| row.id == gas.cylinder).map_or(0, |row| row.cycles_left);
            let there = there.saturating_sub(settings.gas_reserve.value.cycles);
            lack(Resource::Gas(gas.cylinder.clone()), gas.cycles, there, reserved);
        }
        found
    }

    /// The calendar in which a booking is something else now. What needs a reason is done by [`Calendar::cancel`], and the end
    /// of a procedure by [`Calendar::after_procedure`], since what was used must leave the stock.
    ///
    /// # Errors
    /// [`ChangeRefused`] when there is no such booking, it may not become that, or more must be said.
    pub fn advance(self, id: &str, state: BookingState, at: Moment) -> Result<Self, ChangeRefused> {
        let needs = match state {
            BookingState::Cancelled | BookingState::NoShow => Some("a reason"),
            BookingState::Recovery => Some("what was used"),
            _ => None,
        };
        let changed = self.known(id)?.becomes(state, at, None)?;
        match needs {
            Some(needs) => Err(ChangeRefused::SayMore { to: state, needs }),
            None => Ok(self.replaced(changed)),
        }
    }

    /// The calendar in which a booking will not take place, or did not.
    ///
    /// # Errors
    /// [`ChangeRefused`] when it began already, or the reason is not one of the list.
    pub fn cancel(
        self,
        settings: &ScheduleSettings,
        id: &str,
        reason: &str,
        at: Moment,
    ) -> Result<Self, ChangeRefused> {
        settings.known_reason(reason)?;
        let state = if reason == NO_SHOW { BookingState::NoShow } else { BookingState::Cancelled };
        let changed = self.known(id)?.becomes(state, at, Some(reason.to_owned()))?;
        Ok(self.replaced(changed))
    }

    /// The calendar in which a booking begins at another moment, with the same key and operator, and in the same
    /// room where it can be.
    ///
    /// # Errors
    /// [`ChangeRefused`] when it began already, or the time cannot be had; then nothing is changed.
    pub fn moved(
        self,
        settings: &ScheduleSettings,
        id: &str,
        start: Moment,
        at: Moment,
    ) -> Result<Self, ChangeRefused> {
        let booking = self.known(id)?;
        if !booking.state().is_ahead() {
            let why = "it began or is over; make a new booking";
            return Err(StateRefused { from: booking.state(), to: booking.state(), why }.into());
        }
        let same_room = BookingRequest {
            id: id.to_owned(),
            case: booking.case().to_owned(),
            needs: booking.needs().clone(),
            start,
            room: WantedRoom::Named(booking.allocation().room.clone()),
            people: booking.seated("operator").map(str::to_owned).into_iter().collect(),
            clearance: Clearance::Awaiting,
        };
        let any_room = BookingRequest { room: WantedRoom::Any, ..same_room.clone() };
        let allocation = self
            .searched(settings, &same_room)
            .or_else(|_| self.searched(settings, &any_room))
            .map_err(ChangeRefused::Conflicts)?;
        let mut changed = booking.clone();
        changed.allocation = allocation;
        changed.sequence += 1;
        changed.changes.push(Change { at, state: changed.state, reason: Some(MOVED.to_owned()) });
        Ok(self.replaced(changed))
    }

    /// The calendar after a procedure: the patient is in recovery and what was used is gone from the stock.
    ///
    /// # Errors
    /// [`ChangeRefused`] when the procedure did not begin, or more was used than there was.
    pub fn after_procedure(self, id: &str, used: &Used, at: Moment) -> Result<Self, ChangeRefused> {
        let changed = self.known(id)?.becomes(BookingState::Recovery, at, None)?;
        let mut resources = self.resources.clone();
        for ReservedLot { model, lot, count } in &used.probes {
            let row = resources.probes.iter_mut().find(|row| row.model == *model && row.lot == *lot);
            take(&format!("lot {lot} of {model}"), row.map(|row| &mut row.count), *count)?;
        }
        for (cylinder, cycles) in &used.gas {
            let row = resources.gas.iter_mut().find(|row| row.id == *cylinder);
            take(&format!("cylinder {cylinder}"), row.map(|row| &mut row.cycles_left), *cycles)?;
        }
        Ok(Self { resources, ..self.replaced(changed) })
    }

    fn known(&self, id: &str) -> Result<&Booking, ChangeRefused> {
        self.find(id).ok_or_else(|| ChangeRefused::NoSuchBooking { id: id.to_owned() })
    }

    fn replaced(self, changed: Booking) -> Self {
        let swap = |booking: Booking| if booking.id() == changed.id() { changed.clone() } else { booking };
        Self { bookings: self.bookings.into_iter().map(swap).collect(), ..self }
    }
}

impl ScheduleSettings {
    /// Refuses a reason that is not one of the list.
    pub(super) fn known_reason(&self, reason: &str) -> Result<(), ChangeRefused> {
        if self.cancellation(reason).is_some() {
            return Ok(());
        }
        let known = self.cancellation_reasons().iter().map(|row| row.id.as_str()).collect::<Vec<_>>().join(", ");
        Err(ChangeRefused::NoReason { found: reason.to_owned(), known })
    }
}

fn take(what: &str, there: Option<&mut u32>, used: u32) -> Result<(), ChangeRefused> {
    let refused = |there| ChangeRefused::MoreThanThereIs { what: what.to_owned(), used, there };
    let there = there.ok_or_else(|| refused(0))?;
    *there = there.checked_sub(used).ok_or_else(|| refused(*there))?;
    Ok(())
}

/// Keys of two rows of `data/schedule.toml` that the calendar itself speaks of.
const NO_SHOW: &str = "no-show";
pub(super) const MOVED: &str = "moved";
