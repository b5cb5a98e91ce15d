//! Backups, restored and checked; cases that leave one store and enter another; attachments.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use frostline::store::{
    AttachmentError, AttachmentId, Attachments, CASE_FOLDER, EventBody, Manifest, Store, StoredEvent, StreamId, restore,
};
use serde_json::{Value, json};

use crate::support::{Place, count_summary, event, filled, on_both, run, stream};

fn by_count(_: &StreamId, events: &[StoredEvent]) -> Value {
    count_summary(events.len() as u64)
}

/// Three events, numbers that are hard to print, and a picture.
async fn a_case(store: &Store, name: &str) -> AttachmentId {
    filled(store, name, 2).await;
    let id = store.attachments().put(&b"a picture of a nerve"[..]).await.expect("kept");
    let body = json!({ "image": id.to_string(), "value": 0.1 + 0.2, "text": "Zürich \"\\ \n\u{1f9ca}" });
    store.append(&stream(name), 2, &[event("step", body)], &count_summary(3)).await.expect("appended");
    id
}

#[test]
fn a_backup_made_while_others_write_is_whole_and_restores_to_the_same_events() {
    on_both(|place| async move {
        let store = place.open().await;
        let id = a_case(&store, "case/1").await;
        let ended = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn(write_until(store.clone(), ended.clone()));
        let folder = place.path().join("backup");
        let manifest = store.backup(&folder, 5).await.expect("a backup");
        ended.store(true, Ordering::Relaxed);
        let written = writer.await.expect("the writer ends");
        assert!(manifest.events >= 3 && written > 0, "{} events, {written} written meanwhile", manifest.events);

        let other = place.fresh();
        let restored = restore(&folder, &other.setting()).await.expect("restored");
        assert_eq!((restored.events, restored.attachments, restored.newer), (manifest.events, 1, 0));
        let again = other.open().await;
        assert_eq!(
            again.read(&stream("case/1")).await.expect("read"),
            store.read(&stream("case/1")).await.expect("read")
        );
        assert!(again.attachments().open(&id).await.is_ok());
        filled_once_more(&again).await;
        let twice = restore(&folder, &other.setting()).await.expect_err("it is not empty").to_string();
        assert!(twice.contains("already"), "{twice}");
        assert!(store.backup(&folder, 5).await.is_err(), "a backup is not overwritten");
    });
}

async fn write_until(store: Store, ended: Arc<AtomicBool>) -> u64 {
    let mut seen = 0;
    while !ended.load(Ordering::Relaxed) {
        let new = [event("step", json!(seen))];
        store.append(&stream("case/busy"), seen, &new, &count_summary(seen + 1)).await.expect("appended");
        seen += 1;
    }
    seen
}

async fn filled_once_more(store: &Store) {
    store.append(&stream("case/1"), 3, &[event("step", json!(4))], &count_summary(4)).await.expect("goes on");
    assert!(store.verify(None, 0).await.expect("runs").is_whole());
}

#[test]
fn a_backup_of_which_any_file_was_changed_is_refused() {
    on_both(|place| async move {
        let store = place.open().await;
        a_case(&store, "case/1").await;
        let folder = place.path().join("backup");
        let manifest = store.backup(&folder, 5).await.expect("a backup");
        for name in manifest.files.keys() {
            let path = folder.join(name);
            let good = std::fs::read(&path).expect("read");
            let mut bad = good.clone();
            bad.push(b' ');
            std::fs::write(&path, &bad).expect("changed");
            let other = place.fresh();
            let refused = restore(&folder, &other.setting()).await.expect_err("refused").to_string();
            assert!(refused.contains(&format!("{name} was changed")), "{refused}");
            std::fs::write(&path, &good).expect("mended");
        }
        std::fs::write(folder.join("more"), "").expect("added");
        assert!(restore(&folder, &place.fresh().setting()).await.is_err(), "a file that is not listed");
    });
}

#[test]
fn a_case_goes_from_one_store_to_another_with_every_hash_and_attachment() {
    on_both(|place| async move {
        let store = place.open().await;
        let id = a_case(&store, "case/1").await;
        let folder = place.path().join("case");
        store.export(&stream("case/1"), &folder, 7).await.expect("exported");
        // Always into SQLite: a case does not know which database it came from.
        let other = Place::sqlite();
        let there = other.open().await;
        filled(&there, "case/0", 2).await;
        let imported = there.import(&folder, by_count).await.expect("imported");
        let original = store.read(&stream("case/1")).await.expect("read");
        for (old, new) in original.iter().zip(&imported) {
            assert_eq!((&old.hash, &old.body, old.seq), (&new.hash, &new.body, new.seq));
        }
        assert_eq!(imported.iter().map(|e| e.position).collect::<Vec<_>>(), [3, 4, 5]);
        assert!(there.attachments().open(&id).await.is_ok());
        assert!(there.verify(None, 0).await.expect("runs").is_whole());
        assert_eq!(there.summary(&stream("case/1")).await.expect("read").expect("one").summary, count_summary(3));
        let twice = there.import(&folder, by_count).await.expect_err("it is there").to_string();
        assert!(twice.contains("is there already with 3 events (the same case)"), "{twice}");
        filled_once_more(&there).await;
    });
}

