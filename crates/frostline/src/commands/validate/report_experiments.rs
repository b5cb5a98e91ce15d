//! One section per experiment: what is known, how far off each couple and each isotherm is, and plots.

use frostline_plan::Level;
use frostline_record::report::{
    Align, Band, Block, Cell, Curve, CurveKind, Curves, Figure, Picture, Row, Section, Threshold,
};

use super::compare::{Comparison, Part, Sized};
use super::experiment_file::{Role, Size};
use super::outcome::{Outcome, RunOutcome};
use super::report::{table, texts};
use super::statistics::Statistics;

/// Section keys for the sheets; experiments beyond these share the last.
const KEYS: [&str; 6] = ["e1", "e2", "e3", "e4", "e5", "e-more"];

/// Everything about one experiment.
pub fn experiment_section(outcome: &Outcome) -> Section {
    let file = &outcome.file;
    let lead = format!("Source: {} (numbers {}). It tests {}.", file.source, file.status, file.tests);
    let known = file.known.iter().map(|k| format!("Known: {k}"));
    let assumed = file.assumed.iter().map(|a| format!("Assumed: {a}"));
    let mut blocks = vec![
        Block::Paragraph(lead),
        Block::List(known.chain(assumed).collect()),
        Block::Paragraph(format!("Finding: {}", file.finding)),
    ];
    let figures: Vec<Figure> = outcome.runs.iter().filter_map(|run| figure(&outcome.id, run)).collect();
    if !figures.is_empty() {
        blocks.push(Block::Figures(figures));
    }
    for run in &outcome.runs {
        blocks.extend(tables(&outcome.id, run));
    }
    let key = KEYS.iter().find(|key| **key == file.id.to_lowercase()).unwrap_or(&KEYS[KEYS.len() - 1]);
    Section { id: key, title: format!("{}: {}", file.id, file.title), blocks }
}

fn tables(id: &str, run: &RunOutcome) -> Vec<Block> {
    let c = &run.comparison;
    let mut blocks = Vec::new();
    if !c.parts.is_empty() {
        blocks.push(couples_table(id, run));
    }
    if c.isotherms.iter().any(|i| i.all.is_some()) {
        blocks.push(isotherms_table(id, run));
    }
    if !c.sizes.is_empty() {
        blocks.push(sizes_table(id, run));
    }
    blocks
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Fitted => "fitted on",
        Role::Judged => "judged",
        Role::Both => "both",
    }
}

fn couples_table(id: &str, run: &RunOutcome) -> Block {
    let mut rows = Vec::new();
    for part in &run.comparison.parts {
        rows.push(Row::Group(format!("{} ({})", part.name, role_word(part.role))));
        for (n, (name, statistics)) in part.couples.iter().enumerate() {
            let couple = &run.comparison.couples[n];
            let note = if couple.counts { "" } else { "shown, not counted" };
            rows.push(statistics_row(format!("{name} ({:.1} mm)", couple.radius_mm), *statistics, Cell::text(note)));
        }
        rows.push(statistics_row("all that count".into(), part.all, bar(part)));
    }
    let columns = [
        ("couple (distance from axis)", 0.26, Align::Words),
        ("readings", 0.1, Align::Numbers),
        ("mean error, K", 0.13, Align::Numbers),
        ("rms, K", 0.11, Align::Numbers),
        ("largest error, K", 0.14, Align::Numbers),
        ("at, s", 0.08, Align::Numbers),
        ("", 0.18, Align::Words),
    ];
    table(&format!("{id} {}: thermocouples, computed less measured", run.name), &columns, rows)
}

fn bar(part: &Part) -> Cell {
    let (Some(bar), Some(all)) = (part.bar_rms_k, part.all) else { return Cell::text("") };
    if all.rms <= bar { Cell::Judged(Level::Ok, "BAR MET") } else { Cell::Judged(Level::Stop, "BAR MISSED") }
}

fn statistics_row(name: String, statistics: Option<Statistics>, last: Cell) -> Row {
    let Some(s) = statistics else {
        let none = || Cell::text("none");
        return Row::Cells(vec![Cell::Text(name), Cell::text("0"), none(), none(), none(), none(), last]);
    };
    Row::Cells(vec![
        Cell::Text(name),
        Cell::Text(s.count.to_string()),
        Cell::Text(format!("{:+.2}", s.mean)),
        Cell::Text(format!("{:.2}", s.rms)),
        Cell::Text(format!("{:+.2}", s.worst)),
        Cell::Text(format!("{:.0}", s.worst_at_s)),
        last,
    ])
}

