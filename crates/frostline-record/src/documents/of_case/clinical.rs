//! The documents for clinicians and payers: the plan, what was done, what is claimed.

use super::patient::{done_at, drugs_after, follow_up, newest, weak};
use super::{Surroundings, leg};
use crate::adverse::Grades;
use crate::case::steps::{
    AdverseEvent, AnaestheticGiven, EventSettled, EventTreatment, FreezeStop, Logged, MotorMargin, PlanRecord,
};
use crate::case::{Case, Freeze, Happened, Judging, RoomPhase, Second, Step};
use crate::documents::calendar::{Date, LocalTime};
use crate::documents::clinical_inputs::*;
use crate::documents::inputs::Signed;
use crate::rules::{Answer, Guidance};
use crate::schedule::ScheduleSettings;

const PERCENT: f64 = 100.0;

/// The plan that counts, as the record has it.
pub fn plan_of(case: &Case, judging: &Judging, around: &Surroundings) -> PlanInputs {
    let Some(plan) = case.plan() else { return PlanInputs::default() };
    let stands = case.approved_plan().is_some();
    let approved = case.effective().filter_map(|(signed, step)| match step {
        Step::PlanApproved(approval) if stands && approval.fingerprint == plan.fingerprint => {
            Some(Signed { name: signed.by.name.clone(), at: Some(around.local(signed.at.moment())) })
        }
        _ => None,
    });
    PlanInputs {
        verdict: Some(plan.verdict.to_uppercase()),
        verdict_sentence: Some(format!("{}.", plan.numbers().words())),
        predictions: predictions(plan),
        approved: approved.collect(),
        fingerprint: stands.then(|| format!("{} ({})", plan.fingerprint, plan.numbers().words())),
        overrides: overrides(case, judging),
    }
}

fn predictions(plan: &PlanRecord) -> Vec<PredictionLine> {
    let line = |what: &str, value: String| PredictionLine {
        what: what.to_owned(),
        value,
        compare: String::new(),
        level: None,
    };
    let known = |value: Option<f64>, unit: &str| value.map_or("not known".to_owned(), |v| format!("{v} {unit}"));
    let mut lines = vec![
        line("Probe", plan.probe.clone()),
        line("Freezes", format!("{} of {} s, thaws of {} s", plan.cycles, plan.freeze_s, plan.thaw_s)),
        line("Nerve disabled over its whole cross-section", known(plan.disabled_mm, "mm")),
        line("Coldest skin", known(plan.coldest_skin_c, "°C")),
    ];
    let motor =
        |margin: &MotorMargin| line(&format!("Ice to the nerve {}", margin.nerve), known(margin.margin_mm, "mm"));
    lines.extend(plan.motor.iter().map(motor));
    lines
}

fn overrides(case: &Case, judging: &Judging) -> Vec<OverrideLine> {
    let title = |rule: &crate::rules::RuleId| {
        let row = judging.book.rows().iter().find(|row| row.id == *rule);
        row.map_or(String::new(), |row| row.title.clone())
    };
    let lines = case.effective().filter_map(|(signed, step)| match step {
        Step::Overridden(request) => Some(OverrideLine {
            rule: request.rule.to_string(),
            said: title(&request.rule),
            reason: request.reason.clone(),
            by: signed.by.name.clone(),
        }),
        _ => None,
    });
    lines.collect()
}

