//! The chance of success of a plan in flat layers.

use frostline_freeze::{Continue, Phase, PhaseKind, Schedule};
use frostline_plan::anatomy::{Anatomy, Marked, Side};
use frostline_plan::catalogue::{Catalogues, Factor, UncertaintyChoice};
use frostline_plan::layers::{CaliperMeasurement, Target, anatomy_from_calipers};
use frostline_plan::robust::{RobustError, RobustSettings, Robustness, robust};
use frostline_plan::{Goals, Plan, PlanParts, PlannedProtocol, ProbePlacement, Resolution};
use frostline_space::PatientPoint;

/// Two millimetres are enough for questions of more and less.
const COARSE: Resolution = Resolution { fine_mm: 2.0, coarsest_mm: 6.0, after_s: 20.0 };

fn limb() -> Anatomy {
    let measured: CaliperMeasurement = toml::from_str(
        r#"
        layers = [{ tissue = "skin", bottom_mm = 1.5 }, { tissue = "fat", bottom_mm = 14 }, { tissue = "muscle", bottom_mm = 50 }]
        nerve = { depth_mm = 9.0, width_mm = 1.0, height_mm = 1.0 }
        beside = [{ name = "vein", kind = "vein", lateral_mm = 9.0, depth_mm = 9.0, width_mm = 2.6 }]
        length_mm = 80
        "#,
    )
    .unwrap();
    let target = Target { side: Side::Right, nerve_id: "sural".into(), distance_to_target_mm: Marked::Marked(110.0) };
    anatomy_from_calipers(&measured, &target).unwrap()
}

/// A probe along the nerve, with its tip 4 mm beyond the middle and `off_mm` beside it.
fn plan(anatomy: &Anatomy, catalogues: &Catalogues, off_mm: f64) -> Plan {
    let placement = ProbePlacement {
        probe: "n2o-2.1".into(),
        entry: PatientPoint::new(-off_mm, 0.0, -25.0),
        tip: PatientPoint::new(-off_mm, 9.0, 4.0),
    };
    // Short, so that many worlds take no time; the ice is small, and so is what is wanted.
    let schedule = Schedule { phases: vec![Phase { kind: PhaseKind::Freeze, duration_s: 60.0 }] };
    let parts = PlanParts {
        placements: vec![placement],
        protocol: PlannedProtocol { name: "one short freeze".into(), schedule },
        skin_contact: "warm-compress".into(),
        fluid: vec![],
    };
    Plan::new(parts, anatomy, catalogues).unwrap()
}

fn settings(samples: usize) -> RobustSettings {
    let mut settings = RobustSettings { samples, resolution: COARSE, ..RobustSettings::default() };
    settings.solver.step_s = 20.0;
    settings
}

/// Goals that coarse cells can tell apart.
fn goals(catalogues: &Catalogues) -> Goals {
    Goals { disabled_mm: 3.0, ..Goals::of(catalogues) }
}

fn asked(catalogues: &Catalogues, settings: &RobustSettings) -> Robustness {
    let anatomy = limb();
    let plan = plan(&anatomy, catalogues, 1.6);
    robust(&anatomy, &plan, &goals(catalogues), catalogues, settings, &|_| Continue::Yes).unwrap()
}

/// A world in which next to nothing is uncertain.
fn certain() -> UncertaintyChoice {
    UncertaintyChoice {
        error_mean_mm: Some(0.01),
        error_sd_mm: Some(0.005),
        frozen_conductivity_percent: Some(0.0),
        latent_heat_percent: Some(0.0),
        perfusion_factor: Some(1.0),
        fat_layer_mm: Some(0.0),
        nerve_marking_mm: Some(0.0),
        transducer_pressure_mm: Some(0.0),
        blood_k: Some(0.0),
        ..UncertaintyChoice::default()
    }
}

#[test]
fn the_chance_is_the_same_on_any_number_of_threads_and_for_the_same_seed() {
    let catalogues = Catalogues::bundled().unwrap();
    let on = |threads, seed| {
        let mut settings = settings(20);
        settings.solver.threads = threads;
        asked(&catalogues, &RobustSettings { seed, ..settings })
    };
    let one = on(1, 5);
    assert_eq!(one, on(3, 5));
    assert_ne!(one.bands, on(1, 6).bands);
}

