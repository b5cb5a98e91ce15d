//! One finite probe by itself: enthalpy by explicit Euler steps on a fine grid of (r, z), to judge the ends of probes by.
//!
//! Cells fit the probe: edges on its radius, its tip and both ends of its cold length, so flat ends and insulated shafts
//! are exact; round and conical tips are met by the distance from each cell to the surface. Nothing is shared with the
//! solver but the description of the probe: no potentials, no tables of enthalpy, no stages. Of first order in time with
//! steps of milliseconds, of second order in space apart from the ends of the freezing range.

use super::freezing_range::RangeMedium;
use crate::{PhaseKind, ProbeShape, Schedule, TimeTable, TipShape};

/// A probe along the axis of a cylinder of tissue, its tip at z = 0 and its shaft towards larger z.
#[derive(Clone, Debug, PartialEq)]
pub struct Axisymmetric {
    /// What it lies in; the conductivity within the range is linear in temperature. Starts at its `start_c`.
    pub medium: RangeMedium,
    /// Perfusion of what is not frozen. Unit: W/(m3 K).
    pub perfusion_w_per_m3_k: f64,
    /// Metabolism of what is not frozen. Unit: W/m3.
    pub metabolic_w_per_m3: f64,
    /// Of the blood. Unit: °C.
    pub arterial_c: f64,
    /// Blood returns to what has thawed.
    pub reperfuses: bool,
    /// The probe; it has no dead tip, and its shaft passes no heat.
    pub shape: ProbeShape,
    /// Temperature of the cold surface since the beginning of each freeze. Unit: °C by s.
    pub surface_c: TimeTable,
    /// Freezes and passive thaws.
    pub schedule: Schedule,
    /// Radius of the cylinder, and its ends beyond the middle of the cold length; all held at the start temperature.
    /// Unit: mm.
    pub wall_mm: (f64, f64),
    /// Cells at the probe. Unit: mm.
    pub cell_mm: f64,
}

/// Cells stay as fine as at the probe within this distance. Unit: mm.
const FINE_MM: f64 = 2.0;
/// Beyond, each is this much wider than the one before, up to the widest.
const GROWTH: f64 = 1.06;
const WIDEST_CELLS: f64 = 8.0;
/// No surface is taken to be nearer to a cell than this share of a cell; it bounds the step.
const NEAREST_SHARE: f64 = 0.2;
/// Share of the stable step that is used.
const SAFETY: f64 = 0.9;

/// What a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Tissue,
    Cold,
    Shaft,
}

/// Temperatures at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct AxisymmetricField {
    /// When. Unit: s.
    pub at_s: f64,
    shape: ProbeShape,
    r_mm: Vec<f64>,
    z_mm: Vec<f64>,
    celsius: Vec<f64>,
}

/// How far a temperature reaches. Unit: mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// Largest diameter at seven stations along the cold length.
    pub width_mm: f64,
    /// From end to end along the axis, behind the cold length a tenth of a millimetre beside the shaft if there is one.
    pub length_mm: f64,
    /// Beyond the tip.
    pub beyond_tip_mm: f64,
}

impl AxisymmetricField {
    /// Linear between cells; beyond the outermost ones held. On the axis, where the field is flat, a parabola. Unit: °C.
    pub fn celsius(&self, r_mm: f64, z_mm: f64) -> f64 {
        let (j, along) = between(&self.z_mm, z_mm);
        let row = |i: usize| {
            let at = |j: usize| self.celsius[j * self.r_mm.len() + i];
            at(j) + along * (at(j + 1) - at(j))
        };
        if r_mm < self.r_mm[0] {
            let share = (r_mm * r_mm - self.r_mm[0].powi(2)) / (self.r_mm[1].powi(2) - self.r_mm[0].powi(2));
            return row(0) + share * (row(1) - row(0));
        }
        let (i, across) = between(&self.r_mm, r_mm);
        row(i) + across * (row(i + 1) - row(i))
    }

    /// Where the temperature first passes `celsius` on a way that starts inside it; `None` when it starts outside or never
    /// passes. Unit: mm.
    fn passes_mm(&self, celsius: f64, way: impl Fn(f64) -> (f64, f64)) -> Option<f64> {
        const STEP_MM: f64 = 0.02;
        let at = |mm: f64| {
            let (r, z) = way(mm);
            self.celsius(r, z)
        };
        let mut before = at(0.0);
        if before > celsius {
            return None;
        }
        for n in 1..5000 {
            let now = at(STEP_MM * f64::from(n));
            if now > celsius {
                return Some(STEP_MM * (f64::from(n) - (now - celsius) / (now - before)));
            }
            before = now;
        }
        None
    }

