//! A4 pages that fill from the top: paragraphs, tables, figures. Unit: points (1/72 inch), y downwards.

use frostline_plan::Level;
use frostline_plan::catalogue::Status;
use frostline_record::report::{Align, Cell, Column, Row, Table, level_word, status_words};

use super::PdfError;
use super::letters::Letters;
use crate::report::drawing::{Anchor, Colour, Drawing, Lettering, Mark, Stroke, rectangle};
use crate::report::palette::{GROUND, INK, RULE, SOFT_INK, WHITE};
use crate::tagged::{Child, Leaf, Node, Role};

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

/// Something on a page and what it belongs to; nothing where it only decorates.
pub struct Placed {
    /// What it is.
    pub item: Item,
    /// What it is a part of.
    pub leaf: Option<Leaf>,
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

/// Pages in the making, and what is on them for somebody who cannot see them.
pub struct Paper {
    pub pages: Vec<Vec<Placed>>,
    pub letters: Letters,
    pub y: f64,
    /// The parts that are finished, in the order of reading.
    pub tree: Vec<Node>,
    /// Headings, each with page and height.
    pub headings: Vec<(String, usize, f64)>,
    /// Parts that are not finished, from the outermost.
    open: Vec<Node>,
    /// What words and pictures belong to now.
    leaf: Option<Leaf>,
    leaves: usize,
}

impl Paper {
    /// One empty page.
    pub fn new() -> Result<Self, PdfError> {
        Ok(Self {
            pages: vec![Vec::new()],
            letters: Letters::new()?,
            y: TOP,
            tree: Vec::new(),
            headings: Vec::new(),
            open: Vec::new(),
            leaf: None,
            leaves: 0,
        })
    }

    /// How many runs of words and pictures there are.
    pub fn leaves(&self) -> usize {
        self.leaves
    }

    /// What is done within is a part of this role.
    pub fn part<T>(&mut self, role: Role, within: impl FnOnce(&mut Self) -> T) -> T {
        self.open.push(Node::new(role));
        let done = within(self);
        // Pushed above, and everything within closed what it opened.
        let node = self.open.pop().expect("the part that was opened");
        match self.open.last_mut() {
            Some(parent) => parent.push(node),
            None => self.tree.push(node),
        }
        done
    }

    /// A part without parts of its own: words and pictures within belong to it.
    pub fn said<T>(&mut self, role: Role, within: impl FnOnce(&mut Self) -> T) -> T {
        self.part(role, |paper| {
            let leaf = Leaf(paper.leaves);
            paper.leaves += 1;
            if let Some(open) = paper.open.last_mut() {
                open.children.push(Child::Leaf(leaf));
            }
            let outer = paper.leaf.replace(leaf);
            let done = within(paper);
            paper.leaf = outer;
            done
        })
    }

    pub fn add(&mut self, item: Item) {
        // Grounds and frames say nothing.
        let says = !matches!(item, Item::Mark(Mark::Area { .. } | Mark::Line { .. }));
        let leaf = self.leaf.filter(|_| says);
        // There is always a page.
        self.pages.last_mut().expect("at least one page").push(Placed { item, leaf });
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
            // A blank after a line that goes on, so that no words grow together when it is read aloud or copied.
            let line = if n + 1 < lines.len() { format!("{line} ") } else { line.clone() };
            self.words((x, y + face.size + n as f64 * face.size * LEADING), &line, face, Anchor::Start);
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
        self.said(Role::Paragraph, |paper| paper.block((RIM, paper.y), INNER, text, TEXT));
        self.y += height + 5.0;
    }

    /// Items with a dot before each.
    pub fn list(&mut self, items: &[String]) {
        self.part(Role::List, |paper| {
            for item in items {
                let text = format!("·  {item}");
                let height = paper.block_height(INNER, &text, TEXT);
                paper.make_room(height);
                paper.part(Role::Item, |paper| {
                    paper.said(Role::Body, |paper| paper.block((RIM, paper.y), INNER, &text, TEXT))
                });
                paper.y += height + 5.0;
            }
        });
    }

