//! Curves over time or along a length, as numbers with names and thresholds.

use frostline_freeze::{IsothermRecord, PhaseKind};
use frostline_plan::ProfileSample;

use super::structures::Scenery;
use super::{Figure, Picture};

/// How a curve is drawn, so that figures draw alike things alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CurveKind {
    /// Of the nerve.
    Nerve,
    /// Of the coldest place of the nerve.
    NerveColdest,
    /// Of the skin.
    Skin,
    /// Of the surface of a probe.
    Probe,
    /// Of another named place.
    Other,
    /// What was measured: points, not a line; 0 for the first place.
    Measured {
        /// Which place.
        rank: usize,
    },
    /// What was computed for it.
    Computed {
        /// Which place.
        rank: usize,
    },
    /// Of an isotherm: 0 for the warmest; its width or its length.
    Isotherm {
        /// 0 for the warmest that is shown.
        rank: usize,
        /// Its length rather than its width.
        length: bool,
    },
}

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What it is.
    pub name: String,
    /// How it is drawn.
    pub kind: CurveKind,
    /// Points; a gap parts the pieces.
    pub pieces: Vec<Vec<(f64, f64)>>,
}

/// A stretch of the horizontal axis that is shaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// What it is.
    pub words: String,
}

/// A line across at one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// Where.
    pub at: f64,
    /// What it is.
    pub words: String,
}

/// Curves in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// What runs to the right, with its unit.
    pub across: String,
    /// What runs upwards, with its unit.
    pub upwards: String,
    /// The curves.
    pub curves: Vec<Curve>,
    /// Shaded stretches.
    pub bands: Vec<Band>,
    /// Lines across.
    pub thresholds: Vec<Threshold>,
}

/// Temperatures over time, size of the ice over time, and the cold along the nerve.
pub(super) fn curve_figures(scenery: &Scenery) -> Vec<Figure> {
    [temperatures(scenery), sizes(scenery), profile(scenery)].into_iter().flatten().collect()
}

fn freezes(scenery: &Scenery) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    let mut now_min = 0.0;
    for phase in &scenery.inputs.plan.protocol().schedule.phases {
        let from = now_min;
        now_min += minutes(phase.duration_s);
        if phase.kind == PhaseKind::Freeze {
            let number = bands.len() + 1;
            bands.push(Band { from, to: now_min, words: format!("freeze {number}") });
        }
    }
    bands
}

fn minutes(seconds: f64) -> f64 {
    seconds / 60.0
}

fn temperatures(scenery: &Scenery) -> Option<Figure> {
    let history = &scenery.inputs.evaluation.history;
    let mut curves: Vec<Curve> = Vec::new();
    for trace in &history.sensors {
        let kind = match trace.name.as_str() {
            "nerve" => CurveKind::Nerve,
            "skin" => CurveKind::Skin,
            _ => CurveKind::Other,
        };
        let points = trace.at_s.iter().zip(&trace.celsius).map(|(s, c)| (minutes(*s), *c)).collect();
        curves.push(Curve { name: trace.name.clone(), kind, pieces: vec![points] });
    }
    for trace in &history.probe_traces {
        let points = trace.at_s.iter().zip(&trace.surface_c).map(|(s, c)| (minutes(*s), *c));
        curves.push(Curve {
            name: "probe surface while the gas is on".into(),
            kind: CurveKind::Probe,
            pieces: pieces(points),
        });
    }
    if curves.is_empty() {
        return None;
    }
    let goals = scenery.inputs.catalogues.limits.nerve();
    let threshold = |at: f64| Threshold { at, words: format!("{at:.0} °C") };
    let mut lines = vec![threshold(0.0), threshold(goals.disabled_below.value.celsius)];
    lines.push(threshold(goals.also_shown_below.value.celsius));
    let coldest = |c: &Curve| c.pieces.iter().flatten().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let words: Vec<_> = curves.iter().map(|c| format!("{}: coldest {:.1} °C", c.name, coldest(c))).collect();
    Some(Figure {
        title: "Temperature over time".into(),
        caption:
            "At the centre of the nerve nearest to the cold part of the probe, at the skin nearest to it, and at the \
                  surface of the probe. Shaded: gas on."
                .into(),
        alt: format!("Temperature over time. {}.", words.join("; ")),
        picture: Picture::Curves(Curves {
            across: "time (min)".into(),
            upwards: "temperature (°C)".into(),
            curves,
            bands: freezes(scenery),
            thresholds: lines,
        }),
    })
}