    /// Radius of a temperature at a place along the axis, from the surface of the probe outwards; 0 where it is not that
    /// cold. Unit: mm.
    pub fn radius_mm(&self, celsius: f64, z_mm: f64) -> f64 {
        let from = self.shape.radius_mm * 0.999;
        self.passes_mm(celsius, |mm| (from + mm, z_mm)).map_or(0.0, |mm| from + mm)
    }

    /// Width, length and reach beyond the tip of a temperature; zeros when it is nowhere along the axis.
    pub fn reach(&self, celsius: f64) -> Reach {
        const STATIONS: usize = 7;
        let (active, radius) = (self.shape.active_length_mm, self.shape.radius_mm);
        let station = |n: usize| active * (n as f64 + 0.5) / STATIONS as f64;
        let width_mm = (0..STATIONS).map(|n| 2.0 * self.radius_mm(celsius, station(n))).fold(0.0, f64::max);
        let aside = if self.shape.shaft_length_mm > 0.0 { radius + 0.1 } else { 0.0 };
        let ahead = self.passes_mm(celsius, |mm| (0.0, 0.5 * active - mm));
        let behind = self.passes_mm(celsius, |mm| (aside, 0.5 * active + mm));
        match (ahead, behind) {
            (Some(ahead), Some(behind)) => {
                Reach { width_mm, length_mm: ahead + behind, beyond_tip_mm: ahead - 0.5 * active }
            }
            _ => Reach { width_mm, length_mm: 0.0, beyond_tip_mm: 0.0 },
        }
    }
}

/// The node before a place and the share of the way to the next, held at both ends.
fn between(nodes: &[f64], at: f64) -> (usize, f64) {
    let low = nodes.partition_point(|&n| n <= at).clamp(1, nodes.len() - 1) - 1;
    (low, ((at - nodes[low]) / (nodes[low + 1] - nodes[low])).clamp(0.0, 1.0))
}

/// Distances of the edges outwards: fine cells over `fine_mm`, then wider and wider, to end on `to_mm`.
fn outwards(cell_mm: f64, fine_mm: f64, to_mm: f64) -> Vec<f64> {
    let (mut at, mut width, mut places) = (0.0, cell_mm, Vec::new());
    while at < to_mm - 0.5 * width {
        if at > fine_mm {
            width = (width * GROWTH).min(WIDEST_CELLS * cell_mm);
        }
        at += width;
        places.push(at);
    }
    // Only what lies beyond the fine part is scaled, so that the fine cells stay as they are.
    let last_fine = places.iter().copied().filter(|&p| p <= fine_mm).fold(0.0, f64::max);
    let stretch = (to_mm - last_fine) / (at - last_fine).max(1e-12);
    places.into_iter().map(|p| if p <= last_fine { p } else { last_fine + (p - last_fine) * stretch }).collect()
}

fn even(from_mm: f64, to_mm: f64, cell_mm: f64) -> Vec<f64> {
    let count = ((to_mm - from_mm) / cell_mm).round().max(1.0) as usize;
    (0..=count).map(|n| from_mm + (to_mm - from_mm) * n as f64 / count as f64).collect()
}

/// Cells and what joins them. Metres.
struct Mesh {
    r: Vec<f64>,
    z: Vec<f64>,
    volume: Vec<f64>,
    part: Vec<Part>,
    /// Area over distance to the next cell along r and along z, as if all were tissue.
    to_r: Vec<f64>,
    to_z: Vec<f64>,
    /// Area over distance to the wall below, by ring.
    to_floor: Vec<f64>,
    /// While the probe is cold: area over distance to its surface, by cell.
    to_surface: Vec<(usize, f64)>,
}

impl Axisymmetric {
    /// The fields at `at_s`, which must increase.
    pub fn solve(&self, at_s: &[f64]) -> Vec<AxisymmetricField> {
        Run::new(self).through(at_s)
    }

