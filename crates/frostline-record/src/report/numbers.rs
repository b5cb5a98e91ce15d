//! Every number the prediction stands on, with its source, its status and how far it is known to hold.

use std::collections::BTreeSet;

use frostline_plan::Filling;
use frostline_plan::anatomy::{Marked, StructureKind};
use frostline_plan::catalogue::{LimitLevel, Sourced, Status, structure_word};

use super::compose::ReportInputs;
use super::probe_numbers::probe_rows;
use super::tissue_numbers::tissue_rows;
use super::{Align, Block, Cell, Column, Row, Section, Table};

/// Rows of the table, with the sources they name.
pub(super) struct NumberRows {
    rows: Vec<Row>,
    sources: BTreeSet<String>,
    recalled: usize,
}

impl NumberRows {
    pub fn group(&mut self, words: impl Into<String>) {
        self.rows.push(Row::Group(words.into()));
    }

    pub fn add<T>(&mut self, what: impl Into<String>, value: impl Into<String>, from: &Sourced<T>) {
        self.add_with(what, value, from, &from.note);
    }

    pub fn add_with<T>(&mut self, what: impl Into<String>, value: impl Into<String>, from: &Sourced<T>, note: &str) {
        self.sources.insert(from.source.clone());
        self.recalled += usize::from(from.status == Status::RecalledUnverified);
        self.rows.push(Row::Cells(vec![
            Cell::text(what),
            Cell::text(value),
            Cell::text(&from.source),
            Cell::Status(from.status),
            Cell::text(note),
        ]));
    }
}

/// The section with all numbers, and the list of their sources.
pub(super) fn numbers_section(inputs: &ReportInputs) -> Section {
    let mut all = NumberRows { rows: Vec::new(), sources: BTreeSet::new(), recalled: 0 };
    probe_rows(inputs, &mut all);
    tissue_rows(inputs, &mut all);
    surroundings_rows(inputs, &mut all);
    limit_rows(inputs, &mut all);
    for finding in &inputs.evaluation.assessment.findings {
        all.sources.insert(finding.source.clone());
    }
    let lead = format!(
        "{} of these numbers are RECALLED: nobody has found them in a source that could be opened. Check them before use. \
         'Chosen by this project' means that no clinical source is claimed.",
        all.recalled
    );
    let sources = sources_table(inputs, &all.sources);
    Section {
        id: "numbers",
        title: "The numbers behind this prediction".into(),
        blocks: vec![Block::Paragraph(lead), Block::Table(numbers_table(all.rows)), Block::Table(sources)],
    }
}

fn numbers_table(rows: Vec<Row>) -> Table {
    let column = |title: &str, share, align| Column { title: title.into(), share, align };
    Table {
        caption: "Numbers used".into(),
        columns: vec![
            column("number", 0.2, Align::Words),
            column("value", 0.25, Align::Words),
            column("source", 0.12, Align::Words),
            column("status", 0.13, Align::Words),
            column("validated range and notes", 0.3, Align::Words),
        ],
        rows,
    }
}

fn sources_table(inputs: &ReportInputs, named: &BTreeSet<String>) -> Table {
    let column = |title: &str, share| Column { title: title.into(), share, align: Align::Words };
    let known = named.iter().filter_map(|id| inputs.catalogues.sources.find(id));
    Table {
        caption: "Sources named above".into(),
        columns: vec![column("key", 0.17), column("source", 0.58), column("how much of it was read", 0.25)],
        rows: known
            .map(|s| Row::Cells(vec![Cell::text(&s.id), Cell::text(&s.citation), Cell::text(&s.read)]))
            .collect(),
    }
}

fn surroundings_rows(inputs: &ReportInputs, all: &mut NumberRows) {
    let surroundings = &inputs.catalogues.surroundings;
    all.group("Blood and skin");
    let arterial = surroundings.arterial();
    all.add("blood reaching the tissue", format!("{:.1} °C", arterial.value.celsius), arterial);
    if let Some(cover) = surroundings.cover(inputs.plan.skin_contact()) {
        let film = cover.film.value;
        let mut value = format!("{:.0} °C behind {:.0} W/(m² K)", film.celsius, film.film_w_per_m2_k);
        if film.evaporation_w_per_m2 > 0.0 {
            value += &format!("; evaporation {:.0} W/m²", film.evaporation_w_per_m2);
        }
        all.add(format!("on the skin: {}", cover.name), value, &cover.film);
    }
    let flowing = inputs.evaluation.built.fillings.iter().any(|f| matches!(f, Filling::Vessel(_)));
    if flowing {
        let wall = surroundings.vessel_wall();
        let value = format!(
            "Nusselt number {:.2}; vessels from {:.1} mm diameter flow",
            wall.value.nusselt, wall.value.thinnest_mm
        );
        all.add("wall of a vessel", value, wall);
    }
}

fn limit_rows(inputs: &ReportInputs, all: &mut NumberRows) {
    let limits = &inputs.catalogues.limits;
    let goals = limits.nerve();
    all.group("Limits and goals");
    let celsius = |c: f64| format!("{c:.0} °C");
    let mm = |l: f64| format!("{l:.0} mm");
    all.add("nerve counts as disabled below", celsius(goals.disabled_below.value.celsius), &goals.disabled_below);
    all.add("also shown", celsius(goals.also_shown_below.value.celsius), &goals.also_shown_below);
    all.add("nerve: caution below", celsius(goals.caution_below.value.celsius), &goals.caution_below);
    all.add("nerve: stop below", celsius(goals.stop_below.value.celsius), &goals.stop_below);
    all.add("disabled length wanted", mm(goals.wanted_disabled.value.millimetres), &goals.wanted_disabled);
    all.add("shortest that disables", mm(goals.shortest_disabled.value.millimetres), &goals.shortest_disabled);
    let block = goals.cold_block.value;
    let words = format!("{:.0} to {:.0} °C", block.warmest_c, block.coldest_c);
    all.add("only blocked while cold", words, &goals.cold_block);
    all.add("motor nerve to ice", mm(goals.motor_nerve_margin.value.millimetres), &goals.motor_nerve_margin);
    let named: Vec<StructureKind> = inputs.anatomy.structures.iter().map(|s| s.kind).collect();
    for kind in StructureKind::ALL.into_iter().filter(|kind| named.contains(kind)) {
        for limit in limits.for_structure(kind) {
            let what = format!("{}: {} below", structure_word(kind), limit_word(limit.level));
            all.add_with(what, celsius(limit.below.value.celsius), &limit.below, &limit_note(limit));
        }
    }
    if matches!(inputs.anatomy.nerve.distance_to_target_mm, Marked::Marked(_)) {
        let regrowth = &inputs.catalogues.relief.regrowth;
        let r = regrowth.value;
        let value = format!("{:.2} / {:.2} / {:.2} mm per day", r.slow_mm_per_day, r.mid_mm_per_day, r.fast_mm_per_day);
        all.add("nerve grows back (slow / middle / fast)", value, regrowth);
    }
}

fn limit_note(limit: &frostline_plan::catalogue::Limit) -> String {
    format!("{}. {}", limit.text, limit.below.note)
}

/// The word for how serious it is to cross a limit.
pub(super) fn limit_word(level: LimitLevel) -> &'static str {
    match level {
        LimitLevel::Warn => "warn",
        LimitLevel::Stop => "stop",
        LimitLevel::Unknown => "not known",
    }
}
