//! The consent form: what the patient was told, asked and agreed to.

use super::document::{Block, Document, Kind, Language, Table};
use super::inputs::{ConsentInputs, Signed, Visit};
use super::piece::{Condition, Insert};
use super::slots::Slot;
use super::teaching::teach_back;
use super::wording::{Alternative, DocumentBook};
use super::writer::{BLANK, DocumentError, Writer};

/// How many lines a form without questions has for them.
const QUESTION_LINES: usize = 3;

/// The consent form.
///
/// # Errors
/// [`DocumentError`] when the words cannot be used.
pub fn consent(
    book: &DocumentBook,
    language: Language,
    visit: &Visit,
    inputs: &ConsentInputs,
) -> Result<Document, DocumentError> {
    let mut writer = Writer::new(book, Kind::Consent, language, visit)?;
    let phrases = writer.phrases();
    writer.patient_facts(visit);
    writer.slot_fact(&phrases.operator, Slot::Operator);
    let sedation = writer.sedation_words(visit.treatment.sedation);
    writer.fact(&phrases.sedation, sedation);
    writer.slot_fact(&phrases.goal, Slot::Goal);
    if inputs.needs_interpreter || inputs.interpreter.is_some() {
        writer.hold(Condition::Interpreter);
    }
    let alternatives = alternatives(&mut writer, &inputs.talked_about);
    writer.insert(Insert::Alternatives, alternatives);
    let questions = questions(&writer, inputs);
    writer.insert(Insert::Questions, questions);
    let said = teach_back(&writer, inputs.teach_back.as_ref());
    writer.insert(Insert::TeachBack, said);
    let signatures = signatures(&writer, visit, inputs);
    writer.insert(Insert::Signatures, signatures);
    writer.written(visit, false)
}

/// The other ways in one layout, so that none is favoured.
fn alternatives(writer: &mut Writer, talked_about: &[Alternative]) -> Vec<Block> {
    let phrases = writer.phrases();
    let wording = writer.wording();
    let mut rows = Vec::with_capacity(wording.alternatives.len());
    for words in &wording.alternatives {
        let talked = if talked_about.contains(&words.id) { &phrases.talked_yes } else { &phrases.talked_no };
        rows.push(vec![words.name.clone(), writer.filled(&words.good), writer.filled(&words.bad), talked.clone()]);
    }
    let columns = [&phrases.alternative, &phrases.good, &phrases.bad, &phrases.talked].map(Clone::clone).to_vec();
    vec![Block::Table(Table { caption: phrases.alternatives_caption.clone(), columns, rows })]
}

fn questions(writer: &Writer, inputs: &ConsentInputs) -> Vec<Block> {
    let phrases = writer.phrases();
    if inputs.questions.is_empty() {
        let lines = [phrases.your_question.clone(), phrases.our_answer.clone()];
        return vec![Block::Lines(lines.iter().cycle().take(2 * QUESTION_LINES).cloned().collect())];
    }
    let rows = inputs.questions.iter().map(|pair| vec![pair.question.clone(), pair.answer.clone()]).collect();
    let columns = vec![phrases.question.clone(), phrases.answer.clone()];
    vec![Block::Table(Table { caption: phrases.questions_caption.clone(), columns, rows })]
}

fn signatures(writer: &Writer, visit: &Visit, inputs: &ConsentInputs) -> Vec<Block> {
    let phrases = writer.phrases();
    let patient =
        Signed { name: visit.patient.name.clone().unwrap_or_else(|| BLANK.to_owned()), at: inputs.patient_signed };
    let mut places = vec![
        writer.signature(&phrases.role_patient, Some(&patient)),
        writer.signature(&phrases.role_guardian, None),
        writer.signature(&phrases.role_clinician, inputs.clinician.as_ref()),
    ];
    if inputs.needs_interpreter || inputs.interpreter.is_some() {
        places.push(writer.signature(&phrases.role_interpreter, inputs.interpreter.as_ref()));
    }
    vec![Block::Signatures(places)]
}
