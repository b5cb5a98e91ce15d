//! `frostline preview`: what a dragged probe would do, in a tenth of a second, and how far that is from the full answer.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use frostline_plan::catalogue::Catalogues;
use frostline_plan::{Assessment, Coldest, Level, Plan, Preview, Previewer};
use frostline_space::PatientPoint;

use super::Outcome;
use super::plan::evaluated_as;
use super::rescue::place;
use crate::case_file::{Case, read_case};

/// Which case, where the probe is dragged to, and what it is compared with.
#[derive(clap::Args)]
pub struct PreviewArguments {
    /// The case file; docs/case.md describes it
    case: PathBuf,
    /// Where the tip of the first probe is dragged to: x,y,z in mm
    #[arg(long, value_parser = place, allow_hyphen_values = true, value_name = "X,Y,Z")]
    tip: Option<PatientPoint>,
    /// Where its entry is dragged to: x,y,z in mm
    #[arg(long, value_parser = place, allow_hyphen_values = true, value_name = "X,Y,Z")]
    entry: Option<PatientPoint>,
    /// Print the preview as JSON
    #[arg(long)]
    json: bool,
    /// Evaluate the same plan in full as well, and say how far off the preview is
    #[arg(long)]
    compare: bool,
    /// Preview this often, for its time
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: u32,
    /// Threads for the solver; the answer does not depend on it
    #[arg(long)]
    threads: Option<usize>,
}

/// Previews, compares and prints.
pub fn run(arguments: &PreviewArguments) -> Outcome {
    let mut case = read_case(&arguments.case, &Catalogues::bundled()?, &[])?;
    let threads = arguments.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let dragged = dragged(&case, arguments)?;
    let previewer = Previewer::around(&case.anatomy, &case.plan, &case.catalogues, threads)?;
    let mut fastest_s = f64::INFINITY;
    let mut preview = previewer.preview(&dragged)?;
    for _ in 0..arguments.repeat {
        let started = Instant::now();
        preview = previewer.preview(&dragged)?;
        fastest_s = fastest_s.min(started.elapsed().as_secs_f64());
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&preview)?);
    } else {
        println!("{}", words(&case, &preview));
        println!("took      {:.0} ms, the fastest of {}", 1000.0 * fastest_s, arguments.repeat);
    }
    if arguments.compare {
        case.plan = dragged;
        let full = evaluated_as(&case, None, arguments.threads)?.assessment;
        println!("full      {}", numbers(&full));
    }
    Ok(ExitCode::SUCCESS)
}

fn dragged(case: &Case, arguments: &PreviewArguments) -> Result<Plan, Box<dyn std::error::Error>> {
    let mut parts = case.plan.parts().clone();
    if let Some(placement) = parts.placements.first_mut() {
        placement.tip = arguments.tip.unwrap_or(placement.tip);
        placement.entry = arguments.entry.unwrap_or(placement.entry);
    }
    Ok(Plan::new(parts, &case.anatomy, &case.catalogues)?)
}

fn words(case: &Case, preview: &Preview) -> String {
    let what = preview.assessment.findings.first().map_or("", |f| f.text.as_str());
    let stops = preview.assessment.findings.iter().filter(|f| f.level == Level::Stop);
    let stops: String = stops.map(|f| format!("\nSTOP      {}", f.text)).collect();
    format!("{}\nPREVIEW   {what}{stops}\npreview   {}", case.title, numbers(&preview.assessment))
}

/// The numbers that are watched while a probe is dragged, in one line.
fn numbers(assessment: &Assessment) -> String {
    let mut said = vec![format!("{:.2} mm disabled", assessment.nerve.disabled_length_mm)];
    said.extend(assessment.isotherms.iter().map(|i| format!("{:.0} °C {:.2} mm wide", i.celsius, i.width_mm)));
    for structure in &assessment.structures {
        if let Coldest::Reached { celsius, .. } = structure.coldest {
            said.push(format!("{} {celsius:.1} °C", structure.name));
        }
    }
    said.join(", ")
}
