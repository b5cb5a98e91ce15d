//! The text in front: `Name = value`, up to `ElementDataFile`, which ends it.

use frostline_space::{PatientPoint, PatientVector, anatomical_letter};

use super::MetaImageError;
use crate::axes::StoredAxis;
use crate::cells::{self, ByteOrder, CellError, Element};
use crate::image::Modality;

/// Fields in the order of the file.
pub(super) struct Header {
    fields: Vec<(String, String)>,
}

/// Where the voxels are.
pub(super) enum DataPlace {
    /// In the same file, after the header.
    Local,
    /// In a file of this name.
    File(String),
}

impl Header {
    /// The header and the bytes after it.
    pub(super) fn parse(file: &[u8]) -> Result<(Self, &[u8]), MetaImageError> {
        let mut fields = Vec::new();
        let mut rest = file;
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let line = String::from_utf8_lossy(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or_default();
            let Some((name, value)) = line.split_once('=') else {
                if line.trim().is_empty() {
                    continue;
                }
                return Err(MetaImageError::NotMetaImage);
            };
            let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
            let last = name == "ElementDataFile";
            fields.push((name, value));
            if last {
                break;
            }
        }
        let header = Self { fields };
        if header.field("NDims").is_none() || header.field("ObjectType").is_some_and(|kind| kind != "Image") {
            return Err(MetaImageError::NotMetaImage);
        }
        Ok((header, rest))
    }

