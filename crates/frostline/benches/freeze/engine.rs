//! One run of the engine through its public interface, with its costs.

use std::time::Instant;

use frostline_freeze::{
    Continue, FreezeHistory, FreezeScene, Progress, SceneParts, SimulateError, SolverSettings, simulate_keeping,
};

use crate::Fault;
use crate::cost::{Clock, Mark};
use crate::sample::{Sample, Work};

/// How to run.
pub struct Run<'a> {
    pub variant: &'a str,
    pub step_s: f64,
    pub threads: usize,
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
        let mark = Mark::now();
        let begun = Instant::now();
        let parts = question()?;
        let set_up_s = begun.elapsed().as_secs_f64();
        let (duration_s, grid_mm, cells) = (parts.duration_s, parts.grid.finest_mm(), parts.grid.cell_count() as u64);
        let mut work = Work { cells, grid_mm, step_s: self.step_s, threads: self.threads, ..Work::default() };
        let mut settings = SolverSettings { step_s: self.step_s, threads: self.threads, ..SolverSettings::default() };
        settings.record_every_s = RECORD_EVERY_S;
        let clock = Clock::start();
        let mut watch = |progress: Progress| {
            work.steps = progress.steps;
            if clock.wall_s() > self.cap_s { Continue::Stop } else { Continue::Yes }
        };
        let answer = simulate_keeping(&FreezeScene::new(parts)?, &settings, self.keep_at_s, &mut watch);
        let (wall_s, cpu_s) = (clock.wall_s(), clock.cpu_s());
        let sample = Sample {
            variant: self.variant.into(),
            wall_s,
            set_up_s,
            simulated_s: duration_s,
            part: None,
            work,
            memory_mb: mark.peak_mb(),
            cpu_s,
            errors: None,
            fingerprint: None,
        };
        finished(sample, answer)
    }
}

fn finished(
    mut sample: Sample,
    answer: Result<FreezeHistory, SimulateError>,
) -> Result<(Sample, Option<FreezeHistory>), Fault> {
    match answer {
        Ok(history) => {
            let counters = history.counters;
            sample.work.cells = counters.cells;
            sample.work.steps = counters.steps;
            sample.work.stages = counters.stages;
            sample.work.cell_updates = counters.cell_updates;
            sample.fingerprint = Some(fingerprint(&history));
            Ok((sample, Some(history)))
        }
        Err(SimulateError::Stopped { at_s, duration_s }) => {
            sample.part = Some(format!("{at_s:.1} of {duration_s:.0} s simulated"));
            sample.wall_s *= duration_s / at_s;
            sample.cpu_s = sample.cpu_s.map(|s| s * duration_s / at_s);
            Ok((sample, None))
        }
        Err(other) => Err(other.into()),
    }
}

/// FNV-1a over the bits of the coldest and the last temperatures.
fn fingerprint(history: &FreezeHistory) -> String {
    let values = history.coldest_c.iter().chain(&history.last_c);
    let bits = values.flat_map(|celsius| celsius.to_bits().to_le_bytes());
    let sum = bits.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{sum:016x}")
}
