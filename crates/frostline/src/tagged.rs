//! What each piece of a PDF is to a reader who cannot see it: a tree of roles, whose leaves are marks on pages. Documents and
//! reports share it, and what a PDF says about itself.

use std::num::{NonZeroU16, NonZeroU32};

use krilla::Document;
use krilla::SerializeSettings;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind,
    TagTree,
};

use crate::report::PdfError;

/// A run of marks that belong together, such as the lines of one paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf(pub usize);

/// What a part of a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A heading of a level, with its words.
    Heading(u16, String),
    /// Sentences.
    Paragraph,
    /// A list with signs before its items.
    List,
    /// A list with numbers before its items.
    NumberedList,
    /// An item of a list.
    Item,
    /// The sign or number before an item.
    Label,
    /// What an item says.
    Body,
    /// Rows and columns.
    Table,
    /// What a table shows.
    Caption,
    /// The rows of headings.
    Head,
    /// The other rows.
    Rows,
    /// A row.
    Row,
    /// A cell that heads its column.
    ColumnHeading,
    /// A cell that heads its row.
    RowHeading,
    /// A cell over so many columns, which heads the rows below it.
    GroupHeading(u32),
    /// A picture, with what one sees on it in words.
    Figure(String),
    /// Any other cell.
    Cell,
}

/// A part of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub role: Role,
    /// What is in it, in the order of reading.
    pub children: Vec<Child>,
}

/// What is in a part of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Child {
    /// Another part.
    Node(Node),
    /// Marks.
    Leaf(Leaf),
}

impl Node {
    /// An empty part.
    pub fn new(role: Role) -> Self {
        Self { role, children: Vec::new() }
    }

    /// A part that holds only marks.
    pub fn of(role: Role, leaf: Leaf) -> Self {
        Self { role, children: vec![Child::Leaf(leaf)] }
    }

    /// Adds a part.
    pub fn push(&mut self, node: Node) {
        self.children.push(Child::Node(node));
    }
}

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

/// An empty PDF that claims PDF/UA-1 and is checked for it as far as a program can.
///
/// # Errors
/// [`PdfError::Document`] when the writer refuses.
pub fn empty(about: &About) -> Result<Document, PdfError> {
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| PdfError::Document { why: format!("{error:?}") })?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut pdf = Document::new_with(settings);
    let metadata = Metadata::new().title(about.title.to_owned()).language(about.language.to_owned());
    pdf.set_metadata(metadata.creator(about.creator.to_owned()));
    Ok(pdf)
}

/// The bytes of a PDF with its contents and its tree.
///
/// # Errors
/// [`PdfError::Document`] when the writer refuses, such as where a figure has no words.
pub fn finished(mut pdf: Document, tree: &[Node], (about, pieces): (&About, Pieces)) -> Result<Vec<u8>, PdfError> {
    let mut outline = Outline::new();
    for (words, page, y) in &about.headings {
        let place = XyzDestination::new(*page, Point::from_xy(0.0, *y as f32));
        outline.push_child(OutlineNode::new(words.clone(), place));
    }
    pdf.set_outline(outline);
    pdf.set_tag_tree(pieces.tree(tree, about.language));
    pdf.finish().map_err(|error| PdfError::Document { why: format!("{error:?}") })
}

/// Where the marks of each leaf lie.
pub struct Pieces(Vec<Vec<Identifier>>);

impl Pieces {
    /// Of so many leaves, none of them drawn.
    pub fn of(leaves: usize) -> Self {
        Self(vec![Vec::new(); leaves])
    }

    /// Marks from here on belong to a leaf; to nothing that is read aloud where there is none.
    pub fn begin(&mut self, surface: &mut Surface, leaf: Option<Leaf>) {
        match leaf {
            Some(Leaf(leaf)) => self.0[leaf].push(surface.start_tagged(ContentTag::Span(SpanTag::empty()))),
            None => {
                surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
            }
        }
    }

    fn tree(mut self, nodes: &[Node], language: &str) -> TagTree {
        let mut tags = TagTree::new().with_lang(Some(language.to_owned()));
        nodes.iter().for_each(|node| tags.push(self.group(node)));
        tags
    }

    fn group(&mut self, node: &Node) -> TagGroup {
        let mut group = TagGroup::new(tag(&node.role));
        for child in &node.children {
            match child {
                Child::Node(node) => group.push(self.group(node)),
                Child::Leaf(Leaf(leaf)) => {
                    // Each piece of content has one place in the tree.
                    for identifier in std::mem::take(&mut self.0[*leaf]) {
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
        Role::GroupHeading(columns) => {
            Tag::TH(TableHeaderScope::Column).with_col_span(NonZeroU32::new(*columns)).into()
        }
        Role::Figure(words) => Tag::Figure(Some(words.clone())).into(),
        Role::Cell => Tag::TD.into(),
    }
}
