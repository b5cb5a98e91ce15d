//! Adverse events: what happened, how bad it was, what to watch and do, and when it is over.
//!
//! Knows: the list of terms; grades of CIRSE, SIR and CTCAE from the same answers; what must be written down before an event
//! can be closed; what an event adds to the allergies.
//! Does not know: who reads the report, and reporting duties of a country.

mod grading;
mod near;
mod terms;

use serde::Serialize;

use crate::case::steps::{AdverseEvent, EventOutcome, EventSettled, EventTreatment, Management};
use crate::case::{Case, Judging};
use crate::rules::{Answer, Day, Moment, RuleBook};

pub use grading::{Grades, SirGrade};
pub use terms::{Act, AdverseTerms, Needs, OTHER, Term, Watch};

/// Whether an event is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum EventState {
    /// Somebody must still look after it.
    Open,
    /// It ended so.
    Closed {
        /// In the words of FHIR.
        outcome: EventOutcome,
    },
}

/// One event as the record shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdverseRecord {
    /// Its name within the case.
    pub event: String,
    /// Key of the term.
    pub term: String,
    /// What the term says.
    pub name: String,
    /// What happened.
    pub words: String,
    /// When it was reported.
    pub reported: Moment,
    /// Whether it is over.
    pub state: EventState,
    /// What was said of it last; nothing while it has no outcome.
    pub outcome: Option<EventOutcome>,
    /// By then somebody looks at it again.
    pub due: Option<Day>,
    /// Keys of the red-flag questions that it answers for.
    pub answers_for: Vec<String>,
    /// What stands between it and its end, in words; nothing when it is over.
    pub lacks: Option<String>,
    /// How bad it was, by the last word about it.
    pub grades: Grades,
    /// What to watch for and do: sign, when, what.
    pub watch: Vec<(String, String, String)>,
    /// Codes of ICD-10-CM to start looking from.
    pub codes: Vec<String>,
}

/// Why an event cannot be written down, or closed, so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventRefused {
    /// Nobody lists such an event.
    #[error(
        "found the term '{found}', expected {}; what is not on the list is '{OTHER}', with what happened in words",
        choice(near, known)
    )]
    UnknownTerm {
        /// What was given.
        found: String,
        /// Keys of the list that look like it.
        near: Vec<String>,
        /// Every key of the list.
        known: Vec<String>,
    },
    /// Something that belongs to it was not written down.
    #[error("'{term}' needs {what}; write it down")]
    Lacks {
        /// Key of the term.
        term: String,
        /// What is missing.
        what: &'static str,
    },
    /// It is not over.
    #[error("found the outcome '{found}', expected one that ends it; keep the event open until it is over")]
    NotOver {
        /// The outcome that was given.
        found: &'static str,
    },
    /// How bad it was is not known.
    #[error("not every scale has its grade ({missing}); answer the questions about how bad it was")]
    NotGraded {
        /// The scales without a grade.
        missing: String,
    },
    /// It was treated, and the answers say that it was not.
    #[error("treated with {what} ({kind}), but the answer about treatment says '{answer}'; correct one of them")]
    Treated {
        /// Of which kind.
        kind: &'static str,
        /// Which.
        what: String,
        /// What the answers say.
        answer: &'static str,
    },
    /// Outcome and answers say different things.
    #[error("outcome '{outcome}', but the answer about {question} says '{answer}'; correct one of them")]
    Contradiction {
        /// The outcome.
        outcome: &'static str,
        /// Which question.
        question: &'static str,
        /// What it says.
        answer: &'static str,
    },
}

impl AdverseTerms {
    /// Whether an event says all that its kind needs.
    ///
    /// # Errors
    /// [`EventRefused`] with what is missing.
    pub fn sound(&self, event: &AdverseEvent) -> Result<&Term, EventRefused> {
        let term = self.listed(&event.term)?;
        let lacks = |what| Err(EventRefused::Lacks { term: term.id.clone(), what });
        let has = |words: Option<&str>| words.is_some_and(|words| !words.trim().is_empty());
        match term.needs {
            Some(Needs::Allergen) if !has(event.allergen.as_deref()) => lacks("the agent that the patient reacted to"),
            Some(Needs::Muscle) if !has(Some(&event.words)) => lacks("the muscle and its power, in words"),
            _ if !has(Some(&event.words)) => lacks("what happened, in words"),
            _ => Ok(term),
        }
    }

