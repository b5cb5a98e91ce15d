//! The database: SQLite in one file, or PostgreSQL, chosen by one setting.
//!
//! Both are asked with the same SQL text with `$1` placeholders; [`on_db!`] expands a query once for each driver. Integers
//! are 64 bits, times are milliseconds, identifiers and JSON are text, so that rows decode alike.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

/// An open database.
#[derive(Debug, Clone)]
pub enum Db {
    /// One file, no server.
    Lite {
        /// The only connection of this program that writes: SQLite has one writer at a time, and waiting for a turn here is
        /// cheaper than being told "busy" there.
        write: SqlitePool,
        /// Connections that cannot write.
        read: SqlitePool,
    },
    /// A server, which several instances of the program may share.
    Pg(PgPool),
}

/// A transaction that writes, on either database.
pub enum Tx {
    /// On SQLite.
    Lite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Pg(Transaction<'static, Postgres>),
}

/// Expands one query for whichever driver is behind a [`Db`] or a [`Tx`].
///
/// ```ignore
/// let rows: Vec<Row> = on_db!(db, read, |c| sqlx::query_as("SELECT a FROM t WHERE b = $1").bind(b).fetch_all(c).await)?;
/// on_db!(db, write, |c| sqlx::query("DELETE FROM t WHERE b = $1").bind(b).execute(c).await.map(|done| done.rows_affected()))?;
/// let mut tx = db.begin().await?;
/// on_db!(tx, |c| sqlx::query("INSERT INTO t (b) VALUES ($1)").bind(b).execute(c).await.map(|_| ()))?;
/// tx.commit().await?;
/// ```
///
/// The expression must have the same type for both drivers: map what `execute` gives to `rows_affected` or `()`.
macro_rules! on_db {
    ($db:expr, $way:ident, |$connection:ident| $query:expr) => {
        match &$db {
            $crate::store::Db::Lite { $way: $connection, .. } => $query,
            $crate::store::Db::Pg($connection) => $query,
        }
    };
    ($tx:expr, |$connection:ident| $query:expr) => {
        match &mut $tx {
            $crate::store::Tx::Lite(tx) => {
                let $connection = &mut **tx;
                $query
            }
            $crate::store::Tx::Pg(tx) => {
                let $connection = &mut **tx;
                $query
            }
        }
    };
}
pub(crate) use on_db;

/// Which database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
#[derive(Debug, Clone)]
pub enum DatabaseSetting {
    /// A file.
    Sqlite(PathBuf),
    /// A server and the name of a database on it.
    Postgres(Box<PgConnectOptions>),
}

/// Why a setting names no database. It never repeats the setting, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// Neither of the two forms.
    #[error("found a database setting of another form, expected sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME")]
    Form,
    /// A PostgreSQL address that cannot be read.
    #[error("the PostgreSQL address cannot be read ({0}); expected postgres://USER:PASSWORD@HOST/NAME")]
    Postgres(String),
    /// A server elsewhere, reached so that others could read along or pretend to be it.
    #[error(
        "the PostgreSQL server {host} is on another machine and sslmode is {found}, expected TLS with a checked \
         certificate; write postgres://..?sslmode=verify-full, and &sslrootcert=/path/to/ca.pem where the site has an \
         authority of its own"
    )]
    NotGuarded {
        /// Its name.
        host: String,
        /// How it would be reached.
        found: &'static str,
    },
}

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no file, and none should be made.
    #[error("{path}: there is no database; check the path, or start the server once to make one", path = .0.display())]
    NotThere(PathBuf),
    /// On a disk that cannot be written, beside a log whose contents would be missed.
    #[error(
        "{path}: the disk is read-only and the write-ahead log beside the database holds more; \
         copy the file with its -wal and .witness to a disk that can be written", path = .0.display()
    )]
    LogOnReadOnlyDisk(PathBuf),
    /// The file or its folder cannot be used.
    #[error("{path}: {source}; check that the folder exists and can be written", path = .path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The database does not answer as expected.
    #[error("{database}: {source}; check that it runs, that the setting is right and that it may be written")]
    Database {
        /// Which, without its password.
        database: String,
        /// What it says.
        source: sqlx::Error,
    },
    /// Its tables cannot be brought to what this program expects.
    #[error("{database}: {source}; use the program that last opened it or a newer one, never an older one")]
    Migration {
        /// Which, without its password.
        database: String,
        /// What is wrong.
        source: MigrateError,
    },
}

