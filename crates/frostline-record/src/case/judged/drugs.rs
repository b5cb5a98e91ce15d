//! Bleeding, food, sedation and local anaesthetic.

use frostline_plan::catalogue::Known;

use super::super::steps::{AnaestheticGiven, DrugWord, EventSettled, Labs, LogLine, Logged};
use super::super::views::known;
use super::super::{Case, Happened, Second, Step};
use super::Judging;
use crate::rules::{
    Answer, BleedingClass, BleedingFactors, BleedingRisk, Build, DosedDrug, DrugUse, GivenDose, HoldDecision, HoldPlan,
    Intake, Kidney, LabValue, Moment, Monitoring, ProbeSize, Ruling, SedationLevel, TargetSite, Thrombosis,
    ToxicitySigns,
};

/// Drugs after which INR or platelets are wanted in the low class too.
const CHECKED_BY_INR: [&str; 3] = ["warfarin", "ufh-iv", "ufh-sc"];

impl Case {
    /// How likely this procedure bleeds.
    pub fn bleeding_class(&self, judging: &Judging) -> Known<BleedingClass> {
        self.classed(judging).1
    }

    fn classed(&self, judging: &Judging) -> (Ruling, Known<BleedingClass>) {
        let targets: Vec<TargetSite> = self.target().into_iter().collect();
        let gauge = known(self.plan().and_then(|plan| plan.probe_gauge));
        let screening = self.screening();
        let combined = match self.drugs().len() {
            0 if self.drugs_were_asked() == Answer::NotAsked => Answer::NotAsked,
            0 | 1 => Answer::No,
            _ => Answer::Yes,
        };
        let patient = BleedingFactors {
            age_years: self.age_years(judging),
            clearance_ml_per_min: self.clearance(judging),
            liver_disease: screening.map(|s| s.liver_disease).unwrap_or_default(),
            combined_drugs: combined,
            bled_before: screening.map(|s| s.bled_before).unwrap_or_default(),
        };
        let computed = judging.book.bleeding_class(&targets, ProbeSize { gauge }, &patient);
        (computed.ruling, computed.result)
    }

    /// Whether the patient takes drugs against clotting; not asked where nobody did, and no drug is on the list.
    fn drugs_were_asked(&self) -> Answer {
        let said = self.screening().map(|screening| screening.takes_blood_thinners).unwrap_or_default();
        if self.drugs().is_empty() { said } else { Answer::Yes }
    }

    fn target(&self) -> Option<TargetSite> {
        self.imaging().map(|imaging| TargetSite {
            nerve: imaging.nerve.clone(),
            depth_mm: known(imaging.depth_mm),
            compressible: imaging.compressible,
        })
    }

    /// Creatinine clearance. Unit: mL/min.
    pub fn clearance(&self, judging: &Judging) -> Known<f64> {
        judging.book.clearance_ml_per_min(Kidney {
            age_years: self.age_years(judging),
            weight_kg: known(self.screening().and_then(|s| s.weight_kg)),
            creatinine_mg_per_dl: judging.book.usable_creatinine(self.lab(judging, |labs| labs.creatinine_mg_per_dl)),
            female: self.referral().map(|r| r.patient.female).unwrap_or_default(),
        })
    }

    /// The newest value of the laboratory that was measured, and how old it is when the procedure starts.
    pub fn lab(&self, judging: &Judging, value: impl Fn(&Labs) -> Option<f64>) -> Known<LabValue> {
        const MINUTES_PER_DAY: i64 = 24 * 60;
        let to_start_days = (self.start(judging).0 - judging.now.0).max(0) / MINUTES_PER_DAY;
        // Of values of one day that was signed last counts.
        let measured = self.effective().filter_map(|(_, step)| match step {
            Step::LabsSeen(labs) => value(labs).map(|value| (labs.on, value)),
            _ => None,
        });
        let found = measured.max_by_key(|(on, _)| *on);
        known(found.map(|(on, value)| LabValue { value, age_days: judging.today.days_since(on) + to_start_days }))
    }

