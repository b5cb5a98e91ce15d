//! Documents for patients, clinicians and payers, as values made of plain inputs.
//!
//! Knows: what each document says, in which language, where its numbers come from, how hard it is to read.
//! Does not know: HTML, PDF, files, clocks.

mod calendar;
mod consent;
mod discharge;
mod document;
mod honest;
mod inputs;
mod leaflet;
mod phrases;
mod piece;
mod preparation;
mod reading;
mod slots;
mod syllables;
mod teaching;
mod wording;
mod writer;

pub use calendar::{Date, LocalTime, NoTime};
pub use consent::consent;
pub use discharge::discharge;
pub use document::{Audience, Block, Document, KeyFact, Kind, Language, Section, Signature, Table};
pub use honest::{Demand, HonestRule};
pub use inputs::{
    Appointment, ConsentInputs, DischargeInputs, DrugAfter, DrugBefore, DrugDecision, FastingTime, FollowUpTime, Leg,
    Patient, Practice, PreparationInputs, QuestionAndAnswer, Signed, TeachBack, Treatment, Visit,
};
pub use leaflet::leaflet;
pub use phrases::Phrases;
pub use preparation::preparation;
pub use reading::{Counts, ReadingLevel, reading_level, reading_level_of, reading_level_of_sections, sentences_of};
pub use slots::Slot;
pub use wording::{Alternative, DocumentBook, Number, Translation, Wording, WordingTexts};
pub use writer::{BLANK, DocumentError};
