//! The order of the way: what must be there before a step is taken.

mod corrects;
mod deciding;
mod held;
mod session;
mod words;

use super::refused::{Missing, Refused};
use super::steps::*;
use super::{Case, Judging, Phase, Second, SignedStep, Step, StepKind};
use crate::rules::{Ruled, Verdict};

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
    /// Everything that is treated in the session is named, and nothing else.
    WholeSession,
    /// The other cases of the session are there, and say of it what this one says.
    SameSession,
    /// Nobody confirmed codes for the session in another of its cases, and each of them is reported.
    OneClaim,
    /// Code, units and modifiers are those that the rules propose, or the coder wrote why not.
    AsProposed,
    /// Local anaesthetic beyond the most that may be given is told as an event.
    OverdoseTold,
    /// A plan.
    Plan,
    /// A plan that is approved and unchanged since.
    ApprovedPlan,
    /// Consent that stands.
    Consent,
    /// How the patient is kept calm.
    Sedation,
    /// Who explained the sedation, unless local anaesthetic is all.
    SedationExplained,
    /// A glucose of today, where the patient has diabetes.
    Glucose,
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
    /// The skin is clean.
    CleanSkin,
    /// The probe in the room is that of the plan.
    PlannedProbe,
    /// Sign-in and time-out are of today.
    SameDay,
    /// The sign-out is not done yet.
    NotSignedOut,
    /// A freeze was made.
    Frozen,
    /// No freeze was made yet.
    NotFrozen,
    /// The patient is not at home again.
    NotDischarged,
    /// No probe is in.
    NoProbeIn,
    /// The patient is not between sign-in and sign-out.
    NobodyInRoom,
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
    /// The report is signed, if anything was frozen.
    ReportIfTreated,
    /// A reason, where the assessment of the plan is not in its favour.
    PlanReason,
    /// An interpreter is named, if the patient needs one.
    Interpreter,
    /// Each held drug is told when it starts again.
    Restarts,
    /// No other event has this name.
    NewEvent,
    /// An event has this name.
    KnownEvent,
    /// The step that an event belongs to is there.
    KnownStep,
    /// A drug of this name is on the list.
    DrugListed,
    /// A decision about this drug that was told and waits for a counter-signature.
    ToldDecision,
    /// A named clinician decided about every drug on the list.
    DrugsDecided,
    /// Every event has an outcome.
    EventsSettled,
    /// Every event that ended is graded, says all that its kind needs, and contradicts nothing.
    EventsWhole,
    /// Month 3 answered, or the patient could not be reached and somebody wrote so.
    Answered,
    /// The rules of a phase let the case go on, with the step in it.
    Rules(Phase),
    /// No rule of a phase says stop, with the step in it; the step itself is a person's word on the rest.
    NoStop(Phase),
    /// The rules of a phase are asked and kept with the step, which already happened and is taken in any case.
    Asked(Phase),
}

