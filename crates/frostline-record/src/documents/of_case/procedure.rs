//! What was done, as the log has it.

use std::collections::BTreeMap;

use super::Surroundings;
use super::before::{known_before, recovery_of};
use super::events::events;
use super::log_lines::{image_word, log_of};
use super::patient::{done_at, is_the_patient, newest};
use super::plan::overrides;
use super::strength::strength_of;
use crate::case::steps::{AnaestheticGiven, FreezeStop, Logged};
use crate::case::{Case, Freeze, Happened, Item, ItemList, Judging, RoomPhase, Second, Step};
use crate::documents::calendar::{Date, LocalTime};
use crate::documents::clinical_inputs::*;
use crate::documents::document::Language;
use crate::documents::inputs::Signed;
use crate::rules::{Answer, Guidance};
use crate::schedule::ScheduleSettings;

/// What the log says was done.
pub fn procedure_of(case: &Case, judging: &Judging, around: &Surroundings) -> ProcedureInputs {
    let needle = case.log().find(|(_, logged)| matches!(logged, Logged::NeedlePlaced(_)));
    let signed = newest(case, |step| matches!(step, Step::ReportSigned(_)));
    let strength = strength_of(case);
    let out = case.sign_out();
    let mut inputs = ProcedureInputs {
        started_at: needle.map(|(signed, _)| around.local(signed.at.moment())),
        done_at: done_at(case, around),
        team: team(case),
        guidance: case.plan().map(|plan| guidance_word(plan.guidance).to_owned()),
        anaesthetics: anaesthetics(case, judging, around),
        freezes: case.freezes().iter().map(|freeze| freeze_line(freeze, judging, around)).collect(),
        power: strength.lines,
        comfort: comfort(case, around),
        phases: phases(case),
        events: events(case, judging),
        pain_before: case.baseline_exam().and_then(|exam| exam.pain).map(|pain| pain.score().to_string()),
        pain_after: case.recovery().and_then(|look| look.pain).map(|pain| pain.score().to_string()),
        signed: signed
            .map(|signed| Signed { name: signed.by.name.clone(), at: Some(around.local(signed.at.moment())) }),
        overrides: overrides(case, judging),
        log: log_of(case, judging, around),
        recovery: recovery_of(case, around),
        checklists: checklists(case, judging),
        before: known_before(case, judging, around),
        consent: consent(case, around),
        blood_loss: out.and_then(|list| list.blood_loss_ml).map(|ml| format!("{ml} mL")),
        fluoroscopy: out.and_then(|list| list.fluoroscopy_s).map(|seconds| format!("{seconds} s")),
        dose_area: out.and_then(|list| list.dose_area_mgy_cm2).map(|dose| format!("{dose} mGy cm²")),
        ..ProcedureInputs::default()
    };
    case.log().for_each(|(_, logged)| add(&mut inputs, logged));
    inputs
}

/// Who signed the consent that stands, and in whose place.
fn consent(case: &Case, around: &Surroundings) -> Option<String> {
    let consent = case.consent()?;
    let signed = newest(case, |step| matches!(step, Step::Consented(_)))?;
    let patient = case.referral().map(|referral| &referral.patient);
    let whose = match patient {
        Some(patient) if is_the_patient(&consent.signed_by, patient) => "the patient".to_owned(),
        Some(patient) => format!("for the patient {}", patient.name()),
        None => "not known for whom".to_owned(),
    };
    let at = around.local(signed.at.moment()).words(Language::English);
    Some(format!("{} ({whose}), {at}", consent.signed_by))
}

