//! Freezing protocols, from `data/protocols.toml`.
//!
//! Knows: phases and their times, which cryogen they are meant for, and what studies say they did.
//! Does not know: which probe runs them, or where.

use frostline_freeze::{PhaseKind, Schedule};
use serde::{Deserialize, Serialize};

use super::rows::{CatalogueError, RowCheck, rows_of};
use super::sources::Sourced;

const FILE: &str = "protocols.toml";

/// What the probe does in one step, in the words of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Gas on.
    Freeze,
    /// Gas off.
    PassiveThaw,
    /// Helium or heater on.
    ActiveThaw,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What the probe does.
    #[serde(rename = "do")]
    pub kind: StepKind,
    /// For how long. Unit: s.
    pub seconds: f64,
}

/// The steps of a protocol.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// In order.
    pub steps: Vec<Step>,
}

/// One protocol that can be run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// Key.
    pub id: String,
    /// What it is.
    pub name: String,
    /// Keys of the cryogens it is meant for.
    pub cryogens: Vec<String>,
    /// Whether it is proposed when nobody chose another for such a cryogen.
    pub proposed: bool,
    /// What happens when.
    pub course: Sourced<Steps>,
}

/// How a study froze, as far as it can be read; its times may be unknown.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudySettings {
    /// Which nerves, by their key in the atlas.
    pub nerves: Vec<String>,
    /// Who and what.
    pub study: String,
    /// Device and guidance.
    pub device: String,
    /// Times and temperatures, or that they were not seen.
    pub settings: String,
    /// What came of it.
    pub outcome: String,
}

/// What is offered when a probe did not land where it was aimed, and how long it takes besides the freeze itself.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RescueRow {
    /// Freezes are made longer by these factors.
    pub longer_times: Vec<f64>,
    /// To take the probe out and put it in again, with images.
    pub reinsert_s: f64,
    /// To move it along its way, with an image.
    pub move_s: f64,
    /// To put something warm on the skin.
    pub warm_skin_s: f64,
}

/// All protocols.
#[derive(Clone, Debug, PartialEq)]
pub struct Protocols {
    protocols: Vec<Protocol>,
    studies: Vec<Sourced<StudySettings>>,
    rescue: Sourced<RescueRow>,
}

impl Protocols {
    /// Reads `protocols.toml`.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the row and the value.
    pub fn from_toml(text: &str) -> Result<Self, CatalogueError> {
        let rows = rows_of(FILE, text, &["protocol", "study", "rescue"])?;
        let protocols: Vec<Protocol> = rows.list("protocol")?;
        protocols.iter().try_for_each(check)?;
        let rescue: Sourced<RescueRow> = rows.one("rescue")?;
        let check = RowCheck::new(FILE, "rescue");
        rescue.value.longer_times.iter().try_for_each(|times| check.between("longer_times", *times, 1.0, 4.0))?;
        for (what, found) in [
            ("reinsert_s", rescue.value.reinsert_s),
            ("move_s", rescue.value.move_s),
            ("warm_skin_s", rescue.value.warm_skin_s),
        ] {
            check.between(what, found, 0.0, 3600.0)?;
        }
        Ok(Self { protocols, studies: rows.list("study")?, rescue })
    }

    /// The protocol with this key.
    pub fn find(&self, id: &str) -> Option<&Protocol> {
        self.protocols.iter().find(|protocol| protocol.id == id)
    }

    /// The protocol that is proposed for a cryogen.
    pub fn proposed_for(&self, cryogen: &str) -> Option<&Protocol> {
        self.protocols.iter().find(|protocol| protocol.proposed && protocol.cryogens.iter().any(|id| id == cryogen))
    }

    /// All protocols, in the order of the file.
    pub fn all(&self) -> &[Protocol] {
        &self.protocols
    }

    /// What is offered when a probe did not land where it was aimed.
    pub fn rescue(&self) -> &Sourced<RescueRow> {
        &self.rescue
    }

    /// How published studies froze.
    pub fn studies(&self) -> &[Sourced<StudySettings>] {
        &self.studies
    }
}

impl Protocol {
    /// The phases for the heat solver.
    pub fn schedule(&self) -> Schedule {
        let phases: Vec<(PhaseKind, f64)> =
            self.course.value.steps.iter().map(|step| (step.kind.phase(), step.seconds)).collect();
        Schedule::of(&phases)
    }
}

impl StepKind {
    fn phase(self) -> PhaseKind {
        match self {
            StepKind::Freeze => PhaseKind::Freeze,
            StepKind::PassiveThaw => PhaseKind::PassiveThaw,
            StepKind::ActiveThaw => PhaseKind::ActiveThaw,
        }
    }
}

fn check(protocol: &Protocol) -> Result<(), CatalogueError> {
    let check = RowCheck::new(FILE, &protocol.id);
    check.words("name", &protocol.name)?;
    let steps = &protocol.course.value.steps;
    if steps.first().is_none_or(|step| step.kind != StepKind::Freeze) {
        return check.wrong(
            "course.steps",
            "no freeze at the beginning".to_owned(),
            "a first step that freezes".to_owned(),
        );
    }
    // Half an hour is longer than any freeze that was found; a larger number is a slip of the pen.
    steps.iter().try_for_each(|step| check.between("course.steps.seconds", step.seconds, 1.0, 1800.0))
}
