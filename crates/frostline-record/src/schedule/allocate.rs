//! Finds room, team, bay, probes and gas for a session that begins at a given moment, or says everything that stands in
//! the way.

use crate::rules::{Day, Moment};

use super::around::Around;
use super::booking::{Allocation, Booking, ReservedGas, ReservedLot, Seated, until_home};
use super::calendar::Calendar;
use super::request::{BookingRequest, Obstacle, ProbeNeed, Resource, WantedRoom};
use super::resources::{Cylinder, Person, ProbeLot, Room, Span, Usable};
use super::settings::{ScheduleSettings, Seat};

/// No session is longer than a day; what is was mistyped. Unit: min.
const MINUTES_PER_DAY: i64 = 1440;

/// What stands in the way of one thing.
pub(super) type Blocked = (Resource, Obstacle);

/// One search: a request at a moment, beside the bookings there are.
pub(super) struct Search<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) around: &'a Around<'a>,
    pub(super) settings: &'a ScheduleSettings,
    pub(super) request: &'a BookingRequest,
    pub(super) start: Moment,
}

impl<'a> Search<'a> {
    /// Everything that a session needs, or all that it lacks.
    pub(super) fn allocate(&self) -> Result<Allocation, Vec<Blocked>> {
        let mut blocked = self.patient();
        let room = self.room();
        // Where no room is free, the day of any open one serves to look for what else is missing.
        let day = match &room {
            Ok((_, day)) => Some(*day),
            Err(_) => self.day_of_any_room(),
        };
        let bay = self.bay();
        let team = day.map(|day| self.team(day));
        let probes = day.map(|day| self.probes(day));
        let gas = day.map(|day| self.gas(day));
        match (room, bay, team, probes, gas) {
            (Ok((room, day)), Ok(bay), Some(Ok(team)), Some(Ok(probes)), Some(Ok(gas))) if blocked.is_empty() => {
                let needs = &self.request.needs;
                let (in_room, in_bay) = (needs.in_room(self.start), needs.in_bay(self.start));
                Ok(Allocation { day, room, in_room, team, bay, in_bay, probes, gas })
            }
            (room, bay, team, probes, gas) => {
                blocked.extend(room.err().into_iter().flatten());
                blocked.extend(team.and_then(Result::err).into_iter().flatten());
                blocked.extend(bay.err().into_iter().flatten());
                blocked.extend(probes.and_then(Result::err).into_iter().flatten());
                blocked.extend(gas.and_then(Result::err).into_iter().flatten());
                Err(blocked)
            }
        }
    }

    fn span(&self) -> Span {
        self.request.needs.in_room(self.start)
    }

    fn taken_by(&self, uses: impl Fn(&Booking) -> Option<Span>, wanted: Span) -> Option<Obstacle> {
        self.around.during(wanted).find_map(|booking| {
            let span = uses(booking).filter(|span| span.overlaps(wanted))?;
            Some(Obstacle::TakenBy { booking: booking.id().to_owned(), case: booking.case().to_owned(), span })
        })
    }

    /// Nobody is in two places, and no session is over before it began.
    fn patient(&self) -> Vec<Blocked> {
        let needs = &self.request.needs;
        if !(1..=MINUTES_PER_DAY).contains(&needs.room_minutes)
            || !(0..=MINUTES_PER_DAY).contains(&needs.recovery_minutes)
            || !(0..=needs.room_minutes).contains(&needs.turnover_minutes)
        {
            let why = "its times cannot be true; work them out from the plan again".to_owned();
            return vec![(Resource::Booking(self.request.id.clone()), Obstacle::Unsuited { why })];
        }
        let case = &self.request.case;
        let whole = until_home(self.span(), needs.in_bay(self.start));
        let uses = |booking: &Booking| (booking.case() == case).then(|| booking.allocation().patient_here());
        self.taken_by(uses, whole).map(|taken| (Resource::Patient(case.clone()), taken)).into_iter().collect()
    }

    fn day_of_any_room(&self) -> Option<Day> {
        let rooms = &self.calendar.resources().rooms;
        let mut openings = rooms.iter().flat_map(|room| &room.openings);
        openings.find(|opening| opening.span.holds(self.span())).map(|opening| opening.day)
    }

    fn room(&self) -> Result<(String, Day), Vec<Blocked>> {
        let wanted = |room: &&Room| match &self.request.room {
            WantedRoom::Any => true,
            WantedRoom::Named(id) => room.id == *id,
        };
        let mut blocked = Vec::new();
        for room in self.calendar.resources().rooms.iter().filter(wanted) {
            match self.room_is_free(room) {
                Ok(day) => return Ok((room.id.clone(), day)),
                Err(obstacle) => blocked.push((Resource::Room(room.id.clone()), obstacle)),
            }
        }
        if blocked.is_empty() {
            let id = match &self.request.room {
                WantedRoom::Any => "any".to_owned(),
                WantedRoom::Named(id) => id.clone(),
            };
            blocked.push((Resource::Room(id), Obstacle::NoneHere));
        }
        Err(blocked)
    }

