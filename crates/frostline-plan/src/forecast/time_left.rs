//! How long the gas may still stay on before a limit is met by the ice that grows after it.

use frostline_freeze::{FreezeHistory, Schedule};
use serde::Serialize;

use super::schedule::{gas_back_s, going_on_until, stopped_at};
use super::{Family, ForecastError, ForecastSettings};
use crate::anatomy::{Anatomy, Marked, Structure, StructureKind};
use crate::catalogue::{Catalogues, Limit, LimitLevel, structure_word};
use crate::coldest::{Coldest, ColdestOf, IceEdge};
use crate::goals::Goals;
use crate::nerve_outcome::nerve_outcome;
use crate::plan::{Plan, PlanError, PlannedProtocol};

/// How far ahead is looked, and how many stop times are tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeLeftSettings {
    /// How a single run is computed.
    pub forecast: ForecastSettings,
    /// How long the gas could stay on at most, from now or from when it comes back. Unit: s.
    pub ahead_s: f64,
}

impl TimeLeftSettings {
    /// Looking `ahead_s` seconds ahead.
    pub fn ahead(ahead_s: f64) -> Self {
        Self { forecast: ForecastSettings::default(), ahead_s }
    }
}

/// When something is met.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "when")]
pub enum Left {
    /// Even if the gas stops now.
    Already,
    /// When the gas stays on for longer than this, from now. Unit: s.
    In {
        /// Unit: s.
        seconds: f64,
    },
    /// Not within the time that was looked at. Unit: s.
    NotWithin {
        /// Unit: s.
        seconds: f64,
    },
    /// Nobody marked the structure.
    NotKnown,
}

/// What meets a limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Met {
    /// The coldest place of the structure.
    Below {
        /// Unit: °C.
        below_c: f64,
    },
    /// The 0 °C ice, by its distance from the structure.
    IceWithin {
        /// Unit: mm.
        ice_within_mm: f64,
    },
}

/// One limit of one structure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LimitLeft {
    /// The structure.
    pub structure: String,
    /// What kind it is.
    pub kind: &'static str,
    /// Key of the limit in `data/limits.toml`.
    pub limit: String,
    /// Whether it says stop.
    pub is_stop: bool,
    /// What meets it.
    #[serde(flatten)]
    pub met: Met,
    /// How long the gas may stay on.
    pub left: Left,
}

/// How long the gas may still stay on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimeLeft {
    /// Now, from the first gas. Unit: s.
    pub now_s: f64,
    /// Every limit of every structure, soonest first, stop before warn.
    pub limits: Vec<LimitLeft>,
    /// When enough of the nerve is disabled by the gas so far and the ice that follows.
    pub enough: Left,
    /// Runs of the solver it took.
    pub runs: usize,
}

impl TimeLeft {
    /// The limit at level stop that is met first; `None` when none is met in the time that was looked at.
    pub fn soonest_stop(&self) -> Option<&LimitLeft> {
        let met = |l: &&LimitLeft| matches!(l.left, Left::Already | Left::In { .. });
        self.limits.iter().filter(|l| l.is_stop).find(met)
    }
}

/// Shares of the time ahead at which the first runs stop. Ice grows with the root of time, so they lie closer at first.
const FIRST_STOPS: [f64; 5] = [0.0, 0.12, 0.3, 0.6, 1.0];
/// Crossings are looked at again until they are known this well: a person needs as long to act. Unit: s.
const WELL_ENOUGH_S: f64 = 2.0;
/// From what the ice keeps a margin.
const KEPT_AWAY: [StructureKind; 2] = [StructureKind::MotorNerve, StructureKind::MixedNerve];
/// Distance of ice that is not there yet, beyond any limb. Unit: mm.
const NO_ICE_MM: f64 = 1000.0;
/// An hour, longer than any freeze of a nerve that was published. Unit: s.
const MOST_AHEAD_S: f64 = 3600.0;
/// Times that crossings are looked at again.
const MOST_ROUNDS: usize = 2;

