//! `frostline keys`: the keys with which secrets in the database are encrypted.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Outcome;
use super::serve::setting_of;
use crate::accounts::{Accounts, SignInSetting};
use crate::key_file;
use crate::server::Clock;
use crate::store::Db;

/// What to do with the keys.
#[derive(clap::Args)]
pub struct KeysArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Make a new key, encrypt every secret with it, and forget the old one; stop the servers first
    Rotate(RotateArguments),
}

#[derive(clap::Args)]
struct RotateArguments {
    /// The database, as for 'serve'; or set FROSTLINE_STORE
    #[arg(long)]
    store: Option<String>,
    /// The key file [default: FROSTLINE_KEYS, else beside the file of SQLite]
    #[arg(long)]
    keys: Option<PathBuf>,
}

/// Rotates.
pub fn run(arguments: &KeysArguments) -> Outcome {
    let What::Rotate(rotate) = &arguments.what;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(rotated(rotate))
}

async fn rotated(arguments: &RotateArguments) -> Outcome {
    let database = setting_of(arguments.store.as_deref())?;
    let path = match &arguments.keys {
        Some(path) => path.clone(),
        None => key_file::place(None, &database)?,
    };
    let both = key_file::read(&path)?.with_new()?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = Db::open_existing(&database).await?;
    let accounts = Accounts::new(db.clone(), Clock::System, SignInSetting::default())?;
    // Both keys first: whatever stops this half-way, everything can still be read, and it can be run again.
    key_file::write(&path, &both)?;
    let changed = accounts.seal_secrets(&both).await?;
    key_file::write(&path, &both.newest())?;
    db.close().await;
    println!("a new key encrypts the secrets of {changed} accounts; back up {}", path.display());
    Ok(ExitCode::SUCCESS)
}
