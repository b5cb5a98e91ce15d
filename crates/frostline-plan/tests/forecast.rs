//! Ice goes on growing after the gas is off, and a countdown must count that in.

mod leg_support;

use frostline_freeze::{PhaseKind, Schedule, SolverSettings};
use frostline_plan::anatomy::{Anatomy, StructureKind};
use frostline_plan::catalogue::{Catalogues, SiteGoals, SiteLimit};
use frostline_plan::{
    Coldest, ForecastError, ForecastSettings, Goals, Left, Met, PlanParts, PlannedProtocol, Resolution, StopForecast,
    Stretch, TimeLeftSettings, stop_now, time_left,
};
use leg_support::{catalogues, leg, parts, plan, with_tube};

fn settings() -> ForecastSettings {
    ForecastSettings {
        resolution: Resolution { fine_mm: 1.0, coarsest_mm: 5.0, after_s: 60.0 },
        solver: SolverSettings { step_s: 5.0, ..SolverSettings::default() },
        ..ForecastSettings::default()
    }
}

fn stopped(anatomy: &Anatomy, parts: PlanParts, now_s: f64) -> StopForecast {
    stop_now(anatomy, &plan(anatomy, parts), &catalogues(), &settings(), now_s).unwrap()
}

fn coldest_then_c(forecast: &StopForecast, kind: &str) -> f64 {
    let structure = forecast.structures.iter().find(|s| s.kind == kind).unwrap();
    match structure.then {
        Coldest::Reached { celsius, .. } => celsius,
        other => panic!("{kind}: {other:?}"),
    }
}

/// A needle of argon, whose ice holds far more cold than that of nitrous oxide.
fn argon(freeze_s: f64) -> PlanParts {
    let mut argon = parts([-1.9, 14.0, 3.0], freeze_s);
    argon.placements[0].probe = "icesphere-1.5".into();
    argon
}

#[test]
fn the_ice_of_an_argon_needle_grows_after_the_gas_is_off() {
    let forecast = stopped(&leg("sural", 14.0), argon(120.0), 60.0);
    let edge = forecast.surfaces.iter().find(|s| s.celsius == 0.0).unwrap();
    assert!(edge.radius_now_mm > 3.0 && edge.further_mm() > 0.05 && edge.largest_at_s > 60.0, "{edge:?}");
    assert!(forecast.disabled_mm >= forecast.disabled_so_far_mm);
    assert_eq!(forecast.runs, 2);
}

#[test]
fn skin_gets_colder_after_the_gas_is_off_even_where_the_ice_no_longer_grows() {
    let forecast = stopped(&leg("sural", 6.5), parts([-1.8, 6.5, 3.0], 120.0), 45.0);
    let skin = forecast.structures.iter().find(|s| s.kind == "skin").unwrap();
    assert!(coldest_then_c(&forecast, "skin") < skin.so_far_c.unwrap() - 0.2, "{skin:?}");
}

#[test]
fn a_structure_that_nobody_marked_stays_not_marked_in_a_forecast() {
    let forecast = stopped(&leg("sural", 6.5), parts([-1.8, 6.5, 3.0], 60.0), 45.0);
    let artery = forecast.structures.iter().find(|s| s.kind == "artery").unwrap();
    assert_eq!((artery.so_far_c, artery.then), (None, Coldest::NotMarked));
}

#[test]
fn what_was_planned_after_now_does_not_change_what_happens_when_the_gas_stops_now() {
    let anatomy = leg("sural", 6.5);
    let short = stopped(&anatomy, parts([-1.8, 6.5, 3.0], 45.0), 45.0);
    let mut two = parts([-1.8, 6.5, 3.0], 45.0);
    let schedule =
        Schedule::of(&[(PhaseKind::Freeze, 60.0), (PhaseKind::PassiveThaw, 30.0), (PhaseKind::Freeze, 60.0)]);
    two.protocol = PlannedProtocol { name: "two freezes".into(), schedule };
    let long = stopped(&anatomy, two, 45.0);
    // The longer plan has a larger scene, hence other cells far away.
    assert!((coldest_then_c(&short, "skin") - coldest_then_c(&long, "skin")).abs() < 0.5);
}

#[test]
fn gas_that_stops_when_the_time_left_is_over_brings_a_motor_nerve_just_to_its_limit() {
    let anatomy = with_tube(leg("sural", 11.0), StructureKind::MotorNerve, -6.0, 11.0);
    let probe = || parts([-1.9, 11.0, 3.0], 400.0);
    let ahead = TimeLeftSettings { forecast: settings(), ahead_s: 240.0 };
    let left = time_left(&anatomy, &plan(&anatomy, probe()), &catalogues(), &ahead, 20.0).unwrap();
    let soonest = left.soonest_stop().expect("the motor nerve is met");
    assert_eq!(soonest.kind, "motor-nerve");
    let Left::In { seconds } = soonest.left else { panic!("{soonest:?}") };
    assert!(left.runs <= 9, "{}", left.runs);
    let at_the_end = stopped(&anatomy, probe(), 20.0 + seconds);
    let motor = at_the_end.structures.iter().find(|s| s.kind == "motor-nerve").unwrap();
    // Where it cools by 0.2 K a second, the two seconds within which a crossing is found; other cells far away on top.
    let then_c = coldest_then_c(&at_the_end, "motor-nerve");
    let Met::Below { below_c } = soonest.met else { panic!("{soonest:?}") };
    assert!((then_c - below_c).abs() < 0.6, "{then_c} for a limit of {below_c}");
    // When the gas stops it is not there yet: the countdown that looks at now only comes too late.
    assert!(motor.so_far_c.unwrap() > then_c + 0.1, "{motor:?}");
}

