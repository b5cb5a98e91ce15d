//! What a worklist needs to know about one case; made from its steps, or from a table of the store.

use frostline_plan::catalogue::Known;

use crate::case::steps::DrugWord;
use crate::case::{Blocker, Case, Judging, Stage, Step, StepKind};
use crate::rules::{Answer, Due, HoldPlan, Moment};

/// A blood thinner that is held for the procedure.
#[derive(Clone, Debug, PartialEq)]
pub struct DrugToHold {
    /// Its key.
    pub drug: String,
    /// The last dose is taken by then.
    pub last_dose_by: Moment,
    /// Whether a clinician decided so.
    pub decided: Answer,
}

/// A blood thinner that is taken again.
#[derive(Clone, Debug, PartialEq)]
pub struct DrugToRestart {
    /// Its key.
    pub drug: String,
    /// From then on.
    pub at: Moment,
}

/// Answers that need somebody now, and that nobody has acted on yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// When the patient answered.
    pub at: Moment,
    /// Keys of the questions with their answers.
    pub answers: Vec<(String, Answer)>,
}

/// An adverse event without an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenEvent {
    /// Its name within the case.
    pub event: String,
    /// What happened, as a key of the list of terms.
    pub term: String,
    /// Whether it is serious.
    pub serious: Answer,
    /// Whether it was to be expected.
    pub expected: Answer,
    /// When it was reported.
    pub reported: Moment,
}

/// One case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseSummary {
    /// Its number.
    pub case: String,
    /// Where it stands.
    pub stage: Stage,
    /// When somebody last signed a step.
    pub last_step: Moment,
    /// When the procedure is or was booked for; nothing when it is not.
    pub start: Option<Moment>,
    /// What stands before the next milestone.
    pub blockers: Vec<Blocker>,
    /// Blood thinners that are held.
    pub to_hold: Vec<DrugToHold>,
    /// Blood thinners that are taken again.
    pub to_restart: Vec<DrugToRestart>,
    /// Times of the follow-up.
    pub due: Vec<Due>,
    /// How often in a row nobody was reached.
    pub tries: u32,
    /// When somebody last tried.
    pub last_try: Option<Moment>,
    /// Answers that need somebody now.
    pub alarm: Option<Alarm>,
    /// Adverse events without an outcome.
    pub events: Vec<OpenEvent>,
    /// What is still missing after the procedure.
    pub unfinished: Vec<StepKind>,
}

impl CaseSummary {
    /// Of a case as it stands.
    pub fn of(number: &str, case: &Case, judging: &Judging) -> Self {
        Self {
            case: number.to_owned(),
            stage: case.stage(),
            last_step: case.steps().last().map_or(judging.now, |signed| signed.at.moment()),
            start: case.booking().map(|booking| booking.start),
            blockers: case.blockers(judging),
            to_hold: to_hold(case, judging),
            to_restart: to_restart(case, judging),
            due: if case.discharge().is_some() { case.due(judging) } else { Vec::new() },
            tries: case.tries_in_a_row(),
            last_try: last_try(case),
            alarm: alarm(case),
            events: open_events(case, judging),
            unfinished: unfinished(case),
        }
    }
}

fn to_hold(case: &Case, judging: &Judging) -> Vec<DrugToHold> {
    let decided = |drug: &str| {
        let decision = case.drugs().into_iter().find(|(listed, ..)| listed.drug == drug).and_then(|(_, d, _)| d);
        match decision.map(|decision| decision.word) {
            Some(DrugWord::Hold) => Answer::Yes,
            Some(DrugWord::GoOn) => Answer::No,
            None => Answer::NotAsked,
        }
    };
    // Without a booking the time would be counted from today, and mean nothing.
    if case.booking().is_none() || case.discharge().is_some() {
        return Vec::new();
    }
    let held = case.hold_plans(judging).into_iter().filter_map(|(drug, plan, _)| match plan {
        HoldPlan::LastDoseBy { at, .. } => Some(DrugToHold { decided: decided(&drug), last_dose_by: at, drug }),
        HoldPlan::NoHold | HoldPlan::NotKnown => None,
    });
    held.filter(|held| held.decided != Answer::No).collect()
}

fn to_restart(case: &Case, judging: &Judging) -> Vec<DrugToRestart> {
    if case.sign_out().is_none() {
        return Vec::new();
    }
    let restarts = case.restarts(judging).into_iter().filter_map(|((drug, at), _)| match at {
        Known::Known(at) => Some(DrugToRestart { drug, at }),
        Known::NotKnown => None,
    });
    restarts.collect()
}

fn last_try(case: &Case) -> Option<Moment> {
    case.effective().rev().find(|(_, step)| step.kind() == StepKind::ContactTried).map(|(signed, _)| signed.at.moment())
}

/// The last answers, unless somebody reported an event or reached the patient after them. An answer of yes stays until
/// then even when a later questionnaire says no: whoever looks decides that it is over.
fn alarm(case: &Case) -> Option<Alarm> {
    let mut open: Option<Alarm> = None;
    for (signed, step) in case.effective() {
        match step {
            Step::Answered(answers) => {
                let answered: Vec<(String, Answer)> =
                    answers.red_flags.iter().map(|(key, answer)| (key.clone(), *answer)).collect();
                let raised = |alarm: &Alarm| alarm.answers.iter().any(|(_, answer)| *answer == Answer::Yes);
                if !open.as_ref().is_some_and(raised) {
                    open = Some(Alarm { at: signed.at.moment(), answers: answered });
                }
            }
            Step::EventReported(_) => open = None,
            Step::ContactTried(tried) if tried.reached == Answer::Yes => open = None,
            _ => {}
        }
    }
    open
}

fn open_events(case: &Case, judging: &Judging) -> Vec<OpenEvent> {
    let reported = |event: &str| {
        let is_it = |step: &Step| matches!(step, Step::EventReported(reported) if reported.event == event);
        case.effective().find(|(_, step)| is_it(step)).map_or(judging.now, |(signed, _)| signed.at.moment())
    };
    let open = case.events().into_iter().filter(|(_, settled)| settled.is_none());
    open.map(|(event, _)| OpenEvent {
        event: event.event.clone(),
        term: event.term.clone(),
        serious: judging.book.serious(crate::case::seriousness(&event.severity)).result,
        expected: event.expected,
        reported: reported(&event.event),
    })
    .collect()
}

fn unfinished(case: &Case) -> Vec<StepKind> {
    if case.discharge().is_none() || case.closed().is_some() {
        return Vec::new();
    }
    let report = case.report().is_none().then_some(StepKind::ReportSigned);
    let codes = case.coding().is_none().then_some(StepKind::CodesConfirmed);
    report.into_iter().chain(codes).collect()
}
