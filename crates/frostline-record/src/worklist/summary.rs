//! What a worklist needs to know about one case; made from its steps, or from a table of the store.

use std::collections::BTreeMap;

use frostline_plan::catalogue::Known;

use crate::case::steps::{AdverseEvent, DrugWord, EventOutcome, EventSettled};
use crate::case::{Blocker, Case, Judging, Stage, Step, StepKind};
use crate::follow_up::Asking;
use crate::rules::{Answer, Day, Due, HoldPlan, Moment, PainScore};

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
    /// When the patient gave the oldest of those that are open.
    pub at: Moment,
    /// Keys of the questions, each with what stands: yes until somebody acted on it, no, or not asked.
    pub answers: Vec<(String, Answer)>,
}

/// Pain that is worse than before the procedure, and that nobody has asked about yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worse {
    /// When the patient said so.
    pub at: Moment,
    /// Average pain before.
    pub before: PainScore,
    /// Average pain now.
    pub now: PainScore,
}

/// An adverse event that is not over.
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
    /// What was said of it last; nothing while it has no outcome.
    pub outcome: Option<EventOutcome>,
    /// By then somebody looks at it again.
    pub due: Option<Day>,
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
    /// Times whose questionnaire is sent today.
    pub to_send: Vec<Due>,
    /// How often in a row nobody was reached.
    pub tries: u32,
    /// When somebody last tried.
    pub last_try: Option<Moment>,
    /// Answers that need somebody now.
    pub alarm: Option<Alarm>,
    /// Pain that is worse than before.
    pub worse: Option<Worse>,
    /// Adverse events that are not over.
    pub events: Vec<OpenEvent>,
    /// What is still missing after the procedure.
    pub unfinished: Vec<StepKind>,
}

