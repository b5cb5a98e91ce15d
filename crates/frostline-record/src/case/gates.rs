//! The order of the way: what must be there before a step is taken.

use super::refused::{Missing, Refused};
use super::steps::*;
use super::{Case, Judging, Phase, SignedStep, Step, StepKind, correction_target};
use crate::rules::{Answer, Ruled, Verdict};

/// One thing that must be there before a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// What the patient wants, in their words.
    Goal,
    /// Why a freeze is considered.
    Indication,
    /// Contraindications asked.
    Screening,
    /// A diagnostic block, or why there was none.
    Block,
    /// The nerve followed in images.
    TracedNerve,
    /// Feeling and power before.
    Exam,
    /// A plan.
    Plan,
    /// A plan that is approved and unchanged since.
    ApprovedPlan,
    /// Consent that stands.
    Consent,
    /// How the patient is kept calm.
    Sedation,
    /// A booking that stands.
    Booking,
    /// Cleared, and nothing changed since.
    Clearance,
    /// The patient is there.
    Arrival,
    /// The first list.
    SignIn,
    /// The second list.
    TimeOut,
    /// Probe and gas looked at.
    Equipment,
    /// The probe is in.
    ProbeIn,
    /// An image of the tip is stored.
    TipImage,
    /// No gas is on.
    NoFreezeRunning,
    /// The gas is on.
    FreezeRunning,
    /// The probe is out.
    ProbeOut,
    /// The last list.
    SignOut,
    /// A look at the patient afterwards.
    Recovery,
    /// Instructions understood.
    Instructions,
    /// At home.
    Discharged,
    /// The report is signed.
    Report,
    /// A drug of this name is on the list.
    DrugListed,
    /// A named clinician decided about every drug on the list.
    DrugsDecided,
    /// Every event has an outcome.
    EventsSettled,
    /// Month 3 answered, or the patient could not be reached and somebody wrote so.
    Answered,
    /// The rules of a phase let the case go on, with the step in it.
    Rules(Phase),
    /// No rule of a phase says stop, with the step in it; the step itself is a person's word on the rest.
    NoStop(Phase),
    /// The rules of a phase are asked and kept with the step, which already happened and is taken in any case.
    Asked(Phase),
}

/// What must be there before a step of this kind; the step itself decides where kinds hold several.
fn needs(step: &Step) -> &'static [Need] {
    use Need::*;
    match step {
        Step::PlanApproved(_) => &[
            Goal,
            Indication,
            Screening,
            Block,
            TracedNerve,
            Exam,
            Plan,
            Rules(Phase::SiteSoFar),
            Rules(Phase::Eligibility),
        ],
        Step::Consented(_) => &[Goal, Indication, Rules(Phase::SiteSoFar)],
        Step::Planned(_) => &[TracedNerve],
        Step::Booked(_) => &[Indication],
        Step::Cancelled(_) => &[Booking],
        Step::DrugDecided(_) | Step::DrugTaken(_) => &[DrugListed],
        Step::Cleared(_) => &[
            Booking,
            Sedation,
            ApprovedPlan,
            DrugsDecided,
            Rules(Phase::Eligibility),
            Rules(Phase::Bleeding),
            Rules(Phase::SiteSoFar),
        ],
        Step::Arrived(_) => &[Booking],
        Step::Prepared(_) => &[Sedation],
        Step::SignedIn(_) => &[
            Arrival,
            Consent,
            ApprovedPlan,
            Clearance,
            Rules(Phase::Eligibility),
            Rules(Phase::Bleeding),
            Rules(Phase::Sedation),
        ],
        Step::TimedOut(_) => &[SignIn, Rules(Phase::Site)],
        Step::Logged(logged) => log_needs(logged),
        Step::SignedOut(_) => &[TimeOut, NoFreezeRunning, ProbeOut],
        Step::Recovered(_) => &[SignOut, Asked(Phase::Discharge)],
        Step::Instructed(_) => &[SignOut],
        Step::Discharged(_) => &[SignOut, Recovery, Instructions, Rules(Phase::Discharge)],
        Step::ReportSigned(_) => &[SignOut, Rules(Phase::Site), Rules(Phase::Record)],
        Step::CodesConfirmed(_) => &[Report, NoStop(Phase::Coding)],
        Step::Answered(_) | Step::ContactTried(_) => &[Discharged, Asked(Phase::FollowUp)],
        Step::EventReported(_) | Step::EventSettled(_) => &[Asked(Phase::Events)],
        Step::Closed(_) => &[EventsSettled, Answered],
        _ => &[],
    }
}