impl FromStr for DatabaseSetting {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", _)) => {
                let options = PgConnectOptions::from_str(text).map_err(|e| SettingError::Postgres(e.to_string()))?;
                must_be_guarded(&options)?;
                Ok(Self::Postgres(Box::new(options)))
            }
            _ => Err(SettingError::Form),
        }
    }
}

/// Refuses a server on another machine without TLS whose certificate is checked.
fn must_be_guarded(options: &PgConnectOptions) -> Result<(), SettingError> {
    let host = options.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    let is_here = address.map_or(host == "localhost", |address| address.is_loopback());
    // A host that begins with a slash is the folder of a Unix socket.
    if is_here || host.starts_with('/') || options.get_socket().is_some() {
        return Ok(());
    }
    let found = match options.get_ssl_mode() {
        PgSslMode::VerifyFull => return Ok(()),
        PgSslMode::VerifyCa => "verify-ca, which takes the certificate of any host",
        PgSslMode::Require => "require, which takes any certificate",
        PgSslMode::Prefer => "prefer, which goes on without TLS",
        PgSslMode::Allow => "allow, which goes on without TLS",
        PgSslMode::Disable => "disable",
    };
    Err(SettingError::NotGuarded { host: host.to_owned(), found })
}

impl fmt::Display for DatabaseSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(o) => {
                write!(f, "postgres://{}:{}/{}", o.get_host(), o.get_port(), o.get_database().unwrap_or("postgres"))
            }
        }
    }
}

impl Db {
    /// Opens a database, makes it when it is not there, and brings its tables to what this program expects.
    ///
    /// # Errors
    /// When it cannot be opened or was written by a newer program.
    pub async fn open(setting: &DatabaseSetting) -> Result<Self, OpenError> {
        match setting {
            DatabaseSetting::Sqlite(path) => open_lite(path, setting).await,
            DatabaseSetting::Postgres(options) => open_pg(options, setting).await,
        }
    }

    /// Opens a database that must be there already; on a disk that cannot be written, only to look at it.
    ///
    /// # Errors
    /// When it is not there, cannot be opened or was written by a newer program.
    pub async fn open_existing(setting: &DatabaseSetting) -> Result<Self, OpenError> {
        match setting {
            DatabaseSetting::Sqlite(path) if !path.exists() => Err(OpenError::NotThere(path.clone())),
            DatabaseSetting::Sqlite(path) if on_read_only_disk(path) => open_lite_read_only(path, setting).await,
            _ => Self::open(setting).await,
        }
    }

    /// Begins a transaction that writes; dropped without [`Tx::commit`] it leaves nothing.
    ///
    /// # Errors
    /// When the database cannot be reached or stays busy.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        match self {
            Self::Lite { write, .. } => begin_lite(write).await.map(Tx::Lite),
            Self::Pg(pool) => pool.begin().await.map(Tx::Pg),
        }
    }

    /// Begins a transaction that only reads and sees the database as it is now, whatever is written meanwhile.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn snapshot(&self) -> Result<Tx, sqlx::Error> {
        match self {
            Self::Lite { read, .. } => read.begin().await.map(Tx::Lite),
            Self::Pg(pool) => pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map(Tx::Pg),
        }
    }

    /// Closes every connection; SQLite then moves what waits in its log into the file.
    pub async fn close(&self) {
        match self {
            Self::Lite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Pg(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Makes everything in the transaction durable.
    ///
    /// # Errors
    /// When the database says no, or is gone; it is then not known whether it was written.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Lite(tx) => tx.commit().await,
            Self::Pg(tx) => tx.commit().await,
        }
    }
}

/// Takes the lock at once: a transaction that first reads and then wants to write may be refused by SQLite.
///
/// When a commit finds the disk full, SQLite rolls back by itself, the driver does not notice, and its connection would refuse
/// every later transaction. Such a connection is closed, and the next one begins.
async fn begin_lite(write: &SqlitePool) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    const BEGIN: &str = "BEGIN IMMEDIATE";
    match write.begin_with(BEGIN).await {
        Err(error) if is_out_of_step(&error) => {
            write.acquire().await?.close().await?;
            write.begin_with(BEGIN).await
        }
        begun => begun,
    }
}

/// Whether the driver and SQLite differ on whether a transaction is open (SQLite's plain error is code 1).
fn is_out_of_step(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code());
    matches!(error, sqlx::Error::InvalidSavePointStatement) || code.as_deref() == Some("1")
}

