//! The consent form: what the patient was told, asked and agreed to.

use super::document::{Block, Document, Kind, Language, Table};
use super::inputs::{ConsentInputs, ReasonLine, Signed, Visit};
use super::piece::{Condition, Insert};
use super::slots::Slot;
use super::teaching::teach_back;
use super::wording::{Alternative, DocumentBook};
use super::writer::{BLANK, DocumentError, Writer};
use crate::case::steps::Leaning;
use crate::rules::SedationLevel;

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
    if visit.treatment.sedation.is_some_and(|level| level > SedationLevel::LocalOnly) {
        writer.fact(&phrases.sedation_explained, inputs.sedation_explained_by.clone());
    }
    writer.slot_fact(&phrases.goal, Slot::Goal);
    if inputs.needs_interpreter || inputs.interpreter.is_some() {
        writer.hold(Condition::Interpreter);
    }
    let mut alternatives = alternatives(&mut writer, &inputs.talked_about);
    alternatives.extend(reasons(&writer, inputs));
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

/// The patient's own reasons; a line to write one on while the form is not signed.
fn reasons(writer: &Writer, inputs: &ConsentInputs) -> Option<Block> {
    let phrases = writer.phrases();
    if inputs.reasons.is_empty() {
        let is_open = inputs.patient_signed.is_none() && inputs.guardian.is_none();
        return is_open.then(|| Block::Lines(vec![phrases.your_reason.clone()]));
    }
    let name = |way: Alternative| {
        let words = writer.wording().alternatives.iter().find(|words| words.id == way);
        words.map_or_else(|| way.word().to_owned(), |words| words.name.clone())
    };
    let row = |reason: &ReasonLine| {
        let leaning = match reason.leaning {
            Leaning::For => &phrases.leaning_for,
            Leaning::Against => &phrases.leaning_against,
        };
        vec![name(reason.alternative), leaning.clone(), reason.words.clone()]
    };
    let columns = [&phrases.alternative, &phrases.leaning, &phrases.your_reason].map(Clone::clone).to_vec();
    let rows = inputs.reasons.iter().map(row).collect();
    Some(Block::Table(Table { caption: phrases.reasons_caption.clone(), columns, rows }))
}

fn questions(writer: &Writer, inputs: &ConsentInputs) -> Vec<Block> {
    let phrases = writer.phrases();
    if inputs.questions.is_empty() {
        let lines = [phrases.your_question.clone(), phrases.our_answer.clone()];
        return vec![Block::Lines(lines.iter().cycle().take(2 * QUESTION_LINES).cloned().collect())];
    }
    let answer = |words: &str| if words.is_empty() { BLANK.to_owned() } else { words.to_owned() };
    let rows = inputs.questions.iter().map(|pair| vec![pair.question.clone(), answer(&pair.answer)]).collect();
    let columns = vec![phrases.question.clone(), phrases.answer.clone()];
    vec![Block::Table(Table { caption: phrases.questions_caption.clone(), columns, rows })]
}

fn signatures(writer: &Writer, visit: &Visit, inputs: &ConsentInputs) -> Vec<Block> {
    let phrases = writer.phrases();
    // Where somebody else signed, the patient's line has no time: the patient did not.
    let at = inputs.patient_signed.filter(|_| inputs.guardian.is_none());
    let patient = Signed { name: visit.patient.name.clone().unwrap_or_else(|| BLANK.to_owned()), at };
    let mut places = vec![
        writer.signature(&phrases.role_patient, Some(&patient)),
        writer.signature(&phrases.role_guardian, inputs.guardian.as_ref()),
        writer.signature(&phrases.role_clinician, inputs.clinician.as_ref()),
    ];
    if inputs.needs_interpreter || inputs.interpreter.is_some() {
        places.push(writer.signature(&phrases.role_interpreter, inputs.interpreter.as_ref()));
    }
    vec![Block::Signatures(places)]
}
