//! A4 pages that fill from the top: paragraphs, tables, figures. Unit: points (1/72 inch), y downwards.

use frostline_plan::Level;
use frostline_plan::catalogue::Status;
use frostline_record::report::{Align, Cell, Column, Row, Table, level_word, status_words};

use super::PdfError;
use super::letters::Letters;
use crate::report::drawing::{Anchor, Colour, Drawing, Lettering, Mark, Stroke, rectangle};
use crate::report::palette::{GROUND, INK, RULE, SOFT_INK, WHITE};

/// A4.
pub const WIDTH: f64 = 595.3;
/// A4.
pub const HEIGHT: f64 = 841.9;
/// Left and right rim.
pub const RIM: f64 = 40.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = HEIGHT - 48.0;
/// Width between the rims.
pub const INNER: f64 = WIDTH - 2.0 * RIM;
const LEADING: f64 = 1.32;
const ALARM: Colour = Colour(143, 16, 24);
const HEAD: Colour = Colour(230, 235, 241);

/// Something on a page.
pub enum Item {
    /// A mark of its own.
    Mark(Mark),
    /// A drawing with its upper left corner and its scale.
    Figure { drawing: Drawing, at: (f64, f64), scale: f64 },
}

/// How a run of text looks.
#[derive(Clone, Copy)]
pub struct Face {
    pub size: f64,
    pub bold: bool,
    pub colour: Colour,
}

/// Ordinary text.
pub const TEXT: Face = Face { size: 9.0, bold: false, colour: INK };
/// Captions and details.
pub const SMALL: Face = Face { size: 7.6, bold: false, colour: SOFT_INK };
const CELL: Face = Face { size: 7.6, bold: false, colour: INK };

/// Pages in the making.
pub struct Paper {
    pub pages: Vec<Vec<Item>>,
    pub letters: Letters,
    pub y: f64,
}

impl Paper {
    /// One empty page.
    pub fn new() -> Result<Self, PdfError> {
        Ok(Self { pages: vec![Vec::new()], letters: Letters::new()?, y: TOP })
    }

    pub fn add(&mut self, item: Item) {
        // There is always a page.
        self.pages.last_mut().expect("at least one page").push(item);
    }

