//! Prints the checks of the problems named on the command line (`V4`, `R1`, ...), or of all of them: brief, or with
//! `full` in full.
//!
//! `cargo run --release -p frostline-freeze --example conformance -- full V4 V10`

use std::time::Instant;

use frostline_freeze::conformance::{Extent, Problem, as_text, conformance};

fn main() {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let extent = if names.iter().any(|n| n == "full") { Extent::Full } else { Extent::Brief };
    let wanted: Vec<&String> = names.iter().filter(|n| *n != "full").collect();
    let mut checks = Vec::new();
    for problem in Problem::ALL {
        if wanted.is_empty() || wanted.iter().any(|n| *n == problem.code()) {
            let started = Instant::now();
            checks.extend(conformance(&[problem], extent));
            eprintln!("{problem:?}: {:.1} s", started.elapsed().as_secs_f64());
        }
    }
    print!("{}", as_text(&checks));
}
