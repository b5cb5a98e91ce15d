//! Anatomy from real ultrasound frames with masks. The pixel size is assumed: the files do not give one.

mod anatomy_support;

use anatomy_support::repository;
use frostline_formats::frame_png::{FrameMask, PixelSize, read_mask_png};
use frostline_plan::anatomy::{Anatomy, Marked, Origin, Shape, Side, StructureKind};
use frostline_plan::layers::Target;
use frostline_plan::ultrasound::{FrameReading, FrameReadingError, anatomy_from_frame};

const READING: &str = r#"
    layers = [{ tissue = "skin", bottom_mm = 1.5 }, { tissue = "fat", bottom_mm = 6.0 }, { tissue = "muscle", bottom_mm = 60.0 }]
    nerve_label = 1
    beside = [{ label = 2, name = "popliteal vessel", kind = "artery" }]
    skin_row_px = 10.0
    length_mm = 80.0
"#;

fn mask(number: &str) -> FrameMask {
    let path = repository("crates/frostline-formats/tests/data/usgra/masks").join(format!("{number}.png"));
    read_mask_png(&std::fs::read(path).unwrap()).unwrap()
}

fn anatomy(number: &str, text: &str) -> Result<Anatomy, FrameReadingError> {
    let reading: FrameReading = toml::from_str(text).unwrap();
    let target = Target { side: Side::Left, nerve_id: "tibial".into(), distance_to_target_mm: Marked::NotMarked };
    anatomy_from_frame(&mask(number), PixelSize::new(0.08, 0.08).unwrap(), &reading, &target)
}

#[test]
fn the_nerve_of_a_frame_has_the_area_of_its_pixels_and_lies_under_the_skin_row() {
    let found = anatomy("0040", READING).unwrap();
    assert_eq!(found.origin, Origin::UltrasoundFrame);
    let point = found.nerve.course.points()[0];
    // 8528 pixels of 0.08 mm, counted with other software: an area of 54.6 mm2 is a circle of 4.168 mm radius; it may
    // lie in more than one patch, of which the largest counts.
    let area_mm2 = std::f64::consts::PI * point.radius_mm.powi(2);
    assert!(area_mm2 <= 8528.0 * 0.0064 + 1e-9 && area_mm2 > 0.9 * 8528.0 * 0.0064, "{area_mm2}");
    let deeper = anatomy("0040", &READING.replace("skin_row_px = 10.0", "skin_row_px = 0.0")).unwrap();
    let shift_mm = deeper.nerve.course.points()[0].centre.y - point.centre.y;
    // Ten rows of 0.08 mm.
    assert!((shift_mm - 0.8).abs() < 1e-9, "{shift_mm}");
}

#[test]
fn vessels_of_a_frame_become_courses_as_long_as_the_limb() {
    let found = anatomy("0040", READING).unwrap();
    let vessels: Vec<_> = found.structures.iter().filter(|s| s.kind == StructureKind::Artery).collect();
    assert!(!vessels.is_empty());
    for vessel in vessels {
        let Marked::Marked(Shape::Course(course)) = &vessel.shape else { panic!("{}", vessel.name) };
        assert!((course.length_mm() - 80.0).abs() < 1e-9);
    }
}

#[test]
fn a_frame_without_vessels_says_so() {
    let found = anatomy("0066", READING).unwrap();
    assert!(found.structures.iter().all(|s| s.kind != StructureKind::Artery));
    assert!(found.remarks.iter().any(|r| r.contains("no patch of popliteal vessel (label 2)")), "{:?}", found.remarks);
}

#[test]
fn a_label_that_the_reading_does_not_explain_is_refused() {
    let text = READING.replace("label = 2", "label = 7");
    assert_eq!(anatomy("0040", &text), Err(FrameReadingError::UnknownLabels { labels: "2".into() }));
}

#[test]
fn a_mask_without_the_nerve_is_refused_with_the_labels_it_has() {
    let text = READING.replace("nerve_label = 1", "nerve_label = 2").replace("label = 2, name", "label = 1, name");
    let error = anatomy("0066", &text).unwrap_err();
    assert!(matches!(&error, FrameReadingError::NoNerve { label: 2, present, .. } if present == "1"), "{error}");
}

#[test]
fn patches_below_the_given_area_are_left_out_with_a_remark() {
    let text = format!("smallest_patch_mm2 = 100.0\n{READING}");
    let error = anatomy("0040", &text).unwrap_err();
    assert!(matches!(error, FrameReadingError::NoNerve { smallest_mm2: 100.0, .. }), "{error}");
}
