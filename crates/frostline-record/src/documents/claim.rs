//! Claim support: what a payer asks for. Numbers of procedure codes only; their descriptors belong to their owner.

use super::claim_inputs::{ClaimInputs, ClaimLine, CodeStanding, DiagnosisLine, NoteLine, TreatmentLine};
use super::clinical::{or_not_known, pairs, table};
use super::document::{Block, Document, Kind, Language};
use super::inputs::{Leg, Visit};
use super::piece::{Condition, Insert};
use super::wording::DocumentBook;
use super::writer::{DocumentError, Writer};

/// The claim support.
///
/// # Errors
/// [`DocumentError`] when the words cannot be used, or are not written in this language.
pub fn claim(
    book: &DocumentBook,
    language: Language,
    visit: &Visit,
    inputs: &ClaimInputs,
) -> Result<Document, DocumentError> {
    let mut writer = Writer::new(book, Kind::Claim, language, visit)?;
    writer.patient_facts(visit);
    writer.fact("Date of service", inputs.done_at.map(|at| at.date().plain_words(language)));
    writer.fact("Place of service", inputs.place_of_service.clone());
    writer.fact("Payer", inputs.payer.clone());
    writer.fact("Authorisation number", inputs.authorisation.clone());
    let lines_confirmed = inputs.lines.iter().map(|line| line.standing);
    let standings: Vec<CodeStanding> =
        lines_confirmed.chain(inputs.diagnoses.iter().map(|line| line.standing)).collect();
    let all_confirmed = !standings.is_empty() && !standings.contains(&CodeStanding::Proposed);
    writer.hold(if all_confirmed { Condition::CodesConfirmed } else { Condition::CodesProposed });
    let diagnosis = |row: &DiagnosisLine| vec![row.code.clone(), row.text.clone(), standing(row.standing)];
    let diagnoses = inputs.diagnoses.iter().map(diagnosis).collect();
    let filled = [
        (Insert::ClaimLines, lines(&writer, &inputs.lines)),
        (Insert::Diagnoses, table(&writer, "ICD-10-CM", &["Code", "Text", "Standing"], diagnoses)),
        (Insert::Treatments, treatments(&writer, &inputs.treatments)),
        (Insert::TestBlock, pairs(&writer, "Test block", &[("Result", inputs.block.clone())])),
        (Insert::NoteItems, note(&writer, &inputs.note)),
        (Insert::Doubts, doubts(inputs)),
        (Insert::Signatures, signatures(&writer, inputs)),
    ];
    for (insert, blocks) in filled {
        writer.insert(insert, blocks);
    }
    writer.written(visit, false)
}

/// Who stands by the codes, and who by the report that they rest on.
fn signatures(writer: &Writer, inputs: &ClaimInputs) -> Vec<Block> {
    vec![Block::Signatures(vec![
        writer.signature("Coder who confirmed the codes", inputs.coder.as_ref()),
        writer.signature("Clinician who signed the report of the procedure", inputs.signed.as_ref()),
    ])]
}

fn standing(standing: CodeStanding) -> String {
    match standing {
        CodeStanding::Proposed => "proposed, not confirmed",
        CodeStanding::Confirmed => "confirmed by a coder",
    }
    .to_owned()
}

fn lines(writer: &Writer, lines: &[ClaimLine]) -> Vec<Block> {
    let row = |line: &ClaimLine| {
        let side = |leg: Option<Leg>| {
            let word = leg.map(|leg| match leg {
                Leg::Left => writer.phrases().left.as_str(),
                Leg::Right => writer.phrases().right.as_str(),
            });
            or_not_known(writer, word)
        };
        let others = line.others.iter();
        let nerves = std::iter::once(&line.nerve).chain(others.clone().map(|place| &place.nerve));
        let legs = std::iter::once(line.leg).chain(others.map(|place| place.leg));
        let modifiers = if line.modifiers.is_empty() { "none".to_owned() } else { line.modifiers.join(", ") };
        let nerves = nerves.map(|nerve| writer.nerve_name(nerve)).collect::<Vec<_>>().join("; ");
        let sides = legs.map(side).collect::<Vec<_>>().join("; ");
        let code = line.code.clone().unwrap_or_else(|| "none fits: ask a coder".to_owned());
        let units = or_not_known(writer, line.units.map(|units| units.to_string()).as_deref());
        vec![code, nerves, sides, units, modifiers, standing(line.standing)]
    };
    let columns = ["Code number", "Nerve", "Side", "Units", "Modifiers", "Standing"];
    table(writer, "Lines", &columns, lines.iter().map(row).collect())
}

fn treatments(writer: &Writer, treatments: &[TreatmentLine]) -> Vec<Block> {
    let row = |line: &TreatmentLine| {
        let day = |day: Option<super::Date>| or_not_known(writer, day.map(|day| day.iso()).as_deref());
        // A treatment that began and has no end goes on.
        let until = match (line.from, line.to) {
            (Some(_), None) => "goes on".to_owned(),
            (_, to) => day(to),
        };
        vec![line.what.clone(), day(line.from), until, or_not_known(writer, line.result.as_deref())]
    };
    let columns = ["Treatment", "From", "To", "Result"];
    table(writer, "What was tried before", &columns, treatments.iter().map(row).collect())
}

fn note(writer: &Writer, note: &[NoteLine]) -> Vec<Block> {
    let row = |line: &NoteLine| {
        let found = line.found.clone().unwrap_or_else(|| "MISSING".to_owned());
        vec![line.item.clone(), found]
    };
    table(writer, "What the note must say", &["Item", "Where it is said"], note.iter().map(row).collect())
}

fn doubts(inputs: &ClaimInputs) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(position) = &inputs.position {
        blocks.push(Block::Notice(position.clone()));
    }
    if inputs.doubts.is_empty() {
        blocks.push(Block::Paragraph("No conflict between codes was found.".to_owned()));
    } else {
        blocks.push(Block::List(inputs.doubts.clone()));
    }
    blocks
}
