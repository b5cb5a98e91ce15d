//! JPEG-LS (ITU-T T.87): lossless and near-lossless, one component, 2 to 16 bits.
//!
//! The variable names are those of the standard (A, B, C, N, Q, k, RItype), so that it can be read beside it. Not read:
//! restart intervals, mapping tables, several components; DICOM images with one grey sample do not use them.

use super::request::SampleLayout;

/// Why a JPEG-LS stream cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum JpegLsError {
    #[error("the header ends at byte {at}, before the image starts")]
    NoHeader { at: usize },
    #[error("marker FF{marker:02X} at byte {at} is not part of a grey image without restart intervals")]
    Marker { marker: u8, at: usize },
    #[error("{what} is {found}, which a grey image does not have")]
    Parameter { what: &'static str, found: usize },
    #[error("the stream ends in row {row} of {rows}")]
    TooShort { row: usize, rows: usize },
    #[error("a code in row {row} is longer than the standard allows")]
    LongCode { row: usize },
}

/// Lengths of runs as powers of two (T.87 table A.11 J).
const J: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const REGULAR_CONTEXTS: usize = 365;

/// What the header says (T.87 annex C).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub rows: usize,
    pub columns: usize,
    pub components: usize,
    pub precision: u32,
    near: i32,
    /// MAXVAL, T1, T2, T3, RESET where the stream gives them; 0 means the default.
    preset: [i32; 5],
    scan: usize,
}

/// Reads the markers up to the start of the scan.
pub(super) fn header(data: &[u8]) -> Result<Header, JpegLsError> {
    let mut found = Header { rows: 0, columns: 0, components: 0, precision: 0, near: 0, preset: [0; 5], scan: 0 };
    let mut at = 2;
    if data.get(..2) != Some(&[0xFF, 0xD8]) {
        return Err(JpegLsError::NoHeader { at: 0 });
    }
    loop {
        let missing = JpegLsError::NoHeader { at };
        let (Some([0xFF, marker]), Some(length)) = (data.get(at..at + 2), data.get(at + 2..at + 4)) else {
            return Err(missing);
        };
        let end = at + 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
        let body = data.get(at + 4..end).ok_or(missing)?;
        match marker {
            0xF7 => frame_header(body, &mut found).ok_or(JpegLsError::NoHeader { at })?,
            0xF8 => preset(body, &mut found).ok_or(JpegLsError::Marker { marker: *marker, at })?,
            0xDA => {
                found.scan = end;
                scan_header(body, &mut found)?;
                return if found.rows == 0 { Err(JpegLsError::NoHeader { at }) } else { Ok(found) };
            }
            // Application data and comments.
            0xE0..=0xEF | 0xFE => {}
            _ => return Err(JpegLsError::Marker { marker: *marker, at }),
        }
        at = end;
    }
}

fn frame_header(body: &[u8], found: &mut Header) -> Option<()> {
    let [precision, r1, r0, c1, c0, components, ..] = *body else { return None };
    found.precision = u32::from(precision);
    found.rows = usize::from(u16::from_be_bytes([r1, r0]));
    found.columns = usize::from(u16::from_be_bytes([c1, c0]));
    found.components = usize::from(components);
    Some(())
}

fn preset(body: &[u8], found: &mut Header) -> Option<()> {
    // Only preset coding parameters (type 1); mapping tables are refused.
    if body.len() != 11 || body[0] != 1 {
        return None;
    }
    for (value, pair) in found.preset.iter_mut().zip(body[1..].chunks_exact(2)) {
        *value = i32::from(u16::from_be_bytes([pair[0], pair[1]]));
    }
    Some(())
}

fn scan_header(body: &[u8], found: &mut Header) -> Result<(), JpegLsError> {
    let [components, _, table, near, interleave, transform] = *body else {
        return Err(JpegLsError::Parameter { what: "the number of components in the scan", found: body.len() });
    };
    let expected = [
        ("the number of components in the scan", components, 1),
        ("the mapping table", table, 0),
        ("the interleave mode", interleave, 0),
        ("the point transform", transform, 0),
    ];
    if let Some((what, value, _)) = expected.into_iter().find(|(_, value, wanted)| value != wanted) {
        return Err(JpegLsError::Parameter { what, found: usize::from(value) });
    }
    found.near = i32::from(near);
    Ok(())
}

