//! MetaImage: facts that SimpleITK found in the same files, tracked sequences as recorded, and damage.

mod volumes_support;

use frostline_formats::metaimage::{
    MetaImageError, MetaSequence, PoseStatus, read_meta_sequence, read_metaimage, read_metaimage_labels,
};
use frostline_formats::{AxesError, CellError, FrameChoice, FrameError};
use proptest::prelude::*;
use serde_json::Value;
use volumes_support::{Facts, bytes, json, path};

fn beside(name: &str) -> Option<Vec<u8>> {
    std::fs::read(path(&format!("made/{name}"))).ok()
}

#[test]
fn every_packing_and_element_type_reads_as_simpleitk_says() {
    let expected = json("made/expected.json");
    let ours = |name: &str| name.ends_with(".mha") || name.ends_with(".mhd");
    let mut checked = 0;
    for (name, facts) in expected.as_object().unwrap().iter().filter(|(name, _)| ours(name)) {
        let image = read_metaimage(&bytes(&format!("made/{name}")), FrameChoice::Only, beside);
        let image = image.unwrap_or_else(|error| panic!("{name}: {error}"));
        // The numbers are written as text with 15 digits or more.
        Facts::of(&image.volume).assert_close(&Facts::from_json(facts), 1e-12, name);
        checked += 1;
    }
    assert_eq!(checked, 7);
}

