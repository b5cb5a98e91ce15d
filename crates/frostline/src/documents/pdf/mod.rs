//! A document as a tagged PDF: headings, lists, tables with heading cells, language and title for a screen reader, the
//! notice on every page.

mod ink;
mod sheet;
mod table;

use frostline_record::documents::{Block, Document, Section, Signature};

use super::print::Print;
use crate::report::{Colour, INK, PdfError, SOFT_INK};
use crate::tagged::{About, Node, Role};
use sheet::{Face, LEADING, Mark, Sheet};

/// Rim of what must not be missed.
const ALARM: Colour = Colour(143, 16, 24);
/// Ground of the notice about this program.
const NOTICE: Colour = Colour(255, 244, 214);

/// The document as the bytes of a PDF.
///
/// # Errors
/// [`PdfError`] when fonts or the document are refused.
pub fn pdf(document: &Document, print: Print) -> Result<Vec<u8>, PdfError> {
    let mut page = Page::new(document, print)?;
    page.head(document);
    document.sections.iter().for_each(|section| page.section(section));
    page.foot(document);
    page.rims(document);
    let about = About {
        title: &document.title,
        language: document.language.tag(),
        creator: concat!("frostline ", env!("CARGO_PKG_VERSION")),
        headings: page.headings,
    };
    ink::written(&page.sheet, &page.tree, &about)
}

struct Page {
    sheet: Sheet,
    tree: Vec<Node>,
    headings: Vec<(String, usize, f64)>,
}

impl Page {
    fn new(document: &Document, print: Print) -> Result<Self, PdfError> {
        let sheet = Sheet::new(print, print.letters_pt(document.audience()))?;
        Ok(Self { sheet, tree: Vec::new(), headings: Vec::new() })
    }

    fn face(&self, scale: f64, bold: bool) -> Face {
        Face { size: self.sheet.size * scale, bold, colour: INK }
    }

    fn soft(&self, scale: f64) -> Face {
        Face { colour: SOFT_INK, ..self.face(scale, false) }
    }

    fn head(&mut self, document: &Document) {
        if document.predicts {
            // Below the rim, which has the notice on every page.
            self.sheet.y += 6.0;
        }
        if !document.from.is_empty() {
            self.text(&document.from, Face { bold: true, ..self.soft(0.92) }, Role::Paragraph);
        }
        self.heading(&document.title, 1, 1.6);
        self.text(&document.subtitle, self.soft(1.0), Role::Paragraph);
        self.sheet.y += 0.4 * self.sheet.size;
        if !document.facts.is_empty() {
            let facts: Vec<_> = document.facts.iter().map(|fact| (fact.label.clone(), fact.value.clone())).collect();
            self.tree.push(table::facts(&mut self.sheet, &facts));
        }
    }

    fn heading(&mut self, words: &str, level: u16, scale: f64) {
        let face = self.face(scale, true);
        let height = self.sheet.text_height(words, face, self.sheet.inner());
        // With a line or two of what it heads.
        self.sheet.make_room(height + 3.5 * self.sheet.size * LEADING);
        if level > 1 {
            self.sheet.y += 0.7 * self.sheet.size;
        }
        self.headings.push((words.to_owned(), self.sheet.pages.len() - 1, self.sheet.y));
        self.text(words, face, Role::Heading(level, words.to_owned()));
        self.sheet.y += 0.1 * self.sheet.size;
    }

    fn text(&mut self, words: &str, face: Face, role: Role) {
        let leaf = self.sheet.leaf();
        self.sheet.flow(self.sheet.left(), self.sheet.inner(), words, face, leaf);
        self.sheet.y += 0.3 * self.sheet.size;
        self.tree.push(Node::of(role, leaf));
    }

