//! A request that is sent twice happens once.

use axum::http::Method;
use frostline_record::rules::Role;
use serde_json::{Value, json};

use super::clinic::{Answer, Browser, on_both};

async fn review(quality: &mut Browser, key: &str, path: &str) -> Answer {
    quality.with("idempotency-key", key, (Method::POST, path, None)).await
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_the_thing_happens_once() {
    on_both(async |clinic| {
        let mut quality = clinic.signed_in(Role::Quality).await;
        let by = clinic.account("nurse", &[Role::Nurse]).await;
        let access = clinic.state.accounts.break_glass(&by, &clinic.case().await, "patient collapsed").await.unwrap();
        let path = format!("/api/v1/emergency-access/{}/review", access.id);
        let first = review(&mut quality, "one", &path).await;
        let again = review(&mut quality, "one", &path).await;
        assert_eq!((first.status, again.status), (204, 204));
        assert_eq!(again.headers["idempotency-replayed"], "true");
        assert_eq!(review(&mut quality, "two", &path).await.status, 404, "with a new key it is asked anew");
        assert_eq!(review(&mut quality, "two", &path).await.status, 404, "and that answer is kept as well");
    })
    .await;
}

#[tokio::test]
async fn the_same_key_for_something_else_is_refused_and_keys_of_others_do_not_matter() {
    on_both(async |clinic| {
        let mut quality = clinic.signed_in(Role::Quality).await;
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let path = "/api/v1/emergency-access/none/review";
        assert_eq!(review(&mut quality, "one", path).await.status, 404);
        assert_eq!(review(&mut quality, "one", "/api/v1/emergency-access/other/review").await.status, 422);
        let role: Option<Value> = Some(json!({ "role": "nurse" }));
        let choose = (Method::PUT, "/api/v1/session/role", role);
        assert_eq!(nurse.with("idempotency-key", "one", choose).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn an_answer_with_a_secret_is_not_kept() {
    on_both(async |clinic| {
        let mut admin = clinic.signed_in(Role::Administrator).await;
        let body = json!({ "login": "sam", "display_name": "Sam", "roles": ["nurse"] });
        let make = || (Method::POST, "/api/v1/accounts", Some(body.clone()));
        let made = admin.with("idempotency-key", "one", make()).await;
        assert_eq!(made.status, 201);
        let again = admin.with("idempotency-key", "one", make()).await;
        assert_eq!(again.status, 409);
        assert!(again.text("/detail").contains("was carried out"));
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_forgotten_after_a_day() {
    on_both(async |clinic| {
        let mut quality = clinic.signed_in(Role::Quality).await;
        assert_eq!(review(&mut quality, "one", "/api/v1/emergency-access/none/review").await.status, 404);
        clinic.state.clock.move_on_s(86_401);
        quality.sign_in("quality", super::clinic::PASSWORD).await;
        let other = review(&mut quality, "one", "/api/v1/emergency-access/other/review").await;
        assert_eq!(other.status, 404, "the key is free again");
    })
    .await;
}

#[tokio::test]
async fn a_request_that_a_crash_cut_off_is_carried_out_again_and_not_before_it_surely_ended() {
    use crate::server::answers::{Answers, Asked};
    on_both(async |clinic| {
        let answers = Answers::new(clinic.state.store.db().clone(), clinic.state.clock.clone(), 86_400);
        let asked = Asked { who: "a".into(), key: "one".into(), digest: "same".into(), case: None };
        assert!(answers.take(&asked).await.unwrap().is_none(), "begun");
        clinic.state.clock.move_on_s(300);
        assert!(answers.take(&asked).await.unwrap().is_some(), "it may still be carried out");
        clinic.state.clock.move_on_s(1);
        let other = Asked { digest: "other".into(), ..asked.clone() };
        assert!(answers.take(&other).await.unwrap().is_some(), "not for another request");
        assert!(answers.take(&asked).await.unwrap().is_none(), "begun again");
    })
    .await;
}

#[tokio::test]
async fn a_change_is_carried_out_and_recorded_although_whoever_asked_has_gone() {
    use std::time::Duration;
    on_both(async |clinic| {
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let case = clinic.case().await;
        let before = clinic.state.audit.length().await.unwrap();
        let path = format!("/api/v1/cases/{case}/invitations");
        let asking = nurse.post(&path, json!({ "factor": "code" }));
        // Polled once, so that it begins, and dropped.
        assert!(tokio::time::timeout(Duration::ZERO, asking).await.is_err());
        let recorded = async {
            while clinic.state.audit.length().await.unwrap() == before {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), recorded).await.unwrap();
        assert_eq!(clinic.state.accounts.invitations_to(&case).await.unwrap().len(), 1);
    })
    .await;
}