/// Makes the manifest fit again, as somebody would who changes an exported case on purpose.
fn cover_up(folder: &Path) {
    let path = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).expect("read")).expect("JSON");
    let case = std::fs::read(folder.join("case.json")).expect("read");
    let digest: [u8; 32] =
        sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), &case)).into();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    manifest["files"]["case.json"] = json!({ "bytes": case.len(), "sha256": hex });
    std::fs::write(&path, manifest.to_string()).expect("written");
}

#[test]
fn an_exported_case_that_was_changed_is_refused_even_when_its_manifest_was_made_to_fit() {
    run(async {
        let place = Place::sqlite();
        let store = place.open().await;
        a_case(&store, "case/1").await;
        let changes: [(&str, &str); 5] = [
            ("note 1", "note 9"),
            ("account/7", "account/8"),
            ("\"seq\": 2", "\"seq\": 3"),
            ("\"stream\": \"case/1\"", "\"stream\": \"case/2\""),
            ("\"clock_back_ms\": 0", "\"clock_back_ms\": 1"),
        ];
        for (number, (old, new)) in changes.into_iter().enumerate() {
            let folder = place.path().join(format!("case{number}"));
            store.export(&stream("case/1"), &folder, 7).await.expect("exported");
            let path = folder.join("case.json");
            let text = std::fs::read_to_string(&path).expect("read");
            assert!(text.contains(old), "{old}");
            std::fs::write(&path, text.replacen(old, new, 1)).expect("changed");
            assert!(Manifest::checked(&folder, CASE_FOLDER).is_err(), "the manifest shows it: {old}");
            cover_up(&folder);
            assert!(Manifest::checked(&folder, CASE_FOLDER).is_ok(), "the manifest fits again: {old}");
            let there = Place::sqlite();
            let there = there.open().await;
            assert!(there.import(&folder, by_count).await.is_err(), "the chain shows it: {old}");
            assert!(
                there
                    .streams("case/", &frostline::store::Page { after: None, most: 9 })
                    .await
                    .expect("read")
                    .is_empty()
            );
        }
    });
}

#[test]
fn an_attachment_is_kept_whole_or_not_at_all() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let attachments = Attachments::in_folder(folder.path(), 1000);
        let id = attachments.put(&b"abc"[..]).await.expect("kept");
        // FIPS 180-2 gives this digest of "abc".
        assert_eq!(id.digest(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let mut content = Vec::new();
        let mut file = attachments.open(&id).await.expect("opened");
        tokio::io::AsyncReadExt::read_to_end(&mut file, &mut content).await.expect("read");
        assert_eq!(content, b"abc");

        let large = attachments.put(&[0_u8; 1001][..]).await;
        assert!(matches!(large, Err(AttachmentError::TooLarge { most_bytes: 1000 })), "{large:?}");
        assert!(attachments.put(&[0_u8; 1000][..]).await.is_ok());
        let other = attachments.put_promised(&id, &b"abd"[..]).await;
        assert!(matches!(other, Err(AttachmentError::NotAsPromised { .. })), "{other:?}");
        let cut = tokio::io::AsyncReadExt::chain(&b"half of"[..], BreaksOff);
        assert!(matches!(attachments.put(cut).await, Err(AttachmentError::Broken(_))));
        let none: AttachmentId = format!("sha256:{}", "0".repeat(64)).parse().expect("a name");
        assert!(matches!(attachments.open(&none).await, Err(AttachmentError::NotThere(_))));
        let left = std::fs::read_dir(folder.path().join("arriving")).expect("a folder").count();
        assert_eq!(left, 0, "nothing half-written is left");
        for text in ["", "sha256:", "sha256:../../etc/passwd", "ba7816bf"] {
            assert!(text.parse::<AttachmentId>().is_err(), "{text}");
        }
    });
}

/// A sender whose connection is cut.
struct BreaksOff;

impl tokio::io::AsyncRead for BreaksOff {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        _: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Err(std::io::ErrorKind::ConnectionReset.into()))
    }
}

