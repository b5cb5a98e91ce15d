//! The patient's documents: who, when, which drugs, what was said.

use std::collections::BTreeSet;

use super::strength::strength_of;
use super::{Surroundings, leg};
use crate::case::steps::{ActivityAgain, DrugWord, Logged, OwnReason};
use crate::case::{Case, Decided, Judging, SignedStep, Step};
use crate::documents::calendar::{Date, LocalTime};
use crate::documents::inputs::*;
use crate::documents::wording::Alternative;
use crate::rules::{Answer, HoldPlan, Role, SedationLevel};
use crate::schedule::ScheduleSettings;

/// Clinic, patient, treatment and time.
pub fn visit_of(case: &Case, around: &Surroundings) -> Visit {
    let referral = case.referral();
    let site = case.site();
    let operator = case.booking().and_then(|booking| {
        booking.team.iter().find(|person| person.role == Role::Operator).map(|person| person.name.clone())
    });
    let mut practice = around.practice.clone();
    // The number that the patient was told to call stands in for one that the clinic did not give.
    practice.phone = practice.phone.or_else(|| case.instructions().map(|instructions| instructions.contact.clone()));
    Visit {
        practice,
        patient: Patient {
            name: referral.map(|referral| referral.patient.name()),
            born: referral.map(|referral| Date::of(referral.patient.born)),
            record: referral.and_then(|referral| referral.patient.record_number.clone()),
        },
        treatment: Treatment {
            nerve: site.as_ref().map(|site| site.nerve.clone()),
            leg: site.as_ref().map(|site| leg(site.side)).or_else(|| referral.map(|r| leg(r.site.side))),
            in_foot: None,
            sedation: case.sedation().map(|sedation| sedation.level),
            operator,
            goal: case.goal().map(|goal| goal.words.clone()),
        },
        appointment: Appointment {
            procedure_at: case.booking().map(|booking| around.local(booking.start)),
            arrive_at: arrive_at(case, around),
            place: case.booking().map(|booking| booking.room.clone()),
        },
        made_on: Some(around.made_on),
        program: around.program.clone(),
    }
}

/// So long before the booking as the settings say for the sedation; while nobody chose one, the longest of them.
fn arrive_at(case: &Case, around: &Surroundings) -> Option<LocalTime> {
    let booking = case.booking()?;
    let settings = ScheduleSettings::bundled().ok()?;
    let level = case.sedation().map_or(SedationLevel::Deep, |sedation| sedation.level);
    let minutes = settings.arrival.before(level).value.minutes.ceil() as i64;
    Some(around.local(booking.start).plus_minutes(-minutes))
}

/// What was talked about and signed.
pub fn consent_of(case: &Case, around: &Surroundings) -> ConsentInputs {
    let needs_interpreter = case.referral().is_some_and(|referral| referral.patient.interpreter == Answer::Yes);
    let sedation_explained_by = case.sedation().and_then(|sedation| sedation.explained_by.clone());
    let Some(consent) = case.consent() else {
        return ConsentInputs { needs_interpreter, sedation_explained_by, ..ConsentInputs::default() };
    };
    let signed = newest(case, |step| matches!(step, Step::Consented(_)));
    let at = signed.map(|signed| around.local(signed.at.moment()));
    let patient = case.referral().map(|referral| &referral.patient);
    let by_patient = patient.is_some_and(|patient| is_the_patient(&consent.signed_by, patient));
    let of_signer = |name: &str| signed.filter(|signed| signed.by.name == name).and(at);
    ConsentInputs {
        talked_about: Alternative::ALL.into_iter().filter(|way| names(&consent.alternatives, *way)).collect(),
        reasons: consent.reasons.iter().filter_map(reason).collect(),
        sedation_explained_by,
        questions: consent.questions.iter().map(|words| question(words)).collect(),
        teach_back: Some(TeachBack {
            words: consent.spoken_back.words.clone(),
            heard_by: signed.map_or_else(|| consent.explained_by.clone(), |signed| signed.by.name.clone()),
        }),
        interpreter: consent.interpreter.clone().map(|name| Signed { name, at: None }),
        needs_interpreter,
        clinician: Some(Signed { name: consent.explained_by.clone(), at: of_signer(&consent.explained_by) }),
        patient_signed: at.filter(|_| by_patient),
        guardian: (!by_patient).then(|| Signed { name: consent.signed_by.clone(), at }),
    }
}