fn log_needs(logged: &Logged) -> &'static [Need] {
    use Need::*;
    match logged {
        Logged::Positioned(_) | Logged::EquipmentChecked(_) => &[SignIn],
        Logged::AnaestheticGiven(_) => &[TimeOut, Asked(Phase::Anaesthetic)],
        Logged::SkinPrepared(_) | Logged::NeedlePlaced(_) | Logged::FluidGiven(_) => &[TimeOut],
        Logged::Stimulated(_) | Logged::Repositioned(_) => &[TimeOut, ProbeIn, NoFreezeRunning],
        Logged::FreezeStarted(_) => &[
            Consent,
            ApprovedPlan,
            TimeOut,
            Equipment,
            ProbeIn,
            TipImage,
            NoFreezeRunning,
            Rules(Phase::Site),
            Rules(Phase::Freeze),
        ],
        Logged::FreezeStopped(_) => &[FreezeRunning],
        Logged::Thawed(_) => &[TimeOut, NoFreezeRunning],
        Logged::ProbeOut(_) => &[ProbeIn, NoFreezeRunning, Rules(Phase::Removal)],

        Logged::Dressed(_) => &[ProbeOut],
        Logged::ImageStored(_) | Logged::MotorTested(_) | Logged::ComfortSaid(_) | Logged::Note(_) => &[SignIn],
    }
}

/// The rules that are asked, and kept, when a step is signed.
pub(super) fn rules_before(step: &Step) -> Vec<Phase> {
    let asked = needs(step).iter().filter_map(|need| match need {
        Need::Rules(phase) | Need::NoStop(phase) | Need::Asked(phase) => Some(*phase),
        _ => None,
    });
    asked.collect()
}

/// Steps after which somebody must look again whether the patient is ready.
const UNCLEARS: &[StepKind] = &[
    StepKind::Indicated,
    StepKind::Screened,
    StepKind::LabsSeen,
    StepKind::DrugListed,
    StepKind::DrugDecided,
    StepKind::SedationChosen,
    StepKind::Planned,
    StepKind::PlanApproved,
    StepKind::Booked,
    StepKind::Cancelled,
];

impl Case {
    /// Everything that stands before a step, in the order of the way. Rules are asked with the step in the case.
    pub(super) fn missing_before(&self, unseen: &SignedStep, judging: &Judging) -> Vec<Missing> {
        let after = self.as_if(unseen);
        let lacks = |need: &Need| match need {
            Need::Rules(phase) => after.stopped_by(*phase, judging),
            Need::NoStop(phase) => {
                let stops = after.rulings(*phase, judging).into_iter().filter(|r| r.ruling.verdict == Verdict::Stop);
                stops.filter(|ruled| !ruled.may_go_on()).map(|ruled| against(&ruled)).collect()
            }
            Need::Asked(_) => Vec::new(),
            need => self.lacks(*need, &unseen.step),
        };
        needs(&unseen.step).iter().flat_map(lacks).collect()
    }

    pub(super) fn in_order(&self, unseen: &SignedStep, judging: &Judging) -> Result<(), Refused> {
        let step = &unseen.step;
        self.first_and_last(step)?;
        self.sound(step, judging)?;
        let missing = self.missing_before(unseen, judging);
        if missing.is_empty() { Ok(()) } else { Err(Refused::NotYet { step: step.kind().word(), missing }) }
    }

    fn first_and_last(&self, step: &Step) -> Result<(), Refused> {
        match (self.steps.is_empty(), step.kind()) {
            (true, StepKind::Referred) => return Ok(()),
            (false, StepKind::Referred) => return Err(Refused::SecondReferral),
            (true, _) => {
                let missing = vec![told("found no referral, expected one as first step; open the case with it")];
                return Err(Refused::NotYet { step: step.kind().word(), missing });
            }
            (false, _) => {}
        }
        let after_the_end = matches!(
            step.kind(),
            StepKind::Corrected
                | StepKind::Noted
                | StepKind::Answered
                | StepKind::ContactTried
                | StepKind::EventReported
                | StepKind::EventSettled
                | StepKind::CodesConfirmed
                | StepKind::Overridden
        );
        match self.newest(StepKind::Closed) {
            Some(closed) if !after_the_end => Err(Refused::Closed { number: closed.number }),
            _ => Ok(()),
        }
    }

    /// What is wrong in the step itself.
    fn sound(&self, step: &Step, judging: &Judging) -> Result<(), Refused> {
        match step {
            Step::Corrected(correction) => self.corrects(correction, judging),
            step => super::steps::sound(step, judging),
        }
    }

