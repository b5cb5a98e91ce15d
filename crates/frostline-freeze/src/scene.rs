//! The question: what is where, how warm it starts, which probes do what.

use crate::ScenePoint;
use crate::grid::SceneGrid;
use crate::probe::SceneProbe;
use crate::scene_check::{SceneError, check};
use crate::tissue::Tissue;

/// Something with a fixed temperature: air, a compress, flowing blood.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// What it is called.
    pub name: String,
    /// Its temperature. Unit: °C.
    pub celsius: f64,
    /// Heat transfer of the film at its wall; infinite holds the wall itself at `celsius`. Unit: W/(m2 K).
    pub film_w_per_m2_k: f64,
}

/// What fills a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Medium {
    /// Something that conducts, stores heat and may freeze.
    Tissue(Tissue),
    /// Something with a fixed temperature behind a film.
    Held(Held),
}

/// What lies beyond a face of the box.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum OuterFace {
    /// No heat passes.
    #[default]
    Insulated,
    /// The face itself is held at a temperature.
    Held {
        /// Unit: °C.
        celsius: f64,
    },
}

/// Temperatures at time zero.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// The same everywhere.
    Uniform {
        /// Unit: °C.
        celsius: f64,
    },
    /// What perfusion, metabolism, films and faces settle to without any probe.
    Steady,
    /// One temperature per cell in storage order. Unit: °C.
    Cells(Vec<f32>),
}

/// Whether blood returns to tissue that was frozen and has thawed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Reperfusion {
    /// Stasis: once frozen, no perfusion and no metabolism for the rest of the run.
    #[default]
    Never,
    /// Perfusion and metabolism return as soon as the tissue is above freezing.
    OnThaw,
}

/// A place whose temperature is recorded over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensor {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub place: ScenePoint,
}

/// The parts of a scene, to be checked by [`FreezeScene::new`].
#[derive(Clone, Debug, PartialEq)]
pub struct SceneParts {
    /// Cells.
    pub grid: SceneGrid,
    /// Which of `media` fills each cell, in storage order.
    pub medium: Vec<u8>,
    /// What the cells may be filled with.
    pub media: Vec<Medium>,
    /// Temperature of the blood that perfuses. Unit: °C.
    pub arterial_c: f64,
    /// Temperatures at time zero.
    pub start: Start,
    /// Beyond the faces at least x, most x, least y, most y, least z, most z.
    pub outer: [OuterFace; 6],
    /// Whether blood returns after thaw.
    pub reperfusion: Reperfusion,
    /// Probes.
    pub probes: Vec<SceneProbe>,
    /// Places to record over time.
    pub sensors: Vec<Sensor>,
    /// Temperatures whose surfaces are followed. Unit: °C.
    pub isotherms_c: Vec<f64>,
    /// How long to simulate. Unit: s.
    pub duration_s: f64,
}

/// A question that can be answered: parts that were checked. Every number is finite, every property positive, every probe
/// in the box and clear of the others.
#[derive(Clone, Debug, PartialEq)]
pub struct FreezeScene {
    parts: SceneParts,
}

impl FreezeScene {
    /// Checks the parts.
    ///
    /// # Errors
    /// [`SceneError`] with what was found, what was expected and what to do.
    pub fn new(parts: SceneParts) -> Result<Self, SceneError> {
        check(&parts)?;
        Ok(Self { parts })
    }

    /// What the scene is made of.
    pub fn parts(&self) -> &SceneParts {
        &self.parts
    }

    /// Its cells.
    pub fn grid(&self) -> &SceneGrid {
        &self.parts.grid
    }
}
