//! Segmentations and contours of the conformance set.

mod dicom_support;

use dicom_support::folder;
use frostline_formats::dicom::{
    ContourError, DicomFile, FractionThreshold, SegError, Segment, decode_frame, read_contours, read_segmentation,
    segments_to_labels,
};
use frostline_space::{Axis, PatientPoint, VoxelIndex};

fn bytes(path: &str) -> Vec<u8> {
    std::fs::read(folder("tests/data/dicom_conformance").join(path)).unwrap()
}

fn segments_at(path: &str, fraction: f64) -> Result<Vec<Segment>, SegError> {
    let file = bytes(path);
    let fraction = FractionThreshold::new(fraction).unwrap();
    read_segmentation(DicomFile { name: path, bytes: &file }, fraction, &decode_frame)
}

fn cells_per_slice(segment: &Segment) -> Vec<usize> {
    let grid = segment.mask.grid();
    let slice = grid.size(Axis::Column) * grid.size(Axis::Row);
    segment.mask.values().chunks(slice).map(|cells| cells.iter().filter(|cell| **cell).count()).collect()
}

#[test]
fn a_binary_segmentation_gives_the_cells_that_pydicom_counts() {
    let liver = segments_at("dcmqi/liver.dcm", 0.5).unwrap();
    assert_eq!(liver.iter().map(|s| (s.number, s.label.as_str())).collect::<Vec<_>>(), [(1, "Liver")]);
    assert_eq!(cells_per_slice(&liver[0]), [36_233, 35_645, 35_220]);
    let first = liver[0].mask.grid().centre(VoxelIndex::new(0, 0, 0));
    assert!(first.distance(PatientPoint::new(-235.2, -226.8, -128.69)) < 1e-9, "{first:?}");
}

#[test]
fn frames_that_share_bytes_are_taken_apart() {
    // 24 x 38 = 912 bits is a whole number of bytes; 16 x 16 too; both must give the stated counts.
    assert_eq!(cells_per_slice(&segments_at("dcmqi/24x38x3/seg/label.seg", 0.5).unwrap()[0]), [0, 315, 0]);
    assert_eq!(cells_per_slice(&segments_at("highdicom/seg_image_ct_binary.dcm", 0.5).unwrap()[0]), [127, 256, 255]);
}

#[test]
fn the_threshold_decides_over_a_fractional_segmentation() {
    let count = |fraction| -> usize {
        let segments = segments_at("highdicom/seg_image_ct_true_fractional.dcm", fraction).unwrap();
        cells_per_slice(&segments[0]).iter().sum()
    };
    // The stored values reach 128 of 255: nothing is left above 0.51, and 149 + 256 + 256 cells hold a quarter or more.
    assert_eq!([count(0.25), count(0.51)], [661, 0]);
}

#[test]
fn overlapping_segments_keep_one_mask_each_and_make_no_label_volume() {
    let segments = segments_at("highdicom/seg_image_ct_binary_overlap.dcm", 0.5).unwrap();
    let counts: Vec<usize> = segments.iter().map(|s| cells_per_slice(s).iter().sum()).collect();
    assert_eq!(counts, [64, 16]);
    // Slices at -99.48 and 103.02 ... 105.52 mm, 1.25 mm apart: (105.52 + 99.48) / 1.25 = 164 steps.
    assert_eq!(segments[0].mask.grid().size(Axis::Slice), 165);
    let error = segments_to_labels(&segments).unwrap_err();
    assert!(matches!(error, SegError::Overlap { first: 1, second: 2, .. }), "{error:?}");
}

#[test]
fn segments_apart_become_one_label_volume() {
    let labels = segments_to_labels(&segments_at("dcmqi/liver.dcm", 0.5).unwrap()).unwrap();
    assert_eq!(labels.names, [(1, "Liver".to_string())]);
    assert_eq!(labels.volume.values().iter().filter(|label| **label == 1).count(), 107_098);
}

#[test]
fn an_image_is_not_a_segmentation() {
    let error = segments_at("pydicom/CT_small.dcm", 0.5).unwrap_err();
    assert_eq!(error, SegError::WrongModality { found: "CT".into() });
}

#[test]
fn contours_of_the_conformance_set_are_read_or_refused() {
    let contours = |path: &str| {
        let file = bytes(path);
        read_contours(DicomFile { name: path, bytes: &file })
    };
    let plan = contours("pydicom/rtplan.dcm").unwrap_err();
    assert_eq!(plan, ContourError::WrongModality { found: "RTPLAN".into() });
    let drawn = contours("pydicom/rtstruct.dcm");
    assert!(matches!(&drawn, Ok(sets) if !sets.is_empty()), "{drawn:?}");
}
