//! Which cells are the limb, and which are air, the table or the other leg.

use frostline_space::{Axis, Grid, PatientPoint, Volume, distance_map_mm};

use super::cells::{Axes, Face, Lattice, flood, pieces};
use super::{HounsfieldBands, SegmentError, SegmentSettings};

/// The limb and what was left out.
pub(super) struct FoundLimb {
    /// Cells of the limb, enclosed air included.
    pub limb: Vec<bool>,
    /// Cells of air inside the limb.
    pub enclosed_air: Vec<bool>,
    /// What was noticed.
    pub remarks: Vec<String>,
}

/// A limb is at least this thick somewhere; a table shell or a blanket is not. Half of a slim wrist. Unit: mm.
const LEAST_LIMB_RADIUS_MM: f64 = 10.0;
/// Cells that the surface may lie further out than the core was shrunk, since distances count from centre to centre.
const SURFACE_SLACK_CELLS: f64 = 0.5;
/// Share of a leg's cells with values about those of fat and muscle; bone and the surface are the rest. Other legs in
/// the public CTs used here have 0.90 and more, table and cushion 0.64 and less.
const LEAST_FLESH_SHARE: f64 = 0.75;
/// Left-out pieces below this are grains of noise and not worth a remark. Unit: cm3.
const LEAST_REMARKED_CM3: f64 = 1.0;

pub(super) fn find_limb(image: &Volume<f32>, settings: &SegmentSettings) -> Result<FoundLimb, SegmentError> {
    let grid = image.grid();
    let air_below = settings.bands.air_below;
    // A value that is not a number counts as air.
    let body: Vec<bool> = image.values().iter().map(|&hu| f64::from(hu) >= air_below).collect();
    let air: Vec<bool> = body.iter().map(|&b| !b).collect();
    if !air.contains(&true) {
        return Err(SegmentError::NoAir { air_below_hu: air_below, lowest_hu: extreme(image, f64::min) });
    }
    let depth = distance_map_mm(grid, &air);
    let cores = Cores::new(&Lattice::of(grid), depth.values(), settings.neck_mm);
    let chosen = cores.choose(image, settings)?.ok_or(SegmentError::NoLimb {
        air_below_hu: air_below,
        thickness_mm: 2.0 * settings.neck_mm,
        highest_hu: extreme(image, f64::max),
    })?;
    let mut limb = cores.grown_back(grid, &body, chosen, settings.neck_mm);
    let enclosed_air = fill_holes(&Lattice::of(grid), &mut limb, &body);
    let mut remarks = left_out(image, &body, &limb, &settings.bands);
    let air_cm3 = volume_cm3(grid, enclosed_air.iter().filter(|&&a| a).count());
    if air_cm3 > 0.0 {
        remarks.push(format!("{air_cm3:.2} cm3 of air is enclosed in the limb and is treated as fat"));
    }
    Ok(FoundLimb { limb, enclosed_air, remarks })
}

fn extreme(image: &Volume<f32>, of: impl Fn(f64, f64) -> f64) -> f64 {
    // `min` and `max` of f64 pass over values that are not numbers.
    image.values().iter().map(|&v| f64::from(v)).fold(f64::NAN, of)
}

fn volume_cm3(grid: &Grid, cells: usize) -> f64 {
    cells as f64 * grid.cell_volume_mm3() / 1000.0
}

/// The thick insides of everything in the image, parted where things touch over a thin neck only.
struct Cores {
    cores: Vec<Core>,
}

struct Core {
    cells: Vec<usize>,
    /// Radius of the biggest ball inside.
    radius_mm: f64,
}

impl Cores {
    fn new(lattice: &Lattice, depth_mm: &[f32], neck_mm: f64) -> Self {
        let thick: Vec<bool> = depth_mm.iter().map(|&d| f64::from(d) > neck_mm).collect();
        let cores = pieces(lattice, &thick).into_iter().map(|cells| {
            let radius_mm = cells.iter().map(|&c| f64::from(depth_mm[c])).fold(0.0, f64::max);
            Core { cells, radius_mm }
        });
        Self { cores: cores.collect() }
    }

    /// The core that is meant: the one nearest to the seed, else the biggest that is thick enough for a limb.
    fn choose(&self, image: &Volume<f32>, settings: &SegmentSettings) -> Result<Option<usize>, SegmentError> {
        let Some(seed) = settings.seed else { return Ok(self.biggest()) };
        let Some(&value) = image.nearest(seed) else { return Err(SegmentError::SeedOutsideImage { place: seed }) };
        let near = self.nearest(image.grid(), seed);
        // A limb's skin lies at most the neck and a little outside its core.
        let reach_mm = reach_mm(image.grid(), settings.neck_mm);
        match near {
            Some((core, distance_mm)) if distance_mm <= reach_mm && f64::from(value) >= settings.bands.air_below => {
                Ok(Some(core))
            }
            _ => Err(SegmentError::SeedOutsideLimb { place: seed, value_hu: f64::from(value) }),
        }
    }

