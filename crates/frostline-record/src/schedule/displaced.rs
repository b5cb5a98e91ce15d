//! Bookings whose room, people or bay are no longer there: somebody is ill, a room is closed.

use serde::Serialize;

use super::booking::Booking;
use super::calendar::Calendar;
use super::request::Resource;

/// A booking that can no longer take place as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Displaced {
    /// Key of the booking.
    pub booking: String,
    /// Its case.
    pub case: String,
    /// What is missing.
    pub lacks: Vec<Resource>,
}

impl Calendar {
    /// Bookings ahead whose room is closed, whose people are not at work, or whose bay is not staffed at their time.
    pub fn displaced(&self) -> Vec<Displaced> {
        let ahead = self.bookings().iter().filter(|booking| booking.state().is_ahead());
        let displaced = |booking: &Booking| {
            let lacks = self.lacking(booking);
            let (id, case) = (booking.id().to_owned(), booking.case().to_owned());
            (!lacks.is_empty()).then_some(Displaced { booking: id, case, lacks })
        };
        ahead.filter_map(displaced).collect()
    }

    fn lacking(&self, booking: &Booking) -> Vec<Resource> {
        let (taken, there) = (booking.allocation(), self.resources());
        let open = there.rooms.iter().filter(|room| room.id == taken.room).flat_map(|room| &room.openings);
        let room = open.map(|opening| opening.span).any(|span| span.holds(taken.in_room));
        let staffed = there.bays.iter().filter(|bay| bay.id == taken.bay).flat_map(|bay| &bay.openings);
        let bay = staffed.copied().any(|span| span.holds(taken.in_bay));
        let works = |id: &str| {
            let shifts = there.people.iter().filter(|person| person.id == id).flat_map(|person| &person.shifts);
            shifts.copied().any(|shift| shift.holds(taken.in_room))
        };
        let away = taken.team.iter().filter(|seated| !works(&seated.person));
        let mut lacks: Vec<Resource> = away.map(|seated| Resource::Person(seated.person.clone())).collect();
        if !room {
            lacks.push(Resource::Room(taken.room.clone()));
        }
        if !bay {
            lacks.push(Resource::Bay(taken.bay.clone()));
        }
        lacks
    }
}
