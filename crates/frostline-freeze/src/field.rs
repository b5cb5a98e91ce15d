//! Reading a field of cells at any place, also close to a probe.

use crate::grid::SceneGrid;
use crate::solver::potential::{Potential, Where};
use crate::{SceneDirection, ScenePoint};

/// What a cell holds, for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Tissue, with a temperature of its own.
    Tissue,
    /// Tissue that a probe covered while it acted: then it had the temperature of the probe.
    Covered,
    /// Nothing that conducts: held at a temperature, or inside an insulated shaft.
    Nothing,
}

/// Where fields are read: cells, what they hold, and probes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lattice {
    pub(crate) grid: SceneGrid,
    pub(crate) holds: Vec<Holds>,
    pub(crate) probes: Vec<Potential>,
}

/// One value per cell, and the temperature of each probe's surface where it takes part.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) lattice: &'a Lattice,
    pub(crate) values: &'a [f32],
    pub(crate) surface_c: &'a [Option<f64>],
}

/// A neighbouring node: its place in storage, its share of the linear interpolation.
type Corner = (usize, f64);

/// Cells within which the field of a probe bends too much for straight interpolation.
const BENT_CELLS: f64 = 3.0;

impl Field<'_> {
    /// The value at a place; `None` outside the grid, and where no neighbouring cell holds tissue.
    ///
    /// Linear between the eight nodes around, leaving out what holds no tissue. Near a probe that acts, only the rest
    /// over `T_s + b phi` is interpolated so, where phi is the probe's own steady field (-ln(r/a) beside a long one)
    /// and b the best fit through the surface; this is exact for the field the solver reproduces.
    pub(crate) fn at(&self, place: ScenePoint) -> Option<f64> {
        let cell = self.lattice.grid.cell_at(place)?;
        let probe =
            self.probe_near(place, self.lattice.grid.width_mm(0, cell.i).max(self.lattice.grid.width_mm(2, cell.k)));
        let corners = self.corners(place);
        let Some((probe, surface_c)) = probe else { return self.straight(&corners, false) };
        let potential = &self.lattice.probes[probe];
        if potential.locate(place) == Where::Active {
            return Some(surface_c);
        }
        let nodes: Vec<(f64, f64, f64)> = corners
            .iter()
            .filter(|&&(n, _)| self.lattice.holds[n] == Holds::Tissue)
            .map(|&(n, share)| (share, potential.phi(self.centre(n)), f64::from(self.values[n])))
            .collect();
        let shares: f64 = nodes.iter().map(|n| n.0).sum();
        if shares < 1e-6 {
            return self.straight(&corners, true).map(|_| surface_c);
        }
        let bent: f64 = nodes.iter().map(|&(share, phi, _)| share * phi * phi).sum();
        let fit: f64 = nodes.iter().map(|&(share, phi, t)| share * phi * (t - surface_c)).sum();
        let slope = if bent > 0.0 { fit / bent } else { 0.0 };
        let rest: f64 = nodes.iter().map(|&(share, phi, t)| share * (t - surface_c - slope * phi)).sum();
        Some(surface_c + slope * potential.phi(place) + rest / shares)
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

    fn straight(&self, corners: &[Corner], with_covered: bool) -> Option<f64> {
        let (mut shares, mut sum) = (0.0, 0.0);
        for &(n, share) in corners {
            let counts = match self.lattice.holds[n] {
                Holds::Tissue => true,
                // While the probe rests, what it covered is tissue like any other.
                Holds::Covered => with_covered || self.surface_c.iter().all(Option::is_none),
                Holds::Nothing => false,
            };
            if counts {
                shares += share;
                sum += share * f64::from(self.values[n]);
            }
        }
        (shares > 1e-9).then(|| sum / shares)
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
