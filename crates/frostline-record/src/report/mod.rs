//! A report, as data: what it says, in which order, with every picture as lines, rasters and surfaces in mm.
//!
//! Knows: sections, tables, findings, figures. Does not know: how any of it is put on paper or on a screen.

mod background;
mod camera;
mod compose;
mod contour;
mod curves;
mod headline;
mod mesh;
mod numbers;
mod probe_numbers;
mod sections;
mod sheet;
mod slice;
mod slices;
mod structures;
mod tissue_numbers;
mod tube;
mod vendor;
mod view;

use frostline_plan::Level;
use frostline_plan::anatomy::TissueKind;
use frostline_plan::catalogue::Status;

pub use background::Background;
pub use camera::{Camera, SceneView, ViewSurface};
pub use compose::{ReportInputs, report};
pub use contour::{ContourLine, ScalarRaster, contour};
pub use curves::{Band, Curve, CurveKind, Curves, Threshold};
pub use mesh::{CellField, Mesh, Rim, isosurface};
pub use slice::{EdgeLabels, LegendEntry, Locator, Outline, PicturePoint, Pixels, Raster, SlicePicture, Window};

/// Everything a reader is told about one plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What it is about.
    pub title: String,
    /// What `case_name` names: "Case".
    pub subject: &'static str,
    /// Which case.
    pub case_name: String,
    /// The most serious level of all findings.
    pub verdict: Level,
    /// The word for it.
    pub verdict_word: &'static str,
    /// The verdict in one sentence.
    pub verdict_sentence: String,
    /// A dozen lines to be read first.
    pub facts: Vec<Fact>,
    /// Everything else, in order.
    pub sections: Vec<Section>,
    /// Program and version.
    pub program: String,
    /// What this program is not; belongs on every page.
    pub notice: &'static str,
}

/// One line of the headline.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What.
    pub label: String,
    /// The number with its unit, or words.
    pub value: String,
    /// What to compare it with; may be empty.
    pub detail: String,
    /// How serious it is, where a rule says so.
    pub level: Option<Level>,
}

/// A part of the report with a heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Stable key.
    pub id: &'static str,
    /// Heading.
    pub title: String,
    /// What it holds, in order.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Sentences.
    Paragraph(String),
    /// Sentences that stand for themselves.
    List(Vec<String>),
    /// Rows and columns.
    Table(Table),
    /// Pictures that belong side by side.
    Figures(Vec<Figure>),
}

/// Rows and columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Column headings.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its heading, with the unit.
    pub title: String,
    /// Its share of the width; the shares of a table add up to 1.
    pub share: f64,
    /// How its cells stand.
    pub align: Align,
}

/// How the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Words,
    /// Numbers.
    Numbers,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A heading across all columns.
    Group(String),
    /// One cell per column.
    Cells(Vec<Cell>),
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words or a number with its unit.
    Text(String),
    /// How serious.
    Level(Level),
    /// How serious, in a word of its own.
    Judged(Level, &'static str),
    /// How a number came into the catalogue.
    Status(Status),
    /// Nobody marked this, so nothing is known.
    NotMarked,
}

impl Cell {
    /// Words.
    pub fn text(words: impl Into<String>) -> Self {
        Cell::Text(words.into())
    }
}

/// A picture with its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is called.
    pub title: String,
    /// What one sees, for everybody.
    pub caption: String,
    /// What one sees, for those who cannot see it.
    pub alt: String,
    /// The picture.
    pub picture: Picture,
}

/// What a figure shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Picture {
    /// A cut through the limb.
    Slice(Box<SlicePicture>),
    /// Surfaces in space, seen from one side.
    View(Box<SceneView>),
    /// Something over time or along a length.
    Curves(Curves),
}

/// What a line or a surface stands for, so that every picture draws it alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Drawn {
    /// Tissue that was at or below a temperature at some time.
    Isotherm {
        /// Unit: °C.
        celsius: f64,
        /// 0 for the warmest that is shown.
        rank: usize,
    },
    /// The target nerve.
    Nerve,
    /// The part of a probe that gets cold.
    ActiveLength,
    /// The rest of a probe.
    Shaft,
    /// Where a probe lies in front of or behind a cut.
    ProbeBeside,
    /// Skin surface.
    Skin,
    /// Bone.
    Bone,
    /// An artery.
    Artery,
    /// A vein.
    Vein,
    /// Another nerve.
    OtherNerve,
    /// Tendon or ligament.
    Tendon,
}

/// The word for a level on paper, where colour alone must not carry it.
pub fn level_word(level: Level) -> &'static str {
    match level {
        Level::Ok => "OK",
        Level::Unknown => "NOT KNOWN",
        Level::Warn => "WARN",
        Level::Stop => "STOP",
    }
}

/// The words for how a number came into the catalogue.
pub fn status_words(status: Status) -> &'static str {
    match status {
        Status::Seen => "seen in the source",
        Status::Computed => "computed from the source",
        Status::RecalledUnverified => "RECALLED: check before use",
        Status::Design => "chosen by this project",
    }
}

/// The word for a tissue in legends.
pub fn tissue_name(kind: TissueKind) -> &'static str {
    match kind {
        TissueKind::Outside => "outside the limb",
        TissueKind::Skin => "skin",
        TissueKind::Fat => "fat",
        TissueKind::Muscle => "muscle",
        TissueKind::Fascia => "fascia",
        TissueKind::Tendon => "tendon",
        TissueKind::Nerve => "nerve",
        TissueKind::CorticalBone => "cortical bone",
        TissueKind::CancellousBone => "cancellous bone",
        TissueKind::Marrow => "marrow",
        TissueKind::Cartilage => "cartilage",
        TissueKind::Blood => "blood",
        TissueKind::InjectedFluid => "injected fluid",
    }
}