    pub(super) fn bleeding(&self, judging: &Judging) -> Vec<Ruling> {
        let (ruling, class) = self.classed(judging);
        let screening = self.screening();
        let tends = Answer::any([
            screening.map(|s| s.bled_before).unwrap_or_default(),
            match self.drugs_were_asked() {
                Answer::NotAsked => Answer::NotAsked,
                _ => yes_if(self.drugs().iter().any(|(drug, ..)| CHECKED_BY_INR.contains(&drug.drug.as_str()))),
            },
        ]);
        let liver_disease = screening.map(|s| s.liver_disease).unwrap_or_default();
        let risk = BleedingRisk { class, liver_disease, tends_to_bleed: tends };
        let book = judging.book;
        let mut rulings = vec![
            ruling,
            book.dated_inr(self.lab(judging, |labs| labs.inr), risk),
            book.dated_platelets(
                self.lab(judging, |labs| labs.platelets_giga_per_l),
                self.lab(judging, |labs| labs.fibrinogen_mg_per_dl),
                risk,
            ),
        ];
        for use_of in self.drug_uses(judging) {
            rulings.extend(self.one_drug(&use_of, class, judging));
        }
        rulings
    }

    fn one_drug(&self, taken: &DrugUse, class: Known<BleedingClass>, judging: &Judging) -> Vec<Ruling> {
        let book = judging.book;
        let deep = self.target().map_or(Answer::NotAsked, |target| book.is_deep(&target));
        vec![
            book.blood_thinner(taken, class, self.start(judging)).ruling,
            book.kidney_column(&taken.drug, class, taken.clearance_ml_per_min).ruling,
            book.thrombosis_guard(&taken.drug, self.thrombosis()),
            book.other_intervals(&taken.drug, class, deep).ruling,
        ]
    }

    fn drug_uses(&self, judging: &Judging) -> Vec<DrugUse> {
        let clearance = self.clearance(judging);
        let uses = self.drugs().into_iter().map(|(drug, decision, dose)| DrugUse {
            drug: drug.drug.clone(),
            last_dose: known(dose.map(|dose| dose.last_taken)),
            clearance_ml_per_min: clearance,
            decision: match decision {
                None => HoldDecision::NotDecided,
                Some(said) if said.word == DrugWord::Hold => HoldDecision::Hold { by: said.by.to_owned() },
                Some(said) => HoldDecision::GoOn { by: said.by.to_owned() },
            },
        });
        uses.collect()
    }

    /// When the last dose of each drug may be taken, and what the rule says about it.
    pub fn hold_plans(&self, judging: &Judging) -> Vec<(String, HoldPlan, Ruling)> {
        let class = self.bleeding_class(judging);
        let plan = |taken: DrugUse| {
            let computed = judging.book.blood_thinner(&taken, class, self.start(judging));
            (taken.drug, computed.result, computed.ruling)
        };
        self.drug_uses(judging).into_iter().map(plan).collect()
    }

    fn thrombosis(&self) -> Thrombosis {
        let Some(s) = self.screening() else { return Thrombosis::default() };
        Thrombosis {
            stent: s.recent_stent,
            clot: s.recent_clot,
            stroke: s.recent_stroke,
            valve: s.mechanical_valve,
            fibrillation: s.fibrillation,
        }
    }

    /// When the procedure starts: when the patient lies there, else as booked, else now.
    pub fn start(&self, judging: &Judging) -> Moment {
        let begun = self.newest(super::super::StepKind::SignedIn).map(|signed| signed.at.moment());
        begun.or_else(|| self.booking().map(|booking| booking.start)).unwrap_or(judging.now)
    }

