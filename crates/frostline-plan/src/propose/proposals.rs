//! What is proposed: a short list that differs, what stands against more, and how it was found.

use serde::Serialize;

use crate::assess::Assessment;
use crate::catalogue::StepKind;
use crate::finding::{Finding, Level};
use crate::fluid::ProtectiveFluid;
use crate::goals::{Goals, Shortfall};
use crate::plan::{Plan, ProbePlacement};
use crate::robust::Chance;

use super::rejection::{MappedEntry, RejectionCount};
use super::trial::Merits;

/// What a proposal is best at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Label {
    /// The widest margin to any stop limit.
    WidestMargin,
    /// The fewest holes in the skin.
    FewestPunctures,
    /// The least time.
    Shortest,
    /// The greatest chance of success, or the greatest measure of the caller.
    Surest,
    /// Another probe, or another way in.
    AnotherWay,
    /// The goals cannot be met; this comes nearest.
    Nearest,
}

impl Label {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Label::WidestMargin => "widest margin",
            Label::FewestPunctures => "fewest punctures",
            Label::Shortest => "shortest",
            Label::Surest => "surest",
            Label::AnotherWay => "another way",
            Label::Nearest => "nearest to the goals",
        }
    }
}

/// Where a probe goes, for reading.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlacementRow {
    /// Key of the probe.
    pub probe: String,
    /// Where it passes the skin. Unit: mm.
    pub entry_mm: [f64; 3],
    /// Where its end lies. Unit: mm.
    pub tip_mm: [f64; 3],
    /// Length of the way inside the limb. Unit: mm.
    pub depth_mm: f64,
}

impl PlacementRow {
    /// Of a placement.
    pub fn of(p: &ProbePlacement) -> Self {
        Self {
            probe: p.probe.clone(),
            entry_mm: [p.entry.x, p.entry.y, p.entry.z],
            tip_mm: [p.tip.x, p.tip.y, p.tip.z],
            depth_mm: p.way().length_mm(),
        }
    }
}

/// One phase, for reading.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PhaseRow {
    /// What the probe does.
    #[serde(rename = "do")]
    pub kind: StepKind,
    /// For how long. Unit: s.
    pub seconds: f64,
}

/// One proposed plan, evaluated at full accuracy.
#[derive(Clone, Debug, Serialize)]
pub struct Proposal {
    /// What it is best at.
    pub labels: Vec<Label>,
    /// Where the probes go.
    pub placements: Vec<PlacementRow>,
    /// Key of the protocol; where its times were changed, with what they are.
    pub protocol: String,
    /// The phases, where no protocol of the catalogue has them.
    pub own_phases: Option<Vec<PhaseRow>>,
    /// What lies on the skin.
    pub skin_contact: String,
    /// Fluid that pushes what must not freeze away.
    pub fluid: Vec<ProtectiveFluid>,
    /// The numbers by which it is compared.
    pub merits: Merits,
    /// Its chance of success by estimate, which is no probability, or the measure of the caller.
    pub sureness: f64,
    /// How likely it is that the nerve is disabled as wanted and no stop limit is crossed; absent where it was not asked for.
    /// The worlds are the same for every plan.
    pub chance: Option<Chance>,
    /// In so many worlds.
    pub worlds: usize,
    /// The most serious level of all findings.
    pub verdict: Level,
    /// Why the verdict is not "ok", although nothing may be wrong: what is not known.
    pub not_known: Vec<String>,
    /// What stands between it and success.
    pub shortfalls: Vec<Shortfall>,
    /// Every rule and its answer.
    pub findings: Vec<Finding>,
    /// Gas it uses; no catalogue row tells it yet.
    pub gas: &'static str,
    /// Setting of the gas at the console. Plans are for the output that the cooling row of the probe tells; what another setting
    /// would make of it is told of no probe of the catalogue.
    pub gas_setting: &'static str,
    /// The plan itself.
    #[serde(skip)]
    pub plan: Plan,
    /// The whole verdict.
    #[serde(skip)]
    pub assessment: Assessment,
}

