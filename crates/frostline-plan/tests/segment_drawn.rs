//! Tissue from CT on limbs that were drawn, so that the truth is known.

mod anatomy_support;

use anatomy_support::{AIR, CORTEX, FAT, FLESH, drawn, leg, nerve_through, off_axis_mm, settings};
use frostline_formats::{ImageVolume, Modality};
use frostline_plan::anatomy::{TissueKind, TissueMap};
use frostline_plan::segment::{
    CtTissue, DepthMap, MarkError, SegmentError, SegmentSettings, depth_under_skin_mm, mark, skin_above, surface_point,
    tissue_from_ct,
};
use frostline_space::{Axis, PatientDirection, PatientPoint};

fn at(x: f64, y: f64) -> PatientPoint {
    PatientPoint::new(x, y, 9.0)
}

fn tissue(found: &CtTissue, place: PatientPoint) -> TissueKind {
    *found.tissues.nearest(place).unwrap()
}

fn found(image: &ImageVolume) -> CtTissue {
    tissue_from_ct(image, &settings()).unwrap()
}

fn one_leg() -> ImageVolume {
    drawn(81, 81, 8, |p| leg(p, 0.0, 0.0))
}

#[test]
fn a_drawn_leg_comes_back_with_its_tissues() {
    let found = found(&one_leg());
    let across: Vec<_> = [0.0, 6.5, 15.0, 26.0, 29.0, 35.0].iter().map(|&x| tissue(&found, at(x, 0.0))).collect();
    let expected = [
        TissueKind::Marrow,
        TissueKind::CorticalBone,
        TissueKind::Muscle,
        TissueKind::Fat,
        TissueKind::Skin,
        TissueKind::Outside,
    ];
    assert_eq!(across, expected);
    // Rings of 24 mm length. A rim is known to half a cell, and errors of either sign along it cancel to well under a
    // tenth of a cell: rim length 2 pi 24 mm x 0.1 mm x 24 mm = 0.4 cm3. Cells of mixed values do not occur.
    let ring_cm3 = |inner: f64, outer: f64| std::f64::consts::PI * (outer * outer - inner * inner) * 24.0 / 1000.0;
    assert!((found.volume_cm3(TissueKind::Marrow) - ring_cm3(0.0, 5.0)).abs() < 0.4);
    assert!((found.volume_cm3(TissueKind::CorticalBone) - ring_cm3(5.0, 8.0)).abs() < 0.4);
    assert!((found.volume_cm3(TissueKind::Muscle) - ring_cm3(8.0, 24.0)).abs() < 0.4);
    // The skin counts whole cells: 1.5 mm is one or two of 1 mm, here by the direction of the surface.
    let skin_cm3 = found.volume_cm3(TissueKind::Skin);
    assert!(skin_cm3 > ring_cm3(29.0, 30.0) && skin_cm3 < ring_cm3(28.0, 30.0), "{skin_cm3}");
    assert_eq!(found.volume_cm3(TissueKind::CancellousBone), 0.0);
}

#[test]
fn the_table_and_the_other_leg_are_outside_and_said_to_be_left_out() {
    let image = drawn(161, 101, 8, |p| match p {
        // A shell of 2 mm around foam, 3 mm under the calf.
        p if (33.0..35.0).contains(&p.y) || (43.0..45.0).contains(&p.y) => 200.0,
        p if (35.0..43.0).contains(&p.y) => -950.0,
        p if p.x < 10.0 => leg(p, -32.0, 0.0).max(AIR),
        p => leg(p, 45.0, 0.0),
    });
    let mut asked = settings();
    asked.seed = Some(at(45.0, 15.0));
    let found = tissue_from_ct(&image, &asked).unwrap();
    assert_eq!(tissue(&found, at(-32.0, 15.0)), TissueKind::Outside);
    assert_eq!(tissue(&found, at(45.0, 34.0)), TissueKind::Outside);
    assert_eq!(tissue(&found, at(45.0, 15.0)), TissueKind::Muscle);
    // 2809 grid points lie within 30 mm: as cells of 3 mm3 on 8 slices they make 67 cm3. Two boards of 161 x 2 x 24 mm
    // make 15 cm3.
    assert!(found.remarks.iter().any(|r| r.starts_with("67 cm3 of another limb")), "{:?}", found.remarks);
    assert!(found.remarks.iter().any(|r| r.starts_with("15 cm3 of table")), "{:?}", found.remarks);
    assert!(found.cut_borders.iter().all(|cut| cut.axis == Axis::Slice));
}

