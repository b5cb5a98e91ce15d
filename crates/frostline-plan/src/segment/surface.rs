//! Where the skin is: along a line, and how deep a place lies under it.

use frostline_space::{Axis, Grid, PatientDirection, PatientPoint, Volume, distance_map_mm};

use crate::anatomy::{TissueKind, TissueMap};

/// Step along a ray; thinner folds than this may be passed over. Unit: mm.
const RAY_STEP_MM: f64 = 0.25;
/// The ray is followed this far; longer than any leg is thick. Unit: mm.
const RAY_LENGTH_MM: f64 = 600.0;
/// Halvings of a step: 0.25 mm / 2^10 is a quarter of a micrometre.
const HALVINGS: usize = 10;

/// The first place along a ray where it goes from outside into the body; `None` when it never does.
///
/// Coming from beyond the image into a limb that the border cuts is no entry: nothing is known of the skin there.
pub fn surface_point(tissues: &TissueMap, from: PatientPoint, direction: PatientDirection) -> Option<PatientPoint> {
    let steps = (RAY_LENGTH_MM / RAY_STEP_MM) as usize;
    let place = |n: f64| from + direction * (n * RAY_STEP_MM);
    let mut before = side(tissues, from);
    for n in 1..=steps {
        let here = side(tissues, place(n as f64));
        if before == RaySide::Outside && here == RaySide::Body {
            return Some(refined(tissues, place((n - 1) as f64), place(n as f64)));
        }
        before = here;
    }
    None
}

/// The place where a ray from inside the body first leaves it through skin; `None` when it leaves the image first.
pub fn skin_above(tissues: &TissueMap, inside: PatientPoint, outward: PatientDirection) -> Option<PatientPoint> {
    let steps = (RAY_LENGTH_MM / RAY_STEP_MM) as usize;
    let place = |n: usize| inside + outward * (n as f64 * RAY_STEP_MM);
    if side(tissues, inside) != RaySide::Body {
        return None;
    }
    for n in 1..=steps {
        match side(tissues, place(n)) {
            RaySide::Body => {}
            RaySide::Outside => return Some(refined(tissues, place(n), place(n - 1))),
            RaySide::Unknown => return None,
        }
    }
    None
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RaySide {
    Outside,
    Body,
    Unknown,
}

fn side(tissues: &TissueMap, place: PatientPoint) -> RaySide {
    match tissues.at(place) {
        None => RaySide::Unknown,
        Some(TissueKind::Outside) => RaySide::Outside,
        Some(_) => RaySide::Body,
    }
}

/// The body end of the crossing between a place outside and one in the body, halved until it no longer matters.
fn refined(tissues: &TissueMap, outside: PatientPoint, body: PatientPoint) -> PatientPoint {
    let (mut outside, mut body) = (outside, body);
    for _ in 0..HALVINGS {
        let middle = outside.towards(body, 0.5);
        if side(tissues, middle) == RaySide::Body {
            body = middle;
        } else {
            outside = middle;
        }
    }
    body
}

/// How deep a place lies under the nearest skin; 0 outside the body, `None` where nothing is known. Unit: mm.
///
/// Exact for the cells of the map: the distance to the nearest point of any outside cell. For many places of one image
/// make a [`DepthMap`] once.
pub fn depth_under_skin_mm(tissues: &TissueMap, place: PatientPoint) -> Option<f64> {
    match tissues {
        TissueMap::Layers(_) => Some(place.y.max(0.0)),
        // Under the skin as it was before the fluid.
        TissueMap::Displaced(pushed) => depth_under_skin_mm(pushed.before(), place),
        TissueMap::Voxels(volume) => {
            volume.nearest(place)?;
            let grid = volume.grid();
            let nearest = grid
                .cells()
                .zip(volume.values())
                .filter(|(_, tissue)| **tissue == TissueKind::Outside)
                .map(|(cell, _)| distance_to_cell_squared(grid, place, cell.centre()))
                .fold(f64::INFINITY, f64::min);
            nearest.is_finite().then(|| nearest.sqrt())
        }
    }
}

fn distance_to_cell_squared(grid: &Grid, place: PatientPoint, centre: frostline_space::VoxelPoint) -> f64 {
    let at = grid.voxel_point(place);
    let along = |from: f64, to: f64, axis: Axis| ((from - to).abs() - 0.5).max(0.0) * grid.spacing_mm(axis);
    let (x, y, z) =
        (along(at.x, centre.x, Axis::Column), along(at.y, centre.y, Axis::Row), along(at.z, centre.z, Axis::Slice));
    x * x + y * y + z * z
}

/// The depth under the skin at every cell of an image.
#[derive(Clone, Debug)]
pub struct DepthMap {
    depth: Volume<f32>,
    half_cell_mm: f64,
}

impl DepthMap {
    /// From the tissues of an image.
    pub fn new(tissues: &Volume<TissueKind>) -> Self {
        let grid = tissues.grid();
        let outside: Vec<bool> = tissues.values().iter().map(|&t| t == TissueKind::Outside).collect();
        let half_cell_mm = 0.5 * grid.spacing_mm(Axis::Column).min(grid.spacing_mm(Axis::Row));
        Self { depth: distance_map_mm(grid, &outside), half_cell_mm }
    }

    /// The depth at a place, linear between cells, good to half a cell; `None` off the image or where there is no
    /// outside at all. Unit: mm.
    pub fn at_mm(&self, place: PatientPoint) -> Option<f64> {
        let depth = self.depth.linear(place)? - self.half_cell_mm;
        depth.is_finite().then_some(depth.max(0.0))
    }
}
