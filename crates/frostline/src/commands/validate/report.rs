//! The validation report: question, context of use, risk, evidence, adequacy, as a value for the same writers as the
//! report of a plan.

use frostline_freeze::conformance::Check;
use frostline_plan::{Level, NOTICE};
use frostline_record::report::{Align, Block, Cell, Column, Fact, Report, Row, Section, Table};

use super::benchmark::BenchmarkProblem;
use super::experiment_file::Role;
use super::outcome::Outcome;
use super::report_claims::{asks_reference, claims, off, said};
use super::report_experiments::experiment_section;
use super::statistics::Statistics;
use super::words::Words;

/// Everything the report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Numbers of the exact problems and R1.
    pub checks: &'a [Check],
    /// What these problems are.
    pub problems: &'a [BenchmarkProblem],
    /// Experiments that were solved.
    pub outcomes: &'a [Outcome],
    /// What is said about all this.
    pub words: &'a Words,
    /// "coarse cells, a first look" or what was done.
    pub extent: &'a str,
    /// Program and version.
    pub program: &'a str,
}

impl Evidence<'_> {
    /// Bars of experiments that were missed.
    pub fn failures(&self) -> Vec<String> {
        self.outcomes.iter().flat_map(Outcome::failures).collect()
    }

    /// Everything that is out of its tolerance, in words.
    pub fn missed(&self) -> Vec<String> {
        let number = |c: &Check| {
            let words = format!("{} {}: {} {}, ", c.problem, c.quantity, short(c.error), c.unit);
            let worst = c
                .worst
                .map_or(String::new(), |w| format!("; worst {}, allowed {}", short(w.error), short(w.tolerance)));
            format!("{words}allowed {}{worst}", short(c.tolerance))
        };
        self.checks.iter().filter(|check| !check.passes()).map(number).chain(self.failures()).collect()
    }

    fn failed_checks(&self) -> usize {
        self.checks.iter().filter(|check| !check.passes()).count()
    }

    /// True when every number and every bar holds.
    pub fn holds(&self) -> bool {
        self.failed_checks() == 0 && self.failures().is_empty()
    }

    /// Short names in the order in which they were solved.
    fn ids(&self) -> Vec<&'static str> {
        let mut ids: Vec<&'static str> = Vec::new();
        for check in self.checks {
            if !ids.contains(&check.problem) {
                ids.push(check.problem);
            }
        }
        ids
    }

    fn of<'b>(&'b self, id: &'b str) -> impl Iterator<Item = &'b Check> {
        self.checks.iter().filter(move |check| check.problem == id)
    }

    fn problem(&self, id: &str) -> Option<&BenchmarkProblem> {
        self.problems.iter().find(|problem| problem.id == id)
    }
}

/// The report. Same evidence, same report.
pub fn report(evidence: &Evidence) -> Report {
    let (verdict, verdict_word) = match (evidence.checks.is_empty(), evidence.holds()) {
        (_, false) => (Level::Stop, "DOES NOT HOLD"),
        (true, true) => (Level::Unknown, "ONLY A PART"),
        (false, true) => (Level::Ok, "HOLDS"),
    };
    let mut sections =
        vec![claims(evidence), question(evidence.words), risk(evidence.words), at_a_glance(evidence), fitted(evidence)];
    sections.extend(evidence.outcomes.iter().map(experiment_section));
    sections.push(others(evidence.words));
    sections.push(exact_problems(evidence));
    sections.push(adequacy(evidence.words));
    sections.push(again(evidence));
    Report {
        title: "Credibility of the freeze engine".into(),
        subject: "Scope",
        case_name: evidence.extent.to_owned(),
        verdict,
        verdict_word,
        verdict_sentence: verdict_sentence(evidence),
        facts: facts(evidence),
        sections,
        program: evidence.program.to_owned(),
        notice: NOTICE,
    }
}

