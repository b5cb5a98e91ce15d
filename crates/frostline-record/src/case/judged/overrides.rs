//! Which decisions still stand against a ruling.

use super::super::steps::OverrideRequest;
use super::super::{Case, SignedStep, Signer, Step, StepKind};
use crate::rules::{Override, RuleId, Ruled, Ruling, Signature};

impl Case {
    /// The ruling with every decision that was made against what it says now. A decision lapses when the rule says
    /// something else, has a new version, or when what it looks at changed since.
    pub(super) fn with_overrides(&self, ruling: Ruling) -> Ruled {
        let standing: Vec<(&SignedStep, &OverrideRequest)> =
            self.effective().filter_map(|(signed, step)| self.stands(signed, step, &ruling)).collect();
        let signatures = signatures(standing.iter().map(|(signed, _)| &signed.by));
        let reasons: Vec<&str> = standing.iter().map(|(_, request)| request.reason.trim()).collect();
        let last = standing.last().map(|(signed, _)| signed.at.moment());
        let decision = last.and_then(|at| Override::of(&ruling, &signatures, &reasons.join("; "), at).ok());
        let ruled = Ruled::new(ruling);
        match decision {
            Some(decision) => ruled.clone().with(decision).unwrap_or(ruled),
            None => ruled,
        }
    }

    fn stands<'a>(
        &self,
        signed: &'a SignedStep,
        step: &'a Step,
        ruling: &Ruling,
    ) -> Option<(&'a SignedStep, &'a OverrideRequest)> {
        let Step::Overridden(request) = step else { return None };
        let then = signed.seen.first()?;
        let same = then.rule == ruling.rule
            && then.version == ruling.version
            && then.verdict == ruling.verdict
            && is_about_the_same(then, ruling);
        let lapses = lapses(ruling.rule);
        let unchanged = (!lapses.facts || then.facts == ruling.facts)
            && !self.changed_since(signed.number, lapses.steps)
            && (!lapses.probe_moves || self.probe_moved_last() < signed.number);
        (same && unchanged).then_some((signed, request))
    }
}

/// One signature for each account: somebody who signs twice, under whatever name, is one person.
fn signatures<'a>(signers: impl Iterator<Item = &'a Signer>) -> Vec<Signature> {
    let mut people: Vec<&Signer> = Vec::new();
    for signer in signers {
        if !people.iter().any(|one| one.account == signer.account) {
            people.push(signer);
        }
    }
    people.iter().map(|signer| Signature { role: signer.role, by: signer.name.clone() }).collect()
}

/// Whether two rulings are about the same drug and freeze, as far as they are about one.
pub(in super::super) fn is_about_the_same(one: &Ruling, other: &Ruling) -> bool {
    drug_of(one) == drug_of(other) && freeze_of(one) == freeze_of(other)
}

/// The drug that a ruling is about, when it is about one: its key, or its name where the rule shows that.
pub(super) fn drug_of(ruling: &Ruling) -> Option<&String> {
    ruling.facts.iter().find(|fact| fact.name == "drug").map(|fact| &fact.value)
}

/// The freeze that a ruling is about, when it is about one.
fn freeze_of(ruling: &Ruling) -> Option<&String> {
    ruling.facts.iter().find(|fact| fact.name == "freeze").map(|fact| &fact.value)
}

/// What ends a decision against a ruling; any of these does.
struct Lapses {
    /// Anything the rule looked at is no longer as it was. Not for facts that change by themselves, such as days that pass.
    facts: bool,
    /// One of these steps came since: what the rule looks at, or what its facts do not show in full.
    steps: &'static [StepKind],
    /// The probe was placed or moved since.
    probe_moves: bool,
}

fn lapses(rule: RuleId) -> Lapses {
    use RuleId::*;
    use StepKind::*;
    let with_steps = |steps| Lapses { facts: false, steps, probe_moves: false };
    let with_both = |steps| Lapses { facts: true, steps, probe_moves: false };
    match rule {
        E01 => with_steps(&[Indicated]),
        E10 | E11 => with_steps(&[Referred, Screened, Arrived]),
        BClass => with_steps(&[Referred, Planned, Imaged, Screened, DrugListed, LabsSeen]),
        B03 | B05 | B06 | B07 => with_steps(&[
            Referred,
            Planned,
            Imaged,
            DrugListed,
            DrugDecided,
            DrugCountersigned,
            DrugTaken,
            Booked,
            Cancelled,
            LabsSeen,
            Screened,
        ]),
        F01 | F02 => with_steps(&[Prepared, SedationChosen, Booked, Cancelled]),
        O01 | O02 | O03 | O04 | O05 | O06 | O07 | O08 => with_steps(&[Answered, ContactTried]),
        // The names of nerves do not say how near they are, nor "5 of 6" which point is not met.
        E05 => with_both(&[Indicated, Blocked, NotBlocked]),
        E07 => with_both(&[Planned]),
        // The thaw goes on by itself; which thaw it is stays.
        N12 => with_steps(&[Planned]),
        S03 => with_both(&[Recovered, Instructed, SedationChosen]),
        N02 | N03 => Lapses { facts: true, steps: &[], probe_moves: true },
        _ => with_both(&[]),
    }
}
