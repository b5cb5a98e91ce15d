//! Surfaces of one temperature: volume, width, length.

use rayon::prelude::*;

use crate::field::{Field, Holds, crossing_mm};
use crate::history::{IsothermRecord, ProbeExtent};
use crate::probe::{SceneProbe, TipShape};
use crate::{SceneDirection, ScenePoint};

/// Directions around a probe in which its ice is measured; opposite pairs give diameters.
const DIRECTIONS: usize = 16;
/// Places along the cold length at which ice is measured.
const STATIONS: usize = 7;
/// Beside a shaft, length is measured this far from its wall. Unit: mm.
const BESIDE_SHAFT_MM: f64 = 0.1;
/// Longest ray. Unit: mm.
const LONGEST_MM: f64 = 120.0;

/// The surface of one temperature in a field.
pub(crate) fn record(field: &Field, probes: &[SceneProbe], celsius: f64, at_s: f64) -> IsothermRecord {
    let extents: Vec<ProbeExtent> = probes.iter().map(|p| extent(field, p, celsius)).collect();
    let first = extents.first().copied().unwrap_or(NO_EXTENT);
    IsothermRecord {
        celsius,
        at_s,
        volume_mm3: volume_mm3(field, celsius),
        width_mm: first.width_mm,
        length_mm: first.length_mm,
        extents,
    }
}

const NO_EXTENT: ProbeExtent = ProbeExtent { width_mm: 0.0, length_mm: 0.0, beyond_tip_mm: 0.0 };

fn extent(field: &Field, probe: &SceneProbe, celsius: f64) -> ProbeExtent {
    let read = |place: ScenePoint| field.at(place);
    let axis = probe.towards_hub;
    let shape = &probe.shape;
    let is_endless = shape.tip == TipShape::Endless;
    let (start, length) = if is_endless { (0.0, 0.0) } else { (shape.dead_tip_mm, shape.active_length_mm) };
    let mut width_mm = 0.0_f64;
    let stations = if is_endless { 1 } else { STATIONS };
    for n in 0..stations {
        let place = probe.tip + axis * (start + length * (n as f64 + 0.5) / stations as f64);
        width_mm = width_mm.max(diameter_mm(&read, place, axis, celsius));
    }
    if is_endless {
        return ProbeExtent { width_mm, ..NO_EXTENT };
    }
    let middle = probe.tip + axis * (start + 0.5 * length);
    let ahead = crossing_mm(&read, middle, -axis, celsius, LONGEST_MM);
    let aside = if shape.shaft_length_mm > 0.0 { shape.radius_mm + BESIDE_SHAFT_MM } else { 0.0 };
    let (first, second) = axis.perpendiculars();
    let behind = [first, second, -first, -second]
        .into_iter()
        .filter_map(|d| crossing_mm(&read, middle + d * aside, axis, celsius, LONGEST_MM))
        .fold(None, |most: Option<f64>, mm| Some(most.map_or(mm, |m| m.max(mm))));
    match (ahead, behind) {
        (Some(ahead), Some(behind)) => {
            ProbeExtent { width_mm, length_mm: ahead + behind, beyond_tip_mm: ahead - (start + 0.5 * length) }
        }
        _ => ProbeExtent { width_mm, ..NO_EXTENT },
    }
}

/// The largest diameter across the axis at a place on it; 0 when the place is not that cold.
fn diameter_mm(read: &dyn Fn(ScenePoint) -> Option<f64>, place: ScenePoint, axis: SceneDirection, celsius: f64) -> f64 {
    let (first, second) = axis.perpendiculars();
    let radii: Vec<f64> = (0..DIRECTIONS)
        .map(|n| {
            let angle = std::f64::consts::TAU * n as f64 / DIRECTIONS as f64;
            let towards = first * angle.cos() + second * angle.sin();
            // Sines and cosines of one angle make a vector of length one.
            let towards = towards.direction().unwrap_or(first);
            crossing_mm(read, place, towards, celsius, LONGEST_MM).unwrap_or(0.0)
        })
        .collect();
    (0..DIRECTIONS / 2).map(|n| radii[n] + radii[n + DIRECTIONS / 2]).fold(0.0, f64::max)
}

/// Farther from the surface than this a cell lies wholly on one side. Unit: K.
const FAR_K: f32 = 30.0;

/// Volume at or below a temperature: in cells that the surface cuts, the share below the plane through the cell that has
/// the cell's slope.
fn volume_mm3(field: &Field, celsius: f64) -> f64 {
    let grid = &field.lattice.grid;
    let size = [grid.size().i, grid.size().j, grid.size().k];
    let strides = [1, size[0], size[0] * size[1]];
    let limit = celsius as f32;
    let layers: Vec<f64> = (0..size[2])
        .into_par_iter()
        .map(|k| {
            let cells = k * strides[2]..(k + 1) * strides[2];
            cells.map(|n| share_below(field, n, limit, (size, strides)) * volume_of(field, n)).sum()
        })
        .collect();
    layers.iter().sum()
}

fn volume_of(field: &Field, n: usize) -> f64 {
    field.lattice.grid.volume_mm3(field.lattice.grid.cell(n))
}

/// Share of a cell at or below a temperature.
fn share_below(field: &Field, n: usize, limit: f32, (size, strides): ([usize; 3], [usize; 3])) -> f64 {
    if field.lattice.holds[n] == Holds::Nothing {
        return 0.0;
    }
    let over = field.celsius_of(n) - limit;
    if over.abs() > FAR_K {
        return f64::from(u8::from(over < 0.0));
    }
    let cell = field.lattice.grid.cell(n);
    let at = [cell.i, cell.j, cell.k];
    let is_read = |m: usize| field.lattice.holds[m] != Holds::Nothing;
    let mut spread = 0.0_f64;
    for axis in 0..3 {
        let low = if at[axis] > 0 && is_read(n - strides[axis]) { n - strides[axis] } else { n };
        let high = if at[axis] + 1 < size[axis] && is_read(n + strides[axis]) { n + strides[axis] } else { n };
        let apart = usize::from(low != n) + usize::from(high != n);
        if apart > 0 {
            spread += f64::from((field.celsius_of(high) - field.celsius_of(low)).abs()) / apart as f64;
        }
    }
    if spread > 0.0 { (0.5 - f64::from(over) / spread).clamp(0.0, 1.0) } else { f64::from(u8::from(over <= 0.0)) }
}
