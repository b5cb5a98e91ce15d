//! When the placements of a plan freeze: all at once, or one after the other with one probe that is moved.

use frostline_freeze::{Phase, PhaseKind, Schedule};
use serde::Serialize;

use super::{Plan, PlanError, PlanParts, ProbePlacement};
use crate::catalogue::Catalogues;

/// Whether every placement has a probe of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Sequence {
    /// It has, and all freeze at once.
    #[default]
    Together,
    /// One probe goes from place to place, in the order of the placements; each place gets the whole protocol.
    Moved {
        /// From the end of the protocol at one place to the gas at the next. Unit: s.
        handling_s: f64,
    },
}

/// Nobody moves a probe in less, and in half an hour the first place is warm again. Unit: s.
const HANDLING_S: (f64, f64) = (1.0, 1800.0);
/// A tip this near to the shaft before lies in its puncture. Unit: mm.
const SAME_WAY_MM: f64 = 0.2;
/// Shafts that differ by less are one. Unit: degrees.
const SAME_WAY_DEG: f64 = 0.5;
/// Between the place that is left and the tip of a probe that was withdrawn, beyond two radii. The solver knows no two probes
/// that touch. Unit: mm.
const CLEAR_MM: f64 = 0.05;

impl Plan {
    /// Whether every placement has a probe of its own.
    pub fn sequence(&self) -> Sequence {
        self.parts.sequence
    }

    /// When the protocol begins at a placement, after the first gas of the plan. Unit: s.
    pub fn start_s(&self, number: usize) -> f64 {
        match self.parts.sequence {
            Sequence::Together => 0.0,
            Sequence::Moved { handling_s } => number as f64 * (self.parts.protocol.schedule.duration_s() + handling_s),
        }
    }

    /// From the first gas to the end of the last phase. Unit: s.
    pub fn duration_s(&self) -> f64 {
        let last = self.parts.placements.len().saturating_sub(1);
        self.start_s(last) + self.parts.protocol.schedule.duration_s()
    }

    /// What the gas does at a placement, from the first gas of the plan on.
    pub fn schedule_of(&self, number: usize) -> Schedule {
        let mut schedule = self.parts.protocol.schedule.clone();
        let duration_s = self.start_s(number);
        if duration_s > 0.0 {
            schedule.phases.insert(0, Phase { kind: PhaseKind::PassiveThaw, duration_s });
        }
        schedule
    }

    /// What the gas does, wherever the probe is; gas off while it is moved.
    pub fn gas(&self) -> Schedule {
        let Sequence::Moved { handling_s } = self.parts.sequence else { return self.parts.protocol.schedule.clone() };
        let one = &self.parts.protocol.schedule.phases;
        let moving = Phase { kind: PhaseKind::PassiveThaw, duration_s: handling_s };
        let again = (1..self.parts.placements.len()).flat_map(|_| std::iter::once(moving).chain(one.iter().copied()));
        Schedule { phases: one.iter().copied().chain(again).collect() }
    }

    /// How many probes are needed.
    pub fn probes_needed(&self) -> usize {
        match self.parts.sequence {
            Sequence::Together => self.parts.placements.len(),
            Sequence::Moved { .. } => 1,
        }
    }

    /// Holes in the skin made by probes.
    pub fn punctures(&self) -> usize {
        (0..self.parts.placements.len()).filter(|&n| self.withdrawn_mm(n).is_none()).count()
    }

    /// How far a probe was withdrawn along its way to come to this placement from the one before; `None` where it was put in
    /// anew. Unit: mm.
    pub fn withdrawn_mm(&self, number: usize) -> Option<f64> {
        withdrawn_mm(&self.parts, number)
    }
}

fn withdrawn_mm(parts: &PlanParts, number: usize) -> Option<f64> {
    if parts.sequence == Sequence::Together {
        return None;
    }
    let (before, now) = (parts.placements.get(number.checked_sub(1)?)?, parts.placements.get(number)?);
    let (way, direction) = (before.way(), before.way().direction()?);
    let is_parallel = now.way().direction()?.dot(direction) > SAME_WAY_DEG.to_radians().cos();
    let back_mm = (before.tip - now.tip).dot(direction.as_vector());
    let is_on_it = way.distance_mm(now.tip) < SAME_WAY_MM && back_mm > 0.0;
    (is_parallel && is_on_it).then_some(back_mm)
}

/// The least a probe can be withdrawn for both places to be told apart by the solver. Unit: mm.
pub(crate) fn least_withdrawn_mm(shape: &frostline_freeze::ProbeShape) -> f64 {
    shape.dead_tip_mm + shape.active_length_mm + 2.0 * shape.radius_mm + CLEAR_MM
}

/// Where a placement that comes to lie elsewhere leaves the tip of a probe that is withdrawn along it.
pub(crate) fn withdrawn(before: &ProbePlacement, by_mm: f64) -> ProbePlacement {
    let back = before.way().direction().map_or(before.tip, |deeper| before.tip - deeper * by_mm);
    ProbePlacement { tip: back, ..before.clone() }
}

/// What must hold of the sequence of a plan whose placements are sound.
pub(super) fn check(parts: &PlanParts, catalogues: &Catalogues) -> Result<(), PlanError> {
    let Sequence::Moved { handling_s } = parts.sequence else { return Ok(()) };
    let (least_s, most_s) = HANDLING_S;
    if !(least_s..=most_s).contains(&handling_s) {
        return Err(PlanError::BadHandling { found_s: handling_s, least_s, most_s });
    }
    let first = &parts.placements[0].probe;
    if parts.placements.len() < 2 {
        return Err(PlanError::NowhereToMove);
    }
    if let Some(n) = parts.placements.iter().position(|p| p.probe != *first) {
        let found = parts.placements[n].probe.clone();
        return Err(PlanError::AnotherProbe { number: n + 1, found, first: first.clone() });
    }
    let least_mm = catalogues.probes.find(first).and_then(|p| p.shape().ok()).map_or(0.0, |s| least_withdrawn_mm(&s));
    for number in 1..parts.placements.len() {
        if let Some(found_mm) = withdrawn_mm(parts, number).filter(|mm| *mm < least_mm) {
            return Err(PlanError::WithdrawnTooLittle { number: number + 1, found_mm, least_mm });
        }
    }
    Ok(())
}
