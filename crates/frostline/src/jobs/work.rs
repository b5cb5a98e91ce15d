//! What a job can be, and how it is carried out: by the same functions that the commands call.

use std::error::Error;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use frostline_plan::catalogue::Catalogues;
use frostline_plan::propose::ProposeStep;
use frostline_plan::robust::{Remedies, RobustSettings, robust};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::meter::{Meter, Runs};
use crate::case_file::{Case, TOLERANCES_MM, Unplanned, planned, unplanned_of};
use crate::commands::plan::{evaluated_telling, settings_of};
use crate::commands::propose::{SearchAsked, SearchProgress, proposals_json, step_words};
use crate::commands::robust::{CELLS_MM, RobustAsked};
use crate::error_text;

/// What is to be computed. A case file is the text that the commands read; pictures in it are named by the ids of
/// attachments (`sha256:..`).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// What `frostline plan` writes as assessment.json: the plan of the case, simulated and judged.
    Plan(PlanWork),
    /// What `frostline propose` writes as proposals.json.
    Propose(ProposeWork),
    /// What `frostline robust` writes as robust.json: the chance that the plan of the case succeeds.
    Robust(RobustWork),
}

/// A plan to simulate and judge.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanWork {
    /// The case file.
    pub case_file: String,
    /// How far off a surface may be; goes before the case. Unit: mm.
    #[serde(default)]
    #[schema(minimum = 0.01, maximum = 1.0)]
    pub tolerance_mm: Option<f64>,
}

/// A search for plans.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeWork {
    /// The case file; it needs no probe and no protocol.
    pub case_file: String,
    /// A smaller search for one plan.
    #[serde(default)]
    pub quick: bool,
    /// Worlds in which each plan that is shown is tried, 8 to 100000; 0 leaves the chance out.
    #[serde(default = "usual_worlds")]
    pub worlds: usize,
    /// Which worlds.
    #[serde(default = "usual_seed")]
    pub seed: u64,
}

/// A plan to try in possible worlds.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RobustWork {
    /// The case file.
    pub case_file: String,
    /// How many possible worlds are drawn, 8 to 100000.
    #[serde(default = "usual_samples")]
    pub samples: usize,
    /// Which ones.
    #[serde(default = "usual_seed")]
    pub seed: u64,
    /// The probe is guided with a tracked needle instead of free hand.
    #[serde(default)]
    pub tracked: bool,
    /// New worlds for every remedy instead of re-weighting.
    #[serde(default)]
    pub resample: bool,
    /// Cells around the probe, 0.3 to 2. Unit: mm.
    #[serde(default)]
    #[schema(minimum = 0.3, maximum = 2.0)]
    pub fine_mm: Option<f64>,
}

/// As `frostline propose --worlds`.
fn usual_worlds() -> usize {
    32
}

/// As `frostline robust --samples`.
fn usual_samples() -> usize {
    200
}

/// As `--seed` of both.
fn usual_seed() -> u64 {
    1
}

/// A setting that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct WorkFault {
    /// Which setting.
    pub field: &'static str,
    /// What was found, what was expected.
    pub detail: String,
}

/// Why there is no result.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Undone {
    /// The meter said stop.
    Stopped,
    /// The case cannot be used or has no answer; in the words of the commands.
    Refused(String),
}

