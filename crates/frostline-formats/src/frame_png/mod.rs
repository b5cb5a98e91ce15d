//! A PNG ultrasound frame or mask with a pixel size given by the user.
//!
//! Knows 1 to 16 bit grey, palette and colour frames, and masks whose values are labels. A PNG does not say how large a
//! pixel is in the patient, so the user must. Frames have their own axes: x across (columns), y down (depth).
//! Does not see names burnt into the picture.

mod mask;

use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Limits, Transformations};

pub use mask::{Ellipse, FrameMask, Patch, PixelBox};

/// The most pixels a frame may have: 2^26, sixteen times the largest screen capture of a scanner.
pub const MOST_PIXELS: usize = 1 << 26;

/// How large one pixel is in the patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PixelSize {
    across_mm: f64,
    down_mm: f64,
}

/// A pixel size that no scanner has.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "a pixel of {across_mm} x {down_mm} mm was given; both sides must be above 0 and finite. Read the scale on the screen: depth in mm over its pixels"
)]
pub struct PixelSizeError {
    /// The width given.
    pub across_mm: f64,
    /// The height given.
    pub down_mm: f64,
}

impl PixelSize {
    /// From width and height of one pixel.
    ///
    /// # Errors
    /// [`PixelSizeError`] when a side is not above 0 and finite.
    pub fn new(across_mm: f64, down_mm: f64) -> Result<Self, PixelSizeError> {
        if [across_mm, down_mm].iter().all(|side| side.is_finite() && *side > 0.0) {
            Ok(Self { across_mm, down_mm })
        } else {
            Err(PixelSizeError { across_mm, down_mm })
        }
    }

    /// Width of a pixel. Unit: mm.
    pub fn across_mm(self) -> f64 {
        self.across_mm
    }

    /// Height of a pixel. Unit: mm.
    pub fn down_mm(self) -> f64 {
        self.down_mm
    }
}

/// Why a PNG frame or mask cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FramePngError {
    /// Not a PNG, cut off, or damaged.
    #[error("the PNG cannot be decoded ({reason}); export the frame again")]
    Damaged {
        /// The words of the decoder.
        reason: String,
    },
    /// More pixels than any frame has.
    #[error(
        "the PNG declares {width_px} x {height_px} pixels; at most {MOST_PIXELS} are read. Cut the frame out of the picture first"
    )]
    TooLarge {
        /// Declared width.
        width_px: usize,
        /// Declared height.
        height_px: usize,
    },
    /// Rows stored in seven passes.
    #[error("the PNG is interlaced, which no scanner writes; save it again without interlacing")]
    Interlaced,
    /// A mask in colour: its values are not labels.
    #[error(
        "pixel ({x}, {y}) of the mask is coloured; a mask has one value per pixel (grey or palette). Export labels, not an overlay"
    )]
    ColouredMask {
        /// Column of the first such pixel.
        x: usize,
        /// Row of it.
        y: usize,
    },
}

impl From<DecodingError> for FramePngError {
    fn from(error: DecodingError) -> Self {
        Self::Damaged { reason: error.to_string() }
    }
}

/// One ultrasound picture: grey values on square or oblong pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct UltrasoundFrame {
    /// Grey values, row by row from the top (skin side of the picture), columns fastest. Range: 0 to 255; a 16-bit frame
    /// is scaled to it, colours are weighted 0.299 R + 0.587 G + 0.114 B (Rec. 601), transparent pixels are black.
    pub grey: Vec<f32>,
    /// Pixels across.
    pub width_px: usize,
    /// Pixels down.
    pub height_px: usize,
    /// Size of one pixel in the patient.
    pub pixel: PixelSize,
    /// Keywords of the text and camera attributes that were present (never their values).
    pub identifying: Vec<String>,
}

impl UltrasoundFrame {
    /// Grey value of column `x`, row `y`; `None` outside.
    pub fn at(&self, x: usize, y: usize) -> Option<f32> {
        (x < self.width_px).then(|| self.grey.get(y * self.width_px + x).copied()).flatten()
    }

    /// Width of the picture in the patient. Unit: mm.
    pub fn width_mm(&self) -> f64 {
        self.width_px as f64 * self.pixel.across_mm
    }

    /// Height of the picture in the patient. Unit: mm.
    pub fn height_mm(&self) -> f64 {
        self.height_px as f64 * self.pixel.down_mm
    }
}

