//! L: how much local anaesthetic, and what shows that it was too much.

use frostline_plan::catalogue::{CatalogueError, Known, Sourced};

use super::RuleBook;
use super::answer::Answer;
use super::moment::Moment;
use super::quantity::{Hours, Milligrams, NerveList, Percent};
use super::row::{Judge, NoNumbers, numbers, rule_group, texts};
use super::ruling::{Computed, Ruling, Verdict};
use super::tables::{Anaesthetic, Most};

texts!(DoseTexts { ok, too_much, unknown_drug, missing });
numbers!(SumNumbers { warn_above: Percent, stop_above: Percent });
texts!(SumTexts { ok, warn, stop, unknown_drug, missing });
numbers!(DayNumbers { stop_above: Milligrams, within: Hours });
texts!(DayTexts { ok, stop, missing });
numbers!(ToeNumbers { toes: NerveList });
texts!(ToeTexts { ok, warn, missing });
texts!(ToxicityTexts { ok, stop, missing });

rule_group! {
    /// L-01 to L-05.
    AnaestheticRules {
        dose: L01, NoNumbers, DoseTexts;
        sum: L02, SumNumbers, SumTexts;
        day: L03, DayNumbers, DayTexts;
        toe: L04, ToeNumbers, ToeTexts;
        toxicity: L05, NoNumbers, ToxicityTexts;
    }
}

/// The drug of L-03, whose label limits the day.
const LIMITED_PER_DAY: &str = "bupivacaine";

/// What a dose is scaled to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Build {
    /// Unit: kg.
    pub weight_kg: Known<f64>,
    /// Unit: cm.
    pub height_cm: Known<f64>,
    /// Whether the formula for women holds.
    pub female: Answer,
    /// Old, frail, or with a sick heart or liver.
    pub frail: Answer,
}

/// A dose of one drug, given or planned.
#[derive(Clone, Debug, PartialEq)]
pub struct DosedDrug {
    /// Its key in `data/anaesthetics.toml`.
    pub drug: String,
    /// Unit: mg.
    pub mg: f64,
    /// Whether epinephrine is in it.
    pub epinephrine: Answer,
}

impl DosedDrug {
    /// From volume (mL) and concentration (%): one percent is ten milligrams in a millilitre.
    pub fn from_volume(drug: &str, volume_ml: f64, concentration_percent: f64, epinephrine: Answer) -> Self {
        Self { drug: drug.to_owned(), mg: volume_ml * concentration_percent * 10.0, epinephrine }
    }
}

/// A dose that was given at some time.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenDose {
    /// Its key in `data/anaesthetics.toml`.
    pub drug: String,
    /// Unit: mg.
    pub mg: f64,
    /// When.
    pub at: Moment,
}

/// Signs that local anaesthetic reached brain or heart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToxicitySigns {
    /// Tingling around the mouth, metal taste.
    pub tingling: Answer,
    /// Ringing in the ears.
    pub tinnitus: Answer,
    /// Confusion, drowsiness, agitation.
    pub confusion: Answer,
    /// Seizure.
    pub seizure: Answer,
    /// Slow, fast or irregular heart, low pressure.
    pub arrhythmia: Answer,
}

/// Why no maximum can be said.
enum NoMost {
    UnknownDrug,
    Missing,
}

impl RuleBook {
    /// The drugs of L-01, in the order of the file.
    pub fn anaesthetics(&self) -> &[Anaesthetic] {
        &self.anaesthetics.drugs
    }

    /// The weight that a dose is scaled to. Unit: kg.
    pub fn dosing_weight_kg(&self, build: Build) -> Known<f64> {
        const CM_PER_M: f64 = 100.0;
        let (Some(weight_kg), Some(height_cm)) = (build.weight_kg.known(), build.height_cm.known()) else {
            return Known::NotKnown;
        };
        if weight_kg.is_nan() || weight_kg <= 0.0 || height_cm.is_nan() || height_cm <= 0.0 {
            return Known::NotKnown;
        }
        let reduction = &self.anaesthetics.reduction;
        let height_m = height_cm / CM_PER_M;
        if weight_kg / (height_m * height_m) <= reduction.ideal_weight_above.value.kg_per_m2 {
            return Known::Known(weight_kg);
        }
        let minus = match build.female {
            Answer::Yes => reduction.ideal_weight.value.woman_cm_minus,
            Answer::No => reduction.ideal_weight.value.man_cm_minus,
            Answer::NotAsked => return Known::NotKnown,
        };
        // Ideal weight is there to make a dose smaller, never larger.
        Known::Known((height_cm - minus).clamp(0.0, weight_kg))
    }

