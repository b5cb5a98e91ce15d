//! `frostline store import`: an exported case comes into this store.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cases::summarise;
use crate::commands::Outcome;

use super::Which;

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
    let imported = store.import(&arguments.from, summarise).await;
    store.close().await;
    let events = imported?;
    println!("imported     {}", events.first().map_or(String::new(), |event| event.stream.to_string()));
    println!("events       {}, every hash as in the store it came from", events.len());
    Ok(ExitCode::SUCCESS)
}
