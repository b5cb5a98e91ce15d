//! What is written down at each step of a patient's way. Fields that may be unknown are optional: absent means nobody
//! asked or nobody knows, and never zero or no.

mod closing;
mod day;
mod indication;
mod log_line;
mod planning;
mod preparation;
mod procedure;
mod recovery;
mod referral;
mod sound;

pub use closing::{
    AdverseEvent, CaseClosed, CodingConfirmed, ContactTried, Correction, EventOutcome, EventSettled, EventTreatment,
    FollowUpAnswers, Management, OverrideRequest, Question, ReportSigned, Severity,
};
pub use day::{Arrival, Checklist, TimeOut};
pub use indication::{
    BlockRecord, Cause, Diagnosis, Exam, FailedLine, Indication, InstrumentScore, MusclePower, NoBlock, NoBlockReason,
    PreviousFreeze, PreviousTreatment, Screening,
};
pub use log_line::LogLine;
pub use planning::{
    ComputedBy, Consent, Imaging, Leaning, MotorMargin, NumbersFrom, OwnReason, PlanApproval, PlanRecord, SpokenBack,
    StudyImage,
};
pub use preparation::{
    Booking, Cancellation, Clearance, DRUG_DECIDERS, DecidedBy, DrugCountersignature, DrugDecision, DrugDose,
    DrugOnList, DrugWord, Labs, PersonOnTeam, Preparation, Prescriber, Sedation, SessionPart, Told,
};
pub use procedure::{
    AnaestheticGiven, Comfort, Equipment, FluidGiven, FreezeStart, FreezeStop, ImageKind, ImageStored, Logged,
    MotorTest, Needle, Observation, Position, ProbeOut, ProbeTornOut, Reposition, SedativeGiven, SkinPreparation,
    Stimulation, StimulationKind, TeamChange, Thaw, Volume,
};
pub use recovery::{ActivityAgain, Discharge, Instructions, RecoveryLook, RestartTime};
pub use referral::{Goal, Patient, PayerAsks, PayerChoice, Person, Referral, RequestedSite};
pub(super) use sound::sound;
