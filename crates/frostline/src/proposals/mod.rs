//! Proposals as text: a summary, a page, and case files that `frostline plan` reads.

mod case_text;
mod page;
mod summary;

use frostline_plan::catalogue::Catalogues;
use frostline_plan::propose::{Merits, PlacementRow};
use frostline_plan::robust::Chance;
use frostline_plan::{Assessment, Goals, Level, Plan, ProtectiveFluid};
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
    /// How likely it is to succeed, in the worlds of the proposals.
    pub chance: Option<Chance>,
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
            chance: None,
        }
    }
}

/// A number that may not be there.
fn number(value: Option<f64>, unit: &str) -> String {
    value.map_or("not known".into(), |v| format!("{v:.1} {unit}"))
}

/// Fluid of a proposal, as a part of a sentence; nothing where there is none.
fn fluid_words(fluids: &[ProtectiveFluid]) -> String {
    let words = |f: &ProtectiveFluid| format!("; {} ml of fluid at {} towards {}", f.millilitres, f.place, f.towards);
    fluids.iter().map(words).collect()
}

/// A chance with its interval.
fn chance_words(chance: Option<Chance>) -> String {
    let percent = |share: f64| 100.0 * share;
    chance.map_or("not computed".into(), |c| {
        format!("{:.0} % ({:.0} to {:.0} %)", percent(c.probability), percent(c.low), percent(c.high))
    })
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
