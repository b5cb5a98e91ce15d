//! Backup while others write, and restore into an empty place; both end with a check of everything.
//!
//! A backup is one folder: the database (SQLite as a file, PostgreSQL as one text file per table), the attachments, and a
//! manifest with a digest of every file. Every table is in it, also those that other parts of the program own.

use std::fs;
use std::path::{Path, PathBuf};

use super::attachments::{AttachmentError, AttachmentId, Attachments, sync_folder};
use super::db::{POSTGRES_MIGRATIONS, lite_options};
use super::dump::{self, DumpError};
use super::event::Fault;
use super::manifest::{self, ArchiveError, Manifest, file};
use super::read::ReadError;
use super::witness::{Acknowledged, Witness};
use super::{DatabaseSetting, Db, OpenError, Store, StoreError, StoreSetting, on_db};

/// The format of a backup of SQLite.
pub const SQLITE_BACKUP: &str = "frostline-backup-sqlite-1";
/// The format of a backup of PostgreSQL.
pub const POSTGRES_BACKUP: &str = "frostline-backup-postgres-1";

/// Why there is no backup or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The tables of PostgreSQL.
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// An attachment.
    #[error(transparent)]
    Attachment(#[from] AttachmentError),
    /// The copy cannot be opened.
    #[error(transparent)]
    Open(#[from] StoreError),
    /// The copy cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The database fails.
    #[error("the database says: {0}; check the space on the disk, then try again")]
    Database(#[from] sqlx::Error),
    /// The copy is not whole.
    #[error(
        "the copy has {} faults, the first: {}; run 'frostline store verify' on the store, and use another backup", .0.len(),
        .0.first().map_or(String::new(), ToString::to_string)
    )]
    NotWhole(Vec<Fault>),
    /// There is a store already.
    #[error("{0} holds data already and is not overwritten; restore to an empty place")]
    NotEmpty(String),
    /// The backup was made by a newer program.
    #[error("the backup has migration {found}, this program knows {known} at most; use the newer program")]
    TooNew {
        /// Of the backup.
        found: i64,
        /// Of this program.
        known: i64,
    },
    /// A task of the runtime ended.
    #[error("the work was interrupted; start it again")]
    Interrupted,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The position of its last event.
    pub events: i64,
    /// How many streams.
    pub streams: u64,
    /// How many attachments.
    pub attachments: u64,
    /// How many events that had been acknowledged in this place are newer than the backup, as far as a witness is left.
    pub newer: i64,
}

const LITE_FILE: &str = "database.sqlite";

impl Store {
    /// Writes a backup into a new folder while others go on writing, and checks it.
    ///
    /// # Errors
    /// When the folder is there already, the disk is full, or the copy is not whole; no folder of that name is left then.
    pub async fn backup(&self, folder: &Path, at_ms: i64) -> Result<Manifest, BackupError> {
        let partial = manifest::begin(folder)?;
        let written = self.backup_into(&partial, at_ms).await;
        match written {
            Ok(manifest) => {
                manifest::finish(&partial, folder)?;
                Ok(manifest)
            }
            Err(error) => {
                // The first error is the one to tell.
                let _ = fs::remove_dir_all(&partial);
                Err(error)
            }
        }
    }

    async fn backup_into(&self, partial: &Path, at_ms: i64) -> Result<Manifest, BackupError> {
        let (format, tables, uses) = match &self.setting.database {
            DatabaseSetting::Sqlite(path) => {
                let copy = partial.join(LITE_FILE);
                copy_lite(path, &copy).await?;
                (SQLITE_BACKUP, Vec::new(), uses_of_lite(&copy).await?)
            }
            DatabaseSetting::Postgres(_) => {
                let (tables, uses) = dump::write(&self.db, partial).await?;
                (POSTGRES_BACKUP, tables, uses)
            }
        };
        let kept = Attachments::in_folder(partial.join("attachments"), u64::MAX);
        for id in uses {
            kept.put_promised(&id, self.attachments.open(&id).await?).await?;
        }
        remove_empty_arriving(&kept);
        let events = match &self.setting.database {
            DatabaseSetting::Sqlite(_) => check_lite_copy(partial).await?,
            DatabaseSetting::Postgres(_) => dump::check(partial)?,
        };
        let manifest = Manifest {
            format: format.to_owned(),
            made_at_ms: at_ms,
            made_by: concat!("frostline ", env!("CARGO_PKG_VERSION")).to_owned(),
            migration: migration(&self.db).await?,
            events,
            tables,
            files: std::collections::BTreeMap::new(),
        };
        let folder = partial.to_owned();
        let written = tokio::task::spawn_blocking(move || manifest.write(&folder)).await;
        Ok(written.map_err(|_| BackupError::Interrupted)??)
    }
}

/// Restores a backup into an empty place and checks everything there.
///
/// # Errors
/// When the backup does not fit its manifest, the place is not empty, or the result is not whole.
pub async fn restore(folder: &Path, setting: &StoreSetting) -> Result<Restored, BackupError> {
    let format = match setting.database {
        DatabaseSetting::Sqlite(_) => SQLITE_BACKUP,
        DatabaseSetting::Postgres(_) => POSTGRES_BACKUP,
    };
    let from = folder.to_owned();
    let checked = tokio::task::spawn_blocking(move || Manifest::checked(&from, format)).await;
    let manifest = checked.map_err(|_| BackupError::Interrupted)??;
    let known = POSTGRES_MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
    if manifest.migration > known {
        return Err(BackupError::TooNew { found: manifest.migration, known });
    }
    restore_attachments(&manifest, folder, setting).await?;
    match &setting.database {
        DatabaseSetting::Sqlite(path) => restore_lite(folder, path, setting).await,
        DatabaseSetting::Postgres(options) => {
            dump::restore(folder, &manifest, options).await?;
            let store = Store::open(setting.clone()).await?;
            let restored = whole(&store, 0).await;
            store.close().await;
            restored
        }
    }
}

