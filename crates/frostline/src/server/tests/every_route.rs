//! Every route of the interface, as its description lists them: who is let in, and who is not.
//!
//! A route that is added to the description is tried here without anybody writing a test for it, and must be added to the
//! pinned list, so that a reviewer sees who may pass.

use axum::http::Method;
use frostline_record::rules::Role;
use serde_json::json;

use super::clinic::{Browser, on_both};
use crate::accounts::permission::ROLES;
use crate::server::doors::{Door, Doors};
use crate::server::router::described;
use crate::server::state::Site;

/// One operation to try.
struct Tried {
    method: Method,
    path: String,
    door: Door,
}

fn operations() -> Vec<Tried> {
    let doors = Doors::of(&described(&Site::default()).1).unwrap();
    let tried =
        |(path, method, door): (&str, &str, Door)| Tried { method: method.parse().unwrap(), path: path.into(), door };
    doors.all().map(|(path, method, operation)| tried((path, method, operation.door.clone()))).collect()
}

/// A path with its variables filled.
fn filled(template: &str, case: &str) -> String {
    let part = |part: &str| match part {
        "{case}" => case.to_string(),
        other if other.starts_with('{') => "some".to_string(),
        other => other.to_string(),
    };
    template.split('/').map(part).collect::<Vec<_>>().join("/")
}

async fn status(browser: &mut Browser, tried: &Tried, case: &str) -> u16 {
    let body = (!tried.method.is_safe()).then(|| json!({}));
    browser.send(tried.method.clone(), &filled(&tried.path, case), body).await.status
}

#[test]
fn every_route_and_who_may_pass_it_is_as_pinned() {
    let line = |tried: &Tried| {
        let who = match &tried.door {
            Door::Open => "everybody".to_string(),
            Door::Patient => "patient".to_string(),
            Door::Shut => "NOBODY".to_string(),
            Door::Staff(permissions) if permissions.is_empty() => "staff".to_string(),
            Door::Staff(permissions) => permissions.iter().map(|one| one.word()).collect::<Vec<_>>().join(" or "),
        };
        format!("{:<7} {:<48} {who}\n", tried.method.as_str(), tried.path)
    };
    let found: String = operations().iter().map(line).collect();
    println!("{found}");
    assert!(!found.contains("NOBODY"), "a route says nothing about who may pass; add security(..) to it");
    assert_eq!(found.trim_end(), include_str!("routes.txt").trim_end());
}

#[tokio::test]
async fn without_a_session_every_route_that_is_not_open_answers_401() {
    on_both(async |clinic| {
        let case = clinic.case().await;
        for tried in operations().iter().filter(|tried| tried.door != Door::Open) {
            let mut stranger = clinic.browser();
            assert_eq!(status(&mut stranger, tried, &case).await, 401, "{} {}", tried.method, tried.path);
            stranger.cookie = Some("frostline=made-up".into());
            assert_eq!(status(&mut stranger, tried, &case).await, 401, "{} {}", tried.method, tried.path);
        }
    })
    .await;
}

#[tokio::test]
async fn every_role_passes_the_routes_of_its_permissions_and_no_other() {
    on_both(async |clinic| {
        let case = clinic.case().await;
        for role in ROLES.into_iter().filter(|role| *role != Role::Patient) {
            let signed_in = clinic.signed_in(role).await;
            for tried in operations() {
                let allowed = match &tried.door {
                    Door::Open => continue,
                    Door::Staff(permissions) => permissions.is_empty() || permissions.iter().any(|one| one.is_of(role)),
                    Door::Patient | Door::Shut => false,
                };
                // Signing out would end the session for the routes after it.
                if tried.method == Method::DELETE && tried.path.ends_with("/session") {
                    continue;
                }
                let mut browser = clinic.browser();
                browser.cookie.clone_from(&signed_in.cookie);
                browser.csrf.clone_from(&signed_in.csrf);
                let found = status(&mut browser, &tried, &case).await;
                let passed = found != 403 && found != 401;
                assert_eq!(passed, allowed, "{} {} {}: {found}", role.word(), tried.method, tried.path);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_patient_passes_patients_routes_only_and_meets_no_case_but_their_own() {
    on_both(async |clinic| {
        let by = clinic.account("nurse", &[Role::Nurse]).await;
        let (own, other) = (clinic.case().await, clinic.case().await);
        let mut patient = clinic.patient_of(&own, &by).await;
        for tried in operations().iter().filter(|tried| tried.door != Door::Open) {
            if patient.cookie.is_none() {
                patient = clinic.patient_of(&own, &by).await;
            }
            let found = status(&mut patient, tried, &own).await;
            if tried.door == Door::Patient {
                assert!(found != 401 && found != 403, "{} {}: {found}", tried.method, tried.path);
            } else {
                assert_eq!(found, 403, "{} {}", tried.method, tried.path);
            }
            if tried.door == Door::Patient && tried.path.contains("{case}") {
                assert_eq!(status(&mut patient, tried, &other).await, 404, "{} {}", tried.method, tried.path);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_change_without_the_session_s_token_is_refused() {
    on_both(async |clinic| {
        let case = clinic.case().await;
        let by = clinic.account("nurse", &[Role::Nurse]).await;
        let mut patient = clinic.patient_of(&case, &by).await;
        let mut staff = clinic.signed_in(Role::Administrator).await;
        (patient.csrf, staff.csrf) = (None, None);
        for tried in operations().iter().filter(|tried| tried.door != Door::Open && !tried.method.is_safe()) {
            for browser in [&mut staff, &mut patient] {
                assert_eq!(status(browser, tried, &case).await, 403, "{} {}", tried.method, tried.path);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_route_outside_the_description_lets_nobody_pass() {
    use super::super::guard::{Gate, guard};
    on_both(async |clinic| {
        let gate = Gate::new(clinic.state.clone(), Doors::default());
        let forgotten = axum::Router::new()
            .route("/api/v1/forgotten", axum::routing::get(|| async { "secret" }))
            .layer(axum::middleware::from_fn_with_state(gate, guard));
        let mut browser = clinic.signed_in(Role::Operator).await;
        let mut outside = clinic.browser_on(forgotten);
        outside.cookie = browser.cookie.take();
        assert_eq!(outside.get("/api/v1/forgotten").await.status, 404);
    })
    .await;
}
