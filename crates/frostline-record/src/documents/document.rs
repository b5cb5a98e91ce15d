//! A document, as data: what it says, to whom, in which order. How it looks on paper or on a screen is elsewhere.

use serde::{Deserialize, Serialize};

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What the treatment is, for anybody who thinks about it.
    Leaflet,
    /// What the patient agrees to, and the signatures.
    Consent,
    /// What to do before the day, with the patient's own times and drugs.
    Preparation,
    /// What is planned, in one or two pages.
    PlanReport,
    /// What was done.
    ProcedureReport,
    /// What to do at home, and when drugs start again.
    Discharge,
    /// To the clinician who referred the patient.
    Letter,
    /// What a payer asks for.
    Claim,
}

impl Kind {
    /// All of them, in the order of the pathway.
    pub const ALL: [Kind; 8] = [
        Kind::Leaflet,
        Kind::Consent,
        Kind::Preparation,
        Kind::PlanReport,
        Kind::ProcedureReport,
        Kind::Discharge,
        Kind::Letter,
        Kind::Claim,
    ];

    /// The word used in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Leaflet => "leaflet",
            Kind::Consent => "consent",
            Kind::Preparation => "preparation",
            Kind::PlanReport => "plan-report",
            Kind::ProcedureReport => "procedure-report",
            Kind::Discharge => "discharge",
            Kind::Letter => "letter",
            Kind::Claim => "claim",
        }
    }

    /// Who reads it.
    pub fn audience(self) -> Audience {
        match self {
            Kind::Leaflet | Kind::Consent | Kind::Preparation | Kind::Discharge => Audience::Patient,
            Kind::PlanReport | Kind::ProcedureReport | Kind::Letter => Audience::Clinician,
            Kind::Claim => Audience::Payer,
        }
    }
}

/// Who reads a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A patient or those who help; held to the reading level.
    Patient,
    /// A clinician.
    Clinician,
    /// Whoever decides about payment.
    Payer,
}

/// A language that documents are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub enum Language {
    /// English of the United States.
    #[serde(rename = "en")]
    English,
    /// Spanish as it is read in the United States.
    #[serde(rename = "es")]
    Spanish,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 2] = [Language::English, Language::Spanish];

    /// The language tag of HTML and PDF.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Spanish => "es",
        }
    }
}

/// Everything one document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Which document.
    pub kind: Kind,
    /// In which language.
    pub language: Language,
    /// Its title.
    pub title: String,
    /// For whom it is, in one line.
    pub subtitle: String,
    /// Clinic and address; empty where not known.
    pub from: String,
    /// What is read first: names, dates, telephone.
    pub facts: Vec<KeyFact>,
    /// Everything else, in order.
    pub sections: Vec<Section>,
    /// What this program is not; stands in the foot of every page.
    pub notice: String,
    /// Whether numbers in it are predicted, so that the notice stands at the head of every page too.
    pub predicts: bool,
    /// Who made it and when, and who read the words.
    pub made: Vec<String>,
    /// Heading of the sources.
    pub sources_heading: String,
    /// Where its numbers come from.
    pub sources: Vec<String>,
}

impl Document {
    /// Who reads it.
    pub fn audience(&self) -> Audience {
        self.kind.audience()
    }
}

/// One line of the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFact {
    /// What.
    pub label: String,
    /// Its value, or the words for "not known".
    pub value: String,
}

/// A part with a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Stable key.
    pub id: String,
    /// Heading.
    pub heading: String,
    /// What it holds, in order.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Sentences.
    Paragraph(String),
    /// Sentences that must not be missed.
    Notice(String),
    /// A heading below that of the section.
    Heading(String),
    /// Things in no order.
    List(Vec<String>),
    /// Things one after another.
    Steps(Vec<String>),
    /// Things to tick.
    Checklist(Vec<String>),
    /// Rows and columns.
    Table(Table),
    /// Lines to write on, each with what belongs there.
    Lines(Vec<String>),
    /// Names, signatures and dates.
    Signatures(Vec<Signature>),
}

/// Rows and columns. The first cell of every row is the heading of that row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Column headings.
    pub columns: Vec<String>,
    /// One cell per column.
    pub rows: Vec<Vec<String>>,
}

/// A place to sign, or what was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Who signs here: patient, clinician, interpreter.
    pub role: String,
    /// The name, or empty for a line to write on.
    pub name: String,
    /// When it was signed, or empty for a line to sign on.
    pub signed: String,
    /// The words for the three lines: name, signature, date and time.
    pub labels: [String; 3],
}
