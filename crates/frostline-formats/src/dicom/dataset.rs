//! The data set inside a DICOM file: elements by tag, nested items, and how to read both from bytes.
//!
//! Elements are found by walking the bytes once; nothing is copied and nested sequences are walked only when asked for.
//! Every declared length is compared with what is left of the file before it is believed, so the work is bounded by the
//! size of the file, and nesting is bounded by [`DEEPEST_NESTING`].

use std::borrow::Cow;
use std::io::Read;
use std::ops::Range;

use super::syntax::{Coding, Syntax};

/// Sequences inside sequences. The deepest real object (structured reports) seen has about ten.
const DEEPEST_NESTING: usize = 24;
/// A deflated data set may not grow beyond this. Unit: bytes.
const LARGEST_INFLATED: u64 = 1 << 30;
const UNDEFINED: u32 = u32::MAX;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// Group and element number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tag(pub u16, pub u16);

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({:04X},{:04X})", self.0, self.1)
    }
}

/// Why a file is not a readable DICOM data set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataSetError {
    /// Nothing at the start looks like DICOM.
    #[error("this is not a DICOM file: no DICM mark at byte 128 and no data element at byte 0")]
    NotDicom,
    /// The transfer syntax is none that is known.
    #[error(
        "the transfer syntax {uid} is not one this program reads; export the images uncompressed (explicit VR little endian)"
    )]
    UnknownSyntax {
        /// The UID found.
        uid: String,
    },
    /// An element says it is longer than the file.
    #[error(
        "element {tag} at byte {at} declares {declared} bytes but only {left} are left; \
         the file is cut short or damaged: export or copy it again"
    )]
    PastTheEnd {
        /// Group and element.
        tag: String,
        /// Where the element starts in the data set.
        at: usize,
        /// The declared length.
        declared: u64,
        /// What is left.
        left: u64,
    },
    /// Something else than an item stands in a sequence.
    #[error("found {tag} at byte {at} where an item of a sequence was expected; the file is damaged")]
    NotAnItem {
        /// Group and element.
        tag: String,
        /// Where.
        at: usize,
    },
    /// Sequences within sequences within sequences.
    #[error("sequences are nested deeper than {DEEPEST_NESTING} levels at byte {at}; the file is damaged")]
    TooDeep {
        /// Where.
        at: usize,
    },
    /// The deflated part does not inflate.
    #[error("the deflated data set cannot be inflated after {inflated} bytes; the file is damaged")]
    NotInflatable {
        /// What came out until then.
        inflated: usize,
    },
}

/// One element: where its value lies.
#[derive(Clone, Debug)]
struct Element {
    tag: Tag,
    unknown_vr: bool,
    undefined: bool,
    value: Range<usize>,
}

/// A whole file: its data set and how it is coded.
pub(super) struct Object<'a> {
    bytes: Cow<'a, [u8]>,
    elements: Vec<Element>,
    coding: Coding,
    /// The transfer syntax, stated or guessed.
    pub syntax: Syntax,
}

/// The elements of one level: the data set itself or one item of a sequence.
#[derive(Clone)]
pub(super) struct Set<'o> {
    bytes: &'o [u8],
    elements: Cow<'o, [Element]>,
    coding: Coding,
}

impl<'a> Object<'a> {
    /// Walks the elements of a file, with or without preamble and file meta group.
    pub fn open(file: &'a [u8]) -> Result<Self, DataSetError> {
        let start = start_of_elements(file)?;
        let (stated, body) = read_meta(file, start)?;
        let rest = &file[body..];
        let syntax = match stated {
            Some(uid) => Syntax::from_uid(&uid).ok_or(DataSetError::UnknownSyntax { uid })?,
            None => guess_syntax(rest).ok_or(DataSetError::NotDicom)?,
        };
        let bytes = if syntax == Syntax::Deflated { Cow::Owned(inflate(rest)?) } else { Cow::Borrowed(rest) };
        let coding = agreeing_coding(&bytes, syntax.coding());
        let elements = Walk { bytes: &bytes, coding }.elements(0..bytes.len(), 0)?.0;
        Ok(Self { bytes, elements, coding, syntax })
    }

