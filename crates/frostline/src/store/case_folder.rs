//! One case as a folder: its events with their hashes, its attachments, and a manifest; out of one store and into another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::append::{insert_row, write_head, write_summary};
use super::attachments::{AttachmentError, AttachmentId, Attachments};
use super::chain::Chain;
use super::erase::erased_summary;
use super::event::{Fault, Row, StoredEvent, StreamId};
use super::manifest::{self, ArchiveError, Manifest, file};
use super::read::ReadError;
use super::witness::Acknowledged;
use super::writer::lock_writers;
use super::{Store, Tx, on_db};

/// The format of the folder of a case.
pub const CASE_FOLDER: &str = "frostline-case-1";

/// What `case.json` holds.
#[derive(Debug, Serialize, Deserialize)]
struct CaseFile {
    format: String,
    stream: StreamId,
    /// As the summary said at the time, for the reader; an import makes it anew.
    summary: Value,
    /// Every column of every event. A body is its text, because its hash is over the text.
    events: Vec<Row>,
}

/// Why a case is not exported or imported.
#[derive(Debug, thiserror::Error)]
pub enum CaseFolderError {
    /// The folder.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The stream.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An attachment.
    #[error(transparent)]
    Attachment(#[from] AttachmentError),
    /// The database.
    #[error("the database says: {0}; nothing was imported")]
    Database(#[from] sqlx::Error),
    /// Nothing there.
    #[error("{0} has no events; check the name")]
    NoSuchStream(StreamId),
    /// Not what it should be.
    #[error("case.json cannot be read ({0}); expected what 'frostline store export' wrote")]
    Form(#[from] serde_json::Error),
    /// Its chain is broken.
    #[error("the case is damaged and was not imported: {0}")]
    Damaged(Fault),
    /// It names an attachment that the folder lacks.
    #[error("the case names attachment {0}, which the folder lacks; nothing was imported")]
    AttachmentMissing(AttachmentId),
    /// The stream is there.
    #[error("{stream} is there already with {events} events ({same}); nothing was imported")]
    Exists {
        /// The stream.
        stream: StreamId,
        /// How many.
        events: i64,
        /// Whether they are the same.
        same: &'static str,
    },
}

impl Store {
    /// Writes one stream and its attachments into a new folder.
    ///
    /// # Errors
    /// When the stream is damaged or not there, or the folder cannot be written; no folder of that name is left then.
    pub async fn export(&self, stream: &StreamId, folder: &Path, at_ms: i64) -> Result<Manifest, CaseFolderError> {
        let partial = manifest::begin(folder)?;
        match self.export_into(stream, &partial, at_ms).await {
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

    async fn export_into(&self, stream: &StreamId, folder: &Path, at_ms: i64) -> Result<Manifest, CaseFolderError> {
        let events = self.rows_after(stream, 0).await?;
        let last = events.last().ok_or_else(|| CaseFolderError::NoSuchStream(stream.clone()))?.seq;
        let summary = self.summary(stream).await?.map_or(Value::Null, |found| found.summary);
        let kept = Attachments::in_folder(folder.join("attachments"), u64::MAX);
        for id in attachments_of(&events)? {
            kept.put_promised(&id, self.attachments.open(&id).await?).await?;
        }
        // Not there when the case has no attachments.
        let _ = fs::remove_dir(kept.folder().join("arriving"));
        let case = CaseFile { format: CASE_FOLDER.to_owned(), stream: stream.clone(), summary, events };
        manifest::write_synced(&folder.join("case.json"), serde_json::to_string_pretty(&case)?.as_bytes())?;
        let manifest = Manifest {
            format: CASE_FOLDER.to_owned(),
            made_at_ms: at_ms,
            made_by: concat!("frostline ", env!("CARGO_PKG_VERSION")).to_owned(),
            migration: 0,
            events: last,
            tables: Vec::new(),
            files: BTreeMap::new(),
        };
        Ok(manifest.write(folder)?)
    }

    /// Takes over an exported case as it is, with its hashes; its summary is made by `summarise`.
    ///
    /// # Errors
    /// When anything in the folder does not fit, or the stream is there already; nothing is imported then.
    pub async fn import(
        &self,
        folder: &Path,
        summarise: impl Fn(&StreamId, &[StoredEvent]) -> Value,
    ) -> Result<Vec<StoredEvent>, CaseFolderError> {
        Manifest::checked(folder, CASE_FOLDER)?;
        let path = folder.join("case.json");
        let case: CaseFile = serde_json::from_str(&fs::read_to_string(&path).map_err(file(&path))?)?;
        if case.format != CASE_FOLDER {
            return Err(ArchiveError::Format { found: case.format, expected: CASE_FOLDER.to_owned() }.into());
        }
        let chain = checked(&case)?;
        let saved = Attachments::in_folder(folder.join("attachments"), u64::MAX);
        let used = attachments_of(&case.events)?;
        if let Some(missing) = used.iter().find(|id| !saved.has(id)) {
            return Err(CaseFolderError::AttachmentMissing(missing.clone()));
        }
        for id in &used {
            self.attachments.put_promised(id, saved.open(id).await?).await?;
        }
        self.insert_case(case, &chain, summarise).await
    }

    async fn insert_case(
        &self,
        case: CaseFile,
        chain: &Chain,
        summarise: impl Fn(&StreamId, &[StoredEvent]) -> Value,
    ) -> Result<Vec<StoredEvent>, CaseFolderError> {
        let mut tx = self.db.begin().await?;
        let mut position = lock_writers(&mut tx).await?;
        if let Some((events, hash)) = head(&mut tx, &case.stream).await? {
            let same = if hash == chain.hash { "the same case" } else { "another history" };
            return Err(CaseFolderError::Exists { stream: case.stream, events, same });
        }
        let mut events = Vec::with_capacity(case.events.len());
        for mut row in case.events {
            position += 1;
            row.position = position;
            insert_row(&mut tx, &row).await?;
            for id in attachments_of(std::slice::from_ref(&row))? {
                write_use(&mut tx, &id, &row).await?;
            }
            let fault = |wrong| CaseFolderError::Damaged(super::chain::fault_in(&row, wrong));
            events.push(row.clone().into_event().map_err(fault)?);
        }
        write_head(&mut tx, &case.stream, &(chain.seq, chain.hash.clone(), chain.latest_ms())).await?;
        let summary = match events.last() {
            Some(last) if chain.erased => erased_summary(last.at_ms),
            _ => summarise(&case.stream, &events),
        };
        write_summary(&mut tx, &case.stream, chain.seq, &summary.to_string()).await?;
        tx.commit().await?;
        if let Some(witness) = &self.witness {
            // As after any append: a witness that cannot be written only knows less.
            let _ = witness.note(&Acknowledged { position, hash: chain.hash.clone() });
        }
        Ok(events)
    }
}

fn checked(case: &CaseFile) -> Result<Chain, CaseFolderError> {
    let mut chain = Chain::from_start(case.stream.as_str());
    if case.events.is_empty() {
        return Err(CaseFolderError::NoSuchStream(case.stream.clone()));
    }
    for row in &case.events {
        if row.stream != case.stream.as_str() {
            return Err(CaseFolderError::Damaged(super::chain::fault_in(row, super::Wrong::StreamName)));
        }
        if let Some(fault) = chain.take(row).into_iter().next() {
            return Err(CaseFolderError::Damaged(fault));
        }
    }
    chain.end().into_iter().next().map_or(Ok(chain), |fault| Err(CaseFolderError::Damaged(fault)))
}

fn attachments_of(rows: &[Row]) -> Result<BTreeSet<AttachmentId>, serde_json::Error> {
    let mut found = BTreeSet::new();
    for body in rows.iter().filter_map(|row| row.body.as_ref()) {
        found.extend(AttachmentId::named_in(&serde_json::from_str(body)?));
    }
    Ok(found)
}

async fn head(tx: &mut Tx, stream: &StreamId) -> Result<Option<(i64, String)>, sqlx::Error> {
    let sql = "SELECT seq, hash FROM heads WHERE stream = $1";
    on_db!(*tx, |c| sqlx::query_as(sql).bind(stream.as_str()).fetch_optional(c).await)
}

async fn write_use(tx: &mut Tx, id: &AttachmentId, row: &Row) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO attachment_uses (digest, stream, seq) VALUES ($1, $2, $3)";
    let (digest, stream, seq) = (id.to_string(), &row.stream, row.seq);
    on_db!(*tx, |c| sqlx::query(sql).bind(&digest).bind(stream).bind(seq).execute(c).await.map(|_| ()))
}
