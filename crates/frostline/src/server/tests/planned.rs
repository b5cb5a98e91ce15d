//! From a planning job to the step `planned` of its case.

use std::time::Duration;

use axum::http::Method;
use frostline_record::case::{Second, Signer};
use frostline_record::rules::Role;
use serde_json::{Value, json};

use super::clinic::{Answer, Browser, Clinic, on_both};
use crate::cases::Wanted;
use crate::jobs::{Labour, labour};
use crate::store::on_db;

/// A leg of the case's side: one probe, coarse cells.
const CASE_FILE: &str = include_str!("../../../tests/jobs/sural.toml");

/// A case whose images show the nerve, at its third step.
async fn imaged(clinic: &Clinic) -> String {
    let way: Vec<Value> = serde_json::from_str(include_str!("../../../../../examples/pathway/way.json")).unwrap();
    let case = clinic.case().await;
    for step in [&way[2]["step"], &way[8]["step"]] {
        let by = Signer { account: "a".into(), name: "Anna Berg".into(), role: Role::Operator };
        let at = Second(clinic.state.clock.now_s());
        let wanted = Wanted { step: serde_json::from_value(step.clone()).unwrap(), by, at, seen: None, command: None };
        clinic.state.cases.sign(case.parse().unwrap(), wanted).await.unwrap();
    }
    case
}

async fn started(browser: &mut Browser, case: &str) -> String {
    let file = CASE_FILE.replace("side = \"right\"", "side = \"left\"");
    let asked = json!({ "case": case, "work": { "plan": { "case_file": file } } });
    let answer = browser.post("/api/v1/jobs", asked).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.text("/id").to_owned()
}

async fn planned(browser: &mut Browser, case: &str, job: &str) -> Answer {
    let path = format!("/api/v1/cases/{case}/plan");
    browser.with("if-match", "\"3\"", (Method::POST, path.as_str(), Some(json!({ "job": job })))).await
}

