//! The chain of hashes: the text that is hashed, and the check of a stream event by event. docs/store.md repeats the text.

use sha2::{Digest, Sha256};

use super::event::{Fault, Place, Row, Wrong};

/// What the first event of a stream has as the hash before it.
pub(super) const NO_PREVIOUS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The kind of the event that ends an erased stream.
pub(super) const ERASED: &str = "store.erased";

/// SHA-256 in hexadecimal.
pub(super) fn hex_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The hash of a body. The salt goes with the body when it is erased: without it a short body could be guessed from its hash.
pub(super) fn body_hash(salt: &str, body: &str) -> String {
    hex_of(format!("frostline body 1\n{salt}\n{body}").as_bytes())
}

/// The digest of a summary.
pub(super) fn summary_digest(stream: &str, seq: i64, summary: &str) -> String {
    hex_of(format!("frostline summary 1\n{stream}\n{seq}\n{summary}").as_bytes())
}

/// The digest of an outline.
pub(super) fn outline_digest(stream: &str, seq: i64, outline: &super::outline::Outline) -> String {
    let (until, text) = (outline.listed_until, &outline.text);
    hex_of(format!("frostline outline 1\n{stream}\n{seq}\n{until}\n{text}").as_bytes())
}

/// The hash of an event, over every field but its position in the store, which is another one after an import.
pub(super) fn event_hash(row: &Row) -> String {
    hex_of(
        format!(
            "frostline event 1\nstream {}\nseq {}\nkind {}\nby {}\nat_ms {}\nclock_back_ms {}\ncommand {}\nbody {}\nprevious {}\n",
            row.stream,
            row.seq,
            row.kind,
            row.by_whom,
            row.at_ms,
            row.clock_back_ms,
            row.command_id.as_deref().unwrap_or("-"),
            row.body_hash,
            row.previous,
        )
        .as_bytes(),
    )
}

/// A stream that is checked event by event.
pub(super) struct Chain {
    stream: String,
    /// The last event that was seen.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// The latest time so far; not known when the check begins in the middle.
    latest_ms: Option<i64>,
    position: i64,
    /// The first event without a body.
    bodiless: Option<i64>,
    /// Whether a body was there besides that of the erasure itself.
    bodied: Option<i64>,
    /// Whether the last event is an erasure.
    pub erased: bool,
}

impl Chain {
    /// A stream from its first event.
    pub fn from_start(stream: &str) -> Self {
        Self {
            stream: stream.to_owned(),
            seq: 0,
            hash: NO_PREVIOUS.to_owned(),
            latest_ms: Some(i64::MIN),
            position: 0,
            bodiless: None,
            bodied: None,
            erased: false,
        }
    }

    /// A stream of which the first `seq` events are not looked at; `first` is the next one.
    pub fn after(seq: i64, first: &Row) -> Self {
        let start = Self::from_start(&first.stream);
        Self { seq, hash: first.previous.clone(), latest_ms: None, ..start }
    }

    /// Takes the next event; what is wrong with it comes back, and the check goes on from it.
    pub fn take(&mut self, row: &Row) -> Vec<Fault> {
        let mut wrongs = Vec::new();
        if row.seq != self.seq + 1 {
            wrongs.push(Wrong::Seq { expected: u64::try_from(self.seq + 1).unwrap_or(1) });
        } else if row.previous != self.hash {
            wrongs.push(Wrong::Unlinked);
        }
        if event_hash(row) != row.hash {
            wrongs.push(Wrong::Changed);
        }
        if !self.clock_fits(row) {
            wrongs.push(Wrong::Clock);
        }
        if row.position != 0 && row.position <= self.position {
            wrongs.push(Wrong::Position);
        }
        wrongs.extend(self.body_wrong(row));
        self.follow(row);
        wrongs.into_iter().map(|wrong| fault_in(row, wrong)).collect()
    }

    fn clock_fits(&self, row: &Row) -> bool {
        self.latest_ms.is_none_or(|latest| row.clock_back_ms == latest.saturating_sub(row.at_ms).max(0))
    }

    fn body_wrong(&self, row: &Row) -> Option<Wrong> {
        match (&row.salt, &row.body) {
            (Some(salt), Some(body)) if body_hash(salt, body) != row.body_hash => Some(Wrong::BodyChanged),
            _ => None,
        }
    }

    fn follow(&mut self, row: &Row) {
        if let Some(latest) = self.latest_ms {
            self.latest_ms = Some(latest.max(row.at_ms));
        }
        (self.seq, self.position) = (row.seq, row.position.max(self.position));
        self.hash.clone_from(&row.hash);
        self.erased = row.kind == ERASED;
        if row.body.is_none() {
            self.bodiless = self.bodiless.or(Some(row.seq));
        } else if !self.erased {
            self.bodied = self.bodied.or(Some(row.seq));
        }
    }

    /// The latest time so far.
    pub fn latest_ms(&self) -> i64 {
        self.latest_ms.unwrap_or(i64::MIN)
    }

    /// What is wrong with the stream as a whole, once its last event was taken.
    pub fn end(&self) -> Vec<Fault> {
        let fault = |seq, wrong| Fault { place: Place::Event { stream: self.stream.clone(), seq }, wrong };
        let missing = self.bodiless.filter(|_| !self.erased).map(|seq| fault(seq, Wrong::BodyMissing));
        let back = self.bodied.filter(|_| self.erased).map(|seq| fault(seq, Wrong::BodyAfterErasure));
        missing.into_iter().chain(back).collect()
    }
}

/// A fault in one event.
pub(super) fn fault_in(row: &Row, wrong: Wrong) -> Fault {
    Fault { place: Place::Event { stream: row.stream.clone(), seq: row.seq }, wrong }
}
