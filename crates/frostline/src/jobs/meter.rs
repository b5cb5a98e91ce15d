//! How far a computation is, told by its threads and read by whoever watches, and the word to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use frostline_freeze::{Continue, Progress};

/// Shared by a computation and whoever watches it.
#[derive(Debug, Default)]
pub(super) struct Meter {
    at: Mutex<(f64, String)>,
    stop: AtomicBool,
    stopped: AtomicBool,
    told: AtomicU64,
}

impl Meter {
    /// The computation is at a share (0 to 1) of its way. It never goes back: threads may tell in any order.
    pub(super) fn tell(&self, share: f64, doing: impl Into<String>) -> Continue {
        self.told.fetch_add(1, Ordering::Relaxed);
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if share >= at.0 {
            *at = (share.min(1.0), doing.into());
        }
        if !self.stop.load(Ordering::Relaxed) {
            return Continue::Yes;
        }
        self.stopped.store(true, Ordering::Relaxed);
        Continue::Stop
    }

    /// Asks the computation to stop when it tells the next time.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the computation heard it: what it gives after that is no whole answer.
    pub(super) fn was_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Where it is.
    pub(super) fn at(&self) -> (f64, String) {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often the computation told something.
    #[cfg(test)]
    pub(super) fn told(&self) -> u64 {
        self.told.load(Ordering::Relaxed)
    }
}

/// Solver runs one after another, each on finer cells than the one before, as one way from 0 to 1.
#[derive(Debug, Default)]
pub(super) struct Runs {
    run: i32,
    at_s: f64,
}

/// What the first, coarse run takes of a plan that is computed to a tolerance: cells wider by half cost a fifth.
const COARSE_SHARE: f64 = 0.15;
/// What each further run takes of what is left. A third run is rare.
const FINER_SHARE: f64 = 0.8;

impl Runs {
    /// The share of the whole way, and where the run is in words. A time before the last one begins a new run.
    pub(super) fn at(&mut self, progress: Progress) -> (f64, String) {
        if progress.at_s < self.at_s {
            self.run += 1;
        }
        self.at_s = progress.at_s;
        let within =
            if progress.duration_s > 0.0 { (progress.at_s / progress.duration_s).clamp(0.0, 1.0) } else { 0.0 };
        let left = (1.0 - COARSE_SHARE) * (1.0 - FINER_SHARE).powi(self.run - 1);
        let share = if self.run == 0 { COARSE_SHARE * within } else { 1.0 - left + left * FINER_SHARE * within };
        let (at_s, of_s, run) = (progress.at_s, progress.duration_s, self.run + 1);
        (share, format!("freezing, {at_s:.0} of {of_s:.0} s in run {run}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_never_goes_back_when_threads_tell_out_of_order() {
        let meter = Meter::default();
        for share in [0.1, 0.4, 0.3, 7.0] {
            assert_eq!(meter.tell(share, "working"), Continue::Yes);
        }
        assert_eq!(meter.at().0, 1.0);
        meter.stop();
        assert!(!meter.was_stopped(), "nobody heard it yet");
        assert_eq!(meter.tell(0.5, "working"), Continue::Stop);
        assert!(meter.was_stopped());
    }

    #[test]
    fn every_further_run_begins_where_the_one_before_ended() {
        let mut runs = Runs::default();
        let mut last = 0.0;
        for _ in 0..4 {
            for at_s in [0.0, 50.0, 100.0] {
                let (share, _) = runs.at(Progress { at_s, duration_s: 100.0, steps: 0 });
                assert!((last - 1e-12..1.0).contains(&share), "{share} after {last}");
                last = share;
            }
        }
        // 0.15, then 4/5 of what is left, three times: 1 - 0.85 / 125.
        assert!((last - (1.0 - 0.85 / 125.0)).abs() < 1e-12, "{last}");
    }
}