impl CaseSummary {
    /// Of a case as it stands.
    pub fn of(number: &str, case: &Case, judging: &Judging) -> Self {
        let asked = case.discharge().is_some() && !is_lost(case);
        Self {
            case: number.to_owned(),
            stage: case.stage(),
            last_step: case.steps().last().map_or(judging.now, |signed| signed.at.moment()),
            start: case.booking().map(|booking| booking.start),
            blockers: case.blockers(judging),
            to_hold: to_hold(case, judging),
            to_restart: to_restart(case, judging),
            due: if asked { case.due(judging) } else { Vec::new() },
            to_send: if asked { to_send(case, judging) } else { Vec::new() },
            tries: if asked && !is_answered_to_the_end(case, judging) { case.tries_in_a_row() } else { 0 },
            last_try: last_try(case),
            alarm: open_alarm(case, judging),
            worse: worse_pain(case),
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

fn to_send(case: &Case, judging: &Judging) -> Vec<Due> {
    let Some(treated) = case.treated_on() else { return Vec::new() };
    let (book, questionnaires) = (judging.book, judging.pathway.questionnaires());
    let answered = case.answered_times(judging);
    let asking = Asking::of((book, questionnaires), Known::Known(treated), &answered, judging.today);
    asking.to_send(judging.today).map(|asked| asked.due.clone()).collect()
}

/// Whether nobody asks any more: the patient could not be reached.
fn is_lost(case: &Case) -> bool {
    case.closed().is_some_and(|closed| closed.lost_to_follow_up == Answer::Yes)
}

/// Whether the last questionnaire is answered.
fn is_answered_to_the_end(case: &Case, judging: &Judging) -> bool {
    let last = judging.book.follow_up_times().last().map(|row| row.id.as_str());
    last.is_some_and(|last| case.answered_times(judging).contains(&last))
}

/// Whether nothing will come of a case any more: it is closed, its last questionnaire is answered or the patient is lost, no
/// event is open and no answer waits for somebody.
pub fn is_over(case: &Case, judging: &Judging) -> bool {
    let asked = case.treated_on().is_some() && !is_lost(case) && !is_answered_to_the_end(case, judging);
    let waits = open_alarm(case, judging).is_some() || worse_pain(case).is_some();
    case.closed().is_some() && !asked && !waits && open_events(case, judging).is_empty()
}

/// What the red-flag questions say together. A yes stays until somebody reaches the patient or reports an event that answers
/// for this very question, even when a later questionnaire says no: whoever looks decides that it is over. A question that was
/// not answered stays open until it is.
pub(crate) fn open_alarm(case: &Case, judging: &Judging) -> Option<Alarm> {
    let asked = || judging.book.red_flag_questions().iter().map(|flag| flag.id.as_str());
    let mut open: BTreeMap<&str, (Answer, Moment)> = BTreeMap::new();
    for (signed, step) in case.effective() {
        match step {
            Step::Answered(answers) => {
                for key in asked().chain(answers.red_flags.keys().map(String::as_str)) {
                    let said = answers.red_flags.get(key).copied().unwrap_or_default();
                    let stands = open.get(key).map(|(stands, _)| *stands);
                    match (stands, said) {
                        (Some(Answer::Yes), _) | (Some(_), Answer::NotAsked) => {}
                        (_, Answer::No) => drop(open.remove(key)),
                        (_, said) => drop(open.insert(key, (said, signed.at.moment()))),
                    }
                }
            }
            Step::EventReported(event) => open.retain(|key, _| !event.answers_for.iter().any(|flag| flag == key)),
            Step::ContactTried(tried) if tried.reached == Answer::Yes => open.clear(),
            _ => {}
        }
    }
    let raised = open.values().filter(|(said, _)| *said == Answer::Yes).map(|(_, at)| *at).min();
    let at = raised.or_else(|| open.values().map(|(_, at)| *at).min())?;
    let strays = open.keys().copied().filter(|key| !asked().any(|listed| listed == *key));
    let stands = |key: &str| (key.to_owned(), open.get(key).map_or(Answer::No, |(said, _)| *said));
    Some(Alarm { at, answers: asked().chain(strays).map(stands).collect() })
}

/// Pain that was told last and is worse than before, unless somebody reported an event or reached the patient after that.
pub(crate) fn worse_pain(case: &Case) -> Option<Worse> {
    let before = case.indication()?.average_pain?;
    let newest = case.effective().rev().find_map(|(signed, step)| match step {
        Step::Answered(answers) => answers.average_pain.map(|now| Some(Worse { at: signed.at.moment(), before, now })),
        Step::EventReported(_) => Some(None),
        Step::ContactTried(tried) if tried.reached == Answer::Yes => Some(None),
        _ => None,
    });
    newest?.filter(|worse| worse.now > worse.before)
}

fn open_events(case: &Case, judging: &Judging) -> Vec<OpenEvent> {
    let reported = |event: &str| {
        let is_it = |step: &Step| matches!(step, Step::EventReported(reported) if reported.event == event);
        case.effective().find(|(_, step)| is_it(step)).map_or(judging.now, |(signed, _)| signed.at.moment())
    };
    let is_open = |settled: Option<&EventSettled>| settled.is_none_or(|settled| settled.outcome.goes_on());
    let open = case.events().into_iter().filter(|(_, settled)| is_open(*settled));
    let entry = |(event, settled): (&AdverseEvent, Option<&EventSettled>)| {
        let severity = settled.map_or(&event.severity, |settled| &settled.severity);
        OpenEvent {
            event: event.event.clone(),
            term: event.term.clone(),
            serious: judging.book.serious(crate::case::seriousness(severity)).result,
            expected: event.expected,
            reported: reported(&event.event),
            outcome: settled.map(|settled| settled.outcome),
            due: settled.and_then(|settled| settled.due).or(event.due),
        }
    };
    open.map(entry).collect()
}

fn unfinished(case: &Case) -> Vec<StepKind> {
    if case.discharge().is_none() || case.closed().is_some() {
        return Vec::new();
    }
    let report = case.report().is_none().then_some(StepKind::ReportSigned);
    let codes = case.coding().is_none().then_some(StepKind::CodesConfirmed);
    report.into_iter().chain(codes).collect()
}
