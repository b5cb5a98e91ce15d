//! Surfaces of one temperature: volume, width, length.

use rayon::prelude::*;

use crate::field::{Field, crossing_mm};
use crate::grid::SceneBox;
use crate::history::{IsothermRecord, ProbeExtent};
use crate::probe::{SceneProbe, TipShape};
use crate::{SceneDirection, ScenePoint};

/// Directions around a probe in which its ice is measured; opposite pairs give diameters.
const DIRECTIONS: usize = 16;
/// Places along the cold length at which ice is measured.
const STATIONS: usize = 7;
/// Beside a shaft, length is measured this far from its wall. Unit: mm.
const BESIDE_SHAFT_MM: f64 = 0.1;
/// How closely a surface that was found before is followed. Unit: mm.
const FOLLOWED_MM: f64 = 1e-3;
/// Steps in which it is looked for beside its last place. Unit: mm.
const FOLLOW_STEP_MM: f64 = 0.1;

/// Measures the surface of one temperature again and again, and remembers where it was.
pub(crate) struct Surveyor {
    celsius: f64,
    /// Where each ray of each probe last met the surface. Unit: mm.
    last_mm: Vec<Vec<Option<f64>>>,
}

/// Where a field is at or below a temperature.
struct Cold {
    volume_mm3: f64,
    /// The box around it, with the cold probes; `None` where nothing is that cold.
    within: Option<SceneBox>,
}

impl Surveyor {
    pub(crate) fn new(celsius: f64, probes: &[SceneProbe]) -> Self {
        Self { celsius, last_mm: probes.iter().map(|probe| vec![None; rays(probe).len()]).collect() }
    }

    /// The surface in a field. `celsius` holds the temperature of each cell.
    pub(crate) fn measure(
        &mut self,
        field: &Field,
        celsius: &[f32],
        probes: &[SceneProbe],
        at_s: f64,
    ) -> IsothermRecord {
        let cold = cold(field, celsius, probes, self.celsius);
        let limit = self.celsius;
        let extents: Vec<ProbeExtent> = probes
            .iter()
            .zip(&mut self.last_mm)
            .map(|(probe, last)| match &cold.within {
                Some(within) => extent(field, probe, limit, within, last, probes.len() == 1),
                None => {
                    last.fill(None);
                    NO_EXTENT
                }
            })
            .collect();
        let first = extents.first().copied().unwrap_or(NO_EXTENT);
        IsothermRecord {
            celsius: limit,
            at_s,
            volume_mm3: cold.volume_mm3,
            width_mm: first.width_mm,
            length_mm: first.length_mm,
            extents,
        }
    }
}

const NO_EXTENT: ProbeExtent = ProbeExtent { width_mm: 0.0, length_mm: 0.0, beyond_tip_mm: 0.0 };

/// A line along which a surface is looked for.
struct Ray {
    from: ScenePoint,
    towards: SceneDirection,
}

/// Rays across a probe, station by station and then around, and along it: ahead and four beside the shaft.
fn rays(probe: &SceneProbe) -> Vec<Ray> {
    let (axis, shape) = (probe.towards_hub, &probe.shape);
    let is_endless = shape.tip == TipShape::Endless;
    let (start, length) = if is_endless { (0.0, 0.0) } else { (shape.dead_tip_mm, shape.active_length_mm) };
    let stations = if is_endless { 1 } else { STATIONS };
    let (first, second) = axis.perpendiculars();
    let mut rays = Vec::new();
    for station in 0..stations {
        let from = probe.tip + axis * (start + length * (station as f64 + 0.5) / stations as f64);
        for n in 0..DIRECTIONS {
            let angle = std::f64::consts::TAU * n as f64 / DIRECTIONS as f64;
            // Sines and cosines of one angle make a vector of length one.
            let towards = (first * angle.cos() + second * angle.sin()).direction().unwrap_or(first);
            rays.push(Ray { from, towards });
        }
    }
    if !is_endless {
        let middle = probe.tip + axis * (start + 0.5 * length);
        let aside = if shape.shaft_length_mm > 0.0 { shape.radius_mm + BESIDE_SHAFT_MM } else { 0.0 };
        rays.push(Ray { from: middle, towards: -axis });
        rays.extend([first, second, -first, -second].map(|d| Ray { from: middle + d * aside, towards: axis }));
    }
    rays
}

