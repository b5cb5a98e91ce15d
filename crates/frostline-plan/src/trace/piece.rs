//! The stretch between two clicks: the cheapest way along what looks like them, drawn to the middle of the ridge.

use frostline_space::{Grid, PatientPoint, PatientVector, Volume};

use super::click::{Click, Sought};
use super::error::TraceError;
use super::lattice::{Lattice, Region};
use super::ridge::{Ridges, ridges};
use super::route::cheapest_way;
use super::settings::{RadiusRange, TraceSettings};

/// One point of a trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TracedPoint {
    /// Middle of the structure.
    pub centre: PatientPoint,
    /// Its radius. Unit: mm.
    pub radius_mm: f64,
    /// How much the place looks like the clicks of its piece. Range: 0 (nothing there) to 1 (the same).
    pub confidence: f64,
}

/// Most nodes looked at for one piece. Each takes about 70 bytes on the way: 300 MB.
pub(super) const MOST_NODES: usize = 4_000_000;
/// A step beside the structure costs at most 1 / FLOOR times one on it: a gap of a few radii is crossed, a way through
/// nothing is dearer than twenty times as long a way along the structure.
const FLOOR: f64 = 0.05;
/// Nearer than this many steps, two clicks are one place.
const LEAST_STEPS_APART: f64 = 2.0;

/// What every place of the surroundings of a piece is like.
pub(super) struct Likeness {
    ridges: Ridges,
    /// Contrast and shade of the two clicks.
    contrast: f64,
    shade: f64,
    /// Doubt that holds for the whole piece: contrast against scatter. Range: 0 to 1.
    clear: f64,
}

/// Contrast at which a tube stands out of the scatter for certain, in sigmas of single values.
const CLEAR_SIGMAS: f64 = 3.0;

impl Likeness {
    fn new(ridges: Ridges, from: &Click, to: &Click) -> Self {
        let contrast = from.contrast.max(to.contrast);
        let needed = CLEAR_SIGMAS * ridges.noise;
        let clear = if contrast <= 0.0 { 0.0 } else { (contrast / needed.max(f64::MIN_POSITIVE)).min(1.0) };
        // The shade of the better visible click: the other may lie in a gap.
        let shade = if from.contrast >= to.contrast { from.shade } else { to.shade };
        Self { ridges, contrast, shade, clear }
    }

    /// Strength against that of the clicks times likeness of the shade. Range: 0 to 1.
    fn of(&self, strength: f64, shade: f64) -> f64 {
        if self.contrast <= 0.0 {
            return 0.0;
        }
        // Half the contrast is where a voxel is half structure and half surroundings.
        let off = (shade - self.shade) / (0.5 * self.contrast);
        (strength / self.contrast).clamp(0.0, 1.0) * (-0.5 * off * off).exp()
    }

    fn at_node(&self, n: usize) -> f64 {
        self.of(f64::from(self.ridges.strength.values()[n]), f64::from(self.ridges.shade.values()[n]))
    }

    /// Likeness at a place between nodes; 0 outside.
    fn at(&self, place: PatientPoint) -> f64 {
        let (strength, shade) = (self.ridges.strength.linear(place), self.ridges.shade.linear(place));
        strength.zip(shade).map_or(0.0, |(strength, shade)| self.of(strength, shade))
    }

    /// Strength that still grows where the likeness has reached 1, to find the middle of the ridge.
    fn pull(&self, place: PatientPoint) -> f64 {
        self.ridges.strength.linear(place).unwrap_or(0.0) * self.at(place)
    }

    fn radius_mm(&self, place: PatientPoint) -> f64 {
        // Places on a way lie inside the lattice.
        self.ridges.radius_mm.linear(place).unwrap_or(0.0)
    }
}

/// Traces the stretch between clicks `first` and `first + 1` (numbers from 1, for messages).
pub(super) fn traced_piece(
    image: &Volume<f32>,
    (from, to): (&Click, &Click),
    first: usize,
    (sought, settings): (&Sought, &TraceSettings),
) -> Result<Vec<TracedPoint>, TraceError> {
    let step_mm = sought.step_mm(image);
    check_distance(from, to, first, step_mm, settings)?;
    let bounds = Bounds::new(from, to, settings);
    let middle = from.centre.towards(to.centre, 0.5);
    let region = Region::within(image.grid(), middle, |axis| bounds.reach_mm(axis), step_mm);
    if region.nodes() > MOST_NODES as f64 {
        let found = region.nodes();
        return Err(TraceError::TooManyNodes { first, second: first + 1, found, most: MOST_NODES, step_mm });
    }
    let lattice = region.sample(image, sought.tone)?;
    let wanted = bounds.wanted(&lattice);
    let likeness = Likeness::new(ridges(&lattice, radii_between(from, to, sought.radii), &wanted), from, to);
    let way = way_between(&lattice, &wanted, &likeness, (from, to));
    let way = way.ok_or(TraceError::NoWay { first, second: first + 1 })?;
    let drawn = drawn_to_the_ridge(way, &likeness, step_mm);
    Ok(points(&drawn, &likeness, (from, to), settings.points.value.every_mm))
}

