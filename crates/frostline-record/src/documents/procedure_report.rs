//! The procedure report: what was done, as the log has it.

use super::calendar::LocalTime;
use super::clinical::{events, or_not_known, overrides, pairs, recorded, table};
use super::clinical_inputs::{
    ChecklistLine, ComfortLine, DoseLine, FreezeLine, LoggedLine, PhaseLine, PowerLine, ProbeLine, ProcedureInputs,
};
use super::document::{Block, Document, Kind, Language};
use super::inputs::Visit;
use super::piece::Insert;
use super::slots::Slot;
use super::wording::DocumentBook;
use super::writer::{DocumentError, Writer};

/// The procedure report.
///
/// # Errors
/// [`DocumentError`] when the words cannot be used, or are not written in this language.
pub fn procedure_report(
    book: &DocumentBook,
    language: Language,
    visit: &Visit,
    inputs: &ProcedureInputs,
) -> Result<Document, DocumentError> {
    let mut writer = Writer::new(book, Kind::ProcedureReport, language, visit)?;
    let phrases = writer.phrases();
    writer.patient_facts(visit);
    writer.slot_fact(&phrases.operator, Slot::Operator);
    writer.fact("Started", inputs.started_at.map(|at| at.words(language)));
    writer.fact("Probe out", inputs.done_at.map(|at| at.words(language)));
    let filled = [
        (Insert::Team, team(&writer, inputs)),
        (Insert::Before, recorded(&writer, "Patient and pain", &inputs.before)),
        (Insert::Room, room(&writer, visit, inputs)),
        (Insert::Anaesthetic, anaesthetics(&writer, &inputs.anaesthetics)),
        (Insert::Probes, probes(&writer, &inputs.probes)),
        (Insert::Freezes, freezes(&writer, &inputs.freezes)),
        (Insert::Power, power(&writer, &inputs.power)),
        (Insert::Images, listed("No stored image is recorded.", &inputs.images)),
        (Insert::Deviations, listed("No deviation from the plan is recorded.", &inputs.deviations)),
        (Insert::Log, logged(&writer, "The log", &inputs.log)),
        (Insert::Recovery, logged(&writer, "Recovery", &inputs.recovery)),
        (Insert::Checklists, checklists(&writer, &inputs.checklists)),
        (Insert::Events, events(&writer, inputs.events.as_deref())),
        (Insert::Overrides, overrides(&writer, &inputs.overrides)),
        (Insert::Signatures, vec![Block::Signatures(vec![writer.signature("Operator", inputs.signed.as_ref())])]),
    ];
    for (insert, blocks) in filled {
        writer.insert(insert, blocks);
    }
    writer.written(visit, false)
}

fn listed(nothing: &str, items: &[String]) -> Vec<Block> {
    if items.is_empty() { vec![Block::Paragraph(nothing.to_owned())] } else { vec![Block::List(items.to_vec())] }
}

fn team(writer: &Writer, inputs: &ProcedureInputs) -> Vec<Block> {
    let rows = inputs.team.iter().map(|person| vec![person.role.clone(), person.name.clone()]).collect();
    table(writer, "Team", &["Role", "Name"], rows)
}

fn room(writer: &Writer, visit: &Visit, inputs: &ProcedureInputs) -> Vec<Block> {
    let recorded = [
        ("Sedation", writer.sedation_level(visit.treatment.sedation)),
        ("Consent signed by", inputs.consent.clone()),
        ("Guidance", inputs.guidance.clone()),
        ("Position", inputs.position.clone()),
        ("Skin preparation", inputs.skin_preparation.clone()),
        ("Stimulation", inputs.stimulation.clone()),
        ("Fluid between tissues", inputs.fluid.clone()),
        ("Dressing", inputs.dressing.clone()),
        ("Blood lost, by estimate", inputs.blood_loss.clone()),
        ("Time under X-rays", inputs.fluoroscopy.clone()),
        ("Dose-area product", inputs.dose_area.clone()),
        ("Pain before (of ten)", inputs.pain_before.clone()),
        ("Pain after (of ten)", inputs.pain_after.clone()),
    ];
    let mut blocks = pairs(writer, "Set-up and result", &recorded);
    blocks.extend(comfort(writer, &inputs.comfort));
    blocks.extend(phases(writer, &inputs.phases));
    blocks
}

