//! Where a probe missed, what can be done is ranked by what it does and not by what was planned.

mod leg_support;

use frostline_freeze::Continue;
use frostline_plan::anatomy::{Anatomy, StructureKind};
use frostline_plan::{
    Goals, Landed, PlanParts, Rescue, RescueChange, RescueError, RescueOption, RescueQuestion, RescueSettings,
    Resolution, Stretch, rescue,
};
use frostline_space::PatientPoint;
use leg_support::{catalogues, coarse, leg, parts, plan, with_tube};

fn point(p: [f64; 3]) -> PatientPoint {
    PatientPoint::new(p[0], p[1], p[2])
}

/// What can be done when the probe of `parts` lies with its tip elsewhere, along the same line from hub to tip.
fn rescued(anatomy: &Anatomy, parts: PlanParts, tip: [f64; 3], shaft: [f64; 3]) -> Result<Rescue, RescueError> {
    let catalogues = catalogues();
    let plan = plan(anatomy, parts);
    let goals = Goals::of(&catalogues);
    let landed = Landed { tip: point(tip), shaft: point(shaft) };
    let question = RescueQuestion { anatomy, plan: &plan, catalogues: &catalogues, goals, probe: 0, landed };
    rescue(&question, &quick(), &mut |_| Continue::Yes)
}

fn quick() -> RescueSettings {
    RescueSettings {
        search: Resolution { fine_mm: 1.2, coarsest_mm: 8.0, after_s: 0.0 },
        worlds: 0,
        ..RescueSettings::shown_as(coarse())
    }
}

fn option(rescue: &Rescue, is: impl Fn(&[RescueChange]) -> bool) -> &RescueOption {
    rescue.options.iter().find(|o| is(&o.changes)).expect("the option was tried")
}

#[test]
fn a_probe_that_went_too_deep_along_its_way_is_withdrawn() {
    let anatomy = leg("sural", 11.0);
    // Square to the nerve beside it: 8 mm too deep, the cold length lies below the nerve.
    let mut square = parts([-1.75, 13.5, 0.0], 120.0);
    square.placements[0].entry = point([-1.75, 0.0, 0.0]);
    let found = rescued(&anatomy, square, [-1.75, 21.5, 0.0], [-1.75, 0.0, 0.0]).unwrap();
    assert!((found.missed.too_deep_mm - 8.0).abs() < 1e-9 && found.missed.aside_mm < 1e-9, "{:?}", found.missed);
    let stays = option(&found, <[_]>::is_empty);
    let withdrawn = option(&found, |c| matches!(c, [RescueChange::Withdraw { mm }] if (6.0..=10.0).contains(mm)));
    let section_c = |o: &RescueOption| o.standing.coldest_section_c.unwrap();
    assert!(section_c(withdrawn) < -15.0 && section_c(stays) > 0.0, "{withdrawn:?} {stays:?}");
    let best = &found.options[0];
    let withdraws = |c: &RescueChange| matches!(c, RescueChange::Withdraw { .. });
    assert!(best.reinserts || best.changes.iter().any(withdraws), "{}", best.words);
    assert!(best.in_full.is_some());
}

#[test]
fn options_stand_in_the_order_of_harm_missing_length_warnings_and_time() {
    let anatomy = with_tube(leg("sural", 11.0), StructureKind::MotorNerve, -6.2, 11.0);
    let found = rescued(&anatomy, parts([-1.9, 11.0, 3.0], 60.0), [-2.6, 11.0, 3.0], [-2.6, 0.0, -22.0]).unwrap();
    // The first is the best in full; the others stand as they were found.
    for pair in found.options[1..].windows(2) {
        let (a, b) = (&pair[0].standing, &pair[1].standing);
        assert!(a.stops.len() <= b.stops.len(), "{a:?} before {b:?}");
        if a.stops.len() == b.stops.len() {
            assert!(a.missing_mm <= b.missing_mm, "{a:?} before {b:?}");
        }
    }
    // It lies between both nerves: gas as planned freezes the motor nerve, fluid between them pushes it away.
    let stays = option(&found, <[_]>::is_empty);
    assert!(!stays.standing.stops.is_empty(), "{stays:?}");
    let fluid = option(&found, |c| matches!(c.last(), Some(RescueChange::Inject { .. })));
    assert!(fluid.standing.stops.is_empty(), "{fluid:?}");
    let again = option(&found, |c| c == [RescueChange::Reinsert]);
    assert!(again.reinserts && again.standing.extra_s > 0.0);
}

