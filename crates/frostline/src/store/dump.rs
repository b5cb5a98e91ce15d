//! PostgreSQL as text: one file per table, one JSON object per line, as of one moment.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Row as _};

use super::attachments::AttachmentId;
use super::db::POSTGRES_MIGRATIONS;
use super::manifest::{ArchiveError, Manifest, file};
use super::{Db, Tx};

/// Why tables cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// A file.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The database.
    #[error("PostgreSQL says: {0}; check that it runs and has space, then try again")]
    Database(#[from] sqlx::Error),
    /// The migrations.
    #[error("the tables cannot be made ({0}); use a database that nobody else uses")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The target is in use.
    #[error("the database holds events already and is not overwritten; make an empty one with CREATE DATABASE")]
    NotEmpty,
    /// Tables that need each other.
    #[error("the tables {0} need each other, so there is no order to fill them; this is a fault of the program")]
    Circle(String),
    /// A table that cannot be named.
    #[error("found a table named '{0}', expected letters, digits and '_'")]
    Name(String),
    /// A line that is no row.
    #[error("{path} line {line} is not a JSON object; use an undamaged backup", path = .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
}

/// How many rows go in one request.
const PIECE: usize = 500;

/// Writes every table below `folder/tables`; gives their names in the order of filling, and the attachments in use.
pub(super) async fn write(db: &Db, folder: &Path) -> Result<(Vec<String>, Vec<AttachmentId>), DumpError> {
    let Tx::Pg(mut tx) = db.snapshot().await? else { return Ok((Vec::new(), Vec::new())) };
    let tables = tables_in_order(&mut tx).await?;
    let below = folder.join("tables");
    fs::create_dir_all(&below).map_err(file(&below))?;
    for table in &tables {
        write_table(&mut tx, table, &path_of(folder, table)).await?;
    }
    let names: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT digest FROM attachment_uses ORDER BY digest").fetch_all(&mut *tx).await?;
    tx.commit().await?;
    Ok((tables, names.iter().filter_map(|name| name.parse().ok()).collect()))
}

/// How many events the written tables hold.
pub(super) fn check(folder: &Path) -> Result<i64, DumpError> {
    let path = path_of(folder, "events");
    let lines = BufReader::new(File::open(&path).map_err(file(&path))?).lines();
    Ok(i64::try_from(lines.count()).unwrap_or(i64::MAX))
}

/// Fills an empty database from a dump, all or nothing, and brings it to the newest migration later on opening.
pub(super) async fn restore(folder: &Path, manifest: &Manifest, options: &PgConnectOptions) -> Result<(), DumpError> {
    let mut connection = PgConnection::connect_with(options).await?;
    if holds_events(&mut connection).await? {
        return Err(DumpError::NotEmpty);
    }
    POSTGRES_MIGRATIONS.run_to(manifest.migration, &mut connection).await?;
    let mut tx = connection.begin().await?;
    for table in &manifest.tables {
        fill_table(&mut tx, named(table)?, &path_of(folder, table)).await?;
    }
    move_sequences(&mut tx).await?;
    tx.commit().await?;
    connection.close().await?;
    Ok(())
}

async fn holds_events(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let there: bool =
        sqlx::query_scalar("SELECT to_regclass('events') IS NOT NULL").fetch_one(&mut *connection).await?;
    if !there {
        return Ok(false);
    }
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM events)").fetch_one(connection).await
}

fn path_of(folder: &Path, table: &str) -> PathBuf {
    folder.join("tables").join(format!("{table}.ndjson"))
}

/// A name that can stand in a query between quotes.
fn named(table: &str) -> Result<&str, DumpError> {
    let good = !table.is_empty() && table.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if good { Ok(table) } else { Err(DumpError::Name(table.to_owned())) }
}