impl Need {
    /// Whether it is about what came before, not about what a rule says of it.
    pub(super) fn is_of_order(self) -> bool {
        use Need::*;
        !matches!(
            self,
            Rules(_)
                | NoStop(_)
                | Asked(_)
                | Answered
                | EventsWhole
                | SameSession
                | OneClaim
                | AsProposed
                | OverdoseTold
        )
    }
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
            PlanReason,
            Rules(Phase::SiteSoFar),
            Rules(Phase::Eligibility),
        ],
        Step::Consented(_) => &[Goal, Indication, Interpreter, Rules(Phase::SiteSoFar)],
        Step::Planned(_) => &[TracedNerve],
        Step::SedationChosen(_) => &[Asked(Phase::Watching)],
        Step::Booked(_) => &[Indication, NotFrozen, WholeSession, Asked(Phase::Watching)],
        Step::Cancelled(_) => &[Booking, NotFrozen, NoProbeIn],
        Step::DrugDecided(_) | Step::DrugTaken(_) => &[DrugListed],
        Step::DrugCountersigned(_) => &[ToldDecision],
        Step::Cleared(_) => &[
            Booking,
            Sedation,
            ApprovedPlan,
            DrugsDecided,
            Rules(Phase::Eligibility),
            Rules(Phase::Bleeding),
            Rules(Phase::Watching),
            Rules(Phase::SiteSoFar),
        ],
        Step::Arrived(_) => &[Booking],
        Step::Prepared(_) => &[Sedation],
        Step::SignedIn(_) => &[
            Arrival,
            Consent,
            WholeSession,
            SameSession,
            SedationExplained,
            Glucose,
            ApprovedPlan,
            Clearance,
            NotDischarged,
            Rules(Phase::SiteSoFar),
            Rules(Phase::Eligibility),
            Rules(Phase::Bleeding),
            Rules(Phase::Sedation),
        ],
        Step::TimedOut(_) => &[SignIn, NotSignedOut, WholeSession, SameSession, Rules(Phase::Site)],
        Step::Logged(line) => log_needs(&line.logged),
        Step::SignedOut(_) => &[TimeOut, NoFreezeRunning, ProbeOut, WholeSession],
        Step::Recovered(_) => &[SignOut, Asked(Phase::Discharge)],
        Step::Instructed(_) => &[SignOut, Restarts],
        Step::Discharged(_) => &[SignOut, Recovery, Instructions, Rules(Phase::Discharge)],
        Step::ReportSigned(_) => &[SignOut, SameSession, OverdoseTold, Rules(Phase::Site), Rules(Phase::Record)],
        Step::CodesConfirmed(_) => &[Report, SameSession, OneClaim, AsProposed, NoStop(Phase::Coding)],
        Step::Answered(_) | Step::ContactTried(_) => &[Discharged, Asked(Phase::FollowUp)],
        Step::EventReported(_) => &[NewEvent, KnownStep, Asked(Phase::Events)],
        Step::EventSettled(_) => &[KnownEvent, Asked(Phase::Events)],
        Step::Closed(_) => &[NobodyInRoom, EventsSettled, EventsWhole, ReportIfTreated, Answered],
        _ => &[],
    }
}

fn log_needs(logged: &Logged) -> &'static [Need] {
    use Need::*;
    match logged {
        Logged::Positioned(_) | Logged::EquipmentChecked(_) => &[SignIn],
        Logged::AnaestheticGiven(_) => &[TimeOut, Consent, Asked(Phase::Anaesthetic)],
        Logged::SkinPrepared(_) | Logged::FluidGiven(_) => &[TimeOut],
        Logged::NeedlePlaced(_) => &[TimeOut, NotSignedOut, Consent, CleanSkin, Asked(Phase::Watching)],
        Logged::Stimulated(_) | Logged::Repositioned(_) => &[TimeOut, ProbeIn, NoFreezeRunning],
        Logged::FreezeStarted(_) => &[
            Consent,
            ApprovedPlan,
            DrugsDecided,
            SignIn,
            TimeOut,
            SameDay,
            NotSignedOut,
            Equipment,
            PlannedProbe,
            ProbeIn,
            TipImage,
            NoFreezeRunning,
            SameSession,
            // What was learnt since the sign-in counts as much as what was known then.
            Rules(Phase::Eligibility),
            Rules(Phase::Bleeding),
            Rules(Phase::Sedation),
            Rules(Phase::Anaesthetic),
            Rules(Phase::Site),
            Rules(Phase::Freeze),
        ],
        Logged::FreezeStopped(_) => &[FreezeRunning],
        Logged::Thawed(_) => &[Frozen, NoFreezeRunning],
        Logged::ProbeOut(_) => &[ProbeIn, NoFreezeRunning, Rules(Phase::Removal)],
        Logged::ProbeTornOut(_) => &[ProbeIn, Frozen, Asked(Phase::Removal)],
        Logged::Dressed(_) => &[ProbeOut],
        Logged::SedativeGiven(_) => &[SignIn, Asked(Phase::Sedation)],
        Logged::TeamChanged(_) => &[SignIn, Asked(Phase::Watching)],
        Logged::Observed(_)
        | Logged::ImageStored(_)
        | Logged::MotorTested(_)
        | Logged::ComfortSaid(_)
        | Logged::Note(_) => &[SignIn],
    }
}