    fn part(&self, r_mm: f64, z_mm: f64) -> Part {
        let (a, active) = (self.shape.radius_mm, self.shape.active_length_mm);
        if r_mm < a && z_mm >= active && z_mm < active + self.shape.shaft_length_mm {
            return Part::Shaft;
        }
        let radius_there = match self.shape.tip {
            TipShape::Round if z_mm < a => (a * a - (a - z_mm).powi(2)).max(0.0).sqrt(),
            TipShape::Cone if z_mm < 2.0 * a => 0.5 * z_mm,
            _ => a,
        };
        // A ball is a round tip at both ends.
        let is_ball = self.shape.tip == TipShape::Round && active == 2.0 * a && self.shape.shaft_length_mm == 0.0;
        let radius_there = if is_ball { (a * a - (a - z_mm).powi(2)).max(0.0).sqrt() } else { radius_there };
        if z_mm > 0.0 && z_mm < active && r_mm < radius_there { Part::Cold } else { Part::Tissue }
    }

    fn edges(&self) -> (Vec<f64>, Vec<f64>) {
        let (a, active, h) = (self.shape.radius_mm, self.shape.active_length_mm, self.cell_mm);
        let mut r = even(0.0, a, h);
        let step = r[1];
        r.extend(outwards(step, FINE_MM, self.wall_mm.0 - a).into_iter().map(|d| a + d));
        let inner = even(0.0, active, h);
        let step = inner[1];
        let rim = outwards(step, FINE_MM, self.wall_mm.1 - 0.5 * active);
        let mut z: Vec<f64> = rim.iter().rev().map(|d| -d).collect();
        z.extend(inner);
        z.extend(rim.iter().map(|d| active + d));
        (r, z)
    }
}

impl Mesh {
    fn of(problem: &Axisymmetric) -> Self {
        const METRE: f64 = 1e-3;
        let (re, ze) = problem.edges();
        let (re, ze): (Vec<f64>, Vec<f64>) =
            (re.iter().map(|x| x * METRE).collect(), ze.iter().map(|x| x * METRE).collect());
        let middles = |e: &[f64]| e.windows(2).map(|p| 0.5 * (p[0] + p[1])).collect::<Vec<f64>>();
        let (r, z) = (middles(&re), middles(&ze));
        let pi = std::f64::consts::PI;
        let n = r.len() * z.len();
        let mut mesh = Self {
            volume: vec![0.0; n],
            part: vec![Part::Tissue; n],
            to_r: vec![0.0; n],
            to_z: vec![0.0; n],
            to_floor: Vec::new(),
            to_surface: Vec::new(),
            r,
            z,
        };
        mesh.to_floor = re.windows(2).map(|p| pi * (p[1] * p[1] - p[0] * p[0]) / (mesh.z[0] - ze[0])).collect();
        let part = |r: f64, z: f64| problem.part(r / METRE, z / METRE);
        for (j, &z) in mesh.z.iter().enumerate() {
            let height = ze[j + 1] - ze[j];
            for (i, &r) in mesh.r.iter().enumerate() {
                let at = j * mesh.r.len() + i;
                let ring = pi * (re[i + 1].powi(2) - re[i].powi(2));
                mesh.volume[at] = ring * height;
                mesh.part[at] = part(r, z);
                // Beyond the outermost cells lies the wall, half a cell away.
                let next_r = mesh.r.get(i + 1).copied().unwrap_or(re[i + 1]);
                let next_z = mesh.z.get(j + 1).copied().unwrap_or(ze[j + 1]);
                mesh.to_r[at] = 2.0 * pi * re[i + 1] * height / (next_r - r);
                mesh.to_z[at] = ring / (next_z - z);
            }
        }
        mesh.face_surface(part, &re, &ze);
        mesh
    }

    /// Joins each cell beside the cold surface to it, by its own distance: around the axis as between two cylinders, along
    /// it as between two planes.
    fn face_surface(&mut self, part: impl Fn(f64, f64) -> Part, re: &[f64], ze: &[f64]) {
        let (nr, nz) = (self.r.len(), self.z.len());
        let pi = std::f64::consts::PI;
        for j in 0..nz {
            for i in 0..nr {
                let at = j * nr + i;
                if self.part[at] != Part::Tissue {
                    continue;
                }
                let (r, z) = (self.r[i], self.z[j]);
                if i > 0 && self.part[at - 1] == Part::Cold {
                    let wall = bisected(self.r[i - 1], r, |x| part(x, z) == Part::Cold);
                    let away = (r - wall).max(NEAREST_SHARE * (re[i + 1] - re[i]));
                    self.to_surface.push((at, 2.0 * pi * (ze[j + 1] - ze[j]) / (r / (r - away)).ln()));
                }
                let ring = pi * (re[i + 1].powi(2) - re[i].powi(2));
                for other in [(j > 0).then(|| j - 1), (j + 1 < nz).then_some(j + 1)].into_iter().flatten() {
                    if self.part[other * nr + i] == Part::Cold {
                        let wall = bisected(self.z[other], z, |x| part(r, x) == Part::Cold);
                        let away = (z - wall).abs().max(NEAREST_SHARE * (ze[j + 1] - ze[j]));
                        self.to_surface.push((at, ring / away));
                    }
                }
            }
        }
    }
}

