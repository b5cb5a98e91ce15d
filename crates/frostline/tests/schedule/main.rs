//! `frostline schedule` from outside, and the calendar that it writes, read back by a parser.

mod worklist;

use std::process::{Command, Output};

use frostline::calendar::{Feed, Whose};
use frostline::site_file::SiteFile;
use frostline_record::rules::Moment;
use frostline_record::schedule::{BookingState, Calendar, ScheduleSettings};
use icalendar::{CalendarComponent, Component, Event};
use jiff::tz::TimeZone;

const SITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schedule/site.toml");

fn frostline(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_frostline");
    Command::new(program).args(["schedule", "--site", SITE]).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn what_can_be_booked_is_booked_and_the_rest_is_refused_with_the_next_free_slot() {
    let output = frostline(&["--now", "2026-03-05T07:00Z"]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("2026-03-05 09:00   65 min  ultrasound-1 F-0001"), "{text}");
    assert!(text.contains("not booked: b-2 of case F-0002"), "{text}");
    assert!(text.contains("op-1: taken by booking b-1 of case F-0001"), "{text}");
    assert!(text.contains("next free slot: 2026-03-05 10:05"), "{text}");
    assert!(text.contains("lot L-2291 of n2o-1.3: last day 2026-03-20"), "{text}");
}

/// The events of a feed that the program wrote, as another program reads them.
fn events(text: &str) -> Vec<Event> {
    let feed: icalendar::Calendar = text.parse().unwrap();
    let event = |component: &CalendarComponent| match component {
        CalendarComponent::Event(event) => Some(event.clone()),
        _ => None,
    };
    feed.components.iter().filter_map(event).collect()
}

fn value(event: &Event, key: &str) -> String {
    event.property_value(key).unwrap_or_else(|| panic!("no {key}")).to_owned()
}

#[test]
fn the_same_hour_on_the_clock_is_an_hour_earlier_in_utc_after_summer_time_began() {
    let output = frostline(&["--now", "2026-03-05T07:00Z", "--feed-person", "op-1"]);
    assert_eq!(output.status.code(), Some(0));
    let found = events(&printed(&output));
    let starts: Vec<String> = found.iter().map(|event| value(event, "DTSTART")).collect();
    assert_eq!(starts, ["20260305T140000Z", "20260312T130000Z"]);
    assert_eq!(value(&found[0], "DTEND"), "20260305T150500Z");
    assert_eq!(value(&found[0], "UID"), "b-1@clinic.example");
    assert_eq!(value(&found[0], "SUMMARY"), "case F-0001 (operator)");
    assert!(printed(&output).contains("X-WR-TIMEZONE:America/New_York"));
}

#[test]
fn a_person_and_a_room_see_only_what_is_theirs() {
    let of = |arguments: &[&str]| events(&printed(&frostline(arguments))).len();
    assert_eq!(of(&["--feed-room", "ultrasound-1"]), 2);
    assert_eq!(of(&["--feed-room", "suite-2"]), 0);
    assert_eq!(of(&["--feed-person", "an-1"]), 0);
}

/// The first booking of the site file in a calendar of its own.
fn one_booking() -> (ScheduleSettings, Calendar) {
    let settings = ScheduleSettings::bundled().unwrap();
    let site = SiteFile::from_toml(&std::fs::read_to_string(SITE).unwrap()).unwrap();
    let mut request = site.wishes()[0].request(&site.zone().unwrap(), 30).unwrap();
    (request.needs.room_minutes, request.needs.turnover_minutes) = (60, 10);
    let calendar = Calendar::new(site.resources().unwrap());
    let booking = calendar.book(&settings, &request).unwrap();
    let calendar = calendar.with(&settings, booking).unwrap();
    (settings, calendar)
}

fn read_back(calendar: &Calendar, made: Moment) -> Event {
    let feed = Feed { domain: "clinic.example".to_owned(), zone: TimeZone::UTC, made, since: None };
    events(&feed.of(calendar, Whose::Room("ultrasound-1")).unwrap()).remove(0)
}

#[test]
fn a_moved_booking_keeps_its_name_and_a_cancelled_one_says_so_with_a_higher_sequence() {
    let (settings, calendar) = one_booking();
    let at = calendar.find("b-1").unwrap().allocation().in_room.from;
    let first = read_back(&calendar, at);
    assert_eq!((value(&first, "SEQUENCE"), value(&first, "STATUS")), ("0".to_owned(), "CONFIRMED".to_owned()));
    let moved = calendar.moved(&settings, "b-1", Moment(at.0 + 60), at).unwrap();
    let second = read_back(&moved, at);
    assert_eq!((value(&second, "UID"), value(&second, "SEQUENCE")), (value(&first, "UID"), "1".to_owned()));
    assert_ne!(value(&second, "DTSTART"), value(&first, "DTSTART"));
    let cancelled = moved.cancel(&settings, "b-1", "patient-reason", at).unwrap();
    assert_eq!(cancelled.find("b-1").unwrap().state(), BookingState::Cancelled);
    let third = read_back(&cancelled, at);
    assert_eq!((value(&third, "STATUS"), value(&third, "SEQUENCE")), ("CANCELLED".to_owned(), "2".to_owned()));
}

#[test]
fn a_feed_names_nobody_and_no_nerve() {
    let text = printed(&frostline(&["--feed-room", "ultrasound-1"])).to_lowercase();
    assert!(["sural", "nerve", "patient", "diagnos"].iter().all(|word| !text.contains(word)), "{text}");
}

#[test]
fn lines_are_no_longer_than_75_bytes_and_end_as_the_standard_says() {
    let text = printed(&frostline(&["--feed-room", "ultrasound-1"]));
    assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "{text}");
    assert!(text.lines().all(|line| line.trim_end_matches('\r').len() <= 75));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
}

fn refusal(from: &str, to: &str) -> String {
    let text = std::fs::read_to_string(SITE).unwrap();
    assert!(text.contains(from), "{from} is not in the file");
    let site = SiteFile::from_toml(&text.replace(from, to));
    match site.and_then(|site| site.resources()) {
        Ok(_) => panic!("{to} was not refused"),
        Err(refused) => refused.to_string(),
    }
}

#[test]
fn a_site_file_that_cannot_be_true_is_refused_with_what_was_found() {
    assert!(refusal("\"America/New_York\"", "\"America/Old_York\"").contains("America/Old_York"));
    assert!(refusal("\"mon\", \"tue\"", "\"mon\", \"tues\"").contains("found the day 'tues'"));
    assert!(refusal("until = \"13:00:00\"", "until = \"08:00:00\"").contains("suite-2"));
    assert!(refusal("days = 14", "days = 0").contains("expected 1 to"));
    assert!(refusal("capnography = true", "capnograph = true").contains("capnograph"));
}
