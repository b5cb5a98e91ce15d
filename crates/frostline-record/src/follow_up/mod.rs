//! How it went: when to ask, what to ask, what answers mean, and how they lie beside what others published.
//!
//! Knows: the questions that anybody may print, in English and Spanish; when each is asked; when an answer is none; relief,
//! relapse and goals; groups of patients; who must act on an answer.
//! Does not know: e-mail, telephones, clocks. Questionnaires of others are known by name, licence and score alone.

mod answers;
mod asking;
mod case_outcome;
mod cohort;
mod escalation;
mod outcome;
mod published;
mod questionnaires;
mod scores;

pub use answers::{AnswerProblem, Answered, ScoreProblem, given_by};
pub use asking::{Asked, Asking};
pub use case_outcome::CaseOutcome;
pub use cohort::{CohortAt, FollowedPatient, PatientCourse};
pub use escalation::Escalation;
pub use outcome::{Lasted, Outcome, OutcomeLabel, OutcomePoint, RepeatTreatment};
pub use published::{Beside, Comparison, NOT_ADJUSTED, PublishedPoint};
pub use questionnaires::{Choice, Kind, OtherInstrument, Question, QuestionSet, Questionnaires, ScoreRange};
pub use scores::ScoreChange;
