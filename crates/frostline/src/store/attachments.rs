//! Attachments: pictures, PDFs and cine as files beside the database, named by the digest of their content.
//!
//! A file appears under its name only when all of it is on disk, and its content is held against its name before any of it is
//! given out.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use uuid::Uuid;

use super::chain::hex;

/// The name of an attachment: `sha256:` and the digest of its content in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttachmentId(String);

/// Why a text names no attachment.
#[derive(Debug, thiserror::Error)]
#[error("found '{0}', expected 'sha256:' and 64 hexadecimal digits in small letters")]
pub struct AttachmentIdError(String);

impl AttachmentId {
    /// The digest alone, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.0
    }

    /// Every attachment that a body names, at any depth.
    pub fn named_in(body: &Value) -> BTreeSet<Self> {
        let mut found = BTreeSet::new();
        let mut left = vec![body];
        while let Some(value) = left.pop() {
            match value {
                Value::String(text) => found.extend(text.parse::<Self>()),
                Value::Array(values) => left.extend(values),
                Value::Object(values) => left.extend(values.values()),
                _ => {}
            }
        }
        found
    }
}

impl FromStr for AttachmentId {
    type Err = AttachmentIdError;

    fn from_str(text: &str) -> Result<Self, AttachmentIdError> {
        let digest = text.strip_prefix("sha256:").unwrap_or_default();
        let good = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if good { Ok(Self(digest.to_owned())) } else { Err(AttachmentIdError(text.to_owned())) }
    }
}

impl fmt::Display for AttachmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

/// The folder of attachments.
#[derive(Debug, Clone)]
pub struct Attachments {
    folder: PathBuf,
    most_bytes: u64,
}

/// Why an attachment cannot be kept or given.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    /// The disk or the sender failed.
    #[error("{path}: {source}; check the space, the rights and the disk", path = .path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// What arrives cannot be read to its end.
    #[error("the attachment did not arrive whole ({0}); send it again")]
    Broken(std::io::Error),
    /// Too much.
    #[error("the attachment has more than {most_bytes} bytes; shorten or compress it, or raise the limit of the store")]
    TooLarge {
        /// The limit.
        most_bytes: u64,
    },
    /// The content is not what was promised.
    #[error("the attachment was promised as {promised} and arrived as {found}; send it again")]
    NotAsPromised {
        /// What the sender said.
        promised: AttachmentId,
        /// What came.
        found: AttachmentId,
    },
    /// There is none of this name.
    #[error("there is no attachment {0}; restore it from a backup if a case names it")]
    NotThere(AttachmentId),
    /// The file was changed on disk.
    #[error("the attachment {0} was changed on disk and is not given out; restore it from a backup")]
    Damaged(AttachmentId),
}

/// Content that is on disk and has no name yet.
#[derive(Debug)]
pub(super) struct Arrived {
    path: PathBuf,
    /// What it will be called.
    pub(super) id: AttachmentId,
}

/// How much is read at a time. Unit: bytes.
const PIECE: usize = 1 << 16;
/// A half-written file older than this belongs to nobody any more.
const STALE: Duration = Duration::from_secs(24 * 3600);

