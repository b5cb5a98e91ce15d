//! How fast and how right the freeze engine is, beside plain baselines in the same interleaved run.
//!
//! Every run has a process of its own, so that its memory is its own. `docs/speed.md` says what the rows mean.

mod cost;
mod engine;
mod engine_on;
mod leg;
mod leg_answer;
mod leg_ensemble;
mod leg_plain;
mod needle;
mod needle_plain;
mod peers;
mod plain;
mod rounds;
mod rows;
mod sample;
mod table;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use rounds::Asks;
use rows::{Row, find, rows};
use sample::{Limits, Sample};

type Fault = Box<dyn Error>;

/// Times the freeze engine on R1, R2, R3 and L1; docs/speed.md says what the rows mean.
#[derive(Parser)]
#[command(name = "freeze")]
struct Arguments {
    /// Rounds; in each one every row and its baselines run once
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Rows to run, with the baselines they are compared with, for example R1,L1; all of them without it
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Stop a run of the engine after so many seconds and extrapolate by simulated time
    #[arg(long, default_value_t = 60.0)]
    cap_s: f64,
    /// Baselines run to the end when that takes no longer than so many seconds, otherwise a part is timed
    #[arg(long, default_value_t = 20.0)]
    baseline_cap_s: f64,
    /// Other cells and steps for the rows on graded cells: fine (mm), margin (mm), growth, longest step (s)
    #[arg(long, value_delimiter = ',')]
    graded: Vec<f64>,
    /// Another number of scenes for the ensembles
    #[arg(long)]
    scenes: Option<usize>,
    /// Where the JSON goes
    #[arg(long)]
    out: Option<PathBuf>,
    /// Solve L1 on the finest grid and record the answer that errors are measured against
    #[arg(long)]
    converge: bool,
    /// Cells of the finest grid for --converge, and twice as wide for the run it is compared with
    #[arg(long, default_value_t = 0.25)]
    converge_mm: f64,
    /// Set by cargo bench
    #[arg(long, hide = true)]
    bench: bool,
    /// One run in this process: the key of a row
    #[arg(long, hide = true)]
    child: Option<String>,
    /// Which pose of that row
    #[arg(long, hide = true, default_value_t = 0)]
    variant: usize,
    /// Errors instead of a time
    #[arg(long, hide = true)]
    errors: bool,
}

impl Arguments {
    fn limits(&self) -> Limits {
        Limits { wants_errors: self.errors, engine_s: self.cap_s, baseline_s: self.baseline_cap_s }
    }

    fn chosen(&self) -> Result<Vec<Row>, Fault> {
        let all = rows();
        if self.only.is_empty() {
            return Ok(all.into_iter().filter(|row| !row.is_baseline()).map(|row| self.changed(row)).collect());
        }
        self.only.iter().map(|key| Ok(self.changed(find(key)?))).collect()
    }

    /// The row on the cells and with the scenes that were asked for.
    fn changed(&self, row: Row) -> Row {
        let row = self.scenes.map_or(row, |scenes| row.with_scenes(scenes));
        match *self.graded.as_slice() {
            [fine_mm, margin_mm, growth, step_s] => row.on_graded(fine_mm, margin_mm, growth, step_s),
            _ => row,
        }
    }

    /// What a process for one run has to know.
    fn for_child(&self) -> Vec<String> {
        let mut words = vec![format!("--cap-s={}", self.cap_s), format!("--baseline-cap-s={}", self.baseline_cap_s)];
        if !self.graded.is_empty() {
            let numbers: Vec<_> = self.graded.iter().map(f64::to_string).collect();
            words.push(format!("--graded={}", numbers.join(",")));
        }
        words.extend(self.scenes.map(|scenes| format!("--scenes={scenes}")));
        words
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Fault> {
    if !matches!(arguments.graded.len(), 0 | 4) {
        return Err("--graded takes four numbers: fine (mm), margin (mm), growth, longest step (s)".into());
    }
    if let Some(key) = &arguments.child {
        let sample = arguments.changed(find(key)?).run(arguments.variant, &arguments.limits())?;
        println!("{}", serde_json::to_string(&sample)?);
        return Ok(());
    }
    if !arguments.bench {
        // `cargo test --all-targets` starts this too; timings are no tests.
        println!("the bench is run by `make bench` or `make bench-quick`");
        return Ok(());
    }
    if arguments.converge {
        return leg_answer::record_answer(arguments.converge_mm);
    }
    let chosen = arguments.chosen()?;
    let results =
        rounds::run(&chosen, arguments.rounds.max(1), &|row, variant, asks| in_child(arguments, row, variant, asks));
    println!("{}", table::as_text(&results));
    let path = arguments.out.clone().unwrap_or_else(|| root().join("out/bench.json"));
    // `path` ends in the name of a file, so it has a folder.
    std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
    std::fs::write(&path, serde_json::to_string_pretty(&table::as_json(&results))?)?;
    println!("written: {}", path.display());
    Ok(())
}

/// The repository.
fn root() -> PathBuf {
    // The manifest of this crate lies two folders below it.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    path.canonicalize().unwrap_or(path)
}

/// One run in a process of its own.
fn in_child(arguments: &Arguments, row: &Row, variant: usize, asks: Asks) -> Result<Sample, Fault> {
    let output = std::process::Command::new(std::env::current_exe()?)
        .args(["--child", row.key, "--variant", &variant.to_string()])
        .args(arguments.for_child())
        .args(match asks {
            Asks::Time => None,
            Asks::Errors => Some("--errors"),
        })
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(said.trim().trim_start_matches("error: ").to_owned().into());
    }
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().last().ok_or("the run printed nothing")?;
    Ok(serde_json::from_str(line)?)
}
