//! Documents for patients, clinicians and payers, as values made of plain inputs.
//!
//! Knows: what each document says, in which language, where its numbers come from, how hard it is to read.
//! Does not know: HTML, PDF, files, clocks.

mod calendar;
mod claim;
mod claim_inputs;
mod clinical;
mod clinical_inputs;
mod consent;
mod discharge;
mod document;
mod honest;
mod inputs;
mod leaflet;
mod letter;
mod of_case;
mod phrases;
mod piece;
mod plan_report;
mod preparation;
mod procedure_report;
mod reading;
mod slots;
mod syllables;
mod teaching;
mod wording;
mod writer;

pub use calendar::{Date, LocalTime, NoTime};
pub use claim::claim;
pub use claim_inputs::{ClaimInputs, ClaimLine, ClaimPlace, CodeStanding, DiagnosisLine, NoteLine, TreatmentLine};
pub use clinical_inputs::{
    ChecklistLine, ComfortLine, DoseLine, EventLine, FreezeLine, LetterInputs, LoggedLine, OverrideLine, PhaseLine,
    PlanInputs, PowerLine, PredictionLine, ProbeLine, ProcedureInputs, RecordedFact, TeamLine,
};
pub use consent::consent;
pub use discharge::discharge;
pub use document::{Audience, Block, Document, KeyFact, Kind, Language, Section, Signature, Table};
pub use honest::{Demand, HonestRule};
pub use inputs::{
    ActivityLine, Appointment, ConsentInputs, DischargeInputs, DrugAfter, DrugBefore, DrugDecision, FastingTime,
    FollowUpTime, Leg, Patient, Practice, PreparationInputs, QuestionAndAnswer, ReasonLine, Signed, TeachBack,
    Treatment, Visit,
};
pub use leaflet::leaflet;
pub use letter::letter;
pub use of_case::{
    Surroundings, claim_of, consent_of, discharge_of, letter_of, plan_of, preparation_of, procedure_of, visit_of,
};
pub use phrases::Phrases;
pub use plan_report::plan_report;
pub use preparation::preparation;
pub use procedure_report::procedure_report;
pub use reading::{Counts, ReadingLevel, reading_level, reading_level_of, reading_level_of_sections, sentences_of};
pub use slots::Slot;
pub use wording::{Alternative, DocumentBook, Number, Translation, Wording, WordingTexts};
pub use writer::{BLANK, DocumentError};
