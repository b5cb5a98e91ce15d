//! The text in front: fields (`name: value`) and key/value pairs (`key:=value`).

use std::collections::BTreeMap;

use super::NrrdError;
use crate::cells::{self, ByteOrder, Element};

/// More axes than any NRRD library allows.
const MOST_AXES: usize = 16;

/// Fields by lower-case name without blanks, pairs in the order of the file.
pub(super) struct Header {
    fields: BTreeMap<String, String>,
    pairs: Vec<(String, String)>,
    /// The lines after `data file: LIST`.
    listed_files: Vec<String>,
}

/// How the values are written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Encoding {
    Raw,
    Text,
    Hex,
    Gzip,
    Bzip2,
}

impl Header {
    /// The header and the bytes after its blank line.
    pub(super) fn parse(file: &[u8]) -> Result<(Self, &[u8]), NrrdError> {
        let (magic, mut rest) = next_line(file);
        if !matches!(magic.strip_prefix(b"NRRD000"), Some([b'1'..=b'5'])) {
            return Err(NrrdError::NotNrrd);
        }
        let mut header = Self { fields: BTreeMap::new(), pairs: Vec::new(), listed_files: Vec::new() };
        let mut listing = false;
        while !rest.is_empty() {
            let (line, after) = next_line(rest);
            rest = after;
            if line.is_empty() {
                break;
            }
            let line = String::from_utf8_lossy(line);
            if listing {
                header.listed_files.push(line.trim().into());
            } else if !line.starts_with('#') {
                header.take(&line);
                listing = header.field("datafile").is_some_and(|value| value.starts_with("LIST"));
            }
        }
        Ok((header, rest))
    }

    fn take(&mut self, line: &str) {
        let pair = line.find(":=");
        match (pair, line.find(": ").or_else(|| line.strip_suffix(':').map(str::len))) {
            (Some(at), field) if field.is_none_or(|field| at < field) => {
                self.pairs.push((line[..at].trim().into(), line[at + 2..].trim().into()));
            }
            (_, Some(at)) => {
                let name = line[..at].to_ascii_lowercase().replace(' ', "");
                self.fields.insert(name, line[at + 1..].trim().into());
            }
            _ => {}
        }
    }

