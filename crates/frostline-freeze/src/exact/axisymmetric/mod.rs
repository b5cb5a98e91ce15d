//! One finite probe by itself: enthalpy by explicit Euler steps on a fine grid of (r, z), to judge the ends of probes by.
//!
//! Cells fit the probe: edges on its radius, its tip and both ends of its cold length, so flat ends and insulated shafts
//! are exact; round and conical tips are met by the distance from each cell to the surface. Nothing is shared with the
//! solver but the description of the probe: no potentials, no tables of enthalpy, no stages. Of first order in time with
//! steps of milliseconds, of second order in space apart from the ends of the freezing range.

mod field;
mod law;
mod mesh;

pub use field::{AxisymmetricField, Reach};
use law::Law;
use mesh::{Mesh, Part};

use super::freezing_range::RangeMedium;
use crate::{PhaseKind, ProbeShape, Schedule, TimeTable};

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

/// Share of the stable step that is used.
const SAFETY: f64 = 0.9;

impl Axisymmetric {
    /// The fields at `at_s`, which must increase.
    pub fn solve(&self, at_s: &[f64]) -> Vec<AxisymmetricField> {
        Run::new(self).through(at_s)
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
        let sum = |at: usize| {
            let below = if at >= nr { self.to_z[at - nr] } else { self.mesh.to_floor[at] };
            let inner = if !at.is_multiple_of(nr) { self.to_r[at - 1] } else { 0.0 };
            self.to_r[at] + self.to_z[at] + below + inner
        };
        let mut sums: Vec<f64> = (0..n).map(sum).collect();
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
        let mut celsius: Vec<f64> = self.h.iter().map(|&h| self.law.celsius(h)).collect();
        let nr = self.mesh.r.len();
        // A shaft has no temperature of its own; beside it the tissue is read alone.
        for (row, part) in celsius.chunks_exact_mut(nr).zip(self.mesh.part.chunks_exact(nr)) {
            let inside = part.iter().take_while(|p| **p == Part::Shaft).count();
            let beside = row[inside.min(nr - 1)];
            row[..inside].fill(beside);
        }
        AxisymmetricField {
            at_s,
            shape: self.problem.shape,
            r_mm: self.mesh.r.iter().map(|x| x * 1e3).collect(),
            z_mm: self.mesh.z.iter().map(|x| x * 1e3).collect(),
            celsius,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::freezing_range::RangeConductivity;
    use super::super::half_space::TwoPhase;
    use super::super::stepped_probe::{PERFUSED_MUSCLE, STEPPED};
    use super::*;
    use crate::{Shaft, TipShape};

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
