//! `frostline rescue`: the probe is in, but not where it was aimed; what is the best to do from here?

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use frostline_freeze::{Continue, PhaseKind};
use frostline_plan::catalogue::Catalogues;
use frostline_plan::{Landed, Plan, Rescue, RescueOption, RescueQuestion, RescueSettings, Standing, rescue};
use frostline_space::PatientPoint;

use super::Outcome;
use super::plan::settings_of;
use crate::case_file::{Case, FARTHEST_PLACE_MM, read_case};

/// Which case, where the probe really is, and where to write.
#[derive(clap::Args)]
pub struct RescueArguments {
    /// The case file; docs/case.md describes it
    case: PathBuf,
    /// Where the tip really is: x,y,z in mm, in the frame of the case
    #[arg(long, value_parser = place, allow_hyphen_values = true, value_name = "X,Y,Z")]
    tip: PatientPoint,
    /// Where the shaft passes the skin, or any other place of it: x,y,z in mm
    #[arg(long, value_parser = place, allow_hyphen_values = true, value_name = "X,Y,Z")]
    entry: PatientPoint,
    /// Which probe of the plan it is, from 1
    #[arg(long, default_value = "1")]
    probe: NonZeroUsize,
    /// Print everything as JSON instead of the ranking
    #[arg(long)]
    json: bool,
    /// Folder for rescue.json and for best.toml, the pieces of a case file for the best option
    #[arg(long)]
    out: Option<PathBuf>,
    /// A file written by 'frostline calibrate' (once per probe model)
    #[arg(long, value_name = "FILE")]
    calibration: Vec<PathBuf>,
    /// How far off a surface may be in mm in the full evaluation, 0.01 to 1
    #[arg(long, value_parser = super::tolerance_mm)]
    tolerance_mm: Option<f64>,
    /// Threads for the solver; the answer does not depend on it
    #[arg(long)]
    threads: Option<usize>,
}

/// Exit code when no option does what is wanted without anything at level stop.
const NOTHING_SUCCEEDS: u8 = 1;

/// A place on the command line.
pub(super) fn place(text: &str) -> Result<PatientPoint, String> {
    let numbers: Vec<f64> = text.split(',').filter_map(|t| t.trim().parse().ok()).collect();
    match numbers.as_slice() {
        [x, y, z] if text.split(',').count() == 3 && numbers.iter().all(|mm| mm.abs() <= FARTHEST_PLACE_MM) => {
            Ok(PatientPoint::new(*x, *y, *z))
        }
        _ => Err(format!("found '{text}', expected three numbers in mm from -10000 to 10000, such as 1.5,-20,300")),
    }
}

/// Reads, ranks, writes and prints.
pub fn run(arguments: &RescueArguments) -> Outcome {
    let case = read_case(&arguments.case, &Catalogues::bundled()?, &arguments.calibration)?;
    if let Some(out) = &arguments.out {
        // Before the work, so that a wrong path is found at once.
        fs::create_dir_all(out)?;
    }
    let question = RescueQuestion {
        anatomy: &case.anatomy,
        plan: &case.plan,
        catalogues: &case.catalogues,
        goals: case.goals,
        probe: arguments.probe.get() - 1,
        landed: Landed { tip: arguments.tip, shaft: arguments.entry },
    };
    let settings = RescueSettings::shown_as(settings_of(&case, arguments.tolerance_mm, arguments.threads));
    let started = Instant::now();
    let found = rescue(&question, &settings, &mut |_| Continue::Yes)?;
    let took_s = started.elapsed().as_secs_f64();
    let json = serde_json::to_string_pretty(&found)?;
    if let Some(out) = &arguments.out {
        write_results(out, &json, &found.plan)?;
    }
    let text = if arguments.json { format!("{json}\n") } else { ranking(&case, &found, took_s) };
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(if found.confirmed { ExitCode::SUCCESS } else { ExitCode::from(NOTHING_SUCCEEDS) })
}

fn write_results(out: &Path, json: &str, plan: &Plan) -> Result<(), std::io::Error> {
    fs::write(out.join("rescue.json"), json)?;
    fs::write(out.join("best.toml"), pieces(plan))
}

