//! How cold structures got, and how near the ice came, over the whole history.

use serde::Serialize;
use serde::ser::SerializeMap;

use frostline_freeze::{FreezeHistory, SceneBox, ScenePoint};
use frostline_space::{Axis, Course, Direction, Grid, PatientPoint, PatientVector, VoxelIndex};

use crate::anatomy::{Anatomy, Marked, Shape, Structure, TissueKind, TissueMap};
use crate::build_scene::{BuiltScene, Filling};

/// How cold a structure got.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Coldest {
    /// Nobody outlined it, so nothing can be said.
    NotMarked,
    /// It was outlined, but lies wholly outside the simulated region, where nothing changes.
    OutsideScene,
    /// Its coldest place, ever.
    Reached {
        /// Unit: °C.
        celsius: f64,
        /// When. Unit: s.
        at_s: f64,
        /// Where.
        place: PatientPoint,
    },
}

impl Serialize for Coldest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Coldest::NotMarked => map.serialize_entry("not_marked", &true)?,
            Coldest::OutsideScene => map.serialize_entry("outside_scene", &true)?,
            Coldest::Reached { celsius, at_s, place } => {
                map.serialize_entry("coldest_c", celsius)?;
                map.serialize_entry("at_s", at_s)?;
                map.serialize_entry("place_lps_mm", &[place.x, place.y, place.z])?;
            }
        }
        map.end()
    }
}

/// The coldest field of a history, asked by places in the patient.
pub struct ColdestOf<'a> {
    built: &'a BuiltScene,
    history: &'a FreezeHistory,
}

/// Spacing of samples along and around structures: half the finest cell resolves everything the solver does.
const SAMPLE_MM: f64 = 0.25;
/// Cells of an image are looked at in parts no wider than this. Unit: mm.
const WIDEST_PART_MM: f64 = 1.0;
/// Around so many of the coldest places of a tissue's cells one looks closer, in so many steps for the width of a cell.
const COLDEST_PLACES: usize = 8;
const STEPS_IN_CELL: i32 = 4;

impl<'a> ColdestOf<'a> {
    /// From a scene and its answer.
    pub fn new(built: &'a BuiltScene, history: &'a FreezeHistory) -> Self {
        Self { built, history }
    }

    /// Coldest temperature ever at a place; `None` outside the scene and inside probes and vessels. Unit: °C.
    pub fn at(&self, place: PatientPoint) -> Option<f64> {
        self.history.coldest_at(self.built.patient_to_scene.apply(place))
    }

    /// When a place was coldest. Unit: s.
    pub fn time_at(&self, place: PatientPoint) -> Option<f64> {
        self.history.coldest_time_at(self.built.patient_to_scene.apply(place))
    }

    /// How cold a structure got and how near the ice came to it.
    pub fn structure(&self, anatomy: &Anatomy, structure: &Structure, edge: &IceEdge) -> (Coldest, Option<f64>) {
        self.structure_off(anatomy, structure, edge, PatientVector::new(0.0, 0.0, 0.0))
    }

    /// The same where the structure lies `off` from where it was marked, and the cold stays where it is.
    pub(crate) fn structure_off(
        &self,
        anatomy: &Anatomy,
        structure: &Structure,
        edge: &IceEdge,
        off: PatientVector,
    ) -> (Coldest, Option<f64>) {
        let Marked::Marked(shape) = &structure.shape else { return (Coldest::NotMarked, None) };
        let mut places = match shape {
            Shape::Course(course) => surface_of(course),
            Shape::Cells(cells) => self.mask_places(cells.grid(), |cell| *cells.at(cell)),
            Shape::Tissues(kinds) => self.tissue_places(anatomy, kinds),
        };
        places.iter_mut().for_each(|place| *place = *place + off);
        let coldest = self.coldest_of(&places);
        let closest_mm = match coldest {
            Coldest::Reached { celsius, .. } if celsius <= 0.0 => Some(0.0),
            _ => edge.distance_mm(&places),
        };
        (coldest, closest_mm)
    }

    fn coldest_of(&self, places: &[PatientPoint]) -> Coldest {
        let reached = places.iter().filter_map(|&place| self.at(place).map(|celsius| (celsius, place)));
        match reached.min_by(|a, b| a.0.total_cmp(&b.0)) {
            // A place with a coldest temperature has a time as well.
            Some((celsius, place)) => {
                Coldest::Reached { celsius, at_s: self.time_at(place).unwrap_or_default(), place }
            }
            None => Coldest::OutsideScene,
        }
    }

