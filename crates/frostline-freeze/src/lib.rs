//! Heat and ice in tissue around cold probes, in three dimensions.
//!
//! Knows: tissue that freezes over a range of temperatures, blood flow that stops in ice, probes thinner than a cell,
//! surfaces behind a film of air or water, time, and exact solutions to be judged by.
//! Does not know: what any of it is for. Opens no file, reads no clock, prints nothing.
//!
//! A question is a [`FreezeScene`], the answer a [`FreezeHistory`], and [`simulate`] leads from one to the other.

mod accuracy;
pub mod conformance;
pub mod exact;
mod field;
mod grid;
mod history;
mod isotherm;
mod probe;
mod protocol;
mod scene;
mod scene_check;
mod solver;
mod table;
mod tissue;

pub use accuracy::{Ended, EstimateError, Estimated, SensorError, SurfaceError, Tolerance, simulate_within};
pub use field::radius_along;
pub use grid::{GridError, SceneBox, SceneGrid};
pub use history::{
    EnergyBalance, FreezeHistory, IsothermRecord, ProbeExtent, ProbeTrace, SensorTrace, Snapshot, SolverCounters,
    TimeBelow,
};
pub use probe::{Cooling, ProbeShape, SceneProbe, Shaft, TipShape, suggested_fine_mm};
pub use protocol::{Phase, PhaseKind, Schedule};
pub use scene::{FreezeScene, Held, Medium, OuterFace, Reperfusion, SceneParts, Sensor, Start};
pub use scene_check::SceneError;
#[cfg(feature = "gpu")]
pub use solver::Gpu;
pub use solver::{
    Backend, Continue, Progress, SimulateError, SolverSettings, gpu_available, simulate, simulate_keeping,
    simulate_many,
};
pub use table::{TableError, TemperatureTable, TimeTable};
pub use tissue::{Freezing, LipidMelting, Tissue};

/// The frame of a scene: right-handed, millimetres, origin and axes chosen by whoever builds the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {}

/// A place in a scene. Unit: mm.
pub type ScenePoint = frostline_space::Point<Scene>;
/// A displacement in a scene. Unit: mm.
pub type SceneVector = frostline_space::Vector<Scene>;
/// A direction in a scene.
pub type SceneDirection = frostline_space::Direction<Scene>;
