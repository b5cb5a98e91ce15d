//! B-CLASS, B-01, B-02 and B-08: how much a puncture may bleed here, and whether blood can clot.

use frostline_plan::catalogue::{CatalogueError, Known, Sourced};
use serde::{Deserialize, Serialize};

use super::RuleBook;
use super::answer::Answer;
use super::moment::Moment;
use super::quantity::{Clearance, Count, Days, Gauge, Millimetres, NerveList, PerDecilitre, Platelets, Ratio, Years};
use super::row::{numbers, plain, rule_group, texts};
use super::ruling::{Computed, Ruling, Verdict};

numbers!(ClassNumbers {
    deep_nerves: NerveList,
    deep_beyond: Millimetres,
    thick_gauge: Gauge,
    factors_needed: Count,
    old_above: Years,
    kidney_below: Clearance,
});
texts!(ClassTexts { low, high, missing });
numbers!(InrNumbers {
    low_most: Ratio,
    high_most: Ratio,
    high_warn_from: Ratio,
    high_liver_below: Ratio,
    usable_for: Days,
});
texts!(InrTexts { ok, warn, stop, not_needed, liver_low, old, missing, class_missing });
numbers!(PlateletNumbers {
    low_least: Platelets,
    high_least: Platelets,
    low_liver_above: Platelets,
    high_liver_above: Platelets,
    liver_fibrinogen_above: PerDecilitre,
    usable_for: Days,
});
texts!(PlateletTexts { ok, stop, fibrinogen_low, fibrinogen_missing, not_needed, old, missing, class_missing });
numbers!(HaematomaNumbers { growth_above: Millimetres });
texts!(HaematomaTexts { ok, growing, once, missing });

rule_group! {
    /// B-CLASS, B-01, B-02, B-08.
    BleedingRules {
        class: BClass, ClassNumbers, ClassTexts;
        inr: B01, InrNumbers, InrTexts;
        platelets: B02, PlateletNumbers, PlateletTexts;
        haematoma: B08, HaematomaNumbers, HaematomaTexts;
    }
}

/// The bleeding risk of a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BleedingClass {
    /// Shallow, can be pressed.
    Low,
    /// Deep, cannot be pressed, thick probe, or a patient who bleeds.
    High,
}

impl BleedingClass {
    /// The word in files and on screens.
    pub fn word(self) -> &'static str {
        match self {
            BleedingClass::Low => "low",
            BleedingClass::High => "high",
        }
    }
}

/// Where the probe goes.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetSite {
    /// Key of the nerve in the atlas.
    pub nerve: String,
    /// From the skin. Unit: mm.
    pub depth_mm: Known<f64>,
    /// Whether a bleeding there can be stopped by pressing.
    pub compressible: Answer,
}

/// How thick the probe is. Unit: gauge; a smaller number is thicker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbeSize {
    /// Its gauge.
    pub gauge: Known<f64>,
}

/// What makes this patient bleed more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BleedingFactors {
    /// Unit: year.
    pub age_years: Known<u32>,
    /// Creatinine clearance. Unit: mL/min.
    pub clearance_ml_per_min: Known<f64>,
    /// Chronic liver disease.
    pub liver_disease: Answer,
    /// Two or more drugs against clotting.
    pub combined_drugs: Answer,
    /// Bled before.
    pub bled_before: Answer,
}

/// A value of the laboratory, and how old it is when the procedure starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabValue {
    /// In the unit of its field.
    pub value: f64,
    /// Unit: day.
    pub age_days: i64,
}

impl LabValue {
    fn is_older_than(self, days: &Days) -> bool {
        self.age_days as f64 > days.days
    }
}

/// What B-01 and B-02 need beside the value itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BleedingRisk {
    /// From B-CLASS.
    pub class: Known<BleedingClass>,
    /// Chronic liver disease, for which other limits hold.
    pub liver_disease: Answer,
    /// Takes warfarin or heparin, or tends to bleed: then the value is wanted in the low class too.
    pub tends_to_bleed: Answer,
}

