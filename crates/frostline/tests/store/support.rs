//! Stores to try things on: a fresh one on each database, and events that are easy to read.

use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use frostline::store::{DatabaseSetting, NewEvent, Store, StoreSetting, StoredEvent, StreamId};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::postgres;

/// A place for one store; the folder goes when it is dropped.
pub struct Place {
    pub folder: TempDir,
    pub database: DatabaseSetting,
    pub setting_text: String,
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let setting_text = format!("sqlite:{}", folder.path().join("frostline.db").display());
        Self { folder, database: setting_text.parse().expect("a setting"), setting_text }
    }

    /// A new database on the server.
    pub fn postgres(server: &postgres::Server) -> Self {
        let setting_text = server.new_database();
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, database: setting_text.parse().expect("a setting"), setting_text }
    }

    /// Another place of the same kind.
    pub fn fresh(&self) -> Self {
        match (&self.database, postgres::server()) {
            (DatabaseSetting::Postgres(_), Some(server)) => Self::postgres(server),
            _ => Self::sqlite(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn setting(&self) -> StoreSetting {
        StoreSetting::new(self.database.clone(), Some(self.path().join("attachments")))
    }

    pub async fn open(&self) -> Store {
        Store::open(self.setting()).await.expect("the store opens")
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.database, DatabaseSetting::Sqlite(_))
    }

    /// Runs SQL past the store, as somebody with access to the database could.
    pub async fn sql(&self, text: &'static str) -> Result<(), sqlx::Error> {
        match &self.database {
            DatabaseSetting::Sqlite(path) => {
                let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await?;
                let done = sqlx::raw_sql(text).execute(&pool).await.map(|_| ());
                pool.close().await;
                done
            }
            DatabaseSetting::Postgres(options) => {
                let pool = sqlx::PgPool::connect_with((**options).clone()).await?;
                let done = sqlx::raw_sql(text).execute(&pool).await.map(|_| ());
                pool.close().await;
                done
            }
        }
    }
}

/// Does the same on SQLite and on PostgreSQL.
pub fn on_both<F: Future<Output = ()>>(work: impl Fn(Place) -> F) {
    run(async {
        work(Place::sqlite()).await;
        if let Some(server) = postgres::server() {
            work(Place::postgres(server)).await;
        }
    });
}

pub fn run<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime starts").block_on(work)
}

/// A time in November 2026, and one second later with every event. Unit: ms since 1970.
pub fn event(kind: &str, body: Value) -> NewEvent {
    static SECONDS: AtomicU32 = AtomicU32::new(0);
    let at_ms = 1_795_000_000_000 + 1000 * i64::from(SECONDS.fetch_add(1, Ordering::Relaxed));
    NewEvent { kind: kind.to_owned(), body, by: "account/7".to_owned(), at_ms, command_id: None }
}

pub fn stream(name: &str) -> StreamId {
    StreamId::new(name).expect("a stream")
}

/// Writes `count` events one by one; what the summary says is how many there are.
pub async fn filled(store: &Store, name: &str, count: u64) -> Vec<StoredEvent> {
    for seen in 0..count {
        let new = event("step", json!({ "score": seen, "note": format!("note {seen}") }));
        store.append(&stream(name), seen, &[new], &count_summary(seen + 1)).await.expect("appended");
    }
    store.read(&stream(name)).await.expect("read")
}

pub fn count_summary(events: u64) -> Value {
    json!({ "events": events })
}
