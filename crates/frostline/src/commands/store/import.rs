//! `frostline store import`: an exported case comes into this store.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cases::summarise;
use crate::commands::Outcome;

use super::Which;
use super::console::AtConsole;

/// Which folder and where to.
#[derive(clap::Args)]
pub struct ImportArguments {
    #[command(flatten)]
    which: Which,
    /// The folder that 'frostline store export' wrote
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
}

/// Imports and says what came.
pub async fn run(arguments: &ImportArguments) -> Outcome {
    let store = arguments.which.open().await?;
    let command = AtConsole::on(&store, "store_import", true).begins().await?;
    let imported = store.import(&arguments.from, summarise).await;
    let command = match imported.as_ref().ok().and_then(|events| events.first()) {
        Some(first) => command.about(&first.stream),
        None => command,
    };
    let imported = command.ended(imported).await;
    store.close().await;
    let events = imported?;
    println!("imported     {}", events.first().map_or(String::new(), |event| event.stream.to_string()));
    println!("events       {}, every hash as in the store it came from", events.len());
    Ok(ExitCode::SUCCESS)
}
