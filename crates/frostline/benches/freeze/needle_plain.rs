//! The plain baseline for R1, R2 and R3: explicit Euler in enthalpy on cubes, single precision, two arrays, and a needle
//! that is whichever cells have their centre inside it. What one would write first, written with care: no branches in the
//! loops, rows that vectorise, layers over threads.

use frostline_freeze::conformance::reference::{Pose, ROWS, Row};
use frostline_freeze::{Cooling, Medium, PhaseKind, SceneParts, ScenePoint, SceneProbe, Tissue, radius_along};
use rayon::prelude::*;

use crate::Fault;
use crate::cost::Mark;
use crate::needle::{DURATION_S, Found, HALF_MM, errors, on_cubes};
use crate::plain::time_steps;
use crate::sample::{Limits, Sample, Work};

/// Share of the explicit limit that a step takes.
const SHARE_OF_LIMIT: f64 = 0.99;

/// A needle problem for the plain kernel.
#[derive(Clone, Copy, Debug)]
pub struct PlainNeedleTask {
    pub cell_mm: f64,
    pub pose: Pose,
}

impl PlainNeedleTask {
    /// One run, or a part of it.
    pub fn run(&self, threads: usize, limits: &Limits) -> Result<Sample, Fault> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        let parts = on_cubes(self.pose, self.cell_mm)?;
        let mark = Mark::now();
        let mut plain = PlainNeedle::of(&parts, self.cell_mm)?;
        let total = (DURATION_S / plain.longest_step_s()).ceil() as usize;
        let step_s = DURATION_S / total as f64;
        let mut found: Vec<Found> = Vec::new();
        let timed = pool.install(|| {
            time_steps(total, limits.baseline_s, |n| {
                let now_s = n as f64 * step_s;
                plain.step(now_s, step_s);
                found.extend(rows_ending(now_s, now_s + step_s).map(|row| plain.found(row)));
            })
        });
        let cells = plain.enthalpy.len() as u64;
        Ok(Sample {
            variant: "needle as a mask of cells".into(),
            wall_s: timed.wall_s,
            set_up_s: 0.0,
            first_step_s: None,
            simulated_s: DURATION_S,
            errors: timed.part.is_none().then(|| errors(&found)),
            part: timed.part,
            work: Work {
                cells,
                grid_mm: self.cell_mm,
                step_s,
                steps: total as u64,
                stages: total as u64,
                cell_updates: cells * total as u64,
                threads,
            },
            memory_mb: mark.peak_mb(),
            cpu_s: timed.cpu_s,
            fingerprint: None,
        })
    }
}

/// The rows of the answer at whose time a step ends, to the nearest step.
fn rows_ending(from_s: f64, to_s: f64) -> impl Iterator<Item = &'static Row> {
    let half_s = 0.5 * (to_s - from_s);
    ROWS.iter().filter(move |row| row.at_s > from_s + half_s && row.at_s <= to_s + half_s)
}

/// Enthalpy and heat potential per cell, and what the tissue does.
struct PlainNeedle {
    side: usize,
    cell_mm: f64,
    enthalpy: Vec<f32>,
    theta: Vec<f32>,
    needle: Vec<usize>,
    probe: SceneProbe,
    curve: Curve,
}

impl PlainNeedle {
    fn of(parts: &SceneParts, cell_mm: f64) -> Result<Self, Fault> {
        let Some(Medium::Tissue(tissue)) = parts.media.first() else { return Err("the problem has no tissue".into()) };
        let probe = parts.probes.first().ok_or("the problem has no needle")?.clone();
        let curve = Curve::of(tissue, parts.arterial_c);
        let cells = parts.grid.cell_count();
        let needle = (0..cells).filter(|&n| is_inside(&probe, parts.grid.centre(parts.grid.cell(n)))).collect();
        let start = curve.enthalpy(parts.arterial_c) as f32;
        let enthalpy = vec![start; cells];
        Ok(Self { side: parts.grid.size().i, cell_mm, theta: vec![0.0; cells], enthalpy, needle, probe, curve })
    }

    /// `h^2 / (6 a)` with the diffusivity of ice, less a little.
    fn longest_step_s(&self) -> f64 {
        let cell_m = 1e-3 * self.cell_mm;
        SHARE_OF_LIMIT * cell_m * cell_m / (6.0 * self.curve.frozen_k / self.curve.frozen_c)
    }