    fn biggest(&self) -> Option<usize> {
        let limb_like = |n: &usize| self.cores[*n].radius_mm >= LEAST_LIMB_RADIUS_MM;
        (0..self.cores.len()).filter(limb_like).max_by_key(|&n| self.cores[n].cells.len())
    }

    fn nearest(&self, grid: &Grid, place: PatientPoint) -> Option<(usize, f64)> {
        let distance_mm = |cell: &usize| grid.centre(grid.index(*cell)).distance(place);
        let nearest_of = |core: &Core| core.cells.iter().map(distance_mm).fold(f64::INFINITY, f64::min);
        self.cores.iter().map(nearest_of).enumerate().min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The chosen core with the rim it lost; cells nearer to another core are left to that one.
    fn grown_back(&self, grid: &Grid, body: &[bool], chosen: usize, neck_mm: f64) -> Vec<bool> {
        let (mut mine, mut others) = (vec![false; body.len()], vec![false; body.len()]);
        for (n, core) in self.cores.iter().enumerate() {
            let marks = if n == chosen { &mut mine } else { &mut others };
            core.cells.iter().for_each(|&cell| marks[cell] = true);
        }
        let reach_mm = reach_mm(grid, neck_mm) as f32;
        let (to_mine, to_others) = (distance_map_mm(grid, &mine), distance_map_mm(grid, &others));
        let belongs = |cell: usize| body[cell] && to_mine.values()[cell] <= reach_mm.min(to_others.values()[cell]);
        flood(&Lattice::of(grid), Axes::All, self.cores[chosen].cells.iter().copied(), belongs)
    }
}

fn reach_mm(grid: &Grid, neck_mm: f64) -> f64 {
    neck_mm + SURFACE_SLACK_CELLS * grid.spacing_mm(Axis::Column).max(grid.spacing_mm(Axis::Row))
}

/// Closes holes that the sides of the image cannot be reached from; gives the air cells among them.
fn fill_holes(lattice: &Lattice, limb: &mut [bool], body: &[bool]) -> Vec<bool> {
    // Not from the first and last slice: a limb goes on there, and a cavity may lie in them.
    let sides = Face::ALL.into_iter().filter(|face| face.axis != Axis::Slice);
    let seeds = sides.flat_map(|face| lattice.face(face));
    let outside = flood(lattice, Axes::All, seeds, |cell| !limb[cell]);
    let mut air = vec![false; limb.len()];
    for cell in 0..limb.len() {
        if !limb[cell] && !outside[cell] {
            limb[cell] = true;
            air[cell] = !body[cell];
        }
    }
    air
}

/// One remark per kind of thing that was left out.
fn left_out(image: &Volume<f32>, body: &[bool], limb: &[bool], bands: &HounsfieldBands) -> Vec<String> {
    let rest: Vec<bool> = body.iter().zip(limb).map(|(&b, &l)| b && !l).collect();
    let (mut flesh, mut table) = (0, 0);
    for piece in pieces(&Lattice::of(image.grid()), &rest) {
        if is_flesh(image, &piece, bands) {
            flesh += piece.len();
        } else {
            table += piece.len();
        }
    }
    let mut remarks = Vec::new();
    let flesh_cm3 = volume_cm3(image.grid(), flesh);
    if flesh_cm3 >= LEAST_REMARKED_CM3 {
        remarks.push(format!("{flesh_cm3:.0} cm3 of another limb was seen and left out"));
    }
    let table_cm3 = volume_cm3(image.grid(), table);
    if table_cm3 >= LEAST_REMARKED_CM3 {
        remarks.push(format!("{table_cm3:.0} cm3 of table or cushion was seen and left out"));
    }
    remarks
}

/// Mostly of the values of fat and muscle, as legs are and boards, foam and their mixed edges are not.
fn is_flesh(image: &Volume<f32>, piece: &[usize], bands: &HounsfieldBands) -> bool {
    // Fat's values reach about as far below the limit of fat and muscle as muscle's band reaches above it.
    let half_width = bands.bone_above - bands.fat_below;
    let fleshy = |cell: &&usize| (f64::from(image.values()[**cell]) - bands.fat_below).abs() <= half_width;
    piece.iter().filter(fleshy).count() as f64 > LEAST_FLESH_SHARE * piece.len() as f64
}
