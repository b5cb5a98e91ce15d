//! Timing of a baseline that takes many equal steps: to the end, or a part of it and extrapolated by their number.

use crate::cost::Clock;

/// A baseline is judged after this much time. Unit: s.
const PART_S: f64 = 2.0;
/// Steps before the clock starts, while memory is touched for the first time.
const WARM_UP: usize = 2;

/// How long a baseline took.
pub struct Timed {
    /// For all steps. Unit: s.
    pub wall_s: f64,
    /// Processor time of all threads, for all steps. Unit: s.
    pub cpu_s: Option<f64>,
    /// What was run, where it was not all.
    pub part: Option<String>,
}

/// Runs `step` for the numbers 0 to `total`. When a first part shows that the whole would take longer than `limit_s`, it
/// stays with that part.
pub fn time_steps(total: usize, limit_s: f64, mut step: impl FnMut(usize)) -> Timed {
    let mut clock = Clock::start();
    let mut is_judged = false;
    for n in 0..total {
        step(n);
        if n < WARM_UP {
            clock = Clock::start();
        } else if !is_judged && clock.wall_s() > PART_S {
            is_judged = true;
            let counted = n + 1 - WARM_UP;
            let timed = extrapolated(&clock, counted, total);
            if timed.wall_s > limit_s {
                return Timed { part: Some(format!("{counted} of {total} steps")), ..timed };
            }
        }
    }
    extrapolated(&clock, total.saturating_sub(WARM_UP).max(1), total)
}

fn extrapolated(clock: &Clock, counted: usize, total: usize) -> Timed {
    let all = total as f64 / counted as f64;
    Timed { wall_s: clock.wall_s() * all, cpu_s: clock.cpu_s().map(|s| s * all), part: None }
}

/// Where freezing ends (°C) and the latent heat (J/kg) of a tissue that freezes evenly over a range, as every scene of the
/// bench does.
pub fn freezing_range(tissue: &frostline_freeze::Tissue) -> (f64, f64) {
    match tissue.freezing {
        frostline_freeze::Freezing::Linear { ends_c, latent_j_per_kg } => (ends_c, latent_j_per_kg),
        frostline_freeze::Freezing::WaterActivity { .. } => panic!("the plain kernels know linear freezing only"),
    }
}
