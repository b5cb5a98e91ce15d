//! `frostline store export`: one case as a folder.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::commands::Outcome;
use crate::store::StreamId;

use super::console::AtConsole;
use super::{Which, now_ms};

/// Which case and where to.
#[derive(clap::Args)]
pub struct ExportArguments {
    #[command(flatten)]
    which: Which,
    /// The stream of the case, such as case/0192-ab
    #[arg(long)]
    stream: StreamId,
    /// The folder to make; it must not be there yet
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Writes the folder.
pub async fn run(arguments: &ExportArguments) -> Outcome {
    let store = arguments.which.open().await?;
    let command = AtConsole::on(&store, "store_export", false).about(&arguments.stream).begins().await?;
    let written = command.ended(store.export(&arguments.stream, &arguments.out, now_ms()).await).await;
    store.close().await;
    let manifest = written?;
    println!("written      {}", arguments.out.display());
    println!("events       {}", manifest.events);
    println!("digest       {}", manifest.digest());
    println!("It holds patient data in clear.");
    Ok(ExitCode::SUCCESS)
}
