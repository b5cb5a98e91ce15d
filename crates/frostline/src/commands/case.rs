//! `frostline case demo`: a whole made-up case through the server's own interface.

use std::process::ExitCode;

use super::Outcome;
use crate::played::{Line, Said, Way, play};
use crate::store::{DatabaseSetting, Store, StoreSetting};

/// What to do with cases.
#[derive(clap::Args)]
pub struct CaseArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Play a made-up case from the referral to month 12, with refusals on the way, and print its timeline
    Demo(DemoArguments),
}

/// Where the made-up case is kept.
#[derive(clap::Args)]
struct DemoArguments {
    /// An empty database to keep it in: sqlite:PATH or postgres://..; without, it is kept in a folder that is taken away again
    #[arg(long)]
    store: Option<String>,
}

/// Runs the command.
pub fn run(arguments: &CaseArguments) -> Outcome {
    let What::Demo(demo) = &arguments.what;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(played(demo))
}

async fn played(demo: &DemoArguments) -> Outcome {
    let folder = tempfile::tempdir()?;
    let beside = format!("sqlite:{}", folder.path().join("frostline.db").display());
    let setting: DatabaseSetting = demo.store.clone().unwrap_or(beside).parse()?;
    let store = Store::open(StoreSetting::new(setting, None)).await?;
    let played = play(&Way::bundled()?, store.clone()).await?;
    println!(
        "Case {} (everybody in it is made up; a research and planning aid, not a cleared medical device)",
        played.case
    );
    println!("{}", timeline(&played.lines));
    let refused = played.lines.iter().filter(|line| matches!(line.said, Said::Refused(_))).count();
    let taken = played.lines.len() - refused;
    println!("{}", played.outcome.lines().join("\n"));
    println!("{taken} steps taken, {refused} refused, {} requests", played.requests);
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn timeline(lines: &[Line]) -> String {
    let line = |line: &Line| {
        let head = format!("{}  {:<22} {:<12} {:<13}", line.at, line.step, line.by, line.role);
        match &line.said {
            Said::Taken(stage) => format!("{head} {stage}"),
            Said::Refused(why) => format!("{head} REFUSED: {why}"),
        }
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}