fn check_sequence(name: &str, facts: &Value) {
    let file = bytes(&format!("plus/{name}"));
    let sequence = read_meta_sequence(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
    let number = |value: &Value| value.as_f64().unwrap();
    let dims: Vec<String> =
        [sequence.width_px, sequence.height_px, sequence.frames.len()].map(|n| n.to_string()).into();
    assert_eq!(
        dims,
        facts["dims"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect::<Vec<_>>(),
        "{name}"
    );
    assert_eq!(sequence.frames.len() as u64, facts["frames"].as_u64().unwrap(), "{name}");
    assert_eq!(sequence.picture_orientation.as_deref(), facts["orientation"].as_str(), "{name}");
    let time = |n: usize| sequence.frames[n].timestamp_s.unwrap();
    assert_eq!((time(0), time(sequence.frames.len() - 1)), (number(&facts["t_first"]), number(&facts["t_last"])));
    // Recorded to four decimals.
    assert!((sequence.longest_gap_s().unwrap() - number(&facts["max_gap_s"])).abs() <= 5e-5, "{name}");
    for (tool, facts) in facts["tools"].as_object().unwrap() {
        check_tool(&sequence, tool.strip_suffix("Transform").unwrap(), facts);
    }
}

fn check_tool(sequence: &MetaSequence, tool: &str, facts: &Value) {
    let poses: Vec<_> = sequence.frames.iter().map(|frame| frame.pose(tool).unwrap()).collect();
    let tracked = poses.iter().filter(|pose| pose.tracked().is_some()).count() as u64;
    assert_eq!(tracked, facts["ok"].as_u64().unwrap(), "{tool}");
    let not_ok = poses.iter().filter(|pose| pose.status != PoseStatus::Ok).count() as u64;
    assert_eq!(not_ok, facts["other"].as_u64().unwrap(), "{tool}");
    let middle = poses[poses.len() / 2].stored.unwrap();
    let ([x, y, z], o) = (middle.steps(), middle.offset());
    let rows = [x.x, y.x, z.x, o.x, x.y, y.y, z.y, o.y, x.z, y.z, z.z, o.z];
    for (n, found) in rows.into_iter().enumerate() {
        let wanted = facts["matrix_mid_frame"][n].as_f64().unwrap();
        // The JSON reader may be off by the last bit.
        assert!((found - wanted).abs() <= f64::EPSILON * wanted.abs(), "{tool} number {n}: {found} is not {wanted}");
    }
}

#[test]
fn the_recorded_sequences_have_the_frames_poses_and_times_that_are_on_record() {
    let expected = json("plus/expected.json");
    let expected = expected.as_object().unwrap();
    assert_eq!(expected.len(), 4);
    for (name, facts) in expected {
        check_sequence(name, facts);
    }
}

#[test]
fn a_stylus_that_was_never_seen_has_a_stored_matrix_but_no_pose() {
    let sequence = read_meta_sequence(&bytes("plus/NwirePhantomFreehand.igs.mha")).unwrap();
    let stylus = sequence.frames[3].pose("StylusToTracker").unwrap();
    assert_eq!(stylus.status, PoseStatus::NotOk("INVALID".into()));
    assert!(stylus.stored.is_some() && stylus.tracked().is_none());
}

#[test]
fn pictures_of_a_sequence_are_read_one_by_one_and_equal_in_both_formats() {
    let file = bytes("plus/NwirePhantomFreehand.igs.mha");
    let refused = read_metaimage(&file, FrameChoice::Only, |_| None).unwrap_err();
    assert_eq!(refused, MetaImageError::Axes(AxesError::Frame(FrameError::Several { frames: 97 })));
    let picture = read_metaimage(&file, FrameChoice::Frame(5), |_| None).unwrap();
    assert_eq!(Facts::of(&picture.volume).size, [820, 616, 1]);
    let other = bytes("plus/NwirePhantomFreehand.igs.nrrd");
    let other = frostline_formats::nrrd::read_nrrd(&other, FrameChoice::Frame(5), |_| None).unwrap();
    assert_eq!(picture.volume.values(), other.volume.values());
    assert!(Facts::of(&picture.volume).max > 100.0, "the picture is not empty");
}

#[test]
fn a_reconstructed_volume_reads_as_simpleitk_says() {
    let image =
        read_metaimage(&bytes("plus/NwirePhantomFreehandReconstructed.mha"), FrameChoice::Only, |_| None).unwrap();
    let lps = [[0.5, 0.0, 0.0, -22.2573], [0.0, 0.5, 0.0, -137.793], [0.0, 0.0, 0.5, -58.5829]];
    let (size, min, max, sum) = ([101, 104, 74], RECONSTRUCTED.0, RECONSTRUCTED.1, RECONSTRUCTED.2);
    Facts::of(&image.volume).assert_close(&Facts { size, lps, min, max, sum }, 1e-12, "reconstructed");
}

/// Smallest, largest and summed value by SimpleITK.
const RECONSTRUCTED: (f64, f64, f64) = (0.0, 248.0, 385_942.0);

#[test]
fn a_recording_without_pictures_is_not_an_image() {
    let file = bytes("plus/EightLandmarkPointsTrackedForPhantomRegistration.igs.mha");
    let refused = read_metaimage(&file, FrameChoice::Frame(0), |_| None).unwrap_err();
    assert_eq!(refused, MetaImageError::NoPixels { frames: 1000 });
}

fn small(lines: &str, data: &[u8]) -> Vec<u8> {
    let start = "ObjectType = Image\nNDims = 2\nDimSize = 2 2\nElementSpacing = 0.5 0.25\n";
    [start.as_bytes(), lines.as_bytes(), b"\nElementDataFile = LOCAL\n", data].concat()
}

#[test]
fn text_big_endian_and_headers_in_front_are_understood() {
    for (lines, data) in [
        ("ElementType = MET_SHORT\nBinaryData = False", &b"1 -2 3 4\n"[..]),
        ("ElementType = MET_SHORT\nBinaryData = True\nBinaryDataByteOrderMSB = True", &[0, 1, 255, 254, 0, 3, 0, 4]),
        ("ElementType = MET_CHAR\nBinaryData = True\nHeaderSize = 2", &[9, 9, 1, 254, 3, 4]),
        ("ElementType = MET_CHAR\nBinaryData = True\nHeaderSize = -1", &[9, 9, 9, 1, 254, 3, 4]),
    ] {
        let image = read_metaimage(&small(lines, data), FrameChoice::Only, |_| None).unwrap();
        assert_eq!(image.volume.values(), [1.0, -2.0, 3.0, 4.0], "{lines}");
        assert!(image.remarks.iter().any(|remark| remark.contains("single slice")), "{:?}", image.remarks);
    }
}

#[test]
fn an_orientation_that_contradicts_the_axes_is_remarked_on() {
    let lines = "ElementType = MET_UCHAR\nBinaryData = True\nAnatomicalOrientation = LA";
    let labels = read_metaimage_labels(&small(lines, &[1, 0, 2, 0]), FrameChoice::Only, |_| None).unwrap();
    assert_eq!(labels.volume.values(), [1, 0, 2, 0]);
    let image = read_metaimage(&small(lines, &[1, 0, 2, 0]), FrameChoice::Only, |_| None).unwrap();
    assert!(image.remarks.iter().any(|remark| remark.contains("run from RA")), "{:?}", image.remarks);
}

#[test]
fn missing_values_and_missing_files_are_named() {
    let lines = "ElementType = MET_UCHAR\nBinaryData = True";
    let refused = read_metaimage(&small(lines, &[1, 2, 3]), FrameChoice::Only, |_| None).unwrap_err();
    assert_eq!(refused, MetaImageError::Cells(CellError::TooShort { found: 3, expected: 4 }));
    let refused = read_metaimage(&bytes("made/pair.mhd"), FrameChoice::Only, |_| None).unwrap_err();
    assert_eq!(refused, MetaImageError::MissingDataFile { name: "pair.raw".into() });
}

#[test]
fn a_frame_that_is_missing_from_a_sequence_is_named() {
    let file = b"NDims = 3\nDimSize = 0 0 2\nSeq_Frame0000_Timestamp = 1\nSeq_Frame0002_Timestamp = 2\n";
    let message = read_meta_sequence(file).unwrap_err().to_string();
    assert!(message.contains("frame 1 is missing"), "{message}");
}

fn any_reader(file: &[u8]) {
    let beside = |name: &str| (name.len() < 9).then(|| vec![7; 64]);
    let _ = read_metaimage(file, FrameChoice::Only, beside);
    let _ = read_metaimage_labels(file, FrameChoice::Frame(1), beside);
    let _ = read_meta_sequence(file);
}

proptest! {
    // No regression files: a found case becomes a named test.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(file in proptest::collection::vec(any::<u8>(), 0..400)) {
        any_reader(&file);
        any_reader(&[b"ObjectType = Image\nNDims = 3\n", &file[..]].concat());
    }

    #[test]
    fn random_fields_never_panic(
        fields in proptest::collection::vec((0_usize..12, "[-0-9A-Z_ .]{0,12}"), 0..12),
        tail in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let names = ["DimSize", "ElementType", "ElementSpacing", "Offset", "TransformMatrix", "CompressedData", "BinaryData",
            "HeaderSize", "Kinds", "ElementNumberOfChannels", "Seq_Frame0000_Timestamp", "Seq_Frame0000_AToBTransform"];
        let mut text = String::from("NDims = 3\n");
        for (name, value) in fields {
            text += &format!("{} = {value}\n", names[name]);
        }
        any_reader(&[text.as_bytes(), b"ElementDataFile = LOCAL\n", &tail[..]].concat());
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error(packed in any::<bool>(), cut in 0_usize..600) {
        let whole = bytes(if packed { "made/zlib.mha" } else { "made/plain.mha" });
        let cut = cut.min(whole.len() - 1);
        prop_assert!(read_metaimage(&whole[..cut], FrameChoice::Only, |_| None).is_err());
    }

    #[test]
    fn changed_bytes_never_panic(packed in any::<bool>(), changes in proptest::collection::vec((0_usize..420, any::<u8>()), 1..6)) {
        let mut file = bytes(if packed { "made/zlib.mha" } else { "made/plain.mha" });
        for (place, value) in changes {
            file[place] = value;
        }
        any_reader(&file);
    }
}
