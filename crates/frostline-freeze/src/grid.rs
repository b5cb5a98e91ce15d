//! Rectilinear grids of a scene: cells between edges along three axes, fine where it matters.

use frostline_space::VoxelIndex;

use crate::{ScenePoint, SceneVector};

/// A box whose faces are square to the axes of the scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SceneBox {
    /// The corner with the smallest coordinates.
    pub least: ScenePoint,
    /// The corner with the largest coordinates.
    pub most: ScenePoint,
}

impl SceneBox {
    /// The smallest box around `places`, widened by `margin_mm` on every side; `None` without places.
    pub fn around(places: &[ScenePoint], margin_mm: f64) -> Option<Self> {
        let first = *places.first()?;
        let (mut least, mut most) = (first, first);
        for p in places {
            least = ScenePoint::new(least.x.min(p.x), least.y.min(p.y), least.z.min(p.z));
            most = ScenePoint::new(most.x.max(p.x), most.y.max(p.y), most.z.max(p.z));
        }
        let margin = SceneVector::new(margin_mm, margin_mm, margin_mm);
        Some(Self { least: least - margin, most: most + margin })
    }

    /// True inside and on the faces.
    pub fn contains(&self, place: ScenePoint) -> bool {
        (0..3).all(|axis| {
            let x = coordinate(place, axis);
            x >= coordinate(self.least, axis) && x <= coordinate(self.most, axis)
        })
    }
}

/// Why edges do not make a grid.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GridError {
    /// Fewer than two edges along an axis.
    #[error("axis {axis} has {found} edges; a grid needs at least two along x, y and z")]
    TooFewEdges {
        /// x, y or z.
        axis: char,
        /// Edges found.
        found: usize,
    },
    /// Edges that do not increase.
    #[error("edges {number} and {next} of axis {axis} are {first_mm} mm and {second_mm} mm; edges must increase", next = .number + 1)]
    NotIncreasing {
        /// x, y or z.
        axis: char,
        /// Number of the first edge, from 1.
        number: usize,
        /// Where it lies.
        first_mm: f64,
        /// Where the next one lies.
        second_mm: f64,
    },
    /// A size that is not a positive number.
    #[error("{what} is {found}; it must be a positive finite number")]
    BadSize {
        /// What was asked for.
        what: &'static str,
        /// The number given.
        found: f64,
    },
    /// More cells than a run can hold.
    #[error("the grid would have {cells} cells; at most {most} fit, use coarser cells or a smaller box")]
    TooManyCells {
        /// Cells asked for.
        cells: usize,
        /// Cells allowed.
        most: usize,
    },
}

/// The most cells a grid may have: 64 million are about 4 GB of working memory.
const MOST_CELLS: usize = 64_000_000;

/// Cells between edges along x, y and z; x runs fastest in storage.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneGrid {
    edges_mm: [Vec<f64>; 3],
    centres_mm: [Vec<f64>; 3],
}

pub(crate) fn coordinate(place: ScenePoint, axis: usize) -> f64 {
    match axis {
        0 => place.x,
        1 => place.y,
        _ => place.z,
    }
}

impl SceneGrid {
    /// From the edges along x, y and z. Unit: mm.
    ///
    /// # Errors
    /// [`GridError`] when an axis has fewer than two edges, edges that do not increase, or there are too many cells.
    pub fn from_edges(x_mm: Vec<f64>, y_mm: Vec<f64>, z_mm: Vec<f64>) -> Result<Self, GridError> {
        let edges_mm = [x_mm, y_mm, z_mm];
        for (edges, axis) in edges_mm.iter().zip(['x', 'y', 'z']) {
            if edges.len() < 2 {
                return Err(GridError::TooFewEdges { axis, found: edges.len() });
            }
            for (n, pair) in edges.windows(2).enumerate() {
                if !(pair[1] > pair[0] && pair[0].is_finite() && pair[1].is_finite()) {
                    return Err(GridError::NotIncreasing {
                        axis,
                        number: n + 1,
                        first_mm: pair[0],
                        second_mm: pair[1],
                    });
                }
            }
        }
        let cells = edges_mm.iter().fold(1_usize, |n, e| n.saturating_mul(e.len() - 1));
        if cells > MOST_CELLS {
            return Err(GridError::TooManyCells { cells, most: MOST_CELLS });
        }
        let centres_mm = [0, 1, 2].map(|a| edges_mm[a].windows(2).map(|p| 0.5 * (p[0] + p[1])).collect());
        Ok(Self { edges_mm, centres_mm })
    }

    /// Cubes of about `cell_mm` that fill `outer` exactly.
    ///
    /// # Errors
    /// [`GridError`] for a size that is not positive, an empty box, or too many cells.
    pub fn uniform(outer: SceneBox, cell_mm: f64) -> Result<Self, GridError> {
        Self::graded(outer, cell_mm, 1.0, cell_mm, outer)
    }

