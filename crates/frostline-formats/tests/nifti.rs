//! NIfTI: facts that other libraries found in the same files, what is written is read again, and damage is an error.

mod volumes_support;

use frostline_formats::dicom::{DicomFile, SeriesChoice, decode_frame, read_series};
use frostline_formats::nifti::{
    NiftiError, NiftiPacking, read_nifti, read_nifti_labels, write_nifti, write_nifti_labels,
};
use frostline_formats::{CellError, FrameChoice, FrameError, ImageVolume, LabelVolume, Modality, Window};
use frostline_space::{Axis, Grid, PatientPoint, PatientVector, Volume, VoxelIndex, VoxelToPatient};
use proptest::prelude::*;
use volumes_support::{Facts, at, bytes, json};

fn read(name: &str) -> ImageVolume {
    read_nifti(&bytes(name), FrameChoice::Only).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_element_type_order_unit_and_form_reads_as_nibabel_and_simpleitk_say() {
    let expected = json("made/expected.json");
    let ours = |name: &str| name.ends_with(".nii") || name.ends_with(".nii.gz");
    let mut checked = 0;
    for (name, facts) in expected.as_object().unwrap().iter().filter(|(name, _)| ours(name)) {
        let image = read(&format!("made/{name}"));
        // Single-precision forms of numbers near 30 are off by up to 2e-6; metres make that 2e-3, in mm.
        let place_mm = if name.starts_with("metres") { 4e-3 } else { 1e-5 };
        Facts::of(&image.volume).assert_close(&Facts::from_json(facts), place_mm, name);
        checked += 1;
    }
    assert_eq!(checked, 29);
}

#[test]
fn the_nifti_ct_and_mr_of_a_leg_have_the_facts_of_their_dicom_originals() {
    // Dimensions, first position, spacing and values at places: recorded from the DICOM series.
    let ct = read("sts_010_nifti/CT_image.nii.gz");
    let facts = Facts::of(&ct.volume);
    assert_eq!((facts.size, facts.min, facts.max), ([185, 164, 59], -1000.0, 1537.0));
    // The NIfTI keeps single precision: 3e-5 mm near 600 mm.
    let first = ct.volume.grid().voxel_to_patient().offset();
    assert!(first.distance(PatientPoint::new(-39.0626, -7.8126, 385.61)) < 1e-4, "{first:?}");
    assert!((ct.volume.grid().spacing_mm(Axis::Slice) - 3.27).abs() < 1e-5);
    for (x, y, z, hu) in [
        (73.242, 72.265, 477.17, 24.0),
        (18.555, 34.18, 522.95, -127.0),
        (27.344, 107.422, 509.87, -158.0),
        (42.969, 101.562, 460.82, 30.0),
        (28.32, 97.656, 457.55, 41.0),
        (54.687, 83.008, 470.63, 16.0),
    ] {
        // The recorded places are cell centres to three decimals.
        assert_eq!(at(&ct.volume, PatientPoint::new(x, y, z), 2e-3), hu);
    }
    let mr = read("sts_010_nifti/MR_T1_image.nii.gz");
    assert_eq!(Facts::of(&mr.volume).size, [137, 136, 59]);
    for (x, y, z, value) in
        [(73.242, 62.5, 477.17, 318.0), (32.226, 31.25, 522.949, 804.0), (59.57, 71.289, 470.63, 389.0)]
    {
        assert_eq!(at(&mr.volume, PatientPoint::new(x, y, z), 2e-3), value);
    }
}

/// The same scan from the DICOM files of the worked example.
fn leg_from_dicom(modality: &str) -> ImageVolume {
    let folder = format!("{}/../../examples/sts_010/dicom/{modality}/image", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());

    let slices: Vec<(String, Vec<u8>)> =
        entries.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect();
    let files: Vec<DicomFile> = slices.iter().map(|(name, bytes)| DicomFile { name, bytes }).collect();
    read_series(&files, &SeriesChoice::Only, &decode_frame).unwrap()
}

#[test]
fn the_nifti_of_a_leg_equals_its_dicom_in_every_voxel() {
    for (modality, name) in [("CT", "CT_image"), ("MR_T1", "MR_T1_image")] {
        let (dicom, nifti) = (leg_from_dicom(modality), read(&format!("sts_010_nifti/{name}.nii.gz")));
        assert!(dicom.volume.values() == nifti.volume.values(), "{modality}");
        // The NIfTI's map is in single precision, 3e-5 mm near 600 mm, and its spacing 2e-8 mm times 184 columns less.
        Facts::of(&nifti.volume).assert_close(&Facts::of(&dicom.volume), 1e-4, modality);
    }
}

#[test]
fn the_masks_of_a_leg_hold_183_cubic_centimetres() {
    for name in ["CT", "MR_T1"] {
        let labels =
            read_nifti_labels(&bytes(&format!("sts_010_nifti/{name}_mask.nii.gz")), FrameChoice::Only).unwrap();
        let marked = labels.volume.values().iter().filter(|label| **label == 1).count();
        let cm3 = marked as f64 * labels.volume.grid().cell_volume_mm3() / 1000.0;
        // The recorded number has two decimals.
        assert!((cm3 - 182.77).abs() < 0.005, "{name}: {cm3}");
    }
}

#[test]
fn the_labelled_leg_counts_as_its_table_says_and_lies_to_the_right() {
    let labels = read_nifti_labels(&bytes("vhf_right_leg/vhf_right_leg_labels_1mm.nii.gz"), FrameChoice::Only).unwrap();
    assert_eq!(Facts::of(&labels.volume).size, [132, 213, 480]);
    let mut counts = [0_usize; 256];
    labels.volume.values().iter().for_each(|label| counts[usize::from(*label)] += 1);
    let table = String::from_utf8(bytes("vhf_right_leg/labels.csv")).unwrap();
    let mut listed = 0;
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let (label, voxels): (usize, usize) = (cells[0].parse().unwrap(), cells[3].parse().unwrap());
        assert_eq!(counts[label], voxels, "{row}");
        listed += voxels;
    }
    assert_eq!(listed + counts[0], 132 * 213 * 480);
    // RAS origin (540.5, 335.5, 4.5) is LPS (-540.5, -335.5, 4.5), and columns grow to the right of the patient.
    assert_eq!(labels.volume.grid().voxel_to_patient().offset(), PatientPoint::new(-540.5, -335.5, 4.5));
    assert_eq!(frostline_space::anatomical_letter(labels.volume.grid().direction(Axis::Column)), 'R');
}

