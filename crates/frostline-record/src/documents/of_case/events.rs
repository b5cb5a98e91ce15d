//! What went wrong: how bad it was, what was done, how it ended.

use crate::adverse::Grades;
use crate::case::steps::{AdverseEvent, EventOutcome, EventSettled, EventTreatment};
use crate::case::{Case, Judging};
use crate::documents::clinical_inputs::EventLine;

/// What was done about an event: in words, and each treatment.
fn managed(event: &AdverseEvent, settled: Option<&EventSettled>) -> Option<String> {
    let treated = event.treated.iter().chain(settled.into_iter().flat_map(|settled| &settled.treated));
    let treatment = |one: &EventTreatment| {
        let dose = one.dose.as_ref().map_or_else(String::new, |dose| format!(" {dose}"));
        let from = one.from.map_or_else(String::new, |day| format!(", from {day}"));
        let until = one.until.map_or_else(String::new, |day| format!(", until {day}"));
        format!("{}: {}{dose}{from}{until}", one.kind.word(), one.what)
    };
    let said: Vec<String> = event.done.iter().cloned().chain(treated.map(treatment)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// How bad an event was, on each scale that has its grade.
fn graded(event: &AdverseEvent, settled: Option<&EventSettled>, judging: &Judging) -> Option<String> {
    let severity = settled.map_or(&event.severity, |settled| &settled.severity);
    let grades = Grades::of(judging.book, judging.pathway.terms(), severity, event.expected);
    let said = [
        grades.cirse.map(|grade| format!("CIRSE {grade}")),
        grades.ctcae.map(|grade| format!("CTCAE {grade}")),
        grades.sir.map(|sir| format!("SIR {} ({})", sir.grade, sir.name)),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// Events; nothing known before the sign-out asked about complications.
pub(super) fn events(case: &Case, judging: &Judging) -> Option<Vec<EventLine>> {
    let events = case.events();
    if events.is_empty() && case.sign_out().is_none() {
        return None;
    }
    let name = |key: &str| judging.pathway.terms().find(key).map_or_else(|| key.to_owned(), |term| term.name.clone());
    let line = |(event, settled): (&AdverseEvent, Option<&EventSettled>)| EventLine {
        what: format!("{}: {}", name(&event.term), event.words),
        grade: graded(event, settled, judging),
        done: managed(event, settled),
        outcome: settled.map(|settled| format!("{}: {}", outcome_word(settled.outcome), settled.words)),
    };
    Some(events.into_iter().map(line).collect())
}

fn outcome_word(outcome: EventOutcome) -> &'static str {
    match outcome {
        EventOutcome::Resolved => "resolved",
        EventOutcome::ResolvedWithSequelae => "resolved, something stays",
        EventOutcome::Recovering => "recovering",
        EventOutcome::Ongoing => "ongoing",
        EventOutcome::Fatal => "fatal",
        EventOutcome::Unknown => "unknown",
    }
}