#[test]
fn two_places_of_the_shaft_tell_which_is_the_tip() {
    let anatomy = leg("sural", 11.0);
    let (deep, shallow) = (point([-1.9, 9.0, 0.0]), point([-1.9, 3.0, -14.0]));
    for (a, b) in [(deep, shallow), (shallow, deep)] {
        let landed = Landed::seen_in_two_images(a, b, &anatomy.tissues).unwrap();
        assert_eq!((landed.tip, landed.shaft), (deep, shallow));
    }
    let level = Landed::seen_in_two_images(point([0.0, 9.0, 0.0]), point([0.0, 9.0, 9.0]), &anatomy.tissues);
    assert!(matches!(level, Err(RescueError::NoWay { .. })), "{level:?}");
}

#[test]
fn a_tip_in_the_air_or_a_probe_that_is_not_there_is_refused_before_anything_is_simulated() {
    let anatomy = leg("sural", 11.0);
    let air = rescued(&anatomy, parts([-1.9, 11.0, 3.0], 60.0), [0.0, -3.0, 0.0], [0.0, -9.0, 0.0]);
    assert!(matches!(air, Err(RescueError::NoPlan { .. })), "{air:?}");
    let same = rescued(&anatomy, parts([-1.9, 11.0, 3.0], 60.0), [0.0, 3.0, 0.0], [0.0, 3.0, 0.0]);
    assert!(matches!(same, Err(RescueError::NoWay { .. })), "{same:?}");
    // A line that would be walked along for hours.
    let (far, farther) = ([9e8, 9e8, 0.0], [-9e8, -9e8, 0.0]);
    let across = rescued(&anatomy, parts([-1.9, 11.0, 3.0], 60.0), far, farther);
    assert!(matches!(across, Err(RescueError::NoWay { .. })), "{across:?}");
    let catalogues = catalogues();
    let plan = plan(&anatomy, parts([-1.9, 11.0, 3.0], 60.0));
    let (goals, landed) =
        (Goals::of(&catalogues), Landed { tip: point([0.0, 9.0, 0.0]), shaft: point([0.0, 0.0, -9.0]) });
    let question = RescueQuestion { anatomy: &anatomy, plan: &plan, catalogues: &catalogues, goals, probe: 1, landed };
    let refused = rescue(&question, &quick(), &mut |_| Continue::Yes);
    assert_eq!(refused.err(), Some(RescueError::NoSuchProbe { number: 2, probes: 1 }));
}

#[test]
fn nerve_that_an_option_disables_outside_the_wanted_stretch_is_missing() {
    let anatomy = leg("sural", 11.0);
    let catalogues = catalogues();
    let plan = plan(&anatomy, parts([-1.9, 11.0, 3.0], 90.0));
    // The probe lies as planned, in the middle of the marked 80 mm.
    let landed = Landed { tip: point([-1.9, 11.0, 3.0]), shaft: point([-1.9, 0.0, -22.0]) };
    let stays = |from_mm, to_mm| {
        let goals = Goals { disabled_mm: 2.0, below_c: -20.0, stretch: Stretch::Within { from_mm, to_mm } };
        let question =
            RescueQuestion { anatomy: &anatomy, plan: &plan, catalogues: &catalogues, goals, probe: 0, landed };
        let found = rescue(&question, &quick(), &mut |_| Continue::Yes).unwrap();
        option(&found, <[_]>::is_empty).standing.clone()
    };
    let (here, elsewhere) = (stays(30.0, 50.0), stays(0.0, 15.0));
    assert!(here.disabled_mm > 1.0 && elsewhere.disabled_mm == 0.0, "{here:?} {elsewhere:?}");
    assert_eq!(elsewhere.missing_mm, 2.0);
}

#[test]
fn the_leading_options_tell_their_chance_and_a_probe_that_was_seen_is_surer_than_one_that_is_to_land() {
    let anatomy = leg("sural", 11.0);
    let catalogues = catalogues();
    let plan = plan(&anatomy, parts([-1.9, 11.0, 3.0], 90.0));
    let goals = Goals { disabled_mm: 1.0, ..Goals::of(&catalogues) };
    // It lies where it was aimed: the same plan, once seen and once to be inserted.
    let landed = Landed { tip: point([-1.9, 11.0, 3.0]), shaft: point([-1.9, 0.0, -22.0]) };
    let question = RescueQuestion { anatomy: &anatomy, plan: &plan, catalogues: &catalogues, goals, probe: 0, landed };
    let found = rescue(&question, &RescueSettings { worlds: 16, ..quick() }, &mut |_| Continue::Yes).unwrap();
    assert!(found.options[..3].iter().all(|o| o.chance.is_some()), "{:?}", found.options);
    let best = |reinserts| {
        let chances = found.options.iter().filter(|o| o.reinserts == reinserts).filter_map(|o| o.chance);
        chances.map(|c| c.probability).fold(0.0, f64::max)
    };
    assert!(best(false) > best(true), "{} {}", best(false), best(true));
}