    fn section(&mut self, section: &Section) {
        self.heading(&section.heading, 2, 1.25);
        section.blocks.iter().for_each(|block| self.block(block));
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(words) => self.text(words, self.face(1.0, false), Role::Paragraph),
            Block::Notice(words) => self.notice(words),
            Block::Heading(words) => self.heading(words, 3, 1.05),
            Block::List(items) => self.list(items, |_| "•".to_owned(), Role::List),
            Block::Steps(items) => self.list(items, |n| format!("{}.", n + 1), Role::NumberedList),
            Block::Checklist(items) => self.list(items, |_| "☐".to_owned(), Role::List),
            Block::Table(words) => self.tree.push(table::table(&mut self.sheet, words)),
            Block::Lines(labels) => labels.iter().for_each(|label| self.line(label, "", 2.6)),
            Block::Signatures(places) => places.iter().for_each(|place| self.signature(place)),
        }
    }

    fn notice(&mut self, words: &str) {
        let face = self.face(1.0, true);
        let (left, inner, size) = (self.sheet.left(), self.sheet.inner(), self.sheet.size);
        let width = inner - 2.2 * size;
        let height = self.sheet.text_height(words, face, width) + size;
        self.sheet.make_room(height + 0.5 * size);
        let y = self.sheet.y + 0.2 * size;
        let area = |corner, size| Mark::Area { corner, size, colour: ALARM };
        for (corner, size) in [
            ((left, y), (6.0, height)),
            ((left, y), (inner, 1.2)),
            ((left, y + height - 1.2), (inner, 1.2)),
            ((left + inner - 1.2, y), (1.2, height)),
        ] {
            self.sheet.put(area(corner, size), None);
        }
        let leaf = self.sheet.leaf();
        self.sheet.block((left + 1.4 * size, y + 0.5 * size), width, words, face, Some(leaf));
        self.sheet.y = y + height + 0.5 * size;
        self.tree.push(Node::of(Role::Paragraph, leaf));
    }

    fn list(&mut self, items: &[String], sign: impl Fn(usize) -> String, role: Role) {
        let face = self.face(1.0, false);
        let (left, size) = (self.sheet.left(), self.sheet.size);
        let indent = 1.7 * size;
        let width = self.sheet.inner() - indent;
        let mut node = Node::new(role);
        for (n, words) in items.iter().enumerate() {
            let lines = self.sheet.lines(words, face, width).len().min(2);
            self.sheet.make_room(lines as f64 * size * LEADING);
            let (label, body) = (self.sheet.leaf(), self.sheet.leaf());
            self.sheet.block((left + 0.2 * size, self.sheet.y), indent, &sign(n), face, Some(label));
            self.sheet.flow(left + indent, width, words, face, body);
            self.sheet.y += 0.22 * size;
            let mut item = Node::new(Role::Item);
            item.push(Node::of(Role::Label, label));
            item.push(Node::of(Role::Body, body));
            node.push(item);
        }
        self.sheet.y += 0.2 * size;
        self.tree.push(node);
    }

    /// A line to write on, with its label above it and what is written already.
    fn line(&mut self, label: &str, value: &str, heights: f64) {
        let (left, inner, size) = (self.sheet.left(), self.sheet.inner(), self.sheet.size);
        self.sheet.make_room(heights * size);
        let base = self.sheet.y + (heights - 0.9) * size;
        let (small, face) = (self.soft(0.78), self.face(1.0, true));
        let leaf = self.sheet.leaf();
        let at = (left, base - 0.3 * size);
        self.sheet.put(Mark::Words { at, words: format!("{label}: "), face: small }, Some(leaf));
        if !value.is_empty() {
            let x = left + self.sheet.letters.width(&format!("{label}: "), small.size, false).max(8.0 * size);
            self.sheet.put(Mark::Words { at: (x, at.1), words: value.to_owned(), face }, Some(leaf));
        }
        let rule = Mark::Rule { from: (left, base), to: (left + inner, base), colour: INK, width: 0.8 };
        self.sheet.put(rule, None);
        self.sheet.y = base + 0.2 * size;
        self.tree.push(Node::of(Role::Paragraph, leaf));
    }

    fn signature(&mut self, place: &Signature) {
        let size = self.sheet.size;
        self.sheet.make_room(9.0 * size);
        self.sheet.y += 0.5 * size;
        self.text(&place.role, self.face(1.0, true), Role::Paragraph);
        let name = if place.name == frostline_record::documents::BLANK { "" } else { &place.name };
        let signed = if place.signed.is_empty() { "" } else { "✓" };
        let [name_label, here, when] = &place.labels;
        for (label, value) in [(name_label, name), (here, signed), (when, place.signed.as_str())] {
            self.line(label, value, 2.1);
        }
    }

    fn foot(&mut self, document: &Document) {
        self.sheet.y += self.sheet.size;
        if !document.sources.is_empty() {
            self.heading(&document.sources_heading, 2, 1.0);
            for source in &document.sources {
                self.text(source, self.soft(0.78), Role::Paragraph);
            }
        }
        for line in &document.made {
            self.text(line, self.soft(0.78), Role::Paragraph);
        }
        // The notice stands in the rims, which a reader of the tree does not hear; so it is said once here too.
        self.text(&document.notice, self.soft(0.78), Role::Paragraph);
    }

    /// Notice and page number on every page; the notice above too where numbers are predicted.
    fn rims(&mut self, document: &Document) {
        let count = self.sheet.pages.len();
        let (left, inner, height) = (self.sheet.left(), self.sheet.inner(), self.sheet.height);
        let small = Face { size: 7.6, bold: false, colour: SOFT_INK };
        for n in 0..count {
            let number = format!("{} / {count}", n + 1);
            let right = left + inner - self.sheet.letters.width(&number, small.size, false);
            let mut marks = vec![
                Mark::Words { at: (left, height - 30.0), words: document.notice.clone(), face: small },
                Mark::Words { at: (right, height - 19.0), words: number, face: small },
            ];
            if document.predicts {
                marks.push(Mark::Area { corner: (left, 24.0), size: (inner, 16.0), colour: NOTICE });
                let face = Face { colour: INK, ..small };
                marks.push(Mark::Words { at: (left + 6.0, 35.0), words: document.notice.clone(), face });
            }
            let placed = marks.into_iter().map(|mark| sheet::Placed { mark, leaf: None });
            self.sheet.pages[n].extend(placed);
        }
    }
}