#[test]
fn what_lands_more_exactly_succeeds_more_often() {
    let catalogues = Catalogues::bundled().unwrap();
    let freehand = asked(&catalogues, &settings(48));
    let tracked = asked(&catalogues, &RobustSettings { placement: Some("tracked".into()), ..settings(48) });
    let (first, second) = (freehand.success.probability, tracked.success.probability);
    assert!(second > first, "{first} {second}");
}

#[test]
fn without_any_doubt_every_world_is_alike() {
    let catalogues = Catalogues::bundled().unwrap().with_uncertainty(&certain()).unwrap();
    let found = asked(&catalogues, &settings(8));
    // What is left is the output of the probe, whose band belongs to the probe, and 0.01 mm of placement.
    assert!([0.0, 1.0].contains(&found.safe.probability), "{found:?}");
    let wall = found.bands.iter().find(|b| b.what == "probe wall to nerve").unwrap();
    assert!(wall.p95 - wall.p05 < 0.1, "{wall:?}");
}

#[test]
fn a_world_without_a_plan_is_a_failure_with_its_reason() {
    // The nerve lies below and beside the probe; 30 mm away from it is above the skin.
    let choice = UncertaintyChoice { towards_nerve_mm: Some(-30.0), ..certain() };
    let catalogues = Catalogues::bundled().unwrap().with_uncertainty(&choice).unwrap();
    let found = asked(&catalogues, &settings(8));
    assert_eq!(found.not_answered.iter().map(|n| n.worlds).sum::<usize>(), 8, "{found:?}");
    assert_eq!((found.success.probability, found.safe.probability), (0.0, 0.0));
    assert!(!found.not_answered[0].reason.is_empty());
}

#[test]
fn the_parts_of_the_chance_bound_the_whole() {
    let found = asked(&Catalogues::bundled().unwrap(), &settings(48));
    let (success, disabled, safe) = (found.success.probability, found.disabled.probability, found.safe.probability);
    assert!(success <= disabled.min(safe) && success >= disabled + safe - 1.0, "{found:?}");
    assert!(found.success.holds(success));
}

#[test]
fn a_caller_who_stops_gets_no_numbers() {
    let (catalogues, anatomy) = (Catalogues::bundled().unwrap(), limb());
    let plan = plan(&anatomy, &catalogues, 1.6);
    let goals = goals(&catalogues);
    let found = robust(&anatomy, &plan, &goals, &catalogues, &settings(80), &|_| Continue::Stop);
    assert_eq!(found, Err(RobustError::Stopped));
}

#[test]
fn a_placement_that_nobody_knows_is_refused_with_those_that_are() {
    let (catalogues, anatomy) = (Catalogues::bundled().unwrap(), limb());
    let plan = plan(&anatomy, &catalogues, 1.6);
    let settings = RobustSettings { placement: Some("robot".into()), ..settings(8) };
    let error = robust(&anatomy, &plan, &goals(&catalogues), &catalogues, &settings, &|_| Continue::Yes).unwrap_err();
    assert!(error.to_string().contains("'robot'") && error.to_string().contains("freehand, tracked"), "{error}");
}

#[test]
fn the_doubt_that_was_left_alone_in_the_world_is_the_one_that_matters() {
    let choice = UncertaintyChoice { nerve_marking_mm: Some(6.0), ..certain() };
    let catalogues = Catalogues::bundled().unwrap().with_uncertainty(&choice).unwrap();
    let found = asked(&catalogues, &settings(96));
    let first = found.sensitivities[0];
    // The nerve may lie elsewhere in two directions, and was left to in both.
    let marking = [Factor::NerveMarking, Factor::NerveMarkingBeside];
    assert!(marking.contains(&first.factor), "{:?}", found.sensitivities);
    assert!(first.of_success.unwrap().low > 0.0, "{first:?}");
}