#[test]
fn legs_that_touch_are_parted_where_they_touch() {
    // Centres 59.6 mm apart, radii 30 mm: the surfaces meet over 2 sqrt(30^2 - 29.8^2) = 6.9 mm, less than the 8 mm of
    // twice the neck.
    let image = drawn(141, 81, 8, |p| leg(p, -29.8, 0.0).max(leg(p, 29.8, 0.0)));
    let found = tissue_from_ct(&image, &SegmentSettings { seed: Some(at(29.0, 12.0)), ..settings() }).unwrap();
    assert_eq!(tissue(&found, at(3.0, 0.0)), TissueKind::Fat);
    assert_eq!(tissue(&found, at(-3.0, 0.0)), TissueKind::Outside);
    assert_eq!(tissue(&found, at(1.0, 0.0)), TissueKind::Skin);
}

#[test]
fn without_a_seed_the_biggest_limb_is_taken() {
    let image = drawn(161, 81, 8, |p| if off_axis_mm(p, -50.0, 0.0) < 22.0 { FLESH } else { leg(p, 30.0, 0.0) });
    assert_eq!(tissue(&found(&image), at(-50.0, 0.0)), TissueKind::Outside);
}

#[test]
fn a_seed_in_the_air_is_refused_with_its_place_and_value() {
    let asked = SegmentSettings { seed: Some(at(37.0, 37.0)), ..settings() };
    let error = tissue_from_ct(&one_leg(), &asked).unwrap_err();
    assert_eq!(error, SegmentError::SeedOutsideLimb { place: at(37.0, 37.0), value_hu: AIR });
    let asked = SegmentSettings { seed: Some(at(370.0, 0.0)), ..settings() };
    assert!(matches!(tissue_from_ct(&one_leg(), &asked), Err(SegmentError::SeedOutsideImage { .. })));
}

#[test]
fn images_without_limb_without_air_or_of_another_kind_are_refused() {
    let room = drawn(20, 20, 3, |_| AIR);
    assert!(matches!(tissue_from_ct(&room, &settings()), Err(SegmentError::NoLimb { highest_hu: AIR, .. })));
    let block = drawn(20, 20, 3, |_| FLESH);
    assert!(matches!(tissue_from_ct(&block, &settings()), Err(SegmentError::NoAir { lowest_hu: FLESH, .. })));
    let mr = ImageVolume { modality: Modality::Mr, ..one_leg() };
    assert!(matches!(tissue_from_ct(&mr, &settings()), Err(SegmentError::NotCt { .. })));
}

#[test]
fn values_that_are_not_numbers_are_air() {
    let image = drawn(81, 81, 8, |p| if leg(p, 0.0, 0.0) == AIR { f64::NAN } else { leg(p, 0.0, 0.0) });
    assert_eq!(found(&image).tissues, found(&one_leg()).tissues);
}

#[test]
fn air_enclosed_in_the_limb_stays_in_it_and_is_said() {
    let image = drawn(81, 81, 8, |p| {
        let bubble = off_axis_mm(p, 15.0, 0.0) < 3.0 && (5.0..15.0).contains(&p.z);
        if bubble { AIR } else { leg(p, 0.0, 0.0) }
    });
    let found = found(&image);
    assert_eq!(tissue(&found, at(15.0, 0.0)), TissueKind::Fat);
    assert!(found.remarks.iter().any(|r| r.contains("of air is enclosed")), "{:?}", found.remarks);
}

#[test]
fn marrow_stays_in_a_bone_whose_cortex_has_gaps() {
    // A cortex of 2 mm around 7 mm of marrow, with a gap of 4 mm along the whole shaft.
    let image = drawn(81, 81, 8, |p| match off_axis_mm(p, 0.0, 0.0) {
        r if r < 7.0 => FAT,
        r if r < 9.0 && !(p.x > 0.0 && p.y.abs() < 2.0) => CORTEX,
        r if r < 9.0 => FLESH,
        _ => leg(p, 0.0, 0.0),
    });
    let found = found(&image);
    assert_eq!(tissue(&found, at(0.0, 0.0)), TissueKind::Marrow);
    assert_eq!(tissue(&found, at(4.0, 0.0)), TissueKind::Marrow);
    assert_eq!(tissue(&found, at(13.0, 0.0)), TissueKind::Muscle);
}

#[test]
fn fat_between_muscles_stays_and_single_cells_of_noise_go() {
    let image = drawn(81, 81, 8, |p| {
        let septum = p.x.abs() < 0.6 && (12.0..22.0).contains(&p.y);
        let grain = p.x == 15.0 && p.y == 5.0 && p.z == 9.0;
        if septum || grain { FAT } else { leg(p, 0.0, 0.0) }
    });
    let found = found(&image);
    assert_eq!(tissue(&found, at(0.0, 17.0)), TissueKind::Fat);
    assert_eq!(tissue(&found, at(15.0, 5.0)), TissueKind::Muscle);
}