#[test]
fn a_limit_that_is_met_whatever_one_does_is_met_already() {
    let anatomy = with_tube(leg("sural", 11.0), StructureKind::MotorNerve, -3.6, 11.0);
    let ahead = TimeLeftSettings { forecast: settings(), ahead_s: 60.0 };
    let plan = plan(&anatomy, parts([-1.9, 11.0, 3.0], 120.0));
    let left = time_left(&anatomy, &plan, &catalogues(), &ahead, 100.0).unwrap();
    assert_eq!(left.soonest_stop().unwrap().left, Left::Already);
    let artery = left.limits.iter().find(|l| l.kind == "artery").unwrap();
    assert_eq!(artery.left, Left::NotKnown);
}

/// Limits of the nerve so warm that a pain probe meets them.
fn tender_nerve() -> Catalogues {
    let goals = SiteGoals { below_c: Some(-1.0), ..SiteGoals::default() };
    let limit = |id: &str, below_c| SiteLimit {
        id: id.into(),
        below_c: Some(below_c),
        millimetres: None,
        level: None,
        why: "for this test".into(),
    };
    catalogues().with_site(&[limit("caution_below", -2.0), limit("stop_below", -3.0)], &goals).unwrap()
}

#[test]
fn the_target_nerve_itself_may_become_too_cold_and_an_absurd_look_ahead_is_refused() {
    let anatomy = leg("sural", 6.5);
    let plan = plan(&anatomy, parts([-1.8, 6.5, 3.0], 60.0));
    let ahead = |ahead_s| TimeLeftSettings { forecast: settings(), ahead_s };
    let left = time_left(&anatomy, &plan, &tender_nerve(), &ahead(60.0), 40.0).unwrap();
    assert!(left.limits.iter().any(|l| l.kind == "target-nerve" && l.is_stop && l.left == Left::Already), "{left:?}");
    let usual = time_left(&anatomy, &plan, &catalogues(), &ahead(60.0), 40.0).unwrap();
    assert!(usual.soonest_stop().is_none_or(|l| l.kind != "target-nerve"), "{usual:?}");
    for ahead_s in [0.0, -5.0, f64::NAN, f64::INFINITY] {
        let refused = time_left(&anatomy, &plan, &catalogues(), &ahead(ahead_s), 40.0);
        assert!(matches!(refused, Err(ForecastError::NoSuchLook { .. })), "{ahead_s}");
    }
}

#[test]
fn a_time_after_the_protocol_is_refused() {
    let anatomy = leg("sural", 6.5);
    let plan = plan(&anatomy, parts([-1.8, 6.5, 3.0], 60.0));
    for now_s in [0.0, 61.0, f64::NAN] {
        let refused = stop_now(&anatomy, &plan, &catalogues(), &settings(), now_s);
        assert!(matches!(refused, Err(ForecastError::NoSuchTime { .. })), "{now_s}: {refused:?}");
    }
}

#[test]
fn gas_that_stops_when_the_margin_is_used_up_leaves_the_ice_just_as_far_from_the_motor_nerve_as_is_wanted() {
    let anatomy = with_tube(leg("sural", 11.0), StructureKind::MotorNerve, -16.5, 11.0);
    let probe = || parts([-1.9, 11.0, 3.0], 400.0);
    let ahead = TimeLeftSettings { forecast: settings(), ahead_s: 240.0 };
    let left = time_left(&anatomy, &plan(&anatomy, probe()), &catalogues(), &ahead, 10.0).unwrap();
    let margin = left.limits.iter().find(|l| l.limit == "motor_nerve_margin").unwrap();
    let (Met::IceWithin { ice_within_mm }, Left::In { seconds }) = (margin.met, margin.left) else {
        panic!("{margin:?}")
    };
    let at_the_end = stopped(&anatomy, probe(), 10.0 + seconds);
    let motor = at_the_end.structures.iter().find(|s| s.kind == "motor-nerve").unwrap();
    // The edge grows by less than 0.03 mm a second there, and is known to two; other cells far away on top.
    assert!((motor.closest_mm.unwrap() - ice_within_mm).abs() < 0.15, "{motor:?} for {ice_within_mm} mm");
}

#[test]
fn nerve_that_is_disabled_outside_the_wanted_stretch_is_not_enough() {
    let anatomy = leg("sural", 6.5);
    let plan = plan(&anatomy, parts([-1.8, 6.5, 3.0], 200.0));
    let within = |from_mm, to_mm| {
        let stretch = Stretch::Within { from_mm, to_mm };
        let goals = Goals { disabled_mm: 2.0, stretch, ..Goals::of(&catalogues()) };
        ForecastSettings { goals: Some(goals), ..settings() }
    };
    let enough = |forecast| {
        let ahead = TimeLeftSettings { forecast, ahead_s: 180.0 };
        time_left(&anatomy, &plan, &catalogues(), &ahead, 10.0).unwrap().enough
    };
    // The middle of the marked 80 mm lies at the probe; the first 20 mm lie far from it.
    assert!(matches!(enough(within(30.0, 50.0)), Left::In { .. }), "{:?}", enough(within(30.0, 50.0)));
    assert!(matches!(enough(within(0.0, 20.0)), Left::NotWithin { .. }), "{:?}", enough(within(0.0, 20.0)));
    let stopped = |forecast| stop_now(&anatomy, &plan, &catalogues(), &forecast, 150.0).unwrap().disabled_mm;
    assert!(stopped(within(30.0, 50.0)) > 2.0 && stopped(within(0.0, 20.0)) == 0.0);
}