impl RuleBook {
    /// B-CLASS: low only when every target is known to be shallow and compressible and nothing else speaks for high.
    pub fn bleeding_class(
        &self,
        targets: &[TargetSite],
        probe: ProbeSize,
        patient: &BleedingFactors,
    ) -> Computed<Known<BleedingClass>> {
        let rule = &self.bleeding.class;
        let numbers = &rule.numbers;
        let mut reasons = Vec::new();
        let mut unknown = Vec::new();
        if targets.is_empty() {
            unknown.push("the targets".to_owned());
        }
        for target in targets {
            judge_target(numbers, target, probe, &mut reasons, &mut unknown);
        }
        let factors = factors(numbers, patient);
        if factors.present >= numbers.factors_needed.value.count {
            reasons.push(format!("{} things that make this patient bleed", plain(factors.present)));
        } else if factors.present + factors.unknown >= numbers.factors_needed.value.count {
            unknown.push("what makes this patient bleed".to_owned());
        }
        let judge = self.judge(rule);
        if !reasons.is_empty() {
            let ruling = judge.fact("why", reasons.join("; ")).rules(Verdict::Info, &rule.texts.high);
            return Computed { ruling, result: Known::Known(BleedingClass::High) };
        }
        if !unknown.is_empty() {
            let ruling = judge.fact("why", unknown.join("; ")).rules(Verdict::Human, &rule.texts.missing);
            return Computed { ruling, result: Known::NotKnown };
        }
        let ruling = judge.fact("why", "shallow and compressible").rules(Verdict::Ok, &rule.texts.low);
        Computed { ruling, result: Known::Known(BleedingClass::Low) }
    }

    /// Whether a target lies deep or cannot be pressed, for B-07.
    pub fn is_deep(&self, target: &TargetSite) -> Answer {
        let numbers = &self.bleeding.class.numbers;
        let beyond = target.depth_mm.known().filter(|mm| mm.is_finite());
        Answer::any([
            known_if(Some(numbers.deep_nerves.value.has(&target.nerve))),
            known_if(beyond.map(|mm| mm > numbers.deep_beyond.value.millimetres)),
            match target.compressible {
                Answer::Yes => Answer::No,
                Answer::No => Answer::Yes,
                Answer::NotAsked => Answer::NotAsked,
            },
        ])
    }

    /// B-01: INR.
    pub fn inr(&self, inr: Known<f64>, risk: BleedingRisk) -> Ruling {
        let rule = &self.bleeding.inr;
        let (texts, numbers) = (&rule.texts, &rule.numbers);
        let judge = self.judge(rule).number_if("inr", inr.known());
        let Some(class) = risk.class.known() else { return judge.rules(Verdict::Human, &texts.class_missing) };
        let judge = judge.fact("class", class.word());
        let Some(found) = inr.known().filter(|found| found.is_finite()) else {
            return match (class, risk.tends_to_bleed) {
                (BleedingClass::Low, Answer::No) => judge.rules(Verdict::Info, &texts.not_needed),
                _ => judge.rules(Verdict::Human, &texts.missing),
            };
        };
        match (class, risk.liver_disease) {
            (_, Answer::NotAsked) => judge.rules(Verdict::Human, &texts.missing),
            (BleedingClass::Low, Answer::Yes) => judge.rules(Verdict::Info, &texts.liver_low),
            (BleedingClass::High, Answer::Yes) if found >= numbers.high_liver_below.value.ratio => {
                judge.rules_by(Verdict::Stop, &texts.stop, &numbers.high_liver_below)
            }
            (BleedingClass::High, Answer::Yes) => judge.rules_by(Verdict::Ok, &texts.ok, &numbers.high_liver_below),
            (BleedingClass::Low, Answer::No) if found > numbers.low_most.value.ratio => {
                judge.rules_by(Verdict::Stop, &texts.stop, &numbers.low_most)
            }
            (BleedingClass::Low, Answer::No) => judge.rules_by(Verdict::Ok, &texts.ok, &numbers.low_most),
            (BleedingClass::High, Answer::No) if found > numbers.high_most.value.ratio => {
                judge.rules_by(Verdict::Stop, &texts.stop, &numbers.high_most)
            }
            (BleedingClass::High, Answer::No) if found >= numbers.high_warn_from.value.ratio => {
                judge.rules_by(Verdict::Warn, &texts.warn, &numbers.high_warn_from)
            }
            (BleedingClass::High, Answer::No) => judge.rules_by(Verdict::Ok, &texts.ok, &numbers.high_warn_from),
        }
    }