    fn step(&mut self, now_s: f64, step_s: f64) {
        let (side, layer) = (self.side, self.side * self.side);
        let curve = &self.curve;
        let (phase, since_s) = self.probe.schedule.at(now_s);
        if let (PhaseKind::Freeze, Cooling::Surface(table)) = (phase, &self.probe.cooling) {
            let held = curve.enthalpy(table.at(now_s - since_s)) as f32;
            for &cell in &self.needle {
                self.enthalpy[cell] = held;
            }
        }
        let theta = Theta::of(curve);
        self.theta.par_chunks_mut(layer).zip(self.enthalpy.par_chunks(layer)).for_each(|(to, from)| {
            for (to, &h) in to.iter_mut().zip(from) {
                *to = theta.at(h);
            }
        });
        let rate = Rate::of(curve, step_s, self.cell_mm);
        let theta = &self.theta;
        // The outermost cells keep their temperature: that is how the faces are held.
        self.enthalpy.par_chunks_mut(layer).enumerate().filter(|(k, _)| *k > 0 && *k + 1 < side).for_each(|(k, to)| {
            for j in 1..side - 1 {
                let start = k * layer + j * side;
                rate.advance_row(&mut to[j * side..(j + 1) * side], theta, start, side);
            }
        });
    }

    fn found(&self, row: &Row) -> Found {
        let field = |place: ScenePoint| self.celsius_at(place);
        let axis = self.probe.towards_hub;
        let middle = self.probe.tip + axis * (0.5 * self.probe.shape.active_length_mm);
        let radius = |towards| radius_along(&field, middle, towards, row.celsius).unwrap_or(f64::NAN);
        let (first, second) = axis.perpendiculars();
        let radii: Vec<f64> = (0..16)
            .filter_map(|n| {
                let angle = std::f64::consts::TAU * f64::from(n) / 16.0;
                (first * angle.cos() + second * angle.sin()).direction().map(radius)
            })
            .collect();
        let worst = radii.iter().map(|r| r - row.radius_mm).max_by(|a, b| a.abs().total_cmp(&b.abs()));
        Found {
            mean_mm: radii.iter().sum::<f64>() / radii.len() as f64,
            worst_error_mm: worst.unwrap_or(f64::NAN),
            axial_mm: 0.5 * (radius(axis) + radius(-axis)),
        }
    }

    /// Linear between the eight centres around a place.
    fn celsius_at(&self, place: ScenePoint) -> Option<f64> {
        let side = self.side;
        let at = [place.x, place.y, place.z].map(|x| (x + HALF_MM) / self.cell_mm - 0.5);
        if at.iter().any(|&x| x < 0.0 || x >= (side - 1) as f64) {
            return None;
        }
        let mut sum = 0.0;
        for corner in 0..8_usize {
            let (mut offset, mut share) = (0, 1.0);
            for (axis, stride) in [1, side, side * side].into_iter().enumerate() {
                let (low, part) = (at[axis] as usize, at[axis].fract());
                let high = corner >> axis & 1;
                offset += stride * (low + high);
                share *= if high == 1 { part } else { 1.0 - part };
            }
            sum += share * self.curve.celsius(f64::from(self.enthalpy[offset]));
        }
        Some(sum)
    }
}

fn is_inside(probe: &SceneProbe, place: ScenePoint) -> bool {
    let from_tip = place - probe.tip;
    let along_mm = from_tip.dot(probe.towards_hub.as_vector());
    let off = from_tip - probe.towards_hub * along_mm;
    (0.0..=probe.shape.active_length_mm).contains(&along_mm) && off.length() <= probe.shape.radius_mm
}

/// A tissue whose frozen properties are constant. Enthalpy is counted from where freezing starts, per volume.
struct Curve {
    starts_c: f64,
    range_k: f64,
    unfrozen_k: f64,
    frozen_k: f64,
    /// Heat capacity per volume. Unit: J/(m3 K).
    unfrozen_c: f64,
    frozen_c: f64,
    /// From the start to the end of freezing. Unit: J/m3.
    mushy: f64,
    /// Perfusion and metabolism: `made - per_j h` above freezing. Unit: W/m3 and 1/s.
    made: f64,
    per_j: f64,
}

