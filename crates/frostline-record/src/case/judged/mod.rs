//! What the rules say about a case as it stands.

mod after;
mod answers;
mod before;
mod coding;
mod drugs;
mod overrides;
mod room;

pub(crate) use after::{harm, limits, seriousness};
pub use answers::WeighedAnswer;
pub(super) use overrides::is_about_the_same;

use std::collections::BTreeSet;

use frostline_plan::catalogue::{Limits, Nerves};

use super::steps::OverrideRequest;
use super::{Case, Pathway, Refused, SignedStep, Signer, Step};
use crate::rules::{Day, Moment, Override, PayerNeeds, RuleBook, Ruled, Ruling, Signature};

/// Everything that judges a case: rules, lists, atlas, limits, and what time it is.
#[derive(Clone, Copy)]
pub struct Judging<'a> {
    /// The rules.
    pub book: &'a RuleBook,
    /// The lists of the pathway.
    pub pathway: &'a Pathway,
    /// The atlas of nerves.
    pub nerves: &'a Nerves,
    /// Limits of the planner.
    pub limits: &'a Limits,
    /// What the payer asks to have been tried.
    pub payer: Option<PayerNeeds>,
    /// Now.
    pub now: Moment,
    /// Today, where the patient is.
    pub today: Day,
    /// The other cases of the session, as they stand now; none where the case is alone.
    pub session: &'a [LinkedCase],
}

/// Another case of the same patient that is treated in the same session.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkedCase {
    /// Its name, as the booking says it.
    pub name: String,
    /// Its steps.
    pub case: Case,
}

/// For which decision the rules are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// May this patient be treated?
    Eligibility,
    /// May this patient bleed?
    Bleeding,
    /// Fasted and watched?
    Sedation,
    /// Does everybody mean the same place, as far as they have said?
    SiteSoFar,
    /// Does everybody mean the same place: request, diagnosis, image, plan, consent, time-out?
    Site,
    /// Is the patient watched as the level of sedation asks?
    Watching,
    /// Local anaesthetic so far.
    Anaesthetic,
    /// May the gas be opened?
    Freeze,
    /// May the probe come out?
    Removal,
    /// Is the record of the procedure whole?
    Record,
    /// May the patient go home?
    Discharge,
    /// Are the codes right?
    Coding,
    /// How it goes.
    FollowUp,
    /// Adverse events.
    Events,
}

impl Phase {
    /// Every phase, in the order of the way.
    pub const ALL: [Phase; 14] = [
        Phase::Eligibility,
        Phase::Bleeding,
        Phase::Sedation,
        Phase::SiteSoFar,
        Phase::Site,
        Phase::Watching,
        Phase::Anaesthetic,
        Phase::Freeze,
        Phase::Removal,
        Phase::Record,
        Phase::Discharge,
        Phase::Coding,
        Phase::FollowUp,
        Phase::Events,
    ];

    /// The word in files and on screens.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Eligibility => "eligibility",
            Phase::Bleeding => "bleeding",
            Phase::Sedation => "sedation",
            Phase::SiteSoFar => "site so far",
            Phase::Site => "site",
            Phase::Watching => "watching",
            Phase::Anaesthetic => "local anaesthetic",
            Phase::Freeze => "freeze",
            Phase::Removal => "removal",
            Phase::Record => "record",
            Phase::Discharge => "discharge",
            Phase::Coding => "codes",
            Phase::FollowUp => "follow-up",
            Phase::Events => "events",
        }
    }
}

impl Case {
    /// What the rules of one decision say, each with what was decided in spite of it.
    pub fn rulings(&self, phase: Phase, judging: &Judging) -> Vec<Ruled> {
        self.plain_rulings(phase, judging).into_iter().map(|ruling| self.with_overrides(ruling)).collect()
    }