    /// The most of a drug for this build, with the row it comes from. Unit: mg.
    fn most_mg(&self, dose: &DosedDrug, build: Build) -> Result<(f64, &Sourced<Most>), NoMost> {
        let drug = self.anaesthetics.find(&dose.drug).ok_or(NoMost::UnknownDrug)?;
        let most = match dose.epinephrine {
            Answer::Yes => &drug.with_epinephrine,
            Answer::No => &drug.plain,
            Answer::NotAsked => return Err(NoMost::Missing),
        };
        let weight_kg = self.dosing_weight_kg(build).known().ok_or(NoMost::Missing)?;
        let kept = match build.frail {
            Answer::Yes => 1.0 - self.anaesthetics.reduction.by.value.percent / 100.0,
            Answer::No => 1.0,
            Answer::NotAsked => return Err(NoMost::Missing),
        };
        Ok(((most.value.mg_per_kg * weight_kg).min(most.value.mg) * kept, most))
    }

    /// What made the dose smaller is part of what the ruling rests on.
    fn judged_by_reduction<'a>(&'a self, judge: Judge<'a>, build: Build) -> Judge<'a> {
        let reduction = &self.anaesthetics.reduction;
        let judge = if build.frail == Answer::Yes { judge.rests_on(&reduction.by) } else { judge };
        match self.dosing_weight_kg(build) == build.weight_kg {
            true => judge,
            false => judge.rests_on(&reduction.ideal_weight),
        }
    }

    /// L-01: one dose against the most of its drug (result, unit: mg).
    pub fn anaesthetic_dose(&self, dose: &DosedDrug, build: Build) -> Computed<Known<f64>> {
        let rule = &self.anaesthetic.dose;
        let texts = &rule.texts;
        let judge = self.judge(rule).fact("drug", dose.drug.as_str()).number("mg", dose.mg);
        let judge = judge.fact("epinephrine", dose.epinephrine.word());
        let judge = judge.number_if("weight", self.dosing_weight_kg(build).known());
        let (most_mg, row) = match self.most_mg(dose, build) {
            Ok(found) => found,
            Err(NoMost::UnknownDrug) => {
                return Computed { ruling: judge.rules(Verdict::Human, &texts.unknown_drug), result: Known::NotKnown };
            }
            Err(NoMost::Missing) => {
                return Computed { ruling: judge.rules(Verdict::Human, &texts.missing), result: Known::NotKnown };
            }
        };
        let judge = judge.number("most", most_mg);
        let judge = self.judged_by_reduction(judge, build);
        let ruling = if (0.0..=most_mg).contains(&dose.mg) {
            judge.rules_by(Verdict::Ok, &texts.ok, row)
        } else {
            judge.rules_by(Verdict::Stop, &texts.too_much, row)
        };
        Computed { ruling, result: Known::Known(most_mg) }
    }

    /// Whether a sum of shares is more than may be given, as L-02 says. Unit: %.
    pub fn is_overdose(&self, percent: f64) -> bool {
        percent.is_nan() || is_over(percent, &self.anaesthetic.sum.numbers.stop_above)
    }

