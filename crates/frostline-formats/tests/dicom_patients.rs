//! The real patients: every fact that was measured with other software must hold here.

mod dicom_support;

use dicom_support::{borrowed, files_below, folder, no_decoder};
use frostline_formats::dicom::{DicomFile, SeriesChoice, contours_to_mask, read_contours, read_series};
use frostline_formats::{ImageVolume, Modality};
use frostline_space::{Axis, PatientPoint, VoxelIndex};
use serde_json::Value;

fn expected(patient: &str) -> Value {
    let all: Value = serde_json::from_slice(&std::fs::read(folder("tests/data/EXPECTED.json")).unwrap()).unwrap();
    all[patient].clone()
}

fn dicom_folder(patient: &str) -> std::path::PathBuf {
    match patient {
        "sts_025" => folder("tests/data/sts_025/dicom"),
        _ => folder("../../examples").join(patient).join("dicom"),
    }
}

fn image(patient: &str, series: &str) -> ImageVolume {
    let files = files_below(&dicom_folder(patient).join(series).join("image"));
    read_series(&borrowed(&files), &SeriesChoice::Only, &no_decoder).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn point(value: &Value) -> PatientPoint {
    let v = numbers(value);
    PatientPoint::new(v[0], v[1], v[2])
}

fn check_geometry(image: &ImageVolume, facts: &Value) {
    let grid = image.volume.grid();
    let sizes = Axis::ALL.map(|axis| grid.size(axis) as u64);
    assert_eq!(sizes, ["columns", "rows", "slices"].map(|key| facts[key].as_u64().unwrap()));
    let spacing = numbers(&facts["pixel_spacing_mm"]);
    let distance_mm = facts["slice_distance_mm"].as_f64().unwrap();
    // The facts are printed with six digits and the slice distance with three.
    assert!((grid.spacing_mm(Axis::Row) - spacing[0]).abs() < 1e-6);
    assert!((grid.spacing_mm(Axis::Column) - spacing[1]).abs() < 1e-6);
    assert!((grid.spacing_mm(Axis::Slice) - distance_mm).abs() < 1e-3);
    let last = VoxelIndex::new(0, 0, grid.size(Axis::Slice) - 1);
    // Positions are printed with four digits.
    assert!(grid.centre(VoxelIndex::new(0, 0, 0)).distance(point(&facts["first_position_lps"])) < 1e-4);
    assert!(grid.centre(last).distance(point(&facts["last_position_lps"])) < 1e-4);
    for (axis, key) in [(Axis::Column, "row_dir"), (Axis::Row, "col_dir")] {
        let (found, wanted) = (grid.direction(axis).as_vector(), point(&facts[key]) - PatientPoint::origin());
        assert!((found - wanted).length() < 1e-6, "{key}");
    }
}

fn check_values(image: &ImageVolume, facts: &Value) {
    let values = image.volume.values();
    let least = values.iter().copied().fold(f32::INFINITY, f32::min);
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    assert_eq!(f64::from(least), facts["min"].as_f64().unwrap());
    assert_eq!(f64::from(most), facts["max"].as_f64().unwrap());
    let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
    // The mean is printed with four decimals.
    assert!((mean - facts["mean"].as_f64().unwrap()).abs() < 1e-4, "{mean}");
    for sample in facts["samples"].as_array().unwrap() {
        let at = point(&sample["lps_mm"]);
        assert_eq!(image.volume.nearest(at).copied().map(f64::from), sample["value"].as_f64(), "{at:?}");
    }
}

fn check_image(patient: &str, series: &str) {
    let facts = &expected(patient)[series];
    let image = image(patient, series);
    let modality = if facts["modality"] == "CT" { Modality::Ct } else { Modality::Mr };
    assert_eq!(image.modality, modality);
    check_geometry(&image, facts);
    check_values(&image, facts);
}

#[test]
fn the_ct_of_patient_010_has_the_known_places_and_hounsfield_units() {
    check_image("sts_010", "CT");
}

#[test]
fn the_mr_of_patient_010_reads_without_a_rescale_slope() {
    check_image("sts_010", "MR_T1");
}

#[test]
fn the_ct_and_mr_of_patient_025_have_the_known_places_and_values() {
    check_image("sts_025", "CT");
    check_image("sts_025", "MR_T1");
}

#[test]
fn the_ct_and_mr_of_patient_042_have_the_known_places_and_values() {
    check_image("sts_042", "CT");
    check_image("sts_042", "MR_T1");
}

fn check_contours(patient: &str, series: &str) {
    let facts = &expected(patient)[format!("{series}_rtstruct")];
    let bytes = std::fs::read(dicom_folder(patient).join(series).join("mask/RS.dcm")).unwrap();
    let sets = read_contours(DicomFile { name: "RS.dcm", bytes: &bytes }).unwrap();
    let names: Vec<&str> = sets.iter().map(|set| set.name.as_str()).collect();
    assert_eq!(names, [facts["roi"][0].as_str().unwrap()]);
    assert_eq!(sets[0].loops.len() as u64, facts["contours"].as_u64().unwrap());
    let cm3 = sets[0].polygon_volume_cm3(3.27);
    // The volume is printed with two decimals.
    let wanted_cm3 = facts["polygon_area_times_3p27_cm3"].as_f64().unwrap();
    assert!((cm3 - wanted_cm3).abs() <= 0.005, "{cm3}");

    let image = image(patient, series);
    let mask = contours_to_mask(&sets[0], image.volume.grid()).unwrap();
    let cells = mask.values().iter().filter(|cell| **cell).count();
    let mask_cm3 = cells as f64 * mask.grid().cell_volume_mm3() / 1000.0;
    // Counting centres errs by less than one rim cell in ten; the rims of these masses hold at most a tenth of the cells.
    assert!((mask_cm3 / cm3 - 1.0).abs() < 0.01, "{mask_cm3} {cm3}");
}

#[test]
fn the_contours_of_all_patients_enclose_the_known_volumes() {
    for patient in ["sts_010", "sts_025", "sts_042"] {
        check_contours(patient, "CT");
        check_contours(patient, "MR_T1");
    }
}
