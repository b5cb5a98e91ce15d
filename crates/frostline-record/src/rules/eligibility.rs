//! E: whether this patient and this nerve should be treated at all.

use std::collections::BTreeSet;

use frostline_plan::catalogue::{CatalogueError, Known, Limb, Limits, Nerves, Policy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RuleBook;
use super::answer::{Answer, PainScore};
use super::moment::Day;
use super::quantity::{BodyMass, Count, Days, NerveList, Percent, Points, Years};
use super::row::{NoNumbers, numbers, plain, rule_group, texts};
use super::ruling::{Computed, Ruling, Verdict};

numbers!(PainDurationNumbers { stop_below: Days, warn_up_to: Days });
texts!(PainDurationTexts { ok, warn, stop, future, missing });
numbers!(PainScoreNumbers { stop_below: Points, warn_below: Points });
texts!(PainScoreTexts { ok, warn, stop, missing });
numbers!(FailedTreatmentNumbers { lines_without_profile: Count });
texts!(FailedTreatmentTexts { ok, warn, no_profile, missing });
numbers!(BlockNumbers { stop_below: Percent, warn_below: Percent, may_go_without: NerveList });
texts!(BlockTexts { ok, weak, poor, worse, no_pain_before, incomplete, none, none_allowed, missing });
numbers!(BlockWhereNumbers { covered_at_least: Percent });
texts!(BlockWhereTexts { ok, warn, missing });
texts!(PolicyTexts { target, specialist, avoid, another_limb, limb_missing, missing });
texts!(IceMarginTexts { ok, near, inside, not_traced, missing });
numbers!(EarlierSurgeryNumbers { back_to_baseline: Percent });
texts!(EarlierSurgeryTexts { ok, warn, missing });
numbers!(RepeatNumbers { warn_below: Days });
texts!(RepeatTexts { ok, never, warn, future, missing });
numbers!(AgeNumbers { adult_from: Years });
texts!(AgeTexts { ok, child, pregnant, missing });
numbers!(Hba1cNumbers { stop_from: Percent, warn_from: Percent });
texts!(Hba1cTexts { ok, not_diabetic, warn, stop, missing });
texts!(PolyneuropathyTexts { ok, warn, missing });
numbers!(BmiNumbers { warn_above: BodyMass });
texts!(BmiTexts { ok, reaches, too_short, reach_unknown, missing });

rule_group! {
    /// E-01 to E-14, without E-08, whose table has a file of its own.
    EligibilityRules {
        pain_duration: E01, PainDurationNumbers, PainDurationTexts;
        pain_score: E02, PainScoreNumbers, PainScoreTexts;
        failed_treatments: E03, FailedTreatmentNumbers, FailedTreatmentTexts;
        block: E04, BlockNumbers, BlockTexts;
        block_where: E05, BlockWhereNumbers, BlockWhereTexts;
        policy: E06, NoNumbers, PolicyTexts;
        ice_margin: E07, NoNumbers, IceMarginTexts;
        earlier_surgery: E09, EarlierSurgeryNumbers, EarlierSurgeryTexts;
        repeat: E10, RepeatNumbers, RepeatTexts;
        age: E11, AgeNumbers, AgeTexts;
        hba1c: E12, Hba1cNumbers, Hba1cTexts;
        polyneuropathy: E13, NoNumbers, PolyneuropathyTexts;
        bmi: E14, BmiNumbers, BmiTexts;
    }
}

/// A kind of treatment that was tried before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TreatmentLine {
    /// Drugs.
    Drugs,
    /// Physiotherapy, exercise, orthoses, footwear.
    Physical,
    /// Injections.
    Injection,
}

/// A treatment that was tried and did not help.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FailedTreatment {
    /// Its kind; several of one kind are one line.
    pub line: TreatmentLine,
    /// For how long. Unit: week.
    pub weeks: Known<f64>,
}

/// What the payer asks to have been tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PayerNeeds {
    /// So many lines.
    pub lines: usize,
    /// Each for so long. Unit: week.
    pub weeks: f64,
}