/// Reads an ultrasound frame.
///
/// # Errors
/// [`FramePngError`] for anything that is not a whole PNG of a believable size.
pub fn read_ultrasound_png(bytes: &[u8], pixel: PixelSize) -> Result<UltrasoundFrame, FramePngError> {
    let picture = decode(bytes, Transformations::EXPAND)?;
    let channels = picture.colour.samples();
    // A byte stays as it is; 16 bits are scaled so that white is 255 again.
    let sample = |pixel: &[u16], channel: usize| match picture.bits {
        16 => f32::from(pixel[channel]) / 257.0,
        _ => f32::from(pixel[channel]),
    };
    let grey = picture.samples.chunks_exact(channels).map(|pixel| match picture.colour {
        ColorType::GrayscaleAlpha => sample(pixel, 0) * sample(pixel, 1) / 255.0,
        ColorType::Rgb => luma(sample(pixel, 0), sample(pixel, 1), sample(pixel, 2)),
        ColorType::Rgba => luma(sample(pixel, 0), sample(pixel, 1), sample(pixel, 2)) * sample(pixel, 3) / 255.0,
        ColorType::Grayscale | ColorType::Indexed => sample(pixel, 0),
    });
    let grey = grey.collect();
    let (width_px, height_px) = (picture.width, picture.height);
    Ok(UltrasoundFrame { grey, width_px, height_px, pixel, identifying: text_keywords(bytes) })
}

/// Reads a mask: grey values or palette positions are the labels, unchanged (1-bit masks hold 0 and 1).
///
/// # Errors
/// [`FramePngError`]; a coloured pixel is refused, since its value is not a label.
pub fn read_mask_png(bytes: &[u8]) -> Result<FrameMask, FramePngError> {
    let picture = decode(bytes, Transformations::IDENTITY)?;
    let channels = picture.colour.samples();
    let colours = if matches!(picture.colour, ColorType::Rgb | ColorType::Rgba) { 3 } else { 1 };
    let mut labels = Vec::new();
    for (n, pixel) in picture.samples.chunks_exact(channels).enumerate() {
        if pixel[1..colours].iter().any(|channel| *channel != pixel[0]) {
            return Err(FramePngError::ColouredMask { x: n % picture.width, y: n / picture.width });
        }
        labels.push(pixel[0]);
    }
    Ok(FrameMask::from_rows(picture.width, labels))
}

/// Brightness of a colour as television weighs it (Rec. 601). A grey pixel keeps its exact value.
fn luma(red: f32, green: f32, blue: f32) -> f32 {
    if red == green && green == blue { red } else { 0.299 * red + 0.587 * green + 0.114 * blue }
}

/// A decoded PNG: one number per sample, rows without padding.
struct Picture {
    samples: Vec<u16>,
    width: usize,
    height: usize,
    bits: usize,
    colour: ColorType,
}

fn decode(bytes: &[u8], transformations: Transformations) -> Result<Picture, FramePngError> {
    // Eight bytes per pixel at most, plus room for the decoder's own tables.
    let limits = Limits { bytes: MOST_PIXELS * 8 + (1 << 20) };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(transformations);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info()?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    if width.checked_mul(height).is_none_or(|pixels| pixels > MOST_PIXELS) {
        return Err(FramePngError::TooLarge { width_px: width, height_px: height });
    }
    if reader.info().interlaced {
        return Err(FramePngError::Interlaced);
    }
    let (colour, depth) = reader.output_color_type();
    let bits = depth as usize;
    // Row by row: memory grows with the pixels that are there, not with those that are declared.
    let mut samples = Vec::new();
    while let Some(row) = reader.next_row()? {
        unpack(row.data(), bits, width * colour.samples(), &mut samples);
    }
    if samples.len() != width * height * colour.samples() {
        return Err(FramePngError::Damaged { reason: "incomplete rows".into() });
    }
    Ok(Picture { samples, width, height, bits, colour })
}

/// Samples of 1 to 16 bits from a row of bytes, high bits first.
fn unpack(row: &[u8], bits: usize, count: usize, samples: &mut Vec<u16>) {
    match bits {
        16 => samples.extend(row.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).take(count)),
        8 => samples.extend(row.iter().take(count).map(|byte| u16::from(*byte))),
        _ => {
            let mask = (1_u16 << bits) - 1;
            let places = (0..8 / bits).map(|n| 8 - bits * (n + 1));
            let all = row.iter().flat_map(|byte| places.clone().map(move |place| (u16::from(*byte) >> place) & mask));
            samples.extend(all.take(count));
        }
    }
}

/// Keywords of text chunks and "eXIf", by walking the chunks: length, name, content, check sum.
fn text_keywords(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let [a, b, c, d, name @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let Some(content) = name.get(4..).and_then(|after| after.get(..length)) else { break };
        match &name[..4] {
            b"tEXt" | b"zTXt" | b"iTXt" => {
                let keyword = content.split(|byte| *byte == 0).next().unwrap_or_default();
                found.push(String::from_utf8_lossy(keyword).chars().take(79).collect());
            }
            b"eXIf" => found.push("eXIf".into()),
            _ => {}
        }
        rest = name.get(length + 8..).unwrap_or_default();
    }
    found
}
