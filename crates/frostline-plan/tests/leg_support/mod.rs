//! A leg of flat layers with a nerve in it, and coarse settings that answer in a fraction of a second.

// Every test takes what it needs of it.
#![allow(dead_code)]

use frostline_freeze::{Continue, PhaseKind, Schedule, SolverSettings};
use frostline_plan::anatomy::{Anatomy, Marked, Shape, Side, Structure, StructureKind, TissueKind};
use frostline_plan::catalogue::Catalogues;
use frostline_plan::layers::{CaliperMeasurement, MeasuredLayer, MeasuredNerve, Target, anatomy_from_calipers};
use frostline_plan::{
    Accuracy, Assessment, EvaluateSettings, Plan, PlanParts, PlannedProtocol, ProbePlacement, Resolution, completed,
    evaluate,
};
use frostline_space::{Course, CoursePoint, PatientPoint};

pub fn catalogues() -> Catalogues {
    Catalogues::bundled().unwrap()
}

/// Skin to 1.5 mm, fat to 15 mm, muscle below; the nerve runs straight at `depth_mm`.
pub fn leg(nerve_id: &str, depth_mm: f64) -> Anatomy {
    let layer = |tissue, bottom_mm| MeasuredLayer { tissue, bottom_mm };
    let measured = CaliperMeasurement {
        layers: vec![layer(TissueKind::Skin, 1.5), layer(TissueKind::Fat, 15.0), layer(TissueKind::Muscle, 60.0)],
        nerve: MeasuredNerve { depth_mm, lateral_mm: 0.0, width_mm: 1.4, height_mm: 1.4 },
        beside: vec![],
        length_mm: 80.0,
    };
    let distance_to_target_mm = Marked::Marked(100.0);
    let target = Target { side: Side::Left, nerve_id: nerve_id.into(), distance_to_target_mm };
    completed(anatomy_from_calipers(&measured, &target).unwrap(), &catalogues())
}

/// The same with a straight tube along the limb beside the nerve.
pub fn with_tube(mut anatomy: Anatomy, kind: StructureKind, lateral_mm: f64, depth_mm: f64) -> Anatomy {
    let end = |z| CoursePoint { centre: PatientPoint::new(lateral_mm, depth_mm, z), radius_mm: 1.0 };
    let course = Course::through(&[end(-40.0), end(40.0)]).unwrap();
    let shape = Marked::Marked(Shape::Course(course));
    anatomy.structures.retain(|s| s.kind != kind);
    anatomy.structures.push(Structure { name: "the tube beside".into(), kind, shape });
    anatomy
}

/// One freeze with a 2 mm probe whose active length ends at `tip`, entering 25 mm before it along the limb.
pub fn parts(tip: [f64; 3], freeze_s: f64) -> PlanParts {
    let [x, depth_mm, z] = tip;
    let placement = ProbePlacement {
        probe: "n2o-2.0".into(),
        entry: PatientPoint::new(x, 0.0, z - 25.0),
        tip: PatientPoint::new(x, depth_mm, z),
    };
    let schedule = Schedule::of(&[(PhaseKind::Freeze, freeze_s)]);
    let protocol = PlannedProtocol { name: "one freeze".into(), schedule };
    PlanParts { placements: vec![placement], protocol, skin_contact: "room-air".into(), fluid: vec![] }
}

pub fn plan(anatomy: &Anatomy, parts: PlanParts) -> Plan {
    Plan::new(parts, anatomy, &catalogues()).unwrap()
}

pub fn coarse() -> EvaluateSettings {
    EvaluateSettings {
        accuracy: Accuracy::Fixed(Resolution { fine_mm: 1.0, coarsest_mm: 5.0, after_s: 30.0 }),
        solver: SolverSettings { step_s: 5.0, ..SolverSettings::default() },
        ..EvaluateSettings::default()
    }
}

pub fn assessed(anatomy: &Anatomy, plan: &Plan) -> Assessment {
    evaluate(anatomy, plan, &catalogues(), &coarse(), &mut |_| Continue::Yes).unwrap().assessment
}