/// Every item that was answered, in the order of the lists; an item that the lists do not have keeps its key.
fn checklists(case: &Case, judging: &Judging) -> Vec<ChecklistLine> {
    let lists = [
        ("Sign-in", ItemList::SignIn, case.sign_in().map(|list| &list.answers)),
        ("Time-out", ItemList::TimeOut, case.time_out().map(|list| &list.answers)),
        ("Sign-out", ItemList::SignOut, case.sign_out().map(|list| &list.answers)),
    ];
    let lines =
        lists.into_iter().filter_map(|(name, list, answers)| Some((name, judging.pathway.items(list), answers?)));
    let line = |(name, items, answers): (&str, &[Item], &BTreeMap<String, Answer>)| {
        let named =
            |key: &str| items.iter().find(|item| item.id == key).map_or(key, |item| item.text.as_str()).to_owned();
        let answered = |(key, answer): (&String, &Answer)| ChecklistLine {
            list: name.to_owned(),
            item: named(key),
            answer: answer.word().to_owned(),
        };
        answers.iter().map(answered).collect::<Vec<_>>()
    };
    lines.flat_map(line).collect()
}

fn comfort(case: &Case, around: &Surroundings) -> Vec<ComfortLine> {
    let said = case.log().filter_map(|(line, logged)| match logged {
        Logged::ComfortSaid(said) => Some(ComfortLine {
            at: around.local(line.at.moment()),
            discomfort: said.discomfort.score().to_string(),
            cold: said.cold.map(|cold| cold.score().to_string()),
            words: said.words.clone(),
        }),
        _ => None,
    });
    said.collect()
}

/// The parts of the time in the room, beside what the slot plans for them and what was booked for the whole.
fn phases(case: &Case) -> Vec<PhaseLine> {
    let settings = ScheduleSettings::bundled().ok();
    let planned = settings.zip(case.plan()).map(|(settings, plan)| {
        let gas_s = f64::from(plan.cycles) * (plan.freeze_s + plan.thaw_s);
        settings.room_plan(gas_s)
    });
    let whole = |minutes: f64| minutes.round() as i64;
    let line = |(phase, minutes): (RoomPhase, i64)| {
        let (phase, planned) = match phase {
            RoomPhase::GettingReady => ("Sign-in to first needle", planned.map(|plan| whole(plan.getting_ready))),
            RoomPhase::Procedure => ("First needle to probe out", planned.map(|plan| whole(plan.procedure))),
            RoomPhase::Closing => ("Probe out to sign-out", planned.map(|plan| whole(plan.closing))),
            RoomPhase::Whole => ("Sign-in to sign-out", case.booking().map(|booking| i64::from(booking.minutes))),
        };
        PhaseLine { phase: phase.to_owned(), minutes, planned }
    };
    case.phases().into_iter().map(line).collect()
}

/// What one line of the log adds to the set-up.
fn add(inputs: &mut ProcedureInputs, logged: &Logged) {
    match logged {
        Logged::Positioned(position) => {
            inputs.position = Some(format!("{}, padded: {}", position.lies, position.padding));
        }
        Logged::SkinPrepared(skin) => inputs.skin_preparation = Some(skin.agent.clone()),
        Logged::EquipmentChecked(equipment) => inputs.probes.push(ProbeLine {
            model: equipment.probe.clone(),
            lot: Some(equipment.lot.clone()),
            expiry: equipment.probe_until.map(Date::of),
        }),
        Logged::Stimulated(done) => {
            let place = done.where_felt.as_deref().map_or(String::new(), |words| format!(" ({words})"));
            let words = format!("{} Hz, {} V: answered {}{place}", done.hz, done.volts, done.answered.word());
            inputs.stimulation = Some(joined(inputs.stimulation.take(), words));
        }
        Logged::FluidGiven(fluid) => {
            let words = format!("{} {} mL, protects {}", fluid.fluid, fluid.ml, fluid.protects);
            inputs.fluid = Some(joined(inputs.fluid.take(), words));
        }
        Logged::ImageStored(image) => {
            let shows = image.shows.as_deref().map_or(String::new(), |shows| format!(": {shows}"));
            inputs.images.push(format!("{}{shows}", image_word(image.kind)));
        }
        Logged::Dressed(words) => inputs.dressing = Some(words.clone()),
        Logged::ProbeTornOut(torn) => inputs.deviations.push(format!("The probe came out of ice: {}", torn.words)),
        Logged::Repositioned(moved) => inputs.deviations.push(format!("Probe moved: {}", moved.reason)),
        Logged::NeedlePlaced(needle) => inputs
            .deviations
            .extend(needle.off_plan_mm.map(|mm| format!("The tip lies {mm} mm from where it was planned."))),
        // Tables of their own, or the log alone; all of them stand there.
        Logged::AnaestheticGiven(_)
        | Logged::FreezeStarted(_)
        | Logged::FreezeStopped(_)
        | Logged::Thawed(_)
        | Logged::MotorTested(_)
        | Logged::ComfortSaid(_)
        | Logged::ProbeOut(_)
        | Logged::TeamChanged(_)
        | Logged::SedativeGiven(_)
        | Logged::Observed(_)
        | Logged::Note(_) => {}
    }
}

