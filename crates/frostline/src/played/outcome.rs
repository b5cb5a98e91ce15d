//! The outcome of a case that was played, as the interface gives it.

use serde::Deserialize;
use serde_json::Value;

/// How it went.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayedOutcome {
    /// What it is called, such as `relapsed`.
    pub label: String,
    /// Average pain before.
    pub baseline: f64,
    /// Days after the procedure, and average pain then.
    pub pain: Vec<(i64, f64)>,
    /// First day of relief.
    pub relief_on: Option<i64>,
    /// What stands above the studies.
    pub notice: String,
    /// Every published study.
    pub studies: Vec<PlayedStudy>,
    /// What is proposed about another freeze.
    pub proposal: String,
}

/// One published study.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PlayedStudy {
    /// Who, what, how.
    pub name: String,
    /// Such as series.
    pub design: String,
    /// Patients.
    pub n: u32,
    /// Days and pain, where they were published.
    pub curve: Vec<(i64, f64)>,
    /// What it found.
    pub found: String,
}

impl PlayedOutcome {
    /// Out of the answer of the interface; nothing when it is another.
    pub fn of(read: &Value) -> Option<Self> {
        let outcome = &read["outcome"];
        let points = outcome["points"].as_array()?.iter();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            label: text(&outcome["label"])?,
            baseline: outcome["baseline"].as_f64()?,
            pain: points.filter_map(|point| Some((point["day"].as_i64()?, point["pain"].as_f64()?))).collect(),
            relief_on: outcome["time_to_relief_days"].as_i64(),
            notice: text(&read["beside"]["notice"])?,
            studies: serde_json::from_value(read["beside"]["studies"].clone()).ok()?,
            proposal: text(&read["repeat"]["proposal"])?,
        })
    }

    /// In lines to print; every study, those with nothing but words too.
    pub fn lines(&self) -> Vec<String> {
        let curve = |points: &[(i64, f64)]| {
            points.iter().map(|(day, pain)| format!("day {day}: {pain}")).collect::<Vec<_>>().join(", ")
        };
        let relief = self.relief_on.map_or_else(|| "no relief".to_owned(), |day| format!("relief from day {day}"));
        let mut lines = vec![
            format!("Outcome: {}, {relief}; pain {} before, then {}", self.label, self.baseline, curve(&self.pain)),
            format!("Proposed: {}", self.proposal),
            format!("Published beside it. {}", self.notice),
        ];
        lines.extend(self.studies.iter().map(|study| {
            let pain = if study.curve.is_empty() { study.found.clone() } else { curve(&study.curve) };
            format!("  {} ({}, n = {}): {pain}", study.name, study.design, study.n)
        }));
        lines
    }
}