impl Attachments {
    /// The attachments in a folder, each of up to `most_bytes`.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>, most_bytes: u64) -> Self {
        Self { folder: folder.into(), most_bytes }
    }

    /// Where they are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps what a reader gives, and names it.
    ///
    /// # Errors
    /// When it is too large, breaks off, or the disk refuses; nothing is kept then.
    pub async fn put(&self, content: impl AsyncRead + Unpin) -> Result<AttachmentId, AttachmentError> {
        self.keep(content, None).await
    }

    /// Keeps what a reader gives if it is what was promised.
    ///
    /// # Errors
    /// As [`Self::put`], and when the content has another digest.
    pub async fn put_promised(
        &self,
        promised: &AttachmentId,
        content: impl AsyncRead + Unpin,
    ) -> Result<(), AttachmentError> {
        self.keep(content, Some(promised)).await.map(|_| ())
    }

    /// Opens an attachment for reading from its start, after all of it was held against its name.
    ///
    /// # Errors
    /// When it is not there or was changed on disk.
    pub async fn open(&self, id: &AttachmentId) -> Result<File, AttachmentError> {
        let path = self.path(id);
        let mut file = match File::open(&path).await {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(AttachmentError::NotThere(id.clone()));
            }
            Err(source) => return Err(AttachmentError::File { path, source }),
        };
        let digest =
            digest_of(&mut file).await.map_err(|source| AttachmentError::File { path: path.clone(), source })?;
        if digest != id.0 {
            return Err(AttachmentError::Damaged(id.clone()));
        }
        file.rewind().await.map_err(|source| AttachmentError::File { path, source })?;
        Ok(file)
    }

    /// Whether a file of this name is there; its content is checked when it is opened.
    #[must_use]
    pub fn has(&self, id: &AttachmentId) -> bool {
        self.path(id).is_file()
    }

    /// The path of an attachment.
    pub(crate) fn path(&self, id: &AttachmentId) -> PathBuf {
        let (first, rest) = id.0.split_at(2);
        self.folder.join(first).join(rest)
    }

    /// Removes a file for good. Gone already is fine.
    pub(super) async fn remove(&self, id: &AttachmentId) -> Result<(), AttachmentError> {
        let path = self.path(id);
        match tokio::fs::remove_file(&path).await {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(AttachmentError::File { path, source }),
            _ => sync_folder(path.parent().unwrap_or(&self.folder)).await,
        }
    }

    /// Makes the folder and clears what writers that died left in it long ago.
    pub(crate) async fn prepare(&self) -> Result<(), AttachmentError> {
        let arriving = self.arriving();
        make_private(&arriving).await?;
        let file = |source| AttachmentError::File { path: arriving.clone(), source };
        let mut entries = tokio::fs::read_dir(&arriving).await.map_err(file)?;
        while let Some(entry) = entries.next_entry().await.map_err(file)? {
            let age = entry.metadata().await.ok().and_then(|m| m.modified().ok());
            if age.and_then(|at| SystemTime::now().duration_since(at).ok()).is_some_and(|age| age > STALE) {
                // Another instance may have been faster.
                let _ = tokio::fs::remove_file(entry.path()).await;
            }
        }
        Ok(())
    }

    fn arriving(&self) -> PathBuf {
        self.folder.join("arriving")
    }

    async fn keep(
        &self,
        content: impl AsyncRead + Unpin,
        promised: Option<&AttachmentId>,
    ) -> Result<AttachmentId, AttachmentError> {
        let arrived = self.receive(content).await?;
        if let Some(promised) = promised.filter(|promised| **promised != arrived.id) {
            let found = arrived.id.clone();
            self.turn_away(arrived).await;
            return Err(AttachmentError::NotAsPromised { promised: promised.clone(), found });
        }
        self.settle(arrived).await
    }

    /// Takes in what a reader gives; it has its name once it is settled.
    pub(super) async fn receive(&self, content: impl AsyncRead + Unpin) -> Result<Arrived, AttachmentError> {
        make_private(&self.arriving()).await?;
        let path = self.arriving().join(Uuid::new_v4().simple().to_string());
        match self.write(&path, content).await {
            Ok(digest) => Ok(Arrived { path, id: AttachmentId(digest) }),
            Err(error) => {
                // The first error is the one to tell.
                let _ = tokio::fs::remove_file(&path).await;
                Err(error)
            }
        }
    }

    /// Gives what arrived its name.
    pub(super) async fn settle(&self, arrived: Arrived) -> Result<AttachmentId, AttachmentError> {
        let path = self.path(&arrived.id);
        let folder = path.parent().unwrap_or(&self.folder).to_owned();
        make_private(&folder).await?;
        // Over a file that is there already: the same content, or a damaged one that is mended by this.
        if let Err(source) = tokio::fs::rename(&arrived.path, &path).await {
            self.turn_away(arrived).await;
            return Err(AttachmentError::File { path, source });
        }
        sync_folder(&folder).await?;
        sync_folder(&self.folder).await?;
        Ok(arrived.id)
    }

    /// Removes what arrived and is not kept.
    pub(super) async fn turn_away(&self, arrived: Arrived) {
        // What is left of it is cleared when it is old.
        let _ = tokio::fs::remove_file(&arrived.path).await;
    }

    async fn write(&self, path: &Path, mut content: impl AsyncRead + Unpin) -> Result<String, AttachmentError> {
        let here = |source| AttachmentError::File { path: path.to_owned(), source };
        let mut file = File::create_new(path).await.map_err(here)?;
        let (mut digest, mut piece, mut size) = (Sha256::new(), vec![0; PIECE], 0_u64);
        loop {
            let read = content.read(&mut piece).await.map_err(AttachmentError::Broken)?;
            if read == 0 {
                break;
            }
            size += read as u64;
            if size > self.most_bytes {
                return Err(AttachmentError::TooLarge { most_bytes: self.most_bytes });
            }
            digest.update(&piece[..read]);
            file.write_all(&piece[..read]).await.map_err(here)?;
        }
        file.flush().await.map_err(here)?;
        file.sync_all().await.map_err(here)?;
        Ok(hex(&digest.finalize()))
    }
}

/// The digest of what a reader gives, in hexadecimal.
pub(super) async fn digest_of(content: &mut (impl AsyncRead + Unpin)) -> std::io::Result<String> {
    let (mut digest, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        let read = content.read(&mut piece).await?;
        if read == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(&piece[..read]);
    }
}

/// A folder that only this user may enter.
async fn make_private(folder: &Path) -> Result<(), AttachmentError> {
    let mut builder = tokio::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(folder).await.map_err(|source| AttachmentError::File { path: folder.to_owned(), source })
}

/// A new name is durable only when its folder was synced too.
pub(super) async fn sync_folder(folder: &Path) -> Result<(), AttachmentError> {
    let synced = match File::open(folder).await {
        Ok(file) => file.sync_all().await,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    synced.map_err(|source| AttachmentError::File { path: folder.to_owned(), source })
}
