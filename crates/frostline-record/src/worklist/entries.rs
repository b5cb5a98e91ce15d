//! The lines of a worklist, one small function for each kind.

use std::collections::HashMap;

use frostline_plan::catalogue::Known;

use crate::case::steps::EventOutcome;
use crate::case::{Blocker, Stage, StepKind};
use crate::follow_up::Escalation;
use crate::rules::{Answer, Day, Due, DueState, Moment, Role, RuleId, Verdict};

use super::summary::{Alarm, CaseSummary, DrugToHold, DrugToRestart, OpenEvent, Worse};
use super::{Entry, Practice, Topic, Urgency};
use crate::schedule::{Booking, Displaced, Expected, StockFinding};

impl Practice<'_> {
    pub(super) fn of_case(&self, case: &CaseSummary) -> Vec<Entry> {
        let mut entries = self.of_follow_up(case);
        if case.stage == Stage::Closed {
            return entries;
        }
        entries.extend(self.case_of_today(case));
        entries.extend(case.blockers.iter().filter_map(|blocker| self.blocked(case, blocker)));
        entries.extend(case.to_hold.iter().filter_map(|drug| self.hold(case, drug)));
        entries.extend(case.to_restart.iter().filter_map(|drug| self.restart(case, drug)));
        entries.extend(case.unfinished.iter().map(|step| unfinished(case, *step)));
        entries
    }

    /// What goes on after a case is closed: patients answer, or do not, until the last questionnaire, and events end when they end.
    fn of_follow_up(&self, case: &CaseSummary) -> Vec<Entry> {
        let worse = |worse: &Worse| {
            Some(escalated(case, (Topic::WorsePain, Some(worse.at)), Escalation::of_pain(worse.before, worse.now)?))
        };
        let mut entries = Vec::new();
        entries.extend(case.alarm.as_ref().and_then(|alarm| self.red_flags(case, alarm)));
        entries.extend(case.worse.as_ref().and_then(worse));
        entries.extend(case.events.iter().map(|event| self.open_event(case, event)));
        entries.extend(case.to_send.iter().map(|due| self.send(case, due)));
        entries.extend(self.overdue(case));
        entries.extend(self.no_reply(case));
        entries
    }

    fn send(&self, case: &CaseSummary, due: &Due) -> Entry {
        let again = if due.on < self.now.today { " again, since nobody answered" } else { "" };
        Entry {
            urgency: Urgency::Today,
            topic: Topic::Send,
            case: Some(case.case.clone()),
            what: format!("send questionnaire '{}' of {}{again}", due.id, due.on),
            rule: Some(RuleId::O01),
            why: "it is due".to_owned(),
            since: Some(due.on.begins()),
            who: vec![Role::Nurse, Role::Coordinator],
        }
    }

    /// Who may go on in spite of a rule can act on it.
    fn who_may(&self, rule: RuleId) -> Vec<Role> {
        let row = self.book.rows().iter().find(|row| row.id == rule);
        row.map(|row| row.overriding.roles.clone()).unwrap_or_default()
    }

    fn red_flags(&self, case: &CaseSummary, alarm: &Alarm) -> Option<Entry> {
        let answers: Vec<(&str, Answer)> = alarm.answers.iter().map(|(key, answer)| (key.as_str(), *answer)).collect();
        let found = Escalation::of_flags(self.book, &answers)?;
        Some(escalated(case, (Topic::RedFlag, Some(alarm.at)), found))
    }

    /// An event without an outcome, or one that goes on. What somebody promised to look at again is quiet until that day.
    fn open_event(&self, case: &CaseSummary, event: &OpenEvent) -> Entry {
        let review = self.book.event_review(event.serious, event.expected);
        let mut who = vec![Role::Operator, Role::Nurse];
        let is_late = event.due.is_some_and(|due| due < self.now.today);
        let waits = event.due.is_some_and(|due| due > self.now.today) && event.outcome.is_some();
        let urgency = match (event.serious, review.verdict) {
            (Answer::Yes, _) => Urgency::Now,
            _ if is_late => Urgency::Today,
            _ if waits => Urgency::Later,
            (_, Verdict::Ok) => Urgency::Soon,
            _ => Urgency::Today,
        };
        if review.verdict != Verdict::Ok {
            who.push(Role::Quality);
        }
        let stands = match event.outcome {
            Some(EventOutcome::Ongoing) => "is still there",
            Some(EventOutcome::Recovering) => "is getting better",
            _ => "has no outcome",
        };
        let again = match event.due {
            Some(due) if is_late => format!("; it was to be looked at again by {due}"),
            Some(due) => format!("; look at it again by {due}"),
            None => String::new(),
        };
        Entry {
            urgency,
            topic: Topic::OpenEvent,
            case: Some(case.case.clone()),
            what: format!("event {} ({}) {stands}{again}", event.event, event.term),
            rule: Some(RuleId::A04),
            why: review.text,
            since: Some(event.due.filter(|_| is_late).map_or(event.reported, Day::begins)),
            who,
        }
    }

    fn is_today(&self, case: &CaseSummary) -> bool {
        case.start.is_some_and(|start| start >= self.now.midnight && start < self.now.tomorrow)
    }

    fn case_of_today(&self, case: &CaseSummary) -> Option<Entry> {
        if !self.is_today(case) || case.stage >= Stage::FollowingUp {
            return None;
        }
        let blocked = case.blockers.len();
        let why = match blocked {
            0 => "nothing blocks its next step".to_owned(),
            1 => "one thing blocks its next step".to_owned(),
            more => format!("{more} things block its next step"),
        };
        Some(Entry {
            urgency: Urgency::Today,
            topic: Topic::CaseOfToday,
            case: Some(case.case.clone()),
            what: format!("today: {}", stage_word(case.stage)),
            rule: None,
            why,
            since: case.start,
            who: vec![Role::Operator, Role::Anaesthesia, Role::Nurse, Role::Technologist, Role::Coordinator],
        })
    }

    /// What blocks a case is urgent when the case is of today, and soon otherwise.
    fn blocked(&self, case: &CaseSummary, blocker: &Blocker) -> Option<Entry> {
        // What is still missing during the procedure and afterwards is seen there; before, somebody must run after it.
        if case.stage > Stage::Arrived {
            return None;
        }
        let urgency = match () {
            () if self.is_today(case) => Urgency::Now,
            () if case.start.is_some_and(|start| start < self.now.after_tomorrow) => Urgency::Today,
            () if case.start.is_some() => Urgency::Soon,
            () => Urgency::Later,
        };
        let who = match blocker.rule {
            Some(rule) => self.who_may(rule),
            None => who_does(blocker.before),
        };
        Some(Entry {
            urgency,
            topic: Topic::Blocked,
            case: Some(case.case.clone()),
            what: format!("before '{}': {}", blocker.before.word(), blocker.text),
            rule: blocker.rule,
            why: match blocker.rule {
                Some(rule) => self.what_if_it_stays(case, rule),
                None => "it must come first".to_owned(),
            },
            since: Some(case.last_step),
            who,
        })
    }

    /// A booking is cancelled for the reason that the list gives a rule that goes on to say stop.
    fn what_if_it_stays(&self, case: &CaseSummary, rule: RuleId) -> String {
        let reason = self.settings.cancellation_reasons().iter().find(|reason| reason.stops.contains(&rule));
        match (case.start, reason) {
            (Some(_), Some(reason)) => {
                format!("{rule} stands against it; if it stays so, cancel for '{}' ({})", reason.id, reason.name)
            }
            _ => format!("{rule} stands against it"),
        }
    }

    /// A drug whose last dose is due today or tomorrow, or was due although nobody has decided.
    fn hold(&self, case: &CaseSummary, drug: &DrugToHold) -> Option<Entry> {
        let by = drug.last_dose_by;
        let is_over = case.start.is_none_or(|start| start < self.now.now) || case.stage > Stage::Arrived;
        if is_over || by >= self.now.after_tomorrow {
            return None;
        }
        let undecided = drug.decided != Answer::Yes;
        let (urgency, what) = match (by < self.now.now, undecided) {
            (true, false) => return None,
            (true, true) => (Urgency::Now, format!("{}: should be held since {by}, and nobody decided", drug.drug)),
            (false, true) => (Urgency::Now, format!("{}: last dose by {by}, and nobody decided", drug.drug)),
            (false, false) if by < self.now.tomorrow => (Urgency::Today, format!("{}: last dose by {by}", drug.drug)),
            (false, false) => (Urgency::Soon, format!("{}: held from tomorrow, last dose by {by}", drug.drug)),
        };
        let who = if undecided { vec![Role::Operator] } else { vec![Role::Nurse, Role::Coordinator] };
        Some(Entry {
            urgency,
            topic: Topic::HoldDrug,
            case: Some(case.case.clone()),
            what,
            rule: Some(RuleId::B03),
            why: if undecided { "a named clinician must decide" } else { "tell the patient" }.to_owned(),
            since: Some(by),
            who,
        })
    }

    fn restart(&self, case: &CaseSummary, drug: &DrugToRestart) -> Option<Entry> {
        let is_close = drug.at >= self.now.midnight && drug.at < self.now.after_tomorrow;
        is_close.then(|| Entry {
            urgency: if drug.at < self.now.tomorrow { Urgency::Today } else { Urgency::Soon },
            topic: Topic::RestartDrug,
            case: Some(case.case.clone()),
            what: format!("{}: taken again from {}", drug.drug, drug.at),
            rule: Some(RuleId::B04),
            why: "ask whether it is".to_owned(),
            since: Some(drug.at),
            who: vec![Role::Nurse],
        })
    }

    fn overdue(&self, case: &CaseSummary) -> Vec<Entry> {
        let overdue = case.due.iter().filter(|due| due.state == DueState::Overdue);
        let entry = |due: &Due| Entry {
            urgency: Urgency::Today,
            topic: Topic::Overdue,
            case: Some(case.case.clone()),
            what: format!("questionnaire '{}' of {} is overdue", due.id, due.on),
            rule: Some(RuleId::O01),
            why: "nobody answered in its time".to_owned(),
            since: Some(due.on.begins()),
            who: vec![Role::Nurse, Role::Coordinator],
        };
        overdue.map(entry).collect()
    }

    fn no_reply(&self, case: &CaseSummary) -> Option<Entry> {
        let found = Escalation::of_silence(self.book, case.tries)?;
        Some(escalated(case, (Topic::NoReply, case.last_try), found))
    }

    /// The nearer its time, the more urgent.
    pub(super) fn displaced(&self) -> Vec<Entry> {
        let entry = |displaced: Displaced| {
            let start = self.calendar.find(&displaced.booking).map(|booking| booking.allocation().in_room.from);
            let lacks = displaced.lacks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Entry {
                urgency: match start {
                    Some(start) if start >= self.now.after_tomorrow => Urgency::Today,
                    _ => Urgency::Now,
                },
                topic: Topic::Displaced,
                case: Some(displaced.case),
                what: format!("booking {} has lost {lacks}; move it", displaced.booking),
                rule: None,
                why: "closed or not at work then".to_owned(),
                since: start,
                who: vec![Role::Coordinator],
            }
        };
        self.calendar.displaced().into_iter().map(entry).collect()
    }

    /// Bookings ahead of cases that say another time, or none.
    pub(super) fn disagreements(&self) -> Vec<Entry> {
        let open: HashMap<&str, &CaseSummary> = self.cases.iter().map(|case| (case.case.as_str(), case)).collect();
        let ahead = self.calendar.bookings().iter().filter(|booking| booking.state().is_ahead());
        let entry = |booking: &Booking| {
            let case = open.get(booking.case())?;
            let start = booking.allocation().in_room.from;
            let said = match case.start {
                Some(said) if said == start => return None,
                Some(said) => format!("the case says {said}"),
                None => "the case is not booked".to_owned(),
            };
            Some(Entry {
                urgency: if start < self.now.after_tomorrow { Urgency::Now } else { Urgency::Today },
                topic: Topic::Disagreement,
                case: Some(case.case.clone()),
                what: format!(
                    "booking {} is of {start}, {said}; move or cancel it, or book the case anew",
                    booking.id()
                ),
                rule: None,
                why: "room and people are kept for a time that is not that of the case".to_owned(),
                since: Some(start),
                who: vec![Role::Coordinator, Role::Nurse],
            })
        };
        ahead.filter_map(entry).collect()
    }

    /// Bookings of today that begin later, because what they need is still taken.
    pub(super) fn late(&self) -> Vec<Entry> {
        let entry = |late: Expected| {
            let held_back = late.held_back?;
            Some(Entry {
                urgency: Urgency::Now,
                topic: Topic::Late,
                case: Some(late.case),
                what: format!(
                    "booking {} begins {} min later, at {}; tell the patient",
                    late.booking, late.late_minutes, late.expected.from
                ),
                rule: None,
                why: format!("{} is taken by booking {} until then", held_back.resource, held_back.by),
                since: Some(late.planned.from),
                who: vec![Role::Coordinator, Role::Nurse, Role::Operator],
            })
        };
        let pushed = self.calendar.pushed(self.now.today, &self.calendar.actual(), self.now.now);
        pushed.into_iter().filter_map(entry).collect()
    }

    pub(super) fn of_stock(&self) -> Vec<Entry> {
        let found = self.calendar.stock_findings(self.settings, self.now.today);
        let entry = |found: StockFinding| {
            let (urgency, case) = match &found {
                StockFinding::Unusable { case, .. } => (Urgency::Now, Some(case.clone())),
                StockFinding::Expired { .. } | StockFinding::Quarantined { .. } => (Urgency::Today, None),
                StockFinding::FewProbes { free: 0, .. } | StockFinding::LittleGas { free: 0, .. } => {
                    (Urgency::Today, None)
                }
                StockFinding::FewProbes { .. } | StockFinding::LittleGas { .. } => (Urgency::Soon, None),
                StockFinding::ExpiresSoon { .. } => (Urgency::Later, None),
            };
            let since = match &found {
                StockFinding::Expired { last, .. } => Some(last.plus_days(1).begins()),
                StockFinding::ExpiresSoon { last, .. } => Some(last.begins()),
                _ => None,
            };
            let why = match found.rule() {
                Some(_) => "nothing out of date is used",
                None => "stock runs low or may not be used",
            };
            Entry {
                urgency,
                topic: Topic::Stock,
                case,
                what: found.text(),
                rule: found.rule(),
                why: why.to_owned(),
                since,
                who: vec![Role::Technologist, Role::Coordinator],
            }
        };
        found.into_iter().map(entry).collect()
    }

    pub(super) fn review(&self) -> Option<Entry> {
        let quarter = self.quarter;
        let ruling = self.book.quality_review(Known::Known(quarter.cases), Known::Known(quarter.serious_events));
        (ruling.verdict == Verdict::Human).then(|| Entry {
            urgency: Urgency::Soon,
            topic: Topic::Review,
            case: None,
            what: "quality review of the quarter".to_owned(),
            rule: Some(RuleId::O08),
            why: ruling.text,
            since: Some(quarter.since),
            who: vec![Role::Quality],
        })
    }
}

