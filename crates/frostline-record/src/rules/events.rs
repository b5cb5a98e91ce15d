//! A: how bad something was that went wrong, and what must follow.

use frostline_plan::catalogue::{CatalogueError, Known};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RuleBook;
use super::answer::Answer;
use super::moment::Moment;
use super::quantity::Hours;
use super::row::{NoNumbers, numbers, rule_group, texts};
use super::ruling::{Computed, Ruling, Verdict};

numbers!(CirseNumbers { long_stay_above: Hours });
texts!(CirseTexts { grade, missing });
texts!(CtcaeTexts { grade, missing });
texts!(SeriousTexts { serious, not_serious, missing });
texts!(ReviewTexts { review, ok, missing });
texts!(CauseTexts { linked, no_step, not_assessed, missing });

rule_group! {
    ///
    EventRules {
        cirse: A01, CirseNumbers, CirseTexts;
        ctcae: A02, NoNumbers, CtcaeTexts;
        serious: A03, NoNumbers, SeriousTexts;
        review: A04, NoNumbers, ReviewTexts;
        cause: A05, NoNumbers, CauseTexts;
    }
}

/// What an event led to, for the scale of the Cardiovascular and Interventional Radiological Society of Europe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Harm {
    /// The patient died of it.
    pub death: Answer,
    /// Lasting harm so that help is needed in daily life.
    pub severe_lasting: Answer,
    /// Lasting harm, mild.
    pub mild_lasting: Answer,
    /// Treatment was needed after the session.
    pub treatment: Answer,
    /// Unplanned stay or observation; 0 when there was none. Unit: h.
    pub stay_hours: Known<f64>,
}

/// What an event limited, for the Common Terminology Criteria for Adverse Events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The patient died of it.
    pub death: Answer,
    /// Life was in danger.
    pub life_threatening: Answer,
    /// Hospital, or no longer able to care for oneself.
    pub hospital_or_self_care: Answer,
    /// A small treatment, or no longer able to shop, cook, work.
    pub small_treatment_or_household: Answer,
}

/// What makes an event serious.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seriousness {
    /// The patient died of it.
    pub death: Answer,
    /// Life was in danger.
    pub life_threatening: Answer,
    /// Into hospital, or longer there.
    pub hospital: Answer,
    /// Lasting disability.
    pub disability: Answer,
    /// Treatment was needed to prevent lasting harm.
    pub intervention: Answer,
}

/// How likely a step caused an event, in the words of FHIR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Causality {
    /// Certain.
    Certain,
    /// Probably or likely.
    ProbablyLikely,
    /// Possible.
    Possible,
    /// Unlikely.
    Unlikely,
    /// More is to be found out.
    ConditionalClassified,
    /// Cannot be found out.
    Unassessable,
    /// Nobody assessed it yet.
    NotAssessed,
}

impl Causality {
    /// The word in files and on screens.
    pub fn word(self) -> &'static str {
        match self {
            Causality::Certain => "certain",
            Causality::ProbablyLikely => "probably or likely",
            Causality::Possible => "possible",
            Causality::Unlikely => "unlikely",
            Causality::ConditionalClassified => "more is to be found out",
            Causality::Unassessable => "cannot be found out",
            Causality::NotAssessed => "not assessed",
        }
    }
}

/// One step of the log of the procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedStep {
    /// Its key in the log.
    pub key: String,
    /// When it began.
    pub began: Moment,
}

/// Grades of a scale, from the mildest.
const CIRSE_DEATH: u8 = 6;
const CTCAE_DEATH: u8 = 5;

impl RuleBook {
    /// Unplanned stays longer than this count more. Unit: h.
    pub fn long_stay_hours(&self) -> f64 {
        self.events.cirse.numbers.long_stay_above.value.hours
    }

    /// grade 1 to 6 on the CIRSE scale.
    pub fn cirse(&self, harm: Harm) -> Computed<Known<u8>> {
        let rule = &self.events.cirse;
        let long = rule.numbers.long_stay_above.value.hours;
        let longer = |hours: f64| match harm.stay_hours.known() {
            Some(stay) if stay > hours => Answer::Yes,
            Some(stay) if stay >= 0.0 => Answer::No,
            Some(_) | None => Answer::NotAsked,
        };
        let from_worst = [
            harm.death,
            harm.severe_lasting,
            harm.mild_lasting,
            Answer::any([harm.treatment, longer(long)]),
            longer(0.0),
        ];
        let judge = self.judge(rule).number_if("stay", harm.stay_hours.known());
        match grade(&from_worst, CIRSE_DEATH) {
            Known::Known(grade) => {
                let judge = judge.fact("grade", grade.to_string());
                let ruling = judge.rules_by(Verdict::Info, &rule.texts.grade, &rule.numbers.long_stay_above);
                Computed { ruling, result: Known::Known(grade) }
            }
            Known::NotKnown => {
                Computed { ruling: judge.rules(Verdict::Human, &rule.texts.missing), result: Known::NotKnown }
            }
        }
    }