fn extent(
    field: &Field,
    probe: &SceneProbe,
    celsius: f64,
    within: &SceneBox,
    last_mm: &mut [Option<f64>],
    may_follow: bool,
) -> ProbeExtent {
    let rays = rays(probe);
    rays.par_iter().zip(last_mm.par_iter_mut()).with_min_len(8).for_each(|(ray, last)| {
        let read = |mm: f64| field.at(ray.from + ray.towards * mm);
        // Where probes may make several surfaces along one ray, the first is looked for anew every time.
        let near = if may_follow { last.and_then(|mm| followed_mm(&read, mm, celsius)) } else { None };
        let longest_mm = farthest_mm(within, ray.from);
        *last = near.or_else(|| crossing_mm(&|place| field.at(place), ray.from, ray.towards, celsius, longest_mm));
    });
    let across = last_mm.len() / DIRECTIONS * DIRECTIONS;
    let around = last_mm[..across].chunks(DIRECTIONS);
    let radius = |mm: Option<f64>| mm.unwrap_or(0.0);
    let diameters = around.flat_map(|r| (0..DIRECTIONS / 2).map(|n| radius(r[n]) + radius(r[n + DIRECTIONS / 2])));
    let width_mm = diameters.fold(0.0, f64::max);
    let shape = &probe.shape;
    if shape.tip == TipShape::Endless {
        return ProbeExtent { width_mm, ..NO_EXTENT };
    }
    let ahead = last_mm[across];
    let behind = last_mm[across + 1..].iter().flatten().copied().reduce(f64::max);
    match (ahead, behind) {
        (Some(ahead), Some(behind)) => {
            let middle_mm = shape.dead_tip_mm + 0.5 * shape.active_length_mm;
            ProbeExtent { width_mm, length_mm: ahead + behind, beyond_tip_mm: ahead - middle_mm }
        }
        _ => ProbeExtent { width_mm, ..NO_EXTENT },
    }
}

/// Where a ray now meets a surface that it met at `last_mm`; `None` when that is not near.
fn followed_mm(read: &dyn Fn(f64) -> Option<f64>, last_mm: f64, celsius: f64) -> Option<f64> {
    let over = |mm: f64| read(mm).map(|t| t - celsius);
    let first = over(last_mm)?;
    let step_mm = if first > 0.0 { -FOLLOW_STEP_MM } else { FOLLOW_STEP_MM };
    let (mut near, mut reach_mm) = ((last_mm, first), step_mm);
    for _ in 0..5 {
        let mm = last_mm + reach_mm;
        if mm <= 0.0 {
            return None;
        }
        let here = (mm, over(mm)?);
        if (here.1 > 0.0) != (near.1 > 0.0) {
            return Some(between(&over, near, here));
        }
        (near, reach_mm) = (here, 2.0 * reach_mm);
    }
    None
}

/// The zero between two places of different sign (Illinois).
fn between(over: &dyn Fn(f64) -> Option<f64>, mut a: (f64, f64), mut b: (f64, f64)) -> f64 {
    for _ in 0..40 {
        let mm = a.0 + (b.0 - a.0) * a.1 / (a.1 - b.1);
        if (b.0 - a.0).abs() < FOLLOWED_MM || (mm - a.0).abs().min((mm - b.0).abs()) < 0.1 * FOLLOWED_MM {
            return mm;
        }
        let Some(here) = over(mm) else { return mm };
        if (here > 0.0) == (b.1 > 0.0) {
            b = (mm, here);
            a.1 *= 0.5;
        } else {
            (a, b) = (b, (mm, here));
        }
    }
    0.5 * (a.0 + b.0)
}

/// Distance of a place from the farthest corner of a box.
fn farthest_mm(within: &SceneBox, from: ScenePoint) -> f64 {
    let far = |x: f64, low: f64, high: f64| (x - low).abs().max((high - x).abs());
    let x = far(from.x, within.least.x, within.most.x);
    let y = far(from.y, within.least.y, within.most.y);
    let z = far(from.z, within.least.z, within.most.z);
    (x * x + y * y + z * z).sqrt()
}

/// Farther from the surface than this a cell lies wholly on one side. Unit: K.
const FAR_K: f32 = 30.0;

