//! A view of surfaces in space, seen from far away, so that lengths are true anywhere in it.

use frostline_space::{PatientDirection, PatientPoint};

use super::Drawn;
use super::mesh::Mesh;
use super::slice::{EdgeLabels, LegendEntry};

/// One surface.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewSurface {
    /// What it is.
    pub drawn: Drawn,
    /// Where it is.
    pub mesh: std::sync::Arc<Mesh>,
}

/// From where one looks. Without perspective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// What lies in the middle of the picture.
    pub centre: PatientPoint,
    /// From the eye to the centre.
    pub look: PatientDirection,
    /// Upwards in the picture; square to `look`.
    pub up: PatientDirection,
    /// Half the width of the picture. Unit: mm.
    pub half_width_mm: f64,
    /// Half the height of the picture. Unit: mm.
    pub half_height_mm: f64,
}

/// Surfaces and one camera.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneView {
    /// Surfaces, shared by all views of one scene.
    pub surfaces: Vec<ViewSurface>,
    /// From where.
    pub camera: Camera,
    /// What they are.
    pub legend: Vec<LegendEntry>,
    /// Directions at the rims.
    pub labels: EdgeLabels,
    /// Length of the scale bar. Unit: mm.
    pub scale_bar_mm: f64,
}
