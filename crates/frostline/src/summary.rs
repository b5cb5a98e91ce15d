//! The verdict in a dozen lines, for the terminal.

use std::fmt::Write as _;

use frostline_plan::{Assessment, Coldest, Evaluation, Finding, Level, NOTICE};

use crate::case_file::Case;

/// A dozen lines: what happens to the nerve, the skin and everything near, and what must be decided.
pub fn summary(case: &Case, evaluation: &Evaluation) -> String {
    let assessment = &evaluation.assessment;
    let mut text = String::new();
    // Writing to a string cannot go wrong.
    let _ = writeln!(text, "{}", case.title);
    let _ = writeln!(text, "verdict   {}", verdict_words(assessment.verdict()));
    let _ = writeln!(text, "nerve     {}", nerve_line(assessment));
    for isotherm in &assessment.isotherms {
        let _ = writeln!(
            text,
            "{:>5.0} °C  {:.1} mm wide ({:.1} to {:.1}), {:.1} mm long ({:.1} to {:.1}), {:.2} ml, largest at {:.0} s",
            isotherm.celsius,
            isotherm.width_mm,
            isotherm.width_band_mm.0,
            isotherm.width_band_mm.1,
            isotherm.length_mm,
            isotherm.length_band_mm.0,
            isotherm.length_band_mm.1,
            isotherm.volume_mm3 / 1000.0,
            isotherm.at_s
        );
    }
    for probe in &assessment.probes {
        let state = if probe.calibrated { "calibrated" } else { "NOT CALIBRATED" };
        let own = probe.serial.as_ref().map_or(state.to_owned(), |_| probe.against.clone());
        let _ = writeln!(text, "probe     {}: {own}, surface known within {:.0} K", probe.name, probe.surface_k);
    }
    for structure in &assessment.structures {
        let closest = structure.closest_mm.map_or(String::new(), |mm| format!(", {mm:.1} mm from the ice"));
        let _ = match structure.coldest {
            Coldest::Reached { celsius, at_s, .. } => {
                writeln!(text, "{:<9} {}: {celsius:.1} °C at {at_s:.0} s{closest}", structure.kind, structure.name)
            }
            Coldest::OutsideScene => {
                writeln!(text, "{:<9} {}: out of reach of the cold", structure.kind, structure.name)
            }
            Coldest::NotMarked => writeln!(text, "{:<9} {}: not marked, not known", structure.kind, structure.name),
        };
    }
    if let Some(relief) = &assessment.relief {
        let _ = writeln!(
            text,
            "relief    about {:.0} days ({:.0} to {:.0}), a hypothesis from {:.0} mm of regrowth ({}, {}: {})",
            relief.mid_days,
            relief.low_days,
            relief.high_days,
            relief.distance_mm,
            relief.source,
            relief.status,
            relief.evidence
        );
    }
    // What was not marked stands in its own line above; every other doubt is said here.
    let said_above = |f: &&Finding| f.level == Level::Unknown && f.id.ends_with(".coldest");
    for finding in assessment.findings.iter().filter(|f| f.level != Level::Ok && !said_above(f)) {
        let _ = writeln!(text, "{:<9} {}", level_word(finding.level), finding.text);
    }
    if let Some(image) = case.image.as_ref().filter(|image| !image.identifying.is_empty()) {
        let names = image.identifying.join(", ");
        let _ = writeln!(text, "identity  the image carries {names}; none of it is stored in the outputs");
    }
    let solver = &assessment.solver;
    let _ = writeln!(
        text,
        "solver    {} cells of {:.2} mm and more, {:.1} s, energy error {:.1e}",
        solver.cells,
        solver.grid_mm,
        solver.wall_s.unwrap_or_default(),
        solver.energy_error
    );
    let _ = writeln!(text, "accuracy  {}", solver.accuracy.words());
    let _ = writeln!(text, "{NOTICE}");
    text
}

fn nerve_line(assessment: &Assessment) -> String {
    let nerve = &assessment.nerve;
    let lengths: Vec<_> =
        nerve.lengths.iter().map(|l| format!("{:.1} mm below {:.0} °C", l.length_mm, l.celsius)).collect();
    let coldest = nerve.coldest_c.map_or("not known".into(), |c| format!("coldest {c:.0} °C"));
    format!("{} ({}): {} over the whole cross-section, {coldest}", nerve.name, nerve.side, lengths.join(", "))
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Unknown => "not known",
        Level::Warn => "warn",
        Level::Stop => "STOP",
    }
}

fn verdict_words(level: Level) -> &'static str {
    match level {
        Level::Ok => "OK: every limit is kept and everything near is marked",
        Level::Unknown => "NOT KNOWN: limits are kept where anything is known, but not everything near is marked",
        Level::Warn => "WARN: a person must decide on what is listed below",
        Level::Stop => "STOP: must not be done as planned",
    }
}
