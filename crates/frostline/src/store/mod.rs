//! Where cases are kept: streams of events on SQLite or PostgreSQL, and attachments beside them.
//!
//! It knows streams, hashes and bytes; what an event means is the business of those who write it.

mod db;

pub(crate) use db::on_db;
pub use db::{DatabaseSetting, Db, OpenError, SettingError, Tx};
