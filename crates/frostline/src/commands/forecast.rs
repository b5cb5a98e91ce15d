//! `frostline forecast`: what happens when the gas is switched off now, and how long it may still stay on.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use frostline_plan::catalogue::Catalogues;
use frostline_plan::{
    Coldest, Finding, ForecastSettings, Left, Level, LimitLeft, Met, StopForecast, TimeLeft, TimeLeftSettings,
    stop_now, target_policy, time_left,
};
use serde::Serialize;

use super::Outcome;
use super::plan::settings_of;
use crate::case_file::{Case, read_case};

/// Which case, and how far the procedure is.
#[derive(clap::Args)]
pub struct ForecastArguments {
    /// The case file, with the phases as the gas really went; docs/case.md describes it
    case: PathBuf,
    /// Seconds since the first gas
    #[arg(long)]
    now_s: f64,
    /// How far ahead is looked, in seconds of gas
    #[arg(long, default_value_t = 300.0)]
    ahead_s: f64,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
    /// Threads for the solver; the answer does not depend on it
    #[arg(long)]
    threads: Option<usize>,
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Forecast {
    /// What the atlas says of the nerve as a target.
    target: Vec<Finding>,
    stop_now: StopForecast,
    time_left: TimeLeft,
}

/// Reads, looks ahead and prints.
pub fn run(arguments: &ForecastArguments) -> Outcome {
    let case = read_case(&arguments.case, &Catalogues::bundled()?, &[])?;
    let mut settings = ForecastSettings { goals: Some(case.goals), ..ForecastSettings::default() };
    settings.solver.threads = settings_of(&case, None, arguments.threads).solver.threads;
    let (anatomy, plan, catalogues) = (&case.anatomy, &case.plan, &case.catalogues);
    let ahead = TimeLeftSettings { forecast: settings, ahead_s: arguments.ahead_s };
    let forecast = Forecast {
        target: target_policy(anatomy, catalogues),
        stop_now: stop_now(anatomy, plan, catalogues, &settings, arguments.now_s)?,
        time_left: time_left(anatomy, plan, catalogues, &ahead, arguments.now_s)?,
    };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&forecast)?);
    } else {
        print!("{}", words(&case, &forecast));
    }
    Ok(ExitCode::SUCCESS)
}

fn words(case: &Case, forecast: &Forecast) -> String {
    let (stop, left) = (&forecast.stop_now, &forecast.time_left);
    let mut text = format!("{}\n", case.title);
    // Writing to a string cannot go wrong.
    for finding in forecast.target.iter().filter(|f| f.level >= Level::Warn) {
        let level = if finding.level == Level::Stop { "STOP" } else { "warn" };
        let _ = writeln!(text, "{level:<9} {}", finding.text);
    }
    let _ = writeln!(text, "If the gas is switched off now, {:.0} s after it first came on:", stop.now_s);
    for s in &stop.surfaces {
        let _ = writeln!(
            text,
            "{:>5.0} °C  radius {:.1} mm, {:.2} mm further until {:.0} s",
            s.celsius,
            s.radius_now_mm,
            s.further_mm(),
            s.largest_at_s
        );
    }
    let _ = writeln!(
        text,
        "nerve     {:.1} mm disabled in the end, {:.1} mm so far",
        stop.disabled_mm, stop.disabled_so_far_mm
    );
    for s in &stop.structures {
        if let (Some(so_far_c), Coldest::Reached { celsius, at_s, .. }) = (s.so_far_c, s.then) {
            let _ = writeln!(text, "{:<9} {so_far_c:.1} °C so far, {celsius:.1} °C at {at_s:.0} s", s.name);
        }
    }
    let _ = writeln!(text, "If the gas stays on, what it does after it is switched off counted in:");
    let _ = writeln!(text, "enough    nerve is disabled {}", left_words(left.enough));
    for limit in left.limits.iter().filter(|l| l.left != Left::NotKnown) {
        let _ = writeln!(text, "{}", limit_words(limit));
    }
    let _ = writeln!(text, "computed  {} runs\n{}", stop.runs + left.runs, frostline_plan::NOTICE);
    text
}

fn limit_words(limit: &LimitLeft) -> String {
    let level = if limit.is_stop { "STOP" } else { "warn" };
    let what = match limit.met {
        Met::Below { below_c } => format!("{} below {below_c:.0} °C", limit.structure),
        Met::IceWithin { ice_within_mm } => format!("ice within {ice_within_mm:.0} mm of {}", limit.structure),
    };
    format!("{level:<9} {what} {}", left_words(limit.left))
}

fn left_words(left: Left) -> String {
    match left {
        Left::Already => "already, even if it is switched off now".into(),
        Left::In { seconds } => format!("when it is switched off {seconds:.0} s from now or later"),
        Left::NotWithin { seconds } => format!("not within {seconds:.0} s"),
        Left::NotKnown => "not known".into(),
    }
}
