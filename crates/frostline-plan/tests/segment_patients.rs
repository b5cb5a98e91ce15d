//! Tissue from the CTs of three real legs; what must hold was looked up in the pictures.

mod anatomy_support;

use std::sync::OnceLock;

use anatomy_support::{ct, repository};
use frostline_formats::ImageVolume;
use frostline_formats::dicom::{DicomFile, contours_to_mask, read_contours};
use frostline_plan::anatomy::TissueKind;
use frostline_plan::catalogue::Catalogues;
use frostline_plan::segment::{CtTissue, SegmentSettings, tissue_from_ct};
use frostline_space::{Axis, PatientPoint, VoxelIndex};

const STS_010: &str = "examples/sts_010/dicom/CT";
const STS_025: &str = "crates/frostline-formats/tests/data/sts_025/dicom/CT";
const STS_042: &str = "examples/sts_042/dicom/CT";

/// Read and looked through once for all tests.
fn sts_010() -> &'static (ImageVolume, CtTissue) {
    static FOUND: OnceLock<(ImageVolume, CtTissue)> = OnceLock::new();
    FOUND.get_or_init(|| found(STS_010))
}

fn found(patient: &str) -> (ImageVolume, CtTissue) {
    let image = ct(&format!("{patient}/image"));
    let catalogues = Catalogues::bundled().unwrap();
    let settings = SegmentSettings::from_catalogue(&catalogues.segmentation, None).unwrap();
    let tissue = tissue_from_ct(&image, &settings).unwrap();
    (image, tissue)
}

/// Cells that share a face, each pair once.
fn faces(found: &CtTissue) -> impl Iterator<Item = (TissueKind, TissueKind)> {
    let grid = found.tissues.grid();
    let size = Axis::ALL.map(|axis| grid.size(axis));
    grid.cells().flat_map(move |c| {
        let next = [
            VoxelIndex::new(c.i + 1, c.j, c.k),
            VoxelIndex::new(c.i, c.j + 1, c.k),
            VoxelIndex::new(c.i, c.j, c.k + 1),
        ];
        let inside = next.into_iter().filter(move |n| n.i < size[0] && n.j < size[1] && n.k < size[2]);
        inside.map(move |n| (*found.tissues.at(c), *found.tissues.at(n)))
    })
}

fn check_skin_and_cortex_are_closed(found: &CtTissue) {
    use TissueKind::{CancellousBone, CorticalBone, Marrow, Outside, Skin};
    for (a, b) in faces(found) {
        for (one, other) in [(a, b), (b, a)] {
            if one == Outside {
                assert!(matches!(other, Outside | Skin), "{other:?} is bare");
            }
            if matches!(one, CancellousBone | Marrow) {
                // Where bone lies under the skin layer itself, the skin is the wall.
                assert!(matches!(other, CancellousBone | Marrow | CorticalBone | Skin), "{one:?} touches {other:?}");
            }
        }
    }
}

fn tissues_at(found: &CtTissue, cells: &[(usize, usize, usize)]) -> Vec<TissueKind> {
    cells.iter().map(|&(i, j, k)| *found.tissues.at(VoxelIndex::new(i, j, k))).collect()
}

fn has_remark(found: &CtTissue, words: &str) {
    assert!(found.remarks.iter().any(|remark| remark.contains(words)), "{words}: {:?}", found.remarks);
}

#[test]
fn the_calf_of_sts_010_is_found_without_table_and_without_the_other_leg() {
    let (_, found) = sts_010();
    // The other leg at three heights, both boards of the table.
    let elsewhere = tissues_at(found, &[(10, 90, 0), (10, 90, 29), (10, 60, 58), (90, 145, 10), (90, 160, 10)]);
    assert_eq!(elsewhere, [TissueKind::Outside; 5]);
    has_remark(found, "cm3 of another limb was seen and left out");
    has_remark(found, "cm3 of table or cushion was seen and left out");
    has_remark(found, "the limb is cut by the front border of the image on 15 slices");
    check_skin_and_cortex_are_closed(found);
    // Tibial and fibular shaft, tibial plateau, fibular head, medial and lateral femoral condyle.
    let bones =
        tissues_at(found, &[(100, 42, 8), (128, 66, 8), (100, 35, 47), (145, 52, 41), (80, 40, 57), (130, 40, 57)]);
    for kind in &bones {
        assert!(
            matches!(kind, TissueKind::Marrow | TissueKind::CancellousBone | TissueKind::CorticalBone),
            "{bones:?}"
        );
    }
}

