//! Signing in, staying in, and getting out.

use axum::http::{Method, header};
use frostline_record::rules::Role;
use serde_json::json;

use super::clinic::{Clinic, PASSWORD, on_both};
use crate::server::state::Site;
use crate::store::on_db;

#[tokio::test]
async fn the_first_administrator_comes_in_by_the_token_of_the_console_and_by_nothing_else() {
    on_both(async |clinic| {
    let old = clinic.state.accounts.first_secret().await.unwrap().unwrap();
    let secret = clinic.state.accounts.first_secret().await.unwrap().unwrap();
    let asked = |token: &str, password: &str| json!({ "token": token, "login": "Admin.One", "display_name": "Admin One", "password": password });
    let mut browser = clinic.browser();
    let path = "/api/v1/first-administrator";
    assert_eq!(browser.post(path, asked("guess", PASSWORD)).await.status, 410);
    assert_eq!(browser.post(path, asked(old.text(), PASSWORD)).await.status, 410, "a new start kills the old token");
    assert_eq!(
        browser.post(path, asked(secret.text(), "admin")).await.status,
        422,
        "a weak password does not use it up"
    );
    assert_eq!(browser.post(path, asked(secret.text(), PASSWORD)).await.status, 204);
    assert_eq!(browser.post(path, asked(secret.text(), PASSWORD)).await.status, 410, "it works once");
    assert!(clinic.state.accounts.first_secret().await.unwrap().is_none());
    let answer = browser.sign_in("admin.one", PASSWORD).await;
    assert_eq!((answer.status, answer.text("/role")), (201, "administrator"));
    }).await;
}

