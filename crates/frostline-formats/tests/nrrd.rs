//! NRRD: facts that other libraries found in the same files, data beside the header, segment names, and damage.

mod volumes_support;

use frostline_formats::nrrd::{NrrdError, read_nrrd, read_nrrd_labels};
use frostline_formats::{AxesError, CellError, FrameChoice, FrameError, ImageVolume};
use proptest::prelude::*;
use volumes_support::{Facts, bytes, json};

/// Two by two by two bytes, 1 to 8, with the given header lines.
fn small(lines: &str) -> Vec<u8> {
    let header = format!("NRRD0005\ntype: uint8\ndimension: 3\nsizes: 2 2 2\nencoding: raw\n{lines}\n\n");
    [header.as_bytes(), &[1, 2, 3, 4, 5, 6, 7, 8]].concat()
}

fn read(file: &[u8]) -> Result<ImageVolume, NrrdError> {
    read_nrrd(file, FrameChoice::Only, |_| None)
}

#[test]
fn every_encoding_and_space_reads_as_pynrrd_and_simpleitk_say() {
    let expected = json("made/expected.json");
    let mut checked = 0;
    for (name, facts) in expected.as_object().unwrap().iter().filter(|(name, _)| name.ends_with(".nrrd")) {
        let image = read(&bytes(&format!("made/{name}"))).unwrap_or_else(|error| panic!("{name}: {error}"));
        // The numbers are written as text with 15 digits or more.
        Facts::of(&image.volume).assert_close(&Facts::from_json(facts), 1e-12, name);
        assert_eq!(image.remarks, Vec::<String>::new(), "{name}");
        checked += 1;
    }
    assert_eq!(checked, 14);
}

#[test]
fn a_file_without_directions_is_read_with_a_remark() {
    let image = read(&small("spacings: 0.5 0.5 2\naxis mins: 10 20 30")).unwrap();
    let facts = Facts::of(&image.volume);
    assert_eq!(facts.lps, [[0.5, 0.0, 0.0, 10.0], [0.0, 0.5, 0.0, 20.0], [0.0, 0.0, 2.0, 30.0]]);
    assert_eq!(image.remarks.len(), 1, "{:?}", image.remarks);
}

#[test]
fn centimetres_become_millimetres() {
    let lines = "space: LPS\nspace units: \"cm\" \"cm\" \"cm\"\nspace directions: (1,0,0) (0,1,0) (0,0,1)\nspace origin: (1,2,3)";
    let image = read(&small(lines)).unwrap();
    let (min, max, sum) = (1.0, 8.0, 36.0);
    let lps = [[10.0, 0.0, 0.0, 10.0], [0.0, 10.0, 0.0, 20.0], [0.0, 0.0, 10.0, 30.0]];
    Facts::of(&image.volume).assert_close(&Facts { size: [2; 3], lps, min, max, sum }, 0.0, "cm");
}

#[test]
fn big_endian_text_and_hex_give_the_same_values() {
    let header = |rest: &str| format!("NRRD0004\ndimension: 3\nsizes: 2 1 1\nspacings: 1 1 1\n{rest}\n\n").into_bytes();
    for file in [
        [header("type: short\nendian: big\nencoding: raw"), vec![0xFF, 0xFE, 1, 0]].concat(),
        [header("type: short\nencoding: ascii"), b"-2 256\n".to_vec()].concat(),
        [header("type: short\nendian: little\nencoding: hex"), b"FEff 0001\n".to_vec()].concat(),
    ] {
        assert_eq!(read(&file).unwrap().volume.values(), [-2.0, 256.0]);
    }
}