#[test]
fn forms_that_put_the_image_apart_are_remarked_on_and_the_sform_is_taken() {
    let mut file = bytes("made/nifti1_i2_little.nii");
    assert!(!read_nifti(&file, FrameChoice::Only).unwrap().remarks.iter().any(|remark| remark.contains("qform")));
    // The qform's x offset, at byte 268, is moved from -12.5 to -22.5.
    file[268..272].copy_from_slice(&(-22.5_f32).to_le_bytes());
    let image = read_nifti(&file, FrameChoice::Only).unwrap();
    assert!(
        image.remarks.iter().any(|remark| remark.contains("10.00 mm apart; the sform was taken")),
        "{:?}",
        image.remarks
    );
    assert!((image.volume.grid().voxel_to_patient().offset().x - 12.5).abs() < 1e-5);
}

#[test]
fn a_file_that_does_not_say_where_it_lies_is_read_with_a_remark() {
    let mut file = bytes("made/nifti1_i2_little.nii");
    file[252..256].fill(0);
    let image = read_nifti(&file, FrameChoice::Only).unwrap();
    assert!(image.remarks.iter().any(|remark| remark.contains("does not say where it lies")), "{:?}", image.remarks);
    assert_eq!(image.volume.grid().voxel_to_patient().offset(), PatientPoint::origin());
}

#[test]
fn slope_and_intercept_are_applied() {
    let mut file = bytes("made/nifti1_u1_little.nii");
    file[112..116].copy_from_slice(&2.0_f32.to_le_bytes());
    file[116..120].copy_from_slice(&(-1000.0_f32).to_le_bytes());
    let image = read_nifti(&file, FrameChoice::Only).unwrap();
    // Stored 0 to 23 become -1000 to -954.
    assert_eq!((image.volume.values()[0], image.volume.values()[23]), (-1000.0, -954.0));
}

#[test]
fn one_of_several_volumes_must_be_chosen() {
    let file = bytes("nifti_nrrd_conformance/nibabel/functional.nii");
    let refused = read_nifti(&file, FrameChoice::Only).unwrap_err();
    assert_eq!(refused, NiftiError::Frame(FrameError::Several { frames: 20 }));
    let refused = read_nifti(&file, FrameChoice::Frame(20)).unwrap_err();
    assert_eq!(refused, NiftiError::Frame(FrameError::NoSuch { asked: 20, frames: 20 }));
    let last = read_nifti(&file, FrameChoice::Frame(19)).unwrap();
    // nibabel sums the last volume to 3888072.273083091; single precision of 1071 values near 3600 keeps 0.3.
    assert!((Facts::of(&last.volume).sum - 3_888_072.273).abs() < 0.3);
}

#[test]
fn an_image_is_no_segmentation() {
    let refused = read_nifti_labels(&bytes("made/nifti1_i2_little.nii"), FrameChoice::Only).unwrap_err();
    assert_eq!(refused, NiftiError::Cells(CellError::NotALabel { position: 0, value: -10.0 }));
}

/// An oblique, mirrored grid and a ramp of values.
fn oblique_image() -> ImageVolume {
    let (sin, cos) = 0.3_f64.sin_cos();
    let map = VoxelToPatient::new(
        PatientVector::new(0.5 * cos, 0.5 * sin, 0.0),
        PatientVector::new(0.75 * sin, -0.75 * cos, 0.0),
        PatientVector::new(0.0, 0.0, 3.0),
        PatientPoint::new(-10.0, 20.0, 300.0),
    );
    let grid = Grid::new(VoxelIndex::new(5, 4, 3), map).unwrap();
    ImageVolume {
        volume: Volume::new(grid, (0..60).map(|n| n as f32 * 0.5 - 7.0).collect()).unwrap(),
        modality: Modality::NotStated,
        window: Some(Window { centre: 40.0, width: 400.0 }),
        identifying: Vec::new(),
        remarks: Vec::new(),
    }
}

