//! `frostline store restore`: a backup becomes a store again.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::commands::Outcome;
use crate::store::{self, StoreError};

use super::Which;
use super::console::AtConsole;

/// Which backup and where to.
#[derive(clap::Args)]
pub struct RestoreArguments {
    #[command(flatten)]
    which: Which,
    /// The folder of the backup
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
}

/// Restores and checks.
pub async fn run(arguments: &RestoreArguments) -> Outcome {
    let setting = arguments.which.setting()?;
    let restored = store::restore(&arguments.from, &setting).await?;
    // There was no store to write into before.
    let store = arguments.which.open().await?;
    let done: Result<(), StoreError> = Ok(());
    AtConsole::on(&store, "store_restore", true).ended(done).await?;
    store.close().await;
    println!("restored     {}", setting.database);
    println!("streams      {}", restored.streams);
    println!("events       {}", restored.events);
    println!("attachments  {}", restored.attachments);
    if restored.newer > 0 {
        println!("LOST         {} events were acknowledged here after the backup was made", restored.newer);
    }
    println!("whole        every hash was checked");
    Ok(ExitCode::SUCCESS)
}