#[test]
fn data_in_several_files_is_joined_in_their_order() {
    for files in ["data file: s%02d.raw 1 2 1", "data file: LIST\ns01.raw\ns02.raw"] {
        let header =
            format!("NRRD0005\ntype: uint8\ndimension: 3\nsizes: 2 2 2\nspacings: 1 1 1\nencoding: raw\n{files}\n");
        let parts = |name: &str| match name {
            "s01.raw" => Some(vec![1, 2, 3, 4]),
            "s02.raw" => Some(vec![5, 6, 7, 8]),
            _ => None,
        };
        let image = read_nrrd(header.as_bytes(), FrameChoice::Only, parts).unwrap();
        assert_eq!(image.volume.values(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    }
}

#[test]
fn a_data_file_that_is_not_there_is_named() {
    let file = bytes("nifti_nrrd_conformance/pynrrd/BallBinary30x30x30.nhdr");
    let refused = read(&file).unwrap_err();
    assert_eq!(refused, NrrdError::MissingDataFile { name: "BallBinary30x30x30.raw".into() });
}

#[test]
fn segments_of_slicer_keep_their_names_per_layer() {
    let header = "NRRD0004\ntype: uint8\ndimension: 4\nsizes: 2 2 1 1\nencoding: raw\n\
        space: left-posterior-superior\nkinds: list domain domain domain\n\
        space directions: none (1,0,0) (0,1,0) (0,0,1)\nspace origin: (0,0,0)\n\
        Segment0_LabelValue:=1\nSegment0_Layer:=0\nSegment0_Name:=Sural nerve\n\
        Segment1_LabelValue:=2\nSegment1_Layer:=1\nSegment1_Name:=Vein: small\n\
        Segment2_LabelValue:=4\nSegment2_Layer:=0\nSegment2_Name:=Skin\n\n";
    // Layers are interleaved: cell 0 of layers 0 and 1, then cell 1 of both.
    let file = [header.as_bytes(), &[1, 2, 4, 0]].concat();
    let refused = read_nrrd_labels(&file, FrameChoice::Only, |_| None).unwrap_err();
    assert_eq!(refused, NrrdError::Axes(AxesError::Frame(FrameError::Several { frames: 2 })));
    let first = read_nrrd_labels(&file, FrameChoice::Frame(0), |_| None).unwrap();
    assert_eq!(first.volume.values(), [1, 4]);
    assert_eq!(first.names, [(1, "Sural nerve".to_owned()), (4, "Skin".to_owned())]);
    let second = read_nrrd_labels(&file, FrameChoice::Frame(1), |_| None).unwrap();
    assert_eq!((second.volume.values(), &second.names[..]), (&[2, 0][..], &[(2, "Vein: small".to_owned())][..]));
}

#[test]
fn a_colour_picture_is_refused_until_a_component_is_chosen() {
    let file = bytes("plus/ColorNrrdSample.igs.nrrd");
    assert_eq!(read(&file).unwrap_err(), NrrdError::Axes(AxesError::Frame(FrameError::Several { frames: 3 })));
    let red = read_nrrd(&file, FrameChoice::Frame(0), |_| None).unwrap();
    assert_eq!(Facts::of(&red.volume).size, [1152, 648, 1]);
}

#[test]
fn more_or_fewer_values_than_declared_are_an_error() {
    let mut file = small("spacings: 1 1 1");
    file.push(9);
    assert_eq!(read(&file).unwrap_err(), NrrdError::TooMuchData { expected: 8 });
    file.truncate(file.len() - 2);
    assert_eq!(read(&file).unwrap_err(), NrrdError::Cells(CellError::TooShort { found: 7, expected: 8 }));
}

#[test]
fn a_claim_of_more_than_any_scan_is_refused() {
    let header = "NRRD0005\ntype: uint8\ndimension: 3\nsizes: 4000000000 4000000000 4000000000\nspacings: 1 1 1\nencoding: raw\n\n";
    assert!(matches!(read(header.as_bytes()).unwrap_err(), NrrdError::Axes(AxesError::Grid(_))));
    let header = "NRRD0005\ntype: uint8\ndimension: 3\nsizes: 2000 2000 2000\nspacings: 1 1 1\nencoding: bzip2\n\n";
    assert_eq!(read(header.as_bytes()).unwrap_err(), NrrdError::Cells(CellError::TooMany));
}

fn any_reader(file: &[u8]) {
    let beside = |name: &str| (name.len() < 9).then(|| vec![7; 64]);
    let _ = read_nrrd(file, FrameChoice::Only, beside);
    let _ = read_nrrd_labels(file, FrameChoice::Frame(1), beside);
}

proptest! {
    // No regression files: a found case becomes a named test.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_after_the_mark_never_panic(tail in proptest::collection::vec(any::<u8>(), 0..400)) {
        any_reader(&tail);
        any_reader(&[b"NRRD0004\n", &tail[..]].concat());
    }

    #[test]
    fn random_fields_never_panic(
        fields in proptest::collection::vec((0_usize..14, "[-0-9a-z%(),. ]{0,12}"), 0..12),
        tail in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let names = ["type", "dimension", "sizes", "encoding", "endian", "space", "space directions", "space origin",
            "byte skip", "line skip", "data file", "spacings", "kinds", "space dimension"];
        let mut text = String::from("NRRD0005\n");
        for (name, value) in fields {
            text += &format!("{}: {value}\n", names[name]);
        }
        any_reader(&[text.as_bytes(), b"\n", &tail[..]].concat());
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error(encoding in 0_usize..4, cut in 0_usize..600) {
        let name = ["raw", "gzip", "bzip2", "ascii"][encoding];
        let whole = bytes(&format!("made/lps_{name}.nrrd"));
        // The last value of the text file is 13 and a line end; cut after the 1 it would still read, as 1.
        let cut = cut.min(whole.len() - if name == "ascii" { 4 } else { 1 });
        prop_assert!(read(&whole[..cut]).is_err());
    }

    #[test]
    fn changed_bytes_never_panic(encoding in 0_usize..4, changes in proptest::collection::vec((0_usize..400, any::<u8>()), 1..6)) {
        let mut file = bytes(&format!("made/ras_{}.nrrd", ["raw", "gzip", "bzip2", "ascii"][encoding]));
        for (place, value) in changes {
            file[place] = value;
        }
        any_reader(&file);
    }
}
