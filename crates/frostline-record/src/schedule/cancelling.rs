//! Why a booking must be cancelled.

use crate::rules::{Day, Ruled, Verdict};

use super::settings::{CancellationReason, ScheduleSettings};

/// The key of the row for the payer.
const PAYER: &str = "payer";

/// What a payer has approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayerApproval {
    /// None is needed.
    NotNeeded,
    /// Until this day.
    Until(Day),
    /// Nobody has it yet.
    Missing,
}

impl ScheduleSettings {
    /// Why a booking of that day must be cancelled: a rule stops it and nobody who may has decided otherwise, or the
    /// payer's approval does not reach so far. Nothing when it may take place.
    pub fn must_be_cancelled(
        &self,
        ruled: &[Ruled],
        payer: PayerApproval,
        on: Day,
    ) -> Option<(&CancellationReason, String)> {
        for one in ruled.iter().filter(|one| one.ruling.verdict == Verdict::Stop && !one.may_go_on()) {
            let reason = self.cancellation_reasons().iter().find(|reason| reason.stops.contains(&one.ruling.rule));
            if let Some(reason) = reason {
                return Some((reason, format!("{}: {}", one.ruling.rule, one.ruling.text)));
            }
        }
        let why = match payer {
            PayerApproval::Missing => "nobody has the payer's approval",
            PayerApproval::Until(last) if on > last => "the payer's approval is over on that day",
            PayerApproval::Until(_) | PayerApproval::NotNeeded => return None,
        };
        self.cancellation(PAYER).map(|reason| (reason, why.to_owned()))
    }
}
