//! Stored pixel values: which bytes belong to a frame, and which bits of them are the value.

use super::dataset::{DataSetError, Object, Set};
use super::request::{PixelRequest, SampleLayout};
use super::syntax::Syntax;
use super::tags;

/// No frame may be larger than this when unpacked: 16384 x 16384 pixels of two bytes. Unit: bytes.
pub const LARGEST_FRAME_BYTES: usize = 512 << 20;

/// Why the pixels of an image cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PixelError {
    /// An attribute that says how the pixels are stored is absent or not a number.
    #[error("{attribute} is missing or not a number, so the pixels cannot be interpreted")]
    Missing {
        /// The standard's name of the attribute.
        attribute: &'static str,
    },
    /// Several samples per pixel, or a palette.
    #[error(
        "the image is in colour ({photometric}, {samples} samples per pixel); only grey values can be measured, \
         export the original CT or MR images instead of screen captures"
    )]
    Colour {
        /// Photometric interpretation.
        photometric: String,
        /// Samples per pixel.
        samples: u16,
    },
    /// A combination of bits that the standard does not allow or this program does not know.
    #[error(
        "{stored} bits stored of {allocated} with high bit {high}: expected 8, 16 or 32 allocated and the stored bits inside"
    )]
    Bits {
        /// Bits allocated.
        allocated: u16,
        /// Bits stored.
        stored: u16,
        /// High bit.
        high: u16,
    },
    /// Floating point pixel data.
    #[error("the pixels are floating point numbers (a parametric map), expected the integers of a CT or MR image")]
    FloatingPoint,
    /// There are none.
    #[error("the file has no pixel data")]
    NoPixelData,
    /// Too few bytes.
    #[error("found {found} bytes of pixel data, expected {expected} for {frames} frame(s); the file is cut short")]
    TooFew {
        /// Bytes found.
        found: usize,
        /// Bytes expected.
        expected: usize,
        /// Number of frames.
        frames: usize,
    },
    /// Larger than allowed.
    #[error("a frame of {rows} x {columns} pixels is larger than this program unpacks; the header is probably damaged")]
    TooLarge {
        /// Rows.
        rows: u16,
        /// Columns.
        columns: u16,
    },
    /// Fragments cannot be given to frames.
    #[error("found {fragments} compressed fragments for {frames} frames and no table that tells them apart")]
    Fragments {
        /// Fragments found.
        fragments: usize,
        /// Frames expected.
        frames: usize,
    },
    /// The codestream is about another image than the data set.
    #[error(
        "the compressed data say {found}, the data set says {expected}; one of them is damaged, so nothing was decoded"
    )]
    HeaderDisagrees {
        /// What the codestream says.
        found: String,
        /// What the data set says.
        expected: String,
    },
    /// The decoder gave up.
    #[error("the {compression} data cannot be decoded: {why}; export the images uncompressed")]
    Undecodable {
        /// Kind of compression.
        compression: &'static str,
        /// What the decoder found.
        why: String,
    },
    /// A message between the program and its decoder is not one.
    #[error("a message of {found} bytes between the program and its decoder is damaged, expected {expected}")]
    Message {
        /// Bytes found.
        found: usize,
        /// What should have been there.
        expected: &'static str,
    },
    /// The decoding process took too long.
    #[error("decoding one frame took longer than {limit_s} s and was stopped; the file is probably damaged")]
    TookTooLong {
        /// The limit.
        limit_s: u64,
    },
    /// The decoding process ended without an answer.
    #[error("the decoding process ended without an answer ({how}); the file is probably damaged")]
    Died {
        /// How it ended.
        how: String,
    },
    /// The data set itself is damaged.
    #[error(transparent)]
    DataSet(#[from] DataSetError),
}

/// How the pixels of an image are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub sample: SampleLayout,
    pub high_bit: u16,
    pub frames: usize,
}