    /// Whether an event may be closed so: it is over, it is graded on every scale, and nothing contradicts it.
    ///
    /// # Errors
    /// [`EventRefused`] with what is missing or contradicts.
    pub fn may_close(&self, book: &RuleBook, event: &AdverseEvent, settled: &EventSettled) -> Result<(), EventRefused> {
        self.sound(event)?;
        let outcome = outcome_word(settled.outcome);
        if settled.outcome.goes_on() {
            return Err(EventRefused::NotOver { found: outcome });
        }
        let grades = Grades::of(book, self, &settled.severity, event.expected);
        if !grades.is_whole() {
            return Err(EventRefused::NotGraded { missing: missing_scales(&grades) });
        }
        treated_as_answered(event, settled)?;
        let lasting = Answer::any([settled.severity.mild_lasting, settled.severity.severe_lasting]);
        let death = settled.severity.death;
        let contradiction =
            |question, answer: Answer| Err(EventRefused::Contradiction { outcome, question, answer: answer.word() });
        match (settled.outcome, death, lasting) {
            (EventOutcome::Fatal, Answer::No | Answer::NotAsked, _) => contradiction("death", death),
            (EventOutcome::Fatal, Answer::Yes, _) => Ok(()),
            (_, Answer::Yes, _) => contradiction("death", death),
            (EventOutcome::Resolved, _, Answer::Yes) => contradiction("lasting harm", lasting),
            (EventOutcome::ResolvedWithSequelae, _, Answer::No) => contradiction("lasting harm", lasting),
            _ => Ok(()),
        }
    }

    /// Every event of a case, in the order in which they were reported.
    pub fn records(&self, case: &Case, judging: &Judging) -> Vec<AdverseRecord> {
        let events = case.events().into_iter();
        events.map(|(event, settled)| self.record(case, judging, (event, settled))).collect()
    }

    fn record(
        &self,
        case: &Case,
        judging: &Judging,
        (event, settled): (&AdverseEvent, Option<&EventSettled>),
    ) -> AdverseRecord {
        let is_it = |step: &crate::case::Step| matches!(step, crate::case::Step::EventReported(reported) if reported.event == event.event);
        let reported = case.effective().find(|(_, step)| is_it(step));
        let severity = settled.map_or(&event.severity, |settled| &settled.severity);
        let refused = settled.map(|settled| self.may_close(judging.book, event, settled));
        let over = settled.filter(|_| matches!(refused, Some(Ok(()))));
        let lacks = match refused {
            None => Some("it has no outcome; settle it when it has one".to_owned()),
            Some(refused) => refused.err().map(|refused| refused.to_string()),
        };
        let term = self.find(&event.term);
        AdverseRecord {
            event: event.event.clone(),
            term: event.term.clone(),
            name: term.map_or_else(|| event.term.clone(), |term| term.name.clone()),
            words: event.words.clone(),
            reported: reported.map_or(judging.now, |(signed, _)| signed.at.moment()),
            state: over.map_or(EventState::Open, |settled| EventState::Closed { outcome: settled.outcome }),
            outcome: settled.map(|settled| settled.outcome),
            due: settled.and_then(|settled| settled.due).or(event.due).filter(|_| over.is_none()),
            answers_for: event.answers_for.clone(),
            lacks,
            grades: Grades::of(judging.book, self, severity, event.expected),
            watch: self
                .watch_for(&event.term)
                .map(|watch| (watch.sign.clone(), watch.when.clone(), watch.act.value.what.clone()))
                .collect(),
            codes: term.map(|term| term.codes.clone()).unwrap_or_default(),
        }
    }
}

/// The allergies of a patient after an event: each agent once, however it is spelt.
pub fn allergies_after(known: &[&str], event: &AdverseEvent) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    let seen = event.allergen.as_deref();
    for agent in known.iter().copied().chain(seen).map(str::trim).filter(|agent| !agent.is_empty()) {
        if !list.iter().any(|listed| listed.to_lowercase() == agent.to_lowercase()) {
            list.push(agent.to_owned());
        }
    }
    list
}

/// Antibiotics and interventions are treatment; pain relief alone may be part of what is ordinary.
fn treated_as_answered(event: &AdverseEvent, settled: &EventSettled) -> Result<(), EventRefused> {
    let is_treatment =
        |one: &&EventTreatment| matches!(one.kind, Management::Antibiotics | Management::FurtherIntervention);
    let severity = &settled.severity;
    let said = Answer::any([severity.treatment, severity.intervention]);
    match event.treated.iter().chain(&settled.treated).find(is_treatment) {
        Some(one) if said != Answer::Yes => {
            Err(EventRefused::Treated { kind: one.kind.word(), what: one.what.clone(), answer: said.word() })
        }
        _ => Ok(()),
    }
}

/// The keys to choose from: those that look like what was given, else all.
fn choice(near: &[String], known: &[String]) -> String {
    match near {
        [] => format!("one of {}", known.join(", ")),
        near => format!("a key of the list, such as {}", near.join(" or ")),
    }
}

fn missing_scales(grades: &Grades) -> String {
    let scales = [
        ("CIRSE", grades.cirse.is_none()),
        ("CTCAE", grades.ctcae.is_none()),
        ("SIR", grades.sir.is_none()),
        ("serious or not", grades.serious == Answer::NotAsked),
    ];
    scales.iter().filter(|(_, missing)| *missing).map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn outcome_word(outcome: EventOutcome) -> &'static str {
    match outcome {
        EventOutcome::Resolved => "resolved",
        EventOutcome::ResolvedWithSequelae => "resolved-with-sequelae",
        EventOutcome::Recovering => "recovering",
        EventOutcome::Ongoing => "ongoing",
        EventOutcome::Fatal => "fatal",
        EventOutcome::Unknown => "unknown",
    }
}
