//! What tissue does while it is left alone.
//!
//! Tissue that was in balance before the probe came stays as it was. Tissue that began at one temperature everywhere drifts:
//! blood and metabolism take all of one kind along the same curve, whatever else happens far away, and heat passes between
//! two places only once one of them has left its curve. So one number for each tissue stands for all cells of it that rest.
//! The curve is followed by the steps of the scheme itself, so that a cell that wakes goes on as if it had worked all along.

use super::lookup::Lookup;
use super::mesh::{Joining, Kind, Mesh, UNIT};
use crate::scene::{Medium, SceneParts, Start};

/// Which tissue is left alone, and why that is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resting {
    /// None.
    Nowhere,
    /// All that the cold has not reached, as it was in balance at the start.
    Still,
    /// All that the cold has not reached, as it began at one temperature.
    Drifting,
}

impl Resting {
    pub(super) fn of(parts: &SceneParts) -> Self {
        let is_warm = |celsius: f64| {
            let starts_c = parts.media.iter().map(|medium| match medium {
                Medium::Tissue(tissue) => tissue.freezing_starts_c,
                Medium::Held(_) => f64::NEG_INFINITY,
            });
            starts_c.fold(f64::NEG_INFINITY, f64::max) < celsius
        };
        match parts.start {
            Start::Steady => Self::Still,
            // Nothing then freezes by itself, nor has frozen and lost its blood.
            Start::Uniform { celsius } if is_warm(celsius) && is_warm(parts.arterial_c) => Self::Drifting,
            Start::Uniform { .. } | Start::Cells(_) => Self::Nowhere,
        }
    }

    /// Cells that rest need no faces where nothing asks for them.
    pub(super) fn joining(self) -> Joining {
        if self == Self::Drifting { Joining::AsTheyWake } else { Joining::AtOnce }
    }
}

/// The state of every cell at time zero. Unit: K.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum StartU {
    /// By cell.
    Each(Vec<f32>),
    /// By tissue.
    OfKind(Vec<f32>),
}

impl StartU {
    pub(super) fn at(&self, mesh: &Mesh, cell: usize) -> f32 {
        match self {
            Self::Each(states) => states[cell],
            Self::OfKind(states) => states.get(usize::from(mesh.kind[cell])).copied().unwrap_or(super::mesh::NOTHING_U),
        }
    }
}

/// How far tissue may leave its curve unseen, as a share of the largest difference between the start and what drives the
/// scene.
pub(super) const QUIET_SHARE: f64 = 0.002;

/// Tissue that drifts, each kind along its own curve.
#[derive(Debug)]
pub(super) struct Drifting {
    curves: Vec<Drift>,
    /// A cell has moved once it is so far from its curve. Unit: K.
    quiet_k: f32,
    /// Heat capacity of all that rests, by kind. Unit: J/K.
    capacity: Vec<f64>,
    edges: Vec<Edge>,
}

/// The curve of one tissue.
#[derive(Clone, Copy, Debug)]
struct Drift {
    /// Unit: K.
    u: f64,
    /// Sources now, as of the step before, and over this step. Unit: K/s.
    last: f32,
    over_step: f32,
    made: f32,
}

/// Resting cells beside something that does not follow their curve.
#[derive(Debug)]
struct Edge {
    kind: u8,
    beside: Beside,
    units: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Beside {
    /// Unit: °C.
    Held(f64),
    Tissue(u8),
}

/// Heat of all sources, and of metabolism alone. Unit: W.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct SourceHeat {
    pub(super) all_w: f64,
    pub(super) made_w: f64,
}

impl Drifting {
    /// All tissue rests, but for what the mesh has joined already. `span_k` is the largest difference that drives the scene.
    pub(super) fn new(mesh: &Mesh, start_u: &[f32], span_k: f64) -> Self {
        let curves = start_u.iter().map(|&u| Drift { u: f64::from(u), last: 0.0, over_step: 0.0, made: 0.0 });
        let capacity = mesh.unjoined_capacity();
        let quiet_k = (QUIET_SHARE * span_k) as f32;
        Self { curves: curves.collect(), quiet_k, capacity, edges: edges(mesh) }
    }

    /// The state of a kind on its curve. Unit: K.
    pub(super) fn u(&self, kind: u8) -> Option<f32> {
        self.curves.get(usize::from(kind)).map(|curve| curve.u as f32)
    }

    /// What acted on a kind one step ago. Unit: K/s.
    pub(super) fn last_source(&self, kind: u8) -> f32 {
        self.curves.get(usize::from(kind)).map_or(0.0, |curve| curve.last)
    }