    /// Centres and face centres of the marked cells of an image that lie in the scene; wide cells in parts.
    fn mask_places(&self, grid: &Grid, is_marked: impl Fn(VoxelIndex) -> bool) -> Vec<PatientPoint> {
        let outer = self.history.grid.outer_box();
        let axes = [Axis::Column, Axis::Row, Axis::Slice];
        let parts = axes.map(|axis| (grid.spacing_mm(axis) / WIDEST_PART_MM).ceil().max(1.0));
        let steps = grid.voxel_to_patient().steps();
        let part = [0, 1, 2].map(|axis| steps[axis] * (1.0 / parts[axis]));
        let middles = |axis: usize| (0..parts[axis] as usize).map(move |n| n as f64 - 0.5 * (parts[axis] - 1.0));
        let mut places = Vec::new();
        for cell in self.cells_in_scene(grid).filter(|&cell| is_marked(cell)) {
            let middle = grid.centre(cell);
            if !outer.contains(self.built.patient_to_scene.apply(middle)) {
                continue;
            }
            for x in middles(0) {
                for (y, z) in middles(1).flat_map(|y| middles(2).map(move |z| (y, z))) {
                    let centre = middle + part[0] * x + part[1] * y + part[2] * z;
                    places.push(centre);
                    places.extend(part.iter().flat_map(|step| [centre + *step * 0.5, centre - *step * 0.5]));
                }
            }
        }
        places
    }

    /// Cells of an image in the box around the scene.
    fn cells_in_scene(&self, grid: &Grid) -> impl Iterator<Item = VoxelIndex> + use<> {
        let SceneBox { least, most } = self.history.grid.outer_box();
        let corners = (0..8).map(|n: usize| {
            let pick = |axis: usize, low: f64, high: f64| if n >> axis & 1 == 0 { low } else { high };
            ScenePoint::new(pick(0, least.x, most.x), pick(1, least.y, most.y), pick(2, least.z, most.z))
        });
        let corners: Vec<VoxelIndex> =
            corners.map(|corner| grid.nearest_cell(self.built.scene_to_patient.apply(corner))).collect();
        let range = |of: fn(&VoxelIndex) -> usize| {
            let at = corners.iter().map(of);
            at.clone().min().unwrap_or(0)..=at.max().unwrap_or(0)
        };
        let (i, j, k) = (range(|c| c.i), range(|c| c.j), range(|c| c.k));
        k.flat_map(move |k| {
            let i = i.clone();
            j.clone().flat_map(move |j| i.clone().map(move |i| VoxelIndex { i, j, k }))
        })
    }

    /// Places of tissues in a tissue map.
    fn tissue_places(&self, anatomy: &Anatomy, kinds: &[TissueKind]) -> Vec<PatientPoint> {
        match &anatomy.tissues {
            TissueMap::Voxels(volume) => {
                let places = self.mask_places(volume.grid(), |cell| kinds.contains(volume.at(cell)));
                places.into_iter().filter(|&place| !self.is_blood(place)).collect()
            }
            TissueMap::Layers(_) | TissueMap::Displaced(_) => {
                let mut places = self.tissue_cells(anatomy, kinds);
                let is_of_it = |place: PatientPoint| anatomy.tissues.at(place).is_some_and(|t| kinds.contains(&t));
                places.extend(self.between(&places, is_of_it));
                places
            }
        }
    }

    /// Centres of the scene's cells of these tissues, and those of their corners that lie in the same tissue: the coldest
    /// place of a layer is its face, not the middle of a cell.
    fn tissue_cells(&self, anatomy: &Anatomy, kinds: &[TissueKind]) -> Vec<PatientPoint> {
        // What was painted over (a vessel in the fat) is not that tissue, hence the fillings and not the tissue map; the
        // map decides only where the image ends, beyond which nothing is known.
        let grid = &self.history.grid;
        let medium = &self.built.scene.parts().medium;
        let wanted: Vec<bool> =
            self.built.fillings.iter().map(|f| f.tissue().is_some_and(|kind| kinds.contains(&kind))).collect();
        let mut places = Vec::new();
        for n in (0..grid.cell_count()).filter(|&n| wanted[usize::from(medium[n])]) {
            let cell = grid.cell(n);
            let centre = self.built.scene_to_patient.apply(grid.centre(cell));
            if anatomy.tissues.at(centre).is_none() {
                continue;
            }
            places.push(centre);
            let corners = self.corners(cell).map(|corner| self.built.scene_to_patient.apply(corner));
            places.extend(corners.filter(|&p| anatomy.tissues.at(p).is_some_and(|t| kinds.contains(&t))));
        }
        places
    }

