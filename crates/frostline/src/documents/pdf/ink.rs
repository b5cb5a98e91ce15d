//! Marks and their tree to a PDF that claims PDF/UA-1 and is checked for it as far as a program can.

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};

use super::sheet::{Mark, Placed, Sheet};
use crate::report::{BOLD, Colour, PdfError, REGULAR};
use crate::tagged::{About, Node, Pieces, empty, finished};

/// The bytes of a document.
pub fn written(sheet: &Sheet, tree: &[Node], about: &About) -> Result<Vec<u8>, PdfError> {
    let mut pdf = empty(about)?;
    let (pen, mut pieces) = (Pen::new()?, Pieces::of(sheet.leaves()));
    for marks in &sheet.pages {
        let settings = PageSettings::from_wh(sheet.width as f32, sheet.height as f32);
        // Letter and A4 are sizes that a page can have.
        let mut page = pdf.start_page_with(settings.expect("a size of paper"));
        let mut surface = page.surface();
        pen.page(&mut surface, marks, &mut pieces);
        surface.finish();
        page.finish();
    }
    finished(pdf, tree, (about, pieces))
}

struct Pen {
    regular: Font,
    bold: Font,
}

impl Pen {
    fn new() -> Result<Self, PdfError> {
        let font = |bytes: &'static [u8]| {
            Font::new(bytes.into(), 0).ok_or(PdfError::Font { why: "the PDF writer refused it".into() })
        };
        Ok(Self { regular: font(REGULAR)?, bold: font(BOLD)? })
    }

    /// Marks of one leaf that follow each other become one piece of tagged content.
    fn page(&self, surface: &mut Surface, marks: &[Placed], pieces: &mut Pieces) {
        for run in marks.chunk_by(|a, b| a.leaf == b.leaf) {
            pieces.begin(surface, run[0].leaf);
            run.iter().for_each(|placed| self.mark(surface, &placed.mark));
            surface.end_tagged();
        }
    }

    fn mark(&self, surface: &mut Surface, mark: &Mark) {
        match mark {
            Mark::Words { at, words, face } => {
                let font = if face.bold { &self.bold } else { &self.regular };
                surface.set_stroke(None);
                surface.set_fill(Some(fill(face.colour)));
                let start = Point::from_xy(at.0 as f32, at.1 as f32);
                surface.draw_text(start, font.clone(), face.size as f32, words, false, TextDirection::LeftToRight);
            }
            Mark::Area { corner, size, colour } => {
                let mut path = PathBuilder::new();
                let rectangle =
                    krilla::geom::Rect::from_xywh(corner.0 as f32, corner.1 as f32, size.0 as f32, size.1 as f32);
                if let Some(rectangle) = rectangle {
                    path.push_rect(rectangle);
                }
                surface.set_stroke(None);
                surface.set_fill(Some(fill(*colour)));
                path.finish().iter().for_each(|path| surface.draw_path(path));
            }
            Mark::Rule { from, to, colour, width } => {
                let mut path = PathBuilder::new();
                path.move_to(from.0 as f32, from.1 as f32);
                path.line_to(to.0 as f32, to.1 as f32);
                surface.set_fill(None);
                let paint = rgb::Color::new(colour.0, colour.1, colour.2).into();
                surface.set_stroke(Some(Stroke { paint, width: *width as f32, ..Stroke::default() }));
                path.finish().iter().for_each(|path| surface.draw_path(path));
            }
        }
    }
}

fn fill(Colour(r, g, b): Colour) -> Fill {
    Fill { paint: rgb::Color::new(r, g, b).into(), ..Fill::default() }
}