fn verdict_sentence(evidence: &Evidence) -> String {
    let (checks, failed, missed) = (evidence.checks.len(), evidence.failed_checks(), evidence.failures().len());
    let bars: usize = evidence.outcomes.iter().map(Outcome::bars).sum();
    if evidence.checks.is_empty() && evidence.holds() {
        return "No exact problem was solved for this report, so it says nothing about the engine as a whole.".into();
    }
    if evidence.holds() {
        return format!(
            "All {checks} numbers of the exact problems and the reference freeze are within tolerance, and all {bars} bars set \
             for experiments are met. What this does and does not show is said under 'Adequacy'."
        );
    }
    format!(
        "{failed} of {checks} numbers are out of tolerance and {missed} of {bars} bars are missed. They are listed in section 1."
    )
}

fn facts(evidence: &Evidence) -> Vec<Fact> {
    let level = |holds| Some(if holds { Level::Ok } else { Level::Stop });
    let fact = |label: &str, value: String, detail: String, level| Fact { label: label.into(), value, detail, level };
    let failed = evidence.failed_checks();
    let mut facts = vec![fact(
        "Numbers within tolerance",
        format!("{} of {}", evidence.checks.len() - failed, evidence.checks.len()),
        format!("{} exact problems and reference freezes", evidence.ids().len()),
        level(failed == 0),
    )];
    if let Some(r1) = off(evidence.of("R1")).get("mm") {
        let detail = format!("the worst single direction; mean {:.3} mm over all lengths, times and poses", r1.mean());
        let holds = evidence.of("R1").all(Check::passes);
        facts.push(fact("Largest error of R1", format!("{:.3} mm", r1.largest), detail, level(holds)));
    }
    for outcome in evidence.outcomes {
        for run in &outcome.runs {
            for part in run.comparison.parts.iter().filter(|part| part.bar_rms_k.is_some()) {
                let (Some(all), Some(bar)) = (part.all, part.bar_rms_k) else { continue };
                let label = format!("{} {}, {}", outcome.id, run.name, part.name);
                let detail = format!("bar {bar:.1} K; worst single reading {:+.1} K", all.worst);
                facts.push(fact(&label, format!("{:.2} K rms", all.rms), detail, level(all.rms <= bar)));
            }
        }
        if let Some(between) = &outcome.between {
            let value = format!("{:.1} to {:.1} mm", between.least_mm, between.most_mm);
            let detail = format!("measured {:.1} ± {:.2} mm must lie between", between.measured_mm, between.spread_mm);
            facts.push(fact(&format!("{}, diameter of the ice", outcome.id), value, detail, level(between.holds())));
        }
    }
    facts.extend(worst_judged(evidence).map(|(name, all)| {
        let detail = format!("mean {:+.1} K, worst single reading {:+.1} K; no bar", all.mean, all.worst);
        fact(&format!("Worst where no fit looked: {name}"), format!("{:.1} K rms", all.rms), detail, Some(Level::Warn))
    }));
    let fitted = evidence.outcomes.iter().flat_map(|o| &o.runs).filter(|run| run.fitted.is_some()).count();
    facts.push(fact(
        "Fitted numbers",
        format!("{fitted} runs"),
        "at most one per run; listed under 'What was fitted and what was not'".into(),
        None,
    ));
    facts
}

/// The judged stretch of time with the largest root mean square, of experiments that have a bar at all: the others were
/// solved to show where the engine must not be used.
fn worst_judged(evidence: &Evidence) -> Option<(String, Statistics)> {
    let outcomes = evidence.outcomes.iter().filter(|outcome| outcome.bars() > 0);
    let parts = outcomes.flat_map(|outcome| outcome.runs.iter().map(move |run| (outcome, run))).flat_map(|(o, run)| {
        let judged = run.comparison.parts.iter().filter(|part| part.role == Role::Judged);
        judged.filter_map(move |part| Some((format!("{} {}, {}", o.id, run.name, part.name), part.all?)))
    });
    parts.max_by(|a, b| a.1.rms.total_cmp(&b.1.rms))
}