async fn carried_out(clinic: &Clinic, browser: &mut Browser, job: &str) -> Value {
    let how = Labour::with_slots(1, Duration::from_secs(30));
    let attachments = clinic.state.store.attachments().clone();
    let path = format!("/api/v1/jobs/{job}");
    let done = async {
        loop {
            let found = browser.get(&path).await.body;
            if found["state"] != "waiting" && found["state"] != "running" {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        found = done => found,
        () = labour(clinic.state.jobs.clone(), attachments, how, std::future::pending()) => unreachable!("it never stops"),
    }
}

/// As if the result had been written by another program.
async fn changed_result(clinic: &Clinic, job: &str, (from, to): (&str, &str)) {
    let sql = "UPDATE jobs SET result = replace(result, $2, $3) WHERE id = $1";
    let changed = on_db!(*clinic.state.store.db(), write, |c| sqlx::query(sql)
        .bind(job)
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(|done| done.rows_affected()));
    assert_eq!(changed.unwrap(), 1);
}

#[tokio::test]
async fn a_job_that_is_done_becomes_the_planned_step_of_its_own_case_and_of_no_other() {
    on_both(async |clinic| {
        let mut operator = clinic.signed_in(Role::Operator).await;
        let (case, other) = (imaged(&clinic).await, imaged(&clinic).await);
        let job = started(&mut operator, &case).await;
        let early = planned(&mut operator, &case, &job).await;
        assert_eq!((early.status, early.text("/detail").contains("waiting")), (409, true), "{early:?}");
        let done = carried_out(&clinic, &mut operator, &job).await;
        assert_eq!(done["state"], "done", "{done}");
        let elsewhere = planned(&mut operator, &other, &job).await;
        assert_eq!((elsewhere.status, elsewhere.text("/errors/0/pointer")), (422, "/job"), "{elsewhere:?}");

        // Another solver, and a plan that the case file does not give.
        let (ours, theirs) = (format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"version\": \"0.0.1\"");
        changed_result(&clinic, &job, (&ours, theirs)).await;
        let refused = planned(&mut operator, &case, &job).await;
        assert_eq!(
            (refused.status, refused.text("/detail").contains("solver version 0.0.1")),
            (409, true),
            "{refused:?}"
        );
        changed_result(&clinic, &job, (theirs, &ours)).await;
        let plan = done["result"]["fingerprints"]["plan"].as_str().unwrap();
        let made_up = "0123456789abcdef0123456789abcdef";
        changed_result(&clinic, &job, (plan, made_up)).await;
        let refused = planned(&mut operator, &case, &job).await;
        assert_eq!((refused.status, refused.text("/detail").contains(made_up)), (409, true), "{refused:?}");
        changed_result(&clinic, &job, (made_up, plan)).await;

        let taken = planned(&mut operator, &case, &job).await;
        assert_eq!((taken.status, taken.text("/step/step/kind")), (201, "planned"), "{taken:?}");
        let step = &taken.body["step"]["step"]["body"];
        assert_eq!(step["fingerprint"], plan);
        assert_eq!(step["assessment"], done["result"]["fingerprints"]["answer"]);
        assert_eq!(step["disabled_mm"], done["result"]["nerve"]["disabled_length_mm"]);
        // The protocol is 90 s, 25 s, 90 s; the probe of the case file is 2 mm thick, cold over 6 mm, with 100 mm behind.
        assert_eq!(
            (&step["cycles"], &step["freeze_s"], &step["thaw_s"]),
            (&json!(2), &json!(90.0), &json!(25.0)),
            "{step}"
        );
        assert_eq!((&step["probe"], &step["probe_length_mm"]), (&json!("n2o-2.0"), &json!(106.0)));
        assert_eq!(
            (&step["nerve"], &step["side"], &step["guidance"]),
            (&json!("sural"), &json!("left"), &json!("ultrasound"))
        );
        assert_eq!(taken.text("/step/by/name"), "Dr operator", "whoever takes it over signs");
        assert_eq!(step["computed"], json!({ "job": job, "program": env!("CARGO_PKG_VERSION") }));
        assert_eq!(operator.get(&format!("/api/v1/cases/{case}")).await.text("/plan_numbers"), "job");
        for attachment in step["attachments"].as_array().unwrap() {
            let path = format!("/api/v1/cases/{case}/attachments/{}", attachment.as_str().unwrap());
            assert_eq!(operator.get(&path).await.status, 200);
        }
        assert_eq!(step["attachments"].as_array().unwrap().len(), 2);
        assert_eq!(planned(&mut operator, &case, &job).await.status, 412, "the case has four steps now");
    })
    .await;
}

/// A case just before its plan is approved, as the way has it; the clock of the clinic stands there.
async fn before_approval(clinic: &Clinic) -> String {
    let case = clinic.case_until("overridden").await;
    // The way goes on in spite of two rulings; this is the other.
    let way: Vec<Value> = serde_json::from_str(include_str!("../../../../../examples/pathway/way.json")).unwrap();
    let other = way.iter().filter(|row| row["step"]["kind"] == "overridden").nth(1).unwrap();
    let at: jiff::Timestamp = other["at"].as_str().unwrap().parse().unwrap();
    let by = Signer { account: "a".into(), name: "Anna Berg".into(), role: Role::Operator };
    let step = serde_json::from_value(other["step"].clone()).unwrap();
    let wanted = Wanted { step, by, at: Second(at.as_second()), seen: None, command: None };
    clinic.state.cases.sign(case.parse().unwrap(), wanted).await.unwrap();
    clinic.state.clock.set(at);
    case
}

#[tokio::test]
async fn numbers_entered_by_hand_say_so_in_case_report_and_approval_and_nobody_can_say_otherwise() {
    on_both(async |clinic| {
        let case = before_approval(&clinic).await;
        let mut operator = clinic.signed_in(Role::Operator).await;
        let path = format!("/api/v1/cases/{case}");
        let steps = operator.get(&format!("{path}/steps")).await.body;
        let steps = steps.as_array().unwrap();
        let tag = format!("\"{}\"", steps.len());
        let by_hand = steps.iter().find(|step| step["step"]["kind"] == "planned").unwrap();
        assert_eq!(operator.get(&path).await.text("/plan_numbers"), "hand");

        let mut forged = by_hand["step"].clone();
        forged["body"]["computed"] = json!({ "job": "j", "program": env!("CARGO_PKG_VERSION") });
        let corrected =
            json!({ "kind": "corrected", "body": { "step": by_hand["number"], "why": "a slip", "instead": forged } });
        let fingerprint = by_hand["step"]["body"]["fingerprint"].clone();
        let approval = json!({ "kind": "plan-approved", "body": { "fingerprint": fingerprint, "numbers": "job" } });
        let forgeries = [
            (forged, "/step/body/computed"),
            (corrected, "/step/body/instead/body/computed"),
            (approval, "/step/body/numbers"),
        ];
        for (step, pointer) in forgeries {
            for to in ["steps", "steps/try"] {
                let to = format!("{path}/{to}");
                let asked = (Method::POST, to.as_str(), Some(json!({ "step": step })));
                let refused = operator.with("if-match", &tag, asked).await;
                assert_eq!((refused.status, refused.text("/errors/0/pointer")), (422, pointer), "{refused:?}");
            }
        }

        let to = format!("{path}/steps");
        let step = json!({ "step": { "kind": "plan-approved", "body": { "fingerprint": fingerprint, "reason": "compared" } } });
        let approved = operator.with("if-match", &tag, (Method::POST, to.as_str(), Some(step))).await;
        assert_eq!((approved.status, approved.text("/step/step/body/numbers")), (201, "hand"), "{approved:?}");
        let (status, report) = operator.page(&format!("{path}/documents/plan-report")).await;
        let said = "numbers entered by hand, not checked by this program";
        assert_eq!((status, report.matches(said).count()), (200, 2), "beside the verdict and the approval: {report}");
    })
    .await;
}