/// Decodes a stream whose header agrees with the layout, to little-endian samples.
pub(super) fn decode(data: &[u8], layout: &SampleLayout) -> Result<Vec<u8>, JpegLsError> {
    let header = header(data)?;
    let mut coder = Coder::new(&header, &data[header.scan..])?;
    let (rows, columns) = (usize::from(layout.rows), usize::from(layout.columns));
    let mut samples = Vec::with_capacity(layout.frame_bytes());
    // A margin on both sides: left of the first column stands the sample above it, right of the last its copy.
    let (mut above, mut line) = (vec![0_i32; columns + 2], vec![0_i32; columns + 2]);
    for row in 0..rows {
        above[columns + 1] = above[columns];
        line[0] = above[1];
        coder.line(&above, &mut line).map_err(|stop| match stop {
            Stop::End => JpegLsError::TooShort { row, rows },
            Stop::LongCode => JpegLsError::LongCode { row },
        })?;
        for value in &line[1..=columns] {
            match layout.bits_allocated {
                8 => samples.push(*value as u8),
                _ => samples.extend_from_slice(&(*value as u16).to_le_bytes()),
            }
        }
        std::mem::swap(&mut above, &mut line);
    }
    Ok(samples)
}

enum Stop {
    End,
    LongCode,
}

/// Bits, the highest first; after a byte FF the next one carries seven (T.87 A.1).
struct Bits<'d> {
    rest: std::slice::Iter<'d, u8>,
    held: u32,
    count: u32,
    after_ff: bool,
}

impl Bits<'_> {
    fn bit(&mut self) -> Result<u32, Stop> {
        if self.count == 0 {
            let byte = *self.rest.next().ok_or(Stop::End)?;
            if self.after_ff && byte >= 0x80 {
                // A marker: the coded data end here.
                return Err(Stop::End);
            }
            (self.held, self.count) = (u32::from(byte), if self.after_ff { 7 } else { 8 });
            self.after_ff = byte == 0xFF;
        }
        self.count -= 1;
        Ok(self.held >> self.count & 1)
    }

    fn bits(&mut self, count: u32) -> Result<i32, Stop> {
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | self.bit()? as i32;
        }
        Ok(value)
    }

    /// Limited-length Golomb code (T.87 A.5.3).
    fn golomb(&mut self, k: u32, limit: u32, qbpp: u32) -> Result<i32, Stop> {
        let escape = limit.saturating_sub(qbpp + 1);
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > escape {
                return Err(Stop::LongCode);
            }
        }
        if zeros < escape { Ok(((zeros as i32) << k) + self.bits(k)?) } else { Ok(self.bits(qbpp)? + 1) }
    }
}

#[derive(Clone, Copy)]
struct Context {
    a: i32,
    b: i32,
    c: i32,
    n: i32,
}

impl Context {
    /// The Golomb parameter for a sum of magnitudes; N is at least 1, so this ends, and real streams stay below 16.
    fn k(self, a: i32) -> u32 {
        (0..24).find(|k| self.n << k >= a).unwrap_or(24)
    }
}

struct Coder<'d> {
    bits: Bits<'d>,
    contexts: [Context; REGULAR_CONTEXTS],
    /// For runs ended by a sample unlike its upper neighbour (0) and like it (1); B counts negative errors.
    run_contexts: [Context; 2],
    run_index: usize,
    near: i32,
    maxval: i32,
    range: i32,
    qbpp: u32,
    limit: u32,
    reset: i32,
    thresholds: [i32; 3],
}