#[test]
fn an_image_that_is_written_reads_the_same_without_a_remark() {
    let image = oblique_image();
    for packing in [NiftiPacking::Plain, NiftiPacking::Gzip] {
        let mut file = write_nifti(&image, packing).unwrap();
        let back = read_nifti(&file, FrameChoice::Only).unwrap();
        assert_eq!(
            (back.volume.values(), &back.remarks, back.window),
            (image.volume.values(), &image.remarks, image.window)
        );
        // Single precision near 300 mm: 2e-5.
        Facts::of(&back.volume).assert_close(&Facts::of(&image.volume), 2e-5, "sform");
        if packing == NiftiPacking::Plain {
            // Without the sform the quaternion must say the same.
            file[254..256].fill(0);
            let by_quaternion = read_nifti(&file, FrameChoice::Only).unwrap();
            Facts::of(&by_quaternion.volume).assert_close(&Facts::of(&image.volume), 2e-5, "qform");
        }
    }
}

#[test]
fn labels_that_are_written_read_the_same() {
    let volume = oblique_image().volume.map(|value| if *value > 0.0 { 65535 } else { 3 });
    let labels = LabelVolume { volume, names: Vec::new() };
    let back = read_nifti_labels(&write_nifti_labels(&labels, NiftiPacking::Gzip).unwrap(), FrameChoice::Only).unwrap();
    assert_eq!(back.volume.values(), labels.volume.values());
}

#[test]
fn an_axis_too_long_for_the_format_is_refused() {
    let map = *oblique_image().volume.grid().voxel_to_patient();
    let grid = Grid::new(VoxelIndex::new(40_000, 1, 1), map).unwrap();
    let labels = LabelVolume { volume: Volume::filled(grid, 1), names: Vec::new() };
    assert_eq!(write_nifti_labels(&labels, NiftiPacking::Plain).unwrap_err().cells, 40_000);
}

#[test]
fn a_header_that_claims_a_huge_volume_is_refused_at_once() {
    let mut file = bytes("made/nifti1_i2_little.nii");
    for axis in 1..=3 {
        file[40 + 2 * axis..42 + 2 * axis].copy_from_slice(&800_i16.to_le_bytes());
    }
    let refused = read_nifti(&file, FrameChoice::Only).unwrap_err();
    assert_eq!(refused, NiftiError::Cells(CellError::TooShort { found: 24, expected: 512_000_000 }));
    let packed = gzip(&file);
    let refused = read_nifti(&packed, FrameChoice::Only).unwrap_err();
    assert!(matches!(refused, NiftiError::Cells(CellError::Unbelievable { declared: 1_024_000_352, .. })), "{refused}");
}

#[test]
fn a_changed_byte_in_a_compressed_file_is_noticed() {
    let mut file = bytes("sts_010_nifti/CT_mask.nii.gz");
    let middle = file.len() / 2;
    file[middle] ^= 0x10;
    assert!(matches!(
        read_nifti_labels(&file, FrameChoice::Only).unwrap_err(),
        NiftiError::Cells(CellError::Damaged { .. } | CellError::TooShort { .. } | CellError::NotALabel { .. })
    ));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

fn any_reader(file: &[u8]) {
    let _ = read_nifti(file, FrameChoice::Only);
    let _ = read_nifti(file, FrameChoice::Frame(1));
    let _ = read_nifti_labels(file, FrameChoice::Frame(0));
}

proptest! {
    // No regression files: a found case becomes a named test.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(file in proptest::collection::vec(any::<u8>(), 0..800), packed in any::<bool>()) {
        any_reader(&if packed { gzip(&file) } else { file });
    }

    #[test]
    fn random_bytes_after_a_good_start_never_panic(tail in proptest::collection::vec(any::<u8>(), 544), two in any::<bool>()) {
        let mut file = tail;
        if two {
            file[..8].copy_from_slice(b"\x1c\x02\0\0n+2\0");
        } else {
            file[..4].copy_from_slice(&348_i32.to_le_bytes());
            file[344..348].copy_from_slice(b"n+1\0");
        }
        any_reader(&file);
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error(cut in 0_usize..400, packed in any::<bool>()) {
        let whole = bytes("made/nifti1_i2_little.nii");
        let whole = if packed { gzip(&whole) } else { whole };
        let cut = cut.min(whole.len() - 1);
        prop_assert!(read_nifti(&whole[..cut], FrameChoice::Only).is_err());
    }

    #[test]
    fn changed_bytes_never_panic(changes in proptest::collection::vec((0_usize..400, any::<u8>()), 1..6)) {
        let mut file = bytes("made/nifti1_i2_little.nii");
        for (place, value) in changes {
            file[place] = value;
        }
        any_reader(&file);
        any_reader(&gzip(&file));
    }
}