/// A structure grows or shrinks by this factor at most beyond what was seen at the two clicks.
const RADIUS_CHANGE: f64 = 2.0;

/// The radii to look for between two clicks: those of the clicks and some beyond.
fn radii_between(from: &Click, to: &Click, sought: RadiusRange) -> RadiusRange {
    let (thin, thick) = (from.radius_mm.min(to.radius_mm), from.radius_mm.max(to.radius_mm));
    let least_mm = (thin / RADIUS_CHANGE).max(sought.least_mm);
    RadiusRange { least_mm, most_mm: (thick * RADIUS_CHANGE).min(sought.most_mm).max(least_mm) }
}

fn check_distance(
    from: &Click,
    to: &Click,
    first: usize,
    step_mm: f64,
    settings: &TraceSettings,
) -> Result<(), TraceError> {
    let found_mm = from.centre.distance(to.centre);
    let (second, most_mm, least_mm) = (first + 1, settings.clicks.value.most_apart_mm, LEAST_STEPS_APART * step_mm);
    if found_mm > most_mm {
        return Err(TraceError::TooFarApart { first, second, found_mm, most_mm });
    }
    if found_mm < least_mm {
        return Err(TraceError::TooNear { first, second, found_mm, least_mm });
    }
    Ok(())
}

/// The ellipsoid of all places that a way of bounded length can reach.
struct Bounds {
    from: PatientPoint,
    to: PatientPoint,
    longest_mm: f64,
}

impl Bounds {
    fn new(from: &Click, to: &Click, settings: &TraceSettings) -> Self {
        let straight_mm = from.centre.distance(to.centre);
        let longest_mm = straight_mm * settings.detour.value.factor + 2.0 * settings.clicks.value.snap_mm;
        Self { from: from.centre, to: to.centre, longest_mm }
    }

    /// How far the ellipsoid reaches from its middle along an axis.
    fn reach_mm(&self, axis: PatientVector) -> f64 {
        let straight = self.to - self.from;
        let along = axis.dot(straight) / straight.length();
        let (long_mm, straight_mm) = (0.5 * self.longest_mm, 0.5 * straight.length());
        let short_squared = (long_mm * long_mm - straight_mm * straight_mm).max(0.0);
        (long_mm * long_mm * along * along + short_squared * (1.0 - along * along).max(0.0)).sqrt()
    }

    fn wanted(&self, lattice: &Lattice) -> Vec<bool> {
        let grid = lattice.values.grid();
        let reached = |n: usize| {
            let place = grid.centre(grid.index(n));
            place.distance(self.from) + place.distance(self.to) <= self.longest_mm
        };
        (0..grid.count()).map(|n| lattice.inside[n] && reached(n)).collect()
    }
}

/// The cheapest way, from middle to middle of the clicks.
fn way_between(
    lattice: &Lattice,
    wanted: &[bool],
    likeness: &Likeness,
    (from, to): (&Click, &Click),
) -> Option<Vec<PatientPoint>> {
    let grid: &Grid = lattice.values.grid();
    let of = |n: usize| if wanted[n] { 1.0 / (FLOOR + likeness.at_node(n)) } else { f64::INFINITY };
    let cost: Vec<f64> = (0..grid.count()).map(of).collect();
    let node = |click: &Click| grid.offset(grid.nearest_cell(click.centre));
    let nodes = cheapest_way(grid, &cost, node(from), node(to))?;
    let mut places: Vec<PatientPoint> = nodes.iter().map(|n| grid.centre(grid.index(*n))).collect();
    let last = places.len() - 1;
    places[0] = from.centre;
    places[last] = to.centre;
    Some(places)
}

/// Rounds of smoothing and drawing: a way off by half a step settles in three, the rest is for bends.
const ROUNDS: usize = 8;

