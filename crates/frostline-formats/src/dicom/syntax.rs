//! Transfer syntaxes: byte order, explicit or implicit value representations, and how pixels are compressed.

/// How elements and numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coding {
    pub explicit: bool,
    pub little: bool,
}

impl Coding {
    pub const EXPLICIT_LITTLE: Self = Self { explicit: true, little: true };
    pub const IMPLICIT_LITTLE: Self = Self { explicit: false, little: true };

    /// The first two bytes as a number. Range: at least two bytes.
    pub fn u16(self, b: &[u8]) -> u16 {
        let pair = [b[0], b[1]];
        if self.little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    }

    /// The first four bytes as a number. Range: at least four bytes.
    pub fn u32(self, b: &[u8]) -> u32 {
        let four = [b[0], b[1], b[2], b[3]];
        if self.little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }
    }

    /// The first eight bytes as a floating point number. Range: at least eight bytes.
    pub fn f64(self, b: &[u8]) -> f64 {
        let eight = [b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]];
        if self.little { f64::from_le_bytes(eight) } else { f64::from_be_bytes(eight) }
    }
}

/// How the pixels of one frame are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// DICOM run lengths (PS3.5 annex G).
    Rle,
    /// JPEG with a discrete cosine transform, 8 bit (lossy).
    JpegLossy,
    /// JPEG process 14, lossless.
    JpegLossless,
    /// JPEG-LS, lossless or near-lossless.
    JpegLs,
    /// JPEG 2000, lossless or lossy.
    Jpeg2000,
}

impl Compression {
    const ALL: [Self; 5] = [Self::Rle, Self::JpegLossy, Self::JpegLossless, Self::JpegLs, Self::Jpeg2000];

    /// The name a reader knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rle => "RLE",
            Self::JpegLossy => "JPEG",
            Self::JpegLossless => "JPEG lossless",
            Self::JpegLs => "JPEG-LS",
            Self::Jpeg2000 => "JPEG 2000",
        }
    }

    pub(super) fn code(self) -> u8 {
        self as u8
    }

    pub(super) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.code() == code)
    }
}

/// The transfer syntaxes this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
    Deflated,
    Encapsulated(Compression),
}

impl Syntax {
    /// From the UID in the file meta group (PS3.6 table A-1).
    pub fn from_uid(uid: &str) -> Option<Self> {
        let compression = match uid.strip_prefix("1.2.840.10008.1.2")? {
            "" => return Some(Self::ImplicitLittle),
            ".1" => return Some(Self::ExplicitLittle),
            ".1.99" => return Some(Self::Deflated),
            ".2" => return Some(Self::ExplicitBig),
            ".5" => Compression::Rle,
            ".4.50" | ".4.51" => Compression::JpegLossy,
            ".4.57" | ".4.70" => Compression::JpegLossless,
            ".4.80" | ".4.81" => Compression::JpegLs,
            ".4.90" | ".4.91" => Compression::Jpeg2000,
            _ => return None,
        };
        Some(Self::Encapsulated(compression))
    }

    pub fn coding(self) -> Coding {
        match self {
            Self::ImplicitLittle => Coding::IMPLICIT_LITTLE,
            Self::ExplicitBig => Coding { explicit: true, little: false },
            _ => Coding::EXPLICIT_LITTLE,
        }
    }
}