/// The rules that are asked, and kept, when a step is signed. What a correction says is judged like the step itself.
pub(super) fn rules_before(step: &Step) -> Vec<Phase> {
    if let Step::Corrected(correction) = step {
        return correction.instead.as_deref().map(rules_before).unwrap_or_default();
    }
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
    StepKind::DrugCountersigned,
    StepKind::SedationChosen,
    StepKind::PayerChosen,
    StepKind::Planned,
    StepKind::PlanApproved,
    StepKind::Booked,
    StepKind::Cancelled,
];

impl Case {
    /// Everything that stands before a step, in the order of the way. Rules are asked with the step in the case.
    pub(super) fn missing_before(&self, unseen: &SignedStep, judging: &Judging) -> Vec<Missing> {
        let was = self.as_it_was(unseen);
        let after = was.as_if(unseen);
        let lacks = |need: &Need| match need {
            Need::Rules(phase) => after.stopped_by(*phase, judging),
            Need::NoStop(phase) => {
                let stops = after.rulings(*phase, judging).into_iter().filter(|r| r.ruling.verdict == Verdict::Stop);
                stops.filter(|ruled| !ruled.may_go_on()).map(|ruled| against(&ruled)).collect()
            }
            Need::Answered => self.unanswered(&unseen.step, judging),
            Need::EventsWhole => was.events_at_odds(judging),
            Need::SameDay => was.of_another_day(unseen, judging),
            Need::SameSession => was.at_odds_with_session(judging),
            Need::OneClaim => was.other_claims(judging),
            Need::AsProposed => was.otherwise_coded(&unseen.step, judging),
            Need::OverdoseTold => was.untold_overdose(judging),
            Need::Restarts => {
                was.untold_restarts(&unseen.step).into_iter().chain(was.early_restarts(&unseen.step, judging)).collect()
            }
            need => was.lacks(*need, unseen),
        };
        needs(&unseen.step).iter().flat_map(lacks).collect()
    }

    /// What is lacking of those needs that `asked` picks, without any rule.
    pub(super) fn lacks_before(&self, unseen: &SignedStep, asked: impl Fn(Need) -> bool) -> Vec<Missing> {
        let was = self.as_it_was(unseen);
        needs(&unseen.step).iter().filter(|need| asked(**need)).flat_map(|need| was.lacks(*need, unseen)).collect()
    }

    fn stopped_by(&self, phase: Phase, judging: &Judging) -> Vec<Missing> {
        let standing = self.rulings(phase, judging).into_iter().filter(|ruled| !ruled.may_go_on());
        standing.map(|ruled| against(&ruled)).collect()
    }

    pub(super) fn in_order(&self, unseen: &SignedStep, judging: &Judging) -> Result<(), Refused> {
        let step = &unseen.step;
        self.first_and_last(step)?;
        self.sound(step, judging)?;
        self.decides(unseen)?;
        self.in_time(step, unseen.at)?;
        let mut missing = self.missing_before(unseen, judging);
        missing.extend(self.lifted_stops(unseen, judging));
        if missing.is_empty() { Ok(()) } else { Err(Refused::NotYet { step: step.kind().word(), missing }) }
    }

    /// A line of the log happened between the sign-in and its signing.
    fn in_time(&self, step: &Step, at: Second) -> Result<(), Refused> {
        let (line, field) = match step {
            Step::Logged(line) => (line, "/happened_at"),
            Step::Corrected(Correction { instead: Some(instead), .. }) => match instead.as_ref() {
                Step::Logged(line) => (line, "/instead/body/happened_at"),
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        let problem = self.not_then(line, at);
        problem.map_or(Ok(()), |problem| Err(Refused::Wrong { step: step.kind().word(), field, problem }))
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
}

fn told(text: &str) -> Missing {
    Missing { text: text.to_owned(), rule: None }
}

fn against(ruled: &Ruled) -> Missing {
    let rule = ruled.ruling.rule;
    let text = format!("{rule} ({}): {}", ruled.ruling.verdict.word(), ruled.ruling.text);
    Missing { text, rule: Some(rule) }
}