impl Work {
    /// The word for its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Work::Plan(_) => "plan",
            Work::Propose(_) => "propose",
            Work::Robust(_) => "robust",
        }
    }

    /// The text of the case file.
    #[must_use]
    pub fn case_file(&self) -> &str {
        match self {
            Work::Plan(work) => &work.case_file,
            Work::Propose(work) => &work.case_file,
            Work::Robust(work) => &work.case_file,
        }
    }

    /// Digest of everything that was put in.
    #[must_use]
    pub fn digest(&self) -> String {
        // Strings and numbers are always JSON.
        let text = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Refuses settings that cannot be, before anything waits for a worker. The case file is judged by the worker.
    ///
    /// # Errors
    /// The setting, what was found and what is expected.
    pub fn check(&self) -> Result<(), WorkFault> {
        match self {
            Work::Plan(work) => within("tolerance_mm", work.tolerance_mm, TOLERANCES_MM),
            Work::Propose(work) => work.asked(1).chance_settings().map_or(Ok(()), |asked| worlds("worlds", &asked)),
            Work::Robust(work) => {
                within("fine_mm", work.fine_mm, CELLS_MM)?;
                worlds("samples", &work.asked().settings(1))
            }
        }
    }

    /// Carries it out and gives the JSON that the command of the same name writes. `text` is the case file with paths that
    /// lead to files, which lie beside `path`.
    pub(super) fn carried_out(
        &self,
        (text, path): (&str, &Path),
        threads: usize,
        meter: &Meter,
    ) -> Result<String, Undone> {
        let found = self.tried((text, path), threads, meter);
        if meter.was_stopped() {
            return Err(Undone::Stopped);
        }
        found.map_err(|error| Undone::Refused(error_text(error.as_ref())))
    }

    fn tried(&self, (text, path): (&str, &Path), threads: usize, meter: &Meter) -> Result<String, Box<dyn Error>> {
        let case = unplanned_of(text, path, &Catalogues::bundled()?, &[])?;
        match self {
            Work::Plan(work) => assessment(&planned(case)?, work.tolerance_mm, threads, meter),
            Work::Propose(work) => proposals(&case, work.asked(threads), meter),
            Work::Robust(work) => chance(&planned(case)?, &work.asked().settings(threads), meter),
        }
    }
}

impl ProposeWork {
    fn asked(&self, threads: usize) -> SearchAsked {
        SearchAsked { quick: self.quick, worlds: self.worlds, seed: self.seed, threads }
    }
}

impl RobustWork {
    fn asked(&self) -> RobustAsked {
        let RobustWork { samples, seed, tracked, resample, fine_mm, .. } = *self;
        RobustAsked { samples, seed, tracked, resample, fine_mm }
    }
}

fn within(field: &'static str, found: Option<f64>, range: RangeInclusive<f64>) -> Result<(), WorkFault> {
    // Written so that a number that is not one is refused too.
    match found {
        Some(found) if !range.contains(&found) => {
            let detail = format!("found {found}, expected {} to {} mm", range.start(), range.end());
            Err(WorkFault { field, detail })
        }
        _ => Ok(()),
    }
}

fn worlds(field: &'static str, settings: &RobustSettings) -> Result<(), WorkFault> {
    settings.check().map_err(|error| WorkFault { field, detail: error.to_string() })
}

fn assessment(case: &Case, tolerance_mm: Option<f64>, threads: usize, meter: &Meter) -> Result<String, Box<dyn Error>> {
    let settings = settings_of(case, tolerance_mm, Some(threads));
    let mut runs = Runs::default();
    let mut tell = |progress| {
        let (share, doing) = runs.at(progress);
        meter.tell(share, doing)
    };
    let evaluation = evaluated_telling(case, &settings, &mut tell)?;
    Ok(serde_json::to_string_pretty(&evaluation.assessment)?)
}

fn proposals(case: &Unplanned, asked: SearchAsked, meter: &Meter) -> Result<String, Box<dyn Error>> {
    let tell = |progress| match progress {
        SearchProgress::Proposing(progress) => {
            let (from, to) = stretch(progress.step);
            let share = progress.done as f64 / progress.of.max(1) as f64;
            let doing = format!("{}, {} of {}", step_words(progress.step), progress.done, progress.of);
            meter.tell(from + (to - from) * share, doing)
        }
        SearchProgress::HandMade => meter.tell(SEARCHED, "the plan of the case file"),
    };
    proposals_json(case, asked, &tell)
}

/// What a search leaves for the plan of the case file.
const SEARCHED: f64 = 0.9;

/// Where the steps of a search lie on its way, by what they took in the examples. Planning and chances come twice.
fn stretch(step: ProposeStep) -> (f64, f64) {
    match step {
        ProposeStep::Reach => (0.0, 0.1),
        ProposeStep::Planning => (0.1, 0.3),
        ProposeStep::Chances => (0.3, 0.8),
        ProposeStep::Confirming => (0.8, SEARCHED),
    }
}