/// How long the gas may still stay on, `now_s` after the first gas, before a limit is met by the ice that grows after it
/// is switched off. The plan's schedule says what the gas did until now; from now on it stays on, or comes back at the next
/// planned freeze and then stays on. Five runs, and one or two more around each crossing that matters: the first stop
/// limit, the margin of a motor nerve, and enough nerve.
///
/// # Errors
/// [`ForecastError`] when the time lies outside the protocol or a scene has no answer.
pub fn time_left(
    anatomy: &Anatomy,
    plan: &Plan,
    catalogues: &Catalogues,
    settings: &TimeLeftSettings,
    now_s: f64,
) -> Result<TimeLeft, ForecastError> {
    let most_s = plan.protocol().schedule.duration_s();
    if !(now_s >= 1.0 && now_s <= most_s) {
        return Err(ForecastError::NoSuchTime { found_s: now_s, most_s });
    }
    if !(1.0..=MOST_AHEAD_S).contains(&settings.ahead_s) {
        return Err(ForecastError::NoSuchLook { found_s: settings.ahead_s, most_s: MOST_AHEAD_S });
    }
    let course = Course { schedule: plan.protocol().schedule.clone(), now_s, ahead_s: settings.ahead_s };
    let longest = course.plan(plan, anatomy, catalogues)?;
    let family = Family::new(anatomy, &longest, catalogues, &settings.forecast)?;
    let (goals, after_s) = (settings.forecast.goals(catalogues), settings.forecast.resolution.after_s);
    let mut table = Table { family, course, plan, catalogues, goals, after_s, rows: vec![] };
    table.ask(&FIRST_STOPS.map(|share| table.course.gas_back_s() + share * settings.ahead_s))?;
    for _ in 0..MOST_ROUNDS {
        let again = table.worth_another_look();
        if again.is_empty() {
            break;
        }
        table.ask(&again)?;
    }
    Ok(table.answer())
}

/// What the gas did, and what it goes on to do.
struct Course {
    schedule: Schedule,
    now_s: f64,
    ahead_s: f64,
}

impl Course {
    /// From when on the gas is on.
    fn gas_back_s(&self) -> f64 {
        gas_back_s(&self.schedule, self.now_s)
    }

    fn until(&self, stop_s: f64) -> Schedule {
        if stop_s <= self.now_s {
            return stopped_at(&self.schedule, self.now_s);
        }
        going_on_until(&self.schedule, self.now_s, stop_s)
    }

    /// The plan whose ice needs the largest scene.
    fn plan(&self, plan: &Plan, anatomy: &Anatomy, catalogues: &Catalogues) -> Result<Plan, PlanError> {
        let schedule = self.until(self.gas_back_s() + self.ahead_s);
        let mut parts = plan.parts().clone();
        parts.protocol = PlannedProtocol { name: parts.protocol.name, schedule };
        Plan::new(parts, anatomy, catalogues)
    }
}

/// Coldest values by stop time.
struct Table<'a> {
    family: Family<'a>,
    course: Course,
    plan: &'a Plan,
    catalogues: &'a Catalogues,
    goals: Goals,
    after_s: f64,
    rows: Vec<Stop>,
}

/// What follows when the gas stops at one time.
struct Stop {
    at_s: f64,
    coldest_c: Vec<Option<f64>>,
    /// How near the ice comes to each structure that it must keep away from; `None` for every other.
    closest_mm: Vec<Option<f64>>,
    /// The coldest place of the target nerve; `None` where it lies out of reach.
    coldest_nerve_c: Option<f64>,
    disabled_mm: f64,
}