    /// Places of a tissue around the coldest of its cells' places: the coldest one seldom is a middle or a corner of a cell.
    fn between(&self, places: &[PatientPoint], is_of_it: impl Fn(PatientPoint) -> bool) -> Vec<PatientPoint> {
        let mut by_cold: Vec<(f64, PatientPoint)> =
            places.iter().filter_map(|&place| self.at(place).map(|celsius| (celsius, place))).collect();
        by_cold.sort_by(|a, b| a.0.total_cmp(&b.0));
        by_cold.truncate(COLDEST_PLACES);
        let step_mm = self.history.grid.finest_mm() / f64::from(STEPS_IN_CELL);
        // One finest cell to either side, which reaches everything between middles and corners of such cells; of wider ones, far from
        // the probe, only the part beside its middle or corner.
        let steps = -STEPS_IN_CELL..=STEPS_IN_CELL;
        let offs = steps.clone().flat_map(|x| {
            steps.clone().flat_map({
                let steps = steps.clone();
                move |y| steps.clone().map(move |z| [x, y, z].map(|n| f64::from(n) * step_mm))
            })
        });
        let offs: Vec<PatientVector> = offs.map(|[x, y, z]| PatientVector::new(x, y, z)).collect();
        let near = by_cold.iter().flat_map(|&(_, place)| offs.iter().map(move |&off| place + off));
        near.filter(|&place| is_of_it(place) && !self.is_blood(place)).collect()
    }

    /// Whether a place was painted over as a vessel.
    fn is_blood(&self, place: PatientPoint) -> bool {
        let cell = self.history.grid.cell_at(self.built.patient_to_scene.apply(place));
        let medium = &self.built.scene.parts().medium;
        cell.is_some_and(|cell| {
            let filling = &self.built.fillings[usize::from(medium[self.history.grid.offset(cell)])];
            matches!(filling, Filling::Vessel(_))
        })
    }

    fn corners(&self, cell: VoxelIndex) -> impl Iterator<Item = ScenePoint> {
        let edges = self.history.grid.edges_mm();
        (0..8).map(move |n: usize| {
            let at = |axis: usize, index: usize| edges[axis][index + (n >> axis & 1)];
            ScenePoint::new(at(0, cell.i), at(1, cell.j), at(2, cell.k))
        })
    }
}

/// Places on the surface and the axis of a tube.
fn surface_of(course: &Course) -> Vec<PatientPoint> {
    let mut places = Vec::new();
    for sample in course.samples(SAMPLE_MM) {
        places.push(sample.centre);
        // Rings from the surface inwards; the coldest place of a thick structure may lie anywhere on its surface.
        let mut radius_mm = sample.radius_mm;
        while radius_mm > 0.0 {
            let count = (std::f64::consts::TAU * radius_mm / RING_SPACING_MM).ceil().max(8.0) as usize;
            places.extend(ring(sample.centre, sample.tangent, radius_mm, count));
            radius_mm -= RINGS_APART_MM;
        }
    }
    places
}

/// Distance of places on a ring: at most as far apart as the finest cells, whatever the radius.
const RING_SPACING_MM: f64 = 0.4;
/// Distance between rings.
const RINGS_APART_MM: f64 = 1.0;

/// `count` places on the circle of `radius_mm` square to `along`.
pub(crate) fn ring(
    centre: PatientPoint,
    along: Direction<frostline_space::Patient>,
    radius_mm: f64,
    count: usize,
) -> impl Iterator<Item = PatientPoint> {
    let (first, second) = along.perpendiculars();
    (0..count).map(move |n| {
        let angle = std::f64::consts::TAU * n as f64 / count as f64;
        centre + first * (radius_mm * angle.cos()) + second * (radius_mm * angle.sin())
    })
}

/// Places on the surface of the greatest 0 °C ice.
pub struct IceEdge {
    places: Vec<PatientPoint>,
    middle: PatientPoint,
    reach_mm: f64,
    /// Corners of the boxes around so many places each, in their order.
    boxes: Vec<(PatientPoint, PatientPoint)>,
}