/// The migrations of SQLite, oldest first.
pub(super) static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
/// The migrations of PostgreSQL, with the same numbers.
pub(super) static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long SQLite waits for another process that writes. Group commits take milliseconds; this is for backups and old disks.
const BUSY: Duration = Duration::from_secs(20);
/// Readers of SQLite. More than the cores of a small machine gain nothing; each keeps a page cache.
const READERS: u32 = 4;
/// Connections to PostgreSQL per instance, well under the server's usual 100, so that several instances fit.
const CONNECTIONS: u32 = 16;
/// How long to wait for a connection to PostgreSQL before an error is better than silence.
const CONNECT: Duration = Duration::from_secs(10);

async fn open_lite(path: &Path, setting: &DatabaseSetting) -> Result<Db, OpenError> {
    let database = |source| OpenError::Database { database: setting.to_string(), source };
    let _one_at_a_time = lock_beside(path)?;
    make_private(path)?;
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(lite_options(path).create_if_missing(true))
        .await
        .map_err(database)?;
    SQLITE_MIGRATIONS
        .run(&write)
        .await
        .map_err(|source| OpenError::Migration { database: setting.to_string(), source })?;
    let read = SqlitePoolOptions::new()
        .max_connections(READERS)
        .connect_with(lite_options(path).pragma("query_only", "ON"))
        .await
        .map_err(database)?;
    Ok(Db::Lite { write, read })
}

/// Write-ahead log with a sync at every commit: what was answered survives a crash of the machine. What is deleted is
/// overwritten, because erasure must erase.
pub(crate) fn lite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("secure_delete", "ON")
}

/// A new database can be read by this user only; SQLite gives its log the same rights.
fn make_private(path: &Path) -> Result<(), OpenError> {
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(path).map(|_| ());
    made.map_err(|source| OpenError::File { path: path.to_owned(), source })
}

fn on_read_only_disk(path: &Path) -> bool {
    let opened = File::options().append(true).open(path);
    opened.is_err_and(|error| error.kind() == std::io::ErrorKind::ReadOnlyFilesystem)
}

async fn open_lite_read_only(path: &Path, setting: &DatabaseSetting) -> Result<Db, OpenError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return Err(OpenError::LogOnReadOnlyDisk(path.to_owned()));
    }
    // Nobody can change it, so SQLite needs neither locks nor the files beside it.
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(READERS)
        .connect_with(options)
        .await
        .map_err(|source| OpenError::Database { database: setting.to_string(), source })?;
    Ok(Db::Lite { write: pool.clone(), read: pool })
}

/// SQLite has no lock for migrations, so two programs that start at once take turns by a file beside the database.
pub(crate) fn lock_beside(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock = PathBuf::from(name);
    let file = File::create(&lock).and_then(|file| file.lock().map(|()| file));
    file.map_err(|source| OpenError::File { path: lock, source })
}

