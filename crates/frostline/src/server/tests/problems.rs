//! Whatever goes wrong, the answer is a problem, with the headers that guard the browser.

use axum::body::Body;
use axum::http::{Method, Request};
use frostline_record::rules::Role;
use serde_json::json;

use super::clinic::{Answer, Clinic, on_both};

fn is_problem(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{answer:?}");
    assert_eq!(answer.body["status"], status);
    assert!(answer.text("/type").starts_with("urn:frostline:problem:"));
    assert!(!answer.text("/detail").is_empty() && !answer.text("/title").is_empty());
}

fn to_sign_in(content_type: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::builder().method(Method::POST).uri("/api/v1/session");
    request.header("content-type", content_type).body(body.into()).unwrap()
}

#[tokio::test]
async fn unknown_routes_wrong_methods_and_bad_bodies_are_problems() {
    on_both(async |clinic| {
        let mut browser = clinic.browser();
        is_problem(&browser.get("/nowhere").await, 404);
        is_problem(&browser.get("/api/v1/nowhere").await, 404);
        let wrong = browser.send(Method::PATCH, "/api/v1/session", None).await;
        is_problem(&wrong, 405);
        assert_eq!(wrong.headers["allow"], "DELETE, GET, POST");
        is_problem(&browser.raw(to_sign_in("application/json", "{")).await, 400);
        is_problem(&browser.raw(to_sign_in("text/plain", "{}")).await, 415);
        is_problem(&browser.raw(to_sign_in("application/json", vec![b' '; (1 << 20) + 1])).await, 413);
        let typed = browser.raw(to_sign_in("application/json", r#"{"login": 5, "password": "x"}"#)).await;
        is_problem(&typed, 422);
        assert_eq!(typed.text("/errors/0/pointer"), "/login");
        let surplus = browser.post("/api/v1/session", json!({ "login": "a", "password": "b", "admin": true })).await;
        is_problem(&surplus, 422);
        assert_eq!(surplus.text("/errors/0/pointer"), "/admin");
    })
    .await;
}

#[tokio::test]
async fn a_zero_character_is_refused_wherever_it_stands() {
    on_both(async |clinic| {
        let mut admin = clinic.signed_in(Role::Administrator).await;
        is_problem(&admin.get("/api/v1/accounts/a%00b").await, 404);
        is_problem(&admin.get("/api/v1/accounts/%ff").await, 404);
        is_problem(&admin.post("/api/v1/session", json!({ "login": "a\u{0}b", "password": "x" })).await, 422);
    })
    .await;
}

#[tokio::test]
async fn a_body_of_the_largest_size_is_still_read() {
    on_both(async |clinic| {
        let mut body = br#"{"login": "a", "password": "b"}"#.to_vec();
        body.resize(1 << 20, b' ');
        is_problem(&clinic.browser().raw(to_sign_in("application/json", body)).await, 401);
    })
    .await;
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_guard_the_browser() {
    on_both(async |clinic| {
        let mut browser = clinic.browser();
        for path in ["/api/v1/health", "/nowhere", "/api/v1/session"] {
            let headers = browser.get(path).await.headers;
            assert!(headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert_eq!(headers["referrer-policy"], "no-referrer");
            assert_eq!(headers["cache-control"], "no-store");
            assert!(!headers.contains_key("strict-transport-security"), "not without TLS");
            assert_eq!(headers["x-request-id"].len(), 36);
        }
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_a_problem_and_the_server_goes_on() {
    use axum::middleware::from_fn_with_state;
    use tower_http::catch_panic::CatchPanicLayer;

    let clinic = Clinic::open().await;
    let broken = axum::Router::new()
        .route("/break", axum::routing::get(|| async { panic!("Maria Lopez") as () }))
        .layer(CatchPanicLayer::custom(crate::server::frame::panicked))
        .layer(from_fn_with_state(clinic.state.clone(), crate::server::frame::frame));
    let mut browser = clinic.browser_on(broken);
    let answer = browser.get("/break").await;
    is_problem(&answer, 500);
    assert!(!answer.body.to_string().contains("Maria"));
}

#[tokio::test]
async fn the_description_is_openapi_3_1_and_every_operation_documents_its_refusals() {
    on_both(async |clinic| {
        let description = clinic.browser().get("/api/v1/openapi.json").await.body;
        assert_eq!(description["openapi"], "3.1.0");
        for (path, item) in description["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let refusal = &operation["responses"]["404"]["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(refusal, "#/components/schemas/Problem", "{method} {path}");
            }
        }
        assert!(description["components"]["schemas"]["Problem"].is_object(), "and what they look like");
    })
    .await;
}

#[tokio::test]
async fn a_nurse_gets_no_accounts_and_the_refusal_names_the_permission() {
    on_both(async |clinic| {
        let answer = clinic.signed_in(Role::Nurse).await.get("/api/v1/accounts").await;
        is_problem(&answer, 403);
        assert!(answer.text("/detail").contains("manage-accounts"));
    })
    .await;
}

#[tokio::test]
async fn somebody_who_asks_too_often_waits_and_nobody_else_does() {
    let clinic = Clinic::open().await;
    let (mut nurse, mut coder) = (clinic.signed_in(Role::Nurse).await, clinic.signed_in(Role::Coder).await);
    let rates = clinic.state.numbers().requests.clone();
    for _ in 0..rates.account_at_once {
        assert_eq!(nurse.get("/api/v1/session").await.status, 200);
    }
    let audited = clinic.audited().await.len();
    let refused = nurse.get("/api/v1/cases").await;
    is_problem(&refused, 429);
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(nurse.post("/api/v1/cases", json!({})).await.status, 429);
    assert_eq!(clinic.audited().await.len(), audited, "the audit cannot be filled that way");
    assert_eq!(coder.get("/api/v1/session").await.status, 200);
    clinic.state.clock.move_on_s(1);
    for _ in 0..rates.account_per_s {
        assert_eq!(nurse.get("/api/v1/session").await.status, 200);
    }
    assert_eq!(nurse.get("/api/v1/session").await.status, 429);
}

#[tokio::test]
async fn every_operation_says_that_it_may_ask_to_wait_and_how_long() {
    let description = Clinic::open().await.browser().get("/api/v1/openapi.json").await.body;
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let header = operation.pointer("/responses/429/headers/retry-after/schema/type");
            assert_eq!(header, Some(&json!("integer")), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn what_a_reading_route_refuses_is_described() {
    let clinic = Clinic::open().await;
    let case = clinic.case().await;
    let mut operator = clinic.signed_in(Role::Operator).await;
    let described = operator.get("/api/v1/openapi.json").await.body;
    let answers = |path: &str| described["paths"][path]["get"]["responses"].as_object().unwrap().clone();
    let odd = operator.get(&format!("/api/v1/cases/{case}/documents/leaflet?language=")).await;
    assert_eq!((odd.status, odd.text("/errors/0/pointer")), (422, "/language"), "{odd:?}");
    assert!(answers("/api/v1/cases/{case}/documents/{document}").contains_key("422"));
    // A case that was erased is gone for whoever reads it.
    assert!(answers("/api/v1/cases/{case}").contains_key("410"));
}