    /// L-02: all doses together, each as a share of its own most (result, unit: %).
    pub fn anaesthetic_sum(&self, doses: &[DosedDrug], build: Build) -> Computed<Known<f64>> {
        let rule = &self.anaesthetic.sum;
        let (texts, numbers) = (&rule.texts, &rule.numbers);
        let judge = self.judge(rule);
        let mut percent = 0.0;
        for dose in doses {
            match self.most_mg(dose, build) {
                // A negative dose would make room for another one.
                Ok(_) if dose.mg < 0.0 => percent = f64::NAN,
                Ok((most_mg, _)) => percent += 100.0 * dose.mg / most_mg,
                Err(why) => {
                    let words = if matches!(why, NoMost::UnknownDrug) { &texts.unknown_drug } else { &texts.missing };
                    let judge = judge.fact("drug", dose.drug.as_str());
                    return Computed { ruling: judge.rules(Verdict::Human, words), result: Known::NotKnown };
                }
            }
        }
        let names = doses.iter().map(|dose| dose.drug.as_str()).collect::<Vec<_>>().join(", ");
        let judge = judge.fact("drug", if names.is_empty() { "none" } else { &names }).number("percent", percent);
        let ruling = if self.is_overdose(percent) {
            judge.rules_by(Verdict::Stop, &texts.stop, &numbers.stop_above)
        } else if is_over(percent, &numbers.warn_above) {
            judge.rules_by(Verdict::Warn, &texts.warn, &numbers.warn_above)
        } else {
            judge.rules_by(Verdict::Ok, &texts.ok, &numbers.warn_above)
        };
        Computed { ruling, result: Known::Known(percent) }
    }

    /// L-03: bupivacaine within a day before `now`, the dose about to be given included.
    pub fn bupivacaine_day(&self, given: Known<&[GivenDose]>, now: Moment) -> Ruling {
        let rule = &self.anaesthetic.day;
        let numbers = &rule.numbers;
        let judge = self.judge(rule);
        let is_dose = |dose: &GivenDose| dose.mg >= 0.0;
        let Some(given) = given.known().filter(|given| given.iter().all(is_dose)) else {
            return judge.rules(Verdict::Human, &rule.texts.missing);
        };
        let recent =
            |dose: &&GivenDose| dose.drug == LIMITED_PER_DAY && now.hours_since(dose.at) < numbers.within.value.hours;
        let total_mg: f64 = given.iter().filter(recent).map(|dose| dose.mg).sum();
        let judge = judge.number("mg", total_mg);
        if total_mg <= numbers.stop_above.value.mg {
            return judge.rules_by(Verdict::Ok, &rule.texts.ok, &numbers.stop_above);
        }
        judge.rules_by(Verdict::Stop, &rule.texts.stop, &numbers.stop_above)
    }

    /// L-04: epinephrine beside a nerve of a toe.
    pub fn epinephrine_toe(&self, epinephrine: Answer, nerve: Known<&str>) -> Ruling {
        let rule = &self.anaesthetic.toe;
        let judge = self.judge(rule).fact("epinephrine", epinephrine.word());
        let Some(nerve) = nerve.known() else { return judge.rules(Verdict::Human, &rule.texts.missing) };
        let judge = judge.fact("nerve", nerve);
        match (epinephrine, rule.numbers.toes.value.has(nerve)) {
            (Answer::Yes, true) => judge.rules_by(Verdict::Warn, &rule.texts.warn, &rule.numbers.toes),
            (Answer::NotAsked, true) => judge.rules(Verdict::Human, &rule.texts.missing),
            (Answer::No, _) | (_, false) => judge.rules(Verdict::Ok, &rule.texts.ok),
        }
    }

    /// L-05: any sign of toxicity.
    pub fn toxicity(&self, signs: ToxicitySigns) -> Ruling {
        let rule = &self.anaesthetic.toxicity;
        let all = [
            ("tingling", signs.tingling),
            ("tinnitus", signs.tinnitus),
            ("confusion", signs.confusion),
            ("seizure", signs.seizure),
            ("arrhythmia", signs.arrhythmia),
        ];
        let seen: Vec<&str> = all.iter().filter(|(_, answer)| *answer == Answer::Yes).map(|(sign, _)| *sign).collect();
        let judge = self.judge(rule);
        match Answer::any(all.map(|(_, answer)| answer)) {
            Answer::Yes => judge.fact("signs", seen.join(", ")).rules(Verdict::Stop, &rule.texts.stop),
            Answer::No => judge.fact("signs", "none").rules(Verdict::Ok, &rule.texts.ok),
            Answer::NotAsked => judge.rules(Verdict::Human, &rule.texts.missing),
        }
    }
}

/// A sum of shares that is exactly the limit on paper may lie a rounding error above it.
fn is_over(percent: f64, limit: &Sourced<Percent>) -> bool {
    const ROUNDING_PERCENT: f64 = 1e-9;
    percent > limit.value.percent + ROUNDING_PERCENT
}
