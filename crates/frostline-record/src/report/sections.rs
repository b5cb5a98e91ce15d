//! Sections of words and tables: structures, findings, solver, assumptions.

use frostline_plan::anatomy::{Origin, StructureKind};
use frostline_plan::catalogue::structure_called;
use frostline_plan::{Coldest, ErrorReport, Level, StructureOutcome};

use super::compose::ReportInputs;
use super::numbers::limit_word;
use super::{Align, Block, Cell, Column, Row, Section, Table, level_word};

fn words(title: &str, share: f64) -> Column {
    Column { title: title.into(), share, align: Align::Words }
}

fn numbers(title: &str, share: f64) -> Column {
    Column { title: title.into(), share, align: Align::Numbers }
}

/// Everything near the target, marked or not.
pub(super) fn structures_section(inputs: &ReportInputs) -> Section {
    let rows = inputs.evaluation.assessment.structures.iter().map(|s| structure_row(inputs, s)).collect();
    let table = Table {
        caption: "Coldest temperature of each structure over the whole procedure".into(),
        columns: vec![
            words("structure", 0.22),
            words("kind", 0.13),
            numbers("coldest (°C)", 0.12),
            numbers("at (s)", 0.08),
            numbers("from the ice (mm)", 0.12),
            words("limits", 0.2),
            words("verdict", 0.13),
        ],
        rows,
    };
    Section {
        id: "structures",
        title: "What lies near".into(),
        blocks: vec![
            Block::Table(table),
            Block::Paragraph(
                "'Not marked' means that nobody outlined the structure: it may lie in the ice without anybody knowing. \
                 Distances are to the greatest extent of the 0 °C ice."
                    .into(),
            ),
        ],
    }
}

fn structure_row(inputs: &ReportInputs, s: &StructureOutcome) -> Row {
    let (coldest, at) = match s.coldest {
        Coldest::NotMarked => (Cell::NotMarked, Cell::text("-")),
        Coldest::OutsideScene => (Cell::text("stays warm"), Cell::text("-")),
        Coldest::Reached { celsius, at_s, .. } => {
            (Cell::text(format!("{celsius:.1}")), Cell::text(format!("{at_s:.0}")))
        }
    };
    let limits = structure_called(s.kind).map_or(String::new(), |kind| limit_words(inputs, kind));
    let id = format!("{}.coldest", s.kind);
    let findings = &inputs.evaluation.assessment.findings;
    let level = findings.iter().find(|f| f.id == id && f.text.contains(&s.name)).map_or(Level::Unknown, |f| f.level);
    Row::Cells(vec![
        Cell::text(&s.name),
        Cell::text(s.kind.replace('-', " ")),
        coldest,
        at,
        Cell::text(s.closest_mm.map_or("-".into(), |mm| format!("{mm:.1}"))),
        Cell::text(limits),
        Cell::Level(level),
    ])
}

fn limit_words(inputs: &ReportInputs, kind: StructureKind) -> String {
    let limits = inputs.catalogues.limits.for_structure(kind);
    let words: Vec<_> =
        limits.map(|l| format!("{} below {:.0} °C", limit_word(l.level), l.below.value.celsius)).collect();
    words.join("; ")
}

/// Every rule that was asked, and its answer.
pub(super) fn findings_section(inputs: &ReportInputs) -> Section {
    let mut rows = Vec::new();
    for level in [Level::Stop, Level::Warn, Level::Unknown, Level::Ok] {
        let of: Vec<_> = inputs.evaluation.assessment.findings.iter().filter(|f| f.level == level).collect();
        if of.is_empty() {
            continue;
        }
        rows.push(Row::Group(format!("{} ({})", level_word(level), of.len())));
        rows.extend(of.iter().map(|f| {
            Row::Cells(vec![Cell::Level(f.level), Cell::text(&f.text), Cell::text(&f.id), Cell::text(&f.source)])
        }));
    }
    let columns = vec![words("level", 0.13), words("finding", 0.52), words("rule", 0.19), words("source", 0.16)];
    let table = Table { caption: "Findings, most serious first".into(), columns, rows };
    Section { id: "findings", title: "Findings".into(), blocks: vec![Block::Table(table)] }
}