async fn restore_attachments(manifest: &Manifest, folder: &Path, setting: &StoreSetting) -> Result<(), BackupError> {
    let kept = Attachments::in_folder(setting.attachments.clone(), u64::MAX);
    let saved = Attachments::in_folder(folder.join("attachments"), u64::MAX);
    for name in manifest.files.keys().filter_map(|name| name.strip_prefix("attachments/")) {
        if let Ok(id) = format!("sha256:{}", name.replace('/', "")).parse::<AttachmentId>() {
            kept.put_promised(&id, saved.open(&id).await?).await?;
        }
    }
    Ok(())
}

async fn restore_lite(folder: &Path, path: &Path, setting: &StoreSetting) -> Result<Restored, BackupError> {
    if path.exists() || with_suffix(path, "-wal").exists() {
        return Err(BackupError::NotEmpty(path.display().to_string()));
    }
    let arriving = with_suffix(path, ".restoring");
    remove_lite(&arriving);
    fs::copy(folder.join(LITE_FILE), &arriving).map_err(file(&arriving))?;
    let beside = StoreSetting { database: DatabaseSetting::Sqlite(arriving.clone()), ..setting.clone() };
    let store = Store::open_for_inspection(beside).await?;
    let newer_than = Witness::open(&Witness::path_for(path)).ok().and_then(|w| w.latest()).map_or(0, |w| w.position);
    let restored = whole(&store, newer_than).await;
    let last = last_event(&store.db).await?;
    store.close().await;
    let restored = restored?;
    // Closing moved the log into the file; now the file alone is the database.
    fs::File::open(&arriving).and_then(|f| f.sync_all()).map_err(file(&arriving))?;
    let witness = Witness::path_for(path);
    if witness.exists() {
        fs::remove_file(&witness).map_err(file(&witness))?;
    }
    fs::rename(&arriving, path).map_err(file(path))?;
    remove_lite(&arriving);
    sync_folder(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))).await?;
    if let Some(last) = last {
        Witness::open(&witness).and_then(|w| w.note(&last)).map_err(file(&witness))?;
    }
    Ok(restored)
}

async fn whole(store: &Store, newer_than: i64) -> Result<Restored, BackupError> {
    let found = store.verify(None, 0).await?;
    if !found.is_whole() {
        return Err(BackupError::NotWhole(found.faults));
    }
    let events = found.anchor.position;
    let newer = (newer_than - events).max(0);
    Ok(Restored { events, streams: found.streams, attachments: found.attachments, newer })
}

async fn last_event(db: &Db) -> Result<Option<Acknowledged>, sqlx::Error> {
    let sql = "SELECT position, hash FROM events ORDER BY position DESC LIMIT 1";
    let last: Option<(i64, String)> = on_db!(db, read, |c| sqlx::query_as(sql).fetch_optional(c).await)?;
    Ok(last.map(|(position, hash)| Acknowledged { position, hash }))
}

async fn migration(db: &Db) -> Result<i64, sqlx::Error> {
    on_db!(db, read, |c| sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(c).await)
}

/// A copy as of one moment, by a connection of its own: the writer goes on.
async fn copy_lite(path: &Path, copy: &Path) -> Result<(), BackupError> {
    let mut connection = sqlx::ConnectOptions::connect(&lite_options(path)).await?;
    let name = copy.display().to_string();
    sqlx::query("VACUUM INTO $1").bind(&name).execute(&mut connection).await?;
    sqlx::Connection::close(connection).await?;
    fs::File::open(copy).and_then(|f| f.sync_all()).map_err(file(copy))?;
    Ok(())
}

async fn uses_of_lite(copy: &Path) -> Result<Vec<AttachmentId>, BackupError> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(copy).read_only(true).immutable(true);
    let mut connection = sqlx::ConnectOptions::connect(&options).await?;
    let names: Vec<String> = sqlx::query_scalar("SELECT DISTINCT digest FROM attachment_uses ORDER BY digest")
        .fetch_all(&mut connection)
        .await?;
    sqlx::Connection::close(connection).await?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

async fn check_lite_copy(partial: &Path) -> Result<i64, BackupError> {
    let copy = partial.join(LITE_FILE);
    let setting = StoreSetting::new(DatabaseSetting::Sqlite(copy.clone()), Some(partial.join("attachments")));
    let store = Store::open_for_inspection(setting).await?;
    let found = whole(&store, 0).await;
    store.close().await;
    for suffix in ["-wal", "-shm", ".lock", ".witness"] {
        let beside = with_suffix(&copy, suffix);
        if beside.exists() {
            fs::remove_file(&beside).map_err(file(&beside))?;
        }
    }
    Ok(found?.events)
}

fn remove_empty_arriving(kept: &Attachments) {
    // Fails when there were no attachments, which is as good.
    let _ = fs::remove_dir(kept.folder().join("arriving"));
}

fn remove_lite(path: &Path) {
    for suffix in ["", "-wal", "-shm", ".lock", ".witness"] {
        // Leftovers of an earlier try; most are not there.
        let _ = fs::remove_file(with_suffix(path, suffix));
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl From<OpenError> for BackupError {
    fn from(error: OpenError) -> Self {
        Self::Open(error.into())
    }
}