    fn corrects(&self, correction: &Correction, judging: &Judging) -> Result<(), Refused> {
        if correction_target(&self.steps, correction).is_none() {
            return Err(Refused::CorrectsNothing { names: correction.step });
        }
        if correction.why.trim().is_empty() {
            let problem = "found no reason, expected words; say why the step was wrong".to_owned();
            return Err(Refused::Wrong { step: "corrected", field: "/why", problem });
        }
        match &correction.instead {
            Some(instead) => super::steps::sound(instead, judging),
            None => Ok(()),
        }
    }

    fn lacks(&self, need: Need, step: &Step) -> Vec<Missing> {
        match need {
            Need::ApprovedPlan => self.no_approved_plan(),
            Need::DrugListed => self.no_such_drug(step),
            Need::DrugsDecided => self.undecided_drugs(),
            Need::Plan => self.no_such_plan(step),
            Need::Answered => self.unanswered(step),
            need if self.has(need) => Vec::new(),
            need => vec![told(need.sentence())],
        }
    }

    fn has(&self, need: Need) -> bool {
        let running = self.freezes().last().is_some_and(|freeze| freeze.stop.is_none());
        match need {
            Need::Goal => self.goal().is_some_and(|goal| !goal.words.trim().is_empty()),
            Need::Indication => self.indication().is_some(),
            Need::Screening => self.screening().is_some(),
            Need::Block => self.block().is_some(),
            Need::TracedNerve => self.imaging().is_some_and(|imaging| imaging.traced == Answer::Yes),
            Need::Exam => self.exam().is_some(),
            Need::Consent => self.consent().is_some(),
            Need::Sedation => self.sedation().is_some(),
            Need::Booking => self.booking().is_some(),
            Need::Clearance => self.is_cleared(),
            Need::Arrival => self.arrival().is_some(),
            Need::SignIn => self.sign_in().is_some(),
            Need::TimeOut => self.time_out().is_some(),
            Need::Equipment => self.checked_equipment().is_some(),
            Need::ProbeIn => self.probe_is_in(),
            Need::TipImage => self.stored_images().tip == Answer::Yes,
            Need::NoFreezeRunning => !running,
            Need::FreezeRunning => running,
            Need::ProbeOut => self.probe_is_out().is_some() && !self.probe_is_in(),
            Need::SignOut => self.sign_out().is_some(),
            Need::Recovery => self.recovery().is_some(),
            Need::Instructions => self.instructions().is_some_and(|told| told.spoken_back.understood == Answer::Yes),
            Need::Discharged => self.discharge().is_some(),
            Need::Report => self.report().is_some(),
            Need::EventsSettled => self.events().iter().all(|(_, settled)| settled.is_some()),
            Need::Plan
            | Need::ApprovedPlan
            | Need::DrugListed
            | Need::DrugsDecided
            | Need::Answered
            | Need::Rules(_)
            | Need::NoStop(_)
            | Need::Asked(_) => true,
        }
    }

    /// Cleared, and nothing changed since that somebody must look at again.
    pub fn is_cleared(&self) -> bool {
        self.newest(StepKind::Cleared).is_some_and(|cleared| !self.changed_since(cleared.number, UNCLEARS))
    }

    fn probe_is_in(&self) -> bool {
        let newest = self.log().rev().find_map(|(_, logged)| match logged {
            Logged::NeedlePlaced(_) => Some(true),
            Logged::ProbeOut(_) => Some(false),
            _ => None,
        });
        newest.unwrap_or(false)
    }

    fn stopped_by(&self, phase: Phase, judging: &Judging) -> Vec<Missing> {
        let standing = self.rulings(phase, judging).into_iter().filter(|ruled| !ruled.may_go_on());
        standing.map(|ruled| against(&ruled)).collect()
    }

    fn no_approved_plan(&self) -> Vec<Missing> {
        if self.approved_plan().is_some() {
            return Vec::new();
        }
        let text = match (self.plan(), self.approval()) {
            (None, _) => "found no plan, expected an approved one; plan the freeze first",
            (Some(_), None) => "found a plan that nobody approved; let an operator look at it and approve it",
            (Some(_), Some(_)) => {
                "plan or images changed after the approval; let an operator look at the plan as it is now and approve it"
            }
        };
        vec![told(text)]
    }

