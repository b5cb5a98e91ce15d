//! What the volume tests share: the test data, and one door through which a volume is compared with recorded facts.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::path::PathBuf;

use frostline_space::{PatientPoint, Volume, VoxelIndex};
use serde_json::Value;

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

pub fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub fn json(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap()
}

/// What is compared: cells along the axes, the index-to-LPS map row by row, smallest, largest and summed value.
#[derive(Clone, Debug)]
pub struct Facts {
    pub size: [usize; 3],
    pub lps: [[f64; 4]; 3],
    pub min: f64,
    pub max: f64,
    pub sum: f64,
}

impl Facts {
    pub fn of<T: Copy + Into<f64>>(volume: &Volume<T>) -> Self {
        let grid = volume.grid();
        let [a, b, c] = grid.voxel_to_patient().steps();
        let o = grid.voxel_to_patient().offset();
        let finite = || volume.values().iter().map(|value| (*value).into()).filter(|value: &f64| value.is_finite());
        Self {
            size: frostline_space::Axis::ALL.map(|axis| grid.size(axis)),
            lps: [[a.x, b.x, c.x, o.x], [a.y, b.y, c.y, o.y], [a.z, b.z, c.z, o.z]],
            min: finite().fold(f64::INFINITY, f64::min),
            max: finite().fold(f64::NEG_INFINITY, f64::max),
            sum: finite().sum(),
        }
    }

    pub fn from_json(value: &Value) -> Self {
        let number = |value: &Value| value.as_f64().unwrap();
        let mut lps = [[0.0; 4]; 3];
        for (row, found) in lps.iter_mut().zip(value["lps"].as_array().unwrap()) {
            for (slot, found) in row.iter_mut().zip(found.as_array().unwrap()) {
                *slot = number(found);
            }
        }
        let size = [0, 1, 2].map(|n| value["size"][n].as_u64().unwrap() as usize);
        Self { size, lps, min: number(&value["min"]), max: number(&value["max"]), sum: number(&value["sum"]) }
    }

    /// Sizes must be equal; places within `place_mm`; values within the rounding of single precision.
    pub fn assert_close(&self, expected: &Facts, place_mm: f64, name: &str) {
        assert_eq!(self.size, expected.size, "{name}");
        for (found, wanted) in self.lps.iter().flatten().zip(expected.lps.iter().flatten()) {
            assert!((found - wanted).abs() <= place_mm, "{name}: {:?} is not {:?}", self.lps, expected.lps);
        }
        // A value is rounded to 24 bits (6e-8 of itself), a sum of them to no more than that of the sum of sizes.
        let cells = self.size.iter().product::<usize>() as f64;
        let largest = expected.max.abs().max(expected.min.abs());
        for (found, wanted, room) in [
            (self.min, expected.min, 1e-7 * largest),
            (self.max, expected.max, 1e-7 * largest),
            (self.sum, expected.sum, 1e-7 * largest * cells),
        ] {
            assert!((found - wanted).abs() <= room, "{name}: {found} is not {wanted}");
        }
    }
}

/// Value of the cell nearest to a place, which must lie within `mm` of it.
pub fn at(volume: &Volume<f32>, place: PatientPoint, mm: f64) -> f32 {
    let cell: VoxelIndex = volume.grid().cell_at(place).unwrap();
    let apart_mm = volume.grid().centre(cell).distance(place);
    assert!(apart_mm <= mm, "the nearest cell lies {apart_mm} mm away");
    *volume.at(cell)
}
