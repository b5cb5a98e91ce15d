//! Rooms, people, stock and bookings of a small site: one day from 8 to 17, two rooms, one operator.

mod bookings;
mod changes;
mod flow;
mod lengths;
mod many;
mod never_twice;
mod states;

use std::sync::OnceLock;

use frostline_record::rules::{Day, Guidance, Moment, Role, SedationLevel};
use frostline_record::schedule::{
    Bay, BookingRequest, Calendar, Clearance, Credential, Cylinder, Held, Opening, Person, ProbeLot, ProbeNeed,
    Resources, Room, ScheduleSettings, SedationUpTo, SessionNeeds, Span, Usable, WantedRoom,
};

pub(crate) const DAY: Day = Day(20_000);

/// So many hours and minutes after midnight of [`DAY`] plus `days`.
pub(crate) fn at(days: i64, hours: i64, minutes: i64) -> Moment {
    Moment(((DAY.0 + days) * 24 + hours) * 60 + minutes)
}

pub(crate) fn settings() -> &'static ScheduleSettings {
    static READ: OnceLock<ScheduleSettings> = OnceLock::new();
    READ.get_or_init(|| ScheduleSettings::bundled().unwrap())
}

fn hours(days: i64) -> Span {
    Span { from: at(days, 8, 0), until: at(days, 17, 0) }
}

pub(crate) fn person(id: &str, role: Role, credential: Credential) -> Person {
    let credentials = vec![Held { credential, until: None }];
    Person { id: id.to_owned(), roles: vec![role], credentials, shifts: vec![hours(0), hours(1)] }
}

pub(crate) fn room(id: &str, sedation: SedationUpTo) -> Room {
    Room {
        id: id.to_owned(),
        guidance: vec![Guidance::Ultrasound],
        sedation,
        capnography: true,
        gases: vec!["nitrous-oxide".to_owned()],
        openings: [0, 1].map(|days| Opening { day: DAY.plus_days(days), span: hours(days) }).to_vec(),
    }
}

pub(crate) fn lot(lot: &str, sterile_until: Day, count: u32) -> ProbeLot {
    ProbeLot { model: "hand-n2o".to_owned(), lot: lot.to_owned(), sterile_until, count, usable: Usable::Free }
}

pub(crate) fn cylinder(id: &str, cycles_left: u32) -> Cylinder {
    Cylinder {
        id: id.to_owned(),
        gas: "nitrous-oxide".to_owned(),
        pressure_bar: Some(45.0),
        cycles_left,
        tested_until: DAY.plus_days(100),
        usable: Usable::Free,
    }
}

pub(crate) fn bay(id: &str) -> Bay {
    Bay { id: id.to_owned(), openings: vec![hours(0), hours(1)] }
}

pub(crate) fn site() -> Resources {
    Resources {
        rooms: vec![
            room("ultrasound-1", SedationUpTo::None),
            room("suite-2", SedationUpTo::Level(SedationLevel::Deep)),
        ],
        people: vec![
            person("op-1", Role::Operator, Credential::PainMedicine),
            person("rn-1", Role::Nurse, Credential::Nursing),
            person("rn-2", Role::Nurse, Credential::SedationMonitoring),
            person("us-1", Role::Technologist, Credential::Sonography),
            person("an-1", Role::Anaesthesia, Credential::Anaesthesiology),
        ],
        probes: vec![lot("L-late", DAY.plus_days(300), 5), lot("L-soon", DAY.plus_days(5), 2)],
        gas: vec![cylinder("G-full", 40), cylinder("G-low", 6)],
        bays: vec![bay("bay-1"), bay("bay-2")],
    }
}

/// An hour in the room, half an hour in the bay, one probe, three freezes.
pub(crate) fn needs(sedation: SedationLevel) -> SessionNeeds {
    SessionNeeds {
        guidance: Guidance::Ultrasound,
        sedation,
        room_minutes: 60,
        turnover_minutes: 10,
        recovery_minutes: 30,
        probes: vec![ProbeNeed { model: "hand-n2o".to_owned(), count: 1 }],
        gas: "nitrous-oxide".to_owned(),
        gas_cycles: 3,
    }
}

pub(crate) fn wants(id: &str, start: Moment) -> BookingRequest {
    BookingRequest {
        id: id.to_owned(),
        case: format!("case-{id}"),
        needs: needs(SedationLevel::LocalOnly),
        start,
        room: WantedRoom::Any,
        people: Vec::new(),
        clearance: Clearance::Cleared,
    }
}

pub(crate) fn booked(calendar: Calendar, request: &BookingRequest) -> Calendar {
    let booking = calendar.book(settings(), request).unwrap();
    calendar.with(settings(), booking).unwrap()
}
