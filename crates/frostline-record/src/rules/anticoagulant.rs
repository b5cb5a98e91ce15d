//! B-03 to B-07: drugs against clotting, one by one: hold, restart, kidneys, and who must be asked.

use frostline_plan::catalogue::{CatalogueError, Known};
use serde::Serialize;

use super::RuleBook;
use super::answer::Answer;
use super::bleeding::{BleedingClass, LabValue};
use super::moment::Moment;
use super::row::{NoNumbers, numbers, plain, rule_group, texts};
use super::ruling::{Computed, Ruling, Verdict};
use super::tables::{BloodThinner, Hold, Restart};

texts!(HoldTexts {
    not_needed,
    held,
    too_recent,
    not_decided,
    goes_on,
    person,
    last_missing,
    clearance_missing,
    unknown
});
texts!(RestartTexts { never_stopped, at, person, missing, unknown });
numbers!(KidneyNumbers { female_factor: super::quantity::Ratio, usable_for: super::quantity::Days });
texts!(KidneyTexts { column, no_column, no_band, missing, unknown });
texts!(ThrombosisTexts { ok, ask, ask_doac, missing });
texts!(OtherIntervalTexts { not_needed, offered, none_listed, missing });

rule_group! {
    /// B-03 to B-07.
    AnticoagulantRules {
        hold: B03, NoNumbers, HoldTexts;
        restart: B04, NoNumbers, RestartTexts;
        kidney: B05, KidneyNumbers, KidneyTexts;
        thrombosis: B06, NoNumbers, ThrombosisTexts;
        others: B07, NoNumbers, OtherIntervalTexts;
    }
}

/// What a named clinician decided about a drug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldDecision {
    /// Nobody decided yet.
    NotDecided,
    /// It is held.
    Hold {
        /// Who decided.
        by: String,
    },
    /// It goes on.
    GoOn {
        /// Who decided.
        by: String,
    },
}

impl HoldDecision {
    /// A decision by nobody is none.
    fn named(&self) -> &HoldDecision {
        match self {
            HoldDecision::Hold { by } | HoldDecision::GoOn { by } if by.trim().is_empty() => &HoldDecision::NotDecided,
            decision => decision,
        }
    }
}

/// One drug that the patient takes.
#[derive(Clone, Debug, PartialEq)]
pub struct DrugUse {
    /// Its key in `data/blood_thinners.toml`.
    pub drug: String,
    /// When it was last taken.
    pub last_dose: Known<Moment>,
    /// Creatinine clearance. Unit: mL/min.
    pub clearance_ml_per_min: Known<f64>,
    /// What was decided.
    pub decision: HoldDecision,
}

/// When to take the last dose.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldPlan {
    /// The drug goes on.
    NoHold,
    /// Nothing can be computed.
    NotKnown,
    /// The last dose is taken at this time or before.
    LastDoseBy {
        /// The latest time.
        at: Moment,
        /// How long that is before the procedure. Unit: h.
        hours: f64,
    },
}

/// What creatinine clearance is computed from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kidney {
    /// Unit: year.
    pub age_years: Known<u32>,
    /// Unit: kg.
    pub weight_kg: Known<f64>,
    /// Unit: mg/dL.
    pub creatinine_mg_per_dl: Known<f64>,
    /// Whether the formula for women holds.
    pub female: Answer,
}

/// What makes it dangerous to stop a drug against clotting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thrombosis {
    /// A recent stent.
    pub stent: Answer,
    /// A recent clot in a vein or the lung.
    pub clot: Answer,
    /// A recent stroke.
    pub stroke: Answer,
    /// A mechanical heart valve.
    pub valve: Answer,
    /// Atrial fibrillation with a high risk of stroke.
    pub fibrillation: Answer,
}

impl RuleBook {
    /// The drugs of B-03, in the order of the file.
    pub fn blood_thinners(&self) -> &[BloodThinner] {
        &self.thinners.drugs
    }