impl Layout {
    /// Reads and checks the attributes; refuses colour and impossible bits.
    pub fn read(set: &Set<'_>) -> Result<Self, PixelError> {
        let missing = |attribute| PixelError::Missing { attribute };
        let samples = set.short(tags::SAMPLES_PER_PIXEL).unwrap_or(1);
        let photometric = set.text(tags::PHOTOMETRIC_INTERPRETATION).unwrap_or_default();
        if samples != 1 || !(photometric.is_empty() || photometric.starts_with("MONOCHROME")) {
            return Err(PixelError::Colour { photometric, samples });
        }
        if set.has(tags::FLOAT_PIXEL_DATA) || set.has(tags::DOUBLE_FLOAT_PIXEL_DATA) {
            return Err(PixelError::FloatingPoint);
        }
        let rows = set.short(tags::ROWS).ok_or(missing("Rows"))?;
        let columns = set.short(tags::COLUMNS).ok_or(missing("Columns"))?;
        let allocated = set.short(tags::BITS_ALLOCATED).ok_or(missing("BitsAllocated"))?;
        let stored = set.short(tags::BITS_STORED).unwrap_or(allocated);
        let high = set.short(tags::HIGH_BIT).unwrap_or(stored.wrapping_sub(1));
        let inside = stored >= 1 && stored <= allocated && high < allocated && high + 1 >= stored;
        if !matches!(allocated, 1 | 8 | 16 | 32) || !inside {
            return Err(PixelError::Bits { allocated, stored, high });
        }
        if rows == 0 || columns == 0 {
            return Err(missing(if rows == 0 { "Rows" } else { "Columns" }));
        }
        let frames = match set.text(tags::NUMBER_OF_FRAMES) {
            None => 1,
            Some(_) => set
                .integer(tags::NUMBER_OF_FRAMES)
                .and_then(|n| usize::try_from(n).ok())
                .filter(|n| *n >= 1)
                .ok_or(missing("NumberOfFrames"))?,
        };
        let signed = set.short(tags::PIXEL_REPRESENTATION).unwrap_or(0) == 1;
        let sample = SampleLayout { rows, columns, bits_allocated: allocated, bits_stored: stored, signed };
        if sample.frame_bytes() > LARGEST_FRAME_BYTES {
            return Err(PixelError::TooLarge { rows, columns });
        }
        Ok(Self { sample, high_bit: high, frames })
    }

    /// The value in the low bits of a stored number: takes the stored bits below the high bit and restores the sign.
    fn value(&self, raw: u32) -> i64 {
        let stored = u32::from(self.sample.bits_stored);
        let shift = u32::from(self.high_bit) + 1 - stored;
        let kept = (u64::from(raw) >> shift) & ((1_u64 << stored) - 1);
        let negative = self.sample.signed && kept >> (stored - 1) == 1;
        kept as i64 - if negative { 1_i64 << stored } else { 0 }
    }
}

/// The frames of one file, decoded one at a time.
pub(super) struct Frames<'o, 'a> {
    object: &'o Object<'a>,
    layout: Layout,
    compressed: Option<Vec<Vec<u8>>>,
}

impl<'o, 'a> Frames<'o, 'a> {
    /// Finds the bytes of every frame; decodes nothing yet.
    pub fn find(object: &'o Object<'a>, layout: Layout) -> Result<Self, PixelError> {
        let compressed = match object.syntax {
            Syntax::Encapsulated(_) => {
                let fragments = object.fragments(tags::PIXEL_DATA)?.ok_or(PixelError::NoPixelData)?;
                Some(frames_of_fragments(&fragments, layout.frames)?)
            }
            _ => {
                let found = object.set().bytes(tags::PIXEL_DATA).ok_or(PixelError::NoPixelData)?.len();
                let expected = expected_bytes(&layout);
                if found < expected {
                    return Err(PixelError::TooFew { found, expected, frames: layout.frames });
                }
                None
            }
        };
        Ok(Self { object, layout, compressed })
    }