    /// How far a cell may be from its curve. Unit: K.
    pub(super) fn quiet_k(&self) -> f32 {
        self.quiet_k
    }

    /// States by number of the kind; not a number for what is held, which never moves. Unit: K.
    pub(super) fn by_kind(&self) -> [f32; 256] {
        let mut states = [f32::NAN; 256];
        for (state, curve) in states.iter_mut().zip(&self.curves) {
            *state = curve.u as f32;
        }
        states
    }

    /// Units beside something that by now is farther from their curve than they may be.
    pub(super) fn parted(&mut self, kinds: &[Kind]) -> Vec<u32> {
        let celsius = |kind: u8| {
            let lookup: &Lookup = &kinds[usize::from(kind)].lookup;
            f64::from(lookup.celsius(self.curves[usize::from(kind)].u as f32))
        };
        let quiet_k = f64::from(self.quiet_k);
        let mut units = Vec::new();
        self.edges.retain_mut(|edge| {
            let beside_c = match edge.beside {
                Beside::Held(beside_c) => beside_c,
                Beside::Tissue(other) => celsius(other),
            };
            let follows = (beside_c - celsius(edge.kind)).abs() <= quiet_k;
            if !follows {
                units.append(&mut edge.units);
            }
            follows
        });
        units
    }

    /// Takes every curve one step on: `ahead` is half of the step over the one before. Returns the sources of all that rests.
    pub(super) fn advance(&mut self, kinds: &[Kind], ahead: f32, step_s: f64) -> SourceHeat {
        let mut sum = SourceHeat::default();
        for ((curve, kind), capacity) in self.curves.iter_mut().zip(kinds).zip(&self.capacity) {
            let psi = kind.lookup.psi(curve.u as f32);
            let flows = psi > kind.lookup.starts_psi() as f32;
            let now = if flows { kind.sources.made - kind.sources.slope * psi } else { 0.0 };
            let then = if curve.last == 0.0 { now } else { curve.last };
            (curve.last, curve.over_step) = (now, if flows { now + ahead * (now - then) } else { now });
            curve.made = if flows { kind.sources.made } else { 0.0 };
            curve.u += f64::from(curve.over_step) * step_s;
            sum.all_w += f64::from(curve.over_step) * capacity;
            sum.made_w += f64::from(curve.made) * capacity;
        }
        sum
    }

    /// Some cells, which the mesh has joined, do not rest any more.
    pub(super) fn wake(&mut self, mesh: &Mesh, cells: impl Iterator<Item = usize>) {
        for cell in cells {
            if let Some(capacity) = self.capacity.get_mut(usize::from(mesh.kind[cell])) {
                *capacity -= f64::from(mesh.capacity[cell]);
            }
        }
    }

    /// Heat in all that rests, counted from a u of zero. Unit: J.
    pub(super) fn stored_j(&self) -> f64 {
        self.curves.iter().zip(&self.capacity).map(|(curve, capacity)| curve.u * capacity).sum()
    }
}

/// Cells beside what is held, and beside other tissue.
fn edges(mesh: &Mesh) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    let mut last = 0;
    let mut add = |kind: u8, beside: Beside, cells: [u32; 2]| {
        let is_it = |edge: &Edge| edge.kind == kind && edge.beside == beside;
        if !edges.get(last).is_some_and(is_it) {
            last = edges.iter().position(is_it).unwrap_or_else(|| {
                edges.push(Edge { kind, beside, units: Vec::new() });
                edges.len() - 1
            });
        }
        for unit in cells.map(|cell| cell / UNIT as u32) {
            if edges[last].units.last() != Some(&unit) {
                edges[last].units.push(unit);
            }
        }
    };
    for wall in &mesh.walls {
        add(mesh.kind[wall.cell as usize], Beside::Held(wall.beyond.celsius), [wall.cell; 2]);
    }
    for face in &mesh.interfaces {
        let (a, b) = (mesh.kind[face.a as usize], mesh.kind[face.b as usize]);
        add(a.min(b), Beside::Tissue(a.max(b)), [face.a, face.b]);
    }
    for edge in &mut edges {
        edge.units.sort_unstable();
        edge.units.dedup();
    }
    edges
}

/// The largest difference between a uniform start and anything that is held or that drives a probe. Unit: K.
pub(super) fn span_k(mesh: &Mesh, start_c: f64, drives_c: impl Iterator<Item = f64>) -> f64 {
    let held = mesh.walls.iter().map(|wall| wall.beyond.celsius);
    held.chain(drives_c).map(|celsius| (celsius - start_c).abs()).fold(0.0, f64::max)
}
