//! Cases over HTTP: nothing is signed twice, nobody overwrites what they have not seen, and nothing vanishes from the lists.

use axum::http::Method;
use frostline_record::rules::Role;
use serde_json::{Value, json};

use super::clinic::{Browser, Clinic, on_both};
use crate::store::on_db;

fn noted(words: &str) -> Value {
    json!({ "step": { "kind": "noted", "body": words } })
}

pub async fn forget_answers(clinic: &Clinic) {
    let forgotten: Result<(), sqlx::Error> = on_db!(*clinic.state.store.db(), write, |c| {
        sqlx::query("DELETE FROM answers").execute(c).await.map(|_| ())
    });
    forgotten.unwrap();
}

async fn steps_of(browser: &mut Browser, case: &str) -> usize {
    browser.get(&format!("/api/v1/cases/{case}/steps")).await.body.as_array().unwrap().len()
}

#[tokio::test]
async fn a_step_sent_again_with_its_key_is_signed_once_although_the_answer_was_forgotten() {
    on_both(async |clinic| {
        let (mut operator, case) = (clinic.signed_in(Role::Operator).await, clinic.case().await);
        let path = format!("/api/v1/cases/{case}/steps");
        let send = |words| (Method::POST, path.as_str(), Some(noted(words)));
        let first = operator.with("idempotency-key", "one", send("3 ml")).await;
        forget_answers(&clinic).await;
        let again = operator.with("idempotency-key", "one", send("3 ml")).await;
        assert_eq!((first.status, again.status), (201, 201));
        assert_eq!(first.body["step"]["number"], again.body["step"]["number"]);
        assert_eq!(steps_of(&mut operator, &case).await, 2);
        assert_eq!(operator.with("idempotency-key", "two", send("3 ml")).await.status, 201);
        assert_eq!(steps_of(&mut operator, &case).await, 3);
    })
    .await;
}

#[tokio::test]
async fn of_two_who_decide_on_the_same_version_the_second_is_told_and_nothing_is_lost() {
    on_both(async |clinic| {
        let (mut one, case) = (clinic.signed_in(Role::Operator).await, clinic.case().await);
        let mut other = clinic.signed_in(Role::Nurse).await;
        let path = format!("/api/v1/cases/{case}");
        let (seen, signing) = (one.get(&path).await.headers["etag"].clone(), format!("{path}/steps"));
        let goal = |words: &str| json!({ "step": { "kind": "goal-said", "body": { "words": words } } });
        let tag = seen.to_str().unwrap();
        let first = one.with("if-match", tag, (Method::POST, &signing, Some(goal("walk")))).await;
        let second = other.with("if-match", tag, (Method::POST, &signing, Some(goal("run")))).await;
        assert_eq!((first.status, second.status), (201, 412));
        assert_eq!(other.post(&signing, goal("run")).await.status, 428, "a decision needs the version that was seen");
        assert_eq!(steps_of(&mut one, &case).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_case_has_one_spelling() {
    on_both(async |clinic| {
        let (mut operator, case) = (clinic.signed_in(Role::Operator).await, clinic.case().await);
        for other in [case.to_uppercase(), case.replace('-', ""), format!("urn:uuid:{case}")] {
            assert_eq!(operator.get(&format!("/api/v1/cases/{other}")).await.status, 404, "{other}");
        }
        assert_eq!(operator.get(&format!("/api/v1/cases/{case}")).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn stock_that_is_counted_as_less_leaves_site_and_worklist_readable() {
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let lot =
            json!({ "model": "n2o-1.3", "lot": "L1", "sterile_until": "2030-01-01", "count": 2, "usable": "free" });
        let put = |probes: Value, tag: &str| {
            (tag.to_owned(), (Method::PUT, "/api/v1/site/resources", Some(json!({ "probes": probes }))))
        };
        for (probes, tag) in [(json!([lot]), "\"0\""), (json!([]), "\"1\"")] {
            let (tag, request) = put(probes, tag);
            assert_eq!(nurse.with("if-match", &tag, request).await.status, 200);
        }
        assert_eq!(nurse.get("/api/v1/site").await.status, 200);
        assert_eq!(nurse.get("/api/v1/worklist").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_program_or_a_page_is_not_kept_as_an_attachment_and_an_image_is() {
    let clinic = Clinic::open().await;
    let case = clinic.case().await;
    let mut operator = clinic.signed_in(Role::Operator).await;
    let (cookie, token) = (operator.cookie.clone().unwrap(), operator.csrf.clone().unwrap());
    let sent = |content: &'static [u8]| {
        let request = axum::http::Request::builder().method("POST").uri(format!("/api/v1/cases/{case}/attachments"));
        let request = request.header("cookie", &cookie).header("x-csrf-token", &token);
        request.header("content-type", "application/octet-stream").body(axum::body::Body::from(content)).unwrap()
    };
    for bad in [b"\x7fELF\x02\x01\x01".as_slice(), b"<script>alert(1)</script>", b"PK\x03\x04 a.zip", b""] {
        let refused = operator.raw(sent(bad)).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert!(refused.text("/errors/0/detail").contains("DICOM"), "{refused:?}");
    }
    let kept = operator.raw(sent(b"\x89PNG\r\n\x1a\n and what follows")).await;
    // The digest of the whole, so nothing of what was looked into is lost.
    let digest = "sha256:2f5377edb154bb5666bfb85ae12a37b889f68ae11cd880fb0c4164912aac0ff4";
    assert_eq!((kept.status, kept.text("/id")), (201, digest));
}

#[tokio::test]
async fn what_was_sent_to_one_case_is_no_part_of_another() {
    on_both(async |clinic| {
        let (mut operator, case, other) =
            (clinic.signed_in(Role::Operator).await, clinic.case().await, clinic.case().await);
        let request = axum::http::Request::post(format!("/api/v1/cases/{case}/attachments"))
            .header("cookie", operator.cookie.clone().unwrap())
            .header("x-csrf-token", operator.csrf.clone().unwrap());
        let kept = operator.raw(request.body(axum::body::Body::from("of the first patient")).unwrap()).await;
        let id = kept.text("/id").to_owned();
        let steps = |case: &str| format!("/api/v1/cases/{case}/steps");
        let refused = operator.post(&steps(&other), noted(&id)).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert!(refused.text("/errors/0/detail").contains("was not sent to this case"), "{refused:?}");
        assert_eq!(operator.get(&format!("/api/v1/cases/{other}/attachments/{id}")).await.status, 404);
        // What is nowhere is refused in the same words, so that nobody learns what other cases hold.
        let nowhere = operator.post(&steps(&other), noted(&format!("sha256:{}", "0".repeat(64)))).await;
        let same = |answer: &super::clinic::Answer| answer.text("/errors/0/detail").replace(char::is_alphanumeric, "");
        assert_eq!((nowhere.status, same(&nowhere)), (422, same(&refused)));
        assert_eq!(operator.post(&steps(&case), noted(&id)).await.status, 201);
        assert_eq!(operator.get(&format!("/api/v1/cases/{case}/attachments/{id}")).await.status, 200);

        let mut job =
            json!({ "case": other, "work": { "plan": { "case_file": format!("[image]\npath = \"{id}\"") } } });
        let refused = operator.post("/api/v1/jobs", job.clone()).await;
        assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, "/work/plan/case_file"), "{refused:?}");
        job["case"] = json!(case);
        assert_eq!(operator.post("/api/v1/jobs", job).await.status, 202);
    })
    .await;
}
