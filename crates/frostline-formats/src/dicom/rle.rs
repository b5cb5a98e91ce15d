//! DICOM run lengths (PS3.5 annex G): one segment per byte of a pixel, the highest byte first, each run-length coded.
//!
//! Own and short, because the decoder tried before indexed beyond the data on about half of all damaged files. This one
//! reads only through iterators that end and never writes more than the frame.

use super::request::SampleLayout;

/// The header: a count and fifteen offsets of four bytes.
const HEADER_BYTES: usize = 64;

/// Why run lengths cannot be unpacked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RleError {
    #[error("the header needs {HEADER_BYTES} bytes, found {found}")]
    NoHeader { found: usize },
    #[error("found {found} segments, expected {expected} (one per byte of a pixel)")]
    Segments { found: usize, expected: usize },
    #[error(
        "segment {segment} starts at byte {at}, which does not follow the one before or lies outside {length} bytes"
    )]
    Offset { segment: usize, at: usize, length: usize },
    #[error("segment {segment} gives {found} bytes, expected {expected}")]
    TooFew { segment: usize, found: usize, expected: usize },
}

/// The segments of a frame, after the header was checked against the layout.
pub(super) fn segments<'d>(data: &'d [u8], layout: &SampleLayout) -> Result<Vec<&'d [u8]>, RleError> {
    let number = |n: usize| data.get(4 * n..4 * n + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize);
    let (Some(found), true) = (number(0), data.len() >= HEADER_BYTES) else {
        return Err(RleError::NoHeader { found: data.len() });
    };
    let expected = usize::from(layout.bits_allocated) / 8;
    if found != expected {
        return Err(RleError::Segments { found, expected });
    }
    let mut starts: Vec<usize> = (1..=found).filter_map(number).collect();
    starts.push(data.len());
    let mut segments = Vec::with_capacity(found);
    let mut least = HEADER_BYTES;
    for (segment, pair) in starts.windows(2).enumerate() {
        let (at, next) = (pair[0], pair[1]);
        if at < least || next < at || next > data.len() {
            return Err(RleError::Offset { segment: segment + 1, at, length: data.len() });
        }
        segments.push(&data[at..next]);
        least = at;
    }
    Ok(segments)
}

/// Unpacks a frame to little-endian samples.
pub(super) fn decode(data: &[u8], layout: &SampleLayout) -> Result<Vec<u8>, RleError> {
    let (pixels, size) = (layout.pixels(), usize::from(layout.bits_allocated) / 8);
    let mut frame = vec![0; layout.frame_bytes()];
    for (number, segment) in segments(data, layout)?.into_iter().enumerate() {
        let bytes = unpack(segment, pixels);
        if bytes.len() < pixels {
            return Err(RleError::TooFew { segment: number + 1, found: bytes.len(), expected: pixels });
        }
        // The first segment holds the highest byte.
        let place = size - 1 - number;
        for (pixel, byte) in bytes.into_iter().enumerate() {
            frame[pixel * size + place] = byte;
        }
    }
    Ok(frame)
}

/// At most `wanted` bytes; fewer when the segment ends.
fn unpack(segment: &[u8], wanted: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(wanted);
    let mut rest = segment;
    while let ([control, tail @ ..], true) = (rest, bytes.len() < wanted) {
        let left = wanted - bytes.len();
        match i16::from(*control as i8) {
            // A literal run of n + 1 bytes.
            literal @ 0.. => {
                let count = (literal as usize + 1).min(tail.len());
                bytes.extend_from_slice(&tail[..count.min(left)]);
                rest = &tail[count..];
            }
            // -128 does nothing.
            -128 => rest = tail,
            // The next byte 1 - n times.
            repeat => {
                let Some((byte, after)) = tail.split_first() else { break };
                bytes.extend(std::iter::repeat_n(*byte, ((1 - repeat) as usize).min(left)));
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(segments: &[&[u8]]) -> Vec<u8> {
        let mut header = vec![segments.len() as u32];
        let mut at = HEADER_BYTES as u32;
        for segment in segments {
            header.push(at);
            at += segment.len() as u32;
        }
        header.resize(16, 0);
        let mut bytes: Vec<u8> = header.into_iter().flat_map(u32::to_le_bytes).collect();
        segments.iter().for_each(|s| bytes.extend_from_slice(s));
        bytes
    }

    const FOUR_PIXELS: SampleLayout =
        SampleLayout { rows: 2, columns: 2, bits_allocated: 16, bits_stored: 16, signed: false };

    #[test]
    fn the_first_segment_is_the_high_byte() {
        // High bytes 1 1 1 1 as one run (1 - (-3) = 4 times), low bytes 5 6 7 8 as a literal.
        let data = frame(&[&[0xFD, 1], &[3, 5, 6, 7, 8]]);
        assert_eq!(decode(&data, &FOUR_PIXELS), Ok(vec![5, 1, 6, 1, 7, 1, 8, 1]));
    }

    #[test]
    fn a_segment_that_ends_early_is_refused() {
        let data = frame(&[&[0xFD, 1], &[3, 5, 6]]);
        assert_eq!(decode(&data, &FOUR_PIXELS), Err(RleError::TooFew { segment: 2, found: 2, expected: 4 }));
    }

    #[test]
    fn an_offset_beyond_the_data_is_refused() {
        let mut data = frame(&[&[0xFD, 1], &[0xFD, 1]]);
        data[8] = 0xFF;
        assert!(matches!(decode(&data, &FOUR_PIXELS), Err(RleError::Offset { .. })));
    }
}
