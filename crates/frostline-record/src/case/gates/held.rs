//! What a case holds, asked need by need.

use std::collections::BTreeSet;

use frostline_plan::catalogue::Known;

use super::super::refused::Missing;
use super::super::steps::*;
use super::super::{Case, Decided, Judging, SignedStep, Step, StepKind};
use super::{Need, UNCLEARS, told};
use crate::rules::{Answer, Day, SedationLevel};

impl Case {
    /// What a need that asks no rule finds missing before a step.
    pub(in super::super) fn lacks(&self, need: Need, unseen: &SignedStep) -> Vec<Missing> {
        let step = &unseen.step;
        match need {
            Need::ApprovedPlan => self.no_approved_plan(),
            Need::DrugListed => self.no_such_drug(step),
            Need::ToldDecision => self.no_such_told_decision(step),
            Need::DrugsDecided => self.undecided_drugs(),
            Need::Plan => self.no_such_plan(step),
            Need::PlannedProbe => self.another_probe(),
            Need::Restarts => self.untold_restarts(step),
            Need::WholeSession => self.of_session(step),
            Need::Glucose if !self.glucose_is_known(unseen.day) => vec![told(need.sentence())],
            Need::PlanReason | Need::Interpreter | Need::NewEvent | Need::KnownEvent | Need::KnownStep => {
                self.at_odds(need, step).into_iter().map(|text| told(&text)).collect()
            }
            need if self.has(need) => Vec::new(),
            need => vec![told(need.sentence())],
        }
    }

    /// Whether no glucose is wanted, or one of this day is there.
    fn glucose_is_known(&self, day: Day) -> bool {
        let wanted = self.screening().is_some_and(|screening| screening.diabetes == Answer::Yes);
        let measured = |(_, step): (_, &Step)| match step {
            Step::LabsSeen(labs) => labs.on == day && labs.glucose_mg_per_dl.is_some(),
            _ => false,
        };
        let on_arrival = self.arrival().is_some_and(|arrival| arrival.glucose_mg_per_dl.is_some());
        !wanted || on_arrival || self.effective().any(measured)
    }

    fn has(&self, need: Need) -> bool {
        match need {
            Need::Equipment
            | Need::ProbeIn
            | Need::TipImage
            | Need::NoFreezeRunning
            | Need::FreezeRunning
            | Need::ProbeOut
            | Need::CleanSkin
            | Need::Frozen
            | Need::NotFrozen
            | Need::NoProbeIn
            | Need::NotSignedOut
            | Need::NobodyInRoom => self.has_in_room(need),
            need => self.has_on_paper(need),
        }
    }

    fn has_in_room(&self, need: Need) -> bool {
        let freezes = self.freezes();
        let running = freezes.last().is_some_and(|freeze| freeze.stop.is_none());
        match need {
            Need::Equipment => self.checked_equipment().is_some(),
            Need::ProbeIn => self.probe_is_in(),
            Need::TipImage => self.tip_was_stored(),
            Need::NoFreezeRunning => !running,
            Need::FreezeRunning => running,
            Need::ProbeOut => self.probe_came_out() && !self.probe_is_in(),
            Need::CleanSkin => self.session_log().any(|(_, logged)| matches!(logged, Logged::SkinPrepared(_))),
            Need::Frozen => !freezes.is_empty(),
            Need::NotFrozen => freezes.is_empty(),
            Need::NoProbeIn => !self.probe_is_in(),
            Need::NotSignedOut => self.sign_out().is_none(),
            _ => self.sign_in().is_none() || self.sign_out().is_some(),
        }
    }

