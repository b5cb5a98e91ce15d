//! Lines of equal value in a raster: marching squares, joined to the longest lines.

use std::collections::BTreeMap;

use super::slice::PicturePoint;

/// Values on a square raster; `None` where there is no value. Row by row from the top left.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalarRaster {
    columns: usize,
    rows: usize,
    step_mm: f64,
    values: Vec<Option<f64>>,
}

impl ScalarRaster {
    /// Samples a field every `step_mm` over a picture, both rims included.
    pub fn sampled(width_mm: f64, height_mm: f64, step_mm: f64, field: impl Fn(PicturePoint) -> Option<f64>) -> Self {
        let columns = (width_mm / step_mm).round().max(1.0) as usize + 1;
        let rows = (height_mm / step_mm).round().max(1.0) as usize + 1;
        let place = |n: usize| PicturePoint {
            right_mm: (n % columns) as f64 * step_mm,
            down_mm: (n / columns) as f64 * step_mm,
        };
        let values = (0..columns * rows).map(|n| field(place(n))).collect();
        Self { columns, rows, step_mm, values }
    }

    fn at(&self, column: usize, row: usize) -> Option<f64> {
        self.values[row * self.columns + column]
    }

    fn place(&self, column: usize, row: usize) -> PicturePoint {
        PicturePoint { right_mm: column as f64 * self.step_mm, down_mm: row as f64 * self.step_mm }
    }
}

/// One line of equal value.
#[derive(Clone, Debug, PartialEq)]
pub struct ContourLine {
    /// Its points in order.
    pub points: Vec<PicturePoint>,
    /// True when the last point meets the first.
    pub closed: bool,
}

/// An edge of the raster: from a node to the right (false) or down (true).
type Edge = (usize, bool);

/// Where the field passes `level`.
pub fn contour(field: &ScalarRaster, level: f64) -> Vec<ContourLine> {
    let mut graph = Graph::default();
    for row in 0..field.rows - 1 {
        for column in 0..field.columns - 1 {
            graph.add_cell(field, column, row, level);
        }
    }
    graph.lines()
}

#[derive(Default)]
struct Graph {
    places: BTreeMap<Edge, PicturePoint>,
    links: BTreeMap<Edge, Vec<Edge>>,
}

impl Graph {
    fn add_cell(&mut self, field: &ScalarRaster, column: usize, row: usize, level: f64) {
        let corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)];
        let values = corners.map(|(c, r)| field.at(c, r));
        let [Some(a), Some(b), Some(c), Some(d)] = values else { return };
        let values = [a, b, c, d];
        let node = |(c, r): (usize, usize)| r * field.columns + c;
        // Top, right, bottom, left; each belongs to the node at its upper or left end.
        let edges: [Edge; 4] =
            [(node(corners[0]), false), (node(corners[1]), true), (node(corners[3]), false), (node(corners[0]), true)];
        let mut crossed = Vec::with_capacity(4);
        for n in 0..4 {
            let (from, to) = (values[n], values[(n + 1) % 4]);
            if (from <= level) != (to <= level) {
                let fraction = (level - from) / (to - from);
                let (p, q) = (corners[n], corners[(n + 1) % 4]);
                let place = between(field.place(p.0, p.1), field.place(q.0, q.1), fraction);
                self.places.insert(edges[n], place);
                crossed.push(n);
            }
        }
        match crossed[..] {
            [from, to] => self.link(edges[from], edges[to]),
            [_, _, _, _] => {
                // A saddle: the mean decides which opposite corners hang together.
                let inside_joined = (values.iter().sum::<f64>() / 4.0 <= level) == (values[0] <= level);
                let pairs = if inside_joined { [(0, 1), (2, 3)] } else { [(0, 3), (1, 2)] };
                pairs.into_iter().for_each(|(from, to)| self.link(edges[from], edges[to]));
            }
            _ => {}
        }
    }

    fn link(&mut self, a: Edge, b: Edge) {
        self.links.entry(a).or_default().push(b);
        self.links.entry(b).or_default().push(a);
    }

    fn lines(mut self) -> Vec<ContourLine> {
        let mut lines = Vec::new();
        // Lines that end at a rim first, so that they are not entered in the middle; what remains is closed.
        let ends: Vec<Edge> = self.links.iter().filter(|(_, to)| to.len() == 1).map(|(from, _)| *from).collect();
        for start in ends {
            lines.extend(self.walk(start, false));
        }
        while let Some(start) = self.links.iter().find(|(_, to)| !to.is_empty()).map(|(from, _)| *from) {
            lines.extend(self.walk(start, true));
        }
        lines
    }

    fn walk(&mut self, start: Edge, closed: bool) -> Option<ContourLine> {
        let mut points = vec![self.places[&start]];
        let mut here = start;
        while let Some(next) = self.links.get_mut(&here).and_then(Vec::pop) {
            if let Some(back) = self.links.get_mut(&next) {
                back.retain(|edge| *edge != here);
            }
            points.push(self.places[&next]);
            here = next;
        }
        if closed {
            points.pop();
        }
        (points.len() > 1).then_some(ContourLine { points, closed })
    }
}

fn between(a: PicturePoint, b: PicturePoint, fraction: f64) -> PicturePoint {
    PicturePoint {
        right_mm: a.right_mm + (b.right_mm - a.right_mm) * fraction,
        down_mm: a.down_mm + (b.down_mm - a.down_mm) * fraction,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance_to(right_mm: f64, down_mm: f64) -> impl Fn(PicturePoint) -> Option<f64> {
        move |p| Some((p.right_mm - right_mm).hypot(p.down_mm - down_mm))
    }

    #[test]
    fn the_contour_of_a_distance_field_is_one_closed_circle() {
        let field = ScalarRaster::sampled(20.0, 20.0, 0.5, distance_to(10.0, 10.0));
        let lines = contour(&field, 6.0);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].closed);
        for p in &lines[0].points {
            let radius_mm = (p.right_mm - 10.0).hypot(p.down_mm - 10.0);
            // Linear interpolation on an edge of h errs by at most h²/(8 r) = 0.25/48 = 0.0052 mm.
            assert!((radius_mm - 6.0).abs() < 0.0053, "{radius_mm}");
        }
    }

    #[test]
    fn a_contour_that_leaves_the_picture_stays_open() {
        let field = ScalarRaster::sampled(10.0, 10.0, 0.5, distance_to(0.0, 5.0));
        let lines = contour(&field, 3.0);
        assert_eq!(lines.len(), 1);
        assert!(!lines[0].closed);
    }

    #[test]
    fn no_line_is_drawn_where_there_is_no_value() {
        let half = |p: PicturePoint| (p.right_mm < 5.01).then(|| (p.right_mm - 5.0).hypot(p.down_mm - 5.0));
        let lines = contour(&ScalarRaster::sampled(10.0, 10.0, 0.5, half), 3.0);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].points.iter().all(|p| p.right_mm <= 5.0));
    }

    #[test]
    fn two_separate_cold_spots_give_two_lines() {
        let spots = |p: PicturePoint| {
            let near = |x: f64| (p.right_mm - x).hypot(p.down_mm - 5.0);
            Some(near(3.0).min(near(9.0)))
        };
        assert_eq!(contour(&ScalarRaster::sampled(12.0, 10.0, 0.25, spots), 2.0).len(), 2);
    }
}
