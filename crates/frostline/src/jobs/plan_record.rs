//! From a job that simulated a plan to the step of the case that says what was planned.
//!
//! Numbers and fingerprints are those of the job's result. The case file is read once more, for what the result does not say
//! (protocol, probe), and so that a plan which this program would understand otherwise is refused.

use std::path::Path;

use frostline_freeze::{PhaseKind, Schedule};
use frostline_plan::anatomy::Side;
use frostline_plan::catalogue::{CatalogueError, Catalogues, Dimensions, Known};
use frostline_plan::{ASSESSMENT_SCHEMA, Fingerprint, Level};
use frostline_record::case::steps::{MotorMargin, PlanRecord};
use frostline_record::rules::Guidance;
use serde::Deserialize;

use super::files::gathered;
use super::work::PlanWork;
use crate::case_file::{Case, CaseError, planned, unplanned_of};
use crate::error_text;
use crate::store::Attachments;

/// Version of the solver that this program has; the whole workspace has one version.
pub const SOLVER_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Why a result is not made a step.
#[derive(Debug, thiserror::Error)]
pub enum PlanRecordError {
    /// Another layout.
    #[error(
        "the result of the job cannot be read as an assessment of this program ({0}); run the plan again with this program"
    )]
    Layout(String),
    /// Another solver.
    #[error(
        "the job was carried out by solver version {found}, this program has {SOLVER_VERSION}; run the plan again with this one"
    )]
    OtherSolver {
        /// Which.
        found: String,
    },
    /// The case file now gives another plan.
    #[error(
        "the job is about plan {found}, and its case file gives plan {expected} with this program and its catalogues; run the \
         plan again"
    )]
    OtherPlan {
        /// What the result says.
        found: String,
        /// What the case file gives.
        expected: String,
    },
    /// The case file can no longer be used.
    #[error("the case file of the job cannot be used any more: {0}")]
    CaseFile(String),
    /// Its thread ended.
    #[error("reading the case file of the job was broken off; try again")]
    BrokenOff,
}

/// The part of an assessment that a step takes over.
#[derive(Deserialize)]
struct Assessed {
    schema: String,
    nerve: NerveRow,
    structures: Vec<StructureRow>,
    findings: Vec<FindingRow>,
    solver: SolverRow,
    fingerprints: FingerprintRow,
}

#[derive(Deserialize)]
struct NerveRow {
    id: String,
    side: Side,
    disabled_length_mm: f64,
}

#[derive(Deserialize)]
struct StructureRow {
    name: String,
    kind: String,
    coldest_c: Option<f64>,
    closest_mm: Option<f64>,
    #[serde(default)]
    not_marked: bool,
}

#[derive(Deserialize)]
struct FindingRow {
    level: Level,
}

#[derive(Deserialize)]
struct SolverRow {
    version: String,
}

#[derive(Deserialize)]
struct FingerprintRow {
    plan: String,
    answer: String,
}

/// What the job says, without guidance and attachments, which it does not know.
///
/// # Errors
/// [`PlanRecordError`] when another program made the result, or the case file gives another plan now.
pub async fn plan_record(
    work: &PlanWork,
    result: &str,
    (guidance, attachments): (Guidance, &Attachments),
) -> Result<PlanRecord, PlanRecordError> {
    let layout = |error: serde_json::Error| PlanRecordError::Layout(error.to_string());
    let assessed: Assessed = serde_json::from_str(result).map_err(layout)?;
    if assessed.schema != ASSESSMENT_SCHEMA {
        return Err(PlanRecordError::Layout(format!("found '{}', expected '{ASSESSMENT_SCHEMA}'", assessed.schema)));
    }
    if assessed.solver.version != SOLVER_VERSION {
        return Err(PlanRecordError::OtherSolver { found: assessed.solver.version });
    }
    let gathered = gathered(&work.case_file, attachments).await.map_err(PlanRecordError::CaseFile)?;
    let case = tokio::task::spawn_blocking(move || {
        let (text, path) = gathered.case();
        read(text, &path)
    });
    let case = case.await.map_err(|_| PlanRecordError::BrokenOff)?;
    let case = case.map_err(|error| PlanRecordError::CaseFile(error_text(error.as_ref())))?;
    let expected = Fingerprint::of_debug(&case.plan).as_str().to_owned();
    if assessed.fingerprints.plan != expected {
        return Err(PlanRecordError::OtherPlan { found: assessed.fingerprints.plan, expected });
    }
    Ok(assessed.record(&case, guidance))
}

fn read(text: &str, path: &Path) -> Result<Case, Box<dyn std::error::Error + Send + Sync>> {
    let bundled = Catalogues::bundled().map_err(|error: CatalogueError| error.to_string())?;
    let case = unplanned_of(text, path, &bundled, &[]).and_then(planned);
    Ok(case.map_err(|error: CaseError| error_text(&error))?)
}

impl Assessed {
    fn record(self, case: &Case, guidance: Guidance) -> PlanRecord {
        // A plan has a probe; `Plan::new` refuses one without.
        let probe = case.plan.placements().first().map(|placement| placement.probe.clone()).unwrap_or_default();
        let dimensions = case.catalogues.probes.find(&probe).map(|probe| &probe.dimensions.value);
        let schedule = &case.plan.protocol().schedule;
        let skin = self.structures.iter().filter(|one| one.kind == "skin" && !one.not_marked);
        let motor = self.structures.iter().filter(|one| matches!(one.kind.as_str(), "motor-nerve" | "mixed-nerve"));
        PlanRecord {
            fingerprint: self.fingerprints.plan,
            assessment: self.fingerprints.answer,
            nerve: self.nerve.id,
            side: self.nerve.side,
            probe_gauge: None,
            probe_length_mm: dimensions.and_then(length_mm),
            probe,
            cycles: u32::try_from(phases(schedule, true).count()).unwrap_or(u32::MAX),
            freeze_s: phases(schedule, true).fold(0.0, f64::max),
            thaw_s: phases(schedule, false).reduce(f64::min).unwrap_or(0.0),
            guidance,
            disabled_mm: Some(self.nerve.disabled_length_mm),
            coldest_skin_c: skin.filter_map(|one| one.coldest_c).reduce(f64::min),
            motor: motor.map(|one| MotorMargin { nerve: one.name.clone(), margin_mm: one.closest_mm }).collect(),
            verdict: level_word(self.findings.iter().map(|finding| finding.level).max()).to_owned(),
            attachments: Vec::new(),
            computed: None,
        }
    }
}

/// From the end of the probe to where it leaves the hand piece, where the catalogue knows it.
fn length_mm(dimensions: &Dimensions) -> Option<f64> {
    let (Known::Known(active_mm), Known::Known(shaft_mm)) = (dimensions.active_length_mm, dimensions.shaft_length_mm)
    else {
        return None;
    };
    Some(dimensions.dead_tip_mm + active_mm + shaft_mm)
}

/// How long the freezes are, or the pauses between and after them. Of freezes that differ a step takes over the longest, of pauses
/// the shortest; the case file that goes with it has them all.
fn phases(schedule: &Schedule, freezes: bool) -> impl Iterator<Item = f64> {
    let wanted = schedule.phases.iter().filter(move |phase| (phase.kind == PhaseKind::Freeze) == freezes);
    wanted.map(|phase| phase.duration_s)
}

fn level_word(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::Ok) => "ok",
        Some(Level::Warn) => "warn",
        Some(Level::Stop) => "stop",
        // An assessment without any finding says nothing.
        Some(Level::Unknown) | None => "unknown",
    }
}