fn chance(case: &Case, settings: &RobustSettings, meter: &Meter) -> Result<String, Box<dyn Error>> {
    // Remedies that are solved again take as many worlds each; some need none, then the way ends early.
    let again = settings.remedies == Remedies::DrawnAgain;
    let rounds = if again { 1 + case.catalogues.uncertainties.remedies().len() } else { 1 };
    let (ended, of) = (AtomicUsize::new(0), rounds * settings.samples);
    let tell = |done: usize| {
        // The number begins again with every round; just one call of a round brings the last one.
        let before = ended.fetch_add(usize::from(done >= settings.samples), Ordering::Relaxed);
        let solved = (before * settings.samples + done).min(of);
        meter.tell(solved as f64 / of as f64, format!("possible worlds, {solved} of {of}"))
    };
    let found = robust(&case.anatomy, &case.plan, &case.goals, &case.catalogues, settings, &tell)?;
    Ok(serde_json::to_string_pretty(&found)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A flat limb, one probe in stock, coarse cells.
    const CASE: &str = include_str!("../../tests/jobs/sural.toml");

    fn of(settings: &str) -> Work {
        let mut work: serde_json::Value = serde_json::from_str(settings).unwrap();
        let kind = work.as_object_mut().unwrap().values_mut().next().unwrap();
        kind["case_file"] = CASE.into();
        serde_json::from_value(work).unwrap()
    }

    fn tried(work: &Work, meter: &Meter) -> Result<String, Undone> {
        work.carried_out((work.case_file(), Path::new("case file")), 1, meter)
    }

    #[test]
    fn whoever_hears_stop_ends_there_and_gives_no_result() {
        // A search tells each of its first scenes as not solved, and ends; the others tell nothing more.
        let most =
            [(r#"{"plan": {}}"#, 1), (r#"{"robust": {"samples": 64}}"#, 1), (r#"{"propose": {"quick": true}}"#, 8)];
        for (settings, most) in most {
            let (work, meter) = (of(settings), Meter::default());
            meter.stop();
            assert_eq!(tried(&work, &meter), Err(Undone::Stopped), "{settings}");
            assert!(meter.told() <= most, "{settings}: {}", meter.told());
        }
    }

    #[test]
    fn a_plan_tells_how_far_it_is_up_to_its_end() {
        let meter = Meter::default();
        let result = tried(&of(r#"{"plan": {"tolerance_mm": 1.0}}"#), &meter).unwrap();
        assert!(result.contains("\"findings\""), "{result}");
        let (share, doing) = meter.at();
        assert!((COARSE_AND_ONE..1.0).contains(&share), "{share}");
        assert!(doing.starts_with("freezing, 385 of 385 s in run"), "{doing}");
        assert!(meter.told() > 20, "{}", meter.told());
    }

    /// Two runs at least: 0.15 and four fifths of the rest.
    const COARSE_AND_ONE: f64 = 0.829;

    #[test]
    fn possible_worlds_count_from_none_to_all() {
        let meter = Meter::default();
        tried(&of(r#"{"robust": {"samples": 16, "fine_mm": 2.0}}"#), &meter).unwrap();
        assert_eq!(meter.at(), (1.0, "possible worlds, 16 of 16".to_owned()));
    }

    #[test]
    fn settings_out_of_range_are_refused_by_name_at_and_just_over_the_edge() {
        let field = |settings: &str| of(settings).check().err().map(|fault| fault.field);
        assert_eq!(field(r#"{"plan": {"tolerance_mm": 1.0}}"#), None);
        assert_eq!(field(r#"{"plan": {"tolerance_mm": 1.001}}"#), Some("tolerance_mm"));
        assert_eq!(field(r#"{"robust": {"fine_mm": 0.3}}"#), None);
        assert_eq!(field(r#"{"robust": {"fine_mm": 0.299}}"#), Some("fine_mm"));
        assert_eq!(field(r#"{"robust": {"samples": 8}}"#), None);
        assert_eq!(field(r#"{"robust": {"samples": 7}}"#), Some("samples"));
        assert_eq!(field(r#"{"propose": {"worlds": 0}}"#), None);
        assert_eq!(field(r#"{"propose": {"worlds": 100001}}"#), Some("worlds"));
    }

    #[test]
    fn a_digest_changes_with_every_setting_and_not_with_what_was_left_out() {
        let digest = |settings: &str| of(settings).digest();
        assert_eq!(digest(r#"{"robust": {}}"#), digest(r#"{"robust": {"samples": 200, "seed": 1}}"#));
        assert_ne!(digest(r#"{"robust": {}}"#), digest(r#"{"robust": {"seed": 2}}"#));
        assert_ne!(digest(r#"{"robust": {}}"#), digest(r#"{"plan": {}}"#));
    }
}
