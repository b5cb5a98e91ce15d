//! After an erasure nothing of the case is found in any file of the store, wherever it was put over the interface.

use std::path::Path;

use axum::body::Body;
use axum::http::{Request, header};
use frostline_record::rules::Role;
use serde_json::{Value, json};

use super::clinic::{Browser, Clinic, on_both};
use crate::erasing::erase_case;
use crate::store::{Erasure, Retention, StreamId};

/// Words that are put into one case, each by another way in.
const PLANTED: [&str; 6] = ["Quillfeather", "Astrolabe", "Bumbershoot", "Candlewick", "Dandelion", "Foxglove"];
/// A word in another case, which stays.
const STAYS: &str = "Gossamer";

fn referral(family_name: &str) -> Value {
    let way: Vec<Value> = serde_json::from_str(include_str!("../../../../../examples/pathway/way.json")).unwrap();
    let mut step = way[0]["step"].clone();
    step["body"]["patient"]["family_name"] = json!(family_name);
    json!({ "step": step })
}

async fn with_key(browser: &mut Browser, path: &str, body: Value) -> Value {
    let key = format!("key-{}", path.len());
    let answer = browser.with("idempotency-key", &key, ("POST".parse().unwrap(), path, Some(body))).await;
    assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
    answer.body
}

async fn uploaded(browser: &mut Browser, case: &str, content: &'static str) -> u16 {
    let request = Request::post(format!("/api/v1/cases/{case}/attachments"))
        .header(header::COOKIE, browser.cookie.clone().unwrap())
        .header("x-csrf-token", browser.csrf.clone().unwrap())
        .header(header::CONTENT_TYPE, "application/octet-stream");
    browser.raw(request.body(Body::from(content)).unwrap()).await.status
}

/// Opens a case and leaves a word by every way in.
async fn planted(clinic: &Clinic) -> (String, Browser) {
    let mut operator = clinic.signed_in(Role::Operator).await;
    let opened = with_key(&mut operator, "/api/v1/cases", referral(PLANTED[0])).await;
    let case = opened["id"].as_str().unwrap().to_owned();
    let at = format!("/api/v1/cases/{case}");
    let noted = json!({ "step": { "kind": "noted", "body": PLANTED[1] } });
    with_key(&mut operator, &format!("{at}/steps"), noted).await;
    assert_eq!(uploaded(&mut operator, &case, PLANTED[2]).await, 201);
    assert_eq!(uploaded(&mut operator, &case, "a picture of both").await, 201);
    let work = json!({ "plan": { "case_file": format!("title = \"{}\"", PLANTED[3]) } });
    with_key(&mut operator, "/api/v1/jobs", json!({ "work": work, "case": case })).await;
    let reason = json!({ "reason": format!("{} fell in the corridor", PLANTED[4]) });
    with_key(&mut operator, &format!("{at}/emergency-access"), reason).await;
    let by = clinic.account("inviter", &[Role::Nurse]).await;
    let mut patient = clinic.patient_of(&case, &by).await;
    with_key(&mut patient, "/api/v1/patient/goal", json!({ "words": PLANTED[5] })).await;
    (case, patient)
}

/// Another case with the same picture.
async fn beside(clinic: &Clinic) -> String {
    let mut nurse = clinic.signed_in(Role::Nurse).await;
    let opened = with_key(&mut nurse, "/api/v1/cases", referral(STAYS)).await;
    let case = opened["id"].as_str().unwrap().to_owned();
    let mut technologist = clinic.signed_in(Role::Technologist).await;
    assert_eq!(uploaded(&mut technologist, &case, "a picture of both").await, 201);
    case
}

