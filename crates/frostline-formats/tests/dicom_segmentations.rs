//! Segmentations and contours of the conformance set.

mod dicom_support;

use dicom_support::folder;
use dicom_support::slice::{long, sequence, short, text};
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

/// A label map of two frames, 2 x 1 pixels of 8 bits: labels 3 and 0 below, 5 and 3 above.
fn labelmap() -> Vec<u8> {
    let segment = |number, label| [short(0x0062, 0x0004, number), text(0x0062, 0x0005, b"LO", label)].concat();
    let frame = |z: &str| sequence(0x0020, 0x9113, &[text(0x0020, 0x0032, b"DS", &format!("0\\0\\{z}"))]);
    let measures = [text(0x0018, 0x0050, b"DS", "2"), text(0x0028, 0x0030, b"DS", "1\\1")].concat();
    let shared = [
        sequence(0x0020, 0x9116, &[text(0x0020, 0x0037, b"DS", "1\\0\\0\\0\\1\\0")]),
        sequence(0x0028, 0x9110, &[measures]),
    ]
    .concat();
    let mut file = [vec![0; 128], b"DICM".to_vec(), text(0x0002, 0x0010, b"UI", "1.2.840.10008.1.2.1")].concat();
    file.extend(text(0x0008, 0x0060, b"CS", "SEG"));
    file.extend(text(0x0028, 0x0008, b"IS", "2"));
    for (element, value) in [(0x0010, 1), (0x0011, 2), (0x0100, 8), (0x0101, 8), (0x0102, 7)] {
        file.extend(short(0x0028, element, value));
    }
    file.extend(text(0x0062, 0x0001, b"CS", "LABELMAP"));
    file.extend(sequence(0x0062, 0x0002, &[segment(3, "nerve"), segment(5, "artery")]));
    file.extend(sequence(0x5200, 0x9229, &[shared]));
    file.extend(sequence(0x5200, 0x9230, &[frame("4"), frame("2")]));
    file.extend(long(0x7FE0, 0x0010, b"OB", &[5, 3, 3, 0]));
    file
}

#[test]
fn a_label_map_gives_one_mask_per_named_label() {
    let file = labelmap();
    let file = DicomFile { name: "labels", bytes: &file };
    let segments = read_segmentation(file, FractionThreshold::half(), &decode_frame).unwrap();
    let labels = segments_to_labels(&segments).unwrap();
    assert_eq!(labels.names, [(3, "nerve".to_string()), (5, "artery".to_string())]);
    assert_eq!(labels.volume.values(), [3, 0, 5, 3]);
}
