//! Tables that several documents for clinicians and payers share.

use super::clinical_inputs::{EventLine, OverrideLine, RecordedFact};
use super::document::{Block, Table};
use super::inputs::DrugAfter;
use super::writer::Writer;

/// A table, or the words that nothing is recorded.
pub(crate) fn table(writer: &Writer, caption: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Vec<Block> {
    if rows.is_empty() {
        return vec![Block::Paragraph(format!("{caption}: {}.", writer.phrases().not_known))];
    }
    let columns = columns.iter().map(|title| (*title).to_owned()).collect();
    vec![Block::Table(Table { caption: caption.to_owned(), columns, rows })]
}

/// Label and value, one row each.
pub(crate) fn pairs(writer: &Writer, caption: &str, pairs: &[(&str, Option<String>)]) -> Vec<Block> {
    let rows = pairs.iter().map(|(label, value)| vec![(*label).to_owned(), or_not_known(writer, value.as_deref())]);
    table(writer, caption, &["Item", "Recorded"], rows.collect())
}

/// What somebody wrote down, one row each.
pub(crate) fn recorded(writer: &Writer, caption: &str, facts: &[RecordedFact]) -> Vec<Block> {
    let rows = facts.iter().map(|fact| vec![fact.what.clone(), fact.value.clone()]).collect();
    table(writer, caption, &["Item", "Recorded"], rows)
}

pub(crate) fn or_not_known(writer: &Writer, value: Option<&str>) -> String {
    value.unwrap_or(&writer.phrases().not_known).to_owned()
}

/// What went wrong. Not recorded is not the same as nothing.
pub(crate) fn events(writer: &Writer, events: Option<&[EventLine]>) -> Vec<Block> {
    match events {
        None => vec![Block::Notice("Nobody recorded whether there was an adverse event.".to_owned())],
        Some([]) => vec![Block::Paragraph("No adverse event was recorded.".to_owned())],
        Some(events) => {
            let row = |event: &EventLine| {
                let known = |value: &Option<String>| or_not_known(writer, value.as_deref());
                let outcome = event.outcome.clone().unwrap_or_else(|| "open".to_owned());
                vec![event.what.clone(), known(&event.grade), known(&event.done), outcome]
            };
            let columns = ["Event", "Grade", "Treatment", "Outcome"];
            table(writer, "Adverse events", &columns, events.iter().map(row).collect())
        }
    }
}

/// Rules that somebody went over; nothing where nobody did.
pub(crate) fn overrides(writer: &Writer, overrides: &[OverrideLine]) -> Vec<Block> {
    if overrides.is_empty() {
        return vec![Block::Paragraph("No rule was overridden.".to_owned())];
    }
    let row = |line: &OverrideLine| vec![line.rule.clone(), line.said.clone(), line.reason.clone(), line.by.clone()];
    let columns = ["Rule", "What it said", "Reason for going on", "Who"];
    table(writer, "Rules that were overridden", &columns, overrides.iter().map(row).collect())
}

/// When held drugs start again.
pub(crate) fn restarts(writer: &Writer, drugs: Option<&[DrugAfter]>) -> Vec<Block> {
    match drugs {
        None => vec![Block::Notice("No list of the patient's drugs is recorded.".to_owned())],
        Some([]) => vec![Block::Paragraph("No drug was held.".to_owned())],
        Some(drugs) => {
            let row = |drug: &DrugAfter| {
                let at = drug.restart_at.map(|at| at.words(writer.language));
                let at = at.unwrap_or_else(|| "no decision recorded".to_owned());
                vec![drug.name.clone(), at, or_not_known(writer, drug.decided_by.as_deref())]
            };
            let columns = ["Drug", "Next dose", "Decided by"];
            table(writer, "Held drugs", &columns, drugs.iter().map(row).collect())
        }
    }
}
