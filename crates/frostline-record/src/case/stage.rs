//! Where a case stands, and what stands before its next step.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refused::Missing;
use super::steps::{Checklist, CodingConfirmed, Discharge, PlanApproval, ReportSigned, TimeOut};
use super::{Case, Judging, Second, SignedStep, Signer, Step, StepKind};
use crate::rules::{Role, RuleId, Site};

/// Where a case stands. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// A request arrived.
    Referred,
    /// Somebody looks whether a freeze helps.
    Assessing,
    /// A plan is there.
    Planned,
    /// It is approved.
    Approved,
    /// Booked.
    Booked,
    /// Everything is ready for the day.
    Cleared,
    /// The patient is there.
    Arrived,
    /// Between sign-in and sign-out.
    InProcedure,
    /// Between sign-out and going home.
    Recovering,
    /// At home, being asked how it goes.
    FollowingUp,
    /// Ended.
    Closed,
}

/// What stands before the next milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Blocker {
    /// The milestone.
    pub before: StepKind,
    /// What is missing.
    pub text: String,
    /// The rule that says so, when it is one.
    #[schema(value_type = Option<String>)]
    pub rule: Option<RuleId>,
}

impl Case {
    /// Where the case stands.
    pub fn stage(&self) -> Stage {
        let signed = |kind| self.newest(kind).is_some();
        let reached = [
            (signed(StepKind::Closed), Stage::Closed),
            (self.discharge().is_some(), Stage::FollowingUp),
            (self.sign_out().is_some(), Stage::Recovering),
            (self.sign_in().is_some(), Stage::InProcedure),
            (self.arrival().is_some(), Stage::Arrived),
            (self.booking().is_some() && self.is_cleared(), Stage::Cleared),
            (self.booking().is_some(), Stage::Booked),
            (self.approved_plan().is_some(), Stage::Approved),
            (self.plan().is_some(), Stage::Planned),
            (self.steps().len() > 1, Stage::Assessing),
        ];
        reached.into_iter().find(|(holds, _)| *holds).map_or(Stage::Referred, |(_, stage)| stage)
    }

    /// What stands before the next milestone of the way; empty when it may be taken now, or when there is none.
    pub fn blockers(&self, judging: &Judging) -> Vec<Blocker> {
        let Some(next) = self.next_milestone() else { return Vec::new() };
        let before = next.kind();
        let blocker = |Missing { text, rule }| Blocker { before, text, rule };
        let nobody = Signer { account: String::new(), name: String::new(), role: Role::Operator };
        let at = Second(judging.now.0 * 60);
        let number = self.steps().len() as u64 + 1;
        let unseen = SignedStep { number, step: next, by: nobody, at, day: judging.today, seen: Vec::new() };
        self.missing_before(&unseen, judging).into_iter().map(blocker).collect()
    }

    /// The next milestone, with an empty body: only what must come before it is looked at.
    fn next_milestone(&self) -> Option<Step> {
        let plan = self.plan().map(|plan| plan.fingerprint.clone()).unwrap_or_default();
        let step = match self.stage() {
            Stage::Referred | Stage::Assessing | Stage::Planned => {
                Step::PlanApproved(PlanApproval { fingerprint: plan, reason: None, digest: None, numbers: None })
            }
            Stage::Approved | Stage::Booked => Step::Cleared(Default::default()),
            Stage::Cleared | Stage::Arrived => {
                Step::SignedIn(Checklist { together_with: self.other_sites(), ..Checklist::default() })
            }
            Stage::InProcedure if self.time_out().is_none() => Step::TimedOut(self.spoken()?),
            Stage::InProcedure => Step::SignedOut(Checklist::default()),
            Stage::Recovering => Step::Discharged(Discharge { with: None, to: String::new() }),
            Stage::FollowingUp if self.report().is_none() => Step::ReportSigned(ReportSigned { words: String::new() }),
            Stage::FollowingUp if self.coding().is_none() => Step::CodesConfirmed(CodingConfirmed {
                procedure_code: String::new(),
                units: 0,
                modifiers: Vec::new(),
                diagnoses: Vec::new(),
                payer: None,
                release: None,
                why_otherwise: Some("nothing is confirmed yet".to_owned()),
                place_of_service: None,
            }),
            Stage::FollowingUp | Stage::Closed => return None,
        };
        Some(step)
    }

    fn spoken(&self) -> Option<TimeOut> {
        let site = self.site()?;
        let together_with = self.other_sites();
        Some(TimeOut { nerve: site.nerve, side: site.side, together_with, answers: Default::default() })
    }

    fn other_sites(&self) -> Vec<Site> {
        self.session_parts().iter().map(|part| part.site.clone()).collect()
    }
}
