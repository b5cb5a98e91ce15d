//! F and S: food and drink before sedation, watching during it, going home after it.

use frostline_plan::catalogue::{CatalogueError, Known};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RuleBook;
use super::answer::{Answer, SedationLevel};
use super::moment::Moment;
use super::quantity::{Hours, Points};
use super::row::{NoNumbers, numbers, plain, rule_group, texts};
use super::ruling::{Computed, Ruling, Verdict};
use super::tables::FastingRow;

texts!(FastingTexts { local_only, met, too_early, missing, level_missing });
numbers!(LongFastNumbers { info_above: Hours });
texts!(LongFastTexts { ok, still_drink, missing });
texts!(SlowStomachTexts { ok, ask, missing });
texts!(MonitoringTexts { not_needed, no_anaesthesiologist, ok, missing_people, level_missing });
texts!(EscortTexts { not_needed, ok, alone, weak, missing, level_missing });
numbers!(DischargeNumbers { aldrete_least: Points, padss_least: Points });
texts!(DischargeTexts { ok, score_low, local_ok, local_not_yet, missing });

rule_group! {
    /// F-01 to F-03 and S-01 to S-03.
    SedationRules {
        fasting: F01, NoNumbers, FastingTexts;
        long_fast: F02, LongFastNumbers, LongFastTexts;
        slow_stomach: F03, NoNumbers, SlowStomachTexts;
        monitoring: S01, NoNumbers, MonitoringTexts;
        escort: S02, NoNumbers, EscortTexts;
        discharge: S03, DischargeNumbers, DischargeTexts;
    }
}

/// When something was last eaten or drunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Intake {
    /// Not since long before.
    None,
    /// At this time.
    At(Moment),
    /// Nobody asked.
    NotKnown,
}

/// Who and what watches a sedated patient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Monitoring {
    /// A person who does nothing else.
    pub person: Answer,
    /// Carbon dioxide in the breath, all the time.
    pub capnography: Answer,
    /// An anaesthesiologist; needed in deep sedation.
    pub anaesthesiologist: Answer,
}

/// How a patient recovers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Recovery {
    /// After sedation, by scores from 0 to 10.
    Sedated {
        /// Modified Aldrete.
        aldrete: Known<u8>,
        /// Post-anaesthetic discharge scoring system.
        padss: Known<u8>,
    },
    /// After local anaesthetic only: walks, power as before, pain as agreed, dry, no toxic signs, teach-back done.
    LocalOnly([Answer; 6]),
}

impl RuleBook {
    /// The rows of F-01, in the order of the file.
    pub fn fasting_rows(&self) -> &[FastingRow] {
        &self.fasting
    }

    /// F-01: when sedation may start at the earliest; `taken` by the keys of the rows. With local anaesthetic only there
    /// is no fast.
    pub fn fasting(
        &self,
        level: Known<SedationLevel>,
        taken: &[(&str, Intake)],
        start: Moment,
    ) -> Computed<Known<Moment>> {
        let rule = &self.sedation.fasting;
        let texts = &rule.texts;
        let judge = self.judge(rule);
        let nothing = |ruling| Computed { ruling, result: Known::NotKnown };
        let Some(level) = level.known() else { return nothing(judge.rules(Verdict::Human, &texts.level_missing)) };
        let judge = judge.fact("level", level.word());
        if level == SedationLevel::LocalOnly {
            return nothing(judge.rules(Verdict::Ok, &texts.local_only));
        }
        let taken_of = |row: &FastingRow| {
            taken.iter().find(|(id, _)| *id == row.id).map_or(Intake::NotKnown, |(_, intake)| *intake)
        };
        let open: Vec<&str> =
            self.fasting.iter().filter(|row| taken_of(row) == Intake::NotKnown).map(|row| row.name.as_str()).collect();
        let earliest_of = |row| match taken_of(row) {
            Intake::At(at) => Some((at.plus_hours(row.hours()), row)),
            Intake::None | Intake::NotKnown => None,
        };
        let last = self.fasting.iter().filter_map(earliest_of).max_by_key(|(at, _)| *at);
        let result = match (last, open.is_empty()) {
            (Some((at, _)), true) => Known::Known(at),
            _ => Known::NotKnown,
        };
        let ruling = match last {
            Some((at, row)) if start < at => judge
                .fact("what", row.name.as_str())
                .number("early", at.hours_since(start))
                .rules_by(Verdict::Stop, &texts.too_early, &row.fast),
            _ if !open.is_empty() => judge.fact("what", open.join("; ")).rules(Verdict::Human, &texts.missing),
            Some((_, row)) => judge.fact("what", row.name.as_str()).rules_by(Verdict::Ok, &texts.met, &row.fast),
            None => judge.fact("what", "nothing").rules(Verdict::Ok, &texts.met),
        };
        Computed { ruling, result }
    }

    /// F-02: thirst that nobody needs.
    pub fn long_fast(&self, last_clear: Known<Moment>, start: Moment) -> Ruling {
        let rule = &self.sedation.long_fast;
        let most = &rule.numbers.info_above;
        let judge = self.judge(rule);
        let Some(last) = last_clear.known() else { return judge.rules(Verdict::Human, &rule.texts.missing) };
        let hours = start.hours_since(last);
        let judge = judge.number("hours", hours);
        if hours > most.value.hours {
            return judge.rules_by(Verdict::Info, &rule.texts.still_drink, most);
        }
        judge.rules_by(Verdict::Ok, &rule.texts.ok, most)
    }

