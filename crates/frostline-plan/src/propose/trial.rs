//! What a simulation says of a candidate, in the numbers by which plans are compared.

use frostline_freeze::FreezeHistory;
use serde::Serialize;

use crate::assess::{Assessment, StructureOutcome};
use crate::build_scene::BuiltScene;
use crate::catalogue::{Catalogues, structure_called};
use crate::coldest::Coldest;
use crate::finding::{Finding, Level};
use crate::goals::Goals;
use crate::nerve_outcome::NerveOutcome;
use crate::plan::Plan;
use crate::robust::judge::{self, Asked, Judged};

use super::spot::stop_below_c;

/// How far a structure stays from its stop limit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Margin {
    /// What people call it.
    pub name: String,
    /// What kind it is.
    pub kind: &'static str,
    /// Coldest ever; absent where nobody marked it, or where the cold does not reach it. Unit: °C.
    pub coldest_c: Option<f64>,
    /// The warmest temperature that stops a plan; absent where no limit stops. Unit: °C.
    pub stop_below_c: Option<f64>,
    /// Coldest minus limit; absent where either is. Unit: K.
    pub margin_k: Option<f64>,
    /// Shortest distance to the 0 °C ice. Unit: mm.
    pub closest_mm: Option<f64>,
    /// True when nobody marked it.
    pub not_marked: bool,
}

/// The numbers by which plans are compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Merits {
    /// Nerve disabled where it is wanted. Unit: mm.
    pub disabled_mm: f64,
    /// What is missing to the goal. Unit: mm.
    pub lack_mm: f64,
    /// What the best cross-section of the marked nerve wholly reaches; absent where nothing is known of it. Unit: °C.
    pub section_c: Option<f64>,
    /// Findings at level stop.
    pub stops: usize,
    /// The thinnest margin to a stop limit over all marked structures; absent where nothing near has one. Unit: K.
    pub thinnest_margin_k: Option<f64>,
    /// Time of all phases. Unit: s.
    pub time_s: f64,
    /// Holes in the skin, that of a needle for fluid counted in.
    pub punctures: usize,
    /// Each structure.
    pub margins: Vec<Margin>,
}

impl Merits {
    /// Of an assessed plan.
    pub fn of(plan: &Plan, assessment: &Assessment, goals: &Goals, catalogues: &Catalogues) -> Self {
        merits(plan, &Seen::of(assessment), goals, catalogues)
    }

    /// Better first: fewer stops, less lack, wider margin, less time.
    pub fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let margin = |m: &Self| m.thinnest_margin_k.unwrap_or(f64::INFINITY);
        // Where nothing is disabled, what comes nearer to it is better.
        let short =
            |m: &Self| if m.disabled_mm > 0.0 { f64::NEG_INFINITY } else { m.section_c.unwrap_or(f64::INFINITY) };
        self.stops
            .cmp(&other.stops)
            .then(self.lack_mm.total_cmp(&other.lack_mm))
            .then(short(self).total_cmp(&short(other)))
            .then(margin(other).total_cmp(&margin(self)))
            .then(self.time_s.total_cmp(&other.time_s))
    }

    /// Does everything that is wanted, and crosses no stop.
    pub fn meets(&self) -> bool {
        self.stops == 0 && self.lack_mm <= 0.0
    }

    /// At least as good in every respect, and better in one: margin, time, punctures, disabled length.
    pub(super) fn dominates(&self, other: &Self) -> bool {
        let of = |m: &Self| {
            let margin_k = m.thinnest_margin_k.unwrap_or(f64::INFINITY);
            [margin_k, -m.time_s, -(m.punctures as f64), m.disabled_mm]
        };
        let (a, b) = (of(self), of(other));
        a.iter().zip(&b).all(|(x, y)| x >= y) && a.iter().zip(&b).any(|(x, y)| x > y)
    }
}

/// What merits are made from.
struct Seen<'a> {
    nerve: &'a NerveOutcome,
    structures: &'a [StructureOutcome],
    findings: &'a [Finding],
}

impl<'a> Seen<'a> {
    fn of(assessment: &'a Assessment) -> Self {
        Self { nerve: &assessment.nerve, structures: &assessment.structures, findings: &assessment.findings }
    }
}

fn merits(plan: &Plan, seen: &Seen, goals: &Goals, catalogues: &Catalogues) -> Merits {
    let mut margins: Vec<Margin> = seen.structures.iter().map(|s| margin(s, catalogues)).collect();
    margins.push(own_margin(seen.nerve, catalogues));
    let disabled_mm = goals.disabled_mm(&seen.nerve.profile);
    Merits {
        disabled_mm,
        lack_mm: (goals.disabled_mm - disabled_mm).max(0.0),
        section_c: seen.nerve.profile.iter().filter_map(|s| s.least_cold_c).reduce(f64::min),
        stops: seen.findings.iter().filter(|f| f.level == Level::Stop).count(),
        thinnest_margin_k: margins.iter().filter_map(|m| m.margin_k).reduce(f64::min),
        time_s: plan.protocol().schedule.duration_s(),
        punctures: plan.placements().len() + plan.fluid().len(),
        margins,
    }
}

fn margin(outcome: &StructureOutcome, catalogues: &Catalogues) -> Margin {
    let stop_c = structure_called(outcome.kind).and_then(|kind| stop_below_c(catalogues, kind));
    let coldest_c = match outcome.coldest {
        Coldest::Reached { celsius, .. } => Some(celsius),
        Coldest::NotMarked | Coldest::OutsideScene => None,
    };
    Margin {
        name: outcome.name.clone(),
        kind: outcome.kind,
        coldest_c,
        stop_below_c: stop_c,
        margin_k: coldest_c.zip(stop_c).map(|(coldest, stop)| coldest - stop),
        closest_mm: outcome.closest_mm,
        not_marked: outcome.coldest == Coldest::NotMarked,
    }
}

/// The target may be too cold as well.
fn own_margin(nerve: &NerveOutcome, catalogues: &Catalogues) -> Margin {
    let stop_c = catalogues.limits.nerve().stop_below.value.celsius;
    Margin {
        name: format!("{} (the target)", nerve.name),
        kind: "target-nerve",
        coldest_c: nerve.coldest_c,
        stop_below_c: Some(stop_c),
        margin_k: nerve.coldest_c.map(|c| c - stop_c),
        closest_mm: None,
        not_marked: false,
    }
}

/// A planning run judged by the same rules as every plan, without fingerprints, which take longer than the run.
pub(super) fn judged(
    asked: &Asked,
    (built, history): (&BuiltScene, &FreezeHistory),
    goals: &Goals,
) -> (Merits, Vec<Finding>) {
    let Judged { nerve, structures, findings } = judge::judged(asked, built, history);
    let seen = Seen { nerve: &nerve, structures: &structures, findings: &findings };
    (merits(asked.plan, &seen, goals, asked.catalogues), findings)
}
