//! Other people's tools on R1, where Python has them: scripts of ours that print one line of JSON.

use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

use crate::sample::{Errors, Limits, Sample, Work};
use crate::{Fault, root};

/// A script in `benches/peers`, and the package it needs.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    pub script: &'static str,
    pub package: &'static str,
}

/// What a script prints.
#[derive(Deserialize)]
struct Line {
    version: String,
    wall_s: f64,
    cpu_s: f64,
    part: Option<String>,
    cells: u64,
    grid_mm: f64,
    step_s: f64,
    steps: u64,
    threads: usize,
    memory_mb: Option<f64>,
    compile_s: f64,
    errors: Option<Errors>,
}

impl Peer {
    /// Whether Python and the package are here.
    pub fn is_here(&self) -> bool {
        let import = format!("import {}", self.package);
        Command::new(python()).args(["-c", &import]).output().is_ok_and(|output| output.status.success())
    }

    /// One run of the script.
    pub fn run(&self, threads: usize, limits: &Limits) -> Result<Sample, Fault> {
        let script: PathBuf = root().join("crates/frostline/benches/peers").join(self.script);
        let output = Command::new(python())
            .arg(&script)
            .args(["--threads", &threads.to_string(), "--cap-s", &limits.baseline_s.to_string()])
            .output()?;
        if !output.status.success() {
            return Err(format!("{}: {}", self.script, String::from_utf8_lossy(&output.stderr).trim()).into());
        }
        let text = String::from_utf8(output.stdout)?;
        let line = text.lines().last().ok_or_else(|| format!("{} printed nothing", self.script))?;
        let line: Line = serde_json::from_str(line)?;
        Ok(Sample {
            variant: format!("{} {}", self.package, line.version),
            wall_s: line.wall_s,
            cpu_s: Some(line.cpu_s),
            set_up_s: line.compile_s,
            first_step_s: None,
            simulated_s: crate::needle::DURATION_S,
            part: line.part,
            work: Work {
                cells: line.cells,
                grid_mm: line.grid_mm,
                step_s: line.step_s,
                steps: line.steps,
                stages: line.steps,
                cell_updates: line.cells * line.steps,
                threads: line.threads,
            },
            memory_mb: line.memory_mb,
            errors: line.errors,
            fingerprint: None,
        })
    }
}

/// The interpreter: `PYTHON`, or `python3`.
fn python() -> String {
    std::env::var("PYTHON").unwrap_or_else(|_| "python3".into())
}