fn ranking(case: &Case, found: &Rescue, took_s: f64) -> String {
    let mut text = String::new();
    let missed = found.missed;
    // Writing to a string cannot go wrong.
    let _ = writeln!(text, "{}", case.title);
    let _ = writeln!(
        text,
        "missed    the tip lies {:.1} mm from where it was aimed: {:.1} mm {} and {:.1} mm aside, turned by {:.0} degrees",
        missed.tip_mm,
        missed.too_deep_mm.abs(),
        if missed.too_deep_mm < 0.0 { "too short" } else { "too deep" },
        missed.aside_mm,
        missed.angle_deg
    );
    for (n, option) in found.options.iter().enumerate() {
        let mark = if n == 0 { "BEST" } else { "    " };
        let _ = writeln!(text, "{mark} {:>2}. {}", n + 1, line(option));
    }
    for (words, why) in &found.refused {
        let _ = writeln!(text, "not       {words}: {why}");
    }
    if let Some(best) = found.options.first() {
        let full = best.in_full.as_ref().unwrap_or(&best.standing);
        let _ = writeln!(text, "in full   {}", standing_words(full));
        for stop in &full.stops {
            let _ = writeln!(text, "STOP      {stop}");
        }
        for warning in &full.warnings {
            let _ = writeln!(text, "warn      {warning}");
        }
    }
    let _ = writeln!(
        text,
        "computed  {} runs to rank, {} in full, {took_s:.1} s; the ranking is on coarse cells, only the best is in full",
        found.runs, found.evaluations
    );
    let _ = writeln!(text, "This is a new plan: approve it before it is carried out.");
    let _ = writeln!(text, "{}", frostline_plan::NOTICE);
    text
}

fn line(option: &RescueOption) -> String {
    let chance = option.chance.map_or(String::new(), |c| {
        let percent = |share: f64| 100.0 * share;
        format!(
            "; chance {:.0} % ({:.0} to {:.0} %, few worlds)",
            percent(c.probability),
            percent(c.low),
            percent(c.high)
        )
    });
    format!("{}: {}{chance}", option.words, standing_words(&option.standing))
}

fn standing_words(standing: &Standing) -> String {
    let enough = if standing.missing_mm > 0.0 {
        format!("{:.1} mm disabled, {:.1} mm too little", standing.disabled_mm, standing.missing_mm)
    } else {
        format!("{:.1} mm disabled", standing.disabled_mm)
    };
    let stops = if standing.stops.is_empty() { String::new() } else { format!(", {} STOP", standing.stops.len()) };
    let margin = standing.margin_k.map_or(String::new(), |k| format!(", {k:.0} K from a limit"));
    format!("{enough}{stops}, {} warnings{margin}, {:+.0} s", standing.warnings.len(), standing.extra_s)
}

/// The pieces of a case file that a plan is.
fn pieces(plan: &Plan) -> String {
    let mut text = String::from("# Pieces of a case file for the best option; they replace those of the case.\n");
    let mm = |p: PatientPoint| format!("[{:.2}, {:.2}, {:.2}]", p.x, p.y, p.z);
    let phases = plan.protocol().schedule.phases.iter().map(|p| {
        let key = match p.kind {
            PhaseKind::Freeze => "freeze_s",
            PhaseKind::PassiveThaw => "thaw_s",
            PhaseKind::ActiveThaw => "active_thaw_s",
        };
        format!("{{ {key} = {} }}", p.duration_s)
    });
    let _ = writeln!(text, "[protocol]\nphases = [{}]", phases.collect::<Vec<_>>().join(", "));
    let _ = writeln!(text, "[skin]\ncontact = \"{}\"", plan.skin_contact());
    for p in plan.placements() {
        let _ =
            writeln!(text, "[[probe]]\nmodel = \"{}\"\nentry_mm = {}\ntip_mm = {}", p.probe, mm(p.entry), mm(p.tip));
    }
    for f in plan.fluid() {
        let _ = writeln!(
            text,
            "[[fluid]]\nplace_mm = {}\ntowards_mm = {}\nmillilitres = {}",
            mm(f.place),
            mm(f.towards),
            f.millilitres
        );
    }
    text
}