fn joined(before: Option<String>, words: String) -> String {
    before.map_or(words.clone(), |before| format!("{before}; {words}"))
}

fn guidance_word(guidance: Guidance) -> &'static str {
    match guidance {
        Guidance::Ultrasound => "ultrasound",
        Guidance::Ct => "computed tomography",
        Guidance::Mr => "magnetic resonance",
        Guidance::Fluoroscopy => "fluoroscopy",
    }
}

fn team(case: &Case) -> Vec<TeamLine> {
    let people = case.booking().map(|booking| booking.team.as_slice()).unwrap_or_default();
    people.iter().map(|person| TeamLine { role: person.role.word().to_owned(), name: person.name.clone() }).collect()
}

/// When a line was written down, where that was long after it happened.
pub(super) fn written_late(at: Second, signed: Second, judging: &Judging, around: &Surroundings) -> Option<LocalTime> {
    const SECONDS_PER_MINUTE: i64 = 60;
    let minutes = signed.seconds_since(at).div_euclid(SECONDS_PER_MINUTE);
    (minutes > judging.pathway.late_after_minutes()).then(|| around.local(signed.moment()))
}

fn anaesthetics(case: &Case, judging: &Judging, around: &Surroundings) -> Vec<DoseLine> {
    let line = |(line, given): (Happened, &AnaestheticGiven), shares: Option<f64>| DoseLine {
        drug: format!("{} {} %", given.drug, given.concentration_percent),
        amount: format!("{} mL", given.volume_ml),
        // L-02 gives per cent already.
        of_maximum: shares.map(|share| format!("{share:.0} %")),
        at: Some(around.local(line.at.moment())),
        written: written_late(line.at, line.signed.at, judging, around),
    };
    let doses: Vec<(Happened, &AnaestheticGiven)> = case
        .log()
        .filter_map(|(line, logged)| match logged {
            Logged::AnaestheticGiven(given) => Some((line, given)),
            _ => None,
        })
        .collect();
    let running = case.running_shares(judging);
    let share = |n: u64| running.iter().find(|(number, _)| *number == n).and_then(|(_, share)| share.known());
    doses.into_iter().map(|dose| line(dose, share(dose.0.number))).collect()
}

fn freeze_line(freeze: &Freeze, judging: &Judging, around: &Surroundings) -> FreezeLine {
    let size = |stop: &FreezeStop| match (stop.ice_width_mm, stop.ice_length_mm) {
        (Some(width), Some(length)) => Some(format!("{width} mm by {length} mm")),
        (Some(one), None) | (None, Some(one)) => Some(format!("{one} mm")),
        (None, None) => None,
    };
    FreezeLine {
        // The log has no place along the nerve.
        place: "not known".to_owned(),
        start: Some(around.local(freeze.start.moment())),
        written: written_late(freeze.start, freeze.signed, judging, around),
        lasted: freeze.stop.map(|(stop, _)| format!("{} s", stop.seconds_since(freeze.start))),
        tip: freeze.stop.and_then(|(_, stop)| stop.tip_c).map(|tip| format!("{tip} °C")),
        ice: freeze.stop.and_then(|(_, stop)| size(stop)),
        thaw: freeze.thaw.map(|thaw| {
            let how = match thaw.active {
                Answer::Yes => ", active",
                Answer::No => ", passive",
                Answer::NotAsked => "",
            };
            format!("{} s{how}", thaw.seconds)
        }),
    }
}
