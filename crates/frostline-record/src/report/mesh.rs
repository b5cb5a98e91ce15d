//! Surfaces in space: where a field on a rectilinear grid passes a level, by surface nets.
//!
//! Every cube of eight samples that the surface passes gets one vertex, the mean of its edge crossings; every edge that is
//! crossed gets two triangles through its four cubes (Gibson 1998). Few, well-shaped triangles, no gaps.

use std::collections::HashMap;

use frostline_space::{PatientPoint, PatientVector, VoxelIndex};

/// Triangles in the patient, counter-clockwise when seen from outside (the side above the level).
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Mesh {
    /// Corners.
    pub places: Vec<PatientPoint>,
    /// Three corners each, by number.
    pub triangles: Vec<[u32; 3]>,
}

impl Mesh {
    /// Corners of one triangle.
    pub fn corners(&self, triangle: [u32; 3]) -> [PatientPoint; 3] {
        triangle.map(|n| self.places[n as usize])
    }

    /// Volume inside a closed surface; positive when the triangles look outwards. Unit: mm3.
    pub fn volume_mm3(&self) -> f64 {
        let about = self.places.first().copied().unwrap_or(PatientPoint::origin());
        let piece = |t: &[u32; 3]| {
            let [a, b, c] = self.corners(*t);
            (a - about).dot((b - about).cross(c - about)) / 6.0
        };
        self.triangles.iter().map(piece).sum()
    }

    /// True when every edge is shared by exactly two triangles that run along it in opposite directions.
    pub fn is_watertight(&self) -> bool {
        let mut balance: HashMap<(u32, u32), i32> = HashMap::new();
        for t in &self.triangles {
            for (a, b) in [(t[0], t[1]), (t[1], t[2]), (t[2], t[0])] {
                *balance.entry((a.min(b), a.max(b))).or_default() += if a < b { 1 } else { -1 };
            }
        }
        !self.triangles.is_empty() && balance.values().all(|sum| *sum == 0)
    }

    /// One outward vector per corner, the mean over its triangles weighted by their area; not of length one.
    pub fn normals(&self) -> Vec<PatientVector> {
        let mut normals = vec![PatientVector::new(0.0, 0.0, 0.0); self.places.len()];
        for t in &self.triangles {
            let [a, b, c] = self.corners(*t);
            let square = (b - a).cross(c - a);
            t.iter().for_each(|n| normals[*n as usize] = normals[*n as usize] + square);
        }
        normals
    }
}

/// A field sampled where three axes cross; x runs fastest in storage.
pub struct CellField<'a> {
    /// Sample places along x, y and z. Unit: mm.
    pub axes_mm: [&'a [f64]; 3],
    /// One value per crossing.
    pub values: &'a [f32],
}

/// What happens where the surface meets the rim of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rim {
    /// It is closed as if everything beyond were above the level.
    Closed,
    /// It ends there.
    Open,
}

/// The surface that parts what is at or below `level` from what is above. `place` leads from the axes to the patient and
/// must not mirror.
pub fn isosurface(field: &CellField, level: f64, rim: Rim, place: impl Fn(f64, f64, f64) -> PatientPoint) -> Mesh {
    let nets = Nets::new(field, level, rim);
    let mut mesh = Mesh::default();
    let mut vertex: HashMap<(usize, usize, usize), u32> = HashMap::new();
    let size = nets.size;
    for k in 0..size.k.saturating_sub(1) {
        for j in 0..size.j.saturating_sub(1) {
            for i in 0..size.i.saturating_sub(1) {
                if let Some((x, y, z)) = nets.vertex(i, j, k) {
                    vertex.insert((i, j, k), mesh.places.len() as u32);
                    mesh.places.push(place(x, y, z));
                }
            }
        }
    }
    nets.join(&vertex, &mut mesh);
    mesh
}

struct Nets<'a> {
    field: &'a CellField<'a>,
    level: f64,
    pad: usize,
    axes: [Vec<f64>; 3],
    size: VoxelIndex,
}

impl<'a> Nets<'a> {
    fn new(field: &'a CellField<'a>, level: f64, rim: Rim) -> Self {
        let pad = usize::from(rim == Rim::Closed);
        let axes = field.axes_mm.map(|axis| padded(axis, pad));
        let size = VoxelIndex::new(axes[0].len(), axes[1].len(), axes[2].len());
        Self { field, level, pad, axes, size }
    }