/// The program's tables, each after those it refers to.
async fn tables_in_order(tx: &mut PgConnection) -> Result<Vec<String>, DumpError> {
    let sql = "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace \
               AND c.relkind = 'r' AND c.relname <> '_sqlx_migrations' ORDER BY 1";
    let mut left: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *tx).await?;
    let sql = "SELECT a.relname::text, b.relname::text FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid \
               JOIN pg_class b ON b.oid = k.confrelid WHERE k.contype = 'f' AND a.oid <> b.oid";
    let needs: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(tx).await?;
    let mut order = Vec::new();
    while !left.is_empty() {
        let waiting: BTreeSet<&str> =
            needs.iter().filter(|(_, needed)| left.contains(needed)).map(|(table, _)| table.as_str()).collect();
        let (later, now): (Vec<_>, Vec<_>) = left.iter().cloned().partition(|table| waiting.contains(table.as_str()));
        if now.is_empty() {
            return Err(DumpError::Circle(later.join(", ")));
        }
        order.extend(now);
        left = later;
    }
    order.iter().try_for_each(|table| named(table).map(|_| ()))?;
    Ok(order)
}

async fn write_table(tx: &mut PgConnection, table: &str, path: &Path) -> Result<(), DumpError> {
    let mut out = BufWriter::new(File::create_new(path).map_err(file(path))?);
    // The order of the rows is that of their text, so that the same rows give the same file.
    let select = format!("DECLARE dump NO SCROLL CURSOR FOR SELECT row_to_json(t)::text FROM \"{table}\" t ORDER BY 1");
    sqlx::query(AssertSqlSafe(select)).execute(&mut *tx).await?;
    let fetch = format!("FETCH {PIECE} FROM dump");
    loop {
        let rows = sqlx::query(AssertSqlSafe(fetch.clone())).fetch_all(&mut *tx).await?;
        for row in &rows {
            writeln!(out, "{}", row.try_get::<String, _>(0)?).map_err(file(path))?;
        }
        if rows.is_empty() {
            break;
        }
    }
    sqlx::query("CLOSE dump").execute(tx).await?;
    let written = out.into_inner().map_err(std::io::IntoInnerError::into_error);
    Ok(written.and_then(|out| out.sync_all()).map_err(file(path))?)
}

async fn fill_table(tx: &mut PgConnection, table: &str, path: &Path) -> Result<(), DumpError> {
    // A migration may have put first rows there, which the dump has too.
    sqlx::query(AssertSqlSafe(format!("DELETE FROM \"{table}\""))).execute(&mut *tx).await?;
    let insert = format!("INSERT INTO \"{table}\" SELECT * FROM json_populate_recordset(NULL::\"{table}\", $1::json)");
    let lines = BufReader::new(File::open(path).map_err(file(path))?).lines();
    let mut piece = Vec::with_capacity(PIECE);
    for (number, line) in lines.enumerate() {
        let line = line.map_err(file(path))?;
        if !line.starts_with('{') || !line.ends_with('}') {
            return Err(DumpError::Line { path: path.to_owned(), line: number + 1 });
        }
        piece.push(line);
        if piece.len() == PIECE {
            insert_piece(tx, &insert, &mut piece).await?;
        }
    }
    insert_piece(tx, &insert, &mut piece).await
}

async fn insert_piece(tx: &mut PgConnection, insert: &str, piece: &mut Vec<String>) -> Result<(), DumpError> {
    if !piece.is_empty() {
        let rows = format!("[{}]", piece.join(","));
        sqlx::query(AssertSqlSafe(insert.to_owned())).bind(rows).execute(tx).await?;
        piece.clear();
    }
    Ok(())
}

/// Counters go on after the highest number that was filled in.
async fn move_sequences(tx: &mut PgConnection) -> Result<(), DumpError> {
    let sql = "SELECT t.relname::text, a.attname::text FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' \
               JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid \
               WHERE t.relnamespace = current_schema()::regnamespace AND d.deptype IN ('a', 'i')";
    let counters: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(&mut *tx).await?;
    for (table, column) in &counters {
        let (table, column) = (named(table)?, named(column)?);
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'), coalesce(max(\"{column}\"), 0) + 1, false) \
             FROM \"{table}\""
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    }
    Ok(())
}