impl<'d> Coder<'d> {
    fn new(header: &Header, scan: &'d [u8]) -> Result<Self, JpegLsError> {
        if header.components != 1 {
            return Err(JpegLsError::Parameter { what: "the number of components", found: header.components });
        }
        if !(2..=16).contains(&header.precision) {
            return Err(JpegLsError::Parameter { what: "the number of bits", found: header.precision as usize });
        }
        let highest = (1 << header.precision) - 1;
        let [maxval, t1, t2, t3, reset] = header.preset;
        let maxval = if maxval == 0 { highest } else { maxval.min(highest) };
        let near = header.near;
        if near > (maxval / 2).min(255) {
            return Err(JpegLsError::Parameter { what: "the allowed loss", found: near as usize });
        }
        let range = (maxval + 2 * near) / (2 * near + 1) + 1;
        let bits_for = |values: i32| (values - 1).max(1).ilog2() + 1;
        let bpp = bits_for(maxval + 1).max(2);
        let mut thresholds = default_thresholds(maxval, near);
        for (threshold, given) in thresholds.iter_mut().zip([t1, t2, t3]) {
            *threshold = if given == 0 { *threshold } else { given };
        }
        let start = Context { a: ((range + 32) / 64).max(2), b: 0, c: 0, n: 1 };
        Ok(Self {
            bits: Bits { rest: scan.iter(), held: 0, count: 0, after_ff: false },
            contexts: [start; REGULAR_CONTEXTS],
            run_contexts: [start; 2],
            run_index: 0,
            near,
            maxval,
            range,
            qbpp: bits_for(range),
            limit: 2 * (bpp + bpp.max(8)),
            reset: if reset == 0 { 64 } else { reset },
            thresholds,
        })
    }

    /// Decodes one line into `line[1..]`, under `above` (both with margins).
    fn line(&mut self, above: &[i32], line: &mut [i32]) -> Result<(), Stop> {
        let end = line.len() - 1;
        let mut x = 1;
        while x < end {
            let (ra, rb, rc, rd) = (line[x - 1], above[x], above[x - 1], above[x + 1]);
            let gradients = [rd - rb, rb - rc, rc - ra];
            if gradients.iter().any(|d| d.abs() > self.near) {
                line[x] = self.regular(gradients, ra, rb, rc)?;
                x += 1;
                continue;
            }
            let run = self.run_length(end - x)?;
            line[x..x + run].fill(ra);
            x += run;
            if x < end {
                line[x] = self.run_interruption(ra, above[x])?;
                self.run_index = self.run_index.saturating_sub(1);
                x += 1;
            }
        }
        Ok(())
    }

    /// Regular mode (T.87 A.3 to A.6).
    fn regular(&mut self, gradients: [i32; 3], ra: i32, rb: i32, rc: i32) -> Result<i32, Stop> {
        let [q1, q2, q3] = gradients.map(|d| self.quantised(d));
        let signed = 81 * q1 + 9 * q2 + q3;
        let sign = if signed < 0 { -1 } else { 1 };
        // |81 q1 + 9 q2 + q3| <= 4 * 91 = 364.
        let q = signed.unsigned_abs() as usize;
        let mut context = self.contexts[q];
        let predicted = (median_edge(ra, rb, rc) + sign * context.c).clamp(0, self.maxval);
        let k = context.k(context.a);
        let mapped = self.bits.golomb(k, self.limit, self.qbpp)?;
        let turned = self.near == 0 && k == 0 && 2 * context.b <= -context.n;
        let error = match (turned, mapped & 1 == 1) {
            (false, false) => mapped >> 1,
            (false, true) => -((mapped + 1) >> 1),
            (true, true) => mapped >> 1,
            (true, false) => -(mapped >> 1) - 1,
        };
        context.update(error, self.near, self.reset);
        self.contexts[q] = context;
        Ok(self.reconstructed(predicted, sign * error))
    }

    /// How many samples repeat the left one; at most `left` (T.87 A.7.1).
    fn run_length(&mut self, left: usize) -> Result<usize, Stop> {
        let mut run = 0;
        while self.bits.bit()? == 1 {
            let step = 1 << J[self.run_index];
            let taken = step.min(left - run);
            run += taken;
            if taken == step {
                self.run_index = (self.run_index + 1).min(J.len() - 1);
            }
            if run == left {
                return Ok(run);
            }
        }
        let rest = self.bits.bits(J[self.run_index])? as usize;
        // A run that reaches the end of the line must be said by a 1; anything longer is damage.
        if run + rest >= left { Err(Stop::LongCode) } else { Ok(run + rest) }
    }

