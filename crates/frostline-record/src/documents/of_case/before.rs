//! What is known of the patient and the pain from before the procedure, and what was seen in recovery.
//!
//! As in the log, no pattern leaves a field out, so that what is captured cannot be forgotten here.

use super::Surroundings;
use super::patient::drug_name;
use super::said::Said;
use crate::case::steps::{
    Arrival, Cause, DrugOnList, DrugWord, Exam, Indication, Labs, Preparation, PreviousFreeze, PreviousTreatment,
    RecoveryLook, Screening, Sedation,
};
use crate::case::{Case, Judging, Step};
use crate::documents::calendar::Date;
use crate::documents::clinical_inputs::{LoggedLine, RecordedFact};
use crate::documents::document::Language;
use crate::rules::{Answer, Day, Intake, Pregnancy};

/// In place of what nobody wrote down.
const NOT_KNOWN: &str = "not known";

/// Everything that a clinician looks up before the procedure, one line for each thing.
pub(super) fn known_before(case: &Case, judging: &Judging, around: &Surroundings) -> Vec<RecordedFact> {
    let mut facts = Facts::default();
    if let Some(indication) = case.indication() {
        facts.indication(indication);
    }
    if let Some(exam) = case.baseline_exam() {
        facts.exam(exam);
    }
    if let Some(screening) = case.screening() {
        facts.screening(screening, judging);
        let allergies = case.allergies().join(", ");
        facts.line("Allergies", if allergies.is_empty() { "none known".to_owned() } else { allergies });
    }
    facts.labs(case);
    facts.drugs(case, judging, around);
    if let Some(sedation) = case.sedation() {
        facts.sedation(sedation);
    }
    if let Some(arrival) = case.arrival() {
        facts.arrival(arrival, case.screening().map(|screening| screening.diabetes).unwrap_or_default());
    }
    if let Some(preparation) = case.preparation() {
        facts.preparation(preparation, around);
    }
    facts.0
}

#[derive(Default)]
struct Facts(Vec<RecordedFact>);

impl Facts {
    fn line(&mut self, what: &str, value: impl Into<String>) {
        self.0.push(RecordedFact { what: what.to_owned(), value: value.into() });
    }

    /// A line in any case: that it is not known is worth knowing.
    fn or_not_known(&mut self, what: &str, value: Option<String>) {
        self.line(what, value.unwrap_or_else(|| NOT_KNOWN.to_owned()));
    }

    fn if_known(&mut self, what: &str, value: Option<String>) {
        if let Some(value) = value {
            self.line(what, value);
        }
    }

    /// A question that somebody answered; one that nobody asked is left out, since the rules ask for those that matter.
    fn answer(&mut self, what: &str, answer: Answer) {
        match answer {
            Answer::Yes | Answer::No => self.line(what, answer.word()),
            Answer::NotAsked => {}
        }
    }

    fn indication(&mut self, indication: &Indication) {
        let Indication {
            cause,
            pain_began,
            average_pain,
            worst_pain,
            dn4,
            // The claim support and the letter have codes and treatments.
            diagnoses: _,
            failed: _,
            hurts,
            findings,
            scores,
        } = indication;
        self.line("Cause", cause_words(cause));
        self.if_known("Pain since", pain_began.map(|day| Date::of(day).iso()));
        self.if_known("Average pain of seven days (of ten)", average_pain.map(|pain| pain.score().to_string()));
        self.if_known("Worst pain of seven days (of ten)", worst_pain.map(|pain| pain.score().to_string()));
        self.or_not_known("Screen for nerve pain (DN4)", dn4.map(|points| format!("{points} points")));
        self.line("Hurts", hurts.join(", "));
        self.or_not_known("Findings of images and nerve tests", findings.clone());
        for said in scores {
            self.line(&format!("Score of {} before", said.instrument), said.score.to_string());
        }
    }

    fn exam(&mut self, exam: &Exam) {
        // Power has a table of its own.
        let Exam { pain, feeling, power: _, pulses, limb } = exam;
        self.if_known("Pain at the examination (of ten)", pain.map(|pain| pain.score().to_string()));
        self.line("Feeling", feeling.clone());
        self.line("Pulses of the foot felt", pulses.word());
        self.if_known("Limb", limb.map(|limb| limb.word().to_owned()));
    }