    /// How far above the level a sample is; the padding is as far above as makes the surface end right at the rim.
    fn above(&self, i: usize, j: usize, k: usize) -> f64 {
        let [nx, ny, nz] = self.field.axes_mm.map(<[f64]>::len);
        let inside = |n: usize, count: usize| n.checked_sub(self.pad).filter(|m| *m < count);
        match (inside(i, nx), inside(j, ny), inside(k, nz)) {
            (Some(i), Some(j), Some(k)) => f64::from(self.field.values[(k * ny + j) * nx + i]) - self.level,
            _ => FAR_ABOVE,
        }
    }

    fn vertex(&self, i: usize, j: usize, k: usize) -> Option<(f64, f64, f64)> {
        let corner = |n: usize| (i + (n & 1), j + (n >> 1 & 1), k + (n >> 2 & 1));
        let values: [f64; 8] = std::array::from_fn(|n| {
            let (i, j, k) = corner(n);
            self.above(i, j, k)
        });
        let (mut sum, mut count) = ((0.0, 0.0, 0.0), 0.0);
        for from in 0..8_usize {
            for bit in [1, 2, 4] {
                let to = from | bit;
                if to == from || (values[from] <= 0.0) == (values[to] <= 0.0) {
                    continue;
                }
                let part = values[from] / (values[from] - values[to]);
                let at = |axis: usize, n: (usize, usize, usize)| self.axes[axis][[n.0, n.1, n.2][axis]];
                let mix = |axis| at(axis, corner(from)) * (1.0 - part) + at(axis, corner(to)) * part;
                sum = (sum.0 + mix(0), sum.1 + mix(1), sum.2 + mix(2));
                count += 1.0;
            }
        }
        let mean = (sum.0 / count, sum.1 / count, sum.2 / count);
        (count > 0.0).then(|| self.onto_surface((i, j, k), &values, mean))
    }

    /// The mean of the crossings lies inside a bent surface; one step along the slope brings it back.
    fn onto_surface(&self, cube: (usize, usize, usize), values: &[f64; 8], at: (f64, f64, f64)) -> (f64, f64, f64) {
        if values.contains(&FAR_ABOVE) {
            return at;
        }
        let from = [cube.0, cube.1, cube.2];
        let low = |axis: usize| self.axes[axis][from[axis]];
        let width = |axis: usize| self.axes[axis][from[axis] + 1] - low(axis);
        let part = [(at.0 - low(0)) / width(0), (at.1 - low(1)) / width(1), (at.2 - low(2)) / width(2)];
        let weight = |n: usize, axis: usize| if n >> axis & 1 == 1 { part[axis] } else { 1.0 - part[axis] };
        let value: f64 = (0..8).map(|n| values[n] * weight(n, 0) * weight(n, 1) * weight(n, 2)).sum();
        let slope = |axis: usize| -> f64 {
            let (second, third) = ((axis + 1) % 3, (axis + 2) % 3);
            let sign = |n: usize| if n >> axis & 1 == 1 { 1.0 } else { -1.0 };
            (0..8).map(|n| values[n] * sign(n) * weight(n, second) * weight(n, third)).sum::<f64>() / width(axis)
        };
        let slopes = [slope(0), slope(1), slope(2)];
        let square: f64 = slopes.iter().map(|s| s * s).sum();
        if square == 0.0 {
            return at;
        }
        let moved = |axis: usize, x: f64| (x - value * slopes[axis] / square).clamp(low(axis), low(axis) + width(axis));
        (moved(0, at.0), moved(1, at.1), moved(2, at.2))
    }

    /// Two triangles for every crossed edge that has four cubes around it.
    fn join(&self, vertex: &HashMap<(usize, usize, usize), u32>, mesh: &mut Mesh) {
        let size = self.size;
        for k in 0..size.k {
            for j in 0..size.j {
                for i in 0..size.i {
                    let here = self.above(i, j, k) <= 0.0;
                    if i + 1 < size.i && j > 0 && k > 0 && here != (self.above(i + 1, j, k) <= 0.0) {
                        let ring = [(i, j - 1, k - 1), (i, j, k - 1), (i, j, k), (i, j - 1, k)];
                        quad(ring, here, vertex, mesh);
                    }
                    if j + 1 < size.j && i > 0 && k > 0 && here != (self.above(i, j + 1, k) <= 0.0) {
                        let ring = [(i - 1, j, k - 1), (i - 1, j, k), (i, j, k), (i, j, k - 1)];
                        quad(ring, here, vertex, mesh);
                    }
                    if k + 1 < size.k && i > 0 && j > 0 && here != (self.above(i, j, k + 1) <= 0.0) {
                        let ring = [(i - 1, j - 1, k), (i, j - 1, k), (i, j, k), (i - 1, j, k)];
                        quad(ring, here, vertex, mesh);
                    }
                }
            }
        }
    }
}

