//! What the referrer is told.

use super::Surroundings;
use super::patient::{drugs_after, follow_up, newest};
use super::procedure::procedure_of;
use super::strength::strength_of;
use crate::case::{Case, Judging, Step};
use crate::documents::calendar::Date;
use crate::documents::clinical_inputs::LetterInputs;

/// What the referrer is told.
pub fn letter_of(case: &Case, judging: &Judging, around: &Surroundings) -> LetterInputs {
    let procedure = procedure_of(case, judging, around);
    let referred = newest(case, |step| matches!(step, Step::Referred(_)));
    let strength = strength_of(case);
    let indication = case.indication();
    let referrer = case.referral().map(|referral| &referral.referrer);
    LetterInputs {
        to: referrer.map(|person| match &person.organisation {
            Some(organisation) => format!("{}, {organisation}", person.name),
            None => person.name.clone(),
        }),
        referred_on: referred.map(|signed| Date::of(signed.day)),
        reason: case.referral().map(|referral| referral.problem.clone()),
        findings: indication.and_then(|indication| indication.findings.clone()),
        nerve_pain_screen: indication
            .and_then(|indication| indication.dn4)
            .map(|points| format!("DN4, {points} points")),
        block: block(case),
        done: case.report().map(|report| vec![report.words.clone()]).unwrap_or_default(),
        events: procedure.events,
        pain_before: procedure.pain_before,
        pain_after: procedure.pain_after,
        weak: strength.weak,
        weaker: strength.weaker,
        numb: strength.numb,
        drugs: drugs_after(case, judging, around),
        follow_up: follow_up(case, judging),
        signed: procedure.signed,
    }
}

pub(super) fn block(case: &Case) -> Option<String> {
    case.block().map(|block| match block {
        Ok(block) => {
            let relief = block.after.relief_percent(block.before);
            let relief = relief.map_or(String::new(), |percent| format!(", {percent:.0} % relief"));
            let (before, after) = (block.before.score(), block.after.score());
            format!("{}: pain from {before} to {after}{relief}", Date::of(block.on).iso())
        }
        Err(none) => format!("not done: {}", none.words),
    })
}
