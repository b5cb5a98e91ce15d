//! Which step may be corrected, and how. Facts are corrected, decisions are made anew, so that what stands before them is asked
//! again; and a correction opens no gate but for who may decide against what kept it shut.

use super::super::judged::is_about_the_same;
use super::super::refused::Missing;
use super::super::steps::{Correction, LogLine, Logged};
use super::super::{Case, Judging, Phase, Refused, SignedStep, Step, StepKind, correction_target, steps};
use crate::rules::{Role, Ruled, Stops, Verdict};

/// Steps by which somebody decides or signs for something. Their words are never rewritten by another.
const DECISIONS: &[StepKind] = &[
    StepKind::DrugDecided,
    StepKind::DrugCountersigned,
    StepKind::PlanApproved,
    StepKind::Consented,
    StepKind::Cleared,
    StepKind::SignedIn,
    StepKind::TimedOut,
    StepKind::SignedOut,
    StepKind::Discharged,
    StepKind::ReportSigned,
    StepKind::CodesConfirmed,
    StepKind::Overridden,
];

/// Decisions without which no gas is opened.
const UNDER_A_FREEZE: &[StepKind] = &[
    StepKind::DrugDecided,
    StepKind::DrugCountersigned,
    StepKind::PlanApproved,
    StepKind::Consented,
    StepKind::SignedIn,
    StepKind::TimedOut,
];

/// Whether a step says that gas was switched.
fn is_gas(step: &Step) -> bool {
    matches!(step, Step::Logged(LogLine { logged: Logged::FreezeStarted(_) | Logged::FreezeStopped(_), .. }))
}

impl Case {
    /// What is wrong in the step itself.
    pub(super) fn sound(&self, step: &Step, judging: &Judging) -> Result<(), Refused> {
        match step {
            Step::Corrected(correction) => self.corrects(correction, judging),
            step => steps::sound(step, judging),
        }
    }

    fn corrects(&self, correction: &Correction, judging: &Judging) -> Result<(), Refused> {
        let Some(target) = correction_target(self.steps(), correction) else {
            return Err(Refused::CorrectsNothing { names: correction.step });
        };
        if correction.why.trim().is_empty() {
            let problem = "found no reason, expected words; say why the step was wrong".to_owned();
            return Err(Refused::Wrong { step: "corrected", field: "/why", problem });
        }
        if let Some(why) = self.not_so(target, correction.instead.as_deref()) {
            return Err(Refused::NotSoCorrected { names: target.number, what: target.step.kind().word(), why });
        }
        if let Some(Step::EventReported(event)) = correction.instead.as_deref()
            && self.has_event(&event.event, Some(target.number))
        {
            let problem = format!("event '{}' is there already; give it another name", event.event);
            return Err(Refused::Wrong { step: "corrected", field: "/instead/body/event", problem });
        }
        correction.instead.as_deref().map_or(Ok(()), |instead| steps::sound(instead, judging))
    }

    fn not_so(&self, target: &SignedStep, instead: Option<&Step>) -> Option<&'static str> {
        let kind = target.step.kind();
        let later = |is: fn(&Step) -> bool| self.effective().any(|(s, step)| s.number > target.number && is(step));
        match (kind, instead) {
            (kind, Some(_)) if DECISIONS.contains(&kind) => {
                Some("it was decided and signed; sign it anew, so that what must come before is asked again")
            }
            (StepKind::ConsentWithdrawn, None) => Some("what the patient took back returns by a new consent only"),
            (StepKind::Cancelled, None) => Some("a day that was given up returns by a new booking only; book again"),
            (StepKind::Logged, None) if is_gas(&target.step) => Some(
                "gas that was on or off stays in the log; correct its values, or write a note that it was pressed by mistake",
            ),
            (kind, None) if UNDER_A_FREEZE.contains(&kind) && later(is_freeze) => {
                Some("a freeze rests on it; report what went wrong as an event, or write a note")
            }
            (StepKind::Examined, _) if later(is_freeze) => {
                Some("weakness after the freeze is judged by it; write a note that tells what was meant")
            }
            (StepKind::SignedOut, None) if later(|step| matches!(step, Step::Discharged(_))) => {
                Some("the discharge rests on it; write a note")
            }
            _ => None,
        }
    }

    /// Stops that a correction would take away although whoever signs it may not decide against them. A fact that was written
    /// wrong is corrected by whoever wrote it, unless a stop hangs on it: then by who may go on in spite of the rule, and where
    /// nobody may, by an operator.
    pub(super) fn lifted_stops(&self, unseen: &SignedStep, judging: &Judging) -> Vec<Missing> {
        if unseen.step.kind() != StepKind::Corrected {
            return Vec::new();
        }
        let stops = |case: &Case| {
            let ruled = Phase::ALL.into_iter().flat_map(|phase| case.rulings(phase, judging));
            ruled.filter(|ruled| ruled.ruling.verdict == Verdict::Stop && !ruled.may_go_on()).collect::<Vec<_>>()
        };
        let before = stops(self);
        if before.is_empty() {
            return Vec::new();
        }
        let after = stops(&self.as_if(unseen));
        let mut missing: Vec<Missing> = Vec::new();
        for Ruled { ruling, .. } in before {
            let same = |other: &Ruled| other.ruling.rule == ruling.rule && is_about_the_same(&other.ruling, &ruling);
            let stays = after.iter().any(same);
            let told = missing.iter().any(|other| other.rule == Some(ruling.rule));
            let may = match ruling.overriding.stops {
                Stops::MayBeOverridden => ruling.overriding.roles.clone(),
                Stops::Never(_) => vec![Role::Operator],
            };
            if stays || told || may.contains(&unseen.by.role) {
                continue;
            }
            let words: Vec<&str> = may.iter().map(|role| role.word()).collect();
            let (rule, who) = (ruling.rule, words.join(" or "));
            let text = format!("{rule} (stop) would no longer say: {}; let the {who} sign the correction", ruling.text);
            missing.push(Missing { text, rule: Some(rule) });
        }
        missing
    }

    /// Whether an event of this name counts, other than that of step `except`.
    pub(super) fn has_event(&self, name: &str, except: Option<u64>) -> bool {
        self.effective().any(|(signed, step)| {
            Some(signed.number) != except && matches!(step, Step::EventReported(event) if event.event == name)
        })
    }
}

fn is_freeze(step: &Step) -> bool {
    matches!(step, Step::Logged(LogLine { logged: Logged::FreezeStarted(_), .. }))
}
