//! Prints the checks of the problems named on the command line (`V4`, `R1`, ...), or of all of them: brief, or with
//! `full` in full; on the CPU, or with `gpu` on a GPU.
//!
//! `cargo run --release -p frostline-freeze --example conformance -- full V4 V10`

use std::time::Instant;

use frostline_freeze::conformance::{Extent, Problem, as_text, conformance_on};
use frostline_freeze::{Backend, SimulateError, gpu_available};

fn main() -> Result<(), SimulateError> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let extent = if names.iter().any(|n| n == "full") { Extent::Full } else { Extent::Brief };
    let backend = if names.iter().any(|n| n == "gpu") { Backend::Gpu } else { Backend::Cpu };
    if backend == Backend::Gpu {
        eprintln!("GPU: {}", gpu_available()?);
    }
    let wanted: Vec<&String> = names.iter().filter(|n| *n != "full" && *n != "gpu").collect();
    let mut checks = Vec::new();
    for problem in Problem::ALL {
        if wanted.is_empty() || wanted.iter().any(|n| *n == problem.code()) {
            let started = Instant::now();
            checks.extend(conformance_on(backend, &[problem], extent));
            eprintln!("{problem:?}: {:.1} s", started.elapsed().as_secs_f64());
        }
    }
    print!("{}", as_text(&checks));
    Ok(())
}
