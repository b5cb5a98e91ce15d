//! `frostline store backup`: a checked copy of everything while the server goes on.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::commands::Outcome;

use super::console::AtConsole;
use super::{Which, now_ms};

/// What to copy and where to.
#[derive(clap::Args)]
pub struct BackupArguments {
    #[command(flatten)]
    which: Which,
    /// The folder to make; it must not be there yet
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Writes the backup.
pub async fn run(arguments: &BackupArguments) -> Outcome {
    let store = arguments.which.open().await?;
    let command = AtConsole::on(&store, "store_backup", false).begins().await?;
    let written = command.ended(store.backup(&arguments.out, now_ms()).await).await;
    store.close().await;
    let manifest = written?;
    println!("written      {}", arguments.out.display());
    println!("events       {}", manifest.events);
    println!("files        {}, each with its digest in manifest.json", manifest.files.len());
    println!("digest       {}", manifest.digest());
    println!("It holds patient data in clear: keep it as safe as the store.");
    Ok(ExitCode::SUCCESS)
}