/// The place between two where something that holds at the first ceases to hold.
fn bisected(mut holds: f64, mut not: f64, test: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..40 {
        let middle = 0.5 * (holds + not);
        if test(middle) {
            holds = middle;
        } else {
            not = middle;
        }
    }
    0.5 * (holds + not)
}

/// Temperature and heat potential of the medium by enthalpy counted from where freezing starts.
#[derive(Clone, Copy, Debug)]
struct Law {
    starts_c: f64,
    ends_c: f64,
    /// Frozen, freezing and unfrozen. Unit: J/(m3 K).
    capacity: [f64; 3],
    /// Frozen and unfrozen. Unit: W/(m K).
    k: [f64; 2],
    /// Enthalpy and potential where freezing ends.
    ended: (f64, f64),
}

impl Law {
    fn of(range: &RangeMedium) -> Self {
        let m = &range.medium;
        let width = m.freezing_c - range.ends_c;
        let freezing = range.capacity();
        let k = [m.frozen_w_per_m_k, m.liquid_w_per_m_k];
        Self {
            starts_c: m.freezing_c,
            ends_c: range.ends_c,
            capacity: [m.frozen_j_per_m3_k, freezing, m.liquid_j_per_m3_k],
            k,
            ended: (-freezing * width, -0.5 * (k[0] + k[1]) * width),
        }
    }

    fn celsius(&self, h: f64) -> f64 {
        if h >= 0.0 {
            self.starts_c + h / self.capacity[2]
        } else if h >= self.ended.0 {
            self.starts_c + h / self.capacity[1]
        } else {
            self.ends_c + (h - self.ended.0) / self.capacity[0]
        }
    }

    fn h(&self, celsius: f64) -> f64 {
        if celsius >= self.starts_c {
            (celsius - self.starts_c) * self.capacity[2]
        } else if celsius >= self.ends_c {
            (celsius - self.starts_c) * self.capacity[1]
        } else {
            self.ended.0 + (celsius - self.ends_c) * self.capacity[0]
        }
    }

    /// `int k dT` from where freezing starts. Unit: W/m.
    fn theta(&self, h: f64) -> f64 {
        if h >= 0.0 {
            self.k[1] * h / self.capacity[2]
        } else if h >= self.ended.0 {
            let below = h / self.capacity[1];
            below * (self.k[1] + 0.5 * (self.k[1] - self.k[0]) * below / (self.starts_c - self.ends_c))
        } else {
            self.ended.1 + self.k[0] * (h - self.ended.0) / self.capacity[0]
        }
    }

    /// The largest slope of the potential over the enthalpy: what bounds the step. Unit: m2/s.
    fn most(&self) -> f64 {
        let largest = self.k[0].max(self.k[1]);
        (self.k[0] / self.capacity[0]).max(self.k[1] / self.capacity[2]).max(largest / self.capacity[1])
    }
}

struct Run<'a> {
    problem: &'a Axisymmetric,
    mesh: Mesh,
    law: Law,
    h: Vec<f64>,
    theta: Vec<f64>,
    heat: Vec<f64>,
    alive: Vec<bool>,
    is_cold: bool,
    /// What joins cells now.
    to_r: Vec<f64>,
    to_z: Vec<f64>,
    step_s: f64,
}

impl<'a> Run<'a> {
    fn new(problem: &'a Axisymmetric) -> Self {
        let (mesh, law) = (Mesh::of(problem), Law::of(&problem.medium));
        let n = mesh.volume.len();
        let start = law.h(problem.medium.medium.start_c);
        let mut run = Self {
            problem,
            law,
            h: vec![start; n],
            theta: vec![0.0; n],
            heat: vec![0.0; n],
            alive: vec![true; n],
            is_cold: false,
            to_r: Vec::new(),
            to_z: Vec::new(),
            step_s: 0.0,
            mesh,
        };
        run.join(false);
        run
    }

