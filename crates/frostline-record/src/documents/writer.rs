//! From wording to a document: fills the braces, leaves out what does not apply, and remembers which numbers were named.

use std::collections::{BTreeMap, BTreeSet};

use frostline_plan::catalogue::{CatalogueError, Reading, Status};

use super::document::{Audience, Block, Document, KeyFact, Kind, Language, Section, Signature, Table};
use super::inputs::{Leg, Signed, Visit};
use super::phrases::Phrases;
use super::piece::{Condition, Insert, Piece, What};
use super::slots::{Part, Slot, parts};
use super::wording::{DocumentBook, DocumentWords, Wording, wrong};
use crate::rules::SedationLevel;

/// Where a person writes by hand.
pub const BLANK: &str = "____________";

/// Why a document cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is not written in this language.
    #[error("the document \"{}\" is not written in the language \"{}\"; ask for it in \"en\"", .kind.word(), .language.tag())]
    NotInThisLanguage {
        /// Which document.
        kind: Kind,
        /// Which language.
        language: Language,
    },
    /// The words cannot be used.
    #[error(transparent)]
    Words(#[from] CatalogueError),
}

pub(crate) struct Writer<'a> {
    book: &'a DocumentBook,
    words: &'a DocumentWords,
    pub language: Language,
    slots: BTreeMap<Slot, String>,
    holds: Vec<Condition>,
    inserts: BTreeMap<Insert, Vec<Block>>,
    facts: Vec<KeyFact>,
    named: BTreeSet<&'a str>,
}

impl<'a> Writer<'a> {
    pub fn new(book: &'a DocumentBook, kind: Kind, language: Language, visit: &Visit) -> Result<Self, DocumentError> {
        let words = book.wording(language).documents.iter().find(|words| words.id == kind);
        let words = words.ok_or(DocumentError::NotInThisLanguage { kind, language })?;
        let mut writer = Self {
            book,
            words,
            language,
            slots: BTreeMap::new(),
            holds: Vec::new(),
            inserts: BTreeMap::new(),
            facts: Vec::new(),
            named: BTreeSet::new(),
        };
        writer.visit(visit);
        Ok(writer)
    }

