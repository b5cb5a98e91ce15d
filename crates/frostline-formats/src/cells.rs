//! Numbers in image files: element types, byte orders, frames, and a reader that takes memory only for what is there.

use std::io::Read;

/// The most cells one volume may have: 2^29, a 512 x 512 scan of 2000 slices (2 GiB of values). A file that claims more
/// is refused before anything is read.
pub const MOST_CELLS: usize = 1 << 29;

/// Deflate cannot shrink by more than this (258 bytes per 2 bits), so a claim above it is false whatever follows.
const MOST_DEFLATE_RATIO: usize = 1032;

/// Which frame of a file with several (times, layers, components) is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameChoice {
    /// The file must hold exactly one.
    Only,
    /// This one, counted from 0 in the order of the file.
    Frame(usize),
}

/// Why a frame cannot be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Several frames and no choice.
    #[error("the file holds {frames} frames (times, layers or components) where one was expected; name one, from 0 to {}", frames.saturating_sub(1))]
    Several {
        /// Frames in the file.
        frames: usize,
    },
    /// A choice beyond the last frame.
    #[error("frame {asked} was asked for, but the file holds {frames}, counted from 0")]
    NoSuch {
        /// The frame asked for.
        asked: usize,
        /// Frames in the file.
        frames: usize,
    },
}

impl FrameChoice {
    /// The number of the frame to take from a file that holds `frames`.
    pub(crate) fn among(self, frames: usize) -> Result<usize, FrameError> {
        match self {
            Self::Only if frames == 1 => Ok(0),
            Self::Only => Err(FrameError::Several { frames }),
            Self::Frame(asked) if asked < frames => Ok(asked),
            Self::Frame(asked) => Err(FrameError::NoSuch { asked, frames }),
        }
    }
}

/// Why the cells of a file cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CellError {
    /// Fewer values than the header declares.
    #[error(
        "the header declares {expected} values but the data ends after {found}; the file is cut off, fetch it again"
    )]
    TooShort {
        /// Values present.
        found: usize,
        /// Values declared, over all frames up to the one wanted.
        expected: usize,
    },
    /// More cells than one volume may have.
    #[error("the header declares more than {MOST_CELLS} cells in one volume, which no scan has; the header is damaged")]
    TooMany,
    /// A compressed stream that cannot hold what the header declares.
    #[error(
        "the header declares {declared} bytes, but {packed} compressed bytes can never hold that many; the header is damaged"
    )]
    Unbelievable {
        /// Bytes declared.
        declared: usize,
        /// Compressed bytes present.
        packed: usize,
    },
    /// A compressed stream that does not decode, or whose check sum is wrong.
    #[error("the compressed data is damaged ({reason}); fetch the file again")]
    Damaged {
        /// The words of the decoder.
        reason: String,
    },
    /// Text where a number was expected.
    #[error("value {position} reads {found:?} where a number was expected")]
    NotANumber {
        /// Position among the values, from 0.
        position: usize,
        /// The text found, cut after 20 characters.
        found: String,
    },
    /// A value that cannot be a label.
    #[error(
        "cell {position} holds {value}; a label is a whole number from 0 to 65535. Is this an image and not a segmentation?"
    )]
    NotALabel {
        /// Position among the values, from 0.
        position: usize,
        /// The value found.
        value: f64,
    },
}

/// How one value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
}

impl Element {
    /// Bytes of one value.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// Appends the values in `bytes`, a whole number of elements. Integers beyond 2^53 are rounded.
    fn append(self, bytes: &[u8], order: ByteOrder, values: &mut Vec<f64>) {
        // The type is looked up once per piece, not once per value.
        macro_rules! append_as {
            ($number:ty) => {{
                let (pieces, _) = bytes.as_chunks::<{ size_of::<$number>() }>();
                match order {
                    ByteOrder::Little => {
                        values.extend(pieces.iter().map(|piece| <$number>::from_le_bytes(*piece) as f64))
                    }
                    ByteOrder::Big => values.extend(pieces.iter().map(|piece| <$number>::from_be_bytes(*piece) as f64)),
                }
            }};
        }
        match self {
            Self::U8 => append_as!(u8),
            Self::I8 => append_as!(i8),
            Self::U16 => append_as!(u16),
            Self::I16 => append_as!(i16),
            Self::U32 => append_as!(u32),
            Self::I32 => append_as!(i32),
            Self::U64 => append_as!(u64),
            Self::I64 => append_as!(i64),
            Self::F32 => append_as!(f32),
            Self::F64 => append_as!(f64),
        }
    }
}

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

