//! What the terminal says about a fit.

use std::fmt::Write as _;

use frostline_plan::calibrate::{CalibrationRecord, Certainty, FittedParameter};

/// What is printed but not stored.
pub struct Summary {
    /// Mean and largest residual of the catalogue's own law.
    pub catalogue_off: Option<(f64, f64)>,
    /// Simulations the fit took.
    pub simulations: usize,
}

/// The fit in a screenful.
pub fn text(record: &CalibrationRecord, summary: &Summary) -> String {
    let mut text = String::new();
    let unit = record.residual.first().map_or("", |series| series.unit.as_str());
    // Writing to a string cannot go wrong.
    let _ = writeln!(text, "{} {}: {}", record.probe, record.words(), record.conditions.protocol);
    for parameter in &record.parameter {
        let _ = writeln!(text, "{}", parameter_line(parameter));
    }
    let _ = writeln!(
        text,
        "surface at the end of the last freeze {:.1} ± {:.1} K (two standard errors)",
        record.surface_c, record.surface_k
    );
    let _ = writeln!(text, "residuals (mean and largest):");
    for series in &record.residual {
        let place = series.seems_farther_mm.map_or(String::new(), |mm| format!("; seems {mm:+.2} mm farther out"));
        let _ = writeln!(
            text,
            "  {:<24} {:>6.2} {unit} {:>6.2} {unit}  ({} values{place})",
            series.name, series.mean, series.most, series.values
        );
    }
    let _ = writeln!(text, "mean squared residual over what the accuracies allow: {:.2}", record.misfit);
    if record.held_out.is_empty() {
        let _ = writeln!(text, "nothing could be held out: too little was measured");
    } else {
        let _ = writeln!(text, "each series predicted by a law fitted to the others (mean and largest error):");
    }
    for held in &record.held_out {
        let _ = writeln!(text, "  {:<24} {:>6.2} {unit} {:>6.2} {unit}", held.name, held.mean, held.most);
    }
    if let Some((mean, most)) = summary.catalogue_off {
        let _ =
            writeln!(text, "the catalogue's own law is off by {mean:.2} {unit} in the mean, {most:.2} {unit} at most");
    }
    let (mean, most) = record.cells_matter;
    let _ = writeln!(
        text,
        "cells 0.7 times as wide change a value by {mean:.2} {unit} in the mean, {most:.2} {unit} at most"
    );
    if record.unused_values > 0 {
        let _ = writeln!(text, "{} values after the last freeze were not used", record.unused_values);
    }
    let _ = writeln!(text, "{} simulations on cells of {} mm", summary.simulations, record.fine_mm);
    text
}

fn parameter_line(parameter: &FittedParameter) -> String {
    let FittedParameter { name, unit, .. } = parameter;
    let value = parameter.value.map_or("no limit".to_owned(), |value| format!("{value:.4} {unit}"));
    let error = match (parameter.low, parameter.high) {
        (Some(low), Some(high)) => format!(" ({low:.4} to {high:.4})"),
        _ => String::new(),
    };
    let certainty = match parameter.certainty {
        Certainty::Well => "well determined",
        Certainty::Poorly => "POORLY determined",
        Certainty::NotDetermined => "NOT determined by these data",
        Certainty::Held => "not fitted",
    };
    let note = if parameter.note.is_empty() { String::new() } else { format!("; {}", parameter.note) };
    format!("{name:<18} {value}{error}, {certainty}{note}")
}
