//! The store on SQLite and, where a server is found, on PostgreSQL: streams, tampering, attachments, archives, faults.

mod archives;
mod faults;
mod migrations;
mod postgres;
mod streams;
mod support;
mod tamper;
mod tls;
