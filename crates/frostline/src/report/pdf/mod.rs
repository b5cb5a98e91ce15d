//! A report as a tagged PDF: A4, vector figures with words for who cannot see them, headings, tables with heading cells,
//! language and title, the notice on every page.

mod ink;
mod letters;
mod paper;
#[cfg(test)]
mod read_back;

use frostline_record::report::{Block, Fact, Figure, Picture, Report, Section};

pub use letters::{BOLD, Letters, REGULAR};

use super::drawing::{Anchor, Colour};
use super::drawing_of;
use super::palette::{GROUND, INK, SOFT_INK, WHITE};
use crate::tagged::{About, Role};
use paper::{Face, HEIGHT, INNER, Item, Paper, RIM, SMALL, TEXT, WIDTH, level_colour};

/// Why a report does not become a PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A font of the program cannot be used.
    #[error("a font shipped with the program cannot be read ({why}); build the program again from a clean copy")]
    Font {
        /// What is wrong with it.
        why: String,
    },
    /// A picture was refused.
    #[error("a picture cannot be put into the PDF ({why}); the HTML report shows the same")]
    Picture {
        /// What the writer says.
        why: String,
    },
    /// The document was refused.
    #[error("the PDF cannot be completed ({why}); the HTML report shows the same")]
    Document {
        /// What the writer says.
        why: String,
    },
}

/// The whole report as the bytes of a PDF.
///
/// # Errors
/// [`PdfError`] when fonts, pictures or the document are refused.
pub fn pdf(report: &Report) -> Result<Vec<u8>, PdfError> {
    let mut paper = Paper::new()?;
    head(&mut paper, report);
    for (n, section) in report.sections.iter().enumerate() {
        // The first page is for the headline alone, and pictures fill the next.
        let after_pictures = n == 1 && report.sections[0].blocks.iter().any(|b| matches!(b, Block::Figures(_)));
        if n == 0 || after_pictures {
            paper.new_page();
        }
        write_section(&mut paper, section, n + 1);
    }
    rims(&mut paper, report);
    let about = About {
        title: &format!("{} · {}", report.title, report.case_name),
        language: LANGUAGE,
        creator: &report.program,
        headings: std::mem::take(&mut paper.headings),
    };
    ink::written(&paper, &about)
}

/// The planner's report is written in English only.
const LANGUAGE: &str = "en";

fn head(paper: &mut Paper, report: &Report) {
    // The notice stands in the rims, which a reader of the tree does not hear; so it is said here too.
    paper.heading(&report.title, 18.0, 1);
    let sub = format!("{}: {} · {}", report.subject, report.case_name, report.program);
    let face = Face { colour: SOFT_INK, ..TEXT };
    paper.y += paper.said(Role::Paragraph, |paper| paper.block((RIM, paper.y), INNER, &sub, face)) + 3.0;
    paper.y += paper.said(Role::Paragraph, |paper| paper.block((RIM, paper.y), INNER, report.notice, SMALL)) + 6.0;
    verdict(paper, report);
    facts(paper, &report.facts);
}

fn verdict(paper: &mut Paper, report: &Report) {
    let word = Face { size: 20.0, bold: true, colour: WHITE };
    let sentence = Face { size: 10.0, bold: false, colour: WHITE };
    let left = paper.letters.width(report.verdict_word, word.size, true) + 26.0;
    let width = INNER - left - 12.0;
    let height = (paper.block_height(width, &report.verdict_sentence, sentence) + 16.0).max(38.0);
    paper.area((RIM, paper.y), (INNER, height), level_colour(report.verdict));
    paper.said(Role::Paragraph, |paper| {
        let said = format!("{} ", report.verdict_word);
        paper.words((RIM + 12.0, paper.y + 0.5 * height + 7.0), &said, word, Anchor::Start);
        paper.block((RIM + left, paper.y + 8.0), width, &report.verdict_sentence, sentence);
    });
    paper.y += height + 8.0;
}

/// What a card is about.
const VALUE: Face = Face { size: 11.0, bold: true, colour: INK };

/// Width of the words in a card.
fn inner_of(width: f64) -> f64 {
    width - 12.0
}

fn card(paper: &mut Paper, mut at: (f64, f64), (inner, fact): (f64, &Fact)) {
    // Blanks part label, value and detail where they are read one after the other.
    at.1 += paper.block(at, inner, &fact.label, SMALL);
    paper.words(at, " ", SMALL, Anchor::Start);
    at.1 += paper.block(at, inner, &fact.value, VALUE);
    paper.words(at, " ", SMALL, Anchor::Start);
    if let Some(level) = fact.level {
        paper.badge((at.0, at.1 + 1.0), level);
        at.1 += 13.0;
    }
    paper.block(at, inner, &fact.detail, SMALL);
}