    /// Cells of about `fine_mm` in `focus`, each further one `growth` times its inner neighbour up to `coarsest_mm`,
    /// filling `outer` exactly.
    ///
    /// # Errors
    /// [`GridError`] for a size that is not positive, an empty box, or too many cells.
    pub fn graded(
        focus: SceneBox,
        fine_mm: f64,
        growth: f64,
        coarsest_mm: f64,
        outer: SceneBox,
    ) -> Result<Self, GridError> {
        for (what, found) in [("the fine cell size", fine_mm), ("the coarsest cell size", coarsest_mm)] {
            if !(found > 0.0 && found.is_finite()) {
                return Err(GridError::BadSize { what, found });
            }
        }
        if !(growth >= 1.0 && growth.is_finite()) {
            return Err(GridError::BadSize { what: "the growth from cell to cell (at least 1)", found: growth });
        }
        let rule = Grading { fine_mm, growth, coarsest_mm };
        let axis = |n: usize| {
            let outer = (coordinate(outer.least, n), coordinate(outer.most, n));
            let focus = (coordinate(focus.least, n), coordinate(focus.most, n));
            rule.edges(focus, outer)
        };
        Self::from_edges(axis(0)?, axis(1)?, axis(2)?)
    }

    /// Edges along x, y and z. Unit: mm.
    pub fn edges_mm(&self) -> &[Vec<f64>; 3] {
        &self.edges_mm
    }

    /// Cell centres along x, y and z. Unit: mm.
    pub fn centres_mm(&self) -> &[Vec<f64>; 3] {
        &self.centres_mm
    }

    /// Cells along x, y and z.
    pub fn size(&self) -> VoxelIndex {
        VoxelIndex::new(self.centres_mm[0].len(), self.centres_mm[1].len(), self.centres_mm[2].len())
    }

    /// Number of cells.
    pub fn cell_count(&self) -> usize {
        self.centres_mm.iter().map(Vec::len).product()
    }

    /// Place of a cell in storage: x fastest, then y, then z.
    pub fn offset(&self, cell: VoxelIndex) -> usize {
        let size = self.size();
        (cell.k * size.j + cell.j) * size.i + cell.i
    }

    /// The cell stored at `offset`.
    pub fn cell(&self, offset: usize) -> VoxelIndex {
        let size = self.size();
        VoxelIndex::new(offset % size.i, offset / size.i % size.j, offset / (size.i * size.j))
    }

    /// Centre of a cell.
    pub fn centre(&self, cell: VoxelIndex) -> ScenePoint {
        ScenePoint::new(self.centres_mm[0][cell.i], self.centres_mm[1][cell.j], self.centres_mm[2][cell.k])
    }

    /// Volume of a cell. Unit: mm3.
    pub fn volume_mm3(&self, cell: VoxelIndex) -> f64 {
        self.width_mm(0, cell.i) * self.width_mm(1, cell.j) * self.width_mm(2, cell.k)
    }

    /// The cell that holds `place`; `None` outside the grid.
    pub fn cell_at(&self, place: ScenePoint) -> Option<VoxelIndex> {
        let find = |axis: usize| {
            let edges = &self.edges_mm[axis];
            let x = coordinate(place, axis);
            let after = edges.partition_point(|&e| e <= x);
            // A place on the far face belongs to the last cell.
            let after = if after == edges.len() && x == edges[after - 1] { after - 1 } else { after };
            (after > 0 && after < edges.len()).then(|| after - 1)
        };
        Some(VoxelIndex::new(find(0)?, find(1)?, find(2)?))
    }

    /// The box the cells fill.
    pub fn outer_box(&self) -> SceneBox {
        let end = |axis: usize| self.edges_mm[axis][self.edges_mm[axis].len() - 1];
        SceneBox {
            least: ScenePoint::new(self.edges_mm[0][0], self.edges_mm[1][0], self.edges_mm[2][0]),
            most: ScenePoint::new(end(0), end(1), end(2)),
        }
    }

    /// Width of the smallest cell along any axis. Unit: mm.
    pub fn finest_mm(&self) -> f64 {
        let widths = self.edges_mm.iter().flat_map(|e| e.windows(2).map(|p| p[1] - p[0]));
        widths.fold(f64::INFINITY, f64::min)
    }

    /// Width of cell `n` along an axis. Unit: mm.
    pub(crate) fn width_mm(&self, axis: usize, n: usize) -> f64 {
        self.edges_mm[axis][n + 1] - self.edges_mm[axis][n]
    }
}

/// How cells grow away from the focus.
struct Grading {
    fine_mm: f64,
    growth: f64,
    coarsest_mm: f64,
}