    /// grade 1 to 5 of CTCAE.
    pub fn ctcae(&self, limits: Limits) -> Computed<Known<u8>> {
        let rule = &self.events.ctcae;
        let from_worst =
            [limits.death, limits.life_threatening, limits.hospital_or_self_care, limits.small_treatment_or_household];
        let judge = self.judge(rule);
        match grade(&from_worst, CTCAE_DEATH) {
            Known::Known(grade) => {
                let ruling = judge.fact("grade", grade.to_string()).rules(Verdict::Info, &rule.texts.grade);
                Computed { ruling, result: Known::Known(grade) }
            }
            Known::NotKnown => {
                Computed { ruling: judge.rules(Verdict::Human, &rule.texts.missing), result: Known::NotKnown }
            }
        }
    }

    /// whether an event is serious.
    pub fn serious(&self, found: Seriousness) -> Computed<Answer> {
        let rule = &self.events.serious;
        let all = [
            ("death", found.death),
            ("danger to life", found.life_threatening),
            ("hospital", found.hospital),
            ("disability", found.disability),
            ("treatment to prevent lasting harm", found.intervention),
        ];
        let yes: Vec<&str> = all.iter().filter(|(_, answer)| *answer == Answer::Yes).map(|(what, _)| *what).collect();
        let judge = self.judge(rule);
        let result = Answer::any(all.map(|(_, answer)| answer));
        let ruling = match result {
            Answer::Yes => judge.fact("why", yes.join(", ")).rules(Verdict::Human, &rule.texts.serious),
            Answer::No => judge.fact("why", "none").rules(Verdict::Ok, &rule.texts.not_serious),
            Answer::NotAsked => judge.rules(Verdict::Human, &rule.texts.missing),
        };
        Computed { ruling, result }
    }

    /// whether the quality lead must look at an event and a report is drafted.
    pub fn event_review(&self, serious: Answer, expected: Answer) -> Ruling {
        let rule = &self.events.review;
        let judge = self.judge(rule).fact("serious", serious.word()).fact("expected", expected.word());
        match (serious, expected) {
            (Answer::Yes, _) | (_, Answer::No) => judge.rules(Verdict::Human, &rule.texts.review),
            (Answer::NotAsked, _) | (_, Answer::NotAsked) => judge.rules(Verdict::Human, &rule.texts.missing),
            (Answer::No, Answer::Yes) => judge.rules(Verdict::Ok, &rule.texts.ok),
        }
    }

    /// the last step that began before the event, to which a person then says how likely it was the cause.
    pub fn event_cause(
        &self,
        began: Known<Moment>,
        steps: &[LoggedStep],
        causality: Causality,
    ) -> Computed<Known<String>> {
        let rule = &self.events.cause;
        let judge = self.judge(rule).fact("causality", causality.word());
        let Some(began) = began.known() else {
            return Computed { ruling: judge.rules(Verdict::Human, &rule.texts.missing), result: Known::NotKnown };
        };
        let Some(step) = steps.iter().filter(|step| step.began <= began).max_by_key(|step| step.began) else {
            return Computed { ruling: judge.rules(Verdict::Human, &rule.texts.no_step), result: Known::NotKnown };
        };
        let judge = judge.fact("step", step.key.as_str());
        let ruling: Ruling = match causality {
            Causality::NotAssessed => judge.rules(Verdict::Human, &rule.texts.not_assessed),
            _ => judge.rules(Verdict::Info, &rule.texts.linked),
        };
        Computed { ruling, result: Known::Known(step.key.clone()) }
    }
}

/// The grade of the first yes from the worst down; a question without an answer before it leaves the grade open, since
/// it might have been worse.
fn grade(from_worst: &[Answer], worst: u8) -> Known<u8> {
    let mut grade = worst;
    for answer in from_worst {
        match answer {
            Answer::Yes => return Known::Known(grade),
            Answer::NotAsked => return Known::NotKnown,
            Answer::No => grade -= 1,
        }
    }
    Known::Known(grade)
}