    fn room_is_free(&self, room: &Room) -> Result<Day, Obstacle> {
        let needs = &self.request.needs;
        let unsuited = |why: &str| Err(Obstacle::Unsuited { why: why.to_owned() });
        if !room.guidance.contains(&needs.guidance) {
            return unsuited("it has nothing to guide the probe with as planned");
        }
        if !room.sedation.allows(needs.sedation) {
            return unsuited("sedation as deep as planned may not be given in it");
        }
        if needs.gas_cycles > 0 && !room.gases.contains(&needs.gas) {
            return unsuited("the gas that the probe needs cannot be connected in it");
        }
        let Some(opening) = room.openings.iter().find(|opening| opening.span.holds(self.span())) else {
            return Err(Obstacle::Closed);
        };
        let uses = |booking: &Booking| {
            let taken = booking.allocation();
            (taken.room == room.id).then_some(taken.in_room)
        };
        self.taken_by(uses, self.span()).map_or(Ok(opening.day), Err)
    }

    fn bay(&self) -> Result<String, Vec<Blocked>> {
        let wanted = self.request.needs.in_bay(self.start);
        let mut blocked = Vec::new();
        for bay in &self.calendar.resources().bays {
            let uses = |booking: &Booking| {
                let taken = booking.allocation();
                (taken.bay == bay.id).then_some(taken.in_bay)
            };
            let obstacle = match bay.openings.iter().any(|opening| opening.holds(wanted)) {
                true => self.taken_by(uses, wanted),
                false => Some(Obstacle::Closed),
            };
            match obstacle {
                None => return Ok(bay.id.clone()),
                Some(obstacle) => blocked.push((Resource::Bay(bay.id.clone()), obstacle)),
            }
        }
        if blocked.is_empty() {
            blocked.push((Resource::Bay("any".to_owned()), Obstacle::NoneHere));
        }
        Err(blocked)
    }

    fn team(&self, day: Day) -> Result<Vec<Seated>, Vec<Blocked>> {
        let seats: Vec<&Seat> = self.settings.seats(self.request.needs.sedation).collect();
        let mut blocked = Vec::new();
        let mut candidates = Vec::new();
        for seat in &seats {
            let suited: Vec<&Person> =
                self.calendar.resources().people.iter().filter(|person| fits(person, seat, day)).collect();
            let free: Vec<&Person> = suited.iter().copied().filter(|person| self.busy(person).is_none()).collect();
            if suited.is_empty() {
                blocked.push((Resource::Seat(seat.name.clone()), Obstacle::NoneHere));
            } else if free.is_empty() {
                let why = suited.iter().filter_map(|person| Some((person, self.busy(person)?)));
                blocked.extend(why.map(|(person, obstacle)| (Resource::Person(person.id.clone()), obstacle)));
            }
            candidates.push(free);
        }
        blocked.extend(self.named_people(&seats, day));
        blocked.sort_by(|one, other| one.0.cmp(&other.0));
        blocked.dedup_by(|one, other| one.0 == other.0);
        if !blocked.is_empty() {
            return Err(blocked);
        }
        let mut chosen = Vec::new();
        if seat_all(&candidates, &self.request.people, &mut chosen) {
            let seated = seats.iter().zip(chosen);
            return Ok(seated
                .map(|(seat, person)| Seated { seat: seat.id.clone(), person: person.id.clone() })
                .collect());
        }
        let mut free: Vec<&str> = candidates.iter().flatten().map(|person| person.id.as_str()).collect();
        free.sort_unstable();
        free.dedup();
        let (wanted, free) = (seats.len() as u32, free.len() as u32);
        Err(vec![(Resource::Seat("one person for every seat".to_owned()), Obstacle::NotEnough { wanted, free })])
    }

    /// What stands in the way of the people who were asked for by name.
    fn named_people(&self, seats: &[&Seat], day: Day) -> Vec<Blocked> {
        let blocked = |id: &String| {
            let resource = Resource::Person(id.clone());
            let Some(person) = self.calendar.resources().people.iter().find(|person| person.id == *id) else {
                return Some((resource, Obstacle::NoneHere));
            };
            if !seats.iter().any(|seat| fits(person, seat, day)) {
                let why = "no seat of this team needs their role and a credential that holds on the day".to_owned();
                return Some((resource, Obstacle::Unsuited { why }));
            }
            self.busy(person).map(|obstacle| (resource, obstacle))
        };
        self.request.people.iter().filter_map(blocked).collect()
    }