    fn screening(&mut self, screening: &Screening, judging: &Judging) {
        let Screening {
            contraindications,
            pregnancy,
            diabetes,
            hba1c_percent,
            weight_kg,
            height_cm,
            frail,
            liver_disease,
            bled_before,
            takes_blood_thinners,
            weak_immunity,
            glp1_drug,
            gastroparesis,
            recent_stent,
            recent_clot,
            recent_stroke,
            mechanical_valve,
            fibrillation,
            // With those that events brought, in `known_before`.
            allergies: _,
            previous: PreviousTreatment { frozen, surgery },
        } = screening;
        let rows = judging.book.contraindication_questions();
        let name = |key: &String| rows.iter().find(|row| row.id == *key).map_or(key.clone(), |row| row.name.clone());
        let found = contraindications.iter().filter(|(_, answer)| **answer == Answer::Yes);
        let found: Vec<String> = found.map(|(key, _)| name(key)).collect();
        self.line(
            "Speaks against a freeze",
            if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") },
        );
        self.line("Pregnancy, as screened", pregnancy_word(*pregnancy));
        self.line("Diabetes", diabetes.word());
        self.if_known("HbA1c", hba1c_percent.map(|percent| format!("{percent} %")));
        self.if_known("Weight", weight_kg.map(|kg| format!("{kg} kg")));
        self.if_known("Height", height_cm.map(|cm| format!("{cm} cm")));
        for (what, answer) in [
            ("Frail, or a sick heart or liver", frail),
            ("Liver disease", liver_disease),
            ("Bled before", bled_before),
            ("Takes drugs against clotting", takes_blood_thinners),
            ("Weak defence against infection", weak_immunity),
            ("Takes a GLP-1 drug", glp1_drug),
            ("Slow stomach", gastroparesis),
            ("Recent stent", recent_stent),
            ("Recent clot", recent_clot),
            ("Recent stroke", recent_stroke),
            ("Mechanical heart valve", mechanical_valve),
            ("Atrial fibrillation with a high risk of stroke", fibrillation),
            ("Earlier surgery on this nerve", surgery),
        ] {
            self.answer(what, *answer);
        }
        let frozen = match frozen {
            PreviousFreeze::NotAsked => NOT_KNOWN.to_owned(),
            PreviousFreeze::Never => "never".to_owned(),
            PreviousFreeze::On(day) => Date::of(*day).iso(),
        };
        self.line("This nerve was frozen before", frozen);
    }

    /// Of each value the one whose blood was taken last, whenever it was written down.
    fn labs(&mut self, case: &Case) {
        let mut newest: Vec<(&str, Day, f64, &str)> = Vec::new();
        for labs in
            case.effective().filter_map(|(_, step)| if let Step::LabsSeen(labs) = step { Some(labs) } else { None })
        {
            let Labs {
                on,
                inr,
                platelets_giga_per_l,
                creatinine_mg_per_dl,
                fibrinogen_mg_per_dl,
                glucose_mg_per_dl,
                haemoglobin_g_per_dl,
                aptt_s,
                anti_xa_iu_per_ml,
            } = labs;
            let values = [
                ("INR", inr, ""),
                ("Platelets", platelets_giga_per_l, "10⁹ per L"),
                ("Creatinine", creatinine_mg_per_dl, "mg/dL"),
                ("Fibrinogen", fibrinogen_mg_per_dl, "mg/dL"),
                ("Blood sugar of the laboratory", glucose_mg_per_dl, "mg/dL"),
                ("Haemoglobin", haemoglobin_g_per_dl, "g/dL"),
                ("aPTT", aptt_s, "s"),
                ("Anti-Xa activity", anti_xa_iu_per_ml, "IU/mL"),
            ];
            for (what, value, unit) in values {
                let Some(value) = *value else { continue };
                let is_older = |(other, day, ..): &(&str, Day, f64, &str)| *other == what && *day > *on;
                if !newest.iter().any(is_older) {
                    newest.retain(|(other, ..)| *other != what);
                    newest.push((what, *on, value, unit));
                }
            }
        }
        for (what, on, value, unit) in newest {
            self.line(what, format!("{} ({})", format!("{value} {unit}").trim_end(), Date::of(on).iso()));
        }
    }

    /// Each drug against clotting, with what was decided and when it was last taken.
    fn drugs(&mut self, case: &Case, judging: &Judging, around: &Surroundings) {
        for (drug, decided, dose) in case.drugs() {
            let DrugOnList { drug: key, dose: _, indication, prescriber } = drug;
            let decided = decided.map(|decided| {
                let word = match decided.word {
                    DrugWord::Hold => "held",
                    DrugWord::GoOn => "goes on",
                };
                format!("{word}, decided by {}, signed for by {}", decided.by, decided.signed_for_by)
            });
            let taken = dose.map(|dose| around.local(dose.last_taken).words(Language::English));
            let said = Said::new().words("for", indication).maybe("prescribed by", prescriber.as_deref());
            let said = said.plain(decided.as_deref().unwrap_or("nobody decided")).maybe("last taken", taken.as_deref());
            self.line(&drug_name(case, judging, key), said.text());
        }
    }