    /// The outermost level.
    pub fn set(&self) -> Set<'_> {
        Set { bytes: &self.bytes, elements: Cow::Borrowed(&self.elements), coding: self.coding }
    }

    /// How the numbers in it are stored.
    pub fn coding(&self) -> Coding {
        self.coding
    }

    /// The frames of encapsulated pixel data: the offset table and the fragments. `None` when it is not encapsulated.
    pub fn fragments(&self, tag: Tag) -> Result<Option<Vec<&[u8]>>, DataSetError> {
        let Some(element) = self.elements.iter().find(|e| e.tag == tag && e.undefined) else { return Ok(None) };
        let walk = Walk { bytes: &self.bytes, coding: Coding::EXPLICIT_LITTLE };
        let items = walk.items(element.value.clone(), 0, Contents::Bytes)?.0;
        Ok(Some(items.into_iter().map(|range| &self.bytes[range]).collect()))
    }
}

impl<'o> Set<'o> {
    fn find(&self, tag: Tag) -> Option<&Element> {
        self.elements.iter().find(|e| e.tag == tag)
    }

    /// True when the element is there, even empty.
    pub fn has(&self, tag: Tag) -> bool {
        self.find(tag).is_some()
    }

    /// The raw value; `None` when absent or empty.
    pub fn bytes(&self, tag: Tag) -> Option<&'o [u8]> {
        let element = self.find(tag)?;
        (!element.value.is_empty()).then(|| &self.bytes[element.value.clone()])
    }

    /// Text without padding, as stored; `None` when absent or empty.
    pub fn text(&self, tag: Tag) -> Option<String> {
        let raw = self.bytes(tag)?;
        let text = String::from_utf8_lossy(raw);
        let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        (!text.is_empty()).then(|| text.to_string())
    }

    /// Decimal numbers separated by backslashes; `None` when absent, empty or not numbers.
    pub fn decimals(&self, tag: Tag) -> Option<Vec<f64>> {
        self.text(tag)?.split('\\').map(|part| part.trim().parse().ok().filter(|v: &f64| v.is_finite())).collect()
    }

    /// The first decimal number.
    pub fn decimal(&self, tag: Tag) -> Option<f64> {
        self.decimals(tag)?.first().copied()
    }

    /// An integer written as text.
    pub fn integer(&self, tag: Tag) -> Option<i64> {
        self.text(tag)?.split('\\').next()?.trim().parse().ok()
    }

    /// A binary 16-bit number.
    pub fn short(&self, tag: Tag) -> Option<u16> {
        self.bytes(tag)?.get(..2).map(|b| self.coding.u16(b))
    }

    /// A binary 32-bit number.
    pub fn long(&self, tag: Tag) -> Option<u32> {
        self.bytes(tag)?.get(..4).map(|b| self.coding.u32(b))
    }

    /// Binary 64-bit floating point number.
    pub fn double(&self, tag: Tag) -> Option<f64> {
        let raw = self.bytes(tag)?.get(..8)?;
        let value = self.coding.f64(raw);
        value.is_finite().then_some(value)
    }

    /// The items of a sequence; none when it is absent.
    pub fn items(&self, tag: Tag) -> Result<Vec<Set<'o>>, DataSetError> {
        let Some(element) = self.find(tag) else { return Ok(Vec::new()) };
        // A sequence hidden in an element of unknown VR is always implicit little endian.
        let coding = if element.unknown_vr { Coding::IMPLICIT_LITTLE } else { self.coding };
        let walk = Walk { bytes: self.bytes, coding };
        let mut items = Vec::new();
        for range in walk.items(element.value.clone(), 0, Contents::Elements)?.0 {
            let elements = walk.elements(range, 1)?.0;
            items.push(Set { bytes: self.bytes, elements: Cow::Owned(elements), coding });
        }
        Ok(items)
    }

    /// The first item of a sequence.
    pub fn item(&self, tag: Tag) -> Result<Option<Set<'o>>, DataSetError> {
        Ok(self.items(tag)?.into_iter().next())
    }
}

