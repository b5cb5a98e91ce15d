//! Interleaved rounds: in each, every row and every baseline runs once, so that a busy moment hits all of them alike.

use std::time::Instant;

use crate::Fault;
use crate::rows::{Row, find};
use crate::sample::{Errors, Sample};

/// A row that took longer in the first round is not run again. Unit: s.
const SLOW_S: f64 = 20.0;

/// What is asked of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// What it costs.
    Time,
    /// How far off it is; such a run is not timed.
    Errors,
}

/// Runs one pose of a row.
pub type Runner<'a> = dyn Fn(&Row, usize, Asks) -> Result<Sample, Fault> + 'a;

/// What a row did.
pub struct RowResult {
    pub row: Row,
    /// One list of poses per round.
    pub rounds: Vec<Vec<Sample>>,
    /// What is to be known about it: why there is nothing, or no more.
    pub note: Option<String>,
    is_done: bool,
}

/// What all rows did.
pub struct Results {
    pub rows: Vec<RowResult>,
    pub machine: Machine,
}

/// What they ran on.
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub load_before: String,
    pub load_after: String,
}

/// Runs the chosen rows and their baselines.
pub fn run(chosen: &[Row], rounds: usize, run: &Runner) -> Results {
    let mut rows: Vec<RowResult> = with_baselines(chosen).into_iter().map(RowResult::of).collect();
    let load_before = load();
    for round in 0..rounds {
        for result in rows.iter_mut().filter(|result| !result.is_done) {
            eprintln!("round {} of {rounds}: {}", round + 1, result.row.key);
            result.add_round(run);
        }
    }
    let machine = Machine {
        processor: processor(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        load_before,
        load_after: load(),
    };
    Results { rows, machine }
}

fn with_baselines(chosen: &[Row]) -> Vec<Row> {
    let mut rows = chosen.to_vec();
    for key in chosen.iter().flat_map(|row| row.against) {
        // Keys of baselines come from the same list that `find` looks in.
        if let Ok(baseline) = find(key)
            && !rows.iter().any(|row| row.key == *key)
        {
            rows.push(baseline);
        }
    }
    rows
}

impl RowResult {
    fn of(row: Row) -> Self {
        let note = (!row.is_here()).then(|| "left out: Python or the package is not here".to_owned());
        Self { row, rounds: Vec::new(), is_done: note.is_some(), note }
    }

    fn add_round(&mut self, run: &Runner) {
        let begun = Instant::now();
        let is_first = self.rounds.is_empty();
        match (0..self.row.variants()).map(|variant| run(&self.row, variant, Asks::Time)).collect() {
            Ok(samples) => self.rounds.push(samples),
            Err(error) => {
                self.note = Some(format!("no answer: {error}"));
                self.is_done = true;
            }
        }
        let taken_s = begun.elapsed().as_secs_f64();
        if is_first {
            self.add_errors(run);
        }
        if is_first && !self.is_done && taken_s > SLOW_S {
            self.note.get_or_insert(format!("one round only: it took {taken_s:.0} s"));
            self.is_done = true;
        }
    }

    /// The errors of every pose that came to its end: from a run of its own, because keeping fields takes memory. The
    /// answer has the same bits each time, so once is enough.
    fn add_errors(&mut self, run: &Runner) {
        let Some(samples) = self.rounds.first_mut() else { return };
        for (variant, sample) in samples.iter_mut().enumerate() {
            if sample.part.is_some() || sample.errors.is_some() || sample.fingerprint.is_none() {
                continue;
            }
            match run(&self.row, variant, Asks::Errors) {
                Ok(other) if other.fingerprint == sample.fingerprint => sample.errors = other.errors,
                Ok(_) => self.note = Some("no errors: the run for them gave other bits".into()),
                Err(error) => self.note = Some(format!("no errors: {error}")),
            }
        }
    }

    /// Of every round the pose that took longest.
    pub fn slowest(&self) -> Vec<&Sample> {
        let by_time = |a: &&Sample, b: &&Sample| a.wall_s.total_cmp(&b.wall_s);
        self.rounds.iter().filter_map(|samples| samples.iter().max_by(by_time)).collect()
    }

    /// Smallest, median and largest time of the rounds. Unit: s.
    pub fn wall_s(&self) -> Option<[f64; 3]> {
        let sorted = sorted(self.slowest().iter().map(|s| s.wall_s).collect());
        Some([*sorted.first()?, median(&sorted)?, *sorted.last()?])
    }

    /// Of each kind the error farthest off over all poses.
    pub fn errors(&self) -> Option<Errors> {
        self.rounds.iter().flatten().filter_map(|s| s.errors).reduce(Errors::worst)
    }

    /// Unit: MB.
    pub fn memory_mb(&self) -> Option<f64> {
        self.rounds.iter().flatten().filter_map(|s| s.memory_mb).max_by(f64::total_cmp)
    }

    /// How many times longer `baseline` took, as the median of the rounds.
    pub fn ratio(&self, baseline: &RowResult) -> Option<f64> {
        let (own, other) = (self.slowest(), baseline.slowest());
        let last = other.last()?;
        let ratios = own.iter().enumerate().map(|(n, s)| other.get(n).unwrap_or(last).wall_s / s.wall_s);
        median(&sorted(ratios.collect()))
    }
}

impl Results {
    /// The row of that key, where it gave anything.
    pub fn find(&self, key: &str) -> Option<&RowResult> {
        self.rows.iter().find(|result| result.row.key == key && !result.rounds.is_empty())
    }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    Some(0.5 * (sorted[last / 2] + sorted[last.div_ceil(2)]))
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |key: &str| {
        let line = text.lines().find(|line| line.starts_with(key))?;
        Some(line.split(':').nth(1)?.trim().to_owned())
    };
    let name = field("model name").unwrap_or_else(|| std::env::consts::ARCH.into());
    match (field("cpu family"), field("model\t")) {
        (Some(family), Some(model)) => format!("{name}, family {family} model {model}"),
        _ => name,
    }
}

/// How busy the machine is: the load averages of 1, 5 and 15 minutes.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<_> = text.split_whitespace().take(3).collect();
    if load.is_empty() { "not known".into() } else { load.join(" ") }
}