    /// The stored values of one frame, row by row.
    pub fn values(
        &self,
        frame: usize,
        decode: &dyn Fn(&PixelRequest) -> Result<Vec<u8>, PixelError>,
    ) -> Result<Vec<i64>, PixelError> {
        let bytes_per_frame = self.layout.sample.frame_bytes();
        let (Syntax::Encapsulated(compression), Some(frames)) = (self.object.syntax, &self.compressed) else {
            let all = self.object.set().bytes(tags::PIXEL_DATA).ok_or(PixelError::NoPixelData)?;
            return Ok(self.unpack(all, frame));
        };
        let data = frames.get(frame).cloned().ok_or(PixelError::NoPixelData)?;
        let request = PixelRequest { compression, layout: self.layout.sample, data };
        request.check_header()?;
        let decoded = decode(&request)?;
        if decoded.len() != bytes_per_frame {
            return Err(PixelError::TooFew { found: decoded.len(), expected: bytes_per_frame, frames: 1 });
        }
        Ok(decoded_values(&self.layout, &decoded))
    }

    /// `find` made sure that the bytes are there.
    fn unpack(&self, all: &[u8], frame: usize) -> Vec<i64> {
        let sample = &self.layout.sample;
        let pixels = sample.pixels();
        if sample.bits_allocated == 1 {
            // Bits are packed without gaps, also between frames, the lowest bit first.
            return (frame * pixels..(frame + 1) * pixels).map(|n| i64::from(all[n / 8] >> (n % 8) & 1)).collect();
        }
        let size = sample.frame_bytes();
        let bytes = &all[frame * size..(frame + 1) * size];
        let coding = self.object.coding();
        match sample.bits_allocated {
            8 => bytes.iter().map(|b| self.layout.value(u32::from(*b))).collect(),
            16 => bytes.chunks_exact(2).map(|b| self.layout.value(u32::from(coding.u16(b)))).collect(),
            _ => bytes.chunks_exact(4).map(|b| self.layout.value(coding.u32(b))).collect(),
        }
    }
}

/// Values that a decoder gave, little endian.
fn decoded_values(layout: &Layout, bytes: &[u8]) -> Vec<i64> {
    match layout.sample.bits_allocated {
        8 => bytes.iter().map(|b| layout.value(u32::from(*b))).collect(),
        16 => bytes.chunks_exact(2).map(|b| layout.value(u32::from(u16::from_le_bytes([b[0], b[1]])))).collect(),
        _ => bytes.chunks_exact(4).map(|b| layout.value(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))).collect(),
    }
}

fn expected_bytes(layout: &Layout) -> usize {
    if layout.sample.bits_allocated == 1 {
        return layout.sample.pixels().saturating_mul(layout.frames).div_ceil(8);
    }
    layout.sample.frame_bytes().saturating_mul(layout.frames)
}

/// Gives fragments to frames: all to a single frame, one each, or by the table of offsets in the first item.
fn frames_of_fragments(items: &[&[u8]], frames: usize) -> Result<Vec<Vec<u8>>, PixelError> {
    let Some((table, fragments)) = items.split_first() else { return Err(PixelError::NoPixelData) };
    if fragments.is_empty() {
        return Err(PixelError::NoPixelData);
    }
    if frames == 1 {
        return Ok(vec![fragments.concat()]);
    }
    if fragments.len() == frames {
        return Ok(fragments.iter().map(|f| f.to_vec()).collect());
    }
    let offsets: Vec<usize> =
        table.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize).collect();
    if offsets.len() != frames || fragments.len() < frames {
        return Err(PixelError::Fragments { fragments: fragments.len(), frames });
    }
    let mut found = vec![Vec::new(); frames];
    let mut at = 0;
    for fragment in fragments {
        let frame = offsets.partition_point(|offset| *offset <= at).saturating_sub(1);
        found[frame].extend_from_slice(fragment);
        at += fragment.len() + 8;
    }
    Ok(found)
}