    pub(super) fn sedation_rulings(&self, judging: &Judging) -> Vec<Ruling> {
        let level = known(self.deepest_sedation());
        let prepared = self.preparation();
        let clear = prepared.map_or(Intake::NotKnown, |p| p.clear_fluid);
        let intakes: Vec<(&str, Intake)> = prepared
            .map(|p| {
                // Adults are not fed with breast milk.
                vec![
                    ("clear", p.clear_fluid),
                    ("light", p.light_meal),
                    ("fatty", p.fat_meal),
                    ("breast-milk", Intake::None),
                ]
            })
            .unwrap_or_default();
        let start = self.start(judging);
        let screening = self.screening();
        let mut rulings = vec![judging.book.fasting(level, &intakes, start).ruling, self.watched(judging)];
        if let Intake::At(at) = clear {
            rulings.push(judging.book.long_fast(Known::Known(at), start));
        }
        if level.known().is_some_and(|level| level > SedationLevel::LocalOnly) {
            rulings.push(judging.book.slow_stomach(
                screening.map(|s| s.glp1_drug).unwrap_or_default(),
                screening.map(|s| s.gastroparesis).unwrap_or_default(),
            ));
        }
        rulings
    }

    /// S-01 over the deepest level and over who watches now: as chosen, or as said when people came or left since.
    pub(super) fn watched(&self, judging: &Judging) -> Ruling {
        let now = self.effective().rev().find_map(|(_, step)| match step {
            Step::SedationChosen(sedation) => Some(Monitoring {
                person: sedation.dedicated_person,
                capnography: sedation.capnography,
                anaesthesiologist: sedation.anaesthesiologist,
            }),
            Step::Logged(LogLine { logged: Logged::TeamChanged(change), .. }) => Some(Monitoring {
                person: change.dedicated_person,
                capnography: change.capnography,
                anaesthesiologist: change.anaesthesiologist,
            }),
            _ => None,
        });
        judging.book.monitoring(known(self.deepest_sedation()), now.unwrap_or_default())
    }

    /// L-01 to L-05 over everything that was given in the session, whichever of its cases holds the line.
    pub(super) fn anaesthetic(&self, judging: &Judging) -> Vec<Ruling> {
        let session = self.with_session(judging);
        let dosed: Vec<DosedDrug> = session
            .iter()
            .flat_map(|case| case.session_log().filter_map(as_dose))
            .map(|(_, dose)| dosed(dose))
            .collect();
        if dosed.is_empty() {
            return Vec::new();
        }
        // The day counts what was given before the day was booked anew as well.
        let of_day = session.iter().flat_map(|case| case.log().filter_map(as_dose));
        let doses: Vec<GivenDose> =
            of_day.map(|(at, dose)| GivenDose { drug: dose.drug.clone(), mg: dosed_mg(dose), at }).collect();
        let build = self.build();
        let book = judging.book;
        let nerve = self.site().map(|site| site.nerve);
        let mut rulings: Vec<Ruling> =
            each_drug(&dosed).iter().map(|dose| book.anaesthetic_dose(dose, build).ruling).collect();
        rulings.push(book.anaesthetic_sum(&dosed, build).ruling);
        rulings.push(book.bupivacaine_day(Known::Known(doses.as_slice()), judging.now));
        // What was given for the nerve of another case is asked about in that case.
        let own: Vec<Answer> = self.session_log().filter_map(as_dose).map(|(_, dose)| dose.epinephrine).collect();
        if !own.is_empty() {
            let nerve = nerve.as_deref().map_or(Known::NotKnown, Known::Known);
            rulings.push(book.epinephrine_toe(Answer::any(own), nerve));
        }
        rulings.extend(self.toxicity_ruling(judging));
        if self.is_allergic_to_anaesthetic(judging) {
            rulings.push(self.contraindicated(judging));
        }
        rulings
    }

    /// L-05, once somebody looked at a patient who got local anaesthetic, or reported signs in any case of the session.
    pub(super) fn toxicity_ruling(&self, judging: &Judging) -> Option<Ruling> {
        let session = self.with_session(judging);
        let given = session.iter().any(|case| case.session_log().filter_map(as_dose).next().is_some());
        let reported = session.iter().any(|case| case.is_toxic());
        self.toxicity(reported).filter(|_| given).map(|signs| judging.book.toxicity(signs))
    }

    /// Whether an event of toxicity is reported and not over.
    fn is_toxic(&self) -> bool {
        let goes_on = |settled: &EventSettled| settled.outcome.goes_on();
        self.events().iter().any(|(event, settled)| event.term == TOXICITY && settled.is_none_or(goes_on))
    }

