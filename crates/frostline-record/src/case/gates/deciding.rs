//! Who decides about a drug against clotting: the signer, if their role may, or a prescriber who told it.

use super::super::refused::Missing;
use super::super::steps::{Correction, DRUG_DECIDERS, DecidedBy, DrugCountersignature, DrugDecision};
use super::super::{Case, Refused, SignedStep, Step};
use super::told;
use crate::rules::may_be_one_person;

impl Case {
    /// Whether whoever signs a decision about a drug may decide it, or says who did.
    pub(super) fn decides(&self, unseen: &SignedStep) -> Result<(), Refused> {
        let found = match &unseen.step {
            Step::DrugDecided(said) => wrong_decider(said, unseen),
            Step::DrugCountersigned(said) => self.wrong_countersigner(said, unseen),
            Step::Corrected(correction) => self.wrong_corrector(correction, unseen),
            _ => None,
        };
        let step = unseen.step.kind().word();
        found.map_or(Ok(()), |(field, problem)| Err(Refused::Wrong { step, field, problem }))
    }

    fn wrong_countersigner(&self, said: &DrugCountersignature, unseen: &SignedStep) -> Option<(&'static str, String)> {
        if !DRUG_DECIDERS.contains(&unseen.by.role) {
            let problem =
                format!("found the role {}, expected {}; let one of them sign", unseen.by.role.word(), deciders());
            return Some(("", problem));
        }
        let decided = self.steps().iter().find(|step| step.number == said.decision)?;
        let one = decided.by.account == unseen.by.account || may_be_one_person(&decided.by.name, &unseen.by.name);
        one.then(|| {
            let problem = format!(
                "found {}, who may be {}, who took the decision down; let another person countersign, with a name that tells \
                 the two apart",
                unseen.by.name, decided.by.name
            );
            ("/decision", problem)
        })
    }

    /// What somebody decided who may, and the drug it is about, are taken back by somebody who may decide; until then they stand.
    fn wrong_corrector(&self, correction: &Correction, unseen: &SignedStep) -> Option<(&'static str, String)> {
        let target = self.steps().iter().find(|step| step.number == correction.step)?;
        let rests = match &target.step {
            Step::DrugDecided(_) | Step::DrugCountersigned(_) => DRUG_DECIDERS.contains(&target.by.role),
            Step::DrugListed(listed) => {
                let stays =
                    matches!(correction.instead.as_deref(), Some(Step::DrugListed(new)) if new.drug == listed.drug);
                !stays && self.is_decided(&listed.drug)
            }
            _ => false,
        };
        (rests && !DRUG_DECIDERS.contains(&unseen.by.role)).then(|| {
            let problem = format!(
                "found the role {}: a clinician decided about this drug, so expected {}; let one of them correct it, or take \
                 down what a prescriber says now",
                unseen.by.role.word(),
                deciders()
            );
            ("/step", problem)
        })
    }

    fn is_decided(&self, drug: &str) -> bool {
        self.drugs().iter().any(|(listed, decision, _)| listed.drug == drug && decision.is_some())
    }

    pub(super) fn no_such_told_decision(&self, step: &Step) -> Vec<Missing> {
        let Step::DrugCountersigned(said) = step else { return Vec::new() };
        let waits = self.told_decisions().any(|(number, drug)| number == said.decision && drug == said.drug);
        if waits {
            return Vec::new();
        }
        vec![told(&format!(
            "step {} is no decision about '{}' that waits for a counter-signature; look at the newest decision about each drug",
            said.decision, said.drug
        ))]
    }

    /// Decisions about drugs of the list that wait for somebody who may decide, with the number of their step.
    fn told_decisions(&self) -> impl Iterator<Item = (u64, &str)> {
        let newest =
            self.listed_drugs().into_iter().filter_map(|(listed, drug)| self.newest_decision(&drug.drug, listed));
        let waiting = newest.filter(|(signed, _)| self.signed_for(signed).is_none());
        waiting.map(|(signed, said)| (signed.number, said.drug.as_str()))
    }

    /// What a decision about a drug waits for, when it does.
    pub(super) fn waits_for_countersignature(&self, drug: &str) -> Option<String> {
        let (number, _) = self.told_decisions().find(|(_, waiting)| *waiting == drug)?;
        Some(format!(
            "the decision about {drug} in step {number} was told to somebody who may not decide; let {} countersign it",
            deciders()
        ))
    }
}

fn wrong_decider(said: &DrugDecision, unseen: &SignedStep) -> Option<(&'static str, String)> {
    let by = &unseen.by;
    match &said.decided_by {
        DecidedBy::SignedBySigner => (!DRUG_DECIDERS.contains(&by.role)).then(|| {
            let problem = format!(
                "found the role {}, which does not decide about drugs; expected {}, or 'told-by' with the prescriber who \
                 decided, how and when",
                by.role.word(),
                deciders()
            );
            ("/decided_by", problem)
        }),
        DecidedBy::ToldBy(prescriber) => {
            may_be_one_person(&prescriber.name, &by.name).then(|| {
                let problem = format!(
                    "found {}, who may be {}, who signs; sign it as your own decision, or write the prescriber's whole name",
                    prescriber.name, by.name
                );
                ("/decided_by/told-by/name", problem)
            })
        }
    }
}

fn deciders() -> String {
    DRUG_DECIDERS.iter().map(|role| role.word()).collect::<Vec<_>>().join(" or ")
}
