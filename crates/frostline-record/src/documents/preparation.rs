//! The preparation sheet: the patient's own times and drugs.

use super::document::{Block, Document, Kind, Language, Table};
use super::inputs::{DrugBefore, DrugDecision, PreparationInputs, Visit};
use super::piece::{Condition, Insert};
use super::slots::Slot;
use super::wording::DocumentBook;
use super::writer::{BLANK, DocumentError, Writer};

/// The preparation sheet.
///
/// # Errors
/// [`DocumentError`] when the words cannot be used.
pub fn preparation(
    book: &DocumentBook,
    language: Language,
    visit: &Visit,
    inputs: &PreparationInputs,
) -> Result<Document, DocumentError> {
    let mut writer = Writer::new(book, Kind::Preparation, language, visit)?;
    let phrases = writer.phrases();
    writer.slot_fact(&phrases.patient, Slot::Patient);
    writer.slot_fact(&phrases.arrive_at, Slot::ArriveAt);
    writer.slot_fact(&phrases.procedure_at, Slot::ProcedureAt);
    writer.slot_fact(&phrases.place, Slot::Place);
    writer.slot_fact(&phrases.phone, Slot::Phone);
    writer.slot_fact(&phrases.night_phone, Slot::NightPhone);
    writer.hold(match &inputs.drugs {
        None => Condition::DrugsNotKnown,
        Some(drugs) if drugs.iter().all(goes_on) => Condition::NoDrugsChange,
        Some(_) => Condition::DrugsChange,
    });
    let times = fasting_times(&writer, inputs);
    writer.insert(Insert::FastingTimes, times);
    let drugs = inputs.drugs.as_ref().map_or_else(Vec::new, |drugs| drugs_before(&writer, drugs));
    writer.insert(Insert::DrugsBefore, drugs);
    let allergies = allergies(&writer, inputs.allergies.as_deref());
    writer.insert(Insert::Allergies, allergies);
    writer.written(visit, false)
}

fn goes_on(drug: &DrugBefore) -> bool {
    drug.decision == Some(DrugDecision::Keep)
}

/// One row per kind of food; where no time is known, a line to write it on.
fn fasting_times(writer: &Writer, inputs: &PreparationInputs) -> Vec<Block> {
    let phrases = writer.phrases();
    let row = |words: &super::wording::NameRow| {
        let until = inputs.fasting.iter().find(|time| time.intake == words.id);
        let until = until.map_or_else(|| BLANK.to_owned(), |time| time.until.words(writer.language));
        vec![words.name.clone(), until]
    };
    let rows = writer.wording().intakes.iter().map(row).collect();
    let columns = vec![phrases.food.clone(), phrases.stop_at.clone()];
    vec![Block::Table(Table { caption: phrases.fasting_caption.clone(), columns, rows })]
}

fn drugs_before(writer: &Writer, drugs: &[DrugBefore]) -> Vec<Block> {
    if drugs.is_empty() {
        return Vec::new();
    }
    let phrases = writer.phrases();
    let row = |drug: &DrugBefore| {
        let (what, last) = match drug.decision {
            None => (&phrases.undecided, phrases.not_known.clone()),
            Some(DrugDecision::Keep) => (&phrases.keep, phrases.no_change.clone()),
            Some(DrugDecision::LastDoseBy(time)) => (&phrases.hold, time.words(writer.language)),
        };
        let by = drug.decided_by.clone().unwrap_or_else(|| phrases.not_known.clone());
        vec![drug.name.clone(), what.clone(), last, by]
    };
    let columns =
        [&phrases.drug, &phrases.what_to_do, &phrases.last_dose, &phrases.decided_by].map(Clone::clone).to_vec();
    let rows = drugs.iter().map(row).collect();
    vec![Block::Table(Table { caption: phrases.drugs_before_caption.clone(), columns, rows })]
}

fn allergies(writer: &Writer, allergies: Option<&[String]>) -> Vec<Block> {
    let phrases = writer.phrases();
    match allergies {
        None => vec![Block::Notice(phrases.allergies_not_known.clone())],
        Some([]) => vec![Block::Paragraph(phrases.no_allergies.clone())],
        Some(known) => vec![Block::Paragraph(phrases.allergies.clone()), Block::List(known.to_vec())],
    }
}