/// The number that is nearest to its tolerance, or farthest beyond it.
fn worst<'a>(checks: impl Iterator<Item = &'a Check>) -> Option<&'a Check> {
    let part = |error: f64, tolerance: f64| if error == 0.0 { 0.0 } else { error.abs() / tolerance };
    let share = |check: &Check| match (check.passes(), check.worst) {
        (false, _) => f64::INFINITY,
        (true, Some(w)) => part(check.error, check.tolerance).max(part(w.error, w.tolerance)),
        (true, None) => part(check.error, check.tolerance),
    };
    checks.max_by(|a, b| share(a).total_cmp(&share(b)))
}

/// Heading, share of the width and alignment of each column.
pub(super) fn table(caption: &str, columns: &[(&str, f64, Align)], rows: Vec<Row>) -> Block {
    let columns =
        columns.iter().map(|(title, share, align)| Column { title: (*title).into(), share: *share, align: *align });
    Block::Table(Table { caption: caption.into(), columns: columns.collect(), rows })
}

/// A row of words.
pub(super) fn texts<const N: usize>(cells: [String; N]) -> Row {
    Row::Cells(cells.into_iter().map(Cell::Text).collect())
}

fn held(holds: bool) -> Cell {
    if holds { Cell::Judged(Level::Ok, "HOLDS") } else { Cell::Judged(Level::Stop, "FAILS") }
}

fn question(words: &Words) -> Section {
    Section {
        id: "question",
        title: "Question of interest and context of use".into(),
        blocks: vec![
            Block::Paragraph(words.question.clone()),
            Block::List(words.context_of_use.clone()),
            Block::Paragraph(
                "Arranged in the manner of ASME V&V 40: question, context of use, model risk, evidence, adequacy. This is the \
                 developers' own account; nobody independent has reviewed it."
                    .into(),
            ),
        ],
    }
}

fn risk(words: &Words) -> Section {
    let rows = [
        ("Influence of the model on the decision", &words.risk.influence),
        ("Consequence of a wrong decision", &words.risk.consequence),
        ("Model risk", &words.risk.risk),
    ];
    let rows = rows.map(|(what, words)| texts([what.to_owned(), words.clone()])).to_vec();
    let columns = [("asked", 0.25, Align::Words), ("judged", 0.75, Align::Words)];
    Section { id: "risk", title: "Model risk".into(), blocks: vec![table("Model risk", &columns, rows)] }
}

fn at_a_glance(evidence: &Evidence) -> Section {
    let mut rows = vec![Row::Group("Verification: the equations against exact and converged answers".into())];
    for id in evidence.ids() {
        let passes = evidence.of(id).all(Check::passes);
        let problem = evidence.problem(id);
        let words =
            |of: fn(&BenchmarkProblem) -> &String| problem.map_or("not described".to_owned(), |p| of(p).clone());
        let far = far_off(evidence, id);
        rows.push(Row::Cells(vec![
            Cell::text(id),
            Cell::Text(words(|p| &p.title)),
            Cell::Text(words(|p| &p.against)),
            Cell::Text(far),
            Cell::Text(words(|p| &p.holds_for)),
            held(passes),
        ]));
    }
    rows.push(Row::Group("Validation: the model against published experiments".into()));
    rows.extend(evidence.outcomes.iter().map(glance_of));
    let columns = [
        ("", 0.06, Align::Words),
        ("what was solved", 0.2, Align::Words),
        ("against what", 0.19, Align::Words),
        ("how far off", 0.25, Align::Words),
        ("what it shows", 0.19, Align::Words),
        ("verdict", 0.11, Align::Words),
    ];
    Section {
        id: "glance",
        title: "Evidence at a glance".into(),
        blocks: vec![table("What was solved, against what, how far off, and what that shows", &columns, rows)],
    }
}