/// A limit and a goal that cannot both be kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conflict {
    /// Key of the finding that stops, or `reach` where no plan disables enough whatever the limits.
    pub limit: String,
    /// Which goal.
    pub goal: &'static str,
    /// What is wanted. Unit: mm.
    pub wanted_mm: f64,
    /// The most that is disabled with every limit kept; absent where no plan keeps them. Unit: mm.
    pub within_limits_mm: Option<f64>,
    /// How far the limit is crossed by the plan that reaches the goal and crosses it least. Unit: K.
    pub over_k: Option<f64>,
    /// In words.
    pub text: String,
}

/// One plan of the trade between margin, time, punctures and disabled length.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ParetoPoint {
    /// Key of the probe.
    pub probe: String,
    /// Key of the protocol.
    pub protocol: String,
    /// What lies on the skin.
    pub skin_contact: String,
    /// Unit: K.
    pub thinnest_margin_k: Option<f64>,
    /// Unit: s.
    pub time_s: f64,
    /// Holes in the skin.
    pub punctures: usize,
    /// Unit: mm.
    pub disabled_mm: f64,
    /// True for plans that were evaluated at full accuracy; others come from planning runs on coarse cells.
    pub confirmed: bool,
}

/// The plan of somebody who believes the ellipse in the brochure.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum VendorPlan {
    /// It was made and evaluated at full accuracy.
    Made {
        /// Where the probe goes.
        placement: PlacementRow,
        /// Key of the protocol.
        protocol: String,
        /// The isotherm of the ellipse. Unit: °C.
        celsius: f64,
        /// Its width. Unit: mm.
        width_mm: f64,
        /// Its length. Unit: mm.
        length_mm: f64,
        /// Source of the ellipse.
        source: String,
        /// Nerve inside the ellipse over its whole cross-section. Unit: mm.
        promised_mm: f64,
        /// What the simulation says.
        merits: Box<Merits>,
    },
    /// It cannot be made.
    NotMade {
        /// Why.
        why: String,
    },
}

/// What the search cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Work {
    /// Ways in that were looked at.
    pub ways: usize,
    /// Of these, allowed.
    pub open_ways: usize,
    /// Estimates.
    pub estimates: usize,
    /// Runs in free tissue from which estimates are made.
    pub reach_runs: usize,
    /// Planning runs on coarse cells.
    pub planning_runs: usize,
    /// Possible worlds that were solved, of all plans together.
    pub worlds: usize,
    /// Plans evaluated at full accuracy; each takes two runs or more.
    pub confirmed: usize,
    /// Cells times stages of planning runs and confirmations.
    pub cell_updates: u64,
}

/// Everything the search has to say.
#[derive(Clone, Debug, Serialize)]
pub struct Proposals {
    /// Version of this layout.
    pub schema: &'static str,
    /// What this program is not.
    pub notice: &'static str,
    /// What was wanted.
    pub goals: Goals,
    /// True when the first proposal does all that is wanted and crosses no stop.
    pub goals_met: bool,
    /// Which limit and which goal are in conflict, where the goals are not met.
    pub conflicts: Vec<Conflict>,
    /// What else must be said.
    pub remarks: Vec<String>,
    /// The short list, best first.
    pub proposals: Vec<Proposal>,
    /// Plans that no other beats in every respect.
    pub pareto: Vec<ParetoPoint>,
    /// The plan by the brochure, for comparison.
    pub vendor: VendorPlan,
    /// Why ways were rejected.
    pub rejected: Vec<RejectionCount>,
    /// Where one may enter, and why not elsewhere.
    pub entry_map: Vec<MappedEntry>,
    /// Models in stock that were not looked at, and why.
    pub left_out: Vec<String>,
    /// What it cost.
    pub work: Work,
}

/// Version of the layout of [`Proposals`].
pub const PROPOSALS_SCHEMA: &str = "frostline-proposals/1";
