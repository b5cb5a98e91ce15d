//! The 348 or 540 bytes in front, and what they say about place, scale and type.

use frostline_space::{Grid, PatientPoint, PatientVector, VoxelIndex, VoxelPoint, VoxelToPatient};

use super::NiftiError;
use crate::cells::{ByteOrder, Element};
use crate::image::Window;

pub(super) const NIFTI_1_SIZE: usize = 348;
pub(super) const NIFTI_2_SIZE: usize = 540;

/// Sform and qform may differ by this part of the smallest spacing: a quaternion in single precision is uncertain by
/// about 3e-4 near half a turn, and less than a tenth of a cell changes no reading.
const FORMS_MAY_DIFFER_CELLS: f64 = 0.1;

#[derive(Clone, Copy, PartialEq)]
enum Version {
    One,
    Two,
}

/// A NIfTI header; positions of both versions are looked up by field.
pub(super) struct Header {
    bytes: Vec<u8>,
    version: Version,
    order: ByteOrder,
}

/// Stored value to intensity.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    slope: f64,
    intercept: f64,
}

impl Scale {
    pub(super) fn apply(self, stored: f64) -> f64 {
        self.slope * stored + self.intercept
    }
}

impl Header {
    /// Recognises version and byte order, and refuses what has no voxels of its own.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, NiftiError> {
        let first: [u8; 4] = bytes.get(..4).and_then(|b| b.try_into().ok()).ok_or(NiftiError::NotNifti)?;
        let (version, order) = match (i32::from_le_bytes(first), i32::from_be_bytes(first)) {
            (348, _) => (Version::One, ByteOrder::Little),
            (_, 348) => (Version::One, ByteOrder::Big),
            (540, _) => (Version::Two, ByteOrder::Little),
            (_, 540) => (Version::Two, ByteOrder::Big),
            _ => return Err(NiftiError::NotNifti),
        };
        let (size, magic_at) = match version {
            Version::One => (NIFTI_1_SIZE, 344),
            Version::Two => (NIFTI_2_SIZE, 4),
        };
        if bytes.len() < size {
            return Err(NiftiError::HeaderCutOff { found: bytes.len(), expected: size });
        }
        match &bytes[magic_at..magic_at + 4] {
            b"n+1\0" | b"n+2\0" => Ok(Self { bytes: bytes[..size].to_vec(), version, order }),
            b"ni1\0" | b"ni2\0" => Err(NiftiError::HeaderOnly),
            _ if version == Version::One => Err(NiftiError::Analyze),
            _ => Err(NiftiError::NotNifti),
        }
    }

    fn at<const N: usize>(&self, place: usize) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.bytes[place..place + N]);
        if self.order == ByteOrder::Big {
            bytes.reverse();
        }
        bytes
    }

    fn short(&self, one: usize, two: usize) -> i16 {
        i16::from_le_bytes(self.at(if self.version == Version::One { one } else { two }))
    }

    /// A code: 16 bits in version 1, 32 bits in version 2.
    fn code(&self, one: usize, two: usize) -> i32 {
        match self.version {
            Version::One => i32::from(i16::from_le_bytes(self.at(one))),
            Version::Two => i32::from_le_bytes(self.at(two)),
        }
    }

    /// A real number: single precision in version 1, double in version 2.
    fn real(&self, one: usize, two: usize, index: usize) -> f64 {
        match self.version {
            Version::One => f64::from(f32::from_le_bytes(self.at(one + 4 * index))),
            Version::Two => f64::from_le_bytes(self.at(two + 8 * index)),
        }
    }

    fn dim(&self, index: usize) -> i64 {
        match self.version {
            Version::One => i64::from(i16::from_le_bytes(self.at(40 + 2 * index))),
            Version::Two => i64::from_le_bytes(self.at(16 + 8 * index)),
        }
    }

    /// Size of an axis from 1 to 7; axes beyond the stated number of dimensions have one cell.
    fn size(&self, axis: usize) -> Result<usize, NiftiError> {
        let dimensions = self.dim(0);
        if !(1..=7).contains(&dimensions) {
            return Err(NiftiError::Dimension { axis: 0, found: dimensions, expected: "1 to 7 dimensions" });
        }
        if axis as i64 > dimensions {
            return Ok(1);
        }
        let found = self.dim(axis);
        match usize::try_from(found) {
            Ok(size) if size > 0 => Ok(size),
            _ => Err(NiftiError::Dimension { axis, found, expected: "at least 1 cell" }),
        }
    }

    /// Number of volumes: the product of the axes after the third.
    pub(super) fn frames(&self) -> Result<usize, NiftiError> {
        let mut frames = 1_usize;
        for axis in 4..=7 {
            let (found, expected) = (self.dim(axis), "a product of axes 4 to 7 that can be counted");
            let more = frames.checked_mul(self.size(axis)?);
            frames = more.ok_or(NiftiError::Dimension { axis, found, expected })?;
        }
        Ok(frames)
    }

    pub(super) fn stored_as(&self) -> Result<(Element, ByteOrder), NiftiError> {
        let code = self.short(70, 12);
        let element = match code {
            2 => Element::U8,
            4 => Element::I16,
            8 => Element::I32,
            16 => Element::F32,
            64 => Element::F64,
            256 => Element::I8,
            512 => Element::U16,
            768 => Element::U32,
            1024 => Element::I64,
            1280 => Element::U64,
            _ => return Err(NiftiError::DataType { code }),
        };
        Ok((element, self.order))
    }

    /// First byte of the voxels; a file that says less than the header and its flag means right after them.
    pub(super) fn data_start(&self) -> Result<usize, NiftiError> {
        let (found, least) = match self.version {
            Version::One => (self.real(108, 0, 0), 352.0),
            Version::Two => (i64::from_le_bytes(self.at(168)) as f64, 544.0),
        };
        // Beyond 2^53 a byte position is no longer a whole number, and no file is that long.
        if !(0.0..9.0e15).contains(&found) {
            return Err(NiftiError::DataStart { found });
        }
        Ok(found.max(least) as usize)
    }

    /// The standard: a slope of 0 means no scaling. NaN, as some tools write, means the same.
    pub(super) fn scale(&self) -> Scale {
        let (slope, intercept) = (self.real(112, 176, 0), self.real(116, 184, 0));
        if slope == 0.0 || !slope.is_finite() {
            return Scale { slope: 1.0, intercept: 0.0 };
        }
        Scale { slope, intercept: if intercept.is_finite() { intercept } else { 0.0 } }
    }

    /// The stored display range.
    pub(super) fn window(&self) -> Option<Window> {
        let (high, low) = (self.real(124, 192, 0), self.real(128, 200, 0));
        (high > low && high.is_finite() && low.is_finite())
            .then(|| Window { centre: (high + low) / 2.0, width: high - low })
    }

    /// Names of the free-text fields that are not empty: people write names there.
    pub(super) fn free_text(&self) -> Vec<String> {
        let fields: &[(&str, usize, usize)] = match self.version {
            Version::One => &[("db_name", 14, 18), ("descrip", 148, 80), ("aux_file", 228, 24)],
            Version::Two => &[("descrip", 240, 80), ("aux_file", 320, 24)],
        };
        let written = |place: usize, length: usize| {
            self.bytes[place..place + length].iter().any(|byte| *byte != 0 && *byte != b' ')
        };
        fields.iter().filter(|(_, place, length)| written(*place, *length)).map(|(name, ..)| (*name).into()).collect()
    }

    /// Where the cells lie, in LPS millimetres, and the doubts about it.
    pub(super) fn grid(&self) -> Result<(Grid, Vec<String>), NiftiError> {
        let size = VoxelIndex::new(self.size(1)?, self.size(2)?, self.size(3)?);
        let mut remarks = Vec::new();
        let mm = self.unit_mm(&mut remarks);
        let (sform, qform) = (self.code(254, 348) > 0, self.code(252, 344) > 0);
        let ras = match (sform, qform) {
            (true, true) => {
                let (chosen, other) = (self.sform(), self.qform(size));
                remarks.extend(disagreement(&chosen, &other, size, mm));
                chosen
            }
            (true, false) => self.sform(),
            (false, true) => self.qform(size),
            (false, false) => {
                remarks.push(
                    "the file does not say where it lies in the patient (sform and qform code 0); \
                     the first cell was put at the origin and the axes taken as right, anterior, superior"
                        .into(),
                );
                self.spacing_only(size)
            }
        };
        Ok((Grid::new(size, to_lps_mm(&ras, mm))?, remarks))
    }

    /// Millimetres in the header's unit of length.
    fn unit_mm(&self, remarks: &mut Vec<String>) -> f64 {
        let code = match self.version {
            Version::One => i32::from(self.bytes[123]),
            Version::Two => i32::from_le_bytes(self.at(500)),
        };
        match code & 7 {
            1 => 1000.0,
            2 => 1.0,
            3 => 0.001,
            _ => {
                remarks.push("the file does not state its unit of length; millimetres were taken".into());
                1.0
            }
        }
    }

    /// Spacing along axis 1 to 3; a single slice without thickness counts as one unit thick.
    fn pixdim(&self, axis: usize, size: VoxelIndex) -> f64 {
        let spacing = self.real(76, 104, axis).abs();
        let single = [size.i, size.j, size.k][axis - 1] == 1;
        if single && spacing == 0.0 { 1.0 } else { spacing }
    }

    fn sform(&self) -> VoxelToPatient {
        let row = |r: usize, c: usize| self.real(280 + 16 * r, 400 + 32 * r, c);
        let column = |c: usize| PatientVector::new(row(0, c), row(1, c), row(2, c));
        VoxelToPatient::new(column(0), column(1), column(2), PatientPoint::new(row(0, 3), row(1, 3), row(2, 3)))
    }

    /// The quaternion form: rotation R(b, c, d), spacings, and qfac = -1 for a mirrored third axis.
    fn qform(&self, size: VoxelIndex) -> VoxelToPatient {
        let (b, c, d) = (self.real(256, 352, 0), self.real(256, 352, 1), self.real(256, 352, 2));
        let squares = b * b + c * c + d * d;
        // Rounding may push the sum over 1; then it is half a turn, with a = 0 and the rest normalised.
        let shrink = if squares > 1.0 { squares.sqrt().recip() } else { 1.0 };
        let (b, c, d) = (b * shrink, c * shrink, d * shrink);
        let a = (1.0 - (b * b + c * c + d * d)).max(0.0).sqrt();
        let qfac = if self.real(76, 104, 0) < 0.0 { -1.0 } else { 1.0 };
        let x = PatientVector::new(a * a + b * b - c * c - d * d, 2.0 * (b * c + a * d), 2.0 * (b * d - a * c));
        let y = PatientVector::new(2.0 * (b * c - a * d), a * a + c * c - b * b - d * d, 2.0 * (c * d + a * b));
        let z = PatientVector::new(2.0 * (b * d + a * c), 2.0 * (c * d - a * b), a * a + d * d - b * b - c * c);
        let offset = |index| self.real(268, 376, index);
        VoxelToPatient::new(
            x * self.pixdim(1, size),
            y * self.pixdim(2, size),
            z * (qfac * self.pixdim(3, size)),
            PatientPoint::new(offset(0), offset(1), offset(2)),
        )
    }

    fn spacing_only(&self, size: VoxelIndex) -> VoxelToPatient {
        VoxelToPatient::new(
            PatientVector::new(self.pixdim(1, size), 0.0, 0.0),
            PatientVector::new(0.0, self.pixdim(2, size), 0.0),
            PatientVector::new(0.0, 0.0, self.pixdim(3, size)),
            PatientPoint::origin(),
        )
    }
}