/// How many numbers, their mean and largest error, and which one is nearest to its limit.
fn far_off(evidence: &Evidence, id: &str) -> String {
    let all = off(evidence.of(id));
    let mut parts = vec![format!("{} numbers", evidence.of(id).count())];
    if !all.is_empty() {
        parts.push(format!("mean {}; largest {}", said(&all, |off| off.mean()), said(&all, |off| off.largest)));
    }
    let asked = evidence.of(id).filter(|check| asks_reference(check)).count();
    if asked > 0 {
        parts.push(format!("{asked} of them ask the reference itself and are not in these errors"));
    }
    let orders = evidence.of(id).filter(|check| check.tolerance == 0.0).count();
    if orders > 0 {
        parts.push(format!("{orders} of them observed orders of convergence"));
    }
    if let Some(near) = worst(evidence.of(id).filter(|check| check.tolerance > 0.0)) {
        parts.push(format!("nearest to its limit: {}", near.quantity));
    }
    parts.join("; ")
}

fn glance_of(outcome: &Outcome) -> Row {
    let mut far = Vec::new();
    for run in &outcome.runs {
        for part in run.comparison.parts.iter().filter(|p| p.name.starts_with("whole") || p.name.starts_with("freeze,"))
        {
            if let Some(all) = part.all {
                let name = &run.name;
                far.push(format!(
                    "{name}, {}: mean {:+.1}, rms {:.1}, worst {:+.1} K",
                    part.name, all.mean, all.rms, all.worst
                ));
            }
        }
        for size in &run.comparison.sizes {
            far.push(format!("{}, {:.0} °C: {:+.1} mm", run.name, size.celsius, size.error_mm()));
        }
    }
    let verdict = match (outcome.bars(), outcome.failures().is_empty()) {
        (0, _) => Cell::Judged(Level::Unknown, "NO BAR"),
        (_, true) => Cell::Judged(Level::Ok, "BAR MET"),
        (_, false) => Cell::Judged(Level::Stop, "BAR MISSED"),
    };
    Row::Cells(vec![
        Cell::text(&outcome.id),
        Cell::text(&outcome.file.title),
        Cell::text(&outcome.file.source),
        Cell::Text(far.join("; ")),
        Cell::text(&outcome.file.tests),
        verdict,
    ])
}

fn fitted(evidence: &Evidence) -> Section {
    let mut rows = Vec::new();
    for outcome in evidence.outcomes {
        for run in &outcome.runs {
            let row = match &run.fitted {
                Some(f) => {
                    let how = match (&f.from_run, f.fitted_again) {
                        (Some(other), _) => format!("taken over from run {other}"),
                        (None, true) => "fitted again in this report".to_owned(),
                        (None, false) => "as recorded; --refit finds it again".to_owned(),
                    };
                    let range = format!("looked for from {} to {}", f.range.0, f.range.1);
                    [format!("{:?}", f.what), format!("{:.2}", f.value), f.on.clone(), format!("{how}; {range}")]
                }
                None if run.comparison.sizes.iter().any(|size| size.role == Role::Fitted) => {
                    let how = "the calibration in data/probes.toml; not fitted here".to_owned();
                    ["SurfaceC".to_owned(), String::new(), "sizes marked so".to_owned(), how]
                }
                None => ["nothing".to_owned(), String::new(), String::new(), String::new()],
            };
            let [what, value, on, how] = row;
            rows.push(texts([format!("{} {}", outcome.id, run.name), spelt(&what), value, on, how]));
        }
    }
    let columns = [
        ("run", 0.25, Align::Words),
        ("fitted", 0.22, Align::Words),
        ("value", 0.1, Align::Numbers),
        ("on", 0.15, Align::Words),
        ("how", 0.28, Align::Words),
    ];
    let lead = "At most one number was fitted per run. Everything else is published, from the catalogues, or an assumption \
                that stands with the experiment. What was fitted on proves little; what is marked 'judged' the fit never saw.";
    Section {
        id: "fitted",
        title: "What was fitted and what was not".into(),
        blocks: vec![Block::Paragraph(lead.into()), table("Fitted numbers", &columns, rows)],
    }
}

/// "CouplesAlongNeedleMm" as words.
fn spelt(name: &str) -> String {
    match name {
        "CouplesAlongNeedleMm" => "place of the couples along the needle, from the tip towards the hub, mm".into(),
        "SurfaceC" => "temperature of the needle's surface, °C".into(),
        "ProbeDiameterMm" => "diameter of the probe, mm".into(),
        "StartC" => "start temperature, °C".into(),
        other => other.into(),
    }
}