#[tokio::test]
async fn somebody_signs_in_sees_who_they_are_and_signs_out() {
    on_both(async |clinic| {
        let mut browser = clinic.signed_in(Role::Nurse).await;
        let me = browser.get("/api/v1/session").await;
        assert_eq!((me.status, me.text("/display_name"), me.text("/role")), (200, "Dr nurse", "nurse"));
        assert_eq!(me.text("/csrf_token"), browser.csrf.clone().unwrap());
        let cookie = browser.cookie.clone();
        assert_eq!(browser.delete("/api/v1/session").await.status, 204);
        assert_eq!(browser.cookie, None, "the browser is told to forget");
        browser.cookie = cookie;
        assert_eq!(browser.get("/api/v1/session").await.status, 401, "and a kept cookie opens nothing");
    })
    .await;
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    on_both(async |clinic| {
        clinic.account("nurse", &[Role::Nurse]).await;
        let answer = clinic.browser().sign_in("nurse", PASSWORD).await;
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_get_the_same_words() {
    on_both(async |clinic| {
        clinic.account("nurse", &[Role::Nurse]).await;
        let mut browser = clinic.browser();
        let wrong = browser.sign_in("nurse", "kettle orbit 98").await;
        let unknown = browser.sign_in("nobody.here", "kettle orbit 98").await;
        assert_eq!(wrong.status, 401);
        assert_eq!(wrong.body, unknown.body);
    })
    .await;
}

#[tokio::test]
async fn after_five_wrong_tries_one_must_wait_and_the_wait_doubles() {
    on_both(async |clinic| {
        clinic.account("nurse", &[Role::Nurse]).await;
        let mut browser = clinic.browser();
        for login in ["nurse", "nobody.here"] {
            for _ in 0..5 {
                assert_eq!(browser.sign_in(login, "wrong wrong wrong").await.status, 401, "{login}");
            }
            let closed = browser.sign_in(login, PASSWORD).await;
            assert_eq!((closed.status, &closed.headers[header::RETRY_AFTER]), (429, &"30".parse().unwrap()), "{login}");
        }
        clinic.state.clock.move_on_s(29);
        assert_eq!(browser.sign_in("nurse", PASSWORD).await.status, 429);
        clinic.state.clock.move_on_s(1);
        assert_eq!(browser.sign_in("nurse", "wrong wrong wrong").await.status, 401);
        assert_eq!(browser.sign_in("nurse", PASSWORD).await.headers[header::RETRY_AFTER], "60");
        clinic.state.clock.move_on_s(60);
        assert_eq!(browser.sign_in("nurse", PASSWORD).await.status, 201);
        assert_eq!(browser.sign_in("nurse", "wrong wrong wrong").await.status, 401, "success clears the count");
        assert_eq!(browser.sign_in("nurse", PASSWORD).await.status, 201);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_tries_many_names_must_wait_whatever_name_comes_next() {
    on_both(async |clinic| {
        clinic.account("nurse", &[Role::Nurse]).await;
        let mut browser = clinic.browser();
        for number in 0..clinic.state.numbers().tries.per_address {
            assert_eq!(browser.sign_in(&format!("name{number}"), "wrong wrong wrong").await.status, 401, "{number}");
        }
        assert_eq!(browser.sign_in("nurse", PASSWORD).await.status, 429);
    })
    .await;
}

#[tokio::test]
async fn many_guesses_at_the_same_time_gain_nothing() {
    on_both(async |clinic| {
        clinic.account("nurse", &[Role::Nurse]).await;
        let guess = |number: usize| {
            let mut browser = clinic.browser();
            async move { browser.sign_in("nurse", &format!("wrong guess number {number}")).await.status }
        };
        let mut guesses = tokio::task::JoinSet::new();
        (0..12).for_each(|number| {
            guesses.spawn(guess(number));
        });
        let statuses = guesses.join_all().await;
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 7, "{statuses:?}");
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it_and_at_the_end_of_the_day() {
    on_both(async |clinic| {
        let mut browser = clinic.signed_in(Role::Nurse).await;
        clinic.state.clock.move_on_s(1799);
        assert_eq!(browser.get("/api/v1/session").await.status, 200, "just under half an hour");
        clinic.state.clock.move_on_s(1800);
        assert_eq!(browser.get("/api/v1/session").await.status, 401, "half an hour");

        browser.sign_in("nurse", PASSWORD).await;
        for _ in 0..28 {
            clinic.state.clock.move_on_s(1500);
            assert_eq!(browser.get("/api/v1/session").await.status, 200);
        }
        // 28 times 25 minutes are 42 000 s; half a day is 43 200 s.
        clinic.state.clock.move_on_s(1200);
        assert_eq!(browser.get("/api/v1/session").await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn signing_in_again_ends_the_session_that_the_browser_had() {
    on_both(async |clinic| {
        let mut browser = clinic.signed_in(Role::Nurse).await;
        let old = browser.cookie.clone();
        assert_eq!(browser.sign_in("nurse", PASSWORD).await.status, 201);
        assert_ne!(browser.cookie, old);
        browser.cookie = old;
        assert_eq!(browser.get("/api/v1/session").await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn an_administrator_signs_somebody_out_everywhere() {
    on_both(async |clinic| {
        let mut admin = clinic.signed_in(Role::Administrator).await;
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        let path = format!("/api/v1/accounts/{}/sessions", nurse.get("/api/v1/session").await.text("/account"));
        assert_eq!(admin.delete(&path).await.status, 204);
        assert_eq!(nurse.get("/api/v1/session").await.status, 401);
        assert_eq!(admin.delete("/api/v1/accounts/none/sessions").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn another_role_means_another_cookie_and_only_a_role_one_has() {
    on_both(async |clinic| {
        clinic.account("lee", &[Role::Nurse, Role::Coordinator]).await;
        let mut browser = clinic.browser();
        browser.sign_in("lee", PASSWORD).await;
        let before = browser.cookie.clone();
        assert_eq!(browser.put("/api/v1/session/role", json!({ "role": "operator" })).await.status, 403);
        let changed = browser.put("/api/v1/session/role", json!({ "role": "coordinator" })).await;
        assert_eq!((changed.status, changed.text("/role")), (200, "coordinator"));
        assert_ne!(browser.cookie, before);
        assert_eq!(browser.get("/api/v1/session").await.text("/role"), "coordinator");
        browser.cookie = before;
        assert_eq!(browser.get("/api/v1/session").await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn one_sees_one_s_sessions_and_ends_them_but_nobody_else_s() {
    on_both(async |clinic| {
        let mut here = clinic.signed_in(Role::Nurse).await;
        let mut there = clinic.browser();
        there.sign_in("nurse", PASSWORD).await;
        let mut other = clinic.signed_in(Role::Coder).await;
        let sessions = here.get("/api/v1/sessions").await;
        assert_eq!(sessions.body.as_array().unwrap().len(), 2);
        assert_eq!((&sessions.body[0]["this_one"], &sessions.body[1]["this_one"]), (&json!(false), &json!(true)));
        let path = format!("/api/v1/sessions/{}/end", sessions.text("/0/id"));
        let myself = || json!({ "password": PASSWORD });
        assert_eq!(other.post(&path, myself()).await.status, 404);
        assert_eq!(here.post(&path, json!({})).await.status, 422, "whoever sits down at my machine has no password");
        assert_eq!(here.post(&path, json!({ "password": "kettle orbit 98" })).await.status, 422);
        assert_eq!(there.get("/api/v1/session").await.status, 200);
        assert_eq!(here.post(&path, myself()).await.status, 204);
        assert_eq!(there.get("/api/v1/session").await.status, 401);
        assert_eq!(here.get("/api/v1/session").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_change_without_the_session_s_token_or_from_another_site_is_refused() {
    on_both(async |clinic| {
        let mut browser = clinic.signed_in(Role::Nurse).await;
        let mut thief = clinic.signed_in(Role::Coder).await;
        let token = browser.csrf.take();
        assert_eq!(browser.delete("/api/v1/session").await.status, 403, "no token");
        browser.csrf = thief.csrf.take();
        assert_eq!(browser.delete("/api/v1/session").await.status, 403, "the token of another session");
        browser.csrf = token;
        let leave = || (Method::DELETE, "/api/v1/session", None);
        assert_eq!(browser.with("origin", "https://evil.example", leave()).await.status, 403);
        assert_eq!(browser.with("sec-fetch-site", "cross-site", leave()).await.status, 403);
        assert_eq!(browser.get("/api/v1/session").await.status, 200, "still in");
        assert_eq!(browser.delete("/api/v1/session").await.status, 204);
    })
    .await;
}

#[tokio::test]
async fn with_an_authenticator_a_password_alone_is_not_enough_and_no_code_works_twice() {
    on_both(async |clinic| {
        let mut browser = clinic.signed_in(Role::Operator).await;
        let path = "/api/v1/second-factor";
        assert_eq!(browser.post(path, json!({ "password": "wrong wrong wrong" })).await.status, 422);
        let begun = browser.post(path, json!({ "password": PASSWORD })).await;
        let code = |clinic: &Clinic| code_of(begun.text("/secret"), clinic.state.clock.now_s());
        assert_eq!(browser.put(path, json!({ "code": "000000" })).await.status, 422);
        let on = browser.put(path, json!({ "code": code(&clinic) })).await;
        assert_eq!(on.body["recovery_codes"].as_array().unwrap().len(), 10);

        let mut other = clinic.browser();
        let needed = other.sign_in("operator", PASSWORD).await;
        assert_eq!((needed.status, needed.text("/type")), (401, "urn:frostline:problem:second-factor-needed"));
        let with = |code: &str| json!({ "login": "operator", "password": PASSWORD, "code": code });
        assert_eq!(other.post("/api/v1/session", with(&code(&clinic))).await.status, 401, "used to turn it on");
        clinic.state.clock.move_on_s(30);
        assert_eq!(other.post("/api/v1/session", with(&code(&clinic))).await.status, 201);
        assert_eq!(other.post("/api/v1/session", with(&code(&clinic))).await.status, 401, "read over the shoulder");
        let recovery = on.text("/recovery_codes/0").to_lowercase();
        assert_eq!(other.post("/api/v1/session", with(&recovery)).await.status, 201);
        assert_eq!(other.post("/api/v1/session", with(&recovery)).await.status, 401, "each once");
    })
    .await;
}

#[tokio::test]
async fn an_authenticator_is_removed_with_password_and_code_together() {
    on_both(async |clinic| {
        let mut browser = clinic.signed_in(Role::Operator).await;
        let begun = browser.post("/api/v1/second-factor", json!({ "password": PASSWORD })).await;
        let code = |clinic: &Clinic| code_of(begun.text("/secret"), clinic.state.clock.now_s());
        browser.put("/api/v1/second-factor", json!({ "code": code(&clinic) })).await;
        clinic.state.clock.move_on_s(60);
        let path = "/api/v1/second-factor/removal";
        assert_eq!(browser.post(path, json!({ "password": PASSWORD, "code": "000000" })).await.status, 422);
        assert_eq!(browser.post(path, json!({ "password": PASSWORD, "code": code(&clinic) })).await.status, 204);
        assert_eq!(clinic.browser().sign_in("operator", PASSWORD).await.status, 201);
    })
    .await;
}

#[tokio::test]
async fn where_a_second_factor_is_required_nothing_is_shown_before_it_is_on() {
    let clinic = Clinic::at(Site { second_factor: true, ..Site::default() }).await;
    let mut admin = clinic.signed_in(Role::Administrator).await;
    let refused = admin.get("/api/v1/accounts").await;
    assert_eq!(refused.status, 403);
    assert!(refused.text("/detail").contains("second factor"));
    // Nor is anything signed, by a route that asks for its permission only once it knows the step.
    let case = clinic.case().await;
    let mut nurse = clinic.signed_in(Role::Nurse).await;
    let note = json!({ "step": { "kind": "noted", "body": "called" } });
    let refused = nurse.post(&format!("/api/v1/cases/{case}/steps"), note.clone()).await;
    assert_eq!((refused.status, refused.text("/detail").contains("second factor")), (403, true), "{refused:?}");
    let begun = admin.post("/api/v1/second-factor", json!({ "password": PASSWORD })).await;
    let code = code_of(begun.text("/secret"), clinic.state.clock.now_s());
    assert_eq!(admin.put("/api/v1/second-factor", json!({ "code": code })).await.status, 200);
    assert_eq!(admin.get("/api/v1/accounts").await.status, 200);
}

#[tokio::test]
async fn whoever_holds_the_database_alone_cannot_copy_an_authenticator() {
    let clinic = Clinic::open().await;
    let mut browser = clinic.signed_in(Role::Operator).await;
    let begun = browser.post("/api/v1/second-factor", json!({ "password": PASSWORD })).await;
    let secret = begun.text("/secret").to_string();
    let code = |clinic: &Clinic| code_of(&secret, clinic.state.clock.now_s());
    assert!(stored_secret(&clinic, "totp_pending").await.starts_with("sealed:"));
    assert_eq!(browser.put("/api/v1/second-factor", json!({ "code": code(&clinic) })).await.status, 200);
    let stored = stored_secret(&clinic, "totp_secret").await;
    assert!(stored.starts_with("sealed:") && !stored.contains(&secret), "{stored}");

    // As an older program left it: taken over at the next start, and the same codes open.
    let in_the_clear = format!("UPDATE accounts SET totp_secret = '{secret}'");
    on_db!(clinic.state.store.db(), write, |c| sqlx::query(sqlx::AssertSqlSafe(in_the_clear))
        .execute(c)
        .await
        .map(|_| ()))
    .unwrap();
    let accounts = &clinic.state.accounts;
    assert_eq!(accounts.seal_secrets(accounts.keys()).await.unwrap(), 1);
    assert_eq!(accounts.seal_secrets(accounts.keys()).await.unwrap(), 0, "nothing is left to do");
    clinic.state.clock.move_on_s(30);
    let asked = json!({ "login": "operator", "password": PASSWORD, "code": code(&clinic) });
    assert_eq!(clinic.browser().post("/api/v1/session", asked).await.status, 201);

    // With a new key: the server that has only the old one cannot read it any more.
    let both = accounts.keys().with_new().unwrap();
    assert_eq!(accounts.seal_secrets(&both).await.unwrap(), 1);
    assert_eq!(
        both.newest().open(&account_id(&clinic).await, &stored_secret(&clinic, "totp_secret").await).unwrap(),
        secret
    );
    assert!(accounts.seal_secrets(accounts.keys()).await.is_err());
}

async fn account_id(clinic: &Clinic) -> String {
    clinic.state.accounts.id_of("operator").await.unwrap().unwrap()
}

async fn stored_secret(clinic: &Clinic, column: &str) -> String {
    let asked = format!("SELECT {column} FROM accounts WHERE {column} IS NOT NULL");
    let row: (String,) =
        on_db!(clinic.state.store.db(), read, |c| sqlx::query_as(sqlx::AssertSqlSafe(asked)).fetch_one(c).await)
            .unwrap();
    row.0
}

/// What an authenticator would show.
fn code_of(secret: &str, at_s: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(at_s.unsigned_abs()).to_string()
}