/// What an item of undefined length holds.
#[derive(Clone, Copy, PartialEq)]
enum Contents {
    Elements,
    Bytes,
}

struct Header {
    tag: Tag,
    vr: Option<[u8; 2]>,
    length: u32,
    value: usize,
}

/// Walks bytes that are coded in one way.
struct Walk<'b> {
    bytes: &'b [u8],
    coding: Coding,
}

impl Walk<'_> {
    /// Elements until the end of the range or the end-of-item mark; gives them and where the walk ended.
    fn elements(&self, range: Range<usize>, depth: usize) -> Result<(Vec<Element>, usize), DataSetError> {
        let mut found = Vec::new();
        let mut at = range.start;
        while at + 8 <= range.end {
            let header = self.header(at, range.end)?;
            if header.tag == ITEM_END {
                return Ok((found, header.value));
            }
            // Zero bytes after the last element are padding of the file.
            if header.tag == Tag(0, 0) && header.length == 0 && depth == 0 {
                break;
            }
            let unknown_vr = header.vr == Some(*b"UN");
            let (value, end) = if header.length == UNDEFINED {
                let end = self.end_of_sequence(&header, range.end, depth)?;
                (header.value..end, end)
            } else {
                let end = self.end_of_value(&header, at, range.end)?;
                (header.value..end, end)
            };
            found.push(Element { tag: header.tag, unknown_vr, undefined: header.length == UNDEFINED, value });
            at = end;
        }
        Ok((found, at.max(range.start)))
    }

    /// Where a value of undefined length ends, its delimiter included.
    fn end_of_sequence(&self, header: &Header, end: usize, depth: usize) -> Result<usize, DataSetError> {
        if depth >= DEEPEST_NESTING {
            return Err(DataSetError::TooDeep { at: header.value });
        }
        let pixels = matches!(header.vr, Some([b'O', _])) || header.tag == Tag(0x7FE0, 0x0010);
        let coding = if header.vr == Some(*b"UN") { Coding::IMPLICIT_LITTLE } else { self.coding };
        let contents = if pixels { Contents::Bytes } else { Contents::Elements };
        Ok(Walk { bytes: self.bytes, coding }.items(header.value..end, depth + 1, contents)?.1)
    }

    /// The items of a sequence (their values' ranges) and where it ended.
    fn items(
        &self,
        range: Range<usize>,
        depth: usize,
        contents: Contents,
    ) -> Result<(Vec<Range<usize>>, usize), DataSetError> {
        let mut found = Vec::new();
        let mut at = range.start;
        while at + 8 <= range.end {
            let tag = Tag(self.coding.u16(&self.bytes[at..]), self.coding.u16(&self.bytes[at + 2..]));
            let length = self.coding.u32(&self.bytes[at + 4..]);
            let header = Header { tag, vr: None, length, value: at + 8 };
            if tag == SEQUENCE_END {
                return Ok((found, at + 8));
            }
            if tag != ITEM || (length == UNDEFINED && contents == Contents::Bytes) {
                return Err(DataSetError::NotAnItem { tag: tag.to_string(), at });
            }
            let end = if length == UNDEFINED {
                self.elements(header.value..range.end, depth + 1)?.1
            } else {
                self.end_of_value(&header, at, range.end)?
            };
            found.push(header.value..end);
            at = end;
        }
        Ok((found, at))
    }

    fn end_of_value(&self, header: &Header, at: usize, end: usize) -> Result<usize, DataSetError> {
        let left = end - header.value;
        let declared = header.length as usize;
        if declared > left {
            let (declared, left) = (declared as u64, left as u64);
            return Err(DataSetError::PastTheEnd { tag: header.tag.to_string(), at, declared, left });
        }
        Ok(header.value + declared)
    }

    /// Reads tag, VR and length; the caller made sure that eight bytes are there.
    fn header(&self, at: usize, end: usize) -> Result<Header, DataSetError> {
        let b = &self.bytes[at..end];
        let tag = Tag(self.coding.u16(b), self.coding.u16(&b[2..]));
        let vr = [b[4], b[5]];
        // Delimiters have no VR, and neither have elements that a careless writer left implicit in an explicit file.
        if !self.coding.explicit || tag.0 == 0xFFFE || !vr.iter().all(u8::is_ascii_uppercase) {
            return Ok(Header { tag, vr: None, length: self.coding.u32(&b[4..]), value: at + 8 });
        }
        if !has_long_header(vr) {
            let length = u32::from(self.coding.u16(&b[6..]));
            return Ok(Header { tag, vr: Some(vr), length, value: at + 8 });
        }
        if b.len() < 12 {
            let left = b.len() as u64;
            return Err(DataSetError::PastTheEnd { tag: tag.to_string(), at, declared: 12, left });
        }
        Ok(Header { tag, vr: Some(vr), length: self.coding.u32(&b[8..]), value: at + 12 })
    }
}

