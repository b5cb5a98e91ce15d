//! A booking as the case's own step tells it.

use crate::case::steps::{Booking as BookedStep, PersonOnTeam};
use crate::rules::Role;

use super::booking::{Booking, Seated};
use super::resources::Resources;
use super::settings::ScheduleSettings;

impl Booking {
    /// What the step `booked` of its case says: people by their keys, each in the role in which they sit, and the lot of which most
    /// probes are set aside.
    pub fn told(&self, settings: &ScheduleSettings, resources: &Resources) -> BookedStep {
        let taken = self.allocation();
        let role = |seated: &Seated| role_of(seated, settings, resources);
        let person = |seated: &Seated| PersonOnTeam { role: role(seated), name: seated.person.clone() };
        BookedStep {
            start: taken.in_room.from,
            // `book` takes no session longer than a day.
            minutes: u32::try_from(taken.in_room.minutes()).unwrap_or(u32::MAX),
            room: taken.room.clone(),
            team: taken.team.iter().map(person).collect(),
            together_with: Vec::new(),
            probe_lot: taken.probes.iter().max_by_key(|reserved| reserved.count).map(|reserved| reserved.lot.clone()),
        }
    }
}

/// The first role of the seat that the person has.
fn role_of(seated: &Seated, settings: &ScheduleSettings, resources: &Resources) -> Role {
    let roles = settings.seat(&seated.seat).map(|seat| seat.roles.as_slice()).unwrap_or_default();
    let person = resources.people.iter().find(|person| person.id == seated.person);
    let theirs = person.map(|person| person.roles.as_slice()).unwrap_or_default();
    // Nobody is seated without a role of the seat; who left since sits there as what the seat is for.
    roles.iter().find(|role| theirs.contains(role)).or(roles.first()).copied().unwrap_or(Role::Nurse)
}