    /// Starts a page.
    pub fn new_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    /// Starts a page where `height` does not fit any more.
    pub fn make_room(&mut self, height: f64) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.new_page();
        }
    }

    pub fn area(&mut self, corner: (f64, f64), size: (f64, f64), colour: Colour) {
        let points = rectangle(corner.0, corner.1, size.0, size.1);
        self.add(Item::Mark(Mark::Area { points, colour, opacity: 1.0 }));
    }

    pub fn frame(&mut self, corner: (f64, f64), size: (f64, f64)) {
        let points = rectangle(corner.0, corner.1, size.0, size.1);
        self.add(Item::Mark(Mark::Line { points, closed: true, stroke: Stroke::plain(RULE, 0.6) }));
    }

    /// Words on a base line.
    pub fn words(&mut self, at: (f64, f64), words: &str, face: Face, anchor: Anchor) {
        let lettering = Lettering { bold: face.bold, ..Lettering::plain(face.size, face.colour) }.anchored(anchor);
        self.add(Item::Mark(Mark::Words { at, words: words.to_owned(), lettering }));
    }

    /// Lines of words from the top `y`; gives the height they take.
    pub fn block(&mut self, (x, y): (f64, f64), width: f64, text: &str, face: Face) -> f64 {
        let lines = self.letters.lines(text, face.size, face.bold, width);
        for (n, line) in lines.iter().enumerate() {
            self.words((x, y + face.size + n as f64 * face.size * LEADING), line, face, Anchor::Start);
        }
        lines.len() as f64 * face.size * LEADING
    }

    /// The height that [`Paper::block`] would take.
    pub fn block_height(&self, width: f64, text: &str, face: Face) -> f64 {
        self.letters.lines(text, face.size, face.bold, width).len() as f64 * face.size * LEADING
    }

    pub fn paragraph(&mut self, text: &str) {
        let height = self.block_height(INNER, text, TEXT);
        self.make_room(height);
        self.block((RIM, self.y), INNER, text, TEXT);
        self.y += height + 5.0;
    }

    pub fn heading(&mut self, text: &str, size: f64) {
        self.make_room(size * 5.0);
        self.y += size * 0.6;
        let face = Face { size, bold: true, colour: INK };
        self.y += self.block((RIM, self.y), INNER, text, face) + 4.0;
    }

    /// A word on a coloured ground with its top left corner; gives its width.
    pub fn badge(&mut self, at: (f64, f64), level: Level) -> f64 {
        self.badge_saying(at, level, level_word(level))
    }

    fn badge_saying(&mut self, at: (f64, f64), level: Level, words: &str) -> f64 {
        let face = Face { size: 6.8, bold: true, colour: WHITE };
        let width = self.letters.width(words, face.size, true) + 7.0;
        self.area(at, (width, 10.4), level_colour(level));
        self.words((at.0 + 3.5, at.1 + 7.7), words, face, Anchor::Start);
        width
    }

    pub fn table(&mut self, table: &Table) {
        self.make_room(60.0);
        let title = Face { size: 8.6, bold: true, colour: INK };
        self.y += self.block((RIM, self.y), INNER, &table.caption, title) + 3.0;
        self.table_head(&table.columns);
        for (n, row) in table.rows.iter().enumerate() {
            match row {
                Row::Group(words) => {
                    let next = match table.rows.get(n + 1) {
                        Some(Row::Cells(cells)) => self.row_height(&table.columns, cells, false),
                        _ => 0.0,
                    };
                    self.group_row(&table.columns, words, next);
                }
                Row::Cells(cells) => self.cells_row(&table.columns, cells),
            }
        }
        self.y += 8.0;
    }

    fn table_head(&mut self, columns: &[Column]) {
        let titles: Vec<Cell> = columns.iter().map(|c| Cell::text(&c.title)).collect();
        let height = self.row_height(columns, &titles, true);
        self.area((RIM, self.y), (INNER, height), HEAD);
        self.draw_row(columns, &titles, height, true);
    }

    fn group_row(&mut self, columns: &[Column], words: &str, next: f64) {
        // A heading alone at the foot of a page helps nobody.
        if self.y + 18.0 + next > BOTTOM {
            self.new_page();
            self.table_head(columns);
        }
        let face = Face { bold: true, ..CELL };
        let height = self.block_height(INNER - 8.0, words, face) + 5.0;
        self.area((RIM, self.y), (INNER, height), GROUND);
        self.frame((RIM, self.y), (INNER, height));
        self.block((RIM + 4.0, self.y + 2.0), INNER - 8.0, words, face);
        self.y += height;
    }

    fn cells_row(&mut self, columns: &[Column], cells: &[Cell]) {
        let height = self.row_height(columns, cells, false);
        if self.y + height > BOTTOM {
            self.new_page();
            self.table_head(columns);
        }
        self.draw_row(columns, cells, height, false);
    }

    fn row_height(&self, columns: &[Column], cells: &[Cell], head: bool) -> f64 {
        let height = |(column, cell): (&Column, &Cell)| {
            let (text, face) = cell_text(cell, head);
            self.block_height(column.share * INNER - 8.0, &text, face).max(11.0)
        };
        columns.iter().zip(cells).map(height).fold(0.0, f64::max) + 5.0
    }

    fn draw_row(&mut self, columns: &[Column], cells: &[Cell], height: f64, head: bool) {
        let (mut x, y) = (RIM, self.y);
        for (column, cell) in columns.iter().zip(cells) {
            let width = column.share * INNER;
            self.frame((x, y), (width, height));
            match cell {
                Cell::Level(level) => _ = self.badge((x + 4.0, y + 2.5), *level),
                Cell::Judged(level, words) => _ = self.badge_saying((x + 4.0, y + 2.5), *level, words),
                _ => {
                    let (text, face) = cell_text(cell, head);
                    self.cell_lines((x, y), width, &text, face, column.align);
                }
            }
            x += width;
        }
        self.y += height;
    }

    fn cell_lines(&mut self, (x, y): (f64, f64), width: f64, text: &str, face: Face, align: Align) {
        let (at, anchor) = match align {
            Align::Words => (x + 4.0, Anchor::Start),
            Align::Numbers => (x + width - 4.0, Anchor::End),
        };
        for (n, line) in self.letters.lines(text, face.size, face.bold, width - 8.0).iter().enumerate() {
            self.words((at, y + 2.0 + face.size + n as f64 * face.size * LEADING), line, face, anchor);
        }
    }
}

fn cell_text(cell: &Cell, head: bool) -> (String, Face) {
    let alarm = Face { bold: true, colour: ALARM, ..CELL };
    match cell {
        Cell::Text(text) => (text.clone(), Face { bold: head, ..CELL }),
        Cell::Level(level) => (level_word(*level).to_owned(), CELL),
        Cell::Judged(_, words) => ((*words).to_owned(), CELL),
        Cell::NotMarked => ("not marked".to_owned(), alarm),
        Cell::Status(Status::RecalledUnverified) => (status_words(Status::RecalledUnverified).to_owned(), alarm),
        Cell::Status(status) => (status_words(*status).to_owned(), CELL),
    }
}

/// The ground under a level; white letters on it have a contrast of at least 5:1.
pub fn level_colour(level: Level) -> Colour {
    match level {
        Level::Ok => Colour(27, 110, 60),
        Level::Unknown => Colour(74, 79, 140),
        Level::Warn => Colour(138, 75, 0),
        Level::Stop => Colour(161, 22, 32),
    }
}
