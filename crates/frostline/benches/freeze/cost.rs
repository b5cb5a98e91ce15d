//! Memory and processor time of this process, as the system counts them.

use std::time::Instant;

/// What the process held when a measurement began.
pub struct Mark {
    held_kb: Option<u64>,
}

impl Mark {
    /// Begins a measurement: the system's record of the peak is set back to what is held now.
    pub fn now() -> Self {
        // 5 sets VmHWM back (proc(5)); where it cannot be written the peak since the start of the process is taken.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        Self { held_kb: status_kb("VmRSS:") }
    }

    /// The most memory since then, beyond what was held; `None` where the system does not tell. Unit: MB (1e6 bytes).
    pub fn peak_mb(&self) -> Option<f64> {
        let peak_kb = status_kb("VmHWM:")?;
        Some(peak_kb.saturating_sub(self.held_kb?) as f64 * 1024.0 / 1e6)
    }
}

/// A stretch of time.
#[derive(Clone, Copy)]
pub struct Clock {
    begun: Instant,
    cpu_s: Option<f64>,
}

impl Clock {
    /// Begins now.
    pub fn start() -> Self {
        Self { begun: Instant::now(), cpu_s: cpu_s() }
    }

    /// By the clock on the wall. Unit: s.
    pub fn wall_s(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// Processor time of all threads, to 0.01 s; `None` where the system does not tell. Unit: s.
    pub fn cpu_s(&self) -> Option<f64> {
        Some(cpu_s()? - self.cpu_s?)
    }
}

fn status_kb(key: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// What Linux tells processes in, on every machine this runs on (proc(5), `USER_HZ`).
const TICKS_PER_S: f64 = 100.0;

/// User and system time, threads that ended included.
fn cpu_s() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in brackets and may hold anything; utime and stime are 12 and 13 fields on.
    let (_, after_name) = text.rsplit_once(')')?;
    let mut times = after_name.split_whitespace().skip(11);
    let user: f64 = times.next()?.parse().ok()?;
    let system: f64 = times.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_S)
}
