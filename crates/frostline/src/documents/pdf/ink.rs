//! Marks and their tree to a PDF that claims PDF/UA-1 and is checked for it as far as a program can.

use std::num::NonZeroU16;

use krilla::Document as Pdf;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind,
    TagTree,
};
use krilla::text::{Font, TextDirection};

use super::sheet::{Mark, Placed, Sheet};
use super::structure::{Child, Leaf, Node, Role};
use crate::report::{BOLD, Colour, PdfError, REGULAR};

/// What a PDF says about itself.
pub struct About<'a> {
    /// Its title.
    pub title: &'a str,
    /// The tag of its language.
    pub language: &'a str,
    /// Program and version.
    pub creator: &'a str,
    /// Headings, each with page and height, for the list of contents of a viewer.
    pub headings: Vec<(String, usize, f64)>,
}

/// The bytes of a document.
pub fn written(sheet: &Sheet, tree: &[Node], about: &About) -> Result<Vec<u8>, PdfError> {
    let refused = |why: String| PdfError::Document { why };
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| refused(format!("{error:?}")))?;
    let mut pdf =
        Pdf::new_with(SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() });
    pdf.set_metadata(
        Metadata::new()
            .title(about.title.to_owned())
            .language(about.language.to_owned())
            .creator(about.creator.to_owned()),
    );
    let mut pen = Pen::new(sheet.leaves())?;
    for marks in &sheet.pages {
        let settings = PageSettings::from_wh(sheet.width as f32, sheet.height as f32);
        // Letter and A4 are sizes that a page can have.
        let mut page = pdf.start_page_with(settings.expect("a size of paper"));
        let mut surface = page.surface();
        pen.page(&mut surface, marks);
        surface.finish();
        page.finish();
    }
    let mut outline = Outline::new();
    for (words, page, y) in &about.headings {
        let place = XyzDestination::new(*page, Point::from_xy(0.0, *y as f32));
        outline.push_child(OutlineNode::new(words.clone(), place));
    }
    pdf.set_outline(outline);
    let mut tags = TagTree::new().with_lang(Some(about.language.to_owned()));
    for node in tree {
        tags.push(pen.group(node));
    }
    pdf.set_tag_tree(tags);
    pdf.finish().map_err(|error| refused(format!("{error:?}")))
}

struct Pen {
    regular: Font,
    bold: Font,
    /// Where the marks of each leaf lie.
    identifiers: Vec<Vec<Identifier>>,
}

impl Pen {
    fn new(leaves: usize) -> Result<Self, PdfError> {
        let font = |bytes: &'static [u8]| {
            Font::new(bytes.into(), 0).ok_or(PdfError::Font { why: "the PDF writer refused it".into() })
        };
        Ok(Self { regular: font(REGULAR)?, bold: font(BOLD)?, identifiers: vec![Vec::new(); leaves] })
    }

    /// Marks of one leaf that follow each other become one piece of tagged content.
    fn page(&mut self, surface: &mut Surface, marks: &[Placed]) {
        for run in marks.chunk_by(|a, b| a.leaf == b.leaf) {
            match run[0].leaf {
                Some(Leaf(leaf)) => {
                    let identifier = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
                    self.identifiers[leaf].push(identifier);
                }
                None => {
                    let decoration = Artifact::with_kind(ArtifactType::Layout);
                    surface.start_tagged(ContentTag::Artifact(decoration));
                }
            }
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

    fn group(&mut self, node: &Node) -> TagGroup {
        let mut group = TagGroup::new(tag(&node.role));
        for child in &node.children {
            match child {
                Child::Node(node) => group.push(self.group(node)),
                Child::Leaf(Leaf(leaf)) => {
                    // Each piece of content has one place in the tree.
                    for identifier in std::mem::take(&mut self.identifiers[*leaf]) {
                        group.push(identifier);
                    }
                }
            }
        }
        group
    }
}

fn tag(role: &Role) -> TagKind {
    match role {
        Role::Heading(level, words) => {
            // Levels are constants of this program, from 1 to 3.
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(words.clone())).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::List => Tag::L(ListNumbering::Disc).into(),
        Role::NumberedList => Tag::L(ListNumbering::Decimal).into(),
        Role::Item => Tag::LI.into(),
        Role::Label => Tag::Lbl.into(),
        Role::Body => Tag::LBody.into(),
        Role::Table => Tag::Table.into(),
        Role::Caption => Tag::Caption.into(),
        Role::Head => Tag::THead.into(),
        Role::Rows => Tag::TBody.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnHeading => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHeading => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
    }
}

fn fill(Colour(r, g, b): Colour) -> Fill {
    Fill { paint: rgb::Color::new(r, g, b).into(), ..Fill::default() }
}