/// What the log says was done.
pub fn procedure_of(case: &Case, judging: &Judging, around: &Surroundings) -> ProcedureInputs {
    let needle = case.log().find(|(_, logged)| matches!(logged, Logged::NeedlePlaced(_)));
    let signed = newest(case, |step| matches!(step, Step::ReportSigned(_)));
    let mut inputs = ProcedureInputs {
        started_at: needle.map(|(signed, _)| around.local(signed.at.moment())),
        done_at: done_at(case, around),
        team: team(case),
        guidance: case.plan().map(|plan| guidance_word(plan.guidance).to_owned()),
        anaesthetics: anaesthetics(case, judging, around),
        freezes: case.freezes().iter().map(|freeze| freeze_line(freeze, judging, around)).collect(),
        power: power(case),
        comfort: comfort(case, around),
        phases: phases(case),
        events: events(case, judging),
        pain_before: case.exam().and_then(|exam| exam.pain).map(|pain| pain.score().to_string()),
        pain_after: case.recovery().and_then(|look| look.pain).map(|pain| pain.score().to_string()),
        signed: signed
            .map(|signed| Signed { name: signed.by.name.clone(), at: Some(around.local(signed.at.moment())) }),
        overrides: overrides(case, judging),
        ..ProcedureInputs::default()
    };
    case.log().for_each(|(_, logged)| add(&mut inputs, logged));
    inputs
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
        Logged::ImageStored(image) => inputs.images.push(format!("{:?}", image.kind).to_lowercase()),
        Logged::Dressed(words) => inputs.dressing = Some(words.clone()),
        Logged::ProbeTornOut(torn) => inputs.deviations.push(format!("The probe came out of ice: {}", torn.words)),
        Logged::Repositioned(moved) => inputs.deviations.push(format!("Probe moved: {}", moved.reason)),
        Logged::NeedlePlaced(needle) => inputs
            .deviations
            .extend(needle.off_plan_mm.map(|mm| format!("The tip lies {mm} mm from where it was planned."))),
        _ => {}
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
fn written_late(at: Second, signed: Second, judging: &Judging, around: &Surroundings) -> Option<LocalTime> {
    const SECONDS_PER_MINUTE: i64 = 60;
    let minutes = signed.seconds_since(at).div_euclid(SECONDS_PER_MINUTE);
    (minutes > judging.pathway.late_after_minutes()).then(|| around.local(signed.moment()))
}

fn anaesthetics(case: &Case, judging: &Judging, around: &Surroundings) -> Vec<DoseLine> {
    let line = |(line, given): (Happened, &AnaestheticGiven), shares: Option<f64>| DoseLine {
        drug: format!("{} {} %", given.drug, given.concentration_percent),
        amount: format!("{} mL", given.volume_ml),
        of_maximum: shares.map(|share| format!("{:.0} %", share * PERCENT)),
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

fn power(case: &Case) -> Vec<PowerLine> {
    let before = case.exam().map(|exam| exam.power.as_slice()).unwrap_or_default();
    let after = case.recovery().map(|look| look.power.as_slice()).unwrap_or_default();
    let later = |muscle: &str| after.iter().find(|other| other.muscle == muscle)?.mrc;
    let line = |muscle: &crate::case::steps::MusclePower| PowerLine {
        muscle: muscle.muscle.clone(),
        before: muscle.mrc.map(|grade| grade.to_string()),
        after: later(&muscle.muscle).map(|grade| grade.to_string()),
    };
    before.iter().map(line).collect()
}

/// What was done about an event: in words, and each treatment.
fn managed(event: &AdverseEvent, settled: Option<&EventSettled>) -> Option<String> {
    let treated = event.treated.iter().chain(settled.into_iter().flat_map(|settled| &settled.treated));
    let treatment = |one: &EventTreatment| {
        let dose = one.dose.as_ref().map_or_else(String::new, |dose| format!(" {dose}"));
        let from = one.from.map_or_else(String::new, |day| format!(", from {day}"));
        let until = one.until.map_or_else(String::new, |day| format!(", until {day}"));
        format!("{}: {}{dose}{from}{until}", one.kind.word(), one.what)
    };
    let said: Vec<String> = event.done.iter().cloned().chain(treated.map(treatment)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// How bad an event was, on each scale that has its grade.
fn graded(event: &AdverseEvent, settled: Option<&EventSettled>, judging: &Judging) -> Option<String> {
    let severity = settled.map_or(&event.severity, |settled| &settled.severity);
    let grades = Grades::of(judging.book, judging.pathway.terms(), severity, event.expected);
    let said = [
        grades.cirse.map(|grade| format!("CIRSE {grade}")),
        grades.ctcae.map(|grade| format!("CTCAE {grade}")),
        grades.sir.map(|sir| format!("SIR {} ({})", sir.grade, sir.name)),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// Events; nothing known before the sign-out asked about complications.
fn events(case: &Case, judging: &Judging) -> Option<Vec<EventLine>> {
    let events = case.events();
    if events.is_empty() && case.sign_out().is_none() {
        return None;
    }
    let name = |key: &str| judging.pathway.terms().find(key).map_or_else(|| key.to_owned(), |term| term.name.clone());
    let line = |(event, settled): (&AdverseEvent, Option<&EventSettled>)| EventLine {
        what: format!("{}: {}", name(&event.term), event.words),
        grade: graded(event, settled, judging),
        done: managed(event, settled),
        outcome: settled.map(|settled| settled.words.clone()),
    };
    Some(events.into_iter().map(line).collect())
}

/// What the referrer is told.
pub fn letter_of(case: &Case, judging: &Judging, around: &Surroundings) -> LetterInputs {
    let procedure = procedure_of(case, judging, around);
    let referred = newest(case, |step| matches!(step, Step::Referred(_)));
    let referrer = case.referral().map(|referral| &referral.referrer);
    LetterInputs {
        to: referrer.map(|person| match &person.organisation {
            Some(organisation) => format!("{}, {organisation}", person.name),
            None => person.name.clone(),
        }),
        referred_on: referred.map(|signed| Date::of(signed.day)),
        reason: case.referral().map(|referral| referral.problem.clone()),
        block: block(case),
        done: case.report().map(|report| vec![report.words.clone()]).unwrap_or_default(),
        events: procedure.events,
        pain_before: procedure.pain_before,
        pain_after: procedure.pain_after,
        weak: weak(case),
        drugs: drugs_after(case, judging, around),
        follow_up: follow_up(case, judging),
        signed: procedure.signed,
    }
}

fn block(case: &Case) -> Option<String> {
    case.block().map(|block| match block {
        Ok(block) => {
            let relief = block.after.relief_percent(block.before);
            let relief = relief.map_or(String::new(), |percent| format!(", {percent:.0} % relief"));
            let (before, after) = (block.before.score(), block.after.score());
            format!("{}: pain from {before} to {after}{relief}", Date::of(block.on).iso())
        }
        Err(none) => format!("not done: {}", none.words),
    })
}

/// What a payer asks for: what the coder confirmed, else what the rules propose.
pub fn claim_of(case: &Case, judging: &Judging, around: &Surroundings) -> ClaimInputs {
    let indication = case.indication();
    let session = case.with_session(judging);
    let diagnoses = session.iter().filter_map(|case| case.indication()).flat_map(|one| &one.diagnoses);
    let mut coded: Vec<DiagnosisLine> = Vec::new();
    for line in diagnoses.map(|one| DiagnosisLine { code: one.code.clone(), text: one.text.clone() }) {
        if !coded.contains(&line) {
            coded.push(line);
        }
    }
    let failed = indication.map(|indication| indication.failed.as_slice()).unwrap_or_default();
    let profile = case.payer();
    let payer = judging.book.payer_profiles().iter().find(|payer| Some(payer.id.as_str()) == profile);
    let items = judging.book.note_items().iter();
    let answers = case.session_note(judging);
    let said = |id: &str| answers.iter().any(|(key, answer)| key == id && *answer == Answer::Yes);
    ClaimInputs {
        payer: payer.map(|payer| payer.name.clone()),
        position: None,
        lines: lines(case, judging),
        diagnoses: coded,
        treatments: failed.iter().map(treatment).collect(),
        block: block(case),
        note: items
            .map(|item| NoteLine { item: item.name.clone(), found: said(&item.id).then(|| "in the record".to_owned()) })
            .collect(),
        doubts: if case.coding().is_none() { vec!["No coder has confirmed the codes.".to_owned()] } else { Vec::new() },
        done_at: done_at(case, around),
        place_of_service: None,
        signed: None,
    }
}

fn lines(case: &Case, judging: &Judging) -> Vec<ClaimLine> {
    let Some((coding, site)) = case.coding().zip(case.site()) else { return Vec::new() };
    let others = case.session_sites(judging).into_iter().skip(1);
    vec![ClaimLine {
        code: coding.procedure_code.clone(),
        nerve: site.nerve.clone(),
        leg: Some(leg(site.side)),
        others: others.map(|site| ClaimPlace { leg: Some(leg(site.side)), nerve: site.nerve }).collect(),
        units: coding.units,
        modifiers: coding.modifiers.clone(),
    }]
}

fn treatment(line: &crate::case::steps::FailedLine) -> TreatmentLine {
    let weeks = line.weeks.map_or(String::new(), |weeks| format!(", {weeks} weeks"));
    let result = [&line.response, &line.why_stopped].into_iter().flatten().cloned().collect::<Vec<_>>();
    TreatmentLine {
        what: format!("{}{weeks}", line.name),
        from: None,
        to: None,
        result: (!result.is_empty()).then(|| result.join("; ")),
    }
}
