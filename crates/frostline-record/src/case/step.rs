//! The steps, and their kinds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::steps::*;

macro_rules! step_kinds {
    ($($(#[$doc:meta])* $variant:ident($body:ty) = $word:literal),* $(,)?) => {
        /// One thing that happened or was decided. A new kind is a new variant; the compiler lists what must know it.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(tag = "kind", content = "body", rename_all = "kebab-case")]
        pub enum Step {
            $($(#[$doc])* $variant($body),)*
        }

        /// What kind of step.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum StepKind {
            $($(#[$doc])* $variant,)*
        }

        impl Step {
            /// Its kind.
            pub fn kind(&self) -> StepKind {
                match self { $(Step::$variant(_) => StepKind::$variant,)* }
            }
        }

        impl StepKind {
            /// Every kind, in the order of the way.
            pub const ALL: &[StepKind] = &[$(StepKind::$variant),*];

            /// The word in files and on screens.
            pub fn word(self) -> &'static str {
                match self { $(StepKind::$variant => $word,)* }
            }
        }
    };
}

step_kinds! {
    /// A request arrived; always the first step.
    Referred(Referral) = "referred",
    /// What the patient wants.
    GoalSaid(Goal) = "goal-said",
    /// Why a freeze is considered.
    Indicated(Indication) = "indicated",
    /// A diagnostic block was done.
    Blocked(BlockRecord) = "blocked",
    /// No diagnostic block, and why.
    NotBlocked(NoBlock) = "not-blocked",
    /// Contraindications were asked.
    Screened(Screening) = "screened",
    /// Values of the laboratory.
    LabsSeen(Labs) = "labs-seen",
    /// A drug against clotting is on the list.
    DrugListed(DrugOnList) = "drug-listed",
    /// A clinician decided about it.
    DrugDecided(DrugDecision) = "drug-decided",
    /// Somebody who may decide stands by a decision that was told.
    DrugCountersigned(DrugCountersignature) = "drug-countersigned",
    /// When it was last taken.
    DrugTaken(DrugDose) = "drug-taken",
    /// How the patient is kept calm.
    SedationChosen(Sedation) = "sedation-chosen",
    /// Who pays.
    PayerChosen(PayerChoice) = "payer-chosen",
    /// Images show the nerve.
    Imaged(Imaging) = "imaged",
    /// Feeling and power before.
    Examined(Exam) = "examined",
    /// A plan was assessed.
    Planned(PlanRecord) = "planned",
    /// It may be carried out.
    PlanApproved(PlanApproval) = "plan-approved",
    /// Consent was given.
    Consented(Consent) = "consented",
    /// Consent was taken back, in the patient's words.
    ConsentWithdrawn(String) = "consent-withdrawn",
    /// When and where.
    Booked(Booking) = "booked",
    /// It does not take place then.
    Cancelled(Cancellation) = "cancelled",
    /// Ready for the day.
    Cleared(Clearance) = "cleared",
    /// The patient is there.
    Arrived(Arrival) = "arrived",
    /// What was eaten and drunk, and who takes the patient home.
    Prepared(Preparation) = "prepared",
    /// The first list.
    SignedIn(Checklist) = "signed-in",
    /// The second list, said aloud.
    TimedOut(TimeOut) = "timed-out",
    /// A line of the log of the procedure.
    Logged(LogLine) = "logged",
    /// The last list.
    SignedOut(Checklist) = "signed-out",
    /// A look at the patient afterwards.
    Recovered(RecoveryLook) = "recovered",
    /// Instructions were given.
    Instructed(Instructions) = "instructed",
    /// The patient went home.
    Discharged(Discharge) = "discharged",
    /// The report is signed.
    ReportSigned(ReportSigned) = "report-signed",
    /// Something went wrong.
    EventReported(AdverseEvent) = "event-reported",
    /// How it ended.
    EventSettled(EventSettled) = "event-settled",
    /// The patient answered.
    Answered(FollowUpAnswers) = "answered",
    /// Somebody tried to reach the patient.
    ContactTried(ContactTried) = "contact-tried",
    /// A coder confirmed the codes.
    CodesConfirmed(CodingConfirmed) = "codes-confirmed",
    /// Somebody goes on in spite of a ruling.
    Overridden(OverrideRequest) = "overridden",
    /// An earlier step was wrong.
    Corrected(Correction) = "corrected",
    /// A remark.
    Noted(String) = "noted",
    /// The case ends.
    Closed(CaseClosed) = "closed",
}