/// Places of the ice in one box: neighbours follow each other, so that most boxes are small.
const BOX_PLACES: usize = 32;

/// From a place to a box; 0 inside. Unit: mm squared.
fn box_squared_mm2((least, most): &(PatientPoint, PatientPoint), place: PatientPoint) -> f64 {
    let off = |at: f64, least: f64, most: f64| (least - at).max(at - most).max(0.0);
    let (x, y, z) = (off(place.x, least.x, most.x), off(place.y, least.y, most.y), off(place.z, least.z, most.z));
    x * x + y * y + z * z
}

fn box_around(places: &[PatientPoint]) -> (PatientPoint, PatientPoint) {
    let corner = |pick: fn(f64, f64) -> f64| {
        places.iter().fold(places[0], |a, b| PatientPoint::new(pick(a.x, b.x), pick(a.y, b.y), pick(a.z, b.z)))
    };
    (corner(f64::min), corner(f64::max))
}

impl IceEdge {
    /// Where the coldest field crosses 0 °C between neighbouring cells.
    pub fn of(field: &ColdestOf) -> Self {
        let grid = &field.history.grid;
        let size = grid.size();
        let cold = |cell: VoxelIndex| f64::from(field.history.coldest_c[grid.offset(cell)]);
        let mut places = Vec::new();
        for n in 0..grid.cell_count() {
            let cell = grid.cell(n);
            let here_c = cold(cell);
            for next in neighbours(cell, size) {
                let there_c = cold(next);
                if (here_c <= 0.0) != (there_c <= 0.0) {
                    let fraction = here_c / (here_c - there_c);
                    let place: ScenePoint = grid.centre(cell).towards(grid.centre(next), fraction);
                    places.push(field.built.scene_to_patient.apply(place));
                }
            }
        }
        let count = places.len().max(1) as f64;
        let sum = places.iter().fold((0.0, 0.0, 0.0), |s, p| (s.0 + p.x, s.1 + p.y, s.2 + p.z));
        let middle = PatientPoint::new(sum.0 / count, sum.1 / count, sum.2 / count);
        let reach_mm = places.iter().map(|p| p.distance(middle)).fold(0.0, f64::max);
        let boxes = places.chunks(BOX_PLACES).map(box_around).collect();
        Self { places, middle, reach_mm, boxes }
    }

    /// No ice, where nobody asks how near it comes.
    pub fn nowhere() -> Self {
        Self { places: Vec::new(), middle: PatientPoint::origin(), reach_mm: 0.0, boxes: Vec::new() }
    }

    /// Shortest distance from the ice to any of the places; `None` without ice or places. Unit: mm.
    pub fn distance_mm(&self, to: &[PatientPoint]) -> Option<f64> {
        if self.places.is_empty() {
            return None;
        }
        // Nearest to the middle first: once a close one is known, the far ones are skipped without looking at the edge.
        let mut sorted: Vec<_> = to.iter().map(|p| (p.distance(self.middle), *p)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut best = f64::INFINITY;
        for (from_middle_mm, place) in sorted {
            if from_middle_mm - self.reach_mm >= best {
                break;
            }
            best = self.nearer_mm(place, best);
        }
        best.is_finite().then_some(best)
    }

    /// The shorter of a distance and that from a place to the ice. Unit: mm.
    fn nearer_mm(&self, place: PatientPoint, than_mm: f64) -> f64 {
        let mut best = than_mm;
        for (around, places) in self.boxes.iter().zip(self.places.chunks(BOX_PLACES)) {
            if box_squared_mm2(around, place) < best * best {
                best = places.iter().map(|p| p.distance(place)).fold(best, f64::min);
            }
        }
        best
    }
}

/// The next cells along each axis.
fn neighbours(cell: VoxelIndex, size: VoxelIndex) -> impl Iterator<Item = VoxelIndex> {
    let along = [
        (cell.i + 1 < size.i).then(|| VoxelIndex::new(cell.i + 1, cell.j, cell.k)),
        (cell.j + 1 < size.j).then(|| VoxelIndex::new(cell.i, cell.j + 1, cell.k)),
        (cell.k + 1 < size.k).then(|| VoxelIndex::new(cell.i, cell.j, cell.k + 1)),
    ];
    along.into_iter().flatten()
}
