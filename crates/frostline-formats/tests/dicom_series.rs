//! Slices that form a volume, and every way in which they do not.

mod dicom_support;

use dicom_support::slice::{Slice, sequence, short, text};
use dicom_support::{borrowed, no_decoder};
use frostline_formats::dicom::{
    DicomFile, NotASlice, PixelError, SeriesChoice, SeriesError, StackError, identifying_attributes, list_series,
    read_series,
};
use frostline_formats::{ImageVolume, Window};
use frostline_space::{Axis, PatientPoint, VoxelIndex};

fn read_chosen(slices: &[Slice], choice: SeriesChoice) -> Result<ImageVolume, SeriesError> {
    let files: Vec<_> = slices.iter().map(Slice::file).collect();
    read_series(&borrowed(&files), &choice, &no_decoder)
}

fn read(slices: &[Slice]) -> Result<ImageVolume, SeriesError> {
    read_chosen(slices, SeriesChoice::Only)
}

fn ct_at(heights_mm: &[f64]) -> Vec<Slice> {
    heights_mm.iter().map(|z| Slice::ct(*z)).collect()
}

fn stack_error(slices: &[Slice]) -> StackError {
    match read(slices) {
        Err(SeriesError::Stack(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn slices_are_sorted_by_position_whatever_their_names_and_order() {
    let slices: Vec<Slice> = [4.0, 0.0, 2.0]
        .map(|z| Slice::ct(z).with(|s| (s.name, s.values) = (format!("{}", 9.0 - z), [1000 + z as u16; 4])))
        .to_vec();
    let image = read(&slices).unwrap();
    let at = |k| *image.volume.at(VoxelIndex::new(0, 0, k));
    assert_eq!([at(0), at(1), at(2)], [-24.0, -22.0, -20.0]);
    let grid = image.volume.grid();
    // Pixel spacing is given as distance between rows, then between columns.
    assert_eq!(Axis::ALL.map(|axis| grid.spacing_mm(axis)), [0.25, 0.5, 2.0]);
    assert_eq!(grid.centre(VoxelIndex::new(1, 1, 2)), PatientPoint::new(10.25, 20.5, 4.0));
    assert_eq!(image.window, Some(Window { centre: 40.0, width: 400.0 }));
}

#[test]
fn slices_with_a_reversed_column_direction_are_sorted_along_their_own_normal() {
    // Row x column points down, so the lowest along the normal is the highest in the patient.
    let flipped = |z| Slice::ct(z).with(|s| s.axes = [1.0, 0.0, 0.0, 0.0, -1.0, 0.0]);
    let image = read(&[flipped(0.0), flipped(2.0)]).unwrap();
    assert_eq!(image.volume.grid().centre(VoxelIndex::new(0, 0, 0)).z, 2.0);
    assert_eq!(image.volume.grid().centre(VoxelIndex::new(0, 1, 1)), PatientPoint::new(10.0, 19.5, 0.0));
}

#[test]
fn a_missing_slice_is_named_by_its_neighbours() {
    assert_eq!(
        stack_error(&ct_at(&[0.0, 2.0, 4.0, 8.0, 10.0])),
        StackError::MissingSlices {
            before: "z4".into(),
            after: "z8".into(),
            missing: 1,
            found_mm: 4.0,
            expected_mm: 2.0
        }
    );
}

#[test]
fn an_uneven_distance_is_refused_with_its_number() {
    let error = stack_error(&ct_at(&[0.0, 2.0, 4.0, 6.5, 8.5]));
    let wanted = StackError::Uneven { slice: "z6.5".into(), before: "z4".into(), found_mm: 2.5, expected_mm: 2.0 };
    assert_eq!(error, wanted);
    assert!(error.to_string().contains("z6.5 lies 2.500 mm after z4"), "{error}");
}

#[test]
fn a_distance_within_the_rounding_of_printed_positions_is_accepted() {
    assert!(read(&ct_at(&[0.0, 2.0, 4.01, 6.0])).is_ok());
}

#[test]
fn a_tilted_stack_is_refused_with_its_angle() {
    // Each slice is shifted by tan(10 degrees) of its height, as a tilted gantry does.
    let tilted = |z: f64| Slice::ct(z).with(|s| s.position[1] += z * 10_f64.to_radians().tan());
    match stack_error(&[tilted(0.0), tilted(2.0), tilted(4.0)]) {
        StackError::Tilted { slice, tilt_deg, .. } => {
            assert_eq!(slice, "z2");
            assert!((tilt_deg - 10.0).abs() < 1e-9, "{tilt_deg}");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn two_slices_at_one_place_are_both_named() {
    let copy = Slice::ct(2.0).with(|s| s.name = "copy".into());
    let mut slices = ct_at(&[0.0, 2.0, 4.0]);
    slices.push(copy);
    let wanted = StackError::SamePlace { first: "z2".into(), second: "copy".into(), along_mm: 2.0 };
    assert_eq!(stack_error(&slices), wanted);
}

#[test]
fn slices_of_two_orientations_are_refused() {
    let turned = Slice::ct(2.0).with(|s| s.axes = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    match stack_error(&[Slice::ct(0.0), turned]) {
        StackError::Turned { angle_deg, .. } => assert!((angle_deg - 90.0).abs() < 1e-9),
        other => panic!("{other}"),
    }
}

#[test]
fn slices_of_two_pixel_spacings_are_refused() {
    let coarse = Slice::ct(2.0).with(|s| s.spacing = [0.5, 0.5]);
    assert!(matches!(stack_error(&[Slice::ct(0.0), coarse]), StackError::PixelSpacing { found_mm: 0.5, .. }));
}

#[test]
fn slices_of_two_patients_are_refused_without_naming_them() {
    let other = Slice::ct(2.0).with(|s| s.patient = "P2");
    let error = read(&[Slice::ct(0.0), other]).unwrap_err();
    assert_eq!(error, SeriesError::TwoPatients { first: "z0".into(), second: "z2".into() });
    assert!(!error.to_string().contains("P2"));
}

#[test]
fn ct_without_a_rescale_is_not_taken_for_hounsfield_units() {
    let error = read(&[Slice::ct(0.0).with(|s| s.rescale = None)]).unwrap_err();
    assert_eq!(error, SeriesError::NoHounsfieldUnits { slice: "z0".into() });
}

#[test]
fn mr_without_a_rescale_keeps_its_stored_values() {
    let image = read(&[Slice::mr(0.0), Slice::mr(2.0)]).unwrap();
    assert_eq!(image.volume.values(), [1000.0; 8]);
}

#[test]
fn other_kinds_of_objects_are_refused_by_name() {
    for modality in ["RTPLAN", "DX", "US"] {
        match read(&[Slice::ct(0.0).with(|s| s.modality = modality)]) {
            Err(SeriesError::NoImages { skipped, files: 1 }) => {
                assert_eq!(skipped[0].why, NotASlice::WrongModality { found: modality.into() });
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_colour_image_is_refused_with_the_reason() {
    let colour = Slice::ct(0.0).with(|s| (s.samples, s.photometric) = (3, "RGB"));
    let Err(SeriesError::NoImages { skipped, .. }) = read(&[colour]) else { panic!("it was read") };
    assert!(matches!(&skipped[0].why, NotASlice::Pixels(PixelError::Colour { samples: 3, .. })));
}

#[test]
fn a_localizer_in_the_folder_is_left_out_with_a_remark() {
    let scout = Slice::ct(1.0).with(|s| (s.name, s.image_type) = ("scout".into(), "ORIGINAL\\PRIMARY\\LOCALIZER"));
    let mut slices = ct_at(&[0.0, 2.0, 4.0]);
    slices.push(scout);
    let image = read(&slices).unwrap();
    assert_eq!(image.volume.grid().size(Axis::Slice), 3);
    assert!(image.remarks.iter().any(|remark| remark.starts_with("scout was left out")), "{:?}", image.remarks);
}

#[test]
fn a_damaged_file_beside_a_series_is_not_passed_over() {
    let mut files: Vec<_> = ct_at(&[0.0, 2.0, 4.0]).iter().map(Slice::file).collect();
    let half = files[2].1.len() - 4;
    files[2].1.truncate(half);
    let error = read_series(&borrowed(&files), &SeriesChoice::Only, &no_decoder).unwrap_err();
    assert!(matches!(&error, SeriesError::BadFile { file, .. } if file == "z4"), "{error:?}");
}

#[test]
fn several_series_are_listed_and_one_is_chosen() {
    let mut slices = ct_at(&[0.0, 2.0]);
    slices.extend([0.0, 3.0, 6.0].map(|z| Slice::mr(z).with(|s| s.series = "1.2.4")));
    let Err(SeriesError::Several { found }) = read(&slices) else { panic!("one was taken") };
    assert_eq!(found.iter().map(|s| (s.id.as_str(), s.slices)).collect::<Vec<_>>(), [("1.2.3", 2), ("1.2.4", 3)]);
    let image = read_chosen(&slices, SeriesChoice::Uid("1.2.4".into())).unwrap();
    assert_eq!(image.volume.grid().size(Axis::Slice), 3);
    let error = read_chosen(&slices, SeriesChoice::Uid("9".into())).unwrap_err();
    assert!(matches!(error, SeriesError::NoSuchSeries { .. }));
}

#[test]
fn two_echoes_of_one_series_are_two_images() {
    let echo = |z: f64, ms: f64| Slice::mr(z).with(|s| (s.echo_ms, s.values) = (Some(ms), [ms as u16; 4]));
    let slices = [echo(0.0, 10.0), echo(0.0, 80.0), echo(2.0, 10.0), echo(2.0, 80.0)];
    let files: Vec<_> = slices.iter().map(Slice::file).collect();
    let list = list_series(&borrowed(&files));
    let parts: Vec<_> = list.series.iter().map(|s| (s.id.as_str(), s.part.as_str(), s.slices)).collect();
    assert_eq!(parts, [("1.2.3#1", "echo time (ms) 10", 2), ("1.2.3#2", "echo time (ms) 80", 2)]);
    let image = read_chosen(&slices, SeriesChoice::Uid("1.2.3#2".into())).unwrap();
    assert_eq!(image.volume.values(), [80.0; 8]);
}

#[test]
fn bits_beside_the_stored_ones_are_masked_and_the_sign_is_restored() {
    // 12 bits stored below bit 11: 0xF is noise above them; 0xFFF is -1, 0x800 is -2048.
    let slice =
        Slice::mr(0.0).with(|s| (s.bits, s.signed, s.values) = ([16, 12, 11], true, [0xFFFF, 0xF800, 0xF7FF, 5]));
    assert_eq!(read(std::slice::from_ref(&slice)).unwrap().volume.values(), [-1.0, -2048.0, 2047.0, 5.0]);
    let unsigned = slice.with(|s| s.signed = false);
    assert_eq!(read(&[unsigned]).unwrap().volume.values(), [4095.0, 2048.0, 2047.0, 5.0]);
    // 12 bits stored below bit 15: the low four bits are no part of the value.
    let high = Slice::mr(0.0).with(|s| (s.bits, s.values) = ([16, 12, 15], [0x1238, 0, 0xFFFF, 0x0010]));
    assert_eq!(read(&[high]).unwrap().volume.values(), [0x123 as f32, 0.0, 4095.0, 1.0]);
}

#[test]
fn an_inverted_image_keeps_its_values_and_says_so() {
    let image = read(&[Slice::ct(0.0).with(|s| s.photometric = "MONOCHROME1")]).unwrap();
    assert!(image.remarks.iter().any(|remark| remark.contains("MONOCHROME1")));
    assert_eq!(image.volume.values(), [-24.0; 4]);
}

#[test]
fn a_single_slice_without_a_thickness_is_refused() {
    let error = stack_error(&[Slice::ct(0.0).with(|s| s.thickness = None)]);
    assert_eq!(error, StackError::NoThickness { slice: "z0".into() });
}

#[test]
fn identifying_attributes_are_named_and_their_values_kept_nowhere() {
    let (name, bytes) = Slice::ct(0.0).file();
    let names = identifying_attributes(DicomFile { name: &name, bytes: &bytes }).unwrap();
    assert_eq!(names, ["PatientName", "PatientID"]);
    let image = read(&[Slice::ct(0.0)]).unwrap();
    assert_eq!(image.identifying, ["PatientID", "PatientName"]);
    let everything = format!("{image:?}");
    assert!(!everything.contains("Someone") && !everything.contains("P1"));
}

/// An enhanced MR object: two positions at each of two echo times, frames in mixed order.
fn enhanced_mr() -> Vec<u8> {
    let frame = |z: f64, echo_ms: f64| {
        let position = sequence(0x0020, 0x9113, &[text(0x0020, 0x0032, b"DS", &format!("1\\2\\{z}"))]);
        let echo = [0x18, 0, 0x82, 0x90, b'F', b'D', 8, 0].into_iter().chain(echo_ms.to_le_bytes()).collect();
        [sequence(0x0018, 0x9114, &[echo]), position].concat()
    };
    let measures = [text(0x0018, 0x0050, b"DS", "3"), text(0x0028, 0x0030, b"DS", "0.5\\0.5")].concat();
    let shared = [
        sequence(0x0020, 0x9116, &[text(0x0020, 0x0037, b"DS", "1\\0\\0\\0\\1\\0")]),
        sequence(0x0028, 0x9110, &[measures]),
    ]
    .concat();
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    bytes.extend(text(0x0002, 0x0010, b"UI", "1.2.840.10008.1.2.1"));
    bytes.extend(text(0x0008, 0x0060, b"CS", "MR"));
    bytes.extend(text(0x0020, 0x000E, b"UI", "7.8"));
    bytes.extend(text(0x0028, 0x0008, b"IS", "4"));
    for (element, value) in [(0x0010, 1), (0x0011, 2), (0x0100, 8), (0x0101, 8), (0x0102, 7), (0x0103, 0)] {
        bytes.extend(short(0x0028, element, value));
    }
    bytes.extend(sequence(0x5200, 0x9229, &[shared]));
    bytes.extend(sequence(0x5200, 0x9230, &[frame(3.0, 10.0), frame(0.0, 20.0), frame(0.0, 10.0), frame(3.0, 20.0)]));
    bytes.extend(dicom_support::slice::long(0x7FE0, 0x0010, b"OB", &[31, 31, 2, 2, 1, 1, 32, 32]));
    bytes
}

#[test]
fn an_enhanced_object_with_two_echoes_holds_two_images_with_frames_in_their_places() {
    let bytes = enhanced_mr();
    let files = [DicomFile { name: "enhanced", bytes: &bytes }];
    let list = list_series(&files);
    assert_eq!(list.series.iter().map(|s| s.slices).collect::<Vec<_>>(), [2, 2], "{list:?}");
    let read = |id: &str| read_series(&files, &SeriesChoice::Uid(id.into()), &no_decoder).unwrap();
    assert_eq!(read("7.8#1").volume.values(), [1.0, 1.0, 31.0, 31.0]);
    let second = read("7.8#2").volume;
    assert_eq!(second.values(), [2.0, 2.0, 32.0, 32.0]);
    assert_eq!(second.grid().centre(VoxelIndex::new(1, 0, 1)), PatientPoint::new(1.5, 2.0, 3.0));
}
