//! `frostline doctor`: what this machine has and what is missing.

use std::process::ExitCode;

use frostline_freeze::gpu_available;
use frostline_plan::NOTICE;
use frostline_plan::catalogue::Catalogues;

use super::Outcome;

/// Prints one line per thing that matters.
pub fn run() -> Outcome {
    println!("frostline {}", env!("CARGO_PKG_VERSION"));
    println!("{NOTICE}");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("ok       processor: {threads} threads, {}", std::env::consts::ARCH);
    println!("ok       solver: CPU; no GPU is needed");
    match gpu_available() {
        Ok(name) => println!("ok       GPU, used only when asked for with --gpu: {name}"),
        Err(error) => println!("missing  {error}"),
    }
    print_memory();
    let catalogues = Catalogues::bundled()?;
    println!(
        "ok       catalogues: {} probes, {} protocols, {} nerves, {} sources",
        catalogues.probes.all().len(),
        catalogues.protocols.all().len(),
        catalogues.nerves.all().len(),
        catalogues.sources.all().count()
    );
    match std::env::current_exe() {
        Ok(_) => println!("ok       image decoding runs in a process of its own"),
        Err(error) => println!("missing  own executable not found ({error}): compressed images cannot be decoded"),
    }
    if cfg!(feature = "pdf") {
        println!("ok       PDF reports are built in");
    } else {
        println!("missing  PDF reports: build with `cargo build --release --features pdf`; HTML reports work without");
    }
    Ok(ExitCode::SUCCESS)
}

/// A plan needs well under 1 GB.
fn print_memory() {
    let available_mb = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|l| l.starts_with("MemAvailable:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kb| kb / 1024)
    });
    match available_mb {
        Some(mb) if mb >= 1024 => println!("ok       memory: {mb} MB available"),
        Some(mb) => {
            println!("missing  memory: only {mb} MB available; a plan needs about 1000 MB, close other programs")
        }
        None => println!("unknown  memory: this system does not say how much is available"),
    }
}
