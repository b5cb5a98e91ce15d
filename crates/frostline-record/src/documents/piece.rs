//! One block of wording: sentences as they stand in the files, or a place where the program puts something of its own.

use serde::{Deserialize, Deserializer};

/// When a block is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Local anaesthetic only.
    LocalOnly,
    /// Sedated in any way.
    Sedated,
    /// So deeply that a person who does nothing else must watch (S-01).
    Watched,
    /// Nobody decided yet.
    SedationNotKnown,
    /// The nerve and side are known.
    TargetKnown,
    /// They are not.
    TargetNotKnown,
    /// The procedure is in the foot or ankle.
    Foot,
    /// The leg is weak after the procedure, whatever it was before.
    Weak,
    /// It is weaker than before.
    Weaker,
    /// It is numb.
    Numb,
    /// Nobody wrote whether the leg is weak.
    WeaknessNotKnown,
    /// At least one drug changes.
    DrugsChange,
    /// All drugs go on.
    NoDrugsChange,
    /// Nobody listed the drugs.
    DrugsNotKnown,
    /// An interpreter took part.
    Interpreter,
    /// The patient wants something that is written down.
    GoalKnown,
    /// No coder has confirmed the codes.
    CodesProposed,
    /// A coder has.
    CodesConfirmed,
}

/// What the program puts into a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Insert {
    /// The other ways, each with good and bad.
    Alternatives,
    /// Until when what may be eaten and drunk.
    FastingTimes,
    /// Each drug: what to do and when.
    DrugsBefore,
    /// Each held drug: when it starts again.
    DrugsAfter,
    /// Work and sport, each with its day.
    Activities,
    /// What the patient is allergic to.
    Allergies,
    /// What the patient asked, and the answers.
    Questions,
    /// What the patient said back.
    TeachBack,
    /// Who signs.
    Signatures,
    /// When the clinic asks how it went.
    FollowUp,
    /// The verdict on a plan.
    Verdict,
    /// What is predicted.
    Predictions,
    /// Who approved.
    Approval,
    /// Rules that somebody went over.
    Overrides,
    /// Who was there.
    Team,
    /// What is known of the patient and the pain from before.
    Before,
    /// Position, skin, guidance.
    Room,
    /// Local anaesthetic.
    Anaesthetic,
    /// Probes with lot and expiry.
    Probes,
    /// Each freeze.
    Freezes,
    /// Strength before and after.
    Power,
    /// What is stored.
    Images,
    /// Where it went otherwise than planned.
    Deviations,
    /// The log, line by line.
    Log,
    /// Looks at the patient afterwards, and the way home.
    Recovery,
    /// Sign-in, time-out and sign-out, item by item.
    Checklists,
    /// What went wrong.
    Events,
    /// Why the patient was referred.
    Referral,
    /// What was done, in sentences.
    Done,
    /// Lines of a claim.
    ClaimLines,
    /// Diagnoses.
    Diagnoses,
    /// What was tried before.
    Treatments,
    /// The test block.
    TestBlock,
    /// What a note must say.
    NoteItems,
    /// Conflicts, and what the payer says.
    Doubts,
}

/// A block of wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// When it is shown; always when absent.
    pub when: Option<Condition>,
    /// What it is.
    pub what: What,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Sentences.
    Paragraph(String),
    /// Sentences not to be missed.
    Notice(String),
    /// A small heading.
    Heading(String),
    /// Things in no order.
    List(Vec<String>),
    /// Things one after another.
    Steps(Vec<String>),
    /// Things to tick.
    Checklist(Vec<String>),
    /// Lines to write on.
    Lines(Vec<String>),
    /// Rows and columns.
    Table(TableWords),
    /// Something of the program.
    Insert(Insert),
}

/// A table of words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableWords {
    /// What it shows.
    pub caption: String,
    /// Headings.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

/// As it stands in the file: exactly one of the keys beside `when`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    when: Option<Condition>,
    p: Option<String>,
    notice: Option<String>,
    sub: Option<String>,
    list: Option<Vec<String>>,
    steps: Option<Vec<String>>,
    check: Option<Vec<String>>,
    lines: Option<Vec<String>>,
    table: Option<TableWords>,
    insert: Option<Insert>,
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let when = written.when;
        let mut found = [
            written.p.map(What::Paragraph),
            written.notice.map(What::Notice),
            written.sub.map(What::Heading),
            written.list.map(What::List),
            written.steps.map(What::Steps),
            written.check.map(What::Checklist),
            written.lines.map(What::Lines),
            written.table.map(What::Table),
            written.insert.map(What::Insert),
        ]
        .into_iter()
        .flatten();
        match (found.next(), found.next()) {
            (Some(What::Table(table)), None) if !table.is_even() => Err(serde::de::Error::custom(format!(
                "table \"{}\": found a row without one cell for each of the {} columns",
                table.caption,
                table.columns.len()
            ))),
            (Some(what), None) => Ok(Self { when, what }),
            _ => Err(serde::de::Error::custom(
                "a block needs exactly one of p, notice, sub, list, steps, check, lines, table, insert",
            )),
        }
    }
}

impl TableWords {
    fn is_even(&self) -> bool {
        self.rows.iter().all(|row| row.len() == self.columns.len())
    }
}

impl Piece {
    /// Every sentence in it.
    pub fn words(&self) -> Vec<&str> {
        match &self.what {
            What::Paragraph(words) | What::Notice(words) | What::Heading(words) => vec![words],
            What::List(items) | What::Steps(items) | What::Checklist(items) | What::Lines(items) => {
                items.iter().map(String::as_str).collect()
            }
            What::Table(table) => std::iter::once(&table.caption)
                .chain(&table.columns)
                .chain(table.rows.iter().flatten())
                .map(String::as_str)
                .collect(),
            What::Insert(_) => Vec::new(),
        }
    }

    /// Its kind, condition and length, which a translation must share.
    pub(crate) fn shape(&self) -> String {
        let kind = match &self.what {
            What::Paragraph(_) => "p",
            What::Notice(_) => "notice",
            What::Heading(_) => "sub",
            What::List(_) => "list",
            What::Steps(_) => "steps",
            What::Checklist(_) => "check",
            What::Lines(_) => "lines",
            What::Table(_) => "table",
            What::Insert(_) => "insert",
        };
        let insert = self.insert().map_or(String::new(), |insert| format!(" {insert:?}"));
        let when = self.when.map_or(String::new(), |when| format!(" when {when:?}"));
        format!("{kind}{insert}{when} of {}", self.words().len())
    }

    /// The insert, where it is one.
    pub(crate) fn insert(&self) -> Option<Insert> {
        if let What::Insert(insert) = self.what { Some(insert) } else { None }
    }
}