    fn has_on_paper(&self, need: Need) -> bool {
        match need {
            Need::Goal => self.goal().is_some_and(|goal| !goal.words.trim().is_empty()),
            Need::Indication => self.indication().is_some(),
            Need::Screening => self.screening().is_some(),
            Need::Block => self.block().is_some(),
            Need::TracedNerve => self.imaging().is_some_and(|imaging| imaging.traced == Answer::Yes),
            Need::Exam => self.exam().is_some_and(|exam| exam.power.iter().any(|power| power.mrc.is_some())),
            Need::Consent => self.consent().is_some(),
            Need::Sedation => self.sedation().is_some(),
            Need::SedationExplained => self
                .sedation()
                .is_none_or(|sedation| sedation.level == SedationLevel::LocalOnly || sedation.explained_by.is_some()),
            Need::Booking => self.booking().is_some(),
            Need::Clearance => self.is_cleared(),
            Need::Arrival => self.arrival().is_some(),
            Need::SignIn => self.sign_in().is_some(),
            Need::TimeOut => self.time_out().is_some(),
            Need::SignOut => self.sign_out().is_some(),
            Need::Recovery => self.recovery().is_some(),
            Need::Instructions => self.instructions().is_some_and(|told| told.spoken_back.understood == Answer::Yes),
            Need::Discharged => self.discharge().is_some(),
            Need::Report => self.report().is_some(),
            Need::EventsSettled => self.events().iter().all(|(_, settled)| settled.is_some_and(is_end)),
            Need::ReportIfTreated => self.report().is_some() || self.treated_on().is_none(),
            Need::NotDischarged => self.discharge().is_none(),
            _ => true,
        }
    }

    /// Cleared, and nothing changed since that somebody must look at again.
    pub fn is_cleared(&self) -> bool {
        self.newest(StepKind::Cleared).is_some_and(|cleared| !self.changed_since(cleared.number, UNCLEARS))
    }

    fn probe_is_in(&self) -> bool {
        let newest = self.session_log().rev().find_map(|(_, logged)| match logged {
            Logged::NeedlePlaced(_) => Some(true),
            Logged::ProbeOut(_) | Logged::ProbeTornOut(_) => Some(false),
            _ => None,
        });
        newest.unwrap_or(false)
    }

    /// An image of the tip where it is now: stored since the probe was placed or moved.
    fn tip_was_stored(&self) -> bool {
        let newest = self.session_log().rev().find_map(|(_, logged)| match logged {
            Logged::ImageStored(image) if image.kind == ImageKind::Tip => Some(true),
            Logged::NeedlePlaced(_) | Logged::Repositioned(_) => Some(false),
            _ => None,
        });
        newest.unwrap_or(false)
    }

    /// Sign-in and time-out are of the day of the step.
    pub(super) fn of_another_day(&self, unseen: &SignedStep, judging: &Judging) -> Vec<Missing> {
        let day = self.day_of(unseen, judging.pathway.longest_session_minutes());
        if self.is_of_day(day) { Vec::new() } else { vec![told(Need::SameDay.sentence())] }
    }

    /// Sign-in and time-out, as far as they are done, are of this day.
    fn is_of_day(&self, day: Day) -> bool {
        let of_day = |kind| self.newest(kind).is_none_or(|signed| signed.day == day);
        of_day(StepKind::SignedIn) && of_day(StepKind::TimedOut)
    }

    fn another_probe(&self) -> Vec<Missing> {
        let (Some(plan), Some(equipment)) = (self.approved_plan(), self.checked_equipment()) else { return Vec::new() };
        if plan.probe == equipment.probe {
            return Vec::new();
        }
        vec![told(&format!(
            "the probe in the room is {}, the plan is for {}; take that one, or plan and approve again",
            equipment.probe, plan.probe
        ))]
    }

    /// Drugs that were said to start before the rule lets them, counted from when the probe came out, without a reason.
    pub(super) fn early_restarts(&self, step: &Step, judging: &Judging) -> Vec<Missing> {
        let Step::Instructed(instructions) = step else { return Vec::new() };
        let given = |said: &RestartTime| said.why_earlier.as_ref().is_some_and(|why| !why.trim().is_empty());
        let ruled = self.restarts(judging);
        let early = instructions.restarts.iter().filter(|said| !given(said)).filter_map(|said| {
            let earliest = ruled.iter().find_map(|((drug, at), _)| at.known().filter(|_| *drug == said.drug))?;
            (said.at < earliest).then(|| {
                told(&format!(
                    "{} is said to start again at {}, the rule says from {earliest} on; tell that time, or write why earlier",
                    said.drug, said.at
                ))
            })
        });
        early.collect()
    }

