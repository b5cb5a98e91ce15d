//! Many legs at once: L1 with its tip, probe and blood flow moved about, as uncertainty asks for.

use std::time::Instant;

use frostline_freeze::{FreezeScene, SolverSettings};
use frostline_plan::Correction;

use crate::Fault;
use crate::cost::{Clock, Mark};
use crate::engine_on::{Engine, On};
use crate::leg::Leg;
use crate::sample::{Limits, Sample, Work};

/// How many, and how finely.
#[derive(Clone, Copy, Debug)]
pub struct EnsembleTask {
    pub scenes: usize,
    pub fine_mm: f64,
    pub coarsest_mm: f64,
    pub step_s: f64,
}

/// How far the tip, the surface and the blood flow are moved either way.
const TIP_MM: f64 = 1.5;
const SURFACE_K: f64 = 10.0;
const BLOOD_FLOW: f64 = 0.5;
/// Bases of the Halton sequence: three for the tip, one for the surface, one for the blood.
const BASES: [usize; 5] = [2, 3, 5, 7, 11];

impl EnsembleTask {
    /// All scenes, made beforehand. A scene is never stopped half way, so no limit is heeded.
    pub fn run(&self, on: On, _limits: &Limits) -> Result<Sample, Fault> {
        let engine = Engine::open(on.backend)?;
        let mark = Mark::now();
        let begun = Instant::now();
        let leg = Leg::read()?;
        let scenes = (0..self.scenes).map(|n| self.scene(&leg, n)).collect::<Result<Vec<_>, Fault>>()?;
        let set_up_s = begun.elapsed().as_secs_f64();
        let settings = SolverSettings {
            step_s: self.step_s,
            threads: on.threads,
            record_every_s: 20.0,
            ..SolverSettings::default()
        };
        let clock = Clock::start();
        let answers = engine.many(&scenes, &settings);
        let (wall_s, cpu_s) = (clock.wall_s(), clock.cpu_s());
        let mut work = Work { step_s: self.step_s, threads: on.threads, ..Work::default() };
        let mut simulated_s = 0.0;
        for (scene, answer) in scenes.iter().zip(answers) {
            let counters = answer?.counters;
            (work.cells, work.grid_mm) = (counters.cells, counters.grid_mm);
            work.steps += counters.steps;
            work.stages += counters.stages;
            work.cell_updates += counters.cell_updates;
            simulated_s += scene.parts().duration_s;
        }
        Ok(Sample {
            variant: engine.named(&format!("{} scenes", self.scenes)),
            wall_s,
            cpu_s,
            set_up_s,
            first_step_s: None,
            simulated_s,
            part: None,
            work,
            memory_mb: mark.peak_mb(),
            errors: None,
            fingerprint: None,
        })
    }

    fn scene(&self, leg: &Leg, n: usize) -> Result<FreezeScene, Fault> {
        let [x, y, z, surface, blood] = BASES.map(|base| 2.0 * halton(n + 1, base) - 1.0);
        let correction = Correction {
            perfusion_factor: 1.0 + BLOOD_FLOW * blood,
            probe_offset_k: SURFACE_K * surface,
            ..Correction::none()
        };
        let moved_mm = [x, y, z].map(|share| TIP_MM * share);
        Ok(leg.varied(moved_mm, &correction, (self.fine_mm, self.coarsest_mm))?.scene)
    }
}

/// The `n`th number of the Halton sequence of a base, between 0 and 1.
fn halton(mut n: usize, base: usize) -> f64 {
    let (mut share, mut sum) = (1.0, 0.0);
    while n > 0 {
        share /= base as f64;
        sum += share * (n % base) as f64;
        n /= base;
    }
    sum
}
