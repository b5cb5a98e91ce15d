//! Cells that are weighed and joined to their neighbours only when they begin to work.
//!
//! Until then nothing is stored of a cell but what it is made of, and its faces pass nothing; whoever asks is told what they
//! will pass. Where all cells are of one size, it is also known of which faces nothing needs to be read.

use rayon::prelude::*;

use super::{HELD, Kind, Mesh, UNIT};

/// How a unit is joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// It rests.
    Not,
    /// By faces that must be read.
    Any,
    /// All its faces are those between cells of one size and kind.
    Even,
    /// By faces that something has changed, for good.
    Changed,
}

impl Mesh {
    /// Whether all cells were joined from the beginning.
    pub(in crate::solver) fn is_joined_at_once(&self) -> bool {
        self.joined.is_none()
    }

    /// Along each axis what both faces of a cell pass over its capacity and diffusivity, amid cells of one kind. Unit: 1/m2.
    pub(in crate::solver) fn steepness(&self) -> [Vec<f64>; 3] {
        let along = |width: &[f64]| {
            let beside = |n: usize, m: usize| width.get(m).map_or(0.0, |other| 2.0 / (width[n] * (width[n] + other)));
            (0..width.len()).map(|n| beside(n, n.wrapping_sub(1)) + beside(n, n + 1)).collect()
        };
        [0, 1, 2].map(|axis| along(&self.width_m[axis]))
    }

    /// Whether a unit is joined to its neighbours.
    pub(in crate::solver) fn is_joined(&self, unit: usize) -> bool {
        self.joined.as_ref().is_none_or(|joined| joined[unit] != Joint::Not)
    }

    /// Whether all faces of a unit are those between cells of one size and kind.
    pub(in crate::solver) fn is_even(&self, unit: usize) -> bool {
        self.joined.as_ref().is_some_and(|joined| joined[unit] == Joint::Even)
    }

    /// Faces of these cells are no longer what they were, or will not be.
    pub(in crate::solver) fn change(&mut self, cells: impl Iterator<Item = usize>) {
        let Some(joined) = &mut self.joined else { return };
        for cell in cells {
            joined[cell / UNIT] = Joint::Changed;
        }
    }

    /// What the face to the next cell along an axis passes, or will pass once both cells are joined. Unit: W/K.
    pub(in crate::solver) fn passes(&self, axis: usize, cell: usize) -> f32 {
        let next = cell + self.stride[axis];
        if next >= self.count || self.is_joined(cell / UNIT) && self.is_joined(next / UNIT) {
            return self.g_at(axis, cell);
        }
        let at = self.place(cell);
        if at[axis] + 1 == self.size[axis] { 0.0 } else { self.plain_g(axis, at, cell) }
    }

    /// Inverse of the heat capacity of a cell, whether it is joined or not. Unit: K/J.
    pub(in crate::solver) fn per_capacity_of(&self, cell: usize) -> f32 {
        if self.is_joined(cell / UNIT) {
            self.per_capacity[cell]
        } else {
            self.plain_capacity(cell).map_or(0.0, |c| (1.0 / c) as f32)
        }
    }

    /// Heat capacity of all cells that are not joined yet, by kind. Unit: J/K.
    pub(in crate::solver) fn unjoined_capacity(&self) -> Vec<f64> {
        let [nx, ny, _] = self.size;
        let layers: Vec<Vec<f64>> = (0..self.size[2])
            .into_par_iter()
            .map(|k| {
                let mut sums = vec![0.0; self.kinds.len()];
                for j in 0..ny {
                    let across = self.width_m[1][j] * self.width_m[2][k];
                    let first = (k * ny + j) * nx;
                    for (i, &kind) in self.kind[first..first + nx].iter().enumerate() {
                        if kind != HELD && !self.is_joined((first + i) / UNIT) {
                            sums[usize::from(kind)] += self.width_m[0][i] * across;
                        }
                    }
                }
                sums
            })
            .collect();
        let volume = |kind: usize| layers.iter().map(|sums| sums[kind]).sum::<f64>();
        self.kinds.iter().enumerate().map(|(n, kind)| volume(n) * kind.lookup.capacity()).collect()
    }

