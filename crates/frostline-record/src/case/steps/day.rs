//! The day: arrival, sign-in, time-out, sign-out.

use std::collections::BTreeMap;

use frostline_plan::anatomy::Side;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::{Answer, Pregnancy, Site};

/// The patient is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrival {
    /// Two different things by which the patient was known, such as name and day of birth.
    pub known_by: Vec<String>,
    /// Pregnancy, asked or tested today.
    pub pregnancy: Pregnancy,
    /// Somebody takes the patient home.
    #[serde(default)]
    pub escort: Answer,
    /// Fever, cough, vomiting or another reason to wait.
    #[serde(default)]
    pub unwell: Answer,
    /// Sugar in the blood, measured today. Unit: mg/dL.
    #[serde(default)]
    pub glucose_mg_per_dl: Option<f64>,
}

/// A checklist: answers by the keys of `data/pathway.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// Answers by key.
    pub answers: BTreeMap<String, Answer>,
    /// What else is treated in this session, as the patient said it; at the sign-in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together_with: Vec<Site>,
    /// Blood that was lost, by estimate; at the sign-out. Unit: mL.
    #[serde(default)]
    pub blood_loss_ml: Option<u32>,
    /// Time under X-rays; at the sign-out. Unit: s.
    #[serde(default)]
    pub fluoroscopy_s: Option<u32>,
    /// Dose-area product; at the sign-out. Unit: mGy cm2.
    #[serde(default)]
    pub dose_area_mgy_cm2: Option<u32>,
}

/// Everybody stops and says who, where and what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeOut {
    /// The nerve that was said aloud, by its key.
    pub nerve: String,
    /// The leg that was said aloud.
    #[schema(value_type = String)]
    pub side: Side,
    /// What else is treated in this session, said aloud too; each has a time-out of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together_with: Vec<Site>,
    /// The list.
    pub answers: BTreeMap<String, Answer>,
}

impl TimeOut {
    /// Nerve and side as said aloud.
    pub fn site(&self) -> Site {
        Site { nerve: self.nerve.clone(), side: self.side }
    }
}
