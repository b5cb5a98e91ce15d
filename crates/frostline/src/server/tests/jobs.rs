//! Long jobs over the interface: who may start, see and stop which, and how a job is followed to its end.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use frostline_record::rules::Role;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::clinic::{Browser, on_both};
use crate::jobs::{Labour, Worker, labour};

fn plan(case_file: &str) -> Value {
    json!({ "work": { "plan": { "case_file": case_file } } })
}

async fn started(browser: &mut Browser, asked: Value) -> String {
    let answer = browser.post("/api/v1/jobs", asked).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let path = format!("/api/v1/jobs/{}", answer.text("/id"));
    assert_eq!(answer.headers[header::LOCATION], *path);
    assert_eq!((answer.text("/state"), answer.body["progress"].as_f64()), ("waiting", Some(0.0)));
    path
}

#[tokio::test]
async fn a_job_without_a_case_is_seen_and_stopped_by_nobody_but_who_asked() {
    on_both(async |clinic| {
        let (mut operator, mut other) =
            (clinic.signed_in(Role::Operator).await, clinic.signed_in(Role::Technologist).await);
        let path = started(&mut operator, plan("title = \"a\"")).await;
        for path in [path.clone(), format!("{path}/events")] {
            assert_eq!(other.get(&path).await.status, 404, "{path}");
        }
        assert_eq!(other.delete(&path).await.status, 404);
        assert_eq!(other.get("/api/v1/jobs").await.body["items"], json!([]));
        assert_eq!(operator.get(&path).await.text("/state"), "waiting");
        assert_eq!(operator.get("/api/v1/jobs").await.body["items"].as_array().unwrap().len(), 1);
        let stopped = operator.delete(&path).await;
        assert_eq!((stopped.status, stopped.text("/state")), (202, "cancelled"));
        assert_eq!(operator.delete(&path).await.status, 409, "what ended stays as it is");
    })
    .await;
}

