//! Compressed frames: the check of their own header against the data set, and the decoders.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::pixels::PixelError;
use super::request::{PixelRequest, SampleLayout};
use super::syntax::Compression;
use super::{jpeg_ls, rle};

/// A codestream header: what a decoder would believe.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    rows: u64,
    columns: u64,
    components: u64,
    bits: u64,
}

impl PixelRequest {
    /// Compares the codestream's own header with what the data set says, before any decoder sees it.
    ///
    /// # Errors
    /// [`PixelError::HeaderDisagrees`] or [`PixelError::Undecodable`].
    pub fn check_header(&self) -> Result<(), PixelError> {
        let unreadable = |why: String| PixelError::Undecodable { compression: self.compression.name(), why };
        let said = match self.compression {
            Compression::Rle => {
                return rle::segments(&self.data, &self.layout).map(|_| ()).map_err(|e| unreadable(e.to_string()));
            }
            Compression::JpegLossy | Compression::JpegLossless => jpeg_header(&self.data),
            Compression::JpegLs => {
                let header = jpeg_ls::header(&self.data).map_err(|e| unreadable(e.to_string()))?;
                Some(Said {
                    rows: header.rows as u64,
                    columns: header.columns as u64,
                    components: header.components as u64,
                    bits: u64::from(header.precision),
                })
            }
            Compression::Jpeg2000 => jpeg_2000_header(&self.data),
        };
        let said = said.ok_or_else(|| unreadable("its header is missing or cut short".into()))?;
        let SampleLayout { rows, columns, bits_allocated, .. } = self.layout;
        let same_size = (said.rows, said.columns, said.components) == (u64::from(rows), u64::from(columns), 1);
        if !same_size || said.bits > u64::from(bits_allocated) {
            let found = format!(
                "{} x {} pixels, {} component(s), {} bits",
                said.columns, said.rows, said.components, said.bits
            );
            let expected = format!("{columns} x {rows} pixels, 1 component, at most {bits_allocated} bits");
            return Err(PixelError::HeaderDisagrees { found, expected });
        }
        Ok(())
    }
}

/// Decodes one frame to little-endian samples of the layout's size, row by row.
///
/// The header is checked first and a panic inside a decoder becomes an error, but nothing here can stop a decoder that
/// runs away or takes memory: call it in a process with limits.
///
/// # Errors
/// [`PixelError`] when the header disagrees, the decoder gives up, or the frame comes out with another size.
pub fn decode_frame(request: &PixelRequest) -> Result<Vec<u8>, PixelError> {
    request.check_header()?;
    let undecodable = |why: String| PixelError::Undecodable { compression: request.compression.name(), why };
    let (data, layout) = (&request.data, &request.layout);
    let decoded = catch_unwind(AssertUnwindSafe(|| match request.compression {
        Compression::Rle => rle::decode(data, layout).map_err(|e| e.to_string()),
        Compression::JpegLs => jpeg_ls::decode(data, layout).map_err(|e| e.to_string()),
        Compression::JpegLossy | Compression::JpegLossless => jpeg(data, layout),
        Compression::Jpeg2000 => jpeg_2000(data, layout),
    }));
    let pixels =
        decoded.map_err(|_| undecodable("the decoder stopped on damaged data".into()))?.map_err(undecodable)?;
    let expected = layout.frame_bytes();
    if pixels.len() != expected {
        return Err(PixelError::TooFew { found: pixels.len(), expected, frames: 1 });
    }
    Ok(pixels)
}

/// Size, components and bits from the frame header of a JPEG stream (T.81 B.2.2).
fn jpeg_header(data: &[u8]) -> Option<Said> {
    let mut at = 2;
    if data.get(..2)? != [0xFF, 0xD8] {
        return None;
    }
    loop {
        let [mark, marker, high, low] = *data.get(at..at + 4)? else { return None };
        if mark != 0xFF {
            return None;
        }
        if marker == 0xFF {
            at += 1;
            continue;
        }
        // Frame headers, without the tables DHT, JPG and DAC that share the range.
        if matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
            let [bits, r1, r0, c1, c0, components] = *data.get(at + 4..at + 10)? else { return None };
            return Some(Said {
                rows: u64::from(u16::from_be_bytes([r1, r0])),
                columns: u64::from(u16::from_be_bytes([c1, c0])),
                components: u64::from(components),
                bits: u64::from(bits),
            });
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
}

/// Size, components and bits from the SIZ segment (T.800 A.5.1), inside a JP2 box or bare.
fn jpeg_2000_header(data: &[u8]) -> Option<Said> {
    const START_AND_SIZE: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];
    let boxed = data.get(4..8)? == b"jP  ";
    let start = if boxed { data.windows(4).position(|w| w == START_AND_SIZE)? } else { 0 };
    let siz = data.get(start..)?;
    if siz.get(..4)? != START_AND_SIZE {
        return None;
    }
    let long = |at: usize| siz.get(at..at + 4).map(|b| u64::from(u32::from_be_bytes([b[0], b[1], b[2], b[3]])));
    let (width, height, left, top) = (long(8)?, long(12)?, long(16)?, long(20)?);
    let (tile_width, tile_height) = (long(24)?, long(28)?);
    let components = u64::from(u16::from_be_bytes([*siz.get(40)?, *siz.get(41)?]));
    // Many tiny tiles make a decoder allocate per tile; real images have at most a few thousand.
    let tiles = width.div_ceil(tile_width.max(1)) * height.div_ceil(tile_height.max(1));
    if tile_width == 0 || tile_height == 0 || tiles > 65_535 {
        return None;
    }
    let bits = u64::from(siz.get(42)? & 0x7F) + 1;
    Some(Said { rows: height.checked_sub(top)?, columns: width.checked_sub(left)?, components, bits })
}

fn jpeg(data: &[u8], layout: &SampleLayout) -> Result<Vec<u8>, String> {
    let mut decoder = jpeg_decoder::Decoder::new(data);
    decoder.set_max_decoding_buffer_size(layout.pixels() * 2);
    let pixels = decoder.decode().map_err(|e| e.to_string())?;
    let format = decoder.info().ok_or("no header")?.pixel_format;
    match (format, layout.bits_allocated) {
        (jpeg_decoder::PixelFormat::L8, 8) => Ok(pixels),
        (jpeg_decoder::PixelFormat::L8, 16) => {
            Ok(pixels.into_iter().flat_map(|b| u16::from(b).to_le_bytes()).collect())
        }
        // The decoder gives the machine's own byte order.
        (jpeg_decoder::PixelFormat::L16, 16) => {
            Ok(pixels.chunks_exact(2).flat_map(|b| u16::from_ne_bytes([b[0], b[1]]).to_le_bytes()).collect())
        }
        (format, bits) => Err(format!("the decoder gives {format:?} where {bits} bits are allocated")),
    }
}

fn jpeg_2000(data: &[u8], layout: &SampleLayout) -> Result<Vec<u8>, String> {
    let image = jpeg2k::Image::from_bytes(data).map_err(|e| e.to_string())?;
    let [component] = image.components() else {
        return Err(format!("{} components came out", image.components().len()));
    };
    let values = component.data();
    Ok(match layout.bits_allocated {
        8 => values.iter().map(|v| *v as u8).collect(),
        16 => values.iter().flat_map(|v| (*v as u16).to_le_bytes()).collect(),
        _ => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
    })
}