/// The diagnostic block of the nerve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DiagnosticBlock {
    /// None was done.
    NotDone,
    /// Nobody wrote down whether one was done.
    NotKnown,
    /// It was done.
    Done {
        /// Pain just before.
        before: PainScore,
        /// Lowest pain after.
        after: PainScore,
        /// Whether drug, date and duration of relief are all written down.
        details: Answer,
    },
}

/// How far a nerve with motor fibres is from the edge of the predicted ice, over all cycles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum IceMargin {
    /// Nobody traced it.
    NotTraced,
    /// Part of it lies in the ice.
    Inside,
    /// Unit: mm.
    AwayMm(f64),
}

/// A nerve with motor fibres that is not the target.
#[derive(Clone, Debug, PartialEq)]
pub struct MotorNeighbour {
    /// What it is called.
    pub name: String,
    /// How far from the ice.
    pub margin: IceMargin,
}

/// When the nerve was last frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastFreeze {
    /// Never before.
    Never,
    /// On this day.
    On(Day),
    /// Nobody asked.
    NotKnown,
}

/// Whether the patient may be pregnant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pregnancy {
    /// Cannot be.
    NotPossible,
    /// Excluded by a test.
    Excluded,
    /// Is.
    Pregnant,
    /// Not asked or not tested.
    NotKnown,
}

/// Whether the probe reaches the nerve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// Usable length of the probe. Unit: mm.
    pub probe_length_mm: f64,
    /// From the skin to the nerve. Unit: mm.
    pub depth_mm: f64,
}

impl RuleBook {
    /// E-01: how long the pain has lasted.
    pub fn pain_duration(&self, began: Known<Day>, today: Day) -> Ruling {
        let rule = &self.eligibility.pain_duration;
        let judge = self.judge(rule);
        let Some(began) = began.known() else { return judge.rules(Verdict::Human, &rule.texts.missing) };
        let days = today.days_since(began);
        let judge = judge.fact("days", days.to_string());
        let (stop, warn) = (&rule.numbers.stop_below, &rule.numbers.warn_up_to);
        match days as f64 {
            ..0.0 => judge.rules(Verdict::Human, &rule.texts.future),
            days if days < stop.value.days => judge.rules_by(Verdict::Stop, &rule.texts.stop, stop),
            days if days <= warn.value.days => judge.rules_by(Verdict::Warn, &rule.texts.warn, warn),
            _ => judge.rules_by(Verdict::Ok, &rule.texts.ok, warn),
        }
    }

    /// E-02: average pain over the last 7 days.
    pub fn pain_score(&self, average: Known<PainScore>) -> Ruling {
        let rule = &self.eligibility.pain_score;
        let judge = self.judge(rule).number_if("score", average.known().map(PainScore::score));
        let (stop, warn) = (&rule.numbers.stop_below, &rule.numbers.warn_below);
        match average.known().map(PainScore::score) {
            None => judge.rules(Verdict::Human, &rule.texts.missing),
            Some(score) if score < stop.value.points => judge.rules_by(Verdict::Stop, &rule.texts.stop, stop),
            Some(score) if score < warn.value.points => judge.rules_by(Verdict::Warn, &rule.texts.warn, warn),
            Some(_) => judge.rules_by(Verdict::Ok, &rule.texts.ok, warn),
        }
    }

    /// E-03: what was tried before, against what the payer asks; with what its letter would lack. Without a profile the
    /// usual number of lines is counted and a person decides.
    pub fn failed_treatments(
        &self,
        tried: Known<&[FailedTreatment]>,
        payer: Known<PayerNeeds>,
    ) -> Computed<Vec<String>> {
        let rule = &self.eligibility.failed_treatments;
        let usual = &rule.numbers.lines_without_profile;
        let needs = payer.known().unwrap_or(PayerNeeds { lines: usual.value.count as usize, weeks: 0.0 });
        let judge = self.judge(rule).number("needed", needs.lines as f64).number("weeks", needs.weeks);
        let Some(tried) = tried.known() else {
            return Computed { ruling: judge.rules(Verdict::Human, &rule.texts.missing), result: Vec::new() };
        };
        let long_enough = |treatment: &&FailedTreatment| treatment.weeks.known().is_some_and(|w| w >= needs.weeks);
        let lines: BTreeSet<TreatmentLine> = tried.iter().filter(long_enough).map(|t| t.line).collect();
        let judge = judge.number("lines", lines.len() as f64);
        let ruling = match payer {
            Known::NotKnown => judge.rules_by(Verdict::Human, &rule.texts.no_profile, usual),
            Known::Known(_) if lines.len() < needs.lines => judge.rules(Verdict::Warn, &rule.texts.warn),
            Known::Known(_) => judge.rules(Verdict::Ok, &rule.texts.ok),
        };
        Computed { ruling, result: gaps(tried, lines.len(), needs) }
    }