    /// A field by its lower-case name without blanks.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    fn needed(&self, field: &'static str) -> Result<&str, NrrdError> {
        self.field(field).ok_or(NrrdError::MissingField { field })
    }

    /// Number of cells along each axis, fastest first.
    pub(super) fn sizes(&self) -> Result<Vec<usize>, NrrdError> {
        let dimension = self.needed("dimension")?;
        let expected = "a whole number from 1 to 16";
        let count: usize = dimension.parse().map_err(|_| wrong("dimension", dimension, expected))?;
        if !(1..=MOST_AXES).contains(&count) {
            return Err(wrong("dimension", dimension, expected));
        }
        let text = self.needed("sizes")?;
        let sizes: Option<Vec<usize>> = text.split_whitespace().map(|word| word.parse().ok()).collect();
        let fits = |sizes: &Vec<usize>| sizes.len() == count && !sizes.contains(&0);
        sizes.filter(fits).ok_or_else(|| wrong("sizes", text, "as many whole numbers above 0 as the dimension"))
    }

    pub(super) fn element(&self) -> Result<Element, NrrdError> {
        let text = self.needed("type")?;
        Ok(match text.to_ascii_lowercase().as_str() {
            "signed char" | "int8" | "int8_t" => Element::I8,
            "uchar" | "unsigned char" | "uint8" | "uint8_t" => Element::U8,
            "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => Element::I16,
            "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => Element::U16,
            "int" | "signed int" | "int32" | "int32_t" => Element::I32,
            "uint" | "unsigned int" | "uint32" | "uint32_t" => Element::U32,
            "longlong"
            | "long long"
            | "long long int"
            | "signed long long"
            | "signed long long int"
            | "int64"
            | "int64_t" => Element::I64,
            "ulonglong" | "unsigned long long" | "unsigned long long int" | "uint64" | "uint64_t" => Element::U64,
            "float" => Element::F32,
            "double" => Element::F64,
            _ => return Err(wrong("type", text, "an integer or floating type (not block)")),
        })
    }

    pub(super) fn encoding(&self) -> Result<Encoding, NrrdError> {
        let text = self.needed("encoding")?;
        Ok(match text.to_ascii_lowercase().as_str() {
            "raw" => Encoding::Raw,
            "txt" | "text" | "ascii" => Encoding::Text,
            "hex" => Encoding::Hex,
            "gz" | "gzip" => Encoding::Gzip,
            "bz2" | "bzip2" => Encoding::Bzip2,
            _ => return Err(wrong("encoding", text, "raw, ascii, hex, gzip or bzip2")),
        })
    }

    /// Byte order; only files whose values are single bytes may leave it out.
    pub(super) fn byte_order(&self) -> Result<ByteOrder, NrrdError> {
        match self.field("endian").map(str::to_ascii_lowercase).as_deref() {
            Some("little") => Ok(ByteOrder::Little),
            Some("big") => Ok(ByteOrder::Big),
            Some(other) => Err(wrong("endian", other, "little or big")),
            None if self.element()?.size() == 1 => Ok(ByteOrder::Little),
            None => Err(NrrdError::MissingField { field: "endian" }),
        }
    }

    /// Bytes to skip; `None` means "whatever is in front of the last values".
    pub(super) fn byte_skip(&self) -> Result<Option<usize>, NrrdError> {
        match self.field("byteskip").map(|text| (text, text.parse::<i64>())) {
            None => Ok(Some(0)),
            Some((_, Ok(-1))) => Ok(None),
            Some((text, number)) => {
                let skip = number.ok().and_then(|number| usize::try_from(number).ok());
                skip.map(Some).ok_or_else(|| wrong("byteskip", text, "a number of bytes, or -1"))
            }
        }
    }

    pub(super) fn line_skip(&self) -> Result<usize, NrrdError> {
        let text = self.field("lineskip").unwrap_or("0");
        text.parse().map_err(|_| wrong("lineskip", text, "a number of lines"))
    }

    /// Names of the files with the data; empty when it follows the header.
    pub(super) fn data_files(&self) -> Result<Vec<String>, NrrdError> {
        match self.field("datafile") {
            None => Ok(Vec::new()),
            Some(text) if text.starts_with("LIST") => Ok(self.listed_files.clone()),
            Some(text) if text.contains('%') && text.contains(' ') => numbered_files(text),
            Some(text) => Ok(vec![text.into()]),
        }
    }

    /// Names of the pairs that may tell who the patient is, and the free text in `content`.
    pub(super) fn identifying(&self) -> Vec<String> {
        let content = self.field("content").filter(|text| !text.is_empty()).map(|_| "content".to_owned());
        let pairs = self.pairs.iter().map(|(key, _)| key).filter(|key| cells::may_identify(key));
        content.into_iter().chain(pairs.cloned()).collect()
    }

    /// Label and name of each segment of one layer, as 3-D Slicer writes them.
    pub(super) fn segment_names(&self, layer: usize) -> Vec<(u16, String)> {
        let mut segments: BTreeMap<&str, [Option<&str>; 3]> = BTreeMap::new();
        for (key, value) in &self.pairs {
            let Some((number, what)) = key.strip_prefix("Segment").and_then(|key| key.split_once('_')) else {
                continue;
            };
            let slot = ["Name", "LabelValue", "Layer"].iter().position(|name| *name == what);
            if let (Some(slot), true) = (slot, number.bytes().all(|byte| byte.is_ascii_digit())) {
                segments.entry(number).or_default()[slot] = Some(value);
            }
        }
        // Older files have one layer per segment with the label 1 and say neither.
        let named = segments.into_values().filter_map(|[name, label, on]| {
            let on: usize = on.unwrap_or("0").parse().ok()?;
            let label: u16 = label.unwrap_or("1").parse().ok()?;
            (on == layer).then_some((label, name?.to_owned()))
        });
        let mut names: Vec<_> = named.collect();
        names.sort();
        names
    }
}

/// `name%03d.raw first last step`: one file per number.
fn numbered_files(text: &str) -> Result<Vec<String>, NrrdError> {
    let expected = "a name with %d (or %03d), then first, last and step";
    let error = || wrong("datafile", text, expected);
    let words: Vec<&str> = text.split_whitespace().collect();
    let [name, first, last, step, ..] = words[..] else { return Err(error()) };
    let number = |word: &str| word.parse::<i64>().ok();
    let (Some(first), Some(last), Some(step)) = (number(first), number(last), number(step)) else {
        return Err(error());
    };
    let (before, after) = name.split_once('%').ok_or_else(error)?;
    let (width, after) = after.split_once('d').ok_or_else(error)?;
    let width: usize = if width.is_empty() { 0 } else { width.parse().map_err(|_| error())? };
    // One file per slice of the largest scan is far below this; more is damage.
    let count = (last.saturating_sub(first)).checked_div(step).filter(|count| (0..65536).contains(count));
    let count = count.filter(|_| width < 20).ok_or_else(error)?;
    Ok((0..=count)
        .map(|n| format!("{before}{:0width$}{after}", first.saturating_add(n.saturating_mul(step))))
        .collect())
}

/// A line without its end, and what follows it.
pub(super) fn next_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, rest) = end.map_or((bytes, &bytes[bytes.len()..]), |end| (&bytes[..end], &bytes[end + 1..]));
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

pub(super) fn wrong(field: &'static str, found: &str, expected: &'static str) -> NrrdError {
    NrrdError::Field { field, found: found.chars().take(60).collect(), expected }
}