    pub fn heading(&mut self, text: &str, size: f64, level: u16) {
        self.make_room(size * 5.0);
        self.y += size * 0.6;
        self.headings.push((text.to_owned(), self.pages.len() - 1, self.y));
        let face = Face { size, bold: true, colour: INK };
        let height =
            self.said(Role::Heading(level, text.to_owned()), |paper| paper.block((RIM, paper.y), INNER, text, face));
        self.y += height + 4.0;
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
        self.part(Role::Table, |paper| {
            let caption = |paper: &mut Self| paper.block((RIM, paper.y), INNER, &table.caption, title);
            paper.y += paper.said(Role::Caption, caption) + 3.0;
            paper.part(Role::Head, |paper| paper.table_head(&table.columns));
            paper.part(Role::Rows, |paper| paper.rows(table));
        });
        self.y += 8.0;
    }

    fn rows(&mut self, table: &Table) {
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
    }

    fn table_head(&mut self, columns: &[Column]) {
        let titles: Vec<Cell> = columns.iter().map(|c| Cell::text(&c.title)).collect();
        let height = self.row_height(columns, &titles, true);
        self.area((RIM, self.y), (INNER, height), HEAD);
        self.draw_row(columns, &titles, height, true);
    }

    /// Headings again on another page, for the eye only: a reader of the tree has heard them.
    fn table_head_again(&mut self, columns: &[Column]) {
        let (open, tree, leaves) = (std::mem::take(&mut self.open), std::mem::take(&mut self.tree), self.leaves);
        let page = self.pages.last().map_or(0, Vec::len);
        self.table_head(columns);
        (self.open, self.tree, self.leaves) = (open, tree, leaves);
        self.pages.last_mut().into_iter().flat_map(|items| &mut items[page..]).for_each(|placed| placed.leaf = None);
    }

    fn group_row(&mut self, columns: &[Column], words: &str, next: f64) {
        // A heading alone at the foot of a page helps nobody.
        if self.y + 18.0 + next > BOTTOM {
            self.new_page();
            self.table_head_again(columns);
        }
        let face = Face { bold: true, ..CELL };
        let height = self.block_height(INNER - 8.0, words, face) + 5.0;
        self.area((RIM, self.y), (INNER, height), GROUND);
        self.frame((RIM, self.y), (INNER, height));
        let role = Role::GroupHeading(columns.len() as u32);
        self.part(Role::Row, |paper| {
            paper.said(role, |paper| paper.block((RIM + 4.0, paper.y + 2.0), INNER - 8.0, words, face))
        });
        self.y += height;
    }

    fn cells_row(&mut self, columns: &[Column], cells: &[Cell]) {
        let height = self.row_height(columns, cells, false);
        if self.y + height > BOTTOM {
            self.new_page();
            self.table_head_again(columns);
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
        self.part(Role::Row, |paper| {
            for (n, (column, cell)) in columns.iter().zip(cells).enumerate() {
                let width = column.share * INNER;
                paper.frame((x, y), (width, height));
                let role = match (head, n) {
                    (true, _) => Role::ColumnHeading,
                    (false, 0) => Role::RowHeading,
                    (false, _) => Role::Cell,
                };
                paper.said(role, |paper| paper.cell((x, y), width, (column, cell, head)));
                x += width;
            }
        });
        self.y += height;
    }

    fn cell(&mut self, (x, y): (f64, f64), width: f64, (column, cell, head): (&Column, &Cell, bool)) {
        match cell {
            Cell::Level(level) => _ = self.badge((x + 4.0, y + 2.5), *level),
            Cell::Judged(level, words) => _ = self.badge_saying((x + 4.0, y + 2.5), *level, words),
            _ => {
                let (text, face) = cell_text(cell, head);
                self.cell_lines((x, y), width, &text, face, column.align);
            }
        }
    }

    fn cell_lines(&mut self, (x, y): (f64, f64), width: f64, text: &str, face: Face, align: Align) {
        let (at, anchor) = match align {
            Align::Words => (x + 4.0, Anchor::Start),
            Align::Numbers => (x + width - 4.0, Anchor::End),
        };
        let lines = self.letters.lines(text, face.size, face.bold, width - 8.0);
        for (n, line) in lines.iter().enumerate() {
            let goes_on = n + 1 < lines.len() && anchor == Anchor::Start;
            let line = if goes_on { format!("{line} ") } else { line.clone() };
            self.words((at, y + 2.0 + face.size + n as f64 * face.size * LEADING), &line, face, anchor);
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
