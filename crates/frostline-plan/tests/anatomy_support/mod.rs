//! Drawn limbs and real files for the anatomy tests.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};

use frostline_formats::dicom::{DicomFile, SeriesChoice, read_series};
use frostline_formats::{ImageVolume, Modality};
use frostline_plan::anatomy::{Marked, Side, TargetNerve};
use frostline_plan::segment::{HounsfieldBands, Outlines, SegmentSettings};
use frostline_space::{Course, CoursePoint, Grid, PatientPoint, PatientVector, Volume, VoxelIndex, VoxelToPatient};

/// Hounsfield units of the drawn limbs.
pub const AIR: f64 = -1000.0;
pub const FAT: f64 = -100.0;
pub const FLESH: f64 = 50.0;
pub const CORTEX: f64 = 1200.0;

/// The settings of the drawn limbs.
pub fn settings() -> SegmentSettings {
    SegmentSettings {
        bands: HounsfieldBands {
            air_below: -300.0,
            fat_below: -30.0,
            bone_above: 150.0,
            cortical_above: 400.0,
            metal_above: 3000.0,
        },
        skin_thickness_mm: 1.5,
        under_skin_mm: 2.0,
        neck_mm: 4.0,
        cortex_gap_mm: 2.5,
        bone_rim_mm: 1.5,
        smallest_island_mm3: 15.0,
        smallest_bone_mm3: 100.0,
        seed: None,
    }
}

/// A CT of cells of 1 x 1 x 3 mm around the z axis, from the Hounsfield units at a place.
pub fn drawn(columns: usize, rows: usize, slices: usize, hu: impl Fn(PatientPoint) -> f64) -> ImageVolume {
    let map = VoxelToPatient::new(
        PatientVector::new(1.0, 0.0, 0.0),
        PatientVector::new(0.0, 1.0, 0.0),
        PatientVector::new(0.0, 0.0, 3.0),
        PatientPoint::new(-0.5 * (columns as f64 - 1.0), -0.5 * (rows as f64 - 1.0), 0.0),
    );
    let grid = Grid::new(VoxelIndex::new(columns, rows, slices), map).unwrap();
    let values = grid.cells().map(|cell| hu(grid.centre(cell)) as f32).collect();
    let volume = Volume::new(grid, values).unwrap();
    ImageVolume { volume, modality: Modality::Ct, window: None, identifying: vec![], remarks: vec![] }
}

/// Distance from the axis through (x, y).
pub fn off_axis_mm(place: PatientPoint, x: f64, y: f64) -> f64 {
    (place.x - x).hypot(place.y - y)
}

/// A leg around the axis through (x, y): muscle to 24 mm, fat to 30 mm, a bone of 8 mm with marrow to 5 mm.
pub fn leg(place: PatientPoint, x: f64, y: f64) -> f64 {
    match off_axis_mm(place, x, y) {
        r if r < 5.0 => FAT,
        r if r < 8.0 => CORTEX,
        r if r < 24.0 => FLESH,
        r if r < 30.0 => FAT,
        _ => AIR,
    }
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The CT in a folder of DICOM slices.
pub fn ct(path: &str) -> ImageVolume {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(repository(path))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    let files: Vec<_> = files.iter().map(|(name, bytes)| DicomFile { name, bytes }).collect();
    read_series(&files, &SeriesChoice::Only, &|_: &_| panic!("these slices are not compressed")).unwrap()
}

/// A nerve of 1 mm radius through points, and nothing else.
pub fn nerve_through(points: &[PatientPoint]) -> Outlines {
    let points: Vec<_> = points.iter().map(|&centre| CoursePoint { centre, radius_mm: 1.0 }).collect();
    let course = Course::through(&points).unwrap();
    let nerve = TargetNerve { id: "saphenous".into(), course, distance_to_target_mm: Marked::NotMarked };
    Outlines { side: Side::Left, nerve, structures: vec![] }
}
