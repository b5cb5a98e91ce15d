//! Accounts: made, changed, closed; emergency access; the audit of all that.

use axum::http::Method;
use frostline_record::rules::Role;
use serde_json::json;

use super::clinic::{PASSWORD, on_both};

#[tokio::test]
async fn a_new_account_opens_only_after_its_owner_chose_a_password_with_the_link() {
    on_both(async |clinic| {
        let mut admin = clinic.signed_in(Role::Administrator).await;
        let asked = json!({ "login": "Sam.Reed", "display_name": "Sam Reed", "roles": ["nurse", "coordinator"] });
        let made = admin.post("/api/v1/accounts", asked.clone()).await;
        assert_eq!((made.status, made.text("/account/login")), (201, "sam.reed"));
        assert_eq!(made.headers["etag"], "\"1\"");
        assert_eq!(admin.post("/api/v1/accounts", asked).await.status, 409, "the name is taken, whatever its case");

        let mut browser = clinic.browser();
        assert_eq!(browser.sign_in("sam.reed", PASSWORD).await.status, 401);
        let choose = |password: &str| json!({ "token": made.text("/password_token"), "password": password });
        assert_eq!(browser.post("/api/v1/password-choice", choose("sam.reedsam.reed")).await.status, 422);
        assert_eq!(browser.post("/api/v1/password-choice", choose(PASSWORD)).await.status, 204);
        assert_eq!(browser.post("/api/v1/password-choice", choose(PASSWORD)).await.status, 410, "it works once");
        assert_eq!(browser.sign_in("Sam.Reed", PASSWORD).await.status, 201);
    })
    .await;
}