    /// Local anaesthetic beyond what may be given, which no event tells.
    pub(super) fn untold_overdose(&self, judging: &Judging) -> Vec<Missing> {
        let shares = self.running_shares(judging);
        let Some((first, _)) =
            shares.iter().find(|(_, share)| share.known().is_some_and(|percent| judging.book.is_overdose(percent)))
        else {
            return Vec::new();
        };
        let told_of = |(event, _): &(&AdverseEvent, Option<&EventSettled>)| {
            event.step.is_some_and(|number| number >= *first && shares.iter().any(|(dose, _)| *dose == number))
        };
        if self.events().iter().any(told_of) {
            return Vec::new();
        }
        vec![told(&format!(
            "more local anaesthetic was given than may be (step {first}) and no event tells of it; report one that names that step"
        ))]
    }

    /// What the coder confirms otherwise than the rules propose, without a reason.
    pub(super) fn otherwise_coded(&self, step: &Step, judging: &Judging) -> Vec<Missing> {
        let Step::CodesConfirmed(codes) = step else { return Vec::new() };
        if codes.why_otherwise.as_ref().is_some_and(|why| !why.trim().is_empty()) {
            return Vec::new();
        }
        let sites = self.session_sites(judging);
        let treated: Vec<_> = sites.iter().map(|site| (site.nerve.as_str(), Known::Known(site.side))).collect();
        let Known::Known(units) = judging.book.units(&treated).result else { return Vec::new() };
        let set = |words: &[String]| words.iter().map(|word| word.trim().to_uppercase()).collect::<BTreeSet<_>>();
        if units.units == codes.units as usize && set(&units.modifiers) == set(&codes.modifiers) {
            return Vec::new();
        }
        let list = |words: &[String]| if words.is_empty() { "no modifier".to_owned() } else { words.join(", ") };
        vec![told(&format!(
            "found {} units with {}, the session gives {} with {}; confirm that, or write why otherwise",
            codes.units,
            list(&codes.modifiers),
            units.units,
            list(&units.modifiers)
        ))]
    }

    pub(super) fn untold_restarts(&self, step: &Step) -> Vec<Missing> {
        let Step::Instructed(instructions) = step else { return Vec::new() };
        let is_held = |decision: Option<Decided>| decision.is_some_and(|said| said.word == DrugWord::Hold);
        let held = self.drugs().into_iter().filter(|(_, decision, _)| is_held(*decision));
        let untold = held.filter(|(drug, ..)| !instructions.restarts.iter().any(|restart| restart.drug == drug.drug));
        let say = |drug: &str| format!("nobody said when {drug} is taken again, which is held; tell day and time");
        untold.map(|(drug, ..)| told(&say(&drug.drug))).collect()
    }

    /// What a step says that does not fit what came before.
    fn at_odds(&self, need: Need, step: &Step) -> Option<String> {
        match (need, step) {
            (Need::PlanReason, Step::PlanApproved(approval)) => self.unreasoned(approval),
            (Need::Interpreter, Step::Consented(consent)) => self.not_interpreted(consent),
            (Need::NewEvent, Step::EventReported(event)) if self.has_event(&event.event, None) => {
                Some(format!("event '{}' is there already; give this one another name", event.event))
            }
            (Need::KnownEvent, Step::EventSettled(settled)) if !self.has_event(&settled.event, None) => {
                Some(format!("nobody reported event '{}'; report it first", settled.event))
            }
            (Need::KnownStep, Step::EventReported(event)) => {
                let number = event.step.filter(|number| !self.steps().iter().any(|step| step.number == *number))?;
                Some(format!("the event is said to belong to step {number}, which is not there; look at the steps"))
            }
            _ => None,
        }
    }

