//! `frostline propose --exhaustive`: the surest proposal beside the best plan of a stated grid, in the same possible worlds.

use std::fmt::Write as _;
use std::path::Path;

use frostline_freeze::Continue;
use frostline_plan::Plan;
use frostline_plan::propose::{
    Exhausted, GridPlan, Label, PlanGrid, Proposals, ProposeSettings, exhaustive, in_same_worlds,
};
use frostline_plan::robust::{Chance, RobustSettings};
use serde::Serialize;

use crate::case_file::Unplanned;

/// The surest proposal and the best of a grid.
#[derive(Serialize)]
pub struct Held {
    /// The grid and its best.
    pub grid: Exhausted,
    /// The surest proposal, in the worlds of the search.
    pub proposed: Option<Chance>,
    /// Both again in worlds that neither was chosen in; absent where nothing was proposed or the grid has no open plan.
    pub fresh: Option<Fresh>,
}

/// Plans in worlds that none of them was chosen in.
#[derive(Serialize)]
pub struct Fresh {
    worlds: usize,
    seed: u64,
    proposed: Chance,
    /// The best of the leading plans of the grid.
    best: Chance,
    /// Best less proposed, in points.
    points: f64,
    /// Half of its 95 % interval, from the worlds in which just one of the two succeeds.
    half_width_points: f64,
}

/// A grid that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "{path}: {why}; a grid names along_mm, beside_mm, deeper_mm, angle_deg and azimuth_deg, each a list of numbers"
)]
pub struct GridError {
    path: String,
    why: String,
}

/// Plans of the grid that go on to other worlds: the luckiest of a few hundred is not always the best.
const LEADING: usize = 2;
/// Far from any seed that a person types.
const FRESH_SEED: u64 = 1 << 41;
/// 97.5 % of a standard normal number lie below.
const TWO_SIDED_95: f64 = 1.96;

/// Reads a grid.
pub fn grid(path: &Path) -> Result<PlanGrid, GridError> {
    let wrong = |why: String| GridError { path: path.display().to_string(), why };
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    toml::from_str(&text).map_err(|e| wrong(e.message().to_owned()))
}

/// Solves the grid in the worlds of the proposals, then the leading plans of both in `fresh` others.
pub fn held(
    case: &Unplanned,
    (settings, grid, fresh): (&ProposeSettings, &PlanGrid, usize),
    proposals: &Proposals,
) -> Result<Held, Box<dyn std::error::Error>> {
    let (anatomy, goals, catalogues) = (&case.anatomy, &case.goals, &case.catalogues);
    let found = exhaustive(anatomy, goals, catalogues, (settings, grid), &|_, _| Continue::Yes)?;
    let surest = proposals.proposals.iter().find(|p| p.labels.contains(&Label::Surest));
    let surest = surest.or(proposals.proposals.first());
    let mut held = Held { proposed: surest.and_then(|p| p.chance), grid: found, fresh: None };
    let (Some(proposed), false) = (surest, held.grid.best.is_empty()) else { return Ok(held) };
    let mut plans: Vec<&Plan> = vec![&proposed.plan];
    plans.extend(held.grid.best.iter().take(LEADING).map(|g: &GridPlan| &g.plan));
    let worlds = settings.chance.clone().unwrap_or_default();
    let chance = RobustSettings { samples: fresh, seed: worlds.seed.wrapping_add(FRESH_SEED), ..worlds };
    let seed = chance.seed;
    let settings = ProposeSettings { chance: Some(chance), ..settings.clone() };
    let answers = in_same_worlds(anatomy, goals, catalogues, (&settings, &plans), &|_, _| Continue::Yes)?;
    held.fresh = compared(&answers, seed);
    Ok(held)
}

/// The first against the best of the others, world by world.
fn compared(answers: &[Vec<bool>], seed: u64) -> Option<Fresh> {
    let good = |one: &[bool]| one.iter().filter(|s| **s).count();
    let (proposed, others) = answers.split_first()?;
    let best = others.iter().max_by_key(|one| good(one))?;
    let n = proposed.len() as f64;
    let only = |a: &[bool], b: &[bool]| a.iter().zip(b).filter(|(a, b)| **a && !**b).count() as f64;
    let (gained, lost) = (only(best, proposed), only(proposed, best));
    let points = 100.0 * (gained - lost) / n;
    // The variance of a difference of paired shares.
    let variance = (gained + lost - (gained - lost).powi(2) / n) / (n * n);
    Some(Fresh {
        worlds: proposed.len(),
        seed,
        proposed: Chance::of(good(proposed), proposed.len()),
        best: Chance::of(good(best), best.len()),
        points,
        half_width_points: 100.0 * TWO_SIDED_95 * variance.sqrt(),
    })
}

/// For the terminal.
pub fn summary(held: &Held) -> String {
    let mut text = String::new();
    let percent = |c: &Chance| format!("{:.1} %", 100.0 * c.probability);
    // Writing to a string cannot go wrong.
    let _ = writeln!(
        text,
        "grid      {} plans, {} open, each solved in the same worlds ({} in all)",
        held.grid.plans, held.grid.open, held.grid.worlds
    );
    for plan in &held.grid.best {
        let p = &plan.placement;
        let _ = writeln!(
            text,
            "          {} of {}: {} from {:.1?} to {:.1?}; {}; {}",
            percent(&plan.chance),
            plan.worlds,
            p.probe,
            p.entry_mm,
            p.tip_mm,
            plan.protocol,
            plan.skin_contact
        );
    }
    if let Some(proposed) = &held.proposed {
        let _ = writeln!(text, "proposed  {} in the worlds of the search", percent(proposed));
    }
    if let Some(f) = &held.fresh {
        let _ = writeln!(
            text,
            "fresh     in {} other worlds: proposed {}, best of the grid {}; best less proposed {:+.1} ± {:.1} points",
            f.worlds,
            percent(&f.proposed),
            percent(&f.best),
            f.points,
            f.half_width_points
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_is_that_of_the_worlds_in_which_just_one_plan_succeeds() {
        let of = |good: [usize; 2]| (0..100).map(|n| (good[0]..good[1]).contains(&n)).collect::<Vec<_>>();
        // 0 to 59 against 10 to 79: 20 gained, 10 lost. Variance (30 - 1) / 10 000.
        let found = compared(&[of([0, 60]), of([50, 60]), of([10, 80])], 1).unwrap();
        assert_eq!((found.points, found.best.probability), (10.0, 0.7));
        assert!((found.half_width_points - 196.0 * 0.0029_f64.sqrt()).abs() < 1e-9, "{}", found.half_width_points);
        assert!(compared(&[of([0, 60])], 1).is_none());
    }
}
