//! What the solver is held to: every number it must meet, by one door.

mod check;
mod curves;
mod decay;
mod fine_runs;
mod finite_probes;
mod freezing_range;
mod invariants;
mod order;
mod poses;
mod probes;
mod quasi_steady;
mod radial;
pub mod reference;
mod sensitivity;
mod sinks;
mod slabs;

pub use check::{Check, Worst, as_text};
pub use fine_runs::{FINE_CASES, FineCase, FineNumbers};

use crate::{Backend, SolverSettings};

/// How much to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// A few coarse, short versions: seconds.
    Brief,
    /// Everything, at the resolution the numbers are stated for: minutes.
    Full,
}

/// The problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// V1: a half-space freezes from its wall.
    FreezingHalfSpace,
    /// V2: a line takes heat, along the grid and along its diagonal.
    LineSink,
    /// V3: a point takes heat.
    PointSink,
    /// V4: freezing over a range of temperatures, from a wall and around a line.
    FreezingRange,
    /// V5: the steady ice in perfused tissue.
    FrozenCore,
    /// V6: perfused tissue without freezing.
    Perfused,
    /// V7: liquid at freezing around a cold cylinder or ball.
    OnePhase,
    /// V8: probes that are cold from time zero.
    SteppedProbe,
    /// V9: smooth fields that decay, for the order in space and time.
    DecayingProduct,
    /// Probes with ends, against a fine axisymmetric answer.
    FiniteProbe,
    /// V11: latent heat, conductivity and lipid of the freezing curves.
    FreezingCurves,
    /// V12: what a change of one property does to the ice.
    Sensitivity,
    /// V10: energy, threads, symmetry, order, rotation.
    Invariants,
    /// R1: one needle, two freezes, at several offsets and tilts.
    Needle,
}

impl Problem {
    /// All of them, in the order they are reported.
    pub const ALL: [Problem; 14] = [
        Problem::FreezingHalfSpace,
        Problem::LineSink,
        Problem::PointSink,
        Problem::FreezingRange,
        Problem::FrozenCore,
        Problem::Perfused,
        Problem::OnePhase,
        Problem::SteppedProbe,
        Problem::DecayingProduct,
        Problem::FiniteProbe,
        Problem::FreezingCurves,
        Problem::Sensitivity,
        Problem::Invariants,
        Problem::Needle,
    ];

    /// The short name its numbers carry.
    pub fn code(self) -> &'static str {
        match self {
            Problem::FreezingHalfSpace => "V1",
            Problem::LineSink => "V2",
            Problem::PointSink => "V3",
            Problem::FreezingRange => "V4",
            Problem::FrozenCore => "V5",
            Problem::Perfused => "V6",
            Problem::OnePhase => "V7",
            Problem::SteppedProbe => "V8",
            Problem::DecayingProduct => "V9",
            Problem::FiniteProbe => "TIP",
            Problem::FreezingCurves => "V11",
            Problem::Sensitivity => "V12",
            Problem::Invariants => "V10",
            Problem::Needle => "R1",
        }
    }
}

/// Every number of the given problems.
pub fn conformance(problems: &[Problem], extent: Extent) -> Vec<Check> {
    conformance_on(Backend::Cpu, problems, extent)
}

/// The same numbers, solved by the CPU or a GPU.
///
/// # Panics
/// When that is not there; see [`gpu_available`](crate::gpu_available).
pub fn conformance_on(backend: Backend, problems: &[Problem], extent: Extent) -> Vec<Check> {
    problems.iter().flat_map(|problem| run(*problem, Suite { extent, backend })).collect()
}

/// How much to run, and on what.
#[derive(Clone, Copy, Debug)]
struct Suite {
    extent: Extent,
    backend: Backend,
}

impl Suite {
    #[cfg(test)]
    const BRIEF: Self = Self { extent: Extent::Brief, backend: Backend::Cpu };
    #[cfg(test)]
    const FULL: Self = Self { extent: Extent::Full, backend: Backend::Cpu };

    fn is_full(self) -> bool {
        self.extent == Extent::Full
    }

    /// How it computes: what it sets itself, everything else as the solver has it by default.
    #[allow(clippy::needless_update, reason = "the solver may be given more settings than the suite sets")]
    fn settings(self, step_s: f64, threads: usize, record_every_s: f64) -> SolverSettings {
        SolverSettings { step_s, threads, record_every_s, backend: self.backend, ..SolverSettings::default() }
    }
}

fn run(problem: Problem, suite: Suite) -> Vec<Check> {
    match problem {
        Problem::FreezingHalfSpace => slabs::freezing_half_space(suite),
        Problem::LineSink => sinks::line_sinks(suite),
        Problem::PointSink => sinks::point_sinks(suite),
        Problem::FreezingRange => freezing_range::freezing_ranges(suite),
        Problem::FrozenCore => probes::frozen_cores(suite),
        Problem::Perfused => slabs::perfused(suite),
        Problem::OnePhase => quasi_steady::one_phase(suite),
        Problem::DecayingProduct => decay::decays(suite),
        Problem::SteppedProbe => probes::stepped_probes(suite),
        Problem::FiniteProbe => finite_probes::finite_probes(suite),
        Problem::FreezingCurves => curves::freezing_curves(suite),
        Problem::Sensitivity => sensitivity::sensitivities(suite),
        Problem::Invariants => invariants::invariants(suite),
        Problem::Needle => reference::needle_twice(suite),
    }
}
