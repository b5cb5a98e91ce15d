//! Rules after the procedure: going home, how it goes, and what went wrong.

use frostline_plan::catalogue::Known;

use super::super::steps::{DrugWord, RecoveryLook, Severity};
use super::super::views::known;
use super::super::{Case, Step};
use super::Judging;
use crate::follow_up::ScoreChange;
use crate::rules::{
    Answer, BleedingClass, DailyLimits, Due, Harm, HoldPlan, LoggedStep, Moment, PainScore, Recovery, Ruling,
    SedationLevel, Seriousness, Verdict,
};

impl Case {
    pub(super) fn before_discharge(&self, judging: &Judging) -> Vec<Ruling> {
        let book = judging.book;
        let level = known(self.deepest_sedation());
        let (weakness, weaker) = self.weakness(judging);
        // Power that nobody tested is not strength.
        let weak = match weakness.verdict {
            _ if !weaker.is_empty() => Answer::Yes,
            Verdict::Ok => Answer::No,
            _ => Answer::NotAsked,
        };
        let numb = self.recovery().map(|look| look.numb_leg).unwrap_or_default();
        let numb_or_weak = Answer::any([weak, numb]);
        let mut rulings = vec![
            book.escort(level, self.has_escort(), numb_or_weak),
            book.discharge(self.recovered(level)),
            book.haematoma(Known::Known(self.haematoma_sizes().as_slice())),
            weakness,
        ];
        rulings.extend(self.toxicity_ruling(judging));
        rulings.extend(self.restarts(judging).into_iter().map(|(_, ruling)| ruling));
        rulings
    }

    fn has_escort(&self) -> Answer {
        let arrived = self.arrival().map(|arrival| arrival.escort);
        let said = self.preparation().map(|preparation| preparation.escort);
        match (arrived, said) {
            (Some(Answer::NotAsked) | None, Some(said)) => said,
            (Some(arrived), _) => arrived,
            (None, None) => Answer::NotAsked,
        }
    }

    fn recovered(&self, level: Known<SedationLevel>) -> Recovery {
        let look = self.recovery();
        if level.known() != Some(SedationLevel::LocalOnly) {
            return Recovery::Sedated {
                aldrete: known(look.and_then(|look| look.aldrete)),
                padss: known(look.and_then(|look| look.padss)),
            };
        }
        let told = self.instructions().map(|told| told.spoken_back.understood).unwrap_or_default();
        let answers = look
            .map(|look| [look.walks, self.power_kept(look), look.pain_as_agreed, look.dry, look.no_toxic_signs, told]);
        Recovery::LocalOnly(answers.unwrap_or_default())
    }

    /// No muscle is weaker, or why was explained.
    fn power_kept(&self, look: &RecoveryLook) -> Answer {
        if look.weakness_explained == Answer::Yes {
            return Answer::Yes;
        }
        let before = self.baseline_exam().map(|exam| exam.power.as_slice()).unwrap_or_default();
        let kept = before.iter().map(|power| {
            let now = look.power.iter().find(|now| now.muscle == power.muscle).and_then(|now| now.mrc);
            match (power.mrc, now) {
                (Some(before), Some(now)) if now >= before => Answer::No,
                (Some(_), Some(_)) => Answer::Yes,
                _ => Answer::NotAsked,
            }
        });
        match Answer::any(kept) {
            Answer::No => Answer::Yes,
            Answer::Yes => Answer::No,
            Answer::NotAsked => Answer::NotAsked,
        }
    }

    fn haematoma_sizes(&self) -> Vec<(Moment, f64)> {
        let sizes = self.effective().filter_map(|(signed, step)| match step {
            Step::Recovered(look) => look.haematoma_mm.map(|mm| (signed.at.moment(), mm)),
            _ => None,
        });
        sizes.collect()
    }

    /// When each held drug starts again, and what the rule says about it. Counted from the end of the procedure.
    pub fn restarts(&self, judging: &Judging) -> Vec<((String, Known<Moment>), Ruling)> {
        let removed = self
            .log()
            .rev()
            .find(|(_, logged)| matches!(logged, super::super::steps::Logged::ProbeOut(_)))
            .map(|(signed, _)| signed.at.moment());
        let class = self.bleeding_class(judging);
        let restart = |(drug, class): (String, Known<BleedingClass>)| {
            let computed = judging.book.restart(&drug, class, known(removed));
            ((drug, computed.result), computed.ruling)
        };
        let plans = self.hold_plans(judging).into_iter();
        plans
            .filter_map(|(drug, plan, _)| self.was_held(&drug, plan, class).map(|class| (drug, class)))
            .map(restart)
            .collect()
    }

    /// Whether a drug was held, and the class by which it starts again: a drug that somebody held where the class asks
    /// for no hold starts again as after any hold.
    fn was_held(&self, drug: &str, plan: HoldPlan, class: Known<BleedingClass>) -> Option<Known<BleedingClass>> {
        let decision = self.drugs().into_iter().find(|(listed, ..)| listed.drug == drug)?.1;
        match (decision.map(|said| said.word), plan) {
            (Some(DrugWord::GoOn), _) | (None, HoldPlan::NoHold) => None,
            (Some(DrugWord::Hold), HoldPlan::NoHold) => Some(Known::Known(BleedingClass::High)),
            (Some(DrugWord::Hold) | None, _) => Some(class),
        }
    }

