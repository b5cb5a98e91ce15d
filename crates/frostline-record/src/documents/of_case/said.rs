//! Small facts of a line put one after another; what nobody said is left out.

use std::fmt::Display;

use crate::case::steps::{MusclePower, Observation};
use crate::rules::Answer;

/// What a line says so far.
#[derive(Default)]
pub(super) struct Said(Vec<String>);

impl Said {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Words that need no label.
    pub(super) fn plain(mut self, words: &str) -> Self {
        self.0.push(words.to_owned());
        self
    }

    pub(super) fn words(mut self, label: &str, words: &str) -> Self {
        self.0.push(format!("{label}: {words}"));
        self
    }

    pub(super) fn maybe(self, label: &str, words: Option<&str>) -> Self {
        match words {
            Some(words) => self.words(label, words),
            None => self,
        }
    }

    /// A number with its unit; without a label where the unit says enough.
    pub(super) fn number(mut self, label: &str, value: Option<impl Display>, unit: &str) -> Self {
        if let Some(value) = value {
            let label = if label.is_empty() { String::new() } else { format!("{label} ") };
            self.0.push(format!("{label}{value} {unit}").trim_end().to_owned());
        }
        self
    }

    pub(super) fn answer(self, label: &str, answer: Answer) -> Self {
        match answer {
            Answer::Yes | Answer::No => self.words(label, answer.word()),
            Answer::NotAsked => self,
        }
    }

    pub(super) fn power(mut self, power: &[MusclePower]) -> Self {
        let grade = |MusclePower { muscle, mrc }: &MusclePower| match mrc {
            Some(mrc) => format!("{muscle} {mrc}"),
            None => format!("{muscle} not known"),
        };
        self.0.extend(power.iter().map(grade));
        self
    }

    pub(super) fn observed(self, seen: &Observation) -> Self {
        let Observation {
            systolic_mmhg,
            diastolic_mmhg,
            pulse_per_min,
            breaths_per_min,
            oxygen_percent,
            carbon_dioxide_mmhg,
        } = seen;
        self.number("upper blood pressure", *systolic_mmhg, "mmHg")
            .number("lower blood pressure", *diastolic_mmhg, "mmHg")
            .number("pulse", *pulse_per_min, "per min")
            .number("breaths", *breaths_per_min, "per min")
            .number("oxygen", *oxygen_percent, "%")
            .number("end-tidal carbon dioxide", *carbon_dioxide_mmhg, "mmHg")
    }

    /// All of it in one line.
    pub(super) fn text(self) -> String {
        self.0.join("; ")
    }
}
