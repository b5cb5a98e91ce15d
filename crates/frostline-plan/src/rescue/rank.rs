//! Which option is better.

use std::cmp::Ordering;

use serde::Serialize;

use super::Change;
use crate::assess::Assessment;
use crate::catalogue::{Catalogues, LimitLevel, structure_called};
use crate::coldest::Coldest;
use crate::finding::Level;
use crate::goals::{Goals, Shortfall};
use crate::robust::Chance;

/// One option and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RescueOption {
    /// What is done, in this order; nothing when one goes on as planned.
    pub changes: Vec<Change>,
    /// The same for people.
    pub words: String,
    /// Whether the probe is taken out.
    pub reinserts: bool,
    /// How it stands on the cells of the search.
    pub standing: Standing,
    /// How it stands in full; only for the options that were looked at in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_full: Option<Standing>,
    /// Its chance of success in few worlds, hence the wide interval; only for the leading options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chance: Option<Chance>,
}

/// The coldest skin of the demo's options differed by up to 4 K between the cells of the search and those of the full
/// evaluation. Unit: K.
pub(super) const NEAR_LIMIT_K: f64 = 5.0;

/// How a plan stands against what is wanted of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// Longest stretch that is disabled where it is wanted. Unit: mm.
    pub disabled_mm: f64,
    /// What is missing of the wanted length. Unit: mm.
    pub missing_mm: f64,
    /// The coldest that any whole cross-section of the nerve was; how near to disabled it came where nothing is. `None`
    /// where the nerve lies out of reach. Unit: °C.
    pub coldest_section_c: Option<f64>,
    /// What was found at level stop.
    pub stops: Vec<String>,
    /// What was found at level warn.
    pub warnings: Vec<String>,
    /// Least distance of any structure from a limit at level stop; `None` where no marked structure has one. Unit: K.
    pub margin_k: Option<f64>,
    /// How much longer it takes than the plan. Unit: s.
    pub extra_s: f64,
}

impl Standing {
    /// From an assessment.
    pub fn of(goals: &Goals, catalogues: &Catalogues, seen: &Assessment, extra_s: f64) -> Self {
        let shortfalls = goals.shortfalls(seen);
        let stop = |s: &Shortfall| match s {
            Shortfall::Stop { text, .. } => Some(text.clone()),
            Shortfall::TooLittle { .. } => None,
        };
        let disabled_mm = goals.disabled_mm(&seen.nerve.profile);
        // How the cells were chosen is the same for every option.
        let warns = seen.findings.iter().filter(|f| f.level == Level::Warn && f.id != "solver.accuracy");
        Self {
            disabled_mm,
            missing_mm: if goals.is_enough(disabled_mm) { 0.0 } else { goals.disabled_mm - disabled_mm },
            coldest_section_c: seen.nerve.profile.iter().filter_map(|s| s.least_cold_c).reduce(f64::min),
            stops: shortfalls.iter().filter_map(stop).collect(),
            warnings: warns.map(|f| f.text.clone()).collect(),
            margin_k: margin_k(catalogues, seen),
            extra_s,
        }
    }

    /// True when enough is disabled and nothing says stop.
    pub fn succeeds(&self) -> bool {
        self.stops.is_empty() && self.missing_mm == 0.0
    }

    /// Warnings, and a limit so near that finer cells may show it crossed.
    fn doubts(&self) -> usize {
        self.warnings.len() + usize::from(self.is_near_a_limit())
    }

    /// True when a structure is so near to a limit at level stop that finer cells may show it crossed.
    pub fn is_near_a_limit(&self) -> bool {
        self.margin_k.is_some_and(|k| k < NEAR_LIMIT_K)
    }

    /// The better one first: nothing at stop, enough nerve or near to it, little to warn of, little time, much room.
    pub(super) fn cmp_best_first(&self, other: &Self) -> Ordering {
        let missing = self.missing_mm.total_cmp(&other.missing_mm);
        // Colder than it must be is no better.
        let short_c = |s: &Self| if s.missing_mm > 0.0 { s.coldest_section_c.unwrap_or(f64::INFINITY) } else { 0.0 };
        let room = |s: &Self| s.margin_k.unwrap_or(f64::INFINITY);
        (self.stops.len().cmp(&other.stops.len()))
            .then(missing)
            .then(short_c(self).total_cmp(&short_c(other)))
            .then(self.doubts().cmp(&other.doubts()))
            .then(self.extra_s.total_cmp(&other.extra_s))
            .then(room(other).total_cmp(&room(self)))
    }
}

fn margin_k(catalogues: &Catalogues, seen: &Assessment) -> Option<f64> {
    let of = |outcome: &crate::assess::StructureOutcome| {
        let Coldest::Reached { celsius, .. } = outcome.coldest else { return None };
        let limits = catalogues.limits.for_structure(structure_called(outcome.kind)?);
        let stops = limits.filter(|limit| limit.level == LimitLevel::Stop);
        stops.map(|limit| celsius - limit.below.value.celsius).reduce(f64::min)
    };
    seen.structures.iter().filter_map(of).reduce(f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(stops: usize, missing_mm: f64, warnings: usize, extra_s: f64) -> Standing {
        let some = |n: usize| vec![String::from("found"); n];
        Standing {
            disabled_mm: 5.0 - missing_mm,
            missing_mm,
            coldest_section_c: Some(-30.0),
            stops: some(stops),
            warnings: some(warnings),
            margin_k: Some(10.0),
            extra_s,
        }
    }

    #[test]
    fn harm_counts_more_than_success_and_success_more_than_time() {
        let order =
            [standing(0, 0.0, 0, 200.0), standing(0, 0.0, 1, 0.0), standing(0, 2.0, 0, 0.0), standing(1, 0.0, 0, 0.0)];
        for pair in order.windows(2) {
            assert_eq!(pair[0].cmp_best_first(&pair[1]), Ordering::Less, "{pair:?}");
        }
        let nearer = Standing { coldest_section_c: Some(-35.0), ..standing(0, 2.0, 1, 90.0) };
        assert_eq!(nearer.cmp_best_first(&standing(0, 2.0, 0, 0.0)), Ordering::Less);
        let roomy = Standing { margin_k: Some(20.0), ..standing(0, 0.0, 0, 0.0) };
        assert_eq!(roomy.cmp_best_first(&standing(0, 0.0, 0, 0.0)), Ordering::Less);
    }
}