    /// B-03: whether a drug was held long enough for a procedure at `start`, and until when it may be taken.
    pub fn blood_thinner(&self, taken: &DrugUse, class: Known<BleedingClass>, start: Moment) -> Computed<HoldPlan> {
        let rule = &self.anticoagulant.hold;
        let texts = &rule.texts;
        let judge = self.judge(rule).fact("drug", taken.drug.as_str());
        let judge = judge.number_if("clearance", taken.clearance_ml_per_min.known());
        let not_known = |ruling| Computed { ruling, result: HoldPlan::NotKnown };
        let (Some(drug), Some(class)) = (self.thinners.find(&taken.drug), class.known()) else {
            return not_known(judge.rules(Verdict::Human, &texts.unknown));
        };
        let judge = judge.fact("drug", drug.name.as_str()).fact("class", class.word());
        let Known::Known(band) = drug.band(class, taken.clearance_ml_per_min) else {
            return not_known(judge.rules(Verdict::Human, &texts.clearance_missing));
        };
        let Some(hours) = drug.hours(band.value.hold) else {
            return match band.value.hold {
                Hold::PersonDecides => not_known(judge.rules_by(Verdict::Human, &texts.person, band)),
                _ => {
                    Computed { ruling: judge.rules_by(Verdict::Ok, &texts.not_needed, band), result: HoldPlan::NoHold }
                }
            };
        };
        let judge = judge.number("hold", hours);
        let held = taken.last_dose.known().map(|last| start.hours_since(last));
        let judge = judge.number_if("held", held);
        let ruling = match (taken.decision.named(), held) {
            (HoldDecision::NotDecided, _) => judge.rules(Verdict::Stop, &texts.not_decided),
            (HoldDecision::GoOn { by }, _) => judge.fact("by", by.as_str()).rules(Verdict::Stop, &texts.goes_on),
            (HoldDecision::Hold { .. }, None) => judge.rules(Verdict::Stop, &texts.last_missing),
            (HoldDecision::Hold { by }, Some(held)) if held < hours => {
                judge.fact("by", by.as_str()).rules_by(Verdict::Stop, &texts.too_recent, band)
            }
            (HoldDecision::Hold { by }, Some(_)) => {
                judge.fact("by", by.as_str()).rules_by(Verdict::Ok, &texts.held, band)
            }
        };
        Computed { ruling, result: HoldPlan::LastDoseBy { at: start.minus_hours(hours), hours } }
    }

    /// B-04: when a drug starts again after the probe came out.
    pub fn restart(
        &self,
        drug: &str,
        class: Known<BleedingClass>,
        probe_out: Known<Moment>,
    ) -> Computed<Known<Moment>> {
        let rule = &self.anticoagulant.restart;
        let texts = &rule.texts;
        let judge = self.judge(rule).fact("drug", drug);
        let nothing = |ruling| Computed { ruling, result: Known::NotKnown };
        let (Some(found), Some(class)) = (self.thinners.find(drug), class.known()) else {
            return nothing(judge.rules(Verdict::Human, &texts.unknown));
        };
        let judge = judge.fact("drug", found.name.as_str());
        if class == BleedingClass::Low && found.low.value.hold == Hold::NotNeeded {
            return nothing(judge.rules_by(Verdict::Ok, &texts.never_stopped, &found.low));
        }
        let Restart::Hours(hours) = found.restart.value.after else {
            return nothing(judge.rules_by(Verdict::Human, &texts.person, &found.restart));
        };
        let judge = judge.number("hours", hours);
        let Some(out) = probe_out.known() else { return nothing(judge.rules(Verdict::Human, &texts.missing)) };
        let ruling = judge.rules_by(Verdict::Info, &texts.at, &found.restart);
        Computed { ruling, result: Known::Known(out.plus_hours(hours)) }
    }

    /// Creatinine, unless it is too old to say how the kidneys work on the day. Unit: mg/dL.
    pub fn usable_creatinine(&self, measured: Known<LabValue>) -> Known<f64> {
        let usable_days = self.anticoagulant.kidney.numbers.usable_for.value.days;
        let usable = measured.known().filter(|lab| lab.age_days as f64 <= usable_days);
        usable.map_or(Known::NotKnown, |lab| Known::Known(lab.value))
    }

