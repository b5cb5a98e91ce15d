//! Reading a field of cells at any place, also close to a probe.

use frostline_space::VoxelIndex;

use crate::grid::SceneGrid;
use crate::solver::mesh::Kind;
use crate::solver::potential::{Potential, Where};
use crate::{SceneDirection, ScenePoint};

/// What a cell holds, for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Tissue, with a temperature of its own.
    Tissue,
    /// Tissue that a probe covered while it acted: then it had the temperature of the probe.
    Covered,
    /// Tissue whose middle lies inside a shaft: it counts as volume, but nothing is read there.
    Hidden,
    /// Held at a temperature behind a film: the wall of that number.
    Behind(u8),
    /// Nothing that conducts: held without a film, or inside an insulated shaft.
    Nothing,
}

impl Holds {
    /// Whether there is tissue, read or not.
    pub(crate) fn is_tissue(self) -> bool {
        !matches!(self, Holds::Behind(_) | Holds::Nothing)
    }
}

/// What holds a temperature behind a film.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wall {
    /// Unit: °C.
    pub(crate) celsius: f64,
    /// Unit: W/(m2 K).
    pub(crate) film: f64,
}

/// Where fields are read: cells, what they hold, and probes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lattice {
    pub(crate) grid: SceneGrid,
    pub(crate) holds: Vec<Holds>,
    /// Cells of which a shaft leaves only a share, sorted.
    pub(crate) narrowed: Vec<(u32, f32)>,
    /// Which tissue each cell holds.
    pub(crate) kind: Vec<u8>,
    pub(crate) kinds: Vec<Kind>,
    /// What [`Holds::Behind`] counts.
    pub(crate) walls: Vec<Wall>,
    pub(crate) probes: Vec<Potential>,
}

impl Lattice {
    /// Share of a cell that is not inside a shaft.
    pub(crate) fn open_share(&self, cell: usize) -> f64 {
        let found = self.narrowed.binary_search_by_key(&(cell as u32), |&(cell, _)| cell);
        found.map_or(1.0, |n| f64::from(self.narrowed[n].1))
    }
}

