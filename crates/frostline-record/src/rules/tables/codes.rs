//! `data/codes.toml`: codes of procedures and diagnoses, payers, and what a note must hold. Numbers only: no text of CPT.

use frostline_plan::catalogue::{CatalogueError, Sourced, rows_of};
use serde::Deserialize;

use crate::rules::PayerNeeds;

const FILE: &str = "codes.toml";

/// Codes or families of ICD-10-CM: an entry holds for itself and everything that begins with it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeList {
    pub codes: Vec<String>,
}

impl CodeList {
    pub fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|family| code.starts_with(family.as_str()))
    }
}

/// Families that rules ask about.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Families {
    /// A nerve disease of the whole body.
    pub polyneuropathy: Sourced<CodeList>,
    /// One nerve or its end.
    pub focal: Sourced<CodeList>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcedureCode {
    pub code: String,
}

/// Procedure codes by what is frozen.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcedureCodes {
    pub lower_limb: Sourced<ProcedureCode>,
    pub upper_limb: Sourced<ProcedureCode>,
    pub plexus_or_trunk: Sourced<ProcedureCode>,
}

/// How a side and a further nerve are marked on a claim.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modifiers {
    pub right: String,
    pub left: String,
    pub both_sides: String,
    pub further_nerve: String,
}

/// Two families that exclude each other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excludes {
    pub one: Vec<String>,
    pub other: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExcludesRow {
    pub id: String,
    pub pair: Sourced<Excludes>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    pub seen: String,
    pub says: String,
}

/// What one payer says; data, never advice.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayerProfile {
    /// Key.
    pub id: String,
    /// Whose document.
    pub name: String,
    /// Codes that it says must not be used for this.
    #[serde(default)]
    pub forbids: Vec<String>,
    pub(crate) position: Sourced<Position>,
    /// What must have been tried before; absent where nothing that was read says so.
    #[serde(default)]
    asks: Option<Sourced<Tried>>,
}

/// What must have been tried before.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tried {
    lines: usize,
    weeks: f64,
}

impl PayerProfile {
    /// What this payer asks to have been tried before, when that was read.
    pub fn asks(&self) -> Option<PayerNeeds> {
        self.asks.as_ref().map(|asks| PayerNeeds { lines: asks.value.lines, weeks: asks.value.weeks })
    }
}

/// Something that the note of a procedure must say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteItem {
    /// Key.
    pub id: String,
    /// What.
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In our own words.
    pub text: String,
}

/// Something that is not billed beside the procedure.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Included {
    /// Key.
    pub id: String,
    /// What.
    pub words: Sourced<Words>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub holds: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRow {
    pub id: String,
    pub codes: Sourced<Release>,
}

/// The side that a code names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SideWord {
    /// The right one.
    Right,
    /// The left one.
    Left,
    /// Both.
    Both,
    /// It says that it does not say.
    Unspecified,
}

/// Codes whose last character names the side.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastCharacter {
    pub families: Vec<String>,
    pub right: char,
    pub left: char,
    #[serde(default)]
    pub both: Option<char>,
    #[serde(default)]
    pub unspecified: Option<char>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideRow {
    pub id: String,
    pub last: Sourced<LastCharacter>,
}

impl SideRow {
    /// The side that a code names, when this row is about it.
    pub fn side(&self, code: &str) -> Option<SideWord> {
        let row = &self.last.value;
        let family = row.families.iter().find(|family| code.starts_with(family.as_str()))?;
        // A family without the character that names the side is no full code.
        let last = code.chars().last().filter(|_| code.len() > family.len())?;
        let sides = [
            (Some(row.right), SideWord::Right),
            (Some(row.left), SideWord::Left),
            (row.both, SideWord::Both),
            (row.unspecified, SideWord::Unspecified),
        ];
        sides.into_iter().find(|(character, _)| *character == Some(last)).map(|(_, side)| side)
    }
}

/// The nerves that a family of codes may mean.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meant {
    pub families: Vec<String>,
    pub nerves: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NerveRow {
    pub id: String,
    pub meant: Sourced<Meant>,
}

/// Everything in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Codes {
    pub families: Families,
    pub procedures: ProcedureCodes,
    pub modifiers: Sourced<Modifiers>,
    pub excludes: Vec<ExcludesRow>,
    pub payers: Vec<PayerProfile>,
    pub note: Vec<NoteItem>,
    pub releases: Vec<ReleaseRow>,
    pub sides: Vec<SideRow>,
    pub included: Vec<Included>,
    pub nerves: Vec<NerveRow>,
}

impl Codes {
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let sections = [
            "families",
            "procedures",
            "modifiers",
            "excludes",
            "payer",
            "note",
            "release",
            "side",
            "included",
            "nerve",
        ];
        let rows = rows_of(FILE, text, &sections)?;
        Ok(Self {
            families: rows.one("families")?,
            procedures: rows.one("procedures")?,
            modifiers: rows.one("modifiers")?,
            excludes: super::some(FILE, "excludes", rows.list("excludes")?)?,
            payers: rows.list("payer")?,
            note: super::some(FILE, "note", rows.list("note")?)?,
            releases: rows.list("release")?,
            sides: super::some(FILE, "side", rows.list("side")?)?,
            included: rows.list("included")?,
            nerves: super::some(FILE, "nerve", rows.list("nerve")?)?,
        })
    }
}
