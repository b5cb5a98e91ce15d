//! From the stored bytes to values, whichever encoding and however many files.

use super::NrrdError;
use super::header::{Encoding, Header, next_line};
use crate::cells::{self, CellError, FrameLayout, Packed};

/// The values of one frame.
pub(super) fn read<T>(
    header: &Header,
    attached: &[u8],
    layout: FrameLayout,
    mut detached: impl FnMut(&str) -> Option<Vec<u8>>,
    cell: impl FnMut(usize, f64) -> Result<T, CellError>,
) -> Result<Vec<T>, NrrdError> {
    let expected = layout.values()?;
    let mut fetch = |name: &String| detached(name).ok_or_else(|| NrrdError::MissingDataFile { name: name.clone() });
    match &header.data_files()?[..] {
        [] if header.field("datafile").is_some() => Err(NrrdError::MissingDataFile { name: "LIST".into() }),
        [] => read_one(header, attached, layout, cell),
        [name] => read_one(header, &fetch(name)?, layout, cell),
        names => {
            // Several files hold equal parts, one after the other.
            let bytes = expected.saturating_mul(header.element()?.size());
            let share = bytes / names.len();
            let mut joined = Vec::new();
            for name in names {
                joined.extend(one_part(header, &fetch(name)?, share)?);
            }
            let stored_as = (header.element()?, header.byte_order()?);
            Ok(cells::read_cells(&mut &joined[..], stored_as, layout, cell)?)
        }
    }
}

fn read_one<T>(
    header: &Header,
    bytes: &[u8],
    layout: FrameLayout,
    cell: impl FnMut(usize, f64) -> Result<T, CellError>,
) -> Result<Vec<T>, NrrdError> {
    let expected = layout.values()?;
    let bytes = without_lines(bytes, header.line_skip()?);
    if header.encoding()? == Encoding::Text {
        let bytes = bytes.get(header.byte_skip()?.unwrap_or(0)..).unwrap_or_default();
        let mut words = bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        if words.nth(expected).is_some() && !bytes.contains(&b',') {
            return Err(NrrdError::TooMuchData { expected });
        }
        return Ok(cells::read_text_cells(bytes, layout, cell)?);
    }
    let stored_as = (header.element()?, header.byte_order()?);
    let hex = if header.encoding()? == Encoding::Hex { from_hex(bytes)? } else { Vec::new() };
    let packed = packed(header.encoding()?, bytes, &hex);
    let declared = expected.saturating_mul(stored_as.0.size());
    let skip = skip(header, packed, declared)?;
    packed.can_hold(declared.saturating_add(skip))?;
    let mut source = packed.open();
    cells::discard(&mut source, skip)?;
    let values = cells::read_cells(&mut source, stored_as, layout, cell)?;
    // Editors end a file with a line end; anything else that follows is not understood.
    let mut rest = [b'\n'; 3];
    let found = cells::fill(&mut source, &mut rest)?;
    if found == rest.len() || !rest.iter().all(|byte| matches!(byte, b'\n' | b'\r')) {
        return Err(NrrdError::TooMuchData { expected });
    }
    if found == 0 {
        cells::has_more(&mut source)?;
    }
    Ok(values)
}

/// One of several files, as plain bytes.
fn one_part(header: &Header, bytes: &[u8], share: usize) -> Result<Vec<u8>, NrrdError> {
    let encoding = header.encoding()?;
    if encoding == Encoding::Text {
        return Err(super::header::wrong("encoding", "ascii", "raw, hex, gzip or bzip2 for data in several files"));
    }
    let bytes = without_lines(bytes, header.line_skip()?);
    let hex = if encoding == Encoding::Hex { from_hex(bytes)? } else { Vec::new() };
    let packed = packed(encoding, bytes, &hex);
    let skip = skip(header, packed, share)?;
    packed.can_hold(share.saturating_add(skip))?;
    let mut source = packed.open();
    cells::discard(&mut source, skip)?;
    let mut part = Vec::new();
    let mut buffer = [0; 16384];
    while part.len() < share {
        let wanted = (share - part.len()).min(buffer.len());
        let found = cells::fill(&mut source, &mut buffer[..wanted])?;
        part.extend_from_slice(&buffer[..found]);
        if found < wanted {
            let size = header.element()?.size();
            return Err(CellError::TooShort { found: part.len() / size, expected: share / size }.into());
        }
    }
    Ok(part)
}

fn packed<'a>(encoding: Encoding, bytes: &'a [u8], hex: &'a [u8]) -> Packed<'a> {
    match encoding {
        Encoding::Gzip => Packed::Gzip(bytes),
        Encoding::Bzip2 => Packed::Bzip2(bytes),
        Encoding::Hex => Packed::Plain(hex),
        Encoding::Raw | Encoding::Text => Packed::Plain(bytes),
    }
}

/// Bytes in front of the values, counted after unpacking. For "-1" a packed stream is run through once to learn its
/// length; nothing of it is kept.
fn skip(header: &Header, packed: Packed, declared: usize) -> Result<usize, NrrdError> {
    if let Some(bytes) = header.byte_skip()? {
        return Ok(bytes);
    }
    let length = match packed {
        Packed::Plain(bytes) => bytes.len(),
        // A header in front of the values is small: reading on beyond twice the values cannot make the file good.
        _ => cells::discard(&mut packed.open(), declared.saturating_mul(2).saturating_add(1 << 20))?,
    };
    let size = header.element()?.size();
    let short = CellError::TooShort { found: length / size, expected: declared / size };
    Ok(length.checked_sub(declared).ok_or(short)?)
}

fn without_lines(mut bytes: &[u8], lines: usize) -> &[u8] {
    for _ in 0..lines {
        if bytes.is_empty() {
            break;
        }
        bytes = next_line(bytes).1;
    }
    bytes
}

/// Pairs of hexadecimal digits; blanks between them do not count.
fn from_hex(text: &[u8]) -> Result<Vec<u8>, NrrdError> {
    let mut bytes = Vec::new();
    let mut high = None;
    for (position, byte) in text.iter().filter(|byte| !byte.is_ascii_whitespace()).enumerate() {
        let not_a_digit = CellError::NotANumber { position: position / 2, found: char::from(*byte).to_string() };
        let digit = char::from(*byte).to_digit(16).ok_or(not_a_digit)? as u8;
        match high.take() {
            None => high = Some(digit),
            Some(first) => bytes.push(first * 16 + digit),
        }
    }
    Ok(bytes)
}
