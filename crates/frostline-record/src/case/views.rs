//! What the steps say together. A corrected step counts as its correction says.

use std::collections::BTreeMap;

use frostline_plan::catalogue::Known;

use super::steps::*;
use super::{Case, Judging, LinkedCase, Second, SignedStep, Signer, Step, StepKind};
use crate::rules::{Day, SedationLevel, Site};

/// A decision about a drug that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided<'a> {
    /// What shall happen to it.
    pub word: DrugWord,
    /// The clinician who decided.
    pub by: &'a str,
    /// Who may decide and signed for it; the same person, unless a prescriber outside decided.
    pub signed_for_by: &'a str,
}

macro_rules! latest {
    ($($(#[$doc:meta])* $name:ident = $variant:ident => $body:ty);* $(;)?) => {
        $($(#[$doc])*
        pub fn $name(&self) -> Option<&$body> {
            match self.standing(StepKind::$variant)? { (_, Step::$variant(body)) => Some(body), _ => None }
        })*
    };
}

/// Steps after which what was done for another day, or before the patient came back to the room, no longer counts.
fn lapses_by(kind: StepKind) -> &'static [StepKind] {
    use StepKind::*;
    match kind {
        Arrived | Prepared | SignedIn => &[Booked, Cancelled],
        TimedOut | SignedOut => &[Booked, Cancelled, SignedIn],
        Recovered | Instructed => &[SignedIn],
        _ => &[],
    }
}

impl Case {
    /// Every step as it counts now: corrected ones with their correction, without those that were taken out.
    pub fn effective(&self) -> impl DoubleEndedIterator<Item = (&SignedStep, &Step)> {
        let mut corrections: BTreeMap<u64, Option<&Step>> = BTreeMap::new();
        for step in &self.steps {
            if let Step::Corrected(correction) = &step.step {
                corrections.insert(correction.step, correction.instead.as_deref());
            }
        }
        self.steps.iter().filter_map(move |signed| match corrections.get(&signed.number) {
            Some(None) => None,
            Some(Some(instead)) => Some((signed, *instead)),
            None => Some((signed, &signed.step)),
        })
    }

    latest! {
        /// The referral.
        referral = Referred => Referral;
        /// What the patient wants.
        goal = GoalSaid => Goal;
        /// Why a freeze is considered.
        indication = Indicated => Indication;
        /// Answers about contraindications.
        screening = Screened => Screening;
        /// How the patient is kept calm.
        sedation = SedationChosen => Sedation;
        /// Who pays, as chosen before the codes are.
        payer_choice = PayerChosen => PayerChoice;
        /// What images show.
        imaging = Imaged => Imaging;
        /// Feeling and power before.
        exam = Examined => Exam;
        /// The plan that counts.
        plan = Planned => PlanRecord;
        /// The last approval, of whatever plan.
        approval = PlanApproved => PlanApproval;
        /// What was eaten, and who takes the patient home.
        preparation = Prepared => Preparation;
        /// Arrival.
        arrival = Arrived => Arrival;
        /// The first list.
        sign_in = SignedIn => Checklist;
        /// What was said at the time-out.
        time_out = TimedOut => TimeOut;
        /// The last list.
        sign_out = SignedOut => Checklist;
        /// The last look at the patient before going home.
        recovery = Recovered => RecoveryLook;
        /// Instructions.
        instructions = Instructed => Instructions;
        /// Discharge.
        discharge = Discharged => Discharge;
        /// The signed report.
        report = ReportSigned => ReportSigned;
        /// The codes.
        coding = CodesConfirmed => CodingConfirmed;
        /// The end.
        closed = Closed => CaseClosed;
    }

    /// The newest step of a kind as it counts, with its number.
    pub(super) fn newest(&self, kind: StepKind) -> Option<&SignedStep> {
        self.standing(kind).map(|(signed, _)| signed)
    }

    /// The newest step of a kind, unless a later step made it one of another day.
    fn standing(&self, kind: StepKind) -> Option<(&SignedStep, &Step)> {
        let ends = lapses_by(kind);
        let found = self.effective().rev().find(|(_, step)| step.kind() == kind || ends.contains(&step.kind()));
        found.filter(|(_, step)| step.kind() == kind)
    }

    /// When the newest step was signed; none is signed before it.
    pub fn latest(&self) -> Option<Second> {
        self.steps.last().map(|step| step.at)
    }

    /// Whether any step of these kinds, or a correction of one, came after step `number`.
    pub(super) fn changed_since(&self, number: u64, kinds: &[StepKind]) -> bool {
        self.steps.iter().filter(|step| step.number > number).any(|step| match &step.step {
            Step::Corrected(correction) => {
                self.steps.iter().any(|old| old.number == correction.step && kinds.contains(&old.step.kind()))
            }
            step => kinds.contains(&step.kind()),
        })
    }

    /// The consent that stands: given, and not taken back since.
    pub fn consent(&self) -> Option<&Consent> {
        self.effective().rev().find_map(|(_, step)| match step {
            Step::Consented(consent) => Some(Some(consent)),
            Step::ConsentWithdrawn(_) => Some(None),
            _ => None,
        })?
    }

    /// Other cases of the session that is booked.
    pub fn session_parts(&self) -> &[SessionPart] {
        self.booking().map_or(&[], |booking| booking.together_with.as_slice())
    }

    /// Everything that the booking says is treated in the session, the nerve of this case first.
    pub fn booked_sites(&self) -> Vec<Site> {
        let parts = self.session_parts().iter().map(|part| part.site.clone());
        self.site().into_iter().chain(parts).collect()
    }

    /// This case and those of its session that are there, this one first.
    pub fn with_session<'a>(&'a self, judging: &Judging<'a>) -> Vec<&'a Case> {
        let parts = self.session_parts();
        let is_part = |linked: &&LinkedCase| parts.iter().any(|part| part.case == linked.name);
        let others = judging.session.iter().filter(is_part).map(|linked| &linked.case);
        std::iter::once(self).chain(others).collect()
    }

    /// The booking that stands: made, and not cancelled since.
    pub fn booking(&self) -> Option<&Booking> {
        self.effective().rev().find_map(|(_, step)| match step {
            Step::Booked(booking) => Some(Some(booking)),
            Step::Cancelled(_) => Some(None),
            _ => None,
        })?
    }

    /// The approved plan: the plan that counts, approved after it was made.
    pub fn approved_plan(&self) -> Option<&PlanRecord> {
        let (plan, approval) = (self.plan()?, self.approval()?);
        let made = self.newest(StepKind::Planned)?.number;
        let signed = self.newest(StepKind::PlanApproved)?.number;
        let stands = approval.fingerprint == plan.fingerprint
            && signed > made
            && !self.changed_since(signed, &[StepKind::Planned, StepKind::Imaged]);
        stands.then_some(plan)
    }

    /// Key of the payer's profile: as the coder confirmed, else as chosen before. Absent: not known.
    pub fn payer(&self) -> Option<&str> {
        let confirmed = self.coding().and_then(|coding| coding.payer.as_deref());
        confirmed.or_else(|| self.payer_choice()?.profile.as_deref())
    }

    /// The diagnostic block, or why there was none; the newest of both.
    pub fn block(&self) -> Option<Result<&BlockRecord, &NoBlock>> {
        self.effective().rev().find_map(|(_, step)| match step {
            Step::Blocked(block) => Some(Ok(block)),
            Step::NotBlocked(none) => Some(Err(none)),
            _ => None,
        })
    }

    /// Drugs against clotting, each once, with the newest decision since it was listed and the newest dose.
    pub fn drugs(&self) -> Vec<(&DrugOnList, Option<Decided<'_>>, Option<&DrugDose>)> {
        let whole = |(number, drug): (u64, _)| (drug, self.decision(drug, number), self.dose(&drug.drug));
        self.listed_drugs().into_iter().map(whole).collect()
    }

    /// Drugs against clotting, each once, with the number of the step that listed it last.
    pub(super) fn listed_drugs(&self) -> Vec<(u64, &DrugOnList)> {
        let mut listed: Vec<(u64, &DrugOnList)> = Vec::new();
        for (signed, step) in self.effective() {
            if let Step::DrugListed(drug) = step {
                listed.retain(|(_, old)| old.drug != drug.drug);
                listed.push((signed.number, drug));
            }
        }
        listed
    }

    /// The decision about a drug that counts: somebody who may decide signed it.
    fn decision(&self, drug: &DrugOnList, listed: u64) -> Option<Decided<'_>> {
        let (signed, said) = self.newest_decision(&drug.drug, listed)?;
        let by = match &said.decided_by {
            DecidedBy::SignedBySigner => &signed.by.name,
            DecidedBy::ToldBy(prescriber) => &prescriber.name,
        };
        self.signed_for(signed).map(|signer| Decided { word: said.decision, by, signed_for_by: &signer.name })
    }

    /// The newest decision about a drug as it was listed by step `listed`, whether it counts yet or not. One that came before
    /// is about another dose; once the newest is taken out, or what it was about is corrected, none stands: an earlier one
    /// does not come back.
    pub(super) fn newest_decision(&self, drug: &str, listed: u64) -> Option<(&SignedStep, &DrugDecision)> {
        let since = self.steps.iter().rev().take_while(|signed| signed.number > listed);
        let (signed, said) = since.into_iter().find_map(|signed| match &signed.step {
            Step::DrugDecided(said) if said.drug == drug => Some((signed, said)),
            _ => None,
        })?;
        let corrected = self.steps.iter().any(|later| match &later.step {
            Step::Corrected(correction) => {
                correction.step == signed.number || correction.step == listed && later.number > signed.number
            }
            _ => false,
        });
        (!corrected).then_some((signed, said))
    }

    /// Who may decide and signed for a decision: whoever took it down, or who countersigned.
    pub(super) fn signed_for<'a>(&'a self, decision: &'a SignedStep) -> Option<&'a Signer> {
        if DRUG_DECIDERS.contains(&decision.by.role) {
            return Some(&decision.by);
        }
        self.effective().find_map(|(signed, step)| match step {
            Step::DrugCountersigned(said) if said.decision == decision.number => Some(&signed.by),
            _ => None,
        })
    }

    fn dose(&self, drug: &str) -> Option<&DrugDose> {
        // The latest dose, in whatever order they were told.
        let doses = self.effective().filter_map(|(_, step)| match step {
            Step::DrugTaken(dose) if dose.drug == drug => Some(dose),
            _ => None,
        });
        doses.max_by_key(|dose| dose.last_taken)
    }

    /// Feeling and power before the first freeze; what was found later is no baseline.
    pub fn baseline_exam(&self) -> Option<&Exam> {
        let first = self.log().find(|(_, logged)| matches!(logged, Logged::FreezeStarted(_)));
        let before = |(signed, _): &(&SignedStep, &Step)| match first {
            Some((first, _)) if first.at < first.signed.at => signed.at <= first.at,
            Some((first, _)) => signed.number < first.number,
            None => true,
        };
        self.effective().rev().filter(before).find_map(|(_, step)| match step {
            Step::Examined(exam) => Some(exam),
            _ => None,
        })
    }

    /// How deep the sedation was at its deepest since the sign-in; before it, as chosen. A level that is written lower
    /// afterwards does not make the patient less sedated, and who got a drug for it is not on local anaesthetic only.
    pub fn deepest_sedation(&self) -> Option<SedationLevel> {
        let Some(signed_in) = self.newest(StepKind::SignedIn).map(|signed| signed.number) else {
            return self.sedation().map(|sedation| sedation.level);
        };
        let words = || self.steps.iter().filter_map(|signed| Some((signed.number, sedation_word(&signed.step)?)));
        let before = words().take_while(|(number, _)| *number < signed_in).fold(None, |_, word| Some(word));
        let since = words().filter(|(number, _)| *number > signed_in);
        let drug = self.session_log().any(|(_, logged)| matches!(logged, Logged::SedativeGiven(_)));
        let drug = drug.then_some(SedationLevel::Minimal);
        since.chain(before).map(|(_, level)| level).chain(drug).max()
    }

    /// Adverse events, each with how it ended.
    pub fn events(&self) -> Vec<(&AdverseEvent, Option<&EventSettled>)> {
        let mut events: Vec<(&AdverseEvent, Option<&EventSettled>)> = Vec::new();
        for (_, step) in self.effective() {
            match step {
                Step::EventReported(event) => events.push((event, None)),
                Step::EventSettled(settled) => {
                    for (event, outcome) in &mut events {
                        if event.event == settled.event {
                            *outcome = Some(settled);
                        }
                    }
                }
                _ => {}
            }
        }
        events
    }

    /// Every answer of the follow-up, with the day on which it came.
    pub fn answers(&self) -> Vec<(Day, &FollowUpAnswers)> {
        let answers = self.effective().filter_map(|(signed, step)| match step {
            Step::Answered(answers) => Some((signed.day, answers)),
            _ => None,
        });
        answers.collect()
    }

    /// Allergies that were asked and those that events brought.
    pub fn allergies(&self) -> Vec<&str> {
        let asked = self.screening().map(|screening| screening.allergies.as_slice()).unwrap_or_default();
        let seen = self.events().into_iter().filter_map(|(event, _)| event.allergen.as_deref());
        asked.iter().map(String::as_str).chain(seen).collect()
    }

    /// The nerve and side that the case is about now: as planned, else as imaged, else as asked for.
    pub fn site(&self) -> Option<Site> {
        let planned = self.plan().map(PlanRecord::site);
        planned.or_else(|| self.imaging().map(Imaging::site)).or_else(|| self.referral()?.site.site())
    }
}

/// The level that a step, or what it corrects, says.
fn sedation_word(step: &Step) -> Option<SedationLevel> {
    match step {
        Step::SedationChosen(sedation) => Some(sedation.level),
        Step::Corrected(correction) => correction.instead.as_deref().and_then(sedation_word),
        _ => None,
    }
}

/// What may be absent, as rules take it.
pub(super) fn known<T>(value: Option<T>) -> Known<T> {
    value.map_or(Known::NotKnown, Known::Known)
}
