//! The letter to the clinician who referred the patient.

use super::clinical::{events, or_not_known, pairs, restarts};
use super::clinical_inputs::LetterInputs;
use super::discharge::follow_up;
use super::document::{Block, Document, Kind, Language};
use super::inputs::Visit;
use super::piece::{Condition, Insert};
use super::slots::Slot;
use super::wording::DocumentBook;
use super::writer::{DocumentError, Writer};

/// The letter.
///
/// # Errors
/// [`DocumentError`] when the words cannot be used, or are not written in this language.
pub fn letter(
    book: &DocumentBook,
    language: Language,
    visit: &Visit,
    inputs: &LetterInputs,
) -> Result<Document, DocumentError> {
    let mut writer = Writer::new(book, Kind::Letter, language, visit)?;
    let phrases = writer.phrases();
    writer.fact("To", inputs.to.clone());
    writer.patient_facts(visit);
    writer.slot_fact(&phrases.phone, Slot::Phone);
    match (inputs.weak, inputs.weaker) {
        (_, Some(true)) => writer.hold(Condition::Weaker),
        (Some(true), _) => writer.hold(Condition::Weak),
        (Some(false), _) => {}
        (None, _) => writer.hold(Condition::WeaknessNotKnown),
    }
    if inputs.numb == Some(true) {
        writer.hold(Condition::Numb);
    }
    let filled = [
        (Insert::Referral, referral(&writer, visit, inputs)),
        (Insert::Done, done(&writer, inputs)),
        (Insert::Events, events(&writer, inputs.events.as_deref())),
        (Insert::DrugsAfter, restarts(&writer, inputs.drugs.as_deref())),
        (Insert::Signatures, vec![Block::Signatures(vec![writer.signature("Operator", inputs.signed.as_ref())])]),
    ];
    for (insert, blocks) in filled {
        writer.insert(insert, blocks);
    }
    let times = follow_up(&mut writer, &inputs.follow_up);
    writer.insert(Insert::FollowUp, times);
    writer.written(visit, false)
}

fn referral(writer: &Writer, visit: &Visit, inputs: &LetterInputs) -> Vec<Block> {
    let recorded = [
        ("Referred on", inputs.referred_on.map(|day| day.plain_words(writer.language))),
        ("Reason", inputs.reason.clone()),
        ("Goal in the patient's words", visit.treatment.goal.clone()),
        ("Findings of images and nerve tests", inputs.findings.clone()),
        ("Screen for nerve pain", inputs.nerve_pain_screen.clone()),
        ("Test block", inputs.block.clone()),
    ];
    pairs(writer, "The referral", &recorded)
}

fn done(writer: &Writer, inputs: &LetterInputs) -> Vec<Block> {
    let mut blocks: Vec<Block> = inputs.done.iter().cloned().map(Block::Paragraph).collect();
    if blocks.is_empty() {
        blocks.push(Block::Notice("Nothing is recorded about what was done.".to_owned()));
    }
    let known = |value: &Option<String>| or_not_known(writer, value.as_deref());
    let pain = format!(
        "Pain on the scale from zero to ten: {} before, {} after. The early value includes the local anaesthetic.",
        known(&inputs.pain_before),
        known(&inputs.pain_after)
    );
    blocks.push(Block::Paragraph(pain));
    blocks
}
