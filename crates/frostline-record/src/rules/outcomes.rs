//! O-02, O-03, O-04 and O-07: whether it helped, for how long, and how a group of patients did.

use frostline_plan::catalogue::{CatalogueError, Known, Sourced};
use serde::{Deserialize, Serialize};

use super::RuleBook;
use super::answer::PainScore;
use super::follow_up::days;
use super::quantity::{Count, Percent, Points};
use super::row::{numbers, rule_group, texts};
use super::ruling::{Computed, Ruling, Verdict};
use super::tables::PublishedCurve;

numbers!(ResponseNumbers { baseline_least: Points, moderate: Percent, substantial: Percent });
texts!(ResponseTexts { substantial, moderate, none, low_baseline, missing });
numbers!(ChangeNumbers { lefs: Points, faam_adl: Points, faam_sport: Points, promis_pain_interference: Points });
texts!(ChangeTexts { matters, small, missing });
numbers!(CourseNumbers { relief_from: Percent, relapse_from: Percent });
texts!(CourseTexts { lasting, relapsed, no_relief, missing });
numbers!(CohortNumbers { least: Count });
texts!(CohortTexts { summary, missing });

rule_group! {
    /// O-02, O-03, O-04, O-07.
    OutcomeRules {
        response: O02, ResponseNumbers, ResponseTexts;
        change: O03, ChangeNumbers, ChangeTexts;
        course: O04, CourseNumbers, CourseTexts;
        cohort: O07, CohortNumbers, CohortTexts;
    }
}

/// How much pain went away.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// Unit: %; negative when pain is worse.
    Percent {
        /// How much less than at baseline.
        relief: f64,
        /// Whether it is a moderate improvement (30 % in the reference).
        moderate: bool,
        /// Whether it is a substantial one (50 % in the reference).
        substantial: bool,
    },
    /// Too little pain at baseline to speak of percent.
    LowBaseline,
    /// A score is missing.
    NotKnown,
}

/// Questionnaires with a smallest change that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Instrument {
    /// Lower Extremity Functional Scale; more is better.
    Lefs,
    /// Foot and Ankle Ability Measure, daily living; more is better.
    FaamAdl,
    /// Foot and Ankle Ability Measure, sport; more is better.
    FaamSport,
    /// PROMIS pain interference, T-score; less is better.
    PromisPainInterference,
}

/// How pain went over time. Days after the procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// Relief never came.
    NoRelief,
    /// It came and stays.
    Lasting {
        /// First day of relief.
        relief_on: i64,
        /// The last day anybody asked.
        seen_until: i64,
    },
    /// It came and went.
    Relapsed {
        /// First day of relief.
        relief_on: i64,
        /// First day on which pain was back.
        back_on: i64,
    },
    /// Nothing to compute from.
    NotKnown,
}

/// A group of patients; not adjusted for anything.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cohort {
    /// With both scores and enough pain at baseline.
    pub counted: usize,
    /// Without.
    pub missing: usize,
    /// Median pain at follow-up.
    pub median: f64,
    /// A quarter is below.
    pub lower_quartile: f64,
    /// A quarter is above.
    pub upper_quartile: f64,
    /// With at least a moderate improvement. Unit: % of those counted.
    pub responders_percent: f64,
}

impl RuleBook {
    /// What others published, to lay beside a group of O-07; never without design, n and what was found.
    pub fn published_curves(&self) -> &[PublishedCurve] {
        &self.curves
    }

    /// O-02: relief against baseline.
    pub fn response(&self, baseline: Known<PainScore>, now: Known<PainScore>) -> Computed<Response> {
        let rule = &self.outcomes.response;
        let (texts, numbers) = (&rule.texts, &rule.numbers);
        let judge = self.judge(rule).number_if("baseline", baseline.known().map(PainScore::score));
        let judge = judge.number_if("now", now.known().map(PainScore::score));
        let (Some(before), Some(after)) = (baseline.known(), now.known()) else {
            return Computed { ruling: judge.rules(Verdict::Human, &texts.missing), result: Response::NotKnown };
        };
        let relief = after.relief_percent(before).filter(|_| before.score() >= numbers.baseline_least.value.points);
        let Some(relief) = relief else {
            let ruling = judge.rules_by(Verdict::Info, &texts.low_baseline, &numbers.baseline_least);
            return Computed { ruling, result: Response::LowBaseline };
        };
        let judge = judge.number("relief", relief);
        let moderate = relief >= numbers.moderate.value.percent;
        let substantial = relief >= numbers.substantial.value.percent;
        let ruling = if substantial {
            judge.rules_by(Verdict::Ok, &texts.substantial, &numbers.substantial)
        } else if moderate {
            judge.rules_by(Verdict::Ok, &texts.moderate, &numbers.moderate)
        } else {
            judge.rules_by(Verdict::Info, &texts.none, &numbers.moderate)
        };
        Computed { ruling, result: Response::Percent { relief, moderate, substantial } }
    }