/// Where the cells of one frame lie among the values of a file.
///
/// `inner` values of one frame follow each other, then the same cells of the next frame, for `frames` frames, until each
/// frame has `cells`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameLayout {
    pub(crate) cells: usize,
    pub(crate) inner: usize,
    pub(crate) frames: usize,
    pub(crate) frame: usize,
}

impl FrameLayout {
    /// One frame that is the whole file.
    #[cfg(test)]
    pub(crate) fn single(cells: usize) -> Self {
        Self { cells, inner: cells.max(1), frames: 1, frame: 0 }
    }

    /// All values of the file; refuses a claim that no scan has.
    pub(crate) fn values(&self) -> Result<usize, CellError> {
        if self.cells > MOST_CELLS {
            return Err(CellError::TooMany);
        }
        self.cells.checked_mul(self.frames).ok_or(CellError::TooMany)
    }

    fn holds(&self, position: usize) -> bool {
        self.frames == 1 || (position / self.inner) % self.frames == self.frame
    }
}

/// Compressed or plain bytes, decoded as they are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Packed<'a> {
    Plain(&'a [u8]),
    Gzip(&'a [u8]),
    Zlib(&'a [u8]),
    Bzip2(&'a [u8]),
}

impl<'a> Packed<'a> {
    /// Opens the stream.
    pub(crate) fn open(self) -> Box<dyn Read + 'a> {
        match self {
            Self::Plain(bytes) => Box::new(bytes),
            Self::Gzip(bytes) => Box::new(flate2::bufread::MultiGzDecoder::new(bytes)),
            Self::Zlib(bytes) => Box::new(flate2::bufread::ZlibDecoder::new(bytes)),
            Self::Bzip2(bytes) => Box::new(bzip2::bufread::MultiBzDecoder::new(bytes)),
        }
    }

    /// Refuses a declared number of bytes that cannot be inside.
    pub(crate) fn can_hold(self, declared: usize) -> Result<(), CellError> {
        match self {
            Self::Gzip(packed) | Self::Zlib(packed) if packed.len().saturating_mul(MOST_DEFLATE_RATIO) < declared => {
                Err(CellError::Unbelievable { declared, packed: packed.len() })
            }
            _ => Ok(()),
        }
    }
}

/// Values of one frame, made by `cell` from position in the frame and stored value. Memory grows with what is read.
pub(crate) fn read_cells<T>(
    source: &mut dyn Read,
    stored_as: (Element, ByteOrder),
    layout: FrameLayout,
    mut cell: impl FnMut(usize, f64) -> Result<T, CellError>,
) -> Result<Vec<T>, CellError> {
    let (element, order) = stored_as;
    let values = layout.values()?;
    let size = element.size();
    let mut kept = Vec::new();
    let mut buffer = vec![0; 8192 * size];
    let mut piece = Vec::with_capacity(8192);
    let mut position = 0;
    while kept.len() < layout.cells {
        let wanted = (values - position).min(8192) * size;
        let found = fill(source, &mut buffer[..wanted])?;
        piece.clear();
        element.append(&buffer[..found], order, &mut piece);
        for value in &piece {
            if layout.holds(position) && kept.len() < layout.cells {
                kept.push(cell(kept.len(), *value)?);
            }
            position += 1;
        }
        if found < wanted && kept.len() < layout.cells {
            return Err(CellError::TooShort { found: position, expected: values });
        }
    }
    // The rest of the declared values must be there too, and leads to the check sum at the end of a compressed stream.
    let rest = (values - position).saturating_mul(size);
    let found = discard(source, rest)?;
    if found < rest {
        return Err(CellError::TooShort { found: position + found / size, expected: values });
    }
    kept.shrink_to_fit();
    Ok(kept)
}

/// Values written as text, separated by blanks or commas.
pub(crate) fn read_text_cells<T>(
    text: &[u8],
    layout: FrameLayout,
    mut cell: impl FnMut(usize, f64) -> Result<T, CellError>,
) -> Result<Vec<T>, CellError> {
    let values = layout.values()?;
    let mut kept = Vec::new();
    let mut position = 0;
    let words = text.split(|byte| byte.is_ascii_whitespace() || *byte == b',').filter(|word| !word.is_empty());
    for word in words.take(values) {
        if layout.holds(position) {
            let number = std::str::from_utf8(word).ok().and_then(|word| word.parse::<f64>().ok());
            let found = || String::from_utf8_lossy(word).chars().take(20).collect();
            let value = number.ok_or_else(|| CellError::NotANumber { position, found: found() })?;
            kept.push(cell(kept.len(), value)?);
        }
        position += 1;
    }
    if kept.len() < layout.cells {
        return Err(CellError::TooShort { found: position, expected: values });
    }
    Ok(kept)
}

/// Reads until the buffer is full or the stream ends; returns how many bytes came.
pub(crate) fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, CellError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(CellError::Damaged { reason: error.to_string() }),
        }
    }
    Ok(filled)
}

