//! What was measured beside what was computed.

use frostline_freeze::FreezeHistory;
use serde::Serialize;

use super::experiment_file::{PartRow, Role, RunRow, Size, SizeRow};
use super::measured::{Measured, at_time, crossing_mm};
use super::statistics::Statistics;

/// Everything that is compared in one run.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The couples.
    pub couples: Vec<Couple>,
    /// Errors by stretch of time. Unit: K.
    pub parts: Vec<Part>,
    /// Distances of isotherms, over the whole run. Unit: mm.
    pub isotherms: Vec<Isotherm>,
    /// Sizes of isotherms.
    pub sizes: Vec<Sized>,
}

/// One couple over time.
#[derive(Clone, Debug, Serialize)]
pub struct Couple {
    /// What it is called.
    pub name: String,
    /// Distance from the axis of the needle. Unit: mm.
    pub radius_mm: f64,
    /// Whether it counts.
    pub counts: bool,
    /// Times. Unit: s.
    pub at_s: Vec<f64>,
    /// What was measured, less the offset of the couple. Unit: °C.
    pub measured_c: Vec<f64>,
    /// What was computed at these times. Unit: °C.
    pub computed_c: Vec<f64>,
}

impl Couple {
    fn errors(&self, from_s: f64, to_s: f64) -> Vec<(f64, f64)> {
        let rows = self.at_s.iter().zip(&self.measured_c).zip(&self.computed_c);
        rows.filter(|((at, _), _)| (from_s..=to_s).contains(*at)).map(|((at, m), c)| (*at, c - m)).collect()
    }
}

/// Errors in one stretch of time.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// What it is called.
    pub name: String,
    /// Its first second.
    pub from_s: f64,
    /// Its last second.
    pub to_s: f64,
    /// Whether it was fitted on.
    pub role: Role,
    /// By couple, in their order.
    pub couples: Vec<(String, Option<Statistics>)>,
    /// Of all couples that count.
    pub all: Option<Statistics>,
    /// The root mean square that must not be exceeded.
    pub bar_rms_k: Option<f64>,
    /// Who set the bar.
    pub bar_source: Option<String>,
}

/// Errors of the distance of one isotherm from the axis.
#[derive(Clone, Debug, Serialize)]
pub struct Isotherm {
    /// Which. Unit: °C.
    pub celsius: f64,
    /// Times at which both lie between couples, with both distances. Unit: s, mm.
    pub rows: Vec<(f64, f64, f64)>,
    /// Errors. Unit: mm.
    pub all: Option<Statistics>,
}

/// One size.
#[derive(Clone, Debug, Serialize)]
pub struct Sized {
    /// Of which isotherm. Unit: °C.
    pub celsius: f64,
    /// Which.
    pub what: Size,
    /// When. Unit: s.
    pub at_s: f64,
    /// What was measured.
    pub measured_mm: f64,
    /// Its published spread.
    pub spread_mm: Option<f64>,
    /// What was computed.
    pub computed_mm: f64,
    /// Whether it was fitted on.
    pub role: Role,
}

impl Sized {
    /// Computed less measured. Unit: mm.
    pub fn error_mm(&self) -> f64 {
        self.computed_mm - self.measured_mm
    }
}

/// Compares a run with its measurement.
pub fn compared(row: &RunRow, measured: Option<&Measured>, history: &FreezeHistory) -> Comparison {
    let couples = measured.map_or(Vec::new(), |measured| couples(row, measured, history));
    Comparison {
        parts: row.parts.iter().map(|part| part_of(part, &couples)).collect(),
        isotherms: row.isotherms_c.iter().map(|celsius| isotherm(*celsius, &couples)).collect(),
        sizes: row.sizes.iter().map(|size| sized(size, history)).collect(),
        couples,
    }
}

fn couples(row: &RunRow, measured: &Measured, history: &FreezeHistory) -> Vec<Couple> {
    let of = |(name, celsius): &(String, Vec<f64>)| {
        let trace = history.sensors.iter().find(|trace| trace.name == *name)?;
        // Each couple has an offset of its own, seen before the freeze.
        let offset_c = match (row.after_subtracting_start, celsius.first(), trace.celsius.first()) {
            (true, Some(measured_c), Some(computed_c)) => computed_c - measured_c,
            _ => 0.0,
        };
        Some(Couple {
            name: name.clone(),
            radius_mm: trace.place.x.hypot(trace.place.y),
            counts: !row.leave_out.contains(name),
            at_s: measured.at_s.clone(),
            measured_c: celsius.iter().map(|c| c + offset_c).collect(),
            computed_c: measured.at_s.iter().map(|at| at_time(&trace.at_s, &trace.celsius, *at)).collect(),
        })
    };
    measured.couples.iter().filter_map(of).collect()
}

