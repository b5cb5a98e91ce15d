//! Which decisions still stand against a ruling.

use super::super::steps::OverrideRequest;
use super::super::{Case, SignedStep, Step, StepKind};
use crate::rules::{Override, RuleId, Ruled, Ruling, Signature};

impl Case {
    /// The ruling with every decision that was made against what it says now. A decision lapses when the rule says
    /// something else, has a new version, or when a step came since that the rule looks at.
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
        (same && !self.changed_since(signed.number, looks_at(ruling.rule))).then_some((signed, request))
    }
}

/// The drug that a ruling is about, when it is about one.
pub(super) fn drug_of(ruling: &Ruling) -> Option<&String> {
    ruling.facts.iter().find(|fact| fact.name == "drug").map(|fact| &fact.value)
}

/// The steps whose contents a rule looks at. A rule that is not listed here looks at the log of the procedure.
fn looks_at(rule: RuleId) -> &'static [StepKind] {
    use RuleId::*;
    use StepKind::*;
    match rule {
        E01 | E02 | E03 | E13 => &[Indicated],
        E04 | E05 => &[Blocked, NotBlocked, Indicated],
        E06 => &[Planned, Imaged, Referred],
        E07 => &[Planned],
        E08 | E09 | E10 | E11 | E12 => &[Screened],
        E14 => &[Screened, Planned, Imaged],
        BClass => &[Planned, Imaged, Screened, DrugListed, LabsSeen],
        B01 | B02 => &[LabsSeen, Screened, DrugListed, Planned, Imaged],
        B03 | B05 | B06 | B07 => &[DrugListed, DrugDecided, DrugTaken, Booked, Cancelled, LabsSeen, Screened],
        F01 | F02 => &[Prepared, SedationChosen, Booked],
        F03 => &[Screened],
        S01 => &[SedationChosen],
        S02 => &[SedationChosen, Arrived, Prepared, Recovered],
        S03 | B08 | B04 => &[Recovered],
        N01 => &[Referred, Indicated, Imaged, Planned, Consented, ConsentWithdrawn, TimedOut],
        C01 | C02 | C03 | C04 | C06 | C07 => &[CodesConfirmed, Indicated, Planned],
        C05 => &[CodesConfirmed, Indicated, Imaged, Logged, ReportSigned],
        O01 | O02 | O03 | O04 | O05 | O06 | O07 | O08 => &[Answered, ContactTried],
        A01 | A02 | A03 | A04 | A05 => &[EventReported, EventSettled],
        N08 => &[Logged, Recovered, Examined],
        L01 | L02 | L03 | L04 | L05 | N02 | N03 | N04 | N05 | N06 | N07 | N09 | N10 | N11 => &[Logged],
    }
}
