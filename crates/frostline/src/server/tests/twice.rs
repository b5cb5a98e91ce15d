//! A request that is sent twice happens once.

use axum::http::Method;
use frostline_record::rules::Role;
use serde_json::{Value, json};

use super::clinic::{Answer, Browser, Clinic};

async fn review(quality: &mut Browser, key: &str, path: &str) -> Answer {
    quality.with("idempotency-key", key, (Method::POST, path, None)).await
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_the_thing_happens_once() {
    let clinic = Clinic::open().await;
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
}

#[tokio::test]
async fn the_same_key_for_something_else_is_refused_and_keys_of_others_do_not_matter() {
    let clinic = Clinic::open().await;
    let mut quality = clinic.signed_in(Role::Quality).await;
    let mut nurse = clinic.signed_in(Role::Nurse).await;
    let path = "/api/v1/emergency-access/none/review";
    assert_eq!(review(&mut quality, "one", path).await.status, 404);
    assert_eq!(review(&mut quality, "one", "/api/v1/emergency-access/other/review").await.status, 422);
    let role: Option<Value> = Some(json!({ "role": "nurse" }));
    let choose = (Method::PUT, "/api/v1/session/role", role);
    assert_eq!(nurse.with("idempotency-key", "one", choose).await.status, 200);
}

#[tokio::test]
async fn an_answer_with_a_secret_is_not_kept() {
    let clinic = Clinic::open().await;
    let mut admin = clinic.signed_in(Role::Administrator).await;
    let body = json!({ "login": "sam", "display_name": "Sam", "roles": ["nurse"] });
    let make = || (Method::POST, "/api/v1/accounts", Some(body.clone()));
    let made = admin.with("idempotency-key", "one", make()).await;
    assert_eq!(made.status, 201);
    let again = admin.with("idempotency-key", "one", make()).await;
    assert_eq!(again.status, 409);
    assert!(again.text("/detail").contains("was carried out"));
}

#[tokio::test]
async fn an_answer_is_forgotten_after_a_day() {
    let clinic = Clinic::open().await;
    let mut quality = clinic.signed_in(Role::Quality).await;
    assert_eq!(review(&mut quality, "one", "/api/v1/emergency-access/none/review").await.status, 404);
    clinic.state.clock.move_on_s(86_401);
    quality.sign_in("quality", super::clinic::PASSWORD).await;
    let other = review(&mut quality, "one", "/api/v1/emergency-access/other/review").await;
    assert_eq!(other.status, 404, "the key is free again");
}
