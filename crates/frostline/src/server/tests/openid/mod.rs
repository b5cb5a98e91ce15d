//! Signing in by a provider, driven from outside through a provider that is made up here; and what is refused.

mod provider;

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Request, header};
use frostline_record::rules::Role;
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl};
use serde_json::{Value, json};

use self::provider::{Provider, Signer};
use super::clinic::{Answer, Browser, Clinic, PASSWORD};
use crate::accounts::{FirstSignIn, OpenIdSetting, RoleClaim, SignInSetting};
use crate::server::state::Site;

struct Desk {
    clinic: Clinic,
    provider: Provider,
    signer: Signer,
}

/// What a browser took along to the provider.
struct Left {
    cookie: String,
    asked: BTreeMap<String, String>,
}

impl Left {
    fn asked(&self, name: &str) -> &str {
        &self.asked[name]
    }
}

impl Desk {
    async fn open() -> Desk {
        Desk::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut Site)) -> Desk {
        let (provider, signer) = (Provider::open().await, Signer::rsa());
        provider.publish(vec![signer.published("one")]);
        let openid = OpenIdSetting {
            issuer: IssuerUrl::new(provider.issuer.clone()).unwrap(),
            client: ClientId::new("frostline".into()),
            client_secret: Some(ClientSecret::new("secret".into())),
            callback: RedirectUrl::new("http://127.0.0.1/api/v1/openid/callback".into()).unwrap(),
            after: "/".into(),
            scopes: vec!["profile".into()],
            first_sign_in: FirstSignIn::Refused,
            two_factors: vec!["mfa".into()],
            roles: None,
        };
        let sign_in = SignInSetting { openid: Some(openid), ..SignInSetting::default() };
        let mut site = Site { sign_in, ..Site::default() };
        change(&mut site);
        Desk { clinic: Clinic::at(site).await, provider, signer }
    }

    /// A nurse whom an administrator linked with the subject `7c9`.
    async fn with_nurse(self) -> (Desk, String) {
        let id = self.clinic.account("nurse", &[Role::Nurse]).await;
        self.clinic.state.accounts.link_identity(&id, "7c9").await.unwrap();
        (self, id)
    }

    async fn leaves(&self) -> Left {
        let answer = self.clinic.browser().get("/api/v1/openid/start").await;
        assert_eq!(answer.status, 303, "{answer:?}");
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let address: openidconnect::url::Url = answer.headers[header::LOCATION].to_str().unwrap().parse().unwrap();
        let asked = address.query_pairs().into_owned().collect();
        Left { cookie: cookie.split(';').next().unwrap().to_owned(), asked }
    }

    /// What an honest provider says of the nurse.
    fn claims(&self, left: &Left) -> Value {
        let now_s = self.clinic.state.clock.now_s();
        json!({
            "iss": self.provider.issuer, "sub": "7c9", "aud": "frostline", "exp": now_s + 300, "iat": now_s,
            "nonce": left.asked("nonce"), "name": "Nora Ames",
        })
    }

    fn code(&self, left: &Left, token: String) -> String {
        self.provider.code(left.asked("code_challenge"), token)
    }

    async fn returns(&self, cookie: &str, query: &str) -> (Answer, Browser) {
        let mut browser = self.clinic.browser();
        let path = format!("/api/v1/openid/callback?{query}");
        let request = Request::builder().method(Method::GET).uri(path).header(header::COOKIE, cookie);
        let answer = browser.raw(request.body(Body::empty()).unwrap()).await;
        // The session's cookie comes first; what is left otherwise is the one that was taken away.
        browser.cookie = browser.cookie.filter(|cookie| cookie.starts_with("frostline="));
        (answer, browser)
    }

    /// The whole way, with a token of one's own making.
    async fn comes_with(&self, token: impl FnOnce(&Desk, &Left) -> String) -> (Answer, Browser) {
        let left = self.leaves().await;
        let code = self.code(&left, token(self, &left));
        self.returns(&left.cookie, &format!("code={code}&state={}", left.asked("state"))).await
    }

    /// The whole way, with an honest token of which something is changed.
    async fn comes(&self, change: Value) -> (Answer, Browser) {
        self.comes_with(|desk, left| desk.signer.token("one", &changed(desk.claims(left), &change))).await
    }
}

