//! The cheapest way from one node of a lattice to another (Dijkstra over 26 neighbours).
//!
//! The way runs from node to node and may be off by half a step and too long by a few per cent; what follows draws it to
//! the ridge, so that neither matters.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use frostline_space::{Axis, Grid, VoxelIndex};

/// A node that was reached, and at what cost.
struct Reached {
    cost: f64,
    node: usize,
}

// The heap gives its largest entry first, so the cheapest is the largest; equal costs are taken in the order of storage,
// so that the way does not depend on the heap.
impl Ord for Reached {
    fn cmp(&self, other: &Self) -> Ordering {
        other.cost.total_cmp(&self.cost).then(other.node.cmp(&self.node))
    }
}
impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Reached {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Reached {}

/// Nodes of the cheapest way from `start` to `goal`, both included; `None` when none leads there.
///
/// `cost` is that of one step of length one at each node; infinite where nothing may pass.
pub(super) fn cheapest_way(grid: &Grid, cost: &[f64], start: usize, goal: usize) -> Option<Vec<usize>> {
    let mut least = vec![f64::INFINITY; grid.count()];
    let mut from = vec![usize::MAX; grid.count()];
    let mut open = BinaryHeap::new();
    least[start] = 0.0;
    open.push(Reached { cost: 0.0, node: start });
    while let Some(Reached { cost: so_far, node }) = open.pop() {
        if node == goal {
            return Some(way_back(&from, start, goal));
        }
        if so_far > least[node] {
            continue;
        }
        for (next, length) in neighbours(grid, grid.index(node)) {
            let there = so_far + length * 0.5 * (cost[node] + cost[next]);
            if there < least[next] {
                least[next] = there;
                from[next] = node;
                open.push(Reached { cost: there, node: next });
            }
        }
    }
    None
}

fn way_back(from: &[usize], start: usize, goal: usize) -> Vec<usize> {
    let mut way = vec![goal];
    let mut node = goal;
    while node != start {
        node = from[node];
        way.push(node);
    }
    way.reverse();
    way
}

/// The nodes that touch one, by a face, an edge or a corner, with their distance in steps.
fn neighbours(grid: &Grid, at: VoxelIndex) -> impl Iterator<Item = (usize, f64)> + '_ {
    let span = |index: usize, axis: Axis| index.saturating_sub(1)..(index + 2).min(grid.size(axis));
    span(at.k, Axis::Slice).flat_map(move |k| {
        span(at.j, Axis::Row).flat_map(move |j| {
            span(at.i, Axis::Column).filter_map(move |i| {
                let apart = i.abs_diff(at.i) + j.abs_diff(at.j) + k.abs_diff(at.k);
                // All three differ by at most one, so the square of the distance is their number.
                (apart > 0).then(|| (grid.offset(VoxelIndex::new(i, j, k)), (apart as f64).sqrt()))
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use frostline_space::{PatientPoint, PatientVector, VoxelToPatient};

    fn grid(columns: usize, rows: usize) -> Grid {
        let map = VoxelToPatient::new(
            PatientVector::new(1.0, 0.0, 0.0),
            PatientVector::new(0.0, 1.0, 0.0),
            PatientVector::new(0.0, 0.0, 1.0),
            PatientPoint::origin(),
        );
        Grid::new(VoxelIndex::new(columns, rows, 1), map).unwrap()
    }

    #[test]
    fn the_way_goes_round_a_wall_through_its_gap() {
        let grid = grid(5, 5);
        let mut cost = vec![1.0; 25];
        for row in 0..4 {
            cost[row * 5 + 2] = f64::INFINITY;
        }
        let way = cheapest_way(&grid, &cost, 0, 4).unwrap();
        assert!(way.contains(&22), "the gap is column 2 of row 4: {way:?}");
        assert_eq!((way[0], way[way.len() - 1]), (0, 4));
        cost[22] = f64::INFINITY;
        assert_eq!(cheapest_way(&grid, &cost, 0, 4), None);
    }
}