    /// All fields in the order of the file.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    fn needed(&self, field: &'static str) -> Result<&str, MetaImageError> {
        self.field(field).ok_or(MetaImageError::MissingField { field })
    }

    fn is_true(&self, name: &str) -> bool {
        self.field(name).is_some_and(|value| matches!(value.as_bytes(), [b'T' | b't' | b'1', ..]))
    }

    pub(super) fn is_binary(&self) -> bool {
        self.is_true("BinaryData")
    }

    pub(super) fn is_compressed(&self) -> bool {
        self.is_true("CompressedData")
    }

    pub(super) fn byte_order(&self) -> ByteOrder {
        let high_first = self.is_true("BinaryDataByteOrderMSB") || self.is_true("ElementByteOrderMSB");
        if high_first { ByteOrder::Big } else { ByteOrder::Little }
    }

    pub(super) fn modality(&self) -> Modality {
        match self.field("Modality") {
            Some("MET_MOD_CT") => Modality::Ct,
            Some("MET_MOD_MR") => Modality::Mr,
            Some("MET_MOD_US") => Modality::Ultrasound,
            _ => Modality::NotStated,
        }
    }

    /// Names of the fields that may tell who the patient is; free text may too.
    pub(super) fn identifying(&self) -> Vec<String> {
        let free = |name: &str| matches!(name, "Comment" | "Name");
        let names =
            self.fields().filter(|(name, value)| !value.is_empty() && (free(name) || cells::may_identify(name)));
        names.map(|(name, _)| name.to_owned()).collect()
    }

    pub(super) fn element(&self) -> Result<Element, MetaImageError> {
        let text = self.needed("ElementType")?;
        Ok(match text.trim_end_matches("_ARRAY") {
            "MET_CHAR" => Element::I8,
            "MET_UCHAR" => Element::U8,
            "MET_SHORT" => Element::I16,
            "MET_USHORT" => Element::U16,
            // A MET_LONG is four bytes in every file, whatever the machine.
            "MET_INT" | "MET_LONG" => Element::I32,
            "MET_UINT" | "MET_ULONG" => Element::U32,
            "MET_LONG_LONG" => Element::I64,
            "MET_ULONG_LONG" => Element::U64,
            "MET_FLOAT" => Element::F32,
            "MET_DOUBLE" => Element::F64,
            _ => return Err(wrong("ElementType", text, "MET_CHAR to MET_DOUBLE")),
        })
    }

    pub(super) fn data_place(&self) -> Result<DataPlace, MetaImageError> {
        let text = self.needed("ElementDataFile")?;
        match text {
            "LOCAL" | "Local" | "local" => Ok(DataPlace::Local),
            _ if text.starts_with("LIST") || text.contains('%') => {
                Err(wrong("ElementDataFile", text, "LOCAL or one file; join the slices into one file first"))
            }
            _ => Ok(DataPlace::File(text.into())),
        }
    }

    /// The bytes from the first voxel on; HeaderSize -1 means that the voxels are the last bytes.
    pub(super) fn after_foreign_header<'a>(
        &self,
        bytes: &'a [u8],
        declared: usize,
    ) -> Result<&'a [u8], MetaImageError> {
        let text = self.field("HeaderSize").unwrap_or("0");
        let size: i64 = text.parse().map_err(|_| wrong("HeaderSize", text, "a number of bytes, or -1"))?;
        let start = match usize::try_from(size) {
            Ok(start) => Some(start),
            Err(_) if size == -1 && !self.is_compressed() => bytes.len().checked_sub(declared),
            Err(_) => return Err(wrong("HeaderSize", text, "a number of bytes, or -1 before plain voxels")),
        };
        let size = self.element()?.size();
        let short = CellError::TooShort { found: bytes.len() / size, expected: declared / size };
        Ok(start.and_then(|start| bytes.get(start..)).ok_or(short)?)
    }

    /// Number of cells along each axis, fastest first; zeros as they stand.
    pub(super) fn dim_size(&self) -> Result<Vec<usize>, MetaImageError> {
        let (count, text) = (self.dimensions()?, self.needed("DimSize")?);
        let sizes: Option<Vec<usize>> = text.split_whitespace().map(|word| word.parse().ok()).collect();
        let sizes = sizes.filter(|sizes| sizes.len() == count);
        sizes.ok_or_else(|| wrong("DimSize", text, "one whole number per dimension"))
    }

    fn dimensions(&self) -> Result<usize, MetaImageError> {
        let text = self.needed("NDims")?;
        // Ten is the most that the format's own library reads.
        let count = text.parse().ok().filter(|count| (1..=10).contains(count));
        count.ok_or_else(|| wrong("NDims", text, "a whole number from 1 to 10"))
    }

    /// The axes in storage order, and the first cell's centre.
    pub(super) fn axes(&self, remarks: &mut Vec<String>) -> Result<(Vec<StoredAxis>, PatientPoint), MetaImageError> {
        let sizes = self.dim_size()?;
        if sizes.contains(&0) {
            let frames = sizes.last().copied().unwrap_or(0);
            return Err(MetaImageError::NoPixels { frames });
        }
        let count = sizes.len();
        let mm = self.unit_mm()?;
        let spacing = self.numbers(&["ElementSpacing", "ElementSize"], count)?.unwrap_or_else(|| vec![1.0; count]);
        let identity: Vec<f64> = (0..count * count).map(|n| f64::from(u8::from(n % (count + 1) == 0))).collect();
        let matrix = self.numbers(&["TransformMatrix", "Rotation", "Orientation"], count * count)?.unwrap_or(identity);
        let offset = self.numbers(&["Offset", "Origin", "Position"], count)?.unwrap_or_else(|| vec![0.0; count]);
        let mut axes: Vec<StoredAxis> = self
            .channels()?
            .filter(|channels| *channels > 1)
            .map(|size| StoredAxis { size, step: None })
            .into_iter()
            .collect();
        for (n, size) in sizes.into_iter().enumerate() {
            let in_space = n < 3 && !self.is_list(n, remarks);
            // Each run of numbers in the matrix is the direction of one axis.
            let direction = &matrix[n * count..(n + 1) * count];
            axes.push(StoredAxis { size, step: in_space.then(|| vector(direction) * (spacing[n] * mm)) });
        }
        self.compare_orientation(&axes, remarks);
        let offset = vector(&offset) * mm;
        Ok((axes, PatientPoint::origin() + offset))
    }

    /// True for an axis of frames. PLUS states the kind "list" for its volumes too, so it counts only where frames are
    /// described.
    fn is_list(&self, axis: usize, remarks: &mut Vec<String>) -> bool {
        let kind = self.field("Kinds").and_then(|kinds| kinds.split_whitespace().nth(axis)).unwrap_or("domain");
        let described = self.fields().any(|(name, _)| name.starts_with("Seq_Frame"));
        if kind != "domain" && !described {
            remarks.push(format!(
                "Kinds says that axis {} is a {kind}, but no frame is described; it was taken as space",
                axis + 1
            ));
        }
        kind != "domain" && described
    }

    fn channels(&self) -> Result<Option<usize>, MetaImageError> {
        let Some(text) = self.field("ElementNumberOfChannels") else { return Ok(None) };
        let channels = text.parse().ok().filter(|channels| (1..=4096).contains(channels));
        channels.map(Some).ok_or_else(|| wrong("ElementNumberOfChannels", text, "a whole number from 1 to 4096"))
    }

    fn unit_mm(&self) -> Result<f64, MetaImageError> {
        match self.field("DistanceUnits") {
            None | Some("mm" | "?" | "") => Ok(1.0),
            Some("cm") => Ok(10.0),
            Some("um") => Ok(0.001),
            Some(text) => Err(wrong("DistanceUnits", text, "mm, cm or um")),
        }
    }

    fn numbers(&self, names: &[&str], count: usize) -> Result<Option<Vec<f64>>, MetaImageError> {
        let found = names.iter().find_map(|name| self.field(name).map(|text| (*name, text)));
        let Some((name, text)) = found else { return Ok(None) };
        let numbers: Option<Vec<f64>> = text.split_whitespace().map(|word| word.parse().ok()).collect();
        let numbers =
            numbers.filter(|numbers| numbers.len() == count && numbers.iter().all(|number| number.is_finite()));
        numbers.map(Some).ok_or_else(|| wrong(name, text, "one finite number per dimension (squared for a matrix)"))
    }

    /// AnatomicalOrientation names the side each axis comes from; the matrix is what counts.
    fn compare_orientation(&self, axes: &[StoredAxis], remarks: &mut Vec<String>) {
        let Some(stated) = self.field("AnatomicalOrientation").filter(|text| !text.contains('?')) else { return };
        let steps = axes.iter().filter_map(|axis| axis.step);
        let from: Option<String> = steps.map(|step| step.direction().map(|to| anatomical_letter(-to))).collect();
        if let Some(from) = from.filter(|from| !stated.starts_with(from.as_str())) {
            remarks.push(format!(
                "AnatomicalOrientation says {stated}, but the axes run from {from}; the axes were taken"
            ));
        }
    }
}

/// Up to three numbers as a vector; axes beyond the third are not in space.
fn vector(numbers: &[f64]) -> PatientVector {
    let number = |n: usize| numbers.get(n).copied().unwrap_or(0.0);
    PatientVector::new(number(0), number(1), number(2))
}

pub(super) fn wrong(field: &str, found: &str, expected: &'static str) -> MetaImageError {
    let cut = |text: &str| text.chars().take(60).collect();
    MetaImageError::Field { field: cut(field), found: cut(found), expected }
}
