//! One thing that can be done, as a change of a plan.

use frostline_freeze::{Phase, PhaseKind, Schedule};
use serde::Serialize;

use crate::catalogue::Catalogues;
use crate::fluid::ProtectiveFluid;
use crate::plan::{PlanParts, PlannedProtocol};

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Change {
    /// Every freeze takes longer.
    FreezeLonger {
        /// By this factor.
        times: f64,
    },
    /// The last freeze is repeated after a thaw like the one before it.
    FreezeOnceMore,
    /// The probe is pulled back along its way.
    Withdraw {
        /// Unit: mm.
        mm: f64,
    },
    /// The probe is pushed on along its way.
    Advance {
        /// Unit: mm.
        mm: f64,
    },
    /// Something warm is laid on the skin.
    WarmSkin {
        /// Key in `data/surroundings.toml`.
        contact: String,
    },
    /// Fluid is injected.
    Inject {
        /// What it is to push away.
        away: String,
        /// Unit: ml.
        millilitres: f64,
        /// Where and how much.
        #[serde(skip)]
        fluid: ProtectiveFluid,
    },
    /// The probe is taken out and aimed once more as it was planned.
    Reinsert,
}

impl Change {
    /// For people.
    pub fn words(&self) -> String {
        match self {
            Change::FreezeLonger { times } => format!("freeze {times} times as long"),
            Change::FreezeOnceMore => "freeze once more".into(),
            Change::Withdraw { mm } => format!("withdraw {mm:.1} mm"),
            Change::Advance { mm } => format!("advance {mm:.1} mm"),
            Change::WarmSkin { contact } => format!("warm the skin ({contact})"),
            Change::Inject { away, millilitres, fluid } => {
                format!("inject {millilitres} ml at {} to push {away} away", fluid.place)
            }
            Change::Reinsert => "take it out and insert it again as planned".into(),
        }
    }

    /// How long the doing takes besides the freeze. Unit: s.
    pub(super) fn handling_s(&self, catalogues: &Catalogues) -> f64 {
        let rescue = &catalogues.protocols.rescue().value;
        match self {
            Change::FreezeLonger { .. } | Change::FreezeOnceMore => 0.0,
            Change::Withdraw { .. } | Change::Advance { .. } => rescue.move_s,
            Change::WarmSkin { .. } => rescue.warm_skin_s,
            Change::Inject { .. } => catalogues.surroundings.fluid().value.takes_s,
            Change::Reinsert => rescue.reinsert_s,
        }
    }

    /// The parts of a plan with the change made to one of its probes; what another insertion changes is not done here.
    pub(super) fn made(&self, mut parts: PlanParts, probe: usize) -> PlanParts {
        match self {
            Change::FreezeLonger { times } => parts.protocol = longer(&parts.protocol, *times),
            Change::FreezeOnceMore => parts.protocol = once_more(&parts.protocol),
            Change::Withdraw { mm } => shift(&mut parts, probe, -mm),
            Change::Advance { mm } => shift(&mut parts, probe, *mm),
            Change::WarmSkin { contact } => parts.skin_contact.clone_from(contact),
            Change::Inject { fluid, .. } => parts.fluid.push(*fluid),
            Change::Reinsert => {}
        }
        parts
    }
}

fn shift(parts: &mut PlanParts, probe: usize, deeper_mm: f64) {
    let Some(placement) = parts.placements.get_mut(probe) else { return };
    if let Some(inwards) = placement.way().direction() {
        placement.tip = placement.tip + inwards * deeper_mm;
    }
}

fn longer(protocol: &PlannedProtocol, times: f64) -> PlannedProtocol {
    let stretched = |p: &Phase| match p.kind {
        PhaseKind::Freeze => Phase { duration_s: times * p.duration_s, ..*p },
        PhaseKind::PassiveThaw | PhaseKind::ActiveThaw => *p,
    };
    let phases = protocol.schedule.phases.iter().map(stretched).collect();
    PlannedProtocol { name: format!("{}, freezes {times} times as long", protocol.name), schedule: Schedule { phases } }
}

fn once_more(protocol: &PlannedProtocol) -> PlannedProtocol {
    let mut phases = protocol.schedule.phases.clone();
    let last_of = |freeze: bool| phases.iter().rfind(|p| (p.kind == PhaseKind::Freeze) == freeze).copied();
    let freeze = last_of(true);
    // A single freeze has no thaw to copy; half of its own time lets the tissue give up its stored cold.
    let thaw =
        last_of(false).or(freeze.map(|f| Phase { kind: PhaseKind::PassiveThaw, duration_s: 0.5 * f.duration_s }));
    let ends_frozen = phases.last().is_some_and(|p| p.kind == PhaseKind::Freeze);
    phases.extend(thaw.filter(|_| ends_frozen));
    phases.extend(freeze);
    PlannedProtocol { name: format!("{}, once more", protocol.name), schedule: Schedule { phases } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_more_repeats_the_last_thaw_and_freeze() {
        let schedule =
            Schedule::of(&[(PhaseKind::Freeze, 90.0), (PhaseKind::PassiveThaw, 25.0), (PhaseKind::Freeze, 80.0)]);
        let more = once_more(&PlannedProtocol { name: "two".into(), schedule });
        assert_eq!(more.schedule.duration_s(), 90.0 + 25.0 + 80.0 + 25.0 + 80.0);
        let single = once_more(&PlannedProtocol { name: "one".into(), schedule: Schedule::one_freeze(60.0) });
        assert_eq!(single.schedule.switches_s(), [0.0, 60.0, 90.0, 150.0]);
    }

    #[test]
    fn only_freezes_become_longer() {
        let schedule = Schedule::of(&[(PhaseKind::Freeze, 90.0), (PhaseKind::ActiveThaw, 25.0)]);
        let longer = longer(&PlannedProtocol { name: "one".into(), schedule }, 2.0);
        assert_eq!(longer.schedule.switches_s(), [0.0, 180.0, 205.0]);
    }
}
