//! Databases of every earlier version: made with the first migrations only, filled by plain SQL as that schema takes it, opened
//! with this program. What they held is there, verifies, and can be gone on with.

use frostline::store::{DatabaseSetting, Store};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;

use crate::support::{Place, count_summary, event, on_both, stream};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Rows that a program of each version could have written, by the version that made their tables. Both databases take the same text.
const ROWS: &[(i64, &str)] = &[
    (
        2,
        "INSERT INTO accounts (id, login, display_name, password_hash, roles, active, version, created_s, totp_secret, totp_pending) \
         VALUES ('a1', 'old', 'Dr Old', '$argon2id$x', 'nurse operator', 1, 3, 1700000000, 'SECRET', NULL);
         INSERT INTO recovery_codes (account, code_hash, used_s) VALUES ('a1', 'c1', NULL);
         INSERT INTO sessions (id, token_hash, account, invitation, role, created_s, seen_s, ends_s, address, agent) \
         VALUES ('s1', 't1', 'a1', NULL, 'nurse', 1700000000, 1700000001, 1700000002, '127.0.0.1', 'x');
         INSERT INTO one_time_links (token_hash, purpose, account, ends_s) VALUES ('l1', 'password', 'a1', 1700000002);
         INSERT INTO tries (guarded, failures, first_s, closed_until_s) VALUES ('account old', 2, 1700000000, 0);
         INSERT INTO invitations (id, token_hash, case_id, factor, factor_hash, wrong_factors, created_by, created_s, ends_s, withdrawn) \
         VALUES ('i1', 'it1', 'case-1', 'code', 'f1', 1, 'a1', 1700000000, 1700000002, 0);
         INSERT INTO break_glass (id, account, case_id, reason, started_s, ends_s) \
         VALUES ('b1', 'a1', 'case-1', 'an emergency', 1700000000, 1700000002);
         INSERT INTO answers (who, idempotency_key, request_digest, status, headers, body, asked_s) \
         VALUES ('a1', 'k1', 'd1', 200, '[]', 'kept', 1700000000)",
    ),
    (
        3,
        "INSERT INTO jobs (id, case_id, kind, input, input_digest, state, progress, doing, result, asked_by, asked_ms, attempt, deaths) \
         VALUES ('j1', 'case-1', 'simulate', '{}', 'd1', 'done', 1.0, 'done', '{\"answer\":42}', 'a1', 1700000000000, 2, 1)",
    ),
    (4, "INSERT INTO uploads (digest, stream, sent_ms) VALUES ('u1', 'case/1', 1700000000000)"),
    (
        5,
        "INSERT INTO account_identities (issuer, subject, account) VALUES ('https://id.example', 'sub-1', 'a1');
         INSERT INTO openid_flows (state_hash, browser_hash, nonce, verifier, role, ends_s) \
         VALUES ('st1', 'br1', 'n1', 'v1', 'nurse', 1700000002)",
    ),
    (
        6,
        "INSERT INTO outlines (stream, seq, listed_until, outline, digest) VALUES ('case/9', 1, 20000, '{}', 'not its digest')",
    ),
    (
        8,
        "INSERT INTO feed_links (id, token_hash, kind, whose, created_by, created_s) \
         VALUES ('f1', 'ft1', 'room', 'room-1', 'a1', 1700000000)",
    ),
];

/// What must be there afterwards, as text, by the version that made it.
const HELD: &[(i64, &str, &str)] = &[
    (
        2,
        "SELECT display_name || ' ' || roles || ' ' || version FROM accounts WHERE login = 'old'",
        "Dr Old nurse operator 3",
    ),
    (2, "SELECT totp_secret || ' ' || totp_last_step FROM accounts WHERE id = 'a1'", "SECRET 0"),
    (2, "SELECT account || ' ' || code_hash FROM recovery_codes", "a1 c1"),
    // A session from before the provider was asked has seen no second factor there.
    (2, "SELECT role || ' ' || second_factor FROM sessions WHERE id = 's1'", "nurse 0"),
    (2, "SELECT purpose FROM one_time_links WHERE token_hash = 'l1'", "password"),
    (2, "SELECT guarded || ' ' || failures FROM tries", "account old 2"),
    (2, "SELECT case_id || ' ' || wrong_factors FROM invitations WHERE created_by = 'a1'", "case-1 1"),
    (2, "SELECT reason FROM break_glass WHERE id = 'b1'", "an emergency"),
    // An answer from before version 4 does not know its case.
    (
        2,
        "SELECT body || ' ' || COALESCE(case_id, 'of no case') FROM answers WHERE idempotency_key = 'k1'",
        "kept of no case",
    ),
    (3, "SELECT state || ' ' || result || ' ' || attempt FROM jobs WHERE id = 'j1'", "done {\"answer\":42} 2"),
    (4, "SELECT stream || ' ' || sent_ms FROM uploads WHERE digest = 'u1'", "case/1 1700000000000"),
    (5, "SELECT account FROM account_identities WHERE subject = 'sub-1'", "a1"),
    (5, "SELECT verifier FROM openid_flows WHERE state_hash = 'st1'", "v1"),
    (8, "SELECT kind || ' ' || whose || ' ' || created_by FROM feed_links WHERE token_hash = 'ft1'", "room room-1 a1"),
];

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Three events of one stream with the hashes that docs/store.md describes, made here by its text and not by the program.
fn events() -> Vec<String> {
    let mut previous = "0".repeat(64);
    let mut rows = Vec::new();
    for seq in 1..=3_i64 {
        let (salt, body) = (format!("salt{seq}"), format!("{{\"score\":{seq}}}"));
        let body_hash = hex(&format!("frostline body 1\n{salt}\n{body}"));
        let command = format!("00000000-0000-4000-8000-00000000000{seq}");
        let at_ms = 1_700_000_000_000 + seq;
        let hash = hex(&format!(
            "frostline event 1\nstream case/1\nseq {seq}\nkind step\nby account/7\nat_ms {at_ms}\nclock_back_ms 0\ncommand {command}\n\
             body {body_hash}\nprevious {previous}\n"
        ));
        rows.push(format!(
            "INSERT INTO events (position, stream, seq, kind, by_whom, at_ms, clock_back_ms, command_id, body_hash, previous, hash) \
             VALUES ({seq}, 'case/1', {seq}, 'step', 'account/7', {at_ms}, 0, '{command}', '{body_hash}', '{previous}', '{hash}');
             INSERT INTO bodies (stream, seq, salt, body) VALUES ('case/1', {seq}, '{salt}', '{body}')"
        ));
        previous = hash;
    }
    let summary = "{\"events\":3}";
    let digest = hex(&format!("frostline summary 1\ncase/1\n3\n{summary}"));
    rows.push(format!(
        "INSERT INTO heads (stream, seq, hash, latest_ms) VALUES ('case/1', 3, '{previous}', 1700000000003);
         INSERT INTO summaries (stream, seq, summary, digest) VALUES ('case/1', 3, '{summary}', '{digest}')"
    ));
    rows
}

