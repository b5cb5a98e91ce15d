//! Which decisions still stand against a ruling.

use super::super::steps::OverrideRequest;
use super::super::{Case, SignedStep, Step, StepKind};
use crate::rules::{Override, RuleId, Ruled, Ruling, Signature};

impl Case {
    /// The ruling with every decision that was made against what it says now. A decision lapses when the rule says
    /// something else, has a new version, or when what it looks at changed since.
    pub(super) fn with_overrides(&self, ruling: Ruling) -> Ruled {
        let standing: Vec<(&SignedStep, &OverrideRequest)> =
            self.effective().filter_map(|(signed, step)| self.stands(signed, step, &ruling)).collect();
        let signatures: Vec<Signature> =
            standing.iter().map(|(signed, _)| Signature { role: signed.by.role, by: signed.by.name.clone() }).collect();
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
            && drug_of(then) == drug_of(ruling);
        let unchanged = match lapses(ruling.rule) {
            Lapses::WithFacts => then.facts == ruling.facts,
            Lapses::WithSteps(kinds) => !self.changed_since(signed.number, kinds),
        };
        (same && unchanged).then_some((signed, request))
    }
}

/// The drug that a ruling is about, when it is about one.
pub(super) fn drug_of(ruling: &Ruling) -> Option<&String> {
    ruling.facts.iter().find(|fact| fact.name == "drug").map(|fact| &fact.value)
}

/// When a decision against a ruling lapses.
enum Lapses {
    /// When anything the rule looked at is no longer as it was.
    WithFacts,
    /// When one of these steps came since. For rules whose facts change by themselves, such as days that pass.
    WithSteps(&'static [StepKind]),
}

fn lapses(rule: RuleId) -> Lapses {
    use RuleId::*;
    use StepKind::*;
    match rule {
        E01 => Lapses::WithSteps(&[Indicated]),
        E10 | E11 => Lapses::WithSteps(&[Screened, Arrived]),
        BClass => Lapses::WithSteps(&[Planned, Imaged, Screened, DrugListed, LabsSeen]),
        B03 | B05 | B06 | B07 => {
            Lapses::WithSteps(&[DrugListed, DrugDecided, DrugTaken, Booked, Cancelled, LabsSeen, Screened])
        }
        F01 | F02 => Lapses::WithSteps(&[Prepared, SedationChosen, Booked, Cancelled]),
        O01 | O02 | O03 | O04 | O05 | O06 | O07 | O08 => Lapses::WithSteps(&[Answered, ContactTried]),
        _ => Lapses::WithFacts,
    }
}
