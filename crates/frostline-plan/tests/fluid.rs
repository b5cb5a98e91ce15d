//! Fluid between what is frozen and what must not be keeps the latter warm.

mod leg_support;

use frostline_plan::anatomy::{StructureKind, TissueKind};
use frostline_plan::{Assessment, Coldest, Level, PlanError, PlanParts, ProtectiveFluid};
use frostline_space::PatientPoint;
use leg_support::{assessed, catalogues, leg, parts, plan, with_tube};

fn fluid(place: [f64; 3], towards: [f64; 3], millilitres: f64) -> ProtectiveFluid {
    let point = |p: [f64; 3]| PatientPoint::new(p[0], p[1], p[2]);
    ProtectiveFluid { place: point(place), towards: point(towards), millilitres }
}

fn coldest_c(assessment: &Assessment, kind: &str) -> f64 {
    let structure = assessment.structures.iter().find(|s| s.kind == kind).unwrap();
    match structure.coldest {
        Coldest::Reached { celsius, .. } => celsius,
        other => panic!("{kind}: {other:?}"),
    }
}

/// A shallow nerve, whose skin gets cold.
fn shallow() -> PlanParts {
    parts([-1.8, 6.5, 3.0], 120.0)
}

#[test]
fn five_millilitres_between_nerve_and_skin_warm_the_skin_and_spare_no_nerve() {
    let anatomy = leg("sural", 6.5);
    let dry = assessed(&anatomy, &plan(&anatomy, shallow()));
    let between = fluid([-1.8, 4.0, 0.0], [-1.8, 0.0, 0.0], 5.0);
    let wet = assessed(&anatomy, &plan(&anatomy, PlanParts { fluid: vec![between], ..shallow() }));
    let (dry_c, wet_c) = (coldest_c(&dry, "skin"), coldest_c(&wet, "skin"));
    // 5 ml are some 7 mm thick, as much again as the skin was away from the ice.
    assert!(wet_c > dry_c + 5.0, "skin {dry_c} without, {wet_c} with fluid");
    let (dry_mm, wet_mm) = (dry.nerve.disabled_length_mm, wet.nerve.disabled_length_mm);
    assert!(wet_mm > 0.6 * dry_mm && dry_mm > 2.0, "disabled {dry_mm} without, {wet_mm} with fluid");
}

#[test]
fn fluid_beside_a_motor_nerve_keeps_it_out_of_the_ice() {
    let anatomy = with_tube(leg("sural", 11.0), StructureKind::MotorNerve, -6.0, 11.0);
    let dry = assessed(&anatomy, &plan(&anatomy, parts([-1.9, 11.0, 3.0], 120.0)));
    let between = fluid([-4.6, 11.0, 0.0], [-6.0, 11.0, 0.0], 2.0);
    let wet_parts = PlanParts { fluid: vec![between], ..parts([-1.9, 11.0, 3.0], 120.0) };
    let wet = assessed(&anatomy, &plan(&anatomy, wet_parts));
    let (dry_c, wet_c) = (coldest_c(&dry, "motor-nerve"), coldest_c(&wet, "motor-nerve"));
    assert!(dry_c < 10.0 && wet_c > dry_c + 5.0, "motor nerve {dry_c} without, {wet_c} with fluid");
}

#[test]
fn fluid_is_part_of_the_plan_and_not_of_the_anatomy() {
    let anatomy = leg("sural", 6.5);
    let between = fluid([-1.8, 4.0, 0.0], [-1.8, 0.0, 0.0], 5.0);
    let (dry, wet) = (plan(&anatomy, shallow()), plan(&anatomy, PlanParts { fluid: vec![between], ..shallow() }));
    let (dry, wet) = (assessed(&anatomy, &dry).fingerprints, assessed(&anatomy, &wet).fingerprints);
    assert_eq!(dry.anatomy, wet.anatomy);
    assert_ne!(dry.plan, wet.plan);
    assert_eq!(anatomy.tissues.at(PatientPoint::new(-1.8, 3.0, 0.0)), Some(TissueKind::Fat));
}

#[test]
fn fluid_in_the_air_or_beyond_what_is_injected_is_refused() {
    let anatomy = leg("sural", 6.5);
    for (n, wrong) in [
        fluid([0.0, -1.0, 0.0], [0.0, -5.0, 0.0], 5.0),
        fluid([0.0, 4.0, 0.0], [0.0, 4.0, 0.0], 5.0),
        fluid([0.0, 4.0, 0.0], [0.0, 0.0, 0.0], 0.0),
        fluid([0.0, 4.0, 0.0], [0.0, 0.0, 0.0], f64::NAN),
        fluid([0.0, 4.0, 0.0], [0.0, 0.0, 0.0], 400.0),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = frostline_plan::Plan::new(PlanParts { fluid: vec![wrong], ..shallow() }, &anatomy, &catalogues());
        assert!(matches!(refused, Err(PlanError::BadFluid { number: 1, .. })), "{n}: {refused:?}");
    }
}

#[test]
fn a_plan_that_counts_on_fluid_is_never_simply_ok_and_fluid_is_limited_in_all() {
    let anatomy = leg("sural", 6.5);
    let between = fluid([-1.8, 4.0, 0.0], [-1.8, 0.0, 0.0], 16.0);
    let with = |fluid| PlanParts { fluid, ..shallow() };
    let says = |parts| assessed(&anatomy, &plan(&anatomy, parts)).findings.into_iter().find(|f| f.id == "fluid.spread");
    assert_eq!(says(with(vec![])), None);
    let found = says(with(vec![between])).unwrap();
    assert!(found.level == Level::Unknown && found.text.starts_with("16.0 ml"), "{found:?}");
    let twice = frostline_plan::Plan::new(with(vec![between, between]), &anatomy, &catalogues());
    assert!(matches!(twice, Err(PlanError::TooMuchFluid { .. })), "{twice:?}");
}