impl Curve {
    fn of(tissue: &Tissue, arterial_c: f64) -> Self {
        let (starts_c, ends_c) = (tissue.freezing_starts_c, crate::plain::freezing_range(tissue).0);
        let density = tissue.density_kg_per_m3;
        let unfrozen_c = density * tissue.unfrozen_j_per_kg_k;
        let frozen_c = density * tissue.frozen_j_per_kg_k.at(ends_c);
        let range_k = starts_c - ends_c;
        let w = tissue.perfusion_w_per_m3_k;
        Self {
            starts_c,
            range_k,
            unfrozen_k: tissue.unfrozen_w_per_m_k,
            frozen_k: tissue.frozen_w_per_m_k.at(ends_c),
            unfrozen_c,
            frozen_c,
            mushy: 0.5 * (unfrozen_c + frozen_c) * range_k + density * crate::plain::freezing_range(tissue).1,
            made: w * (arterial_c - starts_c) + tissue.metabolic_w_per_m3,
            per_j: w / unfrozen_c,
        }
    }

    fn enthalpy(&self, celsius: f64) -> f64 {
        let over_k = celsius - self.starts_c;
        let mushy = (over_k / self.range_k).clamp(-1.0, 0.0) * self.mushy;
        self.unfrozen_c * over_k.max(0.0) + mushy + self.frozen_c * (over_k + self.range_k).min(0.0)
    }

    fn celsius(&self, h: f64) -> f64 {
        let mushy = h.clamp(-self.mushy, 0.0) / self.mushy * self.range_k;
        self.starts_c + h.max(0.0) / self.unfrozen_c + mushy + (h + self.mushy).min(0.0) / self.frozen_c
    }
}

/// The heat potential by enthalpy, in three pieces that add up without a branch.
struct Theta {
    mushy: f32,
    unfrozen: f32,
    frozen: f32,
    linear: f32,
    square: f32,
}

impl Theta {
    fn of(curve: &Curve) -> Self {
        let per = curve.range_k / curve.mushy;
        Self {
            mushy: curve.mushy as f32,
            unfrozen: (curve.unfrozen_k / curve.unfrozen_c) as f32,
            frozen: (curve.frozen_k / curve.frozen_c) as f32,
            linear: (per * curve.unfrozen_k) as f32,
            square: (-0.5 * per * (curve.frozen_k - curve.unfrozen_k) / curve.mushy) as f32,
        }
    }

    #[inline(always)]
    fn at(&self, h: f32) -> f32 {
        // Written with comparisons that become one instruction each; `clamp` would not.
        let above = if h > 0.0 { h } else { 0.0 };
        let below = if h < -self.mushy { h + self.mushy } else { 0.0 };
        let between = h - above - below;
        self.unfrozen * above + self.frozen * below + between * (self.linear + self.square * between)
    }
}

/// What one step adds.
struct Rate {
    /// Step over the square of the cell. Unit: s/m2.
    spread: f32,
    /// Unit: J/m3.
    made: f32,
    per_j: f32,
}

impl Rate {
    fn of(curve: &Curve, step_s: f64, cell_mm: f64) -> Self {
        let cell_m = 1e-3 * cell_mm;
        Self {
            spread: (step_s / (cell_m * cell_m)) as f32,
            made: (step_s * curve.made) as f32,
            per_j: (step_s * curve.per_j) as f32,
        }
    }

    /// One row of cells, without its ends.
    #[inline(always)]
    fn advance_row(&self, h: &mut [f32], theta: &[f32], start: usize, side: usize) {
        let inner = side - 2;
        let layer = side * side;
        let from = |offset: usize| &theta[offset..offset + inner];
        let at = start + 1;
        let here = from(at);
        let (left, right) = (from(at - 1), from(at + 1));
        let (front, back) = (from(at - side), from(at + side));
        let (under, over) = (from(at - layer), from(at + layer));
        let h = &mut h[1..=inner];
        for i in 0..inner {
            let around = (left[i] + right[i]) + (front[i] + back[i]) + (under[i] + over[i]);
            let source = if h[i] > 0.0 { self.made - self.per_j * h[i] } else { 0.0 };
            h[i] += self.spread * (around - 6.0 * here[i]) + source;
        }
    }
}
