//! Probes: their shape, how they cool and where they lie.

use crate::protocol::Schedule;
use crate::table::TimeTable;
use crate::{SceneDirection, ScenePoint};

/// The shape of the end of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TipShape {
    /// Cut square.
    #[default]
    Flat,
    /// A half ball of the probe's radius. A probe with an active length of twice its radius and no shaft is a ball.
    Round,
    /// A cone whose height is twice its radius; its surface is cold like the rest of the active length.
    Cone,
    /// No end: the probe is cold along its whole axis, through the box and beyond. For problems in the plane; the tip
    /// is then any place on the axis inside the box.
    Endless,
}

/// What the shaft behind the active length does.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Shaft {
    /// No heat passes it.
    #[default]
    Insulated,
    /// It warms whatever is colder than this, and never cools.
    HeldAtLeast {
        /// Unit: °C.
        celsius: f64,
    },
}

/// The dimensions of a straight probe of circular cross-section.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbeShape {
    /// Outer radius. Unit: mm.
    pub radius_mm: f64,
    /// Length of the cold surface along the axis. Unit: mm.
    pub active_length_mm: f64,
    /// Length of the tip before the cold surface begins. Unit: mm.
    pub dead_tip_mm: f64,
    /// Length of the shaft behind the active length that lies in the scene. Unit: mm.
    pub shaft_length_mm: f64,
    /// Shape of the end.
    pub tip: TipShape,
    /// What the shaft does.
    pub shaft: Shaft,
}

impl ProbeShape {
    /// From the tip to the end of the shaft. Unit: mm.
    pub fn total_length_mm(&self) -> f64 {
        self.dead_tip_mm + self.active_length_mm + self.shaft_length_mm
    }
}

/// How a probe takes heat while the gas is on.
#[derive(Clone, Debug, PartialEq)]
pub enum Cooling {
    /// The temperature of the active surface by time since gas on. Unit: °C by s.
    Surface(TimeTable),
    /// A gas behind a film on the inside of the wall; the surface finds its own temperature.
    Film {
        /// Temperature of the gas by time since gas on. Unit: °C by s.
        gas_c: TimeTable,
        /// Heat transfer of the film, per outer area of the active length. Unit: W/(m2 K).
        film_w_per_m2_k: f64,
        /// The most heat the gas can take from the whole active length. Unit: W. Range: above 0; infinite for no limit.
        most_power_w: f64,
    },
}

/// A probe in a scene, with what it does over time.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneProbe {
    /// What it is called.
    pub name: String,
    /// The very end of the probe.
    pub tip: ScenePoint,
    /// From the tip along the axis to the hub.
    pub towards_hub: SceneDirection,
    /// Dimensions.
    pub shape: ProbeShape,
    /// How it cools.
    pub cooling: Cooling,
    /// Temperature of the active surface during active thaw, by time since the phase began; needed only for that.
    pub warming: Option<TimeTable>,
    /// When it does what.
    pub schedule: Schedule,
}

/// The finest cell that treats a probe of this shape truly: three quarters of a millimetre or the probe's own
/// diameter, whichever is smaller, and never below 0.35 mm, because the links to the probe are exact at any size.
/// Unit: mm.
pub fn suggested_fine_mm(shape: &ProbeShape) -> f64 {
    (2.0 * shape.radius_mm).clamp(0.35, 0.75)
}
