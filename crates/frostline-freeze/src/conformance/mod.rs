//! What the solver is held to: every number it must meet, by one door.

mod check;
mod invariants;
mod probes;
pub mod reference;
mod slabs;

pub use check::{Check, as_text};

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
    /// V5: the steady ice in perfused tissue.
    FrozenCore,
    /// V6: perfused tissue without freezing.
    Perfused,
    /// V8: probes that are cold from time zero.
    SteppedProbe,
    /// V10: energy, threads, symmetry, order, rotation.
    Invariants,
    /// R1: one needle, two freezes, at several offsets and tilts.
    Needle,
}

impl Problem {
    /// All of them, in the order they are reported.
    pub const ALL: [Problem; 8] = [
        Problem::FreezingHalfSpace,
        Problem::LineSink,
        Problem::PointSink,
        Problem::FrozenCore,
        Problem::Perfused,
        Problem::SteppedProbe,
        Problem::Invariants,
        Problem::Needle,
    ];
}

/// Every number of the given problems.
pub fn conformance(problems: &[Problem], extent: Extent) -> Vec<Check> {
    problems.iter().flat_map(|problem| run(*problem, extent)).collect()
}

fn run(problem: Problem, extent: Extent) -> Vec<Check> {
    match problem {
        Problem::FreezingHalfSpace => slabs::freezing_half_space(extent),
        Problem::LineSink => probes::line_sinks(extent),
        Problem::PointSink => probes::point_sinks(extent),
        Problem::FrozenCore => probes::frozen_cores(extent),
        Problem::Perfused => slabs::perfused(extent),
        Problem::SteppedProbe => probes::stepped_probes(extent),
        Problem::Invariants => invariants::invariants(extent),
        Problem::Needle => reference::needle_twice(extent),
    }
}
