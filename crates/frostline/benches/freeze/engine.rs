//! One run of the engine through its public interface, with its costs.

use std::time::Instant;

use frostline_freeze::{Continue, FreezeHistory, FreezeScene, Progress, SceneParts, SimulateError, SolverSettings};

use crate::Fault;
use crate::cost::{Clock, Mark};
use crate::engine_on::{Engine, On};
use crate::sample::{Sample, Work};

/// How to run.
pub struct Run<'a> {
    pub variant: &'a str,
    pub step_s: f64,
    pub on: On,
    /// Unit: s.
    pub keep_at_s: &'a [f64],
    /// Stop after this. Unit: s.
    pub cap_s: f64,
}

/// Every time at which a field is kept is a multiple of this, so that keeping adds no step and changes no bit. Unit: s.
const RECORD_EVERY_S: f64 = 20.0;

impl Run<'_> {
    /// Makes the question and answers it; no history when the time was up before the end.
    pub fn time(
        &self,
        question: impl FnOnce() -> Result<SceneParts, Fault>,
    ) -> Result<(Sample, Option<FreezeHistory>), Fault> {
        let engine = Engine::open(self.on.backend)?;
        let mark = Mark::now();
        let begun = Instant::now();
        let parts = question()?;
        let set_up_s = begun.elapsed().as_secs_f64();
        let (duration_s, grid_mm, cells) = (parts.duration_s, parts.grid.finest_mm(), parts.grid.cell_count() as u64);
        let mut work = Work { cells, grid_mm, step_s: self.step_s, threads: self.on.threads, ..Work::default() };
        let clock = Clock::start();
        let (mut first, mut last) = (None, None);
        let mut watch = |progress: Progress| {
            let reached = Reached { at_s: progress.at_s, wall_s: clock.wall_s() };
            first.get_or_insert(reached);
            last = Some(reached);
            work.steps = progress.steps;
            if reached.wall_s > self.cap_s { Continue::Stop } else { Continue::Yes }
        };
        let answer = engine.one(&FreezeScene::new(parts)?, &self.settings(), self.keep_at_s, &mut watch);
        let (wall_s, cpu_s) = (clock.wall_s(), clock.cpu_s());
        let sample = Sample {
            variant: engine.named(self.variant),
            wall_s,
            cpu_s,
            set_up_s,
            first_step_s: first.map(|reached| reached.wall_s),
            simulated_s: duration_s,
            part: None,
            work,
            memory_mb: mark.peak_mb(),
            errors: None,
            fingerprint: None,
        };
        match answer {
            Ok(history) => Ok((of(sample, &history), Some(history))),
            Err(SimulateError::Stopped { .. }) => Ok((extrapolated(sample, first, last)?, None)),
            Err(other) => Err(other.into()),
        }
    }

    fn settings(&self) -> SolverSettings {
        let mut settings =
            SolverSettings { step_s: self.step_s, threads: self.on.threads, ..SolverSettings::default() };
        settings.record_every_s = RECORD_EVERY_S;
        settings
    }
}

/// How far a run had come, and when.
#[derive(Clone, Copy)]
struct Reached {
    at_s: f64,
    wall_s: f64,
}

fn of(mut sample: Sample, history: &FreezeHistory) -> Sample {
    let counters = history.counters;
    sample.work.cells = counters.cells;
    sample.work.steps = counters.steps;
    sample.work.stages = counters.stages;
    sample.work.cell_updates = counters.cell_updates;
    sample.fingerprint = Some(fingerprint(history));
    sample
}

/// From the simulated time after the first step, before which the steady start is found. Steps are shorter just after the
/// gas is switched, so this says rather too much.
fn extrapolated(mut sample: Sample, first: Option<Reached>, last: Option<Reached>) -> Result<Sample, Fault> {
    let (Some(first), Some(last)) = (first, last) else { return Err("stopped before the first step".into()) };
    let (duration_s, done_s) = (sample.simulated_s, last.at_s - first.at_s);
    if done_s <= 0.0 {
        return Err(format!("one step took {:.1} s; give more with --cap-s", first.wall_s).into());
    }
    let whole_s = first.wall_s + (last.wall_s - first.wall_s) * (duration_s - first.at_s) / done_s;
    sample.part = Some(format!("{:.1} of {duration_s:.0} s simulated", last.at_s));
    sample.cpu_s = sample.cpu_s.map(|s| s * whole_s / sample.wall_s);
    sample.wall_s = whole_s;
    Ok(sample)
}

/// FNV-1a over the bits of the coldest and the last temperatures.
fn fingerprint(history: &FreezeHistory) -> String {
    let values = history.coldest_c.iter().chain(&history.last_c);
    let bits = values.flat_map(|celsius| celsius.to_bits().to_le_bytes());
    let sum = bits.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{sum:016x}")
}
