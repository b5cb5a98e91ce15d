//! Schedules cut short and drawn out.

use frostline_freeze::{Phase, PhaseKind, Schedule};

/// The schedule as it went until `now_s`; afterwards the gas is off.
pub fn stopped_at(schedule: &Schedule, now_s: f64) -> Schedule {
    let mut left_s = now_s;
    let mut phases = Vec::new();
    for phase in &schedule.phases {
        let duration_s = phase.duration_s.min(left_s);
        if duration_s <= 0.0 {
            break;
        }
        phases.push(Phase { kind: phase.kind, duration_s });
        left_s -= duration_s;
    }
    Schedule { phases }
}

/// The schedule as it went until `now_s`, then gas without another pause until `until_s`. In a thaw, the gas comes back
/// when that thaw was to end.
pub fn going_on_until(schedule: &Schedule, now_s: f64, until_s: f64) -> Schedule {
    let (kind, began_s) = schedule.at(now_s);
    let cut = |at_s: f64| stopped_at(schedule, at_s).phases;
    if kind == PhaseKind::Freeze {
        let mut phases = cut(began_s);
        phases.push(Phase { kind, duration_s: until_s - began_s });
        return Schedule { phases };
    }
    let gas_on_s = gas_back_s(schedule, now_s);
    let mut phases = cut(gas_on_s.min(until_s));
    // After the last phase there is nothing to cut, so the pause is written out.
    let pause_s = gas_on_s.min(until_s) - phases.iter().map(|p| p.duration_s).sum::<f64>();
    if pause_s > 0.0 {
        phases.push(Phase { kind: PhaseKind::PassiveThaw, duration_s: pause_s });
    }
    if until_s > gas_on_s {
        phases.push(Phase { kind: PhaseKind::Freeze, duration_s: until_s - gas_on_s });
    }
    Schedule { phases }
}

/// When the gas is next on: now where it is, at the next freeze where there is one, else now.
pub(super) fn gas_back_s(schedule: &Schedule, now_s: f64) -> f64 {
    if schedule.at(now_s).0 == PhaseKind::Freeze {
        return now_s;
    }
    let freezes = schedule.switches_s().into_iter().filter(|&at_s| schedule.at(at_s).0 == PhaseKind::Freeze);
    freezes.filter(|&at_s| at_s > now_s).reduce(f64::min).unwrap_or(now_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_freezes() -> Schedule {
        Schedule::of(&[(PhaseKind::Freeze, 90.0), (PhaseKind::PassiveThaw, 30.0), (PhaseKind::Freeze, 90.0)])
    }

    #[test]
    fn a_schedule_stopped_in_its_second_freeze_keeps_the_first_and_the_pause() {
        let expected =
            Schedule::of(&[(PhaseKind::Freeze, 90.0), (PhaseKind::PassiveThaw, 30.0), (PhaseKind::Freeze, 20.0)]);
        assert_eq!(stopped_at(&two_freezes(), 140.0), expected);
        assert_eq!(stopped_at(&two_freezes(), 90.0), Schedule::one_freeze(90.0));
        assert_eq!(stopped_at(&two_freezes(), 500.0), two_freezes());
    }

    #[test]
    fn gas_that_is_on_stays_on_and_gas_that_is_off_comes_back_when_it_was_planned() {
        assert_eq!(going_on_until(&two_freezes(), 50.0, 200.0), Schedule::one_freeze(200.0));
        let after_the_thaw =
            Schedule::of(&[(PhaseKind::Freeze, 90.0), (PhaseKind::PassiveThaw, 30.0), (PhaseKind::Freeze, 80.0)]);
        assert_eq!(going_on_until(&two_freezes(), 100.0, 200.0), after_the_thaw);
        let once_more = going_on_until(&two_freezes(), 220.0, 250.0);
        assert_eq!(once_more.at(215.0).0, PhaseKind::PassiveThaw);
        assert_eq!((once_more.at(221.0).0, once_more.duration_s()), (PhaseKind::Freeze, 250.0));
    }
}