    /// A reason is owed where the assessment is not in favour, and where nobody but a person's hand vouches for its numbers.
    fn unreasoned(&self, approval: &PlanApproval) -> Option<String> {
        let plan = self.plan()?;
        let favours = matches!(plan.verdict.trim(), "ok" | "warn");
        let given = approval.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
        let owed = match plan.numbers() {
            _ if given => return None,
            _ if !favours => format!("the assessment of the plan says '{}'", plan.verdict),
            NumbersFrom::Hand => "the numbers of the plan were entered by hand".to_owned(),
            NumbersFrom::Job => return None,
        };
        Some(format!("{owed} and the approval gives no reason; write why it is approved"))
    }

    fn not_interpreted(&self, consent: &Consent) -> Option<String> {
        let needed = self.referral()?.patient.interpreter == Answer::Yes;
        let named = consent.interpreter.as_ref().is_some_and(|name| !name.trim().is_empty());
        (needed && !named).then(|| {
            "the patient needs an interpreter and the consent names none; talk again with one, and write the name"
                .to_owned()
        })
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
        let undecided = open.map(|(drug, ..)| {
            self.waits_for_countersignature(&drug.drug).unwrap_or_else(|| {
                format!("nobody decided whether {} is held or goes on; let a clinician decide, with reason", drug.drug)
            })
        });
        self.drugs_at_odds().into_iter().map(str::to_owned).chain(undecided).map(|text| told(&text)).collect()
    }

    /// What the screening says of drugs against clotting, where the list says otherwise.
    fn drugs_at_odds(&self) -> Option<&'static str> {
        match (self.screening()?.takes_blood_thinners, self.drugs().is_empty()) {
            (Answer::NotAsked, true) => {
                Some("nobody asked whether the patient takes drugs against clotting; ask, and list each")
            }
            (Answer::Yes, true) => Some("the patient takes drugs against clotting and none is on the list; list each"),
            (Answer::No, false) => Some(
                "the patient is said to take no drug against clotting, and one is on the list; ask again and correct one",
            ),
            _ => None,
        }
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

    /// Events that ended, of which something is missing or contradicts.
    pub(super) fn events_at_odds(&self, judging: &Judging) -> Vec<Missing> {
        let ended =
            self.events().into_iter().filter_map(|(event, settled)| Some((event, settled.filter(|s| is_end(s))?)));
        let refused = ended.filter_map(|(event, settled)| {
            let refused = judging.pathway.terms().may_close(judging.book, event, settled).err()?;
            Some(told(&format!("event '{}': {refused}", event.event)))
        });
        refused.collect()
    }

    /// The time of the follow-up without which a case stays open.
    pub(super) fn unanswered(&self, step: &Step, judging: &Judging) -> Vec<Missing> {
        const LAST_WORD: &str = "month-3";
        let Step::Closed(closed) = step else { return Vec::new() };
        if self.treated_on().is_none() {
            return Vec::new();
        }
        // What is asked later says as much: an answer after half a year closes a case whose month 3 was missed.
        let times = judging.book.follow_up_times().iter().map(|row| row.id.as_str());
        let late_enough: Vec<&str> = times.skip_while(|time| *time != LAST_WORD).collect();
        let answered = self.answered_times(judging).iter().any(|time| late_enough.contains(time));
        if answered || closed.lost_to_follow_up == Answer::Yes && self.tries_in_a_row() > 0 {
            return Vec::new();
        }
        let weighed = self.weighed_answers(judging);
        let short = weighed.iter().rev().find(|one| late_enough.contains(&one.answers.time.as_str()));
        let why = short.map_or_else(String::new, |one| match one.came.counts() {
            true => {
                let open = self.open_questions(&one.answers.time, judging).join(", ");
                format!(" (that of {} leaves open: {open})", one.answers.time)
            }
            false => format!(" (that of {} on {} came {})", one.answers.time, one.on, one.came.word()),
        });
        vec![told(&format!(
            "found no whole answer after three months{why}, expected one, or at least one try to reach the patient and the word that \
             they are lost to follow-up; ask the patient first"
        ))]
    }
}

/// Whether an event is over, as far as anybody can find out.
fn is_end(settled: &EventSettled) -> bool {
    !settled.outcome.goes_on()
}