fn changed(mut claims: Value, change: &Value) -> Value {
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn is_refused((answer, browser): &(Answer, Browser), status: u16, why: &str) {
    assert_eq!(answer.status, status, "{why}: {answer:?}");
    assert!(answer.text("/detail").contains(why), "{why}: {answer:?}");
    assert_eq!(browser.cookie, None, "{why}: somebody is signed in");
}

#[tokio::test]
async fn somebody_whom_an_administrator_linked_signs_in_by_the_provider_and_out() {
    let (desk, id) = Desk::open().await.with_nurse().await;
    let left = desk.leaves().await;
    let asked = (left.asked("response_type"), left.asked("code_challenge_method"), left.asked("scope"));
    assert_eq!(asked, ("code", "S256", "openid profile"));
    let (answer, mut nurse) = desk.comes(json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let me = nurse.get("/api/v1/session").await;
    assert_eq!((me.text("/account"), me.text("/role"), me.text("/display_name")), (id.as_str(), "nurse", "Dr nurse"));
    let seen = desk.clinic.audited().await;
    assert!(
        seen.iter().any(|entry| entry["operation"] == "openid_callback" && entry["about"] == json!(id)),
        "{seen:?}"
    );
    let out = nurse.get("/api/v1/openid/sign-out").await;
    let out = out.headers[header::LOCATION].to_str().unwrap();
    assert!(out.starts_with(&format!("{}/end?", desk.provider.issuer)) && out.contains("client_id=frostline"), "{out}");
    nurse.csrf = Some(me.text("/csrf_token").to_string());
    let cookie = nurse.cookie.clone();
    assert_eq!(nurse.delete("/api/v1/session").await.status, 204);
    nurse.cookie = cookie;
    assert_eq!(nurse.get("/api/v1/session").await.status, 401);
}

#[tokio::test]
async fn a_token_that_says_anything_else_than_what_was_asked_opens_nothing() {
    let (desk, _) = Desk::open().await.with_nurse().await;
    let now_s = desk.clinic.state.clock.now_s();
    let lies = [
        (json!({ "nonce": "another" }), "nonce"),
        (json!({ "nonce": null }), "nonce"),
        (json!({ "exp": now_s }), "expired"),
        (json!({ "iat": now_s - 661 }), "older than this sign-in"),
        (json!({ "iat": now_s + 61 }), "from the future"),
        (json!({ "aud": "another-client" }), "audience"),
        (json!({ "aud": ["frostline", "another-client"] }), "audience"),
        (json!({ "azp": "another-client" }), "azp"),
        (json!({ "iss": "http://127.0.0.1:1" }), "issuer"),
        (json!({ "sub": "" }), "subject"),
    ];
    for (lie, why) in lies {
        is_refused(&desk.comes(lie).await, 401, why);
    }
    assert_eq!(desk.comes(json!({ "azp": "frostline" })).await.0.status, 200, "the truth opens");
}

#[tokio::test]
async fn a_token_that_the_provider_did_not_sign_opens_nothing() {
    let (desk, _) = Desk::open().await.with_nurse().await;
    let signed_by =
        async |signer: Signer, name: &str| desk.comes_with(|desk, left| signer.token(name, &desk.claims(left))).await;
    is_refused(&signed_by(Signer::Nobody, "one").await, 401, "refused");
    is_refused(&signed_by(Signer::ec(), "two").await, 401, "ignature");
    is_refused(&signed_by(Signer::ec(), "one").await, 401, "ignature");
    // The public key, in each of the forms in which somebody might take it for a shared secret.
    let published = desk.signer.published("one");
    for key in
        [published["n"].as_str().unwrap().as_bytes().to_vec(), published.to_string().into_bytes(), b"secret".to_vec()]
    {
        is_refused(&signed_by(Signer::Hmac(key), "one").await, 401, "ignature");
    }
    let tampered = desk.comes_with(|desk, left| {
        let honest = desk.signer.token("one", &desk.claims(left));
        let lie = desk.signer.token("one", &changed(desk.claims(left), &json!({ "sub": "boss" })));
        let (head, signature) = (lie.rsplit_once('.').unwrap().0, honest.rsplit_once('.').unwrap().1);
        format!("{head}.{signature}")
    });
    is_refused(&tampered.await, 401, "ignature");
    let unsigned = desk.comes_with(|desk, left| {
        desk.signer.token("one", &desk.claims(left)).rsplit_once('.').unwrap().0.to_string() + "."
    });
    is_refused(&unsigned.await, 401, "ignature");
}

#[tokio::test]
async fn what_another_browser_or_another_flow_brings_opens_nothing() {
    let (desk, _) = Desk::open().await.with_nurse().await;
    let (mine, theirs) = (desk.leaves().await, desk.leaves().await);
    let code = desk.code(&mine, desk.signer.token("one", &desk.claims(&mine)));
    let query = |code: &str, left: &Left| format!("code={code}&state={}", left.asked("state"));
    let unasked = "answers nothing that this browser asked";
    is_refused(&desk.returns(&theirs.cookie, &query(&code, &mine)).await, 401, unasked);
    is_refused(&desk.returns("a=b", &query(&code, &mine)).await, 401, unasked);
    is_refused(&desk.returns(&mine.cookie, &format!("code={code}&state=guess")).await, 401, unasked);
    is_refused(&desk.returns(&mine.cookie, &query(&code, &theirs)).await, 401, unasked);
    assert!(desk.provider.holds(&code), "the provider was not even asked");
    // Somebody slips their own code into another's browser: the provider sees that another began (PKCE).
    is_refused(&desk.returns(&theirs.cookie, &query(&code, &theirs)).await, 401, "does not take the code");
    assert_eq!(desk.returns(&mine.cookie, "state=x").await.0.status, 400);
    is_refused(&desk.returns(&mine.cookie, "error=access_denied&state=x").await, 401, "access_denied");
}

#[tokio::test]
async fn a_way_back_is_good_once_for_ten_minutes_and_from_the_right_provider() {
    let (desk, _) = Desk::open().await.with_nurse().await;
    let left = desk.leaves().await;
    let code = desk.code(&left, desk.signer.token("one", &desk.claims(&left)));
    let query = format!("code={code}&state={}", left.asked("state"));
    assert_eq!(desk.returns(&left.cookie, &query).await.0.status, 200);
    is_refused(&desk.returns(&left.cookie, &query).await, 401, "answers nothing");
    let left = desk.leaves().await;
    let query = format!("code=x&state={}&iss=https://evil.example", left.asked("state"));
    is_refused(&desk.returns(&left.cookie, &query).await, 401, "another issuer");
    let left = desk.leaves().await;
    let code = desk.code(&left, desk.signer.token("one", &desk.claims(&left)));
    desk.clinic.state.clock.move_on_s(600);
    let query = format!("code={code}&state={}", left.asked("state"));
    is_refused(&desk.returns(&left.cookie, &query).await, 401, "answers nothing");
}

#[tokio::test]
async fn a_provider_may_change_its_key_and_the_old_one_is_worth_nothing_then() {
    let (mut desk, _) = Desk::open().await.with_nurse().await;
    assert_eq!(desk.comes(json!({})).await.0.status, 200);
    let new = Signer::ec();
    desk.provider.publish(vec![new.published("two")]);
    let with_new = desk.comes_with(|desk, left| new.token("two", &desk.claims(left))).await;
    assert_eq!(with_new.0.status, 200, "{:?}", with_new.0);
    is_refused(&desk.comes(json!({})).await, 401, "ignature");
    desk.signer = Signer::ec();
    is_refused(&desk.comes(json!({})).await, 401, "ignature");
}

#[tokio::test]
async fn a_stranger_is_sent_away_or_gets_an_account_that_opens_nothing_without_a_role() {
    let desk = Desk::open().await;
    is_refused(&desk.comes(json!({})).await, 403, "known as '7c9'");
    let desk = Desk::with(|site| site.sign_in.openid.as_mut().unwrap().first_sign_in = FirstSignIn::WithoutRole).await;
    // Their token says that they are an administrator, under a name that somebody here has.
    let boast =
        json!({ "groups": ["administrator"], "roles": ["administrator"], "preferred_username": "administrator" });
    let mut admin = desk.clinic.signed_in(Role::Administrator).await;
    is_refused(&desk.comes(boast.clone()).await, 403, "no role yet");
    is_refused(&desk.comes(boast.clone()).await, 403, "no role yet");
    let listed = admin.get("/api/v1/accounts").await;
    let made = listed.body["items"].as_array().unwrap().iter().find(|one| one["display_name"] == "Nora Ames").unwrap();
    assert_eq!((made["roles"].clone(), listed.body["items"].as_array().unwrap().len()), (json!([]), 2));
    let path = format!("/api/v1/accounts/{}", made["id"].as_str().unwrap());
    let patch = (Method::PATCH, path.as_str(), Some(json!({ "roles": ["nurse"] })));
    assert_eq!(admin.with("if-match", "\"1\"", patch).await.status, 200);
    let (answer, mut nurse) = desk.comes(boast).await;
    assert_eq!((answer.status, nurse.get("/api/v1/session").await.text("/role")), (200, "nurse"));
}

#[tokio::test]
async fn an_administrator_links_and_unlinks_and_no_subject_belongs_to_two() {
    let desk = Desk::open().await;
    let mut admin = desk.clinic.signed_in(Role::Administrator).await;
    let (one, two) =
        (desk.clinic.account("one", &[Role::Nurse]).await, desk.clinic.account("two", &[Role::Coder]).await);
    let path = |id: &str| format!("/api/v1/accounts/{id}/openid");
    assert_eq!(admin.get(&path(&one)).await.status, 404);
    assert_eq!(admin.put(&path(&one), json!({ "subject": "" })).await.status, 422);
    assert_eq!(admin.put(&path(&one), json!({ "subject": "7c9" })).await.status, 200);
    assert_eq!(admin.put(&path(&two), json!({ "subject": "7c9" })).await.status, 409);
    assert_eq!(admin.put(&path(&one), json!({ "subject": "8d0" })).await.status, 409);
    assert_eq!(admin.get(&path(&one)).await.text("/subject"), "7c9");
    let (_, mut nurse) = desk.comes(json!({})).await;
    assert_eq!(nurse.get("/api/v1/session").await.status, 200);
    assert_eq!(admin.delete(&path(&one)).await.status, 204);
    assert_eq!(nurse.get("/api/v1/session").await.status, 401, "whoever is unlinked is signed out");
    is_refused(&desk.comes(json!({})).await, 403, "7c9");
}

#[tokio::test]
async fn who_has_no_password_ends_other_sessions_only_just_after_coming_from_the_provider() {
    let roles = RoleClaim { claim: "g".into(), map: BTreeMap::from([("n".into(), Role::Nurse)]) };
    let desk = Desk::with(|site| {
        let openid = site.sign_in.openid.as_mut().unwrap();
        (openid.first_sign_in, openid.roles) = (FirstSignIn::WithoutRole, Some(roles));
    });
    let desk = desk.await;
    desk.clinic.account("administrator", &[Role::Administrator]).await;
    let (there, mut here) = (desk.comes(json!({ "g": "n" })).await.1, desk.comes(json!({ "g": "n" })).await.1);
    let me = here.get("/api/v1/session").await;
    here.csrf = Some(me.text("/csrf_token").to_string());
    let sessions = here.get("/api/v1/sessions").await;
    let other = sessions.body.as_array().unwrap().iter().find(|line| line["this_one"] == false).unwrap();
    let path = format!("/api/v1/sessions/{}/end", other["id"].as_str().unwrap());
    desk.clinic.state.clock.move_on_s(300);
    assert_eq!(here.post(&path, json!({})).await.status, 422, "that was five minutes ago");
    let mut fresh = desk.comes(json!({ "g": "n" })).await.1;
    fresh.csrf = Some(fresh.get("/api/v1/session").await.text("/csrf_token").to_string());
    assert_eq!(fresh.post(&path, json!({})).await.status, 204);
    let mut ended = there;
    assert_eq!(ended.get("/api/v1/session").await.status, 401);
}

#[tokio::test]
async fn another_site_cannot_send_a_browser_on_its_way() {
    let desk = Desk::open().await;
    let start = || (Method::GET, "/api/v1/openid/start", None);
    let mut browser = desk.clinic.browser();
    assert_eq!(browser.with("sec-fetch-site", "cross-site", start()).await.status, 403);
    assert_eq!(browser.with("sec-fetch-site", "same-origin", start()).await.status, 303);
}

#[tokio::test]
async fn a_closed_account_is_closed_to_the_provider_as_well() {
    let (desk, id) = Desk::open().await.with_nurse().await;
    let mut admin = desk.clinic.signed_in(Role::Administrator).await;
    let version = admin.get(&format!("/api/v1/accounts/{id}")).await.headers["etag"].to_str().unwrap().to_string();
    let path = format!("/api/v1/accounts/{id}");
    let patch = (Method::PATCH, path.as_str(), Some(json!({ "active": false })));
    assert_eq!(admin.with("if-match", &version, patch).await.status, 200);
    is_refused(&desk.comes(json!({})).await, 403, "7c9");
}

#[tokio::test]
async fn roles_come_from_the_token_only_where_the_site_maps_a_claim() {
    let claim = || RoleClaim { claim: "groups".into(), map: BTreeMap::from([("cryo-coders".into(), Role::Coder)]) };
    let (desk, _) =
        Desk::with(|site| site.sign_in.openid.as_mut().unwrap().roles = Some(claim())).await.with_nurse().await;
    desk.clinic.account("administrator", &[Role::Administrator]).await;
    let (answer, mut coder) = desk.comes(json!({ "groups": ["cryo-coders", "administrator"] })).await;
    assert_eq!((answer.status, coder.get("/api/v1/session").await.body["roles"].clone()), (200, json!(["coder"])));
    is_refused(&desk.comes(json!({ "groups": [] })).await, 403, "no role");
    assert_eq!(coder.get("/api/v1/session").await.status, 401, "whose roles changed is signed out");
}

#[tokio::test]
async fn where_two_factors_are_asked_for_the_provider_must_say_that_it_saw_them() {
    let (desk, _) = Desk::with(|site| site.second_factor = true).await.with_nurse().await;
    is_refused(&desk.comes(json!({})).await, 403, "two factors");
    is_refused(&desk.comes(json!({ "amr": ["pwd"] })).await, 403, "two factors");
    let (answer, mut nurse) = desk.comes(json!({ "amr": ["pwd", "mfa"] })).await;
    assert_eq!((answer.status, nurse.get("/api/v1/cases").await.status), (200, 200));
}

#[tokio::test]
async fn where_passwords_are_off_only_the_emergency_administrator_has_one_and_must_stay() {
    let (desk, _) = Desk::with(|site| site.sign_in.only_password = Some("emergency".into())).await.with_nurse().await;
    let mut stranger = desk.clinic.browser();
    let ways = stranger.get("/api/v1/openid").await;
    assert_eq!(ways.body, json!({ "openid": true, "password": false }));
    for login in ["nurse", "Nurse", "nobody"] {
        assert_eq!(stranger.sign_in(login, PASSWORD).await.status, 403, "{login}");
    }
    assert!(
        desk.clinic.state.accounts.must_have_emergency_administrator().await.is_err(),
        "a server must not start so"
    );
    let id = desk.clinic.account("emergency", &[Role::Administrator]).await;
    desk.clinic.state.accounts.must_have_emergency_administrator().await.unwrap();
    desk.clinic.account("administrator", &[Role::Administrator]).await;
    let mut emergency = desk.clinic.browser();
    assert_eq!(emergency.sign_in("Emergency", PASSWORD).await.status, 201);
    let path = format!("/api/v1/accounts/{id}");
    let patch = (Method::PATCH, path.as_str(), Some(json!({ "active": false })));
    assert_eq!(emergency.with("if-match", "\"2\"", patch).await.status, 409, "nobody could come in any more");
    assert_eq!(desk.comes(json!({})).await.0.status, 200);
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_said_and_lets_nobody_in() {
    let gone = |site: &mut Site| {
        site.sign_in.openid.as_mut().unwrap().issuer = IssuerUrl::new("http://127.0.0.1:9".into()).unwrap()
    };
    let desk = Desk::with(gone).await;
    let answer = desk.clinic.browser().get("/api/v1/openid/start").await;
    assert_eq!(answer.status, 503);
    assert!(answer.text("/detail").contains("127.0.0.1:9"), "{answer:?}");
    let none = Clinic::open().await;
    assert_eq!(none.browser().get("/api/v1/openid/start").await.status, 404);
}