fn comfort(writer: &Writer, lines: &[ComfortLine]) -> Vec<Block> {
    let row = |line: &ComfortLine| {
        let words = line.words.clone().unwrap_or_default();
        let cold = line.cold.clone().unwrap_or_else(|| "not asked".to_owned());
        vec![line.at.clock_words(writer.language), line.discomfort.clone(), cold, words]
    };
    table(
        writer,
        "How the patient felt",
        &["Time", "Discomfort (of ten)", "Cold (of ten)", "In the patient's words"],
        lines.iter().map(row).collect(),
    )
}

fn phases(writer: &Writer, lines: &[PhaseLine]) -> Vec<Block> {
    let row = |line: &PhaseLine| {
        let planned = line.planned.map(|minutes| format!("{minutes} min"));
        let planned = or_not_known(writer, planned.as_deref());
        vec![line.phase.clone(), planned, format!("{} min", line.minutes)]
    };
    table(writer, "Time in the room", &["Part", "Planned", "Took"], lines.iter().map(row).collect())
}

fn anaesthetics(writer: &Writer, doses: &[DoseLine]) -> Vec<Block> {
    let row = |dose: &DoseLine| {
        let at = dose.at.map(|at| clock(writer, at, dose.written));
        let known = |value: Option<&str>| or_not_known(writer, value);
        vec![dose.drug.clone(), dose.amount.clone(), known(dose.of_maximum.as_deref()), known(at.as_deref())]
    };
    let columns = ["Drug", "Amount", "Of the maximum, running", "Time"];
    table(writer, "Local anaesthetic", &columns, doses.iter().map(row).collect())
}

/// When something happened, and when it was written down where that was later.
fn clock(writer: &Writer, at: LocalTime, written: Option<LocalTime>) -> String {
    let happened = at.clock_words(writer.language);
    match written {
        None => happened,
        Some(written) => format!("{happened} (late entry, written down {})", written.clock_words(writer.language)),
    }
}

fn probes(writer: &Writer, probes: &[ProbeLine]) -> Vec<Block> {
    let row = |probe: &ProbeLine| {
        let expiry = probe.expiry.map(|day| day.iso());
        let known = |value: Option<&str>| or_not_known(writer, value);
        vec![probe.model.clone(), known(probe.lot.as_deref()), known(expiry.as_deref())]
    };
    table(writer, "Probes", &["Model", "Lot", "Use before"], probes.iter().map(row).collect())
}

fn freezes(writer: &Writer, freezes: &[FreezeLine]) -> Vec<Block> {
    let row = |(n, freeze): (usize, &FreezeLine)| {
        let known = |value: Option<&str>| or_not_known(writer, value);
        let start = freeze.start.map(|at| clock(writer, at, freeze.written));
        vec![
            (n + 1).to_string(),
            freeze.place.clone(),
            known(start.as_deref()),
            known(freeze.lasted.as_deref()),
            known(freeze.tip.as_deref()),
            freeze.ice.clone().unwrap_or_else(|| "not seen".to_owned()),
            known(freeze.thaw.as_deref()),
        ]
    };
    let columns = ["Freeze", "Place", "Start", "Gas on", "Coldest tip", "Ice seen", "Thaw"];
    table(writer, "Freezes and thaws", &columns, freezes.iter().enumerate().map(row).collect())
}

fn power(writer: &Writer, lines: &[PowerLine]) -> Vec<Block> {
    let row = |line: &PowerLine| {
        let known = |value: &Option<String>| or_not_known(writer, value.as_deref());
        vec![line.muscle.clone(), known(&line.before), known(&line.lowest), known(&line.after)]
    };
    let columns = ["Muscle", "Before", "Lowest since", "Last"];
    table(writer, "Strength (MRC grade)", &columns, lines.iter().map(row).collect())
}

/// Lines as they were signed, with everything that each says.
fn logged(writer: &Writer, caption: &str, lines: &[LoggedLine]) -> Vec<Block> {
    let row = |line: &LoggedLine| {
        let details = if line.details.is_empty() { "nothing more was written" } else { &line.details };
        vec![clock(writer, line.at, line.written), line.what.clone(), details.to_owned(), line.by.clone()]
    };
    table(writer, caption, &["Time", "What", "As it was written", "Signed by"], lines.iter().map(row).collect())
}

fn checklists(writer: &Writer, lines: &[ChecklistLine]) -> Vec<Block> {
    let row = |line: &ChecklistLine| vec![line.list.clone(), line.item.clone(), line.answer.clone()];
    table(writer, "Checklists", &["List", "Item", "Answer"], lines.iter().map(row).collect())
}