    /// Opens what passes heat while the probe is cold, or at rest.
    fn join(&mut self, is_cold: bool) {
        let (nr, part) = (self.mesh.r.len(), &self.mesh.part);
        let shut = |p: Part| p == Part::Shaft || (is_cold && p == Part::Cold);
        (self.to_r, self.to_z) = (self.mesh.to_r.clone(), self.mesh.to_z.clone());
        let n = part.len();
        for at in 0..n {
            let last_r = at % nr + 1 == nr;
            if shut(part[at]) || (!last_r && shut(part[at + 1])) {
                self.to_r[at] = 0.0;
            }
            if shut(part[at]) || (at + nr < n && shut(part[at + nr])) {
                self.to_z[at] = 0.0;
            }
        }
        let mut sums = vec![0.0; n];
        for at in 0..n {
            let below = if at >= nr { self.to_z[at - nr] } else { self.mesh.to_floor[at] };
            let inner = if at % nr > 0 { self.to_r[at - 1] } else { 0.0 };
            sums[at] = self.to_r[at] + self.to_z[at] + below + inner;
        }
        for &(at, g) in self.mesh.to_surface.iter().filter(|_| is_cold) {
            sums[at] += g;
        }
        let fastest = sums.iter().zip(&self.mesh.volume).map(|(s, v)| s / v).fold(0.0, f64::max);
        self.step_s = SAFETY / (fastest * self.law.most());
        self.is_cold = is_cold;
    }

    fn through(mut self, at_s: &[f64]) -> Vec<AxisymmetricField> {
        let mut ends: Vec<f64> = self.problem.schedule.switches_s();
        ends.extend(at_s);
        ends.sort_by(f64::total_cmp);
        let mut fields = Vec::new();
        let mut now_s = 0.0;
        for end_s in ends.into_iter().filter(|&e| e <= at_s[at_s.len() - 1]) {
            self.follow(now_s, end_s);
            now_s = end_s;
            if at_s.contains(&end_s) && fields.last().is_none_or(|f: &AxisymmetricField| f.at_s < end_s) {
                fields.push(self.field(end_s));
            }
        }
        fields
    }

    /// Equal steps from one time to another, within one phase.
    fn follow(&mut self, from_s: f64, to_s: f64) {
        if to_s <= from_s {
            return;
        }
        let (kind, since_s) = self.problem.schedule.at(from_s);
        let is_cold = kind == PhaseKind::Freeze;
        if is_cold != self.is_cold {
            self.join(is_cold);
        }
        let count = ((to_s - from_s) / self.step_s).ceil() as usize;
        let step_s = (to_s - from_s) / count as f64;
        for n in 0..count {
            let surface_c = self.problem.surface_c.at(from_s + step_s * n as f64 - since_s);
            self.step(step_s, surface_c);
        }
        if is_cold {
            // At rest the probe is tissue as cold as its surface was.
            let h = self.law.h(self.problem.surface_c.at(to_s - since_s));
            for (cell, part) in self.h.iter_mut().zip(&self.mesh.part) {
                if *part == Part::Cold {
                    *cell = h;
                }
            }
        }
    }

    fn step(&mut self, step_s: f64, surface_c: f64) {
        let law = self.law;
        for (theta, &h) in self.theta.iter_mut().zip(&self.h) {
            *theta = law.theta(h);
        }
        self.conduct();
        if self.is_cold {
            let surface = law.theta(law.h(surface_c));
            for &(at, g) in &self.mesh.to_surface {
                self.heat[at] += g * (surface - self.theta[at]);
            }
        }
        let p = self.problem;
        let (w, made) = (p.perfusion_w_per_m3_k, p.metabolic_w_per_m3);
        for at in 0..self.h.len() {
            let h = self.h[at];
            let source = if h > 0.0 && self.alive[at] {
                w * (p.arterial_c - law.starts_c - h / law.capacity[2]) + made
            } else {
                self.alive[at] &= p.reperfuses || h > 0.0;
                0.0
            };
            self.h[at] = h + step_s * (self.heat[at] / self.mesh.volume[at] + source);
        }
    }