/// A way drawn to the middle of the ridge: smoothed, then each place moved across the way to the strongest place near it,
/// as far as there is anything to be drawn to. The ends stay.
fn drawn_to_the_ridge(way: Vec<PatientPoint>, likeness: &Likeness, step_mm: f64) -> Vec<PatientPoint> {
    let mut places = evenly(&way, step_mm);
    for _ in 0..ROUNDS {
        let smooth: Vec<PatientPoint> =
            places.windows(3).map(|three| three[1].towards(three[0].towards(three[2], 0.5), 0.5)).collect();
        let inner = places.len() - 1;
        places[1..inner].copy_from_slice(&smooth);
        let drawn: Vec<PatientPoint> = places.windows(3).map(|three| drawn(three, likeness, step_mm)).collect();
        places[1..inner].copy_from_slice(&drawn);
    }
    evenly(&places, step_mm)
}

/// Probes at half a step see the bend of a ridge that is at least a step wide.
const PROBE_STEPS: f64 = 0.5;

/// The middle of three places, moved across the way to the top of the parabolas through its neighbours.
fn drawn(three: &[PatientPoint], likeness: &Likeness, step_mm: f64) -> PatientPoint {
    let place = three[1];
    let Some(along) = (three[2] - three[0]).direction() else { return place };
    let (across, beside) = along.perpendiculars();
    let here = likeness.pull(place);
    let reach_mm = PROBE_STEPS * step_mm;
    let shift = |direction: PatientVector| -> PatientVector {
        let (before, after) =
            (likeness.pull(place - direction * reach_mm), likeness.pull(place + direction * reach_mm));
        let bend = before - 2.0 * here + after;
        let steps = if bend < 0.0 { 0.5 * (before - after) / bend } else { (after - before).signum_or_zero() };
        direction * (reach_mm * steps.clamp(-1.0, 1.0))
    };
    let by = shift(across.as_vector()) + shift(beside.as_vector());
    place + by * likeness.at(place + by).max(likeness.at(place))
}

trait SignumOrZero {
    fn signum_or_zero(self) -> f64;
}

impl SignumOrZero for f64 {
    /// -1, 0 or 1; the standard one makes 1 of 0.
    fn signum_or_zero(self) -> f64 {
        if self == 0.0 { 0.0 } else { self.signum() }
    }
}

/// Places along a line of straight parts at even distances near `step_mm`, the ends included.
fn evenly(line: &[PatientPoint], step_mm: f64) -> Vec<PatientPoint> {
    let mut along = vec![0.0];
    for pair in line.windows(2) {
        along.push(along[along.len() - 1] + pair[0].distance(pair[1]));
    }
    let length = along[along.len() - 1];
    // At least one inner place, so that three neighbours exist.
    let count = (length / step_mm).round().max(2.0) as usize;
    (0..=count)
        .map(|n| {
            let at = length * n as f64 / count as f64;
            let after = along.partition_point(|a| *a < at).clamp(1, line.len() - 1);
            let part = along[after] - along[after - 1];
            let fraction = if part > 0.0 { (at - along[after - 1]) / part } else { 0.0 };
            line[after - 1].towards(line[after], fraction)
        })
        .collect()
}

/// Radii are averaged over this length to either side, in their own size: a cross-section says as much.
const RADIUS_REACH: f64 = 1.0;

/// The proposed points, from the first click to the last.
fn points(
    drawn: &[PatientPoint],
    likeness: &Likeness,
    (from, to): (&Click, &Click),
    every_mm: f64,
) -> Vec<TracedPoint> {
    let seen: Vec<(PatientPoint, f64, f64)> =
        drawn.iter().map(|place| (*place, likeness.radius_mm(*place), likeness.at(*place))).collect();
    let typical_mm = 0.5 * (from.radius_mm + to.radius_mm);
    evenly(drawn, every_mm)
        .into_iter()
        .map(|centre| {
            // The radius of a place where nothing is seen is that of its neighbours, and of the clicks if they see nothing.
            let (mut sum, mut weights) = (typical_mm * FLOOR, FLOOR);
            for (place, radius_mm, like) in &seen {
                let weight = like * (-0.5 * (place.distance(centre) / (RADIUS_REACH * typical_mm)).powi(2)).exp();
                sum += weight * radius_mm;
                weights += weight;
            }
            let confidence = likeness.clear * likeness.at(centre);
            TracedPoint { centre, radius_mm: sum / weights, confidence }
        })
        .collect()
}