/// Three cards side by side.
fn facts(paper: &mut Paper, facts: &[Fact]) {
    const GAP: f64 = 6.0;
    let width = (INNER - 2.0 * GAP) / 3.0;
    for row in facts.chunks(3) {
        let inner = inner_of(width);
        let height_of = |f: &Fact| {
            let badge = f.level.map_or(0.0, |_| 13.0);
            paper.block_height(inner, &f.label, SMALL)
                + paper.block_height(inner, &f.value, VALUE)
                + paper.block_height(inner, &f.detail, SMALL)
                + badge
        };
        let height = row.iter().map(height_of).fold(0.0, f64::max) + 12.0;
        paper.make_room(height);
        for (n, fact) in row.iter().enumerate() {
            let corner = (RIM + n as f64 * (width + GAP), paper.y);
            paper.area(corner, (width, height), GROUND);
            paper.frame(corner, (width, height));
            paper.said(Role::Paragraph, |paper| card(paper, (corner.0 + 6.0, corner.1 + 5.0), (inner_of(width), fact)));
        }
        paper.y += height + GAP;
    }
}

fn write_section(paper: &mut Paper, section: &Section, number: usize) {
    paper.heading(&format!("{number}. {}", section.title), 13.0, 2);
    for block in &section.blocks {
        match block {
            Block::Paragraph(text) => paper.paragraph(text),
            Block::List(items) => paper.list(items),
            Block::Table(table) => paper.table(table),
            Block::Figures(figures) => rows_of(figures).for_each(|row| figure_row(paper, row)),
        }
    }
}

/// Pictures stand two by two; curves need the width for themselves.
fn rows_of(figures: &[Figure]) -> impl Iterator<Item = &[Figure]> {
    let curves = figures.iter().any(|f| matches!(f.picture, Picture::Curves(_)));
    figures.chunks(if curves { 1 } else { 2 })
}

fn figure_row(paper: &mut Paper, row: &[Figure]) {
    const GAP: f64 = 12.0;
    let curves = row.iter().any(|f| matches!(f.picture, Picture::Curves(_)));
    // Two rows of cuts fit on a page like this.
    let width = if curves { 0.6 * INNER } else { 0.415 * INNER };
    let title = Face { size: 9.0, bold: true, colour: INK };
    let drawings: Vec<_> = row.iter().map(|f| drawing_of(&f.picture)).collect();
    let height_of = |n: usize| {
        drawings[n].height * width / drawings[n].width + paper.block_height(width, &row[n].caption, SMALL) + 22.0
    };
    let height = (0..row.len()).map(height_of).fold(0.0, f64::max);
    paper.make_room(height);
    for (n, (figure, drawing)) in row.iter().zip(drawings).enumerate() {
        let x = RIM + n as f64 * (if curves { width + GAP } else { 0.5 * (INNER + GAP) });
        paper.said(Role::Paragraph, |paper| paper.block((x, paper.y), width, &figure.title, title));
        let scale = width / drawing.width;
        let below = paper.y + 14.0 + drawing.height * scale + 3.0;
        let at = (x, paper.y + 14.0);
        paper.said(Role::Figure(figure.alt.clone()), |paper| paper.add(Item::Figure { drawing, at, scale }));
        paper.said(Role::Paragraph, |paper| paper.block((x, below), width, &figure.caption, SMALL));
    }
    paper.y += height + 4.0;
}

/// Notice above, case, program and page below, on every page.
fn rims(paper: &mut Paper, report: &Report) {
    let face = Face { size: 7.6, bold: false, colour: INK };
    let count = paper.pages.len();
    let pages = std::mem::take(&mut paper.pages);
    for (n, page) in pages.into_iter().enumerate() {
        paper.pages.push(page);
        paper.area((RIM, 22.0), (INNER, 16.0), Colour(255, 244, 214));
        paper.words((WIDTH / 2.0, 33.0), report.notice, face, Anchor::Middle);
        let foot = HEIGHT - 26.0;
        paper.words((RIM, foot), report.notice, SMALL, Anchor::Start);
        let page = format!(" · {} / {count}", n + 1);
        let room = INNER - paper.letters.width(report.notice, SMALL.size, false) - 80.0;
        let case = paper.letters.lines(&report.case_name, SMALL.size, false, room).swap_remove(0);
        paper.words((WIDTH - RIM, foot), &format!("{case}{page}"), SMALL, Anchor::End);
    }
}
