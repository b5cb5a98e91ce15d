//! The witness: a small file beside a SQLite database that names the last event that was acknowledged.
//!
//! SQLite quietly drops the end of a write-ahead log that does not hold together, and with it commits that were answered.
//! The witness lies outside the database and is written after each commit, so such a loss is found when the store is opened.
//! It is not synced at every commit: after a crash of the machine it may lie behind the database, which is no fault, but
//! never before it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::append::Answer;
use super::chain::hex_of;
use super::event::{Fault, Place, Wrong};
use super::{Db, on_db};

/// The file.
#[derive(Debug, Clone)]
pub(super) struct Witness {
    file: Arc<Mutex<File>>,
}

/// What it says: the position and hash of an acknowledged event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Acknowledged {
    pub position: i64,
    pub hash: String,
}

/// Two slots, written in turns, so that a torn write spoils one at most. Unit: bytes.
const SLOT: usize = 256;
/// After how many events the file is synced.
const SYNC_EVERY: i64 = 256;

impl Witness {
    /// The path of the witness of a database.
    pub fn path_for(database: &Path) -> PathBuf {
        let mut name = database.as_os_str().to_owned();
        name.push(".witness");
        name.into()
    }

    /// Opens or makes the file; on a disk that cannot be written only to read it.
    pub fn open(path: &Path) -> io::Result<Self> {
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = match opened {
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => File::open(path)?,
            other => other?,
        };
        Ok(Self { file: Arc::new(Mutex::new(file)) })
    }

    /// The latest event that it knows; none when it is new or both slots are torn.
    pub fn latest(&self) -> Option<Acknowledged> {
        (0..2).filter_map(|slot| self.slot(slot)).max_by_key(|found| found.position)
    }

    fn slot(&self, slot: u64) -> Option<Acknowledged> {
        let mut bytes = [0_u8; SLOT];
        let mut file = self.file();
        file.seek(SeekFrom::Start(slot * SLOT as u64)).and_then(|_| file.read_exact(&mut bytes)).ok()?;
        let text = std::str::from_utf8(&bytes).ok()?.trim_end();
        let (said, check) = text.rsplit_once(' ')?;
        let (position, hash) = said.split_once(' ')?;
        (hex_of(said.as_bytes()) == check).then_some(())?;
        Some(Acknowledged { position: position.parse().ok()?, hash: hash.to_owned() })
    }

    /// Notes the last event of a group that was committed.
    pub fn saw(&self, answers: &[Answer]) {
        let events = answers.iter().flatten().flatten();
        if let Some(last) = events.max_by_key(|event| event.position) {
            // A witness that cannot be written only knows less; the events are in the database.
            let _ = self.note(&Acknowledged { position: last.position, hash: last.hash.clone() });
        }
    }

    /// Writes one slot.
    pub fn note(&self, last: &Acknowledged) -> io::Result<()> {
        let said = format!("{} {}", last.position, last.hash);
        let line = format!("{said} {}", hex_of(said.as_bytes()));
        let slot = u64::from(last.position % 2 != 0);
        let mut file = self.file();
        file.seek(SeekFrom::Start(slot * SLOT as u64))?;
        file.write_all(format!("{line:<width$}\n", width = SLOT - 1).as_bytes())?;
        if last.position % SYNC_EVERY == 0 { file.sync_data() } else { Ok(()) }
    }

    fn file(&self) -> MutexGuard<'_, File> {
        // A file has no state that a panic could leave half changed: every use seeks first.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is wrong when the database does not have what the witness saw.
pub(super) async fn missing(db: &Db, saw: &Acknowledged) -> Result<Option<Fault>, sqlx::Error> {
    let sql = "SELECT hash FROM events WHERE position = $1";
    let found: Option<String> =
        on_db!(db, read, |c| sqlx::query_scalar(sql).bind(saw.position).fetch_optional(c).await)?;
    let wrong = Wrong::Witness { position: saw.position };
    Ok((found.as_ref() != Some(&saw.hash)).then_some(Fault { place: Place::Store, wrong }))
}