#[test]
fn thick_skin_and_mixed_bone_edges_in_fat_make_no_shells_of_muscle() {
    // Skin of 3 mm with the values of flesh, and a bone in fat with a mixed edge of 1 mm.
    let image = drawn(81, 81, 8, |p| match off_axis_mm(p, 0.0, 0.0) {
        r if r < 8.0 => CORTEX,
        r if r < 9.0 => FLESH,
        r if r < 27.0 => FAT,
        r if r < 30.0 => FLESH,
        _ => AIR,
    });
    let found = found(&image);
    assert_eq!(found.volume_cm3(TissueKind::Muscle), 0.0);
    assert_eq!(tissue(&found, at(27.0, 0.0)), TissueKind::Fat);
}

#[test]
fn a_limb_cut_by_the_border_is_reported_and_has_no_skin_there() {
    let image = drawn(81, 81, 8, |p| leg(p, 25.0, 0.0));
    let found = found(&image);
    let sides: Vec<_> = found.cut_borders.iter().filter(|cut| cut.axis != Axis::Slice).collect();
    assert_eq!(sides.len(), 1);
    assert_eq!((sides[0].axis, sides[0].slices), (Axis::Column, 8));
    assert_eq!(sides[0].toward, PatientDirection::along_x());
    assert!(found.remarks.iter().any(|r| r.starts_with("the limb is cut by the left border")), "{:?}", found.remarks);
    assert_eq!(tissue(&found, at(40.0, 0.0)), TissueKind::Muscle);
}

#[test]
fn the_skin_is_met_where_the_limb_was_drawn() {
    let map = TissueMap::Voxels(found(&one_leg()).tissues);
    // The last cell of the leg on the axis has its centre at 29 mm, so its outer face lies at 29.5 mm.
    let entry = surface_point(&map, at(38.0, 0.0), -PatientDirection::along_x()).unwrap();
    assert!((entry.x - 29.5).abs() < 0.001, "{entry:?}");
    let exit = skin_above(&map, at(15.0, 0.0), PatientDirection::along_x()).unwrap();
    assert!((exit.x - 29.5).abs() < 0.001, "{exit:?}");
    // Out through the last slice the limb goes on: that is no skin.
    assert_eq!(skin_above(&map, at(15.0, 0.0), PatientDirection::along_z()), None);
    assert_eq!(surface_point(&map, PatientPoint::new(0.0, 0.0, -50.0), PatientDirection::along_z()), None);
}

#[test]
fn depth_under_the_skin_is_the_distance_to_the_nearest_outside() {
    let tissues = found(&one_leg()).tissues;
    let depths = DepthMap::new(&tissues);
    let map = TissueMap::Voxels(tissues);
    for x in [0.0, 12.0, 20.0, 27.0] {
        let exact_mm = depth_under_skin_mm(&map, at(x, 0.0)).unwrap();
        // A drawn circle has steps of up to half a cell's diagonal, 0.71 mm.
        assert!((exact_mm - (30.0 - x)).abs() < 0.72, "{x}: {exact_mm}");
        let quick_mm = depths.at_mm(at(x, 0.0)).unwrap();
        assert!((quick_mm - exact_mm).abs() < 0.5, "{x}: {quick_mm} and {exact_mm}");
    }
    assert_eq!(depth_under_skin_mm(&map, at(36.0, 0.0)), Some(0.0));
    assert_eq!(depth_under_skin_mm(&map, at(360.0, 0.0)), None);
}

#[test]
fn a_nerve_point_outside_the_limb_is_refused_with_its_distance() {
    let error = mark(found(&one_leg()), nerve_through(&[at(20.0, 0.0), at(33.0, 0.0)])).unwrap_err();
    // The nearest cell of the limb has its centre at 29 mm.
    assert_eq!(error, MarkError::OutsideLimb { point: 2, place: at(33.0, 0.0), distance_mm: 4.0 });
    let error = mark(found(&one_leg()), nerve_through(&[at(20.0, 0.0), at(90.0, 0.0)])).unwrap_err();
    assert_eq!(error, MarkError::OutsideImage { point: 2, place: at(90.0, 0.0) });
}

#[test]
fn a_nerve_drawn_through_bone_gets_a_remark_and_one_in_muscle_does_not() {
    let through = |x: f64| nerve_through(&[PatientPoint::new(x, 0.0, 2.0), PatientPoint::new(x, 0.0, 20.0)]);
    let bone_remark = |remarks: &[String]| remarks.iter().any(|r| r.contains("runs through bone for 18 of its 18 mm"));
    assert!(!bone_remark(&mark(found(&one_leg()), through(15.0)).unwrap().remarks));
    let remarks = mark(found(&one_leg()), through(6.0)).unwrap().remarks;
    assert!(bone_remark(&remarks), "{remarks:?}");
}
