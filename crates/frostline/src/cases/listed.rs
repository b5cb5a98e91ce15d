//! What a list of cases shows of each, kept beside its events.

use frostline_plan::anatomy::Side;
use frostline_record::case::{Case, Stage};
use frostline_record::rules::{Day, Moment};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::store::Summary;

/// One line of a list of cases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ListedCase {
    /// The name of the case.
    pub id: Uuid,
    /// The patient's name.
    pub patient: String,
    /// Day of birth.
    pub born: Day,
    /// Number in the records of the site.
    pub record_number: Option<String>,
    /// Key of the nerve in the atlas, once somebody named one.
    pub nerve: Option<String>,
    /// Which leg.
    #[schema(value_type = String)]
    pub side: Side,
    /// Where it stands.
    pub stage: Stage,
    /// When it is booked.
    pub start: Option<Moment>,
    /// Where.
    pub room: Option<String>,
    /// Day of the freeze.
    pub treated_on: Option<Day>,
    /// How many steps were signed.
    pub steps: u64,
}

impl ListedCase {
    /// Of a case.
    pub fn of(id: Uuid, case: &Case) -> Self {
        // A case begins with its referral; `Case` refuses anything else.
        let referral = case.referral().expect("every case has a referral");
        let site = case.site();
        Self {
            id,
            patient: referral.patient.name(),
            born: referral.patient.born,
            record_number: referral.patient.record_number.clone(),
            nerve: site.as_ref().map(|site| site.nerve.clone()),
            side: site.map_or(referral.site.side, |site| site.side),
            stage: case.stage(),
            start: case.booking().map(|booking| booking.start),
            room: case.booking().map(|booking| booking.room.clone()),
            treated_on: case.treated_on(),
            steps: case.steps().len() as u64,
        }
    }

    pub(super) fn summary(&self) -> Value {
        json!(self)
    }

    /// From what is kept; nothing for a case that was erased.
    pub(super) fn of_summary(kept: &Summary) -> Option<Self> {
        serde_json::from_value(kept.summary.clone()).ok()
    }
}