/// Value representations whose length takes four bytes after two reserved ones (PS3.5 table 7.1-1).
fn has_long_header(vr: [u8; 2]) -> bool {
    matches!(&vr, b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV")
}

fn start_of_elements(file: &[u8]) -> Result<usize, DataSetError> {
    if file.get(128..132) == Some(b"DICM") {
        return Ok(132);
    }
    if file.get(..4) == Some(b"DICM") {
        return Ok(4);
    }
    // Without the mark: a first group of 2 or 8 in either byte order.
    match file.get(..8) {
        Some([2 | 8, 0, _, 0, ..] | [0, 2 | 8, 0, _, ..]) => Ok(0),
        _ => Err(DataSetError::NotDicom),
    }
}

/// The stated transfer syntax and where the data set starts. The meta group is explicit little endian.
fn read_meta(file: &[u8], start: usize) -> Result<(Option<String>, usize), DataSetError> {
    let walk = Walk { bytes: file, coding: Coding::EXPLICIT_LITTLE };
    let mut syntax = None;
    let mut at = start;
    while at + 8 <= file.len() && walk.coding.u16(&file[at..]) == 2 {
        let header = walk.header(at, file.len())?;
        let end = walk.end_of_value(&header, at, file.len())?;
        if header.tag == Tag(2, 0x0010) {
            let uid = String::from_utf8_lossy(&file[header.value..end]);
            let uid = uid.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_string();
            syntax = (!uid.is_empty()).then_some(uid);
        }
        at = end;
    }
    Ok((syntax, at))
}

/// From the first element: two capital letters mean explicit, the group tells the byte order.
fn guess_syntax(data_set: &[u8]) -> Option<Syntax> {
    let first: [u8; 8] = data_set.get(..8)?.try_into().ok()?;
    let explicit = first[4..6].iter().all(u8::is_ascii_uppercase);
    let little = first[0] != 0;
    match (explicit, little) {
        (true, true) => Some(Syntax::ExplicitLittle),
        (true, false) => Some(Syntax::ExplicitBig),
        (false, true) => Some(Syntax::ImplicitLittle),
        (false, false) => None,
    }
}

/// Some writers state explicit VR and write implicit, or the reverse: the first element decides.
fn agreeing_coding(data_set: &[u8], stated: Coding) -> Coding {
    match data_set.get(4..6) {
        Some(vr) if stated.little => Coding { explicit: vr.iter().all(u8::is_ascii_uppercase), ..stated },
        _ => stated,
    }
}

fn inflate(deflated: &[u8]) -> Result<Vec<u8>, DataSetError> {
    let mut inflated = Vec::new();
    let mut reader = flate2::read::DeflateDecoder::new(deflated).take(LARGEST_INFLATED);
    match reader.read_to_end(&mut inflated) {
        Ok(_) => Ok(inflated),
        Err(_) => Err(DataSetError::NotInflatable { inflated: inflated.len() }),
    }
}