/// The line for something that needs somebody.
fn escalated(case: &CaseSummary, (topic, since): (Topic, Option<Moment>), found: Escalation) -> Entry {
    Entry {
        urgency: found.urgency,
        topic,
        case: Some(case.case.clone()),
        what: found.act,
        rule: Some(found.rule),
        why: found.why,
        since,
        who: found.to,
    }
}

fn unfinished(case: &CaseSummary, step: StepKind) -> Entry {
    Entry {
        urgency: Urgency::Soon,
        topic: Topic::Unfinished,
        case: Some(case.case.clone()),
        what: format!("'{}' is missing", step.word()),
        rule: None,
        why: "the procedure is over".to_owned(),
        since: case.start,
        who: who_does(step),
    }
}

/// Who takes a step of the way.
fn who_does(step: StepKind) -> Vec<Role> {
    match step {
        StepKind::PlanApproved | StepKind::TimedOut | StepKind::ReportSigned => vec![Role::Operator],
        StepKind::CodesConfirmed => vec![Role::Coder],
        StepKind::Cleared => vec![Role::Operator, Role::Nurse, Role::Coordinator],
        _ => vec![Role::Operator, Role::Nurse],
    }
}

fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Referred => "referred",
        Stage::Assessing => "being assessed",
        Stage::Planned => "planned, not approved",
        Stage::Approved => "approved",
        Stage::Booked => "booked, not cleared",
        Stage::Cleared => "ready",
        Stage::Arrived => "the patient is here",
        Stage::InProcedure => "in the procedure",
        Stage::Recovering => "recovering",
        Stage::FollowingUp => "followed up",
        Stage::Closed => "closed",
    }
}