fn part_of(part: &PartRow, couples: &[Couple]) -> Part {
    let errors = |couple: &Couple| couple.errors(part.from_s, part.to_s);
    let all: Vec<(f64, f64)> = couples.iter().filter(|c| c.counts).flat_map(errors).collect();
    Part {
        name: part.name.clone(),
        from_s: part.from_s,
        to_s: part.to_s,
        role: part.role,
        couples: couples.iter().map(|c| (c.name.clone(), Statistics::of(&errors(c)))).collect(),
        all: Statistics::of(&all),
        bar_rms_k: part.bar_rms_k,
        bar_source: part.bar_source.clone(),
    }
}

/// Both distances are read between the same couples, so that reading itself makes no difference.
fn isotherm(celsius: f64, couples: &[Couple]) -> Isotherm {
    let counted: Vec<&Couple> = couples.iter().filter(|c| c.counts).collect();
    let radii_mm: Vec<f64> = counted.iter().map(|c| c.radius_mm).collect();
    let count = counted.first().map_or(0, |c| c.at_s.len());
    let mut rows = Vec::new();
    for n in 0..count {
        let measured: Vec<f64> = counted.iter().map(|c| c.measured_c[n]).collect();
        let computed: Vec<f64> = counted.iter().map(|c| c.computed_c[n]).collect();
        let both = (crossing_mm(&radii_mm, &measured, celsius), crossing_mm(&radii_mm, &computed, celsius));
        if let (Some(measured_mm), Some(computed_mm)) = both {
            rows.push((counted[0].at_s[n], measured_mm, computed_mm));
        }
    }
    let errors: Vec<(f64, f64)> = rows.iter().map(|(at, measured, computed)| (*at, computed - measured)).collect();
    Isotherm { celsius, all: Statistics::of(&errors), rows }
}

fn sized(row: &SizeRow, history: &FreezeHistory) -> Sized {
    let edge = |celsius: f64| {
        let records = history.edges.iter().filter(move |edge| edge.celsius == celsius);
        // The record nearest in time; runs record at least as often as the sizes were taken.
        records.min_by(|a, b| (a.at_s - row.at_s).abs().total_cmp(&(b.at_s - row.at_s).abs()))
    };
    let width_mm = |celsius: f64| edge(celsius).map_or(f64::NAN, |edge| edge.width_mm);
    let computed_mm = match row.what {
        Size::Width => width_mm(row.celsius),
        Size::Length => edge(row.celsius).map_or(f64::NAN, |edge| edge.length_mm),
        Size::Ring => 0.5 * (width_mm(0.0) - width_mm(row.celsius)),
    };
    Sized {
        celsius: row.celsius,
        what: row.what,
        at_s: row.at_s,
        measured_mm: row.measured_mm,
        spread_mm: row.spread_mm,
        computed_mm,
        role: row.role,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn couple(radius_mm: f64, counts: bool, measured_c: [f64; 2], computed_c: [f64; 2]) -> Couple {
        Couple {
            name: format!("r{radius_mm}"),
            radius_mm,
            counts,
            at_s: vec![10.0, 20.0],
            measured_c: measured_c.to_vec(),
            computed_c: computed_c.to_vec(),
        }
    }

    #[test]
    fn a_couple_that_is_left_out_is_shown_and_not_counted() {
        let couples = [couple(2.0, false, [-30.0, -40.0], [0.0, 0.0]), couple(4.0, true, [10.0, -10.0], [12.0, -7.0])];
        let row = PartRow {
            name: "freeze".into(),
            from_s: 1.0,
            to_s: 20.0,
            role: Role::Judged,
            bar_rms_k: None,
            bar_source: None,
        };
        let part = part_of(&row, &couples);
        // Of the second couple alone: errors +2 and +3 K.
        assert_eq!(part.all.unwrap().mean, 2.5);
        assert_eq!(part.couples[0].1.unwrap().worst, 40.0);
    }

    #[test]
    fn the_distance_of_an_isotherm_is_read_between_the_couples_that_count() {
        let couples = [
            couple(2.0, false, [-30.0, -40.0], [0.0, 0.0]),
            couple(4.0, true, [10.0, -10.0], [12.0, -5.0]),
            couple(6.0, true, [20.0, 10.0], [20.0, 15.0]),
        ];
        let zero = isotherm(0.0, &couples);
        // Measured: half way between 4 and 6 mm; computed: a quarter of the way. At 10 s nothing counted is that cold.
        assert_eq!(zero.rows, vec![(20.0, 5.0, 4.5)]);
        assert_eq!(zero.all.unwrap().worst, -0.5);
    }
}
