//! The answer: what happened everywhere and at named places.

use crate::ScenePoint;
use crate::field::{Field, Lattice, Values};
use crate::grid::SceneGrid;

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
    /// Largest diameter across the axis, anywhere along the cold length. Unit: mm.
    pub width_mm: f64,
    /// From end to end along the axis (beside the shaft where there is one); 0 for an endless probe. Unit: mm.
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
    /// Largest diameter across the axis of the first probe, anywhere along its cold length. Unit: mm.
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
    /// Stages of all passes of all steps.
    pub stages: u64,
    /// Cells that were worked on, stage by stage; fewer than cells times stages where warm cells had fewer stages.
    pub cell_updates: u64,
    /// Width of the smallest cell. Unit: mm.
    pub grid_mm: f64,
}

/// The whole field at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// When. Unit: s.
    pub at_s: f64,
    /// Temperature of each cell. Unit: °C.
    pub celsius: Vec<f32>,
    /// Temperature of each probe's surface; `None` while no heat passes it. Unit: °C.
    pub surface_c: Vec<Option<f64>>,
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
    /// Whole fields at the times that were asked for.
    pub snapshots: Vec<Snapshot>,
    /// What the probes did.
    pub probe_traces: Vec<ProbeTrace>,
    /// Where heat went.
    pub energy: EnergyBalance,
    /// What the run cost.
    pub counters: SolverCounters,
    /// How fields are read between cells.
    pub(crate) lattice: Lattice,
    pub(crate) coldest_surface_c: Vec<Option<f64>>,
    pub(crate) last_surface_c: Vec<Option<f64>>,
}

impl FreezeHistory {
    /// Coldest temperature ever at a place; `None` outside the grid and where no neighbouring cell holds tissue.
    /// Inside a probe that acted, the coldest temperature of its surface. Unit: °C.
    ///
    /// Cells of air, compress or blood, and cells that a probe covers, take no part in what is read in the tissue beside
    /// them; near a probe the reading follows the probe's own steady field (ln r beside a long one).
    pub fn coldest_at(&self, place: ScenePoint) -> Option<f64> {
        self.interpolated(&self.coldest_c, &self.coldest_surface_c, place)
    }

    /// When it was coldest at a place. Unit: s.
    pub fn coldest_time_at(&self, place: ScenePoint) -> Option<f64> {
        let surface_c = &vec![None; self.lattice.probes.len()];
        Field { lattice: &self.lattice, values: Values::Seconds(&self.coldest_at_s), surface_c }.at(place)
    }

    /// Temperature at the end at a place. Unit: °C.
    pub fn last_at(&self, place: ScenePoint) -> Option<f64> {
        self.interpolated(&self.last_c, &self.last_surface_c, place)
    }

    /// Temperature at time zero at a place. Unit: °C.
    pub fn start_at(&self, place: ScenePoint) -> Option<f64> {
        self.interpolated(&self.start_c, &vec![None; self.lattice.probes.len()], place)
    }

    /// Temperature of a snapshot at a place. Unit: °C.
    pub fn snapshot_at(&self, snapshot: &Snapshot, place: ScenePoint) -> Option<f64> {
        self.interpolated(&snapshot.celsius, &snapshot.surface_c, place)
    }

    /// The coldest value of a probe's own surface, in the order of the scene; `None` when it never acted. Unit: °C.
    pub fn coldest_surface_c(&self) -> &[Option<f64>] {
        &self.coldest_surface_c
    }

    fn interpolated(&self, values: &[f32], surface_c: &[Option<f64>], place: ScenePoint) -> Option<f64> {
        Field { lattice: &self.lattice, values: Values::Celsius(values), surface_c }.at(place)
    }
}