/// Whether a name is the patient's own: the same words in any order. Initials may be missing on either side; another name is that
/// of somebody who signs for the patient.
pub(super) fn is_the_patient(name: &str, patient: &crate::case::steps::Patient) -> bool {
    let words = |name: &str| {
        let words = name.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
        words.filter(|word| word.chars().count() > 1).collect::<BTreeSet<_>>()
    };
    let own = words(&patient.name());
    !own.is_empty() && words(name) == own
}

/// A reason about a way that the form shows.
fn reason(said: &OwnReason) -> Option<ReasonLine> {
    let alternative = Alternative::ALL.into_iter().find(|way| way.word() == said.alternative)?;
    Some(ReasonLine { alternative, leaning: said.leaning, words: said.words.clone() })
}

fn names(keys: &[String], way: Alternative) -> bool {
    keys.iter().any(|key| key == way.word())
}

/// The record keeps question and answer in one string; the question ends at its last question mark.
fn question(words: &str) -> QuestionAndAnswer {
    let (question, answer) = match words.rfind('?') {
        Some(end) => words.split_at(end + 1),
        None => (words, ""),
    };
    QuestionAndAnswer { question: question.trim().to_owned(), answer: answer.trim().to_owned() }
}

/// Fasting times, drugs and allergies.
pub fn preparation_of(case: &Case, judging: &Judging, around: &Surroundings) -> PreparationInputs {
    PreparationInputs {
        fasting: fasting(case, judging, around),
        drugs: drugs_before(case, judging, around),
        allergies: case.screening().map(|_| case.allergies().into_iter().map(str::to_owned).collect()),
    }
}

/// Times count back from the booking; without one there are none.
fn fasting(case: &Case, judging: &Judging, around: &Surroundings) -> Vec<FastingTime> {
    let sedated = case.sedation().is_some_and(|sedation| sedation.level > SedationLevel::LocalOnly);
    let Some(booking) = case.booking().filter(|_| sedated) else { return Vec::new() };
    let time = |row: &crate::rules::FastingRow| FastingTime {
        intake: row.id.clone(),
        until: around.local(booking.start.minus_hours(row.hours())),
    };
    judging.book.fasting_rows().iter().map(time).collect()
}

/// The record lists drugs against clotting only; when it lists none, nobody may have asked.
fn drugs_before(case: &Case, judging: &Judging, around: &Surroundings) -> Option<Vec<DrugBefore>> {
    let plans = case.hold_plans(judging);
    let is_booked = case.booking().is_some();
    let drug = |(drug, decision, _): (&crate::case::steps::DrugOnList, Option<Decided>, _)| {
        let plan = plans.iter().find(|(key, ..)| *key == drug.drug).map(|(_, plan, _)| *plan);
        let decided = decision.map(|decision| match (decision.word, plan) {
            (DrugWord::GoOn, _) => DrugDecision::Keep,
            (DrugWord::Hold, Some(HoldPlan::LastDoseBy { at, .. })) if is_booked => {
                DrugDecision::LastDoseBy(around.local(at))
            }
            (DrugWord::Hold, _) => DrugDecision::HoldTimeNotKnown,
        });
        DrugBefore {
            name: drug_name(case, judging, &drug.drug),
            decision: decided,
            decided_by: decision.map(|decision| decision.by.to_owned()),
        }
    };
    let listed: Vec<DrugBefore> = case.drugs().into_iter().map(drug).collect();
    (!listed.is_empty()).then_some(listed)
}

/// Name and dose, as far as they are known.
pub(super) fn drug_name(case: &Case, judging: &Judging, key: &str) -> String {
    let known = judging.book.blood_thinners().iter().find(|drug| drug.id == key);
    let name = known.map_or(key, |drug| drug.name.as_str());
    let dose = case.drugs().into_iter().find(|(drug, ..)| drug.drug == key).map(|(drug, ..)| drug.dose.clone());
    match dose {
        Some(dose) if !dose.trim().is_empty() => format!("{name}, {dose}"),
        _ => name.to_owned(),
    }
}

