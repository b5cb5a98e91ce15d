//! After the procedure, until the patient goes home.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::indication::MusclePower;
use super::planning::SpokenBack;
use super::procedure::Observation;
use crate::rules::{Answer, Day, Moment, PainScore};

/// A look at the patient after the procedure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecoveryLook {
    /// Pain.
    #[serde(default)]
    pub pain: Option<PainScore>,
    /// Modified Aldrete score, 0 to 10, after sedation.
    #[serde(default)]
    pub aldrete: Option<u8>,
    /// Post-anaesthetic discharge score, 0 to 10, after sedation.
    #[serde(default)]
    pub padss: Option<u8>,
    /// Walks as before or with an aid.
    #[serde(default)]
    pub walks: Answer,
    /// Pain is no more than agreed.
    #[serde(default)]
    pub pain_as_agreed: Answer,
    /// The place is dry.
    #[serde(default)]
    pub dry: Answer,
    /// No sign that local anaesthetic went where it should not.
    #[serde(default)]
    pub no_toxic_signs: Answer,
    /// Power of the muscles at risk.
    pub power: Vec<MusclePower>,
    /// Somebody explained why a muscle is weaker and what to do.
    #[serde(default)]
    pub weakness_explained: Answer,
    /// Size of a swelling; 0 when there is none. Unit: mm.
    #[serde(default)]
    pub haematoma_mm: Option<f64>,
    /// The leg is numb, so that nobody should walk home alone on it.
    #[serde(default)]
    pub numb_leg: Answer,
    /// What the monitor shows.
    #[serde(default)]
    pub observed: Option<Observation>,
}

/// When to take a held drug again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestartTime {
    /// Its key.
    pub drug: String,
    /// From then on.
    pub at: Moment,
    /// Why earlier than the rule says, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_earlier: Option<String>,
}

/// From when on the patient may do something again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivityAgain {
    /// Which kind of work or sport, by its key in `data/pathway.toml`.
    pub activity: String,
    /// From this day; absent where the days of the list count.
    #[serde(default)]
    pub from: Option<Day>,
}

/// Instructions were given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instructions {
    /// Language.
    pub language: String,
    /// What was said, by the keys of `data/pathway.toml`.
    pub topics: Vec<String>,
    /// When each held drug starts again.
    pub restarts: Vec<RestartTime>,
    /// Teach-back.
    pub spoken_back: SpokenBack,
    /// Whom to call, at any hour.
    pub contact: String,
    /// Work and sport of this patient, each with its day.
    #[serde(default)]
    pub activities: Vec<ActivityAgain>,
    /// The day on which the dressing comes off; absent where the days of the list count.
    #[serde(default)]
    pub dressing_off: Option<Day>,
}

/// The patient goes home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Discharge {
    /// With whom.
    #[serde(default)]
    pub with: Option<String>,
    /// Where to.
    pub to: String,
}