fn isotherms_table(id: &str, run: &RunOutcome) -> Block {
    let rows = run.comparison.isotherms.iter().filter_map(|i| {
        let s = i.all?;
        let last = i.rows.last()?;
        Some(texts([
            format!("{:.0} °C", i.celsius),
            s.count.to_string(),
            format!("{:+.2}", s.mean),
            format!("{:.2}", s.rms),
            format!("{:+.2}", s.worst),
            format!("{:.0}", s.worst_at_s),
            format!("last at {:.0} s: {:.1} mm measured, {:.1} computed", last.0, last.1, last.2),
        ]))
    });
    let columns = [
        ("isotherm", 0.12, Align::Words),
        ("times", 0.08, Align::Numbers),
        ("mean error, mm", 0.13, Align::Numbers),
        ("rms, mm", 0.11, Align::Numbers),
        ("largest error, mm", 0.14, Align::Numbers),
        ("at, s", 0.08, Align::Numbers),
        ("", 0.34, Align::Words),
    ];
    let caption = format!("{id} {}: distance of isotherms from the axis, read between couples in both", run.name);
    table(&caption, &columns, rows.collect())
}

fn sizes_table(id: &str, run: &RunOutcome) -> Block {
    let rows = run.comparison.sizes.iter().map(|s| {
        texts([
            format!("{} of {:.0} °C at {:.0} s", size_word(s.what), s.celsius, s.at_s),
            s.spread_mm.map_or(format!("{:.1}", s.measured_mm), |spread| format!("{:.1} ± {spread:.1}", s.measured_mm)),
            format!("{:.1}", s.computed_mm),
            format!("{:+.1} mm ({:+.0} %)", s.error_mm(), 100.0 * s.error_mm() / s.measured_mm),
            within(s),
            role_word(s.role).to_owned(),
        ])
    });
    let columns = [
        ("size", 0.3, Align::Words),
        ("measured, mm", 0.15, Align::Numbers),
        ("computed, mm", 0.13, Align::Numbers),
        ("error", 0.17, Align::Numbers),
        ("spread", 0.14, Align::Words),
        ("", 0.11, Align::Words),
    ];
    table(&format!("{id} {}: sizes of isotherms", run.name), &columns, rows.collect())
}

fn within(size: &Sized) -> String {
    match size.spread_mm {
        None => "not published".into(),
        Some(spread) if size.error_mm().abs() <= spread => "within".into(),
        Some(spread) => format!("{:.1} times", size.error_mm().abs() / spread),
    }
}

fn size_word(size: Size) -> &'static str {
    match size {
        Size::Width => "width",
        Size::Length => "length",
        Size::Ring => "ring to 0 °C",
    }
}

fn figure(id: &str, run: &RunOutcome) -> Option<Figure> {
    let c = &run.comparison;
    if c.couples.is_empty() {
        return None;
    }
    // Only what this very run was fitted on; a number taken over from another run saw nothing of this one.
    let fitted = run.fitted.as_ref().filter(|f| f.from_run.is_none()).map(|f| f.on.as_str());
    let caption = "Lines: computed. Diamonds: measured, each couple shifted by its own offset before the freeze.";
    let caption = fitted.map_or(caption.to_owned(), |on| format!("{caption} Shaded: what was fitted on ({on})."));
    Some(Figure {
        title: format!("{id} {}: temperatures over time", run.name),
        alt: format!("{id} {}: computed and measured temperatures of {} couples over time", run.name, c.couples.len()),
        caption,
        picture: Picture::Curves(curves(c, fitted)),
    })
}

fn curves(c: &Comparison, fitted: Option<&str>) -> Curves {
    let mut curves = Vec::new();
    for (rank, couple) in c.couples.iter().enumerate() {
        let points = |celsius: &[f64]| vec![couple.at_s.iter().copied().zip(celsius.iter().copied()).collect()];
        let counted = if couple.counts { "" } else { ", not counted" };
        let name = format!("{:.1} mm from the axis{counted}", couple.radius_mm);
        curves.push(Curve { name, kind: CurveKind::Computed { rank }, pieces: points(&couple.computed_c) });
        // One word for all diamonds: their colours are those of the lines.
        let name = if rank == 0 { "diamonds: measured".to_owned() } else { String::new() };
        curves.push(Curve { name, kind: CurveKind::Measured { rank }, pieces: points(&couple.measured_c) });
    }
    let fitted = c.parts.iter().filter(|p| fitted == Some(p.name.as_str()));
    let last_s = c.couples.iter().flat_map(|couple| couple.at_s.last()).fold(0.0, |a: f64, b| a.max(*b));
    Curves {
        across: "time, s".into(),
        upwards: "temperature, °C".into(),
        curves,
        bands: fitted.map(|p| Band { from: p.from_s, to: p.to_s.min(last_s), words: "fitted on".into() }).collect(),
        thresholds: vec![Threshold { at: 0.0, words: "0 °C".into() }],
    }
}