/// One value per cell, and the temperature of each probe's surface where it takes part.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) lattice: &'a Lattice,
    pub(crate) values: Values<'a>,
    pub(crate) surface_c: &'a [Option<f64>],
}

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Values<'a> {
    /// Temperatures: read as heat potentials, which run straight where conductivity does not.
    Celsius(&'a [f32]),
    /// The solver's states: read as heat potentials.
    States(&'a [f32]),
    /// Times: read as they are.
    Seconds(&'a [f32]),
}

/// A neighbouring node: its place in storage, its share of the linear interpolation.
type Corner = (usize, f64);

/// Cells within which the field of a probe bends too much for straight interpolation.
const BENT_CELLS: f64 = 3.0;

impl Field<'_> {
    /// The value at a place; `None` outside the grid, and where no neighbouring cell holds tissue.
    ///
    /// Temperatures are interpolated as heat potentials of the tissue at the place, because these run on smoothly where
    /// freezing changes the conductivity. Linear between the eight nodes around, leaving out what holds no tissue. Near
    /// a probe that acts, only the rest over `theta_s + b phi` is interpolated so, where phi is the probe's own steady
    /// field (-ln(r/a) beside a long one) and b the best fit through the surface; this is exact for the field the solver
    /// reproduces.
    pub(crate) fn at(&self, place: ScenePoint) -> Option<f64> {
        let grid = &self.lattice.grid;
        let cell = grid.cell_at(place)?;
        let corners = self.corners(place);
        let kind = self.kind_at(grid.offset(cell), &corners);
        let near = self.probe_near(place, grid.width_mm(0, cell.i).max(grid.width_mm(2, cell.k)));
        let read = match near {
            None => self.straight(&corners, kind),
            Some((probe, surface_c)) => match self.lattice.probes[probe].locate(place) {
                Where::Active => return Some(surface_c),
                _ => self.bent(&corners, kind, (probe, surface_c), place),
            },
        }?;
        Some(kind.map_or(read, |k| {
            let kind = &self.lattice.kinds[usize::from(k)];
            kind.curve.celsius_of_theta(kind.lookup.theta(read))
        }))
    }

    /// The tissue to read by: that at the place, or beside it.
    fn kind_at(&self, cell: usize, corners: &[Corner]) -> Option<u8> {
        if matches!(self.values, Values::Seconds(_)) {
            return None;
        }
        let of = |n: usize| Some(self.lattice.kind[n]).filter(|k| usize::from(*k) < self.lattice.kinds.len());
        of(cell).or_else(|| corners.iter().find_map(|&(n, _)| of(n)))
    }

    /// The value of a node, as the potential that its temperature has in a tissue.
    fn node(&self, n: usize, kind: Option<u8>) -> f64 {
        let potential = |celsius: f32| match kind {
            None => f64::from(celsius),
            Some(k) => {
                let kind = &self.lattice.kinds[usize::from(k)];
                kind.lookup.psi_at(&kind.curve, f64::from(celsius))
            }
        };
        match self.values {
            Values::Seconds(values) => f64::from(values[n]),
            Values::Celsius(values) => potential(values[n]),
            Values::States(values) if Some(self.lattice.kind[n]) == kind => {
                f64::from(self.lattice.kinds[usize::from(self.lattice.kind[n])].lookup.psi(values[n]))
            }
            Values::States(values) => match self.lattice.kinds.get(usize::from(self.lattice.kind[n])) {
                Some(own) => potential(own.lookup.celsius(values[n])),
                // What is held takes no part in what is read.
                None => f64::NAN,
            },
        }
    }

    fn bent(
        &self,
        corners: &[Corner],
        kind: Option<u8>,
        (probe, surface_c): (usize, f64),
        place: ScenePoint,
    ) -> Option<f64> {
        let potential = &self.lattice.probes[probe];
        let surface = kind.map_or(surface_c, |k| {
            let kind = &self.lattice.kinds[usize::from(k)];
            kind.lookup.psi_at(&kind.curve, surface_c)
        });
        let (mut shares, mut bent, mut fit) = (0.0, 0.0, 0.0);
        let is_tissue = |n: usize| self.lattice.holds[n] == Holds::Tissue;
        for &(n, share) in corners.iter().filter(|c| is_tissue(c.0)) {
            let phi = potential.phi(self.centre(n));
            shares += share;
            bent += share * phi * phi;
            fit += share * phi * (self.node(n, kind) - surface);
        }
        if shares < 1e-6 {
            return Some(surface);
        }
        let slope = if bent > 0.0 { fit / bent } else { 0.0 };
        let mut rest = 0.0;
        for &(n, share) in corners.iter().filter(|c| is_tissue(c.0)) {
            rest += share * (self.node(n, kind) - surface - slope * potential.phi(self.centre(n)));
        }
        Some(surface + slope * potential.phi(place) + rest / shares)
    }

    fn centre(&self, offset: usize) -> ScenePoint {
        self.lattice.grid.centre(self.lattice.grid.cell(offset))
    }

    /// The nearest probe that acts and is near enough to bend the field, with its surface temperature.
    fn probe_near(&self, place: ScenePoint, width_mm: f64) -> Option<(usize, f64)> {
        let reach_mm = BENT_CELLS * width_mm;
        let acting = self.surface_c.iter().enumerate().filter_map(|(n, c)| c.map(|c| (n, c)));
        acting
            .map(|(n, c)| (n, c, self.lattice.probes[n].distance_mm(place)))
            .filter(|&(_, _, distance_mm)| distance_mm < reach_mm)
            .min_by(|a, b| a.2.total_cmp(&b.2))
            .map(|(n, c, _)| (n, c))
    }

    fn straight(&self, corners: &[Corner; 8], kind: Option<u8>) -> Option<f64> {
        // While every probe rests, what they covered is tissue like any other.
        let resting = self.surface_c.iter().all(Option::is_none);
        let (mut shares, mut sum) = (0.0, 0.0);
        let mut beyond = 0.0;
        for (number, &(n, share)) in corners.iter().enumerate() {
            let value = match self.lattice.holds[n] {
                Holds::Tissue => Some(self.node(n, kind)),
                Holds::Covered => resting.then(|| self.node(n, kind)),
                Holds::Behind(wall) if share > 0.0 => {
                    let value = self.beyond(corners, number, &self.lattice.walls[usize::from(wall)], kind);
                    beyond += value.map_or(0.0, |_| share);
                    value
                }
                Holds::Behind(_) | Holds::Hidden | Holds::Nothing => None,
            };
            if let Some(value) = value {
                shares += share;
                sum += share * value;
            }
        }
        // Behind a wall alone nothing is read.
        (shares - beyond > 1e-9).then(|| sum / shares)
    }

    /// The value of a node behind a wall that goes on straight from the tissue beside it through the temperature of the wall
    /// itself, at which film and half cell pass the same heat. `None` where no tissue is beside it, and for times.
    fn beyond(&self, corners: &[Corner; 8], number: usize, wall: &Wall, kind: Option<u8>) -> Option<f64> {
        let kind = &self.lattice.kinds[usize::from(kind?)];
        let grid = &self.lattice.grid;
        let there = grid.cell(corners[number].0);
        let (mut sum, mut count) = (0.0, 0.0);
        for axis in 0..3 {
            let n = corners[number ^ (1 << axis)].0;
            if n == corners[number].0 || self.lattice.holds[n] != Holds::Tissue {
                continue;
            }
            let own = &self.lattice.kinds[usize::from(self.lattice.kind[n])];
            let celsius = match self.values {
                Values::Celsius(values) => f64::from(values[n]),
                Values::States(values) => own.lookup.celsius(values[n]).into(),
                Values::Seconds(_) => return None,
            };
            let here = grid.cell(n);
            let width = |cell: VoxelIndex| grid.width_mm(axis, [cell.i, cell.j, cell.k][axis]);
            let half = own.curve.k(celsius) / (0.5e-3 * width(here));
            let wall_c = (half * celsius + wall.film * wall.celsius) / (half + wall.film);
            let further = 1.0 + width(there) / width(here);
            sum += kind.lookup.psi_at(&kind.curve, celsius + further * (wall_c - celsius));
            count += 1.0;
        }
        (count > 0.0).then(|| sum / count)
    }

    /// The eight nodes around a place; beyond the outermost nodes the value is held.
    fn corners(&self, place: ScenePoint) -> [Corner; 8] {
        let grid = &self.lattice.grid;
        let size = [grid.size().i, grid.size().j, grid.size().k];
        let strides = [1, size[0], size[0] * size[1]];
        let mut low = [0; 3];
        let mut share = [0.0; 3];
        let mut step = [0; 3];
        for axis in 0..3 {
            let centres = &grid.centres_mm()[axis];
            let x = crate::grid::coordinate(place, axis);
            let after = centres.partition_point(|&c| c < x);
            if after > 0 && after < centres.len() {
                low[axis] = after - 1;
                step[axis] = strides[axis];
                share[axis] = (x - centres[after - 1]) / (centres[after] - centres[after - 1]);
            } else {
                low[axis] = after.min(centres.len() - 1);
            }
        }
        let base: usize = (0..3).map(|a| low[a] * strides[a]).sum();
        std::array::from_fn(|corner| {
            let mut offset = base;
            let mut weight = 1.0;
            for axis in 0..3 {
                if corner >> axis & 1 == 1 {
                    offset += step[axis];
                    weight *= share[axis];
                } else {
                    weight *= 1.0 - share[axis];
                }
            }
            (offset, weight)
        })
    }
}

/// How far apart a ray is looked at. Unit: mm.
const RAY_STEP_MM: f64 = 0.25;
/// How closely a crossing is found. Unit: mm.
const CROSSING_MM: f64 = 1e-5;

/// Distance from `from` along `direction` to where a field first passes from at or below `celsius` to above it.
/// `None` when it is nowhere that cold along the ray. Unit: mm.
///
/// Places where the field says nothing (a shaft, outside) are passed over; the ray ends where it leaves `longest_mm`.
pub fn radius_along(
    field_c: &dyn Fn(ScenePoint) -> Option<f64>,
    from: ScenePoint,
    direction: SceneDirection,
    celsius: f64,
) -> Option<f64> {
    crossing_mm(field_c, from, direction, celsius, LONGEST_RAY_MM)
}

/// No ice ball of one session reaches so far. Unit: mm.
const LONGEST_RAY_MM: f64 = 200.0;

pub(crate) fn crossing_mm(
    field_c: &dyn Fn(ScenePoint) -> Option<f64>,
    from: ScenePoint,
    direction: SceneDirection,
    celsius: f64,
    longest_mm: f64,
) -> Option<f64> {
    let at = |mm: f64| field_c(from + direction * mm);
    let mut cold: Option<f64> = None;
    let count = (longest_mm / RAY_STEP_MM) as usize;
    for n in 0..=count {
        let mm = RAY_STEP_MM * n as f64;
        match (at(mm), cold) {
            (Some(t), _) if t <= celsius => cold = Some(mm),
            (Some(_), Some(last)) => return Some(bisected(&at, last, mm, celsius)),
            _ => {}
        }
    }
    None
}

fn bisected(at: &dyn Fn(f64) -> Option<f64>, mut cold: f64, mut warm: f64, celsius: f64) -> f64 {
    while warm - cold > CROSSING_MM {
        let middle = 0.5 * (cold + warm);
        if at(middle).is_none_or(|t| t > celsius) {
            warm = middle;
        } else {
            cold = middle;
        }
    }
    0.5 * (cold + warm)
}
