//! The list of what a folder holds, with digests: of a backup or of an exported case.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::chain::hex;

/// What a folder holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What the folder is and in which version.
    pub format: String,
    /// When it was made. Unit: ms since 1970.
    pub made_at_ms: i64,
    /// The program that made it.
    pub made_by: String,
    /// The number of the last migration of the database it was made from.
    pub migration: i64,
    /// The position of the last event of the store, or how many events the case has.
    pub events: i64,
    /// The tables of a logical dump, in the order in which they can be filled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
    /// Every file but this one, by its path in the folder.
    pub files: BTreeMap<String, FileEntry>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

/// Why a folder is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file or folder cannot be used.
    #[error("{path}: {source}; check the path, the rights and the space on the disk", path = .path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something is there already.
    #[error("{path} is there already and is not overwritten; choose another name", path = .0.display())]
    Exists(PathBuf),
    /// The manifest cannot be read.
    #[error("{path}: {source}; expected the manifest of a backup or of an exported case", path = .path.display())]
    Manifest {
        /// The path.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// Another kind of folder or another version.
    #[error("found a folder of format '{found}', expected '{expected}'")]
    Format {
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// Files do not fit the manifest.
    #[error("the folder does not fit its manifest: {}; use an undamaged copy", .0.join(", "))]
    Unfit(Vec<String>),
}

const NAME: &str = "manifest.json";

impl Manifest {
    /// Lists what lies in a folder and writes the list into it.
    pub(super) fn write(mut self, folder: &Path) -> Result<Self, ArchiveError> {
        self.files = entries(folder)?;
        let path = folder.join(NAME);
        let text = serde_json::to_string_pretty(&self)
            .map_err(|source| ArchiveError::Manifest { path: path.clone(), source })?;
        write_synced(&path, text.as_bytes())?;
        Ok(self)
    }

    /// Reads the manifest of a folder and holds every file against it.
    ///
    /// # Errors
    /// When a file is missing, changed or not listed.
    pub fn checked(folder: &Path, format: &str) -> Result<Self, ArchiveError> {
        let path = folder.join(NAME);
        let text = fs::read_to_string(&path).map_err(file(&path))?;
        let manifest: Self = serde_json::from_str(&text).map_err(|source| ArchiveError::Manifest { path, source })?;
        if manifest.format != format {
            return Err(ArchiveError::Format { found: manifest.format, expected: format.to_owned() });
        }
        let found = entries(folder)?;
        let mut unfit = Vec::new();
        for (name, entry) in &manifest.files {
            match found.get(name) {
                None => unfit.push(format!("{name} is missing")),
                Some(other) if other != entry => unfit.push(format!("{name} was changed")),
                Some(_) => {}
            }
        }
        unfit.extend(
            found.keys().filter(|name| !manifest.files.contains_key(*name)).map(|n| format!("{n} is not listed")),
        );
        if unfit.is_empty() { Ok(manifest) } else { Err(ArchiveError::Unfit(unfit)) }
    }

    /// A digest of the whole list, short enough to be kept on paper.
    #[must_use]
    pub fn digest(&self) -> String {
        let lines: String = self.files.iter().map(|(name, f)| format!("{name} {} {}\n", f.bytes, f.sha256)).collect();
        let head = format!("{} {} {} {}\n", self.format, self.made_at_ms, self.migration, self.events);
        hex(&Sha256::digest(format!("{head}{lines}").as_bytes()))
    }
}

/// An error about a path.
pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> ArchiveError + use<> {
    let path = path.to_owned();
    move |source| ArchiveError::File { path, source }
}

/// Writes a file that is on disk when this returns.
pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let written = File::create_new(path).and_then(|mut file| {
        io::Write::write_all(&mut file, bytes)?;
        file.sync_all()
    });
    written.map_err(file(path))
}

/// A new folder beside its final name, so that a half-written one never looks finished.
pub(super) fn begin(folder: &Path) -> Result<PathBuf, ArchiveError> {
    if folder.exists() {
        return Err(ArchiveError::Exists(folder.to_owned()));
    }
    let mut name = folder.as_os_str().to_owned();
    name.push(".partial");
    let partial = PathBuf::from(name);
    if partial.exists() {
        return Err(ArchiveError::Exists(partial));
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(&partial).map_err(file(&partial))?;
    Ok(partial)
}

/// Gives a finished folder its final name.
pub(super) fn finish(partial: &Path, folder: &Path) -> Result<(), ArchiveError> {
    fs::rename(partial, folder).map_err(file(folder))?;
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|parent| parent.sync_all()).map_err(file(parent))
}

fn entries(folder: &Path) -> Result<BTreeMap<String, FileEntry>, ArchiveError> {
    let mut found = BTreeMap::new();
    let mut left = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = left.pop() {
        for entry in fs::read_dir(&path).map_err(file(&path))? {
            let entry = entry.map_err(file(&path))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(file(&entry.path()))?;
            if kind.is_dir() {
                left.push((entry.path(), format!("{name}/")));
            } else if name != NAME {
                found.insert(name, entry_of(&entry.path())?);
            }
        }
    }
    Ok(found)
}

fn entry_of(path: &Path) -> Result<FileEntry, ArchiveError> {
    let read = || -> io::Result<FileEntry> {
        let (mut file, mut digest, mut bytes) = (File::open(path)?, Sha256::new(), 0);
        let mut piece = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                return Ok(FileEntry { bytes, sha256: hex(&digest.finalize()) });
            }
            bytes += read as u64;
            digest.update(&piece[..read]);
        }
    };
    read().map_err(file(path))
}
