//! `frostline store rebuild`: what lists and worklists show, made again from the events.

use std::process::ExitCode;

use crate::cases::{Cases, Knowledge, summarise};
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
    // Worklists first: they tell of a damaged case, at which the summaries stop. Days of cases are kept with them, so no time zone
    // matters here.
    let outlines = Cases::new(store.clone(), Knowledge::bundled("UTC")?).rebuild_outlines().await;
    let rebuilt = command.ended(store.rebuild(summarise).await).await;
    store.close().await;
    let (outlines, rebuilt) = (outlines?, rebuilt?);
    println!("worklists    {outlines}");
    println!("streams      {}", rebuilt.streams);
    println!("changed      {}", rebuilt.changed.len());
    rebuilt.changed.iter().for_each(|stream| println!("             {stream}"));
    Ok(ExitCode::SUCCESS)
}
