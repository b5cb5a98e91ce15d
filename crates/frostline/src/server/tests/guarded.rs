//! The guard before routes that are made up here: what it holds for every route that anybody will add.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use frostline_record::rules::Role;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::clinic::{Browser, Clinic, PASSWORD, on_both};
use crate::server::doors::Doors;
use crate::server::guard::{Gate, guard};
use crate::server::signed::{Signed, SignedPatient};
use crate::server::state::AppState;

#[utoipa::path(get, path = "/own/{case}", security(("patient" = ["read-own"])), responses((status = 200)))]
async fn own(patient: SignedPatient) -> Json<Value> {
    Json(json!({ "case": patient.case }))
}

#[utoipa::path(post, path = "/cases/{case}/event", security(("session" = ["adverse-event"])), responses((status = 200)))]
async fn event(signed: Signed) -> Json<Value> {
    Json(json!({ "emergency": signed.emergency }))
}

#[utoipa::path(get, path = "/unsaid", responses((status = 200)))]
async fn unsaid() -> &'static str {
    "secret"
}

#[utoipa::path(post, path = "/cases/{case}/breaks", security(("session" = ["adverse-event"])), responses((status = 200)))]
async fn breaks(Path(case): Path<String>, signed: Signed, State(state): State<AppState>) -> &'static str {
    state.accounts.break_glass(&signed.account, &case, "written before the panic").await.unwrap();
    panic!("a clinical value");
}

#[utoipa::path(get, path = "/breaks/{case}", security(("session" = ["read-case"])), responses((status = 200)))]
async fn breaks_reading(_: Signed) -> &'static str {
    panic!("a clinical value");
}

/// A browser at the made-up routes, with the session of another.
fn at_routes(clinic: &Clinic, browser: &Browser) -> Browser {
    let routes = OpenApiRouter::new().routes(routes!(own)).routes(routes!(event)).routes(routes!(unsaid));
    let routes = routes.routes(routes!(breaks)).routes(routes!(breaks_reading)).with_state(clinic.state.clone());
    let (router, description) = routes.split_for_parts();
    let gate = Gate::new(clinic.state.clone(), Doors::of(&description).unwrap());
    let mut there = clinic.browser_on(router.layer(axum::middleware::from_fn_with_state(gate, guard)));
    there.cookie.clone_from(&browser.cookie);
    there.csrf.clone_from(&browser.csrf);
    there
}

#[tokio::test]
async fn a_patient_reads_their_own_case_and_another_one_is_not_there() {
    on_both(async |clinic| {
        let by = clinic.account("nurse", &[Role::Nurse]).await;
        let (case, other) = (clinic.case().await, clinic.case().await);
        let mut patient = at_routes(&clinic, &clinic.patient_of(&case, &by).await);
        assert_eq!(patient.get(&format!("/own/{case}")).await.text("/case"), case);
        assert_eq!(patient.get(&format!("/own/{other}")).await.status, 404);
        let audited = clinic.audited().await;
        let seen: Vec<_> = audited.iter().filter(|entry| entry["operation"] == "own").collect();
        assert_eq!(seen.len(), 2, "what was refused is recorded as well");
        assert_eq!(
            (&seen[0]["case"], &seen[1]["case"], &seen[1]["status"]),
            (&json!(case), &json!(other), &json!(404))
        );
    })
    .await;
}

#[tokio::test]
async fn emergency_access_opens_one_case_for_an_hour_and_marks_every_entry() {
    on_both(async |clinic| {
        let mut technologist = clinic.signed_in(Role::Technologist).await;
        let (case, other) = (clinic.case().await, clinic.case().await);
        let path = format!("/cases/{case}/event");
        let mut there = at_routes(&clinic, &technologist);
        assert_eq!(there.post(&path, json!({})).await.status, 403);
        let reason = json!({ "reason": "patient collapsed in recovery" });
        let taken = technologist.post(&format!("/api/v1/cases/{case}/emergency-access"), reason).await;
        assert_eq!(there.post(&path, json!({})).await.text("/emergency"), taken.text("/id"));
        assert_eq!(there.post(&format!("/cases/{other}/event"), json!({})).await.status, 403);
        let last = clinic.audited().await.into_iter().rfind(|entry| entry["status"] == 200).unwrap();
        assert_eq!(last["emergency"], taken.body["id"]);

        clinic.state.clock.move_on_s(3600);
        technologist.sign_in("technologist", PASSWORD).await;
        assert_eq!(at_routes(&clinic, &technologist).post(&path, json!({})).await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn a_route_that_does_not_say_who_may_pass_lets_nobody_pass() {
    on_both(async |clinic| {
        let operator = clinic.signed_in(Role::Operator).await;
        let answer = at_routes(&clinic, &operator).get("/unsaid").await;
        assert_eq!(answer.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_route_that_panics_after_it_wrote_is_recorded_and_answered_with_a_problem() {
    on_both(async |clinic| {
        let nurse = clinic.signed_in(Role::Nurse).await;
        let case = clinic.case().await;
        let mut there = at_routes(&clinic, &nurse);
        for (method, path) in
            [(Method::POST, format!("/cases/{case}/breaks")), (Method::GET, format!("/breaks/{case}"))]
        {
            let answer = there.send(method.clone(), &path, (method == Method::POST).then(|| json!({}))).await;
            assert_eq!((answer.status, answer.text("/type")), (500, "urn:frostline:problem:broken"), "{answer:?}");
            assert_eq!(answer.headers["content-type"], "application/problem+json");
            assert!(answer.text("/detail").contains("a change may have been made"), "{answer:?}");
            assert!(!format!("{answer:?}").contains("clinical"), "{answer:?}");
            let last = clinic.audited().await.pop().unwrap();
            assert_eq!((&last["status"], &last["case"]), (&json!(500), &json!(case)), "{last}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_whose_request_panicked_is_free_again() {
    on_both(async |clinic| {
        let nurse = clinic.signed_in(Role::Nurse).await;
        let path = format!("/cases/{}/breaks", clinic.case().await);
        let mut there = at_routes(&clinic, &nurse);
        for _ in 0..2 {
            let asked = (Method::POST, path.as_str(), Some(json!({})));
            let answer = there.with("idempotency-key", "one", asked).await;
            assert_eq!((answer.status, answer.headers.get("idempotency-replayed")), (500, None), "{answer:?}");
        }
    })
    .await;
}