    /// B-01 over a value and its age. An old value reassures nobody, but one that stopped still stops.
    pub fn dated_inr(&self, inr: Known<LabValue>, risk: BleedingRisk) -> Ruling {
        let rule = &self.bleeding.inr;
        let usable = &rule.numbers.usable_for;
        let ruling = self.inr(value_of(inr), risk);
        let Some(old) = inr.known().filter(|inr| inr.is_older_than(&usable.value)) else { return ruling };
        let without = self.inr(Known::NotKnown, risk);
        if ruling.verdict >= Verdict::Human || without.verdict < Verdict::Human {
            return if ruling.verdict > without.verdict { ruling } else { without };
        }
        let judge = self.judge(rule).number("inr", old.value).number("age", old.age_days as f64);
        judge.rules_by(Verdict::Human, &rule.texts.old, usable)
    }

    /// B-02 over values and their age, as B-01: the older of platelets and, in liver disease, fibrinogen counts.
    pub fn dated_platelets(
        &self,
        giga_per_l: Known<LabValue>,
        fibrinogen_mg_per_dl: Known<LabValue>,
        risk: BleedingRisk,
    ) -> Ruling {
        let rule = &self.bleeding.platelets;
        let usable = &rule.numbers.usable_for;
        let of_liver = fibrinogen_mg_per_dl.known().filter(|_| risk.liver_disease != Answer::No);
        let oldest = giga_per_l.known().into_iter().chain(of_liver).max_by_key(|lab| lab.age_days);
        let ruling = self.platelets(value_of(giga_per_l), value_of(fibrinogen_mg_per_dl), risk);
        let Some(old) = oldest.filter(|lab| lab.is_older_than(&usable.value)) else { return ruling };
        let without = self.platelets(Known::NotKnown, Known::NotKnown, risk);
        if ruling.verdict >= Verdict::Human || without.verdict < Verdict::Human {
            return if ruling.verdict > without.verdict { ruling } else { without };
        }
        let judge = self.judge(rule).number_if("platelets", value_of(giga_per_l).known());
        judge.number("age", old.age_days as f64).rules_by(Verdict::Human, &rule.texts.old, usable)
    }

    /// B-02: platelets (unit: 10^9/L), and fibrinogen (unit: mg/dL) in liver disease.
    pub fn platelets(&self, giga_per_l: Known<f64>, fibrinogen_mg_per_dl: Known<f64>, risk: BleedingRisk) -> Ruling {
        let rule = &self.bleeding.platelets;
        let (texts, numbers) = (&rule.texts, &rule.numbers);
        let judge = self.judge(rule).number_if("platelets", giga_per_l.known());
        let judge = judge.number_if("fibrinogen", fibrinogen_mg_per_dl.known());
        let Some(class) = risk.class.known() else { return judge.rules(Verdict::Human, &texts.class_missing) };
        let judge = judge.fact("class", class.word());
        let Some(found) = giga_per_l.known().filter(|found| found.is_finite()) else {
            return match (class, risk.tends_to_bleed) {
                (BleedingClass::Low, Answer::No) => judge.rules(Verdict::Info, &texts.not_needed),
                _ => judge.rules(Verdict::Human, &texts.missing),
            };
        };
        let (limit, enough) = match (class, risk.liver_disease) {
            (_, Answer::NotAsked) => return judge.rules(Verdict::Human, &texts.missing),
            (BleedingClass::Low, Answer::No) => at_least(&numbers.low_least, found),
            (BleedingClass::High, Answer::No) => at_least(&numbers.high_least, found),
            (BleedingClass::Low, Answer::Yes) => more_than(&numbers.low_liver_above, found),
            (BleedingClass::High, Answer::Yes) => more_than(&numbers.high_liver_above, found),
        };
        if !enough {
            return judge.rules_by(Verdict::Stop, &texts.stop, limit);
        }
        let fibrinogen = &numbers.liver_fibrinogen_above;
        match (risk.liver_disease, fibrinogen_mg_per_dl.known().filter(|found| found.is_finite())) {
            (Answer::Yes, None) => judge.rules_by(Verdict::Human, &texts.fibrinogen_missing, fibrinogen),
            (Answer::Yes, Some(found)) if found <= fibrinogen.value.mg_per_dl => {
                judge.rules_by(Verdict::Stop, &texts.fibrinogen_low, fibrinogen)
            }
            _ => judge.rules_by(Verdict::Ok, &texts.ok, limit),
        }
    }