    /// What is due in the follow-up today.
    pub fn due(&self, judging: &Judging) -> Vec<Due> {
        self.due_ruled(judging).1
    }

    fn due_ruled(&self, judging: &Judging) -> (Ruling, Vec<Due>) {
        let answered = self.answered_times(judging);
        let computed = judging.book.follow_up_due(known(self.treated_on()), &answered, judging.today);
        (computed.ruling, computed.result)
    }

    pub(super) fn follow_up(&self, judging: &Judging) -> Vec<Ruling> {
        let book = judging.book;
        let baseline = known(self.indication().and_then(|indication| indication.average_pain));
        let answers = self.answers();
        let treated = self.treated_on();
        let series: Vec<(i64, PainScore)> =
            answers.iter().filter_map(|(day, answer)| Some((day.days_since(treated?), answer.average_pain?))).collect();
        let mut rulings = vec![self.due_ruled(judging).0, book.course(baseline, &series).ruling];
        if let Some((_, last)) = answers.last() {
            rulings.push(book.response(baseline, known(last.average_pain)).ruling);
            let flags: Vec<(&str, Answer)> = last.red_flags.iter().map(|(key, a)| (key.as_str(), *a)).collect();
            rulings.push(book.red_flags(&flags).ruling);
            let changes = ScoreChange::of_case(self, judging).into_iter();
            rulings.extend(changes.filter(|change| change.time == last.time).filter_map(|change| change.ruling));
        }
        rulings.push(book.no_reply(Known::Known(self.tries_in_a_row())));
        rulings
    }

    /// How often in a row, until now, nobody was reached.
    pub fn tries_in_a_row(&self) -> u32 {
        let mut tries = 0;
        for (_, step) in self.effective() {
            match step {
                Step::ContactTried(tried) if tried.reached != Answer::Yes => tries += 1,
                Step::ContactTried(_) | Step::Answered(_) => tries = 0,
                _ => {}
            }
        }
        tries
    }

    /// How many adverse events are serious, by what is known now.
    pub fn serious_events(&self, judging: &Judging) -> u32 {
        let serious =
            |(event, settled): &(&super::super::steps::AdverseEvent, Option<&super::super::steps::EventSettled>)| {
                let severity = settled.map_or(&event.severity, |settled| &settled.severity);
                judging.book.serious(seriousness(severity)).result == Answer::Yes
            };
        self.events().iter().filter(|event| serious(event)).count() as u32
    }

    /// When the step of this number happened.
    fn began(&self, number: u64) -> Option<Moment> {
        let line = self.log().find(|(line, _)| line.number == number).map(|(line, _)| line.at);
        let signed = self.steps().get(number.checked_sub(1)? as usize).map(|step| step.at);
        line.or(signed).map(|at| at.moment())
    }

    pub(super) fn event_rulings(&self, judging: &Judging) -> Vec<Ruling> {
        let book = judging.book;
        let steps: Vec<LoggedStep> = self
            .log()
            .map(|(signed, _)| LoggedStep { key: format!("step {}", signed.number), began: signed.at.moment() })
            .collect();
        let mut rulings = Vec::new();
        for (_, step) in self.effective() {
            let Step::EventReported(event) = step else { continue };
            let settled = self.events().into_iter().find(|(e, _)| e.event == event.event).and_then(|(_, s)| s);
            let severity = settled.map_or(&event.severity, |settled| &settled.severity);
            let serious = book.serious(seriousness(severity));
            rulings.push(book.cirse(harm(severity)).ruling);
            rulings.push(book.ctcae(limits(severity)).ruling);
            rulings.push(serious.ruling);
            rulings.push(book.event_review(serious.result, event.expected));
            let began = event.step.and_then(|number| self.began(number));
            let began = event.began.or(began);
            rulings.push(book.event_cause(known(began), &steps, event.causality).ruling);
        }
        rulings
    }
}

/// As the CIRSE scale asks.
pub fn harm(severity: &Severity) -> Harm {
    Harm {
        death: severity.death,
        severe_lasting: severity.severe_lasting,
        mild_lasting: severity.mild_lasting,
        treatment: severity.treatment,
        stay_hours: known(severity.stay_hours),
    }
}

/// As the CTCAE asks.
pub fn limits(severity: &Severity) -> DailyLimits {
    DailyLimits {
        death: severity.death,
        life_threatening: severity.life_threatening,
        hospital_or_self_care: Answer::any([severity.hospital, severity.self_care_limited]),
        small_treatment_or_household: Answer::any([severity.treatment, severity.household_limited]),
    }
}

/// As the question "serious?" asks.
pub fn seriousness(severity: &Severity) -> Seriousness {
    Seriousness {
        death: severity.death,
        life_threatening: severity.life_threatening,
        hospital: severity.hospital,
        disability: severity.severe_lasting,
        intervention: severity.intervention,
    }
}
