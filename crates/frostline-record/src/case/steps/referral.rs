//! Who is sent, by whom, and why.

use frostline_plan::anatomy::Side;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::{Answer, Day, Site};

/// The patient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Patient {
    /// Family name.
    pub family_name: String,
    /// Given names.
    pub given_names: String,
    /// Day of birth.
    pub born: Day,
    /// Number in the records of the site.
    #[serde(default)]
    pub record_number: Option<String>,
    /// Whether formulas for women hold (clearance, ideal weight).
    #[serde(default)]
    pub female: Answer,
    /// Language for papers, such as `en` or `es`.
    pub language: String,
    /// Whether an interpreter is needed.
    #[serde(default)]
    pub interpreter: Answer,
    /// How to reach the patient.
    #[serde(default)]
    pub phone: Option<String>,
}

impl Patient {
    /// Given and family name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given_names.trim(), self.family_name.trim()).trim().to_owned()
    }
}

/// Somebody who is named in the record and may have no account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Practice or hospital.
    #[serde(default)]
    pub organisation: Option<String>,
    /// How to reach them.
    #[serde(default)]
    pub contact: Option<String>,
}

/// Which nerve on which side is asked for. The nerve may still be open; the side may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedSite {
    /// Key of the nerve in the atlas, when the referrer names one.
    #[serde(default)]
    pub nerve: Option<String>,
    /// Which leg.
    #[schema(value_type = String, example = "left")]
    pub side: Side,
}

impl RequestedSite {
    /// As a site, when the nerve is named.
    pub fn site(&self) -> Option<Site> {
        self.nerve.as_ref().map(|nerve| Site { nerve: nerve.clone(), side: self.side })
    }
}

/// A request for the procedure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Referral {
    /// Who is sent.
    pub patient: Patient,
    /// By whom.
    pub referrer: Person,
    /// What is asked for.
    pub site: RequestedSite,
    /// The pain, in the referrer's words.
    pub problem: String,
    /// Procedure code asked for; the number only.
    #[serde(default)]
    pub code: Option<String>,
}

/// What the patient wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// In the patient's own words.
    pub words: String,
    /// Pain that would be good enough, 0 to 10.
    #[serde(default)]
    pub pain: Option<crate::rules::PainScore>,
    /// What the patient wants to do again.
    #[serde(default)]
    pub activity: Option<String>,
}

/// Who pays, as far as it is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayerChoice {
    /// Key of a profile of `data/codes.toml`; absent when the payer is not known, or none of the list.
    #[serde(default)]
    pub profile: Option<String>,
    /// The payer's own name, or why it is not known.
    pub words: String,
    /// Number of the authorisation, once the payer gave one.
    #[serde(default)]
    pub authorisation: Option<String>,
    /// What this payer asks to have been tried before, when somebody read it.
    #[serde(default)]
    pub asks: Option<PayerAsks>,
}

/// What a payer asks to have been tried before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayerAsks {
    /// Kinds of treatment.
    pub lines: usize,
    /// Each for at least. Unit: week.
    pub weeks: f64,
}