#[tokio::test]
async fn a_job_of_a_case_is_seen_by_whoever_may_read_cases_and_by_nobody_else() {
    on_both(async |clinic| {
        let case = clinic.case().await;
        let mut operator = clinic.signed_in(Role::Operator).await;
        let mut asked = plan("title = \"a\"");
        asked["case"] = json!(case);
        let path = started(&mut operator, asked.clone()).await;
        let list = format!("/api/v1/jobs?case={case}");
        let mut nurse = clinic.signed_in(Role::Nurse).await;
        assert_eq!(nurse.get(&path).await.text("/case"), case);
        assert_eq!(nurse.get(&list).await.body["items"].as_array().unwrap().len(), 1);
        assert_eq!(nurse.delete(&path).await.status, 403, "seeing is not stopping");
        let mut administrator = clinic.signed_in(Role::Administrator).await;
        assert_eq!(administrator.get(&path).await.status, 403);
        assert_eq!(administrator.get(&list).await.status, 403);
        let by = clinic.account("inviter", &[Role::Nurse]).await;
        let mut patient = clinic.patient_of(&case, &by).await;
        assert_eq!(patient.get(&path).await.status, 403);
        let audited = clinic.audited().await;
        let seen: Vec<_> = audited.iter().filter(|line| line["case"] == case).map(|line| &line["operation"]).collect();
        for operation in ["start_job", "read_job", "list_jobs"] {
            assert!(seen.contains(&&json!(operation)), "{operation} in {seen:?}");
        }
        asked["case"] = json!("3f0e2b7e-0000-7000-8000-000000000000");
        assert_eq!(operator.post("/api/v1/jobs", asked).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn settings_out_of_range_are_named_by_their_place_and_nothing_waits() {
    on_both(async |clinic| {
        let mut operator = clinic.signed_in(Role::Operator).await;
        let refused = [
            (json!({ "work": { "robust": { "case_file": "", "samples": 7 } } }), "/work/robust/samples"),
            (json!({ "work": { "plan": { "case_file": "", "tolerance_mm": 2 } } }), "/work/plan/tolerance_mm"),
            (json!({ "work": { "plan": { "case_file": 7 } } }), "/work/plan/case_file"),
        ];
        for (asked, pointer) in refused {
            let answer = operator.post("/api/v1/jobs", asked).await;
            assert_eq!((answer.status, answer.text("/errors/0/pointer")), (422, pointer));
        }
        assert_eq!(operator.get("/api/v1/jobs").await.body["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn the_same_key_starts_one_job() {
    on_both(async |clinic| {
        let mut operator = clinic.signed_in(Role::Operator).await;
        let ask = || (Method::POST, "/api/v1/jobs", Some(plan("title = \"a\"")));
        let first = operator.with("idempotency-key", "one", ask()).await;
        let again = operator.with("idempotency-key", "one", ask()).await;
        assert_eq!((first.text("/id"), again.status), (again.text("/id"), 202));
        assert_eq!(operator.get("/api/v1/jobs").await.body["items"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn pages_meet_every_job_once_newest_first() {
    on_both(async |clinic| {
        let mut operator = clinic.signed_in(Role::Operator).await;
        let mut paths = Vec::new();
        for _ in 0..3 {
            paths.push(started(&mut operator, plan("")).await);
        }
        let first = operator.get("/api/v1/jobs?limit=2").await;
        let second = operator.get(&format!("/api/v1/jobs?limit=2&after={}", first.text("/next"))).await;
        let met = [&first.body["items"][0], &first.body["items"][1], &second.body["items"][0]];
        for (met, path) in met.into_iter().zip(paths.iter().rev()) {
            assert!(path.ends_with(met["id"].as_str().unwrap()), "{met} {path}");
        }
        assert_eq!(second.body.get("next"), None);
    })
    .await;
}

#[tokio::test]
async fn whoever_follows_a_job_hears_every_change_and_then_its_end() {
    on_both(async |clinic| {
        let mut operator = clinic.signed_in(Role::Operator).await;
        let path = started(&mut operator, plan("title = 7")).await;
        let request = Request::get(format!("{path}/events")).header(header::COOKIE, operator.cookie.clone().unwrap());
        let response = clinic.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        // Nobody works yet, so the first event says that the job waits.
        let mut told = response.into_body().into_data_stream();
        let first = told.next().await.unwrap().unwrap();
        assert!(first.starts_with(b"event: progress\ndata: {"), "{first:?}");
        let how = Labour::with_slots(1, Duration::from_secs(30));
        let attachments = clinic.state.store.attachments().clone();
        let following = to_bytes(Body::from_stream(told), usize::MAX);
        let text = tokio::select! {
            text = following => text.unwrap(),
            () = labour(clinic.state.jobs.clone(), attachments, how, std::future::pending()) => unreachable!("it never stops"),
        };
        let text = String::from_utf8(text.to_vec()).unwrap();
        let events: Vec<&str> = text.split("\n\n").filter(|event| !event.is_empty()).collect();
        let (last, before) = events.split_last().unwrap();
        assert!(last.starts_with("event: ended\n") && !before.iter().any(|event| event.contains("ended\n")), "{text}");
        let job = operator.get(&path).await;
        assert_eq!(job.text("/state"), "failed");
        assert!(job.text("/problem").starts_with("case file: TOML parse error at line 1, column 9"), "{job:?}");
    })
    .await;
}

#[tokio::test]
async fn a_done_job_shows_its_result_and_lists_do_not() {
    on_both(async |clinic| {
        let mut operator = clinic.signed_in(Role::Operator).await;
        let path = started(&mut operator, plan("")).await;
        let (queue, worker) = (&clinic.state.jobs, Worker::new(Duration::from_secs(30)));
        queue.register(&worker).await.unwrap();
        let claim = queue.claim(&worker).await.unwrap().unwrap();
        queue.progress(&claim, 0.25, "freezing").await.unwrap();
        let running = operator.get(&path).await;
        assert_eq!((running.body["progress"].as_f64(), running.text("/doing")), (Some(0.25), "freezing"));
        assert!(queue.end(&claim, &crate::jobs::End::Done(r#"{"verdict":"ok"}"#.into())).await.unwrap());
        let done = operator.get(&path).await;
        assert_eq!((done.text("/state"), done.body["progress"].as_f64()), ("done", Some(1.0)));
        assert_eq!(done.body["result"], json!({ "verdict": "ok" }));
        assert_eq!(operator.get("/api/v1/jobs").await.body["items"][0].get("result"), None);
    })
    .await;
}