/// So far above any level that the crossing to a padded sample lies at the sample inside.
const FAR_ABOVE: f64 = 1e9;

/// `ring` runs counter-clockwise when seen from the far end of the edge.
fn quad(
    ring: [(usize, usize, usize); 4],
    near_end_is_inside: bool,
    vertex: &HashMap<(usize, usize, usize), u32>,
    mesh: &mut Mesh,
) {
    // On an open rim a cube may be missing.
    let [Some(a), Some(b), Some(c), Some(d)] = ring.map(|cube| vertex.get(&cube).copied()) else { return };
    if near_end_is_inside {
        mesh.triangles.extend([[a, b, c], [a, c, d]]);
    } else {
        mesh.triangles.extend([[a, c, b], [a, d, c]]);
    }
}

fn padded(axis: &[f64], pad: usize) -> Vec<f64> {
    let mut all = axis.to_vec();
    if let (1, Some(first), Some(last)) = (pad, axis.first(), axis.last()) {
        all.insert(0, first - 1.0);
        all.push(last + 1.0);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distance from the origin on axes that grow unevenly, as those of a scene do.
    fn ball_field(axis: &[f64]) -> Vec<f32> {
        let mut values = Vec::new();
        for z in axis {
            for y in axis {
                for x in axis {
                    values.push((x * x + y * y + z * z).sqrt() as f32);
                }
            }
        }
        values
    }

    fn uneven_axis(half: i32) -> Vec<f64> {
        (-half..=half).map(|n| 0.45 * f64::from(n) + 0.004 * f64::from(n * n * n.signum())).collect()
    }

    #[test]
    fn a_sphere_is_watertight_and_holds_its_volume_within_one_percent() {
        let axis = uneven_axis(16);
        let values = ball_field(&axis);
        let field = CellField { axes_mm: [&axis, &axis, &axis], values: &values };
        let mesh = isosurface(&field, 5.0, Rim::Closed, PatientPoint::new);
        assert!(mesh.is_watertight());
        // 4/3 pi 5³ = 523.6 mm3. Flat facets of side h and linear crossings each lie about h²/(6 r) too deep, together
        // 0.017 mm of 5 mm at most, which is 1 % of the volume.
        assert!((mesh.volume_mm3() / 523.599 - 1.0).abs() < 0.01, "{}", mesh.volume_mm3());
    }

    #[test]
    fn a_ball_that_leaves_the_grid_is_closed_at_the_rim_or_left_open_as_asked() {
        let axis = uneven_axis(8);
        let values = ball_field(&axis);
        let field = CellField { axes_mm: [&axis, &axis, &axis], values: &values };
        assert!(isosurface(&field, 5.0, Rim::Closed, PatientPoint::new).is_watertight());
        let open = isosurface(&field, 5.0, Rim::Open, PatientPoint::new);
        assert!(!open.triangles.is_empty() && !open.is_watertight());
    }

    #[test]
    fn normals_of_a_sphere_look_outwards() {
        let axis = uneven_axis(16);
        let values = ball_field(&axis);
        let field = CellField { axes_mm: [&axis, &axis, &axis], values: &values };
        let mesh = isosurface(&field, 5.0, Rim::Closed, PatientPoint::new);
        for (place, normal) in mesh.places.iter().zip(mesh.normals()) {
            assert!((*place - PatientPoint::origin()).dot(normal) > 0.0);
        }
    }

    #[test]
    fn a_field_that_never_reaches_the_level_has_no_surface() {
        let axis = uneven_axis(3);
        let values = ball_field(&axis);
        let field = CellField { axes_mm: [&axis, &axis, &axis], values: &values };
        assert!(isosurface(&field, -1.0, Rim::Closed, PatientPoint::new).triangles.is_empty());
    }
}
