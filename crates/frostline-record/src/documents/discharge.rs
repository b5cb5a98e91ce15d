//! The discharge instructions: what to do at home, and when each held drug starts again.

use super::calendar::LocalTime;
use super::document::{Block, Document, Kind, Language, Table};
use super::inputs::{ActivityLine, DischargeInputs, DrugAfter, FollowUpTime, Visit};
use super::piece::{Condition, Insert};
use super::slots::Slot;
use super::teaching::teach_back;
use super::wording::DocumentBook;
use super::writer::{BLANK, DocumentError, Writer};

const MINUTES_PER_HOUR: f64 = 60.0;

/// The discharge instructions.
///
/// # Errors
/// [`DocumentError`] when the words cannot be used.
pub fn discharge(
    book: &DocumentBook,
    language: Language,
    visit: &Visit,
    inputs: &DischargeInputs,
) -> Result<Document, DocumentError> {
    let mut writer = Writer::new(book, Kind::Discharge, language, visit)?;
    times(&mut writer, inputs.done_at)?;
    let phrases = writer.phrases();
    for (label, slot) in [
        (&phrases.patient, Slot::Patient),
        (&phrases.nerve, Slot::Nerve),
        (&phrases.side, Slot::Side),
        (&phrases.done_at, Slot::DoneAt),
        (&phrases.phone, Slot::Phone),
        (&phrases.night_phone, Slot::NightPhone),
        (&phrases.emergency, Slot::Emergency),
    ] {
        writer.slot_fact(label, slot);
    }
    writer.fact(&phrases.dressing_off, inputs.dressing_off.map(|day| day.words(language)));
    match inputs.weak {
        Some(true) => writer.hold(Condition::Weak),
        Some(false) => {}
        None => writer.hold(Condition::WeaknessNotKnown),
    }
    if inputs.numb == Some(true) {
        writer.hold(Condition::Numb);
    }
    writer.hold(match &inputs.drugs {
        None => Condition::DrugsNotKnown,
        Some(drugs) if drugs.is_empty() => Condition::NoDrugsChange,
        Some(_) => Condition::DrugsChange,
    });
    let drugs = inputs.drugs.as_ref().map_or_else(Vec::new, |drugs| drugs_after(&writer, drugs));
    writer.insert(Insert::DrugsAfter, drugs);
    let activities = activities(&writer, inputs);
    writer.insert(Insert::Activities, activities);
    let follow_up = follow_up(&mut writer, &inputs.follow_up);
    writer.insert(Insert::FollowUp, follow_up);
    let said = teach_back(&writer, inputs.teach_back.as_ref());
    writer.insert(Insert::TeachBack, said);
    let signatures = vec![
        writer.signature(&phrases.role_patient, None),
        writer.signature(&phrases.role_nurse, inputs.nurse.as_ref()),
    ];
    writer.insert(Insert::Signatures, vec![Block::Signatures(signatures)]);
    writer.written(visit, false)
}

/// Times that follow from the end of the procedure; left to be written where that is not known.
fn times(writer: &mut Writer, done_at: Option<LocalTime>) -> Result<(), DocumentError> {
    let language = writer.language;
    let later = |hours: f64| done_at.map(|done| done.plus_minutes((hours * MINUTES_PER_HOUR) as i64).words(language));
    let (sedation_hours, dry_hours) = (writer.value("sedation-hours")?, writer.value("dry-hours-high")?);
    writer.slot(Slot::DoneAt, done_at.map(|done| done.words(language)));
    writer.slot(Slot::SedationOver, later(sedation_hours));
    writer.slot(Slot::ShowerFrom, later(dry_hours));
    Ok(())
}

fn drugs_after(writer: &Writer, drugs: &[DrugAfter]) -> Vec<Block> {
    if drugs.is_empty() {
        return Vec::new();
    }
    let phrases = writer.phrases();
    let row = |drug: &DrugAfter| {
        let at = drug.restart_at.map_or_else(|| phrases.restart_not_known.clone(), |at| at.words(writer.language));
        vec![drug.name.clone(), at, drug.decided_by.clone().unwrap_or_else(|| phrases.not_known.clone())]
    };
    let columns = vec![phrases.drug.clone(), phrases.restart_at.clone(), phrases.decided_by.clone()];
    let rows = drugs.iter().map(row).collect();
    vec![Block::Table(Table { caption: phrases.drugs_after_caption.clone(), columns, rows })]
}

/// The patient's own work and sport. A leg that is weak or numb, or that nobody tested, has no day.
fn activities(writer: &Writer, inputs: &DischargeInputs) -> Vec<Block> {
    if inputs.activities.is_empty() {
        return Vec::new();
    }
    let phrases = writer.phrases();
    let name = |id: &str| {
        let row = writer.wording().activities.iter().find(|row| row.id == id);
        row.map_or_else(|| id.to_owned(), |row| row.name.clone())
    };
    let row = |line: &ActivityLine| {
        let day = line.from.map_or_else(|| BLANK.to_owned(), |day| day.words(writer.language));
        let is_fit = inputs.weak == Some(false) && inputs.numb != Some(true);
        let from = if is_fit { day } else { phrases.ask_first.clone() };
        vec![name(&line.activity), from]
    };
    let columns = vec![phrases.activity.clone(), phrases.activity_from.clone()];
    let rows = inputs.activities.iter().map(row).collect();
    vec![Block::Table(Table { caption: phrases.activities_caption.clone(), columns, rows })]
}

/// Every time of follow-up; where no day is known, a line to write it on.
pub(crate) fn follow_up(writer: &mut Writer, times: &[FollowUpTime]) -> Vec<Block> {
    let phrases = writer.phrases();
    let mut rows = Vec::new();
    for words in &writer.wording().times {
        let due = times.iter().find(|time| time.time == words.id);
        let due = due.map_or_else(|| BLANK.to_owned(), |time| time.due.words(writer.language));
        rows.push(vec![writer.filled(&words.name), due]);
    }
    let columns = vec![phrases.follow_up_time.clone(), phrases.follow_up_date.clone()];
    vec![Block::Table(Table { caption: phrases.follow_up_caption.clone(), columns, rows })]
}