    /// Heat into every cell from its neighbours and from the walls. Unit: W.
    fn conduct(&mut self) {
        let (nr, n) = (self.mesh.r.len(), self.theta.len());
        let wall = self.law.theta(self.law.h(self.problem.medium.medium.start_c));
        let (theta, heat) = (&self.theta, &mut self.heat);
        for (j, row) in heat.chunks_exact_mut(nr).enumerate() {
            let here = &theta[j * nr..(j + 1) * nr];
            let to_r = &self.to_r[j * nr..(j + 1) * nr];
            for i in 0..nr - 1 {
                row[i] = to_r[i] * (here[i + 1] - here[i]);
            }
            row[nr - 1] = to_r[nr - 1] * (wall - here[nr - 1]);
            for i in (1..nr).rev() {
                row[i] -= to_r[i - 1] * (here[i] - here[i - 1]);
            }
        }
        for at in 0..n - nr {
            let flow = self.to_z[at] * (theta[at + nr] - theta[at]);
            heat[at] += flow;
            heat[at + nr] -= flow;
        }
        for i in 0..nr {
            let last = n - nr + i;
            heat[i] += self.mesh.to_floor[i] * (wall - theta[i]);
            heat[last] += self.to_z[last] * (wall - theta[last]);
        }
    }

    fn field(&self, at_s: f64) -> AxisymmetricField {
        AxisymmetricField {
            at_s,
            shape: self.problem.shape,
            r_mm: self.mesh.r.iter().map(|x| x * 1e3).collect(),
            z_mm: self.mesh.z.iter().map(|x| x * 1e3).collect(),
            celsius: self.h.iter().map(|&h| self.law.celsius(h)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::freezing_range::RangeConductivity;
    use super::super::half_space::TwoPhase;
    use super::super::stepped_probe::{PERFUSED_MUSCLE, STEPPED};
    use super::*;
    use crate::Shaft;

    fn shape(radius_mm: f64, active_length_mm: f64, shaft_length_mm: f64, tip: TipShape) -> ProbeShape {
        ProbeShape { radius_mm, active_length_mm, dead_tip_mm: 0.0, shaft_length_mm, tip, shaft: Shaft::Insulated }
    }

    /// A probe in perfused muscle that freezes from -0.5 to -1.5 °C.
    fn in_muscle(shape: ProbeShape, surface_c: f64, cell_mm: f64) -> Axisymmetric {
        let medium = TwoPhase { freezing_c: -0.5, ..PERFUSED_MUSCLE };
        Axisymmetric {
            medium: RangeMedium { medium, ends_c: -1.5, conductivity: RangeConductivity::Linear },
            perfusion_w_per_m3_k: 2535.04,
            metabolic_w_per_m3: 988.03,
            arterial_c: 37.0,
            reperfuses: false,
            shape,
            surface_c: TimeTable::constant(surface_c),
            schedule: Schedule::one_freeze(600.0),
            wall_mm: (25.0, 25.0),
            cell_mm,
        }
    }

    #[test]
    fn a_ball_freezes_as_front_fixing_says() {
        // V8, ball 0.65 mm at -70 °C in muscle.
        let case = STEPPED.into_iter().find(|c| c.is_ball && !c.in_gel && c.radius_mm == 0.65).unwrap();
        let ball = in_muscle(shape(0.65, 1.3, 0.0, TipShape::Round), -70.0, 0.13);
        let exact = case.front_fixing().solve(&[60.0]);
        let field = &ball.solve(&[60.0])[0];
        for celsius in [-1.0, -20.0, -40.0] {
            let expected_mm = exact.profiles[0].surface_m(celsius) * 1e3;
            let across = field.radius_mm(celsius, 0.65);
            let along = field.reach(celsius).beyond_tip_mm + 0.65;
            // 0.13 mm cells: a fifth of one.
            for (found_mm, way) in [(across, "across"), (along, "along")] {
                assert!((found_mm - expected_mm).abs() < 0.026, "{celsius} {way}: {found_mm} for {expected_mm}");
            }
        }
    }

    #[test]
    fn a_long_cylinder_freezes_as_front_fixing_says() {
        // V8, cylinder 0.65 mm at -70 °C: 30 mm long, the middle knows of no ends for a minute.
        let case = STEPPED.into_iter().find(|c| !c.is_ball && !c.in_gel && c.radius_mm == 0.65).unwrap();
        let long = in_muscle(shape(0.65, 30.0, 0.0, TipShape::Flat), -70.0, 0.13);
        let exact = case.front_fixing().solve(&[60.0]);
        let field = &long.solve(&[60.0])[0];
        for celsius in [-1.0, -20.0, -40.0] {
            let expected_mm = exact.profiles[0].surface_m(celsius) * 1e3;
            let found_mm = field.radius_mm(celsius, 15.0);
            assert!((found_mm - expected_mm).abs() < 0.026, "{celsius}: {found_mm} for {expected_mm}");
        }
    }
}