#[test]
fn the_tumour_of_sts_010_is_called_muscle_and_that_is_said() {
    let (image, found) = sts_010();
    let path = repository(STS_010).join("mask/RS.dcm");
    let bytes = std::fs::read(path).unwrap();
    let sets = read_contours(DicomFile { name: "RS.dcm", bytes: &bytes }).unwrap();
    let tumour = contours_to_mask(&sets[0], image.volume.grid()).unwrap();
    let inside = tumour.values().iter().zip(found.tissues.values()).filter(|(marked, _)| **marked);
    let (mut muscle, mut all) = (0, 0);
    for (_, tissue) in inside {
        all += 1;
        muscle += usize::from(*tissue == TissueKind::Muscle);
    }
    // The contour was drawn by hand and takes in a rim of fat of about a cell: 183 cm3 have a surface of some 160 cm2,
    // and a third of it borders on fat, so 3 to 5 % of the cells.
    assert!(muscle * 100 > all * 93, "{muscle} of {all}");
    has_remark(found, "tumour have the Hounsfield units of muscle");
}

#[test]
fn a_seed_in_the_other_leg_of_sts_010_gives_the_other_leg() {
    let (image, _) = sts_010();
    let catalogues = Catalogues::bundled().unwrap();
    let seed = image.volume.grid().centre(VoxelIndex::new(8, 90, 30));
    let settings = SegmentSettings::from_catalogue(&catalogues.segmentation, Some(seed)).unwrap();
    let found = tissue_from_ct(image, &settings).unwrap();
    assert_eq!(tissues_at(&found, &[(8, 90, 30), (100, 90, 30)]), [TissueKind::Muscle, TissueKind::Outside]);
    has_remark(&found, "the limb is cut by the right border of the image on 59 slices");
}

#[test]
fn the_calf_of_sts_025_is_found_although_the_front_border_cuts_its_tibia() {
    let (_, found) = found(STS_025);
    has_remark(&found, "the limb is cut by the front border of the image on 47 slices");
    has_remark(&found, "of another limb was seen");
    check_skin_and_cortex_are_closed(&found);
    // Marrow of the tibia, close to the border and open to it, and the fibula; board and other leg.
    assert_eq!(tissues_at(&found, &[(72, 14, 0), (58, 10, 26)]), [TissueKind::Marrow; 2]);
    assert_eq!(tissues_at(&found, &[(70, 110, 10), (70, 125, 40), (147, 40, 5)]), [TissueKind::Outside; 3]);
}

#[test]
fn the_knee_of_sts_042_is_found_although_two_borders_cut_it() {
    let (_, found) = found(STS_042);
    has_remark(&found, "the limb is cut by the right border of the image on 49 slices");
    has_remark(&found, "the limb is cut by the back border of the image on 49 slices");
    check_skin_and_cortex_are_closed(&found);
    // Subcutaneous fat in front of the thigh, quadriceps, marrow of the femur; air.
    let cells = [(30, 30, 45), (60, 60, 45), (30, 78, 48), (120, 20, 20)];
    let expected = [TissueKind::Fat, TissueKind::Muscle, TissueKind::Marrow, TissueKind::Outside];
    assert_eq!(tissues_at(&found, &cells), expected);
}

#[test]
fn known_places_of_sts_010_have_their_tissue() {
    let (_, found) = sts_010();
    // Places and values (24, -127, 30 HU) measured with other software.
    let at = |x, y, z| *found.tissues.nearest(PatientPoint::new(x, y, z)).unwrap();
    assert_eq!(at(73.242, 72.265, 477.17), TissueKind::Muscle);
    assert_eq!(at(18.555, 34.18, 522.95), TissueKind::Fat);
    assert_eq!(at(42.969, 101.562, 460.82), TissueKind::Muscle);
}
