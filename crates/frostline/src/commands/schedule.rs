//! `frostline schedule`: books what a site file wishes for, says what stands in the way, and writes calendars.

use std::path::PathBuf;
use std::process::ExitCode;

use frostline_freeze::{PhaseKind, Schedule};
use frostline_plan::catalogue::{Protocols, StepKind};
use frostline_record::rules::Moment;
use frostline_record::schedule::{
    Booking, BookingRequest, Calendar, Conflict, LengthAlarm, NextSlot, PlannedNerve, ScheduleSettings,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Outcome;
use crate::calendar::{Feed, Whose};
use crate::site_file::{BookingRow, SiteFile};

/// What to book and what to write.
#[derive(clap::Args)]
pub struct ScheduleArguments {
    /// The site: rooms, people, stock and wishes (docs/practice.md)
    #[arg(long)]
    site: PathBuf,
    /// What time it is, such as 2026-03-05T07:00Z; only for what depends on it
    #[arg(long)]
    now: Option<Moment>,
    /// Write the calendar of this person, by their key, instead of a table
    #[arg(long, conflicts_with = "feed_room")]
    feed_person: Option<String>,
    /// Write the calendar of this room, by its key, instead of a table
    #[arg(long)]
    feed_room: Option<String>,
}

/// Books every wish in the order of the file. Exit code 1 when one cannot be booked.
pub fn run(arguments: &ScheduleArguments) -> Outcome {
    let site = SiteFile::from_toml(&std::fs::read_to_string(&arguments.site)?)?;
    let zone = site.zone()?;
    let settings = ScheduleSettings::bundled()?;
    let now = arguments.now.unwrap_or_else(clock);
    let mut calendar = Calendar::new(site.resources()?);
    let mut refused = Vec::new();
    for wish in site.wishes() {
        let request = request(wish, &settings, &zone)?;
        match calendar.book(&settings, &request) {
            Ok(booking) => calendar = calendar.with(&settings, booking).map_err(|all| said(&all, &zone))?,
            Err(conflicts) => refused.push((request, conflicts)),
        }
    }
    if let Some(whose) = whose(arguments) {
        let feed = Feed { domain: site.domain.clone(), zone, made: now, since: None };
        print!("{}", feed.of(&calendar, whose)?);
        return Ok(ExitCode::SUCCESS);
    }
    print(&calendar, &settings, (now, &zone));
    for (request, conflicts) in &refused {
        println!("not booked: {} of case {}\n{}", request.id, request.case, said(conflicts, &zone));
    }
    Ok(if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn whose(arguments: &ScheduleArguments) -> Option<Whose<'_>> {
    let person = arguments.feed_person.as_deref().map(Whose::Person);
    person.or_else(|| arguments.feed_room.as_deref().map(Whose::Room))
}

/// A wish with the length that its plan takes.
fn request(
    wish: &BookingRow,
    settings: &ScheduleSettings,
    zone: &TimeZone,
) -> Result<BookingRequest, Box<dyn std::error::Error>> {
    let protocols = Protocols::from_toml(include_str!("../../../../data/protocols.toml"))?;
    let Some(protocol) = protocols.find(&wish.protocol) else {
        let known = protocols.all().iter().map(|row| row.id.as_str()).collect::<Vec<_>>().join(", ");
        return Err(format!("found the protocol '{}', expected one of {known}", wish.protocol).into());
    };
    let phase = |kind: StepKind| match kind {
        StepKind::Freeze => PhaseKind::Freeze,
        StepKind::PassiveThaw => PhaseKind::PassiveThaw,
        StepKind::ActiveThaw => PhaseKind::ActiveThaw,
    };
    let steps = protocol.course.value.steps.iter().map(|step| (phase(step.kind), step.seconds));
    let gas = Schedule::of(&steps.collect::<Vec<_>>());
    let nerves: Vec<PlannedNerve> =
        wish.nerves.iter().map(|nerve| PlannedNerve { nerve: nerve.clone(), gas: gas.clone() }).collect();
    let length = settings.slot_minutes(&nerves)?;
    if let LengthAlarm::Long { usual_to } = length.alarm {
        eprintln!("{}: {:.0} min, more than the usual {usual_to:.0}", wish.case(), length.procedure_minutes);
    }
    let recovery = settings.recovery.after(wish.sedation()).value.minutes.ceil() as i64;
    let mut request = wish.request(zone, recovery)?;
    request.needs = request.needs.timed(&length, &nerves);
    Ok(request)
}

fn print(calendar: &Calendar, settings: &ScheduleSettings, (now, zone): (Moment, &TimeZone)) {
    let mut bookings: Vec<&Booking> = calendar.bookings().iter().collect();
    bookings.sort_by_key(|booking| booking.allocation().in_room.from);
    for booking in bookings {
        let taken = booking.allocation();
        let team: Vec<&str> = taken.team.iter().map(|seated| seated.person.as_str()).collect();
        println!(
            "{}  {:>3} min  {:<12} {:<10} {:<18} {}",
            shown(taken.in_room.from, zone),
            taken.in_room.minutes(),
            taken.room,
            booking.case(),
            booking.state().word(),
            team.join(", ")
        );
    }
    let today = frostline_record::rules::Day(now.0.div_euclid(24 * 60));
    for found in calendar.stock_findings(settings, today) {
        println!("stock: {}", found.text());
    }
}

fn said(conflicts: &[Conflict], zone: &TimeZone) -> String {
    let lines = conflicts.iter().map(|conflict| format!("  {}: {}", conflict.resource, conflict.obstacle));
    let next = match conflicts.first().map(|conflict| conflict.next) {
        Some(NextSlot::At(start)) => format!("  next free slot: {}", shown(start, zone)),
        Some(NextSlot::NoneInSight) | None => "  no slot is in sight: add time, people or stock".to_owned(),
    };
    lines.chain([next]).collect::<Vec<_>>().join("\n")
}

fn shown(moment: Moment, zone: &TimeZone) -> String {
    match Timestamp::from_second(moment.0.saturating_mul(60)) {
        Ok(second) => second.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => moment.to_string(),
    }
}

fn clock() -> Moment {
    Moment(Timestamp::now().as_second().div_euclid(60))
}
