//! Streams: appended once, read back, never changed, and never written by two at once.

use frostline::store::{AppendError, EventBody, NewEvent, Page, Store};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Place, count_summary, event, filled, on_both, stream};

#[test]
fn what_was_appended_is_read_back_after_the_store_was_closed_and_opened_again() {
    on_both(|place| async move {
        let store = place.open().await;
        let written = filled(&store, "case/1", 3).await;
        store.close().await;
        let store = place.open().await;
        let read = store.read(&stream("case/1")).await.expect("read");
        assert_eq!(read, written);
        assert_eq!(read.iter().map(|e| (e.seq, e.position)).collect::<Vec<_>>(), [(1, 1), (2, 2), (3, 3)]);
        assert_eq!(read[1].body, EventBody::Kept(json!({ "score": 1, "note": "note 1" })));
        assert_eq!(read[1].previous, read[0].hash);
        assert_eq!(store.read_after(&stream("case/1"), 2).await.expect("read"), read[2..]);
        assert!(store.read_after(&stream("case/1"), 3).await.expect("read").is_empty());
        assert!(store.read(&stream("case/2")).await.expect("read").is_empty());
    });
}

#[test]
fn the_second_of_two_who_saw_the_same_stream_is_told_what_the_first_wrote_and_writes_nothing() {
    on_both(|place| async move {
        let (first, second) = (place.open().await, place.open().await);
        filled(&first, "case/1", 2).await;
        let quick = [event("step", json!("quick"))];
        first.append(&stream("case/1"), 2, &quick, &count_summary(3)).await.expect("appended");
        let slow = [event("step", json!("slow"))];
        let told =
            second.append(&stream("case/1"), 2, &slow, &count_summary(3)).await.expect_err("somebody was faster");
        let AppendError::SomebodyWasFaster { seen, found, since, .. } = told else { panic!("{told}") };
        assert_eq!((seen, found, since.len()), (2, 3, 1));
        assert_eq!(since[0].body, EventBody::Kept(json!("quick")));
        assert_eq!(first.read(&stream("case/1")).await.expect("read").len(), 3);
        second.append(&stream("case/1"), 3, &slow, &count_summary(4)).await.expect("appended after a second look");
    });
}

#[test]
fn two_instances_that_write_one_stream_at_once_lose_no_event_and_tell_every_loser() {
    on_both(|place| async move {
        let stores = [place.open().await, place.open().await];
        let tasks = (0..8_u64).map(|writer| {
            let store = stores[writer as usize % 2].clone();
            tokio::spawn(async move { insist(&store, writer, 5).await })
        });
        let mut told = 0;
        for task in tasks.collect::<Vec<_>>() {
            told += task.await.expect("a writer ends");
        }
        let events = stores[0].read(&stream("case/1")).await.expect("read");
        let mut bodies: Vec<_> = events.iter().map(|e| e.body.kept().expect("kept").to_string()).collect();
        bodies.sort();
        bodies.dedup();
        assert_eq!((events.len(), bodies.len()), (40, 40), "every step of every writer once");
        println!("{}: 8 writers, 2 instances, 40 steps kept, {told} told that somebody was faster", place.setting_text);
        assert!(told > 0, "writers that all begin with an unread stream must collide");
    });
}

/// Writes `count` steps, each until nobody is faster, and says how often somebody was.
async fn insist(store: &Store, writer: u64, count: u64) -> u64 {
    let (mut seen, mut told) = (0, 0);
    for step in 0..count {
        let new = [event("step", json!([writer, step]))];
        loop {
            match store.append(&stream("case/1"), seen, &new, &count_summary(seen + 1)).await {
                Ok(_) => break seen += 1,
                Err(AppendError::SomebodyWasFaster { found, .. }) => (seen, told) = (found, told + 1),
                Err(other) => panic!("{other}"),
            }
        }
    }
    told
}

#[test]
fn a_command_that_is_sent_twice_is_carried_out_once_and_answered_alike() {
    on_both(|place| async move {
        let store = place.open().await;
        let id = Some(Uuid::new_v4());
        let both = ["a", "b"].map(|text| NewEvent { command_id: id, ..event("step", json!(text)) });
        let first = store.append(&stream("case/1"), 0, &both, &count_summary(2)).await.expect("appended");
        let later = both.clone().map(|e| NewEvent { at_ms: e.at_ms + 9000, ..e });
        let again = store.append(&stream("case/1"), 0, &later, &count_summary(2)).await.expect("answered");
        assert_eq!(first, again);
        assert_eq!(store.read(&stream("case/1")).await.expect("read").len(), 2);
        let other = [NewEvent { body: json!("c"), ..both[0].clone() }];
        let refused = store.append(&stream("case/1"), 2, &other, &count_summary(3)).await;
        assert!(matches!(refused, Err(AppendError::CommandReused(_))), "{refused:?}");
    });
}

