//! Whoever gets at the database itself can change it; the check finds what was changed and says where.

use std::collections::BTreeSet;

use frostline::store::{Anchor, Erasure, Retention, Store, Verification};
use serde_json::json;

use crate::support::{Place, count_summary, event, filled, on_both, stream};

/// Takes the guards away, changes something, and puts the guards back.
async fn tamper(place: &Place, sql: &str) {
    let parts = if place.is_sqlite() {
        let path = match &place.database {
            frostline::store::DatabaseSetting::Sqlite(path) => path.clone(),
            frostline::store::DatabaseSetting::Postgres(_) => unreachable!("it is SQLite"),
        };
        let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.expect("opens");
        let mut connection = pool.acquire().await.expect("a connection");
        sqlx::raw_sql("PRAGMA foreign_keys = OFF").execute(&mut *connection).await.expect("off");
        let guards: Vec<(String, String)> =
            sqlx::query_as("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                .fetch_all(&mut *connection)
                .await
                .expect("guards");
        let dropped: String = guards.iter().map(|(name, _)| format!("DROP TRIGGER {name};")).collect();
        let again: String = guards.iter().map(|(_, sql)| format!("{sql};")).collect();
        let all = format!("{dropped} {sql}; {again}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(all)).execute(&mut *connection).await.expect("tampered");
        drop(connection);
        pool.close().await;
        return;
    } else {
        format!("SET session_replication_role = replica; {sql}; SET session_replication_role = origin")
    };
    let frostline::store::DatabaseSetting::Postgres(options) = &place.database else {
        unreachable!("it is PostgreSQL")
    };
    let pool = sqlx::PgPool::connect_with((**options).clone()).await.expect("connects");
    sqlx::raw_sql(sqlx::AssertSqlSafe(parts)).execute(&pool).await.expect("tampered");
    pool.close().await;
}

async fn found(store: &Store, anchor: Option<&Anchor>) -> (Verification, Vec<String>) {
    let verification = store.verify(anchor, 0).await.expect("the check runs");
    let said = verification.faults.iter().map(ToString::to_string).collect();
    (verification, said)
}

/// Two streams of four events, one of which uses an attachment.
async fn two_cases(place: &Place) -> Store {
    let store = place.open().await;
    filled(&store, "case/1", 3).await;
    filled(&store, "case/2", 4).await;
    let id = store.attachments().put(&b"a picture"[..]).await.expect("kept");
    let new = event("step", json!({ "image": id.to_string() }));
    store.append(&stream("case/1"), 3, &[new], &count_summary(4)).await.expect("appended");
    store
}

#[test]
fn a_store_that_nobody_touched_is_whole() {
    on_both(|place| async move {
        let store = two_cases(&place).await;
        let (verification, said) = found(&store, None).await;
        assert_eq!(said, [""; 0]);
        assert_eq!((verification.streams, verification.events, verification.attachments), (2, 8, 1));
        let text = serde_json::to_string(&verification.anchor).expect("text");
        let anchor = Anchor::from_json(&text).expect("an anchor");
        assert!(store.verify(Some(&anchor), 0).await.expect("runs").is_whole());
        assert!(Anchor::from_json(&text.replacen("\"seq\":4", "\"seq\":3", 1)).is_err(), "an edited anchor is refused");
    });
}

#[test]
fn every_way_to_tamper_is_found_and_named_with_stream_and_event() {
    let ways = [
        (
            "UPDATE bodies SET body = '{\"score\":9}' WHERE stream = 'case/1' AND seq = 2",
            "case/1 event 2: its body was",
        ),
        (
            "UPDATE events SET by_whom = 'account/8' WHERE stream = 'case/1' AND seq = 2",
            "case/1 event 2: it was changed",
        ),
        ("UPDATE events SET at_ms = at_ms - 1 WHERE stream = 'case/1' AND seq = 2", "case/1 event 2: it was changed"),
        ("DELETE FROM bodies WHERE stream = 'case/1' AND seq = 2", "case/1 event 2: its body is missing"),
        ("DELETE FROM events WHERE stream = 'case/1' AND seq = 2", "case/1 event 3: event 2 was expected"),
        ("DELETE FROM events WHERE stream = 'case/1' AND seq = 2", "store: 1 positions of the store have no event"),
        (
            "UPDATE events SET seq = 9 WHERE stream = 'case/1' AND seq = 2; \
             UPDATE events SET seq = 2 WHERE stream = 'case/1' AND seq = 3; \
             UPDATE events SET seq = 3 WHERE stream = 'case/1' AND seq = 9",
            "case/1 event 2: it does not follow",
        ),
        (
            "INSERT INTO events SELECT 9, stream, 5, kind, by_whom, at_ms, clock_back_ms, command_id, body_hash, hash, hash \
             FROM events WHERE stream = 'case/1' AND seq = 4",
            "case/1 event 5: it was changed",
        ),
        ("DELETE FROM events WHERE stream = 'case/2' AND seq = 4", "case/2: the stream ends here, but 4 events"),
        ("DELETE FROM heads WHERE stream = 'case/2'", "case/2: the stream has no head row"),
        ("UPDATE heads SET seq = 3 WHERE stream = 'case/2'", "case/2: the head of the stream names another"),
        ("UPDATE summaries SET summary = '{}' WHERE stream = 'case/2'", "case/2: its summary was changed"),
        ("UPDATE events SET position = 99 WHERE stream = 'case/2' AND seq = 1", "case/2 event 2: its position"),
    ];
    let count = ways.len();
    on_both(move |place| async move {
        for (sql, expected) in ways {
            let place = place.fresh();
            let store = two_cases(&place).await;
            tamper(&place, sql).await;
            let (_, said) = found(&store, None).await;
            assert!(said.iter().any(|line| line.starts_with(expected)), "{sql}\n{said:#?}");
            let read = store.read(&stream("case/1")).await;
            assert_eq!(read.is_err(), sql.contains("case/1"), "what was changed is not shown: {sql}");
        }
        println!("{}: {count} of {count} ways to tamper found", place.setting_text);
    });
}

#[test]
fn a_guard_that_was_taken_away_is_found() {
    on_both(|place| async move {
        let store = two_cases(&place).await;
        let sql = if place.is_sqlite() {
            "DROP TRIGGER bodies_are_never_changed"
        } else {
            "ALTER TABLE bodies DISABLE TRIGGER bodies_are_never_changed"
        };
        place.sql(sql).await.expect("dropped");
        let (_, said) = found(&store, None).await;
        assert!(said.iter().any(|line| line.contains("bodies_are_never_changed")), "{said:?}");
    });
}

#[test]
fn an_anchor_kept_elsewhere_shows_a_tail_that_was_cut_together_with_its_head() {
    on_both(|place| async move {
        let store = two_cases(&place).await;
        let anchor = found(&store, None).await.0.anchor;
        // Whoever does this knows the tables: head, summary and the whole of the other stream are made to fit.
        let cut = "DELETE FROM bodies WHERE stream = 'case/1' AND seq = 4; \
                   DELETE FROM events WHERE stream = 'case/1' AND seq = 4; \
                   DELETE FROM attachment_uses; \
                   UPDATE heads SET seq = 3, hash = (SELECT hash FROM events WHERE stream = 'case/1' AND seq = 3), \
                   latest_ms = (SELECT at_ms FROM events WHERE stream = 'case/1' AND seq = 3) WHERE stream = 'case/1'; \
                   DELETE FROM summaries";
        tamper(&place, cut).await;
        store.rebuild(|_, events| count_summary(events.len() as u64)).await.expect("summaries are made to fit");
        let (_, without) = found(&store, None).await;
        let (_, said) = found(&store, Some(&anchor)).await;
        assert!(said.iter().any(|line| line.starts_with("case/1: an anchor recorded event 4")), "{said:?}");
        // On SQLite the witness sees it without an anchor, since the last event of the store was cut.
        assert_eq!(without.is_empty(), !place.is_sqlite(), "{without:?}");
    });
}

#[test]
fn a_changed_attachment_is_found_and_never_given_out() {
    on_both(|place| async move {
        let store = two_cases(&place).await;
        let id = store.attachments().put(&b"a picture"[..]).await.expect("kept");
        let (first, rest) = id.digest().split_at(2);
        let path = place.path().join("attachments").join(first).join(rest);
        std::fs::write(&path, b"a pictur3").expect("changed");
        assert!(store.attachments().open(&id).await.is_err());
        let (_, said) = found(&store, None).await;
        assert_eq!(said, [format!("{id}: the attachment was changed: its content has another digest")]);
        std::fs::remove_file(&path).expect("removed");
        let (_, said) = found(&store, None).await;
        assert_eq!(said, [format!("{id}: the attachment is missing")]);
        store.attachments().put(&b"a picture"[..]).await.expect("kept again");
        assert!(store.verify(None, 0).await.expect("runs").is_whole());
    });
}

const DAY_MS: i64 = 86_400_000;

#[test]
fn an_erased_case_keeps_its_chain_and_loses_its_bodies_and_the_attachments_nobody_else_uses() {
    on_both(|place| async move {
        let store = two_cases(&place).await;
        let before = store.read(&stream("case/1")).await.expect("read");
        let shared = store.attachments().put(&b"shared"[..]).await.expect("kept");
        for name in ["case/1", "case/2"] {
            let new = event("step", json!([shared.to_string()]));
            store.append(&stream(name), 4, &[new], &count_summary(5)).await.expect("appended");
        }
        let last_ms = store.read(&stream("case/1")).await.expect("read")[4].at_ms;
        let erasure = |at_ms| Erasure {
            stream: stream("case/1"),
            by: "account/1".to_owned(),
            reason: "retention ended".to_owned(),
            at_ms,
        };
        let retention = Retention { keep_years: 1 };
        let early =
            store.erase(&erasure(last_ms + 364 * DAY_MS), retention, &[]).await.expect_err("too early").to_string();
        assert!(early.contains("for 1 years, until 2027-"), "{early}");
        let erased = store.erase(&erasure(last_ms + 366 * DAY_MS), retention, &[]).await.expect("erased");
        assert_eq!(erased.attachments.len(), 1, "the picture of case 1 alone");
        assert!(!store.attachments().has(erased.attachments.first().expect("one")) && store.attachments().has(&shared));

        let after = store.read(&stream("case/1")).await.expect("a chain still");
        assert_eq!(after.len(), 6);
        for (old, new) in before.iter().zip(&after) {
            assert_eq!((&old.hash, &old.kind, &old.by, old.at_ms), (&new.hash, &new.kind, &new.by, new.at_ms));
            assert!(new.body.kept().is_none());
        }
        let (verification, said) = found(&store, None).await;
        assert_eq!((said, verification.erased), (vec![], 1));
        let refused = store.append(&stream("case/1"), 6, &[event("step", json!(1))], &json!({})).await;
        assert!(refused.is_err(), "an erased case takes no more steps");
        assert_eq!(
            store.erase(&erasure(0), retention, &[]).await.expect("again"),
            erased,
            "a second erasure changes nothing"
        );
        assert_eq!(store.rebuild(|_, e| count_summary(e.len() as u64)).await.expect("rebuilt").changed, []);
        store.close().await;
        if place.is_sqlite() {
            let left = bytes_below(place.path());
            let said = |text: &[u8]| left.windows(text.len()).filter(|window| *window == text).count();
            // The other case still says it, in its one event.
            assert_eq!(said(b"note 1\""), 1, "no trace of the erased one in any file");
            assert_eq!(said(b"a picture"), 0);
        }
    });
}

/// Everything in the files of a folder.
fn bytes_below(folder: &std::path::Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            all.extend(bytes_below(&entry.path()));
        } else {
            all.extend(std::fs::read(entry.path()).expect("a file"));
        }
    }
    all
}

