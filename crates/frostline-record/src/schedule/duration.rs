//! How long the room is taken: from the nerves of the plan and their freezes.

use frostline_freeze::{PhaseKind, Schedule};
use frostline_plan::catalogue::{Sourced, Status};
use serde::Serialize;

use super::settings::{Minutes, ScheduleSettings};
use crate::case::steps::PlanRecord;

/// One nerve that is to be frozen, and what the gas does there.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedNerve {
    /// Key in the atlas.
    pub nerve: String,
    /// Its freezes and thaws.
    pub gas: Schedule,
}

impl PlannedNerve {
    /// What a plan of a case freezes.
    pub fn of_plan(plan: &PlanRecord) -> Self {
        let cycle = [(PhaseKind::Freeze, plan.freeze_s), (PhaseKind::PassiveThaw, plan.thaw_s)];
        let phases: Vec<(PhaseKind, f64)> = (0..plan.cycles).flat_map(|_| cycle).collect();
        Self { nerve: plan.nerve.clone(), gas: Schedule::of(&phases) }
    }

    /// How many freezes: what a cylinder is asked for.
    pub fn freezes(&self) -> u32 {
        self.gas.phases.iter().filter(|phase| phase.kind == PhaseKind::Freeze).count() as u32
    }
}

/// One part of a slot, to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlotPart {
    /// What.
    pub what: String,
    /// How long.
    pub minutes: f64,
    /// Key in `data/sources.toml`; `plan` for the times of the gas.
    pub source: String,
    /// How the number came from there.
    pub status: Status,
}

/// How the length compares with what is usual.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LengthAlarm {
    /// As usual.
    Usual,
    /// Shorter than usual; something may be missing from the plan.
    Short {
        /// Unit: min.
        usual_from: f64,
    },
    /// Longer than usual; think of two sessions or a longer slot.
    Long {
        /// Unit: min.
        usual_to: f64,
    },
}

/// How long a session takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlotLength {
    /// Every part, in order.
    pub parts: Vec<SlotPart>,
    /// From setting up to the dressing. Unit: min.
    pub procedure_minutes: f64,
    /// What the room is booked for: the procedure and the turnover, in whole steps. Unit: min.
    pub room_minutes: i64,
    /// The turnover at the end of it, when the patient has left. Unit: min.
    pub turnover_minutes: i64,
    /// Against what is usual.
    pub alarm: LengthAlarm,
}

/// What a slot for one nerve plans for the parts of the time in the room. The turnover is none of them. Unit: min.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoomPlan {
    /// Room and devices, consent and time-out, looking for the nerve, local anaesthetic.
    pub getting_ready: f64,
    /// The probe, its freezes and thaws, power and feeling.
    pub procedure: f64,
    /// The dressing.
    pub closing: f64,
}

/// A plan without a nerve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSlotLength {
    /// Nothing is frozen.
    #[error("found no nerve, expected at least one; choose the nerve before a time is booked")]
    NoNerve,
    /// Nothing is frozen there.
    #[error("found a nerve without a freeze, expected at least one; choose a protocol before a time is booked")]
    NoFreeze,
}

impl ScheduleSettings {
    /// How long a session for these nerves takes.
    ///
    /// # Errors
    /// [`NoSlotLength`] when there is no nerve, or one without a freeze.
    pub fn slot_minutes(&self, nerves: &[PlannedNerve]) -> Result<SlotLength, NoSlotLength> {
        if nerves.is_empty() {
            return Err(NoSlotLength::NoNerve);
        }
        if nerves.iter().any(|nerve| nerve.freezes() == 0) {
            return Err(NoSlotLength::NoFreeze);
        }
        let parts = self.parts(nerves);
        let procedure_minutes = parts.iter().map(|part| part.minutes).sum::<f64>();
        let turnover = self.minutes.turnover.value.minutes;
        let step = self.minutes.step.value.minutes;
        let room_minutes = (((procedure_minutes + turnover) / step).ceil() * step).ceil() as i64;
        let (usual_from, usual_to) = (self.usual.shortest.value.minutes, self.usual.longest.value.minutes);
        let alarm = match procedure_minutes {
            minutes if minutes > usual_to => LengthAlarm::Long { usual_to },
            minutes if minutes < usual_from => LengthAlarm::Short { usual_from },
            _ => LengthAlarm::Usual,
        };
        Ok(SlotLength { parts, procedure_minutes, room_minutes, turnover_minutes: turnover.ceil() as i64, alarm })
    }

    /// What is planned for the parts of the time in the room, for one nerve whose freezes and thaws last `gas_s`. Unit: s.
    pub fn room_plan(&self, gas_s: f64) -> RoomPlan {
        let minutes = &self.minutes;
        let of = |rows: &[&Sourced<Minutes>]| rows.iter().map(|row| row.value.minutes).sum::<f64>();
        RoomPlan {
            getting_ready: of(&[&minutes.setup, &minutes.consent_and_time_out, &minutes.scan, &minutes.anaesthetic]),
            procedure: of(&[&minutes.placing, &minutes.checks]) + gas_s / SECONDS_PER_MINUTE,
            closing: of(&[&minutes.dressing]),
        }
    }

    /// Everything before the turnover.
    fn parts(&self, nerves: &[PlannedNerve]) -> Vec<SlotPart> {
        let minutes = &self.minutes;
        let part = |what: &str, row: &Sourced<Minutes>| SlotPart {
            what: what.to_owned(),
            minutes: row.value.minutes,
            source: row.source.clone(),
            status: row.status,
        };
        let mut parts = vec![
            part("room and devices", &minutes.setup),
            part("consent and time-out", &minutes.consent_and_time_out),
            part("looking for the nerve", &minutes.scan),
            part("local anaesthetic", &minutes.anaesthetic),
        ];
        for nerve in nerves {
            parts.push(part(&format!("placing the probe: {}", nerve.nerve), &minutes.placing));
            parts.push(SlotPart {
                what: format!("{} freezes and thaws: {}", nerve.freezes(), nerve.nerve),
                minutes: nerve.gas.duration_s() / SECONDS_PER_MINUTE,
                source: "plan".to_owned(),
                status: Status::Computed,
            });
            parts.push(part(&format!("power and feeling: {}", nerve.nerve), &minutes.checks));
        }
        parts.push(part("dressing", &minutes.dressing));
        parts
    }
}

const SECONDS_PER_MINUTE: f64 = 60.0;
