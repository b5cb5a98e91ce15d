//! Letters on paper: the fonts shipped with the program, the width of words, and where lines break.

use ttf_parser::Face;

use super::PdfError;

/// DejaVu Sans 2.37; its licence lies beside the files.
pub const REGULAR: &[u8] = include_bytes!("../../../fonts/DejaVuSans.ttf");
/// Its heavy cut.
pub const BOLD: &[u8] = include_bytes!("../../../fonts/DejaVuSans-Bold.ttf");

/// Measures words.
pub struct Letters {
    regular: Face<'static>,
    bold: Face<'static>,
}

impl Letters {
    /// The fonts shipped with the program.
    pub fn new() -> Result<Self, PdfError> {
        let face = |bytes| Face::parse(bytes, 0).map_err(|source| PdfError::Font { why: source.to_string() });
        Ok(Self { regular: face(REGULAR)?, bold: face(BOLD)? })
    }

    /// Width of words in letters of `size`, in the unit of `size`.
    pub fn width(&self, words: &str, size: f64, bold: bool) -> f64 {
        let face = if bold { &self.bold } else { &self.regular };
        let advance = |letter| {
            let glyph = face.glyph_index(letter).unwrap_or_default();
            f64::from(face.glyph_hor_advance(glyph).unwrap_or_default())
        };
        words.chars().map(advance).sum::<f64>() * size / f64::from(face.units_per_em())
    }

    /// The text in lines of at most `width`; a word longer than a line is broken.
    pub fn lines(&self, text: &str, size: f64, bold: bool, width: f64) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            for piece in self.fitting(word, size, bold, width) {
                // There is always a last line.
                let line = lines.last_mut().expect("at least one line");
                let joined = if line.is_empty() { piece.clone() } else { format!("{line} {piece}") };
                if self.width(&joined, size, bold) <= width {
                    *line = joined;
                } else {
                    lines.push(piece);
                }
            }
        }
        lines
    }

    fn fitting(&self, word: &str, size: f64, bold: bool, width: f64) -> Vec<String> {
        let mut pieces = vec![String::new()];
        for letter in word.chars() {
            let last = pieces.last_mut().expect("at least one piece");
            let longer = format!("{last}{letter}");
            if last.is_empty() || self.width(&longer, size, bold) <= width {
                *last = longer;
            } else {
                pieces.push(letter.to_string());
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_asked_and_no_word_is_lost() {
        let letters = Letters::new().unwrap();
        let text = "only 2.5 mm of nerve go below −20 °C; a-very-long-word-without-any-place-to-break-it-up";
        let lines = letters.lines(text, 9.0, false, 120.0);
        assert!(lines.iter().all(|line| letters.width(line, 9.0, false) <= 120.0), "{lines:?}");
        let without_breaks = |t: &str| t.split_whitespace().collect::<String>();
        assert_eq!(without_breaks(&lines.join(" ")), without_breaks(text));
    }

    #[test]
    fn every_sign_the_report_uses_has_a_glyph() {
        let letters = Letters::new().unwrap();
        for sign in "°²³×±−·✓✕?!µé".chars() {
            assert!(letters.regular.glyph_index(sign).is_some() && letters.bold.glyph_index(sign).is_some(), "{sign}");
        }
    }
}
