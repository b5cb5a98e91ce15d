//! A click, moved to the middle of the tube it lies on.

use frostline_space::{PatientPoint, Volume};

use super::error::TraceError;
use super::lattice::{Region, Tone, finest_mm};
use super::ridge::{Ridges, ridges};
use super::settings::{RadiusRange, TraceSettings};

/// What is looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Sought {
    /// Brighter or darker than what is around it.
    pub tone: Tone,
    /// Radii it may have.
    pub radii: RadiusRange,
}

/// A given radius is looked for from this part of it to its inverse: a marked radius is seldom better known.
const RADIUS_BAND: f64 = 0.6;
/// The thinnest tube that is sought is looked at in steps of half its radius; wider ones would leave no middle to find.
const STEPS_PER_LEAST_RADIUS: f64 = 2.0;

impl Sought {
    /// Any radius of the settings.
    pub fn any(tone: Tone, settings: &TraceSettings) -> Self {
        Self { tone, radii: settings.radii.value }
    }

    /// About this radius.
    ///
    /// # Errors
    /// [`TraceError::Radius`] outside the range of the settings.
    pub fn of_radius(tone: Tone, radius_mm: f64, settings: &TraceSettings) -> Result<Self, TraceError> {
        let RadiusRange { least_mm, most_mm } = settings.radii.value;
        if !(least_mm..=most_mm).contains(&radius_mm) {
            return Err(TraceError::Radius { found_mm: radius_mm, least_mm, most_mm });
        }
        let radii = RadiusRange { least_mm: radius_mm * RADIUS_BAND, most_mm: radius_mm / RADIUS_BAND };
        Ok(Self { tone, radii })
    }

    /// The steps in which an image is looked at: its finest spacing, or wider ones that still resolve the thinnest tube.
    pub(super) fn step_mm(&self, image: &Volume<f32>) -> f64 {
        finest_mm(image.grid()).max(self.radii.least_mm / STEPS_PER_LEAST_RADIUS)
    }
}

/// A click and what it lies on.
#[derive(Clone, Debug, PartialEq)]
pub struct Click {
    /// Where the person clicked.
    pub clicked: PatientPoint,
    /// The middle of the tube nearest to it; the click itself where there is none.
    pub centre: PatientPoint,
    /// Radius of that tube. Unit: mm.
    pub radius_mm: f64,
    /// Its contrast with what is around it; 0 where there is none. Unit: that of the image.
    pub contrast: f64,
    /// Intensity in its middle, with the sign turned for dark structures. Unit: that of the image.
    pub(super) shade: f64,
}

/// Room around a click for the Gaussians of the thickest tube, in its radii.
const ROOM: f64 = 2.5;

/// Moves a click to the strongest tube near it; the nearer, the rather.
pub(super) fn snapped(
    image: &Volume<f32>,
    clicked: PatientPoint,
    sought: &Sought,
    settings: &TraceSettings,
) -> Result<Click, TraceError> {
    let snap_mm = settings.clicks.value.snap_mm;
    let margin_mm = snap_mm + ROOM * sought.radii.most_mm;
    let region = Region::around(image.grid(), clicked, margin_mm, sought.step_mm(image));
    let lattice = region.sample(image, sought.tone)?;
    let grid = *lattice.values.grid();
    let near = |n: usize| grid.centre(grid.index(n)).distance(clicked);
    // A few nodes beyond the reach of the click, so that the largest is found between nodes.
    let wanted: Vec<bool> = (0..grid.count()).map(|n| near(n) <= snap_mm + 2.0 * lattice.step_mm).collect();
    let found = ridges(&lattice, sought.radii, &wanted);
    let score = |n: usize| {
        let nearness = (-0.5 * (near(n) / (0.5 * snap_mm)).powi(2)).exp();
        nearness * f64::from(found.strength.values()[n])
    };
    let reach = (0..grid.count()).filter(|n| lattice.inside[*n] && near(*n) <= snap_mm);
    let best = reach.max_by(|a, b| score(*a).total_cmp(&score(*b)));
    let node = best.filter(|n| score(*n) > 0.0);
    let centre = node.map_or(clicked, |n| between_nodes(&found, n));
    let read = |volume: &Volume<f32>| volume.linear(centre).unwrap_or(0.0);
    let contrast = if node.is_some() { read(&found.strength) } else { 0.0 };
    let radius_mm = if node.is_some() { read(&found.radius_mm) } else { middle(sought.radii) };
    Ok(Click { clicked, centre, radius_mm, contrast, shade: read(&found.shade) })
}

/// A radius in the middle of the range, for places where none can be seen.
pub(super) fn middle(radii: RadiusRange) -> f64 {
    (radii.least_mm * radii.most_mm).sqrt()
}

/// The place of the largest strength around a node, between the nodes.
fn between_nodes(found: &Ridges, node: usize) -> PatientPoint {
    let grid = found.strength.grid();
    let at = grid.index(node);
    let values = found.strength.values();
    let shift = |stride: usize, index: usize, size: usize| {
        let inner = index > 0 && index + 1 < size;
        if inner { super::ridge::vertex(values[node - stride], values[node], values[node + stride]) } else { 0.0 }
    };
    use frostline_space::Axis::{Column, Row, Slice};
    let (columns, rows, slices) = (grid.size(Column), grid.size(Row), grid.size(Slice));
    let [a, b, c] = grid.voxel_to_patient().steps();
    let by = a * shift(1, at.i, columns) + b * shift(columns, at.j, rows) + c * shift(columns * rows, at.k, slices);
    grid.centre(at) + by
}