    /// E-04: how far a diagnostic block of the nerve took the pain away.
    pub fn diagnostic_block(&self, block: DiagnosticBlock, nerve: &str) -> Ruling {
        let rule = &self.eligibility.block;
        let (texts, numbers) = (&rule.texts, &rule.numbers);
        let judge = self.judge(rule).fact("nerve", nerve);
        let (before, after, details) = match block {
            DiagnosticBlock::NotKnown => return judge.rules(Verdict::Stop, &texts.missing),
            DiagnosticBlock::NotDone if numbers.may_go_without.value.has(nerve) => {
                return judge.rules_by(Verdict::Warn, &texts.none_allowed, &numbers.may_go_without);
            }
            DiagnosticBlock::NotDone => return judge.rules(Verdict::Stop, &texts.none),
            DiagnosticBlock::Done { before, after, details } => (before, after, details),
        };
        let Some(relief) = after.relief_percent(before) else {
            return judge.rules(Verdict::Human, &texts.no_pain_before);
        };
        let judge = judge.number("relief", relief);
        if relief < 0.0 {
            return judge.rules(Verdict::Stop, &texts.worse);
        }
        if relief < numbers.stop_below.value.percent {
            return judge.rules_by(Verdict::Stop, &texts.poor, &numbers.stop_below);
        }
        if relief < numbers.warn_below.value.percent {
            return judge.rules_by(Verdict::Warn, &texts.weak, &numbers.warn_below);
        }
        match details {
            Answer::Yes => judge.rules_by(Verdict::Ok, &texts.ok, &numbers.warn_below),
            Answer::No | Answer::NotAsked => judge.rules(Verdict::Human, &texts.incomplete),
        }
    }

    /// E-05: whether the block numbed what hurts; areas are those of the body map.
    pub fn block_where(&self, hurts: Known<&[&str]>, numbed: Known<&[&str]>) -> Ruling {
        let rule = &self.eligibility.block_where;
        let judge = self.judge(rule);
        let (Some(hurts), Some(numbed)) = (hurts.known().filter(|areas| !areas.is_empty()), numbed.known()) else {
            return judge.rules(Verdict::Human, &rule.texts.missing);
        };
        let covered = hurts.iter().filter(|area| numbed.contains(area)).count();
        let percent = 100.0 * covered as f64 / hurts.len() as f64;
        let judge = judge.number("covered", percent);
        let enough = &rule.numbers.covered_at_least;
        if percent < enough.value.percent {
            return judge.rules_by(Verdict::Warn, &rule.texts.warn, enough);
        }
        judge.rules_by(Verdict::Ok, &rule.texts.ok, enough)
    }

    /// E-06: whether this nerve may be a target.
    pub fn target_policy(&self, nerve: &str, limb: Known<Limb>, atlas: &Nerves) -> Ruling {
        let rule = &self.eligibility.policy;
        let judge = self.judge(rule).fact("nerve", nerve);
        let Some(found) = atlas.find(nerve) else { return judge.rules(Verdict::Human, &rule.texts.missing) };
        let judge = judge.fact("name", found.name.as_str());
        let judge = match limb.known() {
            Some(limb) => judge.fact("limb", limb.word()),
            None => judge,
        };
        if let Some(only) = &found.restriction {
            let judge = judge.fact("only", only.value.words());
            return match limb.known() {
                None => judge.rules_by(Verdict::Human, &rule.texts.limb_missing, only),
                Some(limb) if only.value.only_in.contains(&limb) => {
                    judge.rules_by(Verdict::Warn, &rule.texts.specialist, &found.role)
                }
                Some(_) => judge.rules_by(Verdict::Stop, &rule.texts.another_limb, only),
            };
        }
        match found.role.value.policy {
            Policy::Target => judge.rules_by(Verdict::Ok, &rule.texts.target, &found.role),
            Policy::Specialist => judge.rules_by(Verdict::Warn, &rule.texts.specialist, &found.role),
            Policy::Avoid => judge.rules_by(Verdict::Stop, &rule.texts.avoid, &found.role),
        }
    }