    /// Creatinine clearance after Cockcroft and Gault. Unit: mL/min.
    pub fn clearance_ml_per_min(&self, kidney: Kidney) -> Known<f64> {
        let (Some(age), Some(kg), Some(mg_per_dl)) =
            (kidney.age_years.known(), kidney.weight_kg.known(), kidney.creatinine_mg_per_dl.known())
        else {
            return Known::NotKnown;
        };
        let factor = match kidney.female {
            Answer::NotAsked => return Known::NotKnown,
            Answer::Yes => self.anticoagulant.kidney.numbers.female_factor.value.ratio,
            Answer::No => 1.0,
        };
        if mg_per_dl.is_nan() || mg_per_dl <= 0.0 || kg.is_nan() || kg <= 0.0 {
            return Known::NotKnown;
        }
        // (140 - age) x kg / (72 x mg/dL): the two numbers belong to the formula, they are not limits.
        Known::Known((140.0 - f64::from(age)).max(0.0) * kg * factor / (72.0 * mg_per_dl))
    }

    /// B-05: which column of the table holds for these kidneys.
    pub fn kidney_column(
        &self,
        drug: &str,
        class: Known<BleedingClass>,
        clearance_ml_per_min: Known<f64>,
    ) -> Computed<Known<Hold>> {
        let rule = &self.anticoagulant.kidney;
        let texts = &rule.texts;
        let judge = self.judge(rule).fact("drug", drug).number_if("clearance", clearance_ml_per_min.known());
        let nothing = |ruling| Computed { ruling, result: Known::NotKnown };
        let (Some(found), Some(class)) = (self.thinners.find(drug), class.known()) else {
            return nothing(judge.rules(Verdict::Human, &texts.unknown));
        };
        let judge = judge.fact("drug", found.name.as_str());
        match found.band(class, clearance_ml_per_min) {
            Known::Known(band) => {
                let hours =
                    found.hours(band.value.hold).map_or("no hold in hours".to_owned(), |h| format!("{} h", plain(h)));
                let judge = judge.fact("hold", hours);
                let words = if found.needs_clearance(class) { &texts.column } else { &texts.no_column };
                Computed { ruling: judge.rules_by(Verdict::Ok, words, band), result: Known::Known(band.value.hold) }
            }
            Known::NotKnown if clearance_ml_per_min.known().is_some() => {
                nothing(judge.rules(Verdict::Human, &texts.no_band))
            }
            Known::NotKnown => nothing(judge.rules(Verdict::Human, &texts.missing)),
        }
    }

    /// B-06: whether stopping a drug is for the prescriber to decide.
    pub fn thrombosis_guard(&self, drug: &str, found: Thrombosis) -> Ruling {
        let rule = &self.anticoagulant.thrombosis;
        let judge = self.judge(rule).fact("drug", drug);
        match Answer::any([found.stent, found.clot, found.stroke, found.valve, found.fibrillation]) {
            Answer::Yes if self.thinners.find(drug).is_some_and(|drug| drug.doac) => {
                judge.rules(Verdict::Human, &rule.texts.ask_doac)
            }
            Answer::Yes => judge.rules(Verdict::Human, &rule.texts.ask),
            Answer::No => judge.rules(Verdict::Ok, &rule.texts.ok),
            Answer::NotAsked => judge.rules(Verdict::Human, &rule.texts.missing),
        }
    }

    /// B-07: in the high class with a deep target, what other societies say about a drug, to choose from.
    pub fn other_intervals(&self, drug: &str, class: Known<BleedingClass>, deep: Answer) -> Computed<Vec<String>> {
        let rule = &self.anticoagulant.others;
        let judge = self.judge(rule).fact("drug", drug);
        let ruled = |ruling| Computed { ruling, result: Vec::new() };
        match (class.known(), deep) {
            (Some(BleedingClass::Low), _) | (_, Answer::No) => ruled(judge.rules(Verdict::Ok, &rule.texts.not_needed)),
            (None, _) | (_, Answer::NotAsked) => ruled(judge.rules(Verdict::Human, &rule.texts.missing)),
            (Some(BleedingClass::High), Answer::Yes) => {
                let rows: Vec<_> = self.thinners.others.iter().filter(|other| other.drug == drug).collect();
                let Some(first) = rows.first() else {
                    return ruled(judge.rules(Verdict::Human, &rule.texts.none_listed));
                };
                let result: Vec<String> =
                    rows.iter().map(|row| format!("{}: {}", row.society, row.says.value.interval)).collect();
                let judge = judge.fact("intervals", result.join("; "));
                Computed { ruling: judge.rules_by(Verdict::Info, &rule.texts.offered, &first.says), result }
            }
        }
    }
}