/// Makes the database as the program of `version` did, and fills every table that it had.
async fn made_by(version: i64, place: &Place) {
    let rows = ROWS.iter().filter(|(since, _)| *since <= version).map(|(_, sql)| (*sql).to_owned());
    let sql = events().into_iter().chain(rows).collect::<Vec<_>>().join(";\n");
    let sql = sqlx::AssertSqlSafe(sql);
    match &place.database {
        DatabaseSetting::Sqlite(path) => {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
            let pool = sqlx::SqlitePool::connect_with(options).await.expect("opens");
            SQLITE.run_to(version, &pool).await.expect("an older version");
            sqlx::raw_sql(sql).execute(&pool).await.expect("the older schema takes the rows");
            pool.close().await;
        }
        DatabaseSetting::Postgres(options) => {
            let pool = sqlx::PgPool::connect_with((**options).clone()).await.expect("connects");
            POSTGRES.run_to(version, &pool).await.expect("an older version");
            sqlx::raw_sql(sql).execute(&pool).await.expect("the older schema takes the rows");
            pool.close().await;
        }
    }
}

/// Every text that a query gives.
async fn asked(place: &Place, sql: &'static str) -> Vec<String> {
    match &place.database {
        DatabaseSetting::Sqlite(path) => {
            let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.expect("opens");
            let found = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
            pool.close().await;
            found
        }
        DatabaseSetting::Postgres(options) => {
            let pool = sqlx::PgPool::connect_with((**options).clone()).await.expect("connects");
            let found = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
            pool.close().await;
            found
        }
    }
}

fn versions() -> Vec<i64> {
    SQLITE.iter().map(|migration| migration.version).collect()
}

async fn goes_on(store: &Store) {
    let case = stream("case/1");
    let read = store.read(&case).await.expect("reads");
    assert_eq!(read.len(), 3);
    let new = event("step", json!({ "score": 4 }));
    store.append(&case, 3, &[new], &count_summary(4)).await.expect("appended");
    assert_eq!(store.read(&case).await.expect("reads").len(), 4);
    let verification = store.verify(None, 0).await.expect("the check runs");
    assert!(verification.is_whole(), "{:?}", verification.faults);
}

#[test]
fn a_database_of_every_earlier_version_opens_holds_what_it_held_verifies_and_goes_on() {
    assert_eq!(versions(), (1..=8).collect::<Vec<i64>>(), "a new migration needs its rows here");
    for version in versions() {
        on_both(|place| async move {
            made_by(version, &place).await;
            let store = place.open().await;
            let verification = store.verify(None, 0).await.expect("the check runs");
            assert!(verification.is_whole(), "version {version}: {:?}", verification.faults);
            assert_eq!((verification.streams, verification.events), (1, 3), "version {version}");
            for (since, sql, expected) in HELD.iter().filter(|(since, ..)| *since <= version) {
                assert_eq!(asked(&place, sql).await, [*expected], "version {version}, made in {since}: {sql}");
            }
            goes_on(&store).await;
            store.close().await;
            // A second opening finds nothing to do.
            let store = place.open().await;
            assert_eq!(store.read(&stream("case/1")).await.expect("reads").len(), 4, "version {version}");
            store.close().await;
        });
    }
}

#[test]
fn a_body_that_was_changed_before_the_migration_is_found_after_it() {
    on_both(|place| async move {
        made_by(1, &place).await;
        let guards = if place.is_sqlite() {
            "DROP TRIGGER bodies_are_never_changed; UPDATE bodies SET body = '{\"score\":9}' WHERE seq = 2"
        } else {
            "SET session_replication_role = replica; UPDATE bodies SET body = '{\"score\":9}' WHERE seq = 2"
        };
        place.sql(guards).await.expect("tampered");
        let store = place.open().await;
        let verification = store.verify(None, 0).await.expect("the check runs");
        assert!(!verification.is_whole());
        let said: Vec<String> = verification.faults.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|fault| fault.contains("case/1 event 2: its body was")), "{said:?}");
        store.close().await;
    });
}

#[test]
fn the_guards_of_the_first_version_still_stand_after_all_migrations() {
    on_both(|place| async move {
        made_by(1, &place).await;
        place.open().await.close().await;
        for sql in
            ["UPDATE events SET kind = 'x'", "DELETE FROM events", "UPDATE bodies SET body = '1'", "DELETE FROM bodies"]
        {
            assert!(place.sql(sql).await.is_err(), "{sql} is refused");
        }
    });
}