    /// Weighs units that begin to work, and joins them to all that work already.
    pub(in crate::solver) fn wake(&mut self, units: &[u32]) {
        let Some(joined) = &mut self.joined else { return };
        let mut new: Vec<u32> = units.iter().copied().filter(|&unit| joined[unit as usize] == Joint::Not).collect();
        new.sort_unstable();
        new.dedup();
        for &unit in &new {
            joined[unit as usize] = Joint::Any;
        }
        for cell in new.iter().flat_map(|&unit| unit as usize * UNIT..(unit as usize + 1) * UNIT) {
            let Some(capacity) = self.plain_capacity(cell) else { continue };
            self.capacity[cell] = capacity as f32;
            self.per_capacity[cell] = (1.0 / capacity) as f32;
            let at = self.place(cell);
            for axis in 0..3 {
                let stride = self.stride[axis];
                if at[axis] + 1 < self.size[axis] && self.is_joined((cell + stride) / UNIT) {
                    self.g[axis][self.pad + cell] = self.plain_g(axis, at, cell);
                }
                if at[axis] > 0 && self.is_joined((cell - stride) / UNIT) {
                    let mut before = at;
                    before[axis] -= 1;
                    self.g[axis][self.pad + cell - stride] = self.plain_g(axis, before, cell - stride);
                }
            }
        }
        for &unit in new.iter().filter(|_| !self.even.is_empty()) {
            for unit in self.units_around(unit as usize) {
                if self.looks_even(unit)
                    && let Some(joined) = &mut self.joined
                    && joined[unit] == Joint::Any
                {
                    joined[unit] = Joint::Even;
                }
            }
        }
    }

    /// A unit, and those that hold neighbours of its cells.
    fn units_around(&self, unit: usize) -> impl Iterator<Item = usize> + use<> {
        let (ends, units) = ([unit * UNIT, unit * UNIT + UNIT - 1], self.stored / UNIT);
        let beside = self
            .stride
            .into_iter()
            .flat_map(move |by| ends.into_iter().flat_map(move |end| [end.wrapping_sub(by) / UNIT, (end + by) / UNIT]));
        beside.chain([unit]).filter(move |&unit| unit < units)
    }

    /// Whether a unit lies in one row, amid joined units of its own kind.
    fn looks_even(&self, unit: usize) -> bool {
        let (first, [_, row, layer]) = (unit * UNIT, self.stride);
        let [i, j, k] = self.place(first);
        let is_amid = |at: usize, length: usize, size: usize| at > 0 && at + length < size;
        if !(is_amid(i, UNIT, self.size[0]) && is_amid(j, 1, self.size[1]) && is_amid(k, 1, self.size[2])) {
            return false;
        }
        let is_alike =
            |from: usize, length: usize| self.kind[from..from + length].iter().all(|k| *k == self.kind[first]);
        self.kind[first] != HELD
            && self.units_around(unit).all(|unit| self.is_joined(unit))
            && is_alike(first - 1, UNIT + 2)
            && [first - row, first + row, first - layer, first + layer].into_iter().all(|from| is_alike(from, UNIT))
    }

    /// What faces pass over capacity by kind, where all cells are of one size.
    pub(in crate::solver) fn even(&self) -> Vec<[f32; 3]> {
        // Edges of a grid are made by additions, whose rounding is left in widths.
        let is_one = |width: &Vec<f64>| width.iter().all(|w| (w / width[0] - 1.0).abs() < 1e-9);
        if self.joined.is_none() || !self.width_m.iter().all(is_one) {
            return Vec::new();
        }
        let by = |kind: &Kind| {
            let diffusivity = kind.lookup.conductivity() / kind.lookup.capacity();
            [0, 1, 2].map(|axis| (diffusivity / self.width_m[axis][0].powi(2)) as f32)
        };
        self.kinds.iter().map(by).collect()
    }

    /// Lets faces between two tissues pass again what they pass while both are warm.
    pub(in crate::solver) fn unbend(&mut self) {
        for face in &self.interfaces {
            let (a, b) = (face.a as usize, face.b as usize);
            if self.is_joined(a / UNIT) && self.is_joined(b / UNIT) {
                let g = self.in_series((face.half_a, self.kind[a]), (face.half_b, self.kind[b]));
                self.g[usize::from(face.axis)][self.pad + a] = g;
            }
        }
    }
}
