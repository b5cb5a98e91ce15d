//! Every plan of a stated grid in the same possible worlds: what a search is held against.
//!
//! Knows: plans with one probe. A grid places the middle of the cold surface across, under and along the nerve, wherever no
//! forbidden path leads through; it does not know how the search chooses its places.

use frostline_freeze::Continue;
use serde::{Deserialize, Serialize};

use crate::anatomy::Anatomy;
use crate::catalogue::Catalogues;
use crate::goals::Goals;
use crate::plan::Plan;
use crate::robust::Chance;

use super::candidate::Candidate;
use super::error::ProposeError;
use super::proposals::PlacementRow;
use super::reach::Estimate;
use super::settings::ProposeSettings;
use super::site::Site;
use super::spot::Spot;
use super::sure::FIRST_WORLDS;
use super::way::direction;

/// Plans that are looked at: every combination, with every probe, protocol and cover in stock.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanGrid {
    /// Middle of the cold surface along the nerve, from the middle of the wanted stretch. Unit: mm.
    pub along_mm: Vec<f64>,
    /// Middle of the cold surface beside the nerve, along the skin. Unit: mm.
    pub beside_mm: Vec<f64>,
    /// Middle of the cold surface under the nerve. Unit: mm.
    pub deeper_mm: Vec<f64>,
    /// Between shaft and skin. Unit: degrees.
    pub angle_deg: Vec<f64>,
    /// Of the shaft seen from above: 0 and 180 along the nerve, 90 and 270 across it. Unit: degrees.
    pub azimuth_deg: Vec<f64>,
}

/// One plan of a grid.
#[derive(Clone, Debug, Serialize)]
pub struct GridPlan {
    /// Where its probe goes.
    pub placement: PlacementRow,
    /// Key of its protocol.
    pub protocol: String,
    /// What lies on the skin.
    pub skin_contact: String,
    /// In so many worlds, which are those of every other.
    pub worlds: usize,
    /// Its chance in them.
    pub chance: Chance,
    /// The plan itself.
    #[serde(skip)]
    pub plan: Plan,
}

/// What a grid holds.
#[derive(Clone, Debug, Serialize)]
pub struct Exhausted {
    /// Plans of the grid.
    pub plans: usize,
    /// Of these, those that no forbidden path keeps out and that make a plan; each was solved.
    pub open: usize,
    /// Possible worlds that were solved, of all plans together.
    pub worlds: usize,
    /// The best, best first: solved in all worlds, after every plan was solved in the first of them.
    pub best: Vec<GridPlan>,
}

/// A plan of the grid and what came of it.
struct Entry {
    plan: Plan,
    protocol: String,
    successes: Vec<bool>,
}

impl Entry {
    fn good(&self) -> usize {
        self.successes.iter().filter(|s| **s).count()
    }
}

/// The share of plans that goes on to all worlds; a plan that is best in all is hardly ever below in the first sixteen.
const GOES_ON: f64 = 0.15;
/// Plans that are told.
const TOLD: usize = 5;

/// Solves every plan of a grid in the worlds of `settings.chance`. `progress` hears how many worlds are done, and of how many.
///
/// # Errors
/// [`ProposeError`] for stock, goals and grids that make no sense, and when `progress` says stop.
pub fn exhaustive(
    anatomy: &Anatomy,
    goals: &Goals,
    catalogues: &Catalogues,
    (settings, grid): (&ProposeSettings, &PlanGrid),
    progress: &(dyn Fn(usize, usize) -> Continue + Sync),
) -> Result<Exhausted, ProposeError> {
    let site = Site::new(anatomy, goals, catalogues, settings)?;
    let (plans, mut entries) = entries(&site, grid);
    let worlds = site.worlds.samples;
    solve(&site, &mut entries, FIRST_WORLDS.min(worlds), progress)?;
    entries.sort_by_key(|e| std::cmp::Reverse(e.good()));
    let going_on = ((entries.len() as f64 * GOES_ON).ceil() as usize).max(TOLD).min(entries.len());
    solve(&site, &mut entries[..going_on], worlds, progress)?;
    let solved = entries.iter().map(|e| e.successes.len()).sum();
    let open = entries.len();
    entries.truncate(going_on);
    entries.sort_by_key(|e| std::cmp::Reverse(e.good()));
    let best = entries.into_iter().take(TOLD).map(told).collect();
    Ok(Exhausted { plans, open, worlds: solved, best })
}

