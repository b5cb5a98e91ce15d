//! Who decides about a drug against clotting: the signer, if their role may, or a prescriber who told it.

use super::super::refused::Missing;
use super::super::steps::{DRUG_DECIDERS, DecidedBy, DrugCountersignature, DrugDecision};
use super::super::{Case, Refused, SignedStep, Step};
use super::told;

impl Case {
    /// Whether whoever signs a decision about a drug may decide it, or says who did.
    pub(super) fn decides(&self, unseen: &SignedStep) -> Result<(), Refused> {
        let found = match &unseen.step {
            Step::DrugDecided(said) => wrong_decider(said, unseen),
            Step::DrugCountersigned(said) => self.wrong_countersigner(said, unseen),
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
        (decided.by.account == unseen.by.account).then(|| {
            let problem =
                format!("found {}, who took the decision down; let another person countersign", unseen.by.name);
            ("/decision", problem)
        })
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
            let alike = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
            alike(&prescriber.name, &by.name).then(|| {
                let problem = format!("found {}, who signs; sign it as your own decision", by.name);
                ("/decided_by/told-by/name", problem)
            })
        }
    }
}

fn deciders() -> String {
    DRUG_DECIDERS.iter().map(|role| role.word()).collect::<Vec<_>>().join(" or ")
}