/// Reads and forgets up to `count` bytes; returns how many there were.
pub(crate) fn discard(source: &mut dyn Read, count: usize) -> Result<usize, CellError> {
    let mut scratch = [0; 16384];
    let mut gone = 0;
    while gone < count {
        let wanted = (count - gone).min(scratch.len());
        let found = fill(source, &mut scratch[..wanted])?;
        gone += found;
        if found < wanted {
            break;
        }
    }
    Ok(gone)
}

/// True when bytes follow. At the end of a compressed stream this compares its check sum.
pub(crate) fn has_more(source: &mut dyn Read) -> Result<bool, CellError> {
    let more = source.read(&mut [0]).map_err(|error| CellError::Damaged { reason: error.to_string() })?;
    Ok(more > 0)
}

/// A stored value as label.
pub(crate) fn as_label(position: usize, value: f64) -> Result<u16, CellError> {
    if value.fract() == 0.0 && (0.0..=f64::from(u16::MAX)).contains(&value) {
        Ok(value as u16)
    } else {
        Err(CellError::NotALabel { position, value })
    }
}

/// A remark on cells without a number, if there are any.
pub(crate) fn remark_on_missing(values: &[f32]) -> Option<String> {
    let missing = values.iter().filter(|value| !value.is_finite()).count();
    (missing > 0).then(|| format!("{missing} of {} cells hold no finite number", values.len()))
}

/// True for the name of an attribute that may tell who the patient is.
pub(crate) fn may_identify(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["patient", "birth", "physician", "operator", "institution", "accession", "hospital", "subject"]
        .iter()
        .any(|word| key.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(bytes: &[u8], stored_as: (Element, ByteOrder), layout: FrameLayout) -> Result<Vec<f64>, CellError> {
        read_cells(&mut &bytes[..], stored_as, layout, |_, value| Ok(value))
    }

    #[test]
    fn both_byte_orders_give_the_same_number() {
        let one = FrameLayout::single(1);
        assert_eq!(values(&[0xFE, 0xFF], (Element::I16, ByteOrder::Little), one).unwrap(), [-2.0]);
        assert_eq!(values(&[0xFF, 0xFE], (Element::I16, ByteOrder::Big), one).unwrap(), [-2.0]);
        assert_eq!(values(&1.5_f64.to_be_bytes(), (Element::F64, ByteOrder::Big), one).unwrap(), [1.5]);
        assert_eq!(values(&1.5_f32.to_le_bytes(), (Element::F32, ByteOrder::Little), one).unwrap(), [1.5]);
    }

    #[test]
    fn one_component_of_interleaved_values_is_taken() {
        // Two cells of three components: 1 2 3, 4 5 6; the middle component is 2 and 5.
        let layout = FrameLayout { cells: 2, inner: 1, frames: 3, frame: 1 };
        assert_eq!(values(&[1, 2, 3, 4, 5, 6], (Element::U8, ByteOrder::Little), layout).unwrap(), [2.0, 5.0]);
        // Two frames of three cells stored one after the other.
        let layout = FrameLayout { cells: 3, inner: 3, frames: 2, frame: 1 };
        assert_eq!(values(&[1, 2, 3, 4, 5, 6], (Element::U8, ByteOrder::Little), layout).unwrap(), [4.0, 5.0, 6.0]);
    }

    #[test]
    fn a_claim_of_more_cells_than_bytes_is_refused_without_the_memory() {
        let layout = FrameLayout::single(MOST_CELLS);
        let found = values(&[0; 10], (Element::U8, ByteOrder::Little), layout).unwrap_err();
        assert_eq!(found, CellError::TooShort { found: 10, expected: MOST_CELLS });
        assert_eq!(
            values(&[0; 10], (Element::U8, ByteOrder::Little), FrameLayout::single(MOST_CELLS + 1)).unwrap_err(),
            CellError::TooMany
        );
    }

    #[test]
    fn halves_negatives_and_nan_are_no_labels() {
        assert_eq!(as_label(0, 65535.0), Ok(65535));
        for value in [0.5, -1.0, 65536.0, f64::NAN] {
            assert!(as_label(3, value).is_err(), "{value}");
        }
    }
}
