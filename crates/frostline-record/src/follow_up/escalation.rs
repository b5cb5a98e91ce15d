//! Which answers, and which silence, need somebody, and whom.

use frostline_plan::catalogue::Known;
use serde::Serialize;

use crate::case::steps::FollowUpAnswers;
use crate::rules::{Answer, PainScore, Role, RuleBook, RuleId, Verdict};
use crate::worklist::Urgency;

/// Something that somebody must do about a patient at home.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Escalation {
    /// How soon.
    pub urgency: Urgency,
    /// Which rule says so.
    pub rule: RuleId,
    /// What to do.
    pub act: String,
    /// Why.
    pub why: String,
    /// Who.
    pub to: Vec<Role>,
}

impl Escalation {
    /// Of answers that just came in.
    pub fn of_answers(book: &RuleBook, baseline: Option<PainScore>, answers: &FollowUpAnswers) -> Vec<Escalation> {
        let flags: Vec<(&str, Answer)> = answers.red_flags.iter().map(|(key, said)| (key.as_str(), *said)).collect();
        let worse = baseline.zip(answers.average_pain).and_then(|(before, now)| Self::of_pain(before, now));
        Self::of_flags(book, &flags).into_iter().chain(worse).collect()
    }

    /// O-05, of answers to the red-flag questions: one of yes, or one that the list does not have, needs somebody now; one that
    /// is open is asked again.
    pub fn of_flags(book: &RuleBook, flags: &[(&str, Answer)]) -> Option<Escalation> {
        let ruled = book.red_flags(flags);
        let raised = flags.iter().any(|(_, said)| *said == Answer::Yes);
        (ruled.ruling.verdict != Verdict::Ok).then(|| Escalation {
            urgency: if raised { Urgency::Now } else { Urgency::Today },
            rule: RuleId::O05,
            act: if ruled.result.is_empty() {
                "ask the open questions again".to_owned()
            } else {
                ruled.result.join("; ")
            },
            why: ruled.ruling.text,
            to: vec![Role::Nurse, Role::Operator],
        })
    }

    /// O-02, of pain that is worse than before the procedure.
    pub fn of_pain(before: PainScore, now: PainScore) -> Option<Escalation> {
        (now > before).then(|| Escalation {
            urgency: Urgency::Today,
            rule: RuleId::O02,
            act: "call: a flare in the first weeks is common, new pain beyond the nerve is not".to_owned(),
            why: format!("average pain {} now, {} before", now.score(), before.score()),
            to: vec![Role::Nurse, Role::Operator],
        })
    }

    /// O-06, of silence: how often in a row nobody was reached.
    pub fn of_silence(book: &RuleBook, tries: u32) -> Option<Escalation> {
        let ruling = book.no_reply(Known::Known(tries));
        (ruling.verdict == Verdict::Human).then(|| Escalation {
            urgency: Urgency::Today,
            rule: RuleId::O06,
            act: "phone the patient".to_owned(),
            why: ruling.text,
            to: vec![Role::Nurse, Role::Coordinator],
        })
    }
}
