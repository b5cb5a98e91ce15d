//! A document as a tagged PDF: headings, lists, tables with heading cells, language and title for a screen reader, the
//! notice on every page.

mod ink;
mod sheet;
mod table;

use frostline_record::documents::{Block, Document, Kind, Section, Signature};

use super::print::{Print, Size};
use crate::report::{Colour, INK, PdfError, SOFT_INK};
use crate::tagged::{About, Node, Role};
use sheet::{Face, Mark, Sheet, Spacing};

/// Rim of what must not be missed.
const ALARM: Colour = Colour(143, 16, 24);
/// Ground of the notice about this program.
const NOTICE: Colour = Colour(255, 244, 214);

/// The document as the bytes of a PDF.
///
/// # Errors
/// [`PdfError`] when fonts or the document are refused.
pub fn pdf(document: &Document, print: Print) -> Result<Vec<u8>, PdfError> {
    let page = Page::of(document, print)?;
    let about = About {
        title: &document.title,
        language: document.language.tag(),
        creator: concat!("frostline ", env!("CARGO_PKG_VERSION")),
        headings: page.headings,
    };
    ink::written(&page.sheet, &page.tree, &about)
}

/// Sources below the text of one sheet, in sizes of its letters: for who wants to check, not for reading.
const CLOSE_FOOT: f64 = 0.62;

struct Page {
    sheet: Sheet,
    tree: Vec<Node>,
    headings: Vec<(String, usize, f64)>,
}

impl Page {
    fn new(document: &Document, print: Print) -> Result<Self, PdfError> {
        // The leaflet is one sheet of paper; who needs large letters gets as many as they take.
        let one_sheet = document.kind == Kind::Leaflet && print.size == Size::Usual;
        let spacing = if one_sheet { Spacing::CLOSE } else { Spacing::USUAL };
        let sheet = Sheet::new(print, print.letters_pt(document.audience()), spacing)?;
        Ok(Self { sheet, tree: Vec::new(), headings: Vec::new() })
    }

    /// All of a document.
    fn of(document: &Document, print: Print) -> Result<Self, PdfError> {
        let mut page = Page::new(document, print)?;
        page.head(document);
        document.sections.iter().for_each(|section| page.section(section));
        page.foot(document);
        page.rims(document);
        Ok(page)
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
        self.heading(&document.title, 1);
        self.text(&document.subtitle, self.soft(1.0), Role::Paragraph);
        self.sheet.y += 4.0 * self.sheet.spacing.below * self.sheet.size;
        if !document.facts.is_empty() {
            let facts: Vec<_> = document.facts.iter().map(|fact| (fact.label.clone(), fact.value.clone())).collect();
            self.tree.push(table::facts(&mut self.sheet, &facts));
        }
    }

    fn heading(&mut self, words: &str, level: u16) {
        let spacing = self.sheet.spacing;
        // Levels are constants of this file, from 1 to 3.
        let face = self.face(spacing.headings[usize::from(level.clamp(1, 3)) - 1], true);
        let height = self.sheet.text_height(words, face, self.sheet.inner());
        // With a line or two of what it heads.
        self.sheet.make_room(height + spacing.kept * self.sheet.size * spacing.leading);
        if level > 1 {
            self.sheet.y += spacing.before * self.sheet.size;
        }
        self.headings.push((words.to_owned(), self.sheet.pages.len() - 1, self.sheet.y));
        self.text(words, face, Role::Heading(level, words.to_owned()));
        self.sheet.y += spacing.below * self.sheet.size;
    }

    fn text(&mut self, words: &str, face: Face, role: Role) {
        let leaf = self.sheet.leaf();
        self.sheet.flow(self.sheet.left(), self.sheet.inner(), words, face, leaf);
        self.sheet.y += self.sheet.spacing.after * self.sheet.size;
        self.tree.push(Node::of(role, leaf));
    }

    fn section(&mut self, section: &Section) {
        self.heading(&section.heading, 2);
        section.blocks.iter().for_each(|block| self.block(block));
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(words) => self.text(words, self.face(1.0, false), Role::Paragraph),
            Block::Notice(words) => self.notice(words),
            Block::Heading(words) => self.heading(words, 3),
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
            self.sheet.make_room(lines as f64 * size * self.sheet.spacing.leading);
            let (label, body) = (self.sheet.leaf(), self.sheet.leaf());
            self.sheet.block((left + 0.2 * size, self.sheet.y), indent, &sign(n), face, Some(label));
            self.sheet.flow(left + indent, width, words, face, body);
            self.sheet.y += self.sheet.spacing.item * size;
            let mut item = Node::new(Role::Item);
            item.push(Node::of(Role::Label, label));
            item.push(Node::of(Role::Body, body));
            node.push(item);
        }
        self.sheet.y += self.sheet.spacing.item * size;
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
        if self.sheet.spacing == Spacing::CLOSE {
            return self.close_foot(document);
        }
        self.sheet.y += self.sheet.size;
        if !document.sources.is_empty() {
            self.heading(&document.sources_heading, 2);
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

    /// The same in one paragraph.
    fn close_foot(&mut self, document: &Document) {
        self.sheet.y += 0.2 * self.sheet.size;
        let sources = format!("{}: {}.", document.sources_heading, document.sources.join(" · "));
        let made = document.made.join(" ");
        self.text(&format!("{sources} {made} {}", document.notice), self.soft(CLOSE_FOOT), Role::Paragraph);
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

#[cfg(test)]
mod tests {
    use frostline_record::documents::{DocumentBook, Language};

    use super::*;
    use crate::documents::{DocumentInputs, Paper, SAMPLE};

    fn leaflet_pages(print: Print, language: Language, change: impl Fn(&mut DocumentInputs)) -> usize {
        let mut inputs: DocumentInputs = serde_json::from_str(SAMPLE).unwrap();
        change(&mut inputs);
        let document = inputs.written(&DocumentBook::bundled().unwrap(), Kind::Leaflet, language).unwrap();
        Page::of(&document, print).unwrap().sheet.pages.len()
    }

    #[test]
    fn the_leaflet_is_one_sheet_printed_on_both_sides_with_letters_of_11_points() {
        for paper in [Paper::Letter, Paper::A4] {
            let print = Print { paper, size: Size::Usual };
            assert_eq!(print.letters_pt(frostline_record::documents::Audience::Patient), 11.0);
            for language in Language::ALL {
                assert_eq!(leaflet_pages(print, language, |_| ()), 2, "{paper:?} {language:?}");
                // The longest name of a nerve, and a clinic whose telephones are left to be written in.
                let other = leaflet_pages(print, language, |inputs| {
                    inputs.visit.treatment.nerve = Some("ipbsn".to_owned());
                    (inputs.visit.practice.phone, inputs.visit.practice.night_phone) = (None, None);
                });
                assert_eq!(other, 2, "{paper:?} {language:?}");
            }
        }
    }

    #[test]
    fn who_needs_large_letters_gets_more_sheets() {
        let print = Print { paper: Paper::A4, size: Size::Large };
        assert!(leaflet_pages(print, Language::English, |_| ()) > 2);
    }
}