    /// O-03: whether a change of a questionnaire matters to people.
    pub fn change(&self, instrument: Instrument, baseline: Known<f64>, now: Known<f64>) -> Ruling {
        let rule = &self.outcomes.change;
        let (name, least, sign): (&str, &Sourced<Points>, f64) = match instrument {
            Instrument::Lefs => ("LEFS", &rule.numbers.lefs, 1.0),
            Instrument::FaamAdl => ("FAAM daily living", &rule.numbers.faam_adl, 1.0),
            Instrument::FaamSport => ("FAAM sport", &rule.numbers.faam_sport, 1.0),
            Instrument::PromisPainInterference => {
                ("PROMIS pain interference", &rule.numbers.promis_pain_interference, -1.0)
            }
        };
        let judge = self.judge(rule).fact("instrument", name);
        let finite = |score: Known<f64>| score.known().filter(|score| score.is_finite());
        let (Some(before), Some(after)) = (finite(baseline), finite(now)) else {
            return judge.rules(Verdict::Human, &rule.texts.missing);
        };
        let better = sign * (after - before);
        let judge = judge.number("better", better).number("least", least.value.points);
        // Scores have a digit or two; a difference of 9 must not be lost to the last bit.
        const ROUNDING: f64 = 1e-9;
        if better >= least.value.points - ROUNDING {
            return judge.rules_by(Verdict::Ok, &rule.texts.matters, least);
        }
        judge.rules_by(Verdict::Info, &rule.texts.small, least)
    }

    /// O-04: first relief, and the first day after it on which pain was back; `series` in days after the procedure.
    pub fn course(&self, baseline: Known<PainScore>, series: &[(i64, PainScore)]) -> Computed<Course> {
        let rule = &self.outcomes.course;
        let (texts, numbers) = (&rule.texts, &rule.numbers);
        let judge = self.judge(rule);
        let mut sorted = series.to_vec();
        sorted.sort_by_key(|(day, _)| *day);
        let (Some(baseline), Some((seen_until, _))) =
            (baseline.known().filter(|score| score.score() > 0.0), sorted.last().copied())
        else {
            return Computed { ruling: judge.rules(Verdict::Human, &texts.missing), result: Course::NotKnown };
        };
        let left = |score: PainScore| 100.0 - score.relief_percent(baseline).unwrap_or(0.0);
        let relieved = |(_, score): &&(i64, PainScore)| 100.0 - left(*score) >= numbers.relief_from.value.percent;
        let Some((relief_on, _)) = sorted.iter().find(relieved).copied() else {
            let ruling = judge.rules_by(Verdict::Info, &texts.no_relief, &numbers.relief_from);
            return Computed { ruling, result: Course::NoRelief };
        };
        let judge = judge.fact("relief_on", days(relief_on));
        let back =
            sorted.iter().find(|(day, score)| *day > relief_on && left(*score) >= numbers.relapse_from.value.percent);
        match back.copied() {
            Some((back_on, _)) => Computed {
                ruling: judge.fact("until", days(back_on)).rules_by(
                    Verdict::Info,
                    &texts.relapsed,
                    &numbers.relapse_from,
                ),
                result: Course::Relapsed { relief_on, back_on },
            },
            None => Computed {
                ruling: judge.fact("until", days(seen_until)).rules_by(
                    Verdict::Ok,
                    &texts.lasting,
                    &numbers.relief_from,
                ),
                result: Course::Lasting { relief_on, seen_until },
            },
        }
    }

    /// O-07: baseline and follow-up of a group; whoever lacks one, or had too little pain, is counted as missing.
    pub fn cohort(&self, patients: &[(Known<PainScore>, Known<PainScore>)]) -> Computed<Known<Cohort>> {
        let rule = &self.outcomes.cohort;
        let mut scores = Vec::new();
        let mut responders = 0;
        for (baseline, now) in patients {
            if let (Response::Percent { moderate, .. }, Some(now)) =
                (self.response(*baseline, *now).result, now.known())
            {
                scores.push(now.score());
                responders += usize::from(moderate);
            }
        }
        scores.sort_by(f64::total_cmp);
        let counted = scores.len();
        let missing = patients.len() - counted;
        let judge = self.judge(rule).number("n", counted as f64).number("lacking", missing as f64);
        if counted == 0 || (counted as f64) < rule.numbers.least.value.count {
            let ruling = judge.rules_by(Verdict::Human, &rule.texts.missing, &rule.numbers.least);
            return Computed { ruling, result: Known::NotKnown };
        }
        let cohort = Cohort {
            counted,
            missing,
            median: quantile(&scores, 0.5),
            lower_quartile: quantile(&scores, 0.25),
            upper_quartile: quantile(&scores, 0.75),
            responders_percent: 100.0 * responders as f64 / counted as f64,
        };
        let judge = judge.number("median", cohort.median).number("responders", cohort.responders_percent);
        let judge = judge.number("lower", cohort.lower_quartile).number("upper", cohort.upper_quartile);
        Computed { ruling: judge.rules(Verdict::Info, &rule.texts.summary), result: Known::Known(cohort) }
    }
}

/// By straight lines between the values in order; `sorted` is not empty.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (place - place.floor())
}