async fn open_pg(options: &PgConnectOptions, setting: &DatabaseSetting) -> Result<Db, OpenError> {
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECT)
        .connect_with(options.clone())
        .await
        .map_err(|source| OpenError::Database { database: setting.to_string(), source })?;
    POSTGRES_MIGRATIONS
        .run(&pool)
        .await
        .map_err(|source| OpenError::Migration { database: setting.to_string(), source })?;
    Ok(Db::Pg(pool))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_runtime<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime starts")
            .block_on(work)
    }

    #[test]
    fn a_server_on_another_machine_is_reached_over_checked_tls_only_and_the_refusal_says_what_to_write() {
        let read = |address: &str| address.parse::<DatabaseSetting>().map_err(|error| error.to_string());
        for here in [
            "postgres://u:p@localhost/d",
            "postgres://u:p@127.0.0.1:5433/d?sslmode=disable",
            "postgres://u:p@[::1]/d",
            "postgres:///d?host=/var/run/postgresql",
            "postgres://u:p@db.example/d?sslmode=verify-full",
        ] {
            assert!(read(here).is_ok(), "{here}: {:?}", read(here));
        }
        for mode in ["", "?sslmode=disable", "?sslmode=prefer", "?sslmode=require", "?sslmode=verify-ca"] {
            let refused = read(&format!("postgres://u:pass-word@db.example/d{mode}")).unwrap_err();
            assert!(refused.contains("sslmode=verify-full") && !refused.contains("pass-word"), "{refused}");
        }
        assert!(read("postgres://u:p@localhost.example/d").is_err());
    }

    #[test]
    fn a_setting_that_is_not_a_database_is_refused_without_repeating_it() {
        for text in ["", "sqlite:", "mysql://root:secret@localhost/x", "secret"] {
            let error = text.parse::<DatabaseSetting>().expect_err("no database").to_string();
            assert!(error.contains("sqlite:PATH") && !error.contains("secret"), "{error}");
        }
        let setting: DatabaseSetting = "postgres://me:secret@localhost:5433/cases".parse().expect("a setting");
        assert_eq!(setting.to_string(), "postgres://localhost:5433/cases");
    }

    #[test]
    fn one_query_text_reads_what_a_transaction_wrote_and_a_dropped_transaction_leaves_nothing() {
        with_runtime(async {
            let folder = tempfile::tempdir().expect("a folder");
            let setting = DatabaseSetting::Sqlite(folder.path().join("a.db"));
            let db = Db::open(&setting).await.expect("it opens");
            let insert = "INSERT INTO summaries (stream, seq, summary, digest) VALUES ($1, $2, $3, $4)";
            for (stream, commit) in [("kept", true), ("dropped", false)] {
                let mut tx = db.begin().await.expect("begins");
                on_db!(tx, |c| sqlx::query(insert)
                    .bind(stream)
                    .bind(1_i64)
                    .bind("{}")
                    .bind("")
                    .execute(c)
                    .await
                    .map(|_| ()))
                .expect("inserts");
                if commit {
                    tx.commit().await.expect("commits");
                }
            }
            let found: Vec<(String, i64)> =
                on_db!(db, read, |c| sqlx::query_as("SELECT stream, seq FROM summaries").fetch_all(c).await)
                    .expect("reads");
            assert_eq!(found, [("kept".to_owned(), 1)]);
            let denied = on_db!(db, read, |c| sqlx::query("DELETE FROM heads").execute(c).await.map(|_| ()));
            assert!(denied.is_err(), "the readers of SQLite cannot write");
            db.close().await;
            assert!(Db::open_existing(&DatabaseSetting::Sqlite(folder.path().join("b.db"))).await.is_err());
        });
    }

    #[test]
    fn both_databases_have_migrations_of_the_same_numbers() {
        let numbers = |migrator: &Migrator| migrator.iter().map(|m| m.version).collect::<Vec<_>>();
        assert_eq!(numbers(&SQLITE_MIGRATIONS), numbers(&POSTGRES_MIGRATIONS));
    }

    #[test]
    fn a_store_of_every_older_version_opens_with_what_it_held() {
        with_runtime(async {
            for version in SQLITE_MIGRATIONS.iter().map(|m| m.version) {
                let folder = tempfile::tempdir().expect("a folder");
                let path = folder.path().join("a.db");
                let pool = SqlitePool::connect_with(lite_options(&path).create_if_missing(true)).await.expect("opens");
                SQLITE_MIGRATIONS.run_to(version, &pool).await.expect("an older version");
                let insert = "INSERT INTO heads (stream, seq, hash, latest_ms) VALUES ('case/1', 4, 'ab', 5)";
                sqlx::query(insert).execute(&pool).await.expect("inserts");
                pool.close().await;
                let db = Db::open(&DatabaseSetting::Sqlite(path)).await.expect("it is brought up to date");
                let select = "SELECT seq FROM heads WHERE stream = 'case/1'";
                let seq: i64 = on_db!(db, read, |c| sqlx::query_scalar(select).fetch_one(c).await).expect("reads");
                assert_eq!(seq, 4, "from version {version}");
                db.close().await;
            }
        });
    }

    #[test]
    fn a_store_of_a_newer_program_is_not_opened() {
        with_runtime(async {
            let folder = tempfile::tempdir().expect("a folder");
            let setting = DatabaseSetting::Sqlite(folder.path().join("a.db"));
            let db = Db::open(&setting).await.expect("opens");
            let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                         VALUES (9999, 'of the future', TRUE, x'00', 0)";
            on_db!(db, write, |c| sqlx::query(newer).execute(c).await.map(|_| ())).expect("inserts");
            db.close().await;
            let refused = Db::open(&setting).await.expect_err("refused").to_string();
            assert!(refused.contains("9999") && refused.contains("never an older one"), "{refused}");
        });
    }
}
