//! The audit holds against whoever has the database in hand.

use axum::http::Method;
use frostline_record::rules::Role;

use super::clinic::{Clinic, on_both};
use crate::audit::{Entry, STREAM};
use crate::store::{Db, Fault, Place, on_db};

/// A clinic with five entries in its audit.
async fn clinic_with_entries() -> Clinic {
    let clinic = Clinic::open().await;
    for operation in ["one", "two", "three", "four", "five"] {
        let entry = Entry { who: Some("somebody".into()), ..Entry::of(operation, &Method::POST) };
        clinic.state.audit.record(entry).await.unwrap();
    }
    clinic
}

/// The faults after somebody changed the tables, having taken the guards away and put them back.
/// On SQLite only; on PostgreSQL the store's own tests do the same.
async fn faults_after(changes: &[&'static str]) -> Option<Vec<Fault>> {
    let clinic = clinic_with_entries().await;
    if matches!(clinic.state.store.db(), Db::Pg(_)) {
        return None;
    }
    let db = clinic.state.store.db();
    let guards: Vec<(String, String)> =
        on_db!(*db, read, |c| sqlx::query_as("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            .fetch_all(c)
            .await)
        .unwrap();
    let run = async |sql: String| {
        on_db!(*db, write, |c| sqlx::query(sqlx::AssertSqlSafe(sql)).execute(c).await.map(|_| ())).unwrap();
    };
    run("PRAGMA foreign_keys = OFF".into()).await;
    for (name, _) in &guards {
        run(format!("DROP TRIGGER {name}")).await;
    }
    for change in changes {
        run((*change).into()).await;
    }
    for (_, sql) in guards {
        run(sql).await;
    }
    Some(clinic.state.store.verify(None, 0).await.unwrap().faults)
}

fn in_audit(faults: Option<Vec<Fault>>) -> bool {
    faults.is_none_or(|faults| {
        faults.iter().any(|fault| match &fault.place {
            Place::Event { stream, .. } | Place::Stream(stream) => stream == STREAM,
            Place::Store | Place::Attachment(_) => false,
        })
    })
}

#[tokio::test]
async fn an_untouched_audit_is_without_fault() {
    assert_eq!(faults_after(&[]).await.unwrap_or_default(), []);
}

#[tokio::test]
async fn another_name_another_time_or_another_text_is_found() {
    for change in [
        "UPDATE events SET by_whom = 'another' WHERE stream = 'audit' AND seq = 2",
        "UPDATE events SET at_ms = at_ms + 60000 WHERE stream = 'audit' AND seq = 3",
        "UPDATE bodies SET body = replace(body, 'four', 'none') WHERE stream = 'audit' AND seq = 4",
    ] {
        assert!(in_audit(faults_after(&[change]).await), "{change}");
    }
}

#[tokio::test]
async fn a_removed_entry_is_found_in_the_middle_and_at_the_end() {
    let middle = [
        "DELETE FROM bodies WHERE stream = 'audit' AND seq = 3",
        "DELETE FROM events WHERE stream = 'audit' AND seq = 3",
    ];
    let end = [
        "DELETE FROM bodies WHERE stream = 'audit' AND seq = 5",
        "DELETE FROM events WHERE stream = 'audit' AND seq = 5",
    ];
    assert!(in_audit(faults_after(&middle).await));
    assert!(in_audit(faults_after(&end).await));
}

#[tokio::test]
async fn entries_that_changed_places_are_found() {
    let swap = [
        "UPDATE events SET seq = 99 WHERE stream = 'audit' AND seq = 2",
        "UPDATE events SET seq = 2 WHERE stream = 'audit' AND seq = 3",
        "UPDATE events SET seq = 3 WHERE stream = 'audit' AND seq = 99",
        "UPDATE bodies SET seq = 99 WHERE stream = 'audit' AND seq = 2",
        "UPDATE bodies SET seq = 2 WHERE stream = 'audit' AND seq = 3",
        "UPDATE bodies SET seq = 3 WHERE stream = 'audit' AND seq = 99",
    ];
    assert!(in_audit(faults_after(&swap).await));
}

#[tokio::test]
async fn entries_written_at_the_same_time_are_all_kept() {
    on_both(async |clinic| {
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..100 {
            let audit = clinic.state.audit.clone();
            writers.spawn(async move { audit.record(Entry::of(&format!("number {number}"), &Method::GET)).await });
        }
        assert!(writers.join_all().await.into_iter().all(|written| written.is_ok()));
        assert_eq!(clinic.state.audit.length().await.unwrap(), 100);
    })
    .await;
}

#[tokio::test]
async fn who_saw_one_case_is_found_among_a_thousand_other_entries() {
    on_both(async |clinic| {
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..1100 {
            let audit = clinic.state.audit.clone();
            let case = if number % 500 == 7 { "wanted" } else { "other" };
            let entry = Entry { case: Some(case.into()), ..Entry::of("read_case", &Method::GET) };
            writers.spawn(async move { audit.record(entry).await });
        }
        assert!(writers.join_all().await.into_iter().all(|written| written.is_ok()));
        let mut quality = clinic.signed_in(Role::Quality).await;
        let found = quality.get("/api/v1/audit?case=wanted&limit=2").await;
        assert_eq!(found.body["items"].as_array().unwrap().len(), 2);
        let rest = quality.get(&format!("/api/v1/audit?case=wanted&before={}", found.body["next"])).await;
        assert_eq!((rest.body["items"].as_array().unwrap().len(), rest.body.get("next")), (1, None));
    })
    .await;
}
