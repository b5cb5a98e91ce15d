//! Writing NIfTI-1: one file, little endian, sform and qform where the axes are perpendicular.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use frostline_space::{Axis, Grid, PatientVector};

use super::header::NIFTI_1_SIZE;
use crate::image::{ImageVolume, LabelVolume};

/// Header, four bytes that say "no extension", then the voxels.
const DATA_START: usize = NIFTI_1_SIZE + 4;

/// Plain or compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NiftiPacking {
    /// `.nii`
    Plain,
    /// `.nii.gz`
    Gzip,
}

/// Why a volume cannot be written as NIfTI-1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the volume has {cells} cells along one axis; NIfTI-1 can count to 32767. Cut or resample it first")]
pub struct WriteNiftiError {
    /// Cells along the axis.
    pub cells: usize,
}

/// The bytes of a NIfTI-1 file with the intensities as 32-bit floating numbers, in RAS millimetres as the format wants.
/// Names and remarks of the image are not written.
///
/// # Errors
/// [`WriteNiftiError`] for an axis too long for the format.
pub fn write_nifti(image: &ImageVolume, packing: NiftiPacking) -> Result<Vec<u8>, WriteNiftiError> {
    let mut bytes = header(image.volume.grid(), 16, 32)?;
    if let Some(window) = image.window {
        put(&mut bytes, 124, ((window.centre + window.width / 2.0) as f32).to_le_bytes());
        put(&mut bytes, 128, ((window.centre - window.width / 2.0) as f32).to_le_bytes());
    }
    for value in image.volume.values() {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    Ok(pack(bytes, packing))
}

/// The bytes of a NIfTI-1 file with the labels as unsigned 16-bit numbers. The format has no place for their names.
///
/// # Errors
/// [`WriteNiftiError`] for an axis too long for the format.
pub fn write_nifti_labels(labels: &LabelVolume, packing: NiftiPacking) -> Result<Vec<u8>, WriteNiftiError> {
    let mut bytes = header(labels.volume.grid(), 512, 16)?;
    for value in labels.volume.values() {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    Ok(pack(bytes, packing))
}

fn pack(bytes: Vec<u8>, packing: NiftiPacking) -> Vec<u8> {
    match packing {
        NiftiPacking::Plain => bytes,
        NiftiPacking::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            // Writing to memory has no way to fail.
            encoder.write_all(&bytes).and_then(|()| encoder.finish()).expect("a vector takes every byte")
        }
    }
}

fn put<const N: usize>(bytes: &mut [u8], place: usize, value: [u8; N]) {
    bytes[place..place + N].copy_from_slice(&value);
}

fn put_real(bytes: &mut [u8], place: usize, value: f64) {
    put(bytes, place, (value as f32).to_le_bytes());
}

fn header(grid: &Grid, data_type: i16, bits: i16) -> Result<Vec<u8>, WriteNiftiError> {
    let mut bytes = vec![0; DATA_START];
    put(&mut bytes, 0, 348_i32.to_le_bytes());
    let mut sizes = [3, 1, 1, 1, 1, 1, 1, 1_i16];
    for (slot, axis) in sizes[1..].iter_mut().zip(Axis::ALL) {
        let cells = grid.size(axis);
        *slot = i16::try_from(cells).map_err(|_| WriteNiftiError { cells })?;
    }
    for (n, size) in sizes.into_iter().enumerate() {
        put(&mut bytes, 40 + 2 * n, size.to_le_bytes());
    }
    put(&mut bytes, 70, data_type.to_le_bytes());
    put(&mut bytes, 72, bits.to_le_bytes());
    for (n, axis) in Axis::ALL.into_iter().enumerate() {
        put_real(&mut bytes, 80 + 4 * n, grid.spacing_mm(axis));
    }
    put_real(&mut bytes, 76, 1.0);
    put_real(&mut bytes, 108, DATA_START as f64);
    put_real(&mut bytes, 112, 1.0);
    // Millimetres and seconds.
    bytes[123] = 2 + 8;
    put_place(&mut bytes, grid);
    put(&mut bytes, 344, *b"n+1\0");
    Ok(bytes)
}

/// LPS to RAS, as sform always and as qform where a rotation can say it.
fn put_place(bytes: &mut [u8], grid: &Grid) {
    let map = grid.voxel_to_patient();
    let steps = map.steps().map(|step| PatientVector::new(-step.x, -step.y, step.z));
    let offset = map.offset();
    let rows = [
        (steps.map(|step| step.x), -offset.x),
        (steps.map(|step| step.y), -offset.y),
        (steps.map(|step| step.z), offset.z),
    ];
    // Code 1: coordinates of the scanner.
    put(bytes, 254, 1_i16.to_le_bytes());
    for (r, (row, shift)) in rows.into_iter().enumerate() {
        for (c, value) in [row[0], row[1], row[2], shift].into_iter().enumerate() {
            put_real(bytes, 280 + 16 * r + 4 * c, value);
        }
        put_real(bytes, 268 + 4 * r, shift);
    }
    let unit = steps.map(|step| step * step.length().recip());
    let skew = unit[0].dot(unit[1]).abs().max(unit[1].dot(unit[2]).abs()).max(unit[2].dot(unit[0]).abs());
    // Single precision resolves about 1e-7; axes bent by more than 1e-5 are not a rotation, and only the sform is true.
    if skew > 1e-5 {
        return;
    }
    let mirrored = unit[0].cross(unit[1]).dot(unit[2]) < 0.0;
    let third = if mirrored { -unit[2] } else { unit[2] };
    put_real(bytes, 76, if mirrored { -1.0 } else { 1.0 });
    put(bytes, 252, 1_i16.to_le_bytes());
    for (n, value) in quaternion([unit[0], unit[1], third]).into_iter().enumerate() {
        put_real(bytes, 256 + 4 * n, value);
    }
}

/// The b, c, d of the unit quaternion (a >= 0) whose rotation has these columns.
fn quaternion(columns: [PatientVector; 3]) -> [f64; 3] {
    let [x, y, z] = columns;
    let trace = x.x + y.y + z.z;
    let (a, b, c, d);
    // The largest of the four is taken first, so that no small number is divided by.
    if trace > 0.0 {
        let s = 2.0 * (trace + 1.0).sqrt();
        (a, b, c, d) = (s / 4.0, (y.z - z.y) / s, (z.x - x.z) / s, (x.y - y.x) / s);
    } else if x.x > y.y && x.x > z.z {
        let s = 2.0 * (1.0 + x.x - y.y - z.z).sqrt();
        (a, b, c, d) = ((y.z - z.y) / s, s / 4.0, (x.y + y.x) / s, (x.z + z.x) / s);
    } else if y.y > z.z {
        let s = 2.0 * (1.0 + y.y - x.x - z.z).sqrt();
        (a, b, c, d) = ((z.x - x.z) / s, (x.y + y.x) / s, s / 4.0, (y.z + z.y) / s);
    } else {
        let s = 2.0 * (1.0 + z.z - x.x - y.y).sqrt();
        (a, b, c, d) = ((x.y - y.x) / s, (x.z + z.x) / s, (y.z + z.y) / s, s / 4.0);
    }
    if a < 0.0 { [-b, -c, -d] } else { [b, c, d] }
}
