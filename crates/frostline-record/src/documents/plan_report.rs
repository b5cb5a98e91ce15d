//! The plan report: what is planned and predicted, and who approved it. Pictures are in the full report of the plan.

use super::clinical::{overrides, recorded, table};
use super::clinical_inputs::{PlanInputs, PredictionLine};
use super::document::{Block, Document, Kind, Language};
use super::inputs::Visit;
use super::piece::Insert;
use super::slots::Slot;
use super::wording::DocumentBook;
use super::writer::{DocumentError, Writer};

/// The plan report.
///
/// # Errors
/// [`DocumentError`] when the words cannot be used, or are not written in this language.
pub fn plan_report(
    book: &DocumentBook,
    language: Language,
    visit: &Visit,
    inputs: &PlanInputs,
) -> Result<Document, DocumentError> {
    let mut writer = Writer::new(book, Kind::PlanReport, language, visit)?;
    let phrases = writer.phrases();
    writer.patient_facts(visit);
    writer.slot_fact(&phrases.operator, Slot::Operator);
    writer.fact("Verdict", inputs.verdict.clone());
    let verdict = verdict(inputs);
    writer.insert(Insert::Verdict, verdict);
    let row = |line: &PredictionLine| {
        let level = line.level.clone().unwrap_or_else(|| "no rule".to_owned());
        vec![line.what.clone(), line.value.clone(), line.compare.clone(), level]
    };
    let rows = inputs.predictions.iter().map(row).collect();
    let predictions = table(&writer, "What is predicted", &["What", "Value", "Compare with", "Level"], rows);
    writer.insert(Insert::Predictions, predictions);
    let before = recorded(&writer, "Patient and pain", &inputs.before);
    writer.insert(Insert::Before, before);
    let gone_over = overrides(&writer, &inputs.overrides);
    writer.insert(Insert::Overrides, gone_over);
    let approval = approval(&writer, inputs);
    writer.insert(Insert::Approval, approval);
    writer.written(visit, true)
}

fn verdict(inputs: &PlanInputs) -> Vec<Block> {
    match (&inputs.verdict, &inputs.verdict_sentence) {
        (Some(word), Some(sentence)) => vec![Block::Notice(format!("{word}: {sentence}"))],
        (Some(word), None) => vec![Block::Notice(word.clone())],
        (None, _) => vec![Block::Notice("This plan was not assessed.".to_owned())],
    }
}

fn approval(writer: &Writer, inputs: &PlanInputs) -> Vec<Block> {
    let mut blocks = match &inputs.fingerprint {
        Some(fingerprint) => vec![Block::Paragraph(format!("Fingerprint of what was approved: {fingerprint}"))],
        None => vec![Block::Notice("No approval is recorded. Nobody may freeze by this plan.".to_owned())],
    };
    blocks.extend(inputs.approval_reasons.iter().map(|reason| Block::Paragraph(format!("Reason given by {reason}"))));
    if !inputs.approved.is_empty() {
        let signature = |signed| writer.signature("Approved by", Some(signed));
        blocks.push(Block::Signatures(inputs.approved.iter().map(signature).collect()));
    }
    blocks
}
