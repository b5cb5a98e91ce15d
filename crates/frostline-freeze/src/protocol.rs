//! What the gas does over time: freeze, thaw, repeat.

/// What a probe does during one phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseKind {
    /// Gas on: the active surface is cooled. The clock of the cooling table starts at the beginning of the phase.
    Freeze,
    /// Gas off: no heat passes the wall of the probe.
    PassiveThaw,
    /// The active surface is warmed by the probe's `warming` table; its clock starts at the beginning of the phase.
    ActiveThaw,
}

/// One phase of a schedule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phase {
    /// What the probe does.
    pub kind: PhaseKind,
    /// For how long. Unit: s.
    pub duration_s: f64,
}

/// The phases of one probe, one after the other from time zero; afterwards the gas is off.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Schedule {
    /// In order.
    pub phases: Vec<Phase>,
}

impl Schedule {
    /// A schedule of phases given as (kind, duration in s).
    pub fn of(phases: &[(PhaseKind, f64)]) -> Self {
        Self { phases: phases.iter().map(|&(kind, duration_s)| Phase { kind, duration_s }).collect() }
    }

    /// One freeze from time zero.
    pub fn one_freeze(duration_s: f64) -> Self {
        Self::of(&[(PhaseKind::Freeze, duration_s)])
    }

    /// Time of the last switch. Unit: s.
    pub fn duration_s(&self) -> f64 {
        self.phases.iter().map(|p| p.duration_s).sum()
    }

    /// What the probe does just after `time_s`, and since when (s); gas off after the last phase.
    pub fn at(&self, time_s: f64) -> (PhaseKind, f64) {
        let mut start_s = 0.0;
        for phase in &self.phases {
            if time_s < start_s + phase.duration_s {
                return (phase.kind, start_s);
            }
            start_s += phase.duration_s;
        }
        (PhaseKind::PassiveThaw, start_s)
    }

    /// Times at which the probe changes what it does, time zero included. Unit: s.
    pub fn switches_s(&self) -> Vec<f64> {
        let mut times = vec![0.0];
        let mut now_s = 0.0;
        for phase in &self.phases {
            now_s += phase.duration_s;
            times.push(now_s);
        }
        times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_tells_the_phase_and_when_it_began() {
        let schedule =
            Schedule::of(&[(PhaseKind::Freeze, 180.0), (PhaseKind::PassiveThaw, 120.0), (PhaseKind::Freeze, 180.0)]);
        assert_eq!(schedule.at(0.0), (PhaseKind::Freeze, 0.0));
        assert_eq!(schedule.at(180.0), (PhaseKind::PassiveThaw, 180.0));
        assert_eq!(schedule.at(479.9), (PhaseKind::Freeze, 300.0));
        assert_eq!(schedule.at(480.0), (PhaseKind::PassiveThaw, 480.0));
        assert_eq!(schedule.duration_s(), 480.0);
        assert_eq!(schedule.switches_s(), vec![0.0, 180.0, 300.0, 480.0]);
    }
}
