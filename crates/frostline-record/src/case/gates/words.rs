//! What a missing thing is told as: what was found, and what to do.

use super::Need;

impl Need {
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Need::Goal => "found no goal in the patient's words; ask what the patient wants to reach",
            Need::Indication => "found no indication; write down why a freeze is considered",
            Need::Screening => "nobody asked about contraindications; ask every question",
            Need::Block => "found no diagnostic block, nor why there was none; write down one of both",
            Need::TracedNerve => "the nerve was not followed in images; image it and trace it",
            Need::Exam => "nobody tested feeling and power before; examine the patient",
            Need::Consent => "found no consent that stands; talk to the patient and let them sign",
            Need::Sedation => "nobody chose how the patient is kept calm; choose a level of sedation",
            Need::SedationExplained => {
                "nobody wrote down who explained the sedation; explain it and choose it again with that name"
            }
            Need::Glucose => "the patient has diabetes and no glucose of today is written down; measure it first",
            Need::Booking => "found no booking; book room, team and time",
            Need::Clearance => {
                "the patient is not cleared, or something changed since; look at everything and clear again"
            }
            Need::Arrival => "the patient has not arrived; register the arrival",
            Need::SignIn => "the sign-in is not done; do it first",
            Need::TimeOut => "the time-out is not done; do it first",
            Need::Equipment => "nobody looked at probe and gas; test the probe for leaks and write down its lot",
            Need::ProbeIn => "no probe is in; place it first",
            Need::TipImage => "no image of the tip is stored; store one before the gas is opened",
            Need::NoFreezeRunning => "a freeze is running; close the gas first",
            Need::FreezeRunning => "no freeze is running; write down when the gas was opened",
            Need::ProbeOut => "the probe is not out; take it out first",
            Need::SignOut => "the sign-out is not done; do it first",
            Need::Recovery => "nobody looked at the patient after the procedure; do it first",
            Need::Instructions => {
                "instructions were not given, or not understood; tell them and let the patient say them back"
            }
            Need::Discharged => "the patient is not discharged yet; discharge them first",
            Need::Report => "the report is not signed; let the operator sign it",
            Need::EventsSettled => "an adverse event has no outcome; settle it first",
            Need::CleanSkin => "nobody cleaned the skin; do it first",
            Need::SameDay => "sign-in or time-out are of another day; do them again",
            Need::NotSignedOut => {
                "the sign-out is done; sign the patient in again and do a time-out before anything is frozen"
            }
            Need::Frozen => "nothing was frozen; write down the freeze first",
            Need::NotFrozen => {
                "the procedure took place already; write a note, or open another case for another freeze"
            }
            Need::NotDischarged => "the patient is at home; open another case for another freeze",
            Need::NoProbeIn => "the probe is in; take it out first",
            Need::NobodyInRoom => "the patient is in the room; sign out, or cancel the day, first",
            Need::ReportIfTreated => "the report is not signed; let the operator sign it",
            Need::PlannedProbe
            | Need::PlanReason
            | Need::Interpreter
            | Need::Restarts
            | Need::NewEvent
            | Need::KnownEvent
            | Need::KnownStep
            | Need::Plan
            | Need::ApprovedPlan
            | Need::DrugListed
            | Need::ToldDecision
            | Need::DrugsDecided
            | Need::Answered
            | Need::Rules(_)
            | Need::NoStop(_)
            | Need::Asked(_)
            | Need::WholeSession
            | Need::SameSession
            | Need::OneClaim
            | Need::AsProposed
            | Need::OverdoseTold
            | Need::EventsWhole => "",
        }
    }
}