/// Where the probes go, for those who will put them there.
pub(super) fn plan_section(inputs: &ReportInputs) -> Section {
    let mut rows = Vec::new();
    for (n, p) in inputs.plan.placements().iter().enumerate() {
        let name = inputs.catalogues.probes.find(&p.probe).map_or(&p.probe, |probe| &probe.name);
        rows.push(Row::Cells(vec![
            Cell::text(format!("{}. {name}", n + 1)),
            Cell::text(p.entry.to_string()),
            Cell::text(p.tip.to_string()),
            Cell::text(format!("{:.1}", p.way().length_mm())),
        ]));
    }
    let frame = match inputs.anatomy.origin {
        Origin::Ct | Origin::LabelMap => "patient frame LPS: left, posterior, superior",
        Origin::Calipers | Origin::UltrasoundFrame => "transducer frame: across, depth, along the limb",
    };
    let columns = vec![
        words("probe", 0.4),
        numbers("entry (mm)", 0.23),
        numbers("tip (mm)", 0.23),
        numbers("skin to tip (mm)", 0.14),
    ];
    let cover = inputs.catalogues.surroundings.cover(inputs.plan.skin_contact());
    let cover = cover.map_or(inputs.plan.skin_contact(), |c| &c.name);
    let table = Table { caption: format!("Probes ({frame})"), columns, rows };
    let fluids = inputs.plan.fluid().iter();
    let fluids = fluids.map(|f| format!(" Fluid: {} ml at {} mm towards {} mm.", f.millilitres, f.place, f.towards));
    let fluids: String = fluids.collect();
    let protocol = format!("Protocol: {}. On the skin: {cover}.{fluids}", inputs.plan.protocol().name);
    Section { id: "plan", title: "The plan".into(), blocks: vec![Block::Table(table), Block::Paragraph(protocol)] }
}

/// What the solver did, and what would reproduce it.
pub(super) fn solver_section(inputs: &ReportInputs) -> Section {
    let assessment = &inputs.evaluation.assessment;
    let (solver, prints) = (&assessment.solver, &assessment.fingerprints);
    let energy = &inputs.evaluation.history.energy;
    let row = |what: &str, value: String| Row::Cells(vec![Cell::text(what), Cell::text(value)]);
    let wall = solver.wall_s.map_or("not measured".into(), |s| format!("{s:.1} s"));
    let rows = vec![
        row("program", inputs.program.to_owned()),
        row("solver version", solver.version.to_owned()),
        row("smallest cell", format!("{:.2} mm", solver.grid_mm)),
        row("error of the computation", solver.accuracy.words()),
        row("estimated error of each surface", surface_words(&solver.accuracy)),
        row("cells", grouped(solver.cells)),
        row("stages of all time steps", grouped(solver.stages)),
        row("cell updates of all runs", grouped(solver.cell_updates)),
        row("heat taken by the probes", format!("{:.0} J", -energy.probes_j)),
        row("heat not accounted for", format!("{:.1e} of all that was moved", solver.energy_error)),
        row(
            "distance from the cold part to the rim of the region",
            format!("{:.0} mm", inputs.evaluation.built.margin_mm),
        ),
        row("computing time", wall),
        row("fingerprint of the anatomy", prints.anatomy.as_str().to_owned()),
        row("fingerprint of the plan", prints.plan.as_str().to_owned()),
        row("fingerprint of the catalogues", prints.catalogues.as_str().to_owned()),
        row("fingerprint of the answer", prints.answer.as_str().to_owned()),
    ];
    let columns = vec![words("what", 0.45), words("value", 0.55)];
    let table = Table { caption: "The computation".into(), columns, rows };
    let note = "The same inputs give the same fingerprints and the same answer, bit for bit.".into();
    Section {
        id: "solver",
        title: "How it was computed".into(),
        blocks: vec![Block::Table(table), Block::Paragraph(note)],
    }
}

fn surface_words(accuracy: &ErrorReport) -> String {
    let Some(estimate) = accuracy.estimate() else { return "not estimated".into() };
    let words: Vec<_> = estimate
        .surfaces
        .iter()
        .map(|s| format!("{:.0} °C: {:.2} mm (at {:.0} s)", s.celsius, s.error_mm, s.at_s))
        .collect();
    format!("{}; disabled length of the nerve: {:.2} mm", words.join("; "), estimate.nerve_length_error_mm)
}

/// 1234567 as 1 234 567.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

/// What was taken for granted.
pub(super) fn assumptions_section(inputs: &ReportInputs) -> Section {
    let mut all: Vec<String> = inputs.anatomy.remarks.clone();
    all.extend(inputs.remarks.iter().cloned());
    all.push(inputs.catalogues.tissues.model().words());
    all.extend(MODEL.map(str::to_owned));
    Section { id: "assumptions", title: "What was assumed".into(), blocks: vec![Block::List(all)] }
}

/// What the heat model takes for granted, whatever the case.
const MODEL: [&str; 4] = [
    "the limb does not move and the probes stay where they were planned",
    "blood flow stops where tissue freezes and does not come back during the procedure",
    "density does not change on freezing; supercooling and the movement of salt are not modelled",
    "relief is predicted from the distance a nerve must grow back; this is a hypothesis, not an outcome",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!(grouped(1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!(grouped(999), "999");
    }
}