    /// The sample that ends a run (T.87 A.7.2).
    fn run_interruption(&mut self, ra: i32, rb: i32) -> Result<i32, Stop> {
        let like = (ra - rb).abs() <= self.near;
        let (predicted, ri_type) = if like { (ra, 1) } else { (rb, 0) };
        let sign = if !like && ra > rb { -1 } else { 1 };
        let mut context = self.run_contexts[ri_type as usize];
        let k = context.k(if like { context.a + (context.n >> 1) } else { context.a });
        let limit = self.limit.saturating_sub(J[self.run_index] + 1);
        let mapped = self.bits.golomb(k, limit, self.qbpp)?;
        let whole = mapped + ri_type;
        let odd = whole & 1 == 1;
        let magnitude = (whole + 1) >> 1;
        let negative_when_odd = k != 0 || 2 * context.b >= context.n;
        let error = if negative_when_odd == odd { -magnitude } else { magnitude };
        if error < 0 {
            context.b += 1;
        }
        context.a = context.a.saturating_add((mapped + 1 - ri_type) >> 1);
        if context.n == self.reset {
            context.a >>= 1;
            context.n >>= 1;
            context.b >>= 1;
        }
        context.n += 1;
        self.run_contexts[ri_type as usize] = context;
        Ok(self.reconstructed(predicted, sign * error))
    }

    fn quantised(&self, d: i32) -> i32 {
        let [t1, t2, t3] = self.thresholds;
        let size = d.abs();
        let level = match size {
            _ if size <= self.near => 0,
            _ if size < t1 => 1,
            _ if size < t2 => 2,
            _ if size < t3 => 3,
            _ => 4,
        };
        level * d.signum()
    }

    fn reconstructed(&self, predicted: i32, error: i32) -> i32 {
        let step = 2 * self.near + 1;
        let mut value = predicted.saturating_add(error.saturating_mul(step));
        if value < -self.near {
            value = value.saturating_add(self.range * step);
        } else if value > self.maxval + self.near {
            value = value.saturating_sub(self.range * step);
        }
        value.clamp(0, self.maxval)
    }
}

impl Context {
    /// Bias and magnitude after an error (T.87 A.6).
    fn update(&mut self, error: i32, near: i32, reset: i32) {
        self.b = self.b.saturating_add(error.saturating_mul(2 * near + 1));
        self.a = self.a.saturating_add(error.abs());
        if self.n == reset {
            self.a >>= 1;
            self.b >>= 1;
            self.n >>= 1;
        }
        self.n += 1;
        if self.b <= -self.n {
            self.b = (self.b + self.n).max(1 - self.n);
            self.c = (self.c - 1).max(-128);
        } else if self.b > 0 {
            self.b = (self.b - self.n).min(0);
            self.c = (self.c + 1).min(127);
        }
    }
}

/// The predictor that follows edges (T.87 A.4.1).
fn median_edge(ra: i32, rb: i32, rc: i32) -> i32 {
    if rc >= ra.max(rb) {
        ra.min(rb)
    } else if rc <= ra.min(rb) {
        ra.max(rb)
    } else {
        ra + rb - rc
    }
}

/// Default thresholds of the gradients (T.87 C.2.4.1.1).
fn default_thresholds(maxval: i32, near: i32) -> [i32; 3] {
    let clamp = |value: i32, least: i32| if value > maxval || value < least { least } else { value };
    let [a, b, c] = if maxval >= 128 {
        let factor = (maxval.min(4095) + 128) / 256;
        [factor + 2 + 3 * near, 4 * factor + 3 + 5 * near, 17 * factor + 4 + 7 * near]
    } else {
        let factor = 256 / (maxval + 1);
        [(3 / factor + 3 * near).max(2), (7 / factor + 5 * near).max(3), (21 / factor + 7 * near).max(4)]
    };
    let t1 = clamp(a, near + 1);
    let t2 = clamp(b, t1);
    [t1, t2, clamp(c, t2)]
}