    fn busy(&self, person: &Person) -> Option<Obstacle> {
        if !person.shifts.iter().any(|shift| shift.holds(self.span())) {
            return Some(Obstacle::Closed);
        }
        let uses = |booking: &Booking| {
            let taken = booking.allocation();
            taken.team.iter().any(|seated| seated.person == person.id).then_some(taken.in_room)
        };
        self.taken_by(uses, self.span())
    }

    /// The first to expire first.
    fn probes(&self, day: Day) -> Result<Vec<ReservedLot>, Vec<Blocked>> {
        let mut reserved: Vec<ReservedLot> = Vec::new();
        let mut blocked = Vec::new();
        for ProbeNeed { model, count } in merged(&self.request.needs.probes) {
            let mut lots: Vec<(&ProbeLot, u32)> = self
                .calendar
                .resources()
                .probes
                .iter()
                .filter(|lot| lot.model == model && lot.usable == Usable::Free && lot.sterile_until >= day)
                .map(|lot| (lot, lot.count.saturating_sub(self.around.probes_of(&lot.model, &lot.lot))))
                .collect();
            lots.sort_by(|(one, _), (other, _)| (one.sterile_until, &one.lot).cmp(&(other.sterile_until, &other.lot)));
            let free: u32 = lots.iter().map(|(_, free)| free).sum();
            if free < count {
                blocked.push((Resource::Probes(model), Obstacle::NotEnough { wanted: count, free }));
                continue;
            }
            let mut left = count;
            for (lot, free) in lots {
                let taken = free.min(left);
                left -= taken;
                if taken > 0 {
                    reserved.push(ReservedLot { model: model.clone(), lot: lot.lot.clone(), count: taken });
                }
            }
        }
        if blocked.is_empty() { Ok(reserved) } else { Err(blocked) }
    }

    /// The cylinder that is emptiest and still suffices, so that full ones stay full.
    fn gas(&self, day: Day) -> Result<Option<ReservedGas>, Vec<Blocked>> {
        let needs = &self.request.needs;
        if needs.gas_cycles == 0 {
            return Ok(None);
        }
        let usable = |cylinder: &&Cylinder| {
            cylinder.gas == needs.gas && cylinder.usable == Usable::Free && cylinder.tested_until >= day
        };
        let free = |cylinder: &'a Cylinder| (self.free_of(cylinder), cylinder);
        let cylinders: Vec<(u32, &Cylinder)> = self.calendar.resources().gas.iter().filter(usable).map(free).collect();
        let enough = cylinders.iter().filter(|(free, _)| *free >= needs.gas_cycles);
        if let Some((_, cylinder)) = enough.min_by_key(|(free, cylinder)| (*free, &cylinder.id)) {
            return Ok(Some(ReservedGas { cylinder: cylinder.id.clone(), cycles: needs.gas_cycles }));
        }
        let most = cylinders.iter().map(|(free, _)| *free).max().unwrap_or_default();
        let obstacle = Obstacle::NotEnough { wanted: needs.gas_cycles, free: most };
        Err(vec![(Resource::Gas(needs.gas.clone()), obstacle)])
    }

    /// Freezes that nobody reserved, beyond what stays in the cylinder.
    fn free_of(&self, cylinder: &Cylinder) -> u32 {
        let reserved = self.around.cycles_of(&cylinder.id);
        cylinder.cycles_left.saturating_sub(self.settings.gas_reserve.value.cycles).saturating_sub(reserved)
    }
}

fn fits(person: &Person, seat: &Seat, day: Day) -> bool {
    let needs = &seat.needs.value;
    person.roles.iter().any(|role| seat.roles.contains(role)) && person.may(&needs.any_of, day)
}

/// One row per model, however often it was asked for.
fn merged(needs: &[ProbeNeed]) -> Vec<ProbeNeed> {
    let mut merged: Vec<ProbeNeed> = Vec::new();
    for need in needs.iter().filter(|need| need.count > 0) {
        match merged.iter_mut().find(|row| row.model == need.model) {
            Some(row) => row.count += need.count,
            None => merged.push(need.clone()),
        }
    }
    merged
}

/// Puts one person in every seat, and everybody who was asked for by name in some seat; tries again where it fails. Teams
/// are five people at most, so trying is quick.
fn seat_all<'p>(candidates: &[Vec<&'p Person>], named: &[String], chosen: &mut Vec<&'p Person>) -> bool {
    let Some(here) = candidates.get(chosen.len()) else {
        return named.iter().all(|id| chosen.iter().any(|person| person.id == *id));
    };
    let wanted = |person: &&&Person| !named.contains(&person.id);
    let mut order: Vec<&&Person> = here.iter().collect();
    order.sort_by_key(wanted);
    for person in order {
        if chosen.iter().any(|seated| seated.id == person.id) {
            continue;
        }
        chosen.push(person);
        if seat_all(candidates, named, chosen) {
            return true;
        }
        chosen.pop();
    }
    false
}
