//! A limb and a plan for the tests of this folder.

use crate::anatomy::{Anatomy, Marked, Side};
use crate::catalogue::Catalogues;
use crate::layers::{CaliperMeasurement, Target, anatomy_from_calipers};
use crate::plan::{Plan, PlanParts, PlannedProtocol, ProbePlacement};
use frostline_space::PatientPoint;

/// A nerve 9 mm deep in fat, with a vein beside it.
pub(crate) fn limb() -> Anatomy {
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

/// A probe beside that nerve.
pub(crate) fn plan(anatomy: &Anatomy, catalogues: &Catalogues) -> Plan {
    let known = catalogues.protocols.find("n2o-3x120").unwrap();
    let placement = ProbePlacement {
        probe: "n2o-2.1".into(),
        entry: PatientPoint::new(-1.6, 0.0, -25.0),
        tip: PatientPoint::new(-1.6, 9.0, 4.0),
    };
    let parts = PlanParts {
        placements: vec![placement],
        protocol: PlannedProtocol { name: known.name.clone(), schedule: known.schedule() },
        skin_contact: "warm-compress".into(),
        fluid: vec![],
    };
    Plan::new(parts, anatomy, catalogues).unwrap()
}
