//! Teach-back: what the patient said back, or lines to write it on.

use super::document::Block;
use super::inputs::TeachBack;
use super::writer::Writer;

/// Enough for two or three sentences by hand.
const LINES: usize = 3;

pub(crate) fn teach_back(writer: &Writer, said: Option<&TeachBack>) -> Vec<Block> {
    let phrases = writer.phrases();
    match said {
        None => vec![Block::Lines(vec![phrases.said_back_line.clone(); LINES])],
        Some(said) => {
            let words = format!("{} “{}”", phrases.said_back, said.words);
            vec![Block::Paragraph(words), Block::Paragraph(format!("{} {}.", phrases.heard_by, said.heard_by))]
        }
    }
}
