//! How long a slot is.

use frostline_freeze::{PhaseKind, Schedule};
use frostline_record::schedule::{LengthAlarm, NoSlotLength, PlannedNerve, ScheduleSettings};

use crate::settings;

/// Three freezes of two minutes, each followed by one of thaw: nine minutes.
fn nitrous_oxide(nerve: &str) -> PlannedNerve {
    let cycle = [(PhaseKind::Freeze, 120.0), (PhaseKind::PassiveThaw, 60.0)];
    PlannedNerve { nerve: nerve.to_owned(), gas: Schedule::of(&[cycle, cycle, cycle].concat()) }
}

#[test]
fn one_nerve_with_nitrous_oxide_takes_52_minutes_and_the_room_for_65() {
    // 10 + 5 + 10 + 5 + (6 + 9 + 2) + 5 = 52; with 10 of turnover 62, in whole steps of 5 minutes 65.
    let length = settings().slot_minutes(&[nitrous_oxide("sural")]).unwrap();
    assert_eq!(length.procedure_minutes, 52.0);
    assert_eq!((length.room_minutes, length.turnover_minutes), (65, 10));
    assert_eq!(length.alarm, LengthAlarm::Usual);
    assert_eq!(length.parts.iter().map(|part| part.minutes).sum::<f64>(), 52.0);
}

#[test]
fn a_second_nerve_adds_only_its_own_17_minutes_and_is_longer_than_usual() {
    let length = settings().slot_minutes(&[nitrous_oxide("sural"), nitrous_oxide("sfn")]).unwrap();
    assert_eq!(length.procedure_minutes, 69.0);
    assert_eq!(length.alarm, LengthAlarm::Long { usual_to: 60.0 });
}

#[test]
fn sixty_minutes_are_usual_and_a_second_more_is_not() {
    // Without the gas a nerve takes 43 minutes.
    let of = |gas_s: f64| {
        let nerve = PlannedNerve { nerve: "sural".to_owned(), gas: Schedule::one_freeze(gas_s) };
        settings().slot_minutes(&[nerve]).unwrap().alarm
    };
    assert_eq!(of(17.0 * 60.0), LengthAlarm::Usual);
    assert_eq!(of(17.0 * 60.0 + 1.0), LengthAlarm::Long { usual_to: 60.0 });
}

#[test]
fn a_plan_without_a_nerve_or_a_freeze_has_no_length() {
    let thaw_only = PlannedNerve { nerve: "sural".to_owned(), gas: Schedule::of(&[(PhaseKind::PassiveThaw, 60.0)]) };
    assert_eq!(settings().slot_minutes(&[]), Err(NoSlotLength::NoNerve));
    assert_eq!(settings().slot_minutes(&[thaw_only]), Err(NoSlotLength::NoFreeze));
}

#[test]
fn every_number_of_the_schedule_names_its_source() {
    let length = settings().slot_minutes(&[nitrous_oxide("sural")]).unwrap();
    assert!(length.parts.iter().all(|part| !part.source.is_empty()));
    let text = include_str!("../../../../data/schedule.toml")
        .replace("source = \"sedation-2018\"", "source = \"sedation-1820\"");
    let sources = frostline_plan::catalogue::Sources::from_toml(include_str!("../../../../data/sources.toml")).unwrap();
    let refused = ScheduleSettings::from_toml(&text, &sources).unwrap_err().to_string();
    assert!(refused.contains("sedation-1820"), "{refused}");
}