impl Grading {
    /// Edges along one axis, with `focus` cut to `outer`.
    fn edges(&self, focus: (f64, f64), outer: (f64, f64)) -> Result<Vec<f64>, GridError> {
        let whole_mm = outer.1 - outer.0;
        if !(whole_mm > 0.0 && whole_mm.is_finite()) {
            return Err(GridError::BadSize { what: "the size of the outer box", found: whole_mm });
        }
        let low = focus.0.clamp(outer.0, outer.1);
        let high = focus.1.clamp(low, outer.1);
        let fine_count = ((high - low) / self.fine_mm).round().max(1.0);
        if fine_count > MOST_CELLS as f64 {
            return Err(GridError::TooManyCells { cells: fine_count as usize, most: MOST_CELLS });
        }
        let mut edges: Vec<f64> = self.rim(low - outer.0)?.iter().rev().map(|d| low - d).collect();
        let fine_count = fine_count as usize;
        if high > low {
            edges.extend((0..=fine_count).map(|n| low + (high - low) * n as f64 / fine_count as f64));
        } else {
            edges.push(low);
        }
        edges.extend(self.rim(outer.1 - high)?.iter().map(|d| high + d));
        // Sums leave the last digit of the outer faces open; the box that was asked for is kept to the bit.
        let last = edges.len() - 1;
        edges[0] = outer.0;
        edges[last] = outer.1;
        Ok(edges)
    }

    /// Distances of the edges from the focus out to `reach_mm`, scaled so that the last one falls on it.
    fn rim(&self, reach_mm: f64) -> Result<Vec<f64>, GridError> {
        if reach_mm <= 1e-9 {
            return Ok(Vec::new());
        }
        let mut distances = Vec::new();
        let (mut width, mut at) = (self.fine_mm, 0.0);
        while at < reach_mm - 0.5 * width {
            width = (width * self.growth).min(self.coarsest_mm.max(self.fine_mm));
            at += width;
            distances.push(at);
            if distances.len() > MOST_CELLS {
                return Err(GridError::TooManyCells { cells: distances.len(), most: MOST_CELLS });
            }
        }
        if distances.is_empty() {
            return Ok(vec![reach_mm]);
        }
        let scale = reach_mm / at;
        Ok(distances.iter().map(|d| d * scale).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cube(half_mm: f64) -> SceneBox {
        SceneBox {
            least: ScenePoint::new(-half_mm, -half_mm, -half_mm),
            most: ScenePoint::new(half_mm, half_mm, half_mm),
        }
    }

    #[test]
    fn a_uniform_grid_fills_its_box_with_equal_cells() {
        let grid = SceneGrid::uniform(cube(32.0), 0.5).unwrap();
        assert_eq!(grid.size(), VoxelIndex::new(128, 128, 128));
        assert!((grid.finest_mm() - 0.5).abs() < 1e-12);
        assert_eq!(grid.centre(VoxelIndex::new(64, 64, 64)), ScenePoint::new(0.25, 0.25, 0.25));
    }

    #[test]
    fn a_graded_grid_is_fine_in_the_focus_and_ends_on_the_box() {
        let grid = SceneGrid::graded(cube(5.0), 0.5, 1.3, 3.0, cube(32.0)).unwrap();
        let edges = &grid.edges_mm()[0];
        assert_eq!((edges[0], edges[edges.len() - 1]), (-32.0, 32.0));
        let widths: Vec<f64> = edges.windows(2).map(|p| p[1] - p[0]).collect();
        assert!(widths.iter().all(|&w| w > 0.45 && w < 3.6), "{widths:?}");
        // Scaling the rim to fit moves a cell by at most half of its width, so neighbours differ by under 1.3 x 1.5.
        assert!(widths.windows(2).all(|p| (p[1] / p[0]).max(p[0] / p[1]) < 1.95), "{widths:?}");
        let fine = grid.width_mm(0, grid.cell_at(ScenePoint::new(0.1, 0.1, 0.1)).unwrap().i);
        assert!((fine - 0.5).abs() < 1e-12);
    }

    #[test]
    fn offsets_and_cells_undo_each_other() {
        let grid = SceneGrid::from_edges(vec![0.0, 1.0, 3.0], vec![0.0, 1.0, 2.0, 4.0], vec![0.0, 5.0]).unwrap();
        for offset in 0..grid.cell_count() {
            assert_eq!(grid.offset(grid.cell(offset)), offset);
            assert_eq!(grid.cell_at(grid.centre(grid.cell(offset))), Some(grid.cell(offset)));
        }
        assert_eq!(grid.volume_mm3(VoxelIndex::new(1, 2, 0)), 20.0);
    }

    #[test]
    fn a_place_outside_lies_in_no_cell() {
        let grid = SceneGrid::uniform(cube(2.0), 1.0).unwrap();
        assert_eq!(grid.cell_at(ScenePoint::new(2.1, 0.0, 0.0)), None);
        assert_eq!(grid.cell_at(ScenePoint::new(2.0, 0.0, 0.0)).map(|c| c.i), Some(3));
    }

    #[test]
    fn edges_that_run_backwards_are_refused() {
        let error = SceneGrid::from_edges(vec![0.0, 1.0], vec![0.0, 2.0, 1.0], vec![0.0, 1.0]).unwrap_err();
        assert_eq!(error, GridError::NotIncreasing { axis: 'y', number: 2, first_mm: 2.0, second_mm: 1.0 });
    }

    #[test]
    fn a_grid_too_large_to_hold_is_refused_before_it_is_made() {
        let error = SceneGrid::uniform(cube(500.0), 0.1).unwrap_err();
        assert!(matches!(error, GridError::TooManyCells { .. }), "{error}");
    }
}