#[test]
fn events_of_one_append_are_written_all_or_none() {
    on_both(|place| async move {
        let store = place.open().await;
        let missing = format!("sha256:{}", "0".repeat(64));
        let new = [event("step", json!(1)), event("step", json!({ "image": [missing] }))];
        let refused = store.append(&stream("case/1"), 0, &new, &count_summary(2)).await;
        assert!(matches!(refused, Err(AppendError::AttachmentMissing(_))), "{refused:?}");
        assert!(store.read(&stream("case/1")).await.expect("read").is_empty());
    });
}

#[test]
fn what_cannot_be_hashed_without_doubt_is_refused() {
    on_both(|place| async move {
        let store = place.open().await;
        let good = event("step", json!(1));
        let broken = [
            NewEvent { kind: "a\nby b".to_owned(), ..good.clone() },
            NewEvent { by: String::new(), ..good.clone() },
            NewEvent { kind: "store.erased".to_owned(), ..good.clone() },
            NewEvent { body: json!("x".repeat(1 << 20)), ..good.clone() },
        ];
        for new in broken {
            assert!(store.append(&stream("case/1"), 0, &[new], &json!({})).await.is_err());
        }
        assert!(store.append(&stream("case/1"), 0, &[], &json!({})).await.is_err());
        for name in ["", "case//1", "case/A", "case/1'", "case/ü", "/"] {
            assert!(frostline::store::StreamId::new(name).is_err(), "{name}");
        }
    });
}

#[test]
fn the_database_itself_refuses_to_change_or_remove_events() {
    on_both(|place| async move {
        filled(&place.open().await, "case/1", 2).await;
        for sql in [
            "UPDATE events SET kind = 'other'",
            "DELETE FROM events",
            "UPDATE bodies SET body = '1'",
            "DELETE FROM bodies",
            "DELETE FROM events WHERE seq = 2",
        ] {
            let refused = place.sql(sql).await.expect_err(sql).to_string();
            assert!(refused.contains("never") || refused.contains("store.erased"), "{sql}: {refused}");
        }
        if !place.is_sqlite() {
            assert!(place.sql("TRUNCATE events CASCADE").await.is_err());
        }
    });
}

#[test]
fn whoever_follows_positions_sees_every_event_of_every_stream_once_and_in_order() {
    on_both(|place| async move {
        let store = place.open().await;
        filled(&store, "case/1", 3).await;
        filled(&store, "audit", 2).await;
        let mut seen = Vec::new();
        loop {
            let position = seen.last().map_or(0, |e: &frostline::store::StoredEvent| e.position);
            let next = store.changes_after(position, 2).await.expect("read");
            if next.is_empty() {
                break;
            }
            seen.extend(next);
        }
        let found: Vec<_> = seen.iter().map(|e| (e.position, e.stream.to_string(), e.seq)).collect();
        let case = |seq: u64| (i64::try_from(seq).expect("small"), "case/1".to_owned(), seq);
        assert_eq!(found, [case(1), case(2), case(3), (4, "audit".into(), 1), (5, "audit".into(), 2)]);
    });
}

#[test]
fn lists_give_streams_of_a_prefix_page_by_page_with_their_summaries() {
    on_both(|place| async move {
        let store = place.open().await;
        for (name, count) in [("case/b", 1), ("case/a", 2), ("case-old/c", 1), ("audit", 1), ("case/c", 3)] {
            filled(&store, name, count).await;
        }
        let mut page = Page { after: None, most: 2 };
        let first = store.streams("case/", &page).await.expect("read");
        page.after = first.last().map(|s| s.stream.clone());
        let second = store.streams("case/", &page).await.expect("read");
        let names: Vec<_> = first.iter().chain(&second).map(|s| (s.stream.to_string(), s.seq)).collect();
        assert_eq!(names, [("case/a".into(), 2), ("case/b".into(), 1), ("case/c".into(), 3)]);
        assert_eq!(second[0].summary, count_summary(3));
        assert!(store.summary(&stream("case/d")).await.expect("read").is_none());
    });
}

#[test]
fn a_clock_that_goes_back_changes_no_order_and_is_noted() {
    on_both(|place: Place| async move {
        let store = place.open().await;
        for (seen, at_ms) in [(0, 10_000), (1, 4_000), (2, 9_000), (3, 11_000)] {
            let new = NewEvent { at_ms, ..event("step", json!(seen)) };
            store.append(&stream("case/1"), seen, &[new], &count_summary(seen + 1)).await.expect("appended");
        }
        let events = store.read(&stream("case/1")).await.expect("read");
        assert_eq!(events.iter().map(|e| e.clock_back_ms).collect::<Vec<_>>(), [0, 6_000, 1_000, 0]);
        assert_eq!(events.iter().map(|e| e.at_ms).collect::<Vec<_>>(), [10_000, 4_000, 9_000, 11_000]);
    });
}