/// From RAS in the file's unit to LPS in millimetres: x and y change sign.
fn to_lps_mm(ras: &VoxelToPatient, mm: f64) -> VoxelToPatient {
    let [x, y, z] = ras.steps().map(|step| PatientVector::new(-step.x * mm, -step.y * mm, step.z * mm));
    let offset = ras.offset();
    VoxelToPatient::new(x, y, z, PatientPoint::new(-offset.x * mm, -offset.y * mm, offset.z * mm))
}

/// A remark when the two forms put a corner of the image at different places.
fn disagreement(sform: &VoxelToPatient, qform: &VoxelToPatient, size: VoxelIndex, mm: f64) -> Option<String> {
    let (i, j, k) = ((size.i - 1) as f64, (size.j - 1) as f64, (size.k - 1) as f64);
    let corners = [(0.0, 0.0, 0.0), (i, 0.0, 0.0), (0.0, j, 0.0), (0.0, 0.0, k), (i, j, k)];
    let apart = corners.map(|(x, y, z)| {
        let corner = VoxelPoint::new(x, y, z);
        sform.apply(corner).distance(qform.apply(corner)) * mm
    });
    let farthest_mm = apart.into_iter().fold(0.0, f64::max);
    let finest_mm = sform.steps().map(|step| step.length() * mm).into_iter().fold(f64::INFINITY, f64::min);
    let agrees = farthest_mm <= FORMS_MAY_DIFFER_CELLS * finest_mm;
    (!agrees).then(|| format!("sform and qform put the image up to {farthest_mm:.2} mm apart; the sform was taken"))
}