    pub(in super::super) fn build(&self) -> Build {
        let screening = self.screening();
        Build {
            weight_kg: known(screening.and_then(|s| s.weight_kg)),
            height_cm: known(screening.and_then(|s| s.height_cm)),
            female: self.referral().map(|r| r.patient.female).unwrap_or_default(),
            frail: screening.map(|s| s.frail).unwrap_or_default(),
        }
    }

    /// The sum of what was given in the session, over all of its cases, of the most that may be. Unit: %.
    pub fn anaesthetic_share(&self, judging: &Judging, next: Option<&AnaestheticGiven>) -> Known<f64> {
        let session = self.with_session(judging);
        let given = session.iter().flat_map(|case| case.session_log().filter_map(as_dose)).map(|(_, given)| given);
        let dosed: Vec<DosedDrug> = given.chain(next).map(dosed).collect();
        judging.book.anaesthetic_sum(&dosed, self.build()).result
    }

    /// The share of the most after each dose of this case, in the order in which they were given, with its step. Doses of other
    /// cases of the session count from when they were given.
    pub fn running_shares(&self, judging: &Judging) -> Vec<(u64, Known<f64>)> {
        let mut given: Vec<(Second, Option<u64>, &AnaestheticGiven)> = Vec::new();
        for (n, case) in self.with_session(judging).into_iter().enumerate() {
            for (line, logged) in case.session_log() {
                if let Logged::AnaestheticGiven(dose) = logged {
                    given.push((line.at, (n == 0).then_some(line.number), dose));
                }
            }
        }
        // What was given elsewhere in the same second counts first, so that no share is told too small.
        given.sort_by_key(|(at, own, _)| (*at, own.is_some()));
        let mut so_far: Vec<DosedDrug> = Vec::new();
        let mut shares = Vec::new();
        for (_, own, dose) in given {
            so_far.push(dosed(dose));
            let share = || judging.book.anaesthetic_sum(&so_far, self.build()).result;
            shares.extend(own.map(|number| (number, share())));
        }
        shares
    }

    /// Signs of toxicity, once somebody looked for them after the drug was given or reported them.
    fn toxicity(&self, reported: bool) -> Option<ToxicitySigns> {
        // One question stands for all five signs: none of them, or some sign that the list of events names.
        let seen = match self.recovery().map(|look| look.no_toxic_signs) {
            _ if reported => Answer::Yes,
            None => return None,
            Some(Answer::Yes) => Answer::No,
            Some(Answer::No) => Answer::Yes,
            Some(Answer::NotAsked) => Answer::NotAsked,
        };
        Some(ToxicitySigns { tingling: seen, tinnitus: seen, confusion: seen, seizure: seen, arrhythmia: seen })
    }
}

/// The term of `data/adverse_terms.toml`.
const TOXICITY: &str = "toxicity";

fn dosed(given: &AnaestheticGiven) -> DosedDrug {
    DosedDrug::from_volume(&given.drug, given.volume_ml, given.concentration_percent, given.epinephrine)
}

fn as_dose<'a>((line, logged): (Happened, &'a Logged)) -> Option<(Moment, &'a AnaestheticGiven)> {
    match logged {
        Logged::AnaestheticGiven(given) => Some((line.at.moment(), given)),
        _ => None,
    }
}

fn dosed_mg(given: &AnaestheticGiven) -> f64 {
    dosed(given).mg
}

/// Doses of one drug added up; epinephrine counts when all of it had some.
fn each_drug(doses: &[DosedDrug]) -> Vec<DosedDrug> {
    let mut sums: Vec<DosedDrug> = Vec::new();
    for dose in doses {
        match sums.iter_mut().find(|sum| sum.drug == dose.drug) {
            Some(sum) => {
                sum.mg += dose.mg;
                if sum.epinephrine != dose.epinephrine {
                    sum.epinephrine = Answer::No;
                }
            }
            None => sums.push(dose.clone()),
        }
    }
    sums
}

fn yes_if(holds: bool) -> Answer {
    if holds { Answer::Yes } else { Answer::No }
}
