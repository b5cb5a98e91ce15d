//! Who may sign which step.

use frostline_record::case::StepKind;

use crate::accounts::Permission;

/// The permissions of which one is enough to sign a step of this kind.
pub fn allowed(kind: StepKind) -> &'static [Permission] {
    use Permission as May;
    match kind {
        StepKind::Referred | StepKind::GoalSaid => &[May::Refer],
        StepKind::Indicated | StepKind::Blocked | StepKind::NotBlocked | StepKind::Examined => &[May::Indicate],
        StepKind::Screened
        | StepKind::LabsSeen
        | StepKind::DrugListed
        | StepKind::DrugTaken
        | StepKind::SedationChosen
        | StepKind::Prepared
        | StepKind::Cleared => &[May::Prepare],
        StepKind::DrugDecided => &[May::DecideBloodThinner, May::TakeDownDecision],
        StepKind::DrugCountersigned => &[May::DecideBloodThinner],
        StepKind::Imaged => &[May::LinkImages],
        StepKind::Planned => &[May::Plan],
        StepKind::PlanApproved | StepKind::ReportSigned => &[May::Approve],
        StepKind::Consented => &[May::Consent],
        // Whoever hears it writes it down.
        StepKind::ConsentWithdrawn | StepKind::Noted => &[May::ReadCase],
        StepKind::Booked | StepKind::Cancelled | StepKind::Arrived => &[May::Schedule],
        StepKind::SignedIn | StepKind::TimedOut | StepKind::SignedOut => &[May::DayChecks],
        StepKind::Logged => &[May::ProcedureLog],
        StepKind::Recovered => &[May::Recovery],
        StepKind::Instructed | StepKind::Discharged => &[May::Discharge],
        StepKind::EventReported | StepKind::EventSettled => &[May::AdverseEvent],
        StepKind::Answered | StepKind::ContactTried | StepKind::Closed => &[May::FollowUp],
        StepKind::PayerChosen => &[May::Refer, May::CodeClaim],
        StepKind::CodesConfirmed => &[May::CodeClaim],
        StepKind::Overridden => &[May::Override],
        StepKind::Corrected => &[May::Correct],
    }
}

/// Whether who signs must have seen the case as it is. What already happened is written down without.
pub fn seen_needed(kind: StepKind) -> bool {
    !crate::cases::happened(kind)
}
