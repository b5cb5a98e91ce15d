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
        let ruled = book.red_flags(&flags);
        let to = || vec![Role::Nurse, Role::Operator];
        let mut found = Vec::new();
        if ruled.ruling.verdict != Verdict::Ok {
            let raised = !ruled.result.is_empty();
            found.push(Escalation {
                urgency: if raised { Urgency::Now } else { Urgency::Today },
                rule: RuleId::O05,
                act: if raised { ruled.result.join("; ") } else { "ask the open questions again".to_owned() },
                why: ruled.ruling.text,
                to: to(),
            });
        }
        let worse = baseline.zip(answers.average_pain).filter(|(before, now)| now > before);
        if let Some((before, now)) = worse {
            found.push(Escalation {
                urgency: Urgency::Today,
                rule: RuleId::O02,
                act: "call: a flare in the first weeks is common, new pain beyond the nerve is not".to_owned(),
                why: format!("average pain {} now, {} before", now.score(), before.score()),
                to: to(),
            });
        }
        found
    }

    /// Of silence: how often in a row nobody was reached.
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
