//! Proposes plans: which probe from where, to where, for how long.
//!
//! Knows: what is wanted, what must not be pierced or frozen, what is in stock. Geometry rejects most ways and an estimate
//! ranks the rest, by margin and by the chance of success; planning runs on coarse cells rank tens; the surest are solved in
//! possible worlds; what is shown is evaluated at full accuracy. Fluid is tried beside the surest. Where several places along the nerve are frozen, each has
//! a probe of its own and all freeze at once; one probe moved from place to place is not modelled.

mod by_hand;
mod candidate;
mod choose;
mod climb;
mod conflict;
mod error;
mod exhaustive;
mod fluid;
mod guess;
mod parallel;
mod proposals;
mod reach;
mod rejection;
mod settings;
mod simulate;
mod site;
mod spot;
mod sure;
mod times;
mod trial;
mod vendor;
mod way;

use std::borrow::Cow;
use std::sync::Mutex;

use frostline_freeze::Continue;

use crate::anatomy::{Anatomy, StructureKind};
use crate::assess::NOTICE;
use crate::catalogue::Catalogues;
use crate::goals::Goals;
use crate::marks::completed;

pub use error::ProposeError;
pub use exhaustive::{Exhausted, GridPlan, PlanGrid, exhaustive, in_same_worlds};
pub use proposals::{
    Conflict, Label, PROPOSALS_SCHEMA, ParetoPoint, PhaseRow, PlacementRow, Proposal, Proposals, VendorPlan, Work,
};
pub use rejection::{MappedEntry, Rejection, RejectionCount};
pub use settings::{Access, Effort, ProposeSettings, Sureness, View};
pub use trial::{Margin, Merits};

use candidate::{Candidate, Search};
use choose::Confirmed;
use reach::Reach;
use rejection::Tally;
use simulate::Trial;
use site::Site;

/// What the search is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposeStep {
    /// Runs in free tissue, from which estimates are made.
    Reach,
    /// Planning runs.
    Planning,
    /// Plans evaluated at full accuracy.
    Confirming,
    /// Plans solved in possible worlds, for their chance of success.
    Chances,
}

/// How far the search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProposeProgress {
    /// What it is at.
    pub step: ProposeStep,
    /// Done of that.
    pub done: usize,
    /// Of how many.
    pub of: usize,
}

/// Proposes plans for the nerve of an anatomy. Same inputs, same bits, on any number of threads.
///
/// # Errors
/// [`ProposeError`] for a nerve that is never a target, for goals and stock that make no sense, and when stopped before
/// anything was confirmed. Goals that cannot be met are not an error: [`Proposals::conflicts`] says what stands against them.
pub fn propose(
    anatomy: &Anatomy,
    goals: &Goals,
    catalogues: &Catalogues,
    settings: &ProposeSettings,
    progress: &mut (dyn FnMut(ProposeProgress) -> Continue + Send),
) -> Result<Proposals, ProposeError> {
    // A structure that nobody even named must not pass as harmless.
    let named = |kind| anatomy.structures.iter().any(|s| s.kind == kind);
    let anatomy = &match StructureKind::ALL.into_iter().all(named) {
        true => Cow::Borrowed(anatomy),
        false => Cow::Owned(completed(anatomy.clone(), catalogues)),
    };
    let mut site = Site::new(anatomy, goals, catalogues, settings)?;
    let telling = Mutex::new(progress);
    let tell = |step| {
        let telling = &telling;
        move |done, of| telling.lock().map_or(Continue::Stop, |mut p| p(ProposeProgress { step, done, of }))
    };
    let mut reaches = site.reaches(&tell(ProposeStep::Reach))?;
    let Search { candidates, tally, estimates } = site.search(&reaches);
    let mut work = Work { ways: tally.all(), open_ways: tally.open(), estimates, ..Work::default() };
    let mut candidates = with_more_positions(&site, candidates, &reaches);
    let mut surest = site.surest(&candidates, &reaches);
    let other_times = site.with_other_times(&surest, &mut reaches, &tell(ProposeStep::Reach))?;
    candidates.extend(other_times.iter().map(|(_, c)| c.clone()));
    surest.extend(other_times);
    climb::surest_first(&mut surest);
    work.reach_runs = reaches.iter().map(Vec::len).sum();
    let mut picked = site.picked(candidates, surest);
    picked.extend(site.by_hand(&reaches));
    let mut trials = site.tried(picked, &reaches, &tell(ProposeStep::Planning))?;
    trials.extend(site.tried(site.beside(&trials, &reaches), &reaches, &tell(ProposeStep::Planning))?);
    site.solve_surest(&mut trials, &reaches, &tell(ProposeStep::Chances))?;
    let (confirmed, vendor) = site.confirmed_and_vendor(&trials, tell(ProposeStep::Confirming));
    let (mut confirmed, vendor) = (confirmed?, vendor?);
    site.label(&mut trials, &mut confirmed, &tell(ProposeStep::Chances))?;
    work.worlds = trials.iter().map(|t| t.successes.len()).sum();
    work.planning_runs = trials.len();
    work.confirmed = confirmed.len();
    work.cell_updates =
        trials.iter().map(|t| t.cell_updates).sum::<u64>() + confirmed.iter().map(|c| c.cell_updates).sum::<u64>();
    Ok(gathered(&site, &trials, (confirmed, vendor), tally, work))
}

/// Where one place along the nerve is not enough, candidates with several.
fn with_more_positions(site: &Site, mut all: Vec<Candidate>, reaches: &[Vec<Reach>]) -> Vec<Candidate> {
    let enough = |c: &Candidate| c.estimate.disabled_mm >= site.aim_mm() && c.estimate.margin_k >= 0.0;
    if all.iter().any(enough) {
        return all;
    }
    all.sort_by(|a, b| site.by_estimate(&a.estimate, &b.estimate));
    let mut more = Vec::new();
    for count in 2..=site.settings.most_positions {
        for &share in &site.catalogues.proposing.positions.value.spacing_shares {
            let best = all.iter().take(REPEATED);
            more.extend(best.filter_map(|one| site.repeated(one, (count, share), &reaches[one.model][one.protocol])));
        }
    }
    all.extend(more);
    all
}

/// Candidates that are tried at several places.
const REPEATED: usize = 150;

fn gathered(
    site: &Site,
    trials: &[Trial],
    (confirmed, vendor): (Vec<Confirmed>, VendorPlan),
    tally: Tally,
    work: Work,
) -> Proposals {
    let goals_met = confirmed.first().is_some_and(|c| c.proposal.shortfalls.is_empty());
    let mut conflicts = if goals_met { vec![] } else { site.conflicts(trials, &tally) };
    conflicts.extend(confirmed.first().and_then(|c| site.target_conflict(&c.proposal.findings)));
    let mut remarks = site.target_remarks();
    remarks.extend(site.anatomy.remarks.iter().cloned());
    if confirmed.iter().any(|c| c.proposal.placements.len() > 1) {
        remarks.push("several places along the nerve are planned as as many probes that freeze at once".into());
    }
    Proposals {
        schema: PROPOSALS_SCHEMA,
        notice: NOTICE,
        goals: *site.goals,
        goals_met,
        conflicts,
        remarks,
        pareto: site.pareto(trials, &confirmed),
        vendor,
        rejected: tally.reasons(),
        entry_map: tally.entry_map(),
        left_out: site.left_out.clone(),
        work,
        proposals: confirmed.into_iter().map(|c| c.proposal).collect(),
    }
}
