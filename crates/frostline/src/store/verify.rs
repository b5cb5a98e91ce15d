//! The check of the whole store: every hash, every head, every summary, every attachment, the guards of the database.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::anchor::{Anchor, AnchoredHead};
use super::attachments::{AttachmentError, AttachmentId};
use super::chain::{Chain, ERASED, fault_in, summary_digest};
use super::event::{Fault, Place, Row, Wrong, select_rows};
use super::read::ReadError;
use super::witness::{self, Witness};
use super::{Store, Tx, on_db};

/// What a check of the whole store found.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// How many streams were read.
    pub streams: u64,
    /// How many events.
    pub events: u64,
    /// How many attachments.
    pub attachments: u64,
    /// How many streams were erased.
    pub erased: u64,
    /// At how many events the clock lay behind an earlier one of its stream; no fault, but worth a look at the clock.
    pub clock_went_back: u64,
    /// Everything that is wrong.
    pub faults: Vec<Fault>,
    /// The last event of every stream as it is now, to be kept elsewhere.
    pub anchor: Anchor,
}

impl Verification {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}

/// How many events are read at a time.
const PIECE: i64 = 1000;

impl Store {
    /// Checks everything that is stored, on the state of this moment while others go on writing.
    ///
    /// `anchor` is an older anchor to hold the streams against; `at_ms` is written into the new one.
    ///
    /// # Errors
    /// When the database does not answer; a damaged file is a fault in the answer instead.
    pub async fn verify(&self, anchor: Option<&Anchor>, at_ms: i64) -> Result<Verification, ReadError> {
        let mut check = Check::default();
        match self.check_all(&mut check, anchor).await {
            Err(ReadError::Database(error)) if is_damage(&error) => {
                check.faults.push(Fault { place: Place::Store, wrong: Wrong::File(error.to_string()) });
            }
            other => other?,
        }
        Ok(Verification {
            streams: check.streams,
            events: check.events,
            attachments: check.attachments,
            erased: check.erased,
            clock_went_back: check.clock_went_back,
            faults: check.faults,
            anchor: Anchor::new(at_ms, check.position, check.heads),
        })
    }

    async fn check_all(&self, check: &mut Check, anchor: Option<&Anchor>) -> Result<(), ReadError> {
        // The witness before the snapshot: events that come later are in the snapshot or after it, never the other way.
        if let Some(saw) = self.witness.as_ref().and_then(Witness::latest) {
            check.faults.extend(witness::missing(&self.db, &saw).await?);
        }
        let mut tx = self.db.snapshot().await?;
        check.file(&mut tx).await?;
        check.triggers(&mut tx).await?;
        check.positions(&mut tx).await?;
        let anchored: BTreeMap<_, _> =
            anchor.iter().flat_map(|a| &a.heads).map(|head| (head.stream.as_str(), head)).collect();
        let stored: Vec<String> = on_db!(tx, |c| sqlx::query_scalar(
            "SELECT stream FROM events UNION SELECT stream FROM heads UNION SELECT stream FROM summaries ORDER BY 1"
        )
        .fetch_all(c)
        .await)?;
        let names: BTreeSet<&str> = stored.iter().map(String::as_str).chain(anchored.keys().copied()).collect();
        for name in names {
            check.stream(&mut tx, name, anchored.get(name).copied()).await?;
        }
        check.attachments(self, &mut tx).await
    }
}

/// Whether SQLite says that its file is damaged or no database (its codes 11 and 26, and those derived from 11).
fn is_damage(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| [11, 26].contains(&(code & 0xff)))
}

#[derive(Default)]
struct Check {
    streams: u64,
    events: u64,
    attachments: u64,
    erased: u64,
    clock_went_back: u64,
    position: i64,
    faults: Vec<Fault>,
    heads: Vec<AnchoredHead>,
    /// Attachments that erasures say they removed.
    removed: BTreeSet<AttachmentId>,
}

const LITE_TRIGGERS: [&str; 4] =
    ["events_are_never_changed", "events_are_never_removed", "bodies_are_never_changed", "bodies_go_only_by_erasure"];
const PG_TRIGGERS: [&str; 5] = [
    "events_are_never_changed",
    "events_are_never_emptied",
    "bodies_are_never_changed",
    "bodies_are_never_emptied",
    "bodies_go_only_by_erasure",
];

impl Check {
    fn fault(&mut self, place: Place, wrong: Wrong) {
        self.faults.push(Fault { place, wrong });
    }

    async fn file(&mut self, tx: &mut Tx) -> Result<(), sqlx::Error> {
        let Tx::Lite(tx) = tx else { return Ok(()) };
        let said: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(20)").fetch_all(&mut **tx).await?;
        for line in said.into_iter().filter(|line| line != "ok") {
            self.fault(Place::Store, Wrong::File(line));
        }
        Ok(())
    }

    async fn triggers(&mut self, tx: &mut Tx) -> Result<(), sqlx::Error> {
        let (sql, expected): (_, &[&str]) = match tx {
            Tx::Lite(_) => ("SELECT name FROM sqlite_master WHERE type = 'trigger'", &LITE_TRIGGERS),
            Tx::Pg(_) => ("SELECT tgname::text FROM pg_trigger WHERE tgenabled <> 'D'", &PG_TRIGGERS),
        };
        let found: Vec<String> = on_db!(*tx, |c| sqlx::query_scalar(sql).fetch_all(c).await)?;
        for name in expected.iter().filter(|name| !found.iter().any(|found| found == *name)) {
            self.fault(Place::Store, Wrong::Trigger((*name).to_owned()));
        }
        Ok(())
    }