/// What to do at home.
pub fn discharge_of(case: &Case, judging: &Judging, around: &Surroundings) -> DischargeInputs {
    let signed = newest(case, |step| matches!(step, Step::Instructed(_)));
    let signer = signed.map(|signed| signed.by.name.clone());
    let strength = strength_of(case);
    DischargeInputs {
        done_at: done_at(case, around),
        weak: strength.weak,
        numb: strength.numb,
        drugs: drugs_after(case, judging, around),
        dressing_off: dressing_off(case, judging),
        activities: activities(case, judging),
        follow_up: follow_up(case, judging),
        teach_back: case
            .instructions()
            .zip(signer.clone())
            .map(|(instructions, heard_by)| TeachBack { words: instructions.spoken_back.words.clone(), heard_by }),
        nurse: signed.map(|signed| Signed { name: signed.by.name.clone(), at: Some(around.local(signed.at.moment())) }),
    }
}

/// As it was told, else counted from the day of the first freeze.
fn dressing_off(case: &Case, judging: &Judging) -> Option<Date> {
    let told = case.instructions().and_then(|told| told.dressing_off);
    let counted = || case.treated_on().map(|treated| treated.plus_days(judging.pathway.dressing_days()));
    told.or_else(counted).map(Date::of)
}

/// Work and sport as they were told; where no day was told, counted from the day of the first freeze.
fn activities(case: &Case, judging: &Judging) -> Vec<ActivityLine> {
    let told = case.instructions().map(|told| told.activities.as_slice()).unwrap_or_default();
    let counted = |id: &str| {
        let row = judging.pathway.activities().find(|row| row.id == id)?;
        Some(case.treated_on()?.plus_days(row.days))
    };
    let line = |again: &ActivityAgain| ActivityLine {
        activity: again.activity.clone(),
        from: again.from.or_else(|| counted(&again.activity)).map(Date::of),
    };
    told.iter().map(line).collect()
}

/// When the probe came out.
pub(super) fn done_at(case: &Case, around: &Surroundings) -> Option<LocalTime> {
    let out = case.log().rev().find(|(_, logged)| matches!(logged, Logged::ProbeOut(_)));
    out.map(|(signed, _)| around.local(signed.at.moment()))
}

/// Held drugs with the time that was told to the patient; a held drug without one has none.
pub(super) fn drugs_after(case: &Case, judging: &Judging, around: &Surroundings) -> Option<Vec<DrugAfter>> {
    let listed = case.drugs();
    if listed.is_empty() {
        return None;
    }
    let told = case.instructions().map(|instructions| instructions.restarts.as_slice()).unwrap_or_default();
    let held = listed.into_iter().filter_map(|(drug, decision, _)| {
        // Not decided is not the same as going on: the patient must ask.
        let goes_on = decision.is_some_and(|decision| decision.word == DrugWord::GoOn);
        (!goes_on).then(|| DrugAfter {
            name: drug_name(case, judging, &drug.drug),
            restart_at: told.iter().find(|restart| restart.drug == drug.drug).map(|restart| around.local(restart.at)),
            decided_by: decision.map(|decision| decision.by.to_owned()),
        })
    });
    Some(held.collect())
}

/// When the clinic asks, counted from the day of the first freeze.
pub(super) fn follow_up(case: &Case, judging: &Judging) -> Vec<FollowUpTime> {
    let Some(treated) = case.treated_on() else { return Vec::new() };
    let rows = judging.book.follow_up_times().iter();
    rows.map(|row| FollowUpTime { time: row.id.clone(), due: Date::of(treated.plus_days(row.due.value.days)) })
        .collect()
}

/// The newest step that counts and is of a kind.
pub(super) fn newest(case: &Case, is: impl Fn(&Step) -> bool) -> Option<&SignedStep> {
    case.effective().rev().find(|(_, step)| is(step)).map(|(signed, _)| signed)
}
