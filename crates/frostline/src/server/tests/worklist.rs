//! Worklists read what is kept beside the events of cases, and catch up by themselves where that is missing or old.

use frostline_record::rules::Role;
use frostline_record::worklist::Topic;
use serde_json::json;

use super::clinic::{Clinic, on_both};
use crate::cases::Worklist;
use crate::store::{NewEvent, StreamId, on_db};

async fn list(clinic: &Clinic) -> Worklist {
    let at = frostline_record::case::Second(clinic.state.clock.now_s());
    clinic.state.practice.worklist(&clinic.state.cases, Role::Operator, at).await.unwrap()
}

async fn sql(clinic: &Clinic, text: &'static str) -> u64 {
    let done = on_db!(*clinic.state.store.db(), write, |c| sqlx::query(text)
        .execute(c)
        .await
        .map(|done| done.rows_affected()));
    done.unwrap()
}

/// What a list says, and how many streams were read for it.
async fn counted(clinic: &Clinic) -> (Vec<String>, u64) {
    let before = clinic.state.store.streams_read();
    let found = list(clinic).await;
    let read = clinic.state.store.streams_read() - before;
    assert_eq!(read, found.streams_read);
    let line = |entry: &frostline_record::worklist::Entry| serde_json::to_string(entry).unwrap();
    (found.entries.iter().map(line).collect(), read)
}

#[tokio::test]
async fn a_list_of_many_open_cases_reads_no_stream_and_after_a_migration_each_once() {
    const CASES: usize = 60;
    on_both(async |clinic| {
        futures_util::future::join_all((0..CASES).map(|_| clinic.case())).await;
        let (fresh, read) = counted(&clinic).await;
        assert_eq!(read, 0);
        assert_eq!(list(&clinic).await.cases, CASES);
        assert!(fresh.len() >= CASES, "each case has something before its next step: {}", fresh.len());

        // As after the migration that brought the table, or a backup of an older program.
        assert_eq!(sql(&clinic, "DELETE FROM outlines").await, CASES as u64);
        assert_eq!(counted(&clinic).await, (fresh.clone(), CASES as u64));
        assert_eq!(counted(&clinic).await, (fresh.clone(), 0));

        // One was changed by other means, and one is of an earlier step.
        let changed =
            "UPDATE outlines SET outline = '{\"state\":\"gone\"}' WHERE stream = (SELECT min(stream) FROM outlines)";
        assert_eq!(sql(&clinic, changed).await, 1);
        let older = "UPDATE outlines SET seq = 0 WHERE stream = (SELECT max(stream) FROM outlines)";
        assert_eq!(sql(&clinic, older).await, 1);
        assert_eq!(counted(&clinic).await, (fresh, 2));
        assert_eq!(clinic.state.cases.rebuild_outlines().await.unwrap(), CASES as u64);
    })
    .await;
}

#[tokio::test]
async fn a_step_is_on_the_list_at_once_without_a_stream_being_read() {
    on_both(async |clinic| {
        let mut operator = clinic.signed_in(Role::Operator).await;
        let case = clinic.case().await;
        let asks = |lines: &[String]| lines.iter().any(|line| line.contains("wants"));
        assert!(asks(&words(&clinic).await));
        let step = json!({ "step": { "kind": "goal-said", "body": { "words": "walk" } } });
        let path = format!("/api/v1/cases/{case}/steps");
        let signed = operator.with("if-match", "\"1\"", (axum::http::Method::POST, path.as_str(), Some(step))).await;
        assert_eq!(signed.status, 201, "{signed:?}");
        assert!(!asks(&words(&clinic).await));
    })
    .await;
}

async fn words(clinic: &Clinic) -> Vec<String> {
    let found = list(clinic).await;
    assert_eq!(found.streams_read, 0);
    found.entries.iter().map(|entry| entry.what.clone()).collect()
}

#[tokio::test]
async fn a_damaged_case_is_a_line_of_every_list_and_the_others_stay() {
    on_both(async |clinic| {
        let mut operator = clinic.signed_in(Role::Operator).await;
        let (good, bad) = (clinic.case().await, clinic.case().await);
        let stream = StreamId::case(bad.parse().unwrap());
        let body = json!({ "number": 2, "step": { "kind": "of a newer program" } });
        let event = NewEvent { kind: "step".into(), body, by: "a".into(), at_ms: 0, command_id: None };
        clinic.state.store.append(&stream, 1, &[event], &json!({})).await.unwrap();
        let lines = operator.get("/api/v1/worklist").await.body;
        let about = |case: &str| lines.as_array().unwrap().iter().filter(|line| line["case"] == case).count();
        assert!(about(&good) > 0 && about(&bad) == 1, "{lines}");
        assert_eq!(
            (&lines[0]["topic"], &lines[0]["case"], &lines[0]["urgency"]),
            (&json!("damaged"), &json!(bad), &json!("now"))
        );
        assert!(lines[0]["why"].as_str().unwrap().contains("step 2"), "{lines}");
        assert_eq!(list(&clinic).await.streams_read, 0, "it is known, and not read again for every list");
    })
    .await;
}

#[tokio::test]
async fn damage_that_somebody_meets_when_they_open_a_case_is_on_the_lists_from_then_on() {
    on_both(async |clinic| {
        let mut operator = clinic.signed_in(Role::Operator).await;
        let case = clinic.case().await;
        // Bytes on a disk ask no trigger.
        match clinic.state.store.db() {
            crate::store::Db::Lite { .. } => sql(&clinic, "DROP TRIGGER bodies_are_never_changed").await,
            crate::store::Db::Pg(_) => sql(&clinic, "ALTER TABLE bodies DISABLE TRIGGER USER").await,
        };
        sql(&clinic, "UPDATE bodies SET body = '{}' WHERE stream LIKE 'case/%'").await;
        assert!(list(&clinic).await.entries.iter().all(|entry| entry.topic != Topic::Damaged));
        assert_eq!(operator.get(&format!("/api/v1/cases/{case}")).await.status, 500);
        let entries = list(&clinic).await.entries;
        assert_eq!((entries.len(), entries[0].case.as_deref()), (1, Some(case.as_str())), "{entries:?}");
        assert!(entries[0].why.contains("body was changed"), "{entries:?}");
    })
    .await;
}