    async fn positions(&mut self, tx: &mut Tx) -> Result<(), sqlx::Error> {
        let sql = "SELECT count(*), coalesce(max(position), 0) FROM events";
        let (count, last): (i64, i64) = on_db!(*tx, |c| sqlx::query_as(sql).fetch_one(c).await)?;
        self.position = last;
        if count != last {
            self.fault(Place::Store, Wrong::PositionsMissing { missing: last - count });
        }
        Ok(())
    }

    async fn stream(&mut self, tx: &mut Tx, name: &str, anchored: Option<&AnchoredHead>) -> Result<(), ReadError> {
        let mut chain = Chain::from_start(name);
        let mut anchor_found = anchored.is_none();
        loop {
            let sql = select_rows!("WHERE e.stream = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3");
            let seq = chain.seq;
            let rows: Vec<Row> =
                on_db!(*tx, |c| sqlx::query_as(sql).bind(name).bind(seq).bind(PIECE).fetch_all(c).await)?;
            for row in &rows {
                anchor_found |= anchored.is_some_and(|head| head.seq == row.seq && head.hash == row.hash);
                self.event(&mut chain, row);
            }
            if rows.is_empty() {
                break;
            }
        }
        self.faults.extend(chain.end());
        if let Some(head) = anchored.filter(|_| !anchor_found) {
            self.fault(Place::Stream(name.to_owned()), Wrong::Anchor { seq: u64::try_from(head.seq).unwrap_or(0) });
        }
        self.head(tx, name, &chain).await?;
        self.summary(tx, name, chain.seq).await?;
        self.streams += u64::from(chain.seq > 0);
        self.erased += u64::from(chain.erased);
        self.heads.push(AnchoredHead { stream: name.to_owned(), seq: chain.seq, hash: chain.hash });
        Ok(())
    }

    fn event(&mut self, chain: &mut Chain, row: &Row) {
        let mut found = chain.take(row);
        if found.is_empty() {
            match row.clone().into_event() {
                Ok(event) if event.kind == ERASED => {
                    self.removed.extend(event.body.kept().map(super::erase::removed_by).unwrap_or_default());
                }
                Ok(_) => {}
                Err(wrong) => found.push(fault_in(row, wrong)),
            }
        }
        self.faults.extend(found);
        self.events += 1;
        self.clock_went_back += u64::from(row.clock_back_ms > 0);
    }

    async fn head(&mut self, tx: &mut Tx, name: &str, chain: &Chain) -> Result<(), sqlx::Error> {
        let sql = "SELECT seq, hash, latest_ms FROM heads WHERE stream = $1";
        let head: Option<(i64, String, i64)> = on_db!(*tx, |c| sqlx::query_as(sql).bind(name).fetch_optional(c).await)?;
        let wrong = match head {
            None => Wrong::HeadMissing,
            Some((seq, ..)) if seq > chain.seq => Wrong::TailCut { head: u64::try_from(seq).unwrap_or(0) },
            Some((seq, hash, latest_ms)) if (seq, &hash, latest_ms) != (chain.seq, &chain.hash, chain.latest_ms()) => {
                Wrong::Head
            }
            Some(_) => return Ok(()),
        };
        self.fault(Place::Stream(name.to_owned()), wrong);
        Ok(())
    }

    async fn summary(&mut self, tx: &mut Tx, name: &str, length: i64) -> Result<(), sqlx::Error> {
        let sql = "SELECT seq, summary, digest FROM summaries WHERE stream = $1";
        let found: Option<(i64, String, String)> =
            on_db!(*tx, |c| sqlx::query_as(sql).bind(name).fetch_optional(c).await)?;
        let good = found.is_some_and(|(seq, text, digest)| seq == length && digest == summary_digest(name, seq, &text));
        if !good {
            self.fault(Place::Stream(name.to_owned()), Wrong::Summary);
        }
        Ok(())
    }

    async fn attachments(&mut self, store: &Store, tx: &mut Tx) -> Result<(), ReadError> {
        let sql = "SELECT DISTINCT digest FROM attachment_uses ORDER BY digest";
        let used: Vec<String> = on_db!(*tx, |c| sqlx::query_scalar(sql).fetch_all(c).await)?;
        for name in &used {
            self.attachments += 1;
            let wrong = match name.parse::<AttachmentId>() {
                Err(_) => Some(Wrong::AttachmentChanged),
                Ok(id) => match store.attachments.open(&id).await {
                    Ok(_) => None,
                    Err(AttachmentError::NotThere(_)) => Some(Wrong::AttachmentMissing),
                    Err(_) => Some(Wrong::AttachmentChanged),
                },
            };
            if let Some(wrong) = wrong {
                self.fault(Place::Attachment(name.clone()), wrong);
            }
        }
        for id in std::mem::take(&mut self.removed) {
            let name = id.to_string();
            if !used.contains(&name) && store.attachments.has(&id) {
                self.fault(Place::Attachment(name), Wrong::AttachmentNotErased);
            }
        }
        Ok(())
    }
}