    fn sedation(&mut self, sedation: &Sedation) {
        let Sedation { level, dedicated_person, capnography, anaesthesiologist, explained_by } = sedation;
        let said = Said::new().plain(level.word()).answer("a person only watches", *dedicated_person);
        let said = said.answer("capnography", *capnography).answer("anaesthesiologist", *anaesthesiologist);
        self.line("Sedation, as chosen", said.maybe("explained by", explained_by.as_deref()).text());
    }

    fn preparation(&mut self, preparation: &Preparation, around: &Surroundings) {
        let Preparation { clear_fluid, light_meal, fat_meal, escort } = preparation;
        for (what, taken) in
            [("Last clear fluid", clear_fluid), ("Last light meal or milk", light_meal), ("Last fat meal", fat_meal)]
        {
            let taken = match taken {
                Intake::None => "none since long before".to_owned(),
                Intake::At(at) => around.local(*at).words(Language::English),
                Intake::NotKnown => NOT_KNOWN.to_owned(),
            };
            self.line(what, taken);
        }
        self.answer("Takes the patient home, as prepared", *escort);
    }

    fn arrival(&mut self, arrival: &Arrival, diabetes: Answer) {
        let Arrival { known_by, pregnancy, escort, unwell, glucose_mg_per_dl } = arrival;
        self.line("Known by, on the day", known_by.join(", "));
        self.line("Pregnancy, on the day", pregnancy_word(*pregnancy));
        self.answer("Somebody takes the patient home", *escort);
        self.answer("Unwell on the day", *unwell);
        let sugar = glucose_mg_per_dl.map(|sugar| format!("{sugar} mg/dL"));
        match diabetes {
            // Nobody who has no diabetes is expected to have it measured.
            Answer::No => self.if_known("Blood sugar on the day", sugar),
            Answer::Yes | Answer::NotAsked => self.or_not_known("Blood sugar on the day", sugar),
        }
    }
}

fn cause_words(cause: &Cause) -> String {
    match cause {
        Cause::Neuropathy(words) => format!("neuropathy: {words}"),
        Cause::Entrapment(words) => format!("entrapment: {words}"),
        Cause::Neuroma(words) => format!("neuroma: {words}"),
        Cause::Joint(words) => format!("joint: {words}"),
        Cause::Other(words) => words.clone(),
    }
}

fn pregnancy_word(pregnancy: Pregnancy) -> &'static str {
    match pregnancy {
        Pregnancy::NotPossible => "not possible",
        Pregnancy::Excluded => "excluded by a test",
        Pregnancy::Pregnant => "pregnant",
        Pregnancy::NotKnown => NOT_KNOWN,
    }
}

/// Every look at the patient afterwards, and the way home.
pub(super) fn recovery_of(case: &Case, around: &Surroundings) -> Vec<LoggedLine> {
    let looks = case.effective().filter_map(|(signed, step)| match step {
        Step::Recovered(look) => Some((signed, "Look at the patient", looked(look))),
        Step::Discharged(discharge) => {
            let said = Said::new().words("to", &discharge.to).maybe("with", discharge.with.as_deref());
            Some((signed, "Went home", said.text()))
        }
        _ => None,
    });
    let line = |(signed, what, details): (&crate::case::SignedStep, &str, String)| LoggedLine {
        at: around.local(signed.at.moment()),
        written: None,
        what: what.to_owned(),
        details,
        by: signed.by.name.clone(),
    };
    looks.map(line).collect()
}

fn looked(look: &RecoveryLook) -> String {
    let RecoveryLook {
        pain,
        aldrete,
        padss,
        walks,
        pain_as_agreed,
        dry,
        no_toxic_signs,
        power,
        weakness_explained,
        haematoma_mm,
        numb_leg,
        observed,
    } = look;
    let said = Said::new()
        .number("pain", pain.map(|pain| pain.score()), "of 10")
        .number("Aldrete", *aldrete, "of 10")
        .number("PADSS", *padss, "of 10")
        .answer("walks", *walks)
        .answer("pain as agreed", *pain_as_agreed)
        .answer("dry", *dry)
        .answer("no toxic signs", *no_toxic_signs)
        .power(power)
        .answer("weakness explained", *weakness_explained)
        .number("swelling", *haematoma_mm, "mm")
        .answer("numb leg", *numb_leg);
    match observed {
        Some(observed) => said.observed(observed).text(),
        None => said.text(),
    }
}