#[tokio::test]
async fn a_password_link_dies_after_a_day_and_with_the_next_one() {
    on_both(async |clinic| {
        let mut admin = clinic.signed_in(Role::Administrator).await;
        let id = clinic.account("nurse", &[Role::Nurse]).await;
        let path = format!("/api/v1/accounts/{id}/password-link");
        let old = admin.post(&path, json!({})).await.text("/password_token").to_string();
        let new = admin.post(&path, json!({})).await.text("/password_token").to_string();
        let mut browser = clinic.browser();
        let choose = |token: &str| json!({ "token": token, "password": "another kettle 7" });
        assert_eq!(browser.post("/api/v1/password-choice", choose(&old)).await.status, 410);
        clinic.state.clock.move_on_s(86_400);
        assert_eq!(browser.post("/api/v1/password-choice", choose(&new)).await.status, 410);
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session_and_needs_the_old_one() {
    on_both(async |clinic| {
        let mut here = clinic.signed_in(Role::Nurse).await;
        let mut there = clinic.browser();
        there.sign_in("nurse", PASSWORD).await;
        let asked = |current: &str, password: &str| json!({ "current": current, "password": password });
        assert_eq!(here.put("/api/v1/password", asked("wrong wrong wrong", "another kettle 7")).await.status, 422);
        assert_eq!(here.put("/api/v1/password", asked(PASSWORD, "too short")).await.status, 422);
        assert_eq!(here.put("/api/v1/password", asked(PASSWORD, "another kettle 7")).await.status, 204);
        assert_eq!(here.get("/api/v1/session").await.status, 200);
        assert_eq!(there.get("/api/v1/session").await.status, 401);
        assert_eq!(there.sign_in("nurse", PASSWORD).await.status, 401);
        assert_eq!(there.sign_in("nurse", "another kettle 7").await.status, 201);
    })
    .await;
}

#[tokio::test]
async fn a_closed_account_is_out_at_once_and_nobody_overwrites_an_unseen_change() {
    on_both(async |clinic| {
        let mut admin = clinic.signed_in(Role::Administrator).await;
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let path = format!("/api/v1/accounts/{}", nurse.get("/api/v1/session").await.text("/account"));
        let version = admin.get(&path).await.headers["etag"].to_str().unwrap().to_string();
        let close = || (Method::PATCH, path.as_str(), Some(json!({ "active": false })));
        assert_eq!(admin.send(Method::PATCH, &path, Some(json!({ "active": false }))).await.status, 428);
        assert_eq!(admin.with("if-match", "\"99\"", close()).await.status, 412);
        assert_eq!(admin.with("if-match", &version, close()).await.status, 200);
        assert_eq!(admin.with("if-match", &version, close()).await.status, 412);
        assert_eq!(nurse.get("/api/v1/session").await.status, 401);
        assert_eq!(nurse.sign_in("nurse", PASSWORD).await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn the_last_administrator_can_neither_be_closed_nor_lose_the_role() {
    on_both(async |clinic| {
        clinic.account("head", &[Role::Administrator, Role::Nurse]).await;
        let mut admin = clinic.browser();
        let asked = json!({ "login": "head", "password": PASSWORD, "role": "administrator" });
        assert_eq!(admin.post("/api/v1/session", asked).await.status, 201);
        let path = format!("/api/v1/accounts/{}", admin.get("/api/v1/session").await.text("/account"));
        let version = admin.get(&path).await.headers["etag"].to_str().unwrap().to_string();
        for change in [json!({ "active": false }), json!({ "roles": ["nurse"] })] {
            assert_eq!(admin.with("if-match", &version, (Method::PATCH, &path, Some(change))).await.status, 409);
        }
        clinic.account("second", &[Role::Administrator]).await;
        let leave = (Method::PATCH, path.as_str(), Some(json!({ "roles": ["nurse"] })));
        assert_eq!(admin.with("if-match", &version, leave).await.status, 200);
        assert_eq!(admin.get("/api/v1/accounts").await.status, 401, "a change of roles ends sessions");
    })
    .await;
}

#[tokio::test]
async fn nobody_gives_themselves_a_role() {
    on_both(async |clinic| {
        let mut admin = clinic.signed_in(Role::Administrator).await;
        let path = format!("/api/v1/accounts/{}", admin.get("/api/v1/session").await.text("/account"));
        let version = admin.get(&path).await.headers["etag"].to_str().unwrap().to_string();
        let give = || (Method::PATCH, path.as_str(), Some(json!({ "roles": ["administrator", "operator"] })));
        let refused = admin.with("if-match", &version, give()).await;
        assert_eq!(refused.status, 403, "{refused:?}");
        assert!(refused.text("/detail").contains("another administrator"), "{refused:?}");
        clinic.account("second", &[Role::Administrator]).await;
        let mut second = clinic.browser();
        second.sign_in("second", PASSWORD).await;
        assert_eq!(second.with("if-match", &version, give()).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_name_holds_no_sign_that_nobody_sees() {
    on_both(async |clinic| {
        let mut admin = clinic.signed_in(Role::Administrator).await;
        let asked = |name: &str| json!({ "login": "anna", "display_name": name, "roles": ["nurse"] });
        for name in
            ["Anna\u{200b} Berg", "Anna \u{202e}greB", "Anna\u{2028}Berg", "Anna\nBerg", "An\u{ad}na", "\u{feff}Anna"]
        {
            let refused = admin.post("/api/v1/accounts", asked(name)).await;
            assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, "/display_name"), "{name:?}");
        }
        assert_eq!(admin.post("/api/v1/accounts", asked("Åsa Þórsdóttir-O'Neill")).await.status, 201);
    })
    .await;
}

#[tokio::test]
async fn accounts_come_a_page_at_a_time() {
    on_both(async |clinic| {
        let mut admin = clinic.signed_in(Role::Administrator).await;
        clinic.account("a", &[Role::Nurse]).await;
        clinic.account("b", &[Role::Nurse]).await;
        let first = admin.get("/api/v1/accounts?limit=2").await;
        let rest = admin.get(&format!("/api/v1/accounts?limit=2&after={}", first.text("/next"))).await;
        assert_eq!((first.text("/items/0/login"), first.text("/items/1/login")), ("administrator", "a"));
        assert_eq!((rest.text("/items/0/login"), rest.body.get("next")), ("b", None));
        assert_eq!(admin.get("/api/v1/accounts?limit=0").await.status, 400);
        assert_eq!(admin.get("/api/v1/accounts?after=%25").await.status, 400);
    })
    .await;
}

#[tokio::test]
async fn emergency_access_needs_a_reason_lasts_an_hour_and_is_shown_to_quality() {
    on_both(async |clinic| {
        let mut technologist = clinic.signed_in(Role::Technologist).await;
        let mut quality = clinic.signed_in(Role::Quality).await;
        let case = clinic.case().await;
        let path = format!("/api/v1/cases/{case}/emergency-access");
        assert_eq!(technologist.post(&path, json!({ "reason": "why not" })).await.status, 422);
        let reason = json!({ "reason": "patient collapsed in recovery" });
        assert_eq!(technologist.post("/api/v1/cases/none/emergency-access", reason.clone()).await.status, 404);
        let taken = technologist.post(&path, reason).await;
        assert_eq!(taken.status, 201);
        let account = taken.text("/account");
        assert!(clinic.state.accounts.emergency_access(account, &case).await.unwrap().is_some());
        clinic.state.clock.move_on_s(3600);
        assert!(clinic.state.accounts.emergency_access(account, &case).await.unwrap().is_none());

        quality.sign_in("quality", PASSWORD).await;
        let shown = quality.get("/api/v1/emergency-access").await;
        assert_eq!(shown.text("/items/0/reason"), "patient collapsed in recovery");
        let review = format!("/api/v1/emergency-access/{}/review", shown.text("/items/0/id"));
        assert_eq!(quality.post(&review, json!({})).await.status, 204);
        assert_eq!(quality.post(&review, json!({})).await.status, 404, "the first review stands");
    })
    .await;
}

#[tokio::test]
async fn the_audit_names_who_did_what_to_whom_and_what_was_refused() {
    on_both(async |clinic| {
        let mut admin = clinic.signed_in(Role::Administrator).await;
        let nurse = clinic.account("nurse", &[Role::Nurse]).await;
        let mut browser = clinic.browser();
        browser.sign_in("nurse", "wrong wrong wrong").await;
        browser.sign_in("nurse", PASSWORD).await;
        browser.get("/api/v1/accounts").await;
        admin.get(&format!("/api/v1/accounts/{nurse}")).await;
        let audited = clinic.audited().await;
        let line = |operation: &str, status: u16| {
            audited
                .iter()
                .find(|entry| entry["operation"] == operation && entry["status"] == status)
                .unwrap_or_else(|| panic!("{operation} {status}: {audited:#?}"))
        };
        assert_eq!(line("sign_in", 401)["about"], json!(nurse));
        assert_eq!(line("list_accounts", 403)["who"], json!(nurse));
        assert_eq!(line("read_account", 200)["role"], "administrator");
        let shown = admin.get("/api/v1/audit?limit=2").await;
        assert_eq!(shown.text("/items/0/operation"), "read_account");
        let next = shown.body["next"].as_u64().unwrap();
        let older = admin.get(&format!("/api/v1/audit?limit=200&before={next}")).await;
        assert_eq!(older.body["items"][0]["number"].as_u64(), Some(next - 1));
        assert_eq!(older.body.get("next"), None);
    })
    .await;
}
