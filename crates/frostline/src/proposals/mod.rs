//! Proposals as text: a summary, a page, and case files that `frostline plan` reads.

mod case_text;
mod page;
mod summary;

use frostline_plan::catalogue::Catalogues;
use frostline_plan::propose::{Merits, PlacementRow};
use frostline_plan::{Assessment, Goals, Level, Plan};
use serde::Serialize;

pub use case_text::case_text;
pub use page::page;
pub use summary::summary;

/// The plan that the case file already has.
#[derive(Serialize)]
pub struct HandMade {
    /// Where its probes go.
    pub placements: Vec<PlacementRow>,
    /// What its protocol is called.
    pub protocol: String,
    /// What lies on the skin.
    pub skin_contact: String,
    /// The numbers by which it is compared.
    pub merits: Merits,
    /// The most serious level of all findings.
    pub verdict: Level,
}

impl HandMade {
    /// Of an assessed plan.
    pub fn of(plan: &Plan, assessment: &Assessment, goals: &Goals, catalogues: &Catalogues) -> Self {
        Self {
            placements: plan.placements().iter().map(PlacementRow::of).collect(),
            protocol: plan.protocol().name.clone(),
            skin_contact: plan.skin_contact().to_owned(),
            merits: Merits::of(plan, assessment, goals, catalogues),
            verdict: assessment.verdict(),
        }
    }
}

/// A number that may not be there.
fn number(value: Option<f64>, unit: &str) -> String {
    value.map_or("not known".into(), |v| format!("{v:.1} {unit}"))
}

/// A level, as everywhere.
fn level_word(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Unknown => "not known",
        Level::Warn => "warn",
        Level::Stop => "STOP",
    }
}