fn others(words: &Words) -> Section {
    let row =
        |o: &super::words::OtherExperiment| texts([o.id.clone(), o.what.clone(), o.source.clone(), o.compared.clone()]);
    let columns = [
        ("", 0.06, Align::Words),
        ("measured", 0.28, Align::Words),
        ("source", 0.2, Align::Words),
        ("compared", 0.46, Align::Words),
    ];
    let rows = words.others.iter().map(row).collect();
    Section {
        id: "others",
        title: "Experiments that cannot be solved as scenes".into(),
        blocks: vec![table("What can be compared all the same", &columns, rows)],
    }
}

fn exact_problems(evidence: &Evidence) -> Section {
    let mut blocks = Vec::new();
    for id in evidence.ids() {
        let (title, solve) = match evidence.problem(id) {
            Some(p) => (format!("{id}: {}", p.title), p.solve.clone()),
            None => (id.to_owned(), String::new()),
        };
        if !solve.is_empty() {
            blocks.push(Block::Paragraph(solve));
        }
        blocks.push(table(&title, &NUMBER_COLUMNS, evidence.of(id).map(number_row).collect()));
    }
    Section { id: "exact", title: "Exact problems and reference freeze, number by number".into(), blocks }
}

const NUMBER_COLUMNS: [(&str, f64, Align); 9] = [
    ("quantity", 0.22, Align::Words),
    ("expected", 0.1, Align::Numbers),
    ("found", 0.08, Align::Numbers),
    ("error", 0.08, Align::Numbers),
    ("allowed", 0.07, Align::Numbers),
    ("largest", 0.08, Align::Numbers),
    ("allowed", 0.07, Align::Numbers),
    ("", 0.09, Align::Words),
    ("note", 0.21, Align::Words),
];

fn number_row(c: &Check) -> Row {
    // An order of convergence has a floor and no error.
    let (expected, error, allowed) = if c.tolerance == 0.0 {
        (format!("at least {}", short(c.expected)), String::new(), String::new())
    } else {
        (format!("{} {}", short(c.expected), c.unit), short(c.error), short(c.tolerance))
    };
    let (largest, largest_allowed) =
        c.worst.map_or((String::new(), String::new()), |w| (short(w.error), short(w.tolerance)));
    let words = [c.quantity.clone(), expected, short(c.found), error, allowed, largest, largest_allowed];
    let mut cells: Vec<Cell> = words.into_iter().map(Cell::Text).collect();
    cells.extend([held(c.passes()), Cell::text(&c.note)]);
    Row::Cells(cells)
}

/// Four digits after the point where that says something, powers of ten where it does not.
fn short(number: f64) -> String {
    match number.abs() {
        0.0 => "0".to_owned(),
        size if size < 1e-3 => format!("{number:.1e}"),
        size if size < 100.0 => format!("{number:.4}"),
        _ => format!("{number:.1}"),
    }
}

fn adequacy(words: &Words) -> Section {
    let a = &words.adequacy;
    Section {
        id: "adequacy",
        title: "Adequacy".into(),
        blocks: vec![
            Block::Paragraph(
                "The claims, their errors and the ranges in which they hold are in section 1. Taken together they are"
                    .into(),
            ),
            Block::Paragraph(format!("Adequate for: {}", a.adequate_for)),
            Block::Paragraph(format!("Not adequate for: {}", a.not_adequate_for)),
            Block::Paragraph(format!("What would widen the range: {}", a.next)),
        ],
    }
}

fn again(evidence: &Evidence) -> Section {
    let lines = vec![
        format!("Written by {}; {}.", evidence.program, evidence.extent),
        "frostline validate --out DIR writes this report again; --refit fits the free numbers again; --quick is a first look.".into(),
        "validation.json beside this page holds every number shown and every reading compared.".into(),
        "The exact problems and R1 are published for other codes in validation/benchmark; frostline validate --entry FILE compares their numbers.".into(),
    ];
    Section { id: "again", title: "How to repeat this".into(), blocks: vec![Block::List(lines)] }
}
