//! Pages that fill from the top. Unit: points (1/72 inch), y downwards.

use crate::documents::{Paper, Print};
use crate::report::{Colour, Letters, PdfError};
use crate::tagged::Leaf;

/// Margins and distances; beside the margins, which are points, in sizes of letters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacing {
    /// Margin at the left and at the right.
    pub left: f64,
    /// Margin above.
    pub top: f64,
    /// Margin below, with the notice in it.
    pub bottom: f64,
    /// Distance of base lines.
    pub leading: f64,
    /// Below a paragraph.
    pub after: f64,
    /// Above a heading.
    pub before: f64,
    /// Below a heading, and between the title and what follows.
    pub below: f64,
    /// Lines that stay with their heading.
    pub kept: f64,
    /// Between items of a list.
    pub item: f64,
    /// Sizes of title and headings.
    pub headings: [f64; 3],
}

impl Spacing {
    /// For papers to fill in and to look things up.
    pub const USUAL: Spacing = Spacing {
        left: 50.0,
        top: 50.0,
        bottom: 58.0,
        leading: 1.38,
        after: 0.3,
        before: 0.7,
        below: 0.1,
        kept: 3.5,
        item: 0.22,
        headings: [1.6, 1.25, 1.05],
    };

    /// For one sheet of paper, printed on both sides, with letters as large as on the others.
    pub const CLOSE: Spacing = Spacing {
        left: 36.0,
        top: 28.0,
        bottom: 38.0,
        leading: 1.21,
        after: 0.15,
        before: 0.32,
        below: 0.0,
        kept: 2.0,
        item: 0.05,
        headings: [1.35, 1.1, 1.0],
    };
}

/// How words look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// Size of the letters.
    pub size: f64,
    /// Heavy or not.
    pub bold: bool,
    /// Their colour.
    pub colour: Colour,
}

/// Something on a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Words on a base line.
    Words { at: (f64, f64), words: String, face: Face },
    /// A filled rectangle.
    Area { corner: (f64, f64), size: (f64, f64), colour: Colour },
    /// A line.
    Rule { from: (f64, f64), to: (f64, f64), colour: Colour, width: f64 },
}

/// A mark and what it belongs to; nothing where it only decorates.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The mark.
    pub mark: Mark,
    /// What it is a part of.
    pub leaf: Option<Leaf>,
}

/// Pages in the making.
pub struct Sheet {
    /// Finished and unfinished pages.
    pub pages: Vec<Vec<Placed>>,
    /// Measures words.
    pub letters: Letters,
    /// Where the next thing begins.
    pub y: f64,
    /// Size of ordinary letters.
    pub size: f64,
    /// Width of a page.
    pub width: f64,
    /// Height of a page.
    pub height: f64,
    /// Margins and distances.
    pub spacing: Spacing,
    leaves: usize,
}

impl Sheet {
    /// One empty page.
    pub fn new(print: Print, size: f64, spacing: Spacing) -> Result<Self, PdfError> {
        let (width, height) = match print.paper {
            Paper::Letter => (612.0, 792.0),
            Paper::A4 => (595.3, 841.9),
        };
        let (pages, letters) = (vec![Vec::new()], Letters::new()?);
        Ok(Self { pages, letters, y: spacing.top, size, width, height, spacing, leaves: 0 })
    }

    /// A new run of marks.
    pub fn leaf(&mut self) -> Leaf {
        self.leaves += 1;
        Leaf(self.leaves - 1)
    }

    /// How many runs there are.
    pub fn leaves(&self) -> usize {
        self.leaves
    }

    /// Where lines begin.
    pub fn left(&self) -> f64 {
        self.spacing.left
    }

    /// Width between the margins.
    pub fn inner(&self) -> f64 {
        self.width - 2.0 * self.spacing.left
    }

    /// Where the room for text ends.
    pub fn end(&self) -> f64 {
        self.height - self.spacing.bottom
    }

    /// Starts a page.
    pub fn new_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = self.spacing.top;
    }

    /// Starts a page where `height` does not fit any more; says whether it did.
    pub fn make_room(&mut self, height: f64) -> bool {
        let full = self.y + height > self.end() && self.y > self.spacing.top;
        if full {
            self.new_page();
        }
        full
    }

    /// Puts a mark on the page.
    pub fn put(&mut self, mark: Mark, leaf: Option<Leaf>) {
        // There is always a page.
        self.pages.last_mut().expect("at least one page").push(Placed { mark, leaf });
    }

    /// The lines of a text in a width.
    pub fn lines(&self, text: &str, face: Face, width: f64) -> Vec<String> {
        self.letters.lines(text, face.size, face.bold, width)
    }

    /// The height of a text in a width.
    pub fn text_height(&self, text: &str, face: Face, width: f64) -> f64 {
        self.lines(text, face, width).len() as f64 * face.size * self.spacing.leading
    }

    /// Lines from the top `y` on, on this page; gives the height they take.
    pub fn block(&mut self, (x, y): (f64, f64), width: f64, text: &str, face: Face, leaf: Option<Leaf>) -> f64 {
        let lines = self.lines(text, face, width);
        for (n, line) in lines.iter().enumerate() {
            // A blank after a line that goes on, so that no words grow together when it is read aloud or copied.
            let words = if n + 1 < lines.len() { format!("{line} ") } else { line.clone() };
            let at = (x, y + face.size * (1.0 + n as f64 * self.spacing.leading));
            self.put(Mark::Words { at, words, face }, leaf);
        }
        lines.len() as f64 * face.size * self.spacing.leading
    }

    /// A text that may go on over the end of a page, line by line; two lines at least stay together.
    pub fn flow(&mut self, x: f64, width: f64, text: &str, face: Face, leaf: Leaf) {
        let lines = self.lines(text, face, width);
        let step = face.size * self.spacing.leading;
        for (n, line) in lines.iter().enumerate() {
            let together = if n == 0 { lines.len().min(2) } else { 1 };
            self.make_room(together as f64 * step);
            let words = if n + 1 < lines.len() { format!("{line} ") } else { line.clone() };
            self.put(Mark::Words { at: (x, self.y + face.size), words, face }, Some(leaf));
            self.y += step;
        }
    }
}