    /// F-03: a stomach that empties slowly, by a GLP-1 drug or by disease.
    pub fn slow_stomach(&self, glp1_drug: Answer, gastroparesis: Answer) -> Ruling {
        let rule = &self.sedation.slow_stomach;
        let judge = self.judge(rule).fact("glp1", glp1_drug.word()).fact("gastroparesis", gastroparesis.word());
        match Answer::any([glp1_drug, gastroparesis]) {
            Answer::Yes => judge.rules(Verdict::Human, &rule.texts.ask),
            Answer::No => judge.rules(Verdict::Ok, &rule.texts.ok),
            Answer::NotAsked => judge.rules(Verdict::Human, &rule.texts.missing),
        }
    }

    /// S-01: who watches. What is not written down is not there.
    pub fn monitoring(&self, level: Known<SedationLevel>, has: Monitoring) -> Ruling {
        let rule = &self.sedation.monitoring;
        let judge = self.judge(rule);
        let Some(level) = level.known() else { return judge.rules(Verdict::Human, &rule.texts.level_missing) };
        let judge = judge.fact("level", level.word());
        if level == SedationLevel::LocalOnly {
            return judge.rules(Verdict::Ok, &rule.texts.not_needed);
        }
        let needed: &[(&str, Answer)] = match level {
            SedationLevel::LocalOnly | SedationLevel::Minimal => &[],
            SedationLevel::Moderate => &[("a person who only watches", has.person), ("capnography", has.capnography)],
            SedationLevel::Deep => &[
                ("a person who only watches", has.person),
                ("capnography", has.capnography),
                ("an anaesthesiologist", has.anaesthesiologist),
            ],
        };
        let absent: Vec<&str> =
            needed.iter().filter(|(_, there)| *there != Answer::Yes).map(|(what, _)| *what).collect();
        if !absent.is_empty() {
            return judge.fact("absent", absent.join(", ")).rules(Verdict::Stop, &rule.texts.missing_people);
        }
        // Without an anaesthesiologist somebody answers for it; that nobody wrote it down is not a word.
        let judge = judge.fact("absent", "nothing");
        match has.anaesthesiologist {
            Answer::Yes => judge.rules(Verdict::Ok, &rule.texts.ok),
            Answer::No => judge.rules(Verdict::Warn, &rule.texts.no_anaesthesiologist),
            Answer::NotAsked => judge.rules(Verdict::Human, &rule.texts.no_anaesthesiologist),
        }
    }

    /// S-02: who takes the patient home. A weak or numb leg needs somebody even without sedation.
    pub fn escort(&self, level: Known<SedationLevel>, has_escort: Answer, weak_or_numb_leg: Answer) -> Ruling {
        let rule = &self.sedation.escort;
        let texts = &rule.texts;
        let judge = self.judge(rule).fact("escort", has_escort.word()).fact("weak", weak_or_numb_leg.word());
        let Some(level) = level.known() else { return judge.rules(Verdict::Human, &texts.level_missing) };
        let judge = judge.fact("level", level.word());
        let sedated = level > SedationLevel::LocalOnly;
        match (sedated, weak_or_numb_leg, has_escort) {
            (_, _, Answer::Yes) => judge.rules(Verdict::Ok, &texts.ok),
            (true, _, Answer::No) => judge.rules(Verdict::Stop, &texts.alone),
            (true, _, Answer::NotAsked) => judge.rules(Verdict::Stop, &texts.missing),
            (false, Answer::Yes, Answer::No | Answer::NotAsked) => judge.rules(Verdict::Stop, &texts.weak),
            (false, Answer::No, _) => judge.rules(Verdict::Ok, &texts.not_needed),
            (false, Answer::NotAsked, _) => judge.rules(Verdict::Human, &texts.missing),
        }
    }

    /// S-03: whether the patient may go home.
    pub fn discharge(&self, recovery: Recovery) -> Ruling {
        let rule = &self.sedation.discharge;
        let texts = &rule.texts;
        let judge = self.judge(rule);
        match recovery {
            Recovery::Sedated { aldrete, padss } => {
                let judge = judge.number_if("aldrete", aldrete.known().map(f64::from));
                let judge = judge.number_if("padss", padss.known().map(f64::from));
                let (Some(aldrete), Some(padss)) = (aldrete.known(), padss.known()) else {
                    return judge.rules(Verdict::Stop, &texts.missing);
                };
                let least = &rule.numbers;
                if f64::from(aldrete) < least.aldrete_least.value.points {
                    return judge.rules_by(Verdict::Stop, &texts.score_low, &least.aldrete_least);
                }
                if f64::from(padss) < least.padss_least.value.points {
                    return judge.rules_by(Verdict::Stop, &texts.score_low, &least.padss_least);
                }
                judge.rules_by(Verdict::Ok, &texts.ok, &least.aldrete_least)
            }
            Recovery::LocalOnly(answers) => {
                let yes = answers.iter().filter(|answer| **answer == Answer::Yes).count();
                let judge = judge.fact("met", format!("{} of {}", plain(yes as f64), answers.len()));
                match yes == answers.len() {
                    true => judge.rules(Verdict::Ok, &texts.local_ok),
                    false => judge.rules(Verdict::Stop, &texts.local_not_yet),
                }
            }
        }
    }
}
