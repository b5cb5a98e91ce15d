//! Anatomy from depths measured with calipers.

use frostline_plan::anatomy::{Anatomy, Marked, Shape, Side, StructureKind, TissueKind};
use frostline_plan::layers::{CaliperMeasurement, MeasureError, Target, anatomy_from_calipers};
use frostline_space::PatientPoint;

const SURAL: &str = r#"
    layers = [
        { tissue = "skin", bottom_mm = 1.5 },
        { tissue = "fat", bottom_mm = 8.0 },
        { tissue = "muscle", bottom_mm = 30.0 },
        { tissue = "cortical-bone", bottom_mm = 34.0 },
    ]
    nerve = { depth_mm = 5.0, width_mm = 4.0, height_mm = 1.0 }
    beside = [{ name = "small saphenous vein", kind = "vein", lateral_mm = 3.0, depth_mm = 5.0, width_mm = 3.0 }]
    length_mm = 60.0
"#;

fn measured(text: &str) -> CaliperMeasurement {
    toml::from_str(text).unwrap()
}

fn anatomy(text: &str) -> Result<Anatomy, MeasureError> {
    let target = Target { side: Side::Right, nerve_id: "sural".into(), distance_to_target_mm: Marked::Marked(120.0) };
    anatomy_from_calipers(&measured(text), &target)
}

fn with(from: &str, to: &str) -> Result<Anatomy, MeasureError> {
    assert!(SURAL.contains(from));
    anatomy(&SURAL.replace(from, to))
}

#[test]
fn a_dozen_lines_make_an_anatomy() {
    let found = anatomy(SURAL).unwrap();
    assert_eq!(found.tissues.at(PatientPoint::new(50.0, 7.9, -20.0)), Some(TissueKind::Fat));
    assert_eq!(found.tissues.at(PatientPoint::new(0.0, 8.1, 0.0)), Some(TissueKind::Muscle));
    let course = &found.nerve.course;
    assert_eq!(course.points()[0].centre, PatientPoint::new(0.0, 5.0, -30.0));
    assert!((course.length_mm() - 60.0).abs() < 1e-9);
    // An ellipse of 4 x 1 mm has the area of a circle of 2 mm across.
    assert!((course.points()[0].radius_mm - 1.0).abs() < 1e-12);
    let vein = &found.structures[0];
    assert_eq!((vein.name.as_str(), vein.kind), ("small saphenous vein", StructureKind::Vein));
    let Marked::Marked(Shape::Course(vein)) = &vein.shape else { panic!("{vein:?}") };
    // 3 mm beside the nerve: the vein's wall is 1.5 mm from the nerve's centre.
    assert!((vein.surface_distance_mm(PatientPoint::new(0.0, 5.0, 0.0)) - 1.5).abs() < 1e-9);
}

#[test]
fn what_nobody_said_is_not_assumed() {
    let found = with("beside = [{ name = \"small saphenous vein\", kind = \"vein\", lateral_mm = 3.0, depth_mm = 5.0, width_mm = 3.0 }]", "").unwrap();
    assert_eq!(found.structures, vec![]);
}

#[test]
fn a_word_that_is_no_tissue_and_a_key_that_is_none_are_refused() {
    let error = toml::from_str::<CaliperMeasurement>(&SURAL.replace("\"fat\"", "\"lard\"")).unwrap_err();
    assert!(error.to_string().contains("found tissue \"lard\", expected one of skin, fat"), "{error}");
    assert!(toml::from_str::<CaliperMeasurement>(&format!("{SURAL}\nangle_deg = 3.0")).is_err());
}

#[test]
fn a_nerve_below_all_layers_is_refused_with_both_depths() {
    let error = with("{ depth_mm = 5.0", "{ depth_mm = 50.0").unwrap_err();
    assert_eq!(error, MeasureError::DeeperThanLayers { depth_mm: 50.0, bottom_mm: 34.0 });
}

#[test]
fn a_nerve_in_bone_is_refused() {
    let error = with("{ depth_mm = 5.0", "{ depth_mm = 32.0").unwrap_err();
    assert!(matches!(error, MeasureError::NerveInBone { bottom_mm: 34.0, .. }), "{error}");
    assert!(error.to_string().contains("in the cortical-bone layer"), "{error}");
}

#[test]
fn a_nerve_above_the_skin_is_refused() {
    let error = with("{ depth_mm = 5.0", "{ depth_mm = 0.9").unwrap_err();
    assert!(matches!(error, MeasureError::AboveSkin { depth_mm: 0.9, .. }), "{error}");
}

#[test]
fn a_vessel_at_the_place_of_the_nerve_is_refused_and_one_that_touches_gets_a_remark() {
    let error = with("lateral_mm = 3.0", "lateral_mm = 1.4").unwrap_err();
    assert!(matches!(error, MeasureError::SamePlace { distance_mm, .. } if (distance_mm - 1.4).abs() < 1e-12));
    // Centres 2 mm apart, radii 1 and 1.5 mm.
    let found = with("lateral_mm = 3.0", "lateral_mm = 2.0").unwrap();
    assert!(found.remarks.iter().any(|r| r.contains("small saphenous vein overlap by 0.50 mm")), "{:?}", found.remarks);
    assert!(anatomy(SURAL).unwrap().remarks.iter().all(|r| !r.contains("overlap")));
}

#[test]
fn a_nerve_that_reaches_into_the_skin_gets_a_remark() {
    let found = with("{ depth_mm = 5.0", "{ depth_mm = 2.4").unwrap();
    assert!(found.remarks.iter().any(|r| r.contains("reaches into the skin layer")), "{:?}", found.remarks);
}

#[test]
fn layers_without_skin_and_sizes_without_size_are_refused() {
    let error = with("{ tissue = \"skin\", bottom_mm = 1.5 },", "").unwrap_err();
    assert_eq!(error, MeasureError::SkinNotFirst { found: TissueKind::Fat });
    let error = with("width_mm = 4.0", "width_mm = 0.0").unwrap_err();
    assert_eq!(error.to_string(), "the nerve: width_mm is 0 mm; expected a finite number above 0");
    assert!(matches!(with("length_mm = 60.0", "length_mm = nan"), Err(MeasureError::BadNumber { .. })));
}