    fn no_such_plan(&self, step: &Step) -> Vec<Missing> {
        let Step::PlanApproved(approval) = step else { return Vec::new() };
        match self.plan() {
            None => vec![told("found no plan, expected one; plan the freeze first")],
            Some(plan) if plan.fingerprint != approval.fingerprint => vec![told(&format!(
                "the approval is of plan {}, the plan of this case is {}; look at that one and approve it",
                approval.fingerprint, plan.fingerprint
            ))],
            Some(plan) if plan.motor.is_empty() => vec![told(
                "the plan names no nerve with motor fibres nearby, expected each with its distance, or as not traced; \
                 assess the plan again with the neighbours marked",
            )],
            Some(_) => Vec::new(),
        }
    }

    fn undecided_drugs(&self) -> Vec<Missing> {
        let open = self.drugs().into_iter().filter(|(_, decision, _)| decision.is_none());
        let said = open.map(|(drug, ..)| {
            format!(
                "nobody decided whether {} is held or goes on; let a clinician decide, with name and reason",
                drug.drug
            )
        });
        said.map(|text| told(&text)).collect()
    }

    fn no_such_drug(&self, step: &Step) -> Vec<Missing> {
        let drug = match step {
            Step::DrugDecided(decision) => &decision.drug,
            Step::DrugTaken(dose) => &dose.drug,
            _ => return Vec::new(),
        };
        if self.drugs().iter().any(|(listed, ..)| listed.drug == *drug) {
            return Vec::new();
        }
        let known: Vec<&str> = self.drugs().iter().map(|(listed, ..)| listed.drug.as_str()).collect();
        let on_list = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        vec![told(&format!("'{drug}' is not on the list of drugs (on it: {on_list}); put it there first"))]
    }

    /// The time of the follow-up without which a case stays open.
    fn unanswered(&self, step: &Step) -> Vec<Missing> {
        const LAST_WORD: &str = "month-3";
        let Step::Closed(closed) = step else { return Vec::new() };
        let never_treated = self.treated_on().is_none();
        let answered = self.answers().iter().any(|(_, answer)| answer.time == LAST_WORD);
        if never_treated || answered || closed.lost_to_follow_up == Answer::Yes && self.tries_in_a_row() > 0 {
            return Vec::new();
        }
        vec![told(
            "found no answer after three months, expected one, or at least one try to reach the patient and the word that they are \
             lost to follow-up; ask the patient first",
        )]
    }
}

fn told(text: &str) -> Missing {
    Missing { text: text.to_owned(), rule: None }
}

fn against(ruled: &Ruled) -> Missing {
    let rule = ruled.ruling.rule;
    let text = format!("{rule} ({}): {}", ruled.ruling.verdict.word(), ruled.ruling.text);
    Missing { text, rule: Some(rule) }
}

impl Need {
    fn sentence(self) -> &'static str {
        match self {
            Need::Goal => "found no goal in the patient's words; ask what the patient wants to reach",
            Need::Indication => "found no indication; write down why a freeze is considered",
            Need::Screening => "nobody asked about contraindications; ask every question",
            Need::Block => "found no diagnostic block, nor why there was none; write down one of both",
            Need::TracedNerve => "the nerve was not followed in images; image it and trace it",
            Need::Exam => "nobody tested feeling and power before; examine the patient",
            Need::Consent => "found no consent that stands; talk to the patient and let them sign",
            Need::Sedation => "nobody chose how the patient is kept calm; choose a level of sedation",
            Need::Booking => "found no booking; book room, team and time",
            Need::Clearance => {
                "the patient is not cleared, or something changed since; look at everything and clear again"
            }
            Need::Arrival => "the patient has not arrived; register the arrival",
            Need::SignIn => "the sign-in is not done; do it first",
            Need::TimeOut => "the time-out is not done; do it first",
            Need::Equipment => "nobody looked at probe and gas; test the probe for leaks and write down its lot",
            Need::ProbeIn => "no probe is in; place it first",
            Need::TipImage => "no image of the tip is stored; store one before the gas is opened",
            Need::NoFreezeRunning => "a freeze is running; close the gas first",
            Need::FreezeRunning => "no freeze is running; write down when the gas was opened",
            Need::ProbeOut => "the probe is not out; take it out first",
            Need::SignOut => "the sign-out is not done; do it first",
            Need::Recovery => "nobody looked at the patient after the procedure; do it first",
            Need::Instructions => {
                "instructions were not given, or not understood; tell them and let the patient say them back"
            }
            Need::Discharged => "the patient is not discharged yet; discharge them first",
            Need::Report => "the report is not signed; let the operator sign it",
            Need::EventsSettled => "an adverse event has no outcome; settle it first",
            Need::Plan
            | Need::ApprovedPlan
            | Need::DrugListed
            | Need::DrugsDecided
            | Need::Answered
            | Need::Rules(_)
            | Need::NoStop(_)
            | Need::Asked(_) => "",
        }
    }
}
