//! How much further the ice goes when the gas is switched off now.

use frostline_freeze::{FreezeHistory, PhaseKind};
use serde::Serialize;

use super::schedule::stopped_at;
use super::{Family, ForecastError, ForecastSettings};
use crate::anatomy::Anatomy;
use crate::catalogue::{Catalogues, structure_word};
use crate::coldest::{Coldest, ColdestOf, IceEdge};
use crate::nerve_outcome::nerve_outcome;
use crate::plan::Plan;

/// What happens when the gas is switched off now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StopForecast {
    /// When the gas is switched off, from the first gas. Unit: s.
    pub now_s: f64,
    /// Each surface: how far it goes on.
    pub surfaces: Vec<GrowthAfter>,
    /// Each structure: how much colder it still gets.
    pub structures: Vec<StructureAfter>,
    /// Length of nerve that is disabled when nothing more is done. Unit: mm.
    pub disabled_mm: f64,
    /// The same as far as it has come. Unit: mm.
    pub disabled_so_far_mm: f64,
    /// Runs of the solver it took.
    pub runs: usize,
}

/// How far a surface of one temperature goes on after the gas is off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GrowthAfter {
    /// The temperature. Unit: °C.
    pub celsius: f64,
    /// Radius around the first probe when the gas is switched off. Unit: mm.
    pub radius_now_mm: f64,
    /// Largest radius from then on. Unit: mm.
    pub radius_then_mm: f64,
    /// When that is. Unit: s.
    pub largest_at_s: f64,
}

impl GrowthAfter {
    /// How much further it goes. Unit: mm.
    pub fn further_mm(&self) -> f64 {
        self.radius_then_mm - self.radius_now_mm
    }
}

/// How much colder a structure still gets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StructureAfter {
    /// What people call it.
    pub name: String,
    /// What kind it is.
    pub kind: &'static str,
    /// Coldest so far. `None` where it is not marked or lies out of reach. Unit: °C.
    pub so_far_c: Option<f64>,
    /// Coldest ever when the gas is switched off now.
    #[serde(flatten)]
    pub then: Coldest,
    /// How near the 0 °C ice comes then; absent where it is not marked or there is no ice. Unit: mm.
    pub closest_mm: Option<f64>,
}

/// What happens when the gas is switched off `now_s` after the first gas. The plan's schedule says what the gas did until
/// then; two runs.
///
/// # Errors
/// [`ForecastError`] when the time lies outside the protocol or the scene has no answer.
pub fn stop_now(
    anatomy: &Anatomy,
    plan: &Plan,
    catalogues: &Catalogues,
    settings: &ForecastSettings,
    now_s: f64,
) -> Result<StopForecast, ForecastError> {
    let schedule = &plan.protocol().schedule;
    let most_s = schedule.duration_s();
    let stopped = stopped_at(schedule, now_s);
    let freezes = stopped.phases.iter().any(|p| p.kind == PhaseKind::Freeze);
    if !(freezes && now_s >= 1.0 && now_s <= most_s) {
        return Err(ForecastError::NoSuchTime { found_s: now_s, most_s });
    }
    let mut family = Family::new(anatomy, plan, catalogues, settings)?;
    let after_s = settings.resolution.after_s;
    let answers = family.ask(&[(stopped.clone(), now_s), (stopped, now_s + after_s)])?;
    // As many answers as questions.
    let [so_far, then] = answers.as_slice() else { return Err(ForecastError::NoSuchTime { found_s: now_s, most_s }) };
    let goals = settings.goals(catalogues);
    let disabled_mm = |history: &FreezeHistory| {
        let field = ColdestOf::new(&family.built, history);
        goals.disabled_mm(&nerve_outcome(&family.anatomy, plan, catalogues, &field).profile)
    };
    Ok(StopForecast {
        now_s,
        surfaces: surfaces(then, now_s),
        structures: structures(&family, so_far, then),
        disabled_mm: disabled_mm(then),
        disabled_so_far_mm: disabled_mm(so_far),
        runs: family.runs,
    })
}

/// From the records of one run: the last one before the gas stops, and the largest from then on.
fn surfaces(history: &FreezeHistory, now_s: f64) -> Vec<GrowthAfter> {
    let mut found: Vec<GrowthAfter> = Vec::new();
    for record in &history.edges {
        let radius_mm = 0.5 * record.width_mm;
        let known = found.iter_mut().find(|g| g.celsius == record.celsius);
        match known {
            None => found.push(GrowthAfter {
                celsius: record.celsius,
                radius_now_mm: radius_mm,
                radius_then_mm: radius_mm,
                largest_at_s: record.at_s,
            }),
            Some(growth) if record.at_s <= now_s + SAME_TIME_S => {
                (growth.radius_now_mm, growth.radius_then_mm, growth.largest_at_s) =
                    (radius_mm, radius_mm, record.at_s);
            }
            Some(growth) if radius_mm > growth.radius_then_mm => {
                (growth.radius_then_mm, growth.largest_at_s) = (radius_mm, record.at_s);
            }
            Some(_) => {}
        }
    }
    found
}

/// Times that differ by rounding only are one.
const SAME_TIME_S: f64 = 1e-3;

fn structures(family: &Family, so_far: &FreezeHistory, then: &FreezeHistory) -> Vec<StructureAfter> {
    let (before, after) = (ColdestOf::new(&family.built, so_far), ColdestOf::new(&family.built, then));
    let (no_ice, edge) = (IceEdge::nowhere(), IceEdge::of(&after));
    let anatomy = &family.anatomy;
    let outcome = |structure| {
        let so_far_c = match before.structure(anatomy, structure, &no_ice).0 {
            Coldest::Reached { celsius, .. } => Some(celsius),
            Coldest::NotMarked | Coldest::OutsideScene => None,
        };
        let (then, closest_mm) = after.structure(anatomy, structure, &edge);
        let (name, kind) = (structure.name.clone(), structure_word(structure.kind));
        StructureAfter { name, kind, so_far_c, then, closest_mm }
    };
    anatomy.structures.iter().map(outcome).collect()
}
