//! `frostline store rebuild`: the summaries again, from the events.

use std::process::ExitCode;

use crate::cases::summarise;
use crate::commands::Outcome;

use super::Which;
use super::console::AtConsole;

/// Which store.
#[derive(clap::Args)]
pub struct RebuildArguments {
    #[command(flatten)]
    which: Which,
}

/// Rebuilds and says whose summary was another one.
pub async fn run(arguments: &RebuildArguments) -> Outcome {
    let store = arguments.which.open().await?;
    let command = AtConsole::on(&store, "store_rebuild", true).begins().await?;
    let rebuilt = command.ended(store.rebuild(summarise).await).await;
    store.close().await;
    let rebuilt = rebuilt?;
    println!("streams      {}", rebuilt.streams);
    println!("changed      {}", rebuilt.changed.len());
    rebuilt.changed.iter().for_each(|stream| println!("             {stream}"));
    Ok(ExitCode::SUCCESS)
}
