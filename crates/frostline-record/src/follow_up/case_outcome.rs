//! How it went for the patient of a case, beside what others published, and what somebody should do about it.

use serde::Serialize;

use crate::case::{Case, Judging};
use crate::worklist::{Alarm, Worse, open_alarm, worse_pain};

use super::escalation::Escalation;
use super::outcome::{Outcome, RepeatTreatment};
use super::published::Comparison;

/// The outcome of a case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseOutcome {
    /// How it went.
    pub outcome: Outcome,
    /// The last pain that was told, beside every published study; nothing before there is one.
    pub beside: Option<Comparison>,
    /// Whether the nerve may be frozen again today, and what is proposed.
    pub repeat: RepeatTreatment,
    /// What somebody must do about answers or silence.
    pub escalations: Vec<Escalation>,
}

impl CaseOutcome {
    /// Of a case as it stands; nothing before the nerve was frozen.
    pub fn of(case: &Case, judging: &Judging) -> Option<Self> {
        let outcome = Outcome::of_case(case, judging, judging.pathway.questionnaires())?;
        let last = outcome.points.iter().rev().find_map(|point| Some((point.day, point.pain?)));
        let beside = last.map(|(day, pain)| Comparison::of(judging.book, day, pain.score(), 1));
        let repeat = outcome.repeated(judging.book, case.treated_on()?, judging.today);
        Some(Self { outcome, beside, repeat, escalations: escalations(case, judging) })
    }
}

/// Everything that stands open now, as on worklists.
fn escalations(case: &Case, judging: &Judging) -> Vec<Escalation> {
    let flags = open_alarm(case, judging).and_then(|alarm: Alarm| {
        let answers: Vec<_> = alarm.answers.iter().map(|(key, said)| (key.as_str(), *said)).collect();
        Escalation::of_flags(judging.book, &answers)
    });
    let pain = worse_pain(case).and_then(|worse: Worse| Escalation::of_pain(worse.before, worse.now));
    let silence = Escalation::of_silence(judging.book, case.tries_in_a_row());
    flags.into_iter().chain(pain).chain(silence).collect()
}
