//! `frostline store`: looks after the place where cases are kept.

mod backup;
pub(super) mod console;
mod erase;
mod export;
mod import;
mod load;
mod rebuild;
mod restore;
mod verify;

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::Outcome;
use crate::store::{DatabaseSetting, SettingError, Store, StoreError, StoreSetting};

/// What to do with the store.
#[derive(clap::Args)]
pub struct StoreArguments {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(clap::Subcommand)]
enum StoreCommand {
    /// Check every hash, summary and attachment, and say where something was changed, removed or damaged
    Verify(verify::VerifyArguments),
    /// Write a checked backup into a new folder while the server goes on
    Backup(backup::BackupArguments),
    /// Put a backup into an empty place and check it there
    Restore(restore::RestoreArguments),
    /// Write one case with its hashes and attachments into a new folder
    Export(export::ExportArguments),
    /// Take over an exported case, if everything in its folder fits
    Import(import::ImportArguments),
    /// Make again from the events what lists and worklists show
    Rebuild(rebuild::RebuildArguments),
    /// Erase the contents of a case whose time of keeping is over; who, when and why stays
    Erase(erase::EraseArguments),
    /// Append fictional events to try out a disk or a server (used by the tests)
    #[command(hide = true)]
    Load(load::LoadArguments),
}

/// Which store.
#[derive(clap::Args)]
pub(super) struct Which {
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME; without it the environment variable FROSTLINE_STORE
    #[arg(long, value_name = "SETTING")]
    store: Option<String>,
    /// Folder of the attachments; without it 'attachments' beside the SQLite file
    #[arg(long, value_name = "FOLDER")]
    attachments: Option<PathBuf>,
}

/// Why a command has no store to work on.
#[derive(Debug, thiserror::Error)]
enum WhichError {
    #[error("found neither --store nor FROSTLINE_STORE, expected one, such as --store sqlite:frostline.db")]
    NotSaid,
    #[error("PostgreSQL keeps no attachments; give --attachments FOLDER, the same for every instance")]
    NoAttachments,
    #[error(transparent)]
    Setting(#[from] SettingError),
}

impl Which {
    fn setting(&self) -> Result<StoreSetting, WhichError> {
        let text = self.store.clone().or_else(|| std::env::var("FROSTLINE_STORE").ok()).ok_or(WhichError::NotSaid)?;
        let database: DatabaseSetting = text.parse()?;
        if matches!(database, DatabaseSetting::Postgres(_)) && self.attachments.is_none() {
            return Err(WhichError::NoAttachments);
        }
        Ok(StoreSetting::new(database, self.attachments.clone()))
    }

    /// The store, which must be there and whole enough to write to.
    pub(super) async fn open(&self) -> Result<Store, Box<dyn std::error::Error>> {
        let setting = self.setting()?;
        if let DatabaseSetting::Sqlite(path) = &setting.database
            && !path.exists()
        {
            return Err(StoreError::from(crate::store::OpenError::NotThere(path.clone())).into());
        }
        Ok(Store::open(setting).await?)
    }
}

/// Does what the arguments say.
pub fn run(arguments: &StoreArguments) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match &arguments.command {
            StoreCommand::Verify(arguments) => verify::run(arguments).await,
            StoreCommand::Backup(arguments) => backup::run(arguments).await,
            StoreCommand::Restore(arguments) => restore::run(arguments).await,
            StoreCommand::Export(arguments) => export::run(arguments).await,
            StoreCommand::Import(arguments) => import::run(arguments).await,
            StoreCommand::Rebuild(arguments) => rebuild::run(arguments).await,
            StoreCommand::Erase(arguments) => erase::run(arguments).await,
            StoreCommand::Load(arguments) => load::run(arguments).await,
        }
    })
}

/// Unit: ms since 1970.
fn now_ms() -> i64 {
    // A clock before 1970 is a clock that was never set; its time is written as it is.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    i64::try_from(since).unwrap_or(i64::MAX)
}
