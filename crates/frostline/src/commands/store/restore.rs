//! `frostline store restore`: a backup becomes a store again.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::commands::Outcome;
use crate::store;

use super::Which;

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
