//! Floods and connected pieces on the cells of a grid.

use frostline_space::{Axis, Grid};

/// Cells along columns, rows and slices, with the neighbours of a cell by its storage offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lattice {
    size: [usize; 3],
}

/// One of the six outer faces of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Face {
    /// The axis it is perpendicular to.
    pub axis: Axis,
    /// True for the face where the index is largest.
    pub last: bool,
}

impl Face {
    pub(super) const ALL: [Face; 6] = [
        Face { axis: Axis::Column, last: false },
        Face { axis: Axis::Column, last: true },
        Face { axis: Axis::Row, last: false },
        Face { axis: Axis::Row, last: true },
        Face { axis: Axis::Slice, last: false },
        Face { axis: Axis::Slice, last: true },
    ];
}

impl Lattice {
    pub(super) fn of(grid: &Grid) -> Self {
        Self { size: Axis::ALL.map(|axis| grid.size(axis)) }
    }

    pub(super) fn count(&self) -> usize {
        self.size[0] * self.size[1] * self.size[2]
    }

    fn place(&self, offset: usize) -> [usize; 3] {
        let row = offset / self.size[0];
        [offset % self.size[0], row % self.size[1], row / self.size[1]]
    }

    /// The up to six cells that share a face with this one, those along `axes` only.
    pub(super) fn neighbours(&self, offset: usize, axes: Axes) -> impl Iterator<Item = usize> + use<> {
        let place = self.place(offset);
        let stride = [1, self.size[0], self.size[0] * self.size[1]];
        let mut found = [0; 6];
        let mut count = 0;
        for axis in 0..axes.count() {
            if place[axis] > 0 {
                found[count] = offset - stride[axis];
                count += 1;
            }
            if place[axis] + 1 < self.size[axis] {
                found[count] = offset + stride[axis];
                count += 1;
            }
        }
        found.into_iter().take(count)
    }

    /// The cells of the box of `reach` cells each way along columns and rows and one slice each way.
    pub(super) fn around(&self, offset: usize, reach: usize) -> impl Iterator<Item = usize> + use<> {
        let [i, j, k] = self.place(offset);
        let [columns, rows, slices] = self.size;
        let range = |at: usize, by: usize, size: usize| at.saturating_sub(by)..(at + by + 1).min(size);
        let (is, js) = (range(i, reach, columns), range(j, reach, rows));
        range(k, 1, slices).flat_map(move |c| {
            let is = is.clone();
            js.clone().flat_map(move |b| is.clone().map(move |a| (c * rows + b) * columns + a))
        })
    }

    /// The cells of one outer face.
    pub(super) fn face(&self, face: Face) -> Vec<usize> {
        let axis = match face.axis {
            Axis::Column => 0,
            Axis::Row => 1,
            Axis::Slice => 2,
        };
        let wanted = if face.last { self.size[axis] - 1 } else { 0 };
        (0..self.count()).filter(|&offset| self.place(offset)[axis] == wanted).collect()
    }

    /// Cells of one slice.
    pub(super) fn slice_size(&self) -> usize {
        self.size[0] * self.size[1]
    }

    pub(super) fn slice_of(&self, offset: usize) -> usize {
        self.place(offset)[2]
    }
}

/// Along which axes cells count as neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axes {
    /// Within a slice.
    InPlane,
    /// Through the whole volume.
    All,
}

impl Axes {
    fn count(self) -> usize {
        match self {
            Axes::InPlane => 2,
            Axes::All => 3,
        }
    }
}

/// Every open cell that can be reached from the seeds through open cells.
pub(super) fn flood(
    lattice: &Lattice,
    axes: Axes,
    seeds: impl Iterator<Item = usize>,
    open: impl Fn(usize) -> bool,
) -> Vec<bool> {
    let mut reached = vec![false; lattice.count()];
    let mut waiting: Vec<usize> = Vec::new();
    for seed in seeds {
        if open(seed) && !reached[seed] {
            reached[seed] = true;
            waiting.push(seed);
        }
    }
    while let Some(cell) = waiting.pop() {
        for next in lattice.neighbours(cell, axes) {
            if !reached[next] && open(next) {
                reached[next] = true;
                waiting.push(next);
            }
        }
    }
    reached
}

/// Pieces of a region that hang together by faces; each is the list of its cells.
pub(super) fn pieces(lattice: &Lattice, inside: &[bool]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; lattice.count()];
    let mut found = Vec::new();
    for start in 0..lattice.count() {
        if !inside[start] || seen[start] {
            continue;
        }
        let mut piece = Vec::new();
        let mut waiting = vec![start];
        seen[start] = true;
        while let Some(cell) = waiting.pop() {
            piece.push(cell);
            for next in lattice.neighbours(cell, Axes::All) {
                if inside[next] && !seen[next] {
                    seen[next] = true;
                    waiting.push(next);
                }
            }
        }
        found.push(piece);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use frostline_space::{PatientPoint, PatientVector, VoxelIndex, VoxelToPatient};

    fn line_of(cells: usize) -> Lattice {
        let map = VoxelToPatient::new(
            PatientVector::new(1.0, 0.0, 0.0),
            PatientVector::new(0.0, 1.0, 0.0),
            PatientVector::new(0.0, 0.0, 1.0),
            PatientPoint::origin(),
        );
        Lattice::of(&Grid::new(VoxelIndex::new(cells, 1, 1), map).unwrap())
    }

    #[test]
    fn a_flood_stops_at_a_closed_cell() {
        let reached = flood(&line_of(5), Axes::All, [0].into_iter(), |cell| cell != 3);
        assert_eq!(reached, [true, true, true, false, false]);
    }

    #[test]
    fn a_gap_makes_two_pieces() {
        assert_eq!(pieces(&line_of(5), &[true, true, false, true, false]), vec![vec![0, 1], vec![3]]);
    }
}