/// Volume at or below a temperature, and where it is. Of cells that the surface cuts, the share below the plane through the
/// cell that has the cell's slope.
fn cold(field: &Field, celsius: &[f32], probes: &[SceneProbe], limit_c: f64) -> Cold {
    let grid = &field.lattice.grid;
    let size = [grid.size().i, grid.size().j, grid.size().k];
    let layer = size[0] * size[1];
    let limit = limit_c as f32;
    let layers: Vec<(f64, Option<[usize; 6]>)> = (0..size[2])
        .into_par_iter()
        .map(|k| {
            let (mut volume, mut least, mut most) = (0.0, [usize::MAX; 2], [0; 2]);
            for j in 0..size[1] {
                let row = k * layer + j * size[0];
                let warmest_of_interest = limit + FAR_K;
                for i in (0..size[0]).filter(|i| celsius[row + i] < warmest_of_interest) {
                    if celsius[row + i] <= limit && field.lattice.holds[row + i].is_tissue() {
                        (least, most) = ([least[0].min(i), least[1].min(j)], [most[0].max(i), most[1].max(j)]);
                    }
                    let share = share_below(field, celsius, row + i, limit, (size, [i, j, k]));
                    if share > 0.0 {
                        let share = share * field.lattice.open_share(row + i);
                        volume += share * grid.width_mm(0, i) * grid.width_mm(1, j) * grid.width_mm(2, k);
                    }
                }
            }
            (volume, (least[0] <= most[0]).then_some([least[0], most[0], least[1], most[1], k, k]))
        })
        .collect();
    let volume_mm3 = layers.iter().map(|(volume, _)| volume).sum();
    let cells = layers.iter().filter_map(|(_, cells)| *cells).reduce(|a, b| {
        [a[0].min(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].max(b[3]), a[4].min(b[4]), a[5].max(b[5])]
    });
    Cold { volume_mm3, within: around(field, cells, probes, limit_c) }
}

/// The box around cells, one more on every side, and around probes that are so cold.
fn around(field: &Field, cells: Option<[usize; 6]>, probes: &[SceneProbe], limit_c: f64) -> Option<SceneBox> {
    let edges = field.lattice.grid.edges_mm();
    let mut corners = Vec::new();
    if let Some(c) = cells {
        let low = |axis: usize, n: usize| edges[axis][n.saturating_sub(1)];
        let high = |axis: usize, n: usize| edges[axis][(n + 2).min(edges[axis].len() - 1)];
        corners.push(ScenePoint::new(low(0, c[0]), low(1, c[2]), low(2, c[4])));
        corners.push(ScenePoint::new(high(0, c[1]), high(1, c[3]), high(2, c[5])));
    }
    for (probe, surface_c) in probes.iter().zip(field.surface_c) {
        if surface_c.is_some_and(|c| c <= limit_c) {
            let shape = &probe.shape;
            let end = probe.tip + probe.towards_hub * (shape.dead_tip_mm + shape.active_length_mm);
            let margin = shape.radius_mm + field.lattice.grid.finest_mm();
            corners
                .extend(SceneBox::around(&[probe.tip, end], margin).map(|b| [b.least, b.most]).into_iter().flatten());
        }
    }
    SceneBox::around(&corners, 0.0)
}

/// Share of a cell at or below a temperature.
fn share_below(field: &Field, celsius: &[f32], n: usize, limit: f32, (size, at): ([usize; 3], [usize; 3])) -> f64 {
    let is_read = |m: usize| field.lattice.holds[m].is_tissue();
    if !is_read(n) {
        return 0.0;
    }
    let over = celsius[n] - limit;
    if over.abs() > FAR_K {
        return f64::from(u8::from(over < 0.0));
    }
    let strides = [1, size[0], size[0] * size[1]];
    let mut spread = 0.0_f64;
    for axis in 0..3 {
        let low = if at[axis] > 0 && is_read(n - strides[axis]) { n - strides[axis] } else { n };
        let high = if at[axis] + 1 < size[axis] && is_read(n + strides[axis]) { n + strides[axis] } else { n };
        let apart = usize::from(low != n) + usize::from(high != n);
        if apart > 0 {
            spread += f64::from((celsius[high] - celsius[low]).abs()) / apart as f64;
        }
    }
    if spread > 0.0 { (0.5 - f64::from(over) / spread).clamp(0.0, 1.0) } else { f64::from(u8::from(over <= 0.0)) }
}
