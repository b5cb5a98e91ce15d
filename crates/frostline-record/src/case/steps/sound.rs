//! What is wrong in a step itself, whatever came before.

use std::collections::BTreeMap;

use super::super::{ItemList, Judging, Refused, Step};
use super::*;
use crate::rules::{Answer, Day, Role};
use frostline_plan::side_word;

type Problem = (&'static str, String);

/// Whether a step says what it must and nothing that cannot be.
pub(in super::super) fn sound(step: &Step, judging: &Judging) -> Result<(), Refused> {
    if let Step::Answered(answers) = step {
        return of_answers(answers, judging);
    }
    let problem = match step {
        Step::Referred(referral) => of_referral(referral, judging),
        Step::GoalSaid(goal) => words("/words", &goal.words),
        Step::Indicated(indication) => {
            of_indication(indication, judging).or_else(|| of_scores(&indication.scores, judging))
        }
        Step::Blocked(block) => nerve("/nerve", &block.nerve, judging).or_else(|| to_come("/on", block.on, judging)),
        Step::NotBlocked(none) => words("/words", &none.words),
        Step::Screened(screening) => of_screening(screening),
        Step::LabsSeen(labs) => of_labs(labs, judging),
        Step::DrugListed(drug) => words("/drug", &drug.drug).or_else(|| words("/indication", &drug.indication)),
        Step::DrugDecided(said) => of_decision(said, judging),
        Step::DrugCountersigned(countersigned) => words("/drug", &countersigned.drug),
        Step::Imaged(imaging) => nerve("/nerve", &imaging.nerve, judging)
            .or_else(|| range("/depth_mm", imaging.depth_mm, (0.0, LONGEST_MM)))
            .or_else(|| range("/area_mm2", imaging.area_mm2, NERVE_AREAS_MM2))
            .or_else(|| range("/other_leg_area_mm2", imaging.other_leg_area_mm2, NERVE_AREAS_MM2)),
        Step::Examined(exam) => powers("/power", &exam.power),
        Step::Planned(plan) => of_plan(plan, judging),
        Step::PayerChosen(choice) => of_payer(choice, judging),
        Step::PlanApproved(approval) => words("/fingerprint", &approval.fingerprint),
        Step::Consented(consent) => of_consent(consent, judging),
        Step::ConsentWithdrawn(said) => words("", said),
        Step::Booked(booking) => of_booking(booking, judging),
        Step::Cancelled(why) => words("/reason", &why.reason),
        Step::Arrived(arrival) => of_arrival(arrival),
        Step::SignedIn(list) => checklist(ItemList::SignIn, &list.answers, judging),
        Step::TimedOut(said) => {
            nerve("/nerve", &said.nerve, judging).or_else(|| checklist(ItemList::TimeOut, &said.answers, judging))
        }
        Step::Logged(line) => of_log(&line.logged),
        Step::SignedOut(list) => checklist(ItemList::SignOut, &list.answers, judging),
        Step::Recovered(look) => powers("/power", &look.power)
            .or_else(|| scores(look))
            .or_else(|| range("/haematoma_mm", look.haematoma_mm, (0.0, LONGEST_MM))),
        Step::Instructed(told) => of_instructions(told, judging),
        Step::ReportSigned(report) => words("/words", &report.words),
        Step::EventReported(event) => of_event(event, judging),
        Step::EventSettled(settled) => words("/event", &settled.event)
            .or_else(|| words("/words", &settled.words))
            .or_else(|| of_treatments(&settled.treated)),
        Step::Overridden(request) => words("/reason", &request.reason),
        Step::Noted(said) => words("", said),
        Step::Closed(closed) => words("/reason", &closed.reason),
        Step::DrugTaken(dose) => of_dose(dose, judging),
        Step::Discharged(discharge) => words("/to", &discharge.to),
        Step::ContactTried(tried) => time_of_list(&tried.time, judging).or_else(|| words("/how", &tried.how)),
        Step::CodesConfirmed(codes) => of_codes(codes, judging),
        Step::SedationChosen(sedation) => {
            sedation.explained_by.as_ref().and_then(|explained_by| words("/explained_by", explained_by))
        }
        Step::Cleared(_) | Step::Prepared(_) | Step::Corrected(_) | Step::Answered(_) => None,
    };
    match problem {
        None => Ok(()),
        Some((field, problem)) => Err(Refused::Wrong { step: step.kind().word(), field, problem }),
    }
}

/// Longer than any leg; what is beyond was mistyped. Unit: mm.
const LONGEST_MM: f64 = 1500.0;
/// No nerve is smaller than a hair or larger than the thigh is wide; what is beyond was mistyped. Unit: mm2.
const NERVE_AREAS_MM2: (f64, f64) = (0.01, 5000.0);
/// Colder than any probe, hotter than any patient. Unit: C.
const TEMPERATURES_C: (f64, f64) = (-220.0, 60.0);
/// Nobody waits an hour for a thaw; what is beyond was mistyped. Unit: s.
const LONGEST_THAW_S: f64 = 3600.0;
/// The score of DN4 goes to ten.
const BEST_DN4: u8 = 10;
/// The scale of the Medical Research Council.
const MRC: (f64, f64) = (0.0, 5.0);
/// Both scores of recovery go to ten.
const BEST_SCORE: u8 = 10;

const MINUTES_PER_DAY: i64 = 24 * 60;

/// What happened on a day to come did not happen.
fn to_come(field: &'static str, day: Day, judging: &Judging) -> Option<Problem> {
    (judging.today.days_since(day) < 0).then(|| (field, format!("found {day}, a day to come; check it")))
}

fn words(field: &'static str, found: &str) -> Option<Problem> {
    found.trim().is_empty().then(|| (field, "found nothing, expected words; write it down".to_owned()))
}

fn range(field: &'static str, found: Option<f64>, (low, high): (f64, f64)) -> Option<Problem> {
    let found = found?;
    let inside = found >= low && found <= high;
    (!inside).then(|| (field, format!("found {found}, expected a number from {low} to {high}; check the unit")))
}

fn above_zero(field: &'static str, found: f64) -> Option<Problem> {
    let fine = found.is_finite() && found > 0.0;
    (!fine).then(|| (field, format!("found {found}, expected a number above 0; check it")))
}

fn nerve(field: &'static str, found: &str, judging: &Judging) -> Option<Problem> {
    judging.nerves.find(found).is_none().then(|| {
        let problem =
            format!("found the nerve '{found}', expected a key of the atlas; choose one from the list of nerves");
        (field, problem)
    })
}

fn powers(field: &'static str, list: &[MusclePower]) -> Option<Problem> {
    list.iter().find_map(|power| range(field, power.mrc, MRC))
}

fn of_referral(referral: &Referral, judging: &Judging) -> Option<Problem> {
    let patient = &referral.patient;
    words("/patient/family_name", &patient.family_name)
        .or_else(|| words("/referrer/name", &referral.referrer.name))
        .or_else(|| words("/problem", &referral.problem))
        .or_else(|| words("/patient/language", &patient.language))
        .or_else(|| referral.site.nerve.as_ref().and_then(|found| nerve("/site/nerve", found, judging)))
        .or_else(|| {
            let future = judging.today.days_since(patient.born) < 0;
            future.then(|| ("/patient/born", "found a day of birth after today; check it".to_owned()))
        })
}

fn of_indication(indication: &Indication, judging: &Judging) -> Option<Problem> {
    let codes = indication.diagnoses.iter().find_map(|diagnosis| words("/diagnoses", &diagnosis.code));
    let codes = codes.or_else(|| {
        let found = indication.dn4.filter(|found| *found > BEST_DN4)?;
        Some(("/dn4", format!("found {found}, expected 0 to {BEST_DN4}; add again")))
    });
    codes.or_else(|| indication.diagnoses.iter().find_map(|said| of_diagnosis(said, judging))).or_else(|| {
        let (average, worst) = (indication.average_pain?, indication.worst_pain?);
        (average > worst).then(|| {
            let problem = format!(
                "found an average of {} above the worst of {}; ask again which is which",
                average.score(),
                worst.score()
            );
            ("/average_pain", problem)
        })
    })
}

fn of_scores(scores: &[InstrumentScore], judging: &Judging) -> Option<Problem> {
    let questionnaires = judging.pathway.questionnaires();
    let refused = scores.iter().find_map(|one| questionnaires.scored(&one.instrument, one.score).err())?;
    Some(("/scores", refused.to_string()))
}

fn of_diagnosis(said: &Diagnosis, judging: &Judging) -> Option<Problem> {
    let (written, of_code) = (said.side?, judging.book.side_of_code(&said.code)?);
    (written != of_code).then(|| {
        let (written, of_code) = (side_word(written), side_word(of_code));
        ("/diagnoses", format!("found {}, a code of the {of_code} leg, for the {written} leg; check which", said.code))
    })
}

fn of_decision(said: &DrugDecision, judging: &Judging) -> Option<Problem> {
    let told = match &said.decided_by {
        DecidedBy::SignedBySigner => None,
        DecidedBy::ToldBy(by) => words("/decided_by/told-by/name", &by.name).or_else(|| {
            (by.when > judging.now).then(|| {
                ("/decided_by/told-by/when", format!("found {}, a time to come; write when it was told", by.when))
            })
        }),
    };
    told.or_else(|| words("/reason", &said.reason))
}

fn of_dose(dose: &DrugDose, judging: &Judging) -> Option<Problem> {
    (dose.last_taken > judging.now)
        .then(|| ("/last_taken", format!("found {}, a time to come; ask again when it was taken", dose.last_taken)))
}

fn of_event(event: &AdverseEvent, judging: &Judging) -> Option<Problem> {
    words("/event", &event.event)
        .or_else(|| words("/words", &event.words))
        .or_else(|| {
            let refused = judging.pathway.terms().listed(&event.term).err()?;
            Some(("/term", refused.to_string()))
        })
        .or_else(|| of_treatments(&event.treated))
        .or_else(|| {
            let flags = judging.book.red_flag_questions();
            let stranger = event.answers_for.iter().find(|key| !flags.iter().any(|flag| flag.id == **key))?;
            let known: Vec<&str> = flags.iter().map(|flag| flag.id.as_str()).collect();
            Some(("/answers_for", format!("found '{stranger}', expected one of {}", known.join(", "))))
        })
}

fn of_treatments(treated: &[EventTreatment]) -> Option<Problem> {
    treated.iter().find_map(|one| {
        words("/treated", &one.what).or_else(|| {
            let (from, until) = (one.from?, one.until?);
            let backwards = until.days_since(from) < 0;
            backwards.then(|| ("/treated", format!("{}: found {until} before {from}; check which day", one.what)))
        })
    })
}

fn of_codes(codes: &CodingConfirmed, judging: &Judging) -> Option<Problem> {
    words("/procedure_code", &codes.procedure_code)
        .or_else(|| (codes.units == 0).then(|| ("/units", "found 0 units, expected at least 1".to_owned())))
        .or_else(|| {
            let unnamed = codes.release.as_ref().is_none_or(|release| release.trim().is_empty());
            unnamed.then(|| ("/release", "found none, expected the release of codes that was looked at".to_owned()))
        })
        .or_else(|| codes.diagnoses.is_empty().then(|| ("/diagnoses", "found none, expected at least 1".to_owned())))
        .or_else(|| {
            let payer = judging.book.payer_profiles().iter().find(|payer| Some(&payer.id) == codes.payer.as_ref())?;
            let forbidden = payer.forbids.contains(&codes.procedure_code);
            let problem = || {
                format!("found {}, which {} forbids for this; look at its position", codes.procedure_code, payer.name)
            };
            forbidden.then(|| ("/procedure_code", problem()))
        })
        .or_else(|| of_place(codes.place_of_service.as_deref()?))
}

fn of_place(found: &str) -> Option<Problem> {
    let is_place = found.len() == 2 && found.bytes().all(|letter| letter.is_ascii_digit());
    let problem = || format!("found '{found}', expected the two digits of a place of service, such as 11 or 22");
    (!is_place).then(|| ("/place_of_service", problem()))
}

fn of_payer(choice: &PayerChoice, judging: &Judging) -> Option<Problem> {
    let profiles = judging.book.payer_profiles();
    let stranger = choice.profile.as_ref().filter(|id| !profiles.iter().any(|payer| payer.id == **id));
    let problem = |found: &String| {
        let known: Vec<&str> = profiles.iter().map(|payer| payer.id.as_str()).collect();
        format!("found '{found}', expected nothing while the payer is not known, or one of {}", known.join(", "))
    };
    let asks = choice.asks.filter(|asks| asks.lines == 0 || !(asks.weeks.is_finite() && asks.weeks >= 0.0));
    let nonsense = |_| ("/asks", "expected one line or more, and weeks from 0 on; look at the policy".to_owned());
    let stranger = stranger.map(|found| ("/profile", problem(found)));
    words("/words", &choice.words).or(stranger).or_else(|| asks.map(nonsense))
}

fn of_screening(screening: &Screening) -> Option<Problem> {
    range("/weight_kg", screening.weight_kg, (1.0, 500.0))
        .or_else(|| range("/height_cm", screening.height_cm, (40.0, 250.0)))
        .or_else(|| range("/hba1c_percent", screening.hba1c_percent, (2.0, 25.0)))
}

fn of_labs(labs: &Labs, judging: &Judging) -> Option<Problem> {
    let future = judging.today.days_since(labs.on) < 0;
    let future = future.then(|| ("/on", "found a day after today; check it".to_owned()));
    future
        .or_else(|| range("/inr", labs.inr, (0.5, 20.0)))
        .or_else(|| range("/platelets_giga_per_l", labs.platelets_giga_per_l, (0.0, 3000.0)))
        .or_else(|| range("/creatinine_mg_per_dl", labs.creatinine_mg_per_dl, (0.05, 30.0)))
        .or_else(|| range("/fibrinogen_mg_per_dl", labs.fibrinogen_mg_per_dl, (0.0, 2000.0)))
        .or_else(|| range("/glucose_mg_per_dl", labs.glucose_mg_per_dl, (5.0, 2000.0)))
}

fn of_plan(plan: &PlanRecord, judging: &Judging) -> Option<Problem> {
    nerve("/nerve", &plan.nerve, judging)
        .or_else(|| words("/fingerprint", &plan.fingerprint))
        .or_else(|| words("/assessment", &plan.assessment))
        .or_else(|| above_zero("/freeze_s", plan.freeze_s))
        .or_else(|| range("/thaw_s", Some(plan.thaw_s), (0.0, LONGEST_THAW_S)))
        .or_else(|| (plan.cycles == 0).then(|| ("/cycles", "found 0 freezes, expected at least 1".to_owned())))
}

fn of_consent(consent: &Consent, judging: &Judging) -> Option<Problem> {
    let untold = |field, list: ItemList, told: &[String]| {
        let names: Vec<&str> = judging.pathway.untold(list, told).iter().map(|item| item.text.as_str()).collect();
        (!names.is_empty())
            .then(|| (field, format!("not talked about: {}; talk about it, then sign", names.join("; "))))
    };
    nerve("/nerve", &consent.nerve, judging)
        .or_else(|| words("/explained_by", &consent.explained_by))
        .or_else(|| untold("/risks", ItemList::Risk, &consent.risks))
        .or_else(|| untold("/benefits", ItemList::Benefit, &consent.benefits))
        .or_else(|| untold("/alternatives", ItemList::Alternative, &consent.alternatives))
        .or_else(|| consent.reasons.iter().find_map(|reason| of_reason(reason, consent)))
        .or_else(|| words("/spoken_back/words", &consent.spoken_back.words))
        .or_else(|| understood(consent.spoken_back.understood))
        .or_else(|| words("/signed_by", &consent.signed_by))
        .or_else(|| {
            let same = consent.signed_by.trim().to_lowercase() == consent.explained_by.trim().to_lowercase();
            let problem = || {
                format!("found {}, who also explained; let the patient sign, or who signs for them", consent.signed_by)
            };
            same.then(|| ("/signed_by", problem()))
        })
}

fn of_reason(reason: &OwnReason, consent: &Consent) -> Option<Problem> {
    words("/reasons", &reason.words).or_else(|| {
        let talked_about = consent.alternatives.contains(&reason.alternative);
        let problem = || {
            let known = consent.alternatives.join(", ");
            format!("found a reason about '{}', expected one of those talked about: {known}", reason.alternative)
        };
        (!talked_about).then(|| ("/reasons", problem()))
    })
}

fn understood(answer: Answer) -> Option<Problem> {
    (answer != Answer::Yes).then(|| {
        ("/spoken_back/understood", format!("found '{}', expected 'yes'; explain again until it is", answer.word()))
    })
}

fn of_booking(booking: &Booking, judging: &Judging) -> Option<Problem> {
    words("/room", &booking.room)
        .or_else(|| (booking.minutes == 0).then(|| ("/minutes", "found 0 min, expected at least 1".to_owned())))
        .or_else(|| {
            let over = booking.start.0 + MINUTES_PER_DAY < judging.now.0;
            over.then(|| ("/start", format!("found {}, a time that is over; check the day", booking.start)))
        })
        .or_else(|| booking.team.is_empty().then(|| ("/team", "found nobody, expected the team".to_owned())))
        .or_else(|| {
            let freezes = booking.team.iter().any(|person| person.role == Role::Operator);
            (!freezes).then(|| ("/team", "found no operator, expected one; name who freezes".to_owned()))
        })
        .or_else(|| booking.together_with.iter().find_map(|part| words("/together_with", &part.case)))
        .or_else(|| booking.together_with.iter().find_map(|part| nerve("/together_with", &part.site.nerve, judging)))
}

fn of_arrival(arrival: &Arrival) -> Option<Problem> {
    let mut known_by: Vec<&str> = arrival.known_by.iter().map(|by| by.trim()).filter(|by| !by.is_empty()).collect();
    known_by.sort_unstable();
    known_by.dedup();
    if known_by.len() < 2 {
        let problem =
            format!("found {} thing(s) by which the patient was known, expected two different ones", known_by.len());
        return Some(("/known_by", problem));
    }
    (arrival.unwell != Answer::No).then(|| {
        let problem = format!(
            "'unwell' is '{}': expected 'no'; ask, and let a clinician decide and cancel when the patient is ill",
            arrival.unwell.word()
        );
        ("/unwell", problem)
    })
}

fn checklist(list: ItemList, answers: &BTreeMap<String, Answer>, judging: &Judging) -> Option<Problem> {
    if let Some(stranger) = judging.pathway.stranger(list, answers.keys()) {
        return Some(("/answers", format!("'{stranger}' is not on the {} list; look at the list", list.word())));
    }
    let open: Vec<&str> = judging.pathway.not_yes(list, answers).iter().map(|item| item.text.as_str()).collect();
    (!open.is_empty()).then(|| ("/answers", format!("not answered with yes: {}; stop and do it", open.join("; "))))
}

fn of_instructions(told: &Instructions, judging: &Judging) -> Option<Problem> {
    let untold = judging.pathway.untold(ItemList::Instruction, &told.topics);
    let names: Vec<&str> = untold.iter().map(|item| item.text.as_str()).collect();
    if !names.is_empty() {
        return Some(("/topics", format!("not told: {}; tell it", names.join("; "))));
    }
    words("/spoken_back/words", &told.spoken_back.words)
        .or_else(|| words("/contact", &told.contact))
        .or_else(|| {
            let over = told.restarts.iter().find(|restart| restart.at.0 + MINUTES_PER_DAY < judging.now.0)?;
            Some(("/restarts", format!("{}: found {}, a time that is over; tell one to come", over.drug, over.at)))
        })
        .or_else(|| told.activities.iter().find_map(|again| of_activity(again, judging)))
        .or_else(|| told.dressing_off.and_then(|day| gone("/dressing_off", day, judging)))
}

fn of_activity(again: &ActivityAgain, judging: &Judging) -> Option<Problem> {
    let known = || judging.pathway.activities();
    if !known().any(|row| row.id == again.activity) {
        let known: Vec<&str> = known().map(|row| row.id.as_str()).collect();
        let problem = format!("found '{}', expected one of {}", again.activity, known.join(", "));
        return Some(("/activities", problem));
    }
    again.from.and_then(|day| gone("/activities", day, judging))
}

/// A day that lies behind cannot be told to anybody.
fn gone(field: &'static str, day: Day, judging: &Judging) -> Option<Problem> {
    (judging.today.days_since(day) > 0).then(|| (field, format!("found {day}, a day before today; check it")))
}

fn scores(look: &RecoveryLook) -> Option<Problem> {
    let too_high = |score: Option<u8>| score.is_some_and(|score| score > BEST_SCORE);
    let wrong = if too_high(look.aldrete) {
        Some("/aldrete")
    } else if too_high(look.padss) {
        Some("/padss")
    } else {
        None
    };
    wrong.map(|field| (field, format!("found more than {BEST_SCORE} points, expected 0 to {BEST_SCORE}; add again")))
}

fn of_log(logged: &Logged) -> Option<Problem> {
    match logged {
        Logged::AnaestheticGiven(given) => words("/drug", &given.drug)
            .or_else(|| above_zero("/volume_ml", given.volume_ml))
            .or_else(|| above_zero("/concentration_percent", given.concentration_percent)),
        Logged::Stimulated(stimulation) => {
            above_zero("/hz", stimulation.hz).or_else(|| above_zero("/volts", stimulation.volts))
        }
        Logged::FluidGiven(fluid) => words("/fluid", &fluid.fluid).or_else(|| above_zero("/ml", fluid.ml)),
        Logged::EquipmentChecked(equipment) => {
            words("/probe", &equipment.probe).or_else(|| words("/lot", &equipment.lot))
        }
        Logged::FreezeStopped(stop) => range("/tip_c", stop.tip_c, TEMPERATURES_C)
            .or_else(|| range("/skin_c", stop.skin_c, TEMPERATURES_C))
            .or_else(|| range("/ice_length_mm", stop.ice_length_mm, (0.0, LONGEST_MM)))
            .or_else(|| range("/ice_width_mm", stop.ice_width_mm, (0.0, LONGEST_MM))),
        Logged::Thawed(thaw) => {
            above_zero("/seconds", thaw.seconds).or_else(|| range("/tip_c", thaw.tip_c, TEMPERATURES_C))
        }
        Logged::MotorTested(test) => powers("/power", &test.power),
        Logged::Repositioned(moved) => words("/reason", &moved.reason),
        Logged::ProbeOut(out) => range("/tip_c", out.tip_c, TEMPERATURES_C),
        Logged::ProbeTornOut(torn) => {
            words("/words", &torn.words).or_else(|| range("/tip_c", torn.tip_c, TEMPERATURES_C))
        }
        Logged::SedativeGiven(given) => words("/drug", &given.drug).or_else(|| above_zero("/mg", given.mg)),
        Logged::Note(said) | Logged::Dressed(said) => words("", said),
        Logged::Positioned(_)
        | Logged::SkinPrepared(_)
        | Logged::NeedlePlaced(_)
        | Logged::FreezeStarted(_)
        | Logged::ComfortSaid(_)
        | Logged::Observed(_)
        | Logged::ImageStored(_)
        | Logged::TeamChanged(_) => None,
    }
}

/// Everything that is no answer, at once. What was not answered is open, and no problem.
fn of_answers(answers: &FollowUpAnswers, judging: &Judging) -> Result<(), Refused> {
    let problems = judging.pathway.questionnaires().unfit(judging.book, answers);
    if problems.is_empty() { Ok(()) } else { Err(Refused::Unfit { step: "answered", problems }) }
}

fn time_of_list(found: &str, judging: &Judging) -> Option<Problem> {
    let times = judging.book.follow_up_times();
    if times.iter().any(|row| row.id == found) {
        return None;
    }
    let known: Vec<&str> = times.iter().map(|row| row.id.as_str()).collect();
    Some(("/time", format!("found '{found}', expected one of {}", known.join(", "))))
}