    /// B-08: the size of a swelling after the procedure, in the order in which it was measured. Unit: mm.
    pub fn haematoma(&self, sizes: Known<&[(Moment, f64)]>) -> Ruling {
        let rule = &self.bleeding.haematoma;
        let judge = self.judge(rule);
        let growth = &rule.numbers.growth_above;
        match sizes.known() {
            None | Some([]) => judge.rules(Verdict::Human, &rule.texts.missing),
            Some([(_, only_mm)]) => judge.number("from", *only_mm).rules(Verdict::Human, &rule.texts.once),
            Some(sizes) => {
                let smallest_mm = sizes[..sizes.len() - 1].iter().fold(f64::INFINITY, |least, (_, mm)| least.min(*mm));
                let last_mm = sizes[sizes.len() - 1].1;
                let judge = judge.number("from", smallest_mm).number("to", last_mm);
                if last_mm - smallest_mm <= growth.value.millimetres {
                    return judge.rules_by(Verdict::Ok, &rule.texts.ok, growth);
                }
                judge.rules_by(Verdict::Stop, &rule.texts.growing, growth)
            }
        }
    }
}

fn value_of(lab: Known<LabValue>) -> Known<f64> {
    lab.known().map_or(Known::NotKnown, |lab| Known::Known(lab.value))
}

fn at_least(limit: &Sourced<Platelets>, found: f64) -> (&Sourced<Platelets>, bool) {
    (limit, found >= limit.value.giga_per_l)
}

fn more_than(limit: &Sourced<Platelets>, found: f64) -> (&Sourced<Platelets>, bool) {
    (limit, found > limit.value.giga_per_l)
}

fn judge_target(
    numbers: &ClassNumbers,
    target: &TargetSite,
    probe: ProbeSize,
    reasons: &mut Vec<String>,
    unknown: &mut Vec<String>,
) {
    let nerve = &target.nerve;
    if numbers.deep_nerves.value.has(nerve) {
        reasons.push(format!("{nerve} lies deep"));
    }
    match target.compressible {
        Answer::Yes => {}
        Answer::No => reasons.push(format!("{nerve} cannot be pressed")),
        Answer::NotAsked => unknown.push(format!("whether {nerve} can be pressed")),
    }
    let Some(depth_mm) = target.depth_mm.known().filter(|depth_mm| depth_mm.is_finite()) else {
        unknown.push(format!("the depth of {nerve}"));
        return;
    };
    if depth_mm > numbers.deep_beyond.value.millimetres {
        reasons.push(format!("{nerve} lies {} mm deep", plain(depth_mm)));
        // A thick probe counts only where it goes deep, and deep is high already: its gauge is told, not weighed twice.
        if probe.gauge.known().is_some_and(|gauge| gauge <= numbers.thick_gauge.value.gauge) {
            reasons.push("the probe is thick".to_owned());
        }
    }
}

/// How many of the things that make people bleed are there, and how many nobody asked about.
struct Factors {
    present: f64,
    unknown: f64,
}

fn factors(numbers: &ClassNumbers, patient: &BleedingFactors) -> Factors {
    let found = [
        known_if(patient.age_years.known().map(|age| f64::from(age) > numbers.old_above.value.years)),
        known_if(
            patient
                .clearance_ml_per_min
                .known()
                .filter(|ml| ml.is_finite())
                .map(|ml| ml < numbers.kidney_below.value.ml_per_min),
        ),
        patient.liver_disease,
        patient.combined_drugs,
        patient.bled_before,
    ];
    let count = |wanted: Answer| found.iter().filter(|answer| **answer == wanted).count() as f64;
    Factors { present: count(Answer::Yes), unknown: count(Answer::NotAsked) }
}

fn known_if(found: Option<bool>) -> Answer {
    match found {
        Some(true) => Answer::Yes,
        Some(false) => Answer::No,
        None => Answer::NotAsked,
    }
}
