//! Where cases are kept: streams of events on SQLite or PostgreSQL, and attachments beside them.
//!
//! It knows streams, hashes and bytes; what an event means is the business of those who write it. Once an append was answered
//! it is on disk; what was recorded is never changed, and every read holds it against its hash. docs/store.md describes tables,
//! hashed texts and file formats.

mod anchor;
mod append;
mod attachments;
mod backup;
mod case_folder;
mod chain;
mod db;
mod dump;
mod erase;
mod event;
mod manifest;
mod outline;
mod read;
mod rebuild;
mod together;
mod upload;
mod verify;
mod witness;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

pub use anchor::{Anchor, AnchorError, AnchoredHead};
pub use append::AppendError;
pub use attachments::{AttachmentError, AttachmentId, AttachmentIdError, Attachments};
pub use backup::{BackupError, POSTGRES_BACKUP, Restored, SQLITE_BACKUP, restore};
pub use case_folder::{CASE_FOLDER, CaseFolderError};
pub use db::{DatabaseSetting, Db, OpenError, SettingError, Tx};
pub(crate) use db::{lite_options, lock_beside, on_db};
pub use dump::DumpError;
pub use erase::{Beside, EraseError, Erased, Erasure, Retention};
pub use event::{EventBody, Fault, NewEvent, Place, StoredEvent, StreamId, StreamIdError, Wrong};
pub use manifest::{ArchiveError, FileEntry, Manifest};
pub use outline::{CaughtUp, KeptOutline, Outline, Outlining};
pub use read::{Page, ReadError, Summary};
pub use rebuild::Rebuilt;
pub use together::Part;
pub use upload::UploadError;
pub use verify::Verification;

use append::Append;
use witness::Witness;
use writer::{Waiting, Writer};

/// Where the store is and how large attachments may be.
#[derive(Debug, Clone)]
pub struct StoreSetting {
    /// The database.
    pub database: DatabaseSetting,
    /// The folder of attachments.
    pub attachments: PathBuf,
    /// The largest attachment. Unit: bytes.
    pub largest_attachment: u64,
}

/// The largest attachment when nothing else is set: a long ultrasound cine, compressed. Unit: bytes.
pub const LARGEST_ATTACHMENT: u64 = 2 << 30;

impl StoreSetting {
    /// A database with its attachments in `folder`; on SQLite that is `attachments` beside the file unless another is given.
    #[must_use]
    pub fn new(database: DatabaseSetting, folder: Option<PathBuf>) -> Self {
        let beside = match &database {
            DatabaseSetting::Sqlite(path) => path.parent().unwrap_or(Path::new("")).join("attachments"),
            DatabaseSetting::Postgres(_) => PathBuf::from("attachments"),
        };
        Self { database, attachments: folder.unwrap_or(beside), largest_attachment: LARGEST_ATTACHMENT }
    }
}

/// An open store. Copies share one writer.
#[derive(Clone)]
pub struct Store {
    setting: StoreSetting,
    db: Db,
    attachments: Attachments,
    queue: mpsc::Sender<Waiting>,
    witness: Option<Witness>,
    /// How often a stream was read.
    reads: Arc<AtomicU64>,
}

/// Why a store is not opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The attachments.
    #[error(transparent)]
    Attachments(#[from] AttachmentError),
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What was acknowledged is not there.
    #[error(
        "{0}: its write-ahead log was damaged or an older copy was put in its place. Restore the latest backup; \
         to go on with what is left, look at 'frostline store verify' and then move the witness file away"
    )]
    LostEvents(Fault),
}

impl Store {
    /// Opens a store, makes it when it is not there, and refuses one that lost what it acknowledged.
    ///
    /// Must be called within a tokio runtime, in which its writer then runs.
    ///
    /// # Errors
    /// When the database or the folder of attachments cannot be used, or acknowledged events are missing.
    pub async fn open(setting: StoreSetting) -> Result<Self, StoreError> {
        let db = Db::open(&setting.database).await?;
        let store = Self::over(setting, db)?;
        store.attachments.prepare().await?;
        if let Some(lost) = store.lost().await? {
            store.db.close().await;
            return Err(StoreError::LostEvents(lost));
        }
        Ok(store)
    }

    /// Opens a store that must be there, to look at it even when it lost something.
    ///
    /// # Errors
    /// When the database cannot be opened at all.
    pub async fn open_for_inspection(setting: StoreSetting) -> Result<Self, StoreError> {
        let db = Db::open_existing(&setting.database).await?;
        Self::over(setting, db)
    }

    fn over(setting: StoreSetting, db: Db) -> Result<Self, StoreError> {
        let attachments = Attachments::in_folder(setting.attachments.clone(), setting.largest_attachment);
        let witness = match &setting.database {
            DatabaseSetting::Sqlite(database) => {
                let path = Witness::path_for(database);
                Some(Witness::open(&path).map_err(|source| OpenError::File { path, source })?)
            }
            DatabaseSetting::Postgres(_) => None,
        };
        let (queue, waiting) = mpsc::channel(writer::QUEUE);
        let writer = Writer { db: db.clone(), attachments: attachments.clone(), witness: witness.clone() };
        tokio::spawn(writer.run(waiting));
        Ok(Self { setting, db, attachments, queue, witness, reads: Arc::default() })
    }

    async fn lost(&self) -> Result<Option<Fault>, ReadError> {
        let Some(saw) = self.witness.as_ref().and_then(Witness::latest) else { return Ok(None) };
        Ok(witness::missing(&self.db, &saw).await?)
    }

    /// Appends events to a stream, all or none, with the summary that they make of it; answers once they are on disk.
    ///
    /// `seen` is how many events the writer knew. A command that was carried out already gives its first answer again.
    ///
    /// # Errors
    /// [`AppendError::SomebodyWasFaster`] when the stream has other events than those seen; nothing is written then.
    pub async fn append(
        &self,
        stream: &StreamId,
        seen: u64,
        new: &[NewEvent],
        summary: &Value,
    ) -> Result<Vec<StoredEvent>, AppendError> {
        self.send(vec![Append::checked(stream, seen, new, summary)?]).await
    }

    async fn send(&self, appends: Vec<Append>) -> Result<Vec<StoredEvent>, AppendError> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Waiting { appends, answer }).await.map_err(|_| AppendError::Closed)?;
        answered.await.unwrap_or(Err(AppendError::Closed))
    }

    /// The database, for tables of others beside the streams.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The attachments.
    #[must_use]
    pub fn attachments(&self) -> &Attachments {
        &self.attachments
    }

    /// Where it is.
    #[must_use]
    pub fn setting(&self) -> &StoreSetting {
        &self.setting
    }

    /// Closes the connections; appends that come later are refused.
    pub async fn close(self) {
        self.db.close().await;
    }
}