#[test]
fn the_commands_check_back_up_restore_export_import_and_erase_one_store() {
    run(async {
        let place = Place::sqlite();
        let store = place.open().await;
        a_case(&store, "case/1").await;
        store.close().await;
        let at = |name: &str| place.path().join(name).display().to_string();
        let (backup, case, anchor) = (at("b"), at("c"), at("anchor.json"));
        let second = format!("sqlite:{}", at("second/second.db"));
        let first = place.setting_text.clone();
        std::fs::create_dir(place.path().join("second")).expect("made");

        let (good, said) = told(&["verify", "--store", &first, "--write-anchor", &anchor]);
        assert!(good && said.contains("whole"), "{said}");
        assert!(told(&["verify", "--store", &first, "--anchor", &anchor]).0);
        assert!(told(&["backup", "--store", &first, "--out", &backup]).0);
        assert!(told(&["verify", "--archive", &backup]).0);
        let (good, said) = told(&["restore", "--store", &second, "--from", &backup]);
        assert!(good && said.contains("events       4"), "with the entry that a backup began: {said}");
        assert!(told(&["verify", "--store", &second, "--anchor", &anchor]).0);
        assert!(told(&["export", "--store", &second, "--stream", "case/1", "--out", &case]).0);
        let (good, said) = told(&["import", "--store", &second, "--from", &case]);
        assert!(!good && said.contains("is there already"), "{said}");
        let erase = ["erase", "--store", &second, "--stream", "case/1", "--by", "account/1", "--reason", "asked for"];
        let (good, said) = told(&[&erase[..], &["--keep-years", "200"]].concat());
        assert!(!good && said.contains("must be kept for 200 years"), "{said}");
        let (good, said) = told(&["rebuild", "--store", &second]);
        assert!(
            good && said.contains("changed      0"),
            "streams of no known kind are counted, as the test does: {said}"
        );
        let (good, said) = told(&[&erase[..], &["--keep-years", "0"]].concat());
        assert!(good && said.contains("event 4 with the reason"), "{said}");
        let (good, said) = told(&["verify", "--store", &second, "--anchor", &anchor]);
        assert!(good && said.contains("(1 erased)"), "the anchor of before still fits: {said}");
        in_the_audit_of(&second, &first);
        let (good, said) = told(&["verify", "--store", "sqlite:/nowhere/x.db"]);
        assert!(!good && said.contains("there is no database"), "{said}");
    });
}

/// Every command of the test above, in order, by whom, and what came of it.
fn in_the_audit_of(second: &str, first: &str) {
    let shown = |store: &str| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_frostline"));
        let output = program.args(["audit", "show", "--json", "--store", store]).output().expect("it starts");
        let lines = String::from_utf8(output.stdout).expect("text");
        lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")).collect::<Vec<_>>()
    };
    let brief = |entry: &Value| {
        let body = entry.pointer("/body/kept").or(entry.pointer("/body/Kept")).unwrap_or(&entry["body"]);
        format!("{} {}", body["operation"].as_str().expect("one"), body["status"])
    };
    let second = shown(second);
    let done: Vec<String> = second.iter().map(brief).collect();
    let expected = [
        "store_backup 202",
        "store_restore 200",
        "store_export 202",
        "store_export 200",
        "store_import 202",
        "store_import 500",
        "store_erase 202",
        "store_erase 500",
        "store_rebuild 202",
        "store_rebuild 200",
        "store_erase 202",
        "store_erase 200",
    ];
    assert_eq!(done, expected);
    let who = |entry: &Value| entry["by"].as_str().expect("somebody").ends_with(" at the console");
    assert!(second.iter().all(who), "{second:?}");
    assert_eq!(shown(first).iter().map(brief).collect::<Vec<_>>(), ["store_backup 202", "store_backup 200"]);
}

fn told(arguments: &[&str]) -> (bool, String) {
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_frostline")).arg("store").args(arguments).output();
    let output = program.expect("the program starts");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_body_comes_back_from_an_archive_to_the_last_digit() {
    run(async {
        let place = Place::sqlite();
        let store = place.open().await;
        let body = json!({ "third": 1.0 / 3.0, "tiny": 5e-324, "large": u64::MAX, "minus": -0.0 });
        store.append(&stream("case/1"), 0, &[event("step", body.clone())], &count_summary(1)).await.expect("appended");
        let folder = place.path().join("case");
        store.export(&stream("case/1"), &folder, 7).await.expect("exported");
        let there = Place::sqlite().open().await;
        let imported = there.import(&folder, by_count).await.expect("imported");
        assert_eq!(imported[0].body, EventBody::Kept(body));
    });
}