    fn plain_rulings(&self, phase: Phase, judging: &Judging) -> Vec<Ruling> {
        match phase {
            Phase::Eligibility => self.eligibility(judging),
            Phase::Bleeding => self.bleeding(judging),
            Phase::Sedation => self.sedation_rulings(judging),
            Phase::SiteSoFar => vec![self.site_so_far(judging)],
            Phase::Site => vec![self.site_everywhere(judging)],
            Phase::Watching => vec![self.watched(judging)],
            Phase::Anaesthetic => self.anaesthetic(judging),
            Phase::Freeze => self.before_freeze(judging),
            Phase::Removal => self.removal_rulings(judging),
            Phase::Record => self.whole_record(judging),
            Phase::Discharge => self.before_discharge(judging),
            Phase::Coding => self.codes(judging),
            Phase::FollowUp => self.follow_up(judging),
            Phase::Events => self.event_rulings(judging),
        }
    }

    /// What every rule says that anything in the case speaks to; each rule once for each thing it was asked about.
    pub fn every_ruling(&self, judging: &Judging) -> Vec<(Phase, Ruled)> {
        let reached: BTreeSet<Phase> = Phase::ALL.into_iter().filter(|phase| self.reached(*phase)).collect();
        reached
            .into_iter()
            .flat_map(|phase| self.rulings(phase, judging).into_iter().map(move |ruled| (phase, ruled)))
            .collect()
    }

    fn reached(&self, phase: Phase) -> bool {
        let logged = self.log().next().is_some();
        match phase {
            Phase::Eligibility | Phase::Bleeding => self.indication().is_some() || self.screening().is_some(),
            Phase::Sedation => self.sedation().is_some(),
            // Part of the rules about sedation, and shown with them.
            Phase::Watching => false,
            Phase::SiteSoFar => self.imaging().is_some() && self.time_out().is_none(),
            Phase::Site => self.time_out().is_some(),
            Phase::Anaesthetic | Phase::Freeze => logged,
            Phase::Removal => self.probe_came_out(),
            Phase::Record => self.sign_out().is_some(),
            Phase::Discharge => self.recovery().is_some(),
            Phase::Coding => self.coding().is_some(),
            Phase::FollowUp => self.discharge().is_some(),
            Phase::Events => !self.events().is_empty(),
        }
    }

    /// What the rules say about a step that is about to be signed, in the case as it would be with it.
    pub(super) fn rulings_for(&self, unseen: &SignedStep, judging: &Judging) -> Result<Vec<Ruling>, Refused> {
        match &unseen.step {
            Step::Overridden(request) => {
                let ruling = self.to_override(request, judging)?;
                may_override(&ruling, (&request.reason, &unseen.by), judging)?;
                Ok(vec![ruling])
            }
            step => {
                let after = self.as_it_was(unseen).as_if(unseen);
                let phases = super::gates::rules_before(step);
                Ok(phases.iter().flat_map(|phase| after.plain_rulings(*phase, judging)).collect())
            }
        }
    }

    /// The most serious of what a rule says now.
    fn to_override(&self, request: &OverrideRequest, judging: &Judging) -> Result<Ruling, Refused> {
        let meant = |ruling: &Ruling| {
            let about = request.about.as_ref().is_none_or(|about| is_about(ruling, about, judging));
            ruling.rule == request.rule && about
        };
        let said = Phase::ALL.into_iter().flat_map(|phase| self.plain_rulings(phase, judging));
        said.filter(meant).max_by_key(|ruling| ruling.verdict).ok_or(Refused::NoSuchRuling { rule: request.rule })
    }
}

/// Whether a ruling is about the drug of this key; some rules show the name of a drug, others its key.
fn is_about(ruling: &Ruling, key: &str, judging: &Judging) -> bool {
    let named = judging.book.blood_thinners().iter().find(|drug| drug.id == key).map(|drug| drug.name.as_str());
    overrides::drug_of(ruling).is_some_and(|shown| shown == key || Some(shown.as_str()) == named)
}

/// One signature of those that a rule wants. The first of two is kept and counts once the second is there.
fn may_override(ruling: &Ruling, (reason, by): (&str, &Signer), judging: &Judging) -> Result<(), Refused> {
    let mut alone = ruling.clone();
    alone.overriding.signatures = 1;
    let signature = Signature { role: by.role, by: by.name.clone() };
    Override::of(&alone, &[signature], reason, judging.now)?;
    Ok(())
}