    pub fn phrases(&self) -> &'a Phrases {
        &self.wording().phrases
    }

    pub fn wording(&self) -> &'a Wording {
        self.book.wording(self.language)
    }

    /// A number that the program itself needs.
    pub fn value(&self, id: &str) -> Result<f64, DocumentError> {
        Ok(self.book.value(id)?)
    }

    pub fn slot(&mut self, slot: Slot, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.slots.insert(slot, value.into());
        }
    }

    pub fn hold(&mut self, condition: Condition) {
        self.holds.push(condition);
    }

    pub fn insert(&mut self, insert: Insert, blocks: Vec<Block>) {
        self.inserts.insert(insert, blocks);
    }

    /// A line of the head; where the value is absent it says so.
    pub fn fact(&mut self, label: &str, value: Option<impl Into<String>>) {
        let value = value.map_or_else(|| self.phrases().not_known.clone(), Into::into);
        self.facts.push(KeyFact { label: label.to_owned(), value });
    }

    /// What a slot holds, for the head.
    pub fn slot_fact(&mut self, label: &str, slot: Slot) {
        let value = self.slots.get(&slot).cloned();
        self.fact(label, value);
    }

    fn visit(&mut self, visit: &Visit) {
        let phrases = self.phrases();
        let treatment = &visit.treatment;
        self.slot(Slot::Practice, visit.practice.name.clone());
        self.slot(Slot::Phone, visit.practice.phone.clone());
        self.slot(Slot::NightPhone, visit.practice.night_phone.clone());
        self.slot(Slot::Emergency, visit.practice.emergency.clone());
        self.slot(Slot::Patient, visit.patient.name.clone());
        self.slot(Slot::Operator, treatment.operator.clone());
        self.slot(Slot::Goal, treatment.goal.clone());
        let nerve = treatment.nerve.as_ref().map(|id| self.nerve_name(id));
        self.slot(Slot::Nerve, nerve);
        let side = treatment.leg.map(|leg| match leg {
            Leg::Left => &phrases.left,
            Leg::Right => &phrases.right,
        });
        self.slot(Slot::Side, side);
        let times = &visit.appointment;
        self.slot(Slot::ProcedureAt, times.procedure_at.map(|time| time.words(self.language)));
        self.slot(Slot::ArriveAt, times.arrive_at.map(|time| time.words(self.language)));
        self.slot(Slot::Place, times.place.clone());
        self.conditions(visit);
    }

    fn conditions(&mut self, visit: &Visit) {
        let treatment = &visit.treatment;
        let target = treatment.nerve.is_some() && treatment.leg.is_some();
        self.hold(if target { Condition::TargetKnown } else { Condition::TargetNotKnown });
        self.hold(match treatment.sedation {
            Some(SedationLevel::LocalOnly) => Condition::LocalOnly,
            Some(_) => Condition::Sedated,
            None => Condition::SedationNotKnown,
        });
        if treatment.sedation.is_some_and(needs_a_watcher) {
            self.hold(Condition::Watched);
        }
        // Walking advice is stricter for the foot, so an unknown place is treated as one.
        if treatment.in_foot != Some(false) {
            self.hold(Condition::Foot);
        }
        if treatment.goal.is_some() {
            self.hold(Condition::GoalKnown);
        }
    }

    /// The name a patient reads; the key itself where nobody wrote one.
    pub fn nerve_name(&self, id: &str) -> String {
        self.wording().nerves.iter().find(|row| row.id == id).map_or_else(|| id.to_owned(), |row| row.name.clone())
    }

    pub fn sedation_words(&self, level: Option<SedationLevel>) -> Option<String> {
        let phrases = self.phrases();
        level.map(|level| {
            match level {
                SedationLevel::LocalOnly => &phrases.local_only,
                SedationLevel::Minimal => &phrases.minimal,
                SedationLevel::Moderate => &phrases.moderate,
                SedationLevel::Deep => &phrases.deep,
            }
            .clone()
        })
    }

    /// The word that clinicians use for a level of sedation.
    pub fn sedation_level(&self, level: Option<SedationLevel>) -> Option<String> {
        level.map(|level| level.word().to_owned())
    }

    /// The head of most documents: who, and which nerve.
    pub fn patient_facts(&mut self, visit: &Visit) {
        let phrases = self.phrases();
        let language = self.language;
        self.slot_fact(&phrases.patient, Slot::Patient);
        self.fact(&phrases.born, visit.patient.born.map(|born| born.plain_words(language)));
        self.fact(&phrases.record, visit.patient.record.clone());
        self.slot_fact(&phrases.nerve, Slot::Nerve);
        self.slot_fact(&phrases.side, Slot::Side);
    }

    /// A sentence with its braces filled.
    pub fn filled(&mut self, sentence: &'a str) -> String {
        let mut text = String::new();
        // Every sentence of the book was taken apart when it was read.
        for part in parts(sentence).unwrap_or_default() {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Named(name) => text.push_str(&self.named(name)),
            }
        }
        text
    }

    fn named(&mut self, name: &'a str) -> String {
        if let Some(number) = self.book.number(name) {
            self.named.insert(name);
            return number.is.value.value.to_string();
        }
        let value = Slot::named(name).and_then(|slot| self.slots.get(&slot)).cloned();
        value.unwrap_or_else(|| match self.words.id.audience() {
            Audience::Patient => BLANK.to_owned(),
            Audience::Clinician | Audience::Payer => self.phrases().not_known.clone(),
        })
    }

    fn block(&mut self, what: &'a What) -> Vec<Block> {
        let mut many = |items: &'a [String]| items.iter().map(|item| self.filled(item)).collect::<Vec<_>>();
        match what {
            What::List(items) => vec![Block::List(many(items))],
            What::Steps(items) => vec![Block::Steps(many(items))],
            What::Checklist(items) => vec![Block::Checklist(many(items))],
            What::Lines(items) => vec![Block::Lines(many(items))],
            What::Table(table) => {
                let rows = table.rows.iter().map(|row| many(row)).collect();
                let columns = many(&table.columns);
                vec![Block::Table(Table { caption: self.filled(&table.caption), columns, rows })]
            }
            What::Paragraph(words) => vec![Block::Paragraph(self.filled(words))],
            What::Notice(words) => vec![Block::Notice(self.filled(words))],
            What::Heading(words) => vec![Block::Heading(self.filled(words))],
            What::Insert(insert) => self.inserts.get(insert).cloned().unwrap_or_default(),
        }
    }

    fn section(&mut self, words: &'a super::wording::SectionWords) -> Option<Section> {
        if words.when.is_some_and(|when| !self.holds.contains(&when)) {
            return None;
        }
        let applies = |piece: &&Piece| piece.when.is_none_or(|when| self.holds.contains(&when));
        let pieces: Vec<&'a Piece> = words.blocks.iter().filter(applies).collect();
        let blocks = pieces.into_iter().flat_map(|piece| self.block(&piece.what)).collect();
        Some(Section { id: words.id.clone(), heading: self.filled(&words.heading), blocks })
    }

    /// The document. An insert of the wording that nobody filled is an error of the program and said as one.
    pub fn written(mut self, visit: &Visit, predicts: bool) -> Result<Document, DocumentError> {
        if let Some(insert) = super::wording::inserts(self.words).iter().find(|i| !self.inserts.contains_key(i)) {
            let problem = format!("found the insert {insert:?}, which this document does not have");
            return Err(wrong("wording", self.words.id.word(), problem).into());
        }
        let words = self.words;
        let title = self.filled(&words.title);
        let subtitle = self.filled(&words.subtitle);
        let sections = words.section.iter().filter_map(|section| self.section(section)).collect();
        let phrases = self.phrases();
        Ok(Document {
            kind: words.id,
            language: self.language,
            title,
            subtitle,
            from: from_line(visit),
            facts: std::mem::take(&mut self.facts),
            sections,
            notice: phrases.notice.clone(),
            predicts,
            made: self.made(visit),
            sources_heading: phrases.sources.clone(),
            sources: self.sources(),
        })
    }

    fn made(&self, visit: &Visit) -> Vec<String> {
        let phrases = self.phrases();
        let name = visit.practice.name.clone().unwrap_or_else(|| phrases.not_known.clone());
        let day = visit.made_on.map_or_else(|| phrases.not_known.clone(), |day| day.plain_words(self.language));
        let translation = &self.wording().translation;
        let program = if visit.program.is_empty() { String::new() } else { format!(" ({})", visit.program) };
        vec![
            format!("{} {name} {} {day}{program}.", phrases.made_by, phrases.made_on),
            format!("{} {}. {}", phrases.words_version, translation.version, translation.said),
        ]
    }

    fn sources(&self) -> Vec<String> {
        let phrases = self.phrases();
        let mut lines: BTreeMap<&str, bool> = BTreeMap::new();
        for number in self.named.iter().filter_map(|id| self.book.number(id)) {
            let check = lines.entry(&number.is.source).or_default();
            *check |= number.is.status == Status::RecalledUnverified;
        }
        let line = |(id, check): (&str, bool)| {
            if id == OWN_CHOICE {
                return Some(phrases.own_choice.clone());
            }
            let source = self.book.sources().find(id)?;
            let check = check || source.reading == Reading::Secondary;
            let doubt = if check { format!(" ({})", phrases.check_before_use) } else { String::new() };
            Some(format!("{}{doubt}", source.citation))
        };
        lines.into_iter().filter_map(line).collect()
    }

    /// A place to sign, or the signature that is there.
    pub fn signature(&self, role: &str, signed: Option<&Signed>) -> Signature {
        let phrases = self.phrases();
        Signature {
            role: role.to_owned(),
            name: signed.map_or(String::new(), |signed| signed.name.clone()),
            signed: signed.and_then(|signed| signed.at).map_or(String::new(), |at| at.words(self.language)),
            labels: [phrases.sign_name.clone(), phrases.sign_here.clone(), phrases.sign_when.clone()],
        }
    }
}

/// From which level on S-01 asks for a person who does nothing else; a test asks the rule.
fn needs_a_watcher(level: SedationLevel) -> bool {
    level >= SedationLevel::Moderate
}

/// Clinic and address in one line; empty where neither is known.
fn from_line(visit: &Visit) -> String {
    let parts = [&visit.practice.name, &visit.practice.address];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · ")
}

/// The source of numbers that the project chose itself.
const OWN_CHOICE: &str = "design";
