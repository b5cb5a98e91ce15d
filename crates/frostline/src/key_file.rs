//! The file with the keys for secrets in the database: made once, readable by its owner only.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::accounts::{SecretKeys, VaultError};
use crate::store::DatabaseSetting;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read or written.
    #[error("{path}: {source}; check that its folder is there and may be written", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Others may read it.
    #[error("{path}: others than its owner may read it (mode {mode:o}), expected 600; run: chmod 600 {path}", path = .path.display())]
    Shared {
        /// Which.
        path: PathBuf,
        /// As it is.
        mode: u32,
    },
    /// It holds something else.
    #[error("{path}: {source}", path = .path.display())]
    Keys {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        source: VaultError,
    },
    /// Nobody said where it lies.
    #[error(
        "with PostgreSQL the key file has no place of its own; set FROSTLINE_KEYS to a path, or write keys = \"PATH\" in the sign-in file"
    )]
    NoPlace,
}

/// Where the key file lies: as the environment says, as the sign-in file says, or beside the file of SQLite.
///
/// # Errors
/// Where nobody said it and the database is on a server.
pub fn place(from_sign_in: Option<PathBuf>, database: &DatabaseSetting) -> Result<PathBuf, KeyFileError> {
    if let Some(path) = std::env::var_os("FROSTLINE_KEYS").map(PathBuf::from).or(from_sign_in) {
        return Ok(path);
    }
    match database {
        DatabaseSetting::Sqlite(path) => Ok(path.with_added_extension("keys")),
        DatabaseSetting::Postgres(_) => Err(KeyFileError::NoPlace),
    }
}

/// The keys of a file; where there is none, one is made.
///
/// # Errors
/// Where it cannot be used, or others may read it.
pub fn read_or_make(path: &Path) -> Result<SecretKeys, KeyFileError> {
    match read(path) {
        Err(KeyFileError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => make(path),
        found => found,
    }
}

/// The keys of a file.
///
/// # Errors
/// Where it cannot be used, or others may read it.
pub fn read(path: &Path) -> Result<SecretKeys, KeyFileError> {
    let failed = |source| KeyFileError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    must_be_private(path, &file).map_err(failed)??;
    let text = std::io::read_to_string(file).map_err(failed)?;
    SecretKeys::from_text(&text).map_err(|source| KeyFileError::Keys { path: path.to_owned(), source })
}

/// Writes keys in place of those that were there; whatever happens, the old file or the new one is whole.
///
/// # Errors
/// Where the folder cannot be written.
pub fn write(path: &Path, keys: &SecretKeys) -> Result<(), KeyFileError> {
    let failed = |source| KeyFileError::File { path: path.to_owned(), source };
    let beside = path.with_added_extension("new");
    let _ = std::fs::remove_file(&beside);
    written(&beside, keys).map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)
}

fn make(path: &Path) -> Result<SecretKeys, KeyFileError> {
    let keys = SecretKeys::new().map_err(|source| KeyFileError::Keys { path: path.to_owned(), source })?;
    match written(path, &keys) {
        Ok(()) => Ok(keys),
        // Another server was first.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => read(path),
        Err(source) => Err(KeyFileError::File { path: path.to_owned(), source }),
    }
}

/// A new file that only its owner may read from the first moment on.
fn written(path: &Path, keys: &SecretKeys) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(keys.to_text().as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn must_be_private(path: &Path, file: &File) -> std::io::Result<Result<(), KeyFileError>> {
    const OTHERS: u32 = 0o077;
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o777;
    Ok(if mode & OTHERS == 0 { Ok(()) } else { Err(KeyFileError::Shared { path: path.to_owned(), mode }) })
}

#[cfg(not(unix))]
fn must_be_private(_: &Path, _: &File) -> std::io::Result<Result<(), KeyFileError>> {
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_for_its_owner_only_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frostline.db.keys");
        let made = read_or_make(&path).unwrap();
        assert_eq!(read_or_make(&path).unwrap().to_text(), made.to_text());
        let newer = made.with_new().unwrap();
        write(&path, &newer).unwrap();
        assert_eq!(read(&path).unwrap().to_text(), newer.to_text());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
            assert!(read_or_make(&path).unwrap_err().to_string().contains("chmod 600"));
        }
    }

    #[test]
    fn beside_sqlite_it_has_a_place_and_with_postgresql_somebody_must_say_one() {
        let place =
            |setting: &str, said: Option<&str>| super::place(said.map(PathBuf::from), &setting.parse().unwrap());
        assert_eq!(place("sqlite:/data/a.db", None).unwrap(), PathBuf::from("/data/a.db.keys"));
        assert_eq!(place("sqlite:/data/a.db", Some("/k")).unwrap(), PathBuf::from("/k"));
        assert!(place("postgres://u@127.0.0.1/d", None).unwrap_err().to_string().contains("FROSTLINE_KEYS"));
    }
}