#[test]
fn a_tombstone_without_its_erasure_and_a_body_that_came_back_are_found() {
    on_both(|place| async move {
        let store = two_cases(&place).await;
        tamper(&place, "CREATE TABLE old AS SELECT * FROM bodies").await;
        let (by, reason) = ("account/1".to_owned(), "court order".to_owned());
        let erasure = Erasure { stream: stream("case/1"), by, reason, at_ms: 1_999_000_000_000 };
        store.erase(&erasure, Retention { keep_years: 0 }, &[]).await.expect("erased");
        tamper(&place, "INSERT INTO bodies SELECT * FROM old WHERE stream = 'case/1' AND seq = 2").await;
        let (_, said) = found(&store, None).await;
        assert_eq!(said, ["case/1 event 2: it has a body although the stream was erased"]);
    });
}

#[test]
fn a_rebuild_gives_every_summary_again_byte_for_byte_and_mends_a_changed_one() {
    on_both(|place| async move {
        let store = two_cases(&place).await;
        let by_count = |_: &frostline::store::StreamId, events: &[frostline::store::StoredEvent]| {
            count_summary(events.len() as u64)
        };
        let untouched = store.rebuild(by_count).await.expect("rebuilt");
        assert_eq!((untouched.streams, untouched.changed.len()), (2, 0));
        tamper(&place, "UPDATE summaries SET summary = '{\"events\":40}' WHERE stream = 'case/2'").await;
        assert!(store.summary(&stream("case/2")).await.is_err(), "a changed summary is not shown");
        let mended = store.rebuild(by_count).await.expect("rebuilt");
        assert_eq!(mended.changed, [stream("case/2")]);
        let names: BTreeSet<_> =
            store.verify(None, 0).await.expect("runs").faults.into_iter().map(|f| f.to_string()).collect();
        assert!(names.is_empty(), "{names:?}");
    });
}