/// Which of the words lie in the files of the store as they are, and on PostgreSQL in all its tables written out.
async fn found(clinic: &Clinic) -> Vec<&'static str> {
    let mut bytes = Vec::new();
    let out = tempfile::tempdir().unwrap();
    clinic.state.store.backup(&out.path().join("backup"), 0).await.unwrap();
    gather(clinic.folder.path(), &mut bytes);
    gather(out.path(), &mut bytes);
    let is_there = |word: &&str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    PLANTED.into_iter().chain([STAYS, "a picture of both"]).filter(is_there).collect()
}

fn gather(folder: &Path, into: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            gather(&entry.path(), into);
        } else {
            into.extend(std::fs::read(entry.path()).unwrap());
        }
    }
}

fn erasure(case: &str) -> Erasure {
    let stream = StreamId::new(format!("case/{case}")).unwrap();
    Erasure { stream, by: "quality".into(), reason: "time of keeping is over".into(), at_ms: 1_900_000_000_000 }
}

#[tokio::test]
async fn nothing_that_was_put_into_an_erased_case_is_found_in_any_file_and_another_case_stays() {
    on_both(async |clinic| {
        let (case, mut patient) = planted(&clinic).await;
        let other = beside(&clinic).await;
        let all: Vec<&str> = PLANTED.into_iter().chain([STAYS, "a picture of both"]).collect();
        assert_eq!(found(&clinic).await, all, "or the search would show nothing");

        let retention = Retention { keep_years: 1 };
        let erased = erase_case(&clinic.state.store, &erasure(&case), retention).await.unwrap();
        let counts =
            [("invitations", 1), ("jobs", 1), ("kept answers", 5), ("reasons of emergency access", 1), ("sessions", 1)];
        assert_eq!(erased.beside, counts.map(|(what, count)| (what.to_owned(), count)).into());
        assert_eq!(erased.attachments.len(), 1, "the picture that another case has too stays");
        assert_eq!(found(&clinic).await, [STAYS, "a picture of both"]);
        assert!(clinic.state.store.verify(None, 0).await.unwrap().is_whole());

        assert_eq!(patient.get("/api/v1/patient/session").await.status, 401, "who came by an invitation is out");
        let mut operator = clinic.browser();
        operator.sign_in("operator", super::clinic::PASSWORD).await;
        assert_eq!(uploaded(&mut operator, &case, PLANTED[2]).await, 410);
        assert_eq!(uploaded(&mut operator, &other, "another picture").await, 201);
        for (path, body) in [
            ("emergency-access", json!({ "reason": "long enough to be one" })),
            ("invitations", json!({ "factor": "code" })),
        ] {
            assert_eq!(operator.post(&format!("/api/v1/cases/{case}/{path}"), body).await.status, 410, "{path}");
        }
        assert_eq!(found(&clinic).await, [STAYS, "a picture of both"]);
    })
    .await;
}

#[tokio::test]
async fn a_case_that_must_be_kept_loses_nothing_beside_it_either() {
    on_both(async |clinic| {
        let (case, _) = planted(&clinic).await;
        let before = found(&clinic).await;
        let early = Erasure { at_ms: 1_800_000_000_000, ..erasure(&case) };
        assert!(erase_case(&clinic.state.store, &early, Retention { keep_years: 1 }).await.is_err());
        assert_eq!(found(&clinic).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_second_erasure_removes_what_came_beside_the_case_meanwhile() {
    on_both(async |clinic| {
        let (case, _) = planted(&clinic).await;
        let retention = Retention { keep_years: 1 };
        let first = erase_case(&clinic.state.store, &erasure(&case), retention).await.unwrap();
        let by = clinic.account("late", &[Role::Nurse]).await;
        // As by a request that looked before the erasure and wrote after it.
        clinic.state.accounts.break_glass(&by, &case, "Harlequin was here").await.unwrap();
        assert_eq!(erase_case(&clinic.state.store, &erasure(&case), retention).await.unwrap(), first);
        let left = clinic.state.accounts.emergency_accesses_after("", 9).await.unwrap();
        assert!(left.iter().all(|access| access.reason == "erased with the case"), "{left:?}");
    })
    .await;
}