impl Table<'_> {
    fn ask(&mut self, stops_s: &[f64]) -> Result<(), ForecastError> {
        let questions: Vec<_> = stops_s.iter().map(|&at_s| (self.course.until(at_s), at_s + self.after_s)).collect();
        let answers = self.family.ask(&questions)?;
        let rows: Vec<_> = stops_s.iter().zip(&answers).map(|(&at_s, history)| self.row(at_s, history)).collect();
        self.rows.extend(rows);
        self.rows.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        Ok(())
    }

    fn row(&self, at_s: f64, history: &FreezeHistory) -> Stop {
        let field = ColdestOf::new(&self.family.built, history);
        let anatomy = &self.family.anatomy;
        let (no_ice, edge) = (IceEdge::nowhere(), IceEdge::of(&field));
        let coldest = |structure| match field.structure(anatomy, structure, &no_ice).0 {
            Coldest::Reached { celsius, .. } => Some(celsius),
            // Where the cold never comes.
            Coldest::OutsideScene => Some(f64::INFINITY),
            Coldest::NotMarked => None,
        };
        let closest = |structure: &Structure| {
            let kept_away = KEPT_AWAY.contains(&structure.kind) && matches!(structure.shape, Marked::Marked(_));
            kept_away.then(|| field.structure(anatomy, structure, &edge).1.unwrap_or(NO_ICE_MM))
        };
        let nerve = nerve_outcome(anatomy, self.plan, self.catalogues, &field);
        Stop {
            at_s,
            closest_mm: anatomy.structures.iter().map(closest).collect(),
            coldest_c: anatomy.structures.iter().map(coldest).collect(),
            disabled_mm: self.goals.disabled_mm(&nerve.profile),
            coldest_nerve_c: nerve.coldest_c,
        }
    }

    /// Stop times around the crossings that matter, where these are not known well enough.
    fn worth_another_look(&self) -> Vec<f64> {
        let stops = self.watched().into_iter().filter(|(_, limit)| limit.level == LimitLevel::Stop);
        let first =
            stops.filter_map(|(n, limit)| self.crossing(&self.below(n, limit))).min_by(|a, b| a.0.total_cmp(&b.0));
        let near = self.kept_away().map(|n| self.crossing(&self.too_near(n)));
        let near = near.flatten().min_by(|a, b| a.0.total_cmp(&b.0));
        let enough = self.crossing(&self.enough());
        let wide = |&(_, width_s): &(f64, f64)| width_s > WELL_ENOUGH_S;
        let mut again: Vec<f64> =
            [first, near, enough].into_iter().flatten().filter(wide).map(|(at_s, _)| at_s).collect();
        // A crossing that lies on a stop time that was tried needs no other run.
        again.retain(|at_s| self.rows.iter().all(|row| (row.at_s - at_s).abs() > 0.25 * WELL_ENOUGH_S));
        again.dedup_by(|a, b| (*a - *b).abs() < WELL_ENOUGH_S);
        again
    }

    /// Each structure with each of its limits.
    fn watched(&self) -> Vec<(usize, &Limit)> {
        let structures = self.family.anatomy.structures.iter().enumerate();
        structures.flat_map(|(n, s)| self.catalogues.limits.for_structure(s.kind).map(move |l| (n, l))).collect()
    }

    /// How far below a limit a structure gets, by stop time; above 0 when it is crossed.
    fn below(&self, structure: usize, limit: &Limit) -> Vec<(f64, f64)> {
        let below_c = limit.below.value.celsius;
        self.rows.iter().filter_map(|r| r.coldest_c[structure].map(|c| (r.at_s, below_c - c))).collect()
    }

    /// Structures from which the ice keeps away.
    fn kept_away(&self) -> impl Iterator<Item = usize> {
        let structures = self.family.anatomy.structures.iter().enumerate();
        structures.filter(|(_, s)| KEPT_AWAY.contains(&s.kind)).map(|(n, _)| n)
    }

    /// How much nearer than wanted the ice comes to a structure, by stop time.
    fn too_near(&self, structure: usize) -> Vec<(f64, f64)> {
        let wanted_mm = self.catalogues.limits.nerve().motor_nerve_margin.value.millimetres;
        self.rows.iter().filter_map(|r| r.closest_mm[structure].map(|mm| (r.at_s, wanted_mm - mm))).collect()
    }

    /// The margin that motor and mixed nerves keep from the ice.
    fn margin_left(&self, structure: usize) -> LimitLeft {
        let found = &self.family.anatomy.structures[structure];
        LimitLeft {
            structure: found.name.clone(),
            kind: structure_word(found.kind),
            limit: "motor_nerve_margin".into(),
            is_stop: false,
            met: Met::IceWithin { ice_within_mm: self.catalogues.limits.nerve().motor_nerve_margin.value.millimetres },
            left: self.left(&self.too_near(structure)),
        }
    }

    /// The target may become too cold as well.
    fn of_the_nerve(&self) -> Vec<LimitLeft> {
        let goals = self.catalogues.limits.nerve();
        let name = self.catalogues.nerves.find(&self.family.anatomy.nerve.id).map_or("the target", |n| n.name.as_str());
        let of = |limit: &str, is_stop, below_c: f64| {
            let rows = self.rows.iter().filter_map(|r| r.coldest_nerve_c.map(|c| (r.at_s, below_c - c)));
            let rows: Vec<(f64, f64)> = rows.collect();
            let (structure, left) = (format!("{name} (the target)"), self.left(&rows));
            LimitLeft {
                structure,
                kind: "target-nerve",
                limit: limit.into(),
                is_stop,
                met: Met::Below { below_c },
                left,
            }
        };
        let (caution_c, stop_c) = (goals.caution_below.value.celsius, goals.stop_below.value.celsius);
        vec![of("caution_below", false, caution_c), of("stop_below", true, stop_c)]
    }

    /// How much more nerve than wanted is disabled, by stop time.
    fn enough(&self) -> Vec<(f64, f64)> {
        self.rows.iter().map(|r| (r.at_s, r.disabled_mm - self.goals.disabled_mm)).collect()
    }

    /// Where a table first crosses 0 upwards between two of its rows, and how far apart these are. Unit: s.
    fn crossing(&self, rows: &[(f64, f64)]) -> Option<(f64, f64)> {
        let pair = rows.windows(2).find(|pair| pair[0].1 < 0.0 && pair[1].1 >= 0.0)?;
        let ((from_s, before), (to_s, beyond)) = (pair[0], pair[1]);
        Some((from_s + (to_s - from_s) * before / (before - beyond), to_s - from_s))
    }

    fn left(&self, rows: &[(f64, f64)]) -> Left {
        match (rows.first(), self.crossing(rows)) {
            (None, _) => Left::NotKnown,
            (Some(first), _) if first.1 >= 0.0 => Left::Already,
            (_, Some((at_s, _))) => Left::In { seconds: at_s - self.course.now_s },
            (_, None) => {
                Left::NotWithin { seconds: self.course.gas_back_s() + self.course.ahead_s - self.course.now_s }
            }
        }
    }

    fn answer(&self) -> TimeLeft {
        let structures = &self.family.anatomy.structures;
        let mut limits: Vec<LimitLeft> = self
            .watched()
            .into_iter()
            .map(|(n, limit)| LimitLeft {
                structure: structures[n].name.clone(),
                kind: structure_word(structures[n].kind),
                limit: limit.id.clone(),
                is_stop: limit.level == LimitLevel::Stop,
                met: Met::Below { below_c: limit.below.value.celsius },
                left: self.left(&self.below(n, limit)),
            })
            .collect();
        limits.extend(self.of_the_nerve());
        limits.extend(self.kept_away().map(|n| self.margin_left(n)));
        limits.sort_by(|a, b| urgency(a).partial_cmp(&urgency(b)).unwrap_or(std::cmp::Ordering::Equal));
        TimeLeft { now_s: self.course.now_s, limits, enough: self.left(&self.enough()), runs: self.family.runs }
    }
}

/// Soonest first, stop before warn where both come at one time; what is not known stands last.
fn urgency(limit: &LimitLeft) -> (u8, f64, bool) {
    match limit.left {
        Left::Already => (0, 0.0, !limit.is_stop),
        Left::In { seconds } => (1, seconds, !limit.is_stop),
        Left::NotWithin { .. } => (2, 0.0, !limit.is_stop),
        Left::NotKnown => (3, 0.0, !limit.is_stop),
    }
}