/// Which of the worlds of `settings.chance` each plan survives, in the same worlds for all.
///
/// # Errors
/// [`ProposeError`] as of [`exhaustive`].
pub fn in_same_worlds(
    anatomy: &Anatomy,
    goals: &Goals,
    catalogues: &Catalogues,
    (settings, plans): (&ProposeSettings, &[&Plan]),
    progress: &(dyn Fn(usize, usize) -> Continue + Sync),
) -> Result<Vec<Vec<bool>>, ProposeError> {
    let site = Site::new(anatomy, goals, catalogues, settings)?;
    let entry = |plan: &&Plan| Entry { plan: (*plan).clone(), protocol: String::new(), successes: Vec::new() };
    let mut entries: Vec<Entry> = plans.iter().map(entry).collect();
    solve(&site, &mut entries, site.worlds.samples, progress)?;
    Ok(entries.into_iter().map(|e| e.successes).collect())
}

fn solve(
    site: &Site,
    entries: &mut [Entry],
    until: usize,
    progress: &(dyn Fn(usize, usize) -> Continue + Sync),
) -> Result<(), ProposeError> {
    let asked: Vec<_> = entries.iter().map(|e| (&e.plan, e.successes.len())).collect();
    let answers = site.solved(&asked, until, progress)?.ok_or(ProposeError::Stopped)?;
    entries.iter_mut().zip(answers).for_each(|(entry, answer)| entry.successes.extend(answer));
    Ok(())
}

fn told(entry: Entry) -> GridPlan {
    let chance = Chance::of(entry.good(), entry.successes.len());
    let placement = PlacementRow::of(&entry.plan.placements()[0]);
    let skin_contact = entry.plan.skin_contact().to_owned();
    GridPlan {
        placement,
        protocol: entry.protocol,
        skin_contact,
        worlds: entry.successes.len(),
        chance,
        plan: entry.plan,
    }
}

/// How many plans the grid has, and those that are open.
fn entries(site: &Site, grid: &PlanGrid) -> (usize, Vec<Entry>) {
    let (from_mm, to_mm) = site.stretch_mm();
    let (mut plans, mut found) = (0, Vec::new());
    for along_mm in grid.along_mm.iter().map(|mm| 0.5 * (from_mm + to_mm) + mm) {
        let spot = Spot::at(site.anatomy, site.catalogues, along_mm, (along_mm, along_mm));
        for (n, model) in site.models.iter().enumerate() {
            let back_mm = model.shape.dead_tip_mm + 0.5 * model.shape.active_length_mm;
            for (place, ways) in places(grid) {
                plans += model.protocols.len() * site.settings.contacts.len();
                let Some(spot) = &spot else { continue };
                let beside = spot.sideways() * place.0 - spot.outward * place.1;
                let aimed = (spot.centre + beside, direction(spot, ways), back_mm);
                let Ok(pose) = site.obstacles.through(spot, aimed, &model.shape) else { continue };
                let candidate = |protocol, contact: &String| Candidate {
                    model: n,
                    protocol,
                    placings: Vec::new(),
                    poses: vec![pose],
                    contact: contact.clone(),
                    fluid: Vec::new(),
                    estimate: Estimate::NOTHING,
                    spot: 0,
                };
                for (protocol, row) in model.protocols.iter().enumerate() {
                    let plan = |contact| site.plan(&candidate(protocol, contact));
                    let entry = |plan| Entry { plan, protocol: row.id.clone(), successes: Vec::new() };
                    found.extend(site.settings.contacts.iter().filter_map(plan).map(entry));
                }
            }
        }
    }
    (plans, found)
}

/// Beside and under the nerve, with angle and azimuth.
fn places(grid: &PlanGrid) -> impl Iterator<Item = ((f64, f64), (f64, f64))> {
    grid.beside_mm.iter().flat_map(move |&beside| {
        grid.deeper_mm.iter().flat_map(move |&deeper| {
            grid.angle_deg.iter().flat_map(move |&angle| {
                grid.azimuth_deg.iter().map(move |&azimuth| ((beside, deeper), (angle, azimuth)))
            })
        })
    })
}
