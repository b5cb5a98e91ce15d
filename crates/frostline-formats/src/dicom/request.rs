//! One compressed frame to be decoded, and how that is said to another process.

use super::pixels::{LARGEST_FRAME_BYTES, PixelError};
use super::syntax::Compression;

/// Size and number format of the pixels of one frame (one sample per pixel).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleLayout {
    /// Rows.
    pub rows: u16,
    /// Columns.
    pub columns: u16,
    /// Bits each pixel takes: 1, 8, 16 or 32.
    pub bits_allocated: u16,
    /// Bits that carry the value.
    pub bits_stored: u16,
    /// True for two's complement.
    pub signed: bool,
}

impl SampleLayout {
    /// Pixels in a frame.
    pub fn pixels(&self) -> usize {
        usize::from(self.rows) * usize::from(self.columns)
    }

    /// Bytes of an unpacked frame.
    pub fn frame_bytes(&self) -> usize {
        self.pixels() * usize::from(self.bits_allocated).div_ceil(8)
    }
}

/// One compressed frame and what its data set says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelRequest {
    /// How it is compressed.
    pub compression: Compression,
    /// What must come out.
    pub layout: SampleLayout,
    /// The codestream.
    pub data: Vec<u8>,
}

const MARK: &[u8; 4] = b"FPX1";
const HEADER_BYTES: usize = 14;

impl PixelRequest {
    /// A message for another process.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.data.len());
        bytes.extend_from_slice(MARK);
        bytes.push(self.compression.code());
        bytes.push(u8::from(self.layout.signed));
        for number in [self.layout.rows, self.layout.columns, self.layout.bits_allocated, self.layout.bits_stored] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.data);
        bytes
    }

    /// Reads such a message.
    ///
    /// # Errors
    /// [`PixelError::Message`] or [`PixelError::TooLarge`] when it is not one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PixelError> {
        let wrong = |expected| PixelError::Message { found: bytes.len(), expected };
        if bytes.len() < HEADER_BYTES || &bytes[..4] != MARK {
            return Err(wrong("a request that starts with FPX1"));
        }
        let compression = Compression::from_code(bytes[4]).ok_or(wrong("a known compression"))?;
        let number = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let layout = SampleLayout {
            rows: number(6),
            columns: number(8),
            bits_allocated: number(10),
            bits_stored: number(12),
            signed: bytes[5] != 0,
        };
        if !matches!(layout.bits_allocated, 8 | 16 | 32)
            || layout.bits_stored == 0
            || layout.bits_stored > layout.bits_allocated
        {
            return Err(wrong("8, 16 or 32 bits allocated"));
        }
        if layout.frame_bytes() > LARGEST_FRAME_BYTES {
            return Err(PixelError::TooLarge { rows: layout.rows, columns: layout.columns });
        }
        Ok(Self { compression, layout, data: bytes[HEADER_BYTES..].to_vec() })
    }
}

/// The answer to a [`PixelRequest`]: the pixels, or why there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PixelResponse {
    /// Little-endian samples, row by row.
    Pixels(Vec<u8>),
    /// What the decoder found wrong.
    Refused(String),
}

impl PixelResponse {
    /// From what a decoder returned.
    pub fn from_result(result: Result<Vec<u8>, PixelError>) -> Self {
        match result {
            Ok(pixels) => Self::Pixels(pixels),
            Err(PixelError::Undecodable { why, .. }) => Self::Refused(why),
            Err(error) => Self::Refused(error.to_string()),
        }
    }

    /// Back to what a decoder returns, for the request it answers.
    ///
    /// # Errors
    /// [`PixelError`] with what the decoder found wrong, or when the number of bytes is not that of the frame.
    pub fn into_result(self, request: &PixelRequest) -> Result<Vec<u8>, PixelError> {
        let expected = request.layout.frame_bytes();
        match self {
            Self::Pixels(pixels) if pixels.len() == expected => Ok(pixels),
            Self::Pixels(pixels) => Err(PixelError::TooFew { found: pixels.len(), expected, frames: 1 }),
            Self::Refused(why) => Err(PixelError::Undecodable { compression: request.compression.name(), why }),
        }
    }

    /// A message for another process.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (mark, body) = match self {
            Self::Pixels(pixels) => (b'P', pixels.as_slice()),
            Self::Refused(why) => (b'R', why.as_bytes()),
        };
        let mut bytes = vec![mark];
        bytes.extend_from_slice(body);
        bytes
    }

    /// Reads such a message.
    ///
    /// # Errors
    /// [`PixelError::Message`] when it is not one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PixelError> {
        match bytes.split_first() {
            Some((b'P', pixels)) => Ok(Self::Pixels(pixels.to_vec())),
            Some((b'R', why)) => Ok(Self::Refused(String::from_utf8_lossy(why).into_owned())),
            _ => Err(PixelError::Message { found: bytes.len(), expected: "an answer that starts with P or R" }),
        }
    }
}