/// Runs of points that have a value.
fn pieces(points: impl Iterator<Item = (f64, Option<f64>)>) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    for (across, value) in points {
        match (value, pieces.last_mut()) {
            (Some(value), Some(piece)) => piece.push((across, value)),
            (None, Some(piece)) if !piece.is_empty() => pieces.push(Vec::new()),
            _ => {}
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn sizes(scenery: &Scenery) -> Option<Figure> {
    let history = &scenery.inputs.evaluation.history;
    let mut curves = Vec::new();
    for (rank, celsius) in scenery.isotherms_c.iter().enumerate() {
        let of: Vec<&IsothermRecord> = history.edges.iter().filter(|e| e.celsius == *celsius).collect();
        if !of.iter().any(|e| e.width_mm > 0.0) {
            continue;
        }
        for (length, word) in [(false, "width"), (true, "length")] {
            let size = |e: &IsothermRecord| if length { e.length_mm } else { e.width_mm };
            curves.push(Curve {
                name: format!("{celsius:.0} °C, {word}"),
                kind: CurveKind::Isotherm { rank, length },
                pieces: vec![of.iter().map(|e| (minutes(e.at_s), size(e))).collect()],
            });
        }
    }
    let greatest: Vec<String> = scenery
        .isotherms_c
        .iter()
        .filter_map(|c| scenery.greatest(*c))
        .map(|i| format!("{:.0} °C: {:.1} by {:.1} mm at {:.0} s", i.celsius, i.width_mm, i.length_mm, i.at_s))
        .collect();
    (!curves.is_empty()).then(|| Figure {
        title: "Size of the cold over time".into(),
        caption:
            "Width across and length along the first probe of the tissue that is at or below each temperature at that \
                  moment. Shaded: gas on."
                .into(),
        alt: format!("Size of the cold over time. Greatest: {}.", greatest.join("; ")),
        picture: Picture::Curves(Curves {
            across: "time (min)".into(),
            upwards: "size (mm)".into(),
            curves,
            bands: freezes(scenery),
            thresholds: Vec::new(),
        }),
    })
}

fn profile(scenery: &Scenery) -> Option<Figure> {
    let nerve = &scenery.inputs.evaluation.assessment.nerve;
    let curve = |name: &str, kind, value: fn(&ProfileSample) -> Option<f64>| Curve {
        name: name.into(),
        kind,
        pieces: pieces(nerve.profile.iter().map(|s| (s.along_mm, value(s)))),
    };
    let curves = vec![
        curve("warmest place of the cross-section", CurveKind::Nerve, |s| s.least_cold_c),
        curve("coldest place of the cross-section", CurveKind::NerveColdest, |s| s.coldest_c),
    ];
    if curves.iter().all(|c| c.pieces.is_empty()) {
        return None;
    }
    let thresholds = nerve
        .lengths
        .iter()
        .map(|l| Threshold { at: l.celsius, words: format!("{:.0} °C: {:.1} mm", l.celsius, l.length_mm) })
        .collect();
    Some(Figure {
        title: "Coldest ever along the nerve".into(),
        caption: format!(
            "Each cross-section of the nerve along its marked course. A stretch counts as disabled only where even the \
             warmest place of the cross-section went below the threshold; shaded: below {:.0} °C.",
            nerve.threshold_c
        ),
        alt: format!("Coldest temperature along the nerve; {:.1} mm are disabled.", nerve.disabled_length_mm),
        picture: Picture::Curves(Curves {
            across: "along the marked nerve (mm)".into(),
            upwards: "coldest ever (°C)".into(),
            curves,
            bands: disabled(&nerve.profile, nerve.threshold_c),
            thresholds,
        }),
    })
}

fn disabled(profile: &[ProfileSample], threshold_c: f64) -> Vec<Band> {
    let cold = |s: &ProfileSample| (s.along_mm, s.least_cold_c.filter(|c| *c <= threshold_c));
    pieces(profile.iter().map(cold))
        .iter()
        .filter_map(|piece| Some(Band { from: piece.first()?.0, to: piece.last()?.0, words: "disabled".into() }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_parts_a_curve_into_pieces() {
        let points = [(0.0, Some(1.0)), (1.0, None), (2.0, None), (3.0, Some(2.0)), (4.0, Some(3.0))];
        assert_eq!(pieces(points.into_iter()), vec![vec![(0.0, 1.0)], vec![(3.0, 2.0), (4.0, 3.0)]]);
    }
}
