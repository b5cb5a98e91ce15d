//! Marks to a PDF that claims PDF/UA-1.

use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Size, Transform};
use krilla::image::Image;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineJoin, Stroke as PenStroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};

use super::PdfError;
use super::letters::{BOLD, Letters, REGULAR};
use super::paper::{HEIGHT, Item, Paper, WIDTH};
use crate::report::drawing::{Anchor, Colour, Lettering, Mark, Stroke};
use crate::tagged::{About, Pieces, empty, finished};

/// The bytes of a document of these pages.
pub fn written(paper: &Paper, about: &About) -> Result<Vec<u8>, PdfError> {
    let mut document = empty(about)?;
    let (pen, mut pieces) = (Pen::new()?, Pieces::of(paper.leaves()));
    for items in &paper.pages {
        let settings = PageSettings::from_wh(WIDTH as f32, HEIGHT as f32);
        // A4 is a size that a page can have.
        let mut page = document.start_page_with(settings.expect("A4"));
        let mut surface = page.surface();
        for run in items.chunk_by(|a, b| a.leaf == b.leaf) {
            pieces.begin(&mut surface, run[0].leaf);
            run.iter().try_for_each(|placed| pen.item(&mut surface, &placed.item))?;
            surface.end_tagged();
        }
        surface.finish();
        page.finish();
    }
    finished(document, &paper.tree, (about, pieces))
}

struct Pen {
    regular: Font,
    bold: Font,
    letters: Letters,
}

impl Pen {
    fn new() -> Result<Self, PdfError> {
        let font = |bytes: &'static [u8]| {
            Font::new(bytes.into(), 0).ok_or(PdfError::Font { why: "the PDF writer refused it".into() })
        };
        Ok(Self { regular: font(REGULAR)?, bold: font(BOLD)?, letters: Letters::new()? })
    }

    fn item(&self, surface: &mut Surface, item: &Item) -> Result<(), PdfError> {
        match item {
            Item::Mark(mark) => self.mark(surface, mark),
            Item::Figure { drawing, at, scale } => {
                let scale = *scale as f32;
                surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, at.0 as f32, at.1 as f32));
                let drawn = drawing.marks.iter().try_for_each(|mark| self.mark(surface, mark));
                surface.pop();
                drawn
            }
        }
    }

    fn mark(&self, surface: &mut Surface, mark: &Mark) -> Result<(), PdfError> {
        match mark {
            Mark::Line { points, closed, stroke } => {
                surface.set_fill(None);
                surface.set_stroke(Some(pen_stroke(stroke)));
                path(points, *closed).iter().for_each(|p| surface.draw_path(p));
            }
            Mark::Area { points, colour, opacity } => {
                surface.set_stroke(None);
                surface.set_fill(Some(fill(*colour, *opacity)));
                path(points, true).iter().for_each(|p| surface.draw_path(p));
            }
            Mark::Words { at, words, lettering } => self.words(surface, *at, words, lettering),
            Mark::Image { at, width, height, png } => {
                let image = Image::from_png(png.clone().into(), true).map_err(|why| PdfError::Picture { why })?;
                if let Some(size) = Size::from_wh(*width as f32, *height as f32) {
                    surface.push_transform(&Transform::from_translate(at.0 as f32, at.1 as f32));
                    surface.draw_image(image, size);
                    surface.pop();
                }
            }
        }
        Ok(())
    }

    fn words(&self, surface: &mut Surface, at: (f64, f64), words: &str, lettering: &Lettering) {
        let width = self.letters.width(words, lettering.size, lettering.bold);
        let back = match lettering.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => 0.5 * width,
            Anchor::End => width,
        };
        let (x, y) = (at.0 as f32, at.1 as f32);
        if lettering.upwards {
            surface.push_transform(&Transform::from_rotate_at(-90.0, x, y));
        }
        let font = if lettering.bold { &self.bold } else { &self.regular };
        let draw = |surface: &mut Surface| {
            let start = Point::from_xy((at.0 - back) as f32, y);
            surface.draw_text(start, font.clone(), lettering.size as f32, words, false, TextDirection::LeftToRight);
        };
        if let Some(halo) = lettering.halo {
            surface.set_fill(None);
            surface.set_stroke(Some(pen_stroke(&Stroke::plain(halo, 3.0))));
            draw(surface);
        }
        surface.set_stroke(None);
        surface.set_fill(Some(fill(lettering.colour, 1.0)));
        draw(surface);
        if lettering.upwards {
            surface.pop();
        }
    }
}

fn share(part: f64) -> NormalizedF32 {
    // Clamped to the range that cannot be refused.
    NormalizedF32::new(part.clamp(0.0, 1.0) as f32).unwrap_or(NormalizedF32::ONE)
}

fn fill(Colour(r, g, b): Colour, opacity: f64) -> Fill {
    Fill { paint: rgb::Color::new(r, g, b).into(), opacity: share(opacity), ..Fill::default() }
}

fn pen_stroke(stroke: &Stroke) -> PenStroke {
    let Colour(r, g, b) = stroke.colour;
    let array: Vec<f32> = stroke.dash.iter().map(|length| *length as f32).collect();
    PenStroke {
        paint: rgb::Color::new(r, g, b).into(),
        width: stroke.width as f32,
        line_join: LineJoin::Round,
        opacity: share(stroke.opacity),
        dash: (!array.is_empty()).then_some(StrokeDash { array, offset: 0.0 }),
        ..PenStroke::default()
    }
}

fn path(points: &[(f64, f64)], closed: bool) -> Option<Path> {
    let (first, rest) = points.split_first()?;
    let mut builder = PathBuilder::new();
    builder.move_to(first.0 as f32, first.1 as f32);
    rest.iter().for_each(|p| builder.line_to(p.0 as f32, p.1 as f32));
    if closed {
        builder.close();
    }
    builder.finish()
}