    /// E-07: how far every other nerve with motor fibres is from the ice; the margin is that of `limits.toml`.
    pub fn ice_margin(&self, neighbours: &[MotorNeighbour], limits: &Limits) -> Ruling {
        let rule = &self.eligibility.ice_margin;
        let margin = &limits.nerve().motor_nerve_margin;
        let named = |which: &dyn Fn(IceMargin) -> bool| {
            let names = neighbours.iter().filter(|neighbour| which(neighbour.margin)).map(|n| n.name.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        let inside = named(&|margin| match margin {
            IceMargin::Inside => true,
            IceMargin::AwayMm(away_mm) => away_mm <= 0.0 || away_mm.is_nan(),
            IceMargin::NotTraced => false,
        });
        let unknown = named(&|margin| margin == IceMargin::NotTraced);
        let near = named(&|found| matches!(found, IceMargin::AwayMm(away_mm) if away_mm < margin.value.millimetres));
        let judge = self.judge(rule).number("needed", margin.value.millimetres);
        match () {
            () if neighbours.is_empty() => judge.rules(Verdict::Human, &rule.texts.missing),
            () if !inside.is_empty() => judge.fact("nerves", inside).rules(Verdict::Stop, &rule.texts.inside),
            () if !unknown.is_empty() => judge.fact("nerves", unknown).rules(Verdict::Human, &rule.texts.not_traced),
            () if !near.is_empty() => judge.fact("nerves", near).rules_by(Verdict::Warn, &rule.texts.near, margin),
            () => judge.fact("nerves", "none").rules_by(Verdict::Ok, &rule.texts.ok, margin),
        }
    }

    /// E-09: earlier surgery on the same nerve.
    pub fn earlier_surgery(&self, had: Answer) -> Ruling {
        let rule = &self.eligibility.earlier_surgery;
        let judge = self.judge(rule).fact("surgery", had.word());
        match had {
            Answer::Yes => judge.rules_by(Verdict::Warn, &rule.texts.warn, &rule.numbers.back_to_baseline),
            Answer::No => judge.rules(Verdict::Ok, &rule.texts.ok),
            Answer::NotAsked => judge.rules(Verdict::Human, &rule.texts.missing),
        }
    }

    /// E-10: how long ago the same nerve was frozen.
    pub fn repeat_interval(&self, last: LastFreeze, today: Day) -> Ruling {
        let rule = &self.eligibility.repeat;
        let judge = self.judge(rule);
        let on = match last {
            LastFreeze::Never => return judge.rules(Verdict::Ok, &rule.texts.never),
            LastFreeze::NotKnown => return judge.rules(Verdict::Human, &rule.texts.missing),
            LastFreeze::On(day) => day,
        };
        let days = today.days_since(on);
        let judge = judge.fact("days", days.to_string());
        let shortest = &rule.numbers.warn_below;
        match days as f64 {
            ..0.0 => judge.rules(Verdict::Human, &rule.texts.future),
            days if days < shortest.value.days => judge.rules_by(Verdict::Warn, &rule.texts.warn, shortest),
            _ => judge.rules_by(Verdict::Ok, &rule.texts.ok, shortest),
        }
    }

    /// E-11: children and pregnancy. Unit of the age: whole years.
    pub fn age_and_pregnancy(&self, age_years: Known<u32>, pregnancy: Pregnancy) -> Ruling {
        let rule = &self.eligibility.age;
        let adult = &rule.numbers.adult_from;
        let judge = self.judge(rule).number_if("age", age_years.known().map(f64::from));
        if age_years.known().is_some_and(|years| f64::from(years) < adult.value.years) {
            return judge.rules_by(Verdict::Stop, &rule.texts.child, adult);
        }
        match (age_years, pregnancy) {
            (_, Pregnancy::Pregnant) => judge.rules(Verdict::Stop, &rule.texts.pregnant),
            (Known::NotKnown, _) | (_, Pregnancy::NotKnown) => judge.rules(Verdict::Human, &rule.texts.missing),
            (Known::Known(_), Pregnancy::NotPossible | Pregnancy::Excluded) => judge.rules(Verdict::Ok, &rule.texts.ok),
        }
    }

    /// E-12: long-term sugar of people with diabetes.
    pub fn hba1c(&self, diabetes: Answer, hba1c_percent: Known<f64>) -> Ruling {
        let rule = &self.eligibility.hba1c;
        let (stop, warn) = (&rule.numbers.stop_from, &rule.numbers.warn_from);
        let judge = self.judge(rule).fact("diabetes", diabetes.word()).number_if("hba1c", hba1c_percent.known());
        match (diabetes, hba1c_percent.known()) {
            (_, Some(found)) if found >= stop.value.percent => judge.rules_by(Verdict::Stop, &rule.texts.stop, stop),
            (_, Some(found)) if found >= warn.value.percent => judge.rules_by(Verdict::Warn, &rule.texts.warn, warn),
            (_, Some(found)) if found.is_finite() => judge.rules_by(Verdict::Ok, &rule.texts.ok, warn),
            (Answer::No, _) => judge.rules(Verdict::Ok, &rule.texts.not_diabetic),
            (Answer::Yes | Answer::NotAsked, _) => judge.rules(Verdict::Human, &rule.texts.missing),
        }
    }

    /// E-13: a nerve disease of the whole body without one nerve that stands out; codes are ICD-10-CM.
    pub fn polyneuropathy(&self, codes: &[&str]) -> Ruling {
        let rule = &self.eligibility.polyneuropathy;
        let families = &self.codes.families;
        let judge = self.judge(rule).fact("codes", codes.join(", ")).rests_on(&families.polyneuropathy);
        if codes.is_empty() {
            return judge.fact("codes", "none").rules(Verdict::Human, &rule.texts.missing);
        }
        let is_poly = codes.iter().any(|code| families.polyneuropathy.value.has(code));
        let is_focal = codes.iter().any(|code| families.focal.value.has(code));
        if is_poly && !is_focal {
            return judge.rules_by(Verdict::Warn, &rule.texts.warn, &families.polyneuropathy);
        }
        judge.rules(Verdict::Ok, &rule.texts.ok)
    }

    /// E-14: body mass, and whether the probe reaches the nerve.
    pub fn body_mass(&self, bmi_kg_per_m2: Known<f64>, reach: Known<Reach>) -> Ruling {
        let rule = &self.eligibility.bmi;
        let (texts, most) = (&rule.texts, &rule.numbers.warn_above);
        let judge = self.judge(rule).number_if("bmi", bmi_kg_per_m2.known());
        let judge = match reach {
            Known::Known(Reach { probe_length_mm, depth_mm }) => {
                judge.fact("reach", format!("{} mm of probe for {} mm", plain(probe_length_mm), plain(depth_mm)))
            }
            Known::NotKnown => judge,
        };
        let Some(bmi) = bmi_kg_per_m2.known() else { return judge.rules(Verdict::Human, &texts.missing) };
        if bmi <= most.value.kg_per_m2 {
            return judge.rules_by(Verdict::Ok, &texts.ok, most);
        }
        match reach {
            Known::Known(reach) if reach.probe_length_mm >= reach.depth_mm => {
                judge.rules_by(Verdict::Warn, &texts.reaches, most)
            }
            Known::Known(_) => judge.rules(Verdict::Warn, &texts.too_short),
            Known::NotKnown => judge.rules(Verdict::Human, &texts.reach_unknown),
        }
    }
}

/// What the letter to the payer would lack.
fn gaps(tried: &[FailedTreatment], lines: usize, needs: PayerNeeds) -> Vec<String> {
    let mut gaps = Vec::new();
    if lines < needs.lines {
        gaps.push(format!("{} more line(s) of treatment tried for {} weeks", needs.lines - lines, plain(needs.weeks)));
    }
    let unknown = tried.iter().filter(|treatment| treatment.weeks.known().is_none()).count();
    if unknown > 0 {
        gaps.push(format!("how long {unknown} of the treatments lasted"));
    }
    gaps
}
