//! How far a booking has come, and what may follow.

use serde::{Deserialize, Serialize};

/// How far a booking has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BookingState {
    /// Somebody thinks about it.
    Draft,
    /// The slot is held; block, drugs or payer are still open.
    AwaitingClearance,
    /// Nothing is open any more.
    Cleared,
    /// The patient knows the time.
    Booked,
    /// The patient is here.
    Arrived,
    /// From the time-out to the dressing.
    InProcedure,
    /// In the bay.
    Recovery,
    /// Gone home.
    Discharged,
    /// Asked how it goes.
    FollowUp,
    /// Nothing more is awaited.
    Closed,
    /// Will not take place.
    Cancelled,
    /// The patient did not come.
    NoShow,
}

/// A step that a booking may not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found a booking that is {}, which cannot become {}: {why}", from.word(), to.word())]
pub struct StateRefused {
    /// What it is.
    pub from: BookingState,
    /// What it should become.
    pub to: BookingState,
    /// Why not, and what to do.
    pub why: &'static str,
}

use BookingState::{
    Arrived, AwaitingClearance, Booked, Cancelled, Cleared, Closed, Discharged, Draft, FollowUp, InProcedure, NoShow,
    Recovery,
};

impl BookingState {
    /// Every state.
    pub const ALL: [BookingState; 12] = [
        Draft,
        AwaitingClearance,
        Cleared,
        Booked,
        Arrived,
        InProcedure,
        Recovery,
        Discharged,
        FollowUp,
        Closed,
        Cancelled,
        NoShow,
    ];

    /// The word in files and on screens.
    pub fn word(self) -> &'static str {
        match self {
            Draft => "draft",
            AwaitingClearance => "awaiting-clearance",
            Cleared => "cleared",
            Booked => "booked",
            Arrived => "arrived",
            InProcedure => "in-procedure",
            Recovery => "recovery",
            Discharged => "discharged",
            FollowUp => "follow-up",
            Closed => "closed",
            Cancelled => "cancelled",
            NoShow => "no-show",
        }
    }

    /// Whether room, people and bay are taken.
    pub fn holds_time(self) -> bool {
        !matches!(self, Cancelled | NoShow)
    }

    /// Whether probes and gas are set aside. Afterwards they are used, and gone from the stock.
    pub fn holds_stock(self) -> bool {
        matches!(self, Draft | AwaitingClearance | Cleared | Booked | Arrived | InProcedure)
    }

    /// Whether it may still be moved or cancelled.
    pub fn is_ahead(self) -> bool {
        matches!(self, Draft | AwaitingClearance | Cleared | Booked | Arrived)
    }

    /// Whether this may become that.
    ///
    /// # Errors
    /// [`StateRefused`] with why, and what to do.
    pub fn may_become(self, to: BookingState) -> Result<(), StateRefused> {
        let allowed = match self {
            Draft => &[AwaitingClearance, Cancelled][..],
            AwaitingClearance => &[Cleared, Cancelled],
            // A clearance may be lost again: a drug was taken, a week of the payer is over.
            Cleared => &[Booked, AwaitingClearance, Cancelled],
            Booked => &[Arrived, AwaitingClearance, Cancelled, NoShow],
            Arrived => &[InProcedure, Cancelled],
            InProcedure => &[Recovery],
            Recovery => &[Discharged],
            Discharged => &[FollowUp],
            FollowUp => &[Closed],
            Closed | Cancelled | NoShow => &[],
        };
        if allowed.contains(&to) {
            return Ok(());
        }
        Err(StateRefused { from: self, to, why: why_not(self, to) })
    }
}

fn why_not(from: BookingState, to: BookingState) -> &'static str {
    match (from, to) {
        (Cancelled | NoShow, _) => "it is over; make a new booking",
        (Closed, _) => "the case is closed; make a new booking for another treatment",
        (one, other) if one == other => "it already is",
        (Draft | AwaitingClearance, Booked | Arrived | InProcedure) => {
            "block, drugs or payer are not cleared yet; clear them first"
        }
        (Cleared, Arrived | InProcedure) => "the patient was not told the time yet; book it first",
        (Booked, InProcedure) => "nobody wrote down that the patient arrived; do that first",
        (InProcedure, Cancelled) => {
            "a procedure that began is ended, not cancelled; go on to recovery and say what was not done"
        }
        (Recovery | Discharged | FollowUp, Cancelled) => "the procedure took place; nothing is left to cancel",
        (InProcedure, Discharged) => "nobody may go home without recovery; score it first",
        (Recovery, FollowUp | Closed) => "the patient was not discharged yet; do that first",
        (Discharged, Closed) => "follow-up comes first",
        (_, NoShow) => "only a patient who was booked can fail to come; cancel it instead",
        _ => "states follow one another; take the next one",
    }
}
